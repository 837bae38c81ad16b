/* The general matcher: attempt best and steps in order, with gaps, adjacent and optional steps, ties, exclusions, entry range.
 *
 * Each instant is looked at once: all events at one time, or with tie input one event.  A step keeps a queue of the attempts that may go
 * on to it (funnel_queue.c).  Inside an instant an attempt fills a run of steps c … b, which begins with the best attempt that may go
 * on to c; c, b and the required steps between need distinct events, and optional ones in between are filled as far as events
 * are left: sets of steps that have distinct events form a matroid, so that any such set can be extended to as many steps as any
 * other.  Only c may have a min_gap.  An event uses nothing up: it may serve several attempts.
 *
 * An exclusion in an instant bars what had filled its first step before from going on to its last: queues of the steps
 * between are emptied, and of the runs of this instant only such are kept as fill the first step here.  What was reached
 * at the instant itself counts all the same.
 *
 * Selected: the longest attempt, of these the earliest completed, of these the latest entered, then the most steps filled; so
 * one per instant is all that can be asked for.  Where an exclusion has ended that one, the next of the same level completed later
 * takes its place: with exclusions all such ends are kept.  The steps in between come from a trace of [entry, completion].
 *
 * O(n) for given steps; memory O(n) at most. */
#include <string.h>

#include "analysis/funnel_paths.h"
#include "base/checked.h"

sj_status sj__funnel_paths_init(sj__funnel_paths *paths, const sj__funnel_path_rules *rules,
                                const sj_allocator *a, sj_error *error)
{
    const size_t rows = (size_t)rules->n_steps + 1;
    *paths = (sj__funnel_paths){.rules = rules, .allocator = a};
    sj_status status = sj__assign_init(&paths->assign, rules->n_steps, a, error);
    paths->queues = sj__alloc_zeroed(a, rows, sizeof *paths->queues);
    paths->credit = sj__alloc_zeroed(a, rows, sizeof *paths->credit);
    paths->kept = sj__alloc_zeroed(a, rows, sizeof *paths->kept);
    paths->made = sj__alloc(a, rows, sizeof *paths->made);
    paths->chosen = sj__alloc(a, rows, sizeof *paths->chosen);
    paths->reached = sj__alloc(a, rows, sizeof *paths->reached);
    paths->runs = sj__alloc(a, rows, sizeof *paths->runs);
    paths->filled = sj__alloc(a, rows, sizeof *paths->filled);
    paths->is_optional = sj__alloc_zeroed(a, rows, sizeof *paths->is_optional);
    paths->active = sj__alloc(a, rules->n_exclusions, sizeof *paths->active);
    paths->is_active = sj__alloc_zeroed(a, rules->n_exclusions, sizeof *paths->is_active);
    if (status == SJ_OK &&
        (paths->queues == NULL || paths->credit == NULL || paths->kept == NULL ||
         paths->made == NULL || paths->chosen == NULL || paths->reached == NULL ||
         paths->runs == NULL || paths->filled == NULL || paths->is_optional == NULL ||
         paths->active == NULL || paths->is_active == NULL))
        status = sj__fail_nomem(error);
    if (status != SJ_OK) {
        sj__funnel_paths_free(paths);
        return status;
    }
    for (size_t k = 1; k < rows; k++)
        paths->is_optional[k] = rules->steps[k].optional != 0;
    return SJ_OK;
}

void sj__funnel_paths_free(sj__funnel_paths *paths)
{
    const sj_allocator *a = paths->allocator;
    if (a == NULL)
        return;
    const size_t rows = (size_t)paths->rules->n_steps + 1;
    for (size_t k = 0; k < rows && paths->queues != NULL; k++)
        sj__free(a, paths->queues[k].ways, paths->queues[k].capacity, sizeof(sj__funnel_way));
    sj__free(a, paths->queues, rows, sizeof *paths->queues);
    sj__free(a, paths->credit, rows, sizeof *paths->credit);
    sj__free(a, paths->kept, rows, sizeof *paths->kept);
    sj__free(a, paths->made, rows, sizeof *paths->made);
    sj__free(a, paths->chosen, rows, sizeof *paths->chosen);
    sj__free(a, paths->reached, rows, sizeof *paths->reached);
    sj__free(a, paths->runs, rows, sizeof *paths->runs);
    sj__free(a, paths->filled, rows, sizeof *paths->filled);
    sj__free(a, paths->is_optional, rows, sizeof *paths->is_optional);
    sj__free(a, paths->active, paths->rules->n_exclusions, sizeof *paths->active);
    sj__free(a, paths->is_active, paths->rules->n_exclusions, sizeof *paths->is_active);
    sj__free(a, paths->ends, paths->ends_capacity, sizeof *paths->ends);
    sj__free(a, paths->nodes, paths->nodes_capacity, sizeof *paths->nodes);
    sj__assign_free(&paths->assign);
    *paths = (sj__funnel_paths){0};
}

