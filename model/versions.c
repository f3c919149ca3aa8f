#include "model/versions.h"

#include <stdlib.h>

#include "base/memory.h"

static uint32_t scope_of(const struct versions *v, uint32_t cell, uint32_t type) {
    return v->follows[type] == FOLLOWS_COLONY ? 1 + v->domains : 1 + colony_domain(v->colony, cell);
}

static bool ages(const struct versions *v, uint32_t follows) {
    return follows == FOLLOWS_COLONY ? v->colony_raised : v->domain_raised;
}

static void init_cells(struct versions *v) {
    const struct plan *plan = v->colony->plan;
    v->scope = memory_new(v->domains + 2, sizeof *v->scope);
    for (uint32_t i = 0; i < v->domains + 2; i++) {
        v->scope[i].room = 4;
        v->scope[i].raise = memory_new(4, sizeof *v->scope[i].raise);
    }
    v->held_bytes = (size_t)plan->colony.cells * sizeof(uint32_t);
    v->held_domain = memory_map(v->held_bytes);
    v->held_colony = memory_map(v->held_bytes);
    v->counted = memory_map(v->held_bytes);
    for (uint32_t cell = v->first_cell; cell < v->end_cell; cell++) {
        uint32_t type = v->colony->type[cell];
        if (v->follows[type] != FOLLOWS_NOBODY) {
            struct versions_scope *scope = &v->scope[scope_of(v, cell, type)];
            scope->interested++;
            scope->current++;
            v->aged += ages(v, v->follows[type]);
        }
    }
}

void versions_init(struct versions *v, const struct colony *colony, uint32_t first_cell,
                   uint32_t end_cell) {
    const struct plan *plan = colony->plan;
    *v = (struct versions){.colony = colony,
                           .first_cell = first_cell,
                           .end_cell = end_cell,
                           .warm_up_ns = plan->run.warm_up_ns,
                           .domains = plan->colony.domains};
    v->source = memory_new(plan->sources, sizeof *v->source);
    for (uint32_t i = 0; i < plan->sources; i++) {
        v->domain_raised |= plan->source[i].raises == RAISES_DOMAIN;
        v->colony_raised |= plan->source[i].raises == RAISES_COLONY;
        if (plan->source[i].raises != RAISES_NOTHING) {
            v->source[i].aware = memory_new(1, sizeof *v->source[i].aware);
        }
    }
    v->active = v->domain_raised || v->colony_raised;
    v->follows = memory_new(plan->genome.types, 1);
    for (uint32_t type = 0; type < plan->genome.types; type++) {
        v->follows[type] = (uint8_t)plan->genome.type[type].follows;
    }
    if (v->active) {
        init_cells(v);
    }
}

void versions_deinit(struct versions *v) {
    for (uint32_t i = 0; v->scope && i < v->domains + 2; i++) {
        free(v->scope[i].raise);
    }
    for (uint32_t i = 0; v->source && i < v->colony->plan->sources; i++) {
        free(v->source[i].aware);
    }
    free(v->source);
    free(v->scope);
    memory_unmap(v->held_domain, v->held_bytes);
    memory_unmap(v->held_colony, v->held_bytes);
    memory_unmap(v->counted, v->held_bytes);
    free(v->follows);
    *v = (struct versions){0};
}

uint32_t versions_scope_raised(const struct versions *v, const struct plan_source *source,
                               uint32_t cell) {
    switch (source->raises) {
    case RAISES_NOTHING:
        return 0;
    case RAISES_COLONY:
        return 1 + v->domains;
    case RAISES_DOMAIN:
        return 1 + colony_domain(v->colony, cell);
    }
    return 0;
}

/* Everything up to `now` counts with things as they are: the changes of one moment count together,
 * so the share behind is looked at as time leaves a moment. */
static void count_to(struct versions *v, int64_t now) {
    if (now <= v->at) { /* live, two workers' clocks may cross by a moment */
        return;
    }
    if (v->at >= v->warm_up_ns) {
        v->peak = v->behind > v->peak ? v->behind : v->peak;
        int128 from = v->at, to = now;
        v->behind_ns += (uint128)v->behind * (uint128)(to - from);
        v->age_twice +=
            (int128)v->aged * (to * to - from * from) - 2 * (int128)v->emission_sum * (to - from);
    }
    v->at = now;
}

