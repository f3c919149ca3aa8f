/*
 * Which process runs a run: its id, and the moment at which it started since that boot, so that an
 * id that was given again is not taken for it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "metrics/store_sql.h"

enum { START_FIELD = 22 }; /* of /proc/PID/stat, counted from 1 */

static void read_boot(char *boot, size_t bytes) {
    snprintf(boot, bytes, "unknown");
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (file) {
        if (fgets(boot, (int)bytes, file)) {
            boot[strcspn(boot, "\n")] = '\0';
        }
        fclose(file);
    }
}

/* When a process started, in ticks since the boot; 0: there is none, or it has ended. */
static uint64_t read_start(long pid) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return 0;
    }
    size_t bytes = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[bytes] = '\0';
    char *at = strrchr(line, ')'); /* the name before it may hold anything */
    if (!at || at[1] == '\0' || at[2] == 'Z' || at[2] == 'X') {
        return 0;
    }
    at++;
    for (int field = 3; field < START_FIELD && at; field++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoull(at, NULL, 10) : 0;
}

static char *describe(long pid) {
    char boot[64], text[160];
    read_boot(boot, sizeof boot);
    snprintf(text, sizeof text, "%s %ld %" PRIu64, boot, pid, read_start(pid));
    return memory_text(text);
}

char *store_process_own(void) {
    return describe(getpid());
}

bool store_process_lives(const char *process) {
    const char *space = strchr(process, ' ');
    long pid = space ? strtol(space + 1, NULL, 10) : 0;
    if (pid <= 0 || read_start(pid) == 0) {
        return false;
    }
    char *now = describe(pid);
    bool lives = strcmp(now, process) == 0;
    free(now);
    return lives;
}
