/*
 * The one table of keys: what a scenario, a host profile and a strategy may say. Checks, `nerve
 * explain`, the JSON Schema and the reference page come from it; a key stands here once.
 *
 * Constant data; any thread.
 */
#ifndef NERVE_LANGUAGE_KEYS_H
#define NERVE_LANGUAGE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What a key's value may be as a scalar. */
enum key_kind {
    KEY_MAP, /* no scalar: a section, or a named map */
    KEY_TIME,
    KEY_SIZE,
    KEY_RATE,
    KEY_SHARE,
    KEY_COUNT,
    KEY_AMOUNT,      /* a count or a share */
    KEY_PLAIN_NS,    /* the key's name has the unit; a time with its unit is taken too */
    KEY_PLAIN_BYTES, /* the same of sizes */
    KEY_WORD,        /* one of `words` */
    KEY_NAME,        /* the name of something: `words` says of what */
    KEY_TEXT,
    KEY_FILE, /* a file's name, or that of one of nerve's own */
    KEY_SUBJECT,
    KEY_PATTERN, /* a subject where `*` and `>` may stand */
    KEY_EXPRESSION,
    KEY_POINTS, /* [[bytes, ns], ...] */
};

enum key_flag {
    KEY_NAMED = 1,    /* a map by names that the user chooses: rows under `.*` */
    KEY_WHOLE = 2,    /* a value: replaced whole in merging */
    KEY_LISTS = 4,    /* one, or a list of them */
    KEY_REQUIRED = 8, /* where its section is */
    KEY_SPELLED = 16, /* the resolved text says its default */
    KEY_LATER = 32,   /* not built yet: refused */
};

struct key {
    const char *path; /* "run.duration"; `*` stands for a name; a group's rows begin with it */
    enum key_kind kind;
    unsigned flags;
    const char *group; /* as a map: the rows under this path; NULL: no map, or rows under its own */
    const char *words; /* besides the kind's values; `!word`: not built yet */
    int64_t min, max;  /* of numbers, in the least unit */
    const char *initial;   /* default, as it would be written; NULL: none */
    const char *displaces; /* keys beside it that it takes away in merging */
    const char *sample;    /* a name to stand for `*` in examples */
    const char *example;   /* a value that parses */
    const char *doc;       /* what it does */
};

/* Every row, in the order of the reference. */
size_t keys_count(void);
const struct key *keys_row(size_t place);

/* A root: "" (a scenario), "profile", "strategy". */
const struct key *keys_root(const char *name);

/* The row of a key under another row's map; NULL: there is none. */
const struct key *keys_child(const struct key *parent, const char *name);

/* Walks over the rows of a row's map, in order: *place from 0; NULL at the end. */
const struct key *keys_next(const struct key *parent, size_t *place);

/* Whether a row can be a map. */
bool keys_is_map(const struct key *row);

/* The last name of a row's path: "duration", "*". */
const char *keys_last(const struct key *row);

/* The row of a path of a scenario with real names (genome.types.eye.bytes), `*` or a group's own
 * (profile.wake_ns, reaction.work, law.mean); NULL: there is none. */
const struct key *keys_find(const char *path);

/* The type of its value in words: "time, or a law", "one of: ipc, tcp". */
void keys_type_text(const struct key *row, char *text, size_t bytes);

/* A path with names for its `*`s, from a scenario's root: an example's place; false: none leads
 * there (a profile's key leads by hosts.*.set). */
bool keys_sample_path(const struct key *row, char *text, size_t bytes);

/*
 * `nerve explain KEY`: type, unit, range, default, effect and an example that parses. A path that
 * ends at a section lists its keys; one word that several paths end with lists them; "" lists all
 * sections. Returns 0, or -1 where there is no such key (then it says which may be meant).
 */
int language_explain(const char *path, FILE *file);

/* `nerve schema`: the JSON Schema of scenario files. */
void language_schema(FILE *file);

/* docs/scenario-language.md, the reference page. */
void language_reference(FILE *file);

#endif
