#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

enum { MOST_WINDOWS = 1000000, MOST_HOSTS = 4096 };

void build_run(struct build *build) {
    struct plan *plan = build->plan;
    struct plan_run *run = &plan->run;
    struct node *node = build_good(build->root, "run"), *name = build_good(build->root, "name");
    struct node *title = build_good(build->root, "title");
    struct node *limits = build_good(node, "limits");
    plan->name = memory_text(name ? name->text : "");
    plan->title = memory_text(title ? title->text : "");
    run->duration_ns = build_number(build, node, "duration");
    run->warm_up_ns = build_number(build, node, "warm_up");
    run->drain_ns = build_number(build, node, "drain");
    run->sample_ns = build_number(build, node, "sample");
    run->seed = (uint64_t)build_number(build, node, "seed");
    run->stop_on_death = build_is_word(build, node, "on_death", "stop");
    run->limit_wakes = build_number(build, limits, "wakes");
    run->limit_wall_ns = build_number_or(build, limits, "wall", "none", PLAN_NONE);
    struct node *duration = build_good(node, "duration"), *warm_up = build_good(node, "warm_up");
    struct node *sample = build_good(node, "sample");
    if (duration && warm_up && warm_up->number >= duration->number) {
        mistakes_value(build->mistakes, warm_up, "warm_up takes all of duration (%s)",
                       duration->text);
    }
    if (duration && sample && (run->duration_ns + run->drain_ns) / sample->number >= MOST_WINDOWS) {
        mistakes_value(build->mistakes, sample, "more than a million windows: take a longer one");
    }
}

static void refuse_in_set(struct build *build, const struct node *set) {
    static const char *const no_keys[] = {"name", "title", "extends", "estimated"};
    for (size_t i = 0; set && i < sizeof no_keys / sizeof *no_keys; i++) {
        struct node *node = node_child(set, no_keys[i]);
        if (node) {
            mistakes_key(build->mistakes, node, "`%s` says what a profile is: it cannot be set",
                         no_keys[i]);
        }
    }
}

static void check_estimated(struct build *build, const struct node *profile) {
    struct node *list = build_good(profile, "estimated");
    if (!list) {
        return;
    }
    for (struct node *key = list->kind == NODE_LIST ? list->first : list; key;
         key = key == list ? NULL : key->next) {
        const struct key *row = keys_child(keys_root("profile"), key->text ? key->text : "");
        if (!key->bad && (!row || !(row->flags & KEY_REQUIRED))) {
            mistakes_value(build->mistakes, key, "there is no key `%s` of a profile", key->text);
        }
    }
}

static void add_host(struct build *build, struct node *node, int64_t number, bool numbered) {
    struct plan *plan = build->plan;
    struct plan_host *host = &plan->host[plan->hosts++];
    const struct node *profile = build_good(node, "profile");
    const struct node *name = build_good(profile, "name");
    char text[64];
    snprintf(text, sizeof text, "%s_%lld", node->key, (long long)number);
    host->name = memory_text(numbered ? text : node->key);
    host->profile_name = memory_text(name ? name->text : "own");
    build_profile(node, &host->profile);
    for (uint32_t k = 0; k + 1 < plan->hosts; k++) {
        if (strcmp(host->name, plan->host[k].name) == 0) {
            mistakes_key(build->mistakes, node, "two hosts are called `%s`", host->name);
        }
    }
}

void build_hosts(struct build *build) {
    struct plan *plan = build->plan;
    struct node *hosts = build_good(build->root, "hosts");
    int64_t count = 0;
    for (struct node *node = hosts ? hosts->first : NULL; node; node = node->next) {
        count += node->kind == NODE_MAP && !node->bad ? build_number(build, node, "count") : 1;
    }
    if (hosts && count > MOST_HOSTS) {
        mistakes_key(build->mistakes, hosts, "more than %d hosts", MOST_HOSTS);
        return;
    }
    if (hosts && count == 0) {
        mistakes_key(build->mistakes, hosts, "no host: one at least");
    }
    plan->host = memory_new((size_t)count, sizeof *plan->host);
    for (struct node *node = hosts ? hosts->first : NULL; node; node = node->next) {
        bool good = node->kind == NODE_MAP && !node->bad;
        const struct node *of = good ? build_good(node, "count") : NULL;
        int64_t times = good ? build_number(build, node, "count") : 1;
        if (good) {
            refuse_in_set(build, build_good(node, "set"));
            check_estimated(build, build_good(node, "profile"));
        }
        for (int64_t i = 0; i < times; i++) {
            add_host(build, node, i, of != NULL);
        }
    }
}
