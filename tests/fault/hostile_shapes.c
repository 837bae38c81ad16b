/* Graphs of every extreme shape, and frees in every order; see hostile.h. */
#include "fault/hostile.h"

#include <stdio.h>

static sj_builder *shape_builder(void)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = &hostile_world.allocator};
    sj_builder *builder;

    ACCEPT(sj_builder_new, &options, &builder);
    return builder;
}

static sj_graph *shape_build(sj_builder *builder)
{
    sj_graph *graph;

    ACCEPT(sj_builder_build, builder, NULL, &graph);
    return graph;
}

static void shape_add(sj_builder *builder, const char *customer, const char *touchpoint,
                      int64_t time, const double *value)
{
    const sj_event event = {.struct_size = sizeof event,
                            .customer = customer,
                            .touchpoint = touchpoint,
                            .time = time,
                            .value = value};

    ACCEPT(sj_builder_add_event, builder, &event);
}

static void a_graph_of_nothing_answers_everything(void **state)
{
    sj_builder *builder = shape_builder();
    sj_graph *graph = shape_build(builder), *again;

    (void)state;
    hostile_look_at_graph(graph);
    ACCEPT(sj_builder_add_graph, builder, graph);
    ACCEPT(sj_builder_add_graph, builder, graph);
    again = shape_build(builder);
    hostile_look_at_graph(again);
    CALLED(sj_graph_free)(again);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

static void a_map_without_events_answers_everything(void **state)
{
    static const char map[] = "stage a: b, c\nchannel d: b\nexpect b -> c 10%\nexpect a -> a\n"
                              "micro-conversion m = b worth 5\n";
    sj_builder *builder = shape_builder();
    sj_graph *graph;

    (void)state;
    ACCEPT(sj_builder_add_map, builder, map, sizeof map - 1);
    ACCEPT(sj_builder_add_attribute, builder, "x", SJ_ATTRIBUTE_REAL, 0);
    graph = shape_build(builder);
    hostile_look_at_graph(graph);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

static void one_event_at_any_time_answers_everything(void **state)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    static const double values[] = {-9.2e12, 9.2e12, -0.0, 1e-300};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        sj_builder *builder = shape_builder();
        sj_graph *graph;

        shape_add(builder, "c", "t", times[i], i < 4 ? &values[i] : NULL);
        graph = shape_build(builder);
        CLAIM(sj_graph_count(graph, SJ_KIND_EVENTS) == 1);
        hostile_look_at_graph(graph);
        CALLED(sj_graph_free)(graph);
        CALLED(sj_builder_free)(builder);
    }
}

static void journeys_from_the_first_time_to_the_last_are_exact(void **state)
{
    static const int64_t times[] = {INT64_MAX,     INT64_MIN,     0,         -1,
                                    INT64_MIN + 1, INT64_MAX - 1, INT64_MIN, INT64_MAX};
    static const int64_t sorted[] = {INT64_MIN, INT64_MIN,     INT64_MIN + 1, -1,
                                     0,         INT64_MAX - 1, INT64_MAX,     INT64_MAX};
    sj_builder *builder = shape_builder();
    sj_graph *graph;
    sj_moment moment;

    (void)state;
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < 8; i++)
            shape_add(builder, c ? "c" : "d", i % 2 ? "t" : "u", times[i], NULL);
    graph = shape_build(builder);
    for (uint64_t c = 0; c < 2; c++)
        for (uint64_t i = 0; i < 8; i++)
            CLAIM(CALLED(sj_graph_event)(graph, c, i, &moment) && moment.time == sorted[i]);
    hostile_look_at_graph(graph);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

