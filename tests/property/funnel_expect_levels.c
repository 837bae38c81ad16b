/* The list of units, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_expect.h"

/* Fails, having said what the case is. */
static void expect_fail_row(const expect *e, const sj_table *table, size_t row, const char *what)
{
    expect_show(e, row);
    print_error("found: entered %d, level %d, %s\n", (int)sj_table_integers(table, "entered")[row],
                (int)sj_table_integers(table, "level")[row], sj_table_text(table, "reason", row));
    fail_msg("%s", what);
}

static void expect_check_cells(const expect *e, const sj_table *table, size_t row)
{
    const funnel_oracle_unit *unit = &e->units[row];
    const int64_t *times = sj_table_integers(table, "times");
    const int64_t *events = sj_table_integers(table, "events");
    const int64_t *offsets = sj_table_offsets(table, "times");
    const uint8_t *valid = sj_table_validity(table, "times");
    assert_int_equal(offsets[row + 1] - offsets[row], e->w.options.n_steps);
    for (size_t k = 0; k < e->w.options.n_steps; k++) {
        const int64_t at = offsets[row] + (int64_t)k;
        const int present = valid == NULL || (valid[at / 8] >> (at % 8) & 1) != 0;
        if (present != unit->filled[k] || (present && times[at] != unit->times[k]))
            expect_fail_row(e, table, row, "times");
        if (present && events[at] != (int64_t)unit->events[k])
            expect_fail_row(e, table, row, "events");
    }
}

static void expect_check_held(const expect *e, const sj_table *table, size_t row)
{
    const int held = e->units[row].held;
    char channel[3], shown[8];
    if (e->w.options.n_hold == 0) {
        assert_null(sj_table_text(table, "held", row));
        return;
    }
    world_channel(e->w.options.n_hold > 1 ? held : 10 * held, channel);
    (void)snprintf(shown, sizeof shown, e->w.options.n_hold > 1 ? "%c, %c" : "%c", channel[0],
                   channel[1]);
    assert_string_equal(sj_table_text(table, "held", row), shown);
}

void expect_check_levels(const expect *e, const sj_table *table)
{
    int64_t number = 0;
    if (sj_table_rows(table) != e->n_units)
        for (size_t u = 0; u < e->n_units; u++)
            if (u >= sj_table_rows(table) ||
                sj_table_integers(table, "level")[u] != (int64_t)e->units[u].level) {
                expect_show(e, u);
                break;
            }
    assert_int_equal(sj_table_rows(table), e->n_units);
    for (size_t row = 0; row < e->n_units; row++) {
        const funnel_oracle_unit *unit = &e->units[row];
        char key[24], shown[32];
        number = row > 0 && e->owner[row] == e->owner[row - 1] ? number + 1 : 1;
        world_key(e->owner[row], key);
        assert_string_equal(sj_table_text(table, "customer", row), expect_shown(key, shown));
        assert_int_equal(sj_table_integers(table, "unit")[row], number);
        if (sj_table_integers(table, "level")[row] != (int64_t)unit->level ||
            strcmp(sj_table_text(table, "reason", row), unit->reason) != 0 ||
            sj_table_integers(table, "entered")[row] != (int64_t)unit->entered)
            expect_fail_row(e, table, row, "level, reason or entry");
        expect_check_held(e, table, row);
        expect_check_cells(e, table, row);
    }
}
