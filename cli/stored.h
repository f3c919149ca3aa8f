/* A run from the store, for the commands that take RUN. */
#ifndef NERVE_CLI_STORED_H
#define NERVE_CLI_STORED_H

#include "cli/command.h"
#include "metrics/figures.h"

struct stored {
    int64_t run;
    struct figures figures;
    char *text; /* the resolved scenario */
};

/* EXIT_OK; EXIT_STORE or EXIT_FAILED (no such run) with a message on standard error. */
enum exit_code stored_load(struct stored *stored, const char *db, int64_t run);
void stored_deinit(struct stored *stored);

/* RUN with --db and --json: the arguments of show and replay. */
struct stored_arguments {
    struct command_common common;
    int64_t run;
};
error_t stored_parse(int key, char *arg, struct argp_state *state);
extern const struct argp_child stored_children[];

#endif
