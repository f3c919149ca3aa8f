/* nerve replay RUN: the stored scenario again; the same digest, or a fault. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/execution.h"
#include "cli/stored.h"

static const struct argp argp = {
    .parser = stored_parse,
    .args_doc = "RUN",
    .doc = "Run a stored run's scenario again, as it was then, and say whether the digest is the "
           "same (exit code 1 where it is not). The replay is stored as a run of its own.",
    .children = stored_children,
};

static const char *text_of(const struct figures *f, const char *path) {
    const struct figure *figure = figures_find(f, path);
    return figure && figure->kind == FIGURE_TEXT ? figure->text : "";
}

/* Says how the two compare; EXIT_OK where the digests are one. */
static enum exit_code compare(const struct stored *stored, const struct execution *again,
                              FILE *out) {
    const char *was = text_of(&stored->figures, "digest");
    const char *is = text_of(&again->figures, "digest");
    const struct figure *number = figures_find(&again->figures, "run");
    fprintf(out, "run %" PRId64 "   %s\n", stored->run, was);
    fprintf(out, "run %" PRId64 "   %s\n", number ? number->number : 0, is);
    if (strcmp(was, is) == 0) {
        fprintf(out, "The same digest: every wake was the same.\n");
        return EXIT_OK;
    }
    fprintf(out, "ANOTHER DIGEST. Run %" PRId64 " was made by nerve %s (%s), this is %s (%s).\n",
            stored->run, text_of(&stored->figures, "nerve.version"),
            text_of(&stored->figures, "nerve.commit"), text_of(&again->figures, "nerve.version"),
            text_of(&again->figures, "nerve.commit"));
    return EXIT_FAILED;
}

static enum exit_code replay(const struct stored_arguments *a, const struct stored *stored) {
    const char *status = text_of(&stored->figures, "status");
    if (strcmp(text_of(&stored->figures, "mode"), "live") == 0) {
        fprintf(stderr,
                "nerve: error: run %" PRId64 " was live: sockets make no digest to compare with; "
                "nerve run %s --live runs it again\n",
                a->run, text_of(&stored->figures, "scenario.file"));
        return EXIT_FAILED;
    }
    if (!*text_of(&stored->figures, "digest") || strcmp(status, "interrupted") == 0) {
        fprintf(stderr,
                "nerve: error: run %" PRId64 " was not run to its end (%s): it has no digest "
                "to compare with\n",
                a->run, status);
        return EXIT_FAILED;
    }
    const struct scenario_options options = {.messages = stderr, .figure = execution_possible};
    struct scenario scenario;
    char name[64];
    snprintf(name, sizeof name, "run %" PRId64, a->run);
    if (scenario_load_text(&scenario, stored->text, name, &options) != 0) {
        fprintf(stderr, "nerve: error: this nerve no longer reads run %" PRId64 "'s scenario\n",
                a->run);
        return EXIT_USAGE;
    }
    const struct execution_options execution_options = {.db = a->common.db};
    struct execution again = execution_run(&scenario, &execution_options);
    enum exit_code code = again.code;
    if (again.ran && code != EXIT_INTERRUPTED) {
        /* An expectation that is missed again is part of being the same. */
        enum exit_code same = compare(stored, &again, a->common.json ? stderr : stdout);
        code = same != EXIT_OK || code == EXIT_MISSED ? same : code;
    }
    if (again.ran && a->common.json) {
        char *json = figures_json(&again.figures);
        fputs(json, stdout);
        free(json);
    }
    figures_deinit(&again.figures);
    scenario_deinit(&scenario);
    return code;
}

int command_replay(int argc, char **argv) {
    struct stored_arguments a = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0) {
        return EXIT_USAGE;
    }
    struct stored stored;
    enum exit_code code = stored_load(&stored, a.common.db, a.run);
    if (code == EXIT_OK) {
        code = replay(&a, &stored);
        stored_deinit(&stored);
    }
    return (int)code;
}
