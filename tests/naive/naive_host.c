/* A host: its cores, caches, bandwidth, card and memory. */
#include "base/assert.h"
#include "tests/naive/naive_engine.h"

int64_t naive_copying_ns(const struct host_profile *p, int64_t bytes) {
    return bytes * p->copy_ps_per_byte / 1000;
}

static uint32_t first_to_fall_free(const struct naive_host *host) {
    uint32_t best = 0;
    for (uint32_t k = 1; k < host->cores; k++) {
        best = host->core_free[k] < host->core_free[best] ? k : best;
    }
    return best;
}

/* The idle core that fell idle last; ties: lowest index. UINT32_MAX: none is idle. */
static uint32_t last_idle(const struct naive_host *host, int64_t now) {
    uint32_t best = UINT32_MAX;
    for (uint32_t k = 0; k < host->cores; k++) {
        if (host->core_free[k] <= now &&
            (best == UINT32_MAX || host->core_free[k] > host->core_free[best])) {
            best = k;
        }
    }
    return best;
}

static bool goes_ahead(const struct host_profile *p, const struct entity *e) {
    return !p->station_priority_equal && (e->kind == ENTITY_SERVER || e->kind == ENTITY_READER);
}

/* Which core, from when: for what becomes ready at e now. */
struct claim naive_claim_core(struct naive *n, const struct entity *e) {
    const struct naive_host *host = &n->host[e->host];
    const struct host_profile *p = host->profile;
    struct claim claim = {.ready = n->now, .start = n->now};
    if (host->cores == 0) {
        return claim;
    }
    claim.core = last_idle(host, n->now);
    if (claim.core != UINT32_MAX) {
        int64_t fell_idle = host->core_free[claim.core];
        if (fell_idle == n->now) {
            return claim;
        }
        bool spins = fell_idle != INT64_MIN && n->now - fell_idle <= p->spin_max_ns;
        claim.start = n->now + (spins ? p->idle_spin_ns : p->idle_sleep_ns);
        return claim;
    }
    claim.core = first_to_fall_free(host);
    if (goes_ahead(p, e)) {
        claim.ahead = true;
        claim.start = e->free_at == n->now ? n->now : n->now + p->idle_spin_ns;
        return claim;
    }
    claim.start = host->core_free[claim.core];
    claim.wait = claim.start - claim.ready;
    return claim;
}

/* R15: from now until the first core falls free none is idle. */
static void count_saturation(struct naive *n, uint32_t h) {
    struct naive_host *host = &n->host[h];
    int64_t until = host->core_free[first_to_fall_free(host)];
    if (until <= n->now || !naive_measured(n, n->now)) {
        return;
    }
    int64_t from = host->saturated_until;
    if (n->now > host->saturated_until) {
        host->saturated_from = n->now;
        from = n->now;
    }
    NERVE_ASSERT(until >= from);
    n->tally->host[h].saturated_ns += until - from;
    host->saturated_until = until;
    if (host->limit_cores_at == TALLY_NEVER && until - host->saturated_from >= MILLISECOND_NS) {
        host->limit_cores_at = host->saturated_from + MILLISECOND_NS;
    }
}

/* R41: jobs that wait for a core, seen as each one is decided. */
static void count_queue(struct naive *n, uint32_t h, const struct claim *claim) {
    struct naive_host *host = &n->host[h];
    *(int64_t *)naive_list_add(&host->queue, sizeof(int64_t)) = claim->start;
    uint64_t everywhere = 0;
    for (uint32_t i = 0; i < n->plan->hosts; i++) {
        struct naive_host *other = &n->host[i];
        while (other->queue_front < other->queue.count &&
               LIST_AT(&other->queue, int64_t, other->queue_front) <= n->now) {
            other->queue_front++;
        }
        everywhere += other->queue.count - other->queue_front;
    }
    uint64_t here = host->queue.count - host->queue_front;
    struct tally_host *figures = &n->tally->host[h];
    struct tally_buffer *buffer = &n->tally->buffer[PLACE_CORE_QUEUE];
    figures->waiting_peak = here > figures->waiting_peak ? here : figures->waiting_peak;
    buffer->peak = everywhere > buffer->peak ? everywhere : buffer->peak;
    if (naive_measured(n, claim->ready)) {
        histogram_record(buffer->held, claim->wait, 1);
        buffer->held_sum_ns += (uint64_t)claim->wait;
    }
}

/* Death by cores: a ready job of a cell waits too long. */
static void count_wait(struct naive *n, uint32_t h, const struct claim *claim) {
    struct naive_host *host = &n->host[h];
    struct tally_host *figures = &n->tally->host[h];
    if (!naive_measured(n, claim->ready)) {
        return;
    }
    figures->longest_wait_ns =
        claim->wait > figures->longest_wait_ns ? claim->wait : figures->longest_wait_ns;
    int64_t dead_from = claim->ready + host->profile->death_wait_ns;
    if (claim->wait <= host->profile->death_wait_ns) {
        return;
    }
    *(struct interval *)naive_list_add(&host->dead, sizeof(struct interval)) =
        (struct interval){.from = dead_from, .to = claim->start};
    if (n->plan->run.stop_on_death && dead_from < n->end) {
        n->end = dead_from;
        n->stopped_by_death = true;
    }
}

