#include "cli/story.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/humane.h"
#include "cli/story_parts.h"

static const struct figure *find(const struct figures *figures, const char *format, va_list args) {
    char path[256];
    vsnprintf(path, sizeof path, format, args);
    return figures_find(figures, path);
}

int64_t story_number(const struct story *story, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const struct figure *figure = find(story->figures, format, args);
    va_end(args);
    bool is_number = figure && (figure->kind == FIGURE_NUMBER || figure->kind == FIGURE_DECIMAL ||
                                figure->kind == FIGURE_BOOL);
    return is_number ? figure->number : -1;
}

const char *story_text(const struct story *story, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const struct figure *figure = find(story->figures, format, args);
    va_end(args);
    return figure && figure->text ? figure->text : "";
}

bool story_live(const struct story *s) {
    return strcmp(story_text(s, "mode"), "live") == 0;
}

/* A list's lines as one sentence's parts. */
static void say_lines(const struct story *s, const char *before, const char *lines) {
    for (const char *at = lines; *at; at += strspn(at, "\n")) {
        size_t bytes = strcspn(at, "\n");
        page_say(s->page, "%s%.*s", at == lines ? before : ", ", (int)bytes, at);
        at += bytes;
    }
}

/* What a live run cost, what was divided and what was left out. */
static void tell_live(const struct story *s) {
    page_say(s->page, "%s of CPU time in the workers, %s in the server; %s and %s of memory.",
             humane_time(story_number(s, "live.workers.cpu_ns")).text,
             humane_time(story_number(s, "live.server.cpu_ns")).text,
             humane_bytes(story_number(s, "live.workers.peak_rss_bytes")).text,
             humane_bytes(story_number(s, "live.server.peak_rss_bytes")).text);
    const char *divided = story_text(s, "scale.divided");
    if (*divided) {
        page_say(s->page, " Scaled down to 1/%" PRId64, story_number(s, "scale.divisor"));
        say_lines(s, ": ", divided);
        page_say(s->page, ".");
    }
    say_lines(s, " Left to the machine: ", story_text(s, "live.ignored"));
    page_say(s->page, ".");
    const char *warnings = story_text(s, "live.warnings");
    if (*warnings) {
        page_say(s->page, PAGE_BAD);
        say_lines(s, " ", warnings);
        page_say(s->page, PAGE_OFF);
    }
    page_paragraph(s->page, "Live");
}

/* "500,000 cells on 500 nodes" and the rest of what was run. */
static void tell_head(const struct story *s) {
    const char *title = story_text(s, "scenario.title");
    page_line(s->page, PAGE_BOLD "%.60s" PAGE_OFF "%s%.*s", story_text(s, "scenario.name"),
              *title ? ": " : "", PAGE_COLUMNS - 42, title);
    int64_t cells = story_number(s, "colony.cells"), nodes = story_number(s, "colony.nodes");
    int64_t hosts = story_number(s, "colony.hosts");
    page_say(s->page, "%s cells on %s node%s", humane_count(cells).text, humane_count(nodes).text,
             humane_plural(nodes));
    if (story_live(s)) {
        page_say(s->page, ", live on %s workers and a nats-server",
                 humane_count(story_number(s, "live.workers.count")).text);
    } else if (hosts == 1 && s->plan) {
        page_say(s->page, " of %s (%s)", s->plan->host[0].name, s->plan->host[0].profile_name);
    } else {
        page_say(s->page, " of %s hosts", humane_count(hosts).text);
    }
    page_say(s->page, ", strategy %s, seed %" PRIu64 ".", story_text(s, "strategy"),
             (uint64_t)story_number(s, "seed"));
    int64_t virtual_ns = story_number(s, "time.virtual_ns");
    if (virtual_ns >= 0) {
        page_say(s->page, " %s of %s time and %s wakes, in %s.", humane_time(virtual_ns).text,
                 story_live(s) ? "real" : "virtual",
                 humane_count(story_number(s, "speed.wakes")).text,
                 humane_time(story_number(s, "time.wall_ns")).text);
    }
    const char *status = story_text(s, "status");
    if (strcmp(status, "stopped") == 0) {
        page_say(s->page, PAGE_BAD " Stopped there" PAGE_OFF " by a limit or a death (run.limits, "
                                   "run.on_death), before its end.");
    } else if (strcmp(status, "interrupted") == 0) {
        page_say(s->page, PAGE_BAD " Interrupted there." PAGE_OFF);
    } else if (strcmp(status, "ok") != 0) {
        page_say(s->page, PAGE_BAD " Status: %s." PAGE_OFF, status);
    }
    if (s->scenario && s->scenario->estimated > 0 && !story_live(s)) {
        page_say(s->page, " %zu of the profile's keys %s estimated.", s->scenario->estimated,
                 s->scenario->estimated == 1 ? "is" : "are");
    }
    page_paragraph(s->page, "Colony");
    if (story_live(s)) {
        tell_live(s);
    }
}

