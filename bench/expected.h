/*
 * The digests that the workloads must end with: FOLDER/expected.txt, a line "NAME DIGEST" each.
 * Fixed in size; one thread.
 */
#ifndef NERVE_BENCH_EXPECTED_H
#define NERVE_BENCH_EXPECTED_H

#include "base/digest.h"

enum { EXPECTED_MOST = 64, EXPECTED_NAME_BYTES = 32 };

struct expected {
    char path[4096];
    int count;
    struct {
        char name[EXPECTED_NAME_BYTES];
        char digest[DIGEST_TEXT_BYTES];
    } line[EXPECTED_MOST];
};

/* Reads it; a file that is not there is empty. */
void expected_read(struct expected *expected, const char *folder);

/* NULL: none is known. */
const char *expected_digest(const struct expected *expected, const char *name);

void expected_set(struct expected *expected, const char *name, const char *digest);

/* -1: it could not be written; the reason is on standard error. */
int expected_write(const struct expected *expected);

#endif
