/* Time to convert as a curve, on journeys whose estimate is worked by hand: who is censored, who
 * stays at risk, and the bands. Journeys are "key: A0 B5; key: …" in microseconds; below 128 every
 * time is a bucket of its own. */
#include "analysis/funnel.h"
#include "unit/columns.h"
#include "unit/near.h"
#include "unit/rows.h"

static const sj_step ab[] = {{.condition = "A"}, {.condition = "B"}};
static const sj_step abc[] = {{.condition = "A"}, {.condition = "B"}, {.condition = "C"}};

#define ASK(...)                                                                                   \
    (sj_funnel_options)                                                                            \
    {                                                                                              \
        .struct_size = sizeof(sj_funnel_options), .steps = ab, .n_steps = 2,                       \
        .step_size = sizeof(sj_step), .survival = 1, __VA_ARGS__                                   \
    }

static sj_graph *journeys(const char *text)
{
    sj_builder *b = rows_builder(NULL);
    for (char name[2] = "A"; name[0] <= 'E'; name[0]++)
        must(sj_builder_add_touchpoint(b, name, NULL, NULL, error));
    while (*text != '\0') {
        char key[32] = {0};
        const size_t n = strcspn(text, ":");
        memcpy(key, text, n);
        for (text += n + 1; *text == ' ';) {
            char *end;
            const char name[2] = {text[1], 0};
            const row event = {key, name, strtoll(text + 2, &end, 10)};
            text = end;
            rows_feed(b, &event, 1);
        }
        text += strspn(text, "; ");
    }
    sj_graph *graph = rows_build(b);
    sj_builder_free(b);
    return graph;
}

static const char *curve(const char *text, sj_funnel_options options, const char *columns)
{
    static char all[4096];
    sj_graph *graph = journeys(text);
    sj_result *result = NULL;
    must(sj_funnel_compute(graph, &options, NULL, &result, error));
    snprintf(all, sizeof all, "%s", columns_text(result, "survival", columns));
    sj_result_free(result);
    sj_graph_free(graph);
    return all;
}

#define COUNTS "time at_risk converted share"

static void without_censoring_the_curve_ends_at_the_conversion_rate(void **state)
{
    const int64_t as_of = 50;
    (void)state;
    /* The window is over for k3 and k4, so that they stay at risk to the end: 1/4, then 2/4. */
    assert_string_equal(curve("k1: A0 B2; k2: A0 B5; k3: A0; k4: A3 B20",
                              ASK(.window = 10, .as_of = &as_of), COUNTS),
                        "2 4 1 0.25\n5 3 1 0.5\n");
}

static void who_may_yet_convert_is_censored_at_the_end_of_observation(void **state)
{
    const int64_t as_of = 10;
    (void)state;
    /* No limit: k2 is censored at 10, k3 at 3.  S = 3/4, then · 1/2: 0.375. */
    assert_string_equal(curve("k1: A0 B2; k2: A0; k3: A7; k4: A0 B5", ASK(.as_of = &as_of), COUNTS),
                        "2 4 1 0.25\n5 2 1 0.625\n");
    /* With a window of 6 k2 is closed at 10, k3 open: the same but for k2, who is at risk to the
     * end anyway. */
    assert_string_equal(
        curve("k1: A0 B2; k2: A0; k3: A7; k4: A0 B5", ASK(.as_of = &as_of, .window = 6), COUNTS),
        "2 4 1 0.25\n5 2 1 0.625\n");
    /* With a window of 3 B5 comes too late, and k3 is closed: as_of is its limit. */
    assert_string_equal(
        curve("k1: A0 B2; k2: A0; k3: A7; k4: A0 B5", ASK(.as_of = &as_of, .window = 3), COUNTS),
        "2 4 1 0.25\n");
}

static void at_one_time_conversions_come_before_censorings(void **state)
{
    const int64_t as_of = 10;
    (void)state;
    /* k2 is censored at 5, where k1 converts: both are at risk there.  k3 converts at 6, alone with
     * k4. */
    assert_string_equal(curve("k1: A0 B5; k2: A5; k3: A0 B6; k4: A0", ASK(.as_of = &as_of), COUNTS),
                        "5 4 1 0.25\n6 2 1 0.625\n");
}

static void who_was_excluded_or_broke_the_order_stays_at_risk(void **state)
{
    const int64_t as_of = 10;
    const sj_exclusion d[] = {{.condition = "D"}};
    (void)state;
    /* k2 would be censored at 2, before k1's conversion at 5; D ends its attempt, so it is not. */
    assert_string_equal(curve("k1: A0 B5; k2: A8", ASK(.as_of = &as_of), COUNTS), "5 1 1 1\n");
    assert_string_equal(
        curve("k1: A0 B5; k2: A8 D9",
              ASK(.as_of = &as_of, .exclusions = d, .n_exclusions = 1, .exclusion_size = sizeof *d),
              COUNTS),
        "5 2 1 0.5\n");
    assert_string_equal(
        curve("k1: A0 B5; k2: A8 D9", ASK(.as_of = &as_of, .order = SJ_ORDER_ADJACENT), COUNTS),
        "5 2 1 0.5\n");
}

static void gaps_are_limits_and_sessions_end(void **state)
{
    const int64_t as_of = 10;
    sj_step gap[] = {{.condition = "A"}, {.condition = "B", .max_gap = 6}};
    sj_funnel_options options = ASK(.as_of = &as_of);
    options.steps = gap;
    (void)state;
    /* k2 is closed at 3 + 6 = 9; at as_of 10 it stays.  k3 is open, censored at 2. */
    assert_string_equal(curve("k1: A0 B5; k2: A3; k3: A8", options, COUNTS), "5 2 1 0.5\n");
    /* Without a limit, but with pauses of 4: k2's session was over at 7, k3's is not. */
    assert_string_equal(
        curve("k1: A0 B3; k2: A3; k3: A8", ASK(.as_of = &as_of, .session_gap = 4), COUNTS),
        "3 2 1 0.5\n");
}

