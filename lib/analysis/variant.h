/* What the files of variants share: the question (options made ready for one graph), the units of a
 * journey, the tally's shape. */
#ifndef SJ__ANALYSIS_VARIANT_H
#define SJ__ANALYSIS_VARIANT_H

#include <sojourn/variant.h>

#include "analysis/table.h"
#include "journey/legs.h"
#include "journey/marks.h"
#include "kernel/indicators.h"
#include "kernel/trie.h"
#include "tally/plan.h"
#include "tally/result.h"

#define SJ__VARIANT_LONGEST 64 /* touchpoints of an n-gram */
#define SJ__VARIANT_LEAST 2    /* and what they are by default */
#define SJ__VARIANT_MOST 5

extern const sj__struct sj__variant_options_struct;

/* Ledgers, in this order. */
enum {
    SJ__VARIANT_PATHS = 0,     /* path (names): SJ__PATHS_…; value; time */
    SJ__VARIANT_GRAMS = 1,     /* n-gram (names): count, customers */
    SJ__VARIANT_INDICATED = 2, /* SJ__INDICATOR_…: units; sum, squares */
    SJ__VARIANT_ALPHABET = 3,  /* touchpoint: customers who have it, or all where it is declared */
    SJ__VARIANT_LEDGERS = 4
};

/* Counts of a path. */
enum {
    SJ__PATHS_UNITS = 0,
    SJ__PATHS_CUSTOMERS = 1,
    SJ__PATHS_CONVERTED = 2, /* of units that are not open */
    SJ__PATHS_OPEN = 3,
    SJ__PATHS_COUNTS = 4
};

/* What is summed of indicators, before it is related to the alphabet; the numbers are in tallies.
 * Lengths and others in whole numbers, the rest in 2^-32, its squares in 2^-64; `cross` is the sum
 * of others · changes, in 2^-32. */
enum {
    SJ__INDICATOR_LENGTH = 1,
    SJ__INDICATOR_BITS = 2,
    SJ__INDICATOR_MIXED = 3,
    SJ__INDICATOR_TURBULENCE = 4,
    SJ__INDICATOR_CHANGES = 5,
    SJ__INDICATOR_OTHERS = 6,
    SJ__INDICATOR_CROSS = 7,
    SJ__INDICATORS = 7
};

/* ---- the question (variant_options.c) ---- */

typedef struct sj__variant {
    sj_allocator allocator;
    sj__marks marks; /* bit 0: the conversion */
    int32_t has_conversion;
    int32_t what; /* resolved */
    int32_t collapse;
    uint32_t min_length, max_length;
    sj__leg_rules rules; /* without a conversion only gap and as_of count */
    int32_t cut;         /* there are events after as_of */
    int32_t has_values;
    uint32_t n_touchpoints;
} sj__variant;

/* What the resolved options point to. */
typedef struct sj__variant_resolved {
    sj_variant_options options; /* what is neutral is 0 */
    int64_t as_of;
    int32_t has_as_of; /* 0: an empty graph that was told none */
} sj__variant_resolved;

sj_status sj__variant_options_resolve(const sj_graph *graph, const sj_variant_options *given,
                                      sj__variant_resolved *out, sj_error *error);
sj_status sj__variant_new(const sj_graph *graph, const sj__variant_resolved *resolved,
                          sj__variant **out, sj_error *error);
void sj__variant_free(void *question, const sj_allocator *allocator);
/* Lines of the tally's text. */
void sj__variant_write(const sj__variant *variant, const sj__variant_resolved *resolved,
                       sj__text *text);

/* ---- the units of one customer (variant_units.c) ---- */

/* A journey, a session, or a leg up to its conversion. */
typedef struct sj__variant_unit {
    const void *codes; /* of n events (or visits), as wide as the journey's */
    uint64_t n;
    size_t first, to; /* its events in the decoded journey */
    int32_t converted, open;
} sj__variant_unit;

typedef struct sj__variant_reader {
    const sj__variant *variant;
    const sj_graph *graph;
    sj_allocator allocator;
    sj__legs legs;
    uint8_t *marks;
    size_t marks_capacity;
    uint64_t *ends; /* by unit, where there are no legs: behind its last event */
    size_t ends_capacity;
    uint8_t *codes; /* of the unit, where visits are events */
    size_t codes_capacity;
    size_t n_units;
} sj__variant_reader;

void sj__variant_reader_init(sj__variant_reader *reader, const sj__variant *variant,
                             const sj_graph *graph, const sj_allocator *allocator);
void sj__variant_reader_free(sj__variant_reader *reader);
/* Cuts a journey into units. */
sj_status sj__variant_read(sj__variant_reader *reader, const sj__journey *journey, sj_error *error);
/* The i-th unit; `codes` are lent until the next call. */
void sj__variant_unit_at(sj__variant_reader *reader, const sj__journey *journey, size_t i,
                         sj__variant_unit *out);

/* ---- what was met (variant_table.c) ---- */

/* Different sequences of codes and what was counted of each. */
typedef struct sj__variant_row {
    uint64_t at; /* its codes among all codes */
    uint64_t n;  /* bytes of them */
    int64_t counts[SJ__PATHS_COUNTS];
    sj__i128 value;
    sj__spread time;
    uint64_t stamp; /* of the customer who was last there */
} sj__variant_row;

typedef struct sj__variant_rows {
    sj_allocator allocator;
    uint8_t *codes;
    size_t n_codes, codes_capacity;
    sj__variant_row *rows;
    size_t n_rows, rows_capacity;
    sj__index index;
} sj__variant_rows;

void sj__variant_rows_init(sj__variant_rows *rows, const sj_allocator *allocator);
void sj__variant_rows_free(sj__variant_rows *rows);
/* The row of a sequence of n bytes of codes, added where it is new. */
sj_status sj__variant_row_of(sj__variant_rows *rows, const void *codes, size_t n,
                             sj__variant_row **out, sj_error *error);
/* order[i]: the i-th row in order of its touchpoints' ranks, what begins a sequence first; by_rank
 * has the touchpoint of each of n ranks.  The codes become ranks, so that nothing can be added
 * afterwards.  SJ_ERR_NOMEM leaves them half done. */
sj_status sj__variant_rows_sort(sj__variant_rows *rows, int32_t width, const uint32_t *by_rank,
                                size_t n, uint32_t *order, sj_error *error);
/* The rank of a sequence's i-th touchpoint, once they are sorted. */
uint32_t sj__variant_rank_at(const sj__variant_rows *rows, const sj__variant_row *row,
                             int32_t width, size_t i);

#endif
