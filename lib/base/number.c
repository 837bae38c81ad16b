/* Whole numbers and fixed point as text, exactly.  Doubles are in real.c. */
#include "base/number.h"

#include <string.h>

#include "base/checked.h"
#include "base/decimal.h"

#define NUMBER_FIXED6_MOST UINT64_C(9200000000000000000)

static int number_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a sign if there is one; returns what follows. */
static size_t number_sign(const char *s, size_t n, int *negative)
{
    *negative = n > 0 && s[0] == '-';
    return n > 0 && (s[0] == '-' || s[0] == '+');
}

int sj__read_integer(const char *s, size_t n, int64_t *out)
{
    int negative;
    size_t i = number_sign(s, n, &negative);
    int64_t v = 0;

    if (i == n)
        return SJ__READ_BAD;
    for (size_t k = i; k < n; k++) {
        if (!number_is_digit(s[k]))
            return SJ__READ_BAD;
    }
    for (; i < n; i++) {
        int64_t digit = s[i] - '0';

        if (!sj__i64_multiply(v, 10, &v) || !sj__i64_add(v, negative ? -digit : digit, &v))
            return SJ__READ_RANGE;
    }
    *out = v;
    return SJ__READ_OK;
}

int sj__read_i128(const char *s, size_t n, sj__i128 *out)
{
    int negative;
    size_t i = number_sign(s, n, &negative);
    sj__i128 v = 0;

    if (i == n)
        return SJ__READ_BAD;
    for (size_t k = i; k < n; k++) {
        if (!number_is_digit(s[k]))
            return SJ__READ_BAD;
    }
    for (; i < n; i++) {
        sj__i128 digit = s[i] - '0';

        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return SJ__READ_RANGE;
    }
    *out = v;
    return SJ__READ_OK;
}

/* The exponent behind an 'e' at s[i].  Clamped far beyond what any double or the length of a text
 * can make up for. */
static int number_exponent(const char *s, size_t n, size_t i, int64_t *out)
{
    const int64_t most = INT64_C(1000000000000000000);
    int64_t v = 0;
    int negative;

    i++;
    i += number_sign(s + i, n - i, &negative);
    if (i == n)
        return 0;
    for (; i < n; i++) {
        if (!number_is_digit(s[i]))
            return 0;
        v = v >= most / 10 ? most : v * 10 + (s[i] - '0');
    }
    *out = negative ? -v : v;
    return 1;
}

int sj__decimal_read(const char *s, size_t n, sj__decimal *out)
{
    sj__decimal d = {.digits = s};
    size_t i = number_sign(s, n, &d.negative);
    size_t seen = 0;  /* digits */
    size_t whole = 0; /* of them before the point */
    size_t first = 0; /* digits up to and with the first that is not 0 */
    size_t last = 0;  /* … the last that is not 0 */
    int point = 0;

    for (; i < n && (number_is_digit(s[i]) || (s[i] == '.' && !point)); i++) {
        if (s[i] == '.') {
            point = 1;
            continue;
        }
        seen++;
        whole += !point;
        if (s[i] != '0') {
            if (last == 0) {
                d.digits = s + i;
                first = seen;
            }
            last = seen;
        }
    }
    if (seen == 0)
        return 0;
    if (i < n && ((s[i] != 'e' && s[i] != 'E') || !number_exponent(s, n, i, &d.point)))
        return 0;
    if (last == 0) {
        d.point = 0;
    } else {
        d.n = last - first + 1;
        d.point += (int64_t)whole - (int64_t)(first - 1);
    }
    *out = d;
    return 1;
}

int sj__read_fixed6(const char *s, size_t n, int64_t *out)
{
    sj__decimal d;
    const char *p;
    size_t whole;
    uint64_t v = 0;

    if (!sj__decimal_read(s, n, &d))
        return SJ__READ_BAD;
    if (d.n == 0 || d.point < -6) {
        *out = 0;
        return SJ__READ_OK;
    }
    if (d.point > 13)
        return SJ__READ_RANGE;
    p = d.digits;
    whole = (size_t)(d.point + 6);
    for (size_t i = 0; i < whole; i++)
        v = v * 10 + (i < d.n ? sj__decimal_next(&p) : 0);
    if (whole < d.n) {
        unsigned next = sj__decimal_next(&p);

        v += next > 5 || (next == 5 && (whole + 1 < d.n || (v & 1)));
    }
    if (v > NUMBER_FIXED6_MOST)
        return SJ__READ_RANGE;
    *out = d.negative ? -(int64_t)v : (int64_t)v;
    return SJ__READ_OK;
}

