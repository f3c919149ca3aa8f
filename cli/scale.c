#include "cli/scale.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenarios/language/expression.h"

int64_t scale_parse(const char *text) {
    char *end;
    if (strncmp(text, "1/", 2) != 0 || text[2] < '1' || text[2] > '9') {
        return 0;
    }
    long long divisor = strtoll(text + 2, &end, 10);
    return *end == '\0' && divisor <= 1000000000 ? divisor : 0;
}

static int64_t divide(int64_t number, int64_t divisor) {
    int64_t part = number / divisor;
    return part > 0 ? part : 1;
}

struct making {
    struct scale *scale;
    FILE *divided;
};

static void add_set(struct making *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_set(struct making *m, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct scale *scale = m->scale;
    scale->set = memory_grow(scale->set, scale->sets + 1, sizeof *scale->set);
    scale->set[scale->sets++] = memory_text(text);
}

static uint16_t largest_type(const struct plan_colony *colony) {
    uint16_t largest = colony->type_order[0];
    for (uint16_t i = 0; i < colony->types_placed; i++) {
        uint16_t type = colony->type_order[i];
        largest = colony->type_cells[type] > colony->type_cells[largest] ? type : largest;
    }
    return largest;
}

/* What the types come to at least, one cell of the largest counted. */
static int64_t least_cells(const struct plan_colony *colony, int64_t divisor) {
    int64_t least = 1;
    for (uint16_t i = 0; i < colony->types_placed; i++) {
        uint16_t type = colony->type_order[i];
        int64_t count = colony->type_cells[type];
        least += count == 0 || type == largest_type(colony) ? 0 : divide(count, divisor);
    }
    return least;
}

/* Counts become counts, whatever they were written as: so that each is at least 1, and their sum is
 * the colony's: the largest type takes what does not divide. */
static void scale_types(struct making *m, const struct plan *plan, int64_t cells, int64_t divisor) {
    int64_t left = cells;
    uint16_t largest = largest_type(&plan->colony);
    for (uint16_t i = 0; i < plan->colony.types_placed; i++) {
        uint16_t type = plan->colony.type_order[i];
        int64_t count = plan->colony.type_cells[type];
        left -= type == largest || count == 0 ? 0 : divide(count, divisor);
    }
    for (uint16_t i = 0; i < plan->colony.types_placed; i++) {
        uint16_t type = plan->colony.type_order[i];
        int64_t count = plan->colony.type_cells[type];
        int64_t scaled = count == 0 ? 0 : type == largest ? left : divide(count, divisor);
        const char *name = plan->genome.type[type].name;
        add_set(m, "colony.types.%s=%lld", name, (long long)scaled);
        fprintf(m->divided, "colony.types.%s: %lld -> %lld\n", name, (long long)count,
                (long long)scaled);
    }
}

static void scale_count(struct making *m, const char *path, int64_t count, int64_t scaled) {
    if (scaled != count) {
        add_set(m, "%s=%lld", path, (long long)scaled);
        fprintf(m->divided, "%s: %lld -> %lld\n", path, (long long)count, (long long)scaled);
    }
}

static void scale_rates(struct making *m, const struct scenario *scenario, int64_t divisor) {
    for (uint32_t i = 0; i < scenario->plan.sources; i++) {
        char path[128];
        struct value value;
        snprintf(path, sizeof path, "workload.%s.rate", scenario->plan.source[i].name);
        if (scenario_value(scenario, path, &value) && value.kind == VALUE_NUMBER &&
            value.number > 0) {
            int64_t scaled = divide(value.number, divisor);
            add_set(m, "%s=%lld/s", path, (long long)scaled);
            fprintf(m->divided, "%s: %lld/s -> %lld/s\n", path, (long long)value.number,
                    (long long)scaled);
        }
    }
}

void scale_make(struct scale *scale, const struct scenario *scenario, int64_t divisor) {
    const struct plan_colony *colony = &scenario->plan.colony;
    size_t bytes = 0;
    *scale = (struct scale){0};
    struct making m = {.scale = scale, .divided = open_memstream(&scale->divided, &bytes)};
    if (!m.divided) {
        abort();
    }
    int64_t cells = divide(colony->cells, divisor);
    int64_t least = least_cells(colony, divisor);
    cells = cells < least ? least : cells;
    int64_t nodes = divide(colony->nodes, divisor), domains = divide(colony->domains, divisor);
    scale_count(&m, "colony.cells", colony->cells, cells);
    scale_count(&m, "colony.nodes", colony->nodes, nodes < cells ? nodes : cells);
    scale_count(&m, "colony.domains", colony->domains, domains);
    scale_types(&m, &scenario->plan, cells, divisor);
    scale_rates(&m, scenario, divisor);
    fclose(m.divided);
    if (bytes > 0) {
        scale->divided[bytes - 1] = '\0';
    }
}

void scale_deinit(struct scale *scale) {
    for (size_t i = 0; i < scale->sets; i++) {
        free(scale->set[i]);
    }
    free(scale->set);
    free(scale->divided);
    *scale = (struct scale){0};
}
