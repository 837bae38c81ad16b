/* The search: the least solution of a system of lower bounds.
 *
 * A match gives each token j the event b(j) that it begins with; token j takes the events b(j) …
 * b(j + 1) − 1, the last one b(m).  With t for times, that is a match exactly when for every token
 *
 *     where it takes one event: b(j) meets it, and b(j + 1) = b(j) + 1
 *     where it skips: b(j + 1) ≥ b(j), and it refuses nothing in b(j) … b(j + 1) − 1
 *     where a gate stands before it: least ≤ t(b(j)) − t(b(anchor)) ≤ most
 *     and t(b(m)) − t(b(1)) ≤ span
 *
 * Each of these says only: "this one is at least so far on, given where that one is", and the bound
 * rises with what is given (what a skipping token refuses is a barrier that it must begin behind,
 * so b(j) rises with b(j + 1)).  Such a system has a least solution, the least in every place at
 * once; it is found by raising whatever lies below one of its bounds until nothing does.  So the
 * match that ends earliest, the one that starts earliest, and the one with each token earliest are
 * one and the same: `first`.  `last` goes on from there with b(1) above each start found, until
 * there is no more.
 *
 * A place only ever rises, at most to the end, and each rise asks for a visit of the few tokens
 * that have a bound by it: O(events · tokens), and there is nothing to go back to.  (Constraints of
 * this kind: Jeavons and Cooper, Tractable constraints on ordered domains, 1995.) */
#include "kernel/automaton.h"

#include <string.h>

sj_status sj__automaton_search_init(sj__automaton_search *search, const sj__automaton *automaton,
                                    uint64_t span, const sj_allocator *allocator, sj_error *error)
{
    const size_t n = automaton->n_tokens;
    *search = (sj__automaton_search){
        .automaton = automaton, .allocator = allocator, .span = span, .n_stack = 0};
    search->begin = sj__alloc_zeroed(allocator, n, 5 * sizeof *search->begin);
    search->waits = sj__alloc_zeroed(allocator, n, 1);
    if (search->begin == NULL || search->waits == NULL) {
        sj__automaton_search_free(search);
        return sj__fail_nomem(error);
    }
    search->kept = search->begin + n;
    search->scanned = search->begin + 2 * n;
    search->barrier = search->begin + 3 * n;
    search->stack = search->begin + 4 * n;
    return SJ_OK;
}

void sj__automaton_search_free(sj__automaton_search *search)
{
    if (search->automaton == NULL)
        return;
    const size_t n = search->automaton->n_tokens;
    sj__free(search->allocator, search->begin, n, 5 * sizeof *search->begin);
    sj__free(search->allocator, search->waits, n, 1);
    *search = (sj__automaton_search){0};
}

/* later − earlier; 0 where it is not later. */
static inline uint64_t automaton_since(int64_t later, int64_t earlier)
{
    return later > earlier ? (uint64_t)later - (uint64_t)earlier : 0;
}

static inline int automaton_takes(const sj__automaton_events *events, size_t event, uint32_t token)
{
    return (int)(events->met[event * events->words + token / 64] >> (token % 64) & 1);
}

static inline void automaton_wake(sj__automaton_search *search, uint32_t token)
{
    if (search->waits[token])
        return;
    search->waits[token] = 1;
    search->stack[search->n_stack++] = token;
}

/* Where a skipping token must begin at the earliest: behind the last event before `end` that it
 * refuses. */
static uint32_t automaton_barrier(sj__automaton_search *search, const sj__automaton_events *events,
                                  uint32_t token, uint32_t end)
{
    uint32_t at = search->scanned[token];
    at = at > search->begin[token] ? at : search->begin[token];
    for (; at < end; at++) {
        if (!automaton_takes(events, at, token))
            search->barrier[token] = at + 1;
    }
    search->scanned[token] = at;
    return search->barrier[token];
}

/* The bound that the token behind sets. */
static uint32_t automaton_bound_behind(sj__automaton_search *search,
                                       const sj__automaton_events *events, uint32_t token)
{
    const sj__automaton *automaton = search->automaton;
    const uint32_t next = search->begin[token + 1];
    if (!automaton->tokens[token].skips)
        return next > 0 ? next - 1 : 0;
    return automaton->tokens[token].n_listed > 0 ? automaton_barrier(search, events, token, next)
                                                 : 0;
}

/* The first event from `at` on that is at least `least` later than the anchor of the token. */
static size_t automaton_after_gate(const sj__automaton_search *search,
                                   const sj__automaton_events *events, const sj__token *token,
                                   size_t at, size_t to)
{
    const int64_t anchor = events->time[search->begin[token->anchor]];
    while (at < to && automaton_since(events->time[at], anchor) < token->least)
        at++;
    return at;
}

