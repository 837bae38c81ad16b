/* Funnels with any value in any field, many fields at once: they answer or say why not; see
 * hostile.h. */
#include "fault/hostile.h"

enum { FUNNEL_TRIES = 6000, FUNNEL_STEPS = 5, FUNNEL_BARS = 3 };

typedef struct funnel_wild {
    uint64_t random;
    sj_step steps[FUNNEL_STEPS];
    sj_exclusion bars[FUNNEL_BARS];
    const char *hold[2];
    int64_t from, to, as_of;
    sj_funnel_options options;
} funnel_wild;

#define FUNNEL_ONE_OF(w, array)                                                                    \
    (array)[journeys_random(&(w)->random) % (sizeof(array) / sizeof *(array))]

/* 1 in `n`. */
static int funnel_rarely(funnel_wild *w, uint64_t n)
{
    return journeys_random(&w->random) % n == 0;
}

static int64_t funnel_span(funnel_wild *w)
{
    static const int64_t usual[] = {SJ_INSTANT, SJ_MINUTE, SJ_HOUR, SJ_DAY, SJ_UNLIMITED};
    static const int64_t extreme[] = {1, -2, INT64_MAX - 1, INT64_MIN, INT32_MIN, INT64_MIN + 1};

    if (funnel_rarely(w, 40))
        return FUNNEL_ONE_OF(w, extreme);
    return funnel_rarely(w, 3) ? FUNNEL_ONE_OF(w, usual) : 0;
}

static int64_t funnel_time(funnel_wild *w)
{
    static const int64_t times[] = {INT64_MIN,
                                    INT64_MIN + 1,
                                    INT64_MAX,
                                    0,
                                    -1,
                                    INT64_C(1700200000000000),
                                    INT64_C(1701500000000000)};

    return FUNNEL_ONE_OF(w, times);
}

/* One of 0 … n, or now and then something that there is not. */
static int32_t funnel_choice(funnel_wild *w, int32_t n)
{
    static const int32_t wild[] = {-1, 7, 64, INT32_MAX, INT32_MIN};

    if (funnel_rarely(w, 60))
        return FUNNEL_ONE_OF(w, wild);
    return funnel_rarely(w, 3) ? (int32_t)(journeys_random(&w->random) % (uint32_t)(n + 1)) : 0;
}

static const char *funnel_name(funnel_wild *w)
{
    static const char *const names[] = {
        "channel", "stage", "device", "load",   "share", "country", "\"channel\"", "\"stage\"",
        "(none)",  "value", "",       "(null)", "view",  "no such", "channel ",    "\xc3("};

    return FUNNEL_ONE_OF(w, names);
}

static const char *funnel_preset(funnel_wild *w)
{
    static const char *const presets[] = {"clickhouse",
                                          "clickhouse_strict_order",
                                          "clickhouse_strict_dedup",
                                          "posthog_ordered",
                                          "mixpanel",
                                          "mixpanel_totals",
                                          "mixpanel_reentry",
                                          "amplitude",
                                          "",
                                          "Mixpanel",
                                          "mixpanel ",
                                          "pendo",
                                          "\xff\xff"};

    return funnel_rarely(w, 4) ? FUNNEL_ONE_OF(w, presets) : NULL;
}

static void funnel_fill_steps(funnel_wild *w)
{
    static const char *const conditions[] = {"view",    "cart",       "buy",
                                             "search",  "help",       "look",
                                             "big buy", "value > 20", "channel = 'app'"};
    static const int64_t groups[] = {0, 0, 0, 1, 1, 1, -7, INT64_MIN, INT64_MAX};

    for (size_t k = 0; k < FUNNEL_STEPS; k++) {
        sj_step *step = &w->steps[k];

        *step = (sj_step){.condition = conditions[(k + journeys_random(&w->random) % 2) % 9]};
        if (funnel_rarely(w, 6))
            step->condition = FUNNEL_ONE_OF(w, conditions);
        step->group = funnel_rarely(w, 2) ? FUNNEL_ONE_OF(w, groups) : 0;
        step->min_gap = funnel_rarely(w, 6) ? funnel_span(w) : 0;
        step->max_gap = funnel_rarely(w, 5) ? funnel_span(w) : 0;
        step->optional = funnel_rarely(w, 9) ? funnel_choice(w, 1) : 0;
        step->adjacent = funnel_rarely(w, 9) ? funnel_choice(w, 1) : 0;
    }
    for (size_t x = 0; x < FUNNEL_BARS; x++)
        w->bars[x] = (sj_exclusion){.condition = FUNNEL_ONE_OF(w, conditions),
                                    .from_step = funnel_choice(w, 4),
                                    .to_step = funnel_choice(w, 5),
                                    .effect = funnel_choice(w, 2)};
}

static void funnel_fill_groups(funnel_wild *w)
{
    static const int32_t offsets[] = {0, 0, 0, 60, -1439, 1439, 1440, -1440, INT32_MAX, INT32_MIN};
    sj_funnel_options *options = &w->options;

    options->breakdown = funnel_rarely(w, 2) ? funnel_name(w) : NULL;
    if (options->breakdown || funnel_rarely(w, 30))
        options->breakdown_at = funnel_choice(w, 5);
    if (options->breakdown_at == SJ_AT_STEP || funnel_rarely(w, 60))
        options->breakdown_step = funnel_choice(w, FUNNEL_STEPS);
    if (options->breakdown_at == SJ_AT_STEP && options->breakdown_step == 0)
        options->breakdown_step = 1;
    options->trend = funnel_choice(w, 4);
    if (options->trend || funnel_rarely(w, 60))
        options->utc_offset = FUNNEL_ONE_OF(w, offsets);
    options->survival = funnel_choice(w, 1);
    options->figures = funnel_rarely(w, 4) ? (int64_t)(journeys_random(&w->random) % 20) : 0;
}

