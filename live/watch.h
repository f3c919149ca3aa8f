/*
 * What a run costs the machine, seen from outside: CPU time, memory and descriptors of its
 * processes, and what else the machine was busy with, from /proc; and the windows of run.sample.
 *
 * Ownership: watch_init, watch_deinit. One thread.
 */
#ifndef NERVE_LIVE_WATCH_H
#define NERVE_LIVE_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "live/board.h"
#include "live/live.h"
#include "model/colony.h"

struct watch_process {
    pid_t pid;
    clockid_t clock;
    int64_t began_ns, cpu_ns; /* CPU time as the run began, and since */
    int64_t warm_ns;          /* of that, up to the end of warm_up */
    int64_t rss_bytes, peak_rss_bytes;
    uint64_t descriptors_peak;
};

struct watch {
    const struct plan *plan;
    const struct colony *colony;
    struct board *board;
    struct live_hooks hooks;
    uint32_t workers, cores;
    struct watch_process *process; /* workers, then the server */
    int64_t sample_from_ns, looked_ns, memory_looked_ns, descriptors_looked_ns;
    struct tally_sample last;                  /* sums, as the last window ended */
    int64_t machine_began_ns, machine_busy_ns; /* all CPU time of the machine */
    int64_t own_ns;                            /* CPU time of this process */
    int64_t storm_busy_ns;                     /* over the storm */
    int64_t saturated_ns, busiest_cores, storm_cores_peak;
    uint64_t waiting_peak;
    bool warm;
};

void watch_init(struct watch *watch, const struct colony *colony, struct board *board,
                const struct live_hooks *hooks, pid_t server);
void watch_deinit(struct watch *watch);

/* The clock begins. */
void watch_start(struct watch *watch);

/* Looks at everything and hands on the windows that have ended by now. */
void watch_look(struct watch *watch, int64_t now_ns);

/* When the present window ends. */
int64_t watch_next_ns(const struct watch *watch);

/* The last, partial window; how busy the machine was with others over the whole run, in ppm. */
void watch_finish(struct watch *watch, int64_t end_ns);
int64_t watch_others_ppm(const struct watch *watch, int64_t length_ns);

#endif
