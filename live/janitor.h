/*
 * The janitor: a small process, forked before all else, that outlives the coordinator by a moment
 * and takes away what it left: the run's directory, and processes of the run that are still there.
 * It knows by a pipe that the coordinator is gone. It holds no library, no socket, no terminal.
 */
#ifndef NERVE_LIVE_JANITOR_H
#define NERVE_LIVE_JANITOR_H

#include <sys/types.h>

#include "base/error.h"

struct janitor {
    pid_t pid;
    int pipe; /* the coordinator's end; its closing is the message */
};

/* Forks it; directory: the run's own, made by the caller. -1: the error's text. */
int janitor_start(struct janitor *janitor, const char *directory, struct error *error);

/* Puts a process of the run on its list, by pidfd where it can, so that no other is ever hit. */
void janitor_watch(struct janitor *janitor, pid_t pid);
void janitor_forget(struct janitor *janitor, pid_t pid);

/* The coordinator's orderly end: the janitor cleans up and is waited for. */
void janitor_stop(struct janitor *janitor);

#endif
