/* Presets of the funnel, and the two scans: what a preset says is what its options spelt out say;
 * scans worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/funnel.h"
#include "unit/columns.h"
#include "unit/letters.h"

/* A question whose steps are one letter each, with an exclusion D that stands ready. */
typedef struct preset_question {
    sj_step steps[8];
    char names[8][2];
    sj_exclusion exclusion;
    sj_funnel_options options;
} preset_question;

static sj_funnel_options *preset_ask(preset_question *q, const char *letters, const char *preset)
{
    const size_t n = strlen(letters);
    memset(q, 0, sizeof *q);
    for (size_t k = 0; k < n; k++) {
        q->names[k][0] = letters[k];
        q->steps[k].condition = q->names[k];
    }
    q->exclusion.condition = "D";
    q->options = (sj_funnel_options){.struct_size = sizeof q->options,
                                     .preset = preset,
                                     .steps = q->steps,
                                     .n_steps = n,
                                     .step_size = sizeof *q->steps,
                                     .exclusions = &q->exclusion,
                                     .exclusion_size = sizeof q->exclusion};
    return &q->options;
}

/* The tally's text of a question; of one that is refused, why. */
static void preset_text(const sj_graph *graph, const sj_funnel_options *options, char *text,
                        size_t room)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    if (sj_funnel_plan(graph, options, &plan, &error) != SJ_OK ||
        sj_scan(&plan, 1, NULL, &tally, &error) != SJ_OK)
        snprintf(text, room, "%s", error.message);
    else
        snprintf(text, room, "%s", sj_tally_text(tally));
    sj_tally_free(tally);
    sj_plan_free(plan);
}

/* ---- presets ---- */

static const struct {
    sj_funnel_options preset, spelt;
    int64_t effect, effect_spelt; /* with n_exclusions */
} preset_pairs[] = {
    {{.preset = "clickhouse", .window = 5}, {.window = 5, .reuse = SJ_REUSE_YES}, 0, 0},
    {{.preset = "clickhouse", .reuse = SJ_REUSE_NO}, {.window = 0}, 0, 0}, /* strict_once */
    {{.preset = "clickhouse", .tie = SJ_TIE_STRICT},
     {.tie = SJ_TIE_STRICT},
     0,
     0}, /* strict_increase: reuse has no effect beside it */
    {{.preset = "posthog_ordered", .n_exclusions = 1},
     {.window = 14 * SJ_DAY, .n_exclusions = 1},
     0,
     SJ_EXCLUDE_REMOVE},
    {{.preset = "posthog_ordered", .n_exclusions = 1},
     {.window = 14 * SJ_DAY, .n_exclusions = 1},
     SJ_EXCLUDE_BREAK,
     SJ_EXCLUDE_BREAK},
    {{.preset = "posthog_ordered", .window = 5}, {.window = 5}, 0, 0},
    {{.preset = "posthog_ordered", .window = SJ_UNLIMITED}, {.window = 0}, 0, 0},
    {{.preset = "posthog_ordered", .window = SJ_INSTANT}, {.window = SJ_INSTANT}, 0, 0},
    {{.preset = "posthog_ordered", .tie = SJ_TIE_INPUT},
     {.window = 14 * SJ_DAY, .tie = SJ_TIE_INPUT},
     0,
     0},
    {{.preset = "mixpanel"},
     {.window = 7 * SJ_DAY,
      .tie = SJ_TIE_GRACE,
      .grace = 2 * SJ_SECOND,
      .attempt = SJ_ATTEMPT_FIRST},
     0,
     0},
    {{.preset = "mixpanel", .grace = SJ_SECOND},
     {.window = 7 * SJ_DAY, .tie = SJ_TIE_GRACE, .grace = SJ_SECOND, .attempt = SJ_ATTEMPT_FIRST},
     0,
     0},
    {{.preset = "mixpanel", .tie = SJ_TIE_ANY},
     {.window = 7 * SJ_DAY, .attempt = SJ_ATTEMPT_FIRST},
     0,
     0}, /* without tie grace its grace is none */
    {{.preset = "mixpanel_totals"},
     {.window = 7 * SJ_DAY, .tie = SJ_TIE_GRACE, .grace = 2 * SJ_SECOND, .unit = SJ_UNIT_ATTEMPTS},
     0,
     0},
    {{.preset = "mixpanel_totals", .unit = SJ_UNIT_CUSTOMERS},
     {.window = 7 * SJ_DAY,
      .tie = SJ_TIE_GRACE,
      .grace = 2 * SJ_SECOND,
      .attempt = SJ_ATTEMPT_EACH},
     0,
     0},
    {{.preset = "mixpanel_reentry"},
     {.window = 7 * SJ_DAY, .tie = SJ_TIE_GRACE, .grace = 2 * SJ_SECOND},
     0,
     0},
    {{.preset = "amplitude"}, {.window = SJ_DAY}, 0, 0},
};

