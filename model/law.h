/*
 * A law: how long a work takes, when a timer fires. Constant, uniform or exponential, in whole
 * nanoseconds. Pure: the draw's bits come in.
 */
#ifndef NERVE_MODEL_LAW_H
#define NERVE_MODEL_LAW_H

#include <stdint.h>

#include "base/rng.h"

enum law_kind { LAW_CONSTANT, LAW_UNIFORM, LAW_EXPONENTIAL };

struct law {
    enum law_kind kind;
    int64_t a_ns; /* constant: the value; uniform: the least; exponential: the mean */
    int64_t b_ns; /* uniform: the greatest, a <= b < a + 2^32 (checked by the language) */
};

/* The value that these bits stand for. A constant law needs no draw: bits are not looked at. */
static inline int64_t law_value(const struct law *law, uint64_t bits) {
    if (law->kind == LAW_CONSTANT) {
        return law->a_ns;
    }
    if (law->kind == LAW_UNIFORM) {
        return law->a_ns + rng_below(bits, (uint64_t)(law->b_ns - law->a_ns) + 1);
    }
    return rng_exponential(bits, law->a_ns);
}

#endif
