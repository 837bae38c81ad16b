/* Counts by pair of nodes; O(1) a transition. */
#include "analysis/transition_cells.h"

#include "base/checked.h"
#include "base/hash.h"

enum { TRANSITION_FIRST_CELLS = 256 };

/* All arrays for so many cells, zeroed; those of `to` are taken over only if all could be made. */
static sj_status transition_cells_make(sj__transition_cells *to, size_t capacity, int values,
                                       int times, sj_error *error)
{
    const sj_allocator *a = to->allocator;
    to->capacity = capacity;
    to->cells = sj__alloc_zeroed(a, capacity, sizeof *to->cells);
    to->high = sj__alloc_zeroed(a, capacity, sizeof *to->high);
    to->pairs = to->dense ? NULL : sj__alloc_zeroed(a, capacity, sizeof *to->pairs);
    to->values = values ? sj__alloc_zeroed(a, capacity, sizeof *to->values) : NULL;
    to->times = times ? sj__alloc_zeroed(a, capacity, sizeof *to->times) : NULL;
    if (to->cells == NULL || to->high == NULL || (!to->dense && to->pairs == NULL) ||
        (values && to->values == NULL) || (times && to->times == NULL))
        return sj__fail_nomem(error);
    return SJ_OK;
}

/* The arrays, not what the times hold. */
static void transition_cells_drop(sj__transition_cells *cells)
{
    const sj_allocator *a = cells->allocator;
    sj__free(a, cells->cells, cells->capacity, sizeof *cells->cells);
    sj__free(a, cells->high, cells->capacity, sizeof *cells->high);
    sj__free(a, cells->pairs, cells->capacity, sizeof *cells->pairs);
    sj__free(a, cells->values, cells->capacity, sizeof *cells->values);
    sj__free(a, cells->times, cells->capacity, sizeof *cells->times);
}

sj_status sj__transition_cells_init(sj__transition_cells *cells, uint32_t nodes, int dense,
                                    int values, int times, const sj_allocator *allocator,
                                    sj_error *error)
{
    *cells = (sj__transition_cells){.allocator = allocator, .side = nodes + 1, .dense = dense != 0};
    const size_t side = (size_t)nodes + 1;
    return transition_cells_make(cells, dense ? side * side : TRANSITION_FIRST_CELLS, values, times,
                                 error);
}

void sj__transition_cells_free(sj__transition_cells *cells)
{
    if (cells->allocator == NULL)
        return;
    for (size_t i = 0; cells->times != NULL && i < cells->capacity; i++)
        sj__gather_free(&cells->times[i], cells->allocator);
    transition_cells_drop(cells);
    *cells = (sj__transition_cells){0};
}

/* ---- by hash ---- */

/* The cell of a pair, or the free one where it belongs. */
static size_t transition_cells_probe(const sj__transition_cells *cells, uint64_t pair)
{
    const size_t mask = cells->capacity - 1;
    size_t i = (size_t)sj__hash_mix(pair) & mask;
    while (cells->cells[i].count != 0 && cells->pairs[i] != pair)
        i = (i + 1) & mask;
    return i;
}

static sj_status transition_cells_grow(sj__transition_cells *cells, sj_error *error)
{
    sj__transition_cells more = *cells;
    size_t capacity;
    if (!sj__size_multiply(cells->capacity, 2, &capacity))
        return sj__fail_nomem(error);
    const sj_status status =
        transition_cells_make(&more, capacity, cells->values != NULL, cells->times != NULL, error);
    if (status != SJ_OK) {
        transition_cells_drop(&more);
        return status;
    }
    for (size_t i = 0; i < cells->capacity; i++) {
        if (cells->cells[i].count == 0)
            continue;
        const size_t to = transition_cells_probe(&more, cells->pairs[i]);
        more.pairs[to] = cells->pairs[i];
        more.cells[to] = cells->cells[i];
        more.high[to] = cells->high[i];
        if (cells->values != NULL)
            more.values[to] = cells->values[i];
        if (cells->times != NULL)
            more.times[to] = cells->times[i];
    }
    transition_cells_drop(cells);
    *cells = more;
    return SJ_OK;
}

sj_status sj__transition_cells_find(sj__transition_cells *cells, uint32_t from, uint32_t to,
                                    size_t *cell, sj_error *error)
{
    const uint64_t pair = (uint64_t)from << 32 | to;
    if (cells->used >= cells->capacity / 2) {
        const sj_status status = transition_cells_grow(cells, error);
        if (status != SJ_OK)
            return status;
    }
    *cell = transition_cells_probe(cells, pair);
    cells->used += cells->cells[*cell].count == 0;
    cells->pairs[*cell] = pair;
    return SJ_OK;
}

void sj__transition_cells_ends(const sj__transition_cells *cells, size_t cell, uint32_t *from,
                               uint32_t *to)
{
    *from = cells->dense ? (uint32_t)(cell / cells->side) : (uint32_t)(cells->pairs[cell] >> 32);
    *to = cells->dense ? (uint32_t)(cell % cells->side) : (uint32_t)cells->pairs[cell];
}