static void preset_spell(preset_question *q, const sj_funnel_options *said, int64_t effect)
{
    (void)preset_ask(q, "AB", said->preset);
    q->exclusion.effect = effect;
    q->options.n_exclusions = said->n_exclusions;
    q->options.window = said->window;
    q->options.tie = said->tie;
    q->options.grace = said->grace;
    q->options.attempt = said->attempt;
    q->options.unit = said->unit;
    q->options.reuse = said->reuse;
}

static void a_preset_and_its_options_spelt_out_are_one_question(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0 B1 A5 B6");
    (void)state;
    for (size_t i = 0; i < sizeof preset_pairs / sizeof *preset_pairs; i++) {
        preset_question preset, spelt;
        char text[1000], plain[1000];
        preset_spell(&preset, &preset_pairs[i].preset, preset_pairs[i].effect);
        preset_spell(&spelt, &preset_pairs[i].spelt, preset_pairs[i].effect_spelt);
        preset_text(graph, &preset.options, text, sizeof text);
        preset_text(graph, &spelt.options, plain, sizeof plain);
        if (strncmp(text, "analysis funnel", strlen("analysis funnel")) != 0 ||
            strcmp(text, plain) != 0)
            fail_msg("row %zu: %s\nnot\n%s", i, text, plain);
    }
    sj_graph_free(graph);
}

static void a_preset_changes_what_is_counted(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0 D1");
    preset_question q;
    sj_result *result = NULL;
    (void)state;
    preset_ask(&q, "AB", "posthog_ordered")->n_exclusions = 1;
    must(sj_funnel_compute(graph, &q.options, NULL, &result, error));
    assert_string_equal(letters_rows(sj_result_find(result, "steps"), "reached", "name"),
                        "0 A\n0 B\n");
    sj_result_free(result);
    q.options.preset = NULL;
    must(sj_funnel_compute(graph, &q.options, NULL, &result, error));
    assert_string_equal(letters_rows(sj_result_find(result, "steps"), "reached", "name"),
                        "1 A\n0 B\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

/* The cases of docs/funnel.md: what is counted here where a product is known to count otherwise. */
static const struct {
    const char *preset, *steps, *journey;
    sj_funnel_options more; /* window in seconds, tie, n_exclusions of D */
    const char *levels;
    int64_t entry; /* of the first unit */
} preset_products[] = {
    {"clickhouse", "AB", "k A0 B1", {.window = SJ_INSTANT}, "1 window\n", 0},
    {"clickhouse", "AB", "k A0 B1", {.window = 0}, "2 converted\n", 0},
    {"clickhouse", "AB", "k A0 A8 B8", {.window = 8, .tie = SJ_TIE_STRICT}, "2 converted\n", 0},
    {"posthog_ordered", "AB", "k B5 A5", {.window = 0}, "2 converted\n", 5},
    {"posthog_ordered", "AB", "k A0 D1 B2 A3 E1300000", {.n_exclusions = 1}, "1 none\n", 3},
    {"posthog_ordered", "AB", "k A0 D1 B2", {.n_exclusions = 1}, "", 0},
    {"mixpanel", "ABC", "k A3600 A5400 B6300 C8100", {.window = 3600}, "2 window\n", 3600},
    {"mixpanel_reentry",
     "ABC",
     "k A3600 A5400 B6300 C8100",
     {.window = 3600},
     "3 converted\n",
     5400},
    {"mixpanel", "AB", "k B1 A3", {.window = 0}, "2 converted\n", 3},
    {"mixpanel_totals", "AB", "k A0 B1 A5 B6", {.window = 0}, "2 converted\n2 converted\n", 0},
    {"amplitude", "AB", "k A0 A3 B9", {.window = 0}, "2 converted\n", 3},
};

static void products_are_counted_by_our_rules_where_they_are_known_to_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof preset_products / sizeof *preset_products; i++) {
        const sj_funnel_options *more = &preset_products[i].more;
        sj_graph *graph = LETTERS("ABCDE", preset_products[i].journey);
        preset_question q;
        sj_result *result = NULL;
        sj_error error = {0};
        sj_funnel_options *options =
            preset_ask(&q, preset_products[i].steps, preset_products[i].preset);
        options->window = more->window > 0 ? more->window * SJ_SECOND : more->window;
        options->tie = more->tie;
        options->n_exclusions = more->n_exclusions;
        if (sj_funnel_list(graph, options, NULL, &result, &error) == SJ_OK) {
            const sj_table *table = sj_result_find(result, "levels");
            if (strcmp(letters_rows(table, "level", "reason"), preset_products[i].levels) != 0)
                fail_msg("row %zu: %s", i, letters_rows(table, "level", "reason"));
            if (sj_table_rows(table) > 0)
                assert_int_equal(sj_table_integers(table, "times")[0],
                                 preset_products[i].entry * SJ_SECOND);
        } else {
            fail_msg("row %zu: %s", i, error.message);
        }
        sj_result_free(result);
        sj_graph_free(graph);
    }
}

