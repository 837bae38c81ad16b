/* Bits of events, 64 neighbours to a word, lowest first: which steps they match, where pauses are too long, and how far "this was
 * reached" carries on.  Pure functions over arrays. */
#ifndef SJ__KERNEL_REACH_H
#define SJ__KERNEL_REACH_H

#include <stddef.h>
#include <stdint.h>

#define SJ__REACH_PAIRS 16

/* Which codes belong to which of up to eight steps. */
typedef struct sj__reach_set {
    uint8_t table[256]; /* bit k of table[code]: it belongs to step k */
    uint32_t n_masks;   /* steps, 1 to 8 */
    uint32_t
        n_pairs; /* codes that belong to a step, counted per step; above SJ__REACH_PAIRS they are not listed */
    uint8_t code[SJ__REACH_PAIRS], step[SJ__REACH_PAIRS];
} sj__reach_set;

/* Lists the pairs of a set whose table and n_masks are filled. */
void sj__reach_list(sj__reach_set *set);

/* out[k], k < n_masks: bit e is 1 where codes[e] belongs to step k, for 64 codes. */
void sj__reach_masks(const uint8_t *codes, const sj__reach_set *set, uint64_t *out);

/* Bit e is 1 where ticks[e] - ticks[e - 1] >= least, modulo 2^32, for 64 ticks; `before` stands for ticks[-1]; least >= 1. */
uint64_t sj__reach_pauses(const uint32_t *ticks, uint32_t before, uint32_t least);

/* The same in plain C: the reference for the tests, and the only one where there is no SSE2. */
void sj__reach_masks_plain(const uint8_t *codes, const sj__reach_set *set, uint64_t *out);
uint64_t sj__reach_pauses_plain(const uint32_t *ticks, uint32_t before, uint32_t least);

/* Carries seeds upwards: bit e of the answer is 1 where e is a seed, or where `pass` has e and the answer has e − 1.
 * *carry is bit −1 on the way in and bit 63 on the way out. */
static inline uint64_t sj__reach_fill(uint64_t seeds, uint64_t pass, uint64_t *carry)
{
    /* In the sum (pass | seeds) + seeds a seed gives a carry whatever comes in, a passing bit hands one on, any other swallows it: the carries out are the answer. */
    const uint64_t open = pass & ~seeds;
    const uint64_t sum = (pass | seeds) + seeds + *carry;
    const uint64_t reached = seeds | (pass & (sum ^ open));
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
