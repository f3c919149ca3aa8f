#include "sim/wake.h"

#include <stdlib.h>
#include <string.h>

#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/direct.h"
#include "sim/figures.h"
#include "sim/mail.h"
#include "sim/send.h"
#include "sim/world.h"

uint32_t signal_new(struct sim *s) {
    uint32_t place = pool_take(&s->signal);
    struct signal *signal = sim_signal(s, place);
    memset(signal, 0, sizeof *signal);
    signal->holders = 1;
    signal->publisher = COLONY_NOBODY;
    return place;
}

void signal_release(struct sim *s, uint32_t place) {
    struct signal *signal = sim_signal(s, place);
    if (--signal->holders > 0) {
        return;
    }
    if (signal->audience) {
        subjects_release(s->subjects, signal->audience);
        free(signal->woken);
        signal->woken = NULL;
    }
    pool_give(&s->signal, place);
}

static bool is_copy(uint64_t what) {
    return what_nature(what) == EVENT_ARRIVAL;
}

/* A dropped copy has no holder any more. */
static void copy_drop(struct sim *s, const struct copy *copy, enum tally_cause cause) {
    figures_drop(s, cause, 1);
    if (what_flags(copy->what) & FLAG_SIGNAL) {
        signal_release(s, (uint32_t)copy->body);
    }
}

static int64_t cell_start(const struct sim *s, uint32_t rank, const struct cell *c) {
    if (c->flags & CELL_LONG) {
        return s->long_start[rank];
    }
    return c->free_at - c->run_ns;
}

/* Copies of the slot that wait at the cell: in its mailbox, or in a job not started. */
static int64_t pending(const struct sim *s, uint32_t rank, const struct cell *c, uint32_t slot,
                       int64_t now) {
    int64_t count = 0;
    if (c->slot == slot + 1 && !(c->flags & CELL_STARTED) && cell_start(s, rank, c) > now) {
        count++;
    }
    if (c->mail) {
        uint32_t at = c->mail;
        do {
            const struct mail *mail = sim_mail(s, at);
            count += (what_flags(mail->what) & FLAG_LOOP) && what_slot(mail->what) == slot;
            at = mail->next;
        } while (at != c->mail);
    }
    return count;
}

static void mail_join(struct sim *s, struct host *h, struct cell *c, uint32_t rank,
                      const struct copy *copy) {
    uint32_t place = pool_take(&s->mail);
    struct mail *mail = sim_mail(s, place);
    *mail = (struct mail){place, copy->source, copy->arrived, copy->what, copy->body};
    if (c->mail) {
        struct mail *last = sim_mail(s, c->mail);
        mail->next = last->next;
        last->next = place;
    } else {
        sim_post(s, c->free_at, rank, rank, 0, 0, 0, EVENT_READY, 0);
    }
    c->mail = place;
    h->waiting_bytes += mail_bytes(h, copy->what);
    figures_hold(s, PLACE_MAILBOX);
}

static void count_stale(struct sim *s, const struct copy *copy) {
    const struct signal *signal = sim_signal(s, copy->body);
    if (signal->scope && signal->version < s->aware->scope[signal->scope].version &&
        signal->emission >= s->warm_up) {
        s->tally.kind[signal->kind].stale++;
    }
}

void wake_arrive(struct sim *s, uint32_t rank, int64_t now, const struct copy *copy) {
    struct cell *c = &s->cell[rank];
    struct host *h = sim_host_of(s, rank);
    uint32_t flags = what_flags(copy->what);
    if (is_copy(copy->what)) {
        if ((flags & FLAG_SIGNAL) && s->aware->active) {
            count_stale(s, copy);
        }
        if (h->over) {
            copy_drop(s, copy, CAUSE_MEMORY);
            return;
        }
    }
    if (c->free_at <= now && c->mail == 0) {
        if (flags == (FLAG_SIGNAL | FLAG_LOOP) &&
            direct_loop(s, h, sim_signal(s, copy->body), rank, what_slot(copy->what), now)) {
            signal_release(s, (uint32_t)copy->body);
            return;
        }
        wake_run(s, h, rank, now, copy);
        return;
    }
    int64_t limit = s->plan->gradients.pending_limit;
    if ((flags & FLAG_LOOP) && limit != PLAN_NONE &&
        pending(s, rank, c, what_slot(copy->what), now) >= limit) {
        copy_drop(s, copy, CAUSE_PENDING);
        return;
    }
    mail_join(s, h, c, rank, copy);
}

