#include <stdio.h>
#include <string.h>

#include "scenarios/language/reader.h"

static struct node *add_spelled(struct reader *reader, struct node *section, const struct key *row,
                                enum node_kind kind, const char *text) {
    struct node *node = node_new(&reader->arena, kind, section->source, section->offset);
    node->key = keys_last(row);
    node->key_source = section->key_source;
    node->key_offset = section->key_offset;
    node->row = row;
    node->text = text;
    node->plain = true;
    node->spelled = true;
    if (kind == NODE_SCALAR) {
        check_scalar(reader, row, node, row->path);
    }
    node_append(section, node);
    return node;
}

/* Puts a row's default where nobody said anything; its sections too. */
static void spell_default(struct reader *reader, struct node *root, const struct key *row) {
    struct node *at = root;
    const struct key *section = keys_root("");
    char name[64];
    const char *rest = row->path;
    for (size_t bytes; rest[bytes = strcspn(rest, ".")]; rest += bytes + 1) {
        snprintf(name, sizeof name, "%.*s", (int)bytes, rest);
        section = keys_child(section, name);
        struct node *next = node_child(at, name);
        if (next && (next->bad || next->kind != NODE_MAP)) {
            return;
        }
        at = next ? next : add_spelled(reader, at, section, NODE_MAP, NULL);
    }
    if (!node_child(at, rest)) {
        add_spelled(reader, at, row, NODE_SCALAR, row->initial);
    }
}

static void spell_name(struct reader *reader, struct node *root) {
    if (node_child(root, "name")) {
        return;
    }
    const char *slash = strrchr(reader->main->name, '/');
    const char *base = slash ? slash + 1 : reader->main->name;
    const char *name = arena_text(&reader->arena, base, strcspn(base, "."));
    add_spelled(reader, root, keys_child(keys_root(""), "name"), NODE_SCALAR,
                check_file_name(name) ? name : "unnamed");
}

/* An inline profile or strategy: it is itself, and builds on nothing. */
static void check_inline(struct reader *reader, struct node *node) {
    struct node *extends = node_child(node, "extends"), *strategy = node_child(node, "strategy");
    if (extends) {
        mistakes_key(&reader->mistakes, extends, "`extends` is of files; here it is all said");
    }
    if (strategy) {
        mistakes_key(&reader->mistakes, strategy, "a strategy names no other");
    }
}

void resolve_spell_out(struct reader *reader, struct node *root) {
    for (size_t i = 0; i < keys_count(); i++) {
        const struct key *row = keys_row(i);
        if (row->flags & KEY_SPELLED || strcmp(row->path, "partitioning.strategy") == 0) {
            spell_default(reader, root, row);
        }
    }
    spell_name(reader, root);
    struct node *hosts = node_child(root, "hosts");
    for (struct node *host = hosts ? hosts->first : NULL; host; host = host->next) {
        struct node *profile = host->bad ? NULL : node_child(host, "profile");
        if (profile) {
            check_inline(reader, profile);
            files_spell_out(reader, keys_root("profile"), "hosts", host, profile);
        }
    }
    struct node *partitioning = node_child(root, "partitioning");
    struct node *strategy = node_child(partitioning, "strategy");
    if (strategy && !partitioning->bad) {
        check_inline(reader, strategy);
        files_spell_out(reader, keys_root("strategy"), "strategies", partitioning, strategy);
    }
}

enum { LACKS_SHOWN = 6 };

struct lacks {
    const char *text;
    size_t count;
};

/* The required keys that a map lacks, added to a list; those of its sections that nobody wrote
 * too, since these have no place of their own. */
static void list_lacks(struct reader *reader, const struct key *row, const struct node *node,
                       const char *before, struct lacks *lacks) {
    size_t at = 0;
    const struct key *child;
    while ((child = keys_next(row, &at))) {
        const char *name = keys_last(child);
        const struct node *there = node_child(node, name);
        if (child->flags & KEY_REQUIRED && !there) {
            if (lacks->count++ < LACKS_SHOWN) {
                lacks->text = arena_print(&reader->arena, "%s%s`%s%s`", lacks->text,
                                          *lacks->text ? ", " : "", before, name);
            }
        } else if (there && there->spelled && there->kind == NODE_MAP) {
            const char *inside = arena_print(&reader->arena, "%s%s.", before, name);
            list_lacks(reader, child, there, inside, lacks);
        }
    }
}

/* Says what a map lacks, in one go; path: where it is. */
static void require_of(struct reader *reader, const struct key *row, struct node *node,
                       const char *path) {
    struct lacks lacks = {"", 0};
    if (!node->spelled) {
        list_lacks(reader, row, node, "", &lacks);
    }
    const char *more = "";
    if (lacks.count > LACKS_SHOWN) {
        more = arena_print(&reader->arena, " and %zu more", lacks.count - LACKS_SHOWN);
    }
    if (lacks.count) {
        mistakes_add(&reader->mistakes, node->key_source, node->key_offset, "%s lacks %s%s",
                     *path ? path : "the scenario", lacks.text, more);
    }
}

static void require_map(struct reader *reader, const struct key *row, struct node *node,
                        const char *path) {
    if (node->bad) {
        return;
    }
    bool partial = strcmp(row->path, "hosts.*.set") == 0;
    if (!(row->flags & KEY_NAMED) && !partial) {
        require_of(reader, row, node, path);
    }
    for (struct node *child = node->first; child; child = child->next) {
        const struct key *child_row = keys_child(row, child->key);
        const char *child_path =
            arena_print(&reader->arena, "%s%s%s", path, *path ? "." : "", child->key);
        if (!child_row || child->bad || partial || !keys_is_map(child_row)) {
            continue;
        }
        if (child->kind == NODE_MAP) {
            require_map(reader, child_row, child, child_path);
        }
        for (struct node *item = child->kind == NODE_LIST ? child->first : NULL; item;
             item = item->next) {
            if (item->kind == NODE_MAP) {
                item->key_source = item->source;
                item->key_offset = item->offset;
                require_map(reader, child_row, item, child_path);
            }
        }
    }
}

void resolve_require(struct reader *reader, struct node *root) {
    require_map(reader, keys_root(""), root, "");
}
