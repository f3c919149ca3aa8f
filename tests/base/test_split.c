#include <criterion/criterion.h>

#include "base/rng.h"
#include "base/split.h"

/* Items handed out one part after the other, the first ones larger by one. */
static void check_all(uint32_t items, uint32_t parts) {
    struct split s = split_make(items, parts);
    uint32_t item = 0;
    for (uint32_t part = 0; part < parts; part++) {
        cr_assert_eq(split_first(&s, part), item, "%u over %u", items, parts);
        uint32_t size = items / parts + (part < items % parts);
        for (uint32_t i = 0; i < size; i++, item++) {
            cr_assert_eq(split_part(&s, item), part, "%u of %u over %u", item, items, parts);
        }
    }
    cr_assert_eq(item, items);
    cr_assert_eq(split_first(&s, parts), items);
}

/* By plain division. */
static uint32_t part_of(uint32_t items, uint32_t parts, uint32_t item) {
    uint32_t small = items / parts;
    uint32_t large = items % parts;
    uint32_t end = large * (small + 1);
    return item < end ? item / (small + 1) : large + (item - end) / small;
}

static void check_some(uint32_t items, uint32_t parts, uint64_t seed) {
    struct split s = split_make(items, parts);
    for (uint32_t n = 0; n < 300; n++) {
        uint32_t item = rng_below(rng_draw(seed, 0xff, items, n), items);
        cr_assert_eq(split_part(&s, item), part_of(items, parts, item), "%u of %u over %u", item,
                     items, parts);
        uint32_t part = rng_below(rng_draw(seed, 0xff, parts, n), parts);
        uint32_t first = split_first(&s, part);
        if (first < split_first(&s, part + 1)) { /* the ends of a part */
            cr_assert_eq(split_part(&s, first), part);
            cr_assert_eq(split_part(&s, split_first(&s, part + 1) - 1), part);
        }
    }
}

Test(split, small_ones_whole) {
    for (uint32_t items = 0; items <= 70; items++) {
        for (uint32_t parts = 1; parts <= 80; parts++) {
            check_all(items, parts);
        }
    }
    check_all(500000, 500);
    check_all(499999, 500);
    check_all(65537, 256);
}

Test(split, large_ones_at_random_places) {
    for (uint32_t n = 0; n < 3000; n++) {
        uint64_t bits = rng_draw(3, 0xff, 0, n);
        uint32_t items = (uint32_t)(bits >> (32 + rng_below(bits << 32, 32))) | 1;
        uint32_t parts = 1 + rng_below(rng_draw(3, 0xff, 1, n), items);
        check_some(items, parts, n);
        check_some(items, 1 + parts % 1000, n);
    }
    check_some(UINT32_MAX, 1, 0);
    check_some(UINT32_MAX, 2, 0);
    check_some(UINT32_MAX, UINT32_MAX, 0);
    check_some(UINT32_MAX, UINT32_MAX - 1, 0);
    check_some(1000000000, 999999937, 0);
}
