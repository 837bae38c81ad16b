/* What a replay fills at one instant.
 *
 * Of all that its events allow: the highest level; then the most steps; then the lowest rows in the
 * order of the fills; then the lowest steps.  What is filled is a run: it begins with one of the
 * steps that may come next, as their gaps, adjacency and the window allow, and goes on with steps
 * that have no min_gap, of which only optional ones may be missing below the last.
 *
 * With reuse each step of a run takes the lowest event it is offered; so it does in funnels with
 * blocks, where no event meets two steps.  Else the events are assigned, as in the general matcher:
 * augmenting paths give the level and the number of fills, and then fill after fill takes the
 * lowest row that leaves the rest possible.  Several steps may be able to take it; all of them are
 * gone on from, for a row may be free behind one that is not behind another: what was taken is the
 * same for all, so they differ in their last step alone, and there are no more of them than steps.
 * Sets of steps that have events of their own form a matroid: the required steps can be extended by
 * optional ones, in any order, to as many as there can be. */
#include "analysis/funnel_replay.h"
#include "base/checked.h"

/* ---- steps that the instant may begin with ---- */

/* The first and the last step that may come next; of an attempt that has none filled, step 1 or its
 * block. */
static void instant_next(const sj__funnel_replay *replay, uint32_t *from, uint32_t *to)
{
    const sj__funnel_step *steps = replay->rules->steps;
    *from = replay->level == 0 ? 1 : sj__funnel_next_from(replay->rules, replay->level);
    *to = replay->level == 0 ? steps[1].block_end : steps[replay->level].next;
}

/* Whether the instant at i may fill step k, one of those, as the first here. */
static int instant_fits(const sj__funnel_replay *replay, size_t i, uint32_t k)
{
    const sj__funnel_path_rules *rules = replay->rules;
    const sj__funnel_moment *moments = replay->moments;
    const sj__funnel_step *step = &rules->steps[k];
    const int64_t time = moments[i].time;
    if (replay->level == 0)
        return (!rules->has_entry_from || time >= rules->entry_from) &&
               (!rules->has_entry_to || time < rules->entry_to);
    const uint64_t gap = sj__time_since(time, moments[replay->last].time);
    return replay->filled[k] == SJ__FUNNEL_NO_MOMENT && gap >= step->min_gap &&
           gap <= step->max_gap && (!step->adjacent || replay->last == replay->previous) &&
           sj__time_since(time, moments[replay->entry].time) <= rules->window;
}

/* The level of an attempt at `level` that fills step k too. */
static uint32_t instant_level(const sj__funnel_path_rules *rules, uint32_t level, uint32_t k)
{
    return level < rules->steps[level].block_end ? level + 1 : rules->steps[k].block;
}

static void instant_put(sj__funnel_replay *replay, size_t i, uint32_t k, size_t moment)
{
    if (replay->level == 0)
        replay->entry = (uint32_t)i;
    replay->level = instant_level(replay->rules, replay->level, k);
    replay->last = (uint32_t)i;
    replay->order[replay->n_fills++] = k;
    replay->filled[k] = (uint32_t)moment;
}

/* ---- one event, one step ---- */

static void instant_fill_one(sj__funnel_replay *replay, size_t i)
{
    const sj__funnel_moment *moment = &replay->moments[i];
    uint32_t from, to;
    instant_next(replay, &from, &to);
    for (uint32_t k = moment->n_steps; k-- > 0 && moment->steps[k] >= from;) {
        if (moment->steps[k] > to || !instant_fits(replay, i, moment->steps[k]))
            continue;
        instant_put(replay, i, moment->steps[k], i);
        return;
    }
}

/* ---- runs ---- */

/* What a run comes to. */
typedef struct instant_run {
    uint32_t level, fills;
} instant_run;

static size_t instant_lowest(const sj__funnel_replay *replay, size_t i, uint32_t step)
{
    return i + sj__assign_lowest_offer(&replay->assign, step);
}

/* The first step from s on that the instant offers and that may be filled behind another one of the
 * instant. */
static uint32_t instant_usable(const sj__funnel_replay *replay, uint32_t s)
{
    s = sj__assign_next(&replay->assign, s);
    while (s <= replay->rules->n_steps && replay->rules->steps[s].min_gap != 0)
        s = sj__assign_next(&replay->assign, s + 1);
    return s;
}

/* The run of all steps offered from step s on: where each has events enough. */
static instant_run instant_run_free(const sj__funnel_replay *replay, uint32_t s)
{
    const sj__funnel_path_rules *rules = replay->rules;
    instant_run run = {replay->level, 0};
    while (run.fills == 0 || s <= rules->steps[run.level].next) {
        for (const uint32_t end = rules->steps[s].block_end; s <= end;
             s = sj__assign_next(&replay->assign, s + 1)) {
            if (replay->filled[s] != SJ__FUNNEL_NO_MOMENT)
                continue;
            run.level = instant_level(rules, run.level, s);
            run.fills++;
        }
        if (run.level < rules->steps[run.level].block_end)
            break;
        s = instant_usable(replay, s);
    }
    return run;
}

