/*
 * nerve's live paths beside raw loops of ZeroMQ and NATS, in turns within the same minutes.
 * Nothing is judged by the exit code but that all ran: machines differ, look at the ratio.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/live/bench_live.h"
#include "nerve_commit.h"

enum { MOST_TURNS = 99, EXIT_USAGE = 2 };

struct options {
    const char *only, *append;
    int turns;
    bool json, list;
};

static const struct live_list *const lists[] = {
    &live_links,
#ifdef NERVE_BENCH_BROADCAST
    &live_broadcasts,
#endif
};

enum { LISTS = sizeof lists / sizeof *lists };

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
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
        for (size_t l = 0; l < LISTS; l++) {
            for (size_t i = 0; i < lists[l]->count; i++) {
                known |= strcmp(lists[l]->workload[i].name, name) == 0;
            }
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
    case 'j':
        options->json = true;
        return 0;
    case 'l':
        options->list = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option switches[] = {
    {"only", 'o', "A,B", 0, "These workloads alone", 0},
    {"list", 'l', NULL, 0, "Name the workloads", 0},
    {"repeat", 'r', "N", 0, "Turns of nerve and raw loop; medians are shown (5)", 0},
    {"json", 'j', NULL, 0, "One JSON line a figure on standard output, the table on error", 0},
    {"append", 'a', "FILE", 0, "Append the JSON lines to a file (bench/results.jsonl)", 0},
    {0},
};

/* How a figure is shown: WORKLOAD or WORKLOAD.FIGURE. */
static void full_name(const struct live_workload *workload, int figure, char name[64]) {
    const char *own = workload->figure[figure].name;
    (void)snprintf(name, 64, "%s%s%s", workload->name, *own ? "." : "", own);
}

static void print_json(FILE *out, const char *name, const struct live_figure *figure, double nerve,
                       double raw) {
    fprintf(out,
            "{\"bench\": \"live\", \"workload\": \"%s\", \"nerve\": %.1f, \"raw\": %.1f, "
            "\"ratio\": %.3f, \"unit\": \"%s\", \"bar\": %.2f, \"commit\": \"%s\"}\n",
            name, nerve, raw, raw > 0 ? nerve / raw : 0, figure->unit, figure->bar, NERVE_COMMIT);
    fflush(out);
}

static const char *verdict(const struct live_figure *figure, double ratio) {
    if (figure->bar <= 0) {
        return "";
    }
    return (figure->lower ? ratio <= figure->bar : ratio >= figure->bar) ? "reached" : "MISSED";
}

static void print_row(FILE *out, const char *name, const struct live_figure *figure, double nerve,
                      double raw) {
    double ratio = raw > 0 ? nerve / raw : 0;
    char bar[16] = "";
    if (figure->bar > 0) {
        (void)snprintf(bar, sizeof bar, "%s %.2f", figure->lower ? "<=" : ">=", figure->bar);
    }
    fprintf(out, "%-24s %12.1f %12.1f %7.2f  %-8s %-8s %s\n", name, nerve, raw, ratio, bar,
            verdict(figure, ratio), figure->unit);
    fflush(out);
}

static int run_workload(const struct live_workload *workload, const struct options *options,
                        FILE *append) {
    double nerve[LIVE_FIGURES][MOST_TURNS], raw[LIVE_FIGURES][MOST_TURNS];
    for (int turn = 0; turn < options->turns; turn++) {
        struct live_turn result = {.number = turn};
        if (workload->run(workload, &result) < 0) {
            fprintf(stderr, "bench_live: %s could not run\n", workload->name);
            return -1;
        }
        for (int i = 0; i < workload->figures; i++) {
            nerve[i][turn] = result.nerve[i];
            raw[i][turn] = result.raw[i];
        }
    }
    for (int i = 0; i < workload->figures; i++) {
        char name[64];
        full_name(workload, i, name);
        double ours = median(nerve[i], options->turns), theirs = median(raw[i], options->turns);
        print_row(options->json ? stderr : stdout, name, &workload->figure[i], ours, theirs);
        if (options->json) {
            print_json(stdout, name, &workload->figure[i], ours, theirs);
        }
        if (append) {
            print_json(append, name, &workload->figure[i], ours, theirs);
        }
    }
    return 0;
}

static int run_all(const struct options *options, FILE *append) {
    int code = 0;
    FILE *table = options->json ? stderr : stdout;
    if (!options->list) {
        fprintf(table, "medians of %d turns, %s\n%-24s %12s %12s %7s  bar\n", options->turns,
                NERVE_COMMIT, "", "nerve", "raw", "ratio");
    }
    for (size_t l = 0; l < LISTS; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            const struct live_workload *workload = &lists[l]->workload[i];
            if (options->only && !listed(options->only, workload->name)) {
                continue;
            }
            if (options->list) {
                puts(workload->name);
            } else if (run_workload(workload, options, append) < 0) {
                code = 1;
            }
        }
    }
    return code;
}

int main(int argc, char **argv) {
    struct options options = {.turns = 5};
    const struct argp argp = {
        switches, parse, NULL, "nerve's live paths beside raw loops of the same libraries.",
        NULL,     NULL,  NULL};
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    FILE *append = NULL;
    if (options.append && !(append = fopen(options.append, "a"))) {
        perror(options.append);
        return EXIT_USAGE;
    }
    int code = run_all(&options, append);
    if (append && fclose(append) != 0) {
        perror(options.append);
        code = 1;
    }
    return code;
}
