#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "metrics/figures.h"
#include "small_plan.h"

static const struct figure *must_find(const struct figures *f, const char *path) {
    const struct figure *figure = figures_find(f, path);
    cr_assert_not_null(figure, "%s", path);
    return figure;
}

Test(figures, of_a_tally) {
    struct tally t;
    struct figures f = {0};
    tally_init(&t, small_plan());
    t.sent = 5;
    t.delivered = 4;
    t.dropped[CAUSE_PENDING] = 1;
    for (int i = 1; i <= 100; i++) {
        histogram_record(t.kind[0].latency[i % 3], i, 1);
    }
    t.kind[1].reachable = 99;
    t.kind[1].duplicates = 51;
    t.kind[1].reached = 100;
    t.host[0].longest_wait_ns = 43;
    t.measured_ns = 10;
    t.buffer[PLACE_LINK].held_sum_ns = 5;
    figures_from_tally(&f, &t);
    cr_expect_eq(must_find(&f, "signals.pain.latency_ns.p50")->number, 50);
    cr_expect_eq(must_find(&f, "signals.pain.latency_ns.p99")->number, 99);
    cr_expect_eq(must_find(&f, "signals.pain.latency_ns.max")->number, 100);
    cr_expect_eq(must_find(&f, "signals.pain.latency_ns.mean")->number, 50);
    cr_expect_eq(must_find(&f, "signals.debug.latency_ns.p50")->kind, FIGURE_NONE);
    cr_expect_eq(must_find(&f, "signals.debug.rmr")->number, 500000);
    cr_expect_eq(must_find(&f, "signals.pain.rmr")->kind, FIGURE_NONE);
    cr_expect_eq(must_find(&f, "phases.during.pain.latency_ns.p50")->kind, FIGURE_NONE,
                 "no storm, no phases");
    cr_expect_eq(must_find(&f, "storm.wakes")->kind, FIGURE_NONE);
    cr_expect_eq(must_find(&f, "links.peak")->kind, FIGURE_UNKNOWN);
    cr_expect_eq(must_find(&f, "account.dropped.all")->number, 1);
    cr_expect_eq(must_find(&f, "account.closes")->number, 1);
    cr_expect_eq(must_find(&f, "hosts.here.margin_ppm")->number, 8);
    cr_expect_eq(must_find(&f, "hosts.here.death_at_ns")->kind, FIGURE_NONE);
    cr_expect_eq(must_find(&f, "hosts.here.first_limit")->kind, FIGURE_NONE);
    cr_expect_eq(must_find(&f, "buffers.link.mean_ppm")->number, 500000);
    cr_expect_eq(must_find(&f, "aware.reflexes.p50")->kind, FIGURE_NONE);
    cr_expect_null(figures_find(&f, "aware.builds.p50"));
    figures_deinit(&f);
    tally_deinit(&t);
}

Test(figures, json_nests_in_the_order_of_the_table) {
    struct figures f = {0};
    figures_bool(&f, true, "account.closes");
    figures_decimal(&f, 1500000, "storm.cores.mean");
    figures_text(&f, "a \"name\" \xff", "scenario.title");
    figures_number(&f, INT64_MAX, "run");
    figures_no_value(&f, FIGURE_NONE, "hosts.here.death_at_ns");
    figures_no_value(&f, FIGURE_UNKNOWN, "digest");
    figures_list(&f, "here.reader_ns\nhere.stall_ns", "profile.estimated");
    figures_decimal(&f, -1, "overlay.clustering");
    char *json = figures_json(&f);
    cr_expect_str_eq(json, "{\n"
                           "  \"run\": 9223372036854775807,\n"
                           "  \"scenario\": {\n"
                           "    \"title\": \"a \\\"name\\\" ?\"\n"
                           "  },\n"
                           "  \"digest\": null,\n"
                           "  \"account\": {\n"
                           "    \"closes\": true\n"
                           "  },\n"
                           "  \"storm\": {\n"
                           "    \"cores\": {\n"
                           "      \"mean\": 1.500000\n"
                           "    }\n"
                           "  },\n"
                           "  \"hosts\": {\n"
                           "    \"here\": {\n"
                           "      \"death_at_ns\": \"none\"\n"
                           "    }\n"
                           "  },\n"
                           "  \"overlay\": {\n"
                           "    \"clustering\": -0.000001\n"
                           "  },\n"
                           "  \"profile\": {\n"
                           "    \"estimated\": [\"here.reader_ns\", \"here.stall_ns\"]\n"
                           "  }\n"
                           "}\n");
    json_error_t error;
    json_t *parsed = json_loads(json, 0, &error);
    cr_expect_not_null(parsed);
    json_decref(parsed);
    free(json);
    figures_deinit(&f);
}

Test(figures, possible_paths_are_those_of_this_colony) {
    struct tally t;
    tally_init(&t, small_plan());
    const char *expectations[] = {"quick"};
    struct figure_names names = {.tally = &t, .expectations = 1, .expectation = expectations};
    cr_expect(figures_possible("account.closes", &names));
    cr_expect(figures_possible("signals.pain.latency_ns.p99", &names));
    cr_expect(figures_possible("phases.during.debug.latency_ns.max", &names));
    cr_expect(figures_possible("hosts.here.deaf.nodes", &names));
    cr_expect(figures_possible("aware.reflexes.p99", &names));
    cr_expect(figures_possible("account.dropped.pending", &names));
    cr_expect(figures_possible("account.dropped.all", &names));
    cr_expect(figures_possible("expect.quick.held", &names));
    cr_expect_not(figures_possible("aware.builds.p99", &names), "it raises nothing");
    cr_expect_not(figures_possible("signals.joy.latency_ns.p99", &names));
    cr_expect_not(figures_possible("signals.pain.latency_ns", &names));
    cr_expect_not(figures_possible("signals.pain.latency_ns.p98", &names));
    cr_expect_not(figures_possible("hosts.there.deaf.nodes", &names));
    cr_expect_not(figures_possible("account.dropped.boredom", &names));
    cr_expect_not(figures_possible("account.closes.now", &names));
    cr_expect_not(figures_possible("", &names));
    tally_deinit(&t);
}

Test(figures, the_table_declares_each_path_once) {
    for (size_t i = 0; i < figures_table_rows; i++) {
        cr_expect_not_null(figures_table[i].meaning);
        cr_expect(figures_table[i].sim || figures_table[i].live);
        for (size_t j = 0; j < i; j++) {
            cr_expect_str_neq(figures_table[i].path, figures_table[j].path);
        }
    }
}
