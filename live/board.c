#include "live/board.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "base/assert.h"

/* Hands out the mapping from its front on, in cache lines. */
struct layout {
    char *at;
    size_t bytes;
};

static void *lay(struct layout *layout, size_t count, size_t bytes) {
    size_t all = (count * bytes + 127) & ~(size_t)127;
    void *block = layout->at ? layout->at + layout->bytes : NULL;
    layout->bytes += all;
    return block;
}

/* Where everything lies; with `at` NULL only how much there is. */
static void lay_out(struct layout *layout, struct board *sizes, const struct plan *plan,
                    uint32_t workers) {
    uint32_t nodes = plan->colony.nodes;
    size_t pairs = (size_t)workers * workers;
    lay(layout, 1, sizeof *sizes);
    sizes->worker_first = lay(layout, workers + 1, sizeof *sizes->worker_first);
    sizes->log = lay(layout, BOARD_LOG, sizeof *sizes->log);
    sizes->slot = lay(layout, workers, sizeof *sizes->slot);
    sizes->published = lay(layout, pairs, sizeof *sizes->published);
    sizes->heard = lay(layout, pairs, sizeof *sizes->heard);
    sizes->synapses = lay(layout, 1, synapses_board_bytes(nodes, workers));
    size_t tally = tally_bytes(plan);
    for (uint32_t i = 0; i < workers; i++) {
        void *block = lay(layout, 1, tally);
        if (block) {
            tally_init_in(&sizes->slot[i].tally, plan, block, tally);
        }
    }
}

int board_map(struct board **out, const struct plan *plan, uint32_t workers,
              const uint32_t *worker_first, struct error *error) {
    struct board sizes = {0};
    struct layout layout = {0};
    lay_out(&layout, &sizes, plan, workers);
    void *block = mmap(NULL, layout.bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) {
        return error_set(error, "no %zu bytes of memory for the workers to share: %s", layout.bytes,
                         strerror(errno));
    }
    struct layout real = {.at = block};
    struct board *board = block;
    lay_out(&real, board, plan, workers);
    board->bytes = layout.bytes;
    board->workers = workers;
    board->nodes = plan->colony.nodes;
    board->storm_from_ns = INT64_MAX;
    board->storm_until_ns = -1;
    board->end_ns = INT64_MAX;
    memcpy(board->worker_first, worker_first, (workers + 1) * sizeof *worker_first);
    *out = board;
    return 0;
}

void board_unmap(struct board *board) {
    if (board) {
        munmap(board, board->bytes);
    }
}

static bool log_full(const struct board *board, uint64_t number) {
    for (uint32_t i = 0; i < board->workers; i++) {
        int state = atomic_load(&board->slot[i].state);
        if (state < STATE_ENDED && number >= atomic_load(&board->slot[i].log_at) + BOARD_LOG) {
            return true;
        }
    }
    return false;
}

uint64_t board_log(struct board *board, const struct board_entry *entry,
                   void (*turn)(void *context), void *context) {
    uint64_t number = atomic_fetch_add(&board->log_next, 1);
    while (log_full(board, number) && atomic_load(&board->phase) < BOARD_END) {
        turn(context);
        sched_yield();
    }
    struct board_entry *place = &board->log[number % BOARD_LOG];
    atomic_store(&place->ready, 0); /* whoever looks back finds it gone, not half another */
    place->time_ns = entry->time_ns;
    place->kind = entry->kind;
    place->scope = entry->scope;
    place->source = entry->source;
    place->cell = entry->cell;
    place->slot = entry->slot;
    place->old_subject = entry->old_subject;
    place->new_subject = entry->new_subject;
    atomic_store_explicit(&place->ready, number + 1, memory_order_release);
    return number;
}

const struct board_entry *board_entry(const struct board *board, uint64_t number) {
    const struct board_entry *entry = &board->log[number % BOARD_LOG];
    return atomic_load_explicit(&entry->ready, memory_order_acquire) == number + 1 ? entry : NULL;
}

void board_storm_from(struct board *board, int64_t emission_ns) {
    int64_t from = atomic_load(&board->storm_from_ns);
    while (emission_ns < from &&
           !atomic_compare_exchange_weak(&board->storm_from_ns, &from, emission_ns)) {
    }
}

void board_storm_until(struct board *board, int64_t end_ns) {
    int64_t until = atomic_load_explicit(&board->storm_until_ns, memory_order_relaxed);
    while (end_ns > until &&
           !atomic_compare_exchange_weak(&board->storm_until_ns, &until, end_ns)) {
    }
}
