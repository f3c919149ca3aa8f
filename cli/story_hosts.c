/* Whether and when the hosts died, who was deaf, which limit was met first; what to try next. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/humane.h"
#include "cli/story_parts.h"

enum { MANY_HOSTS = 3 };

static void tell_death(const struct story *s, const struct plan_host *host) {
    const char *name = host->name;
    int64_t at_ns = story_number(s, "hosts.%s.death_at_ns", name);
    int64_t from_ns = story_number(s, "storm.from_ns");
    bool memory = strcmp(story_text(s, "hosts.%s.death_by", name), "memory") == 0;
    page_say(s->page, "%s " PAGE_BAD "DIED" PAGE_OFF " at %s", name, humane_time(at_ns).text);
    if (from_ns >= 0 && at_ns >= from_ns) {
        page_say(s->page, ", %s into the storm", humane_time(at_ns - from_ns).text);
    }
    page_say(s->page, ", for %s in all",
             humane_time(story_number(s, "hosts.%s.dead_ns", name)).text);
    if (memory) {
        page_say(s->page, ": its memory was over (%s of %s).",
                 humane_bytes(story_number(s, "hosts.%s.peak_memory_bytes", name)).text,
                 humane_bytes(host->profile.memory_bytes).text);
        return;
    }
    page_say(s->page, ": a cell waited %s for a core, %s times what is death (%s).",
             humane_time(story_number(s, "hosts.%s.longest_wait_ns", name)).text,
             humane_times(story_number(s, "hosts.%s.margin_ppm", name)).text,
             humane_time(host->profile.death_wait_ns).text);
}

static void tell_life(const struct story *s, const struct plan_host *host) {
    const char *name = host->name;
    int64_t wait_ns = story_number(s, "hosts.%s.longest_wait_ns", name);
    page_say(s->page, "%s " PAGE_GOOD "lived" PAGE_OFF, name);
    if (wait_ns <= 0) {
        page_say(s->page, ": no cell ever waited for a core.");
        return;
    }
    page_say(s->page, ": the longest wait for a core was %s, %s of what is death (%s).",
             humane_time(wait_ns).text,
             humane_ppm(story_number(s, "hosts.%s.margin_ppm", name)).text,
             humane_time(host->profile.death_wait_ns).text);
}

static void tell_deaf(const struct story *s, const char *name) {
    int64_t nodes = story_number(s, "hosts.%s.deaf.nodes", name);
    if (nodes <= 0) {
        page_say(s->page, " Nobody was deaf.");
        return;
    }
    int64_t longest_ns = story_number(s, "hosts.%s.deaf.longest_ns", name);
    int64_t total_ns = story_number(s, "hosts.%s.deaf.total_ns", name);
    int64_t first_ns = story_number(s, "hosts.%s.deaf.first_at_ns", name);
    const char *worst = story_text(s, "hosts.%s.deaf.worst", name);
    if (nodes == 1) {
        page_say(s->page, " " PAGE_BAD "Deaf" PAGE_OFF ": the %s, from %s on, for %s", worst,
                 humane_time(first_ns).text, humane_time(longest_ns).text);
    } else {
        page_say(s->page,
                 " " PAGE_BAD "Deaf" PAGE_OFF ": %s nodes, from %s on; longest the %s, for %s",
                 humane_count(nodes).text, humane_time(first_ns).text, worst,
                 humane_time(longest_ns).text);
    }
    if (total_ns > longest_ns) {
        page_say(s->page, ", %s in all", humane_time(total_ns).text);
    }
    page_say(s->page, ".");
}

static void tell_limit(const struct story *s, const char *name) {
    const char *limit = story_text(s, "hosts.%s.first_limit", name);
    int64_t cores = story_number(s, "hosts.%s.cores", name);
    if (strcmp(limit, "server") == 0) {
        page_say(s->page, " First limit met: " PAGE_BOLD "the server" PAGE_OFF " (%s)",
                 story_live(s) ? "gradients came too late"
                               : "one loop a publisher, deaf while it makes copies");
    } else if (strcmp(limit, "cores") == 0) {
        page_say(s->page, " First limit met: " PAGE_BOLD "the cores" PAGE_OFF " (%s)",
                 story_live(s) ? "a signal waited too long" : "none idle for 1 ms");
    } else if (*limit) {
        page_say(s->page, " First limit met: " PAGE_BOLD "the %s" PAGE_OFF " (%s)", limit,
                 strcmp(limit, "cache") == 0 ? "1 ms touched more than the caches hold"
                                             : "more was needed than the host has");
    } else {
        page_say(s->page, " No limit was met");
    }
    page_say(s->page, "; at most %s",
             humane_count(story_number(s, "hosts.%s.busiest_cores", name)).text);
    if (cores >= 0) {
        page_say(s->page, " of %s", humane_count(cores).text);
    }
    page_say(s->page, " cores were busy.");
}

static bool has_trouble(const struct story *s, const char *name) {
    return story_number(s, "hosts.%s.death_at_ns", name) >= 0 ||
           story_number(s, "hosts.%s.deaf.nodes", name) > 0;
}

/* Those in trouble first; of the rest only as many as fit. */
void story_hosts(const struct story *s) {
    uint32_t told = 0, died = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < s->plan->hosts && told < MANY_HOSTS; i++) {
            const struct plan_host *host = &s->plan->host[i];
            if (has_trouble(s, host->name) != (pass == 0)) {
                continue;
            }
            bool dead = story_number(s, "hosts.%s.death_at_ns", host->name) >= 0;
            (dead ? tell_death : tell_life)(s, host);
            tell_deaf(s, host->name);
            tell_limit(s, host->name);
            page_paragraph(s->page, told++ == 0 ? (s->plan->hosts > 1 ? "Hosts" : "Host") : "");
        }
    }
    if (s->plan->hosts <= MANY_HOSTS) {
        return;
    }
    for (uint32_t i = 0; i < s->plan->hosts; i++) {
        died += story_number(s, "hosts.%s.death_at_ns", s->plan->host[i].name) >= 0;
    }
    page_say(s->page, "Of all %" PRIu32 " hosts %" PRIu32 " died.", s->plan->hosts, died);
    page_paragraph(s->page, "");
}

