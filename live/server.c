#include "live/server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "live/clock.h"

#define SERVER_LOG    "nats-server.log"
#define SERVER_CONFIG "nats-server.conf"

static const int64_t start_deadline_ns = 5000000000;
static const int64_t stop_deadline_ns = 1000000000;
static const int64_t max_payload_bytes = 8 << 20; /* the language's largest signal */

const char *const server_files[] = {SERVER_CONFIG, SERVER_LOG, "nats-server_*.ports", NULL};

/* --- its config and its log --------------------------------------------- */

static int write_config(const char *directory, int port, int64_t max_pending_bytes,
                        const struct server *server, struct error *error) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/" SERVER_CONFIG, directory);
    FILE *file = fopen(path, "we");
    if (!file) {
        return error_set(error, "cannot write %s: %s", path, strerror(errno));
    }
    /* It refuses to start where a payload may be larger than what may be pending. */
    int64_t payload = max_payload_bytes < max_pending_bytes ? max_payload_bytes : max_pending_bytes;
    fprintf(file,
            "host: 127.0.0.1\nport: %d\n"
            "max_pending: %lld\nmax_payload: %lld\nwrite_deadline: \"%dms\"\n"
            "no_sys_acc: true\nlogfile: \"%s\"\nports_file_dir: \"%s\"\n",
            port > 0 ? port : -1, (long long)max_pending_bytes, (long long)payload,
            SERVER_WRITE_DEADLINE_MS, server->log, directory);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        return error_set(error, "cannot write %s: %s", path, strerror(errno));
    }
    return 0;
}

/* The log's last line that tells of an error (else its last line), without pid and time. */
static void last_error(const struct server *server, char *text, size_t bytes) {
    text[0] = '\0';
    FILE *file = fopen(server->log, "re");
    if (!file) {
        return;
    }
    char line[512];
    bool error_seen = false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *level = strstr(line, "[FTL] ");
        level = level ? level : strstr(line, "[ERR] ");
        if (level || !error_seen) {
            snprintf(text, bytes, "%s", level ? level + 6 : line);
        }
        error_seen = error_seen || level;
    }
    fclose(file);
}

/* --- the child ------------------------------------------------------------ */

struct birth {
    const char *program, *config;
    pid_t parent;
    int log, report; /* report: errno of an exec that failed */
};

/* In the child of a process that may have threads: only what is safe after fork. */
_Noreturn static void become_server(const struct birth *birth) {
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) {
        sigaction(signal, &usual, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != birth->parent) {
        _exit(127); /* it died before the kernel was told to watch it */
    }
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(birth->log, STDOUT_FILENO);
    dup2(birth->log, STDERR_FILENO);
    /* Its name is the name of its ports' file, whatever the program is called. */
    char name[] = "nats-server", option[] = "-c";
    char *arguments[] = {name, option, (char *)birth->config, NULL};
    execvp(birth->program, arguments);
    int why = errno;
    (void)!write(birth->report, &why, sizeof why);
    _exit(127);
}

static int forked(const struct birth *birth, const int report[2], struct server *server,
                  struct error *error) {
    pid_t pid = fork();
    if (pid < 0) {
        return error_set(error, "cannot start nats-server: %s", strerror(errno));
    }
    if (pid == 0) {
        become_server(birth);
    }
    int why = 0;
    close(report[1]);
    ssize_t got = 0;
    do {
        got = read(report[0], &why, sizeof why); /* ends at its exec */
    } while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof why) {
        waitpid(pid, NULL, 0);
        if (why != ENOENT) {
            return error_set(error, "cannot start %s: %s", birth->program, strerror(why));
        }
        if (strcmp(birth->program, "nats-server") == 0) {
            return error_set(error, "nats-server is not installed: apt-get install nats-server, or "
                                    "name it in NERVE_NATS_SERVER");
        }
        return error_set(error, "%s (NERVE_NATS_SERVER) does not exist: name a nats-server there",
                         birth->program);
    }
    server->pid = pid;
    server->descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    if (server->descriptor < 0) {
        error_set(error, "cannot watch nats-server: %s", strerror(errno));
        server_stop(server);
        return -1;
    }
    return 0;
}

