/* Rows of bits: see bits.h.
 *
 * A code has a row of its own as soon as somebody wants it, alone or in a set; sets are those rows
 * joined.  While few codes are wanted, each is compared with 16 events at once; from then on one
 * pass sets a bit per event, whatever their number (eight words together, in a small table, so that
 * rows are written in whole cache lines). */
#include "kernel/bits.h"

#include <string.h>

#include "base/bitmap.h"
#include "kernel/reach.h"

#define BITS_LINE 8   /* words to a cache line */
#define BITS_ASKERS 4 /* of a window, from whom on it pays to cut pieces that are too long */

void sj__bits_init(sj__bits *bits, const sj_allocator *allocator)
{
    *bits = (sj__bits){.allocator = *allocator, .n_rows = SJ__BITS_ENDED + 1};
}

void sj__bits_free(sj__bits *bits)
{
    const sj_allocator *a = &bits->allocator;
    sj__free(a, bits->sets, bits->sets_capacity, sizeof *bits->sets);
    sj__free(a, bits->windows, bits->windows_capacity, sizeof *bits->windows);
    sj__free(a, bits->block, bits->block_capacity, sizeof *bits->block);
}

/* ---- what is wanted ---- */

static int bits_has(const uint64_t codes[4], unsigned code)
{
    return (int)(codes[code >> 6] >> (code & 63) & 1);
}

static void bits_want_code(sj__bits *bits, unsigned code)
{
    if (bits->row_of[code] != 0)
        return;
    bits->codes[bits->n_codes++] = (uint8_t)code;
    bits->row_of[code] = bits->n_rows++;
}

sj_status sj__bits_want_codes(sj__bits *bits, const uint64_t codes[4], uint32_t *row,
                              sj_error *error)
{
    unsigned n = 0;
    bits->wanted = 1;
    for (unsigned code = 0; code < 256; code++) {
        if (!bits_has(codes, code))
            continue;
        bits_want_code(bits, code);
        *row = bits->row_of[code];
        n++;
    }
    if (n == 1)
        return SJ_OK;
    for (size_t s = 0; s < bits->n_sets; s++) {
        *row = bits->sets[s].row;
        if (memcmp(bits->sets[s].codes, codes, sizeof bits->sets[s].codes) == 0)
            return SJ_OK;
    }
    const sj_status status =
        sj__grow(&bits->allocator, &bits->sets, &bits->sets_capacity, bits->n_sets + 1, error);
    if (status != SJ_OK)
        return status;
    *row = bits->n_rows++;
    bits->sets[bits->n_sets] = (sj__bits_set){.row = *row};
    memcpy(bits->sets[bits->n_sets++].codes, codes, sizeof bits->sets->codes);
    return SJ_OK;
}

sj_status sj__bits_want_window(sj__bits *bits, uint64_t window, uint32_t *row, sj_error *error)
{
    bits->wanted = 1;
    for (size_t i = 0; i < bits->n_windows; i++) {
        *row = bits->windows[i].row;
        bits->windows[i].askers += bits->windows[i].window == window;
        if (bits->windows[i].window == window)
            return SJ_OK;
    }
    const sj_status status = sj__grow(&bits->allocator, &bits->windows, &bits->windows_capacity,
                                      bits->n_windows + 1, error);
    if (status != SJ_OK)
        return status;
    *row = bits->n_rows;
    bits->n_rows += 3;
    bits->windows[bits->n_windows++] = (sj__bits_window){window, *row, 1};
    return SJ_OK;
}

/* ---- rows ---- */

/* A range while its rows are made. */
typedef struct bits_range {
    sj__bits *bits;
    const sj__bits_events *events;
    uint64_t first, last; /* masks of the first and the last word */
} bits_range;

static uint64_t *bits_row(const bits_range *range, uint32_t row)
{
    return range->bits->block + row * range->bits->stride;
}

/* The events of a word that are in the range. */
static inline uint64_t bits_mask(const bits_range *range, size_t w)
{
    return (w == 0 ? range->first : UINT64_MAX) &
           (w + 1 == range->bits->n_words ? range->last : UINT64_MAX);
}

/* Bits of events outside the range are cleared. */
static void bits_trim(const bits_range *range, uint32_t row)
{
    uint64_t *words = bits_row(range, row);
    words[0] &= range->first;
    words[range->bits->n_words - 1] &= range->last;
}

static void bits_load_customers(const bits_range *range)
{
    const sj__bits *bits = range->bits;
    const uint64_t *border = range->events->border + bits->word;
    const size_t n = bits->n_words;
    uint64_t *pass = bits_row(range, SJ__BITS_PASS), *last = bits_row(range, SJ__BITS_LAST);
    uint64_t *ended = bits_row(range, SJ__BITS_ENDED), customers = 0;
    for (size_t w = 0; w < n; w++) {
        pass[w] = ~border[w];
        last[w] = border[w] >> 1 | (w + 1 < n ? border[w + 1] << 63 : 0);
    }
    last[n - 1] |= UINT64_C(1) << ((range->events->to - 1) & 63);
    bits_trim(range, SJ__BITS_PASS);
    bits_trim(range, SJ__BITS_LAST);
    for (size_t w = 0; w < n; w++) {
        ended[w] = customers;
        customers += (uint64_t)sj__reach_count(last[w]);
    }
}

