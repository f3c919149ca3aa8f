/*
 * Leaps: while a loop's copies find cores at a steady pace, each copy takes the core that has just
 * fallen free, and the next one's times are the last one's, one step later. Then nothing is left of
 * a wake but its record and the digest.
 *
 * The pace is steady where every job costs the same and the cores that work on them fall free one
 * step after another: the first of them since the last copy, and a core taken now as the last of
 * the row. Then the row goes round, and the idle cores beneath are left alone.
 */
#include "sim/run.h"

enum { ROW_MOST = 64, WORTH = 8 /* copies */ };

struct pace {
    int64_t step, wait,
        cost;      /* from one copy to the next; from a copy to its job's start; its cost */
    uint32_t row;  /* cores that go round */
    int64_t until; /* copies before it leave the pace as it is */
};

static bool pace_find(const struct run *r, int64_t cost, int64_t now, int64_t step,
                      struct pace *p) {
    const struct core_lists *l = &r->lists;
    const uint64_t *busy = l->busy + l->head;
    const struct cores *cores = &r->h->cores;
    uint32_t count = l->tail - l->head;
    if (count == 0 || l->idlers == 0) {
        return false;
    }
    int64_t first = cores_free_at(busy[0]);
    if (first > now || first <= now - step || cores_free_at(l->idle[l->idlers - 1]) >= first ||
        step > cores->spin_max_ns || cost > UINT32_MAX) {
        return false;
    }
    *p = (struct pace){step, first == now ? 0 : cores->spin_ns, cost, 1, INT64_MAX};
    while (p->row < count && cores_free_at(busy[p->row]) == first + p->row * step) {
        p->row++;
    }
    if (p->row > ROW_MOST || first + p->row * step != now + p->wait + cost) {
        return false;
    }
    if (p->row < count) { /* a core that works longer stays behind the row */
        p->until = cores_free_at(busy[p->row]) - p->wait - cost;
    }
    return true;
}

/* The row of cores, n copies on; the first of them came at `now`. */
static void pace_turn(struct run *r, const struct pace *p, uint32_t n, int64_t now) {
    uint64_t *busy = r->lists.busy + r->lists.head, old[ROW_MOST];
    memcpy(old, busy, p->row * sizeof *old);
    for (uint32_t i = 0; i < p->row; i++) {
        int64_t copy = (int64_t)n - p->row + i; /* whose job the i-th has now */
        if (copy < 0) {
            busy[i] = old[n + i];
            continue;
        }
        uint64_t core = old[copy % p->row] & CORE_MASK;
        int64_t start = now + copy * p->step + p->wait;
        r->h->cores.busy_from[core] = start;
        busy[i] = (uint64_t)(start + p->cost + 1) << CORE_BITS | core;
    }
}

/* The latency of n starts, a step apart. */
static void leap_latency(struct flow *f, int64_t start, int64_t step, uint32_t n) {
    for (uint32_t i = 0; i < n;) {
        if (start < f->low || start >= f->high) {
            run_bucket(f, start);
        }
        uint32_t from = i;
        for (; i < n && start < f->high; i++) {
            start += step;
        }
        f->held += i - from;
    }
}

/* What does not change from copy to copy; looks and becomes as in a flow, the slot in it. */
struct leap {
    struct cell *cells;
    const uint32_t *list;
    const uint8_t *slot;
    uint64_t touch, from, span, becomes;
    int64_t far, cost;
    uint32_t base, version, kind, looks, mask, next;
    uint8_t slot_held;
    bool dense, even;
};

/* The cell of copy i, and whether it is free and like the first. */
static inline struct cell *leap_cell(const struct leap *k, uint32_t i) {
    return &k->cells[k->dense ? k->base + i : k->list[i]];
}

static inline bool leap_fits(const struct leap *k, const struct cell *cell, uint32_t i,
                             uint64_t touched, int64_t now) {
    return cell->free_at <= now && !cell->mail && touched - cell->touched_at - k->from < k->span &&
           ((run_looks(cell) ^ k->looks) & k->mask) == 0 &&
           (k->even || k->slot[i] + 1 == k->slot_held);
}

/* Up to n copies from copy `first` on, whose job starts at `start`; returns how many fit. By
 * itself, so that everything is in registers. */
