/* Funnels on journeys small enough to work by hand: tables, rules, refusals, tally texts, and how the work grows.
 *
 * Journeys are written "key: A0 B5=2.5; key: …": touchpoint (one letter), time in microseconds, value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "analysis/funnel.h"
#include "unit/near.h"

static sj_builder *funnel_builder(void)
{
    sj_builder *builder = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (char name[2] = "A"; name[0] <= 'E'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
    return builder;
}

static sj_graph *funnel_finish(sj_builder *builder)
{
    sj_graph *graph = NULL;
    sj_error error = {0};
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return graph;
}

static void funnel_add(sj_builder *builder, const char *journeys)
{
    while (*journeys != '\0') {
        char key[32] = {0};
        const size_t n = strcspn(journeys, ":");
        memcpy(key, journeys, n);
        journeys += n + 1;
        while (*journeys == ' ') {
            char *end;
            const char name[2] = {journeys[1], 0};
            sj_event event = {.struct_size = sizeof event, .customer = key, .touchpoint = name};
            event.time = strtoll(journeys + 2, &end, 10);
            double value;
            if (*end == '=') {
                value = strtod(end + 1, &end);
                event.value = &value;
            }
            journeys = end;
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
        journeys += strspn(journeys, "; ");
    }
}

static sj_graph *funnel_graph(const char *journeys)
{
    sj_builder *builder = funnel_builder();
    funnel_add(builder, journeys);
    return funnel_finish(builder);
}

/* A question whose steps are one letter each. */
typedef struct funnel_question {
    sj_step steps[16];
    char names[16][2];
    sj_funnel_options options;
} funnel_question;

static sj_funnel_options *funnel_ask(funnel_question *question, const char *letters, int64_t window)
{
    const size_t n = strlen(letters);
    memset(question, 0, sizeof *question);
    for (size_t k = 0; k < n; k++) {
        question->names[k][0] = letters[k];
        question->steps[k].condition = question->names[k];
    }
    question->options = (sj_funnel_options){.struct_size = sizeof question->options,
                                            .steps = question->steps,
                                            .n_steps = n,
                                            .step_size = sizeof(sj_step),
                                            .window = window};
    return &question->options;
}

static sj_result *funnel_compute(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_result *result = NULL;
    sj_error error = {0};
    if (sj_funnel_compute(graph, options, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    return result;
}

static sj_tally *funnel_tally(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    if (sj_funnel_plan(graph, options, &plan, &error) != SJ_OK ||
        sj_scan(&plan, 1, NULL, &tally, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_plan_free(plan);
    return tally;
}

static int64_t funnel_integer(const sj_result *result, const char *table, const char *column,
                              size_t row)
{
    const sj_table *t = sj_result_find(result, table);
    assert_non_null(t);
    assert_true(row < sj_table_rows(t));
    assert_int_equal(sj_table_type(t, column), SJ_COLUMN_INTEGER);
    return sj_table_integers(t, column)[row];
}

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

static const char *funnel_text(const sj_result *result, const char *table, const char *column,
                               size_t row)
{
    return sj_table_text(sj_result_find(result, table), column, row);
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
    /* step 1: all at 0; step 2: 4, then a bucket two wide that holds 300 and 301; the same since the previous step. */
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

static void funnel_refuses(const sj_graph *graph, const sj_funnel_options *options,
                           sj_status status, const char *word)
{
    sj_result *r = NULL;
    sj_error error = {0};
    const sj_status found = sj_funnel_compute(graph, options, NULL, &r, &error);
    if (found != status || strstr(error.message, word) == NULL)
        fail_msg("%d, not %d with %s: %s", (int)found, (int)status, word, error.message);
    assert_null(r);
    assert_int_equal(sj_funnel_list(graph, options, NULL, &r, NULL), status);
    assert_null(r);
}

static void what_is_not_built_yet_is_refused_by_name(void **state)
{
    static const char *const attributes[] = {"device"};
    static const sj_exclusion exclusions[] = {{.condition = "C"}};
    const int64_t time = 5;
    const sj_funnel_options later[] = {
        {.preset = "clickhouse"},
        {.exclusions = exclusions, .n_exclusions = 1, .exclusion_size = sizeof *exclusions},
        {.hold = attributes, .n_hold = 1},
        {.grace = 5},
        {.session_gap = 5},
        {.entry_from = &time},
        {.entry_to = &time},
        {.breakdown = "device"},
        {.order = SJ_ORDER_ADJACENT},
        {.order = SJ_ORDER_ANY},
        {.tie = SJ_TIE_INPUT},
        {.tie = SJ_TIE_STRICT},
        {.tie = SJ_TIE_GRACE},
        {.attempt = SJ_ATTEMPT_FIRST},
        {.attempt = SJ_ATTEMPT_EACH},
        {.violation = SJ_VIOLATION_STOP},
        {.unit = SJ_UNIT_ATTEMPTS},
        {.unit = SJ_UNIT_SESSIONS},
        {.unit = SJ_UNIT_VALUES},
        {.enter_anywhere = 1},
        {.breakdown_at = SJ_AT_FIRST},
        {.breakdown_step = 1},
        {.trend = SJ_TREND_DAY},
        {.utc_offset = 60},
        {.survival = 1}};
    static const char *const names[] = {
        "preset",   "exclusions",     "hold",         "grace",          "session_gap", "entry_from",
        "entry_to", "breakdown",      "order",        "order",          "tie",         "tie",
        "tie",      "attempt",        "attempt",      "violation",      "unit",        "unit",
        "unit",     "enter_anywhere", "breakdown_at", "breakdown_step", "trend",       "utc_offset",
        "survival"};
    funnel_question q;
    sj_graph *graph = funnel_graph(funnel_example);
    (void)state;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        sj_funnel_options options = later[i];
        (void)funnel_ask(&q, "AB", 0);
        options.struct_size = sizeof options;
        options.steps = q.steps, options.n_steps = 2, options.step_size = sizeof(sj_step);
        funnel_refuses(graph, &options, SJ_ERR_OPTIONS, names[i]);
    }
    const sj_step step_later[] = {
        {.min_gap = 1}, {.max_gap = 1}, {.optional = 1}, {.adjacent = 1}, {.group = 1}};
    static const char *const step_names[] = {"min_gap", "max_gap", "optional", "adjacent", "group"};
    for (size_t i = 0; i < 5; i++) {
        sj_funnel_options *options = funnel_ask(&q, "AB", 0);
        q.steps[1] = step_later[i];
        q.steps[1].condition = "B";
        funnel_refuses(graph, options, SJ_ERR_OPTIONS, step_names[i]);
    }
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

/* Ten times the events may take no more than some thirty times as long: a square would take a hundred times. */
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
        cmocka_unit_test(what_is_not_built_yet_is_refused_by_name),
        cmocka_unit_test(wrong_options_are_refused_with_a_reason),
        cmocka_unit_test(too_many_steps_are_a_limit_not_a_zero),
        cmocka_unit_test(a_list_can_be_cancelled),
        cmocka_unit_test(there_is_no_cap_on_the_number_of_steps),
        cmocka_unit_test(through_the_library_33_200_and_5000_steps_work),
        cmocka_unit_test(storms_of_events_take_linear_time),
    };
    return cmocka_run_group_tests_name("funnel", tests, NULL, NULL);
}
