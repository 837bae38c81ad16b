/* The graph: what its layout keeps of times, codes and columns, its edges, and journeys decoded for
 * scans. */
#include "failing.h"

#include <stdio.h>

#include "base/hash.h"
#include "journey/graph.h"
#include "near.h"
#include "rows.h"

/* -------------------------------------------------------------------------------------- times --
 */

static sj__packed packed_of(const sj_graph *g)
{
    sj__packed p;
    sj__graph_packed(g, 0, sj__graph_customers(g), &p);
    return p;
}

static void the_tick_is_the_datas_own_resolution(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "v", 7}, {"ann", "v", 7 + 6 * SJ_SECOND},
                        {"ann", "v", 7 + 15 * SJ_SECOND}, {"bob", "v", 1});
    sj__packed p = packed_of(g);
    (void)state;
    assert_int_equal(p.tick, 3 * SJ_SECOND);
    assert_int_equal(p.exact, 1);
    assert_int_equal(p.delta[sj__graph_first(g, sj_graph_find(g, SJ_KIND_CUSTOMERS, "ann")) + 2],
                     5);
    assert_string_equal(journey_of(g, "ann"), "v@7 v@6000007 v@15000007");
    sj_graph_free(g);
}

static void journeys_that_start_apart_share_a_resolution_of_differences_only(void **state)
{
    sj_graph *g =
        GRAPH(NULL, {"ann", "v", 1}, {"ann", "v", 1001}, {"bob", "v", 7}, {"bob", "v", 3007});
    (void)state;
    assert_int_equal(packed_of(g).tick, 1000);
    sj_graph_free(g);
}

static void without_differences_the_tick_is_a_microsecond(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "v", 5}, {"ann", "v", 5}, {"bob", "v", 9});
    (void)state;
    assert_int_equal(packed_of(g).tick, 1);
    assert_int_equal(packed_of(g).exact, 1);
    sj_graph_free(g);
}

/* The longest span that 32 bits of ticks hold, and what is needed beyond it. */
static void a_rest_is_kept_only_where_32_bits_are_too_few(void **state)
{
    static const struct {
        int64_t span;
        uint64_t tick;
    } cases[] = {{UINT32_MAX, 1},
                 {INT64_C(1) << 32, 2},
                 {(INT64_C(1) << 40) - 1, 1 << 8},
                 {INT64_C(1) << 40, 1 << 9},
                 {(INT64_C(1) << 48) - 1, 1 << 16},
                 {INT64_C(1) << 48, 1 << 17},
                 {INT64_MAX, UINT64_C(1) << 31}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sj_graph *g = GRAPH(NULL, {"ann", "v", 0}, {"ann", "v", cases[i].span / 3},
                            {"ann", "v", cases[i].span / 3 + 1}, {"ann", "v", cases[i].span});
        sj_moment m;
        assert_int_equal(packed_of(g).tick, cases[i].tick);
        assert_int_equal(packed_of(g).exact, cases[i].tick == 1);
        assert_int_equal(sj_graph_event(g, 0, 1, &m), 1);
        assert_true(m.time == cases[i].span / 3);
        assert_int_equal(sj_graph_event(g, 0, 2, &m), 1);
        assert_true(m.time == cases[i].span / 3 + 1);
        assert_int_equal(sj_graph_event(g, 0, 3, &m), 1);
        assert_true(m.time == cases[i].span);
        sj_graph_free(g);
    }
}

