#include "live/merge.h"

static uint64_t read_word(const _Atomic uint64_t *word) {
    return atomic_load_explicit(word, memory_order_relaxed);
}

/* a - b, where the two were not read at one moment. */
static uint64_t less(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

uint64_t merge_missing_gradients(const struct board *board, uint32_t worker) {
    uint64_t missing = 0;
    for (uint32_t from = 0; from < board->workers; from++) {
        size_t pair = (size_t)from * board->workers + worker;
        missing += less(read_word(&board->published[pair]), read_word(&board->heard[pair]));
    }
    return missing;
}

uint64_t merge_missing_links(const struct board *board, uint32_t worker) {
    uint64_t missing = 0;
    for (uint32_t from = 0; from < board->workers; from++) {
        missing += less(synapses_board_left(board->synapses, from, worker),
                        synapses_board_arrived(board->synapses, from, worker));
    }
    return missing;
}

static bool is_gone(const struct board_slot *slot) {
    int state = atomic_load(&slot->state);
    return state == STATE_GONE || state == STATE_FAILED;
}

/* Why copies did not come to a worker. */
static void add_missing(struct tally *tally, const struct board *board, uint32_t worker) {
    const struct board_slot *slot = &board->slot[worker];
    uint64_t gradients = merge_missing_gradients(board, worker);
    uint64_t links = merge_missing_links(board, worker);
    if (is_gone(slot)) {
        tally->dropped[CAUSE_DEAD_CELL] += gradients + links;
        return;
    }
    tally->dropped[CAUSE_LOST] += links;
    if (atomic_load(&slot->cut)) {
        tally->dropped[atomic_load(&slot->cut_slow) ? CAUSE_SLOW_CONSUMER : CAUSE_UNREACHABLE] +=
            gradients;
        return;
    }
    uint64_t library = read_word(&slot->dropped_by_library);
    uint64_t pending = gradients < library ? gradients : library;
    tally->dropped[CAUSE_PENDING] += pending;
    tally->dropped[CAUSE_LOST] += gradients - pending;
}

/* What a worker that died had in its own memory died with it: whatever was sent and is nowhere. */
static void add_dead(struct tally *tally, const struct board *board) {
    bool gone = false;
    for (uint32_t i = 0; i < board->workers; i++) {
        gone = gone || is_gone(&board->slot[i]);
    }
    uint64_t known = tally->delivered + tally->in_flight;
    for (int cause = 0; cause < CAUSES; cause++) {
        known += tally->dropped[cause];
    }
    if (gone) {
        tally->dropped[CAUSE_DEAD_CELL] += less(tally->sent, known);
    }
}

static enum tally_limit first_limit(const struct tally_host *host) {
    bool died = host->death_at_ns != TALLY_NEVER, deaf = host->deaf_first_ns != TALLY_NEVER;
    if (deaf && (!died || host->deaf_first_ns <= host->death_at_ns)) {
        return LIMIT_SERVER;
    }
    return died ? LIMIT_CORES : LIMIT_NONE;
}

/* A host here is what its workers and, where it lives there, the server cost this machine. */
static void fill_host(struct tally *tally, const struct plan *plan, const struct board *board,
                      const struct watch *watch, uint32_t h) {
    struct tally_host *host = &tally->host[h];
    const struct colony *colony = watch->colony;
    host->busy_ns = 0;
    host->peak_memory_bytes = 0;
    for (uint32_t i = 0; i <= board->workers; i++) {
        uint32_t of = i < board->workers ? colony_host_of_node(colony, board->worker_first[i])
                                         : plan->gradients.server_host;
        if (of == h) {
            const struct watch_process *process = &watch->process[i];
            host->busy_ns += (uint128)(uint64_t)(process->cpu_ns - process->warm_ns);
            host->peak_memory_bytes += process->peak_rss_bytes;
        }
    }
    host->cores = watch->cores;
    host->saturated_ns = watch->saturated_ns;
    host->busiest_cores = (uint64_t)watch->busiest_cores;
    host->waiting_peak = watch->waiting_peak;
    host->cache_pressure_max_ppm = TALLY_UNKNOWN;
    host->bandwidth_max_ppm = TALLY_UNKNOWN;
    host->first_limit = first_limit(host);
}

static void fill_storm(struct tally *tally, const struct board *board, const struct watch *watch) {
    int64_t from = atomic_load(&board->storm_from_ns);
    tally->has_storm = from != INT64_MAX;
    if (!tally->has_storm) {
        return;
    }
    int64_t until = atomic_load(&board->storm_until_ns);
    tally->storm_from_ns = from;
    tally->storm_until_ns = until > from ? until : from;
    tally->storm_busy_ns = (uint128)(uint64_t)watch->storm_busy_ns;
    tally->storm_cores_peak = (uint64_t)watch->storm_cores_peak;
}

void merge_fill(struct tally *tally, const struct plan *plan, struct board *board,
                const struct watch *watch, int64_t end_ns) {
    for (uint32_t i = 0; i < board->workers; i++) {
        tally_merge(tally, &board->slot[i].tally);
    }
    for (uint32_t i = 0; i < board->workers; i++) {
        add_missing(tally, board, i);
    }
    add_dead(tally, board);
    for (uint32_t h = 0; h < plan->hosts; h++) {
        fill_host(tally, plan, board, watch, h);
    }
    fill_storm(tally, board, watch);
    tally->has_digest = false;
    tally->alive_end = plan->colony.cells;
    tally->virtual_end_ns = end_ns;
    tally->measured_ns = end_ns > plan->run.warm_up_ns ? end_ns - plan->run.warm_up_ns : 0;
}
