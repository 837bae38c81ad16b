/* Funnels on journeys small enough to work by hand: tables, rules, refusals, tally texts, and how
 * the work grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "analysis/funnel.h"
#include "analysis/funnel_paths.h"
#include "unit/funnels.h"
#include "unit/near.h"

static double funnel_real(const sj_result *result, const char *column, size_t row)
{
    const sj_table *t = sj_result_find(result, "steps");
    assert_int_equal(sj_table_type(t, column), SJ_COLUMN_REAL);
    return sj_table_reals(t, column)[row];
}

static int funnel_has(const sj_result *result, const char *table, const char *column, size_t row)
{
    const sj_table *t = sj_result_find(result, table);
    const uint8_t *valid = sj_table_validity(t, column);
    return valid == NULL || (valid[row / 8] >> (row % 8) & 1) != 0;
}

/* Level of the only customer; *reason where it is not NULL. */
static int64_t funnel_level(const char *journey, const sj_funnel_options *options,
                            const char *reason, const char *times)
{
    char found[400] = "";
    sj_result *list = NULL;
    sj_graph *graph = funnel_graph(journey);
    assert_int_equal(sj_funnel_list(graph, options, NULL, &list, NULL), SJ_OK);
    const sj_table *table = sj_result_find(list, "levels");
    assert_true(sj_table_rows(table) <= 1);
    const int64_t level = sj_table_rows(table) == 0 ? 0 : sj_table_integers(table, "level")[0];
    for (int64_t k = 0; k < level; k++)
        (void)snprintf(found + strlen(found), sizeof found - strlen(found), "%s%lld", k ? " " : "",
                       (long long)sj_table_integers(table, "times")[k]);
    if (level > 0) {
        assert_string_equal(sj_table_text(table, "reason", 0), reason);
        assert_string_equal(found, times);
    }
    sj_result_free(list);
    sj_graph_free(graph);
    return level;
}

/* ---- the worked example ---- */

/* Window 10, steps A B C; observed until 30.
 *   k1 A0 B2 C9      converted, 2 and 9 after the entry, values 1 + 2 + 4
 *   k2 A0 B4 C11     C is 11 after the entry: level 2, window; C came next
 *   k3 A5 D6         level 1, none; D came next
 *   k4 A25 E30       level 1, open: 35 lies behind 30
 *   k5 B1            never entered
 *   k6 A0 B10        level 2 (inclusive), none; the end came next */
static const char funnel_example[] =
    "k1: A0=1 B2=2 C9=4; k2: A0 B4 C11; k3: A5 D6; k4: A25 E30; k5: B1; k6: A0 B10";

static void the_steps_of_the_example_are_as_worked(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_result *r = funnel_compute(graph, funnel_ask(&q, "ABC", 10));
    static const int64_t reached[] = {5, 3, 1}, dropped[] = {1, 2, 0}, open[] = {1, 0, 0};
    static const char *const names[] = {"A", "B", "C"};
    (void)state;
    assert_string_equal(sj_table_name(sj_result_at(r, 0)), "steps");
    assert_int_equal(sj_table_rows(sj_result_find(r, "steps")), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(funnel_integer(r, "steps", "step", i), i + 1);
        assert_string_equal(funnel_text(r, "steps", "name", i), names[i]);
        assert_int_equal(funnel_integer(r, "steps", "reached", i), reached[i]);
        assert_int_equal(funnel_integer(r, "steps", "filled", i), reached[i]);
        assert_int_equal(funnel_integer(r, "steps", "customers", i), reached[i]);
        assert_int_equal(funnel_integer(r, "steps", "dropped", i), dropped[i]);
        assert_int_equal(funnel_integer(r, "steps", "open", i), open[i]);
        assert_int_equal(funnel_integer(r, "steps", "excluded", i), 0);
        assert_int_equal(funnel_integer(r, "steps", "entered", i), 0);
        assert_near(funnel_real(r, "rate_overall", i), (double)reached[i] / 5, 1e-15);
        assert_int_equal(funnel_integer(r, "steps", "time_n", i), reached[i]);
    }
    assert_false(funnel_has(r, "steps", "rate_previous", 0));
    assert_false(funnel_has(r, "steps", "rate_previous_low", 0));
    assert_false(funnel_has(r, "steps", "gap_mean", 0));
    assert_near(funnel_real(r, "rate_previous", 1), 3.0 / 5, 1e-15);
    assert_near(funnel_real(r, "rate_previous", 2), 1.0 / 3, 1e-15);
    assert_near(funnel_real(r, "time_mean", 0), 0, 0);
    assert_near(funnel_real(r, "time_mean", 1), (2 + 4 + 10) / 3.0, 1e-15);
    assert_near(funnel_real(r, "time_p50", 1), 4, 0);
    assert_near(funnel_real(r, "time_p90", 1), 10, 0);
    assert_near(funnel_real(r, "time_mean", 2), 9, 0);
    assert_near(funnel_real(r, "gap_mean", 2), 7, 0);
    assert_near(funnel_real(r, "gap_p99", 2), 7, 0);
    assert_near(funnel_real(r, "value", 0), 1, 0);
    assert_near(funnel_real(r, "value", 1), 2, 0);
    assert_near(funnel_real(r, "value", 2), 4, 0);
    assert_near(funnel_real(r, "low", 0), sj__wilson(5, 5).low, 1e-15);
    assert_near(funnel_real(r, "rate_previous_high", 1), sj__wilson(3, 5).high, 1e-15);
    sj_result_free(r);
    sj_graph_free(graph);
}

static void reasons_and_next_of_the_example_are_as_worked(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_result *r = funnel_compute(graph, funnel_ask(&q, "ABC", 10));
    static const struct {
        int64_t step;
        const char *text;
    } reasons[] = {{1, "open"}, {1, "none"}, {2, "window"}, {2, "none"}, {3, "converted"}},
      next[] = {{1, "D"}, {2, "(end)"}, {2, "C"}};
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(r, "reasons")), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(funnel_integer(r, "reasons", "step", i), reasons[i].step);
        assert_string_equal(funnel_text(r, "reasons", "reason", i), reasons[i].text);
        assert_int_equal(funnel_integer(r, "reasons", "units", i), 1);
    }
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(funnel_integer(r, "next", "step", i), next[i].step);
        assert_string_equal(funnel_text(r, "next", "touchpoint", i), next[i].text);
        assert_int_equal(funnel_integer(r, "next", "units", i), 1);
    }
    sj_result_free(r);
    sj_graph_free(graph);
}

static void the_table_times_has_the_buckets_as_they_are(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 B300; k2: A0 B301; k3: A0 B4");
    sj_result *r = funnel_compute(graph, funnel_ask(&q, "AB", 0));
    /* step 1: all at 0; step 2: 4, then a bucket two wide that holds 300 and 301; the same since
     * the previous step. */
    static const int64_t step[] = {1, 2, 2, 2, 2}, from[] = {0, 4, 300, 4, 300},
                         to[] = {0, 4, 301, 4, 301}, units[] = {3, 1, 2, 1, 2};
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(r, "times")), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(funnel_integer(r, "times", "step", i), step[i]);
        assert_string_equal(funnel_text(r, "times", "since", i), i < 3 ? "entry" : "previous");
        assert_int_equal(funnel_integer(r, "times", "from", i), from[i]);
        assert_int_equal(funnel_integer(r, "times", "to", i), to[i]);
        assert_int_equal(funnel_integer(r, "times", "units", i), units[i]);
    }
    sj_result_free(r);
    sj_graph_free(graph);
}

static void the_list_has_a_row_per_customer_who_entered(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_result *list = NULL;
    (void)state;
    assert_int_equal(sj_funnel_list(graph, funnel_ask(&q, "ABC", 10), NULL, &list, NULL), SJ_OK);
    const sj_table *t = sj_result_find(list, "levels");
    assert_int_equal(sj_table_rows(t), 5);
    size_t row = 0;
    for (uint64_t c = 0; c < 6; c++) {
        const char *key = sj_graph_name(graph, SJ_KIND_CUSTOMERS, c);
        if (strcmp(key, "k5") == 0)
            continue;
        assert_string_equal(sj_table_text(t, "customer", row), key);
        assert_null(sj_table_text(t, "held", row));
        assert_int_equal(sj_table_integers(t, "entered")[row], 1);
        if (strcmp(key, "k2") == 0) {
            const int64_t at = sj_table_offsets(t, "times")[row];
            const uint8_t *valid = sj_table_validity(t, "events");
            assert_int_equal(sj_table_integers(t, "level")[row], 2);
            assert_string_equal(sj_table_text(t, "reason", row), "window");
            assert_int_equal(sj_table_integers(t, "times")[at + 1], 4);
            assert_int_equal(sj_table_integers(t, "events")[at + 1], 1);
            assert_false(valid[(at + 2) / 8] >> ((at + 2) % 8) & 1);
        }
        row++;
    }
    sj_result_free(list);
    sj_graph_free(graph);
}

