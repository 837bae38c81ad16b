/* Conditions: names and predicates, what they mean, their canonical text and their errors. */
#include "failing.h"

#include <string.h>

#include "journey/condition.h"

static const char map_text[] = "stage early: ad, landing\n"
                               "stage late: buy, ' odd '\n"
                               "stage both:\n"
                               "stage twin: 'price = 5 (new', twin\n"
                               "channel paid: ad\n"
                               "micro-conversion seen = ad\n"
                               "micro-conversion bought = buy worth 5\n"
                               "micro-conversion big = value >= 10 and conversion = 'bought'\n"
                               "micro-conversion both = landing\n"
                               "micro-conversion twin = landing\n"
                               "expect 'it''s' -> buy\n";

/* A graph of few events by hand: a row each of text, "-" for what is absent. */
typedef struct row {
    const char *customer, *touchpoint, *channel, *value, *device, *n, *load;
} row;

static const row rows[] = {
    {"ann", "ad", "-", "-", "ios", "2", "0.1"},                    /* 0 */
    {"ann", "landing", "web", "-", "-", "-9", "-"},                /* 1 */
    {"ann", "buy", "-", "12.5", "web", "3", "1e300"},              /* 2 */
    {"bob", "ad", "mail", "0", "android", "-", "-0.5"},            /* 3 */
    {"bob", "buy", "-", "-3", "it's", "9223372036854775807", "0"}, /* 4 */
    {"bob", " odd ", "-", "-", "-", "-9223372036854775808", "2"},  /* 5 */
};

enum { ROWS = sizeof rows / sizeof *rows };

#define MINUTE_0 INT64_C(1772600000000000) /* 2026-03-04T04:53:20Z */

static const char *present(const char *text)
{
    return strcmp(text, "-") == 0 ? NULL : text;
}

static void add_row(sj_builder *builder, int i)
{
    const row *r = &rows[i];
    const char *attributes[] = {"device", present(r->device), "n",   present(r->n),
                                "load",   present(r->load),   "row", NULL};
    char number[2] = {(char)('0' + i), '\0'};
    double value = 0;
    sj_error error = {0};
    attributes[7] = number;
    if (present(r->value))
        value = strtod(r->value, NULL);
    const sj_event event = {.struct_size = sizeof event,
                            .customer = r->customer,
                            .touchpoint = r->touchpoint,
                            .time = MINUTE_0 + i * SJ_MINUTE,
                            .channel = present(r->channel),
                            .value = present(r->value) ? &value : NULL,
                            .attributes = attributes,
                            .n_attributes = 4};
    if (sj_builder_add_event(builder, &event, &error) != SJ_OK)
        fail_msg("%s", error.message);
}

static sj_graph *graph;

static int build_graph(void **state)
{
    static const char *const names[] = {"customer", "plan", "size"};
    const char *const keys[] = {"ann", "bob"}, *const plans[] = {"free", "pro"};
    const int64_t sizes[] = {7, 0};
    const uint8_t valid = 1;
    const sj_column columns[] = {
        {.name = names[1], .data = plans, .type = SJ_ARRAY_STRINGS},
        {.name = names[2], .data = sizes, .validity = &valid, .type = SJ_ARRAY_INT64}};
    const sj_events customers = {.struct_size = sizeof customers,
                                 .n_events = 2,
                                 .customer = {.data = keys, .type = SJ_ARRAY_STRINGS},
                                 .attributes = columns,
                                 .n_attributes = 2};
    sj_builder *builder = NULL;
    sj_error error = {0};
    (void)state;
    if (sj_builder_new(NULL, &builder, &error) ||
        sj_builder_add_map(builder, map_text, sizeof map_text - 1, &error) ||
        sj_builder_add_attribute(builder, "device", SJ_ATTRIBUTE_CATEGORY, 0, &error) ||
        sj_builder_add_attribute(builder, "n", SJ_ATTRIBUTE_INTEGER, 0, &error) ||
        sj_builder_add_attribute(builder, "row", SJ_ATTRIBUTE_INTEGER, 0, &error) ||
        sj_builder_add_attribute(builder, "load", SJ_ATTRIBUTE_REAL, 0, &error) ||
        sj_builder_add_attribute(builder, "plan", SJ_ATTRIBUTE_CATEGORY, 1, &error) ||
        sj_builder_add_attribute(builder, "size", SJ_ATTRIBUTE_INTEGER, 1, &error) ||
        sj_builder_add_attribute(builder, "time", SJ_ATTRIBUTE_CATEGORY, 0, &error) ||
        sj_builder_add_attribute(builder, "case:id", SJ_ATTRIBUTE_CATEGORY, 0, &error) ||
        sj_builder_add_attribute(builder, "in", SJ_ATTRIBUTE_CATEGORY, 0, &error) ||
        sj_builder_set_customers(builder, &customers, &error))
        fail_msg("%s", error.message);
    for (int i = 0; i < ROWS; i++)
        add_row(builder, i);
    if (sj_builder_build(builder, NULL, &graph, &error))
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return 0;
}

static int free_graph(void **state)
{
    (void)state;
    sj_graph_free(graph);
    return 0;
}

/* The number of the row that an event of a graph came from: its attribute "row". */
static int64_t row_of(const sj_graph *of, uint64_t event)
{
    const sj__intern *attributes = &sj__graph_map(of)->attributes;
    int64_t number = -1;
    assert_true(sj__graph_integer(of, sj__intern_find(attributes, "row", 3), event, &number));
    return number;
}

static sj__condition *compile(const char *text)
{
    static sj_allocator a;
    sj__condition *condition = NULL;
    sj_error error = {0};
    a = sj__allocator(NULL);
    if (sj__condition_compile(sj__graph_map(graph), text, strlen(text), &a, &condition, &error))
        fail_msg("%s: %s", text, error.message);
    assert_int_equal(error.code, 0);
    return condition;
}

/* Bit i: row i meets the condition.  What the touchpoint decides must agree. */
static unsigned met(const sj__condition *condition)
{
    unsigned out = 0;
    for (uint64_t c = 0; c < sj__graph_customers(graph); c++) {
        for (uint64_t e = sj__graph_first(graph, c); e < sj__graph_first(graph, c + 1); e++) {
            const int verdict = sj__condition_verdict(condition, sj__graph_touchpoint(graph, e));
            const int is = sj__condition_met(condition, graph, c, e);
            assert_true(verdict == SJ__LOOK || verdict == is);
            out |= (unsigned)is << row_of(graph, e);
        }
    }
    return out;
}

typedef struct meaning {
    const char *text;
    const char *rows; /* the numbers of those that meet it */
} meaning;

