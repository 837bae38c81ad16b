/* Rates compared within strata.
 *
 * Strata with an empty side are left out; N = n1 + n0, m = x1 + x0, w = (n1 n0 / N) / Σ n1 n0 / N:
 *     d    = Σ w (x1/n1 − x0/n0)
 *     low  = d − √ Σ w² [(p1 − L1)² + (U0 − p0)²]     high = d + √ Σ w² [(U1 − p1)² + (p0 − L0)²]
 * with Wilson's L and U: Newcombe's interval where there is one stratum.  The test is Cochran's,
 * Mantel's and Haenszel's without continuity correction, z = Σ (x1 − n1 m/N) / √ Σ n1 n0 m (N − m)
 * / (N² (N − 1)); whether its normal approximation holds says Mantel's and Fleiss's criterion.
 * Student's tail is an incomplete beta function, by its continued fraction.
 *
 * N. Mantel, W. Haenszel, Statistical aspects of the analysis of data from retrospective studies,
 * JNCI 22 (1959). N. Mantel, J. L. Fleiss, Minimum expected cell size requirements for the
 * Mantel-Haenszel test, AJE 112 (1980). T. J. VanderWeele, P. Ding, Sensitivity analysis in
 * observational research, Annals of Internal Medicine 167 (2017). Y. Benjamini, Y. Hochberg,
 * Controlling the false discovery rate, JRSS B 57 (1995); with D. Yekutieli, Annals of Statistics
 * 29 (2001). */
#include "kernel/rates.h"

#include <math.h>
#include <string.h>

/* Sums over strata that the figures are made of. */
typedef struct rates_sums {
    double weight;      /* Σ n1 n0 / N */
    double excess;      /* Σ x1 − n1 m / N */
    double variance;    /* of it */
    double below, over; /* expected minus the least possible; the most possible minus expected */
} rates_sums;

static double rates_square(double x)
{
    return x * x;
}

static int rates_is_used(const sj__stratum *s)
{
    return s->n1 > 0 && s->n0 > 0;
}

static double rates_weight(const sj__stratum *s)
{
    const double n1 = (double)s->n1, n0 = (double)s->n0;
    return n1 * n0 / (n1 + n0);
}

static void rates_add(rates_sums *sums, sj__rates *out, const sj__stratum *s)
{
    const double n1 = (double)s->n1, n0 = (double)s->n0, all = n1 + n0;
    const double m = (double)s->x1 + (double)s->x0, expected = n1 * m / all;
    out->n1 += s->n1;
    out->n0 += s->n0;
    out->x1 += s->x1;
    out->x0 += s->x0;
    sums->weight += rates_weight(s);
    sums->excess += (double)s->x1 - expected;
    sums->variance += n1 * n0 * m * (all - m) / (all * all * (all - 1));
    sums->below += expected - fmax(0, m - n0);
    sums->over += fmin(n1, m) - expected;
}

double sj__nearer_bound(sj__interval interval)
{
    return interval.low > 0 ? interval.low : interval.high < 0 ? interval.high : 0;
}

double sj__e_value(double ratio)
{
    if (!(ratio > 0) || isinf(ratio))
        return NAN;
    const double r = ratio < 1 ? 1 / ratio : ratio;
    return r + sqrt(r * (r - 1));
}

sj__rates sj__compare_strata(const sj__stratum *strata, size_t n)
{
    sj__rates out = {.value = NAN, .interval = {NAN, NAN}, .z = NAN, .p = NAN, .robustness = NAN};
    rates_sums sums = {0};
    double low = 0, high = 0, value = 0;
    for (size_t i = 0; i < n; i++) {
        if (rates_is_used(&strata[i]))
            rates_add(&sums, &out, &strata[i]);
    }
    if (out.n1 == 0)
        return out;
    for (size_t i = 0; i < n; i++) {
        const sj__stratum *s = &strata[i];
        if (!rates_is_used(s))
            continue;
        const double w = rates_weight(s) / sums.weight;
        const double p1 = sj__rate(s->x1, s->n1), p0 = sj__rate(s->x0, s->n0);
        const sj__interval of1 = sj__wilson(s->x1, s->n1), of0 = sj__wilson(s->x0, s->n0);
        value += w * (p1 - p0);
        low += w * w * (rates_square(p1 - of1.low) + rates_square(of0.high - p0));
        high += w * w * (rates_square(of1.high - p1) + rates_square(p0 - of0.low));
    }
    out.value = value;
    out.interval = (sj__interval){value - sqrt(low), value + sqrt(high)};
    out.mantel_fleiss = fmin(sums.below, sums.over);
    if (sums.variance > 0) {
        out.z = sums.excess / sqrt(sums.variance);
        out.p = 2 * sj__normal_above(fabs(out.z));
    }
    const double bound = sj__nearer_bound(out.interval), rate = sj__rate(out.x1, out.n1);
    out.robustness = bound == 0 ? 1 : sj__e_value((rate - bound) / rate);
    return out;
}

int sj__rates_are_few(const sj__rates *rates, int64_t least)
{
    return rates->n1 < least || rates->n0 < least || !(rates->mantel_fleiss >= 5) ||
           isnan(rates->p);
}

/* ---- many tests ---- */

/* Doubles that are not negative are in the order of their bits. */
static uint64_t rates_bits(double p)
{
    uint64_t bits;
    memcpy(&bits, &p, sizeof bits);
    return bits;
}

void sj__adjust(const double *p, size_t n, int any_dependence, sj__pair *room, double *q)
{
    double factor = 1, least = 1;
    for (size_t i = 0; i < n; i++)
        room[i] = (sj__pair){rates_bits(p[i] > 0 ? p[i] : 0), i};
    sj__sort_pairs(room, room + n, n);
    for (size_t i = 2; i <= n && any_dependence; i++)
        factor += 1 / (double)i;
    for (size_t i = n; i-- > 0;) {
        const size_t at = (size_t)room[i].number;
        least = fmin(least, p[at] * factor * (double)n / (double)(i + 1));
        q[at] = least;
    }
}

/* ---- Student ---- */

/* The continued fraction of the incomplete beta function, by Lentz's method; converges fast for x <
 * (a + 1) / (a + b + 2). */
static double rates_beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < 10000; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step;
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        step = d * c;
        h *= step;
        if (fabs(step - 1) < 1e-16)
            break;
    }
    return h;
}

/* The complete beta function B(freedom / 2, 1/2), from B(1/2, 1/2) = π or B(1, 1/2) = 2 upwards. */
static double rates_beta(int64_t freedom)
{
    double beta = freedom % 2 != 0 ? 3.14159265358979323846 : 2;
    for (double a = freedom % 2 != 0 ? 0.5 : 1; a + 0.5 < (double)freedom / 2; a += 1)
        beta *= a / (a + 0.5);
    return beta;
}

double sj__student_beyond(double t, int64_t freedom)
{
    if (isnan(t) || freedom < 1)
        return NAN;
    const double v = (double)freedom, a = v / 2, b = 0.5, square = t * t;
    if (square == 0)
        return 1;
    if (isinf(square))
        return 0;
    const double x = v / (v + square), y = square / (v + square); /* x + y = 1 */
    const double front = exp(a * -log1p(square / v)) * sqrt(y) / rates_beta(freedom);
    if (x < (a + 1) / (a + b + 2))
        return fmin(1, front * rates_beta_fraction(a, b, x) / a);
    return fmax(0, 1 - front * rates_beta_fraction(b, a, y) / b);
}
