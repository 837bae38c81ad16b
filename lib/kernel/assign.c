/* Assignment of the events of one instant to consecutive steps.
 *
 * A bipartite matching that grows and shrinks by one step at a time: steps on one side, events on
 * the other, an edge where the event could fill the step.  A step is added by an augmenting path,
 * found breadth first (no recursion: there may be 65,535 steps); by Berge's theorem a matching of
 * these steps exists exactly if such a path does.  One search looks at each edge at most once, and
 * a step has at most as many edges as there are steps, so that the work per event is bounded by the
 * number of steps alone.
 *
 * C. Berge, Two theorems in graph theory, PNAS 43 (1957).  H. W. Kuhn, The Hungarian method for the
 * assignment problem, Naval Research Logistics Quarterly 2 (1955). */
#include "kernel/assign.h"

#include <string.h>

#include "base/bitmap.h"

sj_status sj__assign_init(sj__assign *assign, uint32_t n_steps, const sj_allocator *allocator,
                          sj_error *error)
{
    *assign = (sj__assign){.allocator = allocator, .n_steps = n_steps};
    assign->steps = sj__alloc_zeroed(allocator, (size_t)n_steps + 1, sizeof *assign->steps);
    assign->offered = sj__alloc_zeroed(allocator, sj__bitmap_words((uint64_t)n_steps + 1),
                                       sizeof *assign->offered);
    assign->queue = sj__alloc(allocator, n_steps, sizeof *assign->queue);
    if (assign->steps != NULL && assign->offered != NULL && assign->queue != NULL)
        return SJ_OK;
    sj__assign_free(assign);
    return sj__fail_nomem(error);
}

void sj__assign_free(sj__assign *assign)
{
    const sj_allocator *a = assign->allocator;
    if (a == NULL)
        return;
    sj__free(a, assign->steps, (size_t)assign->n_steps + 1, sizeof *assign->steps);
    sj__free(a, assign->offered, sj__bitmap_words((uint64_t)assign->n_steps + 1),
             sizeof *assign->offered);
    sj__free(a, assign->queue, assign->n_steps, sizeof *assign->queue);
    sj__free(a, assign->offers, assign->offers_capacity, sizeof *assign->offers);
    sj__free(a, assign->events, assign->events_capacity, sizeof *assign->events);
    *assign = (sj__assign){0};
}

static void assign_forget(sj__assign *assign)
{
    for (uint32_t s = sj__assign_next(assign, 1); s <= assign->n_steps;
         s = sj__assign_next(assign, s + 1)) {
        assign->steps[s] = (sj__assign_step){0};
        assign->offered[s >> 6] &= ~(UINT64_C(1) << (s & 63));
    }
    assign->n_offers = 0;
    assign->search = 0;
}

sj_status sj__assign_begin(sj__assign *assign, size_t n_events, sj_error *error)
{
    assign_forget(assign);
    const sj_status status =
        sj__grow(assign->allocator, &assign->events, &assign->events_capacity, n_events, error);
    if (status == SJ_OK && n_events > 0)
        memset(assign->events, 0, n_events * sizeof *assign->events);
    return status;
}

sj_status sj__assign_add(sj__assign *assign, uint32_t step, uint32_t event, sj_error *error)
{
    sj__assign_step *to = &assign->steps[step];
    if (to->offers == assign->n_steps)
        return SJ_OK;
    const sj_status status = sj__grow(assign->allocator, &assign->offers, &assign->offers_capacity,
                                      assign->n_offers + 1, error);
    if (status != SJ_OK)
        return status;
    assign->offers[assign->n_offers++] = (sj__assign_offer){event, 0};
    const uint32_t number = (uint32_t)assign->n_offers;
    if (to->last != 0)
        assign->offers[to->last - 1].next = number;
    else
        to->first = number;
    to->last = number;
    to->offers++;
    sj__bit_set(assign->offered, step);
    return SJ_OK;
}

uint32_t sj__assign_next(const sj__assign *assign, uint32_t step)
{
    if (step > assign->n_steps)
        return assign->n_steps + 1;
    size_t word = step >> 6;
    uint64_t bits = assign->offered[word] & (UINT64_MAX << (step & 63));
    while (bits == 0) {
        if (++word > assign->n_steps >> 6)
            return assign->n_steps + 1;
        bits = assign->offered[word];
    }
    return (uint32_t)(word << 6) + (uint32_t)__builtin_ctzll(bits);
}

