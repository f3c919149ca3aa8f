#include "small_plan.h"

const struct plan *small_plan(void) {
    static struct genome_signal signals[] = {{.name = "pain"}, {.name = "debug"}};
    static struct genome_type types[] = {{.name = "eye"}, {.name = "motor"}};
    static uint32_t type_cells[] = {10, 90};
    static struct plan_source sources[] = {{.name = "reflexes", .raises = RAISES_DOMAIN},
                                           {.name = "builds"}};
    static struct plan_host hosts[] = {
        {.name = "here", .profile = {.cores = 4, .death_wait_ns = 5000000}}};
    static struct plan plan = {
        .hosts = 1,
        .host = hosts,
        .sources = 2,
        .source = sources,
        .colony = {.cells = 100, .type_cells = type_cells},
        .genome = {.signals = 2, .signal = signals, .types = 2, .type = types},
    };
    return &plan;
}
