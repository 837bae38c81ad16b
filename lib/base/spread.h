/* A spread: how numbers >= 0 are distributed, as counts and sums in log-linear buckets.  Additive,
 * and exact under subtraction; a quantile is within 1/128 of the true one, and exact where the
 * bucket's numbers are equal. Buckets: 0 … 127 one each; above, 128 to an octave (as in HDR
 * histograms). */
#ifndef SJ__BASE_SPREAD_H
#define SJ__BASE_SPREAD_H

#include "base/alloc.h"
#include "base/number.h"

#define SJ__SPREAD_BUCKETS UINT32_C(7296) /* there are buckets 0 … 7295 */

typedef struct sj__spread_cell {
    sj__i128 sum;
    int64_t count;
    uint32_t bucket;
} sj__spread_cell;

/* Zeroed is empty.  The cells lie in no order that means anything until sj__spread_sort. */
typedef struct sj__spread {
    sj__spread_cell *cells; /* open addressing by bucket while counting */
    size_t capacity;        /* 0, or a power of two, at least 4 */
    size_t used;
    int32_t sorted; /* cells[0 … used) ascending by bucket, none with count and sum both zero */
} sj__spread;

uint32_t sj__spread_bucket(int64_t v); /* v < 0 counts as 0 */
void sj__spread_bounds(uint32_t bucket, int64_t *low,
                       int64_t *high); /* the numbers low … high, inclusive */

/* Adds `count` numbers of one bucket whose sum is `sum`; for one number v: add(s, a, bucket(v), 1,
 * v). */
sj_status sj__spread_add(sj__spread *spread, const sj_allocator *a, uint32_t bucket, int64_t count,
                         sj__i128 sum, sj_error *error);
/* Adds n numbers, those below 0 as 0; the same as one by one, but faster.  On failure some may be
 * in. */
sj_status sj__spread_add_all(sj__spread *spread, const sj_allocator *a, const int64_t *numbers,
                             size_t n, sj_error *error);
/* spread += sign * other (1 or -1).  SJ_ERR_NOMEM or SJ_ERR_OVERFLOW leave all numbers as they
 * were. */
sj_status sj__spread_merge(sj__spread *spread, const sj_allocator *a, const sj__spread *other,
                           int sign, sj_error *error);
/* Sorts by bucket and drops cells that are all zero; then cells[0 … used) can be read in order.
 * Cannot fail. */
void sj__spread_sort(sj__spread *spread);
void sj__spread_free(sj__spread *spread, const sj_allocator *a);

/* Numbers held, and their sum. */
int64_t sj__spread_count(const sj__spread *spread);
sj__i128 sj__spread_sum(const sj__spread *spread);
/* Mean of the bucket that holds the ceil(q n)-th smallest, q to the nearest 10^-6; the spread must
 * be sorted and not empty. */
double sj__spread_quantile(const sj__spread *spread, double q);

#endif
