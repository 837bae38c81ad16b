/* What one unit adds to the tally: levels, times and values of its steps, reason and what came next, groups, survival. */
#include "analysis/funnel_count.h"

#include "base/checked.h"

/* later - earlier as a span; below 0, as grace allows, it is 0, and only extreme times do not fit. */
static int64_t funnel_span(int64_t later, int64_t earlier)
{
    const uint64_t span = sj__time_since(later, earlier);
    if (later < earlier)
        return 0;
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

/* The moment that fills a step of the unit; NULL: it was left out, or not reached. */
static const sj__funnel_moment *funnel_filling(const sj__funnel_unit *unit, uint32_t k)
{
    return unit->filled[k] == SJ__FUNNEL_NO_MOMENT ? NULL : &unit->moments[unit->filled[k]];
}

/* ---- times and values ---- */

/* Where the figures of a unit's steps go: the total, and its groups. */
typedef struct funnel_target {
    sj__ledger *ledger;
    const size_t *row; /* by step */
} funnel_target;

#define FUNNEL_TARGETS 3

/* At the step entered the time since the entry is 0, for every unit; the total gets these in the end, all at once. */
static sj_status funnel_count_times(const funnel_target *targets, size_t n, uint32_t k,
                                    int64_t since_entry, const int64_t *since_previous,
                                    sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = since_previous == NULL; i < n && status == SJ_OK; i++) {
        const size_t row = targets[i].row[k];
        status = sj__ledger_spread(targets[i].ledger, row, 0, since_entry, error);
        if (status == SJ_OK && since_previous != NULL)
            status = sj__ledger_spread(targets[i].ledger, row, 1, *since_previous, error);
    }
    return status;
}

static void funnel_put_value(sj__counting *counting, const sj__journey *journey,
                             const sj__funnel_moment *moment, uint32_t k,
                             const funnel_target *targets, size_t n)
{
    const sj__funnel *funnel = counting->question;
    int64_t value = funnel->worth[k - 1];
    if (!funnel->has_worth[k - 1] &&
        !sj__graph_value(counting->graph, journey->base + moment->position, &value))
        return;
    for (size_t i = 0; i < n; i++)
        sj__ledger_sums(targets[i].ledger, targets[i].row[k])[0] += value;
}

static sj_status funnel_count_steps(sj__counting *counting, const sj__journey *journey,
                                    const sj__funnel_unit *unit, const funnel_target *targets,
                                    size_t n, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    int64_t before = unit->entry;
    sj_status status = SJ_OK;
    for (uint32_t k = unit->entered; k <= unit->level && status == SJ_OK; k++) {
        const sj__funnel_moment *moment = funnel_filling(unit, k);
        if (moment == NULL)
            continue;
        const int64_t gap = funnel_span(moment->time, before);
        if (funnel->figures & SJ_FIGURE_TIMES)
            status = funnel_count_times(targets, n, k, funnel_span(moment->time, unit->entry),
                                        k > unit->entered ? &gap : NULL, error);
        if (funnel->figures & SJ_FIGURE_VALUES)
            funnel_put_value(counting, journey, moment, k, targets, n);
        before = moment->time;
    }
    return status;
}

/* ---- next ---- */

/* Where the event stands that comes behind all events of the attempt, in the unit's own journey; its end: none does. */
static uint64_t funnel_behind(const sj__funnel *funnel, const sj__funnel_unit *unit)
{
    uint64_t behind = 0;
    uint32_t last = 0;
    for (uint32_t k = 1; k <= unit->level; k++) {
        const sj__funnel_moment *moment = funnel_filling(unit, k);
        if (moment == NULL || moment->position < behind)
            continue;
        behind = (uint64_t)moment->position + 1;
        last = unit->filled[k];
    }
    if (funnel->n_hold == 0)
        return behind < unit->end ? behind : unit->end;
    return last + 1 < unit->n_moments ? unit->moments[last + 1].position : unit->end;
}

