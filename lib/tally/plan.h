/* The frame of every analysis: options → plan → tally → conclusion.  An analysis is a row of
 * this table. */
#ifndef SJ__TALLY_PLAN_H
#define SJ__TALLY_PLAN_H

#include <sojourn/tally.h>

#include "base/options.h"
#include "base/threads.h"
#include "journey/graph.h"
#include "kernel/bits.h"
#include "tally/tally.h"

/* One worker's view of one plan during a scan. */
typedef struct sj__counting {
    const sj_plan *plan;
    void *question;  /* plan->question */
    void *scratch;   /* what `begin` made; NULL without one */
    sj_tally *tally; /* the worker's own */
    const sj_graph *graph;
    sj_allocator allocator;
    sj__bits *bits; /* the worker's, for all its plans: `begin` says what `range` will read */
} sj__counting;

#define SJ__NOT_NAMED (-2) /* neither the number of a name nor "no name" */

/* A touchpoint as a name of the worker's tally; names[touchpoint], SJ__NOT_NAMED before, remembers
 * it. */
sj_status sj__counting_touchpoint(sj__counting *counting, int32_t *names, uint32_t touchpoint,
                                  int32_t *name, sj_error *error);

struct sj__analysis {
    const char *name;    /* "funnel" */
    const char *summary; /* one sentence, for sj_catalog */
    int32_t revision; /* in the tally's text: raised when the same options count something else */
    const sj__struct *options;
    const sj__ledger_spec *ledgers;
    size_t n_ledgers;
    /* The question of `options` (NULL: all defaults) for the plan's graph: sets `question`,
     * `wanted`, `use_range`, `text` and `counted`. */
    sj_status (*ask)(sj_plan *plan, const void *options, sj_error *error);
    sj_status (*conclude)(const sj_tally *tally, const void *options, sj_result **out,
                          sj_error *error);
    /* Scratch of one worker, and names or rows that the tally needs before the first visit.
     * NULL: nothing to do. */
    sj_status (*begin)(sj__counting *counting, sj_error *error);
    /* Adds one customer.  Events that the plan does not want may be among those shown. */
    sj_status (*visit)(sj__counting *counting, const sj__journey *journey, sj_error *error);
    /* Optional.  Adds what the packed arrays alone settle of customers [from, to) and marks the
     * others: bit i of `left` = customer_from + i must be visited (all bits are 0 before).
     * Never needed for the answer. */
    sj_status (*range)(sj__counting *counting, const sj__packed *packed, uint64_t *left,
                       sj_error *error);
    /* Moves counts from scratch into the tally (once, after the last customer) — NULL: nothing
     * to do. */
    sj_status (*end)(sj__counting *counting, sj_error *error);
    /* Frees scratch; called after `begin` succeeded or failed. */
    void (*drop)(sj__counting *counting);
    void (*free)(void *question, const sj_allocator *allocator);
    /* The public functions, for the catalog and for tests that run a table of analyses. */
    int32_t has_list;
};

struct sj_plan {
    sj_allocator allocator;
    const sj__analysis *analysis;
    sj_graph *graph; /* held */
    void *question;  /* the analysis's own; freed by it */
    uint8_t *
        wanted; /* a 0 or 1 per touchpoint, at least 256 entries: the events that it must be shown */
    size_t n_wanted;
    int32_t use_range; /* whether this plan's options allow `range` */
    sj__text text;     /* how it will run, in words */
    sj__text counted;  /* the tally's text */
};

/* sj_X_plan: a plan with the graph held and the lines that all tallies share (analysis and
 * revision, both ends of observation, event filter, the map), made whole by the analysis's `ask`.
 * On failure nothing is left behind. */
sj_status sj__plan_make(const sj__analysis *analysis, const sj_graph *graph, const void *options,
                        sj_plan **out, sj_error *error);

/* sj_X_compute: plan, scan and conclude; adds the note `plan`. */
sj_status sj__compute(const sj__analysis *analysis, const sj_graph *graph, const void *options,
                      const sj_run *run, sj_result **out, sj_error *error);

/* scan.c knows two macros for the tests' own build: SJ__RANGE_EVENTS (events to a range of
 * customers, default 65536) and SJ__WITHOUT_RANGE (leave the range door shut). */

#endif
