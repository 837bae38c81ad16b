/**
 * @file
 * Funnels: how many customers get to which step, how fast, and why the others do not.
 *
 * An *attempt* fills steps with events of one journey, obeying every option; one attempt, chosen by
 * `attempt`, speaks for each unit, and its *level* is the last step it filled.  docs/funnel.md has
 * every rule with a worked journey, and says what is refused.
 *
 *     const sj_step steps[] = {{.condition = "product_view"}, {.condition = "purchase"}};
 *     sj_funnel_options options = {.struct_size = sizeof options, .steps = steps, .n_steps = 2,
 *                                  .step_size = sizeof *steps, .window = 1 * SJ_DAY};
 *     status = sj_funnel_compute(graph, &options, NULL, &result, &error);
 *
 * Tables: `steps`: step, name, reached, filled, dropped, excluded, open, entered, customers,
 * rate_previous, rate_previous_low, rate_previous_high, rate_overall, low, high, and by figures
 * time_n, time_mean, time_p50, time_p90, time_p99 (since the entry), gap_mean, gap_p50, gap_p90,
 * gap_p99 (since the previous filled step), value · `reasons`: step, reason, units · `next`: step,
 * touchpoint, units · `times`: step, since (entry, previous), from, to, units · `survival`: time,
 * at_risk, converted, share, low, high · `trend`, `breakdown`: steps again, with key · `compare`
 * (with a baseline): step, difference, low, high, z, p.  A *unit* is what is counted: customers by
 * default, or attempts, sessions, values of `hold`.
 */
#ifndef SOJOURN_FUNNEL_H
#define SOJOURN_FUNNEL_H

#include <sojourn/tally.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One step of a funnel.  Frozen. */
typedef struct sj_step {
    const char *condition; /**< Which events fill it. */
    int64_t min_gap;       /**< Since the previous filled step, inclusive.  0: none. */
    int64_t max_gap;       /**< Likewise; SJ_INSTANT: at the same time.  0: none. */
    int32_t optional;      /**< Other than 0: an attempt may leave it out. */
    int32_t
        adjacent; /**< Other than 0: no event lies strictly between the step before and this one. */
    int64_t group; /**< Neighbouring steps of one group come in any order.  0: no group. */
} sj_step;

/* sj_exclusion.effect */
enum {
    SJ_EXCLUDE_BREAK = 1, /**< the unit counts as excluded */
    SJ_EXCLUDE_REMOVE = 2 /**< the unit counts nowhere */
};

/** An event that must not lie strictly between two steps, or behind the first of them while the
 *  second is not filled. */
typedef struct sj_exclusion {
    const char *condition; /**< Which events it is about. */
    int32_t from_step;     /**< From 1.  0: the first. */
    int32_t to_step;       /**< 0: the last. */
    int64_t effect;        /**< SJ_EXCLUDE_…  0: the preset's, or break. */
} sj_exclusion;

enum { SJ_ORDER_SEQUENTIAL = 1, SJ_ORDER_ADJACENT = 2, SJ_ORDER_ANY = 3 };
/* events at one time */
enum {
    SJ_TIE_ANY = 1,    /**< in whichever order helps */
    SJ_TIE_INPUT = 2,  /**< in the order of the journey */
    SJ_TIE_STRICT = 3, /**< a step must be later than the one before */
    SJ_TIE_GRACE = 4   /**< a step may be up to `grace` earlier */
};
/* which attempt speaks for the unit */
enum {
    SJ_ATTEMPT_BEST = 1,  /**< longest, then earliest to end, then latest to begin */
    SJ_ATTEMPT_FIRST = 2, /**< a replay from the first entry */
    SJ_ATTEMPT_EACH = 3   /**< replays, each beginning after the one before has ended */
};
/* a breach of adjacency ends the attempt, or the journey */
enum { SJ_VIOLATION_BREAK = 1, SJ_VIOLATION_STOP = 2 };
enum { SJ_REUSE_NO = 1, SJ_REUSE_YES = 2 };
enum { SJ_UNIT_CUSTOMERS = 1, SJ_UNIT_ATTEMPTS = 2, SJ_UNIT_SESSIONS = 3, SJ_UNIT_VALUES = 4 };
enum { SJ_AT_ENTRY = 1, SJ_AT_STEP = 2, SJ_AT_FIRST = 3, SJ_AT_LAST = 4, SJ_AT_CUSTOMER = 5 };
enum { SJ_TREND_HOUR = 1, SJ_TREND_DAY = 2, SJ_TREND_WEEK = 3, SJ_TREND_MONTH = 4 };

