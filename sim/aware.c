#include "sim/aware.h"

#include <stdlib.h>

#include "base/memory.h"
#include "sim/state.h"

static uint32_t scope_of(const struct sim *s, uint32_t cell, uint32_t type) {
    const struct awareness *a = s->aware;
    return a->follows[type] == FOLLOWS_COLONY ? 1 + a->domains
                                              : 1 + colony_domain(&s->colony, cell);
}

static bool ages(const struct awareness *a, uint32_t follows) {
    return follows == FOLLOWS_COLONY ? a->colony_raised : a->domain_raised;
}

void aware_init(struct sim *s) {
    struct awareness *a = memory_new(1, sizeof *a);
    const struct plan *plan = s->plan;
    s->aware = a;
    a->domains = plan->colony.domains;
    for (uint32_t i = 0; i < plan->sources; i++) {
        a->domain_raised |= plan->source[i].raises == RAISES_DOMAIN;
        a->colony_raised |= plan->source[i].raises == RAISES_COLONY;
    }
    a->active = a->domain_raised || a->colony_raised;
    a->follows = memory_new(plan->genome.types, 1);
    for (uint32_t type = 0; type < plan->genome.types; type++) {
        a->follows[type] = (uint8_t)plan->genome.type[type].follows;
    }
    if (!a->active) {
        return;
    }
    a->scope = memory_new(a->domains + 2, sizeof *a->scope);
    for (uint32_t i = 0; i < a->domains + 2; i++) {
        a->scope[i].room = 4;
        a->scope[i].raise = memory_new(4, sizeof *a->scope[i].raise);
    }
    a->held_bytes = (size_t)plan->colony.cells * sizeof(uint32_t);
    a->held_domain = memory_map(a->held_bytes);
    a->held_colony = memory_map(a->held_bytes);
    a->counted = memory_map(a->held_bytes);
    for (uint32_t cell = 0; cell < plan->colony.cells; cell++) {
        uint32_t type = s->colony.type[cell];
        if (a->follows[type] != FOLLOWS_NOBODY) {
            struct aware_scope *scope = &a->scope[scope_of(s, cell, type)];
            scope->interested++;
            scope->current++;
            a->aged += ages(a, a->follows[type]);
        }
    }
}

void aware_deinit(struct sim *s) {
    struct awareness *a = s->aware;
    if (!a) {
        return;
    }
    for (uint32_t i = 0; a->scope && i < a->domains + 2; i++) {
        free(a->scope[i].raise);
    }
    free(a->scope);
    memory_unmap(a->held_domain, a->held_bytes);
    memory_unmap(a->held_colony, a->held_bytes);
    memory_unmap(a->counted, a->held_bytes);
    free(a->follows);
    free(a);
    s->aware = NULL;
}

/* Everything up to `now` counts with things as they are: the changes of one moment count together,
 * so the share behind is looked at as time leaves a moment. */
static void count_to(struct sim *s, int64_t now) {
    struct awareness *a = s->aware;
    if (now == a->at) {
        return;
    }
    if (a->at >= s->warm_up) {
        a->peak = a->behind > a->peak ? a->behind : a->peak;
        int128 from = a->at, to = now;
        a->behind_ns += (uint128)a->behind * (uint128)(to - from);
        a->age_twice +=
            (int128)a->aged * (to * to - from * from) - 2 * (int128)a->emission_sum * (to - from);
    }
    a->at = now;
}

uint32_t aware_raise(struct sim *s, uint32_t scope_place, uint32_t source, int64_t now) {
    struct awareness *a = s->aware;
    struct aware_scope *scope = &a->scope[scope_place];
    count_to(s, now);
    uint32_t version = ++scope->version;
    if (version == scope->room) {
        scope->room *= 2;
        scope->raise = memory_grow(scope->raise, scope->room, sizeof *scope->raise);
    }
    scope->raise[version] = (struct aware_raise){now, source};
    a->behind += scope->current;
    scope->current = 0;
    if (now >= s->warm_up) {
        s->tally.source[source].reachable += scope->interested;
    }
    return version;
}

