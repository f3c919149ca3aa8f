/* The paragraphs of a story; only cli/story*.c include it. */
#ifndef NERVE_CLI_STORY_PARTS_H
#define NERVE_CLI_STORY_PARTS_H

#include <stdbool.h>

#include "cli/story.h"

struct story {
    struct page *page;
    const struct scenario *scenario;
    const struct plan *plan;
    const struct figures *figures;
    const struct story_again *again;
};

/* A figure's number; -1 where it is none, not known or not there. */
int64_t story_number(const struct story *story, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A figure's text; "" where it is none, not known or not there. */
const char *story_text(const struct story *story, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether it is a live run's. */
bool story_live(const struct story *story);

void story_storm(const struct story *story);
void story_broadcasts(const struct story *story);
void story_woken(const struct story *story);
void story_waits(const struct story *story);
void story_hosts(const struct story *story);
void story_account(const struct story *story);
void story_expected(const struct story *story);
void story_next(const struct story *story);

#endif