/* The job is decided: it takes its core for `cost`. */
void naive_take_core(struct naive *n, const struct entity *e, const struct claim *claim,
                     int64_t cost) {
    struct naive_host *host = &n->host[e->host];
    int64_t from = claim->ahead ? host->core_free[claim->core] : claim->start;
    *(struct busy *)naive_list_add(&host->busy, sizeof(struct busy)) = (struct busy){
        .span = {.from = from, .to = from + cost}, .counts = naive_measured(n, claim->ready)};
    if (host->cores == 0) {
        return;
    }
    host->core_free[claim->core] = from + cost;
    count_saturation(n, e->host);
    if (claim->wait > 0) {
        count_queue(n, e->host, claim);
    }
    if (e->kind == ENTITY_CELL) {
        count_wait(n, e->host, claim);
    }
    if (n->coverage != NULL && claim->ahead) {
        n->coverage->ahead_starts++;
    }
}

/* log2 in 1/256, floor, of x >= 1: the position of the leading one, and the next 8 bits' part. */
static int64_t log2_256(int64_t x) {
    int64_t position = 63 - __builtin_clzll((uint64_t)x);
    uint64_t bits = position >= 8 ? (uint64_t)x >> (position - 8) : (uint64_t)x << (8 - position);
    uint128 y = (uint128)(bits & 0x1ff) << 52; /* 1 + i/256, one bit before the point of 60 */
    int64_t part = 0;
    for (int digit = 0; digit < 8; digit++) {
        y = y * y >> 60;
        part *= 2;
        if (y >> 61 != 0) {
            y >>= 1;
            part++;
        }
    }
    return position * 256 + part;
}

int64_t naive_line_latency(const struct host_profile *p, int64_t reuse) {
    const struct host_latency_point *point = p->line_latency;
    uint32_t last = p->latency_points - 1;
    if (reuse <= point[0].bytes) {
        return point[0].ns;
    }
    if (reuse >= point[last].bytes) {
        return point[last].ns;
    }
    uint32_t i = 0;
    while (reuse >= point[i + 1].bytes) {
        i++;
    }
    int64_t low = log2_256(point[i].bytes), high = log2_256(point[i + 1].bytes);
    if (low == high) {
        return point[i].ns;
    }
    return point[i].ns + (point[i + 1].ns - point[i].ns) * (log2_256(reuse) - low) / (high - low);
}

/* The window of a start; a start earlier than the newest window counts into the newest. */
static void bandwidth_window(struct naive_host *host, int64_t start) {
    int64_t window = start / BANDWIDTH_WINDOW_NS;
    if (window > host->window) {
        host->window_before_bytes = window == host->window + 1 ? host->window_bytes : 0;
        host->window_bytes = 0;
        host->window = window;
    }
}

static void count_pressure(struct naive *n, uint32_t h, int64_t bytes) {
    struct naive_host *host = &n->host[h];
    const struct host_profile *p = host->profile;
    int64_t window = n->now / MILLISECOND_NS;
    if (window != host->pressure_window) {
        host->pressure_window = window;
        host->pressure_bytes = 0;
    }
    host->pressure_bytes += bytes;
    int64_t ppm = (int64_t)((int128)host->pressure_bytes * 1000000 /
                            ((int128)p->memory_from_bytes * p->cache_domains));
    struct tally_host *figures = &n->tally->host[h];
    if (ppm > figures->cache_pressure_max_ppm) {
        figures->cache_pressure_max_ppm = ppm;
    }
    if (ppm >= 1000000 && host->limit_cache_at == TALLY_NEVER) {
        host->limit_cache_at = n->now;
    }
}

/* R17, R18: reuse and bytes touched; the window; the stretch; the cost of the lines. */
int64_t naive_fetch_cost(struct naive *n, struct naive_cell *cell, uint32_t h, int64_t start,
                         int64_t touch, int64_t payload, bool by_loop) {
    struct naive_host *host = &n->host[h];
    const struct host_profile *p = host->profile;
    int64_t lines = (p->touch_bytes + touch) / 64;
    int64_t reuse = (int64_t)(host->touched - cell->touched_after) / p->cache_domains;
    bool far = !cell->woken || reuse >= p->memory_from_bytes;
    int64_t line_ns =
        cell->woken ? naive_line_latency(p, reuse) : p->line_latency[p->latency_points - 1].ns;
    int64_t bytes = p->touch_bytes + touch + payload;
    host->touched += (uint64_t)bytes;
    cell->touched_after = host->touched;
    cell->woken = true;
    count_pressure(n, h, bytes);

    bandwidth_window(host, start);
    host->window_bytes += far ? lines * 64 : 0;
    int64_t capacity =
        (int64_t)((int128)p->bandwidth_bytes_per_s * BANDWIDTH_WINDOW_NS / 1000000000);
    capacity = capacity < 1 ? 1 : capacity;
    int64_t ppm = (int64_t)((int128)host->window_bytes * 1000000 / capacity);
    if (ppm > n->tally->host[h].bandwidth_max_ppm) {
        n->tally->host[h].bandwidth_max_ppm = ppm;
    }
    int64_t stretch = 256 * host->window_before_bytes / capacity;
    if (n->coverage != NULL) {
        n->coverage->stretched += stretch > 256 ? 1 : 0;
        n->coverage->prefetched += by_loop ? 1 : 0;
    }
    stretch = stretch < 256 ? 256 : stretch;
    int64_t fetch = lines * line_ns * stretch / 256;
    return by_loop ? fetch / p->prefetch_gain : fetch;
}

int64_t naive_wire(struct naive *n, uint32_t from_host, uint32_t to_host, int64_t time,
                   int64_t bytes, int64_t same_host_latency) {
    if (from_host == to_host) {
        return time + same_host_latency;
    }
    struct naive_host *host = &n->host[from_host];
    int64_t departs = time > host->card_free ? time : host->card_free;
    host->card_free =
        departs + (int64_t)((int128)bytes * 1000000000 / host->profile->net_bytes_per_s);
    return host->card_free + host->profile->net_latency_ns;
}