/* ---- what a run makes ---- */

/* The last step that a run may have begun with and still be let go on from level `to`. */
static uint32_t paths_bar(const sj__funnel_paths *paths, uint32_t to)
{
    uint32_t bar = paths->rules->n_steps;
    for (uint32_t i = 0; i < paths->n_active; i++) {
        const sj__funnel_exclusion *x = &paths->rules->exclusions[paths->active[i]];
        if (x->from <= to && to < x->to && x->from < bar)
            bar = x->from;
    }
    return bar;
}

/* Puts a way into its place, if it is the best there. */
static void paths_offer(const sj__funnel_paths *paths, sj__funnel_made *place, uint32_t stamp,
                        const sj__funnel_made *new)
{
    if (place->stamp != stamp || sj__funnel_is_better(paths, &new->way, &place->way)) {
        *place = *new;
    } else if (!paths->tracing && !sj__funnel_is_better(paths, &place->way, &new->way)) {
        /* As good so far.  Fewer steps at the last time mean that the one before came earlier; beyond that a trace must tell. */
        if (new->run < place->run && !paths->rules->by_row)
            *place = *new;
        else if (new->run == place->run || paths->rules->by_row)
            place->unsure = 1;
    }
}

/* The steps of a run as nodes. */
static sj_status paths_add_nodes(sj__funnel_paths *paths, uint32_t i, uint32_t from, uint32_t to,
                                 sj__funnel_way *way, sj_error *error)
{
    const uint32_t n = sj__funnel_choose_run(paths, from, to);
    if (paths->n_nodes + n > UINT32_MAX)
        return sj__fail(error, SJ_ERR_LIMIT, "a customer's attempts have more than 2^32 fills");
    const sj_status status = sj__grow(paths->allocator, &paths->nodes, &paths->nodes_capacity,
                                      paths->n_nodes + n, error);
    for (uint32_t k = 0; k < n && status == SJ_OK; k++) {
        paths->nodes[paths->n_nodes++] = (sj__funnel_node){way->node, i, paths->chosen[k]};
        way->node = (uint32_t)paths->n_nodes;
    }
    return status;
}

/* The instant i has filled steps from … to, `run` of them, behind the way `before`. */
static sj_status paths_make(sj__funnel_paths *paths, size_t i, uint32_t from, uint32_t to,
                            uint32_t run, const sj__funnel_way *before, sj_error *error)
{
    const uint32_t stamp = (uint32_t)i + 1;
    const size_t nodes = paths->n_nodes;
    const int last = paths->tracing && i == paths->traced.at;
    sj__funnel_made new = {.way = {(uint32_t)i, before->entry, before->fills + run, before->node},
                           .stamp = stamp,
                           .from = from,
                           .run = run};
    sj_status status = SJ_OK;
    const int keeps = from <= paths_bar(paths, to);
    if (paths->tracing && (last ? to != paths->level : !keeps))
        return SJ_OK;
    if (paths->tracing)
        status = paths_add_nodes(paths, (uint32_t)i, from, to, &new.way, error);
    if (status != SJ_OK)
        return status;
    if (paths->credit[to].stamp != stamp)
        paths->made[paths->n_made++] = to;
    paths_offer(paths, &paths->credit[to], stamp, &new);
    if (keeps)
        paths_offer(paths, &paths->kept[to], stamp, &new);
    if (paths->tracing && paths->credit[to].way.node != new.way.node)
        paths->n_nodes = nodes;
    return SJ_OK;
}

/* ---- runs ---- */

int sj__funnel_is_usable(const sj__funnel_paths *paths, uint32_t step, uint32_t from)
{
    return step == from || paths->rules->steps[step].min_gap == 0;
}

