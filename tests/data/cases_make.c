/* A case as a graph, a question and a journey for the exhaustive search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/cases.h"

/* ---- events ---- */

/* Adds a touchpoint to a condition "touchpoint in ('never1'…". */
static void cases_add_name(char *condition, const char *name)
{
    const size_t used = strlen(condition);
    assert_true(used + strlen(name) + 8 < CASES_TEXT);
    (void)snprintf(condition + used, CASES_TEXT - used, ", '%s'", name);
}

/* The number of a held value; -1: none. */
static int cases_held(const cases_node *held, cases_case *c)
{
    char text[24];
    if (held == NULL || held->type == 'n')
        return -1;
    if (held->text != NULL)
        (void)snprintf(text, sizeof text, "%s", held->text);
    else
        (void)snprintf(text, sizeof text, "%lld", (long long)held->number);
    for (size_t i = 0; i < c->n_held; i++)
        if (strcmp(c->held[i], text) == 0)
            return (int)i;
    memcpy(c->held[c->n_held], text, sizeof text);
    return (int)c->n_held++;
}

/* An event, and its name in the conditions that it meets. */
static void cases_add_event(const cases_node *e, int number, cases_case *c, sj_builder *builder)
{
    char name[16];
    const cases_node *more = e->first->next->next, *barred = cases_get(more, "x");
    funnel_oracle_event event = {.time = e->first->number,
                                 .held = cases_held(cases_get(more, "h"), c)};
    (void)snprintf(name, sizeof name, "e%d", number);
    for (const cases_node *step = e->first->next->first; step; step = step->next) {
        event.steps |= UINT64_C(1) << (step->number - 1);
        cases_add_name(c->conditions[step->number - 1], name);
    }
    for (const cases_node *x = barred ? barred->first : NULL; x; x = x->next) {
        event.exclusions |= UINT32_C(1) << x->number;
        cases_add_name(c->barred[x->number], name);
    }
    const char *const attributes[] = {"held", event.held < 0 ? "" : c->held[event.held]};
    const sj_event told = {.struct_size = sizeof told,
                           .customer = "k",
                           .touchpoint = name,
                           .time = event.time,
                           .attributes = attributes,
                           .n_attributes = event.held >= 0};
    if (builder != NULL)
        assert_int_equal(sj_builder_add_event(builder, &told, NULL), SJ_OK);
    assert_true(c->n_events < ORACLE_EVENTS);
    size_t i = c->n_events++;
    for (; i > 0 && c->events[i - 1].time > event.time; i--)
        c->events[i] = c->events[i - 1];
    c->events[i] = event;
    c->last = c->events[c->n_events - 1].time;
}

/* Steps and exclusions that no event meets are met by touchpoints of their own that nobody visits.
 */
static void cases_begin(char condition[CASES_TEXT], const char *what, size_t i, sj_builder *builder)
{
    char name[24];
    (void)snprintf(name, sizeof name, "never %s%zu", what, i);
    (void)snprintf(condition, CASES_TEXT, "touchpoint in ('%s'", name);
    if (builder != NULL)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
}

static void cases_make_events(const cases_node *line, cases_case *c, sj_builder *builder)
{
    int number = 0;
    for (size_t k = 0; k < c->options.n_steps; k++)
        cases_begin(c->conditions[k], "step", k, builder);
    for (size_t x = 0; x < ORACLE_EXCLUSIONS; x++)
        cases_begin(c->barred[x], "exclusion", x, builder);
    for (const cases_node *e = cases_get(line, "events")->first; e; e = e->next)
        cases_add_event(e, number++, c, builder);
    for (size_t k = 0; k < c->options.n_steps; k++) {
        (void)strcat(c->conditions[k], ")");
        c->steps[k].condition = c->conditions[k];
    }
    for (size_t x = 0; x < ORACLE_EXCLUSIONS; x++)
        (void)strcat(c->barred[x], ")");
}

/* ---- options ---- */

static int32_t cases_choice(const cases_node *options, const char *name, const char *values)
{
    const cases_node *option = cases_get(options, name);
    int32_t v = 1;
    if (option == NULL)
        return 0;
    for (const char *at = values; *at != '\0'; v++) {
        const size_t n = strcspn(at, " ");
        if (strlen(option->text) == n && strncmp(at, option->text, n) == 0)
            return v;
        at += n + (at[n] == ' ');
    }
    fail_msg("%s %s", name, option->text);
    return 0;
}

