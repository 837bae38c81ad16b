/* What one unit adds to the tally: levels, times and values of its steps, reason, groups, survival.
 */
#include "analysis/funnel_count.h"

#include "base/checked.h"

/* later - earlier as a span; below 0, as grace allows, it is 0, and only extreme times do not fit.
 */
static int64_t funnel_span(int64_t later, int64_t earlier)
{
    const uint64_t span = sj__time_since(later, earlier);
    if (later < earlier)
        return 0;
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

/* ---- times and values ---- */

/* A step's times: since the entry, and since the step filled before. */
static sj_status funnel_count_times(const funnel_target *targets, size_t n, uint32_t k,
                                    int64_t since_entry, int64_t since_previous, sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = 0; i < n && status == SJ_OK; i++) {
        const size_t row = targets[i].row[k];
        status = sj__ledger_spread(targets[i].ledger, row, 0, since_entry, error);
        if (status == SJ_OK)
            status = sj__ledger_spread(targets[i].ledger, row, 1, since_previous, error);
    }
    return status;
}

/* At the step entered the time since the entry is 0 for every unit; the total gets these in the
 * end, all at once. */
static sj_status funnel_count_entry(const funnel_target *targets, size_t n, uint32_t k,
                                    sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = 1; i < n && status == SJ_OK; i++)
        status = sj__ledger_spread(targets[i].ledger, targets[i].row[k], 0, 0, error);
    return status;
}

static void funnel_count_value(sj__counting *counting, const sj__journey *journey,
                               const sj__funnel_moment *moment, uint32_t k, uint32_t step,
                               const funnel_target *targets, size_t n)
{
    const sj__funnel *funnel = counting->question;
    int64_t value = funnel->worth[step - 1];
    if (!funnel->has_worth[step - 1] &&
        !sj__graph_value(counting->graph, journey->base + moment->position, &value))
        return;
    for (size_t i = 0; i < n; i++)
        sj__ledger_sums(targets[i].ledger, targets[i].row[k])[0] += value;
}

static sj_status funnel_count_steps(sj__counting *counting, const sj__journey *journey,
                                    const sj__funnel_unit *unit, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const funnel_target *targets = scratch->targets;
    const size_t n = scratch->n_targets;
    const int times = (funnel->figures & SJ_FIGURE_TIMES) != 0;
    const int values = (funnel->figures & SJ_FIGURE_VALUES) != 0;
    int64_t before = unit->entry;
    sj_status status = times ? funnel_count_entry(targets, n, unit->entered, error) : SJ_OK;
    for (uint32_t k = unit->entered; k <= unit->level && status == SJ_OK; k++) {
        const sj__funnel_moment *moment = sj__funnel_filling(unit, k);
        if (moment == NULL)
            continue;
        if (values)
            funnel_count_value(counting, journey, moment, k, sj__funnel_row_step(unit, k), targets,
                               n);
        if (times && k > unit->entered)
            status = funnel_count_times(targets, n, k, funnel_span(moment->time, unit->entry),
                                        funnel_span(moment->time, before), error);
        before = moment->time;
    }
    return status;
}

/* ---- groups ---- */

/* Where the unit's own journey begins, as a position in the whole one. */
static uint64_t funnel_unit_begin(const sj__funnel_reader *reader, const sj__funnel_unit *unit)
{
    const size_t session = reader->funnel->general ? reader->parts[unit->part].session : 0;
    return session == 0 ? 0 : reader->sessions[session - 1].end;
}

/* First or last value present in the unit's own journey, as far as it was seen. */
static sj_status funnel_find_value(sj__counting *counting, const sj__journey *journey,
                                   const sj__funnel_unit *unit, int32_t *name, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const int held = funnel->n_hold > 0, first = funnel->breakdown.at == SJ_AT_FIRST;
    const uint64_t begin = held ? 0 : funnel_unit_begin(&scratch->reader, unit);
    const uint64_t n = held ? unit->n_moments : unit->end - begin;
    sj_status status = SJ_OK;
    *name = SJ__GROUP_NONE;
    for (uint64_t i = 0; i < n && *name == SJ__GROUP_NONE && status == SJ_OK; i++) {
        const uint64_t at = first ? i : n - 1 - i;
        const uint64_t event = journey->base + (held ? unit->moments[at].position : begin + at);
        const int unseen =
            !held && funnel->cut &&
            sj__graph_time(counting->graph, journey->customer, event) > funnel->as_of;
        if (unseen && first)
            break;
        if (!unseen)
            status = sj__funnel_value(&scratch->values, journey->customer, event, name, error);
    }
    return status;
}

/* The same, once for all units of one part of the journey. */
static sj_status funnel_end_value(sj__counting *counting, const sj__journey *journey,
                                  const sj__funnel_unit *unit, int32_t *name, sj_error *error)
{
    funnel_scratch *scratch = counting->scratch;
    if (scratch->value_customer != journey->customer + 1 || scratch->value_part != unit->part) {
        const sj_status status = funnel_find_value(counting, journey, unit, &scratch->value, error);
        if (status != SJ_OK)
            return status;
        scratch->value_customer = journey->customer + 1;
        scratch->value_part = unit->part;
    }
    *name = scratch->value;
    return SJ_OK;
}

