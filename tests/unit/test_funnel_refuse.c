/* What a funnel refuses: options, and words of the sentence that says why.  Rules whose options the
 * loader does not take yet are asked of sj__funnel_refuse itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/funnel.h"
#include "unit/letters.h"

enum { REFUSE_STEPS = 4 };

/* Four steps A B C D, with rules by step. */
typedef struct refuse_case {
    sj_step steps[REFUSE_STEPS];
    sj_exclusion exclusion; /* where n_exclusions says that there is one */
    sj_funnel_options options;
    const char *words[2];
    int64_t index; /* of the step or exclusion it is about; −1: none */
} refuse_case;

static const char *const refuse_letters[] = {"A", "B", "C", "D"};

static sj_funnel_options refuse_options(const refuse_case *c, sj_step *steps)
{
    sj_funnel_options options = c->options;
    memcpy(steps, c->steps, sizeof c->steps);
    for (size_t k = 0; k < REFUSE_STEPS; k++)
        steps[k].condition = refuse_letters[k];
    options.struct_size = sizeof options;
    options.steps = steps;
    options.n_steps = options.n_steps == 0 ? REFUSE_STEPS : options.n_steps;
    options.step_size = sizeof *steps;
    options.exclusions = options.n_exclusions > 0 ? &c->exclusion : NULL;
    options.exclusion_size = sizeof(sj_exclusion);
    return options;
}

static void refuse_check(const refuse_case *c, size_t number)
{
    sj_step steps[REFUSE_STEPS];
    sj_error why = {0};
    const sj_funnel_options options = refuse_options(c, steps);
    const sj_status found = sj__funnel_refuse(&options, SJ__FUNNEL_NO_SCAN, &why);
    if (found != SJ_ERR_OPTIONS || strstr(why.message, c->words[0]) == NULL ||
        (c->words[1] != NULL && strstr(why.message, c->words[1]) == NULL))
        fail_msg("row %zu, %s: %d, %s", number, c->words[0], (int)found, why.message);
    assert_int_equal(why.index, c->index);
}

static void refuse_check_all(const refuse_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        refuse_check(&cases[i], i);
}

#define REFUSE_ALL(cases) refuse_check_all((cases), sizeof(cases) / sizeof *(cases))

/* What may be said together is not refused. */
static void refuse_takes(const refuse_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sj_step steps[REFUSE_STEPS];
        sj_error why = {0};
        const sj_funnel_options options = refuse_options(&cases[i], steps);
        if (sj__funnel_refuse(&options, SJ__FUNNEL_NO_SCAN, &why) != SJ_OK)
            fail_msg("row %zu: %s", i, why.message);
    }
}

static void steps_in_any_order_exclude_rules_of_steps_in_order(void **state)
{
    static const refuse_case cases[] = {
        {{{0}, {.adjacent = 1}},
         {0},
         {.order = SJ_ORDER_ANY},
         {"step 2 is adjacent", "any order"},
         1},
        {{{0}, {0}, {.min_gap = 1}},
         {0},
         {.order = SJ_ORDER_ANY},
         {"step 3 has a gap", "any order"},
         2},
        {{{0}, {0}, {.max_gap = SJ_INSTANT}},
         {0},
         {.order = SJ_ORDER_ANY},
         {"step 3 has a gap", "any order"},
         2},
        {{{0}, {.optional = 1}},
         {0},
         {.order = SJ_ORDER_ANY},
         {"step 2 is optional", "any order"},
         1},
        {{{0}, {.group = 7}, {.group = 7, .optional = 1}},
         {0},
         {0},
         {"step 3 is optional", "any order"},
         2},
        {{{0}, {.group = 7, .max_gap = 5}, {.group = 7}},
         {0},
         {0},
         {"step 2 has a gap", "any order"},
         1},
        {{{0}, {.group = 7}, {.group = 7}},
         {0},
         {.order = SJ_ORDER_ADJACENT},
         {"step 2 has a group", "order adjacent"},
         1},
        {{{0}},
         {0},
         {.order = SJ_ORDER_ANY, .tie = SJ_TIE_STRICT},
         {"tie is strict", "any order"},
         -1},
        {{{0}},
         {0},
         {.order = SJ_ORDER_ANY, .tie = SJ_TIE_GRACE, .grace = 1},
         {"comes in any order", "tie grace"},
         0},
        {{{0}},
         {0},
         {.order = SJ_ORDER_ANY, .enter_anywhere = 1},
         {"enter_anywhere", "any order"},
         -1},
        {{{0}, {.group = 2}, {.group = 2}},
         {0},
         {.enter_anywhere = 1},
         {"enter_anywhere", "any order"},
         -1},
        {{{0}},
         {.condition = "D", .from_step = 2},
         {.order = SJ_ORDER_ANY, .n_exclusions = 1},
         {"exclusion 1 ends at step 2", "name 1 or 4"},
         0},
        {{{0}, {.group = 3}, {.group = 3}, {.group = 3}},
         {.condition = "D", .to_step = 3},
         {.n_exclusions = 1},
         {"exclusion 1 ends at step 3", "name 2 or 4"},
         0},
    };
    static const refuse_case fine[] = {
        {{{0}}, {.condition = "D"}, {.order = SJ_ORDER_ANY, .n_exclusions = 1}, {0}, 0},
        {{{0}, {.group = 3}, {.group = 3}, {.max_gap = 5}},
         {.condition = "D", .from_step = 2, .to_step = 3},
         {.n_exclusions = 1, .tie = SJ_TIE_INPUT},
         {0},
         0},
        {{{.group = 1}, {.group = 2, .max_gap = 5, .optional = 1}, {.group = 1}},
         {0},
         {.tie = SJ_TIE_STRICT},
         {0},
         0}, /* neighbours only make a block */
        {{{0}}, {0}, {.order = SJ_ORDER_ANY, .tie = SJ_TIE_STRICT, .n_steps = 1}, {0}, 0},
    };
    (void)state;
    REFUSE_ALL(cases);
    refuse_takes(fine, sizeof fine / sizeof *fine);
}

