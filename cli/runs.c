/* nerve runs: what the store holds. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/humane.h"
#include "cli/page.h"
#include "metrics/store.h"

static error_t parse(int key, char *arg, struct argp_state *state) {
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "it takes no argument, but got `%s`: `nerve show %s` shows one run", arg,
                   arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&command_common_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .parser = parse, .doc = "List the runs in the store, the oldest first.", .children = children};

static void print_row(struct page *page, const struct store_entry *e) {
    char ended[64];
    if (e->missed > 0) {
        snprintf(ended, sizeof ended, "%s, %" PRId64 " missed", store_status_name(e->status),
                 e->missed);
    } else {
        snprintf(ended, sizeof ended, "%s", store_status_name(e->status));
    }
    page_line(page, "%5" PRId64 "  %-16.16s  %-20.20s %-10.10s %5" PRIu64 " %6s %7s %8s  %s",
              e->run, e->started_at, e->scenario, e->strategy, e->seed,
              e->cells < 0 ? "-" : humane_short(e->cells).text,
              e->wakes < 0 ? "-" : humane_short(e->wakes).text,
              e->wakes < 0         ? "-"
              : e->death_at_ns < 0 ? "lived"
                                   : humane_time(e->death_at_ns).text,
              ended);
}

static void print_table(const struct store_entry *entries, size_t count) {
    struct page page;
    page_init(&page, stdout);
    page_line(&page, PAGE_BOLD "%5s  %-16s  %-20s %-10s %5s %6s %7s %8s  %s" PAGE_OFF, "run",
              "started (UTC)", "scenario", "strategy", "seed", "cells", "wakes", "died at",
              "status");
    for (size_t i = 0; i < count; i++) {
        print_row(&page, &entries[i]);
    }
}

static json_t *number_or_null(int64_t number) {
    return number < 0 ? json_null() : json_integer(number);
}

static void print_json(const struct store_entry *entries, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct store_entry *e = &entries[i];
        json_t *row =
            json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "run",
                      (json_int_t)e->run, "started_at", e->started_at, "mode", e->mode, "scenario",
                      e->scenario, "file", e->file, "strategy", e->strategy, "seed",
                      (json_int_t)e->seed, "status", store_status_name(e->status), "digest",
                      e->digest[0] ? json_string(e->digest) : json_null(), "cells",
                      number_or_null(e->cells), "wakes", number_or_null(e->wakes), "virtual_ns",
                      number_or_null(e->virtual_ns), "missed", number_or_null(e->missed));
        json_array_append_new(list, row);
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(list);
}

int command_runs(int argc, char **argv) {
    struct command_common common = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &common) != 0) {
        return EXIT_USAGE;
    }
    struct error error;
    struct store_entry *entries;
    size_t count;
    struct store *store = store_open(common.db, STORE_READ, &error);
    if (!store || store_list(store, &entries, &count, &error) < 0) {
        fprintf(stderr, "nerve: error: %s\n", error.text);
        if (store) {
            store_close(store, NULL);
        }
        return EXIT_STORE;
    }
    (common.json ? print_json : print_table)(entries, count);
    store_entries_free(entries, count);
    store_close(store, NULL);
    return EXIT_OK;
}
