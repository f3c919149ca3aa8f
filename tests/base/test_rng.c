#include <criterion/criterion.h>

#include "base/rng.h"

/* Random123's own known answers of philox4x32 with 10 rounds; 64 bits are word 1 : word 0. */
Test(rng, known_answers) {
    cr_expect_eq(rng_draw(0, 0, 0, 0), 0xe169c58d6627e8d5);
    cr_expect_eq(rng_draw(UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX), 0x41c83b0e408f276d);
    cr_expect_eq(rng_draw(0x299f31d0a4093822, 0x03707344, 0x13198a2e, 0x85a308d3243f6a88),
                 0x94fdccebd16cfe09);
    philox4x32_ctr_t word = philox4x32((philox4x32_ctr_t){{0}}, (philox4x32_key_t){{0}});
    cr_expect(word.v[0] == 0x6627e8d5 && word.v[1] == 0xe169c58d && word.v[2] == 0xbc57ac4c &&
              word.v[3] == 0x9b00dbd8);
}

Test(rng, every_part_of_the_key_counts) {
    uint64_t bits = rng_draw(1, 2, 3, 4);
    cr_expect_eq(bits, rng_draw(1, 2, 3, 4));
    cr_expect_neq(bits, rng_draw(2, 2, 3, 4));
    cr_expect_neq(bits, rng_draw(1 | 1ULL << 32, 2, 3, 4));
    cr_expect_neq(bits, rng_draw(1, 2 | 1 << 8, 3, 4));
    cr_expect_neq(bits, rng_draw(1, 2, 4, 4));
    cr_expect_neq(bits, rng_draw(1, 2, 3, 5));
    cr_expect_neq(bits, rng_draw(1, 2, 3, 4 | 1ULL << 32));
}

Test(rng, below_stays_below) {
    const uint64_t least = 0;
    const uint64_t most = UINT64_MAX;
    const uint64_t bounds[] = {1, 2, 3, 7, 1000, 500000, 1000000000, UINT32_MAX, 1ULL << 32};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        cr_expect_eq(rng_below(least, bounds[i]), 0);
        cr_expect_eq(rng_below(most, bounds[i]), bounds[i] - 1);
        /* The low half plays no part. */
        cr_expect_eq(rng_below(0x123456789abcdef0, bounds[i]),
                     rng_below(0x1234567800000000, bounds[i]));
    }
    cr_expect_eq(rng_below(0x80000000ULL << 32, 10), 5);
    cr_expect_eq(rng_below(0x7fffffffULL << 32, 10), 4);
}

Test(rng, below_is_uniform) {
    enum { PARTS = 10, DRAWS = 100000 };
    uint32_t hits[PARTS] = {0};
    for (uint32_t n = 0; n < DRAWS; n++) {
        hits[rng_below(rng_draw(9, RNG_WORK, 1, n), PARTS)]++;
    }
    int64_t squares = 0;
    for (uint32_t i = 0; i < PARTS; i++) {
        int64_t off = (int64_t)hits[i] - DRAWS / PARTS;
        squares += off * off;
    }
    cr_expect_lt(squares / (DRAWS / PARTS), 28, "chi square, 9 degrees: beyond 1 in 1,000");
}
