/* An expression's tree; shared by its parser and its evaluation alone. */
#ifndef NERVE_LANGUAGE_EXPRESSION_PARTS_H
#define NERVE_LANGUAGE_EXPRESSION_PARTS_H

#include "scenarios/language/expression.h"

enum { EXPRESSION_MAX_PARTS = 100, EXPRESSION_MAX_DEPTH = 20 };

enum part_kind { PART_VALUE, PART_PATH, PART_DIVIDE, PART_COMPARE, PART_NOT, PART_AND, PART_OR };

enum part_compare { SAME, OTHER, BELOW, AT_MOST, ABOVE, AT_LEAST };

struct part {
    enum part_kind kind;
    enum part_compare compare;
    struct value value; /* PART_VALUE */
    const char *path;   /* PART_PATH */
    size_t offset;
    int left, right; /* places of parts */
};

struct expression {
    char *text; /* a copy that words and paths are cut from */
    int parts, root;
    struct part part[EXPRESSION_MAX_PARTS];
};

#endif
