/* Funnels: how many customers get to which step of a list, how fast, and why the others do not.
 *
 * A unit's attempt (funnel_match.c, or the general matcher in funnel_paths.c) gives a level; the
 * tally counts, by level and by step, whole numbers only:
 *     levels   level                 units; level 0: those that an exclusion removed
 *     filled   step
 *     units; value; spreads of the time since the entry and since the previous filled step
 *     reasons  level, reason         units
 *     next
 *     level, touchpoint
 *     units that were dropped there (no touchpoint: the journey ended)
 *     customers step                 distinct customers with a unit there, where units are others
 *     entered  step from 2           units whose attempt began there (open funnels)
 *     breakdown  value, step
 *     units that filled it, came just so far (and why), began there; customers; the rest as `filled`
 *     trend    bucket, step          the same, by the time of entry
 *     survival  1 or 2
 *     converted units, those censored; spread of the time since the entry
 * Rates, quantiles and intervals are conclusions (funnel_conclude.c).  O(events · steps) in all. */
#include "analysis/funnel_count.h"

/* ---- plan ---- */

static void funnel_describe(const sj__funnel *funnel, sj__text *text)
{
    if (funnel->general)
        sj__text_add(text, funnel->method->text);
    else
        sj__text_add(text, funnel->reach != NULL
                               ? "bit-parallel bounds, the rest verified by the exact matcher: "
                                 "newest entry per step"
                               : "exact matcher on decoded journeys: newest entry per step");
    if (funnel->any_look)
        sj__text_add(text, "; some conditions look at single events");
}

static sj_status funnel_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj_funnel_options resolved;
    sj__funnel *funnel = NULL;
    sj__funnel_resolved kept = {0};
    sj_status status = sj__funnel_options_resolve(graph, options, &resolved, &kept, error);
    if (status == SJ_OK)
        status = sj__funnel_new(graph, &resolved, &kept.product, &funnel, error);
    if (status != SJ_OK)
        return status;
    plan->question = funnel;
    plan->use_range = funnel->reach != NULL;
    for (uint32_t t = 0; t < funnel->n_touchpoints; t++)
        plan->wanted[t] = funnel->sees_all || funnel->first[t + 1] > funnel->first[t];
    funnel_describe(funnel, &plan->text);
    sj__funnel_write(funnel, &resolved, &plan->counted);
    return SJ_OK;
}

/* ---- the analysis ---- */

/* In the order of SJ__GROUP_…. */
#define FUNNEL_GROUP_COUNTS "filled level dropped excluded open entered customers"

static const sj__ledger_spec funnel_ledgers[SJ__FUNNEL_LEDGERS] = {
    [SJ__FUNNEL_LEVELS] = {"levels", "i", "units", "", ""},
    [SJ__FUNNEL_FILLED] = {"filled", "i", "units", "value", "since_entry since_previous"},
    [SJ__FUNNEL_REASONS] = {"reasons", "ii", "units", "", ""},
    [SJ__FUNNEL_NEXT] = {"next", "in", "units", "", ""},
    [SJ__FUNNEL_CUSTOMERS] = {"customers", "i", "customers", "", ""},
    [SJ__FUNNEL_ENTERED] = {"entered", "i", "units", "", ""},
    [SJ__FUNNEL_BREAKDOWN] = {"breakdown", "ni", FUNNEL_GROUP_COUNTS, "value",
                              "since_entry since_previous"},
    [SJ__FUNNEL_TREND] = {"trend", "iii", FUNNEL_GROUP_COUNTS, "value",
                          "since_entry since_previous"},
    [SJ__FUNNEL_SURVIVAL] = {"survival", "i", "units", "", "since_entry"},
};

static sj_status funnel_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                     sj_error *error)
{
    return sj_funnel_conclude(tally, options, out, error);
}

const sj__analysis sj__funnel_analysis = {
    .name = "funnel",
    .summary = "how many customers reach each step, how fast, and why the others do not",
    .revision = 1,
    .options = &sj__funnel_options_struct,
    .ledgers = funnel_ledgers,
    .n_ledgers = SJ__FUNNEL_LEDGERS,
    .ask = funnel_ask,
    .conclude = funnel_conclude_any,
    .begin = sj__funnel_count_begin,
    .visit = sj__funnel_count_visit,
    .range = sj__funnel_count_range,
    .end = sj__funnel_count_end,
    .drop = sj__funnel_count_drop,
    .free = sj__funnel_free,
    .has_list = 1,
};

sj_status sj_funnel_plan(const sj_graph *graph, const sj_funnel_options *options, sj_plan **out,
                         sj_error *error)
{
    return sj__plan_make(&sj__funnel_analysis, graph, options, out, error);
}

sj_status sj_funnel_compute(const sj_graph *graph, const sj_funnel_options *options,
                            const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(&sj__funnel_analysis, graph, options, run, out, error);
}
