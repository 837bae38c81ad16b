/* Bounds of how far customers get.
 *
 * With a word of bits m_k per step (which events match it) and borders where a customer begins,
 *     R_1 = fill(m_1),   A_k = m_k and R_{k−1} at the event before,   R_k = fill(A_k)
 * where fill carries a bit up to the next border.  R_k at a customer's last event says whether k
 * steps can be filled in the order of rows.  Two things are missing in that picture:
 *  * Ties.  Two events at one time that match steps could serve in the other order too.  Such a
 *    customer is unsure, unless the level is that of the last step: that is an attempt, ties or
 *    not.
 *  * The window.  For an upper bound R is also cut at pauses that are certainly longer than the
 *    window, which no attempt can span.  For a lower one it is cut into pieces that as a whole
 *    certainly last no longer than the window, and the others are left out.  Where the two differ
 *    the customer is unsure.
 *
 * O(events · steps / 64). */
#include "analysis/funnel_bounds.h"

#include "kernel/reach.h"

/* Loops over steps are unrolled where their number is a constant: then what is handed on from step
 * to step stays in registers. */
#define BOUNDS_INLINE static inline __attribute__((always_inline))

void sj__funnel_bounds_lay(sj__funnel_bounds *bounds, uint64_t *room)
{
    bounds->reached = room;
    bounds->perhaps = room + (size_t)bounds->n_steps * SJ__FUNNEL_BLOCK;
    bounds->unsure = room + (size_t)bounds->n_steps * 2 * SJ__FUNNEL_BLOCK;
    bounds->troubled = bounds->unsure + SJ__FUNNEL_BLOCK;
    bounds->settled = bounds->troubled + SJ__FUNNEL_BLOCK;
}

/* ---- a word ---- */

/* Where there is no window, what is reached in the order of rows is sure. */
BOUNDS_INLINE void bounds_go(sj__funnel_bounds *bounds, size_t w, size_t i, const uint32_t n_steps)
{
    const uint64_t pass = bounds->pass[w];
    uint64_t before = bounds->sure[0];
    uint64_t reached = sj__reach_fill(bounds->masks[0][w], pass, &bounds->sure[0]);
    bounds->reached[i] = reached;
    for (uint32_t k = 1; k < n_steps; k++) {
        if (bounds->overlap)
            reached = sj__reach_before(reached, before) & pass;
        before = bounds->sure[k];
        reached = sj__reach_fill(bounds->masks[k][w] & reached, pass, &bounds->sure[k]);
        bounds->reached[(size_t)k * SJ__FUNNEL_BLOCK + i] = reached;
    }
}

/* Where only the upper bound has come to a step, carried on to the customer's end; the answer: who
 * is unsure. */
BOUNDS_INLINE uint64_t bounds_part(sj__funnel_bounds *bounds, size_t w, size_t i,
                                   const uint32_t n_steps)
{
    const uint64_t pass = bounds->pass[w];
    uint64_t unsure = 0;
    for (uint32_t k = 1; k < n_steps; k++) {
        const size_t at = (size_t)k * SJ__FUNNEL_BLOCK + i;
        bounds->perhaps[at] =
            sj__reach_fill(bounds->parted[k], pass, &bounds->above[k]) & ~bounds->reached[at];
        unsure |= bounds->perhaps[at];
    }
    return unsure;
}

/* Nobody has come to step k or further. */
BOUNDS_INLINE void bounds_clear(sj__funnel_bounds *bounds, size_t i, uint32_t k,
                                const uint32_t n_steps)
{
    for (; k < n_steps; k++)
        bounds->reached[(size_t)k * SJ__FUNNEL_BLOCK + i] = bounds->parted[k] = 0;
}

