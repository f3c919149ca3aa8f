#include "scenarios/language/resolved.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/language/expression.h"
#include "scenarios/language/keys.h"
#include "scenarios/language/scenario.h"

/* What a scalar means, as an expression's value. */
static struct value value_of(const struct node *node) {
    if (node->word) {
        if (strcmp(node->word, "none") == 0) {
            return (struct value){VALUE_NONE, 0, NULL};
        }
        bool yes = strcmp(node->word, "true") == 0;
        if (yes || strcmp(node->word, "false") == 0) {
            return (struct value){VALUE_BOOL, yes, NULL};
        }
        return (struct value){VALUE_WORD, 0, node->word};
    }
    switch (node->row->kind) {
    case KEY_NAME:
    case KEY_TEXT:
    case KEY_FILE:
    case KEY_SUBJECT:
    case KEY_PATTERN:
    case KEY_EXPRESSION:
        return (struct value){VALUE_WORD, 0, node->text};
    default:
        break;
    }
    if (node->unit == UNIT_SHARE) { /* ppb; shares of figures are ppm */
        return node->number % 1000 ? (struct value){VALUE_DECIMAL, node->number * 1000, NULL}
                                   : (struct value){VALUE_NUMBER, node->number / 1000, NULL};
    }
    return (struct value){VALUE_NUMBER, node->number, NULL};
}

/* A row's default: plain numbers with units and words are all there are. */
static bool default_value(const struct key *row, struct value *value) {
    if (!row || !row->initial) {
        return false;
    }
    static const enum unit units[] = {[KEY_TIME] = UNIT_TIME,
                                      [KEY_SIZE] = UNIT_SIZE,
                                      [KEY_RATE] = UNIT_RATE,
                                      [KEY_SHARE] = UNIT_SHARE,
                                      [KEY_COUNT] = UNIT_COUNT};
    struct node node = {.row = row, .text = row->initial};
    bool number = row->kind >= KEY_TIME && row->kind <= KEY_COUNT;
    node.unit = number ? units[row->kind] : UNIT_COUNT;
    if (!number || units_parse(node.unit, row->initial, &node.number)) {
        node.word = row->initial;
    }
    *value = value_of(&node);
    return true;
}

/* The node of a path, or NULL; *above and *row: where its last name was looked for. */
static const struct node *find(const struct node *root, const char *path, const struct node **above,
                               const struct key **row) {
    const struct node *at = root;
    const struct key *here = keys_root("");
    char name[64];
    for (;;) {
        size_t bytes = strcspn(path, ".");
        if (bytes == 0 || bytes >= sizeof name || !here) {
            return NULL;
        }
        snprintf(name, sizeof name, "%.*s", (int)bytes, path);
        *above = at;
        here = keys_child(here, name);
        at = node_child(at, name);
        if (!path[bytes]) {
            *row = here;
            return at;
        }
        path += bytes + 1;
    }
}

/* Where a key lies that stands for another: what a host sets goes over its profile, what stands
 * under partitioning over its strategy. NULL: the path is its own. */
static const struct node *find_stand_in(const struct node *root, const char *path) {
    static const char *const parts[] = {"set", "profile"};
    const struct node *above, *node = NULL;
    const struct key *row;
    char other[256];
    if (strncmp(path, "partitioning.", 13) == 0) {
        snprintf(other, sizeof other, "partitioning.strategy.%s", path + 13);
        return find(root, other, &above, &row);
    }
    const char *host = path + strlen("hosts.");
    size_t host_bytes = strncmp(path, "hosts.", 6) == 0 ? strcspn(host, ".") : 0;
    const char *part = host + host_bytes;
    if (!host_bytes || !*part || host_bytes > 40) {
        return NULL;
    }
    const char *key = strchr(part + 1, '.');
    size_t part_bytes = key ? (size_t)(key - part - 1) : 0;
    bool of_profile = (part_bytes == 3 && strncmp(part + 1, "set", 3) == 0) ||
                      (part_bytes == 7 && strncmp(part + 1, "profile", 7) == 0);
    for (size_t i = 0; of_profile && i < 2 && !node; i++) {
        snprintf(other, sizeof other, "hosts.%.*s.%s%s", (int)host_bytes, host, parts[i], key);
        node = find(root, other, &above, &row);
    }
    return node;
}

bool scenario_value(const struct scenario *scenario, const char *path, struct value *value) {
    if (!scenario->resolved) {
        return false;
    }
    const struct node *root = scenario->resolved->root, *above = NULL;
    const struct key *row = NULL;
    const struct node *node = find(root, path, &above, &row);
    const struct node *other = find_stand_in(root, path);
    bool hosts = strncmp(path, "hosts.", 6) == 0;
    if (other && (hosts || !node)) {
        node = other;
    }
    if (!node) {
        return above && default_value(row, value);
    }
    if (node->kind == NODE_MAP) { /* a law, or a profile or strategy spelled out */
        const struct node *law = node_child(node, "law");
        node = law ? law : node_child(node, "name");
    }
    if (!node || node->kind != NODE_SCALAR) {
        return false;
    }
    *value = value_of(node);
    return true;
}