static void every_time_is_valid(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "v", INT64_MAX}, {"ann", "v", -1}, {"ann", "v", INT64_MIN},
                        {"ann", "v", 0}, {"bob", "v", INT64_MIN}, {"bob", "v", INT64_MIN + 1},
                        {"cat", "v", INT64_MAX});
    sj_transition t;
    (void)state;
    assert_string_equal(journey_of(g, "ann"),
                        "v@-9223372036854775808 v@-1 v@0 v@9223372036854775807");
    assert_string_equal(journey_of(g, "bob"), "v@-9223372036854775808 v@-9223372036854775807");
    assert_int_equal(sj_graph_transition(g, 0, 0, &t), 1);
    assert_int_equal(t.count, 4);
    /* (2^63 − 1) + 1 + (2^63 − 1) + 1 = 2^64, by 4. */
    assert_true(t.dwell_mean == 4611686018427387904.0);
    assert_true(sj__graph_get_facts(g)->first_time == INT64_MIN &&
                sj__graph_get_facts(g)->last_time == INT64_MAX);
    sj_graph_free(g);
}

static void borders_and_equal_times_are_bits(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "a", 1}, {"ann", "b", 1}, {"ann", "c", 2}, {"bob", "a", 2},
                        {"bob", "a", 2});
    sj__packed p = packed_of(g);
    (void)state;
    /* bob stands first: his key's hash is the smaller one. */
    assert_int_equal(sj_graph_find(g, SJ_KIND_CUSTOMERS, "bob"), 0);
    assert_int_equal(p.border[0], 5);
    assert_int_equal(p.same_instant[0], 2 | 8);
    assert_int_equal(p.event_to, 5);
    assert_int_equal(p.width, 1);
    sj_graph_free(g);
}

/* ------------------------------------------------------------------------------------ lookups --
 */

static void customers_stand_in_order_of_their_keys_hash_and_are_found(void **state)
{
    enum { N = 3000 };
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    uint64_t before = 0;
    char key[16];
    (void)state;
    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof key, "c%d", i);
        rows_feed(b, &(row){key, "v", i}, 1);
    }
    g = rows_build(b);
    for (uint64_t c = 0; c < N; c++) {
        size_t n;
        const char *name = sj__graph_key(g, c, &n);
        uint64_t hash = sj__hash_key(name, n);
        assert_true(c == 0 || hash > before);
        assert_int_equal(sj_graph_find(g, SJ_KIND_CUSTOMERS, name), c);
        assert_int_equal(sj__graph_customer_of(g, sj__graph_first(g, c)), c);
        before = hash;
    }
    assert_true(sj_graph_find(g, SJ_KIND_CUSTOMERS, "c3000") == SJ_NONE);
    assert_true(sj_graph_find(g, SJ_KIND_CUSTOMERS, "") == SJ_NONE);
    assert_null(sj_graph_name(g, SJ_KIND_CUSTOMERS, N));
    sj_graph_free(g);
    sj_builder_free(b);
}

static void what_there_is_not_is_told_so(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "v", 1}), *empty = rows_graph(NULL, NULL, 0);
    sj_moment m;
    sj_transition t;
    (void)state;
    assert_int_equal(sj_graph_count(g, 0), 0);
    assert_int_equal(sj_graph_count(g, 9), 0);
    assert_int_equal(sj_graph_count(NULL, SJ_KIND_EVENTS), 0);
    assert_null(sj_graph_name(g, SJ_KIND_EVENTS, 0));
    assert_null(sj_graph_name(g, SJ_KIND_STAGES, 0));
    assert_true(sj_graph_find(g, SJ_KIND_BYTES, "v") == SJ_NONE);
    assert_true(sj_graph_find(g, SJ_KIND_TOUCHPOINTS, NULL) == SJ_NONE);
    assert_true(sj_graph_stage(g, 0) == SJ_NONE && sj_graph_stage(g, 1) == SJ_NONE);
    assert_true(sj_graph_channel(g, 0) == SJ_NONE && sj_graph_channel(g, SJ_NONE) == SJ_NONE);
    assert_int_equal(sj_graph_length(g, 1), 0);
    assert_int_equal(sj_graph_event(g, 0, 1, &m), 0);
    assert_int_equal(sj_graph_event(g, 1, 0, &m), 0);
    assert_int_equal(sj_graph_event(g, 0, 0, NULL), 0);
    assert_int_equal(sj_graph_transitions(g, 0), 0);
    assert_int_equal(sj_graph_transitions(g, SJ_NONE), 0);
    assert_int_equal(sj_graph_transition(g, 0, 0, &t), 0);
    assert_int_equal(sj_graph_transition_at(g, 0, 0, &t), 0);
    assert_int_equal(sj_graph_transition(g, SJ_NONE, 0, &t), 0);
    assert_int_equal(sj_graph_count(empty, SJ_KIND_EVENTS), 0);
    assert_int_equal(sj_graph_find(empty, SJ_KIND_CUSTOMERS, "ann") == SJ_NONE, 1);
    sj_graph_free(g);
    sj_graph_free(empty);
    sj_graph_free(NULL);
}

