/*
 * The same arrivals in the same order: under the virtual clock, and handed to live/cells.h one by
 * one, every cell comes to the same state, number of wakes and versions.
 *
 * One node; a source's emission comes when all that the one before set off is over, so that there
 * is one order, whatever anything costs.
 */
#include <criterion/criterion.h>

#include "live/cells.h"
#include "model/subjects.h"
#include "model/workload.h"
#include "sim/sim.h"
#include "tests/live/live_plan.h"

static const char text[] =
    "name: states\n"
    "title: States that depend on draws, senders, versions and wakes\n"
    "run: {duration: 1s, drain: 10ms, sample: 10ms, seed: 6}\n"
    "hosts: {here: {profile: epyc-2}}\n"
    "colony: {cells: 300, nodes: 1, domains: 3, types: {eye: 20%, motor: 30%, tissue: rest}}\n"
    "genome:\n"
    "  signals:\n"
    "    stimulus: {size: 64B}\n"
    "    pain: {size: 64B, carries: version}\n"
    "    done: {size: 64B}\n"
    "    error: {size: 64B, carries: version}\n"
    "    directive: {size: 64B, carries: version}\n"
    "  types:\n"
    "    tissue: {follows: colony, subscribe: {all: everywhere}, always: {any: {work: 1us}}}\n"
    "    eye:\n"
    "      like: tissue\n"
    "      bonds: {motor: {type: motor, where: same_domain}}\n"
    "      start: watching\n"
    "      states:\n"
    "        watching:\n"
    "          stimulus:\n"
    "            - {when: {probability: 30%}, next: blinking, send: {signal: pain, to: motor}}\n"
    "            - {send: {signal: pain, to: {type: motor}}, work: {law: exponential, mean: 2us}}\n"
    "          done: {next: blinking}\n"
    "        blinking:\n"
    "          stimulus:\n"
    "            next: watching\n"
    "            publish: {signal: error, subject: \"domain.{domain}.errors\"}\n"
    "    motor:\n"
    "      like: tissue\n"
    "      follows: domain\n"
    "      subscribe: {errors: \"domain.{domain}.errors\"}\n"
    "      start: still\n"
    "      states:\n"
    "        still:\n"
    "          pain:\n"
    "            - {when: {newer: true}, next: moving, send: {signal: done, to: sender}}\n"
    "            - {when: {from: eye, probability: 50%}, next: moving}\n"
    "            - {adopt: false}\n"
    "          error: {adopt: false}\n"
    "        moving:\n"
    "          any: {next: still, send: {signal: done, to: {type: tissue}}}\n"
    "workload:\n"
    "  reflexes: {signal: stimulus, to: {type: eye}, every: 1ms, raises: domain}\n"
    "  directives: {signal: directive, publish: {subject: everywhere}, every: 10ms,\n"
    "    phase: 500us, raises: colony}\n"
    "partitioning: {strategy: edge}\n"
    "gradients: {pending_limit: none}\n";

enum { WAITING = 1 << 14 };

static struct live_plan p;
static struct subjects *subjects;
static struct versions versions;
static struct cells cells;
static uint64_t wakes;

/* Copies that have been sent and not arrived, in the order in which they were sent. */
static struct cell_arrival waiting[WAITING];
static size_t first_waiting, end_waiting;

static void send(struct cell_arrival arrival) {
    cr_assert_lt(end_waiting, (size_t)WAITING);
    waiting[end_waiting++] = arrival;
}

static void publish(uint32_t subject, struct cell_arrival arrival) {
    const struct audience *audience = subjects_audience(subjects, subject);
    for (uint32_t i = 0; i < audience->cells; i++) {
        arrival.cell = audience->head_cell[i];
        if (arrival.cell != arrival.sender) {
            send(arrival);
        }
    }
}

static void react(const struct cell_arrival *arrival, int64_t now_ns) {
    struct cell_outcome outcome;
    struct cell_woken woken = cells_react(&cells, arrival, &outcome);
    wakes++;
    if (woken.adopted) {
        versions_adopted(&versions, arrival->cell, arrival->version, now_ns);
    }
    for (uint32_t i = 0; i < outcome.effects; i++) {
        const struct effect *effect = &outcome.effect[i];
        struct cell_arrival sent = {
            .cell = effect->target, .column = effect->signal, .sender = arrival->cell};
        sent.misrouted = -1;
        if (p.scenario.plan.genome.signal[effect->signal].carries_version) {
            sent.scope = arrival->scope;
            sent.version = arrival->version;
            versions_carried(&versions, arrival->cell, &sent.scope, &sent.version);
        }
        if (effect->kind == EFFECT_PUBLISH) {
            publish(subjects_fill(subjects, effect->subject, arrival->cell), sent);
        } else {
            cr_assert_eq(effect->kind, EFFECT_SEND);
            send(sent);
        }
    }
}

