/* Variants of hand-worked journeys. */
#include "analysis/variant.h"

#include "letters.h"
#include "near.h"

#define OPTIONS(...) ((sj_variant_options){.struct_size = sizeof(sj_variant_options), __VA_ARGS__})

/* ann and bob go alike, 4 and 10 s long; cem's is a part of it. */
static sj_graph *four(void)
{
    return LETTERS("D", "ann A0 B1=2 C4=1", "bob A0 B1 C10", "cem A0 B1=0.5", "dee C5");
}

static sj_result *ask(const sj_graph *graph, sj_variant_options options)
{
    sj_result *result = NULL;
    must(sj_variant_compute(graph, &options, NULL, &result, error));
    return result;
}

static void journeys_that_are_alike_are_one_row(void **state)
{
    sj_graph *graph = four();
    sj_result *result = ask(graph, OPTIONS(0));
    const sj_table *table = sj_result_find(result, "variants");
    (void)state;
    assert_string_equal(letters_rows(table, "count", "path"), "2 A > B > C\n1 A > B\n1 C\n");
    assert_string_equal(letters_rows(table, "customers", "path"), "2 A > B > C\n1 A > B\n1 C\n");
    assert_near(sj_table_reals(table, "share")[0], 0.5, 0);
    assert_near(sj_table_reals(table, "coverage")[0], 0.5, 0);
    assert_near(sj_table_reals(table, "coverage")[1], 0.75, 0);
    assert_near(sj_table_reals(table, "coverage")[2], 1, 0);
    assert_near(sj_table_reals(table, "value")[0], 3, 0);
    assert_near(sj_table_reals(table, "value")[1], 0.5, 0);
    assert_near(sj_table_reals(table, "value")[2], 0, 0);
    assert_near(sj_table_reals(table, "time_p50")[0], 4e6, 1.0 / 128);
    assert_near(sj_table_reals(table, "time_p50")[1], 1e6, 0);
    assert_near(sj_table_reals(table, "time_p50")[2], 0, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_false(letters_has(table, "conversion_rate", i));
        assert_false(letters_has(table, "open", i));
    }
    assert_null(sj_result_find(result, "ngrams"));
    assert_null(sj_result_find(result, "indicators"));
    assert_string_equal(letters_note(result, "unit"), "journeys");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void top_cuts_rows_and_coverage_says_what_is_left(void **state)
{
    sj_graph *graph = four();
    sj_result *result = ask(graph, OPTIONS(.top = 2));
    const sj_table *table = sj_result_find(result, "variants");
    (void)state;
    assert_int_equal(sj_table_rows(table), 2);
    assert_near(sj_table_reals(table, "coverage")[1], 0.75, 0);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* One customer with three sessions, two of them alike. */
static void sessions_count_by_themselves_and_customers_once(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 B10 A100 B110 A200", "bob A0");
    sj_result *result = ask(graph, OPTIONS(.session_gap = 10 * SJ_SECOND));
    const sj_table *table = sj_result_find(result, "variants");
    (void)state;
    assert_string_equal(letters_rows(table, "count", "path"), "2 A\n2 A > B\n");
    assert_string_equal(letters_rows(table, "customers", "path"), "2 A\n1 A > B\n");
    assert_string_equal(letters_note(result, "unit"), "sessions");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void collapse_takes_repeats_together(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 A1=1 B2 B3 A4", "bob A0 B1 A2");
    sj_result *result = ask(graph, OPTIONS(.collapse = 1)), *kept = ask(graph, OPTIONS(0));
    const sj_table *table = sj_result_find(result, "variants");
    (void)state;
    assert_string_equal(letters_rows(table, "count", "path"), "2 A > B > A\n");
    assert_near(sj_table_reals(table, "value")[0], 1, 0);
    assert_string_equal(letters_rows(sj_result_find(kept, "variants"), "count", "path"),
                        "1 A > A > B > B > A\n1 A > B > A\n");
    sj_result_free(result);
    sj_result_free(kept);
    sj_graph_free(graph);
}

/* ann converts twice: A | B A | and a leg without; bob at once; cem never. */
static void legs_are_seen_up_to_the_conversion(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0=1 Z1=9 B2 A5 Z6 A7", "bob Z0 A1", "cem A0 B3=2");
    sj_result *result = ask(graph, OPTIONS(.conversion = "Z"));
    const sj_table *table = sj_result_find(result, "variants");
    (void)state;
    assert_string_equal(letters_rows(table, "count", "path"), "3 A\n1 (none)\n1 A > B\n1 B > A\n");
    assert_string_equal(letters_rows(table, "customers", "path"),
                        "2 A\n1 (none)\n1 A > B\n1 B > A\n");
    assert_near(sj_table_reals(table, "conversion_rate")[0], 1.0 / 3, 1e-15);
    assert_near(sj_table_reals(table, "conversion_rate")[1], 1, 0);
    assert_near(sj_table_reals(table, "conversion_rate")[2], 0, 0);
    assert_near(sj_table_reals(table, "conversion_rate")[3], 1, 0);
    assert_near(sj_table_reals(table, "value")[0], 1, 0); /* the conversion's own 9 is not seen */
    assert_near(sj_table_reals(table, "time_p50")[3], 3e6, 0);
    assert_false(letters_has(table, "time_p50", 1));
    assert_non_null(strstr(letters_note(result, "horizon"), "none"));
    sj_result_free(result);
    sj_graph_free(graph);
}

/* Observed until 20 s, horizon 10 s: ann's and cem's legs are mature, bob's, from 15 s on, is open.
 */
static void open_legs_are_counted_and_in_no_rate(void **state)
{
    const int64_t from = 0, until = 20 * SJ_SECOND;
    const sj_builder_options observed = {
        .struct_size = sizeof observed, .observed_from = &from, .observed_until = &until};
    sj_graph *graph = letters_graph(
        "", &observed, (const char *[]){"ann A1 Z2", "bob A15 Z16", "cem A10 B11", NULL});
    sj_result *result = ask(graph, OPTIONS(.conversion = "Z", .horizon = 10 * SJ_SECOND));
    const sj_table *table = sj_result_find(result, "variants");
    (void)state;
    assert_string_equal(letters_rows(table, "count", "path"), "2 A\n1 A > B\n");
    assert_string_equal(letters_rows(table, "open", "path"), "1 A\n0 A > B\n");
    assert_near(sj_table_reals(table, "conversion_rate")[0], 1, 0);
    assert_near(sj_table_reals(table, "conversion_rate")[1], 0, 0);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void the_horizon_cuts_a_leg(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 B10 C11 Z12", "bob D100");
    sj_result *result = ask(graph, OPTIONS(.conversion = "Z", .horizon = 10 * SJ_SECOND));
    (void)state;
    /* bob's leg starts at as_of and is open: no rate. */
    assert_string_equal(letters_rows(sj_result_find(result, "variants"), "count", "path"),
                        "1 A > B\n1 C\n1 D\n");
    assert_near(sj_table_reals(sj_result_find(result, "variants"), "conversion_rate")[0], 0, 0);
    assert_near(sj_table_reals(sj_result_find(result, "variants"), "conversion_rate")[1], 1, 0);
    assert_false(letters_has(sj_result_find(result, "variants"), "conversion_rate", 2));
    sj_result_free(result);
    sj_graph_free(graph);
}

/* 60 days are observed or not: a horizon of 30 days or none. */
static void the_horizon_follows_what_is_observed(void **state)
{
    const int64_t from = 0, until[] = {60 * SJ_DAY, 60 * SJ_DAY - 1};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const sj_builder_options observed = {
            .struct_size = sizeof observed, .observed_from = &from, .observed_until = &until[i]};
        sj_graph *graph = letters_graph("Z", &observed, (const char *[]){"ann A0", NULL});
        sj_result *result = ask(graph, OPTIONS(.conversion = "Z"));
        assert_string_equal(letters_note(result, "horizon"),
                            i ? "none: no leg is cut by time and none is open" : "2592000 s");
        sj_result_free(result);
        sj_graph_free(graph);
    }
}

static void later_events_are_not_seen(void **state)
{
    sj_graph *graph = four();
    const int64_t as_of = 4 * SJ_SECOND;
    sj_result *result = ask(graph, OPTIONS(.as_of = &as_of));
    (void)state;
    assert_string_equal(letters_rows(sj_result_find(result, "variants"), "count", "path"),
                        "2 A > B\n1 A > B > C\n");
    assert_string_equal(letters_note(result, "as_of"), "1970-01-01T00:00:04.000000Z");
    sj_result_free(result);
    sj_graph_free(graph);
}

/* A B A B: A > B twice, B > A once, and so on. */
static void ngrams_count_every_place_and_customers_once(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 B1 A2 B3", "bob A0 B1");
    sj_result *result = ask(graph, OPTIONS(.what = SJ_VARIANT_NGRAMS)),
              *one = ask(graph, OPTIONS(.what = SJ_VARIANT_NGRAMS, .min_length = 1, .max_length = 2,
                                        .top = 3));
    const sj_table *table = sj_result_find(result, "ngrams");
    (void)state;
    assert_string_equal(letters_rows(table, "count", "path"),
                        "3 A > B\n1 A > B > A\n1 A > B > A > B\n1 B > A\n1 B > A > B\n");
    assert_string_equal(letters_rows(table, "customers", "path"),
                        "2 A > B\n1 A > B > A\n1 A > B > A > B\n1 B > A\n1 B > A > B\n");
    assert_string_equal(letters_rows(sj_result_find(one, "ngrams"), "count", "path"),
                        "3 A\n3 A > B\n3 B\n");
    assert_null(sj_result_find(result, "variants"));
    sj_result_free(result);
    sj_result_free(one);
    sj_graph_free(graph);
}

static void ngrams_do_not_cross_sessions_or_conversions(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 B1 A100 B101 Z102 A103");
    sj_result *result = ask(graph, OPTIONS(.what = SJ_VARIANT_NGRAMS, .conversion = "Z",
                                           .session_gap = 10 * SJ_SECOND));
    (void)state;
    assert_string_equal(letters_rows(sj_result_find(result, "ngrams"), "count", "path"),
                        "2 A > B\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void lengths_that_are_given_pull_those_that_are_not(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 B1 C2 D3 E4 F5 G6 H7");
    sj_result *long_ones = ask(graph, OPTIONS(.what = SJ_VARIANT_NGRAMS, .min_length = 7)),
              *short_ones = ask(graph, OPTIONS(.what = SJ_VARIANT_NGRAMS, .max_length = 1));
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(long_ones, "ngrams")), 2);
    assert_int_equal(sj_table_rows(sj_result_find(short_ones, "ngrams")), 8);
    sj_result_free(long_ones);
    sj_result_free(short_ones);
    sj_graph_free(graph);
}

/* The known sequence over four touchpoints: one of its own, and one event of another customer. */
static void indicators_are_means_over_units(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 A1 B2 C3 C4 C5", "bob D0");
    sj_result *result = ask(graph, OPTIONS(.what = SJ_VARIANT_INDICATORS));
    const sj_table *table = sj_result_find(result, "indicators");
    static const char *const names[] = {"length", "entropy", "turbulence", "complexity",
                                        "volatility"};
    static const double first[] = {6, 0.729573959, 3.847996907, 0.540212535, 0.533333333},
                        second[] = {1, 0, 0, 0, 0};
    (void)state;
    assert_int_equal(sj_table_rows(table), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(sj_table_text(table, "name", i), names[i]);
        assert_int_equal(sj_table_integers(table, "n")[i], 2);
        assert_near(sj_table_reals(table, "mean")[i], (first[i] + second[i]) / 2, 1e-8);
        assert_near(sj_table_reals(table, "deviation")[i], (first[i] - second[i]) / sqrt(2), 1e-8);
    }
    assert_string_equal(letters_note(result, "alphabet"), "4 touchpoints");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_declared_touchpoint_belongs_to_the_alphabet(void **state)
{
    sj_graph *graph = LETTERS("D", "ann A0 A1 B2 C3 C4 C5");
    sj_result *result = ask(graph, OPTIONS(.what = SJ_VARIANT_INDICATORS)), *list = NULL;
    (void)state;
    assert_near(sj_table_reals(sj_result_find(result, "indicators"), "mean")[1], 0.729573959, 1e-8);
    assert_false(letters_has(sj_result_find(result, "indicators"), "deviation", 1));
    must(sj_variant_list(graph, NULL, NULL, &list, error));
    assert_near(sj_table_reals(sj_result_find(list, "indicators"), "entropy")[0], 0.729573959,
                1e-9);
    sj_result_free(result);
    sj_result_free(list);
    sj_graph_free(graph);
}

static void the_list_has_a_row_per_unit_with_events(void **state)
{
    sj_graph *graph = LETTERS("", "(ann A0 Z1 Z2 A3 B4");
    sj_result *list = NULL;
    (void)state;
    must(sj_variant_list(graph, &OPTIONS(.conversion = "Z"), NULL, &list, error));
    const sj_table *table = sj_result_find(list, "indicators");
    assert_string_equal(letters_rows(table, "length", "customer"), "1 '(ann'\n2 '(ann'\n");
    assert_int_equal(sj_table_integers(table, "unit")[0], 1);
    assert_int_equal(sj_table_integers(table, "unit")[1],
                     3); /* the second leg is but its conversion */
    assert_near(sj_table_reals(table, "turbulence")[1], 2, 0);
    sj_result_free(list);
    sj_graph_free(graph);
}

static void names_that_look_like_paths_are_quoted(void **state)
{
    sj_graph *graph = LETTERS("", "u \"home\"0 \"api > v2\"1 \"/docs->intro\"2");
    sj_result *result = ask(graph, OPTIONS(0));
    (void)state;
    assert_string_equal(sj_table_text(sj_result_find(result, "variants"), "path", 0),
                        "home > 'api > v2' > /docs->intro");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void an_empty_graph_has_empty_tables(void **state)
{
    sj_graph *graph = letters_graph("Z", NULL, (const char *[]){NULL});
    sj_result *result = ask(graph, OPTIONS(.what = 7, .conversion = "Z")), *list = NULL;
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(result, "variants")), 0);
    assert_int_equal(sj_table_rows(sj_result_find(result, "ngrams")), 0);
    assert_int_equal(sj_table_integers(sj_result_find(result, "indicators"), "n")[4], 0);
    assert_false(letters_has(sj_result_find(result, "indicators"), "mean", 4));
    assert_string_equal(letters_note(result, "as_of"), "none: nothing was observed");
    must(sj_variant_list(graph, NULL, NULL, &list, error));
    assert_int_equal(sj_table_rows(sj_result_find(list, "indicators")), 0);
    sj_result_free(list);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void more_than_256_touchpoints_are_kept_apart(void **state)
{
    sj_builder *b = rows_builder(NULL);
    char name[16];
    (void)state;
    for (int i = 0; i < 600; i++) {
        snprintf(name, sizeof name, "t%03d", i);
        must(rows_add(b, &(row){.customer = name, .touchpoint = name, .time = 0}, error));
        must(rows_add(b, &(row){.customer = name, .touchpoint = name, .time = 1}, error));
    }
    sj_graph *graph = rows_build(b);
    sj_builder_free(b);
    sj_result *result = ask(graph, OPTIONS(.what = 7, .collapse = 1));
    const sj_table *table = sj_result_find(result, "variants");
    assert_int_equal(sj_table_rows(table), 600);
    assert_string_equal(sj_table_text(table, "path", 599), "t599");
    assert_string_equal(letters_note(result, "alphabet"), "600 touchpoints");
    sj_result_free(result);
    sj_graph_free(graph);
}

static sj_tally *count(const sj_graph *graph, sj_variant_options options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    must(sj_variant_plan(graph, &options, &plan, error));
    must(sj_scan(&plan, 1, NULL, &tally, error));
    sj_plan_free(plan);
    return tally;
}

static void ways_to_say_one_thing_are_one_text(void **state)
{
    sj_graph *graph = four();
    const int64_t end = 10 * SJ_SECOND;
    sj_tally *one = count(graph, OPTIONS(0)),
             *two = count(graph, OPTIONS(.what = SJ_VARIANT_WHOLE, .session_gap = SJ_UNLIMITED,
                                         .as_of = &end, .top = 4)),
             *three = count(graph, OPTIONS(.conversion = "touchpoint='C'", .horizon = SJ_DAY,
                                           .what = SJ_VARIANT_NGRAMS, .min_length = 2,
                                           .max_length = 4, .collapse = 9));
    (void)state;
    assert_string_equal(sj_tally_text(one), sj_tally_text(two));
    assert_non_null(strstr(sj_tally_text(three),
                           "\nconversion touchpoint = 'C'\nas_of 1970-01-01T00:00:10.000000Z\n"
                           "horizon 86400000000\nwhat ngrams\ncollapse 1\nmax_length 4\n"));
    must_fail(SJ_ERR_MISMATCH, sj_tally_merge(one, three, error));
    sj_tally_free(one);
    sj_tally_free(two);
    sj_tally_free(three);
    sj_graph_free(graph);
}

/* Two shards, one of which has never heard of C and D. */
static void indicators_of_shards_add_up(void **state)
{
    const int64_t from = 0, until = SJ_MINUTE;
    const sj_builder_options observed = {
        .struct_size = sizeof observed, .observed_from = &from, .observed_until = &until};
    sj_graph *one = letters_graph("", &observed,
                                  (const char *[]){"ann A0 A1 B2 C3 C4 C5", "bob D0", NULL}),
             *two = letters_graph("", &observed, (const char *[]){"cem A0 B1 A2", NULL});
    sj_tally *tally = count(one, OPTIONS(.what = SJ_VARIANT_INDICATORS)),
             *more = count(two, OPTIONS(.what = SJ_VARIANT_INDICATORS));
    sj_result *result = NULL;
    (void)state;
    must(sj_tally_merge(tally, more, error));
    must(sj_variant_conclude(tally, NULL, &result, error));
    const sj_table *table = sj_result_find(result, "indicators");
    /* cem's over four touchpoints: bits log2 3 − 2/3 of 2 */
    assert_near(sj_table_reals(table, "mean")[1], (0.729573959 + 0 + (log2(3) - 2.0 / 3) / 2) / 3,
                1e-8);
    assert_near(sj_table_reals(table, "mean")[4], (0.533333333 + 0 + 0.5 / 3 + 0.5) / 3, 1e-8);
    sj_result_free(result);
    sj_tally_free(tally);
    sj_tally_free(more);
    sj_graph_free(one);
    sj_graph_free(two);
}

static void wrong_options_are_named(void **state)
{
    sj_graph *graph = four();
    sj_tally *tally = count(graph, OPTIONS(0));
    sj_result *result = NULL;
    static const struct {
        sj_variant_options options;
        sj_status status;
        const char *says;
    } wrong[] = {
        {{.conversion = "CC"}, SJ_ERR_NAME, "conversion: "},
        {{.conversion = "value >"}, SJ_ERR_CONDITION, "conversion: "},
        {{.horizon = SJ_DAY}, SJ_ERR_OPTIONS, "horizon has no effect"},
        {{.min_length = 3}, SJ_ERR_OPTIONS, "min_length has no effect"},
        {{.max_length = 3, .what = SJ_VARIANT_WHOLE}, SJ_ERR_OPTIONS, "max_length has no effect"},
        {{.min_length = 4, .max_length = 3, .what = SJ_VARIANT_NGRAMS}, SJ_ERR_OPTIONS, "above"},
        {{.max_length = 65, .what = SJ_VARIANT_NGRAMS}, SJ_ERR_LIMIT, "64"},
        {{.what = 8}, SJ_ERR_OPTIONS, "what"},
        {{.session_gap = -5}, SJ_ERR_OPTIONS, "session_gap"},
        {{.top = -1}, SJ_ERR_OPTIONS, "top"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        sj_variant_options options = wrong[i].options;
        options.struct_size = sizeof options;
        must_fail(wrong[i].status, sj_variant_compute(graph, &options, NULL, &result, error));
        assert_non_null(strstr(failure.message, wrong[i].says));
        assert_null(result);
    }
    must_fail(SJ_ERR_OPTIONS,
              sj_variant_compute(graph, &OPTIONS(.baseline = tally), NULL, &result, error));
    assert_non_null(strstr(failure.message, "baseline: not built yet"));
    sj_tally_free(tally);
    sj_graph_free(graph);
}

/* A tally with a path that no scan can have counted. */
static void damaged_by(int32_t part, int64_t converted, int64_t open)
{
    sj_allocator a = sj__allocator(NULL);
    const char *text = "analysis variant 1\nconversion touchpoint = 'Z'\n";
    sj_tally *tally = NULL;
    sj_result *result = NULL;
    int32_t name;
    size_t at;
    must(sj__tally_new(&sj__variant_analysis, text, strlen(text), &a, &tally, error));
    must(sj__tally_name(tally, "A", 1, &name, error));
    must(sj__ledger_row(&tally->ledgers[SJ__VARIANT_PATHS], &part, 1, &at, error));
    int64_t *counts = sj__ledger_counts(&tally->ledgers[SJ__VARIANT_PATHS], at);
    counts[SJ__PATHS_UNITS] = 2;
    counts[SJ__PATHS_CONVERTED] = converted;
    counts[SJ__PATHS_OPEN] = open;
    must(sj__tally_settle(tally, error));
    must_fail(SJ_ERR_FORMAT, sj_variant_conclude(tally, NULL, &result, error));
    assert_null(result);
    sj_tally_free(tally);
}

static void what_no_scan_can_have_counted_is_refused(void **state)
{
    (void)state;
    damaged_by(-1, 0, 0); /* no name */
    damaged_by(0, 0, 3);  /* of two units, three are open */
    damaged_by(0, 3, 0);
    damaged_by(0, 2, 1);
}

static void a_plan_says_how_it_will_run(void **state)
{
    sj_graph *graph = four();
    sj_plan *plan = NULL;
    (void)state;
    must(sj_variant_plan(graph, &OPTIONS(.what = 7, .conversion = "C"), &plan, error));
    assert_string_equal(sj_plan_text(plan), "hash of code sequences, trie of n-grams, indicators, "
                                            "on legs up to the conversion");
    sj_plan_free(plan);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journeys_that_are_alike_are_one_row),
        cmocka_unit_test(top_cuts_rows_and_coverage_says_what_is_left),
        cmocka_unit_test(sessions_count_by_themselves_and_customers_once),
        cmocka_unit_test(collapse_takes_repeats_together),
        cmocka_unit_test(legs_are_seen_up_to_the_conversion),
        cmocka_unit_test(open_legs_are_counted_and_in_no_rate),
        cmocka_unit_test(the_horizon_cuts_a_leg),
        cmocka_unit_test(the_horizon_follows_what_is_observed),
        cmocka_unit_test(later_events_are_not_seen),
        cmocka_unit_test(ngrams_count_every_place_and_customers_once),
        cmocka_unit_test(ngrams_do_not_cross_sessions_or_conversions),
        cmocka_unit_test(lengths_that_are_given_pull_those_that_are_not),
        cmocka_unit_test(indicators_are_means_over_units),
        cmocka_unit_test(a_declared_touchpoint_belongs_to_the_alphabet),
        cmocka_unit_test(the_list_has_a_row_per_unit_with_events),
        cmocka_unit_test(names_that_look_like_paths_are_quoted),
        cmocka_unit_test(an_empty_graph_has_empty_tables),
        cmocka_unit_test(more_than_256_touchpoints_are_kept_apart),
        cmocka_unit_test(ways_to_say_one_thing_are_one_text),
        cmocka_unit_test(indicators_of_shards_add_up),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(what_no_scan_can_have_counted_is_refused),
        cmocka_unit_test(a_plan_says_how_it_will_run),
    };
    return cmocka_run_group_tests_name("variant", tests, NULL, NULL);
}