/* The touchpoint of the event behind all events of the attempt, as a name of the tally. */
static sj_status funnel_next_name(sj__counting *counting, const sj__journey *journey,
                                  const sj__funnel_unit *unit, int32_t *name, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const uint64_t behind = funnel_behind(funnel, unit);
    *name = FUNNEL_END;
    const uint64_t event = journey->base + behind;
    if (behind == unit->end ||
        (funnel->cut && sj__graph_time(counting->graph, journey->customer, event) > funnel->as_of))
        return SJ_OK;
    const uint32_t touchpoint = sj__graph_touchpoint(counting->graph, event);
    *name = scratch->names[touchpoint];
    if (*name != FUNNEL_NOT_NAMED)
        return SJ_OK;
    size_t n;
    const char *text =
        sj__intern_name(&sj__graph_map(counting->graph)->touchpoints, touchpoint, &n);
    const sj_status status = sj__tally_name(counting->tally, text, n, name, error);
    if (status == SJ_OK)
        scratch->names[touchpoint] = *name;
    return status;
}

static sj_status funnel_count_next(sj__counting *counting, const sj__journey *journey,
                                   const sj__funnel_unit *unit, sj_error *error)
{
    sj__ledger *next = &counting->tally->ledgers[SJ__FUNNEL_NEXT];
    int32_t key[2] = {(int32_t)unit->level, 0};
    size_t row;
    sj_status status = funnel_next_name(counting, journey, unit, &key[1], error);
    if (status == SJ_OK)
        status = sj__ledger_row(next, key, 2, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(next, row)[0]++;
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
    *name = SJ__GROUP_NULL;
    for (uint64_t i = 0; i < n && *name == SJ__GROUP_NULL && status == SJ_OK; i++) {
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
        k < unit->entered || k > unit->level ? NULL : funnel_filling(unit, k);
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

/* Counts the unit in its groups, and puts these behind the targets. */
static sj_status funnel_count_groups(sj__counting *counting, const sj__journey *journey,
                                     const sj__funnel_unit *unit, funnel_target *targets, size_t *n,
                                     sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const int traced = (sj__funnel_asks(funnel) & SJ__FUNNEL_TRACED) != 0;
    const sj__funnel_member member = {
        .entered = unit->entered,
        .level = unit->level,
        .reason = funnel_group_reason(unit->reason),
        .customer = funnel->unit != SJ_UNIT_CUSTOMERS ? journey->customer + 1 : 0,
        .empty = traced ? unit->filled : NULL,
        .none = SJ__FUNNEL_NO_MOMENT};
    sj_status status = SJ_OK;
    if (scratch->breakdown.ledger != NULL) {
        int32_t parts[2];
        status = funnel_unit_value(counting, journey, unit, &parts[0], error);
        if (status == SJ_OK)
            status = sj__funnel_groups_add(&scratch->breakdown, parts[0], parts, 1, &member, error);
        targets[(*n)++] = (funnel_target){scratch->breakdown.ledger, scratch->breakdown.row};
    }
    if (scratch->trend.ledger != NULL && status == SJ_OK) {
        int32_t parts[3];
        const int64_t bucket = sj__calendar_bucket(funnel->trend, funnel->utc_offset, unit->entry);
        sj__funnel_bucket_parts(bucket, parts);
        status = sj__funnel_groups_add(&scratch->trend, bucket, parts, 2, &member, error);
        targets[(*n)++] = (funnel_target){scratch->trend.ledger, scratch->trend.row};
    }
    return status;
}

/* ---- survival ---- */

/* From the entry to the last event of the attempt. */
static int64_t funnel_conversion_time(const sj__funnel_unit *unit)
{
    int64_t longest = 0;
    for (uint32_t k = unit->entered; k <= unit->level; k++) {
        const sj__funnel_moment *moment = funnel_filling(unit, k);
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
    funnel_target targets[FUNNEL_TARGETS] = {
        {&counting->tally->ledgers[SJ__FUNNEL_FILLED], scratch->rows}};
    size_t n = 1;
    sj_status status = SJ_OK;
    scratch->levels[unit->level]++;
    scratch->entered[unit->entered]++;
    if (funnel->grouped)
        status = funnel_count_groups(counting, journey, unit, targets, &n, error);
    if (status == SJ_OK && funnel->figures & (SJ_FIGURE_TIMES | SJ_FIGURE_VALUES))
        status = funnel_count_steps(counting, journey, unit, targets, n, error);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_REASONS) {
        scratch->reasons[unit->level * SJ__FUNNEL_REASONS_END + (uint32_t)unit->reason]++;
        if (sj__funnel_is_dropped(unit->reason))
            status = funnel_count_next(counting, journey, unit, error);
    }
    if (status == SJ_OK && funnel->survival)
        status = funnel_count_survival(counting, unit, error);
    return status;
}
