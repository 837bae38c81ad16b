/* Tables with a row per step: `steps`, the total; `breakdown` and `trend`, the same for each group,
 * with its key before.
 *
 *     reached k = units of level ≥ k that entered at k or before
 *     rate_overall  = reached k / units
 *     reached k + entered k+1 = reached k+1 + dropped k + excluded k + open k
 *     rate_previous = (reached k − entered k) / reached k−1, entered being 0 unless the funnel is open
 * Groups of a breakdown stand by units of step 1, then by key; the trend has every bucket between
 * its first and its last. */
#include "analysis/funnel.h"

#include <string.h>

#include "kernel/calendar.h"

#define STEPS_MOST_ROWS 1000000 /* of the trend */

enum {
    FUNNEL_KEY, /* not in `steps` */
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
    [FUNNEL_KEY] = {"key", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
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

/* A table being filled: `shift` is 1 where it has no key. */
typedef struct steps_table {
    const sj__funnel_reading *reading;
    const sj__ledger *ledger; /* of values and times */
    sj_table *table;
    size_t shift;
} steps_table;

/* ---- one row ---- */

/* Mean, p50, p90, p99 into the four columns from `first` on; nothing where the spread is empty. */
static void steps_put_spread(sj_table *table, size_t first, const sj__spread *spread)
{
    const int64_t n = sj__spread_count(spread);
    if (n <= 0)
        return;
    sj__put_real(table, first, (double)sj__spread_sum(spread) / (double)n);
    sj__put_real(table, first + 1, sj__spread_quantile(spread, 0.5));
    sj__put_real(table, first + 2, sj__spread_quantile(spread, 0.9));
    sj__put_real(table, first + 3, sj__spread_quantile(spread, 0.99));
}

static void steps_put_filled(const steps_table *to, const sj__funnel_counts *counts, uint32_t k)
{
    const int64_t figures = to->reading->options.figures;
    const size_t row = counts->row[k];
    const int found = row != SIZE_MAX;
    sj__put_integer(to->table, FUNNEL_FILLED - to->shift, counts->filled[k]);
    if (figures & SJ_FIGURE_TIMES) {
        const sj__spread *spreads = found ? sj__ledger_spreads(to->ledger, row) : NULL;
        sj__put_integer(to->table, FUNNEL_TIME_N - to->shift,
                        found ? sj__spread_count(&spreads[0]) : 0);
        if (found) {
            steps_put_spread(to->table, FUNNEL_TIME_MEAN - to->shift, &spreads[0]);
            steps_put_spread(to->table, FUNNEL_GAP_MEAN - to->shift, &spreads[1]);
        }
    }
    if (figures & SJ_FIGURE_VALUES)
        sj__put_real(to->table, FUNNEL_VALUE_SUM - to->shift,
                     found ? sj__fixed6_to_real(sj__ledger_sums(to->ledger, row)[0]) : 0);
}

static void steps_put_rates(const steps_table *to, const sj__funnel_counts *counts, uint32_t k)
{
    const int64_t *reached = counts->reached;
    const sj__interval overall = sj__wilson(reached[k], counts->units);
    sj__put_real(to->table, FUNNEL_RATE_OVERALL - to->shift, sj__rate(reached[k], counts->units));
    sj__put_real(to->table, FUNNEL_LOW - to->shift, overall.low);
    sj__put_real(to->table, FUNNEL_HIGH - to->shift, overall.high);
    if (k > 1) {
        const int64_t from = reached[k] - counts->entered[k];
        const sj__interval previous = sj__wilson(from, reached[k - 1]);
        sj__put_real(to->table, FUNNEL_RATE_PREVIOUS - to->shift, sj__rate(from, reached[k - 1]));
        sj__put_real(to->table, FUNNEL_RATE_PREVIOUS_LOW - to->shift, previous.low);
        sj__put_real(to->table, FUNNEL_RATE_PREVIOUS_HIGH - to->shift, previous.high);
    }
}

/* The row of a step, without its key. */
static void steps_put_row(const steps_table *to, const sj__funnel_counts *counts, uint32_t k,
                          const char *name)
{
    const sj_funnel_options *options = &to->reading->options;
    sj__put_integer(to->table, FUNNEL_STEP - to->shift, k);
    sj__put_string(to->table, FUNNEL_NAME - to->shift, name);
    sj__put_integer(to->table, FUNNEL_REACHED - to->shift, counts->reached[k]);
    steps_put_filled(to, counts, k);
    if (options->figures & SJ_FIGURE_REASONS) {
        sj__put_integer(to->table, FUNNEL_DROPPED - to->shift, counts->dropped[k]);
        sj__put_integer(to->table, FUNNEL_EXCLUDED - to->shift, counts->excluded[k]);
        sj__put_integer(to->table, FUNNEL_OPEN - to->shift, counts->open[k]);
    }
    sj__put_integer(to->table, FUNNEL_ENTERED - to->shift,
                    to->reading->anywhere ? counts->entered[k] : 0);
    sj__put_integer(to->table, FUNNEL_CUSTOMERS - to->shift,
                    options->unit == 0 ? counts->reached[k] : counts->customers[k]);
    steps_put_rates(to, counts, k);
    sj__end_row(to->table);
}

void sj__funnel_put_steps(const sj__funnel_reading *reading, sj_result *result)
{
    const steps_table to = {
        .reading = reading,
        .ledger = &reading->tally->ledgers[SJ__FUNNEL_FILLED],
        .table = sj__result_add(result, "steps", funnel_step_columns + 1, FUNNEL_COLUMNS - 1),
        .shift = 1};
    const char *name = sj__text_data(&reading->names);
    for (uint32_t k = 1; k <= reading->n_steps; k++, name += strlen(name) + 1)
        steps_put_row(&to, &reading->total, k, name);
}

/* ---- breakdown ---- */

/* The groups of the breakdown: where their rows begin, in the order of the ledger, and room to
 * order them. */
typedef struct steps_groups {
    size_t *first; /* n + 1 */
    sj__pair *pairs, *scratch;
    size_t n, rows;
} steps_groups;

/* Of every group where it begins, and its units of step 1 as a key that puts many first. */
static sj_status steps_find_groups(const steps_table *to, sj__funnel_counts *counts,
                                   steps_groups *groups, sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t row = 0; row < groups->rows && status == SJ_OK; groups->n++) {
        const size_t n = groups->n;
        groups->first[n] = row;
        status = sj__funnel_counts_group(to->reading, to->ledger, row, &row, counts, error);
        groups->pairs[n] = (sj__pair){UINT64_MAX - (uint64_t)counts->reached[1], n};
    }
    groups->first[groups->n] = groups->rows;
    return status;
}

static int32_t steps_name_of(const steps_table *to, const steps_groups *groups, size_t group)
{
    size_t n;
    return sj__ledger_key(to->ledger, groups->first[group], &n)[0];
}

/* Groups stand in order of their names, but (none), which is no name, stands first: puts it where
 * its text belongs. */
static void steps_place_none(const steps_table *to, steps_groups *groups)
{
    if (groups->n == 0 || steps_name_of(to, groups, 0) != SJ__GROUP_NONE)
        return;
    const sj__pair moved = groups->pairs[0];
    size_t i = 1;
    for (; i < groups->n; i++) {
        const int32_t name = steps_name_of(to, groups, (size_t)groups->pairs[i].number);
        if (strcmp(sj__intern_name(&to->reading->tally->names, (uint32_t)name, NULL), "(none)") > 0)
            break;
        groups->pairs[i - 1] = groups->pairs[i];
    }
    groups->pairs[i - 1] = moved;
}

static sj_status steps_put_groups(const steps_table *to, sj__funnel_counts *counts,
                                  const steps_groups *groups, sj__text *key, sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = 0; i < groups->n && status == SJ_OK; i++) {
        const size_t group = (size_t)groups->pairs[i].number;
        const int32_t number = steps_name_of(to, groups, group);
        const char *name = sj__text_data(&to->reading->names);
        size_t n, behind;
        status = sj__funnel_counts_group(to->reading, to->ledger, groups->first[group], &behind,
                                         counts, error);
        key->size = 0;
        if (number == SJ__GROUP_NONE) {
            sj__text_add(key, "(none)");
        } else {
            const char *text = sj__intern_name(&to->reading->tally->names, (uint32_t)number, &n);
            sj__text_name(key, text, n);
        }
        for (uint32_t k = 1; k <= to->reading->n_steps; k++, name += strlen(name) + 1) {
            sj__put_text(to->table, FUNNEL_KEY, sj__text_data(key), key->size);
            steps_put_row(to, counts, k, name);
        }
    }
    return status;
}

