/* Smaller graphs: which customers, which events, and what is kept of the map. */
#include "failing.h"

#include "journey/graph.h"
#include "rows.h"

static sj_graph *shop(const sj_builder_options *options)
{
    sj_builder *b = rows_builder(options);
    const char *customers[] = {"ann", "bob", "cat"}, *plans[] = {"gold", "tin", "gold"};
    sj_column plan = {.name = "plan", .data = plans, .type = SJ_ARRAY_STRINGS};
    sj_events e = {.struct_size = sizeof e,
                   .n_events = 3,
                   .customer = {.data = customers, .type = SJ_ARRAY_STRINGS},
                   .attributes = &plan,
                   .n_attributes = 1};
    sj_graph *g;
    must(sj_builder_add_stage(b, "early", error));
    must(sj_builder_add_touchpoint(b, "view", "early", "web", error));
    must(sj_builder_add_touchpoint(b, "never", NULL, NULL, error));
    must(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
    must(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    must(sj_builder_add_micro_conversion(b, "bought", "buy", NULL, error));
    must(sj_builder_set_customers(b, &e, error));
    rows_feed(b,
              (const row[]){{"ann", "view", 10, NULL, NULL, {"device", "ios"}},
                            {"ann", "cart", 20, "app", NULL, {"device", "web", "load", "7"}},
                            {"ann", "buy", 30, NULL, "12.5"},
                            {"bob", "view", 15, NULL, NULL, {"device", "android"}},
                            {"bob", "view", 35, "tv", "1"},
                            {"cat", "buy", 40, NULL, "3", {"load", "9"}}},
              6);
    g = rows_build(b);
    sj_builder_free(b);
    return g;
}

static sj_graph *selected(const sj_graph *g, const sj_selection *s)
{
    sj_graph *out = NULL;
    must(sj_graph_select(g, s, NULL, &out, error));
    must(sj_graph_check(out, error));
    return out;
}

#define SELECT(g, ...)                                                                             \
    selected((g), &(sj_selection){.struct_size = sizeof(sj_selection), __VA_ARGS__})

static void nothing_asked_keeps_everything(void **state)
{
    sj_graph *g = shop(NULL), *all = selected(g, NULL),
             *also = selected(g, &(sj_selection){.struct_size = sizeof(sj_selection)});
    (void)state;
    assert_string_equal(journey_of(all, "ann"), "view@10:web cart@20:app buy@30=12.5");
    assert_string_equal(journey_of(also, "bob"), "view@15:web view@35:tv=1");
    assert_int_equal(sj_graph_count(all, SJ_KIND_EVENTS), 6);
    assert_int_equal(sj_graph_count(all, SJ_KIND_CUSTOMERS), 3);
    assert_int_equal(sj_graph_count(all, SJ_KIND_BYTES), sj_graph_count(also, SJ_KIND_BYTES));
    assert_string_equal(sj__graph_get_facts(all)->filter, "");
    sj_graph_free(also);
    sj_graph_free(all);
    sj_graph_free(g);
}

static void from_and_to_are_a_half_open_period_and_the_new_observation(void **state)
{
    sj_graph *g = shop(NULL), *part;
    int64_t from = 15, to = 35, late = 100;
    (void)state;
    part = SELECT(g, .from = &from, .to = &to);
    assert_string_equal(journey_of(part, "ann"), "cart@20:app buy@30=12.5");
    assert_string_equal(journey_of(part, "bob"), "view@15:web");
    assert_string_equal(journey_of(part, "cat"), "");
    assert_int_equal(sj__graph_get_facts(part)->observed_from, 15);
    assert_int_equal(sj__graph_get_facts(part)->observed_until, 35);
    assert_int_equal(sj__graph_get_facts(part)->last_time, 30);
    sj_graph_free(part);
    part = SELECT(g, .to = &to);
    assert_int_equal(sj__graph_get_facts(part)->observed_from, 10);
    assert_int_equal(sj_graph_count(part, SJ_KIND_EVENTS), 4);
    sj_graph_free(part);
    part = SELECT(g, .from = &late);
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 0);
    assert_int_equal(sj__graph_get_facts(part)->observed_until, 100);
    sj_graph_free(part);
    sj_graph_free(g);
}

static void the_map_and_its_numbers_stay_but_unused_categories_go(void **state)
{
    sj_graph *g = shop(NULL), *part = SELECT(g, .events = "cart");
    const sj__map *map = sj__graph_map(part);
    uint32_t device = (uint32_t)sj_graph_find(part, SJ_KIND_ATTRIBUTES, "device");
    uint32_t plan = (uint32_t)sj_graph_find(part, SJ_KIND_ATTRIBUTES, "plan");
    int64_t load;
    (void)state;
    for (int32_t kind = SJ_KIND_TOUCHPOINTS; kind <= SJ_KIND_ATTRIBUTES; kind++) {
        assert_int_equal(sj_graph_count(part, kind), sj_graph_count(g, kind));
        for (uint64_t i = 0; i < sj_graph_count(g, kind); i++) {
            assert_string_equal(sj_graph_name(part, kind, i), sj_graph_name(g, kind, i));
        }
    }
    assert_int_equal(sj_graph_stage(part, 0), 0);
    assert_string_equal(journey_of(part, "ann"), "cart@20:app");
    assert_int_equal(map->attribute[device].values.count, 1);
    assert_string_equal(
        sj__intern_name(&map->attribute[device].values, sj__graph_category(part, device, 0), NULL),
        "web");
    assert_int_equal(map->attribute[plan].values.count, 1);
    assert_string_equal(
        sj__intern_name(&map->attribute[plan].values, sj__graph_category(part, plan, 0), NULL),
        "gold");
    assert_int_equal(sj__graph_integer(
                         part, (uint32_t)sj_graph_find(part, SJ_KIND_ATTRIBUTES, "load"), 0, &load),
                     1);
    assert_int_equal(load, 7);
    sj_graph_free(part);
    sj_graph_free(g);
}

static void customers_are_judged_on_whole_journeys_before_events_are_filtered(void **state)
{
    sj_graph *g = shop(NULL), *part;
    int64_t to = 25;
    (void)state;
    part = SELECT(g, .customers = "bought", .to = &to);
    assert_string_equal(journey_of(part, "ann"),
                        "view@10:web cart@20:app"); /* her purchase came later */
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 1);
    assert_string_equal(sj__graph_get_facts(part)->filter, "");
    sj_graph_free(part);
    part = SELECT(g, .customers = "device = 'android'", .events = "value >= 1");
    assert_string_equal(journey_of(part, "bob"), "view@35:tv=1");
    assert_int_equal(sj_graph_count(part, SJ_KIND_EVENTS), 1);
    sj_graph_free(part);
    part = SELECT(g, .customers = "plan = 'gold'");
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 2);
    assert_string_equal(journey_of(part, "bob"), "");
    sj_graph_free(part);
    sj_graph_free(g);
}

