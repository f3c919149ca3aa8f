#include "cli/execution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/execution_parts.h"
#include "sim/sim.h"

/* The run goes on without the store: its figures are worth having, and are said to be lost. */
static void lose_store(struct under_way *u, const struct error *error) {
    fprintf(stderr, "nerve: error: %s\n", error->text);
    fprintf(stderr, "nerve: this run is not stored\n");
    u->store_failed = true;
    if (u->store) {
        store_close(u->store, NULL);
        u->store = NULL;
    }
}

void execution_sample(void *context, const struct tally_sample *sample) {
    struct under_way *u = context;
    struct error error;
    if (u->store && store_sample(u->store, u->run, sample, &error) < 0) {
        lose_store(u, &error);
    }
}

bool execution_progress(void *context, int64_t now_ns, uint64_t wakes) {
    struct under_way *u = context;
    return progress_look(&u->progress, now_ns, wakes);
}

/* A store that cannot be used ends it here, before the run. */
static int begin_store(struct under_way *u, const char *db) {
    const struct plan *plan = &u->scenario->plan;
    struct figures *known = &u->result->figures;
    struct error error;
    u->store = store_open(db, STORE_WRITE, &error);
    const struct figure *sha256 = figures_find(known, "scenario.sha256");
    const struct figure *version = figures_find(known, "nerve.version");
    const struct figure *commit = figures_find(known, "nerve.commit");
    const struct store_run what = {
        .mode = u->options->live ? "live" : "sim",
        .scenario = plan->name,
        .title = plan->title ? plan->title : "",
        .file = u->scenario->file,
        .strategy = plan->stages.strategy,
        .text = u->scenario->text,
        .sha256 = sha256->text,
        .seed = plan->run.seed,
        .version = version->text,
        .commit = commit->text,
    };
    if (!u->store || store_begin(u->store, &what, known, &u->run, &error) < 0) {
        fprintf(stderr, "nerve: error: %s\n", error.text);
        if (u->store) {
            store_close(u->store, NULL);
        }
        u->result->code = EXIT_STORE;
        return -1;
    }
    return 0;
}

static void add_costs(struct under_way *u, const struct tally *tally, void *context) {
    (void)context;
    struct figures *f = &u->result->figures;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    int64_t rss = (int64_t)usage.ru_maxrss * 1024;
    figures_number(f, u->cpu_ns, "time.cpu_ns");
    uint128 per_s = u->cpu_ns > 0 ? (uint128)tally->wakes * 1000000000 / (uint64_t)u->cpu_ns : 0;
    figures_number(f, (int64_t)per_s, "speed.wakes_per_cpu_s");
    figures_number(f, rss, "memory.peak_rss_bytes");
    figures_number(f, rss / u->scenario->plan.colony.cells, "memory.bytes_per_cell");
    figures_number(f, sim_foretell(&u->scenario->plan).memory_bytes, "memory.foretold_bytes");
}

/* What the run's end is called; its figures and expectations are there. */
static enum store_status conclude(struct under_way *u, enum run_end end, const struct tally *tally,
                                  int missed) {
    struct execution *result = u->result;
    if (end == RUN_INTERRUPTED) {
        result->code = EXIT_INTERRUPTED;
        return STORE_INTERRUPTED;
    }
    if (!tally_closes(tally)) {
        fprintf(stderr, "nerve: error: the account does not close: a fault of nerve, not of the "
                        "scenario\n");
        result->code = EXIT_ACCOUNT;
        return STORE_FAILED;
    }
    if (end == RUN_FAILED) {
        result->code = EXIT_FAILED;
        return STORE_FAILED;
    }
    result->code = missed > 0 ? EXIT_MISSED : EXIT_OK;
    return end == RUN_STOPPED ? STORE_STOPPED : STORE_OK;
}

static void end_store(struct under_way *u, enum store_status status) {
    struct error error;
    if (u->store && store_end(u->store, u->run, status, &u->result->figures, &error) < 0) {
        lose_store(u, &error);
    }
    if (u->store && store_close(u->store, &error) < 0) {
        u->store = NULL;
        lose_store(u, &error);
    }
    if (u->store_failed) {
        u->result->code = EXIT_STORE;
    }
}

/* Where the run is to be found, and how it ended: the store adds these by itself. */
static void add_place(struct under_way *u, const char *db, enum store_status status) {
    struct figures *f = &u->result->figures;
    if (db && !u->store_failed) {
        figures_number(f, u->run, "run");
        figures_text(f, db, "db");
    } else {
        figures_no_value(f, FIGURE_NONE, "run");
        figures_no_value(f, FIGURE_NONE, "db");
    }
    figures_text(f, store_status_name(status), "status");
}

int execution_begin(struct under_way *u) {
    return u->options->db ? begin_store(u, u->options->db) : 0;
}

void execution_abandon(struct under_way *u) {
    end_store(u, STORE_FAILED);
}

void execution_end(struct under_way *u, enum run_end end, const struct tally *tally,
                   void (*more)(struct under_way *u, const struct tally *tally, void *context),
                   void *context) {
    struct figures *f = &u->result->figures;
    figures_from_tally(f, tally);
    figures_number(f, u->wall_ns, "time.wall_ns");
    more(u, tally, context);
    int missed = execution_expect(f, u->scenario, end != RUN_INTERRUPTED && end != RUN_FAILED);
    enum store_status status = conclude(u, end, tally, missed);
    end_store(u, status);
    add_place(u, u->options->db, status);
    u->result->ran = true;
}

static enum run_end end_of(enum sim_status status) {
    return status == SIM_INTERRUPTED ? RUN_INTERRUPTED
           : status == SIM_STOPPED   ? RUN_STOPPED
                                     : RUN_OK;
}

static void go(struct under_way *u, struct sim *sim) {
    struct tally tally;
    enum sim_status ended = sim_run(sim);
    tally_init(&tally, &u->scenario->plan);
    sim_tally(sim, &tally);
    u->wall_ns = progress_wall_ns() - u->wall_ns;
    u->cpu_ns = progress_cpu_ns() - u->cpu_ns;
    progress_end(&u->progress);
    execution_end(u, end_of(ended), &tally, add_costs, NULL);
    sim_destroy(sim);
    tally_deinit(&tally);
}

static int bucket_bits(void) {
    const char *bits = getenv("NERVE_BUCKET_BITS"); /* tests: the result is the same */
    return bits && *bits ? (int)strtol(bits, NULL, 10) : -1;
}

static void execution_sim(struct under_way *u) {
    const struct scenario *scenario = u->scenario;
    if (execution_begin(u) < 0) {
        return;
    }
    u->wall_ns = progress_wall_ns();
    u->cpu_ns = progress_cpu_ns();
    progress_begin(&u->progress, &scenario->plan);
    const struct sim_options options = {
        .hooks = {.context = u, .sample = execution_sample, .progress = execution_progress},
        .bucket_bits = bucket_bits(),
    };
    struct error error;
    struct sim *sim = sim_create(&scenario->plan, &options, &error);
    if (!sim) {
        progress_end(&u->progress);
        fprintf(stderr, "%s: error: %s\n", scenario->file, error.text);
        u->result->code = EXIT_USAGE;
        execution_abandon(u);
        return;
    }
    go(u, sim);
}

struct execution execution_run(const struct scenario *scenario,
                               const struct execution_options *options) {
    struct execution result = {0};
    struct under_way u = {.scenario = scenario, .options = options, .result = &result};
    execution_known(&result.figures, scenario, options);
    if (options->live) {
        execution_live(&u);
    } else {
        execution_sim(&u);
    }
    return result;
}
