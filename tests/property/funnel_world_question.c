/* Random questions about a funnel's world.  A question is drawn for a set of features; what a
 * feature needs (sessions a gap, values a hold, stop order adjacent) comes with it, and steps with
 * rules of their own keep out of blocks, in most cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_world.h"

#define WORLD_BIT(feature) (UINT64_C(1) << (feature))

static const char *const world_features_said[WORLD_FEATURES] = {
    "order any",      "order adjacent", "group",         "adjacent",    "min_gap",
    "max_gap",        "optional",       "tie input",     "tie strict",  "tie grace",
    "attempt first",  "attempt each",   "stop",          "reuse",       "exclusion break",
    "remove",         "with range",     "hold",          "hold two",    "session_gap",
    "entry_from",     "entry_to",       "as_of",         "anywhere",    "window",
    "unit customers", "unit attempts",  "unit sessions", "unit values", "breakdown",
    "trend",          "survival",       "counts"};

const char *world_feature(int feature)
{
    return world_features_said[feature];
}

/* The first six are met by touchpoints of their own. */
static const world_condition world_conditions[] = {
    {"a", "a", 0, 0, 0, 0},
    {"b", "b", 0, 0, 0, 0},
    {"c", "c", 0, 0, 0, 0},
    {"d", "d", 0, 0, 0, 0},
    {"touchpoint = 'e'", "e", 0, 0, 0, 0},
    {"f", "f", 0, 0, 0, 0},
    {"touchpoint in ('a', 'b')", "ab", 0, 0, 0, 0},
    {"touchpoint in ('b', 'c', 'd')", "bcd", 0, 0, 0, 0},
    {"touchpoint != 'e'", "(abcdf", 0, 0, 0, 0},
    {"early", "ab", 0, 0, 0, 0},
    {"either", "cd", 0, 0, 0, 7.5},
    {"big", "(abcdef", 1, 2, 100, 0},
    {"value >= 1", "(abcdef", 1, 1, 100, 0},
    {"touchpoint = 'a' and value < 3", "a", 1, -100, 3, 0},
    {"not touchpoint in ('a', 'f')", "(bcde", 0, 0, 0, 0},
};

enum { WORLD_CONDITIONS = sizeof world_conditions / sizeof *world_conditions, WORLD_PLAIN = 6 };

static int world_has(uint64_t features, int feature)
{
    return (features >> feature & 1) != 0;
}

static int64_t world_span(world *w, int64_t least, uint64_t more)
{
    const int64_t unit = world_below(w, 16) == 0 ? 1 : w->unit;
    return (least + (int64_t)world_below(w, more)) * unit;
}

/* ---- steps ---- */

static void world_draw_conditions(world *w, uint64_t features)
{
    const int blocks = world_has(features, WORLD_ORDER_ANY) || world_has(features, WORLD_GROUP) ||
                       world_has(features, WORLD_TIE_GRACE);
    const int apart = blocks && !world_has(features, WORLD_REUSE) && world_below(w, 8) != 0;
    const int few = world_below(w, 2) != 0;
    size_t order[WORLD_PLAIN] = {0, 1, 2, 3, 4, 5};
    for (size_t k = 0; k < w->options.n_steps; k++) {
        const size_t other = k + world_below(w, WORLD_PLAIN - k);
        const size_t i = world_below(w, world_below(w, 2) ? (few ? 3 : 6) : WORLD_CONDITIONS);
        const size_t taken = order[other];
        order[other] = order[k];
        order[k] = taken;
        w->conditions[k] = &world_conditions[apart ? taken : i];
        w->steps[k] = (sj_step){.condition = w->conditions[k]->text};
    }
    for (size_t k = 0; k < w->options.n_steps; k++) {
        w->alike[k] = 0;
        for (size_t j = 0; j < w->options.n_steps; j++)
            if (strpbrk(w->conditions[k]->letters, w->conditions[j]->letters) != NULL)
                w->alike[k] |= UINT64_C(1) << j;
    }
}

static void world_draw_group(world *w)
{
    const size_t n = w->options.n_steps;
    const size_t length = 2 + (n > 2 ? world_below(w, 2) : 0);
    const size_t from = world_below(w, n - length + 1);
    const int64_t number = 1 + (int64_t)world_below(w, 3);
    for (size_t k = from; k < from + length; k++)
        w->steps[k].group = number;
    for (size_t k = from + length; k < n && world_below(w, 3) == 0; k++)
        w->steps[k].group = number + 1; /* another block, or one step by itself */
}

/* May a step (from 0) have rules of its own? */
static int world_is_free(world *w, size_t k)
{
    const int in_block =
        w->options.order == SJ_ORDER_ANY ||
        (w->steps[k].group != 0 &&
         ((k > 0 && w->steps[k - 1].group == w->steps[k].group) ||
          (k + 1 < w->options.n_steps && w->steps[k + 1].group == w->steps[k].group)));
    return !in_block || world_below(w, 64) == 0;
}

