#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/rng.h"
#include "live/needs.h"
#include "tests/live/live_plan.h"

enum { MOST_NODES = 64, MOST_WORKERS = 8, MOST_HOSTS = 4 };

/* Nodes over hosts as the draws say; workers: at least one a host that has nodes. */
static void check_share(uint64_t draw) {
    uint32_t host_nodes[MOST_HOSTS];
    struct plan plan = {.hosts = 1 + rng_below(rng_draw(1, 1, 0, draw), MOST_HOSTS)};
    plan.colony.host_nodes = host_nodes;
    for (uint32_t h = 0; h < plan.hosts; h++) {
        uint32_t n = rng_below(rng_draw(1, 2, h, draw), 12);
        host_nodes[h] = n + (h == 0);
        plan.colony.nodes += host_nodes[h];
    }
    plan.live.workers = 1 + (int64_t)rng_below(rng_draw(1, 3, 0, draw), 20);
    uint32_t workers = needs_workers(&plan), used_hosts = 0;
    for (uint32_t h = 0; h < plan.hosts; h++) {
        used_hosts += host_nodes[h] > 0;
    }
    cr_assert(workers >= used_hosts && workers <= plan.colony.nodes);
    if (plan.live.workers >= used_hosts && plan.live.workers <= plan.colony.nodes) {
        cr_assert_eq(workers, plan.live.workers);
    }
    uint32_t first[MOST_HOSTS * 12 + 2];
    needs_share(&plan, workers, first);
    cr_assert_eq(first[0], 0);
    cr_assert_eq(first[workers], plan.colony.nodes);
    for (uint32_t w = 0; w < workers; w++) {
        cr_assert_lt(first[w], first[w + 1], "a worker without a node: draw %d", (int)draw);
        uint32_t end = 0;
        for (uint32_t h = 0; h < plan.hosts; h++) {
            end += host_nodes[h];
            cr_assert_not(first[w] < end && first[w + 1] > end, "two hosts: draw %d", (int)draw);
        }
    }
}

Test(needs, shares_nodes_out_by_host) {
    for (uint64_t draw = 0; draw < 5000; draw++) {
        check_share(draw);
    }
}

/* A colony of sends of every kind, on two hosts; %s: the reaction's sends. */
static const char colony_text[] =
    "name: needs\n"
    "title: Who sends to whom\n"
    "run: {duration: 1s, sample: 10ms}\n"
    "hosts: {a: {profile: epyc-2}, b: {profile: epyc-2}}\n"
    "colony: {cells: 300, nodes: 11, domains: 4, types: {eye: 20, motor: 60, tissue: rest}}\n"
    "genome:\n"
    "  signals: {stimulus: {size: 64B}, pain: {size: 64B}}\n"
    "  types:\n"
    "    tissue: {subscribe: {all: everywhere}, always: {any: {work: 0us}}}\n"
    "    motor: {like: tissue, states: {acting: {pain: %s}}}\n"
    "    eye:\n"
    "      like: tissue\n"
    "      bonds: {near: {type: motor, where: same_domain}, far: {type: motor, not: same_node},\n"
    "        host: {type: tissue, where: same_host}}\n"
    "      states: {watching: {stimulus: {send: %s}}}\n"
    "workload: {reflexes: {signal: stimulus, to: {type: eye}, every: 1ms}}\n"
    "synapses: {max_links: %d}\n"
    "partitioning: {strategy: edge}\n";

static bool link[MOST_NODES][MOST_NODES];

static void counted(const struct live_plan *p, const uint32_t *first, uint32_t workers,
                    struct needs_links *links) {
    uint32_t nodes = p->scenario.plan.colony.nodes;
    uint64_t most = (uint64_t)p->scenario.plan.synapses.max_links;
    memset(links, 0, workers * sizeof *links);
    for (uint32_t w = 0; w < workers; w++) {
        for (uint32_t from = 0; from < nodes; from++) {
            uint64_t all = 0, here = 0;
            for (uint32_t to = 0; to < nodes; to++) {
                all += to != from && link[from][to];
                here += to != from && link[from][to] && to >= first[w] && to < first[w + 1];
            }
            bool own = from >= first[w] && from < first[w + 1];
            links[w].out += own ? (all < most ? all : most) : 0;
            links[w].in += here < most ? here : most;
        }
    }
}

