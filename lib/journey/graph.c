/* The graph as the rest of the library reads it: O(1) but for the customer of an event, which is
 * O(log).  What applications read is in graph_look.c. */
#include "journey/graph.h"

#include <string.h>

#include "base/bitmap.h"
#include "journey/layout.h"
#include "journey/parts.h"

const sj_allocator *sj__graph_allocator(const sj_graph *graph)
{
    return &graph->allocator;
}

const sj__map *sj__graph_map(const sj_graph *graph)
{
    return &graph->map;
}

/* The count of owners is the one thing in a graph that changes. */
static atomic_uint_least64_t *graph_owners(const sj_graph *graph)
{
    union {
        const atomic_uint_least64_t *read;
        atomic_uint_least64_t *write;
    } owners = {.read = &graph->owners};
    return owners.write;
}

sj_graph *sj__graph_hold(const sj_graph *graph)
{
    union {
        const sj_graph *read;
        sj_graph *write;
    } held = {.read = graph};
    atomic_fetch_add_explicit(graph_owners(graph), 1, memory_order_relaxed);
    return held.write;
}

void sj_graph_free(sj_graph *graph)
{
    sj_allocator a;
    if (!graph || atomic_fetch_sub_explicit(&graph->owners, 1, memory_order_acq_rel) > 1) {
        return;
    }
    a = graph->allocator;
    sj__map_free(&graph->map);
    if (graph->filter) {
        sj__free(&a, graph->filter, graph->filter_size + 1, 1);
    }
    sj__free(&a, graph->edges.block, graph->edges.block_size, 1);
    sj__free(&a, graph->block, graph->block_size, 1);
    sj__free(&a, graph, 1, sizeof *graph);
}

uint64_t sj__graph_events(const sj_graph *graph)
{
    return graph->n_events;
}

uint64_t sj__graph_customers(const sj_graph *graph)
{
    return graph->n_customers;
}

uint64_t sj__graph_longest(const sj_graph *graph)
{
    return graph->longest;
}

uint64_t sj__graph_first(const sj_graph *graph, uint64_t customer)
{
    return sj__layout_first(graph, customer);
}

