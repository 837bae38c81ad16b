/* Attempt first, attempt each and unit attempts on journeys worked by hand; what is refused; and
 * how the work grows.
 *
 * Journeys are written "A0 B5 A7u": touchpoint (one letter), time in microseconds, held value (one
 * letter, may be left out). */
#include "rows.h"

#include <string.h>
#include <time.h>

#include <sojourn.h>

/* Steps are one letter each. */
typedef struct replay_question {
    sj_step steps[8];
    char names[8][2];
    sj_funnel_options options;
} replay_question;

static sj_funnel_options *replay_ask(replay_question *q, const char *letters, int32_t attempt,
                                     int64_t window)
{
    memset(q, 0, sizeof *q);
    for (size_t k = 0; letters[k] != '\0'; k++) {
        q->names[k][0] = letters[k];
        q->steps[k].condition = q->names[k];
    }
    q->options = (sj_funnel_options){.struct_size = sizeof q->options,
                                     .steps = q->steps,
                                     .n_steps = strlen(letters),
                                     .step_size = sizeof(sj_step),
                                     .window = window,
                                     .attempt = attempt};
    return &q->options;
}

static sj_funnel_options *replay_ask_units(replay_question *q, const char *letters, int64_t window)
{
    sj_funnel_options *options = replay_ask(q, letters, 0, window);
    options->unit = SJ_UNIT_ATTEMPTS;
    return options;
}

static void replay_add(sj_builder *b, const char *customer, const char *journey)
{
    while (*journey != '\0') {
        char *end, held[2] = {0};
        const char name[2] = {*journey, 0};
        row event = {.customer = customer, .touchpoint = name};
        event.time = strtoll(journey + 1, &end, 10);
        if (*end >= 'a' && *end <= 'z') {
            held[0] = *end++;
            event.attributes[0] = "held", event.attributes[1] = held;
        }
        must(rows_add(b, &event, error));
        journey = end + strspn(end, " ");
    }
}

static sj_builder *replay_builder(void)
{
    sj_builder *b = rows_builder(NULL);
    for (char name[2] = "A"; name[0] <= 'F'; name[0]++)
        must(sj_builder_add_touchpoint(b, name, NULL, NULL, error));
    must(sj_builder_add_attribute(b, "held", SJ_ATTRIBUTE_CATEGORY, 0, error));
    return b;
}

static sj_graph *replay_graph(const char *journey)
{
    sj_builder *b = replay_builder();
    replay_add(b, "k", journey);
    sj_graph *g = rows_build(b);
    sj_builder_free(b);
    return g;
}

/* Numbers of one list column of a row, "-" where there is none. */
static void replay_list(const sj_table *t, const char *column, size_t at, size_t n, char *to,
                        size_t room)
{
    const uint8_t *valid = sj_table_validity(t, column);
    for (size_t i = at; i < at + n; i++) {
        const size_t used = strlen(to);
        if (valid == NULL || (valid[i / 8] >> (i % 8) & 1) != 0)
            (void)snprintf(to + used, room - used, " %lld",
                           (long long)sj_table_integers(t, column)[i]);
        else
            (void)snprintf(to + used, room - used, " -");
    }
}

/* The units of a journey: "level reason times…; …"; `column` may be the events instead. */
static void replay_expect_column(const char *journey, const sj_funnel_options *options,
                                 const char *column, const char *expected)
{
    char found[400] = "";
    sj_result *list = NULL;
    sj_graph *g = replay_graph(journey);
    must(sj_funnel_list(g, options, NULL, &list, error));
    const sj_table *t = sj_result_find(list, "levels");
    for (size_t r = 0; r < sj_table_rows(t); r++) {
        const size_t used = strlen(found);
        (void)snprintf(found + used, sizeof found - used, "%s%lld %s", r ? "; " : "",
                       (long long)sj_table_integers(t, "level")[r], sj_table_text(t, "reason", r));
        replay_list(t, column, r * options->n_steps, options->n_steps, found, sizeof found);
    }
    assert_string_equal(found, expected);
    sj_result_free(list);
    sj_graph_free(g);
}

static void replay_expect(const char *journey, const sj_funnel_options *options,
                          const char *expected)
{
    replay_expect_column(journey, options, "times", expected);
}

/* ---- first ---- */

