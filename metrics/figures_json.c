/*
 * Figures as JSON. jansson escapes the texts; the tree is written here, because a decimal of six
 * places must come out digit by digit and jansson's only decimal is a double.
 */
#include "metrics/figures.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

enum { INDENT = 2 };

/* One name of the nesting: an object of its children, or a figure. */
struct node {
    char *name;
    const struct figure *figure;
    struct node *first, *last, *next;
};

static struct node *child(struct node *parent, const char *name, size_t bytes) {
    for (struct node *n = parent->first; n; n = n->next) {
        if (strlen(n->name) == bytes && memcmp(n->name, name, bytes) == 0) {
            return n;
        }
    }
    struct node *n = memory_new(1, sizeof *n);
    n->name = memory_new(1, bytes + 1);
    memcpy(n->name, name, bytes);
    if (parent->last) {
        parent->last->next = n;
    } else {
        parent->first = n;
    }
    parent->last = n;
    return n;
}

static void insert(struct node *root, const struct figure *figure) {
    const char *path = figure->path;
    struct node *at = root;
    for (;;) {
        size_t bytes = strcspn(path, ".");
        at = child(at, path, bytes);
        if (path[bytes] == '\0') {
            break;
        }
        path += bytes + 1;
    }
    NERVE_ASSERT(!at->figure && !at->first);
    at->figure = figure;
}

static void free_children(struct node *node) {
    for (struct node *n = node->first; n;) {
        struct node *next = n->next;
        free_children(n);
        free(n->name);
        free(n);
        n = next;
    }
}

/* A text in quotes. What is no UTF-8 (a file's name may be anything) gets question marks. */
static void write_string(FILE *out, const char *text, size_t bytes) {
    json_t *string = json_stringn(text, bytes);
    if (!string) {
        char *ascii = memory_new(1, bytes + 1);
        for (size_t i = 0; i < bytes; i++) {
            ascii[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
        }
        string = json_stringn(ascii, bytes);
        free(ascii);
    }
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    NERVE_ASSERT(quoted);
    fputs(quoted, out);
    free(quoted);
    json_decref(string);
}

static void write_list(FILE *out, const char *lines) {
    fputc('[', out);
    for (const char *line = lines; *line;) {
        size_t bytes = strcspn(line, "\n");
        fputs(line == lines ? "" : ", ", out);
        write_string(out, line, bytes);
        line += bytes + (line[bytes] == '\n');
    }
    fputc(']', out);
}

static void write_figure(FILE *out, const struct figure *figure) {
    char text[64];
    switch (figure->kind) {
    case FIGURE_TEXT:
        write_string(out, figure->text, strlen(figure->text));
        return;
    case FIGURE_LIST:
        write_list(out, figure->text);
        return;
    case FIGURE_NONE:
        fputs("\"none\"", out);
        return;
    case FIGURE_UNKNOWN:
        fputs("null", out);
        return;
    case FIGURE_NUMBER:
    case FIGURE_DECIMAL:
    case FIGURE_BOOL:
        figures_value_text(figure, text, sizeof text);
        fputs(text, out);
        return;
    }
}

static void write_children(FILE *out, const struct node *node, int depth) {
    fputs("{", out);
    for (const struct node *n = node->first; n; n = n->next) {
        fprintf(out, "\n%*s", depth * INDENT, "");
        write_string(out, n->name, strlen(n->name));
        fputs(": ", out);
        if (n->figure) {
            write_figure(out, n->figure);
        } else {
            write_children(out, n, depth + 1);
        }
        fputs(n->next ? "," : "", out);
    }
    if (node->first) {
        fprintf(out, "\n%*s", (depth - 1) * INDENT, "");
    }
    fputs("}", out);
}

/* By row, then in the order in which they were added. */
static int compare(const void *a, const void *b) {
    const struct figure *x = *(const struct figure *const *)a;
    const struct figure *y = *(const struct figure *const *)b;
    if (x->row != y->row) {
        return x->row < y->row ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

char *figures_json(const struct figures *f) {
    const struct figure **sorted = memory_new(f->count, sizeof *sorted);
    for (size_t i = 0; i < f->count; i++) {
        sorted[i] = &f->figure[i];
    }
    qsort(sorted, f->count, sizeof *sorted, compare);
    struct node root = {0};
    for (size_t i = 0; i < f->count; i++) {
        insert(&root, sorted[i]);
    }
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    NERVE_ASSERT(out);
    write_children(out, &root, 1);
    fputc('\n', out);
    NERVE_ASSERT(fclose(out) == 0);
    free_children(&root);
    free(sorted);
    return text;
}
