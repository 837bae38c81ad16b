/* Stable radix sort of 64-bit keys that carry a number. */
#ifndef SJ__BASE_SORT_H
#define SJ__BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

typedef struct sj__pair {
    uint64_t key;
    uint64_t number;
} sj__pair;

/* Sorts n pairs by key, ascending, equal keys in their order; `scratch` has room for n.  O(n); does
 * nothing where they are in order, insertion sort for few, and passes over bytes that all keys
 * share are left out. */
void sj__sort_pairs(sj__pair *pairs, sj__pair *scratch, size_t n);

/* Order-preserving key of a time. */
static inline uint64_t sj__sort_key(int64_t time)
{
    return (uint64_t)time ^ (UINT64_C(1) << 63);
}

#endif