/* B1 is what comes first, and then C7 is six behind it; best waits for B5. */
static void first_stays_with_what_it_has_filled(void **state)
{
    replay_question q;
    (void)state;
    for (int32_t attempt = SJ_ATTEMPT_BEST; attempt <= SJ_ATTEMPT_EACH; attempt++) {
        sj_funnel_options *options = replay_ask(&q, "ABC", attempt, 0);
        q.steps[2].max_gap = 3;
        replay_expect("A0 B1 B5 C7", options,
                      attempt == SJ_ATTEMPT_BEST ? "3 converted 0 5 7" : "2 gap 0 1 -");
    }
}

/* Minutes: an hour from 1:00 ends before 2:15, from 1:30 it does not. */
static void mixpanel_s_example_depends_on_the_attempt(void **state)
{
    static const char journey[] = "A60 A90 B105 C135";
    replay_question q;
    (void)state;
    replay_expect(journey, replay_ask(&q, "ABC", SJ_ATTEMPT_FIRST, 60), "2 window 60 105 -");
    replay_expect(journey, replay_ask(&q, "ABC", SJ_ATTEMPT_BEST, 60), "3 converted 90 105 135");
    replay_expect(journey, replay_ask_units(&q, "ABC", 60), "2 window 60 105 -");
}

static void first_goes_as_far_as_it_can_at_one_time(void **state)
{
    replay_question q;
    (void)state;
    replay_expect("B5 A5", replay_ask(&q, "AB", SJ_ATTEMPT_FIRST, 0), "2 converted 5 5");
    replay_expect("A0 C2 B2 C3", replay_ask(&q, "ABC", SJ_ATTEMPT_FIRST, 0), "3 converted 0 2 2");
    sj_funnel_options *options = replay_ask(&q, "AB", SJ_ATTEMPT_FIRST, 0);
    options->tie = SJ_TIE_INPUT;
    replay_expect("B5 A5", options, "1 none 5 -");
    options->tie = SJ_TIE_STRICT;
    replay_expect("A5 B5 B6", options, "2 converted 5 6");
}

/* Steps A, B (optional), C. */
static void first_fills_optional_steps_where_that_costs_no_level(void **state)
{
    replay_question q;
    sj_funnel_options *options = replay_ask(&q, "ABC", SJ_ATTEMPT_FIRST, 0);
    (void)state;
    q.steps[1].optional = 1;
    replay_expect("A0 C2", options, "3 converted 0 - 2");
    replay_expect("A0 B1 C2", options, "3 converted 0 1 2");
    replay_expect("A0 C2 B2", options, "3 converted 0 2 2");
    replay_expect("A0 B0 A1 C2", options, "3 converted 0 0 2");
}

/* At time 5 step 4 needs D; of the optional steps 2 and 3 only one can have B.  Of sets as large
 * the lowest row counts first (1 before 2), then the lowest step. */
static void of_runs_as_good_the_lowest_rows_then_the_lowest_steps_are_filled(void **state)
{
    replay_question q;
    sj_funnel_options *options = replay_ask(&q, "ABCD", SJ_ATTEMPT_FIRST, 0);
    (void)state;
    q.steps[1].optional = q.steps[2].optional = 1;
    q.steps[1].condition = "touchpoint in ('B', 'C')";
    q.steps[2].condition = "touchpoint = 'B'";
    replay_expect_column("A0 B5 D5", options, "events", "4 converted 0 1 - 2");
    replay_expect_column("A0 C5 B5 D5", options, "events", "4 converted 0 1 2 3");
    replay_expect_column("A0 B5 C5 D5", options, "events", "4 converted 0 2 1 3");
    q.steps[2].min_gap =
        1; /* only the first fill of an instant can have one, so one of the two is left out */
    replay_expect_column("A0 B5 C5 D5", options, "events", "4 converted 0 1 - 3");
    q.steps[1].condition = "touchpoint = 'C'";
    replay_expect_column("A0 B5 C5 D5", options, "events", "4 converted 0 - 1 3");
    replay_expect_column("A0 C5 B5 D5", options, "events", "4 converted 0 1 - 3");
}

/* Of the optional steps 2 and 5 one can have the third A.  Rows 0 2 1 3 4 are lower than 0 2 3 1 4:
 * behind the second A, as step 3, row 1 is free for step 4; as step 2 it is not. */
