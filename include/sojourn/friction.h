/**
 * @file
 * Friction points: places where customers lose time or are lost, those that cost most first.
 *
 * *Effect* signals (error, rage, repeat, slow, handoff, custom) are the manner of a visit: customers
 * who met it beside customers at the same place, equally far into the journey, who did not, and
 * conversion after it in both.  *Rate* signals (drop-off, backtrack, ping-pong, loop, unexpected)
 * are what follows a visit: its rate beside a benchmark.  Interval and p of every row, q over all
 * that is tested.  Associations, not causes.  docs/friction.md says exactly what is counted.
 *
 * Tables: `friction`: rank, signal, place, customers, affected, visits, affected_visits, rate,
 * benchmark, lift, low, high, p, q, robustness, impact, impact_low, also, sentence · `few`: signal,
 * place, customers, affected · `tested`: signal, tested, few, found, open, late.  `impact` and
 * `impact_low` are not built yet: absent in every row.  Signals: sj_catalog("friction signals").
 */
#ifndef SOJOURN_FRICTION_H
#define SOJOURN_FRICTION_H

#include <sojourn/tally.h>

#ifdef __cplusplus
extern "C" {
#endif

/* what a place's rate is held against */
enum {
    SJ_BENCHMARK_PEERS = 1, /**< touchpoints of the same stage */
    SJ_BENCHMARK_GROUP = 2, /**< `baseline`: another segment or an earlier period */
    SJ_BENCHMARK_MAP = 3    /**< what the map expects; not built yet */
};
/* when a visit is slow */
enum {
    SJ_SLOW_TENTH = 1, /**< its dwell is above the place's 90th percentile */
    SJ_SLOW_MAD = 2    /**< its log dwell is over 3 deviations above the median; not built yet */
};
/* how q allows for many tests */
enum {
    SJ_ADJUST_HOCHBERG = 1, /**< Benjamini-Hochberg */
    SJ_ADJUST_YEKUTIELI = 2 /**< Benjamini-Yekutieli: under any dependence */
};

/** What is asked of friction. */
typedef struct sj_friction_options {
    size_t struct_size; /**< sizeof(sj_friction_options). */
    /* What is counted. */
    const char *conversion; /**< Condition: the outcome.  Required. */
    const char *error;      /**< Condition: events that are errors.  NULL: no such signal. */
    const char *custom;     /**< Condition: a visit with such an event is affected.  NULL: none. */
    const char *score;      /**< Numeric attribute, such as satisfaction.  Not built yet. */
    const char *strata;     /**< Attribute that strata are split by, too.  Not built yet. */
    const char *const *signals; /**< Names.  NULL: all that the other options and the map allow. */
    size_t n_signals;           /**< Of them. */
    const int64_t *as_of;       /**< End of observation.  NULL: the graph's. */
    int64_t horizon;        /**< A conversion within this time counts.  0: 30 days, or none where
                                 observation is shorter than 60; SJ_UNLIMITED: none. */
    int64_t session_gap;    /**< Legs and visits are cut at longer pauses.  0: never, and an error
                                 counts within 30 minutes. */
    int64_t ping_pong_span; /**< Longest time to come straight back.  0: 10 seconds. */
    int64_t loop_visits;    /**< Most visits in a loop.  0: 4. */
    int64_t slow;           /**< SJ_SLOW_…  0: tenth. */
    /* How it is read; the only fields that conclude looks at. */
    const sj_tally *baseline; /**< With SJ_BENCHMARK_GROUP, and shares no customer. */
    int64_t period;           /**< Impact is per this time.  Not built yet. */
    int32_t benchmark; /**< SJ_BENCHMARK_…  0: group where there is a baseline, else peers. */
    int32_t adjust;    /**< SJ_ADJUST_…  0: Hochberg. */
    int64_t min_group; /**< Least customers on each side of a test.  0: 30. */
    int64_t top;       /**< Rows of `friction`.  0: all. */
} sj_friction_options;

/** Makes the question ready for one graph.  SJ_ERR_OPTIONS, SJ_ERR_NAME (a signal that there is
 *  not), SJ_ERR_CONDITION.  O(touchpoints). */
SJ_API sj_status sj_friction_plan(const sj_graph *graph, const sj_friction_options *options,
                                  sj_plan **out, sj_error *error);
/** Tables from a tally; options may be NULL.  SJ_ERR_OPTIONS, SJ_ERR_MISMATCH, SJ_ERR_NEGATIVE. */
SJ_API sj_status sj_friction_conclude(const sj_tally *tally, const sj_friction_options *options,
                                      sj_result **out, sj_error *error);
/** Plan, scan and conclude in one call.  O(events). */
SJ_API sj_status sj_friction_compute(const sj_graph *graph, const sj_friction_options *options,
                                     const sj_run *run, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
