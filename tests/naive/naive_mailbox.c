/* Arrivals, mailboxes and `ready`: what every entity does alike. */
#include "base/assert.h"
#include "tests/naive/naive_engine.h"

bool naive_mailbox_empty(const struct entity *e) {
    return e->head == e->mailbox.count;
}

uint32_t naive_item_weight(const struct item *item) {
    uint32_t all = 0;
    switch (item->kind) {
    case ITEM_COPY:
        return 1;
    case ITEM_FROM_SERVER:
        return item->bundle->count;
    case ITEM_LOOP:
        return item->count;
    case ITEM_PUBLICATION:
        for (uint32_t i = 0; i < item->publication->bundles; i++) {
            all += item->publication->bundle[i].count;
        }
        return all;
    case ITEM_TIMER:
    case ITEM_FAULT:
        return 0;
    }
    return 0;
}

void naive_drop(struct naive *n, enum tally_cause cause, uint64_t copies) {
    n->tally->dropped[cause] += copies;
}

static enum tally_place place_of(const struct entity *e) {
    switch (e->kind) {
    case ENTITY_SERVER:
        return PLACE_SERVER;
    case ENTITY_READER:
        return PLACE_READER;
    case ENTITY_PARTITIONER:
        return PLACE_PARTITIONER;
    default:
        return PLACE_MAILBOX;
    }
}

static int64_t waiting_size(const struct naive *n, const struct entity *e,
                            const struct item *item) {
    return n->host[e->host].profile->envelope_bytes + item->payload;
}

/* What a copy from a server counts of max_pending_bytes: by the reader's host. */
static int64_t held_size(const struct naive *n, const struct entity *e, const struct item *item) {

    return item->payload + n->host[e->host].profile->header_bytes;
}

void naive_starts(struct naive *n, const struct entity *e, const struct item *item, int64_t start) {
    struct naive_host *host = &n->host[e->host];
    int64_t bytes = waiting_size(n, e, item);
    host->waiting_bytes -= bytes;
    *(struct starting *)naive_list_add(&host->starting, sizeof(struct starting)) =
        (struct starting){.start = start, .bytes = bytes};
}

void naive_post_ready(struct naive *n, struct entity *e) {
    NERVE_ASSERT(!e->ready_pending && e->job == NULL && !naive_mailbox_empty(e));
    e->ready_pending = true;
    e->ready_ticket++;
    naive_post(
        n, e->rank,
        (struct event){
            .time = e->free_at, .entity = e->rank, .kind = EVENT_READY, .ticket = e->ready_ticket});
}

/* It leaves the mailbox: becomes the job, or is dropped by a cut. */
static void leaves_mailbox(struct naive *n, const struct entity *e, const struct item *item) {
    enum tally_place place = place_of(e);
    n->place_now[place]--;
    if (naive_measured(n, n->now)) {
        histogram_record(n->tally->buffer[place].held, n->now - item->arrival, 1);
        n->tally->buffer[place].held_sum_ns += (uint64_t)(n->now - item->arrival);
    }
}

/* R26: the connection is cut. Server copies in the mailbox are lost, its own jobs stay. */
static void cut(struct naive *n, struct entity *e, const struct item *last) {
    size_t kept = e->head;
    for (size_t i = e->head; i < e->mailbox.count; i++) {
        struct item *item = LIST_AT(&e->mailbox, struct item *, i);
        if (item->kind != ITEM_FROM_SERVER) {
            LIST_AT(&e->mailbox, struct item *, kept++) = item;
            continue;
        }
        leaves_mailbox(n, e, item);
        naive_drop(n, CAUSE_SLOW_CONSUMER, naive_item_weight(item));
        n->host[e->host].waiting_bytes -= waiting_size(n, e, item);
        *(struct accept *)naive_list_add(&e->accepted, sizeof(struct accept)) =
            (struct accept){.time = n->now, .amount = -item->accepted_ns};
    }
    e->mailbox.count = kept;
    e->held = 0;
    e->cut_until = n->now + n->host[e->host].profile->reconnect_ns;
    naive_drop(n, CAUSE_SLOW_CONSUMER, naive_item_weight(last));
    if (e->ready_pending && naive_mailbox_empty(e)) {
        e->ready_pending = false;
    }
    if (n->coverage != NULL) {
        n->coverage->cuts++;
    }
}

