/* Funnels over small random journeys against exhaustive search (oracle/funnel_oracle.c): level, times, events and reason of every
 * customer, what came next, all tables, and the counts-only path against the path with all figures.
 *
 * At least a fifth of the events share their time with another of the same customer; conditions overlap, so that one event can fill
 * several steps.  20,000 customers by default; 400,000 with the environment variable SOJOURN_LONG, or as many as that
 * says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle/funnel_oracle.h"
#include "unit/near.h"

enum { RANDOM_CUSTOMERS = 40, RANDOM_CASES = 20000, RANDOM_SEED = 20260101 };

enum { RANDOM_REASONS = 8, RANDOM_UNITS = RANDOM_CUSTOMERS * ORACLE_EVENTS };

typedef struct random_counts {
    uint64_t customers, units, rounds, events, tied, by_level[ORACLE_STEPS + 1];
    uint64_t by_reason[RANDOM_REASONS], removed, left_out;
    uint64_t looked, cut, reused, windows[3];
    uint64_t plain, min_gap, max_gap, adjacent, all_adjacent, optional, input, strict, excluding;
    uint64_t removing, held, held_twice, sessions, of_sessions, of_values, entry_from, entry_to;
} random_counts;

typedef struct random_condition {
    const char *text;
    const char *letters; /* touchpoints that can meet it */
    int needs_value;
    double least, below;
    double worth; /* of the micro-conversion; 0: the events' own values */
} random_condition;

static const random_condition random_conditions[] = {
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

typedef struct random_round {
    uint64_t state;
    sj_graph *graph;
    size_t n_steps;
    const random_condition *conditions[ORACLE_STEPS];
    sj_step steps[ORACLE_STEPS];
    sj_funnel_options options;
    int64_t as_of;
    const random_condition *excluded[ORACLE_EXCLUSIONS];
    sj_exclusion exclusions[ORACLE_EXCLUSIONS];
    const char *hold[2];
    int64_t entry_from, entry_to;
    funnel_oracle_question question;
    funnel_oracle_unit units[RANDOM_UNITS];
    uint64_t owner[RANDOM_UNITS]; /* by unit: the customer */
    size_t n_customers, n_units, removed;
} random_round;

static uint64_t random_next(random_round *round)
{
    uint64_t x = round->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t random_below(random_round *round, uint64_t n)
{
    return random_next(round) % n;
}

static int random_meets(void *user, uint64_t customer, uint64_t event, const sj_moment *moment,
                        size_t step)
{
    const random_round *round = user;
    const random_condition *condition = step > round->n_steps
                                            ? round->excluded[step - round->n_steps - 1]
                                            : round->conditions[step - 1];
    const char *name = sj_graph_name(round->graph, SJ_KIND_TOUCHPOINTS, moment->touchpoint);
    (void)customer;
    (void)event;
    if (strchr(condition->letters, name[0]) == NULL)
        return 0;
    return !condition->needs_value || (moment->has_value && moment->value >= condition->least &&
                                       moment->value < condition->below);
}

/* An event's channel is named like its values: "u1" is held u, number 1. */
static int random_held(void *user, uint64_t customer, uint64_t event)
{
    const random_round *round = user;
    sj_moment moment;
    assert_true(sj_graph_event(round->graph, customer, event, &moment));
    if (moment.channel == SJ_NONE)
        return -1;
    const char *name = sj_graph_name(round->graph, SJ_KIND_CHANNELS, moment.channel);
    return (name[0] - 'u') * 10 + (round->options.n_hold > 1 ? name[1] - '0' : 0);
}

/* ---- a round ---- */

static void random_map(sj_builder *builder)
{
    const double worth = 7.5;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "(z"};
    assert_int_equal(sj_builder_add_stage(builder, "early", NULL), SJ_OK);
    assert_int_equal(sj_builder_add_stage(builder, "late", NULL), SJ_OK);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(sj_builder_add_touchpoint(builder, names[i],
                                                   i < 2   ? "early"
                                                   : i < 4 ? "late"
                                                           : NULL,
                                                   NULL, NULL),
                         SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "either", "touchpoint in ('c', 'd')",
                                                     &worth, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "big", "value >= 2", NULL, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "held", SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "number", SJ_ATTRIBUTE_INTEGER, 0, NULL),
                     SJ_OK);
}

