#include "cli/humane.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* value / unit with three digits that count, rounded half up; value >= 0, unit > 0. */
static void write_three(char *text, size_t bytes, int64_t value, int64_t unit) {
    int64_t whole = value / unit;
    int places = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
    int64_t scale = places == 0 ? 1 : places == 1 ? 10 : 100;
    int64_t rest = value % unit;
    while (unit > INT64_MAX / 1000) {
        unit /= 10;
        rest /= 10;
    }
    int64_t scaled = whole * scale + (rest * scale + unit / 2) / unit;
    if (places > 0 && scaled % scale == 0) {
        snprintf(text, bytes, "%" PRId64, scaled / scale);
    } else if (places > 0) {
        snprintf(text, bytes, "%" PRId64 ".%0*" PRId64, scaled / scale, places, scaled % scale);
    } else {
        snprintf(text, bytes, "%" PRId64, scaled);
    }
}

struct scale {
    int64_t unit;
    const char *name;
};

/* The greatest unit that is not above the value; the last of the list has unit 1. What rounds up
 * to the next unit takes it: 999,999 ns is 1 ms. */
static struct humane write_scaled(int64_t value, const struct scale *scales, int64_t step) {
    struct humane h;
    char number[32];
    int i = 0;
    while (scales[i].unit > 1 && value < scales[i].unit - scales[i].unit / (2 * step)) {
        i++;
    }
    if (scales[i].unit > 1 && value < scales[i].unit) {
        value = scales[i].unit;
    }
    write_three(number, sizeof number, value, scales[i].unit);
    snprintf(h.text, sizeof h.text, "%s%s", number, scales[i].name);
    return h;
}

struct humane humane_time(int64_t ns) {
    static const struct scale scales[] = {{3600000000000, " h"}, {60000000000, " min"},
                                          {1000000000, " s"},    {1000000, " ms"},
                                          {1000, " us"},         {1, " ns"}};
    if (ns == 0) {
        return (struct humane){"0 ns"};
    }
    return write_scaled(ns, scales, 1000);
}

struct humane humane_bytes(int64_t bytes) {
    static const struct scale scales[] = {{(int64_t)1 << 40, " TiB"},
                                          {(int64_t)1 << 30, " GiB"},
                                          {(int64_t)1 << 20, " MiB"},
                                          {(int64_t)1 << 10, " KiB"},
                                          {1, " B"}};
    return write_scaled(bytes, scales, 1024);
}

struct humane humane_short(int64_t count) {
    static const struct scale scales[] = {{1000000000, "G"}, {1000000, "M"}, {1000, "k"}, {1, ""}};
    return write_scaled(count, scales, 1000);
}

struct humane humane_count(int64_t count) {
    struct humane h;
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);
    char *out = h.text;
    for (int i = 0; i < length; i++) {
        bool after_digit = i > 0 && digits[i - 1] != '-';
        if (after_digit && (length - i) % 3 == 0) {
            *out++ = ',';
        }
        *out++ = digits[i];
    }
    *out = '\0';
    return h;
}

struct humane humane_ppm(int64_t ppm) {
    struct humane h;
    if (ppm > 0 && ppm < 100) {
        return (struct humane){"< 0.01 %"};
    }
    if (ppm > 999000 && ppm < 1000000) { /* never 100 % where something is missing */
        snprintf(h.text, sizeof h.text, "%" PRId64 ".%02" PRId64 " %%", ppm / 10000,
                 ppm % 10000 / 100);
        return h;
    }
    if (ppm >= 10000000) {
        snprintf(h.text, sizeof h.text, "%.30s %%", humane_count(ppm / 10000).text);
        return h;
    }
    char number[32];
    write_three(number, sizeof number, ppm, 10000);
    snprintf(h.text, sizeof h.text, "%s %%", number);
    return h;
}

struct humane humane_times(int64_t millionths) {
    struct humane h;
    if (millionths >= 1000000000) {
        return humane_count(millionths / 1000000);
    }
    write_three(h.text, sizeof h.text, millionths, 1000000);
    return h;
}

struct humane humane_decimal(int64_t millionths) {
    struct humane h;
    int64_t tenths = (millionths + 50000) / 100000;
    snprintf(h.text, sizeof h.text, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
    return h;
}

struct humane humane_share(int64_t part, int64_t whole) {
    if (whole <= 0) {
        return (struct humane){"0 %"};
    }
    int64_t ppm =
        part > INT64_MAX / 1000000 ? part / (whole / 1000000 + 1) : part * 1000000 / whole;
    return humane_ppm(ppm);
}

const char *humane_article(const char *name) {
    return name[0] && strchr("aeiou", name[0]) ? "an" : "a";
}

const char *humane_plural(int64_t count) {
    return count == 1 ? "" : "s";
}
