/* Small random journeys over few touchpoints, so that many are alike, for tests against slow second
 * implementations: at least a fifth of the events share their time with another of the same
 * customer, and some names need quotes. */
#ifndef ALIKE_H
#define ALIKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn.h>

enum { ALIKE_CUSTOMERS = 40, ALIKE_NAMES = 7, ALIKE_LONGEST = 11 };

/* The last is known, and no event is at it. */
static const char *const alike_names[ALIKE_NAMES] = {"a", "b", "c", "(d", "e > f", "'g", "never"};

typedef struct alike {
    uint64_t state;
    uint64_t events, tied;
    int64_t unit; /* of times */
} alike;

static inline uint64_t alike_next(alike *random)
{
    uint64_t x = random->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static inline uint64_t alike_below(alike *random, uint64_t n)
{
    return (alike_next(random) >> 11) % n;
}

static inline void alike_must(sj_status status, const sj_error *error)
{
    if (status != SJ_OK)
        fail_msg("%s: %s", sj_status_name(status), error->message);
}

static inline void alike_journey(alike *random, sj_builder *builder, size_t customer,
                                 uint64_t names, uint64_t spread, uint64_t longest)
{
    const uint64_t n = 1 + alike_below(random, longest);
    int64_t times[ALIKE_LONGEST + 1];
    char key[24];
    sj_error error = {0};
    (void)snprintf(key, sizeof key, "%s%zu", customer % 7 == 0 ? "(k" : "k", customer);
    for (uint64_t i = 0; i < n; i++) {
        const double value = 0.25 * (double)alike_below(random, 20) - 1;
        const uint64_t name = alike_below(random, names);
        times[i] = (int64_t)alike_below(random, spread) * random->unit;
        const sj_event event = {.struct_size = sizeof event,
                                .customer = key,
                                .touchpoint = alike_names[name],
                                .time = times[i],
                                .value = alike_below(random, 3) == 0 ? &value : NULL};
        alike_must(sj_builder_add_event(builder, &event, &error), &error);
        for (uint64_t j = 0; j < i; j++)
            if (times[j] == times[i]) {
                random->tied++;
                break;
            }
    }
    random->events += n;
}

/* "big": value >= 2; "either": a or b.  Nothing about observation, so that it is the events'. */
static inline sj_graph *alike_graph(alike *random)
{
    const uint64_t names = (uint64_t[]){2, 3, 6, 6}[alike_below(random, 4)];
    const uint64_t spread = (uint64_t[]){3, 6, 15, 40}[alike_below(random, 4)];
    const uint64_t longest = (uint64_t[]){3, 6, ALIKE_LONGEST}[alike_below(random, 3)];
    const size_t customers = 1 + (size_t)alike_below(random, ALIKE_CUSTOMERS);
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};
    random->unit = (int64_t[]){1, SJ_SECOND, SJ_DAY}[alike_below(random, 3)];
    alike_must(sj_builder_new(NULL, &builder, &error), &error);
    alike_must(sj_builder_add_touchpoint(builder, "never", NULL, NULL, &error), &error);
    for (size_t i = 0; i < 3; i++) /* the others are known only where an event is at them */
        alike_must(sj_builder_add_touchpoint(builder, alike_names[i], NULL, NULL, &error), &error);
    alike_must(sj_builder_add_micro_conversion(builder, "either", "touchpoint in ('a', 'b')", NULL,
                                               &error),
               &error);
    alike_must(sj_builder_add_micro_conversion(builder, "big", "value >= 2", NULL, &error), &error);
    for (size_t c = 0; c < customers; c++)
        alike_journey(random, builder, c, names, spread, longest);
    alike_must(sj_builder_build(builder, NULL, &graph, &error), &error);
    sj_builder_free(builder);
    return graph;
}

/* Conditions as they stand in tables, and what they mean. */
static const char *const alike_conditions[] = {"a",   "b",          "c",    "either",
                                               "big", "value >= 2", "never"};
enum { ALIKE_CONDITIONS = sizeof alike_conditions / sizeof *alike_conditions };

static inline int alike_is(const sj_graph *graph, const char *condition, const sj_moment *moment)
{
    const char *name = sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, moment->touchpoint);
    if (strcmp(condition, "either") == 0)
        return strcmp(name, "a") == 0 || strcmp(name, "b") == 0;
    if (strcmp(condition, "big") == 0 || strcmp(condition, "value >= 2") == 0)
        return moment->has_value && moment->value >= 2;
    return strcmp(name, condition) == 0;
}

/* Rounds to run: `usual`, or what SOJOURN_LONG asks for. */
static inline uint64_t alike_rounds(uint64_t usual)
{
    const char *asked = getenv("SOJOURN_LONG");
    const unsigned long long n = asked ? strtoull(asked, NULL, 10) : 0;
    return n > usual ? n : asked && *asked && n > 0 ? 20 * usual : usual;
}

#endif
