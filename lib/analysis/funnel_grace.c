/* Steps whose order is uncertain (tie grace) as a method: attempt best, every step at most `grace`
 * before the latest event of its attempt so far.
 *
 * What an attempt of level k can become depends on two times alone: its entry and its latest event
 * M.  Of those with the same M the one entered latest does all that any of them does, so S_k(M),
 * its entry, is all there is to know:
 *
 *     S_1(M)  M, where an event of step 1 lies there
 *     S_k(M)  with an event of step k at M: the latest S_k−1(M'), M' ≤ M, if M lies in its window;
 *             else, with one in [M − grace, M): S_k−1(M), whose window holds all up to M
 *
 * An event fills one step only, or `reuse` is yes: otherwise options are refused.  So events are
 * never in each other's way.
 *
 * The first M at which the highest level is reached is the completion.  From its entry on, each
 * step in turn is filled by the earliest event at most `grace` before the latest so far: by
 * induction no attempt of this entry fills any step earlier, or has an earlier latest event at any
 * level, which makes it the one that completes first and is earliest in every step, from the last
 * to the first.
 *
 * O(n · K) for K steps; memory O(K). */
#include "analysis/funnel_attempt.h"
#include "base/checked.h"

/* Attempts of a level, and events of its step.  Instants go by the number of their first moment,
 * plus 1; 0: none. */
typedef struct grace_level {
    uint32_t newest; /* the latest entry of all so far */
    uint32_t seen;   /* the last instant with an event of the step */
} grace_level;

typedef struct grace_state {
    grace_level *levels; /* from 1; n_steps + 1 */
} grace_state;

static sj_status funnel_grace_init(sj__funnel_finder *finder, sj_error *error)
{
    const size_t rows = (size_t)finder->rules->n_steps + 1;
    grace_state *state = sj__alloc_zeroed(finder->allocator, 1, sizeof *state);
    finder->state = state;
    if (state == NULL)
        return sj__fail_nomem(error);
    state->levels = sj__alloc(finder->allocator, rows, sizeof *state->levels);
    return state->levels == NULL ? sj__fail_nomem(error) : SJ_OK;
}

static void funnel_grace_free(sj__funnel_finder *finder)
{
    grace_state *state = finder->state;
    if (state == NULL)
        return;
    sj__free(finder->allocator, state->levels, (size_t)finder->rules->n_steps + 1,
             sizeof *state->levels);
    sj__free(finder->allocator, state, 1, sizeof *state);
}

/* Whether `time` lies more than grace before `latest`. */
static int funnel_grace_is_past(const sj__funnel_path_rules *rules, int64_t time, int64_t latest)
{
    return time < latest && sj__time_since(latest, time) > rules->grace;
}

static int funnel_grace_may_enter(const sj__funnel_path_rules *rules, int64_t time)
{
    return !(rules->has_entry_from && time < rules->entry_from) &&
           !(rules->has_entry_to && time >= rules->entry_to);
}

/* Puts down of which steps an instant has events. */
static void funnel_grace_mark(const sj__funnel_finder *finder, const sj__funnel_moment *moments,
                              size_t n, uint32_t stamp)
{
    grace_level *levels = ((grace_state *)finder->state)->levels;
    for (size_t e = 0; e < n; e++)
        for (uint32_t s = 0; s < moments[e].n_steps; s++)
            levels[moments[e].steps[s]].seen = stamp;
}

/* S_k of the instant i, 0 where there is no such attempt, from S_k−1. */
static uint32_t funnel_grace_reach(const sj__funnel_finder *finder,
                                   const sj__funnel_moment *moments, size_t i, uint32_t k,
                                   uint32_t below)
{
    const sj__funnel_path_rules *rules = finder->rules;
    const grace_level *level = &((const grace_state *)finder->state)->levels[k];
    const int64_t time = moments[i].time;
    const int here = level->seen == (uint32_t)i + 1;
    if (k == 1)
        return here && funnel_grace_may_enter(rules, time) ? (uint32_t)i + 1 : 0;
    if (here) {
        const uint32_t entry = level[-1].newest; /* at least `below` */
        return sj__time_since(time, moments[entry - 1].time) <= rules->window ? entry : 0;
    }
    return level->seen != 0 && !funnel_grace_is_past(rules, moments[level->seen - 1].time, time)
               ? below
               : 0;
}

static sj_status funnel_grace_find(sj__funnel_finder *finder, const sj__funnel_moment *moments,
                                   size_t n, sj_error *error)
{
    const uint32_t n_steps = finder->rules->n_steps;
    grace_level *levels = ((grace_state *)finder->state)->levels;
    sj__funnel_attempt best = {.entered = 1};
    for (uint32_t k = 0; k <= n_steps; k++)
        levels[k] = (grace_level){0};
    for (size_t i = 0, at; i < n && best.level < n_steps; i += at) {
        uint32_t reached = 0;
        at = sj__funnel_instant(finder->rules, moments, i, n);
        funnel_grace_mark(finder, moments + i, at, (uint32_t)i + 1);
        for (uint32_t k = 1; k <= n_steps && (k == 1 || levels[k - 1].newest != 0); k++) {
            reached = funnel_grace_reach(finder, moments, i, k, reached);
            if (reached > levels[k].newest)
                levels[k].newest = reached;
            if (reached == 0 || k <= best.level)
                continue;
            best.level = best.fills = k;
            best.entry = reached - 1;
            best.at = best.ended = (uint32_t)i;
        }
    }
    return best.level > 0 ? sj__funnel_finder_add(finder, &best, error) : SJ_OK;
}

static int funnel_grace_matches(const sj__funnel_moment *moment, uint32_t step)
{
    uint32_t low = 0, high = moment->n_steps;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (moment->steps[middle] < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low < moment->n_steps && moment->steps[low] == step;
}

static sj_status funnel_grace_trace(sj__funnel_finder *finder, const sj__funnel_moment *moments,
                                    size_t n, const sj__funnel_attempt *attempt, sj_error *error)
{
    const sj__funnel_path_rules *rules = finder->rules;
    int64_t latest = moments[attempt->entry].time;
    size_t from = attempt->entry;
    (void)error;
    for (uint32_t k = 0; k <= rules->n_steps; k++)
        finder->filled[k] = SJ__FUNNEL_NO_MOMENT;
    for (uint32_t k = 1; k <= attempt->level; k++) {
        size_t i = from;
        while (i < n && !funnel_grace_matches(&moments[i], k))
            i++;
        if (SJ__NEVER(i == n))
            return SJ_OK;
        finder->filled[k] = (uint32_t)i;
        latest = moments[i].time > latest ? moments[i].time : latest;
        while (k == 1 && from > 0 && !funnel_grace_is_past(rules, moments[from - 1].time, latest))
            from--;
        while (funnel_grace_is_past(rules, moments[from].time, latest))
            from++;
    }
    return SJ_OK;
}

const sj__funnel_method sj__funnel_grace_method = {
    .text =
        "matcher of uncertain orders on decoded journeys: newest entry per step and latest event",
    .init = funnel_grace_init,
    .free = funnel_grace_free,
    .find = funnel_grace_find,
    .trace = funnel_grace_trace,
};
