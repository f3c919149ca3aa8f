#include "scenarios/language/mistakes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { LINE_SHOWN = 160, MISTAKES_KEPT = 10000 };

__attribute__((format(printf, 4, 0))) static void add(struct mistakes *mistakes,
                                                      const struct source *source, size_t offset,
                                                      const char *format, va_list args) {
    for (uint32_t i = 0; i < mistakes->count; i++) {
        if (mistakes->mistake[i].source == source && mistakes->mistake[i].offset == offset) {
            return;
        }
    }
    if (mistakes->count == MISTAKES_KEPT) {
        return;
    }
    if (mistakes->count == mistakes->room) {
        mistakes->room = mistakes->room ? mistakes->room * 2 : 16;
        mistakes->mistake =
            memory_grow(mistakes->mistake, mistakes->room, sizeof *mistakes->mistake);
    }
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    mistakes->mistake[mistakes->count++] =
        (struct mistake){source, offset, arena_text(mistakes->arena, text, strlen(text))};
}

void mistakes_add(struct mistakes *mistakes, const struct source *source, size_t offset,
                  const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(mistakes, source, offset, format, args);
    va_end(args);
}

void mistakes_value(struct mistakes *mistakes, struct node *node, const char *format, ...) {
    if (!node->bad) {
        node->bad = true;
        va_list args;
        va_start(args, format);
        add(mistakes, node->source, node->offset, format, args);
        va_end(args);
    }
}

void mistakes_key(struct mistakes *mistakes, struct node *node, const char *format, ...) {
    if (!node->bad) {
        node->bad = true;
        va_list args;
        va_start(args, format);
        add(mistakes, node->key_source, node->key_offset, format, args);
        va_end(args);
    }
}

static int compare(const void *a, const void *b) {
    const struct mistake *x = a, *y = b;
    if (x->source->order != y->source->order) {
        return x->source->order < y->source->order ? -1 : 1;
    }
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The line of a place, cut around it where it is long, and a caret under the place. */
static void say_line(const struct source *source, size_t offset, FILE *file) {
    const char *begin = source->text + (offset < source->bytes ? offset : source->bytes);
    const char *place = begin;
    while (begin > source->text && begin[-1] != '\n' && place - begin < LINE_SHOWN - 40) {
        begin--;
    }
    while (((unsigned char)*begin & 0xc0) == 0x80) {
        begin++;
    }
    size_t length = strcspn(begin, "\r\n");
    if (length > LINE_SHOWN) {
        length = LINE_SHOWN;
        while (((unsigned char)begin[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    fprintf(file, "  %.*s\n  ", (int)length, begin);
    for (const char *at = begin; at < place; at++) {
        if (((unsigned char)*at & 0xc0) != 0x80) {
            fputc(*at == '\t' ? '\t' : ' ', file);
        }
    }
    fputs("^\n", file);
}

static void say(const struct mistake *mistake, FILE *file) {
    const struct source *source = mistake->source;
    uint32_t line, column;
    if (source->is_set || source->whole) {
        fprintf(file, "%s: error: %s\n", source->name, mistake->text);
    } else {
        source_place(source, mistake->offset, &line, &column);
        fprintf(file, "%s:%u:%u: error: %s\n", source->name, line, column, mistake->text);
    }
    if (!source->whole) {
        say_line(source, mistake->offset, file);
    }
    for (; source->parent; source = source->parent) {
        const char *how = source->named ? "named in" : "extended from";
        source_place(source->parent, source->parent_offset, &line, &column);
        if (source->parent->is_set) {
            fprintf(file, "  %s %s\n", how, source->parent->name);
        } else {
            fprintf(file, "  %s %s:%u:%u\n", how, source->parent->name, line, column);
        }
    }
}

int mistakes_say(struct mistakes *mistakes, FILE *file) {
    if (mistakes->count) {
        qsort(mistakes->mistake, mistakes->count, sizeof *mistakes->mistake, compare);
    }
    for (uint32_t i = 0; file && i < mistakes->count && i < MISTAKES_SAID; i++) {
        say(&mistakes->mistake[i], file);
    }
    if (file && mistakes->count > MISTAKES_SAID) {
        fprintf(file, "... and %u more\n", mistakes->count - MISTAKES_SAID);
    }
    return (int)mistakes->count;
}

void mistakes_deinit(struct mistakes *mistakes) {
    free(mistakes->mistake);
    mistakes->mistake = NULL;
    mistakes->count = mistakes->room = 0;
}
