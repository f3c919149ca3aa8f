/*
 * YAML to a tree: the only file that knows libfyaml. Guards first (size, UTF-8, NUL), a bound on
 * depth and on what aliases multiply to; tags, `<<`, a second document, keys that are no text or
 * come twice are mistakes.
 */
#ifndef NERVE_LANGUAGE_YAML_H
#define NERVE_LANGUAGE_YAML_H

#include "scenarios/language/mistakes.h"
#include "scenarios/language/tree.h"

enum { YAML_MAX_BYTES = 1 << 20, YAML_MAX_DEPTH = 32, YAML_MAX_CHILDREN = 5000 };

/*
 * Parses the source's text from offset `from` on. *budget: how many nodes there may be, counted
 * down. NULL where there is nothing to go on with (the mistakes say why); an empty text is an
 * empty map.
 */
struct node *yaml_parse(struct arena *arena, const struct source *source, size_t from,
                        int64_t *budget, struct mistakes *mistakes);

#endif
