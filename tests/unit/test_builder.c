/* The builder: what it takes, what it refuses and how, and that a call that fails leaves nothing
 * behind. */
#include "failing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "journey/builder.h"
#include "journey/graph.h"
#include "rows.h"

/* ------------------------------------------------------------------------------------ options --
 */

static void options_are_checked(void **state)
{
    int64_t early = 10, late = 20;
    sj_builder_options o = {.struct_size = sizeof o, .ties = 3};
    sj_builder *b = NULL;
    (void)state;
    must_fail(SJ_ERR_OPTIONS, sj_builder_new(&o, &b, error));
    assert_null(b);
    assert_non_null(strstr(failure.message, "ties"));
    o = (sj_builder_options){
        .struct_size = sizeof o, .observed_from = &late, .observed_until = &early};
    must_fail(SJ_ERR_OPTIONS, sj_builder_new(&o, &b, error));
    o = (sj_builder_options){.struct_size = 3};
    must_fail(SJ_ERR_ARGUMENT, sj_builder_new(&o, &b, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_new(NULL, NULL, error));
    sj_builder_free(NULL);
}

static void null_is_refused_by_name(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g = NULL;
    sj_event e = {.struct_size = sizeof e, .touchpoint = "view"};
    (void)state;
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_stage(b, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_stage(NULL, "s", error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_touchpoint(b, NULL, NULL, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_channel(b, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_micro_conversion(b, "m", NULL, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_expected(b, "a", NULL, 0, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_map(b, NULL, 3, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_attribute(b, "a", 4, 0, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_event(b, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_event(b, &e, error));
    assert_non_null(strstr(failure.message, "customer"));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_events(b, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_set_customers(NULL, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_graph(b, NULL, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_build(NULL, NULL, &g, error));
    must_fail(SJ_ERR_ARGUMENT, sj_builder_build(b, NULL, NULL, error));
    sj_builder_free(b);
}

/* ---- one event ---- */

static void events_come_in_any_order_and_stand_by_time(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "buy", 30, "email", "12.5"}, {"bob", "view", 5},
                        {"ann", "view", 10}, {"ann", "cart", 20});
    (void)state;
    assert_string_equal(journey_of(g, "ann"), "view@10 cart@20 buy@30:email=12.5");
    assert_string_equal(journey_of(g, "bob"), "view@5");
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 4);
    sj_graph_free(g);
}

static void one_event_is_checked_on_entry(void **state)
{
    static char long_key[65537];
    int64_t from = 100, until = 200;
    sj_builder_options o = {
        .struct_size = sizeof o, .observed_from = &from, .observed_until = &until};
    sj_builder *b = rows_builder(&o);
    sj_graph *g;
    const row bad[] = {{"", "view", 150},
                       {"ann", "", 150},
                       {"a\xff", "view", 150},
                       {"ann", "v\xc0\x80", 150},
                       {long_key, "view", 150},
                       {"ann", long_key, 150},
                       {"ann", "view", 99},
                       {"ann", "view", 201},
                       {"ann", "view", 150, "\xed\xa0\x80"},
                       {"ann", "view", 150, NULL, "nan"},
                       {"ann", "view", 150, NULL, "inf"},
                       {"ann", "view", 150, NULL, "9.3e12"},
                       {"ann", "view", 150, NULL, NULL, {"load", "many"}},
                       {"ann", "view", 150, NULL, NULL, {"load", "9223372036854775808"}},
                       {"ann", "view", 150, NULL, NULL, {"weight", "1e999"}},
                       {"ann", "view", 150, NULL, NULL, {"plan", "gold"}},
                       {"ann", "view", 150, NULL, NULL, {"new", "x", "new", "y"}},
                       {"ann", "view", 150, NULL, NULL, {"new", "\xff"}},
                       {"ann", "view", 150, NULL, NULL, {"", "x"}}};
    const sj_status code[] = {SJ_ERR_NAME,      SJ_ERR_NAME,  SJ_ERR_UTF8,  SJ_ERR_UTF8,
                              SJ_ERR_LIMIT,     SJ_ERR_LIMIT, SJ_ERR_TIME,  SJ_ERR_TIME,
                              SJ_ERR_UTF8,      SJ_ERR_VALUE, SJ_ERR_VALUE, SJ_ERR_VALUE,
                              SJ_ERR_VALUE,     SJ_ERR_VALUE, SJ_ERR_VALUE, SJ_ERR_NAME,
                              SJ_ERR_DUPLICATE, SJ_ERR_UTF8,  SJ_ERR_NAME};
    (void)state;
    memset(long_key, 'k', 65536);
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    must(sj_builder_add_attribute(b, "weight", SJ_ATTRIBUTE_REAL, 0, error));
    must(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        must_fail(code[i], rows_add(b, &bad[i], error));
    }
    rows_feed(b, &(row){"ann", "view", 100, "", NULL, {"load", "", "weight", "-0"}}, 1);
    rows_feed(b, &(row){"ann", "view", 200, NULL, "-9.2e12"}, 1);
    g = rows_build(b);
    assert_string_equal(journey_of(g, "ann"), "view@100 view@200=-9.2e+12");
    assert_int_equal(sj_graph_count(g, SJ_KIND_CUSTOMERS), 1);
    assert_int_equal(sj_graph_count(g, SJ_KIND_TOUCHPOINTS), 1);
    assert_int_equal(sj_graph_count(g, SJ_KIND_CHANNELS), 0);
    assert_int_equal(sj_graph_count(g, SJ_KIND_ATTRIBUTES), 3);
    sj_graph_free(g);
    sj_builder_free(b);
}

static void a_key_of_65535_bytes_is_taken(void **state)
{
    static char key[65536];
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    (void)state;
    memset(key, 'k', 65535);
    rows_feed(b, &(row){key, "view", 1}, 1);
    g = rows_build(b);
    assert_int_equal(sj_graph_find(g, SJ_KIND_CUSTOMERS, key), 0);
    sj_graph_free(g);
    sj_builder_free(b);
}

static void undeclared_attributes_become_categories_of_events(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "view", 1, NULL, NULL, {"device", "ios"}},
                        {"ann", "view", 2, NULL, NULL, {"device", ""}},
                        {"ann", "view", 3, NULL, NULL, {"device", "7"}},
                        {"ann", "view", 4, NULL, NULL, {"empty", ""}});
    const sj__map *map = sj__graph_map(g);
    (void)state;
    assert_int_equal(map->attributes.count, 1);
    assert_int_equal(map->attribute[0].type, SJ_ATTRIBUTE_CATEGORY);
    assert_int_equal(map->attribute[0].of_customers, 0);
    assert_string_equal(
        sj__intern_name(&map->attribute[0].values, sj__graph_category(g, 0, 0), NULL), "ios");
    assert_int_equal(sj__graph_category(g, 0, 1), SJ__NO_ID);
    assert_string_equal(
        sj__intern_name(&map->attribute[0].values, sj__graph_category(g, 0, 2), NULL), "7");
    sj_graph_free(g);
}

static void attributes_keep_their_types_and_absence(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    int64_t load;
    double weight;
    (void)state;
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    must(sj_builder_add_attribute(b, "weight", SJ_ATTRIBUTE_REAL, 0, error));
    rows_feed(b,
              (const row[]){
                  {"ann", "view", 1, NULL, NULL, {"load", "-9223372036854775808", "weight", "0.1"}},
                  {"ann", "view", 2},
                  {"ann", "view", 3, NULL, NULL, {"weight", "-0"}}},
              3);
    g = rows_build(b);
    assert_int_equal(sj__graph_integer(g, 0, 0, &load), 1);
    assert_true(load == INT64_MIN);
    assert_int_equal(sj__graph_real(g, 1, 0, &weight), 1);
    assert_true(weight == 0.1);
    assert_int_equal(sj__graph_integer(g, 0, 1, &load), 0);
    assert_int_equal(sj__graph_real(g, 1, 1, &weight), 0);
    assert_int_equal(sj__graph_real(g, 1, 2, &weight), 1);
    assert_true(weight == 0 && !signbit(weight));
    sj_graph_free(g);
    sj_builder_free(b);
}

/* ------------------------------------------------------------------------------------ columns --
 */

/* Three rows by pointers, which tests change. */
typedef struct table {
    const char *customer[3], *touchpoint[3], *text[3];
    int64_t time[3], whole[3];
    double value[3];
    sj_column attribute;
    sj_events events;
} table;

static table *make_table(void)
{
    static table t;
    t = (table){.customer = {"ann", "bob", "ann"},
                .touchpoint = {"view", "view", "buy"},
                .text = {"x", "", NULL},
                .time = {1, 2, 3},
                .whole = {42, -7, 42},
                .value = {1.5, 2, 3}};
    t.events = (sj_events){.struct_size = sizeof t.events,
                           .n_events = 3,
                           .customer = {.data = t.customer, .type = SJ_ARRAY_STRINGS},
                           .touchpoint = {.data = t.touchpoint, .type = SJ_ARRAY_STRINGS},
                           .time = {.data = t.time, .type = SJ_ARRAY_INT64}};
    return &t;
}

static void columns_of_every_type_give_the_same(void **state)
{
    static const char bytes[] = "annbobannviewviewbuy";
    static const int64_t wide[] = {0, 3, 6, 9};
    static const int32_t narrow[] = {9, 13, 17, 20};
    static const uint16_t small[] = {1, 2, 3};
    sj_builder *b = rows_builder(NULL);
    sj_events e = {.struct_size = sizeof e,
                   .n_events = 3,
                   .customer = {.data = bytes, .offsets = wide, .type = SJ_ARRAY_TEXT},
                   .touchpoint = {.data = bytes, .offsets = narrow, .type = SJ_ARRAY_TEXT32},
                   .time = {.data = small, .type = SJ_ARRAY_UINT16}};
    sj_graph *g;
    (void)state;
    must(sj_builder_add_events(b, &e, error));
    e = make_table()->events;
    must(sj_builder_add_events(b, &e, error));
    g = rows_build(b);
    assert_string_equal(journey_of(g, "ann"), "view@1 view@1 buy@3 buy@3");
    assert_string_equal(journey_of(g, "bob"), "view@2 view@2");
    sj_graph_free(g);
    sj_builder_free(b);
}

static void whole_numbers_stand_for_keys_and_positions(void **state)
{
    static const int32_t customers[] = {42, -7, 42};
    static const uint64_t big[] = {UINT64_MAX, 0, 1};
    static const uint8_t touchpoints[] = {1, 0, 1}, channels[] = {0, 0, 0};
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    sj_graph *g;
    (void)state;
    rows_feed(b, &(row){"42", "seen first", 0, "seen"}, 1); /* positions count declared ones only */
    must(sj_builder_add_touchpoint(b, "home", NULL, NULL, error));
    must(sj_builder_add_touchpoint(b, "cart", NULL, NULL, error));
    must(sj_builder_add_channel(b, "email", error));
    t->events.customer = (sj_column){.data = customers, .type = SJ_ARRAY_INT32};
    t->events.touchpoint = (sj_column){.data = touchpoints, .type = SJ_ARRAY_UINT8};
    t->events.channel = (sj_column){.data = channels, .type = SJ_ARRAY_UINT8};
    must(sj_builder_add_events(b, &t->events, error));
    t->events.customer = (sj_column){.data = big, .type = SJ_ARRAY_UINT64};
    must(sj_builder_add_events(b, &t->events, error));
    t->events.touchpoint = (sj_column){.data = t->whole, .type = SJ_ARRAY_INT64};
    must_fail(SJ_ERR_NAME, sj_builder_add_events(b, &t->events, error));
    assert_int_equal(failure.index, 0);
    g = rows_build(b);
    assert_string_equal(journey_of(g, "42"), "seen first@0:seen cart@1:email cart@3:email");
    assert_string_equal(journey_of(g, "-7"), "home@2:email");
    assert_string_equal(journey_of(g, "18446744073709551615"), "cart@1:email");
    sj_graph_free(g);
    sj_builder_free(b);
}

static void values_come_as_doubles_whole_numbers_or_text(void **state)
{
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    static const uint8_t validity[] = {5};
    sj_graph *g;
    (void)state;
    t->events.value = (sj_column){.data = t->value, .validity = validity, .type = SJ_ARRAY_DOUBLE};
    must(sj_builder_add_events(b, &t->events, error));
    t->events.value = (sj_column){.data = t->whole, .type = SJ_ARRAY_INT64};
    must(sj_builder_add_events(b, &t->events, error));
    t->text[0] = "0.0000005"; /* halves go to even, which is 0 */
    t->events.value = (sj_column){.data = t->text, .type = SJ_ARRAY_STRINGS};
    must(sj_builder_add_events(b, &t->events, error));
    t->text[0] = "1,5";
    must_fail(SJ_ERR_VALUE, sj_builder_add_events(b, &t->events, error));
    t->whole[1] = 9200000000001;
    t->events.value = (sj_column){.data = t->whole, .type = SJ_ARRAY_INT64};
    must_fail(SJ_ERR_VALUE, sj_builder_add_events(b, &t->events, error));
    assert_int_equal(failure.index, 1);
    g = rows_build(b);
    assert_string_equal(journey_of(g, "ann"),
                        "view@1=1.5 view@1=42 view@1=0 buy@3=3 buy@3=42 buy@3");
    assert_string_equal(journey_of(g, "bob"), "view@2 view@2=-7 view@2");
    sj_graph_free(g);
    sj_builder_free(b);
}

static void attribute_columns_are_converted_to_the_declared_type(void **state)
{
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    sj_column a[3];
    sj_graph *g;
    int64_t whole;
    double real;
    (void)state;
    must(sj_builder_add_attribute(b, "category", SJ_ATTRIBUTE_CATEGORY, 0, error));
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    must(sj_builder_add_attribute(b, "weight", SJ_ATTRIBUTE_REAL, 0, error));
    t->text[0] = "17";
    a[0] = (sj_column){.name = "weight", .data = t->whole, .type = SJ_ARRAY_INT64};
    a[1] = (sj_column){.name = "load", .data = t->text, .type = SJ_ARRAY_STRINGS};
    a[2] = (sj_column){.name = "category", .data = t->whole, .type = SJ_ARRAY_INT64};
    t->events.attributes = a;
    t->events.n_attributes = 3;
    must(sj_builder_add_events(b, &t->events, error));
    g = rows_build(b);
    /* bob stands first: the hash of his key is the smaller one. */
    assert_int_equal(sj__graph_integer(g, 1, 1, &whole), 1);
    assert_int_equal(whole, 17);
    assert_int_equal(sj__graph_integer(g, 1, 0, &whole), 0); /* "" */
    assert_int_equal(sj__graph_integer(g, 1, 2, &whole), 0); /* NULL */
    assert_int_equal(sj__graph_real(g, 2, 0, &real), 1);
    assert_true(real == -7);
    assert_string_equal(
        sj__intern_name(&sj__graph_map(g)->attribute[0].values, sj__graph_category(g, 0, 0), NULL),
        "-7");
    assert_int_equal(sj__graph_category(g, 0, 1), sj__graph_category(g, 0, 2));
    sj_graph_free(g);
    sj_builder_free(b);
}

static void a_column_that_does_not_fit_its_field_is_refused_by_name(void **state)
{
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    sj_column twice[2];
    (void)state;
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    must(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
#define REFUSED(code, field, name_, ...)                                                           \
    t = make_table();                                                                              \
    t->events.field = (sj_column){__VA_ARGS__};                                                    \
    must_fail(code, sj_builder_add_events(b, &t->events, error));                                  \
    assert_non_null(strstr(failure.message, name_));                                               \
    assert_int_equal(failure.index, -1)
    REFUSED(SJ_ERR_ARGUMENT, customer, "customer", .data = NULL);
    REFUSED(SJ_ERR_ARGUMENT, customer, "customer", .data = t->value, .type = SJ_ARRAY_DOUBLE);
    REFUSED(SJ_ERR_OPTIONS, customer, "customer", .data = t->value, .type = 11);
    REFUSED(SJ_ERR_ARGUMENT, touchpoint, "touchpoint", .data = t->value, .type = SJ_ARRAY_DOUBLE);
    REFUSED(SJ_ERR_ARGUMENT, touchpoint, "touchpoint", .data = "view", .type = SJ_ARRAY_TEXT);
    REFUSED(SJ_ERR_ARGUMENT, time, "time", .data = t->value, .type = SJ_ARRAY_DOUBLE);
    REFUSED(SJ_ERR_ARGUMENT, time, "time", .data = t->customer, .type = SJ_ARRAY_STRINGS);
    REFUSED(SJ_ERR_ARGUMENT, channel, "channel", .data = t->value, .type = SJ_ARRAY_DOUBLE);
#undef REFUSED
    t = make_table();
    t->events.attributes = &t->attribute;
    t->events.n_attributes = 1;
    t->attribute = (sj_column){.name = "lod", .data = t->whole, .type = SJ_ARRAY_INT64};
    must_fail(SJ_ERR_NAME, sj_builder_add_events(b, &t->events, error));
    assert_non_null(strstr(failure.message, "'load'"));
    t->attribute = (sj_column){.name = "load", .data = t->value, .type = SJ_ARRAY_DOUBLE};
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_events(b, &t->events, error));
    t->attribute = (sj_column){.name = "plan", .data = t->text, .type = SJ_ARRAY_STRINGS};
    must_fail(SJ_ERR_NAME, sj_builder_add_events(b, &t->events, error));
    t->attribute.name = NULL;
    must_fail(SJ_ERR_ARGUMENT, sj_builder_add_events(b, &t->events, error));
    twice[0] = twice[1] = (sj_column){.name = "load", .data = t->whole, .type = SJ_ARRAY_INT64};
    t->events.attributes = twice;
    t->events.n_attributes = 2;
    must_fail(SJ_ERR_DUPLICATE, sj_builder_add_events(b, &t->events, error));
    sj_builder_free(b);
}

static void a_bad_row_is_named_and_nothing_is_added(void **state)
{
    static const char nul[] = "a\0bxyz";
    static const int64_t good[] = {0, 3, 4, 5}, falls[] = {0, 3, 2, 5};
    static const uint8_t all_but_last[] = {3};
    static const uint64_t late[] = {1, 2, UINT64_MAX};
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    sj_graph *g;
    (void)state;
#define BAD(code, row, change)                                                                     \
    t = make_table();                                                                              \
    change;                                                                                        \
    must_fail(code, sj_builder_add_events(b, &t->events, error));                                  \
    assert_int_equal(failure.index, row)
    BAD(SJ_ERR_NAME, 1, t->customer[1] = NULL);
    BAD(SJ_ERR_NAME, 2, t->customer[2] = "");
    BAD(SJ_ERR_NAME, 1, t->touchpoint[1] = "");
    BAD(SJ_ERR_NAME, 0, t->touchpoint[0] = NULL);
    BAD(SJ_ERR_UTF8, 2, t->touchpoint[2] = "\x80");
    BAD(SJ_ERR_TIME, 2, t->events.time.validity = all_but_last);
    BAD(SJ_ERR_NAME, 2, t->events.customer.validity = all_but_last);
    BAD(SJ_ERR_TIME, 2, (t->events.time = (sj_column){.data = late, .type = SJ_ARRAY_UINT64}));
    BAD(SJ_ERR_UTF8, 0,
        (t->events.customer = (sj_column){.data = nul, .offsets = good, .type = SJ_ARRAY_TEXT}));
    BAD(SJ_ERR_ARGUMENT, 1,
        (t->events.touchpoint =
             (sj_column){.data = "abcdef", .offsets = falls, .type = SJ_ARRAY_TEXT}));
    BAD(SJ_ERR_VALUE, 1,
        (t->value[1] = INFINITY,
         t->events.value = (sj_column){.data = t->value, .type = SJ_ARRAY_DOUBLE}));
    /* The first bad row counts, not the first bad column. */
    BAD(SJ_ERR_VALUE, 0,
        (t->customer[1] = "", t->value[0] = NAN,
         t->events.value = (sj_column){.data = t->value, .type = SJ_ARRAY_DOUBLE}));
    BAD(SJ_ERR_NAME, 0, (t->touchpoint[0] = "", t->customer[1] = ""));
#undef BAD
    g = rows_build(b);
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 0);
    assert_int_equal(sj_graph_count(g, SJ_KIND_TOUCHPOINTS), 0);
    assert_int_equal(sj_graph_count(g, SJ_KIND_CUSTOMERS), 0);
    sj_graph_free(g);
    sj_builder_free(b);
}

enum { MANY = 5000 };

static void a_bad_row_in_a_later_block_takes_the_earlier_blocks_back(void **state)
{
    static int64_t customer[MANY], time[MANY];
    static double value[MANY];
    sj_builder *b = rows_builder(NULL);
    sj_events e = {.struct_size = sizeof e,
                   .n_events = MANY,
                   .customer = {.data = customer, .type = SJ_ARRAY_INT64},
                   .touchpoint = {.data = customer, .type = SJ_ARRAY_INT64},
                   .time = {.data = time, .type = SJ_ARRAY_INT64},
                   .value = {.data = value, .type = SJ_ARRAY_DOUBLE}};
    sj_graph *g;
    (void)state;
    must(sj_builder_add_touchpoint(b, "only", NULL, NULL, error));
    for (int i = 0; i < MANY; i++) {
        time[i] = MANY - i;
        value[i] = i;
    }
    must(sj_builder_add_events(b, &e, error));
    value[4500] = NAN;
    customer[4600] = 1;
    must_fail(SJ_ERR_VALUE, sj_builder_add_events(b, &e, error));
    assert_int_equal(failure.index, 4500);
    value[4500] = 4500;
    must_fail(SJ_ERR_NAME, sj_builder_add_events(b, &e, error));
    assert_int_equal(failure.index, 4600);
    rows_feed(b, &(row){"0", "only", 0, NULL, "0.5"}, 1);
    g = rows_build(b);
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), MANY + 1);
    assert_int_equal(sj_graph_count(g, SJ_KIND_CUSTOMERS), 1);
    for (uint64_t i = 0; i <= MANY; i++) {
        sj_moment m;
        assert_int_equal(sj_graph_event(g, 0, i, &m), 1);
        assert_int_equal(m.time, i);
        assert_true(m.value == (i ? (double)(MANY - i) : 0.5));
    }
    sj_graph_free(g);
    sj_builder_free(b);
}

static void numbers_of_customers_that_were_taken_back_are_forgotten(void **state)
{
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    sj_graph *g;
    (void)state;
    rows_feed(b, &(row){"5", "view", 0}, 1);
    t->events.customer = (sj_column){.data = t->whole, .type = SJ_ARRAY_INT64};
    t->whole[0] = 7, t->whole[1] = 8, t->whole[2] = 9;
    t->touchpoint[2] = "";
    must_fail(SJ_ERR_NAME, sj_builder_add_events(b, &t->events, error));
    t->whole[0] = 9, t->whole[1] = 5, t->whole[2] = 7;
    t->touchpoint[2] = "buy";
    must(sj_builder_add_events(b, &t->events, error));
    g = rows_build(b);
    assert_string_equal(journey_of(g, "9"), "view@1");
    assert_string_equal(journey_of(g, "5"), "view@0 view@2");
    assert_string_equal(journey_of(g, "7"), "buy@3");
    assert_string_equal(journey_of(g, "8"), "");
    sj_graph_free(g);
    sj_builder_free(b);
}

/* ---------------------------------------------------------------------------------- customers --
 */

static const char *plan_of(const sj_graph *g, const char *customer)
{
    uint32_t plan = sj__graph_category(g, 0, sj_graph_find(g, SJ_KIND_CUSTOMERS, customer));
    return plan == SJ__NO_ID ? ""
                             : sj__intern_name(&sj__graph_map(g)->attribute[0].values, plan, NULL);
}

static void customers_get_attributes_and_the_last_one_set_counts(void **state)
{
    sj_builder *b = rows_builder(NULL);
    const char *customers[] = {"ann", "bob", "without events"}, *plans[] = {"gold", "tin", "brass"};
    sj_column plan = {.name = "plan", .data = plans, .type = SJ_ARRAY_STRINGS};
    sj_events e = {.struct_size = sizeof e,
                   .n_events = 3,
                   .customer = {.data = customers, .type = SJ_ARRAY_STRINGS},
                   .attributes = &plan,
                   .n_attributes = 1};
    sj_graph *g;
    (void)state;
    must(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
    must(sj_builder_set_customers(b, &e, error));
    rows_feed(b, (const row[]){{"ann", "view", 1}, {"bob", "view", 1}, {"cat", "view", 1}}, 3);
    plans[0] = NULL;
    plans[1] = "iron";
    must(sj_builder_set_customers(b, &e, error));
    plans[0] = "never";
    customers[2] = "";
    must_fail(SJ_ERR_NAME, sj_builder_set_customers(b, &e, error));
    assert_int_equal(failure.index, 2);
    g = rows_build(b);
    assert_int_equal(sj_graph_count(g, SJ_KIND_CUSTOMERS), 3);
    assert_string_equal(plan_of(g, "ann"), "gold");
    assert_string_equal(plan_of(g, "bob"), "iron");
    assert_string_equal(plan_of(g, "cat"), "");
    assert_int_equal(sj__intern_find(&sj__graph_map(g)->attribute[0].values, "never", 5),
                     SJ__ABSENT);
    sj_graph_free(g);
    sj_builder_free(b);
}

static void customers_take_no_columns_of_events(void **state)
{
    sj_builder *b = rows_builder(NULL);
    table *t = make_table();
    (void)state;
    must_fail(SJ_ERR_ARGUMENT, sj_builder_set_customers(b, &t->events, error));
    t->events.touchpoint.data = t->events.time.data = NULL;
    must(sj_builder_set_customers(b, &t->events, error));
    sj_builder_free(b);
}

/* ------------------------------------------------------------------------------ order, doubles --
 */

static void equal_times_stand_in_order_of_arrival(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "z", 5}, {"ann", "a", 5}, {"ann", "m", 1}, {"ann", "b", 5});
    (void)state;
    assert_string_equal(journey_of(g, "ann"), "m@1 z@5 a@5 b@5");
    sj_graph_free(g);
}

static void or_in_order_of_name_channel_value_and_attributes(void **state)
{
    sj_builder_options o = {.struct_size = sizeof o, .ties = SJ_TIES_NAME};
    sj_graph *g =
        GRAPH(&o, {"ann", "b", 5, "web", "10"}, {"ann", "b", 5, "web", "9"}, {"ann", "b", 5, "web"},
              {"ann", "b", 5, "app", "3"}, {"ann", "b", 5}, {"ann", "a", 5, NULL, "-1", {"x", "2"}},
              {"ann", "a", 5, NULL, "-1", {"x", "1"}}, {"ann", "a", 5, NULL, "-1"},
              {"ann", "a", 5, NULL, "-1", {"w", "9"}}, {"ann", "\xc3\xa4", 5});
    const sj__map *map = sj__graph_map(g);
    (void)state;
    /* Attributes w, then x: without w stand those without x, then by x; then the one with w. */
    assert_string_equal(
        journey_of(g, "ann"),
        "a@5=-1 a@5=-1 a@5=-1 a@5=-1 b@5 b@5:app=3 b@5:web b@5:web=9 b@5:web=10 \xc3\xa4@5");
    assert_string_equal(sj__intern_name(&map->attributes, 1, NULL), "x");
    assert_int_equal(sj__graph_category(g, 1, 0), SJ__NO_ID);
    assert_int_equal(sj__graph_category(g, 1, 1), 0);
    assert_int_equal(sj__graph_category(g, 1, 2), 1);
    assert_int_equal(sj__graph_category(g, 0, 3), 0);
    sj_graph_free(g);
}

static void doubles_are_counted_and_dropped_on_request(void **state)
{
    sj_builder_options o = {.struct_size = sizeof o};
    for (int drop = 0; drop < 2; drop++) {
        sj_graph *g;
        o.drop_doubles = drop;
        g = GRAPH(&o, {"ann", "v", 5, NULL, "1"}, {"ann", "v", 5, NULL, "2"},
                  {"ann", "v", 5, NULL, "1"}, {"ann", "w", 5}, {"ann", "v", 5, NULL, "1"},
                  {"bob", "v", 5, NULL, "1"}, {"ann", "v", 6, NULL, "1"}, {"ann", "w", 5},
                  {"ann", "w", 5, NULL, NULL, {"a", "b"}}, {"ann", "w", 5, "c"});
        assert_int_equal(sj__graph_get_facts(g)->doubles, 3);
        assert_int_equal(sj__graph_get_facts(g)->dropped, drop ? 3 : 0);
        assert_string_equal(journey_of(g, "ann"),
                            drop ? "v@5=1 v@5=2 w@5 w@5 w@5:c v@6=1"
                                 : "v@5=1 v@5=2 v@5=1 w@5 v@5=1 w@5 w@5 w@5:c v@6=1");
        sj_graph_free(g);
    }
    (void)state;
}

static void a_channel_that_is_the_touchpoints_own_makes_no_difference(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    (void)state;
    must(sj_builder_add_touchpoint(b, "mail", NULL, "email", error));
    rows_feed(b, (const row[]){{"ann", "mail", 1, "email"}, {"ann", "mail", 1}}, 2);
    g = rows_build(b);
    assert_int_equal(sj__graph_get_facts(g)->doubles, 1);
    assert_int_equal(sj__graph_get_facts(g)->has_channels, 0);
    assert_string_equal(journey_of(g, "ann"), "mail@1:email mail@1:email");
    sj_graph_free(g);
    sj_builder_free(b);
}

static void many_events_at_one_time_stay_linear(void **state)
{
    enum { N = 100000 };
    int64_t *time = calloc(N, sizeof *time);
    double *value = calloc(N, sizeof *value);
    sj_builder_options o = {.struct_size = sizeof o, .drop_doubles = 1, .ties = SJ_TIES_NAME};
    sj_builder *b = rows_builder(&o);
    sj_events e = {.struct_size = sizeof e,
                   .n_events = N,
                   .customer = {.data = time, .type = SJ_ARRAY_INT64},
                   .touchpoint = {.data = time, .type = SJ_ARRAY_INT64},
                   .time = {.data = time, .type = SJ_ARRAY_INT64},
                   .value = {.data = value, .type = SJ_ARRAY_DOUBLE}};
    sj_graph *g;
    sj_moment m;
    (void)state;
    assert_true(time && value);
    must(sj_builder_add_touchpoint(b, "only", NULL, NULL, error));
    for (int i = 0; i < N; i++) {
        value[i] = (i * 7919) % 1000;
    }
    must(sj_builder_add_events(b, &e, error));
    g = rows_build(b);
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 1000);
    assert_int_equal(sj__graph_get_facts(g)->doubles, N - 1000);
    assert_int_equal(sj_graph_event(g, 0, 999, &m), 1);
    assert_true(m.value == 999);
    sj_graph_free(g);
    sj_builder_free(b);
    free(value);
    free(time);
}

/* --------------------------------------------------------------------------------- observation --
 */

static void observation_is_the_events_or_what_the_options_say(void **state)
{
    int64_t from = -5;
    sj_builder_options o = {.struct_size = sizeof o, .observed_from = &from};
    sj_graph *g = GRAPH(NULL, {"ann", "v", 7}, {"bob", "v", -3});
    (void)state;
    assert_int_equal(sj__graph_get_facts(g)->observed_from, -3);
    assert_int_equal(sj__graph_get_facts(g)->observed_until, 7);
    assert_int_equal(sj__graph_get_facts(g)->has_observed, 1);
    sj_graph_free(g);
    g = GRAPH(&o, {"ann", "v", 7});
    assert_int_equal(sj__graph_get_facts(g)->observed_from, -5);
    assert_int_equal(sj__graph_get_facts(g)->observed_until, 7);
    sj_graph_free(g);
    g = rows_graph(&o, NULL, 0);
    assert_int_equal(sj__graph_get_facts(g)->has_observed, 1);
    assert_int_equal(sj__graph_get_facts(g)->observed_until, -5);
    sj_graph_free(g);
    g = rows_graph(NULL, NULL, 0);
    assert_int_equal(sj__graph_get_facts(g)->has_observed, 0);
    sj_graph_free(g);
}

/* ----------------------------------------------------------------------------------- add_graph --
 */

static void a_graph_is_added_with_its_map_and_counts(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g, *h;
    (void)state;
    must(sj_builder_add_stage(b, "early", error));
    must(sj_builder_add_touchpoint(b, "mail", "early", "email", error));
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    rows_feed(b,
              (const row[]){{"ann", "mail", 3, NULL, "2", {"device", "ios", "load", "5"}},
                            {"ann", "view", 1, "web"}},
              2);
    sj__builder_count(b, 4, 2);
    g = rows_build(b);
    sj__builder_count(b, 1, 1);
    rows_feed(
        b,
        (const row[]){{"ann", "other", 3, NULL, NULL, {"device", "android"}}, {"zoe", "view", 9}},
        2);
    must(sj_builder_add_graph(b, g, error));
    sj_graph_free(g);
    h = rows_build(b);
    assert_string_equal(journey_of(h, "ann"), "view@1:web other@3 mail@3:email=2");
    assert_string_equal(journey_of(h, "zoe"), "view@9");
    assert_int_equal(sj_graph_stage(h, sj_graph_find(h, SJ_KIND_TOUCHPOINTS, "mail")), 0);
    assert_int_equal(sj__graph_get_facts(h)->skipped, 5);
    assert_int_equal(sj__graph_get_facts(h)->digits_cut, 3);
    assert_int_equal(sj__graph_get_facts(h)->observed_from, 1);
    assert_int_equal(sj__graph_get_facts(h)->observed_until, 9);
    sj_graph_free(h);
    sj_builder_free(b);
}

static void doubles_of_an_added_graph_are_counted_once(void **state)
{
    sj_builder_options o = {.struct_size = sizeof o};
    (void)state;
    for (int drop = 0; drop < 2; drop++) {
        sj_builder *b = rows_builder(NULL);
        sj_graph *g, *h;
        o.drop_doubles = drop;
        g = GRAPH(&o, {"ann", "v", 1}, {"ann", "v", 1});
        must(sj_builder_add_graph(b, g, error));
        h = rows_build(b);
        assert_int_equal(sj__graph_get_facts(h)->doubles, 1);
        assert_int_equal(sj_graph_count(h, SJ_KIND_EVENTS), drop ? 1 : 2);
        sj_graph_free(g);
        sj_graph_free(h);
        sj_builder_free(b);
    }
}

static void a_graph_that_does_not_fit_is_refused(void **state)
{
    int64_t until = 10, wide_from = -100, wide_until = 100;
    sj_builder_options o = {.struct_size = sizeof o, .observed_until = &until};
    sj_builder_options wide = {
        .struct_size = sizeof wide, .observed_from = &wide_from, .observed_until = &wide_until};
    sj_builder *b = rows_builder(&o);
    sj_graph *late = GRAPH(NULL, {"ann", "early", 1}, {"ann", "late", 11});
    sj_graph *other = GRAPH(NULL, {"ann", "view", 1, NULL, NULL, {"load", "text"}});
    sj_graph *inside = GRAPH(&wide, {"ann", "view", 2}), *g, *filtered;
    sj_selection s = {.struct_size = sizeof s, .events = "view"};
    (void)state;
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    must_fail(SJ_ERR_TIME, sj_builder_add_graph(b, late, error));
    must_fail(SJ_ERR_DUPLICATE, sj_builder_add_graph(b, other, error));
    must(sj_builder_add_graph(b, inside, error));
    must(sj_graph_select(inside, &s, NULL, &filtered, error));
    must_fail(SJ_ERR_MISMATCH, sj_builder_add_graph(b, filtered, error));
    g = rows_build(b);
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 1);
    assert_int_equal(sj_graph_count(g, SJ_KIND_TOUCHPOINTS), 1);
    assert_int_equal(sj__graph_get_facts(g)->observed_from, -100); /* widened */
    assert_int_equal(sj__graph_get_facts(g)->observed_until, 10);  /* given */
    sj_graph_free(g);
    must(sj_builder_add_graph(b, filtered,
                              error)); /* a builder without events takes the filter over */
    g = rows_build(b);
    assert_string_equal(sj__graph_get_facts(g)->filter, sj__graph_get_facts(filtered)->filter);
    sj_graph_free(g);
    sj_graph_free(filtered);
    sj_graph_free(inside);
    sj_graph_free(other);
    sj_graph_free(late);
    sj_builder_free(b);
}