static void check_meanings(const meaning *meanings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sj__condition *condition = compile(meanings[i].text);
        unsigned expected = 0;
        for (const char *r = meanings[i].rows; *r; r++)
            expected |= 1U << (*r - '0');
        if (met(condition) != expected)
            fail_msg("%s: rows %x, not %x", meanings[i].text, met(condition), expected);
        sj__condition_free(condition);
    }
}

#define CHECK_MEANINGS(meanings) check_meanings(meanings, sizeof(meanings) / sizeof *(meanings))

/* ---------------------------------------------------------------------------------------- truth --
 */

static void categories_are_equal_or_not(void **state)
{
    static const meaning meanings[] = {
        {"touchpoint = 'ad'", "03"},
        {"touchpoint != 'ad'", "1245"},
        {"touchpoint in ('ad', 'buy')", "0234"},
        {"touchpoint not in ('ad', 'buy')", "15"},
        {"touchpoint is null", ""},
        {"touchpoint is not null", "012345"},
        {"stage = 'early'", "013"},
        {"stage != 'early'", "245"},
        {"stage = 'both'", ""},
        {"stage is null", ""},
        {"channel = 'paid'", "0"}, /* of the touchpoint; row 3 brings its own */
        {"channel = 'mail'", "3"},
        {"channel is null", "245"},
        {"channel != 'mail'", "01"},
        {"device = 'ios'", "0"},
        {"device = 'it''s'", "4"},
        {"device = 'never seen'", ""},
        {"device in ('ios', 'never seen')", "0"},
        {"device != 'never seen'", "0234"},
        {"customer = 'ann'", "012"},
        {"customer != 'ann'", "345"},
        {"customer in ('bob', 'zoe')", "345"},
        {"customer = 'zoe'", ""},
        {"customer is null", ""},
        {"customer is not null", "012345"},
        {"plan = 'pro'", "345"},
    };
    (void)state;
    CHECK_MEANINGS(meanings);
}

static void a_comparison_with_what_is_absent_is_false_and_not_turns_it(void **state)
{
    static const meaning meanings[] = {
        {"device != 'ios'", "234"},
        {"device not in ('ios', 'web')", "34"},
        {"not device = 'ios'", "12345"},
        {"not (device != 'ios')", "015"},
        {"not device in ('ios', 'web')", "1345"},
        {"device is null", "15"},
        {"device is not null", "0234"},
        {"not device is null", "0234"},
        {"n != 2", "1245"},
        {"n < 100 or n >= 100", "01245"},
        {"n is null", "3"},
        {"value < 1000", "234"},
        {"value is null", "015"},
        {"load is null", "1"},
        {"size = 7", "012"},
        {"size != 7", ""},
        {"size is null", "345"},
        {"not size = 7", "345"},
    };
    (void)state;
    CHECK_MEANINGS(meanings);
}

static void whole_numbers_are_compared_exactly(void **state)
{
    static const meaning meanings[] = {
        {"n = 2", "0"},
        {"n = 2.0", "0"},
        {"n = 20e-1", "0"},
        {"n = 2.5", ""},
        {"n != 2.5", "01245"},
        {"n < 2.5", "015"},
        {"n <= 2.5", "015"},
        {"n > 2.5", "24"},
        {"n >= 2.5", "24"},
        {"n < 2", "15"},
        {"n <= 2", "015"},
        {"n > 2", "24"},
        {"n >= 2", "024"},
        {"n < -8.5", "15"},
        {"n > -9.5", "0124"},
        {"n >= -9", "0124"},
        {"n > -9", "024"},
        {"n < 2.00000000000000000000000000001", "015"},
        {"n in (2, 3.5, 3, 1e40)", "02"},
        {"n not in (2, 3.5)", "1245"},
        {"n = 9223372036854775807", "4"},
        {"n > 9223372036854775806", "4"},
        {"n > 9223372036854775807", ""},
        {"n >= 9223372036854775807.5", ""},
        {"n > 9223372036854775806.5", "4"},
        {"n < 9223372036854775808", "01245"},
        {"n <= 1e30", "01245"},
        {"n > 1e30", ""},
        {"n != 1e30", "01245"},
        {"n = -9223372036854775808", "5"},
        {"n < -9223372036854775807.5", "5"},
        {"n <= -9223372036854775808.5", ""},
        {"n < -9223372036854775808", ""},
        {"n >= -9223372036854775809", "01245"},
        {"n > -1e999999999999999999999", "01245"},
        {"n < 1e-999999999999999999999", "15"},
        {"n > -0", "024"},
    };
    (void)state;
    CHECK_MEANINGS(meanings);
}

static void reals_values_and_times_take_the_literal_as_their_type(void **state)
{
    static const meaning meanings[] = {
        {"load = 0.1", "0"},
        {"load = 0.10000000000000000001", "0"}, /* the same double */
        {"load = -0", "4"},
        {"load < 0.1", "34"},
        {"load <= 0.1", "034"},
        {"load > 1e299", "2"},
        {"load in (1e300, 2, 7)", "25"},
        {"load not in (1e300, 2, 7)", "034"},
        {"value = 12.5", "2"},
        {"value = 12.5000001", "2"}, /* to the nearest 10^-6, as values are */
        {"value = 0", "3"},
        {"value > 12.499999", "2"},
        {"value > 12.5", ""},
        {"value >= -3", "234"},
        {"value in (-3, 0)", "34"},
        {"time = '2026-03-04T04:53:20Z'", "0"},
        {"time = '2026-03-04 05:53:20+01:00'", "0"},
        {"time < '2026-03-04T04:55:20'", "01"},
        {"time <= '2026-03-04T04:55:20.000000Z'", "012"},
        {"time > '2026-03-04T04:55:20Z'", "345"},
        {"time >= '2026-03-05'", ""},
        {"time != '2026-03-04T04:53:20Z'", "12345"},
        {"time is null", ""},
        {"time is not null", "012345"},
    };
    (void)state;
    CHECK_MEANINGS(meanings);
}

static void and_binds_more_than_or_and_not_most(void **state)
{
    static const meaning meanings[] = {
        {"touchpoint = 'ad' or touchpoint = 'buy' and device = 'web'", "023"},
        {"(touchpoint = 'ad' or touchpoint = 'buy') and device = 'web'", "2"},
        {"not touchpoint = 'ad' and customer = 'ann'", "12"},
        {"not (touchpoint = 'ad' and customer = 'ann')", "12345"},
        {"NOT touchpoint='ad'AND(customer='ann')", "12"},
        {"not (not touchpoint = 'ad')", "03"},
        {"touchpoint\n=\t'ad'\r\n", "03"},
        {"n in(2,3)or device\tIs\tNot\tNull", "0234"},
    };
    (void)state;
    CHECK_MEANINGS(meanings);
}

