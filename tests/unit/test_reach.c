/* The range door of funnels: its bit kernel against loops, and its answers against the exact matcher on journeys long enough to cross
 * words, with ties, pauses, repeated steps and coarse ticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/funnel.h"
#include "kernel/reach.h"

static uint64_t reach_state;

static uint64_t reach_random(void)
{
    uint64_t x = reach_state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static int reach_bit(uint64_t word, unsigned e)
{
    return (int)(word >> e & 1);
}

/* Sets with few pairs and with many, which go different ways. */
static void masks_are_the_table_s_bits(void **state)
{
    uint8_t codes[64];
    uint64_t out[8], plain[8];
    (void)state;
    reach_state = 1;
    for (int round = 0; round < 400; round++) {
        sj__reach_set set = {.n_masks = 1 + (uint32_t)(reach_random() % 8)};
        const uint64_t codes_used = round % 2 ? 256 : 12;
        for (size_t i = 0; i < 256; i++)
            set.table[i] = (uint8_t)(round % 2 ? reach_random()
                                     : i < 5   ? reach_random() & reach_random()
                                               : 0);
        sj__reach_list(&set);
        for (size_t e = 0; e < 64; e++)
            codes[e] = (uint8_t)(reach_random() % codes_used);
        sj__reach_masks(codes, &set, out);
        sj__reach_masks_plain(codes, &set, plain);
        for (unsigned e = 0; e < 64; e++)
            for (size_t k = 0; k < set.n_masks; k++) {
                assert_int_equal(reach_bit(out[k], e), set.table[codes[e]] >> k & 1);
                assert_int_equal(reach_bit(plain[k], e), set.table[codes[e]] >> k & 1);
            }
    }
}

static void pauses_are_differences_of_at_least_so_many_ticks(void **state)
{
    uint32_t ticks[64];
    (void)state;
    reach_state = 2;
    for (int round = 0; round < 400; round++) {
        const uint32_t before = (uint32_t)(reach_random() % 20);
        const uint32_t least = round % 4 == 0 ? 1 + (uint32_t)(reach_random() % UINT32_MAX)
                                              : 1 + (uint32_t)(reach_random() % 20);
        for (size_t e = 0; e < 64; e++)
            ticks[e] = round % 2 ? (uint32_t)reach_random() : (uint32_t)(reach_random() % 40);
        const uint64_t found = sj__reach_pauses(ticks, before, least);
        assert_true(found == sj__reach_pauses_plain(ticks, before, least));
        for (unsigned e = 0; e < 64; e++) {
            const uint32_t earlier = e == 0 ? before : ticks[e - 1];
            assert_int_equal(reach_bit(found, e), (uint32_t)(ticks[e] - earlier) >= least);
        }
    }
}

static void fill_carries_seeds_up_to_the_next_border_and_across_words(void **state)
{
    (void)state;
    reach_state = 3;
    for (int round = 0; round < 2000; round++) {
        uint64_t carry = reach_random() & 1;
        int on = (int)carry;
        for (int w = 0; w < 3; w++) {
            const uint64_t seeds = reach_random() & reach_random() & reach_random();
            const uint64_t pass = reach_random() | reach_random() | reach_random();
            const uint64_t found = sj__reach_fill(seeds, pass, &carry);
            for (unsigned e = 0; e < 64; e++) {
                on = reach_bit(seeds, e) || (reach_bit(pass, e) && on);
                assert_int_equal(reach_bit(found, e), on);
            }
            assert_int_equal(carry, on);
        }
    }
}

static void count_counts_ones(void **state)
{
    (void)state;
    assert_int_equal(sj__reach_count(0), 0);
    assert_int_equal(sj__reach_count(UINT64_MAX), 64);
    for (unsigned from = 0; from < 64; from++)
        for (unsigned n = 1; n <= 64 - from; n++)
            assert_int_equal(sj__reach_count(UINT64_MAX >> (64 - n) << from), n);
}