/** What is asked of a funnel. */
typedef struct sj_funnel_options {
    size_t struct_size; /**< sizeof(sj_funnel_options). */
    /* What is counted. */
    const char *preset; /**< A product's rules (docs/funnel.md) for what is 0 below.  NULL: ours. */
    const sj_step *steps;           /**< In order. */
    size_t n_steps;                 /**< At least 1. */
    size_t step_size;               /**< sizeof(sj_step). */
    const sj_exclusion *exclusions; /**< Events that end an attempt. */
    size_t n_exclusions;            /**< Of them. */
    size_t exclusion_size;          /**< sizeof(sj_exclusion). */
    const char *const *hold;        /**< Attributes whose value the whole attempt must share. */
    size_t n_hold;                  /**< Of them. */
    int64_t window;                 /**< From the entry, inclusive.  0: the preset's, or none. */
    int64_t grace;                  /**< With SJ_TIE_GRACE: how much earlier. */
    int64_t session_gap; /**< Journeys are cut at longer pauses.  0: never; sessions need one. */
    const int64_t *entry_from; /**< No attempt begins before.  NULL: from the beginning. */
    const int64_t *entry_to;   /**< Attempts begin before this.  NULL: to the end. */
    const int64_t *as_of;      /**< End of observation.  NULL: the graph's. */
    const char *breakdown;     /**< Attribute, "channel" or "stage".  NULL: none. */
    int32_t order;             /**< SJ_ORDER_… and so on; 0 is the preset's, or the first. */
    int32_t tie;               /**< SJ_TIE_… */
    int32_t attempt;           /**< 0: the preset's, or best; with unit attempts each. */
    int32_t violation;         /**< SJ_VIOLATION_… */
    int32_t reuse;             /**< SJ_REUSE_…: may one event fill several steps? */
    int32_t unit;              /**< SJ_UNIT_… */
    int32_t enter_anywhere;    /**< Other than 0: open funnel, customers may begin at any step. */
    int32_t breakdown_at;      /**< SJ_AT_…  0: entry. */
    int32_t breakdown_step;    /**< With SJ_AT_STEP, from 1. */
    int32_t trend;             /**< SJ_TREND_…, by time of entry.  0: none. */
    int32_t utc_offset;        /**< Minutes, for the trend. */
    int32_t survival;          /**< Other than 0: table `survival`. */
    int64_t figures;           /**< SJ_FIGURE_… bits.  0: all. */
    /* How it is read; the only fields that conclude looks at. */
    const sj_tally *baseline; /**< Group to compare with.  NULL: none. */
    int64_t top;              /**< Rows per step of `next`.  0: 10. */
} sj_funnel_options;

/** Makes the question ready for one graph.  SJ_ERR_OPTIONS where two options exclude each other
 *  (all: docs/funnel.md), SJ_ERR_NAME, SJ_ERR_CONDITION.  O(touchpoints * steps). */
SJ_API sj_status sj_funnel_plan(const sj_graph *graph, const sj_funnel_options *options,
                                sj_plan **out, sj_error *error);
/** Tables from a tally; of the options, which may be NULL, only `baseline` and `top` are used.
 *  SJ_ERR_MISMATCH, SJ_ERR_NEGATIVE. */
SJ_API sj_status sj_funnel_conclude(const sj_tally *tally, const sj_funnel_options *options,
                                    sj_result **out, sj_error *error);
/** Plan, scan and conclude in one call.  O(events * steps), in practice O(events). */
SJ_API sj_status sj_funnel_compute(const sj_graph *graph, const sj_funnel_options *options,
                                   const sj_run *run, sj_result **out, sj_error *error);

/** Table `levels`, a row per unit: customer, unit (1, 2 … within the customer), held (with hold),
 *  entered, level, reason, times (absent where not filled), events (positions in the journey,
 *  likewise).  It tells every unit apart, so that `figures`, `breakdown`, `trend` and `survival`,
 *  which say how units are added up, are checked and change nothing. */
SJ_API sj_status sj_funnel_list(const sj_graph *graph, const sj_funnel_options *options,
                                const sj_run *run, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
