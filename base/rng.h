/*
 * Draws. Every random number of a run is a pure function of (seed, purpose, id, n): Philox4x32-10
 * with key (seed low, seed high) and counter (n low, n high, id, purpose); its 64 bits are
 * word 1 : word 0. No state, no order: two engines, or two strategies, that ask for the same draw
 * get the same number. Integers only; exponential draws come from a table, never from libm.
 */
#ifndef NERVE_BASE_RNG_H
#define NERVE_BASE_RNG_H

#include <stdint.h>

#include <Random123/philox.h>

/*
 * What a draw is for. The low byte names the purpose; a draw that one wake makes several times
 * (the k-th send of its reaction) adds k << 8. The id is the cell, node, type, source or fault
 * that draws; n is its own count of what it draws for (a cell: the number of the wake).
 */
enum rng_purpose {
    RNG_PLACEMENT = 1, /* id: type's place; n: 0. The node from which its cells are dealt. */
    RNG_SHUFFLE = 2,   /* id: node; n: position, from the last down */
    RNG_BOND = 3,      /* id: cell; n: bond's place in its type */
    RNG_ARRIVAL = 4,   /* id: source; n: number of the emission */
    RNG_SOURCE_TO = 5, /* id: source; n: number of the emission. Its target. */
    RNG_FAULT_BY = 6,  /* id: fault; n: k-th chosen cell */
    RNG_WORK = 7,      /* id: cell; n: its wake */
    RNG_PARTNER = 8,   /* id: cell; n: its wake; k: place of the send in the reaction */
    RNG_WHEN = 9,      /* id: cell; n: its wake; k: place of the case in the list */
    RNG_TIMER = 10,    /* id: cell; n: its wake; k: timer's place in its type */
    RNG_BIRTH = 11,    /* id: cell; n: timer's place in its type. First laws, set at birth. */
};

/* The 64 bits of draw n. */
static inline uint64_t rng_draw(uint64_t seed, uint32_t purpose, uint32_t id, uint64_t n) {
    philox4x32_ctr_t counter = {{(uint32_t)n, (uint32_t)(n >> 32), id, purpose}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t word = philox4x32(counter, key);
    return (uint64_t)word.v[1] << 32 | word.v[0];
}

/* A whole number below m, 1 <= m <= 2^32: (high 32 bits x m) >> 32. */
static inline uint32_t rng_below(uint64_t bits, uint64_t m) {
    return (uint32_t)((bits >> 32) * m >> 32);
}

/*
 * An exponential draw with that mean (>= 0), truncated. Table of 2^16 steps of -ln(1 - u) in
 * 2^-32, linear between: the top 16 bits choose the step, the next 32 the place in it.
 */
int64_t rng_exponential(uint64_t bits, int64_t mean);

/*
 * The table: step i is floor(-ln(1 - i/65536) * 2^32), i = 0 .. 65536 (the last one ends the last
 * step 2 above its beginning). Kept as the low 32 bits and the few steps at which the whole part
 * rises, so that it fits a core's cache.
 */
enum { RNG_EXPONENTIAL_WHOLE = 13 };
extern const uint32_t rng_exponential_whole[RNG_EXPONENTIAL_WHOLE];
extern const uint32_t rng_exponential_part[65537];

static inline uint64_t rng_exponential_step(uint32_t i) {
    uint64_t whole = 0;
    for (int k = 0; k < RNG_EXPONENTIAL_WHOLE; k++) {
        whole += i >= rng_exponential_whole[k];
    }
    return whole << 32 | rng_exponential_part[i];
}

#endif
