/* Random journeys of a funnel's world; conditions overlap, so that one event can fill several
 * steps, and at least a fifth of the events share their time with another of the same customer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_world.h"

uint64_t world_random(world *w)
{
    uint64_t x = w->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t world_below(world *w, uint64_t n)
{
    return world_random(w) % n;
}

static const char *const world_names[WORLD_TOUCHPOINTS] = {"a", "b", "c", "d", "e", "f", "(z"};

const char *world_touchpoint(int touchpoint)
{
    return world_names[touchpoint];
}

int world_meets(const world_condition *condition, const world_event *event)
{
    if (strchr(condition->letters, world_names[event->touchpoint][0]) == NULL)
        return 0;
    return !condition->needs_value || (event->has_value && event->value >= condition->least &&
                                       event->value < condition->below);
}

/* ---- journeys ---- */

/* A touchpoint, in half of the cases one that some step's condition names. */
static int world_draw_touchpoint(world *w)
{
    const world_condition *condition = w->conditions[world_below(w, w->options.n_steps)];
    const char letter = condition->letters[world_below(w, strlen(condition->letters))];
    if (world_below(w, 2))
        return (int)world_below(w, WORLD_TOUCHPOINTS);
    return letter == '(' ? 6 : letter - 'a';
}

static void world_draw_event(world *w, world_event *event, size_t values)
{
    const int held = (int)world_below(w, values);
    *event = (world_event){.time = w->base + (int64_t)world_below(w, w->spread) * w->unit,
                           .touchpoint = world_draw_touchpoint(w),
                           .has_value = world_below(w, 3) != 0,
                           .held = 10 * held + (int)world_below(w, values)};
    if (event->has_value)
        event->value = 0.25 * (double)world_below(w, 20);
    if (world_below(w, 8) == 0)
        event->held = -1;
}

/* Puts an event behind those that are not later. */
static void world_insert(world *w, size_t customer, world_event event)
{
    world_event *events = w->events[customer];
    size_t i = w->n_events[customer]++;
    for (; i > 0 && events[i - 1].time > event.time; i--)
        events[i] = events[i - 1];
    events[i] = event;
}

void world_draw_journeys(world *w, size_t n_customers, size_t longest)
{
    const size_t values = 1 + world_below(w, 3);
    w->n_customers = n_customers;
    w->last = INT64_MIN;
    for (size_t c = 0; c < n_customers; c++) {
        const size_t n = 1 + longest / 3 + world_below(w, longest - longest / 3);
        w->n_events[c] = 0;
        for (size_t i = 0; i < n; i++) {
            world_event event;
            world_draw_event(w, &event, values);
            world_insert(w, c, event);
            w->last = event.time > w->last ? event.time : w->last;
        }
    }
}

static int world_held(const world *w, const world_event *event)
{
    return event->held < 0 || w->options.n_hold > 1 ? event->held : event->held / 10;
}

size_t world_journey(const world *w, size_t customer, funnel_oracle_event *out)
{
    for (size_t i = 0; i < w->n_events[customer]; i++) {
        const world_event *event = &w->events[customer][i];
        out[i] = (funnel_oracle_event){.time = event->time, .held = world_held(w, event)};
        for (size_t k = 0; k < w->options.n_steps; k++)
            out[i].steps |= (uint64_t)world_meets(w->conditions[k], event) << k;
        for (size_t x = 0; x < w->options.n_exclusions; x++)
            out[i].exclusions |= (uint32_t)world_meets(w->excluded[x], event) << x;
    }
    return w->n_events[customer];
}

/* ---- graphs ---- */

void world_key(size_t customer, char key[24])
{
    (void)snprintf(key, 24, "%s%zu", customer % 7 == 0 ? "(k" : "k", customer);
}

void world_channel(int held, char channel[3])
{
    channel[0] = (char)('u' + held / 10);
    channel[1] = (char)('0' + held % 10);
    channel[2] = '\0';
}

const char *world_country(size_t customer)
{
    static const char *const countries[] = {"de", "fr", NULL, "(at", "de"};
    return countries[customer % 5];
}

static const char *world_named(const char *prefix, size_t touchpoint, char name[24])
{
    (void)snprintf(name, 24, "%s%s", prefix != NULL ? prefix : "", world_names[touchpoint]);
    return name;
}

