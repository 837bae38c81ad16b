/* Ordering a part: a counting sort by customer, then a radix sort by time within each customer
 * (nothing where its events came in order), both stable, so that equal times stand in order of
 * arrival: O(events).  Each run of equal times is then sorted by content, O(k log k) comparisons
 * for k events: that finds doubles, and is the order itself where ties go by name. */
#include "journey/order.h"

#include <string.h>

#include "base/bitmap.h"

/* An event among those of one time. */
struct sj__order_row {
    sj__spot spot;
    uint64_t number;     /* of its pair */
    uint32_t touchpoint; /* rank by name */
    uint32_t channel;    /* finished number + 1; 0: none */
};

sj_status sj__order_init(sj__order *order, sj_error *error)
{
    const sj__map *map = order->map;
    const sj_allocator *a = order->allocator;
    size_t touchpoints = map->touchpoints.count, attributes = map->attributes.count;
    uint32_t *names = sj__alloc(a, touchpoints, sizeof *names);
    sj_status status = SJ_OK;
    order->touchpoint_rank = sj__alloc(a, touchpoints, sizeof *order->touchpoint_rank);
    order->attributes = sj__alloc(a, attributes, sizeof *order->attributes);
    if (!names || !order->touchpoint_rank || !order->attributes) {
        status = sj__fail_nomem(error);
    }
    if (!status) {
        status = sj__intern_order(&map->touchpoints, names, error);
    }
    if (!status) {
        status = sj__intern_order(&map->attributes, order->attributes, error);
    }
    for (uint32_t i = 0; !status && i < touchpoints; i++) {
        order->touchpoint_rank[names[i]] = i;
    }
    sj__free(a, names, touchpoints, sizeof *names);
    return status;
}

void sj__order_free(sj__order *order)
{
    const sj_allocator *a = order->allocator;
    if (a) {
        sj__free(a, order->touchpoint_rank, order->map->touchpoints.count,
                 sizeof *order->touchpoint_rank);
        sj__free(a, order->attributes, order->map->attributes.count, sizeof *order->attributes);
        sj__free(a, order->pairs, order->pairs_capacity, sizeof *order->pairs);
        sj__free(a, order->scratch, order->scratch_capacity, sizeof *order->scratch);
        sj__free(a, order->rows, order->rows_capacity, sizeof *order->rows);
        sj__free(a, order->rows_scratch, order->rows_scratch_capacity, sizeof *order->rows_scratch);
    }
    *order = (sj__order){0};
}

/* ---------------------------------------------------------------------------------- comparing --
 */

static int order_compare_numbers(uint64_t x, uint64_t y, int real)
{
    int64_t a = (int64_t)x, b = (int64_t)y;
    double u, v;
    if (!real) {
        return (a > b) - (a < b);
    }
    memcpy(&u, &x, sizeof u);
    memcpy(&v, &y, sizeof v);
    return (u > v) - (u < v);
}

/* Absent before present, then by number. */
static int order_compare_column(const sj__order_row *x, const sj__order_row *y, size_t column,
                                int real)
{
    uint64_t u = 0, v = 0;
    int has_u = sj__spot_number(x->spot, column, &u);
    int has_v = sj__spot_number(y->spot, column, &v);
    return has_u != has_v ? has_u - has_v : order_compare_numbers(u, v, real);
}

static int order_compare_attribute(const sj__order *order, const sj__order_row *x,
                                   const sj__order_row *y, uint32_t attribute)
{
    size_t column = SJ__ATTRIBUTE_COLUMN + (size_t)attribute;
    int32_t type = order->map->attribute[attribute].type;
    const uint32_t *values = order->numbers->values[attribute];
    uint32_t u, v;
    if (type != SJ_ATTRIBUTE_CATEGORY) {
        return order_compare_column(x, y, column, type == SJ_ATTRIBUTE_REAL);
    }
    u = sj__spot_code(x->spot, column);
    v = sj__spot_code(y->spot, column);
    if (u == v || !u || !v) {
        return (u > v) - (u < v);
    }
    return values[u - 1] < values[v - 1] ? -1 : 1;
}

/* By touchpoint, channel, value and attributes by name; categories and channels are numbered by
 * name. */
static int order_compare(const sj__order *order, const sj__order_row *x, const sj__order_row *y)
{
    int by = (x->touchpoint > y->touchpoint) - (x->touchpoint < y->touchpoint);
    if (!by) {
        by = (x->channel > y->channel) - (x->channel < y->channel);
    }
    if (!by) {
        by = order_compare_column(x, y, SJ__VALUE_COLUMN, 0);
    }
    for (uint32_t i = 0; !by && i < order->map->attributes.count; i++) {
        by = order_compare_attribute(order, x, y, order->attributes[i]);
    }
    return by;
}

/* One merge of neighbouring runs [0, middle) and [middle, n). */
static void order_merge(const sj__order *order, const sj__order_row *from, size_t middle, size_t n,
                        sj__order_row *to)
{
    size_t i = 0, j = middle;
    for (size_t k = 0; k < n; k++) {
        int left = i < middle && (j == n || order_compare(order, &from[i], &from[j]) <= 0);
        to[k] = left ? from[i++] : from[j++];
    }
}

