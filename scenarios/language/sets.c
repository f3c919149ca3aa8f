#include <string.h>

#include "scenarios/language/reader.h"
#include "scenarios/language/suggest.h"
#include "scenarios/language/yaml.h"

static struct source *source_of(struct reader *reader, const char *set) {
    struct source *source = arena_new(&reader->arena, sizeof *source);
    source->name = arena_print(&reader->arena, "--set %s", set);
    source->text = arena_text(&reader->arena, set, strlen(set));
    source->bytes = strlen(set);
    source->directory = reader->main->directory;
    source->own_only = reader->main->own_only;
    source->is_set = true;
    source->order = reader->sources++;
    return source;
}

/* A tree of one branch: the path's keys, and at its end the value. NULL: a mistake was said. */
static struct node *branch(struct reader *reader, const struct source *source) {
    size_t path_bytes = strcspn(source->text, "=");
    if (source->text[path_bytes] != '=') {
        mistakes_add(&reader->mistakes, source, path_bytes, "a value is missing: PATH=VALUE");
        return NULL;
    }
    struct node *root = node_new(&reader->arena, NODE_MAP, source, 0), *parent = root;
    for (size_t at = 0;;) {
        size_t bytes = strcspn(source->text + at, ".=");
        if (bytes == 0) {
            mistakes_add(&reader->mistakes, source, at, "a name is missing in the path");
            return NULL;
        }
        const char *key = arena_text(&reader->arena, source->text + at, bytes);
        bool last = source->text[at + bytes] == '=';
        struct node *child = last ? yaml_parse(&reader->arena, source, path_bytes + 1,
                                               &reader->budget, &reader->mistakes)
                                  : node_new(&reader->arena, NODE_MAP, source, at);
        if (!child) {
            return NULL;
        }
        if (last && !source->text[path_bytes + 1]) {
            mistakes_add(&reader->mistakes, source, path_bytes + 1, "no value; ~ takes a key away");
            return NULL;
        }
        child->key = key;
        child->key_source = source;
        child->key_offset = at;
        node_append(parent, child);
        if (last) {
            return root;
        }
        parent = child;
        at += bytes + 1;
    }
}

/* Maps whose names a path must find: a new one comes whole, or it is a slip of the pen. */
static bool names_must_stand(const struct key *row) {
    static const char *const paths[] = {"hosts",    "genome.signals", "genome.types",
                                        "workload", "faults",         "expect"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(row->path, paths[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the path leads to what is there; else says so. */
static bool leads_somewhere(struct reader *reader, const struct node *root, struct node *set) {
    const struct node *parent = root;
    for (struct node *at = set->first; at; at = at->first) {
        const struct node *there = node_child(parent, at->key);
        if (at->kind != NODE_MAP || at->offset != at->key_offset) {
            return true; /* the value */
        }
        if (at->row && at->row->flags & KEY_WHOLE) {
            bool profile = strcmp(at->row->path, "hosts.*.profile") == 0;
            mistakes_key(&reader->mistakes, at, "`%s` is one value: it is set as a whole%s",
                         at->key, profile ? " (its keys: hosts.NAME.set.KEY)" : "");
            return false;
        }
        if (there && there->kind == NODE_LIST) {
            mistakes_key(&reader->mistakes, at, "`%s` is a list: it is set as a whole", at->key);
            return false;
        }
        if (!there && parent && parent->row && names_must_stand(parent->row)) {
            struct suggest suggest = suggest_begin(at->key);
            for (struct node *other = parent->first; other; other = other->next) {
                suggest_offer(&suggest, other->key);
            }
            char text[SUGGEST_TEXT_BYTES];
            mistakes_key(&reader->mistakes, at,
                         "there is no `%s` in %s%s; a new one is set as a whole", at->key,
                         parent->row->path, suggest_text(&suggest, text));
            return false;
        }
        parent = there;
    }
    return true;
}

void sets_apply(struct reader *reader, struct node *root, const char *const *set, size_t sets) {
    for (size_t i = 0; i < sets; i++) {
        struct node *over = branch(reader, source_of(reader, set[i]));
        if (!over) {
            continue;
        }
        uint32_t before = reader->mistakes.count;
        check_tree(reader, keys_root(""), over);
        if (reader->mistakes.count == before && leads_somewhere(reader, root, over)) {
            merge_maps(reader, keys_root(""), root, over);
        }
    }
}