static void world_map(sj_builder *builder, const char *prefix)
{
    const double worth = 7.5;
    char c[24], d[24], either[96];
    assert_int_equal(sj_builder_add_stage(builder, "early", NULL), SJ_OK);
    assert_int_equal(sj_builder_add_stage(builder, "late", NULL), SJ_OK);
    for (size_t i = 0; i < WORLD_TOUCHPOINTS; i++) {
        char name[24];
        const char *stage = i < 2 ? "early" : i < 4 ? "late" : NULL;
        assert_int_equal(
            sj_builder_add_touchpoint(builder, world_named(prefix, i, name), stage, NULL, NULL),
            SJ_OK);
    }
    (void)snprintf(either, sizeof either, "touchpoint in ('%s', '%s')", world_named(prefix, 2, c),
                   world_named(prefix, 3, d));
    assert_int_equal(sj_builder_add_micro_conversion(builder, "either", either, &worth, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "big", "value >= 2", NULL, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "held", SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "number", SJ_ATTRIBUTE_INTEGER, 0, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "country", SJ_ATTRIBUTE_CATEGORY, 1, NULL),
                     SJ_OK);
}

static void world_add(sj_builder *builder, const world *w, world_row row, const char *prefix)
{
    const world_event *drawn = &w->events[row.customer][row.event];
    char key[24], name[24], channel[3] = "", held[2] = "";
    const char *const attributes[] = {"held", held, "number", channel + 1};
    world_key(row.customer, key);
    if (drawn->held >= 0) {
        world_channel(drawn->held, channel);
        held[0] = channel[0];
    }
    const sj_event event = {.struct_size = sizeof event,
                            .customer = key,
                            .touchpoint = world_named(prefix, (size_t)drawn->touchpoint, name),
                            .time = drawn->time,
                            .channel = drawn->held >= 0 ? channel : NULL,
                            .value = drawn->has_value ? &drawn->value : NULL,
                            .attributes = attributes,
                            .n_attributes = drawn->held >= 0 ? 2 : 0};
    assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
}

/* Countries of the customers that have rows. */
static void world_add_countries(sj_builder *builder, const world_build *how)
{
    static char keys[WORLD_ROWS][24];
    static const char *customers[WORLD_ROWS], *countries[WORLD_ROWS];
    size_t n = 0;
    for (size_t i = 0; i < how->n_rows; i++) {
        if (world_country(how->rows[i].customer) == NULL)
            continue;
        world_key(how->rows[i].customer, keys[n]);
        customers[n] = keys[n];
        countries[n++] = world_country(how->rows[i].customer);
    }
    const sj_column country = {.name = "country", .data = countries, .type = SJ_ARRAY_STRINGS};
    const sj_events table = {.struct_size = sizeof table,
                             .n_events = n,
                             .customer = {.data = customers, .type = SJ_ARRAY_STRINGS},
                             .attributes = &country,
                             .n_attributes = 1};
    sj_error error = {0};
    if (n > 0 && sj_builder_set_customers(builder, &table, &error) != SJ_OK)
        fail_msg("%s", error.message);
}

size_t world_rows(const world *w, world_row rows[WORLD_ROWS])
{
    size_t n = 0;
    for (size_t c = 0; c < w->n_customers; c++)
        for (size_t e = 0; e < w->n_events[c]; e++)
            rows[n++] = (world_row){c, e};
    return n;
}

sj_graph *world_graph_of(const world *w, const world_build *how)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .observed_from = &w->base,
                                        .observed_until = &w->last,
                                        .ties = how->ties};
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};
    assert_int_equal(sj_builder_new(&options, &builder, NULL), SJ_OK);
    world_map(builder, how->prefix);
    for (size_t i = 0; i < how->n_rows; i++)
        world_add(builder, w, how->rows[i], how->prefix);
    world_add_countries(builder, how);
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return graph;
}

sj_graph *world_graph(const world *w)
{
    static world_row rows[WORLD_ROWS];
    const world_build how = {.rows = rows, .n_rows = world_rows(w, rows)};
    return world_graph_of(w, &how);
}
