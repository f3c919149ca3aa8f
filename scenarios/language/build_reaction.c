#include <string.h>

#include "base/memory.h"
#include "model/cell.h"
#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

enum { MOST_CASES = 200, MOST_REACTIONS = 65000 };

/* The first of one or a list; then the next by next_of. */
static struct node *first_of(struct node *node) {
    return node && node->kind == NODE_LIST ? node->first : node;
}

static struct node *next_of(const struct node *node, const struct node *at) {
    return node == at ? NULL : at->next;
}

static uint16_t count_of(const struct node *node) {
    return (uint16_t)(!node ? 0 : node->kind == NODE_LIST ? node->count : 1);
}

static uint8_t signal_of(struct build_type *at, const struct node *node) {
    struct node *signal = node->kind == NODE_MAP ? build_good(node, "signal") : NULL;
    int place = signal ? build_find(at->build, at->build->signals, signal, "signal") : -1;
    return (uint8_t)(place < 0 ? 0 : place);
}

/* `to: NAME`: a bond, sender or self. */
static void send_to_name(struct build_type *at, struct node *to, struct genome_send *send) {
    struct build *build = at->build;
    send->to = strcmp(to->text, "sender") == 0 ? TO_SENDER : TO_SELF;
    if (send->to == TO_SENDER || strcmp(to->text, "self") == 0) {
        return;
    }
    send->to = TO_BOND;
    struct suggest suggest = suggest_begin(to->text);
    for (uint16_t i = 0; i < at->type->bonds; i++) {
        if (strcmp(at->type->bond[i].name, to->text) == 0) {
            send->bond = i;
            return;
        }
        suggest_offer(&suggest, at->type->bond[i].name);
    }
    suggest_offer(&suggest, "sender");
    suggest_offer(&suggest, "self");
    char text[SUGGEST_TEXT_BYTES];
    send->to = TO_SENDER; /* safe: it is never run */
    if (at->lenient || to->bad) {
        return;
    }
    if (node_child(build->types, to->text)) {
        mistakes_value(build->mistakes, to, "%s has no bond `%s`; the type is {type: %s}",
                       at->node->key, to->text, to->text);
    } else {
        mistakes_value(build->mistakes, to, "%s has no bond `%s`%s", at->node->key, to->text,
                       suggest_text(&suggest, text));
    }
}

static void fill_sends(struct build_type *at, struct node *list, struct genome_reaction *to) {
    to->send = memory_new(count_of(list), sizeof *to->send);
    for (struct node *node = first_of(list); node; node = next_of(list, node)) {
        struct genome_send *send = &to->send[to->sends++];
        struct node *whom = build_good(node, "to");
        send->signal = signal_of(at, node);
        if (whom && whom->kind == NODE_MAP) {
            send->to = TO_CHOICE;
            build_choice(at->build, whom, &send->choice);
        } else if (whom) {
            send_to_name(at, whom, send);
        }
    }
}

static void fill_publishes(struct build_type *at, struct node *list, struct genome_reaction *to) {
    to->publish = memory_new(count_of(list), sizeof *to->publish);
    for (struct node *node = first_of(list); node; node = next_of(list, node)) {
        const struct node *subject = build_good(node, "subject");
        to->publish[to->publishes].signal = signal_of(at, node);
        to->publish[to->publishes++].subject = memory_text(subject ? subject->text : "");
    }
}

static void say_no_name(struct build_type *at, struct node *name, const char *what) {
    if (!at->lenient && !name->bad) {
        mistakes_value(at->build->mistakes, name, "%s has no %s `%s`", at->node->key, what,
                       name->text);
    }
}

static void fill_subscribes(struct build_type *at, const struct node *node,
                            struct genome_reaction *to) {
    struct node *map = build_good(node, "subscribe"), *list = build_good(node, "unsubscribe");
    size_t most = (map ? map->count : 0U) + count_of(list);
    to->subscribe = memory_new(most, sizeof *to->subscribe);
    for (struct node *name = map ? map->first : NULL; name; name = name->next) {
        int slot = build_slot(at, name->key);
        if (slot >= 0 && !name->bad) {
            to->subscribe[to->subscribes++] =
                (struct genome_subscribe){(uint8_t)slot, memory_text(name->text)};
        }
    }
    for (struct node *name = first_of(list); name; name = next_of(list, name)) {
        int slot = build_slot(at, name->text);
        if (slot >= 0) {
            to->subscribe[to->subscribes++] = (struct genome_subscribe){(uint8_t)slot, NULL};
        } else {
            say_no_name(at, name, "subscription");
        }
    }
}

