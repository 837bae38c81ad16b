/* sj_summary_compute and sj_summary_list: figures worked by hand on a small shop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn.h>

#include "failing.h"
#include "near.h"

/* The shop: four customers' keys, seven events.
 *
 *   ann  0 s home · 10 s cart (value 5, ios) · 20 s buy on phone (value 20, ios)
 *   bob  0 s home on phone · 30 s cart (value 15)
 *   cyd  5 s news · 6 s news
 */
static const char shop_map[] = "stage browse: home, news\n"
                               "stage order: cart, buy\n"
                               "channel web: home, cart\n"
                               "channel mail: news\n"
                               "micro-conversion carted = cart worth 2.5\n"
                               "micro-conversion big = value >= 10\n"
                               "micro-conversion read = stage = 'browse' worth value\n"
                               "expect home -> cart 60%\n"
                               "expect cart -> buy\n"
                               "expect browse -> order\n";

static void add(sj_builder *builder, const char *customer, int64_t second, const char *touchpoint,
                const char *channel, const double *value, const char *device)
{
    const char *attributes[4] = {"device", device, "step", second == 10 ? "3" : NULL};
    sj_event event = {.struct_size = sizeof event,
                      .customer = customer,
                      .touchpoint = touchpoint,
                      .time = second * SJ_SECOND,
                      .channel = channel,
                      .value = value,
                      .attributes = device != NULL ? attributes : NULL,
                      .n_attributes = device == NULL ? 0
                                      : second == 10 ? 2
                                                     : 1};
    assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
}

static void add_shop(sj_builder *builder)
{
    const double five = 5, fifteen = 15, twenty = 20;
    assert_int_equal(sj_builder_add_map(builder, shop_map, sizeof shop_map - 1, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "device", SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "step", SJ_ATTRIBUTE_INTEGER, 0, NULL),
                     SJ_OK);
    add(builder, "ann", 0, "home", NULL, NULL, NULL);
    add(builder, "ann", 20, "buy", "phone", &twenty, "ios");
    add(builder, "ann", 10, "cart", NULL, &five, "ios");
    add(builder, "bob", 0, "home", "phone", NULL, NULL);
    add(builder, "bob", 30, "cart", NULL, &fifteen, NULL);
    add(builder, "cyd", 5, "news", NULL, NULL, NULL);
    add(builder, "cyd", 6, "news", NULL, NULL, NULL);
}

static sj_graph *build(const sj_allocator *allocator, void (*fill)(sj_builder *))
{
    sj_builder_options options = {.struct_size = sizeof options, .allocator = allocator};
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};
    assert_int_equal(sj_builder_new(&options, &builder, NULL), SJ_OK);
    if (fill != NULL)
        fill(builder);
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        print_error("%s\n", error.message);
    assert_non_null(graph);
    sj_builder_free(builder);
    return graph;
}

/* Rows of a table as "cell,cell\n…", absent cells empty. */
static void assert_table(const sj_result *result, const char *table, const char *expected)
{
    sj_buffer *buffer = NULL;
    const char *rows;
    assert_int_equal(sj_result_write(result, table, SJ_FORMAT_CSV, &buffer, NULL), SJ_OK);
    rows = strchr(sj_buffer_data(buffer), '\n');
    assert_non_null(rows);
    assert_string_equal(rows + 1, expected);
    sj_buffer_free(buffer);
}

static sj_result *compute(const sj_graph *graph, const sj_run *run)
{
    sj_result *result = NULL;
    sj_error error = {0};
    if (sj_summary_compute(graph, run, &result, &error) != SJ_OK)
        print_error("%s\n", error.message);
    assert_non_null(result);
    return result;
}

static int64_t whole(const sj_result *result, const char *column)
{
    const int64_t *cells = sj_table_integers(sj_result_find(result, "summary"), column);
    assert_non_null(cells);
    return cells[0];
}

static int is_absent(const sj_result *result, const char *column)
{
    const uint8_t *validity = sj_table_validity(sj_result_find(result, "summary"), column);
    return validity != NULL && (validity[0] & 1) == 0;
}

