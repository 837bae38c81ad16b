/* Funnels over small random journeys against exhaustive search (oracle/funnel_oracle.h): level,
 * times, events and reason of every unit, what came next, all tables, and what is refused.
 *
 * A case is one customer's journey with one question.  Questions go through all pairs of options in
 * turn, with others beside them, so that every two that go together meet.  50,000 cases by default;
 * 2,000,000 with the environment variable SOJOURN_LONG, or as many as that says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_expect.h"

enum {
    RANDOM_CASES = 50000,
    RANDOM_LONG = 2000000,
    RANDOM_SEED = 20260101,
    RANDOM_LONGEST = 13,
    RANDOM_BUDGET = 20000, /* attempts that the search may look at in one journey */
    RANDOM_OF_PAIR = 1000  /* in the long run, cases of each pair at least */
};

#define RANDOM_BIT(feature) (UINT64_C(1) << (feature))

typedef struct random_counts {
    uint64_t cases, rounds, refused, units, removed, events, tied, tied_journeys, shortened;
    uint64_t by_level[WORLD_STEPS + 1];
    uint64_t pairs[WORLD_FEATURES][WORLD_FEATURES]; /* cases that had both */
    uint64_t refused_pairs[WORLD_FEATURES][WORLD_FEATURES];
} random_counts;

/* Pairs that the rules refuse, or that are two values of one option; each row holds for both
 * orders. */
static const struct {
    int feature;
    uint64_t with;
} random_apart[] = {
    {WORLD_ORDER_ANY, RANDOM_BIT(WORLD_ORDER_ADJACENT) | RANDOM_BIT(WORLD_GROUP) |
                          RANDOM_BIT(WORLD_ADJACENT) | RANDOM_BIT(WORLD_MIN_GAP) |
                          RANDOM_BIT(WORLD_MAX_GAP) | RANDOM_BIT(WORLD_OPTIONAL) |
                          RANDOM_BIT(WORLD_TIE_STRICT) | RANDOM_BIT(WORLD_TIE_GRACE) |
                          RANDOM_BIT(WORLD_ANYWHERE) | RANDOM_BIT(WORLD_RANGE)},
    {WORLD_GROUP, RANDOM_BIT(WORLD_ORDER_ADJACENT) | RANDOM_BIT(WORLD_TIE_STRICT) |
                      RANDOM_BIT(WORLD_TIE_GRACE) | RANDOM_BIT(WORLD_ANYWHERE)},
    {WORLD_TIE_GRACE, RANDOM_BIT(WORLD_ORDER_ADJACENT) | RANDOM_BIT(WORLD_ADJACENT) |
                          RANDOM_BIT(WORLD_MIN_GAP) | RANDOM_BIT(WORLD_MAX_GAP) |
                          RANDOM_BIT(WORLD_OPTIONAL) | RANDOM_BIT(WORLD_ANYWHERE) |
                          RANDOM_BIT(WORLD_TIE_INPUT) | RANDOM_BIT(WORLD_TIE_STRICT)},
    {WORLD_TIE_INPUT, RANDOM_BIT(WORLD_TIE_STRICT)},
    {WORLD_STOP, RANDOM_BIT(WORLD_ORDER_ANY) | RANDOM_BIT(WORLD_GROUP) |
                     RANDOM_BIT(WORLD_TIE_GRACE) | RANDOM_BIT(WORLD_FIRST) |
                     RANDOM_BIT(WORLD_EACH) | RANDOM_BIT(WORLD_OF_ATTEMPTS)},
    {WORLD_ANYWHERE,
     RANDOM_BIT(WORLD_FIRST) | RANDOM_BIT(WORLD_EACH) | RANDOM_BIT(WORLD_OF_ATTEMPTS)},
    {WORLD_FIRST, RANDOM_BIT(WORLD_EACH) | RANDOM_BIT(WORLD_OF_ATTEMPTS)},
    {WORLD_HOLD, RANDOM_BIT(WORLD_HOLD_TWO)},
    {WORLD_SURVIVAL, RANDOM_BIT(WORLD_COUNTS)},
    {WORLD_OF_CUSTOMERS,
     RANDOM_BIT(WORLD_OF_ATTEMPTS) | RANDOM_BIT(WORLD_OF_SESSIONS) | RANDOM_BIT(WORLD_OF_VALUES)},
    {WORLD_OF_ATTEMPTS, RANDOM_BIT(WORLD_OF_SESSIONS) | RANDOM_BIT(WORLD_OF_VALUES)},
    {WORLD_OF_SESSIONS, RANDOM_BIT(WORLD_OF_VALUES)},
};

static int random_go_together(int a, int b)
{
    for (size_t i = 0; i < sizeof random_apart / sizeof *random_apart; i++)
        if ((random_apart[i].feature == a && (random_apart[i].with >> b & 1) != 0) ||
            (random_apart[i].feature == b && (random_apart[i].with >> a & 1) != 0))
            return 0;
    return 1;
}

/* ---- a round ---- */

