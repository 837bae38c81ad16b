/* Transitions over small random journeys against the definition (oracle/transition_oracle.c): every
 * figure of every table, the order of rows, the balance at every node, and the graph's own edges.
 *
 * At least a fifth of the events share their time with another of the same customer.  Some rounds
 * have so many touchpoints that pairs are counted in a hash table.  1,500 rounds by default; the
 * environment variable SOJOURN_LONG asks for more (its number of rounds). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle/transition_oracle.h"
#include "unit/near.h"

enum { RANDOM_CUSTOMERS = 40, RANDOM_ROUNDS = 1500, RANDOM_SEED = 20260202, RANDOM_MANY = 90 };

typedef struct random_counts {
    uint64_t rounds, events, tied, many, between[4], collapsed, eventually, open, cut, gaps, rows;
} random_counts;

typedef struct random_round {
    uint64_t state;
    sj_graph *graph;
    size_t n_touchpoints;
    int64_t as_of, last;
    sj_transition_options options;
    transition_oracle_question question;
    transition_oracle oracle;
    int32_t ends_at; /* what the conversion is: 0 none, 1 'd', 2 value >= 2 */
} random_round;

static uint64_t random_below(random_round *round, uint64_t n)
{
    uint64_t x = round->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) % n;
}

/* ---- a round ---- */

static const char *const random_names[] = {"a", "b", "c", "d", "e", "f", "(z", "it's"};
static const char *const random_channels[] = {"app", "web", "(x"};

static const char *random_name(size_t i)
{
    static char name[24];
    if (i < sizeof random_names / sizeof *random_names)
        return random_names[i];
    (void)snprintf(name, sizeof name, "t%zu", i);
    return name;
}

static const char *random_touchpoint(const random_round *round, const sj_moment *moment)
{
    return sj_graph_name(round->graph, SJ_KIND_TOUCHPOINTS, moment->touchpoint);
}

static int random_meets(void *user, const sj_moment *moment, size_t conversion, double *worth)
{
    const char *name = random_touchpoint(user, moment);
    switch (conversion) {
    case 0: /* either */
        *worth = 7.5;
        return strcmp(name, "c") == 0 || strcmp(name, "d") == 0;
    case 1: /* big */
        return moment->has_value && moment->value >= 2;
    default: /* small c */
        return strcmp(name, "c") == 0 && moment->has_value && moment->value < 3;
    }
}

static int random_ends(void *user, const sj_moment *moment)
{
    const random_round *round = user;
    if (round->ends_at == 1)
        return strcmp(random_touchpoint(round, moment), "d") == 0;
    return moment->has_value && moment->value >= 2;
}

static void random_map(const random_round *round, sj_builder *builder)
{
    static const char *const stages[] = {"early", "middle", "late"};
    static const int32_t of[] = {0, 0, 1, 1, 2, -1, -1, -1};
    const double worth = 7.5;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sj_builder_add_stage(builder, stages[i], NULL), SJ_OK);
    for (size_t i = 0; i < round->n_touchpoints; i++)
        assert_int_equal(sj_builder_add_touchpoint(builder, random_name(i),
                                                   i < 8 && of[i] >= 0 ? stages[of[i]] : NULL,
                                                   i == 1 ? "web" : NULL, NULL),
                         SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "either", "touchpoint in ('c', 'd')",
                                                     &worth, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "big", "value >= 2", NULL, NULL),
                     SJ_OK);
    assert_int_equal(sj_builder_add_micro_conversion(builder, "(small c)",
                                                     "touchpoint = 'c' and value < 3", NULL, NULL),
                     SJ_OK);
}

static void random_events(random_round *round, sj_builder *builder, int64_t unit,
                          random_counts *counts)
{
    const uint64_t spread = (uint64_t[]){2, 4, 9, 25, 60}[random_below(round, 5)];
    const uint64_t touchpoints = round->n_touchpoints > 8
                                     ? round->n_touchpoints
                                     : (uint64_t[]){8, 8, 5, 3}[random_below(round, 4)];
    const uint64_t longest = 2 + random_below(round, 11);
    const int has_values = random_below(round, 4) != 0, has_channels = random_below(round, 3) != 0;
    round->last = INT64_MIN;
    for (size_t c = 0; c < RANDOM_CUSTOMERS; c++) {
        char key[24];
        const uint64_t n = (longest + 1) / 3 + 1 + random_below(round, longest * 2 / 3);
        int64_t times[16];
        (void)snprintf(key, sizeof key, "k%zu", c);
        for (uint64_t i = 0; i < n; i++) {
            const double value = 0.25 * (double)random_below(round, 20) - 1;
            const uint64_t channel = random_below(round, 5);
            times[i] = (int64_t)random_below(round, spread) * unit;
            const sj_event event = {
                .struct_size = sizeof event,
                .customer = key,
                .touchpoint = random_name(random_below(round, touchpoints)),
                .time = times[i],
                .channel = has_channels && channel < 3 ? random_channels[channel] : NULL,
                .value = has_values && random_below(round, 3) ? &value : NULL};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
            round->last = times[i] > round->last ? times[i] : round->last;
            for (uint64_t j = 0; j < i; j++)
                if (times[j] == times[i]) {
                    counts->tied++;
                    break;
                }
        }
        counts->events += n;
    }
}

