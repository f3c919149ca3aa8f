/* Versions (model/versions.h), as the simulator's other files call them. */
#ifndef NERVE_SIM_AWARE_H
#define NERVE_SIM_AWARE_H

#include "model/versions.h"
#include "sim/state.h"

static inline uint32_t aware_raise(struct sim *s, uint32_t scope, uint32_t source, int64_t now) {
    return versions_raise(s->aware, scope, source, now);
}

static inline bool aware_newer(const struct sim *s, uint32_t cell, uint32_t scope,
                               uint32_t version) {
    return versions_newer(s->aware, cell, scope, version);
}

static inline bool aware_adopt(struct sim *s, uint32_t cell, uint32_t scope, uint32_t version) {
    return versions_adopt(s->aware, cell, scope, version);
}

static inline void aware_adopted(struct sim *s, uint32_t cell, uint32_t version, int64_t now) {
    versions_adopted(s->aware, cell, version, now);
}

static inline bool aware_is_behind(const struct sim *s, uint32_t cell, uint32_t type) {
    return versions_behind(s->aware, cell, type);
}

static inline void aware_carried(const struct sim *s, uint32_t cell, uint32_t *scope,
                                 uint32_t *version) {
    versions_carried(s->aware, cell, scope, version);
}

#endif
