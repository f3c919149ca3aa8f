#include "live/team.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "live/worker.h"

static int pidfd_of(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int make_directory(struct team *team, struct error *error) {
    const char *where = getenv("TMPDIR");
    where = where && *where == '/' && strlen(where) < 32 ? where : "/tmp";
    snprintf(team->directory, sizeof team->directory, "%s/nerve-XXXXXX", where);
    if (!mkdtemp(team->directory)) {
        team->directory[0] = '\0';
        return error_set(error, "no directory for the run in %s: %s", where, strerror(errno));
    }
    snprintf(team->name, sizeof team->name, "%s", strrchr(team->directory, '/') + 1);
    return 0;
}

/* The core that a worker is pinned to: those that this process may use, in turn. */
static int core_of(uint32_t worker) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) {
        return -1;
    }
    uint32_t left = worker % (uint32_t)CPU_COUNT(&set);
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (CPU_ISSET((size_t)core, &set) && left-- == 0) {
            return core;
        }
    }
    return -1;
}

static int fork_worker(struct team *team, struct worker_birth *birth, struct error *error) {
    struct team_member *member = &team->worker[birth->place];
    birth->core = core_of(birth->place);
    pid_t pid = fork();
    if (pid < 0) {
        return error_set(error, "no process for worker %u: %s (ulimit -u)", birth->place,
                         strerror(errno));
    }
    if (pid == 0) {
        close(team->janitor.pipe);
        worker_main(birth);
    }
    member->pid = pid;
    member->descriptor = pidfd_of(pid);
    if (member->descriptor < 0) {
        int why = errno;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return error_set(error, "cannot watch worker %u: %s (ulimit -n)", birth->place,
                         strerror(why));
    }
    birth->board->slot[birth->place].pid = pid;
    janitor_watch(&team->janitor, pid);
    return 0;
}

int team_start(struct team *team, const struct plan *plan, const struct colony *colony,
               struct subjects *subjects, struct board *board, struct error *error) {
    *team = (struct team){.workers = board->workers, .janitor = {.pipe = -1}};
    team->worker = memory_new(team->workers, sizeof *team->worker);
    team->watched = memory_new(team->workers + 1, sizeof *team->watched);
    for (uint32_t i = 0; i < team->workers; i++) {
        team->worker[i].descriptor = -1;
    }
    fflush(NULL); /* what stands in buffers is said once, not by every child */
    int port = plan->live.server_port == PLAN_NONE ? 0 : (int)plan->live.server_port;
    if (make_directory(team, error) < 0 ||
        janitor_start(&team->janitor, team->directory, error) < 0 ||
        server_start(&team->server, team->directory, port, plan->gradients.max_pending_bytes,
                     error) < 0) {
        team_end(team);
        return -1;
    }
    janitor_watch(&team->janitor, team->server.pid);
    snprintf(board->server_url, sizeof board->server_url, "%s", team->server.url);
    snprintf(board->server_log, sizeof board->server_log, "%s", team->server.log);
    struct worker_birth birth = {.plan = plan,
                                 .colony = colony,
                                 .subjects = subjects,
                                 .board = board,
                                 .name = team->name,
                                 .coordinator = getpid()};
    for (uint32_t i = 0; i < team->workers; i++) {
        birth.place = i;
        if (fork_worker(team, &birth, error) < 0) {
            team_end(team);
            return -1;
        }
    }
    return 0;
}

