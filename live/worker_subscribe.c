/*
 * Which NATS subscriptions a worker has: by origin one for each cell and slot, by edge one for each
 * node and distinct pattern of its cells. Changes go to NATS, to this worker's subjects, and by the
 * board's log to the other workers, who count audiences when they publish.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "live/worker.h"
#include "model/subjects_map.h"

static uint32_t connection_of(const struct worker *w, uint32_t node) {
    return w->connections > 1 ? node - w->first_node : 0;
}

static uint64_t origin_key(uint32_t cell, uint8_t slot) {
    return (uint64_t)cell << 8 | slot;
}

static uint64_t edge_key(uint32_t node, uint32_t pattern) {
    return (uint64_t)node << 32 | pattern;
}

static uint32_t subscription_new(struct worker *w, uint64_t key) {
    if (w->subscriptions == w->subscription_room) {
        w->subscription_room = w->subscription_room ? w->subscription_room * 2 : 64;
        w->subscription =
            memory_grow(w->subscription, w->subscription_room, sizeof *w->subscription);
    }
    w->subscription[w->subscriptions] = (struct worker_subscription){.handle = -1};
    if (w->subscription_of) {
        map_put(w->subscription_of, key, w->subscriptions);
    }
    return w->subscriptions++;
}

/* The cell begins to hold the pattern whose text that is. */
static int hold(struct worker *w, uint32_t cell, uint8_t slot, uint32_t pattern, const char *text,
                struct error *error) {
    uint32_t node = colony_node(w->colony, cell);
    uint64_t key = w->origin ? origin_key(cell, slot) : edge_key(node, pattern);
    uint32_t place = w->subscription_of ? map_get(w->subscription_of, key) : SUBJECTS_NONE;
    place = place == SUBJECTS_NONE ? subscription_new(w, key) : place;
    struct worker_subscription *subscription = &w->subscription[place];
    if (subscription->holders++ > 0) {
        return 0;
    }
    subscription->handle =
        gradients_subscribe(w->gradients, connection_of(w, node),
                            w->origin ? origin_key(cell, slot) : node, text, error);
    return subscription->handle < 0 ? -1 : 0;
}

static void give_up(struct worker *w, uint32_t cell, uint8_t slot, uint32_t pattern) {
    uint32_t node = colony_node(w->colony, cell);
    uint64_t key = w->origin ? origin_key(cell, slot) : edge_key(node, pattern);
    uint32_t place = map_get(w->subscription_of, key);
    NERVE_ASSERT(place != SUBJECTS_NONE);
    struct worker_subscription *subscription = &w->subscription[place];
    if (--subscription->holders == 0 && subscription->handle >= 0) {
        gradients_unsubscribe(w->gradients, subscription->handle);
        subscription->handle = -1;
    }
}

static const char *birth_template(const struct worker *w, uint32_t cell, uint8_t slot) {
    return w->plan->genome.type[w->colony->type[cell]].subscription[slot].subject;
}

/* The subscriptions to one pattern: its holders come in order of cell, so that those of one node
 * stand together. */
static int subscribe_pattern(struct worker *w, uint32_t pattern, struct error *error) {
    const uint32_t *cell;
    const uint8_t *slot;
    uint32_t holders = subjects_holders(w->subjects, pattern, &cell, &slot);
    uint32_t last_node = UINT32_MAX;
    for (uint32_t i = 0; i < holders; i++) {
        if (!worker_owns(w, cell[i])) {
            continue;
        }
        uint32_t node = colony_node(w->colony, cell[i]);
        if (!w->origin && !w->dynamic && node == last_node) {
            continue; /* nobody will ask how many hold it */
        }
        last_node = node;
        const char *text =
            subjects_fill_text(w->subjects, birth_template(w, cell[i], slot[i]), cell[i]);
        if (hold(w, cell[i], slot[i], pattern, text, error) < 0) {
            return -1;
        }
        atomic_store_explicit(&w->slot->subscribed, w->subscriptions, memory_order_relaxed);
    }
    return 0;
}

int worker_subscribe_all(struct worker *w, struct error *error) {
    if (w->dynamic) {
        w->subscription_of = memory_new(1, sizeof *w->subscription_of);
        w->template_bytes = (size_t)(w->end_cell - w->first_cell) * w->slots * sizeof(char *);
        w->template = memory_map(w->template_bytes);
        for (uint32_t cell = w->first_cell; cell < w->end_cell; cell++) {
            const struct genome_type *type = &w->plan->genome.type[w->colony->type[cell]];
            for (uint8_t i = 0; i < type->subscriptions; i++) {
                w->template[(size_t)(cell - w->first_cell) * w->slots + i] =
                    birth_template(w, cell, i);
            }
        }
    }
    uint32_t patterns = subjects_patterns(w->subjects);
    for (uint32_t pattern = 0; pattern < patterns; pattern++) {
        if (subscribe_pattern(w, pattern, error) < 0) {
            return -1;
        }
    }
    for (uint32_t i = 0; i < w->connections; i++) {
        char subject[64];
        snprintf(subject, sizeof subject, "_nerve.probe.%u.%u", w->place, i);
        if (gradients_subscribe(w->gradients, i, WORKER_PROBE_KEY | i, subject, error) < 0) {
            return -1;
        }
    }
    return gradients_flush(w->gradients, 60000, error);
}

