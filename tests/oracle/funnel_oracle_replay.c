/* Replays, which attempt first and each are made of: from the first entry that is allowed, at every
 * instant as far as can be, by trying everything within the instant; with grace each step in turn
 * takes the earliest event that fits. */
#include "oracle/funnel_oracle_inside.h"

#include <stdlib.h>

/* Where replays may use events: all, or those behind the replay before. */
typedef struct oracle_bound {
    int has, not_before, after_time; /* has: later than `done` */
    size_t done;
    size_t from;                 /* not_before: nor before this event */
    const oracle_attempt *limit; /* after_time: beyond the limit of this attempt */
} oracle_bound;

static int oracle_is_allowed(const oracle_search *search, const oracle_bound *bound, size_t event)
{
    if (!bound->has)
        return 1;
    if (!oracle_before(search, bound->done, event))
        return 0;
    if (bound->not_before)
        return !oracle_before(search, event, bound->from);
    return !bound->after_time || !oracle_within(search, bound->limit, search->events[event].time);
}

static int oracle_can_enter(const oracle_search *search, const oracle_bound *bound, size_t part,
                            size_t event)
{
    const oracle_attempt nothing = {.part = part};
    oracle_choice choice;
    if (!oracle_in_part(search, part, event) || !oracle_is_allowed(search, bound, event))
        return 0;
    oracle_choices(search, &nothing, &choice);
    for (size_t c = 0; c < choice.n; c++)
        if (oracle_fits(search, &nothing, choice.steps[c], event))
            return 1;
    return 0;
}

/* ---- an instant at a time ---- */

/* Highest level, most fills, lowest rows; the first that is found of equal ones. */
static int oracle_goes_further(const oracle_attempt *a, const oracle_attempt *b)
{
    if (oracle_level(a) != oracle_level(b))
        return oracle_level(a) > oracle_level(b);
    if (a->n != b->n)
        return a->n > b->n;
    for (size_t i = 0; i < a->n; i++)
        if (a->events[i] != b->events[i])
            return a->events[i] < b->events[i];
    return 0;
}

/* Tries every continuation of the attempt by events at the instant of `at`. */
static void oracle_grow_within(oracle_search *search, const oracle_attempt *attempt, size_t at,
                               oracle_attempt *best)
{
    oracle_choice choice;
    search->visited++;
    if (oracle_goes_further(attempt, best))
        *best = *attempt;
    oracle_choices(search, attempt, &choice);
    for (size_t c = 0; c < choice.n; c++) {
        for (size_t e = 0; e < search->n_events && !oracle_is_spent(search); e++) {
            if (oracle_before(search, e, at) || oracle_before(search, at, e) ||
                !oracle_in_part(search, attempt->part, e) ||
                !oracle_fits(search, attempt, choice.steps[c], e))
                continue;
            const oracle_attempt longer =
                oracle_longer(attempt, choice.steps[c], choice.levels[c], e);
            oracle_grow_within(search, &longer, at, best);
        }
    }
}

/* The replay from the instant of `entry` on. */
static oracle_attempt oracle_replay_instants(oracle_search *search, size_t part, size_t entry)
{
    oracle_attempt attempt = {.part = part};
    size_t at = SIZE_MAX; /* the instant before */
    for (size_t e = 0; e < search->n_events; e++) {
        if (!oracle_in_part(search, part, e) || oracle_before(search, e, entry) ||
            (at != SIZE_MAX && !oracle_before(search, at, e)))
            continue;
        oracle_attempt best = attempt;
        oracle_grow_within(search, &attempt, e, &best);
        attempt = best;
        at = e;
        if (oracle_level(&attempt) == search->question->n_steps)
            break;
    }
    return attempt;
}

/* ---- with grace ---- */

static size_t oracle_count_steps(const oracle_search *search, size_t event)
{
    size_t n = 0;
    for (size_t k = 1; k <= search->question->n_steps; k++)
        n += (size_t)oracle_meets(search, event, k);
    return n;
}

/* Which of two events is taken first: the earlier; at one time the one that matches fewest steps,
 * then the one whose steps have lower numbers, then the lower row. */
static int oracle_is_plainer(const oracle_search *search, size_t a, size_t b)
{
    const int64_t ta = search->events[a].time, tb = search->events[b].time;
    const size_t na = oracle_count_steps(search, a), nb = oracle_count_steps(search, b);
    if (ta != tb)
        return ta < tb;
    if (na != nb)
        return na < nb;
    for (size_t k = 1; k <= search->question->n_steps; k++)
        if (oracle_meets(search, a, k) != oracle_meets(search, b, k))
            return oracle_meets(search, a, k);
    return a < b;
}

static oracle_attempt oracle_replay_grace(oracle_search *search, const oracle_bound *bound,
                                          size_t part)
{
    oracle_attempt attempt = {.part = part};
    for (;;) {
        size_t best = SIZE_MAX, step = 0, level = 0;
        oracle_choice choice;
        oracle_choices(search, &attempt, &choice);
        for (size_t c = 0; c < choice.n; c++) {
            for (size_t e = 0; e < search->n_events; e++) {
                if (!oracle_in_part(search, part, e) || !oracle_is_allowed(search, bound, e) ||
                    !oracle_fits(search, &attempt, choice.steps[c], e))
                    continue;
                if (best == SIZE_MAX || oracle_is_plainer(search, e, best))
                    best = e, step = choice.steps[c], level = choice.levels[c];
            }
        }
        if (best == SIZE_MAX)
            return attempt;
        attempt = oracle_longer(&attempt, step, level, best);
    }
}

/* ---- both ---- */

void oracle_put(oracle_pool *pool, const oracle_attempt *attempt)
{
    if (pool->n == pool->room) {
        pool->room = pool->room ? 2 * pool->room : 16;
        pool->attempts = realloc(pool->attempts, pool->room * sizeof *pool->attempts);
        if (pool->attempts == NULL)
            abort();
    }
    pool->attempts[pool->n++] = *attempt;
}

/* An empty attempt where nothing can begin. */
static oracle_attempt oracle_replay(oracle_search *search, const oracle_bound *bound, size_t part)
{
    const oracle_attempt nothing = {.part = part};
    size_t entry = 0;
    while (entry < search->n_events && !oracle_can_enter(search, bound, part, entry))
        entry++;
    if (entry == search->n_events)
        return nothing;
    return search->question->tie == SJ_TIE_GRACE ? oracle_replay_grace(search, bound, part)
                                                 : oracle_replay_instants(search, part, entry);
}

void oracle_replay_part(oracle_search *search, size_t part, int each)
{
    oracle_bound bound = {0};
    oracle_attempt attempt = oracle_replay(search, &bound, part), before;
    while (attempt.n > 0 && !oracle_is_spent(search)) {
        const oracle_fate fate = oracle_judge(search, &attempt);
        oracle_put(&search->pool, &attempt);
        if (!each)
            return;
        before = attempt;
        bound = (oracle_bound){.has = 1,
                               .not_before = fate.ending != ORACLE_GOES_ON,
                               .after_time = oracle_level(&attempt) < search->question->n_steps,
                               .done = oracle_completion(search, &attempt),
                               .from = fate.by,
                               .limit = &before};
        attempt = oracle_replay(search, &bound, part);
    }
}
