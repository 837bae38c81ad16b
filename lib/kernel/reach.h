/* Bits of events, 64 neighbours to a word, lowest first: which codes they have, where pauses are
 * too long, and how far "this was reached" carries on.  Pure functions over arrays. */
#ifndef SJ__KERNEL_REACH_H
#define SJ__KERNEL_REACH_H

#include <stddef.h>
#include <stdint.h>

#define SJ__REACH_FEW 12  /* codes up to which comparing beats scattering */
#define SJ__REACH_GROUP 8 /* words that are scattered together */

/* out[c], c < n: bit e is 1 where codes[e] is wanted[c], for 64 codes. */
void sj__reach_equal(const uint8_t *codes, const uint8_t *wanted, size_t n, uint64_t *out);

/* The same for 64 · SJ__REACH_GROUP codes and any number wanted: bit e of out[slot[c] ·
 * SJ__REACH_GROUP + w] is 1 where the code of event e of word w is c.  Slots are below n_slots;
 * codes that nobody wants share one. */
void sj__reach_scatter(const uint8_t *codes, const uint16_t slot[256], size_t n_slots,
                       uint64_t *out);

/* Bit e is 1 where ticks[e] - ticks[e - 1] >= least, modulo 2^32, for 64 ticks; `before` stands for
 * ticks[-1]; least >= 1. */
uint64_t sj__reach_pauses(const uint32_t *ticks, uint32_t before, uint32_t least);

/* Ones that n words of both have in common. */
int64_t sj__reach_count_both(const uint64_t *a, const uint64_t *b, size_t n);

/* The same in plain C: the reference for the tests, and the only one where there is no SSE2. */
void sj__reach_equal_plain(const uint8_t *codes, const uint8_t *wanted, size_t n, uint64_t *out);
uint64_t sj__reach_pauses_plain(const uint32_t *ticks, uint32_t before, uint32_t least);
int64_t sj__reach_count_both_plain(const uint64_t *a, const uint64_t *b, size_t n);

/* Carries seeds upwards: bit e of the answer is 1 where e is a seed, or where `pass` has e and the
 * answer has e − 1. *carry is bit −1 on the way in and bit 63 on the way out. */
static inline uint64_t sj__reach_fill(uint64_t seeds, uint64_t pass, uint64_t *carry)
{
    /* In the sum (pass | seeds) + seeds a seed gives a carry whatever comes in, a passing bit hands
     * one on, any other swallows it: the carries out are the answer.  The sum is open + 2 seeds; an
     * open bit got a carry where it is no longer 1. */
    const uint64_t open = pass & ~seeds;
    const uint64_t sum = open + (seeds << 1) + *carry;
    const uint64_t reached = seeds | (open & ~sum);
    *carry = reached >> 63;
    return reached;
}

/* Ones in a word; a call would cost more where the processor's own instruction may not be used. */
static inline int64_t sj__reach_count(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int64_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* The bits before: bit e is bit e − 1, with `carry` as bit −1. */
static inline uint64_t sj__reach_before(uint64_t bits, uint64_t carry)
{
    return bits << 1 | carry;
}

#endif
