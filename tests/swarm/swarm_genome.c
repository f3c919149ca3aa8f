/* A random genome: signals, types, states, reactions. */
#include <inttypes.h>

#include "tests/swarm/swarm_maker.h"

/* What may be published: no wildcards. */
static const char *const subjects[] = {
    "a",          "a.b",      "a.b.c",    "d.{domain}", "d.{domain}.x", "n.{node}",
    "n.{node}.a", "t.{type}", "c.{cell}", "h.{host}.a", "a.{domain}.b", "a"};
static const char *const patterns[] = {
    "a",          "a.b",        "a.*",          "a.>",      ">",          "*",        "*.b",
    "d.{domain}", "d.*",        "d.{domain}.>", "n.{node}", "n.{node}.>", "t.{type}", "t.*",
    "c.{cell}",   "h.{host}.*", "*.{domain}.*", "*.*.*"};

static const char *const broad_subjects[] = {"a", "a", "a.b", "d.{domain}"};
static const char *const broad_patterns[] = {"a", "a", ">", "a.>", "*", "d.{domain}", "a.*"};

static const char *subject(struct maker *m) {
    return m->broad ? ONE_OF(m, broad_subjects) : ONE_OF(m, subjects);
}

static const char *pattern(struct maker *m) {
    return m->broad && chance(m, 80) ? ONE_OF(m, broad_patterns) : ONE_OF(m, patterns);
}

static void write_choice(struct maker *m) {
    static const char *const where[] = {"same_node", "same_domain", "same_host", "anywhere"};
    fprintf(m->f, "{");
    const char *comma = "";
    if (chance(m, 70)) {
        fprintf(m->f, "type: t%" PRId64, between(m, 0, m->types - 1));
        comma = ", ";
    }
    int64_t in = chance(m, 40) ? between(m, 0, 3) : 3;
    if (in < 3 || chance(m, 10)) {
        fprintf(m->f, "%swhere: %s", comma, where[in]);
        comma = ", ";
    }
    int64_t out = between(m, 0, 2);
    if (chance(m, 40) && out != in && !(in == 0 && out == 2)) { /* else nobody can fit */
        fprintf(m->f, "%snot: %s", comma, where[out]);
        comma = ", ";
    }
    if (*comma == '\0' || chance(m, 10)) {
        if (chance(m, 50)) {
            fprintf(m->f, "%sdomain: %" PRId64, comma, between(m, 0, m->domains - 1));
        } else {
            fprintf(m->f, "%scell: %" PRId64, comma, between(m, 0, m->cells - 1));
        }
    }
    fprintf(m->f, "}");
}

static void write_send(struct maker *m, const struct maker_type *type, int64_t signal) {
    fprintf(m->f, "{signal: s%" PRId64 ", to: ", signal);
    if (type->bonds > 0 && chance(m, 50)) {
        fprintf(m->f, "b%" PRId64, between(m, 0, type->bonds - 1));
    } else if (chance(m, 30)) {
        fprintf(m->f, "%s", chance(m, 70) ? "sender" : "self");
    } else {
        write_choice(m);
    }
    fprintf(m->f, "}");
}

/* Signals lead to later ones, and now and then back, so that storms end. */
static int64_t next_signal(struct maker *m, int64_t cause) {
    if (chance(m, 12)) {
        return between(m, 0, m->signals - 1);
    }
    return cause + 1 < m->signals ? between(m, cause + 1, m->signals - 1) : -1;
}

static void write_sends(struct maker *m, const struct maker_type *type, int64_t cause) {
    int64_t sends = chance(m, 55) || m->quiet ? between(m, 1, m->quiet ? 1 : 2) : 0;
    const char *comma = "";
    fprintf(m->f, ", send: [");
    for (int64_t i = 0; i < sends; i++) {
        int64_t signal = next_signal(m, cause);
        if (signal >= 0) {
            fprintf(m->f, "%s", comma);
            write_send(m, type, signal);
            comma = ", ";
        }
    }
    if (*comma == '\0') { /* a list has something in it */
        write_send(m, type, m->signals - 1);
    }
    fprintf(m->f, "]");
}

static void write_subscriptions(struct maker *m) {
    if (chance(m, 10)) {
        fprintf(m->f, ", subscribe: {u%" PRId64 ": \"%s\"}", between(m, 0, 3), pattern(m));
    } else if (chance(m, 6)) {
        fprintf(m->f, ", unsubscribe: [u0]");
    }
}

static void write_timers(struct maker *m, const struct maker_type *type, bool by_timer) {
    if (type->timers > 0 && chance(m, by_timer ? 70 : 15)) {
        fprintf(m->f, ", set_timer: {k%" PRId64 ": ", between(m, 0, type->timers - 1));
        write_law(m, magnitude(m, 1000, m->duration_ns));
        fprintf(m->f, "}");
    } else if (type->timers > 0 && chance(m, 8)) {
        fprintf(m->f, ", stop_timer: [k%" PRId64 "]", between(m, 0, type->timers - 1));
    }
}

