#include "metrics/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/figures_names.h"

const char *const figures_cause_name[CAUSES] = {
    [CAUSE_QUEUE_LIMIT] = "queue_limit",
    [CAUSE_LINKS] = "links",
    [CAUSE_PENDING] = "pending",
    [CAUSE_SLOW_CONSUMER] = "slow_consumer",
    [CAUSE_MEMORY] = "memory",
    [CAUSE_DEAD_CELL] = "dead_cell",
    [CAUSE_LOST] = "lost",
    [CAUSE_UNREACHABLE] = "unreachable",
    [CAUSE_PUBLISH] = "publish",
};

const char *const figures_phase_name[PHASES] = {
    [PHASE_BEFORE] = "before", [PHASE_DURING] = "during", [PHASE_AFTER] = "after"};

const char *const figures_place_name[PLACES] = {
    [PLACE_MAILBOX] = "mailbox", [PLACE_SERVER] = "server",
    [PLACE_READER] = "reader",   [PLACE_PARTITIONER] = "partitioner",
    [PLACE_LINK] = "link",       [PLACE_CORE_QUEUE] = "core_queue",
};

const char *figures_limit_name(enum tally_limit limit) {
    static const char *const name[] = {
        [LIMIT_NONE] = NULL,       [LIMIT_SERVER] = "server", [LIMIT_CORES] = "cores",
        [LIMIT_MEMORY] = "memory", [LIMIT_CACHE] = "cache",
    };
    return name[limit];
}

static int64_t limited(uint128 value) {
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* part / whole in millionths, truncated; whole > 0. */
static int64_t millionths(uint128 part, uint128 whole) {
    uint128 ones = part / whole;
    return ones > INT64_MAX / 1000000 - 1
               ? INT64_MAX
               : limited(ones * 1000000 + part % whole * 1000000 / whole);
}

/* The next figure is "PATH", what never came is none. */
static void add_time(struct figures *f, int64_t ns, const char *prefix, const char *name,
                     const char *suffix) {
    if (ns == TALLY_NEVER) {
        figures_no_value(f, FIGURE_NONE, "%s.%s.%s", prefix, name, suffix);
    } else {
        figures_number(f, ns, "%s.%s.%s", prefix, name, suffix);
    }
}

/* Six figures under a prefix; all none where h is NULL or empty. */
static void add_percentiles(struct figures *f, const struct histogram *h, const char *prefix) {
    static const struct {
        const char *name;
        uint32_t share_ppm;
    } shares[] = {{"p50", 500000}, {"p90", 900000}, {"p99", 990000}, {"p999", 999000}};
    if (!h || h->count == 0) {
        for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
            figures_no_value(f, FIGURE_NONE, "%s.%s", prefix, shares[i].name);
        }
        figures_no_value(f, FIGURE_NONE, "%s.max", prefix);
        figures_no_value(f, FIGURE_NONE, "%s.mean", prefix);
        return;
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        figures_number(f, histogram_percentile(h, shares[i].share_ppm), "%s.%s", prefix,
                       shares[i].name);
    }
    figures_number(f, h->max, "%s.max", prefix);
    figures_number(f, limited(h->sum / h->count), "%s.mean", prefix);
}

static void add_account(struct figures *f, const struct tally *t) {
    uint64_t dropped = 0;
    for (int cause = 0; cause < CAUSES; cause++) {
        dropped += t->dropped[cause];
    }
    figures_number(f, limited(t->sent), "account.sent");
    figures_number(f, limited(t->delivered), "account.delivered");
    figures_number(f, limited(dropped), "account.dropped.all");
    for (int cause = 0; cause < CAUSES; cause++) {
        figures_number(f, limited(t->dropped[cause]), "account.dropped.%s",
                       figures_cause_name[cause]);
    }
    figures_number(f, limited(t->in_flight), "account.in_flight");
    figures_number(f, limited(t->duplicated), "account.duplicated");
    figures_bool(f, tally_closes(t), "account.closes");
}

static void add_links(struct figures *f, const struct tally_links *links, bool known,
                      const char *prefix) {
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"open_end", links->open_end},
                {"peak", links->peak},
                {"opened", links->opened},
                {"closed", links->closed}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (known) {
            figures_number(f, limited(rows[i].value), "%s.%s", prefix, rows[i].name);
        } else {
            figures_no_value(f, FIGURE_UNKNOWN, "%s.%s", prefix, rows[i].name);
        }
    }
}

