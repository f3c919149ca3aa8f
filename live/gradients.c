#include "live/gradients.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "live/clock.h"
#include "live/gradients_inner.h"

static const int64_t connect_timeout_ms = 5000;
static const int64_t for_ever_ms = 365LL * 24 * 3600 * 1000;

/* The library puts its own place before what it says: "(conn.c:3028): ". */
const char *gradients_words(natsStatus status) {
    const char *said = nats_GetLastError(NULL);
    if (!said || !*said) {
        return natsStatus_GetText(status);
    }
    const char *place = *said == '(' ? strstr(said, "): ") : NULL;
    return place ? place + strlen("): ") : said;
}

/* --- a connection that is lost ----------------------------------------------- */

/* The server writes whom it cuts into its log before it does so; the client sees the end alone. */
static bool cut_as_slow(const struct gradients_connection *connection) {
    const char *path = connection->gradients->setup.server_log;
    FILE *file = path && connection->client ? fopen(path, "re") : NULL;
    if (!file) {
        return false;
    }
    char line[512], client[32];
    snprintf(client, sizeof client, " cid:%" PRIu64 " ", connection->client);
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        found = strstr(line, client) && strstr(line, "Slow Consumer");
    }
    fclose(file);
    return found;
}

static void lose(struct gradients_connection *connection) {
    struct gradients *g = connection->gradients;
    if (!atomic_exchange(&connection->lost, true) && !atomic_load(&g->closing)) {
        g->setup.cut(g->setup.context, connection->index, cut_as_slow(connection));
    }
}

/*
 * The library would reconnect now, and asks how long to wait first: until we close. It is allowed
 * to reconnect at all only because a library that may not forgets, the moment a connection is
 * lost, what it has read and not handed out, and how much each subscription has dropped.
 */
