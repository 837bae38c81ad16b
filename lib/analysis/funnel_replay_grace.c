/* Replays with tie grace: attempt first and each, where an event may come up to `grace` before the
 * latest event of its attempt.
 *
 * The entry is the first event that can be one; then each step in turn takes the earliest event
 * that fits: not used yet, not more than grace before the latest event so far, inside the window,
 * and with no exclusion more than grace behind its first step and more than grace before the
 * event.  At one time the event that matches the fewest steps is taken, then the one of the lowest
 * steps, then of the lowest row.  An attempt that ends without the last step was ended by the first
 * exclusion behind its first step, or by its limit; the next goes by events only that are later
 * than all of this one's, and not before what ended it.
 *
 * What is too early for a step stays so: the latest event of an attempt, and of one attempt after
 * another, never moves back.  So a step has one cursor, an exclusion too, that go forward only, and
 * what is beyond them is no matter of the attempts before. O(n · (steps + exclusions)); memory
 * O(steps + exclusions). */
#include <sojourn/funnel.h>

#include "analysis/funnel_attempt.h"
#include "base/checked.h"

typedef struct grace_replay {
    const sj__funnel_path_rules *rules;
    const sj__funnel_moment *moments; /* of the part at hand */
    size_t n;
    uint32_t *filled; /* the finder's: of steps 1 to `level` */
    uint32_t level;   /* 0: no attempt is under way */
    uint32_t latest;  /* a moment of the latest time of the attempt */
    size_t *step_at;  /* by step: no moment before can fill it any more; n_steps + 1 */
    size_t *
        barred_at; /* by exclusion, where `from` is filled: its first moment behind that; n_exclusions */
} grace_replay;

static sj_status grace_init(sj__funnel_finder *finder, sj_error *error)
{
    const sj__funnel_path_rules *rules = finder->rules;
    const sj_allocator *a = finder->allocator;
    grace_replay *replay = sj__alloc_zeroed(a, 1, sizeof *replay);
    finder->state = replay;
    if (replay == NULL)
        return sj__fail_nomem(error);
    replay->rules = rules;
    replay->filled = finder->filled;
    replay->step_at = sj__alloc(a, (size_t)rules->n_steps + 1, sizeof *replay->step_at);
    replay->barred_at = sj__alloc(a, rules->n_exclusions, sizeof *replay->barred_at);
    if (replay->step_at == NULL || replay->barred_at == NULL)
        return sj__fail_nomem(error);
    for (uint32_t k = 0; k <= rules->n_steps; k++)
        replay->filled[k] = SJ__FUNNEL_NO_MOMENT;
    return SJ_OK;
}

static void grace_free(sj__funnel_finder *finder)
{
    const sj_allocator *a = finder->allocator;
    grace_replay *replay = finder->state;
    if (replay == NULL)
        return;
    sj__free(a, replay->step_at, (size_t)finder->rules->n_steps + 1, sizeof *replay->step_at);
    sj__free(a, replay->barred_at, finder->rules->n_exclusions, sizeof *replay->barred_at);
    sj__free(a, replay, 1, sizeof *replay);
}

static void grace_clear(grace_replay *replay)
{
    while (replay->level > 0)
        replay->filled[replay->level--] = SJ__FUNNEL_NO_MOMENT;
}

/* Attempts that use moments from `start` on only. */
static void grace_begin(grace_replay *replay, const sj__funnel_moment *moments, size_t n,
                        size_t start)
{
    grace_clear(replay);
    replay->moments = moments;
    replay->n = n;
    for (uint32_t k = 0; k <= replay->rules->n_steps; k++)
        replay->step_at[k] = start;
    for (uint32_t x = 0; x < replay->rules->n_exclusions; x++)
        replay->barred_at[x] = start;
}

/* ---- moments ---- */

static int grace_matches(const sj__funnel_moment *moment, uint32_t step)
{
    for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= step; k++)
        if (moment->steps[k] == step)
            return 1;
    return 0;
}

/* More than grace later. */
static int grace_is_beyond(const sj__funnel_path_rules *rules, int64_t later, int64_t earlier)
{
    return later > earlier && sj__time_since(later, earlier) > rules->grace;
}

static int grace_in_window(const grace_replay *replay, int64_t time)
{
    const int64_t entry = replay->moments[replay->filled[1]].time;
    return time <= entry || sj__time_since(time, entry) <= replay->rules->window;
}

