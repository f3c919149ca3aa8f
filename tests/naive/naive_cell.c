/* A wake: the start, the reaction, the cost, what it leaves behind. */
#include <inttypes.h>

#include "base/assert.h"
#include "base/digest.h"
#include "tests/naive/naive_engine.h"

/* What one wake knows while it is decided. */
struct wake {
    struct naive *n;
    struct entity *e;
    struct naive_cell *cell;
    struct item *item;
    struct claim claim;
    int64_t cost, end;
    struct cell_outcome outcome;
    int misroute_fault; /* R11: that takes one of its sends; or -1 */
};

static uint32_t version_held(const struct naive_cell *cell, const struct carried *carried) {
    if (carried->what == CARRIES_COLONY) {
        return cell->colony_version;
    }
    return carried->what == CARRIES_DOMAIN && carried->domain == cell->domain ? cell->domain_version
                                                                              : 0;
}

/* The copy carries a newer version of a scope that this cell holds a version of. */
static bool is_newer(const struct naive_cell *cell, const struct carried *carried) {
    bool holds = carried->what == CARRIES_COLONY ||
                 (carried->what == CARRIES_DOMAIN && carried->domain == cell->domain);
    return holds && carried->version > version_held(cell, carried);
}

/* R28: what a copy of this kind carries that this wake sends. */
static struct carried carried_on(const struct wake *w, uint32_t signal) {
    struct carried none = {.what = CARRIES_NOTHING};
    if (!w->n->plan->genome.signal[signal].carries_version) {
        return none;
    }
    if (w->item->kind == ITEM_COPY && w->item->carried.what != CARRIES_NOTHING) {
        struct carried carried = w->item->carried;
        uint32_t held = version_held(w->cell, &carried);
        carried.version = held > carried.version ? held : carried.version;
        return carried;
    }
    return (struct carried){
        .what = CARRIES_DOMAIN, .domain = w->cell->domain, .version = w->cell->domain_version};
}

/* R11: the first fault, in order of the file, that now takes what this cell sends by synapse. */
static int misroutes(const struct naive *n, uint32_t cell, int64_t start) {
    for (uint32_t i = 0; i < n->plan->faults; i++) {
        const struct plan_fault *f = &n->plan->fault[i];
        if (f->for_ns >= 0 && n->chosen[i][cell] && start >= f->at_ns &&
            start < f->at_ns + f->for_ns) {
            return (int)i;
        }
    }
    return -1;
}

static void react(struct wake *w) {
    const struct item *item = w->item;
    struct naive_cell *cell = w->cell;
    w->outcome.state = cell->state;
    w->outcome.adopt = true;
    if (item->kind == ITEM_FAULT) {
        return;
    }
    w->misroute_fault = misroutes(w->n, w->e->index, w->claim.start);
    bool timer = item->kind == ITEM_TIMER;
    struct cell_event event = {
        .cell = w->e->index,
        .type = cell->type,
        .state = cell->state,
        .column = timer ? w->n->plan->genome.signals + item->timer : item->signal,
        .wake = cell->wakes,
        .sender = timer ? COLONY_NOBODY : item->sender,
        .newer = !timer && is_newer(cell, &item->carried),
        .misrouted = w->misroute_fault < 0 ? -1 : w->n->plan->fault[w->misroute_fault].signal,
    };
    cell_react(&w->n->colony, &event, &w->outcome);
}

/* R19. */
static int64_t cost_of_sends(const struct wake *w) {
    const struct naive *n = w->n;
    const struct host_profile *p = n->host[w->e->host].profile;
    int64_t cost = 0;
    if (w->item->kind == ITEM_FAULT) {
        uint8_t signal = n->plan->fault[w->item->fault].signal;
        return p->nats_publish_ns + naive_copying_ns(p, n->plan->genome.signal[signal].size_bytes);
    }
    for (uint32_t i = 0; i < w->outcome.effects; i++) {
        const struct effect *effect = &w->outcome.effect[i];
        if (effect->kind == EFFECT_PUBLISH) {
            cost += p->nats_publish_ns;
        } else if (effect->kind == EFFECT_SEND) {
            uint32_t to = colony_node(&n->colony, effect->target);
            if (to == w->e->node) {
                cost += p->send_ns + p->send_scattered_ns;
            } else {
                cost += p->zmq_send_ns;
                cost += naive_link_is_open(w->n, w->e->node, to, n->now) ? 0 : p->zmq_connect_ns;
            }
        } else {
            continue;
        }
        cost += naive_copying_ns(p, n->plan->genome.signal[effect->signal].size_bytes);
    }
    return cost;
}

static int64_t cost_of_wake(const struct wake *w) {
    struct naive *n = w->n;
    const struct host_profile *p = n->host[w->e->host].profile;
    bool copy = w->item->kind == ITEM_COPY;
    int64_t payload = copy ? w->item->payload : 0;
    int64_t cost = p->wake_ns + w->outcome.work_ns + naive_copying_ns(p, payload);
    cost += naive_fetch_cost(n, w->cell, w->e->host, w->claim.start, w->outcome.touch_bytes,
                             payload, copy && w->item->by_loop);
    cost += p->cores == 1 ? 0 : p->transfer_ns;
    cost += copy && w->item->by_link ? p->zmq_receive_ns : 0;
    cost += cost_of_sends(w);
    return cost < 1 ? 1 : cost;
}

