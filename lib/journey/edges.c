/* The graph's edges: transitions between neighbouring events, walked or expected by the map, by
 * from, then to.  The mean dwell is the double nearest to the true one.  Packing is O(edges log
 * expectations), reading O(1), finding O(log). */
#include <string.h>

#include "base/bitmap.h"
#include "base/number.h"
#include "base/sort.h"
#include "journey/layout.h"

typedef struct edges_list {
    const sj_allocator *allocator;
    sj__pair *pairs; /* key from << 32 | to, number: cell + 1, or 0 for one that nobody walked */
    sj__pair *scratch;
    size_t capacity;
    size_t n;
} edges_list;

static sj_status edges_collect(const sj_graph *graph, const sj__edge_counts *counts,
                               edges_list *list, sj_error *error)
{
    size_t walked = 0, expected = 0;
    const sj__map *map = &graph->map;
    for (size_t i = 0; i < counts->capacity; i++) {
        walked += counts->cells[i].count != 0;
    }
    for (size_t i = 0; i < map->n_expected; i++) {
        expected += !map->expected[i].of_stages;
    }
    list->capacity = walked + expected;
    list->pairs = sj__alloc(list->allocator, list->capacity, sizeof *list->pairs);
    list->scratch = sj__alloc(list->allocator, list->capacity, sizeof *list->scratch);
    if (!list->pairs || !list->scratch) {
        return sj__fail_nomem(error);
    }
    for (size_t i = 0; i < counts->capacity; i++) {
        if (counts->cells[i].count) {
            uint64_t pair = counts->dense ? (uint64_t)(i / counts->dense) << 32 | i % counts->dense
                                          : counts->cells[i].pair;
            list->pairs[list->n++] = (sj__pair){pair, i + 1};
        }
    }
    for (size_t i = 0; i < map->n_expected; i++) {
        if (!map->expected[i].of_stages) {
            list->pairs[list->n++] =
                (sj__pair){(uint64_t)map->expected[i].from << 32 | map->expected[i].to, 0};
        }
    }
    sj__sort_pairs(list->pairs, list->scratch, list->n);
    return SJ_OK;
}

/* Joins what is walked and what is expected; a pair's number becomes cell + 1 and its top bit says
 * "expected". */
static void edges_join(edges_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        sj__pair pair = list->pairs[i];
        if (pair.number == 0) {
            pair.number = SJ__EDGE_EXPECTED;
        }
        if (n && list->pairs[n - 1].key == pair.key) {
            list->pairs[n - 1].number |= pair.number;
        } else {
            list->pairs[n++] = pair;
        }
    }
    list->n = n;
}

/* The map's expectations between stages, in order. */
static sj_status edges_collect_stages(const sj_graph *graph, edges_list *list, sj_error *error)
{
    const sj__map *map = &graph->map;
    list->capacity = map->n_expected;
    list->pairs = sj__alloc(list->allocator, list->capacity, sizeof *list->pairs);
    list->scratch = sj__alloc(list->allocator, list->capacity, sizeof *list->scratch);
    if (!list->pairs || !list->scratch) {
        return sj__fail_nomem(error);
    }
    for (size_t i = 0; i < map->n_expected; i++) {
        if (map->expected[i].of_stages) {
            list->pairs[list->n++] =
                (sj__pair){(uint64_t)map->expected[i].from << 32 | map->expected[i].to, 0};
        }
    }
    sj__sort_pairs(list->pairs, list->scratch, list->n);
    return SJ_OK;
}

static void edges_free_list(edges_list *list)
{
    sj__free(list->allocator, list->pairs, list->capacity, sizeof *list->pairs);
    sj__free(list->allocator, list->scratch, list->capacity, sizeof *list->scratch);
}

/* Where a pair stands in a list, or would. */
static size_t edges_place(const edges_list *list, uint64_t pair)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->pairs[middle].key < pair) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Whether the expectations between stages hold for a walked transition: once there are any, what
 * stays in one stage or touches a touchpoint without stage is expected too. */
static int edges_stages_expect(const sj__map *map, const edges_list *stages, uint32_t from,
                               uint32_t to)
{
    uint32_t s = map->touchpoint[from].stage, t = map->touchpoint[to].stage;
    uint64_t pair = (uint64_t)s << 32 | t;
    size_t place;
    if (stages->n == 0) {
        return 0;
    }
    if (s == t || s == SJ__NO_ID || t == SJ__NO_ID) {
        return 1;
    }
    place = edges_place(stages, pair);
    return place < stages->n && stages->pairs[place].key == pair;
}

static sj_status edges_allocate(sj_graph *graph, const edges_list *list, size_t shares,
                                sj_error *error)
{
    sj__edges *edges = &graph->edges;
    size_t touchpoints = graph->map.touchpoints.count;
    size_t words = shares ? sj__bitmap_words(list->n) : 0, ranks = shares ? list->n / 512 + 1 : 0;
    size_t eights = touchpoints + 1 + 2 * list->n + words + ranks + shares;
    uint64_t *at;
    edges->block_size = eights * 8 + list->n * (size_t)graph->touchpoint_width;
    edges->block = sj__alloc_zeroed(&graph->allocator, edges->block_size, 1);
    if (!edges->block) {
        return sj__fail_nomem(error);
    }
    at = edges->block;
    edges->n = list->n;
    edges->first = at;
    edges->count = at += touchpoints + 1;
    edges->dwell = (double *)(void *)(at += list->n);
    at += list->n;
    if (shares) {
        edges->share.present = at;
        edges->share.rank = at += words;
        edges->share.numbers = at += ranks;
        edges->share.rows = list->n;
        edges->share.count = shares;
        at += shares;
    }
    edges->to = at;
    return SJ_OK;
}

