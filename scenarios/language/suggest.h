/*
 * "did you mean": the nearest of some candidates, by edit distance at most 2 or a known synonym.
 */
#ifndef NERVE_LANGUAGE_SUGGEST_H
#define NERVE_LANGUAGE_SUGGEST_H

enum { SUGGEST_TEXT_BYTES = 96 };

struct suggest {
    const char *wanted;
    const char *best; /* NULL: nothing is near */
    int distance;
};

/* A search begins; then candidates are offered; the first of the nearest wins. */
struct suggest suggest_begin(const char *wanted);
void suggest_offer(struct suggest *suggest, const char *candidate);

/* "; did you mean `x`?", or "" where nothing is near. Returns text. */
const char *suggest_text(const struct suggest *suggest, char text[SUGGEST_TEXT_BYTES]);

#endif
