/* Very many funnels over the reference workload, answered by one scan. */
#ifndef BENCH_MANY_H
#define BENCH_MANY_H

#include <sojourn.h>

enum { MANY_FUNNELS = 100 };
enum { MANY_MIXED, MANY_WINDOWED, MANY_MIXES }; /* half of them with a window; all */

/* The plans, by SJ_FIGURE_…; exits where one fails. */
void many_plan(const sj_graph *graph, int mix, int64_t figures, sj_plan *plans[MANY_FUNNELS]);
void many_free(sj_plan *plans[MANY_FUNNELS]);

void many_scan(sj_plan *const *plans, const sj_run *run);

/* 1 where the tallies of all together are, byte for byte, those of each alone; says which are not.
 */
int many_check(const sj_graph *graph, const sj_run *run);

#endif
