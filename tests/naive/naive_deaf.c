/* R43: deafness, from each station's accepted work and slices. */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "tests/naive/naive_engine.h"

/* The work that a station has accepted and not done, as time goes on. */
struct backlog {
    const struct entity *station;
    int64_t limit, time, work;
    size_t slice; /* that runs or comes next */
    int64_t done; /* of that one's amount */
    bool deaf;
    int64_t since;
    struct list periods; /* struct interval */
};

static void check_end(struct backlog *b, int64_t time) {
    if (b->deaf && b->work <= b->limit) {
        b->deaf = false;
        *(struct interval *)naive_list_add(&b->periods, sizeof(struct interval)) =
            (struct interval){.from = b->since, .to = time};
    }
}

/* The slice does `amount` more by b->time + amount. */
static void do_work(struct backlog *b, int64_t amount) {
    if (b->deaf && b->work - amount <= b->limit) {
        int64_t part = b->work - b->limit;
        b->work = b->limit;
        check_end(b, b->time + part);
        b->work += part;
    }
    b->work -= amount;
    b->done += amount;
}

/* To `until`: a slice's work is done by the ns from its start, all of it at its end. */
static void advance(struct backlog *b, int64_t until) {
    while (b->time < until) {
        if (b->slice == b->station->slices.count) {
            b->time = until;
            return;
        }
        const struct slice *s = &LIST_AT(&b->station->slices, struct slice, b->slice);
        if (b->time < s->start) {
            b->time = s->start < until ? s->start : until;
            continue;
        }
        int64_t to = s->end < until ? s->end : until;
        int64_t left = s->amount - b->done;
        int64_t step = to - b->time < left ? to - b->time : left;
        do_work(b, step);
        b->time = to;
        if (to == s->end) {
            b->work -= s->amount - b->done;
            check_end(b, to);
            b->slice++;
            b->done = 0;
        }
    }
}

static void listen(struct naive *n, const struct entity *station, struct backlog *b) {
    memset(b, 0, sizeof *b);
    b->station = station;
    b->limit = n->host[station->host].profile->deaf_wait_ns;
    for (size_t i = 0; i < station->accepted.count; i++) {
        struct accept accept = LIST_AT(&station->accepted, struct accept, i);
        advance(b, accept.time);
        b->work += accept.amount;
        check_end(b, accept.time);
        if (!b->deaf && b->work > b->limit) {
            b->deaf = true;
            b->since = accept.time;
        }
    }
    advance(b, n->end);
    if (b->deaf) {
        *(struct interval *)naive_list_add(&b->periods, sizeof(struct interval)) =
            (struct interval){.from = b->since, .to = n->end};
    }
}

static void name_station(const struct entity *e, char text[48]) {
    if (e->kind == ENTITY_PARTITIONER) {
        (void)snprintf(text, 48, "partitioner %u of node %u", e->index, e->node);
    } else {
        (void)snprintf(text, 48, "%s of node %u", e->kind == ENTITY_SERVER ? "server" : "reader",
                       e->node);
    }
}

struct worst {
    int64_t length, from;
};

/* One node's stations, in order of rank. */
static void node_hears(struct naive *n, uint32_t node, struct worst *worst) {
    uint32_t host = naive_station_of(n, node, ENTITY_NODE, 0)->host;
    struct tally_host *figures = &n->tally->host[host];
    struct list all = {0};
    for (uint32_t k = 0; k < 2 + n->partitioners; k++) {
        const struct entity *station = naive_entity_of(n, n->node_rank[node] + 1 + k);
        struct backlog b;
        listen(n, station, &b);
        for (size_t i = 0; i < b.periods.count; i++) {
            struct interval period = LIST_AT(&b.periods, struct interval, i);
            if (!naive_measured(n, period.from)) {
                continue;
            }
            *(struct interval *)naive_list_add(&all, sizeof(struct interval)) = period;
            int64_t length = period.to - period.from;
            if (length > worst[host].length ||
                (length == worst[host].length && period.from < worst[host].from)) {
                worst[host] = (struct worst){.length = length, .from = period.from};
                name_station(station, figures->deaf_worst);
            }
            if (figures->deaf_first_ns == TALLY_NEVER || period.from < figures->deaf_first_ns) {
                figures->deaf_first_ns = period.from;
            }
        }
        naive_list_free(&b.periods);
    }
    figures->deaf_nodes += all.count > 0 ? 1 : 0;
    figures->deaf_total_ns += naive_intervals_union(&all);
    if (n->coverage != NULL) {
        n->coverage->deaf_periods += all.count;
    }
    naive_list_free(&all);
}

void naive_deaf_finish(struct naive *n) {
    struct worst *worst = naive_new(n, n->plan->hosts, sizeof *worst);
    for (uint32_t h = 0; h < n->plan->hosts; h++) {
        worst[h] = (struct worst){.length = -1};
        n->tally->host[h].deaf_first_ns = TALLY_NEVER;
    }
    for (uint32_t node = 0; node < n->plan->colony.nodes; node++) {
        node_hears(n, node, worst);
    }
    for (uint32_t h = 0; h < n->plan->hosts; h++) {
        n->tally->host[h].deaf_longest_ns = worst[h].length < 0 ? 0 : worst[h].length;
    }
}
