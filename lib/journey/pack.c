/* Packing.  One block is planned and allocated, then filled from front to back; filling cannot fail
 * but for the counting of transitions.  Times are stored as ticks of 32 bits since the start of
 * their journey: a tick is the data's own resolution where the longest journey fits, else the
 * smallest power of two of it that makes it fit, and what the tick leaves is stored apart.  Since
 * all times are whole multiples of the resolution, dividing by it is one multiplication with the
 * inverse of its odd part modulo 2^64. */
#include "journey/pack.h"

#include <string.h>

#include "base/bitmap.h"
#include "base/checked.h"
#include "journey/layout.h"
#include "journey/parts.h"

struct sj__pack {
    sj_graph *graph;
    sj__edge_counts counts;
    uint64_t event, customer; /* next */
    uint64_t key;             /* next byte of keys */
    uint64_t *row;            /* by column: next row */
    uint64_t inverse;         /* of the odd part of the resolution */
    int32_t twos;             /* the resolution is that << twos */
    int64_t first_time, last_time;
};

uint64_t sj__pack_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int sj__column_has_codes(const sj__map *map, size_t column)
{
    return column == SJ__CHANNEL_COLUMN ||
           (column >= SJ__ATTRIBUTE_COLUMN &&
            map->attribute[column - SJ__ATTRIBUTE_COLUMN].type == SJ_ATTRIBUTE_CATEGORY);
}

int sj__column_of_customers(const sj__map *map, size_t column)
{
    return column >= SJ__ATTRIBUTE_COLUMN &&
           map->attribute[column - SJ__ATTRIBUTE_COLUMN].of_customers;
}

sj_status sj__pack_new(const sj_allocator *allocator, sj__pack **out, sj_error *error)
{
    sj__pack *pack = sj__alloc_zeroed(allocator, 1, sizeof *pack);
    sj_graph *graph = sj__alloc_zeroed(allocator, 1, sizeof *graph);
    if (!pack || !graph) {
        sj__free(allocator, pack, 1, sizeof *pack);
        sj__free(allocator, graph, 1, sizeof *graph);
        return sj__fail_nomem(error);
    }
    graph->allocator = *allocator;
    atomic_init(&graph->owners, 1);
    sj__map_init(&graph->map, &graph->allocator);
    pack->graph = graph;
    *out = pack;
    return SJ_OK;
}

sj__map *sj__pack_map(sj__pack *pack)
{
    return &pack->graph->map;
}

const sj_allocator *sj__pack_allocator(const sj__pack *pack)
{
    return &pack->graph->allocator;
}

void sj__pack_free(sj__pack *pack)
{
    if (pack) {
        sj_allocator a = pack->graph->allocator;
        sj__edge_counts_free(&pack->counts);
        sj__free(&a, pack->row, pack->graph->n_columns, sizeof *pack->row);
        sj_graph_free(pack->graph);
        sj__free(&a, pack, 1, sizeof *pack);
    }
}

/* ------------------------------------------------------------------------------------ the plan --
 */

/* A block in the making: a first pass adds sizes up, a second hands out places. */
typedef struct pack_block {
    char *at; /* NULL: first pass */
    size_t size;
    int32_t failed; /* a size overflowed */
} pack_block;

static void *pack_take(pack_block *block, uint64_t n, size_t size, int zeroed)
{
    size_t bytes, end;
    void *place = block->at ? block->at + block->size : NULL;
    if (n > SIZE_MAX || !sj__size_multiply((size_t)n, size, &bytes) || bytes > SIZE_MAX - 63 ||
        !sj__size_add(block->size, (bytes + 63) / 64 * 64, &end)) {
        block->failed = 1;
        return NULL;
    }
    if (place && zeroed) {
        memset(place, 0, bytes);
    }
    block->size = end;
    return place;
}

static void pack_place_column(pack_block *block, const sj_graph *graph, const sj__shape *shape,
                              size_t c, sj__graph_column *column)
{
    if (c == SJ__CHANNEL_COLUMN ? !shape->has_channels : !shape->numbers[c]) {
        return;
    }
    column->rows = sj__column_of_customers(&graph->map, c) ? shape->customers : shape->events;
    if (sj__column_has_codes(&graph->map, c)) {
        uint64_t most = c == SJ__CHANNEL_COLUMN
                            ? graph->map.channels.count
                            : graph->map.attribute[c - SJ__ATTRIBUTE_COLUMN].values.count;
        column->width = sj__narrow_width(most);
        column->codes = pack_take(block, column->rows, (size_t)column->width, 0);
    } else {
        column->count = shape->numbers[c];
        column->present =
            pack_take(block, sj__bitmap_words(column->rows), sizeof *column->present, 1);
        column->rank = pack_take(block, column->rows / 512 + 1, sizeof *column->rank, 0);
        column->numbers = pack_take(block, column->count, sizeof *column->numbers, 0);
    }
}

