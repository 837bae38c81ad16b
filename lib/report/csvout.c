/* Tables as CSV: fields quoted as in RFC 4180, lines end with a newline alone.  A text of no
 * length is "", an absent cell is nothing. */
#include "report/cells.h"

#include <string.h>

static void csvout_text(const char *s, size_t n, sj__text *to)
{
    int quoted = n == 0;
    for (size_t i = 0; i < n && !quoted; i++)
        quoted = s[i] == '"' || s[i] == ',' || s[i] == '\n' || s[i] == '\r';
    if (quoted)
        sj__text_quoted(to, s, n, '"');
    else
        sj__text_bytes(to, s, n);
}

static void csvout_cell(const sj__cells *cells, size_t row, sj__text *to)
{
    size_t n;
    if (cells->type == SJ_COLUMN_TEXT) {
        if (!sj__cells_present(cells, row))
            return;
        const char *text = sj__cells_text(cells, row, &n);
        csvout_text(text, n, to);
        return;
    }
    size_t first = sj__cells_entries(cells, row, &n);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            sj__text_char(to, ';');
        if (sj__cells_present(cells, first + i))
            sj__cells_write(cells, first + i, to);
    }
}

void sj__write_csv(const sj_table *table, const sj__cells *cells, sj__text *to)
{
    size_t n_columns = sj_table_columns(table);
    for (size_t i = 0; i < n_columns; i++) {
        if (i > 0)
            sj__text_char(to, ',');
        csvout_text(cells[i].name, strlen(cells[i].name), to);
    }
    sj__text_char(to, '\n');
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        for (size_t i = 0; i < n_columns; i++) {
            if (i > 0)
                sj__text_char(to, ',');
            csvout_cell(&cells[i], row, to);
        }
        sj__text_char(to, '\n');
    }
}