static void notes_say_what_was_resolved(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0");
    preset_question q;
    sj_result *result = NULL;
    (void)state;
    must(sj_funnel_compute(graph, preset_ask(&q, "ABC", "mixpanel"), NULL, &result, error));
    assert_string_equal(columns_note(result, "tie"), "grace");
    assert_string_equal(columns_note(result, "grace"),
                        "2 s before the latest event of the attempt, inclusive");
    assert_null(columns_note(result, "violation"));
    assert_null(columns_note(result, "enter_anywhere"));
    sj_result_free(result);
    sj_funnel_options *options = preset_ask(&q, "ABC", NULL);
    options->order = SJ_ORDER_ADJACENT;
    options->violation = SJ_VIOLATION_STOP;
    options->enter_anywhere = 1;
    must(sj_funnel_compute(graph, options, NULL, &result, error));
    assert_string_equal(columns_note(result, "violation"), "stop");
    assert_string_equal(columns_note(result, "enter_anywhere"),
                        "attempts may begin at any required step");
    sj_result_free(result);
    options = preset_ask(&q, "ABCDE", NULL);
    q.steps[1].min_gap = 2500000, q.steps[1].optional = 1;
    q.steps[2].max_gap = SJ_INSTANT, q.steps[2].adjacent = 1;
    q.steps[3].group = 9, q.steps[4].group = 9;
    must(sj_funnel_compute(graph, options, NULL, &result, error));
    assert_null(columns_note(result, "step 1"));
    assert_string_equal(columns_note(result, "step 2"), "min_gap 2.5 s, optional");
    assert_string_equal(columns_note(result, "step 3"), "max_gap 0 s, adjacent");
    assert_string_equal(columns_note(result, "step 5"), "group 4"); /* its first step */
    sj_result_free(result);
    sj_graph_free(graph);
}

static void an_unknown_preset_is_refused_with_the_names_there_are(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0");
    preset_question q;
    sj_plan *plan = NULL;
    (void)state;
    must_fail(SJ_ERR_NAME, sj_funnel_plan(graph, preset_ask(&q, "AB", "mixpanl"), &plan, error));
    assert_string_equal(failure.message, "there is no preset 'mixpanl'; the nearest is 'mixpanel'");
    assert_null(plan);
    must_fail(SJ_ERR_NAME, sj_funnel_plan(graph, preset_ask(&q, "AB", "sql"), &plan, error));
    for (size_t i = 0; sj__funnel_preset_at(i) != NULL; i++)
        assert_non_null(strstr(failure.message, sj__funnel_preset_at(i)->name));
    must_fail(SJ_ERR_NAME, sj_funnel_plan(graph, preset_ask(&q, "AB", ""), &plan, error));
    sj_graph_free(graph);
}

