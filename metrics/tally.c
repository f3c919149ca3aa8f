#include "metrics/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "model/plan.h"

/* Where a tally's arrays come from: the heap, or a block of the caller's, from its front on. */
struct source {
    char *at, *end; /* NULL: the heap */
    size_t bytes;   /* taken so far */
};

static void *take(struct source *from, size_t count, size_t bytes) {
    size_t all = (count * bytes + 15) & ~(size_t)15;
    from->bytes += all;
    if (!from->at) {
        return memory_new(count, bytes);
    }
    void *block = from->at;
    from->at += all;
    NERVE_ASSERT(from->at <= from->end);
    return block;
}

static struct histogram *new_histogram(struct source *from) {
    return take(from, 1, sizeof(struct histogram));
}

static void init_kinds(struct tally *tally, const struct plan *plan, struct source *from) {
    tally->kinds = plan->genome.signals;
    tally->kind_name = take(from, tally->kinds, sizeof *tally->kind_name);
    tally->kind = take(from, tally->kinds, sizeof *tally->kind);
    for (uint32_t i = 0; i < tally->kinds; i++) {
        tally->kind_name[i] = plan->genome.signal[i].name;
        tally->kind[i].last_ns = TALLY_NEVER;
        tally->kind[i].last_hop = TALLY_NEVER;
        for (int phase = 0; phase < PHASES; phase++) {
            tally->kind[i].latency[phase] = new_histogram(from);
        }
    }
}

static void init_sources(struct tally *tally, const struct plan *plan, struct source *from) {
    tally->sources = plan->sources;
    tally->source_name = take(from, tally->sources, sizeof *tally->source_name);
    tally->source = take(from, tally->sources, sizeof *tally->source);
    for (uint32_t i = 0; i < tally->sources; i++) {
        struct tally_source *source = &tally->source[i];
        tally->source_name[i] = plan->source[i].name;
        source->raises = plan->source[i].raises != RAISES_NOTHING;
        for (int phase = 0; phase < PHASES; phase++) {
            source->reflex[phase] = new_histogram(from);
        }
        source->aware = source->raises ? new_histogram(from) : NULL;
    }
}

static void init_hosts(struct tally *tally, const struct plan *plan, struct source *from) {
    tally->hosts = plan->hosts;
    tally->host_name = take(from, tally->hosts, sizeof *tally->host_name);
    tally->host = take(from, tally->hosts, sizeof *tally->host);
    for (uint32_t i = 0; i < tally->hosts; i++) {
        struct tally_host *host = &tally->host[i];
        tally->host_name[i] = plan->host[i].name;
        host->cores = plan->host[i].profile.cores;
        host->death_wait_ns = plan->host[i].profile.death_wait_ns;
        host->death_at_ns = TALLY_NEVER;
        host->deaf_first_ns = TALLY_NEVER;
    }
}

static void init_types(struct tally *tally, const struct plan *plan, struct source *from) {
    tally->types = plan->genome.types;
    tally->type_name = take(from, tally->types, sizeof *tally->type_name);
    tally->type = take(from, tally->types, sizeof *tally->type);
    for (uint32_t i = 0; i < tally->types; i++) {
        tally->type_name[i] = plan->genome.type[i].name;
    }
}

static void init(struct tally *tally, const struct plan *plan, struct source *from) {
    *tally = (struct tally){.storm_from_ns = TALLY_NEVER, .storm_until_ns = TALLY_NEVER};
    init_kinds(tally, plan, from);
    init_sources(tally, plan, from);
    init_hosts(tally, plan, from);
    init_types(tally, plan, from);
    for (int place = 0; place < PLACES; place++) {
        tally->buffer[place].held = new_histogram(from);
    }
    tally->has_overlay = plan->stages.overlay != OVERLAY_NONE;
}

void tally_init(struct tally *tally, const struct plan *plan) {
    struct source heap = {0};
    init(tally, plan, &heap);
}

size_t tally_bytes(const struct plan *plan) {
    struct tally tally;
    struct source heap = {0};
    init(&tally, plan, &heap);
    tally_deinit(&tally);
    return heap.bytes;
}

void tally_init_in(struct tally *tally, const struct plan *plan, void *block, size_t bytes) {
    struct source from = {.at = block, .end = (char *)block + bytes};
    init(tally, plan, &from);
    tally->borrowed = true;
}

