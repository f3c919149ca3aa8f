/*
 * Two sims of one process, each on its thread at the same time, know nothing of each other: each
 * reaches the digest that it reaches alone. No Criterion here, so that a thread sanitizer can
 * watch.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "scenarios/language/scenario.h"
#include "sim/sim.h"

enum { TIMES = 3 };

struct job {
    const char *name;
    const char *set[4];
    size_t sets;
    struct scenario scenario; /* read only while threads run */
    char alone[DIGEST_TEXT_BYTES], together[TIMES][DIGEST_TEXT_BYTES];
};

static bool run(const struct plan *plan, int bits, char text[DIGEST_TEXT_BYTES]) {
    struct error error;
    struct tally tally;
    struct sim *sim = sim_create(plan, &(struct sim_options){.bucket_bits = bits}, &error);
    if (!sim) {
        fprintf(stderr, "%s\n", error.text);
        return false;
    }
    (void)sim_run(sim);
    tally_init(&tally, plan);
    sim_tally(sim, &tally);
    sim_destroy(sim);
    digest_text(&tally.digest, text);
    tally_deinit(&tally);
    return true;
}

static void *run_repeatedly(void *context) {
    struct job *job = context;
    for (int i = 0; i < TIMES; i++) {
        if (!run(&job->scenario.plan, i == 0 ? 10 : -1, job->together[i])) {
            job->together[i][0] = '\0';
        }
    }
    return NULL;
}

static int differing(const struct job *job) {
    int differ = 0;
    for (int i = 0; i < TIMES; i++) {
        if (strcmp(job->alone, job->together[i]) != 0) {
            fprintf(stderr, "%s: %s alone, %s beside another\n", job->name, job->alone,
                    job->together[i]);
            differ++;
        }
    }
    return differ;
}

int main(void) {
    static struct job jobs[] = {
        {.name = "misrouted-debug", .set = {"colony.cells=50k", "run.duration=400ms"}, .sets = 2},
        {.name = "misrouted-debug",
         .set = {"colony.cells=50k", "run.duration=400ms", "partitioning.strategy=edge"},
         .sets = 3},
        {.name = "pain-reflex", .set = {"run.duration=3s"}, .sets = 1},
    };
    enum { JOBS = sizeof jobs / sizeof *jobs };
    pthread_t thread[JOBS];
    int bad = 0;
    for (int i = 0; i < JOBS; i++) {
        struct scenario_options options = {
            .set = jobs[i].set, .sets = jobs[i].sets, .messages = stderr};
        if (scenario_load(&jobs[i].scenario, jobs[i].name, &options) != 0 ||
            !run(&jobs[i].scenario.plan, -1, jobs[i].alone)) {
            return 1;
        }
    }
    for (int i = 0; i < JOBS; i++) {
        bad += pthread_create(&thread[i], NULL, run_repeatedly, &jobs[i]) != 0;
    }
    for (int i = 0; i < JOBS && bad == 0; i++) {
        bad += pthread_join(thread[i], NULL) != 0;
    }
    for (int i = 0; i < JOBS && bad == 0; i++) {
        bad += differing(&jobs[i]);
        scenario_deinit(&jobs[i].scenario);
    }
    printf("%d sims at once, %d times each: %s\n", JOBS, TIMES,
           bad ? "digests differ" : "one digest each");
    return bad ? 1 : 0;
}
