/* What a funnel asks beyond conditions and window: rules per step, exclusions, and how a journey
 * is split.  Resolved and written into the tally's text, where what is neutral leaves no line:
 *     step_rules min_gap=… max_gap=… optional=1 adjacent=1 group=…      behind the line of its step
 *     exclusion condition='…' from_step=… to_step=… effect=…
 *     hold 'attribute'
 *     rules strict_order      a scan instead of attempts
 * A block is numbered by its first step.  (funnel_refuse.c has checked all of it.) */
#include "analysis/funnel.h"

#include <string.h>

/* ---- steps ---- */

static uint64_t rules_longest(int64_t span)
{
    return span == 0 || span == SJ_UNLIMITED ? UINT64_MAX : span == SJ_INSTANT ? 0 : (uint64_t)span;
}

static void rules_load_steps(sj__funnel *funnel, const sj_funnel_options *options)
{
    const uint32_t n_steps = funnel->rules.n_steps;
    uint32_t before = 0, adjacent = 0;
    for (uint32_t k = 1; k <= n_steps; k++) {
        sj_step given;
        sj__funnel_step *step = &funnel->steps[k];
        sj__options_element(&sj__step_struct, options->steps, options->step_size, k - 1, &given);
        *step = (sj__funnel_step){.min_gap = given.min_gap > 0 ? (uint64_t)given.min_gap : 0,
                                  .max_gap = rules_longest(given.max_gap),
                                  .optional = given.optional != 0,
                                  .adjacent = given.adjacent != 0,
                                  .block = k,
                                  .block_end = k};
        if (options->order == SJ_ORDER_ADJACENT && k > 1)
            step->adjacent = 1;
        step->before = before;
        before = step->optional ? before : k;
        adjacent += step->adjacent != 0;
        funnel->path.any_optional |= step->optional;
        funnel->general |=
            step->min_gap != 0 || step->max_gap != UINT64_MAX || step->optional || step->adjacent;
    }
    funnel->all_adjacent = n_steps > 1 && adjacent == n_steps - 1;
    funnel->keeps_all = adjacent > 0;
}

/* Neighbours in the list with one group form a block, with order any all steps do. */
static void rules_load_blocks(sj__funnel *funnel, const sj_funnel_options *options)
{
    sj__funnel_step *steps = funnel->steps;
    int64_t before = 0;
    for (uint32_t k = 1; k <= funnel->rules.n_steps; k++) {
        sj_step given;
        sj__options_element(&sj__step_struct, options->steps, options->step_size, k - 1, &given);
        const int same =
            options->order == SJ_ORDER_ANY || (given.group != 0 && given.group == before);
        if (k > 1 && same)
            steps[k].block = steps[k - 1].block;
        funnel->path.any_block |= steps[k].block < k;
        before = given.group;
    }
    for (uint32_t k = funnel->rules.n_steps; k-- > 1;)
        if (steps[k].block == steps[k + 1].block)
            steps[k].block_end = steps[k + 1].block_end;
    funnel->general |= funnel->path.any_block;
}

int sj__funnel_is_any_order(const sj__funnel *funnel)
{
    return funnel->rules.n_steps > 1 && funnel->steps[1].block_end == funnel->rules.n_steps;
}

/* What may come behind each step: the next required one, all of it where it is a block, and the
 * optional ones before. */
static void rules_look_onward(sj__funnel *funnel)
{
    uint32_t next = 0;
    uint64_t gap = 0;
    int32_t adjacent = 1;
    for (uint32_t k = funnel->rules.n_steps; k > 0; k--) {
        sj__funnel_step *step = &funnel->steps[k];
        const int inside = k < step->block_end;
        step->next = inside ? step->block_end : next;
        step->onward_gap = inside ? UINT64_MAX : gap;
        step->onward_adjacent = !inside && adjacent && next != 0;
        if (!step->optional) {
            next = step->block_end;
            gap = 0;
            adjacent = 1;
        }
        gap = step->max_gap > gap ? step->max_gap : gap;
        adjacent = adjacent && step->adjacent;
    }
}

/* ---- exclusions ---- */