/* ---- rules ---- */

static void the_window_is_inclusive_and_runs_from_the_entry(void **state)
{
    funnel_question q;
    (void)state;
    assert_int_equal(funnel_level("k: A0 B10", funnel_ask(&q, "AB", 10), "converted", "0 10"), 2);
    assert_int_equal(funnel_level("k: A0 B11", funnel_ask(&q, "AB", 10), "window", "0"), 1);
    assert_int_equal(funnel_level("k: A0 B6 C12", funnel_ask(&q, "ABC", 10), "window", "0 6"), 2);
    assert_int_equal(funnel_level("k: A0 B9000000000", funnel_ask(&q, "AB", SJ_UNLIMITED),
                                  "converted", "0 9000000000"),
                     2);
}

static void a_window_of_no_length_is_one_instant(void **state)
{
    funnel_question q;
    (void)state;
    assert_int_equal(
        funnel_level("k: A0 B1 B5 A5 D50", funnel_ask(&q, "AB", SJ_INSTANT), "converted", "5 5"),
        2);
    assert_int_equal(funnel_level("k: A0 B1 D50", funnel_ask(&q, "AB", SJ_INSTANT), "window", "0"),
                     1);
}

static void extreme_times_do_not_overflow(void **state)
{
    funnel_question q;
    const char *journey = "k: A-9223372036854775808 B9223372036854775807";
    (void)state;
    assert_int_equal(
        funnel_level(journey, funnel_ask(&q, "AB", 10), "window", "-9223372036854775808"), 1);
    assert_int_equal(funnel_level(journey, funnel_ask(&q, "AB", 0), "converted",
                                  "-9223372036854775808 9223372036854775807"),
                     2);
}

static void
of_all_attempts_the_longest_then_earliest_completed_then_latest_entered_is_chosen(void **state)
{
    funnel_question q;
    (void)state;
    assert_int_equal(
        funnel_level("k: A0 B1 A5 B6 C7", funnel_ask(&q, "ABC", 3), "converted", "5 6 7"), 3);
    assert_int_equal(funnel_level("k: A0 B1 A5 B6", funnel_ask(&q, "AB", 0), "converted", "0 1"),
                     2);
    assert_int_equal(funnel_level("k: A0 A3 B9", funnel_ask(&q, "AB", 10), "converted", "3 9"), 2);
    assert_int_equal(funnel_level("k: A0 B1 B2 C3", funnel_ask(&q, "ABC", 0), "converted", "0 1 3"),
                     3);
}

static void mixpanel_s_example_reaches_three_steps_by_the_second_entry(void **state)
{
    funnel_question q;
    (void)state;
    assert_int_equal(funnel_level("k: A3600 A5400 B6300 C8100", funnel_ask(&q, "ABC", 3600),
                                  "converted", "5400 6300 8100"),
                     3);
}

static void events_at_one_time_serve_in_whichever_order_helps(void **state)
{
    funnel_question q;
    (void)state;
    assert_int_equal(funnel_level("k: B5 A5", funnel_ask(&q, "AB", 0), "converted", "5 5"), 2);
    assert_int_equal(funnel_level("k: C5 A5 B5", funnel_ask(&q, "ABC", 0), "converted", "5 5 5"),
                     3);
}

static void a_step_that_repeats_needs_an_event_of_its_own(void **state)
{
    funnel_question q;
    (void)state;
    assert_int_equal(funnel_level("k: A0 A1 A2", funnel_ask(&q, "AAA", 0), "converted", "0 1 2"),
                     3);
    assert_int_equal(funnel_level("k: A0 D1", funnel_ask(&q, "AAA", 0), "none", "0"), 1);
    assert_int_equal(funnel_level("k: A5 A5", funnel_ask(&q, "AAA", 0), "none", "5 5"), 2);
}

static void with_reuse_one_event_fills_all_steps_that_it_matches(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "AAA", 50);
    (void)state;
    options->reuse = SJ_REUSE_YES;
    assert_int_equal(funnel_level("k: A5 D99", options, "converted", "5 5 5"), 3);
    assert_int_equal(funnel_level("k: A5 A5 D99", options, "converted", "5 5 5"), 3);
}

/* Steps A, (B or C), B at A0 B5 C5: giving B5 to step 2 leaves none for step 3. */
static void assignment_inside_an_instant_is_not_greedy(void **state)
{
    sj_step steps[] = {
        {.condition = "A"}, {.condition = "touchpoint in ('B', 'C')"}, {.condition = "B"}};
    sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 3, .step_size = sizeof *steps};
    sj_result *list = NULL;
    sj_graph *graph = funnel_graph("k: A0 B5 C5");
    (void)state;
    assert_int_equal(funnel_level("k: A0 B5 C5", &options, "converted", "0 5 5"), 3);
    assert_int_equal(sj_funnel_list(graph, &options, NULL, &list, NULL), SJ_OK);
    assert_int_equal(sj_table_integers(sj_result_find(list, "levels"), "events")[1], 2);
    assert_int_equal(sj_table_integers(sj_result_find(list, "levels"), "events")[2], 1);
    sj_result_free(list);
    sj_graph_free(graph);
}

static void simultaneous_events_fill_by_the_lowest_rows_in_step_order(void **state)
{
    sj_step steps[] = {{.condition = "A"},
                       {.condition = "touchpoint in ('B', 'C')"},
                       {.condition = "touchpoint != 'A'"}};
    sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 3, .step_size = sizeof *steps};
    sj_result *list = NULL;
    sj_graph *graph = funnel_graph("k: A0 D5 C5 B5");
    (void)state;
    assert_int_equal(sj_funnel_list(graph, &options, NULL, &list, NULL), SJ_OK);
    const int64_t *events = sj_table_integers(sj_result_find(list, "levels"), "events");
    assert_int_equal(events[0], 0);
    assert_int_equal(events[1], 2);
    assert_int_equal(events[2], 1);
    sj_result_free(list);
    sj_graph_free(graph);
}

static void a_unit_is_open_while_its_limit_lies_behind_as_of(void **state)
{
    funnel_question q;
    int64_t as_of = 9;
    sj_funnel_options *options = funnel_ask(&q, "AB", 10);
    (void)state;
    options->as_of = &as_of;
    assert_int_equal(funnel_level("k: A0", options, "open", "0"), 1);
    as_of = 10;
    assert_int_equal(funnel_level("k: A0", options, "none", "0"), 1);
    options->window = 0;
    as_of = 9;
    assert_int_equal(funnel_level("k: A0", options, "none", "0"), 1);
}

static void events_after_as_of_do_not_exist(void **state)
{
    funnel_question q;
    int64_t as_of = 3;
    sj_funnel_options *options = funnel_ask(&q, "AB", 10);
    (void)state;
    options->as_of = &as_of;
    assert_int_equal(funnel_level("k: A0 B5", options, "open", "0"), 1);
    as_of = 20;
    sj_graph *graph = funnel_graph("k1: A0 D20 E21; k2: A0 E21; k3: D1 A2 A50");
    sj_result *r = funnel_compute(graph, options);
    assert_int_equal(funnel_integer(r, "steps", "reached", 0), 3);
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 2);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 0), "(end)");
    assert_int_equal(funnel_integer(r, "next", "units", 0), 2);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 1), "D");
    sj_result_free(r);
    sj_graph_free(graph);
}

static void a_micro_conversion_s_worth_stands_for_the_events_values(void **state)
{
    const double worth = 7.5;
    const sj_step steps[] = {{.condition = "A"}, {.condition = "fixed"}, {.condition = "own"}};
    const sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 3, .step_size = sizeof *steps};
    sj_builder *builder = funnel_builder();
    (void)state;
    assert_int_equal(
        sj_builder_add_micro_conversion(builder, "fixed", "touchpoint = 'B'", &worth, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "own",
                                                     "touchpoint = 'C' and value > 2", NULL, NULL),
                     SJ_OK);
    funnel_add(builder, "k1: A0=1 B1=100 C2=1 C3=4.25; k2: A0 B1 C2=2");
    sj_graph *graph = funnel_finish(builder);
    sj_result *r = funnel_compute(graph, &options);
    assert_int_equal(funnel_integer(r, "steps", "reached", 2), 1);
    assert_near(funnel_real(r, "value", 0), 1, 0);
    assert_near(funnel_real(r, "value", 1), 15, 0);
    assert_near(funnel_real(r, "value", 2), 4.25, 0);
    assert_string_equal(funnel_text(r, "steps", "name", 1), "fixed");
    sj_result_free(r);
    sj_graph_free(graph);
}

