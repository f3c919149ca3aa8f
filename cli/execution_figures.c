/* What a run's figures say of the program, the scenario and the colony; and its expectations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/execution.h"
#include "metrics/sha256.h"
#include "nerve_commit.h"
#include "scenarios/language/expression.h"

static void add_scenario(struct figures *f, const struct scenario *scenario) {
    const struct plan *plan = &scenario->plan;
    char sha256[SHA256_TEXT_BYTES];
    sha256_text(scenario->text, strlen(scenario->text), sha256);
    figures_text(f, plan->name, "scenario.name");
    figures_text(f, plan->title ? plan->title : "", "scenario.title");
    figures_text(f, scenario->file, "scenario.file");
    figures_text(f, sha256, "scenario.sha256");
}

static void add_stages(struct figures *f, const struct plan_stages *stages) {
    figures_text(f, stages->strategy, "strategy");
    figures_text(f, plan_scope_name(stages->scope), "stages.scope");
    figures_text(f, plan_overlay_name(stages->overlay), "stages.overlay");
    figures_text(f, plan_relay_name(stages->relay), "stages.relay");
    figures_text(f, plan_fan_out_name(stages->fan_out), "stages.fan_out");
    figures_text(f, plan_carrier_name(stages->carrier), "stages.carrier");
}

/* The hosts' section of the resolved text: the profiles in use, to the last key. */
static void add_profile_sha256(struct figures *f, const char *text) {
    static const char section[] = "\nhosts:";
    char sha256[SHA256_TEXT_BYTES];
    const char *begin = strstr(text, section);
    begin = begin ? begin + 1 : text;
    const char *end = begin;
    do { /* up to the next line that is not indented */
        end += strcspn(end, "\n");
        end += *end == '\n';
    } while (*end == ' ' || *end == '\n' || *end == '#');
    sha256_text(begin, (size_t)(end - begin), sha256);
    figures_text(f, sha256, "profile.sha256");
}

static void add_profile(struct figures *f, const struct scenario *scenario) {
    const struct plan *plan = &scenario->plan;
    char *names = NULL, *keys = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&names, &bytes);
    if (!out) {
        abort();
    }
    for (uint32_t i = 0; i < plan->hosts; i++) { /* each once */
        bool known = false;
        for (uint32_t k = 0; k < i; k++) {
            known = known || strcmp(plan->host[k].profile_name, plan->host[i].profile_name) == 0;
        }
        if (!known) {
            fprintf(out, "%s%s", i > 0 ? ", " : "", plan->host[i].profile_name);
        }
    }
    fclose(out);
    figures_text(f, names, "profile.name");
    free(names);
    add_profile_sha256(f, scenario->text);
    out = open_memstream(&keys, &bytes);
    if (!out) {
        abort();
    }
    for (size_t i = 0; i < scenario->estimated; i++) {
        fprintf(out, "%s%s", i > 0 ? "\n" : "", scenario->estimated_key[i]);
    }
    fclose(out);
    figures_list(f, keys, "profile.estimated");
    free(keys);
}

static void add_scale(struct figures *f, const struct execution_options *options) {
    if (!options->live) {
        figures_no_value(f, FIGURE_UNKNOWN, "scale.divisor");
        figures_no_value(f, FIGURE_UNKNOWN, "scale.divided");
        return;
    }
    figures_number(f, options->divisor > 0 ? options->divisor : 1, "scale.divisor");
    figures_list(f, options->divided ? options->divided : "", "scale.divided");
}

void execution_known(struct figures *f, const struct scenario *scenario,
                     const struct execution_options *options) {
    const struct plan *plan = &scenario->plan;
    figures_text(f, NERVE_VERSION, "nerve.version");
    figures_text(f, NERVE_COMMIT, "nerve.commit");
    add_scenario(f, scenario);
    figures_text(f, options->live ? "live" : "sim", "mode");
    add_scale(f, options);
    add_stages(f, &plan->stages);
    figures_number(f, (int64_t)plan->run.seed, "seed");
    figures_number(f, plan->hosts, "colony.hosts");
    figures_number(f, plan->colony.nodes, "colony.nodes");
    figures_number(f, plan->colony.cells, "colony.cells");
    figures_number(f, plan->colony.domains, "colony.domains");
    add_profile(f, scenario);
}

