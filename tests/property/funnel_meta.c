/* What metamorphic tests of funnels share: a world at hand, its tally and its list, and how two of
 * them are compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_meta.h"

enum { META_ROUNDS = 400, META_LONGEST = 12, META_SEED = 20260202 };

world meta_world;
uint64_t meta_built, meta_rounds, meta_used;

/* ---- worlds ---- */

/* Draws a world whose question is not refused and has none of the `without` features. */
void meta_draw(uint64_t seed, uint64_t without)
{
    world *w = &meta_world;
    w->state = (META_SEED + seed) * UINT64_C(2654435761);
    do {
        const uint64_t a = world_below(w, WORLD_FEATURES), b = world_below(w, WORLD_FEATURES);
        world_draw_question(w, UINT64_C(1) << a | UINT64_C(1) << b, meta_built & ~without, 1);
    } while (world_refusal(w) != NULL || (world_features(w) & without) != 0);
    world_draw_journeys(w, WORLD_CUSTOMERS, META_LONGEST);
}

uint64_t meta_count(void)
{
    const char *asked = getenv("SOJOURN_LONG");
    return asked != NULL ? 50 * META_ROUNDS : META_ROUNDS;
}

int meta_begin(void **state)
{
    (void)state;
    meta_rounds = meta_used = 0;
    return 0;
}

int meta_end(void **state)
{
    (void)state;
    print_message("# %llu rounds, %llu of them used\n", (unsigned long long)meta_rounds,
                  (unsigned long long)meta_used);
    return meta_used * 4 < meta_rounds; /* a test that hardly tests fails */
}

int meta_all_built(void **state)
{
    (void)state;
    meta_built = world_built();
    return 0;
}

void meta_must(sj_status status, const sj_error *error)
{
    if (status == SJ_OK)
        return;
    world_show(&meta_world, 0);
    fail_msg("%s", error->message);
}

/* ---- tallies and lists ---- */

sj_tally *meta_tally(const sj_graph *graph)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    meta_must(sj_funnel_plan(graph, &meta_world.options, &plan, &error), &error);
    meta_must(sj_scan(&plan, 1, NULL, &tally, &error), &error);
    sj_plan_free(plan);
    return tally;
}

void meta_check_bytes(const sj_tally *a, const sj_tally *b)
{
    sj_buffer *x = NULL, *y = NULL;
    assert_int_equal(sj_tally_write(a, &x, NULL), SJ_OK);
    assert_int_equal(sj_tally_write(b, &y, NULL), SJ_OK);
    if (sj_buffer_size(x) != sj_buffer_size(y) ||
        memcmp(sj_buffer_data(x), sj_buffer_data(y), sj_buffer_size(x)) != 0) {
        world_show(&meta_world, 0);
        fail_msg("tallies differ");
    }
    sj_buffer_free(x);
    sj_buffer_free(y);
}

sj_result *meta_list(const sj_graph *graph)
{
    sj_result *list = NULL;
    sj_error error = {0};
    meta_must(sj_funnel_list(graph, &meta_world.options, NULL, &list, &error), &error);
    return list;
}

static int meta_text_is(const sj_table *a, const sj_table *b, const char *column, size_t row)
{
    const char *x = sj_table_text(a, column, row), *y = sj_table_text(b, column, row);
    return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

static int meta_time(const sj_table *table, size_t at, int64_t *time)
{
    const uint8_t *valid = sj_table_validity(table, "times");
    *time = sj_table_integers(table, "times")[at];
    return valid == NULL || (valid[at / 8] >> (at % 8) & 1) != 0;
}

/* Two lists: the same units with the same level, reason and times, the second's `later` than the
 * first's. */
static int meta_row_is(const sj_table *a, const sj_table *b, size_t row, int64_t later)
{
    const size_t n = meta_world.options.n_steps;
    if (!meta_text_is(a, b, "customer", row) || !meta_text_is(a, b, "reason", row) ||
        !meta_text_is(a, b, "held", row) ||
        sj_table_integers(a, "level")[row] != sj_table_integers(b, "level")[row] ||
        sj_table_integers(a, "entered")[row] != sj_table_integers(b, "entered")[row])
        return 0;
    for (size_t at = row * n; at < (row + 1) * n; at++) {
        int64_t x, y;
        const int has = meta_time(a, at, &x), too = meta_time(b, at, &y);
        if (has != too || (has && x + later != y))
            return 0;
    }
    return 1;
}

void meta_check_lists(sj_graph *before, sj_result *was, sj_graph *after, int64_t later)
{
    sj_result *is = meta_list(after);
    const sj_table *a = sj_result_find(was, "levels"), *b = sj_result_find(is, "levels");
    assert_int_equal(sj_table_rows(a), sj_table_rows(b));
    for (size_t row = 0; row < sj_table_rows(a); row++)
        if (!meta_row_is(a, b, row, later)) {
            const char *key = sj_table_text(a, "customer", row);
            world_show(&meta_world, strtoul(key + strcspn(key, "0123456789"), NULL, 10));
            fail_msg("row %zu, %s, differs", row, sj_table_text(a, "customer", row));
        }
    sj_result_free(was);
    sj_result_free(is);
    sj_graph_free(before);
    sj_graph_free(after);
}
