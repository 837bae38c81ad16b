/* Funnels by time of entry: buckets, gaps between them, offsets, what adds up, and the limit. */
#include "analysis/funnel.h"
#include "unit/columns.h"
#include "unit/rows.h"

#define ASK(...)                                                                                   \
    (sj_funnel_options)                                                                            \
    {                                                                                              \
        .struct_size = sizeof(sj_funnel_options), .steps = ab, .n_steps = 2,                       \
        .step_size = sizeof(sj_step), __VA_ARGS__                                                  \
    }
#define HOURS(n) ((n)*SJ_HOUR)
#define DAYS(n) ((n)*SJ_DAY)

static const sj_step ab[] = {{.condition = "A"}, {.condition = "B"}};

/* The trend with keys in hours since 1970, and the steps after it. */
static const char *trend(const sj_graph *graph, sj_funnel_options options)
{
    static char text[8192];
    size_t n = 0;
    sj_result *result = NULL;
    must(sj_funnel_compute(graph, &options, NULL, &result, error));
    const sj_table *table = sj_result_find(result, "trend");
    assert_non_null(table);
    assert_int_equal(sj_table_type(table, "key"), SJ_COLUMN_INTEGER);
    text[0] = '\0';
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const int64_t key = sj_table_integers(table, "key")[i];
        n += (size_t)snprintf(text + n, sizeof text - n, "%lld:%lld ", (long long)(key / SJ_HOUR),
                              (long long)sj_table_integers(table, "reached")[i]);
    }
    sj_result_free(result);
    return text;
}

static void a_unit_counts_in_the_bucket_of_its_entry(void **state)
{
    /* k1 enters on day 0 and converts on day 2; k2 enters on day 2. */
    sj_graph *graph =
        GRAPH(NULL, {"k1", "A", HOURS(23)}, {"k1", "B", DAYS(2)}, {"k2", "A", DAYS(2) + 5});
    (void)state;
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_DAY)), "0:1 0:1 24:0 24:0 48:1 48:0 ");
    sj_graph_free(graph);
}

static void a_bucket_between_has_rows_of_nothing(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "A", 0}, {"k1", "B", 5, NULL, "3"}, {"k2", "A", HOURS(2)});
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_compute(graph, &ASK(.trend = SJ_TREND_HOUR), NULL, &result, error));
    assert_string_equal(
        columns_text(result, "trend",
                     "key step name reached filled dropped excluded open entered customers "
                     "rate_previous rate_overall time_n time_mean value"),
        "0 1 A 1 1 0 0 0 0 1 - 1 1 0 0\n"
        "0 2 B 1 1 0 0 0 0 1 1 1 1 5 3\n"
        "3600000000 1 A 0 0 0 0 0 0 0 - - 0 - 0\n"
        "3600000000 2 B 0 0 0 0 0 0 0 - - 0 - 0\n"
        "7200000000 1 A 1 1 1 0 0 0 1 - 1 1 0 0\n"
        "7200000000 2 B 0 0 0 0 0 0 0 0 0 0 - 0\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void an_offset_says_where_days_begin_and_keys_stay_in_utc(void **state)
{
    /* 22:30 and 23:30 UTC: one day in UTC, two in Berlin. */
    sj_graph *graph = GRAPH(NULL, {"k1", "A", HOURS(22) + 30 * SJ_MINUTE},
                            {"k2", "A", HOURS(23) + 30 * SJ_MINUTE}, {"k3", "B", 0});
    (void)state;
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_DAY)), "0:2 0:0 ");
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_DAY, .utc_offset = 60)),
                        "-1:1 -1:0 23:1 23:0 ");
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_DAY, .utc_offset = -60)), "1:2 1:0 ");
    sj_graph_free(graph);
}

static void weeks_begin_on_monday_and_months_are_the_calendar_s(void **state)
{
    /* 1970-01-04 is a Sunday, the 5th a Monday; February begins on day 31. */
    sj_graph *graph = GRAPH(NULL, {"k1", "A", DAYS(3)}, {"k2", "A", DAYS(4)}, {"k3", "A", DAYS(31)},
                            {"k3", "B", DAYS(31)});
    (void)state;
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_WEEK)),
                        "-72:1 -72:0 96:1 96:0 264:0 264:0 432:0 432:0 600:1 600:1 ");
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_MONTH)), "0:2 0:0 744:1 744:1 ");
    sj_graph_free(graph);
}

static void times_before_1970_have_buckets_too(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "A", -1}, {"k2", "A", 0}, {"k2", "B", 0});
    (void)state;
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_HOUR)), "-1:1 -1:0 0:1 0:1 ");
    assert_string_equal(trend(graph, ASK(.trend = SJ_TREND_MONTH)), "-744:1 -744:0 0:1 0:1 ");
    sj_graph_free(graph);
}

