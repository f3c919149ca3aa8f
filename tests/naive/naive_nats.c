/* Gradients: publications, their audience, and what carries them (R20 to R24). */
#include <string.h>

#include "base/assert.h"
#include "tests/naive/naive_engine.h"

/* Who hears it now, the publisher too, by node, cell, slot. */
static void take_audience(struct naive *n, struct publication *p, const struct audience *a) {
    bool edge = n->plan->stages.fan_out == FAN_OUT_EDGE;
    p->recipients = edge ? a->cells : a->copies;
    p->recipient = naive_new(n, p->recipients, sizeof *p->recipient);
    p->reached = naive_new(n, p->recipients, sizeof *p->reached);
    for (uint32_t i = 0; i < p->recipients; i++) {
        p->recipient[i] = (struct recipient){.cell = edge ? a->head_cell[i] : a->entry_cell[i],
                                             .slot = edge ? a->head_slot[i] : a->entry_slot[i]};
    }
}

/* The server's copies: origin: one for each recipient's subscription; edge: one for each node. */
static void bundle_up(struct naive *n, struct publication *p, const struct audience *a) {
    bool edge = n->plan->stages.fan_out == FAN_OUT_EDGE;
    uint32_t own =
        p->publisher == COLONY_NOBODY ? UINT32_MAX : colony_node(&n->colony, p->publisher);
    p->bundle = naive_new(n, p->recipients, sizeof *p->bundle);
    p->own.node = own;
    for (uint32_t i = 0; i < p->recipients; i++) {
        uint32_t node = colony_node(&n->colony, p->recipient[i].cell);
        if (node == own) {
            p->own.to = p->own.count == 0 ? &p->recipient[i] : p->own.to;
            p->own.count++;
            continue;
        }
        struct bundle *last = p->bundles == 0 ? NULL : &p->bundle[p->bundles - 1];
        if (edge && last != NULL && last->node == node) {
            last->count++;
            continue;
        }
        p->bundle[p->bundles++] = (struct bundle){.node = node,
                                                  .patterns = a->patterns[audience_place(a, node)],
                                                  .to = &p->recipient[i],
                                                  .count = 1};
    }
}

/* Copies to cells that it makes in all, and the cells among them; the publisher has none. */
static void count_audience(struct naive *n, const struct publication *p) {
    uint64_t copies = 0, cells = 0;
    uint32_t before = COLONY_NOBODY;
    for (uint32_t i = 0; i < p->recipients; i++) {
        uint32_t cell = p->recipient[i].cell;
        if (cell == p->publisher) {
            continue;
        }
        copies++;
        cells += cell == before ? 0 : 1;
        before = cell;
    }
    n->tally->sent += copies;
    if (!naive_measured(n, p->emission)) {
        return;
    }
    struct tally_kind *kind = &n->tally->kind[p->signal];
    kind->emissions_broadcast++;
    kind->copies += copies;
    kind->reachable += cells;
    kind->colony_wide += cells;
}

uint32_t naive_publication_entry(const struct publication *p, uint32_t cell) {
    uint32_t low = 0, high = p->recipients;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->recipient[middle].cell < cell) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    NERVE_ASSERT(low < p->recipients && p->recipient[low].cell == cell);
    return low;
}

struct publication *naive_publication_make(struct naive *n, const struct publishing *what) {
    struct publication *p = naive_new(n, 1, sizeof *p);
    p->signal = what->signal;
    p->publisher = what->publisher;
    p->subject = what->subject;
    p->emission = what->emission;
    p->payload = n->plan->genome.signal[what->signal].size_bytes;
    p->carried = what->carried;
    p->storm = what->storm;
    p->source = what->source;
    const struct audience *a = subjects_audience(n->subjects, what->subject);
    take_audience(n, p, a);
    bundle_up(n, p, a);
    count_audience(n, p);
    return p;
}

