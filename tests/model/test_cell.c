#include <criterion/criterion.h>
#include <string.h>

#include "base/rng.h"
#include "model/cell.h"
#include "tests/model/fixture.h"

/* Two types of 50 cells on 5 nodes, three signals, one state more, one timer. */
struct world {
    struct plan plan;
    struct colony colony;
    uint8_t stimulus, pain, debug;
    uint16_t eye, motor;
};

static void world_plan(struct world *w) {
    fixture_init(&w->plan, 100, 5, 2, 1);
    w->plan.run.seed = 77;
    w->stimulus = fixture_signal(&w->plan, "stimulus");
    w->pain = fixture_signal(&w->plan, "pain");
    w->debug = fixture_signal(&w->plan, "debug");
    w->eye = fixture_type(&w->plan, "eye", 50);
    w->motor = fixture_type(&w->plan, "motor", 50);
    fixture_state(&w->plan, w->eye, "second");
    fixture_timer(&w->plan, w->eye);
    fixture_timer(&w->plan, w->eye);
}

static struct cell_event event_of(const struct world *w, uint32_t place) {
    return (struct cell_event){.cell = w->colony.members[place],
                               .type = (uint8_t)w->eye,
                               .column = w->stimulus,
                               .wake = 9,
                               .sender = COLONY_NOBODY,
                               .misrouted = -1};
}

static struct cell_outcome react(const struct world *w, const struct cell_event *event) {
    struct cell_outcome outcome;
    memset(&outcome, 0xa5, sizeof outcome); /* what is not filled in must not be looked at */
    cell_react(&w->colony, event, &outcome);
    return outcome;
}

static void world_start(struct world *w) {
    cr_assert_eq(colony_init(&w->colony, &w->plan, NULL), 0);
}

static void world_end(struct world *w) {
    colony_deinit(&w->colony);
    plan_deinit(&w->plan);
}

Test(cell, without_a_reaction_it_wakes_and_does_nothing) {
    struct world w;
    world_plan(&w);
    fixture_table(&w.plan);
    world_start(&w);
    struct cell_event event = event_of(&w, 3);
    event.state = 1;
    struct cell_outcome o = react(&w, &event);
    cr_assert_null(cell_case(&w.colony, &event));
    cr_assert(o.work_ns == 0 && o.touch_bytes == 0 && o.state == 1 && o.adopt && o.effects == 0);
    world_end(&w);
}

static void full_reaction(struct world *w) {
    struct genome_reaction *r = fixture_reaction(&w->plan, w->eye, 0, w->stimulus);
    r->work = (struct law){LAW_EXPONENTIAL, 5000, 0};
    r->touch_bytes = 640;
    r->next = 1;
    r->adopt = false;
    fixture_send(r, w->pain, TO_BOND);
    fixture_send(r, w->debug, TO_CHOICE)->choice.where = WHERE_SAME_NODE;
    fixture_send(r, w->pain, TO_SELF);
    fixture_send(r, w->pain, TO_SENDER);
    fixture_send(r, w->debug, TO_BOND)->bond = 1;
    fixture_publish(r, w->debug, "karyon.global");
    fixture_publish(r, w->pain, "domain.{domain}.pain");
    fixture_subscribe(r, 3, "a.>");
    fixture_subscribe(r, 2, NULL);
    fixture_set_timer(r, 1)->after = (struct law){LAW_UNIFORM, 10, 1000};
    fixture_set_timer(r, 0)->after = (struct law){LAW_CONSTANT, 42, 0};
    fixture_set_timer(r, 0)->stop = true;
}

static void full_world(struct world *w) {
    world_plan(w);
    struct genome_choice motor = fixture_any();
    motor.type = w->motor;
    fixture_bond(&w->plan, w->eye, motor, false);
    fixture_bond(&w->plan, w->eye, motor, true);
    fixture_table(&w->plan);
    full_reaction(w);
    world_start(w);
}

