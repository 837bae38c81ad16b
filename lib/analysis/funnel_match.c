/* The matcher: which attempt speaks for a customer, in time linear in the events, for attempt best
 * and steps in order.
 *
 * Each instant (all events at one time) is looked at once.  A step keeps the newest pair (last,
 * entry): of all attempts that have filled it, the one with the latest entry.  Since an attempt
 * that has filled step k has filled k − 1 before, entries never rise from step to step; so the
 * newest pair of the step before is the best there is to go on from, and one check against the
 * window is exact.  An event uses nothing up: it may serve several attempts.
 *
 * Inside an instant any order of events is allowed.  Step b is filled there by an attempt that
 * fills c … b there and c − 1 before, where c … b must have distinct events (unless reuse).  The
 * best entry belongs to the smallest such c; and if c … b can be filled, so can every shorter run
 * in it.  So one assignment slides along the steps: b is added, and while that fails c is taken
 * off.  (Gaps or optional steps will break the order of the entries; then each c has its own
 * assignment.)
 *
 * Selected: the longest attempt; of these the earliest completed; of these the latest entered: the
 * pair of the highest level at the instant that first reached it.  Its steps in between come from a
 * second pass over [entry, completion] only, which fills each step as early as it can be.
 *
 * O(events · steps); inside an instant with n events O(n · steps + steps · edges), edges at most
 * steps², whatever n is. Without gaps this is the scan of ClickHouse's windowFunnel, made exact
 * inside an instant. */
#include "analysis/funnel.h"

#include "base/bitmap.h"
#include "base/checked.h"

sj_status sj__funnel_matcher_init(sj__funnel_matcher *matcher, const sj__funnel_rules *rules,
                                  const sj_allocator *allocator, sj_error *error)
{
    const size_t rows = (size_t)rules->n_steps + 1;
    *matcher = (sj__funnel_matcher){.rules = *rules, .allocator = allocator};
    matcher->pairs = sj__alloc(allocator, rows, sizeof *matcher->pairs);
    matcher->runs = sj__alloc(allocator, rows, sizeof *matcher->runs);
    matcher->filled = sj__alloc(allocator, rows, sizeof *matcher->filled);
    if (matcher->pairs != NULL && matcher->runs != NULL && matcher->filled != NULL)
        return sj__assign_init(&matcher->assign, rules->n_steps, allocator, error);
    return sj__fail_nomem(error);
}

void sj__funnel_matcher_free(sj__funnel_matcher *matcher)
{
    const sj_allocator *a = matcher->allocator;
    const size_t rows = (size_t)matcher->rules.n_steps + 1;
    if (a == NULL)
        return;
    sj__free(a, matcher->pairs, rows, sizeof *matcher->pairs);
    sj__free(a, matcher->runs, rows, sizeof *matcher->runs);
    sj__free(a, matcher->filled, rows, sizeof *matcher->filled);
    sj__assign_free(&matcher->assign);
    *matcher = (sj__funnel_matcher){0};
}

static int funnel_within(const sj__funnel_matcher *matcher, int64_t time, int64_t entry)
{
    return sj__time_since(time, entry) <= matcher->rules.window;
}

static void funnel_raise(sj__funnel_matcher *matcher, uint32_t level, int64_t time)
{
    matcher->level = level;
    matcher->completion = time;
    matcher->entry = matcher->pairs[level].entry;
    matcher->beyond = 0;
}

/* Fills one step with a lone event, if some attempt can go on to it. */
static inline void funnel_fill(sj__funnel_matcher *matcher, uint32_t step, int64_t time)
{
    if (step > matcher->level + 1)
        return;
    const int64_t entry = step == 1 ? time : matcher->pairs[step - 1].entry;
    if (funnel_within(matcher, time, entry)) {
        matcher->pairs[step] = (sj__funnel_pair){time, entry};
        if (step > matcher->level)
            funnel_raise(matcher, step, time);
    } else if (step > matcher->level) {
        matcher->beyond = 1;
    }
}

/* An instant with one event: the steps from the last to the first, so that the event fills only one
 * of an attempt; with reuse from the first to the last. */
static void funnel_match_lone(sj__funnel_matcher *matcher, const sj__funnel_moment *moment)
{
    const uint32_t n = moment->n_steps;
    if (matcher->rules.reuse) {
        for (uint32_t i = 0; i < n; i++)
            funnel_fill(matcher, moment->steps[i], moment->time);
    } else {
        for (uint32_t i = n; i-- > 0;)
            funnel_fill(matcher, moment->steps[i], moment->time);
    }
}

/* Offers the events of an instant to the steps from … to. */
static sj_status funnel_offer(sj__funnel_matcher *matcher, const sj__funnel_moment *moments,
                              size_t n, uint32_t from, uint32_t to, sj_error *error)
{
    sj_status status = sj__assign_begin(&matcher->assign, n, error);
    for (size_t e = 0; e < n && status == SJ_OK; e++)
        for (uint32_t i = 0; i < moments[e].n_steps && moments[e].steps[i] <= to; i++)
            if (moments[e].steps[i] >= from && status == SJ_OK)
                status = sj__assign_add(&matcher->assign, moments[e].steps[i], (uint32_t)e, error);
    return status;
}

/* The highest step that an instant of n events can fill when the steps up to `level` were filled
 * before. */
static uint32_t funnel_highest(const sj__funnel_matcher *matcher, uint32_t level, size_t n)
{
    const uint32_t more = matcher->rules.n_steps - level;
    return matcher->rules.reuse || n > more ? matcher->rules.n_steps : level + (uint32_t)n;
}

