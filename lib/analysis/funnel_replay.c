/* Replays: attempt first, one from the first entry; attempt each, one after another.
 *
 * A replay goes, at every instant (all events at one time; with tie input one event), as far as it
 * can (funnel_replay_instant.c), and what it has filled stays.  It ends
 *     with the last step;
 *     by an exclusion: at an instant that has its event, if the exclusion's first step was filled before and its last is not now;
 *     by an event that fills nothing, while all steps that may come next are adjacent;
 *     when its limit has passed: entry + window, or last filled + the greatest max_gap of the steps that may come next.
 * The next begins with the first entry behind: at the very instant that ended the one before,
 * unless that filled a step there.  So no instant is looked at by more than two replays, and a
 * trace is the replay once more, from its entry to its completion: replays of a part do not
 * overlap.  O(n) for given steps, memory O(steps) beside what is found. */
#include "analysis/funnel_replay.h"

#include <sojourn/funnel.h>

#include "base/checked.h"

static sj_status replay_init(sj__funnel_finder *finder, sj_error *error)
{
    const sj__funnel_path_rules *rules = finder->rules;
    const sj_allocator *a = finder->allocator;
    const size_t rows = (size_t)rules->n_steps + 1;
    sj__funnel_replay *replay = sj__alloc_zeroed(a, 1, sizeof *replay);
    finder->state = replay;
    if (replay == NULL)
        return sj__fail_nomem(error);
    replay->rules = rules;
    replay->filled = finder->filled;
    const sj_status status = sj__assign_init(&replay->assign, rules->n_steps, a, error);
    replay->order = sj__alloc(a, rows, sizeof *replay->order);
    replay->firsts = sj__alloc(a, rows, sizeof *replay->firsts);
    replay->is_optional = sj__alloc_zeroed(a, rows, sizeof *replay->is_optional);
    if (status == SJ_OK &&
        (replay->order == NULL || replay->firsts == NULL || replay->is_optional == NULL))
        return sj__fail_nomem(error);
    for (size_t k = 0; k < rows && status == SJ_OK; k++) {
        replay->is_optional[k] = rules->steps[k].optional != 0;
        replay->filled[k] = SJ__FUNNEL_NO_MOMENT;
    }
    return status;
}

static void replay_free(sj__funnel_finder *finder)
{
    sj__funnel_replay *replay = finder->state;
    const sj_allocator *a = finder->allocator;
    const size_t rows = (size_t)finder->rules->n_steps + 1;
    if (replay == NULL)
        return;
    sj__free(a, replay->order, rows, sizeof *replay->order);
    sj__free(a, replay->firsts, rows, sizeof *replay->firsts);
    sj__free(a, replay->branches, replay->branches_capacity, sizeof *replay->branches);
    sj__free(a, replay->is_optional, rows, sizeof *replay->is_optional);
    sj__assign_free(&replay->assign);
    sj__free(a, replay, 1, sizeof *replay);
}

/* No attempt is under way. */
static void replay_clear(sj__funnel_replay *replay)
{
    while (replay->n_fills > 0)
        replay->filled[replay->order[--replay->n_fills]] = SJ__FUNNEL_NO_MOMENT;
    replay->level = 0;
}

static void replay_begin(sj__funnel_replay *replay, const sj__funnel_moment *moments, size_t n)
{
    replay_clear(replay);
    replay->moments = moments;
    replay->n = n;
    replay->previous = SJ__FUNNEL_NO_MOMENT;
}

/* ---- the end of an attempt ---- */

static int replay_is_past(const sj__funnel_replay *replay, size_t i)
{
    const sj__funnel_moment *moments = replay->moments;
    const int64_t time = moments[i].time;
    return sj__time_since(time, moments[replay->entry].time) > replay->rules->window ||
           sj__time_since(time, moments[replay->last].time) >
               replay->rules->steps[replay->level].onward_gap;
}

/* What exclusions in the n moments at i do to the attempt, which was at level `before` before them.
 */