/* The way that may begin a run with `step` at moment i; NULL: none. */
static const sj__funnel_way *paths_begin(sj__funnel_paths *paths, uint32_t step, size_t i,
                                         sj__funnel_way *entry)
{
    const sj__funnel_path_rules *rules = paths->rules;
    const int64_t time = paths->moments[i].time;
    if (step > 1)
        return sj__funnel_queue_best(paths, step, i);
    if ((rules->has_entry_from && time < rules->entry_from) ||
        (rules->has_entry_to && time >= rules->entry_to) ||
        (paths->tracing && i != paths->traced.entry))
        return NULL;
    *entry = (sj__funnel_way){(uint32_t)i, (uint32_t)i, 0, 0};
    return entry;
}

static sj_status paths_make_one(sj__funnel_paths *paths, uint32_t step, size_t i, sj_error *error)
{
    sj__funnel_way entry;
    const sj__funnel_way *before = paths_begin(paths, step, i, &entry);
    return before == NULL ? SJ_OK : paths_make(paths, i, step, step, 1, before, error);
}

void sj__funnel_clear_run(sj__funnel_paths *paths)
{
    sj__assign *assign = &paths->assign;
    for (uint32_t s = sj__assign_next(assign, 1); s <= assign->n_steps;
         s = sj__assign_next(assign, s + 1))
        if (assign->steps[s].event != 0)
            sj__assign_drop(assign, s);
}

/* All runs that begin with `from`. */
static sj_status paths_make_runs(sj__funnel_paths *paths, uint32_t from, size_t i, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    sj__assign *assign = &paths->assign;
    sj__funnel_way entry;
    const sj__funnel_way *before = paths_begin(paths, from, i, &entry);
    const sj__funnel_way copy = before != NULL ? *before : (sj__funnel_way){0};
    const uint32_t last = paths->tracing ? paths->level : rules->n_steps;
    uint32_t run = 0, required = from, n = 0;
    if (before == NULL)
        return SJ_OK;
    for (uint32_t s = from; s <= last && rules->steps[s].before <= required;
         s = sj__assign_next(assign, s + 1)) {
        if (!sj__funnel_is_usable(paths, s, from))
            continue;
        if (rules->reuse || sj__assign_extend(assign, s))
            run++;
        else if (!sj__assign_exchange(assign, s, paths->is_optional, from))
            continue;
        if (!rules->steps[s].optional)
            required = s;
        paths->reached[n] = s;
        paths->runs[n++] = run;
    }
    sj__funnel_clear_run(paths);
    sj_status status = SJ_OK;
    for (uint32_t r = 0; r < n && status == SJ_OK; r++)
        status = paths_make(paths, i, from, paths->reached[r], paths->runs[r], &copy, error);
    return status;
}

/* Offers the events of an instant to the steps. */
static sj_status paths_load(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error)
{
    const uint32_t n_steps = paths->rules->n_steps;
    sj_status status = sj__assign_begin(&paths->assign, n, error);
    for (size_t e = 0; e < n && status == SJ_OK; e++) {
        const sj__funnel_moment *moment = &paths->moments[i + e];
        for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= n_steps; k++)
            if (status == SJ_OK)
                status = sj__assign_add(&paths->assign, moment->steps[k], (uint32_t)e, error);
    }
    return status;
}

static sj_status paths_make_all(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    const sj__funnel_moment *moment = &paths->moments[i];
    sj_status status = SJ_OK;
    paths->n_made = 0;
    if (n == 1 && (!rules->reuse || rules->strict)) {
        for (uint32_t k = 0; k < moment->n_steps && status == SJ_OK; k++)
            if (moment->steps[k] <= rules->n_steps)
                status = paths_make_one(paths, moment->steps[k], i, error);
        return status;
    }
    status = paths_load(paths, i, n, error);
    for (uint32_t s = sj__assign_next(&paths->assign, 1); s <= rules->n_steps && status == SJ_OK;
         s = sj__assign_next(&paths->assign, s + 1))
        status = rules->strict ? paths_make_one(paths, s, i, error)
                               : paths_make_runs(paths, s, i, error);
    return status;
}

/* ---- exclusions and ends ---- */

static void paths_find_active(sj__funnel_paths *paths, size_t i, size_t n)
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

/* What exclusions in this instant do to an attempt of level `level` that had filled all steps below `filled` before. */
static int32_t paths_barred(const sj__funnel_paths *paths, uint32_t level, uint32_t filled)
{
    int32_t how = SJ__FUNNEL_GOES_ON;
    for (uint32_t i = 0; i < paths->n_active; i++) {
        const sj__funnel_exclusion *x = &paths->rules->exclusions[paths->active[i]];
        if (x->from < filled && level < x->to && x->from <= level)
            how = x->removes || how == SJ__FUNNEL_REMOVED ? SJ__FUNNEL_REMOVED : SJ__FUNNEL_BARRED;
    }
    return how;
}