static void time_runs_from_the_entry_to_the_last_step(void **state)
{
    sj_funnel_options options = ASK(.window = 100);
    options.steps = abc, options.n_steps = 3;
    (void)state;
    assert_string_equal(curve("k1: A5 B6 C12; k2: A0 B50", options, COUNTS), "7 2 1 0.5\n");
    options = ASK(.window = 100);
    options.n_steps = 1;
    assert_string_equal(curve("k1: A5; k2: A9 B50", options, COUNTS), "0 2 2 1\n");
}

static void bands_are_greenwood_s_on_log_minus_log(void **state)
{
    const int64_t as_of = 10;
    sj_graph *graph = journeys("k1: A0 B2; k2: A0; k3: A7; k4: A0 B5");
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_compute(graph, &ASK(.as_of = &as_of), NULL, &result, error));
    const sj_table *table = sj_result_find(result, "survival");
    /* S 3/4, V 1/(4·3): exponent exp(1.95996 · √(1/12) / ln(4/3)) = 7.1466…; S 3/8, V 1/12 +
     * 1/(2·1). */
    assert_near(sj_table_reals(table, "low")[0], 0.0394514, 1e-5);
    assert_near(sj_table_reals(table, "high")[0], 0.8720531, 1e-5);
    assert_near(sj_table_reals(table, "low")[1], 0.1919989, 1e-5);
    assert_near(sj_table_reals(table, "high")[1], 0.9890289, 1e-5);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void where_all_have_converted_there_is_no_band(void **state)
{
    (void)state;
    assert_string_equal(curve("k1: A0 B2; k2: A0 B4", ASK(.window = 9), "time share low high"),
                        "2 0.5 0.0895899 0.994017\n4 1 - -\n");
}

static void nobody_is_no_curve_and_nobody_converted_neither(void **state)
{
    (void)state;
    assert_string_equal(curve("k1: B2", ASK(.window = 9), COUNTS), "");
    assert_string_equal(curve("k1: A2; k2: A0 C3", ASK(.window = 9), COUNTS), "");
}

static void long_times_stand_at_the_edge_of_their_bucket(void **state)
{
    (void)state;
    /* Above 128 there are 128 buckets to an octave: 1000 lies in 1000 … 1003. */
    assert_string_equal(
        curve("k1: A0 B1000; k2: A0 B1003; k3: A0 B1004", ASK(.window = 2000), COUNTS),
        "1003 3 2 0.666667\n1007 1 1 1\n");
}

static void tallies_of_curves_merge(void **state)
{
    const int64_t as_of = 10;
    const sj_funnel_options options = ASK(.as_of = &as_of);
    const char *const texts[] = {"k1: A0 B2; k2: A0", "k3: A7; k4: A0 B5"};
    sj_tally *tally[2] = {NULL};
    sj_result *result = NULL;
    (void)state;
    for (int i = 0; i < 2; i++) {
        sj_builder *b =
            rows_builder(&(sj_builder_options){.struct_size = sizeof(sj_builder_options),
                                               .observed_from = &(int64_t){0},
                                               .observed_until = &as_of});
        sj_graph *part = journeys(texts[i]);
        sj_plan *plan = NULL;
        must(sj_builder_add_graph(b, part, error));
        sj_graph *graph = rows_build(b);
        must(sj_funnel_plan(graph, &options, &plan, error));
        must(sj_scan(&plan, 1, NULL, &tally[i], error));
        sj_plan_free(plan);
        sj_graph_free(graph);
        sj_graph_free(part);
        sj_builder_free(b);
    }
    must(sj_tally_merge(tally[0], tally[1], error));
    must(sj_funnel_conclude(tally[0], NULL, &result, error));
    assert_string_equal(columns_text(result, "survival", COUNTS), "2 4 1 0.25\n5 2 1 0.625\n");
    sj_result_free(result);
    sj_tally_free(tally[0]);
    sj_tally_free(tally[1]);
}

static void values_need_not_be_counted(void **state)
{
    const int64_t as_of = 10;
    (void)state;
    assert_string_equal(curve("k1: A0 B2; k2: A0",
                              ASK(.as_of = &as_of, .figures = SJ_FIGURE_TIMES | SJ_FIGURE_REASONS),
                              COUNTS),
                        "2 2 1 0.5\n");
    /* Times and reasons must be. */
    sj_graph *graph = journeys("k1: A0 B2");
    sj_result *result = NULL;
    must_fail(SJ_ERR_OPTIONS,
              sj_funnel_compute(graph, &ASK(.figures = SJ_FIGURE_TIMES), NULL, &result, error));
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_censoring_the_curve_ends_at_the_conversion_rate),
        cmocka_unit_test(who_may_yet_convert_is_censored_at_the_end_of_observation),
        cmocka_unit_test(at_one_time_conversions_come_before_censorings),
        cmocka_unit_test(who_was_excluded_or_broke_the_order_stays_at_risk),
        cmocka_unit_test(gaps_are_limits_and_sessions_end),
        cmocka_unit_test(time_runs_from_the_entry_to_the_last_step),
        cmocka_unit_test(bands_are_greenwood_s_on_log_minus_log),
        cmocka_unit_test(where_all_have_converted_there_is_no_band),
        cmocka_unit_test(nobody_is_no_curve_and_nobody_converted_neither),
        cmocka_unit_test(long_times_stand_at_the_edge_of_their_bucket),
        cmocka_unit_test(tallies_of_curves_merge),
        cmocka_unit_test(values_need_not_be_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
