/* Who fits a choice, against a list made by looking at every cell. */
#include <criterion/criterion.h>

#include "base/rng.h"
#include "model/colony.h"
#include "tests/model/fixture.h"
#include "tests/model/random.h"

enum { MOST_CELLS = 300 };

static bool same_place(const struct colony *c, enum genome_where where, uint32_t a, uint32_t b) {
    uint32_t a_node = colony_node(c, a);
    uint32_t b_node = colony_node(c, b);
    switch (where) {
    case WHERE_SAME_NODE:
        return a_node == b_node;
    case WHERE_SAME_DOMAIN:
        return colony_domain(c, a) == colony_domain(c, b);
    case WHERE_SAME_HOST:
        return colony_host_of_node(c, a_node) == colony_host_of_node(c, b_node);
    case WHERE_ANYWHERE:
        return true;
    }
    return false;
}

static bool fits(const struct colony *c, const struct genome_choice *choice, uint32_t asker,
                 uint32_t cell) {
    if ((choice->type != GENOME_NONE && c->type[cell] != choice->type) ||
        (choice->domain >= 0 && colony_domain(c, cell) != choice->domain) ||
        (choice->cell >= 0 && cell != choice->cell)) {
        return false;
    }
    if (asker == COLONY_NOBODY) {
        return true;
    }
    return cell != asker && same_place(c, choice->where, asker, cell) &&
           (choice->not_in == WHERE_ANYWHERE || !same_place(c, choice->not_in, asker, cell));
}

static enum genome_where random_where(struct random *random) {
    return (enum genome_where)random_below(random, 4);
}

static void check_choice(const struct colony *c, struct random *random) {
    uint32_t cells = c->plan->colony.cells;
    struct genome_choice choice = fixture_any();
    if (random_below(random, 3) > 0) {
        choice.type = (uint16_t)random_below(random, c->plan->genome.types);
    }
    choice.where = random_where(random);
    choice.not_in = random_below(random, 2) ? random_where(random) : WHERE_ANYWHERE;
    if (random_below(random, 4) == 0) {
        choice.domain = random_below(random, c->plan->colony.domains);
    }
    if (random_below(random, 8) == 0) {
        choice.cell = random_below(random, cells);
    }
    bool asked = random_below(random, 8) > 0;
    uint32_t asker = asked ? random_below(random, cells) : COLONY_NOBODY;
    uint32_t list[MOST_CELLS];
    uint32_t count = 0;
    for (uint32_t cell = 0; cell < cells; cell++) {
        list[count] = cell;
        count += fits(c, &choice, asker, cell);
    }
    cr_assert_eq(colony_fitting(c, &choice, asker), count);
    if (count == 0) {
        cr_assert_eq(colony_choose(c, &choice, asker, random_bits(random)), COLONY_NOBODY);
    }
    for (uint32_t i = 0; i < count; i++) {
        /* The least bits that stand for place i. */
        uint64_t bits = (((uint64_t)i << 32) + count - 1) / count << 32;
        cr_assert_eq(rng_below(bits, count), i);
        cr_assert_eq(colony_choose(c, &choice, asker, bits), list[i]);
    }
}

Test(choose, finds_those_that_fit_in_order) {
    struct random random = {.seed = 11};
    for (int i = 0; i < 100; i++) {
        struct plan plan;
        struct colony colony;
        uint32_t cells = 1 + random_below(&random, MOST_CELLS);
        uint32_t nodes = 1 + random_below(&random, cells < 20 ? cells : 20);
        uint32_t hosts = 1 + random_below(&random, nodes < 4 ? nodes : 4);
        fixture_init(&plan, cells, nodes, 1 + random_below(&random, cells), hosts);
        uint32_t some = random_below(&random, (uint64_t)cells + 1);
        fixture_type(&plan, "a", some);
        fixture_type(&plan, "b", cells - some);
        fixture_type(&plan, "nobody", 0);
        cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
        for (int k = 0; k < 200; k++) {
            check_choice(&colony, &random);
        }
        colony_deinit(&colony);
        plan_deinit(&plan);
    }
}

Test(choose, is_uniform) {
    struct plan plan;
    struct colony colony;
    fixture_init(&plan, 40, 4, 1, 1);
    fixture_type(&plan, "a", 20);
    fixture_type(&plan, "b", 20);
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    struct genome_choice choice = fixture_any();
    choice.type = 0;
    uint32_t asker = colony.members[7];
    uint32_t hits[40] = {0};
    enum { DRAWS = 190000 };
    for (uint32_t n = 0; n < DRAWS; n++) {
        uint32_t cell = colony_choose(&colony, &choice, asker, rng_draw(5, RNG_PARTNER, 0, n));
        hits[cell]++;
    }
    uint64_t squares = 0; /* chi square over 19 cells: 10,000 each; 18 degrees of freedom */
    for (uint32_t cell = 0; cell < 40; cell++) {
        bool fit = colony.type[cell] == 0 && cell != asker;
        cr_assert_eq(hits[cell] > 0, fit);
        int64_t off = fit ? (int64_t)hits[cell] - DRAWS / 19 : 0;
        squares += (uint64_t)(off * off);
    }
    cr_assert_lt(squares / (DRAWS / 19), 43, "beyond 1 in 1,000");
    colony_deinit(&colony);
    plan_deinit(&plan);
}
