#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/wide.h"
#include "cli/humane.h"

static const int64_t terminal_pause_ns = 100000000, log_pause_ns = 5000000000;
static const int64_t together_ns = 200000000;

static volatile sig_atomic_t stop_asked;

static int64_t read_clock(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The second one ends the program on the spot; not where it comes with the first: timeout(1) sends
 * to its child and to its group. */
static void ask_to_stop(int number) {
    static volatile int64_t first_ns;
    int64_t now_ns = read_clock(CLOCK_MONOTONIC);
    if (!stop_asked) {
        first_ns = now_ns;
        stop_asked = 1;
    } else if (now_ns - first_ns > together_ns) {
        (void)signal(number, SIG_DFL);
        (void)raise(number);
    }
}

int64_t progress_wall_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t progress_cpu_ns(void) {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

void progress_begin(struct progress *progress, const struct plan *plan) {
    *progress = (struct progress){
        .end_ns = plan->run.duration_ns + plan->run.drain_ns,
        .begin_wall_ns = progress_wall_ns(),
        .terminal = isatty(STDERR_FILENO),
    };
    progress->said_wall_ns = progress->begin_wall_ns;
    stop_asked = 0;
    struct sigaction action = {.sa_handler = ask_to_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void say(struct progress *progress, int64_t now_ns, uint64_t wakes, int64_t wall_ns) {
    int64_t passed_ns = wall_ns - progress->begin_wall_ns;
    char line[160];
    now_ns = now_ns < progress->end_ns ? now_ns : progress->end_ns;
    if (now_ns < 0) { /* a live run is set up */
        snprintf(line, sizeof line, "setting up: %s subscriptions",
                 humane_short((int64_t)wakes).text);
    }
    int at = now_ns < 0 ? 0
                        : snprintf(line, sizeof line, "%s of %s (%s), %s wakes",
                                   humane_time(now_ns).text, humane_time(progress->end_ns).text,
                                   humane_share(now_ns, progress->end_ns).text,
                                   humane_short((int64_t)wakes).text);
    if (now_ns > 0 && at > 0 && (size_t)at < sizeof line) {
        uint128 left_ns =
            (uint128)(uint64_t)passed_ns * (uint64_t)(progress->end_ns - now_ns) / (uint64_t)now_ns;
        left_ns = left_ns > INT64_MAX ? INT64_MAX : left_ns;
        snprintf(line + at, sizeof line - (size_t)at, ", about %s to go",
                 humane_time((int64_t)left_ns).text);
    }
    if (progress->terminal) {
        fprintf(stderr, "\r\033[K%s", line);
    } else {
        fprintf(stderr, "nerve: %s\n", line);
    }
    fflush(stderr);
    progress->shown = true;
    progress->said_wall_ns = wall_ns;
}

bool progress_look(struct progress *progress, int64_t now_ns, uint64_t wakes) {
    int64_t wall_ns = progress_wall_ns();
    int64_t pause_ns = progress->terminal ? terminal_pause_ns : log_pause_ns;
    if (wall_ns - progress->said_wall_ns >= pause_ns) {
        say(progress, now_ns, wakes, wall_ns);
    }
    return stop_asked != 0;
}

void progress_end(struct progress *progress) {
    if (progress->terminal && progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}
