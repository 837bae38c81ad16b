/* The range door of funnels that count nothing but levels: customers are settled by bits, 64 events
 * at a time.
 *
 * Two bounds of a customer's level come from the algebra of funnel_bounds.c.  Where they agree it
 * is settled; where they do not, the rule of funnel_match.c is run on the customer's bits, with
 * exact times; who has several events at one time that match steps is left to the exact matcher.
 * Masks, borders and pieces are shared by all plans of a scan (kernel/bits.h), so that a plan costs
 * no more than the algebra, a count of ones, and those customers.  O(events · steps / 64), and
 * O(events) of the unsure.
 *
 * No answer needs this door: tests run with and without it. */
#include "analysis/funnel_bounds.h"

#include "base/bitmap.h"
#include "journey/narrow.h"
#include "kernel/reach.h"

/* Loops over steps are unrolled where their number is a constant. */
#define REACH_INLINE static inline __attribute__((always_inline))

typedef struct reach_tables {
    uint64_t codes[SJ__FUNNEL_DOOR_STEPS][4]; /* by step from 0: a bit per touchpoint */
    int32_t overlap; /* some touchpoint matches two steps, and an event may fill only one */
} reach_tables;

/* ---- plan ---- */

sj_status sj__funnel_reach_new(sj__funnel *funnel, const sj_graph *graph, sj_error *error)
{
    sj__packed packed;
    funnel->reach = NULL;
    if (funnel->general || funnel->grouped || funnel->figures != SJ_FIGURE_COUNTS || funnel->cut ||
        funnel->any_look || funnel->rules.n_steps > SJ__FUNNEL_DOOR_STEPS ||
        sj__graph_customers(graph) == 0)
        return SJ_OK;
    sj__graph_packed(graph, 0, 0, &packed);
    if (packed.width != 1 || packed.tick == 0)
        return SJ_OK;
    reach_tables *tables = sj__alloc_zeroed(&funnel->allocator, 1, sizeof *tables);
    if (tables == NULL)
        return sj__fail_nomem(error);
    for (uint32_t t = 0; t < funnel->n_touchpoints && t < 256; t++) {
        for (uint64_t h = funnel->first[t]; h < funnel->first[t + 1]; h++)
            sj__bit_set(tables->codes[funnel->hits[h] - 1], t);
        if (!funnel->rules.reuse && funnel->first[t + 1] - funnel->first[t] > 1)
            tables->overlap = 1;
    }
    funnel->reach = tables;
    return SJ_OK;
}

void sj__funnel_reach_free(sj__funnel *funnel)
{
    sj__free(&funnel->allocator, funnel->reach, 1, sizeof(reach_tables));
    funnel->reach = NULL;
}

sj_status sj__funnel_reach_want(const sj__funnel *funnel, const sj_allocator *allocator,
                                sj__bits *bits, sj__funnel_door *door, sj_error *error)
{
    const reach_tables *tables = funnel->reach;
    const uint32_t n_steps = funnel->rules.n_steps;
    sj_status status = SJ_OK;
    if (tables == NULL)
        return SJ_OK;
    for (uint32_t k = 0; k < n_steps && status == SJ_OK; k++)
        status = sj__bits_want_codes(bits, tables->codes[k], &door->masks[k], error);
    if (status == SJ_OK && funnel->rules.window != UINT64_MAX)
        status = sj__bits_want_window(bits, funnel->rules.window, &door->window, error);
    door->room = sj__alloc(allocator, sj__funnel_bounds_room(n_steps), sizeof *door->room);
    return status == SJ_OK && door->room == NULL ? sj__fail_nomem(error) : status;
}

void sj__funnel_reach_drop(const sj__funnel *funnel, const sj_allocator *allocator,
                           sj__funnel_door *door)
{
    sj__free(allocator, door->room, sj__funnel_bounds_room(funnel->rules.n_steps),
             sizeof *door->room);
}

/* ---- one customer ---- */