static void load(struct live_plan *p, const char *motor, const char *eye, int most, uint64_t seed) {
    char *text, set[3][64];
    cr_assert_gt(asprintf(&text, colony_text, motor, eye, most), 0);
    snprintf(set[0], sizeof set[0], "run.seed=%d", (int)seed);
    snprintf(set[1], sizeof set[1], "colony.nodes=%d", 2 + (int)(seed * 7 % 30));
    snprintf(set[2], sizeof set[2], "colony.domains=%d", 1 + (int)(seed * 3 % 5));
    live_plan_load(p, text, set[0], set[1], set[2], NULL);
    free(text);
}

/* As many links as these bonds of the eyes make, exactly. */
static void check_bonds(const char *sends, const uint16_t *bond, int bonds, int most) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct live_plan p;
        load(&p, "{work: 0us}", sends, most, seed);
        memset(link, 0, sizeof link);
        uint32_t eye = 2;
        cr_assert_str_eq(p.scenario.plan.genome.type[eye].name, "eye");
        for (uint32_t cell = 0; cell < p.scenario.plan.colony.cells; cell++) {
            for (int i = 0; p.colony.type[cell] == eye && i < bonds; i++) {
                uint32_t partner = colony_bond(&p.colony, eye, cell, bond[i]);
                link[colony_node(&p.colony, cell)][colony_node(&p.colony, partner)] = true;
            }
        }
        uint32_t workers = needs_workers(&p.scenario.plan), first[MOST_WORKERS + 1];
        struct needs_links got[MOST_WORKERS], wanted[MOST_WORKERS];
        cr_assert_leq(workers, MOST_WORKERS);
        needs_share(&p.scenario.plan, workers, first);
        needs_links(&p.colony, workers, first, got);
        counted(&p, first, workers, wanted);
        for (uint32_t w = 0; w < workers; w++) {
            cr_assert_eq(got[w].out, wanted[w].out, "seed %d", (int)seed);
            cr_assert_eq(got[w].in, wanted[w].in, "seed %d", (int)seed);
        }
        live_plan_deinit(&p);
    }
}

Test(needs, counts_the_links_of_bonds_exactly) {
    check_bonds("{signal: pain, to: near}", (uint16_t[]){0}, 1, 64);
    check_bonds("{signal: pain, to: far}", (uint16_t[]){1}, 1, 64);
    check_bonds("[{signal: pain, to: far}, {signal: pain, to: host}]", (uint16_t[]){1, 2}, 2, 64);
    check_bonds("[{signal: pain, to: far}, {signal: pain, to: near}]", (uint16_t[]){1, 0}, 2, 2);
}

/* The links that the sends of all wakes draw, asked for often; and their answers. */
static void check_drawn(const char *eye, const struct genome_choice *choice, bool answered) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct live_plan p;
        load(&p, answered ? "{send: {signal: pain, to: sender}}" : "{work: 0us}", eye, 1000, seed);
        memset(link, 0, sizeof link);
        for (uint32_t cell = 0; cell < p.scenario.plan.colony.cells; cell++) {
            for (uint64_t n = 0; p.colony.type[cell] == 2 && n < 200; n++) {
                uint64_t bits = rng_draw(seed, 1000, cell, n);
                uint32_t to = colony_choose(&p.colony, choice, cell, bits);
                if (to != COLONY_NOBODY) {
                    uint32_t a = colony_node(&p.colony, cell), b = colony_node(&p.colony, to);
                    link[a][b] = true;
                    link[b][a] |= answered;
                }
            }
        }
        uint32_t workers = needs_workers(&p.scenario.plan), first[MOST_WORKERS + 1];
        struct needs_links got[MOST_WORKERS], least[MOST_WORKERS];
        needs_share(&p.scenario.plan, workers, first);
        needs_links(&p.colony, workers, first, got);
        counted(&p, first, workers, least);
        for (uint32_t w = 0; w < workers; w++) {
            uint64_t own = first[w + 1] - first[w], nodes = p.scenario.plan.colony.nodes;
            cr_assert_geq(got[w].out, least[w].out, "seed %d", (int)seed);
            cr_assert_geq(got[w].in, least[w].in, "seed %d", (int)seed);
            cr_assert_leq(got[w].out, own * (nodes - 1));
            cr_assert_leq(got[w].in, own * (nodes - 1));
        }
        live_plan_deinit(&p);
    }
}