static void an_event_may_meet_several_micro_conversions(void **state)
{
    static const meaning meanings[] = {
        {"bought", "24"},
        {"big", "2"},
        {"conversion = 'big'", "2"},
        {"conversion in ('big', 'seen')", "023"},
        {"conversion is null", "5"},
        {"conversion is not null", "01234"},
        {"conversion != 'big'", "0134"}, /* some, but not that one */
        {"conversion not in ('big', 'both')", "034"},
        {"not conversion = 'big'", "01345"},
        {"conversion = 'both' and conversion = 'twin'", "1"},
    };
    (void)state;
    CHECK_MEANINGS(meanings);
}

/* ---------------------------------------------------------------------------------------- names --
 */

static void check_name(const char *text, int kind, const char *named, const char *canonical,
                       const char *expected)
{
    sj__condition *condition = compile(text);
    const sj__map *map = sj__graph_map(graph);
    const sj__intern *names = kind == SJ__IS_TOUCHPOINT   ? &map->touchpoints
                              : kind == SJ__IS_CONVERSION ? &map->conversions
                                                          : &map->stages;
    uint32_t number = 99;
    assert_int_equal(sj__condition_kind(condition, &number), kind);
    assert_int_equal(sj__condition_kind(condition, NULL), kind);
    if (kind != SJ__IS_PREDICATE)
        assert_string_equal(sj__intern_name(names, number, NULL), named);
    assert_string_equal(sj__condition_text(condition), canonical);
    assert_string_equal(sj__condition_name(condition), expected);
    sj__condition_free(condition);
}

static void a_text_that_equals_a_known_name_is_that_name(void **state)
{
    (void)state;
    check_name("ad", SJ__IS_TOUCHPOINT, "ad", "touchpoint = 'ad'", "ad");
    check_name("  ad\n", SJ__IS_TOUCHPOINT, "ad", "touchpoint = 'ad'", "ad");
    check_name("early", SJ__IS_STAGE, "early", "stage = 'early'", "early");
    check_name("bought", SJ__IS_CONVERSION, "bought", "conversion = 'bought'", "bought");
    check_name(" odd ", SJ__IS_TOUCHPOINT, " odd ", "touchpoint = ' odd '", " odd ");
    check_name("price = 5 (new", SJ__IS_TOUCHPOINT, "price = 5 (new",
               "touchpoint = 'price = 5 (new'", "price = 5 (new");
}

static void a_test_for_one_name_is_a_name_too(void **state)
{
    (void)state;
    check_name(" touchpoint='ad' ", SJ__IS_TOUCHPOINT, "ad", "touchpoint = 'ad'",
               "touchpoint='ad'");
    check_name("(stage in ('both'))", SJ__IS_STAGE, "both", "stage = 'both'",
               "(stage in ('both'))");
    check_name("conversion = 'twin'", SJ__IS_CONVERSION, "twin", "conversion = 'twin'",
               "conversion = 'twin'");
    check_name("touchpoint != 'ad'", SJ__IS_PREDICATE, NULL, "touchpoint != 'ad'",
               "touchpoint != 'ad'");
    check_name("device = 'ios'", SJ__IS_PREDICATE, NULL, "device = 'ios'", "device = 'ios'");
    check_name("channel = 'paid'", SJ__IS_PREDICATE, NULL, "channel = 'paid'", "channel = 'paid'");
}

/* ------------------------------------------------------------------------------------ canonical --
 */

typedef struct spelling {
    const char *text;
    const char *canonical;
} spelling;

static const spelling spellings[] = {
    {"touchpoint='ad'", "touchpoint = 'ad'"},
    {" NOT(touchpoint = 'ad') ", "not touchpoint = 'ad'"},
    {"not (not (device IS NOT NULL))", "not (not device is not null)"},
    {"((device = 'a') and ((n = 1) and (n = 2)))", "device = 'a' and n = 1 and n = 2"},
    {"device = 'a' or (n = 1 or n = 2) or n = 3", "device = 'a' or n = 1 or n = 2 or n = 3"},
    {"device = 'a' and (n = 1 or n = 2)", "device = 'a' and (n = 1 or n = 2)"},
    {"(device = 'a' and n = 1) or n = 2", "device = 'a' and n = 1 or n = 2"},
    {"not (n = 1 and n = 2)", "not (n = 1 and n = 2)"},
    {"not ((n = 1 or n = 2))", "not (n = 1 or n = 2)"},
    {"touchpoint in ('buy','ad', 'buy')", "touchpoint in ('ad', 'buy')"},
    {"touchpoint in ('ad', 'ad')", "touchpoint = 'ad'"},
    {"touchpoint not in ('ad')", "touchpoint != 'ad'"},
    {"device in ('b', 'a''b', 'a')", "device in ('a', 'a''b', 'b')"},
    {"\"device\" = 'a'", "device = 'a'"},
    {"\"case:id\" = 'a'", "\"case:id\" = 'a'"},
    {"\"time\" = 'a'", "\"time\" = 'a'"},
    {"\"in\" in ('a')", "\"in\" = 'a'"},
    {"n = +007.00", "n = 7"},
    {"n < 25E-1", "n < 2.5"},
    {"n < -.5", "n < -0.5"},
    {"n < 5.", "n < 5"},
    {"n > 0.00e7", "n > 0"},
    {"n > -0", "n > 0"},
    {"n = 1e3", "n = 1000"},
    {"n < 1e20", "n < 100000000000000000000"},
    {"n < 120e40", "n < 12e41"},
    {"n < 0.00001", "n < 0.00001"},
    {"n < 12e-40", "n < 12e-40"},
    {"n in (10, 9, 9.0)", "n in (10, 9)"}, /* by bytes */
    {"n in (5, 5.00)", "n = 5"},
    {"load = 00.10", "load = 0.1"},
    {"load = 0.1000000000000000000001", "load = 0.1"},
    {"load > -0.0", "load > 0"},
    {"load > 1E+300", "load > 1e+300"},
    {"value >= 10.0", "value >= 10"},
    {"value = 0.0000005", "value = 0"}, /* halves to even */
    {"value = 0.0000015", "value = 0.000002"},
    {"time > '2026-03-04'", "time > '2026-03-04T00:00:00.000000Z'"},
    {"time in ('2026-03-04T01:00+01:00', '2026-03-04 00:00Z')",
     "time = '2026-03-04T00:00:00.000000Z'"},
    {"customer in ('b', 'a')", "customer in ('a', 'b')"},
    {"conversion IN ('seen','big')", "conversion in ('big', 'seen')"},
};