static void presets_are_listed_with_rule_difference_and_options(void **state)
{
    sj_result *result = NULL;
    (void)state;
    must(sj_catalog("funnel presets", NULL, &result, error));
    const sj_table *table = sj_result_find(result, "catalog");
    assert_int_equal(sj_table_rows(table), 8);
    assert_string_equal(sj_table_text(table, "name", 4), "mixpanel");
    assert_string_equal(sj_table_text(table, "options", 4),
                        "window=7d tie=grace grace=2s attempt=first");
    for (size_t i = 0; i < 8; i++) {
        assert_true(strlen(sj_table_text(table, "summary", i)) > 20);
        assert_true(strlen(sj_table_text(table, "difference", i)) > 5);
    }
    sj_result_free(result);
}

/* ---- scans ---- */

static const struct {
    const char *journey;
    const char *steps;
    int64_t window, entry_from, entry_to; /* in seconds; 0: none */
    int order, dedup;                     /* levels */
    int64_t order_entry, dedup_entry;     /* in seconds */
} preset_scans[] = {
    {"k A0 B1 C2", "ABC", 10, 0, 0, 3, 3, 0, 0},
    {"k B0", "AB", 10, 0, 0, 0, 0, 0, 0},
    {"k A0 E1 B2", "AB", 10, 0, 0, 1, 2, 0, 0},     /* an event of no step ends order */
    {"k E0 A1 B2", "AB", 10, 0, 0, 2, 2, 1, 1},     /* but not before the entry */
    {"k A0 C1 B2 C3", "ABC", 10, 0, 0, 1, 3, 0, 0}, /* C, and B is not reached */
    {"k B0 A1 B2", "AB", 10, 0, 0, 2, 2, 1, 1},     /* before the entry B says nothing */
    {"k A0 A5 B8", "AB", 4, 0, 0, 2, 2, 5, 5},      /* step 1 begins anew */
    {"k A0 B8", "AB", 4, 0, 0, 1, 1, 0, 0},
    {"k A0 B4", "AB", 4, 0, 0, 2, 2, 0, 0},                    /* the window is inclusive */
    {"k A0 B8 A9 B10 C11", "ABC", 4, 0, 0, 3, 3, 9, 9},        /* too late is no breach */
    {"k A0 B1 A100 B101 C102", "ABC", 10, 0, 0, 3, 2, 100, 0}, /* B again ends dedup */
    {"k A0 B1 A5", "ABC", 10, 0, 0, 2, 2, 0, 0},               /* the level's own chain */
    {"k B5 A5", "AB", 10, 0, 0, 2, 2, 5, 5},                   /* at one time by step */
    {"k A5 E5 B6", "AB", 10, 0, 0, 2, 2, 5, 5},                /* a stranger stands first */
    {"k A0 A0 E0 B1", "AB", 10, 0, 0, 2, 2, 0, 0},
    {"k A0 B8 A9 B10", "AB", 4, 0, 0, 2, 2, 9, 9},
    {"k A0 A5 E5 B6", "AB", 10, 0, 0, 1, 2, 0, 5},  /* … and then ends it */
    {"k A0", "AA", 10, 0, 0, 2, 2, 0, 0},           /* one event, two rows */
    {"k A0 B1 B1 C2", "ABC", 10, 0, 0, 3, 2, 0, 0}, /* two rows of B at one time */
    {"k A0 A0 B0", "AB", 10, 0, 0, 2, 2, 0, 0},
    {"k A2 B3", "AB", 10, 3, 0, 0, 0, 0, 0}, /* an entry out of range is none */
    {"k A2 A5 B6", "AB", 10, 0, 5, 2, 2, 2, 2},
    {"k A2 C3 A5 B6", "ABC", 10, 5, 0, 2, 2, 5, 5},
    {"k A1 A9 B99", "AB", 0, 0, 0, 2, 2, 9, 9}, /* no window */
    {"k A0 B1", "A", 10, 0, 0, 1, 1, 0, 0},
};