static int give_birth(const char *directory, struct server *server, struct error *error) {
    char config[PATH_MAX];
    snprintf(config, sizeof config, "%s/" SERVER_CONFIG, directory);
    const char *named = getenv("NERVE_NATS_SERVER"); /* NOLINT(concurrency-mt-unsafe) */
    struct birth birth = {
        .program = named && *named ? named : "nats-server", .config = config, .parent = getpid()};
    birth.log = open(server->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (birth.log < 0) {
        return error_set(error, "cannot write %s: %s", server->log, strerror(errno));
    }
    int report[2];
    int result = -1;
    if (pipe2(report, O_CLOEXEC) != 0) {
        error_set(error, "cannot start nats-server: %s", strerror(errno));
    } else {
        birth.report = report[1];
        result = forked(&birth, report, server, error);
        close(report[0]);
    }
    close(birth.log);
    return result;
}

/* --- until it listens ------------------------------------------------------ */

/* Whether its file of ports is there, whole. */
static bool read_port(const char *directory, struct server *server) {
    char path[PATH_MAX], text[256];
    snprintf(path, sizeof path, "%s/nats-server_%d.ports", directory, (int)server->pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    size_t bytes = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[bytes] = '\0';
    const char *url = strstr(text, "nats://127.0.0.1:");
    char *end = NULL;
    long port = url ? strtol(url + strlen("nats://127.0.0.1:"), &end, 10) : 0;
    if (port <= 0 || port > 65535 || *end != '"') {
        return false;
    }
    server->port = (int)port;
    snprintf(server->url, sizeof server->url, "nats://127.0.0.1:%d", server->port);
    return true;
}

static int did_not_start(const struct server *server, int port, struct error *error) {
    char line[384];
    last_error(server, line, sizeof line);
    if (port > 0 && strstr(line, "address already in use")) {
        return error_set(
            error,
            "port %d of 127.0.0.1 is taken: set live.server_port to another one, or to "
            "auto",
            port);
    }
    if (strstr(line, "too many open files")) {
        return error_set(error, "nats-server has too few descriptors: raise `ulimit -n`");
    }
    return error_set(error, "nats-server did not start: %s", line[0] ? line : "it says nothing");
}

static int wait_for_port(const char *directory, int port, int watch, struct server *server,
                         struct error *error) {
    int64_t deadline = clock_monotonic_ns() + start_deadline_ns;
    for (;;) {
        if (read_port(directory, server)) {
            return 0;
        }
        int64_t left_ms = (deadline - clock_monotonic_ns()) / 1000000;
        if (left_ms <= 0) {
            return error_set(error,
                             "nats-server does not listen after 5 s: is this machine too busy? Its "
                             "log: %s",
                             server->log);
        }
        struct pollfd polled[] = {{.fd = watch, .events = POLLIN},
                                  {.fd = server->descriptor, .events = POLLIN}};
        if (poll(polled, 2, (int)left_ms) <= 0) {
            continue;
        }
        if (polled[1].revents) {
            return did_not_start(server, port, error);
        }
        char events[4096];
        (void)!read(watch, events, sizeof events);
    }
}

int server_start(struct server *server, const char *directory, int port, int64_t max_pending_bytes,
                 struct error *error) {
    *server = (struct server){.descriptor = -1};
    int bytes = snprintf(server->log, sizeof server->log, "%s/" SERVER_LOG, directory);
    if (bytes >= (int)sizeof server->log) {
        return error_set(error, "the path of the run's directory is too long: set TMPDIR: %s",
                         directory);
    }
    if (write_config(directory, port, max_pending_bytes, server, error) != 0) {
        return -1;
    }
    /* Watched before it starts, so that its file of ports cannot come unseen. */
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0 || inotify_add_watch(watch, directory, IN_CLOSE_WRITE) < 0) {
        error_set(error, "cannot watch %s: %s", directory, strerror(errno));
    } else if (give_birth(directory, server, error) == 0) {
        if (wait_for_port(directory, port, watch, server, error) == 0) {
            close(watch);
            return 0;
        }
        server_stop(server);
    }
    if (watch >= 0) {
        close(watch);
    }
    return -1;
}

/* --- its end ---------------------------------------------------------------- */

static bool has_ended(const struct server *server, int64_t within_ns) {
    int64_t deadline = clock_monotonic_ns() + within_ns;
    struct pollfd polled = {.fd = server->descriptor, .events = POLLIN};
    for (;;) {
        int64_t left_ns = deadline - clock_monotonic_ns();
        int ready = poll(&polled, 1, left_ns > 0 ? (int)(left_ns / 1000000 + 1) : 0);
        if (ready > 0 || (left_ns <= 0 && ready == 0)) {
            return ready > 0;
        }
    }
}

void server_stop(struct server *server) {
    if (server->pid <= 0) {
        return;
    }
    /* Not waited for yet, so the number is still its own. */
    kill(server->pid, SIGTERM);
    if (server->descriptor < 0 || !has_ended(server, stop_deadline_ns)) {
        kill(server->pid, SIGKILL);
    }
    while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (server->descriptor >= 0) {
        close(server->descriptor);
    }
    server->pid = 0;
    server->descriptor = -1;
}

void server_fate(struct server *server, char *text, size_t bytes) {
    siginfo_t info = {0};
    NERVE_ASSERT(server->pid > 0);
    /* Left for server_stop to reap. */
    if (waitid(P_PID, (id_t)server->pid, &info, WEXITED | WNOWAIT | WNOHANG) != 0 ||
        info.si_pid == 0) {
        snprintf(text, bytes, "still running");
    } else if (info.si_code == CLD_EXITED) {
        char line[384];
        last_error(server, line, sizeof line);
        snprintf(text, bytes, "exited with %d: %s", info.si_status, line);
    } else {
        snprintf(text, bytes, "killed by signal %d", info.si_status);
    }
}