static void fill_timers(struct build_type *at, const struct node *node,
                        struct genome_reaction *to) {
    struct node *map = build_good(node, "set_timer"), *list = build_good(node, "stop_timer");
    size_t most = (map ? map->count : 0U) + count_of(list);
    to->timer = memory_new(most, sizeof *to->timer);
    for (struct node *name = map ? map->first : NULL; name; name = name->next) {
        int place = build_timer(at, name->key);
        if (place >= 0) {
            struct genome_set_timer *set = &to->timer[to->timers++];
            set->timer = (uint8_t)place;
            build_law(at->build, name, &set->after);
        }
    }
    for (struct node *name = first_of(list); name; name = next_of(list, name)) {
        int place = build_timer(at, name->text);
        if (place >= 0) {
            to->timer[to->timers++] =
                (struct genome_set_timer){.timer = (uint8_t)place, .stop = true};
        } else {
            say_no_name(at, name, "timer");
        }
    }
}

static void fill_when(struct build_type *at, const struct node *node, struct genome_reaction *to) {
    struct node *when = build_good(node, "when");
    to->when_from = GENOME_NONE;
    if (!when || when->kind != NODE_MAP) {
        return;
    }
    const struct node *probability = build_good(when, "probability");
    struct node *from = build_good(when, "from");
    int type = from ? build_find(at->build, at->build->types, from, "type") : -1;
    to->conditional = true;
    to->when_newer = build_good(when, "newer") != NULL;
    to->when_probability = probability != NULL;
    to->probability_ppb = probability ? (uint64_t)probability->number : 0;
    to->when_from = (uint16_t)(type < 0 ? GENOME_NONE : type);
    if (!when->first) {
        mistakes_value(at->build->mistakes, when, "a condition that says nothing");
    }
}

static void fill_next(struct build_type *at, const struct node *node, struct genome_reaction *to) {
    struct node *next = build_good(node, "next");
    const struct node *states = build_good(at->node, "states");
    to->next = GENOME_NONE;
    if (!next) {
        return;
    }
    if (!states || at->lenient) {
        if (!at->lenient) {
            mistakes_value(at->build->mistakes, next, "%s has no states", at->node->key);
        }
        return;
    }
    int place = build_find(at->build, states, next, "state");
    to->next = (uint16_t)(place < 0 ? GENOME_NONE : place);
}

static void fill_case(struct build_type *at, struct node *node, struct genome_reaction *to) {
    to->otherwise = to->next = to->when_from = GENOME_NONE;
    to->adopt = true;
    if (node->kind != NODE_MAP || node->bad) {
        return;
    }
    fill_when(at, node, to);
    fill_next(at, node, to);
    build_law(at->build, build_good(node, "work"), &to->work);
    to->touch_bytes = build_number(at->build, node, "touch");
    to->adopt = !build_is_word(at->build, node, "adopt", "false");
    fill_sends(at, build_good(node, "send"), to);
    fill_publishes(at, build_good(node, "publish"), to);
    fill_subscribes(at, node, to);
    fill_timers(at, node, to);
    unsigned effects = (unsigned)to->sends + to->publishes + to->subscribes + to->timers;
    if (effects > CELL_MAX_EFFECTS) {
        mistakes_value(at->build->mistakes, node,
                       "%u sends, publications, subscriptions and timers: at most %d in one "
                       "reaction",
                       effects, CELL_MAX_EFFECTS);
    }
}

uint16_t build_reaction(struct build_type *at, struct node *node) {
    struct genome *genome = &at->build->plan->genome;
    uint32_t cases = count_of(node), first = genome->reactions;
    if (cases == 0 || cases > MOST_CASES || first + cases > MOST_REACTIONS) {
        mistakes_value(at->build->mistakes, node, cases ? "too many cases" : "a list of no case");
        return GENOME_NONE;
    }
    genome->reaction = memory_grow(genome->reaction, first + cases, sizeof *genome->reaction);
    memset(genome->reaction + first, 0, cases * sizeof *genome->reaction);
    genome->reactions += cases;
    uint32_t i = 0;
    bool always_fits = false;
    for (struct node *item = first_of(node); item; item = next_of(node, item), i++) {
        struct genome_reaction *to = &genome->reaction[first + i];
        fill_case(at, item, to);
        to->place = (uint8_t)i;
        to->otherwise = (uint16_t)(i + 1 < cases ? first + i + 1 : GENOME_NONE);
        if (always_fits) {
            mistakes_value(at->build->mistakes, item,
                           "never reached: the case before has no `when`");
        }
        always_fits = always_fits || (!to->conditional && !item->bad);
    }
    return (uint16_t)first;
}