static void take_log(void *context) {
    worker_take_log(context);
}

void worker_change(struct worker *w, uint32_t cell, uint8_t slot, const char *template_text,
                   int64_t now_ns) {
    const char **held = &w->template[(size_t)(cell - w->first_cell) * w->slots + slot];
    const struct board_entry entry = {.time_ns = now_ns,
                                      .kind = ENTRY_SUBSCRIBE,
                                      .cell = cell,
                                      .slot = slot,
                                      .old_subject = *held,
                                      .new_subject = template_text};
    if (!*held && !template_text) {
        return;
    }
    uint32_t old = subjects_slot(w->subjects, cell, slot);
    /* The change of its own, too, is taken in in the order of all. */
    worker_take_log_past(w, board_log(w->board, &entry, take_log, w));
    uint32_t new = subjects_slot(w->subjects, cell, slot);
    *held = template_text;
    if (new == old) {
        return;
    }
    /* In this order: by origin both stand behind one key. */
    if (old != SUBJECTS_NO_PATTERN) {
        give_up(w, cell, slot, old);
    }
    struct error error;
    if (new != SUBJECTS_NO_PATTERN &&
        hold(w, cell, slot, new, subjects_fill_text(w->subjects, template_text, cell), &error) <
            0) {
        snprintf(w->slot->warning, sizeof w->slot->warning, "a cell could not subscribe: %.200s",
                 error.text);
    }
}

/* Whether a template filled in for the cell matches. */
static bool matches(struct worker *w, const char *template_text, uint32_t cell,
                    const char *subject) {
    return template_text &&
           subject_matches(subjects_fill_text(w->subjects, template_text, cell), subject);
}

/* Whether the cell heard the subject when the log stood at `position`: its slots as they are now,
 * the changes since undone. */
static bool heard_then(struct worker *w, uint32_t cell, uint8_t slot, const char *subject,
                       uint64_t position) {
    const char *template[GENOME_MAX_SUBSCRIPTIONS];
    memcpy(template, &w->template[(size_t)(cell - w->first_cell) * w->slots],
           w -> slots * sizeof *template);
    for (uint64_t at = w->log_at; at > position; at--) {
        const struct board_entry *entry = board_entry(w->board, at - 1);
        if (entry && entry->kind == ENTRY_SUBSCRIBE && entry->cell == cell) {
            template[entry->slot] = entry->old_subject;
        }
    }
    bool then = false;
    for (uint8_t i = 0; i < w->slots && !then; i++) {
        then = (slot == LOCAL_NO_SLOT || slot == i) && matches(w, template[i], cell, subject);
    }
    return then;
}

static bool hears_now(struct worker *w, uint32_t cell, uint8_t slot, const char *subject) {
    bool now = false;
    for (uint8_t i = 0; i < w->slots && !now; i++) {
        const char *held = w->template[(size_t)(cell - w->first_cell) * w->slots + i];
        now = (slot == LOCAL_NO_SLOT || slot == i) && matches(w, held, cell, subject);
    }
    return now;
}

uint32_t worker_expected(struct worker *w, const char *subject, uint32_t first_cell,
                         uint32_t end_cell, uint8_t slot, uint64_t position, uint32_t now) {
    /* A frame holds the position's low 32 bits. */
    uint64_t then = (w->log_at & ~(uint64_t)UINT32_MAX) | (position & UINT32_MAX);
    then = then > w->log_at ? then - ((uint64_t)1 << 32) : then;
    uint32_t count = now;
    for (uint64_t at = then; at < w->log_at; at++) {
        const struct board_entry *entry = board_entry(w->board, at);
        if (!entry || entry->kind != ENTRY_SUBSCRIBE || entry->cell < first_cell ||
            entry->cell >= end_cell) {
            continue;
        }
        bool first = true; /* each cell once */
        for (uint64_t k = then; k < at && first; k++) {
            const struct board_entry *other = board_entry(w->board, k);
            first = !other || other->kind != ENTRY_SUBSCRIBE || other->cell != entry->cell;
        }
        if (first) {
            count += heard_then(w, entry->cell, slot, subject, then);
            count -= slot == LOCAL_NO_SLOT ? hears_now(w, entry->cell, slot, subject) : now;
        }
    }
    return count;
}
