#include "sim/station.h"

#include <stdio.h>

#include "sim/cursor.h"
#include "sim/deaf.h"
#include "sim/figures.h"
#include "sim/job.h"
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

static bool is_origin(const struct sim *s) {
    return s->plan->stages.fan_out == FAN_OUT_ORIGIN;
}

static uint32_t copies_left(const struct copies *c) {
    return c->next < c->gap ? c->gap - c->next + (c->end - c->gap_end) : c->end - c->next;
}

/* What is left out of [from, end): the part of [gap, gap_end) in it. */
static struct copies copies_make(uint32_t from, uint32_t end, uint32_t gap, uint32_t gap_end) {
    gap = gap < from ? from : gap > end ? end : gap;
    gap_end = gap_end < gap ? gap : gap_end > end ? end : gap_end;
    struct copies copies = {from, gap, gap_end, end};
    if (copies.next == copies.gap) {
        copies.next = copies.gap = copies.gap_end;
    }
    return copies;
}

/* The run of a partitioner among its node's heads, without the publisher. */
static struct copies run_of(const struct sim *s, const struct signal *signal, uint32_t node,
                            uint32_t partitioner) {
    const struct audience *a = signal->audience;
    uint32_t place = audience_place(a, node);
    if (place == UINT32_MAX) {
        return (struct copies){0, 0, 0, 0};
    }
    uint32_t from = a->head_first[place];
    struct split runs = split_make(a->head_first[place + 1] - from, s->partitioners);
    uint32_t skip = signal->publisher == COLONY_NOBODY ? UINT32_MAX
                                                       : audience_head(a, signal->publisher);
    uint32_t skip_end = skip == UINT32_MAX ? UINT32_MAX : skip + 1;
    return copies_make(from + split_first(&runs, partitioner),
                       from + split_first(&runs, partitioner + 1), skip, skip_end);
}

/* The entries of the publisher's own node, without the publisher's. */
static struct copies own_entries(const struct sim *s, const struct signal *signal, uint32_t node) {
    (void)s;
    const struct audience *a = signal->audience;
    uint32_t place = audience_place(a, node);
    if (place == UINT32_MAX) {
        return (struct copies){0, 0, 0, 0};
    }
    uint32_t skip = 0;
    uint32_t skipped = audience_entries_of(a, signal->publisher, &skip);
    if (skipped == 0) {
        skip = UINT32_MAX;
    }
    return copies_make(a->entry_first[place], a->entry_first[place + 1], skip,
                       skipped ? skip + skipped : UINT32_MAX);
}

/* What a server sends: entries (origin) or nodes (edge), without the publisher's own node's. */
static struct copies server_copies(const struct sim *s, const struct signal *signal) {
    const struct audience *a = signal->audience;
    uint32_t node = signal->publisher == COLONY_NOBODY ? UINT32_MAX
                                                       : colony_node(&s->colony, signal->publisher);
    uint32_t place = node == UINT32_MAX ? UINT32_MAX : audience_place(a, node);
    uint32_t end = is_origin(s) ? a->copies : a->nodes;
    if (place == UINT32_MAX) {
        return copies_make(0, end, end, end);
    }
    return is_origin(s) ? copies_make(0, end, a->entry_first[place], a->entry_first[place + 1])
                        : copies_make(0, end, place, place + 1);
}

/* The copies that the job of this mail makes one by one; none for a reader's single copy. */
static struct copies copies_of(const struct sim *s, const struct station *st, uint64_t what,
                               uint64_t body) {
    const struct signal *signal = sim_signal(s, body);
    if (st->nature == STATION_SERVER) {
        return server_copies(s, signal);
    }
    if (st->nature == STATION_PARTITIONER) {
        return run_of(s, signal, st->node, st->partitioner);
    }
    return what_flags(what) & FLAG_LOCAL ? own_entries(s, signal, st->node)
                                         : (struct copies){0, 0, 0, 0};
}