/* A range, and the attempt of a customer who is matched. */
typedef struct reach_state {
    sj__funnel_bounds bounds;
    const sj__packed *packed;
    const sj__bits *bits;
    int32_t reuse;
    uint64_t window; /* in units of the data's resolution */
    uint64_t entries[SJ__FUNNEL_DOOR_STEPS + 1];
} reach_state;

/* The first event of the customer that `event` belongs to. */
static uint64_t reach_customer_start(const reach_state *state, uint64_t event)
{
    const uint64_t *pass = state->bounds.pass;
    size_t w = (size_t)((event >> 6) - state->bits->word);
    uint64_t borders = ~pass[w] & (UINT64_MAX >> (63 - (event & 63)));
    while (borders == 0)
        borders = ~pass[--w];
    return (state->bits->word + w) << 6 | (63 - (uint64_t)__builtin_clzll(borders));
}

/* Time of an event since its customer's first, in units of the data's resolution. */
static uint64_t reach_units(const sj__packed *packed, uint64_t event)
{
    const uint64_t tick = packed->delta[event];
    return packed->rest_width == 0 ? tick
                                   : tick << packed->rest_bits |
                                         sj__narrow_get(packed->rest, packed->rest_width, event);
}

/* Tries to fill step k, from 1: entries[k] is the latest of all attempts that have filled it so
 * far, known up to the level; entries[0] stands for the event's own time.  The answer: the new
 * level. */
REACH_INLINE uint32_t reach_try(uint64_t *entries, uint64_t window, uint32_t level, uint32_t k)
{
    const uint64_t fills = k <= level + 1 && entries[0] - entries[k - 1] <= window;
    entries[k] ^= (entries[k] ^ entries[k - 1]) & (0 - fills); /* no branch to guess */
    return level + ((uint32_t)fills & (k > level));
}

/* Goes on with event e of word w. */
REACH_INLINE uint32_t reach_match_event(reach_state *state, size_t w, unsigned e, uint32_t level,
                                        const uint32_t n_steps)
{
    const sj__funnel_bounds *bounds = &state->bounds;
    if (!bounds->overlap && !state->reuse) { /* it fills one step */
        uint32_t step = 0;
        for (uint32_t k = 0; k < n_steps; k++)
            step |= (k + 1) & (0 - (uint32_t)(bounds->masks[k][w] >> e & 1));
        return reach_try(state->entries, state->window, level, step);
    }
    for (uint32_t i = 0; i < n_steps; i++) {
        const uint32_t k = state->reuse ? i : n_steps - 1 - i;
        if (bounds->masks[k][w] >> e & 1)
            level = reach_try(state->entries, state->window, level, k + 1);
    }
    return level;
}

/* The level of a customer without ties, by its last event; it is not above `most`. */
REACH_INLINE uint32_t reach_match(reach_state *state, uint64_t last, uint32_t most,
                                  const uint32_t n_steps)
{
    const sj__funnel_bounds *bounds = &state->bounds;
    const uint64_t start = reach_customer_start(state, last);
    uint64_t open = UINT64_MAX << (start & 63);
    uint32_t level = 0;
    for (uint64_t word = start >> 6; word <= last >> 6; word++) {
        const size_t w = (size_t)(word - state->bits->word);
        uint64_t fills = 0;
        if (level == 0) { /* nothing counts before the first entry */
            open &= bounds->masks[0][w];
            open = open == 0 ? 0 : UINT64_MAX << __builtin_ctzll(open);
        }
        if (word == last >> 6)
            open &= UINT64_MAX >> (63 - (last & 63));
        for (uint32_t k = 0; k < n_steps; k++)
            fills |= bounds->masks[k][w];
        for (fills &= open; fills != 0; fills &= fills - 1) {
            const unsigned e = (unsigned)__builtin_ctzll(fills);
            state->entries[0] = reach_units(state->packed, word << 6 | e);
            level = reach_match_event(state, w, e, level, n_steps);
            if (level == most)
                return level;
        }
        open = UINT64_MAX;
    }
    return level;
}

