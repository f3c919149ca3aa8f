/*
 * The story of a run, for people, on one screen: who was woken by what, how long they waited, what
 * became of the hosts, the account, and what to try next. Told from the figures (a stored run's as
 * well as a fresh one's) and the scenario that they are of.
 */
#ifndef NERVE_CLI_STORY_H
#define NERVE_CLI_STORY_H

#include "cli/page.h"
#include "metrics/figures.h"
#include "scenarios/language/scenario.h"

/* A fresh run's scenario is loaded once more where a suggestion is to be tried: `file` and sets;
 * NULL: suggests nothing that depends on it. */
struct story_again {
    const char *file;
    const struct scenario_options *options;
};

void story_tell(struct page *page, const struct scenario *scenario, const struct figures *figures,
                const struct story_again *again);

#endif
