/* Reading the caller's columns, a row at a time. */
#ifndef SJ__JOURNEY_COLUMN_H
#define SJ__JOURNEY_COLUMN_H

#include <sojourn/journey.h>

#include "base/status.h"

enum { /* what a field can take; bits */
       SJ__TAKES_TEXT = 1,
       SJ__TAKES_WHOLE = 2,
       SJ__TAKES_REAL = 4
};

#define SJ__DIGITS 24 /* room for any whole number as text */

/* Whether `field` can take the column's type, and whether the column is whole.  SJ_ERR_ARGUMENT;
 * SJ_ERR_OPTIONS for a type that there is not. */
sj_status sj__column_check(const sj_column *column, const char *field, int32_t takes,
                           sj_error *error);
/* SJ__TAKES_TEXT, … _WHOLE or … _REAL. */
int32_t sj__column_gives(const sj_column *column);
/* Whether a row has something. */
static inline int sj__column_has(const sj_column *column, size_t row)
{
    if (column->validity && !(column->validity[row / 8] >> row % 8 & 1)) {
        return 0;
    }
    return column->type != SJ_ARRAY_STRINGS || ((const char *const *)column->data)[row] != NULL;
}
/* A row as text, whole numbers in decimal (in `digits`).  SJ_ERR_ARGUMENT where offsets do not
 * ascend. */
sj_status sj__column_text(const sj_column *column, size_t row, char *digits, const char **text,
                          size_t *n, sj_error *error);
/* A row of whole numbers; 0 where it does not fit int64_t. */
int sj__column_whole(const sj_column *column, size_t row, int64_t *out);
/* The same of rows [from, from + n), whether they have something or not; returns n, or the first
 * that does not fit. */
size_t sj__column_wholes(const sj_column *column, size_t from, size_t n, int64_t *out);
double sj__column_real(const sj_column *column, size_t row);

#endif
