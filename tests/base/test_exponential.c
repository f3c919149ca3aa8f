/* The table of exponential draws, against logarithms worked out here in long double. */
#include <criterion/criterion.h>

#include "base/rng.h"

enum { STEPS = 65536 };
static const long double ONE = 4294967296.0L; /* 1 in the table */

/* -ln(numerator / 65536), by the series of the inverse hyperbolic tangent around 1. */
static long double minus_log(uint32_t numerator) {
    long double m = numerator / 65536.0L;
    int halvings = 0;
    while (m < 0.7L) {
        m *= 2;
        halvings++;
    }
    long double t = (m - 1) / (m + 1);
    long double power = t;
    long double sum = 0;
    for (int k = 1; k < 60; k += 2) {
        sum += power / k;
        power *= t * t;
    }
    return halvings * 0.693147180559945309417232121458176568L - 2 * sum;
}

Test(exponential, the_table_is_the_logarithm) {
    for (uint32_t i = 0; i < STEPS; i++) {
        uint64_t exact = (uint64_t)(minus_log(STEPS - i) * ONE);
        cr_assert_eq(rng_exponential_step(i), exact, "step %u", i);
    }
    cr_assert_eq(rng_exponential_step(STEPS), rng_exponential_step(STEPS - 1) + (2ULL << 32));
}

Test(exponential, the_mean_is_one_within_1e_5) {
    long double sum = 0; /* a step's mean is its middle, since it is linear */
    for (uint32_t i = 0; i < STEPS; i++) {
        sum += (long double)(rng_exponential_step(i) + rng_exponential_step(i + 1)) / 2;
    }
    long double off = sum / STEPS / ONE - 1;
    cr_assert(off < 1e-5L && off > -1e-5L, "%Lg", off);
}

Test(exponential, draws_have_the_mean_and_the_tail) {
    enum { DRAWS = 1000000, MEAN = 200000 };
    int64_t sum = 0;
    int64_t beyond = 0; /* three means: e^-3 = 4.979 % */
    for (uint32_t n = 0; n < DRAWS; n++) {
        int64_t value = rng_exponential(rng_draw(4, RNG_ARRIVAL, 0, n), MEAN);
        cr_assert_geq(value, 0);
        sum += value;
        beyond += value > 3 * MEAN;
    }
    cr_expect(sum / DRAWS > 199200 && sum / DRAWS < 200800, "%ld", (long)(sum / DRAWS));
    cr_expect(beyond > 49100 && beyond < 50500, "%ld", (long)beyond);
}

Test(exponential, rises_with_the_bits) {
    cr_expect_eq(rng_exponential(0, 1000), 0);
    cr_expect_eq(rng_exponential(UINT64_MAX, 0), 0);
    cr_expect_eq(rng_exponential(1ULL << 63, 1000000), 693147, "the median is ln 2");
    int64_t before = -1;
    for (uint64_t i = 0; i < 1 << 18; i++) {
        int64_t value = rng_exponential(i << 46, INT64_C(1) << 40);
        cr_assert_gt(value, before);
        before = value;
    }
    /* The greatest: ln 65536 + 2 means; a mean of 24 days does not overflow. */
    int64_t most = rng_exponential(UINT64_MAX, INT64_C(1) << 51);
    cr_expect_eq(most >> 51, 13);
}
