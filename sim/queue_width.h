/* Which width of buckets suits a queue. Speed alone depends on it. */
#ifndef NERVE_SIM_QUEUE_WIDTH_H
#define NERVE_SIM_QUEUE_WIDTH_H

#include "sim/queue.h"

/* So many far events are many; and so many of them are looked at. */
enum { QUEUE_FAR_MANY = 4096, QUEUE_FAR_SAMPLE = 64 };

/* A width at which most of the far ones fall into the ring from a time on, a thousand a bucket. */
int queue_far_bits(const struct queue *queue, int64_t from);

/* The width that suits what was sorted and what landed near since it was last changed. */
int queue_ring_bits(const struct queue *queue, uint64_t sorted, uint64_t near);

#endif
