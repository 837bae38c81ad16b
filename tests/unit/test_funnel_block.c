/* Steps in any order: blocks among ordinary steps, what they do to ties, gaps, optional steps
 * and exclusions, and their rows. */
#include "unit/funnels.h"
#include "unit/near.h"

/* A question where the steps first … last (from 1) are a block. */
static sj_funnel_options *block_ask(funnel_question *question, const char *letters, int64_t window,
                                    size_t first, size_t last)
{
    sj_funnel_options *options = funnel_ask(question, letters, window);
    for (size_t k = first; k <= last; k++)
        question->steps[k - 1].group = 7;
    return options;
}

/* Adds an exclusion of D. */
static void block_exclude(sj_funnel_options *options, sj_exclusion *exclusion, int32_t from,
                          int32_t to)
{
    *exclusion = (sj_exclusion){.condition = "D", .from_step = from, .to_step = to};
    options->exclusions = exclusion;
    options->n_exclusions = 1;
    options->exclusion_size = sizeof *exclusion;
}

static void in_any_order_every_order_converts(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    options->order = SJ_ORDER_ANY;
    funnel_expect("k: A0 B1 C2", options, "3 converted 0 1 2");
    funnel_expect("k: C0 A1 B2", options, "3 converted 1 2 0");
    funnel_expect("k: B3 C3 A3", options, "3 converted 3 3 3");
    funnel_expect("k: C0 A1", options, "2 none 1 - 0");
    funnel_expect("k: D0", options, "");
}

static void the_window_slides_over_a_block(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 5);
    (void)state;
    options->order = SJ_ORDER_ANY;
    funnel_expect("k: A0 B5 C8 A9", options, "3 converted 9 5 8");
    funnel_expect("k: A0 B3", options, "2 open 0 3 -");
    funnel_expect("k: A0 B5 C6", options, "2 window 0 5 -");
    funnel_expect("k: A0 A4 B5 C6", options, "3 converted 4 5 6"); /* the latest entry */
}

static void a_block_stands_between_its_neighbours(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    funnel_expect("k: A0 C1 B2 E3", options, "4 converted 0 2 1 3");
    funnel_expect("k: C0 A1 B2 C3 E4", options, "4 converted 1 2 3 4"); /* C0 is before A */
    funnel_expect("k: A0 B1 E2 C3", options, "3 none 0 1 3 -");         /* E2 before C */
    funnel_expect("k: A0 B1 A2 C3 E4", options,
                  "4 converted 0 1 3 4"); /* A2 comes too late for B1 */
    funnel_expect("k: A0 B1 A2 C3 B4 E5", options,
                  "4 converted 2 4 3 5"); /* that of C3, B4 does not */
    funnel_expect("k: A0 C1 E2", options, "2 none 0 - 1 -");
}

static void an_instant_may_hold_all_of_it(void **state)
{
    funnel_question q;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    funnel_expect("k: E5 C5 B5 A5", options, "4 converted 5 5 5 5");
    funnel_expect("k: A0 C1 E2 B2", options, "4 converted 0 2 1 2");
    options->tie = SJ_TIE_INPUT;
    funnel_expect("k: A5 C5 B5 E5", options, "4 converted 5 5 5 5");
    funnel_expect("k: A0 C1 E2 B2", options, "3 none 0 2 1 -");
    funnel_expect("k: C5 A5 B5 E5", options, "2 none 5 5 - -");
}

static void groups_side_by_side_are_blocks_of_their_own(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABCE", 0);
    (void)state;
    q.steps[0].group = q.steps[1].group = 1, q.steps[2].group = q.steps[3].group = 2;
    funnel_expect("k: B0 A1 E2 C3", options, "4 converted 1 0 3 2");
    funnel_expect("k: B0 E1 A2 C3", options, "3 none 2 0 3 -");
    q.steps[2].group = q.steps[3].group = 0; /* nor does 0 make one, or a group of one step */
    q.steps[2].group = 5;
    funnel_expect("k: B0 A1 E2 C3", options, "3 none 1 0 3 -");
    funnel_expect("k: B0 A1 C2 E3", options, "4 converted 1 0 2 3");
}

/* A0 could begin with B or C; one of both must complete it, so that the begin is not always the
 * latest. */
static void one_event_does_not_begin_and_complete(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = block_ask(&q, "ABC", 5, 2, 3);
    (void)state;
    funnel_expect("k: A0 B1 B4 C5 D90", options, "3 converted 0 1 5");
    funnel_expect("k: A0 B1 A2 B4", options, "2 open 0 1 -");
    funnel_expect("k: A0 B1 A2 B4 C6", options, "3 converted 2 4 6"); /* A0 is out of the window */
}

