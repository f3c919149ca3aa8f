#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "scenarios/language/expression_parts.h"

/* The parser: one function a level of precedence, on one token ahead. */
struct parser {
    struct expression *expression;
    const char *text; /* as given: offsets are in it */
    size_t at;        /* where the token begins */
    size_t bytes;     /* of the token; 0: the end */
    int depth;
    char *message; /* "": no mistake yet */
    size_t message_bytes, mistake_at;
};

static int parse_or(struct parser *p);

static void fail(struct parser *p, size_t at, const char *format, const char *what, int bytes) {
    if (p->message[0] == '\0') {
        snprintf(p->message, p->message_bytes, format, bytes, what);
        p->mistake_at = at;
    }
}

static bool failed(const struct parser *p) {
    return p->message[0] != '\0';
}

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '%';
}

/* The token at p->at: a word (path, number, name), or a mark. */
static void measure(struct parser *p) {
    p->at += strspn(p->text + p->at, " \t\n");
    const char *token = p->text + p->at;
    p->bytes = 0;
    while (is_word_byte(token[p->bytes])) {
        p->bytes++;
    }
    /* A rate's `/s` belongs to its number. */
    if (p->bytes && *token >= '0' && *token <= '9' && strncmp(token + p->bytes, "/s", 2) == 0 &&
        !is_word_byte(token[p->bytes + 2])) {
        p->bytes += 2;
    }
    if (p->bytes == 0 && *token) {
        bool two =
            (*token == '=' || *token == '!' || *token == '<' || *token == '>') && token[1] == '=';
        p->bytes = two ? 2 : 1;
    }
}

static void advance(struct parser *p) {
    p->at += p->bytes;
    measure(p);
}

static bool is_token(const struct parser *p, const char *token) {
    return p->bytes == strlen(token) && strncmp(p->text + p->at, token, p->bytes) == 0;
}

static int add_part(struct parser *p, struct part part) {
    struct expression *expression = p->expression;
    if (expression->parts == EXPRESSION_MAX_PARTS) {
        fail(p, p->at, "an expression of more than %d parts%s", "", EXPRESSION_MAX_PARTS);
        return 0;
    }
    expression->part[expression->parts] = part;
    return expression->parts++;
}

/* The token as a text of its own. */
static const char *token_text(struct parser *p) {
    char *copy = p->expression->text + p->at; /* tokens do not overlap; each ends in a NUL */
    memcpy(copy, p->text + p->at, p->bytes);
    return copy;
}

static bool number_value(const char *text, struct value *value) {
    int64_t number;
    static const enum unit units[] = {UNIT_COUNT, UNIT_TIME, UNIT_SIZE, UNIT_RATE};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!units_parse(units[i], text, &number)) {
            *value = (struct value){VALUE_NUMBER, number, NULL};
            return true;
        }
    }
    if (!units_parse(UNIT_SHARE, text, &number)) { /* ppb: figures are in ppm */
        *value = number % 1000 ? (struct value){VALUE_DECIMAL, number * 1000, NULL}
                               : (struct value){VALUE_NUMBER, number / 1000, NULL};
        return true;
    }
    char milli[64];
    snprintf(milli, sizeof milli, "%.60sM", text); /* 12.5 in millionths */
    if (!units_parse(UNIT_COUNT, milli, &number)) {
        *value = (struct value){VALUE_DECIMAL, number, NULL};
        return true;
    }
    return false;
}

/* A word that stands for a value; else a path. On the right of a comparison a bare word is one. */
static int parse_word(struct parser *p, bool right) {
    const char *text = token_text(p);
    struct part part = {.kind = PART_VALUE, .offset = p->at};
    if (*text >= '0' && *text <= '9') {
        if (!number_value(text, &part.value)) {
            fail(p, p->at, "`%.*s` is no number with a unit", text, (int)p->bytes);
        }
    } else if (is_token(p, "true") || is_token(p, "false")) {
        part.value = (struct value){VALUE_BOOL, is_token(p, "true"), NULL};
    } else if (is_token(p, "none")) {
        part.value.kind = VALUE_NONE;
    } else if (right && !strchr(text, '.')) {
        part.value = (struct value){VALUE_WORD, 0, text};
    } else {
        part.kind = PART_PATH;
        part.path = text;
    }
    advance(p);
    return add_part(p, part);
}

