#include "sim/slice.h"

#include <string.h>

#include "base/memory.h"
#include "sim/copies.h"
#include "sim/cursor.h"
#include "sim/deaf.h"
#include "sim/job.h"
#include "sim/station.h"
#include "sim/wake.h"

/* Cost of a copy that the station's job makes. */
static int64_t copy_cost(const struct host *h, const struct station *st, uint32_t kind) {
    return st->nature == STATION_SERVER ? h->profile->server_copy_ns : h->loop_copy[kind];
}

int64_t slice_work(const struct sim *s, const struct host *h, const struct station *st,
                   uint64_t what, uint64_t body) {
    if (slice_weighs(st, what)) {
        return h->profile->reader_ns;
    }
    struct copies copies = copies_of(s, st, what, body);
    int64_t before = st->nature == STATION_SERVER
                         ? h->profile->server_ingest_ns + h->profile->server_match_ns
                         : 0;
    return before + copies_left(&copies) * copy_cost(h, st, what_kind(what));
}

/* Posts what a slice of n copies makes, from `depart` on (the first one's departure). */
static void slice_copies(struct sim *s, struct station *st, struct host *h, uint32_t n,
                         int64_t depart, int64_t step);

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
    if (copies_by_origin(s)) {
        uint32_t entry = (uint32_t)(mail->body >> 32);
        uint32_t cell = signal->audience->entry_cell[entry];
        sim_post(s, end, cell + s->offset[st->node], rank, signal->audience->entry_slot[entry],
                 kind, FLAG_SIGNAL | FLAG_LOOP, EVENT_ARRIVAL, (uint32_t)mail->body);
        return;
    }
    for (uint32_t i = 0; i < s->partitioners; i++) {
        struct copies run = copies_of_run(s, signal, st->node, i);
        if (copies_left(&run) > 0) {
            copies_fetch_cells(s, signal->audience, st->node, &run);
            signal->holders++;
            sim_post(s, end, sim_station_rank(s, st->node, STATION_PARTITIONER + i), rank, 0, kind,
                     FLAG_SIGNAL, EVENT_AT_STATION, (uint32_t)mail->body);
        }
    }
    signal_release(s, (uint32_t)mail->body);
}

void slice_begin(struct sim *s, struct station *st, struct host *h, int64_t now,
                 const struct mail *mail, bool counted) {
    if (slice_weighs(st, mail->what)) {
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

static bool slice_stalls(struct sim *s, struct station *st, struct host *h, int64_t now) {
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
        h->waiting_bytes += h->wait_bytes[what_kind(st->job.what)];
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

void slice_run(struct sim *s, struct station *st, struct host *h, int64_t now) {
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
    const uint32_t *cells = entries ? a->entry_cell : a->head_cell;
    /* Entries that are no heads may hold a cell twice. */
    bool dense = cells == a->head_cell && cells[end - 1] - cells[from] == end - 1 - from;
    const uint8_t *slots = entries ? a->entry_slot : a->head_slot;
    *cursor = (struct cursor){.signal = (uint32_t)st->job.body,
                              .source = station_rank(s, st),
                              .at = from,
                              .end = end,
                              .dense = dense,
                              .even = memcmp(slots + from, slots + from + 1, end - from - 1) == 0,
                              .base = cells[from] - from,
                              .offset = s->offset[st->node],
                              .kind = signal->kind,
                              .time = depart,
                              .step = step,
                              .number = s->posts,
                              .cell = cells,
                              .slot = slots};
    s->posts += end - from;
    s->tally.copies_local += end - from;
    signal->holders++;
    cursor_start(s, place);
}

/* One past the last of the server's copies that go to the host of copy `from`. */
static uint32_t host_end(const struct sim *s, const struct audience *a, bool origin, uint32_t from,
                         uint32_t end, uint32_t host) {
    if (s->hosts == 1) {
        return end;
    }
    uint32_t place = copies_place(a, origin, from);
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
    bool origin = copies_by_origin(s);
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
        uint32_t node_place = copies_place(a, origin, from);
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
                                  .latency_ns =
                                      far ? h->profile->net_latency_ns : h->profile->ipc_latency_ns,
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
        if (!origin) {
            copies_fetch_node(s, a, node_place);
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
