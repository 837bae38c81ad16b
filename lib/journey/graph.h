/* The journey graph as the rest of the library sees it: accessors that are O(1), and journeys
 * decoded for a scan. How it lies in memory is in layout.h, which only pack.c, edges.c, graph.c,
 * decode.c, check.c (and later io/snapshot.c) include. */
#ifndef SJ__JOURNEY_GRAPH_H
#define SJ__JOURNEY_GRAPH_H

#include "base/number.h"
#include "journey/map.h"

/* Events are numbered 0 … n − 1 through all customers, in customer order, then time, then tie
 * order. */

const sj_allocator *sj__graph_allocator(const sj_graph *graph);
const sj__map *sj__graph_map(const sj_graph *graph);
/* Counts one more owner, who calls sj_graph_free too; thread-safe. */
sj_graph *sj__graph_hold(const sj_graph *graph);

uint64_t sj__graph_events(const sj_graph *graph);
uint64_t sj__graph_customers(const sj_graph *graph);
/* Events of the longest journey. */
uint64_t sj__graph_longest(const sj_graph *graph);
/* Memory at rest. */
uint64_t sj__graph_bytes(const sj_graph *graph);
/* First event of a customer; of `customers`: number of all events. */
uint64_t sj__graph_first(const sj_graph *graph, uint64_t customer);
/* The customer of an event; O(log customers). */
uint64_t sj__graph_customer_of(const sj_graph *graph, uint64_t event);
const char *sj__graph_key(const sj_graph *graph, uint64_t customer, size_t *n);

uint32_t sj__graph_touchpoint(const sj_graph *graph, uint64_t event);
int64_t sj__graph_time(const sj_graph *graph, uint64_t customer, uint64_t event);
/* SJ__NO_ID: none.  (An event without a channel of its own has its touchpoint's.) */
uint32_t sj__graph_channel(const sj_graph *graph, uint64_t event);
/* 1 and 10^-6 in *out where the event carries a value. */
int sj__graph_value(const sj_graph *graph, uint64_t event, int64_t *out);
/* Sum of the values of events [from, to), in 10^-6. */
sj__i128 sj__graph_value_sum(const sj_graph *graph, uint64_t from, uint64_t to);
/* Attributes by number; `row` is the event, or the customer for an attribute of customers.  Absent:
 * SJ__NO_ID, 0. */
uint32_t sj__graph_category(const sj_graph *graph, uint32_t attribute, uint64_t row);
int sj__graph_integer(const sj_graph *graph, uint32_t attribute, uint64_t row, int64_t *out);
int sj__graph_real(const sj_graph *graph, uint32_t attribute, uint64_t row, double *out);

/* An optional column (SJ__CHANNEL_COLUMN … of parts.h) in a row: 1 and the number + 1 of its code,
 * or the bits of its number; 0 and 0 where the row has none. */
int sj__graph_word(const sj_graph *graph, size_t column, uint64_t row, uint64_t *word);
/* 0 where a column is absent in every row (the channel's: where every event has its touchpoint's).
 */
int sj__graph_has_column(const sj_graph *graph, size_t column);

typedef struct sj__graph_facts {
    int64_t observed_from,
        observed_until; /* both 0 and has_observed 0 where the graph is empty and was told none */
    int32_t has_observed;
    int64_t first_time, last_time;         /* of events; where there are any */
    uint64_t skipped, doubles, digits_cut; /* as the builder counted them */
    uint64_t dropped;                      /* of doubles: those that are not among the events */
    const char *filter; /* canonical text of what selections left out of the events; "" for none */
    int32_t ties;       /* SJ_TIES_… */
    int32_t has_channels; /* some event has a channel of its own */
} sj__graph_facts;
const sj__graph_facts *sj__graph_get_facts(const sj_graph *graph);

/* A journey decoded for a scan: the events that some plan wants. */
typedef struct sj__journey {
    uint64_t customer;
    uint64_t base;            /* number of the customer's first event in the graph */
    uint64_t length;          /* events of the whole journey */
    size_t n;                 /* events shown */
    const uint32_t *position; /* where each stands in the whole journey, from 0 */
    const int64_t *time;
    const void *touchpoint; /* codes of `width` bytes each: uint8_t, uint16_t or uint32_t */
    int32_t width;
} sj__journey;

/* Room for the longest journey of a graph; reused from customer to customer. */
typedef struct sj__decoder {
    const sj_graph *graph;
    sj_allocator allocator;
    uint32_t *position;
    int64_t *time;
    void *touchpoint;
    size_t capacity;
} sj__decoder;

sj_status sj__decoder_init(sj__decoder *decoder, const sj_graph *graph, sj_error *error);
void sj__decoder_free(sj__decoder *decoder);
/* Decodes the events of a customer whose touchpoint has wanted[code] = 1 (branch-free filter first,
 * then times).  `wanted` has an entry (0 or 1) per touchpoint, at least 256 of them.  A customer
 * with no such event gives n = 0. */
void sj__decode(sj__decoder *decoder, uint64_t customer, const uint8_t *wanted, sj__journey *out);

static inline uint32_t sj__journey_touchpoint(const sj__journey *journey, size_t i)
{
    return journey->width == 1   ? ((const uint8_t *)journey->touchpoint)[i]
           : journey->width == 2 ? ((const uint16_t *)journey->touchpoint)[i]
                                 : ((const uint32_t *)journey->touchpoint)[i];
}

/* The packed arrays of customers [from, to), for the range door: pointers into the graph, event
 * numbers are the graph's. */
typedef struct sj__packed {
    uint64_t customer_from, customer_to;
    uint64_t event_from, event_to;
    const void *touchpoint; /* of event 0 of the graph; codes of `width` bytes */
    int32_t width;
    const uint64_t *border;       /* bit e: first event of its customer */
    const uint64_t *same_instant; /* bit e: at the time of the event before, of the same customer */
    const uint32_t *delta;        /* ticks since the customer's first event */
    uint64_t tick;                /* microseconds of one tick */
    int32_t exact;                /* ticks lose nothing */
    const void *rest; /* what the tick leaves, `rest_width` bytes each; 0 bytes: nothing */
    int32_t rest_width, rest_bits;
    uint64_t
        resolution; /* (delta << rest_bits | rest) * resolution: microseconds since the customer's first event */
    const uint64_t *valued; /* bit e: carries a value; NULL: none does */
} sj__packed;
void sj__graph_packed(const sj_graph *graph, uint64_t customer_from, uint64_t customer_to,
                      sj__packed *out);

#endif
