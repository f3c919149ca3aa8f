/*
 * What became of the reflexes: for each source that the world sends to cells, how long the cells
 * waited that it woke, those that they woke in turn, and the reflex as a whole; before, during and
 * after the storm where there was one.
 */
#include <stdio.h>
#include <string.h>

#include "cli/humane.h"
#include "cli/story_parts.h"

enum { LABEL = 30, COLUMN = 9, MAX_SOURCES = 3, MAX_LINKS = 2 };

/* A kind of signal on its way to a type of cells. */
struct link {
    uint32_t signal, type; /* type: GENOME_NONE where it is any */
};

static uint32_t target_type(const struct genome_type *type, const struct genome_send *send) {
    if (send->to == TO_BOND) {
        return type->bond[send->bond].choice.type;
    }
    return send->to == TO_CHOICE ? send->choice.type : GENOME_NONE;
}

/* The first signals that cells of a type send when that signal wakes them, one link a kind. */
static int find_sends(const struct genome *g, uint32_t type, uint32_t signal,
                      struct link link[MAX_LINKS]) {
    int found = 0;
    const struct genome_type *t = &g->type[type];
    for (uint32_t state = 0; state < t->states; state++) {
        const struct genome_reaction *r = genome_first(g, type, state, signal);
        for (; r; r = r->otherwise == GENOME_NONE ? NULL : &g->reaction[r->otherwise]) {
            for (uint16_t i = 0; i < r->sends; i++) {
                struct link next = {r->send[i].signal, target_type(t, &r->send[i])};
                bool known = false;
                for (int k = 0; k < found; k++) {
                    known = known || link[k].signal == next.signal;
                }
                if (!known && found < MAX_LINKS) {
                    link[found++] = next;
                }
            }
        }
    }
    return found;
}

static void put_time(char *line, size_t bytes, int64_t ns) {
    size_t at = strlen(line);
    snprintf(line + at, bytes - at, " %*s", COLUMN, ns < 0 ? "-" : humane_time(ns).text);
}

static void put_latencies(const struct story *s, char *line, size_t bytes, const char *prefix) {
    static const char *const shares[] = {"p50", "p90", "p99", "p999", "max"};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        put_time(line, bytes, story_number(s, "%s.latency_ns.%s", prefix, shares[i]));
    }
}

/* before.PHASE.after.latency_ns. */
static void put_phases(const struct story *s, char *line, size_t bytes, const char *before,
                       const char *after) {
    static const char *const phases[] = {"before", "during", "after"};
    for (size_t i = 0; i < 3; i++) {
        put_time(line, bytes, story_number(s, "%s.%s.%slatency_ns.p50", before, phases[i], after));
        put_time(line, bytes, story_number(s, "%s.%s.%slatency_ns.p99", before, phases[i], after));
    }
}

/* Copies of a kind that woke nobody: dropped, or still under way at the end. */
static void put_lost(const struct story *s, char *line, size_t bytes, const char *kind) {
    int64_t lost =
        story_number(s, "signals.%s.copies", kind) - story_number(s, "signals.%s.delivered", kind);
    size_t at = strlen(line);
    snprintf(line + at, bytes - at, " %7s", lost > 0 ? humane_short(lost).text : "none");
}

static void tell_link(const struct story *s, const struct link *link, bool storm) {
    char label[128], line[256], prefix[96];
    const struct genome *g = &s->plan->genome;
    const char *kind = g->signal[link->signal].name;
    const char *type = link->type < g->types ? g->type[link->type].name : "cell";
    snprintf(label, sizeof label, "  %s's wait for %s", type, kind);
    snprintf(line, sizeof line, "%-*.*s", LABEL, LABEL, label);
    if (storm) {
        snprintf(prefix, sizeof prefix, "%s.", kind);
        put_phases(s, line, sizeof line, "phases", prefix);
    } else {
        snprintf(prefix, sizeof prefix, "signals.%s", kind);
        put_latencies(s, line, sizeof line, prefix);
    }
    put_lost(s, line, sizeof line, kind);
    page_line(s->page, "%s", line);
}

static void tell_whole(const struct story *s, const char *source, bool storm) {
    char line[256], prefix[96];
    snprintf(prefix, sizeof prefix, "reflex.%s", source);
    if (story_number(s, "%s.latency_ns.p50", prefix) < 0) {
        return;
    }
    snprintf(line, sizeof line, "  %-*s", LABEL - 2, "the reflex as a whole");
    if (storm) {
        put_phases(s, line, sizeof line, prefix, "");
    } else {
        put_latencies(s, line, sizeof line, prefix);
    }
    page_line(s->page, "%s", line);
}

static void tell_header(const struct story *s, bool storm) {
    if (storm) {
        page_line(s->page, "%-*s %*s %*s %*s", LABEL, "", 2 * COLUMN + 1, "before", 2 * COLUMN + 1,
                  "during", 2 * COLUMN + 1, "after");
    }
    char line[256];
    snprintf(line, sizeof line, PAGE_BOLD "%-*s" PAGE_OFF, LABEL, "Reflexes");
    static const char *const phases[] = {"p50", "p99", "p50", "p99", "p50", "p99"};
    static const char *const shares[] = {"p50", "p90", "p99", "p99.9", "longest"};
    const char *const *names = storm ? phases : shares;
    for (int i = 0; i < (storm ? 6 : 5); i++) {
        size_t at = strlen(line);
        snprintf(line + at, sizeof line - at, " %*s", COLUMN, names[i]);
    }
    page_line(s->page, "%s %7s", line, "lost");
}

void story_waits(const struct story *s) {
    bool storm = story_number(s, "storm.from_ns") >= 0;
    const struct genome *g = &s->plan->genome;
    uint32_t told = 0, left_out = 0;
    for (uint32_t i = 0; i < s->plan->sources; i++) {
        const struct plan_source *source = &s->plan->source[i];
        if (source->publishes) {
            continue;
        }
        if (told == MAX_SOURCES) {
            left_out++;
            continue;
        }
        if (told++ == 0) {
            tell_header(s, storm);
        }
        struct link first = {source->signal, source->to.type}, next[MAX_LINKS];
        page_line(s->page, " %s", source->name);
        tell_link(s, &first, storm);
        int sends = first.type < g->types ? find_sends(g, first.type, first.signal, next) : 0;
        for (int k = 0; k < sends; k++) {
            tell_link(s, &next[k], storm);
        }
        tell_whole(s, source->name, storm);
    }
    if (left_out > 0) {
        page_line(s->page, "  and %u sources more: nerve show RUN --json", (unsigned)left_out);
    }
}
