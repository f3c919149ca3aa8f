#include "model/subjects.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static size_t token_length(const char *text) {
    return strcspn(text, ".");
}

bool subject_matches(const char *pattern, const char *subject) {
    for (;;) {
        size_t p = token_length(pattern);
        size_t s = token_length(subject);
        if (p == 1 && pattern[0] == '>' && pattern[1] == '\0') {
            return true;
        }
        bool star = p == 1 && pattern[0] == '*';
        if (!star && (p != s || memcmp(pattern, subject, p) != 0)) {
            return false;
        }
        pattern += p;
        subject += s;
        if (*pattern == '\0' || *subject == '\0') {
            return *pattern == *subject;
        }
        pattern++;
        subject++;
    }
}

static const char *token_mistake(const char *token, size_t length, bool last, bool wildcards) {
    if (length == 0) {
        return "an empty token";
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)token[i];
        if (isspace(c)) {
            return "white space";
        }
        if (iscntrl(c)) {
            return "a control character";
        }
        if (c != '*' && c != '>') {
            continue;
        }
        if (!wildcards) {
            return "a wildcard (`*` and `>` are for subscriptions only)";
        }
        if (length > 1) {
            return c == '*' ? "`*` is not a whole token" : "`>` is not a whole token";
        }
        if (c == '>' && !last) {
            return "`>` is not last";
        }
    }
    return NULL;
}

const char *subject_mistake(const char *text, bool wildcards) {
    for (;;) {
        size_t length = token_length(text);
        bool last = text[length] == '\0';
        const char *mistake = token_mistake(text, length, last, wildcards);
        if (mistake || last) {
            return mistake;
        }
        text += length + 1;
    }
}
