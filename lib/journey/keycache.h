/* Customers by keys that are whole numbers of 32 bits: what the table of names knows too, found
 * with one miss of the cache instead of three.  It may forget. */
#ifndef SJ__JOURNEY_KEYCACHE_H
#define SJ__JOURNEY_KEYCACHE_H

#include "base/alloc.h"

typedef struct sj__keycache {
    const sj_allocator *allocator;
    uint64_t *slots; /* key << 32 | customer + 1; 0: free */
    size_t capacity; /* power of two, or 0 */
    size_t count;
    int32_t shift; /* of the hash */
} sj__keycache;

void sj__keycache_init(sj__keycache *cache, const sj_allocator *allocator);
void sj__keycache_free(sj__keycache *cache);
/* Forgets all. */
void sj__keycache_clear(sj__keycache *cache);
/* The key must not be there yet.  SJ_ERR_NOMEM. */
sj_status sj__keycache_add(sj__keycache *cache, uint32_t key, uint32_t customer, sj_error *error);

static inline size_t sj__keycache_home(const sj__keycache *cache, uint32_t key)
{
    return (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> cache->shift);
}

/* Asks for the memory that a search will read. */
static inline void sj__keycache_prefetch(const sj__keycache *cache, uint32_t key)
{
    if (cache->capacity) {
        __builtin_prefetch(&cache->slots[sj__keycache_home(cache, key)]);
    }
}

/* The customer, or UINT32_MAX. */
static inline uint32_t sj__keycache_find(const sj__keycache *cache, uint32_t key)
{
    if (cache->capacity) {
        for (size_t i = sj__keycache_home(cache, key); cache->slots[i];
             i = (i + 1) & (cache->capacity - 1)) {
            if (cache->slots[i] >> 32 == key) {
                return (uint32_t)cache->slots[i] - 1;
            }
        }
    }
    return UINT32_MAX;
}

#endif
