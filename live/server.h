/*
 * The child nats-server: on 127.0.0.1, a random port, its files in the run's directory, killed by
 * the kernel when its parent dies. No JetStream, no log beyond what is needed to say why it failed
 * and whom it has cut off as a slow consumer.
 *
 * It has a process group of its own (a terminal's Ctrl-C does not reach it) and no signal ignored
 * or blocked. It raises its own limit of descriptors to the hard one, and takes as many connections
 * but ten; what comes beyond waits, unanswered, until its client gives up. A connection costs it
 * some 19 KiB, a subscription 430 B and no descriptor.
 *
 * Ownership: the caller's struct, server_start to server_stop. One thread (the one that started it
 * must live as long: PR_SET_PDEATHSIG is a thread's).
 */
#ifndef NERVE_LIVE_SERVER_H
#define NERVE_LIVE_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct server {
    pid_t pid;      /* 0: not running */
    int descriptor; /* pidfd: readable once it has ended */
    int port;
    char url[64];  /* nats://127.0.0.1:PORT */
    char log[256]; /* the path of its log */
};

/* How long it waits for a client to take in what is sent to it, before it cuts it as a slow
 * consumer. Meanwhile it reads nothing from those whose publications go there: a client's own write
 * deadline must be longer, or the publishers are cut as well. */
enum { SERVER_WRITE_DEADLINE_MS = 5000 };

/* Its files in the run's directory, as fnmatch patterns, NULL at the end: what a janitor takes
 * away. */
extern const char *const server_files[];

/*
 * Starts `nats-server` of PATH (or of the environment's NERVE_NATS_SERVER) with its config written
 * into `directory` and waits until it listens. port 0: random. max_pending_bytes: of the scenario.
 * -1 with a text that says what to do: not installed, port taken, did not come up.
 */
int server_start(struct server *server, const char *directory, int port, int64_t max_pending_bytes,
                 struct error *error);

/* Ends it (SIGTERM, then SIGKILL after a second) and waits for it. */
void server_stop(struct server *server);

/* How it ended, once its descriptor is readable: "killed by signal 9", "exited with 1: ...". */
void server_fate(struct server *server, char *text, size_t bytes);

#endif
