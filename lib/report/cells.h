/* Tables cell by cell, as the writers of all formats read them. */
#ifndef SJ__REPORT_CELLS_H
#define SJ__REPORT_CELLS_H

#include <sojourn/result.h>

#include "base/text.h"

/* A column with its arrays at hand. */
typedef struct sj__cells {
    const char *name;
    int32_t type, unit;
    const int64_t *integers; /* also a list's entries */
    const double *reals;
    const char *bytes;
    const int64_t *offsets;
    const uint8_t *validity;
} sj__cells;

/* The columns of a table; free with sj__free(a, cells, sj_table_columns(table), sizeof *cells).
 * NULL: no memory. */
sj__cells *sj__cells_of(const sj_table *table, const sj_allocator *a);

/* Whether there is anything to show in an entry (of a list) or a row (of any other column); a real
 * that is not finite is nothing. */
int sj__cells_present(const sj__cells *cells, size_t entry);

/* First entry of a row, and how many; 1 for what is no list. */
size_t sj__cells_entries(const sj__cells *cells, size_t row, size_t *n);

/* Text of a row that is present. */
const char *sj__cells_text(const sj__cells *cells, size_t row, size_t *n);

/* A present entry for programs: times ISO 8601, spans in seconds, all digits. */
void sj__cells_write(const sj__cells *cells, size_t entry, sj__text *to);

/* A real number of microseconds to the nearest whole one; 0 where it does not fit. */
int sj__cells_whole(double v, int64_t *out);

/* The formats. */
void sj__write_aligned(const sj_table *table, const sj__cells *cells, const sj_allocator *a,
                       sj__text *to);
void sj__write_json(const sj_table *table, const sj__cells *cells, sj__text *to);
void sj__write_json_string(const char *s, size_t n, sj__text *to);
void sj__write_csv(const sj_table *table, const sj__cells *cells, sj__text *to);

#endif