static void pack_place(pack_block *block, sj_graph *graph, const sj__shape *shape)
{
    uint64_t words = sj__bitmap_words(shape->events);
    uint64_t m = shape->customers, n = shape->events;
    graph->columns = pack_take(block, graph->n_columns, sizeof *graph->columns, 1);
    graph->start = pack_take(block, m, sizeof *graph->start, 0);
    graph->first = pack_take(block, m + 1, graph->wide_first ? 8 : 4, 1);
    graph->key_start = pack_take(block, m + 1, graph->wide_keys ? 8 : 4, 1);
    graph->keys = pack_take(block, shape->key_bytes, 1, 0);
    graph->delta = pack_take(block, n, sizeof *graph->delta, 0);
    graph->touchpoint = pack_take(block, n, (size_t)graph->touchpoint_width, 0);
    graph->rest = graph->rest_width ? pack_take(block, n, (size_t)graph->rest_width, 0) : NULL;
    graph->border = pack_take(block, words, sizeof *graph->border, 1);
    graph->same_instant = pack_take(block, words, sizeof *graph->same_instant, 1);
    for (size_t c = 0; c < graph->n_columns; c++) {
        sj__graph_column none = {0};
        pack_place_column(block, graph, shape, c, block->at ? &graph->columns[c] : &none);
    }
}

/* Tick, and the widths that follow from the shape. */
static void pack_choose(sj__pack *pack, const sj__shape *shape)
{
    sj_graph *graph = pack->graph;
    uint64_t odd;
    uint32_t touchpoints = graph->map.touchpoints.count;
    graph->resolution = shape->resolution ? shape->resolution : 1;
    while (shape->longest_span / graph->resolution >> graph->rest_bits > UINT32_MAX) {
        graph->rest_bits++;
    }
    if (graph->rest_bits) {
        graph->rest_width = sj__narrow_width((UINT64_C(1) << graph->rest_bits) - 1);
    }
    graph->touchpoint_width = sj__narrow_width(touchpoints ? touchpoints - 1 : 0);
    graph->wide_first = shape->events > UINT32_MAX;
    graph->wide_keys = shape->key_bytes > UINT32_MAX;
    graph->n_columns = SJ__ATTRIBUTE_COLUMN + (size_t)graph->map.attributes.count;
    pack->first_time = shape->first_time;
    pack->last_time = shape->last_time;
    graph->longest = shape->longest;
    graph->n_events = shape->events;
    graph->n_customers = shape->customers;
    pack->twos = __builtin_ctzll(graph->resolution);
    odd = graph->resolution >> pack->twos;
    pack->inverse = odd; /* right to 3 bits; each step of Newton's doubles them */
    for (int i = 0; i < 5; i++) {
        pack->inverse *= 2 - odd * pack->inverse;
    }
}

sj_status sj__pack_plan(sj__pack *pack, const sj__shape *shape, sj_error *error)
{
    sj_graph *graph = pack->graph;
    const sj_allocator *a = &graph->allocator;
    pack_block block = {0};
    pack_choose(pack, shape);
    pack_place(&block, graph, shape);
    pack->row = sj__alloc_zeroed(a, graph->n_columns, sizeof *pack->row);
    graph->block_size = block.size;
    graph->block = block.failed ? NULL : sj__alloc(a, block.size, 1);
    if (!pack->row || !graph->block) {
        return sj__fail_nomem(error);
    }
    block = (pack_block){.at = graph->block};
    pack_place(&block, graph, shape);
    return sj__edge_counts_init(&pack->counts, a, graph->map.touchpoints.count, error);
}

/* ------------------------------------------------------------------------------------- filling --
 */

/* Codes to rows [row, row + n), a loop per width. */
static void pack_store(void *to, int32_t width, uint64_t row, const uint32_t *codes, size_t n)
{
    if (width == 1) {
        uint8_t *bytes = (uint8_t *)to + row;
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (uint8_t)codes[i];
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        sj__narrow_put(to, width, row + i, codes[i]);
    }
}