static void random_events(random_round *round, sj_builder *builder, random_counts *counts)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "(z"};
    const uint64_t spread = (uint64_t[]){2, 4, 9, 25, 60}[random_below(round, 5)];
    const uint64_t unit = (uint64_t[]){1, 1000000, 3600000000u}[random_below(round, 3)];
    const uint64_t touchpoints = (uint64_t[]){7, 7, 4, 3}[random_below(round, 4)];
    const uint64_t longest = 2 + random_below(round, 11);
    const uint64_t values = 1 + random_below(round, 3);
    for (size_t c = 0; c < RANDOM_CUSTOMERS; c++) {
        char key[24];
        const uint64_t n = (longest + 1) / 3 + 1 + random_below(round, longest * 2 / 3);
        int64_t times[16];
        (void)snprintf(key, sizeof key, "%s%zu", c % 7 == 0 ? "(k" : "k", c);
        for (uint64_t i = 0; i < n; i++) {
            const double value = 0.25 * (double)random_below(round, 20);
            times[i] = (int64_t)(random_below(round, spread) * unit);
            const char channel[] = {(char)('u' + random_below(round, values)),
                                    (char)('0' + random_below(round, values)), '\0'};
            const char held[] = {channel[0], '\0'};
            const char *const attributes[] = {"held", held, "number", channel + 1};
            const int has_held = random_below(round, 8) != 0;
            const sj_event event = {.struct_size = sizeof event,
                                    .channel = has_held ? channel : NULL,
                                    .attributes = attributes,
                                    .n_attributes = has_held ? 2 : 0,
                                    .customer = key,
                                    .touchpoint = names[random_below(round, touchpoints)],
                                    .time = times[i],
                                    .value = random_below(round, 3) ? &value : NULL};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
            for (uint64_t j = 0; j < i; j++)
                if (times[j] == times[i]) {
                    counts->tied++;
                    break;
                }
        }
        counts->events += n;
    }
}

/* Gaps, adjacent and optional steps. */
static void random_rules(random_round *round, int64_t unit)
{
    const uint64_t kinds = random_below(round, 8); /* bits: gaps, adjacent, optional */
    for (size_t k = 1; k < round->n_steps; k++) {
        sj_step *step = &round->steps[k];
        if (kinds & 1 && random_below(round, 2))
            step->min_gap = (int64_t)random_below(round, 4) * unit;
        if (kinds & 1 && random_below(round, 2))
            step->max_gap = step->min_gap + (int64_t)random_below(round, 5) * unit;
        if (kinds & 1 && step->min_gap == 0 && random_below(round, 6) == 0)
            step->max_gap = SJ_INSTANT;
        step->adjacent = kinds & 2 && random_below(round, 2);
        step->optional = kinds & 4 && k + 1 < round->n_steps && random_below(round, 2);
    }
    if (random_below(round, 6) == 0)
        round->options.order = SJ_ORDER_ADJACENT;
}

static void random_exclude(random_round *round)
{
    const size_t n = random_below(round, 3);
    for (size_t x = 0; x < n && round->n_steps > 1; x++) {
        size_t from = 1 + random_below(round, round->n_steps - 1);
        size_t to = from + 1 + random_below(round, round->n_steps - from);
        while (round->steps[from - 1].optional)
            from--;
        while (round->steps[to - 1].optional)
            to++;
        round->excluded[x] = &random_conditions[random_below(round, 12)];
        round->exclusions[x] =
            (sj_exclusion){.condition = round->excluded[x]->text,
                           .from_step = from == 1 ? (int32_t)random_below(round, 2) : (int32_t)from,
                           .to_step = (int32_t)to,
                           .effect = (int64_t)random_below(round, 3)};
        round->options.n_exclusions = x + 1;
    }
    round->options.exclusions = round->exclusions;
    round->options.exclusion_size = sizeof *round->exclusions;
}

