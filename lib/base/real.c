/* Doubles as decimal text and back, exactly.
 *
 * Reading: at most 19 digits and a power of ten up to 10^22 are exact doubles, so that one
 * multiplication or division rounds once (Clinger 1990); everything else is a quotient of two big
 * integers, of which 64 bits and "is there a remainder" decide the nearest double, ties to even.  A
 * halfway point between doubles has at most 767 significant digits, so of longer texts 800 digits
 * and a last 1 for "and more" say as much as all of them.
 *
 * Writing: the shortest digits that read back as the same double, and of those the nearest to it,
 * by free-format generation with big integers (Steele and White 1990; Burger and Dybvig 1996); of
 * two as near the even one.  Money and whole numbers take a short way: a double that is the nearest
 * to some n / 10^6 with at most 15 digits has no shorter text than n's digits without trailing
 * zeros.
 *
 * Form: plain digits from 10^-6 to below 10^16 ("12", "0.000001", "1234.5"), else "1e+16",
 * "1.5e-7"; "0" for both zeros; "inf", "-inf", "nan" for what is no number. */
#include "base/number.h"

#include <float.h>
#include <string.h>

#include "base/big.h"
#include "base/decimal.h"

enum { REAL_DIGITS = 800 }; /* digits of a text that are looked at */

/* ---------------------------------------------------------------------------------- reading -- */