/* --------------------------------------------------------------------------------------- marks --
 */

static void marks_nest_and_put_everything_back(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj__builder_mark *outer, *inner;
    int32_t of_customers = 7;
    sj_graph *g;
    (void)state;
    rows_feed(b, &(row){"ann", "view", 1, NULL, NULL, {"device", "ios"}}, 1);
    must(sj__builder_set_mark(b, &outer, error));
    rows_feed(b, &(row){"ann", "view", 2, "web", "3", {"device", "android", "new", "x"}}, 1);
    must(sj__builder_set_mark(b, &inner, error));
    for (int i = 0; i < 3000; i++) {
        rows_feed(b, &(row){"ann", i % 2 ? "cart" : "view", 3, "tv", "4", {"load", "4"}}, 1);
    }
    sj__builder_count(b, 1, 1);
    assert_int_equal(sj__builder_attribute(b, "load", 4, &of_customers), SJ_ATTRIBUTE_CATEGORY);
    assert_int_equal(of_customers, 0);
    sj__builder_rollback(b, inner);
    sj__builder_mark_free(b, inner);
    assert_int_equal(sj__builder_attribute(b, "load", 4, NULL), 0);
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    rows_feed(b, &(row){"ann", "view", 4, NULL, NULL, {"load", "4"}}, 1);
    sj__builder_rollback(b, outer);
    sj__builder_mark_free(b, outer);
    rows_feed(b, (const row[]){{"ann", "view", 5}, {"ann", "view", 6, NULL, "9"}}, 2);
    g = rows_build(b);
    assert_string_equal(journey_of(g, "ann"), "view@1 view@5 view@6=9");
    assert_int_equal(sj_graph_count(g, SJ_KIND_ATTRIBUTES), 1);
    assert_int_equal(sj_graph_count(g, SJ_KIND_CHANNELS), 0);
    assert_int_equal(sj__graph_category(g, 0, 0), 0);
    assert_int_equal(sj__graph_category(g, 0, 1), SJ__NO_ID);
    assert_int_equal(sj__graph_get_facts(g)->skipped, 0);
    sj_graph_free(g);
    sj_builder_free(b);
}