/* A job that makes copies for `count` recipients on their own node; the publisher gets none. */
static struct item *loop_make(struct naive *n, struct publication *p, const struct recipient *to,
                              uint32_t count, bool local) {
    struct item *item = naive_new(n, 1, sizeof *item);
    item->kind = ITEM_LOOP;
    item->publication = p;
    item->payload = p->payload;
    item->local = local;
    item->to = naive_new(n, count, sizeof *item->to);
    for (uint32_t i = 0; i < count; i++) {
        if (to[i].cell != p->publisher) {
            item->to[item->count++] = to[i];
        }
    }
    return item;
}

/* R23: P equal runs in order, the first ones longer by one; those without a copy get no job. */
static void to_partitioners(struct naive *n, struct publication *p, const struct bundle *b,
                            int64_t time, uint32_t source, bool local) {
    uint32_t first = 0;
    for (uint32_t k = 0; k < n->partitioners; k++) {
        uint32_t run = b->count / n->partitioners + (k < b->count % n->partitioners ? 1 : 0);
        if (run == 0) {
            return;
        }
        struct item *item = loop_make(n, p, b->to + first, run, local);
        if (item->count > 0) {
            naive_post_item(n, time, naive_station_of(n, b->node, ENTITY_PARTITIONER, k), source,
                            EVENT_ARRIVAL, item);
        }
        first += run;
    }
}

/* A cell's wake publishes: to its server, and to its own node. */
void naive_publish(struct naive *n, const struct publishing *what) {
    struct publication *p = naive_publication_make(n, what);
    struct entity *e = naive_entity_of_cell(n, what->publisher);
    struct entity *server = naive_station_of(n, e->node, ENTITY_SERVER, 0);
    struct item *item = naive_new(n, 1, sizeof *item);
    item->kind = ITEM_PUBLICATION;
    item->publication = p;
    item->payload = p->payload;
    int64_t arrival = naive_wire(n, e->host, server->host, p->emission, p->payload,
                                 n->host[e->host].profile->ipc_latency_ns);
    naive_post_item(n, arrival, server, e->rank, EVENT_ARRIVAL, item);
    if (n->plan->stages.fan_out == FAN_OUT_EDGE) {
        to_partitioners(n, p, &p->own, p->emission, e->rank, true);
        return;
    }
    struct item *loop = loop_make(n, p, p->own.to, p->own.count, true);
    if (loop->count > 0) {
        naive_post_item(n, p->emission, naive_station_of(n, e->node, ENTITY_READER, 0), e->rank,
                        EVENT_ARRIVAL, loop);
    }
}

/* A copy of a publication to one cell, made by a loop. */
static struct item *copy_make(struct naive *n, struct publication *p, struct recipient to) {
    struct item *copy = naive_new(n, 1, sizeof *copy);
    *copy = (struct item){.kind = ITEM_COPY,
                          .payload = p->payload,
                          .signal = p->signal,
                          .cell = to.cell,
                          .sender = p->publisher,
                          .slot = to.slot,
                          .by_loop = true,
                          .storm = p->storm,
                          .emission = p->emission,
                          .carried = p->carried,
                          .publication = p,
                          .source = p->source,
                          .reflex = NO_SOURCE};
    return copy;
}

/* What a slice of this job makes: how many copies there are in all, and what each costs. */
static uint32_t job_copies(const struct item *job) {
    return job->kind == ITEM_PUBLICATION ? job->publication->bundles : job->count;
}

static int64_t copy_cost(const struct naive *n, const struct entity *e, const struct item *job) {
    const struct host_profile *p = n->host[e->host].profile;
    return job->kind == ITEM_PUBLICATION ? p->server_copy_ns
                                         : p->send_ns + naive_copying_ns(p, job->payload);
}

