/* What metamorphic tests of funnels share: a world at hand, its tally and its list, and how two of
 * them are compared.  A test draws a world each round, changes it, and asks again. */
#ifndef FUNNEL_META_H
#define FUNNEL_META_H

#include "property/funnel_world.h"

extern world meta_world;
extern uint64_t meta_built; /* features that the library has */
extern uint64_t meta_rounds,
    meta_used; /* of the test at hand; those in which it had something to do */

/* Rounds of a test. */
uint64_t meta_count(void);
/* Draws a world whose question is not refused and has none of the `without` features. */
void meta_draw(uint64_t seed, uint64_t without);
/* Around each test, and around all. */
int meta_begin(void **state);
int meta_end(void **state);
int meta_all_built(void **state);

/* Fails, with the question, unless it went well. */
void meta_must(sj_status status, const sj_error *error);
sj_tally *meta_tally(const sj_graph *graph);
void meta_check_bytes(const sj_tally *a, const sj_tally *b);
sj_result *meta_list(const sj_graph *graph);
/* The list of `before`, which was taken before the question changed, and that of `after` have the
 * same units with the same level, reason and times, the second's `later` than the first's.  Frees
 * all. */
void meta_check_lists(sj_graph *before, sj_result *was, sj_graph *after, int64_t later);

#endif
