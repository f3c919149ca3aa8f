#include "bench/bare.h"

#include <stdlib.h>
#include <time.h>

#include "base/assert.h"
#include "base/memory.h"

/* clang-format off */
const uint8_t bare_log2[256] = {
      0,   1,   2,   4,   5,   7,   8,   9,  11,  12,  14,  15,  16,  18,  19,  21,
     22,  23,  25,  26,  27,  29,  30,  31,  33,  34,  35,  37,  38,  39,  40,  42,
     43,  44,  46,  47,  48,  49,  51,  52,  53,  54,  56,  57,  58,  59,  61,  62,
     63,  64,  65,  67,  68,  69,  70,  71,  73,  74,  75,  76,  77,  78,  80,  81,
     82,  83,  84,  85,  87,  88,  89,  90,  91,  92,  93,  94,  96,  97,  98,  99,
    100, 101, 102, 103, 104, 105, 106, 108, 109, 110, 111, 112, 113, 114, 115, 116,
    117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 131, 132, 133,
    134, 135, 136, 137, 138, 139, 140, 140, 141, 142, 143, 144, 145, 146, 147, 148,
    149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 162, 163,
    164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 173, 174, 175, 176, 177, 178,
    179, 180, 181, 181, 182, 183, 184, 185, 186, 187, 188, 188, 189, 190, 191, 192,
    193, 194, 194, 195, 196, 197, 198, 199, 200, 200, 201, 202, 203, 204, 205, 205,
    206, 207, 208, 209, 209, 210, 211, 212, 213, 214, 214, 215, 216, 217, 218, 218,
    219, 220, 221, 222, 222, 223, 224, 225, 225, 226, 227, 228, 229, 229, 230, 231,
    232, 232, 233, 234, 235, 235, 236, 237, 238, 239, 239, 240, 241, 242, 242, 243,
    244, 245, 245, 246, 247, 247, 248, 249, 250, 250, 251, 252, 253, 253, 254, 255};
/* clang-format on */

int64_t bare_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int shift_of(int64_t n) {
    NERVE_ASSERT(n > 0 && (n & (n - 1)) == 0); /* the profiles of the workloads */
    return __builtin_ctzll((uint64_t)n);
}

static void make_lines(struct bare *b) {
    const struct host_profile *p = b->profile;
    uint32_t last = p->latency_points - 1;
    b->line_low = bare_log2_256((uint64_t)p->line_latency[0].bytes);
    b->line_count = bare_log2_256((uint64_t)p->line_latency[last].bytes) - b->line_low + 1;
    b->line_ns = memory_new(b->line_count, sizeof *b->line_ns);
    b->line_ns[0] = (uint32_t)p->line_latency[0].ns;
    for (uint32_t i = 0; i < last; i++) {
        const struct host_latency_point *from = &p->line_latency[i], *to = from + 1;
        int64_t low = bare_log2_256((uint64_t)from->bytes);
        int64_t high = bare_log2_256((uint64_t)to->bytes);
        for (int64_t l = low; l <= high && high > low; l++) {
            b->line_ns[l - b->line_low] =
                (uint32_t)(from->ns + (to->ns - from->ns) * (l - low) / (high - low));
        }
    }
    b->line_first = (uint32_t)p->line_latency[last].ns;
    b->domains_shift = shift_of(p->cache_domains);
    b->gain_shift = shift_of(p->prefetch_gain);
    b->lines = (uint32_t)(p->touch_bytes / 64);
    b->window_until = BARE_WINDOW_NS;
    b->window_capacity =
        p->bandwidth_bytes_per_s / 1000 * BARE_WINDOW_NS / 1000000; /* whole in the profiles */
    b->stretch = 256;
}

static void make_cores(struct bare *b) {
    const struct host_profile *p = b->profile;
    b->counted = p->cores != HOST_NO_LIMIT;
    NERVE_ASSERT(p->cores < BARE_CORE_SLOTS);
    for (int64_t core = p->cores - 1; core >= 0; core--) {
        b->cores.idle[b->cores.idlers++] = (uint64_t)core;
    }
    b->cores.spin_ns = p->idle_spin_ns;
    b->cores.sleep_ns = p->idle_sleep_ns;
    b->cores.spin_max_ns = p->spin_max_ns;
}

struct bare *bare_make(const struct plan *plan) {
    struct bare *b = memory_new(1, sizeof *b);
    b->plan = plan;
    b->profile = &plan->host[0].profile;
    make_lines(b);
    make_cores(b);
    b->wake_ns = b->profile->wake_ns + (b->profile->cores == 1 ? 0 : b->profile->transfer_ns);
    b->send_ns = b->profile->send_ns + b->profile->send_scattered_ns;
    b->cell = memory_map(plan->colony.cells * sizeof *b->cell);
    for (uint32_t cell = 0; cell < plan->colony.cells; cell++) {
        b->cell[cell] = (struct bare_cell){.free_at = -1, .touched_at = UINT64_MAX};
    }
    return b;
}

struct bare_result bare_free(struct bare *b, int64_t cpu_ns) {
    struct bare_result result = {b->wakes, cpu_ns, b->busy_ns};
    memory_unmap(b->cell, b->plan->colony.cells * sizeof *b->cell);
    free(b->line_ns);
    free(b);
    return result;
}
