/*
 * Any bytes as a scenario: they are refused, or they make a plan whose resolved text loads alone
 * and comes out the same again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "scenarios/language/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void load_again(const struct scenario *scenario) {
    struct scenario again;
    const struct scenario_options options = {.messages = stderr};
    NERVE_ASSERT(scenario_load_text(&again, scenario->text, "again", &options) == 0);
    NERVE_ASSERT(strcmp(again.text, scenario->text) == 0);
    scenario_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    static FILE *nowhere;
    if (!nowhere) {
        nowhere = fopen("/dev/null", "w");
    }
    char *text = memory_new(1, bytes + 1);
    memcpy(text, data, bytes);
    struct scenario scenario;
    const struct scenario_options options = {.messages = nowhere};
    if (scenario_load_text(&scenario, text, "fuzz", &options) == 0) {
        load_again(&scenario);
        scenario_deinit(&scenario);
    }
    free(text);
    return 0;
}
