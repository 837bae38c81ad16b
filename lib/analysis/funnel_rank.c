/* Which step stands in which row of the table `steps`: its own number; in a block, whose rows
 * are counts, the n-th that was filled.
 *
 * At one time the best attempt fills in the order of the steps, for that is how its steps have
 * the highest numbers from the last to the first; a replay, and with tie input both, in the
 * order of rows. */
#include "analysis/funnel.h"

sj_status sj__funnel_ranks_init(sj__funnel_ranks *ranks, const sj__funnel_path_rules *rules,
                                const sj_allocator *a, sj_error *error)
{
    const size_t rows = (size_t)rules->n_steps + 1;
    *ranks = (sj__funnel_ranks){.rules = rules};
    ranks->steps = sj__alloc(a, rows, 2 * sizeof *ranks->steps);
    ranks->moments = sj__alloc(a, rows, sizeof *ranks->moments);
    ranks->pairs = sj__alloc(a, rows, 2 * sizeof *ranks->pairs);
    if (ranks->steps == NULL || ranks->moments == NULL || ranks->pairs == NULL)
        return sj__fail_nomem(error);
    ranks->best = ranks->steps + rows;
    for (uint32_t k = 0; k < 2 * rows; k++)
        ranks->steps[k] = (uint32_t)(k % rows);
    return SJ_OK;
}

void sj__funnel_ranks_free(sj__funnel_ranks *ranks, const sj_allocator *a)
{
    if (ranks->rules == NULL)
        return;
    const size_t rows = (size_t)ranks->rules->n_steps + 1;
    sj__free(a, ranks->steps, rows, 2 * sizeof *ranks->steps);
    sj__free(a, ranks->moments, rows, sizeof *ranks->moments);
    sj__free(a, ranks->pairs, rows, 2 * sizeof *ranks->pairs);
    *ranks = (sj__funnel_ranks){0};
}

/* Rows first … of one block: its steps in order of their fills, then those that are not filled. */
static void rank_block(const sj__funnel_ranks *ranks, uint32_t first, const uint32_t *filled,
                       const sj__funnel_moment *moments)
{
    const sj__funnel_path_rules *rules = ranks->rules;
    const int by_row = rules->by_row || rules->attempt != SJ_ATTEMPT_BEST;
    sj__pair *pairs = ranks->pairs;
    size_t n = 0;
    for (uint32_t k = first; k <= rules->steps[first].block_end; k++) {
        if (filled[k] == SJ__FUNNEL_NO_MOMENT)
            continue;
        pairs[n].key = by_row ? filled[k] : sj__sort_key(moments[filled[k]].time);
        pairs[n++].number = k;
    }
    sj__sort_pairs(pairs, pairs + n, n);
    for (size_t i = 0; i < n; i++)
        ranks->steps[first + i] = (uint32_t)pairs[i].number;
    for (uint32_t k = first, row = first + (uint32_t)n; k <= rules->steps[first].block_end; k++)
        if (filled[k] == SJ__FUNNEL_NO_MOMENT)
            ranks->steps[row++] = k;
}

void sj__funnel_rank(sj__funnel_ranks *ranks, const uint32_t *filled,
                     const sj__funnel_moment *moments)
{
    const sj__funnel_step *steps = ranks->rules->steps;
    if (!ranks->rules->any_block)
        return;
    for (uint32_t k = 1; k <= ranks->rules->n_steps; k = steps[k].block_end + 1)
        if (steps[k].block_end > k)
            rank_block(ranks, k, filled, moments);
    for (uint32_t k = 1; k <= ranks->rules->n_steps; k++)
        ranks->moments[k] = filled[ranks->steps[k]];
}
