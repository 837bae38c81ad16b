/* What a tally of variants says, as tables.
 *
 *     share = count / all counts            coverage: shares added up from the first row on
 *     conversion_rate = converted / (count − open)
 * Indicators, over the n units that have events, with a the touchpoints of the alphabet:
 *     entropy = bits / log2 a
 *     complexity = mixed / √log2 a
 *     volatility = ½ changes + ½ others / (a − 1)
 * so that means and squares are those of the sums that the tally keeps; the deviation has n − 1
 * below it. O(rows log rows + names of all paths). */
#include "analysis/variant.h"

#include <math.h>
#include <string.h>

#include "base/log2.h"
#include "base/sort.h"
#include "kernel/stats.h"

#define VARIANT_FIXED 4294967296.0 /* 2^32 */

enum {
    VARIANT_PATH,
    VARIANT_COUNT,
    VARIANT_CUSTOMERS,
    VARIANT_SHARE,
    VARIANT_COVERAGE,
    VARIANT_RATE,
    VARIANT_VALUE,
    VARIANT_TIME,
    VARIANT_OPEN,
    VARIANT_COLUMNS
};

static const sj__column_spec variant_columns[VARIANT_COLUMNS] = {
    [VARIANT_PATH] = {"path", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [VARIANT_COUNT] = {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [VARIANT_CUSTOMERS] = {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [VARIANT_SHARE] = {"share", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [VARIANT_COVERAGE] = {"coverage", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [VARIANT_RATE] = {"conversion_rate", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [VARIANT_VALUE] = {"value", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
    [VARIANT_TIME] = {"time_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [VARIANT_OPEN] = {"open", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

static const sj__column_spec variant_gram_columns[] = {
    {"path", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

static const sj__column_spec variant_indicator_columns[] = {
    {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"mean", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    {"deviation", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    {"n", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

/* A tally's text read back. */
typedef struct variant_reading {
    sj_allocator allocator;
    const sj_tally *tally;
    sj_variant_options options; /* scalar fields */
    int32_t has_conversion;
    const char *as_of; /* within the tally; NULL: none */
    size_t as_of_size;
    uint64_t alphabet;
} variant_reading;

static void variant_read_text(variant_reading *reading)
{
    const char *line = reading->tally->text, *end = line + reading->tally->text_size;
    const char *name, *value;
    size_t n_name, n_value;
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, &n_value);
        if (n_name == strlen("conversion") && memcmp(name, "conversion", n_name) == 0) {
            reading->has_conversion = 1;
        } else if (n_name == strlen("as_of") && memcmp(name, "as_of", n_name) == 0) {
            reading->as_of = value;
            reading->as_of_size = n_value;
        } else {
            (void)sj__options_set(&sj__variant_options_struct, &reading->options, name, n_name,
                                  value, n_value);
        }
    }
    if (reading->options.what == 0)
        reading->options.what = SJ_VARIANT_WHOLE;
    reading->alphabet = reading->tally->ledgers[SJ__VARIANT_ALPHABET].n_rows;
}

/* What no scan can have counted: parts of a path that are no name, units that are more open or
 * converted than there are. */
static sj_status variant_check(const variant_reading *reading, sj_error *error)
{
    int right = 1;
    size_t n;
    for (size_t l = SJ__VARIANT_PATHS; l <= SJ__VARIANT_ALPHABET; l++) {
        const sj__ledger *ledger = &reading->tally->ledgers[l];
        for (size_t row = 0; row < ledger->n_rows; row++) {
            const int32_t *key = sj__ledger_key(ledger, row, &n);
            const int64_t *counts = sj__ledger_counts(ledger, row);
            for (size_t i = 0; i < n; i++)
                right &= key[i] >= 0;
            if (l == SJ__VARIANT_PATHS)
                right &=
                    counts[SJ__PATHS_OPEN] <= counts[SJ__PATHS_UNITS] &&
                    counts[SJ__PATHS_CONVERTED] <= counts[SJ__PATHS_UNITS] - counts[SJ__PATHS_OPEN];
        }
    }
    return right ? SJ_OK
                 : sj__fail(error, SJ_ERR_FORMAT,
                            "the tally has a row that no variants can have counted");
}

/* ---- rows by count, then by names ---- */

/* Pairs of a ledger's rows in that order, and room for as many more; NULL: no memory.  Rows stand
 * in order of names. */
static sj__pair *variant_order(const variant_reading *reading, const sj__ledger *ledger)
{
    sj__pair *pairs = sj__alloc(&reading->allocator, ledger->n_rows, 2 * sizeof *pairs);
    if (pairs == NULL)
        return NULL;
    for (size_t row = 0; row < ledger->n_rows; row++)
        pairs[row] = (sj__pair){UINT64_MAX - (uint64_t)sj__ledger_counts(ledger, row)[0], row};
    sj__sort_pairs(pairs, pairs + ledger->n_rows, ledger->n_rows);
    return pairs;
}

static void variant_put_path(const variant_reading *reading, const sj__ledger *ledger, size_t row,
                             sj_table *table, sj__text *text)
{
    size_t n, size;
    const int32_t *key = sj__ledger_key(ledger, row, &n);
    text->size = 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = sj__intern_name(&reading->tally->names, (uint32_t)key[i], &size);
        sj__text_add(text, i > 0 ? " > " : "");
        sj__text_name(text, name, size);
    }
    if (n == 0)
        sj__text_add(text, "(none)");
    sj__put_text(table, VARIANT_PATH, sj__text_data(text), text->size);
}

static size_t variant_shown(const sj__ledger *ledger, int64_t top)
{
    return top > 0 && (uint64_t)top < ledger->n_rows ? (size_t)top : ledger->n_rows;
}

static void variant_put_row(const variant_reading *reading, size_t row, double all, double *covered,
                            sj_table *table)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__VARIANT_PATHS];
    const int64_t *counts = sj__ledger_counts(ledger, row);
    const sj__spread *time = sj__ledger_spreads(ledger, row);
    *covered += (double)counts[SJ__PATHS_UNITS];
    sj__put_integer(table, VARIANT_COUNT, counts[SJ__PATHS_UNITS]);
    sj__put_integer(table, VARIANT_CUSTOMERS, counts[SJ__PATHS_CUSTOMERS]);
    if (all > 0) {
        sj__put_real(table, VARIANT_SHARE, (double)counts[SJ__PATHS_UNITS] / all);
        sj__put_real(table, VARIANT_COVERAGE, *covered / all);
    }
    if (reading->has_conversion) {
        sj__put_real(table, VARIANT_RATE,
                     sj__rate(counts[SJ__PATHS_CONVERTED],
                              counts[SJ__PATHS_UNITS] - counts[SJ__PATHS_OPEN]));
        sj__put_integer(table, VARIANT_OPEN, counts[SJ__PATHS_OPEN]);
    }
    sj__put_real(table, VARIANT_VALUE, sj__fixed6_to_real(sj__ledger_sums(ledger, row)[0]));
    if (sj__spread_count(time) > 0)
        sj__put_real(table, VARIANT_TIME, sj__spread_quantile(time, 0.5));
}

static sj_status variant_put_paths(const variant_reading *reading, int64_t top, sj_result *result,
                                   sj_error *error)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__VARIANT_PATHS];
    sj_table *table = sj__result_add(result, "variants", variant_columns, VARIANT_COLUMNS);
    sj__pair *pairs = variant_order(reading, ledger);
    double all = 0, covered = 0;
    sj__text text;
    if (pairs == NULL)
        return sj__fail_nomem(error);
    sj__text_init(&text, &reading->allocator);
    for (size_t row = 0; row < ledger->n_rows; row++)
        all += (double)sj__ledger_counts(ledger, row)[SJ__PATHS_UNITS];
    for (size_t i = 0; i < variant_shown(ledger, top); i++) {
        const size_t row = (size_t)pairs[i].number;
        variant_put_path(reading, ledger, row, table, &text);
        variant_put_row(reading, row, all, &covered, table);
        sj__end_row(table);
    }
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    sj__free(&reading->allocator, pairs, ledger->n_rows, 2 * sizeof *pairs);
    return status;
}

static sj_status variant_put_grams(const variant_reading *reading, int64_t top, sj_result *result,
                                   sj_error *error)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__VARIANT_GRAMS];
    sj_table *table = sj__result_add(result, "ngrams", variant_gram_columns, 3);
    sj__pair *pairs = variant_order(reading, ledger);
    sj__text text;
    if (pairs == NULL)
        return sj__fail_nomem(error);
    sj__text_init(&text, &reading->allocator);
    for (size_t i = 0; i < variant_shown(ledger, top); i++) {
        const size_t row = (size_t)pairs[i].number;
        variant_put_path(reading, ledger, row, table, &text);
        sj__put_integer(table, 1, sj__ledger_counts(ledger, row)[0]);
        sj__put_integer(table, 2, sj__ledger_counts(ledger, row)[1]);
        sj__end_row(table);
    }
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    sj__free(&reading->allocator, pairs, ledger->n_rows, 2 * sizeof *pairs);
    return status;
}

/* ---- indicators ---- */

/* Sum and sum of squares, in units of the indicator. */
typedef struct variant_moments {
    double sum, squares;
} variant_moments;

static variant_moments variant_moments_of(const variant_reading *reading, int32_t indicator,
                                          double unit)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__VARIANT_INDICATED];
    const size_t row = sj__ledger_find(ledger, &indicator, 1);
    variant_moments found = {0, 0};
    if (row != SIZE_MAX) {
        found.sum = (double)sj__ledger_sums(ledger, row)[0] / unit;
        found.squares = (double)sj__ledger_sums(ledger, row)[1] / unit / unit;
    }
    return found;
}

static void variant_put_indicator(sj_table *table, const char *name, variant_moments moments,
                                  int64_t n)
{
    sj__put_string(table, 0, name);
    if (n > 0)
        sj__put_real(table, 1, moments.sum / (double)n);
    if (n > 1) {
        const double spare = moments.squares - moments.sum * moments.sum / (double)n;
        sj__put_real(table, 2, spare > 0 ? sqrt(spare / (double)(n - 1)) : 0);
    }
    sj__put_integer(table, 3, n);
    sj__end_row(table);
}

static variant_moments variant_scale(variant_moments moments, double factor)
{
    return (variant_moments){moments.sum * factor, moments.squares * factor * factor};
}

static void variant_put_indicators(const variant_reading *reading, sj_result *result)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__VARIANT_INDICATED];
    const size_t row = sj__ledger_find(ledger, &(int32_t){SJ__INDICATOR_LENGTH}, 1);
    const int64_t n = row != SIZE_MAX ? sj__ledger_counts(ledger, row)[0] : 0;
    const uint64_t a = reading->alphabet;
    sj_table *table = sj__result_add(result, "indicators", variant_indicator_columns, 4);
    const variant_moments changes =
        variant_moments_of(reading, SJ__INDICATOR_CHANGES, VARIANT_FIXED);
    const variant_moments others = variant_scale(
        variant_moments_of(reading, SJ__INDICATOR_OTHERS, 1), a > 1 ? 1 / (double)(a - 1) : 0);
    const double cross = variant_moments_of(reading, SJ__INDICATOR_CROSS, VARIANT_FIXED).sum *
                         (a > 1 ? 1 / (double)(a - 1) : 0);
    const variant_moments volatility = {0.5 * (changes.sum + others.sum),
                                        0.25 * (changes.squares + others.squares + 2 * cross)};
    variant_put_indicator(table, "length", variant_moments_of(reading, SJ__INDICATOR_LENGTH, 1), n);
    variant_put_indicator(
        table, "entropy",
        variant_scale(variant_moments_of(reading, SJ__INDICATOR_BITS, VARIANT_FIXED),
                      sj__indicator_entropy(1, a)),
        n);
    variant_put_indicator(table, "turbulence",
                          variant_moments_of(reading, SJ__INDICATOR_TURBULENCE, VARIANT_FIXED), n);
    variant_put_indicator(
        table, "complexity",
        variant_scale(variant_moments_of(reading, SJ__INDICATOR_MIXED, VARIANT_FIXED),
                      sj__indicator_complexity(1, a)),
        n);
    variant_put_indicator(table, "volatility", volatility, n);
}

/* ---- notes ---- */

static void variant_note_span(sj_result *result, const char *name, int64_t span, const char *none,
                              sj__text *text)
{
    text->size = 0;
    if (span == 0) {
        sj__text_add(text, none);
    } else {
        sj__text_fixed6(text, span == SJ_INSTANT ? 0 : span);
        sj__text_add(text, " s");
    }
    sj__result_note(result, name, sj__text_data(text));
}

static sj_status variant_put_notes(const variant_reading *reading, sj_result *result,
                                   sj_error *error)
{
    const sj_variant_options *options = &reading->options;
    sj__text text;
    sj__text_init(&text, &reading->allocator);
    sj__result_note(result, "unit",
                    reading->has_conversion     ? "legs, each up to its conversion, exclusive"
                    : options->session_gap != 0 ? "sessions"
                                                : "journeys");
    if (reading->as_of != NULL)
        sj__text_bytes(&text, reading->as_of, reading->as_of_size);
    else
        sj__text_add(&text, "none: nothing was observed");
    sj__result_note(result, "as_of", sj__text_data(&text));
    variant_note_span(result, "session_gap", options->session_gap, "never cut", &text);
    if (reading->has_conversion)
        variant_note_span(result, "horizon", options->horizon,
                          "none: no leg is cut by time and none is open", &text);
    sj__result_note(result, "collapse", options->collapse ? "yes: a visit is one event" : "no");
    if (options->what & SJ_VARIANT_INDICATORS) {
        text.size = 0;
        sj__text_unsigned(&text, reading->alphabet);
        sj__text_add(&text, " touchpoints");
        sj__result_note(result, "alphabet", sj__text_data(&text));
    }
    if (options->what & SJ_VARIANT_WHOLE)
        sj__result_note(result, "quantiles", "within 1/128, exact where the times are equal");
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    return status;
}

sj_status sj_variant_conclude(const sj_tally *tally, const sj_variant_options *options,
                              sj_result **out, sj_error *error)
{
    sj_variant_options loaded;
    variant_reading reading = {.tally = tally};
    sj_result *result = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__options_load(&sj__variant_options_struct, options, &loaded, error);
    if (status == SJ_OK)
        status = sj__tally_check(tally, &sj__variant_analysis, error);
    if (status != SJ_OK)
        return status;
    reading.allocator = tally->allocator;
    variant_read_text(&reading);
    status = variant_check(&reading, error);
    if (status == SJ_OK)
        status = sj__result_new(&reading.allocator, &result, error);
    if (status == SJ_OK && reading.options.what & SJ_VARIANT_WHOLE)
        status = variant_put_paths(&reading, loaded.top, result, error);
    if (status == SJ_OK && reading.options.what & SJ_VARIANT_NGRAMS)
        status = variant_put_grams(&reading, loaded.top, result, error);
    if (status == SJ_OK && reading.options.what & SJ_VARIANT_INDICATORS)
        variant_put_indicators(&reading, result);
    if (status == SJ_OK)
        status = variant_put_notes(&reading, result, error);
    if (status == SJ_OK)
        status = sj__result_finish(result, out, error);
    else
        sj_result_free(result);
    return status;
}
