/**
 * @file
 * Variants: whole journeys (or sessions) that are alike, n-grams of touchpoints, and indicators.
 *
 * With a conversion, what is looked at is each leg up to its conversion, exclusive (docs/variants.md).
 *
 * Tables: `variants`: path, count (journeys, sessions or legs), customers, share, coverage,
 * conversion_rate, value, time_p50, open (with a conversion: legs that are in no rate yet) ·
 * `ngrams`: path, count, customers · `indicators`: name (length, entropy, turbulence, complexity,
 * volatility), mean, deviation, n.
 */
#ifndef SOJOURN_VARIANT_H
#define SOJOURN_VARIANT_H

#include <sojourn/tally.h>

#ifdef __cplusplus
extern "C" {
#endif

/* what to count; bits */
enum {
    SJ_VARIANT_WHOLE = 1,     /**< table `variants` */
    SJ_VARIANT_NGRAMS = 2,    /**< table `ngrams` */
    SJ_VARIANT_INDICATORS = 4 /**< table `indicators` */
};

/** What is asked of variants. */
typedef struct sj_variant_options {
    size_t struct_size; /**< sizeof(sj_variant_options). */
    /* What is counted. */
    const char *conversion; /**< Condition, for conversion_rate.  NULL: none. */
    const int64_t *as_of; /**< End of observation; later events are not seen.  NULL: the graph's. */
    int64_t horizon; /**< With a conversion: longest leg.  0: 30 d, or none (docs/variants.md). */
    int64_t session_gap; /**< Journeys are cut at longer pauses.  0: never. */
    int32_t what;        /**< SJ_VARIANT_… bits.  0: whole. */
    int32_t collapse;    /**< Other than 0: a visit counts as one event. */
    int32_t min_length;  /**< Touchpoints of an n-gram.  0: 2. */
    int32_t max_length;  /**< At most 64.  0: 5. */
    /* How it is read; the only fields that conclude looks at. */
    const sj_tally *baseline; /**< Group to compare with; not built yet.  NULL: none. */
    int64_t top;              /**< Rows of `variants` and of `ngrams`.  0: all. */
} sj_variant_options;

/** Makes the question ready for one graph.  SJ_ERR_OPTIONS, SJ_ERR_LIMIT, SJ_ERR_NAME,
 *  SJ_ERR_CONDITION. */
SJ_API sj_status sj_variant_plan(const sj_graph *graph, const sj_variant_options *options,
                                 sj_plan **out, sj_error *error);
/** Tables from a tally; looks only at `top` of the options, which may be NULL.  SJ_ERR_MISMATCH,
 *  SJ_ERR_NEGATIVE. */
SJ_API sj_status sj_variant_conclude(const sj_tally *tally, const sj_variant_options *options,
                                     sj_result **out, sj_error *error);
/** Plan, scan and conclude in one call.  O(events), n-grams O(events * max_length).  The tally holds
 *  every different path: its size grows with the events in the worst case. */
SJ_API sj_status sj_variant_compute(const sj_graph *graph, const sj_variant_options *options,
                                    const sj_run *run, sj_result **out, sj_error *error);

/** Table `indicators`, a row per journey, session or leg prefix that has events: customer, unit
 *  (1, 2 … within the customer), length, entropy, turbulence, complexity, volatility. */
SJ_API sj_status sj_variant_list(const sj_graph *graph, const sj_variant_options *options,
                                 const sj_run *run, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
