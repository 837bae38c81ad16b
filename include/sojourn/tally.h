/**
 * @file
 * Plans, scans and tallies: many questions in one pass, shards, refreshes, erasure.
 *
 * A tally counts whole customers.  Tallies of the same question over graphs that share no customer
 * add up to the tally of all of them, and subtracting that of some customers leaves that of the
 * rest, to the byte.  Tallies of two days of the same customers do not add up to anything.
 */
#ifndef SOJOURN_TALLY_H
#define SOJOURN_TALLY_H

#include <sojourn/base.h>
#include <sojourn/journey.h>
#include <sojourn/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `figures`: what to count beyond how many; bits */
enum {
    SJ_FIGURE_COUNTS = 1, /**< only reached, filled, entered, customers, rates: the fastest */
    SJ_FIGURE_TIMES = 2,
    SJ_FIGURE_REASONS = 4, /**< dropped, excluded, open, `reasons`, `next` */
    SJ_FIGURE_VALUES = 8
};

/** A question made ready for one graph by `sj_X_plan`. */
typedef struct sj_plan sj_plan;

/** How it will run, in words: "bit-parallel, gap index 1 d, avx2; verified: exact". */
SJ_API const char *sj_plan_text(const sj_plan *plan);
/** NULL is fine. */
SJ_API void sj_plan_free(sj_plan *plan);

/** What a question counted. */
typedef struct sj_tally sj_tally;

/** Answers all plans in one pass over the graph they were made for; `out` has `n_plans` places. */
SJ_API sj_status sj_scan(sj_plan *const *plans, size_t n_plans, const sj_run *run, sj_tally **out,
                         sj_error *error);

/** `tally` += `other`; SJ_ERR_MISMATCH unless both count the same thing. */
SJ_API sj_status sj_tally_merge(sj_tally *tally, const sj_tally *other, sj_error *error);

/** `tally` -= `other`. */
SJ_API sj_status sj_tally_subtract(sj_tally *tally, const sj_tally *other, sj_error *error);

/** Bytes that are equal exactly when the tallies are, on every machine. */
SJ_API sj_status sj_tally_write(const sj_tally *tally, sj_buffer **out, sj_error *error);

/** Reads what sj_tally_write wrote, of any version up to this library's.  The bytes need not be
 *  trusted; memory stays within 64 times `size`.  `allocator` NULL: malloc. */
SJ_API sj_status sj_tally_read(const void *bytes, size_t size, const sj_allocator *allocator,
                               sj_tally **out, sj_error *error);

/** What is counted, in words, a line per option that is not neutral: two tallies merge exactly when
 *  these texts are equal. */
SJ_API const char *sj_tally_text(const sj_tally *tally);

/** Customers counted; negative after subtracting more than there was. */
SJ_API int64_t sj_tally_customers(const sj_tally *tally);
/** NULL is fine. */
SJ_API void sj_tally_free(sj_tally *tally);

#ifdef __cplusplus
}
#endif
#endif
