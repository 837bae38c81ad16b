/* Ledgers: additive counters by key.  Merge, subtract, write, read, sort and rename are written
 * here once. */
#ifndef SJ__TALLY_LEDGER_H
#define SJ__TALLY_LEDGER_H

#include "base/hash.h"
#include "base/spread.h"
#include "base/text.h"
#include "journey/intern.h"

/* A ledger as an analysis declares it.  A key is a sequence of int32_t parts: `key` has a letter
 * per part, 'i' a small whole number, 'n' the number of a name in the tally's own names, or a
 * negative number for "no name"; a final '*' repeats the letter before it, 0 or more times
 * (lists).  Counters: so many counts, sums and spreads per row, described by names for people
 * who read a written tally. */
typedef struct sj__ledger_spec {
    const char *name;
    const char *key;
    const char *counts; /* names separated by blanks; "" for none */
    const char *sums;
    const char *spreads;
} sj__ledger_spec;

typedef struct sj__ledger {
    const sj__ledger_spec *spec;
    const sj_allocator *allocator;
    size_t n_counts, n_sums, n_spreads;
    int32_t *parts; /* keys, one behind the other */
    size_t n_parts, parts_capacity;
    uint64_t *key_end; /* by row: end of its key in parts */
    size_t key_capacity;
    int64_t *counts; /* n_counts per row, and so on */
    size_t counts_capacity;
    sj__i128 *sums;
    size_t sums_capacity;
    sj__spread *spreads;
    size_t spreads_capacity;
    size_t n_rows;
    sj__index index;
} sj__ledger;

void sj__ledger_init(sj__ledger *ledger, const sj__ledger_spec *spec,
                     const sj_allocator *allocator);
void sj__ledger_free(sj__ledger *ledger);

/* The row of a key, added with zeros where it is new.  Rows keep their number until the ledger
 * is made canonical, so a scan may remember them.  SJ_ERR_NOMEM. */
sj_status sj__ledger_row(sj__ledger *ledger, const int32_t *key, size_t n, size_t *row,
                         sj_error *error);
/* SIZE_MAX if there is none. */
size_t sj__ledger_find(const sj__ledger *ledger, const int32_t *key, size_t n);
const int32_t *sj__ledger_key(const sj__ledger *ledger, size_t row, size_t *n);

static inline int64_t *sj__ledger_counts(const sj__ledger *ledger, size_t row)
{
    return ledger->counts + row * ledger->n_counts;
}
static inline sj__i128 *sj__ledger_sums(const sj__ledger *ledger, size_t row)
{
    return ledger->sums + row * ledger->n_sums;
}
static inline sj__spread *sj__ledger_spreads(const sj__ledger *ledger, size_t row)
{
    return ledger->spreads + row * ledger->n_spreads;
}
/* One number into a spread of a row. */
sj_status sj__ledger_spread(sj__ledger *ledger, size_t row, size_t spread, int64_t v,
                            sj_error *error);

/* 1 where some count is negative (a difference of tallies). */
int sj__ledger_negative(const sj__ledger *ledger);

/* ---- for the tally only ---- */

/* 'i' or 'n' for the i-th part of a key, 0 where a key of this ledger has no such part. */
char sj__ledger_part(const sj__ledger_spec *spec, size_t i);
/* Whether a key of n parts can be one of this ledger's. */
int sj__ledger_takes(const sj__ledger_spec *spec, size_t n);
/* -1, 0, 1: keys as sequences of numbers, the shorter first where one begins the other. */
int sj__ledger_compare(const sj__ledger *ledger, size_t row, size_t other);

/* Makes room for so many more rows, and as many parts in their keys. */
sj_status sj__ledger_reserve(sj__ledger *ledger, size_t rows, size_t parts, sj_error *error);
/* A row of zeros for a key that has none; there must be room for it. */
size_t sj__ledger_append(sj__ledger *ledger, const int32_t *key, size_t n);

/* to += sign * from, names renumbered: name i of `from` is names[i] in `to`.  On failure
 * (SJ_ERR_NOMEM, SJ_ERR_OVERFLOW, SJ_ERR_LIMIT) `to` may be half done: work on a copy. */
sj_status sj__ledger_add(sj__ledger *to, const sj__ledger *from, const int32_t *names, int sign,
                         sj_error *error);

/* First step of settling: sorts all spreads, frees those that are empty, and sets used[name] = 1
 * for every name in the key of a row that is not all zero.  Changes nothing that can be seen;
 * cannot fail. */
void sj__ledger_tidy(sj__ledger *ledger, uint8_t *used);
/* Second step: `to` (initialised, empty) gets the rows that are not all zero, names renumbered,
 * in the order of their keys; it borrows the spreads, so that one of the two must forget them
 * (sj__ledger_forget_spreads) before it is freed. */
sj_status sj__ledger_settle(const sj__ledger *from, const int32_t *names, sj__ledger *to,
                            sj_error *error);
void sj__ledger_forget_spreads(sj__ledger *ledger);

#endif
