#include "tests/naive/naive.h"

#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "tests/naive/naive_engine.h"

void *naive_new(struct naive *n, size_t count, size_t bytes) {
    void *block = memory_new(count > 0 ? count : 1, bytes);
    *(void **)naive_list_add(&n->garbage, sizeof(void *)) = block;
    return block;
}

struct entity *naive_entity_of(struct naive *n, uint32_t rank) {
    NERVE_ASSERT(rank >= n->first_node_rank && rank < n->ranks);
    return &n->entity[rank - n->first_node_rank];
}

struct entity *naive_entity_of_cell(struct naive *n, uint32_t cell) {
    return naive_entity_of(n, n->cell_rank[cell]);
}

struct entity *naive_station_of(struct naive *n, uint32_t node, enum entity_kind kind,
                                uint32_t index) {
    struct entity *e = naive_entity_of(n, n->node_rank[node] + (uint32_t)kind + index);
    NERVE_ASSERT(e->kind == kind && e->node == node);
    return e;
}

bool naive_measured(const struct naive *n, int64_t time) {
    return time >= n->plan->run.warm_up_ns;
}

void naive_post(struct naive *n, uint32_t source, struct event event) {
    event.source = source;
    event.number = n->number[source]++;
    naive_heap_push(n, &event);
}

void naive_post_item(struct naive *n, int64_t time, const struct entity *at, uint32_t source,
                     enum event_kind kind, struct item *item) {
    naive_post(n, source,
               (struct event){.time = time, .entity = at->rank, .kind = kind, .item = item});
}

/* The world has changed: a new version of the domain or the colony. */
static struct carried raise_version(struct naive *n, uint32_t source, uint32_t cell) {
    const struct plan_source *s = &n->plan->source[source];
    struct carried carried = {.what = CARRIES_NOTHING};
    struct list *raises = NULL;
    if (s->raises == RAISES_DOMAIN) {
        NERVE_ASSERT(cell != COLONY_NOBODY);
        carried = (struct carried){.what = CARRIES_DOMAIN, .domain = n->cell[cell].domain};
        raises = &n->domain_raises[carried.domain];
    } else if (s->raises == RAISES_COLONY) {
        carried = (struct carried){.what = CARRIES_COLONY};
        raises = &n->colony_raises;
    } else {
        return carried;
    }
    *(struct raise *)naive_list_add(raises, sizeof(struct raise)) =
        (struct raise){.time = n->now, .source = source};
    carried.version = (uint32_t)raises->count;
    return carried;
}

/* R7, R8. */
static void emission(struct naive *n, struct entity *at, uint32_t source) {
    const struct plan_source *s = &n->plan->source[source];
    struct tally_kind *kind = &n->tally->kind[s->signal];
    if (s->publishes) {
        struct carried carried = raise_version(n, source, COLONY_NOBODY);
        struct publication *publication = naive_publication_make(
            n, &(struct publishing){.signal = s->signal,
                                    .publisher = COLONY_NOBODY,
                                    .subject = subjects_number(n->subjects, s->subject),
                                    .emission = n->now,
                                    .carried = carried,
                                    .source = (int)source});
        struct item *item = naive_new(n, 1, sizeof *item);
        item->kind = ITEM_PUBLICATION;
        item->publication = publication;
        item->payload = publication->payload;
        naive_arrive(n, at, item);
        return;
    }
    struct item *copy = naive_new(n, 1, sizeof *copy);
    *copy = (struct item){.kind = ITEM_COPY,
                          .payload = n->plan->genome.signal[s->signal].size_bytes,
                          .signal = s->signal,
                          .cell = at->index,
                          .sender = COLONY_NOBODY,
                          .slot = NOT_GRADIENT,
                          .emission = n->now,
                          .source = (int)source,
                          .reflex = NO_SOURCE};
    copy->carried = raise_version(n, source, at->index);
    n->tally->sent++;
    n->tally->copies_local++;
    if (naive_measured(n, n->now)) {
        kind->emissions_targeted++;
        kind->copies++;
    }
    naive_arrive(n, at, copy);
}

static void timer_fires(struct naive *n, struct entity *e, struct item *item) {
    if (n->cell[e->index].timer[item->timer] == item->generation) {
        if (n->coverage != NULL) {
            n->coverage->timers++;
        }
        naive_arrive(n, e, item);
    }
}

static void happen(struct naive *n, const struct event *event) {
    struct entity *e = naive_entity_of(n, event->entity);
    switch (event->kind) {
    case EVENT_EMISSION:
        emission(n, e, event->source - n->plan->faults);
        break;
    case EVENT_ARRIVAL:
        if (event->over_link) {
            struct tally_buffer *buffer = &n->tally->buffer[PLACE_LINK];
            n->place_now[PLACE_LINK]--;
            if (naive_measured(n, n->now)) {
                histogram_record(buffer->held, n->now - event->left_at, 1);
                buffer->held_sum_ns += (uint64_t)(n->now - event->left_at);
            }
        }
        naive_arrive(n, e, event->item);
        break;
    case EVENT_FAULT:
        naive_arrive(n, e, event->item);
        break;
    case EVENT_TIMER:
        timer_fires(n, e, event->item);
        break;
    case EVENT_READY:
        if (e->ready_pending && e->ready_ticket == event->ticket) {
            naive_ready(n, e);
        }
        break;
    case EVENT_SLICE:
        naive_station_slice(n, e);
        break;
    case EVENT_LEAVE:
        naive_leave(n, e, event->item);
        break;
    case EVENT_SUBSCRIBE:
        if (n->coverage != NULL) {
            n->coverage->subscribes++;
        }
        if (event->subject != NULL) {
            subjects_subscribe(n->subjects, e->index, event->slot, event->subject);
        } else {
            subjects_unsubscribe(n->subjects, e->index, event->slot);
        }
        break;
    }
}

/* R4: events at the very end happen; a host's death may bring the end nearer. */
static void run(struct naive *n) {
    while (!n->stopped && n->heap_count > 0) {
        int64_t time = n->heap[0].time;
        naive_memory_look(n, time < n->end ? time : n->end);
        if (time > n->end) {
            break;
        }
        n->now = time;
        struct event event = naive_heap_pop(n);
        happen(n, &event);
        if (n->plan->run.limit_wakes >= 0 &&
            n->tally->wakes >= (uint64_t)n->plan->run.limit_wakes) {
            n->stopped = true;
            n->end = n->now;
        }
    }
    naive_memory_look(n, n->end);
}

void naive_run_covered(const struct plan *plan, struct tally *tally,
                       struct naive_coverage *coverage) {
    struct naive n;
    memset(&n, 0, sizeof n);
    n.plan = plan;
    n.tally = tally;
    n.coverage = coverage;
    naive_setup(&n);
    run(&n);
    naive_figures_finish(&n);
    naive_free(&n);
}

void naive_run(const struct plan *plan, struct tally *tally) {
    naive_run_covered(plan, tally, NULL);
}