static void a_graph_lives_as_long_as_its_last_owner(void **state)
{
    failing memory = {0};
    sj_allocator a = failing_allocator(&memory);
    sj_builder_options o = {.struct_size = sizeof o, .allocator = &a};
    sj_graph *g = GRAPH(&o, {"ann", "v", 1}), *held = sj__graph_hold(g);
    (void)state;
    sj_graph_free(g);
    assert_string_equal(journey_of(held, "ann"), "v@1");
    sj_graph_free(held);
    failing_check(&memory);
}

static void many_touchpoints_take_wider_codes(void **state)
{
    static const int counts[] = {256, 257, 65536, 65537};
    static const int32_t widths[] = {1, 2, 2, 4};
    char name[16];
    (void)state;
    for (int k = 0; k < 4; k++) {
        sj_builder *b = rows_builder(NULL);
        sj_graph *g;
        sj_moment m;
        for (int i = 0; i < counts[k]; i++) {
            snprintf(name, sizeof name, "t%05d", i);
            rows_feed(b, &(row){"ann", name, i}, 1);
        }
        must(sj_builder_build(b, NULL, &g, error));
        assert_int_equal(packed_of(g).width, widths[k]);
        assert_int_equal(sj_graph_event(g, 0, (uint64_t)counts[k] - 1, &m), 1);
        assert_int_equal(m.touchpoint, counts[k] - 1);
        assert_int_equal(sj_graph_transitions(g, 77), 1);
        must(sj_graph_check(g, error));
        sj_graph_free(g);
        sj_builder_free(b);
    }
}

static void sparse_values_are_found_by_rank(void **state)
{
    enum { N = 5000 };
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    char text[16];
    (void)state;
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "%d", i);
        rows_feed(b, &(row){"ann", "v", i, NULL, i % 3 == 1 ? text : NULL}, 1);
    }
    g = rows_build(b);
    for (int i = 0; i < N; i++) {
        int64_t value;
        assert_int_equal(sj__graph_value(g, (uint64_t)i, &value), i % 3 == 1);
        assert_true(value == (i % 3 == 1 ? i * INT64_C(1000000) : 0));
    }
    sj_graph_free(g);
    sj_builder_free(b);
}

static void wide_categories_and_channels_keep_their_names(void **state)
{
    enum { N = 400 };
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    char text[16], channel[16];
    (void)state;
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "a%03d", N - i);
        snprintf(channel, sizeof channel, "c%03d", i);
        rows_feed(b, &(row){"ann", "v", i, i % 5 ? channel : NULL, NULL, {"x", text}}, 1);
    }
    g = rows_build(b);
    for (uint32_t i = 0; i < N; i++) {
        snprintf(channel, sizeof channel, "c%03u", i);
        assert_int_equal(sj__graph_category(g, 0, i), N - 1 - i);
        if (i % 5) {
            assert_string_equal(sj_graph_name(g, SJ_KIND_CHANNELS, sj__graph_channel(g, i)),
                                channel);
        } else {
            assert_int_equal(sj__graph_channel(g, i), SJ__NO_ID);
        }
    }
    sj_graph_free(g);
    sj_builder_free(b);
}

/* -------------------------------------------------------------------------------------- edges --
 */

