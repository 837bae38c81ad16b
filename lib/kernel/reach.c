/* Bits of events from packed arrays.
 *
 * One bit per event lets 64 events advance per addition: R. D. Cameron et al., Bitwise data parallelism in regular expression
 * matching, PACT 2014 (their MatchStar); sj__reach_fill is the variant whose carries stop at borders.
 *
 * The plain kernels are the reference.  Beside them stand those for SSE2, which every 64-bit x86 has: comparing 16
 * codes at once with each code that matters beats looking every code up, as long as they are few. */
#include "kernel/reach.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define REACH_ONES UINT64_C(0x0101010101010101)
#define REACH_GATHER UINT64_C(0x0102040810204080)

/* Bit 0 of each of the eight bytes of x, lowest byte first, as a byte. */
static uint64_t reach_gather(uint64_t x)
{
    return ((x & REACH_ONES) * REACH_GATHER) >> 56;
}

void sj__reach_list(sj__reach_set *set)
{
    set->n_pairs = 0;
    for (unsigned code = 0; code < 256; code++) {
        for (uint32_t k = 0; k < set->n_masks; k++) {
            if ((set->table[code] >> k & 1) == 0)
                continue;
            if (set->n_pairs < SJ__REACH_PAIRS) {
                set->code[set->n_pairs] = (uint8_t)code;
                set->step[set->n_pairs] = (uint8_t)k;
            }
            set->n_pairs++;
        }
    }
}

void sj__reach_masks_plain(const uint8_t *codes, const sj__reach_set *set, uint64_t *out)
{
    for (uint32_t k = 0; k < set->n_masks; k++)
        out[k] = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t eight = 0;
        for (unsigned j = 0; j < 8; j++)
            eight |= (uint64_t)set->table[codes[i + j]] << (8 * j);
        for (uint32_t k = 0; k < set->n_masks; k++)
            out[k] |= reach_gather(eight >> k) << i;
    }
}

uint64_t sj__reach_pauses_plain(const uint32_t *ticks, uint32_t before, uint32_t least)
{
    uint64_t out = 0;
    for (unsigned e = 0; e < 64; e++) {
        out |= (uint64_t)(ticks[e] - before >= least) << e;
        before = ticks[e];
    }
    return out;
}

#ifdef __SSE2__

/* 16 lanes that are all ones or all zeros, as bits. */
static uint64_t reach_bits(__m128i lanes)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(lanes);
}

static uint64_t reach_equal(const __m128i *codes, uint8_t code)
{
    const __m128i wanted = _mm_set1_epi8((char)code);
    return reach_bits(_mm_cmpeq_epi8(codes[0], wanted)) |
           reach_bits(_mm_cmpeq_epi8(codes[1], wanted)) << 16 |
           reach_bits(_mm_cmpeq_epi8(codes[2], wanted)) << 32 |
           reach_bits(_mm_cmpeq_epi8(codes[3], wanted)) << 48;
}

void sj__reach_masks(const uint8_t *codes, const sj__reach_set *set, uint64_t *out)
{
    __m128i all[4];
    if (set->n_pairs > SJ__REACH_PAIRS) {
        sj__reach_masks_plain(codes, set, out);
        return;
    }
    for (uint32_t k = 0; k < set->n_masks; k++)
        out[k] = 0;
    for (size_t i = 0; i < 4; i++)
        all[i] = _mm_loadu_si128((const __m128i *)(const void *)(codes + 16 * i));
    for (uint32_t p = 0; p < set->n_pairs; p++)
        out[set->step[p]] |= reach_equal(all, set->code[p]);
}

/* Four lanes: whether later - earlier > border, both moved to where signed comparison is the unsigned one. */
static __m128i reach_pauses_of_4(__m128i later, __m128i earlier, __m128i border)
{
    const __m128i half = _mm_set1_epi32(INT32_MIN);
    return _mm_cmpgt_epi32(_mm_xor_si128(_mm_sub_epi32(later, earlier), half), border);
}

uint64_t sj__reach_pauses(const uint32_t *ticks, uint32_t before, uint32_t least)
{
    const __m128i border = _mm_set1_epi32((int32_t)((least - 1) ^ UINT32_C(0x80000000)));
    uint64_t out = 0;
    for (size_t i = 0; i < 64; i += 16) {
        __m128i four[4];
        for (size_t j = 0; j < 4; j++) {
            const uint32_t *at = ticks + i + 4 * j;
            const __m128i later = _mm_loadu_si128((const __m128i *)(const void *)at);
            /* The lane before the first is `before`: ticks[-1] need not exist. */
            const __m128i earlier =
                i + j > 0
                    ? _mm_loadu_si128((const __m128i *)(const void *)(at - 1))
                    : _mm_or_si128(_mm_slli_si128(later, 4), _mm_cvtsi32_si128((int32_t)before));
            four[j] = reach_pauses_of_4(later, earlier, border);
        }
        out |= reach_bits(_mm_packs_epi16(_mm_packs_epi32(four[0], four[1]),
                                          _mm_packs_epi32(four[2], four[3])))
               << i;
    }
    return out;
}

#else

void sj__reach_masks(const uint8_t *codes, const sj__reach_set *set, uint64_t *out)
{
    sj__reach_masks_plain(codes, set, out);
}

uint64_t sj__reach_pauses(const uint32_t *ticks, uint32_t before, uint32_t least)
{
    return sj__reach_pauses_plain(ticks, before, least);
}

#endif
