/*
 * From a checked and merged tree to a plan. Each part says the mistakes that only the whole shows
 * and fills its part of the plan all the same; a plan with mistakes is thrown away. Internal to
 * the language.
 */
#ifndef NERVE_LANGUAGE_BUILD_H
#define NERVE_LANGUAGE_BUILD_H

#include "model/plan.h"
#include "scenarios/language/reader.h"

struct build {
    struct reader *reader;
    struct mistakes *mistakes;
    struct node *root, *signals, *types; /* the last two may be NULL */
    struct plan *plan;
    bool counted; /* colony.type_cells holds */
};

/* build_values.c: what keys say; a key that is not there says its default, a bad one least harm. */
struct node *build_value(struct build *build, const struct node *section, const char *key);
int64_t build_number(struct build *build, const struct node *section, const char *key);
bool build_is_word(struct build *build, const struct node *section, const char *key,
                   const char *word);
/* The number, or `otherwise` where the key is the word. */
int64_t build_number_or(struct build *build, const struct node *section, const char *key,
                        const char *word, int64_t otherwise);
/* The place of the key's word among the row's words. */
int build_word(struct build *build, const struct node *section, const char *key);
/* A child that is there and without mistake; else NULL. */
struct node *build_good(const struct node *section, const char *key);
/* The place of a name in a map; -1: not there, and it is said ("there is no WHAT `x`"). */
int build_find(struct build *build, const struct node *map, struct node *name, const char *what);
void build_law(struct build *build, struct node *node, struct law *law);
/* A choice's map (or a bond's). */
void build_choice(struct build *build, struct node *node, struct genome_choice *choice);

/* build_profile.c: a host's profile, with what the host sets over it. */
void build_profile(const struct node *host, struct host_profile *profile);

/* Each fills its part of the plan. In this order. */
void build_run(struct build *build);
void build_hosts(struct build *build);
void build_colony(struct build *build);
void build_genome(struct build *build);
void build_colony_types(struct build *build);
void build_workload(struct build *build);
void build_faults(struct build *build);
void build_nerve(struct build *build); /* stages, synapses, gradients */

/* build_genome.c's own parts. */
struct build_type {
    struct build *build;
    struct node *node;
    struct genome_type *type;
    uint16_t place;
    bool lenient; /* it has no cells: a pattern for others, whose names need not all stand */
    uint16_t timers_room, slots_room;
};
/* build_slots.c: the names that its timers and subscriptions have. */
void build_slots(struct build_type *at);
/* build_reaction.c: compiles a reaction (or list of cases); returns its first case. */
uint16_t build_reaction(struct build_type *at, struct node *node);
/* Calls visit for every reaction node of a type: always, then its states; in each `any`, timers,
 * signals. */
void build_each_reaction(struct build_type *at,
                         void (*visit)(struct build_type *at, struct node *reaction));
int build_slot(const struct build_type *at, const char *name);
int build_timer(const struct build_type *at, const char *name);

#endif
