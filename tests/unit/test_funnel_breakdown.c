/* Funnels by value: every way to take it, how it is shown and ordered, units that are not
 * customers, what is refused; and entries behind step 1, which show in tallies made by hand. */
#include "analysis/funnel.h"
#include "unit/columns.h"
#include "unit/near.h"
#include "unit/rows.h"

#define ASK(...)                                                                                   \
    (sj_funnel_options)                                                                            \
    {                                                                                              \
        .struct_size = sizeof(sj_funnel_options), STEPS3, __VA_ARGS__                              \
    }
#define STEPS3 .steps = abc, .n_steps = 3, .step_size = sizeof(sj_step)
#define STEPS2 .steps = abc, .n_steps = 2, .step_size = sizeof(sj_step)

static const sj_step abc[] = {{.condition = "A"}, {.condition = "B"}, {.condition = "C"}};

static const char *shown(const sj_graph *graph, sj_funnel_options options, const char *columns)
{
    static char text[16384];
    sj_result *result = NULL;
    must(sj_funnel_compute(graph, &options, NULL, &result, error));
    snprintf(text, sizeof text, "%s", columns_text(result, "breakdown", columns));
    sj_result_free(result);
    return text;
}

/* Journeys by device, times in microseconds:
 *     k1  A0 web   B2 app   C5 -        k2  A1 app   B4 app
 *     k3  A0 -                          k4  D0 app   A3 web
 * Level 3, 2, 1, 1. */
static sj_graph *devices(void)
{
    return GRAPH(NULL, {"k1", "A", 0, "mail", "1", {"device", "web"}},
                 {"k1", "B", 2, "ad", "2", {"device", "app"}}, {"k1", "C", 5, NULL, "4"},
                 {"k2", "A", 1, "ad", NULL, {"device", "app"}},
                 {"k2", "B", 4, "ad", "8", {"device", "app"}}, {"k3", "A", 0},
                 {"k4", "D", 0, NULL, NULL, {"device", "app"}},
                 {"k4", "A", 3, "ad", NULL, {"device", "web"}});
}

static void the_value_at_the_entry_is_the_default(void **state)
{
    sj_graph *graph = devices();
    (void)state;
    /* Two entered with web, one with app, one without; of equal ones "(" comes before "a". */
    assert_string_equal(
        shown(graph, ASK(.breakdown = "device"),
              "key step name reached filled dropped open entered rate_previous rate_overall time_n "
              "time_mean gap_mean value"),
        "web 1 A 2 2 1 0 0 - 1 2 0 - 1\n"
        "web 2 B 1 1 0 0 0 0.5 0.5 1 2 2 2\n"
        "web 3 C 1 1 0 0 0 1 0.5 1 5 3 4\n"
        "(none) 1 A 1 1 1 0 0 - 1 1 0 - 0\n"
        "(none) 2 B 0 0 0 0 0 0 0 0 - - 0\n"
        "(none) 3 C 0 0 0 0 0 - 0 0 - - 0\n"
        "app 1 A 1 1 0 0 0 - 1 1 0 - 0\n"
        "app 2 B 1 1 1 0 0 1 1 1 3 3 8\n"
        "app 3 C 0 0 0 0 0 0 0 0 - - 0\n");
    sj_graph_free(graph);
}

static void at_a_step_it_is_that_of_the_event_that_filled_it_or_none(void **state)
{
    sj_graph *graph = devices();
    (void)state;
    assert_string_equal(
        shown(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_STEP, .breakdown_step = 2),
              "key step reached"),
        "(none) 1 2\n(none) 2 0\n(none) 3 0\napp 1 2\napp 2 2\napp 3 1\n");
    /* k1's C has no device. */
    assert_string_equal(
        shown(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_STEP, .breakdown_step = 3),
              "key step reached"),
        "(none) 1 4\n(none) 2 2\n(none) 3 1\n");
    sj_graph_free(graph);
}