static int64_t before_reconnecting(natsConnection *nats, int attempts, void *closure) {
    struct gradients_connection *connection = closure;
    struct gradients *g = connection->gradients;
    (void)nats;
    (void)attempts;
    lose(connection);
    pthread_mutex_lock(&g->lock);
    while (!atomic_load(&g->closing)) {
        pthread_cond_wait(&g->changed, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    return for_ever_ms;
}

/* After all else of that connection. Without our closing it: the server has refused something. */
static void when_closed(natsConnection *nats, void *closure) {
    struct gradients_connection *connection = closure;
    struct gradients *g = connection->gradients;
    (void)nats;
    lose(connection);
    pthread_mutex_lock(&g->lock);
    g->closed++;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

/* --- opening and closing ------------------------------------------------------- */

static natsStatus set_options(natsOptions *options, const struct gradients_setup *setup,
                              struct gradients_connection *connection) {
    const natsStatus done[] = {
        natsOptions_SetURL(options, setup->url),
        natsOptions_SetName(options, setup->name),
        natsOptions_SetTimeout(options, connect_timeout_ms),
        natsOptions_SetSendAsap(options, true),
        natsOptions_SetReconnectBufSize(options, 0),
        natsOptions_SetIgnoreDiscoveredServers(options, true),
        natsOptions_SetCustomReconnectDelay(options, before_reconnecting, connection),
        natsOptions_SetWriteDeadline(options, setup->write_deadline_ms),
        natsOptions_UseGlobalMessageDelivery(options, true),
        natsOptions_SetClosedCB(options, when_closed, connection),
        /* By default it prints to the terminal, once for each subscription that drops. */
        natsOptions_SetErrorHandler(options, NULL, NULL),
    };
    for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
        if (done[i] != NATS_OK) {
            return done[i];
        }
    }
    return NATS_OK;
}

static int open_connection(struct gradients *g, uint32_t index, struct error *error) {
    struct gradients_connection *connection = &g->connection[index];
    connection->gradients = g;
    connection->index = index;
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);
    if (status == NATS_OK) {
        status = set_options(options, &g->setup, connection);
    }
    if (status == NATS_OK) {
        status = natsConnection_Connect(&connection->nats, options);
    }
    natsOptions_Destroy(options);
    if (status != NATS_OK) {
        return error_set(error, "cannot connect to nats-server at %s (connection %u of %u): %s%s",
                         g->setup.url, index + 1, g->setup.connections, gradients_words(status),
                         index > 0 ? ": raise `ulimit -n`, or set live.connections to worker" : "");
    }
    if (natsConnection_GetClientID(connection->nats, &connection->client) != NATS_OK) {
        connection->client = 0;
    }
    g->opened++;
    return 0;
}

struct gradients *gradients_open(const struct gradients_setup *setup, struct error *error) {
    NERVE_ASSERT(setup->connections > 0 && setup->heard && setup->cut);
    /* One thread: that is what keeps the order. The pool is the library's, for the process. */
    natsStatus status = nats_SetMessageDeliveryPoolSize(1);
    if (status != NATS_OK) {
        error_set(error, "cannot start the NATS client: %s", gradients_words(status));
        return NULL;
    }
    struct gradients *g = memory_map(sizeof *g);
    g->setup = *setup;
    g->setup.url = memory_text(setup->url);
    g->setup.name = memory_text(setup->name);
    g->setup.server_log = setup->server_log ? memory_text(setup->server_log) : NULL;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    pthread_mutex_init(&g->look.lock, NULL);
    atomic_store(&g->mark_at, UINT64_MAX);
    g->connection = memory_new(setup->connections, sizeof *g->connection);
    bool made = natsStatistics_Create(&g->look.statistics) == NATS_OK;
    for (uint32_t i = 0; made && i < setup->connections; i++) {
        made = open_connection(g, i, error) == 0;
    }
    if (!made) {
        gradients_close(g);
        return NULL;
    }
    return g;
}

static void close_connections(struct gradients *g) {
    pthread_mutex_lock(&g->lock);
    atomic_store(&g->closing, true);
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    for (uint32_t i = 0; i < g->opened; i++) {
        natsConnection_Close(g->connection[i].nats);
    }
    /* Each subscription's end has gone through the delivery thread, and so all before it. */
    pthread_mutex_lock(&g->lock);
    while (g->unfinished > 0 || g->closed < g->opened) {
        pthread_cond_wait(&g->changed, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
}

void gradients_close(struct gradients *g) {
    if (!g) {
        return;
    }
    close_connections(g);
    gradients_free_slots(g);
    for (uint32_t i = 0; i < g->opened; i++) {
        natsConnection_Destroy(g->connection[i].nats);
    }
    natsStatistics_Destroy(g->look.statistics);
    nats_ReleaseThreadMemory();
    pthread_mutex_destroy(&g->look.lock);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->changed);
    free(g->connection);
    free(g->ended);
    free((char *)g->setup.url);
    free((char *)g->setup.name);
    free((char *)g->setup.server_log);
    memory_unmap(g, sizeof *g);
}

/* --- publishing ------------------------------------------------------------------ */

bool gradients_publish(struct gradients *g, uint32_t connection, const char *subject,
                       const void *data, size_t bytes) {
    NERVE_ASSERT(connection < g->opened && bytes <= INT_MAX);
    if (atomic_load_explicit(&g->connection[connection].lost, memory_order_relaxed)) {
        return false;
    }
    return natsConnection_Publish(g->connection[connection].nats, subject, data, (int)bytes) ==
           NATS_OK;
}

int gradients_flush(struct gradients *g, int64_t timeout_ms, struct error *error) {
    int64_t deadline = clock_monotonic_ns() + timeout_ms * 1000000;
    for (uint32_t i = 0; i < g->opened; i++) {
        if (atomic_load(&g->connection[i].lost)) {
            return error_set(error, "the connection to nats-server is lost");
        }
        int64_t left_ms = (deadline - clock_monotonic_ns()) / 1000000;
        natsStatus status =
            natsConnection_FlushTimeout(g->connection[i].nats, left_ms > 0 ? left_ms : 1);
        if (status != NATS_OK) {
            return error_set(error, "nats-server has not answered within %lld ms: %s",
                             (long long)timeout_ms, gradients_words(status));
        }
    }
    return 0;
}
