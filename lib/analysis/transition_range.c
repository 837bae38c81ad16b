/* Whole ranges of customers from the packed arrays: where walks are journeys and nodes are
 * touchpoints, few enough for a matrix.
 *
 * A block of events at a time: first their times, without branches; then the counts, one addition
 * each, with a stamp that says which customer was the last in a cell.  Only the first event of a
 * customer is another case.  What nodes have is read off the matrix in the end; a node's customers
 * need a stamp of their own. */
#include "analysis/transition.h"

#include "base/bitmap.h"
#include "base/checked.h"
#include "journey/narrow.h"

enum { TRANSITION_BLOCK = 1024, TRANSITION_AHEAD = 16 };

typedef struct transition_block {
    uint64_t from, to;                    /* events */
    uint32_t before;                      /* touchpoint of the event before the block */
    int32_t is_first;                     /* there is none: the range begins here */
    uint64_t since[TRANSITION_BLOCK + 1]; /* its customer's first event; [0]: of the event before */
    size_t n_timed;                       /* transitions whose times are to be counted */
    size_t cell[TRANSITION_BLOCK];
    uint64_t dwell[TRANSITION_BLOCK];
} transition_block;

/* Microseconds since the customer's first event, for n events from `event` on. */
static void transition_since(const sj__packed *packed, uint64_t event, size_t n, uint64_t *to)
{
    const uint32_t *delta = packed->delta + event;
    const uint64_t tick = packed->resolution << packed->rest_bits, unit = packed->resolution;
    switch (packed->rest_width) {
    case 0:
        for (size_t i = 0; i < n; i++)
            to[i] = delta[i] * tick;
        return;
    case 1: {
        const uint8_t *rest = (const uint8_t *)packed->rest + event;
        for (size_t i = 0; i < n; i++)
            to[i] = delta[i] * tick + rest[i] * unit;
        return;
    }
    case 2: {
        const uint16_t *rest = (const uint16_t *)packed->rest + event;
        for (size_t i = 0; i < n; i++)
            to[i] = delta[i] * tick + rest[i] * unit;
        return;
    }
    default: {
        const uint32_t *rest = (const uint32_t *)packed->rest + event;
        for (size_t i = 0; i < n; i++)
            to[i] = delta[i] * tick + rest[i] * unit;
    }
    }
}

/* The block from `from` on. */
static void transition_load(const sj__packed *packed, uint64_t from, transition_block *block)
{
    const uint64_t left = packed->event_to - from;
    const size_t n = left < TRANSITION_BLOCK ? (size_t)left : TRANSITION_BLOCK;
    const size_t before = from > packed->event_from;
    block->from = from;
    block->to = from + n;
    block->is_first = !before;
    block->before = before ? sj__narrow_get(packed->touchpoint, packed->width, from - 1) : 0;
    block->since[0] = 0;
    transition_since(packed, from - before, n + before, block->since + 1 - before);
}

/* Counts a block; `stamp` is the customer of the event before it, + 1, or the first one's number.
 * Width and with_times are constants where it is called. */
static inline void transition_block_count(sj__transition_counts *counts, const sj__packed *packed,
                                          transition_block *block, int32_t width, int with_times,
                                          uint32_t *stamp)
{
    sj__transition_cells *edges = &counts->edges;
    const size_t side = edges->side, outside = side - 1;
    size_t from = block->before;
    uint32_t customer = *stamp;
    size_t n = 0;
    for (uint64_t event = block->from; event < block->to; event++) {
        const size_t to = sj__narrow_get(packed->touchpoint, width, event);
        sj__transition_seen *seen = &counts->seen[to];
        if (sj__bit(packed->border, event)) {
            if (event > block->from || !block->is_first)
                sj__transition_cells_add(edges, from * side + outside, 1, customer);
            customer++;
            sj__transition_cells_add(edges, outside * side + to, 1, customer);
        } else {
            const uint64_t *since = &block->since[event - block->from];
            const uint64_t dwell = since[1] - since[0];
            const size_t cell = from * side + to;
            sj__transition_cells_add(edges, cell, 1, customer);
            sj__transition_cells_dwell(edges, cell, dwell);
            if (with_times) {
                block->cell[n] = cell;
                block->dwell[n++] = dwell;
            }
        }
        seen->customers += seen->stamp != customer;
        seen->stamp = customer;
        from = to;
    }
    block->n_timed = n;
    *stamp = customer;
}

