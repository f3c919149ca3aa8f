#include "sim/foretell.h"

#include "sim/sim.h"

struct sim_forecast sim_foretell(const struct plan *plan) {
    struct foretell_map map;
    struct foretell_flow flow;
    foretell_map_init(&map, plan);
    foretell_flow_run(plan, &map, &flow);
    struct sim_forecast forecast = {.memory_bytes = foretell_memory(plan, &map, &flow),
                                    .events = flow.known ? flow.events : PLAN_NONE};
    foretell_map_deinit(&map);
    return forecast;
}
