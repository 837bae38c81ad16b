/* Open addressing with linear probing, at most two thirds full; Fibonacci hashing (Knuth, volume 3,
 * 6.4). */
#include "journey/keycache.h"

#include <string.h>

#define KEYCACHE_FIRST 64

void sj__keycache_init(sj__keycache *cache, const sj_allocator *allocator)
{
    *cache = (sj__keycache){.allocator = allocator};
}

void sj__keycache_free(sj__keycache *cache)
{
    sj__free(cache->allocator, cache->slots, cache->capacity, sizeof *cache->slots);
    sj__keycache_init(cache, cache->allocator);
}

void sj__keycache_clear(sj__keycache *cache)
{
    if (cache->count) {
        memset(cache->slots, 0, cache->capacity * sizeof *cache->slots);
        cache->count = 0;
    }
}

static void keycache_put(sj__keycache *cache, uint64_t slot)
{
    size_t i = sj__keycache_home(cache, (uint32_t)(slot >> 32));
    while (cache->slots[i]) {
        i = (i + 1) & (cache->capacity - 1);
    }
    cache->slots[i] = slot;
    cache->count++;
}

static int keycache_grow(sj__keycache *cache)
{
    sj__keycache grown = *cache;
    grown.capacity = cache->capacity ? 2 * cache->capacity : KEYCACHE_FIRST;
    grown.count = 0;
    grown.shift = 64 - __builtin_ctzll(grown.capacity);
    grown.slots = sj__alloc_zeroed(cache->allocator, grown.capacity, sizeof *grown.slots);
    if (!grown.slots) {
        return 0;
    }
    for (size_t i = 0; i < cache->capacity; i++) {
        if (cache->slots[i]) {
            keycache_put(&grown, cache->slots[i]);
        }
    }
    sj__free(cache->allocator, cache->slots, cache->capacity, sizeof *cache->slots);
    *cache = grown;
    return 1;
}

sj_status sj__keycache_add(sj__keycache *cache, uint32_t key, uint32_t customer, sj_error *error)
{
    if (cache->count >= cache->capacity - cache->capacity / 3 && !keycache_grow(cache)) {
        return sj__fail_nomem(error);
    }
    keycache_put(cache, (uint64_t)key << 32 | (customer + 1));
    return SJ_OK;
}