int64_t naive_station_work(struct naive *n, const struct entity *e, const struct item *item) {
    const struct host_profile *p = n->host[e->host].profile;
    if (item->kind == ITEM_FROM_SERVER) {
        return p->reader_ns;
    }
    int64_t copies = job_copies(item) * copy_cost(n, e, item);
    return item->kind == ITEM_PUBLICATION ? p->server_ingest_ns + p->server_match_ns + copies
                                          : copies;
}

static void slice_done(struct entity *e, int64_t start, int64_t end, int64_t amount) {
    e->free_at = end;
    *(struct slice *)naive_list_add(&e->slices, sizeof(struct slice)) =
        (struct slice){.start = start, .end = end, .amount = amount};
}

/* R22: a reader hands on one copy from a server. */
static void hand_on(struct naive *n, struct entity *e, struct item *item) {
    int64_t reader_ns = n->host[e->host].profile->reader_ns;
    int64_t cost = reader_ns < 1 ? 1 : reader_ns;
    struct claim claim = naive_claim_core(n, e);
    naive_take_core(n, e, &claim, cost);
    naive_starts(n, e, item, claim.start);
    slice_done(e, claim.start, claim.start + cost, reader_ns);
    if (n->plan->stages.fan_out == FAN_OUT_EDGE) {
        to_partitioners(n, item->publication, item->bundle, e->free_at, e->rank, false);
        return;
    }
    struct item *copy = copy_make(n, item->publication, item->bundle->to[0]);
    naive_post_item(n, e->free_at, naive_entity_of_cell(n, copy->cell), e->rank, EVENT_ARRIVAL,
                    copy);
}

/* R26: whether some reader of the colony holds more than 3/4 of max_pending_bytes. */
static bool some_reader_is_slow(struct naive *n) {
    int64_t limit = (int64_t)((int128)n->plan->gradients.max_pending_bytes * 3 / 4);
    for (uint32_t node = 0; node < n->plan->colony.nodes; node++) {
        if (naive_station_of(n, node, ENTITY_READER, 0)->held > limit) {
            return true;
        }
    }
    return false;
}

static bool stalls(struct naive *n, struct entity *e) {
    const struct host_profile *p = n->host[e->host].profile;
    if (e->stalled || e->job->kind != ITEM_PUBLICATION || !some_reader_is_slow(n)) {
        e->stalled = false;
        return false;
    }
    if (e->stalled_ns + p->stall_ns > p->stall_max_ns) {
        if (n->coverage != NULL) {
            n->coverage->stalls_refused++;
        }
        return false;
    }
    e->stalled = true;
    e->stalled_ns += p->stall_ns;
    if (n->coverage != NULL) {
        n->coverage->stalls++;
    }
    naive_post_item(n, n->now + p->stall_ns, e, e->rank, EVENT_SLICE, NULL);
    return true;
}

/* Ingest and match, before a server's first copies. */
static int64_t match_cost(struct naive *n, struct entity *e) {
    const struct host_profile *p = n->host[e->host].profile;
    uint32_t subject = e->job->publication->subject;
    while (n->seen.count <= subject) {
        naive_list_add(&n->seen, sizeof(uint32_t));
    }
    uint32_t *seen = &LIST_AT(&n->seen, uint32_t, subject);
    uint32_t generation = subjects_generation(n->subjects, subject);
    bool miss = *seen != generation;
    *seen = generation;
    if (n->coverage != NULL) {
        n->coverage->match_misses += miss ? 1 : 0;
    }
    if (miss) { /* R43: the difference is work, too */
        *(struct accept *)naive_list_add(&e->accepted, sizeof(struct accept)) =
            (struct accept){.time = n->now, .amount = p->server_match_miss_ns - p->server_match_ns};
    }
    return p->server_ingest_ns + (miss ? p->server_match_miss_ns : p->server_match_ns);
}

