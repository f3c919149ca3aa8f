#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/assert.h"
#include "base/memory.h"
#include "live/synapses_state.h"

void synapse_endpoint(const struct synapses *s, uint32_t node, char text[SYNAPSE_ENDPOINT_BYTES]) {
    if (s->setup.plan->synapses.tcp) {
        uint32_t port = atomic_load(node_port(s->setup.board, s->setup.workers, node));
        (void)snprintf(text, SYNAPSE_ENDPOINT_BYTES, "tcp://127.0.0.1:%u", port);
    } else {
        (void)snprintf(text, SYNAPSE_ENDPOINT_BYTES, "ipc://@%s-%u", s->setup.name, node);
    }
}

/* Inside a worker ZeroMQ has a transport of its own, which needs no descriptor. */
static bool is_inner(const struct synapses *s, const struct synapse_link *link) {
    return !s->setup.plan->live.within_by_transport && link->to_worker == s->setup.worker;
}

void synapse_inner_endpoint(uint32_t node, char text[SYNAPSE_ENDPOINT_BYTES]) {
    (void)snprintf(text, SYNAPSE_ENDPOINT_BYTES, "inproc://node-%u", node);
}

static void link_endpoint(const struct synapses *s, const struct synapse_link *link,
                          char text[SYNAPSE_ENDPOINT_BYTES]) {
    if (is_inner(s, link)) {
        synapse_inner_endpoint(link->to, text);
    } else {
        synapse_endpoint(s, link->to, text);
    }
}

/* The node that an endpoint belongs to; UINT32_MAX: none. */
static uint32_t node_of_endpoint(const struct synapses *s, const char *text) {
    bool tcp = s->setup.plan->synapses.tcp;
    const char *number = strrchr(text, tcp ? ':' : '-');
    if (!number) {
        return UINT32_MAX;
    }
    unsigned long value = strtoul(number + 1, NULL, 10);
    if (!tcp) {
        return value < s->all_nodes ? (uint32_t)value : UINT32_MAX;
    }
    for (uint32_t i = 0; i < s->all_nodes; i++) {
        if (atomic_load(node_port(s->setup.board, s->setup.workers, i)) == value) {
            return i;
        }
    }
    return UINT32_MAX;
}

static void *node_socket(struct synapses *s, int type) {
    void *socket = zmq_socket(s->zmq, type);
    if (socket) {
        synapses_option(socket, ZMQ_LINGER, 0);
    }
    return socket;
}

bool synapses_watch(struct synapses *s, void *socket, uint32_t what) {
    int descriptor = -1;
    size_t bytes = sizeof descriptor;
    zmq_getsockopt(socket, ZMQ_FD, &descriptor, &bytes);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = what};
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* The sockets of a node that opens its first link. */
static bool node_open(struct synapses *s, uint32_t index) {
    struct synapse_node *node = &s->node[index];
    if (node->router) {
        return true;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "inproc://monitor-%u", index);
    void *router = node_socket(s, ZMQ_ROUTER), *monitor = node_socket(s, ZMQ_PAIR);
    if (router && monitor) {
        synapses_socket_options(s, router);
        synapses_option(router, ZMQ_ROUTER_MANDATORY, 1);
        if (zmq_socket_monitor(router, name,
                               ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) == 0 &&
            zmq_connect(monitor, name) == 0 && synapses_watch(s, router, 1 + 2 * index) &&
            synapses_watch(s, monitor, 2 + 2 * index)) {
            node->router = router;
            node->monitor = monitor;
            /* A socket that nobody has found empty yet wakes nobody. */
            synapse_watch(s, index, 0);
            return true;
        }
    }
    if (monitor) {
        zmq_close(monitor);
    }
    if (router) {
        zmq_close(router);
    }
    return false;
}

static void connected(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    if (link->state != LINK_CONNECTING) {
        return;
    }
    link->state = LINK_OPEN;
    link->used_ns = now_ns;
    synapse_timer_set(s, link, now_ns + s->idle_ns);
    if (link->first) {
        synapse_queue(s, link);
        synapse_node_news(s, link->node);
    }
}

/* Takes a place among the node's open links and connects. A connect that fails at once fails
 * in the next turn like one that takes too long: nothing is told from within a send. */
