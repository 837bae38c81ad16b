/* Staged events: what a builder holds before they are sorted.  An event lies in one of 256 parts,
 * by the top 8 bits of its customer's hash, so that each part can be sorted by itself; a part is a
 * list of chunks, a chunk a set of short columns. 13 bytes for an event with few touchpoints;
 * optional columns are allocated per chunk, on first use. */
#ifndef SJ__JOURNEY_PARTS_H
#define SJ__JOURNEY_PARTS_H

#include "base/alloc.h"
#include "journey/narrow.h"

#define SJ__PARTS 256
#define SJ__CHUNK_EVENTS 4096
#define SJ__LIMIT_EVENTS (UINT64_C(1) << 40) /* of all parts */
#define SJ__LIMIT_PART UINT32_MAX

/* Optional columns of events, in staged events as in a graph. */
enum {
    SJ__CHANNEL_COLUMN = 0, /* codes: channel + 1 */
    SJ__VALUE_COLUMN = 1,   /* numbers: 10^-6 */
    SJ__ATTRIBUTE_COLUMN =
        2 /* + number of the attribute; codes: category + 1; numbers: the bits of an int64_t or double */
};

/* Codes (0: absent) of every row, or the numbers of the rows that have one. */
typedef struct sj__staged_column {
    void *codes;
    uint64_t *present; /* a bit per row */
    uint64_t *numbers; /* packed, in order of rows */
    size_t capacity;   /* of numbers */
    uint32_t n;        /* numbers */
    int32_t width;     /* of codes */
} sj__staged_column;

typedef struct sj__chunk {
    int64_t *time;
    uint32_t *customer;
    sj__staged_column touchpoint;
    sj__staged_column *columns;
    size_t n_columns, columns_room;
    uint32_t start; /* events of the part before this chunk */
    uint32_t n, capacity;
} sj__chunk;

typedef struct sj__part {
    sj__chunk **chunks;
    size_t n_chunks, capacity;
    uint32_t events;
} sj__part;

typedef struct sj__parts {
    const sj_allocator *allocator;
    uint64_t events;
    sj__part part[SJ__PARTS];
} sj__parts;

/* A row of a chunk. */
typedef struct sj__spot {
    sj__chunk *chunk;
    uint32_t row;
} sj__spot;

void sj__parts_init(sj__parts *parts, const sj_allocator *allocator);
void sj__parts_free(sj__parts *parts);

/* Adds an event at the end of a part.  SJ_ERR_NOMEM; SJ_ERR_LIMIT above 2^40 events, or 2^32 - 1 in
 * one part. */
sj_status sj__parts_append(sj__parts *parts, uint32_t part, uint32_t customer, int64_t time,
                           uint32_t touchpoint, sj__spot *out, sj_error *error);
/* Adds events of one part, rows[0 … n) of the arrays.  spots[row], unless `spots` is NULL, is where
 * each then lies. */
sj_status sj__parts_append_rows(sj__parts *parts, uint32_t part, const uint16_t *rows, size_t n,
                                const uint32_t *customer, const int64_t *time,
                                const uint32_t *touchpoint, sj__spot *spots, sj_error *error);
/* Fill an optional column of a row that has just been added, in order of rows; a code is 1 at
 * least. */
sj_status sj__parts_put_code(const sj__parts *parts, sj__spot spot, size_t column, uint32_t code,
                             sj_error *error);
sj_status sj__parts_put_number(const sj__parts *parts, sj__spot spot, size_t column, uint64_t bits,
                               sj_error *error);
/* Goes back to `events[part]` events per part and to `n_columns` optional columns. */
void sj__parts_truncate(sj__parts *parts, const uint32_t *events, size_t n_columns);

/* The row of an event by its number in the part; O(log). */
sj__spot sj__part_find(const sj__part *part, uint32_t event);
/* Code of a row; 0: absent. */
static inline uint32_t sj__spot_code(sj__spot spot, size_t column)
{
    const sj__staged_column *c =
        column < spot.chunk->n_columns ? &spot.chunk->columns[column] : NULL;
    return c && c->codes ? sj__narrow_get(c->codes, c->width, spot.row) : 0;
}
/* 1 and the number of a row that has one. */
int sj__spot_number(sj__spot spot, size_t column, uint64_t *bits);

static inline uint32_t sj__spot_touchpoint(sj__spot spot)
{
    return sj__narrow_get(spot.chunk->touchpoint.codes, spot.chunk->touchpoint.width, spot.row);
}

#endif
