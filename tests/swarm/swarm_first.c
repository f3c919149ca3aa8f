/* Where two engines part: the first wake after which their digests differ. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/swarm/swarm.h"

static bool same_digest(const struct figures *a, const struct figures *b) {
    const struct figure *x = figures_find(a, "digest"), *y = figures_find(b, "digest");
    return x != NULL && y != NULL && strcmp(x->text, y->text) == 0;
}

/* Both engines up to so many wakes. */
static bool agree(struct plan *plan, int64_t wakes, FILE *file) {
    struct figures naive, real;
    plan->run.limit_wakes = wakes;
    swarm_run_naive(plan, &naive, NULL);
    swarm_run_real(plan, -1, &real);
    bool same = same_digest(&naive, &real);
    if (file != NULL) {
        (void)swarm_differences(&naive, &real, file);
    }
    figures_deinit(&naive);
    figures_deinit(&real);
    return same;
}

int swarm_first(uint64_t seed) {
    struct swarm_case one;
    if (!swarm_case_init(&one, seed, NULL, 0)) {
        free(one.text);
        return 1;
    }
    struct plan *plan = &one.scenario.plan;
    int64_t high = plan->run.limit_wakes, low = 0; /* agree up to low, not at high */
    if (agree(plan, high, NULL)) {
        printf("seed %" PRIu64 ": one digest\n", seed);
        swarm_case_deinit(&one);
        return 0;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        *(agree(plan, middle, NULL) ? &low : &high) = middle;
    }
    plan->run.limit_wakes = high;
    printf("they part at wake %" PRId64 "; the naive engine's:\n", high);
    struct naive_coverage coverage = {.trace = stdout};
    struct figures figures;
    swarm_run_naive(plan, &figures, &coverage);
    figures_deinit(&figures);
    (void)agree(plan, high, stdout);
    swarm_case_deinit(&one);
    return 1;
}
