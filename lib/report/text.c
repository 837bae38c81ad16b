/* Tables for people: columns aligned by the width that a terminal gives them, numbers to the
 * right, with as many digits as one reads.  Every cell is written twice, to measure and to show.
 * O(bytes shown). */
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "report/cells.h"

/* ------------------------------------------------------------------------------------- numbers --
 */

/* Millionths, rounded (halves away from 0) to so many decimals, 0 to 6. */
static void aligned_decimal(sj__text *to, int64_t millionths, unsigned decimals)
{
    uint64_t magnitude = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
    uint64_t step = 1, one = 1;
    for (unsigned i = decimals; i < 6; i++)
        step *= 10;
    for (unsigned i = 0; i < decimals; i++)
        one *= 10;
    uint64_t rounded = magnitude / step + (magnitude % step >= step - step / 2);
    if (millionths < 0 && rounded > 0)
        sj__text_char(to, '-');
    sj__text_unsigned(to, rounded / one);
    if (decimals > 0)
        sj__text_char(to, '.');
    for (uint64_t place = one / 10, rest = rounded % one; place > 0; place /= 10)
        sj__text_char(to, (char)('0' + rest / place % 10));
}

/* Three digits and an exponent, for what lies between -0.001 and 0.001 and is not 0. */
static void aligned_small(sj__text *to, double v)
{
    int64_t exponent = 0;
    int64_t millionths = 0;
    while ((v < 0 ? -v : v) < 0.9995 && exponent < 400) {
        v *= 10;
        exponent++;
    }
    if (sj__fixed6_from_real(v, &millionths) != SJ__READ_OK)
        return;
    aligned_decimal(to, millionths, 2);
    sj__text_add(to, exponent < 10 ? "e-0" : "e-");
    sj__text_integer(to, exponent);
}

static void aligned_real(sj__text *to, double v, int32_t unit)
{
    double magnitude = v < 0 ? -v : v;
    int64_t millionths;
    if (sj__fixed6_from_real(v, &millionths) != SJ__READ_OK)
        sj__text_real(to, v);
    else if (magnitude < 0.001 && v != 0.0)
        aligned_small(to, v);
    else
        aligned_decimal(to, millionths,
                        unit == SJ_UNIT_VALUE || magnitude >= 100 ? 2
                        : magnitude >= 1                          ? 3
                                                                  : 4);
}

static void aligned_share(sj__text *to, double v)
{
    int64_t millionths;
    if (sj__fixed6_from_real(v * 100, &millionths) == SJ__READ_OK)
        aligned_decimal(to, millionths, 1);
    else
        sj__text_real(to, v * 100);
    sj__text_char(to, '%');
}

static void aligned_two_digits(sj__text *to, uint64_t v)
{
    sj__text_char(to, (char)('0' + v / 10));
    sj__text_char(to, (char)('0' + v % 10));
}

/* "0.000012 s", "12.5 s", "02:03:04", "1d 02:03:04" */
static void aligned_span(sj__text *to, int64_t v)
{
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (magnitude < 59999500) {
        int64_t shown = v;
        if (magnitude >= 1000000)
            shown = (v + (v < 0 ? -500 : 500)) / 1000 * 1000;
        sj__text_fixed6(to, shown);
        sj__text_add(to, " s");
        return;
    }
    uint64_t seconds = magnitude / 1000000 + (magnitude % 1000000 >= 500000);
    if (v < 0)
        sj__text_char(to, '-');
    if (seconds >= 86400) {
        sj__text_unsigned(to, seconds / 86400);
        sj__text_add(to, "d ");
    }
    aligned_two_digits(to, seconds / 3600 % 24);
    sj__text_char(to, ':');
    aligned_two_digits(to, seconds / 60 % 60);
    sj__text_char(to, ':');
    aligned_two_digits(to, seconds % 60);
}

/* ISO 8601, without a fraction that is 0. */
static void aligned_time(sj__text *to, int64_t v)
{
    static const char none[] = ".000000Z";
    const size_t n = sizeof none - 1;
    sj__text_time(to, v);
    if (to->size < n || memcmp(to->data + to->size - n, none, n) != 0)
        return;
    to->size -= n;
    sj__text_char(to, 'Z');
}

/* --------------------------------------------------------------------------------------- cells --
 */

/* A text that moves no cursor: control characters are shown as \n, \t, \x1b … */
static void aligned_text(sj__text *to, const char *s, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        unsigned char next = i + 1 < n ? (unsigned char)s[i + 1] : 0;
        int is_c1 = c == 0xc2 && next >= 0x80 && next < 0xa0;
        if (c >= 0x20 && c != 0x7f && !is_c1) {
            sj__text_char(to, s[i]);
            continue;
        }
        if (is_c1) {
            c = next;
            i++;
        }
        if (c == '\n' || c == '\t') {
            sj__text_add(to, c == '\n' ? "\\n" : "\\t");
            continue;
        }
        sj__text_add(to, "\\x");
        sj__text_char(to, digits[c >> 4]);
        sj__text_char(to, digits[c & 15]);
    }
}

