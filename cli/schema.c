/* nerve schema: the JSON Schema of scenario files, for editors. */
#include <stdio.h>

#include "cli/command.h"
#include "scenarios/language/keys.h"

static error_t parse(int key, char *arg, struct argp_state *state) {
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "it takes no argument, but got `%s`", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&command_common_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .parser = parse,
    .doc = "Print the JSON Schema of scenario files on standard output, for editors.",
    .children = children,
};

int command_schema(int argc, char **argv) {
    struct command_common common = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &common) != 0) {
        return EXIT_USAGE;
    }
    language_schema(stdout);
    return EXIT_OK;
}
