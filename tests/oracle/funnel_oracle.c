/* The funnel by exhaustive search.  An attempt is a list of fills (step, event); attempts grow fill by fill and are compared by the
 * rule that chooses between them:
 *     highest level, earliest completion, latest entry, most fills, then times from the last to the first as early as can
 *     be, then step numbers from the last to the first as high as can be, then the lowest rows in the order of the fills.
 * Where an exclusion ended the chosen one, the search is done again among those completed later than that. */
#include "oracle/funnel_oracle.h"

#include <string.h>

typedef struct oracle_attempt {
    size_t n;
    size_t steps[ORACLE_STEPS];
    uint64_t events[ORACLE_STEPS];
} oracle_attempt;

typedef struct oracle_search {
    const sj_graph *graph;
    const funnel_oracle_question *question;
    uint64_t customer;
    uint64_t n_events; /* that are seen: none is later than as_of */
    sj_moment moments[ORACLE_EVENTS];
    size_t session[ORACLE_EVENTS];
    size_t part[ORACLE_EVENTS]; /* SIZE_MAX: none */
    size_t n_parts;
    size_t at; /* the part at hand */
    int has_bound;
    uint64_t bound; /* an event: only attempts completed later count */
    oracle_attempt best;
} oracle_search;

static int64_t oracle_time(const oracle_search *search, uint64_t event)
{
    return search->moments[event].time;
}

static int oracle_matches(const oracle_search *search, uint64_t event, size_t step)
{
    return search->question->meets(search->question->user, search->customer, event,
                                   &search->moments[event], step);
}

/* later - earlier, of times in order. */
static uint64_t oracle_since(int64_t later, int64_t earlier)
{
    return (uint64_t)later - (uint64_t)earlier;
}

/* Is event a before b? */
static int oracle_before(const oracle_search *search, uint64_t a, uint64_t b)
{
    return search->question->by_row ? a < b : oracle_time(search, a) < oracle_time(search, b);
}

static size_t oracle_level(const oracle_attempt *attempt)
{
    return attempt->n == 0 ? 0 : attempt->steps[attempt->n - 1];
}

static uint64_t oracle_last(const oracle_attempt *attempt)
{
    return attempt->events[attempt->n - 1];
}

/* The last step that may come next. */
static size_t oracle_furthest(const oracle_search *search, const oracle_attempt *attempt)
{
    size_t step = oracle_level(attempt) + 1;
    while (attempt->n > 0 && step < search->question->n_steps && search->question->optional[step])
        step++;
    return step;
}

/* The event that fills a step; SJ_NONE: none. */
static uint64_t oracle_filling(const oracle_attempt *attempt, size_t step)
{
    for (size_t i = 0; i < attempt->n; i++)
        if (attempt->steps[i] == step)
            return attempt->events[i];
    return SJ_NONE;
}

/* May the step come after the attempt's last fill at this event, as far as times go? */
static int oracle_in_time(const oracle_search *search, const oracle_attempt *attempt, size_t step,
                          uint64_t event)
{
    const funnel_oracle_question *question = search->question;
    const uint64_t last = oracle_last(attempt);
    const int64_t time = oracle_time(search, event), before = oracle_time(search, last);
    if (time < before || (question->by_row && event < last) || (question->strict && time == before))
        return 0;
    if (question->has_window &&
        oracle_since(time, oracle_time(search, attempt->events[0])) > question->window)
        return 0;
    return oracle_since(time, before) >= question->min_gap[step] &&
           (!question->has_max_gap[step] || oracle_since(time, before) <= question->max_gap[step]);
}

/* Does an event of the attempt's own journey keep the step away from this event? */
static int oracle_is_barred(const oracle_search *search, const oracle_attempt *attempt, size_t step,
                            uint64_t event)
{
    const funnel_oracle_question *question = search->question;
    const uint64_t last = oracle_last(attempt);
    for (uint64_t e = 0; e < search->n_events; e++) {
        if (search->part[e] != search->at || !oracle_before(search, e, event))
            continue;
        if (question->adjacent[step] && oracle_before(search, last, e))
            return 1;
        for (size_t x = 0; x < question->n_exclusions; x++) {
            const uint64_t from = oracle_filling(attempt, question->from[x]);
            if (from != SJ_NONE && oracle_level(attempt) < question->to[x] &&
                oracle_before(search, from, e) &&
                oracle_matches(search, e, question->n_steps + 1 + x))
                return 1;
        }
    }
    return 0;
}

