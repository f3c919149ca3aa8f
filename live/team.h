/*
 * The processes of a run: its janitor, its nats-server, its workers. Started in this order, watched
 * by pidfd, ended in the other.
 *
 * Ownership: team_start to team_end; the caller's struct. One thread.
 */
#ifndef NERVE_LIVE_TEAM_H
#define NERVE_LIVE_TEAM_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "live/board.h"
#include "live/janitor.h"
#include "live/server.h"
#include "model/colony.h"
#include "model/subjects.h"

struct team_member {
    pid_t pid;
    int descriptor; /* pidfd; -1: it has been waited for */
    bool killed;    /* by SIGKILL */
};

struct team {
    uint32_t workers;
    struct team_member *worker;
    struct server server;
    struct janitor janitor;
    char directory[64];
    char name[32];
    bool server_gone;
    struct pollfd *watched; /* workers, then the server */
};

/* -1 with the error's text, and nothing left. */
int team_start(struct team *team, const struct plan *plan, const struct colony *colony,
               struct subjects *subjects, struct board *board, struct error *error);

/* Waits at most so long for something to end; looks who has. Returns how many have ended so far
 * that should not: their slots stand at STATE_GONE (a worker that ends in STATE_CLOSED is in
 * order). */
uint32_t team_watch(struct team *team, struct board *board, int64_t timeout_ns);

/* What became of whoever ended out of order first, for people. */
void team_fate(const struct team *team, const struct board *board, char *text, size_t bytes);

/* Waits for the workers to end by themselves, at most so long; then kills. */
void team_gather(struct team *team, struct board *board, int64_t timeout_ns);

/* Ends everything. */
void team_end(struct team *team);

#endif