/* Lists of times are many, and mostly out of the cache: the places are called for before they are
 * filled. */
static sj_status transition_block_time(sj__transition_counts *counts, const transition_block *block,
                                       sj_error *error)
{
    sj__transition_cells *edges = &counts->edges;
    sj_status status = SJ_OK;
    for (size_t i = 0; i < block->n_timed && status == SJ_OK; i++) {
        if (i + TRANSITION_AHEAD < block->n_timed)
            sj__gather_expect(&edges->times[block->cell[i + TRANSITION_AHEAD]]);
        status = sj__transition_cells_time(edges, block->cell[i], block->dwell[i], error);
    }
    return status;
}

static sj_status transition_block_any(sj__transition_counts *counts, const sj__packed *packed,
                                      transition_block *block, uint32_t *stamp, sj_error *error)
{
    const int with_times = counts->edges.times != NULL;
    if (packed->width == 1 && !with_times)
        transition_block_count(counts, packed, block, 1, 0, stamp);
    else if (packed->width == 1)
        transition_block_count(counts, packed, block, 1, 1, stamp);
    else
        transition_block_count(counts, packed, block, packed->width, with_times, stamp);
    return with_times ? transition_block_time(counts, block, error) : SJ_OK;
}

/* Values belong to the transition that led to their event. */
static void transition_range_values(sj__transition_counts *counts, const sj__packed *packed)
{
    sj__transition_cells *edges = &counts->edges;
    if (packed->valued == NULL || edges->values == NULL)
        return;
    for (uint64_t word = packed->event_from / 64; word * 64 < packed->event_to; word++) {
        for (uint64_t bits = packed->valued[word]; bits != 0; bits &= bits - 1) {
            const uint64_t event = word * 64 + (uint64_t)__builtin_ctzll(bits);
            int64_t value;
            if (event < packed->event_from || event >= packed->event_to ||
                !sj__graph_value(counts->graph, event, &value))
                continue;
            const uint32_t from =
                sj__bit(packed->border, event)
                    ? edges->side - 1
                    : sj__narrow_get(packed->touchpoint, packed->width, event - 1);
            edges->values[(size_t)from * edges->side +
                          sj__narrow_get(packed->touchpoint, packed->width, event)] += value;
        }
    }
}

static sj_status transition_range_beside(sj__transition_counts *counts, const sj__packed *packed,
                                         sj_error *error)
{
    const sj__transition *question = counts->question;
    sj_status status = SJ_OK;
    if (question->n_stages == 0 && question->n_conversions == 0)
        return SJ_OK;
    for (uint64_t c = packed->customer_from; c < packed->customer_to && status == SJ_OK; c++) {
        const uint64_t base = sj__graph_first(counts->graph, c);
        const size_t n = (size_t)(sj__graph_first(counts->graph, c + 1) - base);
        const void *codes = (const uint8_t *)packed->touchpoint + base * (uint64_t)packed->width;
        status = sj__transition_count_stages(counts, c, codes, packed->width, n, NULL, error);
        if (status == SJ_OK)
            status =
                sj__transition_count_conversions(counts, c, base, codes, packed->width, n, error);
    }
    return status;
}

sj_status sj__transition_range(sj__transition_counts *counts, const sj__packed *packed,
                               sj_error *error)
{
    transition_block block;
    uint32_t stamp = (uint32_t)packed->customer_from;
    sj_status status = SJ_OK;
    counts->ranged = 1;
    for (uint64_t from = packed->event_from; from < packed->event_to && status == SJ_OK;
         from = block.to) {
        transition_load(packed, from, &block);
        status = transition_block_any(counts, packed, &block, &stamp, error);
    }
    if (status != SJ_OK || packed->event_from == packed->event_to)
        return status;
    const size_t last = sj__narrow_get(packed->touchpoint, packed->width, packed->event_to - 1);
    sj__transition_cells_add(&counts->edges, last * counts->edges.side + counts->edges.side - 1, 1,
                             stamp);
    transition_range_values(counts, packed);
    return transition_range_beside(counts, packed, error);
}
