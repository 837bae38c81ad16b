/* Indicators of one sequence.
 *
 *     entropy     −Σ p ln p / ln a                          (p: share of each of a numbers)
 *     complexity  √(t/(n − 1) · entropy)                    (t: changes between neighbours)
 *     volatility  ½ (distinct − 1)/(a − 1) + ½ t/(n − 1)
 *     turbulence  log2(φ (s²max + 1)/(s² + 1))
 * φ counts the different subsequences of the visits (repeats taken together), the empty one
 * included: a visit to x makes φ' = 2 φ − φ before the last visit to x.  s² is the variance of the
 * visits' lengths (divisor v, their number), s²max = (v − 1)(1 − mean length)².  In whole numbers,
 * with L the sum of the squared lengths:
 *     (s²max + 1)/(s² + 1) = ((v − 1)(n − v)² + v²)/(v L − n² + v²)
 * φ grows as 2^v; where it passes 2^512 it is scaled down by that, and so are those it is compared
 * with. What is divided by the alphabet is left undivided here, so that sums over shards that know
 * different touchpoints add up. Only + − × ÷ √ and the library's own logarithm: two machines
 * agree.  O(n).
 *
 * A. Gabadinho, G. Ritschard, N. S. Müller, M. Studer, Journal of Statistical Software 40 (2011) 4;
 * C. H. Elzinga, A. C. Liefbroer, European Journal of Population 23 (2007). */
#include "kernel/indicators.h"

#include <math.h>

#include "base/log2.h"
#include "base/number.h"

#define INDICATORS_BLOCK 1.3407807929942597e154 /* 2^512 */

sj_status sj__indicator_room_init(sj__indicator_room *room, uint32_t width,
                                  const sj_allocator *allocator, sj_error *error)
{
    *room = (sj__indicator_room){.allocator = *allocator, .width = width};
    room->count = sj__alloc_zeroed(allocator, width, sizeof *room->count);
    room->before = sj__alloc_zeroed(allocator, width, sizeof *room->before);
    room->scale = sj__alloc_zeroed(allocator, width, sizeof *room->scale);
    room->seen = sj__alloc_zeroed(allocator, width, sizeof *room->seen);
    if (room->count != NULL && room->before != NULL && room->scale != NULL && room->seen != NULL)
        return SJ_OK;
    sj__indicator_room_free(room);
    return sj__fail_nomem(error);
}

void sj__indicator_room_free(sj__indicator_room *room)
{
    const sj_allocator *a = &room->allocator;
    if (a->resize == NULL)
        return;
    sj__free(a, room->count, room->width, sizeof *room->count);
    sj__free(a, room->before, room->width, sizeof *room->before);
    sj__free(a, room->scale, room->width, sizeof *room->scale);
    sj__free(a, room->seen, room->width, sizeof *room->seen);
    *room = (sj__indicator_room){0};
}

static uint32_t indicators_code(const void *codes, int32_t width, uint64_t i)
{
    return width == 1   ? ((const uint8_t *)codes)[i]
           : width == 2 ? ((const uint16_t *)codes)[i]
                        : ((const uint32_t *)codes)[i];
}

/* Different subsequences so far: value · 2^(512 · scale). */
typedef struct indicators_subsequences {
    double value;
    uint32_t scale;
} indicators_subsequences;

/* One more visit, to `code`; `first`: there was none to it before. */
static void indicators_visit(sj__indicator_room *room, indicators_subsequences *all, uint32_t code,
                             int first)
{
    double lost = 0;
    if (!first && room->scale[code] == all->scale)
        lost = room->before[code];
    else if (!first && room->scale[code] + 1 == all->scale)
        lost = room->before[code] / INDICATORS_BLOCK;
    room->before[code] = all->value;
    room->scale[code] = all->scale;
    all->value = 2 * all->value - lost;
    if (all->value >= INDICATORS_BLOCK) {
        all->value /= INDICATORS_BLOCK;
        all->scale++;
    }
}

static double indicators_turbulence(const indicators_subsequences *all, uint64_t n, uint64_t visits,
                                    sj__u128 squares)
{
    const sj__u128 v = visits, spare = n - visits;
    const sj__u128 top = (v - 1) * spare * spare + v * v;
    const sj__u128 bottom = v * squares - (sj__u128)n * n + v * v;
    return sj__log2(all->value) + 512.0 * all->scale + sj__log2((double)top / (double)bottom);
}

/* −Σ p log2 p = log2 n − Σ c log2 c / n, and the counts c back to 0. */
static double indicators_bits(sj__indicator_room *room, uint64_t n, uint64_t distinct)
{
    double sum = 0;
    for (uint64_t i = 0; i < distinct; i++) {
        const double c = (double)room->count[room->seen[i]];
        sum += c * sj__log2(c);
        room->count[room->seen[i]] = 0;
    }
    sum = sj__log2((double)n) - sum / (double)n;
    return distinct > 1 && sum > 0 ? sum : 0;
}

void sj__indicators_of(sj__indicator_room *room, const void *codes, int32_t code_width, uint64_t n,
                       sj__indicators *out)
{
    indicators_subsequences all = {.value = 1};
    uint64_t visits = 0, length = 0, distinct = 0;
    sj__u128 squares = 0;
    uint32_t before = 0;
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t code = indicators_code(codes, code_width, i);
        const int first = room->count[code]++ == 0;
        if (first)
            room->seen[distinct++] = code;
        if (i > 0 && code == before) {
            length++;
            continue;
        }
        squares += (sj__u128)length * length;
        length = 1;
        visits++;
        indicators_visit(room, &all, code, first);
        before = code;
    }
    squares += (sj__u128)length * length;
    *out = (sj__indicators){.n = n, .distinct = distinct};
    const double bits = indicators_bits(room, n, distinct);
    if (n < 2)
        return;
    out->bits = bits;
    out->changes = (double)(visits - 1) / (double)(n - 1);
    out->mixed = sqrt(out->changes * bits);
    out->turbulence = indicators_turbulence(&all, n, visits, squares);
}

const uint32_t *sj__indicators_seen(const sj__indicator_room *room)
{
    return room->seen;
}

double sj__indicator_entropy(double bits, uint64_t a)
{
    return a > 1 ? bits / sj__log2((double)a) : 0;
}

double sj__indicator_complexity(double mixed, uint64_t a)
{
    return a > 1 ? mixed / sqrt(sj__log2((double)a)) : 0;
}

double sj__indicator_volatility(double changes, double others, uint64_t a)
{
    return 0.5 * changes + (a > 1 ? 0.5 * others / (double)(a - 1) : 0);
}