static void add_traffic(struct figures *f, const struct tally *t) {
    figures_number(f, limited(t->copies_between_hosts), "traffic.copies_between_hosts");
    figures_number(f, limited(t->copies_between_nodes), "traffic.copies_between_nodes");
    figures_number(f, limited(t->copies_local), "traffic.copies_local");
    figures_number(f, limited(t->bytes_between_nodes), "traffic.bytes_between_nodes");
    uint64_t all = 0;
    for (uint32_t i = 0; i < t->messages; i++) {
        all += t->message[i].count;
    }
    figures_number(f, limited(all), "traffic.maintenance.all");
    for (uint32_t i = 0; i < t->messages; i++) {
        figures_number(f, limited(t->message[i].count), "traffic.maintenance.%s",
                       t->message[i].name);
    }
}

/* The phases together. */
static void add_all_phases(struct figures *f, struct histogram *const phases[PHASES],
                           const char *prefix) {
    struct histogram *all = memory_new(1, sizeof *all);
    for (int phase = 0; phase < PHASES; phase++) {
        histogram_merge(all, phases[phase]);
    }
    add_percentiles(f, all, prefix);
    free(all);
}

static void add_kind(struct figures *f, const struct tally_kind *kind, const char *name) {
    const char *p = "signals";
    char prefix[128];
    figures_number(f, limited(kind->emissions_targeted), "%s.%s.emissions.targeted", p, name);
    figures_number(f, limited(kind->emissions_broadcast), "%s.%s.emissions.broadcast", p, name);
    figures_number(f, limited(kind->copies), "%s.%s.copies", p, name);
    figures_number(f, limited(kind->copies_between_nodes), "%s.%s.copies_between_nodes", p, name);
    figures_number(f, limited(kind->delivered), "%s.%s.delivered", p, name);
    figures_number(f, limited(kind->duplicates), "%s.%s.duplicates", p, name);
    snprintf(prefix, sizeof prefix, "signals.%s.latency_ns", name);
    add_all_phases(f, kind->latency, prefix);
    figures_number(f, limited(kind->reachable), "%s.%s.reachable", p, name);
    figures_number(f, limited(kind->reached), "%s.%s.reached", p, name);
    figures_number(f, limited(kind->colony_wide), "%s.%s.colony_wide", p, name);
    if (kind->reached == 0) {
        figures_no_value(f, FIGURE_NONE, "%s.%s.rmr", p, name);
    } else { /* a broadcast's copies: one for each cell in reach, and what came twice */
        uint128 copies = (uint128)kind->reachable + kind->duplicates;
        figures_decimal(f, millionths(copies, kind->reached) - 1000000, "%s.%s.rmr", p, name);
    }
    add_time(f, kind->last_hop, p, name, "last_hop");
    add_time(f, kind->last_ns, p, name, "last_ns");
    figures_number(f, limited(kind->stale), "%s.%s.stale", p, name);
}

static void add_phases(struct figures *f, const struct tally *t) {
    for (int phase = 0; phase < PHASES; phase++) {
        for (uint32_t i = 0; i < t->kinds; i++) {
            char prefix[160];
            snprintf(prefix, sizeof prefix, "phases.%s.%s.latency_ns", figures_phase_name[phase],
                     t->kind_name[i]);
            add_percentiles(f, t->has_storm ? t->kind[i].latency[phase] : NULL, prefix);
        }
    }
}

static void add_storm(struct figures *f, const struct tally *t) {
    if (!t->has_storm) {
        static const char *const names[] = {"from_ns", "until_ns",   "wakes",
                                            "work_ns", "cores.mean", "cores.peak"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            figures_no_value(f, FIGURE_NONE, "storm.%s", names[i]);
        }
        return;
    }
    int64_t length_ns = t->storm_until_ns - t->storm_from_ns;
    figures_number(f, t->storm_from_ns, "storm.from_ns");
    figures_number(f, t->storm_until_ns, "storm.until_ns");
    figures_number(f, limited(t->storm_wakes), "storm.wakes");
    figures_number(f, t->storm_work_ns, "storm.work_ns");
    figures_decimal(f, length_ns > 0 ? millionths(t->storm_busy_ns, (uint128)length_ns) : 0,
                    "storm.cores.mean");
    figures_number(f, limited(t->storm_cores_peak), "storm.cores.peak");
}

static void add_reflex(struct figures *f, const struct tally *t, uint32_t source) {
    char prefix[160];
    const char *name = t->source_name[source];
    struct histogram *const *reflex = t->source[source].reflex;
    snprintf(prefix, sizeof prefix, "reflex.%s.latency_ns", name);
    add_all_phases(f, reflex, prefix);
    for (int phase = 0; phase < PHASES; phase++) {
        snprintf(prefix, sizeof prefix, "reflex.%s.%s.latency_ns", name, figures_phase_name[phase]);
        add_percentiles(f, t->has_storm ? reflex[phase] : NULL, prefix);
    }
}

