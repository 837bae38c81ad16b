/* Decoding journeys for a scan.  Two passes over a customer: the first, branch-free, writes the
 * position of every event and moves on only behind those that are wanted (so a position that is not
 * wanted is written over); the second gathers codes and times of the positions that are left.  Both
 * cost O(events), the second only those shown. */
#include "journey/layout.h"

sj_status sj__decoder_init(sj__decoder *decoder, const sj_graph *graph, sj_error *error)
{
    const sj_allocator *a = &graph->allocator;
    size_t n = (size_t)graph->longest;
    *decoder = (sj__decoder){.graph = graph, .allocator = *a, .capacity = n};
    decoder->position = sj__alloc(a, n, sizeof *decoder->position);
    decoder->time = sj__alloc(a, n, sizeof *decoder->time);
    decoder->touchpoint = sj__alloc(a, n, (size_t)graph->touchpoint_width);
    if (!decoder->position || !decoder->time || !decoder->touchpoint) {
        sj__decoder_free(decoder);
        return sj__fail_nomem(error);
    }
    return SJ_OK;
}

void sj__decoder_free(sj__decoder *decoder)
{
    const sj_allocator *a = &decoder->allocator;
    if (decoder->graph) {
        sj__free(a, decoder->position, decoder->capacity, sizeof *decoder->position);
        sj__free(a, decoder->time, decoder->capacity, sizeof *decoder->time);
        sj__free(a, decoder->touchpoint, decoder->capacity,
                 (size_t)decoder->graph->touchpoint_width);
    }
    *decoder = (sj__decoder){0};
}

/* Filter and gather for codes of one width. */
#define DECODE_FILTER(type)                                                                        \
    static size_t decode_filter_##type(const type *restrict code, size_t n,                        \
                                       const uint8_t *restrict wanted,                             \
                                       uint32_t *restrict position, type *restrict shown)          \
    {                                                                                              \
        size_t k = 0;                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            position[k] = (uint32_t)i;                                                             \
            k += wanted[code[i]];                                                                  \
        }                                                                                          \
        for (size_t i = 0; i < k; i++) {                                                           \
            shown[i] = code[position[i]];                                                          \
        }                                                                                          \
        return k;                                                                                  \
    }

DECODE_FILTER(uint8_t)
DECODE_FILTER(uint16_t)
DECODE_FILTER(uint32_t)

static size_t decode_filter(const sj__decoder *decoder, uint64_t base, size_t n,
                            const uint8_t *wanted)
{
    const void *codes = decoder->graph->touchpoint;
    switch (decoder->graph->touchpoint_width) {
    case 1:
        return decode_filter_uint8_t((const uint8_t *)codes + base, n, wanted, decoder->position,
                                     decoder->touchpoint);
    case 2:
        return decode_filter_uint16_t((const uint16_t *)codes + base, n, wanted, decoder->position,
                                      decoder->touchpoint);
    default:
        return decode_filter_uint32_t((const uint32_t *)codes + base, n, wanted, decoder->position,
                                      decoder->touchpoint);
    }
}

/* Times of the positions, where ticks lose nothing. */
static void decode_ticks(const uint32_t *restrict delta, const uint32_t *restrict position,
                         size_t n, int64_t start, uint64_t tick, int64_t *restrict time)
{
    for (size_t i = 0; i < n; i++) {
        time[i] = sj__layout_time(start, delta[position[i]] * tick);
    }
}

static void decode_times(const sj__decoder *decoder, uint64_t customer, uint64_t base, size_t n)
{
    const sj_graph *graph = decoder->graph;
    if (!graph->rest_width) {
        decode_ticks(graph->delta + base, decoder->position, n, graph->start[customer],
                     graph->resolution, decoder->time);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        decoder->time[i] = sj__layout_time(graph->start[customer],
                                           sj__layout_since(graph, base + decoder->position[i]));
    }
}

void sj__decode(sj__decoder *decoder, uint64_t customer, const uint8_t *wanted, sj__journey *out)
{
    const sj_graph *graph = decoder->graph;
    uint64_t base = sj__layout_first(graph, customer);
    uint64_t length = sj__layout_first(graph, customer + 1) - base;
    size_t n = decode_filter(decoder, base, (size_t)length, wanted);
    decode_times(decoder, customer, base, n);
    *out = (sj__journey){.customer = customer,
                         .base = base,
                         .length = length,
                         .n = n,
                         .position = decoder->position,
                         .time = decoder->time,
                         .touchpoint = decoder->touchpoint,
                         .width = graph->touchpoint_width};
}
