#include "base/units.h"

#include <criterion/criterion.h>

static int64_t parsed(enum unit unit, const char *text) {
    int64_t value = -1;
    const char *mistake = units_parse(unit, text, &value);
    cr_assert_null(mistake, "%s %s", text, mistake ? mistake : "");
    return value;
}

static void refused(enum unit unit, const char *text, const char *part) {
    int64_t value = 0;
    const char *mistake = units_parse(unit, text, &value);
    cr_assert_not_null(mistake, "%s is taken as %lld", text, (long long)value);
    cr_assert(strstr(mistake, part), "%s: %s", text, mistake);
}

Test(units, every_unit) {
    cr_assert_eq(parsed(UNIT_TIME, "80us"), 80000);
    cr_assert_eq(parsed(UNIT_TIME, "3ns"), 3);
    cr_assert_eq(parsed(UNIT_TIME, "2ms"), 2000000);
    cr_assert_eq(parsed(UNIT_TIME, "1s"), 1000000000);
    cr_assert_eq(parsed(UNIT_TIME, "2min"), 120000000000);
    cr_assert_eq(parsed(UNIT_TIME, "1h"), 3600000000000);
    cr_assert_eq(parsed(UNIT_SIZE, "7B"), 7);
    cr_assert_eq(parsed(UNIT_SIZE, "2KiB"), 2048);
    cr_assert_eq(parsed(UNIT_SIZE, "1MiB"), 1048576);
    cr_assert_eq(parsed(UNIT_SIZE, "4GiB"), 4294967296);
    cr_assert_eq(parsed(UNIT_RATE, "200/s"), 200);
    cr_assert_eq(parsed(UNIT_RATE, "10k/s"), 10000);
    cr_assert_eq(parsed(UNIT_RATE, "1M/s"), 1000000);
    cr_assert_eq(parsed(UNIT_SHARE, "2%"), 20000000);
    cr_assert_eq(parsed(UNIT_SHARE, "5ppm"), 5000);
    cr_assert_eq(parsed(UNIT_SHARE, "5ppb"), 5);
    cr_assert_eq(parsed(UNIT_COUNT, "64"), 64);
    cr_assert_eq(parsed(UNIT_COUNT, "500k"), 500000);
    cr_assert_eq(parsed(UNIT_COUNT, "5M"), 5000000);
    cr_assert_eq(parsed(UNIT_COUNT, "1G"), 1000000000);
}

Test(units, fractions_where_they_are_whole) {
    cr_assert_eq(parsed(UNIT_TIME, "1.5ms"), 1500000);
    cr_assert_eq(parsed(UNIT_COUNT, "1.25G"), 1250000000);
    cr_assert_eq(parsed(UNIT_SIZE, "0.5KiB"), 512);
    refused(UNIT_TIME, "0.5ns", "whole");
    refused(UNIT_RATE, "0.5/s", "whole");
    refused(UNIT_COUNT, "1.", "suffix");
    refused(UNIT_COUNT, ".5", "not a number");
}

Test(units, refuses) {
    refused(UNIT_TIME, "80", "no unit");
    refused(UNIT_TIME, "80Us", "unknown unit");
    refused(UNIT_TIME, "80 us", "unknown unit");
    refused(UNIT_SIZE, "1KB", "unknown unit");
    refused(UNIT_RATE, "10k", "unknown unit");
    refused(UNIT_COUNT, "5X", "suffix");
    refused(UNIT_COUNT, "500,000", "mark");
    refused(UNIT_COUNT, "500_000", "mark");
    refused(UNIT_COUNT, "-1", "negative");
    refused(UNIT_COUNT, "", "not a number");
    refused(UNIT_COUNT, "many", "not a number");
}

Test(units, overflow_is_a_mistake) {
    cr_assert_eq(parsed(UNIT_COUNT, "9223372036854775807"), INT64_MAX);
    refused(UNIT_COUNT, "9223372036854775808", "large");
    refused(UNIT_COUNT, "9223372036854775807k", "large");
    refused(UNIT_TIME, "99999999999h", "large");
    refused(UNIT_COUNT, "99999999999999999999999999", "large");
}

Test(units, written_back_canonically) {
    static const struct {
        enum unit unit;
        const char *text, *canonical;
    } cases[] = {
        {UNIT_TIME, "1000ns", "1us"},    {UNIT_TIME, "90s", "90s"},
        {UNIT_TIME, "60s", "1min"},      {UNIT_TIME, "0us", "0ns"},
        {UNIT_TIME, "1.5ms", "1500us"},  {UNIT_SIZE, "1536B", "1536B"},
        {UNIT_SIZE, "2048KiB", "2MiB"},  {UNIT_SIZE, "0KiB", "0B"},
        {UNIT_RATE, "1000/s", "1k/s"},   {UNIT_RATE, "1500/s", "1500/s"},
        {UNIT_SHARE, "0.1%", "1000ppm"}, {UNIT_SHARE, "20000ppm", "2%"},
        {UNIT_SHARE, "0ppb", "0%"},      {UNIT_COUNT, "500000", "500k"},
        {UNIT_COUNT, "0", "0"},          {UNIT_COUNT, "1234", "1234"},
        {UNIT_COUNT, "5000k", "5M"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[UNITS_TEXT_BYTES];
        int64_t value = parsed(cases[i].unit, cases[i].text);
        units_write(cases[i].unit, value, text);
        cr_assert_str_eq(text, cases[i].canonical);
        cr_assert_eq(parsed(cases[i].unit, text), value);
    }
}

Test(units, the_largest_values_have_room) {
    for (int unit = UNIT_COUNT; unit <= UNIT_SHARE; unit++) {
        char text[UNITS_TEXT_BYTES];
        units_write((enum unit)unit, INT64_MAX, text);
        cr_assert_eq(parsed((enum unit)unit, text), INT64_MAX);
    }
}
