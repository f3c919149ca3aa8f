/*
 * Synapses when things go wrong: a peer is killed, never comes, or is none of ours; frames vanish;
 * there are no descriptors. Every loss is told, nothing hangs, nothing aborts.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "live/synapses_state.h"
#include "tests/live/synapse_party.h"

static bool never(void *context) {
    (void)context;
    return false;
}

/* The other worker, in a process of its own, until it is killed. Where it has opened it says so. */
static pid_t fork_worker(struct party *party, const struct party_board *board,
                         const struct plan *plan) {
    int ready[2];
    cr_assert_eq(pipe(ready), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        party_open(party, board, 1, plan);
        if (write(ready[1], "", 1) == 1) {
            party_turn(&party, 1, never, NULL);
        }
        _exit(0);
    }
    char byte;
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    return child;
}

static bool peer_gone(void *context) {
    struct party *party = context;
    for (int i = 0; i < 16; i++) {
        if (party_send(party, 0, 1, KIND_SMALL) == SYNAPSE_UNREACHABLE) {
            return true;
        }
    }
    return false;
}

/* kill -9 in the middle of a stream. */
static void killed(bool tcp, bool block, enum plan_ack ack) {
    const struct plan *plan = party_plan(tcp, 16, block, ack);
    struct party_board board = party_board_make(2);
    struct party *theirs =
        mmap(NULL, sizeof *theirs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq((void *)theirs, MAP_FAILED);
    pid_t child = fork_worker(theirs, &board, plan);
    struct party *ours = calloc(1, sizeof *ours);
    party_open(ours, &board, 0, plan);
    while (synapses_board_arrived(board.board, 0, 1) < 2000) {
        party_send(ours, 0, 1, KIND_SMALL);
        synapses_turn(ours->synapses, 16);
    }
    kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert(party_turn(&ours, 1, peer_gone, ours));
    cr_expect_eq(party_send(ours, 0, 1, KIND_SMALL), SYNAPSE_UNREACHABLE);
    cr_expect_eq(synapses_waiting(ours->synapses), 0);
    uint64_t left = synapses_board_left(board.board, 0, 1);
    uint64_t arrived = synapses_board_arrived(board.board, 0, 1);
    cr_expect_eq(left, ours->sent + ours->waited - ours->lost[CAUSE_UNREACHABLE]);
    cr_expect_eq(ours->left, ours->waited, "whoever waited is told");
    /* It may be killed between counting a frame and handing it out. */
    cr_expect(arrived - theirs->arrived <= 1);
    cr_expect_geq(left, arrived);
    synapses_worker_gone(ours->synapses, 1);
    cr_expect_eq(synapses_under_way(ours->synapses), 0, "what is lost is under way no more");
    cr_expect_eq(ours->tally.synapses.open_end, 0);
    party_close(ours);
    free(ours);
}

Test(synapses_faults, peer_killed, .timeout = 60) {
    killed(false, true, ACK_NONE);
    killed(false, false, ACK_NONE);
    killed(false, true, ACK_EACH);
    killed(true, true, ACK_CLOSE);
}

/* A worker that is known to be no more: what waits for it is lost at once, nothing is tried. */
Test(synapses_faults, worker_gone) {
    const struct plan *plan = party_plan(false, 1, true, ACK_NONE);
    struct party_board board = party_board_make(4);
    struct party *party = calloc(1, sizeof *party);
    party_open(party, &board, 0, plan);
    for (int i = 0; i < 10; i++) {
        party_send(party, 0, 2, KIND_LARGE);
    }
    cr_expect_eq(party->waited, 9);
    synapses_worker_gone(party->synapses, 1);
    cr_expect_eq(party->lost[CAUSE_UNREACHABLE], 9);
    cr_expect_eq(party->left, 9);
    cr_expect_eq(synapses_waiting(party->synapses), 0);
    cr_expect_eq(party_send(party, 0, 2, KIND_SMALL), SYNAPSE_UNREACHABLE);
    cr_expect_eq(party_send(party, 1, 3, KIND_SMALL), SYNAPSE_UNREACHABLE);
    /* Nodes of its own are reached as before. */
    party_send(party, 0, 1, KIND_SMALL);
    cr_expect(party_turn_until(&party, 1, &party->arrived, 1));
    party_close(party);
    free(party);
}

/* A peer that does not come within five seconds is unreachable. */
Test(synapses_faults, peer_never_comes, .timeout = 30) {
    const struct plan *plan = party_plan(false, 1, false, ACK_NONE);
    struct party_board board = party_board_make(2);
    struct party *party = calloc(1, sizeof *party);
    party_open(party, &board, 0, plan);
    for (int i = 0; i < 10; i++) {
        party_send(party, 0, 1, KIND_SMALL);
    }
    cr_expect_eq(party->waited, 9);
    cr_assert(party_turn_until(&party, 1, &party->lost[CAUSE_UNREACHABLE], 9));
    cr_expect_eq(party_send(party, 0, 1, KIND_SMALL), SYNAPSE_UNREACHABLE);
    cr_expect_eq(synapses_board_left(board.board, 0, 1), 1, "the one that went ahead");
    party_close(party);
    free(party);
}

struct strangers {
    struct party a, b;
    struct party *party[2];
    struct party_board board;
    void *zmq, *dealer;
};

static struct strangers *strangers_meet(enum plan_ack ack) {
    struct strangers *s = calloc(1, sizeof *s);
    const struct plan *plan = party_plan(false, 16, true, ack);
    s->board = party_board_make(2);
    party_open(&s->a, &s->board, 0, plan);
    party_open(&s->b, &s->board, 1, plan);
    s->party[0] = &s->a;
    s->party[1] = &s->b;
    char endpoint[128];
    (void)snprintf(endpoint, sizeof endpoint, "ipc://@%s-1", s->board.name);
    s->zmq = zmq_ctx_new();
    s->dealer = zmq_socket(s->zmq, ZMQ_DEALER);
    cr_assert_eq(zmq_connect(s->dealer, endpoint), 0);
    return s;
}

static void strangers_part(struct strangers *s) {
    zmq_close(s->dealer);
    zmq_ctx_term(s->zmq);
    party_close(&s->a);
    party_close(&s->b);
    free(s);
}

static bool answered(void *context) {
    const struct strangers *s = context;
    char answer[64];
    return zmq_recv(s->dealer, answer, sizeof answer, ZMQ_DONTWAIT) >= 0;
}

static struct frame frame_like(uint64_t sequence) {
    return (struct frame){.sequence = sequence, .from_node = 0, .to_node = 1, .mark = FRAME_MARK};
}

static void push(const struct strangers *s, const struct frame *frame, size_t bytes) {
    cr_assert_eq(zmq_send(s->dealer, frame, bytes, 0), (int)bytes);
}

/* The other side has read all that was pushed: it answers a farewell. */
static void settle(struct strangers *s) {
    struct frame farewell = frame_like(0);
    farewell.flags = FRAME_FAREWELL;
    push(s, &farewell, sizeof farewell);
    cr_assert(party_turn(s->party, 2, answered, s));
}

/* Bytes that are no ZeroMQ at all. */
static void knock(const struct strangers *s) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s-1", s->board.name);
    int knocker = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    cr_assert_eq(connect(knocker, (struct sockaddr *)&address, bytes), 0);
    const char noise[] = "GET / HTTP/1.1\r\n\r\n\xff\xff\xff\xff\xff";
    cr_assert_eq(send(knocker, noise, sizeof noise, 0), sizeof noise);
    close(knocker);
}