/* The units of a customer; a journey whose search takes too long is made shorter. */
static size_t random_search(expect *e, size_t customer, funnel_oracle_unit *units,
                            random_counts *counts)
{
    funnel_oracle_event events[WORLD_EVENTS];
    for (;;) {
        const size_t n = funnel_oracle(events, world_journey(&e->w, customer, events), &e->question,
                                       units, &e->removed);
        if (n != SIZE_MAX)
            return n;
        e->w.n_events[customer] = e->w.n_events[customer] * 2 / 3;
        counts->shortened++;
    }
}

static void random_count_journey(const world *w, size_t customer, random_counts *counts)
{
    int tied = 0;
    for (size_t i = 1; i < w->n_events[customer]; i++) {
        const int same = w->events[customer][i].time == w->events[customer][i - 1].time;
        counts->tied += (uint64_t)same;
        tied |= same;
    }
    counts->events += w->n_events[customer];
    counts->tied_journeys += (uint64_t)tied;
}

/* Units in the order of the graph. */
static void random_search_all(expect *e, random_counts *counts)
{
    static funnel_oracle_unit units[WORLD_CUSTOMERS][WORLD_EVENTS];
    size_t n[WORLD_CUSTOMERS];
    funnel_oracle_ask(&e->w.options, e->w.last, &e->question);
    e->question.budget = RANDOM_BUDGET;
    for (size_t c = 0; c < e->w.n_customers; c++) {
        size_t level = 0;
        n[c] = random_search(e, c, units[c], counts);
        random_count_journey(&e->w, c, counts);
        for (size_t u = 0; u < n[c]; u++)
            level = units[c][u].level > level ? units[c][u].level : level;
        counts->by_level[level]++;
    }
    e->graph = world_graph(&e->w);
    for (uint64_t g = 0; g < sj_graph_count(e->graph, SJ_KIND_CUSTOMERS); g++) {
        const char *key = sj_graph_name(e->graph, SJ_KIND_CUSTOMERS, g);
        const size_t c = (size_t)strtoul(key + (key[0] == '(' ? 2 : 1), NULL, 10);
        for (size_t u = 0; u < n[c]; u++) {
            e->owner[e->n_units] = c;
            e->units[e->n_units++] = units[c][u];
        }
    }
}

static void random_must(const expect *e, sj_status status, const sj_error *error)
{
    if (status == SJ_OK)
        return;
    world_show(&e->w, 0);
    fail_msg("%s", error->message);
}

static void random_check_tables(expect *e)
{
    const expect_group all = {0};
    sj_result *result = NULL;
    sj_error error = {0};
    random_must(e, sj_funnel_compute(e->graph, &e->w.options, NULL, &result, &error), &error);
    expect_check_steps(e, all, sj_result_find(result, "steps"), 0);
    expect_check_removed(e, result);
    if (e->w.options.figures == SJ_FIGURE_COUNTS) {
        assert_null(sj_result_find(result, "reasons"));
    } else {
        expect_check_reasons(e, sj_result_find(result, "reasons"));
        expect_check_next(e, sj_result_find(result, "next"));
        expect_check_times(e, sj_result_find(result, "times"));
    }
    if (e->w.options.breakdown != NULL)
        expect_check_breakdown(e, sj_result_find(result, "breakdown"));
    if (e->w.options.trend != 0)
        expect_check_trend(e, sj_result_find(result, "trend"));
    if (e->w.options.survival)
        expect_check_survival(e, sj_result_find(result, "survival"));
    sj_result_free(result);
}

/* Counts alone may go another way. */
static void random_check_counts(expect *e)
{
    const sj_funnel_options asked = e->w.options;
    if (asked.figures == SJ_FIGURE_COUNTS || asked.survival)
        return;
    e->w.options.figures = SJ_FIGURE_COUNTS;
    random_check_tables(e);
    e->w.options = asked;
}

/* Figures are no matter of a list. */
static void random_check_list(const expect *e)
{
    sj_result *list = NULL;
    sj_error error = {0};
    random_must(e, sj_funnel_list(e->graph, &e->w.options, NULL, &list, &error), &error);
    expect_check_levels(e, sj_result_find(list, "levels"));
    sj_result_free(list);
}

/* Both refuse it. */
static void random_check_refusal(expect *e)
{
    sj_plan *plan = NULL;
    sj_error error = {0};
    world_draw_journeys(&e->w, 1, 3);
    e->graph = world_graph(&e->w);
    const sj_status status = sj_funnel_plan(e->graph, &e->w.options, &plan, &error);
    if (status != SJ_ERR_OPTIONS) {
        world_show(&e->w, 0);
        fail_msg("not refused (%d, %s), but: %s", (int)status, error.message, world_refusal(&e->w));
    }
    sj_plan_free(plan);
    sj_graph_free(e->graph);
}

