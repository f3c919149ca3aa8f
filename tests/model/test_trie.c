#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "model/subjects.h"
#include "model/subjects_trie.h"
#include "tests/model/subject_maker.h"

enum { PATTERNS = 2000, SUBJECTS = 3000 };

static char pattern[PATTERNS][MADE_BYTES];

Test(trie, finds_what_linear_matching_finds) {
    struct random random = {.seed = 7};
    struct trie trie = {0};
    struct trie_list found = {0};
    uint32_t patterns = 0;
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        char text[MADE_BYTES];
        if (patterns < PATTERNS) { /* they come in while subjects are looked up */
            make_pattern(&random, false, text);
            uint32_t number = trie_pattern(&trie, text);
            cr_assert_leq(number, patterns);
            if (number == patterns) {
                strcpy(pattern[patterns++], text);
            }
            cr_assert_str_eq(pattern[number], text);
        }
        make_subject(&random, text);
        found.count = 0;
        trie_match(&trie, text, &found);
        uint32_t next = 0;
        for (uint32_t k = 0; k < patterns; k++) {
            bool there = next < found.count && found.item[next] == k;
            cr_assert_eq(there, subject_matches(pattern[k], text), "%s and %s", pattern[k], text);
            next += there;
        }
        cr_assert_eq(next, found.count);
    }
    cr_assert_eq(patterns, trie.patterns);
    cr_assert_gt(patterns, 300);
    free(found.item);
    trie_deinit(&trie);
}

Test(trie, an_empty_one_matches_nothing) {
    struct trie trie = {0};
    struct trie_list found = {0};
    trie_match(&trie, "a.b", &found);
    cr_assert_eq(found.count, 0);
    trie_deinit(&trie);
}

Test(trie, a_subject_of_many_tokens_is_no_recursion) {
    enum { TOKENS = 100000 };
    char *text = calloc(2 * TOKENS, 1);
    for (size_t i = 0; i < TOKENS; i++) {
        text[2 * i] = 'a';
        text[2 * i + 1] = i + 1 < TOKENS ? '.' : '\0';
    }
    struct trie trie = {0};
    struct trie_list found = {0};
    trie_pattern(&trie, text);
    trie_pattern(&trie, "*.>");
    trie_match(&trie, text, &found);
    cr_assert_eq(found.count, 2);
    cr_assert(subject_matches("*.>", text));
    free(found.item);
    free(text);
    trie_deinit(&trie);
}