/* ---------------------------------------------------------------------------------------- build --
 */

static void building_empties_the_builder_and_keeps_its_options(void **state)
{
    int64_t until = 10;
    sj_builder_options o = {.struct_size = sizeof o, .observed_until = &until};
    sj_builder *b = rows_builder(&o);
    sj_graph *g;
    (void)state;
    must(sj_builder_add_stage(b, "early", error));
    rows_feed(b, &(row){"ann", "view", 1}, 1);
    g = rows_build(b);
    sj_graph_free(g);
    g = rows_build(b);
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 0);
    assert_int_equal(sj_graph_count(g, SJ_KIND_STAGES), 0);
    assert_int_equal(*sj__builder_observed_until(b), 10);
    assert_null(sj__builder_observed_from(b));
    must_fail(SJ_ERR_TIME, rows_add(b, &(row){"ann", "view", 11}, error));
    sj_graph_free(g);
    sj_builder_free(b);
}

static void a_micro_conversion_of_unknown_names_fails_the_build_and_can_be_mended(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g = NULL;
    (void)state;
    must(sj_builder_add_micro_conversion(b, "bought", "purchase", NULL, error));
    rows_feed(b, &(row){"ann", "purchse", 1}, 1);
    must_fail(SJ_ERR_NAME, sj_builder_build(b, NULL, &g, error));
    assert_null(g);
    rows_feed(b, &(row){"ann", "purchase", 2}, 1);
    g = rows_build(b);
    assert_string_equal(journey_of(g, "ann"), "purchse@1 purchase@2");
    sj_graph_free(g);
    sj_builder_free(b);
}

