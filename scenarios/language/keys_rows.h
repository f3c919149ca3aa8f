/* The rows of the table, by part. Only keys.c joins them. */
#ifndef NERVE_LANGUAGE_KEYS_ROWS_H
#define NERVE_LANGUAGE_KEYS_ROWS_H

#include "scenarios/language/keys.h"

enum { KEYS_HOUR = 3600 };
#define KEYS_MAX_TIME  (1000 * (int64_t)KEYS_HOUR * 1000000000) /* 1,000 hours */
#define KEYS_MAX_SIZE  ((int64_t)64 << 20)
#define KEYS_MAX_COUNT ((int64_t)1000000000)

extern const struct key keys_of_run[], keys_of_genome[], keys_of_world[], keys_of_nerve[],
    keys_of_profile[];
extern const size_t keys_of_run_count, keys_of_genome_count, keys_of_world_count,
    keys_of_nerve_count, keys_of_profile_count;

#endif
