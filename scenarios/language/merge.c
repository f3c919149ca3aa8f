#include <string.h>

#include "base/assert.h"
#include "scenarios/language/reader.h"
#include "scenarios/language/suggest.h"

enum { LIKE_DEPTH = 16 };

static bool merges(const struct key *row, const struct node *base, const struct node *over) {
    return row && keys_is_map(row) && !(row->flags & KEY_WHOLE) && base->kind == NODE_MAP &&
           over->kind == NODE_MAP && !base->bad && !over->bad;
}

/* Takes out of base what `over` displaces, where over does not say both itself. */
static void displace(const struct key *row, const struct key *section, struct node *base,
                     const struct node *over) {
    for (const char *at = row->displaces; at && *at;) {
        size_t bytes = strcspn(at, " ");
        for (struct node *child = base->first, *next; child; child = next) {
            next = child->next;
            if (strlen(child->key) == bytes && strncmp(child->key, at, bytes) == 0 &&
                !node_child(over, child->key) && keys_child(section, child->key)) {
                node_remove(base, child);
            }
        }
        at += bytes + (at[bytes] == ' ');
    }
}

/* Puts one key of `over` onto base. */
static void merge_child(struct reader *reader, const struct key *section, struct node *base,
                        struct node *over, struct node *child) {
    const struct key *row = keys_child(section, child->key);
    struct node *under = node_child(base, child->key);
    if (row && row->displaces && !child->gone && !child->bad) {
        displace(row, section, base, over);
    }
    if (!under) {
        node_append(base, child);
        return;
    }
    if (child->gone) {
        child->hit = child->hit || !under->gone || under->hit;
        node_replace(base, under, child);
        return;
    }
    if (merges(row, under, child)) {
        if (!child->source->is_set) {
            under->key_source = child->key_source;
            under->key_offset = child->key_offset;
            under->source = child->source;
            under->offset = child->offset;
        }
        merge_maps(reader, row, under, child);
    } else if (!child->bad || under->bad) {
        node_replace(base, under, child);
    }
}

void merge_maps(struct reader *reader, const struct key *row, struct node *base,
                struct node *over) {
    for (struct node *child = over->first, *next; child; child = next) {
        next = child->next;
        /* `over` still has to know what it says: its list is walked, not taken apart. */
        struct node *copy = arena_new(&reader->arena, sizeof *copy);
        *copy = *child;
        copy->next = NULL;
        merge_child(reader, row, base, over, copy);
    }
}

/* Types whose `like` is being merged, innermost first. */
struct liking {
    const struct liking *above;
    const struct node *type;
};

static bool likes_in_circle(struct reader *reader, const struct liking *above,
                            const struct node *type, struct node *like) {
    const char *text = type->key;
    size_t depth = 0;
    for (const struct liking *at = above; at; at = at->above) {
        text = arena_print(&reader->arena, "%s -> %s", at->type->key, text);
        if (at->type == type) {
            mistakes_value(&reader->mistakes, like, "`like` goes in a circle: %s", text);
            return true;
        }
        depth++;
    }
    if (depth > LIKE_DEPTH) {
        mistakes_value(&reader->mistakes, like, "`like` is more than %d deep", LIKE_DEPTH);
        return true;
    }
    return false;
}

static void merge_like(struct reader *reader, struct node *types, struct node *type,
                       const struct liking *above) {
    struct node *like = node_child(type, "like");
    if (!like || like->gone || like->bad || like->kind != NODE_SCALAR || type->bad) {
        return;
    }
    struct node *base = node_child(types, like->text);
    if (!base || base->gone) {
        struct suggest suggest = suggest_begin(like->text);
        for (struct node *other = types->first; other; other = other->next) {
            suggest_offer(&suggest, other->key);
        }
        char text[SUGGEST_TEXT_BYTES];
        mistakes_value(&reader->mistakes, like, "there is no type `%s`%s", like->text,
                       suggest_text(&suggest, text));
        return;
    }
    struct liking here = {above, type};
    if (likes_in_circle(reader, &here, base, like)) {
        return;
    }
    merge_like(reader, types, base, &here);
    struct node *merged =
        base->kind == NODE_MAP ? node_copy(&reader->arena, base, &reader->budget) : NULL;
    if (!merged || type->kind != NODE_MAP) {
        if (reader->budget < 0) {
            mistakes_value(&reader->mistakes, like, "too much for one scenario");
        }
        return;
    }
    node_remove(type, like);
    merge_maps(reader, type->row, merged, type);
    type->first = merged->first;
    type->last = merged->last;
    type->count = merged->count;
}

void merge_likes(struct reader *reader, struct node *root) {
    struct node *types = node_child(node_child(root, "genome"), "types");
    if (!types || types->kind != NODE_MAP) {
        return;
    }
    for (struct node *type = types->first; type; type = type->next) {
        if (type->row) {
            merge_like(reader, types, type, NULL);
        }
    }
}

static void finish(struct reader *reader, const struct key *row, struct node *node) {
    for (struct node *child = node->first, *next; child; child = next) {
        next = child->next;
        const struct key *child_row = keys_child(row, child->key);
        if (child->gone) {
            bool named = child_row && strcmp(keys_last(child_row), "*") == 0;
            if (named && !child->hit) {
                mistakes_key(&reader->mistakes, child, "there is no `%s` here to take away",
                             child->key);
            }
            node_remove(node, child);
        } else if (child_row && child->kind == NODE_MAP && keys_is_map(child_row)) {
            finish(reader, child_row, child);
        }
    }
}

void merge_finish(struct reader *reader, struct node *root) {
    finish(reader, keys_root(""), root);
}
