/* One record per visit with all that can be said of it, found by looking; then rows by going
 * through all records once for every signal and place.  O(events²) per customer and O(places² ·
 * visits). */
#include "friction_oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct moment {
    int64_t time;
    uint64_t place;
    uint64_t channel;
    int converts, is_error, is_custom;
    int leg;
} moment;

typedef struct record {
    uint64_t place, before; /* before: SJ_NONE where the leg has no visit before it */
    int bucket;
    int is_index, is_first_step;
    int open, open_next, open_leg;
    int converted, converted_next, leg_converts;
    int error, rage, repeat, custom, came_from, handoff;
    int cell; /* 0: not at risk of slow */
    int left;
    int backtrack_risk, backtrack, ping_risk, ping, loop, unexpected_risk, unexpected;
} record;

typedef struct world {
    const sj_graph *graph;
    const sj_friction_options *options;
    int64_t as_of, horizon, gap; /* INT64_MAX: none */
    moment *moments;
    int n;
    record *records;
    size_t n_records, capacity;
} world;

static const char *const SIGNALS[] = {"error",     "rage",   "repeat",    "slow",
                                      "handoff",   "custom", "drop-off",  "backtrack",
                                      "ping-pong", "loop",   "unexpected"};

/* ---- legs ---- */

static int leg_of_next(const world *w, int i, int start)
{
    const moment *here = &w->moments[i], *before = &w->moments[i - 1];
    return before->leg + (before->converts || here->time - before->time > w->gap ||
                          here->time - w->moments[start].time > w->horizon);
}

static void cut_legs(world *w)
{
    int start = 0;
    for (int i = 0; i < w->n; i++) {
        w->moments[i].leg = i == 0 ? 0 : leg_of_next(w, i, start);
        if (i > 0 && w->moments[i].leg != w->moments[i - 1].leg)
            start = i;
    }
}

static int first_of_leg(const world *w, int leg)
{
    int i = 0;
    while (w->moments[i].leg != leg)
        i++;
    return i;
}

static int last_of_leg(const world *w, int leg)
{
    int i = w->n - 1;
    while (w->moments[i].leg != leg)
        i--;
    return i;
}

static int ends_in_null(const world *w, int leg)
{
    const int last = last_of_leg(w, leg);
    if (w->moments[last].converts)
        return 0;
    if (last == w->n - 1)
        return 1;
    const int64_t pause = w->moments[last + 1].time - w->moments[last].time;
    return pause > w->gap || pause > w->horizon;
}

static int is_open(const world *w, int64_t time)
{
    return w->horizon != INT64_MAX && time > w->as_of - w->horizon;
}

/* ---- visits ---- */

/* An event begins one where it is at a place and the event before it, errors aside, is
 * not of the same visit. */

static int is_at_place(const world *w, int i)
{
    return !w->moments[i].converts && !w->moments[i].is_error;
}

static int begins_visit(const world *w, int i)
{
    if (!is_at_place(w, i))
        return 0;
    for (int k = i - 1; k >= 0 && w->moments[k].leg == w->moments[i].leg; k--) {
        if (is_at_place(w, k))
            return w->moments[k].place != w->moments[i].place;
    }
    return 1;
}

static int last_of_visit(const world *w, int first)
{
    int last = first;
    for (int i = first + 1; i < w->n && w->moments[i].leg == w->moments[first].leg; i++) {
        if (w->moments[i].converts || begins_visit(w, i))
            break;
        last = i;
    }
    return last;
}

/* The k-th visit of the leg behind (or, k < 0, before) the one that begins at i: where it begins;
 * -1: there is none. */
static int visit_at(const world *w, int i, int k)
{
    const int step = k > 0 ? 1 : -1;
    for (int at = i + step; at >= 0 && at < w->n && w->moments[at].leg == w->moments[i].leg;
         at += step) {
        if (begins_visit(w, at) && (k -= step) == 0)
            return at;
    }
    return -1;
}

