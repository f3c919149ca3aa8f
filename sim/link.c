#include "sim/link.h"

#include <stdlib.h>

#include "base/memory.h"
#include "sim/figures.h"
#include "sim/send.h"
#include "sim/wake.h"

enum { LINKS_MAPPED = 1 << 24 };

void link_init(struct sim *s) {
    pool_init(&s->link, sizeof(struct link), LINKS_MAPPED);
    s->link_table_room = 1024;
    s->link_table = memory_new(s->link_table_room, sizeof *s->link_table);
}

void link_deinit(struct sim *s) {
    for (uint32_t i = 1; i < s->link.made; i++) {
        free(((struct link *)pool_at(&s->link, i))->release);
    }
    pool_deinit(&s->link);
    free(s->link_table);
    free(s->expiry);
}

static struct link *link_at(const struct sim *s, uint32_t place) {
    return pool_at(&s->link, place);
}

static uint32_t hash(uint32_t from, uint32_t to) {
    uint64_t key = ((uint64_t)from << 32 | to) * 0x9e3779b97f4a7c15ULL;
    return (uint32_t)(key >> 32);
}

/* The table's word for a pair of nodes: its link's place, or 0. */
static uint32_t *table_word(const struct sim *s, uint32_t from, uint32_t to) {
    uint32_t mask = s->link_table_room - 1;
    for (uint32_t at = hash(from, to) & mask;; at = (at + 1) & mask) {
        uint32_t place = s->link_table[at];
        if (place == 0) {
            return &s->link_table[at];
        }
        const struct link *link = link_at(s, place);
        if (link->from == from && link->to == to) {
            return &s->link_table[at];
        }
    }
}

static void table_grow(struct sim *s) {
    free(s->link_table);
    s->link_table_room *= 2;
    s->link_table = memory_new(s->link_table_room, sizeof *s->link_table);
    for (uint32_t place = 1; place < s->link.made; place++) {
        const struct link *link = link_at(s, place);
        *table_word(s, link->from, link->to) = place;
    }
}

/* The pair's link, open or not; made where there was none. Links are never forgotten. */
static uint32_t link_find(struct sim *s, uint32_t from, uint32_t to) {
    uint32_t *word = table_word(s, from, to);
    if (*word) {
        return *word;
    }
    if (s->link.made * 2 > s->link_table_room) {
        table_grow(s);
        word = table_word(s, from, to);
    }
    uint32_t place = pool_take(&s->link);
    struct link *link = link_at(s, place);
    link->from = from;
    link->to = to;
    const struct host_profile *profile = s->host[s->node[from].host].profile;
    link->slots = (uint32_t)(s->plan->synapses.queue_limit + profile->kernel_slots);
    link->release = memory_new(link->slots, sizeof *link->release);
    *word = place;
    return place;
}

static int64_t closes_at(const struct sim *s, const struct link *link) {
    return link->last_arrival + s->plan->synapses.idle_close_ns;
}

bool link_is_open(const struct sim *s, uint32_t from, uint32_t to, int64_t now) {
    uint32_t place = *table_word(s, from, to);
    if (place == 0) {
        return false;
    }
    const struct link *link = link_at(s, place);
    return link->open && now < closes_at(s, link);
}

