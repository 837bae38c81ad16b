/* Which steps of a block a traced way fills, and by which events.
 *
 * Of the n fills from a begin to the instant at hand the last is by an event there; of the other
 * steps those are filled whose first events behind the begin came earliest, each at the time of
 * its first event; and the last is the step that is needed least among these.  No other choice
 * has its times from the last to the first as early.  Where that leaves a choice, steps have the
 * highest numbers from the last to the first.
 *
 * With tie input there is one more: the events of one time have an order, and a step may have
 * several among them.  From the last fill of a time to the first, the highest step is taken
 * whose latest event there leaves room before it for as many others as are needed; then, from
 * the first to the last, each has the lowest row behind the one before.  Rows are found by
 * bisection.
 *
 * O(steps of the block) per instant; with tie input O(its square · log n) where it is full. */
#include <string.h>

#include "analysis/funnel_paths.h"
#include "base/checked.h"

/* ---- first events ---- */

/* The first event of a step at or behind the begin of a row; UINT32_MAX: none yet. */
static uint32_t block_first_of(const sj__funnel_block *block, size_t row, uint32_t step)
{
    const sj__funnel_first *firsts = block->firsts + row * block->size;
    for (uint32_t k = 0; k < block->n_firsts[row]; k++)
        if (firsts[k].step == step)
            return firsts[k].at;
    return UINT32_MAX;
}

static void block_note_firsts(sj__funnel_block *block, size_t row, uint32_t i)
{
    for (uint32_t h = 0; h < block->n_here; h++)
        if (block_first_of(block, row, block->here[h]) == UINT32_MAX)
            block->firsts[row * block->size + block->n_firsts[row]++] =
                (sj__funnel_first){block->here[h], i};
}

sj_status sj__funnel_block_note(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t row = 0; row < block->n_rows; row++)
        block_note_firsts(block, row, i);
    for (uint32_t h = 0; h < block->n_here && paths->rules->by_row && status == SJ_OK; h++) {
        sj__funnel_rows *rows = &block->events[block->here[h] - block->first];
        status = sj__grow(paths->allocator, &rows->at, &rows->capacity, rows->n + 1, error);
        if (status == SJ_OK)
            rows->at[rows->n++] = i;
    }
    return status;
}

sj_status sj__funnel_block_add_row(const sj__funnel_paths *paths, sj__funnel_block *block,
                                   uint32_t i, sj_error *error)
{
    const size_t rows = block->n_rows + 1;
    sj_status status = SJ_OK;
    if (rows > SIZE_MAX / block->size)
        return sj__fail_nomem(error);
    status = sj__grow(paths->allocator, &block->firsts, &block->firsts_capacity, rows * block->size,
                      error);
    if (status == SJ_OK)
        status = sj__grow(paths->allocator, &block->n_firsts, &block->rows_capacity, rows, error);
    if (status != SJ_OK)
        return status;
    block->n_firsts[block->n_rows] = 0;
    block_note_firsts(block, block->n_rows++, i);
    return SJ_OK;
}

/* ---- the fills ---- */

/* A row of `firsts` and what is asked about it. */
typedef struct block_frame {
    const sj__funnel_paths *paths;
    const sj__funnel_block *block;
    const sj__funnel_first *firsts;
    uint32_t known; /* of them */
    uint32_t i, n;  /* n fills up to instant i */
    uint32_t last;  /* the step of the last */
    uint32_t until; /* the first fill lies at this instant at the latest, and … */
    uint32_t early; /* … so many steps have an event up to there */
} block_frame;

static int64_t block_time(const block_frame *frame, uint32_t at)
{
    return frame->paths->moments[at].time;
}

/* The last fill, of the steps with events in the instant: what is needed least among the earlier
 * ones; then the highest number. */
