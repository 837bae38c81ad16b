/* Cells: what the formats have in common. */
#include "report/cells.h"

sj__cells *sj__cells_of(const sj_table *table, const sj_allocator *a)
{
    size_t n = sj_table_columns(table);
    sj__cells *cells = sj__alloc(a, n, sizeof *cells);
    for (size_t i = 0; cells != NULL && i < n; i++) {
        const char *name = sj_table_column(table, i);
        cells[i] = (sj__cells){.name = name,
                               .type = sj_table_type(table, name),
                               .unit = sj_table_unit(table, name),
                               .integers = sj_table_integers(table, name),
                               .reals = sj_table_reals(table, name),
                               .bytes = sj_table_bytes(table, name),
                               .offsets = sj_table_offsets(table, name),
                               .validity = sj_table_validity(table, name)};
    }
    return cells;
}

int sj__cells_present(const sj__cells *cells, size_t entry)
{
    if (cells->validity != NULL && !(cells->validity[entry / 8] >> (entry % 8) & 1))
        return 0;
    return cells->type != SJ_COLUMN_REAL || cells->reals[entry] - cells->reals[entry] == 0.0;
}

size_t sj__cells_entries(const sj__cells *cells, size_t row, size_t *n)
{
    *n = 1;
    if (cells->type != SJ_COLUMN_LIST)
        return row;
    *n = (size_t)(cells->offsets[row + 1] - cells->offsets[row]);
    return (size_t)cells->offsets[row];
}

const char *sj__cells_text(const sj__cells *cells, size_t row, size_t *n)
{
    *n = (size_t)(cells->offsets[row + 1] - cells->offsets[row]) - 1;
    return cells->bytes + cells->offsets[row];
}

int sj__cells_whole(double v, int64_t *out)
{
    const double limit = 9223372036854774784.0; /* the greatest double below 2^63 */
    if (!(v >= -limit && v <= limit))
        return 0;
    *out = (int64_t)v;
    double rest = v - (double)*out;
    *out += (rest >= 0.5) - (rest <= -0.5);
    return 1;
}

void sj__cells_write(const sj__cells *cells, size_t entry, sj__text *to)
{
    if (cells->type == SJ_COLUMN_REAL) {
        double v = cells->reals[entry];
        int64_t time;
        if (cells->unit == SJ_UNIT_TIME && sj__cells_whole(v, &time))
            sj__text_time(to, time);
        else
            sj__text_real(to, cells->unit == SJ_UNIT_SPAN ? v / 1e6 : v);
        return;
    }
    int64_t v = cells->integers[entry];
    if (cells->unit == SJ_UNIT_TIME)
        sj__text_time(to, v);
    else if (cells->unit == SJ_UNIT_SPAN)
        sj__text_fixed6(to, v);
    else
        sj__text_integer(to, v);
}
