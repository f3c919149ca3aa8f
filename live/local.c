#include "live/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void local_init(struct local *local, uint32_t first_cell, uint32_t end_cell) {
    *local = (struct local){.first_cell = first_cell, .room = 64, .mail_room = 64, .mails = 1};
    local->item = memory_new(local->room, sizeof *local->item);
    local->mail = memory_new(local->mail_room, sizeof *local->mail);
    local->bytes = (size_t)(end_cell - first_cell) * sizeof(uint32_t);
    local->held_up = memory_map(local->bytes);
    local->mailbox = memory_map(local->bytes);
}

void local_deinit(struct local *local) {
    free(local->item);
    free(local->mail);
    memory_unmap(local->held_up, local->bytes);
    memory_unmap(local->mailbox, local->bytes);
    *local = (struct local){0};
}

struct local_item *local_push(struct local *local) {
    if (local->count == local->room) {
        local->item = memory_grow(local->item, local->room * 2, sizeof *local->item);
        /* What had wrapped round to the front follows the rest. */
        memcpy(local->item + local->room, local->item, local->head * sizeof *local->item);
        local->room *= 2;
    }
    return &local->item[(local->head + local->count++) & (local->room - 1)];
}

bool local_pop(struct local *local, struct local_item *item) {
    if (local->count == 0) {
        return false;
    }
    *item = local->item[local->head];
    local->head = (local->head + 1) & (local->room - 1);
    local->count--;
    return true;
}

static uint32_t mail_new(struct local *local) {
    uint32_t place = local->mail_free;
    if (place) {
        local->mail_free = local->mail[place].next;
        return place;
    }
    if (local->mails == local->mail_room) {
        local->mail_room *= 2;
        local->mail = memory_grow(local->mail, local->mail_room, sizeof *local->mail);
    }
    return local->mails++;
}

void local_mail(struct local *local, uint32_t cell, const struct local_mail *mail) {
    uint32_t *last = &local->mailbox[cell - local->first_cell];
    uint32_t place = mail_new(local);
    local->mail[place] = *mail;
    if (*last) {
        local->mail[place].next = local->mail[*last].next;
        local->mail[*last].next = place;
    } else {
        local->mail[place].next = place;
    }
    *last = place;
    local->mailed++;
}

bool local_take_mail(struct local *local, uint32_t cell, struct local_mail *mail) {
    uint32_t *last = &local->mailbox[cell - local->first_cell];
    if (*last == 0) {
        return false;
    }
    uint32_t first = local->mail[*last].next;
    *mail = local->mail[first];
    if (first == *last) {
        *last = 0;
    } else {
        local->mail[*last].next = mail->next;
    }
    local->mail[first].next = local->mail_free;
    local->mail_free = first;
    local->mailed--;
    return true;
}

uint64_t local_mails_of(const struct local *local, uint32_t cell, uint8_t slot) {
    uint32_t last = local->mailbox[cell - local->first_cell];
    uint64_t count = 0;
    for (uint32_t at = last; at;) {
        count += local->mail[at].slot == slot;
        at = local->mail[at].next == last ? 0 : local->mail[at].next;
    }
    return count;
}
