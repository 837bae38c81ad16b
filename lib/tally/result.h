/* Making results.  A failed allocation is remembered in the result: fill everything, then
 * sj__result_finish once. */
#ifndef SJ__TALLY_RESULT_H
#define SJ__TALLY_RESULT_H

#include <sojourn/result.h>

#include "base/text.h"

typedef struct sj__column_spec {
    const char *name;
    int32_t type; /* SJ_COLUMN_… */
    int32_t unit; /* SJ_UNIT_… */
} sj__column_spec;

sj_status sj__result_new(const sj_allocator *allocator, sj_result **out, sj_error *error);
/* A new table, behind those before it; names are copied.  Never NULL: after a failed allocation
 * a table that takes rows and keeps none. */
sj_table *sj__result_add(sj_result *result, const char *name, const sj__column_spec *columns,
                         size_t n_columns);

/* One cell of the row that is being filled; columns not put before sj__end_row are absent in it. */
void sj__put_integer(sj_table *table, size_t column, int64_t v);
void sj__put_real(sj_table *table, size_t column, double v); /* NaN: absent */
void sj__put_text(sj_table *table, size_t column, const char *text, size_t n);
void sj__put_string(sj_table *table, size_t column, const char *text); /* NULL: absent */
/* present: NULL all, else one byte per entry */
void sj__put_list(sj_table *table, size_t column, const int64_t *entries, const uint8_t *present,
                  size_t n);
void sj__end_row(sj_table *table);

/* The table `notes` (made on first use, always last): name, text. */
void sj__result_note(sj_result *result, const char *name, const char *text);

/* Gives the result to the caller, or frees it: SJ_ERR_NOMEM if anything failed while filling;
 * then *out is NULL. */
sj_status sj__result_finish(sj_result *result, sj_result **out, sj_error *error);

const sj_allocator *sj__result_allocator(const sj_result *result);

#endif