static void transitions_are_counted_with_their_mean_dwell(void **state)
{
    /* view>cart 3 times: 1, 2, 4 s; cart>view once: 5 s; view>view once: 0 s. */
    sj_graph *g = GRAPH(NULL, {"ann", "view", 0}, {"ann", "cart", SJ_SECOND},
                        {"ann", "view", 6 * SJ_SECOND}, {"ann", "cart", 8 * SJ_SECOND},
                        {"bob", "view", 0}, {"bob", "view", 0}, {"bob", "cart", 4 * SJ_SECOND});
    sj_transition t;
    (void)state;
    assert_int_equal(sj_graph_transitions(g, 0), 1);
    assert_int_equal(sj_graph_transitions(g, 1), 2);
    assert_int_equal(sj_graph_transition_at(g, 1, 0, &t), 1);
    assert_string_equal(sj_graph_name(g, SJ_KIND_TOUCHPOINTS, t.to), "cart");
    assert_int_equal(t.count, 3);
    assert_near(t.dwell_mean, 7e6 / 3, 0);
    assert_int_equal(t.expected, 0);
    assert_int_equal(sj_graph_transition_at(g, 1, 1, &t), 1);
    assert_int_equal(t.count, 1);
    assert_true(t.dwell_mean == 0);
    assert_int_equal(sj_graph_transition(g, 0, 1, &t), 1);
    assert_true(t.dwell_mean == 5e6);
    sj_graph_free(g);
}

static void the_mean_dwell_is_the_nearest_double(void **state)
{
    /* 2^53 + 1 and 2^53 + 2: their sum by 2 is 2^53 + 1.5, which lies nearer to 2^53 + 2. */
    sj_graph *g = GRAPH(NULL, {"ann", "v", 0}, {"ann", "v", (INT64_C(1) << 53) + 1},
                        {"bob", "v", 0}, {"bob", "v", (INT64_C(1) << 53) + 2});
    sj_transition t;
    (void)state;
    assert_int_equal(sj_graph_transition(g, 0, 0, &t), 1);
    assert_true(t.dwell_mean == 9007199254740994.0);
    sj_graph_free(g);
    /* 2^53 + 1 alone is a tie between 2^53 and 2^53 + 2 and goes to the even one. */
    g = GRAPH(NULL, {"ann", "v", 0}, {"ann", "v", (INT64_C(1) << 53) + 1});
    assert_int_equal(sj_graph_transition(g, 0, 0, &t), 1);
    assert_true(t.dwell_mean == 9007199254740992.0);
    sj_graph_free(g);
}

static void expected_touchpoint_transitions_are_edges_even_where_nobody_walks(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    sj_transition t;
    (void)state;
    must(sj_builder_add_touchpoint(b, "view", NULL, NULL, error));
    must(sj_builder_add_touchpoint(b, "cart", NULL, NULL, error));
    must(sj_builder_add_touchpoint(b, "buy", NULL, NULL, error));
    must(sj_builder_add_expected(b, "cart", "buy", 0.4, error));
    must(sj_builder_add_expected(b, "view", "cart", 0, error));
    rows_feed(b, (const row[]){{"ann", "view", 1}, {"ann", "cart", 2}, {"ann", "view", 3}}, 3);
    g = rows_build(b);
    assert_int_equal(sj_graph_transition(g, 1, 2, &t), 1);
    assert_int_equal(t.count, 0);
    assert_int_equal(t.expected, 1);
    assert_true(t.expected_share == 0.4 && t.dwell_mean == 0);
    assert_int_equal(sj_graph_transition(g, 0, 1, &t), 1);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.expected, 1);
    assert_true(t.expected_share == 0);
    assert_int_equal(sj_graph_transition(g, 1, 0, &t), 1);
    assert_int_equal(t.expected, 0);
    sj_graph_free(g);
    sj_builder_free(b);
}

