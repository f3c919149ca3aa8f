#include "live/phases.h"

void phases_init(struct phases *p, struct tally *tally, const struct board *board) {
    p->tally = tally;
    p->board = board;
    p->records = 0;
    p->after_filled = false;
    p->from_ns = INT64_MAX;
    p->until_ns = -1;
}

static struct histogram **histograms(const struct phases *p, bool reflex, uint16_t place) {
    return reflex ? p->tally->source[place].reflex : p->tally->kind[place].latency;
}

static void put(const struct phases *p, const struct phases_record *record,
                enum tally_phase phase) {
    histogram_record(histograms(p, record->reflex, record->place)[phase], record->value_ns, 1);
}

static int64_t until_ns(struct phases *p) {
    p->until_ns = atomic_load_explicit(&p->board->storm_until_ns, memory_order_relaxed);
    return p->until_ns;
}

static bool is_before(struct phases *p, int64_t emission_ns) {
    if (emission_ns >= p->from_ns) {
        return false;
    }
    p->from_ns = atomic_load_explicit(&p->board->storm_from_ns, memory_order_relaxed);
    return emission_ns < p->from_ns;
}

static void after_is_during(struct phases *p) {
    for (uint32_t i = 0; i < p->tally->kinds + p->tally->sources; i++) {
        bool reflex = i >= p->tally->kinds;
        uint32_t place = reflex ? i - p->tally->kinds : i;
        struct histogram **phase = histograms(p, reflex, (uint16_t)place);
        histogram_merge(phase[PHASE_DURING], phase[PHASE_AFTER]);
        histogram_clear(phase[PHASE_AFTER]);
    }
    p->after_filled = false;
}

/* Decides what it can: what lies before the storm's end, as it is now known, is `during`. */
static void decide(struct phases *p) {
    int64_t until = until_ns(p);
    if (p->after_filled && until >= p->after_first_ns) {
        after_is_during(p);
    }
    for (uint32_t i = 0; i < p->records; i++) {
        const struct phases_record *record = &p->record[i];
        if (record->emission_ns <= until) {
            put(p, record, PHASE_DURING);
            continue;
        }
        put(p, record, PHASE_AFTER);
        if (!p->after_filled || record->emission_ns < p->after_first_ns) {
            p->after_first_ns = record->emission_ns;
        }
        p->after_filled = true;
    }
    p->records = 0;
}

void phases_record(struct phases *p, bool reflex, uint16_t place, int64_t emission_ns,
                   int64_t value_ns) {
    const struct phases_record record = {emission_ns, value_ns, place, reflex};
    if (is_before(p, emission_ns)) {
        put(p, &record, PHASE_BEFORE);
    } else if (emission_ns <= p->until_ns || emission_ns <= until_ns(p)) {
        put(p, &record, PHASE_DURING);
    } else {
        p->record[p->records++] = record;
        if (p->records == PHASES_UNDECIDED) {
            decide(p);
        }
    }
}

void phases_settle(struct phases *p) {
    decide(p);
}
