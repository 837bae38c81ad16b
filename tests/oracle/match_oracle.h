/* Sequence patterns by trying everything: every start, every way for each token.  Written for
 * clarity, exponential on purpose, public header only; it is given tokens, not text, and knows
 * nothing of how the library searches. */
#ifndef MATCH_ORACLE_H
#define MATCH_ORACLE_H

#include <sojourn.h>

enum { MATCH_ORACLE_TOKENS = 12, MATCH_ORACLE_LISTED = 3, MATCH_ORACLE_EVENTS = 24 };

typedef enum match_oracle_kind {
    MATCH_ORACLE_MEETS,    /* (?1), [1|2] */
    MATCH_ORACLE_MISSES,   /* [^1] */
    MATCH_ORACLE_ANY,      /* . */
    MATCH_ORACLE_SKIP_ANY, /* .* */
    MATCH_ORACLE_SKIP,     /* [^1]* */
    MATCH_ORACLE_GATE      /* (?t<=1) */
} match_oracle_kind;

typedef struct match_oracle_token {
    match_oracle_kind kind;
    size_t listed[MATCH_ORACLE_LISTED]; /* conditions from 0 */
    size_t n_listed;
    const char *sign; /* gate: "<=" … */
    uint64_t span;    /* gate: microseconds */
} match_oracle_token;

typedef struct match_oracle_question {
    match_oracle_token tokens[MATCH_ORACLE_TOKENS];
    size_t n_tokens;
    size_t n_conditions;
    int has_span, has_gap;
    uint64_t span, gap;
    int32_t find;
    int only_matching;
    int (*meets)(void *user, const sj_moment *moment, size_t condition);
    void *user;
} match_oracle_question;

typedef struct match_oracle_match {
    uint64_t start, end; /* its first and its last event, positions in the journey */
    size_t n_shown;
    uint64_t shown[MATCH_ORACLE_TOKENS];
} match_oracle_match;

/* The matches of one customer, at most MATCH_ORACLE_EVENTS; returns how many. */
size_t match_oracle(const sj_graph *graph, const match_oracle_question *question, uint64_t customer,
                    match_oracle_match *out);

#endif
