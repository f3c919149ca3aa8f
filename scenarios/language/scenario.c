#include "scenarios/language/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenarios/language/build.h"
#include "scenarios/language/expression.h"
#include "scenarios/language/reader.h"
#include "scenarios/language/resolved.h"

static void build_plan(struct build *build) {
    build->mistakes = &build->reader->mistakes;
    struct node *genome = build_good(build->root, "genome");
    build->signals = build_good(genome, "signals");
    build->types = build_good(genome, "types");
    build_run(build);
    build_hosts(build);
    build_colony(build);
    build_genome(build);
    build_colony_types(build);
    build_workload(build);
    build_faults(build);
    build_nerve(build);
}

/* Where in its file an expression's text has that offset, if it stands there as it is. */
static size_t place_in(const struct node *node, size_t offset) {
    for (size_t begin = node->offset; begin <= node->offset + 1; begin++) { /* after a quote */
        if (begin + offset <= node->source->bytes &&
            strncmp(node->source->text + begin, node->text, offset) == 0) {
            return begin + offset;
        }
    }
    return node->offset;
}

static struct expression *compile(struct reader *reader, const struct node *section,
                                  const char *key) {
    struct node *node = build_good(section, key);
    if (!node) {
        return NULL;
    }
    char message[256];
    size_t offset = 0;
    struct expression *expression =
        expression_compile(node->text, message, sizeof message, &offset);
    if (!expression) {
        mistakes_add(&reader->mistakes, node->source, place_in(node, offset), "%s", message);
    }
    return expression;
}

static void build_expectations(struct scenario *scenario, struct reader *reader,
                               struct node *root) {
    struct node *expect = build_good(root, "expect");
    if (!expect) {
        return;
    }
    scenario->expectation = memory_new(expect->count, sizeof *scenario->expectation);
    for (struct node *node = expect->first; node; node = node->next) {
        struct scenario_expectation *to = &scenario->expectation[scenario->expectations++];
        const struct node *that = node->bad ? NULL : build_good(node, "that");
        const struct node *why = node->bad ? NULL : build_good(node, "why");
        to->name = memory_text(node->key);
        to->text = memory_text(that ? that->text : "");
        to->why = why ? memory_text(why->text) : NULL;
        to->that = compile(reader, node, "that");
        to->when = compile(reader, node, "when");
    }
}

/* A path that no run can have is a mistake. */
struct path_check {
    const struct scenario *scenario;
    const struct scenario_options *options;
    struct reader *reader;
    const struct node *node;
};

static bool check_path(void *context, const char *path, size_t offset) {
    struct path_check *check = context;
    struct value value;
    if (!scenario_value(check->scenario, path, &value) && check->options->figure &&
        !check->options->figure(check->options->context, check->scenario, path)) {
        mistakes_add(&check->reader->mistakes, check->node->source, place_in(check->node, offset),
                     "no run of this scenario has a figure or a key `%s`", path);
    }
    return true;
}

static void check_paths(struct scenario *scenario, const struct scenario_options *options,
                        struct reader *reader, struct node *root) {
    struct node *node = scenario->expectations ? node_child(root, "expect")->first : NULL;
    for (size_t i = 0; i < scenario->expectations; i++, node = node->next) {
        struct path_check check = {scenario, options, reader, node_child(node, "that")};
        expression_paths(scenario->expectation[i].that, check_path, &check);
        check.node = node_child(node, "when");
        if (scenario->expectation[i].when) {
            expression_paths(scenario->expectation[i].when, check_path, &check);
        }
    }
}

/* The estimated keys that are in use: what a host sets itself is not the profile's. */
static void list_estimated(struct scenario *scenario, const struct node *root) {
    const struct node *hosts = node_child(root, "hosts");
    for (const struct node *host = hosts->first; host; host = host->next) {
        const struct node *list = node_child(node_child(host, "profile"), "estimated");
        for (const struct node *key = !list                     ? NULL
                                      : list->kind == NODE_LIST ? list->first
                                                                : list;
             key; key = key == list ? NULL : key->next) {
            if (node_child(node_child(host, "set"), key->text)) {
                continue;
            }
            char text[128];
            snprintf(text, sizeof text, "%s.%s", host->key, key->text);
            scenario->estimated_key =
                memory_grow(scenario->estimated_key, scenario->estimated + 1, sizeof(char *));
            scenario->estimated_key[scenario->estimated++] = memory_text(text);
        }
    }
}

static void resolve(struct scenario *scenario, struct reader *reader, struct node *root,
                    const struct scenario_options *options) {
    sets_apply(reader, root, options->set, options->sets);
    merge_likes(reader, root);
    merge_finish(reader, root);
    if (reader->broken) {
        return;
    }
    resolve_spell_out(reader, root);
    if (reader->broken) {
        return;
    }
    resolve_require(reader, root);
    struct build build = {.reader = reader, .root = root, .plan = &scenario->plan};
    build_plan(&build);
    build_expectations(scenario, reader, root);
    if (reader->mistakes.count == 0) {
        scenario->resolved = memory_new(1, sizeof *scenario->resolved);
        scenario->resolved->root = root;
        check_paths(scenario, options, reader, root);
        scenario->text = write_text(root);
        list_estimated(scenario, root);
    }
}

/* text NULL: of a file. */
static int load(struct scenario *scenario, const char *name, const char *text,
                const struct scenario_options *options) {
    static const struct scenario_options no_options = {0};
    options = options ? options : &no_options;
    struct reader reader = {.budget = READER_MAX_NODES};
    reader.mistakes.arena = &reader.arena;
    memset(scenario, 0, sizeof *scenario);
    scenario->file = memory_text(name);
    struct node *root = text ? files_load_text(&reader, keys_root(""), text, name)
                             : files_load(&reader, keys_root(""), name);
    if (root) {
        resolve(scenario, &reader, root, options);
    }
    int count = mistakes_say(&reader.mistakes, options->messages);
    mistakes_deinit(&reader.mistakes);
    if (scenario->resolved) {
        scenario->resolved->arena = reader.arena;
    } else {
        arena_deinit(&reader.arena);
    }
    if (count) {
        scenario_deinit(scenario);
    }
    return count;
}

int scenario_load(struct scenario *scenario, const char *path,
                  const struct scenario_options *options) {
    return load(scenario, path, NULL, options);
}

int scenario_load_text(struct scenario *scenario, const char *text, const char *name,
                       const struct scenario_options *options) {
    return load(scenario, name, text, options);
}

void scenario_deinit(struct scenario *scenario) {
    plan_deinit(&scenario->plan);
    for (size_t i = 0; i < scenario->expectations; i++) {
        free(scenario->expectation[i].name);
        free(scenario->expectation[i].text);
        free(scenario->expectation[i].why);
        expression_destroy(scenario->expectation[i].that);
        expression_destroy(scenario->expectation[i].when);
    }
    free(scenario->expectation);
    for (size_t i = 0; i < scenario->estimated; i++) {
        free(scenario->estimated_key[i]);
    }
    free(scenario->estimated_key);
    free(scenario->file);
    free(scenario->text);
    if (scenario->resolved) {
        arena_deinit(&scenario->resolved->arena);
        free(scenario->resolved);
    }
    memset(scenario, 0, sizeof *scenario);
}