static uint32_t block_choose_last(const block_frame *frame, size_t row)
{
    const sj__funnel_block *block = frame->block;
    const int64_t enough = block_time(frame, frame->firsts[frame->n - 1].at);
    int64_t latest = 0;
    uint32_t last = 0;
    for (uint32_t h = 0; h < block->n_here; h++) {
        const uint32_t at = block_first_of(block, row, block->here[h]);
        const int64_t time = block_time(frame, at) < enough ? block_time(frame, at) : enough;
        if (frame->early == 1 && at <= frame->until) /* the first fill needs it */
            continue;
        if (last == 0 || time >= latest) {
            last = block->here[h];
            latest = time;
        }
    }
    return last;
}

/* The place of the first row at or behind `from`. */
static size_t block_find_row(const sj__funnel_rows *rows, uint32_t from)
{
    size_t low = 0, high = rows->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows->at[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first moment behind the time of moment `at`, at most `end`. */
static uint32_t block_time_end(const block_frame *frame, uint32_t at, uint32_t end)
{
    const int64_t time = block_time(frame, at);
    while (at < end) {
        const uint32_t middle = at + (end - at) / 2;
        if (block_time(frame, middle) > time)
            end = middle;
        else
            at = middle + 1;
    }
    return at;
}

/* Whether fills enough are left in front of row `until` without the candidate c, and one that
 * can be the first among them. */
static int block_leaves(const block_frame *frame, const sj__funnel_first *candidates, uint32_t n,
                        uint32_t c, uint32_t until, uint32_t wanted)
{
    const int begins =
        block_time(frame, candidates[c].at) == block_time(frame, frame->firsts[0].at);
    uint32_t others = 0, early = 0;
    if (begins && wanted == 0)
        return candidates[c].at <= frame->until;
    for (uint32_t k = 0; k < n; k++) {
        if (k == c || candidates[k].at >= until)
            continue;
        others++;
        early += candidates[k].at <= frame->until;
    }
    return others >= wanted && (!begins || early > 0);
}

/* Of candidates with first events at one time `wanted` in their order, from the last to the
 * first, in front of row `until`. */
static void block_order(const block_frame *frame, sj__funnel_first *candidates, uint32_t n,
                        uint32_t wanted, uint32_t until, sj__funnel_first *fills)
{
    const int again = frame->paths->rules->reuse != 0; /* in one row */
    while (wanted-- > 0) {
        uint32_t chosen = 0, step = 0, end = 0, left = 0;
        for (uint32_t c = 0; c < n; c++) {
            const sj__funnel_rows *rows =
                &frame->block->events[candidates[c].step - frame->block->first];
            const size_t behind = block_find_row(rows, until);
            const uint32_t row = behind > 0 ? rows->at[behind - 1] + (again ? 1 : 0) : 0;
            if (candidates[c].step <= step || candidates[c].at >= until ||
                !block_leaves(frame, candidates, n, c, row, wanted))
                continue;
            chosen = c;
            step = candidates[c].step;
            end = row;
        }
        if (SJ__NEVER(step == 0))
            return;
        fills[wanted] = candidates[chosen];
        until = end;
        for (uint32_t c = 0; c < n; c++)
            if (c != chosen && candidates[c].at < until)
                candidates[left++] = candidates[c];
        n = left;
    }
}

/* The lowest rows of fills in their order. */
static void block_lower(const block_frame *frame, sj__funnel_first *fills, uint32_t n)
{
    uint32_t from = frame->firsts[0].at;
    for (uint32_t k = 0; k < n; k++) {
        const sj__funnel_rows *rows = &frame->block->events[fills[k].step - frame->block->first];
        fills[k].at = rows->at[block_find_row(rows, from)];
        from = fills[k].at + (frame->paths->rules->reuse ? 0 : 1);
    }
}

/* The n − 1 fills before the last, in their order. */
static void block_fill(const block_frame *frame)
{
    const int by_row = frame->paths->rules->by_row != 0;
    const uint32_t until = frame->i + (frame->paths->rules->reuse ? 1 : 0);
    sj__funnel_first *fills = frame->block->fills, *others = frame->block->others;
    uint32_t n_fills = 0;
    for (uint32_t k = 0, end; n_fills + 1 < frame->n && k < frame->known; k = end) {
        const uint32_t left = frame->n - 1 - n_fills, first = frame->firsts[k].at;
        uint32_t n = 0;
        for (end = k; end < frame->known &&
                      block_time(frame, frame->firsts[end].at) == block_time(frame, first);
             end++)
            if (frame->firsts[end].step != frame->last)
                others[n++] = frame->firsts[end];
        const uint32_t wanted = n < left ? n : left;
        if (by_row)
            block_order(frame, others, n, wanted, block_time_end(frame, first, until),
                        fills + n_fills);
        else /* the highest numbers */
            memcpy(fills + n_fills, others + n - wanted, wanted * sizeof *fills);
        n_fills += wanted;
    }
    if (by_row)
        block_lower(frame, fills, n_fills);
}

/* Puts a step among those of the head, which ascend. */
static void block_add_head(sj__funnel_block *block, uint32_t step)
{
    uint32_t at = block->n_head++;
    for (; at > 0 && block->head[at - 1] > step; at--)
        block->head[at] = block->head[at - 1];
    block->head[at] = step;
}

sj_status sj__funnel_block_trace(sj__funnel_paths *paths, sj__funnel_block *block,
                                 const sj__funnel_begin *begin, uint32_t i, uint32_t n,
                                 sj__funnel_way *way, sj_error *error)
{
    block_frame frame = {.paths = paths,
                         .block = block,
                         .firsts = block->firsts + begin->row * (size_t)block->size,
                         .known = block->n_firsts[begin->row],
                         .i = i,
                         .n = n,
                         .until = begin->until};
    sj_status status = SJ_OK;
    block->n_head = 0;
    if (SJ__NEVER(frame.known < n))
        return SJ_OK;
    while (frame.early < frame.known && frame.firsts[frame.early].at <= frame.until)
        frame.early++;
    frame.last = block_choose_last(&frame, begin->row);
    block_fill(&frame);
    for (uint32_t k = 0; k + 1 < n && status == SJ_OK; k++) {
        if (block->fills[k].at == i)
            block_add_head(block, block->fills[k].step);
        else
            status =
                sj__funnel_add_node(paths, way, block->fills[k].at, block->fills[k].step, error);
    }
    block_add_head(block, frame.last);
    return status;
}

/* ---- the steps of a run ---- */

/* The highest of the steps with events in the block that begins with step s; behind those chosen
 * already, how many there are then. */
static uint32_t block_choose_highest(sj__funnel_paths *paths, const sj__funnel_block *block,
                                     uint32_t wanted, uint32_t n)
{
    const uint32_t to = n + wanted;
    for (uint32_t s = sj__assign_next(&paths->assign, block->first); s <= block->last;
         s = sj__assign_next(&paths->assign, s + 1)) {
        if (n == to) { /* the lowest goes */
            memmove(paths->chosen + n - wanted, paths->chosen + n - wanted + 1,
                    (wanted - 1) * sizeof *paths->chosen);
            n--;
        }
        paths->chosen[n++] = s;
    }
    return n;
}

uint32_t sj__funnel_block_choose(sj__funnel_paths *paths, uint32_t from, uint32_t to)
{
    const sj__funnel_block *block = paths->continued;
    const uint32_t last = sj__funnel_last_of(paths, to);
    uint32_t n = 0, s = from;
    if (block != NULL) {
        n = block->n_head;
        memcpy(paths->chosen, block->head, n * sizeof *paths->chosen);
        s = block->last + 1;
    }
    for (s = sj__assign_next(&paths->assign, s); s <= last;
         s = sj__assign_next(&paths->assign, s + 1)) {
        block = sj__funnel_block_of(paths, s);
        if (block != NULL) {
            const uint32_t levels = to < block->last ? to - block->first + 1 : block->size;
            n = block_choose_highest(paths, block, levels, n);
            s = block->last;
        } else if (sj__funnel_is_usable(paths, s, from)) {
            paths->chosen[n++] = s;
        }
    }
    return n;
}
