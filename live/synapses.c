#include "live/synapses.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/memory.h"
#include "live/synapses_state.h"

enum {
    EVENTS_AT_ONCE = 64,
    OWN_DESCRIPTORS = 16, /* the library's context, the receiver, the epoll */
    HEAD_ROOM = 64,       /* connections that are closing while others open */
    NODE_DESCRIPTORS = 4, /* endpoint, router, both ends of its monitor */
    BUFFER_MOST = 106496, /* half of what the kernel gives by default; it doubles what is asked */
    BUFFER_LEAST = 1024,
    PART_OVERHEAD = 384, /* half of what the kernel adds to a small write */
};

size_t synapses_board_bytes(uint32_t nodes, uint32_t workers) {
    return sizeof(struct synapses_board) + 2 * sizeof(struct synapse_counter) * workers * workers +
           sizeof(uint32_t) * nodes;
}

uint64_t synapses_board_left(const struct synapses_board *board, uint32_t from, uint32_t to) {
    uint32_t workers = atomic_load(&board->workers);
    return from < workers && to < workers
               ? counter_read(
                     counter_left((struct synapses_board *)(uintptr_t)board, workers, from, to))
               : 0;
}

uint64_t synapses_board_arrived(const struct synapses_board *board, uint32_t from, uint32_t to) {
    uint32_t workers = atomic_load(&board->workers);
    return from < workers && to < workers
               ? counter_read(
                     counter_arrived((struct synapses_board *)(uintptr_t)board, workers, from, to))
               : 0;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

uint64_t synapses_descriptors(uint32_t nodes, uint64_t out_links, uint64_t in_links) {
    return OWN_DESCRIPTORS + HEAD_ROOM + (uint64_t)nodes * NODE_DESCRIPTORS + out_links + in_links;
}

static uint64_t descriptors_open(void) {
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;
    while (folder && readdir(folder)) {
        count++;
    }
    if (folder) {
        closedir(folder);
    }
    return count;
}

/* The library ends the process where it gets no descriptor for a connection that comes in, so what
 * there may be is counted before. */
static int check_descriptors(const struct synapses *s, struct error *error) {
    struct rlimit limit;
    uint64_t most = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
    uint64_t used = descriptors_open();
    uint64_t need = synapses_descriptors(s->setup.nodes, s->setup.out_links, s->setup.in_links);
    if (need + used <= most) {
        return 0;
    }
    return error_set(
        error,
        "the links of worker %u's %u nodes need up to %llu file descriptors beside %llu "
        "open ones, the limit is %llu: raise it (ulimit -n), or lower colony.nodes or "
        "synapses.max_links",
        s->setup.worker, s->setup.nodes, (unsigned long long)need, (unsigned long long)used,
        (unsigned long long)most);
}

void synapses_option(void *socket, int option, int value) {
    zmq_setsockopt(socket, option, &value, sizeof value);
}

void synapses_socket_options(const struct synapses *s, void *socket) {
    /* With acknowledgements of each frame these bound a link; ZeroMQ's own credit comes back in
     * halves, and must not bound it closer. */
    int limit = (int)(s->ack == ACK_EACH ? 2 * s->limit + 2 : s->limit);
    synapses_option(socket, ZMQ_SNDHWM, limit);
    synapses_option(socket, ZMQ_RCVHWM, limit);
    synapses_option(socket, ZMQ_LINGER, 0);
    synapses_option(socket, ZMQ_HANDSHAKE_IVL, (int)(SYNAPSE_SETUP_NS / 1000000));
    if (s->setup.plan->synapses.tcp) {
        synapses_option(socket, ZMQ_SNDBUF, s->buffer_bytes);
        synapses_option(socket, ZMQ_RCVBUF, s->buffer_bytes);
    }
}

static int bind_node(struct synapses *s, uint32_t node, struct error *error) {
    char endpoint[SYNAPSE_ENDPOINT_BYTES];
    synapse_endpoint(s, node, endpoint);
    bool tcp = s->setup.plan->synapses.tcp;
    if (zmq_bind(s->receiver, tcp ? "tcp://127.0.0.1:*" : endpoint) < 0) {
        return error_set(error, "node %u cannot listen at %s: %s%s", node,
                         tcp ? "127.0.0.1" : endpoint, zmq_strerror(errno),
                         errno == EMFILE ? " (raise ulimit -n, or lower colony.nodes)" : "");
    }
    if (tcp) {
        size_t bytes = sizeof endpoint;
        zmq_getsockopt(s->receiver, ZMQ_LAST_ENDPOINT, endpoint, &bytes);
        const char *port = strrchr(endpoint, ':');
        NERVE_ASSERT(port);
        atomic_store(node_port(s->setup.board, s->setup.workers, node),
                     (uint32_t)strtoul(port + 1, NULL, 10));
    }
    synapse_inner_endpoint(node, endpoint);
    if (zmq_bind(s->receiver, endpoint) < 0) {
        return error_set(error, "node %u cannot listen at %s: %s", node, endpoint,
                         zmq_strerror(errno));
    }
    return 0;
}

static int open_receiver(struct synapses *s, struct error *error) {
    s->zmq = zmq_ctx_new();
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!s->zmq || s->epoll < 0) {
        return error_set(error, "no socket library: %s", strerror(errno));
    }
    zmq_ctx_set(s->zmq, ZMQ_MAX_SOCKETS, (int)least(3ULL * s->setup.nodes + 64, 1000000));
    zmq_ctx_set(s->zmq, ZMQ_THREAD_SCHED_POLICY, SCHED_BATCH);
    s->receiver = zmq_socket(s->zmq, ZMQ_ROUTER);
    if (!s->receiver) {
        return error_set(error, "no socket for worker %u: %s (raise ulimit -n)", s->setup.worker,
                         zmq_strerror(errno));
    }
    synapses_socket_options(s, s->receiver);
    synapses_option(s->receiver, ZMQ_SNDHWM, (int)(2 * s->limit + 6)); /* acknowledgements */
    synapses_option(s->receiver, ZMQ_BACKLOG, 4096); /* all nodes may connect at once */
    for (uint32_t i = 0; i < s->setup.nodes; i++) {
        if (bind_node(s, s->setup.first_node + i, error) < 0) {
            return -1;
        }
    }
    if (!synapses_watch(s, s->receiver, 0)) {
        return error_set(error, "cannot watch worker %u's sockets: %s", s->setup.worker,
                         strerror(errno));
    }
    return 0;
}

