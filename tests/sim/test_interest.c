/*
 * Who hears a publication, and how many copies that takes: the cases of interest of NATS, and the
 * identity of edge fan-out: messages between nodes = distinct destination nodes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "model/colony.h"
#include "tests/sim/runs.h"

/* Two nodes: a speaker that also listens, and listeners with patterns of their own. */
static const char patterns[] =
    "name: patterns\n"
    "run: {duration: 20ms, drain: 20ms, seed: 1}\n"
    "colony: {cells: 6, nodes: 2, placement: blocks,\n"
    "  types: {speaker: 1, exact: 1, star: 1, tail: 1, two: 1, other: 1}}\n"
    "genome:\n"
    "  signals: {go: {size: 0B}, news: {size: 8B}}\n"
    "  types:\n"
    "    speaker:\n"
    "      subscribe: {own: \"a.>\"}\n"
    "      states: {on: {go: {publish: {signal: news, subject: a.b}}}}\n"
    "    exact: {subscribe: {s: a.b}}\n"
    "    star: {subscribe: {s: \"a.*\"}}\n"
    "    tail: {subscribe: {s: \"a.>\"}}\n"
    "    two: {subscribe: {s: a.b, t: \"*.b\"}}\n"
    "    other: {subscribe: {s: \"b.*\", t: a, u: a.b.c}}\n"
    "workload: {go: {signal: go, to: {type: speaker}, at: [10ms]}}\n"
    "partitioning: {strategy: flat}\n";

#define SUBJECT(subject)                                                                           \
    "genome.types.speaker.states.on.go.publish={signal: news, subject: " subject "}"

/* who: how many times each of the five woke; lines: how many the speaker published. */
static void expect_wakes(const struct run *run, const char *who, int lines) {
    const char *types[] = {"exact", "star", "tail", "two", "other"};
    for (int i = 0; i < 5; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "cells.types.%s.wakes", types[i]);
        cr_expect_eq(run_number(run, path), who[i] - '0', "%s", types[i]);
    }
    /* The publisher hears nothing of its own, though it subscribes. */
    cr_expect_eq(run_number(run, "cells.types.speaker.wakes"), lines);
}

Test(interest, star_is_one_token_and_tail_is_all) {
    struct run run;
    run_traced(&run, patterns, SUBJECT("a.b"), NULL);
    expect_wakes(&run, "11120", 1);
    run_deinit(&run);
    run_traced(&run, patterns, SUBJECT("a.c"), NULL);
    expect_wakes(&run, "01100", 1);
    run_deinit(&run);
    run_traced(&run, patterns, SUBJECT("a.b.c"), NULL);
    expect_wakes(&run, "00101", 1);
    run_deinit(&run);
    run_traced(&run, patterns, SUBJECT("a"), NULL);
    expect_wakes(&run, "00001", 1);
    run_deinit(&run);
    run_traced(&run, patterns, SUBJECT("x.b"), NULL);
    expect_wakes(&run, "00010", 1);
    run_deinit(&run);
    run_traced(&run, patterns, SUBJECT("A.b"), NULL); /* case counts */
    expect_wakes(&run, "00010", 1);
    run_deinit(&run);
}

Test(interest, nobody_listens_nothing_is_sent) {
    struct run run;
    run_traced(&run, patterns, SUBJECT("nobody.here.either"), NULL);
    expect_wakes(&run, "00000", 1);
    cr_expect_eq(run_number(&run, "signals.news.emissions.broadcast"), 1);
    cr_expect_eq(run_number(&run, "signals.news.copies"), 0);
    cr_expect_eq(run_number(&run, "signals.news.reachable"), 0);
    cr_expect_eq(run_number(&run, "traffic.copies_between_nodes"), 0);
    run_deinit(&run);
}

/* `two` (a.b and *.b) is on node 1, alone with `tail` on node 0 beside the speaker, `exact` and
 * `star`. Under origin each subscription gets a copy; under edge a cell gets one, and the copy that
 * NATS would send for the node's second pattern is maintenance. */
Test(interest, two_subscriptions_of_a_cell) {
    struct run run;
    run_traced(&run, patterns, NULL);
    cr_expect_eq(run_number(&run, "signals.news.copies"), 5);
    cr_expect_eq(run_number(&run, "signals.news.reachable"), 4);
    cr_expect_eq(run_number(&run, "signals.news.reached"), 4);
    cr_expect_eq(run_number(&run, "account.duplicated"), 1);
    cr_expect_eq(run_number(&run, "signals.news.rmr"), 1000000 * 5 / 4 - 1000000);
    run_deinit(&run);
    run_traced(&run, patterns, "partitioning.strategy=edge", NULL);
    expect_wakes(&run, "11110", 1);
    cr_expect_eq(run_number(&run, "signals.news.copies"), 4);
    cr_expect_eq(run_number(&run, "account.duplicated"), 0);
    cr_expect_eq(run_number(&run, "traffic.copies_between_nodes"), 1);
    /* Node 1 (tail, two, other) matches by a.>, a.b and *.b: two more than the one that it needs.
     */
    cr_expect_eq(run_number(&run, "traffic.maintenance.overlap"), 2);
    run_deinit(&run);
}

/* A cell that gives its subscription up on the first copy hears no second; one that takes one up on
 * a nudge hears what is published after, not before. */
Test(interest, subscriptions_change) {
    struct run run;
    run_traced(&run, patterns, "workload.go.at=[10ms, 12ms]",
               "genome.types.exact.states={on: {news: {unsubscribe: [s]}}}", NULL);
    expect_wakes(&run, "12240", 2);
    run_deinit(&run);
    run_traced(&run, patterns, "workload.go.at=[10ms, 12ms]",
               "genome.types.other.states={on: {go: {subscribe: {s: a.b}}}}",
               "workload.nudge={signal: go, to: {type: other}, at: [11ms]}", NULL);
    expect_wakes(&run, "22242", 2); /* the nudge and the second */
    run_deinit(&run);
}

