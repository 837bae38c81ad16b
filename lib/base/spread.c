/* A spread: counts and sums in log-linear buckets.
 *
 * Buckets as in HDR histograms (Tene): the octave [2^e, 2^(e+1)) from e = 7 on is cut into 128
 * equal parts, below 128 every number is its own bucket, which is the same rule with parts of 1.  A
 * part is at most 1/128 of the numbers in it, and because a bucket keeps its sum, what a quantile
 * answers is a mean of numbers that close together. While counting, cells lie in an open-addressing
 * table by bucket; sorted, they are packed and ascending.  A cell that falls to zero stays until
 * the next sort, so that chains do not break. */
#include "base/spread.h"

#include <string.h>

#define SPREAD_FREE UINT32_MAX

uint32_t sj__spread_bucket(int64_t v)
{
    uint32_t octave;

    if (v < 128)
        return v > 0 ? (uint32_t)v : 0;
    octave = 63 - (uint32_t)__builtin_clzll((uint64_t)v) - 7;
    return octave * 128 + (uint32_t)(v >> octave);
}

void sj__spread_bounds(uint32_t bucket, int64_t *low, int64_t *high)
{
    uint32_t octave = bucket < 128 ? 0 : bucket / 128 - 1;
    uint64_t part = bucket < 128 ? bucket : 128 + bucket % 128;

    *low = (int64_t)(part << octave);
    *high = (int64_t)(((part + 1) << octave) - 1);
}

static size_t spread_slot(const sj__spread_cell *cells, size_t capacity, uint32_t bucket)
{
    size_t mask = capacity - 1;
    size_t i = (size_t)(bucket * UINT32_C(0x9E3779B1) >> 12) & mask;

    while (cells[i].bucket != SPREAD_FREE && cells[i].bucket != bucket)
        i = (i + 1) & mask;
    return i;
}

/* Cells to walk over: all slots of a table, or the packed ones. */
static size_t spread_cells(const sj__spread *spread)
{
    return spread->sorted ? spread->used : spread->capacity;
}

static int spread_is_held(const sj__spread_cell *cell)
{
    return cell->bucket != SPREAD_FREE;
}

/* A table with room for `more` cells beside those there are. */
static sj_status spread_reserve(sj__spread *spread, const sj_allocator *a, size_t more,
                                sj_error *error)
{
    size_t capacity = spread->capacity > 0 ? spread->capacity : 4;
    sj__spread_cell *cells;

    while (capacity - capacity / 4 < spread->used + more)
        capacity *= 2;
    if (capacity == spread->capacity && !spread->sorted)
        return SJ_OK;
    cells = sj__alloc(a, capacity, sizeof *cells);
    if (cells == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < capacity; i++)
        cells[i] = (sj__spread_cell){.bucket = SPREAD_FREE};
    for (size_t i = 0; i < spread_cells(spread); i++) {
        if (spread_is_held(&spread->cells[i]))
            cells[spread_slot(cells, capacity, spread->cells[i].bucket)] = spread->cells[i];
    }
    sj__free(a, spread->cells, spread->capacity, sizeof *cells);
    spread->cells = cells;
    spread->capacity = capacity;
    spread->sorted = 0;
    return SJ_OK;
}

/* What a cell becomes; 0 where that leaves the range. */
static int spread_sum_up(const sj__spread_cell *cell, int sign, int64_t count, sj__i128 sum,
                         sj__spread_cell *out)
{
    if (sign < 0)
        return !__builtin_sub_overflow(cell->count, count, &out->count) &&
               !__builtin_sub_overflow(cell->sum, sum, &out->sum);
    return !__builtin_add_overflow(cell->count, count, &out->count) &&
           !__builtin_add_overflow(cell->sum, sum, &out->sum);
}

static sj_status spread_overflow(sj_error *error)
{
    return sj__fail(error, SJ_ERR_OVERFLOW, "a count or sum in a spread leaves its range");
}

sj_status sj__spread_add(sj__spread *spread, const sj_allocator *a, uint32_t bucket, int64_t count,
                         sj__i128 sum, sj_error *error)
{
    sj_status status;
    sj__spread_cell *cell;
    sj__spread_cell next = {.bucket = bucket};

    if (SJ__NEVER(bucket >= SJ__SPREAD_BUCKETS))
        return spread_overflow(error);
    status = spread_reserve(spread, a, 1, error);
    if (status != SJ_OK)
        return status;
    cell = &spread->cells[spread_slot(spread->cells, spread->capacity, bucket)];
    if (!spread_sum_up(cell, 1, count, sum, &next))
        return spread_overflow(error);
    spread->used += !spread_is_held(cell);
    *cell = next;
    return SJ_OK;
}