static void expect_send(const struct effect *e, uint8_t signal, uint32_t target) {
    cr_expect(e->kind == EFFECT_SEND && e->signal == signal && e->target == target,
              "kind %d signal %u target %u", (int)e->kind, e->signal, e->target);
}

static uint64_t draw(const struct cell_event *event, uint32_t purpose, uint32_t k) {
    return rng_draw(77, purpose | k << 8, event->cell, event->wake);
}

Test(cell, effects_come_in_order_with_their_draws) {
    struct world w;
    full_world(&w);
    struct cell_event event = event_of(&w, 3);
    event.sender = 12;
    struct cell_outcome o = react(&w, &event);
    const struct law work = {LAW_EXPONENTIAL, 5000, 0};
    const struct law timer = {LAW_UNIFORM, 10, 1000};
    struct genome_choice node = fixture_any();
    node.where = WHERE_SAME_NODE;
    const struct genome_choice *bond = &w.plan.genome.type[w.eye].bond[1].choice;
    cr_assert_eq(o.work_ns, law_value(&work, draw(&event, RNG_WORK, 0)));
    cr_assert(o.touch_bytes == 640 && o.state == 1 && !o.adopt);
    cr_assert_eq(o.effects, 12);
    const struct effect *e = o.effect;
    expect_send(e++, w.pain, colony_bond(&w.colony, w.eye, event.cell, 0));
    expect_send(e++, w.debug,
                colony_choose(&w.colony, &node, event.cell, draw(&event, RNG_PARTNER, 1)));
    expect_send(e++, w.pain, event.cell);
    expect_send(e++, w.pain, 12);
    expect_send(e++, w.debug,
                colony_choose(&w.colony, bond, event.cell, draw(&event, RNG_PARTNER, 4)));
    cr_assert(e->kind == EFFECT_PUBLISH && e->signal == w.debug);
    cr_assert_str_eq(e++->subject, "karyon.global");
    cr_assert(e->kind == EFFECT_PUBLISH && e->signal == w.pain);
    cr_assert_str_eq(e++->subject, "domain.{domain}.pain");
    cr_assert(e->kind == EFFECT_SUBSCRIBE && e->slot == 3);
    cr_assert_str_eq(e++->subject, "a.>");
    cr_assert(e->kind == EFFECT_UNSUBSCRIBE && e->slot == 2);
    e++;
    cr_assert(e->kind == EFFECT_SET_TIMER && e->slot == 1);
    cr_assert_eq(e++->after_ns, law_value(&timer, draw(&event, RNG_TIMER, 1)));
    cr_assert(e->kind == EFFECT_SET_TIMER && e->slot == 0 && e->after_ns == 42);
    e++;
    cr_assert(e->kind == EFFECT_STOP_TIMER && e->slot == 0);
    world_end(&w);
}

Test(cell, a_send_to_nobody_is_left_out_and_moves_no_draw) {
    struct world w;
    full_world(&w);
    struct cell_event event = event_of(&w, 3);
    struct cell_outcome without = react(&w, &event);
    event.sender = 12;
    struct cell_outcome with = react(&w, &event);
    cr_assert_eq(without.effects, 11);
    for (uint32_t i = 0; i < without.effects; i++) {
        const struct effect *a = &without.effect[i];
        const struct effect *b = &with.effect[i < 3 ? i : i + 1];
        cr_assert_eq(a->kind, b->kind);
        cr_assert(a->kind != EFFECT_SEND || a->target == b->target);
    }
    world_end(&w);
}

