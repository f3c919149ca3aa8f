/*
 * What the commands share: their table, their exit codes, the options that every one takes.
 */
#ifndef NERVE_CLI_COMMAND_H
#define NERVE_CLI_COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2, /* or a mistake in the scenario */
    EXIT_MISSED = 3,
    EXIT_ACCOUNT = 4,
    EXIT_STORE = 5,
    EXIT_INTERRUPTED = 130,
};

struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is "nerve NAME" */
};

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_runs(int argc, char **argv);
int command_show(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_schema(int argc, char **argv);

/* --db and --json, as a child of a command's own argp; its input is a struct command_common. */
struct command_common {
    const char *db;
    bool json;
};
extern const struct argp command_common_argp;

/* --set, --seed, --strategy: what is laid over a scenario, in the order of the command line.
 * A child as well. */
struct command_over {
    size_t sets;
    char **set; /* owned */
};
extern const struct argp command_over_argp;
void command_over_deinit(struct command_over *over);

/* A run's number: 3. Ends the program with a usage error where it is none. */
int64_t command_run_number(const struct argp_state *state, const char *text);

#endif
