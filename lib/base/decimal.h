/* A decimal number in text, taken apart. */
#ifndef SJ__BASE_DECIMAL_H
#define SJ__BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* ±0.D1 D2 … Dn × 10^point, D1 and Dn not 0; n = 0: zero.  `digits` points at D1 in the text; a '.'
 * may lie between the digits and is not counted. */
typedef struct sj__decimal {
    const char *digits;
    size_t n;
    int64_t point;
    int negative;
} sj__decimal;

/* [+-]digits[.digits][e[+-]digits], a digit on at least one side of the point.  1 if the whole of s
 * is that. */
int sj__decimal_read(const char *s, size_t n, sj__decimal *out);

/* The next digit's value; *p starts at `digits`. */
static inline unsigned sj__decimal_next(const char **p)
{
    if (**p == '.')
        ++*p;
    return (unsigned)(*(*p)++ - '0');
}

#endif