static void texts_that_differ_in_spelling_have_one_canonical_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        sj__condition *condition = compile(spellings[i].text);
        sj__condition *again = compile(spellings[i].canonical);
        assert_string_equal(sj__condition_text(condition), spellings[i].canonical);
        assert_string_equal(sj__condition_text(again), spellings[i].canonical);
        assert_int_equal(met(condition), met(again));
        sj__condition_free(condition);
        sj__condition_free(again);
    }
}

/* ------------------------------------------------------------------------------------- verdicts --
 */

static int verdict(const char *text, const char *touchpoint)
{
    sj__condition *condition = compile(text);
    const uint64_t t = sj_graph_find(graph, SJ_KIND_TOUCHPOINTS, touchpoint);
    const int out = sj__condition_verdict(condition, (uint32_t)t);
    sj__condition_free(condition);
    return out;
}

static void the_touchpoint_decides_what_it_can(void **state)
{
    (void)state;
    assert_int_equal(verdict("ad", "ad"), SJ__ALWAYS_MET);
    assert_int_equal(verdict("ad", "buy"), SJ__NEVER_MET);
    assert_int_equal(verdict("ad", "it's"), SJ__NEVER_MET);
    assert_int_equal(verdict("stage is null", "it's"), SJ__ALWAYS_MET);
    assert_int_equal(verdict("not stage = 'early'", "it's"), SJ__ALWAYS_MET);
    assert_int_equal(verdict("touchpoint = 'ad' and device = 'ios'", "ad"), SJ__LOOK);
    assert_int_equal(verdict("touchpoint = 'ad' and device = 'ios'", "buy"), SJ__NEVER_MET);
    assert_int_equal(verdict("touchpoint = 'ad' or n = 1", "ad"), SJ__ALWAYS_MET);
    assert_int_equal(verdict("n = 1 or touchpoint = 'ad'", "ad"), SJ__ALWAYS_MET);
    assert_int_equal(verdict("not (n = 1 or touchpoint = 'ad')", "ad"), SJ__NEVER_MET);
    assert_int_equal(verdict("not (n = 1 or touchpoint = 'ad')", "buy"), SJ__LOOK);
    assert_int_equal(verdict("channel = 'paid'", "ad"), SJ__LOOK); /* an event may bring its own */
    assert_int_equal(verdict("device = 'never seen'", "ad"), SJ__NEVER_MET);
    assert_int_equal(verdict("n > 1e30", "ad"), SJ__NEVER_MET);
    assert_int_equal(verdict("time is null", "ad"), SJ__NEVER_MET);
    assert_int_equal(verdict("customer is not null", "ad"), SJ__ALWAYS_MET);
    assert_int_equal(verdict("big", "ad"), SJ__NEVER_MET);
    assert_int_equal(verdict("big", "buy"), SJ__LOOK);
    assert_int_equal(verdict("conversion != 'big'", "ad"), SJ__ALWAYS_MET); /* seen, never big */
    assert_int_equal(verdict("conversion != 'big'", "buy"), SJ__LOOK);
    assert_int_equal(verdict("conversion != 'seen'", "ad"), SJ__NEVER_MET);
    assert_int_equal(verdict("conversion is not null", "landing"), SJ__ALWAYS_MET);
}

/* --------------------------------------------------------------------------------------- errors --
 */

typedef struct wrong {
    const char *text;
    sj_status code;
    int64_t index;
    const char *message;
} wrong;

