/* Bits in words of 64, lowest first. */
#ifndef SJ__BASE_BITMAP_H
#define SJ__BASE_BITMAP_H

#include <stddef.h>
#include <stdint.h>

static inline size_t sj__bitmap_words(uint64_t bits)
{
    return (size_t)(bits / 64 + (bits % 64 != 0));
}

static inline int sj__bit(const uint64_t *words, uint64_t i)
{
    return (int)(words[i >> 6] >> (i & 63) & 1);
}

static inline void sj__bit_set(uint64_t *words, uint64_t i)
{
    words[i >> 6] |= UINT64_C(1) << (i & 63);
}

/* Ones of a word, by adding neighbouring groups of bits: the instruction for it is not in every
 * x86-64, and the compiler's call without it is slower. */
static inline uint64_t sj__bit_count(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return word * UINT64_C(0x0101010101010101) >> 56;
}

/* Ones among bits [0, i), given `rank[w]` = ones before word 8w (one uint64_t per 512 bits). */
uint64_t sj__bitmap_rank(const uint64_t *words, const uint64_t *rank, uint64_t i);

/* Fills rank (bits / 512 + 1 entries); returns the number of ones. */
uint64_t sj__bitmap_build_rank(const uint64_t *words, uint64_t bits, uint64_t *rank);

/* Ones among bits [from, to). */
uint64_t sj__bitmap_count(const uint64_t *words, uint64_t from, uint64_t to);

#endif
