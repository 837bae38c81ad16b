/* Breakdown, trend and survival of a funnel from its units. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_expect.h"
#include "unit/near.h"

/* ---- breakdown ---- */

#define EXPECT_ABSENT "(none)" /* key of a unit whose event, or customer, has no value */

/* The value of the breakdown's attribute at an event; 0: it has none. */
static int expect_key_at(const expect *e, size_t u, size_t event, char key[24])
{
    const world_event *drawn = &e->w.events[e->owner[u]][event];
    const char *what = e->w.options.breakdown;
    char channel[3] = "";
    if (strcmp(what, "stage") == 0) {
        (void)snprintf(key, 24, "%s", drawn->touchpoint < 2 ? "early" : "late");
        return drawn->touchpoint < 4;
    }
    if (drawn->held < 0)
        return 0;
    world_channel(drawn->held, channel);
    if (strcmp(what, "number") == 0)
        (void)snprintf(key, 24, "%s", channel + 1);
    else
        (void)snprintf(key, 24, "%.*s", strcmp(what, "held") == 0 ? 1 : 2, channel);
    return 1;
}

/* First or last value in the part of the journey that the unit is in. */
static int expect_key_of_part(const expect *e, size_t u, int last, char key[24])
{
    const size_t n = e->w.n_events[e->owner[u]];
    for (size_t i = 0; i < n; i++) {
        const size_t event = last ? n - 1 - i : i;
        if ((e->units[u].part >> event & 1) != 0 && expect_key_at(e, u, event, key))
            return 1;
    }
    return 0;
}

static void expect_set_key(expect *e, size_t u)
{
    const funnel_oracle_unit *unit = &e->units[u];
    const sj_funnel_options *o = &e->w.options;
    const char *country = world_country(e->owner[u]);
    const size_t k = o->breakdown_at == SJ_AT_STEP ? (size_t)o->breakdown_step : unit->entered;
    char shown[32];
    int has = 0;
    if (o->breakdown_at == SJ_AT_CUSTOMER) {
        (void)snprintf(e->key[u], sizeof e->key[u], "%s",
                       country != NULL ? expect_shown(country, shown) : EXPECT_ABSENT);
        return;
    }
    if (o->breakdown_at == SJ_AT_FIRST || o->breakdown_at == SJ_AT_LAST) {
        has = expect_key_of_part(e, u, o->breakdown_at == SJ_AT_LAST, e->key[u]);
    } else if (!unit->gave[k]) {
        (void)snprintf(e->key[u], sizeof e->key[u], "(none)");
        return;
    } else {
        has = expect_key_at(e, u, unit->by_level[k], e->key[u]);
    }
    if (!has)
        (void)snprintf(e->key[u], sizeof e->key[u], EXPECT_ABSENT);
}

void expect_check_breakdown(expect *e, const sj_table *table)
{
    const size_t n_steps = e->w.options.n_steps;
    size_t units = 0;
    int64_t before = INT64_MAX;
    for (size_t u = 0; u < e->n_units; u++)
        expect_set_key(e, u);
    assert_int_equal(sj_table_rows(table) % n_steps, 0);
    for (size_t row = 0; row < sj_table_rows(table); row += n_steps) {
        const char *key = sj_table_text(table, "key", row);
        const expect_group group = {.key = key};
        const int64_t reached = expect_sum(e, group, 1).reached;
        for (size_t k = 1; k < n_steps; k++)
            assert_string_equal(sj_table_text(table, "key", row + k), key);
        assert_true(expect_count(e, group) > 0);
        assert_true(
            reached < before ||
            (reached == before && (key[0] == '(' || key[0] == '\'' ||
                                   strcmp(sj_table_text(table, "key", row - n_steps), key) < 0 ||
                                   sj_table_text(table, "key", row - n_steps)[0] == '\'')));
        expect_check_steps(e, group, table, row);
        units += expect_count(e, group);
        before = reached;
    }
    assert_int_equal(units, e->n_units);
}

/* ---- trend ---- */

static int64_t expect_floor(int64_t time, int64_t unit)
{
    return time >= 0 ? time / unit : -((unit - 1 - time) / unit);
}

/* Days since 1970 of a month's first day; months since 1970. */
static int64_t expect_month_begin(int64_t month)
{
    static const int64_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day = 0;
    for (int64_t m = month < 0 ? month : 0; m < (month < 0 ? 0 : month); m++) {
        const int64_t year = 1970 + expect_floor(m, 12), of_year = m - 12 * expect_floor(m, 12);
        const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        day += lengths[of_year] + (of_year == 1 && leap);
    }
    return month < 0 ? -day : day;
}