/* How journeys are split, and what a unit is. */
static void random_units(random_round *round, int64_t unit)
{
    sj_funnel_options *options = &round->options;
    round->hold[0] = "held", round->hold[1] = "number";
    options->hold = round->hold;
    options->n_hold = random_below(round, 2) ? 1 + random_below(round, 2) : 0;
    if (random_below(round, 2))
        options->session_gap = (int64_t)(1 + random_below(round, 6)) * unit;
    if (options->n_hold > 0 && random_below(round, 3) == 0)
        options->unit = SJ_UNIT_VALUES;
    else if (options->session_gap > 0 && random_below(round, 2) == 0)
        options->unit = SJ_UNIT_SESSIONS;
    round->entry_from = (int64_t)random_below(round, 6) * unit;
    round->entry_to = round->entry_from + (int64_t)(1 + random_below(round, 20)) * unit;
    if (random_below(round, 4) == 0)
        options->entry_from = &round->entry_from;
    if (random_below(round, 4) == 0)
        options->entry_to = &round->entry_to;
}

static void random_count_options(const random_round *round, random_counts *counts)
{
    const sj_funnel_options *options = &round->options;
    uint64_t min_gap = 0, max_gap = 0, adjacent = 0, optional = 0, removes = 0;
    for (size_t k = 0; k < round->n_steps; k++) {
        min_gap |= round->steps[k].min_gap != 0;
        max_gap |= round->steps[k].max_gap != 0;
        adjacent |= round->steps[k].adjacent != 0;
        optional |= round->steps[k].optional != 0;
    }
    for (size_t x = 0; x < options->n_exclusions; x++)
        removes |= round->exclusions[x].effect == SJ_EXCLUDE_REMOVE;
    counts->min_gap += min_gap, counts->max_gap += max_gap;
    counts->adjacent += adjacent, counts->optional += optional;
    counts->all_adjacent += options->order == SJ_ORDER_ADJACENT;
    counts->input += options->tie == SJ_TIE_INPUT;
    counts->strict += options->tie == SJ_TIE_STRICT;
    counts->excluding += options->n_exclusions > 0;
    counts->removing += removes;
    counts->held += options->n_hold == 1, counts->held_twice += options->n_hold == 2;
    counts->sessions += options->session_gap != 0;
    counts->of_sessions += options->unit == SJ_UNIT_SESSIONS;
    counts->of_values += options->unit == SJ_UNIT_VALUES;
    counts->entry_from += options->entry_from != NULL;
    counts->entry_to += options->entry_to != NULL;
    counts->plain += !(min_gap | max_gap | adjacent | optional) && options->order == 0 &&
                     options->tie <= SJ_TIE_ANY && options->n_exclusions == 0 &&
                     options->n_hold == 0 && options->session_gap == 0 &&
                     options->entry_from == NULL && options->entry_to == NULL;
}

static void random_question(random_round *round, random_counts *counts)
{
    const size_t n_conditions = sizeof random_conditions / sizeof *random_conditions;
    const size_t kind = (size_t[]){0, 0, 1, 2, 2, 2}[random_below(round, 6)];
    int looked = 0;
    round->n_steps = 1 + random_below(round, 6);
    for (size_t k = 0; k < round->n_steps; k++) {
        const size_t i = random_below(round, random_below(round, 2) ? 6 : n_conditions);
        round->conditions[k] = &random_conditions[i];
        round->steps[k] = (sj_step){.condition = round->conditions[k]->text};
        looked |= round->conditions[k]->needs_value;
    }
    const int64_t last = (int64_t)random_below(round, 60);
    const int64_t unit = (int64_t[]){1, 1000000, 3600000000}[random_below(round, 3)];
    round->options = (sj_funnel_options){.struct_size = sizeof(sj_funnel_options),
                                         .steps = round->steps,
                                         .n_steps = round->n_steps,
                                         .step_size = sizeof(sj_step)};
    round->options.window = kind == 0   ? 0
                            : kind == 1 ? SJ_INSTANT
                                        : (1 + (int64_t)random_below(round, 8)) * unit;
    round->options.reuse = (int32_t)random_below(round, 3);
    round->as_of = last * unit;
    if (random_below(round, 3) == 0)
        round->options.as_of = &round->as_of;
    if (random_below(round, 4) != 0) {
        const uint64_t kinds = random_below(round, 16);
        if (kinds & 1)
            random_rules(round, unit);
        if (kinds & 2)
            round->options.tie = (int32_t)random_below(round, 4);
        if (kinds & 4)
            random_exclude(round);
        if (kinds & 8)
            random_units(round, unit);
    }
    random_count_options(round, counts);
    counts->windows[kind]++;
    counts->looked += (uint64_t)looked;
    counts->cut += round->options.as_of != NULL;
    counts->reused += round->options.reuse == SJ_REUSE_YES;
}

