/* Who hears a subject: templates of subscriptions at birth, solved for the cells they name. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/foretell.h"

/* What a template's names in braces must stand for, so that it says the subject. */
struct names {
    int64_t domain, node, cell, host; /* -1: anything */
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Binds one to a value; false: it is bound to another. */
static bool bind(int64_t *name, int64_t value, int64_t count) {
    if (value >= count || (*name >= 0 && *name != value)) {
        return false;
    }
    *name = value;
    return true;
}

static bool match_token(const struct foretell_map *map, uint32_t type, const char *text,
                        const char *text_end, const char *token, const char *token_end,
                        struct names *names);

/* A number in braces: any canonical one that lets the rest match. */
static bool match_number(const struct foretell_map *map, uint32_t type, const char *rest,
                         const char *text_end, const char *token, const char *token_end,
                         struct names *names, int64_t *name, int64_t count) {
    int64_t value = 0;
    struct names kept = *names;
    for (const char *at = token; at < token_end && is_digit(*at) && value < PLAN_MAX_CELLS; at++) {
        if (at > token && *token == '0') {
            break;
        }
        value = value * 10 + (*at - '0');
        if (bind(name, value, count) &&
            match_token(map, type, rest, text_end, at + 1, token_end, names)) {
            return true;
        }
        *names = kept;
    }
    return false;
}

static bool match_word(const struct foretell_map *map, uint32_t type, const char *rest,
                       const char *text_end, const char *token, const char *token_end,
                       struct names *names, const char *word) {
    size_t length = strlen(word);
    return (size_t)(token_end - token) >= length && memcmp(token, word, length) == 0 &&
           match_token(map, type, rest, text_end, token + length, token_end, names);
}

static bool match_host(const struct foretell_map *map, uint32_t type, const char *rest,
                       const char *text_end, const char *token, const char *token_end,
                       struct names *names) {
    const struct plan *plan = map->plan;
    for (uint32_t h = 0; h < plan->hosts; h++) {
        struct names kept = *names;
        if (bind(&names->host, h, plan->hosts) &&
            match_word(map, type, rest, text_end, token, token_end, names, plan->host[h].name)) {
            return true;
        }
        *names = kept;
    }
    return false;
}

static bool begins(const char *text, const char *end, const char *with, const char **rest) {
    size_t length = strlen(with);
    *rest = text + length;
    return (size_t)(end - text) >= length && memcmp(text, with, length) == 0;
}

static bool match_token(const struct foretell_map *map, uint32_t type, const char *text,
                        const char *text_end, const char *token, const char *token_end,
                        struct names *names) {
    const struct plan *plan = map->plan;
    const char *rest = NULL;
    if (text == text_end) {
        return token == token_end;
    }
    if (*text != '{') {
        return token < token_end && *text == *token &&
               match_token(map, type, text + 1, text_end, token + 1, token_end, names);
    }
    if (begins(text, text_end, "{type}", &rest)) {
        return match_word(map, type, rest, text_end, token, token_end, names,
                          plan->genome.type[type].name);
    }
    if (begins(text, text_end, "{host}", &rest)) {
        return match_host(map, type, rest, text_end, token, token_end, names);
    }
    if (begins(text, text_end, "{domain}", &rest)) {
        return match_number(map, type, rest, text_end, token, token_end, names, &names->domain,
                            plan->colony.domains);
    }
    if (begins(text, text_end, "{node}", &rest)) {
        return match_number(map, type, rest, text_end, token, token_end, names, &names->node,
                            plan->colony.nodes);
    }
    return begins(text, text_end, "{cell}", &rest) &&
           match_number(map, type, rest, text_end, token, token_end, names, &names->cell,
                        plan->colony.cells);
}

/* Whether a subscription's template can say the subject, and of which cells. */
static bool match(const struct foretell_map *map, uint32_t type, const char *text,
                  const char *subject, struct names *names) {
    *names = (struct names){-1, -1, -1, -1};
    for (;;) {
        size_t length = strcspn(text, "."), token = strcspn(subject, ".");
        if (length == 1 && *text == '>') {
            return true;
        }
        bool star = length == 1 && *text == '*';
        if (!star &&
            !match_token(map, type, text, text + length, subject, subject + token, names)) {
            return false;
        }
        text += length;
        subject += token;
        if (*text == '\0' || *subject == '\0') {
            return *text == *subject;
        }
        text++;
        subject++;
    }
}

static struct foretell_run cut(struct foretell_run run, uint32_t low, uint32_t high) {
    run.low = low > run.low ? low : run.low;
    run.high = high < run.high ? high : run.high;
    run.high = run.high < run.low ? run.low : run.high;
    return run;
}

static struct foretell_run run_of(const struct foretell_map *map, const struct names *names) {
    struct foretell_run run = {0, map->plan->colony.cells};
    if (names->domain >= 0) {
        uint32_t domain = (uint32_t)names->domain;
        run = cut(run, split_first(&map->domains, domain), split_first(&map->domains, domain + 1));
    }
    if (names->node >= 0) {
        uint32_t node = (uint32_t)names->node;
        run = cut(run, split_first(&map->nodes, node), split_first(&map->nodes, node + 1));
    }
    if (names->host >= 0) {
        run = cut(run, map->host_first_cell[names->host], map->host_first_cell[names->host + 1]);
    }
    if (names->cell >= 0) {
        run = cut(run, (uint32_t)names->cell, (uint32_t)names->cell + 1);
    }
    return run;
}

bool foretell_text_is_first(const struct plan *plan, uint32_t type, uint32_t slot) {
    const char *text = plan->genome.type[type].subscription[slot].subject;
    for (uint32_t t = 0; t <= type; t++) {
        const struct genome_type *of = &plan->genome.type[t];
        for (uint32_t i = 0; i < (t < type ? of->subscriptions : slot); i++) {
            const char *other = of->subscription[i].subject;
            if (other && strcmp(text, other) == 0 && plan->colony.type_cells[t] > 0) {
                return false;
            }
        }
    }
    return true;
}

static int64_t nodes_of(const struct foretell_map *map, struct foretell_run run, int64_t cells) {
    if (run.high == run.low) {
        return 0;
    }
    int64_t nodes =
        (int64_t)split_part(&map->nodes, run.high - 1) - split_part(&map->nodes, run.low) + 1;
    return foretell_least(nodes, (cells + FORETELL_ONE - 1) / FORETELL_ONE);
}

void foretell_hear(const struct foretell_map *map, const char *subject,
                   struct foretell_audience *audience) {
    const struct plan *plan = map->plan;
    bool origin = plan->stages.fan_out == FAN_OUT_ORIGIN;
    *audience = (struct foretell_audience){
        .copies = memory_new(plan->genome.types, sizeof *audience->copies)};
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        const struct genome_type *type = &plan->genome.type[t];
        int64_t nodes = 0;
        for (uint32_t i = 0; i < type->subscriptions; i++) {
            struct names names;
            const char *text = type->subscription[i].subject;
            if (!text || !match(map, t, text, subject, &names)) {
                continue;
            }
            struct foretell_run run = run_of(map, &names);
            int64_t cells = foretell_count(map, t, run);
            audience->twice |= audience->copies[t] > 0 && cells > 0;
            audience->patterns += cells > 0 && foretell_text_is_first(plan, t, i);
            audience->copies[t] =
                origin ? audience->copies[t] + cells : foretell_most(audience->copies[t], cells);
            nodes = foretell_most(nodes, nodes_of(map, run, cells));
        }
        audience->all += audience->copies[t];
        audience->nodes = foretell_least(audience->nodes + nodes, plan->colony.nodes);
    }
}

void foretell_audience_deinit(struct foretell_audience *audience) {
    free(audience->copies);
    *audience = (struct foretell_audience){0};
}
