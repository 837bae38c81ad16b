/* The funnel by exhaustive search: every attempt of one customer is tried and the best is taken.  Written for clarity, exponential
 * on purpose, public header only; knows nothing of how the library does it. */
#ifndef FUNNEL_ORACLE_H
#define FUNNEL_ORACLE_H

#include <sojourn.h>

enum { ORACLE_STEPS = 8 };

typedef struct funnel_oracle_question {
    size_t n_steps;
    int has_window; /* 0: no limit */
    uint64_t window;
    int reuse;
    int64_t as_of;
    /* Whether an event fills a step (from 1). */
    int (*meets)(void *user, uint64_t customer, uint64_t event, const sj_moment *moment,
                 size_t step);
    void *user;
} funnel_oracle_question;

typedef struct funnel_oracle_unit {
    size_t level;                /* 0: never entered; nothing else is set */
    int64_t times[ORACLE_STEPS]; /* by step from 0, `level` of them */
    uint64_t events[ORACLE_STEPS];
    const char *reason;
    int dropped;   /* for window or none */
    uint64_t next; /* touchpoint that came next; SJ_NONE: the journey ended */
} funnel_oracle_unit;

void funnel_oracle(const sj_graph *graph, const funnel_oracle_question *question, uint64_t customer,
                   funnel_oracle_unit *out);

#endif
