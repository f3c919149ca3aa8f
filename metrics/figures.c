#include "metrics/figures.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "metrics/figures_names.h"

enum { MAX_PATH = 512 };

/* Whether a row's segment stands for a name. */
static bool is_placeholder(const char *segment) {
    return isupper((unsigned char)segment[0]);
}

/* Walks a row's path and a path together; for each placeholder asks `fits`. */
typedef bool fits_name(const void *context, const char *placeholder, size_t placeholder_bytes,
                       const char *name, size_t name_bytes);

static bool matches(const char *row, const char *path, fits_name *fits, const void *context) {
    for (;;) {
        size_t row_bytes = strcspn(row, ".");
        size_t path_bytes = strcspn(path, ".");
        if (is_placeholder(row)) {
            if (path_bytes == 0 || (fits && !fits(context, row, row_bytes, path, path_bytes))) {
                return false;
            }
        } else if (row_bytes != path_bytes || memcmp(row, path, row_bytes) != 0) {
            return false;
        }
        if (row[row_bytes] == '\0' || path[path_bytes] == '\0') {
            return row[row_bytes] == path[path_bytes];
        }
        row += row_bytes + 1;
        path += path_bytes + 1;
    }
}

/* A row without placeholders goes before one with: account.dropped.all is no cause. */
static size_t find_row(const char *path, fits_name *fits, const void *context) {
    for (size_t i = 0; i < figures_table_rows; i++) {
        if (matches(figures_table[i].path, path, fits, context)) {
            return i;
        }
    }
    return figures_table_rows;
}

const struct figure_row *figures_row(const char *path) {
    size_t row = find_row(path, NULL, NULL);
    return row < figures_table_rows ? &figures_table[row] : NULL;
}

static struct figure *add(struct figures *f, enum figure_kind kind, const char *path,
                          va_list args) {
    char text[MAX_PATH];
    int bytes = vsnprintf(text, sizeof text, path, args);
    NERVE_ASSERT(bytes > 0 && (size_t)bytes < sizeof text);
    size_t row = find_row(text, NULL, NULL);
    NERVE_ASSERT(row < figures_table_rows);
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 256;
        f->figure = memory_grow(f->figure, f->room, sizeof *f->figure);
    }
    struct figure *figure = &f->figure[f->count++];
    *figure = (struct figure){.path = memory_text(text), .kind = kind, .row = row};
    return figure;
}

void figures_number(struct figures *f, int64_t number, const char *path, ...) {
    va_list args;
    va_start(args, path);
    add(f, FIGURE_NUMBER, path, args)->number = number;
    va_end(args);
}

void figures_decimal(struct figures *f, int64_t millionths, const char *path, ...) {
    va_list args;
    va_start(args, path);
    add(f, FIGURE_DECIMAL, path, args)->number = millionths;
    va_end(args);
}

void figures_bool(struct figures *f, bool value, const char *path, ...) {
    va_list args;
    va_start(args, path);
    add(f, FIGURE_BOOL, path, args)->number = value;
    va_end(args);
}

void figures_text(struct figures *f, const char *text, const char *path, ...) {
    va_list args;
    va_start(args, path);
    add(f, FIGURE_TEXT, path, args)->text = memory_text(text);
    va_end(args);
}

void figures_list(struct figures *f, const char *lines, const char *path, ...) {
    va_list args;
    va_start(args, path);
    add(f, FIGURE_LIST, path, args)->text = memory_text(lines);
    va_end(args);
}

void figures_no_value(struct figures *f, enum figure_kind kind, const char *path, ...) {
    NERVE_ASSERT(kind == FIGURE_NONE || kind == FIGURE_UNKNOWN);
    va_list args;
    va_start(args, path);
    add(f, kind, path, args);
    va_end(args);
}

const struct figure *figures_find(const struct figures *f, const char *path) {
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(f->figure[i].path, path) == 0) {
            return &f->figure[i];
        }
    }
    return NULL;
}

void figures_value_text(const struct figure *figure, char *text, size_t bytes) {
    uint64_t magnitude = figure->number < 0 ? -(uint64_t)figure->number : (uint64_t)figure->number;
    switch (figure->kind) {
    case FIGURE_NUMBER:
        snprintf(text, bytes, "%" PRId64, figure->number);
        return;
    case FIGURE_DECIMAL:
        snprintf(text, bytes, "%s%" PRIu64 ".%06" PRIu64, figure->number < 0 ? "-" : "",
                 magnitude / 1000000, magnitude % 1000000);
        return;
    case FIGURE_BOOL:
        snprintf(text, bytes, "%s", figure->number ? "true" : "false");
        return;
    case FIGURE_TEXT:
    case FIGURE_LIST:
        snprintf(text, bytes, "%s", figure->text);
        return;
    case FIGURE_NONE:
        snprintf(text, bytes, "none");
        return;
    case FIGURE_UNKNOWN:
        snprintf(text, bytes, "not known");
        return;
    }
}

static bool is_among(const char *const *names, size_t count, const char *name, size_t bytes) {
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == bytes && memcmp(names[i], name, bytes) == 0) {
            return true;
        }
    }
    return false;
}

static bool fits_run(const void *context, const char *placeholder, size_t placeholder_bytes,
                     const char *name, size_t name_bytes) {
    const struct figure_names *names = context;
    const struct tally *tally = names->tally;
    const struct {
        const char *placeholder;
        const char *const *names;
        size_t count;
    } lists[] = {
        {"KIND", tally->kind_name, tally->kinds},
        {"SOURCE", tally->source_name, tally->sources},
        {"HOST", tally->host_name, tally->hosts},
        {"TYPE", tally->type_name, tally->types},
        {"PLACE", figures_place_name, PLACES},
        {"PHASE", figures_phase_name, PHASES},
        {"CAUSE", figures_cause_name, CAUSES},
        {"EXPECTATION", names->expectation, names->expectations},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strlen(lists[i].placeholder) == placeholder_bytes &&
            memcmp(lists[i].placeholder, placeholder, placeholder_bytes) == 0) {
            return is_among(lists[i].names, lists[i].count, name, name_bytes);
        }
    }
    return true; /* MESSAGE: a protocol's own; no list of them */
}

bool figures_possible(const char *path, const struct figure_names *names) {
    if (find_row(path, fits_run, names) == figures_table_rows) {
        return false;
    }
    const char aware[] = "aware.";
    if (strncmp(path, aware, sizeof aware - 1) != 0) {
        return true;
    }
    const char *source = path + sizeof aware - 1; /* of those that raise a version alone */
    for (uint32_t i = 0; i < names->tally->sources; i++) {
        size_t bytes = strlen(names->tally->source_name[i]);
        if (strncmp(names->tally->source_name[i], source, bytes) == 0 && source[bytes] == '.') {
            return names->tally->source[i].raises;
        }
    }
    return false;
}

void figures_deinit(struct figures *f) {
    for (size_t i = 0; i < f->count; i++) {
        free(f->figure[i].path);
        free(f->figure[i].text);
    }
    free(f->figure);
    *f = (struct figures){0};
}
