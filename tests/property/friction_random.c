/* Friction over random journeys against a slow second implementation (oracle/friction_oracle.c):
 * every row of every signal with its counts, rate, lift, interval and p, q by its definition, the
 * order of ranks, and split and merged tallies.
 *
 * At least a fifth of the events share their time with another of the same customer.  40 rounds by
 * default; the environment variable SOJOURN_LONG asks for more (its number of rounds, at least
 * 2,000). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle/friction_oracle.h"
#include "unit/near.h"

enum { RANDOM_ROUNDS = 40, RANDOM_ROWS = 4096, RANDOM_CUSTOMERS = 400 };

static const char random_map[] = "stage low: a, b, c, d, e, f, g\nstage high: h, i\n"
                                 "expect a -> b\nexpect a -> h\nexpect b -> a\nexpect h -> i\n"
                                 "expect c -> h\nexpect d -> e\nexpect oops -> a\n";
static const char *const random_places[] = {"a", "b", "c", "d", "e",    "f",
                                            "g", "h", "i", "j", "oops", "buy"};
static const char *const random_channels[] = {"web", "app", "shop"};

typedef struct random_counts {
    size_t rounds, events, tied, rows, few, tested, peers, affected;
} random_counts;

typedef struct random_round {
    uint64_t state;
    sj_friction_options options;
    int64_t as_of;
    sj_graph *graph;
} random_round;

static uint64_t random_below(random_round *round, uint64_t n)
{
    uint64_t x = round->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) % n;
}

static void random_check(sj_status status, const sj_error *error)
{
    if (status != SJ_OK)
        fail_msg("%s", error->message);
}

/* ---- input ---- */

static int64_t random_pause(random_round *round)
{
    static const int64_t pauses[] = {0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     250000,
                                     999999,
                                     SJ_SECOND,
                                     5 * SJ_SECOND,
                                     10 * SJ_SECOND,
                                     SJ_MINUTE,
                                     30 * SJ_MINUTE,
                                     31 * SJ_MINUTE,
                                     SJ_DAY,
                                     9 * SJ_DAY,
                                     31 * SJ_DAY};
    return pauses[random_below(round, sizeof pauses / sizeof *pauses)] +
           (random_below(round, 4) == 0 ? (int64_t)random_below(round, 1000) : 0);
}

/* Errors and conversions are rarer than places, and a place is often met again. */
static const char *random_place(random_round *round, const char *before)
{
    const uint64_t drawn = random_below(round, 20);
    if (drawn < 2)
        return "buy";
    if (drawn < 5)
        return "oops";
    if (drawn < 9 && before != NULL)
        return before;
    return random_places[random_below(round, 10)];
}

static void random_journey(random_round *round, sj_builder *builder, int64_t days,
                           random_counts *counts)
{
    char key[32];
    const char *place = NULL;
    sj_error error = {0};
    int64_t time = (int64_t)random_below(round, (uint64_t)days) * SJ_DAY;
    (void)snprintf(key, sizeof key, "%llu", (unsigned long long)round->state);
    for (uint64_t n = 1 + random_below(round, 24); n > 0; n--) {
        const int64_t pause = random_pause(round);
        place = random_place(round, place);
        sj_event event = {.struct_size = sizeof event, .customer = key, .touchpoint = place};
        if (random_below(round, 3) > 0)
            event.channel = random_channels[random_below(round, 3)];
        counts->tied += place != NULL && pause == 0;
        time += pause;
        event.time = time;
        random_check(sj_builder_add_event(builder, &event, &error), &error);
        counts->events++;
    }
}

static sj_builder *random_builder(void)
{
    const int64_t from = 0, until = 1000 * SJ_DAY;
    const sj_builder_options options = {
        .struct_size = sizeof options, .observed_from = &from, .observed_until = &until};
    sj_builder *builder = NULL;
    sj_error error = {0};
    random_check(sj_builder_new(&options, &builder, &error), &error);
    random_check(sj_builder_add_map(builder, random_map, strlen(random_map), &error), &error);
    for (size_t i = 0; i < sizeof random_places / sizeof *random_places; i++)
        random_check(sj_builder_add_touchpoint(builder, random_places[i],
                                               i < 7   ? "low"
                                               : i < 9 ? "high"
                                                       : NULL,
                                               NULL, &error),
                     &error);
    return builder;
}