static void take_plan(struct synapses *s) {
    const struct plan *plan = s->setup.plan;
    s->all_nodes = s->setup.worker_first[s->setup.workers];
    s->limit = (uint32_t)least((uint64_t)plan->synapses.queue_limit, 1 << 24);
    s->max_links = (uint32_t)least((uint64_t)plan->synapses.max_links, UINT32_MAX);
    s->ack = plan->synapses.ack;
    s->block = plan->synapses.block;
    s->idle_ns = plan->synapses.idle_close_ns;
    if (s->ack == ACK_NONE && s->idle_ns < SYNAPSE_SILENCE_NS) {
        s->idle_ns = SYNAPSE_SILENCE_NS;
    }
    s->kinds = plan->genome.signals;
    s->kind_bytes = memory_new(s->kinds, sizeof *s->kind_bytes);
    size_t most = sizeof(struct frame);
    for (uint32_t i = 0; i < s->kinds; i++) {
        s->kind_bytes[i] = frame_bytes(plan->genome.signal[i].size_bytes);
        most = s->kind_bytes[i] > most ? s->kind_bytes[i] : most;
    }
    s->scratch = memory_new(most, 1);
    uint64_t bytes = (uint64_t)s->limit * (most + PART_OVERHEAD);
    s->buffer_bytes = (int)least(bytes < BUFFER_LEAST ? BUFFER_LEAST : bytes, BUFFER_MOST);
}

struct synapses *synapses_open(const struct synapses_setup *setup, struct error *error) {
    struct synapses *s = memory_new(1, sizeof *s);
    s->setup = *setup;
    s->origin_ns = setup->origin_ns;
    s->epoll = -1;
    take_plan(s);
    s->node = memory_new(setup->nodes, sizeof *s->node);
    s->dirty = memory_new(setup->nodes, sizeof *s->dirty);
    s->dirtied = memory_new(setup->nodes, sizeof *s->dirtied);
    s->news = memory_new(setup->nodes, sizeof *s->news);
    s->blocked = memory_new(setup->nodes, sizeof *s->blocked);
    s->worker_gone = memory_new(setup->workers, sizeof *s->worker_gone);
    s->retry_ns = CLOCK_NEVER_NS;
    s->receiver_news = true;
    synapse_table_init(s);
    zmq_msg_init(&s->id);
    zmq_msg_init(&s->body);
    zmq_msg_init(&s->ack_id);
    zmq_msg_init(&s->ack_body);
    atomic_store(&setup->board->workers, setup->workers);
    if (check_descriptors(s, error) < 0 || open_receiver(s, error) < 0) {
        synapses_close(s);
        return NULL;
    }
    return s;
}

