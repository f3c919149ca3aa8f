/* What YAML can do to a reader: size, bytes that are no text, depth, bombs of aliases. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/language/helpers.h"

static void refuse_bytes(const char *bytes, size_t count, const char *part) {
    char path[] = "/tmp/nerve_guards_XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, bytes, count) == (ssize_t)count);
    close(file);
    struct scenario scenario;
    char *messages;
    cr_assert_neq(load_file(&scenario, path, &messages), 0);
    cr_assert(strstr(messages, part), "%s", messages);
    free(messages);
    unlink(path);
}

Test(guards, no_text) {
    refuse_bytes("%q\xff", 3, "no UTF-8");
    refuse_bytes("name: a\0b\n", 10, "NUL");
    refuse_bytes("name: \xc0\x80\n", 9, "no UTF-8");
    refuse_bytes("name: \xed\xa0\x80\n", 10, "no UTF-8");
    refuse_bytes("name: \xf4\x90\x80\x80\n", 11, "no UTF-8");
    refuse_bytes("name: \xe2\x82", 8, "no UTF-8");
    refuse_bytes("title: \"a\\0b\"\n", 14, "escape");
}

Test(guards, size) {
    char *big = memory_new(1, (1 << 20) + 1);
    memset(big, '#', (1 << 20) + 1);
    refuse_bytes(big, (1 << 20) + 1, "larger than 1 MiB");
    free(big);
}

Test(guards, depth) {
    char deep[200];
    memset(deep, '[', sizeof deep);
    deep[sizeof deep - 1] = '\0';
    refuse(deep, "more than 32 levels");
}

Test(guards, bomb_of_aliases) {
    char text[2000] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 10; i++) {
        size_t used = strlen(text);
        int b = i - 1;
        snprintf(text + used, sizeof text - used,
                 "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, b, b, b,
                 b, b, b, b, b, b, b);
    }
    refuse(text, "aliases multiply to too much");
}

Test(guards, alias_of_itself) {
    refuse("run: &r {duration: *r}\n", "there is no anchor `&r` that ends before this");
}

Test(guards, aliases_are_allowed) {
    struct scenario scenario;
    load_small(&scenario, "  more: &again {signal: touch, to: &eye {type: eye}, every: 1ms}\n"
                          "  again: *again\n"
                          "  third: {signal: touch, to: *eye, every: 2ms}\n");
    cr_assert_eq(scenario.plan.sources, 4);
    cr_assert_eq(scenario.plan.source[2].interval_ns, 1000000);
    cr_assert_eq(scenario.plan.source[3].to.type, scenario.plan.source[0].to.type);
    scenario_deinit(&scenario);
}

Test(guards, forms_that_are_not_ours) {
    refuse("name: a\n---\nname: b\n", "a second document");
    refuse("? [a]\n: b\n", "a key must be a plain word");
    refuse("run: {duration: !!str 1s}\n", "a tag has no meaning here");
    refuse("- a\n", "a scenario is a map of keys");
    refuse("", "the scenario lacks");
    refuse("# nothing\n", "the scenario lacks");
    refuse("run: {duration: null}\n", "`null` is no time");
}
