/* Variants over small random journeys against the plain second implementation
 * (oracle/variant_oracle.c): every row of both tables in its order, the indicators of every unit,
 * their means and deviations.  600 graphs by default; SOJOURN_LONG asks for more. */
#include "oracle/variant_oracle.h"
#include "property/alike.h"
#include "unit/near.h"

enum { VARIANTS_ROUNDS = 600 };

typedef struct variants_counts {
    uint64_t rows, grams, units, converted, open, sessions, collapsed, indicated, alike;
} variants_counts;

typedef struct variants_asked {
    const sj_graph *graph;
    const sj_variant_options *options;
} variants_asked;

static int variants_meets(void *user, const sj_moment *moment)
{
    const variants_asked *asked = user;
    return alike_is(asked->graph, asked->options->conversion, moment);
}

static sj_variant_options variants_question(alike *random, int64_t *as_of)
{
    sj_variant_options options = {.struct_size = sizeof options};
    if (alike_below(random, 2)) {
        options.conversion = alike_conditions[alike_below(random, ALIKE_CONDITIONS)];
        options.horizon = (int64_t[]){0, SJ_UNLIMITED, SJ_INSTANT, 3 * random->unit,
                                      8 * random->unit}[alike_below(random, 5)];
    }
    options.session_gap =
        (int64_t[]){0, SJ_UNLIMITED, SJ_INSTANT, 2 * random->unit}[alike_below(random, 4)];
    *as_of = (int64_t)alike_below(random, 40) * random->unit;
    options.as_of = alike_below(random, 3) ? NULL : as_of;
    options.what = (int32_t)alike_below(random, 8);
    options.collapse = alike_below(random, 2) ? 1 : 0;
    if (options.what & SJ_VARIANT_NGRAMS) {
        options.min_length = (int32_t[]){0, 0, 1, 2}[alike_below(random, 4)];
        options.max_length = (int32_t[]){0, 0, 2, 3, 7}[alike_below(random, 5)];
    }
    options.top = (int64_t[]){0, 0, 1, 5}[alike_below(random, 4)];
    return options;
}

static size_t variants_shown(const sj_variant_options *options, size_t n)
{
    return options->top > 0 && (size_t)options->top < n ? (size_t)options->top : n;
}

static void variants_compare_paths(const sj_table *table, const variant_oracle_answer *wanted,
                                   const sj_variant_options *options)
{
    double covered = 0;
    assert_int_equal(sj_table_rows(table), variants_shown(options, wanted->n_paths));
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const variant_oracle_row *row = &wanted->paths[i];
        const uint8_t *valid = sj_table_validity(table, "conversion_rate");
        const int has_rate = !valid || (valid[i / 8] >> i % 8 & 1) != 0;
        covered += (double)row->count / (double)wanted->n_units;
        assert_string_equal(sj_table_text(table, "path", i), row->path);
        assert_int_equal(sj_table_integers(table, "count")[i], row->count);
        assert_int_equal(sj_table_integers(table, "customers")[i], row->customers);
        assert_near(sj_table_reals(table, "share")[i], (double)row->count / (double)wanted->n_units,
                    1e-12);
        assert_near(sj_table_reals(table, "coverage")[i], covered, 1e-12);
        assert_near(sj_table_reals(table, "value")[i], row->value, 1e-9);
        assert_int_equal(has_rate, options->conversion && row->count > row->open);
        if (has_rate)
            assert_near(sj_table_reals(table, "conversion_rate")[i],
                        (double)row->converted / (double)(row->count - row->open), 1e-12);
        if (options->conversion)
            assert_int_equal(sj_table_integers(table, "open")[i], row->open);
    }
}

