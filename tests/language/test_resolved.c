/* The resolved text: whole, canonical, and the same again when it is loaded alone. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/language/expression.h"
#include "tests/language/helpers.h"

/* Loads the text where none of nerve's own files are to be had. */
static void same_again(const struct scenario *scenario) {
    struct scenario again;
    char *messages;
    int mistakes = load_with(&again, scenario->text, &messages, NULL);
    cr_assert_eq(mistakes, 0, "%s", messages);
    cr_assert_str_eq(again.text, scenario->text);
    cr_assert_eq(again.plan.genome.reactions, scenario->plan.genome.reactions);
    cr_assert_eq(memcmp(&again.plan.run, &scenario->plan.run, sizeof again.plan.run), 0);
    cr_assert_eq(again.plan.hosts, scenario->plan.hosts);
    for (uint32_t h = 0; h < again.plan.hosts; h++) {
        cr_assert_eq(memcmp(&again.plan.host[h].profile, &scenario->plan.host[h].profile,
                            sizeof again.plan.host[h].profile),
                     0);
        cr_assert_str_eq(again.plan.host[h].profile_name, scenario->plan.host[h].profile_name);
    }
    const struct genome *g = &scenario->plan.genome, *a = &again.plan.genome;
    uint32_t rows = g->type[g->types - 1].first_row + g->type[g->types - 1].states;
    cr_assert_eq(memcmp(g->table, a->table, (size_t)rows * g->columns * sizeof *g->table), 0);
    cr_assert_str_eq(again.plan.stages.strategy, scenario->plan.stages.strategy);
    cr_assert_eq(again.plan.stages.fan_out, scenario->plan.stages.fan_out);
    cr_assert_eq(again.estimated, scenario->estimated);
    cr_assert_eq(again.expectations, scenario->expectations);
    free(messages);
    scenario_deinit(&again);
}

static void check_own(const char *name) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_file(&scenario, name, &messages), 0, "%s", messages);
    free(messages);
    setenv("NERVE_DATA", "/nowhere", 1); /* looked at once: the first load has found its data */
    same_again(&scenario);
    cr_assert(!strstr(scenario.text, "extends") && !strstr(scenario.text, "like:"));
    scenario_deinit(&scenario);
}

Test(resolved, misrouted_debug) {
    check_own("scenarios/misrouted-debug.yml");
}

Test(resolved, pain_reflex) {
    check_own("scenarios/pain-reflex.yml");
}

Test(resolved, gradient_error) {
    check_own("scenarios/gradient-error.yml");
}

Test(resolved, odd_texts) {
    struct scenario scenario;
    load_small(
        &scenario,
        "title: \"a \\\"b\\\" \\\\ \\n\\t\\e\\x85\\u2028\\ufeff \\u00e9 # : {\"\n"
        "expect:\n"
        "  a: {that: \"not (a.b < 5ms and c == none)\", why: 'it''s: so'}\n"
        "faults:\n"
        "  f: {kind: misroute, signal: pain, by: {count: all}, onto: a-b.C, at: 0s, for: 5ms}\n"
        "partitioning: {strategy: edge, fan_out: origin, edge: {partitioners: 3}}\n");
    same_again(&scenario);
    cr_assert_eq(scenario.plan.stages.fan_out, FAN_OUT_ORIGIN);
    cr_assert_eq(scenario.plan.fault[0].by_count, PLAN_NONE);
    scenario_deinit(&scenario);
}