static int parse_operand(struct parser *p, bool right) {
    const char *token = p->text + p->at;
    if (p->bytes == 0) {
        fail(p, p->at, "something is missing here%.*s", "", 0);
        return 0;
    }
    if (is_token(p, "(")) {
        if (++p->depth > EXPRESSION_MAX_DEPTH) {
            fail(p, p->at, "too many parentheses%.*s", "", 0);
            return 0;
        }
        advance(p);
        int inner = parse_or(p);
        if (!is_token(p, ")")) {
            fail(p, p->at, "a `)` is missing%.*s", "", 0);
        }
        p->depth--;
        advance(p);
        return inner;
    }
    if (!is_word_byte(*token) || is_token(p, "and") || is_token(p, "or") || is_token(p, "not")) {
        fail(p, p->at, "a path or a value should stand here, not `%.*s`", token, (int)p->bytes);
        return 0;
    }
    return parse_word(p, right);
}

static int parse_quotient(struct parser *p, bool right) {
    int left = parse_operand(p, right);
    while (is_token(p, "/") && !failed(p)) {
        size_t offset = p->at;
        advance(p);
        int divisor = parse_operand(p, false);
        left = add_part(
            p,
            (struct part){.kind = PART_DIVIDE, .offset = offset, .left = left, .right = divisor});
    }
    return left;
}

static int parse_comparison(struct parser *p) {
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">="};
    int left = parse_quotient(p, false);
    for (int i = 0; i < 6; i++) {
        if (is_token(p, signs[i])) {
            struct part part = {.kind = PART_COMPARE,
                                .compare = (enum part_compare)i,
                                .offset = p->at,
                                .left = left};
            advance(p);
            part.right = parse_quotient(p, true);
            return add_part(p, part);
        }
    }
    if (is_token(p, "=")) {
        fail(p, p->at, "`=` compares nothing: `==` does%.*s", "", 0);
    }
    return left;
}

static int parse_not(struct parser *p) {
    if (!is_token(p, "not")) {
        return parse_comparison(p);
    }
    struct part part = {.kind = PART_NOT, .offset = p->at};
    if (++p->depth > EXPRESSION_MAX_DEPTH) {
        fail(p, p->at, "too many `not`s%.*s", "", 0);
        return 0;
    }
    advance(p);
    part.left = parse_not(p);
    p->depth--;
    return add_part(p, part);
}

/* left WORD right WORD right ... */
static int parse_chain(struct parser *p, const char *word, enum part_kind kind,
                       int (*next)(struct parser *p)) {
    int left = next(p);
    while (is_token(p, word) && !failed(p)) {
        struct part part = {.kind = kind, .offset = p->at, .left = left};
        advance(p);
        part.right = next(p);
        left = add_part(p, part);
    }
    return left;
}

static int parse_and(struct parser *p) {
    return parse_chain(p, "and", PART_AND, parse_not);
}

static int parse_or(struct parser *p) {
    return parse_chain(p, "or", PART_OR, parse_and);
}

struct expression *expression_compile(const char *text, char *message, size_t message_bytes,
                                      size_t *offset) {
    struct expression *expression = memory_new(1, sizeof *expression);
    expression->text = memory_new(1, strlen(text) + 1);
    message[0] = '\0';
    struct parser p = {
        .expression = expression, .text = text, .message = message, .message_bytes = message_bytes};
    measure(&p);
    expression->root = parse_or(&p);
    if (!failed(&p) && p.bytes) {
        fail(&p, p.at, "`%.*s` is too much here", text + p.at, (int)p.bytes);
    }
    if (failed(&p)) {
        *offset = p.mistake_at;
        expression_destroy(expression);
        return NULL;
    }
    return expression;
}

bool expression_paths(const struct expression *expression,
                      bool (*visit)(void *context, const char *path, size_t offset),
                      void *context) {
    for (int i = 0; i < expression->parts; i++) {
        const struct part *part = &expression->part[i];
        if (part->kind == PART_PATH && !visit(context, part->path, part->offset)) {
            return false;
        }
    }
    return true;
}

void expression_destroy(struct expression *expression) {
    if (expression) {
        free(expression->text);
        free(expression);
    }
}
