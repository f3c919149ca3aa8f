#include "sim/burst.h"

bool burst_run(struct sim *s, struct cursor *c) {
    (void)s;
    (void)c;
    return false;
}