/* May this event fill the step next? */
static int oracle_fits(const oracle_search *search, const oracle_attempt *attempt, size_t step,
                       uint64_t event)
{
    const funnel_oracle_question *question = search->question;
    const int64_t time = oracle_time(search, event);
    if (!oracle_matches(search, event, step))
        return 0;
    if (attempt->n == 0)
        return !(question->has_entry_from && time < question->entry_from) &&
               !(question->has_entry_to && time >= question->entry_to);
    for (size_t i = 0; i < attempt->n && !question->reuse; i++)
        if (attempt->events[i] == event)
            return 0;
    return oracle_in_time(search, attempt, step, event) &&
           !oracle_is_barred(search, attempt, step, event);
}

/* Is a chosen before b? */
static int oracle_better(const oracle_search *search, const oracle_attempt *a,
                         const oracle_attempt *b)
{
    if (oracle_level(a) != oracle_level(b))
        return oracle_level(a) > oracle_level(b);
    if (a->n == 0)
        return 0;
    if (oracle_before(search, oracle_last(a), oracle_last(b)) ||
        oracle_before(search, oracle_last(b), oracle_last(a)))
        return oracle_before(search, oracle_last(a), oracle_last(b));
    if (oracle_before(search, a->events[0], b->events[0]) ||
        oracle_before(search, b->events[0], a->events[0]))
        return oracle_before(search, b->events[0], a->events[0]);
    if (a->n != b->n)
        return a->n > b->n;
    for (size_t i = a->n; i-- > 0;) {
        const int64_t ta = oracle_time(search, a->events[i]),
                      tb = oracle_time(search, b->events[i]);
        if (ta != tb)
            return ta < tb;
    }
    for (size_t i = a->n; i-- > 0;)
        if (a->steps[i] != b->steps[i])
            return a->steps[i] > b->steps[i];
    for (size_t i = 0; i < a->n; i++)
        if (a->events[i] != b->events[i])
            return a->events[i] < b->events[i];
    return 0;
}

static void oracle_grow(oracle_search *search, const oracle_attempt *attempt)
{
    const size_t furthest = oracle_furthest(search, attempt);
    if ((!search->has_bound ||
         (attempt->n > 0 && oracle_before(search, search->bound, oracle_last(attempt)))) &&
        oracle_better(search, attempt, &search->best))
        search->best = *attempt;
    for (size_t step = oracle_level(attempt) + 1;
         step <= furthest && step <= search->question->n_steps; step++) {
        for (uint64_t e = 0; e < search->n_events; e++) {
            if (search->part[e] == search->at && oracle_fits(search, attempt, step, e)) {
                oracle_attempt longer = *attempt;
                longer.steps[longer.n] = step;
                longer.events[longer.n++] = e;
                oracle_grow(search, &longer);
            }
        }
    }
}

/* ---- how it ended ---- */

typedef struct oracle_limit {
    int has_window, has_gap;
    uint64_t gap; /* of the step that may come latest */
    int all_adjacent;
} oracle_limit;

static oracle_limit oracle_limits(const oracle_search *search, const oracle_attempt *attempt)
{
    const funnel_oracle_question *question = search->question;
    oracle_limit limit = {question->has_window, 1, 0, 1};
    for (size_t k = oracle_level(attempt) + 1; k <= oracle_furthest(search, attempt); k++) {
        limit.has_gap &= question->has_max_gap[k];
        limit.gap = question->max_gap[k] > limit.gap ? question->max_gap[k] : limit.gap;
        limit.all_adjacent &= question->adjacent[k];
    }
    return limit;
}

/* Is a time within both limits (or, with `open`, before both)? */
static int oracle_within(const oracle_search *search, const oracle_attempt *attempt,
                         oracle_limit limit, int64_t time, int open)
{
    const uint64_t w = oracle_since(time, oracle_time(search, attempt->events[0]));
    const uint64_t g = oracle_since(time, oracle_time(search, oracle_last(attempt)));
    const uint64_t more = open != 0;
    return (!limit.has_window ||
            (w <= search->question->window && search->question->window - w >= more)) &&
           (!limit.has_gap || (g <= limit.gap && limit.gap - g >= more));
}

enum { ORACLE_GOES_ON, ORACLE_REMOVED, ORACLE_EXCLUDED, ORACLE_BROKEN };