Test(needs, never_counts_too_few_links) {
    struct genome_choice any = {GENOME_NONE, WHERE_ANYWHERE, WHERE_ANYWHERE, -1, -1};
    struct genome_choice motor = any, domain = any, host = any, third = any, fifth = any;
    motor.type = 1;
    domain.where = WHERE_SAME_DOMAIN;
    host.where = WHERE_SAME_HOST;
    third.domain = 0;
    fifth.cell = 5;
    check_drawn("{signal: pain, to: {type: motor}}", &motor, false);
    check_drawn("{signal: pain, to: {type: motor}}", &motor, true);
    check_drawn("{signal: pain, to: {where: same_domain}}", &domain, false);
    check_drawn("{signal: pain, to: {where: same_host}}", &host, true);
    check_drawn("{signal: pain, to: {domain: 0}}", &third, false);
    check_drawn("{signal: pain, to: {cell: 5}}", &fifth, true);
}

static struct plan *small(void) {
    static struct plan plan;
    plan = (struct plan){0};
    plan.colony.cells = 1000;
    plan.live.memory_limit_bytes = PLAN_NONE;
    return &plan;
}

Test(needs, refuses_with_the_numbers_and_the_key) {
    struct plan *plan = small();
    struct error error;
    struct rlimit limit;
    char wanted[512];
    getrlimit(RLIMIT_NOFILE, &limit);
    struct needs needs = {.nodes = 7, .links = 42, .descriptors = limit.rlim_max + 1ULL};
    cr_assert_eq(needs_check(plan, &needs, &error), -1);
    snprintf(wanted, sizeof wanted,
             "a worker would need %llu file descriptors (7 nodes; 42 links in all), and may have "
             "%llu: lower colony.nodes or synapses.max_links, raise live.workers, use --scale, or "
             "raise the limit (ulimit -n)",
             limit.rlim_max + 1ULL, (unsigned long long)limit.rlim_max);
    cr_expect_str_eq(error.text, wanted);

    needs = (struct needs){.connections = limit.rlim_max};
    cr_assert_eq(needs_check(plan, &needs, &error), -1);
    snprintf(wanted, sizeof wanted,
             "the nats-server would need %llu connections, and may have %llu file descriptors: set "
             "live.connections to worker, lower colony.nodes, or raise the limit (ulimit -n)",
             (unsigned long long)limit.rlim_max, (unsigned long long)limit.rlim_max);
    cr_expect_str_eq(error.text, wanted);

    needs = (struct needs){.memory_bytes = (64 << 20) + 1,
                           .memory_available_bytes = 64 << 20,
                           .subscriptions = 12,
                           .links = 34};
    cr_assert_eq(needs_check(plan, &needs, &error), -1);
    cr_expect_str_eq(error.text,
                     "it would need about 65 MiB of memory (1000 cells, 12 subscriptions, 34 "
                     "links), and this machine has 64 MiB: lower colony.cells, use --scale, or "
                     "strategy edge (one subscription a node)");

    plan->live.memory_limit_bytes = 32 << 20; /* it goes before what the machine has */
    cr_assert_eq(needs_check(plan, &needs, &error), -1);
    cr_expect_str_eq(error.text,
                     "it would need about 65 MiB of memory (1000 cells, 12 subscriptions, 34 "
                     "links), and live.memory_limit is 32 MiB: lower colony.cells, raise "
                     "live.memory_limit, use --scale, or strategy edge (one subscription a node)");
    plan->live.memory_limit_bytes = 65 << 20;
    cr_expect_eq(needs_check(plan, &needs, &error), 0);
}

Test(needs, raises_the_soft_limit_of_descriptors) {
    struct plan *plan = small();
    struct error error;
    struct rlimit limit, raised;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 80;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct needs needs = {.descriptors = 100};
    cr_expect_eq(needs_check(plan, &needs, &error), 0);
    getrlimit(RLIMIT_NOFILE, &raised);
    cr_expect_eq(raised.rlim_cur, limit.rlim_max);
    cr_expect_eq(needs.descriptors_allowed, limit.rlim_max);
}

Test(needs, counts_subscriptions_and_connections) {
    struct live_plan p;
    struct needs_links none[2] = {{0, 0}, {0, 0}};
    uint32_t first[] = {0, 5, 10};
    live_plan_load(&p, live_plan_reflex, "partitioning.strategy=flat", NULL);
    struct needs needs = needs_count(&p.colony, 2, first, none);
    cr_expect_eq(needs.subscriptions, 200 + 2, "one a cell, and the probes'");
    cr_expect_eq(needs.connections, 2);
    live_plan_deinit(&p);
    live_plan_load(&p, live_plan_reflex, "live.connections=node", NULL);
    needs = needs_count(&p.colony, 2, first, none);
    cr_expect_eq(needs.connections, 10);
    cr_expect_leq(needs.subscriptions, 30 + 10, "edge: at most one a node and type");
    live_plan_deinit(&p);
}
