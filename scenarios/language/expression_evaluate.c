#include <string.h>

#include "base/wide.h"
#include "scenarios/language/expression_parts.h"

struct evaluation {
    const struct expression *expression;
    expression_lookup *lookup;
    void *context;
};

static const struct value unknown = {VALUE_UNKNOWN, 0, NULL};
static const struct value none = {VALUE_NONE, 0, NULL};

static struct value of_truth(bool truth) {
    return (struct value){VALUE_BOOL, truth, NULL};
}

static bool is_number(const struct value *value) {
    return value->kind == VALUE_NUMBER || value->kind == VALUE_DECIMAL;
}

static int128 in_millionths(const struct value *value) {
    return value->kind == VALUE_NUMBER ? (int128)value->number * 1000000 : value->number;
}

static bool same(const struct value *a, const struct value *b) {
    if (is_number(a) && is_number(b)) {
        return in_millionths(a) == in_millionths(b);
    }
    if (a->kind != b->kind) {
        return false;
    }
    return a->kind == VALUE_WORD   ? strcmp(a->word, b->word) == 0
           : a->kind == VALUE_BOOL ? a->number == b->number
                                   : true;
}

static bool ordered(enum part_compare compare, const struct value *a, const struct value *b) {
    if (!is_number(a) || !is_number(b)) {
        return false;
    }
    int128 x = in_millionths(a), y = in_millionths(b);
    return compare == BELOW     ? x < y
           : compare == AT_MOST ? x <= y
           : compare == ABOVE   ? x > y
                                : x >= y;
}

static struct value compare(enum part_compare how, const struct value *a, const struct value *b) {
    if (a->kind == VALUE_UNKNOWN || b->kind == VALUE_UNKNOWN) {
        return unknown;
    }
    if (how == SAME || how == OTHER) {
        return of_truth(same(a, b) == (how == SAME));
    }
    return of_truth(ordered(how, a, b));
}

/* By nothing, or of what never happened: none. */
static struct value divide(const struct value *a, const struct value *b) {
    if (a->kind == VALUE_UNKNOWN || b->kind == VALUE_UNKNOWN) {
        return unknown;
    }
    if (!is_number(a) || !is_number(b) || b->number == 0) {
        return none;
    }
    int128 quotient = in_millionths(a) * 1000000 / in_millionths(b);
    if (quotient > INT64_MAX || quotient < INT64_MIN) {
        return none;
    }
    return (struct value){VALUE_DECIMAL, (int64_t)quotient, NULL};
}

/* As a condition: 1 holds, 0 does not, -1 nobody knows. Only true is true. */
static int truth(const struct value *value) {
    return value->kind == VALUE_UNKNOWN ? -1 : value->kind == VALUE_BOOL && value->number;
}

static struct value join(enum part_kind kind, const struct value *a, const struct value *b) {
    int x = truth(a), y = truth(b), decides = kind == PART_OR;
    if (x == decides || y == decides) {
        return of_truth(decides);
    }
    return x < 0 || y < 0 ? unknown : of_truth(!decides);
}

static struct value evaluate(const struct evaluation *e, int place) {
    const struct part *part = &e->expression->part[place];
    struct value left, right;
    switch (part->kind) {
    case PART_VALUE:
        return part->value;
    case PART_PATH:
        return e->lookup(e->context, part->path, &left) ? left : unknown;
    case PART_NOT:
        left = evaluate(e, part->left);
        return truth(&left) < 0 ? unknown : of_truth(!truth(&left));
    default:
        break;
    }
    left = evaluate(e, part->left);
    right = evaluate(e, part->right);
    return part->kind == PART_DIVIDE    ? divide(&left, &right)
           : part->kind == PART_COMPARE ? compare(part->compare, &left, &right)
                                        : join(part->kind, &left, &right);
}

/* The first comparison's left side; without one, the first path. */
static struct value shown_value(const struct evaluation *e) {
    int place = e->expression->root;
    for (;;) {
        const struct part *part = &e->expression->part[place];
        if (part->kind == PART_VALUE || part->kind == PART_PATH || part->kind == PART_DIVIDE) {
            return evaluate(e, place);
        }
        place = part->left;
    }
}

enum verdict expression_evaluate(const struct expression *expression, expression_lookup *lookup,
                                 void *context, struct value *shown) {
    struct evaluation e = {expression, lookup, context};
    struct value value = evaluate(&e, expression->root);
    if (shown) {
        *shown = shown_value(&e);
    }
    int holds = truth(&value);
    return holds < 0 ? VERDICT_NOT_KNOWN : holds ? VERDICT_HELD : VERDICT_MISSED;
}