static void with_breakdown_both_tables_add_up_to_the_steps(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "A", 0, "x", "1"}, {"k1", "B", 7, "y", "2"},
                            {"k2", "A", DAYS(1), "x", "4"}, {"k3", "A", DAYS(3), "y", "8"},
                            {"k3", "B", DAYS(3), "x", "16"});
    static const char *const columns[] = {"reached", "filled", "dropped", "time_n"};
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_compute(graph, &ASK(.trend = SJ_TREND_DAY, .breakdown = "channel"), NULL,
                           &result, error));
    const sj_table *steps = sj_result_find(result, "steps");
    for (int which = 0; which < 2; which++) {
        const sj_table *table = sj_result_find(result, which ? "trend" : "breakdown");
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            int64_t sum[2] = {0};
            for (size_t i = 0; i < sj_table_rows(table); i++)
                sum[i % 2] += sj_table_integers(table, columns[c])[i];
            assert_int_equal(sum[0], sj_table_integers(steps, columns[c])[0]);
            assert_int_equal(sum[1], sj_table_integers(steps, columns[c])[1]);
        }
    }
    assert_string_equal(columns_text(result, "trend", "reached value"),
                        "1 1\n1 2\n1 4\n0 0\n0 0\n0 0\n1 8\n1 16\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_trend_over_too_many_buckets_is_a_limit(void **state)
{
    /* 500,000 hours of two steps are a million rows, one more is not allowed. */
    sj_graph *fits = GRAPH(NULL, {"k1", "A", 0}, {"k2", "A", HOURS(499999)}, {"k2", "B", 0});
    sj_graph *over = GRAPH(NULL, {"k1", "A", 0}, {"k2", "A", HOURS(500000)}, {"k2", "B", 0});
    sj_graph *ends = GRAPH(NULL, {"k1", "A", INT64_MIN}, {"k2", "A", INT64_MAX}, {"k2", "B", 0});
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_compute(fits, &ASK(.trend = SJ_TREND_HOUR), NULL, &result, error));
    assert_int_equal(sj_table_rows(sj_result_find(result, "trend")), 1000000);
    sj_result_free(result);
    must_fail(SJ_ERR_LIMIT,
              sj_funnel_compute(over, &ASK(.trend = SJ_TREND_HOUR), NULL, &result, error));
    assert_null(result);
    assert_non_null(strstr(failure.message, "500001 buckets of 2 steps"));
    for (int32_t unit = SJ_TREND_HOUR; unit <= SJ_TREND_MONTH; unit++)
        must_fail(SJ_ERR_LIMIT, sj_funnel_compute(ends, &ASK(.trend = unit), NULL, &result, error));
    sj_graph_free(fits);
    sj_graph_free(over);
    sj_graph_free(ends);
}

static void nobody_has_no_rows(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "B", 0}, {"k2", "C", 0}, {"k2", "B", 0});
    const sj_step steps[] = {{.condition = "C"}, {.condition = "touchpoint = 'B' and value > 1"}};
    sj_funnel_options options = ASK(.trend = SJ_TREND_DAY, .breakdown = "channel");
    sj_result *result = NULL;
    const int64_t before = -1;
    (void)state;
    options.steps = steps;
    options.entry_to = &before;
    must(sj_funnel_compute(graph, &options, NULL, &result, error));
    assert_int_equal(sj_table_rows(sj_result_find(result, "trend")), 0);
    assert_int_equal(sj_table_rows(sj_result_find(result, "breakdown")), 0);
    assert_int_equal(sj_table_rows(sj_result_find(result, "steps")), 2);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void the_text_and_the_notes_name_bucket_and_offset(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "A", 0}, {"k1", "B", 0});
    const sj_funnel_options options = ASK(.trend = SJ_TREND_WEEK, .utc_offset = -90);
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_plan(graph, &options, &plan, error));
    must(sj_scan(&plan, 1, NULL, &tally, error));
    assert_non_null(strstr(sj_tally_text(tally), "\ntrend week\nutc_offset -90\n"));
    must(sj_funnel_conclude(tally, NULL, &result, error));
    assert_string_equal(columns_note(result, "trend"), "week");
    assert_string_equal(columns_note(result, "utc_offset"),
                        "-90 minutes; buckets by the time of entry");
    sj_result_free(result);
    sj_tally_free(tally);
    sj_plan_free(plan);
    sj_graph_free(graph);
}

static void the_range_door_stays_shut(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "A", 0, "x"}, {"k1", "B", 1});
    sj_plan *plan = NULL;
    (void)state;
    must(sj_funnel_plan(graph, &ASK(.figures = SJ_FIGURE_COUNTS), &plan, error));
    assert_non_null(strstr(sj_plan_text(plan), "bit-parallel"));
    sj_plan_free(plan);
    for (int which = 0; which < 2; which++) {
        sj_funnel_options options = ASK(.figures = SJ_FIGURE_COUNTS);
        options.trend = which ? SJ_TREND_DAY : 0;
        options.breakdown = which ? NULL : "channel";
        must(sj_funnel_plan(graph, &options, &plan, error));
        assert_null(strstr(sj_plan_text(plan), "bit-parallel"));
        sj_plan_free(plan);
    }
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_counts_in_the_bucket_of_its_entry),
        cmocka_unit_test(a_bucket_between_has_rows_of_nothing),
        cmocka_unit_test(an_offset_says_where_days_begin_and_keys_stay_in_utc),
        cmocka_unit_test(weeks_begin_on_monday_and_months_are_the_calendar_s),
        cmocka_unit_test(times_before_1970_have_buckets_too),
        cmocka_unit_test(with_breakdown_both_tables_add_up_to_the_steps),
        cmocka_unit_test(a_trend_over_too_many_buckets_is_a_limit),
        cmocka_unit_test(nobody_has_no_rows),
        cmocka_unit_test(the_text_and_the_notes_name_bucket_and_offset),
        cmocka_unit_test(the_range_door_stays_shut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