uint64_t sj__graph_customer_of(const sj_graph *graph, uint64_t event)
{
    uint64_t low = 0, high = graph->n_customers;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (sj__layout_first(graph, middle) <= event) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

const char *sj__graph_key(const sj_graph *graph, uint64_t customer, size_t *n)
{
    uint64_t start = sj__layout_key_start(graph, customer);
    if (n) {
        *n = (size_t)(sj__layout_key_start(graph, customer + 1) - start - 1);
    }
    return graph->keys + start;
}

uint32_t sj__graph_touchpoint(const sj_graph *graph, uint64_t event)
{
    return sj__narrow_get(graph->touchpoint, graph->touchpoint_width, event);
}

int64_t sj__graph_time(const sj_graph *graph, uint64_t customer, uint64_t event)
{
    return sj__layout_time(graph->start[customer], sj__layout_since(graph, event));
}

uint32_t sj__graph_channel(const sj_graph *graph, uint64_t event)
{
    const sj__graph_column *column = &graph->columns[SJ__CHANNEL_COLUMN];
    if (column->codes) {
        return sj__narrow_get(column->codes, column->width, event) - 1; /* 0 - 1 is SJ__NO_ID */
    }
    return graph->map.touchpoint[sj__graph_touchpoint(graph, event)].channel;
}

int sj__layout_number(const sj__graph_column *column, uint64_t row, uint64_t *bits)
{
    if (!column->present || !sj__bit(column->present, row)) {
        return 0;
    }
    *bits = column->numbers[sj__bitmap_rank(column->present, column->rank, row)];
    return 1;
}

int sj__graph_word(const sj_graph *graph, size_t column, uint64_t row, uint64_t *word)
{
    const sj__graph_column *c = &graph->columns[column];
    *word = 0;
    if (c->codes) {
        *word = sj__narrow_get(c->codes, c->width, row);
    } else if (column == SJ__CHANNEL_COLUMN) {
        *word = sj__graph_channel(graph, row) + UINT32_C(1); /* none + 1 is 0 */
    } else {
        return sj__layout_number(c, row, word);
    }
    return *word != 0;
}

int sj__graph_has_column(const sj_graph *graph, size_t column)
{
    return graph->columns[column].codes != NULL || graph->columns[column].present != NULL;
}

int sj__graph_value(const sj_graph *graph, uint64_t event, int64_t *out)
{
    uint64_t bits = 0;
    int has = sj__layout_number(&graph->columns[SJ__VALUE_COLUMN], event, &bits);
    *out = (int64_t)bits;
    return has;
}

sj__i128 sj__graph_value_sum(const sj_graph *graph, uint64_t from, uint64_t to)
{
    const sj__graph_column *column = &graph->columns[SJ__VALUE_COLUMN];
    sj__i128 sum = 0;
    const uint64_t n = column->present ? sj__bitmap_count(column->present, from, to) : 0;
    if (n == 0)
        return 0;
    const uint64_t *numbers =
        column->numbers + sj__bitmap_rank(column->present, column->rank, from);
    for (uint64_t i = 0; i < n; i++)
        sum += (int64_t)numbers[i];
    return sum;
}

uint32_t sj__graph_category(const sj_graph *graph, uint32_t attribute, uint64_t row)
{
    const sj__graph_column *column = &graph->columns[SJ__ATTRIBUTE_COLUMN + (size_t)attribute];
    return column->codes ? sj__narrow_get(column->codes, column->width, row) - 1 : SJ__NO_ID;
}

int sj__graph_integer(const sj_graph *graph, uint32_t attribute, uint64_t row, int64_t *out)
{
    uint64_t bits = 0;
    int has =
        sj__layout_number(&graph->columns[SJ__ATTRIBUTE_COLUMN + (size_t)attribute], row, &bits);
    *out = (int64_t)bits;
    return has;
}

int sj__graph_real(const sj_graph *graph, uint32_t attribute, uint64_t row, double *out)
{
    uint64_t bits = 0;
    int has =
        sj__layout_number(&graph->columns[SJ__ATTRIBUTE_COLUMN + (size_t)attribute], row, &bits);
    memcpy(out, &bits, sizeof *out);
    return has;
}

const sj__graph_facts *sj__graph_get_facts(const sj_graph *graph)
{
    return &graph->facts;
}

void sj__graph_packed(const sj_graph *graph, uint64_t customer_from, uint64_t customer_to,
                      sj__packed *out)
{
    *out = (sj__packed){.customer_from = customer_from,
                        .customer_to = customer_to,
                        .event_from = sj__layout_first(graph, customer_from),
                        .event_to = sj__layout_first(graph, customer_to),
                        .touchpoint = graph->touchpoint,
                        .width = graph->touchpoint_width,
                        .border = graph->border,
                        .same_instant = graph->same_instant,
                        .delta = graph->delta,
                        .tick = graph->resolution << graph->rest_bits,
                        .exact = graph->rest_width == 0,
                        .rest = graph->rest,
                        .rest_width = graph->rest_width,
                        .rest_bits = graph->rest_bits,
                        .resolution = graph->resolution,
                        .valued = graph->columns[SJ__VALUE_COLUMN].present};
}

/* -------------------------------------------------------------------------------------- memory --
 */

static uint64_t graph_intern_bytes(const sj__intern *names)
{
    return names->capacity + (names->ends_capacity + names->index.capacity) * sizeof(uint64_t);
}

static uint64_t graph_map_bytes(const sj__map *map)
{
    uint64_t bytes = map->touchpoint_capacity * sizeof *map->touchpoint + map->channel_capacity +
                     map->conversion_capacity * sizeof *map->conversion +
                     map->expected_capacity * sizeof *map->expected +
                     map->attribute_capacity * sizeof *map->attribute;
    bytes += (map->declared_touchpoints.capacity + map->declared_channels.capacity +
              map->declared_attributes.capacity) *
                 sizeof(uint32_t) +
             map->expected_index.capacity * sizeof(uint64_t);
    bytes += graph_intern_bytes(&map->stages) + graph_intern_bytes(&map->touchpoints) +
             graph_intern_bytes(&map->channels) + graph_intern_bytes(&map->conversions) +
             graph_intern_bytes(&map->attributes);
    for (uint32_t i = 0; i < map->conversions.count; i++) {
        bytes += map->conversion[i].size + 1;
    }
    for (uint32_t i = 0; i < map->attributes.count; i++) {
        bytes += graph_intern_bytes(&map->attribute[i].values);
    }
    return bytes;
}

uint64_t sj__graph_bytes(const sj_graph *graph)
{
    return sizeof *graph + graph->block_size + graph->edges.block_size + graph->filter_size + 1 +
           graph_map_bytes(&graph->map);
}