/* Stable merge sort from the bottom up. */
static void order_sort_rows(const sj__order *order, sj__order_row *rows, sj__order_row *scratch,
                            size_t n)
{
    sj__order_row *from = rows, *to = scratch;
    for (size_t width = 1; width < n; width *= 2) {
        sj__order_row *swap = from;
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t size = n - i < 2 * width ? n - i : 2 * width;
            order_merge(order, from + i, width < size ? width : size, size, to + i);
        }
        from = to;
        to = swap;
    }
    if (from != rows) {
        memcpy(rows, from, n * sizeof *rows);
    }
}

/* ------------------------------------------------------------------------------ equal times -- */

static sj__order_row order_row(const sj__order *order, const sj__part *part, uint64_t number)
{
    sj__order_row row = {.number = number, .spot = sj__part_find(part, (uint32_t)number)};
    uint32_t touchpoint = (uint32_t)(number >> 32);
    uint32_t channel = sj__spot_code(row.spot, SJ__CHANNEL_COLUMN) - 1;
    if (channel == SJ__NO_ID) {
        channel = order->map->touchpoint[touchpoint].channel;
    }
    row.touchpoint = order->touchpoint_rank[touchpoint];
    row.channel = channel == SJ__NO_ID ? 0 : order->numbers->channels[channel] + 1;
    return row;
}

/* Pairs [from, to) have one time. */
static sj_status order_ties(sj__order *order, const sj__part *part, size_t from, size_t to,
                            sj_error *error)
{
    const sj_allocator *a = order->allocator;
    size_t n = to - from;
    sj_status status = sj__grow(a, &order->rows, &order->rows_capacity, n, error);
    if (!status) {
        status = sj__grow(a, &order->rows_scratch, &order->rows_scratch_capacity, n, error);
    }
    if (status) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        order->rows[i] = order_row(order, part, order->pairs[from + i].number);
    }
    order_sort_rows(order, order->rows, order->rows_scratch, n);
    for (size_t i = 1; i < n; i++) {
        if (order_compare(order, &order->rows[i - 1], &order->rows[i]) == 0) {
            order->doubles++;
            if (order->dropped) {
                sj__bit_set(order->dropped, (uint32_t)order->rows[i].number);
            }
        }
    }
    for (size_t i = 0; order->by_name && i < n; i++) {
        order->pairs[from + i].number = order->rows[i].number;
    }
    return SJ_OK;
}

static sj_status order_all_ties(sj__order *order, const sj__part *part, size_t from, size_t to,
                                sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = from; !status && i + 1 < to;) {
        size_t j = i + 1;
        while (j < to && order->pairs[j].key == order->pairs[i].key) {
            j++;
        }
        if (j - i > 1) {
            status = order_ties(order, part, i, j, error);
        }
        i = j;
    }
    return status;
}

/* --------------------------------------------------------------------------------- the part -- */

/* Pairs by customer, in order of arrival; next[rank] moves from the customer's first place to
 * behind its last. */
static void order_scatter(sj__order *order, const sj__part *part, const uint32_t *rank,
                          size_t *next, const uint64_t *skip)
{
    for (size_t c = 0; c < part->n_chunks; c++) {
        const sj__chunk *chunk = part->chunks[c];
        for (uint32_t i = 0; i < chunk->n; i++) {
            uint32_t event = chunk->start + i;
            uint32_t touchpoint =
                sj__narrow_get(chunk->touchpoint.codes, chunk->touchpoint.width, i);
            if (!skip || !sj__bit(skip, event)) {
                order->pairs[next[rank[chunk->customer[i]]]++] =
                    (sj__pair){sj__sort_key(chunk->time[i]), (uint64_t)touchpoint << 32 | event};
            }
        }
    }
}

sj_status sj__order_part(sj__order *order, const sj__part *part, const uint32_t *rank,
                         const uint32_t *length, size_t customers, const uint64_t *skip,
                         sj_error *error)
{
    const sj_allocator *a = order->allocator;
    size_t *next = sj__alloc(a, customers, sizeof *next);
    size_t n = 0, longest = 0, from = 0;
    sj_status status;
    if (!next) {
        return sj__fail_nomem(error);
    }
    for (size_t c = 0; c < customers; c++) {
        next[c] = n;
        n += length[c];
        longest = length[c] > longest ? length[c] : longest;
    }
    status = sj__grow(a, &order->pairs, &order->pairs_capacity, n, error);
    if (!status) {
        status = sj__grow(a, &order->scratch, &order->scratch_capacity, longest, error);
    }
    if (!status) {
        order_scatter(order, part, rank, next, skip);
    }
    for (size_t c = 0; !status && c < customers; c++) {
        sj__sort_pairs(order->pairs + from, order->scratch, length[c]);
        status = order_all_ties(order, part, from, next[c], error);
        from = next[c];
    }
    sj__free(a, next, customers, sizeof *next);
    return status;
}
