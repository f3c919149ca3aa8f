/*
 * The subjects against linear matching: random colonies, templates, subscribes and unsubscribes;
 * after each step every audience, and which generations rose.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/subjects.h"
#include "tests/model/fixture.h"
#include "tests/model/subject_maker.h"

enum { SLOTS = 4, STATIC_SLOTS = 2, TYPES = 3, TEMPLATES = 40, PUBLISHED = 25, CELLS = 80 };

/* The whole truth, without a trie. */
struct world {
    struct plan plan;
    struct colony colony;
    struct subjects *subjects;
    struct random random;
    char template_text[TEMPLATES][MADE_BYTES];
    char slot[CELLS][SLOTS][2 * MADE_BYTES]; /* pattern, "" where empty */
    uint32_t published;
    char subject[PUBLISHED][MADE_BYTES];
    uint32_t number[PUBLISHED];
    uint32_t generation[PUBLISHED];
};

static void fill(const struct world *w, const char *text, uint32_t cell, char *filled) {
    const struct colony *c = &w->colony;
    uint32_t node = colony_node(c, cell);
    *filled = '\0';
    while (*text) {
        char *end = filled + strlen(filled);
        if (strncmp(text, "{cell}", 6) == 0) {
            sprintf(end, "%u", cell);
        } else if (strncmp(text, "{node}", 6) == 0) {
            sprintf(end, "%u", node);
        } else if (strncmp(text, "{type}", 6) == 0) {
            strcpy(end, w->plan.genome.type[c->type[cell]].name);
        } else if (strncmp(text, "{host}", 6) == 0) {
            strcpy(end, w->plan.host[colony_host_of_node(c, node)].name);
        } else if (strncmp(text, "{domain}", 8) == 0) {
            sprintf(end, "%u", colony_domain(c, cell));
        } else {
            end[0] = *text++;
            end[1] = '\0';
            continue;
        }
        text = strchr(text, '}') + 1;
    }
}

static void world_init(struct world *w, uint64_t seed) {
    static const char *const names[TYPES] = {"a", "b", "eye"};
    memset(w, 0, sizeof *w);
    w->random.seed = seed;
    uint32_t nodes = 1 + random_below(&w->random, 12);
    uint32_t hosts = 1 + random_below(&w->random, nodes < 3 ? nodes : 3);
    fixture_init(&w->plan, CELLS, nodes, 1 + random_below(&w->random, 9), hosts);
    for (uint16_t t = 0; t < TYPES; t++) {
        fixture_type(&w->plan, names[t], t == 0 ? CELLS - 40 : 20);
        for (uint32_t s = 0; s < SLOTS; s++) {
            char text[MADE_BYTES];
            make_pattern(&w->random, true, text);
            bool at_birth = s < STATIC_SLOTS && random_below(&w->random, 4) > 0;
            fixture_subscription(&w->plan, t, at_birth ? text : NULL);
        }
    }
    cr_assert_eq(colony_init(&w->colony, &w->plan, NULL), 0);
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        for (uint32_t s = 0; s < SLOTS; s++) {
            const char *text = w->plan.genome.type[w->colony.type[cell]].subscription[s].subject;
            fill(w, text ? text : "", cell, w->slot[cell][s]);
        }
    }
    for (uint32_t i = 0; i < TEMPLATES; i++) {
        make_pattern(&w->random, true, w->template_text[i]);
    }
    w->subjects = subjects_create(&w->colony);
}

static void world_deinit(struct world *w) {
    subjects_destroy(w->subjects);
    colony_deinit(&w->colony);
    plan_deinit(&w->plan);
}

static uint32_t patterns_on_node(const struct world *w, const char *subject, uint32_t node) {
    const char *seen[CELLS * SLOTS];
    uint32_t count = 0;
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        for (uint32_t s = 0; s < SLOTS && colony_node(&w->colony, cell) == node; s++) {
            const char *pattern = w->slot[cell][s];
            bool fresh = *pattern && subject_matches(pattern, subject);
            for (uint32_t i = 0; i < count && fresh; i++) {
                fresh = strcmp(seen[i], pattern) != 0;
            }
            if (fresh) {
                seen[count++] = pattern;
            }
        }
    }
    return count;
}

