/* Sequence patterns: read from text, and looked for in arrays of times and bits.
 *
 *     pattern = { token }
 *     token   = "(?" number ")" | "." | ".*" | class | "[^" numbers "]*" | gate
 *     class   = "[" [ "^" ] numbers "]"
 *     numbers = number { "|" number }
 *     gate    = "(?t" ( "<" | "<=" | ">" | ">=" | "==" ) seconds ")"
 *
 * What stands behind the last token that takes just one event can always take nothing and is left
 * out of the tokens. */
#ifndef SJ__KERNEL_AUTOMATON_H
#define SJ__KERNEL_AUTOMATON_H

#include "base/alloc.h"

#define SJ__AUTOMATON_TOKENS 1024 /* most tokens of a pattern (docs/abi.md) */
#define SJ__AUTOMATON_FREE UINT32_MAX

typedef struct sj__token {
    int32_t skips;          /* takes any number of events; else exactly one */
    int32_t negated;        /* takes what meets none of its conditions */
    int32_t shown;          /* what it takes is among a match's positions */
    uint32_t anchor;        /* the token that the gate before this one counts from; FREE: no gate */
    uint64_t least, most;   /* the gate: microseconds since the anchor, inclusive */
    size_t first, n_listed; /* its conditions in `listed`; none: it takes any event */
} sj__token;

typedef struct sj__automaton {
    const sj_allocator *allocator;
    sj__token *tokens;
    size_t n_tokens, capacity;
    uint32_t *listed; /* conditions from 0 */
    size_t n_listed, listed_capacity;
    size_t n_shown;
} sj__automaton;

/* Reads a pattern over conditions 1 … n_conditions.  SJ_ERR_CONDITION and SJ_ERR_LIMIT with the
 * byte as index; a failure leaves nothing to free. */
sj_status sj__automaton_parse(sj__automaton *out, const char *pattern, size_t n,
                              size_t n_conditions, const sj_allocator *allocator, sj_error *error);
void sj__automaton_free(sj__automaton *automaton);
/* Whether events that no token for just one takes, and every skipping token may skip, could as well
 * not be there: tokens for just one have a skip between them, none stands at the front, and no gate
 * is about an event that is skipped. */
int sj__automaton_is_sparse(const sj__automaton *automaton);

/* ---- the search ---- */

/* Events in the order of the journey, and which tokens can take them: bit j of the `words` words of
 * an event for token j. */
typedef struct sj__automaton_events {
    const int64_t *time;
    const uint64_t *met;
    size_t words;
} sj__automaton_events;

typedef struct sj__automaton_search {
    const sj__automaton *automaton;
    const sj_allocator *allocator;
    uint64_t span;     /* longest match; UINT64_MAX: any */
    uint32_t *begin;   /* by token: the first event that it takes; after a success */
    uint32_t *kept;    /* a copy */
    uint32_t *scanned; /* by skipping token: events before were looked at */
    uint32_t *barrier; /* by skipping token: it cannot begin before */
    uint32_t *stack;   /* tokens to be visited */
    uint32_t n_stack;
    uint8_t *waits;
} sj__automaton_search;

/* `allocator` must outlive it. */
sj_status sj__automaton_search_init(sj__automaton_search *search, const sj__automaton *automaton,
                                    uint64_t span, const sj_allocator *allocator, sj_error *error);
void sj__automaton_search_free(sj__automaton_search *search);
/* Looks for a match among the events from … to − 1 (to < 2^32): 1 and `begin`, or 0.
 * First: that which starts earliest, of these ends earliest, of these has every token as early as
 * can be; O(events from `from` to its end · tokens).
 * Last: that which starts latest, then likewise; O((to − from) · tokens). */
int sj__automaton_first(sj__automaton_search *search, const sj__automaton_events *events,
                        size_t from, size_t to);
int sj__automaton_last(sj__automaton_search *search, const sj__automaton_events *events,
                       size_t from, size_t to);

#endif
