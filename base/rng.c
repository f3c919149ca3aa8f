#include "base/rng.h"

#include "base/wide.h"

int64_t rng_exponential(uint64_t bits, int64_t mean) {
    uint32_t step = (uint32_t)(bits >> 48);
    uint64_t place = bits >> 16 & 0xffffffffU;
    uint64_t low = rng_exponential_step(step);
    uint64_t width = rng_exponential_step(step + 1) - low;
    uint64_t value = low + (uint64_t)((uint128)width * place >> 32); /* the last width is 2^33 */
    return (int64_t)((uint128)value * (uint64_t)mean >> 32);
}
