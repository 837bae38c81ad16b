/* Intervals and tests for rates.  Pure functions; a rate over nothing gives NaN, which a table
 * shows as absent. */
#ifndef SJ__KERNEL_STATS_H
#define SJ__KERNEL_STATS_H

#include <stdint.h>

typedef struct sj__interval {
    double low, high;
} sj__interval;

/* Of a difference of two rates. */
typedef struct sj__difference {
    double value;          /* x1/n1 - x0/n0 */
    sj__interval interval; /* Newcombe, 95 % */
    double z, p;           /* two proportions, pooled, two-sided, no continuity correction */
} sj__difference;

/* Chance that a standard normal variable is above z. */
double sj__normal_above(double z);

/* x / n; NaN where n is 0. */
double sj__rate(int64_t x, int64_t n);

/* Wilson's score interval of x / n, 95 %. */
sj__interval sj__wilson(int64_t x, int64_t n);

/* 95 % band of a survival estimate from Greenwood's variance of its logarithm, by the normal
 * approximation of log(−log s). (1, 1) at s = 1; NaN where s is 0 or the variance is infinite. */
sj__interval sj__survival_band(double s, double variance);

/* x1/n1 against x0/n0.  z and p are NaN where the pooled rate is 0 or 1. */
sj__difference sj__compare_rates(int64_t x1, int64_t n1, int64_t x0, int64_t n0);

#endif