static int32_t replay_barred(const sj__funnel_replay *replay, size_t i, size_t n, uint32_t before)
{
    const uint32_t n_steps = replay->rules->n_steps;
    int32_t how = SJ__FUNNEL_GOES_ON;
    for (size_t e = i; e < i + n && replay->rules->n_exclusions > 0; e++) {
        const sj__funnel_moment *moment = &replay->moments[e];
        for (uint32_t k = moment->n_steps; k-- > 0 && moment->steps[k] > n_steps;) {
            const sj__funnel_exclusion *x =
                &replay->rules->exclusions[moment->steps[k] - n_steps - 1];
            if (x->from <= before && replay->level < x->to && how != SJ__FUNNEL_REMOVED)
                how = x->removes ? SJ__FUNNEL_REMOVED : SJ__FUNNEL_BARRED;
        }
    }
    return how;
}

/* Puts the attempt down, which the instant at i has ended, or the end of the part. */
static sj_status replay_close(sj__funnel_finder *finder, size_t i, int32_t how, sj_error *error)
{
    sj__funnel_replay *replay = finder->state;
    const sj__funnel_attempt attempt = {.level = replay->level,
                                        .entered = 1,
                                        .entry = replay->entry,
                                        .at = replay->last,
                                        .fills = replay->n_fills,
                                        .ended = (uint32_t)i,
                                        .how = how};
    replay_clear(replay);
    return sj__funnel_finder_add(finder, &attempt, error);
}

/* The attempt under way at the instant at i; *is_free: it has ended and filled nothing here, so
 * that another may begin here. */
static sj_status replay_visit(sj__funnel_finder *finder, size_t i, size_t n, int *is_free,
                              sj_error *error)
{
    sj__funnel_replay *replay = finder->state;
    const sj__funnel_path_rules *rules = replay->rules;
    const uint32_t before = replay->level;
    uint32_t fills = 0;
    *is_free = replay_is_past(replay, i);
    if (*is_free)
        return replay_close(finder, i, SJ__FUNNEL_PAST, error);
    const sj_status status = sj__funnel_replay_fill(replay, i, n, &fills, error);
    if (status != SJ_OK)
        return status;
    if (replay->level == rules->n_steps)
        return replay_close(finder, i, SJ__FUNNEL_GOES_ON, error);
    int32_t how = replay_barred(replay, i, n, before);
    if (how == SJ__FUNNEL_GOES_ON && fills == 0 && rules->steps[before].onward_adjacent)
        how = SJ__FUNNEL_BROKEN;
    if (how == SJ__FUNNEL_GOES_ON)
        return SJ_OK;
    *is_free = fills == 0;
    return replay_close(finder, i, how, error);
}

/* ---- passes ---- */

static sj_status replay_find(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                             sj_error *error)
{
    sj__funnel_replay *replay = finder->state;
    const sj__funnel_path_rules *rules = replay->rules;
    const size_t most = rules->attempt == SJ_ATTEMPT_FIRST ? finder->n_found + 1 : SIZE_MAX;
    sj_status status = SJ_OK;
    replay_begin(replay, moments, n);
    for (size_t i = 0, at; i < n && finder->n_found < most && status == SJ_OK; i += at) {
        int is_free = replay->level == 0;
        uint32_t fills = 0;
        at = sj__funnel_instant(rules, moments, i, n);
        if (!is_free)
            status = replay_visit(finder, i, at, &is_free, error);
        if (is_free && finder->n_found < most && status == SJ_OK)
            status = sj__funnel_replay_fill(replay, i, at, &fills, error);
        if (status == SJ_OK && fills > 0 && replay->level == rules->n_steps)
            status = replay_close(finder, i, SJ__FUNNEL_GOES_ON, error);
        replay->previous = (uint32_t)i;
    }
    if (status == SJ_OK && replay->level > 0)
        status = replay_close(finder, replay->last, SJ__FUNNEL_GOES_ON, error);
    return status;
}

static sj_status replay_trace(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                              const sj__funnel_attempt *attempt, sj_error *error)
{
    sj__funnel_replay *replay = finder->state;
    sj_status status = SJ_OK;
    uint32_t fills;
    replay_begin(replay, moments, n);
    for (size_t i = attempt->entry, at; i <= attempt->at && status == SJ_OK; i += at) {
        at = sj__funnel_instant(replay->rules, moments, i, n);
        status = sj__funnel_replay_fill(replay, i, at, &fills, error);
        replay->previous = (uint32_t)i;
    }
    (void)SJ__NEVER(status == SJ_OK && replay->level != attempt->level);
    return status;
}

const sj__funnel_method sj__funnel_replay_method = {
    .text = "replays on decoded journeys: one attempt at a time",
    .init = replay_init,
    .free = replay_free,
    .find = replay_find,
    .trace = replay_trace,
};
