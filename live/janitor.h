/*
 * The janitor: a small process, forked before all else, that outlives the coordinator by a moment
 * and takes away what it left: the run's directory, and processes of the run that are still there.
 * It knows by a pipe and by a pidfd that the coordinator is gone (so it does not matter who has
 * inherited the pipe). It holds no library, no socket, no terminal, and heeds no signal of one.
 *
 * Of the directory it takes the files that a run is known to write, and nothing below it: what else
 * is there, and then the directory, stays.
 */
#ifndef NERVE_LIVE_JANITOR_H
#define NERVE_LIVE_JANITOR_H

#include <sys/types.h>

#include "base/error.h"

struct janitor {
    pid_t pid; /* 0: not running */
    int pipe;  /* the coordinator's end */
};

/* Forks it; directory: the run's own, an absolute path, made by the caller. Before the process has
 * threads. -1: the error's text. */
int janitor_start(struct janitor *janitor, const char *directory, struct error *error);

/* Puts a process of the run on its list, by pidfd, so that no other is ever hit: a child that is
 * not waited for yet, and is forgotten before it is. Any thread. At most 1,024. */
void janitor_watch(struct janitor *janitor, pid_t pid);
void janitor_forget(struct janitor *janitor, pid_t pid);

/* The coordinator's orderly end: the janitor cleans up and is waited for. */
void janitor_stop(struct janitor *janitor);

#endif