typedef struct watched {
    int calls, stop_at;
    uint64_t done, total;
} watched;

static int32_t watch(void *user, uint64_t done, uint64_t total)
{
    watched *w = user;
    assert_true(done >= w->done && done <= total && (w->total == 0 || total == w->total));
    w->done = done;
    w->total = total;
    return ++w->calls == w->stop_at;
}

static void progress_can_stop_a_build(void **state)
{
    sj_builder *b = rows_builder(NULL);
    watched w = {.stop_at = 3};
    sj_run run = {.struct_size = sizeof run, .progress = watch, .user = &w};
    sj_graph *g = NULL;
    char key[16];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "%d", i);
        rows_feed(b, &(row){key, "view", i}, 1);
    }
    must_fail(SJ_ERR_CANCELLED, sj_builder_build(b, &run, &g, error));
    assert_null(g);
    w = (watched){0};
    must(sj_builder_build(b, &run, &g, error));
    assert_true(w.calls > 10 && w.done == w.total);
    must(sj_graph_check(g, error));
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 1000);
    sj_graph_free(g);
    sj_builder_free(b);
}

/* ------------------------------------------------------------------------------------- memory --
 */

/* Everything that adds, with new names of every kind.  Counts what succeeded. */
static int add_everything(sj_builder *b, const sj_graph *more, sj_error *error)
{
    table *t = make_table();
    static const char map[] = "stage early: view\n";
    sj_column plan = {.name = "plan", .data = t->touchpoint, .type = SJ_ARRAY_STRINGS};
    int done = 0;
    t->attribute = (sj_column){.name = "load", .data = t->whole, .type = SJ_ARRAY_INT64};
    t->events.channel = (sj_column){.data = t->text, .type = SJ_ARRAY_STRINGS};
    t->events.value = (sj_column){.data = t->value, .type = SJ_ARRAY_DOUBLE};
    t->events.attributes = &t->attribute;
    t->events.n_attributes = 1;
    done += !sj_builder_add_map(b, map, sizeof map - 1, error);
    done += !sj_builder_add_touchpoint(b, "cart", NULL, "web", error);
    done += !sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error);
    done += !sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error);
    if (done == 4) {
        done += !sj_builder_add_events(b, &t->events, error);
        done += !rows_add(b, &(row){"ann", "call", 9, "phone", "2", {"device", "ios", "load", "7"}},
                          error);
        t->events.touchpoint.data = t->events.time.data = t->events.channel.data =
            t->events.value.data = NULL;
        t->events.attributes = &plan;
        done += !sj_builder_set_customers(b, &t->events, error);
        done += !sj_builder_add_graph(b, more, error);
    }
    return done;
}

