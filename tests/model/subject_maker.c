#include "tests/model/subject_maker.h"

#include <string.h>

static const char *const plain[] = {"a", "b", "c", "aa", "0", "1", "2", "host_1"};
static const char *const holders[] = {"{domain}", "{node}", "{host}",
                                      "{type}",   "{cell}", "n{node}"};

static const char *pick(struct random *random, const char *const *texts, size_t count) {
    return texts[random_below(random, count)];
}

void make_subject(struct random *random, char text[MADE_BYTES]) {
    uint32_t tokens = 1 + random_below(random, 4);
    text[0] = '\0';
    for (uint32_t i = 0; i < tokens; i++) {
        strcat(text, i ? "." : "");
        strcat(text, pick(random, plain, sizeof plain / sizeof *plain));
    }
}

void make_pattern(struct random *random, bool placeholders, char text[MADE_BYTES]) {
    uint32_t tokens = 1 + random_below(random, 4);
    text[0] = '\0';
    for (uint32_t i = 0; i < tokens; i++) {
        uint32_t what = random_below(random, 10);
        strcat(text, i ? "." : "");
        if (what < 3) {
            strcat(text, "*");
        } else if (what < 5 && i + 1 == tokens) {
            strcat(text, ">");
        } else if (what < 7 && placeholders) {
            strcat(text, pick(random, holders, sizeof holders / sizeof *holders));
        } else {
            strcat(text, pick(random, plain, sizeof plain / sizeof *plain));
        }
    }
}
