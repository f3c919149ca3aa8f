#include "tests/sim/runs.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/naive/naive.h"

const char quiet[] =
    "hosts:\n"
    "  here:\n"
    "    profile: epyc-2\n"
    "    set: {cores: none, cache_domains: 1, line_latency_ns: [[1, 0]], memory: none,\n"
    "      memory_from_bytes: 1GiB, bandwidth_bytes_per_s: 1000G, touch_bytes: 0, cell_bytes: 0,\n"
    "      envelope_bytes: 0, prefetch_gain: 1, transfer_ns: 0, copy_ps_per_byte: 0,\n"
    "      wake_ns: 0, send_ns: 0, send_scattered_ns: 0, quantum_ns: 10M,\n"
    "      idle_spin_ns: 0, idle_sleep_ns: 0, spin_max_ns: 0,\n"
    "      zmq_send_ns: 0, zmq_receive_ns: 0, zmq_connect_ns: 0, link_setup_ns: 0, link_bytes: 0,\n"
    "      link_ns: 0, link_idle_ns: 0, link_credit_ns: 0, kernel_slots: 0,\n"
    "      nats_publish_ns: 0, reader_ns: 0, header_bytes: 0, server_ingest_ns: 0,\n"
    "      server_match_ns: 0, server_match_miss_ns: 0, server_copy_ns: 0,\n"
    "      stall_ns: 0, stall_max_ns: 0, reconnect_ns: 1,\n"
    "      ipc_latency_ns: 0, tcp_latency_ns: 0, net_latency_ns: 0,\n"
    "      death_wait_ns: 1G, deaf_wait_ns: 1G}\n";

enum { MOST_SETS = 40 };

static void load(struct run *run, const char *text, const char *name, const char *const *set,
                 size_t sets) {
    char *said = NULL;
    size_t bytes = 0;
    FILE *messages = open_memstream(&said, &bytes);
    struct scenario_options options = {.set = set, .sets = sets, .messages = messages};
    *run = (struct run){0};
    int mistakes = text ? scenario_load_text(&run->scenario, text, name, &options)
                        : scenario_load(&run->scenario, name, &options);
    fclose(messages);
    cr_assert_eq(mistakes, 0, "%s", said);
    free(said);
}

static void run_real(struct run *run, const struct sim_options *options) {
    struct error error;
    struct sim *sim = sim_create(&run->scenario.plan, options, &error);
    cr_assert_not_null(sim, "%s", error.text);
    cr_assert_eq(sim_run(sim), SIM_OK);
    tally_init(&run->tally, &run->scenario.plan);
    sim_tally(sim, &run->tally);
    sim_destroy(sim);
    figures_from_tally(&run->figures, &run->tally);
    cr_assert(tally_closes(&run->tally));
}

static size_t gather(const char *set[MOST_SETS], va_list args) {
    size_t sets = 0;
    for (const char *at; (at = va_arg(args, const char *));) {
        cr_assert(sets < MOST_SETS);
        set[sets++] = at;
    }
    return sets;
}

void run_with(struct run *run, const struct sim_options *options, const char *text,
              const char *const *set, size_t sets) {
    char *whole;
    cr_assert(asprintf(&whole, "%s%s", quiet, text) > 0);
    load(run, whole, "test.yml", set, sets);
    free(whole);
    run_real(run, options);
}

void run_quiet(struct run *run, const char *text, ...) {
    const char *set[MOST_SETS];
    va_list args;
    va_start(args, text);
    size_t sets = gather(set, args);
    va_end(args);
    run_with(run, &(struct sim_options){.bucket_bits = -1}, text, set, sets);
}

void run_own(struct run *run, const char *name, ...) {
    const char *set[MOST_SETS];
    va_list args;
    va_start(args, name);
    size_t sets = gather(set, args);
    va_end(args);
    load(run, NULL, name, set, sets);
    run_real(run, &(struct sim_options){.bucket_bits = -1});
}

static bool alike(const struct figure *a, const struct figure *b) {
    return b && a->kind == b->kind && a->number == b->number &&
           (a->text == NULL) == (b->text == NULL) && (!a->text || strcmp(a->text, b->text) == 0);
}

static void run_naively(const struct run *run) {
    struct tally tally;
    struct figures figures = {0};
    tally_init(&tally, &run->scenario.plan);
    naive_run(&run->scenario.plan, &tally);
    figures_from_tally(&figures, &tally);
    for (size_t i = 0; i < run->figures.count; i++) {
        const struct figure *real = &run->figures.figure[i];
        const struct figure *naive = figures_find(&figures, real->path);
        bool unsaid = !naive && real->kind == FIGURE_NUMBER && real->number == 0;
        if (!unsaid && strcmp(real->path, "speed.events") != 0 && !alike(real, naive)) {
            char a[128], b[128] = "not there";
            figures_value_text(real, a, sizeof a);
            if (naive) {
                figures_value_text(naive, b, sizeof b);
            }
            cr_expect(false, "%s: %s, the naive engine says %s", real->path, a, b);
        }
    }
    figures_deinit(&figures);
    tally_deinit(&tally);
}

void run_traced(struct run *run, const char *text, ...) {
    const char *set[MOST_SETS];
    va_list args;
    va_start(args, text);
    size_t sets = gather(set, args);
    va_end(args);
    run_with(run, &(struct sim_options){.bucket_bits = -1}, text, set, sets);
    run_naively(run);
}

void run_deinit(struct run *run) {
    figures_deinit(&run->figures);
    tally_deinit(&run->tally);
    scenario_deinit(&run->scenario);
}

static const struct figure *figure_of(const struct run *run, const char *path) {
    const struct figure *figure = figures_find(&run->figures, path);
    cr_assert_not_null(figure, "no figure %s", path);
    return figure;
}

int64_t run_number(const struct run *run, const char *path) {
    const struct figure *figure = figure_of(run, path);
    cr_assert(figure->kind == FIGURE_NUMBER || figure->kind == FIGURE_DECIMAL, "%s is no number",
              path);
    return figure->number;
}

bool run_none(const struct run *run, const char *path) {
    return figure_of(run, path)->kind == FIGURE_NONE;
}

const char *run_words(const struct run *run, const char *path) {
    const struct figure *figure = figure_of(run, path);
    cr_assert_eq(figure->kind, FIGURE_TEXT, "%s is no text", path);
    return figure->text;
}

static struct heard together(struct histogram *const phases[PHASES]) {
    struct heard heard = {0};
    for (int phase = 0; phase < PHASES; phase++) {
        heard.count += phases[phase]->count;
        heard.sum_ns += (int64_t)phases[phase]->sum;
        heard.max_ns = phases[phase]->max > heard.max_ns ? phases[phase]->max : heard.max_ns;
    }
    return heard;
}

struct heard run_reflex(const struct run *run, uint32_t source) {
    return together(run->tally.source[source].reflex);
}

struct heard run_latency(const struct run *run, uint32_t kind) {
    return together(run->tally.kind[kind].latency);
}

void run_plan_digest(const struct plan *plan, int bits, char text[DIGEST_TEXT_BYTES]) {
    struct error error;
    struct tally tally;
    struct sim *sim = sim_create(plan, &(struct sim_options){.bucket_bits = bits}, &error);
    cr_assert_not_null(sim, "%s", error.text);
    (void)sim_run(sim);
    tally_init(&tally, plan);
    sim_tally(sim, &tally);
    sim_destroy(sim);
    digest_text(&tally.digest, text);
    tally_deinit(&tally);
}
