/*
 * What the events ahead will touch is fetched: a cell's record, then its mailbox's last, then its
 * first; its place among its type's, then its bond. Each is known once the one before has come.
 * Inlined by force: gcc takes a function that only fetches for one that does nothing.
 */
#ifndef NERVE_SIM_FETCH_H
#define NERVE_SIM_FETCH_H

#include "sim/state.h"

/* How many events ahead. */
enum { FETCH_RECORD = 16, FETCH_MAIL = 8, FETCH_FIRST = 4 };

__attribute__((always_inline)) static inline void fetch_mail(const struct sim *s) {
    const struct event *e = queue_ahead(&s->queue, FETCH_MAIL);
    if (e && s->cell[event_entity(e)].mail) {
        __builtin_prefetch(sim_mail(s, s->cell[event_entity(e)].mail), 1);
    }
    e = queue_ahead(&s->queue, FETCH_FIRST);
    if (e && what_nature(e->what) == EVENT_READY && s->cell[event_entity(e)].mail) {
        const struct mail *last = sim_mail(s, s->cell[event_entity(e)].mail);
        __builtin_prefetch(sim_mail(s, last->next), 1);
    }
}

/* The cell of the event that is so many ahead; COLONY_NOBODY: none, or not a cell's. */
static inline uint32_t fetch_cell(const struct sim *s, uint32_t ahead) {
    const struct event *e = queue_ahead(&s->queue, ahead);
    if (!e || event_entity(e) < s->first_rank) {
        return COLONY_NOBODY;
    }
    uint32_t cell = sim_cell_of(s, event_entity(e));
    return cell < s->plan->colony.cells ? cell : COLONY_NOBODY;
}

__attribute__((always_inline)) static inline void fetch_bond(const struct sim *s) {
    const struct colony *c = &s->colony;
    uint32_t cell = fetch_cell(s, FETCH_RECORD);
    if (cell != COLONY_NOBODY) {
        __builtin_prefetch(&c->place[cell]);
    }
    cell = fetch_cell(s, FETCH_MAIL);
    if (cell != COLONY_NOBODY) {
        __builtin_prefetch(&c->bond[c->bond_first[c->type[cell]] + c->place[cell]]);
    }
}

__attribute__((always_inline)) static inline void fetch_ahead(const struct sim *s) {
    const struct event *e = queue_ahead(&s->queue, FETCH_RECORD);
    if (e) {
        __builtin_prefetch(&s->cell[event_entity(e)], 1);
    }
    if (s->colony.place) {
        fetch_bond(s);
    }
    fetch_mail(s);
}

#endif
