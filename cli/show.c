/* nerve show RUN: a stored run's story, or its figures, as `nerve run` gave them. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/page.h"
#include "cli/stored.h"
#include "cli/story.h"

static const struct argp argp = {
    .parser = stored_parse,
    .args_doc = "RUN",
    .doc =
        "Show a stored run as `nerve run` showed it; with --json exactly what `nerve run --json` "
        "printed.",
    .children = stored_children,
};

int command_show(int argc, char **argv) {
    struct stored_arguments a = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0) {
        return EXIT_USAGE;
    }
    struct stored stored;
    enum exit_code code = stored_load(&stored, a.common.db, a.run);
    if (code != EXIT_OK) {
        return (int)code;
    }
    if (a.common.json) {
        char *json = figures_json(&stored.figures);
        fputs(json, stdout);
        free(json);
    } else {
        /* One that this program's language no longer reads is told without its scenario. */
        struct page page;
        struct scenario scenario;
        const struct scenario_options options = {0};
        bool known = scenario_load_text(&scenario, stored.text, "stored run", &options) == 0;
        page_init(&page, stdout);
        story_tell(&page, known ? &scenario : NULL, &stored.figures, NULL);
        if (known) {
            scenario_deinit(&scenario);
        }
    }
    stored_deinit(&stored);
    return EXIT_OK;
}
