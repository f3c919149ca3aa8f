/*
 * An operational failure: a text that says what went wrong and what to do about it.
 * The caller owns the struct; a function that fails fills it and returns -1.
 */
#ifndef NERVE_BASE_ERROR_H
#define NERVE_BASE_ERROR_H

struct error {
    char text[512];
};

/* Fills the error (NULL: nobody wants it) and returns -1, so that `return error_set(...)` reads. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