void tally_deinit(struct tally *tally) {
    if (tally->borrowed) {
        *tally = (struct tally){0};
        return;
    }
    for (uint32_t i = 0; i < tally->kinds; i++) {
        for (int phase = 0; phase < PHASES; phase++) {
            free(tally->kind[i].latency[phase]);
        }
    }
    for (uint32_t i = 0; i < tally->sources; i++) {
        for (int phase = 0; phase < PHASES; phase++) {
            free(tally->source[i].reflex[phase]);
        }
        free(tally->source[i].aware);
    }
    for (int place = 0; place < PLACES; place++) {
        free(tally->buffer[place].held);
    }
    free(tally->kind_name);
    free(tally->source_name);
    free(tally->host_name);
    free(tally->type_name);
    free(tally->kind);
    free(tally->source);
    free(tally->host);
    free(tally->type);
    *tally = (struct tally){0};
}

static int64_t greater(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static uint64_t greater_count(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* The earlier of two times that may never have come. */
static int64_t earlier(int64_t a, int64_t b) {
    if (a == TALLY_NEVER || b == TALLY_NEVER) {
        return greater(a, b);
    }
    return a < b ? a : b;
}

static void merge_kind(struct tally_kind *into, const struct tally_kind *from) {
    into->emissions_targeted += from->emissions_targeted;
    into->emissions_broadcast += from->emissions_broadcast;
    into->copies += from->copies;
    into->copies_between_nodes += from->copies_between_nodes;
    into->delivered += from->delivered;
    into->duplicates += from->duplicates;
    into->stale += from->stale;
    into->reachable += from->reachable;
    into->reached += from->reached;
    into->colony_wide += from->colony_wide;
    into->last_ns = greater(into->last_ns, from->last_ns);
    into->last_hop = greater(into->last_hop, from->last_hop);
    for (int phase = 0; phase < PHASES; phase++) {
        histogram_merge(into->latency[phase], from->latency[phase]);
    }
}

static void merge_source(struct tally_source *into, const struct tally_source *from) {
    for (int phase = 0; phase < PHASES; phase++) {
        histogram_merge(into->reflex[phase], from->reflex[phase]);
    }
    if (into->aware && from->aware) {
        histogram_merge(into->aware, from->aware);
    }
    into->reached += from->reached;
    into->reachable += from->reachable;
}

static void merge_host(struct tally_host *into, const struct tally_host *from) {
    into->busy_ns += from->busy_ns;
    into->saturated_ns = greater(into->saturated_ns, from->saturated_ns);
    into->busiest_cores = greater_count(into->busiest_cores, from->busiest_cores);
    into->longest_wait_ns = greater(into->longest_wait_ns, from->longest_wait_ns);
    into->waiting_peak = greater_count(into->waiting_peak, from->waiting_peak);
    into->peak_memory_bytes = greater(into->peak_memory_bytes, from->peak_memory_bytes);
    into->cache_pressure_max_ppm =
        greater(into->cache_pressure_max_ppm, from->cache_pressure_max_ppm);
    into->bandwidth_max_ppm = greater(into->bandwidth_max_ppm, from->bandwidth_max_ppm);
    int64_t death_at_ns = earlier(into->death_at_ns, from->death_at_ns);
    if (death_at_ns != into->death_at_ns) {
        into->death_by_memory = from->death_by_memory;
    }
    into->death_at_ns = death_at_ns;
    into->dead_ns = greater(into->dead_ns, from->dead_ns);
    if (into->first_limit == LIMIT_NONE) {
        into->first_limit = from->first_limit;
    }
    into->deaf_nodes += from->deaf_nodes;
    into->deaf_total_ns += from->deaf_total_ns;
    into->deaf_first_ns = earlier(into->deaf_first_ns, from->deaf_first_ns);
    if (from->deaf_longest_ns > into->deaf_longest_ns) {
        into->deaf_longest_ns = from->deaf_longest_ns;
        memcpy(into->deaf_worst, from->deaf_worst, sizeof into->deaf_worst);
    }
}

static void merge_links(struct tally_links *into, const struct tally_links *from) {
    into->open_end += from->open_end;
    into->peak += from->peak;
    into->opened += from->opened;
    into->closed += from->closed;
    into->rejected += from->rejected;
}

static void merge_account(struct tally *into, const struct tally *from) {
    into->sent += from->sent;
    into->delivered += from->delivered;
    into->in_flight += from->in_flight;
    into->duplicated += from->duplicated;
    for (int cause = 0; cause < CAUSES; cause++) {
        into->dropped[cause] += from->dropped[cause];
    }
    into->copies_between_hosts += from->copies_between_hosts;
    into->copies_between_nodes += from->copies_between_nodes;
    into->copies_local += from->copies_local;
    into->bytes_between_nodes += from->bytes_between_nodes;
    for (uint32_t i = 0; i < from->messages; i++) {
        tally_message(into, from->message[i].name, from->message[i].count);
    }
}

static void merge_storm(struct tally *into, const struct tally *from) {
    into->has_storm |= from->has_storm;
    into->storm_from_ns = earlier(into->storm_from_ns, from->storm_from_ns);
    into->storm_until_ns = greater(into->storm_until_ns, from->storm_until_ns);
    into->storm_wakes += from->storm_wakes;
    into->storm_work_ns += from->storm_work_ns;
    into->storm_busy_ns += from->storm_busy_ns;
    into->storm_cores_peak = greater_count(into->storm_cores_peak, from->storm_cores_peak);
}

static void merge_versions(struct tally *into, const struct tally *from) {
    into->has_versions |= from->has_versions;
    into->dissonance_cell_ns += from->dissonance_cell_ns;
    into->dissonance_peak_cells += from->dissonance_peak_cells;
    into->interested += from->interested;
    into->dissonant_actions += from->dissonant_actions;
    into->age_twice_ns2 += from->age_twice_ns2;
    into->age_peaks_ns += from->age_peaks_ns;
    into->age_peaks += from->age_peaks;
}

void tally_merge(struct tally *into, const struct tally *from) {
    NERVE_ASSERT(into->kinds == from->kinds && into->sources == from->sources &&
                 into->hosts == from->hosts && into->types == from->types);
    for (uint32_t i = 0; i < into->kinds; i++) {
        merge_kind(&into->kind[i], &from->kind[i]);
    }
    for (uint32_t i = 0; i < into->sources; i++) {
        merge_source(&into->source[i], &from->source[i]);
    }
    for (uint32_t i = 0; i < into->hosts; i++) {
        merge_host(&into->host[i], &from->host[i]);
    }
    for (uint32_t i = 0; i < into->types; i++) {
        into->type[i].cells += from->type[i].cells;
        into->type[i].wakes += from->type[i].wakes;
    }
    for (int place = 0; place < PLACES; place++) {
        bool counted = into->buffer[place].peak != TALLY_NOT_COUNTED &&
                       from->buffer[place].peak != TALLY_NOT_COUNTED;
        into->buffer[place].peak =
            counted ? into->buffer[place].peak + from->buffer[place].peak : TALLY_NOT_COUNTED;
        into->buffer[place].held_sum_ns += from->buffer[place].held_sum_ns;
        histogram_merge(into->buffer[place].held, from->buffer[place].held);
    }
    merge_account(into, from);
    merge_links(&into->synapses, &from->synapses);
    into->has_overlay |= from->has_overlay;
    merge_links(&into->overlay, &from->overlay);
    merge_storm(into, from);
    merge_versions(into, from);
    into->has_digest |= from->has_digest;
    into->digest.sum += from->digest.sum;
    into->wakes += from->wakes;
    into->events += from->events;
    into->alive_end += from->alive_end;
    into->measured_ns = greater(into->measured_ns, from->measured_ns);
    into->virtual_end_ns = greater(into->virtual_end_ns, from->virtual_end_ns);
}

void tally_message(struct tally *tally, const char *name, uint64_t n) {
    for (uint32_t i = 0; i < tally->messages; i++) {
        if (strcmp(tally->message[i].name, name) == 0) {
            tally->message[i].count += n;
            return;
        }
    }
    NERVE_ASSERT(tally->messages < TALLY_MAX_MESSAGES);
    tally->message[tally->messages++] = (struct tally_message){name, n};
}

bool tally_closes(const struct tally *tally) {
    uint64_t accounted = tally->delivered + tally->in_flight;
    for (int cause = 0; cause < CAUSES; cause++) {
        accounted += tally->dropped[cause];
    }
    return tally->sent == accounted;
}
