#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "live/board.h"
#include "live/clock.h"
#include "live/live.h"
#include "live/merge.h"
#include "live/needs.h"
#include "live/team.h"
#include "live/watch.h"
#include "model/workload.h"

static const int64_t ms = 1000000, second = 1000000000;

struct live {
    const struct plan *plan;
    struct live_hooks hooks;
    struct colony colony;
    struct subjects *subjects;
    struct board *board;
    struct team team;
    struct watch watch;
    uint64_t wakes;
    int64_t end_ns;
    int64_t other_cpu_ppm;
    char warnings[1024];
};

static bool interrupted(const struct live *live, int64_t now_ns, uint64_t done) {
    return live->hooks.progress && live->hooks.progress(live->hooks.context, now_ns, done);
}

/* Waits until every worker has come so far. */
static int await_state(struct live *live, int state, struct error *error) {
    for (;;) {
        uint32_t there = 0;
        uint64_t subscribed = 0;
        if (team_watch(&live->team, live->board, ms) > 0) {
            team_fate(&live->team, live->board, error->text, sizeof error->text);
            return -1;
        }
        for (uint32_t i = 0; i < live->board->workers; i++) {
            there += atomic_load(&live->board->slot[i].state) >= state;
            subscribed += atomic_load(&live->board->slot[i].subscribed);
        }
        if (there == live->board->workers) {
            return 0;
        }
        if (interrupted(live, -1, subscribed)) {
            error->text[0] = '\0';
            return -1;
        }
    }
}

/* Who holds which nodes; whether that fits this machine; the memory that all will share. */
static int share_out(struct live *live, struct error *error) {
    uint32_t workers = needs_workers(live->plan);
    uint32_t *worker_first = memory_new(workers + 1, sizeof *worker_first);
    struct needs_links *links = memory_new(workers, sizeof *links);
    needs_share(live->plan, workers, worker_first);
    needs_links(&live->colony, workers, worker_first, links);
    struct needs needs = needs_count(&live->colony, workers, worker_first, links);
    int result = needs_check(live->plan, &needs, error);
    if (result == 0) {
        result = board_map(&live->board, live->plan, workers, worker_first, error);
    }
    for (uint32_t i = 0; result == 0 && i < workers; i++) {
        live->board->slot[i].out_links = links[i].out;
        live->board->slot[i].in_links = links[i].in;
    }
    free(links);
    free(worker_first);
    return result;
}

static int set_up(struct live *live, struct error *error) {
    const struct plan *plan = live->plan;
    if (colony_init(&live->colony, plan, error) < 0 || workload_check(&live->colony, error) < 0 ||
        share_out(live, error) < 0) {
        return -1;
    }
    live->subjects = subjects_create(&live->colony);
    if (team_start(&live->team, plan, &live->colony, live->subjects, live->board, error) < 0) {
        return -1;
    }
    watch_init(&live->watch, &live->colony, live->board, &live->hooks, live->team.server.pid);
    if (await_state(live, STATE_OPEN, error) < 0) {
        return -1;
    }
    atomic_store(&live->board->phase, BOARD_SUBSCRIBE);
    return await_state(live, STATE_READY, error);
}

struct live *live_create(const struct plan *plan, const struct live_hooks *hooks,
                         struct error *error) {
    struct live *live = memory_new(1, sizeof *live);
    live->plan = plan;
    live->hooks = *hooks;
    if (set_up(live, error) < 0) {
        live_destroy(live);
        return NULL;
    }
    return live;
}

static uint64_t wakes_of(const struct live *live) {
    uint64_t wakes = 0;
    for (uint32_t i = 0; i < live->board->workers; i++) {
        wakes += __atomic_load_n(&live->board->slot[i].tally.wakes, __ATOMIC_RELAXED);
    }
    return wakes;
}

/* Whether nothing is under way: nobody will emit, nothing waits, all that was sent has come. */
static bool at_rest(const struct live *live, int64_t now_ns) {
    for (uint32_t i = 0; i < live->board->workers; i++) {
        const struct board_slot *slot = &live->board->slot[i];
        if (now_ns - atomic_load(&slot->now_ns) > 4 * ms || /* it is amid something */
            !atomic_load(&slot->idle) || atomic_load(&slot->waiting) ||
            atomic_load(&slot->in_library) || merge_missing_links(live->board, i) > 0 ||
            merge_missing_gradients(live->board, i) > 0) {
            return false;
        }
    }
    return true;
}

