#include <criterion/criterion.h>

#include "base/digest.h"
#include "base/rng.h"

enum { WAKES = 1000 };

static void add(struct digest *d, uint32_t n) {
    uint64_t bits = rng_draw(8, 0xff, 0, n);
    digest_add(d, (int64_t)(bits >> 20), n % 100, (uint32_t)bits % 300, n % 7, n % 3);
}

Test(digest, the_order_of_wakes_does_not_show) {
    struct digest forth = {0};
    struct digest back = {0};
    struct digest strides = {0};
    for (uint32_t n = 0; n < WAKES; n++) {
        add(&forth, n);
        add(&back, WAKES - 1 - n);
        add(&strides, n * 7 % WAKES);
    }
    cr_expect(forth.sum == back.sum);
    cr_expect(forth.sum == strides.sum);
}

Test(digest, parts_add_up) {
    struct digest whole = {0};
    struct digest parts[2] = {{0}, {0}};
    for (uint32_t n = 0; n < WAKES; n++) {
        add(&whole, n);
        add(&parts[n % 2], n);
    }
    cr_expect(whole.sum == parts[0].sum + parts[1].sum);
}

Test(digest, everything_of_a_wake_shows) {
    struct digest d[9] = {{0}};
    digest_add(&d[0], 1000, 5, 2, 3, 1);
    digest_add(&d[1], 1001, 5, 2, 3, 1);
    digest_add(&d[2], 1000, 6, 2, 3, 1);
    digest_add(&d[3], 1000, 5, 3, 3, 1);
    digest_add(&d[4], 1000, 5, 2, 4, 1);
    digest_add(&d[5], 1000, 5, 2, 3, 2);
    digest_add(&d[6], 1000, 5, DIGEST_SIGNAL_TIMER + 2, 3, 1);
    digest_add(&d[7], 1000, 5, DIGEST_SIGNAL_FAULT, 3, 1);
    for (int i = 0; i < 9; i++) {
        for (int k = 0; k < i; k++) {
            cr_expect(d[i].sum != d[k].sum, "%d and %d", i, k);
        }
    }
}

/* Two cells that swap what they do must not cancel out. */
Test(digest, swaps_show) {
    struct digest a = {0};
    struct digest b = {0};
    digest_add(&a, 1000, 1, 0, 0, 0);
    digest_add(&a, 2000, 2, 0, 0, 0);
    digest_add(&b, 2000, 1, 0, 0, 0);
    digest_add(&b, 1000, 2, 0, 0, 0);
    cr_expect(a.sum != b.sum);
}

Test(digest, its_text_is_32_hex_digits) {
    char text[DIGEST_TEXT_BYTES];
    struct digest d = {.sum = (uint128)0x0123456789abcdef << 64 | 0x00000000deadbeef};
    digest_text(&d, text);
    cr_expect_str_eq(text, "0123456789abcdef00000000deadbeef");
    d.sum = 0;
    digest_text(&d, text);
    cr_expect_str_eq(text, "00000000000000000000000000000000");
}

/* A change here is a change of every digest that was ever stored. */
Test(digest, golden) {
    struct digest d = {0};
    char text[DIGEST_TEXT_BYTES];
    for (uint32_t n = 0; n < WAKES; n++) {
        add(&d, n);
    }
    digest_text(&d, text);
    cr_expect_str_eq(text, "54aa1a7ec7952e99837d5dc04a119b2f");
}
