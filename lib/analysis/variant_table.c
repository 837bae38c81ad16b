/* Different sequences of codes: found by a hash of their bytes, so that nothing is named and no key
 * is made before the scan is over.  The hash takes eight bytes at a time through a multiplication
 * of 64 by 64 bits whose halves are folded (as in wyhash and its kin); equal hashes are told apart
 * by the codes themselves.  O(bytes). */
#include <string.h>

#include "analysis/variant.h"

#include "base/checked.h"
#include "base/sort.h"
#include "journey/narrow.h"

void sj__variant_rows_init(sj__variant_rows *rows, const sj_allocator *allocator)
{
    *rows = (sj__variant_rows){.allocator = *allocator};
    sj__index_init(&rows->index, &rows->allocator);
}

void sj__variant_rows_free(sj__variant_rows *rows)
{
    const sj_allocator *a = &rows->allocator;
    if (a->resize == NULL)
        return;
    for (size_t i = 0; i < rows->n_rows; i++)
        sj__spread_free(&rows->rows[i].time, a);
    sj__free(a, rows->codes, rows->codes_capacity, sizeof *rows->codes);
    sj__free(a, rows->rows, rows->rows_capacity, sizeof *rows->rows);
    sj__index_free(&rows->index);
    *rows = (sj__variant_rows){0};
}

static uint64_t variant_fold(uint64_t a, uint64_t b)
{
    const sj__u128 product = (sj__u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t variant_hash(const uint8_t *bytes, size_t n)
{
    uint64_t hash = n ^ UINT64_C(0x9E3779B97F4A7C15), word;
    for (; n >= sizeof word; n -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = variant_fold(hash ^ word, UINT64_C(0xD6E8FEB86659FD93));
    }
    word = 0;
    if (n > 0)
        memcpy(&word, bytes, n);
    return sj__hash_mix(hash ^ word);
}

typedef struct variant_wanted {
    const void *codes;
    size_t n;
} variant_wanted;

static int variant_same(const void *user, uint32_t position, const void *wanted)
{
    const sj__variant_rows *rows = user;
    const sj__variant_row *row = &rows->rows[position];
    const variant_wanted *other = wanted;
    return row->n == other->n &&
           (other->n == 0 || memcmp(rows->codes + row->at, other->codes, other->n) == 0);
}

sj_status sj__variant_row_of(sj__variant_rows *rows, const void *codes, size_t n,
                             sj__variant_row **out, sj_error *error)
{
    const sj_allocator *a = &rows->allocator;
    const uint64_t hash = variant_hash(codes, n);
    const variant_wanted wanted = {codes, n};
    const uint32_t found = sj__index_find(&rows->index, hash, variant_same, rows, &wanted);
    size_t need = 0;
    if (found != SJ__ABSENT) {
        *out = &rows->rows[found];
        return SJ_OK;
    }
    if (rows->n_rows >= UINT32_MAX - 1)
        return sj__fail(error, SJ_ERR_LIMIT, "more than 4294967294 different paths");
    if (!sj__size_add(rows->n_codes, n, &need))
        return sj__fail_nomem(error);
    sj_status status = sj__grow(a, &rows->codes, &rows->codes_capacity, need, error);
    if (status == SJ_OK)
        status = sj__grow(a, &rows->rows, &rows->rows_capacity, rows->n_rows + 1, error);
    if (status == SJ_OK)
        status = sj__index_reserve(&rows->index, 1, error);
    if (status != SJ_OK)
        return status;
    if (n > 0)
        memcpy(rows->codes + rows->n_codes, codes, n);
    *out = &rows->rows[rows->n_rows];
    **out = (sj__variant_row){.at = rows->n_codes, .n = n};
    rows->n_codes = need;
    sj__index_insert(&rows->index, hash, (uint32_t)rows->n_rows++);
    return SJ_OK;
}

/* ---- in order ---- */

uint32_t sj__variant_rank_at(const sj__variant_rows *rows, const sj__variant_row *row,
                             int32_t width, size_t i)
{
    const uint8_t *at = rows->codes + row->at + i * (size_t)width;
    uint32_t rank = 0;
    for (int32_t k = 0; k < width; k++)
        rank = rank << 8 | at[k];
    return rank;
}

/* Codes to ranks, highest byte first, so that memcmp orders sequences. */
static void variant_rank_codes(sj__variant_rows *rows, int32_t width, const uint32_t *rank)
{
    for (size_t at = 0; at < rows->n_codes; at += (size_t)width) {
        const uint32_t r = rank[sj__narrow_get(rows->codes + at, width, 0)];
        for (int32_t k = 0; k < width; k++)
            rows->codes[at + (size_t)k] = (uint8_t)(r >> 8 * (width - 1 - k));
    }
}

/* The first eight bytes of a sequence as a number, which decides most comparisons. */
static uint64_t variant_prefix(const sj__variant_rows *rows, const sj__variant_row *row)
{
    uint64_t prefix = 0;
    for (size_t i = 0; i < sizeof prefix; i++)
        prefix = prefix << 8 | (i < row->n ? rows->codes[row->at + i] : 0);
    return prefix;
}

static int variant_is_before(const sj__variant_rows *rows, const sj__pair *a, const sj__pair *b)
{
    const sj__variant_row *x = &rows->rows[a->number], *y = &rows->rows[b->number];
    const size_t n = (size_t)(x->n < y->n ? x->n : y->n);
    if (a->key != b->key)
        return a->key < b->key;
    const int order = n > 0 ? memcmp(rows->codes + x->at, rows->codes + y->at, n) : 0;
    return order != 0 ? order < 0 : x->n < y->n;
}

/* Merges from the bottom up; the pairs in order. */
static const sj__pair *variant_merge(const sj__variant_rows *rows, sj__pair *pairs,
                                     sj__pair *scratch)
{
    const size_t n = rows->n_rows;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            const size_t middle = low + width < n ? low + width : n;
            const size_t high = middle + width < n ? middle + width : n;
            size_t a = low, b = middle;
            for (size_t i = low; i < high; i++) {
                const int right =
                    b < high && (a == middle || variant_is_before(rows, &pairs[b], &pairs[a]));
                scratch[i] = right ? pairs[b++] : pairs[a++];
            }
        }
        sj__pair *swap = pairs;
        pairs = scratch;
        scratch = swap;
    }
    return pairs;
}

sj_status sj__variant_rows_sort(sj__variant_rows *rows, int32_t width, const uint32_t *by_rank,
                                size_t n, uint32_t *order, sj_error *error)
{
    const sj_allocator *a = &rows->allocator;
    const size_t n_rows = rows->n_rows;
    uint32_t *rank = sj__alloc(a, n, sizeof *rank);
    sj__pair *pairs = sj__alloc(a, n_rows, 2 * sizeof *pairs);
    sj_status status = SJ_OK;
    if (rank == NULL || pairs == NULL) {
        status = sj__fail_nomem(error);
    } else {
        for (size_t r = 0; r < n; r++)
            rank[by_rank[r]] = (uint32_t)r;
        variant_rank_codes(rows, width, rank);
        for (size_t i = 0; i < n_rows; i++)
            pairs[i] = (sj__pair){variant_prefix(rows, &rows->rows[i]), i};
        const sj__pair *sorted = variant_merge(rows, pairs, pairs + n_rows);
        for (size_t i = 0; i < n_rows; i++)
            order[i] = (uint32_t)sorted[i].number;
    }
    sj__free(a, rank, n, sizeof *rank);
    sj__free(a, pairs, n_rows, 2 * sizeof *pairs);
    return status;
}