void wake_ready(struct sim *s, uint32_t rank, int64_t now) {
    struct cell *c = &s->cell[rank];
    if (c->free_at > now) { /* a block came between */
        sim_post(s, c->free_at, rank, rank, 0, 0, 0, EVENT_READY, 0);
        return;
    }
    struct host *h = sim_host_of(s, rank);
    struct copy copy;
    bool more = mail_take(s, h, c, now, &copy);
    wake_run(s, h, rank, now, &copy);
    if (more) {
        sim_post_by(s, STREAM_ENDS, c->free_at, rank, rank, 0, 0, EVENT_READY, 0);
    }
}

/* What a wake by a copy adds to the figures of its kind. */
static void count_copy(struct sim *s, const struct signal *signal, uint32_t kind, uint32_t cell,
                       int64_t emission, int64_t start, bool reflex_ends) {
    s->tally.delivered++;
    bool duplicate = false;
    if (signal && signal->woken) {
        uint64_t bit = 1ULL << cell % 64;
        duplicate = (signal->woken[cell / 64] & bit) != 0;
        signal->woken[cell / 64] |= bit;
        s->tally.duplicated += duplicate;
    }
    if (emission < s->warm_up) {
        return;
    }
    struct tally_kind *k = &s->tally.kind[kind];
    int64_t latency = start - emission;
    k->delivered++;
    histogram_record(k->latency[figures_phase(s, emission)], latency, 1);
    if (signal && signal->broadcast) {
        k->duplicates += duplicate;
        k->reached += !duplicate;
        k->last_ns = latency > k->last_ns ? latency : k->last_ns;
        k->last_hop = 1;
    } else if (reflex_ends && signal->stimulus >= s->warm_up) {
        histogram_record(
            s->tally.source[signal->source - 1].reflex[figures_phase(s, signal->stimulus)],
            start - signal->stimulus, 1);
    }
}

/* A wake whose reaction is looked up, draws, and sends. */
struct wake {
    uint32_t rank, cell, kind, flags, column;
    enum event_nature nature;
    struct signal *signal; /* or NULL */
    int64_t emission;
};

static void wake_decode(const struct sim *s, uint32_t rank, const struct copy *copy,
                        struct wake *w) {
    w->rank = rank;
    w->nature = what_nature(copy->what);
    w->kind = what_kind(copy->what);
    w->flags = what_flags(copy->what);
    w->column = w->nature == EVENT_TIMER ? s->plan->genome.signals + w->kind : w->kind;
    w->signal = w->flags & FLAG_SIGNAL ? sim_signal(s, copy->body) : NULL;
    w->emission = w->signal ? w->signal->emission : (int64_t)copy->body;
}

static uint32_t sender_cell(const struct sim *s, const struct wake *w, const struct copy *copy) {
    if (w->nature != EVENT_ARRIVAL) {
        return COLONY_NOBODY;
    }
    if (w->signal && w->signal->broadcast) {
        return w->signal->publisher;
    }
    return copy->source < s->first_rank ? COLONY_NOBODY : sim_cell_of(s, copy->source);
}

