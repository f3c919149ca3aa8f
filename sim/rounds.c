/*
 * Rounds: loops of one pace make their copies in turns, always in the same order, so that for a
 * while nobody needs to look who is next.
 */
#include "sim/cursor.h"
#include "sim/run.h"

enum { TURNS = 256, FEW_ROUNDS = 4, AHEAD = 16 /* copies whose records are fetched, in all */ };

/* A lane's next copy. */
struct turn {
    int64_t time;
    uint32_t number, offset; /* the cell, and what makes it a rank */
    struct flow *flow;
    uint8_t slot; /* + 1 */
};

struct rounds {
    uint32_t turns, rounds;
    int64_t step;
    struct turn turn[TURNS];
};

/* Whether two lanes of one moment stay in this order: all that is left of the first one's cells
 * comes before the second one's. */
static bool stays_before(const struct cursor *first, const struct cursor *second) {
    return cursor_cell(first, first->end - 1) + first->offset <
           cursor_cell(second, second->at) + second->offset;
}

/* The lanes from the front on that go in turns, and how many times each. */
static void rounds_find(struct run *r, struct rounds *t) {
    const struct lanes *lanes = &r->s->lanes;
    const struct event *lane = lanes_front(lanes);
    const struct cursor *before = NULL;
    uint32_t count = lanes_count(lanes), rounds = UINT32_MAX, i = 0;
    count = count < TURNS ? count : TURNS;
    for (; i < count; i++) {
        struct cursor *c = pool_at(&r->s->cursor, (uint32_t)lane[i].body);
        t->step = i == 0 ? c->step : t->step;
        if (c->step != t->step || !c->dense || !c->even || lane[i].time >= lane[0].time + c->step ||
            (c->run != r->s->runs && !run_joins(r, c)) ||
            (i > 0 && lane[i].time == lane[i - 1].time && !stays_before(before, c))) {
            break;
        }
        t->turn[i] = (struct turn){c->time, cursor_cell(c, c->at), c->offset, &r->flow[c->flow],
                                   (uint8_t)(c->slot[c->at] + 1)};
        rounds = c->end - c->at < rounds ? c->end - c->at : rounds;
        before = c;
    }
    t->turns = i;
    t->rounds = 0;
    int64_t limit = r->limit;
    if (i < lanes_count(lanes) && lane[i].time < limit) {
        limit = lane[i].time;
    }
    if (i > 0 && t->step > 0 && limit > lane[i - 1].time) {
        int64_t most = (limit - lane[i - 1].time + t->step - 1) / t->step;
        rounds = most < rounds ? (uint32_t)most : rounds;
        uint64_t room = (r->room - r->copies) / i;
        t->rounds = room < rounds ? (uint32_t)room : rounds;
    }
}

/* The lanes are that many copies on: all `rounds`, the first `more` of them one more. */
static void rounds_end(struct run *r, const struct rounds *t, uint32_t rounds, uint32_t more) {
    struct lanes *lanes = &r->s->lanes;
    struct event moved[TURNS];
    memcpy(moved, lanes_front(lanes), t->turns * sizeof *moved);
    lanes->head += t->turns;
    for (uint32_t i = 0; i < t->turns; i++) {
        uint32_t at = (more + i) % t->turns;
        if (cursor_moves(r->s, &moved[at], rounds + (at < more))) {
            lanes_put(lanes, &moved[at]);
        }
    }
}

bool run_rounds(struct run *r) {
    const struct lanes *lanes = &r->s->lanes;
    if (lanes_count(lanes) < 2 || r->copies < r->rounds_at) {
        return false;
    }
    const struct cursor *c = pool_at(&r->s->cursor, (uint32_t)lanes_front(lanes)->body);
    if (r->limit - c->time < FEW_ROUNDS * c->step) {
        return false;
    }
    struct rounds t;
    rounds_find(r, &t);
    if (t.turns < 2 || t.rounds < FEW_ROUNDS) {
        r->rounds_at = r->copies + 4 * (uint64_t)t.turns;
        return false;
    }
    uint64_t before = r->copies;
    uint32_t round = 0, i = 0;
    const int64_t step = t.step;
    const struct turn *last = &t.turn[t.turns - 1];
    const uint32_t ahead = t.turns < AHEAD / 2 ? AHEAD / t.turns : 2;
    bool fits = true;
    for (; fits && round < t.rounds && last->time < r->limit; round += fits) {
        for (i = 0; i < t.turns; i++) {
            struct turn *turn = &t.turn[i];
            uint32_t number = turn->number;
            __builtin_prefetch(&r->cells[number + ahead + turn->offset], 1);
            if (!run_copy(r, turn->flow, number, turn->offset, turn->slot, turn->time)) {
                fits = false;
                break;
            }
            turn->number++;
            turn->time += step;
        }
    }
    if (r->copies == before) {
        return false;
    }
    uint32_t more = fits ? 0 : i;
    r->s->now = t.turn[(more ? more : t.turns) - 1].time - step;
    rounds_end(r, &t, round, more);
    return true;
}
