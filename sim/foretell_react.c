/* What an amount of copies sets off in a type's cells. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/foretell_flow.h"

enum {
    CHUNKS = 64,
    DRAWS_AT_BIRTH = 64,
    DRAWS_AGAIN = 16,
    NEGLIGIBLE = FORETELL_ONE / 10000, /* less of a copy than that is not sent on */
};

/* A reaction that an amount of cells has. */
struct taken {
    const struct flow *flow;
    uint32_t row;
    int64_t amount;
};

void flow_set_timer(struct mean_field *f, uint32_t type, uint32_t timer, const struct law *law,
                    int64_t at, int64_t amount, bool own, bool of_birth) {
    struct flow_timer *t = &f->timer[type * f->timers + timer];
    int64_t cells = (int64_t)f->plan->colony.type_cells[type] * FORETELL_ONE;
    int64_t again = own ? 0 : foretell_scale(amount, t->live, cells);
    t->live = foretell_least(t->live + amount - again, cells);
    t->set = foretell_sum(t->set, amount);
    f->timers_set = foretell_sum(f->timers_set, amount);
    f->timers_most = foretell_most(f->timers_most, f->timers_set);
    uint32_t draws = law->kind == LAW_CONSTANT ? 1 : of_birth ? DRAWS_AT_BIRTH : DRAWS_AGAIN;
    draws = amount < draws ? 1 : draws;
    for (uint32_t i = 0; i < draws; i++) {
        uint64_t bits = (UINT64_MAX / draws) * i + UINT64_MAX / draws / 2;
        flow_push(f, &(struct flow){.at = at + law_value(law, bits),
                                    .amount = amount / draws + (i == 0 ? amount % draws : 0),
                                    .type = (uint16_t)type,
                                    .column = (uint16_t)(f->plan->genome.signals + timer),
                                    .from = GENOME_NONE});
    }
}

static void stop_timer(struct mean_field *f, uint32_t type, uint32_t timer, int64_t amount) {
    struct flow_timer *t = &f->timer[type * f->timers + timer];
    int64_t cells = (int64_t)f->plan->colony.type_cells[type] * FORETELL_ONE;
    t->live -= foretell_least(foretell_scale(amount, t->live, cells), t->live);
}

static const struct foretell_partner *partners(struct mean_field *f, uint32_t place,
                                               const struct genome_choice *choice, uint32_t type) {
    if (!f->partner[place] || f->partner_of[place] != type) {
        if (!f->partner[place]) {
            f->partner[place] = memory_new(f->plan->genome.types, sizeof **f->partner);
        }
        foretell_choose(f->map, choice, type, f->partner[place]);
        f->partner_of[place] = (uint16_t)type;
    }
    return f->partner[place];
}

static void push_send(struct mean_field *f, const struct flow *cause, uint32_t signal,
                      uint32_t type, int64_t amount, bool far) {
    if (amount < NEGLIGIBLE) {
        return;
    }
    bool carries = f->plan->genome.signal[signal].carries_version;
    uint32_t fresh = carries ? cause->flags & FLOW_FRESH : 0U;
    f->sends += (uint64_t)amount;
    f->far_sends += far ? (uint64_t)amount : 0;
    flow_push(f, &(struct flow){.at = cause->at,
                                .amount = amount,
                                .type = (uint16_t)type,
                                .column = (uint16_t)signal,
                                .from = cause->type,
                                .depth = (uint16_t)(cause->depth + 1),
                                .flags = (uint8_t)((far ? FLOW_FAR : 0U) | fresh)});
}

static void react_send(struct mean_field *f, const struct taken *taken,
                       const struct genome_send *send, uint32_t place) {
    const struct flow *cause = taken->flow;
    const struct genome_choice *choice = &send->choice;
    switch (send->to) {
    case TO_SENDER:
        if (cause->from != GENOME_NONE) {
            push_send(f, cause, send->signal, cause->from, taken->amount, cause->flags & FLOW_FAR);
        }
        return;
    case TO_SELF:
        push_send(f, cause, send->signal, cause->type, taken->amount, false);
        return;
    case TO_BOND:
        choice = &f->plan->genome.type[cause->type].bond[send->bond].choice;
        break;
    case TO_CHOICE:
        break;
    }
    const struct foretell_partner *partner = partners(f, place, choice, cause->type);
    for (uint32_t t = 0; t < f->plan->genome.types; t++) {
        int64_t near = foretell_scale(taken->amount, partner[t].near_ppb, FORETELL_SURE);
        int64_t far = foretell_scale(taken->amount, partner[t].far_ppb, FORETELL_SURE);
        push_send(f, cause, send->signal, t, near, false);
        push_send(f, cause, send->signal, t, far, true);
    }
}

int64_t flow_cost(const struct mean_field *f, const struct flow *flow,
                  const struct genome_reaction *r) {
    const struct foretell_costs *c = &f->costs;
    const struct genome *g = &f->plan->genome;
    int64_t bytes = flow->column < g->signals ? g->signal[flow->column].size_bytes : 0;
    int64_t touch = c->touch_bytes + (r ? r->touch_bytes : 0);
    int64_t fetch = touch / 64 * c->line_ns;
    int64_t cost = c->wake_ns + bytes * c->copy_ps / 1000;
    cost += flow->flags & FLOW_BROADCAST ? fetch / c->gain : fetch;
    cost += flow->flags & FLOW_FAR && !(flow->flags & FLOW_BROADCAST) ? c->receive_ns : 0;
    if (r) {
        cost += foretell_law_mean(&r->work) + r->sends * c->send_near_ns;
    }
    return foretell_most(cost, 1);
}