/* So many codes from word `w` of the range on; copied to `room` where the arrays might end before.
 */
static const uint8_t *bits_codes(const bits_range *range, size_t w, size_t n, uint8_t *room)
{
    const uint64_t begin = (range->bits->word + w) << 6, end = range->events->to;
    if (end - begin >= n)
        return range->events->codes + begin;
    memset(room, 0, n);
    memcpy(room, range->events->codes + begin, (size_t)(end - begin));
    return room;
}

static void bits_compare_codes(const bits_range *range)
{
    const sj__bits *bits = range->bits;
    uint8_t room[64];
    uint64_t found[SJ__REACH_FEW];
    for (size_t w = 0; w < bits->n_words; w++) {
        sj__reach_equal(bits_codes(range, w, sizeof room, room), bits->codes, bits->n_codes, found);
        for (uint32_t c = 0; c < bits->n_codes; c++)
            bits_row(range, bits->row_of[bits->codes[c]])[w] = found[c];
    }
}

static void bits_scatter_codes(const bits_range *range)
{
    const sj__bits *bits = range->bits;
    uint8_t room[64 * SJ__REACH_GROUP];
    uint64_t found[257 * SJ__REACH_GROUP];
    uint16_t slot[256] = {0};
    for (uint32_t c = 0; c < bits->n_codes; c++)
        slot[bits->codes[c]] = (uint16_t)(c + 1);
    for (size_t w = 0; w < bits->n_words; w += SJ__REACH_GROUP) {
        const size_t left = bits->n_words - w, n = left < SJ__REACH_GROUP ? left : SJ__REACH_GROUP;
        sj__reach_scatter(bits_codes(range, w, sizeof room, room), slot, bits->n_codes + 1, found);
        for (uint32_t c = 0; c < bits->n_codes; c++)
            memcpy(bits_row(range, bits->row_of[bits->codes[c]]) + w,
                   found + (c + 1) * SJ__REACH_GROUP, n * sizeof *found);
    }
}

static void bits_load_codes(const bits_range *range)
{
    const sj__bits *bits = range->bits;
    if (bits->n_codes <= SJ__REACH_FEW)
        bits_compare_codes(range);
    else
        bits_scatter_codes(range);
    for (uint32_t c = 0; c < bits->n_codes; c++)
        bits_trim(range, bits->row_of[bits->codes[c]]);
    for (size_t s = 0; s < bits->n_sets; s++) {
        uint64_t *words = bits_row(range, bits->sets[s].row);
        memset(words, 0, bits->n_words * sizeof *words);
        for (unsigned code = 0; code < 256; code++) {
            if (!bits_has(bits->sets[s].codes, code))
                continue;
            const uint64_t *more = bits_row(range, bits->row_of[code]);
            for (size_t w = 0; w < bits->n_words; w++)
                words[w] |= more[w];
        }
    }
}

/* ---- windows ---- */

/* A window's rows while they are made. */
typedef struct bits_pieces {
    const bits_range *range;
    uint64_t base; /* event of bit 0 of the rows */
    uint64_t *on, *kept, *within;
    int32_t shorter; /* there are enough askers for shorter pieces */
    uint64_t pause;  /* ticks between neighbours that are certainly more than the window */
    uint64_t
        too_long; /* from so many on it is not certain that the window holds both ends; 0: never */
} bits_pieces;

/* bits_pauses where the arrays may end within the word. */
static uint64_t bits_last_pauses(const bits_range *range, uint64_t begin, uint32_t least)
{
    const uint32_t *ticks = range->events->ticks + begin;
    uint32_t room[64] = {0};
    memcpy(room, ticks, (size_t)(range->events->to - begin) * sizeof *ticks);
    return sj__reach_pauses(room, begin > 0 ? ticks[-1] : 0, least);
}

/* The events of word `w` that come at least so many ticks after the one before; above 32 bits none
 * does. */
static uint64_t bits_pauses(const bits_range *range, size_t w, uint64_t least)
{
    const uint64_t begin = (range->bits->word + w) << 6;
    const uint32_t *ticks = range->events->ticks + begin;
    if (least > UINT32_MAX)
        return 0;
    if (range->events->to - begin < 64)
        return bits_last_pauses(range, begin, (uint32_t)least);
    return sj__reach_pauses(ticks, begin > 0 ? ticks[-1] : 0, (uint32_t)least);
}

static int bits_is_long(const bits_pieces *pieces, uint64_t begin, uint64_t end)
{
    const uint32_t *ticks = pieces->range->events->ticks;
    return (uint32_t)(ticks[end - 1] - ticks[begin]) >= pieces->too_long;
}