static void stage_expectations_hold_for_what_is_walked(void **state)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    sj_transition t;
    static const char *const steps[] = {"ad", "post", "view", "loose", "view", "ad"};
    static const int expected[] = {1 /* within early */, 1 /* early to late */, 1 /* loose */,
                                   1 /* loose */, 0 /* back */};
    (void)state;
    must(sj_builder_add_stage(b, "early", error));
    must(sj_builder_add_stage(b, "late", error));
    must(sj_builder_add_touchpoint(b, "ad", "early", NULL, error));
    must(sj_builder_add_touchpoint(b, "post", "early", NULL, error));
    must(sj_builder_add_touchpoint(b, "view", "late", NULL, error));
    must(sj_builder_add_expected(b, "early", "late", 0, error));
    for (int i = 0; i < 6; i++) {
        rows_feed(b, &(row){"ann", steps[i], i}, 1);
    }
    g = rows_build(b);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sj_graph_transition(g, sj_graph_find(g, SJ_KIND_TOUCHPOINTS, steps[i]),
                                             sj_graph_find(g, SJ_KIND_TOUCHPOINTS, steps[i + 1]),
                                             &t),
                         1);
        assert_int_equal(t.expected, expected[i]);
    }
    assert_int_equal(sj_graph_transition(g, 0, 2, &t), 0); /* not walked: not listed */
    sj_graph_free(g);
    sj_builder_free(b);
}

/* ----------------------------------------------------------------------------------- decoding --
 */

/* Journeys of many lengths over `touchpoints` touchpoints, `scale` microseconds apart. */
static sj_graph *long_graph(int touchpoints, int64_t scale)
{
    sj_builder *b = rows_builder(NULL);
    sj_graph *g;
    char key[16], name[16];
    uint64_t x = 7;
    for (int t = 0; t < touchpoints; t++) {
        snprintf(name, sizeof name, "t%d", t);
        must(sj_builder_add_touchpoint(b, name, NULL, NULL, error));
    }
    for (int c = 0; c < 40; c++) {
        snprintf(key, sizeof key, "c%d", c);
        for (int i = 0; i < c * c % 130 + 1; i++) {
            x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
            snprintf(name, sizeof name, "t%d", (int)((x >> 33) % (uint64_t)touchpoints));
            rows_feed(
                b,
                &(row){key, name, (int64_t)((x >> 40) % 1000) * scale + (int64_t)((x >> 35) % 3)},
                1);
        }
    }
    g = rows_build(b);
    sj_builder_free(b);
    return g;
}

static void decode_and_compare(const sj_graph *g, const uint8_t *wanted)
{
    sj__decoder d;
    must(sj__decoder_init(&d, g, error));
    for (uint64_t c = 0; c < sj__graph_customers(g); c++) {
        sj__journey j;
        size_t k = 0;
        uint64_t base = sj__graph_first(g, c), length = sj__graph_first(g, c + 1) - base;
        sj__decode(&d, c, wanted, &j);
        assert_int_equal(j.customer, c);
        assert_int_equal(j.base, base);
        assert_int_equal(j.length, length);
        for (uint64_t i = 0; i < length; i++) {
            if (wanted[sj__graph_touchpoint(g, base + i)]) {
                assert_true(k < j.n);
                assert_int_equal(j.position[k], i);
                assert_true(j.time[k] == sj__graph_time(g, c, base + i));
                assert_int_equal(sj__journey_touchpoint(&j, k), sj__graph_touchpoint(g, base + i));
                k++;
            }
        }
        assert_int_equal(k, j.n);
    }
    sj__decoder_free(&d);
    sj__decoder_free(&d); /* twice is fine */
}

