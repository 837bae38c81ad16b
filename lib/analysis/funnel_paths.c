/* The general matcher: attempt best, with gaps, adjacent and optional steps, blocks, ties,
 * exclusions, entry range.
 *
 * Each instant is looked at once: all events at one time, or with tie input one event.  A step
 * keeps a queue of the attempts that may go on to it (funnel_queue.c).  Inside an instant an
 * attempt fills a run of steps c … b, which begins with the best attempt that may go on to c; c, b
 * and the required steps between need distinct events, and optional ones in between are filled as
 * far as events are left: sets of steps that have distinct events form a matroid, so that any such
 * set can be extended to as many steps as any other.  Only c may have a min_gap.  An event uses
 * nothing up: it may serve several attempts.  Steps in any order are one stop on the way of a run,
 * which may begin inside it (funnel_block.c).
 *
 * An exclusion in an instant bars what had filled its first step before from going on to its last:
 * queues of the steps between are emptied, and of the runs of this instant only such are kept as
 * fill the first step here.  What was reached at the instant itself counts all the same.
 *
 * Selected: the longest attempt, of these the earliest completed, of these the latest entered, then
 * the most steps filled; so one per instant is all that can be asked for.  Where an exclusion has
 * ended that one, the next of the same level completed later takes its place: with exclusions all
 * such ends are kept.  The steps in between come from a trace of [entry, completion].
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
    if (status == SJ_OK)
        status = sj__funnel_blocks_init(paths, error);
    paths->queues = sj__alloc_zeroed(a, rows, sizeof *paths->queues);
    paths->credit = sj__alloc_zeroed(a, rows, sizeof *paths->credit);
    paths->kept = sj__alloc_zeroed(a, rows, sizeof *paths->kept);
    paths->made = sj__alloc(a, rows, sizeof *paths->made);
    paths->chosen = sj__alloc(a, rows, sizeof *paths->chosen);
    paths->reached = sj__alloc(a, rows, sizeof *paths->reached);
    paths->runs = sj__alloc(a, rows, sizeof *paths->runs);
    paths->filled = sj__alloc(a, rows, sizeof *paths->filled);
    paths->is_optional = sj__alloc_zeroed(a, rows, sizeof *paths->is_optional);
    paths->excludable = sj__alloc(a, rows, sizeof *paths->excludable);
    paths->active = sj__alloc(a, rules->n_exclusions, sizeof *paths->active);
    paths->is_active = sj__alloc_zeroed(a, rules->n_exclusions, sizeof *paths->is_active);
    paths->exclusions = sj__alloc(a, rules->n_exclusions, sizeof *paths->exclusions);
    if (status == SJ_OK &&
        (paths->queues == NULL || paths->credit == NULL || paths->kept == NULL ||
         paths->made == NULL || paths->chosen == NULL || paths->reached == NULL ||
         paths->runs == NULL || paths->filled == NULL || paths->is_optional == NULL ||
         paths->excludable == NULL || paths->active == NULL || paths->is_active == NULL ||
         paths->exclusions == NULL))
        status = sj__fail_nomem(error);
    if (status != SJ_OK) {
        sj__funnel_paths_free(paths);
        return status;
    }
    for (size_t k = 1; k < rows; k++)
        paths->is_optional[k] = rules->steps[k].optional != 0;
    paths->stops = rules->stop;
    sj__funnel_paths_begin(paths, 1);
    return SJ_OK;
}

/* Levels of which an exclusion can end attempts: there all that are completed matter.  In an open funnel those that began elsewhere may
 * give way to any of these. */
static void paths_mark_excludable(sj__funnel_paths *paths)
{
    const sj__funnel_path_rules *rules = paths->rules;
    uint32_t *to = paths->reached, furthest = 0; /* by first level of an exclusion: its last */
    memset(to, 0, ((size_t)rules->n_steps + 1) * sizeof *to);
    for (uint32_t x = 0; x < rules->n_exclusions; x++)
        if (paths->exclusions[x].to > to[paths->exclusions[x].from])
            to[paths->exclusions[x].from] = paths->exclusions[x].to;
    for (uint32_t k = 0; k <= rules->n_steps; k++) {
        furthest = to[k] > furthest ? to[k] : furthest;
        paths->excludable[k] = furthest > k || (rules->enter_anywhere && rules->n_exclusions > 0);
    }
}

