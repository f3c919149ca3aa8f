/* Figures at the end, from what was recorded. */
#include <stdlib.h>

#include "base/assert.h"
#include "tests/naive/naive_engine.h"

static int by_beginning(const void *a, const void *b) {
    const struct interval *x = a, *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return x->to < y->to ? -1 : x->to > y->to ? 1 : 0;
}

int64_t naive_intervals_union(struct list *intervals) {
    if (intervals->count == 0) {
        return 0;
    }
    qsort(intervals->data, intervals->count, sizeof(struct interval), by_beginning);
    size_t last = 0;
    for (size_t i = 1; i < intervals->count; i++) {
        struct interval next = LIST_AT(intervals, struct interval, i);
        struct interval *open = &LIST_AT(intervals, struct interval, last);
        if (next.from > open->to) {
            LIST_AT(intervals, struct interval, ++last) = next;
        } else if (next.to > open->to) {
            open->to = next.to;
        }
    }
    intervals->count = last + 1;
    int64_t measure = 0;
    for (size_t i = 0; i < intervals->count; i++) {
        struct interval one = LIST_AT(intervals, struct interval, i);
        measure += one.to - one.from;
    }
    return measure;
}

/* R35: the phase of each copy, known now. */
static void finish_latencies(struct naive *n) {
    for (size_t i = 0; i < n->latencies.count; i++) {
        struct latency_record r = LIST_AT(&n->latencies, struct latency_record, i);
        enum tally_phase phase = PHASE_BEFORE;
        if (n->tally->has_storm && r.emission >= n->storm_from) {
            phase = r.emission > n->storm_until ? PHASE_AFTER : PHASE_DURING;
        }
        struct histogram **phases = r.reflex == NO_SOURCE ? n->tally->kind[r.signal].latency
                                                          : n->tally->source[r.reflex].reflex;
        histogram_record(phases[phase], r.latency, 1);
    }
}

static int64_t ceiling(int64_t ns) {
    return (ns + MILLISECOND_NS - 1) / MILLISECOND_NS;
}

/* Adds the busy time of an interval to windows of 1 ms. */
static void into_windows(struct list *windows, struct interval busy) {
    for (int64_t from = busy.from; from < busy.to;) {
        int64_t window = from / MILLISECOND_NS;
        int64_t to = (window + 1) * MILLISECOND_NS;
        to = to < busy.to ? to : busy.to;
        while (windows->count <= (size_t)window) {
            naive_list_add(windows, sizeof(int64_t));
        }
        LIST_AT(windows, int64_t, window) += to - from;
        from = to;
    }
}

static int64_t most_busy(const struct list *windows, size_t from, size_t to) {
    int64_t most = 0;
    for (size_t i = from; i < windows->count && i <= to; i++) {
        int64_t busy = LIST_AT(windows, int64_t, i);
        most = busy > most ? busy : most;
    }
    return most;
}

static void finish_busy(struct naive *n) {
    struct list together = {0};
    for (uint32_t h = 0; h < n->plan->hosts; h++) {
        bool in_storm = n->tally->has_storm && n->host[h].cores > 0; /* R14 */
        struct list windows = {0};
        for (size_t i = 0; i < n->host[h].busy.count; i++) {
            struct busy job = LIST_AT(&n->host[h].busy, struct busy, i);
            struct interval busy = job.span;
            if (job.counts) {
                n->tally->host[h].busy_ns += (uint64_t)(busy.to - busy.from);
                into_windows(&windows, busy);
            }
            if (in_storm) { /* of the whole run */
                into_windows(&together, busy);
            }
            int64_t from = busy.from > n->storm_from ? busy.from : n->storm_from;
            int64_t to = busy.to < n->storm_until ? busy.to : n->storm_until;
            if (in_storm && to > from) {
                n->tally->storm_busy_ns += (uint64_t)(to - from);
            }
        }
        n->tally->host[h].busiest_cores = (uint64_t)ceiling(most_busy(&windows, 0, SIZE_MAX));
        naive_list_free(&windows);
    }
    if (n->tally->has_storm) {
        n->tally->storm_cores_peak =
            (uint64_t)ceiling(most_busy(&together, (size_t)(n->storm_from / MILLISECOND_NS),
                                        (size_t)(n->storm_until / MILLISECOND_NS)));
    }
    naive_list_free(&together);
}