static void
of_steps_that_can_take_the_lowest_row_that_is_filled_behind_which_the_rows_are_lowest(void **state)
{
    replay_question q;
    sj_funnel_options *options = replay_ask(&q, "AAABAB", SJ_ATTEMPT_FIRST, 0);
    (void)state;
    q.steps[1].optional = q.steps[4].optional = 1;
    replay_expect_column("A5 B5 A5 A5 B5", options, "events", "6 converted 0 - 2 1 3 4");
    replay_expect_column("A5 A5 A5 B5 B5", options, "events", "6 converted 0 1 2 3 - 4");
}

static void first_goes_by_the_first_entry_of_all_held_values_and_sessions(void **state)
{
    static const char *const held[] = {"held"};
    replay_question q;
    sj_funnel_options *options = replay_ask(&q, "AB", SJ_ATTEMPT_FIRST, 0);
    (void)state;
    options->hold = held, options->n_hold = 1;
    replay_expect("A0u A1v B2v", options, "1 held 0 -");
    replay_expect("A0u A0v B2v", options, "2 converted 0 2");
    options->unit = SJ_UNIT_VALUES;
    replay_expect("A0u A1v B2v", options, "1 held 0 -; 2 converted 1 2");
    options = replay_ask(&q, "AB", SJ_ATTEMPT_FIRST, 0);
    options->session_gap = 30;
    replay_expect("A0 A50 B60", options, "1 none 0 -");
    options->unit = SJ_UNIT_SESSIONS;
    replay_expect("A0 A50 B60", options, "1 none 0 -; 2 converted 50 60");
}

static void the_first_entry_lies_in_the_entry_range(void **state)
{
    static const int64_t from = 1, to = 9;
    replay_question q;
    sj_funnel_options *options = replay_ask(&q, "AB", SJ_ATTEMPT_FIRST, 0);
    (void)state;
    options->entry_from = &from, options->entry_to = &to;
    replay_expect("A0 A5 B60", options, "2 converted 5 60");
    replay_expect("A0 A9 B60", options, "");
}

/* ---- each ---- */

static void a_conversion_ends_a_replay_and_the_next_begins_later(void **state)
{
    replay_question q;
    const sj_funnel_options *options = replay_ask_units(&q, "AB", 0);
    (void)state;
    replay_expect("A0 B1 A2 B3", options, "2 converted 0 1; 2 converted 2 3");
    replay_expect("A0 A1 B2 A3", options, "2 converted 0 2; 1 none 3 -");
    replay_expect("A0 B1 A1 B2", options, "2 converted 0 1");
    replay_expect("A0 B0 A0 B0 A1", options, "2 converted 0 0; 1 none 1 -");
    replay_expect("A0 A1", replay_ask_units(&q, "A", 0), "1 converted 0; 1 converted 1");
}

static void its_limit_ends_a_replay_and_as_of_leaves_it_open(void **state)
{
    static const int64_t as_of = 4;
    replay_question q;
    sj_funnel_options *options = replay_ask_units(&q, "AB", 2);
    (void)state;
    replay_expect("A0 A3 B4", options, "1 window 0 -; 2 converted 3 4");
    replay_expect("A0 A2 B3", options, "1 window 0 -");
    options->as_of = &as_of;
    replay_expect("A0 A3", options, "1 none 0 -; 1 open 3 -");
    options = replay_ask_units(&q, "ABC", 0);
    q.steps[1].max_gap = 5, q.steps[2].max_gap = 2;
    replay_expect("A0 B4 A6 A7 B8 C9", options, "2 gap 0 4 -; 3 converted 7 8 9");
}

static void what_broke_a_replay_may_begin_the_next(void **state)
{
    const sj_exclusion excluded = {.condition = "touchpoint in ('D', 'E')"};
    replay_question q;
    sj_funnel_options *options = replay_ask_units(&q, "AB", 0);
    (void)state;
    options->order = SJ_ORDER_ADJACENT;
    replay_expect("A0 A1 B2", options, "1 order 0 -; 2 converted 1 2");
    replay_expect("A0 D1 A2 B3", options, "1 order 0 -; 2 converted 2 3");
    options->window = 3; /* behind the limit nothing breaks: B5 is late */
    replay_expect("A0 B5", options, "1 window 0 -");
    options = replay_ask_units(&q, "AB", 0);
    q.steps[0].condition = "touchpoint in ('A', 'E')";
    options->exclusions = &excluded, options->n_exclusions = 1;
    options->exclusion_size = sizeof excluded;
    replay_expect("A0 E1 B2", options, "1 excluded 0 -; 2 converted 1 2");
    replay_expect("A0 D0 B2", options, "2 converted 0 2");
}

