/* Transitions on journeys small enough to work by hand: tables, rules, refusals, tally texts,
 * pictures.
 *
 * Journeys are written "key: A0 B5=2.5; key: …": touchpoint (one letter), time in seconds, value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/transition.h"
#include "unit/near.h"

static sj_builder *transition_builder(void)
{
    sj_builder *builder = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    return builder;
}

static sj_graph *transition_finish(sj_builder *builder)
{
    sj_graph *graph = NULL;
    sj_error error = {0};
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return graph;
}

static void transition_event(sj_builder *builder, const char *customer, const char *touchpoint,
                             int64_t time, const char *channel, const double *value)
{
    const sj_event event = {.struct_size = sizeof event,
                            .customer = customer,
                            .touchpoint = touchpoint,
                            .time = time,
                            .channel = channel,
                            .value = value};
    assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
}

static void transition_add(sj_builder *builder, const char *journeys)
{
    while (*journeys != '\0') {
        char key[32] = {0};
        const size_t n = strcspn(journeys, ":");
        memcpy(key, journeys, n);
        journeys += n + 1;
        while (*journeys == ' ') {
            char *end;
            const char name[2] = {journeys[1], 0};
            const int64_t time = strtoll(journeys + 2, &end, 10) * SJ_SECOND;
            const int has_value = *end == '=';
            const double value = has_value ? strtod(end + 1, &end) : 0;
            transition_event(builder, key, name, time, NULL, has_value ? &value : NULL);
            journeys = end;
        }
        journeys += strspn(journeys, "; ");
    }
}

static sj_graph *transition_graph(const char *journeys)
{
    sj_builder *builder = transition_builder();
    transition_add(builder, journeys);
    return transition_finish(builder);
}

#define TRANSITION_OPTIONS(...)                                                                    \
    &(const sj_transition_options)                                                                 \
    {                                                                                              \
        .struct_size = sizeof(sj_transition_options), __VA_ARGS__                                  \
    }

static sj_result *transition_compute(const sj_graph *graph, const sj_transition_options *options)
{
    sj_result *result = NULL;
    sj_error error = {0};
    if (sj_transition_compute(graph, options, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    return result;
}

static sj_tally *transition_tally(const sj_graph *graph, const sj_transition_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    if (sj_transition_plan(graph, options, &plan, &error) != SJ_OK ||
        sj_scan(&plan, 1, NULL, &tally, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_plan_free(plan);
    return tally;
}

/* "A>B 2/1 A>(end) 1/1 …": transitions with count and customers, in order. */
static const char *transition_rows(const sj_result *result)
{
    static char text[2048];
    const sj_table *table = sj_result_find(result, "transitions");
    size_t n = 0;
    text[0] = '\0';
    for (size_t row = 0; row < sj_table_rows(table); row++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s>%s %lld/%lld", row ? " " : "",
                              sj_table_text(table, "from", row), sj_table_text(table, "to", row),
                              (long long)sj_table_integers(table, "count")[row],
                              (long long)sj_table_integers(table, "customers")[row]);
    return text;
}

static size_t transition_row(const sj_table *table, const char *from, const char *to)
{
    for (size_t row = 0; row < sj_table_rows(table); row++)
        if (strcmp(sj_table_text(table, "from", row), from) == 0 &&
            strcmp(sj_table_text(table, "to", row), to) == 0)
            return row;
    fail_msg("no row %s > %s", from, to);
    return 0;
}

static double transition_real(const sj_result *result, const char *table, size_t row,
                              const char *column)
{
    return sj_table_reals(sj_result_find(result, table), column)[row];
}

static int transition_has(const sj_table *table, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[row / 8] >> (row % 8) & 1) != 0;
}

/* A column of whole numbers of a table, as text. */
static const char *transition_column(const sj_result *result, const char *table, const char *column)
{
    static char text[256];
    const sj_table *t = sj_result_find(result, table);
    size_t n = 0;
    text[0] = '\0';
    assert_non_null(t);
    for (size_t row = 0; row < sj_table_rows(t); row++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld", row ? " " : "",
                              (long long)sj_table_integers(t, column)[row]);
    return text;
}