static void gaps_and_adjacency_behind_count_from_the_last_of_it(void **state)
{
    funnel_question q;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    q.steps[3].min_gap = 2, q.steps[3].max_gap = 3;
    funnel_expect("k: A0 C1 B5 E6 E8", options, "4 converted 0 5 1 8");
    funnel_expect("k: A0 C1 B5 E9", options, "3 gap 0 5 1 -");
    funnel_expect("k: A0 C1 B5 C6 E9", options, "4 converted 0 5 6 9"); /* C6 completes it anew */
    q.steps[3].min_gap = 0, q.steps[3].max_gap = 0, q.steps[3].adjacent = 1;
    funnel_expect("k: A0 C1 D2 B3 E4", options, "4 converted 0 3 1 4");
    funnel_expect("k: A0 C1 B3 D4 E5", options, "3 order 0 3 1 -");
}

static void optional_steps_may_stand_before_and_behind(void **state)
{
    funnel_question q;
    const sj_funnel_options *options = block_ask(&q, "ABCDE", 0, 3, 4);
    (void)state;
    q.steps[1].optional = 1;
    funnel_expect("k: A0 D1 C2 E3", options, "5 converted 0 - 2 1 3");
    funnel_expect("k: A0 B1 D2 C3 E4", options, "5 converted 0 1 3 2 4");
    funnel_expect("k: A0 D1 B2 C3 E4", options, "5 converted 0 - 3 1 4"); /* B2 is within it */
    funnel_expect("k: A0 D1 B2 C3 D4 E5", options,
                  "5 converted 0 2 3 4 5");                 /* more steps go before earlier ones */
    funnel_expect("k: A0 D1", options, "3 none 0 - - 1 -"); /* B counts as passed */
    options = block_ask(&q, "ABCDE", 0, 2, 3);
    q.steps[3].optional = 1;
    funnel_expect("k: A0 C1 B2 D3 E4", options, "5 converted 0 2 1 3 4");
    funnel_expect("k: A0 C1 B2 E3", options, "5 converted 0 2 1 - 3");
    funnel_expect("k: A0 C1 D2 B3 E4", options, "5 converted 0 3 1 - 4");
}

static void an_exclusion_over_the_block_bars_what_began_it(void **state)
{
    funnel_question q;
    sj_exclusion exclusion;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    block_exclude(options, &exclusion, 1, 0);
    funnel_expect("k: A0 B1 D2 C3 E4", options, "2 excluded 0 1 - -");
    funnel_expect("k: A0 B1 D2 A3 C4 B5 E6", options, "4 converted 3 5 4 6");
    block_exclude(options, &exclusion, 2, 3); /* from the first of them filled to the last */
    funnel_expect("k: A0 D1 C2 B3 E4", options, "4 converted 0 3 2 4");
    funnel_expect("k: A0 B1 D2 E3", options, "2 excluded 0 1 - -");
    funnel_expect("k: A0 B1 D2 C3 E4", options, "2 none 0 - 3 -"); /* gives way to A0 C3 */
    funnel_expect("k: A0 B1 D2 C3 B4 E5", options, "4 converted 0 4 3 5");
    block_exclude(options, &exclusion, 3, 4);
    funnel_expect("k: A0 C1 D2 B3 E4", options, "4 converted 0 3 1 4");
    funnel_expect("k: A0 C1 B3 D4 E5", options, "3 excluded 0 3 1 -");
}

static void an_exclusion_up_to_the_first_number_bars_what_waits(void **state)
{
    funnel_question q;
    sj_exclusion exclusion;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    block_exclude(options, &exclusion, 1, 2);
    funnel_expect("k: A0 B1 D2 C3 E4", options, "4 converted 0 1 3 4");
    funnel_expect("k: A0 D1 B2 C3 E4", options, "1 excluded 0 - - -");
    funnel_expect("k: A0 B1 D1 C3 E4", options,
                  "4 converted 0 1 3 4"); /* at the time of the first */
    /* What began at 1 may go on, but not begin anew at 3. */
    funnel_expect("k: A0 B1 D2 C3 B4", options, "3 none 0 1 3 -");
}

static void entries_lie_in_their_range_and_the_rest_behind(void **state)
{
    const int64_t from = 5, to = 10;
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    options->order = SJ_ORDER_ANY, options->entry_from = &from, options->entry_to = &to;
    funnel_expect("k: A0 B6 B12 C13 A14", options, "3 converted 14 6 13");
    funnel_expect("k: A5 B6 A12", options, "2 none 5 6 -");
    funnel_expect("k: A0 C10 B12", options, ""); /* nothing in the range */
    funnel_expect("k: B6 B12 B13", options, "1 none - 6 -");
}

