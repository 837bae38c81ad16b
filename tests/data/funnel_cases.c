/* Funnels against published answers: 1,000 generated funnels (funnel_cases.jsonl.gz, levels by
 * exhaustive search and by ClickHouse) and the smallest cases of every rule (funnel_rules.jsonl,
 * level, times and reason).
 *
 * The folder is $SOJOURN_DATA, or ../shared/data beside the project; where it is absent the tests
 * are skipped, and say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "data/cases.h"

enum { CASES_ALL_BUILT = 1 }; /* other than 0: a case whose options are not built fails the test */

static sj_result *cases_list(const cases_case *c)
{
    sj_result *list = NULL;
    sj_error error = {0};
    if (sj_funnel_list(c->graph, &c->options, NULL, &list, &error) != SJ_OK)
        fail_msg("%s", error.message);
    return list;
}

static int cases_built(const cases_case *c)
{
    sj_plan *plan = NULL;
    sj_error error = {0};
    const sj_status status = sj_funnel_plan(c->graph, &c->options, &plan, &error);
    sj_plan_free(plan);
    return status == SJ_OK || strstr(error.message, "not built yet") == NULL;
}

/* ---- generated funnels ---- */

static int64_t cases_level(const cases_case *c)
{
    sj_result *list = cases_list(c);
    const sj_table *table = sj_result_find(list, "levels");
    const int64_t level = sj_table_rows(table) == 0 ? 0 : sj_table_integers(table, "level")[0];
    sj_result_free(list);
    return level;
}

/* Level by the counts-only path, which is another algorithm. */
static int64_t cases_level_by_counts(const cases_case *c)
{
    sj_funnel_options options = c->options;
    sj_result *result = NULL;
    int64_t level = 0;
    options.figures = SJ_FIGURE_COUNTS;
    assert_int_equal(sj_funnel_compute(c->graph, &options, NULL, &result, NULL), SJ_OK);
    const sj_table *table = sj_result_find(result, "steps");
    for (size_t k = 0; k < options.n_steps; k++)
        level += sj_table_integers(table, "reached")[k];
    sj_result_free(result);
    return level;
}

/* A key of the file, and what is asked to get it. */
typedef struct cases_key {
    const char *key, *preset;
    int32_t tie, reuse;
} cases_key;

/* Asks every case every question; how many questions were not built. */
static int cases_check_levels(const cases_key *keys, size_t n_keys)
{
    static cases_case c;
    gzFile file = cases_open("funnel_cases.jsonl.gz");
    const cases_node *line;
    int cases = 0, skipped = 0;
    for (; (line = cases_next(file)) != NULL; cases++) {
        cases_make(line, 1, &c);
        const int64_t window = cases_number(line, "window", 0);
        c.options.window = window == 0 ? SJ_INSTANT : window;
        for (size_t i = 0; i < n_keys; i++) {
            const int64_t expected = cases_number(line, keys[i].key, -1);
            c.options.preset = keys[i].preset;
            c.options.tie = keys[i].tie;
            c.options.reuse = keys[i].reuse;
            if (!cases_built(&c)) {
                skipped++;
                continue;
            }
            const int64_t level = cases_level(&c), counted = cases_level_by_counts(&c);
            if (level != expected || counted != expected)
                fail_msg("case %d, %s: %d and %d, not %d", cases + 1, keys[i].key, (int)level,
                         (int)counted, (int)expected);
        }
        sj_graph_free(c.graph);
    }
    (void)gzclose(file);
    assert_int_equal(cases, 1000);
    return skipped;
}

static void levels_of_1000_generated_funnels_are_those_of_exhaustive_search(void **state)
{
    static const cases_key keys[] = {
        {"best_chain", NULL, SJ_TIE_ANY, SJ_REUSE_YES},
        {"best_chain_each_event_once", NULL, SJ_TIE_ANY, SJ_REUSE_NO},
        {"best_chain_strict_increase", NULL, SJ_TIE_STRICT, SJ_REUSE_YES},
        {"best_chain_strict_increase_each_event_once", NULL, SJ_TIE_STRICT, SJ_REUSE_NO}};
    (void)state;
    assert_int_equal(cases_check_levels(keys, sizeof keys / sizeof *keys), 0);
}