static uint64_t stage_of(const world *w, int i)
{
    return sj_graph_stage(w->graph, w->moments[i].place);
}

/* ---- what can be said of a visit ---- */

static void look_at_events(const world *w, int first, int last, record *r)
{
    const int64_t limit = w->options->session_gap ? w->gap : 30 * SJ_MINUTE;
    int own[3] = {-1, -1, -1}; /* the last three own events */
    int n = 0;
    for (int i = first; i <= last; i++) {
        r->custom |= w->moments[i].is_custom;
        if (w->moments[i].is_error) {
            r->error |= w->moments[i].time - w->moments[own[2]].time <= limit;
            continue;
        }
        own[0] = own[1], own[1] = own[2], own[2] = i;
        n++;
        if (n >= 3 && w->moments[own[1]].time - w->moments[own[0]].time < SJ_SECOND &&
            w->moments[own[2]].time - w->moments[own[1]].time < SJ_SECOND)
            r->rage = 1;
    }
    r->repeat = n >= 2 && !r->rage;
}

static int cell_of(int64_t dwell)
{
    int octave = 0;
    while (dwell >= 32) {
        dwell /= 2;
        octave++;
    }
    return 1 + 16 * octave + (int)dwell;
}

static void look_at_outcome(const world *w, int last, record *r)
{
    const int64_t settled = w->moments[last].time;
    int conversion = -1;
    for (int i = last + 1; i < w->n && conversion < 0; i++) {
        if (w->options->session_gap && w->gap != INT64_MAX &&
            w->moments[i].leg != w->moments[last].leg)
            break;
        if (w->moments[i].converts)
            conversion = i;
    }
    r->open = is_open(w, settled);
    r->converted = conversion >= 0 && w->moments[conversion].time - settled <= w->horizon;
    if (last + 1 < w->n && w->moments[last + 1].time - settled <= w->gap) {
        const int64_t next = w->moments[last + 1].time;
        r->open_next = is_open(w, next);
        r->converted_next = conversion >= 0 && w->moments[conversion].time - next <= w->horizon;
    } else {
        r->open_next = 1; /* not at risk either way */
    }
}

static int is_expected(const world *w, uint64_t from, uint64_t to)
{
    sj_transition edge;
    return sj_graph_transition(w->graph, from, to, &edge) && edge.expected;
}

static void look_ahead(const world *w, int i, record *r)
{
    const int64_t span = w->options->ping_pong_span ? w->options->ping_pong_span : 10 * SJ_SECOND;
    const int most = w->options->loop_visits ? (int)w->options->loop_visits : 4;
    const int next = visit_at(w, i, 1), before = visit_at(w, i, -1);
    const uint64_t stage = stage_of(w, i);
    r->leg_converts = w->moments[last_of_leg(w, w->moments[i].leg)].converts;
    r->left = next < 0 && ends_in_null(w, w->moments[i].leg);
    r->open_leg = is_open(w, w->moments[first_of_leg(w, w->moments[i].leg)].time);
    for (int k = 1, at; (at = visit_at(w, i, k)) >= 0; k++) {
        if (stage != SJ_NONE && stage_of(w, at) != SJ_NONE && !r->backtrack_risk) {
            r->backtrack_risk = 1;
            r->backtrack = stage_of(w, at) < stage;
        }
    }
    r->backtrack_risk |= stage != SJ_NONE && r->leg_converts;
    for (int k = 1, at, higher = 0; k <= most && (at = visit_at(w, i, k)) >= 0 && !higher; k++) {
        r->loop |= w->moments[at].place == w->moments[i].place;
        higher = stage != SJ_NONE && stage_of(w, at) != SJ_NONE && stage_of(w, at) > stage;
    }
    r->ping_risk = before >= 0 && (next >= 0 || r->leg_converts);
    r->ping = before >= 0 && next >= 0 && w->moments[next].place == w->moments[before].place &&
              w->moments[next].time - w->moments[i].time <= span;
    r->unexpected_risk = next >= 0;
    r->unexpected = next >= 0 && !is_expected(w, w->moments[i].place, w->moments[next].place);
}