__attribute__((noinline)) static uint32_t leap_cells(struct run *r, const struct leap *leap,
                                                     uint32_t first, uint32_t n, int64_t now,
                                                     int64_t start, int64_t step) {
    const struct leap k = *leap;
    struct digest digest = r->digest;
    uint64_t touched = r->touched;
    uint32_t i = 0;
    for (; i < n; i++) {
        struct cell *cell = leap_cell(&k, first + i);
        if (!leap_fits(&k, cell, first + i, touched, now)) {
            break;
        }
        touched += k.touch;
        cell->free_at = start + k.cost;
        cell->touched_at = touched;
        cell->wakes++;
        memcpy((char *)cell + RUN_TAIL, &k.becomes, sizeof k.becomes);
        digest_add(&digest, start, (uint32_t)(cell - k.cells), k.kind, k.version, k.next);
        now += step;
        start += step;
    }
    r->digest = digest;
    r->touched = touched;
    return i;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Copies of a pace that change nothing but records: how many from `now` on. */
static uint32_t leap_most(const struct run *r, const struct flow *f, const struct pace *p,
                          int64_t now, int64_t until, uint32_t most) {
    until = least(until, p->until);
    until = least(until, r->busy_high - p->wait - p->cost + 1);
    until = least(until, r->wait_from - p->wait);
    until = least(until, CORE_LAST_NS - p->wait - p->cost);
    if (now + p->wait < r->busy_low || until <= now) {
        return 0;
    }
    int64_t copies = least((until - now + p->step - 1) / p->step, most);
    if (r->h->pressure_mark != UINT64_MAX && f->touch > 0) {
        uint64_t room = r->h->pressure_mark - r->touched;
        copies = least(copies, (int64_t)((room - 1) / f->touch));
    }
    return (uint32_t)copies;
}

/* The windows of bandwidth part the copies; a window that stretches lines ends the leap. */
static uint32_t leap_windows(struct run *r, const struct leap *k, const struct pace *p, uint32_t at,
                             uint32_t most, int64_t now) {
    struct host *h = r->h;
    uint32_t done = 0;
    while (done < most) {
        int64_t start = now + done * p->step + p->wait, stretch = h->stretch;
        if (start >= h->bandwidth_until) {
            if (!leap_fits(k, leap_cell(k, at + done), at + done, r->touched, start - p->wait)) {
                break; /* the window is not his who does not start in it */
            }
            cost_next_bandwidth_window(h, start);
            if (h->stretch != stretch) {
                run_stretched(r);
                break;
            }
        }
        int64_t room = (h->bandwidth_until - start + p->step - 1) / p->step;
        uint32_t n = most - done < room ? most - done : (uint32_t)room;
        uint32_t made = leap_cells(r, k, at + done, n, start - p->wait, start, p->step);
        h->bandwidth_bytes += made * k->far;
        done += made;
        if (made < n) {
            break;
        }
    }
    return done;
}

static void leap_adds(struct run *r, struct flow *f, const struct pace *p, uint32_t n,
                      int64_t now) {
    int64_t start = now + p->wait, last = start + (n - 1) * p->step;
    leap_latency(f, start, p->step, n);
    f->starts += (uint64_t)(start - r->first) * n + (uint64_t)p->step * n * (n - 1) / 2;
    f->latest_start = last > f->latest_start ? last : f->latest_start;
    r->latest_end = last + p->cost > r->latest_end ? last + p->cost : r->latest_end;
    r->busy += n * p->cost;
    r->copies += n;
    pace_turn(r, p, n, now);
}

uint32_t run_leap(struct run *r, const struct cursor *c, uint32_t at, uint32_t most, int64_t now,
                  int64_t until) {
    struct flow *f = &r->flow[c->flow];
    struct pace pace;
    if (!r->counted || f->span == 0 || c->step < 1 || !pace_find(r, f->cost, now, c->step, &pace)) {
        return 0;
    }
    most = leap_most(r, f, &pace, now, until, most);
    if (most < WORTH) {
        return 0;
    }
    struct leap k = {.cells = r->cells + c->offset,
                     .list = c->cell,
                     .slot = c->slot,
                     .touch = f->touch,
                     .from = f->from,
                     .span = f->span,
                     .far = f->far,
                     .cost = pace.cost,
                     .base = c->base,
                     .kind = f->kind,
                     .version = f->version,
                     .next = f->next,
                     .looks = f->looks,
                     .mask = r->mask,
                     .slot_held = (uint8_t)(c->slot[at] + 1),
                     .dense = c->dense,
                     .even = c->even};
    struct cell becomes = {0};
    memcpy((char *)&becomes + RUN_TAIL, &f->becomes, sizeof f->becomes);
    becomes.slot = k.slot_held;
    memcpy(&k.becomes, (char *)&becomes + RUN_TAIL, sizeof k.becomes);
    uint32_t done = leap_windows(r, &k, &pace, at, most, now);
    if (done > 0) {
        leap_adds(r, f, &pace, done, now);
    }
    return done;
}