static void an_optional_step_left_out_is_none(void **state)
{
    const sj_step steps[] = {
        {.condition = "A"}, {.condition = "B", .optional = 1}, {.condition = "C"}};
    sj_graph *graph = GRAPH(NULL, {"k", "A", 0, "x"}, {"k", "C", 1, "y"}, {"m", "A", 0, "x"},
                            {"m", "B", 1, "z"}, {"m", "C", 2, "y"});
    (void)state;
    for (int figures = 0; figures < 2; figures++)
        assert_string_equal(
            shown(graph,
                  (sj_funnel_options){.struct_size = sizeof(sj_funnel_options),
                                      .steps = steps,
                                      .n_steps = 3,
                                      .step_size = sizeof *steps,
                                      .breakdown = "channel",
                                      .breakdown_at = SJ_AT_STEP,
                                      .breakdown_step = 2,
                                      .figures = figures ? SJ_FIGURE_COUNTS : 0},
                  "key step reached filled"),
            "(none) 1 1 1\n(none) 2 1 0\n(none) 3 1 1\nz 1 1 1\nz 2 1 1\nz 3 1 1\n");
    sj_graph_free(graph);
}

static void first_and_last_are_of_the_journey_seen(void **state)
{
    sj_graph *graph = devices();
    const int64_t two = 2;
    (void)state;
    /* First: web, app, none, app. */
    assert_string_equal(
        shown(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_FIRST), "key step reached"),
        "app 1 2\napp 2 1\napp 3 0\n(none) 1 1\n(none) 2 0\n(none) 3 0\n"
        "web 1 1\nweb 2 1\nweb 3 1\n");
    /* Last: app (C5 has none), app, none, web. */
    assert_string_equal(
        shown(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_LAST), "key step reached"),
        "app 1 2\napp 2 2\napp 3 1\n(none) 1 1\n(none) 2 0\n(none) 3 0\n"
        "web 1 1\nweb 2 0\nweb 3 0\n");
    /* Up to 2, k4 has not entered, and k1's last is that of B2. */
    assert_string_equal(shown(graph,
                              ASK(.breakdown = "device", .breakdown_at = SJ_AT_LAST, .as_of = &two),
                              "key step reached"),
                        "app 1 2\napp 2 1\napp 3 0\n(none) 1 1\n(none) 2 0\n(none) 3 0\n");
    sj_graph_free(graph);
}

static void channels_and_stages_are_reserved_words(void **state)
{
    sj_builder *b = rows_builder(NULL);
    (void)state;
    must(sj_builder_add_stage(b, "look", error));
    must(sj_builder_add_touchpoint(b, "A", "look", "shop", error));
    rows_feed(b,
              (const row[]){{"k1", "A", 0, NULL, NULL, {"channel", "red"}},
                            {"k1", "B", 1, "web", NULL, {"channel", "red"}},
                            {"k2", "A", 0, "web", NULL, {"channel", "blue"}},
                            {"k2", "C", 0, NULL, NULL, {"channel", "blue"}}},
              4);
    sj_graph *graph = rows_build(b);
    sj_builder_free(b);
    /* The touchpoint's own channel is that of an event that brings none. */
    assert_string_equal(shown(graph, ASK(.breakdown = "channel"), "key step reached"),
                        "shop 1 1\nshop 2 1\nshop 3 0\nweb 1 1\nweb 2 0\nweb 3 0\n");
    assert_string_equal(
        shown(graph, ASK(.breakdown = "stage", .breakdown_at = SJ_AT_STEP, .breakdown_step = 2),
              "key step reached"),
        "(none) 1 2\n(none) 2 1\n(none) 3 0\n");
    assert_string_equal(shown(graph, ASK(.breakdown = "stage"), "key step reached"),
                        "look 1 2\nlook 2 1\nlook 3 0\n");
    /* An attribute of that name is reached as in conditions. */
    assert_string_equal(shown(graph, ASK(.breakdown = "\"channel\""), "key step reached"),
                        "blue 1 1\nblue 2 0\nblue 3 0\nred 1 1\nred 2 1\nred 3 0\n");
    sj_graph_free(graph);
}

/* Attributes of customers by name and text. */
static void set_customer(sj_builder *b, const char *customer, const char *plan)
{
    const char *const key[] = {customer}, *const text[] = {plan};
    const sj_column attribute = {.name = "plan", .type = SJ_ARRAY_STRINGS, .data = text};
    const sj_events rows = {.struct_size = sizeof rows,
                            .n_events = 1,
                            .customer = {.type = SJ_ARRAY_STRINGS, .data = key},
                            .attributes = &attribute,
                            .n_attributes = 1};
    must(sj_builder_set_customers(b, &rows, error));
}

