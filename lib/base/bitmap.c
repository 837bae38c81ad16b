/* Counting ones.  A rank table holds the ones before every eighth word, so a rank reads at most
 * eight words (Jacobson 1989, with one level because 1/8 of the bitmap's size is affordable). */
#include "base/bitmap.h"

/* Ones among the lowest n < 64 bits. */
static uint64_t bitmap_low(uint64_t word, uint64_t n)
{
    return sj__bit_count(word & ((UINT64_C(1) << n) - 1));
}

uint64_t sj__bitmap_rank(const uint64_t *words, const uint64_t *rank, uint64_t i)
{
    uint64_t ones = rank[i >> 9];

    for (uint64_t w = i >> 9 << 3; w < i >> 6; w++)
        ones += sj__bit_count(words[w]);
    return (i & 63) != 0 ? ones + bitmap_low(words[i >> 6], i & 63) : ones;
}

uint64_t sj__bitmap_build_rank(const uint64_t *words, uint64_t bits, uint64_t *rank)
{
    uint64_t ones = 0;

    for (uint64_t w = 0; w < bits >> 6; w++) {
        if (w % 8 == 0)
            rank[w / 8] = ones;
        ones += sj__bit_count(words[w]);
    }
    if ((bits >> 6) % 8 == 0)
        rank[bits >> 9] = ones;
    return (bits & 63) != 0 ? ones + bitmap_low(words[bits >> 6], bits & 63) : ones;
}

uint64_t sj__bitmap_count(const uint64_t *words, uint64_t from, uint64_t to)
{
    uint64_t ones = 0;

    if (from >= to)
        return 0;
    for (uint64_t w = from >> 6; w < to >> 6; w++)
        ones += sj__bit_count(words[w]);
    if ((to & 63) != 0)
        ones += bitmap_low(words[to >> 6], to & 63);
    return (from & 63) != 0 ? ones - bitmap_low(words[from >> 6], from & 63) : ones;
}
