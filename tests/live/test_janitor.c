/* The janitor: takes away what a run left, and nothing else. */
#include "live/janitor.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/live/gradients_fixture.h"

/* A process that does nothing until it is killed. */
static pid_t idler(void) {
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    return pid;
}

static void put_file(const char *directory, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(file >= 0);
    close(file);
}

static bool is_there(const char *directory, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static bool still_runs(pid_t pid) {
    int status = 0;
    return waitpid(pid, &status, WNOHANG) == 0;
}

static void expect_killed(pid_t pid) {
    int status = 0;
    cr_assert(process_ends(pid));
    cr_expect_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void start(struct janitor *janitor, const char *directory) {
    struct error error = {""};
    int status = janitor_start(janitor, directory, &error);
    cr_assert(status == 0, "%s", error.text);
}

Test(janitor, an_orderly_end_cleans_up) {
    char directory[64];
    struct janitor janitor;
    make_directory(directory);
    start(&janitor, directory);
    put_file(directory, "nats-server.conf");
    put_file(directory, "nats-server.log");
    put_file(directory, "nats-server_17.ports");
    pid_t watched = idler(), forgotten = idler(), other = idler();
    janitor_watch(&janitor, watched);
    janitor_watch(&janitor, forgotten);
    janitor_forget(&janitor, forgotten);
    janitor_stop(&janitor);
    cr_expect_eq(janitor.pid, 0);
    cr_expect(!is_there(directory, ""));
    expect_killed(watched);
    cr_expect(still_runs(forgotten));
    cr_expect(still_runs(other));
    end(forgotten);
    end(other);
    janitor_stop(&janitor); /* a second time: nothing */
}

Test(janitor, what_it_does_not_know_stays) {
    char directory[64], path[128];
    struct janitor janitor;
    make_directory(directory);
    start(&janitor, directory);
    put_file(directory, "nats-server.log");
    put_file(directory, "thesis.txt");
    janitor_stop(&janitor);
    cr_expect(is_there(directory, "thesis.txt"));
    cr_expect(!is_there(directory, "nats-server.log"));
    snprintf(path, sizeof path, "%s/thesis.txt", directory);
    unlink(path);
    rmdir(directory);
}

Test(janitor, a_terminals_signals_do_not_end_it) {
    char directory[64];
    struct janitor janitor;
    make_directory(directory);
    start(&janitor, directory);
    pid_t watched = idler();
    janitor_watch(&janitor, watched);
    /* It is ready once it has carried out an order: one that is seen from outside. */
    while (getsid(janitor.pid) != janitor.pid || fcntl(janitor.pipe, F_GETFD) < 0) {
        sched_yield();
    }
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)janitor.pid);
    unsigned long long wanted = 1ULL << (SIGHUP - 1) | 1ULL << (SIGINT - 1) | 1ULL << (SIGTERM - 1);
    unsigned long long ignored = 0;
    while ((ignored & wanted) != wanted) {
        FILE *file = fopen(path, "re");
        while (file && fgets(line, sizeof line, file)) {
            if (strncmp(line, "SigIgn:", 7) == 0) {
                ignored = strtoull(line + 7, NULL, 16);
            }
        }
        cr_assert(file);
        fclose(file);
    }
    kill(janitor.pid, SIGINT);
    kill(janitor.pid, SIGTERM);
    kill(janitor.pid, SIGHUP);
    cr_expect(still_runs(janitor.pid));
    janitor_stop(&janitor);
    expect_killed(watched);
    cr_expect(!is_there(directory, ""));
}

Test(janitor, a_janitor_that_was_killed_harms_nobody) {
    char directory[64];
    struct janitor janitor;
    make_directory(directory);
    start(&janitor, directory);
    kill(janitor.pid, SIGKILL);
    cr_assert(process_ends(janitor.pid));
    janitor_watch(&janitor, getpid());
    janitor_stop(&janitor);
    cr_expect(rmdir(directory) == 0);
}

struct family {
    struct janitor janitor;
    pid_t watched[3], other;
    char directory[64];
};

/* A coordinator with a server and two workers that hold all that it has open. */
static void coordinate(int tell) {
    struct family family;
    struct broker broker;
    make_directory(family.directory);
    start(&family.janitor, family.directory);
    struct error error = {""};
    if (server_start(&broker.server, family.directory, 0, 1 << 20, &error) != 0) {
        _exit(1);
    }
    family.watched[0] = broker.server.pid;
    family.watched[1] = idler();
    family.watched[2] = idler();
    family.other = idler();
    for (int i = 0; i < 3; i++) {
        janitor_watch(&family.janitor, family.watched[i]);
    }
    (void)!write(tell, &family, sizeof family);
    kill(getpid(), SIGKILL);
}

Test(janitor, a_killed_coordinator_leaves_nothing) {
    int tell[2];
    cr_assert(pipe(tell) == 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t coordinator = fork();
    if (coordinator == 0) {
        coordinate(tell[1]);
    }
    struct family family;
    cr_assert(read(tell[0], &family, sizeof family) == (ssize_t)sizeof family);
    waitpid(coordinator, NULL, 0);
    for (int i = 0; i < 3; i++) {
        expect_killed(family.watched[i]);
    }
    cr_expect(process_ends(family.janitor.pid));
    cr_expect(!is_there(family.directory, ""));
    cr_expect(still_runs(family.other));
    end(family.other);
    waitpid(family.janitor.pid, NULL, 0);
}
