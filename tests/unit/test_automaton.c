/* Sequence patterns: how they are read, what is refused and where, and matches worked by hand.
 *
 * Journeys are written "A0 B5 C5": condition (A is the first) and time in seconds; X meets none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "kernel/automaton.h"
#include "unit/failing.h"

enum { MOST_EVENTS = 64, WORDS = 2, CONDITIONS = 3 };

/* ---- reading ---- */

static void read_pattern(sj__automaton *out, const char *pattern, const sj_allocator *a)
{
    sj_error error = {0};
    if (sj__automaton_parse(out, pattern, strlen(pattern), CONDITIONS, a, &error) != SJ_OK)
        fail_msg("%s: %s", pattern, error.message);
}

static void expect_token(const sj__automaton *automaton, size_t i, int skips, int negated,
                         int shown, const char *listed)
{
    const sj__token *token = &automaton->tokens[i];
    assert_int_equal(token->skips, skips);
    assert_int_equal(token->negated, negated);
    assert_int_equal(token->shown, shown);
    assert_int_equal(token->n_listed, strlen(listed));
    for (size_t k = 0; k < token->n_listed; k++)
        assert_int_equal(automaton->listed[token->first + k], listed[k] - '1');
}

static void expect_gate(const sj__automaton *automaton, size_t i, uint32_t anchor, uint64_t least,
                        uint64_t most)
{
    assert_int_equal(automaton->tokens[i].anchor, anchor);
    assert_int_equal(automaton->tokens[i].least, least);
    assert_int_equal(automaton->tokens[i].most, most);
}

static void every_kind_of_token_is_read(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__automaton automaton;
    (void)state;
    read_pattern(&automaton, "(?1)..*[1|2][^3][^1|3]*(?003)", &a);
    assert_int_equal(automaton.n_tokens, 7);
    assert_int_equal(automaton.n_shown, 3);
    expect_token(&automaton, 0, 0, 0, 1, "1");
    expect_token(&automaton, 1, 0, 0, 0, "");
    expect_token(&automaton, 2, 1, 0, 0, "");
    expect_token(&automaton, 3, 0, 0, 1, "12");
    expect_token(&automaton, 4, 0, 1, 0, "3");
    expect_token(&automaton, 5, 1, 1, 0, "13");
    expect_token(&automaton, 6, 0, 0, 1, "3");
    sj__automaton_free(&automaton);
}

static void gates_are_inclusive_intervals_since_the_last_token_that_takes_one(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__automaton automaton;
    (void)state;
    read_pattern(&automaton, "(?1)(?t<=3600)(?2)(?t>2)(?t<5)(?2).*(?t==0.5)[^1]*(?t>=7)(?3)", &a);
    assert_int_equal(automaton.n_tokens, 6);
    expect_gate(&automaton, 0, SJ__AUTOMATON_FREE, 0, UINT64_MAX);
    expect_gate(&automaton, 1, 0, 0, UINT64_C(3600000000));
    expect_gate(&automaton, 2, 1, 2000001, 4999999);
    expect_gate(&automaton, 3, SJ__AUTOMATON_FREE, 0, UINT64_MAX);
    expect_gate(&automaton, 4, 2, 500000, 500000);
    expect_gate(&automaton, 5, 2, 7000000, UINT64_MAX);
    sj__automaton_free(&automaton);
}

static void a_gate_with_nothing_before_or_behind_it_is_none(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__automaton automaton;
    (void)state;
    read_pattern(&automaton, "(?t>9).*(?t<=1)(?1).*(?t<=1)[^2]*(?t>=5)", &a);
    assert_int_equal(automaton.n_tokens, 2);
    expect_gate(&automaton, 0, SJ__AUTOMATON_FREE, 0, UINT64_MAX);
    assert_int_equal(automaton.tokens[1].anchor, SJ__AUTOMATON_FREE);
    sj__automaton_free(&automaton);
}