static void funnel_fill(funnel_wild *w)
{
    sj_funnel_options *options = &w->options;

    funnel_fill_steps(w);
    *options = (sj_funnel_options){.struct_size = sizeof *options,
                                   .preset = funnel_preset(w),
                                   .steps = w->steps,
                                   .n_steps = 1 + journeys_random(&w->random) % FUNNEL_STEPS,
                                   .step_size = sizeof *w->steps,
                                   .window = funnel_span(w),
                                   .session_gap = funnel_span(w),
                                   .order = funnel_choice(w, 3),
                                   .tie = funnel_choice(w, 4),
                                   .attempt = funnel_choice(w, 3),
                                   .violation = funnel_rarely(w, 8) ? funnel_choice(w, 2) : 0,
                                   .reuse = funnel_choice(w, 2),
                                   .unit = funnel_rarely(w, 3) ? funnel_choice(w, 4) : 0,
                                   .enter_anywhere = funnel_rarely(w, 4) ? funnel_choice(w, 1) : 0};
    if (options->tie == SJ_TIE_GRACE || funnel_rarely(w, 60))
        options->grace = funnel_rarely(w, 2) ? SJ_MINUTE : funnel_span(w);
    if (funnel_rarely(w, 4)) {
        options->exclusions = w->bars;
        options->n_exclusions = 1 + journeys_random(&w->random) % FUNNEL_BARS;
        options->exclusion_size = sizeof *w->bars;
    }
    if (funnel_rarely(w, 4)) {
        w->hold[0] = funnel_rarely(w, 4) ? funnel_name(w) : "device";
        w->hold[1] = funnel_rarely(w, 4) ? funnel_name(w) : "country";
        options->hold = w->hold;
        options->n_hold = 1 + journeys_random(&w->random) % 2;
    }
    w->from = funnel_time(w), w->to = funnel_time(w), w->as_of = funnel_time(w);
    options->entry_from = funnel_rarely(w, 8) ? &w->from : NULL;
    options->entry_to = funnel_rarely(w, 8) ? &w->to : NULL;
    options->as_of = funnel_rarely(w, 6) ? &w->as_of : NULL;
    funnel_fill_groups(w);
}

/* The plan, the count and the list agree on whether there is an answer. */
static int funnel_try(funnel_wild *w, const sj_graph *graph)
{
    sj_status plan, compute, list;

    EITHER_OUT(plan, sj_plan, sj_plan_free, sj_funnel_plan, graph, &w->options);
    EITHER_OUT(compute, sj_result, sj_result_free, sj_funnel_compute, graph, &w->options, NULL);
    EITHER_OUT(list, sj_result, sj_result_free, sj_funnel_list, graph, &w->options, NULL);
    CLAIM(plan == list && (plan == compute || compute == SJ_ERR_LIMIT)); /* too long a trend */
    CLAIM(plan == SJ_OK || plan == SJ_ERR_OPTIONS || plan == SJ_ERR_NAME);
    return plan == SJ_OK;
}

static void funnels_of_any_options_answer_or_say_why_not(void **state)
{
    funnel_wild wild = {.random = 11};
    const size_t tries = hostile_often(FUNNEL_TRIES);
    size_t answered = 0;

    (void)state;
    for (size_t i = 0; i < tries; i++) {
        funnel_fill(&wild);
        answered += (size_t)funnel_try(&wild, hostile_world.graph);
    }
    print_message("# %zu of %zu funnels were answered\n", answered, tries);
    CLAIM(answered > tries / 20 && answered < tries);
}

static void a_preset_is_known_or_refused_by_name(void **state)
{
    static const char *const wrong[] = {"",        " ",        "Amplitude",   "mixpanel_",
                                        "unknown", "\xff\xfe", "click\nhouse"};
    sj_step steps[2];
    sj_funnel_options options = hostile_funnel("view", "cart", steps);
    char *long_ = hostile_long(HOSTILE_NAME_ROOM, 'm');
    sj_plan *plan;

    (void)state;
    CLAIM(long_ != NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.preset = wrong[i];
        REFUSE_OUT(SJ_ERR_NAME, plan, sj_funnel_plan, hostile_world.graph, &options, &plan);
    }
    options.preset = long_;
    REFUSE_OUT(SJ_ERR_NAME, plan, sj_funnel_plan, hostile_world.graph, &options, &plan);
    options.preset = NULL;
    ACCEPT(sj_funnel_plan, hostile_world.graph, &options, &plan);
    CALLED(sj_plan_free)(plan);
    free(long_);
}

const struct CMUnitTest hostile_funnel_tests[] = {
    cmocka_unit_test(funnels_of_any_options_answer_or_say_why_not),
    cmocka_unit_test(a_preset_is_known_or_refused_by_name)};
const size_t n_hostile_funnel_tests = sizeof hostile_funnel_tests / sizeof *hostile_funnel_tests;