static void an_attribute_of_customers_is_the_customer_s(void **state)
{
    sj_builder *b = rows_builder(NULL);
    char texts[2][1024];
    (void)state;
    must(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
    rows_feed(b,
              (const row[]){{"k1", "A", 0},
                            {"k1", "B", 1},
                            {"k2", "A", 0},
                            {"k2", "C", 0},
                            {"k3", "A", 0},
                            {"k3", "B", 0}},
              6);
    set_customer(b, "k1", "gold");
    set_customer(b, "k2", "gold");
    sj_graph *graph = rows_build(b);
    sj_builder_free(b);
    static const int32_t ways[] = {0, SJ_AT_ENTRY, SJ_AT_FIRST, SJ_AT_LAST, SJ_AT_CUSTOMER};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const sj_funnel_options options = ASK(.breakdown = "plan", .breakdown_at = ways[i]);
        sj_plan *plan = NULL;
        sj_tally *tally = NULL;
        assert_string_equal(shown(graph, options, "key step reached"),
                            "gold 1 2\ngold 2 1\ngold 3 0\n(none) 1 1\n(none) 2 1\n(none) 3 0\n");
        must(sj_funnel_plan(graph, &options, &plan, error));
        must(sj_scan(&plan, 1, NULL, &tally, error));
        snprintf(texts[i > 0], sizeof *texts, "%s", sj_tally_text(tally));
        assert_string_equal(texts[0], texts[i > 0]);
        sj_tally_free(tally);
        sj_plan_free(plan);
    }
    assert_non_null(strstr(texts[0], "\nbreakdown plan\nbreakdown_at customer\n"));
    assert_string_equal(
        shown(graph, ASK(.breakdown = "plan", .breakdown_at = SJ_AT_STEP, .breakdown_step = 2),
              "key step reached"),
        "(none) 1 2\n(none) 2 1\n(none) 3 0\n"
        "gold 1 1\ngold 2 1\ngold 3 0\n");
    sj_graph_free(graph);
}

static void numbers_are_keys_in_their_shortest_form(void **state)
{
    sj_builder *b = rows_builder(NULL);
    (void)state;
    must(sj_builder_add_attribute(b, "age", SJ_ATTRIBUTE_INTEGER, 0, error));
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_REAL, 0, error));
    rows_feed(b,
              (const row[]){{"k1", "A", 0, NULL, NULL, {"age", "10", "load", "0.50"}},
                            {"k2", "A", 0, NULL, NULL, {"age", "9", "load", "-0"}},
                            {"k3", "A", 0, NULL, NULL, {"age", "-7", "load", "5e-1"}},
                            {"k4", "A", 0, NULL, NULL, {"age", "010", "load", "0"}},
                            {"k5", "B", 0},
                            {"k5", "C", 0}},
              6);
    sj_graph *graph = rows_build(b);
    sj_builder_free(b);
    const sj_funnel_options age = {.struct_size = sizeof age,
                                   .steps = abc,
                                   .n_steps = 1,
                                   .step_size = sizeof *abc,
                                   .breakdown = "age"};
    sj_funnel_options load = age;
    load.breakdown = "load";
    assert_string_equal(shown(graph, age, "key reached"), "10 2\n-7 1\n9 1\n"); /* by bytes */
    assert_string_equal(shown(graph, load, "key reached"), "0 2\n0.5 2\n");
    sj_graph_free(graph);
}

static void values_that_look_like_marks_are_quoted(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k1", "A", 0, NULL, NULL, {"x", "(null)"}}, {"k2", "A", 0},
                            {"k3", "A", 0, NULL, NULL, {"x", "a > b"}},
                            {"k4", "A", 0, NULL, NULL, {"x", "!"}}, {"k4", "B", 0}, {"k4", "C", 0});
    (void)state;
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = abc,
                                       .n_steps = 1,
                                       .step_size = sizeof *abc,
                                       .breakdown = "x"};
    /* All have one: "!" is before "(", and the mark stands beside its look-alike. */
    assert_string_equal(shown(graph, options, "key reached"),
                        "! 1\n(none) 1\n'(null)' 1\n'a > b' 1\n");
    sj_graph_free(graph);
}