/* C at 2 could not come next to D, but only because E lies between: the replay has not ended, and
 * lasts to its limit. */
static void order_by_adjacency_alone_does_not_end_a_replay(void **state)
{
    replay_question q;
    sj_funnel_options *options = replay_ask_units(&q, "ABC", 5);
    (void)state;
    q.steps[1].optional = 1, q.steps[2].adjacent = 1; /* B may come next and is not adjacent */
    replay_expect("A0 E1 C2 A3 A6 C7", options, "1 order 0 - -; 3 converted 6 - 7");
}

static void a_removed_attempt_is_no_unit_and_is_counted(void **state)
{
    const sj_exclusion removes = {.condition = "D", .effect = SJ_EXCLUDE_REMOVE};
    replay_question q;
    sj_funnel_options *options = replay_ask_units(&q, "AB", 0);
    sj_graph *g = replay_graph("A0 D1 A2 B3 A4 D5");
    sj_result *r = NULL;
    (void)state;
    options->exclusions = &removes, options->n_exclusions = 1;
    options->exclusion_size = sizeof removes;
    replay_expect("A0 D1 A2 B3 A4 D5", options, "2 converted 2 3");
    must(sj_funnel_compute(g, options, NULL, &r, error));
    const sj_table *steps = sj_result_find(r, "steps"), *notes = sj_result_find(r, "notes");
    assert_int_equal(sj_table_integers(steps, "reached")[0], 1);
    assert_int_equal(sj_table_integers(steps, "customers")[0], 1);
    for (size_t i = 0; i < sj_table_rows(notes); i++)
        if (strcmp(sj_table_text(notes, "name", i), "removed") == 0)
            assert_string_equal(sj_table_text(notes, "text", i), "2 units, which count nowhere");
    sj_result_free(r);
    sj_graph_free(g);
}

/* A1 lasts to 6, so that A7 begins one of its own; with a window of 6 it lasts to 7. */
static void of_each_attempt_the_best_speaks_and_a_wider_window_can_hide_it(void **state)
{
    replay_question q;
    (void)state;
    replay_expect("A1 A7 B8", replay_ask(&q, "AB", SJ_ATTEMPT_EACH, 5), "2 converted 7 8");
    replay_expect("A1 A7 B8", replay_ask(&q, "AB", SJ_ATTEMPT_EACH, 6), "1 window 1 -");
}

/* The first replay is as long as the second, and gives way to it; the third is too late to be
 * chosen. */
static void an_excluded_replay_gives_way_to_one_completed_later(void **state)
{
    const sj_exclusion excluded = {.condition = "D"};
    replay_question q;
    sj_funnel_options *options = replay_ask(&q, "ABC", SJ_ATTEMPT_EACH, 4);
    (void)state;
    options->exclusions = &excluded, options->n_exclusions = 1;
    options->exclusion_size = sizeof excluded;
    replay_expect("A0 B1 D2 A3 B4 A20 B21", options, "2 none 3 4 -");
    replay_expect("A0 B1 D2", options, "2 excluded 0 1 -");
}

static void attempts_are_listed_by_session_value_and_time(void **state)
{
    static const char *const held[] = {"held"};
    replay_question q;
    sj_funnel_options *options = replay_ask_units(&q, "AB", 0);
    (void)state;
    options->hold = held, options->n_hold = 1, options->session_gap = 30;
    replay_expect("A0u A1v B2u B3v A4u A50v A51u B52u", options,
                  "2 converted 0 2; 1 none 4 -; 2 converted 1 3; 1 held 50 -; 2 converted 51 52");
}

/* Reached counts attempts, customers counts people; next is what came behind each attempt. */
static void the_tables_count_attempts_as_units(void **state)
{
    replay_question q;
    sj_builder *b = replay_builder();
    sj_result *r = NULL;
    (void)state;
    replay_add(b, "k", "A0 B2 A4 E5 A14 B18");
    replay_add(b, "m", "A0 F1");
    sj_graph *g = rows_build(b);
    sj_builder_free(b);
    must(sj_funnel_compute(g, replay_ask_units(&q, "AB", 8), NULL, &r, error));
    /* k: 0–2, 4 (until 12), 14–18; m: 0 */
    const sj_table *steps = sj_result_find(r, "steps"), *next = sj_result_find(r, "next");
    assert_int_equal(sj_table_integers(steps, "reached")[0], 4);
    assert_int_equal(sj_table_integers(steps, "reached")[1], 2);
    assert_int_equal(sj_table_integers(steps, "customers")[0], 2);
    assert_int_equal(sj_table_integers(steps, "customers")[1], 1);
    assert_int_equal(sj_table_integers(steps, "dropped")[0], 2);
    assert_int_equal(sj_table_rows(next), 2);
    assert_string_equal(sj_table_text(next, "touchpoint", 0), "E");
    assert_string_equal(sj_table_text(next, "touchpoint", 1), "F");
    sj_result_free(r);
    sj_graph_free(g);
}

