#include <errno.h>
#include <string.h>

#include "base/assert.h"
#include "live/synapses_state.h"

enum {
    FAILURE_COST = 4, /* successes that pay for a try that fails */
    BUDGET_MOST = 16384,
};

/* Lets the socket take its commands in: room that the peer has given back, acknowledgements. A
 * DONTWAIT send does so every millisecond or so only, and its EAGAIN may be stale before that. */
static void take_commands(void *socket) {
    int events = 0;
    size_t bytes = sizeof events;
    zmq_getsockopt(socket, ZMQ_EVENTS, &events, &bytes);
}

/* One part of a message: 0 or an errno. */
static int send_part(void *socket, const void *part, size_t bytes, int flags) {
    while (zmq_send(socket, part, bytes, flags | ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

void synapse_node_dirty(struct synapses *s, uint32_t node) {
    if (!s->node[node].dirty) {
        s->node[node].dirty = true;
        s->dirty[s->dirties++] = node;
    }
}

void synapses_peak(struct synapses *s) {
    uint64_t held = synapses_under_way(s);
    struct tally_buffer *buffer = &s->setup.tally->buffer[PLACE_LINK];
    buffer->peak = held > buffer->peak ? held : buffer->peak;
}

/* The routing id goes first: once it is taken, so is the rest. */
static enum synapse_sent begin_message(struct synapse_node *node, const struct synapse_link *link,
                                       bool twice) {
    int failure = send_part(node->router, link->id, sizeof link->id, ZMQ_SNDMORE);
    if (failure == EAGAIN && twice) {
        take_commands(node->router);
        failure = send_part(node->router, link->id, sizeof link->id, ZMQ_SNDMORE);
    }
    if (failure == 0) {
        return SYNAPSE_SENT;
    }
    return failure == EAGAIN ? SYNAPSE_FULL : SYNAPSE_UNREACHABLE;
}

/* ack: each: no more unacknowledged frames than the link may hold. */
static bool window_full(struct synapses *s, const struct synapse_link *link, bool twice) {
    if (s->ack != ACK_EACH || link->sequence - link->acked < s->limit) {
        return false;
    }
    if (twice) {
        synapse_node_acks(s, link->node);
    }
    return link->sequence - link->acked >= s->limit;
}

/* Passes a frame to the link's socket. SYNAPSE_SENT, SYNAPSE_FULL or SYNAPSE_UNREACHABLE. */
static enum synapse_sent link_pass(struct synapses *s, struct synapse_link *link,
                                   struct frame *frame, bool twice) {
    struct synapse_node *node = &s->node[link->node];
    if (s->ack != ACK_NONE) {
        synapse_node_dirty(
            s, link->node); /* even a try may take in the command that tells of an ack */
    }
    if (window_full(s, link, twice)) {
        return SYNAPSE_FULL;
    }
    enum synapse_sent sent = begin_message(node, link, twice);
    if (sent != SYNAPSE_SENT) {
        return sent;
    }
    frame->mark = FRAME_MARK;
    frame->sequence = ++link->sequence;
    frame->flags =
        (uint8_t)(s->ack == ACK_EACH ? frame->flags | FRAME_ACK : frame->flags & ~FRAME_ACK);
    frame->left_ns = link->used_ns = synapses_now(s);
    /* Before the frame can arrive, so that never more have arrived than left. */
    counter_add(link->left, 1);
    size_t bytes = s->kind_bytes[frame->kind];
    const void *part = frame;
    if (bytes > sizeof *frame) {
        memcpy(s->scratch, frame, sizeof *frame);
        part = s->scratch;
    }
    /* It cannot fail for want of room. If the connection has just ended, it vanishes like all that
     * was in it: left and never arrived. */
    (void)send_part(node->router, part, bytes, 0);
    s->budget++;
    if ((++s->sends & 31) == 0) {
        synapses_peak(s);
    }
    return SYNAPSE_SENT;
}

static enum synapse_sent hold(struct synapses *s, struct synapse_link *link,
                              const struct frame *frame) {
    struct synapse_copy *copy = synapse_copy_take(s);
    copy->frame = *frame;
    copy->next = NULL;
    if (link->first) {
        link->last->next = copy;
    } else {
        link->first = copy;
    }
    link->last = copy;
    s->waiting++;
    if (link->state == LINK_OPEN) {
        synapse_queue(s, link);
    }
    return SYNAPSE_WAITS;
}

/* A frame for a link that is not open, or has others waiting. */
static enum synapse_sent send_slowly(struct synapses *s, struct synapse_link *link,
                                     struct frame *frame) {
    switch ((enum synapse_state)link->state) {
    case LINK_OPEN:
        return s->block ? hold(s, link, frame) : SYNAPSE_FULL;
    case LINK_CLOSED: {
        int64_t now = synapses_now(s);
        if (s->worker_gone[link->to_worker] || now < link->until_ns) {
            return SYNAPSE_UNREACHABLE;
        }
        enum synapse_sent opened = synapse_open(s, link, now);
        if (opened != SYNAPSE_WAITS) {
            return opened;
        }
        /* One copy goes ahead into the socket: a link that is there for it alone need not be told
         * of before it leaves. Should the peer never come, it has left and not arrived. */
        bool may_pass = link->state == LINK_CONNECTING || link->state == LINK_OPEN;
        if (may_pass && link_pass(s, link, frame, false) == SYNAPSE_SENT) {
            return SYNAPSE_SENT;
        }
        return hold(s, link, frame);
    }
    case LINK_WANTING:
    case LINK_CONNECTING:
    case LINK_FAREWELL:
        return hold(s, link, frame);
    case LINK_GONE:
        break;
    }
    return SYNAPSE_UNREACHABLE;
}

enum synapse_sent synapses_send(struct synapses *s, struct frame *frame) {
    uint32_t node = frame->from_node - s->setup.first_node;
    NERVE_ASSERT(node < s->setup.nodes && frame->to_node < s->all_nodes && frame->kind < s->kinds);
    struct synapse_link *link = synapse_find(s, node, frame->to_node);
    if (link->state != LINK_OPEN || link->first) {
        return send_slowly(s, link, frame);
    }
    enum synapse_sent sent = link_pass(s, link, frame, true);
    if (sent == SYNAPSE_UNREACHABLE) {
        synapse_fail(s, link, LINK_GONE, synapses_now(s));
    } else if (sent == SYNAPSE_FULL && s->block) {
        return hold(s, link, frame);
    }
    return sent;
}

void synapse_queue(struct synapses *s, struct synapse_link *link) {
    struct synapse_node *node = &s->node[link->node];
    if (link->queued) {
        return;
    }
    link->queued = true;
    node->queued++;
    link->next = NULL;
    if (node->queue) {
        *node->queue_end = link;
    } else {
        node->queue = link;
    }
    node->queue_end = &link->next;
    if (!node->blocked) {
        node->blocked = true;
        s->blocked[s->blockeds++] = link->node;
        int64_t retry_ns = synapses_now(s) + SYNAPSE_RETRY_NS;
        s->retry_ns = s->retry_ns < retry_ns ? s->retry_ns : retry_ns;
    }
}

/* The farewell goes behind all that the link carries: its answer says that all has arrived. */
static bool pass_farewell(struct synapses *s, struct synapse_link *link) {
    struct synapse_node *node = &s->node[link->node];
    struct frame frame = {.sequence = link->sequence,
                          .from_node = s->setup.first_node + link->node,
                          .to_node = link->to,
                          .left_ns = synapses_now(s),
                          .mark = FRAME_MARK,
                          .worker = (uint16_t)s->setup.worker,
                          .flags = FRAME_FAREWELL};
    synapse_node_dirty(s, link->node);
    enum synapse_sent sent = begin_message(node, link, false);
    if (sent == SYNAPSE_FULL) {
        return false;
    }
    link->farewell_due = false;
    if (sent == SYNAPSE_UNREACHABLE) {
        synapse_timer_set(s, link, 0);
        return true;
    }
    (void)send_part(node->router, &frame, sizeof frame, 0);
    tally_message(s->setup.tally, "farewell", 1);
    return true;
}

/* Passes on what waits in a link. Whether anything left. */
static bool link_drain(struct synapses *s, struct synapse_link *link) {
    bool progress = false;
    if (link->state == LINK_FAREWELL && link->farewell_due) {
        progress = pass_farewell(s, link);
        if (!progress) {
            synapse_queue(s, link);
        }
    }
    while (link->state == LINK_OPEN && link->first) {
        struct synapse_copy *copy = link->first;
        enum synapse_sent sent = link_pass(s, link, &copy->frame, false);
        if (sent == SYNAPSE_FULL) {
            synapse_queue(s, link);
            break;
        }
        if (sent == SYNAPSE_UNREACHABLE) {
            synapse_fail(s, link, LINK_GONE, synapses_now(s));
            break;
        }
        uint32_t sender = copy->frame.sender;
        link->first = copy->next;
        synapse_copy_give(s, copy);
        s->waiting--;
        progress = true;
        s->setup.left(s->setup.context, sender);
    }
    return progress;
}

void synapse_node_news(struct synapses *s, uint32_t node) {
    if (!s->node[node].news && s->node[node].queue) {
        s->node[node].news = true;
        uint32_t at = s->news_head + s->newses++;
        s->news[at < s->setup.nodes ? at : at - s->setup.nodes] = node;
    }
}

static void node_flush(struct synapses *s, uint32_t index) {
    struct synapse_node *node = &s->node[index];
    if (s->ack == ACK_NONE) {
        take_commands(node->router);
    } else {
        synapse_node_acks(s, index);
    }
    struct synapse_link *link = node->queue;
    node->queue = NULL; /* those that cannot send all join a new one */
    node->queued = 0;
    while (link) {
        struct synapse_link *next = link->next;
        link->queued = false;
        if (!link_drain(s, link)) {
            s->budget -= FAILURE_COST;
        }
        link = next;
    }
}

/*
 * ZeroMQ tells that a socket has news, not which of its links has room, and a try that fails costs
 * as much as one that does not. So under load failures are a quarter of the successes at most: news
 * then waits, and finds more room when its turn comes.
 */
void synapses_flush(struct synapses *s, bool idle) {
    s->budget = s->budget < BUDGET_MOST ? s->budget : BUDGET_MOST;
    for (uint32_t count = s->newses; count > 0; count--) {
        uint32_t index = s->news[s->news_head];
        struct synapse_node *node = &s->node[index];
        if (!idle && s->budget < FAILURE_COST * (int64_t)node->queued) {
            return;
        }
        s->news_head = s->news_head + 1 < s->setup.nodes ? s->news_head + 1 : 0;
        s->newses--;
        node->news = false;
        if (node->queue) {
            node_flush(s, index);
        }
    }
}

void synapses_retry(struct synapses *s) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->blockeds; i++) {
        uint32_t node = s->blocked[i];
        if (s->node[node].queue) {
            synapse_node_news(s, node);
            s->blocked[kept++] = node;
        } else {
            s->node[node].blocked = false;
        }
    }
    s->blockeds = kept;
    s->retry_ns = kept ? synapses_now(s) + SYNAPSE_RETRY_NS : CLOCK_NEVER_NS;
}

/* One acknowledgement, of the link that the routing id tells. */
static void take_ack(struct synapses *s) {
    uint8_t id[SYNAPSE_ID_BYTES];
    struct synapse_ack ack;
    if (zmq_msg_size(&s->ack_id) != sizeof id || zmq_msg_size(&s->ack_body) != sizeof ack) {
        return;
    }
    memcpy(id, zmq_msg_data(&s->ack_id), sizeof id);
    memcpy(&ack, zmq_msg_data(&s->ack_body), sizeof ack);
    uint32_t index;
    memcpy(&index, id + 1, sizeof index);
    struct synapse_link *link = synapse_at(s, index);
    if (!link || memcmp(link->id, id, sizeof id) != 0 || ack.mark != FRAME_MARK) {
        return; /* of a connection that is no more */
    }
    if (ack.flags == FRAME_ACK) {
        if (ack.sequence > link->acked && ack.sequence <= link->sequence) {
            link->acked = ack.sequence;
            if (link->queued) {
                synapse_node_news(s, link->node);
            }
        }
    } else if (link->state == LINK_FAREWELL && !link->farewell_due) {
        synapse_timer_set(s, link, 0); /* closes in this turn; not here, amid a send */
    }
}

void synapse_node_acks(struct synapses *s, uint32_t node) {
    void *router = s->node[node].router;
    for (;;) {
        if (zmq_msg_recv(&s->ack_id, router, ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return;
        }
        int more = zmq_msg_more(&s->ack_id);
        while (more && zmq_msg_recv(&s->ack_body, router, ZMQ_DONTWAIT) >= 0) {
            more = zmq_msg_more(&s->ack_body);
        }
        take_ack(s);
    }
}