/* Death by cores and by memory; returns when memory was first over (as counted). */
static int64_t finish_death(struct naive *n, uint32_t h) {
    struct naive_host *host = &n->host[h];
    struct tally_host *figures = &n->tally->host[h];
    int64_t memory_at = TALLY_NEVER, cores_at = TALLY_NEVER;
    for (size_t i = 0; i < host->dead.count; i++) {
        int64_t from = LIST_AT(&host->dead, struct interval, i).from;
        cores_at = cores_at == TALLY_NEVER || from < cores_at ? from : cores_at;
    }
    for (size_t i = 0; i < host->over_spans.count; i++) {
        struct interval span = LIST_AT(&host->over_spans, struct interval, i);
        if (!naive_measured(n, span.from)) {
            continue;
        }
        memory_at = memory_at == TALLY_NEVER ? span.from : memory_at;
        span.to = span.to < n->end ? span.to : n->end;
        *(struct interval *)naive_list_add(&host->dead, sizeof(struct interval)) = span;
    }
    figures->death_by_memory =
        memory_at != TALLY_NEVER && (cores_at == TALLY_NEVER || memory_at < cores_at);
    figures->death_at_ns = figures->death_by_memory ? memory_at : cores_at;
    figures->dead_ns = naive_intervals_union(&host->dead);
    if (n->coverage != NULL) {
        n->coverage->deaths_cores += cores_at != TALLY_NEVER ? 1 : 0;
        n->coverage->deaths_memory += memory_at != TALLY_NEVER ? 1 : 0;
    }
    return memory_at;
}

static void finish_host(struct naive *n, uint32_t h) {
    struct tally_host *figures = &n->tally->host[h];
    figures->cores = n->host[h].profile->cores;
    figures->death_wait_ns = n->host[h].profile->death_wait_ns;
    int64_t memory_at = finish_death(n, h);
    const int64_t at[] = {figures->deaf_first_ns, n->host[h].limit_cores_at, memory_at,
                          n->host[h].limit_cache_at};
    const enum tally_limit limit[] = {LIMIT_SERVER, LIMIT_CORES, LIMIT_MEMORY, LIMIT_CACHE};
    int64_t first = INT64_MAX;
    figures->first_limit = LIMIT_NONE;
    for (int i = 0; i < 4; i++) {
        if (at[i] != TALLY_NEVER && at[i] < first) {
            first = at[i];
            figures->first_limit = limit[i];
        }
    }
}

/* R40: what is there: under way, in mailboxes, in loops. */
static void finish_account(struct naive *n) {
    uint64_t flying = 0;
    for (size_t i = 0; i < n->heap_count; i++) {
        const struct event *event = &n->heap[i];
        if (event->kind == EVENT_ARRIVAL || event->kind == EVENT_LEAVE) {
            flying += naive_item_weight(event->item);
        }
    }
    for (uint32_t i = 0; i < n->ranks - n->first_node_rank; i++) {
        const struct entity *e = &n->entity[i];
        for (size_t k = e->head; k < e->mailbox.count; k++) {
            flying += naive_item_weight(LIST_AT(&e->mailbox, struct item *, k));
        }
        if (e->job != NULL && e->job->kind == ITEM_LOOP) {
            flying += e->job->count - e->made;
        } else if (e->job != NULL) {
            for (uint32_t k = e->made; k < e->job->publication->bundles; k++) {
                flying += e->job->publication->bundle[k].count;
            }
        }
    }
    n->tally->in_flight = flying;
}

static void finish_links(struct naive *n) {
    for (size_t i = 0; i < n->links.count; i++) {
        const struct link *link = &LIST_AT(&n->links, struct link, i);
        if (link->open && naive_link_open_at(n, link, n->end)) {
            n->tally->synapses.open_end++;
        } else if (link->open) {
            n->tally->synapses.closed++;
        }
    }
}

void naive_figures_finish(struct naive *n) {
    struct tally *t = n->tally;
    t->virtual_end_ns = n->end;
    t->measured_ns = n->end > n->plan->run.warm_up_ns ? n->end - n->plan->run.warm_up_ns : 0;
    t->alive_end = n->plan->colony.cells;
    t->has_digest = true;
    for (uint32_t i = 0; i < t->types; i++) {
        t->type[i].cells = n->plan->colony.type_cells[i];
    }
    t->has_storm = n->storm_from != TALLY_NEVER;
    if (n->storm_until < n->storm_from) {
        n->storm_until = n->storm_from;
    }
    t->storm_from_ns = n->storm_from;
    t->storm_until_ns = n->storm_until;
    finish_latencies(n);
    finish_busy(n);
    naive_deaf_finish(n);
    for (uint32_t h = 0; h < n->plan->hosts; h++) {
        finish_host(n, h);
    }
    naive_versions_finish(n);
    finish_links(n);
    finish_account(n);
}
