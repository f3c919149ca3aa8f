/*
 * Plans built by hand, for tests of the model that stand without the scenario language. What
 * fixture_* allocates, plan_deinit frees.
 */
#ifndef NERVE_TESTS_MODEL_FIXTURE_H
#define NERVE_TESTS_MODEL_FIXTURE_H

#include <stdint.h>

#include "model/plan.h"

enum { FIXTURE_MAX = 64 }; /* types, signals, reactions, and each of a type's lists */

/* A colony without types: nodes over hosts in equal parts, placement spread, seed 1. */
void fixture_init(struct plan *plan, uint32_t cells, uint32_t nodes, uint32_t domains,
                  uint32_t hosts);

uint8_t fixture_signal(struct plan *plan, const char *name);

/* A type with one state, placed after the ones before. */
uint16_t fixture_type(struct plan *plan, const char *name, uint32_t cells);

void fixture_state(struct plan *plan, uint16_t type, const char *name);
uint8_t fixture_subscription(struct plan *plan, uint16_t type, const char *subject);
uint16_t fixture_bond(struct plan *plan, uint16_t type, struct genome_choice choice,
                      bool each_time);
uint8_t fixture_timer(struct plan *plan, uint16_t type);

/* Any cell, anywhere. */
struct genome_choice fixture_any(void);

/* Signals, types, states and timers are all there: lays the table out, empty. */
void fixture_table(struct plan *plan);

/* One more case at that place of the table: does nothing, adopts. */
struct genome_reaction *fixture_reaction(struct plan *plan, uint16_t type, uint16_t state,
                                         uint32_t column);

/* One more of what a reaction does; zeroed, but a choice is fixture_any's. */
struct genome_send *fixture_send(struct genome_reaction *reaction, uint8_t signal,
                                 enum genome_to to);
void fixture_publish(struct genome_reaction *reaction, uint8_t signal, const char *subject);
void fixture_subscribe(struct genome_reaction *reaction, uint8_t slot, const char *subject);
struct genome_set_timer *fixture_set_timer(struct genome_reaction *reaction, uint8_t timer);

#endif
