/*
 * The raw loop: ROUTER to ROUTER with the same options, the same links and 64 byte messages, which
 * the receiver reads; nothing else: no numbers, no times, no account. A DONTWAIT send that finds no
 * room looks at ZMQ_EVENTS and tries once more; links without room wait until their socket has
 * news.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "base/memory.h"
#include "bench/live/pair.h"
#include "live/clock.h"

enum { BATCH = 64, MESSAGE_BYTES = 64, PACE_NS = 200000, BUFFER_LEAST = 1024, ID_BYTES = 5 };

struct raw_link {
    unsigned char id[ID_BYTES];
    uint32_t node;
};

struct raw {
    struct pair *pair;
    uint32_t worker;
    void *zmq, *receiver, *sender[PAIR_HALF];
    struct raw_link *link;
    uint32_t links;
    uint32_t *ring, head, ready; /* that have room */
    uint32_t *blocked[PAIR_HALF], blockeds[PAIR_HALF];
    struct pollfd wait[PAIR_HALF + 1];
    uint32_t senders;
    int64_t stamp_ns;            /* of the message that is sent */
    char message[MESSAGE_BYTES]; /* the last that arrived */
};

static void option(void *socket, int what, int value) {
    zmq_setsockopt(socket, what, &value, sizeof value);
}

static int buffer_bytes(const struct pair *pair) {
    int64_t bytes = pair->limit * (MESSAGE_BYTES + 384);
    return (int)(bytes < BUFFER_LEAST ? BUFFER_LEAST : bytes > 106496 ? 106496 : bytes);
}

static void *router(struct raw *r) {
    void *socket = zmq_socket(r->zmq, ZMQ_ROUTER);
    bool acks = r->pair->load == PAIR_TEMPORARY;
    int limit = (int)(acks ? 2 * r->pair->limit + 2 : r->pair->limit);
    option(socket, ZMQ_SNDHWM, limit);
    option(socket, ZMQ_RCVHWM, limit);
    option(socket, ZMQ_LINGER, 0);
    option(socket, ZMQ_ROUTER_MANDATORY, 1);
    option(socket, ZMQ_BACKLOG, 4096);
    if (r->pair->tcp) {
        option(socket, ZMQ_SNDBUF, buffer_bytes(r->pair));
        option(socket, ZMQ_RCVBUF, buffer_bytes(r->pair));
    }
    return socket;
}

static void endpoint_of(const struct pair *pair, uint32_t node, char text[108]) {
    if (pair->tcp) {
        (void)snprintf(text, 108, "tcp://127.0.0.1:%u", pair->port[node]);
    } else {
        (void)snprintf(text, 108, "ipc://@%s-%u", pair->name, node);
    }
}

static int raw_bind(struct raw *r) {
    r->receiver = router(r);
    for (uint32_t i = 0; i < PAIR_HALF; i++) {
        uint32_t node = r->worker * PAIR_HALF + i;
        char text[108];
        size_t bytes = sizeof text;
        endpoint_of(r->pair, node, text);
        if (zmq_bind(r->receiver, r->pair->tcp ? "tcp://127.0.0.1:*" : text) < 0) {
            return -1;
        }
        zmq_getsockopt(r->receiver, ZMQ_LAST_ENDPOINT, text, &bytes);
        if (r->pair->tcp) {
            r->pair->port[node] = (uint32_t)strtoul(strrchr(text, ':') + 1, NULL, 10);
        }
    }
    return 0;
}

static void raw_connect(struct raw *r, uint32_t link, struct pair_link way) {
    struct raw_link *l = &r->link[link];
    l->node = way.from - r->worker * PAIR_HALF;
    l->id[0] = 'L';
    memcpy(l->id + 1, &link, sizeof link);
    char text[108];
    endpoint_of(r->pair, way.to, text);
    zmq_setsockopt(r->sender[l->node], ZMQ_CONNECT_ROUTING_ID, l->id, ID_BYTES);
    zmq_connect(r->sender[l->node], text);
}

