/* Sequence patterns over small random journeys against trying everything (oracle/match_oracle.c):
 * every match with its count, times and events for first, last, all and count, and the figures over
 * all customers.
 *
 * At least a fifth of the events share their time with another of the same customer; patterns have
 * gates of every kind, spans, sessions, classes, and conditions that overlap.  100,000 customers by
 * default; 2,000,000 with the environment variable SOJOURN_LONG, or as many as that says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle/match_oracle.h"
#include "unit/near.h"

enum {
    RANDOM_CUSTOMERS = 40,
    RANDOM_CASES = 100000,
    RANDOM_SEED = 20260202,
    RANDOM_CONDITIONS = 4,
    RANDOM_FINDS = 4
};

typedef struct random_condition {
    const char *text;
    const char *letters; /* touchpoints that can meet it */
    double least;        /* value; below 0: none is needed */
} random_condition;

static const random_condition random_conditions[] = {
    {"a", "a", -1},
    {"b", "b", -1},
    {"c", "c", -1},
    {"touchpoint in ('a', 'b')", "ab", -1},
    {"touchpoint != 'c'", "abde", -1},
    {"value >= 2", "abcde", 2},
    {"touchpoint = 'a' and value >= 1", "a", 1},
};
enum { RANDOM_KNOWN = sizeof random_conditions / sizeof *random_conditions };

typedef struct random_counts {
    uint64_t customers, rounds, events, tied, matched, matches, several;
    uint64_t gates, gates_after_skips, alternating, classes, spans, sessions, only, looked;
} random_counts;

typedef struct random_round {
    uint64_t state;
    sj_graph *graph;
    const random_condition *conditions[RANDOM_CONDITIONS];
    const char *texts[RANDOM_CONDITIONS];
    char pattern[512];
    sj_match_options options;
    match_oracle_question question;
    int alternating; /* what the pattern is made of */
    size_t n_customers;
    match_oracle_match matches[RANDOM_CUSTOMERS][MATCH_ORACLE_EVENTS];
    size_t n_matches[RANDOM_CUSTOMERS];
} random_round;