/* Number of the bucket of a time, and its start in UTC. */
static int64_t expect_bucket(const expect *e, int64_t time, int64_t *start)
{
    const int64_t offset = e->w.options.utc_offset * SJ_MINUTE, local = time + offset;
    const int64_t day = expect_floor(local, SJ_DAY);
    int64_t bucket = 0;
    switch (e->w.options.trend) {
    case SJ_TREND_HOUR:
        bucket = expect_floor(local, SJ_HOUR);
        *start = bucket * SJ_HOUR - offset;
        break;
    case SJ_TREND_DAY:
        bucket = day;
        *start = day * SJ_DAY - offset;
        break;
    case SJ_TREND_WEEK: /* 1970-01-01 was a Thursday */
        bucket = expect_floor(day + 3, 7);
        *start = (7 * bucket - 3) * SJ_DAY - offset;
        break;
    default:
        for (bucket = -24; expect_month_begin(bucket + 1) <= day; bucket++) {
        }
        *start = expect_month_begin(bucket) * SJ_DAY - offset;
    }
    return bucket;
}

void expect_check_trend(expect *e, const sj_table *table)
{
    const size_t n_steps = e->w.options.n_steps;
    int64_t first = INT64_MAX, last = INT64_MIN, start;
    for (size_t u = 0; u < e->n_units; u++) {
        const int64_t bucket = expect_bucket(e, e->units[u].entry, &e->bucket[u]);
        first = bucket < first ? bucket : first;
        last = bucket > last ? bucket : last;
    }
    const size_t buckets = e->n_units > 0 ? (size_t)(last - first) + 1 : 0;
    assert_int_equal(sj_table_rows(table), buckets * n_steps);
    assert_int_equal(sj_table_unit(table, "key"), SJ_UNIT_TIME);
    for (size_t row = 0; row < sj_table_rows(table); row += n_steps) {
        const int64_t key = sj_table_integers(table, "key")[row];
        const expect_group group = {.bucket = &key};
        for (size_t k = 0; k < n_steps; k++)
            assert_int_equal(sj_table_integers(table, "key")[row + k], key);
        assert_int_equal(expect_bucket(e, key, &start), first + (int64_t)(row / n_steps));
        assert_int_equal(start, key);
        expect_check_steps(e, group, table, row);
    }
}

/* ---- survival ---- */

typedef struct expect_end {
    int64_t time;
    int converted;
} expect_end;

static int expect_compare_ends(const void *x, const void *y)
{
    const expect_end *a = x, *b = y;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return b->converted - a->converted;
}

/* Kaplan and Meier over single units: at each time conversions before censorings; Greenwood's
 * variance of log S, band on log(−log S). */
typedef struct expect_curve {
    int64_t at_risk;
    double left, variance;
} expect_curve;

static void expect_check_curve(const sj_table *table, size_t row, const expect_curve *curve)
{
    const double z = 1.959963984540054;
    assert_near(1 - sj_table_reals(table, "share")[row], curve->left, 1e-9);
    if (curve->left <= 0 || curve->left >= 1)
        return;
    const double width = exp(z * sqrt(curve->variance) / fabs(log(curve->left)));
    assert_near(sj_table_reals(table, "low")[row], 1 - pow(curve->left, 1 / width), 1e-9);
    assert_near(sj_table_reals(table, "high")[row], 1 - pow(curve->left, width), 1e-9);
}

/* Times of an exact bucket are whole microseconds below this. */
enum { EXPECT_EXACT = 128 };

void expect_check_survival(const expect *e, const sj_table *table)
{
    static expect_end ends[EXPECT_UNITS];
    expect_curve curve = {.at_risk = (int64_t)e->n_units, .left = 1};
    size_t n = 0, row = 0, i = 0;
    int64_t longest = 0, converted = 0;
    for (size_t u = 0; u < e->n_units; u++) {
        const funnel_oracle_unit *unit = &e->units[u];
        const int done = strcmp(unit->reason, "converted") == 0;
        if (!done && !unit->goes_on)
            continue;
        ends[n] = (expect_end){(done ? unit->completion : e->question.as_of) - unit->entry, done};
        longest = ends[n].time > longest ? ends[n].time : longest;
        converted += done;
        n++;
    }
    for (size_t r = 0; r < sj_table_rows(table); r++)
        converted -= sj_table_integers(table, "converted")[r];
    assert_int_equal(converted, 0);
    if (longest >= EXPECT_EXACT)
        return;
    qsort(ends, n, sizeof *ends, expect_compare_ends);
    while (i < n) {
        const int64_t time = ends[i].time;
        int64_t d = 0, censored = 0;
        for (; i < n && ends[i].time == time; i++) {
            d += ends[i].converted;
            censored += !ends[i].converted;
        }
        if (d > 0) {
            const double at_risk = (double)curve.at_risk, left = at_risk - (double)d;
            curve.left *= left / at_risk;
            curve.variance += left > 0 ? (double)d / (at_risk * left) : 0;
            assert_true(row < sj_table_rows(table));
            assert_int_equal(sj_table_integers(table, "time")[row], time);
            if (sj_table_integers(table, "at_risk")[row] != curve.at_risk)
                for (size_t u = 0; u < e->n_units; u++)
                    expect_show(e, u);
            assert_int_equal(sj_table_integers(table, "at_risk")[row], curve.at_risk);
            assert_int_equal(sj_table_integers(table, "converted")[row], d);
            expect_check_curve(table, row++, &curve);
        }
        curve.at_risk -= d + censored;
    }
    assert_int_equal(row, sj_table_rows(table));
}