static void pack_times(sj__pack *pack, const int64_t *time, size_t n)
{
    sj_graph *graph = pack->graph;
    uint64_t start = (uint64_t)time[0], inverse = pack->inverse;
    int32_t twos = pack->twos, rest_bits = graph->rest_bits;
    uint32_t *delta = graph->delta + pack->event;
    for (size_t i = 0; i < n; i++) {
        delta[i] = (uint32_t)((((uint64_t)time[i] - start) >> twos) * inverse >> rest_bits);
    }
    if (rest_bits) {
        uint64_t mask = (UINT64_C(1) << rest_bits) - 1;
        for (size_t i = 0; i < n; i++) {
            uint64_t units = (((uint64_t)time[i] - start) >> twos) * inverse;
            sj__narrow_put(graph->rest, graph->rest_width, pack->event + i,
                           (uint32_t)(units & mask));
        }
    }
    sj__bit_set(graph->border, pack->event);
    for (size_t i = 1; i < n; i++) {
        if (time[i] == time[i - 1]) {
            sj__bit_set(graph->same_instant, pack->event + i);
        }
    }
}

static void pack_put_start(void *starts, int wide, uint64_t i, uint64_t v)
{
    if (wide) {
        ((uint64_t *)starts)[i] = v;
    } else {
        ((uint32_t *)starts)[i] = (uint32_t)v;
    }
}

sj_status sj__pack_journey(sj__pack *pack, const char *key, size_t n_key, const int64_t *time,
                           const uint32_t *touchpoint, size_t n, sj_error *error)
{
    sj_graph *graph = pack->graph;
    sj_status status = sj__edge_counts_add(&pack->counts, touchpoint, time, n, error);
    if (status) {
        return status;
    }
    memcpy(graph->keys + pack->key, key, n_key);
    graph->keys[pack->key + n_key] = 0;
    graph->start[pack->customer] = time[0];
    pack_times(pack, time, n);
    pack_store(graph->touchpoint, graph->touchpoint_width, pack->event, touchpoint, n);
    pack->event += n;
    pack->key += n_key + 1;
    pack->customer++;
    pack_put_start(graph->first, graph->wide_first, pack->customer, pack->event);
    pack_put_start(graph->key_start, graph->wide_keys, pack->customer, pack->key);
    return SJ_OK;
}

void sj__pack_codes(sj__pack *pack, size_t column, const uint32_t *codes, size_t n)
{
    sj__graph_column *c = &pack->graph->columns[column];
    if (c->codes) {
        pack_store(c->codes, c->width, pack->row[column], codes, n);
        pack->row[column] += n;
    }
}

void sj__pack_numbers(sj__pack *pack, size_t column, const uint64_t *present,
                      const uint64_t *numbers, size_t n)
{
    sj__graph_column *c = &pack->graph->columns[column];
    uint64_t filled; /* numbers so far: kept in the last entry of rank until that is built */
    if (!c->present) {
        return;
    }
    filled = pack->row[column] ? c->rank[c->rows / 512] : 0;
    for (size_t w = 0; w < sj__bitmap_words(n); w++) {
        uint64_t word = present[w];
        for (; word; word &= word - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(word);
            sj__bit_set(c->present, pack->row[column] + i);
            c->numbers[filled++] = numbers[i];
        }
    }
    pack->row[column] += n;
    c->rank[c->rows / 512] = filled;
}

sj_status sj__pack_finish(sj__pack *pack, const sj__graph_facts *facts, sj_graph **out,
                          sj_error *error)
{
    sj_graph *graph = pack->graph;
    const sj_allocator *a = &graph->allocator;
    sj_status status = sj__edges_pack(graph, &pack->counts, error);
    if (!status) {
        graph->filter_size = strlen(facts->filter);
        graph->filter = sj__copy_text(a, facts->filter, graph->filter_size);
        status = graph->filter ? SJ_OK : sj__fail_nomem(error);
    }
    if (!status) {
        for (size_t c = 0; c < graph->n_columns; c++) {
            sj__graph_column *column = &graph->columns[c];
            if (column->present) {
                sj__bitmap_build_rank(column->present, column->rows, column->rank);
            }
        }
        graph->facts = *facts;
        graph->facts.filter = graph->filter;
        graph->facts.has_channels = graph->columns[SJ__CHANNEL_COLUMN].codes != NULL;
        graph->facts.first_time = pack->first_time;
        graph->facts.last_time = pack->last_time;
        *out = graph;
        pack->graph = NULL;
        sj__edge_counts_free(&pack->counts);
        sj__free(a, pack->row, graph->n_columns, sizeof *pack->row);
        sj__free(a, pack, 1, sizeof *pack);
        return SJ_OK;
    }
    sj__pack_free(pack);
    return status;
}
