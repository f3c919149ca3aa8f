/* nerve run SCENARIO: one run under the virtual clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/execution.h"
#include "cli/page.h"
#include "cli/story.h"

struct arguments {
    struct command_common common;
    struct command_over over;
    const char *file;
    bool no_store;
};

enum { KEY_NO_STORE = 0x200, KEY_LIVE, KEY_SCALE };

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->over;
        state->child_inputs[1] = &a->common;
        return 0;
    case KEY_NO_STORE:
        a->no_store = true;
        return 0;
    case KEY_LIVE:
        argp_error(state, "--live is not built yet: runs are under the virtual clock");
        return 0;
    case KEY_SCALE:
        argp_error(state, "--scale is not built yet: it belongs to --live");
        return 0;
    case ARGP_KEY_ARG:
        if (a->file) {
            argp_error(state, "one scenario at a time: `%s` is one too many", arg);
        }
        a->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->file) {
            argp_error(state, "it needs a scenario: a file, or one of nerve's own "
                              "(misrouted-debug)");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"no-store", KEY_NO_STORE, NULL, 0, "Store nothing: the run has no number", 1},
    {"live", KEY_LIVE, NULL, 0, "Over real sockets (not built yet)", 1},
    {"scale", KEY_SCALE, "1/N", 0, "Of --live (not built yet)", 1},
    {0},
};

static const struct argp_child children[] = {
    {&command_over_argp, 0, NULL, 0}, {&command_common_argp, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "SCENARIO",
    .doc = "Run a scenario under the virtual clock, store its figures and tell its story."
           "\vSCENARIO is a file, or the name of one of nerve's own (misrouted-debug, pain-reflex, "
           "gradient-error). Ctrl-C stops the run and stores what there is.\n\n"
           "  nerve run misrouted-debug --strategy edge\n"
           "  nerve run misrouted-debug --set genome.types.cell.always.any.work=0us",
    .children = children,
};

static void show(const struct arguments *a, const struct scenario *scenario,
                 const struct scenario_options *scenario_options,
                 const struct execution *execution) {
    if (a->common.json) {
        char *json = figures_json(&execution->figures);
        fputs(json, stdout);
        free(json);
        return;
    }
    struct page page;
    page_init(&page, stdout);
    const struct story_again again = {a->file, scenario_options};
    story_tell(&page, scenario, &execution->figures, &again);
}

int command_run(int argc, char **argv) {
    struct arguments a = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0) {
        return EXIT_USAGE;
    }
    const struct scenario_options scenario_options = {.set = (const char *const *)a.over.set,
                                                      .sets = a.over.sets,
                                                      .messages = stderr,
                                                      .figure = execution_possible};
    struct scenario scenario;
    int code = EXIT_USAGE;
    if (scenario_load(&scenario, a.file, &scenario_options) == 0) {
        struct execution execution = execution_run(&scenario, a.no_store ? NULL : a.common.db);
        if (execution.ran) {
            show(&a, &scenario, &scenario_options, &execution);
        }
        code = (int)execution.code;
        figures_deinit(&execution.figures);
        scenario_deinit(&scenario);
    }
    command_over_deinit(&a.over);
    return code;
}