static void link_connect(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    struct synapse_node *node = &s->node[link->node];
    if (node->opens == node->open_room) {
        node->open_room = node->open_room ? node->open_room * 2 : 8;
        node->open = memory_grow(node->open, node->open_room, sizeof *node->open);
    }
    link->place = node->opens++;
    node->open[link->place] = link;
    link->state = LINK_CONNECTING;
    link->generation++;
    link->id[0] = 'L'; /* 0 would be one of ZeroMQ's own */
    memcpy(link->id + 1, &link->index, sizeof link->index);
    memcpy(link->id + 5, &link->generation, sizeof link->generation);
    link->acked = link->sequence;
    struct tally_links *tally = &s->setup.tally->synapses;
    tally->opened++;
    tally->open_end++;
    tally->peak = tally->open_end > tally->peak ? tally->open_end : tally->peak;

    char endpoint[SYNAPSE_ENDPOINT_BYTES];
    link_endpoint(s, link, endpoint);
    link->until_ns = now_ns + SYNAPSE_SETUP_NS;
    if (zmq_setsockopt(node->router, ZMQ_CONNECT_ROUTING_ID, link->id, sizeof link->id) < 0 ||
        zmq_connect(node->router, endpoint) < 0) {
        link->until_ns = 0;
    }
    synapse_timer_set(s, link, link->until_ns);
    synapse_node_dirty(s, link->node);
    if (is_inner(s, link) && link->until_ns > 0) {
        connected(s, link, now_ns); /* at once, and no monitor tells of it */
    }
}

static bool link_is_empty(const struct synapses *s, const struct synapse_link *link) {
    return !link->first && (s->ack != ACK_EACH || link->acked == link->sequence);
}

/* The node's link that may be pushed out: the longest idle of those that are empty. */
static struct synapse_link *push_out(struct synapses *s, const struct synapse_node *node,
                                     int64_t now_ns) {
    struct synapse_link *best = NULL;
    for (uint32_t i = 0; i < node->opens; i++) {
        struct synapse_link *link = node->open[i];
        bool may = link->state == LINK_OPEN && link_is_empty(s, link) &&
                   (s->ack != ACK_NONE || now_ns - link->used_ns >= SYNAPSE_SILENCE_NS);
        if (may && (!best || link->used_ns < best->used_ns)) {
            best = link;
        }
    }
    return best;
}

static void link_want(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    struct synapse_node *node = &s->node[link->node];
    link->state = LINK_WANTING;
    link->next_want = NULL;
    if (node->want) {
        *node->want_end = link;
    } else {
        node->want = link;
    }
    node->want_end = &link->next_want;
    node->wants++;
    synapse_timer_set(s, link, now_ns + SYNAPSE_RETRY_NS);
}

static void begin_farewell(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    link->state = LINK_FAREWELL;
    link->farewell_due = true;
    s->node[link->node].farewells++;
    synapse_timer_set(s, link, now_ns + SYNAPSE_FAREWELL_NS);
    synapse_queue(s, link);
    synapse_node_news(s, link->node);
}

/* A place falls free, or will when a farewell is answered. */
static bool make_room(struct synapses *s, const struct synapse_node *node, int64_t now_ns) {
    struct synapse_link *link = push_out(s, node, now_ns);
    if (!link) {
        return false;
    }
    if (s->ack == ACK_CLOSE) {
        begin_farewell(s, link, now_ns);
    } else {
        synapse_close(s, link, now_ns);
    }
    return true;
}

enum synapse_sent synapse_open(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    struct synapse_node *node = &s->node[link->node];
    uint32_t most = s->max_links;
    if (!node_open(s, link->node)) {
        s->setup.tally->synapses.rejected++;
        return SYNAPSE_NO_LINK;
    }
    if (node->opens >= most && node->farewells <= node->wants && !make_room(s, node, now_ns)) {
        s->setup.tally->synapses.rejected++;
        return SYNAPSE_NO_LINK;
    }
    if (node->opens < most) {
        link_connect(s, link, now_ns);
    } else {
        link_want(s, link, now_ns);
    }
    return SYNAPSE_WAITS;
}

/* Gives the link's connection and place up. */
static void link_leave(struct synapses *s, struct synapse_link *link) {
    struct synapse_node *node = &s->node[link->node];
    char endpoint[SYNAPSE_ENDPOINT_BYTES];
    link_endpoint(s, link, endpoint);
    zmq_disconnect(node->router, endpoint);
    synapse_node_dirty(s, link->node);
    node->farewells -= link->state == LINK_FAREWELL;
    link->farewell_due = false;
    struct synapse_link *last = node->open[--node->opens];
    node->open[link->place] = last;
    last->place = link->place;
    s->setup.tally->synapses.open_end--;
    s->setup.tally->synapses.closed++;
    link->timer_ns = CLOCK_NEVER_NS;
}

/* Places that are free go to the links that want one. */
static void give_places(struct synapses *s, struct synapse_node *node, int64_t now_ns) {
    while (node->want && node->opens < s->max_links) {
        struct synapse_link *link = node->want;
        node->want = link->next_want;
        if (link->state == LINK_WANTING) {
            node->wants--;
            link_connect(s, link, now_ns);
        }
    }
}