static void expiry_push(struct sim *s, int64_t at, uint32_t link) {
    if (s->expiries == s->expiry_room) {
        s->expiry_room = s->expiry_room ? s->expiry_room * 2 : 64;
        s->expiry = memory_grow(s->expiry, s->expiry_room, sizeof *s->expiry);
    }
    uint32_t place = s->expiries++;
    while (place > 0 && s->expiry[(place - 1) / 2].at > at) {
        s->expiry[place] = s->expiry[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    s->expiry[place] = (struct expiry){at, link};
    s->chore_at = at < s->chore_at ? at : s->chore_at;
}

static struct expiry expiry_pop(struct sim *s) {
    struct expiry first = s->expiry[0];
    struct expiry last = s->expiry[--s->expiries];
    uint32_t place = 0;
    for (;;) {
        uint32_t down = place * 2 + 1;
        if (down >= s->expiries) {
            break;
        }
        down += down + 1 < s->expiries && s->expiry[down + 1].at < s->expiry[down].at;
        if (s->expiry[down].at >= last.at) {
            break;
        }
        s->expiry[place] = s->expiry[down];
        place = down;
    }
    s->expiry[place] = last;
    return first;
}

static void link_close(struct sim *s, uint32_t place) {
    struct link *link = link_at(s, place);
    struct node *node = &s->node[link->from];
    uint32_t at = 0;
    while (node->link[at] != place) {
        at++;
    }
    node->link[at] = node->link[--node->links];
    link->open = false;
    s->host[node->host].open_links--;
    s->tally.synapses.open_end--;
    s->tally.synapses.closed++;
}

void link_expire(struct sim *s, int64_t now) {
    while (s->expiries > 0 && s->expiry[0].at <= now) {
        struct expiry expiry = expiry_pop(s);
        struct link *link = link_at(s, expiry.link);
        if (link->open && closes_at(s, link) <= now) {
            link_close(s, expiry.link);
        }
        if (link->open) {
            expiry_push(s, closes_at(s, link), expiry.link);
        } else {
            link->watched = false;
        }
    }
}

/* Every slot's release is over: it holds no copy. */
static bool link_is_empty(const struct link *link, int64_t now) {
    uint64_t used = link->sent < link->slots ? link->sent : link->slots;
    for (uint64_t i = 0; i < used; i++) {
        if (link->release[i] > now) {
            return false;
        }
    }
    return true;
}

/* Closes the node's link that may be pushed out; false: none may. */
static bool link_push_out(struct sim *s, const struct node *node, int64_t now) {
    uint32_t best = 0;
    for (uint32_t i = 0; i < node->links; i++) {
        const struct link *link = link_at(s, node->link[i]);
        if (link->last_arrival > now || !link_is_empty(link, now)) {
            continue;
        }
        const struct link *than = link_at(s, best);
        if (best == 0 || link->last_arrival < than->last_arrival ||
            (link->last_arrival == than->last_arrival && link->to < than->to)) {
            best = node->link[i];
        }
    }
    if (best == 0) {
        return false;
    }
    link_close(s, best);
    return true;
}

/* Opens a link; false: the node may have no more. */
static bool link_open(struct sim *s, uint32_t place, int64_t now) {
    struct link *link = link_at(s, place);
    struct node *node = &s->node[link->from];
    if (node->links >= s->plan->synapses.max_links && !link_push_out(s, node, now)) {
        return false;
    }
    if (node->links == node->link_room) {
        node->link_room = node->link_room ? node->link_room * 2 : 4;
        node->link = memory_grow(node->link, node->link_room, sizeof *node->link);
    }
    node->link[node->links++] = place;
    link->open = true;
    link->opened_at = now;
    link->sent = 0;
    s->host[node->host].open_links++;
    struct tally_links *tally = &s->tally.synapses;
    tally->opened++;
    tally->open_end++;
    tally->peak = tally->open_end > tally->peak ? tally->open_end : tally->peak;
    return true;
}

/* The cell stays busy, though not its core, until its copy has a slot. */
static void cell_blocks(struct cell *c, int64_t until) {
    if (until > c->free_at) {
        c->free_at = until;
        c->flags |= CELL_STARTED;
    }
}

static void leave_drop(struct sim *s, const struct event *event, enum tally_cause cause) {
    figures_drop(s, cause, 1);
    signal_release(s, (uint32_t)event->body);
}

/* When the copy departs, having its slot at `slot_at`. */
static int64_t departure(const struct host *h, const struct link *link, int64_t slot_at) {
    int64_t setup = link->opened_at + h->profile->link_setup_ns;
    int64_t depart = slot_at > setup ? slot_at : setup;
    if (link->sent == 0) {
        return depart;
    }
    int64_t next = link->last_depart + h->profile->link_ns;
    depart = depart > next ? depart : next;
    if (depart - link->last_depart > h->profile->spin_max_ns) {
        depart += h->profile->link_idle_ns;
    }
    return depart;
}

void link_leave(struct sim *s, const struct event *event) {
    struct signal *signal = sim_signal(s, event->body);
    uint32_t rank = event_entity(event), kind = what_kind(event->what);
    uint32_t from = sim_node_of(s, rank), to = sim_node_of(s, signal->target);
    struct host *h = &s->host[s->node[from].host];
    uint32_t place = link_find(s, from, to);
    struct link *link = link_at(s, place);
    int64_t now = event->time;
    if (!link->open && !link_open(s, place, now)) {
        s->tally.synapses.rejected++;
        leave_drop(s, event, CAUSE_LINKS);
        return;
    }
    int64_t *release = &link->release[link->sent % link->slots];
    int64_t slot_at = link->sent >= link->slots && *release > now ? *release : now;
    if (slot_at > now) {
        if (!s->plan->synapses.block) {
            leave_drop(s, event, CAUSE_QUEUE_LIMIT);
            return;
        }
        cell_blocks(&s->cell[rank], slot_at);
    }
    int64_t depart = departure(h, link, slot_at);
    struct host *there = &s->host[s->node[to].host];
    int64_t same_host_ns =
        s->plan->synapses.tcp ? h->profile->tcp_latency_ns : h->profile->ipc_latency_ns;
    int64_t arrival = send_wire(h, there, kind, depart, same_host_ns);
    *release = arrival + h->profile->link_credit_ns;
    link->last_depart = depart;
    link->last_arrival = arrival;
    link->sent++;
    if (!link->watched) {
        link->watched = true;
        expiry_push(s, closes_at(s, link), place);
    }
    s->tally.copies_between_nodes++;
    s->tally.copies_between_hosts += there != h;
    s->tally.bytes_between_nodes += (uint64_t)s->plan->genome.signal[kind].size_bytes;
    if (signal->emission >= s->warm_up) {
        s->tally.kind[kind].copies_between_nodes++;
    }
    figures_hold(s, PLACE_LINK);
    signal->left_at = now;
    sim_post(s, arrival, signal->target, rank, 0, kind, FLAG_SIGNAL | FLAG_SYNAPSE, EVENT_ARRIVAL,
             event->body);
}