/* The cell's word for that scope; NULL where it holds none of it. */
static uint32_t *held_of(const struct sim *s, uint32_t cell, uint32_t scope) {
    const struct awareness *a = s->aware;
    if (scope == 1 + a->domains) {
        return &a->held_colony[cell];
    }
    return scope == 1 + colony_domain(&s->colony, cell) ? &a->held_domain[cell] : NULL;
}

bool aware_newer(const struct sim *s, uint32_t cell, uint32_t scope, uint32_t version) {
    if (!s->aware->active || scope == 0) {
        return false;
    }
    const uint32_t *held = held_of(s, cell, scope);
    return held && version > *held;
}

bool aware_adopt(struct sim *s, uint32_t cell, uint32_t scope, uint32_t version) {
    struct awareness *a = s->aware;
    *held_of(s, cell, scope) = version;
    uint32_t follows = a->follows[s->colony.type[cell]];
    return follows == (scope == 1 + a->domains ? FOLLOWS_COLONY : FOLLOWS_DOMAIN);
}

void aware_adopted(struct sim *s, uint32_t cell, uint32_t version, int64_t now) {
    struct awareness *a = s->aware;
    uint32_t type = s->colony.type[cell];
    struct aware_scope *scope = &a->scope[scope_of(s, cell, type)];
    count_to(s, now);
    uint32_t old = a->counted[cell];
    for (uint32_t v = old + 1; v <= version; v++) {
        const struct aware_raise *raise = &scope->raise[v];
        if (raise->emission >= s->warm_up) {
            struct tally_source *source = &s->tally.source[raise->source];
            source->reached++;
            histogram_record(source->aware, now - raise->emission, 1);
        }
    }
    if (ages(a, a->follows[type])) {
        if (now >= s->warm_up) {
            a->peaks_ns += (uint128)(uint64_t)(now - scope->raise[old].emission);
            a->peaks++;
        }
        a->emission_sum += scope->raise[version].emission - scope->raise[old].emission;
    }
    a->counted[cell] = version;
    if (version == scope->version) {
        scope->current++;
        a->behind--;
    }
}

bool aware_is_behind(const struct sim *s, uint32_t cell, uint32_t type) {
    const struct awareness *a = s->aware;
    if (!a->active || a->follows[type] == FOLLOWS_NOBODY) {
        return false;
    }
    uint32_t held =
        a->follows[type] == FOLLOWS_COLONY ? a->held_colony[cell] : a->held_domain[cell];
    return held < a->scope[scope_of(s, cell, type)].version;
}

void aware_carried(const struct sim *s, uint32_t cell, uint32_t *scope, uint32_t *version) {
    const struct awareness *a = s->aware;
    if (!a->active) {
        *scope = 0;
        *version = 0;
        return;
    }
    if (*scope == 0) {
        *scope = 1 + colony_domain(&s->colony, cell);
        *version = a->held_domain[cell];
        return;
    }
    const uint32_t *held = held_of(s, cell, *scope);
    if (held && *held > *version) {
        *version = *held;
    }
}

void aware_warm(struct sim *s, int64_t now) {
    if (s->aware->active) {
        count_to(s, now);
        s->aware->dissonant = 0;
    }
}

void aware_finish(struct sim *s, int64_t end, struct tally *tally) {
    struct awareness *a = s->aware;
    tally->interested = a->aged;
    if (!a->active) {
        return;
    }
    count_to(s, end);
    if (end >= s->warm_up) {
        a->peak = a->behind > a->peak ? a->behind : a->peak;
    }
    tally->has_versions = a->aged > 0;
    tally->dissonance_cell_ns = a->behind_ns;
    tally->dissonance_peak_cells = a->peak;
    tally->dissonant_actions = a->dissonant;
    tally->age_twice_ns2 = (uint128)a->age_twice;
    tally->age_peaks_ns = a->peaks_ns;
    tally->age_peaks = a->peaks;
}
