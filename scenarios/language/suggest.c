#include "scenarios/language/suggest.h"

#include <stdio.h>
#include <string.h>

enum { NEAR = 2, WORD_BYTES = 48 };

static const struct {
    const char *wrong, *right;
} synonyms[] = {
    {"hwm", "queue_limit"},     {"high_water_mark", "queue_limit"},
    {"topic", "subject"},       {"channel", "subject"},
    {"include", "extends"},     {"import", "extends"},
    {"inherits", "like"},       {"parent", "like"},
    {"interval", "every"},      {"period", "every"},
    {"frequency", "rate"},      {"target", "to"},
    {"cost", "work"},           {"cpu", "work"},
    {"cpus", "cores"},          {"machines", "hosts"},
    {"machine", "profile"},     {"length", "duration"},
    {"time", "duration"},       {"payload", "size"},
    {"emit", "send"},           {"broadcast", "publish"},
    {"initial", "start"},       {"goto", "next"},
    {"transition", "next"},     {"probability_of", "probability"},
    {"fanout", "fan_out"},      {"warmup", "warm_up"},
    {"random_seed", "seed"},    {"assert", "expect"},
    {"expectations", "expect"}, {"sources", "workload"},
    {"failures", "faults"},     {"micro_environments", "domains"},
    {"condition", "that"},      {"reason", "why"},
    {"full_mesh", "mesh"},      {"remaining", "rest"},
};

struct suggest suggest_begin(const char *wanted) {
    return (struct suggest){.wanted = wanted, .distance = NEAR + 1};
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Edit distance, two neighbours exchanged counting as one. */
static int distance(const char *a, const char *b) {
    int rows[3][WORD_BYTES + 1];
    int m = (int)strlen(a), n = (int)strlen(b);
    if (m > WORD_BYTES || n > WORD_BYTES || m - n > NEAR || n - m > NEAR) {
        return NEAR + 1;
    }
    for (int j = 0; j <= n; j++) {
        rows[0][j] = j;
    }
    for (int i = 1; i <= m; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int other = a[i - 1] != b[j - 1];
            row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + other);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[m % 3][n];
}

void suggest_offer(struct suggest *suggest, const char *candidate) {
    int d = distance(suggest->wanted, candidate);
    /* What shares no letter in its place with so short a word is not near it. */
    if (d * 2 > (int)strlen(candidate) || d * 2 > (int)strlen(suggest->wanted) + 1) {
        d = NEAR + 1;
    }
    for (unsigned i = 0; i < sizeof synonyms / sizeof *synonyms; i++) {
        if (strcmp(suggest->wanted, synonyms[i].wrong) == 0 &&
            strcmp(candidate, synonyms[i].right) == 0) {
            d = 0;
        }
    }
    if (d < suggest->distance) {
        suggest->distance = d;
        suggest->best = candidate;
    }
}

const char *suggest_text(const struct suggest *suggest, char text[SUGGEST_TEXT_BYTES]) {
    text[0] = '\0';
    if (suggest->best) {
        snprintf(text, SUGGEST_TEXT_BYTES, "; did you mean `%s`?", suggest->best);
    }
    return text;
}
