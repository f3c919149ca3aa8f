#include "sim/send.h"

#include "base/memory.h"
#include "sim/aware.h"
#include "sim/copies.h"
#include "sim/cost.h"
#include "sim/link.h"
#include "sim/station.h"
#include "sim/wake.h"
#include "sim/world.h"

int64_t send_wire(struct host *from, const struct host *to, uint32_t kind, int64_t depart,
                  int64_t same_host_ns) {
    if (from->place == to->place) {
        return depart + same_host_ns;
    }
    int64_t start = depart > from->card_free ? depart : from->card_free;
    from->card_free = start + from->card_ns[kind];
    return from->card_free + from->profile->net_latency_ns;
}

/* Where the effect's send goes by fault onto a subject, it comes back as a publication. */
static uint32_t publish_subject(struct sim *s, const struct sender *sender,
                                const struct effect *effect) {
    if (effect->subject) {
        return subjects_fill(s->subjects, effect->subject, sender->cell);
    }
    return s->fault[sender->misroute - s->plan->fault].subject;
}

int64_t send_cost(struct sim *s, const struct sender *sender, const struct cell_outcome *outcome) {
    const struct host *h = sender->host;
    int64_t cost = 0;
    for (uint32_t i = 0; i < outcome->effects; i++) {
        const struct effect *effect = &outcome->effect[i];
        if (effect->kind == EFFECT_SEND) {
            uint32_t node = s->nodes == 1 ? 0 : colony_node(&s->colony, effect->target);
            if (node == sender->node) {
                cost += h->send_local[effect->signal];
            } else {
                cost += h->send_link[effect->signal];
                if (!link_is_open(s, sender->node, node, sender->now)) {
                    cost += h->profile->zmq_connect_ns;
                }
            }
        } else if (effect->kind == EFFECT_PUBLISH) {
            cost += h->publish[effect->signal];
        }
    }
    return cost;
}

/* A signal's record where the copy needs one; 0: its emission says all. */
static uint32_t signal_of_send(struct sim *s, const struct sender *sender, uint32_t kind,
                               bool always) {
    uint32_t scope = 0, version = 0;
    if (s->aware->active && s->plan->genome.signal[kind].carries_version) {
        scope = sender->scope;
        version = sender->version;
        aware_carried(s, sender->cell, &scope, &version);
    }
    if (!always && scope == 0 && !sender->storm && sender->source == 0) {
        return 0;
    }
    uint32_t place = signal_new(s);
    struct signal *signal = sim_signal(s, place);
    signal->emission = sender->end;
    signal->scope = scope;
    signal->version = version;
    signal->kind = (uint8_t)kind;
    signal->storm = sender->storm;
    signal->source = sender->source;
    signal->stimulus = sender->stimulus;
    return place;
}

static void send_targeted(struct sim *s, const struct sender *sender, const struct effect *effect) {
    uint32_t kind = effect->signal;
    uint32_t node = s->nodes == 1 ? 0 : colony_node(&s->colony, effect->target);
    uint32_t target = effect->target + s->offset[node];
    bool same_node = node == sender->node;
    uint32_t signal = signal_of_send(s, sender, kind, !same_node);
    s->tally.sent++;
    if (sender->end >= s->warm_up) {
        s->tally.kind[kind].emissions_targeted++;
        s->tally.kind[kind].copies++;
    }
    if (same_node) {
        s->tally.copies_local++;
        sim_post_by(s, STREAM_ENDS, sender->end, target, sender->rank, kind,
                    signal ? FLAG_SIGNAL : 0, EVENT_ARRIVAL,
                    signal ? signal : (uint64_t)sender->end);
        return;
    }
    sim_signal(s, signal)->target = target;
    sim_post(s, sender->end, sender->rank, sender->rank, 0, kind, FLAG_SIGNAL, EVENT_LEAVE, signal);
}

/* Counts a publication and makes its record; returns it, held once by its server. */
static uint32_t publication(struct sim *s, uint32_t subject, uint32_t kind, uint32_t publisher,
                            int64_t emission) {
    const struct audience *audience = subjects_audience(s->subjects, subject);
    subjects_hold(s->subjects, audience);
    copies_fetch_audience(audience);
    uint32_t place = signal_new(s);
    struct signal *signal = sim_signal(s, place);
    signal->emission = emission;
    signal->kind = (uint8_t)kind;
    signal->broadcast = true;
    signal->publisher = publisher;
    signal->subject = subject;
    signal->audience = audience;
    bool origin = s->plan->stages.fan_out == FAN_OUT_ORIGIN;
    uint32_t hearers = audience->cells, copies = origin ? audience->copies : audience->cells;
    if (publisher != COLONY_NOBODY) {
        uint32_t first = 0;
        uint32_t own = audience_entries_of(audience, publisher, &first);
        hearers -= own > 0;
        copies -= origin ? own : own > 0;
    }
    if (origin && audience->copies != audience->cells) {
        signal->woken = memory_new(s->plan->colony.cells / 64 + 1, sizeof *signal->woken);
    }
    s->tally.sent += copies;
    if (emission >= s->warm_up) {
        struct tally_kind *k = &s->tally.kind[kind];
        k->emissions_broadcast++;
        k->copies += copies;
        k->reachable += hearers;
        k->colony_wide += hearers;
    }
    return place;
}

