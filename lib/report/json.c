/* Tables as JSON (RFC 8259): an array with an object per row, a row to a line. */
#include "report/cells.h"

#include <string.h>

void sj__write_json_string(const char *s, size_t n, sj__text *to)
{
    static const char digits[] = "0123456789abcdef";
    sj__text_char(to, '"');
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        sj__text_bytes(to, s + from, i - from);
        from = i + 1;
        sj__text_char(to, '\\');
        if (c == '"' || c == '\\') {
            sj__text_char(to, (char)c);
        } else if (c == '\n') {
            sj__text_char(to, 'n');
        } else {
            sj__text_add(to, "u00");
            sj__text_char(to, digits[c >> 4]);
            sj__text_char(to, digits[c & 15]);
        }
    }
    sj__text_bytes(to, s + from, n - from);
    sj__text_char(to, '"');
}

static void json_entry(const sj__cells *cells, size_t entry, sj__text *to)
{
    if (!sj__cells_present(cells, entry)) {
        sj__text_add(to, "null");
        return;
    }
    int quoted = cells->unit == SJ_UNIT_TIME;
    if (quoted)
        sj__text_char(to, '"');
    sj__cells_write(cells, entry, to);
    if (quoted)
        sj__text_char(to, '"');
}

static void json_cell(const sj__cells *cells, size_t row, sj__text *to)
{
    if (cells->type == SJ_COLUMN_TEXT && sj__cells_present(cells, row)) {
        size_t n;
        const char *text = sj__cells_text(cells, row, &n);
        sj__write_json_string(text, n, to);
    } else if (cells->type == SJ_COLUMN_LIST) {
        size_t n;
        size_t first = sj__cells_entries(cells, row, &n);
        sj__text_char(to, '[');
        for (size_t i = 0; i < n; i++) {
            if (i > 0)
                sj__text_add(to, ", ");
            json_entry(cells, first + i, to);
        }
        sj__text_char(to, ']');
    } else {
        json_entry(cells, row, to);
    }
}

void sj__write_json(const sj_table *table, const sj__cells *cells, sj__text *to)
{
    size_t n_columns = sj_table_columns(table);
    size_t n_rows = sj_table_rows(table);
    sj__text_char(to, '[');
    for (size_t row = 0; row < n_rows; row++) {
        sj__text_add(to, row > 0 ? ",\n{" : "\n{");
        for (size_t i = 0; i < n_columns; i++) {
            if (i > 0)
                sj__text_add(to, ", ");
            sj__write_json_string(cells[i].name, strlen(cells[i].name), to);
            sj__text_add(to, ": ");
            json_cell(&cells[i], row, to);
        }
        sj__text_char(to, '}');
    }
    sj__text_add(to, n_rows > 0 ? "\n]" : "]");
}
