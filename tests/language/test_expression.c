#include "scenarios/language/expression.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *path;
    struct value value;
} known[] = {
    {"a.ns", {VALUE_NUMBER, 5000000, NULL}},  {"a.other", {VALUE_NUMBER, 2500000, NULL}},
    {"a.share", {VALUE_NUMBER, 20000, NULL}}, {"a.cores", {VALUE_DECIMAL, 12500000, NULL}},
    {"a.closes", {VALUE_BOOL, 1, NULL}},      {"a.open", {VALUE_BOOL, 0, NULL}},
    {"strategy", {VALUE_WORD, 0, "flat"}},    {"a.never", {VALUE_NONE, 0, NULL}},
    {"a.unknown", {VALUE_UNKNOWN, 0, NULL}},  {"a.zero", {VALUE_NUMBER, 0, NULL}},
    {"a.name", {VALUE_WORD, 0, "epyc-2"}},
};

static bool look_up(void *context, const char *path, struct value *value) {
    (void)context;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].path, path) == 0) {
            *value = known[i].value;
            return true;
        }
    }
    return false;
}

static enum verdict verdict_of(const char *text, struct value *shown) {
    char message[200];
    size_t offset;
    struct expression *expression = expression_compile(text, message, sizeof message, &offset);
    cr_assert_not_null(expression, "%s: %s", text, message);
    enum verdict verdict = expression_evaluate(expression, look_up, NULL, shown);
    expression_destroy(expression);
    return verdict;
}

#define HELD(text)    cr_expect_eq(verdict_of(text, NULL), VERDICT_HELD, "%s", text)
#define MISSED(text)  cr_expect_eq(verdict_of(text, NULL), VERDICT_MISSED, "%s", text)
#define UNKNOWN(text) cr_expect_eq(verdict_of(text, NULL), VERDICT_NOT_KNOWN, "%s", text)

Test(expression, comparisons) {
    HELD("a.ns == 5ms");
    HELD("a.ns<=5ms");
    MISSED("a.ns < 5ms");
    HELD("a.ns > 4999us");
    HELD("a.ns != 5us");
    HELD("a.ns >= a.other");
    HELD("5ms == a.ns");
    HELD("a.share == 2%");
    HELD("a.share < 20001ppm");
    HELD("a.share > 19999999ppb");
    HELD("a.cores < 12.6");
    HELD("a.cores > 12");
    HELD("a.closes");
    MISSED("a.open");
    HELD("a.closes == true");
    HELD("strategy == flat");
    MISSED("strategy == edge");
    HELD("a.name == epyc-2");
    HELD("a.zero == 0");
}

Test(expression, joins) {
    HELD("a.closes and not a.open");
    HELD("a.open or a.closes and a.closes");
    MISSED("(a.open or a.closes) and a.open");
    HELD("not (a.open and a.unknown)");
    HELD("not not a.closes");
}

Test(expression, quotients) {
    HELD("a.ns / a.other == 2");
    HELD("a.other / a.ns == 0.5");
    HELD("a.ns / 2 < 3ms");
    HELD("a.ns / a.zero == none");
    MISSED("a.ns / a.zero < 5");
    HELD("a.ns / a.other / 2 == 1");
}

Test(expression, what_never_happened) {
    HELD("a.never == none");
    MISSED("a.never != none");
    MISSED("a.never < 5ms");
    MISSED("a.never > 5ms");
    HELD("a.ns != none");
    MISSED("a.never == 0");
}

Test(expression, what_nobody_knows) {
    UNKNOWN("a.unknown < 5ms");
    UNKNOWN("a.unknown == none");
    UNKNOWN("not a.unknown");
    UNKNOWN("a.unknown and a.closes");
    MISSED("a.unknown and a.open");
    HELD("a.unknown or a.closes");
    UNKNOWN("a.unknown or a.open");
    UNKNOWN("a.unknown / a.ns < 1");
    UNKNOWN("a.path.that.is.not.there == 1");
}

Test(expression, types_that_do_not_meet) {
    MISSED("strategy < 5");
    MISSED("strategy == 5");
    MISSED("a.closes == 1");
    HELD("strategy != 5");
    MISSED("a.ns");
}

Test(expression, shows_its_left_side) {
    struct value shown;
    verdict_of("a.ns / a.other < 5 and a.closes", &shown);
    cr_assert(shown.kind == VALUE_DECIMAL && shown.number == 2000000);
    verdict_of("not a.open", &shown);
    cr_assert(shown.kind == VALUE_BOOL && shown.number == 0);
}

static void wrong(const char *text, size_t where, const char *part) {
    char message[200];
    size_t offset = 0;
    struct expression *expression = expression_compile(text, message, sizeof message, &offset);
    cr_assert_null(expression, "%s", text);
    cr_assert_eq(offset, where, "%s: %zu: %s", text, offset, message);
    cr_assert(strstr(message, part), "%s: %s", text, message);
}

Test(expression, mistakes_and_where) {
    wrong("", 0, "missing");
    wrong("a.ns <", 6, "missing");
    wrong("a.ns < 5parsecs", 7, "no number");
    wrong("a.ns = 5", 5, "`==` does");
    wrong("(a.ns", 5, "`)` is missing");
    wrong("a.ns)", 4, "too much");
    wrong("a.ns a.other", 5, "too much");
    wrong("a.ns < 5 < 6", 9, "too much");
    wrong("and a.ns", 0, "should stand here");
    wrong("a.ns && a.other", 5, "too much");
    wrong("((((((((((((((((((((((a))))))))))))))))))))))", 20, "too many");
    char long_text[2000] = "a";
    for (int i = 0; i < 150; i++) {
        strcat(long_text, " or a");
    }
    char message[200];
    size_t offset;
    cr_assert_null(expression_compile(long_text, message, sizeof message, &offset));
    cr_assert(strstr(message, "more than 100 parts"), "%s", message);
}

static bool collect(void *context, const char *path, size_t offset) {
    char *all = context;
    sprintf(all + strlen(all), "%s@%zu ", path, offset);
    return true;
}

Test(expression, paths) {
    char message[200], all[200] = "";
    size_t offset;
    struct expression *expression = expression_compile(
        "strategy == flat and (a.b / c < 10k/s or 5ms < d.e)", message, sizeof message, &offset);
    cr_assert_not_null(expression, "%s", message);
    cr_assert(expression_paths(expression, collect, all));
    cr_assert_str_eq(all, "strategy@0 a.b@22 c@28 d.e@47 ");
    expression_destroy(expression);
}