static double real_from_bits(uint64_t bits)
{
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

/* The nearest double to (quotient + something below 1 if `more`) × 2^exponent, where the quotient's
 * top bit is set. RANGE where that is infinite. */
static int real_round(uint64_t quotient, int more, int exponent, uint64_t *bits)
{
    int top = 63 + exponent;
    int drop = 11;
    uint64_t mantissa;
    uint64_t rest;
    uint64_t half;

    if (top > 1023)
        return SJ__READ_RANGE;
    if (top < -1022)
        drop += -1022 - top;
    if (drop > 64) {
        *bits = 0;
        return SJ__READ_OK;
    }
    half = UINT64_C(1) << (drop - 1);
    mantissa = drop < 64 ? quotient >> drop : 0;
    rest = quotient & (half - 1 + half);
    mantissa += rest > half || (rest == half && (more || (mantissa & 1)));
    /* A mantissa that rounds up to 2^53 carries into the exponent, which is right. */
    *bits = mantissa + (top < -1022 ? 0 : (uint64_t)(top + 1022) << 52);
    return *bits >> 52 == 0x7FF ? SJ__READ_RANGE : SJ__READ_OK;
}

/* The first 64 bits of a / b, where b <= a < 2b: 2^63 times the quotient.  1 in *more where a
 * remainder is left. */
static uint64_t real_divide(sj__big *a, const sj__big *b, int *more)
{
    uint64_t quotient = 0;

    for (int i = 0; i < 64; i++) {
        /* What is left of a is doubled instead of halving b. */
        quotient <<= 1;
        if (sj__big_compare(a, b) >= 0) {
            sj__big_subtract(a, b);
            quotient |= 1;
        }
        sj__big_shift_left(a, 1);
    }
    *more = a->n > 0;
    return quotient;
}

static int real_read_exact(const sj__decimal *d, uint64_t *bits)
{
    size_t n = d->n > REAL_DIGITS ? REAL_DIGITS : d->n;
    const char *p = d->digits;
    sj__big above;
    sj__big below;
    uint64_t quotient;
    int exponent;
    int shift;
    int more;

    sj__big_set(&above, 0);
    sj__big_set(&below, 1);
    for (size_t i = 0; i < n; i++)
        sj__big_multiply(&above, 10, sj__decimal_next(&p));
    if (d->n > REAL_DIGITS) {
        sj__big_multiply(&above, 10, 1);
        n++;
    }
    exponent = (int)(d->point - (int64_t)n);
    sj__big_multiply_five(exponent >= 0 ? &above : &below, exponent >= 0 ? exponent : -exponent);
    /* Equal lengths, then one bit more if need be, give below <= above < 2 below. */
    shift = sj__big_bits(&below) - sj__big_bits(&above);
    sj__big_shift_left(shift >= 0 ? &above : &below, shift >= 0 ? shift : -shift);
    if (sj__big_compare(&above, &below) < 0) {
        sj__big_shift_left(&above, 1);
        shift++;
    }
    quotient = real_divide(&above, &below, &more);
    return real_round(quotient, more, exponent - shift - 63, bits);
}

/* 1 where doubles alone give the nearest one. */
static int real_read_fast(const sj__decimal *d, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = d->point - (int64_t)d->n;
    const char *p = d->digits;
    uint64_t v = 0;

    if (FLT_EVAL_METHOD != 0 || d->n > 19 || exponent < -22 || exponent > 22)
        return 0;
    for (size_t i = 0; i < d->n; i++)
        v = v * 10 + sj__decimal_next(&p);
    if (v >> 53 != 0)
        return 0;
    *out = exponent < 0 ? (double)v / powers[-exponent] : (double)v * powers[exponent];
    return 1;
}

int sj__read_real(const char *s, size_t n, double *out)
{
    sj__decimal d;
    uint64_t bits = 0;
    double v = 0.0;

    if (!sj__decimal_read(s, n, &d))
        return SJ__READ_BAD;
    if (d.n > 0 && d.point > 310)
        return SJ__READ_RANGE;
    if (d.n > 0 && d.point >= -330 && !real_read_fast(&d, &v)) {
        if (real_read_exact(&d, &bits) != SJ__READ_OK)
            return SJ__READ_RANGE;
        v = real_from_bits(bits);
    }
    *out = d.negative ? -v : v;
    return SJ__READ_OK;
}

/* ---------------------------------------------------------------------------------- writing -- */

/* The digits of v = 0.D1 D2 … × 10^point. */
typedef struct real_digits {
    char digits[24];
    int n;
    int point;
} real_digits;

/* v = value / unit; what reads back as v lies within `up` above and `down` below it, all in the
 * same unit. */
typedef struct real_scaled {
    sj__big value;
    sj__big unit;
    sj__big up;
    sj__big down;
    int closed; /* the ends read back as v too: its mantissa is even */
} real_scaled;

/* 1 where value + up is beyond one unit (or on it, where the end belongs). */
static int real_reaches(const real_scaled *s)
{
    sj__big sum = s->value;
    int order;

    sj__big_add(&sum, &s->up);
    order = sj__big_compare(&sum, &s->unit);
    return s->closed ? order >= 0 : order > 0;
}

/* Fills s so that value / unit = v / 10^point, in [0.1, 1) or so near below 1 that the text is 1;
 * returns point. */
static int real_scale(real_scaled *s, uint64_t mantissa, int exponent, int lower_is_nearer)
{
    int top = 63 - __builtin_clzll(mantissa) + exponent;
    /* floor(top × log10 2), which is exact for |top| < 1100 at 18 bits. */
    int point = (top * 78913 >> 18) + 1;
    int twos = exponent - point;
    int fives = point >= 0 ? point : -point;

    s->closed = (mantissa & 1) == 0;
    sj__big_set(&s->value, mantissa * 4);
    sj__big_set(&s->unit, 4);
    sj__big_set(&s->up, 2);
    sj__big_set(&s->down, lower_is_nearer ? 1 : 2);
    if (point >= 0) {
        sj__big_multiply_five(&s->unit, fives);
    } else {
        sj__big_multiply_five(&s->value, fives);
        sj__big_multiply_five(&s->up, fives);
        sj__big_multiply_five(&s->down, fives);
    }
    if (twos >= 0) {
        sj__big_shift_left(&s->value, twos);
        sj__big_shift_left(&s->up, twos);
        sj__big_shift_left(&s->down, twos);
    } else {
        sj__big_shift_left(&s->unit, -twos);
    }
    if (real_reaches(s)) {
        sj__big_multiply(&s->unit, 10, 0);
        point++;
    }
    return point;
}

static void real_generate(real_scaled *s, real_digits *out)
{
    int low;
    int high;
    int digit;

    do {
        sj__big_multiply(&s->value, 10, 0);
        sj__big_multiply(&s->up, 10, 0);
        sj__big_multiply(&s->down, 10, 0);
        for (digit = 0; sj__big_compare(&s->value, &s->unit) >= 0; digit++)
            sj__big_subtract(&s->value, &s->unit);
        low = sj__big_compare(&s->value, &s->down);
        low = s->closed ? low <= 0 : low < 0;
        high = real_reaches(s);
        out->digits[out->n++] = (char)('0' + digit);
    } while (!low && !high);
    if (low && high) {
        sj__big_shift_left(&s->value, 1);
        low = sj__big_compare(&s->value, &s->unit);
        low = low < 0 || (low == 0 && digit % 2 == 0); /* both as near: the even digit */
    }
    /* Never 9 here: a carry would mean that the digits before already were enough. */
    if (!low)
        out->digits[out->n - 1]++;
}

static void real_shortest(double v, real_digits *out)
{
    uint64_t bits;
    uint64_t mantissa;
    int exponent;
    real_scaled s;

    memcpy(&bits, &v, sizeof bits);
    exponent = (int)(bits >> 52);
    mantissa = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent > 0)
        mantissa |= UINT64_C(1) << 52;
    else
        exponent = 1;
    out->point =
        real_scale(&s, mantissa, exponent - 1075, mantissa == UINT64_C(1) << 52 && exponent > 1);
    real_generate(&s, out);
}

