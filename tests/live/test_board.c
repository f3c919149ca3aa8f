#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/board.h"
#include "tests/live/live_plan.h"

enum { PROCESSES = 2, EACH = BOARD_LOG + BOARD_LOG / 2 }; /* so that the ring wraps, twice */

static struct live_plan p;
static struct board *board;
static uint32_t self;
static uint64_t seen[PROCESSES], next_number;
static bool wrong;

static void map(uint32_t workers) {
    uint32_t first[] = {0, 5, 10};
    struct error error;
    live_plan_load(&p, live_plan_reflex, NULL);
    cr_assert_eq(board_map(&board, &p.scenario.plan, workers, first, &error), 0, "%s", error.text);
}

static void unmap(void) {
    board_unmap(board);
    live_plan_deinit(&p);
}

/* Takes in what is there: entries by number, each process' own in its order. */
static void take(void *context) {
    (void)context;
    const struct board_entry *entry;
    while ((entry = board_entry(board, next_number))) {
        wrong |= entry->source >= PROCESSES || (uint64_t)entry->time_ns != seen[entry->source]++ ||
                 entry->kind != ENTRY_RAISE || entry->scope != 1 + entry->source;
        if (wrong) {
            return;
        }
        next_number++;
        atomic_store(&board->slot[self].log_at, next_number);
    }
}

/* Writes its entries and reads all; both processes do. */
static bool write_and_read(uint32_t process) {
    self = process;
    for (int64_t i = 0; i < EACH && !wrong; i++) {
        const struct board_entry entry = {
            .time_ns = i, .kind = ENTRY_RAISE, .scope = 1 + process, .source = process};
        board_log(board, &entry, take, NULL);
        if (i % 7 == 0) {
            take(NULL);
        }
    }
    while (next_number < PROCESSES * EACH && !wrong) {
        take(NULL);
    }
    return !wrong && seen[0] == EACH && seen[1] == EACH;
}

Test(board, every_process_reads_every_entry_once_and_in_order, .timeout = 60) {
    map(PROCESSES);
    pid_t child = fork();
    if (child == 0) {
        _exit(write_and_read(1) ? 0 : 1);
    }
    cr_expect(write_and_read(0));
    int status = 1;
    waitpid(child, &status, 0);
    cr_expect_eq(status, 0);
    cr_expect_eq(atomic_load(&board->log_next), PROCESSES * EACH);
    cr_expect_null(board_entry(board, PROCESSES * EACH), "there is no more");
    unmap();
}

Test(board, a_worker_that_has_ended_holds_nobody_up) {
    map(PROCESSES);
    atomic_store(&board->slot[1].state, STATE_GONE); /* it reads nothing any more */
    self = 0;
    for (int64_t i = 0; i < 2 * BOARD_LOG; i++) {
        const struct board_entry entry = {.time_ns = i, .kind = ENTRY_RAISE, .scope = 1};
        board_log(board, &entry, take, NULL);
    }
    take(NULL);
    cr_expect_eq(next_number, 2 * BOARD_LOG);
    unmap();
}

Test(board, begins_with_nothing) {
    map(PROCESSES);
    cr_expect_eq(board->workers, 2);
    cr_expect_eq(board->nodes, 10);
    cr_expect_eq(board->worker_first[2], 10);
    cr_expect_null(board_entry(board, 0));
    cr_expect_eq(atomic_load(&board->storm_from_ns), INT64_MAX);
    cr_expect_eq(atomic_load(&board->storm_until_ns), -1);
    cr_expect(tally_closes(&board->slot[1].tally));
    unmap();
}

Test(board, what_a_child_counts_outlives_it) {
    map(PROCESSES);
    pid_t child = fork();
    if (child == 0) {
        struct tally *tally = &board->slot[1].tally;
        tally->sent = 5;
        tally->type[2].wakes = 7;
        tally_message(tally, "echo", 3);
        histogram_record(tally->kind[1].latency[PHASE_AFTER], 1000, 9);
        board_storm_from(board, 90);
        board_storm_until(board, 400);
        _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    board_storm_from(board, 100);
    board_storm_until(board, 300);
    cr_expect_eq(board->slot[1].tally.sent, 5);
    cr_expect_eq(board->slot[1].tally.type[2].wakes, 7);
    cr_expect_eq(board->slot[1].tally.message[0].count, 3);
    cr_expect_str_eq(board->slot[1].tally.message[0].name, "echo");
    cr_expect_eq(board->slot[1].tally.kind[1].latency[PHASE_AFTER]->count, 9);
    cr_expect_eq(board->slot[0].tally.sent, 0);
    cr_expect_eq(atomic_load(&board->storm_from_ns), 90, "the earliest");
    cr_expect_eq(atomic_load(&board->storm_until_ns), 400, "the latest");
    unmap();
}