static void what_cannot_be_read_is_refused_where_it_stands(void **state)
{
    static const struct {
        const char *pattern;
        int64_t index;
        const char *said;
    } cases[] = {
        {"", 0, "without an event"},
        {".*", 0, "without an event"},
        {"[^1]*(?t<=5).*", 0, "without an event"},
        {"(?0)", 2, "no condition of this number: 3 are given"},
        {"(?1)(?4)", 6, "no condition"},
        {"(?1)(?99999999999999999999)", 6, "no condition"},
        {"(?1)[1|4]", 7, "no condition"},
        {"(?1)[]", 4, "empty"},
        {"(?1)[^]*", 4, "empty"},
        {"[1|]", 3, "number of a condition"},
        {"[|1]", 1, "number of a condition"},
        {"[1 2]", 2, "] is due: the token begins at character 1"},
        {"[1", 2, "] is due"},
        {"[^1|2", 5, "] is due"},
        {"(?)", 2, "number of a condition"},
        {"(?-1)", 2, "number of a condition"},
        {"(?1", 3, ") is due"},
        {"(1)", 0, "no token begins so"},
        {"(?1) (?2)", 4, "no token begins so"},
        {"(?1)x", 4, "no token begins so"},
        {"(?1)*", 4, "repeated"},
        {"[1|2]*", 5, "repeated"},
        {".**", 2, "repeated"},
        {"(?1)(?t=5)(?2)", 7, "=="},
        {"(?1)(?t5)(?2)", 7, "is due"},
        {"(?1)(?t<=)(?2)", 9, "seconds"},
        {"(?1)(?t<=-1)(?2)", 9, "seconds"},
        {"(?1)(?t<=1e3)(?2)", 10, ") is due"},
        {"(?1)(?t<=1.2.3)(?2)", 9, "seconds"},
        {"(?1)(?t<=99999999999999)(?2)", 9, "seconds"},
        {"(?1)(?t<=5", 10, ") is due"},
        {"(?1)(?t", 7, "is due"},
        {"(?1)(?t<0)(?2)", 4, "no time passes this gate"},
        {"(?1)(?t<=5)(?t>5)(?2)", 11, "and the one before it"},
        {"\xc3\xa9", 0, "no token begins so"},
    };
    const sj_allocator a = sj__allocator(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sj__automaton automaton;
        sj_error error = {0};
        const char *pattern = cases[i].pattern;
        if (sj__automaton_parse(&automaton, pattern, strlen(pattern), CONDITIONS, &a, &error) !=
            SJ_ERR_CONDITION)
            fail_msg("%s is read", pattern);
        if (error.index != cases[i].index || strstr(error.message, cases[i].said) == NULL)
            fail_msg("%s: byte %d: %s", pattern, (int)error.index, error.message);
        assert_null(automaton.tokens);
    }
}

static void no_prefix_of_a_pattern_is_read_past_its_end(void **state)
{
    static const char pattern[] = "(?1).*(?t<=3600)[1|2][^3]*(?t>=0.5)[^1|2](?3)";
    const sj_allocator a = sj__allocator(NULL);
    (void)state;
    for (size_t n = 0; n < sizeof pattern; n++) {
        char *cut = malloc(n ? n : 1); /* so that a sanitizer sees where it ends */
        sj__automaton automaton;
        sj_error error = {.index = -1};
        assert_non_null(cut);
        memcpy(cut, pattern, n < sizeof pattern - 1 ? n : sizeof pattern - 1);
        const size_t size = n < sizeof pattern - 1 ? n : sizeof pattern - 1;
        if (sj__automaton_parse(&automaton, cut, size, CONDITIONS, &a, &error) == SJ_OK)
            sj__automaton_free(&automaton);
        else
            assert_in_range(error.index, 0, n);
        free(cut);
    }
}

