#include "sim/spans.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void spans_add(struct spans *s, int64_t from, int64_t until) {
    if (s->count > 0 && from <= s->span[s->count - 1].until) {
        struct span *last = &s->span[s->count - 1];
        last->until = until > last->until ? until : last->until;
        return;
    }
    if (s->count == s->room) {
        s->room = s->room ? s->room * 2 : 16;
        s->span = memory_grow(s->span, s->room, sizeof *s->span);
    }
    s->span[s->count++] = (struct span){from, until};
}

int64_t spans_union(const struct spans *a, const struct spans *b) {
    uint32_t i = 0, j = 0;
    int64_t sum = 0, covered = INT64_MIN;
    while (i < a->count || j < b->count) {
        bool from_a = j == b->count || (i < a->count && a->span[i].from <= b->span[j].from);
        struct span span = from_a ? a->span[i++] : b->span[j++];
        int64_t from = span.from > covered ? span.from : covered;
        if (span.until > from) {
            sum += span.until - from;
            covered = span.until;
        }
    }
    return sum;
}

void spans_deinit(struct spans *s) {
    free(s->span);
    memset(s, 0, sizeof *s);
}
