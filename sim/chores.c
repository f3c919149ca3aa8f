#include "sim/chores.h"

#include <string.h>

#include "sim/aware.h"
#include "sim/cost.h"
#include "sim/deaf.h"
#include "sim/figures.h"
#include "sim/job.h"
#include "sim/link.h"
#include "sim/spans.h"

/* Busy windows of 1 ms that can change no more: the busiest ones are kept. */

static void milli_judge(struct sim *s, int64_t window) {
    const int64_t *row = busy_row(&s->milli, window);
    if (!row) {
        return;
    }
    int64_t all = 0;
    for (uint32_t i = 0; i < s->hosts; i++) {
        int64_t measured = row[i] - busy_row_forgotten(&s->milli, row)[i];
        uint64_t busy =
            ((uint64_t)measured + (uint64_t)s->milli.width - 1) / (uint64_t)s->milli.width;
        s->host[i].busiest = busy > s->host[i].busiest ? busy : s->host[i].busiest;
        all += s->host[i].counted ? row[i] : 0;
    }
    int64_t begin = window * s->milli.width;
    if (begin + s->milli.width <= s->storm_from) {
        return;
    }
    int64_t *kept = begin <= s->storm_until ? &s->storm_cores : &s->storm_cores_later;
    *kept = all > *kept ? all : *kept;
}

static void milli_flush(struct sim *s, int64_t before) {
    int64_t end = before <= s->milli.last ? before : s->milli.last + 1;
    while (s->milli.first < end) {
        milli_judge(s, s->milli.first);
        busy_drop_first(&s->milli);
    }
}

static void after_was_during(struct histogram *const phases[PHASES]) {
    histogram_merge(phases[PHASE_DURING], phases[PHASE_AFTER]);
    histogram_clear(phases[PHASE_AFTER]);
}

void figures_storm_goes_on(struct sim *s) {
    for (uint32_t i = 0; s->after_filled && i < s->tally.kinds; i++) {
        after_was_during(s->tally.kind[i].latency);
    }
    for (uint32_t i = 0; s->after_filled && i < s->tally.sources; i++) {
        after_was_during(s->tally.source[i].reflex);
    }
    s->after_filled = false;
    s->storm_cores = s->storm_cores_later > s->storm_cores ? s->storm_cores_later : s->storm_cores;
    s->storm_cores_later = 0;
}

/* Memory. */

enum { WINDOWS_1MS = PRESSURE_WINDOW_NS / MEMORY_WINDOW_NS };

static void memory_look(struct sim *s, struct host *h, int64_t window) {
    h->memory_now = h->memory_fixed + h->open_links * h->profile->link_bytes + h->waiting_bytes;
    h->memory_peak = h->memory_now > h->memory_peak ? h->memory_now : h->memory_peak;
    int64_t size = h->profile->memory_bytes;
    int64_t begin = window * MEMORY_WINDOW_NS;
    bool was_over = h->over;
    h->over = size != HOST_NO_LIMIT && h->memory_now > size;
    if (!h->over) {
        return;
    }
    h->over_counts = was_over ? h->over_counts : begin >= s->warm_up;
    if (h->over_counts) {
        h->over_at = begin < h->over_at ? begin : h->over_at;
        spans_add(&h->dead_memory, begin, begin + MEMORY_WINDOW_NS);
        if (s->plan->run.stop_on_death && begin < s->end) {
            s->end = begin;
        }
    }
}

static void pressure_window(struct host *h) {
    uint64_t touched = h->touched - h->pressure_from;
    h->pressure_max = touched > h->pressure_max ? touched : h->pressure_max;
    h->pressure_from = h->touched;
    if (h->pressure_at == NEVER_NS) {
        h->pressure_mark = h->touched + h->pressure_room;
    }
}

/* The next window of 100 us begins; where nothing can change, the ones up to `now` are skipped. */
static void memory_window(struct sim *s, int64_t now) {
    int64_t window = s->memory_window + 1;
    bool still = true;
    for (uint32_t i = 0; i < s->hosts; i++) {
        struct host *h = &s->host[i];
        int64_t *leaving = &h->leaving[(uint64_t)s->memory_window & (h->leaving_room - 1)];
        h->waiting_bytes -= *leaving;
        *leaving = 0;
        memory_look(s, h, window);
        if (window % WINDOWS_1MS == 0) {
            pressure_window(h);
        }
        still &= !h->over && h->leaving_last < window;
    }
    s->memory_window = window;
    int64_t last = now / MEMORY_WINDOW_NS;
    if (still && last > window + 1) {
        s->memory_window = last - 1; /* nobody touches anything in between */
        for (uint32_t i = 0; i < s->hosts; i++) {
            s->host[i].leaving_last = s->memory_window;
            if (s->memory_window / WINDOWS_1MS > window / WINDOWS_1MS) {
                pressure_window(&s->host[i]);
            }
        }
    }
}