static int paths_within_limit(const sj__funnel_paths *paths, const sj__funnel_attempt *end,
                              size_t i)
{
    const sj__funnel_moment *moments = paths->moments;
    return sj__time_since(moments[i].time, moments[end->entry].time) <= paths->rules->window &&
           sj__time_since(moments[i].time, moments[end->at].time) <=
               paths->rules->steps[paths->level].onward_gap;
}

/* What this instant does to the attempts that were complete before it. */
static void paths_settle_ends(sj__funnel_paths *paths, size_t i)
{
    const uint32_t level = paths->level;
    int32_t how = paths_barred(paths, level, level + 1);
    if (how == SJ__FUNNEL_GOES_ON && paths->rules->steps[level].onward_adjacent)
        how = SJ__FUNNEL_BROKEN;
    if (how == SJ__FUNNEL_GOES_ON)
        return;
    for (; paths->first_open < paths->n_ends; paths->first_open++) {
        sj__funnel_attempt *end = &paths->ends[paths->first_open];
        if (end->how != SJ__FUNNEL_GOES_ON)
            continue;
        end->how = paths_within_limit(paths, end, i) ? how : SJ__FUNNEL_PAST;
        end->ended = (uint32_t)i;
    }
}

static sj_status paths_add_end(sj__funnel_paths *paths, size_t i, sj_error *error)
{
    const sj__funnel_made *made = &paths->credit[paths->level];
    const sj_status status =
        sj__grow(paths->allocator, &paths->ends, &paths->ends_capacity, paths->n_ends + 1, error);
    if (status != SJ_OK)
        return status;
    sj__funnel_attempt *end = &paths->ends[paths->n_ends++];
    *end = (sj__funnel_attempt){.level = paths->level,
                                .entered = 1,
                                .entry = made->way.entry,
                                .at = (uint32_t)i,
                                .fills = made->way.fills,
                                .ended = (uint32_t)i};
    if (paths->level == paths->rules->n_steps)
        return SJ_OK;
    if (made->unsure)
        end->unsure = paths_barred(paths, paths->level, paths->level) != SJ__FUNNEL_GOES_ON;
    else
        end->how = paths_barred(paths, paths->level, made->from);
    return SJ_OK;
}

/* Whether this instant has reached the highest level, and what it does to attempts of that level. */
static sj_status paths_rank(sj__funnel_paths *paths, size_t i, sj_error *error)
{
    uint32_t top = 0;
    for (uint32_t m = 0; m < paths->n_made; m++)
        top = paths->made[m] > top ? paths->made[m] : top;
    if (paths->level > 0 && top <= paths->level)
        paths_settle_ends(paths, i);
    if (top > paths->level) {
        paths->level = top;
        paths->n_ends = paths->first_open = 0;
    } else if (top == 0 || top < paths->level || paths->rules->n_exclusions == 0) {
        return SJ_OK;
    }
    return paths_add_end(paths, i, error);
}

/* Attempts of this instant may go on from the next; those that an exclusion bars may not. */
static sj_status paths_hand_on(sj__funnel_paths *paths, size_t i, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    sj_status status = SJ_OK;
    for (uint32_t x = 0; x < paths->n_active; x++) {
        const sj__funnel_exclusion *exclusion = &rules->exclusions[paths->active[x]];
        for (uint32_t s = exclusion->from + 1; s <= exclusion->to; s++) {
            sj__funnel_queue *queue = &paths->queues[s];
            queue->head = queue->ripe = queue->wait = queue->tail = 0;
        }
    }
    for (uint32_t m = 0; m < paths->n_made && status == SJ_OK; m++) {
        const uint32_t level = paths->made[m];
        const sj__funnel_made *made = &paths->kept[level];
        for (uint32_t s = level + 1; s <= rules->steps[level].next && status == SJ_OK; s++)
            if (made->stamp == (uint32_t)i + 1)
                status = sj__funnel_queue_push(paths, s, &made->way, error);
    }
    return status;
}

/* ---- passes ---- */