static void instant_fill_free(sj__funnel_replay *replay, size_t i, uint32_t s, uint32_t fills)
{
    for (; fills > 0; s = instant_usable(replay, s + 1)) {
        if (replay->filled[s] != SJ__FUNNEL_NO_MOMENT)
            continue;
        instant_put(replay, i, s, instant_lowest(replay, i, s));
        fills--;
    }
}

/* The longest run from step s on in which each step has an event of its own; the assignment stays.
 */
static instant_run instant_run_assigned(sj__funnel_replay *replay, uint32_t s)
{
    const sj__funnel_path_rules *rules = replay->rules;
    const uint32_t first = s;
    instant_run run = {0, 0};
    while (run.fills == 0 || s <= rules->steps[run.level].next) {
        if (sj__assign_extend(&replay->assign, s)) {
            run.level = s;
            run.fills++;
        } else if (sj__assign_exchange(&replay->assign, s, replay->is_optional, first)) {
            run.level = s;
        }
        s = instant_usable(replay, s + 1);
    }
    return run;
}

/* Empties the steps from `from` on. */
static void instant_clear(sj__funnel_replay *replay, uint32_t from)
{
    sj__assign *assign = &replay->assign;
    for (uint32_t s = sj__assign_next(assign, from); s <= assign->n_steps;
         s = sj__assign_next(assign, s + 1))
        if (assign->steps[s].event != 0)
            sj__assign_drop(assign, s);
}

/* ---- the lowest rows ---- */

/* Whether step s can be filled by `event`, and `fills` steps behind it up to `top`, all required
 * ones among them; steps before s keep their events. */
static int instant_try(sj__funnel_replay *replay, uint32_t s, uint32_t event, uint32_t fills,
                       uint32_t top)
{
    const uint8_t *is_optional = replay->is_optional;
    sj__assign *assign = &replay->assign;
    uint32_t filled = 0;
    int goes = 1;
    sj__assign_put(assign, s, event);
    for (uint32_t k = instant_usable(replay, s + 1); k <= top && goes;
         k = instant_usable(replay, k + 1))
        if (!is_optional[k] || k == top)
            filled += (uint32_t)(goes = sj__assign_extend_above(assign, k, s));
    for (uint32_t k = instant_usable(replay, s + 1); k < top && goes;
         k = instant_usable(replay, k + 1))
        if (is_optional[k])
            filled += (uint32_t)sj__assign_extend_above(assign, k, s);
    instant_clear(replay, s);
    return goes && filled == fills;
}

/* The lowest event, lower than `below`, that may fill step s in such a way; `below` if there is
 * none. */
static uint32_t instant_lower(sj__funnel_replay *replay, uint32_t s, uint32_t below, uint32_t fills,
                              uint32_t top)
{
    const sj__assign *assign = &replay->assign;
    for (uint32_t o = assign->steps[s].first; o != 0; o = assign->offers[o - 1].next) {
        const uint32_t event = assign->offers[o - 1].event;
        if (event >= below)
            break;
        if (assign->events[event].step == 0 && instant_try(replay, s, event, fills, top))
            return event;
    }
    return below;
}

/* Fills a run that leaves nothing out. */
static void instant_fill_all(sj__funnel_replay *replay, size_t i, instant_run run)
{
    sj__assign *assign = &replay->assign;
    const uint32_t first = replay->firsts[0];
    for (uint32_t s = first; s <= run.level; s++)
        (void)sj__assign_extend(assign, s);
    sj__assign_lowest(assign, first, run.level);
    for (uint32_t s = first; s <= run.level; s++)
        instant_put(replay, i, s, i + sj__assign_event_of(assign, s));
}

/* The step s as the next fill behind `before`, if it can take a row no higher than that of the
 * branches from `begin` on; a lower one throws these out. */
static sj_status instant_branch(sj__funnel_replay *replay, uint32_t s, size_t before, size_t begin,
                                uint32_t left, uint32_t top, sj_error *error)
{
    uint32_t below = UINT32_MAX;
    for (size_t b = begin; b < replay->n_branches; b++) {
        if (replay->branches[b].step == s)
            return SJ_OK;
        below = replay->branches[b].event + 1;
    }
    const uint32_t event = instant_lower(replay, s, below, left, top);
    if (event == below)
        return SJ_OK;
    if (event + 1 < below)
        replay->n_branches = begin;
    const sj_status status = sj__grow(replay->assign.allocator, &replay->branches,
                                      &replay->branches_capacity, replay->n_branches + 1, error);
    if (status == SJ_OK)
        replay->branches[replay->n_branches++] = (sj__funnel_branch){s, event, (uint32_t)before};
    return status;
}

