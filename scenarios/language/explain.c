#include <string.h>

#include "base/units.h"
#include "scenarios/language/keys.h"
#include "scenarios/language/suggest.h"

enum { WIDTH = 96, KEY_PATH_BYTES = 160 };

/* Wraps a text at the width of a page. */
static void write_wrapped(const char *text, const char *indent, FILE *file) {
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column == 0 || column + 1 + word > WIDTH) {
            fprintf(file, "%s%s", column ? "\n" : "", indent);
            column = strlen(indent);
        } else {
            fputc(' ', file);
            column++;
        }
        fprintf(file, "%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', file);
}

static bool range_text(const struct key *row, char *text, size_t bytes) {
    static const struct {
        enum key_kind kind;
        enum unit unit;
    } units[] = {{KEY_TIME, UNIT_TIME},    {KEY_SIZE, UNIT_SIZE},        {KEY_RATE, UNIT_RATE},
                 {KEY_SHARE, UNIT_SHARE},  {KEY_COUNT, UNIT_COUNT},      {KEY_PLAIN_NS, UNIT_COUNT},
                 {KEY_AMOUNT, UNIT_COUNT}, {KEY_PLAIN_BYTES, UNIT_COUNT}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (units[i].kind == row->kind) {
            char low[UNITS_TEXT_BYTES], high[UNITS_TEXT_BYTES];
            units_write(units[i].unit, row->min, low);
            units_write(units[i].unit, row->max, high);
            snprintf(text, bytes, row->max == INT64_MAX ? "from %s on" : "from %s to %s", low,
                     high);
            return true;
        }
    }
    return false;
}

/* "time (...), from 1ns to 1000h; must be given" */
static void write_type(const struct key *row, FILE *file) {
    char type[256], range[96];
    keys_type_text(row, type, sizeof type);
    fprintf(file, "  %s", type);
    if (range_text(row, range, sizeof range)) {
        fprintf(file, "; %s", range);
    }
    if (row->flags & KEY_REQUIRED) {
        fputs("; must be given", file);
    } else if (row->initial) {
        fprintf(file, "; default %s", row->initial);
    }
    fputc('\n', file);
}

/* A value at its place, as one would write it. */
static void write_example(const struct key *row, FILE *file) {
    char path[KEY_PATH_BYTES];
    if (!row->example || !keys_sample_path(row, path, sizeof path)) {
        return;
    }
    fputs("  example:\n", file);
    int indent = 4;
    for (const char *at = path; *at; indent += 2) {
        size_t bytes = strcspn(at, ".");
        fprintf(file, "%*s%.*s:", indent, "", (int)bytes, at);
        at += bytes + (at[bytes] == '.');
        fputs(*at ? "\n" : "", file);
    }
    fprintf(file, " %s\n", row->example);
}

static void list_keys(const struct key *row, FILE *file) {
    size_t place = 0;
    const struct key *child;
    while ((child = keys_next(row, &place))) {
        char type[256];
        keys_type_text(child, type, sizeof type);
        const char *name = keys_last(child);
        fprintf(file, "    %-22s %s%s%s%s\n", strcmp(name, "*") == 0 ? "NAME" : name, type,
                child->flags & KEY_REQUIRED ? "; must be given" : "",
                child->initial ? "; default " : "", child->initial ? child->initial : "");
    }
}

static void explain_row(const char *path, const struct key *row, FILE *file) {
    fprintf(file, "%s\n", *path ? path : "a scenario");
    if (row->flags & KEY_LATER) {
        fputs("  not built yet\n", file);
    } else if (*path) {
        write_type(row, file);
    }
    write_wrapped(row->doc, "  ", file);
    write_example(row, file);
    if (keys_is_map(row)) {
        fputs("  its keys:\n", file);
        list_keys(row, file);
    }
}

/* One word that paths end with: the one, explained, or all, listed. */
static int explain_last(const char *word, FILE *file) {
    const struct key *found = NULL;
    size_t hits = 0;
    for (size_t i = 0; i < keys_count(); i++) {
        if (*keys_row(i)->path && strcmp(keys_last(keys_row(i)), word) == 0) {
            found = keys_row(i);
            hits++;
        }
    }
    if (hits == 1) {
        explain_row(found->path, found, file);
    }
    if (hits > 1) {
        fprintf(file, "`%s` is a key in several places; explain one of:\n", word);
    }
    for (size_t i = 0; hits > 1 && i < keys_count(); i++) {
        if (strcmp(keys_last(keys_row(i)), word) == 0) {
            fprintf(file, "  %s\n", keys_row(i)->path);
        }
    }
    return hits ? 0 : -1;
}

/* The row of the longest part of the path that there is. */
static const struct key *longest_part(const char *path, size_t *bytes) {
    char part[KEY_PATH_BYTES];
    const struct key *row = keys_root("");
    *bytes = 0;
    for (size_t end = 0; path[end];) {
        end += path[end] == '.';
        end += strcspn(path + end, ".");
        if (end >= sizeof part) {
            break;
        }
        snprintf(part, sizeof part, "%.*s", (int)end, path);
        const struct key *next = keys_find(part);
        if (!next) {
            break;
        }
        row = next;
        *bytes = end;
    }
    return row;
}

static void say_unknown(const char *path, FILE *file) {
    size_t bytes, place = 0;
    const struct key *row = longest_part(path, &bytes), *child;
    const char *wrong = path + bytes + (bytes && path[bytes] == '.');
    char name[KEY_PATH_BYTES], text[SUGGEST_TEXT_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(wrong, "."), wrong);
    struct suggest suggest = suggest_begin(name);
    while ((child = keys_next(row, &place))) {
        suggest_offer(&suggest, keys_last(child));
    }
    for (size_t i = 0; bytes == 0 && i < keys_count(); i++) {
        suggest_offer(&suggest, keys_last(keys_row(i)));
    }
    fprintf(file, "there is no key `%s`%s%.*s%s\n", name, bytes ? " in " : "", (int)bytes, path,
            suggest_text(&suggest, text));
}

int language_explain(const char *path, FILE *file) {
    const struct key *row = *path ? keys_find(path) : keys_root("");
    if (row) {
        explain_row(path, row, file);
        return 0;
    }
    if (!strchr(path, '.') && explain_last(path, file) == 0) {
        return 0;
    }
    say_unknown(path, file);
    return -1;
}
