/* One field of a record to one cell of a block: text, time, value, attribute.
 *
 * Everything that is kept is checked here, so that the builder has nothing left to refuse but its
 * own limits, and an error can name line and column.  Text is UTF-8 by the masks of the splitter
 * alone where its blocks hold nothing but ASCII. */
#include "io/csv.h"

#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "base/utf8.h"

/* ---- times ---- */

/* The years 1 to 9999 are the seconds -62,135,596,800 to 253,402,300,799. */
#define CSV_CELLS_FIRST INT64_C(-62135596800)
#define CSV_CELLS_END INT64_C(253402300800)

static const struct csv_cells_unit {
    const char *name;
    int64_t first, last; /* whole numbers that lie within those years */
    int64_t microseconds;
} csv_cells_units[] = {
    [SJ_TIME_SECONDS] = {"seconds", CSV_CELLS_FIRST, CSV_CELLS_END - 1, 1000000},
    [SJ_TIME_MILLISECONDS] = {"milliseconds", CSV_CELLS_FIRST * 1000, CSV_CELLS_END * 1000 - 1,
                              1000},
    [SJ_TIME_MICROSECONDS] = {"microseconds", CSV_CELLS_FIRST * 1000000,
                              CSV_CELLS_END * 1000000 - 1, 1},
    [SJ_TIME_NANOSECONDS] = {"nanoseconds", INT64_MIN, INT64_MAX, 0},
};

static int csv_cells_fits(int64_t v, int32_t unit)
{
    return v >= csv_cells_units[unit].first && v <= csv_cells_units[unit].last;
}

const char *sj__csv_unit(int32_t unit)
{
    return csv_cells_units[unit].name;
}

const char *sj__csv_unit_that_fits(const char *s, size_t n)
{
    int64_t v;
    int32_t unit;
    if (sj__read_integer(s, n, &v) != SJ__READ_OK)
        return NULL;
    for (unit = SJ_TIME_SECONDS; unit < SJ_TIME_NANOSECONDS && !csv_cells_fits(v, unit); unit++)
        continue;
    return sj__csv_unit(unit);
}

static int32_t csv_cells_whole_time(int64_t v, int32_t unit, int64_t *out, int *cut)
{
    if (!csv_cells_fits(v, unit))
        return SJ__CSV_BAD_TIME_RANGE;
    if (unit == SJ_TIME_NANOSECONDS) {
        *out = v / 1000 - (v % 1000 < 0);
        *cut = v % 1000 != 0;
    } else {
        *out = v * csv_cells_units[unit].microseconds;
    }
    return SJ__CSV_CELL_FINE;
}

static int32_t csv_cells_time(sj__csv_rows *rows, const char *s, size_t n, int64_t *out)
{
    int cut = 0;
    int32_t bad = SJ__CSV_CELL_FINE;
    int64_t v;
    int read;
    if (n == 0)
        return SJ__CSV_BAD_TIME_EMPTY;
    /* A date has a sign behind its year, so that what reads as a whole number is one. */
    read = sj__read_integer(s, n, &v);
    if (read == SJ__READ_OK)
        bad = csv_cells_whole_time(v, rows->options->time_unit, out, &cut);
    else if (read == SJ__READ_RANGE)
        bad = SJ__CSV_BAD_TIME_RANGE;
    else if (sj__read_time(s, n, rows->options->time_offset, out, &cut) != SJ__READ_OK)
        bad = SJ__CSV_BAD_TIME;
    if (bad == SJ__CSV_CELL_FINE && ((rows->from != NULL && *out < *rows->from) ||
                                     (rows->until != NULL && *out > *rows->until)))
        bad = SJ__CSV_BAD_TIME_OBSERVED;
    rows->cut = cut;
    return bad;
}

/* ---- cells ---- */

static size_t csv_cells_undouble(char *to, const char *from, size_t size)
{
    size_t n = 0;
    size_t i;
    for (i = 0; i < size; i++) {
        to[n++] = from[i];
        if (from[i] == '"')
            i++;
    }
    return n;
}