static const wrong wrongs[] = {
    /* names */
    {"landign", SJ_ERR_NAME, 0,
     "unknown name 'landign'; the nearest known one is the touchpoint 'landing'"},
    {"erly", SJ_ERR_NAME, 0, "unknown name 'erly'; the nearest known one is the stage 'early'"},
    {"bougt", SJ_ERR_NAME, 0,
     "unknown name 'bougt'; the nearest known one is the micro-conversion 'bought'"},
    {"terms and conditions", SJ_ERR_NAME, 0,
     "unknown name 'terms and conditions': it is no touchpoint, micro-conversion or stage, and no "
     "predicate, as in touchpoint = 'name'"},
    {"checkout (mobile)", SJ_ERR_NAME, 0, NULL},
    {"log in", SJ_ERR_NAME, 0, NULL},
    {"not found", SJ_ERR_NAME, 0, NULL},
    {"a, b", SJ_ERR_NAME, 0, NULL},
    {"\xC3\xA9t\xC3\xA9", SJ_ERR_NAME, 0, NULL},
    {"both", SJ_ERR_NAME, -1,
     "'both' is a micro-conversion and a stage; write conversion = 'both' or stage = 'both'"},
    {" twin ", SJ_ERR_NAME, -1,
     "'twin' is a touchpoint, a micro-conversion and a stage; write touchpoint = …, conversion = … "
     "or stage = …, with the name in single quotes"},
    {"touchpoint = 'adx'", SJ_ERR_NAME, 13,
     "unknown touchpoint 'adx'; the nearest known one is 'ad'"},
    {"touchpoint in ('ad', 'buuy')", SJ_ERR_NAME, 21,
     "unknown touchpoint 'buuy'; the nearest known one is 'buy'"},
    {"stage != 'latte'", SJ_ERR_NAME, 9, "unknown stage 'latte'; the nearest known one is 'late'"},
    {"channel = 'pad'", SJ_ERR_NAME, 10, "unknown channel 'pad'; the nearest known one is 'paid'"},
    {"conversion = 'bigg'", SJ_ERR_NAME, 13,
     "unknown micro-conversion 'bigg'; the nearest known one is 'big'"},
    {"n = 1 and devise = 'ios'", SJ_ERR_NAME, 10,
     "unknown attribute 'devise'; the nearest known one is 'device'"},
    {"tuchpoint = 'ad'", SJ_ERR_NAME, 0,
     "unknown attribute 'tuchpoint'; the nearest known column is touchpoint"},
    {"\"touchpoint\" = 'ad'", SJ_ERR_NAME, 0, NULL},
    {"qqqqqqqq = 'ad'", SJ_ERR_NAME, 0, NULL},
    /* grammar */
    {"", SJ_ERR_CONDITION, 0, "the condition is empty; give a name or a predicate"},
    {" \t\n", SJ_ERR_CONDITION, 0, "the condition is empty; give a name or a predicate"},
    {"device = ios", SJ_ERR_CONDITION, 9,
     "at byte 9 of the condition 'ios' stands where a number, or a text in single quotes, is "
     "expected"},
    {"device =", SJ_ERR_CONDITION, 8,
     "the condition ends at byte 8 where a number, or a text in single quotes, is expected"},
    {"device = \"ios\"", SJ_ERR_CONDITION, 9,
     "at byte 9 of the condition: text to compare with is in single quotes, not double ones"},
    {"device == 'ios'", SJ_ERR_CONDITION, 7,
     "at byte 7 of the condition: equality is written with one ="},
    {"device <> 'ios'", SJ_ERR_CONDITION, 7,
     "at byte 7 of the condition: 'not equal' is written !="},
    {"device = null", SJ_ERR_CONDITION, 9,
     "at byte 9 of the condition: nothing equals null; write is null, or is not null"},
    {"device = 'ios", SJ_ERR_CONDITION, 9,
     "at byte 9 of the condition: this quote never closes; a quote inside is written twice"},
    {"\"device = 'ios'", SJ_ERR_CONDITION, 0, NULL},
    {"device = 'ios' and", SJ_ERR_CONDITION, 18,
     "the condition ends at byte 18 where a column is expected"},
    {"device = 'ios' device = 'web'", SJ_ERR_CONDITION, 15,
     "at byte 15 of the condition 'device' stands where and, or, or the end is expected"},
    {"device = 'ios')", SJ_ERR_CONDITION, 14,
     "at byte 14 of the condition: no ( is open for this )"},
    {"(device = 'ios'", SJ_ERR_CONDITION, 15,
     "the condition ends at byte 15 where and, or, or the ) that closes is expected"},
    {"(device", SJ_ERR_CONDITION, 7, NULL},
    {"device in 'ios'", SJ_ERR_CONDITION, 10,
     "at byte 10 of the condition ''' stands where the list of in, as in ('a', 'b'), is expected"},
    {"device in ()", SJ_ERR_CONDITION, 11, NULL},
    {"device in ('ios',)", SJ_ERR_CONDITION, 17, NULL},
    {"device in ('ios' 'web')", SJ_ERR_CONDITION, 17,
     "at byte 17 of the condition ''' stands where a comma or the ) of the list is expected"},
    {"device not = 'ios'", SJ_ERR_CONDITION, 11,
     "at byte 11 of the condition '=' stands where in is expected"},
    {"device is 'ios'", SJ_ERR_CONDITION, 10, NULL},
    {"n = 1 and 'ad'", SJ_ERR_CONDITION, 10,
     "at byte 10 of the condition: a column is expected, not text in single quotes; for a "
     "touchpoint write touchpoint = 'name'"},
    {"'ad'", SJ_ERR_CONDITION, 0, NULL},
    {"n = 1 and or = 2", SJ_ERR_CONDITION, 10, NULL},
    {"not not n = 1", SJ_ERR_CONDITION, 4, NULL},
    {"n = 1 && n = 2", SJ_ERR_CONDITION, 6, NULL},
    {"n = 1 and \xC3\xA9 = 2", SJ_ERR_CONDITION, 10,
     "at byte 10 of the condition '\xC3\xA9' stands where a column is expected"},
    {"n = 5abc", SJ_ERR_CONDITION, 4, NULL},
    {"n = 1.2.3", SJ_ERR_CONDITION, 4, NULL},
    {"n = -", SJ_ERR_CONDITION, 4, NULL},
    {"n = 1e", SJ_ERR_CONDITION, 4, NULL},
    {"n = 0x10", SJ_ERR_CONDITION, 4, NULL},
    /* types */
    {"device < 'ios'", SJ_ERR_CONDITION, 0,
     "at byte 0 of the condition: 'device' holds names, which have no order; compare it with =, "
     "!=, in or is null"},
    {"n = 1 or touchpoint >= 'ad'", SJ_ERR_CONDITION, 9, NULL},
    {"device = 5", SJ_ERR_CONDITION, 9,
     "at byte 9 of the condition: this column holds names, not numbers; write '5'"},
    {"n = '5'", SJ_ERR_CONDITION, 4,
     "at byte 4 of the condition: this column holds numbers; write the number without quotes"},
    {"value in (5, 'x')", SJ_ERR_CONDITION, 13, NULL},
    {"load > 1e309", SJ_ERR_CONDITION, 7,
     "at byte 7 of the condition: no real number is that large"},
    {"value > 9.3e12", SJ_ERR_CONDITION, 8,
     "at byte 8 of the condition: no value is that large: they lie within ±9.2e12"},
    {"time > 5", SJ_ERR_CONDITION, 7,
     "at byte 7 of the condition: a time is ISO text in single quotes, as in "
     "'2026-03-04T05:06:07Z'"},
    {"time > 'yesterday'", SJ_ERR_CONDITION, 7,
     "at byte 7 of the condition: this is no time; write it as in '2026-03-04T05:06:07Z'"},
    {"time > '2026-02-30'", SJ_ERR_CONDITION, 7, NULL},
    {"time > '2026-03-04T05:06:07.0000001Z'", SJ_ERR_CONDITION, 7,
     "at byte 7 of the condition: times are exact to the microsecond; write at most six digits"},
    {"n = 1 and \xFF", SJ_ERR_UTF8, 10, "the condition is not UTF-8 at byte 10"},
};

static void errors_say_what_is_wrong_and_where(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        const wrong *w = &wrongs[i];
        const size_t n = strlen(w->text);
        sj_error error = {0};
        sj__condition *condition = NULL;
        const sj_status status =
            sj__condition_compile(sj__graph_map(graph), w->text, n, &a, &condition, &error);
        if (status != w->code || error.index != w->index ||
            (w->message && strcmp(error.message, w->message) != 0))
            fail_msg("%s\n  %d at %d: %s", w->text, status, (int)error.index, error.message);
        assert_null(condition);
        assert_int_equal(
            sj__condition_compile(sj__graph_map(graph), w->text, n, &a, &condition, NULL), w->code);
    }
}

static void a_nul_inside_is_refused(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__condition *condition = NULL;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj__condition_compile(sj__graph_map(graph), "ad\0", 3, &a, &condition, &error),
                     SJ_ERR_UTF8);
    assert_int_equal(error.index, 2);
}

/* `depth` parentheses around n = 1. */
static sj_status compile_deep(size_t depth, sj_error *error)
{
    const sj_allocator a = sj__allocator(NULL);
    char text[1000];
    sj__condition *condition = NULL;
    sj_status status = SJ_OK;
    memset(text, '(', depth);
    memcpy(text + depth, "n = 1", 5);
    memset(text + depth + 5, ')', depth);
    status =
        sj__condition_compile(sj__graph_map(graph), text, 2 * depth + 5, &a, &condition, error);
    sj__condition_free(condition);
    return status;
}

