/*
 * How many copies the library holds, and for how long: nats.c counts what it reads, we count what
 * it hands out. It tells of drops only by subscription: with very many of them they are summed up
 * seldom, and between two sums the count stands still (it is never too high).
 */
#include "live/clock.h"
#include "live/gradients_inner.h"

enum {
    SUM_SHARE = 20,         /* summing up drops may take 1/20 of the time */
    IDLE_AFTER_NS = 2000000 /* nothing has moved for so long: the list is empty */
};

/* Under look.lock. */
static uint64_t count_read(struct gradients *g) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < g->opened; i++) {
        uint64_t read = 0;
        if (natsConnection_GetStats(g->connection[i].nats, g->look.statistics) == NATS_OK) {
            natsStatistics_GetCounts(g->look.statistics, &read, NULL, NULL, NULL, NULL);
        }
        all += read;
    }
    return all;
}

uint64_t gradients_read(struct gradients *g) {
    pthread_mutex_lock(&g->look.lock);
    uint64_t read = count_read(g);
    pthread_mutex_unlock(&g->look.lock);
    return read;
}

uint64_t gradients_handed(const struct gradients *g) {
    return atomic_load(&g->handed);
}

/* The library remembers with a connection that it has ever dropped anything of it. */
static bool any_drops(const struct gradients *g) {
    for (uint32_t i = 0; i < g->opened; i++) {
        const char *words = NULL;
        if (natsConnection_GetLastError(g->connection[i].nats, &words) == NATS_SLOW_CONSUMER) {
            return true;
        }
    }
    return false;
}

/* Whether look.dropped is as of now. */
static bool know_dropped(struct gradients *g, int64_t now_ns) {
    struct gradients_look *look = &g->look;
    look->drops = look->drops || any_drops(g);
    if (!look->drops) {
        return true;
    }
    if (now_ns < look->next_sum_ns) {
        return false;
    }
    look->dropped = gradients_dropped_all(g);
    int64_t after_ns = clock_monotonic_ns();
    look->next_sum_ns = after_ns + SUM_SHARE * (after_ns - now_ns);
    return true;
}

/* --- marks ------------------------------------------------------------------------------- */

static void aim(struct gradients *g) {
    const struct gradients_look *look = &g->look;
    uint64_t at = look->unpassed == look->newest ? UINT64_MAX
                                                 : look->mark[look->unpassed % GRADIENTS_MARKS].at;
    atomic_store_explicit(&g->mark_at, at, memory_order_relaxed);
}

static void pass(struct gradients_look *look, uint64_t handed) {
    int64_t now_ns = clock_monotonic_ns();
    for (; look->unpassed != look->newest; look->unpassed++) {
        struct gradients_mark *mark = &look->mark[look->unpassed % GRADIENTS_MARKS];
        if (mark->at > handed) {
            break;
        }
        mark->passed_ns = now_ns;
    }
}

void gradients_pass_marks(struct gradients *g, uint64_t handed) {
    /* A look takes the lock, too, and may wait for this thread's own publication: it looks again.
     */
    if (pthread_mutex_trylock(&g->look.lock) == 0) {
        pass(&g->look, handed);
        aim(g);
        pthread_mutex_unlock(&g->look.lock);
    }
}

/* `fresh` copies have been read since the last look, and `held` lie there: those that came and
 * went meanwhile were held for next to nothing, the others until the last one leaves. */
static void set_mark(struct gradients *g, uint64_t fresh, int64_t now_ns,
                     struct tally_buffer *reader) {
    struct gradients_look *look = &g->look;
    uint64_t stay = fresh < look->held ? fresh : look->held;
    if (fresh > stay && reader->held) {
        histogram_record(reader->held, 0, fresh - stay);
    }
    if (stay > 0 && look->newest - look->unrecorded < GRADIENTS_MARKS) {
        look->mark[look->newest++ % GRADIENTS_MARKS] = (struct gradients_mark){
            .at = look->handed + look->held, .copies = stay, .from_ns = now_ns};
    }
}

static void record_passed(struct gradients_look *look, struct tally_buffer *reader) {
    for (; look->unrecorded != look->unpassed; look->unrecorded++) {
        const struct gradients_mark *mark = &look->mark[look->unrecorded % GRADIENTS_MARKS];
        if (reader->held) {
            histogram_record(reader->held, mark->passed_ns - mark->from_ns, mark->copies);
        }
    }
}

/* --- a look -------------------------------------------------------------------------------- */

/* Where nothing is read, nothing handed out and nobody in a callback, what seems to be held has
 * gone: it came for a subscription that had ended. */
static uint64_t settle(struct gradients *g, uint64_t read, uint64_t handed, uint64_t seems,
                       int64_t now_ns) {
    struct gradients_look *look = &g->look;
    bool moved = read != look->read || handed != look->handed ||
                 atomic_load_explicit(&g->left, memory_order_acquire) != handed;
    look->changed_ns = moved || look->changed_ns == 0 ? now_ns : look->changed_ns;
    if (seems > 0 && now_ns - look->changed_ns >= IDLE_AFTER_NS) {
        look->gone += seems;
        return 0;
    }
    return seems;
}

uint64_t gradients_held(struct gradients *g, int64_t now_ns, struct tally_buffer *reader) {
    struct gradients_look *look = &g->look;
    int64_t real_ns = clock_monotonic_ns();
    pthread_mutex_lock(&look->lock);
    /* Read first: what is handed out in between is not counted as held. */
    uint64_t read = count_read(g), handed = atomic_load_explicit(&g->handed, memory_order_acquire);
    uint64_t before = look->held, fresh = read - look->read;
    bool known = know_dropped(g, real_ns);
    if (known) {
        uint64_t accounted = handed + look->dropped + look->gone;
        look->held = settle(g, read, handed, read > accounted ? read - accounted : 0, real_ns);
    }
    look->read = read;
    look->handed = handed;
    if (reader) {
        reader->peak = look->held > reader->peak ? look->held : reader->peak;
        if (look->looked_ns > 0 && now_ns > look->looked_ns) {
            reader->held_sum_ns += (uint128)before * (uint64_t)(now_ns - look->looked_ns);
        }
        look->looked_ns = now_ns;
        if (known) {
            set_mark(g, fresh, real_ns, reader);
        }
        /* Where all has left, no mark is open: what it stood for may have gone in silence. */
        pass(look, look->held == 0 ? UINT64_MAX : atomic_load(&g->handed));
        record_passed(look, reader);
        aim(g);
    }
    uint64_t held = look->held;
    pthread_mutex_unlock(&look->lock);
    return held;
}
