#include "live/worker.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

/* How much of a kind in one turn, so that none starves another. What has arrived goes far ahead of
 * what the world is to emit: the other way round links fill, and their copies wait (measured: at
 * 64 and 64 a third of what 128 and 1,024 carry, with the longest waits a hundred times longer). */
enum { BATCH = 128, ARRIVALS = 1024 };

void worker_take_log(struct worker *w) {
    worker_take_log_to(w, UINT64_MAX);
}

void worker_take_log_to(struct worker *w, uint64_t end) {
    const struct board_entry *entry;
    if (!board_entry(w->board, w->log_at)) {
        return;
    }
    while (w->log_at < end && (entry = board_entry(w->board, w->log_at))) {
        if (entry->kind == ENTRY_RAISE) {
            versions_raise(&w->versions, entry->scope, entry->source, entry->time_ns);
        } else if (entry->new_subject) {
            subjects_subscribe(w->subjects, entry->cell, (uint8_t)entry->slot, entry->new_subject);
        } else {
            subjects_unsubscribe(w->subjects, entry->cell, (uint8_t)entry->slot);
        }
        w->log_at++;
    }
    atomic_store_explicit(&w->slot->log_at, w->log_at, memory_order_release);
}

void worker_take_log_past(struct worker *w, uint64_t number) {
    /* Another worker may be about to write an entry before it; one that has died never will, and
     * then the run ends. */
    while (w->log_at <= number && atomic_load(&w->board->phase) < BOARD_END) {
        worker_take_log_to(w, number + 1);
    }
}

/* Waits until the coordinator says so; it polls, a thousand times a second. */
static void await_phase(struct worker *w, enum board_phase phase) {
    while (atomic_load(&w->board->phase) < (int)phase) {
        const struct timespec ms = {0, 1000000};
        nanosleep(&ms, NULL);
    }
}

_Noreturn static void fail(struct worker *w, const struct error *error) {
    snprintf(w->slot->error, sizeof w->slot->error, "%s", error->text);
    atomic_store(&w->slot->state, STATE_FAILED);
    _exit(1);
}

/* The loop. */

static void warm(struct worker *w, int64_t now_ns) {
    w->warm = true;
    versions_warm(&w->versions, now_ns);
    for (int place = 0; place < PLACES; place++) {
        w->tally->buffer[place].held_sum_ns = 0;
        histogram_clear(w->tally->buffer[place].held);
    }
}

static void beat(struct worker *w, int64_t now_ns) {
    int64_t due_ns;
    uint32_t connection;
    if (!probe_beat(&w->probe, now_ns, &due_ns, &connection)) {
        return;
    }
    char subject[64];
    snprintf(subject, sizeof subject, "_nerve.probe.%u.%u", w->place, connection);
    w->tally->buffer[PLACE_SERVER].peak = TALLY_NOT_COUNTED; /* seen by samples alone */
    tally_message(w->tally, "probe", 1);
    const struct worker_beat payload = {due_ns, worker_now(w)};
    gradients_publish(w->gradients, connection, subject, &payload, sizeof payload);
}

static uint32_t fire_timers(struct worker *w, int64_t now_ns) {
    struct timer timer;
    uint32_t done = 0;
    while (done < BATCH && timers_take(&w->timers, now_ns, &timer)) {
        const struct arrival arrival = {.nature = NATURE_TIMER,
                                        .cell = timer.cell,
                                        .slot = LOCAL_NO_SLOT,
                                        .place = timer.place};
        worker_wake(w, &arrival);
        done++;
    }
    return done;
}

/* What this worker shows of itself. */
static void show(struct worker *w, int64_t now_ns) {
    struct board_slot *slot = w->slot;
    uint64_t held = gradients_held(w->gradients, now_ns, &w->tally->buffer[PLACE_READER]);
    uint64_t waiting = synapses_waiting(w->synapses) + w->local.count + w->local.mailed;
    bool idle =
        waiting + held == 0 && w->timers.pending == 0 && worker_world_next_ns(w) == CLOCK_NEVER_NS;
    atomic_store_explicit(&slot->now_ns, now_ns, memory_order_relaxed);
    atomic_store_explicit(&slot->waiting, waiting, memory_order_relaxed);
    atomic_store_explicit(&slot->in_library, held, memory_order_relaxed);
    atomic_store_explicit(&slot->behind, w->versions.behind, memory_order_relaxed);
    atomic_store_explicit(&slot->dead, w->probe.dead.first_ns >= 0, memory_order_relaxed);
    atomic_store_explicit(&slot->idle, idle, memory_order_relaxed);
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t next_ns(const struct worker *w) {
    int64_t next = earlier(w->probe.due_ns, synapses_next_ns(w->synapses));
    return w->ended ? next
                    : earlier(next, earlier(timers_next_ns(&w->timers), worker_world_next_ns(w)));
}

/* One turn: a batch of everything that is due. Returns whether there may be more at once. */
static bool turn(struct worker *w) {
    int64_t now_ns = worker_now(w);
    turn_take(&w->turn, TURN_LOOP);
    w->linked = false;
    worker_take_log(w);
    if (!w->warm && now_ns >= w->plan->run.warm_up_ns) {
        warm(w, now_ns);
    }
    beat(w, now_ns);
    bool more = false;
    worker_look(w);
    if (!w->over) {
        more |= worker_world(w, now_ns, BATCH) >= BATCH;
        more |= fire_timers(w, now_ns) >= BATCH;
    }
    more |= synapses_turn(w->synapses, ARRIVALS) >= ARRIVALS;
    more |= worker_local(w, BATCH) >= BATCH || w->local.count > 0;
    more |= w->linked;
    show(w, now_ns);
    w->next_ns = next_ns(w);
    turn_give(&w->turn, TURN_LOOP);
    return more;
}

static void wait_for_something(const struct worker *w, int epoll) {
    int64_t left = w->next_ns - worker_now(w);
    left = left < 0 ? 0 : earlier(left, PROBE_PERIOD_NS);
    const struct timespec timeout = {0, left};
    struct epoll_event events[2];
    int n = epoll_pwait2(epoll, events, 2, &timeout, NULL);
    for (int i = 0; i < n; i++) {
        if (events[i].data.fd == w->wake_descriptor) {
            eventfd_t value;
            eventfd_read(w->wake_descriptor, &value);
        }
    }
}

static int poll_set(struct worker *w) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int descriptors[2] = {synapses_descriptor(w->synapses), w->wake_descriptor};
    for (int i = 0; i < 2; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptors[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptors[i], &event);
    }
    return epoll;
}

