#include "tests/live/live_plan.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_SETS = 16 };

const char live_plan_reflex[] =
    "name: reflex\n"
    "title: Eyes feel, motors act\n"
    "run: {duration: 100ms, sample: 10ms, seed: 3}\n"
    "hosts: {here: {profile: epyc-2}}\n"
    "colony: {cells: 200, nodes: 10, domains: 2, types: {eye: 20%, motor: 20%, tissue: rest}}\n"
    "genome:\n"
    "  signals: {stimulus: {size: 128B}, pain: {size: 128B}}\n"
    "  types:\n"
    "    tissue: {subscribe: {all: everywhere}, always: {any: {work: 0us}}}\n"
    "    eye:\n"
    "      like: tissue\n"
    "      bonds: {motor: {type: motor, not: same_node}}\n"
    "      states: {watching: {stimulus: {send: {signal: pain, to: motor}}}}\n"
    "    motor: {like: tissue, states: {acting: {pain: {work: 0us}}}}\n"
    "workload: {reflexes: {signal: stimulus, to: {type: eye}, rate: 1k/s, law: exponential}}\n"
    "faults: {bug: {kind: misroute, signal: pain, by: {type: eye, count: 1}, onto: everywhere,\n"
    "  at: 50ms, lines: 1}}\n"
    "partitioning: {strategy: edge}\n";

void live_plan_load(struct live_plan *plan, const char *text, ...) {
    const char *set[MOST_SETS];
    size_t sets = 0;
    va_list args;
    va_start(args, text);
    for (const char *at; (at = va_arg(args, const char *));) {
        cr_assert(sets < MOST_SETS);
        set[sets++] = at;
    }
    va_end(args);
    char *said = NULL;
    size_t bytes = 0;
    FILE *messages = open_memstream(&said, &bytes);
    const struct scenario_options options = {.set = set, .sets = sets, .messages = messages};
    int mistakes = scenario_load_text(&plan->scenario, text, "test.yml", &options);
    fclose(messages);
    cr_assert_eq(mistakes, 0, "%s", said);
    free(said);
    struct error error;
    cr_assert_eq(colony_init(&plan->colony, &plan->scenario.plan, &error), 0, "%s", error.text);
}

void live_plan_deinit(struct live_plan *plan) {
    colony_deinit(&plan->colony);
    scenario_deinit(&plan->scenario);
}