/* ---- grace ---- */

static sj_funnel_options *replay_ask_grace(replay_question *q, const char *letters, int64_t grace)
{
    sj_funnel_options *options = replay_ask(q, letters, SJ_ATTEMPT_FIRST, 0);
    options->tie = SJ_TIE_GRACE, options->grace = grace;
    return options;
}

static void grace_lets_a_step_lie_before_the_latest_event_and_does_not_add_up(void **state)
{
    replay_question q;
    (void)state;
    replay_expect("B0 A1", replay_ask_grace(&q, "AB", 2), "2 converted 1 0");
    replay_expect("B0 A3", replay_ask_grace(&q, "AB", 2), "1 none 3 -");
    replay_expect("D0 C2 B4 A6", replay_ask_grace(&q, "ABCD", 2), "2 none 6 4 - -");
    replay_expect("B0 A1 B1", replay_ask_grace(&q, "AB", SJ_INSTANT), "2 converted 1 1");
}

/* Step 1 is met by A and B, step 2 by B.  At 5 A meets fewer steps; at 6 both B meet two. */
static void with_grace_the_plainest_event_of_a_time_goes_first(void **state)
{
    replay_question q;
    sj_funnel_options *options = replay_ask_grace(&q, "AB", 1);
    (void)state;
    q.steps[0].condition = "touchpoint in ('A', 'B')";
    replay_expect_column("B5 A5 B6", options, "events", "2 converted 1 0");
    replay_expect_column("B5 B5", options, "events", "2 converted 0 1");
    replay_expect_column("B5", options, "events", "1 none 0 -");
    options->reuse = SJ_REUSE_YES;
    replay_expect_column("B5", options, "events", "2 converted 0 0");
}

static void with_grace_an_exclusion_lies_further_than_that_from_both_steps(void **state)
{
    const sj_exclusion excluded = {.condition = "D"};
    replay_question q;
    sj_funnel_options *options = replay_ask_grace(&q, "AB", 2);
    (void)state;
    options->exclusions = &excluded, options->n_exclusions = 1;
    options->exclusion_size = sizeof excluded;
    replay_expect("A0 D1 B5", options, "2 converted 0 5");
    replay_expect("A0 D3 B5", options, "2 converted 0 5");
    replay_expect("A0 D3 B6", options, "1 excluded 0 -");
    replay_expect("A0 D2", options, "1 none 0 -");
}

/* Two values complete level 2 at 4; u was excluded at 3 already, and gives way to v, which is no
 * later. */
static void with_grace_an_exclusion_can_lie_before_the_completion_it_ends(void **state)
{
    static const char *const held[] = {"held"};
    const sj_exclusion excluded = {.condition = "D"};
    replay_question q;
    sj_funnel_options *options = replay_ask_grace(&q, "ABC", 2);
    (void)state;
    options->exclusions = &excluded, options->n_exclusions = 1;
    options->exclusion_size = sizeof excluded;
    options->hold = held, options->n_hold = 1;
    replay_expect("A0u A0v D3u B4u B4v", options, "2 none 0 4 -");
    replay_expect("A0u A0v D3u D3v B4u B4v", options, "2 excluded 0 4 -");
}

/* The first takes B1, and is over at 2; what lies before belongs to no other. */
static void with_grace_the_next_replay_takes_only_later_events(void **state)
{
    replay_question q;
    sj_funnel_options *options = replay_ask_grace(&q, "AB", 3);
    (void)state;
    options->attempt = SJ_ATTEMPT_EACH, options->unit = SJ_UNIT_ATTEMPTS;
    replay_expect("B1 B1 A2 A3", options, "2 converted 2 1; 1 none 3 -");
    replay_expect("B1 A2 B3 A4", options, "2 converted 2 1; 2 converted 4 3");
    options->window = 2;
    replay_expect("A0 A1 A3 B4 A9", options, "1 window 0 -; 2 converted 3 4; 1 open 9 -");
}

