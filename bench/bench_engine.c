/*
 * The engine's speed: each workload of bench/engine through the engine's public interface, and
 * beside it, in turns, the bare loop that does the same arithmetic. CPU time of sim_run alone.
 * The machine judges nothing but digests: exit 1 where one is not the expected.
 */
#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bare.h"
#include "bench/expected.h"
#include "metrics/tally.h"
#include "nerve_commit.h"
#include "scenarios/language/scenario.h"
#include "sim/sim.h"

enum { MOST_TURNS = 99, EXIT_USAGE = 2 };

struct workload {
    const char *name;
    bare_loop *bare;
    int floor, target; /* million wakes a second */
};

static const struct workload workloads[] = {
    {"A", bare_storm, 90, 150},    {"A64", bare_storm_by_nodes, 32, 60},
    {"B", bare_targeted, 16, 25},  {"Bexp", bare_targeted_queued, 7, 14},
    {"C", bare_reflex, 18, 28},    {"C32", bare_reflex, 32, 50},
    {"D", bare_gradients, 25, 45}, {"E", bare_timers, 38, 60},
    {"F", bare_origin, 6, 14},
};

enum { WORKLOADS = sizeof workloads / sizeof *workloads };

/* One run of the engine. */
struct engine_run {
    uint64_t wakes;
    int64_t cpu_ns, busy_ns;
    char digest[DIGEST_TEXT_BYTES];
};

/* A workload's figures: medians over its turns. */
struct result {
    uint64_t wakes;
    double engine, bare; /* million wakes a CPU second */
    char digest[DIGEST_TEXT_BYTES];
    const char *verdict;
    bool failed;
};

struct options {
    const char *only, *append, *folder;
    int turns;
    bool json, update;
};

static double speed(uint64_t wakes, int64_t cpu_ns) {
    return cpu_ns > 0 ? (double)wakes * 1000.0 / (double)cpu_ns : 0;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static int run_engine(const struct plan *plan, struct engine_run *run) {
    struct sim_options options = {.bucket_bits = -1};
    struct error error;
    struct sim *sim = sim_create(plan, &options, &error);
    if (!sim) {
        fprintf(stderr, "bench_engine: %s\n", error.text);
        return -1;
    }
    int64_t begin = bare_cpu_ns();
    sim_run(sim);
    run->cpu_ns = bare_cpu_ns() - begin;
    struct tally tally;
    tally_init(&tally, plan);
    sim_tally(sim, &tally);
    run->wakes = tally.wakes;
    run->busy_ns = (int64_t)tally.host[0].busy_ns;
    digest_text(&tally.digest, run->digest);
    bool closes = tally_closes(&tally);
    tally_deinit(&tally);
    sim_destroy(sim);
    if (!closes) {
        fprintf(stderr, "bench_engine: the account of %s does not close\n", plan->name);
        return -1;
    }
    return 0;
}

/* A bare loop must do the engine's arithmetic: a wake costs the colony about the same in both. */
static void compare_costs(const char *name, const struct engine_run *run,
                          const struct bare_result *bare) {
    double engine_ns = (double)run->busy_ns / (double)run->wakes;
    double bare_ns = (double)bare->busy_ns / (double)bare->wakes;
    if (bare_ns < engine_ns * 0.95 || bare_ns > engine_ns * 1.05) {
        fprintf(stderr,
                "bench_engine: %s: a wake takes %.1f ns of the colony's cores, %.1f in the bare "
                "loop: that has drifted from the workload\n",
                name, engine_ns, bare_ns);
    }
}

static void judge(const struct workload *workload, const struct options *options,
                  struct expected *expected, struct result *result) {
    const char *known = expected_digest(expected, workload->name);
    if (options->update && !result->failed) {
        expected_set(expected, workload->name, result->digest);
    }
    if (result->failed) {
        result->verdict = "differs from run to run";
    } else if (known && strcmp(known, result->digest) == 0) {
        result->verdict = "as expected";
    } else if (options->update) {
        result->verdict = "updated";
    } else {
        result->verdict = known ? "NOT AS EXPECTED" : "not known";
        result->failed = known != NULL;
    }
}

static int run_turns(const struct workload *workload, const struct plan *plan, int turns,
                     struct result *result) {
    double engine[MOST_TURNS], bare[MOST_TURNS];
    for (int turn = 0; turn < turns; turn++) {
        struct engine_run run;
        if (run_engine(plan, &run) < 0) {
            return -1;
        }
        struct bare_result loop = workload->bare(plan, run.wakes);
        engine[turn] = speed(run.wakes, run.cpu_ns);
        bare[turn] = speed(loop.wakes, loop.cpu_ns);
        if (turn == 0) {
            result->wakes = run.wakes;
            memcpy(result->digest, run.digest, sizeof run.digest);
            compare_costs(workload->name, &run, &loop);
        }
        result->failed |= strcmp(result->digest, run.digest) != 0;
    }
    result->engine = median(engine, turns);
    result->bare = median(bare, turns);
    return 0;
}

static int run_workload(const struct workload *workload, const struct options *options,
                        struct expected *expected, struct result *result) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.yml", options->folder, workload->name);
    struct scenario scenario;
    const struct scenario_options reading = {.messages = stderr};
    if (scenario_load(&scenario, path, &reading) > 0) {
        return -1;
    }
    *result = (struct result){0};
    int status = run_turns(workload, &scenario.plan, options->turns, result);
    scenario_deinit(&scenario);
    if (status == 0) {
        judge(workload, options, expected, result);
    }
    return status;
}

