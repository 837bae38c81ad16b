/* What a funnel counts per group against its own list of units: breakdown, trend and survival are
 * made again from `levels`, one unit after the other, with public headers only.  Small random
 * journeys, random rules; 4,000 worlds by default, 80,000 with the environment variable
 * SOJOURN_LONG. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn.h>

#include "unit/columns.h"
#include "unit/near.h"

enum { CUSTOMERS = 8, EVENTS = 10, STEPS = 4, KEYS = 256, NOTHING = -1 };

static const char *const channels[] = {"x", "y"};
static const char *const devices[] = {"u", "(v", "w > w"};
static const char *const numbers[] = {"1", "10", "9"};
static const char *const plans[] = {"gold", "iron"};

typedef struct event {
    int64_t time;
    int touchpoint, channel, device, number, value; /* NOTHING: absent */
} event;

typedef struct world {
    uint64_t random;
    int64_t tick;
    size_t n_customers, n[CUSTOMERS];
    event events[CUSTOMERS][EVENTS]; /* in journey order */
    int plan[CUSTOMERS];
    int64_t observed_until;
    sj_graph *graph;
} world;

static uint64_t draw(world *w, uint64_t below)
{
    w->random ^= w->random << 13, w->random ^= w->random >> 7, w->random ^= w->random << 17;
    return (w->random >> 11) % below;
}

static int maybe(world *w, int n)
{
    return draw(w, 3) == 0 ? NOTHING : (int)draw(w, (uint64_t)n);
}

/* ---- journeys ---- */

static void make_events(world *w)
{
    const int64_t base = draw(w, 2) ? -(int64_t)draw(w, 2000000) * SJ_MINUTE : 0;
    w->tick = draw(w, 2) ? 1 : (int64_t[]){SJ_MINUTE, 7 * SJ_HOUR, 5 * SJ_DAY}[draw(w, 3)];
    w->n_customers = 1 + draw(w, CUSTOMERS);
    w->observed_until = INT64_MIN;
    for (size_t c = 0; c < w->n_customers; c++) {
        int64_t time = base + (int64_t)draw(w, 12) * w->tick;
        w->plan[c] = maybe(w, 2);
        w->n[c] = 1 + draw(w, EVENTS);
        for (size_t i = 0; i < w->n[c]; i++) {
            time += (int64_t)(draw(w, 3) ? draw(w, 4) : 0) * w->tick;
            w->events[c][i] =
                (event){time, (int)draw(w, 4), maybe(w, 2), maybe(w, 3), maybe(w, 3), maybe(w, 3)};
            w->observed_until = time > w->observed_until ? time : w->observed_until;
        }
    }
}

static void add_event(sj_builder *b, size_t customer, const event *e)
{
    char key[16];
    const char name[2] = {(char)('A' + e->touchpoint), 0};
    const double value = e->value;
    const char *attributes[4];
    size_t n = 0;
    snprintf(key, sizeof key, "k%zu", customer);
    if (e->device != NOTHING)
        attributes[n++] = "device", attributes[n++] = devices[e->device];
    if (e->number != NOTHING)
        attributes[n++] = "number", attributes[n++] = numbers[e->number];
    const sj_event given = {.struct_size = sizeof given,
                            .customer = key,
                            .touchpoint = name,
                            .time = e->time,
                            .channel = e->channel != NOTHING ? channels[e->channel] : NULL,
                            .value = e->value != NOTHING ? &value : NULL,
                            .attributes = attributes,
                            .n_attributes = n / 2};
    assert_int_equal(sj_builder_add_event(b, &given, NULL), SJ_OK);
}

static void add_plan(sj_builder *b, size_t customer, int plan)
{
    char key[16];
    const char *const keys[] = {key}, *const texts[] = {plans[plan]};
    const sj_column attribute = {.name = "plan", .type = SJ_ARRAY_STRINGS, .data = texts};
    const sj_events rows = {.struct_size = sizeof rows,
                            .n_events = 1,
                            .customer = {.type = SJ_ARRAY_STRINGS, .data = keys},
                            .attributes = &attribute,
                            .n_attributes = 1};
    snprintf(key, sizeof key, "k%zu", customer);
    assert_int_equal(sj_builder_set_customers(b, &rows, NULL), SJ_OK);
}