static uint32_t reach_match_any(reach_state *state, uint64_t last, uint32_t most)
{
    switch (state->bounds.n_steps) {
    case 2:
        return reach_match(state, last, most, 2);
    case 3:
        return reach_match(state, last, most, 3);
    case 4:
        return reach_match(state, last, most, 4);
    default:
        return reach_match(state, last, most, state->bounds.n_steps);
    }
}

/* ---- settled, matched, left ---- */

/* The highest step that the upper bound gives a customer, by the last event. */
static uint32_t reach_most(const sj__funnel_bounds *bounds, size_t i, uint64_t bit)
{
    for (uint32_t k = bounds->n_steps; k > 1; k--) {
        const size_t at = (size_t)(k - 1) * SJ__FUNNEL_BLOCK + i;
        if ((bounds->reached[at] | bounds->perhaps[at]) & bit)
            return k;
    }
    return 1;
}

/* Customers of word `w`, which is word i of the block, whom the bounds do not settle. */
static void reach_resolve(reach_state *state, size_t w, size_t i, int64_t *levels, uint64_t *left)
{
    const sj__funnel_bounds *bounds = &state->bounds;
    const uint64_t *ended = sj__bits_row(state->bits, SJ__BITS_ENDED);
    for (uint64_t unsure = bounds->unsure[i]; unsure != 0; unsure &= unsure - 1) {
        const uint64_t bit = unsure & (~unsure + 1);
        const uint64_t event = (state->bits->word + w) << 6 | (uint64_t)__builtin_ctzll(unsure);
        if (bounds->tied && (bounds->troubled[i] & bit) != 0)
            sj__bit_set(left, ended[w] + (uint64_t)sj__reach_count(bounds->last[w] & (bit - 1)));
        else
            levels[reach_match_any(state, event, reach_most(bounds, i, bit))]++;
    }
}

static void reach_block(reach_state *state, size_t from, size_t n, int64_t *levels, uint64_t *left)
{
    sj__funnel_bounds *bounds = &state->bounds;
    int64_t above = 0;
    if (!sj__funnel_bounds_block(bounds, from, n))
        return;
    for (uint32_t k = bounds->n_steps; k > 0; k--) {
        const uint64_t *reached = bounds->reached + (size_t)(k - 1) * SJ__FUNNEL_BLOCK;
        const int64_t count = sj__reach_count_both(reached, bounds->settled, n);
        levels[k] += count - above;
        above = count;
    }
    for (size_t i = 0; i < n; i++)
        if (bounds->unsure[i] != 0)
            reach_resolve(state, from + i, i, levels, left);
}

void sj__funnel_reach(const sj__funnel *funnel, const sj__funnel_door *door, const sj__bits *bits,
                      const sj__packed *packed, int64_t *levels, uint64_t *left)
{
    const reach_tables *tables = funnel->reach;
    reach_state state = {.packed = packed,
                         .bits = bits,
                         .reuse = funnel->rules.reuse,
                         .window = funnel->rules.window / packed->resolution};
    sj__funnel_bounds *bounds = &state.bounds;
    bounds->n_steps = funnel->rules.n_steps;
    bounds->overlap = tables->overlap;
    for (uint32_t k = 0; k < bounds->n_steps; k++)
        bounds->masks[k] = sj__bits_row(bits, door->masks[k]);
    bounds->pass = sj__bits_row(bits, SJ__BITS_PASS);
    bounds->last = sj__bits_row(bits, SJ__BITS_LAST);
    bounds->same = packed->same_instant + bits->word;
    if (funnel->rules.window != UINT64_MAX) {
        bounds->on = sj__bits_row(bits, door->window);
        bounds->kept = sj__bits_row(bits, door->window + 1);
        bounds->within = sj__bits_row(bits, door->window + 2);
    }
    sj__funnel_bounds_lay(bounds, door->room);
    for (size_t w = 0; w < bits->n_words; w += SJ__FUNNEL_BLOCK) {
        const size_t more = bits->n_words - w;
        reach_block(&state, w, more < SJ__FUNNEL_BLOCK ? more : SJ__FUNNEL_BLOCK, levels, left);
    }
}