/* That audience, entry by entry, is what linear matching finds. */
static void check_recipients(const struct world *w, const struct audience *a, const char *subject) {
    uint32_t entries = 0;
    uint32_t heads = 0;
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        bool head = false;
        uint32_t before = entries;
        for (uint8_t s = 0; s < SLOTS; s++) {
            const char *pattern = w->slot[cell][s];
            if (*pattern == '\0' || !subject_matches(pattern, subject)) {
                continue;
            }
            cr_assert_lt(entries, a->copies, "%s", subject);
            cr_assert_eq(a->entry_cell[entries], cell);
            cr_assert_eq(a->entry_slot[entries], s);
            entries++;
            if (!head) {
                cr_assert_lt(heads, a->cells);
                cr_assert_eq(a->head_cell[heads], cell);
                cr_assert_eq(a->head_slot[heads], s);
                cr_assert_eq(audience_head(a, cell), heads);
                heads++;
                head = true;
            }
        }
        cr_assert(head || audience_head(a, cell) == UINT32_MAX, "%s", subject);
        uint32_t first;
        cr_assert_eq(audience_entries_of(a, cell, &first), entries - before);
        cr_assert(!head || first == before);
    }
    cr_assert_eq(entries, a->copies, "%s", subject);
    cr_assert_eq(heads, a->cells);
}

static uint32_t runs_before(const struct world *w, const uint32_t *cells, uint32_t count,
                            uint32_t node) {
    uint32_t before = 0;
    while (before < count && colony_node(&w->colony, cells[before]) < node) {
        before++;
    }
    return before;
}

static void check_nodes(const struct world *w, const struct audience *a, const char *subject) {
    uint32_t place = 0;
    for (uint32_t node = 0; node < w->plan.colony.nodes; node++) {
        uint32_t patterns = patterns_on_node(w, subject, node);
        if (patterns == 0) {
            cr_assert_eq(audience_place(a, node), UINT32_MAX);
            continue;
        }
        cr_assert_lt(place, a->nodes);
        cr_assert_eq(a->node[place], node);
        cr_assert_eq(audience_place(a, node), place);
        cr_assert_eq(a->patterns[place], patterns);
        cr_assert_eq(a->entry_first[place], runs_before(w, a->entry_cell, a->copies, node));
        cr_assert_eq(a->head_first[place], runs_before(w, a->head_cell, a->cells, node));
        place++;
    }
    cr_assert_eq(place, a->nodes);
    cr_assert_eq(a->entry_first[place], a->copies);
    cr_assert_eq(a->head_first[place], a->cells);
}

static void check_subject(struct world *w, uint32_t i) {
    const struct audience *a = subjects_audience(w->subjects, w->number[i]);
    cr_assert_eq(a, subjects_audience(w->subjects, w->number[i]));
    check_recipients(w, a, w->subject[i]);
    check_nodes(w, a, w->subject[i]);
    cr_assert_eq(a->generation, subjects_generation(w->subjects, w->number[i]));
}

static void publish_new(struct world *w) {
    char *text = w->subject[w->published];
    make_subject(&w->random, text);
    for (uint32_t i = 0; i < w->published; i++) {
        if (strcmp(w->subject[i], text) == 0) {
            cr_assert_eq(subjects_number(w->subjects, text), w->number[i]);
            return;
        }
    }
    w->number[w->published] = subjects_number(w->subjects, text);
    w->generation[w->published] = 1;
    cr_assert_eq(w->number[w->published], w->published);
    cr_assert_eq(subjects_count(w->subjects), ++w->published);
}