/* ---- rules of the general matcher; "-" is a step that was left out or not reached ---- */

static void gaps_count_from_the_step_filled_before_and_are_inclusive(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    q.steps[1].min_gap = 3;
    funnel_expect("k: A0 B3", options, "2 converted 0 3");
    funnel_expect("k: A0 B2", options, "1 gap 0 -");
    funnel_expect("k: A1 A3 B4", options, "2 converted 1 4"); /* A3 waits, and displaces nothing */
    q.steps[1].min_gap = 0, q.steps[1].max_gap = 3;
    funnel_expect("k: A0 B3", options, "2 converted 0 3");
    funnel_expect("k: A0 B4", options, "1 gap 0 -");
    q.steps[1].max_gap = SJ_INSTANT;
    funnel_expect("k: A0 A4 B4", options, "2 converted 4 4");
    funnel_expect("k: A0 B1", options, "1 gap 0 -");
    options = funnel_ask(&q, "ABC", 0);
    q.steps[2].max_gap = 3;
    funnel_expect("k: A0 B1 B5 C7", options, "3 converted 0 5 7");
}

static void a_max_gap_makes_a_limit_and_so_an_open_unit(void **state)
{
    funnel_question q;
    int64_t as_of = 2;
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    q.steps[1].max_gap = 3;
    options->as_of = &as_of;
    funnel_expect("k: A0", options, "1 open 0 -");
    as_of = 3;
    funnel_expect("k: A0", options, "1 none 0 -");
}

static void no_event_lies_between_a_step_and_an_adjacent_one(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    q.steps[1].adjacent = 1;
    funnel_expect("k: A0 B1 D2 C3", options, "3 converted 0 1 3");
    funnel_expect("k: A0 D1 B2 C3", options, "1 order 0 - -");
    funnel_expect("k: A0 D0 D2 B2 C3", options, "3 converted 0 2 3"); /* at their own times */
    funnel_expect("k: A0 D1 A2 B3", options, "2 none 2 3 -");
    options->order = SJ_ORDER_ADJACENT;
    funnel_expect("k: A0 B1 D2 C3", options, "2 order 0 1 -");
}

static void optional_steps_may_be_left_out_and_count_as_passed(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    q.steps[1].optional = 1;
    funnel_expect("k: A0 C2", options, "3 converted 0 - 2");
    funnel_expect("k: A0 B1 C2", options, "3 converted 0 1 2");
    funnel_expect("k: A0 B1", options, "2 none 0 1 -");
    /* The latest entry counts before the optional step. */
    funnel_expect("k: A0 B1 A2 C3", options, "3 converted 2 - 3");
    q.steps[2].max_gap = 1;
    funnel_expect("k: A0 B4 C5", options, "3 converted 0 4 5");
    funnel_expect("k: A0 C5", options, "1 gap 0 - -");
}

static void optional_steps_are_filled_where_events_are_left_at_one_time(void **state)
{
    sj_step steps[] = {{.condition = "A"},
                       {.condition = "touchpoint in ('B', 'C')", .optional = 1},
                       {.condition = "touchpoint in ('B', 'D')", .optional = 1},
                       {.condition = "C"}};
    sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 4, .step_size = sizeof *steps};
    (void)state;
    funnel_expect("k: A0 C5 B5 D5", &options, "4 converted 0 5 5 5");
    funnel_expect("k: A0 B5 C5", &options, "4 converted 0 - 5 5"); /* the higher of two */
    funnel_expect("k: A0 C5", &options, "4 converted 0 - - 5");
}

static void filled_differs_from_reached_where_steps_are_left_out(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 B2 C6; k2: A0 C4; k3: A0 B1; k4: A0 D9");
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    static const int64_t reached[] = {4, 3, 2}, filled[] = {4, 2, 2}, dropped[] = {1, 1, 0};
    (void)state;
    q.steps[1].optional = 1;
    for (int counts = 0; counts < 2; counts++) {
        options->figures = counts ? SJ_FIGURE_COUNTS : 0;
        sj_result *r = funnel_compute(graph, options);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(funnel_integer(r, "steps", "reached", k), reached[k]);
            assert_int_equal(funnel_integer(r, "steps", "filled", k), filled[k]);
            assert_int_equal(funnel_integer(r, "steps", "customers", k), reached[k]);
            if (counts)
                continue;
            assert_int_equal(funnel_integer(r, "steps", "dropped", k), dropped[k]);
            assert_int_equal(funnel_integer(r, "steps", "time_n", k), filled[k]);
        }
        if (!counts) {
            assert_near(funnel_real(r, "time_mean", 2), 5, 0);
            assert_near(funnel_real(r, "gap_mean", 2), 4, 0); /* 6 − 2 and 4 − 0 */
        }
        sj_result_free(r);
    }
    sj_graph_free(graph);
}

static void ties_by_input_follow_rows_and_strict_ones_need_a_later_time(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    options->tie = SJ_TIE_INPUT;
    funnel_expect("k: A5 B5", options, "2 converted 5 5");
    funnel_expect("k: B5 A5", options, "1 none 5 -");
    options->tie = SJ_TIE_STRICT;
    funnel_expect("k: A5 B5", options, "1 none 5 -");
    funnel_expect("k: A5 B5 B6", options, "2 converted 5 6");
    options = funnel_ask(&q, "AA", 0);
    options->reuse = SJ_REUSE_YES;
    options->tie = SJ_TIE_INPUT;
    funnel_expect("k: A5", options, "2 converted 5 5");
    options->tie = SJ_TIE_STRICT;
    funnel_expect("k: A5", options, "1 none 5 -");
}

static void an_exclusion_bars_strictly_between_its_steps(void **state)
{
    sj_exclusion exclusion = {.condition = "D"};
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    options->exclusions = &exclusion, options->n_exclusions = 1;
    options->exclusion_size = sizeof exclusion;
    funnel_expect("k: A0 D1 B2 C3", options, "1 excluded 0 - -");
    funnel_expect("k: A0 B1 C3 D3", options, "3 converted 0 1 3");
    funnel_expect("k: A0 D0 B1 C3", options, "3 converted 0 1 3");
    funnel_expect("k: A0 B1 D1 C3", options, "2 excluded 0 1 -"); /* credited, then barred */
    funnel_expect("k: A0 D1 A2 B3", options, "2 none 2 3 -");
    funnel_expect("k: A0 D1 A2", options, "1 none 2 - -"); /* one as long was completed later */
    exclusion.from_step = 2;
    funnel_expect("k: A0 D1 B2 C3", options, "3 converted 0 2 3");
    funnel_expect("k: A0 B1 D1 C3", options, "3 converted 0 1 3"); /* at the time of step 2 */
    exclusion.from_step = 1, exclusion.to_step = 2;
    funnel_expect("k: A0 B1 D2 C3", options, "3 converted 0 1 3");
    options->window = 2;
    funnel_expect("k: A0 D3 E9", options, "1 none 0 - -"); /* beyond the limit it ends nothing */
}

/* Two attempts fill as many steps at as many times; D5 fills step 3 in one, step 4 in the other.
 * The steps in between tell which is selected, and so whether the exclusion at 5, which counts
 * behind step 3, ends it. */
static void an_exclusion_at_the_completion_asks_which_attempt_it_was(void **state)
{
    sj_step steps[] = {{.condition = "A"},
                       {.condition = "B", .optional = 1},
                       {.condition = "touchpoint in ('C', 'D')"},
                       {.condition = "D", .optional = 1},
                       {.condition = "E"},
                       {.condition = "touchpoint = 'E' and value < 0"}};
    sj_exclusion exclusion = {.condition = "value = 9", .from_step = 3};
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = 6,
                                       .step_size = sizeof *steps,
                                       .exclusions = &exclusion,
                                       .n_exclusions = 1,
                                       .exclusion_size = sizeof exclusion};
    (void)state;
    funnel_expect("k: A0 C1 B2 D5 E5=9", &options, "5 excluded 0 - 1 5 5 -");
    funnel_expect("k: A0 C1 B2 D5 E5=9 E8", &options, "5 none 0 2 5 - 8 -");
    steps[2].min_gap = 2;
    funnel_expect("k: A0 B1 C2 D5 E5=9", &options, "5 none 0 1 5 - 5 -");
    steps[2].min_gap = 0;
    exclusion.effect = SJ_EXCLUDE_REMOVE;
    funnel_expect("k: A0 C1 B2 D5 E5=9", &options, "");
}

