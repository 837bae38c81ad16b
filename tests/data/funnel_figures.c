/* Small journeys that products and their issue trackers tell of funnels, with the answers that are
 * told; and funnels of many steps.  They need no data: each journey is a text of touchpoints, one
 * letter each, with times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn.h>

enum { FIGURES_STEPS = 200 };

/* "A0 B10": a graph of one customer. */
static sj_graph *figures_graph(const char *journey)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (char name[] = "A"; name[0] <= 'Z'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
    while (*journey != '\0') {
        const char name[] = {*journey, '\0'};
        char *end;
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = name,
                                .time = strtoll(journey + 1, &end, 10)};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        journey = *end == ' ' ? end + 1 : end;
    }
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    return graph;
}

/* The customer's level; 0 where there is no unit, -1 where the options are not built yet. */
static int figures_level(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_result *list = NULL;
    sj_error error = {0};
    int level = 0;
    if (sj_funnel_list(graph, options, NULL, &list, &error) != SJ_OK) {
        if (strstr(error.message, "not built yet") == NULL)
            fail_msg("%s", error.message);
        return -1;
    }
    const sj_table *table = sj_result_find(list, "levels");
    if (sj_table_rows(table) > 0)
        level = (int)sj_table_integers(table, "level")[0];
    sj_result_free(list);
    return level;
}

/* Asks with steps of one letter each. */
static void figures_check(const char *journey, const char *steps, sj_funnel_options options,
                          int expected)
{
    sj_graph *graph = figures_graph(journey);
    sj_step list[8] = {{0}};
    char conditions[8][2];
    const size_t n = strlen(steps);
    for (size_t k = 0; k < n; k++) {
        conditions[k][0] = steps[k];
        conditions[k][1] = '\0';
        list[k].condition = conditions[k];
    }
    options.struct_size = sizeof options;
    options.steps = list;
    options.n_steps = n;
    options.step_size = sizeof *list;
    const int level = figures_level(graph, &options);
    if (level < 0)
        print_message("# not built yet: %s\n", journey);
    else if (level != expected)
        fail_msg("%s, steps %s: level %d, not %d", journey, steps, level, expected);
    sj_graph_free(graph);
}

static void tie_strict_does_not_lose_attempts(void **state)
{
    (void)state;
    const sj_funnel_options six = {.window = 6, .tie = SJ_TIE_STRICT};
    const sj_funnel_options ten = {.window = 10, .tie = SJ_TIE_STRICT};
    figures_check("A1 A4 B4", "AB", six, 2);
    figures_check("A0 B1 B2 C2", "ABC", ten, 3);
}

static void the_first_entry_reaches_2_and_the_best_attempt_3(void **state)
{
    (void)state;
    const sj_funnel_options first = {.window = 60, .attempt = SJ_ATTEMPT_FIRST};
    const sj_funnel_options best = {.window = 60, .attempt = SJ_ATTEMPT_BEST};
    figures_check("A60 A90 B105 C135", "ABC", first, 2);
    figures_check("A60 A90 B105 C135", "ABC", best, 3);
}

static void a_row_that_matches_both_steps_fills_both_with_reuse_only(void **state)
{
    (void)state;
    const sj_funnel_options reuse = {.window = 50, .reuse = SJ_REUSE_YES};
    const sj_funnel_options once = {.window = 50};
    figures_check("A0", "AA", reuse, 2);
    figures_check("A0", "AA", once, 1);
}

static void a_breach_of_order_ends_the_attempt_or_the_journey(void **state)
{
    (void)state;
    const sj_funnel_options breaks = {.order = SJ_ORDER_ADJACENT, .violation = SJ_VIOLATION_BREAK};
    const sj_funnel_options stops = {.order = SJ_ORDER_ADJACENT, .violation = SJ_VIOLATION_STOP};
    figures_check("A0 X1 A2 B3 C4", "ABC", breaks, 3);
    figures_check("A0 X1 A2 B3 C4", "ABC", stops, 1);
}

static void clickhouse_strict_dedup_stops_at_a_step_that_comes_twice(void **state)
{
    (void)state;
    const sj_funnel_options dedup = {.window = 10, .preset = "clickhouse_strict_dedup"};
    const sj_funnel_options plain = {.window = 10, .preset = "clickhouse"};
    figures_check("A0 B1 A100 B101 C102", "ABC", dedup, 2);
    figures_check("A0 B1 A100 B101 C102", "ABC", plain, 3);
}