static void lists_include_and_exclude(void **state)
{
    sj_graph *g = shop(NULL), *part;
    uint64_t ann = sj_graph_find(g, SJ_KIND_CUSTOMERS, "ann"),
             bob = sj_graph_find(g, SJ_KIND_CUSTOMERS, "bob");
    uint64_t twice[] = {bob, ann, bob}, one[] = {ann}, beyond[] = {0, 3};
    sj_selection s = {.struct_size = sizeof s, .include = beyond, .n_include = 2};
    (void)state;
    part = SELECT(g, .include = twice, .n_include = 3);
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 2);
    assert_string_equal(journey_of(part, "cat"), "");
    sj_graph_free(part);
    part = SELECT(g, .include = twice, .n_include = 3, .exclude = one, .n_exclude = 1);
    assert_string_equal(journey_of(part, "bob"), "view@15:web view@35:tv=1");
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 1);
    sj_graph_free(part);
    part = SELECT(g, .exclude = one, .n_exclude = 1);
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 2);
    assert_string_equal(journey_of(part, "ann"), "");
    sj_graph_free(part);
    part = SELECT(g, .include = one, .n_include = 0); /* nobody */
    assert_int_equal(sj_graph_count(part, SJ_KIND_CUSTOMERS), 0);
    assert_int_equal(sj_graph_count(part, SJ_KIND_TOUCHPOINTS), 4);
    sj_graph_free(part);
    must_fail(SJ_ERR_ARGUMENT, sj_graph_select(g, &s, NULL, &part, error));
    assert_int_equal(failure.index, 1);
    assert_null(part);
    s = (sj_selection){.struct_size = sizeof s, .exclude = beyond, .n_exclude = 2};
    must_fail(SJ_ERR_ARGUMENT, sj_graph_select(g, &s, NULL, &part, error));
    sj_graph_free(g);
}

static void the_filter_says_what_was_left_out_of_the_events(void **state)
{
    sj_graph *g = shop(NULL), *one = SELECT(g, .events = " buy "),
             *two = SELECT(one, .events = "value >= 5.0");
    char both[256];
    (void)state;
    assert_string_equal(sj__graph_get_facts(one)->filter, "touchpoint = 'buy'");
    snprintf(both, sizeof both, "(%s) and (%s)", "touchpoint = 'buy'", "value >= 5");
    assert_string_equal(sj__graph_get_facts(two)->filter, both);
    assert_string_equal(journey_of(two, "ann"), "buy@30=12.5");
    assert_int_equal(sj_graph_count(two, SJ_KIND_EVENTS), 1);
    sj_graph_free(two);
    sj_graph_free(one);
    sj_graph_free(g);
}

