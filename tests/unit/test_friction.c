/* Friction on journeys small enough to work by hand.
 *
 * A journey is a text: a letter per event (`!` an error, `$` a conversion), its time in
 * milliseconds, and after `:` a channel's letter.  A … F are touchpoints; stages: low A B, high C
 * D; E and F have none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/friction.h"
#include "failing.h"
#include "near.h"

#define DAYS(n) ((n)*INT64_C(86400000))

static sj_error failure;

static void check_ok(sj_status status, const sj_error *error)
{
    if (status != SJ_OK)
        fail_msg("%s", error->message);
}

static sj_builder *friction_builder(int64_t from_day, int64_t to_day)
{
    static const char map[] = "stage low: A, B\nstage high: C, D\nexpect A -> C\nexpect C -> D\n"
                              "expect E -> F\n";
    const int64_t from = from_day * SJ_DAY, until = to_day * SJ_DAY;
    const sj_builder_options options = {
        .struct_size = sizeof options, .observed_from = &from, .observed_until = &until};
    sj_builder *builder = NULL;
    sj_error error = {0};
    check_ok(sj_builder_new(&options, &builder, &error), &error);
    check_ok(sj_builder_add_map(builder, map, strlen(map), &error), &error);
    for (char name[2] = "A"; name[0] <= 'F'; name[0]++)
        check_ok(sj_builder_add_touchpoint(builder, name, NULL, NULL, &error), &error);
    check_ok(sj_builder_add_touchpoint(builder, "buy", NULL, NULL, &error), &error);
    check_ok(sj_builder_add_touchpoint(builder, "oops", NULL, NULL, &error), &error);
    return builder;
}

static void journey(sj_builder *builder, const char *key, const char *text)
{
    while (*text != '\0') {
        char name[2] = {*text, 0}, channel[2] = {0};
        char *end;
        sj_error error = {0};
        sj_event event = {.struct_size = sizeof event, .customer = key, .touchpoint = name};
        if (*text == ' ') {
            text++;
            continue;
        }
        if (name[0] == '!')
            event.touchpoint = "oops";
        if (name[0] == '$')
            event.touchpoint = "buy";
        event.time = 1000 * strtoll(text + 1, &end, 10);
        if (*end == ':') {
            channel[0] = end[1];
            event.channel = channel;
            end += 2;
        }
        check_ok(sj_builder_add_event(builder, &event, &error), &error);
        text = end;
    }
}

static sj_graph *finish(sj_builder *builder)
{
    sj_graph *graph = NULL;
    sj_error error = {0};
    check_ok(sj_builder_build(builder, NULL, &graph, &error), &error);
    sj_builder_free(builder);
    return graph;
}

static sj_friction_options ask(void)
{
    return (sj_friction_options){
        .struct_size = sizeof(sj_friction_options), .conversion = "buy", .error = "oops"};
}

static sj_tally *tally_of(const sj_graph *graph, const sj_friction_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_error error = {0};
    check_ok(sj_friction_plan(graph, options, &plan, &error), &error);
    check_ok(sj_scan(&plan, 1, NULL, &tally, &error), &error);
    sj_plan_free(plan);
    return tally;
}

static sj_result *compute(const sj_graph *graph, const sj_friction_options *options)
{
    sj_result *result = NULL;
    sj_error error = {0};
    check_ok(sj_friction_compute(graph, options, NULL, &result, &error), &error);
    return result;
}

/* The row of a signal and place in a table; SIZE_MAX if there is none. */
static size_t find(const sj_result *result, const char *name, const char *signal, const char *place)
{
    const sj_table *table = sj_result_find(result, name);
    assert_non_null(table);
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        if (strcmp(sj_table_text(table, "signal", i), signal) == 0 &&
            strcmp(sj_table_text(table, "place", i), place) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Customers and affected of a signal and place, in whichever table; -1 -1 where in none. */
static void counts(const sj_result *result, const char *signal, const char *place, int64_t out[2])
{
    static const char *const tables[] = {"friction", "few"};
    out[0] = out[1] = -1;
    for (size_t t = 0; t < 2; t++) {
        const size_t row = find(result, tables[t], signal, place);
        const sj_table *table = sj_result_find(result, tables[t]);
        if (row == SIZE_MAX)
            continue;
        assert_int_equal(out[0], -1);
        out[0] = sj_table_integers(table, "customers")[row];
        out[1] = sj_table_integers(table, "affected")[row];
    }
}

#define check_counts(result, signal, place, customers, affected)                                   \
    do {                                                                                           \
        int64_t found_[2];                                                                         \
        counts((result), (signal), (place), found_);                                               \
        assert_int_equal(found_[0], (customers));                                                  \
        assert_int_equal(found_[1], (affected));                                                   \
    } while (0)

static double real(const sj_result *result, const char *column, size_t row)
{
    return sj_table_reals(sj_result_find(result, "friction"), column)[row];
}

static int64_t integer(const sj_result *result, const char *table, const char *column, size_t row)
{
    return sj_table_integers(sj_result_find(result, table), column)[row];
}

static int is_absent(const sj_result *result, const char *column, size_t row)
{
    const uint8_t *valid = sj_table_validity(sj_result_find(result, "friction"), column);
    return valid != NULL && (valid[row / 8] >> row % 8 & 1) == 0;
}

static size_t tested(const sj_result *result, const char *signal)
{
    const sj_table *table = sj_result_find(result, "tested");
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        if (strcmp(sj_table_text(table, "signal", i), signal) == 0)
            return i;
    }
    fail_msg("no row of %s", signal);
    return 0;
}

/* ---- manners ---- */

static void an_error_counts_within_half_an_hour_of_its_visit(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0 !1800000 B1900000"); /* 30 min: counts */
    journey(b, "b", "A0 !1800001 B1900000"); /* longer */
    journey(b, "c", "!0 A5");                /* one of (start) */
    journey(b, "d", "A0 A60 !1860000");      /* longer since the visit's last own event */
    journey(b, "e", "B0 A1 B2 !3");          /* B's second visit is no index visit */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "error", "A", 5, 1);
    check_counts(result, "error", "B", -1, -1); /* nobody at an index visit */
    check_counts(result, "repeat", "A", 5, 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_session_gap_cuts_errors_off(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "d", "A0 A60000 !1860000");
    sj_graph *graph = finish(b);
    sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "error", "A", 1, 1);
    sj_result_free(result);
    options.session_gap = 10 * SJ_MINUTE; /* the error begins a leg of its own */
    result = compute(graph, &options);
    check_counts(result, "error", "A", -1, -1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void rage_needs_two_neighbouring_gaps_below_a_second(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0 A400 A800");
    journey(b, "b", "A0 A1000 A2000");
    journey(b, "c", "A0 A500 A20000 $21000");
    journey(b, "d", "A0 $30000");
    journey(b, "e", "A0 !100 A999 A1998");        /* errors are no clicks */
    journey(b, "f", "A0 A999 A2000 A2999 A3999"); /* two quick ones, never in a row */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "rage", "A", 6, 2);
    check_counts(result, "repeat", "A", 4, 3);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_handoff_is_a_visit_from_another_channel(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0:x B1:y");
    journey(b, "b", "A0:x B1:x");
    journey(b, "c", "B0:y");           /* no visit before it */
    journey(b, "d", "A0 B1:y");        /* the channel before is not known */
    journey(b, "e", "A0:x $1:x B2:y"); /* nor is there one in this leg */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "handoff", "B", 2, 1);
    check_counts(result, "handoff", "A", -1, -1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void custom_is_a_visit_that_holds_such_an_event(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0:x A5:y");
    journey(b, "b", "A0:x B5:y");
    sj_graph *graph = finish(b);
    sj_friction_options options = ask();
    options.custom = "channel = 'y'";
    sj_result *result = compute(graph, &options);
    check_counts(result, "custom", "A", 2, 1);
    check_counts(result, "custom", "B", 1, 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* Dwells at A of 1 … 20 minutes: the 18th smallest is 18 min; cells of 1/16 octave at 18 min are
 * about a minute wide, so that 18 and 19 may share one.  With 1 … 20 hours squared apart they
 * cannot. */
static void slow_is_above_the_cell_of_the_ninetieth_percentile(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    for (int i = 0; i < 20; i++) {
        char key[32], text[64];
        (void)snprintf(key, sizeof key, "k%d", i);
        /* doubling dwells: 1 ms … 524,288 ms */
        (void)snprintf(text, sizeof text, "A0 B%d", 1 << i);
        journey(b, key, text);
    }
    journey(b, "last", "A0");     /* no next event: not at risk */
    journey(b, "again", "A0 $1"); /* a conversion is a next event, too */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    /* 21 at risk: ⌈18.9⌉ = 19th smallest is 2^17 ms (1 ms comes twice); above it 2^18, 2^19 */
    check_counts(result, "slow", "A", 21, 2);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- rates ---- */

static void a_drop_off_is_the_last_visit_before_null(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0 B1 A2");                   /* leaves at A */
    journey(b, "b", "A0 $1 B2");                   /* leaves at B; A converts */
    journey(b, "c", "A0 B2591999000 A2600000000"); /* cut by the horizon, goes on */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "drop-off", "A", 5, 2); /* a, and c's second leg */
    check_counts(result, "drop-off", "B", 3, 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_backtrack_is_a_next_staged_visit_of_a_lower_stage(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "C0 E1 A2"); /* E has no stage: A is next */
    journey(b, "b", "C0 D1 A2"); /* D is of the same stage */
    journey(b, "c", "C0 $1 A2"); /* the conversion comes first */
    journey(b, "d", "C0 E1");    /* nothing staged follows: not at risk */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "backtrack", "C", 3, 1);
    check_counts(result, "backtrack", "D", 1, 1);
    check_counts(result, "backtrack", "E", -1, -1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_ping_pong_comes_straight_back_within_ten_seconds(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0 B1000 A11000");   /* 10 s after B: yes */
    journey(b, "b", "A0 B1000 A11001");   /* later */
    journey(b, "c", "A0 B1000 $2000");    /* followed by the conversion */
    journey(b, "d", "A0 B1000");          /* not followed */
    journey(b, "e", "A0 B1 C2 A3 B4 A5"); /* only the first A > B counts */
    sj_graph *graph = finish(b);
    sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "ping-pong", "A > B", 4, 1);
    const size_t row = find(result, "few", "ping-pong", "A > B");
    assert_int_not_equal(row, SIZE_MAX);
    sj_result_free(result);
    options.ping_pong_span = 11 * SJ_SECOND;
    result = compute(graph, &options);
    check_counts(result, "ping-pong", "A > B", 4, 2);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_loop_is_back_within_four_visits_without_a_higher_stage(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0 B1 E2 F3 A4");    /* the 4th visit behind it */
    journey(b, "b", "A0 B1 E2 F3 E4 A5"); /* the 5th */
    journey(b, "c", "A0 C1 A2");          /* a higher stage before it */
    journey(b, "d", "A0 E1 $2 A3");       /* another leg */
    journey(b, "e", "C0 A1 D2 C3");       /* D is not higher than C */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "loop", "A", 5, 1);
    check_counts(result, "loop", "C", 2, 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void an_unexpected_next_visit_is_not_in_the_map(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    journey(b, "a", "A0 C1 E2"); /* A > C expected, C > E not */
    journey(b, "b", "A0 B1");    /* not expected */
    journey(b, "c", "A0");       /* no next visit */
    journey(b, "d", "A0 !1 C2"); /* an error is no visit */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "unexpected", "A", 3, 1);
    check_counts(result, "unexpected", "C", 1, 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

/* ---- horizon ---- */

static void index_visits_after_as_of_minus_the_horizon_are_open(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    char text[64];
    (void)state;
    (void)snprintf(text, sizeof text, "A%lld A%lld", (long long)DAYS(70) - 1, (long long)DAYS(70));
    journey(b, "a", text); /* settled: its last event is 30 days before the end */
    (void)snprintf(text, sizeof text, "A%lld A%lld", (long long)DAYS(70), (long long)DAYS(70) + 1);
    journey(b, "b", text); /* open */
    sj_graph *graph = finish(b);
    sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    check_counts(result, "repeat", "A", 1, 1);
    assert_int_equal(integer(result, "tested", "open", tested(result, "repeat")), 1);
    assert_int_equal(integer(result, "tested", "open", tested(result, "drop-off")), 0);
    assert_int_equal(integer(result, "tested", "open", tested(result, "loop")), 1);
    sj_result_free(result);
    options.horizon = SJ_UNLIMITED;
    result = compute(graph, &options);
    check_counts(result, "repeat", "A", 2, 2);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_conversion_counts_within_the_horizon_and_is_late_behind_it(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    char text[64];
    int64_t converted = 0;
    (void)state;
    (void)snprintf(text, sizeof text, "A0 $%lld", (long long)DAYS(30));
    journey(b, "a", text);
    (void)snprintf(text, sizeof text, "A0 $%lld", (long long)DAYS(30) + 1);
    journey(b, "b", text);
    journey(b, "c", "$0 A1"); /* a conversion before it does not count */
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_tally *tally = tally_of(graph, &options);
    const sj__ledger *manners = &tally->ledgers[SJ__FRICTION_MANNERS];
    for (size_t row = 0; row < manners->n_rows; row++)
        converted += sj__ledger_counts(manners, row)[SJ__COUNT_CONVERTED];
    assert_int_equal(converted, 1);
    sj_result *result = compute(graph, &options);
    const size_t row = tested(result, "rage");
    assert_near(sj_table_reals(sj_result_find(result, "tested"), "late")[row], .5, 0);
    int warned = 0;
    const sj_table *notes = sj_result_find(result, "notes");
    for (size_t i = 0; i < sj_table_rows(notes); i++)
        warned |= strcmp(sj_table_text(notes, "name", i), "late") == 0;
    assert_int_equal(warned, 1);
    sj_result_free(result);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void with_a_session_gap_a_conversion_counts_in_its_own_leg_only(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    int64_t converted = 0;
    (void)state;
    journey(b, "a", "A0 B60001 $60002");
    sj_graph *graph = finish(b);
    sj_friction_options options = ask();
    options.session_gap = SJ_MINUTE;
    sj_tally *tally = tally_of(graph, &options);
    const sj__ledger *manners = &tally->ledgers[SJ__FRICTION_MANNERS];
    for (size_t row = 0; row < manners->n_rows; row++)
        converted += sj__ledger_counts(manners, row)[SJ__COUNT_CONVERTED];
    assert_int_equal(converted, 1); /* B's */
    sj_tally_free(tally);
    sj_graph_free(graph);
}

/* ---- what is said of it ---- */

/* `n` customers with one journey. */
static void many(sj_builder *b, const char *prefix, int n, const char *text)
{
    for (int i = 0; i < n; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "%s%d", prefix, i);
        journey(b, key, text);
    }
}

/* At A 70 meet an error, 56 of them convert; 80 do not, 48 do: Newcombe's example with the sign of
 * a blessing. */
static sj_graph *graph_of_errors(int blessing)
{
    sj_builder *b = friction_builder(0, 100);
    many(b, "error_buys", blessing ? 56 : 14, "A0 !100 $90000");
    many(b, "error_leaves", blessing ? 14 : 56, "A0 !100");
    many(b, "clean_buys", blessing ? 48 : 32, "A0 $90000");
    many(b, "clean_leaves", blessing ? 32 : 48, "A0");
    return finish(b);
}

static void one_stratum_gives_newcombes_figures(void **state)
{
    sj_graph *graph = graph_of_errors(1);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    const size_t row = find(result, "friction", "error", "A");
    (void)state;
    assert_int_not_equal(row, SIZE_MAX);
    check_counts(result, "error", "A", 150, 70);
    assert_int_equal(integer(result, "friction", "visits", row), 150);
    assert_int_equal(integer(result, "friction", "affected_visits", row), 70);
    assert_near(real(result, "rate", row), .8, 1e-12);
    assert_near(real(result, "benchmark", row), .6, 1e-12);
    assert_near(real(result, "lift", row), .2, 1e-12);
    assert_near(real(result, "low", row), .052431, 1e-5);
    assert_near(real(result, "high", row), .333873, 1e-5);
    assert_true(is_absent(result, "impact", row) && is_absent(result, "impact_low", row));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_find_that_harms_is_ranked_first_with_its_sentence(void **state)
{
    sj_graph *graph = graph_of_errors(0);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    (void)state;
    assert_int_equal(find(result, "friction", "error", "A"), 0);
    assert_int_equal(integer(result, "friction", "rank", 0), 1);
    assert_true(real(result, "q", 0) <= .05);
    assert_int_equal(integer(result, "tested", "found", tested(result, "error")), 1);
    assert_string_equal(sj_table_text(sj_result_find(result, "friction"), "sentence", 0),
                        "Of 70 customers with an error at A, 14 converted; 28 would have at the "
                        "rate of comparable visits (\xe2\x88\x92"
                        "20.0 points, \xe2\x88\x92"
                        "33.4 to \xe2\x88\x92"
                        "5.2). Association, not proof.");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void finds_that_harm_come_first_by_what_they_cost_then_the_rest(void **state)
{
    static const char *const places[] = {"B", "A", "C"};
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    many(b, "a1", 20, "A0 !100 $90000"); /* 20 % against 60 %, 100 affected */
    many(b, "a2", 80, "A0 !100");
    many(b, "a3", 60, "A0 $90000");
    many(b, "a4", 40, "A0");
    many(b, "b1", 40, "B0 !100 $90000"); /* the same of 200: costs twice as much */
    many(b, "b2", 160, "B0 !100");
    many(b, "b3", 240, "B0 $90000");
    many(b, "b4", 160, "B0");
    many(b, "c1", 180, "C0 !100 $90000"); /* the surest find of all, but it does no harm */
    many(b, "c2", 20, "C0 !100");
    many(b, "c3", 60, "C0 $90000");
    many(b, "c4", 240, "C0");
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(find(result, "friction", "error", places[i]), i);
        assert_int_equal(integer(result, "friction", "rank", i), i + 1);
        assert_true(real(result, "q", i) <= .05);
    }
    assert_true(real(result, "p", 2) < real(result, "p", 0));
    assert_true(sj_table_rows(sj_result_find(result, "friction")) > 3); /* rates alone */
    sj_result_free(result);
    sj_graph_free(graph);
}

static void sides_below_min_group_are_few_and_untested(void **state)
{
    sj_graph *graph = graph_of_errors(0);
    sj_friction_options options = ask();
    options.min_group = 71;
    sj_result *result = compute(graph, &options);
    (void)state;
    assert_int_equal(find(result, "friction", "error", "A"), SIZE_MAX);
    assert_int_not_equal(find(result, "few", "error", "A"), SIZE_MAX);
    assert_int_equal(integer(result, "tested", "few", tested(result, "error")), 1);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void what_most_visits_show_is_the_norm_and_has_no_rank(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    many(b, "a", 60, "A0 A2000 $90000");
    many(b, "b", 40, "A0 A2000");
    many(b, "c", 30, "A0 $90000");
    many(b, "d", 30, "A0");
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    const size_t row = find(result, "friction", "repeat", "A");
    assert_int_not_equal(row, SIZE_MAX);
    assert_true(is_absent(result, "rank", row));
    assert_false(is_absent(result, "p", row));
    assert_non_null(strstr(sj_table_text(sj_result_find(result, "friction"), "sentence", row),
                           "the norm here"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void also_names_the_signal_that_most_of_the_affected_share(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    many(b, "a", 10, "A0 A400 A800 !900 B5000 $90000"); /* rage and error */
    many(b, "b", 25, "A0 A2000 !2100 B5000");           /* repeat and error */
    many(b, "c", 60, "A0 B5000 $90000");
    many(b, "d", 60, "A0 B5000");
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    const size_t row = find(result, "friction", "error", "A");
    assert_int_not_equal(row, SIZE_MAX);
    assert_string_equal(sj_table_text(sj_result_find(result, "friction"), "also", row), "repeat");
    sj_result_free(result);
    sj_graph_free(graph);
}

/* Six touchpoints of one stage; 100 visits each; five are left by 10, one by 60. r* = .1, variance
 * of the others 0, sampling variance .0009, τ² = 0: error² = .0009/5 + .09/100 = .00108; t =
 * .5/√.00108 = 15.2145, 4 degrees. */
static void peers_are_an_outlier_test(void **state)
{
    static const char map[] = "stage all: p, q, r, s, t, u\n";
    static const char *const names[] = {"p", "q", "r", "s", "t", "u"};
    const int64_t from = 0, until = 100 * SJ_DAY;
    const sj_builder_options given = {
        .struct_size = sizeof given, .observed_from = &from, .observed_until = &until};
    const char *const signals[] = {"drop-off"};
    sj_friction_options options = ask();
    sj_builder *b = NULL;
    sj_error error = {0};
    (void)state;
    check_ok(sj_builder_new(&given, &b, &error), &error);
    check_ok(sj_builder_add_map(b, map, strlen(map), &error), &error);
    for (int i = 0; i < 600; i++) {
        char key[16];
        const int place = i / 100, leaves = i % 100 < (place == 2 ? 60 : 10);
        sj_event event = {.struct_size = sizeof event, .customer = key, .time = i};
        (void)snprintf(key, sizeof key, "%d", i);
        event.touchpoint = names[place];
        check_ok(sj_builder_add_event(b, &event, &error), &error);
        event.touchpoint = "buy";
        event.time += 9;
        if (!leaves)
            check_ok(sj_builder_add_event(b, &event, &error), &error);
    }
    sj_graph *graph = finish(b);
    options.error = NULL;
    options.signals = signals;
    options.n_signals = 1;
    sj_result *result = compute(graph, &options);
    const sj_table *table = sj_result_find(result, "friction");
    assert_int_equal(sj_table_rows(table), 6);
    const size_t row = find(result, "friction", "drop-off", "r");
    assert_near(real(result, "rate", row), .6, 1e-12);
    assert_near(real(result, "benchmark", row), .1, 1e-12);
    assert_near(real(result, "lift", row), .5, 1e-12);
    assert_near(real(result, "low", row), .5 - 2.7764451051977987 * sqrt(.00108), 1e-9);
    assert_near(real(result, "p", row), sj__student_beyond(.5 / sqrt(.00108), 4), 1e-6);
    assert_int_equal(row, 5); /* more than half leave: the norm, unranked */
    assert_true(is_absent(result, "rank", row));
    options.min_group = 101; /* too few peers, and too few visits */
    sj_result *few = compute(graph, &options);
    assert_int_equal(sj_table_rows(sj_result_find(few, "friction")), 0);
    assert_int_equal(sj_table_rows(sj_result_find(few, "few")), 6);
    sj_result_free(few);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void without_peers_a_rate_stands_alone(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    (void)state;
    many(b, "a", 20, "A0");
    many(b, "b", 30, "A0 $5");
    sj_graph *graph = finish(b);
    const sj_friction_options options = ask();
    sj_result *result = compute(graph, &options);
    const size_t row = find(result, "friction", "drop-off", "A");
    assert_near(real(result, "rate", row), .4, 1e-12);
    assert_true(is_absent(result, "benchmark", row) && is_absent(result, "p", row) &&
                is_absent(result, "q", row) && is_absent(result, "lift", row));
    assert_false(is_absent(result, "rank", row));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_group_is_compared_within_positions(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    sj_builder *c = friction_builder(0, 100);
    sj_friction_options options = ask();
    (void)state;
    many(b, "a", 56, "A0");
    many(b, "b", 14, "A0 $5");
    many(c, "c", 48, "A0");
    many(c, "d", 32, "A0 $5");
    many(c, "e", 9, "F0 A1"); /* another position: a stratum with one side */
    sj_graph *now = finish(b), *then = finish(c);
    sj_tally *baseline = tally_of(then, &options);
    options.baseline = baseline;
    sj_result *result = compute(now, &options);
    const size_t row = find(result, "friction", "drop-off", "A");
    assert_int_equal(row, 0);
    assert_near(real(result, "rate", row), .8, 1e-12);
    assert_near(real(result, "lift", row), .2, 1e-12);
    assert_near(real(result, "benchmark", row), .6, 1e-12);
    assert_near(real(result, "low", row), .052431, 1e-5);
    assert_near(real(result, "high", row), .333873, 1e-5);
    assert_true(is_absent(result, "rank", row)); /* four of five leave: the norm */
    sj_result_free(result);
    options.benchmark = SJ_BENCHMARK_PEERS;
    assert_int_equal(sj_friction_compute(now, &options, NULL, &result, &failure), SJ_ERR_OPTIONS);
    assert_null(result);
    sj_tally_free(baseline);
    sj_graph_free(now);
    sj_graph_free(then);
}

/* ---- options and texts ---- */

static void refuse(const sj_friction_options *options, sj_status code, const char *word)
{
    sj_graph *graph = finish(friction_builder(0, 100));
    sj_result *result = NULL;
    failure = (sj_error){0};
    assert_int_equal(sj_friction_compute(graph, options, NULL, &result, &failure), code);
    assert_null(result);
    if (strstr(failure.message, word) == NULL)
        fail_msg("\"%s\" does not say %s", failure.message, word);
    sj_graph_free(graph);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    static const char *const typo[] = {"rag"}, *const custom[] = {"custom"};
    static const char *const rage[] = {"rage"};
    sj_friction_options options = ask();
    (void)state;
    options.conversion = NULL;
    refuse(&options, SJ_ERR_OPTIONS, "conversion");
    options = ask();
    options.conversion = "byu";
    refuse(&options, SJ_ERR_NAME, "conversion: ");
    options = ask();
    options.signals = typo, options.n_signals = 1;
    refuse(&options, SJ_ERR_NAME, "'rag'");
    options.signals = custom;
    refuse(&options, SJ_ERR_OPTIONS, "custom");
    options.signals = rage, options.custom = "A";
    refuse(&options, SJ_ERR_OPTIONS, "custom has no effect");
    options = ask();
    options.signals = rage, options.n_signals = 1, options.loop_visits = 3;
    refuse(&options, SJ_ERR_OPTIONS, "loop_visits has no effect");
    options = ask();
    options.score = "s";
    refuse(&options, SJ_ERR_OPTIONS, "score: not built yet");
    options = ask();
    options.period = SJ_DAY;
    refuse(&options, SJ_ERR_OPTIONS, "period: not built yet");
    options = ask();
    options.strata = "s";
    refuse(&options, SJ_ERR_OPTIONS, "strata: not built yet");
    options = ask();
    options.benchmark = SJ_BENCHMARK_MAP;
    refuse(&options, SJ_ERR_OPTIONS, "benchmark");
    options.benchmark = SJ_BENCHMARK_GROUP;
    refuse(&options, SJ_ERR_OPTIONS, "baseline");
    options = ask();
    options.slow = SJ_SLOW_MAD;
    refuse(&options, SJ_ERR_OPTIONS, "slow");
}

static void equal_questions_have_equal_texts(void **state)
{
    static const char *const all[] = {"unexpected", "loop", "ping-pong", "backtrack", "drop-off",
                                      "handoff",    "slow", "repeat",    "rage",      "error"};
    const int64_t as_of = 100 * SJ_DAY;
    sj_graph *graph = finish(friction_builder(0, 100));
    sj_friction_options plain = ask(), said = ask();
    (void)state;
    said.conversion = " touchpoint='buy' ";
    said.signals = all, said.n_signals = 10;
    said.horizon = 30 * SJ_DAY;
    said.session_gap = SJ_UNLIMITED;
    said.loop_visits = 4;
    said.ping_pong_span = 10 * SJ_SECOND;
    said.slow = SJ_SLOW_TENTH;
    said.as_of = &as_of;
    sj_tally *one = tally_of(graph, &plain), *other = tally_of(graph, &said);
    assert_string_equal(sj_tally_text(one), sj_tally_text(other));
    assert_non_null(strstr(sj_tally_text(one), "\nconversion touchpoint = 'buy'\n"));
    assert_non_null(strstr(sj_tally_text(one), "\nerror touchpoint = 'oops'\n"));
    assert_non_null(strstr(sj_tally_text(one), "\nhorizon 2592000000000\n"));
    assert_null(strstr(sj_tally_text(one), "\nsignal "));
    said.n_signals = 1;
    said.loop_visits = 0, said.ping_pong_span = 0, said.slow = 0;
    said.error = NULL;
    said.signals = all + 7;
    sj_tally_free(other);
    other = tally_of(graph, &said);
    assert_non_null(strstr(sj_tally_text(other), "\nsignal repeat\n"));
    sj_tally_free(one);
    sj_tally_free(other);
    sj_graph_free(graph);
}

static void short_observation_has_no_horizon(void **state)
{
    sj_graph *graph = finish(friction_builder(0, 59));
    const sj_friction_options options = ask();
    sj_tally *tally = tally_of(graph, &options);
    (void)state;
    assert_non_null(strstr(sj_tally_text(tally), "\nhorizon 9223372036854775807\n"));
    sj_result *result = NULL;
    assert_int_equal(sj_friction_conclude(tally, NULL, &result, NULL), SJ_OK);
    const sj_table *notes = sj_result_find(result, "notes");
    int said = 0;
    for (size_t i = 0; i < sj_table_rows(notes); i++)
        said |= strcmp(sj_table_text(notes, "name", i), "horizon") == 0 &&
                strstr(sj_table_text(notes, "text", i), "none: ") != NULL;
    assert_int_equal(said, 1);
    sj_result_free(result);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void signals_are_listed_in_the_catalog(void **state)
{
    sj_result *result = NULL;
    (void)state;
    assert_int_equal(sj_catalog("friction signals", NULL, &result, NULL), SJ_OK);
    const sj_table *table = sj_result_find(result, "catalog");
    assert_int_equal(sj_table_rows(table), SJ__FRICTION_SIGNALS);
    assert_string_equal(sj_table_text(table, "name", SJ__FRICTION_PING_PONG), "ping-pong");
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const char *name = sj_table_text(table, "name", i);
        assert_int_equal(sj__friction_signal_find(name, strlen(name)), i);
        assert_true(strlen(sj_table_text(table, "summary", i)) > 0);
    }
    sj_result_free(result);
}

/* Above 512 touchpoints rates are counted in another way. */
static void many_touchpoints_change_no_figure(void **state)
{
    sj_buffer *bytes[2];
    const sj_friction_options options = ask();
    (void)state;
    for (int more = 0; more < 2; more++) {
        sj_builder *b = friction_builder(0, 100);
        sj_error error = {0};
        for (int i = 0; i < 600 * more; i++) {
            char name[32];
            (void)snprintf(name, sizeof name, "unused%d", i);
            check_ok(sj_builder_add_touchpoint(b, name, NULL, NULL, &error), &error);
        }
        many(b, "a", 40, "A0 B1 A2 !3 C4 D5 C6 $7");
        many(b, "b", 35, "A0 C1 C2 D3 A4 B5");
        many(b, "c", 45, "A0 A100 A200 E3 F4 E5 $6 A7");
        sj_graph *graph = finish(b);
        sj_result *result = compute(graph, &options);
        check_ok(sj_result_write(result, "friction", SJ_FORMAT_JSON, &bytes[more], &error), &error);
        sj_result_free(result);
        sj_graph_free(graph);
    }
    assert_int_equal(sj_buffer_size(bytes[0]), sj_buffer_size(bytes[1]));
    assert_memory_equal(sj_buffer_data(bytes[0]), sj_buffer_data(bytes[1]),
                        sj_buffer_size(bytes[0]));
    sj_buffer_free(bytes[0]);
    sj_buffer_free(bytes[1]);
}

/* The rule of expected transitions is that of the graph's edges. */
static void expected_transitions_are_those_of_the_edges(void **state)
{
    sj_builder *b = friction_builder(0, 100);
    sj_error error = {0};
    (void)state;
    for (int stages = 0; stages < 2; stages++) {
        sj__expected expected;
        sj_transition edge;
        if (stages)
            b = friction_builder(0, 100);
        if (stages)
            check_ok(sj_builder_add_map(b, "expect low -> high\n", 19, &error), &error);
        for (char from = 'A'; from <= 'F'; from++) {
            for (char to = 'A'; to <= 'F'; to++) {
                char key[3] = {from, to, 0}, text[16];
                (void)snprintf(text, sizeof text, "%c0 %c1", from, to);
                journey(b, key, text);
            }
        }
        sj_graph *graph = finish(b);
        const sj_allocator a = sj__allocator(NULL);
        check_ok(sj__expected_init(&expected, sj__graph_map(graph), &a, &error), &error);
        for (uint32_t from = 0; from < 6; from++) {
            for (uint32_t to = 0; to < 6; to++) {
                assert_int_equal(sj_graph_transition(graph, from, to, &edge), 1);
                assert_int_equal(sj__expected_has(&expected, from, to), edge.expected != 0);
            }
        }
        sj__expected_free(&expected);
        sj_graph_free(graph);
    }
}

static void what_no_scan_can_have_counted_is_refused(void **state)
{
    sj_graph *graph = graph_of_errors(1);
    const sj_friction_options options = ask();
    sj_tally *tally = tally_of(graph, &options);
    sj__ledger *manners = &tally->ledgers[SJ__FRICTION_MANNERS];
    sj__ledger *rates = &tally->ledgers[SJ__FRICTION_RATES];
    sj_result *result = NULL;
    int64_t *counts = sj__ledger_counts(manners, 0);
    (void)state;
    counts[SJ__COUNT_CONVERTED] = counts[SJ__COUNT_INDEX] + 1;
    assert_int_equal(sj_friction_conclude(tally, NULL, &result, &failure), SJ_ERR_FORMAT);
    assert_null(result);
    counts[SJ__COUNT_CONVERTED] = 0;
    manners->parts[1] = SJ__POSITION_BUCKETS;
    assert_int_equal(sj_friction_conclude(tally, NULL, &result, &failure), SJ_ERR_FORMAT);
    manners->parts[1] = 0;
    rates->parts[0] = SJ__FRICTION_SIGNALS;
    assert_int_equal(sj_friction_conclude(tally, NULL, &result, &failure), SJ_ERR_FORMAT);
    rates->parts[0] = SJ__FRICTION_DROP_OFF;
    counts[SJ__COUNT_VISITS] = counts[SJ__COUNT_INDEX] = INT64_MAX;
    assert_int_equal(sj_friction_conclude(tally, NULL, &result, &failure), SJ_ERR_OVERFLOW);
    assert_null(result);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

static void dwell_cells_are_sixteen_to_an_octave(void **state)
{
    int32_t last = 0;
    (void)state;
    for (uint64_t v = 0; v < 64; v++) {
        assert_true(sj__dwell_cell(v) >= last && sj__dwell_cell(v) <= last + 1);
        last = sj__dwell_cell(v);
    }
    assert_int_equal(sj__dwell_cell(0), 1);
    assert_int_equal(sj__dwell_cell(15), 16);
    assert_int_equal(sj__dwell_cell(16), 17);
    assert_int_equal(sj__dwell_cell(32), 33);
    assert_int_equal(sj__dwell_cell(33), 33);
    assert_int_equal(sj__dwell_cell(1024), sj__dwell_cell(512) + 16);
    assert_int_equal(sj__dwell_cell(INT64_MAX), SJ__DWELL_CELLS - 1);
    assert_int_equal(sj__dwell_cell(UINT64_MAX), SJ__DWELL_CELLS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_counts_within_half_an_hour_of_its_visit),
        cmocka_unit_test(a_session_gap_cuts_errors_off),
        cmocka_unit_test(rage_needs_two_neighbouring_gaps_below_a_second),
        cmocka_unit_test(a_handoff_is_a_visit_from_another_channel),
        cmocka_unit_test(custom_is_a_visit_that_holds_such_an_event),
        cmocka_unit_test(slow_is_above_the_cell_of_the_ninetieth_percentile),
        cmocka_unit_test(a_drop_off_is_the_last_visit_before_null),
        cmocka_unit_test(a_backtrack_is_a_next_staged_visit_of_a_lower_stage),
        cmocka_unit_test(a_ping_pong_comes_straight_back_within_ten_seconds),
        cmocka_unit_test(a_loop_is_back_within_four_visits_without_a_higher_stage),
        cmocka_unit_test(an_unexpected_next_visit_is_not_in_the_map),
        cmocka_unit_test(index_visits_after_as_of_minus_the_horizon_are_open),
        cmocka_unit_test(a_conversion_counts_within_the_horizon_and_is_late_behind_it),
        cmocka_unit_test(with_a_session_gap_a_conversion_counts_in_its_own_leg_only),
        cmocka_unit_test(one_stratum_gives_newcombes_figures),
        cmocka_unit_test(a_find_that_harms_is_ranked_first_with_its_sentence),
        cmocka_unit_test(finds_that_harm_come_first_by_what_they_cost_then_the_rest),
        cmocka_unit_test(sides_below_min_group_are_few_and_untested),
        cmocka_unit_test(what_most_visits_show_is_the_norm_and_has_no_rank),
        cmocka_unit_test(also_names_the_signal_that_most_of_the_affected_share),
        cmocka_unit_test(peers_are_an_outlier_test),
        cmocka_unit_test(without_peers_a_rate_stands_alone),
        cmocka_unit_test(a_group_is_compared_within_positions),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(equal_questions_have_equal_texts),
        cmocka_unit_test(short_observation_has_no_horizon),
        cmocka_unit_test(signals_are_listed_in_the_catalog),
        cmocka_unit_test(dwell_cells_are_sixteen_to_an_octave),
        cmocka_unit_test(many_touchpoints_change_no_figure),
        cmocka_unit_test(expected_transitions_are_those_of_the_edges),
        cmocka_unit_test(what_no_scan_can_have_counted_is_refused),
    };
    return cmocka_run_group_tests_name("friction", tests, NULL, NULL);
}