static void grace_excludes_what_it_cannot_judge(void **state)
{
    static const refuse_case cases[] = {
        {{{0}, {.adjacent = 1}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1},
         {"step 2 is adjacent", "tie grace"},
         1},
        {{{0}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1, .order = SJ_ORDER_ADJACENT},
         {"step 2 is adjacent", "tie grace"},
         1},
        {{{0}, {0}, {.min_gap = 1}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1},
         {"step 3 has a gap", "tie grace"},
         2},
        {{{0}, {0}, {.max_gap = 1}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1, .attempt = SJ_ATTEMPT_FIRST},
         {"step 3 has a gap", "tie grace"},
         2},
        {{{0}, {.optional = 1}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1},
         {"step 2 is optional", "tie grace"},
         1},
        {{{0}, {.group = 1}, {.group = 1}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1},
         {"step 2 comes in any order", "tie grace"},
         1},
        {{{0}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = 1, .enter_anywhere = 1},
         {"enter_anywhere", "tie grace"},
         -1},
        {{{0}},
         {.condition = "D"},
         {.tie = SJ_TIE_GRACE, .grace = 1, .n_exclusions = 1},
         {"exclusions", "tie grace and attempt best"},
         -1},
        {{{0}}, {0}, {.grace = 1}, {"grace without tie grace", NULL}, -1},
        {{{0}}, {0}, {.grace = 1, .tie = SJ_TIE_STRICT}, {"grace without tie grace", NULL}, -1},
        {{{0}}, {0}, {.tie = SJ_TIE_GRACE}, {"tie is grace without grace", NULL}, -1},
        {{{0}},
         {0},
         {.tie = SJ_TIE_GRACE, .grace = SJ_UNLIMITED},
         {"tie is grace without grace", NULL},
         -1},
    };
    static const refuse_case fine[] = {
        {{{0}},
         {.condition = "D"},
         {.tie = SJ_TIE_GRACE, .grace = 1, .n_exclusions = 1, .attempt = SJ_ATTEMPT_FIRST},
         {0},
         0},
        {{{0}},
         {.condition = "D"},
         {.tie = SJ_TIE_GRACE, .grace = 1, .n_exclusions = 1, .unit = SJ_UNIT_ATTEMPTS},
         {0},
         0},
        {{{0}}, {0}, {.tie = SJ_TIE_GRACE, .grace = SJ_INSTANT}, {0}, 0},
        {{{0}}, {0}, {.grace = SJ_UNLIMITED}, {0}, 0},
    };
    (void)state;
    REFUSE_ALL(cases);
    refuse_takes(fine, sizeof fine / sizeof *fine);
}

