/*
 * The tally: everything that a run has counted, raw: whole numbers and histograms. A driver (sim,
 * live, the naive engine of the tests) fills it; figures.h turns it into named figures; the store
 * keeps those. No signal is in it, only counts of signals.
 *
 * Ownership: tally_init allocates by the plan's dimensions, tally_deinit frees. Merging two tallies
 * (two workers) adds them; see tally_merge. Names are borrowed from the plan.
 */
#ifndef NERVE_METRICS_TALLY_H
#define NERVE_METRICS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/histogram.h"
#include "base/wide.h"

enum {
    TALLY_NEVER = -1,   /* a time that never came: shown as the word none */
    TALLY_UNKNOWN = -2, /* what this mode cannot know: shown as not known */
};

enum tally_cause { /* why a copy was dropped */
                   CAUSE_QUEUE_LIMIT,
                   CAUSE_LINKS,
                   CAUSE_PENDING,
                   CAUSE_SLOW_CONSUMER,
                   CAUSE_MEMORY,
                   CAUSE_DEAD_CELL,
                   CAUSE_LOST,
                   CAUSE_UNREACHABLE,
                   CAUSE_PUBLISH,
                   CAUSES,
};

enum tally_phase { PHASE_BEFORE, PHASE_DURING, PHASE_AFTER, PHASES };

enum tally_place {                    /* where a copy can be held: buffers.PLACE */
                   PLACE_MAILBOX,     /* a cell's: from arrival until it becomes the cell's job */
                   PLACE_SERVER,      /* a server loop's mailbox, the same */
                   PLACE_READER,      /* a reader's */
                   PLACE_PARTITIONER, /* a partitioner's */
                   PLACE_LINK,        /* a synapse: from leave to arrival */
                   PLACE_CORE_QUEUE,  /* a job that found no idle core: from ready to start */
                   PLACES,
};

enum tally_limit { LIMIT_NONE, LIMIT_SERVER, LIMIT_CORES, LIMIT_MEMORY, LIMIT_CACHE };

struct tally_kind { /* one kind of signal: signals.KIND */
    uint64_t emissions_targeted, emissions_broadcast;
    uint64_t copies, copies_between_nodes, delivered, duplicates, stale;
    uint64_t reachable, reached, colony_wide; /* summed over its broadcasts */
    int64_t last_ns;                          /* TALLY_NEVER: no broadcast woke anybody */
    int64_t last_hop;                         /* TALLY_NEVER likewise */
    struct histogram *latency[PHASES];        /* emission to start of the wake */
};

struct tally_source { /* one source of workload */
    bool raises;
    /* Stimulus to the start of the wake by what it set off; phases are the stimulus'. */
    struct histogram *reflex[PHASES];
    struct histogram *aware; /* NULL where it raises nothing */
    uint64_t reached, reachable;
};

#define TALLY_NOT_COUNTED UINT64_MAX /* a peak: only samples of the times are known */

struct tally_buffer {
    uint64_t peak;
    uint128 held_sum_ns; /* over all that left; mean_ppm = that x 1e6 / measured time */
    struct histogram *held;
};

struct tally_host {
    int64_t cores; /* HOST_NO_LIMIT (-1): none */
    uint128 busy_ns;
    int64_t saturated_ns;
    uint64_t busiest_cores;
    int64_t longest_wait_ns;
    uint64_t waiting_peak;
    int64_t peak_memory_bytes;
    int64_t cache_pressure_max_ppm, bandwidth_max_ppm;
    int64_t death_at_ns; /* TALLY_NEVER: it lived */
    bool death_by_memory;
    int64_t dead_ns;
    int64_t death_wait_ns; /* of the profile; margin = longest_wait / it */
    enum tally_limit first_limit;
    uint64_t deaf_nodes;
    int64_t deaf_longest_ns, deaf_total_ns, deaf_first_ns; /* first: TALLY_NEVER */
    char deaf_worst[48];                                   /* "server of node 17"; empty: none */
};

struct tally_links {
    uint64_t open_end, peak, opened, closed, rejected;
};

struct tally_type {
    uint64_t cells, wakes; /* cells: at the start, counted by the driver */
};

struct tally_message { /* maintenance traffic by message type */
    const char *name;  /* static text */
    uint64_t count;
};

enum { TALLY_MAX_MESSAGES = 32 };

struct tally {
    uint32_t kinds, sources, hosts, types;
    const char **kind_name, **source_name, **host_name, **type_name;
    struct tally_kind *kind;
    struct tally_source *source;
    struct tally_host *host;
    struct tally_type *type;
    struct tally_buffer buffer[PLACES];

    /* The account: copies to cells. */
    uint64_t sent, delivered, dropped[CAUSES], in_flight, duplicated;

    struct tally_links synapses;
    bool has_overlay; /* false: links and overlay are "not known" (null) */
    struct tally_links overlay;
    uint64_t copies_between_hosts, copies_between_nodes, copies_local, bytes_between_nodes;
    uint32_t messages;
    struct tally_message message[TALLY_MAX_MESSAGES];

    bool has_storm;
    int64_t storm_from_ns, storm_until_ns;
    uint64_t storm_wakes;
    int64_t storm_work_ns;
    uint128 storm_busy_ns;     /* of all hosts' cores, over the storm */
    uint64_t storm_cores_peak; /* most busy time in a 1 ms window that the storm touches / 1 ms */

    bool has_versions; /* anybody follows and anything raises */
    uint128 dissonance_cell_ns;
    uint64_t dissonance_peak_cells; /* most cells behind at once */
    uint64_t interested;
    uint64_t dissonant_actions;
    uint128 age_twice_ns2; /* 2 x integral of age over interested cells */
    uint128 age_peaks_ns;  /* sum of the peaks */
    uint64_t age_peaks;

    struct digest digest;
    bool has_digest;
    uint64_t wakes, events;
    int64_t measured_ns;    /* from warm_up to the end */
    int64_t virtual_end_ns; /* when it ended */
    uint64_t alive_end;

    bool borrowed; /* its arrays lie in a block of the caller's */
};

/* One window of run.sample: what happened in [from, from + width). */
struct tally_sample {
    int64_t from_ns, width_ns;
    uint64_t wakes; /* that started in it */
    uint64_t storm_wakes;
    int64_t busy_ns; /* of all cores */
    uint64_t sent, delivered, dropped;
    uint64_t waiting;     /* copies in mailboxes and core queues at its end */
    uint64_t backlog;     /* copies that stations have accepted and not made, at its end */
    uint64_t behind;      /* interested cells that are behind, at its end */
    int64_t memory_bytes; /* of all hosts, as last looked at */
};

struct plan;

void tally_init(struct tally *tally, const struct plan *plan);

/* The same in a block of the caller's, zeroed, of tally_bytes at least, that outlives it: memory
 * that processes share, say, so that what a worker counted outlives the worker. */
size_t tally_bytes(const struct plan *plan);
void tally_init_in(struct tally *tally, const struct plan *plan, void *block, size_t bytes);
void tally_deinit(struct tally *tally);

/* Adds a worker's tally to another's: counts and histograms add, maxima and firsts combine. */
void tally_merge(struct tally *into, const struct tally *from);

struct versions;

/* What versions have counted, taken over: awareness, dissonance, age. Once, at the end. */
void tally_versions(struct tally *tally, const struct versions *versions);

/* Counts n messages of a protocol's own. name: static text. */
void tally_message(struct tally *tally, const char *name, uint64_t n);

/* sent == delivered + dropped (all causes) + in flight. */
bool tally_closes(const struct tally *tally);

#endif