static void with_reuse_one_event_fills_several(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "AAB", 0);
    sj_graph *graph = funnel_graph("k: A0 B1");
    (void)state;
    options->order = SJ_ORDER_ANY;
    funnel_refuses(graph, options, SJ_ERR_OPTIONS, "steps 1 and 2");
    options->reuse = SJ_REUSE_YES;
    funnel_units(graph, options, "3 converted 0 0 1");
    sj_graph_free(graph);
}

/* E behind A and the block: the fills before it as early as can be, from the last to the first. */
static void steps_in_between_come_as_early_as_can_be(void **state)
{
    funnel_question q;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    funnel_expect("k: A0 B1 C2 C3 B4 E5", options, "4 converted 0 1 2 5");
    funnel_expect("k: A0 C1 C2 B2 B3 E4", options, "4 converted 0 2 1 4");
    options->n_steps = 3; /* of two of three the earliest, then the highest number */
    q.steps[0].group = 7;
    funnel_expect("k: C0 B0 A0", options, "3 converted 0 0 0");
    options->window = SJ_INSTANT;
    funnel_expect("k: A0 B0 A1 C1 D9", options, "2 window 0 0 -");
}

/* Three customers: C A B at 1 2 4, A C at 0 6, B at 3; values by event. */
static void rows_of_a_block_are_counts(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    sj_graph *graph = funnel_graph("k1: C1=5 A2=3 B4=1; k2: A0=2 C6=4; k3: B3=8");
    static const int64_t reached[] = {3, 2, 1};
    static const double value[] = {15, 7, 1}, gap[] = {0, 3.5, 2}; /* (1 + 6) / 2; 2 */
    static const char *const names[] = {"1 of A, B, C", "2 of A, B, C", "3 of A, B, C"};
    (void)state;
    options->order = SJ_ORDER_ANY;
    sj_result *r = funnel_compute(graph, options);
    for (size_t k = 0; k < 3; k++) {
        const sj_table *steps = sj_result_find(r, "steps");
        assert_string_equal(funnel_text(r, "steps", "name", k), names[k]);
        assert_int_equal(funnel_integer(r, "steps", "reached", k), reached[k]);
        assert_int_equal(funnel_integer(r, "steps", "filled", k), reached[k]);
        assert_near(sj_table_reals(steps, "value")[k], value[k], 1e-12);
        if (k > 0)
            assert_near(sj_table_reals(steps, "gap_mean")[k], gap[k], 1e-12);
    }
    sj_result_free(r);
    options->figures = SJ_FIGURE_COUNTS;
    r = funnel_compute(graph, options);
    assert_int_equal(funnel_integer(r, "steps", "filled", 1), 2);
    sj_result_free(r);
    sj_graph_free(graph);
}

static void a_row_names_eight_steps_and_counts_the_rest(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABCABCABCABC", 0);
    sj_graph *graph = funnel_graph("k: A0 B1");
    (void)state;
    options->reuse = SJ_REUSE_YES;
    for (size_t k = 1; k < 11; k++)
        q.steps[k].group = 3;
    sj_result *r = funnel_compute(graph, options);
    assert_string_equal(funnel_text(r, "steps", "name", 0), "A");
    assert_string_equal(funnel_text(r, "steps", "name", 2),
                        "2 of B, C, A, B, C, A, B, C and 2 more");
    assert_string_equal(funnel_text(r, "steps", "name", 11), "C");
    sj_result_free(r);
    sj_graph_free(graph);
}

/* The tally's text of a question. */
static const char *block_text(const sj_graph *graph, const sj_funnel_options *options)
{
    static char texts[2][2000];
    static size_t turn;
    sj_plan *plan = NULL;
    char *text = texts[turn++ % 2];
    assert_int_equal(sj_funnel_plan(graph, options, &plan, NULL), SJ_OK);
    (void)snprintf(text, sizeof texts[0], "%s", sj_plan_text(plan));
    sj_plan_free(plan);
    return text;
}

static void two_ways_to_say_one_block_are_one_question(void **state)
{
    funnel_question q, other;
    sj_graph *graph = funnel_graph("k1: A0 B1 C2; k2: C0 A4");
    sj_funnel_options *any = funnel_ask(&q, "ABC", 9);
    sj_tally *tally, *more;
    (void)state;
    any->order = SJ_ORDER_ANY;
    assert_string_equal(block_text(graph, any),
                        block_text(graph, block_ask(&other, "ABC", 9, 1, 3)));
    tally = funnel_tally(graph, any);
    more = funnel_tally(graph, &other.options);
    assert_int_equal(sj_tally_merge(tally, more, NULL), SJ_OK);
    sj_tally_free(more);
    (void)block_ask(&other, "ABC", 9, 1, 2); /* another block is another question */
    more = funnel_tally(graph, &other.options);
    assert_int_equal(sj_tally_merge(tally, more, NULL), SJ_ERR_MISMATCH);
    sj_tally_free(more);
    sj_tally_free(tally);
    other.steps[2].group =
        9; /* a group of one step is none; numbers say nothing but what is equal */
    (void)block_ask(&q, "ABC", 9, 1, 2);
    q.steps[0].group = q.steps[1].group = -5;
    assert_string_equal(block_text(graph, &q.options), block_text(graph, &other.options));
    any = funnel_ask(&q, "A", 9); /* one step has no order */
    any->order = SJ_ORDER_ANY;
    assert_string_equal(block_text(graph, any), block_text(graph, funnel_ask(&other, "A", 9)));
    sj_graph_free(graph);
}

