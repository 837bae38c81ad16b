/* What one instant can fill, for the general matcher (funnel_paths.c): runs of steps, each behind
 * the best attempt that may go on to its first one.  A run takes a block on its way as one stop, or
 * begins inside it.  O(events · steps) for the instant. */
#include "analysis/funnel_paths.h"
#include "base/checked.h"

/* ---- what a run makes ---- */

uint32_t sj__funnel_bar(const sj__funnel_paths *paths, uint32_t to)
{
    uint32_t bar = paths->rules->n_steps;
    for (uint32_t i = 0; i < paths->n_active; i++) {
        const sj__funnel_exclusion *x = &paths->exclusions[paths->active[i]];
        if (x->from <= to && to < x->to && x->from < bar)
            bar = x->from;
    }
    return bar;
}

void sj__funnel_offer(const sj__funnel_paths *paths, sj__funnel_made *place, uint32_t stamp,
                      const sj__funnel_made *new)
{
    if (place->stamp != stamp || sj__funnel_is_better(paths, &new->way, &place->way)) {
        *place = *new;
    } else if (!paths->tracing && !sj__funnel_is_better(paths, &place->way, &new->way)) {
        /* As good so far.  Fewer steps at the last time mean that the one before came earlier;
         * beyond that a trace must tell. */
        if (new->run < place->run && !paths->rules->by_row)
            *place = *new;
        else if (new->run == place->run || paths->rules->by_row)
            place->unsure = 1;
    }
}

sj_status sj__funnel_add_node(sj__funnel_paths *paths, sj__funnel_way *way, uint32_t at,
                              uint32_t step, sj_error *error)
{
    if (paths->n_nodes == UINT32_MAX)
        return sj__fail(error, SJ_ERR_LIMIT, "a customer's attempts have more than 2^32 fills");
    const sj_status status = sj__grow(paths->allocator, &paths->nodes, &paths->nodes_capacity,
                                      paths->n_nodes + 1, error);
    if (status != SJ_OK)
        return status;
    paths->nodes[paths->n_nodes++] = (sj__funnel_node){way->node, at, step};
    way->node = (uint32_t)paths->n_nodes;
    return SJ_OK;
}

/* The steps of a run as nodes. */
static sj_status runs_add_nodes(sj__funnel_paths *paths, uint32_t i, uint32_t from, uint32_t to,
                                sj__funnel_way *way, sj_error *error)
{
    const uint32_t n = paths->n_blocks > 0 ? sj__funnel_block_choose(paths, from, to)
                                           : sj__funnel_choose_run(paths, from, to);
    sj_status status = SJ_OK;
    for (uint32_t k = 0; k < n && status == SJ_OK; k++)
        status = sj__funnel_add_node(paths, way, i, paths->chosen[k], error);
    return status;
}

