/*
 * Stations: server loops, readers, partitioners (docs/model.md 2, 4, 6). Serial, with a mailbox;
 * long jobs go in slices, whose copies become cursors (cursor.h).
 */
#ifndef NERVE_SIM_STATION_H
#define NERVE_SIM_STATION_H

#include "sim/send.h"
#include "sim/state.h"

/* A publication, or a copy of one, arrives at the event's station. */
void station_arrive(struct sim *sim, const struct event *event);

/* The head of its mailbox becomes its job; the next slice of its job is ready. */
void station_ready(struct sim *sim, const struct event *event);
void station_slice(struct sim *sim, const struct event *event);

/* The publisher's own node is served without the server: posts its readers' or partitioners' jobs,
 * ready at the end of the wake. */
void station_serve_own_node(struct sim *sim, const struct sender *sender, uint32_t place);

struct host *station_host(const struct sim *sim, const struct station *station);
uint32_t station_rank(const struct sim *sim, const struct station *station);
void station_name(const struct station *station, char *text, size_t bytes);

#endif