static int32_t csv_cells_text(sj__csv_rows *rows, sj__csv_column *column, const sj__csv_scan *scan,
                              const sj__csv_field *field)
{
    const char *s = scan->bytes + field->begin;
    size_t n = field->end - field->begin;
    size_t at = (size_t)column->offsets[rows->n];
    if (scan->odd) {
        size_t good = sj__utf8_check(s, n);
        if (good < n) {
            rows->bad_byte = field->begin + good;
            return s[good] == '\0' ? SJ__CSV_BAD_NUL : SJ__CSV_BAD_UTF8;
        }
    }
    if (column->capacity - at < n &&
        sj__grow(&rows->allocator, &column->text, &column->capacity, at + n, NULL) != SJ_OK)
        return SJ__CSV_CELL_NOMEM;
    if (field->doubled)
        n = csv_cells_undouble(column->text + at, s, n);
    else if (n <= 16 && scan->size - field->begin >= 16 && column->capacity - at >= 16)
        memcpy(column->text + at, s,
               16); /* most are short: no call, and what is too much is written over */
    else
        memcpy(column->text + at, s, n);
    if (n > SJ__LIMIT_NAME && column->role.kind != SJ__CSV_ATTRIBUTE)
        return SJ__CSV_BAD_NAME;
    column->offsets[rows->n + 1] = (int64_t)(at + n);
    return SJ__CSV_CELL_FINE;
}

static int32_t csv_cells_number(sj__csv_rows *rows, sj__csv_column *column, const char *s, size_t n)
{
    int64_t fixed;
    int read;
    if (column->role.kind == SJ__CSV_VALUE)
        read = sj__read_fixed6(s, n, &fixed);
    else if (column->type == SJ_ATTRIBUTE_INTEGER)
        read = sj__read_integer(s, n, (int64_t *)column->numbers + rows->n);
    else
        read = sj__read_real(s, n, (double *)column->numbers + rows->n);
    if (read == SJ__READ_OK)
        return SJ__CSV_CELL_FINE;
    if (read == SJ__READ_RANGE)
        return SJ__CSV_BAD_NUMBER_RANGE;
    return memchr(s, ',', n) != NULL ? SJ__CSV_BAD_COMMA : SJ__CSV_BAD_NUMBER;
}

static int32_t csv_cells_absent(sj__csv_rows *rows, sj__csv_column *column)
{
    column->has_gaps = 1;
    column->validity[rows->n / 8] &= (uint8_t) ~(1u << rows->n % 8);
    if (column->array == SJ_ARRAY_TEXT)
        column->offsets[rows->n + 1] = column->offsets[rows->n];
    return SJ__CSV_CELL_FINE;
}

int32_t sj__csv_cell_read(sj__csv_rows *rows, sj__csv_column *column, const sj__csv_scan *scan)
{
    const sj__csv_field *field = &scan->fields[column->role.column];
    const char *s = scan->bytes + field->begin;
    size_t n = field->end - field->begin;
    int32_t bad = SJ__CSV_CELL_FINE;
    if (column->role.kind == SJ__CSV_TIME)
        return csv_cells_time(rows, s, n, (int64_t *)column->numbers + rows->n);
    if (n == 0) {
        if (column->role.kind == SJ__CSV_CUSTOMER)
            return SJ__CSV_BAD_CUSTOMER;
        if (column->role.kind == SJ__CSV_TOUCHPOINT)
            return SJ__CSV_BAD_TOUCHPOINT;
        return csv_cells_absent(rows, column);
    }
    column->validity[rows->n / 8] |= (uint8_t)(1u << rows->n % 8);
    if (column->is_number)
        bad = csv_cells_number(rows, column, s, n);
    if (bad == SJ__CSV_CELL_FINE && column->array == SJ_ARRAY_TEXT)
        bad = csv_cells_text(rows, column, scan, field);
    return bad;
}