/* Whether a moment fills a step of the attempt already, and may fill no other. */
static int grace_is_used(const grace_replay *replay, size_t i)
{
    const sj__funnel_moment *moment = &replay->moments[i];
    if (replay->rules->reuse)
        return 0;
    for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= replay->level; k++)
        if (replay->filled[moment->steps[k]] == i)
            return 1;
    return 0;
}

/* Steps, without exclusions. */
static uint32_t grace_count(const grace_replay *replay, const sj__funnel_moment *moment)
{
    uint32_t n = moment->n_steps;
    while (n > 0 && moment->steps[n - 1] > replay->rules->n_steps)
        n--;
    return n;
}

/* Whether `a` is taken before `b` of the same time and a lower row: fewer steps, then lower ones.
 */
static int grace_is_plainer(const grace_replay *replay, const sj__funnel_moment *a,
                            const sj__funnel_moment *b)
{
    const uint32_t n = grace_count(replay, a), m = grace_count(replay, b);
    uint32_t k = 0;
    if (n != m)
        return n < m;
    while (k < n && a->steps[k] == b->steps[k])
        k++;
    return k < n && a->steps[k] < b->steps[k];
}

/* Of the moments at the time of moment i that can fill the step, as i can, the one to take. */
static size_t grace_pick(const grace_replay *replay, uint32_t step, size_t i)
{
    const sj__funnel_moment *moments = replay->moments;
    size_t best = i;
    for (size_t j = i + 1; j < replay->n && moments[j].time == moments[i].time; j++)
        if (grace_matches(&moments[j], step) && !grace_is_used(replay, j) &&
            grace_is_plainer(replay, &moments[j], &moments[best]))
            best = j;
    return best;
}

/* ---- exclusions ---- */

/* The exclusions whose first step has just been filled look for their first event behind. */
static void grace_look_behind(grace_replay *replay)
{
    const sj__funnel_path_rules *rules = replay->rules;
    const int64_t filled = replay->moments[replay->latest].time;
    for (uint32_t x = 0; x < rules->n_exclusions; x++) {
        size_t *at = &replay->barred_at[x];
        while (rules->exclusions[x].from == replay->level && *at < replay->n &&
               (!grace_is_beyond(rules, replay->moments[*at].time, filled) ||
                !grace_matches(&replay->moments[*at], rules->n_steps + 1 + x)))
            ++*at;
    }
}

static int grace_is_active(const grace_replay *replay, uint32_t x)
{
    const sj__funnel_exclusion *exclusion = &replay->rules->exclusions[x];
    return exclusion->from <= replay->level && replay->level < exclusion->to &&
           replay->barred_at[x] < replay->n;
}

/* Whether an exclusion keeps the attempt from an event at this time. */
static int grace_is_barred(const grace_replay *replay, int64_t time)
{
    for (uint32_t x = 0; x < replay->rules->n_exclusions; x++)
        if (grace_is_active(replay, x) &&
            grace_is_beyond(replay->rules, time, replay->moments[replay->barred_at[x]].time))
            return 1;
    return 0;
}

/* What ended the attempt, which fills no further step: its first exclusion inside the window, at
 * one time rather one that removes. */
static int32_t grace_ended(const grace_replay *replay, size_t *at)
{
    const sj__funnel_moment *moments = replay->moments;
    int32_t how = SJ__FUNNEL_GOES_ON;
    for (uint32_t x = 0; x < replay->rules->n_exclusions; x++) {
        const size_t i = replay->barred_at[x];
        const int removes = replay->rules->exclusions[x].removes;
        if (!grace_is_active(replay, x) || !grace_in_window(replay, moments[i].time) ||
            (how != SJ__FUNNEL_GOES_ON && (moments[i].time > moments[*at].time ||
                                           (moments[i].time == moments[*at].time && !removes))))
            continue;
        how = removes ? SJ__FUNNEL_REMOVED : SJ__FUNNEL_BARRED;
        *at = i;
    }
    return how;
}

/* ---- one attempt ---- */

static void grace_put(grace_replay *replay, size_t i)
{
    const int64_t time = replay->moments[i].time;
    if (replay->level == 0 || time > replay->moments[replay->latest].time)
        replay->latest = (uint32_t)i;
    replay->filled[++replay->level] = (uint32_t)i;
}

