/* Synapses to other nodes: temporary links (R44). What a link costs is of the sender's host. */
#include "base/assert.h"
#include "tests/naive/naive_engine.h"

bool naive_link_open_at(const struct naive *n, const struct link *link, int64_t time) {
    return link->open && time < link->last_arrival + n->plan->synapses.idle_close_ns;
}

static struct link *link_find(struct naive *n, uint32_t from, uint32_t to) {
    for (size_t i = 0; i < n->links.count; i++) {
        struct link *link = &LIST_AT(&n->links, struct link, i);
        if (link->from == from && link->to == to) {
            return link;
        }
    }
    return NULL;
}

bool naive_link_is_open(struct naive *n, uint32_t from, uint32_t to, int64_t time) {
    const struct link *link = link_find(n, from, to);
    return link != NULL && naive_link_open_at(n, link, time);
}

/* Takes note of the links that have closed by now because they were idle. */
static void close_idle(struct naive *n) {
    for (size_t i = 0; i < n->links.count; i++) {
        struct link *link = &LIST_AT(&n->links, struct link, i);
        if (link->open && !naive_link_open_at(n, link, n->now)) {
            link->open = false;
            n->tally->synapses.closed++;
            if (n->coverage != NULL) {
                n->coverage->idle_closes++;
            }
        }
    }
}

static uint64_t count_open(const struct naive *n, uint32_t from, bool any) {
    uint64_t open = 0;
    for (size_t i = 0; i < n->links.count; i++) {
        const struct link *link = &LIST_AT(&n->links, struct link, i);
        open += link->open && (any || link->from == from) ? 1 : 0;
    }
    return open;
}

static bool all_slots_free(const struct link *link, int64_t time) {
    for (size_t i = 0; i < link->release.count; i++) {
        if (LIST_AT(&link->release, int64_t, i) > time) {
            return false;
        }
    }
    return true;
}

/* Beyond max_links: closes the one whose last copy arrived longest ago. False: none may be. */
static bool evict(struct naive *n, uint32_t from) {
    struct link *oldest = NULL;
    for (size_t i = 0; i < n->links.count; i++) {
        struct link *link = &LIST_AT(&n->links, struct link, i);
        if (link->from != from || !link->open || link->last_arrival > n->now ||
            !all_slots_free(link, n->now)) {
            continue;
        }
        if (oldest == NULL || link->last_arrival < oldest->last_arrival ||
            (link->last_arrival == oldest->last_arrival && link->to < oldest->to)) {
            oldest = link;
        }
    }
    if (oldest == NULL) {
        return false;
    }
    oldest->open = false;
    n->tally->synapses.closed++;
    if (n->coverage != NULL) {
        n->coverage->evictions++;
    }
    return true;
}

/* The link, opened if it is not; NULL: there may be no more. */
static struct link *link_get(struct naive *n, uint32_t from, uint32_t to) {
    close_idle(n);
    struct link *link = link_find(n, from, to);
    if (link != NULL && link->open) {
        return link;
    }
    if ((int64_t)count_open(n, from, false) + 1 > n->plan->synapses.max_links && !evict(n, from)) {
        n->tally->synapses.rejected++;
        return NULL;
    }
    if (link == NULL) {
        link = naive_list_add(&n->links, sizeof *link);
        link->from = from;
        link->to = to;
    }
    link->open = true;
    link->opened_at = n->now;
    link->release.count = 0;
    struct tally_links *figures = &n->tally->synapses;
    figures->opened++;
    uint64_t open = count_open(n, 0, true);
    figures->peak = open > figures->peak ? open : figures->peak;
    return link;
}

/* When the next copy of the link departs that has its slot at s. */
static int64_t departure(const struct naive *n, const struct link *link,
                         const struct host_profile *p, int64_t s) {
    int64_t d = s;
    if (link->opened_at + p->link_setup_ns > d) {
        d = link->opened_at + p->link_setup_ns;
    }
    if (link->release.count == 0) {
        return d;
    }
    if (link->last_departure + p->link_ns > d) {
        d = link->last_departure + p->link_ns;
    }
    if (d > link->last_departure + p->spin_max_ns) {
        d += p->link_idle_ns;
        if (n->coverage != NULL) {
            n->coverage->idle_departures++;
        }
    }
    return d;
}

/* The sender stays busy until its copy has a slot. */
static void block(struct naive *n, struct entity *sender, int64_t until) {
    if (n->coverage != NULL) {
        n->coverage->blocks++;
    }
    if (until <= sender->free_at) {
        return;
    }
    sender->free_at = until;
    if (sender->ready_pending) {
        sender->ready_pending = false;
        naive_post_ready(n, sender);
    }
}

static void count_passage(struct naive *n, const struct item *copy, bool between_hosts) {
    n->tally->copies_between_nodes++;
    n->tally->copies_between_hosts += between_hosts ? 1 : 0;
    n->tally->bytes_between_nodes += (uint64_t)copy->payload;
    if (naive_measured(n, copy->emission)) {
        n->tally->kind[copy->signal].copies_between_nodes++;
    }
    uint64_t now = ++n->place_now[PLACE_LINK];
    struct tally_buffer *buffer = &n->tally->buffer[PLACE_LINK];
    buffer->peak = now > buffer->peak ? now : buffer->peak;
}

void naive_leave(struct naive *n, struct entity *sender, struct item *copy) {
    const struct entity *target = naive_entity_of_cell(n, copy->cell);
    const struct host_profile *p = n->host[sender->host].profile;
    struct link *link = link_get(n, sender->node, target->node);
    if (link == NULL) {
        naive_drop(n, CAUSE_LINKS, 1);
        return;
    }
    size_t slots = (size_t)(n->plan->synapses.queue_limit + p->kernel_slots);
    int64_t s = n->now;
    if (link->release.count >= slots) {
        int64_t freed = LIST_AT(&link->release, int64_t, link->release.count - slots);
        s = freed > s ? freed : s;
    }
    if (s > n->now && !n->plan->synapses.block) {
        naive_drop(n, CAUSE_QUEUE_LIMIT, 1);
        return;
    }
    if (s > n->now) {
        block(n, sender, s);
    }
    int64_t d = departure(n, link, p, s);
    int64_t same_host = n->plan->synapses.tcp ? p->tcp_latency_ns : p->ipc_latency_ns;
    int64_t arrival = naive_wire(n, sender->host, target->host, d, copy->payload, same_host);
    bool first = link->release.count == 0;
    link->last_departure = d;
    link->last_arrival = first || arrival > link->last_arrival ? arrival : link->last_arrival;
    *(int64_t *)naive_list_add(&link->release, sizeof(int64_t)) = arrival + p->link_credit_ns;
    count_passage(n, copy, sender->host != target->host);
    naive_post(n, sender->rank,
               (struct event){.time = arrival,
                              .entity = target->rank,
                              .kind = EVENT_ARRIVAL,
                              .item = copy,
                              .over_link = true,
                              .left_at = n->now});
}