static void parentheses_nest_two_hundred_deep(void **state)
{
    sj_error error = {0};
    (void)state;
    assert_int_equal(compile_deep(200, NULL), SJ_OK);
    assert_int_equal(compile_deep(201, &error), SJ_ERR_LIMIT);
    assert_int_equal(error.index, 200);
}

static void the_grammar_can_be_checked_without_a_map(void **state)
{
    static const struct {
        const char *text;
        sj_status code;
    } cases[] = {{"ad", SJ_OK},
                 {"terms and conditions", SJ_OK},
                 {"checkout (mobile)", SJ_OK},
                 {"anything = 'x'", SJ_OK},
                 {"anything < 'x'", SJ_OK}, /* it may be a number */
                 {"anything = x", SJ_ERR_CONDITION},
                 {"touchpoint in ad", SJ_ERR_CONDITION},
                 {"device in ad", SJ_OK}, /* perhaps a name */
                 {"'ad'", SJ_ERR_CONDITION},
                 {"", SJ_ERR_CONDITION},
                 {"\xFF", SJ_ERR_UTF8}};
    const sj_allocator a = sj__allocator(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sj_error error = {0};
        assert_int_equal(sj__condition_check(cases[i].text, strlen(cases[i].text), &a, &error),
                         cases[i].code);
        assert_int_equal(error.code, cases[i].code);
    }
}

/* -------------------------------------------------------------------------- micro-conversions --
 */

static sj_status check_conversions(const char *text, sj_error *error)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__map map;
    sj_status status = SJ_OK;
    sj__map_init(&map, &a);
    status = sj__map_parse(&map, text, strlen(text), error);
    assert_int_equal(status, SJ_OK);
    status = sj__map_check_conversions(&map, error);
    sj__map_free(&map);
    return status;
}

static void a_micro_conversion_may_name_only_earlier_ones(void **state)
{
    sj_error error = {0};
    (void)state;
    assert_int_equal(check_conversions("stage s: x\n"
                                       "micro-conversion a = x\n"
                                       "micro-conversion b = a\n"
                                       "micro-conversion c = conversion in ('a', 'b')\n",
                                       &error),
                     SJ_OK);
    assert_int_equal(check_conversions("stage s: x\n"
                                       "micro-conversion a = conversion = 'b'\n"
                                       "micro-conversion b = x\n",
                                       &error),
                     SJ_ERR_NAME);
    assert_string_equal(error.message, "micro-conversion 'a': micro-conversion 'b' comes later; "
                                       "one may name only those before it");
    assert_int_equal(error.index, 13);
    assert_int_equal(check_conversions("micro-conversion a = a\n", &error), SJ_ERR_NAME);
    /* its own name is not known to it, so this is the touchpoint */
    assert_int_equal(check_conversions("stage s: x\nmicro-conversion x = x\n", NULL), SJ_OK);
    assert_int_equal(check_conversions("stage s: x\n"
                                       "micro-conversion x = x\n"
                                       "micro-conversion y = x\n",
                                       &error),
                     SJ_ERR_NAME);
    assert_string_equal(error.message, "micro-conversion 'y': 'x' is a touchpoint and a "
                                       "micro-conversion; write touchpoint = 'x' or conversion = "
                                       "'x'");
}

static void a_micro_conversion_is_a_condition_by_its_number(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    const sj__map *map = sj__graph_map(graph);
    sj__condition *condition = NULL;
    uint32_t number = 0;
    (void)state;
    for (uint32_t i = 0; i < map->conversions.count; i++) {
        assert_int_equal(sj__condition_of_conversion(map, i, &a, &condition, NULL), SJ_OK);
        assert_int_equal(sj__condition_kind(condition, &number), SJ__IS_CONVERSION);
        assert_int_equal(number, i);
        sj__condition_free(condition);
    }
    /* "both" alone would be a stage too */
    assert_int_equal(sj__condition_of_conversion(map, 3, &a, &condition, NULL), SJ_OK);
    assert_string_equal(sj__condition_text(condition), "conversion = 'both'");
    sj__condition_free(condition);
}

/* Conversions that each exclude all earlier ones are judged once each, not 2^n times. */
static void a_long_chain_of_micro_conversions_stays_cheap(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__map map;
    sj__condition *condition = NULL;
    char name[3] = "aa";
    const char *last = "conversion = 'hh' or conversion is null";
    (void)state;
    sj__map_init(&map, &a);
    assert_int_equal(sj__map_add_touchpoint(&map, "x", NULL, NULL, NULL), SJ_OK);
    for (int i = 0; i < 200; i++) {
        name[0] = (char)('a' + i / 25);
        name[1] = (char)('a' + i % 25);
        assert_int_equal(
            sj__map_add_conversion(&map, name, "conversion is null and value > 1", NULL, NULL),
            SJ_OK);
    }
    assert_int_equal(sj__map_add_attribute(&map, "value", 5, SJ_ATTRIBUTE_REAL, 0, NULL), SJ_OK);
    assert_int_equal(sj__map_check_conversions(&map, NULL), SJ_OK);
    assert_int_equal(sj__condition_compile(&map, last, strlen(last), &a, &condition, NULL), SJ_OK);
    assert_int_equal(sj__condition_verdict(condition, 0), SJ__LOOK);
    sj__condition_free(condition);
    sj__map_free(&map);
}

/* ------------------------------------------------------------------------------- random trees --
 */

/* A column of the random test: what a row has there, as a number (NONE: nothing), and literals with
 * their spellings. */
#define NONE (-1000)

typedef struct literal {
    double is; /* a code that no row has: nothing matches */
    const char *spelled[3];
} literal;

enum { N_COLUMNS = 10, N_LITERALS = 5 };

typedef struct column {
    const char *name;
    int ordered;
    double at[ROWS];
    literal literals[N_LITERALS];
} column;

