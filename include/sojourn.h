/**
 * @file
 * sojourn: journey analytics in one shared object, for applications to link.
 *
 * A *customer* meets *touchpoints*; one such meeting is an *event*: who, when, where, worth what.
 * One customer's events in order of time are a *journey*.  All journeys together, with the map they
 * are read by (stages, channels, micro-conversions, expected transitions), are the *journey graph*.
 *
 *     events ──▶ sj_builder ──build──▶ sj_graph ──┐
 *                one thread            immutable  ├──scan──▶ sj_tally ──conclude──▶ sj_result
 *                  options ───plan───▶ sj_plan  ──┘          counts,               figures, as
 *                                                            additive              named tables
 *
 * Each analysis has the same three doors, `sj_X_plan`, `sj_X_conclude` and `sj_X_compute`; compute
 * is plan, scan and conclude in one call and all that most programs need.  The rest is for many
 * questions in one pass (sj_scan) and for shards (sj_tally_merge).  `sj_X_list`, where there is
 * one, gives a row per unit (customer, attempt, match) instead of figures.
 *
 * What holds for every function, said once:
 *
 * Errors.     A function that can fail returns sj_status, and its last parameter is `sj_error *`,
 *             which may be NULL and is written only on failure.  After a failure `*out` is NULL and
 *             every input is as it was.  Nothing prints, aborts, or keeps global state.
 * Ownership.  What comes through `out` is yours: free it once, in any order.  A plan keeps its
 *             graph alive; everything else holds copies.  What a getter returns is lent for the
 *             life of its object.  What you pass in is needed for the call only.
 * Options.    Set `struct_size = sizeof options`; zero in any other field means its default; NULL
 *             for the whole means all defaults.  Arrays of structs carry their element's size.
 * Allocation. Everything made from an object uses that object's allocator: builder, graph, plan,
 *             tally, result.  What is made from nothing takes one; NULL is malloc.
 * Threads.    A builder, and a tally that is being merged into, belong to one thread at a time.
 *             Graphs, plans and results are immutable: any number of threads may read them.
 *             `progress` runs on the calling thread, before the call returns.
 * Text.       UTF-8, NUL-terminated unless a length stands beside it; checked on the way in.
 * Time.       int64_t microseconds since 1970-01-01 UTC; every value is valid, so an optional time
 *             is a pointer.  Spans of time are microseconds too: 0 is the default, SJ_INSTANT is a
 *             span of no length, SJ_UNLIMITED is no limit.
 * Value.      double in, exact to 10^-6 inside, double out.
 * Condition.  A text that picks events: the name of a touchpoint, micro-conversion or stage (a name
 *             of two kinds is refused), or else a predicate, as in
 *             touchpoint = 'add_to_cart' and (device in ('ios', 'android') or value >= 10)
 */
#ifndef SOJOURN_H
#define SOJOURN_H

#include <sojourn/base.h>    /* status, error, allocator, run */
#include <sojourn/journey.h> /* builder and graph */
#include <sojourn/files.h>   /* file access, replaceable */
#include <sojourn/csv.h>     /* events from files */
#include <sojourn/result.h>  /* results and their tables */
#include <sojourn/tally.h>   /* plan, scan, merge, subtract */

#include <sojourn/summary.h>    /* what a graph holds */
#include <sojourn/funnel.h>     /* who reaches which step, when, and why not */
#include <sojourn/transition.h> /* what follows what, how often, how soon */
#include <sojourn/path.h>       /* where journeys go after, before, between events */
#include <sojourn/variant.h>    /* journeys that are alike, n-grams, indicators */
#include <sojourn/friction.h>   /* where customers lose time or are lost, and what it costs */
#include <sojourn/summary.h> /* what a graph holds */
#include <sojourn/funnel.h>  /* who reaches which step, when, and why not */
#include <sojourn/match.h>   /* sequence patterns in journeys */

#endif
