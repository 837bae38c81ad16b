/* Hashes, and a table of positions by hash.
 *
 * Keys are hashed by FNV-1a (Fowler, Noll, Vo) and stirred by the finaliser of splitmix64 (Steele,
 * Lea, Flood 2014; constants as Vigna published them), which spreads FNV's weak high bits.  The
 * table is open addressing with linear probing, at most two thirds full, a power of two of slots; a
 * slot keeps the hash's high half, so it grows without asking for the things again, and removal
 * shifts the run behind the hole back (Knuth, volume 3, 6.4, algorithm R), so that there are no
 * tombstones.  Expected O(1). */
#include "base/hash.h"

#include <string.h>

#include "base/checked.h"

uint64_t sj__hash_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    x ^= x >> 31;
    return x;
}

uint64_t sj__hash_key(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t h = UINT64_C(0xCBF29CE484222325);

    for (size_t i = 0; i < n; i++) {
        h ^= p[i];
        h *= UINT64_C(0x100000001B3);
    }
    return sj__hash_mix(h);
}

void sj__index_init(sj__index *index, const sj_allocator *allocator)
{
    *index = (sj__index){.allocator = allocator};
}

void sj__index_free(sj__index *index)
{
    sj__free(index->allocator, index->slots, index->capacity, sizeof *index->slots);
    sj__index_init(index, index->allocator);
}

/* Where a slot's content would like to lie. */
static size_t hash_home(uint64_t slot, size_t capacity)
{
    return (size_t)(slot >> 32) & (capacity - 1);
}

static uint64_t hash_slot(uint64_t hash, uint32_t position)
{
    return (hash & UINT64_C(0xFFFFFFFF00000000)) | ((uint64_t)position + 1);
}

static void hash_put(uint64_t *slots, size_t capacity, uint64_t slot)
{
    size_t i = hash_home(slot, capacity);

    while (slots[i] != 0)
        i = (i + 1) & (capacity - 1);
    slots[i] = slot;
}

uint32_t sj__index_find(const sj__index *index, uint64_t hash, sj__index_same same,
                        const void *user, const void *wanted)
{
    uint64_t high = hash >> 32;
    size_t mask = index->capacity - 1;

    if (index->count == 0)
        return SJ__ABSENT;
    for (size_t i = (size_t)high & mask; index->slots[i] != 0; i = (i + 1) & mask) {
        if (index->slots[i] >> 32 == high) {
            uint32_t position = (uint32_t)index->slots[i] - 1;

            if (same(user, position, wanted))
                return position;
        }
    }
    return SJ__ABSENT;
}

sj_status sj__index_reserve(sj__index *index, size_t more, sj_error *error)
{
    size_t capacity = index->capacity > 0 ? index->capacity : 16;
    uint64_t *slots;
    size_t need;

    if (!sj__size_add(index->count, more, &need) || need > UINT32_MAX - 1)
        return sj__fail(error, SJ_ERR_LIMIT, "more than 4294967294 things in one table");
    while (capacity - capacity / 3 < need + 1) {
        if (!sj__size_multiply(capacity, 2, &capacity))
            return sj__fail_nomem(error);
    }
    if (capacity == index->capacity)
        return SJ_OK;
    slots = sj__alloc_zeroed(index->allocator, capacity, sizeof *slots);
    if (slots == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i] != 0)
            hash_put(slots, capacity, index->slots[i]);
    }
    sj__free(index->allocator, index->slots, index->capacity, sizeof *index->slots);
    index->slots = slots;
    index->capacity = capacity;
    return SJ_OK;
}

void sj__index_insert(sj__index *index, uint64_t hash, uint32_t position)
{
    if (SJ__NEVER(index->count + 1 >= index->capacity))
        return;
    hash_put(index->slots, index->capacity, hash_slot(hash, position));
    index->count++;
}

void sj__index_remove(sj__index *index, uint64_t hash, uint32_t position)
{
    uint64_t slot = hash_slot(hash, position);
    size_t mask = index->capacity - 1;
    size_t hole;

    if (index->capacity == 0)
        return;
    for (hole = hash_home(slot, index->capacity); index->slots[hole] != slot;
         hole = (hole + 1) & mask) {
        if (SJ__NEVER(index->slots[hole] == 0))
            return;
    }
    for (size_t i = (hole + 1) & mask; index->slots[i] != 0; i = (i + 1) & mask) {
        size_t home = hash_home(index->slots[i], index->capacity);

        /* It may move into the hole unless that lies before its home. */
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            index->slots[hole] = index->slots[i];
            hole = i;
        }
    }
    index->slots[hole] = 0;
    index->count--;
}
