/* The cores of a host against a plain list of them, as the host model says who takes which. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/rng.h"
#include "sim/cores.h"

enum { MOST_CORES = 130, MOST_JOBS = 20000, FOR_EVER = -1 };

struct span {
    int64_t from, until;
};

struct plain {
    uint32_t count;
    int64_t free_at[MOST_CORES]; /* FOR_EVER: idle for ever */
    int64_t spin_ns, sleep_ns, spin_max_ns;
    int64_t saturated_ns, counted_until, stretch_from, first_busy_1ms;
    struct span job[MOST_JOBS];
    uint32_t jobs;
};

/* The core that fell idle last (ties: lowest), else the first to fall free (ties: lowest). */
static uint32_t plain_choose(const struct plain *p, int64_t r) {
    uint32_t idle = p->count, first = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->free_at[i] <= r && (idle == p->count || p->free_at[i] > p->free_at[idle])) {
            idle = i;
        }
        first = p->free_at[i] < p->free_at[first] ? i : first;
    }
    return idle < p->count ? idle : first;
}

static int64_t plain_start(const struct plain *p, uint32_t core, int64_t r) {
    int64_t free_at = p->free_at[core];
    if (free_at == FOR_EVER) {
        return r + p->sleep_ns;
    }
    if (free_at >= r) {
        return free_at;
    }
    return r + (r - free_at <= p->spin_max_ns ? p->spin_ns : p->sleep_ns);
}

static void plain_saturation(struct plain *p, int64_t r) {
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < p->count; i++) {
        first = p->free_at[i] < first ? p->free_at[i] : first;
    }
    if (first <= r) {
        return; /* one is idle */
    }
    if (r > p->counted_until) {
        p->stretch_from = p->counted_until = r;
    }
    p->saturated_ns += first - p->counted_until;
    p->counted_until = first;
    if (p->first_busy_1ms < 0 && first - p->stretch_from >= 1000000) {
        p->first_busy_1ms = p->stretch_from + 1000000;
    }
}

static int64_t plain_busy_after(const struct plain *p, int64_t time) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->jobs; i++) {
        int64_t from = p->job[i].from > time ? p->job[i].from : time;
        sum += p->job[i].until > from ? p->job[i].until - from : 0;
    }
    return sum;
}

/* Random jobs: `work` and `gap` are how long they are and how far apart at most; steps of `grain`
 * make many times alike. */
static void compare(uint32_t count, int64_t work, int64_t gap, int64_t grain, uint64_t seed) {
    static struct plain p;
    struct host_profile profile = {
        .cores = count, .idle_spin_ns = 500, .idle_sleep_ns = 50000, .spin_max_ns = 200000};
    if (seed % 3 == 0) {
        profile.idle_spin_ns = profile.idle_sleep_ns = 0;
    }
    p = (struct plain){.count = count,
                       .spin_ns = profile.idle_spin_ns,
                       .sleep_ns = profile.idle_sleep_ns,
                       .spin_max_ns = profile.spin_max_ns,
                       .counted_until = -1,
                       .first_busy_1ms = -1};
    for (uint32_t i = 0; i < count; i++) {
        p.free_at[i] = FOR_EVER;
    }
    struct cores cores;
    cores_init(&cores, &profile);
    int64_t r = 0;
    for (uint32_t n = 0; n < 3000; n++) {
        uint64_t bits = rng_draw(seed, 0xff, 0, n);
        r += (int64_t)(rng_below(bits, 1000) * (uint64_t)gap / 1000) / grain * grain;
        r += rng_below(bits << 32, 200) == 0 ? 40 * gap : 0; /* now and then they fall idle */
        int64_t cost = (int64_t)(rng_draw(seed, 0xff, 1, n) % (uint64_t)work) / grain * grain;
        cost = cost > 0 ? cost : 1;
        uint32_t core = plain_choose(&p, r);
        int64_t start = plain_start(&p, core, r);
        bool waits = p.free_at[core] > r;
        struct core_take take = cores_take(&cores, r);
        cr_assert_eq(take.start, start, "%u cores, seed %lu, job %u: starts at %ld, not %ld", count,
                     (unsigned long)seed, n, (long)take.start, (long)start);
        cr_assert_eq(take.core & CORE_MASK, core, "%u cores, seed %lu, job %u: core %lu, not %u",
                     count, (unsigned long)seed, n, (unsigned long)(take.core & CORE_MASK), core);
        cr_assert_eq(take.waited, waits);
        cores_give(&cores, &take, start + cost, r);
        p.free_at[core] = start + cost;
        p.job[p.jobs++] = (struct span){start, start + cost};
        plain_saturation(&p, r);
        int64_t later = r + (int64_t)rng_below(bits << 16, (uint64_t)work * 2);
        cr_assert_eq(cores_busy_after(&cores, later), plain_busy_after(&p, later));
    }
    cr_assert_eq(cores.saturated_ns, p.saturated_ns);
    cr_assert_eq(cores.first_busy_1ms, p.first_busy_1ms);
    cores_deinit(&cores);
}

Test(cores, random_jobs) {
    const uint32_t counts[] = {1, 2, 3, 4, 16, 64, 130};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t c = counts[i];
        for (uint64_t seed = 1; seed <= 6; seed++) {
            compare(counts[i], 100000, 200000 / c, 1, seed);      /* half busy */
            compare(counts[i], 100000, 110000 / c, 1, seed);      /* nearly full */
            compare(counts[i], 100000, 50000 / c, 1, seed);       /* overrun */
            compare(counts[i], 1000, 1100 / c + 1, 100, seed);    /* many times alike */
            compare(counts[i], 3000000, 3300000 / c, 1000, seed); /* full for milliseconds */
        }
    }
}

static int64_t start_at(struct cores *cores, int64_t r, int64_t cost) {
    struct core_take take = cores_take(cores, r);
    cores_give(cores, &take, take.start + cost, r);
    return take.start;
}

static void one_core(struct cores *cores) {
    struct host_profile profile = {
        .cores = 1, .idle_spin_ns = 500, .idle_sleep_ns = 50000, .spin_max_ns = 200000};
    cores_init(cores, &profile);
}

/* A core that never worked sleeps; one that falls free at the very time starts at once; it spins
 * for 200 us, to the ns, and sleeps after that. */
Test(cores, idle_costs) {
    struct cores cores;
    one_core(&cores);
    cr_expect_eq(start_at(&cores, 0, 1000), 50000);
    cr_expect_eq(start_at(&cores, 51000, 1000), 51000);
    cr_expect_eq(start_at(&cores, 52001, 999), 52501);
    cr_expect_eq(start_at(&cores, 53500 + 200000, 1000), 53500 + 200500);
    cr_expect_eq(start_at(&cores, 255000 + 200001, 1000), 255000 + 250001);
    cores_deinit(&cores);
}

/* None is idle for 1 ms: a core that is taken as it falls free makes no break, 1 ns does. */
Test(cores, busy_for_a_millisecond) {
    struct cores cores;
    one_core(&cores);
    start_at(&cores, 0, 550000);      /* busy from 0, at work from 50,000 to 600,000 */
    start_at(&cores, 600001, 600000); /* a new stretch, to 1,200,501 */
    cr_expect_eq(cores.first_busy_1ms, -1);
    start_at(&cores, 1200501, 399499); /* to 1,600,000: a ns is missing */
    cr_expect_eq(cores.first_busy_1ms, -1);
    start_at(&cores, 1600000, 1);
    cr_expect_eq(cores.first_busy_1ms, 1600001);
    cr_expect_eq(cores.saturated_ns, 600000 + 1000000);
    cores_deinit(&cores);
}
