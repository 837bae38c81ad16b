/* Steps in any order, inside the general matcher.
 *
 * A block is one stop of an attempt: it begins with the first event of any of its steps, takes
 * one event of each, and is done with the last.  Two things are kept of it.  Of each step the
 * latest event.  And F(m): the best way with which the block can begin at instant m, where some
 * step of it has an event.  At instant t, where a step has an event, n steps of it can be filled
 * by an attempt that began it at m exactly if n steps have an event at m or later, that is, if m
 * is not behind the n-th latest of the latest events; so the best of them is the best F(m) up to
 * there.  The n-th latest never moves back, and neither does the place up to which the best of F
 * is asked for: a pointer per n.
 *
 * One thing is in the way of that: n ≥ 2 steps need two different ones for m and for t.  If one
 * step alone has events at both, another begin must do; so of the begins up to m the best is
 * kept, and the best that is not of its sole step.
 *
 * An exclusion that reaches from the first step of the block or before to its last or behind
 * bars what began it before: F is emptied.  One that ends at its first number empties only the
 * queue of those that wait for it.
 *
 * No event matches two steps (unless reuse), so that inside an instant nothing has to be
 * assigned: of the steps with events there any number can be filled.
 *
 * O(steps of the block) per instant; memory O(n) at most. */
#include <string.h>

#include "analysis/funnel_paths.h"
#include "base/checked.h"

/* ---- room ---- */

static sj_status block_init(sj__funnel_block *block, const sj_allocator *a, sj_error *error)
{
    uint32_t *room = sj__alloc(a, block->size, 5 * sizeof *room);
    block->here = room;
    block->reach = sj__alloc(a, block->size, sizeof *block->reach);
    block->events = sj__alloc_zeroed(a, block->size, sizeof *block->events);
    block->fills = sj__alloc(a, block->size, 2 * sizeof *block->fills);
    if (room == NULL || block->reach == NULL || block->events == NULL || block->fills == NULL)
        return sj__fail_nomem(error);
    block->others = block->fills + block->size;
    block->before = room + block->size;
    block->latest = room + 2 * (size_t)block->size;
    block->recent = room + 3 * (size_t)block->size;
    block->head = room + 4 * (size_t)block->size;
    return SJ_OK;
}

sj_status sj__funnel_blocks_init(sj__funnel_paths *paths, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    const sj__funnel_step *steps = rules->steps;
    uint32_t n = 0;
    sj_status status = SJ_OK;
    for (uint32_t k = 1; k <= rules->n_steps; k++)
        n += k == steps[k].block_end && steps[k].block < k;
    paths->blocks = sj__alloc_zeroed(paths->allocator, n, sizeof *paths->blocks);
    paths->n_blocks = paths->blocks != NULL ? n : 0;
    paths->block_of =
        sj__alloc_zeroed(paths->allocator, (size_t)rules->n_steps + 1, sizeof *paths->block_of);
    if (paths->block_of == NULL || paths->blocks == NULL)
        return sj__fail_nomem(error);
    n = 0;
    for (uint32_t k = 1; k <= rules->n_steps && status == SJ_OK; k++) {
        if (steps[k].block == steps[k].block_end)
            continue;
        sj__funnel_block *block = &paths->blocks[n];
        paths->block_of[k] = n + 1;
        if (k < steps[k].block_end)
            continue;
        block->first = steps[k].block;
        block->last = k;
        block->size = k - block->first + 1;
        status = block_init(block, paths->allocator, error);
        n++;
    }
    return status;
}

void sj__funnel_blocks_free(sj__funnel_paths *paths)
{
    const sj_allocator *a = paths->allocator;
    for (uint32_t b = 0; b < paths->n_blocks; b++) {
        sj__funnel_block *block = &paths->blocks[b];
        sj__free(a, block->here, block->size, 5 * sizeof *block->here);
        sj__free(a, block->reach, block->size, sizeof *block->reach);
        sj__free(a, block->begins, block->begins_capacity, sizeof *block->begins);
        sj__free(a, block->firsts, block->firsts_capacity, sizeof *block->firsts);
        sj__free(a, block->n_firsts, block->rows_capacity, sizeof *block->n_firsts);
        for (uint32_t k = 0; k < block->size && block->events != NULL; k++)
            sj__free(a, block->events[k].at, block->events[k].capacity, sizeof(uint32_t));
        sj__free(a, block->events, block->size, sizeof *block->events);
        sj__free(a, block->fills, block->size, 2 * sizeof *block->fills);
    }
    sj__free(a, paths->blocks, paths->n_blocks, sizeof *paths->blocks);
    sj__free(a, paths->block_of, (size_t)paths->rules->n_steps + 1, sizeof *paths->block_of);
}

