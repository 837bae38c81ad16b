/* Bits of a range of packed events, 64 to a word, for everyone who looks at the range: what is
 * asked for twice is made once.
 *
 * Before the first range each asker says what it wants and is given the number of a row; for each
 * range all rows are made, then read.  A row has a word for every 64 events of the graph from the
 * one with the range's first event on; bits of events outside the range are 0. */
#ifndef SJ__KERNEL_BITS_H
#define SJ__KERNEL_BITS_H

#include "base/alloc.h"

/* Rows that there always are. */
enum {
    SJ__BITS_PASS = 0, /* no customer begins */
    SJ__BITS_LAST = 1, /* last event of a customer */
    SJ__BITS_ENDED = 2 /* no bits: number of customers that ended in the words before */
};

/* The packed arrays, from event 0 of the graph on; the range begins and ends with customers. */
typedef struct sj__bits_events {
    const uint8_t *codes;
    const uint64_t *border;
    const uint32_t *ticks; /* since the customer's first event */
    uint64_t tick;         /* microseconds of one */
    int32_t exact;         /* ticks lose nothing; else a difference is off by less than one */
    uint64_t from, to;
} sj__bits_events;

/* Events whose code is in a set of several. */
typedef struct sj__bits_set {
    uint64_t codes[4];
    uint32_t row;
} sj__bits_set;

/* Three rows.  `row`: events that are not certainly more than `window` later than the one before,
 * of the same customer; an attempt of that length goes over no other.  The second: the same with
 * more cuts, so that the pieces between them certainly last no longer than the window, but for
 * those whose bits the third row lacks.  (How many pieces are cut so depends on the number of
 * askers: what is known for certain is no matter of right or wrong.) */
typedef struct sj__bits_window {
    uint64_t window;
    uint32_t row;
    uint32_t askers;
} sj__bits_window;

typedef struct sj__bits {
    sj_allocator allocator;
    uint32_t n_rows;
    uint32_t row_of[256]; /* by code; 0: nobody wants it */
    uint8_t codes[256];   /* wanted, in order of their rows */
    uint32_t n_codes;
    sj__bits_set *sets;
    size_t n_sets, sets_capacity;
    sj__bits_window *windows;
    size_t n_windows, windows_capacity;
    int32_t wanted;
    /* The range at hand. */
    uint64_t *block;
    size_t block_capacity, stride;
    uint64_t word; /* of the graph: the first */
    size_t n_words;
} sj__bits;

void sj__bits_init(sj__bits *bits, const sj_allocator *allocator);
void sj__bits_free(sj__bits *bits);

/* A row of the events whose code is in `codes`, a bit per code. */
sj_status sj__bits_want_codes(sj__bits *bits, const uint64_t codes[4], uint32_t *row,
                              sj_error *error);
/* The first of the three rows of a window, in microseconds. */
sj_status sj__bits_want_window(sj__bits *bits, uint64_t window, uint32_t *row, sj_error *error);

/* Makes all rows for a range that is not empty; nothing where nobody wants any.  O(events + words ·
 * rows). */
sj_status sj__bits_load(sj__bits *bits, const sj__bits_events *events, sj_error *error);

static inline const uint64_t *sj__bits_row(const sj__bits *bits, uint32_t row)
{
    return bits->block + row * bits->stride;
}

#endif