/* The reflex that a send of this wake belongs to: the source whose copy woke it. */
static void sender_stimulus(const struct sim *s, const struct wake *w, const struct copy *copy,
                            struct sender *sender) {
    if (w->nature != EVENT_ARRIVAL) {
        return;
    }
    if (copy->source < s->first_rank) {
        sender->source = (uint16_t)(1 + copy->source - s->plan->faults);
    } else if (w->signal && w->signal->broadcast) {
        sender->source = w->signal->source; /* the world's publication, or 0 */
    }
    sender->stimulus = w->emission;
}

static void wake_figures(struct sim *s, const struct wake *w, const struct copy *copy,
                         struct cell *c, int64_t start, int64_t cost) {
    struct signal *signal = w->signal;
    if (w->nature == EVENT_ARRIVAL) {
        if (signal && signal->storm) {
            figures_storm_wake(s, cost, start + cost);
        }
        bool reflex = signal && signal->source > 0 && copy->source >= s->first_rank;
        count_copy(s, signal, w->kind, w->cell, w->emission, start, reflex);
    }
    uint32_t code = w->nature == EVENT_ARRIVAL ? w->kind
                    : w->nature == EVENT_TIMER ? DIGEST_SIGNAL_TIMER + w->kind
                                               : DIGEST_SIGNAL_FAULT;
    uint32_t version = signal ? signal->version : 0;
    digest_add(&s->tally.digest, start, w->cell, code, version, c->state);
    s->tally.wakes++;
    s->tally.type[c->type].wakes++;
    busy_wake(&s->sample, start, signal && signal->storm);
}

/* Versions: what the cell takes from the copy, and whether it acts behind its time. */
static bool wake_adopts(struct sim *s, const struct wake *w, const struct cell *c, bool adopt,
                        bool acts) {
    bool follower = false;
    if (adopt && w->signal && aware_newer(s, w->cell, w->signal->scope, w->signal->version)) {
        follower = aware_adopt(s, w->cell, w->signal->scope, w->signal->version);
    }
    if (acts && aware_is_behind(s, w->cell, c->type)) {
        s->aware->dissonant++;
    }
    return follower;
}

static void wake_sender(const struct sim *s, struct host *h, const struct wake *w,
                        const struct copy *copy, struct sender *sender) {
    *sender = (struct sender){
        .rank = w->rank, .cell = w->cell, .node = sim_node_of(s, w->rank), .host = h};
    if (w->signal) {
        sender->scope = w->signal->scope;
        sender->version = w->signal->version;
        sender->storm = w->signal->storm;
    }
    sender_stimulus(s, w, copy, sender);
}

/* Memory, cost and core of the job: alike for every wake. Returns its cost. */
static int64_t wake_book(struct sim *s, struct host *h, struct cell *c, const struct wake *w,
                         const struct core_take *take, int64_t now, int64_t cost,
                         const struct copy *copy, uint32_t lines, int64_t touch) {
    cost += w->flags & FLAG_SYNAPSE ? h->profile->zmq_receive_ns : 0;
    cost = cell_job_cost(h, c, now, take->start, cost, lines, touch, (w->flags & FLAG_LOOP) != 0);
    job_book(s, h, take, now, cost, true);
    cell_takes_job(s, c, w->rank, take->start, cost,
                   w->flags & FLAG_LOOP ? what_slot(copy->what) + 1 : 0);
    cost_wait(s, h, mail_bytes(h, copy->what), take->start);
    return cost;
}