static void sessions_count_units_and_distinct_customers_per_key(void **state)
{
    /* k1 has two sessions by web, one of them with B, and one by app; k2 one by web. */
    sj_graph *graph =
        GRAPH(NULL, {"k1", "A", 0, "web"}, {"k1", "A", 100, "web"}, {"k1", "B", 101, "app"},
              {"k1", "A", 200, "app"}, {"k2", "A", 0, "web"}, {"k2", "C", 1, "tv"});
    (void)state;
    assert_string_equal(
        shown(graph, ASK(.breakdown = "channel", .unit = SJ_UNIT_SESSIONS, .session_gap = 30),
              "key step reached customers"),
        "web 1 3 2\nweb 2 1 1\nweb 3 0 0\napp 1 1 1\napp 2 0 0\napp 3 0 0\n");
    /* Each session is a journey of its own: its last channels are web, app, app and tv. */
    assert_string_equal(shown(graph,
                              ASK(.breakdown = "channel", .unit = SJ_UNIT_SESSIONS,
                                  .session_gap = 30, .breakdown_at = SJ_AT_LAST),
                              "key step reached customers"),
                        "app 1 2 1\napp 2 1 1\napp 3 0 0\ntv 1 1 1\ntv 2 0 0\ntv 3 0 0\n"
                        "web 1 1 1\nweb 2 0 0\nweb 3 0 0\n");
    sj_graph_free(graph);
}

static void a_held_value_makes_the_journey_whose_first_and_last_count(void **state)
{
    const char *const hold[] = {"cart"};
    sj_graph *graph = GRAPH(
        NULL, {"k", "D", 0, "web", NULL, {"cart", "2"}}, {"k", "D", 1, "app", NULL, {"cart", "1"}},
        {"k", "A", 2, "tv", NULL, {"cart", "1"}}, {"k", "A", 3, "tv", NULL, {"cart", "2"}},
        {"k", "B", 4, "tv", NULL, {"cart", "2"}}, {"k", "C", 5, "mail"});
    (void)state;
    for (int figures = 0; figures < 2; figures++)
        assert_string_equal(shown(graph,
                                  ASK(.breakdown = "channel", .breakdown_at = SJ_AT_FIRST,
                                      .hold = hold, .n_hold = 1, .unit = SJ_UNIT_VALUES,
                                      .figures = figures ? SJ_FIGURE_COUNTS : 0),
                                  "key step reached"),
                            "app 1 1\napp 2 0\napp 3 0\nweb 1 1\nweb 2 1\nweb 3 0\n");
    sj_graph_free(graph);
}

static void reasons_are_told_apart_per_key(void **state)
{
    const sj_exclusion without[] = {{.condition = "D"}};
    const int64_t as_of = 100;
    sj_graph *graph =
        GRAPH(NULL, {"k1", "A", 0, "x"}, {"k2", "A", 95, "x"}, {"k3", "A", 0, "x"},
              {"k3", "D", 1, "x"}, {"k4", "A", 95, "y"}, {"k5", "B", 0}, {"k5", "C", 100});
    (void)state;
    assert_string_equal(
        shown(graph,
              ASK(.breakdown = "channel", .window = 10, .as_of = &as_of, .exclusions = without,
                  .n_exclusions = 1, .exclusion_size = sizeof *without),
              "key step reached dropped excluded open"),
        "x 1 3 1 1 1\nx 2 0 0 0 0\nx 3 0 0 0 0\n"
        "y 1 1 0 0 1\ny 2 0 0 0 0\ny 3 0 0 0 0\n");
    sj_graph_free(graph);
}

static void counts_alone_give_the_same_counts_and_no_figures(void **state)
{
    static const struct {
        int32_t at, step;
    } ways[] = {{SJ_AT_ENTRY, 0}, {SJ_AT_STEP, 2}, {SJ_AT_FIRST, 0}, {SJ_AT_LAST, 0}};
    sj_graph *graph = devices();
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char all[4096];
        sj_funnel_options options =
            ASK(.breakdown = "device", .breakdown_at = ways[i].at, .breakdown_step = ways[i].step);
        const char *columns = "key step reached filled customers rate_previous low high";
        snprintf(all, sizeof all, "%s", shown(graph, options, columns));
        options.figures = SJ_FIGURE_COUNTS;
        assert_string_equal(shown(graph, options, columns), all);
        assert_non_null(strstr(shown(graph, options, "dropped time_mean value"), "- - -\n"));
    }
    sj_graph_free(graph);
}

