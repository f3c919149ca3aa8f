/*
 * Quantities with their units, as scenarios write them: 80us, 2KiB, 10k/s, 2%, 500k. Parsed to
 * whole numbers of the least unit (ns, bytes, per second, parts per billion, 1) and written back
 * canonically: the greatest unit that divides. int64 throughout, overflow is a mistake.
 * Pure; any thread.
 */
#ifndef NERVE_BASE_UNITS_H
#define NERVE_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

enum unit {
    UNIT_COUNT, /* 1: 64, 500k, 5M, 1G */
    UNIT_TIME,  /* ns: ns us ms s min h */
    UNIT_SIZE,  /* bytes: B KiB MiB GiB */
    UNIT_RATE,  /* a second: /s k/s M/s */
    UNIT_SHARE, /* parts per billion: % ppm ppb */
};

enum { UNITS_TEXT_BYTES = 32 }; /* room for every text that units_write makes */

/* "time", "size" ... */
const char *units_name(enum unit unit);

/* The units that may follow the number: "ns us ms s min h". */
const char *units_list(enum unit unit);

/*
 * Parses a whole text. A fraction (1.5ms) is allowed where what it stands for is whole. NULL where
 * it is well-formed; else what is wrong with it, to be said of the text: "has no unit (...)".
 */
const char *units_parse(enum unit unit, const char *text, int64_t *value);

/* Writes a value >= 0 canonically: 80us, 2KiB, 10k/s, 2%, 500k; 0 is 0ns, 0B, 0/s, 0%, 0. */
void units_write(enum unit unit, int64_t value, char text[UNITS_TEXT_BYTES]);

#endif
