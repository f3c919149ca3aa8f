#include <time.h>

#include "live/worker.h"

void worker_hold(struct worker *w, enum tally_place place) {
    struct tally_buffer *buffer = &w->tally->buffer[place];
    uint64_t now = ++w->buffer_now[place];
    buffer->peak = now > buffer->peak ? now : buffer->peak;
}

void worker_release(struct worker *w, enum tally_place place, int64_t held_ns) {
    w->buffer_now[place]--;
    if (w->warm) {
        struct tally_buffer *buffer = &w->tally->buffer[place];
        held_ns = held_ns > 0 ? held_ns : 0;
        buffer->held_sum_ns += (uint128)(uint64_t)held_ns;
        histogram_record(buffer->held, held_ns, 1);
    }
}

static int64_t thread_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Work is real: the core computes for so long, preemption not counted. */
static void burn(struct worker *w, int64_t work_ns) {
    int64_t until = thread_cpu_ns() + work_ns;
    while (thread_cpu_ns() < until && !w->over) {
        worker_look(w);
        for (int i = 0; i < 32; i++) {
            __builtin_ia32_pause();
        }
    }
}

/* What a gradient's wakes cost is counted by whoever hands them out, many at once. */
static void count_storm(struct worker *w, const struct arrival *a, int64_t start_ns,
                        int64_t end_ns) {
    w->tally->storm_wakes++;
    w->tally->storm_work_ns += a->nature == NATURE_GRADIENT ? 0 : end_ns - start_ns;
    if (end_ns > w->storm_until_ns) {
        w->storm_until_ns = end_ns;
        board_storm_until(w->board, end_ns);
    }
}

static void count_copy(struct worker *w, const struct arrival *a, int64_t start_ns) {
    const struct frame *frame = a->frame;
    w->tally->delivered++;
    w->tally->duplicated += a->again;
    if (frame->emission_ns < w->plan->run.warm_up_ns) {
        return;
    }
    struct tally_kind *kind = &w->tally->kind[frame->kind];
    int64_t latency = start_ns > frame->emission_ns ? start_ns - frame->emission_ns : 0;
    kind->delivered++;
    phases_record(&w->phases, false, frame->kind, frame->emission_ns, latency);
    if (a->nature == NATURE_GRADIENT) {
        kind->duplicates += a->again;
        kind->reached += !a->again;
        kind->last_ns = latency > kind->last_ns ? latency : kind->last_ns;
        kind->last_hop = 1;
    } else if (a->nature != NATURE_WORLD && frame->source > 0 &&
               frame->stimulus_ns >= w->plan->run.warm_up_ns) {
        int64_t reflex = start_ns > frame->stimulus_ns ? start_ns - frame->stimulus_ns : 0;
        phases_record(&w->phases, true, (uint16_t)(frame->source - 1), frame->stimulus_ns, reflex);
    }
}

/* What every wake adds. */
static void count_wake(struct worker *w, const struct arrival *a, int64_t start_ns,
                       int64_t end_ns) {
    w->tally->wakes++;
    if (start_ns >= w->plan->run.warm_up_ns) {
        w->tally->type[w->colony->type[a->cell]].wakes++;
    }
    if (a->nature == NATURE_TIMER || a->nature == NATURE_FAULT) {
        return;
    }
    if (a->frame->flags & FRAME_STORM) {
        count_storm(w, a, start_ns, end_ns);
    }
    count_copy(w, a, start_ns);
}

/* What the wake's sends belong to. */
static struct sender sender_of(const struct worker *w, const struct arrival *a) {
    struct sender sender = {.cell = a->cell, .node = colony_node(w->colony, a->cell)};
    if (a->nature == NATURE_TIMER || a->nature == NATURE_FAULT) {
        return sender;
    }
    const struct frame *frame = a->frame;
    sender.scope = frame->scope;
    sender.version = frame->version;
    sender.storm = (frame->flags & FRAME_STORM) != 0;
    if (a->nature == NATURE_WORLD ||
        (a->nature == NATURE_GRADIENT && (frame->flags & FRAME_WORLD))) {
        sender.source = frame->source;
        sender.stimulus_ns = frame->emission_ns;
    }
    return sender;
}

static void wake_by_fault(struct worker *w, const struct arrival *a) {
    const struct plan_fault *fault = &w->plan->fault[a->place];
    struct sender sender = sender_of(w, a);
    int64_t start = worker_now(w);
    cells_fault(&w->cells, a->cell);
    sender.end_ns = start;
    count_wake(w, a, start, start);
    worker_publish(w, &sender, w->fault[a->place].subject, fault->signal, true);
}

