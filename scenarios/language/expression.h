/*
 * Expressions of `expect` (`that`, `when`): compiled once, evaluated on a run's figures.
 * docs/scenario-language.md, "Expressions". A path is a figure's (metrics/figures.h) or a key's of
 * the resolved scenario; the caller's look-up answers both.
 */
#ifndef NERVE_LANGUAGE_EXPRESSION_H
#define NERVE_LANGUAGE_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
    VALUE_NUMBER,  /* ns, bytes, ppm, counts: in the unit's own whole numbers */
    VALUE_DECIMAL, /* millionths */
    VALUE_BOOL,    /* number is 0 or 1 */
    VALUE_WORD,
    VALUE_NONE,    /* never happened, or no limit */
    VALUE_UNKNOWN, /* this mode cannot know it */
};

struct value {
    enum value_kind kind;
    int64_t number;
    const char *word; /* VALUE_WORD; lives as long as what the look-up reads from */
};

enum verdict { VERDICT_MISSED, VERDICT_HELD, VERDICT_NOT_KNOWN };

/* Finds the value of a path; false: no run can have it. */
typedef bool expression_lookup(void *context, const char *path, struct value *value);

struct expression;

/* Compiles a text. NULL on a mistake, with message and the offset in the text where it is. */
struct expression *expression_compile(const char *text, char *message, size_t message_bytes,
                                      size_t *offset);

/* Evaluates it; *shown (may be NULL) gets the value of its left side, for the report. */
enum verdict expression_evaluate(const struct expression *expression, expression_lookup *lookup,
                                 void *context, struct value *shown);

/* Calls visit for each path in it, with its offset; stops and returns false where visit does. */
bool expression_paths(const struct expression *expression,
                      bool (*visit)(void *context, const char *path, size_t offset), void *context);

void expression_destroy(struct expression *expression);

#endif
