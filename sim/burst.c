#include "sim/burst.h"

#include "sim/cursor.h"
#include "sim/run.h"

/* Copies of a loop ahead whose records are fetched: of one alone, and of many in turns. */
enum { AHEAD = 8, AHEAD_OF_MANY = 2, WORTH = 16 /* copies between tries of a leap */ };

/* The front lane's copies up to where the next lane's, or anything else, comes; false: its next
 * copy cannot go this way. */
static inline bool run_lane(struct run *r, struct cursor *c) {
    struct sim *s = r->s;
    struct flow *f = &r->flow[c->flow];
    const uint32_t begin = c->at, offset = c->offset, last = c->end - 1;
    uint64_t room = r->room - r->copies;
    uint32_t at = begin, end = c->end - at > room ? at + (uint32_t)room : c->end;
    int64_t now = c->time, next = INT64_MAX;
    uint32_t ahead = AHEAD;
    if (lanes_count(&s->lanes) > 1) {
        next = lanes_front(&s->lanes)[1].time;
        ahead = AHEAD_OF_MANY;
    }
    bool fits = true;
    do {
        if (r->copies >= r->leap_at && next - now > WORTH * c->step) {
            uint32_t n = run_leap(r, c, at, end - at, now, next < r->limit ? next : r->limit);
            at += n;
            now += n * c->step;
            r->leap_at = r->copies + WORTH;
            if (at == end || (n > 0 && (now >= next || now >= r->limit))) {
                break;
            }
        }
        uint32_t later = at + ahead < last ? at + ahead : last;
        __builtin_prefetch(&r->cells[cursor_cell(c, later) + offset], 1);
        uint32_t number = cursor_cell(c, at);
        fits = run_copy(r, f, number, offset, (uint8_t)(c->slot[at] + 1), now);
        at += fits;
        now += c->step;
    } while (fits && at < end && now < next && now < r->limit);
    if (at > begin) {
        struct event lane = *lanes_front(&s->lanes);
        s->now = c->time + (at - begin - 1) * c->step;
        lanes_settle(&s->lanes, &lane, cursor_moves(s, &lane, at - begin));
    }
    return fits;
}

uint64_t burst_run(struct sim *s) {
    struct cursor *cursors = pool_at(&s->cursor, 0), *c = cursors + lanes_front(&s->lanes)->body;
    const struct cell *cell = &s->cell[cursor_cell(c, c->at) + c->offset];
    if (cell->free_at > c->time || cell->mail ||
        (!sim_signal(s, c->signal)->storm && s->storm_busy_limit > c->time)) {
        return 0;
    }
    struct run r;
    run_open(&r, s, c);
    while (c->run == s->runs || run_joins(&r, c)) {
        if (!(run_rounds(&r) || run_lane(&r, c)) || lanes_count(&s->lanes) == 0 ||
            lanes_front(&s->lanes)->time >= r.limit || r.copies == r.room) {
            break;
        }
        c = cursors + lanes_front(&s->lanes)->body;
    }
    if (r.copies > 0) {
        run_close(&r);
    }
    return r.copies;
}