sj_status sj__funnel_put_breakdown(const sj__funnel_reading *reading, sj_result *result,
                                   sj_error *error)
{
    const sj_allocator *a = &reading->allocator;
    const steps_table to = {
        .reading = reading,
        .ledger = &reading->tally->ledgers[SJ__FUNNEL_BREAKDOWN],
        .table = sj__result_add(result, "breakdown", funnel_step_columns, FUNNEL_COLUMNS)};
    steps_groups groups = {.rows = to.ledger->n_rows};
    sj__funnel_counts counts = {0};
    sj__text key;
    sj__text_init(&key, a);
    groups.first = sj__alloc(a, groups.rows + 1, sizeof *groups.first);
    groups.pairs = sj__alloc(a, groups.rows, 2 * sizeof *groups.pairs);
    sj_status status = groups.first == NULL || groups.pairs == NULL
                           ? sj__fail_nomem(error)
                           : sj__funnel_counts_init(&counts, reading->n_steps, a, error);
    if (status == SJ_OK)
        status = steps_find_groups(&to, &counts, &groups, error);
    if (status == SJ_OK) {
        steps_place_none(&to, &groups);
        sj__sort_pairs(groups.pairs, groups.pairs + groups.rows, groups.n);
        status = steps_put_groups(&to, &counts, &groups, &key, error);
    }
    if (status == SJ_OK)
        status = sj__text_status(&key, error);
    sj__funnel_counts_free(&counts, reading->n_steps, a);
    sj__free(a, groups.pairs, groups.rows, 2 * sizeof *groups.pairs);
    sj__free(a, groups.first, groups.rows + 1, sizeof *groups.first);
    sj__text_free(&key);
    return status;
}

