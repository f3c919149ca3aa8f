#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "scenarios/language/data.h"
#include "scenarios/language/reader.h"
#include "scenarios/language/suggest.h"
#include "scenarios/language/yaml.h"

/* Who extends whom, from the file that is being read up. */
struct chain {
    const struct chain *above;
    const char *real; /* canonical path */
    const struct source *source;
};

static struct node *load_chain(struct reader *reader, const struct key *root, struct source *source,
                               const struct chain *above);

static bool is_file(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* Reads a file's text into the source; false: errno says why not. */
static bool read_text(struct reader *reader, struct source *source) {
    FILE *file = fopen(source->name, "rb");
    if (!file) {
        return false;
    }
    char *text = arena_new(&reader->arena, YAML_MAX_BYTES + 2);
    errno = 0;
    source->bytes = fread(text, 1, YAML_MAX_BYTES + 1, file);
    source->text = text;
    bool ok = !ferror(file);
    fclose(file);
    return ok;
}

static const char *directory_of(struct reader *reader, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_text(&reader->arena, path, (size_t)(slash - path)) : ".";
}

static struct source *new_source(struct reader *reader, const char *name) {
    struct source *source = arena_new(&reader->arena, sizeof *source);
    source->name = arena_text(&reader->arena, name, strlen(name));
    source->text = "";
    source->directory = directory_of(reader, source->name);
    source->order = reader->sources++;
    return source;
}

/* A path as people would write it: relative where it lies below the working directory. */
static const char *shown_path(struct reader *reader, const char *path) {
    char here[PATH_MAX];
    if (getcwd(here, sizeof here)) {
        size_t bytes = strlen(here);
        if (strncmp(path, here, bytes) == 0 && path[bytes] == '/') {
            path += bytes + 1;
        }
    }
    return arena_text(&reader->arena, path, strlen(path));
}

/* directory/folder/name.yml, whichever of these are given, where such a file is. */
static const char *try_file(struct reader *reader, const char *directory, const char *folder,
                            const char *name) {
    size_t bytes = strlen(name);
    bool yml = bytes > 4 && strcmp(name + bytes - 4, ".yml") == 0;
    bool here = strcmp(directory, ".") == 0 || *name == '/';
    const char *path =
        arena_print(&reader->arena, "%s%s%s%s%s%s", here ? "" : directory, here ? "" : "/", folder,
                    *folder ? "/" : "", name, yml ? "" : ".yml");
    return is_file(path) ? shown_path(reader, path) : NULL;
}

/* What a name in `from` stands for; NULL: no such file. */
static const char *find_file(struct reader *reader, const struct source *from, const char *folder,
                             const char *name) {
    bool bare = !strchr(name, '/') && !strstr(name, ".yml");
    bool part = strcmp(folder, "scenarios") != 0;
    const char *path = NULL;
    if (!from->own_only) {
        path = try_file(reader, from->directory, part && bare ? folder : "", name);
        if (!path && !part && is_file(name) && *name == '/') {
            path = name;
        }
    }
    if (!path && (bare || !part || from->own_only) && *name != '/') {
        path = try_file(reader, scenario_data_directory(), folder, name);
    }
    return path;
}

/* Offers the names of nerve's own files in a folder. */
static void offer_own(struct reader *reader, const char *folder, struct suggest *suggest) {
    char **names;
    size_t count = data_names(folder, &names);
    for (size_t i = 0; i < count; i++) {
        suggest_offer(suggest, arena_text(&reader->arena, names[i], strlen(names[i])));
        free(names[i]);
    }
    free(names);
}

/* Whether the name is one of a row's words that stand for what is not built. */
static bool is_later(const struct key *row, const char *name) {
    size_t length = strlen(name);
    for (const char *at = row ? row->words : NULL; at && *at;) {
        size_t bytes = strcspn(at, " ");
        if (*at == '!' && bytes == length + 1 && strncmp(at + 1, name, length) == 0) {
            return true;
        }
        at += bytes + (at[bytes] == ' ');
    }
    return false;
}

static void say_not_found(struct reader *reader, struct node *name, const char *folder) {
    reader->broken = true;
    struct suggest suggest = suggest_begin(name->text);
    char text[SUGGEST_TEXT_BYTES];
    offer_own(reader, folder, &suggest);
    if (is_later(name->row, name->text)) {
        mistakes_value(&reader->mistakes, name, "`%s` is not built yet (%s)", name->text,
                       name->row->path);
    } else {
        mistakes_value(&reader->mistakes, name,
                       "there is no such file, nor `%s` in nerve's own %s%s", name->text, folder,
                       suggest_text(&suggest, text));
    }
}

static bool extends_in_circle(struct reader *reader, const struct chain *above, const char *real,
                              struct node *name) {
    unsigned depth = 1;
    for (const struct chain *at = above; at; at = at->above, depth++) {
        if (strcmp(at->real, real) != 0) {
            continue;
        }
        const char *text = at->source->name;
        for (const struct chain *back = above;; back = back->above) {
            text = arena_print(&reader->arena, "%s -> %s", back->source->name, text);
            if (back == at) {
                break;
            }
        }
        mistakes_value(&reader->mistakes, name, "`extends` goes in a circle: %s", text);
        return true;
    }
    if (depth > READER_MAX_EXTENDS) {
        mistakes_value(&reader->mistakes, name, "`extends` is more than %d deep",
                       READER_MAX_EXTENDS);
        return true;
    }
    return false;
}

/* Reads one file that `from` extends and merges it onto base. */
static void extend(struct reader *reader, const struct key *root, struct node *base,
                   struct node *name, const struct chain *above) {
    if (name->bad || name->kind != NODE_SCALAR) {
        return;
    }
    const char *folder = *root->path == '\0'                  ? "scenarios"
                         : strcmp(root->path, "profile") == 0 ? "hosts"
                                                              : "strategies";
    const char *path = find_file(reader, name->source, folder, name->text);
    if (!path) {
        say_not_found(reader, name, folder);
        return;
    }
    char real[PATH_MAX];
    if (!realpath(path, real) || extends_in_circle(reader, above, real, name)) {
        reader->broken = true;
        return;
    }
    struct source *source = new_source(reader, path);
    source->parent = name->source;
    source->parent_offset = name->offset;
    if (!read_text(reader, source)) {
        reader->broken = true;
        mistakes_value(&reader->mistakes, name, "`%s` cannot be read: %s", path, strerror(errno));
        return;
    }
    struct node *extended = load_chain(reader, root, source, above);
    if (extended) {
        merge_maps(reader, root, base, extended);
    }
}

/* Parses and checks a source's text and merges it over what it extends. */
static struct node *load_chain(struct reader *reader, const struct key *root, struct source *source,
                               const struct chain *above) {
    struct node *node = yaml_parse(&reader->arena, source, 0, &reader->budget, &reader->mistakes);
    if (!node) {
        reader->broken = true;
        return NULL;
    }
    check_tree(reader, root, node);
    struct node *extends = node_child(node, "extends");
    if (!extends) {
        return node->kind == NODE_MAP ? node : NULL;
    }
    char real[PATH_MAX];
    if (!realpath(source->name, real)) {
        snprintf(real, sizeof real, "%s", source->name);
    }
    struct chain here = {above, real, source};
    struct node *base = node_new(&reader->arena, NODE_MAP, node->source, node->offset);
    base->row = root;
    struct node *first = extends->kind == NODE_LIST ? extends->first : extends;
    for (struct node *name = first; name; name = extends == name ? NULL : name->next) {
        if (!extends->gone && !extends->bad) {
            extend(reader, root, base, name, &here);
        }
    }
    reader->broken = reader->broken || extends->bad;
    node_remove(node, extends);
    merge_maps(reader, root, base, node);
    return base;
}

struct node *files_load(struct reader *reader, const struct key *root, const char *path) {
    const char *found = path;
    if (!is_file(path) && !strchr(path, '/')) {
        const char *own = try_file(reader, scenario_data_directory(), "scenarios", path);
        found = own ? own : path;
    }
    struct source *source = new_source(reader, found);
    reader->main = source;
    if (!read_text(reader, source)) {
        struct suggest suggest = suggest_begin(path);
        char text[SUGGEST_TEXT_BYTES];
        const char *why = strerror(errno);
        offer_own(reader, "scenarios", &suggest);
        source->whole = true;
        mistakes_add(&reader->mistakes, source, 0, "cannot be read: %s%s", why,
                     suggest_text(&suggest, text));
        return NULL;
    }
    return load_chain(reader, root, source, NULL);
}

struct node *files_load_text(struct reader *reader, const struct key *root, const char *text,
                             const char *name) {
    struct source *source = new_source(reader, name);
    reader->main = source;
    source->own_only = true;
    source->bytes = strlen(text);
    source->text = arena_text(&reader->arena, text, source->bytes);
    return load_chain(reader, root, source, NULL);
}

/* A profile or strategy by its path, read once a load. */
static struct node *load_part(struct reader *reader, const struct key *root, struct node *name,
                              const char *path) {
    for (struct reader_part *part = reader->parts; part; part = part->next) {
        if (part->root == root && strcmp(part->path, path) == 0) {
            return part->node;
        }
    }
    struct reader_part *part = arena_new(&reader->arena, sizeof *part);
    *part = (struct reader_part){reader->parts, root, path, NULL};
    reader->parts = part;
    struct source *source = new_source(reader, path);
    source->parent = name->source;
    source->parent_offset = name->offset;
    source->named = true;
    if (!read_text(reader, source)) {
        mistakes_value(&reader->mistakes, name, "`%s` cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    uint32_t before = reader->mistakes.count;
    struct node *node = load_chain(reader, root, source, NULL);
    part->node = reader->mistakes.count == before ? node : NULL;
    if (part->node && !node_child(part->node, "name")) {
        const char *slash = strrchr(path, '/');
        const char *base = slash ? slash + 1 : path;
        struct node *own = node_new(&reader->arena, NODE_SCALAR, source, 0);
        own->key = "name";
        own->row = keys_child(root, "name");
        own->text = arena_text(&reader->arena, base, strcspn(base, "."));
        if (!check_file_name(own->text)) {
            mistakes_value(&reader->mistakes, name,
                           "the file's name is no name: give it a key `name`");
        }
        node_append(part->node, own);
    }
    return part->node;
}

void files_spell_out(struct reader *reader, const struct key *root, const char *folder,
                     struct node *parent, struct node *name) {
    if (name->bad || name->kind != NODE_SCALAR) {
        return;
    }
    const char *path = find_file(reader, name->source, folder, name->text);
    if (!path) {
        say_not_found(reader, name, folder);
        return;
    }
    const struct node *node = load_part(reader, root, name, path);
    struct node *copy = node ? node_copy(&reader->arena, node, &reader->budget) : NULL;
    if (!copy) {
        name->bad = true;
        return;
    }
    copy->key = name->key;
    copy->key_source = name->key_source;
    copy->key_offset = name->key_offset;
    copy->row = name->row;
    copy->source = name->source;
    copy->offset = name->offset;
    node_replace(parent, name, copy);
}