/* The instant i has filled steps from … to, `run` of them, behind the way `before`. */
static sj_status runs_make(sj__funnel_paths *paths, size_t i, uint32_t from, uint32_t to,
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
    const int keeps = from <= sj__funnel_bar(paths, to);
    const int inside = to < sj__funnel_last_of(paths, to);
    if (paths->tracing && (last ? to != paths->level : !keeps || inside))
        return SJ_OK;
    if (paths->tracing)
        status = runs_add_nodes(paths, (uint32_t)i, from, to, &new.way, error);
    if (status != SJ_OK)
        return status;
    if (paths->credit[to].stamp != stamp)
        paths->made[paths->n_made++] = to;
    sj__funnel_offer(paths, &paths->credit[to], stamp, &new);
    if (keeps)
        sj__funnel_offer(paths, &paths->kept[to], stamp, &new);
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
static const sj__funnel_way *runs_begin(sj__funnel_paths *paths, uint32_t step, size_t i,
                                        sj__funnel_way *entry)
{
    const sj__funnel_path_rules *rules = paths->rules;
    const int64_t time = paths->moments[i].time;
    if (step > paths->begin)
        return sj__funnel_queue_best(paths, step, i);
    if (step < paths->begin || (rules->has_entry_from && time < rules->entry_from) ||
        (rules->has_entry_to && time >= rules->entry_to) ||
        (paths->tracing && i != paths->traced.entry))
        return NULL;
    *entry = (sj__funnel_way){(uint32_t)i, (uint32_t)i, 0, 0};
    return entry;
}

static sj_status runs_make_one(sj__funnel_paths *paths, uint32_t step, size_t i, sj_error *error)
{
    sj__funnel_way entry;
    const sj__funnel_way *before = runs_begin(paths, step, i, &entry);
    return before == NULL ? SJ_OK : runs_make(paths, i, step, step, 1, before, error);
}

void sj__funnel_clear_run(sj__funnel_paths *paths)
{
    sj__assign *assign = &paths->assign;
    for (uint32_t s = sj__assign_next(assign, 1); s <= assign->n_steps;
         s = sj__assign_next(assign, s + 1))
        if (assign->steps[s].event != 0)
            sj__assign_drop(assign, s);
}

/* A run on its way: the first step that it fills, how many, all required ones up to which, and the
 * levels that it has reached. */
typedef struct runs_run {
    uint32_t from, filled, required, n;
} runs_run;

static void runs_reach(sj__funnel_paths *paths, runs_run *run, uint32_t level)
{
    paths->reached[run->n] = level;
    paths->runs[run->n++] = run->filled;
}

/* The run comes to a block: it can begin there, and fill what has events. */
static sj_status runs_enter_block(sj__funnel_paths *paths, size_t i, sj__funnel_block *block,
                                  runs_run *run, const sj__funnel_way *before, sj_error *error)
{
    uint32_t level = block->first;
    for (uint32_t s = sj__assign_next(&paths->assign, level); s <= block->last;
         s = sj__assign_next(&paths->assign, s + 1)) {
        run->filled++;
        runs_reach(paths, run, level++);
    }
    if (level > block->last)
        run->required = block->last;
    return sj__funnel_block_begin(paths, block, (uint32_t)i, run->from,
                                  run->filled - (level - block->first), before, error);
}

/* Takes a run on from step s, and makes what it reaches. */
static sj_status runs_go_on(sj__funnel_paths *paths, size_t i, uint32_t s, runs_run *run,
                            const sj__funnel_way *before, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    sj__assign *assign = &paths->assign;
    const uint32_t last = paths->tracing ? sj__funnel_last_of(paths, paths->level) : rules->n_steps;
    sj_status status = SJ_OK;
    for (; s <= last; s = sj__assign_next(assign, s + 1)) {
        sj__funnel_block *block = sj__funnel_block_of(paths, s);
        if (rules->steps[block != NULL ? block->first : s].before > run->required)
            break;
        if (block != NULL) {
            status = runs_enter_block(paths, i, block, run, before, error);
            if (status != SJ_OK)
                return status;
            s = block->last;
            continue;
        }
        if (!sj__funnel_is_usable(paths, s, run->from))
            continue;
        if (rules->reuse || sj__assign_extend(assign, s))
            run->filled++;
        else if (!sj__assign_exchange(assign, s, paths->is_optional, run->from))
            continue;
        if (!rules->steps[s].optional)
            run->required = s;
        runs_reach(paths, run, s);
    }
    sj__funnel_clear_run(paths);
    for (uint32_t r = 0; r < run->n && status == SJ_OK; r++)
        status = runs_make(paths, i, run->from, paths->reached[r], paths->runs[r], before, error);
    return status;
}

/* All runs that begin with `from`, or with any step of the block that it begins. */
static sj_status runs_make_runs(sj__funnel_paths *paths, uint32_t from, size_t i, sj_error *error)
{
    sj__funnel_way entry;
    const sj__funnel_way *before = runs_begin(paths, from, i, &entry);
    runs_run run = {.from = from, .required = from};
    if (before == NULL)
        return SJ_OK;
    entry = *before;
    return runs_go_on(paths, i, sj__assign_next(&paths->assign, from), &run, &entry, error);
}

/* ---- blocks ---- */

/* What began a block before goes on in it, and with all of it filled behind it, where `onward`. */
static sj_status runs_continue_block(sj__funnel_paths *paths, sj__funnel_block *block, size_t i,
                                     int onward, sj_error *error)
{
    const uint32_t below = paths->level > block->first ? paths->level - block->first : 0;
    const uint32_t least = below < block->size ? below + 1 : block->size;
    sj_status status = SJ_OK;
    for (uint32_t n = least > 2 ? least : 2; n <= block->n_recent && status == SJ_OK; n++) {
        const uint32_t level = block->first + n - 1;
        sj__funnel_onward way;
        int found;
        status = sj__funnel_block_go_on(paths, block, (uint32_t)i, n, &way, &found, error);
        if (status != SJ_OK || !found)
            continue;
        paths->continued = block;
        if (level == block->last && onward) {
            runs_run run = {.from = way.from, .filled = way.run, .required = level};
            runs_reach(paths, &run, level);
            status = runs_go_on(paths, i, sj__assign_next(&paths->assign, level + 1), &run,
                                &way.way, error);
        } else {
            status = runs_make(paths, i, way.from, level, way.run, &way.way, error);
        }
        paths->continued = NULL;
    }
    return status;
}

/* A block of which some steps have events in the instant; all of it where only one event is there.
 */
static sj_status runs_make_block(sj__funnel_paths *paths, sj__funnel_block *block, size_t i,
                                 sj_error *error)
{
    block->n_here = 0;
    for (uint32_t s = sj__assign_next(&paths->assign, block->first); s <= block->last;
         s = sj__assign_next(&paths->assign, s + 1))
        block->here[block->n_here++] = s;
    sj_status status = sj__funnel_block_see(paths, block, (uint32_t)i, error);
    if (status == SJ_OK)
        status = runs_make_runs(paths, block->first, i, error);
    return status == SJ_OK ? runs_continue_block(paths, block, i, 1, error) : status;
}

/* The same for a lone event, which fills one step. */
static sj_status runs_make_lone(sj__funnel_paths *paths, uint32_t step, size_t i, sj_error *error)
{
    sj__funnel_block *block = sj__funnel_block_of(paths, step);
    sj__funnel_way entry;
    if (block == NULL)
        return runs_make_one(paths, step, i, error);
    block->here[0] = step;
    block->n_here = 1;
    sj_status status = sj__funnel_block_see(paths, block, (uint32_t)i, error);
    if (status != SJ_OK)
        return status;
    const sj__funnel_way *before = runs_begin(paths, block->first, i, &entry);
    if (before != NULL) {
        entry = *before;
        status = runs_make(paths, i, block->first, block->first, 1, &entry, error);
        if (status == SJ_OK)
            status =
                sj__funnel_block_begin(paths, block, (uint32_t)i, block->first, 0, &entry, error);
    }
    return status == SJ_OK ? runs_continue_block(paths, block, i, 0, error) : status;
}

/* ---- an instant ---- */

/* Offers the events of an instant to the steps. */
static sj_status runs_load(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error)
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

sj_status sj__funnel_make(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error)
{
    const sj__funnel_path_rules *rules = paths->rules;
    const sj__funnel_moment *moment = &paths->moments[i];
    sj_status status = SJ_OK;
    paths->n_made = 0;
    const int is_lone = n == 1 && !(paths->tracing && paths->n_blocks > 0);
    if (is_lone && (!rules->reuse || rules->strict)) {
        for (uint32_t k = 0; k < moment->n_steps && status == SJ_OK; k++)
            if (moment->steps[k] <= rules->n_steps)
                status = runs_make_lone(paths, moment->steps[k], i, error);
        return status;
    }
    status = runs_load(paths, i, n, error);
    for (uint32_t s = sj__assign_next(&paths->assign, 1); s <= rules->n_steps && status == SJ_OK;
         s = sj__assign_next(&paths->assign, s + 1)) {
        sj__funnel_block *block = sj__funnel_block_of(paths, s);
        if (block != NULL) {
            status = runs_make_block(paths, block, i, error);
            s = block->last;
        } else {
            status = rules->strict ? runs_make_one(paths, s, i, error)
                                   : runs_make_runs(paths, s, i, error);
        }
    }
    return status;
}
