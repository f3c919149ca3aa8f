/*
 * A scenario file, read: from YAML (with extends, --set and like applied, every key checked) to a
 * plan in numbers, its resolved text and its expectations. The only reader of scenario files; one
 * table of keys (keys.h) drives its checks, `nerve explain`, the JSON Schema and the reference.
 *
 * Ownership: scenario_deinit frees everything. One thread at a time. Deterministic: same files and
 * sets, same plan and text, byte for byte.
 */
#ifndef NERVE_LANGUAGE_SCENARIO_H
#define NERVE_LANGUAGE_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/plan.h"

struct expression; /* expression.h */
struct value;
struct scenario_resolved;

struct scenario_expectation {
    char *name;
    char *text; /* of `that`, as written */
    char *why;  /* or NULL */
    struct expression *that;
    struct expression *when; /* NULL: always */
};

struct scenario {
    struct plan plan;
    char *file; /* as given */
    /* The resolved scenario, canonical YAML, whole: extends and --set applied, genome, profile and
     * strategy spelled out, so that scenario_load_text of it alone, on a machine that has none of
     * the files, gives the same plan. */
    char *text;
    size_t expectations;
    struct scenario_expectation *expectation;
    /* Profile keys in use whose source is `estimated`, as "host.key" texts, in order. */
    size_t estimated;
    char **estimated_key;
    struct scenario_resolved *resolved; /* what scenario_value looks in */
};

struct scenario_options {
    const char *const *set; /* "PATH=VALUE" texts of --set, in order */
    size_t sets;
    FILE *messages; /* mistakes go here, with place, line and caret; NULL: nowhere */
    /* Whether a run of this scenario can have that figure: paths of expectations that are no keys
     * are asked for here, when all else is known to be right. NULL: any path will do. */
    bool (*figure)(void *context, const struct scenario *scenario, const char *path);
    void *context;
};

/* Reads a file (a path, or the name of one of nerve's own: misrouted-debug). Returns the number of
 * mistakes; 0: the scenario is whole. Else it holds nothing that needs freeing. */
int scenario_load(struct scenario *scenario, const char *path,
                  const struct scenario_options *options);

/* The same of a text in memory; name stands for the file in messages; relative names in it are
 * looked for among nerve's own. */
int scenario_load_text(struct scenario *scenario, const char *text, const char *name,
                       const struct scenario_options *options);

void scenario_deinit(struct scenario *scenario);

/*
 * The value of a key of the resolved scenario (genome.types.cell.always.any.work; a law that is
 * not constant is its word; a profile's key by hosts.NAME.profile.KEY or hosts.NAME.set.KEY, a
 * stage by partitioning.STAGE), defaults too. False: it has no such key. Shares are in ppm.
 */
bool scenario_value(const struct scenario *scenario, const char *path, struct value *value);

/* Where nerve's own data (scenarios/, strategies/, hosts/) lie: the environment's NERVE_DATA, else
 * the installed share/nerve beside the program, else the source tree that it was built from. */
const char *scenario_data_directory(void);

#endif
