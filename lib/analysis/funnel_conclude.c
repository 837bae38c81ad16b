/* What a funnel's tally says, as tables: here reasons, what came next, and times; the others in
 * files of their own.
 *
 * Intervals are Wilson's at 95 % (open units stay in the denominator); quantiles are those of
 * base/spread.h, within 1/128. Rates over nothing are absent; figures that the tally did not count
 * are columns that are absent in every row. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/sort.h"

#define FUNNEL_TOP 10 /* rows per step of `next`, unless the options say otherwise */

static const sj__column_spec funnel_reason_columns[] = {
    {"step", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    {"reason", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"units", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

static const sj__column_spec funnel_next_columns[] = {
    {"step", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    {"touchpoint", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"units", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

static const sj__column_spec funnel_time_columns[] = {
    {"step", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},   {"since", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"from", SJ_COLUMN_INTEGER, SJ_UNIT_SPAN},   {"to", SJ_COLUMN_INTEGER, SJ_UNIT_SPAN},
    {"units", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

/* ---- reasons, next, times ---- */

static void funnel_put_reasons(const sj__funnel_reading *reading, sj_result *result)
{
    const sj__ledger *reasons = &reading->tally->ledgers[SJ__FUNNEL_REASONS];
    sj_table *table = sj__result_add(result, "reasons", funnel_reason_columns, 3);
    for (size_t row = 0; row < reasons->n_rows; row++) { /* by step, then reason, as the keys are */
        size_t n;
        const int32_t *key = sj__ledger_key(reasons, row, &n);
        sj__put_integer(table, 0, key[0]);
        sj__put_string(table, 1, sj__funnel_reason_name(key[1]));
        sj__put_integer(table, 2, sj__ledger_counts(reasons, row)[0]);
        sj__end_row(table);
    }
}

static void funnel_put_next_row(sj_table *table, int32_t step, const char *touchpoint,
                                int64_t units)
{
    sj__put_integer(table, 0, step);
    sj__put_string(table, 1, touchpoint);
    sj__put_integer(table, 2, units);
    sj__end_row(table);
}

/* Rows from … to of one step, in order of names with (end) first: puts (end) where its name
 * belongs, then orders by units. */
static void funnel_order_next(const sj_tally *tally, size_t from, size_t to, sj__pair *pairs,
                              sj__pair *scratch)
{
    const sj__ledger *next = &tally->ledgers[SJ__FUNNEL_NEXT];
    size_t n;
    for (size_t row = from; row < to; row++)
        pairs[row - from] = (sj__pair){UINT64_MAX - (uint64_t)sj__ledger_counts(next, row)[0], row};
    if (sj__ledger_key(next, from, &n)[1] < 0) {
        const sj__pair end = pairs[0];
        size_t i = 1;
        for (; from + i < to; i++) {
            const int32_t name = sj__ledger_key(next, from + i, &n)[1];
            if (strcmp(sj__intern_name(&tally->names, (uint32_t)name, NULL), "(end)") > 0)
                break;
            pairs[i - 1] = pairs[i];
        }
        pairs[i - 1] = end;
    }
    sj__sort_pairs(pairs, scratch, to - from);
}

static void funnel_put_next_step(const sj_tally *tally, const sj__pair *pairs, size_t n, size_t top,
                                 sj_table *table, sj__text *shown)
{
    const sj__ledger *next = &tally->ledgers[SJ__FUNNEL_NEXT];
    uint64_t other = 0;
    int32_t step = 0;
    for (size_t i = 0; i < n; i++) {
        size_t parts, size;
        const size_t row = (size_t)pairs[i].number;
        const int32_t *key = sj__ledger_key(next, row, &parts);
        const int64_t units = sj__ledger_counts(next, row)[0];
        step = key[0];
        if (i >= top) {
            other += (uint64_t)units;
            continue;
        }
        shown->size = 0;
        if (key[1] < 0) {
            sj__text_add(shown, "(end)");
        } else {
            const char *name = sj__intern_name(&tally->names, (uint32_t)key[1], &size);
            sj__text_name(shown, name, size);
        }
        funnel_put_next_row(table, step, sj__text_data(shown), units);
    }
    if (n > top)
        funnel_put_next_row(table, step, "(other)", (int64_t)other);
}

static sj_status funnel_put_next(const sj__funnel_reading *reading, int64_t top, sj_result *result,
                                 sj_error *error)
{
    const sj_tally *tally = reading->tally;
    const sj__ledger *next = &tally->ledgers[SJ__FUNNEL_NEXT];
    const size_t rows = next->n_rows;
    sj_table *table = sj__result_add(result, "next", funnel_next_columns, 3);
    sj__pair *pairs = sj__alloc(&reading->allocator, rows, 2 * sizeof *pairs);
    sj__text shown;
    size_t n;
    if (pairs == NULL)
        return sj__fail_nomem(error);
    sj__text_init(&shown, &reading->allocator);
    for (size_t from = 0, to; from < rows; from = to) {
        const int32_t step = sj__ledger_key(next, from, &n)[0];
        for (to = from + 1; to < rows && sj__ledger_key(next, to, &n)[0] == step;)
            to++;
        funnel_order_next(tally, from, to, pairs, pairs + rows);
        funnel_put_next_step(tally, pairs, to - from, (size_t)top, table, &shown);
    }
    const sj_status status = sj__text_status(&shown, error);
    sj__text_free(&shown);
    sj__free(&reading->allocator, pairs, rows, 2 * sizeof *pairs);
    return status;
}

static void funnel_put_times(const sj__funnel_reading *reading, sj_result *result)
{
    static const char *const since[] = {"entry", "previous"};
    const sj__ledger *filled = &reading->tally->ledgers[SJ__FUNNEL_FILLED];
    sj_table *table = sj__result_add(result, "times", funnel_time_columns, 5);
    for (size_t row = 0; row < filled->n_rows; row++) {
        const sj__spread *spreads = sj__ledger_spreads(filled, row);
        size_t n;
        const int32_t step = sj__ledger_key(filled, row, &n)[0];
        for (size_t s = 0; s < 2; s++) {
            for (size_t i = 0; i < spreads[s].used; i++) {
                int64_t low, high;
                sj__spread_bounds(spreads[s].cells[i].bucket, &low, &high);
                sj__put_integer(table, 0, step);
                sj__put_string(table, 1, since[s]);
                sj__put_integer(table, 2, low);
                sj__put_integer(table, 3, high);
                sj__put_integer(table, 4, spreads[s].cells[i].count);
                sj__end_row(table);
            }
        }
    }
}

sj_status sj_funnel_conclude(const sj_tally *tally, const sj_funnel_options *options,
                             sj_result **out, sj_error *error)
{
    sj_funnel_options loaded;
    sj__funnel_reading reading;
    sj_result *result = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__options_load(&sj__funnel_options_struct, options, &loaded, error);
    if (status == SJ_OK)
        status = sj__funnel_reading_init(&reading, tally, error);
    if (status != SJ_OK)
        return status;
    status = sj__result_new(&reading.allocator, &result, error);
    if (status == SJ_OK)
        sj__funnel_put_steps(&reading, result);
    if (status == SJ_OK && reading.breakdown != NULL)
        status = sj__funnel_put_breakdown(&reading, result, error);
    if (status == SJ_OK && reading.options.figures & SJ_FIGURE_REASONS) {
        funnel_put_reasons(&reading, result);
        status = funnel_put_next(&reading, loaded.top > 0 ? loaded.top : FUNNEL_TOP, result, error);
    }
    if (status == SJ_OK && reading.options.figures & SJ_FIGURE_TIMES)
        funnel_put_times(&reading, result);
    if (status == SJ_OK && reading.options.trend != 0)
        status = sj__funnel_put_trend(&reading, result, error);
    if (status == SJ_OK && reading.options.survival)
        sj__funnel_put_survival(&reading, result);
    if (status == SJ_OK && loaded.baseline != NULL)
        status = sj__funnel_compare(&reading, loaded.baseline, result, error);
    if (status == SJ_OK)
        status = sj__funnel_put_notes(&reading, result, error);
    if (status == SJ_OK)
        status = sj__result_finish(result, out, error);
    else
        sj_result_free(result);
    sj__funnel_reading_free(&reading);
    return status;
}