uint32_t versions_raise(struct versions *v, uint32_t scope_place, uint32_t source, int64_t now) {
    struct versions_scope *scope = &v->scope[scope_place];
    count_to(v, now);
    uint32_t version = ++scope->version;
    if (version == scope->room) {
        scope->room *= 2;
        scope->raise = memory_grow(scope->raise, scope->room, sizeof *scope->raise);
    }
    scope->raise[version] = (struct versions_raise){now, source};
    v->behind += scope->current;
    scope->current = 0;
    if (now >= v->warm_up_ns) {
        v->source[source].reachable += scope->interested;
    }
    return version;
}

/* The cell's word for that scope; NULL where it holds none of it. */
static uint32_t *held_of(const struct versions *v, uint32_t cell, uint32_t scope) {
    if (scope == 1 + v->domains) {
        return &v->held_colony[cell];
    }
    return scope == 1 + colony_domain(v->colony, cell) ? &v->held_domain[cell] : NULL;
}

bool versions_newer(const struct versions *v, uint32_t cell, uint32_t scope, uint32_t version) {
    if (!v->active || scope == 0) {
        return false;
    }
    const uint32_t *held = held_of(v, cell, scope);
    return held && version > *held;
}

bool versions_adopt(struct versions *v, uint32_t cell, uint32_t scope, uint32_t version) {
    *held_of(v, cell, scope) = version;
    uint32_t follows = v->follows[v->colony->type[cell]];
    return follows == (scope == 1 + v->domains ? FOLLOWS_COLONY : FOLLOWS_DOMAIN);
}

void versions_adopted(struct versions *v, uint32_t cell, uint32_t version, int64_t now) {
    uint32_t type = v->colony->type[cell];
    struct versions_scope *scope = &v->scope[scope_of(v, cell, type)];
    count_to(v, now);
    uint32_t old = v->counted[cell];
    for (uint32_t each = old + 1; each <= version; each++) {
        const struct versions_raise *raise = &scope->raise[each];
        if (raise->emission >= v->warm_up_ns) {
            struct versions_source *source = &v->source[raise->source];
            source->reached++;
            histogram_record(source->aware, now - raise->emission, 1);
        }
    }
    if (ages(v, v->follows[type])) {
        if (now >= v->warm_up_ns) {
            v->peaks_ns += (uint128)(uint64_t)(now - scope->raise[old].emission);
            v->peaks++;
        }
        v->emission_sum += scope->raise[version].emission - scope->raise[old].emission;
    }
    v->counted[cell] = version;
    if (version == scope->version) {
        scope->current++;
        v->behind--;
    }
}

bool versions_behind(const struct versions *v, uint32_t cell, uint32_t type) {
    if (!v->active || v->follows[type] == FOLLOWS_NOBODY) {
        return false;
    }
    uint32_t held =
        v->follows[type] == FOLLOWS_COLONY ? v->held_colony[cell] : v->held_domain[cell];
    return held < v->scope[scope_of(v, cell, type)].version;
}

void versions_carried(const struct versions *v, uint32_t cell, uint32_t *scope, uint32_t *version) {
    if (!v->active) {
        *scope = 0;
        *version = 0;
        return;
    }
    if (*scope == 0) {
        *scope = 1 + colony_domain(v->colony, cell);
        *version = v->held_domain[cell];
        return;
    }
    const uint32_t *held = held_of(v, cell, *scope);
    if (held && *held > *version) {
        *version = *held;
    }
}

void versions_warm(struct versions *v, int64_t now) {
    if (v->active) {
        count_to(v, now);
        v->dissonant = 0;
    }
}

void versions_finish(struct versions *v, int64_t end) {
    if (!v->active) {
        return;
    }
    count_to(v, end);
    if (end >= v->warm_up_ns) {
        v->peak = v->behind > v->peak ? v->behind : v->peak;
    }
}