static void make_world(world *w)
{
    sj_builder *b = NULL;
    make_events(w);
    assert_int_equal(sj_builder_new(NULL, &b, NULL), SJ_OK);
    for (char name[2] = "A"; name[0] <= 'D'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(b, name, NULL, NULL, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_attribute(b, "number", SJ_ATTRIBUTE_INTEGER, 0, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_attribute(b, "device", SJ_ATTRIBUTE_CATEGORY, 0, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, NULL), SJ_OK);
    for (size_t c = 0; c < w->n_customers; c++) {
        for (size_t i = 0; i < w->n[c]; i++)
            add_event(b, c, &w->events[c][i]);
        if (w->plan[c] != NOTHING)
            add_plan(b, c, w->plan[c]);
    }
    assert_int_equal(sj_builder_build(b, NULL, &w->graph, NULL), SJ_OK);
    sj_builder_free(b);
}

/* ---- questions ---- */

typedef struct question {
    sj_step steps[STEPS];
    char names[STEPS][2];
    sj_exclusion exclusion;
    const char *hold[1];
    int64_t as_of;
    sj_funnel_options options;
} question;

static void ask_rules(world *w, question *q)
{
    sj_funnel_options *options = &q->options;
    const size_t n = options->n_steps;
    for (size_t k = 1; k < n; k++) {
        q->steps[k].max_gap = draw(w, 5) ? 0 : (int64_t)(1 + draw(w, 9)) * w->tick;
        q->steps[k].adjacent = draw(w, 8) == 0;
        q->steps[k].optional = k + 1 < n && draw(w, 3) == 0;
    }
    if (n > 1 && draw(w, 4) == 0) {
        q->exclusion = (sj_exclusion){.condition = "D",
                                      .effect = draw(w, 3) ? SJ_EXCLUDE_BREAK : SJ_EXCLUDE_REMOVE};
        options->exclusions = &q->exclusion;
        options->n_exclusions = 1;
        options->exclusion_size = sizeof q->exclusion;
    }
    if (draw(w, 3) == 0)
        options->session_gap = (int64_t)(1 + draw(w, 3)) * w->tick;
    if (draw(w, 4) == 0) {
        q->hold[0] = "device";
        options->hold = q->hold, options->n_hold = 1;
    }
    if (options->session_gap != 0 && draw(w, 2))
        options->unit = SJ_UNIT_SESSIONS;
    else if (options->n_hold > 0 && draw(w, 2))
        options->unit = SJ_UNIT_VALUES;
    options->tie = (int32_t[]){0, SJ_TIE_INPUT, SJ_TIE_STRICT}[draw(w, 3)];
}

static void ask(world *w, question *q)
{
    static const char *const by[] = {"channel", "stage", "device", "number", "plan"};
    static const int64_t figures[] = {0, SJ_FIGURE_COUNTS, SJ_FIGURE_TIMES | SJ_FIGURE_REASONS,
                                      SJ_FIGURE_VALUES};
    const size_t n = 1 + draw(w, STEPS);
    memset(q, 0, sizeof *q);
    for (size_t k = 0; k < n; k++) {
        q->names[k][0] = (char)('A' + draw(w, k == 0 ? 2 : 4));
        q->steps[k].condition = q->names[k];
    }
    sj_funnel_options *options = &q->options;
    *options = (sj_funnel_options){.struct_size = sizeof *options,
                                   .steps = q->steps,
                                   .n_steps = n,
                                   .step_size = sizeof *q->steps,
                                   .figures = figures[draw(w, 4)]};
    options->window = draw(w, 2) ? 0 : (int64_t)(1 + draw(w, 12)) * w->tick;
    if (draw(w, 2))
        ask_rules(w, q);
    q->as_of = w->observed_until - (int64_t)draw(w, 6) * w->tick;
    options->as_of = draw(w, 2) ? &q->as_of : NULL;
    if (options->as_of == NULL)
        q->as_of = w->observed_until;
    options->breakdown = by[draw(w, 5)];
    options->breakdown_at = (int32_t)draw(w, strcmp(options->breakdown, "plan") == 0 ? 6 : 5);
    options->breakdown_step = options->breakdown_at == SJ_AT_STEP ? (int32_t)(1 + draw(w, n)) : 0;
    options->trend = (int32_t)(w->tick > SJ_HOUR ? 1 + draw(w, 4) : draw(w, 5));
    options->utc_offset = options->trend && draw(w, 2) ? (int32_t)draw(w, 2879) - 1439 : 0;
    options->survival = options->figures == 0 || options->figures == figures[2];
}

/* ---- units, as the list tells them ---- */

typedef struct unit {
    size_t customer;
    int64_t level;
    const char *reason, *held;
    int64_t time[STEPS];
    int64_t event[STEPS]; /* NOTHING: not filled */
} unit;

static void read_unit(const sj_table *levels, size_t i, size_t n_steps, unit *u)
{
    const int64_t *times = sj_table_integers(levels, "times");
    const int64_t *events = sj_table_integers(levels, "events");
    const uint64_t first = (uint64_t)sj_table_offsets(levels, "events")[i];
    const uint8_t *present = sj_table_validity(levels, "events");
    *u = (unit){.customer = (size_t)atoi(sj_table_text(levels, "customer", i) + 1),
                .level = sj_table_integers(levels, "level")[i],
                .reason = sj_table_text(levels, "reason", i),
                .held = columns_has(levels, "held", i) ? sj_table_text(levels, "held", i) : NULL};
    for (size_t k = 0; k < n_steps; k++) {
        const uint64_t at = first + k;
        const int filled = present == NULL || (present[at / 8] >> at % 8 & 1) != 0;
        u->time[k] = times[at];
        u->event[k] = filled ? events[at] : NOTHING;
    }
}

/* ---- groups ---- */

static const char *value_of(const world *w, const char *by, size_t customer, const event *e)
{
    if (strcmp(by, "channel") == 0)
        return e->channel == NOTHING ? "(none)" : channels[e->channel];
    if (strcmp(by, "device") == 0)
        return e->device == NOTHING ? "(none)" : devices[e->device];
    if (strcmp(by, "number") == 0)
        return e->number == NOTHING ? "(none)" : numbers[e->number];
    if (strcmp(by, "plan") == 0)
        return w->plan[customer] == NOTHING ? "(none)" : plans[w->plan[customer]];
    return "(none)"; /* no touchpoint has a stage */
}

/* Whether an event is in the unit's own journey: seen, in its session, of its held value. */
static int is_own(const world *w, const question *q, const unit *u, size_t i)
{
    const event *events = w->events[u->customer];
    const size_t entry = (size_t)u->event[0];
    if (events[i].time > q->as_of)
        return 0;
    for (size_t j = i < entry ? i : entry; j < (i < entry ? entry : i); j++)
        if (q->options.session_gap != 0 &&
            events[j + 1].time - events[j].time > q->options.session_gap)
            return 0;
    return q->options.n_hold == 0 || events[i].device == events[entry].device;
}

static const char *key_of(const world *w, const question *q, const unit *u)
{
    const event *events = w->events[u->customer];
    const char *by = q->options.breakdown, *key = "(none)";
    const int at = q->options.breakdown_at;
    if (at == SJ_AT_STEP) {
        const int64_t filled = u->event[q->options.breakdown_step - 1];
        return filled == NOTHING ? "(none)" : value_of(w, by, u->customer, &events[filled]);
    }
    if (at != SJ_AT_FIRST && at != SJ_AT_LAST)
        return value_of(w, by, u->customer, &events[u->event[0]]);
    for (size_t j = 0; j < w->n[u->customer]; j++) {
        const size_t i = at == SJ_AT_FIRST ? j : w->n[u->customer] - 1 - j;
        if (strcmp(key, "(none)") == 0 && is_own(w, q, u, i))
            key = value_of(w, by, u->customer, &events[i]);
    }
    return key;
}

/* Day number to year × 12 + month − 1 and back, by walking from 1970. */
static int64_t month_days(int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int64_t year = 1970 + (month >= 0 ? month / 12 : -((11 - month) / 12));
    const int64_t of_year = month - (year - 1970) * 12;
    const int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[of_year] + (of_year == 1 && leap);
}

static int64_t month_start(int64_t day)
{
    int64_t month = 0, start = 0;
    while (start > day)
        start -= month_days(--month);
    while (start + month_days(month) <= day)
        start += month_days(month++);
    return start;
}

static int64_t bucket_of(const question *q, int64_t time)
{
    const int64_t offset = q->options.utc_offset * SJ_MINUTE;
    const int64_t length = q->options.trend == SJ_TREND_HOUR   ? SJ_HOUR
                           : q->options.trend == SJ_TREND_WEEK ? 7 * SJ_DAY
                                                               : SJ_DAY;
    const int64_t shift = q->options.trend == SJ_TREND_WEEK ? 3 * SJ_DAY : 0;
    int64_t local = time + offset + shift, start = local / length * length;
    if (start > local)
        start -= length;
    start -= shift;
    if (q->options.trend == SJ_TREND_MONTH)
        start = month_start(start / SJ_DAY) * SJ_DAY;
    return start - offset;
}

typedef struct group {
    char key[32];
    int64_t start;
    int64_t reached[STEPS], filled[STEPS], dropped[STEPS], excluded[STEPS], open[STEPS];
    int64_t value[STEPS], time_sum[STEPS], gap_sum[STEPS], gaps[STEPS], customers[STEPS];
    size_t last_customer[STEPS];
} group;

typedef struct groups {
    group of[KEYS];
    size_t n;
} groups;

static group *group_of(groups *all, const char *key, int64_t start)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->of[i].key, key) == 0 && all->of[i].start == start)
            return &all->of[i];
    assert_true(all->n < KEYS);
    group *new = &all->of[all->n++];
    *new = (group){.start = start};
    snprintf(new->key, sizeof new->key, "%s", key);
    for (size_t k = 0; k < STEPS; k++)
        new->last_customer[k] = SIZE_MAX;
    return new;
}