static void levels_of_1000_generated_funnels_by_preset_are_those_of_clickhouse(void **state)
{
    static const cases_key keys[] = {
        {"clickhouse_default", "clickhouse", 0, 0},
        {"clickhouse_strict_order", "clickhouse_strict_order", 0, 0},
        {"clickhouse_strict_deduplication", "clickhouse_strict_dedup", 0, 0}};
    (void)state;
    const int skipped = cases_check_levels(keys, sizeof keys / sizeof *keys);
    print_message("# %d of 3000 questions are not built yet\n", skipped);
    if (CASES_ALL_BUILT)
        assert_int_equal(skipped, 0);
}

/* ---- rules ---- */

static void cases_check_times(const cases_node *unit, const sj_table *table, size_t row,
                              const char *name, size_t n_steps)
{
    const uint8_t *valid = sj_table_validity(table, "times");
    size_t at = row * n_steps;
    for (const cases_node *time = cases_get(unit, "times")->first; time; time = time->next, at++) {
        const int present = valid == NULL || (valid[at / 8] >> (at % 8) & 1) != 0;
        if (present != (time->type == '0') ||
            (present && sj_table_integers(table, "times")[at] != time->number))
            fail_msg("%s: unit %zu: time of step %zu", name, row + 1, at - row * n_steps + 1);
    }
    assert_int_equal(at, (row + 1) * n_steps);
}

/* Of the two strict presets the level alone is published. */
static void cases_check_unit(const cases_node *unit, const sj_table *table, size_t row,
                             const char *name, size_t n_steps)
{
    const cases_node *reason = cases_get(unit, "reason"), *held = cases_get(unit, "value");
    if (sj_table_integers(table, "level")[row] != cases_number(unit, "level", -1) ||
        (reason != NULL && strcmp(sj_table_text(table, "reason", row), reason->text) != 0))
        fail_msg("%s: unit %zu: level %d, %s", name, row + 1,
                 (int)sj_table_integers(table, "level")[row], sj_table_text(table, "reason", row));
    if (held != NULL)
        assert_string_equal(sj_table_text(table, "held", row), held->text);
    if (cases_get(unit, "times") != NULL)
        cases_check_times(unit, table, row, name, n_steps);
}

static void cases_check_rule(const cases_node *line, const cases_case *c)
{
    sj_result *list = cases_list(c);
    const sj_table *table = sj_result_find(list, "levels");
    const char *name = cases_get(line, "name")->text;
    size_t row = 0;
    for (const cases_node *unit = cases_get(line, "expect")->first; unit;
         unit = unit->next, row++) {
        if (row == sj_table_rows(table))
            fail_msg("%s: %zu units", name, row);
        cases_check_unit(unit, table, row, name, c->options.n_steps);
    }
    if (sj_table_rows(table) != row)
        fail_msg("%s: %zu units", name, sj_table_rows(table));
    sj_result_free(list);
}

static void the_smallest_case_of_each_rule_has_its_answer(void **state)
{
    static cases_case c;
    gzFile file = cases_open("funnel_rules.jsonl");
    const cases_node *line;
    int cases = 0, checked = 0;
    (void)state;
    for (; (line = cases_next(file)) != NULL; cases++) {
        cases_make(line, 1, &c);
        if (cases_built(&c)) {
            cases_check_rule(line, &c);
            checked++;
        }
        sj_graph_free(c.graph);
    }
    (void)gzclose(file);
    print_message("# %d of %d cases checked, the others need options that are not built yet\n",
                  checked, cases);
    assert_int_equal(cases, 132);
    assert_true(checked >= (CASES_ALL_BUILT ? 132 : 90));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_of_1000_generated_funnels_are_those_of_exhaustive_search),
        cmocka_unit_test(levels_of_1000_generated_funnels_by_preset_are_those_of_clickhouse),
        cmocka_unit_test(the_smallest_case_of_each_rule_has_its_answer),
    };
    return cmocka_run_group_tests_name("funnel_cases", tests, NULL, NULL);
}
