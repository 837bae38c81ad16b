/* The funnel by exhaustive search.  An attempt is a list of events, the i-th of which fills step i; attempts grow event by event and
 * are compared by the rule that chooses between them:
 *     most steps, earliest completion, latest entry, then the steps in between as early as can be, from the last to the
 *     first; of events at one time the lowest rows, in step order. */
#include "oracle/funnel_oracle.h"

typedef struct oracle_attempt {
    size_t level;
    uint64_t events[ORACLE_STEPS];
} oracle_attempt;

typedef struct oracle_search {
    const sj_graph *graph;
    const funnel_oracle_question *question;
    uint64_t customer;
    uint64_t n_events; /* that are seen: none is later than as_of */
    oracle_attempt best;
} oracle_search;

static sj_moment oracle_moment(const oracle_search *search, uint64_t event)
{
    sj_moment moment = {0};
    (void)sj_graph_event(search->graph, search->customer, event, &moment);
    return moment;
}

static int64_t oracle_time(const oracle_search *search, uint64_t event)
{
    return oracle_moment(search, event).time;
}

static int oracle_matches(const oracle_search *search, uint64_t event, size_t step)
{
    const sj_moment moment = oracle_moment(search, event);
    return search->question->meets(search->question->user, search->customer, event, &moment, step);
}

/* later - earlier, of times in order. */
static uint64_t oracle_since(int64_t later, int64_t earlier)
{
    return (uint64_t)later - (uint64_t)earlier;
}

/* May this event fill the next step of the attempt? */
static int oracle_fits(const oracle_search *search, const oracle_attempt *attempt, uint64_t event)
{
    const funnel_oracle_question *question = search->question;
    if (!oracle_matches(search, event, attempt->level + 1))
        return 0;
    if (attempt->level == 0)
        return 1;
    const int64_t time = oracle_time(search, event);
    if (time < oracle_time(search, attempt->events[attempt->level - 1]))
        return 0;
    if (question->has_window &&
        oracle_since(time, oracle_time(search, attempt->events[0])) > question->window)
        return 0;
    for (size_t i = 0; i < attempt->level && !question->reuse; i++)
        if (attempt->events[i] == event)
            return 0;
    return 1;
}

/* Is a chosen before b? */
static int oracle_better(const oracle_search *search, const oracle_attempt *a,
                         const oracle_attempt *b)
{
    if (a->level != b->level)
        return a->level > b->level;
    if (a->level == 0)
        return 0;
    const size_t last = a->level - 1;
    int64_t ta = oracle_time(search, a->events[last]), tb = oracle_time(search, b->events[last]);
    if (ta != tb)
        return ta < tb;
    ta = oracle_time(search, a->events[0]), tb = oracle_time(search, b->events[0]);
    if (ta != tb)
        return ta > tb;
    for (size_t i = last; i-- > 0;) {
        ta = oracle_time(search, a->events[i]), tb = oracle_time(search, b->events[i]);
        if (ta != tb)
            return ta < tb;
    }
    for (size_t i = 0; i <= last; i++)
        if (a->events[i] != b->events[i])
            return a->events[i] < b->events[i];
    return 0;
}

static void oracle_grow(oracle_search *search, const oracle_attempt *attempt)
{
    if (oracle_better(search, attempt, &search->best))
        search->best = *attempt;
    if (attempt->level == search->question->n_steps)
        return;
    for (uint64_t e = 0; e < search->n_events; e++) {
        if (oracle_fits(search, attempt, e)) {
            oracle_attempt longer = *attempt;
            longer.events[longer.level++] = e;
            oracle_grow(search, &longer);
        }
    }
}

/* Why the attempt ended: the first that holds. */
static const char *oracle_reason(const oracle_search *search)
{
    const funnel_oracle_question *question = search->question;
    const oracle_attempt *best = &search->best;
    if (best->level == question->n_steps)
        return "converted";
    const int64_t entry = oracle_time(search, best->events[0]);
    const int64_t completion = oracle_time(search, best->events[best->level - 1]);
    if (question->has_window && oracle_since(question->as_of, entry) < question->window)
        return "open";
    for (uint64_t e = 0; e < search->n_events; e++) {
        const int64_t time = oracle_time(search, e);
        if (time > completion && oracle_matches(search, e, best->level + 1))
            return question->has_window && oracle_since(time, entry) > question->window ? "window"
                                                                                        : "gap";
    }
    return "none";
}

static void oracle_look_behind(const oracle_search *search, funnel_oracle_unit *out)
{
    uint64_t behind = 0;
    for (size_t i = 0; i < out->level; i++)
        if (out->events[i] + 1 > behind)
            behind = out->events[i] + 1;
    out->next = behind < search->n_events ? oracle_moment(search, behind).touchpoint : SJ_NONE;
}

void funnel_oracle(const sj_graph *graph, const funnel_oracle_question *question, uint64_t customer,
                   funnel_oracle_unit *out)
{
    oracle_search search = {.graph = graph, .question = question, .customer = customer};
    const oracle_attempt nothing = {0};
    const uint64_t length = sj_graph_length(graph, customer);
    while (search.n_events < length && oracle_time(&search, search.n_events) <= question->as_of)
        search.n_events++;
    oracle_grow(&search, &nothing);
    *out = (funnel_oracle_unit){.level = search.best.level, .next = SJ_NONE};
    if (out->level == 0)
        return;
    for (size_t i = 0; i < out->level; i++) {
        out->events[i] = search.best.events[i];
        out->times[i] = oracle_time(&search, out->events[i]);
    }
    out->reason = oracle_reason(&search);
    out->dropped = out->reason[0] == 'w' || out->reason[0] == 'n' || out->reason[0] == 'g';
    oracle_look_behind(&search, out);
}
