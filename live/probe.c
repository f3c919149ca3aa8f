#include "live/probe.h"

void probe_init(struct probe *p, int64_t warm_up_ns, int64_t death_wait_ns, int64_t deaf_wait_ns,
                uint32_t connections) {
    const struct probe_span none = {-1, -1, 0, -1, 0};
    *p = (struct probe){.due_ns = PROBE_PERIOD_NS,
                        .warm_up_ns = warm_up_ns,
                        .death_wait_ns = death_wait_ns,
                        .deaf_wait_ns = deaf_wait_ns,
                        .dead = none,
                        .deaf = none,
                        .connections = connections,
                        .unheard_ns = -1};
}

/* Adds [from, until); from rises from call to call. */
static void span_add(struct probe_span *s, int64_t from_ns, int64_t until_ns) {
    if (until_ns <= from_ns) {
        return;
    }
    if (s->from_ns >= 0 && from_ns <= s->until_ns) { /* it meets the last one */
        if (until_ns > s->until_ns) {
            s->total_ns += until_ns - s->until_ns;
            s->until_ns = until_ns;
        }
    } else {
        s->from_ns = from_ns;
        s->until_ns = until_ns;
        s->total_ns += until_ns - from_ns;
    }
    s->first_ns = s->first_ns < 0 ? from_ns : s->first_ns;
    int64_t length = s->until_ns - s->from_ns;
    s->longest_ns = length > s->longest_ns ? length : s->longest_ns;
}

bool probe_beat(struct probe *p, int64_t now_ns, int64_t *due_ns, uint32_t *connection) {
    if (now_ns < p->due_ns) {
        return false;
    }
    int64_t due = p->due_ns, wait = now_ns - due;
    /* The earliest has waited longest; those due meanwhile are served with it. */
    p->due_ns += (wait / PROBE_PERIOD_NS + 1) * PROBE_PERIOD_NS;
    if (due >= p->warm_up_ns) {
        p->longest_wait_ns = wait > p->longest_wait_ns ? wait : p->longest_wait_ns;
        span_add(&p->dead, due + p->death_wait_ns, now_ns);
    }
    if (p->unheard_ns >= 0) {
        return false;
    }
    p->unheard_ns = due;
    p->published++;
    *due_ns = due;
    *connection = p->connection;
    p->connection = (p->connection + 1) % p->connections;
    return true;
}

void probe_heard(struct probe *p, int64_t due_ns, int64_t now_ns) {
    p->heard++;
    p->unheard_ns = -1;
    if (due_ns >= p->warm_up_ns) {
        span_add(&p->deaf, due_ns + p->deaf_wait_ns, now_ns);
    }
}

void probe_finish(struct probe *p, int64_t now_ns, struct tally_host *host) {
    if (p->unheard_ns >= p->warm_up_ns) {
        span_add(&p->deaf, p->unheard_ns + p->deaf_wait_ns, now_ns);
    }
    if (now_ns > p->due_ns && p->due_ns >= p->warm_up_ns) {
        int64_t wait = now_ns - p->due_ns;
        p->longest_wait_ns = wait > p->longest_wait_ns ? wait : p->longest_wait_ns;
        span_add(&p->dead, p->due_ns + p->death_wait_ns, now_ns);
    }
    host->longest_wait_ns = p->longest_wait_ns;
    host->death_at_ns = p->dead.first_ns < 0 ? TALLY_NEVER : p->dead.first_ns;
    host->dead_ns = p->dead.total_ns;
    host->deaf_first_ns = p->deaf.first_ns < 0 ? TALLY_NEVER : p->deaf.first_ns;
    host->deaf_longest_ns = p->deaf.longest_ns;
    host->deaf_total_ns = p->deaf.total_ns;
}