Test(resolved, every_kind_of_key) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "hosts.here.count=3",
                           "hosts.here.set={cores: none, line_latency_ns: [[1KiB, 1us]]}",
                           "genome.types.eye.states.on.touch=[{when: {newer: true, from: motor}, "
                           "adopt: false}, {subscribe: {x: \"a.>\"}, unsubscribe: x, "
                           "set_timer: {t: {law: uniform, min: 1us, max: 2us}}, stop_timer: [t]}]",
                           "genome.types.eye.timers={t: 1ms}",
                           "workload.touches={signal: pain, publish: {subject: a.b}, rate: ~, "
                           "to: ~, at: [1ms, 5ms], count: 7, raises: colony}",
                           "gradients={pending_limit: none, server_host: here_2}",
                           "live={workers: 2, memory_limit: 1GiB}", "run.limits.wall=5min", NULL),
                 0, "%s", messages);
    same_again(&scenario);
    free(messages);
    scenario_deinit(&scenario);
}

static void value_is(const struct scenario *scenario, const char *path, enum value_kind kind,
                     int64_t number, const char *word) {
    struct value value;
    cr_assert(scenario_value(scenario, path, &value), "%s", path);
    cr_assert_eq(value.kind, kind, "%s is of kind %d", path, (int)value.kind);
    if (word) {
        cr_assert_str_eq(value.word, word);
    } else {
        cr_assert_eq(value.number, number, "%s is %lld", path, (long long)value.number);
    }
}

Test(resolved, values_of_keys) {
    struct scenario s;
    struct value value;
    char *messages;
    cr_assert_eq(load_with(&s, "extends: misrouted-debug\n", &messages,
                           "hosts.karyon.set={wake_ns: 130, cores: none}",
                           "partitioning.fan_out=edge", NULL),
                 0, "%s", messages);
    free(messages);
    value_is(&s, "genome.types.cell.always.any.work", VALUE_NUMBER, 80000, NULL);
    value_is(&s, "genome.types.eye.always.any.work", VALUE_NUMBER, 80000, NULL);
    value_is(&s, "genome.types.eye.states.watching.stimulus.touch", VALUE_NUMBER, 0, NULL);
    value_is(&s, "genome.types.compiler.states.compiling.compile.work", VALUE_WORD, 0,
             "exponential");
    value_is(&s, "genome.types.compiler.states.compiling.compile.work.mean", VALUE_NUMBER, 200000,
             NULL);
    value_is(&s, "colony.types.eye", VALUE_NUMBER, 20000, NULL); /* ppm */
    value_is(&s, "colony.types.tissue", VALUE_WORD, 0, "rest");
    value_is(&s, "hosts.karyon.profile", VALUE_WORD, 0, "threadripper-64");
    value_is(&s, "hosts.karyon.set.wake_ns", VALUE_NUMBER, 130, NULL);
    value_is(&s, "hosts.karyon.profile.wake_ns", VALUE_NUMBER, 130, NULL);
    value_is(&s, "hosts.karyon.set.send_ns", VALUE_NUMBER, 60, NULL);
    value_is(&s, "hosts.karyon.set.cores", VALUE_NONE, 0, NULL);
    value_is(&s, "hosts.karyon.count", VALUE_NUMBER, 1, NULL);
    value_is(&s, "partitioning.strategy", VALUE_WORD, 0, "flat");
    value_is(&s, "partitioning.fan_out", VALUE_WORD, 0, "edge");
    value_is(&s, "partitioning.carrier", VALUE_WORD, 0, "nats");
    value_is(&s, "run.limits.wall", VALUE_NONE, 0, NULL);
    value_is(&s, "synapses.queue_limit", VALUE_NUMBER, 1, NULL);
    value_is(&s, "workload.reflexes.rate", VALUE_NUMBER, 10000, NULL);
    value_is(&s, "workload.reflexes.count", VALUE_NONE, 0, NULL);
    static const char *const none[] = {"",
                                       "run",
                                       "run.",
                                       "run.nothing",
                                       "genome.types.nobody.bytes",
                                       "genome.types.tissue.states.on.pain.work",
                                       "hosts.karyon.death_at_ns",
                                       "workload.reflexes.every",
                                       "strategy"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_expect_not(scenario_value(&s, none[i], &value), "%s", none[i]);
    }
    scenario_deinit(&s);
}