static uint64_t random_next(random_round *round)
{
    uint64_t x = round->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t random_below(random_round *round, uint64_t n)
{
    return random_next(round) % n;
}

static int random_meets(void *user, const sj_moment *moment, size_t condition)
{
    const random_round *round = user;
    const random_condition *asked = round->conditions[condition];
    const char *name = sj_graph_name(round->graph, SJ_KIND_TOUCHPOINTS, moment->touchpoint);
    return strchr(asked->letters, name[0]) != NULL &&
           (asked->least < 0 || (moment->has_value && moment->value >= asked->least));
}

/* ---- a round ---- */

static void random_events(random_round *round, sj_builder *builder, random_counts *counts)
{
    const uint64_t spread = (uint64_t[]){3, 5, 9, 20, 40}[random_below(round, 5)];
    const uint64_t touchpoints = (uint64_t[]){2, 3, 5, 5}[random_below(round, 4)];
    for (size_t c = 0; c < RANDOM_CUSTOMERS; c++) {
        char key[24];
        const uint64_t n = 1 + random_below(round, 10);
        int64_t times[16];
        (void)snprintf(key, sizeof key, "%s%zu", c % 7 == 0 ? "(k" : "k", c);
        for (uint64_t i = 0; i < n; i++) {
            const double value = (double)random_below(round, 4);
            const char name[2] = {(char)('a' + (int)random_below(round, touchpoints)), '\0'};
            times[i] = (int64_t)random_below(round, spread) * 500000;
            const sj_event event = {.struct_size = sizeof event,
                                    .customer = key,
                                    .touchpoint = name,
                                    .time = times[i],
                                    .value = random_below(round, 3) ? &value : NULL};
            assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
            for (uint64_t j = 0; j < i; j++)
                if (times[j] == times[i]) {
                    counts->tied++;
                    break;
                }
        }
        counts->events += n;
    }
}

static void random_list(random_round *round, match_oracle_token *token, size_t most)
{
    token->n_listed = 1 + random_below(round, most);
    for (size_t i = 0; i < token->n_listed; i++)
        token->listed[i] = random_below(round, round->question.n_conditions);
}

/* A token for just one, a skip, perhaps a gate, a token for just one … */
static match_oracle_kind random_alternate(random_round *round, const match_oracle_token *token)
{
    const match_oracle_token *before = token - 1;
    if (token == round->question.tokens || before->kind == MATCH_ORACLE_GATE)
        return MATCH_ORACLE_MEETS;
    if (before->kind == MATCH_ORACLE_MEETS)
        return random_below(round, 2) ? MATCH_ORACLE_SKIP_ANY : MATCH_ORACLE_SKIP;
    return random_below(round, 2) ? MATCH_ORACLE_MEETS : MATCH_ORACLE_GATE;
}

static void random_token(random_round *round, match_oracle_token *token, random_counts *counts)
{
    static const char *const signs[] = {"<=", "<", ">=", ">", "=="};
    static const match_oracle_kind kinds[] = {
        MATCH_ORACLE_MEETS,    MATCH_ORACLE_MEETS, MATCH_ORACLE_MEETS, MATCH_ORACLE_MEETS,
        MATCH_ORACLE_SKIP_ANY, MATCH_ORACLE_SKIP,  MATCH_ORACLE_SKIP,  MATCH_ORACLE_GATE,
        MATCH_ORACLE_GATE,     MATCH_ORACLE_GATE,  MATCH_ORACLE_ANY,   MATCH_ORACLE_MISSES};
    *token = (match_oracle_token){.kind = round->alternating ? random_alternate(round, token)
                                                             : kinds[random_below(round, 12)]};
    if (token->kind == MATCH_ORACLE_GATE) {
        token->sign = signs[random_below(round, 5)];
        token->span = (1 + random_below(round, 8)) * 500000;
        counts->gates++;
    } else if (token->kind != MATCH_ORACLE_ANY && token->kind != MATCH_ORACLE_SKIP_ANY) {
        random_list(round, token,
                    token->kind == MATCH_ORACLE_MEETS && random_below(round, 3) ? 1 : 2);
        counts->classes += token->n_listed > 1;
    }
}

/* Appends the token as text. */
static void random_write(random_round *round, const match_oracle_token *token)
{
    char *to = round->pattern + strlen(round->pattern);
    const size_t room = sizeof round->pattern - strlen(round->pattern);
    size_t n = 0;
    if (token->kind == MATCH_ORACLE_GATE) {
        (void)snprintf(to, room, "(?t%s%llu%s)", token->sign,
                       (unsigned long long)(token->span / 1000000),
                       token->span % 1000000 ? ".5" : "");
    } else if (token->kind == MATCH_ORACLE_ANY || token->kind == MATCH_ORACLE_SKIP_ANY) {
        (void)snprintf(to, room, token->kind == MATCH_ORACLE_ANY ? "." : ".*");
    } else if (token->kind == MATCH_ORACLE_MEETS && token->n_listed == 1) {
        (void)snprintf(to, room, "(?%zu)", token->listed[0] + 1);
    } else {
        n += (size_t)snprintf(to, room, token->kind == MATCH_ORACLE_MEETS ? "[" : "[^");
        for (size_t i = 0; i < token->n_listed; i++)
            n += (size_t)snprintf(to + n, room - n, "%s%zu", i ? "|" : "", token->listed[i] + 1);
        (void)snprintf(to + n, room - n, token->kind == MATCH_ORACLE_SKIP ? "]*" : "]");
    }
}

/* Whether two gates in a row leave no time: the library refuses that. */
static int random_contradicts(const match_oracle_token *tokens, size_t n)
{
    for (uint64_t since = 0; since <= 10 * 500000; since += 250000) {
        int passes = 1;
        for (size_t i = n; i-- > 0 && tokens[i].kind == MATCH_ORACLE_GATE && passes;) {
            const char *sign = tokens[i].sign;
            const uint64_t span = tokens[i].span;
            passes = since == span  ? strchr(sign, '=') != NULL
                     : since < span ? sign[0] == '<'
                                    : sign[0] == '>';
        }
        if (passes)
            return 0;
    }
    return n > 0 && tokens[n - 1].kind == MATCH_ORACLE_GATE;
}

static void random_pattern(random_round *round, random_counts *counts)
{
    match_oracle_question *question = &round->question;
    const size_t n = 1 + random_below(round, MATCH_ORACLE_TOKENS - 4);
    int takes_one = 0;
    round->alternating = random_below(round, 3) == 0;
    counts->alternating += (uint64_t)round->alternating;
    while (question->n_tokens < n || !takes_one) {
        match_oracle_token *token = &question->tokens[question->n_tokens];
        random_token(round, token, counts);
        if (question->n_tokens + 1 == MATCH_ORACLE_TOKENS) {
            *token = (match_oracle_token){.kind = MATCH_ORACLE_MEETS, .n_listed = 1};
        }
        question->n_tokens++;
        if (random_contradicts(question->tokens, question->n_tokens)) {
            question->n_tokens--;
            continue;
        }
        takes_one |= token->kind <= MATCH_ORACLE_ANY;
        counts->gates_after_skips +=
            token->kind == MATCH_ORACLE_GATE && question->n_tokens > 1 &&
            (token[-1].kind == MATCH_ORACLE_SKIP || token[-1].kind == MATCH_ORACLE_SKIP_ANY);
        random_write(round, token);
    }
}

static void random_question(random_round *round, random_counts *counts)
{
    match_oracle_question *question = &round->question;
    sj_match_options *options = &round->options;
    question->n_conditions = 1 + random_below(round, RANDOM_CONDITIONS);
    for (size_t i = 0; i < question->n_conditions; i++) {
        round->conditions[i] =
            &random_conditions[random_below(round, random_below(round, 2) ? 3 : RANDOM_KNOWN)];
        round->texts[i] = round->conditions[i]->text;
        counts->looked += round->conditions[i]->least >= 0;
    }
    random_pattern(round, counts);
    question->has_span = random_below(round, 3) == 0;
    question->span = random_below(round, 8) * 500000;
    question->has_gap = random_below(round, 4) == 0;
    question->gap = random_below(round, 6) * 500000;
    question->only_matching = random_below(round, 3) == 0;
    question->meets = random_meets;
    question->user = round;
    *options = (sj_match_options){.struct_size = sizeof *options,
                                  .pattern = round->pattern,
                                  .conditions = round->texts,
                                  .n_conditions = question->n_conditions,
                                  .only_matching = question->only_matching};
    if (question->has_span)
        options->span = question->span ? (int64_t)question->span : SJ_INSTANT;
    if (question->has_gap)
        options->session_gap = question->gap ? (int64_t)question->gap : SJ_INSTANT;
    counts->spans += (uint64_t)question->has_span;
    counts->sessions += (uint64_t)question->has_gap;
    counts->only += (uint64_t)question->only_matching;
}

static void random_make(random_round *round, uint64_t seed, random_counts *counts)
{
    sj_builder *builder = NULL;
    sj_error error = {0};
    memset(round, 0, sizeof *round);
    round->state = seed;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    for (char name[2] = "a"; name[0] <= 'e'; name[0]++)
        assert_int_equal(sj_builder_add_touchpoint(builder, name, NULL, NULL, NULL), SJ_OK);
    random_events(round, builder, counts);
    if (sj_builder_build(builder, NULL, &round->graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    random_question(round, counts);
    round->n_customers = sj_graph_count(round->graph, SJ_KIND_CUSTOMERS);
    counts->customers += round->n_customers;
    counts->rounds++;
}

static void random_ask_oracle(random_round *round, int32_t find, random_counts *counts)
{
    round->options.find = find;
    round->question.find = find;
    for (uint64_t c = 0; c < round->n_customers; c++) {
        const size_t n = match_oracle(round->graph, &round->question, c, round->matches[c]);
        round->n_matches[c] = n;
        if (find == SJ_MATCH_ALL) {
            counts->matches += n;
            counts->matched += n > 0;
            counts->several += n > 1;
        }
    }
}

/* The smallest that one needs to see what went wrong. */
static void random_show(const random_round *round, uint64_t c)
{
    print_error("pattern %s, find %d, span %lld, session_gap %lld, only_matching %d, conditions:",
                round->pattern, (int)round->options.find, (long long)round->options.span,
                (long long)round->options.session_gap, (int)round->options.only_matching);
    for (size_t k = 0; k < round->question.n_conditions; k++)
        print_error(" [%s]", round->texts[k]);
    print_error("\nevents:");
    for (uint64_t e = 0; e < sj_graph_length(round->graph, c); e++) {
        sj_moment moment;
        (void)sj_graph_event(round->graph, c, e, &moment);
        print_error(" %s@%g", sj_graph_name(round->graph, SJ_KIND_TOUCHPOINTS, moment.touchpoint),
                    (double)moment.time / 1e6);
        if (moment.has_value)
            print_error("=%g", moment.value);
    }
    print_error("\nexpected:");
    for (size_t i = 0; i < round->n_matches[c]; i++) {
        print_error(" [%llu…%llu", (unsigned long long)round->matches[c][i].start,
                    (unsigned long long)round->matches[c][i].end);
        for (size_t k = 0; k < round->matches[c][i].n_shown; k++)
            print_error(" %llu", (unsigned long long)round->matches[c][i].shown[k]);
        print_error("]");
    }
    print_error("\n");
}

/* ---- what the library says ---- */

static int64_t random_time(const random_round *round, uint64_t c, uint64_t event)
{
    sj_moment moment = {0};
    assert_true(sj_graph_event(round->graph, c, event, &moment));
    return moment.time;
}

/* 1 where a row is the i-th match of a customer. */
static int random_is_row(const random_round *round, const sj_table *table, size_t row, uint64_t c,
                         size_t i)
{
    const match_oracle_match *match = &round->matches[c][i];
    const int64_t *offsets = sj_table_offsets(table, "events");
    const int64_t *times = sj_table_integers(table, "times");
    const int64_t *events = sj_table_integers(table, "events");
    if (row >= sj_table_rows(table) || sj_table_integers(table, "match")[row] != (int64_t)i + 1 ||
        offsets[row + 1] - offsets[row] != (int64_t)match->n_shown)
        return 0;
    for (size_t k = 0; k < match->n_shown; k++) {
        const size_t at = (size_t)offsets[row] + k;
        if (events[at] != (int64_t)match->shown[k] ||
            times[at] != random_time(round, c, match->shown[k]))
            return 0;
    }
    return 1;
}

static void random_check_customer(const random_round *round, const sj_table *table, size_t *row,
                                  uint64_t c)
{
    const int counted = round->options.find == SJ_MATCH_COUNT;
    const size_t n = round->n_matches[c];
    const char *key = sj_graph_name(round->graph, SJ_KIND_CUSTOMERS, c);
    char shown[32];
    (void)snprintf(shown, sizeof shown, key[0] == '(' ? "'%s'" : "%s", key);
    for (size_t i = 0; i < (counted ? n > 0 : n); i++, (*row)++) {
        const int right = *row < sj_table_rows(table) &&
                          strcmp(sj_table_text(table, "customer", *row), shown) == 0 &&
                          sj_table_integers(table, "count")[*row] == (int64_t)n &&
                          (counted || random_is_row(round, table, *row, c, i));
        if (!right) {
            random_show(round, c);
            fail_msg("row %zu is another", *row);
        }
    }
}

static void random_check_list(const random_round *round)
{
    sj_result *list = NULL;
    sj_error error = {0};
    size_t row = 0;
    if (sj_match_list(round->graph, &round->options, NULL, &list, &error) != SJ_OK)
        fail_msg("%s: %s", round->pattern, error.message);
    const sj_table *table = sj_result_find(list, "matches");
    for (uint64_t c = 0; c < round->n_customers; c++)
        random_check_customer(round, table, &row, c);
    if (sj_table_rows(table) != row) {
        print_error("%s has rows too many\n", round->pattern);
        for (uint64_t c = 0; c < round->n_customers; c++)
            if (round->n_matches[c] == 0)
                random_show(round, c);
    }
    assert_int_equal(sj_table_rows(table), row);
    sj_result_free(list);
}

static void random_check_figures(const random_round *round)
{
    sj_result *result = NULL;
    sj_error error = {0};
    int64_t matches = 0, customers = 0, by_count[MATCH_ORACLE_EVENTS + 1] = {0};
    double spans = 0;
    if (sj_match_compute(round->graph, &round->options, NULL, &result, &error) != SJ_OK)
        fail_msg("%s", error.message);
    for (uint64_t c = 0; c < round->n_customers; c++) {
        matches += (int64_t)round->n_matches[c];
        customers += round->n_matches[c] > 0;
        by_count[round->n_matches[c]]++;
        for (size_t i = 0; i < round->n_matches[c]; i++)
            spans += (double)(random_time(round, c, round->matches[c][i].end) -
                              random_time(round, c, round->matches[c][i].start));
    }
    const sj_table *overall = sj_result_find(result, "overall");
    const sj_table *counts = sj_result_find(result, "counts");
    assert_int_equal(sj_table_integers(overall, "matches")[0], matches);
    assert_int_equal(sj_table_integers(overall, "customers")[0], customers);
    assert_int_equal(sj_table_integers(overall, "seen")[0], round->n_customers);
    if (matches > 0)
        assert_near(sj_table_reals(overall, "span_mean")[0], spans / (double)matches, 1e-12);
    size_t row = 0;
    for (int64_t n = 1; n <= MATCH_ORACLE_EVENTS; n++) {
        if (by_count[n] == 0)
            continue;
        assert_true(row < sj_table_rows(counts));
        assert_int_equal(sj_table_integers(counts, "from")[row], n);
        assert_int_equal(sj_table_integers(counts, "to")[row], n);
        assert_int_equal(sj_table_integers(counts, "customers")[row++], by_count[n]);
    }
    assert_int_equal(sj_table_rows(counts), row);
    sj_result_free(result);
}

static uint64_t random_cases(void)
{
    const char *asked = getenv("SOJOURN_LONG");
    const uint64_t number = asked ? strtoull(asked, NULL, 10) : 0;
    return asked == NULL ? RANDOM_CASES : number > 1 ? number : 20 * (uint64_t)RANDOM_CASES;
}

static void every_match_is_that_of_trying_everything(void **state)
{
    static random_round round;
    random_counts counts = {0};
    (void)state;
    for (uint64_t seed = RANDOM_SEED; counts.customers < random_cases(); seed++) {
        random_make(&round, seed, &counts);
        for (int32_t find = SJ_MATCH_FIRST; find <= RANDOM_FINDS; find++) {
            random_ask_oracle(&round, find, &counts);
            random_check_list(&round);
            random_check_figures(&round);
        }
        sj_graph_free(round.graph);
    }
    print_message("# %llu customers, %llu patterns, %llu events, %.1f %% of them tied\n",
                  (unsigned long long)counts.customers, (unsigned long long)counts.rounds,
                  (unsigned long long)counts.events,
                  100.0 * (double)counts.tied / (double)counts.events);
    print_message("# %llu have a match, %llu several, %llu matches in all\n",
                  (unsigned long long)counts.matched, (unsigned long long)counts.several,
                  (unsigned long long)counts.matches);
    print_message("# patterns with: gates %llu, behind a skip %llu, alternating %llu, classes "
                  "%llu, a span %llu, "
                  "sessions %llu, "
                  "only_matching %llu; conditions that look %llu\n",
                  (unsigned long long)counts.gates, (unsigned long long)counts.gates_after_skips,
                  (unsigned long long)counts.alternating, (unsigned long long)counts.classes,
                  (unsigned long long)counts.spans, (unsigned long long)counts.sessions,
                  (unsigned long long)counts.only, (unsigned long long)counts.looked);
    assert_true(5 * counts.tied >= counts.events);
    assert_true(5 * counts.matched >= counts.customers);
    assert_true(counts.several > 0 && counts.gates_after_skips > 0 && counts.alternating > 0 &&
                counts.classes > 0);
    assert_true(counts.spans > 0 && counts.sessions > 0 && counts.only > 0 && counts.looked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_match_is_that_of_trying_everything),
    };
    return cmocka_run_group_tests_name("match_random", tests, NULL, NULL);
}
