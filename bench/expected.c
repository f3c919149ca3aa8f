#include "bench/expected.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"

void expected_read(struct expected *expected, const char *folder) {
    expected->count = 0;
    snprintf(expected->path, sizeof expected->path, "%s/expected.txt", folder);
    FILE *file = fopen(expected->path, "r");
    if (!file) {
        return;
    }
    char name[EXPECTED_NAME_BYTES], digest[DIGEST_TEXT_BYTES];
    while (expected->count < EXPECTED_MOST && fscanf(file, "%31s %32s", name, digest) == 2) {
        expected_set(expected, name, digest);
    }
    fclose(file);
}

static int find(const struct expected *expected, const char *name) {
    int at = 0;
    while (at < expected->count && strcmp(expected->line[at].name, name) != 0) {
        at++;
    }
    return at;
}

const char *expected_digest(const struct expected *expected, const char *name) {
    int at = find(expected, name);
    return at < expected->count ? expected->line[at].digest : NULL;
}

void expected_set(struct expected *expected, const char *name, const char *digest) {
    int at = find(expected, name);
    NERVE_ASSERT(at < EXPECTED_MOST);
    snprintf(expected->line[at].name, sizeof expected->line[at].name, "%s", name);
    snprintf(expected->line[at].digest, sizeof expected->line[at].digest, "%s", digest);
    expected->count = at == expected->count ? at + 1 : expected->count;
}

int expected_write(const struct expected *expected) {
    FILE *file = fopen(expected->path, "w");
    for (int i = 0; file && i < expected->count; i++) {
        fprintf(file, "%s %s\n", expected->line[i].name, expected->line[i].digest);
    }
    if (!file || fclose(file) != 0) {
        perror(expected->path);
        return -1;
    }
    return 0;
}
