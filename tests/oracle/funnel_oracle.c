/* The units of a journey: how it is split into sessions and held values, which attempts compete for
 * a unit, and which of them speaks for it.  Where an exclusion ended the chosen one, it gives way
 * to the best that is as long and was completed later than that. */
#include "oracle/funnel_oracle_inside.h"

#include <stdlib.h>
#include <string.h>

/* Cuts the journey into sessions, and these by held value; parts are numbered by their first
 * events. */
static void oracle_split(oracle_search *search)
{
    const funnel_oracle_question *question = search->question;
    size_t session = 0;
    for (size_t e = 0; e < search->n_events; e++) {
        const int held = question->holds ? search->events[e].held : 0;
        if (e > 0 && question->has_session_gap &&
            oracle_since(search->events[e].time, search->events[e - 1].time) >
                question->session_gap)
            session++;
        search->session[e] = session;
        search->part[e] = held < 0 ? SIZE_MAX : search->n_parts;
        for (size_t f = 0; f < e && held >= 0; f++)
            if (search->session[f] == session &&
                (!question->holds || search->events[f].held == held))
                search->part[e] = search->part[f];
        search->n_parts += search->part[e] == search->n_parts;
    }
}

static size_t oracle_session_of(const oracle_search *search, size_t part)
{
    size_t e = 0;
    while (search->part[e] != part)
        e++;
    return search->session[e];
}

/* ---- violation stop ---- */

static void oracle_mark_used(oracle_search *search, const oracle_attempt *attempt, void *user)
{
    int *used = user;
    (void)search;
    used[oracle_last(attempt)] = 1;
}

static int oracle_is_used(const oracle_search *search, const int *used, size_t part, size_t at)
{
    for (size_t e = 0; e < search->n_events; e++)
        if (search->part[e] == part && used[e] && !oracle_before(search, e, at) &&
            !oracle_before(search, at, e))
            return 1;
    return 0;
}

/* Finds the first instant after an entry that no attempt uses. */
static void oracle_cut(oracle_search *search, size_t part)
{
    const oracle_attempt nothing = {.part = part};
    int used[ORACLE_EVENTS] = {0}, entered = 0;
    oracle_grow(search, &nothing, oracle_mark_used, used);
    for (size_t e = 0; e < search->n_events; e++) {
        if (search->part[e] != part)
            continue;
        if (oracle_is_used(search, used, part, e)) {
            entered = 1;
        } else if (entered) {
            search->cut[part] = e;
            return;
        }
    }
}

/* ---- the attempts of a unit ---- */

static void oracle_keep_longest(oracle_search *search, const oracle_attempt *attempt, void *user)
{
    const size_t length = oracle_length(search, attempt);
    const size_t longest =
        search->pool.n > 0 ? oracle_length(search, &search->pool.attempts[0]) : 0;
    (void)user;
    if (length < longest)
        return;
    if (length > longest)
        search->pool.n = 0;
    oracle_put(&search->pool, attempt);
}

/* With attempt first only those that have the first entry are left, whatever their value. */
static void oracle_keep_first(oracle_search *search)
{
    oracle_pool *pool = &search->pool;
    int64_t first = INT64_MAX;
    size_t n = 0;
    for (size_t i = 0; i < pool->n; i++)
        if (search->events[pool->attempts[i].events[0]].time < first)
            first = search->events[pool->attempts[i].events[0]].time;
    for (size_t i = 0; i < pool->n; i++)
        if (search->events[pool->attempts[i].events[0]].time == first)
            pool->attempts[n++] = pool->attempts[i];
    pool->n = n;
}

/* Puts the attempts that compete in parts [from, to) into the pool. */
static void oracle_collect(oracle_search *search, size_t from, size_t to)
{
    const int attempt = search->question->attempt;
    search->pool.n = 0;
    for (size_t part = from; part < to; part++) {
        const oracle_attempt nothing = {.part = part};
        if (search->question->stop)
            oracle_cut(search, part);
        if (attempt == SJ_ATTEMPT_BEST)
            oracle_grow(search, &nothing, oracle_keep_longest, NULL);
        else
            oracle_replay_part(search, part, attempt == SJ_ATTEMPT_EACH);
    }
    if (attempt == SJ_ATTEMPT_FIRST)
        oracle_keep_first(search);
}

/* The best of the pool; of those chosen after `than` and completed later than event `bound`, unless
 * `than` is NULL.  NULL: none. */
static const oracle_attempt *oracle_best(const oracle_search *search, const oracle_attempt *than,
                                         size_t bound)
{
    const oracle_attempt *best = NULL;
    for (size_t i = 0; i < search->pool.n; i++) {
        const oracle_attempt *a = &search->pool.attempts[i];
        if (than != NULL && (!oracle_better(search, than, a) ||
                             !oracle_before(search, bound, oracle_completion(search, a))))
            continue;
        if (best == NULL || oracle_better(search, a, best))
            best = a;
    }
    return best;
}

