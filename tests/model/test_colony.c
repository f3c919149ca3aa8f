/* Placement and bonds, against the page's words done plainly, one cell at a time. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "model/colony.h"
#include "tests/model/fixture.h"
#include "tests/model/random.h"

static uint32_t node_size(const struct plan *plan, uint32_t node) {
    return plan->colony.cells / plan->colony.nodes +
           (node < plan->colony.cells % plan->colony.nodes);
}

/* Types by cell, dealt and shuffled one by one. */
static uint8_t *place_plainly(const struct plan *plan) {
    const struct plan_colony *p = &plan->colony;
    uint8_t **hand = calloc(p->nodes, sizeof *hand);
    uint32_t *held = calloc(p->nodes, sizeof *held);
    for (uint32_t node = 0; node < p->nodes; node++) {
        hand[node] = calloc(node_size(plan, node), 1);
    }
    for (uint32_t k = 0; k < p->types_placed; k++) {
        uint64_t bits = rng_draw(plan->run.seed, RNG_PLACEMENT, k, 0);
        uint32_t node = rng_below(bits, p->nodes);
        for (uint32_t i = 0; i < p->type_cells[p->type_order[k]]; i++) {
            while (held[node] == node_size(plan, node)) {
                node = (node + 1) % p->nodes;
            }
            hand[node][held[node]++] = (uint8_t)p->type_order[k];
            node = (node + 1) % p->nodes;
        }
    }
    uint8_t *types = calloc(p->cells, 1);
    uint32_t cell = 0;
    for (uint32_t node = 0; node < p->nodes; node++) {
        for (uint32_t i = held[node]; i-- > 1;) {
            uint32_t j = rng_below(rng_draw(plan->run.seed, RNG_SHUFFLE, node, i), i + 1);
            uint8_t swapped = hand[node][i];
            hand[node][i] = hand[node][j];
            hand[node][j] = swapped;
        }
        memcpy(types + cell, hand[node], held[node]);
        cell += held[node];
        free(hand[node]);
    }
    free(hand);
    free(held);
    return types;
}

static void random_plan(struct plan *plan, struct random *random) {
    uint32_t cells = 1 + random_below(random, 3000);
    uint32_t nodes = 1 + random_below(random, cells < 60 ? cells : 60);
    uint32_t hosts = 1 + random_below(random, nodes < 5 ? nodes : 5);
    fixture_init(plan, cells, nodes, 1 + random_below(random, cells), hosts);
    plan->run.seed = random_bits(random);
    uint32_t types = 1 + random_below(random, 6);
    uint32_t left = cells;
    for (uint32_t t = 0; t < types; t++) {
        uint32_t of_type = t + 1 == types ? left : random_below(random, (uint64_t)left + 1);
        fixture_type(plan, "type", of_type);
        left -= of_type;
    }
}

static void check_members(const struct colony *c) {
    const struct plan *plan = c->plan;
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        cr_assert_eq(c->first_member[t + 1] - c->first_member[t], plan->colony.type_cells[t]);
        for (uint32_t i = c->first_member[t]; i < c->first_member[t + 1]; i++) {
            cr_assert_eq(c->type[c->members[i]], t);
            cr_assert(i == c->first_member[t] || c->members[i - 1] < c->members[i]);
        }
    }
}

Test(colony, spread_is_as_the_page_says) {
    struct random random = {.seed = 3};
    for (int i = 0; i < 200; i++) {
        struct plan plan;
        struct colony colony;
        random_plan(&plan, &random);
        cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
        uint8_t *types = place_plainly(&plan);
        cr_assert_eq(memcmp(types, colony.type, plan.colony.cells), 0);
        check_members(&colony);
        free(types);
        colony_deinit(&colony);
        plan_deinit(&plan);
    }
}

Test(colony, spread_shares_each_type_out_evenly) {
    struct plan plan;
    struct colony colony;
    fixture_init(&plan, 10000, 100, 10, 1);
    fixture_type(&plan, "eye", 230);
    fixture_type(&plan, "motor", 777);
    fixture_type(&plan, "tissue", 10000 - 230 - 777);
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    uint32_t first_half = 0; /* eyes in the first half of their node: shuffled */
    for (uint32_t node = 0; node < 100; node++) {
        uint32_t count[3] = {0};
        for (uint32_t i = 0; i < 100; i++) {
            uint8_t type = colony.type[node * 100 + i];
            count[type]++;
            first_half += type == 0 && i < 50;
        }
        cr_assert(count[0] == 2 || count[0] == 3);
        cr_assert(count[1] == 7 || count[1] == 8);
    }
    cr_assert(first_half > 80 && first_half < 150, "%u of 230", first_half);
    colony_deinit(&colony);
    plan_deinit(&plan);
}