bool flow_adopts(const struct mean_field *f, const struct flow *flow,
                 const struct genome_reaction *r) {
    enum genome_follows follows = f->plan->genome.type[flow->type].follows;
    uint32_t wanted = follows == FOLLOWS_DOMAIN   ? FLOW_OF_DOMAIN
                      : follows == FOLLOWS_COLONY ? FLOW_OF_COLONY
                                                  : 0U;
    return (flow->flags & wanted) && (!r || r->adopt);
}

/* The effects of a case (NULL: none fits), in so many cells. */
static void apply(struct mean_field *f, const struct taken *taken,
                  const struct genome_reaction *r) {
    const struct flow *flow = taken->flow;
    struct flow_type *type = &f->type[flow->type];
    int64_t cost = flow_cost(f, flow, r);
    type->busy += (uint128)(uint64_t)taken->amount * (uint64_t)cost;
    f->wakes += (uint64_t)taken->amount;
    if (flow_adopts(f, flow, r)) {
        f->learnt += (uint64_t)taken->amount;
        f->events += (uint64_t)taken->amount;
    }
    if (!r) {
        return;
    }
    struct taken served = *taken;
    served.amount = foretell_scale(taken->amount, type->served_ppm, 1000000);
    for (uint32_t k = 0; k < r->sends; k++) {
        react_send(f, &served, &r->send[k], f->first_send[r - f->plan->genome.reaction] + k);
    }
    f->publishes |= r->publishes > 0;
    f->subscribes += (uint128)(uint64_t)served.amount * r->subscribes;
    for (uint32_t k = 0; k < r->timers; k++) {
        const struct genome_set_timer *timer = &r->timer[k];
        bool own = flow->column == f->plan->genome.signals + timer->timer;
        if (timer->stop) {
            stop_timer(f, flow->type, timer->timer, served.amount);
        } else {
            flow_set_timer(f, flow->type, timer->timer, &timer->after, flow->at + cost,
                           served.amount, own, false);
        }
    }
    const struct genome_type *of = &f->plan->genome.type[flow->type];
    uint32_t state = taken->row - of->first_row;
    if (r->next != GENOME_NONE && r->next != state) {
        int64_t in = f->share[taken->row];
        int64_t moved = flow->flags & FLOW_BROADCAST
                            ? foretell_least(in, taken->amount)
                            : foretell_scale(in, taken->amount, in + taken->amount);
        f->moved[state] -= moved;
        f->moved[r->next] += moved;
    }
}

/* The cases of a row, one after another, for an amount of the cells in it. */
static void react_in(struct mean_field *f, const struct flow *flow, uint32_t row, int64_t amount) {
    const struct genome *g = &f->plan->genome;
    struct taken taken = {flow, row, 0};
    for (uint16_t at = g->table[row * g->columns + flow->column]; at != GENOME_NONE && amount > 0;
         at = g->reaction[at].otherwise) {
        const struct genome_reaction *r = &g->reaction[at];
        taken.amount = amount;
        if ((r->when_newer && !(flow->flags & FLOW_FRESH)) ||
            (r->when_from != GENOME_NONE && r->when_from != flow->from)) {
            taken.amount = 0;
        } else if (r->when_probability) {
            taken.amount = foretell_scale(amount, (int64_t)r->probability_ppb, FORETELL_SURE);
        }
        amount -= taken.amount;
        if (taken.amount > 0) {
            apply(f, &taken, r);
        }
        if (!r->conditional) {
            return;
        }
    }
    if (amount > 0) {
        taken.amount = amount;
        apply(f, &taken, NULL);
    }
}

/* Whether the column can change a state of the type. */
static bool column_moves(const struct genome *g, const struct genome_type *of, uint32_t column) {
    for (uint32_t state = 0; state < of->states; state++) {
        for (uint16_t at = g->table[(of->first_row + state) * g->columns + column];
             at != GENOME_NONE; at = g->reaction[at].otherwise) {
            if (g->reaction[at].next != GENOME_NONE && g->reaction[at].next != state) {
                return true;
            }
        }
    }
    return false;
}

static void react_chunk(struct mean_field *f, const struct flow *flow, int64_t amount) {
    const struct genome_type *of = &f->plan->genome.type[flow->type];
    int64_t cells = (int64_t)f->plan->colony.type_cells[flow->type] * FORETELL_ONE;
    memset(f->moved, 0, of->states * sizeof *f->moved);
    for (uint32_t state = 0; state < of->states; state++) {
        int64_t in = f->share[of->first_row + state];
        if (in > 0) {
            react_in(f, flow, of->first_row + state, foretell_scale(amount, in, cells));
        }
    }
    for (uint32_t state = 0; state < of->states; state++) {
        f->share[of->first_row + state] += f->moved[state];
    }
}

void flow_react(struct mean_field *f, const struct flow *flow) {
    const struct genome *g = &f->plan->genome;
    const struct genome_type *of = &g->type[flow->type];
    int64_t cells = (int64_t)f->plan->colony.type_cells[flow->type] * FORETELL_ONE;
    if (cells == 0) {
        return;
    }
    f->type[flow->type].arrivals = foretell_sum(f->type[flow->type].arrivals, flow->amount);
    int64_t chunks = 1;
    if (of->states > 1 && column_moves(g, of, flow->column)) {
        /* A state may change between two copies to one cell. */
        int64_t each = flow->flags & FLOW_BROADCAST ? cells : cells / 4;
        chunks = foretell_least((flow->amount + each - 1) / foretell_most(each, 1), CHUNKS);
    }
    for (int64_t i = 0; i < chunks; i++) {
        react_chunk(f, flow, flow->amount / chunks + (i == 0 ? flow->amount % chunks : 0));
    }
}
