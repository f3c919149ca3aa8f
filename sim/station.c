#include "sim/station.h"

#include <stdio.h>

#include "sim/copies.h"
#include "sim/deaf.h"
#include "sim/figures.h"
#include "sim/slice.h"
#include "sim/wake.h"

struct host *station_host(const struct sim *s, const struct station *st) {
    return &s->host[st->nature == STATION_SERVER ? s->plan->gradients.server_host
                                                 : s->node[st->node].host];
}

uint32_t station_rank(const struct sim *s, const struct station *st) {
    return sim_station_rank(s, st->node, (uint32_t)st->nature + st->partitioner);
}

static struct station *station_of(const struct sim *s, uint32_t rank) {
    uint32_t node = sim_node_of(s, rank);
    return sim_station(s, node, rank - s->first_rank - node * s->stride);
}

void station_name(const struct station *st, char *text, size_t bytes) {
    static const char *const names[] = {"node", "server", "reader"};
    if (st->nature == STATION_PARTITIONER) {
        snprintf(text, bytes, "partitioner %u of node %u", st->partitioner, st->node);
    } else {
        snprintf(text, bytes, "%s of node %u", names[st->nature], st->node);
    }
}

static enum tally_place place_of(const struct station *st) {
    return st->nature == STATION_SERVER   ? PLACE_SERVER
           : st->nature == STATION_READER ? PLACE_READER
                                          : PLACE_PARTITIONER;
}

static void drop_at_station(struct sim *s, const struct station *st, uint64_t what, uint64_t body,
                            enum tally_cause cause) {
    figures_drop(s, cause, copies_stand_for(s, st, what, body));
    signal_release(s, (uint32_t)body);
}

/* Readers' connections (model-readings R26). */

static void held_change(struct sim *s, struct station *st, int64_t bytes) {
    st->held_bytes += bytes;
    bool above = st->held_bytes > s->plan->gradients.max_pending_bytes / 4 * 3 +
                                      s->plan->gradients.max_pending_bytes % 4 * 3 / 4;
    if (above != st->above) {
        st->above = above;
        s->readers_above += above ? 1 : UINT32_MAX;
    }
}

/* Takes the first mail out; the mailbox is not empty. */
static struct mail mail_take(struct sim *s, struct station *st) {
    struct mail *last = sim_mail(s, st->mail);
    uint32_t place = last->next;
    struct mail first = *sim_mail(s, place);
    if (place == st->mail) {
        st->mail = 0;
    } else {
        last->next = first.next;
        __builtin_prefetch(sim_mail(s, first.next)); /* the next one of a long queue */
    }
    st->waiting--;
    pool_give(&s->mail, place);
    return first;
}

static void mail_put(struct sim *s, struct station *st, const struct mail *mail) {
    uint32_t place = pool_take(&s->mail);
    struct mail *fresh = sim_mail(s, place);
    *fresh = *mail;
    fresh->next = place;
    if (st->mail) {
        struct mail *last = sim_mail(s, st->mail);
        fresh->next = last->next;
        last->next = place;
    }
    st->mail = place;
    st->waiting++;
}

/* Cuts a reader's connection: what servers sent and waits there is lost. */
static void connection_cut(struct sim *s, struct station *st, int64_t now) {
    struct host *h = station_host(s, st);
    st->cut_until = now + h->profile->reconnect_ns;
    for (uint32_t left = st->waiting; left > 0; left--) {
        struct mail mail = mail_take(s, st);
        if (!slice_weighs(st, mail.what)) {
            mail_put(s, st, &mail);
            continue;
        }
        uint32_t kind = what_kind(mail.what);
        h->waiting_bytes -= h->wait_bytes[kind];
        held_change(s, st, -h->pending_bytes[kind]);
        figures_release(s, PLACE_READER, now - mail.arrived);
        deaf_forget(s, st, now, h->profile->reader_ns);
        drop_at_station(s, st, mail.what, mail.body, CAUSE_SLOW_CONSUMER);
    }
}

/* Events. */

static void ready_post(struct sim *s, struct station *st) {
    if (st->mail && !st->slicing && !st->ready_pending) {
        uint32_t rank = station_rank(s, st);
        st->ready_pending = true;
        sim_post(s, st->free_at, rank, rank, 0, 0, 0, EVENT_STATION_READY, 0);
    }
}

void station_arrive(struct sim *s, const struct event *event) {
    struct station *st = station_of(s, event_entity(event));
    struct host *h = station_host(s, st);
    int64_t now = event->time;
    uint32_t kind = what_kind(event->what);
    if (h->over && !(what_flags(event->what) & FLAG_LOCAL)) {
        drop_at_station(s, st, event->what, event->body, CAUSE_MEMORY);
        return;
    }
    bool heavy = slice_weighs(st, event->what);
    if (heavy && now < st->cut_until) {
        drop_at_station(s, st, event->what, event->body, CAUSE_SLOW_CONSUMER);
        return;
    }
    bool idle = st->free_at <= now && !st->slicing && st->mail == 0;
    if (heavy && !idle &&
        st->held_bytes + h->pending_bytes[kind] > s->plan->gradients.max_pending_bytes) {
        connection_cut(s, st, now);
        drop_at_station(s, st, event->what, event->body, CAUSE_SLOW_CONSUMER);
        return;
    }
    deaf_accept(s, st, now, slice_work(s, h, st, event->what, event->body));
    struct mail mail = {0, event_source(event), now, event->what, event->body};
    if (idle) {
        slice_begin(s, st, h, now, &mail, false);
        return;
    }
    mail_put(s, st, &mail);
    h->waiting_bytes += h->wait_bytes[kind];
    figures_hold(s, place_of(st));
    if (heavy) {
        held_change(s, st, h->pending_bytes[kind]);
    }
    ready_post(s, st);
}

void station_ready(struct sim *s, const struct event *event) {
    struct station *st = station_of(s, event_entity(event));
    st->ready_pending = false;
    if (st->mail == 0) {
        return; /* a cut emptied it */
    }
    struct host *h = station_host(s, st);
    struct mail mail = mail_take(s, st);
    figures_release(s, place_of(st), event->time - mail.arrived);
    if (slice_weighs(st, mail.what)) {
        held_change(s, st, -h->pending_bytes[what_kind(mail.what)]);
    }
    slice_begin(s, st, h, event->time, &mail, true);
    ready_post(s, st);
}

void station_slice(struct sim *s, const struct event *event) {
    struct station *st = station_of(s, event_entity(event));
    slice_run(s, st, station_host(s, st), event->time);
    ready_post(s, st);
}

void station_serve_own_node(struct sim *s, const struct sender *sender, uint32_t place) {
    struct signal *signal = sim_signal(s, place);
    uint32_t parts = copies_by_origin(s) ? 1 : s->partitioners;
    for (uint32_t i = 0; i < parts; i++) {
        struct copies copies = copies_by_origin(s) ? copies_of_own(signal, sender->node)
                                                   : copies_of_run(s, signal, sender->node, i);
        if (copies_left(&copies) > 0) {
            uint32_t station = copies_by_origin(s) ? STATION_READER : STATION_PARTITIONER + i;
            signal->holders++;
            sim_post(s, sender->end, sim_station_rank(s, sender->node, station), sender->rank, 0,
                     signal->kind, FLAG_SIGNAL | FLAG_LOCAL, EVENT_AT_STATION, place);
        }
    }
}