static bool memory_over(const struct live *live) {
    int64_t limit = live->plan->live.memory_limit_bytes, used = 0;
    for (uint32_t i = 0; limit != PLAN_NONE && i < live->board->workers; i++) {
        used += live->watch.process[i].rss_bytes;
    }
    return limit != PLAN_NONE && used > limit;
}

/* Whether some host has died, where that ends a run. */
static bool died(const struct live *live) {
    for (uint32_t i = 0; live->plan->run.stop_on_death && i < live->board->workers; i++) {
        if (atomic_load(&live->board->slot[i].dead)) {
            return true;
        }
    }
    return false;
}

/* The run itself: until its time is over, or something ends it. */
static enum live_status go(struct live *live, struct error *error) {
    const struct plan_run *run = &live->plan->run;
    int64_t origin = atomic_load(&live->board->origin_ns), rest_since = -1;
    uint64_t rest_wakes = 0;
    for (;;) {
        int64_t now = clock_monotonic_ns() - origin;
        int64_t pause = watch_next_ns(&live->watch) - now;
        uint32_t gone = team_watch(&live->team, live->board, pause < ms ? pause : ms);
        now = clock_monotonic_ns() - origin;
        live->end_ns = now;
        if (now >= 0) {
            watch_look(&live->watch, now);
        }
        uint64_t wakes = wakes_of(live);
        if (gone > 0) {
            team_fate(&live->team, live->board, error->text, sizeof error->text);
            return LIVE_FAILED;
        }
        if (memory_over(live)) {
            error_set(error, "the workers hold more than live.memory_limit: the run ended there");
            return LIVE_FAILED;
        }
        if (interrupted(live, now > 0 ? now : 0, wakes)) {
            return LIVE_INTERRUPTED;
        }
        if (wakes >= (uint64_t)run->limit_wakes || died(live) ||
            (run->limit_wall_ns != PLAN_NONE && now > run->limit_wall_ns)) {
            return LIVE_STOPPED;
        }
        if (now >= run->duration_ns + run->drain_ns) {
            return LIVE_OK;
        }
        /* Drained: for a while, in which nobody woke: a copy may be between two looks. */
        bool rest = now >= run->duration_ns && at_rest(live, now);
        rest_since = !rest ? -1 : rest_since < 0 || wakes != rest_wakes ? now : rest_since;
        rest_wakes = wakes;
        if (rest && now - rest_since >= 5 * ms) {
            return LIVE_OK;
        }
    }
}

/* No more wakes; what is still under way arrives and is counted, until nothing comes any more. */
static void settle(struct live *live) {
    int64_t began = clock_monotonic_ns(), changed = began;
    uint64_t before = UINT64_MAX;
    for (;;) {
        uint64_t missing = 0;
        bool ended = true;
        team_watch(&live->team, live->board, ms);
        for (uint32_t i = 0; i < live->board->workers; i++) {
            const struct board_slot *slot = &live->board->slot[i];
            int state = atomic_load(&slot->state);
            ended = ended && state >= STATE_ENDED;
            if (state == STATE_ENDED && !atomic_load(&slot->cut)) {
                missing += merge_missing_gradients(live->board, i) +
                           merge_missing_links(live->board, i) + atomic_load(&slot->waiting) +
                           atomic_load(&slot->in_library);
            }
        }
        int64_t now = clock_monotonic_ns();
        changed = missing != before ? now : changed;
        before = missing;
        bool stuck = now - changed > 200 * ms || now - began > 3 * second;
        if ((ended && missing == 0) || (ended && stuck) || now - began > 3 * second) {
            return;
        }
    }
}

static void warn(struct live *live, const char *text) {
    size_t at = strlen(live->warnings);
    snprintf(live->warnings + at, sizeof live->warnings - at, "%s\n", text);
}

