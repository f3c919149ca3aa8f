/*
 * Synapses over real sockets: what leaves arrives, in order and once; what does not is counted.
 * Two workers of one process, on both transports, at limits 1, 16 and 1,000, with each kind of
 * acknowledgement.
 */
#include <criterion/criterion.h>

#include "tests/live/synapse_party.h"

struct setting {
    bool tcp;
    int64_t limit;
    enum plan_ack ack;
};

static const struct setting settings[] = {
    {false, 1, ACK_NONE},  {false, 16, ACK_NONE},  {false, 1000, ACK_NONE},
    {false, 1, ACK_CLOSE}, {false, 16, ACK_CLOSE}, {false, 1000, ACK_CLOSE},
    {false, 1, ACK_EACH},  {false, 16, ACK_EACH},  {false, 1000, ACK_EACH},
    {true, 1, ACK_NONE},   {true, 16, ACK_NONE},   {true, 1000, ACK_NONE},
    {true, 1, ACK_CLOSE},  {true, 16, ACK_CLOSE},  {true, 1000, ACK_CLOSE},
    {true, 1, ACK_EACH},   {true, 16, ACK_EACH},   {true, 1000, ACK_EACH},
};

enum { SETTINGS = sizeof settings / sizeof *settings };

/* Both workers, and what the two of them have counted. */
struct both {
    struct party a, b;
    struct party *party[2];
    struct party_board board;
};

static struct both *both_open(uint32_t nodes, const struct plan *plan) {
    struct both *both = calloc(1, sizeof *both);
    both->board = party_board_make(nodes);
    party_open(&both->a, &both->board, 0, plan);
    party_open(&both->b, &both->board, 1, plan);
    both->party[0] = &both->a;
    both->party[1] = &both->b;
    return both;
}

static void both_close(struct both *both) {
    party_close(&both->a);
    party_close(&both->b);
    free(both);
}

static void expect_clean(const struct both *both, const struct setting *setting) {
    for (int i = 0; i < 2; i++) {
        const struct party *party = both->party[i];
        cr_expect_eq(party->disordered, 0, "limit %ld ack %d tcp %d", (long)setting->limit,
                     setting->ack, setting->tcp);
        cr_expect_eq(party->malformed, 0);
        cr_expect_eq(party->lost[CAUSE_LOST], 0);
        cr_expect_eq(party->lost[CAUSE_UNREACHABLE], 0);
        cr_expect_eq(synapses_duplicates(party->synapses), 0);
        cr_expect_eq(synapses_waiting(party->synapses), 0);
    }
}

/* Everything from everywhere to everywhere, both kinds, links within a worker too: arrives. */
static void block(const struct setting *setting) {
    enum { NODES = 6, ROUNDS = 300 };
    struct both *both =
        both_open(NODES, party_plan(setting->tcp, setting->limit, true, setting->ack));
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t from = 0; from < NODES; from++) {
            for (uint32_t to = 0; to < NODES; to++) {
                if (from != to) {
                    enum synapse_sent sent = party_send(both->party[from * 2 / NODES], from, to,
                                                        round % 7 == 0 ? KIND_LARGE : KIND_SMALL);
                    cr_assert(sent == SYNAPSE_SENT || sent == SYNAPSE_WAITS);
                }
            }
        }
    }
    const uint64_t each = ROUNDS * (NODES / 2) * (NODES - 1);
    cr_assert(party_turn_until(both->party, 2, &both->a.arrived, each),
              "%lu of %lu, limit %ld, ack %d, tcp %d", (unsigned long)both->a.arrived,
              (unsigned long)each, (long)setting->limit, setting->ack, setting->tcp);
    cr_assert(party_turn_until(both->party, 2, &both->b.arrived, each));
    cr_expect_eq(both->a.left, both->a.waited);
    cr_expect_eq(both->b.left, both->b.waited);
    expect_clean(both, setting);
    cr_expect_eq(both->a.tally.synapses.opened, NODES / 2 * (NODES - 1));
    cr_expect_eq(both->a.tally.synapses.open_end, NODES / 2 * (NODES - 1));
    uint64_t acks = setting->ack == ACK_EACH ? both->b.arrived : 0;
    cr_expect_eq(party_message(&both->b, "ack"), acks);
    for (uint32_t from = 0; from < 2; from++) {
        for (uint32_t to = 0; to < 2; to++) {
            cr_expect_eq(synapses_board_left(both->board.board, from, to),
                         synapses_board_arrived(both->board.board, from, to));
        }
    }
    cr_expect_eq(both->b.tally.buffer[PLACE_LINK].held->count, both->b.arrived);
    both_close(both);
}

