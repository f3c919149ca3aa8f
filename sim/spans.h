/* Lists of stretches of time, merged where they meet; for the union that docs/model.md 6 asks for.
 */
#ifndef NERVE_SIM_SPANS_H
#define NERVE_SIM_SPANS_H

#include "sim/state.h"

/* Adds [from, until); `from` never falls from call to call on one list. */
void spans_add(struct spans *spans, int64_t from, int64_t until);

/* Length of the union of two lists. */
int64_t spans_union(const struct spans *a, const struct spans *b);

void spans_deinit(struct spans *spans);

#endif