static void random_round(expect *e, uint64_t features, uint64_t built, random_counts *counts)
{
    world_draw_question(&e->w, features, built, 1);
    const uint64_t found = world_features(&e->w);
    const int refused = world_refusal(&e->w) != NULL;
    if (refused) {
        random_check_refusal(e);
        counts->refused++;
    } else {
        world_draw_journeys(&e->w, WORLD_CUSTOMERS, RANDOM_LONGEST);
        random_search_all(e, counts);
        random_check_list(e);
        random_check_tables(e);
        random_check_counts(e);
        sj_graph_free(e->graph);
        counts->cases += e->w.n_customers;
        counts->units += e->n_units;
        counts->removed += e->removed;
    }
    counts->rounds++;
    for (int a = 0; a < WORLD_FEATURES; a++)
        for (int b = 0; b <= a; b++)
            if ((found >> a & found >> b & 1) != 0)
                *(refused ? &counts->refused_pairs[a][b] : &counts->pairs[a][b]) +=
                    refused ? 1 : e->w.n_customers;
}

/* ---- what was seen ---- */

static void random_print(const random_counts *counts)
{
    print_message(
        "# %llu cases, %llu funnels, %llu refused alike, %llu events, %.0f %% at the time "
        "of another, %llu journeys with such, %llu shortened\n# customers by level:",
        (unsigned long long)counts->cases, (unsigned long long)counts->rounds,
        (unsigned long long)counts->refused, (unsigned long long)counts->events,
        100 * (double)counts->tied / (double)counts->events,
        (unsigned long long)counts->tied_journeys, (unsigned long long)counts->shortened);
    for (size_t k = 0; k <= WORLD_STEPS; k++)
        print_message(" %llu", (unsigned long long)counts->by_level[k]);
    print_message("; %llu units, %llu removed\n# cases with", (unsigned long long)counts->units,
                  (unsigned long long)counts->removed);
    for (int f = 0; f < WORLD_FEATURES; f++)
        print_message(" %s %llu,", world_feature(f), (unsigned long long)counts->pairs[f][f]);
    print_message("\n");
}

/* Every pair that goes together has been seen often enough; a pair that does not, never. */
static void random_check_pairs(const random_counts *counts, uint64_t built, uint64_t least)
{
    uint64_t fewest = UINT64_MAX;
    int pairs = 0, rare = 0, a_fewest = 0, b_fewest = 0;
    for (int a = 0; a < WORLD_FEATURES; a++) {
        for (int b = 0; b < a; b++) {
            const uint64_t n = counts->pairs[a][b];
            if ((built >> a & built >> b & 1) == 0)
                continue;
            if (!random_go_together(a, b)) {
                if (n != 0)
                    fail_msg("%s and %s were not refused", world_feature(a), world_feature(b));
                continue;
            }
            pairs++;
            if (n < fewest)
                fewest = n, a_fewest = a, b_fewest = b;
            if (n < least) {
                print_message("# %s and %s: %llu cases only, %llu funnels refused\n",
                              world_feature(a), world_feature(b), (unsigned long long)n,
                              (unsigned long long)counts->refused_pairs[a][b]);
                rare++;
            }
        }
    }
    print_message("# %d pairs of options that go together; fewest cases: %llu, %s and %s\n", pairs,
                  (unsigned long long)fewest, world_feature(a_fewest), world_feature(b_fewest));
    if (least > 1)
        assert_int_equal(rare, 0);
}

/* The numbers of pairs in an order that a short run goes through, too. */
static uint64_t random_pair(uint64_t round)
{
    const uint64_t pairs = WORLD_FEATURES * (WORLD_FEATURES + 1) / 2;
    uint64_t at = round * 211 % pairs;
    int a = 0;
    for (; at > (uint64_t)a; a++)
        at -= (uint64_t)a + 1;
    return RANDOM_BIT(a) | RANDOM_BIT(at);
}

static void library_and_exhaustive_search_agree(void **state)
{
    static expect e;
    static random_counts counts;
    const char *asked = getenv("SOJOURN_LONG");
    const long wanted = asked != NULL ? strtol(asked, NULL, 10) : 0;
    const uint64_t cases = wanted > RANDOM_CASES ? (uint64_t)wanted
                           : asked != NULL       ? RANDOM_LONG
                                                 : RANDOM_CASES;
    const uint64_t built = world_built();
    const char *said = getenv("SOJOURN_SEED");
    const uint64_t seed = said != NULL ? strtoull(said, NULL, 10) : RANDOM_SEED;
    uint64_t reached = 0;
    (void)state;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (uint64_t round = 0; counts.cases < cases; round++) {
        e.n_units = e.removed = 0;
        e.w.state = (seed + round) * UINT64_C(2654435761);
        random_round(&e, random_pair(round), built, &counts);
    }
    random_print(&counts);
    random_check_pairs(&counts, built, cases >= RANDOM_LONG ? RANDOM_OF_PAIR : 1);
    for (size_t k = 2; k <= WORLD_STEPS; k++)
        reached += counts.by_level[k];
    assert_true(reached * 5 >= counts.cases && counts.tied * 5 >= counts.events);
    assert_true(counts.refused > 0 && counts.removed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(library_and_exhaustive_search_agree)};
    return cmocka_run_group_tests_name("funnel_random", tests, NULL, NULL);
}
