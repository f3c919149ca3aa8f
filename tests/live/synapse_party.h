/*
 * Workers of a test that hold synapses: each counts what arrives, in what order, and what it is
 * told. They share a board; all in one process, or each in its own after a fork.
 */
#ifndef NERVE_TESTS_LIVE_SYNAPSE_PARTY_H
#define NERVE_TESTS_LIVE_SYNAPSE_PARTY_H

#include "live/synapses.h"

enum { PARTY_NODES = 64, PARTY_WORKERS = 2, KIND_SMALL = 0, KIND_LARGE = 1 };

struct party {
    struct synapses *synapses;
    struct tally tally;
    const struct plan *plan;
    uint32_t worker;
    uint64_t arrived, left, disordered, malformed, lost[CAUSES];
    int64_t last[PARTY_NODES][PARTY_NODES]; /* emission_ns as a number, from 1 */
    /* What the sender of this party has asked for. */
    uint64_t sent, waited, full, no_link, unreachable;
    int64_t next[PARTY_NODES][PARTY_NODES];
};

struct party_board {
    const char *name;
    struct synapses_board *board;
    uint32_t nodes, worker_first[PARTY_WORKERS + 1];
};

/* A plan without a scenario: two kinds, of 0 and 2,000 bytes. Static. */
struct plan *party_plan(bool tcp, int64_t queue_limit, bool block, enum plan_ack ack);

/* Half of the nodes on each of two workers. Memory that a fork shares. */
struct party_board party_board_make(uint32_t nodes);

/* Ends the test where it cannot open. */
void party_open(struct party *party, const struct party_board *board, uint32_t worker,
                const struct plan *plan);
void party_close(struct party *party);

/* Sends the pair's next number, and counts the answer. */
enum synapse_sent party_send(struct party *party, uint32_t from, uint32_t to, uint8_t kind);

/* Lets the parties turn until done says so; false after ten seconds. */
bool party_turn(struct party *const *party, int parties, bool (*done)(void *context),
                void *context);

/* Until count points at `until` or more. */
bool party_turn_until(struct party *const *party, int parties, const uint64_t *count,
                      uint64_t until);

/* The clock of parties. */
int64_t party_now(void);

uint64_t party_message(const struct party *party, const char *name);

#endif
