#include <string.h>

#include "base/memory.h"
#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

int build_slot(const struct build_type *at, const char *name) {
    for (int i = 0; i < at->type->subscriptions; i++) {
        if (strcmp(at->type->subscription[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int build_timer(const struct build_type *at, const char *name) {
    for (int i = 0; i < at->type->timers; i++) {
        if (strcmp(at->type->timer[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void add_slot(struct build_type *at, struct node *node, bool at_birth) {
    struct genome_type *type = at->type;
    if (build_slot(at, node->key) >= 0) {
        return;
    }
    if (type->subscriptions == GENOME_MAX_SUBSCRIPTIONS) {
        mistakes_key(at->build->mistakes, node, "more than %d subscriptions of one type",
                     GENOME_MAX_SUBSCRIPTIONS);
        return;
    }
    type->subscription =
        memory_grow(type->subscription, type->subscriptions + 1U, sizeof *type->subscription);
    type->subscription[type->subscriptions++] = (struct genome_subscription){
        memory_text(node->key), at_birth ? memory_text(node->text) : NULL};
}

static void add_timer(struct build_type *at, struct node *node, bool at_birth) {
    struct genome_type *type = at->type;
    if (build_timer(at, node->key) >= 0) {
        return;
    }
    if (type->timers == GENOME_MAX_TIMERS) {
        mistakes_key(at->build->mistakes, node, "more than %d timers of one type",
                     GENOME_MAX_TIMERS);
        return;
    }
    type->timer = memory_grow(type->timer, type->timers + 1U, sizeof *type->timer);
    struct genome_timer *timer = &type->timer[type->timers++];
    *timer = (struct genome_timer){.name = memory_text(node->key), .at_birth = at_birth};
    if (at_birth) {
        build_law(at->build, node, &timer->first);
    }
}

static void slots_of_case(struct build_type *at, const struct node *reaction) {
    const struct node *subscribe = build_good(reaction, "subscribe");
    const struct node *set_timer = build_good(reaction, "set_timer");
    for (struct node *node = subscribe ? subscribe->first : NULL; node; node = node->next) {
        if (!node->bad) {
            add_slot(at, node, false);
        }
    }
    for (struct node *node = set_timer ? set_timer->first : NULL; node; node = node->next) {
        if (!node->bad) {
            add_timer(at, node, false);
        }
    }
}

static void slots_of_reaction(struct build_type *at, struct node *reaction) {
    if (reaction->kind == NODE_MAP) {
        slots_of_case(at, reaction);
    }
    for (const struct node *item = reaction->kind == NODE_LIST ? reaction->first : NULL; item;
         item = item->next) {
        slots_of_case(at, item->bad ? NULL : item);
    }
}

void build_slots(struct build_type *at) {
    const struct node *subscribe = build_good(at->node, "subscribe");
    const struct node *timers = build_good(at->node, "timers");
    for (struct node *node = subscribe ? subscribe->first : NULL; node; node = node->next) {
        if (!node->bad) {
            add_slot(at, node, true);
        }
    }
    for (struct node *node = timers ? timers->first : NULL; node; node = node->next) {
        if (!node->bad) {
            add_timer(at, node, true);
        }
    }
    build_each_reaction(at, slots_of_reaction);
}
