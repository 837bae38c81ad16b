/* The funnel by exhaustive search: every attempt of one customer is tried and the best is taken.  Written for clarity, exponential
 * on purpose, public header only; knows nothing of how the library does it. */
#ifndef FUNNEL_ORACLE_H
#define FUNNEL_ORACLE_H

#include <sojourn.h>

enum { ORACLE_STEPS = 8, ORACLE_EXCLUSIONS = 4, ORACLE_EVENTS = 24 };

typedef struct funnel_oracle_question {
    size_t n_steps;
    int has_window; /* 0: no limit */
    uint64_t window;
    int reuse;
    int64_t as_of;
    /* By step from 1. */
    uint64_t min_gap[ORACLE_STEPS + 1];
    int has_max_gap[ORACLE_STEPS + 1];
    uint64_t max_gap[ORACLE_STEPS + 1];
    int optional[ORACLE_STEPS + 1], adjacent[ORACLE_STEPS + 1];
    int by_row, strict; /* tie input, strict */
    size_t n_exclusions;
    size_t from[ORACLE_EXCLUSIONS], to[ORACLE_EXCLUSIONS];
    int removes[ORACLE_EXCLUSIONS];
    int has_session_gap;
    uint64_t session_gap;
    int has_entry_from, has_entry_to;
    int64_t entry_from, entry_to;
    int unit; /* SJ_UNIT_… */
    /* Whether an event fills a step (from 1); n_steps + 1 + x: meets exclusion x. */
    int (*meets)(void *user, uint64_t customer, uint64_t event, const sj_moment *moment,
                 size_t step);
    /* The held value of an event, -1 where it has none; NULL: nothing is held. */
    int (*held)(void *user, uint64_t customer, uint64_t event);
    void *user;
} funnel_oracle_question;

typedef struct funnel_oracle_unit {
    size_t level;             /* 0: nothing else is set */
    int filled[ORACLE_STEPS]; /* by step from 0 */
    int64_t times[ORACLE_STEPS];
    uint64_t events[ORACLE_STEPS];
    const char *reason;
    int dropped;
    int held;      /* the value; -1: none */
    uint64_t next; /* touchpoint that came next; SJ_NONE: the journey ended */
} funnel_oracle_unit;

/* The units of a customer, by session and within it by the first event of their value, into out[0 … ORACLE_EVENTS); how many.  Those that an
 * exclusion removes are counted in *removed and not given. */
size_t funnel_oracle(const sj_graph *graph, const funnel_oracle_question *question,
                     uint64_t customer, funnel_oracle_unit *out, size_t *removed);

#endif