/* A wake that draws, decides or sends. */
static void wake_react(struct sim *s, struct host *h, struct cell *c, const struct wake *w,
                       const struct fast *fast, int64_t now, const struct copy *copy) {
    struct core_take take = job_take(h, now);
    struct sender sender;
    wake_sender(s, h, w, copy, &sender);
    sender.now = now;
    sender.misroute = world_misroute(s, w->cell, c, take.start);
    struct cell_event event = {
        .cell = w->cell,
        .type = c->type,
        .state = c->state,
        .column = w->column,
        .wake = c->wakes,
        .sender = sender_cell(s, w, copy),
        .newer = w->signal && aware_newer(s, w->cell, w->signal->scope, w->signal->version),
        .misrouted = sender.misroute ? sender.misroute->signal : -1,
    };
    struct cell_outcome outcome;
    cell_react(&s->colony, &event, &outcome);
    int64_t cost = fast->cost + outcome.work_ns + send_cost(s, &sender, &outcome);
    uint32_t lines = (uint32_t)((h->profile->touch_bytes + outcome.touch_bytes) / 64);
    cost = wake_book(s, h, c, w, &take, now, cost, copy, lines, fast->touch + outcome.touch_bytes);
    sender.end = take.start + cost;
    c->state = outcome.state;
    if (s->aware->active) {
        bool acts = outcome.work_ns > 0;
        for (uint32_t i = 0; i < outcome.effects; i++) {
            acts |=
                outcome.effect[i].kind == EFFECT_SEND || outcome.effect[i].kind == EFFECT_PUBLISH;
        }
        if (wake_adopts(s, w, c, outcome.adopt, acts)) {
            sim_post(s, sender.end, w->rank, w->rank, 0, 0, 0, EVENT_ADOPTED, w->signal->version);
        }
    }
    wake_figures(s, w, copy, c, take.start, cost);
    send_effects(s, &sender, &outcome);
    c->wakes++;
}

/* A wake by a fault: it only publishes the misrouted line. */
static void wake_fault(struct sim *s, struct host *h, struct cell *c, const struct wake *w,
                       int64_t now, const struct copy *copy) {
    struct core_take take = job_take(h, now);
    const struct plan_fault *fault = &s->plan->fault[copy->body];
    int64_t cost = h->fault.cost + h->publish[fault->signal];
    cost = wake_book(s, h, c, w, &take, now, cost, copy, h->fault.lines, h->fault.touch);
    struct sender sender;
    wake_sender(s, h, w, copy, &sender);
    sender.now = now;
    sender.end = take.start + cost;
    if (s->aware->active) {
        wake_adopts(s, w, c, false, true);
    }
    wake_figures(s, w, copy, c, take.start, cost);
    world_storm(s, sender.end);
    send_publish(s, &sender, s->fault[copy->body].subject, fault->signal, true);
    c->wakes++;
}

/* A wake whose reaction is a cost and a next state. */
static void wake_plain(struct sim *s, struct host *h, struct cell *c, const struct wake *w,
                       const struct fast *fast, int64_t now, const struct copy *copy) {
    struct core_take take = job_take(h, now);
    int64_t cost = wake_book(s, h, c, w, &take, now, fast->cost, copy, fast->lines, fast->touch);
    c->state = fast->next == FAST_STAYS ? c->state : fast->next;
    if (s->aware->active && wake_adopts(s, w, c, fast->adopt, fast->works)) {
        sim_post(s, take.start + cost, w->rank, w->rank, 0, 0, 0, EVENT_ADOPTED,
                 w->signal->version);
    }
    wake_figures(s, w, copy, c, take.start, cost);
    c->wakes++;
}

void wake_run(struct sim *s, struct host *h, uint32_t rank, int64_t now, const struct copy *copy) {
    struct cell *c = &s->cell[rank];
    const struct genome *genome = &s->plan->genome;
    struct wake w;
    wake_decode(s, rank, copy, &w);
    w.cell = sim_cell_of(s, rank);
    if (w.nature == EVENT_FAULT) {
        w.signal = NULL;
        wake_fault(s, h, c, &w, now, copy);
        return;
    }
    uint32_t row = genome->type[c->type].first_row + c->state;
    const struct fast *fast = &h->fast[row * genome->columns + w.column];
    if (fast->direct && direct_run(s, h, c, fast, rank, now, copy)) {
        return;
    }
    if (fast->plain) {
        wake_plain(s, h, c, &w, fast, now, copy);
    } else {
        wake_react(s, h, c, &w, fast, now, copy);
    }
    if (w.signal) {
        signal_release(s, (uint32_t)copy->body);
    }
}
