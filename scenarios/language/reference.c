#include <string.h>

#include "scenarios/language/keys.h"

/* Text in a table's cell: a bar would end it. */
static void write_cell(const char *text, FILE *file) {
    for (; *text; text++) {
        fprintf(file, *text == '|' ? "\\|" : "%c", *text);
    }
}

static void write_row(const struct key *row, FILE *file) {
    char type[256];
    keys_type_text(row, type, sizeof type);
    fputs("| `", file);
    write_cell(row->path, file);
    fputs("` | ", file);
    write_cell(type, file);
    fputs(" | ", file);
    if (row->flags & KEY_REQUIRED) {
        fputs("must be given", file);
    } else if (row->initial) {
        fprintf(file, "`%s`", row->initial);
    }
    fputs(" | ", file);
    if (row->example) {
        fputs("`", file);
        write_cell(row->example, file);
        fputs("`", file);
    }
    fputs(" | ", file);
    write_cell(row->doc, file);
    fputs(" |\n", file);
}

static void begin_table(const char *title, FILE *file) {
    fprintf(file,
            "\n## %s\n\n| key | type | default | example | what it does |\n|---|---|---|---|---|\n",
            title);
}

/* Whether a path is the head or lies under it. */
static bool is_under(const char *path, const char *head) {
    size_t bytes = strlen(head);
    return strncmp(path, head, bytes) == 0 && (path[bytes] == '.' || !path[bytes]);
}

void language_reference(FILE *file) {
    fputs("# The scenario language: every key\n\n"
          "Made from the table of keys that the reader checks with (a test keeps it so); "
          "`nerve explain KEY` says the same of one key. Where a type says `map: NAME`, the keys "
          "of that map are in the table NAME. `*` stands for a name of yours. What is not built "
          "yet is refused.\n",
          file);
    begin_table("A scenario", file);
    size_t place = 0;
    const struct key *row;
    while ((row = keys_next(keys_root(""), &place))) {
        write_row(row, file);
    }
    for (size_t i = 0; i < keys_count(); i++) {
        const char *head = keys_row(i)->path;
        if (!*head || strchr(head, '.') || !keys_is_map(keys_row(i))) {
            continue;
        }
        begin_table(head, file);
        for (size_t k = 0; k < keys_count(); k++) {
            if (is_under(keys_row(k)->path, head)) {
                write_row(keys_row(k), file);
            }
        }
    }
}