/* Options, and the same for the oracle. */
static void random_question(random_round *round, int64_t unit, random_counts *counts)
{
    sj_transition_options *o = &round->options;
    transition_oracle_question *q = &round->question;
    *o = (sj_transition_options){.struct_size = sizeof *o};
    o->between = (int32_t[]){0, 0, 1, 2, 3}[random_below(round, 5)];
    o->collapse = random_below(round, 4) == 0;
    o->eventually = random_below(round, 4) == 0;
    o->session_gap = random_below(round, 3) ? 0 : (int64_t)random_below(round, 6) * unit;
    if (o->session_gap == 0 && random_below(round, 8) == 0)
        o->session_gap = SJ_INSTANT;
    round->as_of = (int64_t)random_below(round, 60) * unit;
    if (random_below(round, 4) == 0)
        o->as_of = &round->as_of;
    o->figures = (int32_t[]){0, 0, SJ_FIGURE_COUNTS, SJ_FIGURE_TIMES,
                             SJ_FIGURE_VALUES}[random_below(round, 5)];
    round->ends_at = 0;
    if (o->eventually) {
        o->horizon = (int64_t[]){0, SJ_UNLIMITED, (1 + (int64_t)random_below(round, 9)) * unit,
                                 SJ_INSTANT}[random_below(round, 4)];
        round->ends_at = (int32_t)random_below(round, 3);
        o->conversion = (const char *[]){NULL, "d", "value >= 2.0"}[round->ends_at];
    }
    *q = (transition_oracle_question){
        .between = o->between ? o->between : SJ_BETWEEN_TOUCHPOINTS,
        .collapse = o->collapse,
        .eventually = o->eventually,
        .has_gap = o->session_gap != 0,
        .gap = o->session_gap == SJ_INSTANT ? 0 : (uint64_t)o->session_gap,
        .as_of = o->as_of ? *o->as_of : round->last,
        /* observation is shorter than 60 days: no horizon by default */
        .has_horizon = o->horizon != 0 && o->horizon != SJ_UNLIMITED,
        .horizon = o->horizon == SJ_INSTANT ? 0 : (uint64_t)o->horizon,
        .ends = round->ends_at ? random_ends : NULL,
        .meets = random_meets,
        .n_conversions = 3,
        .user = round};
    counts->between[q->between]++;
    counts->collapsed += (uint64_t)q->collapse;
    counts->eventually += (uint64_t)q->eventually;
    counts->gaps += (uint64_t)q->has_gap;
    counts->cut += q->as_of < round->last;
}

