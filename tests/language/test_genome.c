/* The genome's dense tables: look-ups, slots, timers, cases. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/language/helpers.h"

static const char text[] =
    "name: g\n"
    "run: {duration: 1s}\n"
    "hosts: {here: {profile: epyc-2}}\n"
    "colony: {cells: 10, cells_per_node: 3, types: {a: rest}}\n"
    "genome:\n"
    "  signals: {x: {size: 1B}, y: {size: 2B}, z: {size: 3B, carries: version}}\n"
    "  types:\n"
    "    a:\n"
    "      subscribe: {news: \"d.{domain}.>\", more: m}\n"
    "      bonds: {b: {type: a, where: same_node, not: same_domain, each_time: true}, c: {type: "
    "a}}\n"
    "      follows: colony\n"
    "      bytes: 3KiB\n"
    "      timers: {born: {law: uniform, min: 1ms, max: 2ms}}\n"
    "      start: two\n"
    "      states:\n"
    "        one:\n"
    "          x: {work: 1us}\n"
    "          any: {work: 2us}\n"
    "        two:\n"
    "          z:\n"
    "            - {when: {newer: true, from: a, probability: 5ppb}, work: 3us, next: one}\n"
    "            - {when: {probability: 25%}, adopt: false, touch: 1KiB}\n"
    "            - work: 4us\n"
    "              send: [{signal: x, to: sender}, {signal: y, to: self}, {signal: z, to: c},\n"
    "                     {signal: x, to: {type: a, where: same_host, not: same_node, domain: "
    "0}}]\n"
    "              publish: {signal: z, subject: \"d.{domain}.{node}.{cell}.{type}.{host}\"}\n"
    "              subscribe: {extra: \"e.*\", news: n}\n"
    "              unsubscribe: [more, extra]\n"
    "              set_timer: {later: 5ms, born: {law: exponential, mean: 1ms}}\n"
    "              stop_timer: later\n"
    "          timers: {later: {work: 6us}}\n"
    "      always:\n"
    "        y: {work: 7us}\n"
    "        timers: {born: {work: 8us}}\n";

static int64_t work(const struct genome *genome, uint32_t state, uint32_t column) {
    const struct genome_reaction *reaction = genome_first(genome, 0, state, column);
    return reaction ? reaction->work.a_ns : -1;
}

Test(genome, look_ups_are_resolved) {
    struct scenario scenario;
    load_right(&scenario, text);
    const struct genome *g = &scenario.plan.genome;
    cr_assert(g->columns == 5 && g->type[0].timers == 2);
    enum { X, Y, Z, BORN, LATER };
    cr_assert_eq(work(g, 0, X), 1000); /* the state's own */
    cr_assert_eq(work(g, 0, Y), 2000); /* the state's any, before always' own */
    cr_assert_eq(work(g, 0, Z), 2000);
    cr_assert_eq(work(g, 0, BORN), 2000); /* a timer is a signal too */
    cr_assert_eq(work(g, 1, X), -1);      /* nothing at all */
    cr_assert_eq(work(g, 1, Y), 7000);    /* always' own */
    cr_assert_eq(work(g, 1, Z), 3000);
    cr_assert_eq(work(g, 1, BORN), 8000);
    cr_assert_eq(work(g, 1, LATER), 6000);
    scenario_deinit(&scenario);
}

