/* What a tally of matches says, as tables.
 *
 *     share = customers with a match / customers, with Wilson's interval at 95 %
 * Quantiles are those of base/spread.h, within 1/128; figures of nothing are absent. */
#include "analysis/match.h"

#include <string.h>

#include "kernel/stats.h"

enum {
    MATCH_MATCHES,
    MATCH_CUSTOMERS,
    MATCH_SEEN,
    MATCH_SHARE,
    MATCH_LOW,
    MATCH_HIGH,
    MATCH_EACH_MEAN,
    MATCH_EACH_P50,
    MATCH_EACH_P90,
    MATCH_SPAN_MEAN,
    MATCH_SPAN_P50,
    MATCH_SPAN_P90,
    MATCH_SPAN_P99,
    MATCH_COLUMNS
};

static const sj__column_spec match_columns[MATCH_COLUMNS] = {
    [MATCH_MATCHES] = {"matches", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [MATCH_CUSTOMERS] = {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [MATCH_SEEN] = {"seen", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [MATCH_SHARE] = {"share", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [MATCH_LOW] = {"low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [MATCH_HIGH] = {"high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [MATCH_EACH_MEAN] = {"matches_mean", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [MATCH_EACH_P50] = {"matches_p50", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [MATCH_EACH_P90] = {"matches_p90", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [MATCH_SPAN_MEAN] = {"span_mean", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [MATCH_SPAN_P50] = {"span_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [MATCH_SPAN_P90] = {"span_p90", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [MATCH_SPAN_P99] = {"span_p99", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
};

static const sj__column_spec match_count_columns[] = {
    {"from", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"to", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

static const sj__column_spec match_span_columns[] = {
    {"from", SJ_COLUMN_INTEGER, SJ_UNIT_SPAN},
    {"to", SJ_COLUMN_INTEGER, SJ_UNIT_SPAN},
    {"matches", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

/* Mean, p50, p90 and so on into `n` columns; nothing where the spread is empty. */
static void match_put_spread(sj_table *table, size_t first, size_t n, const sj__spread *spread)
{
    static const double quantiles[] = {0.5, 0.9, 0.99};
    const int64_t count = sj__spread_count(spread);
    if (count <= 0)
        return;
    sj__put_real(table, first, (double)sj__spread_sum(spread) / (double)count);
    for (size_t i = 1; i < n; i++)
        sj__put_real(table, first + i, sj__spread_quantile(spread, quantiles[i - 1]));
}

static void match_put_overall(const sj_tally *tally, size_t row, sj_result *result)
{
    const sj__ledger *ledger = &tally->ledgers[0];
    sj_table *table = sj__result_add(result, "overall", match_columns, MATCH_COLUMNS);
    const int64_t *counts =
        row != SIZE_MAX ? sj__ledger_counts(ledger, row) : (const int64_t[2]){0, 0};
    const int64_t customers = counts[SJ__MATCH_CUSTOMERS];
    const sj__interval share = sj__wilson(customers, tally->customers);
    sj__put_integer(table, MATCH_MATCHES, counts[SJ__MATCH_MATCHES]);
    sj__put_integer(table, MATCH_CUSTOMERS, customers);
    sj__put_integer(table, MATCH_SEEN, tally->customers);
    sj__put_real(table, MATCH_SHARE, sj__rate(customers, tally->customers));
    sj__put_real(table, MATCH_LOW, share.low);
    sj__put_real(table, MATCH_HIGH, share.high);
    if (row != SIZE_MAX) {
        const sj__spread *spreads = sj__ledger_spreads(ledger, row);
        match_put_spread(table, MATCH_EACH_MEAN, 3, &spreads[SJ__MATCH_EACH]);
        match_put_spread(table, MATCH_SPAN_MEAN, 4, &spreads[SJ__MATCH_SPAN]);
    }
    sj__end_row(table);
}

static void match_put_cells(const sj_tally *tally, size_t row, size_t spread, const char *name,
                            const sj__column_spec *columns, sj_result *result)
{
    sj_table *table = sj__result_add(result, name, columns, 3);
    const sj__spread *cells =
        row != SIZE_MAX ? &sj__ledger_spreads(&tally->ledgers[0], row)[spread] : NULL;
    for (size_t i = 0; cells != NULL && i < cells->used; i++) {
        int64_t low, high;
        sj__spread_bounds(cells->cells[i].bucket, &low, &high);
        sj__put_integer(table, 0, low);
        sj__put_integer(table, 1, high);
        sj__put_integer(table, 2, cells->cells[i].count);
        sj__end_row(table);
    }
}

/* The options that the tally's text names, as they stand there. */
static sj_status match_put_notes(const sj_tally *tally, sj_result *result, sj_error *error)
{
    const char *line = tally->text, *end = tally->text + tally->text_size;
    const char *name, *value;
    size_t n_name, n_value;
    sj__text text;
    sj__text_init(&text, &tally->allocator);
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, &n_value);
        for (size_t i = 0; i < sj__match_options_struct.n_fields; i++) {
            const char *field = sj__match_options_struct.fields[i].name;
            if (strlen(field) != n_name || memcmp(field, name, n_name) != 0)
                continue;
            text.size = 0;
            sj__text_bytes(&text, value, n_value);
            if (sj__match_options_struct.fields[i].kind == SJ__KIND_SPAN)
                sj__text_add(&text, " us");
            sj__result_note(result, field, sj__text_data(&text));
        }
    }
    sj__result_note(result, "interval", "Wilson, 95 %");
    sj__result_note(result, "quantiles", "within 1/128, exact where the figures are equal");
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    return status;
}

sj_status sj_match_conclude(const sj_tally *tally, const sj_match_options *options, sj_result **out,
                            sj_error *error)
{
    sj_match_options loaded;
    sj_result *result = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__options_load(&sj__match_options_struct, options, &loaded, error);
    if (status == SJ_OK)
        status = sj__tally_check(tally, &sj__match_analysis, error);
    if (status == SJ_OK)
        status = sj__result_new(&tally->allocator, &result, error);
    if (status != SJ_OK)
        return status;
    const size_t row = sj__ledger_find(&tally->ledgers[0], &(int32_t){0}, 0);
    match_put_overall(tally, row, result);
    match_put_cells(tally, row, SJ__MATCH_EACH, "counts", match_count_columns, result);
    match_put_cells(tally, row, SJ__MATCH_SPAN, "spans", match_span_columns, result);
    status = match_put_notes(tally, result, error);
    if (status == SJ_OK)
        return sj__result_finish(result, out, error);
    sj_result_free(result);
    return status;
}