static void patterns_that_others_cannot_disturb_are_known(void **state)
{
    static const struct {
        const char *pattern;
        int sparse;
    } cases[] = {{"(?1)", 1},
                 {"(?1).*(?2)", 1},
                 {"(?1).*(?t<=5)(?2)[^1]*[^2]*(?3).*", 1},
                 {"(?1)(?2)", 0},
                 {"(?1).*(?2)(?3)", 0},
                 {".*(?1)", 0},
                 {"(?1)(?t<=5).*(?2)", 0},
                 {"(?1)[^2]*(?t<=5).*(?2)", 0}};
    const sj_allocator a = sj__allocator(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sj__automaton automaton;
        read_pattern(&automaton, cases[i].pattern, &a);
        if (sj__automaton_is_sparse(&automaton) != cases[i].sparse)
            fail_msg("%s", cases[i].pattern);
        sj__automaton_free(&automaton);
    }
}

static void too_many_tokens_are_refused(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    char pattern[SJ__AUTOMATON_TOKENS + 2];
    sj__automaton automaton;
    sj_error error = {0};
    (void)state;
    memset(pattern, '.', sizeof pattern);
    assert_int_equal(sj__automaton_parse(&automaton, pattern, SJ__AUTOMATON_TOKENS, 0, &a, &error),
                     SJ_OK);
    sj__automaton_free(&automaton);
    assert_int_equal(
        sj__automaton_parse(&automaton, pattern, SJ__AUTOMATON_TOKENS + 1, 0, &a, &error),
        SJ_ERR_LIMIT);
    assert_int_equal(error.index, SJ__AUTOMATON_TOKENS);
    assert_non_null(strstr(error.message, "1024"));
}

static void without_memory_nothing_is_left(void **state)
{
    uint64_t failures = 0;
    (void)state;
    for (uint64_t k = 1;; k++) {
        failing memory = {.fail_at = k};
        const sj_allocator a = failing_allocator(&memory);
        sj__automaton automaton;
        sj__automaton_search search;
        sj_error error = {0};
        sj_status status =
            sj__automaton_parse(&automaton, "(?1)[1|2|3].*(?2)....", 21, CONDITIONS, &a, &error);
        if (status == SJ_OK) {
            status = sj__automaton_search_init(&search, &automaton, UINT64_MAX, &a, &error);
            if (status == SJ_OK)
                sj__automaton_search_free(&search);
            sj__automaton_free(&automaton);
        }
        failing_check(&memory);
        if (status == SJ_OK)
            break;
        assert_int_equal(status, SJ_ERR_NOMEM);
        assert_int_equal(error.code, SJ_ERR_NOMEM);
        failures++;
    }
    assert_true(failures >= 4);
}

/* ---- searching ---- */

typedef struct looked {
    int64_t time[MOST_EVENTS];
    uint64_t met[MOST_EVENTS * WORDS];
    size_t n;
} looked;

static int takes(const sj__automaton *automaton, const sj__token *token, char letter)
{
    int some = token->n_listed == 0;
    for (size_t i = 0; i < token->n_listed; i++)
        some |= automaton->listed[token->first + i] == (uint32_t)(letter - 'A');
    return token->negated ? !some : some;
}

static void look_at(looked *to, const sj__automaton *automaton, const char *journey)
{
    memset(to, 0, sizeof *to);
    while (*journey != '\0') {
        char *end;
        for (size_t j = 0; j < automaton->n_tokens; j++)
            if (takes(automaton, &automaton->tokens[j], *journey))
                to->met[to->n * WORDS + j / 64] |= UINT64_C(1) << (j % 64);
        to->time[to->n++] = strtoll(journey + 1, &end, 10) * 1000000;
        journey = end + strspn(end, " ");
    }
}