static void edges_fill(sj_graph *graph, const sj__edge_counts *counts, const edges_list *list,
                       const edges_list *stages)
{
    sj__edges *edges = &graph->edges;
    for (size_t i = 0; i < list->n; i++) {
        uint32_t from = (uint32_t)(list->pairs[i].key >> 32), to = (uint32_t)list->pairs[i].key;
        uint64_t cell = list->pairs[i].number & ~SJ__EDGE_EXPECTED;
        uint64_t expected = list->pairs[i].number & SJ__EDGE_EXPECTED;
        edges->first[from + 1]++;
        sj__narrow_put(edges->to, graph->touchpoint_width, i, to);
        if (cell) {
            const sj__edge_count *c = &counts->cells[cell - 1];
            edges->count[i] = c->count;
            edges->dwell[i] = sj__mean((sj__u128)c->high << 64 | c->low, c->count);
            if (edges_stages_expect(&graph->map, stages, from, to)) {
                expected = SJ__EDGE_EXPECTED;
            }
        }
        edges->count[i] |= expected;
    }
    for (size_t t = 0; t < graph->map.touchpoints.count; t++) {
        edges->first[t + 1] += edges->first[t];
    }
}

/* Shares go to their edge's rank; two passes, since the map has them in no order. */
static void edges_fill_shares(sj_graph *graph, const edges_list *list)
{
    const sj__map *map = &graph->map;
    sj__graph_column *share = &graph->edges.share;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < map->n_expected; i++) {
            const sj__map_expected *e = &map->expected[i];
            if (!e->of_stages && e->share > 0) {
                size_t edge = edges_place(list, (uint64_t)e->from << 32 | e->to);
                if (pass == 0) {
                    sj__bit_set(share->present, edge);
                } else {
                    memcpy(&share->numbers[sj__bitmap_rank(share->present, share->rank, edge)],
                           &e->share, 8);
                }
            }
        }
        if (pass == 0) {
            sj__bitmap_build_rank(share->present, share->rows, share->rank);
        }
    }
}

sj_status sj__edges_pack(sj_graph *graph, const sj__edge_counts *counts, sj_error *error)
{
    edges_list list = {.allocator = &graph->allocator}, stages = list;
    size_t shares = 0;
    sj_status status = edges_collect(graph, counts, &list, error);
    if (!status) {
        status = edges_collect_stages(graph, &stages, error);
    }
    if (status) {
        goto out;
    }
    edges_join(&list);
    for (size_t i = 0; i < graph->map.n_expected; i++) {
        shares += !graph->map.expected[i].of_stages && graph->map.expected[i].share > 0;
    }
    status = edges_allocate(graph, &list, shares, error);
    if (status) {
        goto out;
    }
    edges_fill(graph, counts, &list, &stages);
    if (shares) {
        edges_fill_shares(graph, &list);
    }
out:
    edges_free_list(&stages);
    edges_free_list(&list);
    return status;
}

/* ------------------------------------------------------------------------------------- reading --
 */

uint64_t sj_graph_transitions(const sj_graph *graph, uint64_t from)
{
    int known = graph && from < graph->map.touchpoints.count;
    return known ? graph->edges.first[from + 1] - graph->edges.first[from] : 0;
}

int32_t sj_graph_transition_at(const sj_graph *graph, uint64_t from, uint64_t i, sj_transition *out)
{
    uint64_t edge, bits = 0;
    if (!out || i >= sj_graph_transitions(graph, from)) {
        return 0;
    }
    edge = graph->edges.first[from] + i;
    *out = (sj_transition){.from = from,
                           .to = sj__narrow_get(graph->edges.to, graph->touchpoint_width, edge),
                           .count = graph->edges.count[edge] & ~SJ__EDGE_EXPECTED,
                           .dwell_mean = graph->edges.dwell[edge],
                           .expected = (graph->edges.count[edge] & SJ__EDGE_EXPECTED) != 0};
    if (sj__layout_number(&graph->edges.share, edge, &bits)) {
        memcpy(&out->expected_share, &bits, sizeof bits);
    }
    return 1;
}

int32_t sj_graph_transition(const sj_graph *graph, uint64_t from, uint64_t to, sj_transition *out)
{
    uint64_t low = 0, high = sj_graph_transitions(graph, from);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t edge = graph->edges.first[from] + middle;
        if (sj__narrow_get(graph->edges.to, graph->touchpoint_width, edge) < to) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low >= sj_graph_transitions(graph, from) ||
        sj__narrow_get(graph->edges.to, graph->touchpoint_width, graph->edges.first[from] + low) !=
            to) {
        return 0;
    }
    return sj_graph_transition_at(graph, from, low, out);
}
