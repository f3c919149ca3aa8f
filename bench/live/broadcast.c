#include "bench/live/broadcast.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "bench/live/bench_live.h"
#include "live/janitor.h"
#include "live/server.h"

enum { PATIENCE_S = 100 };

static const int64_t max_pending_bytes = 512LL << 20;
static const int64_t interval_ns = 200000;

/* --- the two sides ------------------------------------------------------------------- */

static uint64_t subscriptions_of(const struct broadcast_board *board, uint32_t place) {
    switch (board->load) {
    case BROADCAST_ORIGIN:
        return board->cells;
    case BROADCAST_EDGE:
        return 1;
    default:
        return place == 1;
    }
}

static uint64_t wanted_of(const struct broadcast_board *board) {
    switch (board->load) {
    case BROADCAST_ORIGIN:
        return board->cells;
    case BROADCAST_PUBLISH:
        return BROADCAST_PUBLICATIONS;
    case BROADCAST_LATENCY:
        return BROADCAST_SAMPLES;
    default:
        return 1;
    }
}

static bool broadcast_rounds(const struct broadcast_way *way, struct broadcast_side *side) {
    struct broadcast_board *board = side->board;
    const char data[BROADCAST_BYTES] = {0};
    for (int round = 0; round < board->rounds; round++) {
        int64_t began_ns = clock_monotonic_ns();
        if (!way->publish(side, data)) {
            return false;
        }
        sem_wait(&board->done);
        sem_wait(&board->done);
        int64_t first = atomic_load(&board->last_ns[0]), second = atomic_load(&board->last_ns[1]);
        board->took_ns[round] = (first > second ? first : second) - began_ns;
    }
    return true;
}

static bool publish_all(const struct broadcast_way *way, struct broadcast_side *side) {
    const char data[BROADCAST_BYTES] = {0};
    int64_t began_ns = clock_monotonic_ns();
    for (int i = 0; i < BROADCAST_PUBLICATIONS; i++) {
        if (!way->publish(side, data)) {
            return false;
        }
    }
    bool well = way->flush(side) == 0; /* the server has taken in all of them */
    side->board->took_ns[0] = clock_monotonic_ns() - began_ns;
    sem_wait(&side->board->done);
    return well;
}

