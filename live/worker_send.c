#include <string.h>

#include "live/worker.h"

/* What a frame of this sender's says of its cause. */
static struct frame frame_of(const struct worker *w, const struct sender *sender, uint8_t kind,
                             bool storm) {
    struct frame frame = {
        .emission_ns = sender->end_ns,
        .stimulus_ns = sender->stimulus_ns,
        .sender = sender->cell,
        .from_node = sender->node,
        .source = sender->source,
        .mark = FRAME_MARK,
        .worker = (uint16_t)w->place,
        .kind = kind,
        .flags = storm ? FRAME_STORM : 0,
    };
    if (w->versions.active && w->plan->genome.signal[kind].carries_version) {
        frame.scope = sender->scope;
        frame.version = sender->version;
        versions_carried(&w->versions, sender->cell, &frame.scope, &frame.version);
    }
    return frame;
}

static bool measured(const struct worker *w, int64_t emission_ns) {
    return emission_ns >= w->plan->run.warm_up_ns;
}

/* What a copy from node to node adds. */
static void count_between(struct worker *w, const struct frame *frame, uint32_t to_node) {
    w->tally->copies_between_nodes++;
    w->tally->bytes_between_nodes += (uint64_t)w->plan->genome.signal[frame->kind].size_bytes;
    w->tally->copies_between_hosts +=
        colony_host_of_node(w->colony, frame->from_node) != colony_host_of_node(w->colony, to_node);
    if (measured(w, frame->emission_ns)) {
        w->tally->kind[frame->kind].copies_between_nodes++;
    }
}

static void send_by_synapse(struct worker *w, struct frame *frame) {
    w->linked = true;
    switch (synapses_send(w->synapses, frame)) {
    case SYNAPSE_WAITS:
        if (w->plan->synapses.block) {
            w->local.held_up[frame->sender - w->first_cell]++;
            w->local.held_up_all++;
        }
        count_between(w, frame, frame->to_node);
        break;
    case SYNAPSE_SENT:
        count_between(w, frame, frame->to_node);
        break;
    case SYNAPSE_FULL:
        w->tally->dropped[CAUSE_QUEUE_LIMIT]++;
        break;
    case SYNAPSE_NO_LINK:
        w->tally->dropped[CAUSE_LINKS]++;
        break;
    case SYNAPSE_UNREACHABLE:
        w->tally->dropped[CAUSE_UNREACHABLE]++;
        break;
    }
}

static void send_targeted(struct worker *w, const struct sender *sender,
                          const struct effect *effect) {
    struct frame frame = frame_of(w, sender, effect->signal, sender->storm);
    frame.target = effect->target;
    frame.to_node = colony_node(w->colony, effect->target);
    w->tally->sent++;
    if (measured(w, sender->end_ns)) {
        w->tally->kind[effect->signal].emissions_targeted++;
        w->tally->kind[effect->signal].copies++;
    }
    if (frame.to_node != sender->node) {
        send_by_synapse(w, &frame);
        return;
    }
    w->tally->copies_local++;
    struct local_item *item = local_push(&w->local);
    item->kind = LOCAL_COPY;
    item->at_ns = sender->end_ns;
    item->frame = frame;
    worker_hold(w, PLACE_MAILBOX);
}

/* Copies that each worker must hear of: [from place, to place) of the audience's nodes. */
static uint32_t copies_of_worker(const struct worker *w, const struct audience *audience,
                                 uint32_t worker, uint32_t *place) {
    uint32_t begin = *place, end_node = w->board->worker_first[worker + 1];
    while (*place < audience->nodes && audience->node[*place] < end_node) {
        ++*place;
    }
    const uint32_t *first = w->origin ? audience->entry_first : audience->head_first;
    return first[*place] - first[begin];
}

/* Counts a publication as sent; fills how many copies each worker must hear of, over NATS. */
static uint64_t count_publication(struct worker *w, const struct audience *audience,
                                  const struct frame *frame, uint32_t own_copies) {
    uint32_t hearers = audience->cells;
    uint32_t copies = w->origin ? audience->copies : audience->cells;
    uint32_t at_own_node = own_copies;
    if (frame->sender != COLONY_NOBODY) {
        uint32_t first = 0;
        uint32_t own = audience_entries_of(audience, frame->sender, &first);
        hearers -= own > 0;
        copies -= w->origin ? own : own > 0;
        at_own_node += w->origin ? own : own > 0;
    }
    w->tally->sent += copies;
    if (measured(w, frame->emission_ns)) {
        struct tally_kind *kind = &w->tally->kind[frame->kind];
        kind->emissions_broadcast++;
        kind->copies += copies;
        kind->reachable += hearers;
        kind->colony_wide += hearers;
    }
    uint32_t place = 0;
    for (uint32_t i = 0; i < w->workers; i++) {
        w->expected[i] = copies_of_worker(w, audience, i, &place);
    }
    w->expected[w->place] -= at_own_node;
    return copies - own_copies;
}

