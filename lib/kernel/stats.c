/* Intervals and tests for rates.
 *
 * Wilson's score interval, the set of p that a two-sided normal test at 5 % does not reject:
 *     (x + z²/2 ± z √(x (n − x)/n + z²/4)) / (n + z²)
 * Newcombe's interval of a difference (his method 10) joins the two Wilson intervals by the
 * square-and-add rule.
 *
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22
 * (1927). R. G. Newcombe, Interval estimation for the difference between independent proportions,
 * Statistics in Medicine 17 (1998), 873–890. */
#include "kernel/stats.h"

#include <math.h>

#define STATS_Z95 1.9599639845400545 /* the normal distribution's 0.975 quantile */

double sj__normal_above(double z)
{
    return 0.5 * erfc(z * 0.70710678118654752440);
}

double sj__rate(int64_t x, int64_t n)
{
    return n > 0 ? (double)x / (double)n : NAN;
}

sj__interval sj__wilson(int64_t x, int64_t n)
{
    const double z2 = STATS_Z95 * STATS_Z95, total = (double)n, hits = (double)x;
    if (n <= 0)
        return (sj__interval){NAN, NAN};
    const double half = STATS_Z95 * sqrt(hits * (total - hits) / total + z2 / 4);
    const double middle = hits + z2 / 2;
    /* At the ends the formula is exact on paper; rounding must not leave 1e-17 where 0 is meant. */
    return (sj__interval){x == 0 ? 0 : (middle - half) / (total + z2),
                          x == n ? 1 : (middle + half) / (total + z2)};
}

sj__interval sj__survival_band(double s, double variance)
{
    if (s >= 1)
        return (sj__interval){1, 1};
    if (s <= 0 || !isfinite(variance))
        return (sj__interval){NAN, NAN};
    const double factor = exp(STATS_Z95 * sqrt(variance) / -log(s));
    return (sj__interval){pow(s, factor), pow(s, 1 / factor)};
}

static double stats_hypotenuse(double a, double b)
{
    return sqrt(a * a + b * b);
}

sj__difference sj__compare_rates(int64_t x1, int64_t n1, int64_t x0, int64_t n0)
{
    sj__difference out = {NAN, {NAN, NAN}, NAN, NAN};
    if (n1 <= 0 || n0 <= 0)
        return out;
    const double p1 = sj__rate(x1, n1), p0 = sj__rate(x0, n0);
    const sj__interval of1 = sj__wilson(x1, n1), of0 = sj__wilson(x0, n0);
    out.value = p1 - p0;
    out.interval.low = out.value - stats_hypotenuse(p1 - of1.low, of0.high - p0);
    out.interval.high = out.value + stats_hypotenuse(of1.high - p1, p0 - of0.low);
    const double a = (double)n1, b = (double)n0;
    const double pooled = ((double)x1 + (double)x0) / (a + b);
    const double variance = pooled * (1 - pooled) * (1 / a + 1 / b);
    if (variance > 0) {
        out.z = out.value / sqrt(variance);
        out.p = 2 * sj__normal_above(fabs(out.z));
    }
    return out;
}
