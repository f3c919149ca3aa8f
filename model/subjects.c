#include "model/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "model/subjects_map.h"
#include "model/subjects_names.h"
#include "model/subjects_patterns.h"
#include "model/subjects_set.h"
#include "model/subjects_template.h"

/* An audience with what it stands on. Out of date, it lives on in a list while somebody holds it.
 */
struct owned_audience {
    struct audience view; /* first: a pointer to it is one to the whole */
    struct recipients *set;
    bool current;
    struct owned_audience *before, *after; /* in the list of the others */
};

struct subject {
    struct owned_audience *audience; /* current one; NULL: not asked for yet */
    uint32_t *pattern;               /* those that match */
    uint32_t patterns, patterns_known;
    uint32_t birth_changes; /* of its patterns as it was first named */
    uint32_t generation;    /* as of `seen` */
    uint32_t edits;         /* of its patterns as its audience was built */
    uint64_t seen;          /* patterns' changes as it was last looked at */
    uint64_t audience_seen; /* and as its audience was */
};

struct subjects {
    const struct colony *colony;
    struct templates templates;
    struct patterns patterns;
    struct names names;
    struct map filled; /* template's key -> subject */
    struct subject *subject;
    uint32_t capacity;
    struct trie_list found;    /* scratch */
    struct recipients **parts; /* scratch */
    uint32_t parts_capacity;
    struct owned_audience *held; /* out of date */
};

struct subjects *subjects_create(const struct colony *colony) {
    struct subjects *s = memory_new(1, sizeof *s);
    s->colony = colony;
    patterns_init(&s->patterns, colony, &s->templates);
    return s;
}

static void audience_free(struct owned_audience *a) {
    if (a) {
        recipients_release(a->set);
        free(a);
    }
}

void subjects_destroy(struct subjects *subjects) {
    if (!subjects) {
        return;
    }
    for (uint32_t i = 0; i < subjects->names.count; i++) {
        audience_free(subjects->subject[i].audience);
        free(subjects->subject[i].pattern);
    }
    while (subjects->held) {
        struct owned_audience *a = subjects->held;
        subjects->held = a->after;
        audience_free(a);
    }
    free(subjects->subject);
    free(subjects->found.item);
    free(subjects->parts);
    map_deinit(&subjects->filled);
    names_deinit(&subjects->names);
    patterns_deinit(&subjects->patterns);
    templates_deinit(&subjects->templates);
    free(subjects);
}

/* Finds the patterns that match, where new ones have come. */
static void subject_match(struct subjects *s, uint32_t number) {
    struct subject *subject = &s->subject[number];
    s->found.count = 0;
    trie_match(&s->patterns.trie, names_text(&s->names, number), &s->found);
    if (s->found.count > subject->patterns) {
        subject->pattern = memory_grow(subject->pattern, s->found.count, sizeof *subject->pattern);
        memcpy(subject->pattern, s->found.item, s->found.count * sizeof *subject->pattern);
        subject->patterns = s->found.count;
    }
    subject->patterns_known = s->patterns.trie.patterns;
}

static uint32_t sum_changes(const struct subjects *s, const struct subject *subject) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < subject->patterns; i++) {
        sum += s->patterns.pattern[subject->pattern[i]].changes;
    }
    return sum;
}

static uint32_t sum_edits(const struct subjects *s, const struct subject *subject) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < subject->patterns; i++) {
        sum += s->patterns.pattern[subject->pattern[i]].edits;
    }
    return sum;
}

/* A change costs its pattern one addition; a subject looks at its patterns when it is asked. */
static void subject_look(struct subjects *s, uint32_t number) {
    struct subject *subject = &s->subject[number];
    if (subject->seen == s->patterns.changes) {
        return;
    }
    if (subject->patterns_known != s->patterns.trie.patterns) {
        subject_match(s, number);
    }
    subject->generation = 1 + sum_changes(s, subject) - subject->birth_changes;
    subject->seen = s->patterns.changes;
}

uint32_t subjects_number(struct subjects *subjects, const char *subject) {
    uint32_t known = subjects->names.count;
    uint32_t number = names_number(&subjects->names, subject, strlen(subject));
    if (number < known) {
        return number;
    }
    if (known == subjects->capacity) {
        subjects->capacity = subjects->capacity ? subjects->capacity * 2 : 16;
        subjects->subject =
            memory_grow(subjects->subject, subjects->capacity, sizeof *subjects->subject);
    }
    subjects->subject[number] =
        (struct subject){.generation = 1, .seen = subjects->patterns.changes};
    subject_match(subjects, number);
    subjects->subject[number].birth_changes = sum_changes(subjects, &subjects->subject[number]);
    return number;
}

uint32_t subjects_count(const struct subjects *subjects) {
    return subjects->names.count;
}

uint32_t subjects_fill(struct subjects *subjects, const char *template_text, uint32_t cell) {
    uint32_t place = templates_place(&subjects->templates, template_text);
    uint64_t key = templates_key(&subjects->templates, subjects->colony, place, cell);
    uint32_t number = map_get(&subjects->filled, key);
    if (number == SUBJECTS_NONE) {
        number = subjects_number(
            subjects, templates_fill(&subjects->templates, subjects->colony, template_text, cell));
        map_put(&subjects->filled, key, number);
    }
    return number;
}

const char *subjects_text(const struct subjects *subjects, uint32_t subject) {
    return names_text(&subjects->names, subject);
}

const char *subjects_fill_text(struct subjects *subjects, const char *template_text,
                               uint32_t cell) {
    return templates_fill(&subjects->templates, subjects->colony, template_text, cell);
}

uint32_t subjects_patterns(const struct subjects *subjects) {
    return subjects->patterns.trie.patterns;
}