/* Gaps, adjacent and optional steps; each step that can have a rule has it in half of the cases,
 * one in any case. */
static void world_draw_rules(world *w, uint64_t features)
{
    const size_t n = w->options.n_steps;
    for (int feature = WORLD_ADJACENT; feature <= WORLD_OPTIONAL; feature++) {
        const size_t sure = 1 + world_below(w, n);
        for (size_t i = 0; world_has(features, feature) && i < n; i++) {
            const size_t k = (sure + i) % n;
            sj_step *step = &w->steps[k];
            const int last = feature == WORLD_OPTIONAL && k + 1 == n;
            if (((k == 0 || last) && world_below(w, 64)) || !world_is_free(w, k) ||
                (i > n / 2 && world_below(w, 2)))
                continue;
            if (feature == WORLD_ADJACENT)
                step->adjacent = 1;
            else if (feature == WORLD_MIN_GAP)
                step->min_gap = world_span(w, 1, 3);
            else if (feature == WORLD_MAX_GAP)
                step->max_gap = world_below(w, 8) == 0 && step->min_gap == 0
                                    ? SJ_INSTANT
                                    : step->min_gap + world_span(w, 1, 5);
            else
                step->optional = 1;
        }
    }
}

/* May an exclusion end at this step (from 1)?  Not at an optional one, nor inside a block. */
static int world_is_end(const world *w, size_t k)
{
    const int64_t group = w->steps[k - 1].group;
    if (w->steps[k - 1].optional)
        return 0;
    return group == 0 || k == 1 || k == w->options.n_steps || w->steps[k - 2].group != group ||
           w->steps[k].group != group;
}

static void world_draw_range(world *w, size_t *from, size_t *to)
{
    const size_t n = w->options.n_steps;
    for (int tries = 0; tries < 8; tries++) {
        *from = 1 + world_below(w, n - 1);
        *to = *from + 1 + world_below(w, n - *from);
        if (world_is_end(w, *from) && world_is_end(w, *to) && (*from > 1 || *to < n))
            return;
    }
}

static void world_draw_exclusions(world *w, uint64_t features)
{
    const size_t n = w->options.n_steps;
    size_t x = 0;
    for (int feature = WORLD_BREAK; feature <= WORLD_REMOVE; feature++) {
        const size_t least = (features >> feature & 1) != 0;
        for (size_t i = 0; i < least + (least && world_below(w, 4) == 0) && x < WORLD_EXCLUSIONS;
             i++, x++) {
            size_t from = 1, to = n;
            if (world_has(features, WORLD_RANGE) && n > 1)
                world_draw_range(w, &from, &to);
            w->excluded[x] = &world_conditions[world_below(w, 12)];
            w->exclusions[x] = (sj_exclusion){
                .condition = w->excluded[x]->text,
                .from_step = from == 1 && world_below(w, 2) ? 0 : (int32_t)from,
                .to_step = to == n && world_below(w, 2) ? 0 : (int32_t)to,
                .effect = feature == WORLD_REMOVE ? SJ_EXCLUDE_REMOVE : (int64_t)world_below(w, 2)};
        }
    }
    w->options.exclusions = w->exclusions;
    w->options.n_exclusions = x;
    w->options.exclusion_size = sizeof *w->exclusions;
}

/* ---- the rest ---- */

/* A choice by the first of the features that is there; the neutral one is said or not. */
static int32_t world_choice(world *w, uint64_t features, int first, int32_t first_value, int n)
{
    for (int i = 0; i < n; i++)
        if (world_has(features, first + i))
            return first_value + i;
    return (int32_t)world_below(w, 2) * (first_value - 1);
}

static void world_draw_span_options(world *w, uint64_t features)
{
    sj_funnel_options *o = &w->options;
    if (world_has(features, WORLD_WINDOW))
        o->window = world_below(w, 8) == 0 ? SJ_INSTANT : world_span(w, 1, 12);
    if (world_has(features, WORLD_TIE_GRACE))
        o->grace = world_span(w, 1, 3);
    if (world_has(features, WORLD_SESSION_GAP))
        o->session_gap = world_below(w, 24) == 0 ? SJ_INSTANT : world_span(w, 1, 8);
    w->entry_from = w->base + world_span(w, 0, w->spread / 2 + 1);
    w->entry_to = w->entry_from + world_span(w, 1, w->spread + 2);
    if (world_below(w, 64) == 0)
        w->entry_to = w->entry_from;
    w->as_of = w->base + (int64_t)(w->spread / 2 + world_below(w, w->spread + 4)) * w->unit;
    o->entry_from = world_has(features, WORLD_ENTRY_FROM) ? &w->entry_from : NULL;
    o->entry_to = world_has(features, WORLD_ENTRY_TO) ? &w->entry_to : NULL;
    o->as_of = world_has(features, WORLD_AS_OF) ? &w->as_of : NULL;
}

