/* Transitions counted: O(1) per event, in a matrix where there are few touchpoints and in a hash
 * table else.  Dwell is summed in 128 bits, so that no order of customers changes it. */
#include "journey/edge_counts.h"

#include "base/checked.h"
#include "base/hash.h"

#define COUNTS_DENSE 256 /* touchpoints up to which a matrix (2 MB) is counted in */
#define COUNTS_FIRST_CAPACITY 1024

sj_status sj__edge_counts_init(sj__edge_counts *counts, const sj_allocator *a, uint32_t touchpoints,
                               sj_error *error)
{
    *counts = (sj__edge_counts){.allocator = a};
    counts->dense = touchpoints <= COUNTS_DENSE ? touchpoints : 0;
    counts->capacity =
        counts->dense ? (size_t)counts->dense * counts->dense : COUNTS_FIRST_CAPACITY;
    counts->cells = sj__alloc_zeroed(a, counts->capacity, sizeof *counts->cells);
    return counts->cells ? SJ_OK : sj__fail_nomem(error);
}

void sj__edge_counts_free(sj__edge_counts *counts)
{
    if (counts->cells) {
        sj__free(counts->allocator, counts->cells, counts->capacity, sizeof *counts->cells);
    }
    *counts = (sj__edge_counts){0};
}

static inline void counts_count(sj__edge_count *cell, uint64_t dwell)
{
    cell->count++;
    cell->low += dwell;
    cell->high += cell->low < dwell;
}

/* The cell of a pair, or the free one where it belongs. */
static sj__edge_count *counts_probe(sj__edge_count *cells, size_t capacity, uint64_t pair)
{
    size_t i = (size_t)sj__hash_mix(pair) & (capacity - 1);
    while (cells[i].count && cells[i].pair != pair) {
        i = (i + 1) & (capacity - 1);
    }
    return &cells[i];
}

static sj_status counts_grow(sj__edge_counts *counts, sj_error *error)
{
    size_t capacity = counts->capacity * 2;
    sj__edge_count *cells = sj__alloc_zeroed(counts->allocator, capacity, sizeof *cells);
    if (!cells) {
        return sj__fail_nomem(error);
    }
    for (size_t i = 0; i < counts->capacity; i++) {
        if (counts->cells[i].count) {
            *counts_probe(cells, capacity, counts->cells[i].pair) = counts->cells[i];
        }
    }
    sj__free(counts->allocator, counts->cells, counts->capacity, sizeof *cells);
    counts->cells = cells;
    counts->capacity = capacity;
    return SJ_OK;
}

static sj_status counts_add_hashed(sj__edge_counts *counts, uint32_t from, uint32_t to,
                                   uint64_t dwell, sj_error *error)
{
    uint64_t pair = (uint64_t)from << 32 | to;
    sj__edge_count *cell;
    if (counts->used >= counts->capacity / 2) {
        sj_status status = counts_grow(counts, error);
        if (status) {
            return status;
        }
    }
    cell = counts_probe(counts->cells, counts->capacity, pair);
    counts->used += cell->count == 0;
    cell->pair = pair;
    counts_count(cell, dwell);
    return SJ_OK;
}

sj_status sj__edge_counts_add(sj__edge_counts *counts, const uint32_t *touchpoint,
                              const int64_t *time, size_t n, sj_error *error)
{
    size_t dense = counts->dense;
    if (dense) {
        for (size_t i = 1; i < n; i++) {
            counts_count(&counts->cells[touchpoint[i - 1] * dense + touchpoint[i]],
                         sj__time_since(time[i], time[i - 1]));
        }
        return SJ_OK;
    }
    for (size_t i = 1; i < n; i++) {
        sj_status status = counts_add_hashed(counts, touchpoint[i - 1], touchpoint[i],
                                             sj__time_since(time[i], time[i - 1]), error);
        if (status) {
            return status;
        }
    }
    return SJ_OK;
}
