/* nerve check SCENARIO: what a scenario is and what running it will need, without running it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/execution.h"
#include "cli/humane.h"
#include "cli/page.h"
#include "scenarios/language/scenario.h"
#include "sim/sim.h"

struct arguments {
    struct command_common common;
    struct command_over over;
    const char *file;
};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->over;
        state->child_inputs[1] = &a->common;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file) {
            argp_error(state, "one scenario at a time: `%s` is one too many", arg);
        }
        a->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->file) {
            argp_error(state, "it needs a scenario: a file, or one of nerve's own");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&command_over_argp, 0, NULL, 0}, {&command_common_argp, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .parser = parse,
    .args_doc = "SCENARIO",
    .doc =
        "Read a scenario and say what it is, what a run of it will need, and every mistake in it "
        "(exit code 2)."
        "\vSCENARIO is a file, or the name of one of nerve's own (misrouted-debug, pain-reflex, "
        "gradient-error).",
    .children = children,
};

static void print_colony(struct page *page, const struct plan *plan) {
    page_say(page, "%s cells on %s node%s in %s domain%s", humane_count(plan->colony.cells).text,
             humane_count(plan->colony.nodes).text, humane_plural(plan->colony.nodes),
             humane_count(plan->colony.domains).text, humane_plural(plan->colony.domains));
    page_say(page, ":");
    for (uint16_t i = 0; i < plan->colony.types_placed; i++) {
        uint16_t type = plan->colony.type_order[i];
        page_say(page, "%s %s %s", i > 0 ? "," : "",
                 humane_count(plan->colony.type_cells[type]).text, plan->genome.type[type].name);
    }
    page_paragraph(page, "Colony");
}

static void print_hosts(struct page *page, const struct plan *plan) {
    for (uint32_t i = 0; i < plan->hosts && i < 8; i++) {
        const struct plan_host *host = &plan->host[i];
        page_say(page, "%s%s (%s: ", i > 0 ? ", " : "", host->name, host->profile_name);
        if (host->profile.cores == HOST_NO_LIMIT) {
            page_say(page, "no limit of cores)");
        } else {
            page_say(page, "%s cores)", humane_count(host->profile.cores).text);
        }
    }
    if (plan->hosts > 8) {
        page_say(page, " and %" PRIu32 " more", plan->hosts - 8);
    }
    page_paragraph(page, plan->hosts == 1 ? "Host" : "Hosts");
    page_say(page, "%s: scope %s, overlay %s, relay %s, fan_out %s, carrier %s",
             plan->stages.strategy, plan_scope_name(plan->stages.scope),
             plan_overlay_name(plan->stages.overlay), plan_relay_name(plan->stages.relay),
             plan_fan_out_name(plan->stages.fan_out), plan_carrier_name(plan->stages.carrier));
    page_paragraph(page, "Strategy");
}

static void print_world(struct page *page, const struct plan *plan) {
    for (uint32_t i = 0; i < plan->sources && i < 8; i++) {
        const struct plan_source *source = &plan->source[i];
        page_say(page, "%s sends %s", source->name, plan->genome.signal[source->signal].name);
        if (source->publishes) {
            page_say(page, " on %s", source->subject);
        } else if (source->to.type < plan->genome.types) {
            page_say(page, " to %s %s", humane_article(plan->genome.type[source->to.type].name),
                     plan->genome.type[source->to.type].name);
        }
        if (source->interval_ns > 0) {
            page_say(page, ", one every %s%s", humane_time(source->interval_ns).text,
                     source->exponential ? " in the mean" : "");
        } else {
            page_say(page, ", %" PRIu32 " in all", source->at_count);
        }
        page_say(page, "\n");
    }
    page_paragraph(page, "World");
    for (uint32_t i = 0; i < plan->faults && i < 8; i++) {
        const struct plan_fault *fault = &plan->fault[i];
        page_say(page, "%s: at %s %s goes onto %s\n", fault->name, humane_time(fault->at_ns).text,
                 plan->genome.signal[fault->signal].name, fault->onto);
    }
    page_paragraph(page, "Faults");
}

static void print_need(struct page *page, const struct scenario *scenario) {
    const struct plan *plan = &scenario->plan;
    struct sim_forecast forecast = sim_foretell(plan);
    page_say(page, "%s of memory", humane_bytes(forecast.memory_bytes).text);
    if (forecast.events == PLAN_NONE) {
        page_say(page,
                 "; how many events cannot be told, since reactions publish or send without end");
    } else {
        page_say(page, " and about %s events", humane_short(forecast.events).text);
    }
    page_say(page, ", for %s of virtual time", humane_time(plan->run.duration_ns).text);
    if (plan->run.drain_ns > 0) {
        page_say(page, " and at most %s to drain", humane_time(plan->run.drain_ns).text);
    }
    page_say(page, ".");
    page_paragraph(page, "Needs");
    if (scenario->estimated > 0) {
        page_say(page, "%zu of the profile's keys in use %s estimated, not measured: %s",
                 scenario->estimated, scenario->estimated == 1 ? "is" : "are",
                 "`nerve run SCENARIO --json` names them in profile.estimated");
        page_paragraph(page, "Profile");
    }
    if (scenario->expectations > 0) {
        page_say(page, "%zu: ", scenario->expectations);
        for (size_t i = 0; i < scenario->expectations && i < 20; i++) {
            page_say(page, "%s%s", i > 0 ? ", " : "", scenario->expectation[i].name);
        }
        page_paragraph(page, "Expected");
    }
}

static void print_json(const struct scenario *scenario) {
    const struct plan *plan = &scenario->plan;
    struct sim_forecast forecast = sim_foretell(plan);
    json_t *root =
        json_pack("{s:s, s:s, s:{s:I, s:I, s:I, s:I}, s:s, s:{s:I, s:o}}", "name", plan->name,
                  "file", scenario->file, "colony", "hosts", (json_int_t)plan->hosts, "nodes",
                  (json_int_t)plan->colony.nodes, "cells", (json_int_t)plan->colony.cells,
                  "domains", (json_int_t)plan->colony.domains, "strategy", plan->stages.strategy,
                  "foretold", "memory_bytes", (json_int_t)forecast.memory_bytes, "events",
                  forecast.events == PLAN_NONE ? json_null() : json_integer(forecast.events));
    json_dumpf(root, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(root);
}

static void print(const struct arguments *a, const struct scenario *scenario) {
    if (a->common.json) {
        print_json(scenario);
        return;
    }
    const struct plan *plan = &scenario->plan;
    struct page page;
    page_init(&page, stdout);
    page_line(&page, PAGE_BOLD "%s" PAGE_OFF "%s%s", plan->name,
              plan->title && *plan->title ? ": " : "", plan->title ? plan->title : "");
    print_colony(&page, plan);
    print_hosts(&page, plan);
    print_world(&page, plan);
    print_need(&page, scenario);
    page_line(&page, PAGE_GOOD "No mistakes." PAGE_OFF);
}

int command_check(int argc, char **argv) {
    struct arguments a = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0) {
        return EXIT_USAGE;
    }
    const struct scenario_options options = {.set = (const char *const *)a.over.set,
                                             .sets = a.over.sets,
                                             .messages = stderr,
                                             .figure = execution_possible};
    struct scenario scenario;
    int code = EXIT_USAGE;
    if (scenario_load(&scenario, a.file, &options) == 0) {
        print(&a, &scenario);
        scenario_deinit(&scenario);
        code = EXIT_OK;
    }
    command_over_deinit(&a.over);
    return code;
}
