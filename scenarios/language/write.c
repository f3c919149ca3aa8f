#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/language/reader.h"

/* Entries of a map in the order of the table; names in the order in which they stand. */
struct walk {
    const struct key *row;
    const struct node *map;
    const struct node *named; /* the next one to look at, once among the names */
    size_t at;
    bool names;
};

static struct walk walk_begin(const struct key *row, const struct node *map) {
    return (struct walk){.row = row, .map = map, .named = map->first};
}

static const struct node *walk_next(struct walk *walk) {
    const struct key *child;
    while (!walk->names && (child = keys_next(walk->row, &walk->at))) {
        if (strcmp(keys_last(child), "*") == 0) {
            break;
        }
        const struct node *node = node_child(walk->map, keys_last(child));
        if (node) {
            return node;
        }
    }
    walk->names = true;
    while (walk->named) {
        const struct node *node = walk->named;
        walk->named = node->next;
        const struct key *row = keys_child(walk->row, node->key);
        if (row && strcmp(keys_last(row), "*") == 0) {
            return node;
        }
    }
    return NULL;
}

static void write_quoted(const char *text, FILE *file) {
    fputc('"', file);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\') {
            fprintf(file, "\\%c", *at);
        } else if (*at < 0x20 || *at == 0x7f) {
            fprintf(file, "\\x%02x", *at);
        } else if (*at == 0xc2 && at[1] < 0xa0) { /* controls of Latin 1 */
            fprintf(file, "\\x%02x", *++at);
        } else if (*at == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9)) {
            fprintf(file, "\\u20%02x", 0x28 + (at[2] - 0xa8));
            at += 2;
        } else if (*at == 0xef && at[1] == 0xbb && at[2] == 0xbf) {
            fputs("\\ufeff", file);
            at += 2;
        } else {
            fputc(*at, file);
        }
    }
    fputc('"', file);
}

static void write_string(const char *text, FILE *file) {
    size_t plain =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-");
    bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
    if (letter && !text[plain]) {
        fputs(text, file);
    } else {
        write_quoted(text, file);
    }
}

static void write_scalar(const struct node *node, FILE *file) {
    char text[UNITS_TEXT_BYTES];
    if (node->word) {
        fputs(node->word, file);
        return;
    }
    switch (node->row->kind) {
    case KEY_NAME:
    case KEY_TEXT:
    case KEY_FILE:
    case KEY_SUBJECT:
    case KEY_PATTERN:
    case KEY_EXPRESSION:
        write_string(node->text, file);
        return;
    case KEY_PLAIN_NS:
    case KEY_PLAIN_BYTES:
        units_write(UNIT_COUNT, node->number, text);
        break;
    default:
        units_write(node->unit, node->number, text);
    }
    fputs(text, file);
}

static void write_points(const struct node *list, FILE *file) {
    char bytes[UNITS_TEXT_BYTES];
    fputc('[', file);
    for (const struct node *point = list->first; point; point = point->next) {
        units_write(UNIT_SIZE, point->first->number, bytes);
        fprintf(file, "%s[%s, %lld]", point == list->first ? "" : ", ", bytes,
                (long long)point->last->number);
    }
    fputc(']', file);
}

/* In braces and brackets, on one line. */
static void write_flow(const struct key *row, const struct node *node, FILE *file) {
    const char *before = "";
    if (node->kind == NODE_SCALAR) {
        write_scalar(node, file);
    } else if (row->kind == KEY_POINTS) {
        write_points(node, file);
    } else if (node->kind == NODE_LIST) {
        fputc('[', file);
        for (const struct node *item = node->first; item; item = item->next, before = ", ") {
            fputs(before, file);
            write_flow(row, item, file);
        }
        fputc(']', file);
    } else {
        struct walk walk = walk_begin(row, node);
        const struct node *child;
        fputc('{', file);
        while ((child = walk_next(&walk))) {
            fprintf(file, "%s%s: ", before, child->key);
            write_flow(keys_child(row, child->key), child, file);
            before = ", ";
        }
        fputc('}', file);
    }
}

static bool is_block(const struct key *row, const struct node *node) {
    bool spelled_out =
        row->group && (strcmp(row->group, "profile") == 0 || strcmp(row->group, "strategy") == 0);
    return node->kind == NODE_MAP && node->first && (!(row->flags & KEY_WHOLE) || spelled_out);
}

static void write_block(const struct key *row, const struct node *map, int indent, FILE *file) {
    struct walk walk = walk_begin(row, map);
    const struct node *child;
    while ((child = walk_next(&walk))) {
        const struct key *child_row = keys_child(row, child->key);
        fprintf(file, "%*s%s:", indent, "", child->key);
        if (is_block(child_row, child)) {
            fputc('\n', file);
            write_block(child_row, child, indent + 2, file);
        } else if (child->kind == NODE_LIST && keys_is_map(child_row) &&
                   !(child_row->flags & KEY_WHOLE)) {
            fputc('\n', file);
            for (const struct node *item = child->first; item; item = item->next) {
                fprintf(file, "%*s- ", indent + 2, "");
                write_flow(child_row, item, file);
                fputc('\n', file);
            }
        } else {
            fputc(' ', file);
            write_flow(child_row, child, file);
            fputc('\n', file);
        }
    }
}

char *write_text(const struct node *root) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);
    write_block(keys_root(""), root, 0, file);
    fclose(file);
    return text;
}
