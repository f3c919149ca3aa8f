/* Random patterns and subjects out of few tokens, so that many of them match. */
#ifndef NERVE_TESTS_MODEL_SUBJECT_MAKER_H
#define NERVE_TESTS_MODEL_SUBJECT_MAKER_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/model/random.h"

enum { MADE_BYTES = 64 };

void make_subject(struct random *random, char text[MADE_BYTES]);

/* With wildcards, and now and then a placeholder of a template. */
void make_pattern(struct random *random, bool placeholders, char text[MADE_BYTES]);

#endif