/* Of a scan only the entry is known. */
static int64_t preset_entry(const sj_table *table, size_t n_steps)
{
    const uint8_t *valid = sj_table_validity(table, "times");
    assert_int_equal(sj_table_offsets(table, "times")[1], (int64_t)n_steps);
    for (size_t i = 0; i < n_steps; i++)
        assert_int_equal(valid == NULL || (valid[i / 8] >> i % 8 & 1) != 0, i == 0);
    return sj_table_integers(table, "times")[0];
}

static void preset_check_scan(size_t i, const char *preset, int level, int64_t entry)
{
    const int64_t from = preset_scans[i].entry_from * SJ_SECOND;
    const int64_t to = preset_scans[i].entry_to * SJ_SECOND;
    sj_graph *graph = LETTERS("ABCDE", preset_scans[i].journey);
    preset_question q;
    sj_result *result = NULL;
    sj_funnel_options *options = preset_ask(&q, preset_scans[i].steps, preset);
    options->window = preset_scans[i].window * SJ_SECOND;
    options->entry_from = from != 0 ? &from : NULL;
    options->entry_to = to != 0 ? &to : NULL;
    must(sj_funnel_list(graph, options, NULL, &result, error));
    const sj_table *table = sj_result_find(result, "levels");
    if (sj_table_rows(table) != (level > 0) ||
        (level > 0 && sj_table_integers(table, "level")[0] != level))
        fail_msg("%s, row %zu: %zu units, level %d", preset, i, sj_table_rows(table),
                 sj_table_rows(table) > 0 ? (int)sj_table_integers(table, "level")[0] : 0);
    if (level > 0) {
        assert_int_equal(preset_entry(table, options->n_steps), entry * SJ_SECOND);
        assert_string_equal(sj_table_text(table, "reason", 0),
                            (size_t)level == options->n_steps ? "converted" : "none");
    }
    sj_result_free(result);
    must(sj_funnel_compute(graph, options, NULL, &result, error));
    table = sj_result_find(result, "steps");
    for (int k = 0; k < (int)options->n_steps; k++) {
        assert_int_equal(sj_table_integers(table, "reached")[k], k < level);
        assert_int_equal(sj_table_integers(table, "filled")[k], k < level);
    }
    assert_null(sj_result_find(result, "reasons"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void scans_go_by_rows_of_time_and_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof preset_scans / sizeof *preset_scans; i++) {
        preset_check_scan(i, "clickhouse_strict_order", preset_scans[i].order,
                          preset_scans[i].order_entry);
        preset_check_scan(i, "clickhouse_strict_dedup", preset_scans[i].dedup,
                          preset_scans[i].dedup_entry);
    }
}

static void a_scan_of_sessions_begins_anew_in_each(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0 E1 B2 A50 B51 E90");
    preset_question q;
    sj_result *result = NULL;
    sj_funnel_options *options = preset_ask(&q, "AB", "clickhouse_strict_order");
    (void)state;
    options->unit = SJ_UNIT_SESSIONS;
    options->session_gap = 30 * SJ_SECOND;
    must(sj_funnel_list(graph, options, NULL, &result, error));
    assert_string_equal(letters_rows(sj_result_find(result, "levels"), "level", "reason"),
                        "1 none\n2 converted\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void what_lies_behind_as_of_ends_no_scan(void **state)
{
    const int64_t as_of = 1 * SJ_SECOND;
    sj_graph *graph = LETTERS("ABCDE", "k A0 B1 E2 C3");
    preset_question q;
    sj_result *result = NULL;
    sj_funnel_options *options = preset_ask(&q, "ABC", "clickhouse_strict_order");
    (void)state;
    options->as_of = &as_of;
    must(sj_funnel_compute(graph, options, NULL, &result, error));
    assert_string_equal(letters_rows(sj_result_find(result, "steps"), "reached", "name"),
                        "1 A\n1 B\n0 C\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_scan_is_a_rule_of_its_own_in_the_tally(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0 B1");
    preset_question q;
    char order[1000], dedup[1000], plain[1000];
    sj_result *result = NULL;
    (void)state;
    preset_text(graph, preset_ask(&q, "AB", "clickhouse_strict_order"), order, sizeof order);
    preset_text(graph, preset_ask(&q, "AB", "clickhouse_strict_dedup"), dedup, sizeof dedup);
    sj_funnel_options *options = preset_ask(&q, "AB", NULL);
    options->figures = SJ_FIGURE_COUNTS;
    preset_text(graph, options, plain, sizeof plain);
    assert_non_null(strstr(order, "\nrules strict_order\n"));
    assert_non_null(strstr(order, "\nfigures counts\n"));
    assert_non_null(strstr(dedup, "\nrules strict_dedup\n"));
    assert_null(strstr(plain, "rules"));
    assert_null(strstr(order, "preset"));
    options->preset = "clickhouse_strict_order";
    must(sj_funnel_compute(graph, options, NULL, &result, error));
    assert_string_equal(letters_note(result, "rules"), "strict_order");
    assert_null(letters_note(result, "attempt"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void units_of_a_scan_are_told_apart_by_their_entry(void **state)
{
    sj_graph *graph = GRAPH(NULL, {"k", "A", 1 * SJ_SECOND, .channel = "web"},
                            {"k", "B", 2 * SJ_SECOND, .channel = "app"},
                            {"m", "A", 1 * SJ_SECOND, .channel = "app"},
                            {"m", "A", 2 * SJ_SECOND, .channel = "web"});
    preset_question q;
    sj_result *result = NULL;
    sj_funnel_options *options = preset_ask(&q, "AB", "clickhouse_strict_order");
    (void)state;
    options->breakdown = "channel";
    options->trend = SJ_TREND_DAY;
    must(sj_funnel_compute(graph, options, NULL, &result, error));
    const sj_table *table = sj_result_find(result, "breakdown");
    assert_string_equal(letters_rows(table, "reached", "key"), "2 web\n1 web\n");
    assert_string_equal(letters_rows(table, "filled", "key"), "2 web\n1 web\n");
    assert_string_equal(letters_rows(sj_result_find(result, "steps"), "filled", "name"),
                        "2 A\n1 B\n");
    table = sj_result_find(result, "trend");
    assert_int_equal(sj_table_rows(table), 2);
    assert_int_equal(sj_table_integers(table, "filled")[1], 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_scan_is_refused_with_what_it_does_not_know(void **state)
{
    sj_graph *graph = LETTERS("ABCDE", "k A0");
    preset_question q;
    sj_plan *plan = NULL;
    sj_funnel_options *options = preset_ask(&q, "AB", "clickhouse_strict_dedup");
    (void)state;
    options->reuse = SJ_REUSE_YES;
    must_fail(SJ_ERR_OPTIONS, sj_funnel_plan(graph, options, &plan, error));
    assert_string_equal(failure.message,
                        "preset clickhouse_strict_dedup is a scan of rows, which excludes reuse");
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preset_and_its_options_spelt_out_are_one_question),
        cmocka_unit_test(a_preset_changes_what_is_counted),
        cmocka_unit_test(products_are_counted_by_our_rules_where_they_are_known_to_differ),
        cmocka_unit_test(notes_say_what_was_resolved),
        cmocka_unit_test(an_unknown_preset_is_refused_with_the_names_there_are),
        cmocka_unit_test(presets_are_listed_with_rule_difference_and_options),
        cmocka_unit_test(scans_go_by_rows_of_time_and_step),
        cmocka_unit_test(a_scan_of_sessions_begins_anew_in_each),
        cmocka_unit_test(what_lies_behind_as_of_ends_no_scan),
        cmocka_unit_test(a_scan_is_a_rule_of_its_own_in_the_tally),
        cmocka_unit_test(units_of_a_scan_are_told_apart_by_their_entry),
        cmocka_unit_test(a_scan_is_refused_with_what_it_does_not_know),
    };
    return cmocka_run_group_tests_name("funnel_preset", tests, NULL, NULL);
}
