/* Numbers on their way into a spread.
 *
 * Counted numbers lie in blocks, one for each octave of the spread's buckets that occurs: a cell
 * for each of the 128 buckets, with how many and by how much they are above the bucket's lowest
 * number in all.  No search, and half the memory of a table by hash.  A sum that leaves 64 bits,
 * which takes a distant century, carries into a spread of its own. */
#include "base/gather.h"

enum {
    GATHER_FIRST = 16,
    GATHER_MOST = 2048, /* numbers held */
    GATHER_TOGETHER = 32,
    GATHER_PARTS = 128, /* buckets of an octave */
    GATHER_OCTAVES = SJ__SPREAD_BUCKETS / GATHER_PARTS
};

typedef struct gather_cell {
    uint64_t count;
    uint64_t above;
} gather_cell;

struct sj__gathered {
    gather_cell *octaves[GATHER_OCTAVES];
    sj__spread carried;
};

/* The cell of a number, called into the cache, and how far above its lowest number it is; NULL
 * where memory is short. */
static inline gather_cell *gather_find(sj__gathered *to, const sj_allocator *a, uint64_t v,
                                       uint64_t *above)
{
    const unsigned octave = 63 - (unsigned)__builtin_clzll(v | GATHER_PARTS) - 7;
    const uint64_t bucket = octave * (uint64_t)GATHER_PARTS + (v >> octave);
    gather_cell **block = &to->octaves[bucket / GATHER_PARTS];
    *above = v & ((UINT64_C(1) << octave) - 1);
    if (*block == NULL) {
        *block = sj__alloc_zeroed(a, GATHER_PARTS, sizeof **block);
        if (*block == NULL)
            return NULL;
    }
    __builtin_prefetch(&(*block)[bucket % GATHER_PARTS], 1);
    return &(*block)[bucket % GATHER_PARTS];
}

/* 2^64 more in the sum of a number's bucket. */
static sj_status gather_carry(sj__gathered *to, const sj_allocator *a, int64_t v, sj_error *error)
{
    return sj__spread_add(&to->carried, a, sj__spread_bucket(v), 0, (sj__i128)1 << 64, error);
}

/* Counts the numbers held: some are looked up before the first of them is counted, so that their
 * cells come together. */
static sj_status gather_count(sj__gather *gather, const sj_allocator *a, sj_error *error)
{
    sj__gathered *to = gather->gathered;
    gather_cell *cells[GATHER_TOGETHER];
    uint64_t above[GATHER_TOGETHER];
    for (uint32_t from = 0; from < gather->n; from += GATHER_TOGETHER) {
        const uint32_t left = gather->n - from;
        const uint32_t n = left < GATHER_TOGETHER ? left : GATHER_TOGETHER;
        for (uint32_t i = 0; i < n; i++) {
            cells[i] = gather_find(to, a, (uint64_t)gather->held[from + i], &above[i]);
            if (cells[i] == NULL)
                return sj__fail_nomem(error);
        }
        for (uint32_t i = 0; i < n; i++) {
            cells[i]->count++;
            cells[i]->above += above[i];
            if (cells[i]->above < above[i]) {
                const sj_status status = gather_carry(to, a, gather->held[from + i], error);
                if (status != SJ_OK)
                    return status;
            }
        }
    }
    gather->n = 0;
    return SJ_OK;
}

sj_status sj__gather_flush(sj__gather *gather, const sj_allocator *a, sj_error *error)
{
    if (gather->capacity < GATHER_MOST) {
        size_t capacity = gather->capacity;
        const sj_status status =
            sj__grow(a, &gather->held, &capacity,
                     capacity == 0 ? GATHER_FIRST : 2 * (size_t)gather->capacity, error);
        gather->capacity = (uint32_t)capacity;
        return status;
    }
    if (gather->gathered == NULL) {
        gather->gathered = sj__alloc_zeroed(a, 1, sizeof *gather->gathered);
        if (gather->gathered == NULL)
            return sj__fail_nomem(error);
    }
    return gather_count(gather, a, error);
}

/* Cells with anything in them, in order of buckets, into `out`; NULL: only how many. */
static size_t gather_list(const sj__gathered *gathered, sj__spread_cell *out)
{
    size_t n = 0;
    for (uint32_t octave = 0; octave < GATHER_OCTAVES; octave++) {
        const gather_cell *block = gathered->octaves[octave];
        for (uint32_t part = 0; block != NULL && part < GATHER_PARTS; part++) {
            const gather_cell *cell = &block[part];
            const uint32_t bucket = octave * GATHER_PARTS + part;
            int64_t low, high;
            if (cell->count == 0)
                continue;
            if (out != NULL) {
                sj__spread_bounds(bucket, &low, &high);
                out[n] = (sj__spread_cell){.bucket = bucket,
                                           .count = (int64_t)cell->count,
                                           .sum = (sj__i128)low * (int64_t)cell->count +
                                                  (sj__i128)cell->above};
            }
            n++;
        }
    }
    return n;
}

sj_status sj__gather_into(sj__gather *gather, const sj_allocator *a, sj__spread *spread,
                          const sj_allocator *spread_allocator, sj_error *error)
{
    sj__gathered *gathered = gather->gathered;
    if (gathered == NULL)
        return sj__spread_add_all(spread, spread_allocator, gather->held, gather->n, error);
    sj_status status = gather_count(gather, a, error);
    if (status != SJ_OK)
        return status;
    sj__spread all = {.sorted = 1};
    all.used = gather_list(gathered, NULL);
    for (all.capacity = 4; all.capacity < all.used;)
        all.capacity *= 2;
    all.cells = sj__alloc(spread_allocator, all.capacity, sizeof *all.cells);
    if (all.cells == NULL)
        return sj__fail_nomem(error);
    (void)gather_list(gathered, all.cells);
    if (spread->cells == NULL) { /* then it is its own */
        *spread = all;
    } else {
        status = sj__spread_merge(spread, spread_allocator, &all, 1, error);
        sj__spread_free(&all, spread_allocator);
    }
    if (status == SJ_OK)
        status = sj__spread_merge(spread, spread_allocator, &gathered->carried, 1, error);
    return status;
}

void sj__gather_free(sj__gather *gather, const sj_allocator *a)
{
    sj__free(a, gather->held, gather->capacity, sizeof *gather->held);
    for (size_t i = 0; gather->gathered != NULL && i < GATHER_OCTAVES; i++)
        sj__free(a, gather->gathered->octaves[i], GATHER_PARTS, sizeof(gather_cell));
    if (gather->gathered != NULL)
        sj__spread_free(&gather->gathered->carried, a);
    sj__free(a, gather->gathered, 1, sizeof *gather->gathered);
    *gather = (sj__gather){0};
}
