/* Reading events from CSV: options → source → scan → header → rows → builder. */
#ifndef SJ__IO_CSV_H
#define SJ__IO_CSV_H

#include <sojourn/csv.h>

#include "io/csv_scan.h"
#include "base/threads.h"
#include "io/csv_source.h"
#include "journey/builder.h"

/* ---- csv_options.c ---- */

extern const sj__struct sj__csv_options_struct;

/* Copies and checks; zeros are replaced by what they mean, but for the delimiter. */
sj_status sj__csv_options_load(const sj_csv_options *given, sj_csv_options *out, sj_error *error);

/* ---- csv.c ---- */

/* Text on its way from a source to a scan: the record being read and what stands behind it. */
typedef struct sj__csv_text {
    sj__csv_source source;
    char *bytes;
    size_t size, capacity;
    int32_t last; /* the source is at its end */
} sj__csv_text;

/* Reads on: keeps bytes[from … size), moved to the front. */
sj_status sj__csv_text_more(sj__csv_text *text, size_t from, sj_error *error);

/* ---- csv_header.c ---- */

enum { /* what a column is read for */
       SJ__CSV_CUSTOMER = 1,
       SJ__CSV_TIME = 2,
       SJ__CSV_TOUCHPOINT = 3,
       SJ__CSV_CHANNEL = 4,
       SJ__CSV_VALUE = 5,
       SJ__CSV_ATTRIBUTE = 6
};

typedef struct sj__csv_role {
    int32_t kind;
    const char *name; /* of the column; the caller's */
    size_t column;    /* in the file */
} sj__csv_role;

/* The columns that the options name, in the order of the kinds above, with the columns they were
 * found in. */
typedef struct sj__csv_header {
    sj__csv_role *roles;
    size_t n_roles, max_roles;
    size_t n_columns;
    int32_t delimiter;
    sj__csv_field *fields; /* room for max_columns; the scan's */
    size_t max_columns;
} sj__csv_header;

/* Reads the header line at the front of `text`, guesses the delimiter where the options give none,
 * and leaves `scan` behind it, ready for the first row.  Call sj__csv_header_free whatever
 * happened. */
sj_status sj__csv_header_read(sj__csv_header *header, sj__csv_scan *scan, sj__csv_text *text,
                              const sj_csv_options *options, const sj_allocator *allocator,
                              sj_error *error);
void sj__csv_header_free(sj__csv_header *header, const sj_allocator *allocator);

/* ---- csv_cells.c, csv_rows.c ---- */

enum { /* why a row is left out, in the order of the table `skipped` */
       SJ__CSV_BAD_COUNT,
       SJ__CSV_BAD_QUOTE_JUNK,
       SJ__CSV_BAD_QUOTE_OPEN,
       SJ__CSV_BAD_LONG,
       SJ__CSV_BAD_CUSTOMER,
       SJ__CSV_BAD_TIME_EMPTY,
       SJ__CSV_BAD_TOUCHPOINT,
       SJ__CSV_BAD_TIME,
       SJ__CSV_BAD_TIME_RANGE,
       SJ__CSV_BAD_TIME_OBSERVED,
       SJ__CSV_BAD_NUMBER,
       SJ__CSV_BAD_COMMA,
       SJ__CSV_BAD_NUMBER_RANGE,
       SJ__CSV_BAD_UTF8,
       SJ__CSV_BAD_NUL,
       SJ__CSV_BAD_NAME,
       SJ__CSV_N_BAD,
       SJ__CSV_CELL_FINE = SJ__CSV_N_BAD, /* a cell that is not bad */
       SJ__CSV_CELL_NOMEM
};

/* One column of the block being filled. */
typedef struct sj__csv_column {
    sj__csv_role role;
    int32_t type; /* of attributes: SJ_ATTRIBUTE_… */
    int32_t of_customers;
    int32_t array; /* SJ_ARRAY_TEXT, SJ_ARRAY_INT64, SJ_ARRAY_DOUBLE */
    int32_t is_number;
    int32_t has_gaps;  /* some row of the block is absent */
    char *text;        /* SJ_ARRAY_TEXT */
    size_t capacity;   /* of text */
    int64_t *offsets;  /* SJ_ARRAY_TEXT: room for SJ__CSV_BLOCK + 1 */
    void *numbers;     /* else room for SJ__CSV_BLOCK */
    uint8_t *validity; /* a bit per row */
} sj__csv_column;

/* Rows to a block before it goes to the builder. */
#define SJ__CSV_BLOCK ((size_t)4096)

typedef struct sj__csv_rows {
    const sj_csv_options *options;
    sj_allocator allocator;
    sj_builder *builder;
    sj__csv_column *columns;
    size_t n_columns;
    size_t n_file_columns;
    size_t n; /* rows in the block */
    sj__place *places;
    sj_column *attributes;       /* room for n_columns: what the builder is shown */
    const int64_t *from, *until; /* of observation, where given */
    int32_t cut;                 /* the row's time lost digits */
    size_t bad_byte;             /* of a text that is not UTF-8 */
    uint64_t read, added, skipped, digits_cut;
    uint64_t bad[SJ__CSV_N_BAD];
    int64_t bad_line[SJ__CSV_N_BAD];
} sj__csv_rows;

/* Finds the type of each attribute; declares attributes that are not, as categories of events.
 * Call sj__csv_rows_free whatever happened. */
sj_status sj__csv_rows_init(sj__csv_rows *rows, const sj__csv_header *header,
                            const sj_csv_options *options, sj_builder *builder, sj_error *error);
/* Takes the record that sj__csv_next gave. */
sj_status sj__csv_rows_take(sj__csv_rows *rows, const sj__csv_scan *scan, sj_error *error);
/* Gives the rows collected so far to the builder. */
sj_status sj__csv_rows_flush(sj__csv_rows *rows, sj_error *error);
void sj__csv_rows_free(sj__csv_rows *rows);

/* Reads the column's field of a sound record into row `n` of the block: SJ__CSV_CELL_FINE,
 * SJ__CSV_CELL_NOMEM, or why it is bad. */
int32_t sj__csv_cell_read(sj__csv_rows *rows, sj__csv_column *column, const sj__csv_scan *scan);
/* "seconds" …, by SJ_TIME_…; and the coarsest in which a whole number lies within the years 1 to
 * 9999, or NULL. */
const char *sj__csv_unit(int32_t unit);
const char *sj__csv_unit_that_fits(const char *s, size_t n);

/* What the table `skipped` calls a reason. */
const char *sj__csv_reason(size_t bad);

#endif