static void rules_load_exclusions(sj__funnel *funnel, const sj_funnel_options *options)
{
    const uint32_t n_steps = funnel->rules.n_steps;
    for (size_t x = 0; x < options->n_exclusions; x++) {
        sj_exclusion given;
        sj__options_element(&sj__exclusion_struct, options->exclusions, options->exclusion_size, x,
                            &given);
        const int64_t effect = given.effect != 0 ? given.effect : funnel->product.effect;
        funnel->exclusions[x] = (sj__funnel_exclusion){
            given.from_step == 0 ? 1 : (uint32_t)given.from_step,
            given.to_step == 0 ? n_steps : (uint32_t)given.to_step, effect == SJ_EXCLUDE_REMOVE};
    }
}

/* ---- units ---- */

static sj_status rules_add_hold(sj__funnel *funnel, const sj__map *map, const char *name, size_t i,
                                sj_error *error)
{
    const size_t n = strlen(name);
    const uint32_t attribute = sj__intern_find(&map->attributes, name, n);
    if (attribute == SJ__ABSENT)
        return sj__map_unknown(&map->attributes, "attribute", name, n,
                               (sj__place){.index = (int64_t)i}, error);
    for (size_t h = 0; h < funnel->n_hold; h++)
        if (funnel->hold[h] == attribute)
            return SJ_OK;
    funnel->hold[funnel->n_hold++] = attribute;
    return SJ_OK;
}

static sj_status rules_load_hold(sj__funnel *funnel, const sj__map *map,
                                 const sj_funnel_options *options, sj_error *error)
{
    sj_status status = SJ_OK;
    funnel->hold_capacity = options->n_hold;
    funnel->hold = sj__alloc(&funnel->allocator, options->n_hold, sizeof *funnel->hold);
    if (funnel->hold == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < options->n_hold && status == SJ_OK; i++)
        status = options->hold[i] == NULL
                     ? sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = (int64_t)i},
                                   "hold[%i] is NULL: name an attribute", (int64_t)i)
                     : rules_add_hold(funnel, map, options->hold[i], i, error);
    return status;
}

/* The way to find attempts; only what the plain matcher does not do comes here. */
static const sj__funnel_method *rules_choose_method(const sj__funnel_path_rules *path)
{
    if (path->scan != SJ__FUNNEL_NO_SCAN)
        return &sj__funnel_scan_method;
    if (path->enter_anywhere)
        return &sj__funnel_open_method;
    if (path->attempt == SJ_ATTEMPT_BEST)
        return path->has_grace   ? &sj__funnel_grace_method
               : path->any_block ? &sj__funnel_blocks_method
                                 : &sj__funnel_paths_method;
    return path->has_grace ? &sj__funnel_replay_grace_method : &sj__funnel_replay_method;
}

static void rules_load_units(sj__funnel *funnel, const sj_funnel_options *options)
{
    sj__funnel_path_rules *path = &funnel->path;
    funnel->unit = options->unit == 0 ? SJ_UNIT_CUSTOMERS : options->unit;
    funnel->session_gap = options->session_gap == 0            ? UINT64_MAX
                          : options->session_gap == SJ_INSTANT ? 0
                                                               : (uint64_t)options->session_gap;
    path->n_steps = funnel->rules.n_steps;
    path->n_exclusions = (uint32_t)funnel->n_exclusions;
    path->reuse = funnel->rules.reuse;
    path->window = funnel->rules.window;
    path->by_row = options->tie == SJ_TIE_INPUT;
    path->strict = options->tie == SJ_TIE_STRICT;
    path->stop = options->violation == SJ_VIOLATION_STOP && funnel->all_adjacent;
    path->enter_anywhere = options->enter_anywhere != 0;
    path->has_grace = options->tie == SJ_TIE_GRACE;
    path->grace = options->grace > 0 ? (uint64_t)options->grace : 0;
    path->has_entry_from = options->entry_from != NULL;
    path->has_entry_to = options->entry_to != NULL;
    path->entry_from = options->entry_from != NULL ? *options->entry_from : 0;
    path->entry_to = options->entry_to != NULL ? *options->entry_to : 0;
    path->attempt = options->attempt == 0 ? SJ_ATTEMPT_BEST : options->attempt;
    path->scan = funnel->product.scan;
    path->steps = funnel->steps;
    path->exclusions = funnel->exclusions;
    funnel->general |= path->attempt != SJ_ATTEMPT_BEST || path->by_row || path->strict ||
                       path->has_grace || path->enter_anywhere || path->has_entry_from ||
                       path->has_entry_to || funnel->n_exclusions > 0 || funnel->n_hold > 0 ||
                       options->session_gap != 0 || path->scan != SJ__FUNNEL_NO_SCAN;
    funnel->keeps_all |= path->scan == SJ__FUNNEL_SCAN_ORDER;
    funnel->method = rules_choose_method(path);
    /* A held value makes a journey of its own: what came next is looked for in it, and units of one
     * customer stand in the order in which these journeys begin. */
    funnel->keeps_all |= funnel->n_hold > 0 && ((funnel->figures & SJ_FIGURE_REASONS) != 0 ||
                                                funnel->unit != SJ_UNIT_CUSTOMERS);
    funnel->sees_all = funnel->keeps_all || options->session_gap != 0;
}