static void block_forget_begins(sj__funnel_block *block)
{
    block->n_begins = block->n_rows = 0;
    memset(block->reach, 0, block->size * sizeof *block->reach);
}

void sj__funnel_blocks_clear(sj__funnel_paths *paths)
{
    for (uint32_t b = 0; b < paths->n_blocks; b++) {
        sj__funnel_block *block = &paths->blocks[b];
        block_forget_begins(block);
        block->begun.stamp = 0;
        block->n_recent = block->n_here = 0;
        memset(block->latest, 0, block->size * sizeof *block->latest);
        for (uint32_t k = 0; k < block->size; k++)
            block->events[k].n = 0;
    }
}

/* ---- the instant at hand ---- */

/* Puts a step in front of the list of recent ones. */
static void block_recall(sj__funnel_block *block, uint32_t step, int is_new)
{
    uint32_t at = is_new ? block->n_recent++ : 0;
    while (!is_new && block->recent[at] != step)
        at++;
    memmove(block->recent + 1, block->recent, at * sizeof *block->recent);
    block->recent[0] = step;
}

static uint32_t block_latest(const sj__funnel_block *block, uint32_t step)
{
    return block->latest[step - block->first];
}

sj_status sj__funnel_block_see(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                               sj_error *error)
{
    for (uint32_t h = 0; h < block->n_here; h++) {
        const uint32_t step = block->here[h];
        block->before[h] = block_latest(block, step);
        block_recall(block, step, block->before[h] == 0);
        block->latest[step - block->first] = i + 1;
    }
    for (uint32_t n = 1; n <= block->size; n++) {
        const uint32_t m = n < block->n_recent ? n : block->n_recent;
        const uint32_t until = block_latest(block, block->recent[m - 1]);
        size_t *reach = &block->reach[n - 1];
        while (*reach < block->n_begins && block->begins[*reach].at < until)
            ++*reach;
    }
    return paths->tracing ? sj__funnel_block_note(paths, block, i, error) : SJ_OK;
}

/* ---- going on ---- */

/* The best begin for n steps, one of them in the instant at hand; NULL: none. */
static const sj__funnel_begin *block_best(const sj__funnel_block *block, uint32_t n)
{
    if (n > block->n_recent || block->reach[n - 1] == 0)
        return NULL;
    const sj__funnel_begins *begins = &block->begins[block->reach[n - 1] - 1];
    const int same = block->n_here == 1 && begins->best.sole == block->here[0];
    const sj__funnel_begin *begin = same ? &begins->second : &begins->best;
    return begin->known ? begin : NULL;
}

/* Steps that have an event at or behind `at` and before the instant at hand. */
static uint32_t block_seen_before(const sj__funnel_block *block, uint32_t at)
{
    uint32_t n = 0;
    while (n < block->n_recent && block_latest(block, block->recent[n]) > at)
        n++;
    for (uint32_t h = 0; h < block->n_here; h++)
        n -= block->before[h] <= at;
    return n;
}

sj_status sj__funnel_block_go_on(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                 uint32_t n, sj__funnel_onward *out, int *found, sj_error *error)
{
    const sj__funnel_begin *begin = block_best(block, n);
    const sj__funnel_moment *moments = paths->moments;
    sj_status status = SJ_OK;
    *found = begin != NULL && sj__time_since(moments[i].time, moments[begin->way.entry].time) <=
                                  paths->rules->window;
    if (!*found)
        return SJ_OK;
    const uint32_t before = block_seen_before(block, begin->at);
    out->way = begin->way;
    out->run = before < n ? n - before : 1;
    if (paths->tracing) {
        status = sj__funnel_block_trace(paths, block, begin, i, n, &out->way, error);
        out->run = block->n_head;
    }
    out->way.fills += n - out->run;
    out->from = block->first + n - out->run;
    return status;
}

/* ---- beginning ---- */

