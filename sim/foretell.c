#include "sim/sim.h"

struct sim_forecast sim_foretell(const struct plan *plan) {
    return (struct sim_forecast){.memory_bytes = 20000000 + (int64_t)plan->colony.cells * 56,
                                 .events = PLAN_NONE};
}