static const column columns[N_COLUMNS] = {
    {"touchpoint",
     0,
     {0, 1, 2, 0, 2, 3},
     {{0, {"'ad'"}}, {1, {"'landing'"}}, {2, {"'buy'"}}, {3, {"' odd '"}}, {4, {"'twin'"}}}},
    {"stage",
     0,
     {0, 0, 1, 0, 1, 1},
     {{0, {"'early'"}}, {1, {"'late'"}}, {2, {"'both'"}}, {0, {"'early'"}}, {3, {"'twin'"}}}},
    {"channel",
     0,
     {0, 1, NONE, 2, NONE, NONE},
     {{0, {"'paid'"}}, {1, {"'web'"}}, {2, {"'mail'"}}, {1, {"'web'"}}, {2, {"'mail'"}}}},
    {"customer",
     0,
     {0, 0, 0, 1, 1, 1},
     {{0, {"'ann'"}}, {1, {"'bob'"}}, {2, {"'zoe'"}}, {3, {"''"}}, {1, {"'bob'"}}}},
    {"device",
     0,
     {0, NONE, 1, 2, 3, NONE},
     {{0, {"'ios'"}}, {1, {"'web'"}}, {2, {"'android'"}}, {3, {"'it''s'"}}, {9, {"'x'"}}}},
    {"plan",
     0,
     {0, 0, 0, 1, 1, 1},
     {{0, {"'free'"}}, {1, {"'pro'"}}, {9, {"'Free'"}}, {1, {"'pro'"}}, {8, {"'y'"}}}},
    {"n",
     1,
     {2, -9, 3, NONE, 9e18, -9e18},
     {{2, {"2", "2.0", "+2"}},
      {2.5, {"2.5", "25e-1", "2.50"}},
      {-9, {"-9", "-9.", "-0.9E1"}},
      {3, {"3", "003", "3e0"}},
      {-8.5, {"-8.5", "-8.50", "-85e-1"}}}},
    {"load",
     1,
     {0.1, NONE, 1e300, -0.5, 0, 2},
     {{0.1, {"0.1", "0.10", "1e-1"}},
      {0, {"0", "-0", "0.0"}},
      {1e300, {"1e300", "1e+300", "10e299"}},
      {-0.5, {"-0.5", "-.5", "-5e-1"}},
      {2, {"2", "2.0", "0.2e1"}}}},
    {"value",
     1,
     {NONE, NONE, 12.5, 0, -3, NONE},
     {{12.5, {"12.5", "12.5000001", "125e-1"}},
      {0, {"0", "-0", "0.0000001"}},
      {-3, {"-3", "-3.0", "-0.3e1"}},
      {1, {"1", "1.0", "1e0"}},
      {-3.000001, {"-3.000001", "-3.0000010", "-3000001e-6"}}}},
    {"time",
     1,
     {0, 1, 2, 3, 4, 5},
     {{0, {"'2026-03-04T04:53:20Z'", "'2026-03-04 04:53:20'", "'2026-03-04T05:53:20+01:00'"}},
      {1, {"'2026-03-04T04:54:20Z'", "'2026-03-04 04:54:20.0'", "'2026-03-04T06:54:20+02'"}},
      {2.5, {"'2026-03-04T04:55:50Z'", "'2026-03-04 04:55:50.000'", "'2026-03-04T04:55:50+00:00'"}},
      {5, {"'2026-03-04T04:58:20Z'", "'2026-03-04T04:58:20.000000'", "'2026-03-04T03:58:20-0100'"}},
      {-9, {"'2026-03-04'", "'2026-03-04T00:00'", "'2026-03-03T24:00:00Z'"}}}},
};

enum { IS_TEST, IS_NOT, IS_AND, IS_OR };

/* A random predicate; parts of an and are never ands, so that two spellings have one tree. */
typedef struct tree {
    int kind;
    struct tree *part[3];
    int n_parts;
    int column, op, literal[3], n_literals;
} tree;

static uint64_t random_state;

static unsigned random_below(unsigned n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % n;
}

static tree *random_tree(int depth, int around)
{
    static const char ops[] = {0, 1, 6, 7, 8, 9, 2, 3, 4, 5}; /* = != in, not in, null, order */
    tree *t = calloc(1, sizeof *t);
    do {
        t->kind = depth == 0 ? IS_TEST : (int)random_below(4);
    } while (t->kind == around && t->kind != IS_NOT && t->kind != IS_TEST);
    if (t->kind != IS_TEST) {
        t->n_parts = t->kind == IS_NOT ? 1 : 2 + (int)random_below(2);
        for (int i = 0; i < t->n_parts; i++)
            t->part[i] = random_tree(depth - 1, t->kind);
        return t;
    }
    t->column = (int)random_below(N_COLUMNS);
    t->op = ops[random_below(columns[t->column].ordered ? 10 : 6)];
    t->n_literals = t->op >= 8 ? 0 : t->op >= 6 ? 1 + (int)random_below(3) : 1;
    for (int i = 0; i < t->n_literals; i++)
        t->literal[i] = (int)random_below(N_LITERALS);
    return t;
}

static void free_tree(tree *t)
{
    for (int i = 0; i < t->n_parts; i++)
        free_tree(t->part[i]);
    free(t);
}

/* What the documentation says, word by word. */
static int holds(const tree *t, int r)
{
    const double x = columns[t->column].at[r];
    int member = 0;
    if (t->kind == IS_NOT)
        return !holds(t->part[0], r);
    if (t->kind == IS_AND || t->kind == IS_OR) {
        int n = 0;
        for (int i = 0; i < t->n_parts; i++)
            n += holds(t->part[i], r);
        return t->kind == IS_AND ? n == t->n_parts : n > 0;
    }
    if (t->op == 8)
        return x == NONE;
    if (x == NONE)
        return 0;
    for (int i = 0; i < t->n_literals; i++)
        member |= x == columns[t->column].literals[t->literal[i]].is;
    switch (t->op) {
    case 0:
    case 6:
        return member;
    case 1:
    case 7:
        return !member;
    case 2:
        return x < columns[t->column].literals[t->literal[0]].is;
    case 3:
        return x <= columns[t->column].literals[t->literal[0]].is;
    case 4:
        return x > columns[t->column].literals[t->literal[0]].is;
    case 5:
        return x >= columns[t->column].literals[t->literal[0]].is;
    default:
        return 1;
    }
}

static void spell(sj__text *text, const char *s)
{
    const unsigned blanks = random_below(3);
    for (unsigned i = 0; i < 1 + blanks; i++)
        sj__text_char(text, " \t\n"[random_below(3)]);
    if (random_below(2) && s[0] >= 'a' && s[0] <= 'z') {
        for (; *s; s++)
            sj__text_char(text, *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s);
    }
    sj__text_add(text, s);
}

static void spell_literal(sj__text *text, const tree *t, int i)
{
    const literal *l = &columns[t->column].literals[t->literal[i]];
    const unsigned which = random_below(3);
    sj__text_char(text, ' ');
    sj__text_add(text, l->spelled[which] ? l->spelled[which] : l->spelled[0]);
}

