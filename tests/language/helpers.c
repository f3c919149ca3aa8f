#include "tests/language/helpers.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char small[] =
    "name: small\n"
    "run: {duration: 1s}\n"
    "hosts: {here: {profile: epyc-2}}\n"
    "colony: {cells: 100, nodes: 10, types: {eye: 20%, motor: 30, tissue: rest}}\n"
    "genome:\n"
    "  signals:\n"
    "    touch: {size: 100B}\n"
    "    pain: {size: 1KiB, carries: version}\n"
    "  types:\n"
    "    cell: {always: {any: {work: 5us}}}\n"
    "    eye: {like: cell, bonds: {motor: {type: motor}},\n"
    "          states: {on: {touch: {send: {signal: pain, to: motor}}}}}\n"
    "    motor: {like: cell, states: {on: {pain: {work: 1us, next: off}}, off: {}},\n"
    "            start: on}\n"
    "    tissue: {like: cell}\n"
    "workload:\n"
    "  touches: {signal: touch, to: {type: eye}, rate: 1k/s}\n";

int load_with(struct scenario *scenario, const char *text, char **messages, ...) {
    const char *set[8];
    size_t sets = 0, bytes = 0;
    va_list args;
    va_start(args, messages);
    for (const char *at; (at = va_arg(args, const char *));) {
        cr_assert(sets < 8);
        set[sets++] = at;
    }
    va_end(args);
    FILE *file = open_memstream(messages, &bytes);
    struct scenario_options options = {.set = set, .sets = sets, .messages = file};
    int mistakes = scenario_load_text(scenario, text, "test.yml", &options);
    fclose(file);
    return mistakes;
}

int load_file(struct scenario *scenario, const char *path, char **messages) {
    size_t bytes = 0;
    FILE *file = open_memstream(messages, &bytes);
    struct scenario_options options = {.messages = file};
    int mistakes = scenario_load(scenario, path, &options);
    fclose(file);
    return mistakes;
}

void load_right(struct scenario *scenario, const char *text) {
    char *messages;
    int mistakes = load_with(scenario, text, &messages, NULL);
    cr_assert_eq(mistakes, 0, "%s", messages);
    free(messages);
}

void refuse(const char *text, const char *part) {
    struct scenario scenario;
    char *messages;
    int mistakes = load_with(&scenario, text, &messages, NULL);
    cr_assert_neq(mistakes, 0, "not refused: %s", text);
    cr_assert(strstr(messages, part), "`%s` is not in:\n%s", part, messages);
    free(messages);
}

static char *joined(const char *more) {
    char *text;
    cr_assert(asprintf(&text, "%s%s", small, more) > 0);
    return text;
}

void load_small(struct scenario *scenario, const char *more) {
    char *text = joined(more);
    load_right(scenario, text);
    free(text);
}

void refuse_small(const char *more, const char *part) {
    char *text = joined(more);
    refuse(text, part);
    free(text);
}