/* One case; `cause`: the signal's place, -1: any, -2: a timer. */
static void write_reaction(struct maker *m, const struct maker_type *type, int64_t cause,
                           bool conditional) {
    fprintf(m->f, "{work: ");
    write_law(m, chance(m, 40) ? 0 : magnitude(m, 50, 100000));
    if (conditional) {
        fprintf(m->f, ", when: {");
        const char *comma = "";
        if (chance(m, 30)) {
            fprintf(m->f, "newer: true");
            comma = ", ";
        }
        if (chance(m, 20)) {
            fprintf(m->f, "%sfrom: t%" PRId64, comma, between(m, 0, m->types - 1));
            comma = ", ";
        }
        if (*comma == '\0' || chance(m, 30)) {
            fprintf(m->f, "%sprobability: %" PRId64 "%%", comma, between(m, 1, 99));
        }
        fprintf(m->f, "}");
    }
    if (chance(m, 40)) {
        fprintf(m->f, ", touch: %" PRId64 "B", magnitude(m, 1, 8192));
    }
    if (type->states > 1 && chance(m, 30)) {
        fprintf(m->f, ", next: z%" PRId64, between(m, 0, type->states - 1));
    }
    if (chance(m, cause == -1 ? 5 : 60)) {
        write_sends(m, type, cause < 0 ? m->signals - 2 : cause);
    }
    int64_t published = cause == -1 ? -1 : next_signal(m, cause < 0 ? -1 : cause);
    if (m->publishes && published >= 0 && chance(m, m->quiet ? 5 : 30)) {
        fprintf(m->f, ", publish: {signal: s%" PRId64 ", subject: \"%s\"}", published, subject(m));
    }
    if (!m->quiet) {
        write_subscriptions(m);
    }
    write_timers(m, type, cause == -2);
    if (chance(m, 10)) {
        fprintf(m->f, ", adopt: false");
    }
    fprintf(m->f, "}");
}

static void write_cases(struct maker *m, const struct maker_type *type, int64_t cause) {
    if (!chance(m, m->quiet ? 5 : 30)) {
        write_reaction(m, type, cause, false);
        return;
    }
    int64_t cases = between(m, 1, 3);
    fprintf(m->f, "[");
    for (int64_t i = 0; i < cases; i++) {
        bool last = i + 1 == cases;
        write_reaction(m, type, cause, !last || chance(m, 50));
        fprintf(m->f, "%s", last ? "]" : ", ");
    }
}

/* A state, or `always`: reactions to some signals, to any, to timers. */
static void write_state(struct maker *m, const struct maker_type *type, const char *indent,
                        int often) {
    bool any = false;
    for (uint32_t s = 0; s < m->signals; s++) {
        if (chance(m, often)) {
            fprintf(m->f, "%ss%u: ", indent, s);
            write_cases(m, type, s);
            fprintf(m->f, "\n");
            any = true;
        }
    }
    if (!any || chance(m, 30)) {
        fprintf(m->f, "%sany: ", indent);
        write_cases(m, type, -1);
        fprintf(m->f, "\n");
    }
    if (type->timers > 0) {
        fprintf(m->f, "%stimers:\n", indent);
        for (uint32_t k = 0; k < type->timers; k++) {
            fprintf(m->f, "%s  k%u: ", indent, k);
            write_cases(m, type, -2);
            fprintf(m->f, "\n");
        }
    }
}

static void write_bonds(struct maker *m, const struct maker_type *type) {
    static const char *const where[] = {"same_node", "same_domain", "same_host"};
    for (uint32_t b = 0; b < type->bonds; b++) {
        fprintf(m->f, "%sb%u: {type: t%" PRId64, b == 0 ? "      " : ", ", b,
                between(m, 0, m->types - 1));
        bool each_time = chance(m, 30);
        if (chance(m, 25)) {
            fprintf(m->f, ", where: %s", ONE_OF(m, where));
        } else if (m->nodes > 1 && chance(m, 50)) {
            fprintf(m->f, ", not: same_node");
        }
        fprintf(m->f, "%s}", each_time ? ", each_time: true" : "");
    }
}

static void write_type(struct maker *m, uint32_t t) {
    static const char *const follows[] = {"nobody", "domain", "colony", "domain"};
    const struct maker_type *type = &m->type[t];
    fprintf(m->f, "    t%u:\n      bytes: %" PRId64 "B\n      follows: %s\n", t, type->bytes,
            ONE_OF(m, follows));
    fprintf(m->f, "      subscribe: {u0: \"%s\"", pattern(m));
    for (uint32_t u = 1; u < type->subscriptions; u++) {
        fprintf(m->f, ", u%u: \"%s\"", u, pattern(m));
    }
    fprintf(m->f, "}\n");
    if (type->bonds > 0) {
        fprintf(m->f, "      bonds: {");
        write_bonds(m, type);
        fprintf(m->f, "}\n");
    }
    if (type->timers > 0) {
        fprintf(m->f, "      timers: {");
        for (uint32_t k = 0; k < type->timers; k++) {
            fprintf(m->f, "%sk%u: ", k == 0 ? "" : ", ", k);
            write_law(m, magnitude(m, 1000, m->duration_ns * 2));
        }
        fprintf(m->f, "}\n");
    }
    fprintf(m->f, "      start: z%" PRId64 "\n", between(m, 0, type->states - 1));
    if (chance(m, 60)) {
        fprintf(m->f, "      always:\n");
        write_state(m, type, "        ", 40);
    }
    fprintf(m->f, "      states:\n");
    for (uint32_t z = 0; z < type->states; z++) {
        fprintf(m->f, "        z%u:\n", z);
        write_state(m, type, "          ", 75);
    }
}

void write_genome(struct maker *m) {
    fprintf(m->f, "genome:\n  signals:\n");
    for (uint32_t s = 0; s < m->signals; s++) {
        fprintf(m->f, "    s%u: {size: %" PRId64 "B, carries: %s}\n", s, m->signal_bytes[s],
                chance(m, 60) ? "version" : "nothing");
    }
    fprintf(m->f, "  types:\n");
    for (uint32_t t = 0; t < m->types; t++) {
        write_type(m, t);
    }
}
