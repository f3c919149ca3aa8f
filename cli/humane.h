/* Numbers as people read them: three digits that count, a unit, commas. Pure. */
#ifndef NERVE_CLI_HUMANE_H
#define NERVE_CLI_HUMANE_H

#include <stdint.h>

struct humane {
    char text[40];
};

struct humane humane_time(int64_t ns);            /* 840 ns, 43.2 us, 449 ms, 1.24 s, 3.5 min */
struct humane humane_bytes(int64_t bytes);        /* 512 B, 45.2 MiB */
struct humane humane_count(int64_t count);        /* 1,234,567 */
struct humane humane_short(int64_t count);        /* 950, 12.3k, 1.23M */
struct humane humane_ppm(int64_t ppm);            /* 0.9 %, 100 %, 3,880 % */
struct humane humane_times(int64_t millionths);   /* 38.8, 1.02: a factor */
struct humane humane_decimal(int64_t millionths); /* 63.9: one place */
struct humane humane_share(int64_t part, int64_t whole); /* as humane_ppm; "0 %" of nothing */

/* "an eye", "a motor": the article that a name takes. */
const char *humane_article(const char *name);

/* "" for 1, else "s". */
const char *humane_plural(int64_t count);

#endif
