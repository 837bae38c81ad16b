/* The range door of funnels that count nothing but levels: most customers are settled by bits, 64 events at a time.
 *
 * With a word of bits m_k per step (which events match it) and borders where a customer begins,
 *     R_1 = fill(m_1),   A_k = m_k and R_{k−1} at the event before,   R_k = fill(A_k)
 * where fill carries a bit up to the next border.  R_k at a customer's last event says whether k steps can be filled in the
 * order of rows.  Two things are missing in that picture, and send a customer to the exact matcher:
 *  * Ties.  Two events at one time that match steps could serve in the other order too.
 *  * The window.  Borders are also set at pauses that are certainly longer than the window, which no attempt can span; so
 *    the level found is an upper bound U.  It is the level itself if U ≤ 1, and also if the span from the first step-1
 *    event behind the border to the first event that fills U is certainly within the window.
 * A level of K in row order is an attempt, ties or not.  O(events · steps / 64), and O(customers that reach step 2).
 *
 * No answer needs this door: tests run with and without it. */
#include <string.h>

#include "analysis/funnel.h"

#include "base/bitmap.h"
#include "kernel/reach.h"

#define FUNNEL_REACH_STEPS 32 /* most steps that the door takes */

typedef struct funnel_reach {
    sj__reach_set sets[FUNNEL_REACH_STEPS / 8]; /* touchpoints by step, eight steps to a set */
    int32_t overlap; /* some touchpoint matches two steps, and an event may fill only one */
} funnel_reach;

/* A range of customers while it is worked on; arrays by step from 1. */
typedef struct funnel_range_state {
    const funnel_reach *tables;
    const sj__packed *packed;
    uint32_t n_steps;
    int32_t overlap;
    int32_t has_window, has_pauses;
    uint32_t long_pause; /* ticks between two events that are certainly longer than the window */
    uint64_t near;       /* ticks between two events that are certainly within the window */
    uint64_t word;       /* the first word of the range */
    uint64_t *
        kept; /* per word n_steps + 1: where attempts are cut; events that first fill a step, by step */
    uint64_t *left;
    int64_t *levels;
    uint64_t customers;                           /* that ended before this word */
    uint64_t carry[FUNNEL_REACH_STEPS + 1];       /* of R */
    uint64_t whole_carry[FUNNEL_REACH_STEPS + 1]; /* of R carried on to the end of the customer */
    uint64_t tie_carry, trouble_carry;
} funnel_range_state;

/* ---- plan ---- */

sj_status sj__funnel_reach_new(sj__funnel *funnel, const sj_graph *graph, sj_error *error)
{
    sj__packed packed;
    funnel->reach = NULL;
    if (funnel->general || funnel->grouped || funnel->figures != SJ_FIGURE_COUNTS || funnel->cut ||
        funnel->any_look || funnel->rules.n_steps > FUNNEL_REACH_STEPS ||
        sj__graph_customers(graph) == 0)
        return SJ_OK;
    sj__graph_packed(graph, 0, 0, &packed);
    if (packed.width != 1 || packed.tick == 0)
        return SJ_OK;
    funnel_reach *reach = sj__alloc_zeroed(&funnel->allocator, 1, sizeof *reach);
    if (reach == NULL)
        return sj__fail_nomem(error);
    for (uint32_t t = 0; t < funnel->n_touchpoints && t < 256; t++) {
        for (uint64_t h = funnel->first[t]; h < funnel->first[t + 1]; h++) {
            const uint32_t k = funnel->hits[h] - 1;
            reach->sets[k / 8].table[t] |= (uint8_t)(1u << k % 8);
        }
        if (!funnel->rules.reuse && funnel->first[t + 1] - funnel->first[t] > 1)
            reach->overlap = 1;
    }
    for (uint32_t k = 0; k < funnel->rules.n_steps; k += 8) {
        const uint32_t more = funnel->rules.n_steps - k;
        reach->sets[k / 8].n_masks = more < 8 ? more : 8;
        sj__reach_list(&reach->sets[k / 8]);
    }
    funnel->reach = reach;
    return SJ_OK;
}

void sj__funnel_reach_free(sj__funnel *funnel)
{
    sj__free(&funnel->allocator, funnel->reach, 1, sizeof(funnel_reach));
    funnel->reach = NULL;
}

/* Pauses in ticks.  A difference of d ticks is exact, or is more than d − 1 and less than d + 1 ticks of time. */
static void funnel_measure(funnel_range_state *state, uint64_t window)
{
    const uint64_t tick = state->packed->tick, exact = state->packed->exact != 0;
    state->has_window = window != UINT64_MAX;
    if (!state->has_window)
        return;
    const uint64_t pause = window / tick + 1 + (!exact && window % tick != 0);
    state->has_pauses = pause <= UINT32_MAX;
    state->long_pause = (uint32_t)pause;
    /* One tick less than allowed where the rest is unknown; 0 means never near, so that it counts from 1. */
    state->near = exact ? window / tick + 1 : (window + 1) / tick;
}

