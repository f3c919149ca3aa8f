/* --set: checked as files are, with carets of its own. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/language/helpers.h"

static void says(const char *set, const char *expected) {
    struct scenario scenario;
    char *messages;
    cr_assert_neq(load_with(&scenario, small, &messages, set, NULL), 0, "%s is taken", set);
    cr_assert_str_eq(messages, expected, "%s", messages);
    free(messages);
}

Test(sets, carets) {
    says("colony.cells=5X",
         "--set colony.cells=5X: error: `5X` has an unknown suffix (a count has k, M, G or none)\n"
         "  colony.cells=5X\n"
         "               ^\n");
    says("run.durration=5s",
         "--set run.durration=5s: error: unknown key `durration` in run; did you mean `duration`?\n"
         "  run.durration=5s\n"
         "      ^\n");
    says("workload.touches.to={type: eys}", "--set workload.touches.to={type: eys}: error: there "
                                            "is no type `eys`; did you mean `eye`?\n"
                                            "  workload.touches.to={type: eys}\n"
                                            "                             ^\n");
    says("run.seed", "--set run.seed: error: a value is missing: PATH=VALUE\n"
                     "  run.seed\n"
                     "          ^\n");
    says("run.seed=", "--set run.seed=: error: no value; ~ takes a key away\n"
                      "  run.seed=\n"
                      "           ^\n");
    says("run..seed=1", "--set run..seed=1: error: a name is missing in the path\n"
                        "  run..seed=1\n"
                        "      ^\n");
}

Test(sets, a_path_must_lead_somewhere) {
    says("genome.types.cel.always.any.work=0us",
         "--set genome.types.cel.always.any.work=0us: error: there is no `cel` in genome.types; "
         "did you mean `cell`?; a new one is set as a whole\n"
         "  genome.types.cel.always.any.work=0us\n"
         "               ^\n");
    says("workload.touch.rate=1/s",
         "--set workload.touch.rate=1/s: error: there is no `touch` in workload; did you mean "
         "`touches`?; a new one is set as a whole\n"
         "  workload.touch.rate=1/s\n"
         "           ^\n");
}

Test(sets, whole_new_ones) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages,
                           "workload.more={signal: touch, to: {cell: 5}, at: [1ms, 2ms]}",
                           "run.seed=9", "run.seed=10", "workload.touches=~", NULL),
                 0, "%s", messages);
    cr_assert_eq(scenario.plan.sources, 1);
    cr_assert_eq(scenario.plan.source[0].at_count, 2);
    cr_assert_eq(scenario.plan.source[0].to.cell, 5);
    cr_assert_eq(scenario.plan.run.seed, 10);
    free(messages);
    scenario_deinit(&scenario);
}

Test(sets, a_list_is_set_as_a_whole) {
    struct scenario scenario;
    char *messages;
    cr_assert_neq(load_with(&scenario, small, &messages,
                            "genome.types.eye.states.on.touch=[{when: {probability: 10%}}, {}]",
                            "genome.types.eye.states.on.touch.work=1us", NULL),
                  0);
    cr_assert(strstr(messages, "`touch` is a list: it is set as a whole"), "%s", messages);
    free(messages);
}

Test(sets, a_value_is_set_as_a_whole) {
    says("workload.touches.to.type=motor",
         "--set workload.touches.to.type=motor: error: `to` is one value: it is set as a whole\n"
         "  workload.touches.to.type=motor\n"
         "                   ^\n");
    says("hosts.here.profile.wake_ns=5",
         "--set hosts.here.profile.wake_ns=5: error: `profile` is one value: it is set as a whole "
         "(its keys: hosts.NAME.set.KEY)\n"
         "  hosts.here.profile.wake_ns=5\n"
         "             ^\n");
}

Test(sets, missing_keys_are_said_of_the_file) {
    struct scenario scenario;
    char *messages;
    cr_assert_neq(load_with(&scenario, "name: x\nrun: {seed: 1}\n", &messages, "run.seed=2", NULL),
                  0);
    cr_assert(strstr(messages, "test.yml:2:1: error: run lacks `duration`"), "%s", messages);
    free(messages);
}