static void stop_and_open_funnels_need_what_they_are_about(void **state)
{
    static const refuse_case cases[] = {
        {{{0}},
         {0},
         {.violation = SJ_VIOLATION_STOP},
         {"violation is stop", "without order adjacent"},
         -1},
        {{{0}, {.adjacent = 1}, {.adjacent = 1}},
         {0},
         {.violation = SJ_VIOLATION_STOP},
         {"violation is stop", "without order adjacent"},
         -1},
        {{{0}},
         {0},
         {.violation = SJ_VIOLATION_STOP, .order = SJ_ORDER_ADJACENT, .attempt = SJ_ATTEMPT_FIRST},
         {"violation is stop", "without attempt best"},
         -1},
        {{{0}},
         {0},
         {.violation = SJ_VIOLATION_STOP, .order = SJ_ORDER_ADJACENT, .unit = SJ_UNIT_ATTEMPTS},
         {"violation is stop", "without attempt best"},
         -1},
        {{{0}},
         {0},
         {.enter_anywhere = 1, .attempt = SJ_ATTEMPT_FIRST},
         {"enter_anywhere", "without attempt best"},
         -1},
        {{{0}},
         {0},
         {.enter_anywhere = 1, .attempt = SJ_ATTEMPT_EACH},
         {"enter_anywhere", "without attempt best"},
         -1},
        {{{0}},
         {0},
         {.enter_anywhere = 1, .unit = SJ_UNIT_ATTEMPTS},
         {"enter_anywhere", "without attempt best"},
         -1},
    };
    static const refuse_case fine[] = {
        {{{0}}, {0}, {.violation = SJ_VIOLATION_STOP, .order = SJ_ORDER_ADJACENT}, {0}, 0},
        {{{0}, {.adjacent = 1}, {.adjacent = 1}, {.adjacent = 1}},
         {0},
         {.violation = SJ_VIOLATION_STOP},
         {0},
         0}, /* order adjacent, said step by step */
        {{{0}}, {0}, {.violation = SJ_VIOLATION_BREAK}, {0}, 0},
        {{{0}}, {0}, {.enter_anywhere = 1, .attempt = SJ_ATTEMPT_BEST}, {0}, 0},
    };
    (void)state;
    REFUSE_ALL(cases);
    refuse_takes(fine, sizeof fine / sizeof *fine);
}

static void units_need_what_makes_them(void **state)
{
    static const int64_t early = 5, late = 6;
    static const char *const hold[] = {"device"};
    static const refuse_case cases[] = {
        {{{0}},
         {0},
         {.unit = SJ_UNIT_ATTEMPTS, .attempt = SJ_ATTEMPT_BEST},
         {"unit is attempts", "attempt best"},
         -1},
        {{{0}},
         {0},
         {.unit = SJ_UNIT_ATTEMPTS, .attempt = SJ_ATTEMPT_FIRST},
         {"unit is attempts", "attempt first"},
         -1},
        {{{0}}, {0}, {.unit = SJ_UNIT_VALUES}, {"unit is values", "without hold"}, -1},
        {{{0}}, {0}, {.unit = SJ_UNIT_SESSIONS}, {"unit is sessions", "without session_gap"}, -1},
        {{{0}},
         {0},
         {.unit = SJ_UNIT_SESSIONS, .session_gap = SJ_UNLIMITED},
         {"unit is sessions", "without session_gap"},
         -1},
        {{{0}},
         {0},
         {.entry_from = &late, .entry_to = &early},
         {"entry_from is not before entry_to", NULL},
         -1},
        {{{0}},
         {0},
         {.entry_from = &late, .entry_to = &late},
         {"entry_from is not before entry_to", NULL},
         -1},
    };
    static const refuse_case fine[] = {
        {{{0}}, {0}, {.unit = SJ_UNIT_ATTEMPTS}, {0}, 0},
        {{{0}}, {0}, {.unit = SJ_UNIT_ATTEMPTS, .attempt = SJ_ATTEMPT_EACH}, {0}, 0},
        {{{0}}, {0}, {.unit = SJ_UNIT_VALUES, .hold = hold, .n_hold = 1}, {0}, 0},
        {{{0}}, {0}, {.entry_from = &early, .entry_to = &late}, {0}, 0},
    };
    (void)state;
    REFUSE_ALL(cases);
    refuse_takes(fine, sizeof fine / sizeof *fine);
}

