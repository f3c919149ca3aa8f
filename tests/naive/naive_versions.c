/* Awareness, dissonance and age, from the raises and adoptions that were recorded. */
#include <stdlib.h>

#include "base/assert.h"
#include "tests/naive/naive_engine.h"

static bool anything_raises(const struct naive *n, enum genome_follows scope) {
    for (uint32_t i = 0; i < n->plan->sources; i++) {
        enum plan_raises raises = n->plan->source[i].raises;
        if ((scope == FOLLOWS_DOMAIN && raises == RAISES_DOMAIN) ||
            (scope == FOLLOWS_COLONY && raises == RAISES_COLONY)) {
            return true;
        }
    }
    return false;
}

static const struct list *raises_of(const struct naive *n, const struct adoption *a) {
    return a->what == CARRIES_COLONY ? &n->colony_raises
                                     : &n->domain_raises[n->cell[a->cell].domain];
}

static enum genome_follows follows(const struct naive *n, uint32_t cell) {
    return n->plan->genome.type[n->cell[cell].type].follows;
}

static bool of_interest(const struct naive *n, const struct adoption *a) {
    return follows(n, a->cell) == (a->what == CARRIES_COLONY ? FOLLOWS_COLONY : FOLLOWS_DOMAIN);
}

/* Aware of each version that it skipped to, at that moment. */
static void finish_aware(struct naive *n) {
    for (size_t i = 0; i < n->adoptions.count; i++) {
        const struct adoption *a = &LIST_AT(&n->adoptions, struct adoption, i);
        if (!of_interest(n, a) || a->end > n->end) {
            continue;
        }
        for (uint32_t v = a->from + 1; v <= a->to; v++) {
            struct raise raise = LIST_AT(raises_of(n, a), struct raise, v - 1);
            if (naive_measured(n, raise.time)) {
                struct tally_source *source = &n->tally->source[raise.source];
                source->reached++;
                histogram_record(source->aware, a->end - raise.time, 1);
            }
        }
    }
}

static void count_reachable(struct naive *n, const struct list *raises, uint64_t cells) {
    for (size_t i = 0; i < raises->count; i++) {
        struct raise raise = LIST_AT(raises, struct raise, i);
        if (naive_measured(n, raise.time)) {
            n->tally->source[raise.source].reachable += cells;
        }
    }
}

static void finish_reachable(struct naive *n) {
    uint64_t *of_domain = naive_new(n, n->plan->colony.domains, sizeof *of_domain);
    uint64_t of_colony = 0;
    for (uint32_t c = 0; c < n->plan->colony.cells; c++) {
        of_colony += follows(n, c) == FOLLOWS_COLONY ? 1 : 0;
        of_domain[n->cell[c].domain] += follows(n, c) == FOLLOWS_DOMAIN ? 1 : 0;
    }
    for (uint32_t d = 0; d < n->plan->colony.domains; d++) {
        count_reachable(n, &n->domain_raises[d], of_domain[d]);
    }
    count_reachable(n, &n->colony_raises, of_colony);
}

/* A change in how many cells are behind. */
struct change {
    int64_t time;
    int64_t by;
};

static void add_change(struct list *changes, int64_t time, int64_t by) {
    *(struct change *)naive_list_add(changes, sizeof(struct change)) =
        (struct change){.time = time, .by = by};
}

static int by_time(const void *a, const void *b) {
    const struct change *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time ? 1 : 0;
}

/* The cell is behind in [from, to): clipped to the measured time. */
static void behind(struct naive *n, struct list *changes, int64_t from, int64_t to) {
    int64_t warm_up = n->plan->run.warm_up_ns;
    from = from < warm_up ? warm_up : from;
    if (to <= from || from > n->end) {
        return;
    }
    add_change(changes, from, 1);
    add_change(changes, to, -1);
    to = to > n->end ? n->end : to;
    n->tally->dissonance_cell_ns += (uint64_t)(to - from);
}

/* It holds a version of age t - emission in [from, to): twice the integral of that. */
static void aged(struct naive *n, int64_t emission, int64_t from, int64_t to) {
    int64_t warm_up = n->plan->run.warm_up_ns;
    from = from < warm_up ? warm_up : from;
    to = to > n->end ? n->end : to;
    if (to > from) {
        uint128 high = (uint128)(to - emission), low = (uint128)(from - emission);
        n->tally->age_twice_ns2 += high * high - low * low;
    }
}

/* One interested cell's time, from version to version that it held. */
static void cell_over_time(struct naive *n, uint32_t cell, const struct adoption *const *adopted,
                           size_t adoptions, struct list *changes) {
    const struct list *raises = follows(n, cell) == FOLLOWS_COLONY
                                    ? &n->colony_raises
                                    : &n->domain_raises[n->cell[cell].domain];
    uint32_t held = 0;
    int64_t since = 0, emission = 0;
    for (size_t i = 0; i <= adoptions; i++) {
        int64_t until = i < adoptions ? adopted[i]->end : INT64_MAX;
        /* Behind from the first raise beyond what it holds. */
        if (held < raises->count) {
            int64_t newer = LIST_AT(raises, struct raise, held).time;
            behind(n, changes, newer > since ? newer : since, until);
        }
        aged(n, emission, since, until);
        if (i == adoptions) {
            break;
        }
        if (naive_measured(n, until)) {
            n->tally->age_peaks++;
            n->tally->age_peaks_ns += (uint64_t)(until - emission);
        }
        held = adopted[i]->to;
        since = until;
        emission = LIST_AT(raises, struct raise, held - 1).time;
    }
}

static void finish_peak(struct naive *n, struct list *changes) {
    if (changes->count == 0) {
        return;
    }
    qsort(changes->data, changes->count, sizeof(struct change), by_time);
    int64_t now = 0, peak = 0;
    for (size_t i = 0; i < changes->count; i++) {
        struct change change = LIST_AT(changes, struct change, i);
        now += change.by;
        bool last =
            i + 1 == changes->count || LIST_AT(changes, struct change, i + 1).time > change.time;
        peak = last && change.time <= n->end && now > peak ? now : peak;
    }
    n->tally->dissonance_peak_cells = (uint64_t)peak;
}

static void finish_dissonance(struct naive *n) {
    struct list changes = {0};
    const struct adoption **adopted = naive_new(n, n->adoptions.count, sizeof *adopted);
    bool domain = anything_raises(n, FOLLOWS_DOMAIN), colony = anything_raises(n, FOLLOWS_COLONY);
    for (uint32_t c = 0; c < n->plan->colony.cells; c++) {
        enum genome_follows scope = follows(n, c);
        if ((scope == FOLLOWS_DOMAIN && domain) || (scope == FOLLOWS_COLONY && colony)) {
            n->tally->interested++;
            size_t count = 0;
            for (size_t i = 0; i < n->adoptions.count; i++) {
                const struct adoption *a = &LIST_AT(&n->adoptions, struct adoption, i);
                if (a->cell == c && of_interest(n, a) && a->end <= n->end) {
                    adopted[count++] = a;
                }
            }
            cell_over_time(n, c, adopted, count, &changes);
        }
    }
    finish_peak(n, &changes);
    naive_list_free(&changes);
    n->tally->has_versions = n->tally->interested > 0;
}

void naive_versions_finish(struct naive *n) {
    finish_aware(n);
    finish_reachable(n);
    finish_dissonance(n);
}
