#include <criterion/criterion.h>

#include "base/rng.h"
#include "live/local.h"

static struct local local;

static void push(uint64_t number) {
    struct local_item *item = local_push(&local);
    *item = (struct local_item){.kind = LOCAL_COPY, .frame.sequence = number};
}

static void pop(uint64_t number) {
    struct local_item item;
    cr_assert(local_pop(&local, &item));
    cr_assert_eq(item.frame.sequence, number);
}

Test(local, is_first_in_first_out_as_it_grows) {
    struct local_item item;
    local_init(&local, 0, 10);
    cr_expect_not(local_pop(&local, &item));
    uint64_t in = 0, out = 0;
    size_t most = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        /* It fills and empties by turns, so that it wraps round at every size. */
        uint64_t bits = rng_draw(7, 1, 0, i);
        bool filling = i / 1000 % 2 == 0;
        if (rng_below(bits, 8) < (filling ? 5 : 3)) {
            push(in++);
        } else if (out < in) {
            pop(out++);
        }
        cr_assert_eq(local.count, in - out);
        most = local.count > most ? local.count : most;
    }
    cr_expect_gt(most, 64, "it has grown");
    while (out < in) {
        pop(out++);
    }
    cr_expect_not(local_pop(&local, &item));
    local_deinit(&local);
}

Test(local, grows_from_every_place) {
    for (uint64_t head = 0; head < 64; head++) { /* full, and its first item anywhere */
        local_init(&local, 0, 10);
        for (uint64_t i = 0; i < head; i++) {
            push(i);
            pop(i);
        }
        for (uint64_t i = 0; i < 200; i++) {
            push(i);
        }
        for (uint64_t i = 0; i < 200; i++) {
            pop(i);
        }
        local_deinit(&local);
    }
}

static void mail(uint32_t cell, uint64_t number, uint8_t slot) {
    const struct local_mail letter = {.slot = slot, .frame.sequence = number};
    local_mail(&local, cell, &letter);
}

Test(local, mailboxes_are_in_order_and_each_its_own) {
    enum { FIRST = 100, CELLS = 7 };
    static uint64_t in[CELLS], out[CELLS];
    local_init(&local, FIRST, FIRST + CELLS);
    uint64_t all = 0;
    for (uint64_t i = 0; i < 50000; i++) {
        uint64_t bits = rng_draw(8, 1, 0, i);
        uint32_t place = rng_below(bits, CELLS);
        struct local_mail got;
        if (bits % 16 < (i / 500 % 2 ? 9 : 7)) {
            mail(FIRST + place, in[place]++, (uint8_t)(bits >> 8 & 1));
            all++;
        } else {
            cr_assert_eq(local_take_mail(&local, FIRST + place, &got), out[place] < in[place]);
            if (out[place] < in[place]) {
                cr_assert_eq(got.frame.sequence, out[place]++);
                all--;
            }
        }
        cr_assert_eq(local.mailed, all);
        cr_assert_eq(local_mailed(&local, FIRST + place), out[place] < in[place]);
    }
    local_deinit(&local);
}

Test(local, counts_the_mails_of_a_subscription) {
    local_init(&local, 5, 8);
    cr_expect_eq(local_mails_of(&local, 6, 0), 0);
    mail(6, 1, 0);
    mail(6, 2, 1);
    mail(6, 3, 0);
    mail(6, 4, LOCAL_NO_SLOT);
    mail(7, 5, 0);
    cr_expect_eq(local_mails_of(&local, 6, 0), 2);
    cr_expect_eq(local_mails_of(&local, 6, 1), 1);
    cr_expect_eq(local_mails_of(&local, 6, 2), 0);
    cr_expect_eq(local_mails_of(&local, 7, 0), 1);
    struct local_mail got;
    cr_expect(local_take_mail(&local, 6, &got) && got.frame.sequence == 1);
    cr_expect_eq(local_mails_of(&local, 6, 0), 1);
    local_deinit(&local);
}

Test(local, held_up_is_a_cells_own) {
    local_init(&local, 5, 8);
    local.held_up[6 - 5] = 2;
    cr_expect_not(local_held_up(&local, 5));
    cr_expect(local_held_up(&local, 6));
    cr_expect_not(local_held_up(&local, 7));
    local_deinit(&local);
}