/* An emission, and all that comes of it. */
static void emit(uint32_t place, const struct workload_times *times) {
    const struct plan_source *source = &p.scenario.plan.source[place];
    struct cell_arrival arrival = {
        .column = source->signal, .sender = COLONY_NOBODY, .misrouted = -1};
    arrival.cell = source->publishes ? COLONY_NOBODY : workload_target(&p.colony, place, times);
    arrival.scope = versions_scope_raised(&versions, source, arrival.cell);
    arrival.version = versions_raise(&versions, arrival.scope, place, times->next_ns);
    first_waiting = end_waiting = 0;
    if (source->publishes) {
        publish(subjects_number(subjects, source->subject), arrival);
    } else {
        send(arrival);
    }
    while (first_waiting < end_waiting) {
        react(&waiting[first_waiting++], times->next_ns);
    }
}

static void run_by_hand(void) {
    struct plan *plan = &p.scenario.plan;
    struct workload_times times[2];
    cr_assert_eq(plan->sources, 2);
    workload_begin(plan, 0, &times[0]);
    workload_begin(plan, 1, &times[1]);
    for (;;) {
        uint32_t next = times[1].next_ns < times[0].next_ns;
        if (times[next].next_ns == WORKLOAD_NEVER_NS) {
            return;
        }
        emit(next, &times[next]);
        workload_advance(plan, next, &times[next]);
    }
}

static void compare(const struct sim *sim, uint64_t sim_wakes) {
    const struct versions *theirs = sim_versions(sim);
    uint64_t states[8] = {0};
    cr_assert_eq(wakes, sim_wakes);
    for (uint32_t cell = 0; cell < p.scenario.plan.colony.cells; cell++) {
        uint8_t state;
        uint32_t woken;
        sim_cell(sim, cell, &state, &woken);
        cr_assert_eq(cells_at(&cells, cell)->state, state, "cell %u", cell);
        cr_assert_eq(cells_at(&cells, cell)->wakes, woken, "cell %u", cell);
        cr_assert_eq(versions.held_domain[cell], theirs->held_domain[cell], "cell %u", cell);
        cr_assert_eq(versions.held_colony[cell], theirs->held_colony[cell], "cell %u", cell);
        states[state]++;
    }
    cr_expect(states[0] > 0 && states[1] > 5, "they are in different ones");
    for (uint32_t scope = 1; scope <= 1 + versions.domains; scope++) {
        cr_assert_eq(versions.scope[scope].version, theirs->scope[scope].version);
        cr_assert_eq(versions.scope[scope].current, theirs->scope[scope].current);
    }
    cr_assert_eq(versions.behind, theirs->behind);
}

Test(worker_same_states, as_under_the_virtual_clock) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        char set[32];
        struct error error;
        struct tally tally;
        snprintf(set, sizeof set, "run.seed=%d", (int)seed);
        live_plan_load(&p, text, set, NULL);
        const struct plan *plan = &p.scenario.plan;
        subjects = subjects_create(&p.colony);
        versions_init(&versions, &p.colony, 0, plan->colony.cells);
        cells_init(&cells, &versions, 0, plan->colony.cells);
        wakes = 0;
        run_by_hand();
        cr_assert_gt(wakes, 10000);

        struct sim *sim = sim_create(plan, &(struct sim_options){.bucket_bits = -1}, &error);
        cr_assert_not_null(sim, "%s", error.text);
        cr_assert_eq(sim_run(sim), SIM_OK);
        tally_init(&tally, plan);
        sim_tally(sim, &tally);
        cr_assert_eq(tally.in_flight, 0);
        compare(sim, tally.wakes);
        sim_destroy(sim);
        tally_deinit(&tally);
        cells_deinit(&cells);
        versions_deinit(&versions);
        subjects_destroy(subjects);
        live_plan_deinit(&p);
    }
}