static void add_unit(const world *w, group *to, const unit *u)
{
    const size_t last = (size_t)u->level - 1;
    int64_t before = u->time[0];
    for (size_t k = 0; k <= last; k++) {
        to->reached[k]++;
        to->customers[k] += to->last_customer[k] != u->customer;
        to->last_customer[k] = u->customer;
        if (u->event[k] == NOTHING)
            continue;
        const int value = w->events[u->customer][u->event[k]].value;
        to->filled[k]++;
        to->value[k] += value == NOTHING ? 0 : value;
        to->time_sum[k] += u->time[k] - u->time[0];
        to->gap_sum[k] += u->time[k] - before;
        to->gaps[k] += k > 0;
        before = u->time[k];
    }
    to->excluded[last] += strcmp(u->reason, "excluded") == 0;
    to->open[last] += strcmp(u->reason, "open") == 0;
    to->dropped[last] += strcmp(u->reason, "excluded") != 0 && strcmp(u->reason, "open") != 0 &&
                         strcmp(u->reason, "converted") != 0;
}

static void expect_integer(const sj_table *table, const char *column, size_t i, int wanted_at_all,
                           int64_t wanted)
{
    assert_int_equal(columns_has(table, column, i), wanted_at_all);
    if (wanted_at_all)
        assert_int_equal(sj_table_integers(table, column)[i], wanted);
}

