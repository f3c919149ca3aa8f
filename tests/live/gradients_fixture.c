#include "tests/live/gradients_fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void ear_init(struct ear *ear) {
    memset(ear, 0, sizeof *ear);
    pthread_mutex_init(&ear->lock, NULL);
    pthread_cond_init(&ear->changed, NULL);
}

void ear_heard(void *context, uint64_t key, const char *subject, const void *data, size_t bytes) {
    struct ear *ear = context;
    int64_t number = 0;
    memcpy(&number, data, bytes < sizeof number ? bytes : sizeof number);
    pthread_mutex_lock(&ear->lock);
    if (key == EAR_LAST) {
        ear->last = number;
        pthread_cond_broadcast(&ear->changed);
        pthread_mutex_unlock(&ear->lock);
        return;
    }
    if (ear->count < EAR_KEEPS) {
        ear->keys[ear->count] = key;
        ear->numbers[ear->count] = number;
        snprintf(ear->subjects[ear->count], sizeof *ear->subjects, "%s", subject);
    }
    ear->count++;
    pthread_cond_broadcast(&ear->changed);
    while (ear->hold) {
        ear->held = true;
        pthread_cond_wait(&ear->changed, &ear->lock);
    }
    ear->held = false;
    pthread_mutex_unlock(&ear->lock);
    if (ear->then) {
        ear->then(ear->then_context, key, number);
    }
}

void ear_cut(void *context, uint32_t connection, bool slow_consumer) {
    struct ear *ear = context;
    pthread_mutex_lock(&ear->lock);
    ear->cuts++;
    ear->cut_connection = connection;
    ear->cut_slow = slow_consumer;
    pthread_cond_broadcast(&ear->changed);
    pthread_mutex_unlock(&ear->lock);
}

/* What is waited for, under the ear's lock. */
struct wanted {
    uint64_t count;
    bool held;
    uint32_t cuts;
    const int64_t *last;
};

static bool is_so(const struct ear *ear, const struct wanted *wanted) {
    return ear->count >= wanted->count && (ear->held || !wanted->held) &&
           ear->cuts >= wanted->cuts && (!wanted->last || ear->last == *wanted->last);
}

static bool wait_until(struct ear *ear, struct wanted wanted) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&ear->lock);
    while (!is_so(ear, &wanted) &&
           pthread_cond_timedwait(&ear->changed, &ear->lock, &deadline) == 0) {
    }
    bool so = is_so(ear, &wanted);
    pthread_mutex_unlock(&ear->lock);
    return so;
}

bool ear_wait(struct ear *ear, uint64_t count) {
    return wait_until(ear, (struct wanted){.count = count});
}

bool ear_wait_last(struct ear *ear, int64_t number) {
    return wait_until(ear, (struct wanted){.last = &number});
}

bool ear_wait_held(struct ear *ear) {
    return wait_until(ear, (struct wanted){.held = true});
}

bool ear_wait_cut(struct ear *ear) {
    return wait_until(ear, (struct wanted){.cuts = 1});
}

void ear_release(struct ear *ear) {
    pthread_mutex_lock(&ear->lock);
    ear->hold = false;
    pthread_cond_broadcast(&ear->changed);
    pthread_mutex_unlock(&ear->lock);
}

void make_directory(char path[64]) {
    const char *above = getenv("TMPDIR");
    snprintf(path, 64, "%s/nerve-test-XXXXXX", above ? above : "/tmp");
    cr_assert(mkdtemp(path), "%s", strerror(errno));
}

void remove_directory(const char *path) {
    DIR *directory = opendir(path);
    cr_assert(directory);
    struct dirent *entry = NULL;
    while ((entry = readdir(directory)) != NULL) {
        for (int i = 0; server_files[i]; i++) {
            if (fnmatch(server_files[i], entry->d_name, 0) == 0) {
                unlinkat(dirfd(directory), entry->d_name, 0);
            }
        }
    }
    closedir(directory);
    cr_expect(rmdir(path) == 0, "%s: %s", path, strerror(errno));
}

void broker_start(struct broker *broker, int64_t max_pending_bytes) {
    struct error error = {""};
    make_directory(broker->directory);
    int status = server_start(&broker->server, broker->directory, 0, max_pending_bytes, &error);
    cr_assert(status == 0, "%s", error.text);
}

void broker_stop(struct broker *broker) {
    server_stop(&broker->server);
    remove_directory(broker->directory);
}

struct gradients *broker_gradients(struct broker *broker, struct ear *ear, uint32_t connections,
                                   int64_t pending_limit) {
    struct error error = {""};
    struct gradients *gradients =
        gradients_open(&(struct gradients_setup){.url = broker->server.url,
                                                 .name = "test",
                                                 .server_log = broker->server.log,
                                                 .connections = connections,
                                                 .pending_limit = pending_limit,
                                                 .write_deadline_ms = 3 * SERVER_WRITE_DEADLINE_MS,
                                                 .context = ear,
                                                 .heard = ear_heard,
                                                 .cut = ear_cut},
                       &error);
    cr_assert(gradients, "%s", error.text);
    return gradients;
}

int64_t subscribe(struct gradients *gradients, uint64_t key, const char *pattern) {
    struct error error = {""};
    int64_t handle = gradients_subscribe(gradients, 0, key, pattern, &error);
    cr_assert(handle >= 0, "%s", error.text);
    return handle;
}

bool publish_number(struct gradients *gradients, const char *subject, int64_t number) {
    return gradients_publish(gradients, 0, subject, &number, sizeof number);
}

void flush(struct gradients *gradients) {
    struct error error = {""};
    int status = gradients_flush(gradients, PATIENCE_MS, &error);
    cr_assert(status == 0, "%s", error.text);
}

bool process_ends(pid_t pid) {
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    if (descriptor < 0) {
        return errno == ESRCH;
    }
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};
    int ready = poll(&polled, 1, PATIENCE_MS);
    close(descriptor);
    return ready > 0;
}
