/* Making a case, running it, comparing what two engines say of it. */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "model/colony.h"
#include "sim/sim.h"
#include "tests/swarm/swarm.h"

enum { ATTEMPTS = 40, SHOWN = 12 };

static char *text_of(uint64_t seed) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    NERVE_ASSERT(file != NULL);
    swarm_scenario(seed, file);
    (void)fclose(file);
    return text;
}

bool swarm_case_init(struct swarm_case *one, uint64_t seed, const char *const *set, size_t sets) {
    for (uint64_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        *one = (struct swarm_case){.seed = seed};
        one->text = text_of(seed + (attempt << 32));
        struct scenario_options options = {.set = set, .sets = sets, .messages = stderr};
        if (scenario_load_text(&one->scenario, one->text, "swarm", &options) != 0) {
            return false;
        }
        struct colony colony;
        struct error error;
        if (colony_init(&colony, &one->scenario.plan, &error) == 0) {
            colony_deinit(&colony);
            return true;
        }
        swarm_case_deinit(one);
    }
    NERVE_ASSERT(!"bonds fit somebody in one of the attempts");
    return false;
}

void swarm_case_deinit(struct swarm_case *one) {
    scenario_deinit(&one->scenario);
    free(one->text);
}

void swarm_run_naive(const struct plan *plan, struct figures *figures,
                     struct naive_coverage *coverage) {
    struct tally tally;
    tally_init(&tally, plan);
    naive_run_covered(plan, &tally, coverage);
    *figures = (struct figures){0};
    figures_from_tally(figures, &tally);
    tally_deinit(&tally);
}

void swarm_run_real(const struct plan *plan, int bucket_bits, struct figures *figures) {
    struct error error;
    struct sim_options options = {.bucket_bits = bucket_bits};
    struct sim *sim = sim_create(plan, &options, &error);
    NERVE_ASSERT(sim != NULL);
    (void)sim_run(sim);
    struct tally tally;
    tally_init(&tally, plan);
    sim_tally(sim, &tally);
    sim_destroy(sim);
    *figures = (struct figures){0};
    figures_from_tally(figures, &tally);
    tally_deinit(&tally);
}

static bool same(const struct figure *a, const struct figure *b) {
    if (a == NULL || b == NULL) { /* a message that was never sent need not be named */
        const struct figure *there = a == NULL ? b : a;
        return there->kind == FIGURE_NUMBER && there->number == 0;
    }
    if (a->kind != b->kind || a->number != b->number) {
        return false;
    }
    return (a->text == NULL) == (b->text == NULL) &&
           (a->text == NULL || strcmp(a->text, b->text) == 0);
}

static void show(FILE *file, const char *path, const struct figure *naive,
                 const struct figure *real) {
    char a[128] = "(not there)", b[128] = "(not there)";
    if (naive != NULL) {
        figures_value_text(naive, a, sizeof a);
    }
    if (real != NULL) {
        figures_value_text(real, b, sizeof b);
    }
    fprintf(file, "  %-44s naive %-24s real %s\n", path, a, b);
}

size_t swarm_differences(const struct figures *naive, const struct figures *real, FILE *file) {
    size_t differ = 0;
    for (size_t i = 0; i < naive->count; i++) {
        const struct figure *a = &naive->figure[i], *b = figures_find(real, a->path);
        if (!same(a, b) && strcmp(a->path, "speed.events") != 0) {
            if (file != NULL && differ < SHOWN) {
                show(file, a->path, a, b);
            }
            differ++;
        }
    }
    for (size_t i = 0; i < real->count; i++) {
        const struct figure *b = &real->figure[i];
        if (figures_find(naive, b->path) == NULL && !same(NULL, b)) {
            if (file != NULL && differ < SHOWN) {
                show(file, b->path, NULL, b);
            }
            differ++;
        }
    }
    return differ;
}