void send_publish(struct sim *s, const struct sender *sender, uint32_t subject, uint32_t kind,
                  bool storm) {
    uint32_t place = publication(s, subject, kind, sender->cell, sender->end);
    struct signal *signal = sim_signal(s, place);
    signal->storm = storm || sender->storm;
    if (s->aware->active && s->plan->genome.signal[kind].carries_version) {
        signal->scope = sender->scope;
        signal->version = sender->version;
        aware_carried(s, sender->cell, &signal->scope, &signal->version);
    }
    struct host *server_host = &s->host[s->plan->gradients.server_host];
    int64_t arrival = send_wire(sender->host, server_host, kind, sender->end,
                                sender->host->profile->ipc_latency_ns);
    sim_post(s, arrival, sim_station_rank(s, sender->node, STATION_SERVER), sender->rank, 0, kind,
             FLAG_SIGNAL, EVENT_AT_STATION, place);
    station_serve_own_node(s, sender, place);
}

void send_publish_world(struct sim *s, uint32_t station_rank, uint32_t subject, uint32_t kind,
                        uint32_t scope, uint32_t version, uint32_t source, int64_t now) {
    uint32_t place = publication(s, subject, kind, COLONY_NOBODY, now);
    struct signal *signal = sim_signal(s, place);
    signal->scope = scope;
    signal->version = version;
    signal->source = (uint16_t)(1 + source);
    struct event event = {now, event_who(station_rank, s->plan->faults + source),
                          event_what(0, 0, kind, FLAG_SIGNAL, EVENT_AT_STATION), place};
    station_arrive(s, &event);
}

void send_effects(struct sim *s, const struct sender *sender, const struct cell_outcome *outcome) {
    for (uint32_t i = 0; i < outcome->effects; i++) {
        const struct effect *effect = &outcome->effect[i];
        switch (effect->kind) {
        case EFFECT_SEND:
            send_targeted(s, sender, effect);
            break;
        case EFFECT_PUBLISH:
            if (!effect->subject) {
                world_storm(s, sender->end);
            }
            send_publish(s, sender, publish_subject(s, sender, effect), effect->signal,
                         !effect->subject);
            break;
        case EFFECT_SUBSCRIBE:
        case EFFECT_UNSUBSCRIBE:
            send_change(s, sender, effect);
            break;
        case EFFECT_SET_TIMER:
            timer_set(s, sender->rank, sender->cell, effect->slot, sender->end, effect->after_ns);
            break;
        case EFFECT_STOP_TIMER:
            timer_stop(s, sender->cell, effect->slot);
            break;
        }
    }
}

/* A change of a subscription takes effect at the wake's end. */
void send_change(struct sim *s, const struct sender *sender, const struct effect *effect) {
    uint32_t place = pool_take(&s->change);
    struct change *change = pool_at(&s->change, place);
    *change = (struct change){.cell = sender->cell,
                              .slot = effect->slot,
                              .subject = effect->kind == EFFECT_SUBSCRIBE ? effect->subject : NULL};
    sim_post(s, sender->end, sender->rank, sender->rank, 0, 0, 0, EVENT_SUBSCRIBE, place);
}

void send_change_done(struct sim *s, uint64_t place) {
    const struct change *change = pool_at(&s->change, (uint32_t)place);
    if (change->subject) {
        subjects_subscribe(s->subjects, change->cell, change->slot, change->subject);
    } else {
        subjects_unsubscribe(s->subjects, change->cell, change->slot);
    }
    pool_give(&s->change, (uint32_t)place);
}

/* Timers. A pending timer is known by its event's number, so that one that was set anew or stopped
 * is passed over when it comes. Types whose timers only set themselves need no such memory. */

void timer_set(struct sim *s, uint32_t rank, uint32_t cell, uint32_t timer, int64_t now,
               int64_t after) {
    if (s->timer_number) {
        s->timer_number[(uint64_t)cell * s->timers + timer] = s->posts + 1;
    }
    uint32_t stream = streams_of(&s->queue.streams, after);
    if (now > 0 && stream != STREAM_NONE) {
        sim_post_by(s, stream, now + after, rank, rank, timer, 0, EVENT_TIMER, s->posts);
    } else {
        sim_post(s, now + after, rank, rank, 0, timer, 0, EVENT_TIMER, s->posts);
    }
}

void timer_stop(struct sim *s, uint32_t cell, uint32_t timer) {
    s->timer_number[(uint64_t)cell * s->timers + timer] = 0;
}

bool timer_fires(struct sim *s, uint32_t cell, const struct event *event) {
    if (!s->timer_number) {
        return true;
    }
    uint64_t *number = &s->timer_number[(uint64_t)cell * s->timers + what_kind(event->what)];
    if (*number != event->body + 1) {
        return false;
    }
    *number = 0;
    return true;
}