static void random_make(random_round *round, uint64_t seed, random_counts *counts)
{
    sj_builder *builder = NULL;
    sj_error error = {0};
    *round = (random_round){.state = seed};
    const int64_t unit = (int64_t[]){1, 1000000, 3600000000}[random_below(round, 3)];
    round->n_touchpoints = random_below(round, 6) ? 8 : RANDOM_MANY;
    counts->many += round->n_touchpoints > 8;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    random_map(round, builder);
    random_events(round, builder, unit, counts);
    if (sj_builder_build(builder, NULL, &round->graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    random_question(round, unit, counts);
    transition_oracle_ask(round->graph, &round->question, &round->oracle);
    counts->open += (uint64_t)round->oracle.legs_open;
    counts->rounds++;
}

/* ---- what the library says ---- */

static int random_has(const sj_table *table, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[row / 8] >> (row % 8) & 1) != 0;
}

static int32_t random_kind(const random_round *round)
{
    return round->question.between == SJ_BETWEEN_STAGES     ? SJ_KIND_STAGES
           : round->question.between == SJ_BETWEEN_CHANNELS ? SJ_KIND_CHANNELS
                                                            : SJ_KIND_TOUCHPOINTS;
}

/* A name without the quotes in which a table shows it. */
static const char *random_raw(const char *shown, char name[32])
{
    const size_t n = strlen(shown);
    size_t used = 0;
    assert_true(n < 32);
    if (shown[0] != '\'')
        return strcpy(name, shown);
    for (size_t i = 1; i + 1 < n; i++) {
        name[used++] = shown[i];
        i += shown[i] == '\'';
    }
    name[used] = '\0';
    assert_true(name[0] == '(' || name[0] == '\'');
    return name;
}

/* The node that a table calls so. */
static size_t random_node(const random_round *round, const char *shown, const char *outside)
{
    char name[32];
    if (strcmp(shown, outside) == 0)
        return round->oracle.n_nodes;
    if (strcmp(shown, "(none)") == 0)
        return round->oracle.n_nodes - 1;
    assert_true(shown[0] != '(');
    return (size_t)sj_graph_find(round->graph, random_kind(round), random_raw(shown, name));
}

static int random_compare_times(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A quantile of the times from one node (to one node, or to any). */
static void random_check_quantile(const random_round *round, const sj_table *table,
                                  const char *column, size_t row, size_t from, size_t to,
                                  int64_t percent)
{
    static int64_t times[4096];
    size_t n = 0;
    for (size_t i = 0; i < round->oracle.n_dwells; i++) {
        const transition_oracle_dwell *d = &round->oracle.dwells[i];
        if (d->from == from && (to == SIZE_MAX || d->to == to))
            times[n++] = d->time;
    }
    const int counted = round->options.figures == 0 || round->options.figures == SJ_FIGURE_TIMES;
    assert_int_equal(random_has(table, column, row), counted && n > 0);
    if (!counted || n == 0)
        return;
    qsort(times, n, sizeof *times, random_compare_times);
    const size_t rank = (size_t)(((int64_t)n * percent + 99) / 100);
    const double exact = (double)times[rank > 0 ? rank - 1 : 0];
    assert_near(sj_table_reals(table, column)[row], exact, exact > 0 ? 1.0 / 128 : 1e-9);
}

static void random_check_edge(const random_round *round, const sj_table *table, size_t row)
{
    const transition_oracle *o = &round->oracle;
    const size_t from = random_node(round, sj_table_text(table, "from", row), "(start)");
    const size_t to = random_node(round, sj_table_text(table, "to", row), "(end)");
    const transition_oracle_edge *edge = transition_oracle_edge_of(o, from, to);
    const int eventually = round->question.eventually;
    const int inner = from != o->n_nodes && to != o->n_nodes && !eventually;
    const int values = round->options.figures == 0 || round->options.figures == SJ_FIGURE_VALUES;
    int64_t out = 0, in = 0;
    for (size_t i = 0; i <= o->n_nodes; i++) {
        out += transition_oracle_edge_of(o, from, i)->count;
        in += transition_oracle_edge_of(o, i, to)->count;
    }
    if (eventually)
        out = o->nodes[from].settled;
    assert_int_equal(sj_table_integers(table, "count")[row], edge->count);
    assert_int_equal(sj_table_integers(table, "customers")[row], edge->customers);
    assert_true(edge->count > 0);
    assert_near(sj_table_reals(table, "share_out")[row], (double)edge->count / (double)out, 1e-12);
    assert_int_equal(random_has(table, "share_in", row), !eventually);
    if (!eventually)
        assert_near(sj_table_reals(table, "share_in")[row], (double)edge->count / (double)in,
                    1e-12);
    assert_int_equal(random_has(table, "dwell_mean", row), inner);
    if (inner)
        assert_near(sj_table_reals(table, "dwell_mean")[row], edge->dwell / (double)edge->count,
                    1e-12);
    random_check_quantile(round, table, "dwell_p50", row, from, to, 50);
    random_check_quantile(round, table, "dwell_p90", row, from, to, 90);
    assert_int_equal(random_has(table, "value", row), values && !eventually && to != o->n_nodes);
    if (random_has(table, "value", row))
        assert_near(sj_table_reals(table, "value")[row], edge->value, 1e-9);
}

/* The name that decides the order: a pseudo-node before a name that reads the same. */
static int random_before(const sj_table *table, size_t row)
{
    const int64_t *count = sj_table_integers(table, "count");
    if (count[row - 1] != count[row])
        return count[row - 1] > count[row];
    for (size_t end = 0; end < 2; end++) {
        char names[2][32];
        for (size_t k = 0; k < 2; k++)
            random_raw(sj_table_text(table, end ? "to" : "from", row - 1 + k), names[k]);
        const int order = strcmp(names[0], names[1]);
        if (order > 0)
            print_error("row %zu: %s behind %s\n", row, names[1], names[0]);
        if (order != 0)
            return order < 0;
    }
    print_error("rows %zu and %zu are the same\n", row - 1, row);
    return 0;
}

static void random_check_edges(const random_round *round, const sj_result *result,
                               random_counts *counts)
{
    const sj_table *table = sj_result_find(result, "transitions");
    const size_t side = round->oracle.n_nodes + 1;
    size_t wanted = 0;
    for (size_t i = 0; i < side * side; i++)
        wanted += round->oracle.edges[i].count > 0;
    assert_int_equal(sj_table_rows(table), wanted);
    for (size_t row = 0; row < wanted; row++) {
        random_check_edge(round, table, row);
        assert_true(row == 0 || random_before(table, row));
    }
    counts->rows += wanted;
}

static void random_check_nodes(const random_round *round, const sj_result *result)
{
    const int touchpoints = round->question.between == SJ_BETWEEN_TOUCHPOINTS;
    const sj_table *table = sj_result_find(result, touchpoints ? "touchpoints" : "nodes");
    const transition_oracle *o = &round->oracle;
    size_t wanted = 0;
    for (size_t i = 0; i < o->n_nodes; i++)
        wanted += o->nodes[i].events > 0;
    assert_int_equal(sj_table_rows(table), wanted);
    for (size_t row = 0; row < wanted; row++) {
        const size_t node = random_node(round, sj_table_text(table, "name", row), "");
        const transition_oracle_node *n = &o->nodes[node];
        assert_int_equal(sj_table_integers(table, "events")[row], n->events);
        assert_int_equal(sj_table_integers(table, "visits")[row], n->visits);
        assert_int_equal(sj_table_integers(table, "customers")[row], n->customers);
        assert_int_equal(sj_table_integers(table, "entries")[row], n->entries);
        assert_int_equal(sj_table_integers(table, "exits")[row], n->exits);
        assert_int_equal(sj_table_integers(table, "self_loops")[row], n->events - n->visits);
        assert_int_equal(sj_table_integers(table, "repetitions")[row], n->visits - n->firsts);
        random_check_quantile(round, table, "dwell_p50", row, node, SIZE_MAX, 50);
    }
}

/* Inflow + starts = outflow + ends = events, read off the table alone. */
static void random_check_balance(const random_round *round, const sj_result *result)
{
    const sj_table *edges = sj_result_find(result, "transitions");
    const transition_oracle *o = &round->oracle;
    for (size_t node = 0; node < o->n_nodes && !round->question.eventually; node++) {
        int64_t in = 0, out = 0;
        for (size_t row = 0; row < sj_table_rows(edges); row++) {
            const int64_t count = sj_table_integers(edges, "count")[row];
            out += node == random_node(round, sj_table_text(edges, "from", row), "(start)") ? count
                                                                                            : 0;
            in += node == random_node(round, sj_table_text(edges, "to", row), "(end)") ? count : 0;
        }
        assert_int_equal(in, out);
        assert_int_equal(in,
                         round->question.collapse ? o->nodes[node].visits : o->nodes[node].events);
    }
}

static void random_check_stages(const random_round *round, const sj_result *result)
{
    const sj_table *table = sj_result_find(result, "stages");
    size_t wanted = 0;
    for (size_t s = 0; s < 3; s++)
        for (size_t t = 0; t < 3; t++)
            wanted += round->oracle.stages[s][t] > 0;
    assert_int_equal(sj_table_rows(table), wanted);
    for (size_t row = 0; row < wanted; row++) {
        const uint64_t s =
            sj_graph_find(round->graph, SJ_KIND_STAGES, sj_table_text(table, "from", row));
        const uint64_t t =
            sj_graph_find(round->graph, SJ_KIND_STAGES, sj_table_text(table, "to", row));
        assert_int_equal(sj_table_integers(table, "count")[row], round->oracle.stages[s][t]);
        assert_int_equal(sj_table_integers(table, "customers")[row],
                         round->oracle.stage_customers[s][t]);
        assert_string_equal(sj_table_text(table, "kind", row), t == s       ? "stay"
                                                               : t < s      ? "backward"
                                                               : t == s + 1 ? "forward"
                                                                            : "skip");
    }
}

static void random_check_conversions(const random_round *round, const sj_result *result)
{
    const sj_table *table = sj_result_find(result, "micro_conversions");
    const transition_oracle *o = &round->oracle;
    const int values = round->options.figures == 0 || round->options.figures == SJ_FIGURE_VALUES;
    const int times = round->options.figures == 0 || round->options.figures == SJ_FIGURE_TIMES;
    size_t wanted = 0;
    for (size_t c = 0; c < 3; c++)
        wanted += o->reached[c] > 0;
    assert_int_equal(sj_table_rows(table), wanted);
    for (size_t row = 0; row < wanted; row++) {
        const char *name = sj_table_text(table, "name", row);
        const size_t c = strcmp(name, "either") == 0 ? 0 : strcmp(name, "big") == 0 ? 1 : 2;
        assert_true(c < 2 || strcmp(name, "'(small c)'") == 0);
        assert_int_equal(sj_table_integers(table, "reached")[row], o->reached[c]);
        assert_int_equal(sj_table_integers(table, "first")[row], o->firsts[c]);
        assert_int_equal(sj_table_integers(table, "repeated")[row], o->reached[c] - o->firsts[c]);
        assert_int_equal(sj_table_integers(table, "customers")[row], o->firsts[c]);
        assert_int_equal(random_has(table, "value", row), values);
        if (values)
            assert_near(sj_table_reals(table, "value")[row], o->value[c], 1e-9);
        assert_int_equal(random_has(table, "time_mean", row), times);
        if (times)
            assert_near(sj_table_reals(table, "time_mean")[row], o->time[c] / (double)o->firsts[c],
                        1e-12);
    }
}

/* Without options the counts and means are those of the graph's edges. */
static void random_check_graph(const random_round *round)
{
    sj_result *result = NULL;
    sj_error error = {0};
    size_t walked = 0, inner = 0;
    if (sj_transition_compute(round->graph, NULL, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    const sj_table *table = sj_result_find(result, "transitions");
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        sj_transition edge;
        const char *from = sj_table_text(table, "from", row), *to = sj_table_text(table, "to", row);
        if (strcmp(from, "(start)") == 0 || strcmp(to, "(end)") == 0)
            continue;
        random_round plain = *round;
        plain.question.between = SJ_BETWEEN_TOUCHPOINTS;
        plain.oracle.n_nodes = SIZE_MAX;
        inner++;
        assert_true(sj_graph_transition(round->graph, random_node(&plain, from, "(start)"),
                                        random_node(&plain, to, "(end)"), &edge));
        assert_int_equal(sj_table_integers(table, "count")[row], edge.count);
        assert_true(sj_table_reals(table, "dwell_mean")[row] == edge.dwell_mean);
    }
    for (uint64_t t = 0; t < sj_graph_count(round->graph, SJ_KIND_TOUCHPOINTS); t++) {
        sj_transition edge;
        for (uint64_t i = 0; sj_graph_transition_at(round->graph, t, i, &edge); i++)
            walked += edge.count > 0;
    }
    assert_int_equal(inner, walked);
    sj_result_free(result);
}

static void random_check(random_round *round, random_counts *counts)
{
    sj_result *result = NULL;
    sj_error error = {0};
    if (sj_transition_compute(round->graph, &round->options, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    random_check_edges(round, result, counts);
    random_check_nodes(round, result);
    random_check_balance(round, result);
    random_check_stages(round, result);
    random_check_conversions(round, result);
    random_check_graph(round);
    sj_result_free(result);
    transition_oracle_drop(&round->oracle);
    sj_graph_free(round->graph);
}

static void the_figures_are_those_of_the_definition(void **state)
{
    const char *asked = getenv("SOJOURN_LONG");
    const uint64_t more = asked != NULL ? strtoull(asked, NULL, 10) : 0;
    const uint64_t rounds = more > RANDOM_ROUNDS ? more : RANDOM_ROUNDS;
    random_counts counts = {0};
    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        random_round round;
        random_make(&round, RANDOM_SEED + i * 7919, &counts);
        random_check(&round, &counts);
    }
    print_message(
        "# %llu rounds, %llu events (%llu tied), %llu rows; %llu with many touchpoints, %llu "
        "collapsed, %llu eventually (%llu open legs), %llu with sessions, %llu cut; between "
        "touchpoints %llu, stages %llu, channels %llu\n",
        (unsigned long long)counts.rounds, (unsigned long long)counts.events,
        (unsigned long long)counts.tied, (unsigned long long)counts.rows,
        (unsigned long long)counts.many, (unsigned long long)counts.collapsed,
        (unsigned long long)counts.eventually, (unsigned long long)counts.open,
        (unsigned long long)counts.gaps, (unsigned long long)counts.cut,
        (unsigned long long)counts.between[1], (unsigned long long)counts.between[2],
        (unsigned long long)counts.between[3]);
    assert_true(counts.tied * 5 >= counts.events);
    assert_true(counts.many && counts.collapsed && counts.eventually && counts.open &&
                counts.gaps && counts.cut && counts.between[1] && counts.between[2] &&
                counts.between[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_are_those_of_the_definition),
    };
    return cmocka_run_group_tests_name("transition_random", tests, NULL, NULL);
}