Test(synapses_faults, foreign_frames_are_no_signals, .timeout = 30) {
    struct strangers *s = strangers_meet(ACK_NONE);
    struct frame frame = frame_like(1);
    settle(s);
    knock(s);
    push(s, &frame, 1);
    push(s, &frame, sizeof frame - 1);
    frame.mark = 0;
    push(s, &frame, sizeof frame);
    frame = frame_like(1);
    frame.kind = 200;
    push(s, &frame, sizeof frame);
    frame = frame_like(1);
    frame.kind = KIND_LARGE; /* and not of its size */
    push(s, &frame, sizeof frame);
    frame = frame_like(1);
    frame.to_node = 0; /* not of the worker that listens here */
    push(s, &frame, sizeof frame);
    frame.to_node = UINT32_MAX;
    push(s, &frame, sizeof frame);
    frame = frame_like(1);
    frame.from_node = 77;
    push(s, &frame, sizeof frame);
    frame = frame_like(1);
    frame.worker = 1; /* not the one that the node lives on */
    push(s, &frame, sizeof frame);
    frame = frame_like(UINT64_MAX);
    push(s, &frame, sizeof frame);
    frame = frame_like(9); /* more are missing than ever left */
    push(s, &frame, sizeof frame);
    frame = frame_like(1);
    cr_assert_geq(zmq_send(s->dealer, &frame, sizeof frame, ZMQ_SNDMORE), 0);
    push(s, &frame, sizeof frame);
    settle(s);
    cr_expect_eq(s->b.arrived, 0);
    cr_expect_eq(s->b.lost[CAUSE_LOST], 0);
    for (int i = 0; i < 100; i++) {
        party_send(&s->a, 0, 1, KIND_LARGE);
    }
    cr_assert(party_turn_until(s->party, 2, &s->b.arrived, 100));
    cr_expect_eq(s->b.disordered, 0);
    cr_expect_eq(synapses_board_arrived(s->board.board, 0, 1), 100);
    strangers_part(s);
}

