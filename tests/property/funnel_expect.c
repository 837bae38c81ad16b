/* Steps, reasons, next and times of a funnel from its units. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_expect.h"
#include "unit/near.h"

void expect_show(const expect *e, size_t u)
{
    const funnel_oracle_unit *unit = &e->units[u];
    if (u >= e->n_units) {
        print_error("no unit is expected there\n");
        return;
    }
    world_show(&e->w, e->owner[u]);
    print_error("expected: entered %zu, level %zu, %s, held %d, events", unit->entered, unit->level,
                unit->reason, unit->held);
    for (size_t k = 0; k < e->w.options.n_steps; k++)
        print_error(unit->filled[k] ? " %zu" : " -", unit->events[k]);
    print_error("\n");
}

int expect_has(const sj_table *table, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[row / 8] >> (row % 8) & 1) != 0;
}

const char *expect_shown(const char *name, char shown[32])
{
    (void)snprintf(shown, 32, name[0] == '(' || name[0] == '\'' ? "'%s'" : "%s", name);
    return shown;
}

/* ---- sums ---- */

static int expect_is_in(const expect *e, expect_group group, size_t u)
{
    return (group.key == NULL || strcmp(group.key, e->key[u]) == 0) &&
           (group.bucket == NULL || *group.bucket == e->bucket[u]);
}

size_t expect_count(const expect *e, expect_group group)
{
    size_t n = 0;
    for (size_t u = 0; u < e->n_units; u++)
        n += (size_t)expect_is_in(e, group, u);
    return n;
}

static const world_event *expect_event(const expect *e, size_t u, size_t event)
{
    return &e->w.events[e->owner[u]][event];
}

/* From one event of a unit's customer to another, not below 0. */
static double expect_span(const expect *e, size_t u, size_t from, size_t to)
{
    const int64_t span = expect_event(e, u, to)->time - expect_event(e, u, from)->time;
    return span > 0 ? (double)span : 0;
}

static size_t expect_entry(const funnel_oracle_unit *unit)
{
    return unit->by_level[unit->entered];
}

static double expect_worth(const expect *e, size_t u, size_t k)
{
    const funnel_oracle_unit *unit = &e->units[u];
    const double worth = e->w.conditions[unit->step[k] - 1]->worth;
    return worth > 0 ? worth : expect_event(e, u, unit->by_level[k])->value;
}

expect_step expect_sum(const expect *e, expect_group group, size_t k)
{
    expect_step step = {0};
    size_t counted = SIZE_MAX;
    for (size_t u = 0; u < e->n_units; u++) {
        const funnel_oracle_unit *unit = &e->units[u];
        if (!expect_is_in(e, group, u))
            continue;
        step.dropped += unit->level == k && unit->dropped;
        step.excluded += unit->level == k && strcmp(unit->reason, "excluded") == 0;
        step.open += unit->level == k && strcmp(unit->reason, "open") == 0;
        step.entered += e->question.enter_anywhere && unit->entered == k;
        if (unit->level < k || unit->entered > k)
            continue;
        step.reached++;
        step.customers += e->owner[u] != counted;
        counted = e->owner[u];
        if (!unit->gave[k])
            continue;
        step.filled++;
        step.since_entry += expect_span(e, u, expect_entry(unit), unit->by_level[k]);
        if (k > 1 && unit->before[k] != SIZE_MAX)
            step.since_previous += expect_span(e, u, unit->before[k], unit->by_level[k]);
        step.value += expect_worth(e, u, k);
    }
    return step;
}

/* ---- rows of steps ---- */

static void expect_check_ratio(const sj_table *table, const char *column, size_t row, double sum,
                               int64_t n)
{
    assert_int_equal(expect_has(table, column, row), n > 0);
    if (n > 0)
        assert_near(sj_table_reals(table, column)[row], sum / (double)n, 1e-12);
}

static void expect_check_count(const sj_table *table, const char *column, size_t row, int64_t n)
{
    assert_int_equal(sj_table_integers(table, column)[row], n);
}

static void expect_check_figures(const sj_table *table, size_t row, size_t k,
                                 const expect_step *step)
{
    expect_check_count(table, "dropped", row, step->dropped);
    expect_check_count(table, "open", row, step->open);
    expect_check_count(table, "excluded", row, step->excluded);
    expect_check_count(table, "time_n", row, step->filled);
    expect_check_ratio(table, "time_mean", row, step->since_entry, step->filled);
    expect_check_ratio(table, "gap_mean", row, step->since_previous,
                       k > 1 ? step->filled - step->entered : 0);
    assert_near(sj_table_reals(table, "value")[row], step->value, 1e-12);
}