static void look_at_visit(world *w, int i)
{
    const int last = last_of_visit(w, i), before = visit_at(w, i, -1);
    record r = {.place = w->moments[i].place,
                .before = before < 0 ? SJ_NONE : w->moments[before].place,
                .is_index = 1,
                .is_first_step = before >= 0};
    int position = 1;
    while (visit_at(w, i, -position) >= 0)
        position++;
    r.bucket = position == 1 ? 0 : position <= 3 ? 1 : position <= 7 ? 2 : position <= 15 ? 3 : 4;
    for (int k = 0; k < i; k++) {
        if (!begins_visit(w, k))
            continue;
        if (w->moments[k].place == r.place) {
            const int earlier = visit_at(w, k, -1);
            r.is_index = 0;
            if (before >= 0 && earlier >= 0 && w->moments[earlier].place == r.before)
                r.is_first_step = 0;
        }
    }
    if (before >= 0 && w->moments[i].channel != SJ_NONE && w->moments[before].channel != SJ_NONE) {
        r.came_from = 1;
        r.handoff = w->moments[i].channel != w->moments[before].channel;
    }
    look_at_events(w, i, last, &r);
    look_at_outcome(w, last, &r);
    look_ahead(w, i, &r);
    if (!r.open_next)
        r.cell = cell_of(w->moments[last + 1].time - w->moments[i].time);
    if (w->n_records == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 256;
        w->records = realloc(w->records, w->capacity * sizeof *w->records);
    }
    w->records[w->n_records++] = r;
}

static int is_named(const world *w, uint64_t place, const char *name)
{
    return name != NULL && strcmp(sj_graph_name(w->graph, SJ_KIND_TOUCHPOINTS, place), name) == 0;
}

static void read_customer(world *w, uint64_t customer)
{
    const uint64_t length = sj_graph_length(w->graph, customer);
    w->moments = realloc(w->moments, (size_t)(length + 1) * sizeof *w->moments);
    w->n = 0;
    for (uint64_t i = 0; i < length; i++) {
        sj_moment m;
        moment *to = &w->moments[w->n];
        (void)sj_graph_event(w->graph, customer, i, &m);
        if (m.time > w->as_of)
            break;
        *to = (moment){.time = m.time, .place = m.touchpoint, .channel = m.channel};
        to->converts = is_named(w, m.touchpoint, w->options->conversion);
        to->is_error = !to->converts && is_named(w, m.touchpoint, w->options->error);
        to->is_custom = is_named(w, m.touchpoint, w->options->custom);
        w->n++;
    }
    cut_legs(w);
    for (int i = 0; i < w->n; i++) {
        if (begins_visit(w, i))
            look_at_visit(w, i);
    }
}

/* ---- rows ---- */

/* At risk, affected, a unit, converted; 0 where the visit is open for this signal. */
static int judge(const record *r, int signal, int limit, int *affected, int *unit, int *converted)
{
    *unit = r->is_index;
    *converted = r->converted;
    switch (signal) {
    case 0:
        *affected = r->error;
        return !r->open;
    case 1:
        *affected = r->rage;
        return !r->open;
    case 2:
        *affected = r->repeat;
        return !r->open && !r->rage;
    case 3:
        *affected = r->cell > limit;
        *converted = r->converted_next;
        return !r->open && r->cell > 0;
    case 4:
        *affected = r->handoff;
        return !r->open && r->came_from;
    case 5:
        *affected = r->custom;
        return !r->open;
    case 6:
        *affected = r->left;
        *unit = 1;
        *converted = r->leg_converts;
        return !r->open_leg;
    case 7:
        *affected = r->backtrack;
        return !r->open && r->backtrack_risk;
    case 8:
        *affected = r->ping;
        *unit = r->is_first_step;
        return !r->open && r->ping_risk;
    case 9:
        *affected = r->loop;
        return !r->open;
    default:
        *affected = r->unexpected;
        return !r->open && r->unexpected_risk;
    }
}

