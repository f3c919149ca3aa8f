/*
 * A log-linear histogram of nanoseconds: 128 buckets a power of two, a bucket stands for its
 * lowest value (so an error below 0.8 %), values below 256 exact, maximum and sum exact.
 * Fixed size (57 KiB), mergeable: merging is adding, so the order of records never shows.
 * Memory of the caller; no locks; deterministic.
 */
#ifndef NERVE_BASE_HISTOGRAM_H
#define NERVE_BASE_HISTOGRAM_H

#include <stdint.h>

#include "base/wide.h"

enum { HISTOGRAM_BUCKETS = 7168 };

struct histogram {
    uint64_t count;
    int64_t max; /* 0 when empty */
    uint128 sum;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

/* The bucket of a value, 0 <= value < 2^62. */
static inline uint32_t histogram_index(int64_t value) {
    uint64_t v = (uint64_t)value;
    uint32_t shift = v < 256 ? 0 : 56U - (uint32_t)__builtin_clzll(v);
    return shift * 128 + (uint32_t)(v >> shift);
}

/* The lowest value of a bucket: what it stands for. */
static inline int64_t histogram_value(uint32_t index) {
    uint32_t shift = index < 256 ? 0 : index / 128 - 1;
    return (int64_t)((uint64_t)(index - shift * 128) << shift);
}

/* Records value (>= 0) n times. */
static inline void histogram_record(struct histogram *h, int64_t value, uint64_t n) {
    h->count += n;
    h->sum += (uint128)(uint64_t)value * n;
    h->max = value > h->max ? value : h->max;
    h->bucket[histogram_index(value)] += n;
}

void histogram_clear(struct histogram *h);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* Nearest rank: the least bucket value v such that at least share_ppm of the records are in
 * buckets <= v. -1 when empty. */
int64_t histogram_percentile(const struct histogram *h, uint32_t share_ppm);

/* Mean in millionths, truncated; -1 when empty. */
int64_t histogram_mean_millionths(const struct histogram *h);

#endif
