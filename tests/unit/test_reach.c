/* The range door of funnels: its bit kernel against loops, and its answers against the exact
 * matcher on journeys long enough to cross words, with ties, pauses, repeated steps and coarse
 * ticks. */
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

static void masks_are_the_events_of_a_code(void **state)
{
    uint8_t codes[64], wanted[SJ__REACH_FEW];
    uint64_t out[SJ__REACH_FEW], plain[SJ__REACH_FEW];
    (void)state;
    reach_state = 1;
    for (int round = 0; round < 400; round++) {
        const size_t n = 1 + reach_random() % SJ__REACH_FEW;
        const uint64_t codes_used = round % 2 ? 256 : 12;
        for (size_t c = 0; c < n; c++)
            wanted[c] = (uint8_t)(reach_random() % codes_used);
        for (size_t e = 0; e < 64; e++)
            codes[e] = (uint8_t)(reach_random() % codes_used);
        sj__reach_equal(codes, wanted, n, out);
        sj__reach_equal_plain(codes, wanted, n, plain);
        for (unsigned e = 0; e < 64; e++)
            for (size_t c = 0; c < n; c++) {
                assert_int_equal(reach_bit(out[c], e), codes[e] == wanted[c]);
                assert_int_equal(reach_bit(plain[c], e), codes[e] == wanted[c]);
            }
    }
}

