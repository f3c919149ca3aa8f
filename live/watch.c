#include "live/watch.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "live/clock.h"

static const int64_t memory_period_ns = 20000000, descriptors_period_ns = 500000000;

static int64_t cpu_of(const struct watch_process *process) {
    struct timespec now;
    if (clock_gettime(process->clock, &now) < 0) {
        return process->began_ns + process->cpu_ns; /* it has ended */
    }
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* CPU time that the whole machine has spent, idle and stolen time left out; -1: not known. */
static int64_t machine_busy_ns(void) {
    enum { IDLE = 3, WAIT = 4, COLUMNS = 7 }; /* user nice system idle iowait irq softirq */
    char line[256] = "";
    FILE *file = fopen("/proc/stat", "r");
    bool read = file && fgets(line, sizeof line, file);
    if (file) {
        (void)fclose(file);
    }
    if (!read || strncmp(line, "cpu ", 4) != 0) {
        return -1;
    }
    char *at = line + 4;
    unsigned long long ticks = 0;
    for (int column = 0; column < COLUMNS; column++) {
        unsigned long long value = strtoull(at, &at, 10);
        ticks += column == IDLE || column == WAIT ? 0 : value;
    }
    return (int64_t)ticks * (1000000000 / sysconf(_SC_CLK_TCK));
}

static void look_at_memory(struct watch_process *process) {
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process->pid);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fgets(line, sizeof line, file)) {
            char *resident = strchr(line, ' ');
            process->rss_bytes =
                resident ? (int64_t)strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
        }
        fclose(file);
    }
    if (process->rss_bytes > process->peak_rss_bytes) {
        process->peak_rss_bytes = process->rss_bytes;
    }
}

static void look_at_descriptors(struct watch_process *process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process->pid);
    DIR *directory = opendir(path);
    uint64_t count = 0;
    while (directory && readdir(directory)) {
        count++;
    }
    if (directory) {
        closedir(directory);
    }
    count -= count < 2 ? count : 2; /* . and .. */
    process->descriptors_peak =
        count > process->descriptors_peak ? count : process->descriptors_peak;
}

void watch_init(struct watch *watch, const struct colony *colony, struct board *board,
                const struct live_hooks *hooks, pid_t server) {
    cpu_set_t set;
    *watch = (struct watch){
        .plan = colony->plan, .colony = colony, .board = board, .workers = board->workers};
    watch->hooks = *hooks;
    watch->cores = sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
    watch->process = memory_new(watch->workers + 1, sizeof *watch->process);
    for (uint32_t i = 0; i <= watch->workers; i++) {
        struct watch_process *process = &watch->process[i];
        process->pid = i < watch->workers ? board->slot[i].pid : server;
        clock_getcpuclockid(process->pid, &process->clock);
    }
}

void watch_deinit(struct watch *watch) {
    free(watch->process);
    *watch = (struct watch){0};
}

void watch_start(struct watch *watch) {
    for (uint32_t i = 0; i <= watch->workers; i++) {
        struct watch_process *process = &watch->process[i];
        process->began_ns = cpu_of(process);
        look_at_memory(process);
        look_at_descriptors(process);
    }
    watch->machine_began_ns = machine_busy_ns();
    watch->own_ns = -clock_cpu_ns();
}

/* Sums over the workers, as they stand. Each word is read whole, whoever writes it meanwhile. */
static struct tally_sample sums(const struct watch *watch) {
    struct tally_sample sum = {0};
    for (uint32_t i = 0; i < watch->workers; i++) {
        const struct board_slot *slot = &watch->board->slot[i];
        const struct tally *tally = &slot->tally;
        sum.wakes += __atomic_load_n(&tally->wakes, __ATOMIC_RELAXED);
        sum.storm_wakes += __atomic_load_n(&tally->storm_wakes, __ATOMIC_RELAXED);
        sum.sent += __atomic_load_n(&tally->sent, __ATOMIC_RELAXED);
        sum.delivered += __atomic_load_n(&tally->delivered, __ATOMIC_RELAXED);
        for (int cause = 0; cause < CAUSES; cause++) {
            sum.dropped += __atomic_load_n(&tally->dropped[cause], __ATOMIC_RELAXED);
        }
        sum.waiting += atomic_load_explicit(&slot->waiting, memory_order_relaxed);
        sum.backlog += atomic_load_explicit(&slot->in_library, memory_order_relaxed);
        sum.behind += atomic_load_explicit(&slot->behind, memory_order_relaxed);
    }
    for (uint32_t i = 0; i <= watch->workers; i++) {
        sum.busy_ns += watch->process[i].cpu_ns;
        sum.memory_bytes += watch->process[i].rss_bytes;
    }
    return sum;
}

