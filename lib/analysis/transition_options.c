/* The transitions' options: the table that describes them, what they resolve to, what is refused,
 * the lines of a tally's text that say what was counted, and the question that they make of one
 * graph. */
#include "analysis/transition.h"

#include "base/checked.h"

#define TRANSITION_OPTION(field, kind, role, ...)                                                  \
    SJ__FIELD(sj_transition_options, field, kind, SJ__ROLE_##role, __VA_ARGS__)
#define TRANSITION_CONVERSION 0 /* the bit of SJ__MARK_CONVERSION */
#define TRANSITION_DENSE 512    /* most nodes of a matrix */

static const sj__field transition_fields[] = {
    TRANSITION_OPTION(struct_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    TRANSITION_OPTION(conversion, SJ__KIND_TEXT, COUNTED, .fallback = "none"),
    TRANSITION_OPTION(key, SJ__KIND_TEXT, COUNTED, .fallback = "none", .later = 1),
    TRANSITION_OPTION(as_of, SJ__KIND_TIME, COUNTED, .fallback = "the graph's end of observation"),
    TRANSITION_OPTION(horizon, SJ__KIND_SPAN, COUNTED,
                      .fallback = "30 days, or none where observation is shorter than 60"),
    TRANSITION_OPTION(session_gap, SJ__KIND_SPAN, COUNTED, .fallback = "never cut"),
    TRANSITION_OPTION(between, SJ__KIND_CHOICE, COUNTED, .values = "touchpoints stages channels",
                      .fallback = "touchpoints"),
    TRANSITION_OPTION(collapse, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
    TRANSITION_OPTION(eventually, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
    TRANSITION_OPTION(figures, SJ__KIND_BITS, COUNTED, .values = "counts times reasons values",
                      .fallback = "all"),
    TRANSITION_OPTION(baseline, SJ__KIND_OBJECT, READ, .fallback = "none"),
};

const sj__struct sj__transition_options_struct = {
    "sj_transition_options", transition_fields,
    sizeof transition_fields / sizeof *transition_fields, sizeof(sj_transition_options),
    sizeof(sj_transition_options)};

/* ---- what they resolve to ---- */

static sj_status transition_check(const sj_graph *graph, const sj_transition_options *options,
                                  sj_error *error)
{
    if ((options->figures & SJ_FIGURE_COUNTS) != 0 && options->figures != SJ_FIGURE_COUNTS)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "figures has counts beside another figure: counts stands for nothing else");
    if ((options->figures & SJ_FIGURE_REASONS) != 0)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "figures has reasons: transitions have times and values only");
    if (!options->eventually && (options->conversion != NULL || options->horizon != 0))
        return sj__fail(
            error, SJ_ERR_OPTIONS,
            "%s has no effect here: it ends legs, which are only of use with eventually",
            options->conversion != NULL ? "conversion" : "horizon");
    if (options->between == SJ_BETWEEN_STAGES && sj__graph_map(graph)->stages.count == 0)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "between is stages, but the map has none: declare them first");
    return SJ_OK;
}

sj_status sj__transition_options_resolve(const sj_graph *graph, const sj_transition_options *given,
                                         sj_transition_options *out, int64_t *as_of,
                                         sj_error *error)
{
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    sj_status status = sj__options_load(&sj__transition_options_struct, given, out, error);
    if (status == SJ_OK)
        status = transition_check(graph, out, error);
    if (status != SJ_OK)
        return status;
    if (out->session_gap == SJ_UNLIMITED)
        out->session_gap = 0;
    if (out->between == SJ_BETWEEN_TOUCHPOINTS)
        out->between = 0;
    out->collapse = out->collapse != 0;
    out->eventually = out->eventually != 0;
    if (out->figures == SJ__TRANSITION_ALL)
        out->figures = 0;
    if (out->as_of != NULL)
        *as_of = *out->as_of;
    else if (facts->has_observed)
        *as_of = facts->observed_until;
    if (out->as_of != NULL || facts->has_observed)
        out->as_of = as_of;
    return SJ_OK;
}

void sj__transition_write(const sj__transition *transition, const sj_transition_options *options,
                          sj__text *text)
{
    sj_transition_options shown = *options;
    shown.conversion = NULL; /* in canonical form instead */
    shown.horizon = 0;
    sj__marks_write(&transition->marks, TRANSITION_CONVERSION, "conversion", text);
    if (transition->eventually)
        shown.horizon = transition->rules.horizon == SJ__NO_LIMIT ? SJ_UNLIMITED
                        : transition->rules.horizon == 0          ? SJ_INSTANT
                                                         : (int64_t)transition->rules.horizon;
    sj__options_write(&sj__transition_options_struct, &shown, text);
}

/* ---- micro-conversions ---- */

static void transition_count_hits(sj__transition *transition)
{
    for (uint32_t c = 0; c < transition->n_conversions; c++)
        for (uint32_t t = 0; t < transition->n_touchpoints; t++)
            transition->first[t + 1] +=
                sj__condition_verdict(transition->conditions[c], t) != SJ__NEVER_MET;
    for (uint32_t t = 0; t < transition->n_touchpoints; t++)
        transition->first[t + 1] += transition->first[t];
    transition->n_hits = transition->first[transition->n_touchpoints];
}

static void transition_put_hits(sj__transition *transition)
{
    uint64_t at = 0;
    for (uint32_t t = 0; t < transition->n_touchpoints; t++) {
        for (uint32_t c = 0; c < transition->n_conversions; c++) {
            const int verdict = sj__condition_verdict(transition->conditions[c], t);
            if (verdict == SJ__NEVER_MET)
                continue;
            transition->hits[at] = c;
            transition->look[at++] = verdict == SJ__LOOK;
        }
    }
}

static sj_status transition_compile(sj__transition *transition, const sj__map *map, sj_error *error)
{
    const sj_allocator *a = &transition->allocator;
    const uint32_t n = transition->n_conversions = map->conversions.count;
    sj_status status = SJ_OK;
    transition->conditions = sj__alloc_zeroed(a, n, sizeof *transition->conditions);
    transition->first =
        sj__alloc_zeroed(a, (size_t)transition->n_touchpoints + 1, sizeof *transition->first);
    if (transition->conditions == NULL || transition->first == NULL)
        return sj__fail_nomem(error);
    for (uint32_t c = 0; c < n && status == SJ_OK; c++)
        status = sj__condition_of_conversion(map, c, a, &transition->conditions[c], error);
    if (status != SJ_OK)
        return status;
    transition_count_hits(transition);
    transition->hits = sj__alloc(a, transition->n_hits, sizeof *transition->hits);
    transition->look = sj__alloc(a, transition->n_hits, sizeof *transition->look);
    if (transition->hits == NULL || transition->look == NULL)
        return sj__fail_nomem(error);
    transition_put_hits(transition);
    return SJ_OK;
}

/* ---- the question ---- */

static void transition_set(sj__transition *transition, const sj_graph *graph,
                           const sj_transition_options *options)
{
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    const sj__map *map = sj__graph_map(graph);
    const uint64_t events = sj__graph_events(graph);
    transition->between = options->between == 0 ? SJ_BETWEEN_TOUCHPOINTS : options->between;
    transition->collapse = options->collapse;
    transition->eventually = options->eventually;
    transition->figures = options->figures == 0 ? SJ__TRANSITION_ALL : options->figures;
    transition->rules.as_of = options->as_of != NULL ? *options->as_of : INT64_MAX;
    transition->cut = events > 0 && facts->last_time > transition->rules.as_of;
    transition->rules.session_gap = sj__span_limit(options->session_gap);
    transition->rules.horizon = SJ__NO_LIMIT;
    if (transition->eventually)
        transition->rules.horizon =
            sj__span_limit(sj__horizon(options->horizon, facts, transition->rules.as_of, NULL));
    transition->n_touchpoints = map->touchpoints.count;
    transition->n_stages = map->stages.count;
    transition->n_nodes = transition->between == SJ_BETWEEN_STAGES     ? map->stages.count
                          : transition->between == SJ_BETWEEN_CHANNELS ? map->channels.count + 1
                                                                       : map->touchpoints.count;
    /* A matrix that is not larger than the data, or small anyway. */
    const uint64_t side = (uint64_t)transition->n_nodes + 1;
    transition->dense = transition->n_nodes <= TRANSITION_DENSE && side * side <= 4096 + events / 2;
}

sj_status sj__transition_new(const sj_graph *graph, const sj_transition_options *options,
                             sj__transition **out, sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    const sj__map *map = sj__graph_map(graph);
    sj__transition *transition = sj__alloc_zeroed(a, 1, sizeof *transition);
    *out = NULL;
    if (transition == NULL)
        return sj__fail_nomem(error);
    transition->allocator = *a;
    transition_set(transition, graph, options);
    sj_status status = sj__marks_init(&transition->marks, map, &transition->allocator, error);
    if (status == SJ_OK && options->conversion != NULL) {
        transition->has_marks = 1;
        status = sj__marks_add(&transition->marks, map, TRANSITION_CONVERSION, "conversion",
                               options->conversion, error);
    }
    if (status == SJ_OK)
        status = transition_compile(transition, map, error);
    if (status == SJ_OK)
        *out = transition;
    else
        sj__transition_free(transition, a);
    return status;
}

void sj__transition_free(void *question, const sj_allocator *allocator)
{
    sj__transition *transition = question;
    if (transition == NULL)
        return;
    const sj_allocator *a = &transition->allocator;
    sj__marks_free(&transition->marks);
    for (uint32_t c = 0; transition->conditions != NULL && c < transition->n_conversions; c++)
        sj__condition_free(transition->conditions[c]);
    sj__free(a, transition->conditions, transition->n_conversions, sizeof *transition->conditions);
    sj__free(a, transition->first, (size_t)transition->n_touchpoints + 1,
             sizeof *transition->first);
    sj__free(a, transition->hits, transition->n_hits, sizeof *transition->hits);
    sj__free(a, transition->look, transition->n_hits, sizeof *transition->look);
    sj__free(allocator, transition, 1, sizeof *transition);
}