static void numbers_out_of_range_are_refused(void **state)
{
    static const refuse_case cases[] = {
        {{{.min_gap = 1}}, {0}, {0}, {"step 1 has a gap", NULL}, 0},
        {{{.max_gap = SJ_INSTANT}}, {0}, {0}, {"step 1 has a gap", NULL}, 0},
        {{{.adjacent = 1}}, {0}, {0}, {"step 1 is adjacent", NULL}, 0},
        {{{.optional = 1}}, {0}, {0}, {"step 1 is optional", NULL}, 0},
        {{{0}, {0}, {0}, {.optional = 1}}, {0}, {0}, {"step 4 is optional", NULL}, 3},
        {{{0}, {.min_gap = 5, .max_gap = 4}}, {0}, {0}, {"step 2 has a min_gap", "max_gap"}, 1},
        {{{0}, {.min_gap = 5, .max_gap = SJ_INSTANT}}, {0}, {0}, {"step 2 has a min_gap", NULL}, 1},
        {{{0}},
         {.condition = "D", .from_step = 5},
         {.n_exclusions = 1},
         {"exclusion 1 ends at step 5", "there is not"},
         0},
        {{{0}},
         {.condition = "D", .to_step = 5},
         {.n_exclusions = 1},
         {"exclusion 1 ends at step 5", "there is not"},
         0},
        {{{0}},
         {.condition = "D", .from_step = 3, .to_step = 3},
         {.n_exclusions = 1},
         {"exclusion 1 begins at step 3", NULL},
         0},
        {{{0}},
         {.condition = "D", .from_step = 4},
         {.n_exclusions = 1},
         {"exclusion 1 begins at step 4", NULL},
         0},
        {{{0}, {.optional = 1}},
         {.condition = "D", .to_step = 2},
         {.n_exclusions = 1},
         {"exclusion 1 ends at step 2", "optional"},
         0},
        {{{0}},
         {.condition = "D"},
         {.n_exclusions = 1, .n_steps = 1},
         {"exclusions on one step", NULL},
         -1},
        {{{0}},
         {0},
         {.breakdown = "a", .breakdown_at = SJ_AT_STEP, .breakdown_step = 5},
         {"breakdown_step is 5", "steps 1 to 4"},
         -1},
    };
    (void)state;
    REFUSE_ALL(cases);
}

static void options_without_effect_are_refused(void **state)
{
    static const refuse_case cases[] = {
        {{{0}}, {0}, {.breakdown_at = SJ_AT_FIRST}, {"breakdown_at without breakdown", NULL}, -1},
        {{{0}},
         {0},
         {.breakdown = "a", .breakdown_step = 1},
         {"breakdown_step without breakdown_at step", NULL},
         -1},
        {{{0}},
         {0},
         {.breakdown = "a", .breakdown_at = SJ_AT_FIRST, .breakdown_step = 1},
         {"breakdown_step without breakdown_at step", NULL},
         -1},
        {{{0}},
         {0},
         {.breakdown = "a", .breakdown_at = SJ_AT_STEP},
         {"breakdown_at is step", "without breakdown_step"},
         -1},
        {{{0}}, {0}, {.utc_offset = 60}, {"utc_offset without trend", NULL}, -1},
        {{{0}},
         {0},
         {.trend = SJ_TREND_DAY, .utc_offset = 1440},
         {"utc_offset is 1440", "less than a day"},
         -1},
        {{{0}}, {0}, {.survival = 1, .figures = SJ_FIGURE_COUNTS}, {"survival", "figures"}, -1},
        {{{0}}, {0}, {.survival = 1, .figures = SJ_FIGURE_TIMES}, {"survival", "figures"}, -1},
        {{{0}},
         {0},
         {.survival = 1, .figures = SJ_FIGURE_REASONS | SJ_FIGURE_VALUES},
         {"survival", "figures"},
         -1},
        {{{0}},
         {0},
         {.figures = SJ_FIGURE_COUNTS | SJ_FIGURE_TIMES},
         {"figures has counts", "another figure"},
         -1},
    };
    static const refuse_case fine[] = {
        {{{0}}, {0}, {.breakdown = "a", .breakdown_at = SJ_AT_STEP, .breakdown_step = 4}, {0}, 0},
        {{{0}}, {0}, {.trend = SJ_TREND_DAY, .utc_offset = -60}, {0}, 0},
        {{{0}}, {0}, {.survival = 1}, {0}, 0},
        {{{0}}, {0}, {.survival = 1, .figures = SJ_FIGURE_TIMES | SJ_FIGURE_REASONS}, {0}, 0},
    };
    (void)state;
    REFUSE_ALL(cases);
    refuse_takes(fine, sizeof fine / sizeof *fine);
}

/* ---- scans ---- */