/* The end of observation, which is the last event's time. */
static int64_t random_last_time(const sj_graph *graph)
{
    int64_t last = INT64_MIN;
    for (uint64_t c = 0; c < sj_graph_count(graph, SJ_KIND_CUSTOMERS); c++) {
        sj_moment moment;
        assert_true(sj_graph_event(graph, c, sj_graph_length(graph, c) - 1, &moment));
        last = moment.time > last ? moment.time : last;
    }
    return last;
}

static size_t random_reason(const char *reason)
{
    static const char *const reasons[RANDOM_REASONS] = {"converted", "excluded", "order", "open",
                                                        "held",      "window",   "gap",   "none"};
    for (size_t i = 0; i < RANDOM_REASONS; i++)
        if (strcmp(reason, reasons[i]) == 0)
            return i;
    fail_msg("reason %s", reason);
    return 0;
}

/* The options as the oracle is asked. */
static void random_ask(random_round *round)
{
    const sj_funnel_options *options = &round->options;
    funnel_oracle_question *question = &round->question;
    *question = (funnel_oracle_question){
        .n_steps = round->n_steps,
        .has_window = options->window != 0,
        .window = options->window == SJ_INSTANT ? 0 : (uint64_t)options->window,
        .reuse = options->reuse == SJ_REUSE_YES,
        .as_of = options->as_of ? *options->as_of : random_last_time(round->graph),
        .by_row = options->tie == SJ_TIE_INPUT,
        .strict = options->tie == SJ_TIE_STRICT,
        .n_exclusions = options->n_exclusions,
        .has_session_gap = options->session_gap != 0,
        .session_gap = (uint64_t)options->session_gap,
        .has_entry_from = options->entry_from != NULL,
        .has_entry_to = options->entry_to != NULL,
        .entry_from = round->entry_from,
        .entry_to = round->entry_to,
        .unit = options->unit,
        .meets = random_meets,
        .held = options->n_hold > 0 ? random_held : NULL,
        .user = round};
    for (size_t k = 1; k <= round->n_steps; k++) {
        const sj_step *step = &round->steps[k - 1];
        question->min_gap[k] = (uint64_t)step->min_gap;
        question->has_max_gap[k] = step->max_gap != 0;
        question->max_gap[k] = step->max_gap == SJ_INSTANT ? 0 : (uint64_t)step->max_gap;
        question->optional[k] = step->optional;
        question->adjacent[k] = step->adjacent || (k > 1 && options->order == SJ_ORDER_ADJACENT);
    }
    for (size_t x = 0; x < options->n_exclusions; x++) {
        const sj_exclusion *exclusion = &round->exclusions[x];
        question->from[x] = exclusion->from_step == 0 ? 1 : (size_t)exclusion->from_step;
        question->to[x] = (size_t)exclusion->to_step;
        question->removes[x] = exclusion->effect == SJ_EXCLUDE_REMOVE;
    }
}

static void random_answer(random_round *round, random_counts *counts)
{
    round->n_customers = sj_graph_count(round->graph, SJ_KIND_CUSTOMERS);
    for (uint64_t c = 0; c < round->n_customers; c++) {
        const size_t first = round->n_units;
        round->n_units +=
            funnel_oracle(round->graph, &round->question, c, &round->units[first], &round->removed);
        counts->by_level[0] += round->n_units == first;
        for (size_t u = first; u < round->n_units; u++) {
            const funnel_oracle_unit *unit = &round->units[u];
            round->owner[u] = c;
            counts->by_level[unit->level]++;
            counts->by_reason[random_reason(unit->reason)]++;
            for (size_t k = 0; k < unit->level; k++)
                counts->left_out += !unit->filled[k];
        }
    }
    counts->customers += round->n_customers;
    counts->units += round->n_units;
    counts->removed += round->removed;
    counts->rounds++;
}

