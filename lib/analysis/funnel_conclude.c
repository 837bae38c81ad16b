/* What a funnel's tally says, as tables.
 *
 *     reached k = Σ units of level ≥ k                    rate_overall  = reached k / reached 1
 *     reached k = reached k+1 + dropped k + excluded k + open k      rate_previous = reached k / reached k−1
 * Intervals are Wilson's at 95 % (open units stay in the denominator); quantiles are those of base/spread.h, within 1/128.
 * Rates over nothing are absent; figures that the tally did not count are columns that are absent in every row. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/sort.h"

#define FUNNEL_TOP 10 /* rows per step of `next`, unless the options say otherwise */

enum {
    FUNNEL_STEP,
    FUNNEL_NAME,
    FUNNEL_REACHED,
    FUNNEL_FILLED,
    FUNNEL_DROPPED,
    FUNNEL_EXCLUDED,
    FUNNEL_OPEN,
    FUNNEL_ENTERED,
    FUNNEL_CUSTOMERS,
    FUNNEL_RATE_PREVIOUS,
    FUNNEL_RATE_PREVIOUS_LOW,
    FUNNEL_RATE_PREVIOUS_HIGH,
    FUNNEL_RATE_OVERALL,
    FUNNEL_LOW,
    FUNNEL_HIGH,
    FUNNEL_TIME_N,
    FUNNEL_TIME_MEAN,
    FUNNEL_TIME_P50,
    FUNNEL_TIME_P90,
    FUNNEL_TIME_P99,
    FUNNEL_GAP_MEAN,
    FUNNEL_GAP_P50,
    FUNNEL_GAP_P90,
    FUNNEL_GAP_P99,
    FUNNEL_VALUE_SUM,
    FUNNEL_COLUMNS
};