static void a_hundred_thousand_events_at_one_time_are_counted(void **state)
{
    enum { SHAPE_ROWS = 100000 };
    static uint8_t customer[SHAPE_ROWS], touchpoint[SHAPE_ROWS];
    static int64_t time[SHAPE_ROWS];
    const sj_events events = {.struct_size = sizeof events,
                              .n_events = SHAPE_ROWS,
                              .customer = {.data = customer, .type = SJ_ARRAY_UINT8},
                              .touchpoint = {.data = touchpoint, .type = SJ_ARRAY_UINT8},
                              .time = {.data = time, .type = SJ_ARRAY_INT64}};
    sj_builder *builder = shape_builder();
    sj_step steps[2];
    sj_funnel_options options = hostile_funnel("t0", "t2", steps);
    sj_graph *graph;
    sj_result *result;

    (void)state;
    for (int i = 0; i < 3; i++)
        ACCEPT(sj_builder_add_touchpoint, builder, (const char *[]){"t0", "t1", "t2"}[i], NULL,
               NULL);
    for (size_t i = 0; i < SHAPE_ROWS; i++)
        touchpoint[i] = (uint8_t)(i % 3);
    ACCEPT(sj_builder_add_events, builder, &events);
    graph = shape_build(builder);
    CLAIM(sj_graph_length(graph, 0) == SHAPE_ROWS);
    ACCEPT(sj_graph_check, graph);
    for (int i = 0; i < 4; i++) {
        options.window = i % 2 ? SJ_INSTANT : SJ_DAY;
        options.reuse = i / 2 ? SJ_REUSE_YES : SJ_REUSE_NO;
        ACCEPT(sj_funnel_compute, graph, &options, NULL, &result);
        CLAIM(sj_table_integers(sj_result_find(result, "steps"), "reached")[1] == 1);
        CALLED(sj_result_free)(result);
        ACCEPT(sj_funnel_list, graph, &options, NULL, &result);
        CALLED(sj_result_free)(result);
    }
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

static void attributes_are_taken_up_to_the_limit(void **state)
{
    enum { SHAPE_ATTRIBUTES = 4096 };
    static char names[SHAPE_ATTRIBUTES + 1][8];
    static const char *pairs[2 * SHAPE_ATTRIBUTES + 2];
    sj_builder *builder = shape_builder();
    sj_event event = {.struct_size = sizeof event,
                      .customer = "c",
                      .touchpoint = "t",
                      .attributes = pairs,
                      .n_attributes = SHAPE_ATTRIBUTES + 1};
    sj_graph *graph;
    sj_result *result;
    const uint64_t first = 0;

    (void)state;
    for (size_t i = 0; i <= SHAPE_ATTRIBUTES; i++) {
        snprintf(names[i], sizeof names[i], "a%zu", i);
        pairs[2 * i] = names[i];
        pairs[2 * i + 1] = "v";
    }
    REFUSE(SJ_ERR_LIMIT, sj_builder_add_event, builder, &event);
    graph = shape_build(builder);
    CLAIM(sj_graph_count(graph, SJ_KIND_ATTRIBUTES) == 0 &&
          sj_graph_count(graph, SJ_KIND_EVENTS) == 0);
    CALLED(sj_graph_free)(graph);
    event.n_attributes = SHAPE_ATTRIBUTES;
    ACCEPT(sj_builder_add_event, builder, &event);
    REFUSE(SJ_ERR_LIMIT, sj_builder_add_attribute, builder, "new", SJ_ATTRIBUTE_REAL, 0);
    graph = shape_build(builder);
    ACCEPT(sj_graph_check, graph);
    CLAIM(sj_graph_count(graph, SJ_KIND_ATTRIBUTES) == SHAPE_ATTRIBUTES);
    ACCEPT(sj_summary_list, graph, &first, 1, &result);
    CLAIM(sj_table_columns(sj_result_find(result, "events")) == SHAPE_ATTRIBUTES + 5);
    CALLED(sj_result_free)(result);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

/* Names that look like something else wherever they are shown. */
static void names_of_any_kind_survive_everywhere(void **state)
{
    static const char *const names[] = {"\n",
                                        "'",
                                        "\"",
                                        ",",
                                        "a > b",
                                        "(end)",
                                        "\\n",
                                        "=",
                                        "\t",
                                        "value",
                                        "\x7f",
                                        "%s",
                                        "a\rb",
                                        "#",
                                        "->",
                                        "touchpoint = 'x'",
                                        "\xef\xbb\xbf",
                                        "\xe2\x80\xa8",
                                        " ",
                                        "null"};
    enum { SHAPE_NAMES = sizeof names / sizeof *names };
    sj_builder *builder = shape_builder();
    sj_graph *graph, *again;

    (void)state;
    for (size_t i = 0; i < SHAPE_NAMES; i++) {
        const char *name = names[i];
        const sj_event event = {.struct_size = sizeof event,
                                .customer = name,
                                .touchpoint = name,
                                .channel = name,
                                .attributes = (const char *[]){name, name},
                                .n_attributes = 1};

        /* Stages of the even ones have the same name, and may then not be expected. */
        if (i % 2 == 0)
            ACCEPT(sj_builder_add_stage, builder, name);
        ACCEPT(sj_builder_add_event, builder, &event);
        if (i % 2)
            ACCEPT(sj_builder_add_expected, builder, names[1], name, 0);
        else
            REFUSE(SJ_ERR_NAME, sj_builder_add_expected, builder, names[1], name, 0);
    }
    graph = shape_build(builder);
    CLAIM(sj_graph_count(graph, SJ_KIND_CUSTOMERS) == SHAPE_NAMES);
    ACCEPT(sj_builder_add_graph, builder, graph);
    again = shape_build(builder);
    hostile_look_at_graph(again);
    CALLED(sj_graph_free)(again);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

static void the_longest_names_that_there_may_be_are_kept(void **state)
{
    sj_builder *builder = shape_builder();
    char *name = hostile_long(HOSTILE_NAME_ROOM, 'n');
    const sj_event event = {.struct_size = sizeof event,
                            .customer = name,
                            .touchpoint = name,
                            .channel = name,
                            .attributes = (const char *[]){name, name},
                            .n_attributes = 1};
    sj_graph *graph;
    sj_step steps[2];
    const sj_funnel_options options = hostile_funnel(name, "value is null", steps);
    sj_result *result;

    (void)state;
    ACCEPT(sj_builder_add_event, builder, &event);
    graph = shape_build(builder);
    ACCEPT(sj_graph_check, graph);
    for (int32_t kind = SJ_KIND_CUSTOMERS; kind <= SJ_KIND_ATTRIBUTES; kind++)
        CLAIM(CALLED(sj_graph_find)(graph, kind, name) ==
              (sj_graph_count(graph, kind) ? 0 : SJ_NONE));
    ACCEPT(sj_funnel_compute, graph, &options, NULL, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    name[5] = '\n'; /* another one, as long, that there is not: it comes into a message */
    REFUSE_OUT(HOSTILE_FAILS, result, sj_funnel_compute, graph, &options, NULL, &result);
    free(name);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

/* ---- freeing ---- */

enum { SHAPE_THINGS = 6 };

/* Uses what is left of a world; nothing of it may lean on what is gone. */
static void shape_use(world *w, const uint64_t digests[SHAPE_THINGS])
{
    void *const things[SHAPE_THINGS] = {NULL, w->graph, w->plan, w->tally, w->result, w->bytes};

    for (size_t i = 1; i < SHAPE_THINGS; i++)
        if (things[i])
            CLAIM(world_digest(WORLD_BUILDER + (int)i, things[i]) == digests[i]);
}

static void shape_drop(world *w, size_t thing)
{
    void *const things[SHAPE_THINGS] = {w->builder, w->graph,  w->plan,
                                        w->tally,   w->result, w->bytes};

    world_drop(WORLD_BUILDER + (int)thing, things[thing]);
    w->builder = thing == 0 ? NULL : w->builder;
    w->graph = thing == 1 ? NULL : w->graph;
    w->plan = thing == 2 ? NULL : w->plan;
    w->tally = thing == 3 ? NULL : w->tally;
    w->result = thing == 4 ? NULL : w->result;
    w->bytes = thing == 5 ? NULL : w->bytes;
}

/* The k-th order of six things. */
static void shape_order(size_t k, size_t order[SHAPE_THINGS])
{
    size_t left[SHAPE_THINGS] = {0, 1, 2, 3, 4, 5};

    for (size_t n = SHAPE_THINGS; n > 0; n--) {
        order[SHAPE_THINGS - n] = left[k % n];
        memmove(left + k % n, left + k % n + 1, (n - k % n - 1) * sizeof *left);
        k /= n;
    }
}

static void things_may_be_freed_in_every_order(void **state)
{
    enum { SHAPE_ORDERS = 720 };
    uint64_t digests[SHAPE_THINGS];
    journeys j;

    (void)state;
    journeys_make(&j, 3, 2, 6);
    for (size_t k = 0; k < SHAPE_ORDERS; k++) {
        size_t order[SHAPE_THINGS];
        world w;

        CLAIM(world_open(&w, &j, 0));
        if (k == 0) {
            void *const things[SHAPE_THINGS] = {NULL, w.graph, w.plan, w.tally, w.result, w.bytes};

            for (size_t i = 1; i < SHAPE_THINGS; i++)
                digests[i] = world_digest(WORLD_BUILDER + (int)i, things[i]);
        }
        shape_order(k, order);
        for (size_t i = 0; i < SHAPE_THINGS; i++) {
            shape_drop(&w, order[i]);
            if (k % 12 == i)
                shape_use(&w, digests);
        }
        world_close(&w);
        failing_check(&w.memory);
    }
    journeys_drop(&j);
}

/* A plan keeps its graph, whoever made it, and however often it is scanned. */
static void a_plan_outlives_all_that_it_came_from(void **state)
{
    sj_builder *builder = hostile_builder();
    sj_graph *graph = shape_build(builder), *part;
    sj_step steps[2];
    char first[] = "view", second[] = "touchpoint = 'cart'";
    sj_funnel_options options = hostile_funnel(first, second, steps);
    sj_plan *plans[2];
    sj_tally *tallies[2];

    (void)state;
    ACCEPT(sj_graph_select, graph, NULL, NULL, &part);
    ACCEPT(sj_funnel_plan, part, &options, &plans[0]);
    ACCEPT(sj_funnel_plan, part, &options, &plans[1]);
    CALLED(sj_builder_free)(builder);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_graph_free)(part);
    memset(first, '!', sizeof first - 1);
    memset(second, '!', sizeof second - 1);
    memset(steps, 0xff, sizeof steps);
    memset(&options, 0xff, sizeof options);
    for (int i = 0; i < 3; i++) {
        ACCEPT(sj_scan, plans, 2, NULL, tallies);
        CLAIM(world_digest(WORLD_TALLY, tallies[0]) == world_digest(WORLD_TALLY, tallies[1]));
        CLAIM(strstr(sj_tally_text(tallies[0]), "cart") != NULL);
        CALLED(sj_tally_free)(tallies[0]);
        CALLED(sj_tally_free)(tallies[1]);
    }
    CALLED(sj_plan_free)(plans[0]);
    ACCEPT(sj_scan, &plans[1], 1, NULL, tallies);
    CALLED(sj_plan_free)(plans[1]);
    CALLED(sj_tally_free)(tallies[0]);
}

/* A builder that was built from is empty, and takes everything anew. */
static void a_builder_that_was_built_is_as_new(void **state)
{
    sj_builder *builder = hostile_builder();
    sj_graph *first = shape_build(builder), *none = shape_build(builder), *again;

    (void)state;
    CLAIM(sj_graph_count(none, SJ_KIND_EVENTS) == 0);
    CLAIM(sj_graph_count(none, SJ_KIND_TOUCHPOINTS) == 0);
    ACCEPT(sj_builder_add_stage, builder, "look");
    CALLED(sj_builder_free)(builder);
    builder = shape_builder();
    ACCEPT(sj_builder_add_graph, builder, first);
    again = shape_build(builder);
    CLAIM(world_digest(WORLD_GRAPH, again) == world_digest(WORLD_GRAPH, first));
    CALLED(sj_builder_free)(builder);
    CALLED(sj_graph_free)(first);
    CALLED(sj_graph_free)(none);
    CALLED(sj_graph_free)(again);
}

static void *shape_refuse(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    (void)new_size;
    free(ptr);
    return NULL;
}

static void an_allocator_that_has_nothing_gives_nothing(void **state)
{
    const sj_allocator refuse = {.resize = shape_refuse};
    const sj_builder_options options = {.struct_size = sizeof options, .allocator = &refuse};
    const sj_buffer *bytes = hostile_world.bytes;
    sj_builder *builder;
    sj_tally *tally;
    sj_result *result;

    (void)state;
    REFUSE_OUT(SJ_ERR_NOMEM, builder, sj_builder_new, &options, &builder);
    REFUSE_OUT(SJ_ERR_NOMEM, tally, sj_tally_read, sj_buffer_data(bytes), sj_buffer_size(bytes),
               &refuse, &tally);
    REFUSE_OUT(SJ_ERR_NOMEM, result, sj_catalog, "catalogs", &refuse, &result);
}

const struct CMUnitTest hostile_shape_tests[] = {
    cmocka_unit_test(a_graph_of_nothing_answers_everything),
    cmocka_unit_test(a_map_without_events_answers_everything),
    cmocka_unit_test(one_event_at_any_time_answers_everything),
    cmocka_unit_test(journeys_from_the_first_time_to_the_last_are_exact),
    cmocka_unit_test(a_hundred_thousand_events_at_one_time_are_counted),
    cmocka_unit_test(attributes_are_taken_up_to_the_limit),
    cmocka_unit_test(names_of_any_kind_survive_everywhere),
    cmocka_unit_test(the_longest_names_that_there_may_be_are_kept),
    cmocka_unit_test(things_may_be_freed_in_every_order),
    cmocka_unit_test(a_plan_outlives_all_that_it_came_from),
    cmocka_unit_test(a_builder_that_was_built_is_as_new),
    cmocka_unit_test(an_allocator_that_has_nothing_gives_nothing)};
const size_t n_hostile_shape_tests = sizeof hostile_shape_tests / sizeof *hostile_shape_tests;