/* The digits of n without its trailing zeros; n / 10^scale is the number. */
static void real_plain(uint64_t n, int scale, real_digits *out)
{
    char digits[20];

    out->n = (int)sj__write_unsigned(digits, n);
    out->point = out->n - scale;
    while (digits[out->n - 1] == '0')
        out->n--;
    memcpy(out->digits, digits, (size_t)out->n);
}

static size_t real_put(char *to, const char *digits, int n)
{
    memcpy(to, digits, (size_t)n);
    return (size_t)n;
}

static size_t real_put_zeros(char *to, int n)
{
    if (n <= 0)
        return 0;
    memset(to, '0', (size_t)n);
    return (size_t)n;
}

static size_t real_lay_out(const real_digits *d, char *to)
{
    int exponent = d->point - 1;
    int whole = d->point < d->n ? d->point : d->n; /* digits before the point */
    int plain = d->point > -6 && d->point <= 16;
    char *p = to;

    if (!plain)
        whole = 1;
    if (whole > 0) {
        p += real_put(p, d->digits, whole);
        p += real_put_zeros(p, plain ? d->point - d->n : 0);
    } else {
        *p++ = '0';
        whole = 0;
    }
    if (d->n > whole) {
        *p++ = '.';
        p += real_put_zeros(p, plain ? -d->point : 0);
        p += real_put(p, d->digits + whole, d->n - whole);
    }
    if (plain)
        return (size_t)(p - to);
    *p++ = 'e';
    *p++ = exponent < 0 ? '-' : '+';
    return (size_t)(p - to) +
           sj__write_unsigned(p, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

size_t sj__write_real(char *to, double v)
{
    real_digits digits = {.n = 0};
    size_t sign = v < 0;
    double millionths;

    if (v != v || v - v != 0.0) {
        const char *name = v != v ? "nan" : sign ? "-inf" : "inf";

        return real_put(to, name, (int)strlen(name));
    }
    if (v == 0.0) {
        *to = '0';
        return 1;
    }
    if (sign)
        *to = '-';
    v = sign ? -v : v;
    millionths = v < 1e9 ? v * 1e6 + 0.5 : 0.0;
    if (v < 9007199254740992.0 && v == (double)(uint64_t)v)
        real_plain((uint64_t)v, 0, &digits);
    else if (millionths >= 1.0 && (double)(uint64_t)millionths / 1e6 == v)
        real_plain((uint64_t)millionths, 6, &digits);
    else
        real_shortest(v, &digits);
    return sign + real_lay_out(&digits, to + sign);
}
