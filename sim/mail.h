/* A cell's mailbox gives its head: part of `ready`. Inline. */
#ifndef NERVE_SIM_MAIL_H
#define NERVE_SIM_MAIL_H

#include "sim/figures.h"
#include "sim/wake.h"

/* What a copy holds of the host's memory as it waits. */
static inline int64_t mail_bytes(const struct host *h, uint64_t what) {
    return what_nature(what) == EVENT_ARRIVAL ? h->wait_bytes[what_kind(what)]
                                              : h->profile->envelope_bytes;
}

/* The head of a mailbox that holds some. */
static inline struct mail *mail_head(const struct sim *s, const struct cell *c) {
    return sim_mail(s, sim_mail(s, c->mail)->next);
}

/* Takes the head, which becomes the cell's job at `now`; whether more wait behind it. Its bytes
 * wait on until the job's start: the job counts from there. */
static inline bool mail_take(struct sim *s, struct host *h, struct cell *c, int64_t now,
                             struct copy *copy) {
    struct mail *last = sim_mail(s, c->mail);
    uint32_t place = last->next;
    struct mail *mail = sim_mail(s, place);
    *copy = (struct copy){mail->what, mail->body, mail->source, mail->arrived};
    bool more = place != c->mail;
    if (more) {
        last->next = mail->next;
    } else {
        c->mail = 0;
    }
    pool_give(&s->mail, place);
    figures_release(s, PLACE_MAILBOX, now - copy->arrived);
    h->waiting_bytes -= mail_bytes(h, copy->what);
    return more;
}

#endif