/* ---- words ---- */

static sj_tally *replay_tally(const sj_graph *g, const sj_funnel_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    must(sj_funnel_plan(g, options, &plan, error));
    assert_non_null(strstr(sj_plan_text(plan), "replays"));
    must(sj_scan(&plan, 1, NULL, &tally, error));
    sj_plan_free(plan);
    return tally;
}

static void two_ways_to_ask_for_attempts_are_one_text(void **state)
{
    replay_question q;
    sj_graph *g = replay_graph("A0 B1");
    sj_funnel_options *options = replay_ask_units(&q, "AB", 0);
    (void)state;
    sj_tally *tally = replay_tally(g, options);
    options->attempt = SJ_ATTEMPT_EACH;
    sj_tally *same = replay_tally(g, options);
    const char *text = sj_tally_text(tally);
    assert_string_equal(text, sj_tally_text(same));
    assert_non_null(strstr(text, "\nattempt each\n"));
    assert_non_null(strstr(text, "\nunit attempts\n"));
    sj_tally_free(same);
    sj_tally_free(tally);
    sj_graph_free(g);
}

static void unit_attempts_with_another_attempt_is_refused(void **state)
{
    replay_question q;
    sj_graph *g = replay_graph("A0 B1");
    sj_plan *plan = NULL;
    (void)state;
    for (int32_t attempt = SJ_ATTEMPT_BEST; attempt <= SJ_ATTEMPT_FIRST; attempt++) {
        sj_funnel_options *options = replay_ask_units(&q, "AB", 0);
        options->attempt = attempt;
        must_fail(SJ_ERR_OPTIONS, sj_funnel_plan(g, options, &plan, error));
        assert_non_null(strstr(failure.message, "unit is attempts"));
        assert_null(plan);
    }
    sj_graph_free(g);
}

static void replay_fails_without_memory(int64_t grace)
{
    static const char *const held[] = {"held"};
    const sj_exclusion excluded = {.condition = "D", .from_step = 1, .to_step = 3};
    replay_question q;
    uint64_t k = 0, done = 0;
    for (; done < 3 && k < 4000; k++) {
        failing memory = {0};
        const sj_allocator a = failing_allocator(&memory);
        const sj_builder_options how = {.struct_size = sizeof how, .allocator = &a};
        sj_builder *b = rows_builder(&how);
        sj_result *r = NULL;
        replay_add(b, "k", "A0u B0u C0v A1u B1v D1u A2v B2u C2u C3v A4u A5v B6u C7u B7v C8v");
        sj_graph *g = rows_build(b);
        sj_builder_free(b);
        sj_funnel_options *options =
            replay_ask(&q, "ABC", k % 3 == 1 ? SJ_ATTEMPT_FIRST : SJ_ATTEMPT_EACH, 9);
        options->unit = k % 3 == 0 ? SJ_UNIT_ATTEMPTS : 0;
        options->exclusions = &excluded, options->n_exclusions = 1;
        options->exclusion_size = sizeof excluded;
        options->hold = held, options->n_hold = 1;
        options->tie = grace ? SJ_TIE_GRACE : 0, options->grace = grace;
        q.steps[1].optional = !grace;
        memory.fail_at = memory.requests + k / 3 + 1;
        const uint64_t failed = memory.failures;
        const sj_status status = k % 2 ? sj_funnel_list(g, options, NULL, &r, NULL)
                                       : sj_funnel_compute(g, options, NULL, &r, NULL);
        assert_int_equal(status, memory.failures > failed ? SJ_ERR_NOMEM : SJ_OK);
        assert_int_equal(r != NULL, status == SJ_OK);
        done = status == SJ_OK ? done + 1 : 0;
        sj_result_free(r);
        sj_graph_free(g);
        failing_check(&memory);
    }
    assert_int_equal(done, 3);
    assert_true(k > 60);
}

static void a_failed_allocation_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    replay_fails_without_memory(0);
    replay_fails_without_memory(2);
}

/* ---- best, each, first ---- */

static uint64_t replay_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 20;
}

/* Random journeys of a customer each: no level of best is below that of each, none of each below
 * that of first. */