static int variants_rising(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The median time of a row's units: within 1/128 of the one in the middle. */
static void variants_compare_times(const sj_table *table, const variant_oracle_answer *wanted)
{
    int64_t *times = malloc((wanted->n_units + 1) * sizeof *times);
    assert_non_null(times);
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const variant_oracle_row *row = &wanted->paths[i];
        size_t n = 0;
        for (size_t u = 0; u < wanted->n_units; u++) {
            const variant_oracle_unit *unit = &wanted->units[u];
            if (unit->n == row->n && unit->has_events &&
                memcmp(unit->names, row->names, row->n * sizeof *row->names) == 0)
                times[n++] = unit->time;
        }
        qsort(times, n, sizeof *times, variants_rising);
        if (n)
            assert_near(sj_table_reals(table, "time_p50")[i], (double)times[(n - 1) / 2],
                        1.0 / 128);
    }
    free(times);
}

static void variants_compare_grams(const sj_table *table, const variant_oracle_answer *wanted,
                                   const sj_variant_options *options)
{
    assert_int_equal(sj_table_rows(table), variants_shown(options, wanted->n_grams));
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        assert_string_equal(sj_table_text(table, "path", i), wanted->grams[i].path);
        assert_int_equal(sj_table_integers(table, "count")[i], wanted->grams[i].count);
        assert_int_equal(sj_table_integers(table, "customers")[i], wanted->grams[i].customers);
    }
}

static double variants_indicator(const variant_oracle_unit *unit, size_t k)
{
    const double all[] = {(double)unit->n, unit->entropy, unit->turbulence, unit->complexity,
                          unit->volatility};
    return all[k];
}

static const char *const variants_names[] = {"length", "entropy", "turbulence", "complexity",
                                             "volatility"};

static void variants_compare_means(const sj_table *table, const variant_oracle_answer *wanted)
{
    assert_int_equal(sj_table_rows(table), 5);
    for (size_t k = 0; k < 5; k++) {
        double n = 0, mean = 0, spread = 0;
        for (size_t u = 0; u < wanted->n_units; u++) {
            n += wanted->units[u].n > 0;
            mean += variants_indicator(&wanted->units[u], k);
        }
        mean = n > 0 ? mean / n : 0;
        for (size_t u = 0; u < wanted->n_units; u++) {
            const double off = variants_indicator(&wanted->units[u], k) - mean;
            spread += wanted->units[u].n > 0 ? off * off : 0;
        }
        assert_string_equal(sj_table_text(table, "name", k), variants_names[k]);
        assert_int_equal(sj_table_integers(table, "n")[k], (int64_t)n);
        if (n > 0)
            assert_true(fabs(sj_table_reals(table, "mean")[k] - mean) <= 1e-9 * (1 + mean));
        if (n > 1)
            assert_true(fabs(sj_table_reals(table, "deviation")[k] - sqrt(spread / (n - 1))) <=
                        1e-6);
    }
}

static void variants_compare_list(const sj_graph *graph, const sj_variant_options *options,
                                  const variant_oracle_answer *wanted)
{
    sj_result *result = NULL;
    sj_error error = {0};
    size_t row = 0;
    alike_must(sj_variant_list(graph, options, NULL, &result, &error), &error);
    const sj_table *table = sj_result_find(result, "indicators");
    for (size_t u = 0; u < wanted->n_units; u++) {
        const variant_oracle_unit *unit = &wanted->units[u];
        const char *key = sj_graph_name(graph, SJ_KIND_CUSTOMERS, unit->customer);
        if (unit->n == 0)
            continue;
        assert_true(row < sj_table_rows(table));
        assert_non_null(strstr(sj_table_text(table, "customer", row), key));
        assert_int_equal(sj_table_integers(table, "unit")[row], unit->number);
        assert_int_equal(sj_table_integers(table, "length")[row], (int64_t)unit->n);
        for (size_t k = 1; k < 5; k++)
            assert_true(fabs(sj_table_reals(table, variants_names[k])[row] -
                             variants_indicator(unit, k)) <= 1e-12 * (1 + (double)unit->n));
        row++;
    }
    assert_int_equal(row, sj_table_rows(table));
    sj_result_free(result);
}

static void variants_count(const variant_oracle_answer *wanted, variants_counts *counts)
{
    counts->rows += wanted->n_paths;
    counts->grams += wanted->n_grams;
    counts->units += wanted->n_units;
    for (size_t u = 0; u < wanted->n_units; u++) {
        counts->converted += (uint64_t)wanted->units[u].converted;
        counts->open += (uint64_t)wanted->units[u].open;
    }
    for (size_t i = 0; i < wanted->n_paths; i++)
        counts->alike += wanted->paths[i].count > 1;
}

