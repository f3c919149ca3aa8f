/* The resolved tree that a scenario keeps. Internal to the language. */
#ifndef NERVE_LANGUAGE_RESOLVED_H
#define NERVE_LANGUAGE_RESOLVED_H

#include "scenarios/language/tree.h"

struct scenario_resolved {
    struct arena arena;
    struct node *root;
};

#endif