/* Takes a series of events without a shorter pause, *rest … end − 1, into the piece that begins at
 * *begin, or begins another with it.  A series that is too long even so is marked at its first
 * event. */
static void bits_take(const bits_pieces *pieces, uint64_t end, uint64_t *begin, uint64_t *rest)
{
    if (bits_is_long(pieces, *begin, end)) {
        const uint64_t bit = *rest - pieces->base;
        if (*begin != *rest)
            pieces->kept[bit >> 6] &= ~(UINT64_C(1) << (bit & 63));
        *begin = *rest;
        if (bits_is_long(pieces, *begin, end))
            sj__bit_set(pieces->within, bit);
    }
    *rest = end;
}

/* Cuts a piece that may last longer than the window at shorter pauses, an eighth of it, where the
 * next series would be too much. */
static void bits_cut(const bits_pieces *pieces, uint64_t from, uint64_t to)
{
    if (!pieces->shorter) {
        sj__bit_set(pieces->within, from - pieces->base);
        return;
    }
    const uint64_t least = pieces->pause / 8 + 1;
    uint64_t begin = from, rest = from;
    for (uint64_t word = from >> 6; word <= (to - 1) >> 6; word++) {
        uint64_t pauses = bits_pauses(pieces->range, (size_t)(word - (pieces->base >> 6)), least);
        if (word == from >> 6)
            pauses &= UINT64_MAX << (from & 63) << 1;
        if (word == (to - 1) >> 6)
            pauses &= UINT64_MAX >> (63 - ((to - 1) & 63));
        for (; pauses != 0; pauses &= pauses - 1)
            bits_take(pieces, word << 6 | (uint64_t)__builtin_ctzll(pauses), &begin, &rest);
    }
    bits_take(pieces, to, &begin, &rest);
}

static void bits_load_window(const bits_range *range, const sj__bits_window *window)
{
    const sj__bits_events *events = range->events;
    const size_t n = range->bits->n_words;
    const uint64_t *pass = bits_row(range, SJ__BITS_PASS), tick = events->tick;
    uint64_t begin = events->from, carry = 0;
    /* A difference of d ticks is exact, or is more than d − 1 and less than d + 1 ticks of time. */
    const bits_pieces pieces = {
        .range = range,
        .shorter = window->askers >= BITS_ASKERS,
        .base = range->bits->word << 6,
        .on = bits_row(range, window->row),
        .kept = bits_row(range, window->row + 1),
        .within = bits_row(range, window->row + 2),
        .pause = window->window / tick + 1 + (!events->exact && window->window % tick != 0),
        .too_long = events->exact ? window->window / tick + 1 : (window->window + 1) / tick,
    };
    for (size_t w = 0; w < n; w++) {
        uint64_t cuts = pass[w] & ~bits_pauses(range, w, pieces.pause);
        pieces.on[w] = pieces.kept[w] = cuts;
        pieces.within[w] = 0;
        cuts = ~cuts & bits_mask(range, w);
        if (w == 0)
            cuts &= cuts - 1; /* the first event ends no piece */
        for (; cuts != 0; cuts &= cuts - 1) {
            const uint64_t end = pieces.base + 64 * w + (uint64_t)__builtin_ctzll(cuts);
            if (bits_is_long(&pieces, begin, end))
                bits_cut(&pieces, begin, end);
            begin = end;
        }
    }
    if (bits_is_long(&pieces, begin, events->to))
        bits_cut(&pieces, begin, events->to);
    for (size_t w = 0; w < n; w++)
        pieces.within[w] =
            ~sj__reach_fill(pieces.within[w], pieces.kept[w], &carry) & bits_mask(range, w);
}

/* ---- the range ---- */

sj_status sj__bits_load(sj__bits *bits, const sj__bits_events *events, sj_error *error)
{
    const bits_range range = {
        .bits = bits,
        .events = events,
        .first = UINT64_MAX << (events->from & 63),
        .last = UINT64_MAX >> (63 - ((events->to - 1) & 63)),
    };
    if (!bits->wanted)
        return SJ_OK;
    bits->word = events->from >> 6;
    bits->n_words = (size_t)(((events->to + 63) >> 6) - bits->word);
    /* Rows are read side by side: those a power of two apart would share the cache's few places. */
    bits->stride = (bits->n_words + BITS_LINE - 1) / BITS_LINE * BITS_LINE + BITS_LINE;
    const sj_status status = sj__grow(&bits->allocator, &bits->block, &bits->block_capacity,
                                      bits->n_rows * bits->stride, error);
    if (status != SJ_OK)
        return status;
    bits_load_customers(&range);
    bits_load_codes(&range);
    for (size_t i = 0; i < bits->n_windows; i++)
        bits_load_window(&range, &bits->windows[i]);
    return SJ_OK;
}