static void variants_round(const sj_graph *graph, const sj_variant_options *options,
                           variants_counts *counts)
{
    variants_asked asked = {graph, options};
    variant_oracle_question question = {options, variants_meets, &asked, INT64_MAX, INT64_MIN};
    const sj_run run = {.struct_size = sizeof run, .threads = 1 + (int64_t)(counts->rows % 3)};
    const int32_t what = options->what ? options->what : SJ_VARIANT_WHOLE;
    variant_oracle_answer wanted;
    sj_result *result = NULL;
    sj_error error = {0};
    for (uint64_t c = 0; c < sj_graph_count(graph, SJ_KIND_CUSTOMERS); c++) {
        sj_moment first, last;
        assert_true(sj_graph_event(graph, c, 0, &first));
        assert_true(sj_graph_event(graph, c, sj_graph_length(graph, c) - 1, &last));
        if (first.time < question.observed_from)
            question.observed_from = first.time;
        if (last.time > question.as_of)
            question.as_of = last.time;
    }
    if (options->as_of)
        question.as_of = *options->as_of;
    variant_oracle_ask(graph, &question, &wanted);
    alike_must(sj_variant_compute(graph, options, &run, &result, &error), &error);
    assert_int_equal(sj_result_find(result, "variants") != NULL, (what & SJ_VARIANT_WHOLE) != 0);
    if (what & SJ_VARIANT_WHOLE) {
        variants_compare_paths(sj_result_find(result, "variants"), &wanted, options);
        variants_compare_times(sj_result_find(result, "variants"), &wanted);
    }
    if (what & SJ_VARIANT_NGRAMS)
        variants_compare_grams(sj_result_find(result, "ngrams"), &wanted, options);
    if (what & SJ_VARIANT_INDICATORS) {
        variants_compare_means(sj_result_find(result, "indicators"), &wanted);
        variants_compare_list(graph, options, &wanted);
        counts->indicated++;
    }
    counts->sessions += options->session_gap != 0 && options->session_gap != SJ_UNLIMITED;
    counts->collapsed += options->collapse != 0;
    variants_count(&wanted, counts);
    variant_oracle_free(&wanted);
    sj_result_free(result);
}

static void library_and_plain_implementation_agree(void **state)
{
    const uint64_t rounds = alike_rounds(VARIANTS_ROUNDS);
    variants_counts counts = {0};
    alike random = {.state = 20260303};
    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        sj_graph *graph = alike_graph(&random);
        for (int k = 0; k < 2; k++) {
            int64_t as_of;
            const sj_variant_options options = variants_question(&random, &as_of);
            variants_round(graph, &options, &counts);
        }
        sj_graph_free(graph);
    }
    print_message(
        "# %llu rows (%llu of several units), %llu n-grams, %llu units, converted %llu, "
        "open %llu; sessions %llu, collapsed %llu, indicators %llu; %.0f%% of %llu events "
        "tied\n",
        (unsigned long long)counts.rows, (unsigned long long)counts.alike,
        (unsigned long long)counts.grams, (unsigned long long)counts.units,
        (unsigned long long)counts.converted, (unsigned long long)counts.open,
        (unsigned long long)counts.sessions, (unsigned long long)counts.collapsed,
        (unsigned long long)counts.indicated, 100 * (double)random.tied / (double)random.events,
        (unsigned long long)random.events);
    assert_true(random.tied * 5 >= random.events);
    assert_true(counts.rows > 5 * rounds && counts.alike > rounds && counts.grams > 5 * rounds);
    assert_true(counts.converted > rounds && counts.open > rounds && counts.sessions > rounds / 4 &&
                counts.collapsed > rounds / 4 && counts.indicated > rounds / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(library_and_plain_implementation_agree)};
    return cmocka_run_group_tests_name("variant_random", tests, NULL, NULL);
}
