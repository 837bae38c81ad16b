/* Friction points: which manner of a visit goes with fewer conversions, and where customers leave,
 * turn back or go in circles more than elsewhere.
 *
 * One pass counts whole numbers only (friction_count.c), after a journey has been cut into legs and
 * visits (journey/legs.h):
 *     manners  place, position bucket, manner, dwell cell
 *     visits; index visits, and how many of them converted
 *     rates
 *     signal, place, second place, position bucket, stage   at risk, affected, conversions of both
 *     seen
 *     signal
 *     open, first conversions, late ones
 * Differences, intervals, p, q and the limit of slow visits are conclusions.  O(events) in all. */
#include "analysis/friction.h"

#include <string.h>

static const sj__ledger_spec friction_ledgers[SJ__FRICTION_LEDGERS] = {
    [SJ__FRICTION_MANNERS] = {"manners", "niii", "visits index converted converted_next", "", ""},
    [SJ__FRICTION_RATES] = {"rates", "innii",
                            "units affected converted converted_affected visits affected_visits",
                            "", ""},
    [SJ__FRICTION_SEEN] = {"seen", "i", "open first late", "", ""},
};

static sj_status friction_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj_friction_options resolved;
    sj__friction *friction = NULL;
    int64_t as_of = 0;
    uint32_t signals = 0;
    sj_status status =
        sj__friction_options_resolve(graph, options, &resolved, &as_of, &signals, error);
    if (status == SJ_OK)
        status = sj__friction_new(graph, &resolved, signals, &friction, error);
    if (status != SJ_OK)
        return status;
    plan->question = friction;
    memset(plan->wanted, 1, plan->n_wanted);
    sj__text_add(&plan->text, "legs and visits of decoded journeys, one pass");
    sj__friction_write(friction, &resolved, &plan->counted);
    return SJ_OK;
}

static sj_status friction_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                       sj_error *error)
{
    return sj_friction_conclude(tally, options, out, error);
}

const sj__analysis sj__friction_analysis = {
    .name = "friction",
    .summary = "where customers lose time or are lost, and what that costs at least",
    .revision = 1,
    .options = &sj__friction_options_struct,
    .ledgers = friction_ledgers,
    .n_ledgers = SJ__FRICTION_LEDGERS,
    .ask = friction_ask,
    .conclude = friction_conclude_any,
    .begin = sj__friction_begin,
    .visit = sj__friction_visit,
    .end = sj__friction_end,
    .drop = sj__friction_drop,
    .free = sj__friction_free,
};

sj_status sj_friction_plan(const sj_graph *graph, const sj_friction_options *options, sj_plan **out,
                           sj_error *error)
{
    return sj__plan_make(&sj__friction_analysis, graph, options, out, error);
}

sj_status sj_friction_compute(const sj_graph *graph, const sj_friction_options *options,
                              const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(&sj__friction_analysis, graph, options, run, out, error);
}