static void who_is_removed_counts_nowhere_but_in_a_note(void **state)
{
    const sj_exclusion exclusions[] = {{.condition = "D", .effect = SJ_EXCLUDE_REMOVE},
                                       {.condition = "E"}};
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 B1; k2: A0 D1; k3: A0 E1; k4: A0 D1 A2; k5: A0 D1 E1");
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    size_t found = 0;
    (void)state;
    options->exclusions = exclusions, options->n_exclusions = 2;
    options->exclusion_size = sizeof *exclusions;
    sj_result *r = funnel_compute(graph, options);
    assert_int_equal(funnel_integer(r, "steps", "reached", 0), 3);
    assert_int_equal(funnel_integer(r, "steps", "excluded", 0), 1);
    assert_int_equal(funnel_integer(r, "steps", "dropped", 0), 1);
    const sj_table *notes = sj_result_find(r, "notes");
    for (size_t row = 0; row < sj_table_rows(notes); row++) {
        if (strcmp(sj_table_text(notes, "name", row), "removed") != 0)
            continue;
        assert_string_equal(sj_table_text(notes, "text", row), "2 units, which count nowhere");
        found++;
    }
    assert_int_equal(found, 1);
    sj_result_free(r);
    sj_graph_free(graph);
}

static void sessions_are_cut_where_the_pause_is_longer(void **state)
{
    funnel_question q;
    int64_t as_of = 60;
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    options->session_gap = 30;
    funnel_expect("k: A0 B30", options, "2 converted 0 30");
    funnel_expect("k: A0 B31", options, "1 none 0 -");
    funnel_expect("k: A0 D20 B50", options, "2 converted 0 50"); /* any event holds it together */
    options->unit = SJ_UNIT_SESSIONS;
    funnel_expect("k: A0 B1 A100 C131 A140 B141", options,
                  "2 converted 0 1; 1 none 100 -; 2 converted 140 141");
    options->window = 1000, options->as_of = &as_of;
    funnel_expect("k: A0 A31", options, "1 none 0 -; 1 open 31 -"); /* what is over is not open */
}

static void customers_are_distinct_where_units_are_sessions(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 B1 A100 A200 B201; k2: A0 D1; k3: A0 A100 B101");
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    options->session_gap = 30, options->unit = SJ_UNIT_SESSIONS;
    sj_result *r = funnel_compute(graph, options);
    assert_int_equal(funnel_integer(r, "steps", "reached", 0), 6);
    assert_int_equal(funnel_integer(r, "steps", "reached", 1), 3);
    assert_int_equal(funnel_integer(r, "steps", "customers", 0), 3);
    assert_int_equal(funnel_integer(r, "steps", "customers", 1), 2);
    /* What came next is looked for in the session. */
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 2);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 0), "(end)");
    assert_int_equal(funnel_integer(r, "next", "units", 0), 2);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 1), "D");
    sj_result_free(r);
    sj_graph_free(graph);
}

/* One customer; "A0u" is A at 0 with the value u of `device` and 7 of `age`, "A0-" without. */
static sj_graph *funnel_held_graph(const char *journey)
{
    sj_builder *builder = funnel_builder();
    assert_int_equal(sj_builder_add_attribute(builder, "age", SJ_ATTRIBUTE_INTEGER, 0, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "device", SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                     SJ_OK);
    while (*journey != '\0') {
        char *end;
        const char name[] = {journey[0], '\0'};
        const int64_t time = strtoll(journey + 1, &end, 10);
        const char value[] = {*end, '\0'};
        const char *const attributes[] = {"device", value, "age", "7"};
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = name,
                                .time = time,
                                .attributes = attributes,
                                .n_attributes = *end == '-' ? 0 : 2};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        journey = end + 1 + strspn(end + 1, " ");
    }
    return funnel_finish(builder);
}

