/* Which mechanisms of the model the random scenarios meet. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tests/swarm/swarm.h"

struct mechanism {
    const char *name;
    size_t offset; /* in naive_coverage */
};

#define COUNTED(field)                                                                             \
    { #field, offsetof(struct naive_coverage, field) }

static const struct mechanism counted[] = {
    COUNTED(cuts),          COUNTED(stalls),          COUNTED(stalls_refused),
    COUNTED(blocks),        COUNTED(evictions),       COUNTED(idle_closes),
    COUNTED(server_slices), COUNTED(reader_slices),   COUNTED(partitioner_slices),
    COUNTED(ahead_starts),  COUNTED(match_misses),    COUNTED(prefetched),
    COUNTED(stretched),     COUNTED(idle_departures), COUNTED(deaths_cores),
    COUNTED(deaths_memory), COUNTED(deaf_periods),    COUNTED(adoptions),
    COUNTED(timers),        COUNTED(subscribes),
};
enum { COUNTED_ROWS = sizeof counted / sizeof *counted };

/* Figures whose path has this in it and that are not 0. */
static const char *const fragments[] = {
    "account.dropped.queue_limit",
    "account.dropped.links",
    "account.dropped.pending",
    "account.dropped.slow_consumer",
    "account.dropped.memory",
    "account.in_flight",
    "account.duplicated",
    "traffic.maintenance.overlap",
    "traffic.copies_between_hosts",
    "synapses.rejected",
    ".stale",
    "storm.wakes",
    "dissonance.dissonant_actions",
    "dissonance.age_ns.peak",
    "buffers.mailbox.peak",
    "buffers.server.peak",
    "buffers.reader.peak",
    "buffers.partitioner.peak",
    "buffers.link.peak",
    "buffers.core_queue.peak",
    ".saturated_ns",
    "reflex.",
    "aware.",
};
enum { FIGURE_ROWS = sizeof fragments / sizeof *fragments };

static bool any_figure(const struct figures *figures, const char *fragment) {
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *f = &figures->figure[i];
        if (strstr(f->path, fragment) != NULL &&
            (f->kind == FIGURE_NUMBER || f->kind == FIGURE_DECIMAL) && f->number != 0) {
            return true;
        }
    }
    return false;
}

static void print_share(const char *name, uint64_t seeds, uint64_t all) {
    printf("%-32s %6" PRIu64 "  %3" PRIu64 " %%\n", name, seeds, all > 0 ? seeds * 100 / all : 0);
}

static int by_number(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y ? 1 : 0;
}

static int64_t figure_number(const struct figures *figures, const char *path) {
    const struct figure *f = figures_find(figures, path);
    return f == NULL ? 0 : f->number;
}

int swarm_coverage(uint64_t from, uint64_t count) {
    uint64_t met[COUNTED_ROWS] = {0}, figured[FIGURE_ROWS] = {0};
    int64_t *wakes = memory_new(count, sizeof *wakes);
    int status = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct swarm_case one;
        if (!swarm_case_init(&one, from + i, NULL, 0)) {
            free(one.text);
            status = 1;
            continue;
        }
        struct naive_coverage coverage = {0};
        struct figures figures;
        swarm_run_naive(&one.scenario.plan, &figures, &coverage);
        for (size_t k = 0; k < COUNTED_ROWS; k++) {
            uint64_t times;
            memcpy(&times, (const char *)&coverage + counted[k].offset, sizeof times);
            met[k] += times > 0 ? 1 : 0;
        }
        for (size_t k = 0; k < FIGURE_ROWS; k++) {
            figured[k] += any_figure(&figures, fragments[k]) ? 1 : 0;
        }
        wakes[i] = figure_number(&figures, "speed.wakes");
        figures_deinit(&figures);
        swarm_case_deinit(&one);
    }
    for (size_t k = 0; k < COUNTED_ROWS; k++) {
        print_share(counted[k].name, met[k], count);
    }
    for (size_t k = 0; k < FIGURE_ROWS; k++) {
        print_share(fragments[k], figured[k], count);
    }
    qsort(wakes, count, sizeof *wakes, by_number);
    printf("wakes: least %" PRId64 ", a tenth below %" PRId64 ", half below %" PRId64
           ", most %" PRId64 "\n",
           wakes[0], wakes[count / 10], wakes[count / 2], wakes[count - 1]);
    free(wakes);
    return status;
}
