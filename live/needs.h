/* What a plan needs of this machine when it runs live, counted before anything is started. */
#ifndef NERVE_LIVE_NEEDS_H
#define NERVE_LIVE_NEEDS_H

#include <stdint.h>

#include "base/error.h"
#include "model/colony.h"

struct needs_links { /* that a worker's nodes may have open: theirs, and others' to them */
    uint64_t out, in;
};

struct needs {
    uint32_t workers, cores;
    uint32_t nodes;       /* of the worker that needs most descriptors */
    uint64_t links;       /* of all workers, outgoing */
    uint64_t descriptors; /* of the worker that needs most */
    uint64_t descriptors_allowed;
    uint64_t threads;     /* of it */
    uint64_t connections; /* to the nats-server */
    uint64_t subscriptions;
    uint64_t memory_bytes, memory_available_bytes; /* of all processes together */
};

/* How many workers a plan gets: live.workers, or one a core; at most one a node, at least one for
 * each host that has nodes. */
uint32_t needs_workers(const struct plan *plan);

/* Which nodes each worker holds: workers + 1 firsts. A worker's nodes are all of one host. */
void needs_share(const struct plan *plan, uint32_t workers, uint32_t *worker_first);

/* Fills the links of each worker, at most. */
void needs_links(const struct colony *colony, uint32_t workers, const uint32_t *worker_first,
                 struct needs_links *links);

/* links: as needs_links filled them. */
struct needs needs_count(const struct colony *colony, uint32_t workers,
                         const uint32_t *worker_first, const struct needs_links *links);

/* -1: it does not fit; the text has the numbers and the key to change. Raises the process's own
 * limit of descriptors where it may. */
int needs_check(const struct plan *plan, struct needs *needs, struct error *error);

#endif
