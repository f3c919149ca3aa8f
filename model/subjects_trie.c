#include "model/subjects_trie.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

static void list_add(struct trie_list *list, uint32_t item) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        list->item = memory_grow(list->item, list->capacity, sizeof *list->item);
    }
    list->item[list->count++] = item;
}

static uint32_t trie_add_node(struct trie *trie) {
    if (trie->nodes == trie->capacity) {
        NERVE_ASSERT(trie->capacity < UINT32_MAX / 2);
        trie->capacity = trie->capacity ? trie->capacity * 2 : 16;
        trie->node = memory_grow(trie->node, trie->capacity, sizeof *trie->node);
    }
    trie->node[trie->nodes] = (struct trie_node){.pattern = SUBJECTS_NONE, .tail = SUBJECTS_NONE};
    return trie->nodes++;
}

static uint64_t edge_key(uint32_t node, uint32_t token) {
    return (uint64_t)node << 32 | token;
}

static uint32_t trie_child(struct trie *trie, uint32_t node, const char *token, size_t length) {
    if (length == 1 && token[0] == '*') {
        if (trie->node[node].star == 0) {
            uint32_t star = trie_add_node(trie);
            trie->node[node].star = star;
        }
        return trie->node[node].star;
    }
    uint64_t key = edge_key(node, names_number(&trie->tokens, token, length));
    uint32_t child = map_get(&trie->edges, key);
    if (child == SUBJECTS_NONE) {
        child = trie_add_node(trie);
        map_put(&trie->edges, key, child);
    }
    return child;
}

uint32_t trie_pattern(struct trie *trie, const char *pattern) {
    if (trie->nodes == 0) {
        trie_add_node(trie);
    }
    uint32_t node = 0;
    uint32_t *end = NULL;
    for (const char *token = pattern;;) {
        size_t length = strcspn(token, ".");
        if (length == 1 && token[0] == '>') {
            end = &trie->node[node].tail;
            break;
        }
        node = trie_child(trie, node, token, length);
        if (token[length] == '\0') {
            end = &trie->node[node].pattern;
            break;
        }
        token += length + 1;
    }
    if (*end == SUBJECTS_NONE) {
        *end = trie->patterns++;
    }
    return *end;
}

static void list_sort(struct trie_list *list, uint32_t from) {
    for (uint32_t i = from + 1; i < list->count; i++) {
        uint32_t item = list->item[i];
        uint32_t at = i;
        for (; at > from && list->item[at - 1] > item; at--) {
            list->item[at] = list->item[at - 1];
        }
        list->item[at] = item;
    }
}

void trie_match(struct trie *trie, const char *subject, struct trie_list *found) {
    uint32_t from = found->count;
    trie->frontier.count = 0;
    if (trie->nodes > 0) {
        list_add(&trie->frontier, 0);
    }
    for (const char *token = subject; trie->frontier.count > 0;) {
        size_t length = strcspn(token, ".");
        bool last = token[length] == '\0';
        uint32_t number = names_find(&trie->tokens, token, length);
        trie->next.count = 0;
        for (uint32_t i = 0; i < trie->frontier.count; i++) {
            uint32_t at = trie->frontier.item[i];
            const struct trie_node *node = &trie->node[at];
            if (node->tail != SUBJECTS_NONE) {
                list_add(found, node->tail);
            }
            if (node->star != 0) {
                list_add(&trie->next, node->star);
            }
            uint32_t child = number == SUBJECTS_NONE ? SUBJECTS_NONE
                                                     : map_get(&trie->edges, edge_key(at, number));
            if (child != SUBJECTS_NONE) {
                list_add(&trie->next, child);
            }
        }
        struct trie_list swapped = trie->frontier;
        trie->frontier = trie->next;
        trie->next = swapped;
        if (last) {
            break;
        }
        token += length + 1;
    }
    for (uint32_t i = 0; i < trie->frontier.count; i++) {
        uint32_t pattern = trie->node[trie->frontier.item[i]].pattern;
        if (pattern != SUBJECTS_NONE) {
            list_add(found, pattern);
        }
    }
    list_sort(found, from);
}

void trie_deinit(struct trie *trie) {
    names_deinit(&trie->tokens);
    map_deinit(&trie->edges);
    free(trie->node);
    free(trie->frontier.item);
    free(trie->next.item);
    *trie = (struct trie){0};
}