/* R30: what the cell holds rises as the wake is decided, and counts from its end. */
static void adopt(struct wake *w) {
    const struct item *item = w->item;
    if (item->kind != ITEM_COPY || !w->outcome.adopt || !is_newer(w->cell, &item->carried)) {
        return;
    }
    uint32_t *held =
        item->carried.what == CARRIES_COLONY ? &w->cell->colony_version : &w->cell->domain_version;
    *(struct adoption *)naive_list_add(&w->n->adoptions, sizeof(struct adoption)) =
        (struct adoption){.cell = w->e->index,
                          .what = item->carried.what,
                          .from = *held,
                          .to = item->carried.version,
                          .end = w->end};
    *held = item->carried.version;
    if (w->n->coverage != NULL) {
        w->n->coverage->adoptions++;
    }
}

static void send(struct wake *w, const struct effect *effect) {
    struct naive *n = w->n;
    const struct item *cause = w->item;
    struct item *copy = naive_new(n, 1, sizeof *copy);
    *copy = (struct item){.kind = ITEM_COPY,
                          .payload = n->plan->genome.signal[effect->signal].size_bytes,
                          .signal = effect->signal,
                          .cell = effect->target,
                          .sender = w->e->index,
                          .slot = NOT_GRADIENT,
                          .storm = cause->kind == ITEM_COPY && cause->storm,
                          .emission = w->end,
                          .carried = carried_on(w, effect->signal),
                          .source = NO_SOURCE,
                          .reflex = NO_SOURCE};
    if (cause->kind == ITEM_COPY && cause->source != NO_SOURCE) {
        copy->reflex = cause->source;
        copy->reflex_since = cause->emission;
    }
    n->tally->sent++;
    if (naive_measured(n, w->end)) {
        n->tally->kind[effect->signal].emissions_targeted++;
        n->tally->kind[effect->signal].copies++;
    }
    struct entity *target = naive_entity_of_cell(n, effect->target);
    if (target->node == w->e->node) {
        n->tally->copies_local++;
        naive_post_item(n, w->end, target, w->e->rank, EVENT_ARRIVAL, copy);
    } else {
        copy->by_link = true;
        naive_post_item(n, w->end, w->e, w->e->rank, EVENT_LEAVE, copy);
    }
}

static void publishes(struct wake *w, uint8_t signal, uint32_t subject, bool misrouted) {
    struct naive *n = w->n;
    bool storm = misrouted || (w->item->kind == ITEM_COPY && w->item->storm);
    if (misrouted && (n->storm_from == TALLY_NEVER || w->end < n->storm_from)) {
        n->storm_from = w->end;
    }
    naive_publish(n, &(struct publishing){.signal = signal,
                                          .publisher = w->e->index,
                                          .subject = subject,
                                          .emission = w->end,
                                          .carried = carried_on(w, signal),
                                          .storm = storm,
                                          .source = NO_SOURCE});
}

static void set_timer(struct wake *w, const struct effect *effect) {
    uint32_t generation = ++w->cell->timer[effect->slot];
    if (effect->kind == EFFECT_STOP_TIMER) {
        return;
    }
    struct item *item = naive_new(w->n, 1, sizeof *item);
    item->kind = ITEM_TIMER;
    item->timer = effect->slot;
    item->generation = generation;
    naive_post_item(w->n, w->end + effect->after_ns, w->e, w->e->rank, EVENT_TIMER, item);
}

/* R3: in the order of the effects. */
static void depart(struct wake *w) {
    struct naive *n = w->n;
    if (w->item->kind == ITEM_FAULT) {
        const struct plan_fault *f = &n->plan->fault[w->item->fault];
        publishes(w, f->signal, subjects_number(n->subjects, f->onto), true);
    }
    for (uint32_t i = 0; i < w->outcome.effects; i++) {
        const struct effect *effect = &w->outcome.effect[i];
        switch (effect->kind) {
        case EFFECT_SEND:
            send(w, effect);
            break;
        case EFFECT_PUBLISH:
            if (effect->subject == NULL) {
                const char *onto = n->plan->fault[w->misroute_fault].onto;
                publishes(w, effect->signal, subjects_number(n->subjects, onto), true);
            } else {
                publishes(w, effect->signal,
                          subjects_fill(n->subjects, effect->subject, w->e->index), false);
            }
            break;
        case EFFECT_SUBSCRIBE:
        case EFFECT_UNSUBSCRIBE:
            naive_post(n, w->e->rank,
                       (struct event){.time = w->end,
                                      .entity = w->e->rank,
                                      .kind = EVENT_SUBSCRIBE,
                                      .slot = effect->slot,
                                      .subject = effect->kind == EFFECT_SUBSCRIBE ? effect->subject
                                                                                  : NULL});
            break;
        case EFFECT_SET_TIMER:
        case EFFECT_STOP_TIMER:
            set_timer(w, effect);
            break;
        }
    }
}

