#include <sys/eventfd.h>
#include <unistd.h>

#include "live/worker.h"

/* The entries or heads of a node: [*first, *end). False: it has none. */
static bool node_range(const struct worker *w, const struct audience *audience, uint32_t node,
                       uint32_t *first, uint32_t *end) {
    uint32_t place = audience_place(audience, node);
    if (place == UINT32_MAX) {
        return false;
    }
    const uint32_t *range = w->origin ? audience->entry_first : audience->head_first;
    *first = range[place];
    *end = range[place + 1];
    return true;
}

uint32_t worker_own_copies(const struct worker *w, const struct audience *audience,
                           uint32_t publisher, uint32_t node) {
    uint32_t first, end;
    if (!node_range(w, audience, node, &first, &end)) {
        return 0;
    }
    uint32_t mine = 0, own = audience_entries_of(audience, publisher, &mine);
    return end - first - (w->origin ? own : own > 0);
}

static void count_storm_work(struct worker *w, const struct frame *frame, int64_t began_ns) {
    if ((frame->flags & FRAME_STORM) && !w->ended) {
        w->tally->storm_work_ns += worker_now(w) - began_ns;
    }
}

/* One copy a recipient of the node, the publisher left out. */
static void serve(struct worker *w, const struct frame *frame, const struct audience *audience,
                  uint32_t first, uint32_t end, bool by_origin) {
    const uint32_t *cell = by_origin ? audience->entry_cell : audience->head_cell;
    const uint8_t *slot = by_origin ? audience->entry_slot : audience->head_slot;
    int64_t began_ns = worker_now(w);
    for (uint32_t i = first; i < end; i++) {
        if (cell[i] == frame->sender) {
            continue;
        }
        if (w->moment_left == 0) {
            worker_look(w);
            w->moment_ns = worker_now(w);
            w->moment_left = MOMENT_WAKES;
        }
        const struct arrival arrival = {.nature = NATURE_GRADIENT,
                                        .cell = cell[i],
                                        .slot = slot[i],
                                        .again = i > first && cell[i - 1] == cell[i],
                                        .frame = frame};
        w->tally->copies_local++;
        worker_wake(w, &arrival);
    }
    w->moment_left = 0;
    count_storm_work(w, frame, began_ns);
}

void worker_serve_own_node(struct worker *w, const struct frame *frame,
                           const struct audience *audience) {
    uint32_t first, end;
    if (node_range(w, audience, frame->from_node, &first, &end)) {
        serve(w, frame, audience, first, end, w->origin);
    }
}

static void count_heard(struct worker *w, const struct frame *frame, uint32_t node,
                        uint64_t copies) {
    _Atomic uint64_t *heard = &w->board->heard[(size_t)frame->worker * w->workers + w->place];
    atomic_store_explicit(heard, atomic_load_explicit(heard, memory_order_relaxed) + copies,
                          memory_order_relaxed);
    w->tally->copies_between_nodes++;
    w->tally->bytes_between_nodes += (uint64_t)w->plan->genome.signal[frame->kind].size_bytes;
    /* The copy itself is made on the server's host. */
    w->tally->copies_between_hosts +=
        w->plan->gradients.server_host != colony_host_of_node(w->colony, node);
    if (frame->emission_ns >= w->plan->run.warm_up_ns) {
        w->tally->kind[frame->kind].copies_between_nodes++;
    }
}

/* Along one connection a worker's publications keep their order. */
static uint32_t numbered_by(const struct worker *w, const struct frame *frame) {
    return w->plan->live.connection_a_node ? frame->from_node : frame->worker;
}

/* Whether this publication has woken that cell before, over another of its subscriptions. */
static bool woken_before(struct worker *w, const struct frame *frame, uint32_t cell) {
    if (!w->woken) {
        return false;
    }
    uint64_t *last = &w->woken[(size_t)(cell - w->first_cell) * w->senders + numbered_by(w, frame)];
    bool before = *last >= frame->sequence;
    *last = frame->sequence;
    return before;
}

