/* The way of nerve's synapses: what a worker does, without cells. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "bench/live/pair.h"
#include "live/clock.h"

enum { BATCH = 64, PACE_NS = 200000 };

struct flood {
    struct pair *pair;
    uint32_t worker;
    struct synapses *synapses;
    struct tally tally;
    struct pair_link *link;
    /* Links whose sender is not held up, as a ring. */
    uint32_t links, *ring, head, ready;
};

static void ring_put(struct flood *f, uint32_t link) {
    uint32_t at = f->head + f->ready++;
    f->ring[at < f->links ? at : at - f->links] = link;
}

static uint32_t ring_take(struct flood *f) {
    uint32_t link = f->ring[f->head];
    f->head = f->head + 1 < f->links ? f->head + 1 : 0;
    f->ready--;
    return link;
}

static void arrived(void *context, const struct frame *frame, int64_t now_ns) {
    struct flood *f = context;
    if (f->pair->load == PAIR_LATENCY) {
        histogram_record(&f->pair->latency, now_ns - frame->emission_ns, 1);
    }
    pair_arrived(f->pair, f->worker);
}

static void left(void *context, uint32_t sender) {
    ring_put(context, sender);
}

static void lost(void *context, enum tally_cause cause, uint8_t kind, uint64_t n) {
    (void)context;
    (void)cause;
    (void)kind;
    (void)n;
}

static enum synapse_sent send_over(struct flood *f, struct pair_link link, uint32_t sender) {
    struct frame frame = {.emission_ns = f->pair->load == PAIR_LATENCY ? clock_monotonic_ns() : 0,
                          .sender = sender,
                          .from_node = link.from,
                          .to_node = link.to,
                          .worker = (uint16_t)f->worker};
    return synapses_send(f->synapses, &frame);
}

static void rest(struct flood *f, int64_t until_ns) {
    int64_t next_ns = synapses_next_ns(f->synapses);
    next_ns = next_ns < until_ns ? next_ns : until_ns;
    int64_t rest_ns = next_ns - clock_monotonic_ns();
    rest_ns = rest_ns > 10000000 ? 10000000 : rest_ns;
    if (rest_ns > 0) {
        struct pollfd wait = {.fd = synapses_descriptor(f->synapses), .events = POLLIN};
        const struct timespec timeout = {.tv_nsec = rest_ns};
        (void)ppoll(&wait, 1, &timeout, NULL);
    }
}

static void flood(struct flood *f) {
    while (!pair_stops(f->pair)) {
        uint32_t sent = 0;
        for (; sent < BATCH && f->ready > 0; sent++) {
            uint32_t link = ring_take(f);
            if (send_over(f, f->link[link], link) == SYNAPSE_SENT) {
                ring_put(f, link);
            }
        }
        if (synapses_turn(f->synapses, BATCH) < BATCH && f->ready == 0) {
            rest(f, CLOCK_NEVER_NS);
        }
    }
}

static void pace(struct flood *f) {
    int64_t due_ns = clock_monotonic_ns();
    while (!pair_stops(f->pair)) {
        if (f->links > 0 && clock_monotonic_ns() >= due_ns) {
            send_over(f, f->link[0], 0);
            due_ns += PACE_NS;
        }
        if (synapses_turn(f->synapses, BATCH) < BATCH) {
            rest(f, f->links > 0 ? due_ns : CLOCK_NEVER_NS);
        }
    }
}

/* One link is all that there may be: each opens once the one before is acknowledged. */
static void come_and_go(struct flood *f) {
    uint32_t to = 0;
    while (!pair_stops(f->pair)) {
        bool opened = f->worker == 0 &&
                      send_over(f, (struct pair_link){0, PAIR_HALF + to}, 0) != SYNAPSE_NO_LINK;
        to = opened ? (to + 1) % PAIR_HALF : to;
        if (!opened) {
            rest(f, CLOCK_NEVER_NS);
        }
        synapses_turn(f->synapses, BATCH);
    }
}

int pair_synapses(struct pair *pair, uint32_t worker) {
    static struct genome_signal signal = {.name = "message"};
    static const uint32_t worker_first[] = {0, PAIR_HALF, PAIR_NODES};
    bool temporary = pair->load == PAIR_TEMPORARY;
    /* All links by the transport, as the raw loop's. */
    const struct plan plan = {.live.within_by_transport = true,
                              .genome = {.signals = 1, .signal = &signal},
                              .synapses = {.tcp = pair->tcp,
                                           .queue_limit = pair->limit,
                                           .block = true,
                                           .idle_close_ns = 10000000000,
                                           .max_links = temporary ? 1 : 64,
                                           .ack = temporary ? ACK_EACH : ACK_NONE}};
    struct flood f = {.pair = pair, .worker = worker};
    f.link = memory_new(PAIR_NODES * PAIR_NODES, sizeof *f.link);
    f.ring = memory_new(PAIR_NODES * PAIR_NODES, sizeof *f.ring);
    f.links = pair_links(pair->load, worker, f.link);
    for (uint32_t i = 0; i < f.links; i++) {
        ring_put(&f, i);
    }
    tally_init(&f.tally, &plan);
    const struct synapses_setup setup = {.plan = &plan,
                                         .name = pair->name,
                                         .worker = worker,
                                         .workers = PAIR_WORKERS,
                                         .first_node = worker * PAIR_HALF,
                                         .nodes = PAIR_HALF,
                                         .out_links = PAIR_HALF * (PAIR_NODES - 1),
                                         .in_links = PAIR_HALF * (PAIR_NODES - 1),
                                         .worker_first = worker_first,
                                         .board = (void *)pair->board,
                                         .tally = &f.tally,
                                         .context = &f,
                                         .arrived = arrived,
                                         .left = left,
                                         .lost = lost};
    struct error error;
    f.synapses = synapses_open(&setup, &error);
    if (!f.synapses) {
        fprintf(stderr, "bench_live: %s\n", error.text);
        return -1;
    }
    pair_meet(pair);
    if (temporary) {
        f.links = PAIR_NODES; /* left() needs room in the ring */
        come_and_go(&f);
    } else if (pair->load == PAIR_LATENCY) {
        pace(&f);
    } else {
        flood(&f);
    }
    synapses_close(f.synapses);
    return 0;
}
