#include "scenarios/language/data.h"

#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

#ifndef NERVE_SOURCE_DATA_DIR
#define NERVE_SOURCE_DATA_DIR "."
#endif

static bool holds_data(const char *directory) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/strategies", directory);
    return access(path, R_OK | X_OK) == 0;
}

/* The directories above the program, nearest first: share/nerve there, or the tree itself. */
static bool find_above(char *program, char *found, size_t bytes) {
    for (char *slash; (slash = strrchr(program, '/')) && slash != program;) {
        *slash = '\0';
        snprintf(found, bytes, "%s/share/nerve", program);
        if (holds_data(found)) {
            return true;
        }
        snprintf(found, bytes, "%s", program);
        if (holds_data(found)) {
            return true;
        }
    }
    return false;
}

static char found[PATH_MAX + 16];

static void find(void) {
    char program[PATH_MAX];
    const char *given = getenv("NERVE_DATA");
    if (given && *given) {
        snprintf(found, sizeof found, "%s", given);
        return;
    }
    ssize_t bytes = readlink("/proc/self/exe", program, sizeof program - 1);
    if (bytes > 0) {
        program[bytes] = '\0';
        if (find_above(program, found, sizeof found)) {
            return;
        }
    }
    snprintf(found, sizeof found, "%s", NERVE_SOURCE_DATA_DIR);
    if (!holds_data(found)) {
        snprintf(found, sizeof found, ".");
    }
}

const char *scenario_data_directory(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find);
    return found;
}

static int by_alphabet(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t data_names(const char *folder, char ***names) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", scenario_data_directory(), folder);
    size_t count = 0;
    *names = NULL;
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        size_t bytes = strlen(entry->d_name);
        if (bytes > 4 && strcmp(entry->d_name + bytes - 4, ".yml") == 0) {
            *names = memory_grow(*names, count + 1, sizeof **names);
            entry->d_name[bytes - 4] = '\0';
            (*names)[count++] = memory_text(entry->d_name);
        }
    }
    if (directory) {
        closedir(directory);
    }
    if (count) {
        qsort(*names, count, sizeof **names, by_alphabet);
    }
    return count;
}