/* Whether the scenario still loads with one value more laid over it. */
static bool can_set(const struct story *s, const char *set) {
    const struct scenario_options *was = s->again->options;
    const char **sets = calloc(was->sets + 1, sizeof *sets);
    if (!sets) {
        return false;
    }
    for (size_t i = 0; i < was->sets; i++) {
        sets[i] = was->set[i];
    }
    sets[was->sets] = set;
    struct scenario_options options = {.set = sets, .sets = was->sets + 1};
    struct scenario again;
    bool loads = scenario_load(&again, s->again->file, &options) == 0;
    if (loads) {
        scenario_deinit(&again);
    }
    free(sets);
    return loads;
}

/* A key that takes the storm's work away, where one is found. */
static void suggest_no_work(const struct story *s) {
    const char *most = NULL;
    int64_t most_wakes = 0;
    for (uint32_t i = 0; i < s->plan->genome.types; i++) {
        const char *name = s->plan->genome.type[i].name;
        int64_t wakes = story_number(s, "cells.types.%s.wakes", name);
        if (wakes > most_wakes) {
            most = name;
            most_wakes = wakes;
        }
    }
    char set[128];
    snprintf(set, sizeof set, "genome.types.cell.always.any.work=0us");
    if (!can_set(s, set)) {
        snprintf(set, sizeof set, "genome.types.%.40s.always.any.work=0us", most ? most : "");
        if (!most || !can_set(s, set)) {
            return;
        }
    }
    page_say(s->page, "add --set %s: what if looking cost nothing?\n", set);
}

static void suggest(const struct story *s) {
    bool dead = false, deaf = false;
    for (uint32_t i = 0; i < s->plan->hosts; i++) {
        dead = dead || story_number(s, "hosts.%s.death_at_ns", s->plan->host[i].name) >= 0;
        deaf = deaf || story_number(s, "hosts.%s.deaf.nodes", s->plan->host[i].name) > 0;
    }
    bool storm = story_number(s, "storm.from_ns") >= 0;
    bool origin = strcmp(story_text(s, "stages.fan_out"), "origin") == 0;
    if (origin && (dead || deaf || storm)) {
        page_say(s->page, "add --strategy edge: one copy a node, not one a cell\n");
    }
    if (storm && dead && story_number(s, "storm.work_ns") > 0 && s->again) {
        suggest_no_work(s);
    }
    if (storm && !origin && !dead) {
        page_say(s->page, "add --strategy flat: what one copy a cell would cost\n");
    }
    char set[64];
    int64_t more = story_number(s, "colony.cells") * 10;
    bool thousands = more % 1000 == 0;
    snprintf(set, sizeof set, "colony.cells=%" PRId64 "%s", thousands ? more / 1000 : more,
             thousands ? "k" : "");
    if (!storm && !dead && s->again && can_set(s, set)) {
        page_say(s->page, "add --set %s: how far from its limits is it?\n", set);
    }
}

void story_next(const struct story *s) {
    if (s->plan) {
        suggest(s);
    }
    int64_t run = story_number(s, "run");
    if (run > 0) {
        page_say(s->page,
                 "nerve show %" PRId64 " --json: every figure; nerve replay %" PRId64
                 ": the same digest again",
                 run, run);
    }
    page_paragraph(s->page, "Next");
}