static void every_allocation_may_fail(void **state)
{
    sj_graph *more = GRAPH(NULL, {"zoe", "visit", 3, "shop", "1", {"colour", "red"}});
    uint64_t refused = 0;
    (void)state;
    for (int from = 0; from < 2; from++) {
        for (uint64_t k = 1;; k++) {
            failing memory = {0};
            sj_allocator a = failing_allocator(&memory);
            sj_builder_options o = {
                .struct_size = sizeof o, .allocator = &a, .drop_doubles = k % 2 == 0};
            sj_builder *b = NULL;
            sj_graph *g = NULL;
            sj_error first = {0};
            int done = 0;
            sj_status status;
            memory.fail_at = from ? 0 : k;
            memory.fail_from = from ? k : 0;
            if (!sj_builder_new(&o, &b, &first)) {
                done = add_everything(b, more, &first);
                status = sj_builder_build(b, NULL, &g, &first);
                assert_true(status == SJ_OK || status == SJ_ERR_NOMEM || status == SJ_ERR_NAME);
                assert_true((status == SJ_OK) == (g != NULL));
            }
            refused = memory.failures;
            assert_true(refused == 0 || first.code == SJ_ERR_NOMEM || done < 8);
            memory.fail_at = memory.fail_from = 0;
            if (refused && b && !g) { /* what failed can be done again */
                must(sj_builder_build(b, NULL, &g, error));
            }
            if (g) {
                must(sj_graph_check(g, error));
            }
            if (done == 8) {
                assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 5);
                assert_string_equal(journey_of(g, "ann"), "view@1:x=1.5 buy@3=3 call@9:phone=2");
                assert_string_equal(journey_of(g, "zoe"), "visit@3:shop=1");
            }
            sj_graph_free(g);
            sj_builder_free(b);
            failing_check(&memory);
            if (!refused) {
                assert_true(k > 100 && done == 8);
                break;
            }
        }
    }
    sj_graph_free(more);
}

