/* Tie grace: a step may lie up to `grace` before the latest event of its attempt. */
#include "unit/funnels.h"
#include "unit/near.h"

static sj_funnel_options *grace_ask(funnel_question *question, const char *letters, int64_t window,
                                    int64_t grace)
{
    sj_funnel_options *options = funnel_ask(question, letters, window);
    options->tie = SJ_TIE_GRACE;
    options->grace = grace;
    return options;
}

static void a_step_may_lie_a_little_before_the_latest_event(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = grace_ask(&q, "AB", 0, 2);
    (void)state;
    funnel_expect("k: B0 A2", options, "2 converted 2 0"); /* inclusive */
    funnel_expect("k: B0 A3", options, "1 none 3 -");
    funnel_expect("k: A0 B9", options, "2 converted 0 9"); /* behind it as late as it likes */
}

static void slack_counts_from_the_latest_event_and_never_adds_up(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = grace_ask(&q, "ABCD", 0, 2);
    (void)state;
    funnel_expect("k: D0 C2 B4 A6", options, "2 none 6 4 - -"); /* C2 is four before A6 */
    funnel_expect("k: C4 D4 B5 A6", options, "4 converted 6 5 4 4");
    funnel_expect("k: C4 D3 B5 A6", options, "3 none 6 5 4 -");
}

/* A span without end is no grace, as it is no window: the longest one stands for it. */
static const int64_t grace_longest = SJ_UNLIMITED - 1;

static void spans_of_no_length_and_very_long_ones_are_graces_too(void **state)
{
    funnel_question q;
    sj_funnel_options *options = grace_ask(&q, "AB", 0, SJ_INSTANT);
    (void)state;
    funnel_expect("k: B5 A5", options, "2 converted 5 5");
    funnel_expect("k: B4 A5", options, "1 none 5 -");
    options->grace = grace_longest;
    funnel_expect("k: B0 A9000", options, "2 converted 9000 0");
}

static void the_earliest_completed_is_that_with_the_earliest_latest_event(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = grace_ask(&q, "ABC", 0, 2);
    (void)state;
    funnel_expect("k: B4 A5 C4 C6", options, "3 converted 5 4 4"); /* complete at 5, not at 6 */
    funnel_expect("k: A0 B4 A5 C6", options, "3 converted 5 4 6"); /* the latest entry */
    funnel_expect("k: A0 B1 B4 C6", options, "3 converted 0 1 6"); /* then early in between */
    funnel_expect("k: B3 A5 B4 C6 B6", options, "3 converted 5 3 6");
}

/* C2 is too early for the entry at 5, and that at 3 is fine. */
static void an_entry_too_late_for_a_step_gives_way(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = grace_ask(&q, "ABC", 0, 2);
    (void)state;
    funnel_expect("k: C2 A3 B3 A5 D6", options, "3 converted 3 3 2");
}

static void the_window_holds_all_that_lies_before_the_entry(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = grace_ask(&q, "ABC", 3, 5);
    (void)state;
    funnel_expect("k: B0 A5 C8", options, "3 converted 5 0 8");
    funnel_expect("k: B0 A5 C9", options, "2 window 5 0 -");
    funnel_expect("k: A0 B3 C4", options, "2 window 0 3 -");
}

static void an_entry_range_is_of_step_1_alone(void **state)
{
    const int64_t from = 4, to = 6;
    funnel_question q;
    sj_funnel_options *options = grace_ask(&q, "AB", 0, 3);
    (void)state;
    options->entry_from = &from, options->entry_to = &to;
    funnel_expect("k: A3 B3 A4 A6", options, "2 converted 4 3");
}

static void with_reuse_an_event_fills_all_that_it_matches(void **state)
{
    funnel_question q;
    sj_funnel_options *options = grace_ask(&q, "AAB", 0, 2);
    (void)state;
    options->reuse = SJ_REUSE_YES;
    funnel_expect("k: B0 A1", options, "3 converted 1 1 0");
    funnel_expect("k: A0 A1 B1", options, "3 converted 1 0 1"); /* step 2 as early as it may be */
}

static void sessions_are_journeys_of_their_own(void **state)
{
    funnel_question q;
    sj_funnel_options *options = grace_ask(&q, "AB", 0, 5);
    (void)state;
    options->session_gap = 2;
    funnel_expect("k: B0 A3", options, "1 none 3 -");
    options->unit = SJ_UNIT_SESSIONS;
    funnel_expect("k: B0 A3 A10 B9", options, "1 none 3 -; 2 converted 10 9");
}

static void a_unit_is_open_until_its_window_is_over(void **state)
{
    const int64_t as_of = 7;
    funnel_question q;
    sj_funnel_options *options = grace_ask(&q, "ABC", 3, 2);
    (void)state;
    options->as_of = &as_of;
    funnel_expect("k: B4 A5 C8", options, "2 open 5 4 -"); /* the limit is 8, C8 is not seen */
    options->as_of = NULL;
    funnel_expect("k: B4 A5 D8", options, "2 none 5 4 -");
}

