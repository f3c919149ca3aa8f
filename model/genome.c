#include "model/genome.h"

#include <stdlib.h>
#include <string.h>

static void type_deinit(struct genome_type *type) {
    free(type->name);
    for (uint32_t i = 0; i < type->states; i++) {
        free(type->state[i]);
    }
    free(type->state);
    for (uint32_t i = 0; i < type->subscriptions; i++) {
        free(type->subscription[i].name);
        free(type->subscription[i].subject);
    }
    free(type->subscription);
    for (uint32_t i = 0; i < type->bonds; i++) {
        free(type->bond[i].name);
    }
    free(type->bond);
    for (uint32_t i = 0; i < type->timers; i++) {
        free(type->timer[i].name);
    }
    free(type->timer);
}

static void reaction_deinit(struct genome_reaction *reaction) {
    for (uint32_t i = 0; i < reaction->publishes; i++) {
        free(reaction->publish[i].subject);
    }
    for (uint32_t i = 0; i < reaction->subscribes; i++) {
        free(reaction->subscribe[i].subject);
    }
    free(reaction->send);
    free(reaction->publish);
    free(reaction->subscribe);
    free(reaction->timer);
}

void genome_deinit(struct genome *genome) {
    for (uint32_t i = 0; i < genome->signals; i++) {
        free(genome->signal[i].name);
    }
    free(genome->signal);
    for (uint32_t i = 0; i < genome->types; i++) {
        type_deinit(&genome->type[i]);
    }
    free(genome->type);
    for (uint32_t i = 0; i < genome->reactions; i++) {
        reaction_deinit(&genome->reaction[i]);
    }
    free(genome->reaction);
    free(genome->table);
    memset(genome, 0, sizeof *genome);
}
