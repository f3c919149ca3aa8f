#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum { KEY_DB = 0x100, KEY_JSON, KEY_SET, KEY_SEED, KEY_STRATEGY };

static error_t parse_common(int key, char *arg, struct argp_state *state) {
    struct command_common *common = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common->db = common->db ? common->db : "nerve.db";
        return 0;
    case KEY_DB:
        if (!*arg) {
            argp_error(state, "--db needs a file's name");
        }
        common->db = arg;
        return 0;
    case KEY_JSON:
        common->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option common_options[] = {
    {"db", KEY_DB, "FILE", 0, "The store of runs (default: nerve.db here)", 8},
    {"json", KEY_JSON, NULL, 0, "Figures as JSON on standard output", 8},
    {0},
};

const struct argp command_common_argp = {.options = common_options, .parser = parse_common};

static void add_set(struct command_over *over, const char *path, const char *value) {
    char *text = NULL;
    if (asprintf(&text, "%s%s%s", path, *path ? "=" : "", value) < 0) {
        abort();
    }
    over->set = memory_grow(over->set, over->sets + 1, sizeof *over->set);
    over->set[over->sets++] = text;
}

static error_t parse_over(int key, char *arg, struct argp_state *state) {
    struct command_over *over = state->input;
    switch (key) {
    case KEY_SET:
        add_set(over, "", arg);
        return 0;
    case KEY_SEED:
        add_set(over, "run.seed", arg);
        return 0;
    case KEY_STRATEGY:
        add_set(over, "partitioning.strategy", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option over_options[] = {
    {"set", KEY_SET, "KEY=VALUE", 0,
     "Lay a value over the scenario's; any key, any number of times", 1},
    {"seed", KEY_SEED, "N", 0, "Short for --set run.seed=N", 1},
    {"strategy", KEY_STRATEGY, "NAME", 0, "Short for --set partitioning.strategy=NAME", 1},
    {0},
};

const struct argp command_over_argp = {.options = over_options, .parser = parse_over};

void command_over_deinit(struct command_over *over) {
    for (size_t i = 0; i < over->sets; i++) {
        free(over->set[i]);
    }
    free(over->set);
}

int64_t command_run_number(const struct argp_state *state, const char *text) {
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end || !isdigit((unsigned char)text[0]) || number < 1) {
        argp_error(state, "`%s` is no run's number: `nerve runs` lists them", text);
    }
    return number;
}