static void a_held_value_makes_a_journey_of_its_own(void **state)
{
    static const char *const device[] = {"device", "age", "device"};
    static const struct {
        const char *journey, *expected;
        size_t n_hold;
        int32_t unit;
    } cases[] = {
        {"A0u B1v B2u", "u: 2 converted 0 2", 1, 0},
        {"A0u B1v E20u", "u: 1 held 0 -", 1, 0},
        {"A0u B1-", "u: 1 held 0 -", 1, 0},
        {"A0- B1-", "", 1, 0},
        {"A0u A1v B2v", "v: 2 converted 1 2", 1, 0},
        {"A0u A1v B2v", "u: 1 held 0 -; v: 2 converted 1 2", 1, SJ_UNIT_VALUES},
        {"A0u A1v B2v", "u, 7: 1 held 0 -; v, 7: 2 converted 1 2", 3, SJ_UNIT_VALUES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        funnel_question q;
        sj_funnel_options *options = funnel_ask(&q, "AB", 0);
        sj_graph *graph = funnel_held_graph(cases[i].journey);
        options->hold = device, options->n_hold = cases[i].n_hold;
        options->unit = cases[i].unit;
        funnel_units(graph, options, cases[i].expected);
        sj_graph_free(graph);
    }
}

static void an_attempt_begins_only_in_the_entry_range(void **state)
{
    funnel_question q;
    const int64_t from = 5, to = 10;
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    options->entry_from = &from, options->entry_to = &to;
    funnel_expect("k: A4 A5 A9 A10 B99", options, "2 converted 9 99");
    funnel_expect("k: A4 B4 A5 B6 A10", options, "2 converted 5 6");
    funnel_expect("k: A4 A10 B11", options, "");
}

static void what_is_not_neutral_has_a_line_of_its_own(void **state)
{
    static const char *const device[] = {"device"};
    const sj_exclusion exclusions[] = {
        {.condition = " touchpoint='D'", .from_step = 1, .to_step = 3},
        {.condition = "E", .from_step = 2, .effect = SJ_EXCLUDE_REMOVE}};
    const int64_t from = 1;
    funnel_question q;
    sj_graph *graph = funnel_held_graph("A0u B1u");
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    options->exclusions = exclusions, options->n_exclusions = 2;
    options->exclusion_size = sizeof *exclusions;
    options->hold = device, options->n_hold = 1, options->unit = SJ_UNIT_VALUES;
    options->session_gap = 9, options->tie = SJ_TIE_STRICT, options->entry_from = &from;
    q.steps[1].min_gap = SJ_INSTANT, q.steps[1].max_gap = SJ_INSTANT, q.steps[1].adjacent = 1;
    q.steps[2].min_gap = 4, q.steps[2].max_gap = SJ_UNLIMITED;
    sj_tally *tally = funnel_tally(graph, options);
    const char *lines = strstr(sj_tally_text(tally), "\nstep ");
    assert_non_null(lines);
    assert_string_equal(lines,
                        "\nstep touchpoint = 'A'\n"
                        "step touchpoint = 'B'\n"
                        "step_rules max_gap=-1 adjacent=1\n"
                        "step touchpoint = 'C'\n"
                        "step_rules min_gap=4\n"
                        "exclusion condition='touchpoint = ''D'''\n"
                        "exclusion condition='touchpoint = ''E''' from_step=2 effect=remove\n"
                        "hold 'device'\n"
                        "session_gap 9\n"
                        "entry_from 1970-01-01T00:00:00.000001Z\n"
                        "as_of 1970-01-01T00:00:00.000001Z\n"
                        "tie strict\n"
                        "unit values\n");
    sj_tally_free(tally);
    /* Every step adjacent is order adjacent. */
    options = funnel_ask(&q, "AB", 0);
    q.steps[1].adjacent = 1;
    tally = funnel_tally(graph, options);
    q.steps[1].adjacent = 0, options->order = SJ_ORDER_ADJACENT;
    sj_tally *same = funnel_tally(graph, options);
    assert_string_equal(sj_tally_text(tally), sj_tally_text(same));
    assert_non_null(strstr(sj_tally_text(tally), "\norder adjacent\n"));
    assert_null(strstr(sj_tally_text(tally), "step_rules"));
    sj_tally_free(same);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void the_plan_names_the_matcher_and_plain_funnels_keep_theirs(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    (void)state;
    for (int general = 0; general < 2; general++) {
        sj_funnel_options *options = funnel_ask(&q, "AB", 5);
        sj_plan *plan = NULL;
        q.steps[1].min_gap = general;
        q.steps[1].max_gap = SJ_UNLIMITED;
        assert_int_equal(sj_funnel_plan(graph, options, &plan, NULL), SJ_OK);
        assert_int_equal(strstr(sj_plan_text(plan), "general matcher") != NULL, general);
        sj_plan_free(plan);
    }
    sj_graph_free(graph);
}

/* Every allocation of a plan, a scan and a list of the general matcher fails in turn. */
static void a_failed_allocation_is_an_error_and_leaves_nothing(void **state)
{
    static const char *const device[] = {"device"};
    static const char *const names[] = {"A", "B", "D", "C", "A", "B"};
    const sj_exclusion exclusions[] = {{.condition = "D", .from_step = 1, .to_step = 3}};
    funnel_question q;
    uint64_t k = 0, done = 0;
    (void)state;
    for (; done < 2 && k < 4000; k++) {
        failing memory = {0};
        const sj_allocator a = failing_allocator(&memory);
        const sj_builder_options how = {.struct_size = sizeof how, .allocator = &a};
        sj_builder *builder = NULL;
        sj_graph *graph = NULL;
        sj_result *r = NULL;
        assert_int_equal(sj_builder_new(&how, &builder, NULL), SJ_OK);
        for (size_t i = 0; i < 60; i++) {
            const char *const attributes[] = {"device", i % 3 ? "u" : "v"};
            const sj_event event = {.struct_size = sizeof event,
                                    .customer = i % 2 ? "k" : "m",
                                    .touchpoint = names[i * 7 % 6],
                                    .time = (int64_t)(i / 3),
                                    .attributes = attributes,
                                    .n_attributes = i % 7 != 0};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
        assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
        sj_builder_free(builder);
        sj_funnel_options *options = funnel_ask(&q, "ABC", 9);
        q.steps[1].min_gap = 1, q.steps[1].optional = 1, q.steps[2].max_gap = 8;
        options->exclusions = exclusions, options->n_exclusions = 1;
        options->exclusion_size = sizeof *exclusions;
        options->hold = device, options->n_hold = 1, options->session_gap = 7;
        memory.fail_at = memory.requests + k / 2 + 1;
        const uint64_t failed = memory.failures;
        const sj_status status = k % 2 ? sj_funnel_list(graph, options, NULL, &r, NULL)
                                       : sj_funnel_compute(graph, options, NULL, &r, NULL);
        assert_int_equal(status, memory.failures > failed ? SJ_ERR_NOMEM : SJ_OK);
        assert_int_equal(r != NULL, status == SJ_OK);
        done = status == SJ_OK ? done + 1 : 0;
        sj_result_free(r);
        sj_graph_free(graph);
        failing_check(&memory);
    }
    assert_int_equal(done, 2);
    assert_true(k > 60);
}

/* ---- tables ---- */

static void names_that_look_like_marks_are_quoted(void **state)
{
    const sj_step steps[] = {{.condition = "(a > b"},
                             {.condition = "value > 1 or touchpoint = 'A'"}};
    const sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 2, .step_size = sizeof *steps};
    sj_builder *builder = funnel_builder();
    const sj_event event = {
        .struct_size = sizeof event, .customer = "(k", .touchpoint = "(a > b", .time = 1};
    const sj_event behind = {
        .struct_size = sizeof event, .customer = "(k", .touchpoint = "(end)", .time = 2};
    sj_result *list = NULL;
    (void)state;
    assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_event(builder, &behind, NULL), SJ_OK);
    sj_graph *graph = funnel_finish(builder);
    sj_result *r = funnel_compute(graph, &options);
    assert_string_equal(funnel_text(r, "steps", "name", 0), "'(a > b'");
    assert_string_equal(funnel_text(r, "next", "touchpoint", 0), "'(end)'");
    assert_int_equal(sj_funnel_list(graph, &options, NULL, &list, NULL), SJ_OK);
    assert_string_equal(sj_table_text(sj_result_find(list, "levels"), "customer", 0), "'(k'");
    sj_result_free(list);
    sj_result_free(r);
    sj_graph_free(graph);
}

static void next_is_cut_in_the_conclusion_and_ends_with_other(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 C1; k2: A0 C1; k3: A0; k4: A0 D1; k5: A0 E1; k6: A0 E1");
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    sj_tally *tally = funnel_tally(graph, options);
    sj_result *r = NULL;
    (void)state;
    options->top = 3; /* C 2, E 2, (end) 1 before D 1 by name */
    assert_int_equal(sj_funnel_conclude(tally, options, &r, NULL), SJ_OK);
    static const char *const names[] = {"C", "E", "(end)", "(other)"};
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(funnel_text(r, "next", "touchpoint", i), names[i]);
    assert_int_equal(funnel_integer(r, "next", "units", 3), 1);
    sj_result_free(r);
    assert_int_equal(sj_funnel_conclude(tally, NULL, &r, NULL), SJ_OK);
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 4);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 3), "D");
    sj_result_free(r);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void figures_that_are_not_asked_for_are_absent(void **state)
{
    static const struct {
        int64_t figures;
        int times, reasons, values;
    } cases[] = {{SJ_FIGURE_COUNTS, 0, 0, 0},
                 {SJ_FIGURE_TIMES, 1, 0, 0},
                 {SJ_FIGURE_REASONS | SJ_FIGURE_VALUES, 0, 1, 1},
                 {0, 1, 1, 1}};
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sj_funnel_options *options = funnel_ask(&q, "ABC", 10);
        options->figures = cases[i].figures;
        sj_result *r = funnel_compute(graph, options);
        assert_int_equal(funnel_integer(r, "steps", "reached", 1), 3);
        assert_int_equal(sj_table_columns(sj_result_find(r, "steps")), 25);
        for (size_t row = 0; row < 3; row++) {
            assert_int_equal(funnel_has(r, "steps", "time_mean", row), cases[i].times);
            assert_int_equal(funnel_has(r, "steps", "dropped", row), cases[i].reasons);
            assert_int_equal(funnel_has(r, "steps", "value", row), cases[i].values);
            assert_true(funnel_has(r, "steps", "entered", row));
        }
        assert_int_equal(sj_result_find(r, "times") != NULL, cases[i].times);
        assert_int_equal(sj_result_find(r, "reasons") != NULL, cases[i].reasons);
        assert_int_equal(sj_result_find(r, "next") != NULL, cases[i].reasons);
        assert_non_null(sj_result_find(r, "notes"));
        sj_result_free(r);
    }
    sj_graph_free(graph);
}

static void rates_of_nobody_are_absent(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0 B1");
    sj_result *r = funnel_compute(graph, funnel_ask(&q, "ABCD", 0));
    (void)state;
    assert_near(funnel_real(r, "rate_previous", 2), 0, 0);
    assert_true(funnel_has(r, "steps", "rate_previous", 2));
    assert_false(funnel_has(r, "steps", "rate_previous", 3));
    assert_false(funnel_has(r, "steps", "time_mean", 3));
    sj_result_free(r);
    r = funnel_compute(graph, funnel_ask(&q, "D", 0));
    assert_int_equal(funnel_integer(r, "steps", "reached", 0), 0);
    assert_false(funnel_has(r, "steps", "rate_overall", 0));
    sj_result_free(r);
    sj_graph_free(graph);
}

static void an_empty_graph_gives_zeros(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_finish(funnel_builder());
    sj_result *r = funnel_compute(graph, funnel_ask(&q, "AB", 10)), *list = NULL;
    (void)state;
    assert_int_equal(funnel_integer(r, "steps", "reached", 1), 0);
    assert_int_equal(sj_funnel_list(graph, &q.options, NULL, &list, NULL), SJ_OK);
    assert_int_equal(sj_table_rows(sj_result_find(list, "levels")), 0);
    sj_result_free(list);
    sj_result_free(r);
    sj_graph_free(graph);
}

static void two_groups_are_compared_step_by_step(void **state)
{
    funnel_question q;
    sj_builder *builder = funnel_builder(), *other = funnel_builder();
    sj_result *r = NULL;
    (void)state;
    for (int i = 0; i < 150; i++) { /* 56 of 70 against 48 of 80: Newcombe's example */
        char journey[32];
        (void)snprintf(journey, sizeof journey, "k%d: A0 %c1", i,
                       i < 56 || (i >= 70 && i < 118) ? 'B' : 'C');
        funnel_add(i < 70 ? builder : other, journey);
    }
    sj_graph *graph = funnel_finish(builder), *base = funnel_finish(other);
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    sj_tally *tally = funnel_tally(graph, options), *baseline = funnel_tally(base, options);
    options->baseline = baseline;
    assert_int_equal(sj_funnel_conclude(tally, options, &r, NULL), SJ_OK);
    const sj_table *t = sj_result_find(r, "compare");
    assert_int_equal(sj_table_rows(t), 2);
    assert_near(sj_table_reals(t, "difference")[0], 0, 0);
    assert_near(sj_table_reals(t, "difference")[1], 0.2, 1e-12);
    assert_near(sj_table_reals(t, "low")[1], 0.052431, 1e-4);
    assert_near(sj_table_reals(t, "high")[1], 0.333873, 1e-5);
    /* pooled 104/150: z = 0.2 / √(104·46/150² · (1/70 + 1/80)) */
    assert_near(sj_table_reals(t, "z")[1], 0.2 / sqrt(104.0 * 46 / 22500 * (1.0 / 70 + 1.0 / 80)),
                1e-12);
    assert_near(sj_table_reals(t, "p")[1], 2 * sj__normal_above(sj_table_reals(t, "z")[1]), 1e-12);
    sj_result_free(r);
    sj_tally_free(baseline);
    baseline = funnel_tally(base, funnel_ask(&q, "AC", 0));
    options->baseline = baseline;
    assert_int_equal(sj_funnel_conclude(tally, options, &r, NULL), SJ_ERR_MISMATCH);
    assert_null(r);
    sj_tally_free(baseline);
    sj_tally_free(tally);
    sj_graph_free(base);
    sj_graph_free(graph);
}