uint64_t station_stands_for(const struct sim *s, const struct station *st, uint64_t what,
                            uint64_t body) {
    const struct signal *signal = sim_signal(s, body);
    const struct audience *a = signal->audience;
    if (st->nature == STATION_READER && !(what_flags(what) & FLAG_LOCAL)) {
        if (is_origin(s)) {
            return 1;
        }
        uint32_t place = audience_place(a, st->node);
        return a->head_first[place + 1] - a->head_first[place];
    }
    struct copies copies = copies_of(s, st, what, body);
    uint64_t left = copies_left(&copies);
    if (st->nature == STATION_SERVER && !is_origin(s)) {
        left = copies.next < copies.gap ? a->head_first[copies.gap] - a->head_first[copies.next] : 0;
        uint32_t second = copies.next < copies.gap ? copies.gap_end : copies.next;
        left += a->head_first[copies.end] - a->head_first[second];
    }
    return left;
}

uint64_t station_job_left(const struct sim *s, const struct station *st) {
    if (!st->slicing) {
        return 0;
    }
    const struct audience *a = sim_signal(s, st->job.body)->audience;
    if (st->nature != STATION_SERVER || is_origin(s)) {
        return copies_left(&st->copies);
    }
    const struct copies *c = &st->copies;
    uint64_t left = a->head_first[c->end] - a->head_first[c->next < c->gap ? c->gap_end : c->next];
    return c->next < c->gap ? left + a->head_first[c->gap] - a->head_first[c->next] : left;
}

/* Cost of a copy that the station's job makes. */
static int64_t copy_cost(const struct host *h, const struct station *st, uint32_t kind) {
    return st->nature == STATION_SERVER ? h->profile->server_copy_ns : h->loop_copy[kind];
}

static int64_t work_of(const struct sim *s, const struct host *h, const struct station *st,
                       uint64_t what, uint64_t body) {
    if (st->nature == STATION_READER && !(what_flags(what) & FLAG_LOCAL)) {
        return h->profile->reader_ns;
    }
    struct copies copies = copies_of(s, st, what, body);
    int64_t before = st->nature == STATION_SERVER
                         ? h->profile->server_ingest_ns + h->profile->server_match_ns
                         : 0;
    return before + copies_left(&copies) * copy_cost(h, st, what_kind(what));
}

static void drop_at_station(struct sim *s, const struct station *st, uint64_t what, uint64_t body,
                            enum tally_cause cause) {
    figures_drop(s, cause, station_stands_for(s, st, what, body));
    signal_release(s, (uint32_t)body);
}

/* Readers' connections (model-readings R26). */