/* Origin: a copy for one subscription of one cell. */
static void hear_cell(struct worker *w, uint64_t key, const char *subject,
                      const struct frame *frame) {
    uint32_t cell = (uint32_t)(key >> 8);
    uint8_t slot = (uint8_t)key;
    uint32_t node = colony_node(w->colony, cell);
    if (!(frame->flags & FRAME_WORLD) && frame->from_node == node) {
        tally_message(w->tally, "echo", 1); /* its publisher serves its own node */
        return;
    }
    if (w->dynamic) {
        uint32_t counted = worker_expected(w, subject, cell, cell + 1, slot, frame->to_node, 1);
        w->tally->sent += 1 - (uint64_t)counted;
        count_heard(w, frame, node, counted);
    } else {
        count_heard(w, frame, node, 1);
    }
    const struct arrival arrival = {.nature = NATURE_GRADIENT,
                                    .cell = cell,
                                    .slot = slot,
                                    .again = woken_before(w, frame, cell),
                                    .frame = frame};
    int64_t began_ns = frame->flags & FRAME_STORM ? worker_now(w) : 0;
    worker_wake(w, &arrival);
    count_storm_work(w, frame, began_ns);
}

/* Edge: a copy for a node, for its cells that match. */
static void hear_node(struct worker *w, uint32_t node, const char *subject,
                      const struct frame *frame) {
    if (!(frame->flags & FRAME_WORLD) && frame->from_node == node) {
        tally_message(w->tally, "echo", 1);
        return;
    }
    uint64_t *last = &w->heard[(size_t)(node - w->first_node) * w->senders + numbered_by(w, frame)];
    if (frame->sequence <= *last) { /* another pattern of the node brought it already */
        tally_message(w->tally, "overlap", 1);
        return;
    }
    *last = frame->sequence;
    const struct audience *audience =
        subjects_audience(w->subjects, subjects_number(w->subjects, subject));
    uint32_t first = 0, end = 0;
    if (!node_range(w, audience, node, &first, &end)) {
        first = end = 0;
    }
    uint32_t there = end - first, counted = there;
    if (w->dynamic) {
        counted = worker_expected(w, subject, colony_node_first(w->colony, node),
                                  colony_node_first(w->colony, node + 1), LOCAL_NO_SLOT,
                                  frame->to_node, there);
        w->tally->sent += (uint64_t)there - counted;
    }
    count_heard(w, frame, node, counted);
    subjects_hold(w->subjects, audience);
    serve(w, frame, audience, first, end, false);
    subjects_release(w->subjects, audience);
}

/* A beat's trip also says how long the server and the library hold a copy at present. */
static void hear_beat(struct worker *w, const void *data, size_t bytes) {
    struct worker_beat beat;
    if (bytes != sizeof beat || !w->running || w->ended) {
        return;
    }
    __builtin_memcpy(&beat, data, sizeof beat);
    int64_t now_ns = worker_now(w);
    probe_heard(&w->probe, beat.due_ns, now_ns);
    if (w->warm && now_ns > beat.left_ns) {
        histogram_record(w->tally->buffer[PLACE_SERVER].held, now_ns - beat.left_ns, 1);
    }
}

void worker_heard(void *context, uint64_t key, const char *subject, const void *data,
                  size_t bytes) {
    struct worker *w = context;
    turn_take(&w->turn, TURN_HEARD);
    if (key & WORKER_PROBE_KEY) {
        hear_beat(w, data, bytes);
        turn_give(&w->turn, TURN_HEARD);
        return;
    }
    struct frame frame;
    __builtin_memcpy(&frame, data, bytes < sizeof frame ? bytes : sizeof frame);
    bool ours = frame_valid(&frame, bytes, w->plan->genome.signals) && frame.worker < w->workers &&
                frame.from_node < w->colony->nodes.parts;
    if (ours) {
        worker_take_log(w);
        if (w->origin) {
            hear_cell(w, key, subject, &frame);
        } else {
            hear_node(w, (uint32_t)key, subject, &frame);
        }
    } else {
        tally_message(w->tally, "foreign", 1);
    }
    bool left = w->local.count > 0 || w->linked || timers_next_ns(&w->timers) < w->next_ns;
    turn_give(&w->turn, TURN_HEARD);
    if (left) {
        eventfd_write(w->wake_descriptor, 1);
    }
}
