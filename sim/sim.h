/*
 * The virtual clock: runs a plan's colony under simulated time, exactly as docs/model.md and
 * docs/model-readings.md say. Deterministic: the same plan gives the same tally and digest on
 * every machine, compiler and bucket width.
 *
 * Ownership: the plan must outlive the sim; the tally belongs to the caller. One thread a sim;
 * several sims in one process are independent. The hooks are called from sim_run, on its thread.
 */
#ifndef NERVE_SIM_SIM_H
#define NERVE_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "metrics/tally.h"
#include "model/plan.h"

struct sim;

struct sim_hooks {
    void *context;
    /* Each window of run.sample, in order, the empty ones too. May be NULL. */
    void (*sample)(void *context, const struct tally_sample *sample);
    /* Every some 10 ms of wall time: how far it is. Returns true to interrupt. May be NULL. */
    bool (*progress)(void *context, int64_t now_ns, uint64_t wakes);
};

struct sim_options {
    struct sim_hooks hooks;
    int bucket_bits; /* tests: buckets 2^bits ns wide; -1: adapts (the result is the same) */
};

enum sim_status { SIM_OK, SIM_STOPPED, SIM_INTERRUPTED };

/* Sets the colony up at time 0. NULL on a failure that only the whole shows (a bond that nobody
 * fits), with the error's text. */
struct sim *sim_create(const struct plan *plan, const struct sim_options *options,
                       struct error *error);

/* Runs to the end of the plan (or a limit, or the hook's interrupt). Once. */
enum sim_status sim_run(struct sim *sim);

/* Fills the tally (tally_init has been called on it). After sim_run. */
void sim_tally(struct sim *sim, struct tally *tally);

/* What became of a cell: its state, and how often it has woken. After sim_run. */
void sim_cell(const struct sim *sim, uint32_t cell, uint8_t *state, uint32_t *wakes);

/* Who holds which version (model/versions.h). After sim_run; until sim_destroy. */
struct versions;
const struct versions *sim_versions(const struct sim *sim);

void sim_destroy(struct sim *sim);

/* What a run will need, before it runs: bytes of memory of the whole process, and events (PLAN_NONE
 * where reactions publish, so that nobody can tell). */
struct sim_forecast {
    int64_t memory_bytes;
    int64_t events;
};
struct sim_forecast sim_foretell(const struct plan *plan);

#endif