/* ---- tallies ---- */

static void neutral_options_leave_no_line_and_others_one_each(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    sj_tally *plain = funnel_tally(graph, options);
    (void)state;
    options->order = SJ_ORDER_SEQUENTIAL, options->tie = SJ_TIE_ANY,
    options->attempt = SJ_ATTEMPT_BEST;
    options->violation = SJ_VIOLATION_BREAK, options->reuse = SJ_REUSE_NO,
    options->unit = SJ_UNIT_CUSTOMERS;
    options->figures = SJ_FIGURE_TIMES | SJ_FIGURE_REASONS | SJ_FIGURE_VALUES;
    options->window = SJ_UNLIMITED;
    options->as_of = &(int64_t){30};
    q.steps[0].condition = " touchpoint='A' ";
    sj_tally *spelt = funnel_tally(graph, options);
    assert_string_equal(sj_tally_text(plain), sj_tally_text(spelt));
    assert_non_null(
        strstr(sj_tally_text(plain), "\nstep touchpoint = 'A'\nstep touchpoint = 'B'\n"));
    assert_non_null(strstr(sj_tally_text(plain), "\nas_of 1970-01-01T00:00:00.000030Z\n"));
    assert_null(strstr(sj_tally_text(plain), "window"));
    assert_null(strstr(sj_tally_text(plain), "figures"));
    sj_tally_free(spelt);
    options->window = 10, options->reuse = SJ_REUSE_YES, options->figures = SJ_FIGURE_COUNTS;
    spelt = funnel_tally(graph, options);
    assert_non_null(strstr(sj_tally_text(spelt), "\nwindow 10\n"));
    assert_non_null(strstr(sj_tally_text(spelt), "\nreuse yes\n"));
    assert_non_null(strstr(sj_tally_text(spelt), "\nfigures counts\n"));
    sj_tally_free(spelt);
    sj_tally_free(plain);
    sj_graph_free(graph);
}

/* The tally's text has a line per step, whatever is in the name. */
static void names_with_newlines_and_backslashes_survive_the_tally_s_text(void **state)
{
    static const char *const names[] = {"a\nb", "a\\nb", "it's \\"};
    const sj_step steps[] = {
        {.condition = names[0]}, {.condition = names[1]}, {.condition = names[2]}};
    const sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 3, .step_size = sizeof *steps};
    sj_builder *builder = funnel_builder();
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sj_builder_add_touchpoint(builder, names[i], NULL, NULL, NULL), SJ_OK);
    sj_graph *graph = funnel_finish(builder);
    sj_result *r = funnel_compute(graph, &options);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(funnel_text(r, "steps", "name", i), names[i]);
    sj_result_free(r);
    sj_graph_free(graph);
}

static void a_tally_read_from_bytes_concludes_alike(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_tally *tally = funnel_tally(graph, funnel_ask(&q, "ABC", 10)), *again = NULL;
    sj_buffer *bytes = NULL, *said[2] = {NULL, NULL};
    (void)state;
    assert_int_equal(sj_tally_write(tally, &bytes, NULL), SJ_OK);
    assert_int_equal(
        sj_tally_read(sj_buffer_data(bytes), sj_buffer_size(bytes), NULL, &again, NULL), SJ_OK);
    for (size_t i = 0; i < 2; i++) {
        sj_result *r = NULL;
        assert_int_equal(sj_funnel_conclude(i ? again : tally, NULL, &r, NULL), SJ_OK);
        assert_int_equal(sj_result_write(r, NULL, SJ_FORMAT_JSON, &said[i], NULL), SJ_OK);
        sj_result_free(r);
    }
    assert_string_equal(sj_buffer_data(said[0]), sj_buffer_data(said[1]));
    sj_buffer_free(said[0]);
    sj_buffer_free(said[1]);
    sj_buffer_free(bytes);
    sj_tally_free(again);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void a_difference_below_zero_and_a_null_tally_are_refused(void **state)
{
    funnel_question q;
    sj_graph *few = funnel_graph("k1: A0"), *more = funnel_graph("k1: A0; k2: A0");
    sj_tally *a = funnel_tally(few, funnel_ask(&q, "AB", 0)), *b = funnel_tally(more, &q.options);
    sj_result *r = NULL;
    (void)state;
    assert_int_equal(sj_tally_subtract(a, b, NULL), SJ_OK);
    assert_int_equal(sj_funnel_conclude(a, NULL, &r, NULL), SJ_ERR_NEGATIVE);
    assert_null(r);
    assert_int_equal(sj_funnel_conclude(NULL, NULL, &r, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_funnel_conclude(b, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    sj_tally_free(a);
    sj_tally_free(b);
    sj_graph_free(few);
    sj_graph_free(more);
}

/* ---- refusals ---- */

static void steps_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        size_t k;
        sj_step step;
        const char *word;
    } cases[] = {{0, {.min_gap = 1}, "step 1 has a gap"},
                 {0, {.max_gap = SJ_INSTANT}, "step 1 has a gap"},
                 {0, {.adjacent = 1}, "step 1 is adjacent"},
                 {0, {.optional = 1}, "step 1 is optional"},
                 {2, {.optional = 1}, "step 3 is optional"},
                 {1, {.min_gap = 5, .max_gap = 4}, "step 2 has a min_gap"},
                 {1, {.min_gap = 5, .max_gap = SJ_INSTANT}, "step 2 has a min_gap"},
                 {1, {.min_gap = -2}, "min_gap"}};
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
        q.steps[cases[i].k] = cases[i].step;
        q.steps[cases[i].k].condition = "A";
        funnel_refuses(graph, options, SJ_ERR_OPTIONS, cases[i].word);
    }
    sj_graph_free(graph);
}

static void exclusions_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        sj_exclusion exclusion;
        sj_status status;
        const char *word;
    } cases[] = {{{.condition = "D", .from_step = 4}, SJ_ERR_OPTIONS, "step 4"},
                 {{.condition = "D", .to_step = 4}, SJ_ERR_OPTIONS, "step 4"},
                 {{.condition = "D", .from_step = 3}, SJ_ERR_OPTIONS, "begins at step 3"},
                 {{.condition = "D", .from_step = 2}, SJ_ERR_OPTIONS, "step 2, which is optional"},
                 {{.condition = "D", .to_step = 2}, SJ_ERR_OPTIONS, "step 2, which is optional"},
                 {{.condition = "D", .from_step = -1}, SJ_ERR_OPTIONS, "from_step"},
                 {{.condition = "D", .effect = 3}, SJ_ERR_OPTIONS, "effect"},
                 {{.condition = NULL}, SJ_ERR_OPTIONS, "exclusions[0] has no condition"},
                 {{.condition = "Dee"}, SJ_ERR_NAME, "exclusion 1"},
                 {{.condition = "value >"}, SJ_ERR_CONDITION, "exclusion 1"}};
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_funnel_options *options;
    (void)state;
    for (size_t i = 0; i <= sizeof cases / sizeof *cases; i++) {
        const int lone = i == sizeof cases / sizeof *cases;
        options = funnel_ask(&q, lone ? "A" : "ABC", 0);
        q.steps[1].optional = 1;
        options->exclusions = &cases[lone ? 0 : i].exclusion;
        options->n_exclusions = 1;
        options->exclusion_size = sizeof(sj_exclusion);
        funnel_refuses(graph, options, lone ? SJ_ERR_OPTIONS : cases[i].status,
                       lone ? "exclusions on one step" : cases[i].word);
    }
    sj_graph_free(graph);
}