static void wake_by_signal(struct worker *w, const struct arrival *a) {
    struct sender sender = sender_of(w, a);
    int64_t start = worker_moment(w), end = start;
    sender.misroute = worker_misroute(w, a->cell, start);
    bool timer = a->nature == NATURE_TIMER;
    const struct cell_arrival arrival = {
        .cell = a->cell,
        .column = timer ? w->plan->genome.signals + a->place : a->frame->kind,
        .sender = timer || a->nature == NATURE_WORLD ? COLONY_NOBODY : a->frame->sender,
        .scope = sender.scope,
        .version = sender.version,
        .misrouted = sender.misroute ? sender.misroute->signal : -1,
    };
    struct cell_outcome outcome;
    struct cell_woken woken = cells_react(&w->cells, &arrival, &outcome);
    if (outcome.work_ns > 0) {
        burn(w, outcome.work_ns);
        end = worker_now(w);
        w->moment_left = 0;
    }
    count_wake(w, a, start, end);
    if (woken.adopted) {
        versions_adopted(&w->versions, a->cell, arrival.version, end);
    }
    if (outcome.effects > 0) {
        w->moment_left = 0;
        sender.end_ns = end;
        worker_effects(w, &sender, &outcome);
    }
}

/* A held-up cell's copies wait in its mailbox, those of a subscription only up to its limit. */
static void join_mailbox(struct worker *w, const struct arrival *a) {
    int64_t limit = w->plan->gradients.pending_limit;
    if (a->nature == NATURE_GRADIENT && limit != PLAN_NONE &&
        local_mails_of(&w->local, a->cell, a->slot) >= (uint64_t)limit) {
        w->tally->dropped[CAUSE_PENDING]++;
        return;
    }
    struct local_mail mail = {.slot = a->slot,
                              .place = a->place,
                              .nature = (uint8_t)a->nature,
                              .again = a->again,
                              .at_ns = worker_now(w)};
    if (a->frame) {
        mail.frame = *a->frame;
    }
    local_mail(&w->local, a->cell, &mail);
    worker_hold(w, PLACE_MAILBOX);
}

static void wake_now(struct worker *w, const struct arrival *a) {
    if (a->nature == NATURE_FAULT) {
        wake_by_fault(w, a);
    } else {
        wake_by_signal(w, a);
    }
}

void worker_wake(struct worker *w, const struct arrival *a) {
    bool copy = a->nature != NATURE_TIMER && a->nature != NATURE_FAULT;
    if (w->over) {
        w->tally->in_flight += copy;
        return;
    }
    if (copy && versions_stale(&w->versions, a->frame->scope, a->frame->version) &&
        a->frame->emission_ns >= w->plan->run.warm_up_ns) {
        w->tally->kind[a->frame->kind].stale++;
    }
    if (w->local.held_up_all + w->local.mailed > 0 &&
        (local_held_up(&w->local, a->cell) || local_mailed(&w->local, a->cell))) {
        join_mailbox(w, a);
        return;
    }
    wake_now(w, a);
}

/* A cell that a full link held up goes on with what has come meanwhile, until it is held up again.
 */
static void open_mailbox(struct worker *w, uint32_t cell) {
    struct local_mail mail;
    while (!local_held_up(&w->local, cell) && local_take_mail(&w->local, cell, &mail)) {
        worker_release(w, PLACE_MAILBOX, worker_now(w) - mail.at_ns);
        const struct arrival arrival = {.nature = (enum nature)mail.nature,
                                        .cell = cell,
                                        .slot = mail.slot,
                                        .place = mail.place,
                                        .again = mail.again,
                                        .frame = &mail.frame};
        if (w->over) {
            w->tally->in_flight += mail.nature != NATURE_TIMER && mail.nature != NATURE_FAULT;
        } else {
            wake_now(w, &arrival);
        }
    }
}

uint32_t worker_local(struct worker *w, uint32_t most) {
    struct local_item item;
    uint32_t done = 0;
    for (; done < most && local_pop(&w->local, &item); done++) {
        switch (item.kind) {
        case LOCAL_COPY: {
            const struct arrival arrival = {.nature = NATURE_LOCAL,
                                            .cell = item.frame.target,
                                            .slot = LOCAL_NO_SLOT,
                                            .frame = &item.frame};
            worker_release(w, PLACE_MAILBOX, worker_now(w) - item.at_ns);
            worker_wake(w, &arrival);
            break;
        }
        case LOCAL_GRADIENT:
            worker_release(w, PLACE_PARTITIONER, worker_now(w) - item.at_ns);
            worker_serve_own_node(w, &item.frame, item.audience);
            subjects_release(w->subjects, item.audience);
            break;
        case LOCAL_FREED:
            open_mailbox(w, item.cell);
            break;
        }
    }
    return done;
}
