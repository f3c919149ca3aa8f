/* Determinism: the same scenario twice, and under every width of the queue's buckets, has one
 * digest; another seed has another. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/sim/runs.h"

static void load(struct scenario *scenario, const char *name, const char *const *set, size_t sets) {
    struct scenario_options options = {.set = set, .sets = sets, .messages = stderr};
    cr_assert_eq(scenario_load(scenario, name, &options), 0);
}

static void one_digest(const char *name, const char *const *set, size_t sets) {
    struct scenario scenario;
    char first[DIGEST_TEXT_BYTES], again[DIGEST_TEXT_BYTES];
    load(&scenario, name, set, sets);
    run_plan_digest(&scenario.plan, -1, first);
    const int bits[] = {-1, 0, 4, 10, 20, 30, 40};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        run_plan_digest(&scenario.plan, bits[i], again);
        cr_expect_str_eq(first, again, "%s, buckets of 2^%d ns: %s, not %s", name, bits[i], again,
                         first);
    }
    scenario.plan.run.seed += 1;
    run_plan_digest(&scenario.plan, -1, again);
    cr_expect_str_neq(first, again, "%s: another seed changes nothing", name);
    scenario_deinit(&scenario);
}

#define SMALL "colony.cells=50k", "run.duration=600ms"

Test(widths, flat_storm) {
    const char *set[] = {SMALL};
    one_digest("misrouted-debug", set, 2);
}

Test(widths, edge_storm) {
    const char *set[] = {SMALL, "partitioning.strategy=edge", "partitioning.edge.partitioners=3"};
    one_digest("misrouted-debug", set, 4);
}

Test(widths, synapses) {
    one_digest("pain-reflex", NULL, 0);
}

Test(widths, gradients) {
    one_digest("gradient-error", NULL, 0);
}