static void random_ask(random_round *round)
{
    static const int64_t horizons[] = {30 * SJ_DAY, 7 * SJ_DAY, SJ_HOUR, SJ_UNLIMITED};
    static const int64_t gaps[] = {0, 0, SJ_DAY, 30 * SJ_MINUTE, SJ_SECOND};
    round->as_of = (int64_t)(60 + random_below(round, 141)) * SJ_DAY;
    round->options = (sj_friction_options){.struct_size = sizeof round->options,
                                           .conversion = "buy",
                                           .error = "oops",
                                           .custom = "e",
                                           .as_of = &round->as_of,
                                           .horizon = horizons[random_below(round, 4)],
                                           .session_gap = gaps[random_below(round, 5)],
                                           .min_group = 4};
    if (random_below(round, 2))
        round->options.loop_visits = 1 + (int64_t)random_below(round, 6);
    if (random_below(round, 2))
        round->options.ping_pong_span = 1 + (int64_t)random_below(round, (uint64_t)SJ_HOUR);
}

/* ---- comparison ---- */

static size_t random_find(const sj_table *table, const oracle_row *row)
{
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        if (strcmp(sj_table_text(table, "signal", i), row->signal) == 0 &&
            strcmp(sj_table_text(table, "place", i), row->place) == 0)
            return i;
    }
    return SIZE_MAX;
}

static int random_is_present(const sj_table *table, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[row / 8] >> row % 8 & 1) != 0;
}

static void random_same(const sj_table *table, size_t i, const oracle_row *row)
{
    if (sj_table_integers(table, "visits")[i] != row->visits ||
        sj_table_integers(table, "affected_visits")[i] != row->affected_visits)
        fail_msg("%s at %s: visits %lld of %lld are due", row->signal, row->place,
                 (long long)row->affected_visits, (long long)row->visits);
    assert_int_equal(random_is_present(table, "p", i), row->tested);
    if (!row->tested)
        return;
    assert_near(sj_table_reals(table, "lift")[i], row->lift, 1e-9);
    assert_near(sj_table_reals(table, "p")[i], row->p, row->p < 1e-6 ? 1 : 1e-6);
    if (!isnan(row->low)) {
        assert_near(sj_table_reals(table, "low")[i], row->low, 1e-9);
        assert_near(sj_table_reals(table, "high")[i], row->high, 1e-9);
    }
}

/* q of a row by its definition: the least of p n / (number of p that are no greater), over those
 * from its own p on. */
static double random_q(const sj_table *table, size_t row)
{
    const double *p = sj_table_reals(table, "p");
    double least = 1, n = 0;
    for (size_t i = 0; i < sj_table_rows(table); i++)
        n += random_is_present(table, "p", i);
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        double up_to = 0;
        if (!random_is_present(table, "p", i) || p[i] < p[row])
            continue;
        for (size_t k = 0; k < sj_table_rows(table); k++)
            up_to += random_is_present(table, "p", k) && p[k] <= p[i];
        least = fmin(least, p[i] * n / up_to);
    }
    return least;
}

static int random_is_rate(const char *signal)
{
    static const char *const rates[] = {"drop-off", "backtrack", "ping-pong", "loop", "unexpected"};
    for (size_t i = 0; i < 5; i++) {
        if (strcmp(signal, rates[i]) == 0)
            return 1;
    }
    return 0;
}

/* Ranks count up, finds that harm stand first, and what has no rank stands last. */
static void random_check_order(const sj_table *table)
{
    int class_before = 0;
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const int has_p = random_is_present(table, "p", i);
        const double lift = has_p ? sj_table_reals(table, "lift")[i] : 0;
        const int harms = random_is_rate(sj_table_text(table, "signal", i)) ? lift > 0 : lift < 0;
        int class = !has_p ? 2 : sj_table_reals(table, "q")[i] <= .05 && harms ? 0 : 1;
        if (!random_is_present(table, "rank", i))
            class = 3;
        else
            assert_int_equal(sj_table_integers(table, "rank")[i], i + 1);
        assert_true(class >= class_before);
        class_before = class;
        if (has_p)
            assert_near(sj_table_reals(table, "q")[i], random_q(table, i), 1e-12);
    }
}

