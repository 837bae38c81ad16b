/* Two groups' rates compared within strata, tests of many rows at once, and Student's t.  Pure
 * functions; what cannot be said is NaN, which a table shows as absent. */
#ifndef SJ__KERNEL_RATES_H
#define SJ__KERNEL_RATES_H

#include <stddef.h>

#include "base/sort.h"
#include "kernel/stats.h"

/* x1 of n1 against x0 of n0, customers who are alike in what the stratum stands for. */
typedef struct sj__stratum {
    int64_t x1, n1, x0, n0;
} sj__stratum;

typedef struct sj__rates {
    int64_t n1, n0, x1, x0; /* over the strata used: those with both sides */
    double value;           /* weighted difference */
    sj__interval interval;  /* 95 % */
    double z, p;            /* Cochran-Mantel-Haenszel, two-sided */
    double mantel_fleiss;   /* how far the expected count is from the ends of its range */
    double robustness;      /* E-value of the bound nearer 0; 1 where 0 lies inside */
} sj__rates;

sj__rates sj__compare_strata(const sj__stratum *strata, size_t n);
/* Whether there is too little to test: a side below `least`, or Mantel-Fleiss below 5. */
int sj__rates_are_few(const sj__rates *rates, int64_t least);
/* The bound nearer 0; 0 where 0 lies inside. */
double sj__nearer_bound(sj__interval interval);

/* How strongly a hidden cause would have to go with both, to explain a ratio of rates; NaN unless
 * ratio > 0. */
double sj__e_value(double ratio);

/* q[i] of p[i], n tests: Benjamini-Hochberg, or with `any_dependence` Benjamini-Yekutieli.  `room`:
 * 2 n pairs.  O(n). */
void sj__adjust(const double *p, size_t n, int any_dependence, sj__pair *room, double *q);

/* Chance that Student's t of `freedom` >= 1 degrees is further from 0 than t. */
double sj__student_beyond(double t, int64_t freedom);

#endif
