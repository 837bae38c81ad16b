/* Which analyses there are. */
#ifndef SJ__ANALYSIS_TABLE_H
#define SJ__ANALYSIS_TABLE_H

#include "tally/plan.h"

extern const sj__analysis sj__funnel_analysis;
extern const sj__analysis sj__friction_analysis;
extern const sj__analysis sj__path_analysis;
extern const sj__analysis sj__variant_analysis;
extern const sj__analysis sj__transition_analysis;
extern const sj__analysis sj__match_analysis;

/* By number, NULL past the last. */
const sj__analysis *sj__analysis_at(size_t i);
/* By name, NULL if there is none. */
const sj__analysis *sj__analysis_find(const char *name, size_t n);

#endif
