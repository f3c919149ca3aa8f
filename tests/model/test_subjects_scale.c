/* Many of everything; what is quadratic here does not end within the test's time. */
#include <criterion/criterion.h>

#include "model/subjects.h"
#include "tests/model/fixture.h"

enum { CELLS = 300000 };

static char everyone[] = "karyon.global";
static char everything[] = "karyon.>";
static char own[] = "cell.{cell}.touch";

static struct plan plan;
static struct colony colony;
static struct subjects *subjects;

static void set_up(const char *at_birth) {
    fixture_init(&plan, CELLS, CELLS / 1000, 30, 1);
    uint16_t type = fixture_type(&plan, "tissue", CELLS);
    fixture_subscription(&plan, type, at_birth);
    fixture_subscription(&plan, type, NULL);
    cr_assert_eq(colony_init(&colony, &plan, NULL), 0);
    subjects = subjects_create(&colony);
}

static void tear_down(void) {
    subjects_destroy(subjects);
    colony_deinit(&colony);
    plan_deinit(&plan);
}

static const struct audience *audience_of(const char *subject) {
    return subjects_audience(subjects, subjects_number(subjects, subject));
}

Test(subjects_scale, one_subscription_of_all) {
    set_up(everyone);
    const struct audience *a = audience_of(everyone);
    cr_assert_eq(a->copies, CELLS);
    cr_assert_eq(a->nodes, CELLS / 1000);
    cr_assert_eq(a->entry_cell, a->head_cell, "one array serves both");
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        cr_assert_eq(a->entry_cell[cell], cell);
    }
    tear_down();
}

Test(subjects_scale, all_subscribe_and_unsubscribe_at_run_time) {
    set_up(everyone);
    for (uint32_t i = 0; i < CELLS; i++) {
        subjects_subscribe(subjects, (uint32_t)(i * 48271ULL % CELLS), 1, everything);
        if (i % 30000 == 0) {
            cr_assert_eq(audience_of(everyone)->copies, CELLS + i + 1);
        }
    }
    const struct audience *a = audience_of(everyone);
    cr_assert_eq(a->copies, 2 * CELLS);
    cr_assert_eq(a->cells, CELLS);
    cr_assert_eq(a->patterns[7], 2);
    for (uint32_t i = CELLS; i-- > 0;) {
        subjects_unsubscribe(subjects, i, 0);
    }
    a = audience_of(everyone);
    cr_assert_eq(a->copies, CELLS);
    cr_assert_eq(a->head_slot[CELLS / 2], 1);
    tear_down();
}

Test(subjects_scale, a_subject_of_each_cell) {
    set_up(own);
    for (uint32_t cell = 0; cell < CELLS; cell += 7) {
        const struct audience *a = subjects_audience(subjects, subjects_fill(subjects, own, cell));
        cr_assert_eq(a->copies, 1);
        cr_assert_eq(a->entry_cell[0], cell);
    }
    cr_assert_eq(audience_of("cell.5.touch")->copies, 1);
    cr_assert_eq(audience_of("cell.5.pain")->copies, 0);
    tear_down();
}