/* The value by which the breakdown knows the unit. */
static sj_status funnel_unit_value(sj__counting *counting, const sj__journey *journey,
                                   const sj__funnel_unit *unit, int32_t *name, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const sj__funnel_breakdown *breakdown = &funnel->breakdown;
    const uint32_t k = breakdown->at == SJ_AT_STEP ? breakdown->step : unit->entered;
    if (breakdown->at == SJ_AT_CUSTOMER)
        return sj__funnel_value(&scratch->values, journey->customer, journey->base, name, error);
    if (breakdown->at == SJ_AT_FIRST || breakdown->at == SJ_AT_LAST)
        return funnel_end_value(counting, journey, unit, name, error);
    const sj__funnel_moment *moment =
        k < unit->entered || k > unit->level ? NULL : sj__funnel_filling(unit, k);
    *name = SJ__GROUP_NONE;
    if (moment == NULL)
        return SJ_OK;
    return sj__funnel_value(&scratch->values, journey->customer, journey->base + moment->position,
                            name, error);
}

static size_t funnel_group_reason(int32_t reason)
{
    return sj__funnel_is_dropped(reason)   ? SJ__GROUP_DROPPED
           : reason == SJ__FUNNEL_EXCLUDED ? SJ__GROUP_EXCLUDED
           : reason == SJ__FUNNEL_OPEN     ? SJ__GROUP_OPEN
                                           : 0;
}

/* Counts the unit in its groups, whose rows for its steps are then known. */
static sj_status funnel_count_groups(sj__counting *counting, const sj__journey *journey,
                                     const sj__funnel_unit *unit, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const sj__funnel_member member = {
        .entered = unit->entered,
        .level = unit->level,
        .reason = funnel_group_reason(unit->reason),
        .customer = funnel->unit != SJ_UNIT_CUSTOMERS ? journey->customer + 1 : 0,
        .empty = sj__funnel_tells_left_out(funnel) ? unit->ranked : NULL,
        .none = SJ__FUNNEL_NO_MOMENT};
    sj_status status = SJ_OK;
    if (scratch->breakdown.ledger != NULL) {
        int32_t parts[2];
        status = funnel_unit_value(counting, journey, unit, &parts[0], error);
        if (status == SJ_OK)
            status = sj__funnel_groups_add(&scratch->breakdown, parts[0], parts, 1, &member, error);
    }
    if (scratch->trend.ledger != NULL && status == SJ_OK) {
        int32_t parts[3];
        const int64_t bucket = sj__calendar_bucket(funnel->trend, funnel->utc_offset, unit->entry);
        sj__funnel_bucket_parts(bucket, parts);
        status = sj__funnel_groups_add(&scratch->trend, bucket, parts, 2, &member, error);
    }
    return status;
}

/* ---- survival ---- */

/* From the entry to the last event of the attempt. */
static int64_t funnel_conversion_time(const sj__funnel_unit *unit)
{
    int64_t longest = 0;
    for (uint32_t k = unit->entered; k <= unit->level; k++) {
        const sj__funnel_moment *moment = sj__funnel_filling(unit, k);
        const int64_t span = moment != NULL ? funnel_span(moment->time, unit->entry) : 0;
        longest = span > longest ? span : longest;
    }
    return longest;
}

/* Who neither converted nor can go on stays at risk to the end, and has no row. */
static sj_status funnel_count_survival(sj__counting *counting, const sj__funnel_unit *unit,
                                       sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    sj__ledger *survival = &counting->tally->ledgers[SJ__FUNNEL_SURVIVAL];
    const int converted = unit->reason == SJ__FUNNEL_CONVERTED;
    const int32_t key = converted ? SJ__SURVIVAL_CONVERTED : SJ__SURVIVAL_CENSORED;
    size_t row;
    if (!converted && !unit->can_go_on)
        return SJ_OK;
    const sj_status status = sj__ledger_row(survival, &key, 1, &row, error);
    if (status != SJ_OK)
        return status;
    sj__ledger_counts(survival, row)[0]++;
    return sj__ledger_spread(
        survival, row, 0,
        converted ? funnel_conversion_time(unit) : funnel_span(funnel->as_of, unit->entry), error);
}

/* ---- a unit ---- */

sj_status sj__funnel_count_unit(sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    sj_status status = SJ_OK;
    scratch->levels[unit->level]++;
    scratch->entered[unit->entered]++;
    if (funnel->grouped)
        status = funnel_count_groups(counting, journey, unit, error);
    if (status == SJ_OK && funnel->figures & (SJ_FIGURE_TIMES | SJ_FIGURE_VALUES))
        status = funnel_count_steps(counting, journey, unit, error);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_REASONS) {
        scratch->reasons[unit->level * SJ__FUNNEL_REASONS_END + (uint32_t)unit->reason]++;
        if (sj__funnel_is_dropped(unit->reason))
            status = sj__funnel_next_count(counting, journey, unit, error);
    }
    if (status == SJ_OK && funnel->survival)
        status = funnel_count_survival(counting, unit, error);
    return status;
}
