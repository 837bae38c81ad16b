/* The attempts of the highest level, one per instant that completes such, and what ends them:
 * exclusions, a breach of adjacency, their limit.  For the general matcher (funnel_paths.c). */
#include "analysis/funnel_paths.h"
#include "base/checked.h"

void sj__funnel_see_exclusions(sj__funnel_paths *paths, size_t i, size_t n)
{
    const uint32_t n_steps = paths->rules->n_steps;
    for (uint32_t x = 0; x < paths->n_active; x++)
        paths->is_active[paths->active[x]] = 0;
    paths->n_active = 0;
    for (size_t e = i; e < i + n; e++) {
        const sj__funnel_moment *moment = &paths->moments[e];
        for (uint32_t k = moment->n_steps; k-- > 0 && moment->steps[k] > n_steps;) {
            const uint32_t x = moment->steps[k] - n_steps - 1;
            if (!paths->is_active[x])
                paths->active[paths->n_active++] = x;
            paths->is_active[x] = 1;
        }
    }
}

/* What exclusions in this instant do to an attempt of level `level` that had filled all steps below
 * `filled` before. */
static int32_t ends_barred(const sj__funnel_paths *paths, uint32_t level, uint32_t filled)
{
    int32_t how = SJ__FUNNEL_GOES_ON;
    for (uint32_t i = 0; i < paths->n_active; i++) {
        const sj__funnel_exclusion *x = &paths->exclusions[paths->active[i]];
        if (x->from < filled && level < x->to && x->from <= level)
            how = x->removes || how == SJ__FUNNEL_REMOVED ? SJ__FUNNEL_REMOVED : SJ__FUNNEL_BARRED;
    }
    return how;
}

static int ends_within_limit(const sj__funnel_paths *paths, const sj__funnel_attempt *end, size_t i)
{
    const sj__funnel_moment *moments = paths->moments;
    return sj__time_since(moments[i].time, moments[end->entry].time) <= paths->rules->window &&
           sj__time_since(moments[i].time, moments[end->at].time) <=
               paths->rules->steps[paths->level].onward_gap;
}

/* What this instant does to the attempts that were complete before it. */
static void ends_settle_ends(sj__funnel_paths *paths, size_t i)
{
    const uint32_t level = paths->level;
    int32_t how = ends_barred(paths, level, level + 1);
    if (how == SJ__FUNNEL_GOES_ON && paths->rules->steps[level].onward_adjacent)
        how = SJ__FUNNEL_BROKEN;
    if (how == SJ__FUNNEL_GOES_ON)
        return;
    for (; paths->first_open < paths->n_ends; paths->first_open++) {
        sj__funnel_attempt *end = &paths->ends[paths->first_open];
        if (end->how != SJ__FUNNEL_GOES_ON)
            continue;
        end->how = ends_within_limit(paths, end, i) ? how : SJ__FUNNEL_PAST;
        end->ended = (uint32_t)i;
    }
}

static sj_status ends_add_end(sj__funnel_paths *paths, size_t i, sj_error *error)
{
    const sj__funnel_made *made = &paths->credit[paths->level];
    const sj_status status =
        sj__grow(paths->allocator, &paths->ends, &paths->ends_capacity, paths->n_ends + 1, error);
    if (status != SJ_OK)
        return status;
    sj__funnel_attempt *end = &paths->ends[paths->n_ends++];
    *end = (sj__funnel_attempt){.level = paths->level,
                                .entered = paths->begin,
                                .entry = made->way.entry,
                                .at = (uint32_t)i,
                                .fills = made->way.fills,
                                .ended = (uint32_t)i};
    if (paths->level == paths->rules->n_steps)
        return SJ_OK;
    if (made->unsure)
        end->unsure = ends_barred(paths, paths->level, paths->level) != SJ__FUNNEL_GOES_ON;
    else
        end->how = ends_barred(paths, paths->level, made->from);
    return SJ_OK;
}

sj_status sj__funnel_rank_ends(sj__funnel_paths *paths, size_t i, sj_error *error)
{
    uint32_t top = 0;
    for (uint32_t m = 0; m < paths->n_made; m++)
        top = paths->made[m] > top ? paths->made[m] : top;
    if (paths->level > 0 && top <= paths->level)
        ends_settle_ends(paths, i);
    if (top > paths->level) {
        paths->level = top;
        paths->n_ends = paths->first_open = 0;
    } else if (top == 0 || top < paths->level || !paths->excludable[top]) {
        return SJ_OK;
    }
    return ends_add_end(paths, i, error);
}
