/* The library's own logarithm: the same bits on every machine, for what enters a tally. */
#ifndef SJ__BASE_LOG2_H
#define SJ__BASE_LOG2_H

/* log2 of x > 0, within 2 units in the last place; exact for powers of two.  0 for what has none.
 */
double sj__log2(double x);

#endif
