#include <string.h>

#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

struct node *build_value(struct build *build, const struct node *section, const char *key) {
    struct node *child = node_child(section, key);
    if (child && !child->bad) {
        return child;
    }
    const struct key *row = section ? keys_child(section->row, key) : NULL;
    if (!row || !row->initial) {
        return NULL;
    }
    struct node *node =
        node_new(&build->reader->arena, NODE_SCALAR, section->source, section->offset);
    node->key = key;
    node->row = row;
    node->text = row->initial;
    node->spelled = true;
    check_scalar(build->reader, row, node, row->path);
    return node;
}

struct node *build_good(const struct node *section, const char *key) {
    struct node *child = node_child(section, key);
    return child && !child->bad ? child : NULL;
}

int64_t build_number(struct build *build, const struct node *section, const char *key) {
    const struct node *node = build_value(build, section, key);
    return node ? node->number : 0;
}

bool build_is_word(struct build *build, const struct node *section, const char *key,
                   const char *word) {
    const struct node *node = build_value(build, section, key);
    return node && node->word && strcmp(node->word, word) == 0;
}

int64_t build_number_or(struct build *build, const struct node *section, const char *key,
                        const char *word, int64_t otherwise) {
    if (build_is_word(build, section, key, word)) {
        return otherwise;
    }
    const struct node *node = build_value(build, section, key);
    return node ? node->number : otherwise;
}

int build_word(struct build *build, const struct node *section, const char *key) {
    const struct node *node = build_value(build, section, key);
    if (!node || !node->word) {
        return 0;
    }
    int place = 0;
    for (const char *at = node->row->words; *at; place++) {
        at += *at == '!';
        size_t bytes = strcspn(at, " ");
        if (strlen(node->word) == bytes && strncmp(node->word, at, bytes) == 0) {
            return place;
        }
        at += bytes + (at[bytes] == ' ');
    }
    return 0;
}

int build_find(struct build *build, const struct node *map, struct node *name, const char *what) {
    if (name->bad || name->kind != NODE_SCALAR || !map || map->bad || map->kind != NODE_MAP) {
        return -1;
    }
    struct suggest suggest = suggest_begin(name->text);
    int place = 0;
    for (const struct node *child = map->first; child; child = child->next, place++) {
        if (strcmp(child->key, name->text) == 0) {
            return place;
        }
        suggest_offer(&suggest, child->key);
    }
    char text[SUGGEST_TEXT_BYTES];
    mistakes_value(build->mistakes, name, "there is no %s `%s`%s", what, name->text,
                   suggest_text(&suggest, text));
    return -1;
}

static void law_of_map(struct build *build, struct node *node, struct law *law) {
    bool uniform = build_is_word(build, node, "law", "uniform");
    struct node *min = node_child(node, "min"), *max = node_child(node, "max");
    struct node *mean = node_child(node, "mean");
    law->kind = uniform ? LAW_UNIFORM : LAW_EXPONENTIAL;
    if (!build_good(node, "law")) {
        return;
    }
    if (uniform ? !min || !max || mean : !mean || min || max) {
        mistakes_value(build->mistakes, node, "law %s takes %s",
                       uniform ? "uniform" : "exponential", uniform ? "min and max" : "mean");
        return;
    }
    if (!uniform) {
        law->a_ns = mean->number;
        return;
    }
    law->a_ns = min->number;
    law->b_ns = max->number;
    if (min->bad || max->bad) {
        return;
    }
    if (law->b_ns < law->a_ns) {
        mistakes_value(build->mistakes, max, "max is less than min");
    } else if (law->b_ns - law->a_ns >= (int64_t)1 << 32) {
        mistakes_value(build->mistakes, max, "max is more than 4.29 s above min");
    }
}

void build_law(struct build *build, struct node *node, struct law *law) {
    *law = (struct law){.kind = LAW_CONSTANT};
    if (!node || node->bad) {
        return;
    }
    if (node->kind == NODE_SCALAR) {
        law->a_ns = node->number;
    } else {
        law_of_map(build, node, law);
    }
}

static enum genome_where where_of(struct build *build, const struct node *node, const char *key) {
    static const enum genome_where places[] = {WHERE_SAME_NODE, WHERE_SAME_DOMAIN, WHERE_SAME_HOST,
                                               WHERE_ANYWHERE};
    return build_value(build, node, key) ? places[build_word(build, node, key)] : WHERE_ANYWHERE;
}

static void check_below(struct build *build, struct node *node, uint32_t limit, const char *what) {
    if (node && limit && node->number >= limit) {
        mistakes_value(build->mistakes, node, "there is no %s %s: there are %u, from 0", what,
                       node->text, limit);
    }
}

void build_choice(struct build *build, struct node *node, struct genome_choice *choice) {
    *choice = (struct genome_choice){
        .type = GENOME_NONE, .where = WHERE_ANYWHERE, .not_in = WHERE_ANYWHERE, -1, -1};
    if (node->bad || node->kind != NODE_MAP) {
        return;
    }
    struct node *type = build_good(node, "type"), *domain = build_good(node, "domain");
    struct node *cell = build_good(node, "cell");
    int place = type ? build_find(build, build->types, type, "type") : -1;
    if (place >= 0) {
        choice->type = (uint16_t)place;
    }
    choice->where = where_of(build, node, "where");
    choice->not_in = where_of(build, node, "not");
    check_below(build, domain, build->plan->colony.domains, "domain");
    check_below(build, cell, build->plan->colony.cells, "cell");
    choice->domain = domain ? domain->number : -1;
    choice->cell = cell ? cell->number : -1;
    if (!node->first) {
        mistakes_value(build->mistakes, node,
                       "say which cells: type, where, not, domain, cell (any: {where: anywhere})");
    }
    struct node *excluded = build_good(node, "not");
    bool nowhere = choice->where == choice->not_in ||
                   (choice->where == WHERE_SAME_NODE && choice->not_in == WHERE_SAME_HOST);
    if (excluded && nowhere) {
        mistakes_value(build->mistakes, excluded, "no cell is there and not there");
    }
}
