#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

static const char *name_of(const char *const *names, size_t count, size_t place) {
    NERVE_ASSERT(place < count);
    return names[place];
}

#define NAME_OF(names, place) name_of(names, sizeof(names) / sizeof *(names), (size_t)(place))

const char *plan_scope_name(enum plan_scope scope) {
    static const char *const names[] = {"colony", "s_groups"};
    return NAME_OF(names, scope);
}

const char *plan_overlay_name(enum plan_overlay overlay) {
    static const char *const names[] = {"none", "full_mesh", "hyparview", "graph", "hub"};
    return NAME_OF(names, overlay);
}

const char *plan_relay_name(enum plan_relay relay) {
    static const char *const names[] = {"direct", "flood",         "plumtree",
                                        "gossip", "probabilistic", "counter"};
    return NAME_OF(names, relay);
}

const char *plan_fan_out_name(enum plan_fan_out fan_out) {
    static const char *const names[] = {"origin", "edge"};
    return NAME_OF(names, fan_out);
}

const char *plan_carrier_name(enum plan_carrier carrier) {
    static const char *const names[] = {"nats", "zeromq", "log", "poll"};
    return NAME_OF(names, carrier);
}

void plan_deinit(struct plan *plan) {
    free(plan->name);
    free(plan->title);
    for (uint32_t i = 0; i < plan->hosts; i++) {
        free(plan->host[i].name);
        free(plan->host[i].profile_name);
    }
    free(plan->host);
    free(plan->colony.host_nodes);
    free(plan->colony.type_cells);
    free(plan->colony.type_order);
    genome_deinit(&plan->genome);
    for (uint32_t i = 0; i < plan->sources; i++) {
        free(plan->source[i].name);
        free(plan->source[i].subject);
        free(plan->source[i].at);
    }
    free(plan->source);
    for (uint32_t i = 0; i < plan->faults; i++) {
        free(plan->fault[i].name);
        free(plan->fault[i].onto);
    }
    free(plan->fault);
    free(plan->stages.strategy);
    memset(plan, 0, sizeof *plan);
}