/* Samples. */

static void sample_end(struct sim *s) {
    int64_t window = s->sample.first;
    const int64_t *row = busy_row(&s->sample, window);
    struct tally_sample sample = {.from_ns = window * s->sample.width, .width_ns = s->sample.width};
    if (row) {
        sample.wakes = (uint64_t)row[s->hosts];
        sample.storm_wakes = (uint64_t)row[s->hosts + 1];
    }
    uint64_t dropped = 0;
    for (uint32_t i = 0; i < CAUSES; i++) {
        dropped += s->tally.dropped[i];
    }
    for (uint32_t i = 0; i < s->hosts; i++) {
        sample.busy_ns += row ? row[i] : 0;
        sample.memory_bytes += s->host[i].memory_now;
        job_queued_drop(&s->host[i], sample.from_ns + sample.width_ns);
        sample.waiting += s->host[i].queued_count;
    }
    sample.sent = s->tally.sent - s->sampled_sent;
    sample.delivered = s->tally.delivered - s->sampled_delivered;
    sample.dropped = dropped - s->sampled_dropped;
    s->sampled_sent = s->tally.sent;
    s->sampled_delivered = s->tally.delivered;
    s->sampled_dropped = dropped;
    sample.waiting += s->buffer_now[PLACE_MAILBOX];
    sample.backlog = s->buffer_now[PLACE_SERVER] + s->buffer_now[PLACE_READER] +
                     s->buffer_now[PLACE_PARTITIONER];
    sample.behind = s->aware->behind;
    if (s->options.hooks.sample) {
        s->options.hooks.sample(s->options.hooks.context, &sample);
    }
    busy_drop_first(&s->sample);
    milli_flush(s, sample.from_ns / s->milli.width);
}

static int64_t sample_ends_at(const struct sim *s) {
    return (s->sample.first + 1) * s->sample.width;
}

/* Figures start: what jobs have added so far is forgotten. */
static void warm(struct sim *s, int64_t now) {
    s->warm = true;
    versions_warm(s->aware, now);
    deaf_warm(s, now);
    for (uint32_t i = 0; i < s->hosts; i++) {
        struct host *h = &s->host[i];
        h->longest_wait = 0;
        h->dead.count = 0;
        h->busy_unmeasured = h->busy_all;
        h->busiest = 0;
        h->cores.saturated_ns = 0;
        h->cores.saturated_until = now;
        h->cores.saturated_from = now;
        h->cores.first_busy_1ms = -1;
    }
    for (uint32_t i = 0; i < s->tally.types; i++) {
        s->tally.type[i].wakes = 0;
    }
    for (uint32_t i = 0; i < PLACES; i++) {
        s->tally.buffer[i].held_sum_ns = 0;
        histogram_clear(s->tally.buffer[i].held);
    }
    busy_forget(&s->milli);
}

/* The storm begins: busy time up to here is not its own. */
static void storm_begins(struct sim *s) {
    s->storm_busy_from = 0;
    for (uint32_t i = 0; i < s->hosts; i++) {
        if (s->host[i].counted) {
            s->storm_busy_from += s->host[i].busy_all;
            s->storm_busy_from -= cores_busy_after(&s->host[i].cores, s->storm_from);
        }
    }
    s->storm_check_at = NEVER_NS;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t next_chore(const struct sim *s) {
    int64_t at = least((s->memory_window + 1) * MEMORY_WINDOW_NS, sample_ends_at(s));
    at = least(at, s->warm ? NEVER_NS : s->warm_up);
    at = least(at, s->storm_check_at);
    return least(at, s->expiries > 0 ? s->expiry[0].at : NEVER_NS);
}

void chores_run(struct sim *s, int64_t now) {
    for (;;) {
        int64_t at = next_chore(s);
        s->chore_at = at;
        if (at > now || at > s->end) {
            return;
        }
        link_expire(s, at);
        if (!s->warm && s->warm_up <= at) {
            warm(s, at);
        }
        if ((s->memory_window + 1) * MEMORY_WINDOW_NS <= at) {
            memory_window(s, least(now, sample_ends_at(s)));
        }
        if (s->storm_check_at <= at) {
            storm_begins(s);
        }
        if (sample_ends_at(s) <= at) {
            sample_end(s);
        }
    }
}

void chores_finish(struct sim *s, int64_t end) {
    chores_run(s, end);
    if (!s->warm) {
        warm(s, end);
    }
    if (s->storm_check_at != NEVER_NS) {
        storm_begins(s); /* its first copy would have left after the end */
    }
    if (s->sample.first * s->sample.width < end) {
        sample_end(s);
    }
    milli_flush(s, INT64_MAX);
    for (uint32_t i = 0; i < s->hosts; i++) {
        pressure_window(&s->host[i]);
        cost_next_bandwidth_window(&s->host[i], s->host[i].bandwidth_until);
    }
}