/* Room for a few cells at a time, so that what is common, a bucket that there is, costs no call. */
sj_status sj__spread_add_all(sj__spread *spread, const sj_allocator *a, const int64_t *numbers,
                             size_t n, sj_error *error)
{
    enum { SPREAD_AHEAD = 32 };
    size_t i = 0;

    while (i < n) {
        size_t left = n - i < SPREAD_AHEAD ? n - i : SPREAD_AHEAD;
        sj_status status = spread_reserve(spread, a, left, error);

        if (status != SJ_OK)
            return status;
        for (size_t ahead = left; ahead > 0; i++) {
            int64_t v = numbers[i] > 0 ? numbers[i] : 0;
            uint32_t bucket = sj__spread_bucket(v);
            sj__spread_cell *cell =
                &spread->cells[spread_slot(spread->cells, spread->capacity, bucket)];
            sj__spread_cell next = {.bucket = bucket};

            if (!spread_sum_up(cell, 1, 1, v, &next))
                return spread_overflow(error);
            ahead -= 1;
            spread->used += !spread_is_held(cell);
            *cell = next;
        }
    }
    return SJ_OK;
}

sj_status sj__spread_merge(sj__spread *spread, const sj_allocator *a, const sj__spread *other,
                           int sign, sj_error *error)
{
    sj_status status;

    if (other->used == 0)
        return SJ_OK;
    status = spread_reserve(spread, a, other->used, error);
    if (status != SJ_OK)
        return status;
    /* First whether all fit, then the change: a failure leaves the numbers as they were. */
    for (int change = 0; change < 2; change++) {
        for (size_t i = 0; i < spread_cells(other); i++) {
            sj__spread_cell added = other->cells[i];
            sj__spread_cell *cell;
            sj__spread_cell next = {.bucket = added.bucket};

            if (!spread_is_held(&added))
                continue;
            cell = &spread->cells[spread_slot(spread->cells, spread->capacity, added.bucket)];
            if (!spread_sum_up(cell, sign, added.count, added.sum, &next))
                return spread_overflow(error);
            if (change) {
                spread->used += !spread_is_held(cell);
                *cell = next;
            }
        }
    }
    return SJ_OK;
}

/* Shell's sort with Ciura's gaps: in place, and a spread has at most 7,296 cells. */
static void spread_order(sj__spread_cell *cells, size_t n)
{
    static const size_t gaps[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1};

    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        size_t gap = gaps[g];

        for (size_t i = gap; i < n; i++) {
            sj__spread_cell moved = cells[i];
            size_t k = i;

            for (; k >= gap && cells[k - gap].bucket > moved.bucket; k -= gap)
                cells[k] = cells[k - gap];
            cells[k] = moved;
        }
    }
}

void sj__spread_sort(sj__spread *spread)
{
    size_t used = 0;

    for (size_t i = 0; i < spread_cells(spread); i++) {
        const sj__spread_cell *cell = &spread->cells[i];

        if (spread_is_held(cell) && (cell->count != 0 || cell->sum != 0))
            spread->cells[used++] = *cell;
    }
    if (!spread->sorted)
        spread_order(spread->cells, used);
    spread->used = used;
    spread->sorted = 1;
}

void sj__spread_free(sj__spread *spread, const sj_allocator *a)
{
    sj__free(a, spread->cells, spread->capacity, sizeof *spread->cells);
    *spread = (sj__spread){.cells = NULL};
}

int64_t sj__spread_count(const sj__spread *spread)
{
    uint64_t count = 0;

    for (size_t i = 0; i < spread_cells(spread); i++)
        count += (uint64_t)spread->cells[i].count;
    return (int64_t)count;
}

sj__i128 sj__spread_sum(const sj__spread *spread)
{
    sj__u128 sum = 0;

    for (size_t i = 0; i < spread_cells(spread); i++)
        sum += (sj__u128)spread->cells[i].sum;
    return (sj__i128)sum;
}

/* q is taken to the nearest 10^-6, so that the rank is one of whole numbers: as a double, 0.07 ×
 * 100 is above 7. */
static int64_t spread_rank(double q, int64_t n)
{
    const int64_t million = 1000000;
    int64_t parts = q >= 1 ? million : q > 0 ? (int64_t)(q * 1e6 + 0.5) : 0;
    sj__i128 rank = ((sj__i128)parts * n + million - 1) / million;

    return rank > 1 ? (int64_t)rank : 1;
}

double sj__spread_quantile(const sj__spread *spread, double q)
{
    int64_t left = spread_rank(q, sj__spread_count(spread));
    const sj__spread_cell *cell = spread->cells;
    sj__i128 mean;
    sj__i128 rest;

    if (SJ__NEVER(spread->used == 0 || !spread->sorted))
        return 0.0;
    for (const sj__spread_cell *last = cell + spread->used - 1; cell < last; cell++) {
        if (left <= cell->count)
            break;
        left -= cell->count;
    }
    if (cell->count == 0)
        return 0.0;
    mean = cell->sum / cell->count;
    rest = cell->sum % cell->count;
    return (double)mean + (double)(int64_t)rest / (double)cell->count;
}
