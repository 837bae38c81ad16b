/* Sequence patterns on journeys small enough to work by hand: lists, figures, sessions, refusals,
 * tally texts.
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

#include <sojourn/funnel.h>

#include "analysis/match.h"
#include "unit/failing.h"
#include "unit/near.h"

static sj_graph *match_graph(const char *journeys, const sj_allocator *allocator)
{
    const sj_builder_options options = {.struct_size = sizeof options, .allocator = allocator};
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};
    assert_int_equal(sj_builder_new(&options, &builder, NULL), SJ_OK);
    for (char name[2] = "A"; name[0] <= 'E'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
    while (*journeys != '\0') {
        char key[32] = {0};
        const size_t n = strcspn(journeys, ":");
        memcpy(key, journeys, n);
        journeys += n + 1;
        while (*journeys == ' ') {
            char *end;
            const char name[2] = {journeys[1], 0};
            double value;
            sj_event event = {.struct_size = sizeof event, .customer = key, .touchpoint = name};
            event.time = strtoll(journeys + 2, &end, 10) * SJ_SECOND;
            if (*end == '=') {
                value = strtod(end + 1, &end);
                event.value = &value;
            }
            journeys = end;
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
        journeys += strspn(journeys, "; ");
    }
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return graph;
}

static const char *const match_letters[] = {"A", "B", "C"};

static sj_match_options match_ask(const char *pattern)
{
    return (sj_match_options){.struct_size = sizeof(sj_match_options),
                              .pattern = pattern,
                              .conditions = match_letters,
                              .n_conditions = 3};
}

/* "u 1/2 0@0 1@10" a row: customer, match / count, events at times in seconds. */
static const char *match_rows(const sj_graph *graph, const sj_match_options *options)
{
    static char text[2048];
    size_t used = 0;
    sj_result *list = NULL;
    sj_error error = {0};
    if (sj_match_list(graph, options, NULL, &list, &error) != SJ_OK)
        fail_msg("%s", error.message);
    const sj_table *table = sj_result_find(list, "matches");
    const int64_t *match = sj_table_integers(table, "match");
    const int64_t *count = sj_table_integers(table, "count");
    const int64_t *offsets = sj_table_offsets(table, "times");
    text[0] = '\0';
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", row ? "; " : "",
                                 sj_table_text(table, "customer", row));
        if (match != NULL)
            used += (size_t)snprintf(text + used, sizeof text - used, " %d/", (int)match[row]);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", match ? "" : " ",
                                 (int)count[row]);
        for (int64_t i = offsets ? offsets[row] : 0; offsets && i < offsets[row + 1]; i++)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, " %d@%g",
                                 (int)sj_table_integers(table, "events")[i],
                                 (double)sj_table_integers(table, "times")[i] / (double)SJ_SECOND);
    }
    sj_result_free(list);
    return text;
}

static const char *match_found(const char *journeys, const sj_match_options *options)
{
    sj_graph *graph = match_graph(journeys, NULL);
    const char *rows = match_rows(graph, options);
    sj_graph_free(graph);
    return rows;
}

static const char *match_of(const char *journeys, const char *pattern, int32_t find)
{
    sj_match_options options = match_ask(pattern);
    options.find = find;
    return match_found(journeys, &options);
}

/* ---- the list ---- */

static void a_row_says_whose_which_when_and_by_which_events(void **state)
{
    (void)state;
    assert_string_equal(match_of("u: A0 D3 B10", "(?1).*(?2)", 0), "u 1/1 0@0 2@10");
    assert_string_equal(match_of("u: D0 A1 B2 C3", "(?1)[2|3].", 0), "u 1/1 1@1 2@2");
    assert_string_equal(match_of("u: B0 A1", "(?1).*(?2)", 0), "");
    assert_string_equal(match_of("(u: A0", "(?1)", 0), "'(u' 1/1 0@0");
    assert_string_equal(match_of("u: A0", ".", 0), "u 1/1");
    assert_string_equal(match_of("", "(?1)", 0), "");
}

static void first_last_all_and_count(void **state)
{
    const char *journey = "u: A0 B10 A20 B25 A40 B90; v: B0";
    const char *pattern = "(?1)(?t<=15)(?2)";
    (void)state;
    assert_string_equal(match_of(journey, pattern, SJ_MATCH_FIRST), "u 1/1 0@0 1@10");
    assert_string_equal(match_of(journey, pattern, SJ_MATCH_LAST), "u 1/1 2@20 3@25");
    assert_string_equal(match_of(journey, pattern, SJ_MATCH_ALL),
                        "u 1/2 0@0 1@10; u 2/2 2@20 3@25");
    assert_string_equal(match_of(journey, pattern, SJ_MATCH_COUNT), "u 2");
}

