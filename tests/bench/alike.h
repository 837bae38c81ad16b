/* Paths and variants of the reference workload: what is timed, and whether the answers are right.
 */
#ifndef BENCH_ALIKE_H
#define BENCH_ALIKE_H

#include <sojourn.h>

#include "bench/reference.h"

/* A question by number: its name, NULL past the last; and its answer. */
const char *alike_name(size_t i);
sj_status alike_compute(size_t i, const sj_graph *graph, const sj_run *run, sj_result **out,
                        sj_error *error);

/* 1 where all answers are those of a plain second implementation; says what is wrong. */
int alike_check(const reference *data, const sj_graph *graph, const sj_run *run);

#endif