static const oracle_attempt *oracle_select(const oracle_search *search)
{
    const oracle_attempt *chosen = oracle_best(search, NULL, SIZE_MAX);
    while (chosen != NULL) {
        const oracle_fate fate = oracle_judge(search, chosen);
        if (fate.ending != ORACLE_EXCLUDED && fate.ending != ORACLE_REMOVED)
            break;
        const oracle_attempt *later = oracle_best(search, chosen, fate.by);
        if (later == NULL || oracle_length(search, later) < oracle_length(search, chosen))
            break;
        chosen = later;
    }
    return chosen;
}

/* ---- units ---- */

static void oracle_describe(const oracle_search *search, const oracle_attempt *attempt,
                            oracle_fate fate, funnel_oracle_unit *out)
{
    size_t behind = 0;
    *out =
        (funnel_oracle_unit){.level = oracle_level(attempt),
                             .entered = attempt->levels[0],
                             .entry = search->events[attempt->events[0]].time,
                             .completion = search->events[oracle_completion(search, attempt)].time,
                             .reason = fate.reason,
                             .held = -1,
                             .next = SIZE_MAX};
    for (size_t i = 0; i < attempt->n; i++) {
        const size_t k = (size_t)attempt->steps[i] - 1, e = attempt->events[i];
        out->filled[k] = 1;
        out->events[k] = e;
        out->times[k] = search->events[e].time;
        out->gave[attempt->levels[i]] = 1;
        out->by_level[attempt->levels[i]] = e;
        out->step[attempt->levels[i]] = k + 1;
        out->before[attempt->levels[i]] = i > 0 ? attempt->events[i - 1] : SIZE_MAX;
        behind = e + 1 > behind ? e + 1 : behind;
    }
    out->dropped = strcmp(fate.reason, "converted") != 0 && strcmp(fate.reason, "open") != 0 &&
                   strcmp(fate.reason, "excluded") != 0;
    out->goes_on = fate.goes_on;
    if (search->question->holds)
        out->held = search->events[attempt->events[0]].held;
    for (size_t e = 0; e < ORACLE_EVENTS && e < search->n_events; e++)
        out->part |= (uint64_t)(search->part[e] == attempt->part) << e;
    while (behind < ORACLE_EVENTS && behind < search->n_events &&
           search->part[behind] != attempt->part)
        behind++;
    if (behind < search->n_events)
        out->next = behind;
}

/* One unit, if it is not removed. */
static size_t oracle_unit(const oracle_search *search, const oracle_attempt *attempt,
                          funnel_oracle_unit *out, size_t *removed)
{
    const oracle_fate fate = oracle_judge(search, attempt);
    *removed += fate.ending == ORACLE_REMOVED;
    if (fate.ending == ORACLE_REMOVED)
        return 0;
    oracle_describe(search, attempt, fate, out);
    return 1;
}

/* The units of parts [from, to): one, or with unit attempts each attempt. */
static size_t oracle_units(oracle_search *search, size_t from, size_t to, funnel_oracle_unit *out,
                           size_t *removed)
{
    size_t n = 0;
    oracle_collect(search, from, to);
    if (search->question->unit == SJ_UNIT_ATTEMPTS) {
        for (size_t i = 0; i < search->pool.n; i++)
            n += oracle_unit(search, &search->pool.attempts[i], &out[n], removed);
        return n;
    }
    const oracle_attempt *chosen = oracle_select(search);
    return chosen != NULL ? oracle_unit(search, chosen, out, removed) : 0;
}

/* The part behind the last of the unit that begins with part `from`. */
static size_t oracle_unit_end(const oracle_search *search, size_t from)
{
    const int unit = search->question->unit;
    size_t to = from + 1;
    if (unit == SJ_UNIT_VALUES || unit == SJ_UNIT_ATTEMPTS)
        return to;
    while (to < search->n_parts &&
           (unit != SJ_UNIT_SESSIONS ||
            oracle_session_of(search, to) == oracle_session_of(search, from)))
        to++;
    return to;
}

size_t funnel_oracle(const funnel_oracle_event *events, size_t n_events,
                     const funnel_oracle_question *question, funnel_oracle_unit *out,
                     size_t *removed)
{
    oracle_search search = {.question = question, .events = events};
    size_t n = 0, to, gone = 0;
    while (search.n_events < n_events && search.n_events < ORACLE_EVENTS &&
           events[search.n_events].time <= question->as_of)
        search.n_events++;
    for (size_t i = 0; i < ORACLE_EVENTS; i++)
        search.cut[i] = SIZE_MAX;
    oracle_split(&search);
    for (size_t from = 0; from < search.n_parts; from = to) {
        to = oracle_unit_end(&search, from);
        n += oracle_units(&search, from, to, &out[n], &gone);
    }
    free(search.pool.attempts);
    if (oracle_is_spent(&search))
        return SIZE_MAX;
    *removed += gone;
    return n;
}
