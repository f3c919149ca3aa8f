/*
 * The trie of patterns: tokens between dots, `*` one token, `>` one or more at the end. Patterns
 * are numbered in the order in which they come in.
 *
 * A zeroed trie is empty; trie_deinit frees. One thread. Texts must be well formed
 * (subject_mistake).
 */
#ifndef NERVE_MODEL_SUBJECTS_TRIE_H
#define NERVE_MODEL_SUBJECTS_TRIE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/subjects_map.h"
#include "model/subjects_names.h"

struct trie_node {
    uint32_t star;    /* child by `*`; 0: none (the root is nobody's child) */
    uint32_t pattern; /* that ends here; SUBJECTS_NONE */
    uint32_t tail;    /* pattern that ends here with `>`; SUBJECTS_NONE */
};

struct trie_list {
    uint32_t count, capacity;
    uint32_t *item;
};

struct trie {
    struct names tokens;
    struct map edges; /* node << 32 | token -> child */
    uint32_t nodes, capacity;
    struct trie_node *node;
    uint32_t patterns;
    struct trie_list frontier, next; /* scratch of trie_match */
};

/* The number of a pattern; a new one gets the next. */
uint32_t trie_pattern(struct trie *trie, const char *pattern);

/* Adds the patterns that match a subject to the list, rising. */
void trie_match(struct trie *trie, const char *subject, struct trie_list *found);

void trie_deinit(struct trie *trie);

#endif
