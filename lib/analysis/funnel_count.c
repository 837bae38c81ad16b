/* Counting: a worker's room, customers one by one (or by the range door), and what goes into the
 * tally in the end.
 *
 * Levels, entries, steps filled and reasons are kept by step while a worker counts, in arrays; rows
 * of the ledgers are touched for spreads, sums, names and groups only. */
#include "analysis/funnel_count.h"

/* ---- room ---- */

static sj_status funnel_begin_groups(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const uint32_t n_steps = funnel->rules.n_steps;
    sj__ledger *ledgers = counting->tally->ledgers;
    funnel_scratch *scratch = counting->scratch;
    sj_status status = SJ_OK;
    if (funnel->breakdown.kind != 0) {
        status = sj__funnel_values_init(&scratch->values, &funnel->breakdown, counting->graph,
                                        counting->tally, &counting->allocator, error);
        if (status == SJ_OK)
            status = sj__funnel_groups_init(&scratch->breakdown, &ledgers[SJ__FUNNEL_BREAKDOWN],
                                            n_steps, &counting->allocator, error);
    }
    if (funnel->trend != 0 && status == SJ_OK)
        status = sj__funnel_groups_init(&scratch->trend, &ledgers[SJ__FUNNEL_TREND], n_steps,
                                        &counting->allocator, error);
    if (scratch->breakdown.ledger != NULL)
        scratch->targets[scratch->n_targets++] =
            (funnel_target){scratch->breakdown.ledger, scratch->breakdown.row};
    if (scratch->trend.ledger != NULL)
        scratch->targets[scratch->n_targets++] =
            (funnel_target){scratch->trend.ledger, scratch->trend.row};
    return status;
}

sj_status sj__funnel_count_begin(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const sj_allocator *a = &counting->allocator;
    const size_t rows = (size_t)funnel->rules.n_steps + 1;
    funnel_scratch *scratch = sj__alloc_zeroed(a, 1, sizeof *scratch);
    if (scratch == NULL)
        return sj__fail_nomem(error);
    counting->scratch = scratch;
    scratch->levels = sj__alloc_zeroed(a, rows, sizeof *scratch->levels);
    scratch->entered = sj__alloc_zeroed(a, rows, sizeof *scratch->entered);
    scratch->filled = sj__alloc_zeroed(a, rows, sizeof *scratch->filled);
    scratch->customers = sj__alloc_zeroed(a, rows, sizeof *scratch->customers);
    scratch->seen = sj__alloc_zeroed(a, rows, sizeof *scratch->seen);
    scratch->reasons = sj__alloc_zeroed(a, rows * SJ__FUNNEL_REASONS_END, sizeof *scratch->reasons);
    scratch->rows = sj__alloc_zeroed(a, rows, sizeof *scratch->rows);
    if (scratch->levels == NULL || scratch->entered == NULL || scratch->filled == NULL ||
        scratch->customers == NULL || scratch->seen == NULL || scratch->reasons == NULL ||
        scratch->rows == NULL)
        return sj__fail_nomem(error);
    sj_status status = sj__funnel_next_begin(counting, error);
    if (status == SJ_OK)
        status = sj__funnel_reader_init(&scratch->reader, funnel, counting->graph, a, error);
    if (status == SJ_OK)
        status = sj__funnel_reach_want(funnel, a, counting->bits, &scratch->door, error);
    for (int32_t k = 1; k < (int32_t)rows && status == SJ_OK; k++)
        status = sj__ledger_row(&counting->tally->ledgers[SJ__FUNNEL_FILLED], &k, 1,
                                &scratch->rows[k], error);
    scratch->targets[scratch->n_targets++] =
        (funnel_target){&counting->tally->ledgers[SJ__FUNNEL_FILLED], scratch->rows};
    return status == SJ_OK && funnel->grouped ? funnel_begin_groups(counting, error) : status;
}

void sj__funnel_count_drop(sj__counting *counting)
{
    const sj__funnel *funnel = counting->question;
    const sj_allocator *a = &counting->allocator;
    const size_t rows = (size_t)funnel->rules.n_steps + 1;
    funnel_scratch *scratch = counting->scratch;
    if (scratch == NULL)
        return;
    sj__funnel_reader_free(&scratch->reader);
    sj__funnel_values_free(&scratch->values);
    sj__funnel_groups_free(&scratch->breakdown);
    sj__funnel_groups_free(&scratch->trend);
    sj__funnel_reach_drop(funnel, a, &scratch->door);
    sj__free(a, scratch->levels, rows, sizeof *scratch->levels);
    sj__free(a, scratch->entered, rows, sizeof *scratch->entered);
    sj__free(a, scratch->filled, rows, sizeof *scratch->filled);
    sj__free(a, scratch->customers, rows, sizeof *scratch->customers);
    sj__free(a, scratch->seen, rows, sizeof *scratch->seen);
    sj__free(a, scratch->reasons, rows * SJ__FUNNEL_REASONS_END, sizeof *scratch->reasons);
    sj__free(a, scratch->rows, rows, sizeof *scratch->rows);
    sj__funnel_next_drop(counting);
    sj__free(a, scratch, 1, sizeof *scratch);
    counting->scratch = NULL;
}

/* ---- customers ---- */

int sj__funnel_asks(const sj__funnel *funnel)
{
    const int32_t at = funnel->breakdown.at; /* 0 without a breakdown */
    const int traced = funnel->figures != SJ_FIGURE_COUNTS || funnel->path.any_optional ||
                       at == SJ_AT_ENTRY || at == SJ_AT_STEP;
    return (traced ? SJ__FUNNEL_TRACED : 0) |
           (funnel->figures & SJ_FIGURE_REASONS ? SJ__FUNNEL_REASONED : 0);
}