/* The cell that holds the ninetieth percentile: the least with so many dwells up to it. */
static int limit_of(const world *w, uint64_t place)
{
    int64_t n = 0, up_to = 0;
    for (size_t i = 0; i < w->n_records; i++)
        n += w->records[i].place == place && w->records[i].is_index && !w->records[i].open &&
             w->records[i].cell > 0;
    if (n == 0)
        return INT32_MAX;
    for (int cell = 1;; cell++) {
        for (size_t i = 0; i < w->n_records; i++)
            up_to += w->records[i].place == place && w->records[i].is_index &&
                     !w->records[i].open && w->records[i].cell == cell;
        if (10 * up_to >= 9 * n)
            return cell;
    }
}

static double wilson(double x, double n, int sign)
{
    const double z = 1.959963984540054, p = x / n;
    return (p + z * z / (2 * n) + sign * z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) /
           (1 + z * z / n);
}

static double square(double x)
{
    return x * x;
}

/* strata: x1 n1 x0 n0 */
static void compare(double strata[5][4], double least, oracle_row *row)
{
    double weight = 0, d = 0, low = 0, high = 0, above = 0, variance = 0, floor_ = 0, roof = 0;
    double n1 = 0, n0 = 0;
    for (int b = 0; b < 5; b++) {
        if (strata[b][1] > 0 && strata[b][3] > 0)
            weight += strata[b][1] * strata[b][3] / (strata[b][1] + strata[b][3]);
    }
    for (int b = 0; b < 5; b++) {
        const double x1 = strata[b][0], m1 = strata[b][1], x0 = strata[b][2], m0 = strata[b][3];
        const double n = m1 + m0, m = x1 + x0;
        if (m1 == 0 || m0 == 0)
            continue;
        const double w = m1 * m0 / n / weight;
        d += w * (x1 / m1 - x0 / m0);
        low += square(w) *
               (square(x1 / m1 - wilson(x1, m1, -1)) + square(wilson(x0, m0, 1) - x0 / m0));
        high += square(w) *
                (square(wilson(x1, m1, 1) - x1 / m1) + square(x0 / m0 - wilson(x0, m0, -1)));
        above += x1 - m1 * m / n;
        variance += m1 * m0 * m * (n - m) / (n * n * (n - 1));
        floor_ += m1 * m / n - fmax(0, m - m0);
        roof += fmin(m1, m) - m1 * m / n;
        n1 += m1, n0 += m0;
    }
    row->lift = d;
    row->low = d - sqrt(low);
    row->high = d + sqrt(high);
    row->p = erfc(fabs(above) / sqrt(variance) / sqrt(2));
    row->few = n1 < least || n0 < least || fmin(floor_, roof) < 5 || variance <= 0;
    row->tested = !row->few;
}

static int row_of(const world *w, int signal, uint64_t place, uint64_t second, oracle_row *row)
{
    const double least = w->options->min_group ? (double)w->options->min_group : 30;
    const int limit = signal == 3 ? limit_of(w, place) : 0;
    double strata[5][4] = {{0}};
    const char *a = sj_graph_name(w->graph, SJ_KIND_TOUCHPOINTS, place);
    *row = (oracle_row){.signal = SIGNALS[signal]};
    for (size_t i = 0; i < w->n_records; i++) {
        const record *r = &w->records[i];
        int affected, unit, converted;
        if (second == SJ_NONE ? r->place != place : r->place != second || r->before != place)
            continue;
        if (!judge(r, signal, limit, &affected, &unit, &converted))
            continue;
        row->visits++;
        row->affected_visits += affected;
        if (!unit)
            continue;
        row->customers++;
        row->affected += affected;
        strata[r->bucket][affected ? 1 : 3]++;
        strata[r->bucket][affected ? 0 : 2] += converted;
    }
    if (second == SJ_NONE)
        (void)snprintf(row->place, sizeof row->place, "%s", a);
    else
        (void)snprintf(row->place, sizeof row->place, "%s > %s", a,
                       sj_graph_name(w->graph, SJ_KIND_TOUCHPOINTS, second));
    row->rate = (double)row->affected / (double)row->customers;
    if (signal < 6)
        compare(strata, least, row);
    else
        row->few = (double)row->customers < least;
    return row->customers > 0;
}

