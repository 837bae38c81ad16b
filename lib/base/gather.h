/* Numbers on their way into a spread, many and fast.  They are held in a short list first, which is
 * counted when it is full, so that one spread's memory is walked through once for many numbers and
 * not once for each. */
#ifndef SJ__BASE_GATHER_H
#define SJ__BASE_GATHER_H

#include "base/spread.h"

typedef struct sj__gathered sj__gathered; /* what has been counted */

/* Zeroed is empty. */
typedef struct sj__gather {
    int64_t *held;
    uint32_t n, capacity;
    sj__gathered *gathered; /* NULL: nothing yet */
} sj__gather;

/* Makes room for one more. */
sj_status sj__gather_flush(sj__gather *gather, const sj_allocator *a, sj_error *error);

/* A number will be added soon. */
static inline void sj__gather_expect(const sj__gather *gather)
{
    if (gather->held != NULL)
        __builtin_prefetch(gather->held + gather->n, 1);
}

/* Adds v >= 0. */
static inline sj_status sj__gather_add(sj__gather *gather, const sj_allocator *a, int64_t v,
                                       sj_error *error)
{
    if (gather->n == gather->capacity) {
        const sj_status status = sj__gather_flush(gather, a, error);
        if (status != SJ_OK)
            return status;
    }
    gather->held[gather->n++] = v;
    return SJ_OK;
}

/* Adds everything to a spread, once; then the gather can only be freed.  On failure some may be in.
 */
sj_status sj__gather_into(sj__gather *gather, const sj_allocator *a, sj__spread *spread,
                          const sj_allocator *spread_allocator, sj_error *error);
void sj__gather_free(sj__gather *gather, const sj_allocator *a);

#endif
