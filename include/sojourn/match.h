/**
 * @file
 * Sequence patterns: a regular expression over conditions, looked for in every journey.
 *
 *     (?1)            an event that meets condition 1
 *     [1|2]   [^3]    an event that meets 1 or 2; one that does not meet 3
 *     .               any event
 *     .*      [^3]*   skips any number of events; of events that do not meet 3
 *     (?t<=3600)      takes none: the event that comes next must come at most 3600 s after the one
 *                     taken last by a token that does not skip; also < > >= ==
 *
 * A match is a series of neighbouring events, each taken by its token in turn; docs/match.md has
 * every rule with a worked journey.  Matches are found in time linear in events and tokens.
 *
 *     const char *const conditions[] = {"cart", "purchase"};
 *     const sj_match_options options = {.struct_size = sizeof options, .conditions = conditions,
 *                                       .n_conditions = 2, .pattern = "(?1).*(?t<=3600)(?2)"};
 *     status = sj_match_list(graph, &options, NULL, &result, &error);
 *
 * Tables of compute: `overall`: matches, customers (with a match), seen (customers in all), share,
 * low, high, matches_mean, matches_p50, matches_p90 (of customers with a match), span_mean,
 * span_p50, span_p90, span_p99 (first to last event) · `counts`: from, to (matches of a customer),
 * customers · `spans`: from, to, matches.
 */
#ifndef SOJOURN_MATCH_H
#define SOJOURN_MATCH_H

#include <sojourn/tally.h>

#ifdef __cplusplus
extern "C" {
#endif

/* which matches of a customer */
enum {
    SJ_MATCH_FIRST = 1, /**< starts earliest, then ends earliest, then has each token earliest */
    SJ_MATCH_LAST = 2,  /**< starts latest, then likewise */
    SJ_MATCH_ALL = 3,   /**< the first, then the first among the events behind it, and so on */
    SJ_MATCH_COUNT = 4  /**< as all, but the list has only their number */
};

/** What is asked. */
typedef struct sj_match_options {
    size_t struct_size;            /**< sizeof(sj_match_options). */
    const char *pattern;           /**< At most 1,024 tokens; one at least takes just one event. */
    const char *const *conditions; /**< conditions[0] is (?1). */
    size_t n_conditions;           /**< Of them, at most 65,535. */
    int64_t span;                  /**< From the first to the last event, inclusive.  0: any. */
    int64_t session_gap;   /**< No match reaches over a longer pause.  0: the whole journey. */
    int32_t find;          /**< SJ_MATCH_…  0: first. */
    int32_t only_matching; /**< Other than 0: events that meet no condition do not exist. */
} sj_match_options;

/** Makes the question ready for one graph.  SJ_ERR_CONDITION where the pattern (`index` is the
 *  byte) or a condition cannot be read, SJ_ERR_NAME.  O(touchpoints * conditions). */
SJ_API sj_status sj_match_plan(const sj_graph *graph, const sj_match_options *options,
                               sj_plan **out, sj_error *error);
/** Tables from a tally; no option is used, `options` may be NULL.  SJ_ERR_MISMATCH,
 *  SJ_ERR_NEGATIVE. */
SJ_API sj_status sj_match_conclude(const sj_tally *tally, const sj_match_options *options,
                                   sj_result **out, sj_error *error);
/** Plan, scan and conclude in one call.  O(events * tokens). */
SJ_API sj_status sj_match_compute(const sj_graph *graph, const sj_match_options *options,
                                  const sj_run *run, sj_result **out, sj_error *error);

/** Table `matches`, a row per match: customer, match (1, 2 … within the customer), count (of the
 *  customer's rows), times and events (positions in the journey, from 0) of what `(?n)` and `[1|2]`
 *  took.  With SJ_MATCH_COUNT a row per customer who has any: customer, count. */
SJ_API sj_status sj_match_list(const sj_graph *graph, const sj_match_options *options,
                               const sj_run *run, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
