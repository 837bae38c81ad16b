/* Small graphs by hand, for tests: rows in, a graph out, and a journey as text. */
#ifndef SJ_TESTS_ROWS_H
#define SJ_TESTS_ROWS_H

#include "failing.h"

#include <stdio.h>

#include <sojourn/journey.h>

/* Rows are written as short as they are: what they leave out is absent. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* The call must succeed; `error` names its error. */
#define must(call)                                                                                 \
    do {                                                                                           \
        sj_error must_error = {0};                                                                 \
        sj_error *error = &must_error;                                                             \
        if (call) {                                                                                \
            print_error("%s: %s (%d)\n", #call, must_error.message, (int)must_error.code);         \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

/* The call must fail with this code; leaves the error in `failure`. */
#define must_fail(code_, call)                                                                     \
    do {                                                                                           \
        sj_error *error = &failure;                                                                \
        failure = (sj_error){0};                                                                   \
        assert_int_equal((call), (code_));                                                         \
        assert_int_equal(failure.code, (code_));                                                   \
        assert_true(failure.message[0] != 0);                                                      \
    } while (0)

static sj_error failure;

typedef struct row {
    const char *customer, *touchpoint;
    int64_t time;
    const char *channel;
    const char *value; /* as a number in text; NULL: none */
    const char *attributes[4];
} row;

static inline sj_status rows_add(sj_builder *b, const row *r, sj_error *error)
{
    double value = r->value ? strtod(r->value, NULL) : 0;
    sj_event event = {.struct_size = sizeof event,
                      .customer = r->customer,
                      .touchpoint = r->touchpoint,
                      .time = r->time,
                      .channel = r->channel,
                      .value = r->value ? &value : NULL,
                      .attributes = r->attributes,
                      .n_attributes = r->attributes[0] ? (r->attributes[2] ? 2 : 1) : 0};
    return sj_builder_add_event(b, &event, error);
}

static inline sj_builder *rows_builder(const sj_builder_options *options)
{
    sj_builder *b = NULL;
    must(sj_builder_new(options, &b, error));
    return b;
}

static inline void rows_feed(sj_builder *b, const row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        must(rows_add(b, &rows[i], error));
    }
}

/* Builds and checks; the builder stays. */
static inline sj_graph *rows_build(sj_builder *b)
{
    sj_graph *g = NULL;
    must(sj_builder_build(b, NULL, &g, error));
    must(sj_graph_check(g, error));
    return g;
}

#define GRAPH(options, ...)                                                                        \
    rows_graph((options), (const row[]){__VA_ARGS__},                                              \
               sizeof((const row[]){__VA_ARGS__}) / sizeof(row))

static inline sj_graph *rows_graph(const sj_builder_options *options, const row *rows, size_t n)
{
    sj_builder *b = rows_builder(options);
    sj_graph *g;
    rows_feed(b, rows, n);
    g = rows_build(b);
    sj_builder_free(b);
    return g;
}

/* "view@1 buy@2:email=12.5 …" of a customer, times in seconds where all are whole; "" for one that
 * there is not. */
static inline const char *journey_of(const sj_graph *g, const char *customer)
{
    static char text[4096];
    uint64_t c = sj_graph_find(g, SJ_KIND_CUSTOMERS, customer);
    sj_moment m;
    int n = 0;
    text[0] = 0;
    for (uint64_t i = 0; c != SJ_NONE && sj_graph_event(g, c, i, &m) && n < 4000; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%s@%lld", i ? " " : "",
                      sj_graph_name(g, SJ_KIND_TOUCHPOINTS, m.touchpoint), (long long)m.time);
        if (m.channel != SJ_NONE) {
            n += snprintf(text + n, sizeof text - (size_t)n, ":%s",
                          sj_graph_name(g, SJ_KIND_CHANNELS, m.channel));
        }
        if (m.has_value) {
            n += snprintf(text + n, sizeof text - (size_t)n, "=%g", m.value);
        }
    }
    return text;
}

#endif
