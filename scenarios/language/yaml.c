#include "scenarios/language/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

/* Anchors are few: a list will do. */
struct anchor {
    struct anchor *next;
    const char *name;
    const struct node *node; /* NULL: not at its end yet */
};

struct yaml {
    struct arena *arena;
    const struct source *source;
    size_t from;
    int64_t *budget;
    struct mistakes *mistakes;
    struct fy_parser *parser;
    struct anchor *anchors;
    bool failed;
};

static size_t offset_of(const struct yaml *yaml, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    return yaml->from + (mark ? mark->input_pos : 0);
}

#define FAIL(yaml, offset, ...)                                                                    \
    (mistakes_add((yaml)->mistakes, (yaml)->source, offset, __VA_ARGS__), (yaml)->failed = true)

static bool utf8_ok(const unsigned char *text, size_t bytes, size_t *at) {
    for (size_t i = 0; i < bytes;) {
        *at = i;
        unsigned char c = text[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : 3;
        if (c >= 0x80 && (c < 0xc2 || c > 0xf4)) {
            return false;
        }
        if (i + more >= bytes) {
            return false;
        }
        for (size_t k = 1; k <= more; k++) {
            if ((text[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        bool overlong = (c == 0xe0 && text[i + 1] < 0xa0) || (c == 0xf0 && text[i + 1] < 0x90);
        bool beyond = (c == 0xed && text[i + 1] > 0x9f) || (c == 0xf4 && text[i + 1] > 0x8f);
        if (overlong || beyond) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

/* The next event; NULL at a syntax error or the end. */
static struct fy_event *next_event(struct yaml *yaml) {
    return yaml->failed ? NULL : fy_parser_parse(yaml->parser);
}

static const char *token_text(struct yaml *yaml, struct fy_token *token) {
    size_t bytes = 0, at;
    const char *text = token ? fy_token_get_text(token, &bytes) : NULL;
    if (!text) {
        return "";
    }
    if (memchr(text, '\0', bytes) || !utf8_ok((const unsigned char *)text, bytes, &at)) {
        FAIL(yaml, yaml->from + fy_token_start_mark(token)->input_pos,
             "an escape that stands for no text");
    }
    return arena_text(yaml->arena, text, bytes);
}

static void anchor_set(struct yaml *yaml, const char *name, const struct node *node) {
    struct anchor *anchor = arena_new(yaml->arena, sizeof *anchor);
    *anchor = (struct anchor){yaml->anchors, name, node};
    yaml->anchors = anchor;
}

static struct node *follow_alias(struct yaml *yaml, struct fy_event *event) {
    const char *name = token_text(yaml, event->alias.anchor);
    size_t offset = offset_of(yaml, event);
    for (struct anchor *anchor = yaml->anchors; anchor; anchor = anchor->next) {
        if (strcmp(anchor->name, name) == 0) {
            struct node *copy = node_copy(yaml->arena, anchor->node, yaml->budget);
            if (!copy) {
                FAIL(yaml, offset, "aliases multiply to too much");
            }
            return copy;
        }
    }
    FAIL(yaml, offset, "there is no anchor `&%s` that ends before this", name);
    return NULL;
}

static void refuse_tag(struct yaml *yaml, struct fy_token *tag, size_t offset) {
    if (tag) {
        FAIL(yaml, offset, "a tag has no meaning here: leave `%s` out", token_text(yaml, tag));
    }
}

static struct node *parse_node(struct yaml *yaml, struct fy_event *event, int depth);

/* `{cells: 500,000}`: YAML sees a key `000` without a value. */
static bool cut_at_comma(const struct node *before, const struct node *child) {
    if (!before || before->kind != NODE_SCALAR || !before->plain || !*before->text ||
        child->kind != NODE_SCALAR || *child->text || strlen(child->key) < 3) {
        return false;
    }
    return strspn(child->key, "0123456789") >= 3 &&
           strspn(before->text, "0123456789") == strlen(before->text);
}

static void take_key(struct yaml *yaml, struct node *map, struct node *child) {
    struct node *before = map->last;
    if (cut_at_comma(before, child)) {
        mistakes_value(yaml->mistakes, before,
                       "YAML cuts `%s,%s` at the comma: leave it out, or write k, M or G",
                       before->text, child->key);
        return;
    }
    if (strcmp(child->key, "<<") == 0) {
        mistakes_key(yaml->mistakes, child,
                     "`<<` is not part of the language: use `extends` or "
                     "`like`, or an alias for the whole value");
        map->bad = true; /* who knows what it would have said */
        return;
    }
    const struct node *other = node_child(map, child->key);
    if (other) {
        uint32_t line, column;
        source_place(yaml->source, other->key_offset, &line, &column);
        mistakes_key(yaml->mistakes, child, "`%s` stands here twice, first in line %u", child->key,
                     line);
        return;
    }
    node_append(map, child);
    if (map->count > YAML_MAX_CHILDREN) {
        FAIL(yaml, child->key_offset, "more than %d entries", YAML_MAX_CHILDREN);
    }
}

static void parse_map(struct yaml *yaml, struct node *map, int depth) {
    struct fy_event *event;
    while ((event = next_event(yaml)) && event->type != FYET_MAPPING_END) {
        size_t offset = offset_of(yaml, event);
        if (event->type != FYET_SCALAR) {
            FAIL(yaml, offset, "a key must be a plain word");
            break;
        }
        const char *key = token_text(yaml, event->scalar.value);
        fy_parser_event_free(yaml->parser, event);
        event = next_event(yaml);
        struct node *child = event ? parse_node(yaml, event, depth) : NULL;
        if (!child) {
            return;
        }
        child->key = key;
        child->key_source = yaml->source;
        child->key_offset = offset;
        take_key(yaml, map, child);
    }
    if (event) {
        fy_parser_event_free(yaml->parser, event);
    }
}

static void parse_list(struct yaml *yaml, struct node *list, int depth) {
    struct fy_event *event;
    while ((event = next_event(yaml)) && event->type != FYET_SEQUENCE_END) {
        struct node *child = parse_node(yaml, event, depth);
        if (!child) {
            return;
        }
        node_append(list, child);
        if (list->count > YAML_MAX_CHILDREN) {
            FAIL(yaml, child->offset, "more than %d entries", YAML_MAX_CHILDREN);
        }
    }
    if (event) {
        fy_parser_event_free(yaml->parser, event);
    }
}

static struct node *parse_scalar(struct yaml *yaml, struct fy_event *event) {
    struct node *node = node_new(yaml->arena, NODE_SCALAR, yaml->source, offset_of(yaml, event));
    refuse_tag(yaml, event->scalar.tag, node->offset);
    node->text = token_text(yaml, event->scalar.value);
    node->plain =
        !event->scalar.value || fy_scalar_token_get_style(event->scalar.value) == FYSS_PLAIN;
    node->gone = node->plain && strcmp(node->text, "~") == 0;
    return node;
}

/* Takes the event. NULL where the text ends or fails inside. */
static struct node *parse_node(struct yaml *yaml, struct fy_event *event, int depth) {
    struct node *node = NULL;
    struct fy_token *anchor = NULL;
    size_t offset = offset_of(yaml, event);
    if (--*yaml->budget < 0) {
        FAIL(yaml, offset, "too much for one scenario");
    } else if (depth > YAML_MAX_DEPTH) {
        FAIL(yaml, offset, "more than %d levels", YAML_MAX_DEPTH);
    } else if (event->type == FYET_ALIAS) {
        node = follow_alias(yaml, event);
    } else if (event->type == FYET_SCALAR) {
        node = parse_scalar(yaml, event);
        anchor = event->scalar.anchor;
    } else if (event->type == FYET_MAPPING_START) {
        node = node_new(yaml->arena, NODE_MAP, yaml->source, offset);
        anchor = event->mapping_start.anchor;
        refuse_tag(yaml, event->mapping_start.tag, offset);
    } else if (event->type == FYET_SEQUENCE_START) {
        node = node_new(yaml->arena, NODE_LIST, yaml->source, offset);
        anchor = event->sequence_start.anchor;
        refuse_tag(yaml, event->sequence_start.tag, offset);
    } else {
        FAIL(yaml, offset, "a value is missing");
    }
    const char *name = anchor ? token_text(yaml, anchor) : NULL;
    bool alias = event->type == FYET_ALIAS;
    fy_parser_event_free(yaml->parser, event);
    if (node && !alias && node->kind == NODE_MAP) {
        parse_map(yaml, node, depth + 1);
    } else if (node && !alias && node->kind == NODE_LIST) {
        parse_list(yaml, node, depth + 1);
    }
    if (node && name) {
        anchor_set(yaml, name, node);
    }
    return yaml->failed ? NULL : node;
}

static struct node *parse_document(struct yaml *yaml) {
    struct node *root = NULL;
    struct fy_event *event;
    while ((event = next_event(yaml))) {
        enum fy_event_type type = event->type;
        size_t offset = offset_of(yaml, event);
        if (type == FYET_DOCUMENT_START && root) {
            FAIL(yaml, offset, "a second document: one file holds one");
        }
        if (type == FYET_STREAM_START || type == FYET_STREAM_END || type == FYET_DOCUMENT_START ||
            type == FYET_DOCUMENT_END) {
            fy_parser_event_free(yaml->parser, event);
            if (type == FYET_STREAM_END) {
                break;
            }
            continue;
        }
        root = parse_node(yaml, event, 1);
        if (!root) {
            return NULL;
        }
    }
    return root;
}

/* What libfyaml has to say, at its place. */
static void take_diagnostics(struct yaml *yaml, struct fy_diag *diag) {
    void *at = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
    if (!error) {
        FAIL(yaml, yaml->from, "this is no YAML");
        return;
    }
    const struct fy_mark *mark = error->fyt ? fy_token_start_mark(error->fyt) : NULL;
    size_t offset = mark ? mark->input_pos : 0;
    if (!mark) {
        const char *text = yaml->source->text + yaml->from;
        size_t bytes = yaml->source->bytes - yaml->from;
        for (int line = 1; line < error->line && offset < bytes; offset++) {
            line += text[offset] == '\n';
        }
        for (int column = 1; column < error->column && offset < bytes; column++) {
            offset++;
        }
    }
    FAIL(yaml, yaml->from + offset, "this is no YAML: %s", error->msg);
}

static bool guarded(struct yaml *yaml) {
    const struct source *source = yaml->source;
    size_t at = 0;
    if (source->bytes > YAML_MAX_BYTES) {
        FAIL(yaml, 0, "the file is larger than 1 MiB");
    } else if (memchr(source->text, '\0', source->bytes)) {
        FAIL(yaml, (size_t)((char *)memchr(source->text, '\0', source->bytes) - source->text),
             "a NUL byte: this is no text");
    } else if (!utf8_ok((const unsigned char *)source->text, source->bytes, &at)) {
        FAIL(yaml, at, "this is no UTF-8");
    }
    return !yaml->failed;
}

struct node *yaml_parse(struct arena *arena, const struct source *source, size_t from,
                        int64_t *budget, struct mistakes *mistakes) {
    struct yaml yaml = {
        .arena = arena, .source = source, .from = from, .budget = budget, .mistakes = mistakes};
    if (!guarded(&yaml)) {
        return NULL;
    }
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    char *said = NULL;
    size_t said_bytes = 0;
    diag_config.fp = open_memstream(&said, &said_bytes);
    struct fy_diag *diag = fy_diag_create(&diag_config);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {
        .diag = diag, .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE};
    yaml.parser = fy_parser_create(&config);
    struct node *root = NULL;
    if (yaml.parser &&
        fy_parser_set_string(yaml.parser, source->text + from, source->bytes - from) == 0) {
        root = parse_document(&yaml);
        if (!yaml.failed && fy_parser_get_stream_error(yaml.parser)) {
            take_diagnostics(&yaml, diag);
        }
    }
    fy_parser_destroy(yaml.parser);
    fy_diag_destroy(diag);
    fclose(diag_config.fp);
    free(said);
    if (yaml.failed) {
        return NULL;
    }
    return root ? root : node_new(arena, NODE_MAP, source, from);
}