/* All branches of one more fill, behind those from `first` on; of the first fill, behind none. */
static sj_status instant_spread(sj__funnel_replay *replay, size_t first, uint32_t left,
                                uint32_t top, sj_error *error)
{
    const sj__funnel_step *steps = replay->rules->steps;
    const size_t begin = replay->n_branches;
    sj_status status = SJ_OK;
    for (uint32_t c = 0; begin == 0 && c < replay->n_firsts && status == SJ_OK; c++)
        status = instant_branch(replay, replay->firsts[c], 0, begin, left, top, error);
    for (size_t b = first; b < begin && status == SJ_OK; b++) {
        const uint32_t step = replay->branches[b].step;
        for (uint32_t s = instant_usable(replay, step + 1);
             s <= top && s <= steps[step].next && status == SJ_OK;
             s = instant_usable(replay, s + 1))
            status = instant_branch(replay, s, b + 1, begin, left, top, error);
    }
    if (status == SJ_OK && !SJ__NEVER(replay->n_branches == begin))
        sj__assign_take(&replay->assign, replay->branches[begin].event);
    return status;
}

/* Fills a run of so many steps up to run.level, where steps may be left out. */
static sj_status instant_fill_lowest(sj__funnel_replay *replay, size_t i, instant_run run,
                                     sj_error *error)
{
    uint32_t *chosen = replay->order + replay->n_fills; /* of branches, then of steps */
    size_t first = 0;
    sj_status status = SJ_OK;
    replay->n_branches = 0;
    for (uint32_t left = run.fills; left-- > 0 && status == SJ_OK;) {
        const size_t begin = replay->n_branches;
        status = instant_spread(replay, first, left, run.level, error);
        first = begin;
    }
    if (status != SJ_OK)
        return status;
    uint32_t at = (uint32_t)first + 1;
    for (uint32_t k = run.fills; k-- > 0; at = replay->branches[at - 1].before)
        chosen[k] = at - 1;
    for (uint32_t k = 0; k < run.fills; k++) {
        const sj__funnel_branch *branch = &replay->branches[chosen[k]];
        instant_put(replay, i, branch->step, i + branch->event);
    }
    return SJ_OK;
}

/* ---- an instant ---- */

/* Offers the events of an instant to the steps that there are. */
static sj_status instant_load(sj__funnel_replay *replay, size_t i, size_t n, sj_error *error)
{
    const uint32_t n_steps = replay->rules->n_steps;
    sj_status status = sj__assign_begin(&replay->assign, n, error);
    for (size_t e = 0; e < n && status == SJ_OK; e++) {
        const sj__funnel_moment *moment = &replay->moments[i + e];
        for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= n_steps; k++)
            if (status == SJ_OK)
                status = sj__assign_add(&replay->assign, moment->steps[k], (uint32_t)e, error);
    }
    return status;
}

/* Each event meets one step, or may fill all that it meets. */
static int instant_is_free(const sj__funnel_path_rules *rules)
{
    return rules->reuse || rules->strict || rules->any_block;
}

/* The best run, and into `firsts` the steps that begin such a one, of a block only one. */
static instant_run instant_choose(sj__funnel_replay *replay, size_t i)
{
    const sj__funnel_path_rules *rules = replay->rules;
    instant_run best = {0, 0};
    uint32_t from, to;
    instant_next(replay, &from, &to);
    replay->n_firsts = 0;
    for (uint32_t s = sj__assign_next(&replay->assign, from); s <= to;
         s = sj__assign_next(&replay->assign, s + 1)) {
        if (!instant_fits(replay, i, s))
            continue;
        instant_run run = {s, 1};
        if (!rules->strict)
            run = instant_is_free(rules) ? instant_run_free(replay, s)
                                         : instant_run_assigned(replay, s);
        instant_clear(replay, 1);
        if (run.level > best.level || (run.level == best.level && run.fills > best.fills)) {
            best = run;
            replay->n_firsts = 0;
        }
        if (run.level == best.level && run.fills == best.fills)
            replay->firsts[replay->n_firsts++] = s;
        if (s < rules->steps[s].block_end)
            break;
    }
    return best;
}

static sj_status instant_fill(sj__funnel_replay *replay, size_t i, sj_error *error)
{
    const instant_run run = instant_choose(replay, i);
    uint32_t first = replay->firsts[0];
    if (run.fills == 0)
        return SJ_OK;
    for (uint32_t c = 1; c < replay->n_firsts; c++)
        if (instant_lowest(replay, i, replay->firsts[c]) < instant_lowest(replay, i, first))
            first = replay->firsts[c];
    if (instant_is_free(replay->rules))
        instant_fill_free(replay, i, first, run.fills);
    else if (run.fills == run.level - replay->level)
        instant_fill_all(replay, i, run);
    else
        return instant_fill_lowest(replay, i, run, error);
    return SJ_OK;
}

sj_status sj__funnel_replay_fill(sj__funnel_replay *replay, size_t i, size_t n, uint32_t *out,
                                 sj_error *error)
{
    const sj__funnel_path_rules *rules = replay->rules;
    const uint32_t before = replay->n_fills;
    sj_status status = SJ_OK;
    if (n == 1 && (!rules->reuse || rules->strict)) {
        instant_fill_one(replay, i);
    } else {
        status = instant_load(replay, i, n, error);
        if (status == SJ_OK)
            status = instant_fill(replay, i, error);
    }
    *out = replay->n_fills - before;
    return status;
}