static void events_that_are_in_no_condition_break_adjacency_unless_told_otherwise(void **state)
{
    sj_match_options options = match_ask("(?1)(?2)");
    (void)state;
    assert_string_equal(match_found("u: A0 D1 B2", &options), "");
    options.only_matching = 1;
    assert_string_equal(match_found("u: A0 D1 B2", &options), "u 1/1 0@0 2@2");
    assert_string_equal(match_found("u: A0 C1 B2", &options), ""); /* (?3) is a condition too */
    options.n_conditions = 2;
    assert_string_equal(match_found("u: A0 C1 B2", &options), "u 1/1 0@0 2@2");
}

static void no_match_reaches_over_a_longer_pause(void **state)
{
    sj_match_options options = match_ask("(?1).*(?2)");
    options.session_gap = 10 * SJ_SECOND;
    (void)state;
    assert_string_equal(match_found("u: A0 D10 B20", &options), "u 1/1 0@0 2@20");
    assert_string_equal(match_found("u: A0 D10 B21", &options), "");
    assert_string_equal(match_found("u: A0 D11 A12 B13", &options), "u 1/1 2@12 3@13");
    options.find = SJ_MATCH_LAST;
    assert_string_equal(match_found("u: A0 A1 B2 A30 D31", &options), "u 1/1 1@1 2@2");
    options.find = SJ_MATCH_ALL;
    assert_string_equal(match_found("u: A0 B1 A30 B31 A60", &options),
                        "u 1/2 0@0 1@1; u 2/2 2@30 3@31");
    options.session_gap = SJ_INSTANT;
    assert_string_equal(match_found("u: A0 B1 A2 B2", &options), "u 1/1 2@2 3@2");
    options.session_gap = SJ_UNLIMITED;
    assert_string_equal(match_found("u: A0 B100000", &options), "u 1/1 0@0 1@100000");
}

/* Of D nothing is known, so the pause is from A to B. */
static void pauses_are_between_events_that_exist(void **state)
{
    sj_match_options options = match_ask("(?1)(?2)");
    options.session_gap = 10 * SJ_SECOND;
    options.only_matching = 1;
    (void)state;
    assert_string_equal(match_found("u: A0 D8 B15", &options), "");
    assert_string_equal(match_found("u: A0 D8 B10", &options), "u 1/1 0@0 2@10");
}

static void a_span_is_inclusive(void **state)
{
    sj_match_options options = match_ask("(?1).*(?2)");
    (void)state;
    options.span = 10 * SJ_SECOND;
    assert_string_equal(match_found("u: A0 B10", &options), "u 1/1 0@0 1@10");
    assert_string_equal(match_found("u: A0 B11", &options), "");
    options.span = SJ_INSTANT;
    assert_string_equal(match_found("u: A0 B1 A5 B5", &options), "u 1/1 2@5 3@5");
    options.span = SJ_UNLIMITED;
    assert_string_equal(match_found("u: A0 B11", &options), "u 1/1 0@0 1@11");
}

static void conditions_may_look_at_single_events(void **state)
{
    const char *const conditions[] = {"value >= 10", "touchpoint = 'A' and value < 10"};
    sj_match_options options = {.struct_size = sizeof options,
                                .pattern = "(?2)[^1]*(?1)",
                                .conditions = conditions,
                                .n_conditions = 2};
    (void)state;
    assert_string_equal(match_found("u: A0=1 B1 A2=12", &options), "u 1/1 0@0 2@2");
    assert_string_equal(match_found("u: A0=10 B1=1 A2=1 C3=9 C4=10", &options), "u 1/1 2@2 4@4");
    options.only_matching = 1;
    options.pattern = "(?2)(?1)";
    assert_string_equal(match_found("u: A0=1 B1=5 B2 A2=12", &options), "u 1/1 0@0 3@2");
}

/* ---- figures ---- */