/* "0 3; 5 7": positions of what shows, match by match; at most one where not all are asked for. */
static const char *found_by(const char *pattern, const char *journey, uint64_t span, char find)
{
    static char text[512];
    const sj_allocator a = sj__allocator(NULL);
    sj__automaton automaton;
    sj__automaton_search search;
    looked events;
    size_t from = 0;
    read_pattern(&automaton, pattern, &a);
    assert_true(automaton.n_tokens <= 64 * WORDS);
    look_at(&events, &automaton, journey);
    const sj__automaton_events seen = {events.time, events.met, WORDS};
    assert_int_equal(sj__automaton_search_init(&search, &automaton, span, &a, NULL), SJ_OK);
    text[0] = '\0';
    while (find == 'l' ? sj__automaton_last(&search, &seen, from, events.n)
                       : sj__automaton_first(&search, &seen, from, events.n)) {
        strcat(text, text[0] ? ";" : "");
        for (size_t j = 0; j < automaton.n_tokens; j++)
            if (automaton.tokens[j].shown)
                (void)snprintf(text + strlen(text), 8, "%s%u", text[0] ? " " : "",
                               (unsigned)search.begin[j]);
        from = search.begin[automaton.n_tokens - 1] + 1;
        if (find != 'a')
            break;
    }
    sj__automaton_search_free(&search);
    sj__automaton_free(&automaton);
    return text;
}

static const char *first(const char *pattern, const char *journey)
{
    return found_by(pattern, journey, UINT64_MAX, 'f');
}
static const char *last(const char *pattern, const char *journey)
{
    return found_by(pattern, journey, UINT64_MAX, 'l');
}
static const char *all(const char *pattern, const char *journey)
{
    return found_by(pattern, journey, UINT64_MAX, 'a');
}
static const char *within(const char *pattern, const char *journey, uint64_t seconds)
{
    return found_by(pattern, journey, seconds * 1000000, 'f');
}

static void tokens_take_neighbouring_events(void **state)
{
    (void)state;
    assert_string_equal(first("(?1)(?2)", "A0 B1"), "0 1");
    assert_string_equal(first("(?1)(?2)", "A0 X1 B2"), "");
    assert_string_equal(first("(?1)(?2)", "A0 A1 B2"), "1 2");
    assert_string_equal(first("(?1).(?2)", "A0 X1 B2"), "0 2");
    assert_string_equal(first("(?1).(?2)", "A0 B1"), "");
    assert_string_equal(first("(?1).*(?2)", "A0 B1"), "0 1");
    assert_string_equal(first("(?1).*(?2)", "A0 X1 C2 B3"), "0 3");
    assert_string_equal(first("(?1).*(?2)", "B0 A1"), "");
    assert_string_equal(first("(?1)[2|3]", "A0 X1 A2 C3"), "2 3");
    assert_string_equal(first("(?1)[^2](?3)", "A0 B1 C2 A3 X4 C5"), "3 5");
    assert_string_equal(first("(?1)", ""), "");
}

static void a_restricted_gap_crosses_nothing_that_it_excludes(void **state)
{
    (void)state;
    assert_string_equal(first("(?1)[^1]*(?2)", "A2 A6 X8 B13"), "1 3");
    assert_string_equal(first("(?1)[^3]*(?2)", "A0 C1 B2"), "");
    assert_string_equal(first("(?1)[^3]*(?2)", "A0 C1 A2 B3"), "2 3");
    assert_string_equal(first("(?1)[^3]*(?2)", "A0 B1"), "0 1");
    assert_string_equal(first("(?1)[^2]*[^3]*(?1)", "A0 C1 B2 A3"), "0 3");
    assert_string_equal(first("(?1)[^3]*[^2]*(?1)", "A0 C1 B2 A3"), "");
    assert_string_equal(first("(?1)[^3].*(?2)", "A0 C1 A2 X3 B4"), "2 4");
}