Test(synapses, block_everything_arrives_in_order) {
    for (int i = 0; i < SETTINGS; i++) {
        block(&settings[i]);
    }
}

/* More than a link takes, its receiver not reading: what is refused is told, the rest arrives. */
static void drop(const struct setting *setting) {
    enum { ATTEMPTS = 30000 };
    struct both *both = both_open(2, party_plan(setting->tcp, setting->limit, false, setting->ack));
    party_send(&both->a, 0, 1, KIND_SMALL); /* opens the link: set-up holds copies */
    cr_assert(party_turn_until(both->party, 2, &both->b.arrived, 1));
    for (int i = 0; i < ATTEMPTS; i++) {
        party_send(&both->a, 0, 1, KIND_SMALL);
    }
    cr_expect_gt(both->a.full, 0, "limit %ld ack %d", (long)setting->limit, setting->ack);
    cr_expect_eq(both->a.sent + both->a.waited + both->a.full, ATTEMPTS + 1);
    if (setting->ack == ACK_EACH) {
        cr_expect_eq(both->a.sent, 1 + (uint64_t)setting->limit, "%lu beside a limit of %ld",
                     (unsigned long)both->a.sent, (long)setting->limit);
    }
    cr_assert(party_turn_until(both->party, 2, &both->b.arrived, both->a.sent + both->a.waited));
    expect_clean(both, setting);
    both_close(both);
}

Test(synapses, drop_is_counted_exactly) {
    for (int i = 0; i < SETTINGS; i++) {
        drop(&settings[i]);
    }
}

/* Copies sent before the connection is there wait, however many, whatever on_full is. */
Test(synapses, set_up_holds_copies) {
    struct both *both = both_open(2, party_plan(false, 1, false, ACK_NONE));
    cr_assert_eq(party_send(&both->a, 0, 1, KIND_SMALL), SYNAPSE_SENT); /* one goes ahead */
    for (int i = 0; i < 500; i++) {
        cr_assert_eq(party_send(&both->a, 0, 1, KIND_SMALL), SYNAPSE_WAITS);
    }
    cr_expect_eq(synapses_waiting(both->a.synapses), 500);
    cr_assert(party_turn_until(both->party, 2, &both->b.arrived, 501));
    cr_expect_eq(both->a.left, 500);
    expect_clean(both, &settings[0]);
    both_close(both);
}

static bool none_open(void *context) {
    const struct both *both = context;
    return both->a.tally.synapses.open_end == 0;
}