static void the_strict_scans_take_nothing_about_attempts(void **state)
{
    static const char *const hold[] = {"device"};
    static const refuse_case cases[] = {
        {{{0}}, {.condition = "D"}, {.n_exclusions = 1}, {"excludes exclusions", NULL}, -1},
        {{{0}}, {0}, {.hold = hold, .n_hold = 1}, {"excludes hold", NULL}, -1},
        {{{0}}, {0}, {.order = SJ_ORDER_SEQUENTIAL}, {"excludes order", NULL}, -1},
        {{{0}}, {0}, {.tie = SJ_TIE_ANY}, {"excludes tie", NULL}, -1},
        {{{0}}, {0}, {.attempt = SJ_ATTEMPT_BEST}, {"excludes attempt", NULL}, -1},
        {{{0}}, {0}, {.violation = SJ_VIOLATION_BREAK}, {"excludes violation", NULL}, -1},
        {{{0}}, {0}, {.reuse = SJ_REUSE_YES}, {"excludes reuse", NULL}, -1},
        {{{0}}, {0}, {.unit = SJ_UNIT_ATTEMPTS}, {"excludes unit", NULL}, -1},
        {{{0}}, {0}, {.unit = SJ_UNIT_VALUES}, {"excludes unit", NULL}, -1},
        {{{0}}, {0}, {.session_gap = 5}, {"excludes session_gap", "unit sessions"}, -1},
        {{{0}}, {0}, {.enter_anywhere = 1}, {"excludes enter_anywhere", NULL}, -1},
        {{{0}}, {0}, {.survival = 1}, {"excludes survival", NULL}, -1},
        {{{0}}, {0}, {.figures = SJ_FIGURE_TIMES}, {"excludes figures", NULL}, -1},
        {{{0}},
         {0},
         {.breakdown = "a", .breakdown_at = SJ_AT_STEP, .breakdown_step = 1},
         {"excludes breakdown_at step", NULL},
         -1},
        {{{0}, {.max_gap = 1}}, {0}, {0}, {"excludes rules of step 2", NULL}, 1},
        {{{0}, {0}, {.optional = 1}}, {0}, {0}, {"excludes rules of step 3", NULL}, 2},
        {{{0}, {.adjacent = 1}}, {0}, {0}, {"excludes rules of step 2", NULL}, 1},
        {{{0}, {.group = 1}}, {0}, {0}, {"excludes rules of step 2", NULL}, 1},
    };
    static const int64_t from = 1, to = 2;
    static const refuse_case fine[] = {
        {{{0}},
         {0},
         {.window = 5,
          .entry_from = &from,
          .entry_to = &to,
          .as_of = &to,
          .unit = SJ_UNIT_SESSIONS,
          .session_gap = 9,
          .breakdown = "a",
          .breakdown_at = SJ_AT_FIRST,
          .trend = SJ_TREND_DAY,
          .utc_offset = 60,
          .figures = SJ_FIGURE_COUNTS},
         {0},
         0},
        {{{0}}, {0}, {.session_gap = SJ_UNLIMITED, .unit = SJ_UNIT_CUSTOMERS}, {0}, 0},
    };
    sj_step steps[REFUSE_STEPS];
    (void)state;
    for (int scan = SJ__FUNNEL_SCAN_ORDER; scan <= SJ__FUNNEL_SCAN_DEDUP; scan++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            sj_error why = {0};
            sj_funnel_options options = refuse_options(&cases[i], steps);
            options.preset = "clickhouse_strict_order";
            assert_int_equal(sj__funnel_refuse(&options, scan, &why), SJ_ERR_OPTIONS);
            if (strstr(why.message, cases[i].words[0]) == NULL ||
                (cases[i].words[1] != NULL && strstr(why.message, cases[i].words[1]) == NULL))
                fail_msg("row %zu: %s", i, why.message);
            assert_int_equal(why.index, cases[i].index);
        }
        for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
            sj_error why = {0};
            const sj_funnel_options options = refuse_options(&fine[i], steps);
            if (sj__funnel_refuse(&options, scan, &why) != SJ_OK)
                fail_msg("row %zu: %s", i, why.message);
        }
    }
}

/* ---- steps that one event can meet ---- */

static sj_graph *refuse_graph(void)
{
    return GRAPH(NULL, {.customer = "k", .touchpoint = "page", .time = 1, .channel = "web"},
                 {.customer = "k", .touchpoint = "buy", .time = 2, .channel = "app"});
}