static void world_draw_figures(world *w, uint64_t features)
{
    static const char *const keys[] = {"held", "number", "channel", "stage"};
    sj_funnel_options *o = &w->options;
    if (world_has(features, WORLD_BREAKDOWN)) {
        o->breakdown = keys[world_below(w, 4)];
        o->breakdown_at = (int32_t)world_below(w, 6);
        if (o->breakdown_at == SJ_AT_STEP)
            o->breakdown_step = 1 + (int32_t)world_below(w, o->n_steps);
        if (o->breakdown_at == SJ_AT_CUSTOMER)
            o->breakdown = "country";
    }
    if (world_has(features, WORLD_TREND)) {
        o->trend = SJ_TREND_HOUR + (int32_t)world_below(w, 4);
        o->utc_offset = world_below(w, 2) ? (int32_t)world_below(w, 24 * 60) - 12 * 60 : 0;
    }
    o->survival = world_has(features, WORLD_SURVIVAL);
    if (world_has(features, WORLD_COUNTS))
        o->figures = SJ_FIGURE_COUNTS;
}

static uint64_t world_complete(world *w, uint64_t features)
{
    static const struct {
        int feature, needs;
    } needs[] = {{WORLD_OF_SESSIONS, WORLD_SESSION_GAP},
                 {WORLD_OF_VALUES, WORLD_HOLD},
                 {WORLD_STOP, WORLD_ORDER_ADJACENT},
                 {WORLD_RANGE, WORLD_BREAK}};
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (world_has(features, needs[i].feature) &&
            !(needs[i].feature == WORLD_OF_VALUES && world_has(features, WORLD_HOLD_TWO)) &&
            !(needs[i].feature == WORLD_RANGE && world_has(features, WORLD_REMOVE)) &&
            world_below(w, 64) != 0)
            features |= WORLD_BIT(needs[i].needs);
    if (world_has(features, WORLD_ORDER_ANY)) /* which makes one block of all steps */
        features &= ~WORLD_BIT(WORLD_GROUP);
    if (world_has(features, WORLD_HOLD_TWO))
        features &= ~WORLD_BIT(WORLD_HOLD);
    return features;
}

static void world_draw_once(world *w, uint64_t features)
{
    const size_t least =
        world_has(features, WORLD_GROUP)      ? 4
        : world_has(features, WORLD_OPTIONAL) ? 3
        : features & (WORLD_BIT(WORLD_ORDER_ANY) | WORLD_BIT(WORLD_ADJACENT) |
                      WORLD_BIT(WORLD_MIN_GAP) | WORLD_BIT(WORLD_MAX_GAP) | WORLD_BIT(WORLD_BREAK) |
                      WORLD_BIT(WORLD_REMOVE) | WORLD_BIT(WORLD_ORDER_ADJACENT))
            ? 2 + (size_t)world_has(features, WORLD_RANGE)
            : 1;
    sj_funnel_options *o = &w->options;
    features = world_complete(w, features);
    *o = (sj_funnel_options){
        .struct_size = sizeof *o, .steps = w->steps, .step_size = sizeof(sj_step)};
    o->n_steps = least + world_below(w, (world_below(w, 4) == 0 ? WORLD_STEPS : 4) - least + 1);
    o->order = world_choice(w, features, WORLD_ORDER_ADJACENT, SJ_ORDER_ADJACENT, 1);
    if (world_has(features, WORLD_ORDER_ANY))
        o->order = SJ_ORDER_ANY;
    o->tie = world_choice(w, features, WORLD_TIE_INPUT, SJ_TIE_INPUT, 3);
    o->attempt = world_choice(w, features, WORLD_FIRST, SJ_ATTEMPT_FIRST, 2);
    if (world_has(features, WORLD_OF_ATTEMPTS) && o->attempt == SJ_ATTEMPT_BEST)
        o->attempt = world_below(w, 32) == 0 ? SJ_ATTEMPT_BEST : 0;
    o->violation = world_choice(w, features, WORLD_STOP, SJ_VIOLATION_STOP, 1);
    o->reuse = world_choice(w, features, WORLD_REUSE, SJ_REUSE_YES, 1);
    o->unit = world_choice(w, features, WORLD_OF_ATTEMPTS, SJ_UNIT_ATTEMPTS, 3);
    o->enter_anywhere = world_has(features, WORLD_ANYWHERE);
    w->hold[0] = "held", w->hold[1] = "number";
    o->hold = w->hold;
    o->n_hold = world_has(features, WORLD_HOLD_TWO) ? 2 : (size_t)world_has(features, WORLD_HOLD);
    world_draw_conditions(w, features);
    if (world_has(features, WORLD_GROUP))
        world_draw_group(w);
    world_draw_rules(w, features);
    world_draw_exclusions(w, features);
    world_draw_span_options(w, features);
    world_draw_figures(w, features);
}