/* The first moment from `start` on that can be an entry; n: none. */
static size_t grace_entry(grace_replay *replay, size_t start)
{
    const sj__funnel_path_rules *rules = replay->rules;
    size_t *at = &replay->step_at[1];
    *at = *at > start ? *at : start;
    while (*at < replay->n &&
           (!grace_matches(&replay->moments[*at], 1) ||
            (rules->has_entry_from && replay->moments[*at].time < rules->entry_from)))
        ++*at;
    return *at < replay->n && rules->has_entry_to && replay->moments[*at].time >= rules->entry_to
               ? replay->n
               : *at;
}

/* The first moment from `start` on that can fill the step behind the level; n: none. */
static size_t grace_next(grace_replay *replay, size_t start)
{
    const sj__funnel_moment *moments = replay->moments;
    const uint32_t step = replay->level + 1;
    const int64_t latest = moments[replay->latest].time;
    size_t *at = &replay->step_at[step];
    *at = *at > start ? *at : start;
    while (*at < replay->n && (grace_is_beyond(replay->rules, latest, moments[*at].time) ||
                               !grace_matches(&moments[*at], step) || grace_is_used(replay, *at)))
        ++*at;
    return *at < replay->n && (!grace_in_window(replay, moments[*at].time) ||
                               grace_is_barred(replay, moments[*at].time))
               ? replay->n
               : *at;
}

/* An attempt by moments from `start` on, up to `level`. */
static void grace_run(grace_replay *replay, size_t start, uint32_t level)
{
    size_t at = grace_entry(replay, start);
    while (at < replay->n) {
        grace_put(replay, grace_pick(replay, replay->level + 1, at));
        if (replay->level == level)
            return;
        grace_look_behind(replay);
        at = grace_next(replay, start);
    }
}

/* ---- passes ---- */

/* Where the attempts behind this one begin to look; n: there are none. */
static size_t grace_behind(const grace_replay *replay, int32_t how, size_t ended)
{
    const sj__funnel_moment *moments = replay->moments;
    const int64_t latest = moments[replay->latest].time;
    size_t i = replay->latest;
    if (replay->level < replay->rules->n_steps && how == SJ__FUNNEL_GOES_ON &&
        replay->rules->window == UINT64_MAX)
        return replay->n;
    while (i < replay->n && (moments[i].time <= latest ||
                             (replay->level < replay->rules->n_steps &&
                              (how == SJ__FUNNEL_GOES_ON ? grace_in_window(replay, moments[i].time)
                                                         : moments[i].time < moments[ended].time))))
        i++;
    return i;
}

static sj_status grace_find(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                            sj_error *error)
{
    grace_replay *replay = finder->state;
    const sj__funnel_path_rules *rules = replay->rules;
    sj_status status = SJ_OK;
    grace_begin(replay, moments, n, 0);
    for (size_t start = 0; start < n && status == SJ_OK;) {
        grace_run(replay, start, rules->n_steps);
        if (replay->level == 0)
            return SJ_OK;
        sj__funnel_attempt attempt = {.level = replay->level,
                                      .entered = 1,
                                      .entry = replay->filled[1],
                                      .at = replay->latest,
                                      .fills = replay->level,
                                      .number = start};
        size_t ended = replay->latest;
        attempt.how = grace_ended(replay, &ended);
        attempt.ended = (uint32_t)ended;
        status = sj__funnel_finder_add(finder, &attempt, error);
        start = rules->attempt == SJ_ATTEMPT_FIRST ? n : grace_behind(replay, attempt.how, ended);
        grace_clear(replay);
    }
    return status;
}

static sj_status grace_trace(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                             const sj__funnel_attempt *attempt, sj_error *error)
{
    grace_replay *replay = finder->state;
    (void)error;
    grace_begin(replay, moments, n, (size_t)attempt->number);
    for (uint32_t x = 0; x < replay->rules->n_exclusions; x++) /* none has kept it from its fills */
        replay->barred_at[x] = n;
    grace_run(replay, (size_t)attempt->number, attempt->level);
    (void)SJ__NEVER(replay->level != attempt->level);
    return SJ_OK;
}

const sj__funnel_method sj__funnel_replay_grace_method = {
    .text = "replays with grace on decoded journeys: a cursor per step",
    .init = grace_init,
    .free = grace_free,
    .find = grace_find,
    .trace = grace_trace,
};