void sj__funnel_paths_begin(sj__funnel_paths *paths, uint32_t step)
{
    paths->begin = step;
    for (uint32_t x = 0; x < paths->rules->n_exclusions; x++) {
        paths->exclusions[x] = paths->rules->exclusions[x];
        if (paths->exclusions[x].from <
            step) /* and where it ends there or before, it bars nothing */
            paths->exclusions[x].from = step;
    }
    paths_mark_excludable(paths);
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
    sj__free(a, paths->excludable, rows, sizeof *paths->excludable);
    sj__free(a, paths->active, paths->rules->n_exclusions, sizeof *paths->active);
    sj__free(a, paths->is_active, paths->rules->n_exclusions, sizeof *paths->is_active);
    sj__free(a, paths->exclusions, paths->rules->n_exclusions, sizeof *paths->exclusions);
    sj__free(a, paths->ends, paths->ends_capacity, sizeof *paths->ends);
    sj__free(a, paths->nodes, paths->nodes_capacity, sizeof *paths->nodes);
    sj__funnel_blocks_free(paths);
    sj__assign_free(&paths->assign);
    *paths = (sj__funnel_paths){0};
}

/* ---- an instant ---- */

/* Attempts of this instant may go on from the next; those that an exclusion bars may not. */
static sj_status paths_hand_on(sj__funnel_paths *paths, size_t i, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    sj_status status = SJ_OK;
    for (uint32_t x = 0; x < paths->n_active; x++) {
        const sj__funnel_exclusion *exclusion = &paths->exclusions[paths->active[x]];
        for (uint32_t s = exclusion->from + 1; s <= exclusion->to; s++) {
            sj__funnel_queue *queue = &paths->queues[s];
            queue->head = queue->ripe = queue->wait = queue->tail = 0;
        }
    }
    for (uint32_t m = 0; m < paths->n_made && status == SJ_OK; m++) {
        const uint32_t level = paths->made[m];
        const sj__funnel_made *made = &paths->kept[level];
        if (level < sj__funnel_last_of(paths, level)) /* the block itself keeps those */
            continue;
        for (uint32_t s = level + 1; s <= rules->steps[level].next && status == SJ_OK;
             s = sj__funnel_last_of(paths, s) + 1)
            if (made->stamp == (uint32_t)i + 1)
                status = sj__funnel_queue_push(paths, s, &made->way, error);
    }
    return status == SJ_OK ? sj__funnel_blocks_hand_on(paths, (uint32_t)i, error) : status;
}

/* ---- passes ---- */

static void paths_begin_pass(sj__funnel_paths *paths, const sj__funnel_moment *moments, size_t n)
{
    paths->moments = moments;
    paths->n = paths->n_seen = n;
    paths->previous = SJ__FUNNEL_NO_MOMENT;
    paths->n_nodes = 0;
    for (uint32_t k = 0; k <= paths->rules->n_steps; k++) {
        sj__funnel_queue *queue = &paths->queues[k];
        queue->head = queue->ripe = queue->wait = queue->tail = 0;
        paths->credit[k].stamp = paths->kept[k].stamp = 0;
    }
    sj__funnel_blocks_clear(paths);
}

static sj_status paths_visit(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error)
{
    sj__funnel_see_exclusions(paths, i, n);
    sj_status status = sj__funnel_make(paths, i, n, error);
    if (paths->stops && !paths->tracing && paths->level > 0 && paths->n_made == 0) {
        paths->n_seen = i; /* and what this instant excludes does not count */
        return status;
    }
    if (paths->used != NULL)
        paths->used[i] |= paths->n_made > 0;
    else if (status == SJ_OK && !paths->tracing)
        status = sj__funnel_rank_ends(paths, i, error);
    if (status == SJ_OK && !(paths->tracing && i == paths->traced.at))
        status = paths_hand_on(paths, i, error);
    paths->previous = (uint32_t)i;
    return status;
}

/* Nothing competes with the first conversion of step 1.  One begun later can be as long as
 * attempts of other runs, and may be asked for again behind an exclusion that has ended one of
 * these. */
static int paths_is_done(const sj__funnel_paths *paths)
{
    return paths->level == paths->rules->n_steps &&
           (paths->begin == 1 || paths->rules->n_exclusions == 0);
}

sj_status sj__funnel_paths_find(sj__funnel_paths *paths, const sj__funnel_moment *moments, size_t n,
                                sj_error *error)
{
    sj_status status = SJ_OK;
    paths_begin_pass(paths, moments, n);
    paths->tracing = 0;
    paths->level = 0;
    paths->n_ends = paths->first_open = 0;
    for (size_t i = 0, at; i < paths->n_seen && !paths_is_done(paths) && status == SJ_OK; i += at) {
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
    finder->n_seen = paths->n_seen;
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

const sj__funnel_method sj__funnel_blocks_method = {
    .text = "general matcher on decoded journeys: a queue per step, blocks by each step's latest "
            "event",
    .init = paths_method_init,
    .free = paths_method_free,
    .find = paths_method_find,
    .trace = paths_method_trace,
    .resolve = paths_method_resolve,
};

const sj__funnel_method sj__funnel_paths_method = {
    .text = "general matcher on decoded journeys: a queue per step",
    .init = paths_method_init,
    .free = paths_method_free,
    .find = paths_method_find,
    .trace = paths_method_trace,
    .resolve = paths_method_resolve,
};
