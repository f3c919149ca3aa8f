/* Every scenario in tests/bad gets exactly the text beside it. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tests/language/helpers.h"

static char *read_text(const char *path) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s is missing", path);
    char *text = memory_new(1, 64 << 10);
    size_t bytes = fread(text, 1, (64 << 10) - 1, file);
    cr_assert(bytes > 0, "%s is empty", path);
    fclose(file);
    return text;
}

/* NERVE_UPDATE=1 writes what is said now: read the difference before you keep it. */
static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void check(const char *name) {
    char path[300];
    struct scenario scenario;
    char *messages;
    snprintf(path, sizeof path, "tests/bad/%s.yml", name);
    int mistakes = load_file(&scenario, path, &messages);
    cr_expect_neq(mistakes, 0, "%s is taken", path);
    snprintf(path, sizeof path, "tests/bad/%s.txt", name);
    if (getenv("NERVE_UPDATE")) {
        write_text(path, messages);
    }
    char *expected = read_text(path);
    cr_expect_str_eq(messages, expected, "%s:\n%s", path, messages);
    free(expected);
    free(messages);
}

Test(bad, each_gets_its_text) {
    DIR *folder = opendir("tests/bad");
    cr_assert_not_null(folder);
    int checked = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *end = strstr(entry->d_name, ".yml");
        if (end && !end[4]) {
            *end = '\0';
            check(entry->d_name);
            checked++;
        }
    }
    closedir(folder);
    cr_assert_geq(checked, 30);
}

Test(bad, five_mistakes_get_five_carets) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_file(&scenario, "tests/bad/five_mistakes.yml", &messages), 5);
    int carets = 0;
    for (const char *at = messages; (at = strstr(at, "^\n")); at++) {
        carets++;
    }
    cr_assert_eq(carets, 5, "%s", messages);
    free(messages);
}

Test(bad, at_most_twenty_are_said) {
    char text[4000] = "extends: misrouted-debug\nexpect:\n";
    for (int i = 0; i < 30; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "  e%d: {thta: a}\n", i);
    }
    struct scenario scenario;
    char *messages;
    int carets = 0;
    cr_assert_eq(load_with(&scenario, text, &messages, NULL), 30);
    for (const char *at = messages; (at = strstr(at, "^\n")); at++) {
        carets++;
    }
    cr_assert_eq(carets, 20);
    cr_assert(strstr(messages, "... and 10 more\n"));
    free(messages);
}

Test(bad, a_file_that_is_not_there) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_file(&scenario, "misrouted-debgu", &messages), 1);
    cr_assert(strstr(messages, "misrouted-debgu: error: cannot be read: No such file or "
                               "directory; did you mean `misrouted-debug`?\n"));
    free(messages);
}
