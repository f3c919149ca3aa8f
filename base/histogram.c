#include "base/histogram.h"

#include <string.h>

#include "base/assert.h"

void histogram_clear(struct histogram *h) {
    memset(h, 0, sizeof *h);
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
    if (from->count == 0) {
        return;
    }
    into->count += from->count;
    into->sum += from->sum;
    into->max = from->max > into->max ? from->max : into->max;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        into->bucket[i] += from->bucket[i];
    }
}

int64_t histogram_percentile(const struct histogram *h, uint32_t share_ppm) {
    if (h->count == 0) {
        return -1;
    }
    uint128 scaled = (uint128)h->count * share_ppm + 999999;
    uint64_t rank = (uint64_t)(scaled / 1000000);
    rank = rank == 0 ? 1 : rank;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen >= rank) {
            return histogram_value(i);
        }
    }
    NERVE_ASSERT(!"a histogram's buckets add up to its count");
    return -1;
}

int64_t histogram_mean_millionths(const struct histogram *h) {
    return h->count == 0 ? -1 : (int64_t)(h->sum * 1000000 / h->count);
}
