/* A tally: a text that says what is counted, the names its keys use, and ledgers.  See
 * sojourn/tally.h. */
#ifndef SJ__TALLY_TALLY_H
#define SJ__TALLY_TALLY_H

#include <sojourn/tally.h>

#include "tally/ledger.h"

typedef struct sj__analysis sj__analysis;

struct sj_tally {
    sj_allocator allocator;
    const sj__analysis *analysis;
    char *text; /* what is counted */
    size_t text_size;
    int64_t customers;
    sj__intern names;
    sj__ledger *ledgers; /* analysis->n_ledgers */
};

/* An empty tally that counts `text`.  Names and ledger rows are added by the analysis. */
sj_status sj__tally_new(const sj__analysis *analysis, const char *text, size_t text_size,
                        const sj_allocator *allocator, sj_tally **out, sj_error *error);

/* Number of a name in the tally; added where new. */
sj_status sj__tally_name(sj_tally *tally, const char *name, size_t n, int32_t *out,
                         sj_error *error);

/* Makes it canonical: rows that are all zero and names that no row uses are dropped, names are
 * renumbered in bytewise order, rows sorted by key. Called by scan, merge and subtract before
 * they return; a failure (SJ_ERR_NOMEM) leaves the tally as it was. */
sj_status sj__tally_settle(sj_tally *tally, sj_error *error);

/* to += sign * from; both count the same.  On failure (SJ_ERR_NOMEM, SJ_ERR_OVERFLOW,
 * SJ_ERR_LIMIT) `to` may be half done, and afterwards it is not settled: for a scan's own
 * tallies. */
sj_status sj__tally_add(sj_tally *to, const sj_tally *from, int sign, sj_error *error);

/* sj_tally_read, told how to find an analysis by name (NULL: there is none of it). */
typedef const sj__analysis *(*sj__analysis_finder)(const char *name, size_t n);
sj_status sj__tally_read(sj__analysis_finder find, const void *bytes, size_t size,
                         const sj_allocator *allocator, sj_tally **out, sj_error *error);

/* What every conclude does first: `tally` is of this analysis (SJ_ERR_MISMATCH) and has no
 * negative count (SJ_ERR_NEGATIVE). */
sj_status sj__tally_check(const sj_tally *tally, const sj__analysis *analysis, sj_error *error);

/* What `compare` asks: the same question but for filter, as_of, entry range and observation;
 * else SJ_ERR_MISMATCH with the first line that differs. */
sj_status sj__tally_comparable(const sj_tally *tally, const sj_tally *baseline, sj_error *error);

#endif
