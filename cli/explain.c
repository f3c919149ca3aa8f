/* nerve explain KEY: a key of the scenario language, or a figure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "metrics/figures.h"
#include "scenarios/language/keys.h"

struct arguments {
    struct command_common common;
    const char *key;
};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->common;
        return 0;
    case ARGP_KEY_ARG:
        if (a->key) {
            argp_error(state, "one key at a time: `%s` is one too many", arg);
        }
        a->key = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&command_common_argp, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .parser = parse,
    .args_doc = "[KEY]",
    .doc = "Explain a key of the scenario language (run.duration, or a part of a path), of a host "
           "profile (profile.wake_ns), or a figure (account.sent)."
           "\v  nerve explain                      every section of a scenario\n"
           "  nerve explain colony.cells         one key\n"
           "  nerve explain profile              the keys of a host profile\n"
           "  nerve explain figures              every figure\n"
           "  nerve explain signals.debug.rmr    one figure",
    .children = children,
};

static const char *unit_words(const char *unit) {
    static const struct {
        const char *unit, *words;
    } words[] = {
        {"ns", "nanoseconds, whole"},
        {"B", "bytes"},
        {"ppm", "parts per million"},
        {"1", "a count"},
        {"decimal", "a decimal of six places"},
        {"text", "a text"},
        {"list", "a list of texts"},
        {"bool", "true or false"},
        {"any", "of any type"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].unit, unit) == 0) {
            return words[i].words;
        }
    }
    return unit;
}

static void explain_figure(const struct figure_row *row) {
    const char *modes = row->sim && row->live ? "simulated and live runs"
                        : row->sim            ? "simulated runs (null in live ones)"
                                              : "live runs (null in simulated ones)";
    printf("%s: a figure\n", row->path);
    printf("  type      %s\n", unit_words(row->unit));
    printf("  known of  %s\n", modes);
    printf("  meaning   %s\n", row->meaning);
    printf("  none      what never happened (JSON: \"none\"); not known: null\n");
}

/* The table, a line a figure; what is under one name only, where one is given. */
static int list_figures(const char *under) {
    size_t bytes = strlen(under);
    int found = 0;
    for (size_t i = 0; i < figures_table_rows; i++) {
        const struct figure_row *row = &figures_table[i];
        if (bytes == 0 || (strncmp(row->path, under, bytes) == 0 && row->path[bytes] == '.')) {
            printf("%-40s %-8s %s\n", row->path, row->unit, row->meaning);
            found++;
        }
    }
    return found;
}

/* What there is to say goes to standard output, what is wrong to standard error. */
static int explain_key(const char *key) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) {
        return -1;
    }
    int result = language_explain(key, out);
    fclose(out);
    fputs(text, result < 0 ? stderr : stdout);
    free(text);
    return result;
}

int command_explain(int argc, char **argv) {
    struct arguments a = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0) {
        return EXIT_USAGE;
    }
    const char *key = a.key ? a.key : "";
    if (strcmp(key, "figures") == 0) {
        printf("Figures: what every run reports. Words in capitals stand for names of the "
               "scenario.\n");
        list_figures("");
        return EXIT_OK;
    }
    /* A word may be a key, a figure, or both: `hosts`. Keys first. */
    bool is_key = !*key || keys_find(key) != NULL;
    const struct figure_row *row = figures_row(key);
    if (!is_key && row) {
        explain_figure(row);
        return EXIT_OK;
    }
    if (!is_key && list_figures(key) > 0) {
        return EXIT_OK;
    }
    if (explain_key(key) < 0) {
        return EXIT_USAGE;
    }
    if (row) {
        printf("\n");
        explain_figure(row);
    }
    if (!*key) {
        printf("\n`nerve explain figures` lists what runs report.\n");
    }
    return EXIT_OK;
}
