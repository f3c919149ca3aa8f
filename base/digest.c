#include "base/digest.h"

#include <inttypes.h>
#include <stdio.h>

void digest_text(const struct digest *d, char text[DIGEST_TEXT_BYTES]) {
    snprintf(text, DIGEST_TEXT_BYTES, "%016" PRIx64 "%016" PRIx64, (uint64_t)(d->sum >> 64),
             (uint64_t)d->sum);
}
