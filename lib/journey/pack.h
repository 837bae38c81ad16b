/* Packing: journeys that are in order, one after the other, into a graph whose size is known.  The
 * builder and select measure first (sj__shape), then begin, give each journey and each optional
 * column from the first row to the last, and end. */
#ifndef SJ__JOURNEY_PACK_H
#define SJ__JOURNEY_PACK_H

#include "journey/graph.h"

/* Greatest common divisor; of 0 and x: x. */
uint64_t sj__pack_divisor(uint64_t a, uint64_t b);

/* What has to be known before packing. */
typedef struct sj__shape {
    uint64_t customers, events;
    uint64_t key_bytes;    /* with a NUL each */
    uint64_t longest;      /* events of the longest journey */
    uint64_t longest_span; /* from its first event to its last, microseconds */
    uint64_t
        resolution; /* greatest common divisor of all times since the start of their journeys; 0: all are 0 */
    int64_t first_time, last_time; /* of all events */
    int32_t has_channels;          /* some event has another channel than its touchpoint's */
    uint64_t *
        numbers; /* by column (SJ__VALUE_COLUMN …): rows that have a number; codes: other than 0 where any has one */
} sj__shape;

typedef struct sj__pack sj__pack;

/* A pack with an empty graph, for a copy of `allocator`. */
sj_status sj__pack_new(const sj_allocator *allocator, sj__pack **out, sj_error *error);
/* The graph's map, to be filled with a finished one (with the allocator below) before planning. */
sj__map *sj__pack_map(sj__pack *pack);
const sj_allocator *sj__pack_allocator(const sj__pack *pack);
/* Allocates what `shape` needs: one block for everything but the edges. */
sj_status sj__pack_plan(sj__pack *pack, const sj__shape *shape, sj_error *error);
/* The next journey; SJ_ERR_NOMEM while its transitions are counted. */
sj_status sj__pack_journey(sj__pack *pack, const char *key, size_t n_key, const int64_t *time,
                           const uint32_t *touchpoint, size_t n, sj_error *error);
/* The next n rows of a column of codes; 0: absent.  Nothing happens where the shape says that it is
 * empty. */
void sj__pack_codes(sj__pack *pack, size_t column, const uint32_t *codes, size_t n);
/* The next n rows of a column of numbers: bit i of `present`, and `numbers[i]`. */
void sj__pack_numbers(sj__pack *pack, size_t column, const uint64_t *present,
                      const uint64_t *numbers, size_t n);
/* Whether a column holds codes (else numbers) and whether its rows are customers. */
int sj__column_has_codes(const sj__map *map, size_t column);
int sj__column_of_customers(const sj__map *map, size_t column);
/* Counts edges, sets facts (`filter` is copied) and gives the graph away.  Frees `pack` in any
 * case. */
sj_status sj__pack_finish(sj__pack *pack, const sj__graph_facts *facts, sj_graph **out,
                          sj_error *error);
void sj__pack_free(sj__pack *pack);

#endif