sj_status sj__funnel_block_begin(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                 uint32_t from, uint32_t run, const sj__funnel_way *before,
                                 sj_error *error)
{
    sj__funnel_made new = {
        .way = {run > 0 ? i : before->last, before->entry, before->fills + run, before->node},
        .stamp = i + 1,
        .from = from,
        .run = run};
    sj_status status = SJ_OK;
    if (from > sj__funnel_bar(paths, block->first))
        return SJ_OK;
    if (paths->tracing && run > 0) {
        const uint32_t n = sj__funnel_block_choose(paths, from, block->first - 1);
        for (uint32_t k = 0; k < n && status == SJ_OK; k++)
            status = sj__funnel_add_node(paths, &new.way, i, paths->chosen[k], error);
    }
    if (status == SJ_OK)
        sj__funnel_offer(paths, &block->begun, i + 1, &new);
    return status;
}

/* Room for one more; those that no pointer will come back to go. */
static sj_status block_reserve(const sj__funnel_paths *paths, sj__funnel_block *block,
                               sj_error *error)
{
    const size_t passed = block->reach[block->size - 1];
    if (block->n_begins < block->begins_capacity)
        return SJ_OK;
    if (passed < 2 || passed - 1 < block->begins_capacity / 4)
        return sj__grow(paths->allocator, &block->begins, &block->begins_capacity,
                        block->n_begins + 1, error);
    block->n_begins -= passed - 1;
    memmove(block->begins, block->begins + passed - 1, block->n_begins * sizeof *block->begins);
    for (uint32_t n = 0; n < block->size; n++)
        block->reach[n] -= passed - 1;
    return SJ_OK;
}

/* Whether what begins in this instant could wait for another one. */
static int block_waits(const sj__funnel_paths *paths, const sj__funnel_block *block)
{
    return block->first > 1 && block->begun.from <= sj__funnel_bar(paths, block->first - 1);
}

static sj_status block_add_begin(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                 sj_error *error)
{
    sj__funnel_begins now = {.at = i};
    const sj__funnel_begin new = {.way = block->begun.way,
                                  .at = i,
                                  .sole = block->n_here == 1 ? block->here[0] : 0,
                                  .known = 1,
                                  .row = (uint32_t)block->n_rows,
                                  .until = block_waits(paths, block) ? UINT32_MAX : i};
    if (block->n_begins > 0)
        now = block->begins[block->n_begins - 1];
    now.at = i;
    if (!now.best.known || sj__funnel_is_better(paths, &new.way, &now.best.way)) {
        if (now.best.known && now.best.sole != new.sole)
            now.second = now.best;
        now.best = new;
    } else if (now.best.sole != 0 && now.best.sole != new.sole &&
               (!now.second.known || sj__funnel_is_better(paths, &new.way, &now.second.way))) {
        now.second = new;
    } else {
        return SJ_OK;
    }
    sj_status status = block_reserve(paths, block, error);
    if (status == SJ_OK && paths->tracing)
        status = sj__funnel_block_add_row(paths, block, i, error);
    if (status == SJ_OK)
        block->begins[block->n_begins++] = now;
    return status;
}

/* While tracing: an exclusion that ends at the first number of the block bars all that waits for
 * it. */
static void block_end_waiting(const sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i)
{
    if (!paths->tracing || block->first == 1 ||
        block->first <= sj__funnel_bar(paths, block->first - 1))
        return;
    for (size_t b = 0; b < block->n_begins; b++) {
        sj__funnel_begins *begins = &block->begins[b];
        begins->best.until = begins->best.until < i ? begins->best.until : i;
        begins->second.until = begins->second.until < i ? begins->second.until : i;
    }
}

/* Whether an exclusion bars what began the block before the instant at hand. */
static int block_is_barred(const sj__funnel_paths *paths, const sj__funnel_block *block)
{
    for (uint32_t a = 0; a < paths->n_active; a++) {
        const sj__funnel_exclusion *x = &paths->exclusions[paths->active[a]];
        if (x->from <= block->first && x->to >= block->last)
            return 1;
    }
    return 0;
}

sj_status sj__funnel_blocks_hand_on(sj__funnel_paths *paths, uint32_t i, sj_error *error)
{
    sj_status status = SJ_OK;
    for (uint32_t b = 0; b < paths->n_blocks && status == SJ_OK; b++) {
        sj__funnel_block *block = &paths->blocks[b];
        if (block_is_barred(paths, block))
            block_forget_begins(block);
        block_end_waiting(paths, block, i);
        if (block->begun.stamp == i + 1)
            status = block_add_begin(paths, block, i, error);
    }
    return status;
}
