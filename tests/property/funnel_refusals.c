/* What is refused, both ways: random questions, many of them spoiled on purpose, are refused by the
 * library exactly where the rules (oracle/funnel_oracle_rules.c) refuse them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_world.h"

enum { REFUSALS_QUESTIONS = 40000, REFUSALS_SEED = 20260303, REFUSALS_WHY = 64 };

typedef struct refusals_count {
    const char *why;
    uint64_t n;
} refusals_count;

static uint64_t refusals_some(world *w)
{
    uint64_t features = 0;
    for (uint64_t n = 1 + world_below(w, 5); n > 0; n--)
        features |= UINT64_C(1) << world_below(w, WORLD_FEATURES);
    return features;
}

/* ---- spoiling ---- */

static int64_t refusals_bad_span(world *w)
{
    const int64_t spans[] = {-2, -1000000, INT64_MIN, SJ_INSTANT};
    return spans[world_below(w, 4)];
}

static void refusals_spoil_step(world *w)
{
    sj_step *step = &w->steps[world_below(w, w->options.n_steps)];
    switch (world_below(w, 6)) {
    case 0:
        step->min_gap = refusals_bad_span(w);
        break;
    case 1:
        step->max_gap = refusals_bad_span(w);
        break;
    case 2:
        step->adjacent = 1;
        break;
    case 3:
        step->optional = 1;
        break;
    case 4:
        step->group = (int64_t)world_below(w, 3) - 1;
        break;
    default:
        step->min_gap = 3 * w->unit;
        step->max_gap = (int64_t)world_below(w, 5) * w->unit;
    }
}

static void refusals_spoil_exclusion(world *w)
{
    if (w->options.n_exclusions == 0)
        return;
    sj_exclusion *exclusion = &w->exclusions[world_below(w, w->options.n_exclusions)];
    if (world_below(w, 2))
        exclusion->from_step = (int32_t)world_below(w, w->options.n_steps + 2);
    else
        exclusion->to_step = (int32_t)world_below(w, w->options.n_steps + 2);
}

static void refusals_spoil_figures(world *w)
{
    sj_funnel_options *o = &w->options;
    switch (world_below(w, 6)) {
    case 0:
        o->breakdown = NULL;
        break;
    case 1: /* customer is for an attribute of customers, and the other way round */
        if (o->breakdown_at != SJ_AT_CUSTOMER)
            o->breakdown_at = (int32_t)world_below(w, SJ_AT_CUSTOMER);
        break;
    case 2:
        o->breakdown_step = (int32_t)world_below(w, o->n_steps + 2);
        break;
    case 3:
        o->utc_offset = (int32_t)world_below(w, 100);
        break;
    case 4:
        o->figures = (int64_t)world_below(w, 16);
        break;
    default:
        o->survival = 1;
    }
}

static void refusals_spoil_options(world *w)
{
    sj_funnel_options *o = &w->options;
    switch (world_below(w, 8)) {
    case 0:
        o->window = refusals_bad_span(w);
        break;
    case 1:
        o->grace = (int64_t[]){0, w->unit, SJ_INSTANT, SJ_UNLIMITED}[world_below(w, 4)];
        break;
    case 2:
        o->session_gap = world_below(w, 2) ? refusals_bad_span(w) : SJ_UNLIMITED;
        break;
    case 3:
        w->entry_to = w->entry_from + (int64_t)world_below(w, 3) - 1;
        break;
    case 4:
        o->attempt = (int32_t)world_below(w, 4);
        break;
    case 5:
        o->unit = (int32_t)world_below(w, 5);
        break;
    case 6:
        o->n_hold = world_below(w, 3);
        break;
    default:
        o->violation = (int32_t)world_below(w, 3);
    }
}

static void refusals_spoil(world *w)
{
    switch (world_below(w, 4)) {
    case 0:
        refusals_spoil_step(w);
        break;
    case 1:
        refusals_spoil_exclusion(w);
        break;
    case 2:
        refusals_spoil_figures(w);
        break;
    default:
        refusals_spoil_options(w);
    }
}

/* ---- both ways ---- */

static void refusals_tell(refusals_count counts[REFUSALS_WHY], const char *why)
{
    size_t i = 0;
    while (counts[i].why != NULL && strcmp(counts[i].why, why) != 0)
        i++;
    assert_true(i + 1 < REFUSALS_WHY);
    counts[i].why = why;
    counts[i].n++;
}

/* Asks both; 0: the library says that something is not built yet. */
static int refusals_check(const world *w, const sj_graph *graph,
                          refusals_count counts[REFUSALS_WHY])
{
    sj_plan *plan = NULL;
    sj_error error = {0};
    const char *why = world_refusal(w);
    const sj_status status = sj_funnel_plan(graph, &w->options, &plan, &error);
    sj_plan_free(plan);
    if (status != SJ_OK && strstr(error.message, "not built yet") != NULL)
        return 0;
    if (status != (why != NULL ? SJ_ERR_OPTIONS : SJ_OK)) {
        world_show(w, 0);
        print_error(
            "breakdown %s at %d step %d, trend %d, utc_offset %d, figures %d, survival %d\n",
            w->options.breakdown ? w->options.breakdown : "none", (int)w->options.breakdown_at,
            (int)w->options.breakdown_step, (int)w->options.trend, (int)w->options.utc_offset,
            (int)w->options.figures, (int)w->options.survival);
        fail_msg("library: %d, %s; rules: %s", (int)status, error.message, why ? why : "fine");
    }
    assert_true(status == SJ_OK || strlen(error.message) > 20);
    refusals_tell(counts, why != NULL ? why : "taken");
    return 1;
}

static void the_library_refuses_what_the_rules_refuse(void **state)
{
    static world w;
    static refusals_count counts[REFUSALS_WHY];
    const int questions = REFUSALS_QUESTIONS * (getenv("SOJOURN_LONG") != NULL ? 25 : 1);
    int skipped = 0;
    (void)state;
    world_draw_any_question(&w, 0);
    world_draw_journeys(&w, 1, 3);
    sj_graph *graph = world_graph(&w);
    for (int i = 0; i < questions; i++) {
        w.state = (uint64_t)(REFUSALS_SEED + i) * UINT64_C(2654435761);
        world_draw_any_question(&w, refusals_some(&w));
        for (uint64_t n = world_below(&w, 3); n > 0; n--)
            refusals_spoil(&w);
        skipped += !refusals_check(&w, graph, counts);
    }
    sj_graph_free(graph);
    assert_true(skipped == 0 || !WORLD_ALL_BUILT);
    print_message("# seed %d: %d questions, %d of them not built yet\n", (int)REFUSALS_SEED,
                  questions, skipped);
    for (size_t i = 0; counts[i].why != NULL; i++)
        print_message("# %8llu %s\n", (unsigned long long)counts[i].n, counts[i].why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_library_refuses_what_the_rules_refuse)};
    return cmocka_run_group_tests_name("funnel_refusals", tests, NULL, NULL);
}