static void look_back(struct live *live) {
    char text[256];
    live->other_cpu_ppm = watch_others_ppm(&live->watch, live->end_ns);
    if (live->other_cpu_ppm > 100000) {
        snprintf(text, sizeof text,
                 "The machine was busy with other work (%lld %% of its cores): latencies, waits "
                 "and rates are not the run's own.",
                 (long long)live->other_cpu_ppm / 10000);
        warn(live, text);
    }
    for (uint32_t i = 0; i < live->board->workers; i++) {
        if (live->board->slot[i].warning[0]) {
            snprintf(text, sizeof text, "Worker %u: %.200s", i, live->board->slot[i].warning);
            warn(live, text);
        }
    }
}

enum live_status live_run(struct live *live, struct error *error) {
    int64_t origin = clock_monotonic_ns() + 5 * ms;
    atomic_store(&live->board->origin_ns, origin);
    watch_start(&live->watch);
    atomic_store(&live->board->phase, BOARD_RUN);
    enum live_status status = go(live, error);
    atomic_store(&live->board->end_ns, live->end_ns);
    watch_finish(&live->watch, live->end_ns);
    atomic_store(&live->board->phase, BOARD_END);
    settle(live);
    atomic_store(&live->board->phase, BOARD_CLOSE);
    team_gather(&live->team, live->board, 2 * second);
    if (status == LIVE_OK && team_watch(&live->team, live->board, 0) > 0) {
        team_fate(&live->team, live->board, error->text, sizeof error->text);
        status = LIVE_FAILED;
    }
    look_back(live);
    return status;
}

void live_tally(struct live *live, struct tally *tally) {
    merge_fill(tally, live->plan, live->board, &live->watch, live->end_ns);
    live->wakes = tally->wakes;
}

static uint64_t crossed(const struct board *board) {
    uint64_t sum = 0;
    for (uint32_t from = 0; from < board->workers; from++) {
        for (uint32_t to = 0; to < board->workers; to++) {
            sum += from != to ? synapses_board_arrived(board->synapses, from, to) : 0;
        }
    }
    return sum;
}

void live_figures(struct live *live, struct figures *f) {
    const struct watch *watch = &live->watch;
    int64_t cpu = 0, rss = 0, peak_descriptors = 0;
    for (uint32_t i = 0; i < watch->workers; i++) {
        const struct watch_process *process = &watch->process[i];
        cpu += process->cpu_ns;
        rss += process->peak_rss_bytes;
        peak_descriptors = (int64_t)process->descriptors_peak > peak_descriptors
                               ? (int64_t)process->descriptors_peak
                               : peak_descriptors;
    }
    const struct watch_process *server = &watch->process[watch->workers];
    int64_t all = cpu + server->cpu_ns;
    uint128 per_s = all > 0 ? (uint128)live->wakes * 1000000000 / (uint64_t)all : 0;
    figures_number(f, all, "time.cpu_ns");
    figures_number(f, (int64_t)per_s, "speed.wakes_per_cpu_s");
    figures_number(f, rss + server->peak_rss_bytes, "memory.peak_rss_bytes");
    figures_number(f, (rss + server->peak_rss_bytes) / live->plan->colony.cells,
                   "memory.bytes_per_cell");
    figures_number(f, watch->workers, "live.workers.count");
    figures_number(f, cpu, "live.workers.cpu_ns");
    figures_number(f, rss, "live.workers.peak_rss_bytes");
    figures_number(f, peak_descriptors, "live.workers.descriptors_peak");
    figures_number(f, server->cpu_ns, "live.server.cpu_ns");
    figures_number(f, server->peak_rss_bytes, "live.server.peak_rss_bytes");
    figures_number(f, (int64_t)server->descriptors_peak, "live.server.descriptors_peak");
    figures_number(f, (int64_t)crossed(live->board), "live.synapses.crossed");
    figures_number(f, live->other_cpu_ppm, "live.others_cpu_ppm");
}

const char *live_warnings(const struct live *live) {
    return live->warnings;
}

void live_destroy(struct live *live) {
    if (!live) {
        return;
    }
    if (live->team.workers > 0) {
        team_end(&live->team);
    }
    watch_deinit(&live->watch);
    board_unmap(live->board);
    subjects_destroy(live->subjects);
    colony_deinit(&live->colony);
    free(live);
}