/* The first event from `at` on that is at most `most` earlier than an event. */
static size_t automaton_within(const sj__automaton_events *events, size_t at, uint32_t event,
                               uint64_t most)
{
    while (automaton_since(events->time[event], events->time[at]) > most)
        at++;
    return at;
}

/* Gates that count from this token stand between it and the next that takes one event. */
static uint32_t automaton_gates_end(const sj__automaton *automaton, uint32_t token)
{
    uint32_t last = token + 1;
    while (last < automaton->n_tokens && automaton->tokens[last].skips)
        last++;
    return last < automaton->n_tokens ? last : (uint32_t)automaton->n_tokens - 1;
}

/* Where all bounds together let the token begin at the earliest; `to`: nowhere. */
static size_t automaton_bound(sj__automaton_search *search, const sj__automaton_events *events,
                              uint32_t j, size_t to)
{
    const sj__automaton *automaton = search->automaton;
    const sj__token *token = &automaton->tokens[j];
    const uint32_t last = (uint32_t)automaton->n_tokens - 1;
    size_t at = search->begin[j];
    if (j > 0) {
        const size_t before =
            (size_t)search->begin[j - 1] + (automaton->tokens[j - 1].skips ? 0 : 1);
        at = at > before ? at : before;
    }
    if (j < last) {
        const size_t behind = automaton_bound_behind(search, events, j);
        at = at > behind ? at : behind;
    }
    if (at < to && token->anchor != SJ__AUTOMATON_FREE)
        at = automaton_after_gate(search, events, token, at, to);
    if (at < to && !token->skips && j < last) {
        const uint32_t end = automaton_gates_end(automaton, j);
        for (uint32_t g = j + 1; g <= end; g++)
            if (automaton->tokens[g].anchor == j)
                at = automaton_within(events, at, search->begin[g], automaton->tokens[g].most);
    }
    if (at < to && j == 0 && search->span != UINT64_MAX)
        at = automaton_within(events, at, search->begin[last], search->span);
    if (!token->skips && token->n_listed > 0)
        while (at < to && !automaton_takes(events, at, j))
            at++;
    return at < to ? at : to;
}

/* Asks for a visit of all that have a bound by this token. */
static void automaton_wake_others(sj__automaton_search *search, uint32_t j)
{
    const sj__automaton *automaton = search->automaton;
    const sj__token *token = &automaton->tokens[j];
    const uint32_t last = (uint32_t)automaton->n_tokens - 1;
    if (j == last && search->span != UINT64_MAX)
        automaton_wake(search, 0);
    if (token->anchor != SJ__AUTOMATON_FREE)
        automaton_wake(search, token->anchor);
    if (j > 0 && (!automaton->tokens[j - 1].skips || automaton->tokens[j - 1].n_listed > 0))
        automaton_wake(search, j - 1);
    if (j == last)
        return;
    if (!token->skips) {
        const uint32_t end = automaton_gates_end(automaton, j);
        for (uint32_t g = end; g > j + 1; g--)
            if (automaton->tokens[g].anchor == j)
                automaton_wake(search, g);
    }
    automaton_wake(search, j + 1);
}

/* Raises what lies too low until nothing does; 0 where something would have to be raised beyond the
 * end. */
static int automaton_settle(sj__automaton_search *search, const sj__automaton_events *events,
                            size_t to)
{
    while (search->n_stack > 0) {
        const uint32_t j = search->stack[--search->n_stack];
        search->waits[j] = 0;
        const size_t at = automaton_bound(search, events, j, to);
        if (at == to)
            return 0;
        if (at == search->begin[j])
            continue;
        search->begin[j] = (uint32_t)at;
        automaton_wake_others(search, j);
    }
    return 1;
}

static void automaton_wake_all(sj__automaton_search *search)
{
    const size_t n = search->automaton->n_tokens;
    search->n_stack = 0;
    memset(search->waits, 0, n);
    for (size_t j = n; j-- > 0;)
        automaton_wake(search, (uint32_t)j);
}

int sj__automaton_first(sj__automaton_search *search, const sj__automaton_events *events,
                        size_t from, size_t to)
{
    const size_t n = search->automaton->n_tokens;
    if (from >= to)
        return 0;
    for (size_t j = 0; j < n; j++)
        search->begin[j] = search->scanned[j] = search->barrier[j] = (uint32_t)from;
    automaton_wake_all(search);
    return automaton_settle(search, events, to);
}

int sj__automaton_last(sj__automaton_search *search, const sj__automaton_events *events,
                       size_t from, size_t to)
{
    const size_t n = search->automaton->n_tokens;
    int more = sj__automaton_first(search, events, from, to);
    const int found = more;
    while (more) {
        memcpy(search->kept, search->begin, n * sizeof *search->kept);
        automaton_wake_all(search);
        more = (size_t)++search->begin[0] < to && automaton_settle(search, events, to);
    }
    if (found)
        memcpy(search->begin, search->kept, n * sizeof *search->kept);
    return found;
}