static void a_gate_is_the_time_since_the_event_consumed_before_it(void **state)
{
    (void)state;
    assert_string_equal(first("(?1)(?t<=10)(?2)(?3)", "A0 B5 B100 C101"), "");
    assert_string_equal(first("(?1)(?t==3)(?2)", "A1 A6 B9"), "1 2");
    assert_string_equal(first("(?1)(?t<=5)(?2)", "A0 B5"), "0 1");
    assert_string_equal(first("(?1)(?t<5)(?2)", "A0 B5"), "");
    assert_string_equal(first("(?1)(?t>=5)(?2)", "A0 B5"), "0 1");
    assert_string_equal(first("(?1)(?t>5)(?2)", "A0 B5"), "");
    assert_string_equal(first("(?1).(?t<=5)(?2)", "A0 X8 B12"), "0 2"); /* 12 − 8, X is consumed */
}

/* What `.*` and [^3]* skip is not consumed: the time runs on from the event before. */
static void a_gate_behind_a_skip_counts_from_the_last_consumed_event(void **state)
{
    (void)state;
    assert_string_equal(first("(?1).*(?t<=10)(?2)", "A0 X95 B100"), "");
    assert_string_equal(first("(?1).*(?t<=10)(?2)", "A0 B100"), "");
    assert_string_equal(first("(?1).*(?t<=10)(?2)", "A0 X5 A50 X55 B60"), "2 4");
    assert_string_equal(first("(?1).*(?t>=10)(?2)", "A0 B5 B9 B10 B11"), "0 3");
    assert_string_equal(first("(?1).*(?t==10)(?2)", "A0 A3 B9 B13 B14"), "1 3");
    assert_string_equal(first("(?1)[^3]*(?t<=10)(?2)", "A0 C1 A2 X3 B12"), "2 4");
    assert_string_equal(first("(?1).*(?t<=10)(?2).*(?t<=10)(?3)", "A0 B5 B12 C20"), "");
    assert_string_equal(first("(?1).*(?t<=12)(?2).*(?t<=10)(?3)", "A0 B5 B12 C20"), "0 2 3");
}

static void a_gate_before_a_skip_is_about_the_event_that_comes_next(void **state)
{
    (void)state;
    assert_string_equal(first("(?1)(?t<=10).*(?2)", "A0 X5 B100"), "0 2");
    assert_string_equal(first("(?1)(?t<=10).*(?2)", "A0 X50 B55"), "");
    assert_string_equal(first("(?1)(?t<=10).*(?2)", "A0 B5"), "0 1");
    assert_string_equal(first("(?1)[^2]*(?t>=10).*(?3)", "A0 X1 B2 B12 C13"), "");
    assert_string_equal(first("(?1)[^2]*(?t>=10).*(?3)", "A0 X1 B12 C13"), "0 3");
}

static void what_can_take_nothing_at_the_end_takes_nothing(void **state)
{
    (void)state;
    assert_string_equal(first("(?1)(?t<=30)(?2).*", "A0 B20"), "0 1");
    assert_string_equal(first("(?1)(?t<=30)(?2).*", "A0 B40"), "");
    assert_string_equal(first("(?1)(?t<=10)", "A0"), "0");
    assert_string_equal(first("(?1)(?t<=10)", "A0 B50"), "0");
    assert_string_equal(all("(?1).*", "A0 X1 A2"), "0; 2");
    assert_string_equal(first("(?1).", "A0"), "");
}

static void first_starts_earliest_and_has_every_token_early(void **state)
{
    (void)state;
    assert_string_equal(first("(?1).*(?2).*(?3)", "A0 B1 A2 B3 C4"), "0 1 4");
    assert_string_equal(first("(?1).*(?2).*(?t<=1)(?3)", "A0 B1 A2 B3 C4"), "0 3 4");
    assert_string_equal(first("(?1).*(?2)", "A0 A1 B2 B3"), "0 2");
    assert_string_equal(first(".*(?1)", "X0 X1 A2"), "2");
}

