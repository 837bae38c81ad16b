/* What applications read of a graph: O(1) but for what searches, which is O(log).  Customers stand
 * in order of the hash of their key, which is uniform, so a key is found by interpolation in O(log
 * log customers) hashes on average. */
#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "journey/graph.h"

/* The vocabulary of a kind; NULL for those that are no names. */
static const sj__intern *look_names(const sj_graph *graph, int32_t kind)
{
    const sj__map *map = sj__graph_map(graph);
    switch (kind) {
    case SJ_KIND_TOUCHPOINTS:
        return &map->touchpoints;
    case SJ_KIND_STAGES:
        return &map->stages;
    case SJ_KIND_CHANNELS:
        return &map->channels;
    case SJ_KIND_MICRO_CONVERSIONS:
        return &map->conversions;
    case SJ_KIND_ATTRIBUTES:
        return &map->attributes;
    default:
        return NULL;
    }
}

uint64_t sj_graph_count(const sj_graph *graph, int32_t kind)
{
    const sj__intern *names;
    if (!graph) {
        return 0;
    }
    switch (kind) {
    case SJ_KIND_EVENTS:
        return sj__graph_events(graph);
    case SJ_KIND_CUSTOMERS:
        return sj__graph_customers(graph);
    case SJ_KIND_BYTES:
        return sj__graph_bytes(graph);
    default:
        names = look_names(graph, kind);
        return names ? names->count : 0;
    }
}

const char *sj_graph_name(const sj_graph *graph, int32_t kind, uint64_t i)
{
    const sj__intern *names;
    if (!graph) {
        return NULL;
    }
    if (kind == SJ_KIND_CUSTOMERS) {
        return i < sj__graph_customers(graph) ? sj__graph_key(graph, i, NULL) : NULL;
    }
    names = look_names(graph, kind);
    return names && i < names->count ? sj__intern_name(names, (uint32_t)i, NULL) : NULL;
}

static uint64_t look_hash(const sj_graph *graph, uint64_t customer)
{
    size_t n;
    const char *key = sj__graph_key(graph, customer, &n);
    return sj__hash_key(key, n);
}

/* The first customer whose hash is at least `hash`: interpolation, halving every other time so that
 * no set of keys makes it slow. */
static uint64_t look_find_hash(const sj_graph *graph, uint64_t hash)
{
    uint64_t low = 0, high = sj__graph_customers(graph); /* the answer lies in [low, high] */
    uint64_t low_hash = 0, high_hash = UINT64_MAX,
             turn = 0; /* bounds of the hashes in [low, high) */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2, found;
        if (turn++ % 2 == 0 && high_hash > low_hash) {
            sj__u128 scaled = (sj__u128)(hash - low_hash) * (high - low);
            middle = low + (uint64_t)(scaled / ((sj__u128)(high_hash - low_hash) + 1));
        }
        found = look_hash(graph, middle);
        if (found < hash) {
            low = middle + 1;
            low_hash = found;
        } else {
            high = middle;
            high_hash = found;
        }
    }
    return low;
}

static uint64_t look_find_customer(const sj_graph *graph, const char *key, size_t n)
{
    uint64_t hash = sj__hash_key(key, n);
    for (uint64_t c = look_find_hash(graph, hash);
         c < sj__graph_customers(graph) && look_hash(graph, c) == hash; c++) {
        size_t size;
        const char *other = sj__graph_key(graph, c, &size);
        if (size == n && memcmp(other, key, n) == 0) {
            return c;
        }
    }
    return SJ_NONE;
}

uint64_t sj_graph_find(const sj_graph *graph, int32_t kind, const char *name)
{
    const sj__intern *names;
    uint32_t found;
    if (!graph || !name) {
        return SJ_NONE;
    }
    if (kind == SJ_KIND_CUSTOMERS) {
        return look_find_customer(graph, name, strlen(name));
    }
    names = look_names(graph, kind);
    found = names ? sj__intern_find(names, name, strlen(name)) : SJ__ABSENT;
    return found == SJ__ABSENT ? SJ_NONE : found;
}

static uint64_t look_public(uint32_t number)
{
    return number == SJ__NO_ID ? SJ_NONE : number;
}

uint64_t sj_graph_stage(const sj_graph *graph, uint64_t touchpoint)
{
    int known = graph && touchpoint < sj__graph_map(graph)->touchpoints.count;
    return known ? look_public(sj__graph_map(graph)->touchpoint[touchpoint].stage) : SJ_NONE;
}

uint64_t sj_graph_channel(const sj_graph *graph, uint64_t touchpoint)
{
    int known = graph && touchpoint < sj__graph_map(graph)->touchpoints.count;
    return known ? look_public(sj__graph_map(graph)->touchpoint[touchpoint].channel) : SJ_NONE;
}

uint64_t sj_graph_length(const sj_graph *graph, uint64_t customer)
{
    int known = graph && customer < sj__graph_customers(graph);
    return known ? sj__graph_first(graph, customer + 1) - sj__graph_first(graph, customer) : 0;
}

int32_t sj_graph_event(const sj_graph *graph, uint64_t customer, uint64_t i, sj_moment *out)
{
    uint64_t event;
    int64_t value;
    if (!out || i >= sj_graph_length(graph, customer)) {
        return 0;
    }
    event = sj__graph_first(graph, customer) + i;
    *out = (sj_moment){.time = sj__graph_time(graph, customer, event),
                       .touchpoint = sj__graph_touchpoint(graph, event),
                       .channel = look_public(sj__graph_channel(graph, event))};
    out->has_value = sj__graph_value(graph, event, &value);
    out->value = out->has_value ? sj__fixed6_to_real(value) : 0;
    return 1;
}
