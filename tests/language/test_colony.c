/* Cells, nodes, hosts and types: who is how many. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/language/helpers.h"

static void types_are(const char *types, int64_t cells, const uint32_t expected[4]) {
    struct scenario scenario;
    char *messages, set_types[200], set_cells[50];
    snprintf(set_types, sizeof set_types, "colony.types=%s", types);
    snprintf(set_cells, sizeof set_cells, "colony.cells=%lld", (long long)cells);
    cr_assert_eq(load_with(&scenario, small, &messages, "colony.types=~", set_types, set_cells,
                           "workload=~", NULL),
                 0, "%s", messages);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(scenario.plan.colony.type_cells[i], expected[i], "%s of %lld: %d is %u", types,
                     (long long)cells, i, scenario.plan.colony.type_cells[i]);
    }
    free(messages);
    scenario_deinit(&scenario);
}

static void types_refused(const char *types, const char *part) {
    struct scenario scenario;
    char *messages, set[200];
    snprintf(set, sizeof set, "colony.types=%s", types);
    cr_assert_neq(load_with(&scenario, small, &messages, "colony.types=~", set, NULL), 0);
    cr_assert(strstr(messages, part), "%s", messages);
    free(messages);
}

Test(colony, shares_by_largest_remainder) { /* cell, eye, motor, tissue */
    types_are("{eye: 20%, motor: 30, tissue: rest}", 100, (uint32_t[]){0, 20, 30, 50});
    types_are("{tissue: 50%, eye: 25%, motor: 25%}", 101, (uint32_t[]){0, 25, 25, 51});
    types_are("{eye: 333333333ppb, motor: 333333333ppb, tissue: 333333334ppb}", 100,
              (uint32_t[]){0, 33, 33, 34});
    types_are("{eye: 50%, motor: 50%}", 101, (uint32_t[]){0, 51, 50, 0}); /* a tie: in order */
    types_are("{motor: 50%, eye: 50%}", 101, (uint32_t[]){0, 50, 51, 0});
    types_are("{eye: 1.5%, motor: 1.5%, tissue: rest}", 100, (uint32_t[]){0, 2, 1, 97});
    types_are("{eye: 0%, motor: 100, tissue: rest}", 100, (uint32_t[]){0, 0, 100, 0});
    types_are("{eye: 10, motor: 90%}", 100, (uint32_t[]){0, 10, 90, 0});
}

Test(colony, sums_that_do_not_fit) {
    types_refused("{eye: 20%, motor: 30}", "the types are 50 of 100 cells: let one of them be");
    types_refused("{eye: 99%, motor: 30, tissue: rest}", "more than colony.cells (100)");
    types_refused("{eye: rest, motor: rest}", "is the rest already");
    types_refused("{eye: 120%, motor: rest}", "out of range");
}

Test(colony, order_of_placement_is_that_of_the_map) {
    struct scenario scenario;
    load_small(&scenario, "");
    const struct plan_colony *colony = &scenario.plan.colony;
    cr_assert(colony->types_placed == 3 && colony->type_order[0] == 1);
    cr_assert(colony->type_order[1] == 2 && colony->type_order[2] == 3);
    scenario_deinit(&scenario);
}

Test(colony, hosts_in_equal_parts) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "hosts={b: {profile: epyc-2, count: 3}}",
                           "hosts.c={profile: beam-epyc-2, set: {cores: none, memory: none}}",
                           "colony.hosts=[b, here]", "gradients.server_host=c", NULL),
                 0, "%s", messages);
    const struct plan *plan = &scenario.plan;
    cr_assert_eq(plan->hosts, 5);
    cr_assert_str_eq(plan->host[1].name, "b_0");
    cr_assert_str_eq(plan->host[3].name, "b_2");
    static const uint32_t nodes[] = {3, 3, 2, 2, 0};
    for (int h = 0; h < 5; h++) {
        cr_assert_eq(plan->colony.host_nodes[h], nodes[h]);
    }
    cr_assert_eq(plan->gradients.server_host, 4);
    cr_assert_eq(plan->host[4].profile.cores, HOST_NO_LIMIT);
    cr_assert_eq(plan->host[4].profile.memory_bytes, HOST_NO_LIMIT);
    cr_assert_eq(plan->host[4].profile.wake_ns, 470);
    free(messages);
    scenario_deinit(&scenario);
}
