#include "live/cells.h"

#include "base/memory.h"

void cells_init(struct cells *cells, struct versions *versions, uint32_t first_cell,
                uint32_t end_cell) {
    const struct colony *colony = versions->colony;
    *cells = (struct cells){
        .colony = colony, .versions = versions, .first_cell = first_cell, .end_cell = end_cell};
    cells->bytes = (size_t)(end_cell - first_cell) * sizeof *cells->cell;
    cells->cell = memory_map(cells->bytes);
    for (uint32_t cell = first_cell; cell < end_cell; cell++) {
        cells_at(cells, cell)->state = (uint8_t)colony->plan->genome.type[colony->type[cell]].start;
    }
}

void cells_deinit(struct cells *cells) {
    memory_unmap(cells->cell, cells->bytes);
    *cells = (struct cells){0};
}

static bool acts(const struct cell_outcome *outcome) {
    bool does = outcome->work_ns > 0;
    for (uint32_t i = 0; i < outcome->effects; i++) {
        does |= outcome->effect[i].kind == EFFECT_SEND || outcome->effect[i].kind == EFFECT_PUBLISH;
    }
    return does;
}

struct cell_woken cells_react(struct cells *cells, const struct cell_arrival *arrival,
                              struct cell_outcome *outcome) {
    struct versions *versions = cells->versions;
    struct cell_state *cell = cells_at(cells, arrival->cell);
    struct cell_woken woken = {0};
    uint8_t type = cells->colony->type[arrival->cell];
    woken.newer = versions_newer(versions, arrival->cell, arrival->scope, arrival->version);
    const struct cell_event event = {
        .cell = arrival->cell,
        .type = type,
        .state = cell->state,
        .column = arrival->column,
        .wake = cell->wakes,
        .sender = arrival->sender,
        .newer = woken.newer,
        .misrouted = arrival->misrouted,
    };
    cell_react(cells->colony, &event, outcome);
    cell->state = outcome->state;
    cell->wakes++;
    woken.acts = acts(outcome);
    if (woken.newer && outcome->adopt) {
        woken.adopted = versions_adopt(versions, arrival->cell, arrival->scope, arrival->version);
    }
    if (woken.acts && versions_behind(versions, arrival->cell, type)) {
        versions->dissonant++;
    }
    return woken;
}

void cells_fault(struct cells *cells, uint32_t cell) {
    cells_at(cells, cell)->wakes++;
    if (versions_behind(cells->versions, cell, cells->colony->type[cell])) {
        cells->versions->dissonant++;
    }
}
