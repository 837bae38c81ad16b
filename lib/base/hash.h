/* Hashes, and a table of positions by hash. */
#ifndef SJ__BASE_HASH_H
#define SJ__BASE_HASH_H

#include "base/alloc.h"

/* splitmix64's finaliser. */
uint64_t sj__hash_mix(uint64_t x);

/* The hash of a customer's key, the same on every machine: mix(FNV-1a-64(bytes)).  Customers stand
 * in its order, and its top 5 bits are the customer's group. */
uint64_t sj__hash_key(const void *bytes, size_t n);

#define SJ__ABSENT UINT32_MAX

/* Open addressing; holds positions (uint32_t) and 32 bits of each one's hash; the caller keeps the
 * things. */
typedef struct sj__index {
    const sj_allocator *allocator;
    uint64_t *slots; /* hash's high half, position + 1; 0: free */
    size_t capacity; /* power of two, or 0 */
    size_t count;
} sj__index;

/* Whether the thing at `position` is the one looked for. */
typedef int (*sj__index_same)(const void *user, uint32_t position, const void *wanted);

void sj__index_init(sj__index *index, const sj_allocator *allocator);
void sj__index_free(sj__index *index);
/* Position, or SJ__ABSENT. */
uint32_t sj__index_find(const sj__index *index, uint64_t hash, sj__index_same same,
                        const void *user, const void *wanted);
/* For many searches in a row, each of which would wait for memory: asks for the slot that one will
 * begin with, and some searches later tells the position that it will look at first (SJ__ABSENT:
 * none). */
static inline void sj__index_prefetch(const sj__index *index, uint64_t hash)
{
    if (index->capacity > 0)
        __builtin_prefetch(&index->slots[(size_t)(hash >> 32) & (index->capacity - 1)]);
}
static inline uint32_t sj__index_guess(const sj__index *index, uint64_t hash)
{
    const size_t mask = index->capacity - 1;
    size_t i = (size_t)(hash >> 32) & mask;

    if (index->count == 0)
        return SJ__ABSENT;
    while (index->slots[i] != 0 && index->slots[i] >> 32 != hash >> 32)
        i = (i + 1) & mask;
    return (uint32_t)index->slots[i] - 1;
}
/* Makes room for `more` insertions, so that they cannot fail. */
sj_status sj__index_reserve(sj__index *index, size_t more, sj_error *error);
/* Needs room; the thing must not be there yet. */
void sj__index_insert(sj__index *index, uint64_t hash, uint32_t position);
/* Takes out a position that is there (backward-shift deletion). */
void sj__index_remove(sj__index *index, uint64_t hash, uint32_t position);

#endif
