/* Writing into the store: only metrics/store*.c include it. */
#ifndef NERVE_METRICS_STORE_WRITE_H
#define NERVE_METRICS_STORE_WRITE_H

#include "metrics/store.h"

/* Writes the samples that are held back, in one transaction; they are let go in any case. */
int store_write_held(struct store *store, struct error *error);

#endif