void story_account(const struct story *s) {
    if (story_number(s, "account.sent") < 0) {
        return;
    }
    bool closes = story_number(s, "account.closes") == 1;
    page_say(s->page, "%s copies sent = %s delivered + %s dropped + %s in flight: %s",
             humane_count(story_number(s, "account.sent")).text,
             humane_count(story_number(s, "account.delivered")).text,
             humane_count(story_number(s, "account.dropped.all")).text,
             humane_count(story_number(s, "account.in_flight")).text,
             closes ? PAGE_GOOD "it closes." PAGE_OFF
                    : PAGE_BAD "IT DOES NOT CLOSE: this is a fault of nerve." PAGE_OFF);
    const char *separator = " Dropped by ";
    for (size_t i = 0; i < s->figures->count; i++) {
        const struct figure *figure = &s->figures->figure[i];
        const char prefix[] = "account.dropped.";
        if (strncmp(figure->path, prefix, sizeof prefix - 1) == 0 && figure->number > 0 &&
            strcmp(figure->path + sizeof prefix - 1, "all") != 0) {
            page_say(s->page, "%s%s: %s", separator, figure->path + sizeof prefix - 1,
                     humane_count(figure->number).text);
            separator = ", ";
        }
    }
    page_paragraph(s->page, "Account");
}

static const char *why_of(const struct scenario *scenario, const char *name, size_t bytes) {
    for (size_t i = 0; scenario && i < scenario->expectations; i++) {
        if (strlen(scenario->expectation[i].name) == bytes &&
            memcmp(scenario->expectation[i].name, name, bytes) == 0) {
            return scenario->expectation[i].why;
        }
    }
    return NULL;
}

/* The value that an expectation was missed by, as people read it. */
static struct humane missed_value(const struct figure *shown, const char *path) {
    struct humane value;
    const struct figure_row *row = figures_row(path);
    if (row && shown->kind == FIGURE_NUMBER && strcmp(row->unit, "ns") == 0) {
        return humane_time(shown->number);
    }
    if (row && shown->kind == FIGURE_NUMBER && strcmp(row->unit, "1") == 0) {
        return humane_count(shown->number);
    }
    figures_value_text(shown, value.text, sizeof value.text);
    return value;
}

/* "quick missed: signals.pain.latency_ns.p99 < 1ms, but it was 3 ms (why)"; where more than one
 * figure stands in it, the value is the first one's. */
static void tell_missed(const struct story *s, const struct figure *three, const char *name,
                        size_t bytes) {
    const char *text = three[0].text;
    char path[256];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(text, " "), text);
    bool many = strstr(text, " and ") || strstr(text, " or ") || strchr(text, '(');
    page_say(s->page, PAGE_BAD "%.*s missed:" PAGE_OFF " %.200s, but %s was %s", (int)bytes, name,
             text, many ? "its first figure" : "it", missed_value(&three[1], path).text);
    const char *why = why_of(s->scenario, name, bytes);
    if (why) {
        page_say(s->page, " (%.200s)", why);
    }
    page_say(s->page, "\n");
}

void story_expected(const struct story *s) {
    const char prefix[] = "expect.";
    int held = 0, not_known = 0, all = 0, missed = 0;
    for (size_t i = 0; i + 2 < s->figures->count; i++) {
        const struct figure *three = &s->figures->figure[i];
        if (strncmp(three[0].path, prefix, sizeof prefix - 1) != 0) {
            continue;
        }
        const char *name = three[0].path + sizeof prefix - 1;
        size_t bytes = strcspn(name, ".");
        if (strcmp(name + bytes, ".text") != 0) {
            continue;
        }
        all += three[2].kind != FIGURE_NONE;
        held += three[2].kind == FIGURE_BOOL && three[2].number;
        not_known += three[2].kind == FIGURE_TEXT;
        if (three[2].kind == FIGURE_BOOL && !three[2].number && missed++ < 3) {
            tell_missed(s, three, name, bytes);
        }
    }
    if (all == 0) {
        return;
    }
    if (held == all) {
        page_say(s->page, "%s", all == 1 ? "the one expectation " : "");
        page_say(s->page,
                 all == 1 ? PAGE_GOOD "held." PAGE_OFF : "all %d " PAGE_GOOD "held." PAGE_OFF, all);
    } else {
        page_say(s->page, "%d of %d held", held, all);
        if (missed > 0) {
            page_say(s->page, ", %d missed", missed);
        }
        page_say(s->page, not_known > 0 ? ", %d not known." : ".", not_known);
    }
    page_paragraph(s->page, "Expected");
}

static void tell_number(const struct story *s) {
    const char *digest = story_text(s, "digest");
    int64_t run = story_number(s, "run");
    if (run > 0) {
        page_say(s->page, "number %" PRId64 " in %s", run, story_text(s, "db"));
    } else {
        page_say(s->page, "not stored");
    }
    if (*digest) {
        page_say(s->page, ", digest " PAGE_BOLD "%s" PAGE_OFF, digest);
    }
    page_paragraph(s->page, "Run");
}

void story_tell(struct page *page, const struct scenario *scenario, const struct figures *figures,
                const struct story_again *again) {
    const struct story story = {.page = page,
                                .scenario = scenario,
                                .plan = scenario ? &scenario->plan : NULL,
                                .figures = figures,
                                .again = again};
    tell_head(&story);
    if (story_number(&story, "account.sent") < 0) {
        page_say(page, "none: its status is %s.", story_text(&story, "status"));
        page_paragraph(page, "Figures");
        tell_number(&story);
        return;
    }
    if (story.plan) {
        story_storm(&story);
        story_broadcasts(&story);
        story_woken(&story);
        story_waits(&story);
        story_hosts(&story);
    }
    story_account(&story);
    story_expected(&story);
    tell_number(&story);
    story_next(&story);
}
