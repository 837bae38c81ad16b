/* Transitions: which touchpoint (stage, channel) follows which, how often, for how many customers,
 * and after how long.
 *
 * The tally counts, by pair and by node, whole numbers only:
 *     edges              from, to        transitions; customers; dwell; value; spread of the dwell
 *     nodes
 *     node
 *     events, visits, customers, first visits of a walk, entries, exits
 *     stages             kind, from, to  steps from stage to stage; customers
 *     micro_conversions  name            events; customers; value; spread of the time to the first
 *     legs               closed, open    legs, where `eventually` is asked
 * Inflow + starts = outflow + ends = events at every node.  Shares and quantiles are conclusions
 * (transition_conclude.c). O(events) in time; a matrix of nodes², or a hash table of the pairs that
 * there are, in memory. */
#include "analysis/transition.h"

#include <string.h>

#include "base/checked.h"

/* ---- plan ---- */

static void transition_describe(const sj_plan *plan, const sj__transition *transition,
                                sj__text *text)
{
    sj__text_add(text, plan->use_range ? "packed arrays, pair by pair" : "decoded journeys");
    sj__text_add(text, transition->dense ? "; a matrix of counts" : "; a hash table of counts");
}

/* Walks are whole journeys, and nodes are what the packed arrays hold. */
static int transition_has_range(const sj__transition *transition)
{
    return transition->dense && transition->between == SJ_BETWEEN_TOUCHPOINTS &&
           !transition->collapse && !transition->eventually && !transition->cut &&
           transition->rules.session_gap == SJ__NO_LIMIT;
}

static sj_status transition_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj_transition_options resolved;
    sj__transition *transition = NULL;
    int64_t as_of = 0;
    sj_status status = sj__transition_options_resolve(graph, options, &resolved, &as_of, error);
    if (status == SJ_OK)
        status = sj__transition_new(graph, &resolved, &transition, error);
    if (status != SJ_OK)
        return status;
    plan->question = transition;
    plan->use_range = transition_has_range(transition);
    memset(plan->wanted, 1, plan->n_wanted);
    transition_describe(plan, transition, &plan->text);
    sj__transition_write(transition, &resolved, &plan->counted);
    return SJ_OK;
}

/* ---- scan ---- */

static sj_status transition_begin(sj__counting *counting, sj_error *error)
{
    sj__transition_counts *counts = sj__alloc_zeroed(&counting->allocator, 1, sizeof *counts);
    if (counts == NULL)
        return sj__fail_nomem(error);
    counting->scratch = counts;
    return sj__transition_counts_init(counts, counting->question, counting->graph,
                                      &counting->allocator, error);
}

static void transition_drop(sj__counting *counting)
{
    sj__transition_counts *counts = counting->scratch;
    if (counts == NULL)
        return;
    sj__transition_counts_free(counts);
    sj__free(&counting->allocator, counts, 1, sizeof *counts);
    counting->scratch = NULL;
}

static sj_status transition_visit(sj__counting *counting, const sj__journey *journey,
                                  sj_error *error)
{
    return sj__transition_count(counting->scratch, journey, error);
}

static sj_status transition_range(sj__counting *counting, const sj__packed *packed, uint64_t *left,
                                  sj_error *error)
{
    (void)left; /* nobody is */
    return sj__transition_range(counting->scratch, packed, error);
}

static sj_status transition_end(sj__counting *counting, sj_error *error)
{
    return sj__transition_settle(counting->scratch, counting->tally, error);
}

/* ---- the analysis ---- */

static const sj__ledger_spec transition_ledgers[SJ__TRANSITION_LEDGERS] = {
    [SJ__TRANSITION_EDGES] = {"edges", "nn", "count customers", "dwell value", "dwell"},
    [SJ__TRANSITION_NODES] = {"nodes", "n", "events visits customers firsts entries exits settled",
                              "", ""},
    [SJ__TRANSITION_STAGES] = {"stages", "inn", "count customers", "", ""},
    [SJ__TRANSITION_CONVERSIONS] = {"micro_conversions", "n", "reached firsts", "value", "time"},
    [SJ__TRANSITION_LEGS] = {"legs", "i", "legs", "", ""},
};

static sj_status transition_conclude_any(const sj_tally *tally, const void *options,
                                         sj_result **out, sj_error *error)
{
    return sj_transition_conclude(tally, options, out, error);
}

const sj__analysis sj__transition_analysis = {
    .name = "transition",
    .summary = "which touchpoint follows which, how often, and after how long",
    .revision = 1,
    .options = &sj__transition_options_struct,
    .ledgers = transition_ledgers,
    .n_ledgers = SJ__TRANSITION_LEDGERS,
    .ask = transition_ask,
    .conclude = transition_conclude_any,
    .begin = transition_begin,
    .visit = transition_visit,
    .range = transition_range,
    .end = transition_end,
    .drop = transition_drop,
    .free = sj__transition_free,
    .has_list = 0,
};

sj_status sj_transition_plan(const sj_graph *graph, const sj_transition_options *options,
                             sj_plan **out, sj_error *error)
{
    return sj__plan_make(&sj__transition_analysis, graph, options, out, error);
}

sj_status sj_transition_compute(const sj_graph *graph, const sj_transition_options *options,
                                const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(&sj__transition_analysis, graph, options, run, out, error);
}
