#include <string.h>

#include "base/memory.h"
#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

/* A stage: what stands under partitioning, else what the strategy says. */
static const struct node *stage(struct build *build, const char *key, const struct node **from) {
    struct node *partitioning = build_good(build->root, "partitioning");
    struct node *strategy = build_good(partitioning, "strategy");
    struct node *over = node_child(partitioning, key), *own = node_child(strategy, key);
    struct node *node = over ? over : own;
    *from = over ? partitioning : strategy;
    return node && !node->bad ? node : NULL;
}

/* A strategy is a choice of all five. */
static void check_strategy(struct build *build, const struct node *strategy) {
    static const char *const stages[] = {"scope", "overlay", "relay", "fan_out", "carrier"};
    const char *lacks = "";
    if (!strategy || strategy->kind != NODE_MAP) {
        return;
    }
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        if (!node_child(strategy, stages[i])) {
            lacks = arena_print(&build->reader->arena, "%s%s`%s`", lacks, *lacks ? ", " : "",
                                stages[i]);
        }
    }
    if (*lacks) {
        mistakes_add(build->mistakes, strategy->source, strategy->offset, "the strategy lacks %s",
                     lacks);
    }
}

static int stage_word(struct build *build, const char *key) {
    const struct node *from;
    return stage(build, key, &from) ? build_word(build, from, key) : 0;
}

static uint32_t partitioners(struct build *build) {
    struct node *partitioning = build_good(build->root, "partitioning");
    struct node *strategy = build_good(partitioning, "strategy");
    struct node *over = build_good(build_good(partitioning, "edge"), "partitioners");
    struct node *own = build_good(build_good(strategy, "edge"), "partitioners");
    struct node *node = over ? over : own;
    return node && node->number > 0 ? (uint32_t)node->number : 1;
}

static void build_stages(struct build *build) {
    struct plan_stages *stages = &build->plan->stages;
    struct node *strategy = build_good(build_good(build->root, "partitioning"), "strategy");
    const struct node *name = build_good(strategy, "name");
    check_strategy(build, strategy);
    stages->strategy = memory_text(name ? name->text : "own");
    stages->scope = (enum plan_scope)stage_word(build, "scope");
    stages->overlay = (enum plan_overlay)stage_word(build, "overlay");
    stages->relay = (enum plan_relay)stage_word(build, "relay");
    stages->fan_out = (enum plan_fan_out)stage_word(build, "fan_out");
    stages->carrier = (enum plan_carrier)stage_word(build, "carrier");
    stages->edge_partitioners = stages->fan_out == FAN_OUT_EDGE ? partitioners(build) : 1;
}

static uint32_t server_host(struct build *build, const struct node *gradients) {
    struct node *name = build_good(gradients, "server_host");
    const struct plan *plan = build->plan;
    if (!name || !plan->hosts) {
        return 0;
    }
    struct suggest suggest = suggest_begin(name->text);
    for (uint32_t h = 0; h < plan->hosts; h++) {
        if (strcmp(plan->host[h].name, name->text) == 0) {
            return h;
        }
        suggest_offer(&suggest, plan->host[h].name);
    }
    char text[SUGGEST_TEXT_BYTES];
    mistakes_value(build->mistakes, name, "there is no host `%s`%s", name->text,
                   suggest_text(&suggest, text));
    return 0;
}

static void build_live(struct build *build) {
    struct plan_live *live = &build->plan->live;
    const struct node *node = build_good(build->root, "live");
    live->workers = build_number_or(build, node, "workers", "auto", PLAN_NONE);
    live->connection_a_node = build_is_word(build, node, "connections", "node");
    live->within_by_transport = build_is_word(build, node, "within", "transport");
    live->memory_limit_bytes = build_number_or(build, node, "memory_limit", "none", PLAN_NONE);
    live->server_port = build_number_or(build, node, "server_port", "auto", PLAN_NONE);
}

void build_nerve(struct build *build) {
    struct plan_synapses *synapses = &build->plan->synapses;
    struct plan_gradients *gradients = &build->plan->gradients;
    const struct node *node = build_good(build->root, "synapses");
    build_stages(build);
    synapses->tcp = build_is_word(build, node, "transport", "tcp");
    synapses->queue_limit = build_number(build, node, "queue_limit");
    synapses->block = build_is_word(build, node, "on_full", "block");
    synapses->idle_close_ns = build_number(build, node, "idle_close");
    synapses->max_links = build_number(build, node, "max_links");
    synapses->ack = (enum plan_ack)build_word(build, node, "ack");
    node = build_good(build->root, "gradients");
    gradients->pending_limit = build_number_or(build, node, "pending_limit", "none", PLAN_NONE);
    gradients->max_pending_bytes = build_number(build, node, "max_pending_bytes");
    gradients->server_host = server_host(build, node);
    build_live(build);
}
