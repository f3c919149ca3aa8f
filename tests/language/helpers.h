/* What the language's tests share: loading with the messages caught. */
#ifndef NERVE_TESTS_LANGUAGE_HELPERS_H
#define NERVE_TESTS_LANGUAGE_HELPERS_H

#include "scenarios/language/scenario.h"

/* Loads a text (its names are looked for among nerve's own) with up to 8 sets, ended by NULL.
 * Returns the mistakes; *messages (freed by the caller) is what was said. */
int load_with(struct scenario *scenario, const char *text, char **messages, ...)
    __attribute__((sentinel));

/* The same of a file. */
int load_file(struct scenario *scenario, const char *path, char **messages);

/* Loads a text that must be right; the test fails with what was said. */
void load_right(struct scenario *scenario, const char *text);

/* Fails the test unless the text is refused and what is said holds `part`. */
void refuse(const char *text, const char *part);

/* A whole small scenario, to which a text is added: one host, four types, a source. */
extern const char small[];
void load_small(struct scenario *scenario, const char *more);
void refuse_small(const char *more, const char *part);

#endif