static void times_below_0_count_as_0_and_next_is_behind_all_events(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: B0=3 A2=1 D4");
    sj_result *r = funnel_compute(graph, grace_ask(&q, "ABC", 0, 2));
    const sj_table *steps = sj_result_find(r, "steps");
    (void)state;
    assert_int_equal(funnel_integer(r, "steps", "reached", 1), 1);
    assert_near(sj_table_reals(steps, "time_mean")[1], 0, 1e-12);
    assert_near(sj_table_reals(steps, "gap_mean")[1], 0, 1e-12);
    assert_near(sj_table_reals(steps, "value")[1], 3, 1e-12);
    assert_string_equal(funnel_text(r, "next", "touchpoint", 0), "D"); /* not A2, behind B0 */
    sj_result_free(r);
    sj_graph_free(graph);
}

static void steps_that_one_event_can_match_need_reuse(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0 B1");
    sj_funnel_options *options = grace_ask(&q, "ABC", 0, 5);
    (void)state;
    q.steps[2].condition = "touchpoint in ('C', 'A')";
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "steps 1 and 3 can be met by one event at 'A'");
    q.steps[2].condition = "touchpoint = 'A' and value > 2"; /* only events would tell */
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "steps 1 and 3 can be met by one event at 'A'");
    options->reuse = SJ_REUSE_YES;
    funnel_expect("k: A0 B1", options, "2 none 0 1 -");
    options->reuse = 0, q.steps[2].condition = "touchpoint = 'C' and value > 2";
    funnel_expect("k: C0=3 A0 B1", options, "3 converted 0 1 0");
    sj_graph_free(graph);
}

static void extreme_times_do_not_overflow(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = grace_ask(&q, "AB", 10, 5);
    (void)state;
    funnel_expect("k: A-9223372036854775808 B9223372036854775807", options,
                  "1 window -9223372036854775808 -");
    funnel_expect("k: B-9223372036854775808 A9223372036854775807", options,
                  "1 open 9223372036854775807 -");
    options = grace_ask(&q, "AB", 10, grace_longest);
    funnel_expect("k: B-9223372036854775808 A9223372036854775807", options,
                  "1 open 9223372036854775807 -"); /* twice as far */
    funnel_expect("k: B-1 A9223372036854775805", options, "2 converted 9223372036854775805 -1");
    funnel_expect("k: B-1 A9223372036854775806", options, "1 open 9223372036854775806 -");
}

static void grace_has_its_lines_and_its_matcher(void **state)
{
    funnel_question q;
    sj_graph *graph = funnel_graph("k: A0 B1");
    sj_plan *plan = NULL;
    sj_tally *tally = funnel_tally(graph, grace_ask(&q, "AB", 0, 5));
    (void)state;
    assert_non_null(strstr(sj_tally_text(tally), "\ngrace 5\n"));
    assert_non_null(strstr(sj_tally_text(tally), "\ntie grace\n"));
    assert_int_equal(sj_funnel_plan(graph, &q.options, &plan, NULL), SJ_OK);
    assert_non_null(strstr(sj_plan_text(plan), "uncertain orders"));
    sj_plan_free(plan);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void storms_take_linear_time(void **state)
{
    funnel_question q;
    sj_funnel_options *options = grace_ask(&q, "ABCDE", 0, 100);
    (void)state;
    funnel_is_linear("A", 1, options);
    funnel_is_linear("A", 0, options);
    funnel_is_linear("EDCBA", 1, options);
    options->grace = grace_longest;
    funnel_is_linear("DCBA", 1, options);
    funnel_is_linear("DCBA", 0, options);
    options = grace_ask(&q, "AAAAB", 0, 1000);
    options->reuse = SJ_REUSE_YES;
    funnel_is_linear("A", 1, options);
}

static void failed_allocations_are_errors_and_leave_nothing(void **state)
{
    funnel_question q;
    (void)state;
    funnel_fails_cleanly("k: B0 A1 C3 D3 B4 A4; m: B0 B1 C1 A1 D2", grace_ask(&q, "ABC", 9, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_may_lie_a_little_before_the_latest_event),
        cmocka_unit_test(slack_counts_from_the_latest_event_and_never_adds_up),
        cmocka_unit_test(spans_of_no_length_and_very_long_ones_are_graces_too),
        cmocka_unit_test(the_earliest_completed_is_that_with_the_earliest_latest_event),
        cmocka_unit_test(an_entry_too_late_for_a_step_gives_way),
        cmocka_unit_test(the_window_holds_all_that_lies_before_the_entry),
        cmocka_unit_test(an_entry_range_is_of_step_1_alone),
        cmocka_unit_test(with_reuse_an_event_fills_all_that_it_matches),
        cmocka_unit_test(sessions_are_journeys_of_their_own),
        cmocka_unit_test(a_unit_is_open_until_its_window_is_over),
        cmocka_unit_test(times_below_0_count_as_0_and_next_is_behind_all_events),
        cmocka_unit_test(steps_that_one_event_can_match_need_reuse),
        cmocka_unit_test(extreme_times_do_not_overflow),
        cmocka_unit_test(grace_has_its_lines_and_its_matcher),
        cmocka_unit_test(storms_take_linear_time),
        cmocka_unit_test(failed_allocations_are_errors_and_leave_nothing),
    };
    return cmocka_run_group_tests_name("funnel_grace", tests, NULL, NULL);
}
