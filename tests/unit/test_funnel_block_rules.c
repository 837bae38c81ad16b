/* Steps in any order, alone and among steps in order, on journeys worked by hand; the rows of the
 * table `steps` for them; replays; as many steps as one likes; and how the work grows.
 *
 * Steps are letters, a block in parentheses: "A(BC)D"; a is A or B, and b is B or C.  Options are
 * words: name, number of the step it is about, "=" and a value; "!D1-2" is D excluded from step 1
 * to 2, "!!D" is D that removes. */
#include "unit/funnels.h"

#include <ctype.h>

#include "unit/near.h"

typedef struct block_question {
    funnel_question base;
    sj_exclusion exclusions[4];
    int64_t from, to, as_of;
} block_question;

static const char *const block_held[] = {"held"};

static void block_exclude(block_question *q, const char *word)
{
    sj_funnel_options *options = &q->base.options;
    sj_exclusion *x = &q->exclusions[options->n_exclusions++];
    const int removes = word[1] == '!';
    char *end;
    word += 1 + removes;
    *x = (sj_exclusion){.condition = word[0] == 'D' ? "D" : "E"};
    if (removes)
        x->effect = SJ_EXCLUDE_REMOVE;
    x->from_step = (int32_t)strtol(word + 1, &end, 10);
    x->to_step = *end == '-' ? (int32_t)strtol(end + 1, NULL, 10) : 0;
    options->exclusions = q->exclusions;
    options->exclusion_size = sizeof *x;
}

static void block_say(block_question *q, const char *word)
{
    sj_funnel_options *o = &q->base.options;
    char name[16] = {0}, *end;
    size_t n = 0;
    while (islower((unsigned char)word[n]))
        n++;
    memcpy(name, word, n);
    const long k = strtol(word + n, &end, 10);
    const int64_t value = *end == '=' ? strtoll(end + 1, NULL, 10) : 0;
    sj_step *step = &q->base.steps[k > 0 ? k - 1 : 0];
    const struct {
        const char *name;
        int64_t *span;
        int32_t *choice, what;
        const int64_t **time;
    } fields[] = {{"window", &o->window, NULL, 0, NULL},
                  {"cut", &o->session_gap, NULL, 0, NULL},
                  {"min", &step->min_gap, NULL, 0, NULL},
                  {"max", &step->max_gap, NULL, 0, NULL},
                  {"from", &q->from, NULL, 0, &o->entry_from},
                  {"to", &q->to, NULL, 0, &o->entry_to},
                  {"asof", &q->as_of, NULL, 0, &o->as_of},
                  {"adjacent", NULL, &step->adjacent, 1, NULL},
                  {"optional", NULL, &step->optional, 1, NULL},
                  {"any", NULL, &o->order, SJ_ORDER_ANY, NULL},
                  {"input", NULL, &o->tie, SJ_TIE_INPUT, NULL},
                  {"reuse", NULL, &o->reuse, SJ_REUSE_YES, NULL},
                  {"first", NULL, &o->attempt, SJ_ATTEMPT_FIRST, NULL},
                  {"each", NULL, &o->attempt, SJ_ATTEMPT_EACH, NULL},
                  {"attempts", NULL, &o->unit, SJ_UNIT_ATTEMPTS, NULL},
                  {"sessions", NULL, &o->unit, SJ_UNIT_SESSIONS, NULL},
                  {"values", NULL, &o->unit, SJ_UNIT_VALUES, NULL},
                  {"held", (int64_t[1]){0}, NULL, 0, NULL}};
    size_t f = 0;
    while (f < sizeof fields / sizeof *fields && strcmp(fields[f].name, name) != 0)
        f++;
    assert_true(f < sizeof fields / sizeof *fields);
    if (fields[f].span != NULL)
        *fields[f].span = value;
    else
        *fields[f].choice = fields[f].what;
    if (fields[f].time != NULL)
        *fields[f].time = fields[f].span;
    if (strcmp(name, "held") == 0)
        o->hold = block_held, o->n_hold = 1;
}

static sj_funnel_options *block_ask(block_question *q, const char *steps, const char *words)
{
    char letters[16] = {0}, word[32];
    int64_t groups[16] = {0}, group = 0, blocks = 0;
    size_t n = 0;
    for (; *steps != '\0'; steps++) {
        if (*steps == '(')
            group = ++blocks;
        else if (*steps == ')')
            group = 0;
        else
            groups[n] = group, letters[n++] = *steps;
    }
    memset(q, 0, sizeof *q);
    funnel_ask(&q->base, letters, 0);
    for (size_t k = 0; k < n; k++) {
        q->base.steps[k].group = groups[k];
        if (letters[k] == 'a')
            q->base.steps[k].condition = "touchpoint in ('A', 'B')";
        if (letters[k] == 'b')
            q->base.steps[k].condition = "touchpoint in ('B', 'C')";
    }
    while (*words != '\0') {
        const size_t length = strcspn(words, " ");
        memcpy(word, words, length);
        word[length] = '\0';
        if (word[0] == '!')
            block_exclude(q, word);
        else
            block_say(q, word);
        words += length + strspn(words + length, " ");
    }
    return &q->base.options;
}

