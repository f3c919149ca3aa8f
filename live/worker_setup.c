/* A worker's beginning: the process, its cells, its sockets, and what these call back. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "live/worker.h"

/* Copies over links. */

static void on_arrived(void *context, const struct frame *frame, int64_t now_ns) {
    struct worker *w = context;
    (void)now_ns;
    if (frame->kind >= w->plan->genome.signals || !worker_owns(w, frame->target)) {
        tally_message(w->tally, "foreign", 1);
        return;
    }
    const struct arrival arrival = {
        .nature = NATURE_SYNAPSE, .cell = frame->target, .slot = LOCAL_NO_SLOT, .frame = frame};
    worker_take_log(w);
    worker_wake(w, &arrival);
}

static void on_left(void *context, uint32_t sender) {
    struct worker *w = context;
    uint32_t *held_up = &w->local.held_up[sender - w->first_cell];
    if (*held_up == 0) {
        return; /* on_full: drop: nobody was held up */
    }
    w->local.held_up_all--;
    if (--*held_up == 0 && local_mailed(&w->local, sender)) {
        struct local_item *item = local_push(&w->local);
        item->kind = LOCAL_FREED;
        item->cell = sender;
    }
}

static void on_lost(void *context, enum tally_cause cause, uint8_t kind, uint64_t n) {
    struct worker *w = context;
    (void)kind;
    w->tally->dropped[cause] += n;
}

static void on_cut(void *context, uint32_t connection, bool slow_consumer) {
    struct worker *w = context;
    (void)connection;
    atomic_store(&w->slot->cut_slow, slow_consumer);
    atomic_store(&w->slot->cut, true);
}

/* Setting up. */

static bool changes_subscriptions(const struct genome *genome) {
    for (uint32_t i = 0; i < genome->reactions; i++) {
        if (genome->reaction[i].subscribes > 0) {
            return true;
        }
    }
    return false;
}

void worker_init(struct worker *w, const struct worker_birth *birth) {
    const struct plan *plan = birth->plan;
    const struct genome *genome = &plan->genome;
    *w = (struct worker){.plan = plan,
                         .colony = birth->colony,
                         .subjects = birth->subjects,
                         .board = birth->board,
                         .slot = &birth->board->slot[birth->place],
                         .tally = &birth->board->slot[birth->place].tally,
                         .name = birth->name,
                         .place = birth->place,
                         .workers = birth->board->workers,
                         .origin = plan->stages.fan_out == FAN_OUT_ORIGIN,
                         .dynamic = changes_subscriptions(genome)};
    w->first_node = w->board->worker_first[w->place];
    w->end_node = w->board->worker_first[w->place + 1];
    w->first_cell = colony_node_first(w->colony, w->first_node);
    w->end_cell = colony_node_first(w->colony, w->end_node);
    w->host = colony_host_of_node(w->colony, w->first_node);
    w->connections = plan->live.connection_a_node ? w->end_node - w->first_node : 1;
    turn_init(&w->turn);
    phases_init(&w->phases, w->tally, w->board);
    versions_init(&w->versions, w->colony, w->first_cell, w->end_cell);
    cells_init(&w->cells, &w->versions, w->first_cell, w->end_cell);
    timers_init(&w->timers, w->colony, w->first_cell, w->end_cell);
    local_init(&w->local, w->first_cell, w->end_cell);
    const struct host_profile *profile = &plan->host[w->host].profile;
    probe_init(&w->probe, plan->run.warm_up_ns, profile->death_wait_ns, profile->deaf_wait_ns,
               w->connections);
    size_t largest = sizeof(struct frame);
    for (uint32_t i = 0; i < genome->signals; i++) {
        size_t bytes = frame_bytes(genome->signal[i].size_bytes);
        largest = bytes > largest ? bytes : largest;
    }
    w->message = memory_new(largest, 1);
    w->expected = memory_new(w->workers, sizeof *w->expected);
    for (uint32_t i = 0; i < genome->types; i++) {
        w->slots =
            genome->type[i].subscriptions > w->slots ? genome->type[i].subscriptions : w->slots;
    }
    w->senders = plan->live.connection_a_node ? w->colony->nodes.parts : w->workers;
    if (w->origin && w->slots > 1) {
        w->woken_bytes = (size_t)(w->end_cell - w->first_cell) * w->senders * sizeof *w->woken;
        w->woken = memory_map(w->woken_bytes);
    }
    w->heard = memory_new((size_t)(w->end_node - w->first_node) * w->senders, sizeof *w->heard);
    w->wake_descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    for (uint32_t cell = w->first_cell; cell < w->end_cell; cell++) {
        w->tally->type[w->colony->type[cell]].cells++;
    }
}

int worker_open(struct worker *w, struct error *error) {
    const struct synapses_setup links = {.plan = w->plan,
                                         .name = w->name,
                                         .worker = w->place,
                                         .workers = w->workers,
                                         .first_node = w->first_node,
                                         .nodes = w->end_node - w->first_node,
                                         .worker_first = w->board->worker_first,
                                         .out_links = w->slot->out_links,
                                         .in_links = w->slot->in_links,
                                         .board = w->board->synapses,
                                         .tally = w->tally,
                                         .context = w,
                                         .arrived = on_arrived,
                                         .left = on_left,
                                         .lost = on_lost};
    w->synapses = synapses_open(&links, error);
    if (!w->synapses) {
        return -1;
    }
    char client[64];
    snprintf(client, sizeof client, "%.40s-worker-%u", w->name, w->place);
    const struct gradients_setup setup = {.url = w->board->server_url,
                                          .server_log = w->board->server_log,
                                          .name = client,
                                          .connections = w->connections,
                                          .pending_limit = w->plan->gradients.pending_limit,
                                          .write_deadline_ms = 10000,
                                          .context = w,
                                          .heard = worker_heard,
                                          .cut = on_cut};
    w->gradients = gradients_open(&setup, error);
    return w->gradients ? 0 : -1;
}

void worker_become(const struct worker_birth *birth) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != birth->coordinator) {
        _exit(1); /* it died before it could be asked for */
    }
    signal(SIGINT, SIG_IGN);  /* the coordinator's: it ends the run in order */
    signal(SIGTERM, SIG_IGN); /* the same */
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1000UL);
    char name[16];
    snprintf(name, sizeof name, "nerve-%u", birth->place);
    prctl(PR_SET_NAME, name);
    if (birth->core >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)birth->core, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
}
