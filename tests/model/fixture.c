#include "tests/model/fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "base/split.h"

void fixture_init(struct plan *plan, uint32_t cells, uint32_t nodes, uint32_t domains,
                  uint32_t hosts) {
    memset(plan, 0, sizeof *plan);
    plan->run.seed = 1;
    plan->hosts = hosts;
    plan->host = memory_new(hosts, sizeof *plan->host);
    plan->colony.cells = cells;
    plan->colony.nodes = nodes;
    plan->colony.domains = domains;
    plan->colony.host_nodes = memory_new(hosts, sizeof(uint32_t));
    struct split split = split_make(nodes, hosts);
    for (uint32_t h = 0; h < hosts; h++) {
        char name[24];
        snprintf(name, sizeof name, "host_%u", h);
        plan->host[h].name = memory_text(name);
        plan->colony.host_nodes[h] = split_first(&split, h + 1) - split_first(&split, h);
    }
    plan->colony.type_cells = memory_new(FIXTURE_MAX, sizeof(uint32_t));
    plan->colony.type_order = memory_new(FIXTURE_MAX, sizeof(uint16_t));
    plan->genome.signal = memory_new(FIXTURE_MAX, sizeof *plan->genome.signal);
    plan->genome.type = memory_new(FIXTURE_MAX, sizeof *plan->genome.type);
    plan->genome.reaction = memory_new(FIXTURE_MAX, sizeof *plan->genome.reaction);
}

uint8_t fixture_signal(struct plan *plan, const char *name) {
    NERVE_ASSERT(plan->genome.signals < FIXTURE_MAX);
    plan->genome.signal[plan->genome.signals].name = memory_text(name);
    return (uint8_t)plan->genome.signals++;
}

uint16_t fixture_type(struct plan *plan, const char *name, uint32_t cells) {
    NERVE_ASSERT(plan->genome.types < FIXTURE_MAX);
    uint16_t number = plan->genome.types++;
    struct genome_type *type = &plan->genome.type[number];
    type->name = memory_text(name);
    type->state = memory_new(FIXTURE_MAX, sizeof *type->state);
    type->subscription = memory_new(FIXTURE_MAX, sizeof *type->subscription);
    type->bond = memory_new(FIXTURE_MAX, sizeof *type->bond);
    type->timer = memory_new(FIXTURE_MAX, sizeof *type->timer);
    fixture_state(plan, number, "first");
    plan->colony.type_cells[number] = cells;
    if (cells > 0) {
        plan->colony.type_order[plan->colony.types_placed++] = number;
    }
    return number;
}

void fixture_state(struct plan *plan, uint16_t type, const char *name) {
    struct genome_type *t = &plan->genome.type[type];
    NERVE_ASSERT(t->states < FIXTURE_MAX);
    t->state[t->states++] = memory_text(name);
}

uint8_t fixture_subscription(struct plan *plan, uint16_t type, const char *subject) {
    struct genome_type *t = &plan->genome.type[type];
    NERVE_ASSERT(t->subscriptions < FIXTURE_MAX);
    t->subscription[t->subscriptions].name = memory_text("subscription");
    t->subscription[t->subscriptions].subject = subject ? memory_text(subject) : NULL;
    return (uint8_t)t->subscriptions++;
}

uint16_t fixture_bond(struct plan *plan, uint16_t type, struct genome_choice choice,
                      bool each_time) {
    struct genome_type *t = &plan->genome.type[type];
    NERVE_ASSERT(t->bonds < FIXTURE_MAX);
    t->bond[t->bonds] = (struct genome_bond){
        .name = memory_text("partner"), .choice = choice, .each_time = each_time};
    return t->bonds++;
}

uint8_t fixture_timer(struct plan *plan, uint16_t type) {
    struct genome_type *t = &plan->genome.type[type];
    NERVE_ASSERT(t->timers < FIXTURE_MAX);
    t->timer[t->timers].name = memory_text("timer");
    return (uint8_t)t->timers++;
}

struct genome_choice fixture_any(void) {
    return (struct genome_choice){.type = GENOME_NONE, .domain = -1, .cell = -1};
}

void fixture_table(struct plan *plan) {
    struct genome *g = &plan->genome;
    uint32_t rows = 0;
    uint32_t timers = 0;
    for (uint32_t t = 0; t < g->types; t++) {
        g->type[t].first_row = rows;
        rows += g->type[t].states;
        timers = g->type[t].timers > timers ? g->type[t].timers : timers;
    }
    g->columns = g->signals + timers;
    g->table = memory_new((size_t)rows * g->columns, sizeof *g->table);
    memset(g->table, 0xff, (size_t)rows * g->columns * sizeof *g->table);
}

struct genome_reaction *fixture_reaction(struct plan *plan, uint16_t type, uint16_t state,
                                         uint32_t column) {
    struct genome *g = &plan->genome;
    NERVE_ASSERT(g->reactions < FIXTURE_MAX && g->table);
    struct genome_reaction *r = &g->reaction[g->reactions];
    *r = (struct genome_reaction){
        .when_from = GENOME_NONE, .otherwise = GENOME_NONE, .adopt = true, .next = GENOME_NONE};
    uint16_t *at = &g->table[(g->type[type].first_row + state) * g->columns + column];
    while (*at != GENOME_NONE) {
        r->place = (uint8_t)(g->reaction[*at].place + 1);
        at = &g->reaction[*at].otherwise;
    }
    *at = (uint16_t)g->reactions++;
    r->send = memory_new(FIXTURE_MAX, sizeof *r->send);
    r->publish = memory_new(FIXTURE_MAX, sizeof *r->publish);
    r->subscribe = memory_new(FIXTURE_MAX, sizeof *r->subscribe);
    r->timer = memory_new(FIXTURE_MAX, sizeof *r->timer);
    return r;
}

struct genome_send *fixture_send(struct genome_reaction *reaction, uint8_t signal,
                                 enum genome_to to) {
    NERVE_ASSERT(reaction->sends < FIXTURE_MAX);
    struct genome_send *send = &reaction->send[reaction->sends++];
    *send = (struct genome_send){.signal = signal, .to = to, .choice = fixture_any()};
    return send;
}

void fixture_publish(struct genome_reaction *reaction, uint8_t signal, const char *subject) {
    NERVE_ASSERT(reaction->publishes < FIXTURE_MAX);
    reaction->publish[reaction->publishes++] =
        (struct genome_publish){.signal = signal, .subject = memory_text(subject)};
}

void fixture_subscribe(struct genome_reaction *reaction, uint8_t slot, const char *subject) {
    NERVE_ASSERT(reaction->subscribes < FIXTURE_MAX);
    reaction->subscribe[reaction->subscribes++] =
        (struct genome_subscribe){.slot = slot, .subject = subject ? memory_text(subject) : NULL};
}

struct genome_set_timer *fixture_set_timer(struct genome_reaction *reaction, uint8_t timer) {
    NERVE_ASSERT(reaction->timers < FIXTURE_MAX);
    struct genome_set_timer *set = &reaction->timer[reaction->timers++];
    *set = (struct genome_set_timer){.timer = timer};
    return set;
}