Test(synapses_faults, frames_come_once, .timeout = 30) {
    struct strangers *s = strangers_meet(ACK_NONE);
    for (int i = 0; i < 3; i++) {
        party_send(&s->a, 0, 1, KIND_SMALL);
    }
    cr_assert(party_turn_until(s->party, 2, &s->b.arrived, 3));
    struct frame again = frame_like(2);
    push(s, &again, sizeof again);
    settle(s);
    cr_expect_eq(s->b.arrived, 3);
    cr_expect_eq(synapses_duplicates(s->b.synapses), 1);
    strangers_part(s);
}

/* Frames that left and vanished. */
static void vanish(struct party *party, uint64_t n) {
    struct synapse_link *link = synapse_find(party->synapses, 0, 1);
    link->sequence += n;
    counter_add(link->left, n);
}

Test(synapses_faults, gaps_are_told, .timeout = 30) {
    struct strangers *s = strangers_meet(ACK_CLOSE);
    party_send(&s->a, 0, 1, KIND_SMALL);
    cr_assert(party_turn_until(s->party, 2, &s->b.arrived, 1));
    vanish(&s->a, 2);
    party_send(&s->a, 0, 1, KIND_SMALL);
    cr_assert(party_turn_until(s->party, 2, &s->b.arrived, 2));
    cr_expect_eq(s->b.lost[CAUSE_LOST], 2);
    /* At the end of a link its farewell tells. */
    vanish(&s->a, 5);
    s->a.synapses->idle_ns = 0;
    synapse_timer_set(s->a.synapses, synapse_find(s->a.synapses, 0, 1), 0);
    cr_assert(party_turn_until(s->party, 2, &s->b.lost[CAUSE_LOST], 7));
    cr_expect_eq(s->b.lost[CAUSE_LOST], 7);
    cr_expect_eq(synapses_board_left(s->board.board, 0, 1), 9);
    cr_expect_eq(synapses_board_arrived(s->board.board, 0, 1), 9, "arrived, or told of");
    strangers_part(s);
}

Test(synapses_faults, no_descriptors) {
    static const uint32_t worker_first[] = {0, 10, 20};
    const struct plan *plan = party_plan(false, 1, true, ACK_NONE);
    struct party_board board = party_board_make(20);
    const struct synapses_setup setup = {.plan = plan,
                                         .name = board.name,
                                         .workers = 2,
                                         .nodes = 10,
                                         .out_links = 190,
                                         .in_links = 190,
                                         .worker_first = worker_first,
                                         .board = board.board};
    struct rlimit before, few;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 200;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct error error;
    cr_expect(synapses_open(&setup, &error) == NULL);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    cr_expect(strstr(error.text, "ulimit -n"), "%s", error.text);
    cr_expect(strstr(error.text, "synapses.max_links"), "%s", error.text);
}

Test(synapses_faults, name_taken) {
    const struct plan *plan = party_plan(false, 1, true, ACK_NONE);
    struct party_board board = party_board_make(2);
    struct party *party = calloc(1, sizeof *party);
    party_open(party, &board, 0, plan);
    const struct synapses_setup setup = {.plan = plan,
                                         .name = board.name,
                                         .workers = 2,
                                         .nodes = 1,
                                         .worker_first = board.worker_first,
                                         .board = board.board};
    struct error error;
    cr_expect(synapses_open(&setup, &error) == NULL);
    cr_expect(strstr(error.text, "cannot listen"), "%s", error.text);
    party_close(party);
    free(party);
}
