/*
 * What the tests of gradients, server and janitor share: a directory of their own, and an ear that
 * writes down what it hears, can be held, and is waited for.
 */
#ifndef NERVE_TESTS_LIVE_GRADIENTS_FIXTURE_H
#define NERVE_TESTS_LIVE_GRADIENTS_FIXTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "live/gradients.h"
#include "live/server.h"

enum { EAR_KEEPS = 4096, EAR_LAST = 999999999, PATIENCE_MS = 20000 };

struct ear {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t count; /* copies heard */
    uint64_t keys[EAR_KEEPS];
    int64_t numbers[EAR_KEEPS]; /* the first eight bytes of their data */
    char subjects[EAR_KEEPS][32];
    int64_t last; /* the last number of the key EAR_LAST, which counts for nothing else */
    bool hold;    /* the next one that comes does not return */
    bool held;
    uint32_t cuts, cut_connection;
    bool cut_slow;
    /* Called for each copy, without the lock. */
    void (*then)(void *context, uint64_t key, int64_t number);
    void *then_context;
};

void ear_init(struct ear *ear);
void ear_heard(void *context, uint64_t key, const char *subject, const void *data, size_t bytes);
void ear_cut(void *context, uint32_t connection, bool slow_consumer);
/* Until so many have been heard; false: they do not come. */
bool ear_wait(struct ear *ear, uint64_t count);
bool ear_wait_last(struct ear *ear, int64_t number);
bool ear_wait_held(struct ear *ear);
bool ear_wait_cut(struct ear *ear);
void ear_release(struct ear *ear);

/* A directory under TMPDIR; its path is the caller's buffer. */
void make_directory(char path[64]);
/* Takes away the server's files and it; fails the test where anything else is there. */
void remove_directory(const char *path);

/* A server in a directory of its own; the test fails where it does not start. */
struct broker {
    struct server server;
    char directory[64];
};

void broker_start(struct broker *broker, int64_t max_pending_bytes);
void broker_stop(struct broker *broker);

/* Gradients on it, for that ear. */
struct gradients *broker_gradients(struct broker *broker, struct ear *ear, uint32_t connections,
                                   int64_t pending_limit);
int64_t subscribe(struct gradients *gradients, uint64_t key, const char *pattern);
bool publish_number(struct gradients *gradients, const char *subject, int64_t number);
void flush(struct gradients *gradients);

/* Waits for the end of any process, by pidfd; a child of ours stays a zombie. */
bool process_ends(pid_t pid);

#endif
