/* Open funnels: an attempt may begin at any required step. */
#include "unit/funnels.h"
#include "unit/near.h"

static sj_funnel_options *open_ask(funnel_question *question, const char *letters, int64_t window)
{
    sj_funnel_options *options = funnel_ask(question, letters, window);
    options->enter_anywhere = 1;
    return options;
}

static void an_attempt_may_begin_at_any_step(void **state)
{
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABC", 0);
    (void)state;
    funnel_expect("k: B0 C1", options, "3 converted - 0 1");
    funnel_expect("k: C5", options, "3 converted - - 5");
    funnel_expect("k: B0 D1", options, "2 none - 0 -");
    funnel_expect("k: A0 B1 C2", options, "3 converted 0 1 2");
    funnel_expect("k: D0", options, "");
}

static void the_attempt_that_passes_most_steps_is_selected(void **state)
{
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABCD", 5);
    (void)state;
    funnel_expect("k: A0 B1 C20", options, "2 window 0 1 - -"); /* C20 is the later step, but one */
    funnel_expect("k: C0 D1 A2 B3", options,
                  "4 converted - - 0 1");                         /* two each: earliest complete */
    funnel_expect("k: C0 C1 D2", options, "4 converted - - 1 2"); /* then latest entered */
    options->tie = SJ_TIE_STRICT;
    funnel_expect("k: A0 B0 C0", options, "3 open - - 0 -"); /* all the same: the highest step */
}

static void optional_steps_are_no_entries_but_count_as_passed(void **state)
{
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABCD", 0);
    (void)state;
    q.steps[2].optional = 1;
    funnel_expect("k: C0 D1", options, "4 converted - - - 1");
    funnel_expect("k: B0 D1", options, "4 converted - 0 - 1");
    funnel_expect("k: A0 B1 B10 D11", options, "4 converted 0 1 - 11");
    options->window = 5; /* B D passes three steps, A B two */
    funnel_expect("k: A0 B1 B10 D11", options, "4 converted - 10 - 11");
}

static void gaps_and_adjacency_count_behind_the_entry_only(void **state)
{
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABC", 0);
    (void)state;
    q.steps[1].min_gap = 5, q.steps[1].max_gap = 9, q.steps[2].adjacent = 1;
    funnel_expect("k: A0 B1 C2", options, "3 converted - 1 2"); /* B is an entry here */
    funnel_expect("k: A0 B5 C6", options, "3 converted 0 5 6");
    funnel_expect("k: B1 D2 C3", options, "2 order - 1 -");
}

static void an_exclusion_counts_from_the_entry_or_not_at_all(void **state)
{
    sj_exclusion exclusion = {.condition = "D", .to_step = 3};
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABCE", 0);
    (void)state;
    options->exclusions = &exclusion, options->n_exclusions = 1;
    options->exclusion_size = sizeof exclusion;
    funnel_expect("k: B0 D1 E2", options, "4 converted - - - 2"); /* as long as B0, which D ended */
    funnel_expect("k: B0 D1", options, "2 excluded - 0 - -");
    funnel_expect("k: B0 D0 C1 E2", options,
                  "4 converted - 0 1 2");                         /* at the entry it is outside */
    funnel_expect("k: C0 D1 E2", options, "4 converted - - 0 2"); /* the range lies before C */
    exclusion.from_step = 2;
    funnel_expect("k: A0 D1 B2 C3", options, "3 none 0 2 3 -"); /* begins before the range */
    exclusion.from_step = 1, exclusion.to_step = 2;
    funnel_expect("k: B0 D1 C2", options, "3 none - 0 2 -");
    exclusion.effect = SJ_EXCLUDE_REMOVE;
    funnel_expect("k: A0 D1", options, "");
}

/* A conversion passed over may come again. */
static void behind_an_exclusion_a_later_conversion_speaks(void **state)
{
    const sj_exclusion exclusion = {.condition = "D"};
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "AB", 0);
    (void)state;
    options->exclusions = &exclusion, options->n_exclusions = 1;
    options->exclusion_size = sizeof exclusion;
    funnel_expect("k: A0 D5 B6", options, "2 converted - 6");
    options->window = 6;
    funnel_expect("k: A0 B7 D7", options, "1 window 0 -"); /* D comes too late to end A0 */
    funnel_expect("k: A0 D3 B7 B8", options, "2 converted - 7");
}

static void what_all_runs_leave_unused_stops_the_journey(void **state)
{
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABC", 0);
    (void)state;
    options->order = SJ_ORDER_ADJACENT;
    funnel_expect("k: A0 C1 D2 B3 C4", options, "3 converted - 3 4");
    options->violation = SJ_VIOLATION_STOP;
    funnel_expect("k: A0 C1 D2 B3 C4", options, "1 order 0 - -"); /* C1 is an entry, D2 nothing */
    funnel_expect("k: D0 A1 C2 B3 C4", options, "3 converted - 3 4");
}