static void spell_test(sj__text *text, const tree *t)
{
    static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};
    sj__text_char(text, ' ');
    sj__text_add(text, columns[t->column].name);
    if (t->op >= 8) {
        spell(text, "is");
        spell(text, t->op == 9 ? "not" : "");
        spell(text, "null");
    } else if (t->op >= 6) {
        spell(text, t->op == 7 ? "not" : "");
        spell(text, "in");
        for (int i = 0; i < t->n_literals; i++) {
            sj__text_add(text, i ? "," : "(");
            spell_literal(text, t, i);
        }
        if (random_below(2)) { /* once more: no other meaning */
            sj__text_char(text, ',');
            spell_literal(text, t, 0);
        }
        sj__text_char(text, ')');
    } else {
        sj__text_add(text, signs[t->op]);
        spell_literal(text, t, 0);
    }
}

/* A spelling at random; `around` is what the tree is part of. */
static void spell_tree(sj__text *text, const tree *t, int around)
{
    const int needed =
        (around == IS_NOT && t->kind != IS_TEST) || (around == IS_AND && t->kind == IS_OR);
    const unsigned more = random_below(4) == 0 ? 1 + random_below(2) : 0;
    for (unsigned i = 0; i < more + (unsigned)needed; i++)
        sj__text_char(text, '(');
    if (t->kind == IS_NOT)
        spell(text, "not");
    for (int i = 0; i < t->n_parts; i++) {
        if (i > 0)
            spell(text, t->kind == IS_AND ? "and" : "or");
        spell_tree(text, t->part[i], t->kind);
    }
    if (t->kind == IS_TEST)
        spell_test(text, t);
    for (unsigned i = 0; i < more + (unsigned)needed; i++)
        sj__text_char(text, ')');
}

static void random_predicates_mean_what_a_plain_evaluator_says(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        sj__text first, second;
        tree *t = NULL;
        sj__condition *one = NULL, *two = NULL, *canonical = NULL;
        unsigned expected = 0;
        random_state = seed;
        sj__text_init(&first, &a);
        sj__text_init(&second, &a);
        t = random_tree((int)(seed % 5), IS_TEST);
        spell_tree(&first, t, IS_TEST);
        spell_tree(&second, t, IS_TEST);
        one = compile(sj__text_data(&first));
        two = compile(sj__text_data(&second));
        canonical = compile(sj__condition_text(one));
        for (int r = 0; r < ROWS; r++)
            expected |= (unsigned)holds(t, r) << r;
        if (met(one) != expected)
            fail_msg("seed %d: %s: %x, not %x", (int)seed, sj__text_data(&first), met(one),
                     expected);
        assert_int_equal(met(two), expected);
        assert_string_equal(sj__condition_text(one), sj__condition_text(two));
        assert_string_equal(sj__condition_text(one), sj__condition_text(canonical));
        sj__condition_free(one);
        sj__condition_free(two);
        sj__condition_free(canonical);
        sj__text_free(&first);
        sj__text_free(&second);
        free_tree(t);
    }
}

/* Bytes at random never crash, and an error always says where. */
static void random_texts_are_read_or_refused(void **state)
{
    static const char *const pieces[] = {"n",        "=",     "'",    "\"", "(",    ")",
                                         ",",        "in",    "is",   "or", "null", "ad",
                                         "1",        "not",   "and ", "<",  "!",    ".5e",
                                         "\xC3\xA9", "value", "x",    " ",  "time", "'2026-01-01'"};
    const sj_allocator a = sj__allocator(NULL);
    int read = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        char text[200] = "";
        sj_error error = {0};
        sj__condition *condition = NULL;
        sj_status status = SJ_OK;
        random_state = seed;
        for (unsigned i = 0, n = 1 + random_below(8); i < n; i++)
            strcat(text, pieces[random_below(sizeof pieces / sizeof *pieces)]);
        status =
            sj__condition_compile(sj__graph_map(graph), text, strlen(text), &a, &condition, &error);
        assert_int_equal(error.code, status);
        assert_true(status == SJ_OK || (error.index >= 0 && error.message[0]));
        assert_true(error.index <= (int64_t)strlen(text));
        read += status == SJ_OK;
        sj__condition_free(condition);
    }
    assert_true(read > 20);
}

/* ------------------------------------------------------------------------------ out of memory --
 */

static void every_failed_allocation_is_told_and_leaves_no_memory(void **state)
{
    static const char *const texts[] = {
        "ad", "big",
        ("touchpoint in ('ad', 'buy') and (device = 'ios' or n > 2.5 or load in (1, 2)) or "
         "customer = 'ann' and time > '2026-01-01' and conversion != 'seen'")};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sj_status status = SJ_ERR_NOMEM;
        uint64_t k = 1;
        for (; status != SJ_OK; k++) {
            failing memory = {.fail_at = k};
            const sj_allocator a = failing_allocator(&memory);
            sj_error error = {0};
            sj__condition *condition = NULL;
            status = sj__condition_compile(sj__graph_map(graph), texts[i], strlen(texts[i]), &a,
                                           &condition, &error);
            assert_int_equal(status, memory.failures ? SJ_ERR_NOMEM : SJ_OK);
            assert_int_equal(error.code, status);
            assert_int_equal(condition != NULL, status == SJ_OK);
            sj__condition_free(condition);
            failing_check(&memory);
        }
        assert_true(k > 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(categories_are_equal_or_not),
        cmocka_unit_test(a_comparison_with_what_is_absent_is_false_and_not_turns_it),
        cmocka_unit_test(whole_numbers_are_compared_exactly),
        cmocka_unit_test(reals_values_and_times_take_the_literal_as_their_type),
        cmocka_unit_test(and_binds_more_than_or_and_not_most),
        cmocka_unit_test(an_event_may_meet_several_micro_conversions),
        cmocka_unit_test(a_text_that_equals_a_known_name_is_that_name),
        cmocka_unit_test(a_test_for_one_name_is_a_name_too),
        cmocka_unit_test(texts_that_differ_in_spelling_have_one_canonical_text),
        cmocka_unit_test(the_touchpoint_decides_what_it_can),
        cmocka_unit_test(errors_say_what_is_wrong_and_where),
        cmocka_unit_test(a_nul_inside_is_refused),
        cmocka_unit_test(parentheses_nest_two_hundred_deep),
        cmocka_unit_test(the_grammar_can_be_checked_without_a_map),
        cmocka_unit_test(a_micro_conversion_may_name_only_earlier_ones),
        cmocka_unit_test(a_micro_conversion_is_a_condition_by_its_number),
        cmocka_unit_test(a_long_chain_of_micro_conversions_stays_cheap),
        cmocka_unit_test(random_predicates_mean_what_a_plain_evaluator_says),
        cmocka_unit_test(random_texts_are_read_or_refused),
        cmocka_unit_test(every_failed_allocation_is_told_and_leaves_no_memory)};
    return cmocka_run_group_tests_name("condition", tests, build_graph, free_graph);
}