const char *world_refusal(const world *w)
{
    return funnel_oracle_refuses(&w->options, w->alike);
}

static void world_draw_clock(world *w)
{
    static const size_t spreads[] = {2, 4, 9, 25, 60};
    static const int64_t units[] = {1, 1, SJ_SECOND, SJ_HOUR, SJ_DAY};
    w->spread = spreads[world_below(w, 5)];
    w->unit = units[world_below(w, 5)];
    w->base = (int64_t[]){0, -30, 1000}[world_below(w, 3)] * w->unit;
}

void world_draw_any_question(world *w, uint64_t features)
{
    world_draw_clock(w);
    world_draw_once(w, features);
}

void world_draw_question(world *w, uint64_t features, uint64_t allowed, int rich)
{
    world_draw_clock(w);
    for (int tries = 0; tries < WORLD_REFUSED; tries++) {
        uint64_t more = 0;
        for (int f = 0; rich && f < WORLD_FEATURES; f++)
            if (world_below(w, tries < 8 ? 10 : 20) == 0)
                more |= WORLD_BIT(f);
        world_draw_once(w, (features | more) & allowed);
        if (world_refusal(w) == NULL)
            return;
        if (world_below(w, 48) == 0)
            return;
    }
}

uint64_t world_features(const world *w)
{
    const sj_funnel_options *o = &w->options;
    uint64_t found = 0;
    int anything[WORLD_FEATURES] = {0};
    for (size_t k = 0; k < o->n_steps; k++) {
        anything[WORLD_GROUP] |= o->steps[k].group != 0;
        anything[WORLD_ADJACENT] |= o->steps[k].adjacent != 0;
        anything[WORLD_MIN_GAP] |= o->steps[k].min_gap != 0;
        anything[WORLD_MAX_GAP] |= o->steps[k].max_gap != 0;
        anything[WORLD_OPTIONAL] |= o->steps[k].optional != 0;
    }
    for (size_t x = 0; x < o->n_exclusions; x++) {
        const sj_exclusion *exclusion = &o->exclusions[x];
        anything[WORLD_REMOVE] |= exclusion->effect == SJ_EXCLUDE_REMOVE;
        anything[WORLD_BREAK] |= exclusion->effect != SJ_EXCLUDE_REMOVE;
        anything[WORLD_RANGE] |=
            exclusion->from_step > 1 ||
            (exclusion->to_step != 0 && exclusion->to_step < (int32_t)o->n_steps);
    }
    anything[WORLD_ORDER_ANY] = o->order == SJ_ORDER_ANY;
    anything[WORLD_ORDER_ADJACENT] = o->order == SJ_ORDER_ADJACENT && o->n_steps > 1;
    for (int i = 0; i < 3; i++)
        anything[WORLD_TIE_INPUT + i] = o->tie == SJ_TIE_INPUT + i;
    anything[WORLD_FIRST] = o->attempt == SJ_ATTEMPT_FIRST;
    anything[WORLD_EACH] =
        o->attempt == SJ_ATTEMPT_EACH || (o->attempt == 0 && o->unit == SJ_UNIT_ATTEMPTS);
    anything[WORLD_STOP] = o->violation == SJ_VIOLATION_STOP && o->n_steps > 1;
    anything[WORLD_REUSE] = o->reuse == SJ_REUSE_YES;
    anything[WORLD_HOLD] = o->n_hold == 1;
    anything[WORLD_HOLD_TWO] = o->n_hold == 2;
    anything[WORLD_SESSION_GAP] = o->session_gap != 0;
    anything[WORLD_ENTRY_FROM] = o->entry_from != NULL;
    anything[WORLD_ENTRY_TO] = o->entry_to != NULL;
    anything[WORLD_AS_OF] = o->as_of != NULL;
    anything[WORLD_ANYWHERE] = o->enter_anywhere != 0;
    anything[WORLD_WINDOW] = o->window != 0;
    anything[WORLD_OF_CUSTOMERS] = o->unit <= SJ_UNIT_CUSTOMERS;
    for (int i = 0; i < 3; i++)
        anything[WORLD_OF_ATTEMPTS + i] = o->unit == SJ_UNIT_ATTEMPTS + i;
    anything[WORLD_BREAKDOWN] = o->breakdown != NULL;
    anything[WORLD_TREND] = o->trend != 0;
    anything[WORLD_SURVIVAL] = o->survival != 0;
    anything[WORLD_COUNTS] = o->figures == SJ_FIGURE_COUNTS;
    for (int f = 0; f < WORLD_FEATURES; f++)
        found |= (uint64_t)anything[f] << f;
    return found;
}