/* What the probe found: its worker's connection is all its nodes' (or they take turns). */
static void count_host(struct worker *w) {
    struct tally_host *host = &w->tally->host[w->host];
    probe_finish(&w->probe, worker_now(w), host);
    if (host->deaf_first_ns != TALLY_NEVER) {
        host->deaf_nodes = w->end_node - w->first_node;
        host->deaf_total_ns *= (int64_t)host->deaf_nodes;
        snprintf(host->deaf_worst, sizeof host->deaf_worst, "connection of worker %u", w->place);
    }
}

/* The run is over: what waits here is in flight, and so is what still arrives. */
static void end(struct worker *w) {
    turn_take(&w->turn, TURN_LOOP);
    int64_t end_ns = atomic_load(&w->board->end_ns);
    w->over = w->ended = true;
    versions_finish(&w->versions, end_ns);
    tally_versions(w->tally, &w->versions);
    count_host(w);
    for (uint32_t cell = w->first_cell; w->local.mailed > 0 && cell < w->end_cell; cell++) {
        struct local_mail mail;
        while (local_take_mail(&w->local, cell, &mail)) {
            w->tally->in_flight += mail.nature != NATURE_TIMER && mail.nature != NATURE_FAULT;
        }
    }
    turn_give(&w->turn, TURN_LOOP);
    atomic_store(&w->slot->state, STATE_ENDED);
}

static void run(struct worker *w) {
    int epoll = poll_set(w);
    while (atomic_load(&w->board->phase) < BOARD_CLOSE) {
        if (!w->ended && atomic_load(&w->board->phase) >= BOARD_END) {
            end(w);
        }
        if (!turn(w)) {
            wait_for_something(w, epoll);
        }
    }
    close(epoll);
}

static void count_dropped(void *context, uint64_t key, uint64_t dropped) {
    struct worker *w = context;
    if (key & WORKER_PROBE_KEY) {
        return;
    }
    uint64_t copies = dropped;
    if (!w->origin) { /* for each cell of the node at most */
        uint32_t node = (uint32_t)key;
        copies *= colony_node_first(w->colony, node + 1) - colony_node_first(w->colony, node);
    }
    atomic_fetch_add(&w->slot->dropped_by_library, copies);
}

static void leave(struct worker *w) {
    turn_take(&w->turn, TURN_LOOP);
    phases_settle(&w->phases);
    w->tally->in_flight += synapses_waiting(w->synapses);
    gradients_dropped(w->gradients, count_dropped, w);
    /* The turn is not given back: nothing counts any more. The sockets close with the process,
     * which is the quickest way to close half a million subscriptions. */
    atomic_store(&w->slot->state, STATE_CLOSED);
}

_Noreturn void worker_main(const struct worker_birth *birth) {
    static struct worker worker;
    struct worker *w = &worker;
    struct error error;
    worker_become(birth);
    worker_init(w, birth);
    if (worker_open(w, &error) < 0) {
        fail(w, &error);
    }
    worker_world_init(w);
    atomic_store(&w->slot->state, STATE_OPEN);
    await_phase(w, BOARD_SUBSCRIBE);
    if (worker_subscribe_all(w, &error) < 0) {
        fail(w, &error);
    }
    /* Nobody is heard before the clock is set: another worker may be quicker. */
    turn_take(&w->turn, TURN_LOOP);
    atomic_store(&w->slot->state, STATE_READY);
    await_phase(w, BOARD_RUN);
    w->origin_ns = atomic_load(&w->board->origin_ns);
    synapses_start(w->synapses, w->origin_ns);
    w->running = true;
    turn_give(&w->turn, TURN_LOOP);
    atomic_store(&w->slot->state, STATE_RUNNING);
    run(w);
    leave(w);
    _exit(0);
}
