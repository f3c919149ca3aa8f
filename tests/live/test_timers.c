#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/rng.h"
#include "live/clock.h"
#include "live/timers.h"
#include "tests/live/live_plan.h"

static const char text[] =
    "name: timers\n"
    "title: Timers\n"
    "run: {duration: 100ms, sample: 10ms, seed: 5}\n"
    "hosts: {here: {profile: epyc-2}}\n"
    "colony: {cells: 60, nodes: 6, domains: 1, types: {clock: 50%, tissue: rest}}\n"
    "genome:\n"
    "  signals: {tick: {size: 64B}}\n"
    "  types:\n"
    "    tissue: {always: {any: {work: 0us}}}\n"
    "    clock:\n"
    "      timers: {a: {law: uniform, min: 1ms, max: 20ms}, b: {law: exponential, mean: 5ms}}\n"
    "      always:\n"
    "        any: {set_timer: {c: 1ms}}\n"
    "        timers: {a: {set_timer: {a: 1ms}}, b: {work: 0us}, c: {work: 0us}}\n"
    "workload: {ticks: {signal: tick, to: {type: clock}, every: 10ms}}\n"
    "partitioning: {strategy: edge}\n";

enum { PLACES_A_CELL = 3 };

struct set { /* the plain list: what is pending */
    int64_t at_ns;
    uint64_t number; /* the order in which they were set */
    bool pending;
};

Test(timers, at_birth_are_the_plans_draws) {
    struct live_plan p;
    struct timers timers;
    live_plan_load(&p, text, NULL);
    const struct genome *genome = &p.scenario.plan.genome;
    timers_init(&timers, &p.colony, 20, 45); /* of some cells alone */
    size_t expected = 0;
    for (uint32_t cell = 20; cell < 45; cell++) {
        const struct genome_type *type = &genome->type[p.colony.type[cell]];
        for (uint8_t i = 0; i < type->timers; i++) {
            expected += type->timer[i].at_birth;
        }
    }
    cr_assert_gt(expected, 10);
    cr_expect_eq(timers.pending, expected);
    struct timer timer;
    int64_t last = -1;
    while (timers_take(&timers, CLOCK_NEVER_NS - 1, &timer)) {
        uint64_t bits = rng_draw(5, RNG_BIRTH, timer.cell, timer.place);
        const struct genome_type *type = &genome->type[p.colony.type[timer.cell]];
        cr_expect_eq(timer.at_ns, law_value(&type->timer[timer.place].first, bits));
        cr_expect_geq(timer.at_ns, last);
        last = timer.at_ns;
        expected--;
    }
    cr_expect_eq(expected, 0);
    cr_expect_eq(timers_next_ns(&timers), CLOCK_NEVER_NS);
    timers_deinit(&timers);
    live_plan_deinit(&p);
}

static struct set *earliest(struct set *set, size_t sets) {
    struct set *best = NULL;
    for (size_t i = 0; i < sets; i++) {
        struct set *s = &set[i];
        if (s->pending && (!best || s->at_ns < best->at_ns ||
                           (s->at_ns == best->at_ns && s->number < best->number))) {
            best = s;
        }
    }
    return best;
}

Test(timers, set_anew_and_stopped_like_a_plain_list) {
    struct live_plan p;
    struct timers timers;
    live_plan_load(&p, text, NULL);
    uint32_t first = 10, cells = 12;
    timers_init(&timers, &p.colony, first, first + cells);
    cr_assert_eq(timers.most, PLACES_A_CELL);
    struct timer timer;
    while (timers_take(&timers, CLOCK_NEVER_NS - 1, &timer)) {
    }
    static struct set set[12 * PLACES_A_CELL];
    uint64_t pending = 0, fired = 0;
    int64_t now = 0;
    for (uint64_t i = 1; i <= 20000; i++) {
        uint64_t bits = rng_draw(1, 99, 0, i);
        size_t which = rng_below(bits, cells * PLACES_A_CELL);
        uint32_t cell = first + (uint32_t)which / PLACES_A_CELL;
        uint8_t place = (uint8_t)(which % PLACES_A_CELL);
        switch (bits & 7) {
        case 0:
            timers_stop(&timers, cell, place);
            pending -= set[which].pending;
            set[which].pending = false;
            break;
        case 1:
        case 2: /* time passes: what is due is taken, in order */
            now += (int64_t)(bits >> 8 & 0x3f);
            for (struct set *s; (s = earliest(set, cells * PLACES_A_CELL)) && s->at_ns <= now;) {
                cr_assert(timers_take(&timers, now, &timer));
                cr_assert_eq(timer.at_ns, s->at_ns);
                cr_assert_eq((timer.cell - first) * PLACES_A_CELL + timer.place, s - set);
                s->pending = false;
                pending--;
                fired++;
            }
            cr_assert_not(timers_take(&timers, now, &timer));
            break;
        default:
            pending += !set[which].pending;
            set[which] = (struct set){now + (int64_t)(bits >> 8 & 0xff), i, true};
            timers_set(&timers, cell, place, set[which].at_ns);
        }
        cr_assert_eq(timers.pending, pending);
        struct set *next = earliest(set, cells * PLACES_A_CELL);
        cr_assert(!next || timers_next_ns(&timers) <= next->at_ns, "none is forgotten");
    }
    cr_expect_gt(fired, 1000);
    timers_deinit(&timers);
    live_plan_deinit(&p);
}

Test(timers, a_colony_without_any) {
    struct live_plan p;
    struct timers timers;
    struct timer timer;
    live_plan_load(&p, live_plan_reflex, NULL);
    timers_init(&timers, &p.colony, 0, 200);
    cr_expect_eq(timers_next_ns(&timers), CLOCK_NEVER_NS);
    cr_expect_not(timers_take(&timers, CLOCK_NEVER_NS - 1, &timer));
    timers_deinit(&timers);
    live_plan_deinit(&p);
}
