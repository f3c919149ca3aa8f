/* Memory, looked at when a window begins, and held to be so for that window. */
#include "tests/naive/naive_engine.h"

/* Bytes of copies that are decided and had not started before `time`: as before its events. */
static int64_t starting_bytes(struct naive_host *host, int64_t time) {
    int64_t bytes = 0;
    size_t kept = 0;
    for (size_t i = 0; i < host->starting.count; i++) {
        struct starting s = LIST_AT(&host->starting, struct starting, i);
        if (s.start >= time) {
            bytes += s.bytes;
            LIST_AT(&host->starting, struct starting, kept++) = s;
        }
    }
    host->starting.count = kept;
    return bytes;
}

static int64_t open_links(struct naive *n, uint32_t h, int64_t time) {
    int64_t open = 0;
    for (size_t i = 0; i < n->links.count; i++) {
        const struct link *link = &LIST_AT(&n->links, struct link, i);
        if (colony_host_of_node(&n->colony, link->from) == h && naive_link_open_at(n, link, time)) {
            open++;
        }
    }
    return open;
}

static void look(struct naive *n, uint32_t h, int64_t time) {
    struct naive_host *host = &n->host[h];
    const struct host_profile *p = host->profile;
    int64_t bytes = host->cells_bytes + open_links(n, h, time) * p->link_bytes +
                    host->waiting_bytes + starting_bytes(host, time);
    struct tally_host *figures = &n->tally->host[h];
    if (bytes > figures->peak_memory_bytes) {
        figures->peak_memory_bytes = bytes;
    }
    bool was_over = host->over;
    host->over = p->memory_bytes != HOST_NO_LIMIT && bytes > p->memory_bytes;
    if (!host->over) {
        return;
    }
    if (!was_over) {
        *(struct interval *)naive_list_add(&host->over_spans, sizeof(struct interval)) =
            (struct interval){.from = time};
        if (n->plan->run.stop_on_death && naive_measured(n, time) && time < n->end) {
            n->end = time;
            n->stopped_by_death = true;
        }
    }
    LIST_AT(&host->over_spans, struct interval, host->over_spans.count - 1).to =
        time + MEMORY_WINDOW_NS;
}

/* Looks at every window that begins at `until` or before, and was not looked at yet. */
void naive_memory_look(struct naive *n, int64_t until) {
    while (n->next_memory_window <= until && n->next_memory_window <= n->end) {
        for (uint32_t h = 0; h < n->plan->hosts; h++) {
            look(n, h, n->next_memory_window);
        }
        n->next_memory_window += MEMORY_WINDOW_NS;
    }
}