static void add_sources(struct figures *f, const struct tally *t) {
    for (uint32_t i = 0; i < t->sources; i++) {
        add_reflex(f, t, i);
    }
    for (uint32_t i = 0; i < t->sources; i++) {
        if (t->source[i].raises) {
            char prefix[128];
            snprintf(prefix, sizeof prefix, "aware.%s", t->source_name[i]);
            add_percentiles(f, t->source[i].aware, prefix);
            figures_number(f, limited(t->source[i].reached), "%s.reached", prefix);
            figures_number(f, limited(t->source[i].reachable), "%s.reachable", prefix);
        }
    }
}

static void add_dissonance(struct figures *f, const struct tally *t) {
    const char *p = "dissonance";
    if (!t->has_versions || t->interested == 0) {
        figures_no_value(f, FIGURE_NONE, "%s.integral_cell_ns", p);
        figures_no_value(f, FIGURE_NONE, "%s.peak_ppm", p);
        figures_no_value(f, FIGURE_NONE, "%s.dissonant_actions", p);
        figures_no_value(f, FIGURE_NONE, "%s.age_ns.mean", p);
        figures_no_value(f, FIGURE_NONE, "%s.age_ns.peak", p);
        figures_no_value(f, FIGURE_NONE, "%s.hysteresis", p);
        return;
    }
    uint128 watched = (uint128)t->interested * (uint64_t)t->measured_ns;
    figures_number(f, limited(t->dissonance_cell_ns), "%s.integral_cell_ns", p);
    figures_number(f, limited((uint128)t->dissonance_peak_cells * 1000000 / t->interested),
                   "%s.peak_ppm", p);
    figures_number(f, limited(t->dissonant_actions), "%s.dissonant_actions", p);
    if (watched > 0) {
        figures_number(f, limited(t->age_twice_ns2 / 2 / watched), "%s.age_ns.mean", p);
    } else {
        figures_no_value(f, FIGURE_NONE, "%s.age_ns.mean", p);
    }
    if (t->age_peaks > 0) {
        figures_number(f, limited(t->age_peaks_ns / t->age_peaks), "%s.age_ns.peak", p);
    } else {
        figures_no_value(f, FIGURE_NONE, "%s.age_ns.peak", p);
    }
    figures_no_value(f, FIGURE_NONE, "%s.hysteresis", p); /* nothing reverses a stimulus yet */
}

static void add_buffers(struct figures *f, const struct tally *t) {
    for (int place = 0; place < PLACES; place++) {
        const struct tally_buffer *b = &t->buffer[place];
        const char *name = figures_place_name[place];
        if (b->peak == TALLY_NOT_COUNTED) {
            figures_no_value(f, FIGURE_UNKNOWN, "buffers.%s.peak", name);
            figures_no_value(f, FIGURE_UNKNOWN, "buffers.%s.mean_ppm", name);
        } else {
            figures_number(f, limited(b->peak), "buffers.%s.peak", name);
            figures_number(
                f, t->measured_ns > 0 ? millionths(b->held_sum_ns, (uint64_t)t->measured_ns) : 0,
                "buffers.%s.mean_ppm", name);
        }
        if (b->held->count == 0) {
            figures_no_value(f, FIGURE_NONE, "buffers.%s.held_ns.p50", name);
            figures_no_value(f, FIGURE_NONE, "buffers.%s.held_ns.p99", name);
            figures_no_value(f, FIGURE_NONE, "buffers.%s.held_ns.max", name);
            continue;
        }
        figures_number(f, histogram_percentile(b->held, 500000), "buffers.%s.held_ns.p50", name);
        figures_number(f, histogram_percentile(b->held, 990000), "buffers.%s.held_ns.p99", name);
        figures_number(f, b->held->max, "buffers.%s.held_ns.max", name);
    }
}

static void add_word(struct figures *f, const char *word, const char *host, const char *name) {
    if (word && word[0]) {
        figures_text(f, word, "hosts.%s.%s", host, name);
    } else {
        figures_no_value(f, FIGURE_NONE, "hosts.%s.%s", host, name);
    }
}

static void add_known(struct figures *f, int64_t number, const char *host, const char *name) {
    if (number == TALLY_UNKNOWN) {
        figures_no_value(f, FIGURE_UNKNOWN, "hosts.%s.%s", host, name);
    } else {
        figures_number(f, number, "hosts.%s.%s", host, name);
    }
}

