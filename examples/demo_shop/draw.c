/* Streams: xoshiro256** (Blackman and Vigna 2018), its state filled by splitmix64.  Normal:
 * Marsaglia's polar method. exp: reduction by ln 2, then the Taylor polynomial; log: reduction to
 * [sqrt 1/2, sqrt 2], then the series of artanh. Both are good to about 1e-15 relative, far below
 * the millisecond that the shop's times are rounded to. */
#include "draw.h"

#include <math.h>

static const double LN2 = 0.693147180559945309417;

static uint64_t draw_split(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t draw_rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

draw_stream draw_begin(uint64_t seed, uint64_t number)
{
    draw_stream stream;
    uint64_t state = seed;
    uint64_t mixed = draw_split(&state) ^ number;

    for (int i = 0; i < 4; i++)
        stream.state[i] = draw_split(&mixed);
    return stream;
}

uint64_t draw_bits(draw_stream *stream)
{
    uint64_t *s = stream->state;
    const uint64_t result = draw_rotate(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = draw_rotate(s[3], 45);
    return result;
}

double draw_share(draw_stream *stream)
{
    return (double)(draw_bits(stream) >> 11) * 0x1p-53;
}

double draw_exp(double x)
{
    const double turns = floor(x / LN2 + 0.5);
    const double rest = x - turns * LN2;
    double term = 1;
    double sum = 1;

    for (int i = 1; i < 18; i++) {
        term = term * rest / i;
        sum = sum + term;
    }
    return ldexp(sum, (int)turns);
}

double draw_log(double x)
{
    int turns = 0;
    double part = frexp(x, &turns);
    double power, square, sum = 0;

    if (part < 0.70710678118654752440) {
        part = part * 2;
        turns = turns - 1;
    }
    power = (part - 1) / (part + 1);
    square = power * power;
    for (int i = 1; i < 44; i += 2) {
        sum = sum + power / i;
        power = power * square;
    }
    return 2 * sum + turns * LN2;
}

double draw_normal(draw_stream *stream)
{
    double x, y, square;

    do {
        x = 2 * draw_share(stream) - 1;
        y = 2 * draw_share(stream) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square <= 0);
    return x * sqrt(-2 * draw_log(square) / square);
}
