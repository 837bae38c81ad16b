/* What friction finds in worlds whose truth is known (examples/demo_shop): one friction is planted,
 * at payment; errors at five other places, rage and dwell have no effect at all.
 *
 *     world 1: one kind of customers
 *     world 2: three kinds that leave more or less soon, which nothing tells
 *
 * Over seeds of 20,000 customers: of all finds, the share that is harmful and false; how often the
 * planted friction is found, and ranked first; how often its interval covers the true difference of
 * world 1.  Only effect signals are judged true or false: what a rate is held against (its peers)
 * differs in truth.  3 seeds by default, and limits that they cannot miss by chance; the
 * environment variable SOJOURN_LONG asks for 200. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sojourn.h>

#include "shop.h"

enum { WORLD_CUSTOMERS = 20000, WORLD_SEEDS = 3, WORLD_SEEDS_LONG = 200 };

static const double WORLD_TRUTH =
    -.389648717; /* of an error at payment, solved exactly from the chain of world 1 */

typedef struct world_counts {
    int seeds, found, first, covered;
    double false_share; /* summed over seeds: false harmful finds / finds */
    long finds, false_finds, tested;
    double sum, low, high;
} world_counts;

static void world_check(sj_status status, const sj_error *error)
{
    if (status != SJ_OK)
        fail_msg("%s", error->message);
}

static int world_add(void *user, const shop_event *event)
{
    char key[32];
    sj_error error = {0};
    sj_event row = {.struct_size = sizeof row,
                    .customer = key,
                    .touchpoint = shop_touchpoint(event->touchpoint),
                    .channel = shop_channel(event->channel),
                    .time = event->time * 1000};
    (void)snprintf(key, sizeof key, "c%lld", (long long)event->customer);
    world_check(sj_builder_add_event(user, &row, &error), &error);
    return 0;
}

static sj_graph *world_graph(int world, uint64_t seed)
{
    shop_model models[SHOP_KINDS];
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};
    world_check(sj_builder_new(NULL, &builder, &error), &error);
    for (int kind = 0; kind < SHOP_KINDS; kind++)
        shop_prepare_kind(&models[kind], 1, kind);
    for (int64_t c = 1; c <= WORLD_CUSTOMERS; c++) {
        const int kind = world == 2 ? shop_kind(seed, c) : SHOP_PLAIN;
        (void)shop_walk(&models[kind], seed, c, world_add, builder);
    }
    world_check(sj_builder_build(builder, NULL, &graph, &error), &error);
    sj_builder_free(builder);
    return graph;
}

static int world_is_planted(const sj_table *table, size_t row)
{
    return strcmp(sj_table_text(table, "signal", row), "error") == 0 &&
           strcmp(sj_table_text(table, "place", row), "payment") == 0;
}

static int world_has(const sj_table *table, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[row / 8] >> row % 8 & 1) != 0;
}

static void world_judge(const sj_table *table, world_counts *counts)
{
    long finds = 0, false_finds = 0;
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const double lift = sj_table_reals(table, "lift")[i];
        counts->tested += world_has(table, "p", i);
        if (world_is_planted(table, i)) {
            const double low = sj_table_reals(table, "low")[i];
            const double high = sj_table_reals(table, "high")[i];
            counts->covered += low <= WORLD_TRUTH && WORLD_TRUTH <= high;
            counts->sum += lift;
            counts->low += low;
            counts->high += high;
            counts->found += world_has(table, "q", i) && sj_table_reals(table, "q")[i] <= .05;
            counts->first += i == 0;
        }
        if (!world_has(table, "q", i) || sj_table_reals(table, "q")[i] > .05)
            continue;
        finds++;
        false_finds += lift < 0 && !world_is_planted(table, i);
    }
    counts->finds += finds;
    counts->false_finds += false_finds;
    counts->false_share += finds > 0 ? (double)false_finds / (double)finds : 0;
    counts->seeds++;
}

static void world_run(int world, const char *const *signals, size_t n_signals, world_counts *counts)
{
    const int seeds = getenv("SOJOURN_LONG") != NULL ? WORLD_SEEDS_LONG : WORLD_SEEDS;
    const sj_friction_options options = {.struct_size = sizeof options,
                                         .conversion = "purchase",
                                         .error = "error",
                                         .signals = signals,
                                         .n_signals = n_signals};
    *counts = (world_counts){0};
    for (int seed = 1; seed <= seeds; seed++) {
        sj_graph *graph = world_graph(world, (uint64_t)seed);
        sj_result *result = NULL;
        sj_error error = {0};
        world_check(sj_friction_compute(graph, &options, NULL, &result, &error), &error);
        world_judge(sj_result_find(result, "friction"), counts);
        sj_result_free(result);
        sj_graph_free(graph);
    }
    print_message("# world %d, %d seeds of %d customers, %ld tested: %ld finds, %ld false and "
                  "harmful (share on average %.4f); planted found %.3f, first %.3f, interval "
                  "covers %.6f in %.3f; difference %.4f (%.4f to %.4f) on average\n",
                  world, seeds, WORLD_CUSTOMERS, counts->tested, counts->finds, counts->false_finds,
                  counts->false_share / seeds, (double)counts->found / seeds,
                  (double)counts->first / seeds, WORLD_TRUTH, (double)counts->covered / seeds,
                  counts->sum / seeds, counts->low / seeds, counts->high / seeds);
}

static const char *const world_effects[] = {"error", "rage", "repeat", "slow", "handoff"};

static void check_world(int world)
{
    world_counts counts;
    world_run(world, world_effects, 5, &counts);
    const int is_long = counts.seeds == WORLD_SEEDS_LONG;
    assert_true(counts.false_share / counts.seeds <= (is_long ? .05 : .5));
    assert_true(counts.found >= (is_long ? .95 : 1) * counts.seeds);
    assert_true(counts.first >= (is_long ? .95 : 1) * counts.seeds);
    if (world == 1)
        assert_true(counts.covered >= (is_long ? .93 * counts.seeds : 1));
}

static void one_kind_of_customers(void **state)
{
    (void)state;
    check_world(1);
}

static void three_kinds_of_customers(void **state)
{
    (void)state;
    check_world(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_kind_of_customers),
                                       cmocka_unit_test(three_kinds_of_customers)};
    return cmocka_run_group_tests_name("friction_worlds", tests, NULL, NULL);
}
