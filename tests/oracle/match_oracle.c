/* A match takes neighbouring events, one after the other; at each token every possibility is tried,
 * and the match that the rule prefers is kept:
 *     first: earliest start, earliest end, then the shown tokens as early as can be, from the first
 *     last: latest start, then likewise
 *     all: first, then first among the events behind it
 * A gate waits for the next event that is taken, by whatever token, and compares it with the last
 * event that a token which takes just one has taken; where there is no such event, or nothing is
 * taken any more, it holds. */
#include "oracle/match_oracle.h"

#include <string.h>

enum { ORACLE_NOBODY = -1 };

typedef struct oracle_event {
    uint64_t position;
    sj_moment moment;
} oracle_event;

typedef struct oracle_try {
    size_t token;                      /* the next one */
    int next;                          /* the next event */
    int taken;                         /* the last event that a token for just one has taken */
    size_t gates[MATCH_ORACLE_TOKENS]; /* that wait */
    size_t n_gates;
    match_oracle_match match;
} oracle_try;

typedef struct oracle_look {
    const match_oracle_question *question;
    oracle_event events[MATCH_ORACLE_EVENTS];
    int from, to; /* among them */
    int start;
    int found;
    match_oracle_match best;
} oracle_look;

static int oracle_meets_some(const match_oracle_question *question, const sj_moment *moment,
                             const match_oracle_token *token)
{
    for (size_t i = 0; i < token->n_listed; i++)
        if (question->meets(question->user, moment, token->listed[i]))
            return 1;
    return 0;
}

static int oracle_passes(const match_oracle_token *gate, uint64_t since)
{
    if (strcmp(gate->sign, "<=") == 0)
        return since <= gate->span;
    if (strcmp(gate->sign, "<") == 0)
        return since < gate->span;
    if (strcmp(gate->sign, ">=") == 0)
        return since >= gate->span;
    if (strcmp(gate->sign, ">") == 0)
        return since > gate->span;
    return since == gate->span;
}

static uint64_t oracle_between(const oracle_look *look, int earlier, int later)
{
    return (uint64_t)look->events[later].moment.time - (uint64_t)look->events[earlier].moment.time;
}

/* Takes the next event, if there is one and the gates that wait let it pass. */
static int oracle_take(const oracle_look *look, oracle_try *t)
{
    if (t->next >= look->to)
        return 0;
    for (size_t i = 0; i < t->n_gates && t->taken != ORACLE_NOBODY; i++)
        if (!oracle_passes(&look->question->tokens[t->gates[i]],
                           oracle_between(look, t->taken, t->next)))
            return 0;
    t->n_gates = 0;
    t->match.end = look->events[t->next].position;
    t->next++;
    return 1;
}

/* Is a preferred to b?  Both start at one event. */
static int oracle_better(const match_oracle_match *a, const match_oracle_match *b)
{
    if (a->end != b->end)
        return a->end < b->end;
    for (size_t i = 0; i < a->n_shown; i++)
        if (a->shown[i] != b->shown[i])
            return a->shown[i] < b->shown[i];
    return 0;
}

static void oracle_complete(oracle_look *look, const oracle_try *t)
{
    if (t->next == look->start) /* nothing was taken */
        return;
    if (look->question->has_span &&
        oracle_between(look, look->start, t->next - 1) > look->question->span)
        return;
    if (!look->found || oracle_better(&t->match, &look->best))
        look->best = t->match;
    look->found = 1;
}

static void oracle_go_on(oracle_look *look, oracle_try t);

static void oracle_take_one(oracle_look *look, oracle_try t, const match_oracle_token *token)
{
    const int event = t.next;
    if (!oracle_take(look, &t))
        return;
    const int meets = oracle_meets_some(look->question, &look->events[event].moment, token);
    if ((token->kind == MATCH_ORACLE_MEETS && !meets) ||
        (token->kind == MATCH_ORACLE_MISSES && meets))
        return;
    if (token->kind == MATCH_ORACLE_MEETS)
        t.match.shown[t.match.n_shown++] = look->events[event].position;
    t.taken = event;
    oracle_go_on(look, t);
}

static void oracle_go_on(oracle_look *look, oracle_try t)
{
    if (t.token == look->question->n_tokens) {
        oracle_complete(look, &t);
        return;
    }
    const match_oracle_token *token = &look->question->tokens[t.token++];
    switch (token->kind) {
    case MATCH_ORACLE_GATE:
        t.gates[t.n_gates++] = t.token - 1;
        oracle_go_on(look, t);
        break;
    case MATCH_ORACLE_SKIP_ANY:
    case MATCH_ORACLE_SKIP:
        do {
            oracle_go_on(look, t);
        } while ((token->kind == MATCH_ORACLE_SKIP_ANY || t.next >= look->to ||
                  !oracle_meets_some(look->question, &look->events[t.next].moment, token)) &&
                 oracle_take(look, &t));
        break;
    default:
        oracle_take_one(look, t, token);
        break;
    }
}

static int oracle_starts_at(oracle_look *look, int start)
{
    const oracle_try t = {
        .next = start, .taken = ORACLE_NOBODY, .match = {.start = look->events[start].position}};
    look->start = start;
    look->found = 0;
    oracle_go_on(look, t);
    return look->found;
}

/* One session. */
static size_t oracle_session(oracle_look *look, match_oracle_match *out)
{
    size_t n = 0;
    if (look->question->find == SJ_MATCH_LAST) {
        for (int s = look->to; s-- > look->from && n == 0;)
            if (oracle_starts_at(look, s))
                out[n++] = look->best;
        return n;
    }
    for (int s = look->from; s < look->to; s++) {
        if (!oracle_starts_at(look, s))
            continue;
        out[n++] = look->best;
        if (look->question->find == SJ_MATCH_FIRST)
            return n;
        while (look->events[s].position < look->best.end)
            s++;
    }
    return n;
}

size_t match_oracle(const sj_graph *graph, const match_oracle_question *question, uint64_t customer,
                    match_oracle_match *out)
{
    oracle_look look = {.question = question};
    int n_events = 0;
    size_t n = 0;
    for (uint64_t e = 0; e < sj_graph_length(graph, customer); e++) {
        oracle_event event = {.position = e};
        int exists = !question->only_matching;
        (void)sj_graph_event(graph, customer, e, &event.moment);
        for (size_t c = 0; c < question->n_conditions; c++)
            exists |= question->meets(question->user, &event.moment, c);
        if (exists)
            look.events[n_events++] = event;
    }
    for (int from = 0, to; from < n_events; from = to) {
        match_oracle_match found[MATCH_ORACLE_EVENTS];
        to = from + 1;
        while (to < n_events &&
               !(question->has_gap && oracle_between(&look, to - 1, to) > question->gap))
            to++;
        look.from = from;
        look.to = to;
        const size_t more = oracle_session(&look, found);
        if (question->find == SJ_MATCH_LAST && more > 0)
            n = 0; /* a later session's is later */
        memcpy(out + n, found, more * sizeof *found);
        n += more;
        if (question->find == SJ_MATCH_FIRST && n > 0)
            break;
    }
    return n;
}