static void best_is_never_below_each_nor_each_below_first(void **state)
{
    uint64_t seed = 20240601;
    replay_question q;
    size_t higher[2] = {0, 0};
    (void)state;
    for (int round = 0; round < 300; round++) {
        sj_builder *b = replay_builder();
        int64_t level[3] = {0};
        for (size_t i = 0; i < 12; i++) {
            const char name[2] = {(char)('A' + replay_random(&seed) % 4), 0};
            const row event = {"k", name, (int64_t)(replay_random(&seed) % 12)};
            must(rows_add(b, &event, error));
        }
        sj_graph *g = rows_build(b);
        sj_builder_free(b);
        for (int32_t a = 0; a < 3; a++) {
            sj_result *list = NULL;
            const sj_funnel_options *options =
                replay_ask(&q, "ABCD", SJ_ATTEMPT_BEST + a, 2 + round % 9);
            q.steps[1 + round % 3].max_gap = 1 + round % 4;
            q.steps[2].optional = round % 2;
            must(sj_funnel_list(g, options, NULL, &list, error));
            const sj_table *t = sj_result_find(list, "levels");
            level[a] = sj_table_rows(t) > 0 ? sj_table_integers(t, "level")[0] : 0;
            sj_result_free(list);
        }
        /* SJ_ATTEMPT_…: best, first, each */
        assert_true(level[0] >= level[2] && level[2] >= level[1]);
        higher[0] += level[0] > level[2];
        higher[1] += level[2] > level[1];
        sj_graph_free(g);
    }
    assert_true(higher[0] > 10 && higher[1] > 10);
}

/* ---- the work ---- */

typedef struct replay_storm {
    const char *pattern; /* touchpoints, again and again */
    int64_t pause;       /* between events */
    const char *steps;   /* a '*' is met by every event */
    int64_t window;
    int32_t optional, adjacent; /* step 2 */
    int32_t tie, reuse;
    int32_t excludes; /* D */
    uint32_t level;   /* of the customer */
} replay_storm;

static double replay_seconds(const replay_storm *storm, size_t n, int how)
{
    const sj_exclusion excluded = {.condition = "D"};
    replay_question q;
    sj_builder *b = replay_builder();
    sj_result *r = NULL;
    for (size_t i = 0, m = strlen(storm->pattern); i < n; i++) {
        const char name[2] = {storm->pattern[i % m], 0};
        const row event = {"k", name, (int64_t)i * storm->pause};
        must(rows_add(b, &event, error));
    }
    sj_graph *g = rows_build(b);
    sj_builder_free(b);
    sj_funnel_options *options =
        how == 0 ? replay_ask_units(&q, storm->steps, storm->window)
                 : replay_ask(&q, storm->steps, how == 1 ? SJ_ATTEMPT_FIRST : SJ_ATTEMPT_EACH,
                              storm->window);
    for (size_t k = 0; k < options->n_steps; k++)
        q.steps[k].condition = storm->steps[k] == '*' ? "touchpoint != 'F'" : q.steps[k].condition;
    q.steps[1].optional = storm->optional, q.steps[1].adjacent = storm->adjacent;
    options->grace = storm->tie == SJ_TIE_GRACE ? 3 : 0;
    options->tie = storm->tie, options->reuse = storm->reuse;
    options->exclusions = storm->excludes ? &excluded : NULL;
    options->n_exclusions = storm->excludes != 0, options->exclusion_size = sizeof excluded;
    const clock_t start = clock();
    must(sj_funnel_compute(g, options, NULL, &r, error));
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_true(sj_table_integers(sj_result_find(r, "steps"), "reached")[storm->level - 1] > 0);
    sj_result_free(r);
    sj_graph_free(g);
    return seconds;
}

/* Ten times the events may take no more than some thirty times as long: a square would take a
 * hundred times. */