static void random_make(random_round *round, uint64_t seed, random_counts *counts)
{
    sj_builder *builder = NULL;
    sj_error error = {0};
    *round = (random_round){.state = seed};
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    random_map(builder);
    random_events(round, builder, counts);
    if (sj_builder_build(builder, NULL, &round->graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    random_question(round, counts);
    random_ask(round);
    random_answer(round, counts);
}

/* The smallest that one needs to see what went wrong. */
static void random_show(const random_round *round, size_t u)
{
    const funnel_oracle_unit *unit = &round->units[u];
    const sj_funnel_options *options = &round->options;
    const uint64_t c = round->owner[u];
    print_error("window %lld, reuse %d, as_of %lld, order %d, tie %d, session_gap %lld, hold %zu, "
                "unit %d, steps:",
                (long long)options->window, (int)options->reuse, (long long)round->question.as_of,
                (int)options->order, (int)options->tie, (long long)options->session_gap,
                options->n_hold, (int)options->unit);
    for (size_t k = 0; k < round->n_steps; k++)
        print_error(" [%s min %lld max %lld%s%s]", round->conditions[k]->text,
                    (long long)round->steps[k].min_gap, (long long)round->steps[k].max_gap,
                    round->steps[k].optional ? " optional" : "",
                    round->steps[k].adjacent ? " adjacent" : "");
    for (size_t x = 0; x < options->n_exclusions; x++)
        print_error(" not [%s] %d to %d", round->excluded[x]->text,
                    (int)round->exclusions[x].from_step, (int)round->exclusions[x].to_step);
    print_error("\nevents:");
    for (uint64_t e = 0; e < sj_graph_length(round->graph, c); e++) {
        sj_moment moment;
        (void)sj_graph_event(round->graph, c, e, &moment);
        print_error(" %s@%lld", sj_graph_name(round->graph, SJ_KIND_TOUCHPOINTS, moment.touchpoint),
                    (long long)moment.time);
        if (moment.has_value)
            print_error("=%g", moment.value);
    }
    print_error("\nexpected: level %zu, %s, events", unit->level, unit->level ? unit->reason : "");
    for (size_t k = 0; k < unit->level; k++)
        print_error(" %lld", unit->filled[k] ? (long long)unit->events[k] : -1);
    print_error("\n");
}

/* ---- what the library says ---- */

static void random_check_cells(const random_round *round, const sj_table *table, size_t row)
{
    const funnel_oracle_unit *unit = &round->units[row];
    const int64_t *times = sj_table_integers(table, "times");
    const int64_t *events = sj_table_integers(table, "events");
    const int64_t *offsets = sj_table_offsets(table, "times");
    const uint8_t *valid = sj_table_validity(table, "times");
    assert_int_equal(offsets[row + 1] - offsets[row], round->n_steps);
    for (size_t k = 0; k < round->n_steps; k++) {
        const int64_t at = offsets[row] + (int64_t)k;
        const int present = valid == NULL || (valid[at / 8] >> (at % 8) & 1) != 0;
        if (present != unit->filled[k] || (present && events[at] != (int64_t)unit->events[k]))
            random_show(round, row);
        assert_int_equal(present, unit->filled[k]);
        if (present) {
            assert_int_equal(times[at], unit->times[k]);
            assert_int_equal(events[at], unit->events[k]);
        }
    }
}

static void random_check_row(const random_round *round, const sj_table *table, size_t row)
{
    const funnel_oracle_unit *unit = &round->units[row];
    const uint64_t c = round->owner[row];
    char shown[32];
    size_t number = 1;
    const char *key = sj_graph_name(round->graph, SJ_KIND_CUSTOMERS, c);
    while (number <= row && round->owner[row - number] == c)
        number++;
    (void)snprintf(shown, sizeof shown, key[0] == '(' ? "'%s'" : "%s", key);
    assert_string_equal(sj_table_text(table, "customer", row), shown);
    if (sj_table_integers(table, "level")[row] != (int64_t)unit->level ||
        strcmp(sj_table_text(table, "reason", row), unit->reason) != 0)
        random_show(round, row);
    assert_int_equal(sj_table_integers(table, "unit")[row], number);
    assert_int_equal(sj_table_integers(table, "level")[row], unit->level);
    assert_string_equal(sj_table_text(table, "reason", row), unit->reason);
    if (round->options.n_hold == 0) {
        assert_null(sj_table_text(table, "held", row));
    } else {
        (void)snprintf(shown, sizeof shown, round->options.n_hold > 1 ? "%c, %d" : "%c",
                       'u' + unit->held / 10, unit->held % 10);
        assert_string_equal(sj_table_text(table, "held", row), shown);
    }
    random_check_cells(round, table, row);
}

static void random_check_list(const random_round *round)
{
    sj_result *list = NULL;
    sj_error error = {0};
    if (sj_funnel_list(round->graph, &round->options, NULL, &list, &error) != SJ_OK)
        fail_msg("%s", error.message);
    const sj_table *table = sj_result_find(list, "levels");
    if (sj_table_rows(table) != round->n_units && round->n_units > 0)
        random_show(round, 0);
    assert_int_equal(sj_table_rows(table), round->n_units);
    for (size_t row = 0; row < round->n_units; row++)
        random_check_row(round, table, row);
    sj_result_free(list);
}

/* Sums over the oracle's units for one step (from 1). */
typedef struct random_step {
    int64_t reached, filled, dropped, excluded, open, customers;
    double since_entry, since_previous, value;
} random_step;

static double random_value(const random_round *round, uint64_t customer, uint64_t event, size_t k)
{
    sj_moment moment;
    if (round->conditions[k - 1]->worth > 0)
        return round->conditions[k - 1]->worth;
    assert_true(sj_graph_event(round->graph, customer, event, &moment));
    return moment.value;
}

/* Time of the last step filled before step k. */
static int64_t random_before(const funnel_oracle_unit *unit, size_t k)
{
    size_t i = k - 2;
    while (!unit->filled[i])
        i--;
    return unit->times[i];
}

static random_step random_expect_step(const random_round *round, size_t k)
{
    random_step step = {0};
    uint64_t counted = SJ_NONE;
    for (size_t u = 0; u < round->n_units; u++) {
        const funnel_oracle_unit *unit = &round->units[u];
        step.dropped += unit->level == k && unit->dropped;
        step.excluded += unit->level == k && strcmp(unit->reason, "excluded") == 0;
        step.open += unit->level == k && strcmp(unit->reason, "open") == 0;
        if (unit->level < k)
            continue;
        step.reached++;
        step.customers += round->owner[u] != counted;
        counted = round->owner[u];
        if (!unit->filled[k - 1])
            continue;
        step.filled++;
        step.since_entry += (double)(unit->times[k - 1] - unit->times[0]);
        if (k > 1)
            step.since_previous += (double)(unit->times[k - 1] - random_before(unit, k));
        step.value += random_value(round, round->owner[u], unit->events[k - 1], k);
    }
    return step;
}

static int random_has(const sj_table *table, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[row / 8] >> (row % 8) & 1) != 0;
}

static void random_check_mean(const sj_table *table, const char *column, size_t row, double sum,
                              int64_t n)
{
    assert_int_equal(random_has(table, column, row), n > 0);
    if (n > 0)
        assert_near(sj_table_reals(table, column)[row], sum / (double)n, 1e-12);
}

static void random_check_steps(const random_round *round, const sj_table *table)
{
    assert_int_equal(sj_table_rows(table), round->n_steps);
    const random_step first = random_expect_step(round, 1);
    random_step before = {0};
    for (size_t k = 1; k <= round->n_steps; k++) {
        const random_step step = random_expect_step(round, k);
        const size_t row = k - 1;
        assert_int_equal(sj_table_integers(table, "step")[row], k);
        assert_int_equal(sj_table_integers(table, "reached")[row], step.reached);
        assert_int_equal(sj_table_integers(table, "filled")[row], step.filled);
        assert_int_equal(sj_table_integers(table, "customers")[row], step.customers);
        assert_int_equal(sj_table_integers(table, "dropped")[row], step.dropped);
        assert_int_equal(sj_table_integers(table, "open")[row], step.open);
        assert_int_equal(sj_table_integers(table, "excluded")[row], step.excluded);
        assert_int_equal(sj_table_integers(table, "time_n")[row], step.filled);
        random_check_mean(table, "time_mean", row, step.since_entry, step.filled);
        random_check_mean(table, "gap_mean", row, step.since_previous, k > 1 ? step.filled : 0);
        random_check_mean(table, "rate_overall", row, (double)step.reached, first.reached);
        random_check_mean(table, "rate_previous", row, (double)step.reached,
                          k > 1 ? before.reached : 0);
        assert_near(sj_table_reals(table, "value")[row], step.value, 1e-12);
        before = step;
    }
}

static void random_check_reasons(const random_round *round, const sj_table *table)
{
    int64_t units = 0;
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        int64_t expected = 0;
        for (size_t c = 0; c < round->n_units; c++)
            expected += (int64_t)round->units[c].level == sj_table_integers(table, "step")[row] &&
                        strcmp(round->units[c].reason, sj_table_text(table, "reason", row)) == 0;
        assert_int_equal(sj_table_integers(table, "units")[row], expected);
        assert_true(expected > 0);
        units += expected;
    }
    assert_int_equal(units, random_expect_step(round, 1).reached);
}

