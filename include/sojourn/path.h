/**
 * @file
 * Paths: the tree of what comes after, before or between anchors.
 *
 * An *anchor* is an event that meets `from`; without it, the start of a journey; with `to` alone, an
 * event that meets `to`, from which paths are read backwards.  Counts add up at every branch: a
 * node's count is that of its children, (other) and (end) among them.  docs/paths.md has the rules.
 *
 * Tables: `paths`: depth (0: the anchor), path, count, share (of the anchor's count) · `layers`:
 * layer, from, to, count (ready to be drawn: at most 6 layers of 8 touchpoints and (other) each).
 */
#ifndef SOJOURN_PATH_H
#define SOJOURN_PATH_H

#include <sojourn/tally.h>

#ifdef __cplusplus
extern "C" {
#endif

/* which of a customer's anchors */
enum {
    SJ_OCCURRENCE_FIRST = 1,
    SJ_OCCURRENCE_LAST = 2,
    SJ_OCCURRENCE_EVERY = 3 /**< a path from each, overlaps allowed */
};
/* what a count is of */
enum {
    SJ_COUNT_CUSTOMERS = 1,  /**< distinct; with every occurrence they need not add up */
    SJ_COUNT_OCCURRENCES = 2 /**< of anchors */
};

/** What is asked of paths. */
typedef struct sj_path_options {
    size_t struct_size; /**< sizeof(sj_path_options). */
    /* What is counted. */
    const char *from; /**< Condition: paths start here.  NULL: at the start of the journey. */
    const char *to;   /**< Condition: paths end here.  Alone: paths are read backwards from it. */
    int64_t session_gap; /**< Paths end with the session.  0: with the journey. */
    int32_t depth;       /**< Events after the anchor.  0: 5; at most 64. */
    int32_t occurrence;  /**< SJ_OCCURRENCE_… of the anchor.  0: first. */
    int32_t count;       /**< SJ_COUNT_…  0: customers. */
    int32_t collapse;    /**< Other than 0: a visit counts as one event. */
    /* How it is read; the only fields that conclude looks at. */
    const sj_tally *baseline; /**< Group to compare with; not built yet.  NULL: none. */
    int64_t top;              /**< Branches per node; the rest is (other).  0: 8. */
} sj_path_options;

/** Makes the question ready for one graph.  SJ_ERR_OPTIONS, SJ_ERR_LIMIT, SJ_ERR_NAME,
 *  SJ_ERR_CONDITION. */
SJ_API sj_status sj_path_plan(const sj_graph *graph, const sj_path_options *options, sj_plan **out,
                              sj_error *error);
/** Tables from a tally; looks only at `top` of the options, which may be NULL.  SJ_ERR_MISMATCH,
 *  SJ_ERR_NEGATIVE. */
SJ_API sj_status sj_path_conclude(const sj_tally *tally, const sj_path_options *options,
                                  sj_result **out, sj_error *error);
/** Plan, scan and conclude in one call.  O(events + anchors * depth); the tally keeps every
 *  different path. */
SJ_API sj_status sj_path_compute(const sj_graph *graph, const sj_path_options *options,
                                 const sj_run *run, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
