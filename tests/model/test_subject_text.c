#include <criterion/criterion.h>
#include <string.h>

#include "model/subjects.h"
#include "tests/model/subject_maker.h"

Test(subject_text, matches_as_nats_does) {
    static const struct {
        const char *pattern, *subject;
        bool matches;
    } cases[] = {
        {"a", "a", true},
        {"a", "b", false},
        {"a", "aa", false},
        {"aa", "a", false},
        {"a.b", "a.b", true},
        {"a.b", "a", false},
        {"a", "a.b", false},
        {"*", "a", true},
        {"*", "a.b", false},
        {"*.b", "a.b", true},
        {"a.*", "a", false},
        {"a.*.c", "a.b.c", true},
        {"a.*.c", "a.b.b.c", false},
        {">", "a", true},
        {">", "a.b.c", true},
        {"a.>", "a", false},
        {"a.>", "a.b", true},
        {"a.>", "a.b.c", true},
        {"a.>", "aa.b", false},
        {"*.>", "a", false},
        {"*.>", "a.b.c", true},
        {"*.*", "a.b", true},
        {"A", "a", false},
        {"a.b.>", "a.c.d", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(subject_matches(cases[i].pattern, cases[i].subject), cases[i].matches,
                     "%s and %s", cases[i].pattern, cases[i].subject);
    }
}

Test(subject_text, mistakes_are_named) {
    static const struct {
        const char *text;
        bool wildcards;
        const char *mistake; /* a part of it; NULL: well formed */
    } cases[] = {
        {"a", false, NULL},
        {"karyon.global", false, NULL},
        {"domain.{domain}.*.errors", true, NULL},
        {"domain.{domain}.>", true, NULL},
        {">", true, NULL},
        {"*", true, NULL},
        {"", false, "an empty token"},
        {".a", false, "an empty token"},
        {"a.", true, "an empty token"},
        {"a..b", true, "an empty token"},
        {"a b", false, "white space"},
        {"a.\tb", true, "white space"},
        {"a.\x01", true, "a control character"},
        {"a.*", false, "a wildcard"},
        {">", false, "a wildcard"},
        {"a*", true, "`*` is not a whole token"},
        {"a.b>", true, "`>` is not a whole token"},
        {"a.>.b", true, "`>` is not last"},
        {"**", true, "`*` is not a whole token"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *mistake = subject_mistake(cases[i].text, cases[i].wildcards);
        if (cases[i].mistake == NULL) {
            cr_expect_null(mistake, "%s: %s", cases[i].text, mistake);
        } else {
            cr_expect(mistake && strstr(mistake, cases[i].mistake), "%s: %s", cases[i].text,
                      mistake ? mistake : "well formed");
        }
    }
}

Test(subject_text, what_is_made_here_is_well_formed) {
    struct random random = {.seed = 1};
    char text[MADE_BYTES];
    for (int i = 0; i < 5000; i++) {
        make_subject(&random, text);
        cr_assert_null(subject_mistake(text, false), "%s", text);
        cr_assert(subject_matches(text, text));
        cr_assert(subject_matches(">", text));
        make_pattern(&random, true, text);
        cr_assert_null(subject_mistake(text, true), "%s", text);
    }
}
