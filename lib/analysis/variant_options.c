/* The options of variants: the table that describes them, what they resolve to, what is refused,
 * and the lines of a tally's text that say what was counted. */
#include "analysis/variant.h"
#include "journey/parts.h"

#define VARIANT_OPTION(field, kind, role, ...)                                                     \
    SJ__FIELD(sj_variant_options, field, kind, SJ__ROLE_##role, __VA_ARGS__)

static const sj__field variant_fields[] = {
    VARIANT_OPTION(struct_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    VARIANT_OPTION(conversion, SJ__KIND_TEXT, COUNTED, .fallback = "none"),
    VARIANT_OPTION(as_of, SJ__KIND_TIME, COUNTED, .fallback = "the graph's end of observation"),
    VARIANT_OPTION(horizon, SJ__KIND_SPAN, COUNTED,
                   .fallback = "30 d, none where less than 60 d are observed"),
    VARIANT_OPTION(session_gap, SJ__KIND_SPAN, COUNTED, .fallback = "never cut"),
    VARIANT_OPTION(what, SJ__KIND_BITS, COUNTED, .values = "whole ngrams indicators",
                   .fallback = "whole"),
    VARIANT_OPTION(collapse, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
    VARIANT_OPTION(min_length, SJ__KIND_COUNT, COUNTED, .fallback = "2"),
    VARIANT_OPTION(max_length, SJ__KIND_COUNT, COUNTED, .fallback = "5"),
    VARIANT_OPTION(baseline, SJ__KIND_OBJECT, READ, .fallback = "none", .later = 1),
    VARIANT_OPTION(top, SJ__KIND_COUNT, READ, .fallback = "all"),
};

const sj__struct sj__variant_options_struct = {
    "sj_variant_options", variant_fields, sizeof variant_fields / sizeof *variant_fields,
    sizeof(sj_variant_options), sizeof(sj_variant_options)};

/* Lengths of n-grams: what is not given follows what is; both are 0 where they are the usual ones.
 */
static sj_status variant_resolve_lengths(sj_variant_options *options, sj_error *error)
{
    int32_t least = options->min_length, most = options->max_length;
    if ((least != 0 || most != 0) && (options->what & SJ_VARIANT_NGRAMS) == 0)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "%s has no effect: n-grams are not among what is counted",
                        least != 0 ? "min_length" : "max_length");
    if (least > SJ__VARIANT_LONGEST || most > SJ__VARIANT_LONGEST)
        return sj__fail(error, SJ_ERR_LIMIT, "an n-gram has at most %i touchpoints",
                        (int64_t)SJ__VARIANT_LONGEST);
    if (least == 0)
        least = most != 0 && most < SJ__VARIANT_LEAST ? most : SJ__VARIANT_LEAST;
    if (most == 0)
        most = least > SJ__VARIANT_MOST ? least : SJ__VARIANT_MOST;
    if (least > most)
        return sj__fail(error, SJ_ERR_OPTIONS, "min_length is %i, above max_length, which is %i",
                        (int64_t)least, (int64_t)most);
    options->min_length = least == SJ__VARIANT_LEAST ? 0 : least;
    options->max_length = most == SJ__VARIANT_MOST ? 0 : most;
    return SJ_OK;
}

sj_status sj__variant_options_resolve(const sj_graph *graph, const sj_variant_options *given,
                                      sj__variant_resolved *out, sj_error *error)
{
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    sj_variant_options *options = &out->options;
    *out = (sj__variant_resolved){.as_of = 0};
    sj_status status = sj__options_load(&sj__variant_options_struct, given, options, error);
    if (status != SJ_OK)
        return status;
    if (options->horizon != 0 && options->conversion == NULL)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "horizon has no effect: without a conversion nothing is cut by it");
    status = variant_resolve_lengths(options, error);
    if (status != SJ_OK)
        return status;
    out->has_as_of = options->as_of != NULL || facts->has_observed;
    out->as_of = options->as_of != NULL ? *options->as_of : facts->observed_until;
    if (options->conversion != NULL)
        options->horizon = sj__horizon(options->horizon, facts, out->as_of, NULL);
    options->horizon = options->horizon == SJ_UNLIMITED ? 0 : options->horizon;
    options->session_gap = options->session_gap == SJ_UNLIMITED ? 0 : options->session_gap;
    options->what = options->what == SJ_VARIANT_WHOLE ? 0 : options->what;
    options->collapse = options->collapse != 0;
    return SJ_OK;
}

void sj__variant_write(const sj__variant *variant, const sj__variant_resolved *resolved,
                       sj__text *text)
{
    sj_variant_options rest = resolved->options;
    sj__marks_write(&variant->marks, 0, "conversion", text);
    rest.conversion = NULL;
    rest.as_of = resolved->has_as_of ? &resolved->as_of : NULL;
    sj__options_write(&sj__variant_options_struct, &rest, text);
}

/* ---- the question ---- */

sj_status sj__variant_new(const sj_graph *graph, const sj__variant_resolved *resolved,
                          sj__variant **out, sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    const sj__map *map = sj__graph_map(graph);
    const sj_variant_options *options = &resolved->options;
    sj__variant *variant = sj__alloc_zeroed(a, 1, sizeof *variant);
    *out = NULL;
    if (variant == NULL)
        return sj__fail_nomem(error);
    variant->allocator = *a;
    variant->has_conversion = options->conversion != NULL;
    variant->what = options->what != 0 ? options->what : SJ_VARIANT_WHOLE;
    variant->collapse = options->collapse;
    variant->min_length =
        options->min_length != 0 ? (uint32_t)options->min_length : SJ__VARIANT_LEAST;
    variant->max_length =
        options->max_length != 0 ? (uint32_t)options->max_length : SJ__VARIANT_MOST;
    variant->rules = (sj__leg_rules){.horizon = sj__span_limit(options->horizon),
                                     .session_gap = sj__span_limit(options->session_gap),
                                     .as_of = resolved->as_of};
    variant->cut = sj__graph_events(graph) > 0 && facts->last_time > resolved->as_of;
    variant->has_values = sj__graph_has_column(graph, SJ__VALUE_COLUMN);
    variant->n_touchpoints = map->touchpoints.count;
    sj_status status = sj__marks_init(&variant->marks, map, &variant->allocator, error);
    if (status == SJ_OK && variant->has_conversion)
        status = sj__marks_add(&variant->marks, map, 0, "conversion", options->conversion, error);
    if (status == SJ_OK)
        *out = variant;
    else
        sj__variant_free(variant, a);
    return status;
}

void sj__variant_free(void *question, const sj_allocator *allocator)
{
    sj__variant *variant = question;
    if (variant == NULL)
        return;
    sj__marks_free(&variant->marks);
    sj__free(allocator, variant, 1, sizeof *variant);
}
