#include "live/janitor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "live/clock.h"
#include "live/server.h"

enum { JANITOR_PROCESSES = 1024 };

enum order_kind { ORDER_WATCH, ORDER_FORGET, ORDER_STOP };

/* One message of the pipe (a pair of sockets that keep messages whole). */
struct order {
    int32_t kind, pid;
};

struct watched {
    pid_t pid;
    int descriptor;
};

/* The child's own. */
struct duty {
    const char *directory;
    int orders, coordinator; /* pipe, pidfd */
    uint32_t count;
    struct watched watched[JANITOR_PROCESSES];
};

/* How long it waits for what it has killed. */
static const int64_t dying_ns = 800000000;

/* --- the child ------------------------------------------------------------- */

static void watch(struct duty *duty, pid_t pid) {
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    if (descriptor >= 0 && duty->count < JANITOR_PROCESSES) {
        duty->watched[duty->count++] = (struct watched){pid, descriptor};
    } else if (descriptor >= 0) {
        close(descriptor);
    }
}

static void forget(struct duty *duty, pid_t pid) {
    for (uint32_t i = 0; i < duty->count; i++) {
        if (duty->watched[i].pid == pid) {
            close(duty->watched[i].descriptor);
            duty->watched[i] = duty->watched[--duty->count];
            return;
        }
    }
}

/* Carries out what the pipe holds; false: it has ended, or says that this is the end. */
static bool carry_out(struct duty *duty) {
    for (;;) {
        struct order order;
        ssize_t got = read(duty->orders, &order, sizeof order);
        if (got < 0 && errno == EAGAIN) {
            return true;
        }
        if (got != (ssize_t)sizeof order || order.kind == ORDER_STOP) {
            return false;
        }
        if (order.kind == ORDER_WATCH) {
            watch(duty, order.pid);
        } else {
            forget(duty, order.pid);
        }
    }
}

static void wait_for_the_end(struct duty *duty) {
    for (;;) {
        struct pollfd polled[] = {{.fd = duty->orders, .events = POLLIN},
                                  {.fd = duty->coordinator, .events = POLLIN}};
        (void)poll(polled, 2, -1);
        /* First what it said before it died. */
        if (!carry_out(duty) || polled[1].revents) {
            return;
        }
    }
}

static void kill_the_rest(const struct duty *duty) {
    int64_t deadline = clock_monotonic_ns() + dying_ns;
    for (uint32_t i = 0; i < duty->count; i++) {
        syscall(SYS_pidfd_send_signal, duty->watched[i].descriptor, SIGKILL, NULL, 0);
    }
    /* Whoever finds the directory gone may count on the processes being gone. */
    for (uint32_t i = 0; i < duty->count; i++) {
        struct pollfd polled = {.fd = duty->watched[i].descriptor, .events = POLLIN};
        int64_t left_ms = (deadline - clock_monotonic_ns()) / 1000000;
        (void)poll(&polled, 1, left_ms > 0 ? (int)left_ms : 0);
    }
}

static bool is_known(const char *name) {
    for (uint32_t i = 0; server_files[i]; i++) {
        if (fnmatch(server_files[i], name, FNM_PERIOD) == 0) {
            return true;
        }
    }
    return false;
}

static void remove_directory(const char *directory) {
    DIR *open_directory = opendir(directory);
    if (!open_directory) {
        return;
    }
    struct dirent *entry = NULL;
    while ((entry = readdir(open_directory)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        if (is_known(entry->d_name)) {
            unlinkat(dirfd(open_directory), entry->d_name, 0);
        }
    }
    closedir(open_directory);
    rmdir(directory);
}

/* Closes all but these two, which become 3 and 4; input and output become nothing. */
static void let_go_of_all(struct duty *duty) {
    int orders = fcntl(duty->orders, F_DUPFD, 5),
        coordinator = fcntl(duty->coordinator, F_DUPFD, 5);
    int nothing = open("/dev/null", O_RDWR);
    for (int standard = 0; standard <= 2; standard++) {
        dup2(nothing, standard);
    }
    duty->orders = dup2(orders, 3);
    duty->coordinator = dup2(coordinator, 4);
    close_range(5, ~0U, 0);
}

_Noreturn static void be_janitor(struct duty *duty) {
    setsid();
    prctl(PR_SET_NAME, "nerve-janitor");
    struct sigaction usual = {.sa_handler = SIG_DFL}, ignored = {.sa_handler = SIG_IGN};
    for (int signal = 1; signal < NSIG; signal++) {
        sigaction(signal, &usual, NULL);
    }
    const int deaf_to[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
    for (uint32_t i = 0; i < sizeof deaf_to / sizeof *deaf_to; i++) {
        sigaction(deaf_to[i], &ignored, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    let_go_of_all(duty);
    if (chdir("/") != 0) {
        _exit(1);
    }
    wait_for_the_end(duty);
    kill_the_rest(duty);
    remove_directory(duty->directory);
    _exit(0);
}

/* --- the coordinator's side -------------------------------------------------- */

int janitor_start(struct janitor *janitor, const char *directory, struct error *error) {
    NERVE_ASSERT(directory[0] == '/');
    *janitor = (struct janitor){.pipe = -1};
    struct duty duty = {.directory = directory};
    int pipe[2] = {-1, -1};
    duty.coordinator = (int)syscall(SYS_pidfd_open, getpid(), 0);
    pid_t pid = -1;
    if (duty.coordinator >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pipe) == 0) {
        /* The janitor's end never blocks; ours does, so that no order is lost. */
        fcntl(pipe[0], F_SETFL, O_NONBLOCK);
        duty.orders = pipe[0];
        pid = fork();
    }
    if (pid == 0) {
        be_janitor(&duty);
    }
    int why = errno;
    if (duty.coordinator >= 0) {
        close(duty.coordinator);
    }
    if (pipe[0] >= 0) {
        close(pipe[0]);
    }
    if (pid < 0) {
        if (pipe[1] >= 0) {
            close(pipe[1]);
        }
        return error_set(error, "cannot start the process that cleans up: %s", strerror(why));
    }
    *janitor = (struct janitor){.pid = pid, .pipe = pipe[1]};
    return 0;
}

static void tell(struct janitor *janitor, enum order_kind kind, pid_t pid) {
    if (janitor->pid <= 0) {
        return;
    }
    struct order order = {.kind = (int32_t)kind, .pid = (int32_t)pid};
    ssize_t written = 0;
    do {
        written = send(janitor->pipe, &order, sizeof order, MSG_NOSIGNAL);
    } while (written < 0 && errno == EINTR);
}

void janitor_watch(struct janitor *janitor, pid_t pid) {
    tell(janitor, ORDER_WATCH, pid);
}

void janitor_forget(struct janitor *janitor, pid_t pid) {
    tell(janitor, ORDER_FORGET, pid);
}

void janitor_stop(struct janitor *janitor) {
    if (janitor->pid <= 0) {
        return;
    }
    tell(janitor, ORDER_STOP, 0);
    close(janitor->pipe);
    while (waitpid(janitor->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    *janitor = (struct janitor){.pipe = -1};
}
