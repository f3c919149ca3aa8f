#include "base/units.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/wide.h"

struct suffix {
    const char *text;
    int64_t of_least;
};

struct unit_row {
    const char *name, *list, *no_unit, *unknown_unit, *not_whole;
    const struct suffix *suffix; /* the greatest first; ends with NULL */
};

static const struct suffix counts[] = {
    {"G", 1000000000}, {"M", 1000000}, {"k", 1000}, {"", 1}, {NULL, 0}};
static const struct suffix times[] = {{"h", 3600000000000},
                                      {"min", 60000000000},
                                      {"s", 1000000000},
                                      {"ms", 1000000},
                                      {"us", 1000},
                                      {"ns", 1},
                                      {NULL, 0}};
static const struct suffix sizes[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {NULL, 0}};
static const struct suffix rates[] = {{"M/s", 1000000}, {"k/s", 1000}, {"/s", 1}, {NULL, 0}};
static const struct suffix shares[] = {{"%", 10000000}, {"ppm", 1000}, {"ppb", 1}, {NULL, 0}};

static const struct unit_row unit_rows[] = {
    [UNIT_COUNT] = {"count", "k M G", NULL, "has an unknown suffix (a count has k, M, G or none)",
                    "is not a whole number", counts},
    [UNIT_TIME] = {"time", "ns us ms s min h", "has no unit (a time has ns us ms s min or h)",
                   "has an unknown unit (a time has ns us ms s min or h)",
                   "is not a whole number of nanoseconds", times},
    [UNIT_SIZE] = {"size", "B KiB MiB GiB", "has no unit (a size has B KiB MiB or GiB)",
                   "has an unknown unit (a size has B KiB MiB or GiB)",
                   "is not a whole number of bytes", sizes},
    [UNIT_RATE] = {"rate", "/s k/s M/s", "has no unit (a rate has /s k/s or M/s)",
                   "has an unknown unit (a rate has /s k/s or M/s)",
                   "is not a whole number a second", rates},
    [UNIT_SHARE] = {"share", "% ppm ppb", "has no unit (a share has % ppm or ppb)",
                    "has an unknown unit (a share has % ppm or ppb)",
                    "is not a whole number of parts per billion", shares},
};

const char *units_name(enum unit unit) {
    return unit_rows[unit].name;
}

const char *units_list(enum unit unit) {
    return unit_rows[unit].list;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Digits, with at most one point among them, as a whole number and its power of ten. */
static const char *parse_digits(const char *text, int64_t *digits, int64_t *divisor,
                                const char **end) {
    *digits = 0;
    *divisor = 1;
    const char *at = text;
    if (!is_digit(*at)) {
        return *at == '-' ? "is negative" : "is not a number";
    }
    bool fraction = false;
    for (; is_digit(*at) || (*at == '.' && !fraction && is_digit(at[1])); at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (__builtin_mul_overflow(*digits, 10, digits) ||
            __builtin_add_overflow(*digits, *at - '0', digits) ||
            (fraction && __builtin_mul_overflow(*divisor, 10, divisor))) {
            return "is too large";
        }
    }
    *end = at;
    return NULL;
}

const char *units_parse(enum unit unit, const char *text, int64_t *value) {
    const struct unit_row *row = &unit_rows[unit];
    int64_t digits, divisor;
    const char *end;
    const char *mistake = parse_digits(text, &digits, &divisor, &end);
    if (mistake) {
        return mistake;
    }
    if (*end == ',' || *end == '_') {
        return "has a mark among its digits: leave it out, or write k, M or G";
    }
    const struct suffix *suffix = row->suffix;
    while (suffix->text && strcmp(suffix->text, end) != 0) {
        suffix++;
    }
    if (!suffix->text) {
        return *end ? row->unknown_unit : row->no_unit;
    }
    uint128 least = (uint128)digits * (uint64_t)suffix->of_least;
    if (least % (uint64_t)divisor) {
        return row->not_whole;
    }
    least /= (uint64_t)divisor;
    if (least > INT64_MAX) {
        return "is too large";
    }
    *value = (int64_t)least;
    return NULL;
}

void units_write(enum unit unit, int64_t value, char text[UNITS_TEXT_BYTES]) {
    NERVE_ASSERT(value >= 0);
    const struct suffix *suffix = unit_rows[unit].suffix;
    if (value == 0) {
        const char *zero = unit == UNIT_SHARE ? "%" : NULL;
        while (!zero && suffix[1].text) {
            suffix++;
        }
        snprintf(text, UNITS_TEXT_BYTES, "0%s", zero ? zero : suffix->text);
        return;
    }
    while (value % suffix->of_least) {
        suffix++;
    }
    snprintf(text, UNITS_TEXT_BYTES, "%lld%s", (long long)(value / suffix->of_least), suffix->text);
}
