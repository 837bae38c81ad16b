/* Columns as a caller lends them: text by offsets or pointers, whole numbers, doubles.  Nothing is
 * copied. */
#include "journey/column.h"

#include <string.h>

#include "base/number.h"

sj_status sj__column_check(const sj_column *column, const char *field, int32_t takes,
                           sj_error *error)
{
    int32_t gives = sj__column_gives(column);
    int by_offsets = column->type == SJ_ARRAY_TEXT || column->type == SJ_ARRAY_TEXT32;
    if (!column->data) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "the column %q is missing: data is NULL", field);
    }
    if (!gives) {
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "the column %q has type %i, which is none of SJ_ARRAY_…", field,
                        column->type);
    }
    if (!(gives & takes)) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "the column %q cannot be %s", field,
                        gives == SJ__TAKES_TEXT    ? "text"
                        : gives == SJ__TAKES_WHOLE ? "whole numbers"
                                                   : "doubles");
    }
    if (by_offsets && !column->offsets) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "the column %q is text without offsets", field);
    }
    return SJ_OK;
}

int32_t sj__column_gives(const sj_column *column)
{
    switch (column->type) {
    case SJ_ARRAY_TEXT:
    case SJ_ARRAY_TEXT32:
    case SJ_ARRAY_STRINGS:
        return SJ__TAKES_TEXT;
    case SJ_ARRAY_INT64:
    case SJ_ARRAY_INT32:
    case SJ_ARRAY_UINT64:
    case SJ_ARRAY_UINT32:
    case SJ_ARRAY_UINT16:
    case SJ_ARRAY_UINT8:
        return SJ__TAKES_WHOLE;
    case SJ_ARRAY_DOUBLE:
        return SJ__TAKES_REAL;
    default:
        return 0;
    }
}

static sj_status column_slice(const sj_column *column, int64_t from, int64_t to, const char **text,
                              size_t *n, sj_error *error)
{
    if (from < 0 || to < from) {
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "the offsets of a text column must ascend from 0 or more");
    }
    *text = (const char *)column->data + from;
    *n = (size_t)(to - from);
    return SJ_OK;
}

sj_status sj__column_text(const sj_column *column, size_t row, char *digits, const char **text,
                          size_t *n, sj_error *error)
{
    const int64_t *wide = column->offsets;
    const int32_t *narrow = column->offsets;
    int64_t v = 0;
    switch (column->type) {
    case SJ_ARRAY_TEXT:
        return column_slice(column, wide[row], wide[row + 1], text, n, error);
    case SJ_ARRAY_TEXT32:
        return column_slice(column, narrow[row], narrow[row + 1], text, n, error);
    case SJ_ARRAY_STRINGS:
        *text = ((const char *const *)column->data)[row];
        *n = strlen(*text);
        return SJ_OK;
    case SJ_ARRAY_UINT64:
        *n = sj__write_unsigned(digits, ((const uint64_t *)column->data)[row]);
        break;
    default:
        *n = sj__column_whole(column, row, &v) ? sj__write_integer(digits, v) : 0;
        break;
    }
    *text = digits;
    return SJ_OK;
}

int sj__column_whole(const sj_column *column, size_t row, int64_t *out)
{
    return sj__column_wholes(column, row, 1, out) == 1;
}

/* A loop per type, so that each can be made wide. */
#define COLUMN_COPY(type)                                                                          \
    for (size_t i = 0; i < n; i++) {                                                               \
        out[i] = (int64_t)((const type *)column->data)[from + i];                                  \
    }                                                                                              \
    return n

size_t sj__column_wholes(const sj_column *column, size_t from, size_t n, int64_t *out)
{
    switch (column->type) {
    case SJ_ARRAY_INT64:
        COLUMN_COPY(int64_t);
    case SJ_ARRAY_INT32:
        COLUMN_COPY(int32_t);
    case SJ_ARRAY_UINT32:
        COLUMN_COPY(uint32_t);
    case SJ_ARRAY_UINT16:
        COLUMN_COPY(uint16_t);
    case SJ_ARRAY_UINT8:
        COLUMN_COPY(uint8_t);
    case SJ_ARRAY_UINT64:
        for (size_t i = 0; i < n; i++) {
            uint64_t v = ((const uint64_t *)column->data)[from + i];
            if (v > INT64_MAX) {
                return i;
            }
            out[i] = (int64_t)v;
        }
        return n;
    default:
        return 0;
    }
}

double sj__column_real(const sj_column *column, size_t row)
{
    return ((const double *)column->data)[row];
}
