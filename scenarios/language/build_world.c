#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenarios/language/build.h"

static uint8_t signal_of(struct build *build, struct node *node) {
    struct node *signal = build_good(node, "signal");
    int place = signal ? build_find(build, build->signals, signal, "signal") : -1;
    return (uint8_t)(place < 0 ? 0 : place);
}

/* Whether there are cells of a choice's type; else says so. */
static uint32_t cells_of(struct build *build, const struct node *choice, uint16_t type) {
    const struct plan *plan = build->plan;
    if (type >= plan->genome.types || !build->counted) {
        return plan->colony.cells; /* any, or who knows */
    }
    uint32_t cells = plan->colony.type_cells[type];
    if (cells == 0) {
        mistakes_value(build->mistakes, build_good(choice, "type"),
                       "the colony has no cell of type `%s` (colony.types)",
                       plan->genome.type[type].name);
    }
    return cells;
}

static void source_target(struct build *build, struct node *node, struct plan_source *source) {
    struct node *to = node_child(node, "to"), *publish = node_child(node, "publish");
    if (!to == !publish) {
        mistakes_key(build->mistakes, node,
                     to ? "%s: `to` and `publish` exclude each other"
                        : "%s lacks `to` or `publish`",
                     node->key);
        return;
    }
    if (publish) {
        struct node *subject = build_good(publish, "subject"), *raises = build_good(node, "raises");
        source->publishes = true;
        source->subject = memory_text(subject ? subject->text : "");
        if (source->raises == RAISES_DOMAIN) {
            mistakes_value(build->mistakes, raises,
                           "a publication is of no domain: `to` one of its cells, or raise the "
                           "colony's version");
        }
        return;
    }
    build_choice(build, to, &source->to);
    struct node *where = build_good(to, "where"), *excluded = build_good(to, "not");
    if (where && source->to.where != WHERE_ANYWHERE) {
        mistakes_key(build->mistakes, where, "the world is nowhere: `where` is of cells that send");
    } else if (excluded) {
        mistakes_key(build->mistakes, excluded,
                     "the world is nowhere: `not` is of cells that send");
    }
    if (!to->bad) {
        cells_of(build, to, source->to.type);
    }
}

static void source_times(struct build *build, struct node *node, struct plan_source *source) {
    struct node *at = build_good(node, "at");
    source->at_count = at->kind == NODE_LIST ? at->count : 1;
    source->at = memory_new(source->at_count, sizeof *source->at);
    uint32_t i = 0;
    for (struct node *time = at->kind == NODE_LIST ? at->first : at; time;
         time = time == at ? NULL : time->next) {
        source->at[i] = time->number;
        if (i && source->at[i] <= source->at[i - 1] && !time->bad) {
            mistakes_value(build->mistakes, time, "the times must rise");
        }
        i++;
    }
    if (source->at_count == 0) {
        mistakes_value(build->mistakes, at, "no time: one at least");
    }
}

/* `law` goes with `rate`, `phase` with `every`. */
static void refuse_without(struct build *build, struct node *node, const char *key,
                           const char *with) {
    struct node *child = build_good(node, key);
    if (child && !node_child(node, with)) {
        mistakes_key(build->mistakes, child, "`%s` is of `%s`, which is not here", key, with);
    }
}

static void source_arrivals(struct build *build, struct node *node, struct plan_source *source) {
    static const char *const ways[] = {"rate", "every", "at"};
    struct node *way = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct node *child = node_child(node, ways[i]);
        if (child && way) {
            mistakes_key(build->mistakes, child, "`%s` and `%s` exclude each other", way->key,
                         child->key);
            return;
        }
        way = child ? child : way;
    }
    if (!way) {
        mistakes_key(build->mistakes, node, "%s lacks `rate`, `every` or `at`", node->key);
        return;
    }
    refuse_without(build, node, "law", "rate");
    refuse_without(build, node, "phase", "every");
    source->exponential = build_is_word(build, node, "law", "exponential");
    source->phase_ns = build_number(build, node, "phase");
    if (way->bad) {
        return;
    }
    if (strcmp(way->key, "at") == 0) {
        source_times(build, node, source);
    } else {
        source->interval_ns = way->unit == UNIT_RATE ? 1000000000 / way->number : way->number;
    }
}

