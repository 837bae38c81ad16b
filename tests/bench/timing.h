/* Time, by the wall and by what this process kept cores busy. */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdint.h>

enum { TIMING_MOST_RUNS = 99 };

/* On a machine that others use too, the second is the steadier one. */
typedef struct timing {
    double wall, busy; /* seconds */
} timing;

timing timing_now(void);

/* Sorts what was taken. */
double timing_median(double *taken, int64_t runs);

#endif