static void parts_of_held_values_compete_by_order_of_filling(void **state)
{
    const char *const hold[] = {"v"};
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    sj_builder *builder = funnel_builder();
    static const struct {
        const char *touchpoint, *value;
        int64_t time;
    } events[] = {{"A", "u", 0}, {"A", "w", 0}, {"B", "u", 3},
                  {"C", "w", 2}, {"C", "u", 9}, {"B", "w", 9}};
    (void)state;
    assert_int_equal(sj_builder_add_attribute(builder, "v", SJ_ATTRIBUTE_CATEGORY, 0, NULL), SJ_OK);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        const char *const attributes[] = {"v", events[i].value};
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = events[i].touchpoint,
                                .time = events[i].time,
                                .attributes = attributes,
                                .n_attributes = 1};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    sj_graph *graph = funnel_finish(builder);
    options->order = SJ_ORDER_ANY, options->hold = hold, options->n_hold = 1;
    funnel_units(graph, options, "w: 3 converted 0 9 2"); /* its second fill is at 2, u's at 3 */
    sj_graph_free(graph);
}

static void a_failed_allocation_is_an_error(void **state)
{
    funnel_question q;
    sj_exclusion exclusion;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    block_exclude(options, &exclusion, 2, 4);
    options->tie = SJ_TIE_INPUT;
    funnel_fails_cleanly("k: A0 B1 C1 B2 C3 D3 E4; l: A0 C1 B2", options);
}

static void storms_take_linear_time(void **state)
{
    funnel_question q;
    sj_exclusion exclusion;
    sj_funnel_options *options = block_ask(&q, "ABCE", 0, 2, 3);
    (void)state;
    funnel_is_linear("ABCA", 1, options);
    funnel_is_linear("AB", 1, options);
    funnel_is_linear("ABCB", 0, options);
    options->tie = SJ_TIE_INPUT;
    funnel_is_linear("ABCC", 0, options);
    options->tie = 0;
    q.steps[3].max_gap = 5, q.steps[3].min_gap = 2;
    funnel_is_linear("ABCAB", 1, options);
    block_exclude(options, &exclusion, 1, 2);
    funnel_is_linear("ABADC", 1, options);
    options = funnel_ask(&q, "ABCE", 3);
    options->order = SJ_ORDER_ANY;
    funnel_is_linear("ABCB", 1, options);
    options->reuse = SJ_REUSE_YES;
    for (size_t k = 0; k < 4; k++)
        q.steps[k].condition = k < 3 ? "not touchpoint = 'E'" : "E";
    funnel_is_linear("ABC", 1, options);
    funnel_is_linear("ABC", 0, options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_any_order_every_order_converts),
        cmocka_unit_test(the_window_slides_over_a_block),
        cmocka_unit_test(a_block_stands_between_its_neighbours),
        cmocka_unit_test(an_instant_may_hold_all_of_it),
        cmocka_unit_test(groups_side_by_side_are_blocks_of_their_own),
        cmocka_unit_test(one_event_does_not_begin_and_complete),
        cmocka_unit_test(gaps_and_adjacency_behind_count_from_the_last_of_it),
        cmocka_unit_test(optional_steps_may_stand_before_and_behind),
        cmocka_unit_test(an_exclusion_over_the_block_bars_what_began_it),
        cmocka_unit_test(an_exclusion_up_to_the_first_number_bars_what_waits),
        cmocka_unit_test(entries_lie_in_their_range_and_the_rest_behind),
        cmocka_unit_test(with_reuse_one_event_fills_several),
        cmocka_unit_test(steps_in_between_come_as_early_as_can_be),
        cmocka_unit_test(rows_of_a_block_are_counts),
        cmocka_unit_test(a_row_names_eight_steps_and_counts_the_rest),
        cmocka_unit_test(two_ways_to_say_one_block_are_one_question),
        cmocka_unit_test(parts_of_held_values_compete_by_order_of_filling),
        cmocka_unit_test(a_failed_allocation_is_an_error),
        cmocka_unit_test(storms_take_linear_time),
    };
    return cmocka_run_group_tests_name("funnel_block", tests, NULL, NULL);
}
