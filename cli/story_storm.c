/* Who was woken by what: the storm, the broadcasts that were meant, the wakes by type. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/humane.h"
#include "cli/story_parts.h"

enum { MANY = 3 };

/* The kind of the first fault; GENOME_NONE: there is none. */
static uint32_t storm_kind(const struct plan *plan) {
    return plan->faults > 0 ? plan->fault[0].signal : GENOME_NONE;
}

static void tell_who(const struct story *s, const struct plan_fault *fault) {
    const char *type =
        fault->by_type == PLAN_NO_TYPE ? "cell" : s->plan->genome.type[fault->by_type].name;
    if (fault->by_cell >= 0) {
        page_say(s->page, "cell %" PRId64, fault->by_cell);
    } else if (fault->by_count == PLAN_NONE) {
        page_say(s->page, "every %s", type);
    } else if (fault->by_count == 1) {
        page_say(s->page, "%s %s", humane_article(type), type);
    } else {
        page_say(s->page, "%s cells of type %s", humane_count(fault->by_count).text, type);
    }
}

static void tell_fault(const struct story *s, const struct plan_fault *fault) {
    const char *signal = s->plan->genome.signal[fault->signal].name;
    page_say(s->page, "At %s ", humane_time(fault->at_ns).text);
    tell_who(s, fault);
    if (fault->for_ns != PLAN_NONE) {
        page_say(s->page,
                 " began, for %s, to publish on %s each %s that it should have sent to one cell",
                 humane_time(fault->for_ns).text, fault->onto, signal);
    } else if (fault->lines == 1) {
        page_say(s->page, " published one %s on %s", signal, fault->onto);
    } else {
        page_say(s->page, " published %s %s on %s, one every %s", humane_count(fault->lines).text,
                 signal, fault->onto, humane_time(fault->every_ns).text);
    }
    page_say(s->page, ".");
}

static void tell_reach(const struct story *s, const char *kind) {
    int64_t reachable = story_number(s, "signals.%s.reachable", kind);
    int64_t reached = story_number(s, "signals.%s.reached", kind);
    int64_t last_ns = story_number(s, "signals.%s.last_ns", kind);
    int64_t between = story_number(s, "signals.%s.copies_between_nodes", kind);
    page_say(s->page, " It woke %s of %s cells (%s)", humane_count(reached).text,
             humane_count(reachable).text, humane_share(reached, reachable).text);
    if (last_ns >= 0) {
        page_say(s->page, ", the last of them " PAGE_BOLD "%s" PAGE_OFF " after it",
                 humane_time(last_ns).text);
    }
    page_say(s->page, ". Copies of %s between nodes, in the whole run: %s.", kind,
             humane_count(between).text);
}

void story_storm(const struct story *s) {
    if (s->plan->faults == 0) {
        return;
    }
    const char *kind = s->plan->genome.signal[storm_kind(s->plan)].name;
    for (uint32_t i = 0; i < s->plan->faults && i < MANY; i++) {
        page_say(s->page, "%s", i > 0 ? " " : "");
        tell_fault(s, &s->plan->fault[i]);
    }
    if (s->plan->faults > MANY) {
        page_say(s->page, " And %" PRIu32 " faults more.", s->plan->faults - MANY);
    }
    int64_t from_ns = story_number(s, "storm.from_ns");
    if (from_ns < 0) {
        page_say(s->page, " Nothing came of it: no misrouted copy was sent.");
        page_paragraph(s->page, "Storm");
        return;
    }
    tell_reach(s, kind);
    page_say(s->page, " The storm lasted %s: %s wakes, %s of core time, %s busy cores in the mean.",
             humane_time(story_number(s, "storm.until_ns") - from_ns).text,
             humane_count(story_number(s, "storm.wakes")).text,
             humane_time(story_number(s, "storm.work_ns")).text,
             humane_decimal(story_number(s, "storm.cores.mean")).text);
    page_paragraph(s->page, "Storm");
}

static void tell_broadcasts_of(const struct story *s, const char *kind, int64_t published) {
    int64_t reachable = story_number(s, "signals.%s.reachable", kind);
    int64_t reached = story_number(s, "signals.%s.reached", kind);
    int64_t last_ns = story_number(s, "signals.%s.last_ns", kind);
    page_say(s->page, "%s %s published: %s of %s cells reached (%s)", humane_count(published).text,
             kind, humane_count(reached).text, humane_count(reachable).text,
             humane_share(reached, reachable).text);
    if (last_ns >= 0) {
        page_say(s->page, ", the last at most %s after", humane_time(last_ns).text);
    }
    page_say(s->page, "; %s copies between nodes.\n",
             humane_count(story_number(s, "signals.%s.copies_between_nodes", kind)).text);
}

/* Sources that make a version newer: how soon those who follow it knew. */
static void tell_aware(const struct story *s) {
    int told = 0;
    for (uint32_t i = 0; i < s->plan->sources && told < MANY; i++) {
        const char *name = s->plan->source[i].name;
        int64_t reachable = story_number(s, "aware.%s.reachable", name);
        int64_t p50 = story_number(s, "aware.%s.p50", name);
        if (reachable <= 0) {
            continue;
        }
        int64_t reached = story_number(s, "aware.%s.reached", name);
        page_say(s->page, "Of %s, %s of %s cells that follow it came to know (%s)", name,
                 humane_count(reached).text, humane_count(reachable).text,
                 humane_share(reached, reachable).text);
        if (p50 >= 0) {
            page_say(s->page, ", half within %s, 99 in 100 within %s", humane_time(p50).text,
                     humane_time(story_number(s, "aware.%s.p99", name)).text);
        }
        page_say(s->page, ".\n");
        told++;
    }
    int64_t actions = story_number(s, "dissonance.dissonant_actions");
    if (told > 0 && actions >= 0) {
        page_say(s->page, "At most %s of them were behind at once; %s acted on what was old.",
                 humane_ppm(story_number(s, "dissonance.peak_ppm")).text,
                 humane_count(actions).text);
    }
    page_paragraph(s->page, "Aware");
}

void story_broadcasts(const struct story *s) {
    int told = 0;
    for (uint32_t i = 0; i < s->plan->genome.signals && told < MANY; i++) {
        const char *kind = s->plan->genome.signal[i].name;
        int64_t published = story_number(s, "signals.%s.emissions.broadcast", kind);
        if (i != storm_kind(s->plan) && published > 0) {
            tell_broadcasts_of(s, kind, published);
            told++;
        }
    }
    page_paragraph(s->page, "Broadcast");
    tell_aware(s);
}

/* The types that woke most, in order. */
void story_woken(const struct story *s) {
    bool told[GENOME_MAX_TYPES] = {false};
    int64_t all = story_number(s, "speed.wakes");
    for (int rank = 0; rank <= MANY; rank++) {
        uint32_t most = GENOME_NONE;
        int64_t most_wakes = 0;
        for (uint32_t i = 0; i < s->plan->genome.types; i++) {
            int64_t wakes = story_number(s, "cells.types.%s.wakes", s->plan->genome.type[i].name);
            if (!told[i] && wakes > most_wakes) {
                most = i;
                most_wakes = wakes;
            }
        }
        if (most == GENOME_NONE) {
            break;
        }
        told[most] = true;
        const char *name = s->plan->genome.type[most].name;
        page_say(s->page, "%s%s %s (of %s cells)", rank > 0 ? ", " : "", name,
                 humane_count(most_wakes).text,
                 humane_short(story_number(s, "cells.types.%s.cells", name)).text);
    }
    if (all == 0) {
        page_say(s->page, "Nobody woke.");
    }
    page_paragraph(s->page, "Woken");
}