/* The `call`-th of the ways to add. */
static sj_status add_by(sj_builder *b, int call, const sj_graph *more, sj_error *error)
{
    table *t = make_table();
    sj_column plan = {.name = "plan", .data = t->touchpoint, .type = SJ_ARRAY_STRINGS};
    t->attribute = (sj_column){.name = "device", .data = t->customer, .type = SJ_ARRAY_STRINGS};
    t->events.channel = (sj_column){.data = t->text, .type = SJ_ARRAY_STRINGS};
    t->events.value = (sj_column){.data = t->value, .type = SJ_ARRAY_DOUBLE};
    t->events.attributes = &t->attribute;
    t->events.n_attributes = 1;
    switch (call) {
    case 0:
        return sj_builder_add_events(b, &t->events, error);
    case 1:
        t->events.customer = (sj_column){.data = t->whole, .type = SJ_ARRAY_INT64};
        return sj_builder_add_events(b, &t->events, error);
    case 2:
        return rows_add(
            b, &(row){"bob", "call", 1, "phone", "2", {"device", "fax", "colour", "red"}}, error);
    case 3:
        t->events.touchpoint.data = t->events.time.data = t->events.channel.data =
            t->events.value.data = NULL;
        t->events.attributes = &plan;
        return sj_builder_set_customers(b, &t->events, error);
    case 4:
        return sj_builder_add_map(b, "channel phone: cart\nstage late: x\n", 34, error);
    default:
        return sj_builder_add_graph(b, more, error);
    }
}