static void random_check_next(const random_round *round, const sj_table *table)
{
    int64_t units = 0, dropped = 0;
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        const char *shown = sj_table_text(table, "touchpoint", row);
        const char *name = strcmp(shown, "'(z'") == 0 ? "(z" : shown;
        int64_t expected = 0;
        for (size_t u = 0; u < round->n_units; u++) {
            const funnel_oracle_unit *unit = &round->units[u];
            if (!unit->dropped || (int64_t)unit->level != sj_table_integers(table, "step")[row])
                continue;
            const char *next = unit->next == SJ_NONE
                                   ? "(end)"
                                   : sj_graph_name(round->graph, SJ_KIND_TOUCHPOINTS, unit->next);
            expected += strcmp(next, name) == 0;
        }
        assert_int_equal(sj_table_integers(table, "units")[row], expected);
        assert_true(expected > 0);
        units += expected;
    }
    for (size_t k = 1; k <= round->n_steps; k++)
        dropped += random_expect_step(round, k).dropped;
    assert_int_equal(units, dropped);
}

/* Every bucket holds just the oracle's spans that lie in it, and all of them are in some bucket. */
static void random_check_times(const random_round *round, const sj_table *table)
{
    int64_t units = 0, spans = 0;
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        const size_t k = (size_t)sj_table_integers(table, "step")[row];
        const int of_entry = sj_table_text(table, "since", row)[0] == 'e';
        int64_t expected = 0;
        for (size_t u = 0; u < round->n_units; u++) {
            const funnel_oracle_unit *unit = &round->units[u];
            if (!unit->filled[k - 1])
                continue;
            const int64_t span =
                unit->times[k - 1] - (of_entry ? unit->times[0] : random_before(unit, k));
            expected += span >= sj_table_integers(table, "from")[row] &&
                        span <= sj_table_integers(table, "to")[row];
        }
        assert_int_equal(sj_table_integers(table, "units")[row], expected);
        units += expected;
    }
    for (size_t k = 1; k <= round->n_steps; k++)
        spans += random_expect_step(round, k).filled * (k > 1 ? 2 : 1);
    assert_int_equal(units, spans);
}

