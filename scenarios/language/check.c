#include <stdio.h>
#include <string.h>

#include "scenarios/language/reader.h"
#include "scenarios/language/suggest.h"

struct place { /* where the walk is: "genome.types.eye" */
    char text[READER_PATH_BYTES];
    size_t bytes;
};

static void check_node(struct reader *reader, const struct key *row, struct node *node,
                       struct place *place);

static size_t place_enter(struct place *place, const char *name) {
    size_t before = place->bytes;
    size_t room = sizeof place->text - before;
    int n = snprintf(place->text + before, room, "%s%s", before ? "." : "", name);
    place->bytes = (size_t)n < room ? before + (size_t)n : sizeof place->text - 1;
    return before;
}

static void place_leave(struct place *place, size_t before) {
    place->bytes = before;
    place->text[before] = '\0';
}

/* Says that a key is unknown. Where it is plain which one is meant, the node goes on as that one,
 * as a bad one, so that nothing else is said of its being missing. */
static void refuse_key(struct reader *reader, const struct key *row, struct node *parent,
                       struct node *child, const char *place) {
    struct suggest suggest = suggest_begin(child->key);
    size_t at = 0;
    const struct key *candidate;
    while ((candidate = keys_next(row, &at))) {
        suggest_offer(&suggest, keys_last(candidate));
    }
    char text[SUGGEST_TEXT_BYTES];
    mistakes_key(&reader->mistakes, child, "unknown key `%s`%s%s%s", child->key,
                 *place ? " in " : "", place, suggest_text(&suggest, text));
    if (suggest.best && !node_child(parent, suggest.best)) {
        child->key = suggest.best;
    } else {
        node_remove(parent, child);
    }
}

static void check_child(struct reader *reader, const struct key *row, struct node *parent,
                        struct node *child, struct place *place) {
    const struct key *child_row = keys_child(row, child->key);
    bool named = child_row && strcmp(keys_last(child_row), "*") == 0;
    if (child->bad) {
        child->row = child_row;
        return;
    }
    if (named && !check_name(child->key)) {
        mistakes_key(&reader->mistakes, child,
                     "`%s` is no name: small letters, digits and _, a letter first, at most 40",
                     child->key);
        return;
    }
    if (!child_row) {
        refuse_key(reader, row, parent, child, place->text);
        return;
    }
    size_t before = place_enter(place, child->key);
    check_node(reader, child_row, child, place);
    place_leave(place, before);
}

/* A kind that is not built says enough: nothing of its own keys is looked at. */
static bool refused_kind(struct reader *reader, const struct key *row, struct node *node,
                         struct place *place) {
    struct node *kind = strcmp(row->path, "faults.*") == 0 ? node_child(node, "kind") : NULL;
    if (!kind || kind->gone) {
        return false;
    }
    check_child(reader, row, node, kind, place);
    if (kind->bad) {
        node->bad = true;
    }
    return kind->bad;
}

static void check_map(struct reader *reader, const struct key *row, struct node *node,
                      struct place *place) {
    if (refused_kind(reader, row, node, place)) {
        return;
    }
    for (struct node *child = node->first, *next; child; child = next) {
        next = child->next;
        if (!child->row) {
            check_child(reader, row, node, child, place);
        }
    }
}

static void check_list(struct reader *reader, const struct key *row, struct node *node,
                       struct place *place) {
    for (struct node *item = node->first; item; item = item->next) {
        item->row = row;
        if (item->kind == NODE_LIST) {
            mistakes_value(&reader->mistakes, item, "a list in a list");
        } else if (item->kind == NODE_MAP && keys_is_map(row)) {
            check_map(reader, row, item, place);
        } else if (item->kind == NODE_SCALAR && *item->text && !item->gone) {
            check_scalar(reader, row, item, place->text);
        } else {
            mistakes_value(&reader->mistakes, item, "an entry of %s that says nothing",
                           place->text);
        }
        node->bad = node->bad || (item->bad && item->kind == NODE_SCALAR);
    }
}

static void check_node(struct reader *reader, const struct key *row, struct node *node,
                       struct place *place) {
    node->row = row;
    if (row->flags & KEY_LATER) {
        mistakes_key(&reader->mistakes, node, "`%s` is not built yet (%s)", node->key, place->text);
        return;
    }
    if (node->gone || node->bad) {
        return;
    }
    char type[256];
    keys_type_text(row, type, sizeof type);
    if (node->kind == NODE_SCALAR && node->plain && !*node->text) {
        mistakes_key(&reader->mistakes, node, "`%s` has no value; ~ takes a key away", node->key);
    } else if (node->kind == NODE_SCALAR) {
        check_scalar(reader, row, node, place->text);
    } else if (node->kind == NODE_LIST && row->kind == KEY_POINTS) {
        check_points(reader, row, node, place->text);
    } else if (node->kind == NODE_LIST && row->flags & KEY_LISTS) {
        check_list(reader, row, node, place);
    } else if (node->kind == NODE_MAP && keys_is_map(row)) {
        check_map(reader, row, node, place);
    } else {
        mistakes_value(&reader->mistakes, node, "%s takes a %s, not a %s", place->text, type,
                       node->kind == NODE_MAP ? "map" : "list");
    }
}

void check_tree(struct reader *reader, const struct key *root, struct node *node) {
    struct place place = {.bytes = 0};
    node->row = root;
    if (node->kind != NODE_MAP) {
        mistakes_value(&reader->mistakes, node, "a %s is a map of keys",
                       *root->path ? root->path : "scenario");
        return;
    }
    check_map(reader, root, node, &place);
}