static const sj__column_spec funnel_step_columns[FUNNEL_COLUMNS] = {
    [FUNNEL_STEP] = {"step", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [FUNNEL_NAME] = {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FUNNEL_REACHED] = {"reached", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_FILLED] = {"filled", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_DROPPED] = {"dropped", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_EXCLUDED] = {"excluded", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_OPEN] = {"open", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_ENTERED] = {"entered", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_CUSTOMERS] = {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_RATE_PREVIOUS] = {"rate_previous", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FUNNEL_RATE_PREVIOUS_LOW] = {"rate_previous_low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FUNNEL_RATE_PREVIOUS_HIGH] = {"rate_previous_high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FUNNEL_RATE_OVERALL] = {"rate_overall", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FUNNEL_LOW] = {"low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FUNNEL_HIGH] = {"high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FUNNEL_TIME_N] = {"time_n", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FUNNEL_TIME_MEAN] = {"time_mean", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_TIME_P50] = {"time_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_TIME_P90] = {"time_p90", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_TIME_P99] = {"time_p99", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_GAP_MEAN] = {"gap_mean", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_GAP_P50] = {"gap_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_GAP_P90] = {"gap_p90", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_GAP_P99] = {"gap_p99", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [FUNNEL_VALUE_SUM] = {"value", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
};

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

/* ---- steps ---- */

/* Mean, p50, p90, p99 into the four columns from `first` on; nothing where the spread is empty. */
static void funnel_put_spread(sj_table *table, size_t first, const sj__spread *spread)
{
    const int64_t n = sj__spread_count(spread);
    if (n <= 0)
        return;
    sj__put_real(table, first, (double)sj__spread_sum(spread) / (double)n);
    sj__put_real(table, first + 1, sj__spread_quantile(spread, 0.5));
    sj__put_real(table, first + 2, sj__spread_quantile(spread, 0.9));
    sj__put_real(table, first + 3, sj__spread_quantile(spread, 0.99));
}

static void funnel_put_filled(sj_table *table, const sj__funnel_reading *reading, uint32_t k)
{
    const sj__ledger *filled = &reading->tally->ledgers[SJ__FUNNEL_FILLED];
    const int64_t figures = reading->options.figures;
    const size_t row = sj__ledger_find(filled, &(int32_t){(int32_t)k}, 1);
    const int found = row != SIZE_MAX;
    sj__put_integer(table, FUNNEL_FILLED, found ? sj__ledger_counts(filled, row)[0] : 0);
    if (figures & SJ_FIGURE_TIMES) {
        const sj__spread *spreads = found ? sj__ledger_spreads(filled, row) : NULL;
        sj__put_integer(table, FUNNEL_TIME_N, found ? sj__spread_count(&spreads[0]) : 0);
        if (found) {
            funnel_put_spread(table, FUNNEL_TIME_MEAN, &spreads[0]);
            funnel_put_spread(table, FUNNEL_GAP_MEAN, &spreads[1]);
        }
    }
    if (figures & SJ_FIGURE_VALUES)
        sj__put_real(table, FUNNEL_VALUE_SUM,
                     found ? sj__fixed6_to_real(sj__ledger_sums(filled, row)[0]) : 0);
}

static void funnel_put_rates(sj_table *table, const int64_t *reached, uint32_t k)
{
    const sj__interval overall = sj__wilson(reached[k], reached[1]);
    sj__put_real(table, FUNNEL_RATE_OVERALL, sj__rate(reached[k], reached[1]));
    sj__put_real(table, FUNNEL_LOW, overall.low);
    sj__put_real(table, FUNNEL_HIGH, overall.high);
    if (k > 1) {
        const sj__interval previous = sj__wilson(reached[k], reached[k - 1]);
        sj__put_real(table, FUNNEL_RATE_PREVIOUS, sj__rate(reached[k], reached[k - 1]));
        sj__put_real(table, FUNNEL_RATE_PREVIOUS_LOW, previous.low);
        sj__put_real(table, FUNNEL_RATE_PREVIOUS_HIGH, previous.high);
    }
}

static void funnel_put_steps(const sj__funnel_reading *reading, sj_result *result)
{
    sj_table *table = sj__result_add(result, "steps", funnel_step_columns, FUNNEL_COLUMNS);
    const char *name = sj__text_data(&reading->names);
    const int of_customers = reading->options.unit == 0;
    for (uint32_t k = 1; k <= reading->n_steps; k++, name += strlen(name) + 1) {
        sj__put_integer(table, FUNNEL_STEP, k);
        sj__put_string(table, FUNNEL_NAME, name);
        sj__put_integer(table, FUNNEL_REACHED, reading->reached[k]);
        funnel_put_filled(table, reading, k);
        if (reading->options.figures & SJ_FIGURE_REASONS) {
            sj__put_integer(table, FUNNEL_DROPPED, reading->dropped[k]);
            sj__put_integer(table, FUNNEL_EXCLUDED, reading->excluded[k]);
            sj__put_integer(table, FUNNEL_OPEN, reading->open[k]);
        }
        sj__put_integer(table, FUNNEL_ENTERED, 0); /* counts in open funnels only */
        sj__put_integer(table, FUNNEL_CUSTOMERS,
                        of_customers ? reading->reached[k] : reading->customers[k]);
        funnel_put_rates(table, reading->reached, k);
        sj__end_row(table);
    }
}

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

/* Rows from … to of one step, in order of names with (end) first: puts (end) where its name belongs, then orders by units. */
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

/* ---- notes ---- */

static void funnel_note_span(sj_result *result, sj__text *text, int64_t span)
{
    text->size = 0;
    if (span == 0) {
        sj__text_add(text, "none");
    } else if (span == SJ_INSTANT) {
        sj__text_add(text, "the same instant");
    } else {
        sj__text_fixed6(text, span);
        sj__text_add(text, " s from the entry, inclusive");
    }
    sj__result_note(result, "window", sj__text_data(text));
}

static void funnel_note_figures(sj_result *result, sj__text *text, int64_t figures)
{
    static const char *const names[] = {"counts", "times", "reasons", "values"};
    text->size = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((figures >> i & 1) == 0)
            continue;
        sj__text_add(text, text->size > 0 ? ", " : "");
        sj__text_add(text, names[i]);
    }
    sj__result_note(result, "figures", sj__text_data(text));
}

static void funnel_note_choice(sj_result *result, const char *name, int64_t value,
                               const char *neutral)
{
    const sj__field *field = sj__options_field(&sj__funnel_options_struct, name);
    char shown[32] = {0};
    size_t n = 0;
    const char *chosen = value != 0 ? sj__options_value(field, value, &n) : NULL;
    for (size_t i = 0; chosen != NULL && i < n && i + 1 < sizeof shown; i++)
        shown[i] = chosen[i];
    sj__result_note(result, name, chosen != NULL ? shown : neutral);
}

/* Rules that are not neutral: of steps, exclusions, units, entries. */
static void funnel_note_rules(const sj__funnel_reading *reading, sj_result *result, sj__text *text)
{
    const char *rule = sj__text_data(&reading->rules);
    const char *end = rule + reading->rules.size;
    while (rule < end) {
        const char *what = rule + strlen(rule) + 1;
        sj__result_note(result, rule, what);
        rule = what + strlen(what) + 1;
    }
    text->size = 0;
    if (reading->options.session_gap != 0) {
        sj__text_fixed6(
            text, reading->options.session_gap == SJ_INSTANT ? 0 : reading->options.session_gap);
        sj__text_add(text, " s: journeys are cut where the pause is longer");
        sj__result_note(result, "session_gap", sj__text_data(text));
    }
    text->size = 0;
    if (reading->removes) {
        sj__text_integer(text, reading->removed);
        sj__text_add(text, " units, which count nowhere");
        sj__result_note(result, "removed", sj__text_data(text));
    }
}

/* Options as they were resolved, and how exact the figures are. */
static sj_status funnel_put_notes(const sj__funnel_reading *reading, sj_result *result,
                                  sj_error *error)
{
    const sj_funnel_options *options = &reading->options;
    sj__text text;
    sj__text_init(&text, &reading->allocator);
    funnel_note_choice(result, "order", options->order, "sequential");
    funnel_note_span(result, &text, options->window);
    funnel_note_choice(result, "tie", options->tie, "any");
    sj__result_note(result, "attempt", "best");
    funnel_note_choice(result, "reuse", options->reuse, "no");
    funnel_note_choice(result, "unit", options->unit, "customers");
    funnel_note_rules(reading, result, &text);
    text.size = 0;
    if (reading->as_of != NULL)
        sj__text_bytes(&text, reading->as_of, reading->as_of_size);
    else
        sj__text_add(&text, "none: nothing was observed");
    sj__result_note(result, "as_of", sj__text_data(&text));
    funnel_note_figures(result, &text, options->figures);
    sj__result_note(result, "intervals", "Wilson, 95 %; open units are in the denominator");
    if (options->figures & SJ_FIGURE_TIMES)
        sj__result_note(result, "quantiles", "within 1/128, exact where the times are equal");
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    return status;
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
        funnel_put_steps(&reading, result);
    if (status == SJ_OK && reading.options.figures & SJ_FIGURE_REASONS) {
        funnel_put_reasons(&reading, result);
        status = funnel_put_next(&reading, loaded.top > 0 ? loaded.top : FUNNEL_TOP, result, error);
    }
    if (status == SJ_OK && reading.options.figures & SJ_FIGURE_TIMES)
        funnel_put_times(&reading, result);
    if (status == SJ_OK && loaded.baseline != NULL)
        status = sj__funnel_compare(&reading, loaded.baseline, result, error);
    if (status == SJ_OK)
        status = funnel_put_notes(&reading, result, error);
    if (status == SJ_OK)
        status = sj__result_finish(result, out, error);
    else
        sj_result_free(result);
    sj__funnel_reading_free(&reading);
    return status;
}