/* ---- one customer ---- */

/* The last event at or before `event` whose bit is set in row `row` of the kept words; there is one. */
static uint64_t funnel_kept_before(const funnel_range_state *state, uint32_t row, uint64_t event)
{
    const size_t stride = (size_t)state->n_steps + 1;
    uint64_t word = event >> 6;
    uint64_t bits =
        state->kept[(word - state->word) * stride + row] & (UINT64_MAX >> (63 - (event & 63)));
    while (bits == 0 && word > state->word)
        bits = state->kept[(--word - state->word) * stride + row];
    return word << 6 | (63 - (uint64_t)__builtin_clzll(bits | 1));
}

/* The first event at or behind `event` whose bit is set; there is one. */
static uint64_t funnel_kept_from(const funnel_range_state *state, uint32_t row, uint64_t event)
{
    const size_t stride = (size_t)state->n_steps + 1;
    uint64_t word = event >> 6;
    uint64_t bits = state->kept[(word - state->word) * stride + row] & (UINT64_MAX << (event & 63));
    while (bits == 0)
        bits = state->kept[(++word - state->word) * stride + row];
    return word << 6 | (uint64_t)__builtin_ctzll(bits);
}

/* The first event of the customer that `event` belongs to. */
static uint64_t funnel_customer_start(const funnel_range_state *state, uint64_t event)
{
    const uint64_t *border = state->packed->border;
    uint64_t word = event >> 6;
    uint64_t bits = border[word] & (UINT64_MAX >> (63 - (event & 63)));
    while (bits == 0 && word > state->word)
        bits = border[--word];
    return word << 6 | (63 - (uint64_t)__builtin_clzll(bits | 1));
}

/* Whether the customer that ends with `last` certainly has an attempt of `level` steps within the window. */
static int funnel_is_near(const funnel_range_state *state, uint64_t last, uint32_t level)
{
    const uint32_t *delta = state->packed->delta;
    const uint64_t start = funnel_customer_start(state, last);
    const uint64_t done = funnel_kept_from(state, level, start);
    const uint64_t cut = funnel_kept_before(state, 0, done);
    const uint64_t entry = funnel_kept_from(state, 1, cut);
    return (uint64_t)(delta[done] - delta[entry]) < state->near;
}

/* ---- 64 events ---- */

typedef struct funnel_word {
    uint64_t events;                        /* those of the range */
    uint64_t pass;                          /* no customer begins */
    uint64_t on;                            /* pass, and no long pause */
    uint64_t last;                          /* last events of customers */
    uint64_t any;                           /* events that match a step */
    uint64_t mask[FUNNEL_REACH_STEPS];      /* by step from 0 */
    uint64_t whole[FUNNEL_REACH_STEPS + 1]; /* by step from 1: reached so far by the customer */
} funnel_word;

/* Masks, borders and pauses of word `w`. */
static void funnel_load_word(const funnel_range_state *state, uint64_t w, funnel_word *word)
{
    const sj__packed *packed = state->packed;
    const uint64_t base = w << 6;
    const uint64_t begin = packed->event_from > base ? packed->event_from - base : 0;
    const uint64_t end = packed->event_to - base < 64 ? packed->event_to - base : 64;
    const uint8_t *codes = (const uint8_t *)packed->touchpoint + base;
    const uint32_t *delta = packed->delta + base;
    uint8_t few_codes[64];
    uint32_t few_delta[64];
    uint64_t pauses = 0;
    if (end < 64) { /* the arrays may end here */
        memset(few_codes, 0, sizeof few_codes);
        memset(few_delta, 0, sizeof few_delta);
        memcpy(few_codes, codes, (size_t)end);
        codes = few_codes;
        if (state->has_pauses) {
            memcpy(few_delta, delta, (size_t)end * sizeof *delta);
            delta = few_delta;
        }
    }
    word->events = (UINT64_MAX << begin) & (UINT64_MAX >> (64 - end));
    word->pass = ~packed->border[w];
    word->last = packed->border[w] >> 1;
    if (end == 64 && base + 64 < packed->event_to)
        word->last |= packed->border[w + 1] << 63;
    else
        word->last |= UINT64_C(1) << (end - 1);
    word->last &= word->events;
    uint32_t first = 0;
    do {
        sj__reach_masks(codes, &state->tables->sets[first / 8], &word->mask[first]);
        first += 8;
    } while (first < state->n_steps);
    word->any = 0;
    for (uint32_t k = 0; k < state->n_steps; k++)
        word->any |= word->mask[k] &= word->events;
    if (state->has_pauses)
        pauses = sj__reach_pauses(delta, w > 0 ? packed->delta[base - 1] : 0, state->long_pause);
    word->on = word->pass & ~pauses;
}

