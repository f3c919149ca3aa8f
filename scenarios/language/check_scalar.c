#include <string.h>

#include "model/subjects.h"
#include "scenarios/language/reader.h"
#include "scenarios/language/suggest.h"

enum { NAME_BYTES = 40, FILE_BYTES = 255, TEXT_BYTES = 1000, SUBJECT_BYTES = 200 };

static bool name_with(const char *text, const char *others) {
    if (*text < 'a' || *text > 'z' || strlen(text) > NAME_BYTES) {
        return false;
    }
    for (; *text; text++) {
        if (!((*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') ||
              strchr(others, *text))) {
            return false;
        }
    }
    return true;
}

bool check_name(const char *text) {
    return name_with(text, "_");
}

bool check_file_name(const char *text) {
    return name_with(text, "_-");
}

/* One of the row's words: 1; one that is not built: -1; none: 0. */
static int find_word(struct reader *reader, const struct key *row, struct node *node) {
    const char *words = row->kind == KEY_NAME || row->kind == KEY_FILE ? "" : row->words;
    for (const char *at = words; at && *at;) {
        bool later = *at == '!';
        at += later;
        size_t bytes = strcspn(at, " ");
        if (strlen(node->text) == bytes && strncmp(node->text, at, bytes) == 0) {
            node->word = arena_text(&reader->arena, at, bytes);
            return later ? -1 : 1;
        }
        at += bytes + (at[bytes] == ' ');
    }
    return 0;
}

static void refuse_word(struct reader *reader, const struct key *row, struct node *node) {
    struct suggest suggest = suggest_begin(node->text);
    char type[256], text[SUGGEST_TEXT_BYTES];
    for (const char *at = row->words; *at;) {
        at += *at == '!';
        size_t bytes = strcspn(at, " ");
        suggest_offer(&suggest, arena_text(&reader->arena, at, bytes));
        at += bytes + (at[bytes] == ' ');
    }
    keys_type_text(row, type, sizeof type);
    if (row->kind == KEY_WORD) {
        mistakes_value(&reader->mistakes, node, "`%s` is none of %s%s", node->text,
                       type + strlen("one of: "), suggest_text(&suggest, text));
    } else {
        mistakes_value(&reader->mistakes, node, "`%s` is no %s%s", node->text, type,
                       suggest_text(&suggest, text));
    }
}

static enum unit unit_of(const struct key *row, const char *text) {
    switch (row->kind) {
    case KEY_TIME:
        return UNIT_TIME;
    case KEY_SIZE:
        return UNIT_SIZE;
    case KEY_RATE:
        return UNIT_RATE;
    case KEY_SHARE:
        return UNIT_SHARE;
    case KEY_AMOUNT:
        return strpbrk(text, "%p") ? UNIT_SHARE : UNIT_COUNT;
    case KEY_PLAIN_NS:
        return strpbrk(text, "snmh") ? UNIT_TIME : UNIT_COUNT;
    case KEY_PLAIN_BYTES:
        return strpbrk(text, "B") ? UNIT_SIZE : UNIT_COUNT;
    default:
        return UNIT_COUNT;
    }
}

static void check_range(struct reader *reader, const struct key *row, struct node *node) {
    int64_t max = row->kind == KEY_AMOUNT && node->unit == UNIT_SHARE ? 1000000000 : row->max;
    if (node->number >= row->min && node->number <= max) {
        return;
    }
    char low[UNITS_TEXT_BYTES], high[UNITS_TEXT_BYTES];
    units_write(node->unit, row->min, low);
    units_write(node->unit, max, high);
    mistakes_value(&reader->mistakes, node, "`%s` is out of range: %s is from %s to %s", node->text,
                   node->key ? node->key : keys_last(row), low, high);
}

static void check_number(struct reader *reader, const struct key *row, struct node *node) {
    node->unit = unit_of(row, node->text);
    const char *mistake = units_parse(node->unit, node->text, &node->number);
    if (!mistake) {
        check_range(reader, row, node);
        return;
    }
    bool is_number = *node->text == '-' || (*node->text >= '0' && *node->text <= '9');
    if (!is_number && row->words) {
        refuse_word(reader, row, node);
    } else if (!is_number) {
        char type[256];
        keys_type_text(row, type, sizeof type);
        mistakes_value(&reader->mistakes, node, "`%s` is no %s", node->text, type);
    } else {
        mistakes_value(&reader->mistakes, node, "`%s` %s", node->text, mistake);
    }
}

/* The text with each {placeholder} as one letter; NULL: a mistake has been said. */
static const char *fill_places(struct reader *reader, struct node *node, bool allowed) {
    static const char *const places[] = {"domain", "node", "cell", "type", "host"};
    char *filled = arena_text(&reader->arena, node->text, strlen(node->text));
    char *to = filled;
    for (const char *at = node->text; *at;) {
        size_t bytes = *at == '{' ? strcspn(at, "}") : 0;
        if (*at != '{' || !at[bytes]) {
            *to++ = *at++;
            continue;
        }
        const char *name = arena_text(&reader->arena, at + 1, bytes - 1);
        struct suggest suggest = suggest_begin(name);
        bool known = false;
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            known = known || strcmp(name, places[i]) == 0;
            suggest_offer(&suggest, places[i]);
        }
        char text[SUGGEST_TEXT_BYTES];
        if (!known || !allowed) {
            mistakes_value(&reader->mistakes, node,
                           known ? "{%s} is filled in for cells; here nothing is%s"
                                 : "nothing fills {%s} in%s",
                           name, known ? "" : suggest_text(&suggest, text));
            return NULL;
        }
        *to++ = 'x';
        at += bytes + 1;
    }
    *to = '\0';
    return filled;
}