static void scattering_sets_the_bit_of_each_event_s_code(void **state)
{
    static uint64_t out[257 * SJ__REACH_GROUP];
    uint8_t codes[64 * SJ__REACH_GROUP];
    uint16_t slot[256];
    (void)state;
    reach_state = 6;
    for (int round = 0; round < 50; round++) {
        const size_t n_slots = round % 2 ? 257 : 1 + reach_random() % 20;
        for (size_t c = 0; c < 256; c++)
            slot[c] = (uint16_t)(n_slots == 257 ? c + 1 : reach_random() % n_slots);
        for (size_t e = 0; e < sizeof codes; e++)
            codes[e] = (uint8_t)reach_random();
        sj__reach_scatter(codes, slot, n_slots, out);
        for (size_t e = 0; e < sizeof codes; e++)
            for (size_t s = 0; s < n_slots; s++)
                assert_int_equal(reach_bit(out[s * SJ__REACH_GROUP + e / 64], (unsigned)(e % 64)),
                                 slot[codes[e]] == s);
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

static void common_ones_are_counted_in_any_number_of_words(void **state)
{
    uint64_t a[300], b[300];
    (void)state;
    reach_state = 7;
    for (size_t n = 0; n <= 300; n++) {
        int64_t expected = 0;
        for (size_t i = 0; i < n; i++) {
            a[i] = n % 3 ? reach_random() : UINT64_MAX;
            b[i] = n % 3 == 1 ? reach_random() : UINT64_MAX;
            for (unsigned e = 0; e < 64; e++)
                expected += reach_bit(a[i], e) && reach_bit(b[i], e);
        }
        assert_int_equal(sj__reach_count_both(a, b, n), expected);
        assert_int_equal(sj__reach_count_both_plain(a, b, n), expected);
    }
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
    {"microseconds over months, ties", 300, 30, 50000000000, 20, 1, 26},
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
    for (char name[2] = "a"; name[0] <= 'z'; name[0]++)
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

/* What plans share must not show: many of one window, so that pieces are cut; touchpoints enough to
 * scatter. */
static void plans_in_one_scan_count_what_each_counts_alone(void **state)
{
    enum { TOGETHER = 24 };
    (void)state;
    reach_state = 8;
    for (int round = 0; round < 30; round++) {
        const reach_shape *shape = &reach_shapes[round % 6];
        sj_graph *graph = reach_graph(shape);
        const int64_t windows[] = {0, (int64_t)shape->pause / 7 + 1, (int64_t)shape->pause + 1,
                                   6 * (int64_t)shape->pause + 1};
        sj_step steps[TOGETHER][6];
        sj_funnel_options options[TOGETHER];
        sj_plan *plans[TOGETHER];
        sj_tally *tallies[TOGETHER];
        for (size_t q = 0; q < TOGETHER; q++) {
            options[q] = (sj_funnel_options){.struct_size = sizeof options[q],
                                             .steps = steps[q],
                                             .n_steps = 1 + reach_random() % 6,
                                             .step_size = sizeof *steps[q],
                                             .reuse = (int32_t)(reach_random() % 3),
                                             .window = windows[q % 4],
                                             .figures = SJ_FIGURE_COUNTS};
            for (size_t k = 0; k < options[q].n_steps; k++)
                steps[q][k] = (sj_step){.condition = reach_steps[reach_random() % (q % 3 ? 4 : 8)]};
            assert_int_equal(sj_funnel_plan(graph, &options[q], &plans[q], NULL), SJ_OK);
        }
        assert_int_equal(sj_scan(plans, TOGETHER, NULL, tallies, NULL), SJ_OK);
        for (size_t q = 0; q < TOGETHER; q++) {
            int64_t by_matcher[8] = {0};
            int ranged;
            reach_levels(graph, options[q], SJ_FIGURE_VALUES, by_matcher, &ranged);
            const sj__ledger *ledger = &tallies[q]->ledgers[SJ__FUNNEL_LEVELS];
            for (int32_t k = 1; k <= (int32_t)options[q].n_steps; k++) {
                const size_t row = sj__ledger_find(ledger, &k, 1);
                const int64_t found = row == SIZE_MAX ? 0 : sj__ledger_counts(ledger, row)[0];
                if (found != by_matcher[k])
                    fail_msg("%s, round %d, question %u, level %d", shape->name, round, (unsigned)q,
                             k);
            }
            sj_tally_free(tallies[q]);
            sj_plan_free(plans[q]);
        }
        sj_graph_free(graph);
    }
}

/* One customer's b and a at one time, in this order, where a block of 64 words ends; and before it
 * nobody, or somebody who has entered. */
static void a_tie_across_the_end_of_a_block_is_seen(void **state)
{
    enum { BEFORE = 64 * 64 - 1 };
    const sj_step steps[] = {{.condition = "a"}, {.condition = "b"}};
    (void)state;
    for (int entered = 0; entered < 2; entered++) {
        sj_builder *builder = NULL;
        sj_graph *graph = NULL;
        assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
        for (int64_t i = 0; i < BEFORE + 2; i++) {
            const sj_event event = {.struct_size = sizeof event,
                                    .customer = "c",
                                    .touchpoint = i == BEFORE       ? "b"
                                                  : i == BEFORE + 1 ? "a"
                                                  : entered && !i   ? "a"
                                                                    : "x",
                                    .time = (i > BEFORE ? BEFORE : i) * SJ_SECOND};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
        assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
        sj_builder_free(builder);
        for (int windowed = 0; windowed < 2; windowed++) {
            int64_t levels[3] = {0};
            int ranged;
            const sj_funnel_options options = {.struct_size = sizeof options,
                                               .steps = steps,
                                               .n_steps = 2,
                                               .step_size = sizeof *steps,
                                               .window = windowed ? SJ_MINUTE : 0};
            reach_levels(graph, options, SJ_FIGURE_COUNTS, levels, &ranged);
            assert_true(ranged);
            assert_int_equal(levels[1], 0);
            assert_int_equal(levels[2], 1);
        }
        sj_graph_free(graph);
    }
}

/* Customer c walks s000, s001 … a second apart, c touchpoints far and then half way back. */
static sj_graph *reach_walkers(uint64_t customers)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (uint64_t c = 1; c <= customers; c++) {
        for (uint64_t i = 0; i <= c; i++) {
            char key[24], name[24];
            (void)snprintf(key, sizeof key, "%u", (unsigned)c);
            (void)snprintf(name, sizeof name, "s%03u", (unsigned)(i < c ? i : c / 2));
            const sj_event event = {.struct_size = sizeof event,
                                    .customer = key,
                                    .touchpoint = name,
                                    .time = (int64_t)i * SJ_SECOND};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
        }
    }
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    return graph;
}

/* Of 200 walkers one gets to each level below the last, the others to the last; within 20 seconds
 * nobody gets beyond 21 steps. */
static void a_funnel_may_have_many_steps(void **state)
{
    static const size_t counts[] = {31, 32, 33, 64, 65, 100, 200};
    static char names[200][8];
    sj_step steps[200];
    sj_graph *graph = reach_walkers(200);
    (void)state;
    for (size_t k = 0; k < 200; k++) {
        (void)snprintf(names[k], sizeof names[k], "s%03u", (unsigned)k);
        steps[k] = (sj_step){.condition = names[k]};
    }
    for (size_t i = 0; i < 4 * sizeof counts / sizeof *counts; i++) {
        const int64_t n = (int64_t)counts[i / 4], most = i % 2 && n > 21 ? 21 : n;
        int64_t levels[201] = {0};
        int ranged;
        const sj_funnel_options options = {.struct_size = sizeof options,
                                           .steps = steps,
                                           .n_steps = (size_t)n,
                                           .step_size = sizeof *steps,
                                           .window = i % 2 ? 20 * SJ_SECOND : 0,
                                           .tie = i % 4 == 3 ? SJ_TIE_STRICT : SJ_TIE_ANY};
        reach_levels(graph, options, i % 4 < 2 ? SJ_FIGURE_COUNTS : SJ_FIGURE_TIMES, levels,
                     &ranged);
        assert_int_equal(ranged, i % 4 < 2 && n <= 32);
        for (int64_t k = 1; k <= n; k++)
            assert_int_equal(levels[k], k < most ? 1 : k == most ? 200 - most + 1 : 0);
    }
    sj_graph_free(graph);
}

/* Ninety days at a microsecond do not fit 32 bits: a tick is 2,048 µs, and only the remainders say
 * which side of the window. */
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
    sj__funnel_door door = {{0}, 0, NULL};
    sj__bits bits;
    int64_t levels[3] = {0};
    uint64_t left[4] = {0}, n = 0;
    const sj_allocator a = *sj__graph_allocator(graph);
    assert_int_equal(sj_funnel_plan(graph, &options, &plan, NULL), SJ_OK);
    sj__graph_packed(graph, 0, sj__graph_customers(graph), &packed);
    const sj__bits_events events = {.codes = packed.touchpoint,
                                    .border = packed.border,
                                    .ticks = packed.delta,
                                    .tick = packed.tick,
                                    .exact = packed.exact,
                                    .from = packed.event_from,
                                    .to = packed.event_to};
    sj__bits_init(&bits, &a);
    assert_int_equal(sj__funnel_reach_want(plan->question, &a, &bits, &door, NULL), SJ_OK);
    assert_int_equal(sj__bits_load(&bits, &events, NULL), SJ_OK);
    sj__funnel_reach(plan->question, &door, &bits, &packed, levels, left);
    for (size_t w = 0; w < 4; w++)
        n += (uint64_t)__builtin_popcountll(left[w]);
    sj__funnel_reach_drop(plan->question, &a, &door);
    sj__bits_free(&bits);
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
        cmocka_unit_test(masks_are_the_events_of_a_code),
        cmocka_unit_test(scattering_sets_the_bit_of_each_event_s_code),
        cmocka_unit_test(common_ones_are_counted_in_any_number_of_words),
        cmocka_unit_test(pauses_are_differences_of_at_least_so_many_ticks),
        cmocka_unit_test(fill_carries_seeds_up_to_the_next_border_and_across_words),
        cmocka_unit_test(count_counts_ones),
        cmocka_unit_test(before_moves_bits_up_by_one),
        cmocka_unit_test(the_door_and_the_matcher_count_the_same_levels),
        cmocka_unit_test(plans_in_one_scan_count_what_each_counts_alone),
        cmocka_unit_test(a_tie_across_the_end_of_a_block_is_seen),
        cmocka_unit_test(a_funnel_may_have_many_steps),
        cmocka_unit_test(coarse_ticks_are_exact_at_the_window_s_edge),
        cmocka_unit_test(the_door_settles_what_is_clear),
        cmocka_unit_test(the_door_leaves_ties_that_may_lift_a_level),
        cmocka_unit_test(the_door_is_shut_where_it_could_not_answer),
    };
    return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
