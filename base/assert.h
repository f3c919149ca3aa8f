/*
 * Invariants of our own making. They hold in every build, release too: a simulator that goes on
 * after a broken invariant prints wrong figures, and wrong figures are worse than none.
 * Never for input: a scenario or the wire gets an error (base/error.h).
 */
#ifndef NERVE_BASE_ASSERT_H
#define NERVE_BASE_ASSERT_H

/* Prints the broken invariant with its place on standard error and aborts. */
_Noreturn void assert_failed(const char *condition, const char *file, int line);

#define NERVE_ASSERT(condition)                                                                    \
    (__builtin_expect(!!(condition), 1) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))

#endif