static void check_subject(struct reader *reader, const struct key *row, struct node *node) {
    bool alone =
        strncmp(row->path, "faults.", 7) == 0 || strcmp(row->path, "source_publish.subject") == 0;
    const char *filled = fill_places(reader, node, !alone);
    if (!filled) {
        return;
    }
    const char *mistake = strlen(node->text) > SUBJECT_BYTES
                              ? "it is too long"
                              : subject_mistake(filled, row->kind == KEY_PATTERN);
    if (!mistake && strpbrk(filled, "{}")) {
        mistake = "a brace that nothing closes";
    }
    if (mistake) {
        mistakes_value(&reader->mistakes, node, "`%s` is no subject: %s", node->text, mistake);
    }
}

static void check_text(struct reader *reader, const struct key *row, struct node *node) {
    bool name = strcmp(keys_last(row), "name") == 0;
    size_t most = row->kind == KEY_FILE ? FILE_BYTES : TEXT_BYTES;
    if (name && !check_file_name(node->text)) {
        mistakes_value(&reader->mistakes, node,
                       "`%s` is no name: small letters, digits, _ and -, a letter first, at most "
                       "40",
                       node->text);
    } else if (strlen(node->text) > most) {
        mistakes_value(&reader->mistakes, node, "longer than %zu bytes", most);
    } else if (row->kind == KEY_FILE && !*node->text) {
        mistakes_value(&reader->mistakes, node, "an empty name");
    }
}

static void check_reference(struct reader *reader, const struct key *row, struct node *node) {
    if (strcmp(row->words, "choice") == 0) {
        mistakes_value(&reader->mistakes, node, "a source sends to a choice of cells: {type: %s}",
                       check_name(node->text) ? node->text : "eye");
    } else if (!check_name(node->text)) {
        mistakes_value(&reader->mistakes, node, "`%s` cannot be the name of a %s", node->text,
                       row->words);
    }
}

void check_scalar(struct reader *reader, const struct key *row, struct node *node,
                  const char *path) {
    int found = find_word(reader, row, node);
    if (found < 0) {
        mistakes_value(&reader->mistakes, node, "`%s` is not built yet (%s)", node->text, path);
    }
    if (found) {
        return;
    }
    switch (row->kind) {
    case KEY_WORD:
        refuse_word(reader, row, node);
        return;
    case KEY_NAME:
        check_reference(reader, row, node);
        return;
    case KEY_TEXT:
    case KEY_FILE:
    case KEY_EXPRESSION:
        check_text(reader, row, node);
        return;
    case KEY_SUBJECT:
    case KEY_PATTERN:
        check_subject(reader, row, node);
        return;
    case KEY_MAP:
    case KEY_POINTS: {
        char type[256];
        keys_type_text(row, type, sizeof type);
        mistakes_value(&reader->mistakes, node, "%s takes a %s, not `%s`", path, type, node->text);
        return;
    }
    default:
        check_number(reader, row, node);
    }
}

void check_points(struct reader *reader, const struct key *row, struct node *node,
                  const char *path) {
    enum { MOST = 16 };
    static const struct key bytes_row = {
        .path = "bytes", .kind = KEY_PLAIN_BYTES, .min = 1, .max = (int64_t)1 << 50};
    static const struct key ns_row = {.path = "ns", .kind = KEY_PLAIN_NS, .max = 1000000};
    node->row = row;
    if (node->count == 0 || node->count > MOST) {
        mistakes_value(&reader->mistakes, node, "%s has 1 to %d points [bytes, ns]", path, MOST);
        return;
    }
    int64_t before = 0;
    for (struct node *point = node->first; point; point = point->next) {
        if (point->kind != NODE_LIST || point->count != 2 || point->first->kind != NODE_SCALAR ||
            point->last->kind != NODE_SCALAR) {
            mistakes_value(&reader->mistakes, point, "a point is [bytes, ns]: [16MiB, 12]");
            node->bad = true;
            continue;
        }
        check_number(reader, &bytes_row, point->first);
        check_number(reader, &ns_row, point->last);
        node->bad = node->bad || point->first->bad || point->last->bad;
        if (!node->bad && point->first->number <= before) {
            mistakes_value(&reader->mistakes, point->first, "the bytes of points must rise");
            node->bad = true;
        }
        before = point->first->number;
    }
}