static void last_starts_latest_and_then_is_as_early_as_can_be(void **state)
{
    (void)state;
    assert_string_equal(last("(?1)(?t<=15)(?2)", "A0 B10 A20 B25 A40 B90"), "2 3");
    assert_string_equal(last("(?1).*(?2)", "A0 A1 B2 B3"), "1 2");
    assert_string_equal(last("(?1).*(?2)", "A0 B1 A2"), "0 1");
    assert_string_equal(last("(?1)", "A0 A1 A2 X3"), "2");
    assert_string_equal(last("(?1)", "X0"), "");
    assert_string_equal(last("(?1)[^3]*(?2)", "A0 B1 A2 C3 B4"), "0 1");
}

static void all_do_not_overlap(void **state)
{
    (void)state;
    assert_string_equal(all("(?1)(?t<=15)(?2)", "A0 B10 A20 B25 A40 B90"), "0 1; 2 3");
    assert_string_equal(all("(?1)(?1)", "A0 A1 A2 A3 A4"), "0 1; 2 3");
    assert_string_equal(all("(?1).*(?2)", "A0 A1 B2 B3 A4 B5"), "0 2; 4 5");
    assert_string_equal(all(".(?1)", "A0 A1 A2 A3 A4"), "1; 3");
    assert_string_equal(all("(?1).", "A0 A1 A2 A3 A4"), "0; 2");
}

static void a_span_is_from_the_first_to_the_last_event(void **state)
{
    (void)state;
    assert_string_equal(within("(?1).*(?2)", "A0 A5 B10", 10), "0 2");
    assert_string_equal(within("(?1).*(?2)", "A0 A5 B10", 9), "1 2");
    assert_string_equal(within("(?1).*(?2)", "A0 A5 B10", 4), "");
    assert_string_equal(within("(?1).*(?2).*(?3)", "A0 B1 A5 B6 C9", 4), "2 3 4");
    assert_string_equal(within("(?1)(?2)", "A5 B5", 0), "0 1");
    assert_string_equal(within(".(?1)", "X0 A5 X8 A9", 4), "3");
}

static void events_at_one_time_stand_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(first("(?1)(?2)", "A5 B5"), "0 1");
    assert_string_equal(first("(?1)(?2)", "B5 A5"), "");
    assert_string_equal(first("(?1)(?t<=0)(?2)", "A4 A5 B5"), "1 2");
    assert_string_equal(first("(?1)(?t>0)(?2)", "A5 B5"), "");
}

static void extreme_times_are_no_trouble(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    const int64_t time[2] = {INT64_MIN, INT64_MAX};
    const uint64_t met[2] = {1, 2};
    const sj__automaton_events events = {time, met, 1};
    static const struct {
        const char *pattern;
        int found;
    } cases[] = {
        {"(?1)(?2)", 1}, {"(?1)(?t<=9000000000000)(?2)", 0}, {"(?1)(?t>9000000000000)(?2)", 1}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sj__automaton automaton;
        sj__automaton_search search;
        read_pattern(&automaton, cases[i].pattern, &a);
        assert_int_equal(sj__automaton_search_init(&search, &automaton, UINT64_MAX, &a, NULL),
                         SJ_OK);
        assert_int_equal(sj__automaton_first(&search, &events, 0, 2), cases[i].found);
        assert_int_equal(sj__automaton_first(&search, &events, 2, 2), 0);
        sj__automaton_search_free(&search);
        sj__automaton_free(&automaton);
    }
}

static void more_tokens_than_a_word_has_bits(void **state)
{
    char pattern[5 * 40 + 1] = "", journey[8 * 40] = "", expected[4 * 40] = "";
    (void)state;
    for (int i = 0; i < 40; i++) {
        strcat(pattern, i % 2 ? "(?2)" : "(?1)");
        (void)snprintf(journey + strlen(journey), 8, "%s%c%d", i ? " " : "", i % 2 ? 'B' : 'A', i);
        (void)snprintf(expected + strlen(expected), 5, "%s%d", i ? " " : "", i);
    }
    assert_string_equal(first(pattern, journey), expected);
    strcpy(pattern, "");
    for (int i = 0; i < 35; i++)
        strcat(pattern, ".*.");
    strcat(pattern, "(?2)");
    assert_string_equal(first(pattern, journey), "35");
}