typedef struct block_case {
    const char *steps, *options, *journey, *units;
} block_case;

static void block_expect(const block_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        block_question q;
        char journey[120];
        (void)snprintf(journey, sizeof journey, "k: %s", cases[i].journey);
        funnel_expect(journey, block_ask(&q, cases[i].steps, cases[i].options), cases[i].units);
    }
}

#define BLOCK_EXPECT(cases) block_expect((cases), sizeof(cases) / sizeof *(cases))

/* ---- which attempt ---- */

static void in_any_order_each_step_takes_one_event(void **state)
{
    static const block_case cases[] = {
        {"ABC", "any", "B0 A1 C2", "3 converted 1 0 2"},
        {"ABC", "any", "C0", "1 none - - 0"},
        {"ABC", "any", "D0 E1", ""},
        {"ABC", "any", "B0 B1 B2", "1 none - 0 -"},
        {"ABC", "any", "B0 B1 C2", "2 none - 1 2"},         /* entered latest */
        {"ABC", "any", "A0 B5 A6 C7", "3 converted 6 5 7"}, /* A6 is the second */
        {"ABC", "any", "A0 C1 B1 A2 A3", "3 converted 0 1 1"},
        {"ABC", "any", "C0 B0 A0", "3 converted 0 0 0"},
        {"ABC", "any", "A0 A4 B4 B9", "2 none 4 4 -"},
        {"A", "any", "B0 A1", "1 converted 1"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void the_window_runs_from_the_first_fill_and_is_inclusive(void **state)
{
    static const block_case cases[] = {
        {"ABC", "any window=3", "B0 A2 C3", "3 converted 2 0 3"},
        {"ABC", "any window=3", "B0 A2 C4", "2 window 2 0 -"},
        {"ABC", "any window=3", "B0 A2 B3 C4", "3 converted 2 3 4"},
        {"ABC", "any window=3", "B0 B1 A2 C4", "3 converted 2 1 4"},
        {"ABC", "any window=-1", "A0 C5 B5 A5", "3 converted 5 5 5"},
        {"ABC", "any window=-1", "A0 B1 C1 D9", "2 none - 1 1"},
        {"(AB)C", "window=3", "A0 B1 C4", "2 window 0 1 -"},
        {"(AB)C", "window=3", "A0 B2 A3 C4", "3 converted 3 2 4"},
        {"A(BC)", "window=3", "A0 C1 A2 B4 C5", "3 converted 2 4 5"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void a_block_stands_between_the_steps_before_and_behind_it(void **state)
{
    static const block_case cases[] = {
        {"A(BC)D", "", "A0 C1 B2 D3", "4 converted 0 2 1 3"},
        {"A(BC)D", "", "C0 A1 B2 D3", "2 none 1 2 - -"},
        {"A(BC)D", "", "A0 B1 D2 C3", "3 none 0 1 3 -"},
        {"A(BC)D", "", "A0 B1 D2 C3 D4", "4 converted 0 1 3 4"},
        {"A(BC)D", "", "D5 C5 B5 A5", "4 converted 5 5 5 5"},
        {"A(BC)D", "", "A0 C1 A2 B3 C4 D5", "4 converted 2 3 4 5"},
        {"(AB)C", "", "B0 A1 C2", "3 converted 1 0 2"},
        {"(AB)C", "", "B0 C1 A2", "2 none 2 0 -"},
        {"A(BC)", "", "B0 A1 C2 B3", "3 converted 1 3 2"},
        {"(AB)(CD)", "", "B0 D1 A2 C3 D4", "4 converted 2 0 3 4"},
        {"(AB)(CD)", "", "B0 D1 A2 C3", "3 none 2 0 3 -"},
        {"(AB)C(DE)", "", "B0 A1 E2 C3 E4 D5", "5 converted 1 0 3 5 4"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void only_neighbours_of_one_group_are_a_block(void **state)
{
    funnel_question q;
    sj_funnel_options *options = funnel_ask(&q, "ABC", 0);
    (void)state;
    q.steps[0].group = q.steps[2].group = 1; /* B is between them */
    funnel_expect("k: C0 A1 B2 C3", options, "3 converted 1 2 3");
    funnel_expect("k: A0 C1 B2", options, "2 none 0 2 -");
    q.steps[1].group = 2;
    funnel_expect("k: A0 C1 B2", options, "2 none 0 2 -");
    q.steps[1].group = q.steps[2].group = INT64_MIN;
    funnel_expect("k: C0 A1 C2 B3", options, "3 converted 1 3 2");
}

static void with_reuse_one_event_fills_several_steps_of_a_block(void **state)
{
    static const block_case cases[] = {
        {"AAA", "any reuse", "A5", "3 converted 5 5 5"},
        {"AAB", "any reuse", "A0 B3", "3 converted 0 0 3"},
        {"AAB", "any reuse", "A0 A2 B3", "3 converted 2 2 3"},
        {"aB", "any reuse", "A0 B3", "2 converted 3 3"},
        {"A(aB)", "reuse", "A0", "2 none 0 0 -"}, /* A fills the step before and one of the block */
        {"A(aB)b", "reuse", "A0 B2", "4 converted 0 0 2 2"},
        {"(aA)b", "reuse", "B0 A1 C2", "3 converted 1 1 2"},
        {"(aA)b", "reuse window=1", "B0 C1 A2 D9", "2 none 2 2 -"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void by_input_the_rows_of_one_time_have_their_order(void **state)
{
    static const block_case cases[] = {
        {"ABC", "any input", "C5 A5 B5", "3 converted 5 5 5"},
        {"A(BC)", "", "B5 A5 C5", "3 converted 5 5 5"},
        {"A(BC)", "input", "B5 A5 C5", "2 none 5 - 5"},
        {"A(BC)", "input", "B5 A5 C5 B5", "3 converted 5 5 5"},
        {"(AB)C", "", "C5 A5 B5", "3 converted 5 5 5"},
        {"(AB)C", "input", "C5 A5 B5", "2 none 5 5 -"},
        {"(AB)C", "input", "B5 A5 C5", "3 converted 5 5 5"},
        {"(AA)B", "input reuse", "A5 B5", "3 converted 5 5 5"},
        {"(AA)B", "input reuse", "B5 A5", "2 none 5 5 -"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void a_held_value_holds_for_a_block(void **state)
{
    static const block_case cases[] = {
        {"A(BC)", "held", "A0u C1u B2v", "u: 2 held 0 - 1"},
        {"A(BC)", "held", "A0u C1v B2v C3u B4u", "u: 3 converted 0 4 3"},
        {"AB", "any held", "A0u A1v B2v", "v: 2 converted 1 2"},
        {"AB", "any held values", "A0u A1v B2v", "u: 1 held 0 -; v: 2 converted 1 2"},
        {"AB", "any held", "A0u A1v", "u: 1 none 0 -"}, /* A is filled: of no use, whoever has it */
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void any_step_of_a_first_block_is_an_entry(void **state)
{
    static const block_case cases[] = {
        {"ABC", "any from=5 to=10", "A4 B5 C6", "2 none - 5 6"},
        {"ABC", "any from=5 to=10", "A4 B5 A9 C12", "3 converted 9 5 12"},
        {"ABC", "any from=5 to=10", "A4 B10 C11", ""},
        {"(AB)C", "from=5 to=10", "B4 A9 B10 C11", "3 converted 9 10 11"},
        {"AB", "any cut=5", "A0 B6 A12 B13", "2 converted 12 13"},
        {"AB", "any cut=5 sessions", "A0 B6 A12 B13", "1 none 0 -; 1 none - 6; 2 converted 12 13"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

/* ---- rules of the steps around ---- */

static void the_step_behind_a_block_counts_from_its_last_fill(void **state)
{
    static const block_case cases[] = {
        {"(AB)C", "max3=2", "A0 B1 C3", "3 converted 0 1 3"},
        {"(AB)C", "max3=2", "A0 B1 C4", "2 gap 0 1 -"},
        {"(AB)C", "max3=2", "A0 B1 A3 C4", "3 converted 3 1 4"},
        {"(AB)C", "max3=-1", "A0 B1 C1", "3 converted 0 1 1"},
        {"(AB)C", "min3=3", "A0 B1 C3 C4", "3 converted 0 1 4"},
        {"(AB)C", "min3=3", "A0 B1 A3 C3", "2 gap 0 1 -"},
        {"(AB)C", "adjacent3", "A0 D1 B2 C3", "3 converted 0 2 3"},
        {"(AB)C", "adjacent3", "A0 B1 D2 C3", "2 order 0 1 -"},
        {"(AB)C", "adjacent3", "A0 B1 D2 A3 C4", "3 converted 3 1 4"},
        {"(AB)CD", "optional3", "A0 B1 D2", "4 converted 0 1 - 2"},
        {"(AB)CD", "optional3", "B0 A1 C2 D3", "4 converted 1 0 2 3"},
        {"(AB)CD", "optional3 max4=2", "A0 B1 C3 D5", "4 converted 0 1 3 5"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void the_step_before_a_block_may_be_left_out(void **state)
{
    static const block_case cases[] = {
        {"AB(CD)", "optional2", "A0 D1 C2", "4 converted 0 - 2 1"},
        {"AB(CD)", "optional2", "A0 B1 D2 C3", "4 converted 0 1 3 2"},
        {"AB(CD)", "optional2", "A0 D1 B2 C3", "4 converted 0 - 3 1"},
        {"AB(CD)", "optional2", "A0 B1 D2", "3 none 0 1 - 2"},
        {"AB(CD)", "max2=1", "A0 A1 B2 C3 D9", "4 converted 1 2 3 9"},
        {"AB(CD)E", "adjacent2", "A0 D1 B2 A3 B4 D5 C6 E7", "5 converted 3 4 6 5 7"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

/* ---- exclusions ---- */

static void an_exclusion_over_a_block_bars_from_its_first_fill_to_its_last(void **state)
{
    static const block_case cases[] = {
        {"(AB)C", "!D", "A0 D1 B2 C3", "1 none - 2 -"}, /* B2 is as long, and later */
        {"(AB)C", "!D", "A0 D1 E2", "1 excluded 0 - -"},
        {"(AB)C", "!D", "A0 D1 B2 A3 C4", "3 converted 3 2 4"},
        {"(AB)C", "!D", "A0 D0 B2 D3 C3", "3 converted 0 2 3"}, /* at the times of both ends */
        {"ABC", "any !D", "B0 A1 D2 C3", "2 excluded 1 0 -"},
        {"ABC", "any !D", "B0 D1 A2 B3 C4", "3 converted 2 3 4"},
        {"A(BC)E", "!D", "A0 B1 D2 C3 E4", "2 excluded 0 1 - -"},
        {"A(BC)E", "!D1-3", "A0 B1 D2 C3 E4", "2 excluded 0 1 - -"},
        {"A(BC)E", "!D1-3", "A0 B1 C3 D3 D4 E5", "4 converted 0 1 3 5"},
        {"A(BC)E", "!D2-3", "A0 D1 B2 D2 C3 E4", "4 converted 0 2 3 4"},
        {"A(BC)E", "!D2-3", "A0 C1 D2 E4", "2 excluded 0 - 1 -"},
        {"A(BC)E", "!D2-3", "A0 C1 D2 B3 E4", "2 none 0 3 - -"}, /* A0 B3 is as long, and later */
        {"A(BC)E", "!D2-4", "A0 C1 B2 D3 E4", "3 excluded 0 2 1 -"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void an_exclusion_may_end_at_a_block_or_begin_behind_it(void **state)
{
    static const block_case cases[] = {
        {"A(BC)", "!D1-2", "A0 D1 B2 C3", "1 excluded 0 - -"},
        {"A(BC)", "!D1-2", "A0 B1 D2 C3", "3 converted 0 1 3"},
        {"A(BC)", "!D1-2", "A0 C2 D1 B3 A4", "1 none 4 - -"},
        {"(AB)C", "!D2-3", "A0 D1 B2 C3", "3 converted 0 2 3"},
        {"(AB)C", "!D2-3", "A0 B1 D2 C3", "2 excluded 0 1 -"},
        {"(AB)C", "!D2-3", "A0 B1 D2 A3 C4", "3 converted 3 1 4"},
        {"(AB)C", "!D1-2 !E2-3", "B0 E1 A2 D3 C4", "3 converted 2 0 4"},
        {"(AB)C", "!D1-2 !E2-3", "B0 D1 A2 E3 C4", "1 none 2 - -"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void who_meets_a_removing_exclusion_inside_a_block_counts_nowhere(void **state)
{
    static const block_case cases[] = {
        {"A(BC)", "!!D", "A0 B1 D2 C3", ""},
        {"A(BC)", "!!D1-2", "A0 B1 D2 C3", "3 converted 0 1 3"},
        {"A(BC)", "!!D attempts", "A0 B1 D2 A3 C4 B5", "3 converted 3 5 4"},
        {"A(BC)", "!!D !E", "A0 B1 E2 D2", ""}, /* at one time removal goes first */
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

/* ---- why it stopped ---- */

static void inside_a_block_every_step_not_filled_may_come_next(void **state)
{
    static const block_case cases[] = {
        {"ABC", "any window=10", "B0 C20", "1 window - 0 -"},
        {"ABC", "any window=10", "B0 A20", "1 window - 0 -"},
        {"ABC", "any window=10", "B0 B20", "1 none - 0 -"}, /* B is filled */
        {"A(BC)D", "window=10", "A0 C1 D2 B30", "2 window 0 - 1 -"},
        {"A(BC)D", "window=10", "A0 C1 D2 C30", "2 none 0 - 1 -"},
        {"A(BC)D", "window=10", "A0 D1 C30", "1 window 0 - - -"},
        {"(AB)C", "max3=2 window=10", "A0 B30", "1 window 0 - -"},
        {"(AB)C", "max3=2", "A0 B1 C9", "2 gap 0 1 -"},
        {"(AB)C", "adjacent3", "A0 D1", "1 none 0 - -"}, /* inside the block nothing is adjacent */
        {"(AB)C", "adjacent3", "A0 B1 D2", "2 order 0 1 -"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void a_block_that_could_still_go_on_is_open(void **state)
{
    static const block_case cases[] = {
        {"ABC", "any window=10 asof=9", "A0 B5 C10", "2 open 0 5 -"},
        {"ABC", "any window=10 asof=10", "A0 B5 C11", "2 none 0 5 -"},
        {"ABC", "any window=10 asof=4", "A0 B5", "1 open 0 - -"},
        {"ABC", "any asof=4", "A0", "1 none 0 - -"}, /* no limit */
        {"(AB)C", "max3=3 asof=3", "A0 B1", "2 open 0 1 -"},
        {"(AB)C", "max3=3 asof=4", "A0 B1", "2 none 0 1 -"},
        {"(AB)C", "max3=3 asof=3", "A0", "1 none 0 - -"}, /* the gap counts behind the block */
        {"AB", "any window=10 cut=2 asof=1", "A0", "1 open 0 -"},
        {"AB", "any window=10 cut=2 asof=3", "A0", "1 none 0 -"}, /* its session is over */
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

/* ---- replays ---- */

static void a_replay_goes_through_a_block_as_it_comes(void **state)
{
    static const block_case cases[] = {
        {"A(BC)D", "first", "A0 C1 B2 D3", "4 converted 0 2 1 3"},
        {"A(BC)D", "first", "C0 A1 D2 B3", "2 none 1 3 - -"},
        {"ABC", "any first", "B0 B5 A6 C7", "3 converted 6 0 7"},
        {"ABC", "any first window=5", "B0 B5 A6 C7", "1 window - 0 -"},
        {"ABC", "any first", "C5 B5 A5", "3 converted 5 5 5"},
        {"(AB)C", "first input", "C5 B5 A5 C5", "3 converted 5 5 5"},
        {"(AB)C", "first input", "C5 B5 A5", "2 none 5 5 -"},
        {"AAB", "any first reuse", "A0 A1 B3", "3 converted 0 0 3"},
        {"(AB)C", "first max3=2", "A0 B1 A3 C4", "2 gap 0 1 -"}, /* B1 stays */
        {"(AB)CD", "first optional3", "A0 B1 D2 C3", "4 converted 0 1 - 2"},
        {"AB", "any first held", "A0u A1v B2v", "u: 1 held 0 -"},
        {"(AB)C", "first !D", "A0 D1 B2 A3 C4", "1 excluded 0 - -"},
        {"(AB)C", "first !D2-3", "A0 D1 B2 C3", "3 converted 0 2 3"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

static void the_next_replay_begins_behind_the_one_before(void **state)
{
    static const block_case cases[] = {
        {"AB", "any attempts", "A0 B1 B2 A3 A4", "2 converted 0 1; 2 converted 3 2; 1 none 4 -"},
        {"AB", "any attempts", "A0 B0 A0 B0", "2 converted 0 0"}, /* one instant, one replay */
        {"AB", "any attempts input", "A0 B0 A0 B0", "2 converted 0 0; 2 converted 0 0"},
        {"ABC", "any attempts window=5", "B0 B5 A6 C7", "1 window - 0 -; 2 open 6 - 7"},
        {"ABC", "any each window=5", "B0 B5 A6 C7", "2 open 6 - 7"},
        {"AB", "any attempts !D", "A0 D1 B2 A3", "1 excluded 0 -; 2 converted 3 2"},
        {"(AB)C", "attempts adjacent3", "A0 B1 D2 A3 B4 C5", "2 order 0 1 -; 3 converted 3 4 5"},
        {"(AB)C", "attempts adjacent3", "A0 B1 A2 B3 C4", "2 order 0 1 -; 3 converted 2 3 4"},
        {"(AB)C", "attempts max3=1", "A0 B1 A3 C3 B4 C5", "2 gap 0 1 -; 3 converted 3 4 5"},
        {"A(BC)", "attempts window=3", "A0 C1 A2 B4 A4 B5 C6", "2 window 0 - 1; 3 converted 4 4 6"},
        {"AB", "any attempts held", "A0u A1v B2v B3u", "u: 2 converted 0 3; v: 2 converted 1 2"},
        {"AB", "any attempts from=2 to=4", "A0 B1 B2 A3 A4 B5", "2 converted 3 2"},
    };
    (void)state;
    BLOCK_EXPECT(cases);
}

/* ---- the table steps ---- */

static double block_real(const sj_result *r, const char *column, size_t row)
{
    return sj_table_reals(sj_result_find(r, "steps"), column)[row];
}

/* In a block the n-th row is about the n-th fill, whichever step it is of. */
static void block_expect_rows(const char *journeys, const char *words, const double (*wanted)[5])
{
    static const char *const names[] = {"A", "1 of B, C", "2 of B, C", "D"};
    block_question q;
    sj_graph *graph = funnel_graph(journeys);
    sj_result *r = funnel_compute(graph, block_ask(&q, "A(BC)D", words));
    assert_int_equal(sj_table_rows(sj_result_find(r, "steps")), 4);
    for (size_t row = 0; row < 4; row++) {
        assert_string_equal(funnel_text(r, "steps", "name", row), names[row]);
        assert_int_equal(funnel_integer(r, "steps", "step", row), row + 1);
        assert_int_equal(funnel_integer(r, "steps", "reached", row), (int64_t)wanted[row][0]);
        assert_int_equal(funnel_integer(r, "steps", "filled", row), (int64_t)wanted[row][0]);
        assert_int_equal(funnel_integer(r, "steps", "dropped", row), (int64_t)wanted[row][1]);
        assert_near(block_real(r, "time_mean", row), wanted[row][2], 1e-15);
        if (row > 0)
            assert_near(block_real(r, "gap_mean", row), wanted[row][3], 1e-15);
        assert_near(block_real(r, "value", row), wanted[row][4], 1e-15);
    }
    sj_result_free(r);
    sj_graph_free(graph);
}

static void rows_of_a_block_are_counts_with_times_and_values_in_order_of_fills(void **state)
{
    static const double wanted[][5] = {/* reached, dropped, time, gap, value */
                                       {3, 1, 0, 0, 3},
                                       {2, 0, 1.5, 1.5, 18},
                                       {2, 1, 2.5, 1, 36},
                                       {1, 0, 6, 3, 8}};
    (void)state;
    block_expect_rows("k1: A0=1 C1=2 B3=4 D6=8; k2: A0=1 B2=16 C2=32; k3: A5=1", "", wanted);
    block_expect_rows("k1: A0=1 C1=2 B3=4 D6=8; k2: A0=1 C2=32 B2=16; k3: A5=1", "", wanted);
}

static void at_one_time_replays_and_input_fill_in_the_order_of_rows(void **state)
{
    static const double wanted[][5] = {
        {1, 0, 0, 0, 1}, {1, 0, 2, 2, 32}, {1, 1, 2, 0, 16}, {0, 0, 0, 0, 0}};
    static const char *const words[] = {"input", "first", "attempts", "input first"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        block_question q;
        sj_graph *graph = funnel_graph("k: A0=1 C2=32 B2=16");
        sj_result *r = funnel_compute(graph, block_ask(&q, "A(BC)D", words[i]));
        for (size_t row = 0; row < 4; row++) {
            assert_int_equal(funnel_integer(r, "steps", "reached", row), (int64_t)wanted[row][0]);
            assert_near(block_real(r, "value", row), wanted[row][4], 1e-15);
        }
        sj_result_free(r);
        sj_graph_free(graph);
    }
}

static void of_a_large_block_eight_names_stand_for_all(void **state)
{
    block_question q;
    sj_graph *graph = funnel_graph("k: A0 B1 C2");
    sj_result *r = funnel_compute(graph, block_ask(&q, "(ABCDEABCDE)", "reuse"));
    (void)state;
    assert_string_equal(funnel_text(r, "steps", "name", 0),
                        "1 of A, B, C, D, E, A, B, C and 2 more");
    assert_string_equal(funnel_text(r, "steps", "name", 9),
                        "10 of A, B, C, D, E, A, B, C and 2 more");
    assert_int_equal(funnel_integer(r, "steps", "reached", 5), 1);
    assert_int_equal(funnel_integer(r, "steps", "reached", 6), 0);
    sj_result_free(r);
    sj_graph_free(graph);
    graph = funnel_graph("k: A0 B1 C2");
    r = funnel_compute(graph, block_ask(&q, "(AB)(CD)E", ""));
    assert_string_equal(funnel_text(r, "steps", "name", 1), "2 of A, B");
    assert_string_equal(funnel_text(r, "steps", "name", 2), "1 of C, D");
    assert_string_equal(funnel_text(r, "steps", "name", 4), "E");
    sj_result_free(r);
    sj_graph_free(graph);
}

/* Step 2 is the second row, which is the first fill. */
static void a_breakdown_at_a_step_of_a_block_is_by_the_fill_of_that_number(void **state)
{
    static const char *const keys[] = {"w", "v"};
    block_question q;
    sj_graph *graph = funnel_graph("k: A0u C1w B2v");
    (void)state;
    for (int32_t step = 2; step <= 3; step++) {
        sj_funnel_options *options = block_ask(&q, "A(BC)", "");
        options->breakdown = "held", options->breakdown_at = SJ_AT_STEP;
        options->breakdown_step = step;
        sj_result *r = funnel_compute(graph, options);
        assert_string_equal(funnel_text(r, "breakdown", "key", 0), keys[step - 2]);
        assert_string_equal(funnel_text(r, "breakdown", "name", 1), "1 of B, C");
        assert_int_equal(sj_table_rows(sj_result_find(r, "breakdown")), 3);
        sj_result_free(r);
    }
    sj_graph_free(graph);
}

static void what_came_next_stands_behind_all_fills_of_the_block(void **state)
{
    block_question q;
    sj_graph *graph = funnel_graph("k: A0 C1 E2 B3 E4 D5; l: A0 C1 E2");
    sj_result *r = funnel_compute(graph, block_ask(&q, "A(BC)D", "max4=1"));
    (void)state;
    assert_int_equal(sj_table_rows(sj_result_find(r, "next")), 2);
    for (size_t row = 0; row < 2; row++) {
        assert_int_equal(funnel_integer(r, "next", "step", row), row + 2);
        assert_string_equal(funnel_text(r, "next", "touchpoint", row), "E");
    }
    assert_string_equal(funnel_text(r, "reasons", "reason", 0), "none");
    assert_string_equal(funnel_text(r, "reasons", "reason", 1), "gap");
    sj_result_free(r);
    sj_graph_free(graph);
}

/* ---- many steps ---- */

/* An event for every step in the order given, `pause` apart; of one touchpoint there may be
 * none. */
static sj_graph *block_many(const size_t *order, size_t n, int64_t pause, const char *missing)
{
    sj_builder *builder = NULL;
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_touchpoint(builder, missing, NULL, NULL, NULL), SJ_OK);
    for (size_t i = 0; i < n; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%zu", order[i]);
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = name,
                                .time = (int64_t)i * pause};
        assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
    }
    return funnel_finish(builder);
}

/* Steps from … to are a block, whose events come from the last step to the first. */
static void block_expect_many(size_t n, size_t from, size_t to, int64_t pause, int32_t attempt)
{
    sj_step *steps = calloc(n, sizeof *steps);
    char(*names)[16] = calloc(n, sizeof *names);
    size_t *order = calloc(n, sizeof *order);
    for (size_t k = 0; k < n; k++) {
        (void)snprintf(names[k], sizeof *names, "t%zu", k);
        steps[k] = (sj_step){.condition = names[k], .group = k >= from && k < to ? 7 : 0};
        order[k] = k >= from && k < to ? to - 1 - (k - from) : k;
    }
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = n,
                                       .step_size = sizeof *steps,
                                       .attempt = attempt};
    for (size_t missing = 0; missing < 2; missing++) {
        sj_graph *graph = block_many(order + missing, n - missing, pause, names[order[0]]);
        sj_result *list = NULL;
        const int64_t *times;
        if (missing && from > 0) { /* without the first step there is no unit */
            sj_graph_free(graph);
            continue;
        }
        sj_result_free(funnel_compute(graph, &options));
        assert_int_equal(sj_funnel_list(graph, &options, NULL, &list, NULL), SJ_OK);
        assert_int_equal(funnel_integer(list, "levels", "level", 0), n - missing);
        times = sj_table_integers(sj_result_find(list, "levels"), "times");
        for (size_t i = 0; i < n - missing; i++)
            assert_int_equal(times[order[i + missing]], (int64_t)i * pause);
        sj_result_free(list);
        sj_graph_free(graph);
    }
    free(steps);
    free(names);
    free(order);
}

static void thirty_three_and_two_hundred_steps_come_in_any_order(void **state)
{
    static const int32_t attempts[] = {SJ_ATTEMPT_BEST, SJ_ATTEMPT_FIRST, SJ_ATTEMPT_EACH};
    (void)state;
    for (size_t a = 0; a < 3; a++)
        for (int64_t pause = 0; pause < 2; pause++) {
            block_expect_many(33, 0, 33, pause, attempts[a]);
            block_expect_many(200, 0, 200, pause, attempts[a]);
            block_expect_many(300, 50, 250, pause, attempts[a]);
        }
}

/* ---- storms ---- */

static void block_is_linear(const char *letters, int64_t pause, size_t few, const block_case *cases,
                            size_t n)
{
    sj_graph *graphs[2] = {funnel_storm_graph(letters, few, pause),
                           funnel_storm_graph(letters, 10 * few, pause)};
    for (size_t i = 0; i < n; i++) {
        block_question q;
        const sj_funnel_options *options = block_ask(&q, cases[i].steps, cases[i].options);
        const double small = funnel_seconds_of(graphs[0], options);
        const double large = funnel_seconds_of(graphs[1], options);
        if (large > 30 * small + 0.1)
            fail_msg("%s %s of %s, %d apart: %g s, then %g s", cases[i].steps, cases[i].options,
                     letters, (int)pause, small, large);
    }
    sj_graph_free(graphs[0]);
    sj_graph_free(graphs[1]);
}

static const block_case block_storms[] = {
    {"ABC", "any", NULL, NULL},
    {"ABC", "any window=2", NULL, NULL},
    {"ABCDE", "any window=1000", NULL, NULL},
    {"A(BC)D", "", NULL, NULL},
    {"(AB)C", "max3=1", NULL, NULL},
    {"A(BC)", "input", NULL, NULL},
    {"ABC", "any !D", NULL, NULL},
    {"(AB)CE", "!D2-3 !D1-2", NULL, NULL},
    {"aAbB", "any reuse", NULL, NULL},
    {"aA(bB)E", "reuse optional2", NULL, NULL},
    {"ABC", "any first", NULL, NULL},
    {"(AB)CE", "first !D", NULL, NULL},
    {"ABC", "any each window=2", NULL, NULL},
    {"A(BC)", "attempts", NULL, NULL},
    {"aAbB", "any attempts reuse", NULL, NULL},
    {"(AB)CE", "attempts !D window=3", NULL, NULL},
};

#define BLOCK_STORMS sizeof block_storms / sizeof *block_storms

static void storms_on_a_block_take_linear_time(void **state)
{
    (void)state;
    block_is_linear("ABC", 1, 100000, block_storms, BLOCK_STORMS);
    block_is_linear("ABDCAA", 1, 20000, block_storms, BLOCK_STORMS);
    block_is_linear("A", 1, 20000, block_storms, BLOCK_STORMS);
}

static void storms_at_one_time_take_linear_time_on_a_block(void **state)
{
    (void)state;
    block_is_linear("CBA", 0, 10000, block_storms, BLOCK_STORMS);
    block_is_linear("DBA", 0, 10000, block_storms, BLOCK_STORMS);
}

static void a_failed_allocation_in_a_block_is_an_error(void **state)
{
    static const block_case cases[] = {{"A(BC)D", "input", NULL, NULL},
                                       {"ABC", "any !D held", NULL, NULL},
                                       {"(AB)C", "attempts", NULL, NULL}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        block_question q;
        funnel_fails_cleanly("k: A0u B1u D2u C3v B3u A4u B5u C6u A6u; l: C0v B0v",
                             block_ask(&q, cases[i].steps, cases[i].options));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_any_order_each_step_takes_one_event),
        cmocka_unit_test(the_window_runs_from_the_first_fill_and_is_inclusive),
        cmocka_unit_test(a_block_stands_between_the_steps_before_and_behind_it),
        cmocka_unit_test(only_neighbours_of_one_group_are_a_block),
        cmocka_unit_test(with_reuse_one_event_fills_several_steps_of_a_block),
        cmocka_unit_test(by_input_the_rows_of_one_time_have_their_order),
        cmocka_unit_test(a_held_value_holds_for_a_block),
        cmocka_unit_test(any_step_of_a_first_block_is_an_entry),
        cmocka_unit_test(the_step_behind_a_block_counts_from_its_last_fill),
        cmocka_unit_test(the_step_before_a_block_may_be_left_out),
        cmocka_unit_test(an_exclusion_over_a_block_bars_from_its_first_fill_to_its_last),
        cmocka_unit_test(an_exclusion_may_end_at_a_block_or_begin_behind_it),
        cmocka_unit_test(who_meets_a_removing_exclusion_inside_a_block_counts_nowhere),
        cmocka_unit_test(inside_a_block_every_step_not_filled_may_come_next),
        cmocka_unit_test(a_block_that_could_still_go_on_is_open),
        cmocka_unit_test(a_replay_goes_through_a_block_as_it_comes),
        cmocka_unit_test(the_next_replay_begins_behind_the_one_before),
        cmocka_unit_test(rows_of_a_block_are_counts_with_times_and_values_in_order_of_fills),
        cmocka_unit_test(at_one_time_replays_and_input_fill_in_the_order_of_rows),
        cmocka_unit_test(of_a_large_block_eight_names_stand_for_all),
        cmocka_unit_test(a_breakdown_at_a_step_of_a_block_is_by_the_fill_of_that_number),
        cmocka_unit_test(what_came_next_stands_behind_all_fills_of_the_block),
        cmocka_unit_test(thirty_three_and_two_hundred_steps_come_in_any_order),
        cmocka_unit_test(storms_on_a_block_take_linear_time),
        cmocka_unit_test(storms_at_one_time_take_linear_time_on_a_block),
        cmocka_unit_test(a_failed_allocation_in_a_block_is_an_error),
    };
    return cmocka_run_group_tests_name("funnel_block_rules", tests, NULL, NULL);
}