/* For each step that the instant can fill, the longest run of steps that ends with it; number of
 * runs. */
static size_t funnel_find_runs(sj__funnel_matcher *matcher)
{
    sj__assign *assign = &matcher->assign;
    size_t n = 0;
    uint32_t from = 0, before = 0;
    for (uint32_t s = sj__assign_next(assign, 1); s <= matcher->rules.n_steps;
         s = sj__assign_next(assign, s + 1)) {
        if (from == 0 || before + 1 != s) { /* a new run: it begins with free events */
            for (; !matcher->rules.reuse && from != 0 && from <= before; from++)
                sj__assign_drop(assign, from);
            from = s;
        }
        while (!matcher->rules.reuse && !sj__assign_extend(assign, s)) {
            if (SJ__NEVER(from >= s))
                return n;
            sj__assign_drop(assign, from++);
        }
        if (from > matcher->level + 1)
            break;
        matcher->runs[n++] = (sj__funnel_run){from, s};
        before = s;
    }
    return n;
}

static sj_status funnel_match_instant(sj__funnel_matcher *matcher, const sj__funnel_moment *moments,
                                      size_t n, sj_error *error)
{
    const int64_t time = moments->time;
    const uint32_t level = matcher->level;
    const sj_status status =
        funnel_offer(matcher, moments, n, 1, funnel_highest(matcher, level, n), error);
    if (status != SJ_OK)
        return status;
    uint32_t raised = 0;
    for (size_t r = funnel_find_runs(matcher); r-- > 0;) { /* downwards: pairs read are of before */
        const sj__funnel_run run = matcher->runs[r];
        const int64_t entry = run.from == 1 ? time : matcher->pairs[run.from - 1].entry;
        if (!funnel_within(matcher, time, entry))
            continue;
        matcher->pairs[run.to] = (sj__funnel_pair){time, entry};
        if (raised == 0)
            raised = run.to;
    }
    if (raised > level)
        funnel_raise(matcher, raised, time);
    else if (sj__assign_next(&matcher->assign, level + 1) == level + 1)
        matcher->beyond = 1;
    return SJ_OK;
}

/* Moments from `i` on at one time. */
static size_t funnel_instant(const sj__funnel_moment *moments, size_t i, size_t n)
{
    size_t j = i + 1;
    while (j < n && moments[j].time == moments[i].time)
        j++;
    return j - i;
}

sj_status sj__funnel_match(sj__funnel_matcher *matcher, const sj__funnel_moment *moments, size_t n,
                           sj_error *error)
{
    sj_status status = SJ_OK;
    matcher->level = 0;
    matcher->beyond = 0;
    for (size_t i = 0, at; i < n && matcher->level < matcher->rules.n_steps; i += at) {
        at = funnel_instant(moments, i, n);
        if (at == 1)
            funnel_match_lone(matcher, &moments[i]);
        else if ((status = funnel_match_instant(matcher, &moments[i], at, error)) != SJ_OK)
            return status;
    }
    return SJ_OK;
}

/* ---- second pass ---- */

static size_t funnel_find_time(const sj__funnel_moment *moments, size_t n, int64_t time)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (moments[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int funnel_fills(const sj__funnel_moment *moment, uint32_t step)
{
    uint32_t i = 0;
    while (i < moment->n_steps && moment->steps[i] < step)
        i++;
    return i < moment->n_steps && moment->steps[i] == step;
}

/* Goes on from `level` by the instant at moments[i]: as far as it can, by the lowest rows. */
static sj_status funnel_trace_instant(sj__funnel_matcher *matcher, const sj__funnel_moment *moments,
                                      size_t i, size_t n, uint32_t *level, sj_error *error)
{
    sj__assign *assign = &matcher->assign;
    uint32_t to = *level, most = funnel_highest(matcher, to, n);
    if (most > matcher->level)
        most = matcher->level;
    const sj_status status = funnel_offer(matcher, &moments[i], n, to + 1, most, error);
    if (status != SJ_OK)
        return status;
    while (to < most && sj__assign_next(assign, to + 1) == to + 1 &&
           (matcher->rules.reuse || sj__assign_extend(assign, to + 1)))
        to++;
    if (!matcher->rules.reuse)
        sj__assign_lowest(assign, *level + 1, to);
    for (uint32_t s = *level + 1; s <= to; s++)
        matcher->filled[s] =
            (uint32_t)i + (matcher->rules.reuse ? sj__assign_lowest_offer(assign, s)
                                                : sj__assign_event_of(assign, s));
    *level = to;
    return SJ_OK;
}

sj_status sj__funnel_trace(sj__funnel_matcher *matcher, const sj__funnel_moment *moments, size_t n,
                           sj_error *error)
{
    uint32_t level = 0;
    size_t at = 0;
    for (size_t i = funnel_find_time(moments, n, matcher->entry); i < n && level < matcher->level;
         i += at) {
        at = funnel_instant(moments, i, n);
        if (at > 1) {
            const sj_status status = funnel_trace_instant(matcher, moments, i, at, &level, error);
            if (status != SJ_OK)
                return status;
        } else {
            while (level < matcher->level && funnel_fills(&moments[i], level + 1)) {
                matcher->filled[++level] = (uint32_t)i;
                if (!matcher->rules.reuse)
                    break;
            }
        }
    }
    (void)SJ__NEVER(level < matcher->level);
    return SJ_OK;
}