static void steps_are_counted_where_attempts_begin(void **state)
{
    static const struct {
        int64_t reached, entered, dropped, filled;
        double previous, overall, time;
    } expected[] = {
        {2, 2, 1, 2, 0, 0.4, 0}, {3, 2, 1, 3, 0.5, 0.6, 1.0 / 3}, {3, 1, 0, 3, 2.0 / 3, 0.6, 1}};
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 B1 C2; k2: B0 C1; k3: C0; k4: A0; k5: B0");
    sj_result *r = funnel_compute(graph, open_ask(&q, "ABC", 0));
    const sj_table *steps = sj_result_find(r, "steps");
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(funnel_integer(r, "steps", "reached", k), expected[k].reached);
        assert_int_equal(funnel_integer(r, "steps", "customers", k), expected[k].reached);
        assert_int_equal(funnel_integer(r, "steps", "entered", k), expected[k].entered);
        assert_int_equal(funnel_integer(r, "steps", "dropped", k), expected[k].dropped);
        assert_int_equal(funnel_integer(r, "steps", "filled", k), expected[k].filled);
        assert_int_equal(funnel_integer(r, "steps", "time_n", k), expected[k].filled);
        assert_near(sj_table_reals(steps, "rate_overall")[k], expected[k].overall, 1e-12);
        assert_near(sj_table_reals(steps, "time_mean")[k], expected[k].time, 1e-12);
        if (k > 0) {
            assert_near(sj_table_reals(steps, "rate_previous")[k], expected[k].previous, 1e-12);
            assert_near(sj_table_reals(steps, "gap_mean")[k], 1, 1e-12);
        }
    }
    sj_result_free(r);
    sj_graph_free(graph);
}

static void the_list_says_where_each_began(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k1: A0 B1 C2; k2: B0 C1; k3: C0");
    sj_result *list = NULL;
    (void)state;
    assert_int_equal(sj_funnel_list(graph, open_ask(&q, "ABC", 0), NULL, &list, NULL), SJ_OK);
    for (size_t row = 0; row < 3; row++)
        assert_int_equal(funnel_integer(list, "levels", "entered", row), row + 1);
    sj_result_free(list);
    sj_graph_free(graph);
}

static void storms_take_linear_time(void **state)
{
    const sj_exclusion exclusion = {.condition = "E"};
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABCABCAB", 0);
    (void)state;
    funnel_is_linear("A", 1, options);
    funnel_is_linear("A", 0, options);
    funnel_is_linear("CBA", 1, options);
    q.steps[2].optional = q.steps[5].optional = 1, q.steps[6].min_gap = 9;
    options->exclusions = &exclusion, options->n_exclusions = 1;
    options->exclusion_size = sizeof exclusion;
    funnel_is_linear("ABEC", 1, options);
    options = open_ask(&q, "ABC", 0);
    options->order = SJ_ORDER_ADJACENT, options->violation = SJ_VIOLATION_STOP;
    funnel_is_linear("CA", 1, options);
}

static void failed_allocations_are_errors_and_leave_nothing(void **state)
{
    const sj_exclusion exclusion = {.condition = "D"};
    funnel_question q;
    sj_funnel_options *options = open_ask(&q, "ABC", 9);
    (void)state;
    options->order = SJ_ORDER_ADJACENT, options->violation = SJ_VIOLATION_STOP;
    q.steps[1].optional = 1;
    options->exclusions = &exclusion, options->n_exclusions = 1;
    options->exclusion_size = sizeof exclusion;
    funnel_fails_cleanly("k: A0 B1 A1 C3 D3 B4 A4; m: B0 B1 C1 C1 D2", options);
}

static void open_funnels_have_a_line_and_a_matcher_named(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0 B1");
    sj_plan *plan = NULL;
    sj_tally *tally = funnel_tally(graph, open_ask(&q, "AB", 0));
    (void)state;
    assert_non_null(strstr(sj_tally_text(tally), "\nenter_anywhere "));
    assert_int_equal(sj_funnel_plan(graph, &q.options, &plan, NULL), SJ_OK);
    assert_non_null(strstr(sj_plan_text(plan), "once per step"));
    sj_plan_free(plan);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_may_begin_at_any_step),
        cmocka_unit_test(the_attempt_that_passes_most_steps_is_selected),
        cmocka_unit_test(optional_steps_are_no_entries_but_count_as_passed),
        cmocka_unit_test(gaps_and_adjacency_count_behind_the_entry_only),
        cmocka_unit_test(an_exclusion_counts_from_the_entry_or_not_at_all),
        cmocka_unit_test(behind_an_exclusion_a_later_conversion_speaks),
        cmocka_unit_test(what_all_runs_leave_unused_stops_the_journey),
        cmocka_unit_test(steps_are_counted_where_attempts_begin),
        cmocka_unit_test(the_list_says_where_each_began),
        cmocka_unit_test(storms_take_linear_time),
        cmocka_unit_test(failed_allocations_are_errors_and_leave_nothing),
        cmocka_unit_test(open_funnels_have_a_line_and_a_matcher_named),
    };
    return cmocka_run_group_tests_name("funnel_open", tests, NULL, NULL);
}
