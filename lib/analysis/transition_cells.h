/* Counts by pair of nodes, for one worker: a matrix where nodes are few, a hash table else. */
#ifndef SJ__ANALYSIS_TRANSITION_CELLS_H
#define SJ__ANALYSIS_TRANSITION_CELLS_H

#include "base/gather.h"

/* A pair.  Dwell has 128 bits: its upper half lies apart, since it is hardly ever touched. */
typedef struct sj__transition_cell {
    uint64_t dwell;
    uint64_t count;
    uint32_t stamp; /* the last customer that was here + 1 */
    uint32_t customers;
} sj__transition_cell;

typedef struct sj__transition_cells {
    const sj_allocator *allocator;
    uint32_t side;   /* nodes and one for outside, which has the number side - 1 */
    int32_t dense;   /* cell of a pair: from * side + to; else by hash */
    size_t capacity; /* of all arrays, by cell */
    size_t used;     /* hashed */
    uint64_t *pairs; /* hashed: from << 32 | to; free where count is 0 */
    sj__transition_cell *cells;
    uint64_t *high;    /* of dwell */
    sj__i128 *values;  /* NULL: not counted */
    sj__gather *times; /* NULL: not counted */
} sj__transition_cells;

/* `nodes` without the one for outside.  After a failure it must be freed too. */
sj_status sj__transition_cells_init(sj__transition_cells *cells, uint32_t nodes, int dense,
                                    int values, int times, const sj_allocator *allocator,
                                    sj_error *error);
void sj__transition_cells_free(sj__transition_cells *cells);
/* The slow half of what is below. */
sj_status sj__transition_cells_find(sj__transition_cells *cells, uint32_t from, uint32_t to,
                                    size_t *cell, sj_error *error);
/* Both ends of a cell that has a count. */
void sj__transition_cells_ends(const sj__transition_cells *cells, size_t cell, uint32_t *from,
                               uint32_t *to);

/* The cell of a pair; a new one has to be counted in before another is asked for. */
static inline sj_status sj__transition_cells_at(sj__transition_cells *cells, uint32_t from,
                                                uint32_t to, size_t *cell, sj_error *error)
{
    if (!cells->dense)
        return sj__transition_cells_find(cells, from, to, cell, error);
    *cell = (size_t)from * cells->side + to;
    return SJ_OK;
}

static inline void sj__transition_cells_add(sj__transition_cells *cells, size_t cell,
                                            uint64_t count, uint32_t stamp)
{
    sj__transition_cell *at = &cells->cells[cell];
    at->count += count;
    at->customers += at->stamp != stamp;
    at->stamp = stamp;
}

/* The time between the two events of a transition that was counted. */
static inline void sj__transition_cells_dwell(sj__transition_cells *cells, size_t cell,
                                              uint64_t dwell)
{
    sj__transition_cell *at = &cells->cells[cell];
    at->dwell += dwell;
    if (at->dwell < dwell)
        cells->high[cell]++;
}

/* The same into the spread, where times are counted. */
static inline sj_status sj__transition_cells_time(sj__transition_cells *cells, size_t cell,
                                                  uint64_t dwell, sj_error *error)
{
    return sj__gather_add(&cells->times[cell], cells->allocator,
                          dwell > INT64_MAX ? INT64_MAX : (int64_t)dwell, error);
}

#endif