int sj__funnel_tells_left_out(const sj__funnel *funnel)
{
    return (sj__funnel_asks(funnel) & SJ__FUNNEL_TRACED) != 0 &&
           funnel->path.scan == SJ__FUNNEL_NO_SCAN;
}

/* A unit of the general matcher: the steps it filled, and its customer, who counts once at a step.
 */
static void funnel_count_filled(funnel_scratch *scratch, const sj__funnel_unit *unit, int traced,
                                uint64_t customer)
{
    for (uint32_t k = unit->entered; k <= unit->level; k++) {
        scratch->filled[k] += !traced || unit->ranked[k] != SJ__FUNNEL_NO_MOMENT;
        scratch->customers[k] += customer != 0 && scratch->seen[k] != customer;
        scratch->seen[k] = customer;
    }
}

/* Units of the general matcher. */
static sj_status funnel_visit_units(sj__counting *counting, const sj__journey *journey,
                                    sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const int asked = sj__funnel_asks(funnel), traced = sj__funnel_tells_left_out(funnel);
    const uint64_t customer = funnel->unit != SJ_UNIT_CUSTOMERS ? journey->customer + 1 : 0;
    sj__funnel_unit unit;
    sj_status status = sj__funnel_next_unit(&scratch->reader, asked, &unit, error);
    while (status == SJ_OK && unit.level > 0) {
        if (unit.removed) {
            scratch->levels[0]++;
        } else {
            funnel_count_filled(scratch, &unit, traced, customer);
            status = sj__funnel_count_unit(counting, journey, &unit, error);
        }
        if (status == SJ_OK)
            status = sj__funnel_next_unit(&scratch->reader, asked, &unit, error);
    }
    return status;
}

sj_status sj__funnel_count_visit(sj__counting *counting, const sj__journey *journey,
                                 sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    sj__funnel_reader *reader = &scratch->reader;
    sj__funnel_unit unit;
    sj_status status = sj__funnel_read(reader, journey, error);
    if (status != SJ_OK)
        return status;
    if (funnel->general)
        return funnel_visit_units(counting, journey, error);
    if (reader->matcher.level == 0)
        return SJ_OK;
    if (funnel->figures == SJ_FIGURE_COUNTS && !funnel->grouped) {
        scratch->levels[reader->matcher.level]++;
        return SJ_OK;
    }
    status = sj__funnel_next_unit(reader, sj__funnel_asks(funnel), &unit, error);
    return status == SJ_OK ? sj__funnel_count_unit(counting, journey, &unit, error) : status;
}

sj_status sj__funnel_count_range(sj__counting *counting, const sj__packed *packed, uint64_t *left,
                                 sj_error *error)
{
    const funnel_scratch *scratch = counting->scratch;
    (void)error;
    sj__funnel_reach(counting->question, &scratch->door, counting->bits, packed, scratch->levels,
                     left);
    return SJ_OK;
}

static sj_status funnel_add_count(sj__ledger *ledger, const int32_t *key, size_t n, int64_t units,
                                  sj_error *error)
{
    size_t row;
    if (units == 0)
        return SJ_OK;
    const sj_status status = sj__ledger_row(ledger, key, n, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(ledger, row)[0] += units;
    return status;
}

/* What the step numbered k is at which attempts begin: later entries, and times since the entry, 0
 * for each. */
static sj_status funnel_end_entries(sj__counting *counting, int32_t k, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    sj__ledger *ledgers = counting->tally->ledgers;
    const int64_t units = scratch->entered[k];
    sj_status status = SJ_OK;
    if (k > 1)
        status = funnel_add_count(&ledgers[SJ__FUNNEL_ENTERED], &k, 1, units, error);
    if (status != SJ_OK || units == 0 || (funnel->figures & SJ_FIGURE_TIMES) == 0)
        return status;
    return sj__spread_add(&sj__ledger_spreads(&ledgers[SJ__FUNNEL_FILLED], scratch->rows[k])[0],
                          &counting->tally->allocator, sj__spread_bucket(0), units, 0, error);
}

sj_status sj__funnel_count_end(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    sj__ledger *ledgers = counting->tally->ledgers;
    int64_t units = 0;
    sj_status status = SJ_OK;
    for (int32_t k = (int32_t)funnel->rules.n_steps; k > 0 && status == SJ_OK; k--) {
        units += scratch->levels[k];
        status = funnel_add_count(&ledgers[SJ__FUNNEL_LEVELS], &k, 1, scratch->levels[k], error);
        if (status == SJ_OK) /* the plain matcher fills every step up to the level */
            status = funnel_add_count(&ledgers[SJ__FUNNEL_FILLED], &k, 1,
                                      funnel->general ? scratch->filled[k] : units, error);
        if (status == SJ_OK)
            status = funnel_add_count(&ledgers[SJ__FUNNEL_CUSTOMERS], &k, 1, scratch->customers[k],
                                      error);
        for (int32_t r = 1; r < SJ__FUNNEL_REASONS_END && status == SJ_OK; r++)
            status = funnel_add_count(&ledgers[SJ__FUNNEL_REASONS], (int32_t[2]){k, r}, 2,
                                      scratch->reasons[k * SJ__FUNNEL_REASONS_END + r], error);
        if (status == SJ_OK)
            status = funnel_end_entries(counting, k, error);
    }
    if (status == SJ_OK)
        status = sj__funnel_next_end(counting, error);
    if (status == SJ_OK)
        status = funnel_add_count(&ledgers[SJ__FUNNEL_LEVELS], &(int32_t){0}, 1, scratch->levels[0],
                                  error);
    return status;
}