/* R25: copies of its subscription that wait at the cell. */
static int64_t pending_at(const struct naive *n, const struct entity *e, int slot) {
    const struct naive_cell *cell = &n->cell[e->index];
    int64_t waiting = cell->job_slot == slot && cell->job_start > n->now ? 1 : 0;
    for (size_t i = e->head; i < e->mailbox.count; i++) {
        const struct item *item = LIST_AT(&e->mailbox, struct item *, i);
        waiting += item->kind == ITEM_COPY && item->slot == slot ? 1 : 0;
    }
    return waiting;
}

/* R33. */
static void count_stale(struct naive *n, const struct item *item) {
    const struct carried *c = &item->carried;
    if (item->kind != ITEM_COPY || c->what == CARRIES_NOTHING ||
        !naive_measured(n, item->emission)) {
        return;
    }
    size_t version =
        c->what == CARRIES_COLONY ? n->colony_raises.count : n->domain_raises[c->domain].count;
    n->tally->kind[item->signal].stale += c->version < version ? 1 : 0;
}

/* Whether what arrives is dropped before it is accepted. */
static bool dropped(struct naive *n, struct entity *e, const struct item *item, bool is_free) {
    bool droppable = item->kind == ITEM_COPY || item->kind == ITEM_PUBLICATION ||
                     item->kind == ITEM_FROM_SERVER || (item->kind == ITEM_LOOP && !item->local);
    if (droppable && n->host[e->host].over) {
        naive_drop(n, CAUSE_MEMORY, naive_item_weight(item));
        return true;
    }
    if (item->kind == ITEM_FROM_SERVER) {
        if (n->now < e->cut_until) {
            naive_drop(n, CAUSE_SLOW_CONSUMER, naive_item_weight(item));
            return true;
        }
        if (!is_free && e->held + held_size(n, e, item) > n->plan->gradients.max_pending_bytes) {
            cut(n, e, item);
            return true;
        }
    }
    int64_t limit = n->plan->gradients.pending_limit;
    if (item->kind == ITEM_COPY && item->slot != NOT_GRADIENT && limit != PLAN_NONE &&
        pending_at(n, e, item->slot) + 1 > limit) {
        naive_drop(n, CAUSE_PENDING, 1);
        return true;
    }
    return false;
}

static void becomes_job(struct naive *n, struct entity *e, struct item *item) {
    if (e->kind == ENTITY_CELL) {
        naive_wake(n, e, item);
    } else {
        naive_station_job(n, e, item);
    }
    /* Its departures are posted; then, if more wait and its end is known, `ready` for it. */
    if (e->job == NULL && !naive_mailbox_empty(e) && !e->ready_pending) {
        naive_post_ready(n, e);
    }
}

void naive_arrive(struct naive *n, struct entity *e, struct item *item) {
    bool is_free = e->job == NULL && naive_mailbox_empty(e) && e->free_at <= n->now;
    count_stale(n, item);
    if (dropped(n, e, item, is_free)) {
        return;
    }
    item->arrival = n->now;
    n->host[e->host].waiting_bytes += waiting_size(n, e, item);
    if (e->kind != ENTITY_CELL) {
        item->accepted_ns = naive_station_work(n, e, item);
        *(struct accept *)naive_list_add(&e->accepted, sizeof(struct accept)) =
            (struct accept){.time = n->now, .amount = item->accepted_ns};
    }
    if (is_free) {
        becomes_job(n, e, item);
        return;
    }
    *(struct item **)naive_list_add(&e->mailbox, sizeof(struct item *)) = item;
    enum tally_place place = place_of(e);
    uint64_t now = ++n->place_now[place];
    if (now > n->tally->buffer[place].peak) {
        n->tally->buffer[place].peak = now;
    }
    if (item->kind == ITEM_FROM_SERVER) {
        e->held += held_size(n, e, item);
    }
    if (e->job == NULL && !e->ready_pending) {
        naive_post_ready(n, e);
    }
}

void naive_ready(struct naive *n, struct entity *e) {
    NERVE_ASSERT(!naive_mailbox_empty(e) && e->job == NULL && e->free_at == n->now);
    e->ready_pending = false;
    struct item *item = LIST_AT(&e->mailbox, struct item *, e->head++);
    if (e->head == e->mailbox.count) {
        e->head = e->mailbox.count = 0;
    }
    leaves_mailbox(n, e, item);
    if (item->kind == ITEM_FROM_SERVER) {
        e->held -= held_size(n, e, item);
    }
    becomes_job(n, e, item);
}
