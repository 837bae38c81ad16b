/* Expected transitions: between touchpoints as the map lists them; once it lists any between
 * stages, also from stage to stage, inside a stage, and to and from touchpoints without one.
 * Sorted pairs, found by halving: O(log). */
#include "journey/expected.h"

static void expected_collect(sj__expected *expected, int of_stages, size_t from, size_t n)
{
    const sj__map *map = expected->map;
    for (size_t i = 0; i < map->n_expected; i++) {
        const sj__map_expected *row = &map->expected[i];
        if ((row->of_stages != 0) == of_stages)
            expected->pairs[from++].key = (uint64_t)row->from << 32 | row->to;
    }
    sj__sort_pairs(expected->pairs + from - n, expected->pairs + expected->n_pairs, n);
}

sj_status sj__expected_init(sj__expected *expected, const sj__map *map,
                            const sj_allocator *allocator, sj_error *error)
{
    *expected = (sj__expected){.allocator = *allocator, .map = map, .n_pairs = map->n_expected};
    for (size_t i = 0; i < map->n_expected; i++)
        expected->n_stages += map->expected[i].of_stages != 0;
    expected->n_touchpoints = expected->n_pairs - expected->n_stages;
    expected->pairs = sj__alloc_zeroed(allocator, expected->n_pairs, 2 * sizeof *expected->pairs);
    if (expected->pairs == NULL)
        return sj__fail_nomem(error);
    expected_collect(expected, 0, 0, expected->n_touchpoints);
    expected_collect(expected, 1, expected->n_touchpoints, expected->n_stages);
    return SJ_OK;
}

void sj__expected_free(sj__expected *expected)
{
    if (expected->allocator.resize == NULL)
        return;
    sj__free(&expected->allocator, expected->pairs, expected->n_pairs, 2 * sizeof *expected->pairs);
    *expected = (sj__expected){0};
}

static int expected_find(const sj__pair *pairs, size_t n, uint32_t from, uint32_t to)
{
    const uint64_t wanted = (uint64_t)from << 32 | to;
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pairs[middle].key < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && pairs[low].key == wanted;
}

int sj__expected_has(const sj__expected *expected, uint32_t from, uint32_t to)
{
    const sj__map *map = expected->map;
    const uint32_t s = map->touchpoint[from].stage, t = map->touchpoint[to].stage;
    if (expected_find(expected->pairs, expected->n_touchpoints, from, to))
        return 1;
    if (expected->n_stages == 0)
        return 0;
    return s == t || s == SJ__NO_ID || t == SJ__NO_ID ||
           expected_find(expected->pairs + expected->n_touchpoints, expected->n_stages, s, t);
}
