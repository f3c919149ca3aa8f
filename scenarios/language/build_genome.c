#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

static void build_signals(struct build *build) {
    struct genome *genome = &build->plan->genome;
    struct node *signals = build->signals;
    if (!signals) {
        return;
    }
    if (signals->count > GENOME_MAX_SIGNALS) {
        mistakes_key(build->mistakes, signals, "more than %d signals", GENOME_MAX_SIGNALS);
        return;
    }
    genome->signal = memory_new(signals->count, sizeof *genome->signal);
    for (struct node *node = signals->first; node; node = node->next) {
        struct genome_signal *signal = &genome->signal[genome->signals++];
        const struct node *map = node->kind == NODE_MAP && !node->bad ? node : NULL;
        signal->name = memory_text(node->key);
        signal->size_bytes = build_number(build, map, "size");
        signal->carries_version = build_is_word(build, map, "carries", "version");
        if (strcmp(node->key, "any") == 0 || strcmp(node->key, "timers") == 0) {
            mistakes_key(build->mistakes, node, "a signal cannot be called `%s`", node->key);
        }
    }
}

static void build_states(struct build_type *at) {
    struct build *build = at->build;
    struct node *states = build_good(at->node, "states"), *start = build_good(at->node, "start");
    uint32_t count = states ? states->count : 0;
    if (count > GENOME_MAX_STATES) {
        mistakes_key(build->mistakes, states, "more than %d states", GENOME_MAX_STATES);
        count = 0;
    }
    at->type->states = (uint16_t)(count ? count : 1);
    at->type->state = memory_new(at->type->states, sizeof *at->type->state);
    if (count == 0) {
        at->type->state[0] = memory_text("resting"); /* nobody named it */
    }
    uint32_t i = 0;
    for (const struct node *node = count ? states->first : NULL; node; node = node->next) {
        at->type->state[i++] = memory_text(node->key);
    }
    if (start && states) {
        int place = build_find(build, states, start, "state");
        at->type->start = (uint16_t)(place < 0 ? 0 : place);
    } else if (start && !at->lenient) {
        mistakes_value(build->mistakes, start, "%s has no states", at->node->key);
    } else if (count > 1 && !start && !node_child(at->node, "start") && !at->lenient) {
        mistakes_key(build->mistakes, states, "%s has %u states and no `start`", at->node->key,
                     count);
    }
}

static void build_bonds(struct build_type *at) {
    struct build *build = at->build;
    struct node *bonds = build_good(at->node, "bonds");
    if (!bonds) {
        return;
    }
    if (bonds->count > 1000) {
        mistakes_key(build->mistakes, bonds, "more than 1000 bonds");
        return;
    }
    at->type->bond = memory_new(bonds->count, sizeof *at->type->bond);
    for (struct node *node = bonds->first; node; node = node->next) {
        struct genome_bond *bond = &at->type->bond[at->type->bonds++];
        bond->name = memory_text(node->key);
        build_choice(build, node, &bond->choice);
        bond->each_time =
            node->kind == NODE_MAP && !node->bad && build_is_word(build, node, "each_time", "true");
        if (strcmp(node->key, "sender") == 0 || strcmp(node->key, "self") == 0) {
            mistakes_key(build->mistakes, node, "a bond cannot be called `%s`", node->key);
        }
    }
}

static void each_of_state(struct build_type *at, struct node *state,
                          void (*visit)(struct build_type *at, struct node *reaction)) {
    if (!state || state->kind != NODE_MAP) {
        return;
    }
    struct node *any = build_good(state, "any"), *timers = build_good(state, "timers");
    if (any) {
        visit(at, any);
    }
    for (struct node *node = timers ? timers->first : NULL; node; node = node->next) {
        if (!node->bad) {
            visit(at, node);
        }
    }
    for (struct node *node = state->first; node; node = node->next) {
        if (!node->bad && strcmp(node->key, "any") != 0 && strcmp(node->key, "timers") != 0) {
            visit(at, node);
        }
    }
}

void build_each_reaction(struct build_type *at,
                         void (*visit)(struct build_type *at, struct node *reaction)) {
    struct node *states = build_good(at->node, "states");
    each_of_state(at, build_good(at->node, "always"), visit);
    for (struct node *node = states ? states->first : NULL; node; node = node->next) {
        each_of_state(at, node->bad ? NULL : node, visit);
    }
}