static void a_call_that_runs_out_of_memory_leaves_nothing_behind(void **state)
{
    sj_graph *more =
        GRAPH(NULL, {"zoe", "visit", 3, "shop", "1", {"colour", "red"}}, {"ann", "visit", 4});
    (void)state;
    for (int call = 0; call < 6; call++) {
        uint64_t k = 1, refused = 1;
        for (; refused; k++) {
            failing memory = {0};
            sj_allocator a = failing_allocator(&memory);
            sj_builder_options o = {.struct_size = sizeof o, .allocator = &a};
            sj_builder *b = rows_builder(&o);
            sj_error first = {0};
            sj_graph *g;
            must(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
            rows_feed(b, &(row){"ann", "cart", 1, NULL, NULL, {"device", "ios"}}, 1);
            memory.fail_at = memory.requests + k;
            (void)add_by(b, call, more, &first);
            refused = memory.failures;
            memory.fail_at = 0;
            assert_int_equal(first.code, refused ? SJ_ERR_NOMEM : SJ_OK);
            g = rows_build(b);
            if (refused) {
                assert_string_equal(journey_of(g, "ann"), "cart@1");
                assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), 1);
                assert_int_equal(sj_graph_count(g, SJ_KIND_TOUCHPOINTS), 1);
                assert_int_equal(sj_graph_count(g, SJ_KIND_CHANNELS), 0);
                assert_int_equal(sj_graph_count(g, SJ_KIND_STAGES), 0);
                assert_int_equal(sj_graph_count(g, SJ_KIND_ATTRIBUTES), 2);
                assert_int_equal(sj__graph_map(g)->attribute[1].values.count, 1);
                assert_string_equal(plan_of(g, "ann"), "");
            }
            sj_graph_free(g);
            sj_builder_free(b);
            failing_check(&memory);
        }
        assert_true(k > 3);
    }
    sj_graph_free(more);
}

