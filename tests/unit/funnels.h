/* Funnels of hand-worked journeys, for tests: "key: A0 B5=2.5 C7u; key: …" is touchpoint (a letter
 * from A to E), time in microseconds, value, value of the attribute `held` (a letter); a funnel's
 * steps are one letter each. */
#ifndef SJ_TESTS_FUNNELS_H
#define SJ_TESTS_FUNNELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <time.h>

#include <cmocka.h>

#include <sojourn.h>

#include "unit/failing.h"

static inline sj_builder *funnel_builder(void)
{
    sj_builder *builder = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (char name[2] = "A"; name[0] <= 'E'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
    return builder;
}

static inline sj_graph *funnel_finish(sj_builder *builder)
{
    sj_graph *graph = NULL;
    sj_error error = {0};
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return graph;
}

static inline void funnel_add(sj_builder *builder, const char *journeys)
{
    while (*journeys != '\0') {
        char key[32] = {0};
        const size_t n = strcspn(journeys, ":");
        memcpy(key, journeys, n);
        journeys += n + 1;
        while (*journeys == ' ') {
            char *end, held[2] = {0};
            const char name[2] = {journeys[1], 0}, *const attribute[] = {"held", held};
            sj_event event = {.struct_size = sizeof event, .customer = key, .touchpoint = name};
            event.time = strtoll(journeys + 2, &end, 10);
            double value;
            if (*end == '=') {
                value = strtod(end + 1, &end);
                event.value = &value;
            }
            if (*end >= 'a' && *end <= 'z') {
                held[0] = *end++;
                event.attributes = attribute, event.n_attributes = 1;
            }
            journeys = end;
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
        journeys += strspn(journeys, "; ");
    }
}

static inline sj_graph *funnel_graph(const char *journeys)
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

static inline sj_funnel_options *funnel_ask(funnel_question *question, const char *letters,
                                            int64_t window)
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

static inline sj_result *funnel_compute(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_result *result = NULL;
    sj_error error = {0};
    if (sj_funnel_compute(graph, options, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    return result;
}

static inline sj_tally *funnel_tally(const sj_graph *graph, const sj_funnel_options *options)
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

static inline int64_t funnel_integer(const sj_result *result, const char *table, const char *column,
                                     size_t row)
{
    const sj_table *t = sj_result_find(result, table);
    assert_non_null(t);
    assert_true(row < sj_table_rows(t));
    assert_int_equal(sj_table_type(t, column), SJ_COLUMN_INTEGER);
    return sj_table_integers(t, column)[row];
}

static inline const char *funnel_text(const sj_result *result, const char *table,
                                      const char *column, size_t row)
{
    return sj_table_text(sj_result_find(result, table), column, row);
}

/* Units of the only customer: "level reason time time …; …", each behind its held value; "-" is a
 * step that was left out or not reached. */
static inline void funnel_units(const sj_graph *graph, const sj_funnel_options *options,
                                const char *expected)
{
    char found[400] = "";
    sj_result *list = NULL;
    sj_error error = {0};
    if (sj_funnel_list(graph, options, NULL, &list, &error) != SJ_OK)
        fail_msg("%s", error.message);
    const sj_table *t = sj_result_find(list, "levels");
    const uint8_t *valid = sj_table_validity(t, "times");
    for (size_t row = 0; row < sj_table_rows(t); row++) {
        size_t used = strlen(found);
        const char *held = sj_table_text(t, "held", row);
        (void)snprintf(found + used, sizeof found - used, "%s%s%s%lld %s", row ? "; " : "",
                       held ? held : "", held ? ": " : "",
                       (long long)sj_table_integers(t, "level")[row],
                       sj_table_text(t, "reason", row));
        for (size_t k = 0; k < options->n_steps; k++) {
            const size_t at = row * options->n_steps + k;
            used = strlen(found);
            if (valid == NULL || (valid[at / 8] >> (at % 8) & 1) != 0)
                (void)snprintf(found + used, sizeof found - used, " %lld",
                               (long long)sj_table_integers(t, "times")[at]);
            else
                (void)snprintf(found + used, sizeof found - used, " -");
        }
    }
    assert_string_equal(found, expected);
    sj_result_free(list);
}

static inline void funnel_expect(const char *journey, const sj_funnel_options *options,
                                 const char *expected)
{
    sj_graph *graph = funnel_graph(journey);
    funnel_units(graph, options, expected);
    sj_graph_free(graph);
}

static inline void funnel_refuses(const sj_graph *graph, const sj_funnel_options *options,
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

/* Each allocation while counting and listing fails once: an error, and nothing is left. */
static inline void funnel_fails_cleanly(const char *journeys, const sj_funnel_options *options)
{
    uint64_t k = 0, done = 0;
    for (; done < 2 && k < 4000; k++) {
        failing memory = {0};
        const sj_allocator a = failing_allocator(&memory);
        const sj_builder_options how = {.struct_size = sizeof how, .allocator = &a};
        sj_builder *builder = NULL;
        sj_graph *graph = NULL;
        sj_result *r = NULL;
        assert_int_equal(sj_builder_new(&how, &builder, NULL), SJ_OK);
        funnel_add(builder, journeys);
        assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
        sj_builder_free(builder);
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

/* n events of one customer, which run through these touchpoints in turn, `pause` apart. */
static inline sj_graph *funnel_storm_graph(const char *letters, size_t n, int64_t pause)
{
    const size_t turn = strlen(letters);
    sj_builder *builder = funnel_builder();
    for (size_t i = 0; i < n; i++) {
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = (const char[2]){letters[i % turn], 0},
                                .time = (int64_t)i * pause};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    return funnel_finish(builder);
}

/* Seconds to count and list. */
static inline double funnel_seconds_of(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_result *r = NULL;
    const clock_t start = clock();
    sj_result_free(funnel_compute(graph, options));
    assert_int_equal(sj_funnel_list(graph, options, NULL, &r, NULL), SJ_OK);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    sj_result_free(r);
    return seconds;
}

static inline double funnel_storm_seconds(const char *letters, size_t n, int64_t pause,
                                          const sj_funnel_options *options)
{
    sj_graph *graph = funnel_storm_graph(letters, n, pause);
    const double seconds = funnel_seconds_of(graph, options);
    sj_graph_free(graph);
    return seconds;
}

/* Ten times the events take about ten times as long. */
static inline void funnel_is_linear(const char *letters, int64_t pause,
                                    const sj_funnel_options *options)
{
    const double few = funnel_storm_seconds(letters, 20000, pause, options);
    const double many = funnel_storm_seconds(letters, 200000, pause, options);
    if (many > 30 * few + 0.1)
        fail_msg("%s, %d apart: %g s, then %g s", letters, (int)pause, few, many);
}

#endif