static void build_source(struct build *build, struct node *node, struct plan_source *source) {
    source->name = memory_text(node->key);
    source->count = PLAN_NONE;
    if (node->kind != NODE_MAP || node->bad) {
        return;
    }
    struct node *until = build_good(node, "until");
    source->signal = signal_of(build, node);
    source->raises = (enum plan_raises)build_word(build, node, "raises");
    source_target(build, node, source);
    source_arrivals(build, node, source);
    source->from_ns = build_number(build, node, "from");
    source->until_ns = until ? until->number : build->plan->run.duration_ns;
    source->count = build_number_or(build, node, "count", "none", PLAN_NONE);
    if (until && build_good(node, "from") && source->from_ns >= source->until_ns) {
        mistakes_value(build->mistakes, until, "`until` is not after `from` (%s)",
                       build_good(node, "from")->text);
    }
}

void build_workload(struct build *build) {
    struct plan *plan = build->plan;
    struct node *workload = build_good(build->root, "workload");
    if (!workload) {
        return;
    }
    plan->source = memory_new(workload->count, sizeof *plan->source);
    for (struct node *node = workload->first; node; node = node->next) {
        build_source(build, node, &plan->source[plan->sources++]);
    }
}

static void fault_by(struct build *build, struct node *by, struct plan_fault *fault) {
    fault->by_type = PLAN_NO_TYPE;
    fault->by_count = 1;
    fault->by_cell = PLAN_NONE;
    if (!by || by->kind != NODE_MAP) {
        return;
    }
    struct node *type = build_good(by, "type"), *cell = build_good(by, "cell");
    struct node *count = build_good(by, "count");
    int place = type ? build_find(build, build->types, type, "type") : -1;
    fault->by_type = (uint16_t)(place < 0 ? PLAN_NO_TYPE : place);
    fault->by_count = build_number_or(build, by, "count", "all", PLAN_NONE);
    fault->by_cell = cell ? cell->number : PLAN_NONE;
    uint32_t cells = build->plan->colony.cells;
    if (cell && (type || count)) {
        mistakes_key(build->mistakes, cell, "`cell` is this very one: no type, no count");
    } else if (cell && cells && cell->number >= cells) {
        mistakes_value(build->mistakes, cell, "there is no cell %s: there are %u, from 0",
                       cell->text, cells);
    } else if (!by->first) {
        mistakes_value(build->mistakes, by, "say which cells: type, count, cell");
    } else if (place >= 0) {
        cells = cells_of(build, by, (uint16_t)place);
    }
    if (count && !cell && fault->by_count > cells && cells) {
        mistakes_value(build->mistakes, count, "there are only %u", cells);
    }
}

static void build_fault(struct build *build, struct node *node, struct plan_fault *fault) {
    static const char *const needed[] = {"signal", "by", "onto", "at"};
    fault->name = memory_text(node->key);
    fault->kind = FAULT_MISROUTE;
    fault->for_ns = PLAN_NONE;
    if (node->kind != NODE_MAP || node->bad) {
        return;
    }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!node_child(node, needed[i])) {
            mistakes_add(build->mistakes, node->key_source, node->key_offset,
                         "%s lacks `%s`: a misroute has signal, by, onto and at", node->key,
                         needed[i]);
        }
    }
    struct node *onto = build_good(node, "onto"), *duration = build_good(node, "for");
    struct node *lines = node_child(node, "lines"), *every = node_child(node, "every");
    fault->signal = signal_of(build, node);
    fault_by(build, build_good(node, "by"), fault);
    fault->onto = memory_text(onto ? onto->text : "");
    fault->at_ns = build_number(build, node, "at");
    fault->lines = build_number(build, node, "lines");
    fault->every_ns = build_number(build, node, "every");
    fault->for_ns = duration ? duration->number : PLAN_NONE;
    if (duration && (lines || every)) {
        mistakes_key(build->mistakes, duration, "`for` and `%s` exclude each other",
                     lines ? "lines" : "every");
    }
}

void build_faults(struct build *build) {
    struct plan *plan = build->plan;
    struct node *faults = build_good(build->root, "faults");
    if (!faults) {
        return;
    }
    plan->fault = memory_new(faults->count, sizeof *plan->fault);
    for (struct node *node = faults->first; node; node = node->next) {
        build_fault(build, node, &plan->fault[plan->faults++]);
    }
}