static void random_check_figures(const random_round *round)
{
    sj_funnel_options counts = round->options;
    sj_result *all = NULL, *few = NULL;
    sj_error error = {0};
    counts.figures = SJ_FIGURE_COUNTS;
    if (sj_funnel_compute(round->graph, &round->options, NULL, &all, &error) != SJ_OK ||
        sj_funnel_compute(round->graph, &counts, NULL, &few, &error) != SJ_OK)
        fail_msg("%s", error.message);
    random_check_steps(round, sj_result_find(all, "steps"));
    random_check_reasons(round, sj_result_find(all, "reasons"));
    random_check_next(round, sj_result_find(all, "next"));
    random_check_times(round, sj_result_find(all, "times"));
    const sj_table *table = sj_result_find(few, "steps");
    for (size_t row = 0; row < round->n_steps; row++) {
        const random_step step = random_expect_step(round, row + 1);
        assert_int_equal(sj_table_integers(table, "reached")[row], step.reached);
        assert_int_equal(sj_table_integers(table, "filled")[row], step.filled);
        assert_false(random_has(table, "dropped", row));
    }
    assert_null(sj_result_find(few, "reasons"));
    sj_result_free(all);
    sj_result_free(few);
}

static void random_print_options(const random_counts *counts)
{
    const struct {
        const char *name;
        uint64_t n;
    } said[] = {{"plain", counts->plain},
                {"min_gap", counts->min_gap},
                {"max_gap", counts->max_gap},
                {"adjacent", counts->adjacent},
                {"order adjacent", counts->all_adjacent},
                {"optional", counts->optional},
                {"tie input", counts->input},
                {"tie strict", counts->strict},
                {"exclusions", counts->excluding},
                {"that remove", counts->removing},
                {"hold of one", counts->held},
                {"of two", counts->held_twice},
                {"session_gap", counts->sessions},
                {"unit sessions", counts->of_sessions},
                {"unit values", counts->of_values},
                {"entry_from", counts->entry_from},
                {"entry_to", counts->entry_to}},
      reasons[] = {
          {"converted", counts->by_reason[0]}, {"excluded", counts->by_reason[1]},
          {"order", counts->by_reason[2]},     {"open", counts->by_reason[3]},
          {"held", counts->by_reason[4]},      {"window", counts->by_reason[5]},
          {"gap", counts->by_reason[6]},       {"none", counts->by_reason[7]},
          {"removed", counts->removed},        {"optional steps left out", counts->left_out}};
    print_message("\n# funnels with");
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        print_message(" %s %llu,", said[i].name, (unsigned long long)said[i].n);
        assert_true(said[i].n > 0);
    }
    print_message(" of %llu\n# %llu units:", (unsigned long long)counts->rounds,
                  (unsigned long long)counts->units);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        print_message(" %s %llu", reasons[i].name, (unsigned long long)reasons[i].n);
    print_message("\n");
}