void expect_check_steps(const expect *e, expect_group group, const sj_table *table, size_t row)
{
    const int64_t units = (int64_t)expect_count(e, group);
    const int counts = e->w.options.figures == SJ_FIGURE_COUNTS;
    expect_step before = {0};
    for (size_t k = 1; k <= e->w.options.n_steps; k++, row++) {
        const expect_step step = expect_sum(e, group, k);
        expect_check_count(table, "step", row, (int64_t)k);
        expect_check_count(table, "reached", row, step.reached);
        expect_check_count(table, "filled", row, step.filled);
        expect_check_count(table, "customers", row, step.customers);
        expect_check_count(table, "entered", row, step.entered);
        expect_check_ratio(table, "rate_overall", row, (double)step.reached, units);
        expect_check_ratio(table, "rate_previous", row,
                           (double)(step.reached - (k > 1 ? step.entered : 0)),
                           k > 1 ? before.reached : 0);
        if (counts)
            assert_false(expect_has(table, "dropped", row));
        else
            expect_check_figures(table, row, k, &step);
        before = step;
    }
}

/* ---- reasons and what came next ---- */

void expect_check_reasons(const expect *e, const sj_table *table)
{
    int64_t units = 0;
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        int64_t expected = 0;
        for (size_t u = 0; u < e->n_units; u++)
            expected += (int64_t)e->units[u].level == sj_table_integers(table, "step")[row] &&
                        strcmp(e->units[u].reason, sj_table_text(table, "reason", row)) == 0;
        expect_check_count(table, "units", row, expected);
        assert_true(expected > 0);
        units += expected;
    }
    assert_int_equal(units, e->n_units);
}

static const char *expect_next(const expect *e, size_t u, char shown[32])
{
    const size_t next = e->units[u].next;
    return next == SIZE_MAX
               ? "(end)"
               : expect_shown(world_touchpoint(expect_event(e, u, next)->touchpoint), shown);
}

void expect_check_next(const expect *e, const sj_table *table)
{
    int64_t units = 0, dropped = 0;
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        int64_t expected = 0;
        for (size_t u = 0; u < e->n_units; u++) {
            char shown[32];
            expected +=
                e->units[u].dropped &&
                (int64_t)e->units[u].level == sj_table_integers(table, "step")[row] &&
                strcmp(expect_next(e, u, shown), sj_table_text(table, "touchpoint", row)) == 0;
        }
        expect_check_count(table, "units", row, expected);
        assert_true(expected > 0);
        units += expected;
    }
    for (size_t u = 0; u < e->n_units; u++)
        dropped += e->units[u].dropped;
    assert_int_equal(units, dropped);
}

/* ---- times ---- */

/* Every bucket holds just the spans that lie in it, and all of them are in some bucket. */
void expect_check_times(const expect *e, const sj_table *table)
{
    int64_t units = 0, spans = 0;
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        const size_t k = (size_t)sj_table_integers(table, "step")[row];
        const int of_entry = sj_table_text(table, "since", row)[0] == 'e';
        int64_t expected = 0;
        for (size_t u = 0; u < e->n_units; u++) {
            const funnel_oracle_unit *unit = &e->units[u];
            if (!unit->gave[k] || (!of_entry && unit->before[k] == SIZE_MAX))
                continue;
            const double span = expect_span(e, u, of_entry ? expect_entry(unit) : unit->before[k],
                                            unit->by_level[k]);
            expected += span >= (double)sj_table_integers(table, "from")[row] &&
                        span <= (double)sj_table_integers(table, "to")[row];
        }
        expect_check_count(table, "units", row, expected);
        units += expected;
    }
    for (size_t u = 0; u < e->n_units; u++)
        for (size_t k = 1; k <= e->w.options.n_steps; k++)
            spans += e->units[u].gave[k] * (e->units[u].before[k] != SIZE_MAX ? 2 : 1);
    assert_int_equal(units, spans);
}

void expect_check_removed(const expect *e, const sj_result *result)
{
    const sj_table *notes = sj_result_find(result, "notes");
    long removed = 0;
    for (size_t row = 0; row < sj_table_rows(notes); row++)
        if (strcmp(sj_table_text(notes, "name", row), "removed") == 0)
            removed = strtol(sj_table_text(notes, "text", row), NULL, 10);
    assert_int_equal(removed, e->removed);
}
