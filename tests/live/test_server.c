/* The child nats-server: how it starts, fails and ends. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/live/gradients_fixture.h"

enum { MEBI = 1 << 20 };

/* A socket that listens on a port of 127.0.0.1. */
static int listen_somewhere(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(bind(listener, (struct sockaddr *)&address, bytes) == 0);
    cr_assert(listen(listener, 1) == 0);
    cr_assert(getsockname(listener, (struct sockaddr *)&address, &bytes) == 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static void expect_failure(int port, const char *text) {
    char directory[64];
    make_directory(directory);
    struct server server;
    struct error error = {""};
    cr_expect_eq(server_start(&server, directory, port, 64 * MEBI, &error), -1);
    cr_expect_str_eq(error.text, text);
    cr_expect_eq(server.pid, 0);
    server_stop(&server); /* of one that does not run: nothing */
    remove_directory(directory);
}

Test(server, listens_on_loopback_alone_and_ends) {
    struct broker broker;
    broker_start(&broker, 64 * MEBI);
    char url[64], path[64], fate[256];
    snprintf(url, sizeof url, "nats://127.0.0.1:%d", broker.server.port);
    cr_expect_str_eq(broker.server.url, url);
    server_fate(&broker.server, fate, sizeof fate);
    cr_expect_str_eq(fate, "still running");
    /* Every socket of the machine that listens on its port: one, on 127.0.0.1. */
    snprintf(path, sizeof path, "0100007F:%04X 00000000:0000 0A", broker.server.port);
    char line[512];
    int listens = 0;
    FILE *table = fopen("/proc/net/tcp", "re");
    while (table && fgets(line, sizeof line, table)) {
        listens += strstr(line, path) != NULL;
    }
    fclose(table);
    cr_expect_eq(listens, 1);
    pid_t pid = broker.server.pid;
    broker_stop(&broker);
    cr_expect(kill(pid, 0) == -1 && errno == ESRCH);
}

Test(server, takes_the_port_that_it_is_given) {
    char directory[64];
    int port = 0;
    close(listen_somewhere(&port)); /* free again */
    make_directory(directory);
    struct server server;
    struct error error = {""};
    cr_assert(server_start(&server, directory, port, 64 * MEBI, &error) == 0, "%s", error.text);
    cr_expect_eq(server.port, port);
    server_stop(&server);
    remove_directory(directory);
}

Test(server, a_port_that_is_taken_is_named) {
    int port = 0, listener = listen_somewhere(&port);
    char text[128];
    snprintf(text, sizeof text,
             "port %d of 127.0.0.1 is taken: set live.server_port to another one, or to auto",
             port);
    expect_failure(port, text);
    close(listener);
}

Test(server, one_that_is_not_installed_says_how_to_install_it) {
    unsetenv("NERVE_NATS_SERVER");
    setenv("PATH", "/var/empty", 1);
    expect_failure(0, "nats-server is not installed: apt-get install nats-server, or name it in "
                      "NERVE_NATS_SERVER");
}

Test(server, one_that_is_named_and_missing_is_named) {
    setenv("NERVE_NATS_SERVER", "/var/empty/broker", 1);
    expect_failure(0, "/var/empty/broker (NERVE_NATS_SERVER) does not exist: name a nats-server "
                      "there");
}

Test(server, a_config_that_it_refuses_is_quoted) {
    struct server server;
    struct error error = {""};
    char directory[64];
    make_directory(directory);
    cr_expect_eq(server_start(&server, directory, 70000, 64 * MEBI, &error), -1);
    cr_expect(strstr(error.text, "nats-server did not start: ") == error.text, "%s", error.text);
    remove_directory(directory);
}

Test(server, tells_how_it_was_killed) {
    struct broker broker;
    broker_start(&broker, 64 * MEBI);
    char fate[256];
    kill(broker.server.pid, SIGKILL);
    struct pollfd polled = {.fd = broker.server.descriptor, .events = POLLIN};
    cr_assert_eq(poll(&polled, 1, PATIENCE_MS), 1);
    server_fate(&broker.server, fate, sizeof fate);
    cr_expect_str_eq(fate, "killed by signal 9");
    broker_stop(&broker);
}

Test(server, one_that_does_not_heed_sigterm_is_killed) {
    struct broker broker;
    broker_start(&broker, 64 * MEBI);
    kill(broker.server.pid, SIGSTOP);
    pid_t pid = broker.server.pid;
    broker_stop(&broker);
    cr_expect(kill(pid, 0) == -1 && errno == ESRCH);
}

/* A program in the server's place; the path is to be unlinked. */
static void stand_in(char path[64], const char *script) {
    snprintf(path, 64, "/tmp/nerve-test-server-XXXXXX");
    int file = mkstemp(path);
    size_t bytes = strlen(script);
    cr_assert(write(file, script, bytes) == (ssize_t)bytes);
    fchmod(file, 0700);
    close(file);
    setenv("NERVE_NATS_SERVER", path, 1);
}

Test(server, one_that_gives_up_is_quoted) {
    char path[64];
    stand_in(path, "#!/bin/sh\necho 'first' >&2\necho 'nothing works today' >&2\nexit 3\n");
    expect_failure(0, "nats-server did not start: nothing works today");
    unlink(path);
}

Test(server, has_no_signal_blocked_or_ignored) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    char path[64];
    stand_in(path, "#!/bin/sh\n"
                   "echo $(grep -E 'Sig(Blk|Ign)' /proc/self/status) >&2\n");
    expect_failure(0, "nats-server did not start: SigBlk: 0000000000000000 SigIgn: "
                      "0000000000000000");
    unlink(path);
}

Test(server, has_a_group_of_its_own) {
    struct broker broker;
    broker_start(&broker, 64 * MEBI);
    cr_expect_eq(getpgid(broker.server.pid), broker.server.pid);
    broker_stop(&broker);
}

Test(server, dies_with_its_parent) {
    int tell[2];
    cr_assert(pipe(tell) == 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t parent = fork();
    if (parent == 0) {
        struct broker broker;
        broker_start(&broker, 64 * MEBI);
        (void)!write(tell[1], &broker, sizeof broker);
        kill(getpid(), SIGKILL);
    }
    struct broker broker;
    cr_assert(read(tell[0], &broker, sizeof broker) == (ssize_t)sizeof broker);
    waitpid(parent, NULL, 0);
    cr_expect(process_ends(broker.server.pid));
    int status = 0;
    cr_expect_eq(waitpid(broker.server.pid, &status, 0), broker.server.pid);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    remove_directory(broker.directory);
}