static int cases_flag(const cases_node *options, const char *name)
{
    const cases_node *option = cases_get(options, name);
    return option != NULL && option->type == 't';
}

static const cases_node *cases_first(const cases_node *options, const char *name)
{
    const cases_node *list = cases_get(options, name);
    return list ? list->first : NULL;
}

static void cases_make_rules(const cases_node *options, cases_case *c)
{
    for (const cases_node *min = cases_first(options, "min"); min; min = min->next)
        c->steps[atoi(min->name) - 1].min_gap = min->number;
    for (const cases_node *max = cases_first(options, "max"); max; max = max->next)
        c->steps[atoi(max->name) - 1].max_gap = max->number;
    for (const cases_node *group = cases_first(options, "group"); group; group = group->next)
        c->steps[atoi(group->name) - 1].group = group->number;
    for (const cases_node *k = cases_first(options, "optional"); k; k = k->next)
        c->steps[k->number - 1].optional = 1;
    for (const cases_node *k = cases_first(options, "adjacent"); k; k = k->next)
        c->steps[k->number - 1].adjacent = 1;
    for (const cases_node *x = cases_first(options, "exclusions"); x; x = x->next) {
        const size_t i = c->options.n_exclusions++;
        const int removes = cases_choice(x, "effect", "break remove") == SJ_EXCLUDE_REMOVE;
        c->exclusions[i] = (sj_exclusion){.condition = c->barred[i],
                                          .from_step = (int32_t)cases_number(x, "from", 0),
                                          .to_step = (int32_t)cases_number(x, "to", 0),
                                          .effect = removes ? SJ_EXCLUDE_REMOVE : 0};
    }
    c->options.exclusions = c->exclusions;
    c->options.exclusion_size = sizeof *c->exclusions;
}

static void cases_make_times(const cases_node *options, cases_case *c)
{
    c->options.window = cases_number(options, "window", 0);
    c->options.grace = cases_number(options, "grace", 0);
    c->options.session_gap = cases_number(options, "session_gap", 0);
    c->as_of = cases_number(options, "as_of", 0);
    c->options.as_of = cases_get(options, "as_of") ? &c->as_of : NULL;
    c->entry_from = cases_number(options, "entry_from", 0);
    c->options.entry_from = cases_get(options, "entry_from") ? &c->entry_from : NULL;
    c->entry_to = cases_number(options, "entry_to", 0);
    c->options.entry_to = cases_get(options, "entry_to") ? &c->entry_to : NULL;
}

static void cases_make_options(const cases_node *options, cases_case *c)
{
    const cases_node *preset = cases_get(options, "preset");
    cases_make_rules(options, c);
    cases_make_times(options, c);
    c->options.reuse = cases_flag(options, "reuse") ? SJ_REUSE_YES : 0;
    c->options.enter_anywhere = cases_flag(options, "enter_anywhere");
    c->options.order = cases_choice(options, "order", "sequential adjacent any");
    c->options.tie = cases_choice(options, "tie", "any input strict grace");
    c->options.attempt = cases_choice(options, "attempt", "best first each");
    c->options.violation = cases_choice(options, "violation", "break stop");
    c->options.unit = cases_choice(options, "unit", "customers attempts sessions values");
    c->options.hold = c->hold;
    c->options.n_hold = cases_flag(options, "hold") ? 1 : 0;
    c->hold[0] = "held";
    if (preset != NULL) {
        (void)snprintf(c->preset, sizeof c->preset, "%s", preset->text);
        c->options.preset = c->preset;
    }
}

void cases_make(const cases_node *line, int with_graph, cases_case *c)
{
    sj_builder *builder = NULL;
    sj_error error = {0};
    memset(c, 0, sizeof *c);
    const size_t n_steps = (size_t)cases_number(line, "steps", 0);
    assert_true(n_steps > 0 && n_steps <= CASES_STEPS);
    c->options = (sj_funnel_options){.struct_size = sizeof c->options,
                                     .steps = c->steps,
                                     .n_steps = n_steps,
                                     .step_size = sizeof(sj_step)};
    if (with_graph) {
        assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
        assert_int_equal(sj_builder_add_attribute(builder, "held", SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                         SJ_OK);
    }
    cases_make_events(line, c, builder);
    if (with_graph && sj_builder_build(builder, NULL, &c->graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    cases_make_options(cases_get(line, "options"), c);
}