static void many_values_of_few_units_are_all_kept(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_result *result = NULL;
    (void)state;
    for (int i = 0; i < 10000; i++) { /* more than the slots that are remembered */
        char customer[16], value[16];
        snprintf(customer, sizeof customer, "k%d", i);
        snprintf(value, sizeof value, "%05d", i * 7919 % 5000);
        rows_feed(b, &(const row){customer, "A", i, NULL, "1", {"x", value}}, 1);
    }
    rows_feed(b, (const row[]){{"m", "B", 0}, {"m", "C", 0}}, 2);
    sj_graph *graph = rows_build(b);
    sj_builder_free(b);
    must(sj_funnel_compute(graph, &ASK(.breakdown = "x"), NULL, &result, error));
    const sj_table *table = sj_result_find(result, "breakdown");
    assert_int_equal(sj_table_rows(table), 15000);
    for (size_t i = 0; i < 5000; i++) {
        char value[16];
        snprintf(value, sizeof value, "%05d", (int)i);
        assert_string_equal(sj_table_text(table, "key", 3 * i), value);
        assert_int_equal(sj_table_integers(table, "reached")[3 * i], 2);
        assert_near(sj_table_reals(table, "value")[3 * i], 2, 0);
    }
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- the tally ---- */

static sj_tally *tally_of(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    must(sj_funnel_plan(graph, options, &plan, error));
    must(sj_scan(&plan, 1, NULL, &tally, error));
    sj_plan_free(plan);
    return tally;
}

static void the_tally_s_text_says_what_is_not_neutral(void **state)
{
    sj_graph *graph = devices();
    (void)state;
    const sj_funnel_options entry = ASK(.breakdown = "device", .breakdown_at = SJ_AT_ENTRY);
    sj_tally *tally = tally_of(graph, &entry);
    assert_non_null(strstr(sj_tally_text(tally), "\nbreakdown device\n"));
    assert_null(strstr(sj_tally_text(tally), "breakdown_at"));
    sj_tally_free(tally);
    const sj_funnel_options step =
        ASK(.breakdown = "stage", .breakdown_at = SJ_AT_STEP, .breakdown_step = 3);
    tally = tally_of(graph, &step);
    assert_non_null(
        strstr(sj_tally_text(tally), "\nbreakdown stage\nbreakdown_at step\nbreakdown_step 3\n"));
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void notes_say_what_the_keys_are(void **state)
{
    sj_graph *graph = devices();
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_compute(
        graph, &ASK(.breakdown = "device", .breakdown_at = SJ_AT_STEP, .breakdown_step = 2), NULL,
        &result, error));
    assert_string_equal(columns_note(result, "breakdown"), "device");
    assert_string_equal(columns_note(result, "breakdown_at"), "step");
    assert_string_equal(columns_note(result, "breakdown_step"), "2");
    sj_result_free(result);
    must(sj_funnel_compute(graph, &ASK(.window = 3), NULL, &result, error));
    assert_null(columns_note(result, "breakdown"));
    assert_null(sj_result_find(result, "breakdown"));
    sj_result_free(result);
    sj_graph_free(graph);
}

/* Units of an open funnel as (entered, level): (1,2) (1,3) (2,2) (2,3) (3,3); nobody removed, all
 * of level 2 dropped. */
static sj_tally *open_tally(const char *more)
{
    sj_graph *graph = devices();
    sj_tally *plain = tally_of(graph, &ASK(.figures = SJ_FIGURE_REASONS));
    sj_tally *tally = NULL;
    char text[2048];
    size_t at;
    snprintf(text, sizeof text, "%senter_anywhere 1\n%s", sj_tally_text(plain), more);
    must(sj__tally_new(&sj__funnel_analysis, text, strlen(text), &plain->allocator, &tally, error));
    static const struct {
        int ledger;
        int32_t key[2];
        size_t n;
        int64_t units;
    } rows[] = {{SJ__FUNNEL_LEVELS, {2}, 1, 2},
                {SJ__FUNNEL_LEVELS, {3}, 1, 3},
                {SJ__FUNNEL_ENTERED, {2}, 1, 2},
                {SJ__FUNNEL_ENTERED, {3}, 1, 1},
                {SJ__FUNNEL_FILLED, {1}, 1, 2},
                {SJ__FUNNEL_FILLED, {2}, 1, 4},
                {SJ__FUNNEL_FILLED, {3}, 1, 3},
                {SJ__FUNNEL_REASONS, {2, SJ__FUNNEL_NONE}, 2, 2},
                {SJ__FUNNEL_REASONS, {3, SJ__FUNNEL_CONVERTED}, 2, 3},
                {SJ__FUNNEL_NEXT, {2, -1}, 2, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        must(sj__ledger_row(&tally->ledgers[rows[i].ledger], rows[i].key, rows[i].n, &at, error));
        sj__ledger_counts(&tally->ledgers[rows[i].ledger], at)[0] = rows[i].units;
    }
    sj_tally_free(plain);
    sj_graph_free(graph);
    return tally;
}

static void an_open_funnel_counts_who_began_at_each_step(void **state)
{
    sj_tally *tally = open_tally("");
    sj_result *result = NULL;
    (void)state;
    must(sj__tally_settle(tally, error));
    must(sj_funnel_conclude(tally, NULL, &result, error));
    /* 2 + 2 = 4 + 0, 4 + 1 = 3 + 2; rate_previous (4 − 2)/2 and (3 − 1)/4; overall of 5 units. */
    assert_string_equal(
        columns_text(result, "steps", "step reached entered dropped rate_previous rate_overall"),
        "1 2 2 0 - 0.4\n2 4 2 2 1 0.8\n3 3 1 0 0.5 0.6\n");
    const sj_table *steps = sj_result_find(result, "steps");
    const sj__interval overall = sj__wilson(2, 5), previous = sj__wilson(2, 4);
    assert_near(sj_table_reals(steps, "low")[0], overall.low, 0);
    assert_near(sj_table_reals(steps, "high")[0], overall.high, 0);
    assert_near(sj_table_reals(steps, "rate_previous_low")[2], previous.low, 0);
    assert_near(sj_table_reals(steps, "rate_previous_high")[2], previous.high, 0);
    sj_result_free(result);
    sj_tally_free(tally);
}

static void open_groups_add_up_to_the_open_total(void **state)
{
    sj_tally *tally = open_tally("breakdown channel\n");
    sj__ledger *ledger = &tally->ledgers[SJ__FUNNEL_BREAKDOWN];
    sj_result *result = NULL;
    int32_t name = 0;
    (void)state;
    must(sj__tally_name(tally, "web", 3, &name, error));
    /* web has (1,2) (2,3), no value the other three: (1,3) (2,2) (3,3). */
    const int64_t rows[][8] = {/* name, step; filled level dropped excluded open entered */
                               {name, 1, 1, 0, 0, 0, 0, 0}, {name, 2, 2, 1, 1, 0, 0, 1},
                               {name, 3, 1, 1, 0, 0, 0, 0}, {-1, 1, 1, 0, 0, 0, 0, 0},
                               {-1, 2, 2, 1, 1, 0, 0, 1},   {-1, 3, 2, 2, 0, 0, 0, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int32_t key[2] = {(int32_t)rows[i][0], (int32_t)rows[i][1]};
        size_t at;
        must(sj__ledger_row(ledger, key, 2, &at, error));
        memcpy(sj__ledger_counts(ledger, at), rows[i] + 2, 6 * sizeof(int64_t));
    }
    must(sj__tally_settle(tally, error));
    must(sj_funnel_conclude(tally, NULL, &result, error));
    assert_string_equal(
        columns_text(result, "breakdown",
                     "key step reached entered dropped rate_previous rate_overall"),
        "(none) 1 1 1 0 - 0.333333\n(none) 2 2 1 1 1 0.666667\n(none) 3 2 1 0 0.5 0.666667\n"
        "web 1 1 1 0 - 0.5\nweb 2 2 1 1 1 1\nweb 3 1 0 0 0.5 0.5\n");
    sj_result_free(result);
    sj_tally_free(tally);
}

/* ---- tallies that do not add up ---- */

static void expect_damaged(sj_tally *tally, const char *word)
{
    sj_result *result = NULL;
    must_fail(SJ_ERR_FORMAT, sj_funnel_conclude(tally, NULL, &result, error));
    assert_null(result);
    assert_non_null(strstr(failure.message, word));
}

/* Adds to one count of one row of a sound tally, and takes it back. */
static void expect_break(const sj_graph *graph, int ledger, size_t at, size_t count, int64_t more,
                         const char *word)
{
    sj_tally *tally =
        tally_of(graph, &ASK(.breakdown = "device", .trend = SJ_TREND_HOUR, .survival = 1));
    sj_result *result = NULL;
    must(sj_funnel_conclude(tally, NULL, &result, error));
    sj_result_free(result);
    sj__ledger_counts(&tally->ledgers[ledger], at)[count] += more;
    expect_damaged(tally, word);
    sj_tally_free(tally);
}

static void a_tally_that_does_not_add_up_is_refused(void **state)
{
    sj_graph *graph = devices();
    (void)state;
    expect_break(graph, SJ__FUNNEL_LEVELS, 0, 0, 1, "reasons at step 1");
    expect_break(graph, SJ__FUNNEL_FILLED, 1, 0, 1, "filled");
    expect_break(graph, SJ__FUNNEL_REASONS, 1, 0, 1, "reasons at step 2");
    expect_break(graph, SJ__FUNNEL_NEXT, 0, 0, 1, "came next at step 1");
    for (size_t count = 0; count < SJ__GROUP_ENTERED; count++) {
        expect_break(graph, SJ__FUNNEL_BREAKDOWN, 0, count, 1, "groups at step 1");
        expect_break(graph, SJ__FUNNEL_TREND, 0, count, 1, "groups at step 1");
    }
    expect_break(graph, SJ__FUNNEL_SURVIVAL, 0, 0, 1, "survival");
    expect_break(graph, SJ__FUNNEL_SURVIVAL, 1, 0, -1, "survival");
    /* Values and times of groups as well. */
    sj_tally *tally = tally_of(graph, &ASK(.breakdown = "device"));
    sj__ledger_sums(&tally->ledgers[SJ__FUNNEL_BREAKDOWN], 0)[0] += 1;
    expect_damaged(tally, "values or times");
    sj_tally_free(tally);
    /* Rows of what was not asked for. */
    size_t at;
    tally = tally_of(graph, &ASK(.window = 0));
    must(sj__ledger_row(&tally->ledgers[SJ__FUNNEL_BREAKDOWN], (const int32_t[]){-1, 1}, 2, &at,
                        error));
    expect_damaged(tally, "no funnel of these steps");
    sj_tally_free(tally);
    tally = tally_of(graph, &ASK(.window = 0));
    must(sj__ledger_row(&tally->ledgers[SJ__FUNNEL_ENTERED], (const int32_t[]){2}, 1, &at, error));
    expect_damaged(tally, "no funnel of these steps");
    sj_tally_free(tally);
    /* More began behind step 1 than there are units. */
    tally = open_tally("");
    sj__ledger_counts(&tally->ledgers[SJ__FUNNEL_ENTERED], 1)[0] = 4;
    expect_damaged(tally, "no funnel of these steps");
    sj_tally_free(tally);
    sj_graph_free(graph);
}

/* ---- refusals ---- */

static void refuses(const sj_graph *graph, sj_funnel_options options, sj_status code,
                    const char *word)
{
    sj_result *result = NULL;
    must_fail(code, sj_funnel_compute(graph, &options, NULL, &result, error));
    if (strstr(failure.message, word) == NULL)
        fail_msg("%s: %s", word, failure.message);
    must_fail(code, sj_funnel_list(graph, &options, NULL, &result, error));
}

static void what_says_nothing_or_too_much_is_refused(void **state)
{
    sj_graph *graph = devices();
    (void)state;
    refuses(graph, ASK(.breakdown_at = SJ_AT_ENTRY), SJ_ERR_OPTIONS, "without breakdown");
    refuses(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_STEP), SJ_ERR_OPTIONS,
            "without breakdown_step");
    refuses(graph, ASK(.breakdown = "device", .breakdown_step = 1), SJ_ERR_OPTIONS,
            "without breakdown_at step");
    refuses(graph, ASK(.breakdown_step = 1), SJ_ERR_OPTIONS, "breakdown_step");
    refuses(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_STEP, .breakdown_step = 4),
            SJ_ERR_OPTIONS, "breakdown_step is 4: there are steps 1 to 3");
    refuses(graph, ASK(.breakdown = "device", .breakdown_at = SJ_AT_CUSTOMER), SJ_ERR_OPTIONS,
            "'device' is of events");
    refuses(graph, ASK(.breakdown = "channel", .breakdown_at = SJ_AT_CUSTOMER), SJ_ERR_OPTIONS,
            "'channel' is of events");
    refuses(graph, ASK(.breakdown = "devise"), SJ_ERR_NAME, "'device'");
    refuses(graph, ASK(.breakdown = "chanel"), SJ_ERR_NAME, "'channel'");
    refuses(graph, ASK(.breakdown = ""), SJ_ERR_NAME, "unknown breakdown");
    refuses(graph, ASK(.breakdown = "\"channel\""), SJ_ERR_NAME, "unknown breakdown");
    refuses(graph, ASK(.breakdown = "touchpoint"), SJ_ERR_NAME, "unknown breakdown");
    refuses(graph, ASK(.utc_offset = 60), SJ_ERR_OPTIONS, "without trend");
    refuses(graph, ASK(.trend = SJ_TREND_DAY, .utc_offset = 1440), SJ_ERR_OPTIONS,
            "less than a day");
    refuses(graph, ASK(.trend = SJ_TREND_DAY, .utc_offset = -1440), SJ_ERR_OPTIONS,
            "less than a day");
    refuses(graph, ASK(.survival = 1, .figures = SJ_FIGURE_COUNTS), SJ_ERR_OPTIONS, "survival");
    refuses(graph, ASK(.survival = 1, .figures = SJ_FIGURE_TIMES | SJ_FIGURE_VALUES),
            SJ_ERR_OPTIONS, "survival");
    refuses(graph, ASK(.survival = 1, .figures = SJ_FIGURE_REASONS), SJ_ERR_OPTIONS, "survival");
    sj_graph_free(graph);
}

/* Every allocation of plan, scan and conclusion fails in turn. */
static void a_failed_allocation_is_an_error_and_leaves_nothing(void **state)
{
    int done = 0;
    uint64_t k = 1;
    (void)state;
    for (; !done && k < 3000; k++) {
        failing memory = {0};
        const sj_allocator a = failing_allocator(&memory);
        const sj_builder_options how = {.struct_size = sizeof how, .allocator = &a};
        sj_graph *graph = GRAPH(&how, {"k1", "A", 0, "x", NULL, {"load", "1", "d", "w"}},
                                {"k1", "B", SJ_DAY, "y", "3", {"load", "2"}},
                                {"k2", "A", 0, "x", "3", {"d", "v"}}, {"k2", "A", 900, "x", "3"},
                                {"k2", "C", 900, "x", "3"});
        sj_result *result = NULL;
        memory.fail_at = memory.requests + k;
        const uint64_t failed = memory.failures;
        sj_funnel_options options =
            ASK(.breakdown = k % 2 ? "d" : "\"load\"", .trend = SJ_TREND_HOUR, .survival = 1,
                .unit = SJ_UNIT_SESSIONS, .session_gap = 500);
        options.breakdown_at = k % 3 ? SJ_AT_LAST : 0;
        const sj_status status = sj_funnel_compute(graph, &options, NULL, &result, NULL);
        assert_int_equal(status, memory.failures > failed ? SJ_ERR_NOMEM : SJ_OK);
        assert_int_equal(result != NULL, status == SJ_OK);
        done = status == SJ_OK;
        sj_result_free(result);
        options.breakdown = "x";
        memory.fail_at = memory.requests + k % 8 + 1;
        assert_int_not_equal(sj_funnel_compute(graph, &options, NULL, &result, NULL), SJ_OK);
        memory.fail_at = 0;
        sj_graph_free(graph);
        failing_check(&memory);
    }
    assert_true(done);
    assert_true(k > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_at_the_entry_is_the_default),
        cmocka_unit_test(at_a_step_it_is_that_of_the_event_that_filled_it_or_none),
        cmocka_unit_test(an_optional_step_left_out_is_none),
        cmocka_unit_test(first_and_last_are_of_the_journey_seen),
        cmocka_unit_test(channels_and_stages_are_reserved_words),
        cmocka_unit_test(an_attribute_of_customers_is_the_customer_s),
        cmocka_unit_test(numbers_are_keys_in_their_shortest_form),
        cmocka_unit_test(values_that_look_like_marks_are_quoted),
        cmocka_unit_test(sessions_count_units_and_distinct_customers_per_key),
        cmocka_unit_test(a_held_value_makes_the_journey_whose_first_and_last_count),
        cmocka_unit_test(reasons_are_told_apart_per_key),
        cmocka_unit_test(counts_alone_give_the_same_counts_and_no_figures),
        cmocka_unit_test(many_values_of_few_units_are_all_kept),
        cmocka_unit_test(the_tally_s_text_says_what_is_not_neutral),
        cmocka_unit_test(notes_say_what_the_keys_are),
        cmocka_unit_test(an_open_funnel_counts_who_began_at_each_step),
        cmocka_unit_test(open_groups_add_up_to_the_open_total),
        cmocka_unit_test(a_tally_that_does_not_add_up_is_refused),
        cmocka_unit_test(what_says_nothing_or_too_much_is_refused),
        cmocka_unit_test(a_failed_allocation_is_an_error_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