static void storms_take_linear_time(void **state)
{
    static const replay_storm storms[] = {
        {"A", 1, "ABCD", SJ_INSTANT, .level = 1}, /* n attempts, each of one instant */
        {"A", 1, "ABCD", 0, .level = 1},          /* n entries in one attempt */
        {"A", 0, "ABCD", 0, .level = 1},          /* the same at one time */
        {"AB", 1, "ABCD", 1, .level = 2},         /* nobody comes further: each looks for C */
        {"ABCD", 0, "ABCD", 0, .level = 4},       /* all at one time */
        {"A", 0, "****", 0, .level = 4},          /* every event fills every step */
        {"A", 1, "****", 0, .level = 4},          /* n / 4 conversions */
        {"A", 0, "****", 0, .reuse = SJ_REUSE_YES, .level = 4},
        {"A", 1, "****", 0, .reuse = SJ_REUSE_YES, .level = 4}, /* n conversions */
        {"AC", 0, "A*CD", 0, .optional = 1, .level = 3},
        {"AC", 1, "ABCD", 3, .optional = 1, .level = 3},
        {"AE", 1, "ABCD", 0, .adjacent = 1, .level = 1}, /* n / 2 attempts that break */
        {"AD", 1, "ABC", 0, .excludes = 1, .level = 1},  /* n / 2 that are excluded */
        {"AABC", 0, "ABCD", 0, .tie = SJ_TIE_INPUT, .level = 3},
        {"ABC", 1, "ABCD", 4, .tie = SJ_TIE_STRICT, .level = 3},
        {"A", 1, "ABCD", SJ_INSTANT, .tie = SJ_TIE_GRACE, .level = 1},
        {"A", 0, "ABCD", 0, .tie = SJ_TIE_GRACE, .level = 1},
        {"CBA", 1, "ABCD", 3, .tie = SJ_TIE_GRACE, .level = 3},
        {"A", 1, "****", 0, .tie = SJ_TIE_GRACE, .level = 4},
        {"A", 0, "****", 0, .tie = SJ_TIE_GRACE, .level = 4},
        {"AD", 9, "ABC", 0, .tie = SJ_TIE_GRACE, .excludes = 1, .level = 1},
    };
    (void)state;
    for (size_t c = 0; c < sizeof storms / sizeof *storms; c++) {
        for (int how = 0; how < 3; how++) {
            const double few = replay_seconds(&storms[c], 10000, how);
            const double many = replay_seconds(&storms[c], 100000, how);
            if (many > 30 * few + 0.1)
                fail_msg("storm %zu, %d: %g s, then %g s", c, how, few, many);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_stays_with_what_it_has_filled),
        cmocka_unit_test(mixpanel_s_example_depends_on_the_attempt),
        cmocka_unit_test(first_goes_as_far_as_it_can_at_one_time),
        cmocka_unit_test(first_fills_optional_steps_where_that_costs_no_level),
        cmocka_unit_test(of_runs_as_good_the_lowest_rows_then_the_lowest_steps_are_filled),
        cmocka_unit_test(
            of_steps_that_can_take_the_lowest_row_that_is_filled_behind_which_the_rows_are_lowest),
        cmocka_unit_test(first_goes_by_the_first_entry_of_all_held_values_and_sessions),
        cmocka_unit_test(the_first_entry_lies_in_the_entry_range),
        cmocka_unit_test(a_conversion_ends_a_replay_and_the_next_begins_later),
        cmocka_unit_test(its_limit_ends_a_replay_and_as_of_leaves_it_open),
        cmocka_unit_test(what_broke_a_replay_may_begin_the_next),
        cmocka_unit_test(order_by_adjacency_alone_does_not_end_a_replay),
        cmocka_unit_test(a_removed_attempt_is_no_unit_and_is_counted),
        cmocka_unit_test(of_each_attempt_the_best_speaks_and_a_wider_window_can_hide_it),
        cmocka_unit_test(an_excluded_replay_gives_way_to_one_completed_later),
        cmocka_unit_test(attempts_are_listed_by_session_value_and_time),
        cmocka_unit_test(the_tables_count_attempts_as_units),
        cmocka_unit_test(grace_lets_a_step_lie_before_the_latest_event_and_does_not_add_up),
        cmocka_unit_test(with_grace_the_plainest_event_of_a_time_goes_first),
        cmocka_unit_test(with_grace_an_exclusion_lies_further_than_that_from_both_steps),
        cmocka_unit_test(with_grace_an_exclusion_can_lie_before_the_completion_it_ends),
        cmocka_unit_test(with_grace_the_next_replay_takes_only_later_events),
        cmocka_unit_test(two_ways_to_ask_for_attempts_are_one_text),
        cmocka_unit_test(unit_attempts_with_another_attempt_is_refused),
        cmocka_unit_test(a_failed_allocation_is_an_error_and_leaves_nothing),
        cmocka_unit_test(best_is_never_below_each_nor_each_below_first),
        cmocka_unit_test(storms_take_linear_time),
    };
    return cmocka_run_group_tests_name("funnel_replay", tests, NULL, NULL);
}