static void replays_are_not_optimal(void **state)
{
    const int32_t attempts[] = {SJ_ATTEMPT_BEST, SJ_ATTEMPT_EACH, SJ_ATTEMPT_FIRST};
    const int expected[] = {3, 2, 2};
    sj_graph *graph = figures_graph("A0 B1 B5 C7");
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const sj_step steps[] = {
            {.condition = "A"}, {.condition = "B"}, {.condition = "C", .max_gap = 3}};
        const sj_funnel_options options = {.struct_size = sizeof options,
                                           .steps = steps,
                                           .n_steps = 3,
                                           .step_size = sizeof *steps,
                                           .attempt = attempts[i]};
        const int level = figures_level(graph, &options);
        if (level >= 0)
            assert_int_equal(level, expected[i]);
    }
    sj_graph_free(graph);
}

/* ---- many steps ---- */

/* One customer at touchpoints t0, t1 … in turn, a microsecond each. */
static sj_graph *figures_long_graph(size_t n)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (size_t i = 0; i < n; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "t%zu", i);
        const sj_event event = {
            .struct_size = sizeof event, .customer = "k", .touchpoint = name, .time = (int64_t)i};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    return graph;
}

/* All n steps, and all but the last where the window ends before it. */
static void figures_check_long(size_t n, sj_funnel_options options)
{
    static char names[FIGURES_STEPS][24];
    static sj_step steps[FIGURES_STEPS];
    sj_graph *graph = figures_long_graph(n);
    memset(steps, 0, sizeof steps);
    for (size_t k = 0; k < n; k++) {
        (void)snprintf(names[k], sizeof names[k], "t%zu", k);
        steps[k].condition = names[k];
    }
    options.struct_size = sizeof options;
    options.steps = steps;
    options.n_steps = n;
    options.step_size = sizeof *steps;
    options.window = (int64_t)n - 1;
    const int all = figures_level(graph, &options);
    options.window--;
    const int but_one = figures_level(graph, &options);
    sj_graph_free(graph);
    if (all < 0)
        return;
    assert_int_equal(all, n);
    assert_int_equal(but_one, n - 1);
}

static void there_is_no_cap_on_steps(void **state)
{
    const size_t lengths[] = {33, 64, 65, 100, 200};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int32_t attempt = SJ_ATTEMPT_BEST; attempt <= SJ_ATTEMPT_EACH; attempt++)
            for (int32_t tie = SJ_TIE_ANY; tie <= SJ_TIE_STRICT; tie++) {
                const sj_funnel_options in_order = {.attempt = attempt, .tie = tie};
                const sj_funnel_options adjacent = {
                    .attempt = attempt, .tie = tie, .order = SJ_ORDER_ADJACENT};
                const sj_funnel_options any = {
                    .attempt = attempt, .tie = tie, .order = SJ_ORDER_ANY};
                figures_check_long(lengths[i], in_order);
                figures_check_long(lengths[i], adjacent);
                if (tie != SJ_TIE_STRICT)
                    figures_check_long(lengths[i], any);
            }
}

/* Entries of one customer that all lie in the window: the latest that can, speaks. */
static void a_storm_of_entries_has_one_answer(void **state)
{
    enum { STORM = 100000 };
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_result *list = NULL;
    (void)state;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (int i = 0; i <= STORM; i++) {
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = i < STORM ? "A" : "B",
                                .time = i};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    const sj_step steps[] = {{.condition = "A"}, {.condition = "B"}};
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = 2,
                                       .step_size = sizeof *steps,
                                       .window = 2 * STORM};
    assert_int_equal(sj_funnel_list(graph, &options, NULL, &list, NULL), SJ_OK);
    const int64_t *times = sj_table_integers(sj_result_find(list, "levels"), "times");
    assert_int_equal(times[0], STORM - 1);
    assert_int_equal(times[1], STORM);
    sj_result_free(list);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tie_strict_does_not_lose_attempts),
        cmocka_unit_test(the_first_entry_reaches_2_and_the_best_attempt_3),
        cmocka_unit_test(a_row_that_matches_both_steps_fills_both_with_reuse_only),
        cmocka_unit_test(a_breach_of_order_ends_the_attempt_or_the_journey),
        cmocka_unit_test(clickhouse_strict_dedup_stops_at_a_step_that_comes_twice),
        cmocka_unit_test(replays_are_not_optimal),
        cmocka_unit_test(there_is_no_cap_on_steps),
        cmocka_unit_test(a_storm_of_entries_has_one_answer),
    };
    return cmocka_run_group_tests_name("funnel_figures", tests, NULL, NULL);
}
