#include <errno.h>
#include <string.h>

#include "live/synapses_state.h"

/* Back over the connection that it came by. There is always room: a link has at most queue_limit
 * unacknowledged frames and a farewell. Where the peer is gone, so is who would wait for it. */
static void answer(struct synapses *s, uint16_t flags, uint64_t sequence) {
    s->receiver_news = true; /* the send may take in the command that tells of a frame */
    const struct synapse_ack ack = {.mark = FRAME_MARK, .flags = flags, .sequence = sequence};
    while (zmq_msg_send(&s->id, s->receiver, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return;
        }
    }
    while (zmq_send(s->receiver, &ack, sizeof ack, ZMQ_DONTWAIT) < 0 && errno == EINTR) {
    }
    if (!s->ack_count) {
        struct tally *tally = s->setup.tally;
        tally_message(tally, "ack", 0);
        for (uint32_t i = 0; i < tally->messages; i++) {
            if (strcmp(tally->message[i].name, "ack") == 0) {
                s->ack_count = &tally->message[i].count;
            }
        }
    }
    ++*s->ack_count;
}

/* Whether what arrived is a frame from one of the run's nodes to one of this worker's. */
static bool frame_ours(const struct synapses *s, const struct frame *frame, size_t bytes) {
    bool farewell = frame->flags & FRAME_FAREWELL;
    return frame_valid(frame, bytes, s->kinds) &&
           bytes == (farewell ? sizeof *frame : s->kind_bytes[frame->kind]) &&
           frame->to_node - s->setup.first_node < s->setup.nodes &&
           frame->from_node < s->all_nodes &&
           frame->worker == synapse_worker_of(s, frame->from_node);
}

/* Tells of frames that will not come: all before `sequence`. False where more would be missing
 * than ever left: no frame of the run. */
static bool close_gap(struct synapses *s, struct synapse_record *record, uint64_t sequence,
                      uint8_t kind) {
    uint64_t missing = sequence - record->next;
    if (missing == 0) {
        return true;
    }
    if (missing > counter_read(record->left) - counter_read(record->arrived)) {
        return false;
    }
    record->next = sequence;
    counter_add(record->arrived, missing);
    s->setup.lost(s->setup.context, CAUSE_LOST, kind, missing);
    return true;
}

static void take_farewell(struct synapses *s, const struct frame *frame) {
    struct synapse_record *record = synapse_record_find(s, frame->from_node, frame->to_node);
    if (frame->sequence + 1 > record->next &&
        !close_gap(s, record, frame->sequence + 1, frame->kind)) {
        return;
    }
    answer(s, FRAME_FAREWELL, frame->sequence);
}

static void record_held(struct synapses *s, int64_t held_ns, int64_t now_ns) {
    if (now_ns < s->setup.plan->run.warm_up_ns) {
        return;
    }
    struct tally_buffer *buffer = &s->setup.tally->buffer[PLACE_LINK];
    held_ns = held_ns > 0 ? held_ns : 0;
    buffer->held_sum_ns += (uint64_t)held_ns;
    histogram_record(buffer->held, held_ns, 1);
}

static void take_frame(struct synapses *s, const struct frame *frame) {
    struct synapse_record *record = synapse_record_find(s, frame->from_node, frame->to_node);
    if (frame->sequence < record->next) {
        s->duplicates++;
        return;
    }
    if (!close_gap(s, record, frame->sequence, frame->kind)) {
        return;
    }
    record->next = frame->sequence + 1;
    counter_add(record->arrived, 1);
    if (frame->flags & FRAME_ACK) {
        answer(s, FRAME_ACK, frame->sequence);
    }
    int64_t now_ns = synapses_now(s);
    record_held(s, now_ns - frame->left_ns, now_ns);
    s->setup.arrived(s->setup.context, frame, now_ns);
}

/* One message into id and body; parts beyond make it none of ours. */
static bool receive_message(struct synapses *s, bool *whole) {
    while (zmq_msg_recv(&s->id, s->receiver, ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    int parts = 1, more = zmq_msg_more(&s->id);
    while (more && zmq_msg_recv(&s->body, s->receiver, ZMQ_DONTWAIT) >= 0) {
        parts++;
        more = zmq_msg_more(&s->body);
    }
    *whole = parts == 2;
    return true;
}

uint32_t synapses_receive(struct synapses *s, uint32_t most) {
    uint32_t taken = 0;
    bool whole = false;
    s->receiver_news = false;
    while (taken < most) {
        if (!receive_message(s, &whole)) {
            return taken;
        }
        taken++;
        size_t bytes = zmq_msg_size(&s->body);
        struct frame frame;
        if (!whole || bytes < sizeof frame) {
            continue;
        }
        memcpy(&frame, zmq_msg_data(&s->body), sizeof frame); /* lies anywhere in a buffer */
        if (!frame_ours(s, &frame, bytes)) {
            continue;
        }
        if (frame.flags & FRAME_FAREWELL) {
            take_farewell(s, &frame);
        } else {
            take_frame(s, &frame);
        }
    }
    s->receiver_news = true;
    return taken;
}