static void paths_begin_pass(sj__funnel_paths *paths, const sj__funnel_moment *moments, size_t n)
{
    paths->moments = moments;
    paths->n = n;
    paths->previous = SJ__FUNNEL_NO_MOMENT;
    paths->n_nodes = 0;
    for (uint32_t k = 0; k <= paths->rules->n_steps; k++) {
        sj__funnel_queue *queue = &paths->queues[k];
        queue->head = queue->ripe = queue->wait = queue->tail = 0;
        paths->credit[k].stamp = paths->kept[k].stamp = 0;
    }
}

static sj_status paths_visit(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error)
{
    paths_find_active(paths, i, n);
    sj_status status = paths_make_all(paths, i, n, error);
    if (status == SJ_OK && !paths->tracing)
        status = paths_rank(paths, i, error);
    if (status == SJ_OK && !(paths->tracing && i == paths->traced.at))
        status = paths_hand_on(paths, i, error);
    paths->previous = (uint32_t)i;
    return status;
}

sj_status sj__funnel_paths_find(sj__funnel_paths *paths, const sj__funnel_moment *moments, size_t n,
                                sj_error *error)
{
    sj_status status = SJ_OK;
    paths_begin_pass(paths, moments, n);
    paths->tracing = 0;
    paths->level = 0;
    paths->n_ends = paths->first_open = 0;
    for (size_t i = 0, at; i < n && paths->level < paths->rules->n_steps && status == SJ_OK;
         i += at) {
        at = sj__funnel_instant(paths->rules, moments, i, n);
        status = paths_visit(paths, i, at, error);
    }
    return status;
}

sj_status sj__funnel_paths_trace(sj__funnel_paths *paths, const sj__funnel_moment *moments,
                                 size_t n, uint32_t level, const sj__funnel_attempt *end,
                                 sj_error *error)
{
    sj_status status = SJ_OK;
    paths_begin_pass(paths, moments, n);
    paths->tracing = 1;
    paths->level = level;
    paths->traced = *end;
    for (size_t i = end->entry, at; i <= end->at && status == SJ_OK; i += at) {
        at = sj__funnel_instant(paths->rules, moments, i, n);
        status = paths_visit(paths, i, at, error);
    }
    return status == SJ_OK ? sj__funnel_trace_fill(paths, error) : status;
}

/* ---- as a method ---- */

static sj_status paths_method_init(sj__funnel_finder *finder, sj_error *error)
{
    sj__funnel_paths *paths = sj__alloc_zeroed(finder->allocator, 1, sizeof *paths);
    finder->state = paths;
    return paths == NULL ? sj__fail_nomem(error)
                         : sj__funnel_paths_init(paths, finder->rules, finder->allocator, error);
}

static void paths_method_free(sj__funnel_finder *finder)
{
    if (finder->state != NULL)
        sj__funnel_paths_free(finder->state);
    sj__free(finder->allocator, finder->state, 1, sizeof(sj__funnel_paths));
}

static sj_status paths_method_find(sj__funnel_finder *finder, const sj__funnel_moment *moments,
                                   size_t n, sj_error *error)
{
    sj__funnel_paths *paths = finder->state;
    sj_status status = sj__funnel_paths_find(paths, moments, n, error);
    for (size_t i = 0; i < paths->n_ends && status == SJ_OK; i++)
        status = sj__funnel_finder_add(finder, &paths->ends[i], error);
    return status;
}

static sj_status paths_method_trace(sj__funnel_finder *finder, const sj__funnel_moment *moments,
                                    size_t n, const sj__funnel_attempt *attempt, sj_error *error)
{
    sj__funnel_paths *paths = finder->state;
    const sj_status status =
        sj__funnel_paths_trace(paths, moments, n, attempt->level, attempt, error);
    memcpy(finder->filled, paths->filled,
           (paths->rules->n_steps + (size_t)1) * sizeof *paths->filled);
    return status;
}

static sj_status paths_method_resolve(sj__funnel_finder *finder, const sj__funnel_moment *moments,
                                      size_t n, sj__funnel_attempt *attempt, sj_error *error)
{
    return sj__funnel_paths_resolve(finder->state, moments, n, attempt, error);
}

const sj__funnel_method sj__funnel_paths_method = {
    .text = "general matcher on decoded journeys: a queue per step",
    .init = paths_method_init,
    .free = paths_method_free,
    .find = paths_method_find,
    .trace = paths_method_trace,
    .resolve = paths_method_resolve,
};