/* The i-th copy of the job leaves. */
static void copy_leaves(struct naive *n, struct entity *e, uint32_t i, int64_t time) {
    struct item *job = e->job;
    struct publication *p = job->publication;
    if (job->kind == ITEM_LOOP) {
        struct item *copy = copy_make(n, p, job->to[i]);
        n->tally->copies_local++;
        naive_post_item(n, time, naive_entity_of_cell(n, copy->cell), e->rank, EVENT_ARRIVAL, copy);
        return;
    }
    const struct bundle *b = &p->bundle[i];
    struct entity *reader = naive_station_of(n, b->node, ENTITY_READER, 0);
    n->tally->copies_between_nodes++;
    n->tally->copies_between_hosts += e->host != reader->host ? 1 : 0;
    n->tally->bytes_between_nodes += (uint64_t)p->payload;
    n->tally->kind[p->signal].copies_between_nodes += naive_measured(n, p->emission) ? 1 : 0;
    if (n->plan->stages.fan_out == FAN_OUT_EDGE && b->patterns > 1) {
        tally_message(n->tally, "overlap", b->patterns - 1);
    }
    struct item *item = naive_new(n, 1, sizeof *item);
    item->kind = ITEM_FROM_SERVER;
    item->publication = p;
    item->payload = p->payload;
    item->bundle = b;
    int64_t arrival = naive_wire(n, e->host, reader->host, time, p->payload,
                                 n->host[e->host].profile->ipc_latency_ns);
    naive_post_item(n, arrival, reader, e->rank, EVENT_ARRIVAL, item);
}

static void count_slices(struct naive *n, const struct entity *e) {
    if (n->coverage == NULL || e->begun) {
        return;
    }
    n->coverage->server_slices += e->kind == ENTITY_SERVER ? 1 : 0;
    n->coverage->reader_slices += e->kind == ENTITY_READER ? 1 : 0;
    n->coverage->partitioner_slices += e->kind == ENTITY_PARTITIONER ? 1 : 0;
}

/* R16: the next slice of its job is ready. */
static void slice(struct naive *n, struct entity *e) {
    if (stalls(n, e)) {
        return;
    }
    const struct host_profile *p = n->host[e->host].profile;
    struct item *job = e->job;
    int64_t each = copy_cost(n, e, job);
    int64_t most = p->quantum_ns / (each < 1 ? 1 : each);
    most = most < 1 ? 1 : most;
    uint32_t left = job_copies(job) - e->made;
    uint32_t makes = left < most ? left : (uint32_t)most;
    bool first_of_server = !e->begun && job->kind == ITEM_PUBLICATION;
    int64_t before = first_of_server ? match_cost(n, e) : 0;
    int64_t cost = before + makes * each;
    cost = cost < 1 ? 1 : cost;
    struct claim claim = naive_claim_core(n, e);
    naive_take_core(n, e, &claim, cost);
    if (!e->begun) {
        naive_starts(n, e, job, claim.start);
    }
    slice_done(e, claim.start, claim.start + cost, before + makes * each);
    for (uint32_t i = 0; i < makes; i++) {
        copy_leaves(n, e, e->made + i, claim.start + before + (i + 1) * each);
    }
    e->made += makes;
    if (e->made < job_copies(job)) {
        count_slices(n, e);
        e->begun = true;
        naive_post_item(n, e->free_at, e, e->rank, EVENT_SLICE, NULL);
        return;
    }
    e->job = NULL;
}

void naive_station_job(struct naive *n, struct entity *e, struct item *item) {
    if (item->kind == ITEM_FROM_SERVER) {
        hand_on(n, e, item);
        return;
    }
    e->job = item;
    e->made = 0;
    e->begun = false;
    e->stalled = false;
    e->stalled_ns = 0;
    slice(n, e);
}

void naive_station_slice(struct naive *n, struct entity *e) {
    NERVE_ASSERT(e->job != NULL);
    slice(n, e);
    if (e->job == NULL && !naive_mailbox_empty(e)) {
        naive_post_ready(n, e);
    }
}
