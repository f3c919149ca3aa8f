#include "sim/queue_width.h"

#include <stdlib.h>

static int compare_times(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int queue_far_bits(const struct queue *q, int64_t from) {
    int64_t time[QUEUE_FAR_SAMPLE];
    for (uint32_t i = 0; i < QUEUE_FAR_SAMPLE; i++) {
        time[i] = q->far.event[(uint64_t)i * q->far.count / QUEUE_FAR_SAMPLE].time;
    }
    qsort(time, QUEUE_FAR_SAMPLE, sizeof *time, compare_times);
    int64_t span = time[QUEUE_FAR_SAMPLE * 3 / 4] - from, most = q->far.count / 1024 + 1;
    most = most > QUEUE_BUCKETS / 2 ? QUEUE_BUCKETS / 2 : most;
    int bits = q->bits;
    while (span >> bits > most && bits < QUEUE_MAX_BITS) {
        bits++;
    }
    return bits;
}

int queue_ring_bits(const struct queue *q, uint64_t sorted, uint64_t near) {
    uint64_t total = sorted + near;
    if (q->far.count > QUEUE_FAR_MANY && q->far.count > q->chunks_used * SORT_CHUNK) {
        int bits = queue_far_bits(q, q->ring_from << q->bits);
        if (bits > q->bits || q->read == 0) {
            return bits;
        }
    }
    if (q->read == 0) {
        return q->bits;
    }
    /* The small array alone is the fastest of all: only what spills into the heap counts. */
    bool crowded = q->heaped > total / 4 && q->heaped > 64;
    if (crowded || (total > 4096 && sorted > near)) {
        return q->bits - (total > 16384 ? 3 : 1);
    }
    return q->bits + (total < 128 ? 2 : total < 1024 ? 1 : 0);
}