static void decoding_shows_the_wanted_events_and_no_other(void **state)
{
    static const int touchpoints[] = {7, 300, 66000};
    static const int64_t scales[] = {SJ_SECOND, 5 * SJ_DAY, INT64_C(1) << 42, INT64_C(1) << 52};
    (void)state;
    for (int t = 0; t < 3; t++) {
        uint8_t *wanted = calloc((size_t)touchpoints[t] + 256, 1);
        assert_non_null(wanted);
        for (int s = 0; s < (t == 2 ? 1 : 4); s++) {
            sj_graph *g = long_graph(touchpoints[t], scales[s]);
            memset(wanted, 0, (size_t)touchpoints[t]);
            decode_and_compare(g, wanted);
            for (int i = 0; i < touchpoints[t]; i++) {
                wanted[i] = i % 3 == 1;
            }
            decode_and_compare(g, wanted);
            memset(wanted, 1, (size_t)touchpoints[t]);
            decode_and_compare(g, wanted);
            sj_graph_free(g);
        }
        free(wanted);
    }
}

static void a_decoder_of_an_empty_graph_and_without_memory(void **state)
{
    failing memory = {0};
    sj_allocator a = failing_allocator(&memory);
    sj_builder_options o = {.struct_size = sizeof o, .allocator = &a};
    sj_graph *g = rows_graph(&o, NULL, 0);
    sj__decoder d;
    (void)state;
    must(sj__decoder_init(&d, g, error));
    sj__decoder_free(&d);
    for (uint64_t k = 1; k <= 3; k++) {
        memory.fail_at = memory.requests + k;
        must_fail(SJ_ERR_NOMEM, sj__decoder_init(&d, g, error));
    }
    sj_graph_free(g);
    failing_check(&memory);
}

/* ----------------------------------------------------------------------------------- checking --
 */

/* Packed arrays are lent as const; a test may break them. */
static void flip(const void *byte)
{
    union {
        const void *read;
        unsigned char *write;
    } at = {.read = byte};
    *at.write ^= 1;
}

static void check_finds_what_is_damaged(void **state)
{
    sj_graph *g = GRAPH(NULL, {"ann", "a", 1}, {"ann", "b", 2}, {"ann", "a", 5}, {"bob", "a", 3},
                        {"bob", "b", 4});
    sj__packed p = packed_of(g);
    const void *places[] = {&((const uint8_t *)p.touchpoint)[1],
                            &p.delta[1],
                            &p.delta[0],
                            p.border,
                            p.same_instant,
                            sj_graph_name(g, SJ_KIND_CUSTOMERS, 0) + 3};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        flip(places[i]);
        must_fail(SJ_ERR_FORMAT, sj_graph_check(g, error));
        flip(places[i]);
        must(sj_graph_check(g, error));
    }
    must_fail(SJ_ERR_ARGUMENT, sj_graph_check(NULL, error));
    sj_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tick_is_the_datas_own_resolution),
        cmocka_unit_test(journeys_that_start_apart_share_a_resolution_of_differences_only),
        cmocka_unit_test(without_differences_the_tick_is_a_microsecond),
        cmocka_unit_test(a_rest_is_kept_only_where_32_bits_are_too_few),
        cmocka_unit_test(every_time_is_valid),
        cmocka_unit_test(borders_and_equal_times_are_bits),
        cmocka_unit_test(customers_stand_in_order_of_their_keys_hash_and_are_found),
        cmocka_unit_test(what_there_is_not_is_told_so),
        cmocka_unit_test(a_graph_lives_as_long_as_its_last_owner),
        cmocka_unit_test(many_touchpoints_take_wider_codes),
        cmocka_unit_test(sparse_values_are_found_by_rank),
        cmocka_unit_test(wide_categories_and_channels_keep_their_names),
        cmocka_unit_test(transitions_are_counted_with_their_mean_dwell),
        cmocka_unit_test(the_mean_dwell_is_the_nearest_double),
        cmocka_unit_test(expected_touchpoint_transitions_are_edges_even_where_nobody_walks),
        cmocka_unit_test(stage_expectations_hold_for_what_is_walked),
        cmocka_unit_test(decoding_shows_the_wanted_events_and_no_other),
        cmocka_unit_test(a_decoder_of_an_empty_graph_and_without_memory),
        cmocka_unit_test(check_finds_what_is_damaged),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