static void before_moves_bits_up_by_one(void **state)
{
    (void)state;
    assert_true(sj__reach_before(UINT64_C(0x8000000000000001), 1) == 3);
    assert_true(sj__reach_before(UINT64_C(0x8000000000000001), 0) == 2);
}

/* ---- against the matcher ---- */

typedef struct reach_shape {
    const char *name;
    uint64_t customers, longest;
    uint64_t pause; /* mean microseconds between two events */
    uint64_t tied;  /* of 100 events, at the time of the one before */
    uint64_t unit;  /* times are multiples of this */
    uint64_t names; /* touchpoints in use */
} reach_shape;

static const reach_shape reach_shapes[] = {
    {"seconds, few touchpoints", 300, 40, 50000000, 5, 1000000, 5},
    {"microseconds over months", 300, 40, 50000000000, 0, 1, 5},
    {"microseconds over months, ties", 300, 30, 50000000000, 20, 1, 12},
    {"long journeys", 8, 900, 3000000, 1, 1000000, 12},
    {"one event each", 700, 1, 1000000, 0, 1000000, 4},
    {"all at one time", 40, 150, 0, 0, 1, 12},
};

static sj_graph *reach_graph(const reach_shape *shape)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (char name[2] = "a"; name[0] < 'm'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
    for (uint64_t c = 0; c < shape->customers; c++) {
        char key[24];
        const uint64_t n = 1 + reach_random() % shape->longest;
        int64_t time = (int64_t)(reach_random() % 1000 * shape->unit);
        (void)snprintf(key, sizeof key, "%u", (unsigned)c);
        for (uint64_t i = 0; i < n; i++) {
            const char name[2] = {(char)('a' + reach_random() % shape->names), 0};
            const sj_event event = {
                .struct_size = sizeof event, .customer = key, .touchpoint = name, .time = time};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
            if (shape->pause > 0 && reach_random() % 100 >= shape->tied) {
                const uint64_t pause = reach_random() % (2 * shape->pause);
                time += (int64_t)((reach_random() % 4 ? pause / 50 : pause) / shape->unit *
                                  shape->unit);
            }
        }
    }
    if (sj_builder_build(builder, NULL, &graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    return graph;
}

static const char *const reach_steps[] = {"a",
                                          "b",
                                          "c",
                                          "a",
                                          "touchpoint in ('a', 'b')",
                                          "touchpoint != 'c'",
                                          "d",
                                          "touchpoint in ('b', 'd')"};

/* Levels by `figures`, written as the tally's ledger; how the plan runs goes to *ranged. */
static void reach_levels(const sj_graph *graph, sj_funnel_options options, int64_t figures,
                         int64_t *levels, int *ranged)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    options.figures = figures;
    if (sj_funnel_plan(graph, &options, &plan, &error) != SJ_OK ||
        sj_scan(&plan, 1, NULL, &tally, &error) != SJ_OK)
        fail_msg("%s", error.message);
    *ranged = plan->use_range;
    const sj__ledger *ledger = &tally->ledgers[SJ__FUNNEL_LEVELS];
    for (int32_t k = 1; k <= (int32_t)options.n_steps; k++) {
        const size_t row = sj__ledger_find(ledger, &k, 1);
        levels[k] = row == SIZE_MAX ? 0 : sj__ledger_counts(ledger, row)[0];
    }
    sj_tally_free(tally);
    sj_plan_free(plan);
}

static void the_door_and_the_matcher_count_the_same_levels(void **state)
{
    size_t compared = 0;
    (void)state;
    reach_state = 4;
    for (int round = 0; round < 60; round++) {
        const reach_shape *shape = &reach_shapes[round % 6];
        sj_graph *graph = reach_graph(shape);
        for (int q = 0; q < 25; q++) {
            sj_step steps[11];
            int64_t by_bits[12] = {0}, by_matcher[12] = {0};
            int ranged;
            sj_funnel_options options = {.struct_size = sizeof options,
                                         .steps = steps,
                                         .n_steps = 1 + reach_random() % (q % 5 ? 5 : 11),
                                         .step_size = sizeof *steps,
                                         .reuse = (int32_t)(reach_random() % 3)};
            for (size_t k = 0; k < options.n_steps; k++)
                steps[k] = (sj_step){.condition = reach_steps[reach_random() % (q % 2 ? 3 : 8)]};
            if (q % 3)
                options.window =
                    q % 7 == 0 ? SJ_INSTANT
                               : (int64_t)(1 + reach_random() %
                                                   (1 + shape->pause * (1 + reach_random() % 9)));
            reach_levels(graph, options, SJ_FIGURE_COUNTS, by_bits, &ranged);
            assert_true(ranged);
            reach_levels(graph, options, SJ_FIGURE_VALUES, by_matcher, &ranged);
            assert_false(ranged);
            if (memcmp(by_bits, by_matcher, sizeof by_bits) != 0)
                fail_msg("%s, round %d, question %d", shape->name, round, q);
            compared++;
        }
        sj_graph_free(graph);
    }
    assert_int_equal(compared, 1500);
}

/* Ninety days at a microsecond do not fit 32 bits: a tick is 2,048 µs, and only the remainders say which side of the window. */
static void coarse_ticks_are_exact_at_the_window_s_edge(void **state)
{
    const int64_t windows[] = {1, 2047, 2048, 2049, 4096, 10000, 1 << 20};
    const sj_step steps[] = {{.condition = "a"}, {.condition = "b"}};
    (void)state;
    reach_state = 5;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        sj_builder *builder = NULL;
        sj_graph *graph = NULL;
        int64_t levels[3] = {0}, within = 0;
        int ranged;
        assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
        for (unsigned c = 0; c < 2000; c++) {
            char key[24];
            const int64_t start = (int64_t)(reach_random() % 9000);
            const int64_t off = (int64_t)(reach_random() % 5) - 2;
            const int64_t pause = windows[i] + (off < -windows[i] ? 0 : off);
            const int64_t times[4] = {0, start, start + pause, 90 * SJ_DAY};
            (void)snprintf(key, sizeof key, "%u", c);
            for (size_t e = 0; e < 4; e++) {
                const sj_event event = {.struct_size = sizeof event,
                                        .customer = key,
                                        .touchpoint = (const char *[]){"x", "a", "b", "x"}[e],
                                        .time = times[e]};
                assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
            }
            within += pause <= windows[i];
        }
        assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
        sj_builder_free(builder);
        const sj_funnel_options options = {.struct_size = sizeof options,
                                           .steps = steps,
                                           .n_steps = 2,
                                           .step_size = sizeof *steps,
                                           .window = windows[i]};
        reach_levels(graph, options, SJ_FIGURE_COUNTS, levels, &ranged);
        assert_true(ranged);
        assert_int_equal(levels[2], within);
        assert_int_equal(levels[1], 2000 - within);
        sj_graph_free(graph);
    }
}

