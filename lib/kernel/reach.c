/* Bits of events from packed arrays.
 *
 * One bit per event lets 64 events advance per addition: R. D. Cameron et al., Bitwise data
 * parallelism in regular expression matching, PACT 2014 (their MatchStar); sj__reach_fill is the
 * variant whose carries stop at borders.
 *
 * The plain kernels are the reference.  Beside them stand those for SSE2, which every 64-bit x86
 * has: comparing 16 codes at once with each code that matters beats setting one bit per event, as
 * long as the codes are few. */
#include "kernel/reach.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

void sj__reach_equal_plain(const uint8_t *codes, const uint8_t *wanted, size_t n, uint64_t *out)
{
    for (size_t c = 0; c < n; c++) {
        out[c] = 0;
        for (unsigned e = 0; e < 64; e++)
            out[c] |= (uint64_t)(codes[e] == wanted[c]) << e;
    }
}

void sj__reach_scatter(const uint8_t *codes, const uint16_t slot[256], size_t n_slots,
                       uint64_t *out)
{
    memset(out, 0, n_slots * SJ__REACH_GROUP * sizeof *out);
    for (size_t w = 0; w < SJ__REACH_GROUP; w++)
        for (unsigned e = 0; e < 64; e++)
            out[(size_t)slot[codes[64 * w + e]] * SJ__REACH_GROUP + w] |= UINT64_C(1) << e;
}

int64_t sj__reach_count_both_plain(const uint64_t *a, const uint64_t *b, size_t n)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += sj__reach_count(a[i] & b[i]);
    return count;
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

void sj__reach_equal(const uint8_t *codes, const uint8_t *wanted, size_t n, uint64_t *out)
{
    __m128i all[4];
    for (size_t i = 0; i < 4; i++)
        all[i] = _mm_loadu_si128((const __m128i *)(const void *)(codes + 16 * i));
    for (size_t c = 0; c < n; c++) {
        const __m128i code = _mm_set1_epi8((char)wanted[c]);
        out[c] = reach_bits(_mm_cmpeq_epi8(all[0], code)) |
                 reach_bits(_mm_cmpeq_epi8(all[1], code)) << 16 |
                 reach_bits(_mm_cmpeq_epi8(all[2], code)) << 32 |
                 reach_bits(_mm_cmpeq_epi8(all[3], code)) << 48;
    }
}

/* Ones in each byte of two words, as sj__reach_count. */
static __m128i reach_count_bytes(__m128i x)
{
    const __m128i twos = _mm_set1_epi8(0x33), fours = _mm_set1_epi8(0x0f);
    x = _mm_sub_epi8(x, _mm_and_si128(_mm_srli_epi64(x, 1), _mm_set1_epi8(0x55)));
    x = _mm_add_epi8(_mm_and_si128(x, twos), _mm_and_si128(_mm_srli_epi64(x, 2), twos));
    return _mm_and_si128(_mm_add_epi8(x, _mm_srli_epi64(x, 4)), fours);
}

static __m128i reach_load(const uint64_t *words)
{
    return _mm_loadu_si128((const __m128i *)(const void *)words);
}

int64_t sj__reach_count_both(const uint64_t *a, const uint64_t *b, size_t n)
{
    __m128i sum = _mm_setzero_si128();
    uint64_t halves[2];
    size_t i = 0;
    for (; i + 8 <= n; i += 8) { /* a byte holds the sum of 31 */
        __m128i bytes = _mm_setzero_si128();
        for (size_t j = i; j < i + 8; j += 2)
            bytes = _mm_add_epi8(
                bytes, reach_count_bytes(_mm_and_si128(reach_load(a + j), reach_load(b + j))));
        sum = _mm_add_epi64(sum, _mm_sad_epu8(bytes, _mm_setzero_si128()));
    }
    _mm_storeu_si128((__m128i *)(void *)halves, sum);
    return (int64_t)(halves[0] + halves[1]) + sj__reach_count_both_plain(a + i, b + i, n - i);
}

/* Four lanes: whether later - earlier > border, both moved to where signed comparison is the
 * unsigned one. */
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

void sj__reach_equal(const uint8_t *codes, const uint8_t *wanted, size_t n, uint64_t *out)
{
    sj__reach_equal_plain(codes, wanted, n, out);
}

int64_t sj__reach_count_both(const uint64_t *a, const uint64_t *b, size_t n)
{
    return sj__reach_count_both_plain(a, b, n);
}

uint64_t sj__reach_pauses(const uint32_t *ticks, uint32_t before, uint32_t least)
{
    return sj__reach_pauses_plain(ticks, before, least);
}

#endif