/* Both bounds where there is one, until nobody is left; the answer: who is unsure. */
BOUNDS_INLINE uint64_t bounds_go_window(sj__funnel_bounds *bounds, size_t w, size_t i,
                                        const uint32_t n_steps)
{
    const uint64_t entries = bounds->masks[0][w], pass = bounds->pass[w];
    const uint64_t on = bounds->on[w], kept = bounds->kept[w];
    uint64_t any = 0, high_before = bounds->high[0], low_before = bounds->low[0];
    uint64_t high = sj__reach_fill(entries, on, &bounds->high[0]);
    uint64_t low = sj__reach_fill(entries & bounds->within[w], kept, &bounds->low[0]);
    bounds->reached[i] = sj__reach_fill(entries, pass, &bounds->sure[0]);
    for (uint32_t k = 1; k < n_steps; k++) {
        if (bounds->overlap) {
            high = sj__reach_before(high, high_before) & on;
            low = sj__reach_before(low, low_before) & kept;
        }
        const uint64_t by_high = bounds->masks[k][w] & high, by_low = bounds->masks[k][w] & low;
        if ((by_high | bounds->sure[k] | bounds->above[k]) == 0) {
            bounds_clear(bounds, i, k, n_steps); /* and so are the steps behind */
            break;
        }
        high_before = bounds->high[k];
        low_before = bounds->low[k];
        high = sj__reach_fill(by_high, on, &bounds->high[k]);
        low = sj__reach_fill(by_low, kept, &bounds->low[k]);
        bounds->reached[(size_t)k * SJ__FUNNEL_BLOCK + i] =
            sj__reach_fill(by_low, pass, &bounds->sure[k]);
        bounds->parted[k] = by_high & ~by_low;
        any |= bounds->parted[k] | bounds->above[k];
    }
    return any == 0 ? 0 : bounds_part(bounds, w, i, n_steps);
}

/* ---- a block ---- */

/* Words [from, from + n).  The last two are constants where it is
 * called. */
BOUNDS_INLINE void bounds_words(sj__funnel_bounds *bounds, size_t from, size_t n,
                                const uint32_t n_steps, const int windowed)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t unsure = 0;
        if (!windowed)
            bounds_go(bounds, from + i, i, n_steps);
        else if ((bounds->masks[0][from + i] | bounds->sure[0]) != 0)
            unsure = bounds_go_window(bounds, from + i, i, n_steps);
        else
            bounds_clear(bounds, i, 0, n_steps);
        bounds->unsure[i] = unsure;
    }
}

static void bounds_words_any(sj__funnel_bounds *bounds, size_t from, size_t n)
{
    const int windowed = bounds->on != NULL;
    switch (bounds->n_steps * 2 + (uint32_t)windowed) {
    case 4:
        bounds_words(bounds, from, n, 2, 0);
        break;
    case 5:
        bounds_words(bounds, from, n, 2, 1);
        break;
    case 6:
        bounds_words(bounds, from, n, 3, 0);
        break;
    case 7:
        bounds_words(bounds, from, n, 3, 1);
        break;
    case 8:
        bounds_words(bounds, from, n, 4, 0);
        break;
    case 9:
        bounds_words(bounds, from, n, 4, 1);
        break;
    default:
        bounds_words(bounds, from, n, bounds->n_steps, windowed);
    }
}

/* Customers in which two events at one time match steps, marked from there to their last event, are
 * unsure, unless they come to the end. */
static void bounds_find_ties(sj__funnel_bounds *bounds, size_t from, size_t n)
{
    const uint64_t *full = bounds->reached + (size_t)(bounds->n_steps - 1) * SJ__FUNNEL_BLOCK;
    for (size_t i = 0; i < n; i++) {
        const uint64_t same = bounds->same[from + i], carry = bounds->tie;
        uint64_t any = 0;
        for (uint32_t k = 0; k < bounds->n_steps; k++)
            any |= bounds->masks[k][from + i];
        const uint64_t seen = sj__reach_fill(any, same, &bounds->tie);
        const uint64_t twice = any & same & sj__reach_before(seen, carry);
        bounds->troubled[i] = sj__reach_fill(twice, bounds->pass[from + i], &bounds->trouble) &
                              bounds->reached[i] & ~full[i];
        bounds->unsure[i] |= bounds->troubled[i];
    }
}

/* Whether words [from, from + n) are all 0. */
static int bounds_are_empty(const uint64_t *words, size_t from, size_t n)
{
    uint64_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= words[from + i];
    return any == 0;
}

int sj__funnel_bounds_block(sj__funnel_bounds *bounds, size_t from, size_t n)
{
    bounds->tied = bounds->trouble != 0 || !bounds_are_empty(bounds->same, from, n);
    if (bounds->sure[0] == 0 && bounds_are_empty(bounds->masks[0], from, n)) {
        bounds->trouble = 0; /* ties before an entry do not matter */
        bounds->tie = 1;     /* one across the block's end is taken for granted */
        return 0;
    }
    bounds_words_any(bounds, from, n);
    if (bounds->tied)
        bounds_find_ties(bounds, from, n);
    else
        bounds->tie = 1;
    for (size_t i = 0; i < n; i++) {
        bounds->unsure[i] &= bounds->last[from + i];
        bounds->settled[i] = bounds->last[from + i] & ~bounds->unsure[i];
    }
    return 1;
}