/* What one event does to the attempt. */
static int oracle_effect(const oracle_search *search, const oracle_attempt *attempt,
                         oracle_limit limit, uint64_t event)
{
    const funnel_oracle_question *question = search->question;
    int effect = ORACLE_GOES_ON;
    if (search->part[event] != search->at ||
        oracle_time(search, event) < oracle_time(search, attempt->events[0]) ||
        !oracle_within(search, attempt, limit, oracle_time(search, event), 0))
        return ORACLE_GOES_ON;
    if (limit.all_adjacent && oracle_before(search, oracle_last(attempt), event))
        effect = ORACLE_BROKEN;
    for (size_t x = 0; x < question->n_exclusions; x++) {
        const uint64_t from = oracle_filling(attempt, question->from[x]);
        const int kind = question->removes[x] ? ORACLE_REMOVED : ORACLE_EXCLUDED;
        if (from != SJ_NONE && oracle_level(attempt) < question->to[x] &&
            oracle_before(search, from, event) &&
            oracle_matches(search, event, question->n_steps + 1 + x) &&
            (effect == ORACLE_GOES_ON || kind < effect))
            effect = kind;
    }
    return effect;
}

/* What ended the attempt before its limit, and which event. */
static int oracle_ending(const oracle_search *search, const oracle_attempt *attempt, uint64_t *by)
{
    const oracle_limit limit = oracle_limits(search, attempt);
    int ending = ORACLE_GOES_ON;
    if (oracle_level(attempt) == search->question->n_steps)
        return ending;
    for (uint64_t e = 0; e < search->n_events; e++) {
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

/* Would an event of another value have come next? */
static int oracle_is_held(const oracle_search *search, const oracle_attempt *attempt)
{
    if (search->question->held == NULL)
        return 0;
    for (uint64_t e = 0; e < search->n_events; e++)
        for (size_t k = oracle_level(attempt) + 1; k <= oracle_furthest(search, attempt); k++)
            if (search->session[e] == search->session[oracle_last(attempt)] &&
                search->part[e] != search->at && oracle_fits(search, attempt, k, e))
                return 1;
    return 0;
}

static const char *oracle_behind(const oracle_search *search, const oracle_attempt *attempt)
{
    const funnel_oracle_question *question = search->question;
    for (uint64_t e = 0; e < search->n_events; e++) {
        int matches = 0, fits = 0, adjacent = 1;
        if (search->part[e] != search->at || !oracle_before(search, oracle_last(attempt), e))
            continue;
        const uint64_t gap =
            oracle_since(oracle_time(search, e), oracle_time(search, oracle_last(attempt)));
        for (size_t k = oracle_level(attempt) + 1; k <= oracle_furthest(search, attempt); k++) {
            if (!oracle_matches(search, e, k))
                continue;
            matches = 1;
            if (gap >= question->min_gap[k] &&
                (!question->has_max_gap[k] || gap <= question->max_gap[k])) {
                fits = 1;
                adjacent &= question->adjacent[k];
            }
        }
        if (!matches)
            continue;
        if (question->has_window &&
            oracle_since(oracle_time(search, e), oracle_time(search, attempt->events[0])) >
                question->window)
            return "window";
        return fits && adjacent ? "order" : "gap";
    }
    return "none";
}

/* Why the attempt ended: the first that holds. */
static const char *oracle_reason(const oracle_search *search, int ending)
{
    const funnel_oracle_question *question = search->question;
    const oracle_attempt *best = &search->best;
    const oracle_limit limit = oracle_limits(search, best);
    int64_t last = 0;
    if (oracle_level(best) == question->n_steps)
        return "converted";
    if (ending != ORACLE_GOES_ON)
        return ending == ORACLE_BROKEN ? "order" : "excluded";
    for (uint64_t e = 0; e < search->n_events; e++)
        if (search->session[e] == search->session[oracle_last(best)])
            last = oracle_time(search, e);
    if ((limit.has_window || limit.has_gap) &&
        oracle_within(search, best, limit, question->as_of, 1) &&
        !(question->has_session_gap &&
          oracle_since(question->as_of, last) >= question->session_gap))
        return "open";
    return oracle_is_held(search, best) ? "held" : oracle_behind(search, best);
}

/* ---- units ---- */

/* Cuts the journey into sessions, and these by held value. */
static void oracle_split(oracle_search *search)
{
    const funnel_oracle_question *question = search->question;
    size_t session = 0;
    for (uint64_t e = 0; e < search->n_events; e++) {
        const int held = question->held ? question->held(question->user, search->customer, e) : 0;
        if (e > 0 && question->has_session_gap &&
            oracle_since(oracle_time(search, e), oracle_time(search, e - 1)) >
                question->session_gap)
            session++;
        search->session[e] = session;
        search->part[e] = held < 0 ? SIZE_MAX : search->n_parts;
        for (uint64_t f = 0; f < e && held >= 0; f++)
            if (search->session[f] == session &&
                (!question->held || question->held(question->user, search->customer, f) == held))
                search->part[e] = search->part[f];
        search->n_parts += search->part[e] == search->n_parts;
    }
}

static size_t oracle_session_of(const oracle_search *search, size_t part)
{
    for (uint64_t e = 0; e < search->n_events; e++)
        if (search->part[e] == part)
            return search->session[e];
    return 0;
}

/* The best attempt of parts [from, to); search->at is its part. */
static void oracle_find(oracle_search *search, size_t from, size_t to)
{
    const oracle_attempt nothing = {0};
    size_t part = from;
    search->best = nothing;
    for (search->at = from; search->at < to; search->at++) {
        const oracle_attempt before = search->best;
        oracle_grow(search, &nothing);
        if (memcmp(&before, &search->best, sizeof before) != 0)
            part = search->at;
    }
    search->at = part;
}

static void oracle_describe(const oracle_search *search, int ending, funnel_oracle_unit *out)
{
    const oracle_attempt *best = &search->best;
    uint64_t behind = 0;
    *out = (funnel_oracle_unit){.level = oracle_level(best), .next = SJ_NONE};
    for (size_t i = 0; i < best->n; i++) {
        const size_t k = best->steps[i] - 1;
        out->filled[k] = 1;
        out->events[k] = best->events[i];
        out->times[k] = oracle_time(search, best->events[i]);
        behind = best->events[i] + 1 > behind ? best->events[i] + 1 : behind;
    }
    out->reason = oracle_reason(search, ending);
    out->dropped = strcmp(out->reason, "converted") != 0 && strcmp(out->reason, "open") != 0 &&
                   strcmp(out->reason, "excluded") != 0;
    out->held = search->question->held ? search->question->held(search->question->user,
                                                                search->customer, best->events[0])
                                       : -1;
    while (behind < search->n_events && search->part[behind] != search->at)
        behind++;
    if (behind < search->n_events)
        out->next = search->moments[behind].touchpoint;
}

/* One unit: the parts [from, to). */
static int oracle_unit(oracle_search *search, size_t from, size_t to, funnel_oracle_unit *out,
                       size_t *removed)
{
    uint64_t by = 0;
    search->has_bound = 0;
    oracle_find(search, from, to);
    if (search->best.n == 0)
        return 0;
    int ending = oracle_ending(search, &search->best, &by);
    while (ending == ORACLE_EXCLUDED || ending == ORACLE_REMOVED) {
        const oracle_attempt chosen = search->best;
        const size_t part = search->at;
        search->has_bound = 1;
        search->bound = by;
        oracle_find(search, from, to);
        if (oracle_level(&search->best) < oracle_level(&chosen)) {
            search->best = chosen;
            search->at = part;
            break;
        }
        ending = oracle_ending(search, &search->best, &by);
    }
    if (ending == ORACLE_REMOVED) {
        ++*removed;
        return 0;
    }
    oracle_describe(search, ending, out);
    return 1;
}

size_t funnel_oracle(const sj_graph *graph, const funnel_oracle_question *question,
                     uint64_t customer, funnel_oracle_unit *out, size_t *removed)
{
    oracle_search search = {.graph = graph, .question = question, .customer = customer};
    const uint64_t length = sj_graph_length(graph, customer);
    size_t n = 0, to;
    while (search.n_events < length && search.n_events < ORACLE_EVENTS) {
        sj_moment *moment = &search.moments[search.n_events];
        if (sj_graph_event(graph, customer, search.n_events, moment) == 0 ||
            moment->time > question->as_of)
            break;
        search.n_events++;
    }
    oracle_split(&search);
    for (size_t from = 0; from < search.n_parts; from = to) {
        for (to = from + 1; to < search.n_parts; to++)
            if (question->unit == SJ_UNIT_VALUES ||
                (question->unit == SJ_UNIT_SESSIONS &&
                 oracle_session_of(&search, to) != oracle_session_of(&search, from)))
                break;
        n += (size_t)oracle_unit(&search, from, to, &out[n], removed);
    }
    return n;
}
