/* What a tally of friction says, as tables.
 *
 * Rows of both kinds (friction_effects.c, friction_rates.c); q over all that is tested in the call;
 * order: finds that harm by what they cost at least (`stake`), then what else was tested by p, then
 * rates that nothing could be held against by what is at stake; last, without a rank, what is the
 * norm of its place.  O(rows). */
#include "analysis/friction.h"

#include <math.h>
#include <string.h>

#include "base/checked.h"

enum {
    FRICTION_RANK,
    FRICTION_SIGNAL,
    FRICTION_PLACE,
    FRICTION_CUSTOMERS,
    FRICTION_AFFECTED,
    FRICTION_VISITS,
    FRICTION_AFFECTED_VISITS,
    FRICTION_RATE,
    FRICTION_BENCHMARK,
    FRICTION_LIFT,
    FRICTION_LOW,
    FRICTION_HIGH,
    FRICTION_P,
    FRICTION_Q,
    FRICTION_ROBUSTNESS,
    FRICTION_IMPACT,
    FRICTION_IMPACT_LOW,
    FRICTION_ALSO,
    FRICTION_SENTENCE,
    FRICTION_COLUMNS
};

static const sj__column_spec friction_columns[FRICTION_COLUMNS] = {
    [FRICTION_RANK] = {"rank", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [FRICTION_SIGNAL] = {"signal", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FRICTION_PLACE] = {"place", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FRICTION_CUSTOMERS] = {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FRICTION_AFFECTED] = {"affected", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FRICTION_VISITS] = {"visits", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FRICTION_AFFECTED_VISITS] = {"affected_visits", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [FRICTION_RATE] = {"rate", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FRICTION_BENCHMARK] = {"benchmark", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FRICTION_LIFT] = {"lift", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FRICTION_LOW] = {"low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FRICTION_HIGH] = {"high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [FRICTION_P] = {"p", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [FRICTION_Q] = {"q", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [FRICTION_ROBUSTNESS] = {"robustness", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [FRICTION_IMPACT] = {"impact", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
    [FRICTION_IMPACT_LOW] = {"impact_low", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
    [FRICTION_ALSO] = {"also", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FRICTION_SENTENCE] = {"sentence", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
};

static const sj__column_spec friction_few_columns[] = {
    {"signal", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"place", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"affected", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

static const sj__column_spec friction_tested_columns[] = {
    {"signal", SJ_COLUMN_TEXT, SJ_UNIT_NONE},   {"tested", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"few", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},  {"found", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"open", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT}, {"late", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
};

/* ---- rows ---- */

sj_status sj__friction_sum(int64_t *to, int64_t n, sj_error *error)
{
    return sj__i64_add(*to, n, to)
               ? SJ_OK
               : sj__fail(error, SJ_ERR_OVERFLOW, "counts of friction leave the range of 64 bits");
}

int sj__friction_harms(const sj__friction_row *row)
{
    return row->signal < SJ__FRICTION_EFFECTS ? row->lift < 0 : row->lift > 0;
}

int sj__friction_is_find(const sj__friction_row *row)
{
    return row->is_tested && row->q <= 0.05;
}

sj_status sj__friction_add(sj__friction_reading *reading, const sj__friction_row *row, int is_few,
                           sj_error *error)
{
    const sj_allocator *a = &reading->allocator;
    sj__friction_tested *tested = &reading->tested[row->signal];
    sj_status status;
    if (is_few) {
        status = sj__grow(a, &reading->few, &reading->few_capacity, reading->n_few + 1, error);
        if (status == SJ_OK)
            reading->few[reading->n_few++] = *row;
        tested->few++;
        return status;
    }
    status = sj__grow(a, &reading->rows, &reading->rows_capacity, reading->n_rows + 1, error);
    if (status == SJ_OK)
        reading->rows[reading->n_rows++] = *row;
    tested->tested += row->is_tested;
    return status;
}

static int friction_is_count(const sj__ledger *ledger, size_t row, size_t part, size_t whole)
{
    const int64_t *counts = sj__ledger_counts(ledger, row);
    return counts[part] <= counts[whole];
}

/* Keys and counts that a scan can have made (none is negative: that was checked). */
sj_status sj__friction_check(const sj_tally *tally, sj_error *error)
{
    const sj__ledger *manners = &tally->ledgers[SJ__FRICTION_MANNERS];
    const sj__ledger *rates = &tally->ledgers[SJ__FRICTION_RATES];
    const sj__ledger *seen = &tally->ledgers[SJ__FRICTION_SEEN];
    int right = 1;
    size_t n;
    for (size_t row = 0; row < manners->n_rows && right; row++) {
        const int32_t *key = sj__ledger_key(manners, row, &n);
        right = key[0] >= 0 && key[1] >= 0 && key[1] < SJ__POSITION_BUCKETS && key[2] >= 0 &&
                key[2] < SJ__MANNERS && key[3] >= 0 && key[3] < SJ__DWELL_CELLS &&
                friction_is_count(manners, row, SJ__COUNT_INDEX, SJ__COUNT_VISITS) &&
                friction_is_count(manners, row, SJ__COUNT_CONVERTED, SJ__COUNT_INDEX) &&
                friction_is_count(manners, row, SJ__COUNT_CONVERTED_NEXT, SJ__COUNT_INDEX);
    }
    for (size_t row = 0; row < rates->n_rows && right; row++) {
        const int32_t *key = sj__ledger_key(rates, row, &n);
        const int64_t *counts = sj__ledger_counts(rates, row);
        right = key[0] >= SJ__FRICTION_EFFECTS && key[0] < SJ__FRICTION_SIGNALS && key[1] >= 0 &&
                key[3] >= 0 && key[3] < SJ__POSITION_BUCKETS && key[4] >= 0 &&
                friction_is_count(rates, row, SJ__RATE_AFFECTED, SJ__RATE_UNITS) &&
                friction_is_count(rates, row, SJ__RATE_CONVERTED_AFFECTED, SJ__RATE_AFFECTED) &&
                friction_is_count(rates, row, SJ__RATE_UNITS, SJ__RATE_VISITS) &&
                friction_is_count(rates, row, SJ__RATE_AFFECTED_VISITS, SJ__RATE_VISITS) &&
                counts[SJ__RATE_CONVERTED] <= counts[SJ__RATE_UNITS] - counts[SJ__RATE_AFFECTED];
    }
    for (size_t row = 0; row < seen->n_rows && right; row++) {
        const int32_t signal = sj__ledger_key(seen, row, &n)[0];
        right = signal >= 0 && signal < SJ__FRICTION_SIGNALS && friction_is_count(seen, row, 2, 1);
    }
    return right ? SJ_OK
                 : sj__fail(error, SJ_ERR_FORMAT,
                            "the tally has a row that no count of friction can have made");
}

/* ---- order ---- */

/* Finds that harm, what else is tested, what has a rate alone, the norm of a place. */
static int friction_class(const sj__friction_row *row)
{
    if (row->is_norm)
        return 3;
    if (!row->is_tested)
        return 2;
    return sj__friction_is_find(row) && sj__friction_harms(row) ? 0 : 1;
}

static uint64_t friction_bits(double v)
{
    uint64_t bits;
    v = v > 0 ? v : 0;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* Which row comes first, by stable sorts from the least important: second place, place, signal; p
 * or stake; class. */
static void friction_order(const sj__friction_row *rows, size_t n, int ranked, sj__pair *pairs)
{
    for (size_t i = 0; i < n; i++)
        pairs[i] =
            (sj__pair){(uint64_t)(uint32_t)rows[i].place << 32 | (uint32_t)(rows[i].second + 1), i};
    sj__sort_pairs(pairs, pairs + n, n);
    for (size_t i = 0; i < n; i++)
        pairs[i].key = (uint64_t)rows[pairs[i].number].signal;
    sj__sort_pairs(pairs, pairs + n, n);
    for (size_t i = 0; i < n && ranked; i++) {
        const sj__friction_row *row = &rows[pairs[i].number];
        pairs[i].key =
            friction_class(row) == 1 ? friction_bits(row->p) : ~friction_bits(row->stake);
    }
    if (ranked)
        sj__sort_pairs(pairs, pairs + n, n);
    for (size_t i = 0; i < n && ranked; i++)
        pairs[i].key = (uint64_t)friction_class(&rows[pairs[i].number]);
    if (ranked)
        sj__sort_pairs(pairs, pairs + n, n);
}

static sj_status friction_adjust(sj__friction_reading *reading, sj__pair *pairs, sj_error *error)
{
    const size_t n = reading->n_rows;
    double *p = sj__alloc(&reading->allocator, n, 2 * sizeof *p);
    size_t k = 0;
    if (p == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < n; i++) {
        if (reading->rows[i].is_tested)
            p[k++] = reading->rows[i].p;
    }
    sj__adjust(p, k, reading->options.adjust == SJ_ADJUST_YEKUTIELI, pairs, p + n);
    k = 0;
    for (size_t i = 0; i < n; i++) {
        sj__friction_row *row = &reading->rows[i];
        row->q = row->is_tested ? p[n + k++] : NAN;
        reading->tested[row->signal].found += sj__friction_is_find(row);
    }
    sj__free(&reading->allocator, p, n, 2 * sizeof *p);
    return SJ_OK;
}

/* ---- tables ---- */

static void friction_show_name(const sj_tally *tally, int32_t name, sj__text *text)
{
    size_t n;
    const char *s = sj__intern_name(&tally->names, (uint32_t)name, &n);
    sj__text_name(text, s, n);
}

void sj__friction_show_place(const sj_tally *tally, int32_t place, int32_t second, sj__text *text)
{
    friction_show_name(tally, place, text);
    if (second >= 0) {
        sj__text_add(text, " > ");
        friction_show_name(tally, second, text);
    }
}

static void friction_put_row(sj_table *table, const sj_tally *tally, const sj__friction_row *row,
                             sj__text *text)
{
    const char *also = row->also >= 0 ? sj__friction_signal_at((size_t)row->also)->name : NULL;
    text->size = 0;
    sj__friction_show_place(tally, row->place, row->second, text);
    sj__put_string(table, FRICTION_SIGNAL, sj__friction_signal_at((size_t)row->signal)->name);
    sj__put_text(table, FRICTION_PLACE, sj__text_data(text), text->size);
    sj__put_integer(table, FRICTION_CUSTOMERS, row->customers);
    sj__put_integer(table, FRICTION_AFFECTED, row->affected);
    sj__put_integer(table, FRICTION_VISITS, row->visits);
    sj__put_integer(table, FRICTION_AFFECTED_VISITS, row->affected_visits);
    sj__put_real(table, FRICTION_RATE, row->rate);
    sj__put_real(table, FRICTION_BENCHMARK, row->benchmark);
    sj__put_real(table, FRICTION_LIFT, row->lift);
    sj__put_real(table, FRICTION_LOW, row->interval.low);
    sj__put_real(table, FRICTION_HIGH, row->interval.high);
    sj__put_real(table, FRICTION_P, row->p);
    sj__put_real(table, FRICTION_Q, row->q);
    sj__put_real(table, FRICTION_ROBUSTNESS, row->robustness);
    sj__put_string(table, FRICTION_ALSO, also);
    text->size = 0;
    sj__friction_sentence(tally, row, text);
    sj__put_text(table, FRICTION_SENTENCE, sj__text_data(text), text->size);
    sj__end_row(table);
}

static void friction_put_rows(const sj__friction_reading *reading, sj__pair *pairs,
                              sj_result *result, sj__text *text)
{
    const int64_t top = reading->options.top;
    sj_table *table = sj__result_add(result, "friction", friction_columns, FRICTION_COLUMNS);
    friction_order(reading->rows, reading->n_rows, 1, pairs);
    for (size_t i = 0; i < reading->n_rows && (top == 0 || (int64_t)i < top); i++) {
        const sj__friction_row *row = &reading->rows[pairs[i].number];
        if (!row->is_norm)
            sj__put_integer(table, FRICTION_RANK, (int64_t)i + 1);
        friction_put_row(table, reading->tally, row, text);
    }
}

static void friction_put_few(const sj__friction_reading *reading, sj__pair *pairs,
                             sj_result *result, sj__text *text)
{
    sj_table *table = sj__result_add(result, "few", friction_few_columns, 4);
    friction_order(reading->few, reading->n_few, 0, pairs);
    for (size_t i = 0; i < reading->n_few; i++) {
        const sj__friction_row *row = &reading->few[pairs[i].number];
        text->size = 0;
        sj__friction_show_place(reading->tally, row->place, row->second, text);
        sj__put_string(table, 0, sj__friction_signal_at((size_t)row->signal)->name);
        sj__put_text(table, 1, sj__text_data(text), text->size);
        sj__put_integer(table, 2, row->customers);
        sj__put_integer(table, 3, row->affected);
        sj__end_row(table);
    }
}

/* Signals of which anything was seen; 1 where more than a tenth of some signal's first conversions
 * are late. */
static int friction_put_tested(const sj__friction_reading *reading, sj_result *result)
{
    const sj__ledger *seen = &reading->tally->ledgers[SJ__FRICTION_SEEN];
    sj_table *table = sj__result_add(result, "tested", friction_tested_columns, 6);
    int is_late = 0;
    for (int32_t s = 0; s < SJ__FRICTION_SIGNALS; s++) {
        const sj__friction_tested *tested = &reading->tested[s];
        const size_t row = sj__ledger_find(seen, &s, 1);
        const int64_t *counts = row != SIZE_MAX ? sj__ledger_counts(seen, row) : NULL;
        if (tested->tested + tested->few == 0 && counts == NULL)
            continue;
        sj__put_string(table, 0, sj__friction_signal_at((size_t)s)->name);
        sj__put_integer(table, 1, tested->tested);
        sj__put_integer(table, 2, tested->few);
        sj__put_integer(table, 3, tested->found);
        sj__put_integer(table, 4, counts != NULL ? counts[0] : 0);
        if (counts != NULL)
            sj__put_real(table, 5, sj__rate(counts[2], counts[1]));
        sj__end_row(table);
        is_late |= counts != NULL && counts[2] > counts[1] / 10;
    }
    return is_late;
}

/* ---- all ---- */

static sj_status friction_put_all(sj__friction_reading *reading, sj_result *result, sj_error *error)
{
    const size_t n = reading->n_rows > reading->n_few ? reading->n_rows : reading->n_few;
    sj__pair *pairs = sj__alloc(&reading->allocator, n, 2 * sizeof *pairs);
    sj__text text;
    if (pairs == NULL)
        return sj__fail_nomem(error);
    sj__text_init(&text, &reading->allocator);
    sj_status status = friction_adjust(reading, pairs, error);
    if (status == SJ_OK) {
        friction_put_rows(reading, pairs, result, &text);
        friction_put_few(reading, pairs, result, &text);
        sj__friction_put_notes(reading, friction_put_tested(reading, result), result, &text);
        status = sj__text_status(&text, error);
    }
    sj__text_free(&text);
    sj__free(&reading->allocator, pairs, n, 2 * sizeof *pairs);
    return status;
}

static sj_status friction_read_tally(sj__friction_reading *reading, sj_error *error)
{
    const sj_tally *baseline = reading->options.baseline;
    sj_status status = sj__friction_check(reading->tally, error);
    if (status == SJ_OK && baseline != NULL) {
        status = sj__tally_check(baseline, &sj__friction_analysis, error);
        if (status == SJ_OK)
            status = sj__tally_comparable(reading->tally, baseline, error);
        if (status == SJ_OK)
            status = sj__friction_check(baseline, error);
    }
    if (status == SJ_OK)
        status = sj__friction_effects(reading, error);
    if (status == SJ_OK)
        status = sj__friction_rates(reading, error);
    return status;
}

sj_status sj_friction_conclude(const sj_tally *tally, const sj_friction_options *options,
                               sj_result **out, sj_error *error)
{
    sj__friction_reading reading = {.tally = tally};
    sj_result *result = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__friction_options_read(options, &reading.options, error);
    if (status == SJ_OK)
        status = sj__tally_check(tally, &sj__friction_analysis, error);
    if (status != SJ_OK)
        return status;
    reading.allocator = tally->allocator;
    status = friction_read_tally(&reading, error);
    if (status == SJ_OK)
        status = sj__result_new(&reading.allocator, &result, error);
    if (status == SJ_OK)
        status = friction_put_all(&reading, result, error);
    if (status == SJ_OK)
        status = sj__result_finish(result, out, error);
    else
        sj_result_free(result);
    sj__free(&reading.allocator, reading.rows, reading.rows_capacity, sizeof *reading.rows);
    sj__free(&reading.allocator, reading.few, reading.few_capacity, sizeof *reading.few);
    return status;
}
