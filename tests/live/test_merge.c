/* Two workers' tallies, merged, are what one tally of all raw records would be. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/rng.h"
#include "live/merge.h"
#include "tests/live/live_plan.h"

enum { WORKERS = 2, RECORDS = 20000 };

static struct live_plan p;
static struct board *board;
static struct watch watch;

static void begin(void) {
    uint32_t first[] = {0, 5, 10};
    struct error error;
    const struct live_hooks hooks = {0};
    live_plan_load(&p, live_plan_reflex, NULL);
    cr_assert_eq(board_map(&board, &p.scenario.plan, WORKERS, first, &error), 0, "%s", error.text);
    watch_init(&watch, &p.colony, board, &hooks, 0);
}

static void end(void) {
    watch_deinit(&watch);
    board_unmap(board);
    live_plan_deinit(&p);
}

/* One raw record, into a tally. */
static void record(struct tally *tally, uint64_t n) {
    uint64_t bits = rng_draw(11, 1, 0, n);
    struct tally_kind *kind = &tally->kind[bits & 1];
    enum tally_phase phase = (enum tally_phase)(bits >> 1 & 1);
    int64_t latency = rng_exponential(rng_draw(11, 2, 0, n), 80000);
    tally->sent++;
    tally->wakes++;
    switch (bits >> 8 & 15) {
    case 0:
        tally->dropped[CAUSE_QUEUE_LIMIT]++;
        return;
    case 1:
        tally->dropped[CAUSE_PENDING]++;
        return;
    case 2:
        tally->in_flight++;
        return;
    default:
        break;
    }
    tally->delivered++;
    kind->delivered++;
    kind->last_ns = latency > kind->last_ns ? latency : kind->last_ns;
    histogram_record(kind->latency[phase], latency, 1);
    histogram_record(tally->source[0].reflex[phase], latency * 2, 1);
    histogram_record(tally->buffer[PLACE_LINK].held, latency / 2, 1);
    tally->buffer[PLACE_LINK].held_sum_ns += (uint128)(uint64_t)(latency / 2);
    tally->type[bits >> 16 & 1].wakes++;
    tally_message(tally, bits >> 17 & 1 ? "echo" : "probe", 1);
}

static void same_histogram(const struct histogram *a, const struct histogram *b) {
    cr_assert_eq(a->count, b->count);
    cr_assert_eq(a->max, b->max);
    cr_assert(a->sum == b->sum);
    cr_assert_arr_eq(a->bucket, b->bucket, sizeof a->bucket);
    cr_assert_eq(histogram_percentile(a, 990000), histogram_percentile(b, 990000));
}

static void same(const struct tally *a, const struct tally *b) {
    cr_assert_eq(a->sent, b->sent);
    cr_assert_eq(a->delivered, b->delivered);
    cr_assert_eq(a->in_flight, b->in_flight);
    cr_assert_arr_eq(a->dropped, b->dropped, sizeof a->dropped);
    for (uint32_t i = 0; i < a->kinds; i++) {
        cr_assert_eq(a->kind[i].delivered, b->kind[i].delivered);
        cr_assert_eq(a->kind[i].last_ns, b->kind[i].last_ns);
        for (int phase = 0; phase < PHASES; phase++) {
            same_histogram(a->kind[i].latency[phase], b->kind[i].latency[phase]);
            same_histogram(a->source[0].reflex[phase], b->source[0].reflex[phase]);
        }
    }
    same_histogram(a->buffer[PLACE_LINK].held, b->buffer[PLACE_LINK].held);
    cr_assert(a->buffer[PLACE_LINK].held_sum_ns == b->buffer[PLACE_LINK].held_sum_ns);
    cr_assert_eq(a->type[0].wakes, b->type[0].wakes);
    cr_assert_eq(a->type[1].wakes, b->type[1].wakes);
    uint64_t messages[2][2] = {{0}};
    const struct tally *both[2] = {a, b};
    for (int k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < both[k]->messages; i++) {
            messages[k][strcmp(both[k]->message[i].name, "echo") == 0] += both[k]->message[i].count;
        }
    }
    cr_assert_arr_eq(messages[0], messages[1], sizeof messages[0]);
}

Test(merge, two_workers_are_as_one_of_all_raw_records) {
    struct tally merged, one;
    begin();
    tally_init(&merged, &p.scenario.plan);
    tally_init(&one, &p.scenario.plan);
    for (uint64_t n = 0; n < RECORDS; n++) {
        record(&one, n);
        record(&board->slot[rng_below(rng_draw(11, 3, 0, n), WORKERS)].tally, n);
    }
    merge_fill(&merged, &p.scenario.plan, board, &watch, 100000000);
    same(&merged, &one);
    cr_expect(tally_closes(&merged));
    cr_expect_gt(merged.dropped[CAUSE_QUEUE_LIMIT], 1000);
    tally_deinit(&merged);
    tally_deinit(&one);
    end();
}

static struct tally filled;

/* Worker 0 sent 100 copies that worker 1 heard 60 of. */
static void fill_after_loss(void (*what)(struct board_slot *hearer)) {
    begin();
    board->slot[0].tally.sent = 100;
    board->slot[1].tally.delivered = 60;
    board->published[0 * WORKERS + 1] = 100;
    board->heard[0 * WORKERS + 1] = 60;
    what(&board->slot[1]);
    tally_init(&filled, &p.scenario.plan);
    cr_expect_eq(merge_missing_gradients(board, 1), 40);
    cr_expect_eq(merge_missing_gradients(board, 0), 0);
    cr_expect_eq(merge_missing_links(board, 1), 0);
    merge_fill(&filled, &p.scenario.plan, board, &watch, 100000000);
    cr_expect(tally_closes(&filled));
}

static void finish(enum tally_cause cause, uint64_t wanted) {
    cr_expect_eq(filled.dropped[cause], wanted);
    tally_deinit(&filled);
    end();
}

static void nothing(struct board_slot *hearer) {
    (void)hearer;
}

static void limited(struct board_slot *hearer) {
    hearer->dropped_by_library = 30;
}

static void cut(struct board_slot *hearer) {
    hearer->cut = true;
}

static void cut_slow(struct board_slot *hearer) {
    hearer->cut = true;
    hearer->cut_slow = true;
}

static void died(struct board_slot *hearer) {
    hearer->state = STATE_GONE;
}

static void died_with_more(struct board_slot *hearer) {
    hearer->state = STATE_GONE;
    hearer->tally.delivered = 50; /* 10 it had heard, in memory of its own */
}

Test(merge, every_loss_has_its_cause) {
    fill_after_loss(nothing);
    finish(CAUSE_LOST, 40);
    fill_after_loss(limited);
    cr_expect_eq(filled.dropped[CAUSE_LOST], 10);
    finish(CAUSE_PENDING, 30);
    fill_after_loss(cut);
    finish(CAUSE_UNREACHABLE, 40);
    fill_after_loss(cut_slow);
    finish(CAUSE_SLOW_CONSUMER, 40);
    fill_after_loss(died);
    finish(CAUSE_DEAD_CELL, 40);
    fill_after_loss(died_with_more);
    finish(CAUSE_DEAD_CELL, 50);
}

Test(merge, a_run_that_does_not_add_up_stays_open) {
    begin();
    board->slot[0].tally.sent = 100; /* nobody died, nothing was published */
    board->slot[1].tally.delivered = 99;
    tally_init(&filled, &p.scenario.plan);
    merge_fill(&filled, &p.scenario.plan, board, &watch, 100000000);
    cr_expect_not(tally_closes(&filled));
    tally_deinit(&filled);
    end();
}
