/* The run's clock: CLOCK_MONOTONIC from an origin that all processes of a run share. */
#ifndef NERVE_LIVE_CLOCK_H
#define NERVE_LIVE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NEVER_NS INT64_MAX

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline int64_t clock_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* CPU time of this process, all threads. */
static inline int64_t clock_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

#endif
