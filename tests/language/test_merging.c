/* extends, --set and like: in this order, key by key, values whole. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/language/expression.h"
#include "tests/language/helpers.h"

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

/* A new folder to stand in. */
static void enter_folder(void) {
    char path[] = "/tmp/nerve_merging_XXXXXX";
    cr_assert_not_null(mkdtemp(path));
    cr_assert_eq(chdir(path), 0);
}

static void load_files(struct scenario *scenario, const char *path) {
    char *messages;
    cr_assert_eq(load_file(scenario, path, &messages), 0, "%s", messages);
    free(messages);
}

Test(merging, later_ones_go_over_earlier_ones) {
    enter_folder();
    write_file("base.yml", small);
    write_file("a.yml", "run: {seed: 2, drain: 1ms, warm_up: 1ms}\n");
    write_file("b.yml", "run: {seed: 3, drain: 2ms}\n");
    write_file("c.yml", "extends: [base.yml, a.yml, b.yml]\nrun: {seed: 4}\n");
    struct scenario scenario;
    load_files(&scenario, "c.yml");
    cr_assert_eq(scenario.plan.run.seed, 4);
    cr_assert_eq(scenario.plan.run.drain_ns, 2000000);
    cr_assert_eq(scenario.plan.run.warm_up_ns, 1000000);
    cr_assert_str_eq(scenario.plan.name, "small");
    scenario_deinit(&scenario);
}

Test(merging, values_are_replaced_whole_and_maps_key_by_key) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "workload.touches.to={domain: 0}",
                           "genome.types.eye.states.on.touch.work={law: exponential, mean: 3us}",
                           "genome.types.eye.states.on.touch.send={signal: touch, to: self}", NULL),
                 0, "%s", messages);
    free(messages);
    cr_assert_eq(scenario.plan.source[0].to.type, GENOME_NONE);
    cr_assert_eq(scenario.plan.source[0].to.domain, 0);
    const struct genome_reaction *reaction = genome_first(&scenario.plan.genome, 1, 0, 0);
    cr_assert_eq(reaction->work.kind, LAW_EXPONENTIAL);
    cr_assert_eq(reaction->sends, 1);
    cr_assert_eq(reaction->send[0].to, TO_SELF);
    cr_assert_eq(reaction->send[0].signal, 0);
    scenario_deinit(&scenario);
}

Test(merging, set_comes_before_like) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "genome.types.cell.always.any.work=7us",
                           "genome.types.tissue.always.any.work=9us", NULL),
                 0, "%s", messages);
    free(messages);
    const struct genome *genome = &scenario.plan.genome;
    cr_assert_eq(genome_first(genome, 1, 0, 1)->work.a_ns, 7000); /* eye, on pain: like cell */
    cr_assert_eq(genome_first(genome, 3, 0, 1)->work.a_ns, 9000); /* tissue: its own */
    struct value value;
    cr_assert(scenario_value(&scenario, "genome.types.eye.always.any.work", &value));
    cr_assert_eq(value.number, 7000);
    scenario_deinit(&scenario);
}

Test(merging, like_of_like_and_tombstones) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "genome.types.tissue.like=motor",
                           "genome.types.tissue.always=~",
                           "genome.types.tissue.states.off.pain={work: 2us}", NULL),
                 0, "%s", messages);
    free(messages);
    const struct genome *genome = &scenario.plan.genome;
    cr_assert_eq(genome->type[3].states, 2);
    cr_assert_null(genome_first(genome, 3, 0, 0)); /* no `any` any more */
    cr_assert_eq(genome_first(genome, 3, 1, 1)->work.a_ns, 2000);
    cr_assert_eq(genome_first(genome, 2, 1, 1)->work.a_ns, 5000); /* motor is as it was */
    scenario_deinit(&scenario);
}

Test(merging, rate_and_every_displace_each_other) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "workload.touches.law=exponential",
                           "workload.touches.every=3ms", "workload.touches.phase=1ms", NULL),
                 0, "%s", messages);
    cr_assert_eq(scenario.plan.source[0].interval_ns, 3000000);
    cr_assert_eq(scenario.plan.source[0].phase_ns, 1000000);
    cr_assert_not(scenario.plan.source[0].exponential);
    free(messages);
    scenario_deinit(&scenario);
    cr_assert_eq(load_with(&scenario, small, &messages, "workload.touches.every=3ms",
                           "workload.touches.rate=10/s", NULL),
                 0, "%s", messages);
    cr_assert_eq(scenario.plan.source[0].interval_ns, 100000000);
    free(messages);
    scenario_deinit(&scenario);
}

Test(merging, bonds_merge_key_by_key) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, "extends: misrouted-debug\n", &messages,
                           "genome.types.eye.bonds.motor.where=anywhere",
                           "genome.types.eye.bonds.motor.not=~", NULL),
                 0, "%s", messages);
    const struct genome_choice *choice = &scenario.plan.genome.type[2].bond[0].choice;
    cr_assert(choice->type == 3 && choice->where == WHERE_ANYWHERE);
    cr_assert_eq(choice->not_in, WHERE_ANYWHERE);
    free(messages);
    scenario_deinit(&scenario);
}

Test(merging, nodes_and_cells_per_node_displace_each_other) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "colony.cells_per_node=30", NULL), 0, "%s",
                 messages);
    cr_assert_eq(scenario.plan.colony.nodes, 4);
    free(messages);
    scenario_deinit(&scenario);
}

Test(merging, own_hosts_and_strategies_go_first) {
    enter_folder();
    mkdir("hosts", 0700);
    mkdir("strategies", 0700);
    write_file("base.yml", small);
    write_file("hosts/epyc-2.yml", "extends: ./../nothing.yml\n");
    write_file("strategies/edge.yml",
               "title: ours\nscope: colony\noverlay: none\nrelay: direct\nfan_out: origin\n"
               "carrier: nats\n");
    write_file("mine.yml", "extends: threadripper-64\ncores: 3\n");
    write_file("c.yml", "extends: base.yml\nhosts: {here: {profile: ./mine.yml}}\n"
                        "partitioning: {strategy: edge}\n");
    struct scenario scenario;
    load_files(&scenario, "c.yml");
    cr_assert_eq(scenario.plan.host[0].profile.cores, 3);
    cr_assert_eq(scenario.plan.host[0].profile.cache_domains, 16);
    cr_assert_str_eq(scenario.plan.host[0].profile_name, "mine");
    cr_assert_str_eq(scenario.plan.stages.strategy, "edge");
    cr_assert_eq(scenario.plan.stages.fan_out, FAN_OUT_ORIGIN);
    scenario_deinit(&scenario);
}

Test(merging, depth_is_bounded) {
    enter_folder();
    for (int i = 0; i < 12; i++) {
        char path[32], text[64];
        snprintf(path, sizeof path, "f%d.yml", i);
        snprintf(text, sizeof text, "extends: f%d.yml\n", i + 1);
        write_file(path, text);
    }
    struct scenario scenario;
    char *messages;
    cr_assert_neq(load_file(&scenario, "f0.yml", &messages), 0);
    cr_assert(strstr(messages, "more than 8 deep"), "%s", messages);
    free(messages);
}