uint32_t subjects_holders(struct subjects *subjects, uint32_t pattern, const uint32_t **cell,
                          const uint8_t **slot) {
    const struct recipients *set = patterns_set(&subjects->patterns, pattern);
    *cell = set ? set->cell : NULL;
    *slot = set ? set->slot : NULL;
    return set ? set->copies : 0;
}

uint32_t subjects_slot(struct subjects *subjects, uint32_t cell, uint8_t slot) {
    return patterns_slot(&subjects->patterns, cell, slot);
}

/* The sets of the patterns that match and are not empty, into parts. */
static uint32_t collect_parts(struct subjects *s, const struct subject *subject) {
    if (subject->patterns > s->parts_capacity) {
        s->parts_capacity = subject->patterns * 2;
        s->parts = memory_grow(s->parts, s->parts_capacity, sizeof(struct recipients *));
    }
    uint32_t parts = 0;
    for (uint32_t i = 0; i < subject->patterns; i++) {
        struct recipients *set = patterns_set(&s->patterns, subject->pattern[i]);
        if (set && set->copies > 0) {
            s->parts[parts++] = set;
        }
    }
    return parts;
}

static struct owned_audience *audience_build(struct subjects *s, const struct subject *subject) {
    static const uint32_t none[1] = {0};
    struct owned_audience *a = memory_new(1, sizeof *a);
    uint32_t parts = collect_parts(s, subject);
    a->current = true;
    a->view = (struct audience){.entry_first = none, .head_first = none};
    if (parts == 1) {
        a->set = s->parts[0];
        a->set->references++;
    } else if (parts > 1) {
        a->set = recipients_merge(s->parts, parts);
    }
    if (a->set) {
        a->view = *recipients_shape(a->set, s->colony, s->parts, parts);
    }
    return a;
}

/* Out of date: it goes, or lives on until it is released. */
static void audience_retire(struct subjects *s, struct owned_audience *a) {
    if (a->view.holders == 0) {
        audience_free(a);
        return;
    }
    a->current = false;
    a->after = s->held;
    if (s->held) {
        s->held->before = a;
    }
    s->held = a;
}

const struct audience *subjects_audience(struct subjects *subjects, uint32_t subject) {
    NERVE_ASSERT(subject < subjects->names.count);
    struct subject *j = &subjects->subject[subject];
    if (j->audience && j->audience_seen == subjects->patterns.changes) {
        return &j->audience->view;
    }
    subject_look(subjects, subject);
    uint32_t edits = sum_edits(subjects, j);
    if (j->audience && j->edits != edits) {
        audience_retire(subjects, j->audience);
        j->audience = NULL;
    }
    if (!j->audience) {
        j->audience = audience_build(subjects, j);
        j->edits = edits;
    }
    j->audience->view.generation = j->generation;
    j->audience_seen = j->seen;
    return &j->audience->view;
}

/* An audience handed out is the head of one that the subjects own. */
static struct owned_audience *owned(const struct audience *audience) {
    return (struct owned_audience *)(uintptr_t)audience;
}

void subjects_hold(struct subjects *subjects, const struct audience *audience) {
    (void)subjects;
    owned(audience)->view.holders++;
}

void subjects_release(struct subjects *subjects, const struct audience *audience) {
    struct owned_audience *a = owned(audience);
    NERVE_ASSERT(a->view.holders > 0);
    if (--a->view.holders > 0 || a->current) {
        return;
    }
    if (a->before) {
        a->before->after = a->after;
    } else {
        subjects->held = a->after;
    }
    if (a->after) {
        a->after->before = a->before;
    }
    audience_free(a);
}

/* The place of an item among rising ones. Dense ones are where they should be. */
static uint32_t place_of(const uint32_t *items, uint32_t count, uint32_t item) {
    if (count == 0 || item < items[0]) {
        return UINT32_MAX;
    }
    uint32_t guess = item - items[0];
    if (guess < count && items[guess] == item) {
        return guess;
    }
    uint32_t low = 0;
    for (uint32_t left = guess < count ? guess : count; left > 0;) {
        uint32_t half = left / 2;
        bool below = items[low + half] < item;
        low = below ? low + half + 1 : low;
        left = below ? left - half - 1 : half;
    }
    return low < count && items[low] == item ? low : UINT32_MAX;
}

uint32_t audience_place(const struct audience *audience, uint32_t node) {
    return place_of(audience->node, audience->nodes, node);
}

uint32_t audience_head(const struct audience *audience, uint32_t cell) {
    return place_of(audience->head_cell, audience->cells, cell);
}

uint32_t subjects_generation(struct subjects *subjects, uint32_t subject) {
    NERVE_ASSERT(subject < subjects->names.count);
    subject_look(subjects, subject);
    return subjects->subject[subject].generation;
}

void subjects_subscribe(struct subjects *subjects, uint32_t cell, uint8_t slot,
                        const char *template_text) {
    patterns_change(&subjects->patterns, cell, slot, template_text);
}

void subjects_unsubscribe(struct subjects *subjects, uint32_t cell, uint8_t slot) {
    patterns_change(&subjects->patterns, cell, slot, NULL);
}

uint32_t audience_entries_of(const struct audience *audience, uint32_t cell, uint32_t *first) {
    if (audience->copies == audience->cells) {
        *first = audience_head(audience, cell);
        return *first != UINT32_MAX;
    }
    uint32_t low = 0;
    for (uint32_t left = audience->copies; left > 0;) {
        uint32_t half = left / 2;
        bool below = audience->entry_cell[low + half] < cell;
        low = below ? low + half + 1 : low;
        left = below ? left - half - 1 : half;
    }
    *first = low;
    uint32_t end = low;
    while (end < audience->copies && audience->entry_cell[end] == cell) {
        end++;
    }
    return end - low;
}