static void random_compare(const random_round *round, random_counts *counts)
{
    static oracle_row rows[RANDOM_ROWS];
    const size_t n = friction_oracle(round->graph, &round->options, rows, RANDOM_ROWS);
    sj_result *result = NULL;
    sj_error error = {0};
    size_t shown = 0, few = 0;
    random_check(sj_friction_compute(round->graph, &round->options, NULL, &result, &error), &error);
    const sj_table *table = sj_result_find(result, "friction");
    const sj_table *too_few = sj_result_find(result, "few");
    for (size_t i = 0; i < n; i++) {
        const oracle_row *row = &rows[i];
        const sj_table *in = row->few ? too_few : table;
        const size_t at = random_find(in, row);
        if (row->affected == 0 && (!random_is_rate(row->signal) || at == SIZE_MAX)) {
            assert_int_equal(at, SIZE_MAX); /* nobody was affected */
            assert_int_equal(row->tested && random_is_rate(row->signal), 0);
            continue;
        }
        if (at == SIZE_MAX)
            fail_msg("no row of %s at %s in %s", row->signal, row->place,
                     row->few ? "few" : "friction");
        *(row->few ? &few : &shown) += 1;
        assert_int_equal(sj_table_integers(in, "customers")[at], row->customers);
        assert_int_equal(sj_table_integers(in, "affected")[at], row->affected);
        if (!row->few)
            random_same(in, at, row);
        counts->tested += (size_t)row->tested;
        counts->peers += row->tested && random_is_rate(row->signal);
        counts->affected += (size_t)row->affected;
    }
    assert_int_equal(sj_table_rows(table), shown);
    assert_int_equal(sj_table_rows(too_few), few);
    random_check_order(table);
    counts->rows += shown;
    counts->few += few;
    sj_result_free(result);
}

/* ---- tallies ---- */

static sj_tally *random_tally(const sj_graph *graph, const sj_friction_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    random_check(sj_friction_plan(graph, options, &plan, &error), &error);
    random_check(sj_scan(&plan, 1, NULL, &tally, &error), &error);
    sj_plan_free(plan);
    return tally;
}

/* The customers at even positions and the others give the same bytes, added. */
static void random_split(const random_round *round)
{
    uint64_t even[RANDOM_CUSTOMERS];
    size_t n = 0;
    sj_error error = {0};
    for (uint64_t c = 0; c < sj_graph_count(round->graph, SJ_KIND_CUSTOMERS); c += 2)
        even[n++] = c;
    const sj_selection some = {.struct_size = sizeof some, .include = even, .n_include = n};
    const sj_selection rest = {.struct_size = sizeof rest, .exclude = even, .n_exclude = n};
    sj_graph *a = NULL, *b = NULL;
    random_check(sj_graph_select(round->graph, &some, NULL, &a, &error), &error);
    random_check(sj_graph_select(round->graph, &rest, NULL, &b, &error), &error);
    sj_tally *whole = random_tally(round->graph, &round->options);
    sj_tally *left = random_tally(a, &round->options), *right = random_tally(b, &round->options);
    sj_buffer *one = NULL, *other = NULL;
    random_check(sj_tally_merge(left, right, &error), &error);
    random_check(sj_tally_write(whole, &one, &error), &error);
    random_check(sj_tally_write(left, &other, &error), &error);
    assert_int_equal(sj_buffer_size(one), sj_buffer_size(other));
    assert_memory_equal(sj_buffer_data(one), sj_buffer_data(other), sj_buffer_size(one));
    sj_buffer_free(one);
    sj_buffer_free(other);
    sj_tally_free(whole);
    sj_tally_free(left);
    sj_tally_free(right);
    sj_graph_free(a);
    sj_graph_free(b);
}

static void every_row_is_what_looking_finds(void **state)
{
    const char *wish = getenv("SOJOURN_LONG");
    const long asked = wish != NULL ? strtol(wish, NULL, 10) : 0;
    const size_t rounds = wish == NULL ? RANDOM_ROUNDS : asked > 2000 ? (size_t)asked : 2000;
    random_counts counts = {0};
    (void)state;
    for (size_t r = 0; r < rounds; r++) {
        random_round round = {.state = 20260300 + r};
        sj_builder *builder = random_builder();
        sj_error error = {0};
        random_ask(&round);
        for (int c = 0; c < RANDOM_CUSTOMERS; c++)
            random_journey(&round, builder, 60, &counts);
        random_check(sj_builder_build(builder, NULL, &round.graph, &error), &error);
        sj_builder_free(builder);
        random_compare(&round, &counts);
        random_split(&round);
        sj_graph_free(round.graph);
        counts.rounds++;
    }
    print_message("# %zu rounds, %zu events (%zu at the time of the one before), %zu rows, %zu "
                  "tested (%zu against peers), %zu with too few\n",
                  counts.rounds, counts.events, counts.tied, counts.rows, counts.tested,
                  counts.peers, counts.few);
    assert_true(5 * counts.tied >= counts.events);
    assert_true(counts.tested - counts.peers > 4 * rounds && counts.peers > rounds &&
                counts.few > rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_is_what_looking_finds)};
    return cmocka_run_group_tests_name("friction_random", tests, NULL, NULL);
}
