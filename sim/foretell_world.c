/* What the world does, and what a job costs in the mean. */
#include <string.h>

#include "base/rng.h"
#include "sim/foretell.h"

enum { DRAWS = 1000000 /* more arrivals than this are spread evenly */ };

struct emissions {
    int64_t width, end;
    uint32_t windows;
    int64_t *count;
};

static void emit(const struct emissions *e, int64_t at, int64_t n) {
    if (at >= 0 && at < e->end && at / e->width < e->windows) {
        e->count[at / e->width] += n;
    }
}

static void emit_evenly(const struct plan_source *source, const struct emissions *e, int64_t from) {
    int64_t left = source->count == PLAN_NONE ? INT64_MAX : source->count;
    int64_t debt = 0; /* of time, below an interval */
    for (uint32_t w = 0; w < e->windows && left > 0; w++) {
        int64_t low = foretell_most((int64_t)w * e->width, from);
        int64_t high = foretell_least((int64_t)(w + 1) * e->width, e->end);
        if (high > low) {
            int64_t n = (high - low + debt) / source->interval_ns;
            debt = (high - low + debt) % source->interval_ns;
            n = foretell_least(n, left);
            e->count[w] += n;
            left -= n;
        }
    }
}

static void emit_drawn(const struct plan *plan, uint32_t place, const struct emissions *e,
                       int64_t from) {
    const struct plan_source *source = &plan->source[place];
    int64_t at = from;
    for (int64_t k = 0; source->count == PLAN_NONE || k < source->count; k++) {
        int64_t interval = source->interval_ns;
        if (source->exponential) {
            interval = rng_exponential(rng_draw(plan->run.seed, RNG_ARRIVAL, place, (uint64_t)k),
                                       source->interval_ns);
        }
        at += interval;
        if (at >= e->end) {
            return;
        }
        emit(e, at, 1);
    }
}

void foretell_emissions(const struct plan *plan, uint32_t place, int64_t width_ns, uint32_t windows,
                        int64_t *count) {
    const struct plan_source *source = &plan->source[place];
    struct emissions e = {width_ns, foretell_least(source->until_ns, plan->run.duration_ns),
                          windows, count};
    memset(count, 0, windows * sizeof *count);
    if (source->interval_ns <= 0) {
        int64_t left = source->count == PLAN_NONE ? INT64_MAX : source->count;
        for (uint32_t i = 0; i < source->at_count && left > 0; i++) {
            if (source->at[i] >= source->from_ns) {
                emit(&e, source->at[i], 1);
                left--;
            }
        }
        return;
    }
    int64_t from = source->from_ns + source->phase_ns;
    int64_t draws = e.end > from ? (e.end - from) / source->interval_ns : 0;
    draws = source->count == PLAN_NONE ? draws : foretell_least(draws, source->count);
    if (draws > DRAWS) {
        emit_evenly(source, &e, from);
    } else {
        emit_drawn(plan, place, &e, from);
    }
}

int64_t foretell_law_mean(const struct law *law) {
    return law->kind == LAW_UNIFORM ? law->a_ns + (law->b_ns - law->a_ns) / 2 : law->a_ns;
}

/* The latency of a line when every cell has been woken once since. */
static int64_t line_of(const struct host_profile *p, int64_t cells) {
    int64_t reuse = cells * p->touch_bytes / p->cache_domains;
    uint32_t at = 0;
    while (at + 1 < p->latency_points && p->line_latency[at + 1].bytes <= reuse) {
        at++;
    }
    return p->line_latency[at].ns;
}

void foretell_costs_init(struct foretell_costs *costs, const struct plan *plan) {
    int64_t nodes = plan->colony.nodes;
    struct foretell_costs sum = {0};
    for (uint32_t h = 0; h < plan->hosts; h++) {
        const struct host_profile *p = &plan->host[h].profile;
        int64_t n = plan->colony.host_nodes[h];
        bool many = p->cores == HOST_NO_LIMIT || p->cores > 1;
        sum.wake_ns += n * (p->wake_ns + (many ? p->transfer_ns : 0));
        sum.line_ns += n * line_of(p, (int64_t)plan->colony.cells * n / nodes);
        sum.touch_bytes += n * p->touch_bytes;
        sum.gain += n * p->prefetch_gain;
        sum.copy_ps += n * p->copy_ps_per_byte;
        sum.send_near_ns += n * (p->send_ns + p->send_scattered_ns);
        sum.send_far_ns += n * p->zmq_send_ns;
        sum.receive_ns += n * p->zmq_receive_ns;
        sum.publish_ns += n * p->nats_publish_ns;
    }
    *costs = (struct foretell_costs){
        .wake_ns = sum.wake_ns / nodes,
        .line_ns = sum.line_ns / nodes,
        .touch_bytes = sum.touch_bytes / nodes,
        .gain = foretell_most(sum.gain / nodes, 1),
        .copy_ps = sum.copy_ps / nodes,
        .send_near_ns = sum.send_near_ns / nodes,
        .send_far_ns = sum.send_far_ns / nodes,
        .receive_ns = sum.receive_ns / nodes,
        .publish_ns = sum.publish_ns / nodes,
    };
}