static sj_tally *match_tally(const sj_graph *graph, const sj_match_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    if (sj_match_plan(graph, options, &plan, &error) != SJ_OK ||
        sj_scan(&plan, 1, NULL, &tally, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_plan_free(plan);
    return tally;
}

static int64_t match_integer(const sj_result *result, const char *table, const char *column,
                             size_t row)
{
    const sj_table *t = sj_result_find(result, table);
    assert_non_null(t);
    assert_true(row < sj_table_rows(t));
    assert_int_equal(sj_table_type(t, column), SJ_COLUMN_INTEGER);
    return sj_table_integers(t, column)[row];
}

static double match_real(const sj_result *result, const char *column)
{
    return sj_table_reals(sj_result_find(result, "overall"), column)[0];
}

/* u: 0–10, 20–25; v: 0–60; w and x have none. */
static void figures_over_all_customers(void **state)
{
    sj_graph *graph = match_graph("u: A0 B10 A20 B25; v: A0 D30 B60; w: B0 A1; x: D5", NULL);
    sj_match_options options = match_ask("(?1).*(?2)");
    sj_result *result = NULL;
    (void)state;
    options.find = SJ_MATCH_ALL;
    assert_int_equal(sj_match_compute(graph, &options, NULL, &result, NULL), SJ_OK);
    assert_int_equal(match_integer(result, "overall", "matches", 0), 3);
    assert_int_equal(match_integer(result, "overall", "customers", 0), 2);
    assert_int_equal(match_integer(result, "overall", "seen", 0), 4);
    assert_near(match_real(result, "share"), 0.5, 0);
    assert_near(match_real(result, "low"), 0.150039, 1e-5); /* Wilson, 2 of 4 */
    assert_near(match_real(result, "high"), 0.849961, 1e-5);
    assert_near(match_real(result, "matches_mean"), 1.5, 0);
    assert_near(match_real(result, "matches_p50"), 1, 0);
    assert_near(match_real(result, "matches_p90"), 2, 0);
    assert_near(match_real(result, "span_mean"), 25e6, 0);
    assert_near(match_real(result, "span_p50"), 10e6, 1.0 / 128);
    assert_near(match_real(result, "span_p99"), 60e6, 1.0 / 128);
    assert_int_equal(sj_table_rows(sj_result_find(result, "counts")), 2);
    assert_int_equal(match_integer(result, "counts", "from", 1), 2);
    assert_int_equal(match_integer(result, "counts", "to", 1), 2);
    assert_int_equal(match_integer(result, "counts", "customers", 1), 1);
    assert_int_equal(sj_table_rows(sj_result_find(result, "spans")), 3);
    assert_true(match_integer(result, "spans", "from", 2) <= 60000000);
    assert_true(match_integer(result, "spans", "to", 2) >= 60000000);
    assert_int_equal(match_integer(result, "spans", "matches", 2), 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void figures_of_nothing_are_absent(void **state)
{
    sj_graph *graph = match_graph("w: B0 A1", NULL), *none = match_graph("", NULL);
    const sj_match_options options = match_ask("(?1).*(?2)");
    sj_result *result = NULL;
    (void)state;
    assert_int_equal(sj_match_compute(graph, &options, NULL, &result, NULL), SJ_OK);
    assert_int_equal(match_integer(result, "overall", "matches", 0), 0);
    assert_near(match_real(result, "share"), 0, 0);
    assert_non_null(sj_table_validity(sj_result_find(result, "overall"), "span_mean"));
    assert_int_equal(sj_table_rows(sj_result_find(result, "counts")), 0);
    sj_result_free(result);
    assert_int_equal(sj_match_compute(none, &options, NULL, &result, NULL), SJ_OK);
    assert_int_equal(match_integer(result, "overall", "seen", 0), 0);
    assert_non_null(sj_table_validity(sj_result_find(result, "overall"), "share"));
    sj_result_free(result);
    sj_graph_free(graph);
    sj_graph_free(none);
}

static void extreme_spans_are_cut_at_the_largest(void **state)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_result *result = NULL;
    const sj_match_options options = match_ask("(?1)(?2)");
    const int64_t times[] = {INT64_MIN, INT64_MAX};
    (void)state;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (int i = 0; i < 3; i++) {
        const sj_event event = {.struct_size = sizeof event,
                                .customer = i < 2 ? "u" : "v",
                                .touchpoint = match_letters[i],
                                .time = times[i % 2]};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    assert_int_equal(sj_match_compute(graph, &options, NULL, &result, NULL), SJ_OK);
    assert_near(match_real(result, "span_mean"), 9.223372036854775807e18, 1e-12);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- tallies ---- */

static void a_tally_s_text_says_what_is_counted(void **state)
{
    sj_graph *graph = match_graph("u: A0 B10", NULL);
    const char *const conditions[] = {"A", " touchpoint  = 'B' ", "value > 1.50"};
    sj_match_options options = match_ask("(?1).*(?2)");
    (void)state;
    options.conditions = conditions;
    options.find = SJ_MATCH_COUNT;
    options.span = SJ_HOUR;
    options.session_gap = SJ_UNLIMITED;
    options.only_matching = 7;
    sj_tally *tally = match_tally(graph, &options);
    const char *text = strstr(sj_tally_text(tally), "condition");
    assert_non_null(text);
    assert_string_equal(text, "condition touchpoint = 'A'\ncondition touchpoint = 'B'\n"
                              "condition value > 1.5\npattern (?1).*(?2)\nspan 3600000000\n"
                              "find all\nonly_matching 1\n");
    sj_tally_free(tally);
    options = match_ask("(?1)");
    options.find = SJ_MATCH_FIRST;
    options.span = SJ_UNLIMITED;
    options.n_conditions = 1;
    tally = match_tally(graph, &options);
    text = strstr(sj_tally_text(tally), "condition");
    assert_non_null(text);
    assert_string_equal(text, "condition touchpoint = 'A'\npattern (?1)\n");
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void tallies_of_shards_add_up(void **state)
{
    sj_match_options options = match_ask("(?1).*(?2)");
    sj_buffer *sum = NULL, *whole = NULL;
    sj_graph *graphs[3];
    sj_tally *tallies[3];
    (void)state;
    options.find = SJ_MATCH_ALL;
    graphs[0] = match_graph("u: A0 B10 A20 B60", NULL);
    graphs[1] = match_graph("v: A0 B30 A30 A60", NULL);
    graphs[2] = match_graph("u: A0 B10 A20 B60; v: A0 B30 A30 A60", NULL);
    for (int i = 0; i < 3; i++)
        tallies[i] = match_tally(graphs[i], &options);
    assert_int_equal(sj_tally_merge(tallies[0], tallies[1], NULL), SJ_OK);
    assert_int_equal(sj_tally_write(tallies[0], &sum, NULL), SJ_OK);
    assert_int_equal(sj_tally_write(tallies[2], &whole, NULL), SJ_OK);
    assert_int_equal(sj_buffer_size(sum), sj_buffer_size(whole));
    assert_memory_equal(sj_buffer_data(sum), sj_buffer_data(whole), sj_buffer_size(sum));
    sj_buffer_free(sum);
    sj_buffer_free(whole);
    for (int i = 0; i < 3; i++) {
        sj_tally_free(tallies[i]);
        sj_graph_free(graphs[i]);
    }
}

static void conclusions_refuse_what_is_no_tally_of_matches(void **state)
{
    sj_graph *graph = match_graph("u: A0 B10", NULL), *none = match_graph("", NULL);
    const sj_match_options options = match_ask("(?1)");
    const sj_step step = {.condition = "A"};
    const sj_funnel_options funnel = {
        .struct_size = sizeof funnel, .steps = &step, .n_steps = 1, .step_size = sizeof step};
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_result *result = NULL;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj_funnel_plan(graph, &funnel, &plan, NULL), SJ_OK);
    assert_int_equal(sj_scan(&plan, 1, NULL, &tally, NULL), SJ_OK);
    assert_int_equal(sj_match_conclude(tally, NULL, &result, &error), SJ_ERR_MISMATCH);
    assert_null(result);
    assert_int_equal(sj_match_conclude(NULL, &options, &result, &error), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_match_conclude(tally, NULL, NULL, &error), SJ_ERR_ARGUMENT);
    sj_tally_free(tally);
    sj_plan_free(plan);
    tally = match_tally(graph, &options);
    sj_tally *twin = match_tally(graph, &options);
    assert_int_equal(sj_tally_subtract(tally, twin, NULL), SJ_OK);
    assert_int_equal(sj_match_conclude(tally, NULL, &result, &error), SJ_OK);
    sj_result_free(result);
    assert_int_equal(sj_tally_subtract(tally, twin, NULL), SJ_OK);
    assert_int_equal(sj_match_conclude(tally, NULL, &result, &error), SJ_ERR_NEGATIVE);
    sj_tally_free(tally);
    sj_tally_free(twin);
    sj_graph_free(graph);
    sj_graph_free(none);
}

/* ---- refusals ---- */

static void match_refuses(const sj_graph *graph, const sj_match_options *options, sj_status code,
                          int64_t index, const char *said)
{
    sj_result *result = NULL;
    sj_error error = {0};
    assert_int_equal(sj_match_list(graph, options, NULL, &result, &error), code);
    assert_null(result);
    assert_int_equal(error.code, code);
    if (strstr(error.message, said) == NULL)
        fail_msg("%s", error.message);
    if (index >= 0)
        assert_int_equal(error.index, index);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    sj_graph *graph = match_graph("u: A0 B10", NULL);
    const char *const wrong[] = {"A", "touchpoint = = 'B'", NULL, "Bb"};
    static const char *many[SJ__MATCH_CONDITIONS + 1];
    sj_match_options options = match_ask(NULL);
    (void)state;
    for (size_t i = 0; i <= SJ__MATCH_CONDITIONS; i++)
        many[i] = "A";
    match_refuses(graph, &options, SJ_ERR_OPTIONS, -1, "pattern");
    match_refuses(graph, NULL, SJ_ERR_OPTIONS, -1, "pattern");
    options = match_ask("(?1)(?4)");
    match_refuses(graph, &options, SJ_ERR_CONDITION, 6, "3 are given");
    options = match_ask("(?1)[]");
    match_refuses(graph, &options, SJ_ERR_CONDITION, 4, "empty");
    options = match_ask("(?1)(?2)");
    options.conditions = wrong;
    options.n_conditions = 2;
    match_refuses(graph, &options, SJ_ERR_CONDITION, 13, "condition 2: ");
    options.conditions = wrong + 2;
    match_refuses(graph, &options, SJ_ERR_OPTIONS, 0, "conditions[0]");
    options.conditions = wrong + 3;
    options.n_conditions = 1;
    options.pattern = "(?1)";
    match_refuses(graph, &options, SJ_ERR_NAME, -1, "condition 1: ");
    options = match_ask("(?1)");
    options.find = 5;
    match_refuses(graph, &options, SJ_ERR_OPTIONS, -1, "find");
    options = match_ask("(?1)");
    options.span = -2;
    match_refuses(graph, &options, SJ_ERR_OPTIONS, -1, "span");
    options = match_ask(".");
    options.n_conditions = 0;
    options.only_matching = 1;
    match_refuses(graph, &options, SJ_ERR_OPTIONS, -1, "only_matching");
    options = match_ask(".");
    options.conditions = many;
    options.n_conditions = SJ__MATCH_CONDITIONS + 1;
    match_refuses(graph, &options, SJ_ERR_LIMIT, -1, "65535");
    sj_graph_free(graph);
}

/* ---- memory ---- */

static void without_memory_nothing_is_left(void **state)
{
    const char *const conditions[] = {"A", "value >= 2"};
    uint64_t failures = 0;
    (void)state;
    for (uint64_t k = 1, done = 0; !done; k++) {
        failing memory = {0};
        const sj_allocator a = failing_allocator(&memory);
        sj_graph *graph = match_graph("u: A0 B1 B10=2 A20 C21 B25=3; v: A0 B1=9", &a);
        sj_match_options options = {.struct_size = sizeof options,
                                    .pattern = "(?1).*(?2)",
                                    .conditions = conditions,
                                    .n_conditions = 2,
                                    .find = SJ_MATCH_ALL,
                                    .only_matching = 1};
        sj_result *list = NULL, *figures = NULL;
        sj_error error = {0};
        memory.fail_at = memory.requests + k;
        sj_status status = sj_match_list(graph, &options, NULL, &list, &error);
        if (status == SJ_OK)
            status = sj_match_compute(graph, &options, NULL, &figures, &error);
        done = status == SJ_OK;
        if (!done) {
            failures++;
            assert_int_equal(status, SJ_ERR_NOMEM);
            assert_null(figures);
        }
        sj_result_free(list);
        sj_result_free(figures);
        sj_graph_free(graph);
        failing_check(&memory);
    }
    assert_true(failures > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_says_whose_which_when_and_by_which_events),
        cmocka_unit_test(first_last_all_and_count),
        cmocka_unit_test(events_that_are_in_no_condition_break_adjacency_unless_told_otherwise),
        cmocka_unit_test(no_match_reaches_over_a_longer_pause),
        cmocka_unit_test(pauses_are_between_events_that_exist),
        cmocka_unit_test(a_span_is_inclusive),
        cmocka_unit_test(conditions_may_look_at_single_events),
        cmocka_unit_test(figures_over_all_customers),
        cmocka_unit_test(figures_of_nothing_are_absent),
        cmocka_unit_test(extreme_spans_are_cut_at_the_largest),
        cmocka_unit_test(a_tally_s_text_says_what_is_counted),
        cmocka_unit_test(tallies_of_shards_add_up),
        cmocka_unit_test(conclusions_refuse_what_is_no_tally_of_matches),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(without_memory_nothing_is_left),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