Test(cell, a_choice_that_nobody_fits_is_left_out) {
    struct world w;
    world_plan(&w);
    uint16_t rare = fixture_type(&w.plan, "rare", 0);
    fixture_table(&w.plan);
    struct genome_reaction *r = fixture_reaction(&w.plan, w.eye, 0, w.stimulus);
    fixture_send(r, w.pain, TO_CHOICE)->choice.type = rare;
    fixture_send(r, w.pain, TO_CHOICE)->choice.cell = 4;
    world_start(&w);
    for (uint32_t i = 0; i < 50; i++) {
        struct cell_event event = event_of(&w, i);
        struct cell_outcome o = react(&w, &event);
        cr_assert_eq(o.effects, event.cell != 4, "never itself");
        cr_assert(o.effects == 0 || o.effect[0].target == 4);
    }
    world_end(&w);
}

Test(cell, misrouted_sends_become_publications_in_their_place) {
    struct world w;
    full_world(&w);
    struct cell_event event = event_of(&w, 3);
    event.misrouted = w.debug;
    struct cell_outcome o = react(&w, &event);
    cr_assert_eq(o.effects, 11);
    cr_assert(o.effect[0].kind == EFFECT_SEND && o.effect[0].signal == w.pain);
    for (uint32_t i = 1; i < 4; i += 2) {
        cr_assert_eq(o.effect[i].kind, EFFECT_PUBLISH);
        cr_assert_eq(o.effect[i].signal, w.debug);
        cr_assert_null(o.effect[i].subject, "the fault's own");
    }
    cr_assert_eq(o.effect[2].target, event.cell);
    cr_assert_not_null(o.effect[4].subject, "publications stay what they are");
    world_end(&w);
}

static void conditional(struct genome_reaction *r, int64_t work_ns) {
    r->conditional = true;
    r->work.a_ns = work_ns;
}

Test(cell, the_first_case_that_fits) {
    struct world w;
    world_plan(&w);
    fixture_table(&w.plan);
    struct genome_reaction *r = fixture_reaction(&w.plan, w.eye, 0, w.stimulus);
    conditional(r, 1);
    r->when_newer = true;
    r->when_from = w.motor;
    conditional(r = fixture_reaction(&w.plan, w.eye, 0, w.stimulus), 2);
    r->when_from = w.motor;
    conditional(r = fixture_reaction(&w.plan, w.eye, 0, w.stimulus), 3);
    r->when_newer = true;
    world_start(&w);
    uint32_t motor = w.colony.members[w.colony.first_member[w.motor]];
    uint32_t eye = w.colony.members[1];
    const struct {
        uint32_t sender;
        bool newer;
        int64_t work_ns; /* 0: none fits */
    } cases[] = {{motor, true, 1}, {motor, false, 2},        {eye, true, 3},
                 {eye, false, 0},  {COLONY_NOBODY, true, 3}, {COLONY_NOBODY, false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell_event event = event_of(&w, 0);
        event.sender = cases[i].sender;
        event.newer = cases[i].newer;
        cr_expect_eq(react(&w, &event).work_ns, cases[i].work_ns);
    }
    world_end(&w);
}

Test(cell, probability_is_drawn_by_the_place_of_the_case) {
    struct world w;
    world_plan(&w);
    fixture_table(&w.plan);
    static const uint64_t ppb[3] = {300000000, 0, 1000000000};
    for (uint32_t k = 0; k < 3; k++) {
        struct genome_reaction *r = fixture_reaction(&w.plan, w.eye, 0, w.stimulus);
        conditional(r, k + 1);
        r->when_probability = true;
        r->probability_ppb = ppb[k];
    }
    world_start(&w);
    uint32_t first = 0;
    for (uint32_t wake = 0; wake < 20000; wake++) {
        struct cell_event event = event_of(&w, wake % 50);
        event.wake = wake;
        uint64_t bits = draw(&event, RNG_WHEN, 0);
        bool fits = rng_below(bits, 1000000000) < ppb[0];
        cr_assert_eq(react(&w, &event).work_ns, fits ? 1 : 3);
        first += fits;
    }
    cr_assert(first > 5700 && first < 6300, "%u of 20,000", first);
    world_end(&w);
}