sj_status sj__funnel_load_rules(sj__funnel *funnel, const sj__map *map,
                                const sj_funnel_options *options, sj_error *error)
{
    const sj_allocator *a = &funnel->allocator;
    const size_t rows = (size_t)funnel->rules.n_steps + 1;
    funnel->steps = sj__alloc_zeroed(a, rows, sizeof *funnel->steps);
    funnel->exclusions = sj__alloc(a, funnel->n_exclusions, sizeof *funnel->exclusions);
    funnel->map = map;
    if (funnel->steps == NULL || funnel->exclusions == NULL)
        return sj__fail_nomem(error);
    rules_load_steps(funnel, options);
    rules_load_blocks(funnel, options);
    rules_load_exclusions(funnel, options);
    const sj_status status = rules_load_hold(funnel, map, options, error);
    if (status != SJ_OK)
        return status;
    rules_look_onward(funnel);
    rules_load_units(funnel, options);
    return SJ_OK;
}

void sj__funnel_free_rules(sj__funnel *funnel)
{
    const sj_allocator *a = &funnel->allocator;
    sj__free(a, funnel->steps, (size_t)funnel->rules.n_steps + 1, sizeof *funnel->steps);
    sj__free(a, funnel->exclusions, funnel->n_exclusions, sizeof *funnel->exclusions);
    sj__free(a, funnel->hold, funnel->hold_capacity, sizeof *funnel->hold);
}

/* ---- the tally's text ---- */

void sj__funnel_write_step(const sj__funnel *funnel, uint32_t k, sj__text *text)
{
    const sj__funnel_step *step = &funnel->steps[k];
    const sj_step said = {.min_gap = (int64_t)step->min_gap,
                          .max_gap = step->max_gap == UINT64_MAX ? 0
                                     : step->max_gap == 0        ? SJ_INSTANT
                                                                 : (int64_t)step->max_gap,
                          .optional = step->optional,
                          .adjacent = step->adjacent && !funnel->all_adjacent,
                          .group = step->block < step->block_end && !sj__funnel_is_any_order(funnel)
                                       ? step->block
                                       : 0};
    if (said.min_gap != 0 || said.max_gap != 0 || said.optional || said.adjacent || said.group != 0)
        sj__options_line("step_rules", &sj__step_struct, &said, text);
}

void sj__funnel_write_rules(const sj__funnel *funnel, sj__text *text)
{
    const uint32_t n_steps = funnel->rules.n_steps;
    if (funnel->path.scan != SJ__FUNNEL_NO_SCAN)
        sj__text_add(text, funnel->path.scan == SJ__FUNNEL_SCAN_ORDER ? "rules strict_order\n"
                                                                      : "rules strict_dedup\n");
    for (size_t x = 0; x < funnel->n_exclusions; x++) {
        const sj__funnel_exclusion *exclusion = &funnel->exclusions[x];
        const sj_exclusion said = {.condition = sj__condition_text(funnel->conditions[n_steps + x]),
                                   .from_step = exclusion->from == 1 ? 0 : (int32_t)exclusion->from,
                                   .to_step = exclusion->to == n_steps ? 0 : (int32_t)exclusion->to,
                                   .effect = exclusion->removes ? SJ_EXCLUDE_REMOVE : 0};
        sj__options_line("exclusion", &sj__exclusion_struct, &said, text);
    }
    for (size_t h = 0; h < funnel->n_hold; h++) {
        size_t n;
        const char *name = sj__intern_name(&funnel->map->attributes, funnel->hold[h], &n);
        sj__text_add(text, "hold ");
        sj__text_quoted(text, name, n, '\'');
        sj__text_char(text, '\n');
    }
}
