#include "cli/stored.h"

#include <stdio.h>
#include <stdlib.h>

#include "metrics/store.h"

const struct argp_child stored_children[] = {{&command_common_argp, 0, NULL, 0}, {0}};

error_t stored_parse(int key, char *arg, struct argp_state *state) {
    struct stored_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->common;
        return 0;
    case ARGP_KEY_ARG:
        if (a->run > 0) {
            argp_error(state, "one run at a time: `%s` is one too many", arg);
        }
        a->run = command_run_number(state, arg);
        return 0;
    case ARGP_KEY_END:
        if (a->run == 0) {
            argp_error(state, "it needs a run's number: `nerve runs` lists them");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

enum exit_code stored_load(struct stored *stored, const char *db, int64_t run) {
    *stored = (struct stored){.run = run};
    struct error error;
    struct store *store = store_open(db, STORE_READ, &error);
    if (!store) {
        fprintf(stderr, "nerve: error: %s\n", error.text);
        return EXIT_STORE;
    }
    enum exit_code code = EXIT_OK;
    if (store_figures(store, run, &stored->figures, &error) < 0 ||
        store_text(store, run, &stored->text, &error) < 0) {
        fprintf(stderr, "nerve: error: %s\n", error.text);
        code = EXIT_FAILED;
        stored_deinit(stored);
    }
    store_close(store, NULL);
    return code;
}

void stored_deinit(struct stored *stored) {
    figures_deinit(&stored->figures);
    free(stored->text);
    stored->text = NULL;
}