/* A link that nobody uses closes, and opens again; numbers go on, nothing is lost. */
static void idle(enum plan_ack ack, bool tcp) {
    struct plan *plan = party_plan(tcp, 16, true, ack);
    plan->synapses.idle_close_ns = 5000000;
    struct both *both = both_open(4, plan);
    for (uint64_t turn = 1; turn <= 3; turn++) {
        int64_t begin_ns = party_now();
        for (int i = 0; i < 100; i++) {
            party_send(&both->a, 0, 2, KIND_SMALL);
            party_send(&both->a, 1, 2, KIND_LARGE);
        }
        cr_assert(party_turn_until(both->party, 2, &both->b.arrived, turn * 200));
        cr_assert(party_turn(both->party, 2, none_open, both));
        if (ack == ACK_NONE) {
            cr_expect_geq(party_now() - begin_ns, 100000000, "never before 100 ms of silence");
        }
        cr_expect_eq(both->a.tally.synapses.opened, 2 * turn);
        cr_expect_eq(both->a.tally.synapses.closed, 2 * turn);
    }
    expect_clean(both, &settings[0]);
    cr_expect_eq(party_message(&both->a, "farewell"), ack == ACK_CLOSE ? 6 : 0);
    cr_expect_eq(party_message(&both->b, "ack"), ack == ACK_CLOSE ? 6 : ack == ACK_EACH ? 600 : 0);
    both_close(both);
}

Test(synapses, idle_links_close_and_open_again) {
    idle(ACK_NONE, false);
    idle(ACK_CLOSE, false);
    idle(ACK_EACH, false);
    idle(ACK_CLOSE, true);
}

/* Two links at most: the longest idle one makes room, where it is known to be empty. */
static void most_links(enum plan_ack ack) {
    enum { NODES = 12, ROUNDS = 20 };
    struct plan *plan = party_plan(false, 16, true, ack);
    plan->synapses.max_links = 2;
    struct both *both = both_open(NODES, plan);
    uint64_t expected = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t to = NODES / 2; to < NODES; to++) {
            party_send(&both->a, 0, to, KIND_SMALL);
            cr_expect_leq(both->a.tally.synapses.open_end, 2);
            expected = both->a.sent + both->a.waited;
            cr_assert(party_turn_until(both->party, 2, &both->b.arrived, expected));
        }
    }
    if (ack == ACK_NONE) { /* none has been silent for 100 ms */
        cr_expect_eq(both->a.no_link, both->a.tally.synapses.rejected);
        cr_expect_gt(both->a.no_link, 0);
    } else {
        /* Where an acknowledgement is still on its way, no link is empty yet. */
        cr_expect_eq(expected + both->a.no_link, ROUNDS * (NODES / 2));
        cr_expect_gt(expected, ROUNDS * (NODES / 2) / 2);
        cr_expect_gt(both->a.tally.synapses.opened, NODES);
    }
    cr_expect_leq(both->a.tally.synapses.peak, 2);
    expect_clean(both, &settings[0]);
    both_close(both);
}

Test(synapses, no_more_than_max_links) {
    most_links(ACK_NONE);
    most_links(ACK_CLOSE);
    most_links(ACK_EACH);
}

/* A storm of sends to more nodes than there may be links to: what was taken arrives. */
Test(synapses, max_links_under_pressure) {
    enum { NODES = 16 };
    const enum plan_ack acks[] = {ACK_NONE, ACK_CLOSE, ACK_EACH};
    for (int i = 0; i < 3; i++) {
        struct plan *plan = party_plan(false, 4, true, acks[i]);
        plan->synapses.max_links = 3;
        struct both *both = both_open(NODES, plan);
        for (int round = 0; round < 2000; round++) {
            party_send(&both->a, (uint32_t)round % 2, NODES / 2 + (uint32_t)(round * 7 % 8),
                       KIND_SMALL);
            if (round % 16 == 0) {
                synapses_turn(both->a.synapses, 16);
                synapses_turn(both->b.synapses, 16);
            }
        }
        cr_assert(party_turn_until(both->party, 2, &both->b.arrived, both->a.sent + both->a.waited),
                  "ack %d: %lu of %lu", acks[i], (unsigned long)both->b.arrived,
                  (unsigned long)(both->a.sent + both->a.waited));
        cr_expect_eq(both->a.sent + both->a.waited + both->a.no_link, 2000);
        cr_expect_leq(both->a.tally.synapses.peak, 6);
        expect_clean(both, &settings[0]);
        both_close(both);
    }
}