static bool publish_samples(const struct broadcast_way *way, struct broadcast_side *side) {
    union {
        char bytes[BROADCAST_BYTES];
        int64_t left_ns;
    } data = {{0}};
    int64_t next_ns = clock_monotonic_ns();
    for (int i = 0; i < BROADCAST_SAMPLES; i++) {
        next_ns += interval_ns;
        const struct timespec next = {next_ns / 1000000000, next_ns % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        data.left_ns = clock_monotonic_ns();
        if (!way->publish(side, &data)) {
            return false;
        }
    }
    sem_wait(&side->board->done);
    return true;
}

static bool run_side(const struct broadcast_way *way, struct broadcast_side *side) {
    struct broadcast_board *board = side->board;
    side->wanted = wanted_of(board);
    side->record = memory_new(board->cells, sizeof *side->record);
    if (way->open(side) < 0) {
        return false;
    }
    for (uint64_t i = 0; i < subscriptions_of(board, side->place); i++) {
        if (way->subscribe(side, i) < 0) {
            return false;
        }
    }
    if (way->flush(side) < 0) {
        return false;
    }
    int64_t *cpu_ns = &board->cpu_ns[side->place];
    *cpu_ns = -clock_cpu_ns();
    sem_post(&board->ready);
    if (side->place == 1) {
        sem_wait(&board->end);
        *cpu_ns += clock_cpu_ns();
        return true;
    }
    sem_wait(&board->ready);
    sem_wait(&board->ready);
    bool well = board->load == BROADCAST_PUBLISH   ? publish_all(way, side)
                : board->load == BROADCAST_LATENCY ? publish_samples(way, side)
                                                   : broadcast_rounds(way, side);
    *cpu_ns += clock_cpu_ns();
    sem_post(&board->end);
    return well;
}

static pid_t start_side(const struct broadcast_way *way, struct broadcast_board *board,
                        uint32_t place) {
    pid_t parent = getpid(), pid = fork();
    if (pid != 0) {
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    alarm(PATIENCE_S); /* a copy that never comes must not keep us for ever */
    struct broadcast_side side = {.board = board, .place = place};
    board->well[place] = run_side(way, &side);
    _exit(board->well[place] ? 0 : 1); /* closing half a million subscriptions takes long */
}

/* --- a run of both --------------------------------------------------------------------- */

/* Waits for both; one that fails ends the other. */
static int await_sides(const struct broadcast_board *board, const pid_t pid[BROADCAST_SIDES]) {
    for (int i = 0; i < BROADCAST_SIDES; i++) {
        int status = 0;
        pid_t ended = waitpid(-1, &status, 0);
        bool ours = ended == pid[0] || ended == pid[1];
        if (!ours) { /* the server */
            i--;
        }
        if (!ours || status != 0) {
            for (int other = 0; other < BROADCAST_SIDES; other++) {
                if (pid[other] != ended) {
                    kill(pid[other], SIGKILL);
                }
            }
        }
    }
    return board->well[0] && board->well[1] ? 0 : -1;
}

static int run_once(const struct broadcast_way *way, struct broadcast_board *board) {
    const char *above = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    char directory[128];
    snprintf(directory, sizeof directory, "%s/nerve-bench-XXXXXX", above ? above : "/tmp");
    struct janitor janitor;
    struct server server;
    struct error error = {"cannot make a directory"};
    if (!mkdtemp(directory) || janitor_start(&janitor, directory, &error) < 0) {
        fprintf(stderr, "bench_live: %s\n", error.text);
        return -1;
    }
    int result = server_start(&server, directory, 0, max_pending_bytes, &error);
    if (result < 0) {
        fprintf(stderr, "bench_live: %s\n", error.text);
    } else {
        memcpy(board->url, server.url, sizeof board->url);
        pid_t pid[BROADCAST_SIDES];
        for (uint32_t place = 0; place < BROADCAST_SIDES; place++) {
            pid[place] = start_side(way, board, place);
        }
        result = await_sides(board, pid);
        server_stop(&server);
    }
    janitor_stop(&janitor);
    return result;
}

static int compare_times(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void take_figures(struct broadcast_board *board, double figures[LIVE_FIGURES]) {
    double cpu_ns = (double)(board->cpu_ns[0] + board->cpu_ns[1]);
    int median = 0;
    switch (board->load) {
    case BROADCAST_PUBLISH:
        figures[0] = BROADCAST_PUBLICATIONS * 1e9 / (double)board->took_ns[0];
        figures[1] = cpu_ns / BROADCAST_PUBLICATIONS / 1e3;
        break;
    case BROADCAST_LATENCY:
        figures[0] = (double)histogram_percentile(&board->latency, 500000) / 1e3;
        figures[1] = (double)histogram_percentile(&board->latency, 990000) / 1e3;
        break;
    default: /* the first one does not count */
        median = board->rounds / 2;
        qsort(board->took_ns + 1, (size_t)board->rounds - 1, sizeof *board->took_ns, compare_times);
        figures[0] = (double)board->took_ns[median] / 1e3;
        figures[1] = cpu_ns / board->rounds / 1e3;
        break;
    }
}

static int run_way(const struct broadcast_way *way, const struct live_workload *workload,
                   double figures[LIVE_FIGURES]) {
    struct broadcast_board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED) {
        return -1;
    }
    board->load = (enum broadcast_load)workload->a;
    board->cells = (uint64_t)workload->b;
    board->rounds = board->load == BROADCAST_EDGE ? 1 + BROADCAST_ROUNDS : 6;
    sem_init(&board->ready, 1, 0);
    sem_init(&board->done, 1, 0);
    sem_init(&board->end, 1, 0);
    int result = run_once(way, board);
    if (result == 0) {
        take_figures(board, figures);
    }
    munmap(board, sizeof *board);
    return result;
}

static int run(const struct live_workload *workload, struct live_turn *turn) {
    const struct broadcast_way *first = turn->number % 2 ? &broadcast_raw : &broadcast_nerve;
    for (int i = 0; i < 2; i++) {
        const struct broadcast_way *way = i == 0                      ? first
                                          : first == &broadcast_nerve ? &broadcast_raw
                                                                      : &broadcast_nerve;
        if (run_way(way, workload, way == &broadcast_nerve ? turn->nerve : turn->raw) < 0) {
            return -1;
        }
    }
    return 0;
}

/* clang-format off */
static const struct live_workload workloads[] = {
    {"broadcast_origin_500k", {{"", "us", true, 1.25}, {"cpu", "us", true, 1.25}}, 2,
     BROADCAST_ORIGIN, 250000, run},
    {"broadcast_edge_500k", {{"", "us", true, 1.25}, {"cpu", "us", true, 1.25}}, 2,
     BROADCAST_EDGE, 250000, run},
    {"publish", {{"", "publications/s", false, 0.8}, {"cpu", "us", true, 1.25}}, 2,
     BROADCAST_PUBLISH, 1, run},
    {"gradient_latency", {{"p50", "us", true, 1.25}, {"p99", "us", true, 0}}, 2,
     BROADCAST_LATENCY, 1, run},
};
/* clang-format on */

const struct live_list live_broadcasts = {workloads, sizeof workloads / sizeof *workloads};
