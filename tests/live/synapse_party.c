#include "tests/live/synapse_party.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "live/clock.h"

struct plan *party_plan(bool tcp, int64_t queue_limit, bool block, enum plan_ack ack) {
    static struct genome_signal signals[] = {{.name = "small"},
                                             {.name = "large", .size_bytes = 2000}};
    static struct plan plan;
    plan = (struct plan){
        .genome = {.signals = 2, .signal = signals},
        .synapses = {.tcp = tcp,
                     .queue_limit = queue_limit,
                     .block = block,
                     .ack = ack,
                     .idle_close_ns = 10000000000,
                     .max_links = 64},
    };
    return &plan;
}

struct party_board party_board_make(uint32_t nodes) {
    static char name[48];
    (void)snprintf(name, sizeof name, "nerve-test-%d", (int)getpid());
    struct party_board board = {
        .name = name, .nodes = nodes, .worker_first = {0, nodes / 2, nodes}};
    size_t bytes = synapses_board_bytes(nodes, PARTY_WORKERS);
    board.board = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq((void *)board.board, MAP_FAILED);
    return board;
}

int64_t party_now(void) {
    return clock_monotonic_ns();
}

static void arrived(void *context, const struct frame *frame, int64_t now_ns) {
    struct party *party = context;
    int64_t *last = &party->last[frame->from_node][frame->to_node];
    party->arrived++;
    party->disordered += frame->emission_ns <= *last;
    party->malformed += frame->sender != frame->from_node || frame->target != frame->to_node ||
                        frame->left_ns > now_ns;
    *last = frame->emission_ns;
}

static void left(void *context, uint32_t sender) {
    (void)sender;
    ((struct party *)context)->left++;
}

static void lost(void *context, enum tally_cause cause, uint8_t kind, uint64_t n) {
    (void)kind;
    ((struct party *)context)->lost[cause] += n;
}

void party_open(struct party *party, const struct party_board *board, uint32_t worker,
                const struct plan *plan) {
    memset(party, 0, sizeof *party);
    tally_init(&party->tally, plan);
    party->plan = plan;
    party->worker = worker;
    const struct synapses_setup setup = {
        .plan = plan,
        .name = board->name,
        .worker = worker,
        .workers = PARTY_WORKERS,
        .first_node = board->worker_first[worker],
        .nodes = board->worker_first[worker + 1] - board->worker_first[worker],
        .worker_first = board->worker_first,
        .board = board->board,
        .tally = &party->tally,
        .context = party,
        .arrived = arrived,
        .left = left,
        .lost = lost,
    };
    struct error error;
    party->synapses = synapses_open(&setup, &error);
    cr_assert(party->synapses != NULL, "%s", error.text);
}

void party_close(struct party *party) {
    synapses_close(party->synapses);
    tally_deinit(&party->tally);
}

enum synapse_sent party_send(struct party *party, uint32_t from, uint32_t to, uint8_t kind) {
    struct frame frame = {.emission_ns = ++party->next[from][to],
                          .sender = from,
                          .target = to,
                          .from_node = from,
                          .to_node = to,
                          .worker = (uint16_t)party->worker,
                          .kind = kind};
    enum synapse_sent sent = synapses_send(party->synapses, &frame);
    party->sent += sent == SYNAPSE_SENT;
    party->waited += sent == SYNAPSE_WAITS;
    party->full += sent == SYNAPSE_FULL;
    party->no_link += sent == SYNAPSE_NO_LINK;
    party->unreachable += sent == SYNAPSE_UNREACHABLE;
    return sent;
}

static void rest(struct party *const *party, int parties) {
    struct pollfd wait[PARTY_WORKERS];
    int64_t next_ns = party_now() + 20000000;
    for (int i = 0; i < parties; i++) {
        wait[i] = (struct pollfd){.fd = synapses_descriptor(party[i]->synapses), .events = POLLIN};
        int64_t at_ns = synapses_next_ns(party[i]->synapses);
        next_ns = at_ns < next_ns ? at_ns : next_ns;
    }
    int64_t rest_ns = next_ns - party_now();
    const struct timespec timeout = {.tv_nsec = rest_ns > 0 ? rest_ns : 0};
    (void)ppoll(wait, (nfds_t)parties, &timeout, NULL);
}

bool party_turn(struct party *const *party, int parties, bool (*done)(void *context),
                void *context) {
    int64_t deadline_ns = party_now() + 10000000000;
    while (!done(context)) {
        uint32_t taken = 0;
        for (int i = 0; i < parties; i++) {
            taken += synapses_turn(party[i]->synapses, 64);
        }
        if (party_now() > deadline_ns) {
            return false;
        }
        if (taken == 0) {
            rest(party, parties);
        }
    }
    return true;
}

struct count_until {
    const uint64_t *count;
    uint64_t until;
};

static bool count_reached(void *context) {
    const struct count_until *wait = context;
    return *wait->count >= wait->until;
}

bool party_turn_until(struct party *const *party, int parties, const uint64_t *count,
                      uint64_t until) {
    struct count_until wait = {count, until};
    return party_turn(party, parties, count_reached, &wait);
}

uint64_t party_message(const struct party *party, const char *name) {
    for (uint32_t i = 0; i < party->tally.messages; i++) {
        if (strcmp(party->tally.message[i].name, name) == 0) {
            return party->tally.message[i].count;
        }
    }
    return 0;
}