static void units_and_entries_that_make_no_sense_are_refused(void **state)
{
    static const char *const unknown[] = {"device"}, *const none[] = {NULL};
    const int64_t early = 5, late = 6;
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_funnel_options *options = funnel_ask(&q, "AB", 0);
    (void)state;
    options->unit = SJ_UNIT_SESSIONS;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "session_gap");
    options->session_gap = SJ_UNLIMITED;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "session_gap");
    options->unit = SJ_UNIT_VALUES;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "hold");
    options->unit = 0;
    options->hold = unknown, options->n_hold = 1;
    funnel_refuses(graph, options, SJ_ERR_NAME, "device");
    options->hold = none;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "hold[0]");
    options->n_hold = 0;
    options->entry_from = &early, options->entry_to = &early;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "entry_from");
    options->entry_from = &late;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "entry_from");
    sj_graph_free(graph);
}

static void wrong_options_are_refused_with_a_reason(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    sj_funnel_options *options = funnel_ask(&q, "", 0);
    sj_result *r = NULL;
    (void)state;
    funnel_refuses(graph, NULL, SJ_ERR_OPTIONS, "steps");
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "steps");
    options = funnel_ask(&q, "AB", -2);
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "window");
    options = funnel_ask(&q, "AB", 0);
    options->figures = SJ_FIGURE_COUNTS | SJ_FIGURE_TIMES;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "figures");
    options->figures = 16;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "figures");
    options->figures = 0, options->order = 4;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "order");
    options->order = 0, options->top = -1;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "top");
    options->top = 0, q.steps[1].condition = NULL;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "steps[1]");
    q.steps[1].condition = "Bee";
    funnel_refuses(graph, options, SJ_ERR_NAME, "step 2");
    q.steps[1].condition = "value >";
    funnel_refuses(graph, options, SJ_ERR_CONDITION, "step 2");
    options = funnel_ask(&q, "AB", 0);
    assert_int_equal(sj_funnel_compute(NULL, options, NULL, &r, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_funnel_list(NULL, options, NULL, &r, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_funnel_compute(graph, options, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_funnel_plan(graph, options, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_funnel_list(graph, options, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    sj_graph_free(graph);
}

static void too_many_steps_are_a_limit_not_a_zero(void **state)
{
    sj_step *steps = calloc(SJ__FUNNEL_STEPS + 1, sizeof *steps);
    sj_graph *graph = funnel_graph("k: A0");
    (void)state;
    for (size_t k = 0; k <= SJ__FUNNEL_STEPS; k++)
        steps[k].condition = "A";
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = SJ__FUNNEL_STEPS + 1,
                                       .step_size = sizeof *steps};
    funnel_refuses(graph, &options, SJ_ERR_LIMIT, "n_steps");
    sj_graph_free(graph);
    free(steps);
}

static int32_t funnel_stop(void *user, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    return ++*(int *)user > 1;
}

static void a_list_can_be_cancelled(void **state)
{
    funnel_question q;
    int calls = 0;
    const sj_run run = {.struct_size = sizeof run, .progress = funnel_stop, .user = &calls};
    sj_builder *builder = funnel_builder();
    sj_result *r = NULL;
    (void)state;
    for (int i = 0; i < 5000; i++) {
        char journey[32];
        (void)snprintf(journey, sizeof journey, "k%d: A0", i);
        funnel_add(builder, journey);
    }
    sj_graph *graph = funnel_finish(builder);
    assert_int_equal(sj_funnel_list(graph, funnel_ask(&q, "AB", 0), &run, &r, NULL),
                     SJ_ERR_CANCELLED);
    assert_null(r);
    assert_true(calls > 1);
    sj_graph_free(graph);
}

/* ---- the matcher alone: many steps, many events ---- */

typedef struct funnel_stream {
    sj__funnel_moment *moments;
    uint32_t *steps;
    size_t n;
} funnel_stream;

/* n events; the i-th at time i · pause matches the steps from … to. */
static funnel_stream funnel_stream_new(size_t n, int64_t pause, uint32_t n_steps)
{
    funnel_stream s = {calloc(n, sizeof *s.moments), calloc(n_steps, sizeof *s.steps), n};
    for (uint32_t k = 0; k < n_steps; k++)
        s.steps[k] = k + 1;
    for (size_t i = 0; i < n; i++)
        s.moments[i] = (sj__funnel_moment){.time = (int64_t)i * pause, .position = (uint32_t)i};
    return s;
}

static void funnel_match_stream(const funnel_stream *s, sj__funnel_rules rules, uint32_t *level)
{
    sj__funnel_matcher matcher;
    const sj_allocator a = sj__allocator(NULL);
    assert_int_equal(sj__funnel_matcher_init(&matcher, &rules, &a, NULL), SJ_OK);
    assert_int_equal(sj__funnel_match(&matcher, s->moments, s->n, NULL), SJ_OK);
    *level = matcher.level;
    if (matcher.level > 0)
        assert_int_equal(sj__funnel_trace(&matcher, s->moments, s->n, NULL), SJ_OK);
    sj__funnel_matcher_free(&matcher);
}

static void funnel_stream_free(funnel_stream *s)
{
    free(s->moments);
    free(s->steps);
}

/* K events one behind the other, the k-th for step k; then all at one time, in reverse order. */
static void there_is_no_cap_on_the_number_of_steps(void **state)
{
    static const uint32_t steps[] = {33, 200, 5000};
    (void)state;
    for (size_t c = 0; c < 6; c++) {
        const uint32_t n = steps[c % 3];
        uint32_t level = 0;
        funnel_stream s = funnel_stream_new(n, c < 3, n);
        for (uint32_t i = 0; i < n; i++) {
            s.moments[i].steps = s.steps + (c < 3 ? i : n - 1 - i);
            s.moments[i].n_steps = 1;
        }
        funnel_match_stream(&s, (sj__funnel_rules){n, 0, n}, &level);
        assert_int_equal(level, n);
        funnel_stream_free(&s);
    }
}

static void through_the_library_33_200_and_5000_steps_work(void **state)
{
    static const size_t n_steps[] = {33, 200, 5000};
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        const size_t n = n_steps[c];
        sj_step *steps = calloc(n, sizeof *steps);
        sj_builder *builder = funnel_builder();
        for (size_t k = 0; k < n; k++) {
            const char name[2] = {(char)('A' + k % 5), 0};
            const sj_event event = {.struct_size = sizeof event,
                                    .customer = "k",
                                    .touchpoint = name,
                                    .time = (int64_t)k};
            steps[k].condition = (const char *[]){"A", "B", "C", "D", "E"}[k % 5];
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
        sj_graph *graph = funnel_finish(builder);
        const sj_funnel_options options = {.struct_size = sizeof options,
                                           .steps = steps,
                                           .n_steps = n,
                                           .step_size = sizeof *steps};
        sj_result *r = funnel_compute(graph, &options);
        assert_int_equal(funnel_integer(r, "steps", "reached", n - 1), 1);
        assert_near(funnel_real(r, "time_mean", n - 1), (double)(n - 1), 1e-15);
        sj_result_free(r);
        sj_graph_free(graph);
        free(steps);
    }
}

static double funnel_seconds(const funnel_stream *s, sj__funnel_rules rules, uint32_t wanted)
{
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        uint32_t level = 0;
        const clock_t start = clock();
        funnel_match_stream(s, rules, &level);
        const double spent = (double)(clock() - start) / CLOCKS_PER_SEC;
        best = spent < best ? spent : best;
        assert_int_equal(level, wanted);
    }
    return best;
}

/* Ten times the events may take no more than some thirty times as long: a square would take a
 * hundred times. */
static void storms_of_events_take_linear_time(void **state)
{
    static const struct {
        int64_t pause;
        uint32_t matches, steps, level;
        int32_t reuse;
    } storms[] = {
        {1, 1, 4, 1, 0}, /* step 1 again and again inside the window */
        {0, 1, 4, 1, 0}, /* the same, all at one time */
        {1, 4, 4, 4, 0}, /* every event matches every step */
        {0, 4, 5, 4, 0}, /* all at one time, but no step 5 */
        {0, 4, 5, 4, 1}, /* the same with reuse */
    };
    (void)state;
    for (size_t c = 0; c < sizeof storms / sizeof *storms; c++) {
        double seconds[2];
        for (size_t big = 0; big < 2; big++) {
            funnel_stream s = funnel_stream_new(big ? 1000000 : 100000, storms[c].pause, 8);
            for (size_t i = 0; i < s.n; i++) {
                s.moments[i].steps = s.steps;
                s.moments[i].n_steps = storms[c].matches;
            }
            seconds[big] =
                funnel_seconds(&s, (sj__funnel_rules){storms[c].steps, storms[c].reuse, UINT64_MAX},
                               storms[c].level);
            funnel_stream_free(&s);
        }
        if (seconds[1] > 30 * seconds[0] + 0.05)
            fail_msg("storm %zu: %g s, then %g s", c, seconds[0], seconds[1]);
    }
}

typedef struct funnel_storm {
    int64_t pause;
    uint32_t matches;
    int32_t by_row;
    sj__funnel_step second, third;
    uint32_t exclusions;
} funnel_storm;

/* Seconds for n events, found and traced by the general matcher: steps 1 to 4, rules for the second
 * and third. */
static double funnel_general_seconds(const funnel_storm *storm, size_t n)
{
    static const uint32_t barred[] = {1, 2, 5};
    const sj__funnel_exclusion exclusion = {1, 4, 0};
    const sj_allocator a = sj__allocator(NULL);
    sj__funnel_step steps[5] = {
        {0}, {.max_gap = UINT64_MAX}, storm->second, storm->third, {.max_gap = UINT64_MAX}};
    const sj__funnel_path_rules rules = {.n_steps = 4,
                                         .n_exclusions = storm->exclusions,
                                         .by_row = storm->by_row,
                                         .any_optional = storm->second.optional,
                                         .window = UINT64_MAX,
                                         .steps = steps,
                                         .exclusions = &exclusion};
    funnel_stream s = funnel_stream_new(n, storm->pause, 8);
    sj__funnel_paths paths;
    steps[2].before = 1, steps[3].before = steps[2].optional ? 1 : 2, steps[4].before = 3;
    steps[1].next = steps[2].optional ? 3 : 2, steps[2].next = 3, steps[3].next = 4;
    for (size_t k = 1; k < 4; k++)
        steps[k].onward_gap = UINT64_MAX;
    for (size_t i = 0; i < s.n; i++) {
        const int bars = storm->exclusions && i % 2;
        s.moments[i].steps = bars ? barred : s.steps;
        s.moments[i].n_steps = bars ? 3 : storm->matches;
    }
    const clock_t start = clock();
    assert_int_equal(sj__funnel_paths_init(&paths, &rules, &a, NULL), SJ_OK);
    assert_int_equal(sj__funnel_paths_find(&paths, s.moments, s.n, NULL), SJ_OK);
    assert_true(paths.level > 0 && paths.n_ends > 0);
    const sj__funnel_attempt end = paths.ends[paths.n_ends - 1];
    assert_int_equal(sj__funnel_paths_trace(&paths, s.moments, s.n, paths.level, &end, NULL),
                     SJ_OK);
    assert_true(paths.filled[paths.level] != SJ__FUNNEL_NO_MOMENT);
    sj__funnel_paths_free(&paths);
    funnel_stream_free(&s);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void storms_take_linear_time_in_the_general_matcher_too(void **state)
{
    static const funnel_storm storms[] = {
        {1, 1, 0, {.min_gap = 1000000, .max_gap = UINT64_MAX}, {.max_gap = UINT64_MAX}, 0},
        {1, 2, 0, {.max_gap = UINT64_MAX}, {.max_gap = UINT64_MAX}, 0},
        {1, 3, 0, {.max_gap = 5, .optional = 1}, {.max_gap = 5}, 0},
        {0, 2, 0, {.max_gap = UINT64_MAX, .optional = 1}, {.max_gap = UINT64_MAX}, 0},
        {0, 2, 1, {.max_gap = UINT64_MAX, .optional = 1}, {.max_gap = UINT64_MAX}, 0},
        {1, 2, 0, {.min_gap = 3, .max_gap = 9}, {.max_gap = UINT64_MAX}, 1},
        {1, 2, 0, {.max_gap = UINT64_MAX, .adjacent = 1}, {.max_gap = UINT64_MAX}, 0},
    };
    (void)state;
    for (size_t c = 0; c < sizeof storms / sizeof *storms; c++) {
        const double few = funnel_general_seconds(&storms[c], 40000);
        const double many = funnel_general_seconds(&storms[c], 400000);
        if (many > 30 * few + 0.1)
            fail_msg("storm %zu: %g s, then %g s", c, few, many);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_of_the_example_are_as_worked),
        cmocka_unit_test(reasons_and_next_of_the_example_are_as_worked),
        cmocka_unit_test(the_table_times_has_the_buckets_as_they_are),
        cmocka_unit_test(the_list_has_a_row_per_customer_who_entered),
        cmocka_unit_test(the_window_is_inclusive_and_runs_from_the_entry),
        cmocka_unit_test(a_window_of_no_length_is_one_instant),
        cmocka_unit_test(extreme_times_do_not_overflow),
        cmocka_unit_test(
            of_all_attempts_the_longest_then_earliest_completed_then_latest_entered_is_chosen),
        cmocka_unit_test(mixpanel_s_example_reaches_three_steps_by_the_second_entry),
        cmocka_unit_test(events_at_one_time_serve_in_whichever_order_helps),
        cmocka_unit_test(a_step_that_repeats_needs_an_event_of_its_own),
        cmocka_unit_test(with_reuse_one_event_fills_all_steps_that_it_matches),
        cmocka_unit_test(assignment_inside_an_instant_is_not_greedy),
        cmocka_unit_test(simultaneous_events_fill_by_the_lowest_rows_in_step_order),
        cmocka_unit_test(a_unit_is_open_while_its_limit_lies_behind_as_of),
        cmocka_unit_test(events_after_as_of_do_not_exist),
        cmocka_unit_test(a_micro_conversion_s_worth_stands_for_the_events_values),
        cmocka_unit_test(gaps_count_from_the_step_filled_before_and_are_inclusive),
        cmocka_unit_test(a_max_gap_makes_a_limit_and_so_an_open_unit),
        cmocka_unit_test(no_event_lies_between_a_step_and_an_adjacent_one),
        cmocka_unit_test(optional_steps_may_be_left_out_and_count_as_passed),
        cmocka_unit_test(optional_steps_are_filled_where_events_are_left_at_one_time),
        cmocka_unit_test(filled_differs_from_reached_where_steps_are_left_out),
        cmocka_unit_test(ties_by_input_follow_rows_and_strict_ones_need_a_later_time),
        cmocka_unit_test(an_exclusion_bars_strictly_between_its_steps),
        cmocka_unit_test(an_exclusion_at_the_completion_asks_which_attempt_it_was),
        cmocka_unit_test(who_is_removed_counts_nowhere_but_in_a_note),
        cmocka_unit_test(sessions_are_cut_where_the_pause_is_longer),
        cmocka_unit_test(customers_are_distinct_where_units_are_sessions),
        cmocka_unit_test(a_held_value_makes_a_journey_of_its_own),
        cmocka_unit_test(an_attempt_begins_only_in_the_entry_range),
        cmocka_unit_test(what_is_not_neutral_has_a_line_of_its_own),
        cmocka_unit_test(the_plan_names_the_matcher_and_plain_funnels_keep_theirs),
        cmocka_unit_test(a_failed_allocation_is_an_error_and_leaves_nothing),
        cmocka_unit_test(names_that_look_like_marks_are_quoted),
        cmocka_unit_test(next_is_cut_in_the_conclusion_and_ends_with_other),
        cmocka_unit_test(figures_that_are_not_asked_for_are_absent),
        cmocka_unit_test(rates_of_nobody_are_absent),
        cmocka_unit_test(an_empty_graph_gives_zeros),
        cmocka_unit_test(two_groups_are_compared_step_by_step),
        cmocka_unit_test(neutral_options_leave_no_line_and_others_one_each),
        cmocka_unit_test(names_with_newlines_and_backslashes_survive_the_tally_s_text),
        cmocka_unit_test(a_tally_read_from_bytes_concludes_alike),
        cmocka_unit_test(a_difference_below_zero_and_a_null_tally_are_refused),
        cmocka_unit_test(steps_that_make_no_sense_are_refused),
        cmocka_unit_test(exclusions_that_make_no_sense_are_refused),
        cmocka_unit_test(units_and_entries_that_make_no_sense_are_refused),
        cmocka_unit_test(wrong_options_are_refused_with_a_reason),
        cmocka_unit_test(too_many_steps_are_a_limit_not_a_zero),
        cmocka_unit_test(a_list_can_be_cancelled),
        cmocka_unit_test(there_is_no_cap_on_the_number_of_steps),
        cmocka_unit_test(through_the_library_33_200_and_5000_steps_work),
        cmocka_unit_test(storms_of_events_take_linear_time),
        cmocka_unit_test(storms_take_linear_time_in_the_general_matcher_too),
    };
    return cmocka_run_group_tests_name("funnel", tests, NULL, NULL);
}
