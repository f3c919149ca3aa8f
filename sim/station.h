/*
 * Stations: server loops, readers, partitioners (MODEL.md 2, 4, 6). Serial, with a mailbox; long
 * jobs go in slices, whose copies become cursors (cursor.h).
 */
#ifndef NERVE_SIM_STATION_H
#define NERVE_SIM_STATION_H

#include "sim/send.h"
#include "sim/state.h"

/* A publication, or a copy of one, arrives at the event's station. */
void station_arrive(struct sim *sim, const struct event *event);

/* The same of a server's copy at a reader, inline from its cursor. `recipient`: under origin the
 * entry that it is for. */
void station_ready(struct sim *sim, const struct event *event);
void station_slice(struct sim *sim, const struct event *event);

/* The publisher's own node is served without the server: posts its readers' or partitioners' jobs,
 * ready at the end of the wake. */
void station_serve_own_node(struct sim *sim, const struct sender *sender, uint32_t place);

/* Copies to cells that a publication at a station stands for (body of its event or mail), the
 * present job's remaining ones apart. */
uint64_t station_stands_for(const struct sim *sim, const struct station *station, uint64_t what,
                            uint64_t body);
uint64_t station_job_left(const struct sim *sim, const struct station *station);

struct host *station_host(const struct sim *sim, const struct station *station);
uint32_t station_rank(const struct sim *sim, const struct station *station);
void station_name(const struct station *station, char *text, size_t bytes);

#endif
