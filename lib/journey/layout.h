/* How a graph lies in memory.  Only pack.c, edges.c, graph.c, decode.c and check.c include this
 * (and io/snapshot.c will). */
#ifndef SJ__JOURNEY_LAYOUT_H
#define SJ__JOURNEY_LAYOUT_H

#include <stdatomic.h>

#include "journey/edge_counts.h"
#include "journey/graph.h"
#include "journey/narrow.h"

/* An optional column of events, or an attribute of customers: codes (0: absent, else number + 1),
 * or numbers of the rows that have one.  All NULL: absent in every row. */
typedef struct sj__graph_column {
    void *codes;
    uint64_t *present; /* a bit per row */
    uint64_t *rank;    /* sj__bitmap_build_rank */
    uint64_t *numbers; /* packed, in order of rows: int64_t, or the bits of a double */
    uint64_t rows;
    uint64_t count; /* of numbers */
    int32_t width;  /* of codes */
} sj__graph_column;

#define SJ__EDGE_EXPECTED (UINT64_C(1) << 63)

/* Transitions by from, then to; at most 18 bytes each with up to 65,536 touchpoints, else 20. */
typedef struct sj__edges {
    void *block;
    size_t block_size;
    uint64_t n;
    uint64_t *first;        /* by touchpoint, and one more */
    void *to;               /* codes as wide as the graph's touchpoints */
    uint64_t *count;        /* and SJ__EDGE_EXPECTED */
    double *dwell;          /* mean */
    sj__graph_column share; /* bits of a double, of the edges whose share the map gives */
} sj__edges;

struct sj_graph {
    sj_allocator allocator;
    atomic_uint_least64_t owners;
    sj__map map;
    sj__graph_facts facts;
    char *filter;
    size_t filter_size;
    void *block; /* all of the following lies in it */
    size_t block_size;
    uint64_t n_events, n_customers;
    uint64_t longest; /* events of the longest journey */
    void *first;      /* by customer, and one more: uint32_t, or uint64_t above 2^32 - 1 events */
    int64_t *start;   /* by customer: time of the first event */
    char *keys;       /* one behind the other, a NUL after each */
    void *key_start;  /* by customer, and one more: uint32_t, or uint64_t above 2^32 - 1 bytes */
    int32_t wide_first, wide_keys;
    int32_t touchpoint_width;
    int32_t rest_width; /* 0: the tick loses nothing */
    int32_t rest_bits;  /* a tick is resolution << rest_bits */
    uint64_t
        resolution; /* microseconds; all times since their journey's start are multiples of it */
    void *touchpoint;
    uint32_t *delta; /* ticks since the journey's start */
    void *rest;      /* what the tick leaves, in units of the resolution */
    uint64_t *border, *same_instant;
    sj__graph_column *columns; /* SJ__CHANNEL_COLUMN, SJ__VALUE_COLUMN, SJ__ATTRIBUTE_COLUMN … */
    size_t n_columns;
    sj__edges edges;
};

static inline uint64_t sj__layout_first(const sj_graph *graph, uint64_t customer)
{
    return graph->wide_first ? ((const uint64_t *)graph->first)[customer]
                             : ((const uint32_t *)graph->first)[customer];
}

static inline uint64_t sj__layout_key_start(const sj_graph *graph, uint64_t customer)
{
    return graph->wide_keys ? ((const uint64_t *)graph->key_start)[customer]
                            : ((const uint32_t *)graph->key_start)[customer];
}

/* Microseconds since the start of its journey. */
static inline uint64_t sj__layout_since(const sj_graph *graph, uint64_t event)
{
    uint64_t units = graph->delta[event];
    if (graph->rest_width) {
        units = units << graph->rest_bits | sj__narrow_get(graph->rest, graph->rest_width, event);
    }
    return units * graph->resolution;
}

/* A time after `since` microseconds; no signed overflow for any pair of times. */
static inline int64_t sj__layout_time(int64_t start, uint64_t since)
{
    return (int64_t)((uint64_t)start + since);
}

/* 1 and the number of a row that has one. */
int sj__layout_number(const sj__graph_column *column, uint64_t row, uint64_t *bits);

/* The packed edges: those walked, and those that the map expects between touchpoints. */
sj_status sj__edges_pack(sj_graph *graph, const sj__edge_counts *counts, sj_error *error);

#endif