void synapse_close(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    struct synapse_node *node = &s->node[link->node];
    link_leave(s, link);
    link->state = LINK_CLOSED;
    link->until_ns = 0;
    give_places(s, node, now_ns);
    if (link->first) { /* came while the farewell was on its way */
        if (node->opens < s->max_links) {
            link_connect(s, link, now_ns);
        } else {
            link_want(s, link, now_ns);
        }
    }
}

void synapse_fail(struct synapses *s, struct synapse_link *link, enum synapse_state state,
                  int64_t now_ns) {
    struct synapse_node *node = &s->node[link->node];
    if (link->state == LINK_WANTING) {
        node->wants--;
    } else if (link->state != LINK_CLOSED && link->state != LINK_GONE) {
        link_leave(s, link);
    }
    link->timer_ns = CLOCK_NEVER_NS;
    link->state = (uint8_t)state;
    link->until_ns = now_ns + SYNAPSE_SETUP_NS;
    if (node->router) {
        give_places(s, node, now_ns);
    }
    struct synapse_copy *copy = link->first;
    link->first = NULL;
    while (copy) {
        struct synapse_copy *next = copy->next;
        uint8_t kind = copy->frame.kind;
        uint32_t sender = copy->frame.sender;
        synapse_copy_give(s, copy);
        s->waiting--;
        s->setup.lost(s->setup.context, CAUSE_UNREACHABLE, kind, 1);
        s->setup.left(s->setup.context, sender);
        copy = next;
    }
}

/* ZeroMQ leaves the kernel's buffer of an ipc connection at 208 KiB, some 280 small messages. The
 * descriptor is the socket's own affair and may be another by now, so its peer is looked at. */
static void shrink_ipc_buffer(const struct synapses *s, const char *endpoint, int descriptor) {
    struct sockaddr_un peer;
    socklen_t bytes = sizeof peer;
    const char *name = endpoint + strlen("ipc://@");
    size_t length = strlen(name);
    if (getpeername(descriptor, (struct sockaddr *)&peer, &bytes) < 0 ||
        peer.sun_family != AF_UNIX ||
        bytes != offsetof(struct sockaddr_un, sun_path) + 1 + length ||
        memcmp(peer.sun_path + 1, name, length) != 0) {
        return;
    }
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &s->buffer_bytes, sizeof s->buffer_bytes);
}

static int receive_text(void *socket, char *text, size_t bytes) {
    int got;
    do {
        got = zmq_recv(socket, text, bytes, ZMQ_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    return got;
}

void synapse_watch(struct synapses *s, uint32_t node, int64_t now_ns) {
    char head[16], endpoint[SYNAPSE_ENDPOINT_BYTES + 1];
    while (receive_text(s->node[node].monitor, head, sizeof head) >= 6) {
        int length = receive_text(s->node[node].monitor, endpoint, sizeof endpoint - 1);
        uint16_t event;
        int32_t value;
        memcpy(&event, head, sizeof event);
        memcpy(&value, head + 2, sizeof value);
        if (length < 0 || length >= (int)sizeof endpoint) {
            continue;
        }
        endpoint[length] = '\0';
        uint32_t to = node_of_endpoint(s, endpoint);
        if (to == UINT32_MAX) {
            continue;
        }
        struct synapse_link *link = synapse_find(s, node, to);
        if (event == ZMQ_EVENT_CONNECTED) {
            if (!s->setup.plan->synapses.tcp) {
                shrink_ipc_buffer(s, endpoint, value);
            }
            connected(s, link, now_ns);
        } else if (link->state == LINK_OPEN || link->state == LINK_FAREWELL ||
                   link->state == LINK_CONNECTING) {
            synapse_fail(s, link, LINK_GONE, now_ns);
        }
    }
}

void synapse_timed(struct synapses *s, struct synapse_link *link, int64_t now_ns) {
    switch ((enum synapse_state)link->state) {
    case LINK_CONNECTING:
        synapse_fail(s, link, LINK_CLOSED, now_ns);
        break;
    case LINK_FAREWELL:
        synapse_close(s, link, now_ns);
        break;
    case LINK_WANTING:
        synapse_timer_set(s, link, now_ns + SYNAPSE_RETRY_NS);
        if (s->node[link->node].farewells < s->node[link->node].wants) {
            make_room(s, &s->node[link->node], now_ns);
        }
        break;
    case LINK_OPEN:
        if (now_ns - link->used_ns < s->idle_ns) {
            synapse_timer_set(s, link, link->used_ns + s->idle_ns);
        } else if (!link_is_empty(s, link)) {
            synapse_timer_set(s, link, now_ns + s->idle_ns);
        } else if (s->ack == ACK_CLOSE) {
            begin_farewell(s, link, now_ns);
        } else {
            synapse_close(s, link, now_ns);
        }
        break;
    case LINK_CLOSED:
    case LINK_GONE:
        break;
    }
}