/* Latency, reach, reflex and storm of the copy that woke it. */
static void count_copy(const struct wake *w) {
    struct naive *n = w->n;
    const struct item *copy = w->item;
    int64_t start = w->claim.start;
    n->tally->delivered++;
    if (copy->storm) {
        n->tally->storm_wakes++;
        n->tally->storm_work_ns += w->cost;
        n->storm_until = w->end > n->storm_until ? w->end : n->storm_until;
    }
    if (copy->reflex != NO_SOURCE && naive_measured(n, copy->reflex_since)) {
        *(struct latency_record *)naive_list_add(&n->latencies, sizeof(struct latency_record)) =
            (struct latency_record){.reflex = copy->reflex,
                                    .emission = copy->reflex_since,
                                    .latency = start - copy->reflex_since};
    }
    struct publication *p = copy->publication;
    bool again = false;
    if (p != NULL) { /* R24 */
        uint32_t first = naive_publication_entry(p, w->e->index);
        again = p->reached[first];
        p->reached[first] = true;
        n->tally->duplicated += again ? 1 : 0;
    }
    if (!naive_measured(n, copy->emission)) {
        return;
    }
    struct tally_kind *kind = &n->tally->kind[copy->signal];
    kind->delivered++;
    *(struct latency_record *)naive_list_add(&n->latencies, sizeof(struct latency_record)) =
        (struct latency_record){.signal = copy->signal,
                                .reflex = NO_SOURCE,
                                .emission = copy->emission,
                                .latency = start - copy->emission};
    if (p == NULL) {
        return;
    }
    kind->duplicates += again ? 1 : 0;
    kind->reached += again ? 0 : 1;
    kind->last_hop = 1;
    int64_t since = start - copy->emission;
    kind->last_ns = since > kind->last_ns ? since : kind->last_ns;
}

/* R31. */
static void count_dissonant_action(const struct wake *w) {
    const struct naive *n = w->n;
    enum genome_follows follows = n->plan->genome.type[w->cell->type].follows;
    if (follows == FOLLOWS_NOBODY || !naive_measured(n, w->claim.ready)) {
        return;
    }
    bool behind = follows == FOLLOWS_COLONY
                      ? w->cell->colony_version < n->colony_raises.count
                      : w->cell->domain_version < n->domain_raises[w->cell->domain].count;
    bool acts = w->outcome.work_ns > 0 || w->item->kind == ITEM_FAULT;
    for (uint32_t i = 0; i < w->outcome.effects; i++) {
        acts = acts || w->outcome.effect[i].kind == EFFECT_SEND ||
               w->outcome.effect[i].kind == EFFECT_PUBLISH;
    }
    n->tally->dissonant_actions += behind && acts ? 1 : 0;
}

static void trace(const struct wake *w, uint32_t signal, uint32_t version) {
    if (w->n->coverage != NULL && w->n->coverage->trace != NULL) {
        static const char *const kind[] = {"copy", "timer", "fault"};
        fprintf(w->n->coverage->trace,
                "wake %" PRIu64 " at %" PRId64 ": cell %u of node %u, %s, signal %u, version %u, "
                "arrived %" PRId64 ", starts %" PRId64 ", ends %" PRId64 ", state %u%s%s\n",
                w->n->tally->wakes, w->n->now, w->e->index, w->e->node, kind[w->item->kind], signal,
                version, w->item->arrival, w->claim.start, w->end, w->cell->state,
                w->item->by_link ? ", by link" : "", w->item->by_loop ? ", by loop" : "");
    }
}

void naive_wake(struct naive *n, struct entity *e, struct item *item) {
    struct wake w = {.n = n, .e = e, .cell = &n->cell[e->index], .item = item};
    w.misroute_fault = -1;
    w.claim = naive_claim_core(n, e);
    react(&w);
    w.cost = cost_of_wake(&w);
    w.end = w.claim.start + w.cost;
    naive_take_core(n, e, &w.claim, w.cost);
    naive_starts(n, e, item, w.claim.start);
    e->free_at = w.end;
    w.cell->job_slot = item->kind == ITEM_COPY ? item->slot : NOT_GRADIENT;
    w.cell->job_start = w.claim.start;
    w.cell->wakes++;
    w.cell->state = w.outcome.state;

    uint32_t signal = item->kind == ITEM_COPY    ? item->signal
                      : item->kind == ITEM_TIMER ? DIGEST_SIGNAL_TIMER + item->timer
                                                 : (uint32_t)DIGEST_SIGNAL_FAULT;
    uint32_t version = item->kind == ITEM_COPY ? item->carried.version : 0;
    digest_add(&n->tally->digest, w.claim.start, e->index, signal, version, w.cell->state);
    n->tally->wakes++;
    trace(&w, signal, version);
    n->tally->type[w.cell->type].wakes += naive_measured(n, n->now) ? 1 : 0;
    adopt(&w);
    if (item->kind == ITEM_COPY) {
        count_copy(&w);
    }
    count_dissonant_action(&w);
    depart(&w);
}