static void print_json(FILE *out, const struct workload *workload, const struct result *result) {
    fprintf(out,
            "{\"bench\": \"engine\", \"workload\": \"%s\", \"mwakes_per_cpu_s\": %.1f, "
            "\"bare_mwakes_per_cpu_s\": %.1f, \"floor\": %d, \"target\": %d, \"wakes\": %llu, "
            "\"digest\": \"%s\", \"commit\": \"%s\"}\n",
            workload->name, result->engine, result->bare, workload->floor, workload->target,
            (unsigned long long)result->wakes, result->digest, NERVE_COMMIT);
    fflush(out);
}

static void print_row(FILE *out, const struct workload *workload, const struct result *result) {
    fprintf(out, "%-8s %6d %7d %8.1f %8.1f %6.2f %7.1f  %s\n", workload->name, workload->floor,
            workload->target, result->engine, result->bare, result->engine / result->bare,
            (double)result->wakes / 1e6, result->verdict);
    fflush(out);
}

/* Whether a list of names, A,B, holds this one. */
static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static void check_list(const char *list, struct argp_state *state) {
    char *copy = strdup(list), *rest = copy;
    for (char *name; copy && (name = strsep(&rest, ",")) != NULL;) {
        bool known = false;
        for (size_t i = 0; i < WORKLOADS; i++) {
            known |= strcmp(workloads[i].name, name) == 0;
        }
        if (!known) {
            argp_error(state, "no workload %s", name);
        }
    }
    free(copy);
}

static error_t parse(int key, char *text, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case 'o':
        check_list(text, state);
        options->only = text;
        return 0;
    case 'r':
        options->turns = (int)strtol(text, NULL, 10);
        if (options->turns < 1 || options->turns > MOST_TURNS) {
            argp_error(state, "--repeat takes 1 to %d", MOST_TURNS);
        }
        return 0;
    case 'a':
        options->append = text;
        return 0;
    case 'f':
        options->folder = text;
        return 0;
    case 'j':
        options->json = true;
        return 0;
    case 'u':
        options->update = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option switches[] = {
    {"only", 'o', "A,B", 0, "These workloads alone", 0},
    {"repeat", 'r', "N", 0, "Turns of engine and bare loop; medians are shown (3)", 0},
    {"json", 'j', NULL, 0, "One JSON line a workload on standard output, the table on error", 0},
    {"append", 'a', "FILE", 0, "Append the JSON lines to a file (bench/results.jsonl)", 0},
    {"update", 'u', NULL, 0, "Take the digests for the expected ones", 0},
    {"scenarios", 'f', "FOLDER", 0, "Where the workloads are (the source tree's bench/engine)", 0},
    {0},
};

static int run_all(const struct options *options, struct expected *expected, FILE *append) {
    FILE *table = options->json ? stderr : stdout;
    int code = 0;
    fprintf(table, "million wakes a CPU second, %s\n", NERVE_COMMIT);
    fprintf(table, "%-8s %6s %7s %8s %8s %6s %7s  digest\n", "", "floor", "target", "reached",
            "bare", "ratio", "Mwakes");
    for (size_t i = 0; i < WORKLOADS; i++) {
        const struct workload *workload = &workloads[i];
        struct result result;
        if (options->only && !listed(options->only, workload->name)) {
            continue;
        }
        if (run_workload(workload, options, expected, &result) < 0) {
            code = 1;
            continue;
        }
        code = result.failed ? 1 : code;
        print_row(table, workload, &result);
        if (options->json) {
            print_json(stdout, workload, &result);
        }
        if (append) {
            print_json(append, workload, &result);
        }
    }
    return code;
}

int main(int argc, char **argv) {
    struct options options = {.turns = 3, .folder = NERVE_BENCH_DIRECTORY "/engine"};
    const struct argp argp = {switches, parse, NULL, "The engine's speed on its workloads.",
                              NULL,     NULL,  NULL};
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    FILE *append = NULL;
    if (options.append && !(append = fopen(options.append, "a"))) {
        perror(options.append);
        return EXIT_USAGE;
    }
    struct expected expected;
    expected_read(&expected, options.folder);
    int code = run_all(&options, &expected, append);
    if (options.update && expected_write(&expected) < 0) {
        code = 1;
    }
    if (append && fclose(append) != 0) {
        perror(options.append);
        code = 1;
    }
    return code;
}
