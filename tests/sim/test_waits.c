/*
 * Exact results of queueing theory: with idle costs 0 a host is c servers behind one first come,
 * first served queue, so that Poisson arrivals at cells that are hardly ever busy themselves wait
 * as an M/M/c queue says (Erlang C), and with constant work as M/D/1 says.
 * ctest: timeout=300 (the sanitizers take a minute)
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "tests/sim/runs.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* 100,000 cells: with 20 jobs in the system one in 5,000 comes to a cell that has one already. */
static const char clerks[] =
    "name: clerks\n"
    "run: {duration: 1s, warm_up: 100ms, sample: 1ms, seed: 1}\n"
    "colony: {cells: 100k, nodes: 1, types: {clerk: rest}}\n"
    "genome:\n"
    "  signals: {job: {size: 0B}}\n"
    "  types: {clerk: {states: {at_work: {job: {work: {law: exponential, mean: 100us}}}}}}\n"
    "workload: {jobs: {signal: job, to: {type: clerk}, rate: 1/s, law: exponential}}\n";

static const double work_ns = 100e3;

/* The share of jobs that wait in an M/M/c queue with c servers of that utilisation. */
static double erlang_c(int servers, double utilisation) {
    double offered = servers * utilisation, blocked = 1;
    for (int n = 1; n <= servers; n++) {
        blocked = offered * blocked / (n + offered * blocked);
    }
    return blocked / (1 - utilisation * (1 - blocked));
}

static void expect_near(double value, double expected, double share, const char *what, int servers,
                        int percent) {
    cr_expect(fabs(value - expected) <= share * expected,
              "%s, %d cores busy for %d %%: %.1f, exact is %.1f", what, servers, percent, value,
              expected);
}

struct waits {
    double jobs, waited; /* how many, and how many of them waited for a core */
    double mean_ns, mean_of_waited_ns, median_of_waited_ns;
    double busy;    /* share of the cores' time */
    double waiting; /* in the queue, mean of the samples */
};

struct queue_samples {
    uint64_t samples, waiting;
};

static void sample(void *context, const struct tally_sample *sample) {
    struct queue_samples *samples = context;
    samples->samples++;
    samples->waiting += sample->waiting;
}

/* About so many jobs at c cores. law: of their work, of mean 100 us. */
static struct waits wait_in_queue(int servers, int percent, int64_t jobs, const char *law) {
    char cores[64], rate[64], duration[64], work[128];
    int64_t per_s = servers * percent * 100; /* servers x share / 100 us */
    (void)snprintf(cores, sizeof cores, "hosts.here.set.cores=%d", servers);
    (void)snprintf(rate, sizeof rate, "workload.jobs.rate=%ld/s", (long)per_s);
    (void)snprintf(duration, sizeof duration, "run.duration=%ldms", (long)(jobs * 1000 / per_s));
    (void)snprintf(work, sizeof work, "genome.types.clerk.states.at_work.job.work=%s", law);
    struct queue_samples samples = {0};
    struct sim_options options = {.hooks = {.context = &samples, .sample = sample},
                                  .bucket_bits = -1};
    struct run run;
    run_with(&run, &options, clerks, (const char *const[]){cores, rate, duration, work}, 4);
    const struct histogram *held = run.tally.buffer[PLACE_CORE_QUEUE].held;
    struct waits waits = {
        .jobs = (double)run_latency(&run, 0).count,
        .waited = (double)held->count,
        .mean_of_waited_ns = (double)held->sum / (double)held->count,
        .median_of_waited_ns = (double)histogram_percentile(held, 500000),
        .busy = (double)run.tally.host[0].busy_ns / (servers * (double)run.tally.measured_ns),
        .waiting = (double)samples.waiting / (double)samples.samples,
    };
    waits.mean_ns = (double)held->sum / waits.jobs;
    run_deinit(&run);
    return waits;
}

static void mmc(int servers, int percent, int64_t jobs) {
    struct waits w = wait_in_queue(servers, percent, jobs, "{law: exponential, mean: 100us}");
    double share = percent / 100.0, waits = erlang_c(servers, share);
    double drained_ns = work_ns / (servers * (1 - share)); /* mean of those that wait */
    expect_near(w.busy, share, 0.01, "share of time busy", servers, percent);
    expect_near(w.waited / w.jobs, waits, 0.03, "share that waits", servers, percent);
    expect_near(w.mean_of_waited_ns, drained_ns, 0.03, "mean of those that wait", servers, percent);
    expect_near(w.median_of_waited_ns, drained_ns * log(2), 0.03, "their median", servers, percent);
    expect_near(w.mean_ns, waits * drained_ns, 0.03, "mean wait", servers, percent);
}

Test(waits, one_core) {
    mmc(1, 50, 1000000);
    mmc(1, 80, 3000000);
}

Test(waits, four_cores) {
    mmc(4, 50, 2000000);
    mmc(4, 80, 3000000);
}

/* At a half only 9 in 1,000 wait, in clusters. */
Test(waits, sixteen_cores_at_a_half) {
    mmc(16, 50, 8000000);
}

Test(waits, sixteen_cores) {
    mmc(16, 80, 6000000);
}

/* The nearer to 1, the more jobs it takes until the mean is within 3 %. */
Test(waits, nine_tenths) {
    if (!SANITIZED) {
        mmc(1, 90, 5000000);
        mmc(4, 90, 5000000);
        mmc(16, 90, 5000000);
    }
}

/* Constant work halves the wait (Pollaczek and Khinchine). */
Test(waits, constant_work) {
    for (int percent = 50; percent <= 80; percent += 30) {
        struct waits w = wait_in_queue(1, percent, 2000000, "100us");
        double share = percent / 100.0;
        expect_near(w.mean_ns, work_ns * share / (2 * (1 - share)), 0.03, "M/D/1", 1, percent);
        expect_near(w.waited / w.jobs, share, 0.03, "share that waits", 1, percent);
    }
}

/* Uniform work between 0 and twice the mean: its square has the mean 4/3. */
Test(waits, uniform_work) {
    struct waits w = wait_in_queue(1, 50, 2000000, "{law: uniform, min: 0us, max: 200us}");
    expect_near(w.mean_ns, work_ns * 0.5 * (4.0 / 3) / (2 * 0.5), 0.03, "M/G/1", 1, 50);
}

/* Little: how many wait, looked at each millisecond, is arrivals a time x their mean wait. */
Test(waits, littles_law) {
    struct waits w = wait_in_queue(4, 80, 3000000, "{law: exponential, mean: 100us}");
    double arrivals_per_ns = 4 * 0.8 / work_ns;
    expect_near(w.waiting, arrivals_per_ns * w.mean_ns, 0.03, "waiting", 4, 80);
}