/* ---- trend ---- */

static int64_t steps_bucket(const sj__ledger *trend, size_t row)
{
    size_t n;
    return sj__funnel_bucket_of(sj__ledger_key(trend, row, &n));
}

/* One bucket; `from` moves on behind its rows, if it has any. */
static sj_status steps_put_bucket(const steps_table *to, sj__funnel_counts *counts, int64_t bucket,
                                  size_t *from, sj_error *error)
{
    const sj_funnel_options *options = &to->reading->options;
    const char *name = sj__text_data(&to->reading->names);
    const int counted = steps_bucket(to->ledger, *from) == bucket;
    int64_t start = 0;
    sj_status status = sj__funnel_counts_group(
        to->reading, to->ledger, counted ? *from : to->ledger->n_rows, from, counts, error);
    if (status == SJ_OK && !sj__calendar_start(options->trend, options->utc_offset, bucket, &start))
        status = sj__funnel_damaged(error);
    for (uint32_t k = 1; k <= to->reading->n_steps && status == SJ_OK; k++) {
        sj__put_integer(to->table, FUNNEL_KEY, start);
        steps_put_row(to, counts, k, name);
        name += strlen(name) + 1;
    }
    return status;
}

sj_status sj__funnel_put_trend(const sj__funnel_reading *reading, sj_result *result,
                               sj_error *error)
{
    sj__column_spec columns[FUNNEL_COLUMNS];
    memcpy(columns, funnel_step_columns, sizeof columns);
    columns[FUNNEL_KEY] = (sj__column_spec){"key", SJ_COLUMN_INTEGER, SJ_UNIT_TIME};
    const sj__ledger *trend = &reading->tally->ledgers[SJ__FUNNEL_TREND];
    const steps_table to = {.reading = reading,
                            .ledger = trend,
                            .table = sj__result_add(result, "trend", columns, FUNNEL_COLUMNS)};
    sj__funnel_counts counts;
    if (trend->n_rows == 0)
        return SJ_OK;
    const int64_t first = steps_bucket(trend, 0), last = steps_bucket(trend, trend->n_rows - 1);
    const uint64_t buckets = (uint64_t)(last - first) + 1;
    if (buckets > STEPS_MOST_ROWS / reading->n_steps)
        return sj__fail(error, SJ_ERR_LIMIT,
                        "the trend has %u buckets of %u steps: at most %u rows are shown, take "
                        "longer buckets or an entry range",
                        buckets, (uint64_t)reading->n_steps, (uint64_t)STEPS_MOST_ROWS);
    sj_status status =
        sj__funnel_counts_init(&counts, reading->n_steps, &reading->allocator, error);
    if (status != SJ_OK)
        return status;
    size_t from = 0;
    for (int64_t b = first; b <= last && status == SJ_OK; b++)
        status = steps_put_bucket(&to, &counts, b, &from, error);
    sj__funnel_counts_free(&counts, reading->n_steps, &reading->allocator);
    return status;
}
