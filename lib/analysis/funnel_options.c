/* The funnel's options: the tables that describe them, what they resolve to, what is refused, and
 * the lines of a tally's text that say what was counted. */
#include "analysis/funnel.h"

/* ---- tables ---- */

#define FUNNEL_OF_STEP(field, kind, ...)                                                           \
    SJ__FIELD(sj_step, field, kind, SJ__ROLE_COUNTED, __VA_ARGS__)
#define FUNNEL_OF_EXCLUSION(field, kind, ...)                                                      \
    SJ__FIELD(sj_exclusion, field, kind, SJ__ROLE_COUNTED, __VA_ARGS__)
#define FUNNEL_OPTION(field, kind, role, ...)                                                      \
    SJ__FIELD(sj_funnel_options, field, kind, SJ__ROLE_##role, __VA_ARGS__)

static const sj__field funnel_step_fields[] = {
    FUNNEL_OF_STEP(condition, SJ__KIND_TEXT, .fallback = NULL),
    FUNNEL_OF_STEP(min_gap, SJ__KIND_SPAN, .fallback = "none", .option = "min"),
    FUNNEL_OF_STEP(max_gap, SJ__KIND_SPAN, .fallback = "none", .option = "max"),
    FUNNEL_OF_STEP(optional, SJ__KIND_FLAG, .fallback = "off"),
    FUNNEL_OF_STEP(adjacent, SJ__KIND_FLAG, .fallback = "off"),
    FUNNEL_OF_STEP(group, SJ__KIND_INTEGER, .fallback = "no group"),
};

const sj__struct sj__step_struct = {"sj_step", funnel_step_fields,
                                    sizeof funnel_step_fields / sizeof *funnel_step_fields,
                                    sizeof(sj_step), sizeof(sj_step)};

static const sj__field funnel_exclusion_fields[] = {
    FUNNEL_OF_EXCLUSION(condition, SJ__KIND_TEXT, .fallback = NULL),
    FUNNEL_OF_EXCLUSION(from_step, SJ__KIND_COUNT, .fallback = "the first step", .option = "from"),
    FUNNEL_OF_EXCLUSION(to_step, SJ__KIND_COUNT, .fallback = "the last step", .option = "to"),
    FUNNEL_OF_EXCLUSION(effect, SJ__KIND_CHOICE, .values = "break remove", .fallback = "break"),
};

const sj__struct sj__exclusion_struct = {"sj_exclusion", funnel_exclusion_fields,
                                         sizeof funnel_exclusion_fields /
                                             sizeof *funnel_exclusion_fields,
                                         sizeof(sj_exclusion), sizeof(sj_exclusion)};

static const sj__field funnel_fields[] = {
    FUNNEL_OPTION(struct_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FUNNEL_OPTION(preset, SJ__KIND_TEXT, PRESET, .fallback = "ours"),
    FUNNEL_OPTION(steps, SJ__KIND_STRUCTS, COUNTED, .count_field = "n_steps",
                  .size_field = "step_size", .element = &sj__step_struct, .option = "step"),
    FUNNEL_OPTION(n_steps, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FUNNEL_OPTION(step_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FUNNEL_OPTION(exclusions, SJ__KIND_STRUCTS, COUNTED, .count_field = "n_exclusions",
                  .size_field = "exclusion_size", .element = &sj__exclusion_struct,
                  .option = "exclude"),
    FUNNEL_OPTION(n_exclusions, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FUNNEL_OPTION(exclusion_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FUNNEL_OPTION(hold, SJ__KIND_TEXTS, COUNTED, .count_field = "n_hold"),
    FUNNEL_OPTION(n_hold, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FUNNEL_OPTION(window, SJ__KIND_SPAN, COUNTED, .fallback = "none"),
    FUNNEL_OPTION(grace, SJ__KIND_SPAN, COUNTED, .fallback = "none"),
    FUNNEL_OPTION(session_gap, SJ__KIND_SPAN, COUNTED, .fallback = "never cut"),
    FUNNEL_OPTION(entry_from, SJ__KIND_TIME, COUNTED, .fallback = "the beginning"),
    FUNNEL_OPTION(entry_to, SJ__KIND_TIME, COUNTED, .fallback = "the end"),
    FUNNEL_OPTION(as_of, SJ__KIND_TIME, COUNTED, .fallback = "the graph's end of observation"),
    FUNNEL_OPTION(breakdown, SJ__KIND_TEXT, COUNTED, .fallback = "none"),
    FUNNEL_OPTION(order, SJ__KIND_CHOICE, COUNTED, .values = "sequential adjacent any",
                  .fallback = "sequential"),
    FUNNEL_OPTION(tie, SJ__KIND_CHOICE, COUNTED, .values = "any input strict grace",
                  .fallback = "any"),
    FUNNEL_OPTION(attempt, SJ__KIND_CHOICE, COUNTED, .values = "best first each",
                  .fallback = "best"),
    FUNNEL_OPTION(violation, SJ__KIND_CHOICE, COUNTED, .values = "break stop", .fallback = "break"),
    FUNNEL_OPTION(reuse, SJ__KIND_CHOICE, COUNTED, .values = "no yes", .fallback = "no"),
    FUNNEL_OPTION(unit, SJ__KIND_CHOICE, COUNTED, .values = "customers attempts sessions values",
                  .fallback = "customers"),
    FUNNEL_OPTION(enter_anywhere, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
    FUNNEL_OPTION(breakdown_at, SJ__KIND_CHOICE, COUNTED,
                  .values = "entry step first last customer", .fallback = "entry"),
    FUNNEL_OPTION(breakdown_step, SJ__KIND_COUNT, COUNTED, .fallback = NULL),
    FUNNEL_OPTION(trend, SJ__KIND_CHOICE, COUNTED, .values = "hour day week month",
                  .fallback = "none"),
    FUNNEL_OPTION(utc_offset, SJ__KIND_INTEGER, COUNTED, .fallback = "UTC"),
    FUNNEL_OPTION(survival, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
    FUNNEL_OPTION(figures, SJ__KIND_BITS, COUNTED, .values = "counts times reasons values",
                  .fallback = "all"),
    FUNNEL_OPTION(baseline, SJ__KIND_OBJECT, READ, .fallback = "none"),
    FUNNEL_OPTION(top, SJ__KIND_COUNT, READ, .fallback = "10"),
};

const sj__struct sj__funnel_options_struct = {"sj_funnel_options", funnel_fields,
                                              sizeof funnel_fields / sizeof *funnel_fields,
                                              sizeof(sj_funnel_options), sizeof(sj_funnel_options)};

/* ---- what they resolve to ---- */

/* What is neutral becomes 0; `figures` is 0 for all; with tie strict no event fills two steps
 * anyway. (Order is settled with the steps, in funnel_rules.c.) */
static void funnel_make_neutral(sj_funnel_options *options)
{
    if (options->window == SJ_UNLIMITED)
        options->window = 0;
    if (options->session_gap == SJ_UNLIMITED)
        options->session_gap = 0;
    options->tie = options->tie == SJ_TIE_ANY ? 0 : options->tie;
    if (options->unit == SJ_UNIT_ATTEMPTS)
        options->attempt = SJ_ATTEMPT_EACH;
    options->attempt = options->attempt == SJ_ATTEMPT_BEST ? 0 : options->attempt;
    options->violation = options->violation == SJ_VIOLATION_STOP ? SJ_VIOLATION_STOP : 0;
    options->unit = options->unit == SJ_UNIT_CUSTOMERS ? 0 : options->unit;
    options->reuse =
        options->reuse == SJ_REUSE_YES && options->tie != SJ_TIE_STRICT ? SJ_REUSE_YES : 0;
    if (options->figures == SJ__FUNNEL_ALL)
        options->figures = 0;
}

sj_status sj__funnel_options_resolve(const sj_graph *graph, const sj_funnel_options *given,
                                     sj_funnel_options *out, sj__funnel_resolved *kept,
                                     sj_error *error)
{
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    sj_status status = sj__options_load(&sj__funnel_options_struct, given, out, error);
    if (status == SJ_OK)
        status = sj__funnel_preset_apply(out, &kept->product, error);
    if (status == SJ_OK)
        status = sj__funnel_refuse(out, kept->product.scan, error);
    if (status != SJ_OK)
        return status;
    if (kept->product.scan != SJ__FUNNEL_NO_SCAN)
        out->figures = SJ_FIGURE_COUNTS;
    funnel_make_neutral(out);
    if (out->as_of == NULL && facts->has_observed) {
        kept->as_of = facts->observed_until;
        out->as_of = &kept->as_of;
    } else if (out->as_of != NULL) {
        kept->as_of = *out->as_of;
        out->as_of = &kept->as_of;
    }
    return SJ_OK;
}

void sj__funnel_write(const sj__funnel *funnel, const sj_funnel_options *options, sj__text *text)
{
    sj_funnel_options said = *options;
    said.order = sj__funnel_is_any_order(funnel) ? SJ_ORDER_ANY
                 : funnel->all_adjacent          ? SJ_ORDER_ADJACENT
                                                 : 0;
    said.violation = funnel->path.stop ? SJ_VIOLATION_STOP : 0;
    sj__funnel_say_groups(funnel, &said);
    for (uint32_t k = 0; k < funnel->rules.n_steps; k++) {
        sj__text_add(text, "step ");
        for (const char *c = sj__condition_text(funnel->conditions[k]); *c != '\0'; c++) {
            if (*c == '\n')
                sj__text_add(text, "\\n");
            else if (*c == '\\')
                sj__text_add(text, "\\\\");
            else
                sj__text_char(text, *c);
        }
        sj__text_char(text, '\n');
        sj__funnel_write_step(funnel, k + 1, text);
    }
    sj__funnel_write_rules(funnel, text);
    sj__options_write(&sj__funnel_options_struct, &said, text);
}

/* ---- the question ---- */

/* Compiles the condition of a step or exclusion, numbered from 1. */
static sj_status funnel_compile_one(sj__funnel *funnel, const sj__map *map, const char *what,
                                    size_t number, const char *text, sj__condition **out,
                                    sj_error *error)
{
    sj_error why = {0};
    size_t n = 0;
    if (text == NULL)
        return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = (int64_t)number - 1},
                           "%ss[%i] has no condition: name what %s", what, (int64_t)number - 1,
                           what[0] == 's' ? "fills it" : "is excluded");
    while (text[n] != '\0')
        n++;
    const sj_status status = sj__condition_compile(map, text, n, &funnel->allocator, out, &why);
    if (status == SJ_OK)
        return SJ_OK;
    return sj__fail_at(error, status,
                       (sj__place){.index = why.index, .line = why.line, .column = why.column},
                       "%s %i: %s", what, (int64_t)number, why.message);
}

static sj_status funnel_compile(sj__funnel *funnel, const sj__map *map,
                                const sj_funnel_options *options, sj_error *error)
{
    const size_t n_steps = funnel->rules.n_steps;
    sj_status status = SJ_OK;
    for (size_t k = 0; k < n_steps && status == SJ_OK; k++) {
        sj_step step;
        uint32_t number = 0;
        sj__options_element(&sj__step_struct, options->steps, options->step_size, k, &step);
        status = funnel_compile_one(funnel, map, "step", k + 1, step.condition,
                                    &funnel->conditions[k], error);
        if (status == SJ_OK &&
            sj__condition_kind(funnel->conditions[k], &number) == SJ__IS_CONVERSION) {
            funnel->has_worth[k] = map->conversion[number].has_worth != 0;
            funnel->worth[k] = map->conversion[number].worth;
        }
    }
    for (size_t x = 0; x < funnel->n_exclusions && status == SJ_OK; x++) {
        sj_exclusion exclusion;
        sj__options_element(&sj__exclusion_struct, options->exclusions, options->exclusion_size, x,
                            &exclusion);
        status = funnel_compile_one(funnel, map, "exclusion", x + 1, exclusion.condition,
                                    &funnel->conditions[n_steps + x], error);
    }
    return status;
}

/* Calls for each pair of a touchpoint and a step that its events fill, or may fill. */
typedef void (*funnel_hit_function)(sj__funnel *funnel, uint32_t touchpoint, uint32_t step,
                                    int look);

static void funnel_each_hit(sj__funnel *funnel, funnel_hit_function call)
{
    for (uint32_t k = 0; k < (uint32_t)funnel->n_conditions; k++) {
        uint32_t from = 0, to = funnel->n_touchpoints, number = 0;
        if (sj__condition_kind(funnel->conditions[k], &number) == SJ__IS_TOUCHPOINT) {
            from = number;
            to = number + 1;
        }
        for (uint32_t t = from; t < to; t++) {
            const int verdict = sj__condition_verdict(funnel->conditions[k], t);
            if (verdict != SJ__NEVER_MET)
                call(funnel, t, k + 1, verdict == SJ__LOOK);
        }
    }
}

static void funnel_count_hit(sj__funnel *funnel, uint32_t touchpoint, uint32_t step, int look)
{
    (void)step;
    (void)look;
    funnel->first[touchpoint + 1]++;
}

/* first[t] runs ahead while hits are put down, and is set back afterwards. */
static void funnel_put_hit(sj__funnel *funnel, uint32_t touchpoint, uint32_t step, int look)
{
    const uint64_t at = funnel->first[touchpoint]++;
    funnel->hits[at] = step;
    funnel->look[at] = look != 0;
    funnel->looks[touchpoint] |= look != 0;
    funnel->any_look |= look != 0;
}

static sj_status funnel_index_hits(sj__funnel *funnel, sj_error *error)
{
    const sj_allocator *a = &funnel->allocator;
    funnel_each_hit(funnel, funnel_count_hit);
    for (uint32_t t = 0; t < funnel->n_touchpoints; t++)
        funnel->first[t + 1] += funnel->first[t];
    const uint64_t n = funnel->first[funnel->n_touchpoints];
    funnel->hits = sj__alloc(a, n, sizeof *funnel->hits);
    funnel->look = sj__alloc(a, n, sizeof *funnel->look);
    if (funnel->hits == NULL || funnel->look == NULL)
        return sj__fail_nomem(error);
    funnel_each_hit(funnel, funnel_put_hit);
    for (uint32_t t = funnel->n_touchpoints; t > 0; t--)
        funnel->first[t] = funnel->first[t - 1];
    funnel->first[0] = 0;
    return SJ_OK;
}

sj_status sj__funnel_new(const sj_graph *graph, const sj_funnel_options *options,
                         const sj__funnel_product *product, sj__funnel **out, sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    const sj__map *map = sj__graph_map(graph);
    const size_t n_steps = options->n_steps, n_touchpoints = map->touchpoints.count;
    sj_status status = SJ_OK;
    sj__funnel *funnel = sj__alloc_zeroed(a, 1, sizeof *funnel);
    *out = NULL;
    if (funnel == NULL)
        return sj__fail_nomem(error);
    funnel->allocator = *a;
    funnel->product = *product;
    funnel->rules.n_steps = (uint32_t)n_steps;
    funnel->rules.reuse = options->reuse == SJ_REUSE_YES;
    funnel->rules.window = options->window == 0            ? UINT64_MAX
                           : options->window == SJ_INSTANT ? 0
                                                           : (uint64_t)options->window;
    funnel->figures = options->figures == 0 ? SJ__FUNNEL_ALL : options->figures;
    funnel->has_as_of = options->as_of != NULL;
    funnel->as_of = options->as_of != NULL ? *options->as_of : 0;
    funnel->cut = sj__graph_events(graph) > 0 && facts->last_time > funnel->as_of;
    funnel->n_touchpoints = (uint32_t)n_touchpoints;
    funnel->n_exclusions = options->n_exclusions;
    funnel->n_conditions = n_steps + options->n_exclusions;
    funnel->conditions = sj__alloc_zeroed(a, funnel->n_conditions, sizeof *funnel->conditions);
    funnel->worth = sj__alloc_zeroed(a, n_steps, sizeof *funnel->worth);
    funnel->has_worth = sj__alloc_zeroed(a, n_steps, sizeof *funnel->has_worth);
    funnel->first = sj__alloc_zeroed(a, n_touchpoints + 1, sizeof *funnel->first);
    funnel->looks = sj__alloc_zeroed(a, n_touchpoints, sizeof *funnel->looks);
    if (funnel->conditions == NULL || funnel->worth == NULL || funnel->has_worth == NULL ||
        funnel->first == NULL || funnel->looks == NULL)
        status = sj__fail_nomem(error);
    if (status == SJ_OK)
        status = sj__funnel_load_rules(funnel, map, options, error);
    if (status == SJ_OK)
        status = sj__funnel_load_groups(funnel, map, options, error);
    if (status == SJ_OK)
        status = funnel_compile(funnel, map, options, error);
    if (status == SJ_OK)
        status = funnel_index_hits(funnel, error);
    if (status == SJ_OK)
        status = sj__funnel_refuse_shared(funnel, options, error);
    if (status == SJ_OK)
        status = sj__funnel_reach_new(funnel, graph, error);
    if (status == SJ_OK)
        *out = funnel;
    else
        sj__funnel_free(funnel, a);
    return status;
}

void sj__funnel_free(void *question, const sj_allocator *allocator)
{
    sj__funnel *funnel = question;
    if (funnel == NULL)
        return;
    const sj_allocator *a = &funnel->allocator;
    const uint32_t n = funnel->rules.n_steps;
    const uint64_t n_hits = funnel->first != NULL ? funnel->first[funnel->n_touchpoints] : 0;
    sj__funnel_reach_free(funnel);
    for (size_t k = 0; funnel->conditions != NULL && k < funnel->n_conditions; k++)
        sj__condition_free(funnel->conditions[k]);
    sj__free(a, funnel->conditions, funnel->n_conditions, sizeof *funnel->conditions);
    sj__funnel_free_rules(funnel);
    sj__funnel_breakdown_free(&funnel->breakdown);
    sj__free(a, funnel->worth, n, sizeof *funnel->worth);
    sj__free(a, funnel->has_worth, n, sizeof *funnel->has_worth);
    sj__free(a, funnel->hits, n_hits, sizeof *funnel->hits);
    sj__free(a, funnel->look, n_hits, sizeof *funnel->look);
    sj__free(a, funnel->first, (size_t)funnel->n_touchpoints + 1, sizeof *funnel->first);
    sj__free(a, funnel->looks, funnel->n_touchpoints, sizeof *funnel->looks);
    sj__free(allocator, funnel, 1, sizeof *funnel);
}