static void look_at_processes(struct watch *watch, int64_t now_ns) {
    bool memory = now_ns - watch->memory_looked_ns >= memory_period_ns;
    bool descriptors = now_ns - watch->descriptors_looked_ns >= descriptors_period_ns;
    for (uint32_t i = 0; i <= watch->workers; i++) {
        struct watch_process *process = &watch->process[i];
        process->cpu_ns = cpu_of(process) - process->began_ns;
        if (!watch->warm) {
            process->warm_ns = process->cpu_ns;
        }
        if (memory) {
            look_at_memory(process);
        }
        if (descriptors) {
            look_at_descriptors(process);
        }
    }
    watch->memory_looked_ns = memory ? now_ns : watch->memory_looked_ns;
    watch->descriptors_looked_ns = descriptors ? now_ns : watch->descriptors_looked_ns;
}

/* How busy the cores were since the last look, and how much of it was the storm's. */
static void count_busy(struct watch *watch, int64_t now_ns, int64_t busy_ns, int64_t width_ns) {
    if (width_ns <= 0) {
        return;
    }
    int64_t from = atomic_load(&watch->board->storm_from_ns);
    int64_t until = atomic_load(&watch->board->storm_until_ns);
    int64_t begin = watch->looked_ns > from ? watch->looked_ns : from;
    int64_t end = now_ns < until ? now_ns : until;
    int64_t cores = (busy_ns + width_ns - 1) / width_ns;
    cores = cores > watch->cores ? watch->cores : cores;
    if (end > begin) {
        watch->storm_busy_ns += (int64_t)((int128)busy_ns * (end - begin) / width_ns);
        watch->storm_cores_peak = cores > watch->storm_cores_peak ? cores : watch->storm_cores_peak;
    }
    if (watch->looked_ns >= watch->plan->run.warm_up_ns) {
        watch->busiest_cores = cores > watch->busiest_cores ? cores : watch->busiest_cores;
        /* 98 %: clocks of processes are not read at one moment. */
        if (busy_ns >= width_ns * watch->cores / 100 * 98) {
            watch->saturated_ns += width_ns;
        }
    }
}

static void hand_on(struct watch *watch, const struct tally_sample *sum, int64_t end_ns) {
    struct tally_sample sample = {
        .from_ns = watch->sample_from_ns,
        .width_ns = end_ns - watch->sample_from_ns,
        .wakes = sum->wakes - watch->last.wakes,
        .storm_wakes = sum->storm_wakes - watch->last.storm_wakes,
        .busy_ns = sum->busy_ns - watch->last.busy_ns,
        /* Who changes a subscription may take back what was counted as sent to it. */
        .sent = sum->sent > watch->last.sent ? sum->sent - watch->last.sent : 0,
        .delivered = sum->delivered - watch->last.delivered,
        .dropped = sum->dropped - watch->last.dropped,
        .waiting = sum->waiting,
        .backlog = sum->backlog,
        .behind = sum->behind,
        .memory_bytes = sum->memory_bytes,
    };
    if (watch->hooks.sample) {
        watch->hooks.sample(watch->hooks.context, &sample);
    }
    watch->sample_from_ns = end_ns;
    watch->last = *sum;
}

int64_t watch_next_ns(const struct watch *watch) {
    return watch->sample_from_ns + watch->plan->run.sample_ns;
}

void watch_look(struct watch *watch, int64_t now_ns) {
    int64_t before_ns = 0, after_ns = 0;
    for (uint32_t i = 0; i <= watch->workers; i++) {
        before_ns += watch->process[i].cpu_ns;
    }
    look_at_processes(watch, now_ns);
    watch->warm = now_ns >= watch->plan->run.warm_up_ns;
    for (uint32_t i = 0; i <= watch->workers; i++) {
        after_ns += watch->process[i].cpu_ns;
    }
    count_busy(watch, now_ns, after_ns - before_ns, now_ns - watch->looked_ns);
    watch->looked_ns = now_ns;
    struct tally_sample sum = sums(watch);
    uint64_t waiting = sum.waiting + sum.backlog;
    watch->waiting_peak = waiting > watch->waiting_peak ? waiting : watch->waiting_peak;
    /* Where this process was late, what happened meanwhile counts in the first of the windows. */
    while (watch_next_ns(watch) <= now_ns) {
        hand_on(watch, &sum, watch_next_ns(watch));
    }
}

void watch_finish(struct watch *watch, int64_t end_ns) {
    watch_look(watch, end_ns);
    for (uint32_t i = 0; i <= watch->workers; i++) {
        look_at_memory(&watch->process[i]);
        look_at_descriptors(&watch->process[i]);
    }
    if (end_ns > watch->sample_from_ns) {
        struct tally_sample sum = sums(watch);
        hand_on(watch, &sum, end_ns);
    }
    watch->machine_busy_ns = machine_busy_ns();
    watch->own_ns += clock_cpu_ns();
}

int64_t watch_others_ppm(const struct watch *watch, int64_t length_ns) {
    if (watch->machine_began_ns < 0 || watch->machine_busy_ns < 0 || length_ns <= 0) {
        return 0;
    }
    int64_t others = watch->machine_busy_ns - watch->machine_began_ns - watch->own_ns;
    for (uint32_t i = 0; i <= watch->workers; i++) {
        others -= watch->process[i].cpu_ns;
    }
    others = others > 0 ? others : 0;
    return (int64_t)((int128)others * 1000000 / ((int128)length_ns * watch->cores));
}
