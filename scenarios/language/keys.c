#include "scenarios/language/keys.h"

#include <string.h>

#include "base/assert.h"
#include "base/units.h"
#include "scenarios/language/keys_rows.h"

enum { KEY_PATH_BYTES = 128 };

static const struct {
    const struct key *rows;
    const size_t *count;
} parts[] = {
    {keys_of_run, &keys_of_run_count},         {keys_of_genome, &keys_of_genome_count},
    {keys_of_world, &keys_of_world_count},     {keys_of_nerve, &keys_of_nerve_count},
    {keys_of_profile, &keys_of_profile_count},
};

size_t keys_count(void) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        count += *parts[i].count;
    }
    return count;
}

const struct key *keys_row(size_t place) {
    size_t part = 0;
    while (place >= *parts[part].count) {
        place -= *parts[part].count;
        part++;
        NERVE_ASSERT(part < sizeof parts / sizeof *parts);
    }
    return &parts[part].rows[place];
}

/* The row whose path is base.name. */
static const struct key *find_under(const char *base, const char *name) {
    size_t base_bytes = strlen(base);
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        for (size_t i = 0; i < *parts[part].count; i++) {
            const char *path = parts[part].rows[i].path;
            if (base_bytes == 0 && strcmp(path, name) == 0) {
                return &parts[part].rows[i];
            }
            if (base_bytes && strncmp(path, base, base_bytes) == 0 && path[base_bytes] == '.' &&
                strcmp(path + base_bytes + 1, name) == 0) {
                return &parts[part].rows[i];
            }
        }
    }
    return NULL;
}

const struct key *keys_root(const char *name) {
    return find_under("", name);
}

static const char *base_of(const struct key *row) {
    return row->group ? row->group : row->path;
}

/* Groups stand at the top of the table, but are no keys of a scenario. */
static bool is_group(const struct key *row) {
    static const char *const groups[] = {"",        "state",    "reaction",      "when", "send",
                                         "publish", "choice",   "bond",          "law",  "by",
                                         "profile", "strategy", "source_publish"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(row->path, groups[i]) == 0) {
            return true;
        }
    }
    return false;
}

const struct key *keys_child(const struct key *parent, const char *name) {
    if (!keys_is_map(parent)) {
        return NULL;
    }
    const char *base = base_of(parent);
    const struct key *row = find_under(base, name);
    if (!row && strcmp(base, "strategy") == 0 && strcmp(name, "strategy") != 0) {
        row = find_under("partitioning", name);
    }
    if (row && strchr(row->path, '.') == NULL && is_group(row)) {
        return NULL;
    }
    if (!row && *base) {
        row = find_under(base, "*");
    }
    return row;
}

/* Whether the path is base and one more name. */
static bool directly_under(const char *path, const char *base) {
    size_t bytes = strlen(base);
    if (bytes == 0) {
        return *path && !strchr(path, '.');
    }
    return strncmp(path, base, bytes) == 0 && path[bytes] == '.' && !strchr(path + bytes + 1, '.');
}

const struct key *keys_next(const struct key *parent, size_t *place) {
    if (!keys_is_map(parent)) {
        return NULL;
    }
    const char *base = base_of(parent);
    bool strategy = strcmp(base, "strategy") == 0;
    for (size_t count = keys_count(); *place < count;) {
        const struct key *row = keys_row((*place)++);
        bool shared = strategy && directly_under(row->path, "partitioning") &&
                      strcmp(row->path, "partitioning.strategy") != 0;
        if (shared || (directly_under(row->path, base) && !(*base == '\0' && is_group(row)))) {
            return row;
        }
    }
    return NULL;
}

bool keys_is_map(const struct key *row) {
    return !(row->flags & KEY_LATER) && (row->group || row->kind == KEY_MAP);
}

const char *keys_last(const struct key *row) {
    const char *dot = strrchr(row->path, '.');
    return dot ? dot + 1 : row->path;
}

const struct key *keys_find(const char *path) {
    const struct key *row = keys_root("");
    char name[KEY_PATH_BYTES];
    bool first = true;
    for (const char *at = path; *at; first = false) {
        size_t bytes = strcspn(at, ".");
        if (bytes == 0 || bytes >= sizeof name) {
            return NULL;
        }
        memcpy(name, at, bytes);
        name[bytes] = '\0';
        const struct key *child = keys_child(row, name);
        if (!child && first) {
            child = keys_root(name); /* a group's own path: reaction.work */
        }
        if (!child) {
            return NULL;
        }
        row = child;
        at += bytes;
        if (*at == '.' && !*++at) {
            return NULL;
        }
    }
    return row;
}