static void aligned_entry(const sj__cells *cells, size_t entry, sj__text *to)
{
    int64_t whole = 0;
    if (!sj__cells_present(cells, entry)) {
        sj__text_char(to, '-');
        return;
    }
    int is_real = cells->type == SJ_COLUMN_REAL;
    int fits = is_real ? sj__cells_whole(cells->reals[entry], &whole) : 1;
    if (!is_real)
        whole = cells->integers[entry];
    if (cells->unit == SJ_UNIT_SPAN && fits)
        aligned_span(to, whole);
    else if (cells->unit == SJ_UNIT_TIME && fits)
        aligned_time(to, whole);
    else if (is_real && cells->unit == SJ_UNIT_SHARE)
        aligned_share(to, cells->reals[entry]);
    else if (is_real)
        aligned_real(to, cells->reals[entry], cells->unit);
    else
        sj__text_integer(to, whole);
}

static void aligned_cell(const sj__cells *cells, size_t row, sj__text *to)
{
    size_t n;
    if (cells->type == SJ_COLUMN_TEXT && sj__cells_present(cells, row)) {
        const char *text = sj__cells_text(cells, row, &n);
        aligned_text(to, text, n);
        return;
    }
    size_t first = sj__cells_entries(cells, row, &n);
    if (n == 0)
        sj__text_char(to, '-');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            sj__text_char(to, ' ');
        aligned_entry(cells, first + i, to);
    }
}

/* --------------------------------------------------------------------------------------- tables --
 */

/* A cell, or above all rows the column's name. */
static void aligned_write(const sj__cells *cells, size_t line, sj__text *to)
{
    if (line == 0)
        sj__text_add(to, cells->name);
    else
        aligned_cell(cells, line - 1, to);
}

static void aligned_blanks(sj__text *to, size_t n)
{
    while (n-- > 0)
        sj__text_char(to, ' ');
}

/* A column of figures that were not asked for: there are rows, and none has anything in it. */
static int aligned_is_empty(const sj__cells *cells, size_t n_rows)
{
    for (size_t row = 0; row < n_rows; row++) {
        size_t n;
        size_t first = sj__cells_entries(cells, row, &n);
        if (cells->type == SJ_COLUMN_LIST ? n > 0 : sj__cells_present(cells, first))
            return 0;
    }
    return n_rows > 0;
}

static void aligned_line(const sj__cells *cells, const size_t *widths, size_t n_columns,
                         size_t line, sj__text *cell, sj__text *to)
{
    for (size_t i = 0, shown_before = 0; i < n_columns; i++) {
        if (widths[i] == 0)
            continue;
        cell->size = 0;
        aligned_write(&cells[i], line, cell);
        const char *shown = sj__text_data(cell);
        size_t width = sj__utf8_width(shown, cell->size);
        size_t blanks = widths[i] > width ? widths[i] - width : 0;
        int is_left = cells[i].type == SJ_COLUMN_TEXT || cells[i].type == SJ_COLUMN_LIST;
        aligned_blanks(to, shown_before++ > 0 ? 2 : 0);
        aligned_blanks(to, is_left ? 0 : blanks);
        sj__text_bytes(to, shown, cell->size);
        aligned_blanks(to, is_left && i + 1 < n_columns ? blanks : 0);
    }
    sj__text_char(to, '\n');
}

/* The width of a column; 0: it is left out. */
static size_t aligned_width(const sj__cells *cells, size_t n_lines, sj__text *cell)
{
    size_t most = 0;
    if (aligned_is_empty(cells, n_lines - 1))
        return 0;
    for (size_t line = 0; line < n_lines; line++) {
        cell->size = 0;
        aligned_write(cells, line, cell);
        size_t width = sj__utf8_width(sj__text_data(cell), cell->size);
        most = width > most ? width : most;
    }
    return most;
}

void sj__write_aligned(const sj_table *table, const sj__cells *cells, const sj_allocator *a,
                       sj__text *to)
{
    size_t n_columns = sj_table_columns(table);
    size_t n_lines = sj_table_rows(table) + 1;
    sj__text cell;
    sj__text_init(&cell, a);
    size_t *widths = sj__alloc_zeroed(a, n_columns, sizeof *widths);
    if (widths == NULL) {
        to->failed = 1;
        return;
    }
    for (size_t i = 0; i < n_columns; i++)
        widths[i] = aligned_width(&cells[i], n_lines, &cell);
    for (size_t line = 0; line < n_lines; line++)
        aligned_line(cells, widths, n_columns, line, &cell, to);
    to->failed |= cell.failed;
    sj__free(a, widths, n_columns, sizeof *widths);
    sj__text_free(&cell);
}
