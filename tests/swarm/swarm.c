/*
 * swarm --seeds FROM COUNT [--bucket-bits B]   both engines on random scenarios: every figure alike
 * swarm --storms FROM COUNT [--bucket-bits B]  the same of storms (seeds from 2^30 on)
 * swarm --naive FROM COUNT                     the naive engine alone: accounts close
 * swarm --coverage FROM COUNT                  which mechanisms the seeds meet
 * swarm --first SEED                          at which wake the engines part, and what was before
 * swarm --show SEED                            the scenario of a seed
 * swarm --knobs                                every profile key in use moves a figure
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/swarm/swarm.h"

enum { MOST_FAILURES = 10, PATIENCE_S = 60 };

static int usage(void) {
    fprintf(stderr, "usage: swarm --seeds FROM COUNT [--bucket-bits B]\n"
                    "       swarm --storms FROM COUNT [--bucket-bits B]\n"
                    "       swarm --naive FROM COUNT\n"
                    "       swarm --coverage FROM COUNT\n"
                    "       swarm --first SEED\n"
                    "       swarm --show SEED\n"
                    "       swarm --knobs\n");
    return 2;
}

static bool number(const char *text, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

/* Leaves the scenario's text in a file and says how to see it again. */
static void report(const struct swarm_case *one, const char *again) {
    char name[64];
    (void)snprintf(name, sizeof name, "swarm-%" PRIu64 ".yml", one->seed);
    FILE *file = fopen(name, "w");
    if (file != NULL) {
        (void)fputs(one->text, file);
        (void)fclose(file);
    }
    printf("  scenario: %s\n  again:    swarm %s\n", file != NULL ? name : "(not written)", again);
}

/* A seed that does not end is named, too: the text is ready before it starts. */
static char alarm_text[96];
static size_t alarm_bytes;

static void on_alarm(int signal) {
    (void)signal;
    ssize_t written = write(STDOUT_FILENO, alarm_text, alarm_bytes);
    _exit(written > 0 ? 1 : 3);
}

static void set_alarm(uint64_t seed) {
    (void)alarm(0);
    int bytes = snprintf(alarm_text, sizeof alarm_text, "seed %" PRIu64 ": no end after %d s\n",
                         seed, PATIENCE_S);
    alarm_bytes = bytes > 0 ? (size_t)bytes : 0;
    (void)alarm(PATIENCE_S);
}

static bool closes(const struct figures *figures) {
    const struct figure *figure = figures_find(figures, "account.closes");
    return figure != NULL && figure->number != 0;
}

/* True where the seed holds. */
static bool compare(uint64_t seed, int bucket_bits, bool naive_alone) {
    set_alarm(seed);
    struct swarm_case one;
    char again[96];
    (void)snprintf(again, sizeof again, "--%s %" PRIu64 " 1", naive_alone ? "naive" : "seeds",
                   seed);
    if (bucket_bits >= 0) {
        size_t length = strlen(again);
        (void)snprintf(again + length, sizeof again - length, " --bucket-bits %d", bucket_bits);
    }
    if (!swarm_case_init(&one, seed, NULL, 0)) {
        printf("seed %" PRIu64 ": the scenario is refused\n", seed);
        report(&one, again);
        free(one.text);
        return false;
    }
    struct figures naive, real = {0};
    swarm_run_naive(&one.scenario.plan, &naive, NULL);
    bool holds = closes(&naive);
    size_t differ = 0;
    if (!holds) {
        printf("seed %" PRIu64 ": the naive engine's account does not close\n", seed);
    } else if (!naive_alone) {
        swarm_run_real(&one.scenario.plan, bucket_bits, &real);
        differ = swarm_differences(&naive, &real, NULL);
    }
    if (differ > 0) {
        printf("seed %" PRIu64 ": %zu figures differ\n", seed, differ);
        (void)swarm_differences(&naive, &real, stdout);
    }
    if (!holds || differ > 0) {
        report(&one, again);
    }
    figures_deinit(&naive);
    figures_deinit(&real);
    swarm_case_deinit(&one);
    return holds && differ == 0;
}

static int compare_all(uint64_t from, uint64_t count, int bucket_bits, bool naive_alone) {
    printf("seeds %" PRIu64 " to %" PRIu64 "\n", from, from + count - 1);
    uint64_t failed = 0, tried = 0;
    for (uint64_t i = 0; i < count && failed < MOST_FAILURES; i++, tried++) {
        failed += compare(from + i, bucket_bits, naive_alone) ? 0 : 1;
    }
    printf("%" PRIu64 " of %" PRIu64 " seeds %s\n", tried - failed, tried,
           naive_alone ? "close their account" : "agree in every figure");
    return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    uint64_t from = 0, count = 0, bits = 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)signal(SIGALRM, on_alarm);
    if (argc == 2 && strcmp(argv[1], "--knobs") == 0) {
        return swarm_knobs();
    }
    if (argc == 3 && strcmp(argv[1], "--show") == 0 && number(argv[2], &from)) {
        struct swarm_case one;
        bool whole = swarm_case_init(&one, from, NULL, 0);
        (void)fputs(one.text, stdout);
        return whole ? 0 : 1;
    }
    if (argc == 3 && strcmp(argv[1], "--first") == 0 && number(argv[2], &from)) {
        return swarm_first(from);
    }
    if (argc < 4 || !number(argv[2], &from) || !number(argv[3], &count) || count == 0) {
        return usage();
    }
    if (argc == 4 && strcmp(argv[1], "--coverage") == 0) {
        return swarm_coverage(from, count);
    }
    if (argc == 4 && strcmp(argv[1], "--naive") == 0) {
        return compare_all(from, count, -1, true);
    }
    if (strcmp(argv[1], "--storms") == 0) {
        from |= SWARM_STORMS;
    } else if (strcmp(argv[1], "--seeds") != 0) {
        return usage();
    }
    if (argc == 4) {
        return compare_all(from, count, -1, false);
    }
    if (argc == 6 && strcmp(argv[4], "--bucket-bits") == 0 && number(argv[5], &bits) && bits < 48) {
        return compare_all(from, count, (int)bits, false);
    }
    return usage();
}
