/*
 * What a wake's memory costs: reuse, line latency, bandwidth (docs/model.md 3; model-readings R17,
 * R18), and where its core's time goes in the windows of busy time. Inline: the heart of every
 * wake.
 */
#ifndef NERVE_SIM_COST_H
#define NERVE_SIM_COST_H

#include "sim/state.h"

enum { BANDWIDTH_WINDOW_NS = 10000, PRESSURE_WINDOW_NS = 1000000, MEMORY_WINDOW_NS = 100000 };

extern const uint8_t cost_log2[256]; /* floor(256 log2(1 + i/256)) */

/* log2 in 1/256, x >= 1. */
static inline uint32_t cost_log2_256(uint64_t x) {
    uint32_t lead = 63U - (uint32_t)__builtin_clzll(x);
    uint64_t next = lead >= 8 ? x >> (lead - 8) : x << (8 - lead);
    return 256 * lead + cost_log2[next & 255];
}

/* The place of a reuse in the host's latencies of a line. */
static inline uint32_t cost_line_at(const struct host *h, uint64_t reuse) {
    if (reuse == 0) {
        return 0;
    }
    uint32_t at = cost_log2_256(reuse);
    at = at > h->line_low ? at - h->line_low : 0;
    return at < h->line_count ? at : h->line_count - 1;
}

static inline uint32_t cost_line_ns(const struct host *h, uint64_t reuse) {
    return h->line_ns[cost_line_at(h, reuse)];
}

/* Bytes touched between two wakes for which a line costs alike: from one to one before the other.
 */
struct cost_range {
    uint64_t from, until;
};

/* Fills the ranges, one for each place in the host's latencies. */
void cost_ranges(struct host *h);

/* The window of a start later than the newest one. */
void cost_next_bandwidth_window(struct host *h, int64_t start);
/* A cell's fetch for a wake that starts at `start`; its memory and the host's move on. */
static inline int64_t cost_fetch(struct host *h, struct cell *c, uint32_t lines, int64_t touch,
                                 int64_t start, bool by_loop) {
    bool first = c->touched_at == NEVER_TOUCHED;
    uint64_t reuse = h->touched - c->touched_at;
    reuse = h->domains_shift >= 0 ? reuse >> h->domains_shift
                                  : reuse / (uint64_t)h->profile->cache_domains;
    uint32_t line = first ? h->line_first : cost_line_ns(h, reuse);
    h->touched += (uint64_t)touch;
    c->touched_at = h->touched;
    if (start >= h->bandwidth_until) {
        cost_next_bandwidth_window(h, start);
    }
    if (first || reuse >= (uint64_t)h->profile->memory_from_bytes) {
        h->bandwidth_bytes += (int64_t)lines * 64;
    }
    uint64_t fetch = ((uint64_t)lines * line * (uint64_t)h->stretch) >> 8;
    if (by_loop) {
        fetch = h->gain_shift >= 0 ? fetch >> h->gain_shift
                                   : fetch / (uint64_t)h->profile->prefetch_gain;
    }
    return (int64_t)fetch;
}

/* Busy windows. */

void busy_init(struct busy_ring *ring, int64_t width, uint32_t hosts);
void busy_deinit(struct busy_ring *ring);
/* Puts the window of `time` at hand. */
void busy_move(struct busy_ring *ring, int64_t time);
void busy_add_slow(struct busy_ring *ring, uint32_t host, int64_t start, int64_t end);
/* The row of a window, kept or zero (NULL where it was never touched); and forgetting a window. */
const int64_t *busy_row(const struct busy_ring *ring, int64_t window);
void busy_drop_first(struct busy_ring *ring);
/* What is in it so far is no measured time: kept beside each row, host by host. */
void busy_forget(struct busy_ring *ring);
static inline const int64_t *busy_row_forgotten(const struct busy_ring *ring, const int64_t *row) {
    return row + ring->hosts + 2;
}

/* A core of that host is busy in [start, end). */
static inline void busy_add(struct busy_ring *ring, uint32_t host, int64_t start, int64_t end) {
    if (start >= ring->low && end <= ring->high) {
        ring->now[host] += end - start;
    } else {
        busy_add_slow(ring, host, start, end);
    }
}

/* A wake starts. */
static inline void busy_wake(struct busy_ring *ring, int64_t start, bool storm) {
    if (start < ring->low || start >= ring->high) {
        busy_move(ring, start);
    }
    ring->now[ring->hosts]++;
    ring->now[ring->hosts + 1] += storm;
}

/* Memory of what waits (docs/model.md 5). */

/* Makes the ring of what leaves reach a window. */
void cost_leaving_grow(struct host *h, int64_t window, int64_t now_window);

static inline void cost_leave_later(struct host *h, int64_t bytes, int64_t window,
                                    int64_t now_window) {
    if (__builtin_expect(window - now_window >= h->leaving_room, 0)) {
        cost_leaving_grow(h, window, now_window);
    }
    h->leaving[(uint64_t)window & (h->leaving_room - 1)] += bytes;
    h->leaving_last = window > h->leaving_last ? window : h->leaving_last;
}

/* Bytes that wait from now until a job's start. */
static inline void cost_wait(const struct sim *s, struct host *h, int64_t bytes, int64_t start) {
    if (start >= (s->memory_window + 1) * MEMORY_WINDOW_NS) {
        h->waiting_bytes += bytes;
        cost_leave_later(h, bytes, start / MEMORY_WINDOW_NS, s->memory_window);
    }
}

#endif
