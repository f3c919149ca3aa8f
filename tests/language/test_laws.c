/* Laws of times, and of arrivals. */
#include <criterion/criterion.h>

#include "tests/language/helpers.h"

#define EYE                                                                                        \
    "extends: misrouted-debug\n"                                                                   \
    "genome: {types: {eye: {states: {watching: {stimulus: {work: "

static struct law law_of(const char *work) {
    char text[400];
    struct scenario scenario;
    snprintf(text, sizeof text, EYE "%s}}}}}}\n", work);
    load_right(&scenario, text);
    struct law law = genome_first(&scenario.plan.genome, 2, 0, 0)->work;
    scenario_deinit(&scenario);
    return law;
}

static void law_refused(const char *work, const char *part) {
    char text[400];
    snprintf(text, sizeof text, EYE "%s}}}}}}\n", work);
    refuse(text, part);
}

Test(laws, three_kinds) {
    struct law law = law_of("80us");
    cr_assert(law.kind == LAW_CONSTANT && law.a_ns == 80000);
    law = law_of("{law: uniform, min: 1us, max: 9us}");
    cr_assert(law.kind == LAW_UNIFORM && law.a_ns == 1000 && law.b_ns == 9000);
    law = law_of("{law: uniform, min: 1us, max: 1us}");
    cr_assert(law.kind == LAW_UNIFORM && law.a_ns == law.b_ns);
    law = law_of("{law: exponential, mean: 200us}");
    cr_assert(law.kind == LAW_EXPONENTIAL && law.a_ns == 200000);
}

Test(laws, refused) {
    law_refused("{law: uniform, min: 2us, max: 1us}", "max is less than min");
    law_refused("{law: uniform, min: 0ns, max: 4294967296ns}", "4.29 s");
    law_refused("{law: uniform, mean: 1us}", "law uniform takes min and max");
    law_refused("{law: exponential, min: 1us, mean: 1us}", "law exponential takes mean");
    law_refused("{mean: 1us}", "lacks `law`");
    law_refused("{law: pareto, mean: 1us}", "`pareto` is none of uniform, exponential");
    law_refused("[1us, 2us]", "takes a time");
    law_refused("2000h", "out of range");
}

Test(laws, the_widest_uniform) {
    struct law law = law_of("{law: uniform, min: 1us, max: 4294968295ns}");
    cr_assert_eq(law.b_ns - law.a_ns, 4294967295);
}

Test(laws, arrivals) {
    struct scenario scenario;
    load_small(&scenario,
               "  b: {signal: touch, to: {type: eye}, rate: 3/s, law: exponential}\n"
               "  c: {signal: touch, to: {type: eye}, every: 2ms, phase: 1ms, from: 5ms,\n"
               "      until: 1h, count: 3}\n"
               "  d: {signal: pain, publish: {subject: a.b}, at: 7ms, raises: colony}\n");
    const struct plan_source *source = scenario.plan.source;
    cr_assert(!source[0].exponential && source[0].interval_ns == 1000000);
    cr_assert(source[0].from_ns == 0 && source[0].until_ns == 1000000000);
    cr_assert_eq(source[0].count, PLAN_NONE);
    cr_assert(source[1].exponential && source[1].interval_ns == 333333333);
    cr_assert(source[2].interval_ns == 2000000 && source[2].phase_ns == 1000000);
    cr_assert(source[2].from_ns == 5000000 && source[2].until_ns == 3600000000000);
    cr_assert_eq(source[2].count, 3);
    cr_assert(source[3].at_count == 1 && source[3].at[0] == 7000000 && source[3].publishes);
    cr_assert_str_eq(source[3].subject, "a.b");
    cr_assert_eq(source[3].raises, RAISES_COLONY);
    scenario_deinit(&scenario);
}