void synapses_close(struct synapses *s) {
    for (uint32_t i = 0; i < s->setup.nodes; i++) {
        struct synapse_node *node = &s->node[i];
        if (node->router) {
            zmq_socket_monitor(node->router, NULL, 0);
            zmq_close(node->monitor);
            zmq_close(node->router);
        }
        free(node->open);
    }
    zmq_msg_close(&s->id);
    zmq_msg_close(&s->body);
    zmq_msg_close(&s->ack_id);
    zmq_msg_close(&s->ack_body);
    if (s->receiver) {
        zmq_close(s->receiver);
    }
    if (s->zmq) {
        while (zmq_ctx_term(s->zmq) < 0 && errno == EINTR) {
        }
    }
    if (s->epoll >= 0) {
        close(s->epoll);
    }
    synapse_table_free(s);
    free(s->node);
    free(s->dirty);
    free(s->dirtied);
    free(s->news);
    free(s->blocked);
    free(s->worker_gone);
    free(s->kind_bytes);
    free(s->scratch);
    free(s);
}

void synapses_start(struct synapses *s, int64_t origin_ns) {
    s->origin_ns = origin_ns;
}

/* What sockets and monitors have to say. */
static void attend_events(struct synapses *s) {
    struct epoll_event event[EVENTS_AT_ONCE];
    int count;
    do {
        count = epoll_wait(s->epoll, event, EVENTS_AT_ONCE, 0);
        for (int i = 0; i < count; i++) {
            uint32_t what = event[i].data.u32;
            if (what == 0) {
                s->receiver_news = true;
                continue;
            }
            uint32_t node = (what - 1) / 2;
            if (what % 2 == 0) {
                synapse_watch(s, node, synapses_now(s));
            } else {
                if (s->ack != ACK_NONE) {
                    synapse_node_acks(s, node);
                }
                synapse_node_news(s, node);
            }
        }
    } while (count == EVENTS_AT_ONCE);
}

/* With acknowledgements a send may take in the command that tells of one, and its edge with it. */
static void attend_dirty(struct synapses *s) {
    uint32_t count = s->dirties;
    s->dirties = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = s->dirty[i];
        s->node[node].dirty = false;
        s->dirtied[i] = node;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (s->ack != ACK_NONE && s->node[s->dirtied[i]].router) {
            synapse_node_acks(s, s->dirtied[i]);
        }
    }
}

static void attend_timers(struct synapses *s) {
    int64_t now_ns = synapses_now(s);
    for (struct synapse_link *link; (link = synapse_timer_due(s, now_ns)) != NULL;) {
        synapse_timed(s, link, now_ns);
    }
    if (now_ns >= s->retry_ns) {
        synapses_retry(s);
    }
}

uint32_t synapses_turn(struct synapses *s, uint32_t most) {
    attend_events(s);
    uint32_t taken = s->receiver_news ? synapses_receive(s, most) : 0;
    s->budget += taken;
    attend_dirty(s);
    attend_timers(s);
    synapses_flush(s, taken == 0 && s->sends == s->sends_before);
    s->sends_before = s->sends;
    synapses_peak(s);
    return taken;
}

int synapses_descriptor(const struct synapses *s) {
    return s->epoll;
}

int64_t synapses_next_ns(const struct synapses *s) {
    if (s->dirties > 0 || s->newses > 0) {
        return 0; /* before waiting, what is left to do is done */
    }
    int64_t timer_ns = s->timers > 0 ? s->timer[0].at_ns : CLOCK_NEVER_NS;
    return timer_ns < s->retry_ns ? timer_ns : s->retry_ns;
}

uint64_t synapses_waiting(const struct synapses *s) {
    return s->waiting;
}

uint64_t synapses_duplicates(const struct synapses *s) {
    return s->duplicates;
}

uint64_t synapses_under_way(const struct synapses *s) {
    uint64_t left = 0, arrived = 0;
    uint32_t workers = s->setup.workers, here = s->setup.worker;
    for (uint32_t to = 0; to < workers; to++) {
        if (!s->worker_gone[to]) {
            arrived += counter_read(counter_arrived(s->setup.board, workers, here, to));
            left += counter_read(counter_left(s->setup.board, workers, here, to));
        }
    }
    return left - arrived;
}

void synapses_worker_gone(struct synapses *s, uint32_t worker) {
    s->worker_gone[worker] = true;
    int64_t now_ns = synapses_now(s);
    for (uint32_t i = 0; i < s->links; i++) {
        struct synapse_link *link = synapse_at(s, i);
        if (link->to_worker == worker && link->state != LINK_GONE) {
            synapse_fail(s, link, LINK_GONE, now_ns);
        }
    }
}