static void expect_ratio(const sj_table *table, const char *column, size_t i, int wanted_at_all,
                         int64_t sum, int64_t n)
{
    assert_int_equal(columns_has(table, column, i), wanted_at_all && n > 0);
    if (wanted_at_all && n > 0)
        assert_near(sj_table_reals(table, column)[i], (double)sum / (double)n, 1e-12);
}

static void expect_row(const question *q, const sj_table *table, size_t i, const group *g, size_t k)
{
    const int64_t figures = q->options.figures;
    const int times = figures == 0 || figures & SJ_FIGURE_TIMES;
    const int reasons = figures == 0 || figures & SJ_FIGURE_REASONS;
    assert_int_equal(sj_table_integers(table, "step")[i], k + 1);
    assert_string_equal(sj_table_text(table, "name", i), q->names[k]);
    expect_integer(table, "reached", i, 1, g->reached[k]);
    expect_integer(table, "filled", i, 1, g->filled[k]);
    expect_integer(table, "dropped", i, reasons, g->dropped[k]);
    expect_integer(table, "excluded", i, reasons, g->excluded[k]);
    expect_integer(table, "open", i, reasons, g->open[k]);
    expect_integer(table, "entered", i, 1, 0);
    expect_integer(table, "customers", i, 1,
                   q->options.unit == 0 ? g->reached[k] : g->customers[k]);
    expect_integer(table, "time_n", i, times, g->filled[k]);
    expect_ratio(table, "time_mean", i, times, g->time_sum[k], g->filled[k]);
    expect_ratio(table, "gap_mean", i, times, g->gap_sum[k], g->gaps[k]);
    expect_ratio(table, "rate_overall", i, 1, g->reached[k], g->reached[0]);
    expect_ratio(table, "rate_previous", i, k > 0, g->reached[k], k > 0 ? g->reached[k - 1] : 0);
    if (figures == 0 || figures & SJ_FIGURE_VALUES)
        assert_near(sj_table_reals(table, "value")[i], (double)g->value[k], 0);
}