/* A worker has ended: takes leave of it, and says so on the board where it should not have. */
static void collect(struct team *team, struct board *board, uint32_t i) {
    struct team_member *member = &team->worker[i];
    int status = 0;
    janitor_forget(&team->janitor, member->pid);
    waitpid(member->pid, &status, 0);
    close(member->descriptor);
    member->descriptor = -1;
    struct board_slot *slot = &board->slot[i];
    int state = atomic_load(&slot->state);
    if (state == STATE_CLOSED || state == STATE_FAILED) {
        return;
    }
    member->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (WIFSIGNALED(status)) {
        snprintf(slot->error, sizeof slot->error, "it was killed by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else {
        snprintf(slot->error, sizeof slot->error, "it ended with code %d", WEXITSTATUS(status));
    }
    atomic_store(&slot->state, STATE_GONE);
}

uint32_t team_watch(struct team *team, struct board *board, int64_t timeout_ns) {
    uint32_t count = 0;
    for (uint32_t i = 0; i <= team->workers; i++) {
        int descriptor = i < team->workers   ? team->worker[i].descriptor
                         : team->server_gone ? -1
                                             : team->server.descriptor;
        team->watched[i] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    }
    timeout_ns = timeout_ns < 0 ? 0 : timeout_ns;
    const struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    if (ppoll(team->watched, team->workers + 1, &timeout, NULL) > 0) {
        for (uint32_t i = 0; i < team->workers; i++) {
            if (team->worker[i].descriptor >= 0 && team->watched[i].revents) {
                collect(team, board, i);
            }
        }
        team->server_gone |= team->watched[team->workers].revents != 0;
    }
    bool failed = false;
    for (uint32_t i = 0; i < team->workers; i++) {
        int state = atomic_load(&board->slot[i].state);
        count += state == STATE_GONE || state == STATE_FAILED;
        failed = failed || state == STATE_FAILED;
    }
    if (failed && !team->server_gone) { /* a worker may know sooner than the kernel tells */
        struct pollfd server = {.fd = team->server.descriptor, .events = POLLIN};
        const struct timespec moment = {0, 300000000};
        team->server_gone = ppoll(&server, 1, &moment, NULL) > 0;
    }
    return count + team->server_gone;
}

void team_fate(const struct team *team, const struct board *board, char *text, size_t bytes) {
    for (uint32_t i = 0; i < team->workers; i++) {
        const struct board_slot *slot = &board->slot[i];
        int state = atomic_load(&slot->state);
        if (state == STATE_FAILED && !team->server_gone) {
            snprintf(text, bytes, "worker %u: %.400s", i, slot->error);
            return;
        }
        if (state == STATE_GONE) {
            snprintf(text, bytes,
                     "worker %u (process %d) is gone: %.200s; what it held is lost, the run ended "
                     "there. %s",
                     i, (int)slot->pid, slot->error,
                     team->worker[i].killed
                         ? "If nobody did it, memory ran out: lower colony.cells, or use --scale"
                         : "A fault of nerve, not of the scenario");
            return;
        }
    }
    if (team->server_gone) {
        char fate[256];
        struct server server = team->server;
        server_fate(&server, fate, sizeof fate);
        snprintf(text, bytes,
                 "the nats-server (process %d) is gone: %.200s; the run ended there. If nobody did "
                 "it, memory ran out: use strategy edge (one subscription a node), or --scale",
                 (int)team->server.pid, fate);
        return;
    }
    snprintf(text, bytes, "a process of the run ended");
}

void team_gather(struct team *team, struct board *board, int64_t timeout_ns) {
    int64_t until = clock_monotonic_ns() + timeout_ns;
    for (;;) {
        uint32_t left = 0;
        team_watch(team, board, 1000000);
        for (uint32_t i = 0; i < team->workers; i++) {
            left += team->worker[i].descriptor >= 0;
        }
        if (left == 0) {
            return;
        }
        if (clock_monotonic_ns() > until) {
            for (uint32_t i = 0; i < team->workers; i++) {
                if (team->worker[i].descriptor >= 0) {
                    kill(team->worker[i].pid, SIGKILL);
                }
            }
            until = INT64_MAX;
        }
    }
}

void team_end(struct team *team) {
    for (uint32_t i = 0; team->worker && i < team->workers; i++) {
        struct team_member *member = &team->worker[i];
        if (member->descriptor >= 0) {
            kill(member->pid, SIGKILL);
            janitor_forget(&team->janitor, member->pid);
            waitpid(member->pid, NULL, 0);
            close(member->descriptor);
            member->descriptor = -1;
        }
    }
    if (team->server.pid > 0) {
        janitor_forget(&team->janitor, team->server.pid);
        server_stop(&team->server);
    }
    if (team->janitor.pipe >= 0) {
        janitor_stop(&team->janitor);
    } else if (team->directory[0]) {
        rmdir(team->directory);
    }
    free(team->worker);
    free(team->watched);
    *team = (struct team){.janitor = {.pipe = -1}};
}