/* A change of one slot; exactly the generations of what the old or new pattern matches rise. */
static void change_slot(struct world *w) {
    uint32_t cell = random_below(&w->random, CELLS);
    uint8_t slot = (uint8_t)random_below(&w->random, SLOTS);
    char old[2 * MADE_BYTES];
    char *now = w->slot[cell][slot];
    strcpy(old, now);
    if (random_below(&w->random, 3) == 0) {
        *now = '\0';
        subjects_unsubscribe(w->subjects, cell, slot);
    } else {
        const char *text = w->template_text[random_below(&w->random, TEMPLATES)];
        fill(w, text, cell, now);
        subjects_subscribe(w->subjects, cell, slot, text);
    }
    for (uint32_t i = 0; i < w->published; i++) {
        bool concerned = (*old && subject_matches(old, w->subject[i])) ||
                         (*now && subject_matches(now, w->subject[i]));
        uint32_t generation = subjects_generation(w->subjects, w->number[i]);
        cr_assert_eq(generation > w->generation[i], concerned, "%s -> %s, %s", old, now,
                     w->subject[i]);
        cr_assert_geq(generation, w->generation[i]);
        w->generation[i] = generation;
    }
}

Test(subjects, equal_linear_matching_through_changes) {
    static struct world w;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        world_init(&w, seed);
        for (uint32_t step = 0; step < 300; step++) {
            if (w.published < PUBLISHED && step % 8 == 0) {
                publish_new(&w);
            }
            change_slot(&w);
            check_subject(&w, random_below(&w.random, w.published));
            if (step % 50 == 0) {
                for (uint32_t i = 0; i < w.published; i++) {
                    check_subject(&w, i);
                }
            }
        }
        world_deinit(&w);
    }
}

Test(subjects, fills_templates_in) {
    static struct world w;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        world_init(&w, seed);
        for (uint32_t i = 0; i < TEMPLATES; i++) {
            if (strpbrk(w.template_text[i], "*>")) {
                continue;
            }
            for (uint32_t cell = 0; cell < CELLS; cell++) {
                char filled[2 * MADE_BYTES];
                fill(&w, w.template_text[i], cell, filled);
                uint32_t number = subjects_fill(w.subjects, w.template_text[i], cell);
                cr_assert_eq(number, subjects_number(w.subjects, filled), "%s", filled);
                cr_assert_eq(number, subjects_fill(w.subjects, w.template_text[i], cell));
            }
        }
        world_deinit(&w);
    }
}

Test(subjects, what_is_held_stays_as_it_was) {
    static struct world w;
    enum { HELD = 40 };
    const struct audience *held[HELD] = {0};
    struct audience copy[HELD];
    uint32_t *cells[HELD];
    for (uint64_t seed = 1; seed <= 10; seed++) {
        world_init(&w, seed);
        while (w.published < 10) {
            publish_new(&w);
        }
        for (uint32_t step = 0; step < 500; step++) {
            uint32_t h = random_below(&w.random, HELD);
            if (held[h]) {
                cr_assert_eq(held[h]->copies, copy[h].copies);
                for (uint32_t i = 0; i < copy[h].copies; i++) {
                    cr_assert_eq(held[h]->entry_cell[i], cells[h][i]);
                }
                cr_assert_eq(held[h]->node, copy[h].node);
                subjects_release(w.subjects, held[h]);
                free(cells[h]);
                held[h] = NULL;
            } else {
                held[h] = subjects_audience(w.subjects, random_below(&w.random, w.published));
                subjects_hold(w.subjects, held[h]);
                copy[h] = *held[h];
                cells[h] = malloc(4UL * copy[h].copies + 1);
                for (uint32_t i = 0; i < copy[h].copies; i++) {
                    cells[h][i] = held[h]->entry_cell[i];
                }
            }
            change_slot(&w);
        }
        world_deinit(&w); /* what is still held goes with the subjects */
        for (uint32_t h = 0; h < HELD; h++) {
            if (held[h]) {
                free(cells[h]);
                held[h] = NULL;
            }
        }
    }
}
