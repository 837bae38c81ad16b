/* See timing.h. */
#include "bench/timing.h"

#include <stdlib.h>
#include <time.h>

timing timing_now(void)
{
    struct timespec now;

    timespec_get(&now, TIME_UTC);
    return (timing){(double)now.tv_sec + (double)now.tv_nsec * 1e-9,
                    (double)clock() / (double)CLOCKS_PER_SEC};
}

static int timing_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double timing_median(double *taken, int64_t runs)
{
    qsort(taken, (size_t)runs, sizeof *taken, timing_compare);
    return taken[runs / 2];
}
