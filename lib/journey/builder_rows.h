/* Rows of the caller's columns into a builder. */
#ifndef SJ__JOURNEY_BUILDER_ROWS_H
#define SJ__JOURNEY_BUILDER_ROWS_H

#include "journey/builder_state.h"
#include "journey/column.h"

#define SJ__ROWS_AHEAD 24 /* rows between asking for memory and reading it */

/* Rows being read: `n` shrinks to the first one that cannot be. */
typedef struct sj__rows_block {
    sj_builder *builder;
    const sj_events *events;
    const uint32_t *attributes; /* numbers, by column */
    size_t from, n;
    uint32_t *customer;
    uint32_t *touchpoint;
    int64_t *time;
    int64_t *whole;    /* a column of whole numbers */
    uint64_t *hash;    /* of the customers' keys */
    uint8_t *part;     /* of the customers */
    uint16_t *by_part; /* rows in order of their customer's part */
    sj__spot *spot;
    sj_status status; /* of row `from + n`, where it is not SJ_OK */
} sj__rows_block;

/* Ends the block before its row `i`, which failed with `status`. */
void sj__rows_end(sj__rows_block *block, size_t i, sj_status status, sj_error *error);
void sj__rows_read_customers(sj__rows_block *block, sj_error *error);

/* Adds all events of columns that have been checked; `attributes` are the numbers of the attributes
 * that the columns are.  On failure some may have been added: error->index is the first bad row. */
sj_status sj__rows_add(sj_builder *builder, const sj_events *events, const uint32_t *attributes,
                       sj_error *error);

/* The customer of a row. */
sj_status sj__rows_customer(sj_builder *builder, const sj_column *column, size_t row, uint32_t *out,
                            sj_error *error);
/* The word of an attribute in a row; *present 0: it has none. */
sj_status sj__rows_attribute(sj_builder *builder, uint32_t attribute, const sj_column *c,
                             size_t row, int *present, uint64_t *word, sj_error *error);
/* Writes the row into a failure; memory that ran out is no row's fault. */
sj_status sj__rows_blame(sj_status status, size_t row, sj_error *error);

#endif