/* A change here is a change of every digest. */
Test(colony, spread_golden) {
    struct plan plan;
    struct colony colony;
    fixture_init(&plan, 24, 3, 2, 1);
    fixture_type(&plan, "eye", 5);
    fixture_type(&plan, "motor", 7);
    fixture_type(&plan, "tissue", 12);
    fixture_bond(&plan, 0, (struct genome_choice){.type = 1, .domain = -1, .cell = -1}, false);
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    char text[25] = "";
    for (uint32_t cell = 0; cell < 24; cell++) {
        text[cell] = "emt"[colony.type[cell]];
    }
    cr_assert_str_eq(text, "emtttmetttmemmettettmttm");
    uint32_t partners = 0;
    for (uint32_t i = 0; i < 5; i++) {
        partners = partners * 24 + colony_bond(&colony, 0, colony.members[i], 0);
    }
    cr_assert_eq(partners, 4458265);
    colony_deinit(&colony);
    plan_deinit(&plan);
}

Test(colony, another_seed_another_place) {
    struct plan plan;
    struct colony a;
    struct colony b;
    fixture_init(&plan, 1000, 10, 1, 1);
    fixture_type(&plan, "eye", 100);
    fixture_type(&plan, "tissue", 900);
    cr_assert_eq(colony_init(&a, &plan, NULL), 0);
    plan.run.seed = 2;
    cr_assert_eq(colony_init(&b, &plan, NULL), 0);
    cr_assert_neq(memcmp(a.type, b.type, 1000), 0);
    colony_deinit(&a);
    colony_deinit(&b);
    plan_deinit(&plan);
}

Test(colony, blocks_lie_in_order) {
    struct plan plan;
    struct colony colony;
    fixture_init(&plan, 10, 3, 1, 1);
    fixture_type(&plan, "a", 4);
    fixture_type(&plan, "b", 1);
    fixture_type(&plan, "c", 5);
    plan.colony.placement = PLACEMENT_BLOCKS;
    plan.colony.type_order[0] = 2;
    plan.colony.type_order[2] = 0;
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    static const uint8_t types[10] = {2, 2, 2, 2, 2, 1, 0, 0, 0, 0};
    cr_assert_eq(memcmp(colony.type, types, 10), 0);
    check_members(&colony);
    colony_deinit(&colony);
    plan_deinit(&plan);
}

Test(colony, nodes_fill_hosts) {
    struct plan plan;
    struct colony colony;
    fixture_init(&plan, 100, 10, 1, 3);
    fixture_type(&plan, "a", 100);
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    static const uint32_t host[10] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
    for (uint32_t node = 0; node < 10; node++) {
        cr_assert_eq(colony_host_of_node(&colony, node), host[node]);
    }
    colony_deinit(&colony);
    plan_deinit(&plan);
}

static struct genome_choice nearby(uint16_t type) {
    struct genome_choice choice = fixture_any();
    choice.type = type;
    choice.where = WHERE_SAME_DOMAIN;
    choice.not_in = WHERE_SAME_NODE;
    return choice;
}

Test(colony, bonds_keep_their_constraints_and_are_drawn_in_order_of_cell) {
    struct plan plan;
    struct colony colony;
    fixture_init(&plan, 2000, 40, 4, 2);
    uint16_t eye = fixture_type(&plan, "eye", 300);
    uint16_t motor = fixture_type(&plan, "motor", 200);
    fixture_type(&plan, "tissue", 1500);
    fixture_bond(&plan, eye, nearby(motor), false);
    fixture_bond(&plan, eye, nearby(eye), false);
    fixture_bond(&plan, motor, nearby(eye), true);
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    for (uint32_t i = colony.first_member[eye]; i < colony.first_member[eye + 1]; i++) {
        uint32_t cell = colony.members[i];
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t fits[2000];
            uint32_t fitting = 0;
            for (uint32_t other = 0; other < 2000; other++) {
                bool fit = other != cell && colony.type[other] == (k == 0 ? motor : eye) &&
                           other / 500 == cell / 500 && other / 50 != cell / 50;
                fits[fitting] = other;
                fitting += fit;
            }
            uint32_t drawn = rng_below(rng_draw(1, RNG_BOND, cell, k), fitting);
            cr_assert_eq(colony_bond(&colony, eye, cell, k), fits[drawn]);
        }
    }
    uint32_t some_motor = colony.members[colony.first_member[motor]];
    cr_assert_eq(colony_bond(&colony, motor, some_motor, 0), COLONY_NOBODY, "drawn each time");
    colony_deinit(&colony);
    plan_deinit(&plan);
}

static void expect_bond_error(bool each_time) {
    struct plan plan;
    struct colony colony;
    struct error error = {""};
    fixture_init(&plan, 100, 2, 2, 1); /* a domain is one node */
    uint16_t eye = fixture_type(&plan, "eye", 10);
    uint16_t motor = fixture_type(&plan, "motor", 90);
    fixture_bond(&plan, eye, nearby(motor), each_time);
    cr_assert_eq(colony_init(&colony, &plan, &error), -1);
    cr_assert(strstr(error.text, "(eye, node 0, domain 0) finds nobody for its bond `partner`"),
              "%s", error.text);
    cr_assert(strstr(error.text, "where: same_domain, not: same_node"), "%s", error.text);
    cr_assert(strstr(error.text, "colony.types.motor"), "%s", error.text);
    cr_assert(strstr(error.text, "genome.types.eye.bonds.partner"), "%s", error.text);
    plan_deinit(&plan);
}

Test(colony, a_bond_that_fits_nobody_names_the_cell) {
    expect_bond_error(false);
    expect_bond_error(true);
}