static void the_whole_is_counted(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    sj_result *result = compute(graph, NULL);
    const sj_table *table = sj_result_at(result, 0);
    (void)state;
    assert_string_equal(sj_table_name(table), "summary");
    assert_int_equal(sj_table_rows(table), 1);
    assert_int_equal(whole(result, "events"), 7);
    assert_int_equal(whole(result, "customers"), 3);
    assert_int_equal(whole(result, "touchpoints"), 4);
    assert_int_equal(whole(result, "channels"), 3);
    assert_int_equal(whole(result, "stages"), 2);
    assert_int_equal(whole(result, "first_time"), 0);
    assert_int_equal(whole(result, "last_time"), 30 * SJ_SECOND);
    assert_int_equal(whole(result, "observed_from"), 0);
    assert_int_equal(whole(result, "observed_until"), 30 * SJ_SECOND);
    assert_int_equal(whole(result, "skipped"), 0);
    assert_int_equal(whole(result, "doubles"), 0);
    assert_int_equal(whole(result, "digits_cut"), 0);
    assert_int_equal(sj_table_unit(table, "last_time"), SJ_UNIT_TIME);
    assert_near(sj_table_reals(table, "bytes_per_event")[0],
                (double)sj_graph_count(graph, SJ_KIND_BYTES) / 7, 1e-12);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void touchpoints_stages_and_channels_have_their_events(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    sj_result *result = compute(graph, NULL);
    (void)state;
    assert_table(result, "touchpoints",
                 "home,browse,web,2\n"
                 "news,browse,mail,2\n"
                 "cart,order,web,2\n"
                 "buy,order,,1\n");
    assert_table(result, "stages", "browse,4\norder,3\n");
    assert_table(result, "channels", "mail,2\nphone,2\nweb,3\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void micro_conversions_have_events_customers_and_what_they_are_worth(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    sj_result *result = compute(graph, NULL);
    const sj_table *table = sj_result_find(result, "micro_conversions");
    static const int64_t events[] = {2, 2, 4}, customers[] = {2, 2, 3};
    size_t i;
    (void)state;
    assert_int_equal(sj_table_rows(table), 3);
    for (i = 0; i < 3; i++) {
        assert_int_equal(sj_table_integers(table, "events")[i], events[i]);
        assert_int_equal(sj_table_integers(table, "customers")[i], customers[i]);
    }
    assert_string_equal(sj_table_text(table, "name", 1), "big");
    assert_string_equal(sj_table_text(table, "condition", 1), "value >= 10");
    assert_near(sj_table_reals(table, "value")[0], 2.5, 0.0);
    assert_int_equal(sj_table_validity(table, "value")[0] & 7, 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void expectations_and_attributes_are_listed(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    sj_result *result = compute(graph, NULL);
    (void)state;
    assert_table(result, "expected",
                 "home,cart,0.6,touchpoints\ncart,buy,,touchpoints\nbrowse,order,,stages\n");
    assert_table(result, "attributes", "device,category,events\nstep,integer,events\n");
    assert_non_null(sj_result_find(result, "notes"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void add_plain(sj_builder *builder)
{
    static const char map[] = "channel web: home, cart\nchannel mail: news\n";
    assert_int_equal(sj_builder_add_map(builder, map, sizeof map - 1, NULL), SJ_OK);
    add(builder, "ann", 0, "home", NULL, NULL, NULL);
    add(builder, "ann", 1, "home", NULL, NULL, NULL);
    add(builder, "ann", 2, "cart", NULL, NULL, NULL);
    add(builder, "ann", 3, "call", NULL, NULL, NULL);
}

static void events_without_a_channel_of_their_own_count_for_their_touchpoints_channel(void **state)
{
    sj_graph *graph = build(NULL, add_plain);
    sj_result *result = compute(graph, NULL);
    (void)state;
    assert_table(result, "channels", "mail,0\nweb,3\n");
    assert_table(result, "touchpoints", "home,,web,2\ncart,,web,1\nnews,,mail,0\ncall,,,1\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void an_empty_graph_has_counts_of_0_and_no_times(void **state)
{
    sj_graph *graph = build(NULL, NULL);
    sj_result *result = compute(graph, NULL);
    (void)state;
    assert_int_equal(whole(result, "events"), 0);
    assert_int_equal(whole(result, "customers"), 0);
    assert_true(is_absent(result, "first_time"));
    assert_true(is_absent(result, "last_time"));
    assert_true(is_absent(result, "observed_from"));
    assert_true(is_absent(result, "observed_until"));
    assert_true(is_absent(result, "bytes_per_event"));
    assert_table(result, "touchpoints", "");
    assert_table(result, "micro_conversions", "");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void read_text(sj_builder *builder, const char *text, int32_t on_error)
{
    sj_csv_options options = {.struct_size = sizeof options,
                              .bytes = text,
                              .n_bytes = strlen(text),
                              .customer = "who",
                              .time = "when",
                              .touchpoint = "what",
                              .on_error = on_error};
    assert_int_equal(sj_csv_read(builder, &options, NULL, NULL, NULL), SJ_OK);
}

static void add_texts(sj_builder *builder)
{
    read_text(builder, "who,when,what\na,0,x\na,60,y\n", 0);
    read_text(builder, "who,when,what\na,0,x\na,60,y\n,1,x\nb,1970-01-01T00:00:01.0000001,x\n",
              SJ_CSV_SKIP);
}

static void skipped_rows_doubles_and_cut_digits_are_reported(void **state)
{
    sj_graph *graph = build(NULL, add_texts);
    sj_result *result = compute(graph, NULL);
    (void)state;
    assert_int_equal(whole(result, "events"), 5);
    assert_int_equal(whole(result, "doubles"), 2);
    assert_int_equal(whole(result, "skipped"), 1);
    assert_int_equal(whole(result, "digits_cut"), 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* "buy" is a touchpoint and a micro-conversion, "again" names the touchpoint of a later
 * micro-conversion's name. */
static void add_homonyms(sj_builder *builder)
{
    static const char map[] = "micro-conversion buy = buy worth 3\n"
                              "micro-conversion again = touchpoint = 'buy' and value > 1\n";
    const double two = 2;
    assert_int_equal(sj_builder_add_map(builder, map, sizeof map - 1, NULL), SJ_OK);
    add(builder, "ann", 0, "buy", NULL, NULL, NULL);
    add(builder, "ann", 1, "buy", NULL, &two, NULL);
    add(builder, "bob", 2, "look", NULL, &two, NULL);
}

static void a_micro_conversion_may_be_named_like_its_touchpoint(void **state)
{
    sj_graph *graph = build(NULL, add_homonyms);
    sj_result *result = compute(graph, NULL);
    const sj_table *table = sj_result_find(result, "micro_conversions");
    (void)state;
    assert_int_equal(sj_table_integers(table, "events")[0], 2);
    assert_int_equal(sj_table_integers(table, "events")[1], 1);
    assert_int_equal(sj_table_integers(table, "customers")[0], 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void add_many(sj_builder *builder)
{
    enum { CUSTOMERS = 700, EACH = 300 };
    static const char map[] =
        "stage s: t0, t1\nmicro-conversion even = touchpoint in ('t0', 't2', 't4')\n"
        "micro-conversion late = time >= '1970-01-01T00:04:00Z' worth 1\n";
    int c, e;
    assert_int_equal(sj_builder_add_map(builder, map, sizeof map - 1, NULL), SJ_OK);
    for (c = 0; c < CUSTOMERS; c++) {
        char key[16];
        (void)snprintf(key, sizeof key, "c%d", c);
        for (e = 0; e < EACH; e++) {
            const char touchpoint[3] = {'t', (char)('0' + e % 5), '\0'};
            add(builder, key, e, touchpoint, c % 2 == 0 ? "even" : NULL, NULL, NULL);
        }
    }
}

static int32_t count_calls(void *user, uint64_t done, uint64_t total)
{
    uint64_t *calls = user;
    assert_true(done <= total);
    ++*calls;
    return 0;
}

static int32_t stop_at_once(void *user, uint64_t done, uint64_t total)
{
    (void)user;
    (void)done;
    (void)total;
    return 1;
}

static void the_answer_does_not_depend_on_threads(void **state)
{
    sj_graph *graph = build(NULL, add_many);
    uint64_t calls = 0;
    sj_run run = {.struct_size = sizeof run, .threads = 3, .progress = count_calls, .user = &calls};
    sj_result *one = compute(graph, NULL), *three = compute(graph, &run);
    sj_buffer *a = NULL, *b = NULL;
    (void)state;
    /* 700 × 300 events: each of t0 … t4 has a fifth; 350 customers bring a channel; 60 of 300 are
     * at 240 s or later. */
    assert_table(one, "stages", "s,84000\n");
    assert_table(one, "channels", "even,105000\n");
    assert_int_equal(sj_table_integers(sj_result_find(one, "micro_conversions"), "events")[0],
                     126000);
    assert_int_equal(sj_table_integers(sj_result_find(one, "micro_conversions"), "events")[1],
                     42000);
    assert_int_equal(sj_table_integers(sj_result_find(one, "micro_conversions"), "customers")[1],
                     700);
    assert_int_equal(sj_result_write(one, NULL, SJ_FORMAT_JSON, &a, NULL), SJ_OK);
    assert_int_equal(sj_result_write(three, NULL, SJ_FORMAT_JSON, &b, NULL), SJ_OK);
    assert_string_equal(sj_buffer_data(a), sj_buffer_data(b));
    assert_true(calls >= 2);
    sj_buffer_free(a);
    sj_buffer_free(b);
    sj_result_free(one);
    sj_result_free(three);
    sj_graph_free(graph);
}

static void progress_can_stop_the_call(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    sj_run run = {.struct_size = sizeof run, .progress = stop_at_once};
    sj_result *result = (sj_result *)graph;
    (void)state;
    assert_int_equal(sj_summary_compute(graph, &run, &result, NULL), SJ_ERR_CANCELLED);
    assert_null(result);
    sj_graph_free(graph);
}

/* ---- the list ---- */

static void the_list_has_a_row_per_event_in_order(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    uint64_t customers[2] = {sj_graph_find(graph, SJ_KIND_CUSTOMERS, "bob"),
                             sj_graph_find(graph, SJ_KIND_CUSTOMERS, "ann")};
    sj_result *result = NULL;
    (void)state;
    assert_int_equal(sj_summary_list(graph, customers, 2, &result, NULL), SJ_OK);
    assert_string_equal(sj_table_name(sj_result_at(result, 0)), "events");
    assert_table(result, "events",
                 "bob,1970-01-01T00:00:00.000000Z,home,phone,,,\n"
                 "bob,1970-01-01T00:00:30.000000Z,cart,web,15,,\n"
                 "ann,1970-01-01T00:00:00.000000Z,home,web,,,\n"
                 "ann,1970-01-01T00:00:10.000000Z,cart,web,5,ios,3\n"
                 "ann,1970-01-01T00:00:20.000000Z,buy,phone,20,ios,\n");
    assert_int_equal(sj_table_type(sj_result_find(result, "events"), "step"), SJ_COLUMN_INTEGER);
    assert_int_equal(sj_table_type(sj_result_find(result, "events"), "device"), SJ_COLUMN_TEXT);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_list_of_nobody_is_empty_and_of_a_stranger_an_error(void **state)
{
    sj_graph *graph = build(NULL, add_shop);
    const uint64_t stranger[] = {0, 3};
    sj_result *result = NULL;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj_summary_list(graph, NULL, 0, &result, NULL), SJ_OK);
    assert_int_equal(sj_table_rows(sj_result_find(result, "events")), 0);
    sj_result_free(result);
    result = (sj_result *)graph;
    assert_int_equal(sj_summary_list(graph, stranger, 2, &result, &error), SJ_ERR_ARGUMENT);
    assert_null(result);
    assert_int_equal(error.index, 1);
    assert_string_equal(error.message, "customers[1] is 3, and the graph has 3 customers");
    assert_int_equal(sj_summary_list(graph, NULL, 2, &result, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_summary_list(NULL, stranger, 1, &result, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_summary_list(graph, stranger, 1, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_summary_compute(NULL, NULL, &result, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_summary_compute(graph, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    sj_graph_free(graph);
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **state)
{
    failing memory = {0};
    sj_allocator a = failing_allocator(&memory);
    sj_graph *graph = build(&a, add_shop);
    const uint64_t everyone[] = {0, 1, 2};
    uint64_t blocks = memory.blocks;
    int list;
    (void)state;
    for (list = 0; list < 2; list++) {
        sj_status status = SJ_ERR_NOMEM;
        uint64_t k;
        for (k = 1; status != SJ_OK; k++) {
            sj_result *result = NULL;
            memory.fail_at = memory.requests + k;
            status = list ? sj_summary_list(graph, everyone, 3, &result, NULL)
                          : sj_summary_compute(graph, NULL, &result, NULL);
            if (status != SJ_OK) {
                assert_int_equal(status, SJ_ERR_NOMEM);
                assert_null(result);
            }
            sj_result_free(result);
            assert_int_equal(memory.blocks, blocks);
        }
        assert_true(k > 10);
    }
    sj_graph_free(graph);
    failing_check(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_is_counted),
        cmocka_unit_test(touchpoints_stages_and_channels_have_their_events),
        cmocka_unit_test(micro_conversions_have_events_customers_and_what_they_are_worth),
        cmocka_unit_test(a_micro_conversion_may_be_named_like_its_touchpoint),
        cmocka_unit_test(expectations_and_attributes_are_listed),
        cmocka_unit_test(events_without_a_channel_of_their_own_count_for_their_touchpoints_channel),
        cmocka_unit_test(an_empty_graph_has_counts_of_0_and_no_times),
        cmocka_unit_test(skipped_rows_doubles_and_cut_digits_are_reported),
        cmocka_unit_test(the_answer_does_not_depend_on_threads),
        cmocka_unit_test(progress_can_stop_the_call),
        cmocka_unit_test(the_list_has_a_row_per_event_in_order),
        cmocka_unit_test(a_list_of_nobody_is_empty_and_of_a_stranger_an_error),
        cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
