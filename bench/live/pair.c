#include "bench/live/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/clock.h"

enum { MILLISECOND_US = 1000, SECOND_US = 1000000, PATIENCE_MS = 10000, LINKS_EACH = 800 };

_Static_assert(LINKS_EACH >= PAIR_HALF * (PAIR_NODES - 1), "room for a worker's links");

uint32_t pair_links(enum pair_load load, uint32_t worker, struct pair_link *link) {
    if (load != PAIR_MANY) {
        link[0] = (struct pair_link){0, PAIR_HALF};
        return worker == 0;
    }
    uint32_t links = 0;
    /* Neighbours in time are of different nodes, as in a colony. */
    for (uint32_t step = 1; step < PAIR_NODES; step++) {
        for (uint32_t from = worker * PAIR_HALF; from < (worker + 1) * PAIR_HALF; from++) {
            link[links++] = (struct pair_link){from, (from + step) % PAIR_NODES};
        }
    }
    return links;
}

void pair_meet(struct pair *pair) {
    atomic_fetch_add(&pair->ready, 1);
    while (atomic_load(&pair->ready) < PAIR_WORKERS && !pair_stops(pair)) {
        usleep(MILLISECOND_US);
    }
}

static uint64_t arrived(struct pair *pair) {
    return atomic_load(&pair->count[0].arrived) + atomic_load(&pair->count[1].arrived);
}

/* CPU time of both workers. */
static int64_t cpu_ns(const pid_t child[PAIR_WORKERS]) {
    int64_t sum_ns = 0;
    for (int i = 0; i < PAIR_WORKERS; i++) {
        clockid_t clock;
        struct timespec now;
        if (clock_getcpuclockid(child[i], &clock) == 0 && clock_gettime(clock, &now) == 0) {
            sum_ns += now.tv_sec * 1000000000LL + now.tv_nsec;
        }
    }
    return sum_ns;
}

/* The second in which messages are counted, once every link has carried some. */
static int measure(struct pair *pair, const pid_t child[PAIR_WORKERS], struct pair_result *result) {
    uint64_t least = pair->load == PAIR_MANY ? 4ULL * PAIR_WORKERS * LINKS_EACH : 4;
    for (int i = 0; arrived(pair) < least; i++) {
        if (i == PATIENCE_MS) {
            return -1;
        }
        usleep(MILLISECOND_US);
    }
    usleep(100 * MILLISECOND_US);
    uint64_t begin = arrived(pair);
    int64_t begin_ns = clock_monotonic_ns(), begin_cpu_ns = cpu_ns(child);
    usleep(SECOND_US);
    uint64_t end = arrived(pair);
    int64_t used_ns = cpu_ns(child) - begin_cpu_ns;
    result->per_cpu_second = (double)(end - begin) * 1e9 / (double)(used_ns > 0 ? used_ns : 1);
    result->per_second = (double)(end - begin) * 1e9 / (double)(clock_monotonic_ns() - begin_ns);
    return 0;
}

int pair_run(pair_worker *worker, enum pair_load load, bool tcp, int64_t limit,
             struct pair_result *result) {
    static int runs;
    struct pair *pair =
        mmap(NULL, sizeof *pair, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pair == MAP_FAILED) {
        return -1;
    }
    pair->load = load;
    pair->tcp = tcp;
    pair->limit = limit;
    (void)snprintf(pair->name, sizeof pair->name, "nerve-bench-%d-%d", (int)getpid(), ++runs);
    fflush(NULL);
    pid_t child[PAIR_WORKERS];
    int failed = 0;
    for (uint32_t i = 0; i < PAIR_WORKERS; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(worker(pair, i) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        failed |= child[i] < 0;
    }
    failed |= failed || measure(pair, child, result) < 0;
    atomic_store(&pair->stop, true);
    for (uint32_t i = 0; i < PAIR_WORKERS; i++) {
        int status = 0;
        failed |= child[i] < 0 || waitpid(child[i], &status, 0) < 0 || status != 0;
    }
    result->p50_ns = histogram_percentile(&pair->latency, 500000);
    result->p99_ns = histogram_percentile(&pair->latency, 990000);
    munmap(pair, sizeof *pair);
    return failed ? -1 : 0;
}