/* What the two steps are, and what is said of them. */
static const struct {
    const char *first, *second;
    int32_t reuse;
    int shared;
} refuse_pairs[] = {
    {"page", "buy", 0, 0},
    {"page", "page", 0, 1},
    {"page", "page", SJ_REUSE_YES, 0},
    {"page", "touchpoint in ('page', 'buy')", 0, 1},
    {"page", "not touchpoint = 'page'", 0, 0},
    {"page", "touchpoint = 'buy' and channel = 'web'", 0, 0},
    {"page", "touchpoint = 'page' and channel = 'web'", 0, 1},
    {"channel = 'web'", "channel = 'app'", 0, 1}, /* no event meets both; that is not asked */
    {"channel = 'web'", "channel = 'app'", SJ_REUSE_YES, 0},
};

/* The question as it would be planned, but for the loader. */
static sj_status refuse_plan(const sj_graph *graph, const sj_funnel_options *asked,
                             const sj_funnel_options *refused, sj_error *error)
{
    static const sj__funnel_product none;
    sj__funnel *funnel = NULL;
    sj_status status = sj__funnel_new(graph, asked, &none, &funnel, error);
    if (status == SJ_OK)
        status = sj__funnel_refuse_shared(funnel, refused, error);
    sj__funnel_free(funnel, sj__graph_allocator(graph));
    return status;
}

static void two_steps_that_one_event_can_meet_are_refused_where_they_are_told_apart(void **state)
{
    sj_graph *graph = refuse_graph();
    (void)state;
    for (size_t i = 0; i < sizeof refuse_pairs / sizeof *refuse_pairs; i++) {
        sj_step steps[] = {{.condition = refuse_pairs[i].first},
                           {.condition = refuse_pairs[i].second}};
        const sj_funnel_options asked = {.struct_size = sizeof asked,
                                         .steps = steps,
                                         .n_steps = 2,
                                         .step_size = sizeof *steps,
                                         .reuse = refuse_pairs[i].reuse};
        sj_funnel_options any = asked, grace = asked, first = asked;
        sj_error why = {0};
        any.order = SJ_ORDER_ANY;
        grace.tie = first.tie = SJ_TIE_GRACE;
        grace.grace = first.grace = 1;
        first.attempt = SJ_ATTEMPT_FIRST;
        assert_int_equal(refuse_plan(graph, &asked, &asked, NULL), SJ_OK);
        assert_int_equal(refuse_plan(graph, &asked, &first, NULL), SJ_OK);
        assert_int_equal(refuse_plan(graph, &asked, &any, &why),
                         refuse_pairs[i].shared ? SJ_ERR_OPTIONS : SJ_OK);
        if (refuse_pairs[i].shared) {
            assert_non_null(strstr(why.message, "steps 1 and 2"));
            assert_non_null(strstr(why.message, "any order"));
            assert_non_null(strstr(why.message, "reuse"));
            assert_int_equal(why.index, 1);
        }
        assert_int_equal(refuse_plan(graph, &asked, &grace, &why),
                         refuse_pairs[i].shared ? SJ_ERR_OPTIONS : SJ_OK);
        if (refuse_pairs[i].shared)
            assert_non_null(strstr(why.message, "tie grace with attempt best"));
    }
    sj_graph_free(graph);
}

static void what_is_refused_makes_no_plan(void **state)
{
    sj_graph *graph = LETTERS("ABCD", "k A0 B1");
    const refuse_case question = {.options = {.unit = SJ_UNIT_SESSIONS}};
    sj_step steps[REFUSE_STEPS];
    const sj_funnel_options options = refuse_options(&question, steps);
    sj_plan *plan = NULL;
    (void)state;
    must_fail(SJ_ERR_OPTIONS, sj_funnel_plan(graph, &options, &plan, error));
    assert_non_null(strstr(failure.message, "without session_gap"));
    assert_null(plan);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_in_any_order_exclude_rules_of_steps_in_order),
        cmocka_unit_test(grace_excludes_what_it_cannot_judge),
        cmocka_unit_test(stop_and_open_funnels_need_what_they_are_about),
        cmocka_unit_test(units_need_what_makes_them),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(options_without_effect_are_refused),
        cmocka_unit_test(the_strict_scans_take_nothing_about_attempts),
        cmocka_unit_test(two_steps_that_one_event_can_meet_are_refused_where_they_are_told_apart),
        cmocka_unit_test(what_is_refused_makes_no_plan),
    };
    return cmocka_run_group_tests_name("funnel_refuse", tests, NULL, NULL);
}
