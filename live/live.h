/*
 * Live runs: a plan's colony over real ZeroMQ and NATS sockets, in real time (docs/live.md). The
 * caller becomes the coordinator: it starts a nats-server of the run's own and worker processes
 * that hold whole nodes, runs the workload by the real clock, and collects what they counted.
 *
 * Ownership: the plan must outlive the live run; the tally is the caller's. live_create forks, so
 * it must be called before the process starts a thread or opens a database. One thread, one live
 * run at a time. Not deterministic: this is the real world; draws are those of the virtual clock.
 */
#ifndef NERVE_LIVE_LIVE_H
#define NERVE_LIVE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "metrics/figures.h"
#include "metrics/tally.h"
#include "model/plan.h"

struct live;

struct live_hooks {
    void *context;
    /* Each window of run.sample, in order. May be NULL. */
    void (*sample)(void *context, const struct tally_sample *sample);
    /* Every few milliseconds. While it is set up now_ns is -1 and `done` counts subscriptions, then
     * wakes. Returns true to interrupt. May be NULL. */
    bool (*progress)(void *context, int64_t now_ns, uint64_t done);
};

enum live_status { LIVE_OK, LIVE_STOPPED, LIVE_INTERRUPTED, LIVE_FAILED };

/* Counts what the plan needs of this machine, and refuses what does not fit, with the numbers and
 * the key to change; then starts the server and the workers, opens all sockets, subscribes all
 * cells. NULL with the error's text, and nothing left behind; an empty text: interrupted. */
struct live *live_create(const struct plan *plan, const struct live_hooks *hooks,
                         struct error *error);

/* Runs it, once: to its end, a limit, an interrupt, or a failure (of a process, say), of which the
 * error tells. In every case what was counted is there. */
enum live_status live_run(struct live *live, struct error *error);

/* Fills the tally (tally_init has been called on it). After live_run. */
void live_tally(struct live *live, struct tally *tally);

/* Adds the figures that only a live run has (live.*), time.cpu_ns, speed.wakes_per_cpu_s and
 * memory.*. */
void live_figures(struct live *live, struct figures *figures);

/* What a reader should know before trusting the figures (the machine was busy with other work,
 * say): lines; "": nothing. */
const char *live_warnings(const struct live *live);

/* Ends whatever still runs, and removes it. */
void live_destroy(struct live *live);

#endif
