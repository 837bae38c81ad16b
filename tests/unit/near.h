/* Comparison of doubles, because cmocka 1.1.5's own goes through float. */
#ifndef SJ_TESTS_NEAR_H
#define SJ_TESTS_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fails unless |actual - expected| <= relative × |expected|; equal infinities are near, NaN never
 * is.  Where 0 is expected, `relative` is the difference itself. */
#define assert_near(actual, expected, relative)                                                    \
    near_check((actual), (expected), (relative), __FILE__, __LINE__)

static inline void near_check(double actual, double expected, double relative, const char *file,
                              int line)
{
    double allowed = expected == 0.0 ? relative : relative * fabs(expected);

    if (actual == expected || fabs(actual - expected) <= allowed)
        return;
    print_error("%.17g is not near %.17g (relative %g)\n", actual, expected, relative);
    _fail(file, line);
}

#endif