/* Order per publisher: three publications of one wake come in order, under every fan-out. */
Test(interest, order_per_publisher) {
    static const char text[] =
        "name: in-order\n"
        "run: {duration: 20ms, drain: 20ms, seed: 1}\n"
        "colony: {cells: 301, nodes: 7, types: {speaker: 1, listener: rest}}\n"
        "genome:\n"
        "  signals: {go: {size: 0B}, one: {size: 0B}, two: {size: 0B}, three: {size: 0B}}\n"
        "  types:\n"
        "    speaker:\n"
        "      states:\n"
        "        on:\n"
        "          go:\n"
        "            publish:\n"
        "              - {signal: one, subject: s}\n"
        "              - {signal: two, subject: s}\n"
        "              - {signal: three, subject: s}\n"
        "    listener:\n"
        "      subscribe: {s: s}\n"
        "      start: nothing\n"
        "      states:\n"
        "        nothing: {one: {next: one}, any: {next: wrong}}\n"
        "        one: {two: {next: two}, any: {next: wrong}}\n"
        "        two: {three: {send: {signal: go, to: self}}, any: {next: wrong}}\n"
        "        wrong: {}\n"
        "workload: {go: {signal: go, to: {type: speaker}, at: [10ms]}}\n";
    const char *ways[] = {"partitioning={strategy: flat}", "partitioning={strategy: edge}",
                          "partitioning={strategy: edge, edge: {partitioners: 3}}"};
    for (int way = 0; way < 3; way++) {
        struct run run;
        run_traced(&run, text, ways[way], "gradients.pending_limit=none",
                   "hosts.here.set.quantum_ns=1800", "hosts.here.set.server_copy_ns=900",
                   "hosts.here.set.reader_ns=500", "hosts.here.set.wake_ns=20k", NULL);
        cr_expect_eq(run_number(&run, "signals.go.emissions.targeted"), 1 + 300, "%s", ways[way]);
        run_deinit(&run);
    }
}

/* Distinct nodes other than the speaker's that hold a listener of its domain, and such listeners.
 */
static void destinations(const struct plan *plan, int64_t *nodes, int64_t *cells) {
    struct colony colony;
    struct error error;
    cr_assert_eq(colony_init(&colony, plan, &error), 0, "%s", error.text);
    const uint32_t speaker_type = 0, listener_type = 1;
    uint32_t speaker = colony.members[colony.first_member[speaker_type]];
    uint32_t home = colony_node(&colony, speaker), last = home;
    *nodes = *cells = 0;
    for (uint32_t i = colony.first_member[listener_type];
         i < colony.first_member[listener_type + 1]; i++) {
        uint32_t cell = colony.members[i], node = colony_node(&colony, cell);
        if (node == home || colony_domain(&colony, cell) != colony_domain(&colony, speaker)) {
            continue;
        }
        *nodes += node != last; /* members come node by node */
        last = node;
        ++*cells;
    }
    colony_deinit(&colony);
}

/* Random colonies: one speaker, some listeners, publications to the speaker's own domain. */
static void random_colony(uint64_t seed, bool edge) {
    uint32_t nodes = 2 + rng_below(rng_draw(seed, 0xff, 0, 0), 60);
    uint32_t cells = nodes * (1 + rng_below(rng_draw(seed, 0xff, 0, 1), 40)) + 2;
    uint32_t domains = 1 + rng_below(rng_draw(seed, 0xff, 0, 2), nodes < 5 ? 2 : 5);
    uint32_t listeners = 1 + rng_below(rng_draw(seed, 0xff, 0, 3), cells - 2);
    uint32_t lines = 1 + rng_below(rng_draw(seed, 0xff, 0, 4), 5);
    char *text;
    cr_assert(asprintf(&text,
                       "name: random\n"
                       "run: {duration: 1s, drain: 1s, seed: %lu}\n"
                       "colony: {cells: %u, nodes: %u, domains: %u,\n"
                       "  types: {speaker: 1, listener: %u, tissue: rest}}\n"
                       "genome:\n"
                       "  signals: {go: {size: 0B}, news: {size: 8B}}\n"
                       "  types:\n"
                       "    speaker: {states: {on: {go: {publish: {signal: news, "
                       "subject: \"area.{domain}.news\"}}}}}\n"
                       "    listener: {subscribe: {news: \"area.{domain}.*\"}}\n"
                       "    tissue: {}\n"
                       "workload: {go: {signal: go, to: {type: speaker}, every: 1ms, count: %u}}\n"
                       "partitioning: {strategy: %s}\n",
                       (unsigned long)seed, cells, nodes, domains, listeners, lines,
                       edge ? "edge" : "flat") > 0);
    struct run run;
    run_traced(&run, text, "hosts.here.set.send_ns=60", "hosts.here.set.server_copy_ns=900", NULL);
    int64_t apart, heard;
    destinations(&run.scenario.plan, &apart, &heard);
    cr_expect_eq(run_number(&run, "signals.news.copies_between_nodes"),
                 lines * (edge ? apart : heard), "seed %lu: %u lines to %ld cells on %ld nodes",
                 (unsigned long)seed, lines, (long)heard, (long)apart);
    cr_expect_eq(run_number(&run, "signals.news.reached"),
                 run_number(&run, "signals.news.reachable"));
    run_deinit(&run);
    free(text);
}

Test(interest, edge_sends_one_message_a_node) {
    for (uint64_t seed = 1; seed <= 25; seed++) {
        random_colony(seed, true);
        random_colony(seed, false);
    }
}