Test(genome, cases) {
    struct scenario scenario;
    load_right(&scenario, text);
    const struct genome *g = &scenario.plan.genome;
    const struct genome_reaction *first = genome_first(g, 0, 1, 2);
    cr_assert(first->conditional && first->when_newer && first->when_probability);
    cr_assert(first->probability_ppb == 5 && first->when_from == 0 && first->next == 0);
    cr_assert(first->adopt && first->place == 0);
    const struct genome_reaction *second = &g->reaction[first->otherwise];
    cr_assert(second->conditional && !second->when_newer && second->when_from == GENOME_NONE);
    cr_assert(second->probability_ppb == 250000000 && !second->adopt && second->place == 1);
    cr_assert(second->touch_bytes == 1024 && second->next == GENOME_NONE);
    const struct genome_reaction *third = &g->reaction[second->otherwise];
    cr_assert(!third->conditional && third->otherwise == GENOME_NONE);
    cr_assert(third->sends == 4 && third->publishes == 1);
    cr_assert(third->send[0].to == TO_SENDER && third->send[1].to == TO_SELF);
    cr_assert(third->send[2].to == TO_BOND && third->send[2].bond == 1);
    const struct genome_choice *choice = &third->send[3].choice;
    cr_assert(third->send[3].to == TO_CHOICE && choice->type == 0 && choice->domain == 0);
    cr_assert(choice->where == WHERE_SAME_HOST && choice->not_in == WHERE_SAME_NODE);
    cr_assert_eq(choice->cell, -1);
    cr_assert_str_eq(third->publish[0].subject, "d.{domain}.{node}.{cell}.{type}.{host}");
    scenario_deinit(&scenario);
}

Test(genome, slots_and_timers) {
    struct scenario scenario;
    load_right(&scenario, text);
    const struct genome_type *type = &scenario.plan.genome.type[0];
    cr_assert_eq(type->subscriptions, 3);
    cr_assert_str_eq(type->subscription[0].name, "news");
    cr_assert_str_eq(type->subscription[0].subject, "d.{domain}.>");
    cr_assert_str_eq(type->subscription[2].name, "extra");
    cr_assert_null(type->subscription[2].subject);
    cr_assert(type->timer[0].at_birth && type->timer[0].first.kind == LAW_UNIFORM);
    cr_assert_not(type->timer[1].at_birth);
    const struct genome *g = &scenario.plan.genome;
    const struct genome_reaction *reaction = genome_first(g, 0, 1, 2);
    reaction = &g->reaction[g->reaction[reaction->otherwise].otherwise];
    cr_assert(reaction->subscribes == 4 && reaction->timers == 3);
    cr_assert(reaction->subscribe[0].slot == 2 && !strcmp(reaction->subscribe[0].subject, "e.*"));
    cr_assert(reaction->subscribe[1].slot == 0 && reaction->subscribe[2].slot == 1);
    cr_assert(!reaction->subscribe[2].subject && reaction->subscribe[3].slot == 2);
    cr_assert(reaction->timer[0].timer == 1 && reaction->timer[0].after.a_ns == 5000000);
    cr_assert(reaction->timer[1].timer == 0 && reaction->timer[1].after.kind == LAW_EXPONENTIAL);
    cr_assert(reaction->timer[2].stop && reaction->timer[2].timer == 1);
    scenario_deinit(&scenario);
}

Test(genome, types) {
    struct scenario scenario;
    load_right(&scenario, text);
    const struct genome_type *type = &scenario.plan.genome.type[0];
    cr_assert(type->states == 2 && type->start == 1 && type->bytes == 3072);
    cr_assert_eq(type->follows, FOLLOWS_COLONY);
    cr_assert(type->bonds == 2 && type->bond[0].each_time && !type->bond[1].each_time);
    cr_assert_eq(type->bond[0].choice.not_in, WHERE_SAME_DOMAIN);
    cr_assert(!scenario.plan.genome.signal[0].carries_version);
    cr_assert(scenario.plan.genome.signal[2].carries_version);
    cr_assert_eq(scenario.plan.genome.signal[2].size_bytes, 3);
    scenario_deinit(&scenario);
}

Test(genome, a_type_without_states_has_one) {
    struct scenario scenario;
    load_small(&scenario, "");
    cr_assert_eq(scenario.plan.genome.type[3].states, 1);
    cr_assert_eq(genome_first(&scenario.plan.genome, 3, 0, 0)->work.a_ns, 5000);
    scenario_deinit(&scenario);
}

Test(genome, too_many_effects) {
    char sends[4000] = "";
    for (int i = 0; i < 65; i++) {
        strcat(sends, "{signal: touch, to: self},");
    }
    char more[5000];
    snprintf(
        more, sizeof more,
        "extends: misrouted-debug\ngenome: {signals: {touch: {size: 1B}}, types: {eye: {states: "
        "{watching: {stimulus: {send: [%s]}}}}}}\n",
        sends);
    refuse(more, "at most 64 in one reaction");
}
