/* Counting of transitions while a graph is packed. */
#ifndef SJ__JOURNEY_EDGE_COUNTS_H
#define SJ__JOURNEY_EDGE_COUNTS_H

#include "base/alloc.h"

typedef struct sj__edge_count {
    uint64_t count;
    uint64_t low, high; /* sum of dwell, 128 bits */
    uint64_t pair;      /* from << 32 | to; hashed table only */
} sj__edge_count;

typedef struct sj__edge_counts {
    const sj_allocator *allocator;
    sj__edge_count
        *cells; /* a matrix where `dense`, else open addressing: count 0 is a free cell */
    size_t capacity;
    size_t used;
    uint32_t dense; /* touchpoints of the matrix; 0: hashed */
} sj__edge_counts;

sj_status sj__edge_counts_init(sj__edge_counts *counts, const sj_allocator *a, uint32_t touchpoints,
                               sj_error *error);
void sj__edge_counts_free(sj__edge_counts *counts);
/* The transitions of one journey. */
sj_status sj__edge_counts_add(sj__edge_counts *counts, const uint32_t *touchpoint,
                              const int64_t *time, size_t n, sj_error *error);

#endif