/* "one of: a, b" from the words that are built. */
static void words_text(const char *words, const char *before, char *text, size_t bytes) {
    size_t used = strlen(text);
    for (const char *at = words; at && *at;) {
        size_t length = strcspn(at, " ");
        if (*at != '!' && used < bytes) {
            used += (size_t)snprintf(text + used, bytes - used, "%s%.*s", before, (int)length, at);
            before = ", ";
        }
        at += length + (at[length] == ' ');
    }
}

static const char *scalar_type(const struct key *row) {
    switch (row->kind) {
    case KEY_TIME:
        return "time (ns us ms s min h)";
    case KEY_SIZE:
        return "size (B KiB MiB GiB)";
    case KEY_RATE:
        return "rate (/s k/s M/s)";
    case KEY_SHARE:
        return "share (% ppm ppb)";
    case KEY_COUNT:
        return "count (k M G)";
    case KEY_AMOUNT:
        return "count (k M G), or share (% ppm ppb)";
    case KEY_PLAIN_NS:
        return "number of ns (k M G, or a time with its unit)";
    case KEY_PLAIN_BYTES:
        return "number of bytes (k M G, or a size with its unit)";
    case KEY_TEXT:
        return "text";
    case KEY_FILE:
        return strcmp(keys_last(row), "name") ? "name, or file" : "name";
    case KEY_SUBJECT:
        return "subject";
    case KEY_PATTERN:
        return "subject, with * and >";
    case KEY_EXPRESSION:
        return "expression";
    case KEY_POINTS:
        return "list of [size, ns]";
    default:
        return "";
    }
}

static const char *map_type(const struct key *row) {
    if (row->flags & KEY_LATER) {
        return "not built yet";
    }
    if (!keys_is_map(row)) {
        return "";
    }
    if (row->flags & KEY_NAMED) {
        return "map by name";
    }
    return row->group ? row->group : "section";
}

void keys_type_text(const struct key *row, char *text, size_t bytes) {
    text[0] = '\0';
    if (row->kind == KEY_WORD) {
        words_text(row->words, "one of: ", text, bytes);
    } else if (row->kind == KEY_NAME) {
        snprintf(text, bytes, "name of a %s", row->words);
    } else {
        snprintf(text, bytes, "%s", scalar_type(row));
        words_text(row->words, ", or ", text, bytes);
    }
    const char *map = map_type(row);
    size_t used = strlen(text);
    if (*map && used < bytes) {
        snprintf(text + used, bytes - used, "%s%s%s", used ? ", or " : "",
                 row->group && !(row->flags & KEY_NAMED) ? "map: " : "", map);
    }
    used = strlen(text);
    if (row->flags & KEY_LISTS && used < bytes) {
        snprintf(text + used, bytes - used, ", or a list");
    }
}

/* Where a group's rows stand in a scenario. */
static const char *group_place(const char *group) {
    static const struct {
        const char *group, *place;
    } places[] = {
        {"state", "genome.types.eye.states.watching"},
        {"reaction", "genome.types.eye.states.watching.stimulus"},
        {"when", "genome.types.eye.states.watching.stimulus.when"},
        {"send", "genome.types.eye.states.watching.stimulus.send"},
        {"publish", "genome.types.eye.states.watching.stimulus.publish"},
        {"choice", "genome.types.eye.states.watching.stimulus.send.to"},
        {"bond", "genome.types.eye.bonds.motor"},
        {"law", "genome.types.eye.states.watching.stimulus.work"},
        {"by", "faults.bug.by"},
        {"source_publish", "workload.reflexes.publish"},
        {"profile", "hosts.karyon.set"},
        {"strategy", "partitioning.strategy"},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i].group, group) == 0) {
            return places[i].place;
        }
    }
    return NULL;
}

bool keys_sample_path(const struct key *row, char *text, size_t bytes) {
    char so_far[KEY_PATH_BYTES] = "", name[KEY_PATH_BYTES];
    size_t used = 0, so_far_bytes = 0;
    const char *sample = NULL; /* of the map above */
    for (const char *at = row->path; *at && used < bytes;) {
        size_t length = strcspn(at, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        so_far_bytes += (size_t)snprintf(so_far + so_far_bytes, sizeof so_far - so_far_bytes,
                                         "%s%.*s", so_far_bytes ? "." : "", (int)length, at);
        const struct key *here = find_under("", so_far);
        const char *place = so_far_bytes == length ? group_place(name) : NULL;
        bool star = strcmp(name, "*") == 0;
        const char *shown = place ? place : !star ? name : here->sample ? here->sample : sample;
        if (!shown) {
            return false;
        }
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", used ? "." : "", shown);
        sample = here ? here->sample : NULL;
        at += length + (at[length] == '.');
    }
    return used < bytes;
}