/* A million events, and patterns that send a search with backtracking back again and again. */
static void the_work_grows_with_the_events_only(void **state)
{
    static const char *const patterns[] = {
        "(?1).*(?1).*(?1).*(?1).*(?2)", "(?1).*(?1).*(?t<=3)(?1).*(?t>=5)(?1)[^1]*(?2)",
        "(?1)[^2]*(?1)(?t==9).*(?1)[^2]*(?t>7)(?1).*(?3)", ".*(?1).*(?t<0.000001)(?3)"};
    enum { MANY = 1000000 };
    const sj_allocator a = sj__allocator(NULL);
    int64_t *time = malloc(MANY * sizeof *time);
    uint64_t *met = malloc(MANY * sizeof *met);
    const clock_t began = clock();
    (void)state;
    assert_true(time && met);
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        sj__automaton automaton;
        sj__automaton_search search;
        read_pattern(&automaton, patterns[p], &a);
        for (size_t i = 0; i < MANY; i++) {
            time[i] = (int64_t)i * 1000;
            met[i] = 0;
            for (size_t j = 0; j < automaton.n_tokens; j++)
                met[i] |= (uint64_t)takes(&automaton, &automaton.tokens[j], 'A') << j;
        }
        const sj__automaton_events events = {time, met, 1};
        assert_int_equal(sj__automaton_search_init(&search, &automaton, 60000000, &a, NULL), SJ_OK);
        assert_int_equal(sj__automaton_first(&search, &events, 0, MANY), 0);
        assert_int_equal(sj__automaton_last(&search, &events, 0, MANY), 0);
        sj__automaton_search_free(&search);
        sj__automaton_free(&automaton);
    }
    free(time);
    free(met);
    assert_true((double)(clock() - began) / CLOCKS_PER_SEC < 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_token_is_read),
        cmocka_unit_test(gates_are_inclusive_intervals_since_the_last_token_that_takes_one),
        cmocka_unit_test(a_gate_with_nothing_before_or_behind_it_is_none),
        cmocka_unit_test(what_cannot_be_read_is_refused_where_it_stands),
        cmocka_unit_test(no_prefix_of_a_pattern_is_read_past_its_end),
        cmocka_unit_test(patterns_that_others_cannot_disturb_are_known),
        cmocka_unit_test(too_many_tokens_are_refused),
        cmocka_unit_test(without_memory_nothing_is_left),
        cmocka_unit_test(tokens_take_neighbouring_events),
        cmocka_unit_test(a_restricted_gap_crosses_nothing_that_it_excludes),
        cmocka_unit_test(a_gate_is_the_time_since_the_event_consumed_before_it),
        cmocka_unit_test(a_gate_behind_a_skip_counts_from_the_last_consumed_event),
        cmocka_unit_test(a_gate_before_a_skip_is_about_the_event_that_comes_next),
        cmocka_unit_test(what_can_take_nothing_at_the_end_takes_nothing),
        cmocka_unit_test(first_starts_earliest_and_has_every_token_early),
        cmocka_unit_test(last_starts_latest_and_then_is_as_early_as_can_be),
        cmocka_unit_test(all_do_not_overlap),
        cmocka_unit_test(a_span_is_from_the_first_to_the_last_event),
        cmocka_unit_test(events_at_one_time_stand_in_their_order),
        cmocka_unit_test(extreme_times_are_no_trouble),
        cmocka_unit_test(more_tokens_than_a_word_has_bits),
        cmocka_unit_test(the_work_grows_with_the_events_only),
    };
    return cmocka_run_group_tests_name("automaton", tests, NULL, NULL);
}