static bool weighs(const struct station *st, uint64_t what) {
    return st->nature == STATION_READER && !(what_flags(what) & FLAG_LOCAL);
}

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
        if (!weighs(st, mail.what)) {
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

/* Jobs. */

/* Posts what a slice of n copies makes, from `depart` on (the first one's departure). */
static void slice_copies(struct sim *s, struct station *st, struct host *h, uint32_t n,
                         int64_t depart, int64_t step);

/* A slice of the present job becomes ready. */
static void slice_run(struct sim *s, struct station *st, struct host *h, int64_t now);

static void reader_passes_on(struct sim *s, struct station *st, struct host *h, int64_t now,
                             const struct mail *mail) {
    int64_t cost = h->profile->reader_ns > 0 ? h->profile->reader_ns : 1;
    int64_t start = job_ahead(s, h, now, cost, st->free_at == now);
    int64_t end = start + cost;
    uint32_t rank = station_rank(s, st), kind = what_kind(mail->what);
    cost_wait(s, h, h->wait_bytes[kind], start);
    deaf_slice(s, st, now, h->profile->reader_ns, start, end);
    st->free_at = end;
    struct signal *signal = sim_signal(s, mail->body);
    if (is_origin(s)) {
        uint32_t entry = (uint32_t)(mail->body >> 32);
        uint32_t cell = signal->audience->entry_cell[entry];
        sim_post(s, end, cell + s->offset[st->node], rank, signal->audience->entry_slot[entry],
                 kind, FLAG_SIGNAL | FLAG_LOOP, EVENT_ARRIVAL, (uint32_t)mail->body);
        return;
    }
    for (uint32_t i = 0; i < s->partitioners; i++) {
        struct copies run = run_of(s, signal, st->node, i);
        if (copies_left(&run) > 0) {
            signal->holders++;
            sim_post(s, end, sim_station_rank(s, st->node, STATION_PARTITIONER + i), rank, 0, kind,
                     FLAG_SIGNAL, EVENT_AT_STATION, (uint32_t)mail->body);
        }
    }
    signal_release(s, (uint32_t)mail->body);
}

/* The mail becomes the station's job at `now`. counted: its bytes wait already. */
static void job_begin(struct sim *s, struct station *st, struct host *h, int64_t now,
                      const struct mail *mail, bool counted) {
    if (weighs(st, mail->what)) {
        if (counted) {
            h->waiting_bytes -= h->wait_bytes[what_kind(mail->what)];
        }
        reader_passes_on(s, st, h, now, mail);
        return;
    }
    st->job = *mail;
    st->counted = counted;
    st->copies = copies_of(s, st, mail->what, mail->body);
    st->first_slice = true;
    st->stalled = false;
    st->stalled_ns = 0;
    slice_run(s, st, h, now);
}

static bool slice_stalls(struct sim *s, struct station *st, const struct host *h, int64_t now) {
    const struct host_profile *p = h->profile;
    if (st->nature != STATION_SERVER || s->readers_above == 0 || st->stalled ||
        st->stalled_ns + p->stall_ns > p->stall_max_ns) {
        st->stalled = false;
        return false;
    }
    st->stalled = true;
    st->stalled_ns += p->stall_ns;
    if (st->first_slice && !st->counted) {
        st->counted = true;
        h = station_host(s, st);
        s->host[h->place].waiting_bytes += h->wait_bytes[what_kind(st->job.what)];
    }
    st->slicing = true;
    uint32_t rank = station_rank(s, st);
    sim_post(s, now + p->stall_ns, rank, rank, 0, 0, 0, EVENT_SLICE, 0);
    return true;
}

/* What a server's first slice pays before its copies. */
static int64_t server_before(struct sim *s, struct host *h, const struct signal *signal,
                             int64_t *extra) {
    const struct host_profile *p = h->profile;
    if (signal->subject >= h->match_room) {
        uint32_t room = (signal->subject + 1) * 2;
        h->match_seen = memory_grow(h->match_seen, room, sizeof *h->match_seen);
        for (uint32_t i = h->match_room; i < room; i++) {
            h->match_seen[i] = 0;
        }
        h->match_room = room;
    }
    uint32_t generation = subjects_generation(s->subjects, signal->subject);
    bool seen = h->match_seen[signal->subject] == generation;
    h->match_seen[signal->subject] = generation;
    *extra = seen ? 0 : p->server_match_miss_ns - p->server_match_ns;
    return p->server_ingest_ns + (seen ? p->server_match_ns : p->server_match_miss_ns);
}

static void slice_run(struct sim *s, struct station *st, struct host *h, int64_t now) {
    if (slice_stalls(s, st, h, now)) {
        return;
    }
    uint32_t kind = what_kind(st->job.what);
    int64_t step = copy_cost(h, st, kind);
    int64_t quantum = h->profile->quantum_ns / (step > 0 ? step : 1);
    uint32_t left = copies_left(&st->copies);
    uint32_t n = quantum < 1 ? 1 : quantum > left ? left : (uint32_t)quantum;
    n = n > left ? left : n;
    int64_t before = 0, extra = 0;
    if (st->nature == STATION_SERVER && st->first_slice) {
        before = server_before(s, h, sim_signal(s, st->job.body), &extra);
    }
    int64_t planned = before - extra + n * step;
    int64_t cost = before + n * step;
    cost = cost > 0 ? cost : 1;
    int64_t start = 0;
    if (st->nature == STATION_PARTITIONER) {
        struct core_take take = job_take(h, now);
        job_book(s, h, &take, now, cost, false);
        start = take.start;
    } else {
        start = job_ahead(s, h, now, cost, st->free_at == now);
    }
    if (st->first_slice) {
        if (st->counted) {
            h->waiting_bytes -= h->wait_bytes[kind];
        }
        cost_wait(s, h, h->wait_bytes[kind], start);
        st->first_slice = false;
    }
    deaf_slice(s, st, now, planned, start, start + cost);
    st->free_at = start + cost;
    slice_copies(s, st, h, n, start + before + step, step);
    st->slicing = copies_left(&st->copies) > 0;
    if (st->slicing) {
        uint32_t rank = station_rank(s, st);
        sim_post(s, st->free_at, rank, rank, 0, 0, 0, EVENT_SLICE, 0);
    } else {
        signal_release(s, (uint32_t)st->job.body);
    }
}

static void piece_to_cells(struct sim *s, struct station *st, uint32_t from, uint32_t end,
                           int64_t depart, int64_t step) {
    struct signal *signal = sim_signal(s, st->job.body);
    const struct audience *a = signal->audience;
    bool entries = st->nature == STATION_READER;
    uint32_t place = pool_take(&s->cursor);
    struct cursor *cursor = pool_at(&s->cursor, place);
    *cursor = (struct cursor){.signal = (uint32_t)st->job.body,
                              .source = station_rank(s, st),
                              .at = from,
                              .end = end,
                              .offset = s->offset[st->node],
                              .kind = signal->kind,
                              .time = depart,
                              .step = step,
                              .number = s->posts,
                              .cell = entries ? a->entry_cell : a->head_cell,
                              .slot = entries ? a->entry_slot : a->head_slot};
    s->posts += end - from;
    s->tally.copies_local += end - from;
    signal->holders++;
    cursor_start(s, place);
}

/* The node's place of a server's copy: its own under edge, its entry's under origin. */
static uint32_t place_of_copy(const struct audience *a, bool origin, uint32_t copy) {
    if (!origin) {
        return copy;
    }
    uint32_t low = 0, high = a->nodes;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (a->entry_first[middle] <= copy) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* One past the last of the server's copies that go to the host of copy `from`. */
static uint32_t host_end(const struct sim *s, const struct audience *a, bool origin, uint32_t from,
                         uint32_t end, uint32_t host) {
    if (s->hosts == 1) {
        return end;
    }
    uint32_t place = place_of_copy(a, origin, from);
    while (place < a->nodes && s->node[a->node[place]].host == host) {
        place++;
    }
    uint32_t stop = origin ? a->entry_first[place] : place;
    return stop < end ? stop : end;
}

/* The card after n copies that depart every `step` from `depart` on (model-readings R27). */
static int64_t card_after(int64_t card_free, int64_t card_ns, int64_t depart, int64_t step,
                          uint32_t n) {
    int64_t last = depart + (n - 1) * step;
    int64_t free_at = card_free + n * card_ns;
    free_at = depart + n * card_ns > free_at ? depart + n * card_ns : free_at;
    return last + card_ns > free_at ? last + card_ns : free_at;
}

static void piece_to_readers(struct sim *s, struct station *st, struct host *h, uint32_t from,
                             uint32_t end, int64_t depart, int64_t step) {
    struct signal *signal = sim_signal(s, st->job.body);
    const struct audience *a = signal->audience;
    bool origin = is_origin(s);
    s->tally.copies_between_nodes += end - from;
    s->tally.bytes_between_nodes +=
        (end - from) * (uint64_t)s->plan->genome.signal[signal->kind].size_bytes;
    if (signal->emission >= s->warm_up) {
        s->tally.kind[signal->kind].copies_between_nodes += end - from;
    }
    uint64_t overlaps = 0;
    for (uint32_t i = from; !origin && i < end; i++) {
        overlaps += a->patterns[i] - 1;
    }
    if (overlaps > 0) {
        tally_message(&s->tally, "overlap", overlaps);
    }
    while (from < end) {
        uint32_t node_place = place_of_copy(a, origin, from);
        uint32_t host = s->node[a->node[node_place]].host;
        uint32_t stop = host_end(s, a, origin, from, end, host);
        uint32_t n = stop - from;
        bool far = host != h->place;
        uint32_t place = pool_take(&s->cursor);
        struct cursor *cursor = pool_at(&s->cursor, place);
        *cursor = (struct cursor){.signal = (uint32_t)st->job.body,
                                  .source = station_rank(s, st),
                                  .at = from,
                                  .end = stop,
                                  .place = node_place,
                                  .kind = signal->kind,
                                  .to_readers = true,
                                  .time = depart,
                                  .step = step,
                                  .latency_ns = far ? h->profile->net_latency_ns
                                                    : h->profile->ipc_latency_ns,
                                  .by_card = far,
                                  .card_free = h->card_free,
                                  .card_ns = h->card_ns[signal->kind],
                                  .number = s->posts};
        s->posts += n;
        signal->holders++;
        if (far) {
            h->card_free = card_after(h->card_free, h->card_ns[signal->kind], depart, step, n);
            s->tally.copies_between_hosts += n;
        }
        cursor_start(s, place);
        depart += n * step;
        from = stop;
    }
}

static void slice_copies(struct sim *s, struct station *st, struct host *h, uint32_t n,
                         int64_t depart, int64_t step) {
    struct copies *copies = &st->copies;
    while (n > 0) {
        uint32_t stop = copies->next < copies->gap ? copies->gap : copies->end;
        uint32_t piece = stop - copies->next < n ? stop - copies->next : n;
        if (st->nature == STATION_SERVER) {
            piece_to_readers(s, st, h, copies->next, copies->next + piece, depart, step);
        } else {
            piece_to_cells(s, st, copies->next, copies->next + piece, depart, step);
        }
        depart += piece * step;
        n -= piece;
        copies->next += piece;
        if (copies->next == copies->gap) {
            copies->next = copies->gap_end;
            copies->gap = copies->gap_end;
        }
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
    bool heavy = weighs(st, event->what);
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
    deaf_accept(s, st, now, work_of(s, h, st, event->what, event->body));
    struct mail mail = {0, event_source(event), now, event->what, event->body};
    if (idle) {
        job_begin(s, st, h, now, &mail, false);
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
    if (weighs(st, mail.what)) {
        held_change(s, st, -h->pending_bytes[what_kind(mail.what)]);
    }
    job_begin(s, st, h, event->time, &mail, true);
    ready_post(s, st);
}

void station_slice(struct sim *s, const struct event *event) {
    struct station *st = station_of(s, event_entity(event));
    slice_run(s, st, station_host(s, st), event->time);
    ready_post(s, st);
}

void station_serve_own_node(struct sim *s, const struct sender *sender, uint32_t place) {
    struct signal *signal = sim_signal(s, place);
    uint32_t parts = is_origin(s) ? 1 : s->partitioners;
    for (uint32_t i = 0; i < parts; i++) {
        struct copies copies = is_origin(s) ? own_entries(s, signal, sender->node)
                                            : run_of(s, signal, sender->node, i);
        if (copies_left(&copies) > 0) {
            uint32_t station = is_origin(s) ? STATION_READER : STATION_PARTITIONER + i;
            signal->holders++;
            sim_post(s, sender->end, sim_station_rank(s, sender->node, station), sender->rank, 0,
                     signal->kind, FLAG_SIGNAL | FLAG_LOCAL, EVENT_AT_STATION, place);
        }
    }
}