static void counters_are_of_the_builder_only(void **state)
{
    sj_builder_options o = {.struct_size = sizeof o, .ties = SJ_TIES_NAME, .drop_doubles = 1};
    sj_graph *g = GRAPH(&o, {"ann", "v", 1}, {"ann", "v", 1}), *all = selected(g, NULL);
    (void)state;
    assert_int_equal(sj__graph_get_facts(g)->doubles, 1);
    assert_int_equal(sj__graph_get_facts(all)->doubles, 0);
    assert_int_equal(sj__graph_get_facts(all)->dropped, 0);
    assert_int_equal(sj__graph_get_facts(all)->ties, SJ_TIES_NAME);
    sj_graph_free(all);
    sj_graph_free(g);
}

static void what_cannot_be_is_refused(void **state)
{
    sj_graph *g = shop(NULL), *out;
    int64_t early = 1, late = 2;
    sj_selection s = {.struct_size = sizeof s, .from = &late, .to = &early};
    (void)state;
    must_fail(SJ_ERR_OPTIONS, sj_graph_select(g, &s, NULL, &out, error));
    s = (sj_selection){.struct_size = sizeof s, .events = "by"};
    must_fail(SJ_ERR_NAME, sj_graph_select(g, &s, NULL, &out, error));
    s = (sj_selection){.struct_size = sizeof s, .customers = "value >"};
    must_fail(SJ_ERR_CONDITION, sj_graph_select(g, &s, NULL, &out, error));
    s = (sj_selection){.struct_size = sizeof s, .n_include = 1};
    must_fail(SJ_ERR_OPTIONS, sj_graph_select(g, &s, NULL, &out, error));
    must_fail(SJ_ERR_ARGUMENT, sj_graph_select(NULL, NULL, NULL, &out, error));
    must_fail(SJ_ERR_ARGUMENT, sj_graph_select(g, NULL, NULL, NULL, error));
    sj_graph_free(g);
}

static int32_t stop(void *user, uint64_t done, uint64_t total)
{
    int *calls = user;
    assert_true(done <= total);
    return --*calls == 0;
}

static void progress_can_stop_a_selection(void **state)
{
    sj_graph *g = shop(NULL), *out;
    (void)state;
    for (int k = 1; k <= 4; k++) {
        int calls = k;
        sj_run run = {.struct_size = sizeof run, .progress = stop, .user = &calls};
        if (k < 4) {
            must_fail(SJ_ERR_CANCELLED, sj_graph_select(g, NULL, &run, &out, error));
            assert_null(out);
        } else {
            must(sj_graph_select(g, NULL, &run, &out, error));
            sj_graph_free(out);
        }
    }
    sj_graph_free(g);
}

static void every_allocation_may_fail(void **state)
{
    failing memory = {0};
    sj_allocator a = failing_allocator(&memory);
    sj_builder_options o = {.struct_size = sizeof o, .allocator = &a};
    sj_graph *g = shop(&o), *out;
    uint64_t some[] = {0, 1, 2}, none[] = {1}, k;
    int64_t from = 0;
    sj_selection s = {.struct_size = sizeof s,
                      .from = &from,
                      .events = "value > 0 or device = 'ios'",
                      .customers = "bought",
                      .include = some,
                      .n_include = 3,
                      .exclude = none,
                      .n_exclude = 1};
    (void)state;
    for (int all = 0; all < 2; all++) {
        for (k = 1;; k++) {
            sj_error first = {0};
            sj_status status;
            uint64_t before = memory.blocks, refused = memory.failures;
            memory.fail_at = all ? 0 : memory.requests + k;
            memory.fail_from = all ? memory.requests + k : 0;
            status = sj_graph_select(g, &s, NULL, &out, &first);
            memory.fail_at = memory.fail_from = 0;
            if (memory.failures == refused) {
                assert_int_equal(status, SJ_OK);
                break;
            }
            assert_int_equal(status, SJ_ERR_NOMEM);
            assert_int_equal(first.code, SJ_ERR_NOMEM);
            assert_null(out);
            assert_int_equal(memory.blocks, before);
        }
        assert_true(k > 40);
        must(sj_graph_check(out, error));
        sj_graph_free(out);
    }
    sj_graph_free(g);
    failing_check(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_keeps_everything),
        cmocka_unit_test(from_and_to_are_a_half_open_period_and_the_new_observation),
        cmocka_unit_test(the_map_and_its_numbers_stay_but_unused_categories_go),
        cmocka_unit_test(customers_are_judged_on_whole_journeys_before_events_are_filtered),
        cmocka_unit_test(lists_include_and_exclude),
        cmocka_unit_test(the_filter_says_what_was_left_out_of_the_events),
        cmocka_unit_test(counters_are_of_the_builder_only),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(progress_can_stop_a_selection),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
