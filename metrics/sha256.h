/* SHA-256 (FIPS 180-4) of a text: the name of a scenario's content. Pure. */
#ifndef NERVE_METRICS_SHA256_H
#define NERVE_METRICS_SHA256_H

#include <stddef.h>

enum { SHA256_TEXT_BYTES = 65 }; /* 64 hex digits and the end */

void sha256_text(const void *data, size_t bytes, char text[SHA256_TEXT_BYTES]);

#endif
