/* A run over sockets: the processes first, then the store (no process may inherit a database). */
#include <stdio.h>
#include <stdlib.h>

#include "cli/execution_parts.h"
#include "live/live.h"

/* What the scenario says that a real machine decides by itself. */
static void add_ignored(struct figures *f, const struct plan *plan) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) {
        abort();
    }
    for (uint32_t i = 0; i < plan->hosts; i++) {
        fprintf(out, "hosts.%s.profile (all but death_wait_ns, deaf_wait_ns)\n",
                plan->host[i].name);
    }
    for (uint32_t i = 0; i < plan->genome.reactions; i++) {
        if (plan->genome.reaction[i].touch_bytes > 0) {
            fprintf(out, "touch of the genome's reactions\n");
            break;
        }
    }
    if (plan->stages.edge_partitioners > 1) {
        fprintf(out, "partitioning.edge.partitioners (a worker is one core)\n");
    }
    fclose(out);
    if (bytes > 0) {
        text[bytes - 1] = '\0';
    }
    figures_list(f, text, "live.ignored");
    free(text);
}

static void add_costs(struct under_way *u, const struct tally *tally, void *context) {
    struct live *live = context;
    (void)tally;
    live_figures(live, &u->result->figures);
    figures_no_value(&u->result->figures, FIGURE_UNKNOWN, "memory.foretold_bytes");
    add_ignored(&u->result->figures, &u->scenario->plan);
    figures_list(&u->result->figures, live_warnings(live), "live.warnings");
}

static enum run_end end_of(enum live_status status) {
    switch (status) {
    case LIVE_OK:
        return RUN_OK;
    case LIVE_STOPPED:
        return RUN_STOPPED;
    case LIVE_INTERRUPTED:
        return RUN_INTERRUPTED;
    case LIVE_FAILED:
        break;
    }
    return RUN_FAILED;
}

static void go(struct under_way *u, struct live *live) {
    struct error error;
    u->wall_ns = progress_wall_ns();
    enum live_status ended = live_run(live, &error);
    u->wall_ns = progress_wall_ns() - u->wall_ns;
    progress_end(&u->progress);
    if (ended == LIVE_FAILED) {
        fprintf(stderr, "nerve: error: %s\n", error.text);
    }
    struct tally tally;
    tally_init(&tally, &u->scenario->plan);
    live_tally(live, &tally);
    execution_end(u, end_of(ended), &tally, add_costs, live);
    tally_deinit(&tally);
}

void execution_live(struct under_way *u) {
    const struct live_hooks hooks = {
        .context = u, .sample = execution_sample, .progress = execution_progress};
    struct error error;
    progress_begin(&u->progress, &u->scenario->plan);
    struct live *live = live_create(&u->scenario->plan, &hooks, &error);
    if (!live) {
        progress_end(&u->progress);
        if (error.text[0]) {
            fprintf(stderr, "nerve: error: %s\n", error.text);
        }
        u->result->code = error.text[0] ? EXIT_FAILED : EXIT_INTERRUPTED;
        return;
    }
    if (execution_begin(u) == 0) {
        go(u, live);
    }
    live_destroy(live);
}
