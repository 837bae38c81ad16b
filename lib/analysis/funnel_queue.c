/* Which attempts may go on to a step: a queue per step, of the general matcher (funnel_paths.c).
 *
 * Better is: entered later; then with more steps filled; while tracing, where the entry is given,
 * then by the rest of the rule that selects (all times from the last to the first, then step
 * numbers, then rows).  An attempt waits until the step's min_gap has passed, and displaces nothing
 * while it waits.  Ripe attempts form a monotonic queue: one that comes in throws out of the back
 * what is not better than it, for it will last longer too; max_gap and adjacency take from the
 * front.  O(1) amortised. */
#include <string.h>

#include "analysis/funnel_paths.h"
#include "base/checked.h"

/* Chains of fills of equal length: < 0 where a is better. */
static int queue_compare_chains(const sj__funnel_paths *paths, uint32_t a, uint32_t b)
{
    int by_step = 0, by_row = 0;
    while (a != b) {
        const sj__funnel_node *x = &paths->nodes[a - 1], *y = &paths->nodes[b - 1];
        const int64_t tx = paths->moments[x->at].time, ty = paths->moments[y->at].time;
        if (tx != ty)
            return tx < ty ? -1 : 1;
        if (by_step == 0 && x->step != y->step)
            by_step = x->step > y->step ? -1 : 1;
        if (x->at != y->at)
            by_row = x->at < y->at ? -1 : 1;
        a = x->before;
        b = y->before;
    }
    return by_step != 0 ? by_step : by_row;
}

int sj__funnel_is_better(const sj__funnel_paths *paths, const sj__funnel_way *a,
                         const sj__funnel_way *b)
{
    if (a->entry != b->entry)
        return a->entry > b->entry;
    if (a->fills != b->fills)
        return a->fills > b->fills;
    return paths->tracing && queue_compare_chains(paths, a->node, b->node) < 0;
}

static void queue_enter(const sj__funnel_paths *paths, sj__funnel_queue *queue, sj__funnel_way way)
{
    while (queue->ripe > queue->head &&
           !sj__funnel_is_better(paths, &queue->ways[queue->ripe - 1], &way))
        queue->ripe--;
    queue->ways[queue->ripe++] = way;
}

static void queue_ripen(const sj__funnel_paths *paths, sj__funnel_queue *queue, uint64_t min_gap,
                        int64_t time)
{
    while (queue->wait < queue->tail &&
           sj__time_since(time, paths->moments[queue->ways[queue->wait].last].time) >= min_gap)
        queue_enter(paths, queue, queue->ways[queue->wait++]);
}

const sj__funnel_way *sj__funnel_queue_best(sj__funnel_paths *paths, uint32_t step, size_t i)
{
    const sj__funnel_step *rules = &paths->rules->steps[step];
    const int64_t time = paths->moments[i].time;
    sj__funnel_queue *queue = &paths->queues[step];
    queue_ripen(paths, queue, rules->min_gap, time);
    for (; queue->head < queue->ripe; queue->head++) {
        const sj__funnel_way *front = &queue->ways[queue->head];
        if (rules->adjacent && front->last != paths->previous)
            continue;
        if (sj__time_since(time, paths->moments[front->last].time) > rules->max_gap)
            continue;
        if (sj__time_since(time, paths->moments[front->entry].time) <= paths->rules->window)
            return front;
    }
    return NULL;
}

/* Room for one more at the tail: what is left moves to the front, where that frees enough. */
static sj_status queue_reserve(const sj__funnel_paths *paths, sj__funnel_queue *queue,
                               sj_error *error)
{
    const size_t ripe = queue->ripe - queue->head, waiting = queue->tail - queue->wait;
    if (queue->tail < queue->capacity)
        return SJ_OK;
    if (ripe + waiting >= queue->capacity - queue->capacity / 4) {
        const sj_status status =
            sj__grow(paths->allocator, &queue->ways, &queue->capacity, queue->capacity + 1, error);
        if (status != SJ_OK)
            return status;
    }
    if (queue->head > 0)
        memmove(queue->ways, queue->ways + queue->head, ripe * sizeof *queue->ways);
    if (queue->wait > ripe)
        memmove(queue->ways + ripe, queue->ways + queue->wait, waiting * sizeof *queue->ways);
    queue->head = 0;
    queue->ripe = queue->wait = ripe;
    queue->tail = ripe + waiting;
    return SJ_OK;
}

sj_status sj__funnel_queue_push(sj__funnel_paths *paths, uint32_t step, const sj__funnel_way *way,
                                sj_error *error)
{
    const sj__funnel_step *rules = &paths->rules->steps[step];
    sj__funnel_queue *queue = &paths->queues[step];
    if (rules->adjacent && queue->tail > 0 && queue->ways[queue->tail - 1].last != way->last)
        queue->head = queue->ripe = queue->wait = queue->tail = 0;
    queue_ripen(paths, queue, rules->min_gap, paths->moments[way->last].time);
    if (queue->wait == queue->tail) /* nothing waits: the gap between the two parts closes */
        queue->wait = queue->tail = queue->ripe;
    const sj_status status = queue_reserve(paths, queue, error);
    if (status != SJ_OK)
        return status;
    if (rules->min_gap == 0) {
        queue_enter(paths, queue, *way);
        queue->wait = queue->tail = queue->ripe;
    } else {
        queue->ways[queue->tail++] = *way;
    }
    return SJ_OK;
}
