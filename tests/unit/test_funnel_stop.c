/* Violation stop: the first instant after an entry that no attempt can use ends the journey. */
#include "unit/funnels.h"

static sj_funnel_options *stop_ask(funnel_question *question, const char *letters, int64_t window)
{
    sj_funnel_options *options = funnel_ask(question, letters, window);
    options->order = SJ_ORDER_ADJACENT;
    options->violation = SJ_VIOLATION_STOP;
    return options;
}

static void what_no_attempt_can_use_ends_the_journey(void **state)
{
    funnel_question q;
    sj_funnel_options *options = stop_ask(&q, "ABC", 0);
    (void)state;
    funnel_expect("k: A0 D1 A2 B3 C4", options, "1 order 0 - -");
    funnel_expect("k: A0 C1 A2 B3 C4", options, "1 order 0 - -"); /* C fills none here */
    options->violation = SJ_VIOLATION_BREAK;
    funnel_expect("k: A0 D1 A2 B3 C4", options, "3 converted 2 3 4");
}

static void nothing_is_violated_before_an_entry_or_by_another_entry(void **state)
{
    funnel_question q;
    sj_funnel_options *options = stop_ask(&q, "ABC", 0);
    (void)state;
    funnel_expect("k: D0 B1 A2 B3 C4", options, "3 converted 2 3 4");
    funnel_expect("k: A0 A1 B2 C3", options, "3 converted 1 2 3");
    funnel_expect("k: A0 B1 A2 D3 A4 B5 C6", options, "2 order 0 1 -");
    funnel_expect("k: A0 A1 D1 B2 C3", options, "3 converted 1 2 3"); /* A uses the instant */
    options->tie = SJ_TIE_INPUT;
    funnel_expect("k: A0 A1 D1 B2 C3", options, "1 order 0 - -"); /* by rows D1 is one of its own */
}

static void steps_that_are_adjacent_one_by_one_are_order_adjacent_too(void **state)
{
    funnel_question q;
    sj_funnel_options *options = stop_ask(&q, "ABC", 0);
    (void)state;
    options->order = 0;
    q.steps[1].adjacent = q.steps[2].adjacent = 1;
    funnel_expect("k: A0 D1 A2 B3 C4", options, "1 order 0 - -");
    q.steps[1].optional = 1;
    funnel_expect("k: A0 B1 D2 A3 C4", options, "2 order 0 1 -");
    funnel_expect("k: A0 B1 A2 C3", options, "3 converted 2 - 3");
}

static void what_is_behind_the_stop_gives_no_reason(void **state)
{
    funnel_question q;
    sj_funnel_options *options = stop_ask(&q, "ABC", 4);
    (void)state;
    funnel_expect("k: A0 B5 C6", options, "1 none 0 - -"); /* the limit was 4, the stop at 5 */
    options->violation = SJ_VIOLATION_BREAK;
    funnel_expect("k: A0 B5 C6", options, "1 window 0 - -");
}

static void an_exclusion_at_the_stop_is_not_there(void **state)
{
    const sj_exclusion exclusion = {.condition = "D"};
    funnel_question q;
    sj_funnel_options *options = stop_ask(&q, "ABC", 0);
    (void)state;
    options->exclusions = &exclusion, options->n_exclusions = 1;
    options->exclusion_size = sizeof exclusion;
    funnel_expect("k: A0 D1", options, "1 order 0 - -");
    funnel_expect("k: A0 A1 D1 B2", options,
                  "2 none 1 2 -"); /* at the time of step 1 it is outside */
    funnel_expect("k: A0 B1 B2 D2", options, "2 order 0 1 -");
    options->violation = SJ_VIOLATION_BREAK;
    funnel_expect("k: A0 D1", options, "1 excluded 0 - -");
}

static void each_session_stops_by_itself(void **state)
{
    funnel_question q;
    sj_funnel_options *options = stop_ask(&q, "ABC", 0);
    (void)state;
    options->session_gap = 5;
    funnel_expect("k: A0 D1 A2 B3 A10 B11 C12", options, "3 converted 10 11 12");
    options->unit = SJ_UNIT_SESSIONS;
    funnel_expect("k: A0 D1 A2 B3 A10 B11 C12", options, "1 order 0 - -; 3 converted 10 11 12");
}

static void what_came_next_is_what_stopped_it(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0 D1 A2 B3 C4");
    sj_result *r = funnel_compute(graph, stop_ask(&q, "ABC", 0));
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 1);
    assert_int_equal(funnel_integer(r, "next", "step", 0), 1);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 0), "D");
    sj_result_free(r);
    sj_graph_free(graph);
}

static void stop_has_a_line_unless_there_is_one_step(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0 B1");
    sj_tally *tally = funnel_tally(graph, stop_ask(&q, "AB", 0));
    (void)state;
    assert_non_null(strstr(sj_tally_text(tally), "\nviolation stop\n"));
    sj_tally_free(tally);
    tally = funnel_tally(graph, stop_ask(&q, "A", 0));
    assert_null(strstr(sj_tally_text(tally), "violation"));
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void stop_without_order_adjacent_is_refused(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0");
    sj_funnel_options *options = stop_ask(&q, "ABC", 0);
    (void)state;
    options->order = 0;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "violation");
    q.steps[1].adjacent = 1; /* the third is not */
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "violation");
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_attempt_can_use_ends_the_journey),
        cmocka_unit_test(nothing_is_violated_before_an_entry_or_by_another_entry),
        cmocka_unit_test(steps_that_are_adjacent_one_by_one_are_order_adjacent_too),
        cmocka_unit_test(what_is_behind_the_stop_gives_no_reason),
        cmocka_unit_test(an_exclusion_at_the_stop_is_not_there),
        cmocka_unit_test(each_session_stops_by_itself),
        cmocka_unit_test(what_came_next_is_what_stopped_it),
        cmocka_unit_test(stop_has_a_line_unless_there_is_one_step),
        cmocka_unit_test(stop_without_order_adjacent_is_refused),
    };
    return cmocka_run_group_tests_name("funnel_stop", tests, NULL, NULL);
}
