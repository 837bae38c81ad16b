/* How a result lies in memory; only result.c, which fills it, and result_look.c know it. */
#ifndef SJ__TALLY_RESULT_LAYOUT_H
#define SJ__TALLY_RESULT_LAYOUT_H

#include <sojourn/result.h>

typedef struct sj__column {
    char *name;
    size_t name_size; /* with its NUL */
    int32_t type, unit;
    void *data;      /* int64_t, double, or the bytes of texts */
    size_t n;        /* entries; bytes of texts */
    size_t capacity; /* of data, in entries or bytes */
    int64_t *offsets;
    size_t offsets_capacity;
    uint8_t *validity;
    size_t validity_capacity;
    int32_t is_put; /* in the row that is being filled */
} sj__column;

struct sj_table {
    sj_result *result;
    char *name;
    size_t name_size;
    sj__column *columns;
    size_t n_columns;
    size_t n_rows;
};

struct sj_result {
    sj_allocator allocator;
    sj_table **tables;
    size_t n_tables, capacity;
    sj_table *notes; /* stands behind the others */
    sj_table lost;   /* what is given out after a failed allocation */
    int32_t failed;
};

#endif
