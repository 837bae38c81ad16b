/* Why an attempt ended: the first reason that holds. */
#include "oracle/funnel_oracle_inside.h"

typedef struct oracle_limit {
    int has_window, has_gap;
    uint64_t gap; /* of the step that may come latest */
    int all_adjacent;
} oracle_limit;

static oracle_limit oracle_limits(const oracle_search *search, const oracle_attempt *attempt)
{
    const funnel_oracle_question *question = search->question;
    oracle_limit limit = {question->has_window, 1, 0, 1};
    oracle_choice choice;
    oracle_choices(search, attempt, &choice);
    for (size_t c = 0; c < choice.n; c++) {
        const size_t k = choice.steps[c];
        limit.has_gap &= question->has_max_gap[k];
        limit.gap = question->max_gap[k] > limit.gap ? question->max_gap[k] : limit.gap;
        limit.all_adjacent &= question->adjacent[k];
    }
    return limit;
}

/* Is a time up to both limits (or, with `open`, before both)? */
static int oracle_is_up_to(const oracle_search *search, const oracle_attempt *attempt,
                           oracle_limit limit, int64_t time, int open)
{
    const int64_t entry = search->events[attempt->events[0]].time;
    const int64_t last = search->events[oracle_last(attempt)].time;
    const uint64_t w = oracle_since(time, entry), g = oracle_since(time, last);
    const uint64_t more = open != 0;
    return (!limit.has_window ||
            (w <= search->question->window && search->question->window - w >= more)) &&
           (!limit.has_gap || (g <= limit.gap && limit.gap - g >= more));
}

int oracle_within(const oracle_search *search, const oracle_attempt *attempt, int64_t time)
{
    return oracle_is_up_to(search, attempt, oracle_limits(search, attempt), time, 0);
}

/* What one event does to the attempt. */
static int oracle_effect(const oracle_search *search, const oracle_attempt *attempt,
                         oracle_limit limit, size_t event)
{
    const funnel_oracle_question *question = search->question;
    const size_t cut = search->cut[attempt->part];
    int effect = ORACLE_GOES_ON;
    if (!oracle_is_up_to(search, attempt, limit, search->events[event].time, 0))
        return ORACLE_GOES_ON;
    if (event == cut)
        return ORACLE_BROKEN;
    if (!oracle_in_part(search, attempt->part, event))
        return ORACLE_GOES_ON;
    if (limit.all_adjacent && oracle_before(search, oracle_last(attempt), event))
        effect = ORACLE_BROKEN;
    for (size_t x = 0; x < question->n_exclusions; x++) {
        const int kind = question->removes[x] ? ORACLE_REMOVED : ORACLE_EXCLUDED;
        if ((effect == ORACLE_GOES_ON || kind < effect) &&
            oracle_is_excluded(search, attempt, x, event, SIZE_MAX))
            effect = kind;
    }
    return effect;
}

/* What ended the attempt before its limit, and which event. */
static int oracle_ending(const oracle_search *search, const oracle_attempt *attempt, size_t *by)
{
    const oracle_limit limit = oracle_limits(search, attempt);
    int ending = ORACLE_GOES_ON;
    for (size_t e = 0; e < search->n_events; e++) {
        const int effect = oracle_effect(search, attempt, limit, e);
        if (effect == ORACLE_GOES_ON)
            continue;
        if (ending == ORACLE_GOES_ON || oracle_before(search, e, *by) ||
            (!oracle_before(search, *by, e) && effect < ending)) {
            ending = effect;
            *by = e;
        }
    }
    return ending;
}

/* Had its session ended by as_of? */
static int oracle_is_over(const oracle_search *search, const oracle_attempt *attempt)
{
    const funnel_oracle_question *question = search->question;
    int64_t last = 0; /* of the session */
    for (size_t e = 0; e < search->n_events; e++)
        if (search->session[e] == search->session[oracle_last(attempt)])
            last = search->events[e].time;
    return question->has_session_gap &&
           oracle_since(question->as_of, last) >= question->session_gap;
}

/* Is as_of before its limit? */
static int oracle_is_early(const oracle_search *search, const oracle_attempt *attempt)
{
    return oracle_is_up_to(search, attempt, oracle_limits(search, attempt), search->question->as_of,
                           1);
}

/* Would an event of another value have come next? */
static int oracle_is_held(const oracle_search *search, const oracle_attempt *attempt)
{
    const size_t last = oracle_last(attempt);
    oracle_choice choice;
    if (!search->question->holds)
        return 0;
    oracle_choices(search, attempt, &choice);
    for (size_t e = 0; e < search->n_events; e++)
        for (size_t c = 0; c < choice.n; c++)
            if (search->session[e] == search->session[last] &&
                search->events[e].held != search->events[last].held &&
                oracle_fits(search, attempt, choice.steps[c], e))
                return 1;
    return 0;
}

/* Of a later event that meets a step which may come next: what kept it out; NULL: it meets none. */
static const char *oracle_kept_out(const oracle_search *search, const oracle_attempt *attempt,
                                   size_t event)
{
    const funnel_oracle_question *question = search->question;
    const int64_t time = search->events[event].time;
    const uint64_t gap = oracle_since(time, search->events[oracle_last(attempt)].time);
    int meets = 0, in_time = 0, adjacent = 1;
    oracle_choice choice;
    oracle_choices(search, attempt, &choice);
    for (size_t c = 0; c < choice.n; c++) {
        const size_t k = choice.steps[c];
        if (!oracle_meets(search, event, k))
            continue;
        meets = 1;
        if (gap >= question->min_gap[k] &&
            (!question->has_max_gap[k] || gap <= question->max_gap[k])) {
            in_time = 1;
            adjacent &= question->adjacent[k];
        }
    }
    if (!meets)
        return NULL;
    if (question->has_window &&
        oracle_since(time, search->events[attempt->events[0]].time) > question->window)
        return "window";
    return in_time && adjacent ? "order" : "gap";
}

oracle_fate oracle_judge(const oracle_search *search, const oracle_attempt *attempt)
{
    oracle_fate fate = {.reason = "converted", .by = SIZE_MAX};
    const oracle_limit limit = oracle_limits(search, attempt);
    if (oracle_level(attempt) == search->question->n_steps)
        return fate;
    fate.ending = oracle_ending(search, attempt, &fate.by);
    fate.goes_on = fate.ending == ORACLE_GOES_ON && !oracle_is_over(search, attempt) &&
                   oracle_is_early(search, attempt);
    fate.reason = NULL;
    if (fate.ending != ORACLE_GOES_ON)
        fate.reason = fate.ending == ORACLE_BROKEN ? "order" : "excluded";
    else if (fate.goes_on && (limit.has_window || limit.has_gap))
        fate.reason = "open";
    else if (oracle_is_held(search, attempt))
        fate.reason = "held";
    for (size_t e = 0; e < search->n_events && fate.reason == NULL; e++)
        if (oracle_in_part(search, attempt->part, e) &&
            oracle_before(search, oracle_completion(search, attempt), e))
            fate.reason = oracle_kept_out(search, attempt, e);
    if (fate.reason == NULL)
        fate.reason = "none";
    return fate;
}