/* Two-sided tail of Student's t with few degrees, by Simpson's rule over the density. */
static double student(double t, double v)
{
    const double norm = exp(lgamma((v + 1) / 2) - lgamma(v / 2)) / sqrt(v * 3.14159265358979323846);
    const int steps = 20000;
    double sum = 0;
    t = fabs(t);
    for (int i = 0; i <= steps; i++) {
        const double x = t * i / steps;
        sum += (i == 0 || i == steps ? 1 : i % 2 ? 4 : 2) * pow(1 + x * x / v, -(v + 1) / 2);
    }
    return fmax(0, 1 - 2 * norm * sum * t / steps / 3);
}

static void test_peers(const world *w, int signal, uint64_t place, oracle_row *row)
{
    const uint64_t stage = sj_graph_stage(w->graph, place);
    const int64_t least = w->options->min_group ? w->options->min_group : 30;
    double rates[64], mean = 0, sampling = 0, variance = 0;
    int n = 0;
    if (stage == SJ_NONE || row->few)
        return;
    for (uint64_t t = 0; t < sj_graph_count(w->graph, SJ_KIND_TOUCHPOINTS); t++) {
        oracle_row other;
        if (t == place || sj_graph_stage(w->graph, t) != stage ||
            !row_of(w, signal, t, SJ_NONE, &other) || other.customers < least)
            continue;
        rates[n++] = other.rate;
        sampling += other.rate * (1 - other.rate) / (double)other.customers;
        mean += other.rate;
    }
    if (n < 5)
        return;
    mean /= n;
    sampling /= n;
    for (int i = 0; i < n; i++)
        variance += square(rates[i] - mean) / (n - 1);
    const double between = fmax(0, variance - sampling);
    const double error =
        sqrt(between * (1 + 1.0 / n) + sampling / n + mean * (1 - mean) / (double)row->customers);
    row->tested = error > 0;
    row->lift = row->rate - mean;
    row->low = row->high = NAN; /* not looked at */
    row->p = student(row->lift / error, n - 1);
}

size_t friction_oracle(const sj_graph *graph, const sj_friction_options *options, oracle_row *rows,
                       size_t room)
{
    const uint64_t n_places = sj_graph_count(graph, SJ_KIND_TOUCHPOINTS);
    world w = {.graph = graph, .options = options, .as_of = *options->as_of};
    size_t n = 0;
    w.horizon = options->horizon;
    w.gap = options->session_gap ? options->session_gap : INT64_MAX;
    for (uint64_t c = 0; c < sj_graph_count(graph, SJ_KIND_CUSTOMERS); c++)
        read_customer(&w, c);
    for (int s = 0; s < 11; s++) {
        for (uint64_t a = 0; a < n_places; a++) {
            if (s == 8)
                continue;
            if (n < room && row_of(&w, s, a, SJ_NONE, &rows[n])) {
                if (s > 5)
                    test_peers(&w, s, a, &rows[n]);
                n++;
            }
        }
        for (uint64_t pair = 0; pair < n_places * n_places && s == 8; pair++) {
            if (n < room && row_of(&w, s, pair / n_places, pair % n_places, &rows[n]))
                n++;
        }
    }
    free(w.moments);
    free(w.records);
    return n;
}