static const char *transition_note(const sj_result *result, const char *name)
{
    const sj_table *notes = sj_result_find(result, "notes");
    for (size_t row = 0; row < sj_table_rows(notes); row++)
        if (strcmp(sj_table_text(notes, "name", row), name) == 0)
            return sj_table_text(notes, "text", row);
    return "";
}

/* ---- directly ---- */

/* u: A B A A C, v: A C.  A: 4 events, 3 visits; u comes back to it once and stays once. */
#define TRANSITION_TWO "u: A0 B10 A30 A60=2.5 C100; v: A0 C20=4"

static void every_pair_of_neighbours_is_a_transition(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    sj_result *result = transition_compute(graph, NULL);
    const sj_table *table = sj_result_find(result, "transitions");
    (void)state;
    assert_ptr_equal(sj_result_at(result, 0), table);
    assert_string_equal(transition_rows(result),
                        "(start)>A 2/2 A>C 2/2 C>(end) 2/2 A>A 1/1 A>B 1/1 "
                        "B>A 1/1");
    const size_t ac = transition_row(table, "A", "C"), aa = transition_row(table, "A", "A");
    assert_near(transition_real(result, "transitions", ac, "share_out"), 0.5, 1e-15);
    assert_near(transition_real(result, "transitions", ac, "share_in"), 1, 0);
    assert_near(transition_real(result, "transitions", aa, "share_in"), 0.25, 1e-15);
    assert_near(transition_real(result, "transitions", ac, "dwell_mean"), 30e6, 1e-15);
    assert_near(transition_real(result, "transitions", ac, "dwell_p50"), 20e6, 1.0 / 128);
    assert_near(transition_real(result, "transitions", ac, "dwell_p90"), 40e6, 1.0 / 128);
    assert_near(transition_real(result, "transitions", ac, "value"), 4, 1e-15);
    assert_near(transition_real(result, "transitions", aa, "value"), 2.5, 1e-15);
    assert_false(transition_has(table, "dwell_mean", transition_row(table, "(start)", "A")));
    assert_false(transition_has(table, "value", transition_row(table, "C", "(end)")));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void touchpoints_have_events_visits_loops_and_repetitions(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    sj_result *result = transition_compute(graph, NULL);
    (void)state;
    assert_string_equal(transition_column(result, "touchpoints", "events"), "4 2 1");
    assert_string_equal(transition_column(result, "touchpoints", "visits"), "3 2 1");
    assert_string_equal(transition_column(result, "touchpoints", "customers"), "2 2 1");
    assert_string_equal(transition_column(result, "touchpoints", "entries"), "2 0 0");
    assert_string_equal(transition_column(result, "touchpoints", "exits"), "0 2 0");
    assert_string_equal(transition_column(result, "touchpoints", "self_loops"), "1 0 0");
    assert_string_equal(transition_column(result, "touchpoints", "repetitions"), "1 0 0");
    /* A is left after 10, 30, 40 and 20 seconds. */
    assert_near(transition_real(result, "touchpoints", 0, "dwell_mean"), 25e6, 1e-15);
    assert_near(transition_real(result, "touchpoints", 0, "dwell_p50"), 20e6, 1.0 / 128);
    assert_null(sj_result_find(result, "stages"));
    assert_null(sj_result_find(result, "micro_conversions"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_pause_above_the_gap_ends_a_walk(void **state)
{
    sj_graph *graph = transition_graph("u: A0 B10 A21 A31 B31");
    sj_result *result =
        transition_compute(graph, TRANSITION_OPTIONS(.session_gap = 10 * SJ_SECOND));
    (void)state;
    /* A B | A A B: 10 seconds are not above the gap. */
    assert_string_equal(transition_rows(result), "(start)>A 2/1 A>B 2/1 B>(end) 2/1 A>A 1/1");
    assert_string_equal(transition_column(result, "touchpoints", "repetitions"), "0 0");
    assert_string_equal(transition_column(result, "touchpoints", "visits"), "2 2");
    assert_string_equal(transition_note(result, "session_gap"), "10 s");
    sj_result_free(result);
    result = transition_compute(graph, TRANSITION_OPTIONS(.session_gap = SJ_INSTANT));
    assert_string_equal(transition_rows(result),
                        "(start)>A 3/1 A>(end) 2/1 B>(end) 2/1 (start)>B 1/1 A>B 1/1");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void collapsed_repeats_are_one_visit(void **state)
{
    sj_graph *graph = transition_graph("u: A0=1 A10=2 B15 B20=3 A40");
    sj_result *result = transition_compute(graph, TRANSITION_OPTIONS(.collapse = 1));
    const sj_table *table = sj_result_find(result, "transitions");
    (void)state;
    assert_string_equal(transition_rows(result), "(start)>A 1/1 A>(end) 1/1 A>B 1/1 B>A 1/1");
    /* from the start of one visit to the start of the next; all values of a visit */
    const size_t ab = transition_row(table, "A", "B"), ba = transition_row(table, "B", "A");
    const size_t start = transition_row(table, "(start)", "A");
    assert_near(transition_real(result, "transitions", ab, "dwell_mean"), 15e6, 1e-15);
    assert_near(transition_real(result, "transitions", ba, "dwell_mean"), 25e6, 1e-15);
    assert_near(transition_real(result, "transitions", ab, "value"), 3, 1e-15);
    assert_near(transition_real(result, "transitions", start, "value"), 3, 1e-15);
    assert_string_equal(transition_column(result, "touchpoints", "events"), "3 2");
    assert_string_equal(transition_column(result, "touchpoints", "self_loops"), "1 1");
    assert_string_equal(transition_note(result, "units"), "visits");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void later_events_are_not_seen(void **state)
{
    const int64_t as_of = 20 * SJ_SECOND;
    sj_graph *graph = transition_graph("u: A0 B20 C21; v: C30");
    sj_result *result = transition_compute(graph, TRANSITION_OPTIONS(.as_of = &as_of));
    (void)state;
    assert_string_equal(transition_rows(result), "(start)>A 1/1 A>B 1/1 B>(end) 1/1");
    assert_string_equal(transition_note(result, "as_of"), "1970-01-01T00:00:20.000000Z");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void figures_that_are_not_asked_for_are_absent(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    sj_result *result = transition_compute(graph, TRANSITION_OPTIONS(.figures = SJ_FIGURE_COUNTS));
    const sj_table *table = sj_result_find(result, "transitions");
    (void)state;
    const size_t ac = transition_row(table, "A", "C");
    assert_near(transition_real(result, "transitions", ac, "dwell_mean"), 30e6, 1e-15);
    assert_false(transition_has(table, "dwell_p50", ac));
    assert_false(transition_has(table, "value", ac));
    assert_false(transition_has(sj_result_find(result, "touchpoints"), "dwell_p50", 0));
    assert_true(transition_has(sj_result_find(result, "touchpoints"), "dwell_mean", 0));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void an_empty_graph_has_empty_tables(void **state)
{
    sj_graph *graph = transition_finish(transition_builder());
    sj_result *result = transition_compute(graph, NULL);
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(result, "transitions")), 0);
    assert_int_equal(sj_table_rows(sj_result_find(result, "touchpoints")), 0);
    assert_string_equal(transition_note(result, "as_of"), "none: nothing was observed");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void extreme_times_do_not_overflow(void **state)
{
    sj_builder *builder = transition_builder();
    (void)state;
    transition_event(builder, "u", "A", INT64_MIN, NULL, NULL);
    transition_event(builder, "u", "B", INT64_MAX, NULL, NULL);
    sj_graph *graph = transition_finish(builder);
    sj_result *result = transition_compute(graph, NULL);
    const size_t ab = transition_row(sj_result_find(result, "transitions"), "A", "B");
    assert_near(transition_real(result, "transitions", ab, "dwell_mean"), 18446744073709551615.0,
                1e-15);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- stages, channels, micro-conversions ---- */

static sj_graph *transition_staged(void)
{
    static const char map[] = "stage one: A\nstage two: B\nstage three: C\n"
                              "channel web: A, B\n"
                              "micro-conversion got = touchpoint = 'C' worth 5\n"
                              "micro-conversion paid = value > 0\n";
    sj_builder *builder = transition_builder();
    assert_int_equal(sj_builder_add_map(builder, map, sizeof map - 1, NULL), SJ_OK);
    /* u: one, (x has no stage), one, three, two; v: two, one */
    transition_add(builder, "u: A0 X1 A2 C5=3 C9; v: B0 A1=2 C2");
    return transition_finish(builder);
}

static void stages_flow_past_touchpoints_without_one(void **state)
{
    sj_graph *graph = transition_staged();
    sj_result *result = transition_compute(graph, NULL);
    const sj_table *stages = sj_result_find(result, "stages");
    (void)state;
    assert_int_equal(sj_table_rows(stages), 4);
    const size_t skip = transition_row(stages, "one", "three");
    assert_string_equal(sj_table_text(stages, "kind", skip), "skip");
    assert_int_equal(sj_table_integers(stages, "count")[skip], 2);
    assert_int_equal(sj_table_integers(stages, "customers")[skip], 2);
    assert_string_equal(sj_table_text(stages, "kind", transition_row(stages, "one", "one")),
                        "stay");
    assert_string_equal(sj_table_text(stages, "kind", transition_row(stages, "three", "three")),
                        "stay");
    assert_string_equal(sj_table_text(stages, "kind", transition_row(stages, "two", "one")),
                        "backward");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void between_stages_others_are_left_out(void **state)
{
    sj_graph *graph = transition_staged();
    sj_result *result = transition_compute(graph, TRANSITION_OPTIONS(.between = SJ_BETWEEN_STAGES));
    (void)state;
    assert_string_equal(transition_rows(result),
                        "one>three 2/2 three>(end) 2/2 (start)>one 1/1 (start)>two 1/1 one>one 1/1 "
                        "three>three 1/1 two>one 1/1");
    assert_null(sj_result_find(result, "touchpoints"));
    assert_string_equal(transition_column(result, "nodes", "events"), "3 3 1");
    const size_t stay = transition_row(sj_result_find(result, "transitions"), "one", "one");
    assert_near(transition_real(result, "transitions", stay, "dwell_mean"), 2e6, 1e-15);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void between_channels_there_is_none(void **state)
{
    sj_graph *graph = transition_staged();
    sj_result *result =
        transition_compute(graph, TRANSITION_OPTIONS(.between = SJ_BETWEEN_CHANNELS));
    (void)state;
    /* u: web none web none none; v: web web none */
    assert_string_equal(transition_rows(result),
                        "web>(none) 3/2 (none)>(end) 2/2 (start)>web 2/2 (none)>(none) 1/1 "
                        "(none)>web 1/1 web>web 1/1");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void micro_conversions_are_reached_first_and_again(void **state)
{
    sj_graph *graph = transition_staged();
    sj_result *result = transition_compute(graph, NULL);
    const sj_table *table = sj_result_find(result, "micro_conversions");
    (void)state;
    assert_string_equal(sj_table_text(table, "name", 0), "got");
    assert_string_equal(transition_column(result, "micro_conversions", "reached"), "3 2");
    assert_string_equal(transition_column(result, "micro_conversions", "first"), "2 2");
    assert_string_equal(transition_column(result, "micro_conversions", "repeated"), "1 0");
    assert_string_equal(transition_column(result, "micro_conversions", "customers"), "2 2");
    assert_near(transition_real(result, "micro_conversions", 0, "value"), 15, 1e-15);
    assert_near(transition_real(result, "micro_conversions", 1, "value"), 5, 1e-15);
    assert_near(transition_real(result, "micro_conversions", 0, "time_mean"), 3.5e6, 1e-15);
    assert_near(transition_real(result, "micro_conversions", 0, "time_p50"), 2e6, 1.0 / 128);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void names_that_could_be_ours_are_quoted(void **state)
{
    sj_builder *builder = transition_builder();
    (void)state;
    transition_event(builder, "u", "(end)", 0, NULL, NULL);
    transition_event(builder, "u", "a > b", 1, NULL, NULL);
    transition_event(builder, "u", "'x", 2, NULL, NULL);
    sj_graph *graph = transition_finish(builder);
    sj_result *result = transition_compute(graph, NULL);
    assert_string_equal(transition_rows(result),
                        "'''x'>(end) 1/1 '(end)'>'a > b' 1/1 (start)>'(end)' 1/1 "
                        "'a > b'>'''x' 1/1");
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- eventually ---- */

static void eventually_counts_each_event_once(void **state)
{
    sj_graph *graph = transition_graph("u: A0 A10 B20 B30 A40; v: B0 A10");
    sj_result *result = transition_compute(graph, TRANSITION_OPTIONS(.eventually = 1));
    const sj_table *table = sj_result_find(result, "transitions");
    (void)state;
    /* u: both first A have a B behind them and an A too; both B an A, the first a B. */
    assert_string_equal(transition_rows(result), "B>A 3/2 A>A 2/1 A>B 2/1 B>B 1/1");
    assert_near(transition_real(result, "transitions", 0, "share_out"), 1, 0);
    assert_near(transition_real(result, "transitions", 1, "share_out"), 0.5, 1e-15);
    assert_false(transition_has(table, "share_in", 0));
    assert_false(transition_has(table, "dwell_mean", 0));
    assert_string_equal(transition_column(result, "touchpoints", "entries"), "1 1");
    assert_non_null(strstr(transition_note(result, "horizon"), "none is open"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void eventually_ends_with_the_leg(void **state)
{
    sj_graph *graph = transition_graph("u: A0 B10 A20 C25 B100; v: A95 B96");
    sj_result *result = transition_compute(
        graph, TRANSITION_OPTIONS(.eventually = 1, .conversion = "touchpoint='B' and not value > 1",
                                  .horizon = 20 * SJ_SECOND));
    (void)state;
    /* u: A B | A C | B (open); v: A B (open: less than 20 s before the end) */
    assert_string_equal(transition_rows(result), "A>B 1/1 A>C 1/1");
    assert_near(transition_real(result, "transitions", 0, "share_out"), 0.5, 1e-15);
    assert_string_equal(
        transition_note(result, "open"),
        "2 legs began less than the horizon before as_of and are not counted; 2 are");
    assert_string_equal(transition_note(result, "horizon"), "20 s");
    assert_string_equal(transition_note(result, "conversion"),
                        "touchpoint = 'B' and not value > 1");
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- comparisons ---- */

/* n customers who go from A to `to`. */
static void transition_many(sj_builder *builder, const char *prefix, int n, const char *to)
{
    for (int i = 0; i < n; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "%s%d", prefix, i);
        transition_event(builder, key, "A", 0, NULL, NULL);
        transition_event(builder, key, to, 1, NULL, NULL);
    }
}

static sj_tally *transition_group(int b, int c, int d)
{
    sj_builder *builder = transition_builder();
    transition_many(builder, "b", b, "B");
    transition_many(builder, "c", c, "C");
    transition_many(builder, "d", d, "D");
    sj_graph *graph = transition_finish(builder);
    sj_tally *tally = transition_tally(graph, NULL);
    sj_graph_free(graph);
    return tally;
}

static void two_groups_are_compared_transition_by_transition(void **state)
{
    /* Newcombe's example: 56 of 70 against 48 of 80; D is only in the baseline. */
    sj_tally *here = transition_group(56, 14, 0), *there = transition_group(48, 30, 2);
    sj_result *result = NULL;
    sj_error error = {0};
    (void)state;
    if (sj_transition_conclude(here, TRANSITION_OPTIONS(.baseline = there), &result, &error) !=
        SJ_OK)
        fail_msg("%s", error.message);
    const sj_table *table = sj_result_find(result, "compare");
    assert_int_equal(sj_table_rows(table), 7); /* a start, three ways, three ends */
    const size_t ab = transition_row(table, "A", "B"), ad = transition_row(table, "A", "D");
    assert_near(sj_table_reals(table, "difference")[ab], 0.2, 1e-12);
    assert_near(sj_table_reals(table, "low")[ab], 0.052431, 1e-4);
    assert_near(sj_table_reals(table, "high")[ab], 0.333873, 1e-4);
    assert_near(sj_table_reals(table, "difference")[ad], -0.025, 1e-12);
    assert_true(ad > ab);
    /* Three ways out of A are tested; the start and the ends are certain, so that there is nothing
     * to test. */
    assert_false(transition_has(table, "q", transition_row(table, "(start)", "A")));
    const double *p = sj_table_reals(table, "p"), *q = sj_table_reals(table, "q");
    const size_t ac = transition_row(table, "A", "C");
    assert_true(p[ab] < p[ac] && p[ac] < p[ad]);
    assert_near(q[ad], p[ad], 1e-12);
    assert_near(q[ac], p[ac] * 3 / 2, 1e-12);
    assert_near(q[ab], p[ab] * 3 < q[ac] ? p[ab] * 3 : q[ac], 1e-12);
    sj_result_free(result);
    sj_tally_free(here);
    sj_tally_free(there);
}

static void groups_of_other_questions_are_refused(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    sj_tally *here = transition_tally(graph, NULL);
    sj_tally *other = transition_tally(graph, TRANSITION_OPTIONS(.collapse = 1));
    sj_result *result = NULL;
    sj_error error = {0};
    (void)state;
    assert_int_equal(
        sj_transition_conclude(here, TRANSITION_OPTIONS(.baseline = other), &result, &error),
        SJ_ERR_MISMATCH);
    assert_null(result);
    sj_tally_free(here);
    sj_tally_free(other);
    sj_graph_free(graph);
}

/* ---- options and tallies ---- */

static void transition_refused(const sj_graph *graph, const sj_transition_options *options,
                               sj_status status, const char *message)
{
    sj_plan *plan = NULL;
    sj_error error = {0};
    assert_int_equal(sj_transition_plan(graph, options, &plan, &error), status);
    assert_null(plan);
    if (strstr(error.message, message) == NULL)
        fail_msg("%s", error.message);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    (void)state;
    transition_refused(graph, TRANSITION_OPTIONS(.figures = SJ_FIGURE_REASONS), SJ_ERR_OPTIONS,
                       "reasons");
    transition_refused(graph, TRANSITION_OPTIONS(.figures = SJ_FIGURE_COUNTS | SJ_FIGURE_TIMES),
                       SJ_ERR_OPTIONS, "counts");
    transition_refused(graph, TRANSITION_OPTIONS(.conversion = "A"), SJ_ERR_OPTIONS,
                       "conversion has no effect");
    transition_refused(graph, TRANSITION_OPTIONS(.horizon = SJ_DAY), SJ_ERR_OPTIONS,
                       "horizon has no effect");
    transition_refused(graph, TRANSITION_OPTIONS(.key = "channel"), SJ_ERR_OPTIONS,
                       "key: not built yet");
    transition_refused(graph, TRANSITION_OPTIONS(.between = SJ_BETWEEN_STAGES), SJ_ERR_OPTIONS,
                       "stages");
    transition_refused(graph, TRANSITION_OPTIONS(.between = 4), SJ_ERR_OPTIONS, "between");
    transition_refused(graph, TRANSITION_OPTIONS(.session_gap = -5), SJ_ERR_OPTIONS, "session_gap");
    transition_refused(graph, TRANSITION_OPTIONS(.eventually = 1, .conversion = "D"), SJ_ERR_NAME,
                       "conversion: ");
    transition_refused(NULL, NULL, SJ_ERR_ARGUMENT, "graph");
    assert_int_equal(sj_transition_plan(graph, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_transition_compute(graph, NULL, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_transition_conclude(NULL, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    sj_graph_free(graph);
}

static void neutral_options_leave_no_line(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    sj_tally *plain = transition_tally(graph, NULL);
    sj_tally *same = transition_tally(
        graph, TRANSITION_OPTIONS(.between = SJ_BETWEEN_TOUCHPOINTS, .session_gap = SJ_UNLIMITED,
                                  .figures = SJ_FIGURE_TIMES | SJ_FIGURE_VALUES));
    sj_tally *other = transition_tally(
        graph, TRANSITION_OPTIONS(.eventually = 7, .collapse = -1, .conversion = "  B "));
    (void)state;
    assert_string_equal(sj_tally_text(plain),
                        "analysis transition 1\nobserved_from 1970-01-01T00:00:00.000000Z\n"
                        "observed_until 1970-01-01T00:01:40.000000Z\n"
                        "as_of 1970-01-01T00:01:40.000000Z\n");
    assert_string_equal(sj_tally_text(same), sj_tally_text(plain));
    assert_non_null(strstr(sj_tally_text(other), "conversion touchpoint = 'B'\n"));
    assert_non_null(strstr(sj_tally_text(other), "collapse 1\neventually 1\n"));
    assert_non_null(strstr(sj_tally_text(other), "horizon 9223372036854775807\n"));
    sj_tally_free(plain);
    sj_tally_free(same);
    sj_tally_free(other);
    sj_graph_free(graph);
}

static void a_tally_that_does_not_balance_is_damaged(void **state)
{
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    sj_tally *tally = transition_tally(graph, NULL);
    sj_result *result = NULL;
    (void)state;
    tally->ledgers[SJ__TRANSITION_EDGES].counts[0]++;
    assert_int_equal(sj_transition_conclude(tally, NULL, &result, NULL), SJ_ERR_FORMAT);
    assert_null(result);
    tally->ledgers[SJ__TRANSITION_EDGES].counts[0] -= 4;
    assert_int_equal(sj_transition_conclude(tally, NULL, &result, NULL), SJ_ERR_NEGATIVE);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void few_nodes_go_by_the_packed_arrays_and_many_by_hash(void **state)
{
    sj_builder *builder = transition_builder();
    sj_plan *plan = NULL;
    (void)state;
    sj_graph *graph = transition_graph(TRANSITION_TWO);
    assert_int_equal(sj_transition_plan(graph, NULL, &plan, NULL), SJ_OK);
    assert_string_equal(sj_plan_text(plan), "packed arrays, pair by pair; a matrix of counts");
    sj_plan_free(plan);
    sj_graph_free(graph);
    for (int i = 0; i < 2000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%d", i % 1000);
        transition_event(builder, "u", name, i, NULL, NULL);
    }
    graph = transition_finish(builder);
    assert_int_equal(sj_transition_plan(graph, NULL, &plan, NULL), SJ_OK);
    assert_string_equal(sj_plan_text(plan), "decoded journeys; a hash table of counts");
    sj_plan_free(plan);
    sj_result *result = transition_compute(graph, NULL);
    const sj_table *table = sj_result_find(result, "transitions");
    assert_int_equal(sj_table_rows(table), 1002); /* 1,000 in the round, start and end */
    assert_int_equal(sj_table_integers(table, "count")[0], 2);
    assert_string_equal(sj_table_text(table, "from", 0), "t0");
    sj_result_free(result);
    sj_graph_free(graph);
}

/* More times at one transition than a list holds, so that they are counted in blocks: the mean
 * stays exact. */
static void many_times_keep_their_mean_and_quantiles(void **state)
{
    sj_builder *builder = transition_builder();
    int64_t time = 0, sum = 0;
    (void)state;
    for (int64_t i = 0; i <= 10000; i++) {
        transition_event(builder, "u", "A", time, NULL, NULL);
        sum += i < 10000 ? (i * 7919) % 10000 * 1000003 : 0;
        time += (i * 7919) % 10000 * 1000003;
    }
    sj_graph *graph = transition_finish(builder);
    sj_result *result = transition_compute(graph, NULL);
    const size_t aa = transition_row(sj_result_find(result, "transitions"), "A", "A");
    assert_near(transition_real(result, "transitions", aa, "dwell_mean"), (double)sum / 10000,
                1e-15);
    assert_near(transition_real(result, "transitions", aa, "dwell_p50"), 4999.0 * 1000003,
                1.0 / 128);
    assert_near(transition_real(result, "transitions", aa, "dwell_p90"), 8999.0 * 1000003,
                1.0 / 128);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* Several lists of times are full, in every thread: what they come to is the same. */
static void threads_change_nothing_where_times_are_many(void **state)
{
    const sj_run run = {.struct_size = sizeof run, .threads = 3};
    sj_builder *builder = transition_builder();
    sj_buffer *bytes[2] = {NULL, NULL};
    (void)state;
    for (int64_t customer = 0; customer < 6; customer++) {
        char key[16];
        (void)snprintf(key, sizeof key, "u%d", (int)customer);
        for (int64_t i = 0, time = 0; i < 3000; i++, time += i * 7919 % 10000 * (customer + 3))
            transition_event(builder, key, "A", time, NULL, NULL);
    }
    sj_graph *graph = transition_finish(builder);
    for (size_t way = 0; way < 2; way++) {
        sj_plan *plan = NULL;
        sj_tally *tally = NULL;
        assert_int_equal(sj_transition_plan(graph, NULL, &plan, NULL), SJ_OK);
        assert_int_equal(sj_scan(&plan, 1, way ? &run : NULL, &tally, NULL), SJ_OK);
        assert_int_equal(sj_tally_write(tally, &bytes[way], NULL), SJ_OK);
        sj_tally_free(tally);
        sj_plan_free(plan);
    }
    assert_int_equal(sj_buffer_size(bytes[0]), sj_buffer_size(bytes[1]));
    assert_memory_equal(sj_buffer_data(bytes[0]), sj_buffer_data(bytes[1]),
                        sj_buffer_size(bytes[0]));
    sj_buffer_free(bytes[0]);
    sj_buffer_free(bytes[1]);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_neighbours_is_a_transition),
        cmocka_unit_test(touchpoints_have_events_visits_loops_and_repetitions),
        cmocka_unit_test(a_pause_above_the_gap_ends_a_walk),
        cmocka_unit_test(collapsed_repeats_are_one_visit),
        cmocka_unit_test(later_events_are_not_seen),
        cmocka_unit_test(figures_that_are_not_asked_for_are_absent),
        cmocka_unit_test(an_empty_graph_has_empty_tables),
        cmocka_unit_test(extreme_times_do_not_overflow),
        cmocka_unit_test(stages_flow_past_touchpoints_without_one),
        cmocka_unit_test(between_stages_others_are_left_out),
        cmocka_unit_test(between_channels_there_is_none),
        cmocka_unit_test(micro_conversions_are_reached_first_and_again),
        cmocka_unit_test(names_that_could_be_ours_are_quoted),
        cmocka_unit_test(eventually_counts_each_event_once),
        cmocka_unit_test(eventually_ends_with_the_leg),
        cmocka_unit_test(two_groups_are_compared_transition_by_transition),
        cmocka_unit_test(groups_of_other_questions_are_refused),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(neutral_options_leave_no_line),
        cmocka_unit_test(a_tally_that_does_not_balance_is_damaged),
        cmocka_unit_test(few_nodes_go_by_the_packed_arrays_and_many_by_hash),
        cmocka_unit_test(many_times_keep_their_mean_and_quantiles),
        cmocka_unit_test(threads_change_nothing_where_times_are_many),
    };
    return cmocka_run_group_tests_name("transition", tests, NULL, NULL);
}