size_t sj__write_unsigned(char *to, uint64_t v)
{
    char digits[20];
    size_t i = sizeof digits;

    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    memcpy(to, digits + i, sizeof digits - i);
    return sizeof digits - i;
}

size_t sj__write_integer(char *to, int64_t v)
{
    if (v >= 0)
        return sj__write_unsigned(to, (uint64_t)v);
    *to = '-';
    return 1 + sj__write_unsigned(to + 1, 0 - (uint64_t)v);
}

size_t sj__write_i128(char *to, sj__i128 v)
{
    const uint64_t chunk = UINT64_C(10000000000000000000);
    sj__u128 size = v < 0 ? 0 - (sj__u128)v : (sj__u128)v;
    char digits[40];
    size_t i = sizeof digits;

    while (size >= chunk) {
        uint64_t low = (uint64_t)(size % chunk);

        size /= chunk;
        for (int k = 0; k < 19; k++, low /= 10)
            digits[--i] = (char)('0' + low % 10);
    }
    for (uint64_t low = (uint64_t)size; low > 0 || i == sizeof digits; low /= 10)
        digits[--i] = (char)('0' + low % 10);
    if (v < 0)
        digits[--i] = '-';
    memcpy(to, digits + i, sizeof digits - i);
    return sizeof digits - i;
}

int sj__fixed6_from_real(double v, int64_t *out)
{
    uint64_t bits;
    uint64_t mantissa;
    int shift;
    sj__u128 scaled;
    sj__u128 rest;
    sj__u128 half;

    if (v != v)
        return SJ__READ_BAD;
    if (v > 9.3e12 || v < -9.3e12)
        return SJ__READ_RANGE;
    memcpy(&bits, &v, sizeof bits);
    /* |v| = mantissa × 2^-shift; below 2^44 shift is positive. */
    shift = 1075 - (int)(bits >> 52 & 0x7FF);
    mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    scaled = (sj__u128)mantissa * 1000000;
    if (shift > 75) { /* scaled is below 2^73; denormals come here too */
        *out = 0;
        return SJ__READ_OK;
    }
    half = (sj__u128)1 << (shift - 1);
    rest = scaled & (half * 2 - 1);
    scaled >>= shift;
    scaled += rest > half || (rest == half && (scaled & 1));
    if (scaled > NUMBER_FIXED6_MOST)
        return SJ__READ_RANGE;
    *out = bits >> 63 ? -(int64_t)scaled : (int64_t)scaled;
    return SJ__READ_OK;
}

/* Shifted to the top, the quotient has at least 108 bits, so that the remainder only matters as a
 * last bit that says "and more"; rounding happens once, in the conversion. */
double sj__fixed6_to_real(sj__i128 v)
{
    sj__u128 size = v < 0 ? 0 - (sj__u128)v : (sj__u128)v;
    sj__u128 quotient;
    uint64_t bits;
    double scale;
    double real;
    int shift;

    if (size == 0)
        return 0.0;
    if (size >> 53 == 0) {
        real = (double)(uint64_t)size / 1e6;
        return v < 0 ? -real : real;
    }
    shift = size >> 64 != 0 ? __builtin_clzll((uint64_t)(size >> 64))
                            : 64 + __builtin_clzll((uint64_t)size);
    size <<= shift;
    quotient = size / 1000000;
    quotient |= size % 1000000 != 0;
    bits = (uint64_t)(1023 - shift) << 52;
    memcpy(&scale, &bits, sizeof scale);
    real = (double)quotient * scale;
    return v < 0 ? -real : real;
}

double sj__mean(sj__u128 sum, uint64_t count)
{
    sj__u128 quotient, rest;
    uint64_t bits;
    double scale = 1;
    int shift = 0;
    /* The quotient of sum · 2^shift has 56 bits at least, so that its last bit but one decides the
     * rounding. */
    while (shift < 127 && !(sum >> (127 - shift) & 1)) {
        shift++;
    }
    if (sum == 0) {
        return 0;
    }
    sum <<= shift;
    quotient = sum / count;
    rest = sum % count;
    while (quotient >> 55) {
        rest |= quotient & 1;
        quotient >>= 1;
        shift--;
    }
    bits = (uint64_t)quotient | (rest != 0);
    for (int i = 0; i < (shift < 0 ? -shift : shift); i++) {
        scale *= shift < 0 ? 2 : 0.5;
    }
    /* 55 bits and what is sticky below them: one rounding, in the conversion. */
    return (double)bits * scale;
}
