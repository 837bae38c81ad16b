/**
 * @file
 * Transitions: which touchpoint follows which, how often, and after how long.
 *
 * A *walk* is a journey or, with `session_gap`, a session.  Each of its events follows the one
 * before it, the first follows (start), and (end) follows the last; so at every touchpoint inflow +
 * starts = outflow + ends = events.  Without options the counts are those of the graph's edges
 * (sj_graph_transition).  To hide touchpoints, leave their events out with sj_graph_select.
 *
 * Tables: `transitions`: from, to, count, customers, share_out (of what leaves `from`), share_in
 * (of what reaches `to`), dwell_mean (exact), by figures dwell_p50, dwell_p90, value (of the event
 * at `to`) · `touchpoints` (`nodes` where `between` says something else): name, events, visits,
 * customers, entries, exits, self_loops, repetitions (visits again in one walk), dwell_mean,
 * dwell_p50, dwell_p90 · `stages`, where the map has some: from, to, kind (forward, backward, skip,
 * stay), count, customers · `micro_conversions`: name, reached, first, repeated, customers, value,
 * and the time to the first: time_mean, time_p50, time_p90 · `compare` (with a baseline): from, to,
 * difference (of share_out), low, high, z, p, q.  docs/transitions.md has every rule.
 */
#ifndef SOJOURN_TRANSITION_H
#define SOJOURN_TRANSITION_H

#include <sojourn/tally.h>

#ifdef __cplusplus
extern "C" {
#endif

/* between */
enum {
    SJ_BETWEEN_TOUCHPOINTS = 1, /**< Default. */
    SJ_BETWEEN_STAGES = 2,      /**< Events without a stage are left out. */
    SJ_BETWEEN_CHANNELS = 3     /**< Events without a channel are at (none). */
};

/** What a set of transitions counts, and how it is read. */
typedef struct sj_transition_options {
    size_t struct_size; /**< sizeof(sj_transition_options). */
    /* What is counted. */
    const char *conversion; /**< Condition that ends a leg; with `eventually` only.  NULL: none. */
    const char *key;        /**< Channel or attribute, for handoffs and rework.  Not built yet. */
    const int64_t *as_of; /**< End of observation; later events are not seen.  NULL: the graph's. */
    int64_t horizon;      /**< A leg is no longer than this; with `eventually` only.  0: 30 days,
                               or none where observation is shorter than 60; SJ_UNLIMITED: none. */
    int64_t session_gap;  /**< A longer pause ends one walk and starts the next.  0: never. */
    int32_t between;      /**< SJ_BETWEEN_…  0: touchpoints. */
    int32_t collapse;   /**< Other than 0: between visits, not events; dwell from start to start. */
    int32_t eventually; /**< Other than 0: count the events that `to` follows, at once or later, in
                               the same leg; each once.  No pseudo-nodes, no dwell, no value. */
    int32_t figures;    /**< SJ_FIGURE_COUNTS; or SJ_FIGURE_TIMES (quantiles), _VALUES.  0: both. */
    /* How it is read. */
    const sj_tally *baseline; /**< Group to compare with; shares no customer.  NULL: none. */
} sj_transition_options;

/** SJ_ERR_OPTIONS also where there are no stages to be between. */
SJ_API sj_status sj_transition_plan(const sj_graph *graph, const sj_transition_options *options,
                                    sj_plan **out, sj_error *error);
/** `options`: only "how it is read" counts; NULL: all defaults. */
SJ_API sj_status sj_transition_conclude(const sj_tally *tally, const sj_transition_options *options,
                                        sj_result **out, sj_error *error);
/** Plan, scan and conclude. */
SJ_API sj_status sj_transition_compute(const sj_graph *graph, const sj_transition_options *options,
                                       const sj_run *run, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
