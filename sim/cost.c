#include "sim/cost.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* clang-format off */
const uint8_t cost_log2[256] = {
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

/* The least x whose log2, in 1/256, reaches that; times the domains. */
static uint64_t bytes_from(const struct host *h, uint32_t log2) {
    uint32_t lead = log2 / 256, i = 0;
    while (cost_log2[i] < log2 % 256) {
        i++;
    }
    uint64_t x = lead >= 8 ? (256ULL + i) << (lead - 8)
                           : (1ULL << lead) + ((i + (1U << (8 - lead)) - 1) >> (8 - lead));
    uint64_t bytes = 0;
    return __builtin_mul_overflow(x, (uint64_t)h->profile->cache_domains, &bytes) ? UINT64_MAX
                                                                                  : bytes;
}

void cost_ranges(struct host *h) {
    h->line_range = memory_new(h->line_count, sizeof *h->line_range);
    for (uint32_t i = 0, end; i < h->line_count; i = end) {
        end = i + 1;
        while (end < h->line_count && h->line_ns[end] == h->line_ns[i]) {
            end++;
        }
        struct cost_range range = {i == 0 ? 0 : bytes_from(h, h->line_low + i),
                                   end == h->line_count ? UINT64_MAX
                                                        : bytes_from(h, h->line_low + end)};
        for (uint32_t k = i; k < end; k++) {
            h->line_range[k] = range;
        }
    }
    if (__builtin_mul_overflow((uint64_t)h->profile->memory_from_bytes,
                               (uint64_t)h->profile->cache_domains, &h->memory_from)) {
        h->memory_from = UINT64_MAX;
    }
}

void cost_next_bandwidth_window(struct host *h, int64_t start) {
    int64_t window = start / BANDWIDTH_WINDOW_NS;
    int64_t before = window == h->bandwidth_window + 1 ? h->bandwidth_bytes : 0;
    if (h->bandwidth_bytes > h->bandwidth_max) {
        h->bandwidth_max = h->bandwidth_bytes;
    }
    int64_t stretch = 256 * before / h->bandwidth_capacity;
    h->stretch = stretch > 256 ? stretch : 256;
    h->bandwidth_bytes = 0;
    h->bandwidth_window = window;
    h->bandwidth_until = (window + 1) * BANDWIDTH_WINDOW_NS;
}

void busy_init(struct busy_ring *ring, int64_t width, uint32_t hosts) {
    memset(ring, 0, sizeof *ring);
    ring->width = width;
    ring->hosts = hosts;
    ring->stride = 2 * hosts + 2;
    ring->room = 64;
    ring->row = memory_new((size_t)ring->room * ring->stride, sizeof *ring->row);
    ring->now = ring->row;
    ring->high = width;
}

void busy_deinit(struct busy_ring *ring) {
    free(ring->row);
    memset(ring, 0, sizeof *ring);
}

static int64_t *ring_row(const struct busy_ring *ring, int64_t window) {
    return ring->row + ((uint64_t)window & (ring->room - 1)) * ring->stride;
}

/* Makes room for a window beyond the last. */
static void ring_reach(struct busy_ring *ring, int64_t window) {
    if (window - ring->first >= ring->room) {
        uint32_t room = ring->room;
        while (window - ring->first >= room) {
            room *= 2;
        }
        struct busy_ring grown = *ring;
        grown.room = room;
        grown.row = memory_new((size_t)room * ring->stride, sizeof *ring->row);
        for (int64_t w = ring->first; w <= ring->last; w++) {
            memcpy(ring_row(&grown, w), ring_row(ring, w), ring->stride * sizeof *ring->row);
        }
        free(ring->row);
        *ring = grown;
    }
    ring->last = window > ring->last ? window : ring->last;
}

void busy_move(struct busy_ring *ring, int64_t time) {
    int64_t window = time / ring->width;
    ring_reach(ring, window);
    ring->low = window * ring->width;
    ring->high = ring->low + ring->width;
    ring->now = ring_row(ring, window);
}

void busy_add_slow(struct busy_ring *ring, uint32_t host, int64_t start, int64_t end) {
    busy_move(ring, start);
    while (end > ring->high) {
        ring->now[host] += ring->high - start;
        start = ring->high;
        busy_move(ring, start);
    }
    ring->now[host] += end - start;
}

const int64_t *busy_row(const struct busy_ring *ring, int64_t window) {
    return window < ring->first || window > ring->last ? NULL : ring_row(ring, window);
}

void busy_drop_first(struct busy_ring *ring) {
    if (ring->first <= ring->last) {
        memset(ring_row(ring, ring->first), 0, ring->stride * sizeof *ring->row);
    }
    ring->first++;
    if (ring->last < ring->first) {
        ring->last = ring->first;
    }
    if (ring->low < ring->first * ring->width) {
        busy_move(ring, ring->first * ring->width);
    }
}

void busy_forget(struct busy_ring *ring) {
    for (int64_t window = ring->first; window <= ring->last; window++) {
        int64_t *row = ring_row(ring, window);
        memcpy(row + ring->hosts + 2, row, ring->hosts * sizeof *row);
    }
}

void cost_leaving_grow(struct host *h, int64_t window, int64_t now_window) {
    uint32_t room = h->leaving_room;
    while (window - now_window >= room) {
        room *= 2;
    }
    int64_t *grown = memory_new(room, sizeof *grown);
    for (int64_t w = now_window; w <= h->leaving_last; w++) {
        grown[(uint64_t)w & (room - 1)] = h->leaving[(uint64_t)w & (h->leaving_room - 1)];
    }
    free(h->leaving);
    h->leaving = grown;
    h->leaving_room = room;
}
