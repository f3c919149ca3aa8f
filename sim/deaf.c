#include "sim/deaf.h"

#include "sim/station.h"

/* Work accepted and not done at `now`. */
static int64_t backlog(const struct station *st, int64_t now) {
    int64_t from = now > st->slice_start ? now : st->slice_start;
    return st->accepted_ns + (st->slice_end > from ? st->slice_end - from : 0);
}

static void node_hears(struct sim *s, struct node *node, int64_t end) {
    node->cover_until = end > node->cover_until ? end : node->cover_until;
    if (--node->deaf_open == 0) {
        s->host[node->host].deaf_total += node->cover_until - node->cover_from;
    }
}

/* A period is over. */
static void period_ends(struct sim *s, struct station *st, int64_t end) {
    int64_t since = st->deaf_since, length = end - since;
    st->deaf_since = -1;
    if (st->deaf_ignored) {
        st->deaf_ignored = false;
        return;
    }
    struct node *node = &s->node[st->node];
    struct host *h = &s->host[node->host];
    uint32_t rank = station_rank(s, st);
    bool earlier =
        since < h->deaf_longest_from || (since == h->deaf_longest_from && rank < h->deaf_worst);
    if (length > h->deaf_longest || (length == h->deaf_longest && earlier)) {
        h->deaf_longest = length;
        h->deaf_longest_from = since;
        h->deaf_worst = rank;
    }
    node_hears(s, node, end);
}

/* Ends a period that has ended by `now`, at the moment at which it did. */
static void settle(struct sim *s, struct station *st, int64_t now) {
    if (st->deaf_since < 0) {
        return;
    }
    int64_t limit = st->deaf_wait_ns;
    if (backlog(st, now) <= limit) {
        int64_t end = st->slice_end - (limit - st->accepted_ns);
        period_ends(s, st, end < now ? end : now);
    }
}

static void period_begins(struct sim *s, struct station *st, int64_t now) {
    struct node *node = &s->node[st->node];
    struct host *h = &s->host[node->host];
    for (uint32_t i = 0; i < s->stations; i++) {
        struct station *other = sim_station(s, st->node, i);
        if (other != st) {
            settle(s, other, now);
        }
    }
    st->deaf_since = now;
    if (node->deaf_open++ == 0) {
        node->cover_from = now;
        node->cover_until = now;
    }
    if (!node->was_deaf) {
        node->was_deaf = true;
        h->deaf_nodes++;
    }
    h->deaf_first = now < h->deaf_first ? now : h->deaf_first;
}

static void watch(struct sim *s, struct station *st, int64_t now) {
    if (st->deaf_since < 0 && backlog(st, now) > st->deaf_wait_ns) {
        period_begins(s, st, now);
    }
}

/* The backlog has fallen at once: a period may be over. */
static void drop_to(struct sim *s, struct station *st, int64_t now) {
    if (st->deaf_since >= 0 && backlog(st, now) <= st->deaf_wait_ns) {
        period_ends(s, st, now);
    }
}

void deaf_accept(struct sim *s, struct station *st, int64_t now, int64_t work_ns) {
    settle(s, st, now);
    st->accepted_ns += work_ns;
    watch(s, st, now);
}

void deaf_slice(struct sim *s, struct station *st, int64_t now, int64_t planned_ns, int64_t start,
                int64_t end) {
    settle(s, st, now);
    st->accepted_ns -= planned_ns < st->accepted_ns ? planned_ns : st->accepted_ns;
    st->slice_start = start;
    st->slice_end = end;
    drop_to(s, st, now); /* a miss may cost less than a hit */
    watch(s, st, now);
}

void deaf_forget(struct sim *s, struct station *st, int64_t now, int64_t work_ns) {
    settle(s, st, now);
    st->accepted_ns -= work_ns < st->accepted_ns ? work_ns : st->accepted_ns;
    drop_to(s, st, now);
}

void deaf_warm(struct sim *s, int64_t now) {
    for (uint32_t i = 0; i < s->nodes * s->stations; i++) {
        struct station *st = &s->station[i];
        settle(s, st, now);
        st->deaf_ignored = st->deaf_since >= 0;
    }
    for (uint32_t i = 0; i < s->nodes; i++) {
        s->node[i].deaf_open = 0;
        s->node[i].was_deaf = false;
    }
    for (uint32_t i = 0; i < s->hosts; i++) {
        s->host[i].deaf_nodes = 0;
        s->host[i].deaf_total = s->host[i].deaf_longest = 0;
        s->host[i].deaf_first = NEVER_NS;
    }
}

void deaf_finish(struct sim *s, int64_t end) {
    for (uint32_t i = 0; i < s->nodes * s->stations; i++) {
        struct station *st = &s->station[i];
        settle(s, st, end);
        if (st->deaf_since >= 0) {
            period_ends(s, st, end);
        }
    }
}