/* ---- the tables ---- */

static void quote(char *to, size_t room, const char *key)
{
    const int mark = strcmp(key, "(none)") == 0;
    const int plain = mark || (key[0] != '(' && key[0] != '\'' && strstr(key, " > ") == NULL);
    snprintf(to, room, plain ? "%s" : "'%s'", key);
}

static int group_before(const void *a, const void *b)
{
    const group *x = a, *y = b;
    if (x->reached[0] != y->reached[0])
        return x->reached[0] > y->reached[0] ? -1 : 1;
    return strcmp(x->key, y->key);
}

static void compare_breakdown(const question *q, const sj_table *table, groups *all)
{
    const size_t n_steps = q->options.n_steps;
    qsort(all->of, all->n, sizeof *all->of, group_before);
    assert_non_null(table);
    assert_int_equal(sj_table_rows(table), all->n * n_steps);
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        char key[40];
        quote(key, sizeof key, all->of[i / n_steps].key);
        assert_string_equal(sj_table_text(table, "key", i), key);
        expect_row(q, table, i, &all->of[i / n_steps], i % n_steps);
    }
}

static void compare_trend(const question *q, const sj_table *table, const groups *all)
{
    static const group nobody = {.key = ""};
    const size_t n_steps = q->options.n_steps;
    size_t met = 0;
    assert_non_null(table);
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const int64_t start = sj_table_integers(table, "key")[i];
        const group *g = &nobody;
        for (size_t j = 0; j < all->n; j++)
            if (all->of[j].start == start)
                g = &all->of[j];
        assert_true(i % n_steps == 0 || sj_table_integers(table, "key")[i - 1] == start);
        if (i >= n_steps && i % n_steps == 0) /* the bucket behind the one before */
            assert_int_equal(bucket_of(q, start - 1), sj_table_integers(table, "key")[i - 1]);
        if (i % n_steps == 0)
            met += g != &nobody;
        if ((i < n_steps || i + n_steps >= sj_table_rows(table)))
            assert_true(g != &nobody);
        expect_row(q, table, i, g, i % n_steps);
    }
    assert_int_equal(met, all->n);
}

/* ---- survival ---- */

typedef struct life {
    int64_t time;
    int how; /* 1 converted, 2 censored, 0 at risk to the end */
} life;

static int can_go_on(const world *w, const question *q, const unit *u)
{
    int limit = q->options.window != 0, endless = 0, all_adjacent = 1;
    int64_t ended = INT64_MIN;
    if (strcmp(u->reason, "open") == 0)
        return 1;
    if (strcmp(u->reason, "excluded") == 0)
        return 0;
    for (size_t k = (size_t)u->level; k < q->options.n_steps; k++) {
        endless |= q->steps[k].max_gap == 0;
        all_adjacent &= q->steps[k].adjacent != 0;
        if (!q->steps[k].optional)
            break;
    }
    for (size_t i = 0; i < w->n[u->customer]; i++) {
        question whole = *q;
        whole.options.n_hold = 0;
        if (is_own(w, &whole, u, i))
            ended = w->events[u->customer][i].time;
    }
    if (strcmp(u->reason, "order") == 0 && all_adjacent) /* else it was only kept out there */
        return 0;
    return !limit && endless &&
           (q->options.session_gap == 0 || q->as_of - ended < q->options.session_gap);
}

static life life_of(const world *w, const question *q, const unit *u)
{
    if (strcmp(u->reason, "converted") == 0)
        return (life){u->time[q->options.n_steps - 1] - u->time[0], 1};
    if (can_go_on(w, q, u))
        return (life){q->as_of - u->time[0], 2};
    return (life){INT64_MAX, 0};
}

