/*
 * A page for people: paragraphs with a title at their left, wrapped at 100 columns, with a little
 * colour on a terminal (none where NO_COLOR is set, TERM is dumb, or it is a file).
 */
#ifndef NERVE_CLI_PAGE_H
#define NERVE_CLI_PAGE_H

#include <stdbool.h>
#include <stdio.h>

enum { PAGE_COLUMNS = 100, PAGE_INDENT = 11 };

/* Marks in texts: they take no column, and are colours or nothing. */
#define PAGE_BAD  "\1"
#define PAGE_GOOD "\2"
#define PAGE_DIM  "\3"
#define PAGE_BOLD "\4"
#define PAGE_OFF  "\5"

struct page {
    FILE *out;
    bool colour;
    /* The paragraph that is being written. */
    FILE *text;
    char *bytes;
    size_t size;
};

/* Colour where `out` is a terminal that shows it. */
void page_init(struct page *page, FILE *out);

/* Adds to the paragraph. */
void page_say(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes the paragraph with its title ("": as the one before goes on); an empty one writes
 * nothing. '\n' in it begins a line. */
void page_paragraph(struct page *page, const char *title);

/* Writes one line as it is, with its marks made colours. */
void page_line(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