static void a_builder_of_few_events_is_small(void **state)
{
    failing memory = {0};
    sj_allocator a = failing_allocator(&memory);
    sj_builder_options o = {.struct_size = sizeof o, .allocator = &a};
    sj_builder *b = rows_builder(&o);
    char key[16];
    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "%d", i % 20);
        rows_feed(b, &(row){key, "view", i}, 1);
    }
    assert_true(memory.bytes < 32 * 1024);
    sj_builder_free(b);
    failing_check(&memory);
}

/* An allocator that remembers the most that was out. */
typedef struct peaked {
    size_t now, most;
} peaked;

static void *peaked_resize(void *user, void *block, size_t old_size, size_t new_size)
{
    peaked *p = user;
    p->now += new_size - old_size;
    p->most = p->now > p->most ? p->now : p->most;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

static void building_peaks_at_three_times_the_budget(void **state)
{
    enum { N = 1000000, M = 40000, BLOCK = 10000 };
    static int64_t customer[BLOCK], time[BLOCK];
    static uint8_t touchpoint[BLOCK], has_value[BLOCK / 8 + 1];
    static double value[BLOCK];
    peaked memory = {0};
    sj_allocator a = {peaked_resize, &memory};
    sj_builder_options o = {.struct_size = sizeof o, .allocator = &a};
    sj_builder *b = rows_builder(&o);
    sj_events e = {.struct_size = sizeof e,
                   .n_events = BLOCK,
                   .customer = {.data = customer, .type = SJ_ARRAY_INT64},
                   .touchpoint = {.data = touchpoint, .type = SJ_ARRAY_UINT8},
                   .time = {.data = time, .type = SJ_ARRAY_INT64},
                   .value = {.data = value, .validity = has_value, .type = SJ_ARRAY_DOUBLE}};
    uint64_t x = 1, keys = 0, edges = 0, budget;
    sj_graph *g;
    char name[16];
    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "t%d", i);
        must(sj_builder_add_touchpoint(b, name, NULL, NULL, error));
    }
    for (int from = 0; from < N; from += BLOCK) {
        memset(has_value, 0, sizeof has_value);
        for (int i = 0; i < BLOCK; i++) {
            x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            customer[i] = (int64_t)((x >> 33) % M + 1000000);
            touchpoint[i] = (uint8_t)((x >> 20) % 40);
            time[i] = (int64_t)(x >> 11) % (90 * SJ_DAY);
            has_value[i / 8] = (uint8_t)(has_value[i / 8] | (x >> 45) % 61 / 60 << i % 8);
        }
        must(sj_builder_add_events(b, &e, error));
    }
    g = rows_build(b);
    for (uint64_t c = 0; c < sj_graph_count(g, SJ_KIND_CUSTOMERS); c++) {
        keys += strlen(sj_graph_name(g, SJ_KIND_CUSTOMERS, c)) + 1;
    }
    for (uint64_t t = 0; t < 40; t++) {
        edges += sj_graph_transitions(g, t);
    }
    budget = UINT64_C(8) * N + 16 * sj_graph_count(g, SJ_KIND_CUSTOMERS) + keys + 20 * edges;
    print_message("# at rest %.3f of the budget, peak %.3f\n",
                  (double)sj_graph_count(g, SJ_KIND_BYTES) / (double)budget,
                  (double)memory.most / (double)budget);
    assert_true(sj_graph_count(g, SJ_KIND_BYTES) <= budget + budget / 50);
    assert_true(memory.most <= 3 * budget);
    sj_graph_free(g);
    sj_builder_free(b);
    assert_true(memory.now == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(null_is_refused_by_name),
        cmocka_unit_test(events_come_in_any_order_and_stand_by_time),
        cmocka_unit_test(one_event_is_checked_on_entry),
        cmocka_unit_test(a_key_of_65535_bytes_is_taken),
        cmocka_unit_test(undeclared_attributes_become_categories_of_events),
        cmocka_unit_test(attributes_keep_their_types_and_absence),
        cmocka_unit_test(columns_of_every_type_give_the_same),
        cmocka_unit_test(whole_numbers_stand_for_keys_and_positions),
        cmocka_unit_test(values_come_as_doubles_whole_numbers_or_text),
        cmocka_unit_test(attribute_columns_are_converted_to_the_declared_type),
        cmocka_unit_test(a_column_that_does_not_fit_its_field_is_refused_by_name),
        cmocka_unit_test(a_bad_row_is_named_and_nothing_is_added),
        cmocka_unit_test(a_bad_row_in_a_later_block_takes_the_earlier_blocks_back),
        cmocka_unit_test(numbers_of_customers_that_were_taken_back_are_forgotten),
        cmocka_unit_test(customers_get_attributes_and_the_last_one_set_counts),
        cmocka_unit_test(customers_take_no_columns_of_events),
        cmocka_unit_test(equal_times_stand_in_order_of_arrival),
        cmocka_unit_test(or_in_order_of_name_channel_value_and_attributes),
        cmocka_unit_test(doubles_are_counted_and_dropped_on_request),
        cmocka_unit_test(a_channel_that_is_the_touchpoints_own_makes_no_difference),
        cmocka_unit_test(many_events_at_one_time_stay_linear),
        cmocka_unit_test(observation_is_the_events_or_what_the_options_say),
        cmocka_unit_test(a_graph_is_added_with_its_map_and_counts),
        cmocka_unit_test(doubles_of_an_added_graph_are_counted_once),
        cmocka_unit_test(a_graph_that_does_not_fit_is_refused),
        cmocka_unit_test(marks_nest_and_put_everything_back),
        cmocka_unit_test(building_empties_the_builder_and_keeps_its_options),
        cmocka_unit_test(a_micro_conversion_of_unknown_names_fails_the_build_and_can_be_mended),
        cmocka_unit_test(progress_can_stop_a_build),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_call_that_runs_out_of_memory_leaves_nothing_behind),
        cmocka_unit_test(a_builder_of_few_events_is_small),
        cmocka_unit_test(building_peaks_at_three_times_the_budget),
    };
    return cmocka_run_group_tests_name("builder", tests, NULL, NULL);
}
