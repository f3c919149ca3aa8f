#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/language/keys.h"

#define NUMBER "[0-9]+(\\.[0-9]+)?"
#define NAME   "^[a-z][a-z0-9_]{0,39}$"

static json_t *schema_of(const struct key *row);

static json_t *pattern(const char *text) {
    return json_pack("{s:s, s:s}", "type", "string", "pattern", text);
}

static json_t *words(const char *text) {
    json_t *list = json_array();
    for (const char *at = text; *at;) {
        size_t bytes = strcspn(at, " ");
        bool truth = strncmp(at, "true", 4) == 0 || strncmp(at, "false", 5) == 0;
        if (truth) {
            json_array_append_new(list, json_boolean(*at == 't'));
        } else if (*at != '!') {
            json_array_append_new(list, json_stringn(at, bytes));
        }
        at += bytes + (at[bytes] == ' ');
    }
    return json_pack("{s:o}", "enum", list);
}

/* The scalar that a row takes, besides its words; NULL: none. */
static json_t *scalar_of(const struct key *row) {
    switch (row->kind) {
    case KEY_TIME:
        return pattern("^" NUMBER "(ns|us|ms|s|min|h)$");
    case KEY_SIZE:
        return pattern("^" NUMBER "(B|KiB|MiB|GiB)$");
    case KEY_RATE:
        return pattern("^" NUMBER "(/s|k/s|M/s)$");
    case KEY_SHARE:
        return pattern("^" NUMBER "(%|ppm|ppb)$");
    case KEY_AMOUNT:
        return json_pack("{s:[s,s], s:s}", "type", "integer", "string", "pattern",
                         "^" NUMBER "(%|ppm|ppb|k|M|G)?$");
    case KEY_COUNT:
        return json_pack("{s:[s,s], s:i, s:s}", "type", "integer", "string", "minimum", 0,
                         "pattern", "^" NUMBER "[kMG]?$");
    case KEY_PLAIN_NS:
        return json_pack("{s:[s,s], s:i, s:s}", "type", "integer", "string", "minimum", 0,
                         "pattern", "^" NUMBER "(k|M|G|ns|us|ms|s|min|h)?$");
    case KEY_PLAIN_BYTES:
        return json_pack("{s:[s,s], s:i, s:s}", "type", "integer", "string", "minimum", 0,
                         "pattern", "^" NUMBER "(k|M|G|B|KiB|MiB|GiB)?$");
    case KEY_NAME:
        return strcmp(row->words, "choice") ? pattern(NAME) : NULL;
    case KEY_TEXT:
    case KEY_FILE:
    case KEY_SUBJECT:
    case KEY_PATTERN:
    case KEY_EXPRESSION:
        return json_pack("{s:s}", "type", "string");
    case KEY_POINTS:
        return json_pack("{s:s, s:i, s:i, s:{s:s, s:i, s:i}}", "type", "array", "minItems", 1,
                         "maxItems", 16, "items", "type", "array", "minItems", 2, "maxItems", 2);
    default:
        return NULL;
    }
}

/* The map that a row takes: its keys, or a reference to its group's. */
static json_t *map_of(const struct key *row, bool whole) {
    if (row->group && !whole) {
        char reference[64];
        snprintf(reference, sizeof reference, "#/$defs/%s", row->group);
        return json_pack("{s:s}", "$ref", reference);
    }
    json_t *properties = json_object(), *named = NULL;
    size_t place = 0;
    const struct key *child;
    while ((child = keys_next(row, &place))) {
        if (child->flags & KEY_LATER) {
            continue;
        }
        if (strcmp(keys_last(child), "*") == 0) {
            named = json_pack("{s:o}", NAME, schema_of(child));
        } else {
            json_object_set_new(properties, keys_last(child), schema_of(child));
        }
    }
    json_t *map = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                            "additionalProperties", 0);
    if (named) {
        json_object_set_new(map, "patternProperties", named);
    }
    return map;
}

/* Whatever a row takes; `~` too, since it takes away. */
static json_t *schema_of(const struct key *row) {
    json_t *ways = json_array(), *scalar = scalar_of(row);
    bool has_words = row->words && row->kind != KEY_NAME;
    if (has_words) {
        json_array_append_new(ways, words(row->words));
    }
    if (scalar) {
        json_array_append_new(ways, scalar);
    }
    if (keys_is_map(row)) {
        json_array_append_new(ways, map_of(row, false));
    }
    if (row->flags & KEY_LISTS) {
        json_t *items = json_pack("{s:O}", "anyOf", ways);
        json_t *item = json_deep_copy(items);
        json_decref(items);
        json_array_append_new(ways, json_pack("{s:s, s:o}", "type", "array", "items", item));
    }
    json_array_append_new(ways, json_pack("{s:s}", "type", "null"));
    json_t *schema = json_pack("{s:s, s:o}", "description", row->doc, "anyOf", ways);
    if (row->initial) {
        json_object_set_new(schema, "default", json_string(row->initial));
    }
    return schema;
}

void language_schema(FILE *file) {
    json_t *groups = json_object();
    for (size_t i = 0; i < keys_count(); i++) {
        const struct key *row = keys_row(i);
        const struct key *group = row->group ? keys_root(row->group) : NULL;
        if (group && !json_object_get(groups, row->group)) {
            json_object_set_new(groups, row->group, map_of(group, true));
        }
    }
    json_t *schema = map_of(keys_root(""), true);
    json_object_set_new(schema, "$schema",
                        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(schema, "title", json_string("A nerve scenario"));
    json_object_set_new(schema, "$defs", groups);
    char *text = json_dumps(schema, JSON_INDENT(2) | JSON_SORT_KEYS);
    fprintf(file, "%s\n", text ? text : "{}");
    free(text);
    json_decref(schema);
}
