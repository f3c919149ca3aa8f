/*
 * The digest of a run: a commutative 128-bit sum of a strong mix of every wake. Equal for every
 * order in which the same wakes are added, so for every bucket width, compiler and number of
 * ranks. Two rounds of 64 x 64 -> 128 bit multiplication: about 2 ns a wake.
 */
#ifndef NERVE_BASE_DIGEST_H
#define NERVE_BASE_DIGEST_H

#include <stdint.h>

#include "base/wide.h"

struct digest {
    uint128 sum;
};

enum { DIGEST_TEXT_BYTES = 33 }; /* 32 hex digits and the end */

/* What a wake without a signal is added as: a fault's, and timer k of a type as base + k. */
enum { DIGEST_SIGNAL_FAULT = 255, DIGEST_SIGNAL_TIMER = 256 };

/*
 * Adds one wake: time of its start, cell (its number in the colony), signal (its place in the
 * genome's map, or one of the above), the version that the copy carried (0: none), and the
 * cell's state after it (its place in its type).
 */
static inline void digest_add(struct digest *d, int64_t start_ns, uint32_t cell, uint32_t signal,
                              uint32_t version, uint32_t state) {
    uint64_t a = (uint64_t)start_ns ^ 0xa0761d6478bd642fULL;
    uint64_t b = ((uint64_t)cell << 32 | signal << 16 | state) ^ 0xe7037ed1a0b428dbULL;
    uint128 first = (uint128)a * b;
    uint64_t c = (uint64_t)first ^ a ^ 0x8ebc6af09c88c6e3ULL;
    uint64_t e = (uint64_t)(first >> 64) ^ b ^ ((uint64_t)version * 0x589965cc75374cc3ULL);
    uint128 second = (uint128)(c | 1) * e;
    d->sum += second ^ first;
}

/* Writes the 32 hex digits. */
void digest_text(const struct digest *d, char text[DIGEST_TEXT_BYTES]);

#endif
