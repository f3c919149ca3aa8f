/*
 * Versions, awareness, dissonance and age (docs/model.md 9, docs/model-readings.md R28 to R34): who
 * holds which version of what, and what it costs the colony that some are behind. Shared by every
 * driver; it reads no clock: the driver says when things happen, and never goes back in time.
 *
 * A scope is 0 (none), 1 + domain, or 1 + domains (the colony's). A cell's versions rise as its
 * wake is decided (versions_adopt); what counts them happens at the wake's end (versions_adopted).
 *
 * It covers a run of cells: all of them, or a worker's; what two workers counted adds up, but for
 * the peak, whose sum is an upper bound.
 *
 * Ownership: versions_init allocates, versions_deinit frees; plan and colony must outlive it. One
 * thread. Deterministic.
 */
#ifndef NERVE_MODEL_VERSIONS_H
#define NERVE_MODEL_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/wide.h"
#include "model/colony.h"

struct versions_scope {
    uint32_t version, room;
    uint32_t interested, current; /* cells that follow it; of those, the ones that are up to date */
    struct versions_raise {
        int64_t emission;
        uint32_t source;
    } * raise; /* by version; [0] is the beginning */
};

struct versions_source {
    uint64_t reached, reachable; /* interested cells that came to know, and that should */
    struct histogram *aware;     /* NULL where the source raises nothing */
};

struct versions {
    const struct colony *colony;
    uint32_t first_cell, end_cell;
    int64_t warm_up_ns; /* figures begin there */
    bool active;        /* some source raises something */
    bool domain_raised, colony_raised;
    uint32_t domains;
    struct versions_scope *scope;
    /* By cell: what it holds (as decided) of its domain and the colony, and what counts. */
    uint32_t *held_domain, *held_colony, *counted;
    size_t held_bytes;
    uint8_t *follows; /* by type */
    int64_t at;       /* everything is counted up to here */
    uint64_t behind;
    uint64_t peak;
    uint128 behind_ns;
    uint64_t aged;        /* interested cells of scopes that can be raised */
    int64_t emission_sum; /* over those, of the version that counts */
    int128 age_twice;
    uint128 peaks_ns;
    uint64_t peaks;
    uint64_t dissonant; /* counted by the driver */
    struct versions_source *source;
};

/* Of the cells [first_cell, end_cell) alone. */
void versions_init(struct versions *versions, const struct colony *colony, uint32_t first_cell,
                   uint32_t end_cell);
void versions_deinit(struct versions *versions);

/* The scope that a source's emission at this cell (COLONY_NOBODY: a publication) raises; 0: none.
 */
uint32_t versions_scope_raised(const struct versions *versions, const struct plan_source *source,
                               uint32_t cell);

/* A source raises a scope's version; returns the new one. */
uint32_t versions_raise(struct versions *versions, uint32_t scope, uint32_t source, int64_t now);

/* Whether (scope, version) is newer than what the cell holds of that scope. */
bool versions_newer(const struct versions *versions, uint32_t cell, uint32_t scope,
                    uint32_t version);

/* Whether (scope, version) is behind the newest there is. */
static inline bool versions_stale(const struct versions *v, uint32_t scope, uint32_t version) {
    return v->active && scope > 0 && version < v->scope[scope].version;
}

/* The cell takes it; true: its type follows that scope, so that versions_adopted must come. */
bool versions_adopt(struct versions *versions, uint32_t cell, uint32_t scope, uint32_t version);

/* The wake has ended: it counts from now. */
void versions_adopted(struct versions *versions, uint32_t cell, uint32_t version, int64_t now);

/* Whether a follower is behind its scope now, by what it holds. */
bool versions_behind(const struct versions *versions, uint32_t cell, uint32_t type);

/* What a send of this cell carries, its cause having carried (*scope, *version) (scope 0: none). */
void versions_carried(const struct versions *versions, uint32_t cell, uint32_t *scope,
                      uint32_t *version);

/* Figures begin now (warm_up). */
void versions_warm(struct versions *versions, int64_t now);

/* Counts up to the end of the run. */
void versions_finish(struct versions *versions, int64_t end);

#endif
