/*
 * Versions, awareness, dissonance and age (docs/model.md 9, model-readings R28 to R34), as a run
 * goes. A scope is 0 (none), 1 + domain, or 1 + domains (the colony's).
 *
 * A cell's versions rise as its wake is decided (aware_adopt); what counts them happens at the
 * wake's end (aware_adopted), in time order.
 */
#ifndef NERVE_SIM_AWARE_H
#define NERVE_SIM_AWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wide.h"

struct sim;
struct tally;

struct aware_scope {
    uint32_t version, room;
    uint32_t interested, current; /* cells that follow it; of those, the ones that are up to date */
    struct aware_raise {
        int64_t emission;
        uint32_t source;
    } * raise; /* by version; [0] is the beginning */
};

struct awareness {
    bool active; /* some source raises something */
    bool domain_raised, colony_raised;
    uint32_t domains;
    struct aware_scope *scope;
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
    uint64_t dissonant;
};

void aware_init(struct sim *sim);
void aware_deinit(struct sim *sim);

/* A source raises a scope's version; returns the new one. */
uint32_t aware_raise(struct sim *sim, uint32_t scope, uint32_t source, int64_t now);

/* Whether (scope, version) is newer than what the cell holds of that scope. */
bool aware_newer(const struct sim *sim, uint32_t cell, uint32_t scope, uint32_t version);

/* The cell takes it; true: its type follows that scope, so that aware_adopted must come. */
bool aware_adopt(struct sim *sim, uint32_t cell, uint32_t scope, uint32_t version);

/* The wake has ended: it counts from now. */
void aware_adopted(struct sim *sim, uint32_t cell, uint32_t version, int64_t now);

/* Whether a follower is behind its scope now, by what it holds. */
bool aware_is_behind(const struct sim *sim, uint32_t cell, uint32_t type);

/* What a send of this cell carries, its cause having carried (*scope, *version) (scope 0: none). */
void aware_carried(const struct sim *sim, uint32_t cell, uint32_t *scope, uint32_t *version);

void aware_warm(struct sim *sim, int64_t now);
void aware_finish(struct sim *sim, int64_t end, struct tally *tally);

#endif
