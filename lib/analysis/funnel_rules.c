/* What a funnel asks beyond conditions and window: rules per step, exclusions, and how a journey is split.  Checked against each other,
 * resolved, and written into the tally's text, where what is neutral leaves no line:
 *     step_rules min_gap=… max_gap=… optional=1 adjacent=1      behind the line of its step
 *     exclusion condition='…' from_step=… to_step=… effect=…
 *     hold 'attribute' */
#include "analysis/funnel.h"

#include <string.h>

/* ---- steps ---- */

static uint64_t rules_longest(int64_t span)
{
    return span == 0 || span == SJ_UNLIMITED ? UINT64_MAX : span == SJ_INSTANT ? 0 : (uint64_t)span;
}

static sj_status rules_fail_step(sj_error *error, uint32_t k, const char *format)
{
    return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = k - 1}, format, (int64_t)k);
}

static sj_status rules_check_step(const sj__funnel_step *step, uint32_t k, uint32_t n_steps,
                                  sj_error *error)
{
    if (k == 1 && (step->min_gap != 0 || step->max_gap != UINT64_MAX))
        return rules_fail_step(error, k,
                               "step %i has a gap: only steps behind another one can have one");
    if (k == 1 && step->adjacent)
        return rules_fail_step(error, k,
                               "step %i is adjacent: only steps behind another one can be");
    if (step->min_gap > step->max_gap)
        return rules_fail_step(error, k, "step %i has a min_gap above its max_gap: nothing fits");
    if (step->optional && (k == 1 || k == n_steps))
        return rules_fail_step(error, k,
                               "step %i is optional: the first and the last step cannot be");
    return SJ_OK;
}

static sj_status rules_load_steps(sj__funnel *funnel, const sj_funnel_options *options,
                                  sj_error *error)
{
    const uint32_t n_steps = funnel->rules.n_steps;
    uint32_t before = 0, adjacent = 0;
    sj_status status = SJ_OK;
    for (uint32_t k = 1; k <= n_steps && status == SJ_OK; k++) {
        sj_step given;
        sj__funnel_step *step = &funnel->steps[k];
        sj__options_element(&sj__step_struct, options->steps, options->step_size, k - 1, &given);
        *step = (sj__funnel_step){.min_gap = given.min_gap > 0 ? (uint64_t)given.min_gap : 0,
                                  .max_gap = rules_longest(given.max_gap),
                                  .optional = given.optional != 0,
                                  .adjacent = given.adjacent != 0,
                                  .block = k,
                                  .block_end = k};
        status = rules_check_step(step, k, n_steps, error);
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
    return status;
}

/* What may come behind each step: the next required one, all of it where it is a block, and the optional ones before. */
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

static sj_status rules_fail_exclusion(sj_error *error, size_t x, const char *format, int64_t k)
{
    return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = (int64_t)x}, format,
                       (int64_t)x + 1, k);
}

static sj_status rules_load_exclusions(sj__funnel *funnel, const sj_funnel_options *options,
                                       sj_error *error)
{
    const int64_t n_steps = funnel->rules.n_steps;
    for (size_t x = 0; x < options->n_exclusions; x++) {
        sj_exclusion given;
        sj__options_element(&sj__exclusion_struct, options->exclusions, options->exclusion_size, x,
                            &given);
        const int64_t from = given.from_step == 0 ? 1 : given.from_step;
        const int64_t to = given.to_step == 0 ? n_steps : given.to_step;
        if (from > n_steps || to > n_steps)
            return rules_fail_exclusion(error, x,
                                        "exclusion %i ends at step %i, which there is not",
                                        from > n_steps ? from : to);
        if (from >= to)
            return rules_fail_exclusion(
                error, x, "exclusion %i begins at step %i and does not end behind it", from);
        if (funnel->steps[from].optional || funnel->steps[to].optional)
            return rules_fail_exclusion(
                error, x, "exclusion %i ends at step %i, which is optional: name a required one",
                funnel->steps[from].optional ? from : to);
        funnel->exclusions[x] =
            (sj__funnel_exclusion){(uint32_t)from, (uint32_t)to, given.effect == SJ_EXCLUDE_REMOVE};
    }
    return SJ_OK;
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
    (void)path;
    return &sj__funnel_paths_method;
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
    path->has_entry_from = options->entry_from != NULL;
    path->has_entry_to = options->entry_to != NULL;
    path->entry_from = options->entry_from != NULL ? *options->entry_from : 0;
    path->entry_to = options->entry_to != NULL ? *options->entry_to : 0;
    path->attempt = SJ_ATTEMPT_BEST;
    path->steps = funnel->steps;
    path->exclusions = funnel->exclusions;
    funnel->general |= path->by_row || path->strict || path->has_entry_from || path->has_entry_to ||
                       funnel->n_exclusions > 0 || funnel->n_hold > 0 || options->session_gap != 0;
    funnel->method = rules_choose_method(path);
    /* What came next is looked for in the journey of its own that a held value makes. */
    funnel->keeps_all |= funnel->n_hold > 0 && (funnel->figures & SJ_FIGURE_REASONS) != 0;
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
    sj_status status = rules_load_steps(funnel, options, error);
    if (status == SJ_OK)
        status = rules_load_exclusions(funnel, options, error);
    if (status == SJ_OK)
        status = rules_load_hold(funnel, map, options, error);
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
                          .adjacent = step->adjacent && !funnel->all_adjacent};
    if (said.min_gap != 0 || said.max_gap != 0 || said.optional || said.adjacent)
        sj__options_line("step_rules", &sj__step_struct, &said, text);
}

void sj__funnel_write_rules(const sj__funnel *funnel, sj__text *text)
{
    const uint32_t n_steps = funnel->rules.n_steps;
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