/* Gives each step on the way back from `event` the event by which the search left it. */
static void assign_flip(sj__assign *assign, uint32_t event, uint32_t root)
{
    for (;;) {
        const uint32_t step = assign->events[event].parent;
        const uint32_t before = assign->steps[step].event;
        assign->events[event].step = step;
        assign->steps[step].event = event + 1;
        if (step == root)
            return;
        event = before - 1;
    }
}

/* Finds an event for `root`, an empty step, by moving only steps above `fixed` to other events. */
static int assign_search(sj__assign *assign, uint32_t root, uint32_t fixed)
{
    uint32_t read = 0, write = 0;
    assign->queue[write++] = root;
    while (read < write) {
        const uint32_t step = assign->queue[read++];
        for (uint32_t o = assign->steps[step].first; o != 0; o = assign->offers[o - 1].next) {
            const uint32_t e = assign->offers[o - 1].event;
            sj__assign_event *event = &assign->events[e];
            if (event->search == assign->search || (event->step != 0 && event->step <= fixed))
                continue;
            event->search = assign->search;
            event->parent = step;
            if (event->step == 0) {
                assign_flip(assign, e, root);
                return 1;
            }
            assign->queue[write++] = event->step;
        }
    }
    assign->n_queue = write;
    return 0;
}

int sj__assign_extend(sj__assign *assign, uint32_t step)
{
    return sj__assign_extend_above(assign, step, 0);
}

int sj__assign_extend_above(sj__assign *assign, uint32_t step, uint32_t fixed)
{
    assign->search++;
    return assign_search(assign, step, fixed);
}

void sj__assign_put(sj__assign *assign, uint32_t step, uint32_t event)
{
    assign->events[event].step = step;
    assign->steps[step].event = event + 1;
}

/* It looks like one that a fixed step keeps. */
void sj__assign_take(sj__assign *assign, uint32_t event)
{
    assign->events[event].step = 1;
}

/* A search that fails has seen just the steps one of which must go: all of them together have one
 * event too few, and whichever goes leaves the others filled. */
int sj__assign_exchange(sj__assign *assign, uint32_t step, const uint8_t *may_go, uint32_t keep)
{
    for (uint32_t i = 1; i < assign->n_queue; i++) {
        const uint32_t gone = assign->queue[i];
        if (!may_go[gone] || gone == keep)
            continue;
        const uint32_t event = assign->steps[gone].event - 1;
        assign->steps[gone].event = 0;
        assign_flip(assign, event, step);
        return 1;
    }
    return 0;
}

void sj__assign_drop(sj__assign *assign, uint32_t step)
{
    assign->events[assign->steps[step].event - 1].step = 0;
    assign->steps[step].event = 0;
}

/* Gives `step` the event `e` that a later step fills, if that one finds another. */
static int assign_take(sj__assign *assign, uint32_t step, uint32_t e)
{
    const uint32_t owner = assign->events[e].step, had = assign->steps[step].event - 1;
    assign->events[had].step = 0;
    assign->events[e].step = step;
    assign->steps[step].event = e + 1;
    assign->steps[owner].event = 0;
    assign->search++;
    if (assign_search(assign, owner, step))
        return 1;
    assign->events[had].step = step;
    assign->steps[step].event = had + 1;
    assign->events[e].step = owner;
    assign->steps[owner].event = e + 1;
    return 0;
}

void sj__assign_lowest(sj__assign *assign, uint32_t from, uint32_t to)
{
    for (uint32_t s = from; s <= to; s++) {
        sj__assign_step *step = &assign->steps[s];
        for (uint32_t o = step->first; o != 0; o = assign->offers[o - 1].next) {
            const uint32_t e = assign->offers[o - 1].event;
            const uint32_t owner = assign->events[e].step;
            if (e + 1 == step->event)
                break;
            if (owner == 0) {
                sj__assign_drop(assign, s);
                assign->events[e].step = s;
                step->event = e + 1;
                break;
            }
            if (owner > s && assign_take(assign, s, e))
                break;
        }
    }
}