/* How many of these customers the door leaves to the matcher. */
static uint64_t reach_left(sj_graph *graph, int64_t window)
{
    const sj_step steps[] = {{.condition = "a"}, {.condition = "b"}};
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = 2,
                                       .step_size = sizeof *steps,
                                       .window = window,
                                       .figures = SJ_FIGURE_COUNTS};
    sj_plan *plan = NULL;
    sj__packed packed;
    sj__funnel_words room = {0};
    int64_t levels[3] = {0};
    uint64_t left[4] = {0}, n = 0;
    const sj_allocator a = *sj__graph_allocator(graph);
    assert_int_equal(sj_funnel_plan(graph, &options, &plan, NULL), SJ_OK);
    sj__graph_packed(graph, 0, sj__graph_customers(graph), &packed);
    assert_int_equal(sj__funnel_reach(plan->question, &room, &a, &packed, levels, left, NULL),
                     SJ_OK);
    for (size_t w = 0; w < 4; w++)
        n += (uint64_t)__builtin_popcountll(left[w]);
    sj__free(&a, room.words, room.capacity, sizeof *room.words);
    sj_plan_free(plan);
    sj_graph_free(graph);
    return n;
}

static sj_graph *reach_two(const char *first, const char *second, int64_t pause)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    (void)sj_builder_add_touchpoint(builder, "a", NULL, NULL, NULL);
    (void)sj_builder_add_touchpoint(builder, "b", NULL, NULL, NULL);
    for (uint32_t c = 0; c < 100; c++) {
        char key[24];
        (void)snprintf(key, sizeof key, "%u", c);
        sj_event event = {
            .struct_size = sizeof event, .customer = key, .touchpoint = first, .time = c};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        event.touchpoint = second;
        event.time += pause;
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    return graph;
}

