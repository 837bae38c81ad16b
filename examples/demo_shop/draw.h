/* Random numbers that are the same on every machine: whole-number generators, and exp and log from
 * + - * / alone, which IEEE 754 rounds in one way only.  Compile with -ffp-contract=off, lest a
 * compiler fuse two roundings into one. */
#ifndef SHOP_DRAW_H
#define SHOP_DRAW_H

#include <stdint.h>

typedef struct draw_stream {
    uint64_t state[4];
} draw_stream;

/* A stream of its own for every pair of seed and number. */
draw_stream draw_begin(uint64_t seed, uint64_t number);

uint64_t draw_bits(draw_stream *stream);

/* Uniform in [0, 1), a multiple of 2^-53. */
double draw_share(draw_stream *stream);

/* Standard normal. */
double draw_normal(draw_stream *stream);

/* e^x for |x| <= 700. */
double draw_exp(double x);

/* Natural logarithm of x > 0. */
double draw_log(double x);

#endif