/* Gives it to NATS, and puts it down for every worker that must hear of it. */
static void publish_frame(struct worker *w, struct frame *frame, uint32_t subject,
                          uint64_t copies) {
    uint32_t connection = w->connections > 1 ? frame->from_node - w->first_node : 0;
    size_t bytes = frame_bytes(w->plan->genome.signal[frame->kind].size_bytes);
    frame->sequence = ++w->published;
    frame->left_ns = worker_now(w);
    memcpy(w->message, frame, sizeof *frame);
    _Atomic uint64_t *published = &w->board->published[(size_t)w->place * w->workers];
    for (uint32_t i = 0; i < w->workers; i++) {
        atomic_fetch_add_explicit(&published[i], w->expected[i], memory_order_relaxed);
    }
    if (!gradients_publish(w->gradients, connection, subjects_text(w->subjects, subject),
                           w->message, bytes)) {
        for (uint32_t i = 0; i < w->workers; i++) {
            atomic_fetch_sub_explicit(&published[i], w->expected[i], memory_order_relaxed);
        }
        w->tally->dropped[CAUSE_PUBLISH] += copies;
    }
}

static void publish(struct worker *w, struct frame *frame, uint32_t subject) {
    const struct audience *audience = subjects_audience(w->subjects, subject);
    frame->target = COLONY_NOBODY;
    frame->to_node = (uint32_t)w->log_at; /* as far as its audience is up to date */
    bool world = (frame->flags & FRAME_WORLD) != 0;
    uint32_t own = world ? 0 : worker_own_copies(w, audience, frame->sender, frame->from_node);
    uint64_t copies = count_publication(w, audience, frame, own);
    publish_frame(w, frame, subject, copies);
    if (own > 0) {
        subjects_hold(w->subjects, audience);
        struct local_item *item = local_push(&w->local);
        item->kind = LOCAL_GRADIENT;
        item->at_ns = frame->emission_ns;
        item->audience = audience;
        item->frame = *frame;
        worker_hold(w, PLACE_PARTITIONER);
    }
}

void worker_publish(struct worker *w, const struct sender *sender, uint32_t subject, uint8_t kind,
                    bool misrouted) {
    struct frame frame = frame_of(w, sender, kind, sender->storm || misrouted);
    frame.source = 0;
    if (misrouted) {
        board_storm_from(w->board, sender->end_ns);
        w->tally->has_storm = true;
    }
    publish(w, &frame, subject);
}

void worker_publish_world(struct worker *w, uint32_t source, uint32_t scope, uint32_t version,
                          int64_t emission_ns) {
    struct frame frame = {
        .emission_ns = emission_ns,
        .stimulus_ns = emission_ns,
        .sender = COLONY_NOBODY,
        .from_node = w->first_node,
        .scope = scope,
        .version = version,
        .source = (uint16_t)(1 + source),
        .mark = FRAME_MARK,
        .worker = (uint16_t)w->place,
        .kind = w->plan->source[source].signal,
        .flags = FRAME_WORLD,
    };
    publish(w, &frame, w->source[source].subject);
}

/* Where the effect's send goes by fault onto a subject, it comes back as a publication. */
static uint32_t publish_subject(struct worker *w, const struct sender *sender,
                                const struct effect *effect) {
    if (effect->subject) {
        return subjects_fill(w->subjects, effect->subject, sender->cell);
    }
    return w->fault[sender->misroute - w->plan->fault].subject;
}

void worker_effects(struct worker *w, const struct sender *sender,
                    const struct cell_outcome *outcome) {
    for (uint32_t i = 0; i < outcome->effects; i++) {
        const struct effect *effect = &outcome->effect[i];
        switch (effect->kind) {
        case EFFECT_SEND:
            send_targeted(w, sender, effect);
            break;
        case EFFECT_PUBLISH:
            worker_publish(w, sender, publish_subject(w, sender, effect), effect->signal,
                           !effect->subject);
            break;
        case EFFECT_SUBSCRIBE:
            worker_change(w, sender->cell, effect->slot, effect->subject, sender->end_ns);
            break;
        case EFFECT_UNSUBSCRIBE:
            worker_change(w, sender->cell, effect->slot, NULL, sender->end_ns);
            break;
        case EFFECT_SET_TIMER:
            timers_set(&w->timers, sender->cell, effect->slot, sender->end_ns + effect->after_ns);
            break;
        case EFFECT_STOP_TIMER:
            timers_stop(&w->timers, sender->cell, effect->slot);
            break;
        }
    }
}
