/* A live run's tally, from what its workers counted and what the coordinator saw. */
#ifndef NERVE_LIVE_MERGE_H
#define NERVE_LIVE_MERGE_H

#include "live/board.h"
#include "live/watch.h"

/* Fills it; end_ns: when the run ended. Every copy that was sent and is nowhere has a cause: its
 * worker's death, a subscription past its limit, a connection that was cut, or `lost`. */
void merge_fill(struct tally *tally, const struct plan *plan, struct board *board,
                const struct watch *watch, int64_t end_ns);

/* Copies that other workers sent to this one over NATS and over links, and that it has not had. */
uint64_t merge_missing_gradients(const struct board *board, uint32_t worker);
uint64_t merge_missing_links(const struct board *board, uint32_t worker);

#endif