/* The kernel's buffers of ipc connections that are there. How many these are. */
static uint32_t shrink_buffers(const struct raw *r) {
    int bytes = buffer_bytes(r->pair);
    uint32_t count = 0;
    for (int descriptor = 3; descriptor < 4096 && !r->pair->tcp; descriptor++) {
        struct sockaddr_un peer;
        socklen_t length = sizeof peer;
        if (getpeername(descriptor, (struct sockaddr *)&peer, &length) == 0 &&
            peer.sun_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path)) {
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
            count++;
        }
    }
    return count;
}

static void take_commands(void *socket) {
    int events;
    size_t bytes = sizeof events;
    zmq_getsockopt(socket, ZMQ_EVENTS, &events, &bytes);
}

static bool raw_send(struct raw *r, const struct raw_link *link, bool twice) {
    char message[MESSAGE_BYTES] = {0};
    void *socket = r->sender[link->node];
    if (zmq_send(socket, link->id, ID_BYTES, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
        if (!twice) {
            return false;
        }
        take_commands(socket);
        if (zmq_send(socket, link->id, ID_BYTES, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
            return false;
        }
    }
    memcpy(message, &r->stamp_ns, sizeof r->stamp_ns);
    zmq_send(socket, message, sizeof message, ZMQ_DONTWAIT);
    return true;
}

static uint32_t raw_receive(struct raw *r, uint32_t most) {
    uint32_t taken = 0;
    zmq_msg_t id, body;
    zmq_msg_init(&id);
    zmq_msg_init(&body);
    for (; taken < most && zmq_msg_recv(&id, r->receiver, ZMQ_DONTWAIT) >= 0; taken++) {
        zmq_msg_recv(&body, r->receiver, ZMQ_DONTWAIT);
        memcpy(r->message, zmq_msg_data(&body), MESSAGE_BYTES);
        if (r->pair->load == PAIR_LATENCY) {
            int64_t sent_ns;
            memcpy(&sent_ns, r->message, sizeof sent_ns);
            histogram_record(&r->pair->latency, clock_monotonic_ns() - sent_ns, 1);
        } else if (r->pair->load == PAIR_TEMPORARY) {
            zmq_msg_send(&id, r->receiver, ZMQ_SNDMORE | ZMQ_DONTWAIT);
            zmq_send(r->receiver, "acknowledgement", 16, ZMQ_DONTWAIT);
        }
        pair_arrived(r->pair, r->worker);
    }
    zmq_msg_close(&id);
    zmq_msg_close(&body);
    return taken;
}

static void ring_put(struct raw *r, uint32_t link) {
    uint32_t at = r->head + r->ready++;
    r->ring[at < r->links ? at : at - r->links] = link;
}

/* Tries what is set aside at a socket: it has had news. */
static void retry(struct raw *r, uint32_t node) {
    uint32_t count = r->blockeds[node], kept = 0;
    if (count == 0) {
        return;
    }
    take_commands(r->sender[node]);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t link = r->blocked[node][i];
        if (raw_send(r, &r->link[link], false)) {
            ring_put(r, link);
        } else {
            r->blocked[node][kept++] = link;
        }
    }
    r->blockeds[node] = kept;
}

static void rest(struct raw *r, int64_t most_ns) {
    const struct timespec timeout = {.tv_nsec = most_ns > 0 ? most_ns : 0};
    (void)ppoll(r->wait, r->senders + 1, &timeout, NULL);
}

static void flood(struct raw *r) {
    while (!pair_stops(r->pair)) {
        for (uint32_t sent = 0; sent < BATCH && r->ready > 0; sent++) {
            uint32_t link = r->ring[r->head];
            r->head = r->head + 1 < r->links ? r->head + 1 : 0;
            r->ready--;
            if (raw_send(r, &r->link[link], true)) {
                ring_put(r, link);
            } else {
                uint32_t node = r->link[link].node;
                r->blocked[node][r->blockeds[node]++] = link;
            }
        }
        if (raw_receive(r, BATCH) == BATCH || r->ready > 0) {
            continue;
        }
        for (uint32_t node = 0; node < r->senders; node++) {
            retry(r, node);
        }
        if (r->ready == 0) {
            rest(r, 1000000);
        }
    }
}

static void pace(struct raw *r) {
    int64_t due_ns = clock_monotonic_ns();
    while (!pair_stops(r->pair)) {
        if (r->links > 0 && clock_monotonic_ns() >= due_ns) {
            r->stamp_ns = clock_monotonic_ns();
            while (!raw_send(r, &r->link[0], true) && !pair_stops(r->pair)) {
                rest(r, PACE_NS);
            }
            due_ns += PACE_NS;
        }
        if (raw_receive(r, BATCH) < BATCH) {
            if (r->links > 0) {
                take_commands(r->sender[0]);
            }
            rest(r, r->links > 0 ? due_ns - clock_monotonic_ns() : 10000000);
        }
    }
}

static void come_and_go(struct raw *r) {
    char part[64], text[108];
    for (uint32_t i = 0; r->worker == 0 && !pair_stops(r->pair); i++) {
        struct pair_link way = {0, PAIR_HALF + i % PAIR_HALF};
        r->link[0].node = 0;
        r->link[0].id[0] = 'L';
        memcpy(r->link[0].id + 1, &i, sizeof i);
        endpoint_of(r->pair, way.to, text);
        zmq_setsockopt(r->sender[0], ZMQ_CONNECT_ROUTING_ID, r->link[0].id, ID_BYTES);
        zmq_connect(r->sender[0], text);
        raw_send(r, &r->link[0], true);
        while (zmq_recv(r->sender[0], part, sizeof part, ZMQ_DONTWAIT) < 0 &&
               !pair_stops(r->pair)) {
            raw_receive(r, BATCH); /* nothing comes, but its descriptor is to rest too */
            rest(r, 10000000);
        }
        zmq_recv(r->sender[0], part, sizeof part, ZMQ_DONTWAIT);
        zmq_disconnect(r->sender[0], text);
    }
    while (!pair_stops(r->pair)) {
        if (raw_receive(r, BATCH) < BATCH) {
            rest(r, 10000000);
        }
    }
}

static void watch(struct raw *r, uint32_t at, void *socket) {
    size_t bytes = sizeof r->wait[at].fd;
    zmq_getsockopt(socket, ZMQ_FD, &r->wait[at].fd, &bytes);
    r->wait[at].events = POLLIN;
}

int pair_raw(struct pair *pair, uint32_t worker) {
    struct raw r = {.pair = pair, .worker = worker, .zmq = zmq_ctx_new()};
    struct pair_link *way = memory_new(PAIR_NODES * PAIR_NODES, sizeof *way);
    r.links = pair_links(pair->load, worker, way);
    r.link = memory_new(r.links + 1, sizeof *r.link);
    r.ring = memory_new(r.links + 1, sizeof *r.ring);
    r.senders = pair->load == PAIR_MANY ? PAIR_HALF : 1;
    if (raw_bind(&r) < 0) {
        return -1;
    }
    watch(&r, r.senders, r.receiver);
    for (uint32_t i = 0; i < r.senders; i++) {
        r.sender[i] = router(&r);
        r.blocked[i] = memory_new(r.links + 1, sizeof *r.blocked[i]);
        watch(&r, i, r.sender[i]);
    }
    pair_meet(pair);
    if (pair->load == PAIR_TEMPORARY) {
        come_and_go(&r);
    } else {
        for (uint32_t i = 0; i < r.links; i++) {
            raw_connect(&r, i, way[i]);
            ring_put(&r, i);
        }
        while (!pair->tcp && shrink_buffers(&r) < r.links && !pair_stops(pair)) {
            usleep(10000);
        }
        if (pair->load == PAIR_LATENCY) {
            pace(&r);
        } else {
            flood(&r);
        }
    }
    return 0; /* the process ends here, and with it what it has opened */
}