/* How far the customers have come: whole[k] at each event, and what funnel_is_near will need. */
static void funnel_advance(funnel_range_state *state, uint64_t w, funnel_word *word)
{
    uint64_t *kept =
        state->has_window ? state->kept + (w - state->word) * ((size_t)state->n_steps + 1) : NULL;
    uint64_t before = UINT64_MAX; /* where the step before was filled */
    if (kept != NULL)
        kept[0] = ~word->on;
    uint32_t k = 1;
    do {
        const uint64_t carry = state->carry[k], seeds = word->mask[k - 1] & before;
        if (kept != NULL)
            kept[k] = seeds;
        const uint64_t reached = sj__reach_fill(seeds, word->on, &state->carry[k]);
        word->whole[k] =
            kept != NULL ? sj__reach_fill(seeds, word->pass, &state->whole_carry[k]) : reached;
        before = state->overlap ? sj__reach_before(reached, carry) & word->on : reached;
    } while (++k <= state->n_steps);
}

/* Customers in which two events at one time match steps, marked from there to their last event. */
static uint64_t funnel_trouble(funnel_range_state *state, uint64_t w, const funnel_word *word)
{
    const uint64_t same = state->packed->same_instant[w];
    const uint64_t carry = state->tie_carry;
    uint64_t twice = 0;
    if (same == 0) {
        state->tie_carry = word->any >> 63;
    } else {
        const uint64_t seen = sj__reach_fill(word->any, same, &state->tie_carry);
        twice = word->any & same & sj__reach_before(seen, carry);
    }
    if ((twice | state->trouble_carry) == 0)
        return 0;
    return sj__reach_fill(twice, word->pass, &state->trouble_carry);
}

static void funnel_leave(const funnel_range_state *state, const funnel_word *word, uint64_t bit)
{
    const uint64_t ended = word->last & (bit - 1);
    sj__bit_set(state->left, state->customers + (uint64_t)sj__reach_count(ended));
}

/* Without a window: all are settled but those whose ties may lift them. */
static void funnel_settle(const funnel_range_state *state, const funnel_word *word,
                          uint64_t trouble)
{
    const uint32_t n = state->n_steps;
    uint64_t unsure = word->last & trouble & word->whole[1] & ~word->whole[n];
    const uint64_t sure = word->last & ~unsure;
    int64_t above = 0;
    for (uint32_t k = n; k > 0; k--) {
        const int64_t reached = sj__reach_count(word->whole[k] & sure);
        state->levels[k] += reached - above;
        above = reached;
    }
    for (; unsure != 0; unsure &= unsure - 1)
        funnel_leave(state, word, unsure & (~unsure + 1));
}

/* With one: level 1 is sure; a higher one where it is near. */
static void funnel_settle_window(const funnel_range_state *state, uint64_t w,
                                 const funnel_word *word, uint64_t trouble)
{
    const uint32_t n = state->n_steps;
    const uint64_t entered = word->last & word->whole[1];
    uint64_t unsure = n > 1 ? entered & (word->whole[2] | trouble) : 0;
    state->levels[1] += sj__reach_count(entered & ~unsure);
    for (; unsure != 0; unsure &= unsure - 1) {
        const uint64_t bit = unsure & (~unsure + 1);
        const uint64_t last = w << 6 | (uint64_t)__builtin_ctzll(bit);
        uint32_t level = 1;
        while (level < n && (word->whole[level + 1] & bit) != 0)
            level++;
        if (((trouble & bit) == 0 || level == n) && level > 1 && funnel_is_near(state, last, level))
            state->levels[level]++;
        else
            funnel_leave(state, word, bit);
    }
}

sj_status sj__funnel_reach(const sj__funnel *funnel, sj__funnel_words *room,
                           const sj_allocator *allocator, const sj__packed *packed, int64_t *levels,
                           uint64_t *left, sj_error *error)
{
    const funnel_reach *tables = funnel->reach;
    funnel_range_state state = {.tables = tables,
                                .packed = packed,
                                .n_steps = funnel->rules.n_steps,
                                .overlap = tables->overlap,
                                .word = packed->event_from >> 6,
                                .left = left,
                                .levels = levels};
    const uint64_t words = ((packed->event_to + 63) >> 6) - state.word;
    funnel_measure(&state, funnel->rules.window);
    if (packed->event_from == packed->event_to)
        return SJ_OK;
    if (state.has_window) {
        const sj_status status = sj__grow(allocator, &room->words, &room->capacity,
                                          (size_t)words * ((size_t)state.n_steps + 1), error);
        if (status != SJ_OK)
            return status;
        state.kept = room->words;
    }
    for (uint64_t w = state.word; w < state.word + words; w++) {
        funnel_word word;
        funnel_load_word(&state, w, &word);
        funnel_advance(&state, w, &word);
        const uint64_t trouble = funnel_trouble(&state, w, &word);
        if (state.has_window)
            funnel_settle_window(&state, w, &word, trouble);
        else
            funnel_settle(&state, &word, trouble);
        state.customers += (uint64_t)sj__reach_count(word.last);
    }
    return SJ_OK;
}