static void library_and_exhaustive_search_agree(void **state)
{
    static random_round round;
    random_counts counts = {0};
    const char *asked = getenv("SOJOURN_LONG");
    const long wanted = asked != NULL ? strtol(asked, NULL, 10) : 0;
    const uint64_t cases = wanted > RANDOM_CASES ? (uint64_t)wanted
                           : wanted > 0          ? 20 * RANDOM_CASES
                                                 : RANDOM_CASES;
    (void)state;
    for (uint64_t seed = RANDOM_SEED; counts.customers < cases; seed++) {
        random_make(&round, seed * UINT64_C(2654435761), &counts);
        random_check_list(&round);
        random_check_figures(&round);
        sj_graph_free(round.graph);
    }
    print_message(
        "# seed %d: %llu customers, %llu funnels, %llu events, %.0f %% at the time of another\n",
        (int)RANDOM_SEED, (unsigned long long)counts.customers, (unsigned long long)counts.rounds,
        (unsigned long long)counts.events, 100 * (double)counts.tied / (double)counts.events);
    print_message(
        "# funnels: %llu without window, %llu of one instant, %llu with; %llu reuse, %llu as_of, "
        "%llu look at values; customers by level:",
        (unsigned long long)counts.windows[0], (unsigned long long)counts.windows[1],
        (unsigned long long)counts.windows[2], (unsigned long long)counts.reused,
        (unsigned long long)counts.cut, (unsigned long long)counts.looked);
    for (size_t k = 0; k < 7; k++)
        print_message(" %llu", (unsigned long long)counts.by_level[k]);
    random_print_options(&counts);
    for (size_t i = 0; i < RANDOM_REASONS; i++)
        assert_true(counts.by_reason[i] > 0);
    assert_true(counts.removed > 0 && counts.left_out > 0 && counts.plain * 5 > counts.rounds);
    assert_true(counts.tied * 5 >= counts.events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(library_and_exhaustive_search_agree)};
    return cmocka_run_group_tests_name("funnel_random", tests, NULL, NULL);
}
