#include "cli/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"

void page_init(struct page *page, FILE *out) {
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    *page = (struct page){.out = out};
    page->colour = isatty(fileno(out)) && !(no_colour && *no_colour) && terminal && *terminal &&
                   strcmp(terminal, "dumb") != 0;
}

static bool is_mark(char c) {
    return c >= PAGE_BAD[0] && c <= PAGE_OFF[0];
}

static void write_mark(const struct page *page, char c) {
    static const char *const codes[] = {"\033[1;31m", "\033[32m", "\033[2m", "\033[1m", "\033[0m"};
    if (page->colour) {
        fputs(codes[c - PAGE_BAD[0]], page->out);
    }
}

static void write_marked(const struct page *page, const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (is_mark(text[i])) {
            write_mark(page, text[i]);
        } else {
            fputc(text[i], page->out);
        }
    }
}

/* Columns of a text in UTF-8: marks take none, and each code point one. */
static int columns(const char *text, size_t bytes) {
    int n = 0;
    for (size_t i = 0; i < bytes; i++) {
        n += !is_mark(text[i]) && ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return n;
}

void page_say(struct page *page, const char *format, ...) {
    if (!page->text) {
        page->text = open_memstream(&page->bytes, &page->size);
        NERVE_ASSERT(page->text);
    }
    va_list args;
    va_start(args, format);
    vfprintf(page->text, format, args);
    va_end(args);
}

static void write_title(const struct page *page, const char *title) {
    write_mark(page, PAGE_BOLD[0]);
    fprintf(page->out, "%-*s", PAGE_INDENT, title);
    write_mark(page, PAGE_OFF[0]);
}

void page_paragraph(struct page *page, const char *title) {
    if (!page->text) {
        return;
    }
    NERVE_ASSERT(fclose(page->text) == 0);
    page->text = NULL;
    int column = PAGE_INDENT;
    bool begins = true; /* a line */
    write_title(page, title);
    for (const char *at = page->bytes; *at;) {
        if (*at == '\n' || *at == ' ') {
            if (*at == '\n' && at[1] != '\0') {
                fprintf(page->out, "\n%*s", PAGE_INDENT, "");
                column = PAGE_INDENT;
                begins = true;
            }
            at++;
            continue;
        }
        size_t bytes = strcspn(at, " \n");
        int width = columns(at, bytes);
        if (!begins && column + 1 + width > PAGE_COLUMNS) {
            fprintf(page->out, "\n%*s", PAGE_INDENT, "");
            column = PAGE_INDENT;
        } else if (!begins) {
            fputc(' ', page->out);
            column++;
        }
        write_marked(page, at, bytes);
        column += width;
        begins = false;
        at += bytes;
    }
    fputc('\n', page->out);
    free(page->bytes);
    page->bytes = NULL;
}

void page_line(struct page *page, const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int bytes = vasprintf(&text, format, args);
    va_end(args);
    NERVE_ASSERT(bytes >= 0);
    write_marked(page, text, (size_t)bytes);
    fputc('\n', page->out);
    free(text);
}
