/* What the dropped did next: of units dropped at a level the touchpoint of the event that stands
 * behind all events of the attempt, or none.  While a worker counts, these are numbers in an array
 * by level and touchpoint; where that would be large, rows of the ledger. */
#include "analysis/funnel_count.h"

#include "base/checked.h"

#define NEXT_COUNTS (UINT32_C(1) << 18) /* most numbers in the array */

sj_status sj__funnel_next_begin(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const uint64_t n =
        ((uint64_t)funnel->rules.n_steps + 1) * ((uint64_t)funnel->n_touchpoints + 1);
    if ((funnel->figures & SJ_FIGURE_REASONS) == 0 || n > NEXT_COUNTS)
        return SJ_OK;
    scratch->next.counts =
        sj__alloc_zeroed(&counting->allocator, (size_t)n, sizeof *scratch->next.counts);
    if (scratch->next.counts == NULL)
        return sj__fail_nomem(error);
    scratch->next.n_counts = (size_t)n;
    return SJ_OK;
}

void sj__funnel_next_drop(sj__counting *counting)
{
    funnel_scratch *scratch = counting->scratch;
    sj__free(&counting->allocator, scratch->next.counts, scratch->next.n_counts,
             sizeof *scratch->next.counts);
}

/* Where the event stands that comes behind all events of the attempt, in the unit's own journey;
 * its end: none does. */
static uint64_t next_behind(const sj__funnel *funnel, const sj__funnel_unit *unit)
{
    uint64_t behind = 0;
    uint32_t last = 0;
    for (uint32_t k = 1; k <= unit->level; k++) {
        const sj__funnel_moment *moment = sj__funnel_filling(unit, k);
        if (moment == NULL || moment->position < behind)
            continue;
        behind = (uint64_t)moment->position + 1;
        last = unit->ranked[k];
    }
    if (funnel->n_hold == 0)
        return behind < unit->end ? behind : unit->end;
    return last + 1 < unit->n_moments ? unit->moments[last + 1].position : unit->end;
}

/* The touchpoint of that event; n_touchpoints: there is none. */
static uint32_t next_touchpoint(const sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit)
{
    const sj__funnel *funnel = counting->question;
    const uint64_t behind = next_behind(funnel, unit), event = journey->base + behind;
    if (behind == unit->end ||
        (funnel->cut && sj__graph_time(counting->graph, journey->customer, event) > funnel->as_of))
        return funnel->n_touchpoints;
    return sj__graph_touchpoint(counting->graph, event);
}

static sj_status next_add(sj__counting *counting, uint32_t level, uint32_t touchpoint,
                          int64_t units, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    sj__ledger *next = &counting->tally->ledgers[SJ__FUNNEL_NEXT];
    int32_t key[2] = {(int32_t)level, -1}; /* no name: nothing came behind */
    size_t row, n;
    sj_status status = SJ_OK;
    if (touchpoint < funnel->n_touchpoints) {
        const char *name =
            sj__intern_name(&sj__graph_map(counting->graph)->touchpoints, touchpoint, &n);
        status = sj__tally_name(counting->tally, name, n, &key[1], error);
    }
    if (status == SJ_OK)
        status = sj__ledger_row(next, key, 2, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(next, row)[0] += units;
    return status;
}

sj_status sj__funnel_next_count(sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const uint32_t touchpoint = next_touchpoint(counting, journey, unit);
    if (scratch->next.n_counts == 0)
        return next_add(counting, unit->level, touchpoint, 1, error);
    scratch->next.counts[(size_t)unit->level * (funnel->n_touchpoints + 1) + touchpoint]++;
    return SJ_OK;
}

sj_status sj__funnel_next_end(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const size_t width = (size_t)funnel->n_touchpoints + 1;
    sj_status status = SJ_OK;
    for (size_t i = 0; i < scratch->next.n_counts && status == SJ_OK; i++)
        if (scratch->next.counts[i] != 0)
            status = next_add(counting, (uint32_t)(i / width), (uint32_t)(i % width),
                              scratch->next.counts[i], error);
    return status;
}