static void add_host(struct figures *f, const struct tally_host *h, const char *name) {
    const char *p = "hosts";
    if (h->cores < 0) {
        figures_no_value(f, FIGURE_NONE, "%s.%s.cores", p, name);
    } else {
        figures_number(f, h->cores, "%s.%s.cores", p, name);
    }
    figures_number(f, limited(h->busy_ns), "%s.%s.busy_ns", p, name);
    figures_number(f, h->saturated_ns, "%s.%s.saturated_ns", p, name);
    figures_number(f, limited(h->busiest_cores), "%s.%s.busiest_cores", p, name);
    figures_number(f, h->longest_wait_ns, "%s.%s.longest_wait_ns", p, name);
    figures_number(f, limited(h->waiting_peak), "%s.%s.waiting_peak", p, name);
    figures_number(f, h->peak_memory_bytes, "%s.%s.peak_memory_bytes", p, name);
    add_known(f, h->cache_pressure_max_ppm, name, "cache_pressure_max_ppm");
    add_known(f, h->bandwidth_max_ppm, name, "bandwidth_max_ppm");
    add_time(f, h->death_at_ns, p, name, "death_at_ns");
    bool died = h->death_at_ns != TALLY_NEVER;
    add_word(f, !died ? NULL : h->death_by_memory ? "memory" : "cores", name, "death_by");
    figures_number(f, h->dead_ns, "%s.%s.dead_ns", p, name);
    if (h->death_wait_ns > 0) {
        figures_number(f, millionths((uint64_t)h->longest_wait_ns, (uint64_t)h->death_wait_ns),
                       "%s.%s.margin_ppm", p, name);
    } else {
        figures_no_value(f, FIGURE_NONE, "%s.%s.margin_ppm", p, name);
    }
    add_word(f, figures_limit_name(h->first_limit), name, "first_limit");
    figures_number(f, limited(h->deaf_nodes), "%s.%s.deaf.nodes", p, name);
    figures_number(f, h->deaf_longest_ns, "%s.%s.deaf.longest_ns", p, name);
    figures_number(f, h->deaf_total_ns, "%s.%s.deaf.total_ns", p, name);
    add_time(f, h->deaf_first_ns, p, name, "deaf.first_at_ns");
    add_word(f, h->deaf_worst, name, "deaf.worst");
}

static void add_overlay(struct figures *f) { /* no overlay has a shape to tell of yet */
    static const char *const names[] = {"islands",         "degree.min",   "degree.mean",
                                        "degree.max",      "average_path", "clustering",
                                        "asymmetric_links"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        figures_no_value(f, FIGURE_UNKNOWN, "overlay.%s", names[i]);
    }
}

static void add_run(struct figures *f, const struct tally *t) {
    char digest[DIGEST_TEXT_BYTES];
    figures_number(f, limited(t->alive_end), "colony.alive_end");
    if (t->has_digest) {
        digest_text(&t->digest, digest);
        figures_text(f, digest, "digest");
        figures_number(f, limited(t->events), "speed.events");
    } else {
        figures_no_value(f, FIGURE_UNKNOWN, "digest");
        figures_no_value(f, FIGURE_UNKNOWN, "speed.events");
    }
    figures_number(f, t->virtual_end_ns, "time.virtual_ns");
    figures_number(f, limited(t->wakes), "speed.wakes");
}

void figures_from_tally(struct figures *f, const struct tally *t) {
    add_run(f, t);
    add_account(f, t);
    add_links(f, &t->overlay, t->has_overlay, "links");
    add_links(f, &t->synapses, true, "synapses");
    figures_number(f, limited(t->synapses.rejected), "synapses.rejected");
    add_traffic(f, t);
    for (uint32_t i = 0; i < t->kinds; i++) {
        add_kind(f, &t->kind[i], t->kind_name[i]);
    }
    add_sources(f, t);
    add_phases(f, t);
    add_storm(f, t);
    add_dissonance(f, t);
    add_buffers(f, t);
    for (uint32_t i = 0; i < t->hosts; i++) {
        add_host(f, &t->host[i], t->host_name[i]);
    }
    add_overlay(f);
    figures_number(f, 0, "cells.born");
    figures_number(f, 0, "cells.died.all");
    for (uint32_t i = 0; i < t->types; i++) {
        figures_number(f, limited(t->type[i].cells), "cells.types.%s.cells", t->type_name[i]);
        figures_number(f, limited(t->type[i].wakes), "cells.types.%s.wakes", t->type_name[i]);
    }
}
