/*
 * One load under way: what its parts (files, checks, merging, building) share. Internal to the
 * language.
 */
#ifndef NERVE_LANGUAGE_READER_H
#define NERVE_LANGUAGE_READER_H

#include "scenarios/language/keys.h"
#include "scenarios/language/mistakes.h"
#include "scenarios/language/tree.h"

enum { READER_MAX_NODES = 400000, READER_MAX_EXTENDS = 8, READER_PATH_BYTES = 512 };

/* A profile or strategy that has been read. */
struct reader_part {
    struct reader_part *next;
    const struct key *root;
    const char *path;
    struct node *node; /* NULL: it has mistakes */
};

struct reader {
    struct arena arena;
    struct mistakes mistakes;
    int64_t budget; /* nodes that there may still be */
    uint32_t sources;
    const struct source *main;
    struct reader_part *parts;
    bool broken; /* a file is missing: what it would have said must not be missed */
};

/* check.c: checks a tree against the rows under a root, one file (or --set) by itself: unknown
 * keys, types, units, ranges, words, names. Sets the nodes' meaning. */
void check_tree(struct reader *reader, const struct key *root, struct node *node);

/* check_scalar.c: the same of one scalar; path: of the key, in messages. */
void check_scalar(struct reader *reader, const struct key *row, struct node *node,
                  const char *path);
void check_points(struct reader *reader, const struct key *row, struct node *node,
                  const char *path);

/* Whether a text is a name that a user may give: [a-z][a-z0-9_]*, at most 40. */
bool check_name(const char *text);
/* The same of a file's name, which may have `-`. */
bool check_file_name(const char *text);

/* merge.c: merges `over` on top of `base` (both maps of that row), in base. */
void merge_maps(struct reader *reader, const struct key *row, struct node *base, struct node *over);
/* Merges each type's `like` under it. */
void merge_likes(struct reader *reader, struct node *root);
/* Takes out what `~` took away; one that took nothing away from a named map is a mistake. */
void merge_finish(struct reader *reader, struct node *root);

/* resolve.c: what goes without saying is said: defaults, name, profiles, strategies. */
void resolve_spell_out(struct reader *reader, struct node *root);
/* Says which required keys are missing, everywhere. */
void resolve_require(struct reader *reader, struct node *root);

/* write.c: the resolved tree as canonical YAML; freed with free(). */
char *write_text(const struct node *root);

/* sets.c: applies "PATH=VALUE" texts. */
void sets_apply(struct reader *reader, struct node *root, const char *const *set, size_t sets);

/* files.c: reads a file with all that it extends. NULL where it cannot be read at all. */
struct node *files_load(struct reader *reader, const struct key *root, const char *path);
struct node *files_load_text(struct reader *reader, const struct key *root, const char *text,
                             const char *name);
/* Puts what a profile's or strategy's name stands for in the place of the name. */
void files_spell_out(struct reader *reader, const struct key *root, const char *folder,
                     struct node *parent, struct node *name);

#endif
