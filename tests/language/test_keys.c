/* The table of keys, and what is made of it. */
#include "scenarios/language/keys.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/language/reader.h"
#include "scenarios/language/yaml.h"

static char *explained(const char *path, int *status) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);
    *status = language_explain(path, file);
    fclose(file);
    return text;
}

/* A row's example at its place, as a whole tree, through the reader's own checks. */
static void check_example(const struct key *row) {
    char path[200];
    cr_assert(keys_sample_path(row, path, sizeof path), "%s", row->path);
    struct reader reader = {.budget = READER_MAX_NODES};
    reader.mistakes.arena = &reader.arena;
    const char *text = "";
    int depth = 0;
    for (const char *at = path; *at; depth++) {
        size_t bytes = strcspn(at, ".");
        text = arena_print(&reader.arena, "%s%*s%.*s:%s", text, depth * 2, "", (int)bytes, at,
                           at[bytes] ? "\n" : " ");
        at += bytes + (at[bytes] == '.');
    }
    text = arena_print(&reader.arena, "%s%s\n", text, row->example);
    struct source source = {.name = row->path, .text = text, .bytes = strlen(text)};
    struct node *node = yaml_parse(&reader.arena, &source, 0, &reader.budget, &reader.mistakes);
    if (node) {
        check_tree(&reader, keys_root(""), node);
    }
    cr_expect_eq(mistakes_say(&reader.mistakes, stderr), 0, "%s:\n%s", row->path, text);
    mistakes_deinit(&reader.mistakes);
    arena_deinit(&reader.arena);
}

Test(keys, every_example_parses) {
    size_t examples = 0;
    for (size_t i = 0; i < keys_count(); i++) {
        if (keys_row(i)->example) {
            check_example(keys_row(i));
            examples++;
        }
    }
    cr_assert_geq(examples, 150);
}

Test(keys, every_value_has_an_example_and_a_text) {
    for (size_t i = 0; i < keys_count(); i++) {
        const struct key *row = keys_row(i);
        cr_expect(row->doc && strlen(row->doc) > 5, "%s", row->path);
        cr_expect(row->example || row->kind == KEY_MAP, "%s has no example", row->path);
        cr_expect(row->min <= row->max || row->max == 0, "%s", row->path);
    }
}

Test(keys, every_default_is_what_it_says) {
    struct reader reader = {.budget = READER_MAX_NODES};
    reader.mistakes.arena = &reader.arena;
    static const struct source source = {.name = "default", .text = ""};
    for (size_t i = 0; i < keys_count(); i++) {
        if (keys_row(i)->initial) {
            struct node *node = node_new(&reader.arena, NODE_SCALAR, &source, 0);
            node->text = keys_row(i)->initial;
            check_scalar(&reader, keys_row(i), node, keys_row(i)->path);
        }
    }
    cr_assert_eq(mistakes_say(&reader.mistakes, stderr), 0);
    arena_deinit(&reader.arena);
}

Test(keys, each_is_explained) {
    for (size_t i = 0; i < keys_count(); i++) {
        int status;
        char *text = explained(keys_row(i)->path, &status);
        cr_expect_eq(status, 0, "%s", keys_row(i)->path);
        cr_expect(strlen(text) > 20);
        free(text);
    }
}

Test(keys, explain_says_all) {
    int status;
    char *text = explained("run.drain", &status);
    cr_assert_str_eq(text, "run.drain\n"
                           "  time (ns us ms s min h); from 0ns to 1000h; default 0s\n"
                           "  After duration the sources are silent, and what is under way goes on "
                           "for at most so long.\n"
                           "  example:\n"
                           "    run:\n"
                           "      drain: 200ms\n");
    free(text);
    text = explained("genome.types.eye.states.watching.stimulus.divide", &status);
    cr_assert(status == 0 && strstr(text, "not built yet"), "%s", text);
    free(text);
    text = explained("wake_ns", &status);
    cr_assert(status == 0 && strstr(text, "profile.wake_ns"), "%s", text);
    free(text);
    text = explained("profile", &status);
    cr_assert(status == 0 && strstr(text, "station_priority"), "%s", text);
    free(text);
    text = explained("touch", &status);
    cr_assert(status == 0 && strstr(text, "reaction.touch"), "%s", text);
    free(text);
}

static void unknown(const char *path, const char *expected) {
    int status;
    char *text = explained(path, &status);
    cr_expect_eq(status, -1);
    cr_expect_str_eq(text, expected, "%s", text);
    free(text);
}

Test(keys, unknown_ones_get_a_suggestion) {
    unknown("synapses.hwm", "there is no key `hwm` in synapses; did you mean `queue_limit`?\n");
    unknown("rnu.seed", "there is no key `rnu`; did you mean `run`?\n");
    unknown("run.seed.x", "there is no key `x` in run.seed\n");
    unknown("topic", "there is no key `topic`; did you mean `subject`?\n");
    unknown("zzzzzz", "there is no key `zzzzzz`\n");
    unknown("run.", "there is no key `` in run\n");
}

Test(keys, schema_is_json_and_knows_every_section) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);
    language_schema(file);
    fclose(file);
    json_error_t error;
    json_t *schema = json_loads(text, 0, &error);
    cr_assert_not_null(schema, "%s", error.text);
    json_t *properties = json_object_get(schema, "properties");
    for (size_t place = 0;;) {
        const struct key *row = keys_next(keys_root(""), &place);
        if (!row) {
            break;
        }
        cr_expect_eq(json_object_get(properties, row->path) == NULL, !!(row->flags & KEY_LATER),
                     "%s", row->path);
    }
    cr_assert_not_null(json_object_get(json_object_get(schema, "$defs"), "reaction"));
    json_decref(schema);
    free(text);
}

Test(keys, the_reference_page_is_current) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);
    language_reference(file);
    fclose(file);
    if (getenv("NERVE_UPDATE")) { /* writes it anew */
        FILE *anew = fopen("docs/scenario-language.md", "w");
        cr_assert_not_null(anew);
        fputs(text, anew);
        fclose(anew);
    }
    FILE *page = fopen("docs/scenario-language.md", "r");
    cr_assert_not_null(page);
    char *there = calloc(1, bytes + 2);
    size_t read = fread(there, 1, bytes + 1, page);
    fclose(page);
    cr_assert(read == bytes && strcmp(there, text) == 0,
              "docs/scenario-language.md is not what the table says: run this test with "
              "NERVE_UPDATE=1 to write it anew");
    free(there);
    free(text);
}