/* A reaction's key must be a signal (or a timer that something sets), and it is compiled. Its
 * first case is kept in the node's number. */
static void compile(struct build_type *at, struct node *node) {
    struct build *build = at->build;
    bool of_timer = strcmp(node->row->path, "state.timers.*") == 0;
    bool of_signal = strcmp(node->row->path, "state.*") == 0;
    struct node name = *node;
    name.kind = NODE_SCALAR;
    name.text = node->key;
    name.source = node->key_source;
    name.offset = node->key_offset;
    if (of_signal) {
        build_find(build, build->signals, &name, "signal");
    } else if (of_timer && build_timer(at, node->key) < 0 && !at->lenient) {
        mistakes_key(build->mistakes, node, "nothing sets the timer `%s` of %s", node->key,
                     at->node->key);
    }
    node->number = build_reaction(at, node);
}

static uint16_t case_of(const struct node *state, const char *part, const char *key) {
    const struct node *map = part ? build_good(state, part) : state;
    const struct node *node = build_good(map, key);
    return node ? (uint16_t)node->number : GENOME_NONE;
}

/* Looks a column up: the state's own, its `any`, always' own, always' `any`. */
static uint16_t look_up(const struct build_type *at, const struct node *state, const char *part,
                        const char *key) {
    const struct node *places[] = {state, build_good(at->node, "always")};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        uint16_t first = places[i] ? case_of(places[i], part, key) : GENOME_NONE;
        if (first == GENOME_NONE && places[i]) {
            first = case_of(places[i], NULL, "any");
        }
        if (first != GENOME_NONE) {
            return first;
        }
    }
    return GENOME_NONE;
}

static void fill_rows(struct build_type *at) {
    struct genome *genome = &at->build->plan->genome;
    const struct node *states = build_good(at->node, "states");
    const struct node *state = states ? states->first : NULL;
    for (uint32_t s = 0; s < at->type->states; s++) {
        uint16_t *row = genome->table + (size_t)(at->type->first_row + s) * genome->columns;
        for (uint32_t c = 0; c < genome->columns; c++) {
            bool timer = c >= genome->signals;
            if (timer && c - genome->signals >= at->type->timers) {
                row[c] = GENOME_NONE;
                continue;
            }
            const char *key =
                timer ? at->type->timer[c - genome->signals].name : genome->signal[c].name;
            row[c] = look_up(at, state, timer ? "timers" : NULL, key);
        }
        state = state ? state->next : NULL;
    }
}

static void build_type(struct build *build, struct build_type *at, struct node *node) {
    struct genome *genome = &build->plan->genome;
    const struct node *map = node->kind == NODE_MAP && !node->bad ? node : NULL;
    at->build = build;
    at->node = node;
    at->place = genome->types;
    at->type = &genome->type[genome->types++];
    at->lenient = !node_child(build_good(build_good(build->root, "colony"), "types"), node->key);
    at->type->name = memory_text(node->key);
    if (!map) {
        at->type->states = 1;
        at->type->state = memory_new(1, sizeof *at->type->state);
        at->type->state[0] = memory_text("resting");
        return;
    }
    at->type->bytes = build_number(build, map, "bytes");
    at->type->follows = (enum genome_follows)build_word(build, map, "follows");
    build_states(at);
    build_bonds(at);
    build_slots(at);
    build_each_reaction(at, compile);
}

void build_genome(struct build *build) {
    struct genome *genome = &build->plan->genome;
    build_signals(build);
    if (!build->types) {
        return;
    }
    uint32_t count = build->types->count, rows = 0, timers = 0;
    if (count > GENOME_MAX_TYPES) {
        mistakes_key(build->mistakes, build->types, "more than %d types", GENOME_MAX_TYPES);
        build->types = NULL;
        return;
    }
    struct build_type *at = arena_new(&build->reader->arena, count * sizeof *at);
    genome->type = memory_new(count, sizeof *genome->type);
    for (struct node *node = build->types->first; node; node = node->next) {
        struct build_type *here = &at[genome->types];
        build_type(build, here, node);
        here->type->first_row = rows;
        rows += here->type->states;
        timers = here->type->timers > timers ? here->type->timers : timers;
    }
    genome->columns = genome->signals + timers;
    genome->table = memory_new((size_t)rows * genome->columns, sizeof *genome->table);
    for (uint32_t t = 0; t < genome->types; t++) {
        fill_rows(&at[t]);
    }
}
