/* nerve run SCENARIO: one run under the virtual clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/execution.h"
#include "cli/page.h"
#include "cli/scale.h"
#include "cli/story.h"

struct arguments {
    struct command_common common;
    struct command_over over;
    const char *file;
    bool no_store, live;
    int64_t divisor; /* of --scale; 0: none */
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
        a->live = true;
        return 0;
    case KEY_SCALE:
        a->divisor = scale_parse(arg);
        if (a->divisor == 0) {
            argp_error(state, "--scale is 1/N, N a whole number (1/100), not `%s`", arg);
        }
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
        if (a->divisor > 0 && !a->live) {
            argp_error(state, "--scale belongs to --live: the virtual clock runs any size");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"no-store", KEY_NO_STORE, NULL, 0, "Store nothing: the run has no number", 1},
    {"live", KEY_LIVE, NULL, 0,
     "Over real ZeroMQ and NATS sockets, in real time, not under the virtual clock", 1},
    {"scale", KEY_SCALE, "1/N", 0,
     "With --live: a colony of an Nth (cells, nodes, domains, counts of types, rates)", 1},
    {0},
};

static const struct argp_child children[] = {
    {&command_over_argp, 0, NULL, 0}, {&command_common_argp, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "SCENARIO",
    .doc = "Run a scenario under the virtual clock (or --live), store its figures and tell its "
           "story."
           "\vSCENARIO is a file, or the name of one of nerve's own (misrouted-debug, pain-reflex, "
           "gradient-error). Ctrl-C stops the run and stores what there is.\n\n"
           "  nerve run misrouted-debug --strategy edge\n"
           "  nerve run pain-reflex --live\n"
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

/* Loads the scenario; of a live run that is scaled down, once more with what scaling sets. */
static int load(struct scenario *scenario, const struct arguments *a,
                const struct scenario_options *over, struct scale *scale) {
    if (scenario_load(scenario, a->file, over) != 0) {
        return -1;
    }
    if (a->divisor <= 1) {
        return 0;
    }
    scale_make(scale, scenario, a->divisor);
    scenario_deinit(scenario);
    struct scenario_options scaled = *over;
    const char **set = memory_new(over->sets + scale->sets, sizeof *set);
    for (size_t i = 0; i < over->sets + scale->sets; i++) {
        set[i] = i < over->sets ? over->set[i] : scale->set[i - over->sets];
    }
    scaled.set = set;
    scaled.sets = over->sets + scale->sets;
    int mistakes = scenario_load(scenario, a->file, &scaled);
    free(set);
    return mistakes;
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
    struct scale scale = {0};
    if (load(&scenario, &a, &scenario_options, &scale) == 0) {
        const struct execution_options execution_options = {
            .db = a.no_store ? NULL : a.common.db,
            .live = a.live,
            .divisor = a.divisor,
            .divided = scale.divided,
        };
        struct execution execution = execution_run(&scenario, &execution_options);
        if (execution.ran) {
            show(&a, &scenario, &scenario_options, &execution);
        }
        code = (int)execution.code;
        figures_deinit(&execution.figures);
        scenario_deinit(&scenario);
    }
    scale_deinit(&scale);
    command_over_deinit(&a.over);
    return code;
}
