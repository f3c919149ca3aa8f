/* Random choices of a test, from a seed that its failures name. */
#ifndef NERVE_TESTS_MODEL_RANDOM_H
#define NERVE_TESTS_MODEL_RANDOM_H

#include <stdint.h>

#include "base/rng.h"

struct random {
    uint64_t seed, n;
};

static inline uint64_t random_bits(struct random *random) {
    return rng_draw(random->seed, 0xff, 0, random->n++);
}

/* Below m, 1 <= m <= 2^32. */
static inline uint32_t random_below(struct random *random, uint64_t m) {
    return rng_below(random_bits(random), m);
}

#endif
