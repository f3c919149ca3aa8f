/*
 * What waits in a worker, in memory alone: copies between cells of one node, publications for their
 * own node, and the mailboxes of cells that are held up by a full link (on_full: block). One queue
 * first in first out, so that nothing recurses; a held-up cell's copies go aside into its mailbox.
 *
 * Memory: local_init, local_deinit; one thread at a time.
 */
#ifndef NERVE_LIVE_LOCAL_H
#define NERVE_LIVE_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/frame.h"
#include "metrics/tally.h"
#include "model/subjects.h"

enum local_kind {
    LOCAL_COPY,     /* a targeted copy on its own node */
    LOCAL_GRADIENT, /* a publication's copies on its publisher's own node */
    LOCAL_FREED,    /* the cell is not held up any more: its mailbox goes on */
};

struct local_item {
    enum local_kind kind;
    uint32_t cell;                   /* FREED */
    int64_t at_ns;                   /* since when it waits */
    const struct audience *audience; /* GRADIENT: held */
    struct frame frame;
};

/* A copy in the mailbox of a held-up cell. */
struct local_mail {
    uint32_t next;  /* in the ring; place 0 is none */
    uint8_t slot;   /* of the gradient's subscription; LOCAL_NO_SLOT */
    uint16_t place; /* of the timer, or of the fault */
    uint8_t nature; /* as the worker knows it */
    bool again;     /* its publication has woken the cell before */
    int64_t at_ns;
    struct frame frame;
};

enum { LOCAL_NO_SLOT = 255 };

struct local {
    struct local_item *item;
    size_t head, count, room;
    struct local_mail *mail;
    uint32_t mails, mail_room, mail_free;
    /* By own cell: copies of it that wait for a link, and its mailbox's last mail (a ring). */
    uint32_t *held_up, *mailbox;
    uint32_t first_cell;
    size_t bytes;
    uint64_t mailed;      /* in all mailboxes */
    uint64_t held_up_all; /* copies that wait for a link, of all cells */
};

void local_init(struct local *local, uint32_t first_cell, uint32_t end_cell);
void local_deinit(struct local *local);

struct local_item *local_push(struct local *local); /* to be filled */
bool local_pop(struct local *local, struct local_item *item);

static inline bool local_held_up(const struct local *local, uint32_t cell) {
    return local->held_up[cell - local->first_cell] > 0;
}

/* Whether copies wait in the cell's mailbox. */
static inline bool local_mailed(const struct local *local, uint32_t cell) {
    return local->mailbox[cell - local->first_cell] != 0;
}

void local_mail(struct local *local, uint32_t cell, const struct local_mail *mail);

/* The first of a cell's mailbox; false: it is empty. */
bool local_take_mail(struct local *local, uint32_t cell, struct local_mail *mail);

/* Copies of that subscription that wait in the cell's mailbox. */
uint64_t local_mails_of(const struct local *local, uint32_t cell, uint8_t slot);

#endif