struct lookup {
    const struct figures *figures;
    const struct scenario *scenario;
};

static struct value value_of(const struct figure *figure) {
    static const enum value_kind kinds[] = {
        [FIGURE_NUMBER] = VALUE_NUMBER, [FIGURE_DECIMAL] = VALUE_DECIMAL,
        [FIGURE_BOOL] = VALUE_BOOL,     [FIGURE_TEXT] = VALUE_WORD,
        [FIGURE_NONE] = VALUE_NONE,     [FIGURE_UNKNOWN] = VALUE_UNKNOWN,
        [FIGURE_LIST] = VALUE_WORD,
    };
    return (struct value){kinds[figure->kind], figure->number, figure->text};
}

static bool look_up(void *context, const char *path, struct value *value) {
    const struct lookup *lookup = context;
    const struct figure *figure = figures_find(lookup->figures, path);
    if (figure) {
        *value = value_of(figure);
        return true;
    }
    if (scenario_value(lookup->scenario, path, value)) {
        return true;
    }
    *value = (struct value){.kind = VALUE_NONE}; /* a message that never was, say */
    return figures_row(path) != NULL;
}

static void add_value(struct figures *f, const struct value *value, const char *name) {
    switch (value->kind) {
    case VALUE_NUMBER:
        figures_number(f, value->number, "expect.%s.value", name);
        return;
    case VALUE_DECIMAL:
        figures_decimal(f, value->number, "expect.%s.value", name);
        return;
    case VALUE_BOOL:
        figures_bool(f, value->number != 0, "expect.%s.value", name);
        return;
    case VALUE_WORD:
        figures_text(f, value->word, "expect.%s.value", name);
        return;
    case VALUE_NONE:
        figures_no_value(f, FIGURE_NONE, "expect.%s.value", name);
        return;
    case VALUE_UNKNOWN:
        figures_no_value(f, FIGURE_UNKNOWN, "expect.%s.value", name);
        return;
    }
}

/* Adds expect.NAME.*; returns whether it was missed. The figures before it are looked up in. */
static bool expect_one(struct figures *f, const struct scenario *scenario,
                       const struct scenario_expectation *e, bool whole) {
    struct lookup lookup = {f, scenario};
    struct value shown = {.kind = VALUE_UNKNOWN};
    enum verdict when = VERDICT_HELD, that = VERDICT_NOT_KNOWN;
    if (whole) {
        when = e->when ? expression_evaluate(e->when, look_up, &lookup, NULL) : VERDICT_HELD;
        that = expression_evaluate(e->that, look_up, &lookup, &shown);
    }
    /* What was shown points into the figures: they may move as these are added. */
    char *word = shown.kind == VALUE_WORD ? memory_text(shown.word) : NULL;
    shown.word = word;
    figures_text(f, e->text, "expect.%s.text", e->name);
    add_value(f, &shown, e->name);
    free(word);
    if (when == VERDICT_MISSED) {
        figures_no_value(f, FIGURE_NONE, "expect.%s.held", e->name);
    } else if (when == VERDICT_NOT_KNOWN || that == VERDICT_NOT_KNOWN) {
        figures_text(f, "not known", "expect.%s.held", e->name);
    } else {
        figures_bool(f, that == VERDICT_HELD, "expect.%s.held", e->name);
        return that == VERDICT_MISSED;
    }
    return false;
}

int execution_expect(struct figures *f, const struct scenario *scenario, bool whole) {
    int missed = 0;
    for (size_t i = 0; i < scenario->expectations; i++) {
        missed += expect_one(f, scenario, &scenario->expectation[i], whole);
    }
    return missed;
}

bool execution_possible(void *context, const struct scenario *scenario, const char *path) {
    (void)context;
    struct tally tally;
    tally_init(&tally, &scenario->plan);
    const char **names = memory_new(scenario->expectations, sizeof *names);
    for (size_t i = 0; i < scenario->expectations; i++) {
        names[i] = scenario->expectation[i].name;
    }
    const struct figure_names all = {&tally, scenario->expectations, names};
    bool possible = figures_possible(path, &all);
    free(names);
    tally_deinit(&tally);
    return possible;
}
