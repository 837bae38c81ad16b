/* Base-2 logarithms with + − × ÷ only, so that two machines that keep IEEE 754 agree to the bit.
 *
 * x = m · 2^e with m in [√½, √2).  With s = (m − 1)/(m + 1), ln m = 2 (s + s³/3 + s⁵/5 + …)
 * (Gregory's series of the inverse hyperbolic tangent); |s| < 0.1716, so that 12 terms are below
 * 2^-64 of the sum.  O(1). */
#include "base/log2.h"

#include <stdint.h>
#include <string.h>

#define LOG2_TERMS 12
#define LOG2_OF_E 1.4426950408889634074 /* 1 / ln 2 */
#define LOG2_ROOT 1.4142135623730950488 /* √2 */

double sj__log2(double x)
{
    uint64_t bits;
    int64_t exponent = 0;
    double m, s, square, sum = 0;
    if (!(x > 0) || x > 1.7976931348623157e308)
        return 0;
    if (x < 2.2250738585072014e-308) { /* a subnormal number has no leading one */
        x *= 18014398509481984.0;      /* 2^54 */
        exponent = -54;
    }
    memcpy(&bits, &x, sizeof bits);
    exponent += (int64_t)(bits >> 52) - 1023;
    bits = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | UINT64_C(1023) << 52;
    memcpy(&m, &bits, sizeof m);
    if (m >= LOG2_ROOT) {
        m *= 0.5;
        exponent++;
    }
    s = (m - 1) / (m + 1);
    square = s * s;
    for (int k = LOG2_TERMS - 1; k > 0; k--)
        sum = (sum + 1.0 / (2 * k + 1)) * square;
    return (double)exponent + 2 * LOG2_OF_E * (s + s * sum);
}
