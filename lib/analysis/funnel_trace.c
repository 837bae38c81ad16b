/* The end of a trace: which steps a run fills, and which events.
 *
 * Of the optional steps inside a run those with the highest numbers are filled, as far as there are
 * events: what is required has distinct events, and adding steps greedily from above to a set that
 * has them gives the best of the largest such sets (matroid).  Of simultaneous events the lowest
 * rows fill, in the order of the steps. */
#include "analysis/funnel_paths.h"
#include "base/checked.h"

static int trace_is_offered(const sj__funnel_paths *paths, uint32_t step)
{
    return paths->assign.steps[step].first != 0;
}

uint32_t sj__funnel_choose_run(sj__funnel_paths *paths, uint32_t from, uint32_t to)
{
    const sj__funnel_path_rules *rules = paths->rules;
    sj__assign *assign = &paths->assign;
    uint32_t n = 0;
    if (from == to) {
        paths->chosen[0] = from;
        return 1;
    }
    for (uint32_t s = from; s <= to && !rules->reuse; s++)
        if (s == from || s == to || !rules->steps[s].optional)
            (void)sj__assign_extend(assign, s);
    for (uint32_t s = to; s-- > from && !rules->reuse;)
        if (rules->steps[s].optional && assign->steps[s].event == 0 && trace_is_offered(paths, s) &&
            sj__funnel_is_usable(paths, s, from))
            (void)sj__assign_extend(assign, s);
    for (uint32_t s = from; s <= to; s++)
        if (rules->reuse ? trace_is_offered(paths, s) && sj__funnel_is_usable(paths, s, from)
                         : assign->steps[s].event != 0)
            paths->chosen[n++] = s;
    sj__funnel_clear_run(paths);
    return n;
}

static uint32_t trace_lowest(const sj__funnel_paths *paths, size_t i, size_t n, uint32_t step)
{
    for (size_t e = i; e < i + n; e++)
        for (uint32_t k = 0; k < paths->moments[e].n_steps; k++)
            if (paths->moments[e].steps[k] == step)
                return (uint32_t)e;
    (void)SJ__NEVER(1);
    return (uint32_t)i;
}

/* The steps chosen[0 … n_chosen) are filled by the instant at i. */
static sj_status trace_fill_instant(sj__funnel_paths *paths, size_t i, uint32_t n_chosen,
                                    sj_error *error)
{
    sj__assign *assign = &paths->assign;
    const size_t n = sj__funnel_instant(paths->rules, paths->moments, i, paths->n);
    if (n_chosen == 1 || paths->rules->reuse) {
        for (uint32_t k = 0; k < n_chosen; k++)
            paths->filled[paths->chosen[k]] = trace_lowest(paths, i, n, paths->chosen[k]);
        return SJ_OK;
    }
    sj_status status = sj__assign_begin(assign, n, error);
    for (size_t e = 0; e < n; e++) {
        const sj__funnel_moment *moment = &paths->moments[i + e];
        for (uint32_t k = 0, c = 0; k < moment->n_steps && c < n_chosen; k++) {
            while (c < n_chosen && paths->chosen[c] < moment->steps[k])
                c++;
            if (c < n_chosen && paths->chosen[c] == moment->steps[k] && status == SJ_OK)
                status = sj__assign_add(assign, moment->steps[k], (uint32_t)e, error);
        }
    }
    if (status != SJ_OK)
        return status;
    for (uint32_t c = 0; c < n_chosen; c++)
        (void)sj__assign_extend(assign, paths->chosen[c]);
    sj__assign_lowest(assign, paths->chosen[0], paths->chosen[n_chosen - 1]);
    for (uint32_t c = 0; c < n_chosen; c++)
        paths->filled[paths->chosen[c]] =
            (uint32_t)i + sj__assign_event_of(assign, paths->chosen[c]);
    return SJ_OK;
}

sj_status sj__funnel_trace_fill(sj__funnel_paths *paths, sj_error *error)
{
    const sj__funnel_made *made = &paths->credit[paths->level];
    sj_status status = SJ_OK;
    for (uint32_t k = 0; k <= paths->rules->n_steps; k++)
        paths->filled[k] = SJ__FUNNEL_NO_MOMENT;
    if (SJ__NEVER(made->stamp != paths->traced.at + 1))
        return SJ_OK;
    for (uint32_t node = made->way.node; node != 0 && status == SJ_OK;) {
        const uint32_t at = paths->nodes[node - 1].at;
        uint32_t first = 0, n = 0;
        for (uint32_t b = node; b != 0 && paths->nodes[b - 1].at == at;
             b = paths->nodes[b - 1].before)
            n++;
        for (first = n; node != 0 && paths->nodes[node - 1].at == at;
             node = paths->nodes[node - 1].before)
            paths->chosen[--first] = paths->nodes[node - 1].step;
        status = trace_fill_instant(paths, at, n, error);
    }
    return status;
}

/* ---- exclusions at the completion ---- */

/* The moment at which the traced way had reached a level. */
static uint32_t trace_when(const sj__funnel_paths *paths, uint32_t level)
{
    const sj__funnel_step *step = &paths->rules->steps[level];
    uint32_t when = paths->filled[level];
    if (level == step->block && step->block_end > level) { /* the first fill of a block */
        for (uint32_t s = level; s <= step->block_end; s++)
            when = paths->filled[s] < when ? paths->filled[s] : when;
    } else { /* the last; elsewhere the only one */
        for (uint32_t s = step->block; s < level; s++)
            when = paths->filled[s] > when ? paths->filled[s] : when;
    }
    return when;
}

sj_status sj__funnel_paths_resolve(sj__funnel_paths *paths, const sj__funnel_moment *moments,
                                   size_t n, sj__funnel_attempt *attempt, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    const size_t at = attempt->at, end = at + sj__funnel_instant(rules, moments, at, n);
    const sj_status status =
        sj__funnel_paths_trace(paths, moments, n, attempt->level, attempt, error);
    attempt->unsure = 0;
    if (status != SJ_OK)
        return status;
    for (size_t e = at; e < end; e++) {
        for (uint32_t k = 0; k < moments[e].n_steps; k++) {
            if (moments[e].steps[k] <= rules->n_steps)
                continue;
            const sj__funnel_exclusion *x =
                &paths->exclusions[moments[e].steps[k] - rules->n_steps - 1];
            if (x->from >= attempt->level || attempt->level >= x->to ||
                trace_when(paths, x->from) >= at) /* at its own time it does not count */
                continue;
            if (attempt->ended != at || attempt->how != SJ__FUNNEL_REMOVED)
                attempt->how = x->removes ? SJ__FUNNEL_REMOVED : SJ__FUNNEL_BARRED;
            attempt->ended = (uint32_t)at;
        }
    }
    return SJ_OK;
}
