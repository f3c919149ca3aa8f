/* The program: finds the command and hands over. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "nerve_commit.h"

static const struct command commands[] = {
    {"run", "run a scenario: story, account, digest", command_run},
    {"check", "read a scenario, say what it is and what it will need", command_check},
    {"runs", "list the runs in the store", command_runs},
    {"show", "show a stored run again", command_show},
    {"replay", "run a stored run again and compare its digest", command_replay},
    {"explain", "explain a key of the scenario language, or a figure", command_explain},
    {"schema", "print the JSON Schema of scenario files", command_schema},
};

static const char *const later[] = {"compare", "limit", "report", "diff", "trace"};

enum { COMMANDS = sizeof commands / sizeof *commands, LATER = sizeof later / sizeof *later };

/* How many letters two words differ by, at most `limit` + 1: to find what was meant. */
static size_t distance(const char *a, const char *b) {
    size_t row[32], n = strlen(b);
    if (n + 1 > sizeof row / sizeof *row) {
        return n;
    }
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t same = corner + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] : row[j - 1];
            corner = row[j];
            row[j] = same < least + 1 ? same : least + 1;
        }
    }
    return row[n];
}

static void refuse(const struct argp_state *state, const char *name) {
    for (size_t i = 0; i < LATER; i++) {
        if (strcmp(name, later[i]) == 0) {
            argp_error(state, "`%s` is not built yet", name);
        }
    }
    size_t nearest = 0;
    for (size_t i = 1; i < COMMANDS; i++) {
        if (distance(name, commands[i].name) < distance(name, commands[nearest].name)) {
            nearest = i;
        }
    }
    if (distance(name, commands[nearest].name) <= 2) {
        argp_error(state, "there is no command `%s`: did you mean `%s`?", name,
                   commands[nearest].name);
    }
    argp_error(state, "there is no command `%s`", name);
}

struct choice {
    const struct command *command;
    int at; /* its place in argv */
};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct choice *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        for (size_t i = 0; i < COMMANDS; i++) {
            if (strcmp(arg, commands[i].name) == 0) {
                choice->command = &commands[i];
            }
        }
        if (!choice->command) {
            refuse(state, arg);
        }
        choice->at = state->next - 1;
        state->next = state->argc; /* the rest is the command's */
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_state_help(state, stderr, ARGP_HELP_STD_USAGE);
        exit(EXIT_USAGE);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The list of commands, below the options. */
static char *filter(int key, const char *text, void *input) {
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) {
        return (char *)text;
    }
    char *list = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&list, &bytes);
    if (!out) {
        return NULL;
    }
    fprintf(out, "Commands:\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "  %-9s  %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(out, "\n`nerve COMMAND --help` says more. The first thing to try:\n"
                 "  nerve run misrouted-debug\n\n"
                 "Exit codes: 0 ok, 1 failed, 2 bad usage or scenario, 3 an expectation missed, "
                 "4 the account does not close, 5 the store is unusable, 130 interrupted.");
    fclose(out);
    return list; /* argp frees it */
}

static void print_version(FILE *out, struct argp_state *state) {
    (void)state;
    fprintf(out, "nerve %s (%s)\n", NERVE_VERSION, NERVE_COMMIT);
}

int main(int argc, char **argv) {
    argp_err_exit_status = EXIT_USAGE;
    argp_program_version_hook = print_version;
    const struct argp argp = {
        .parser = parse,
        .args_doc = "COMMAND [ARGUMENT...]",
        .doc = "A colony of half a million cells and its nervous system, under a virtual clock.\v",
        .help_filter = filter,
    };
    struct choice choice = {0};
    if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0) {
        return EXIT_USAGE;
    }
    char name[64];
    snprintf(name, sizeof name, "nerve %s", choice.command->name);
    argv[choice.at] = name;
    int code = choice.command->run(argc - choice.at, argv + choice.at);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "nerve: standard output cannot be written\n");
        return code ? code : EXIT_FAILED;
    }
    return code;
}