/* At every time of a conversion, by counting who is still there. */
static void compare_survival(const sj_table *table, const life *lives, size_t n)
{
    double left = 1;
    int64_t now = -1;
    size_t row = 0;
    assert_non_null(table);
    for (;;) {
        int64_t next = INT64_MAX, at_risk = 0, converted = 0;
        for (size_t i = 0; i < n; i++)
            if (lives[i].how == 1 && lives[i].time > now && lives[i].time < next)
                next = lives[i].time;
        if (next == INT64_MAX)
            break;
        now = next;
        for (size_t i = 0; i < n; i++) {
            at_risk += lives[i].time >= now;
            converted += lives[i].how == 1 && lives[i].time == now;
        }
        left *= (double)(at_risk - converted) / (double)at_risk;
        assert_true(row < sj_table_rows(table));
        assert_int_equal(sj_table_integers(table, "time")[row], now);
        assert_int_equal(sj_table_integers(table, "at_risk")[row], at_risk);
        assert_int_equal(sj_table_integers(table, "converted")[row], converted);
        assert_true(fabs(sj_table_reals(table, "share")[row] - (1 - left)) < 1e-12);
        row++;
    }
    assert_int_equal(sj_table_rows(table), row);
}

/* ---- */

typedef struct tried {
    uint64_t funnels, units, keys, buckets, curves, censored, converted, none, ways[6], others;
} tried;

static void try_one(world *w, tried *counts)
{
    static groups keys, buckets;
    question q;
    sj_result *list = NULL, *result = NULL;
    sj_error error = {0};
    life lives[CUSTOMERS * EVENTS];
    ask(w, &q);
    if (sj_funnel_list(w->graph, &q.options, NULL, &list, &error) != SJ_OK ||
        sj_funnel_compute(w->graph, &q.options, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    const sj_table *levels = sj_result_find(list, "levels");
    const size_t n = (size_t)sj_table_rows(levels);
    keys.n = buckets.n = 0;
    for (size_t i = 0; i < n; i++) {
        unit u;
        read_unit(levels, i, q.options.n_steps, &u);
        lives[i] = life_of(w, &q, &u);
        const char *key = key_of(w, &q, &u);
        add_unit(w, group_of(&keys, key, 0), &u);
        if (q.options.trend != 0)
            add_unit(w, group_of(&buckets, "", bucket_of(&q, u.time[0])), &u);
        counts->none += strcmp(key, "(none)") == 0;
        counts->converted += lives[i].how == 1;
        counts->censored += lives[i].how == 2;
    }
    compare_breakdown(&q, sj_result_find(result, "breakdown"), &keys);
    if (q.options.trend != 0)
        compare_trend(&q, sj_result_find(result, "trend"), &buckets);
    if (q.options.survival && w->tick == 1)
        compare_survival(sj_result_find(result, "survival"), lives, n);
    counts->funnels++, counts->units += n, counts->keys += keys.n, counts->buckets += buckets.n;
    counts->ways[q.options.breakdown_at]++;
    counts->others += q.options.unit != 0;
    counts->curves += q.options.survival && w->tick == 1;
    sj_result_free(list);
    sj_result_free(result);
}

static void groups_and_curves_are_what_the_list_of_units_gives(void **state)
{
    const uint64_t seed = 20260207;
    const int rounds = getenv("SOJOURN_LONG") != NULL ? 80000 : 4000;
    world w = {.random = seed};
    tried counts = {0};
    (void)state;
    for (int i = 0; i < rounds; i++) {
        make_world(&w);
        for (int j = 0; j < 4; j++)
            try_one(&w, &counts);
        sj_graph_free(w.graph);
    }
    print_message("# seed %llu: %llu funnels, %llu units, %llu keys, %llu buckets, %llu curves; "
                  "converted %llu, "
                  "censored %llu, (none) %llu; of sessions or values %llu\n",
                  (unsigned long long)seed, (unsigned long long)counts.funnels,
                  (unsigned long long)counts.units, (unsigned long long)counts.keys,
                  (unsigned long long)counts.buckets, (unsigned long long)counts.curves,
                  (unsigned long long)counts.converted, (unsigned long long)counts.censored,
                  (unsigned long long)counts.none, (unsigned long long)counts.others);
    for (int at = 0; at < 6; at++)
        assert_true(counts.ways[at] > 100);
    assert_true(counts.censored > 1000 && counts.converted > 1000 && counts.none > 100);
    assert_true(counts.buckets > counts.funnels && counts.others > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_and_curves_are_what_the_list_of_units_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