static void the_door_settles_what_is_clear(void **state)
{
    (void)state;
    assert_int_equal(reach_left(reach_two("a", "b", 10), 0), 0);
    assert_int_equal(reach_left(reach_two("a", "b", 10), 10), 0);
    assert_int_equal(reach_left(reach_two("a", "b", 11), 10), 0);
    assert_int_equal(reach_left(reach_two("b", "a", 10), 10), 0);
    assert_int_equal(reach_left(reach_two("a", "b", 0), 10), 0);
}

static void the_door_leaves_ties_that_may_lift_a_level(void **state)
{
    (void)state;
    assert_int_equal(reach_left(reach_two("b", "a", 0), 10), 100);
    assert_int_equal(reach_left(reach_two("b", "a", 0), 0), 100);
    assert_int_equal(reach_left(reach_two("b", "b", 0), 0), 0);
}

static void the_door_is_shut_where_it_could_not_answer(void **state)
{
    const sj_step steps[] = {{.condition = "a"}, {.condition = "value > 1"}};
    const int64_t early = 5;
    sj_funnel_options options = {.struct_size = sizeof options,
                                 .steps = steps,
                                 .n_steps = 2,
                                 .step_size = sizeof *steps,
                                 .figures = SJ_FIGURE_COUNTS};
    sj_plan *plan = NULL;
    sj_graph *graph = reach_two("a", "b", 10);
    (void)state;
    assert_int_equal(sj_funnel_plan(graph, &options, &plan, NULL), SJ_OK);
    assert_false(plan->use_range); /* the touchpoint does not decide */
    sj_plan_free(plan);
    options.n_steps = 1;
    options.as_of = &early;
    assert_int_equal(sj_funnel_plan(graph, &options, &plan, NULL), SJ_OK);
    assert_false(plan->use_range); /* some events are not seen */
    sj_plan_free(plan);
    options.as_of = NULL;
    assert_int_equal(sj_funnel_plan(graph, &options, &plan, NULL), SJ_OK);
    assert_true(plan->use_range);
    sj_plan_free(plan);
    options.figures = SJ_FIGURE_TIMES;
    assert_int_equal(sj_funnel_plan(graph, &options, &plan, NULL), SJ_OK);
    assert_false(plan->use_range);
    sj_plan_free(plan);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_the_table_s_bits),
        cmocka_unit_test(pauses_are_differences_of_at_least_so_many_ticks),
        cmocka_unit_test(fill_carries_seeds_up_to_the_next_border_and_across_words),
        cmocka_unit_test(count_counts_ones),
        cmocka_unit_test(before_moves_bits_up_by_one),
        cmocka_unit_test(the_door_and_the_matcher_count_the_same_levels),
        cmocka_unit_test(coarse_ticks_are_exact_at_the_window_s_edge),
        cmocka_unit_test(the_door_settles_what_is_clear),
        cmocka_unit_test(the_door_leaves_ties_that_may_lift_a_level),
        cmocka_unit_test(the_door_is_shut_where_it_could_not_answer),
    };
    return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
