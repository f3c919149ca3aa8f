/* 128-bit integers, for sums and products that 64 bits would cut. gcc and clang both have them. */
#ifndef NERVE_BASE_WIDE_H
#define NERVE_BASE_WIDE_H

__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;

#endif
