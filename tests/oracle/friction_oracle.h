/* Friction once more, slow and clear: public headers only, conditions are names of touchpoints,
 * everything is looked for by walking to and fro.  For small graphs. */
#ifndef FRICTION_ORACLE_H
#define FRICTION_ORACLE_H

#include <sojourn.h>

typedef struct oracle_row {
    const char *signal;
    char place[64];
    int64_t customers, affected, visits, affected_visits;
    int few;
    int tested;
    double rate, lift, low, high, p; /* where tested */
} oracle_row;

/* Rows of a graph, in no order; `room` at least as many as there can be.  Reads conversion, error,
 * custom, as_of, horizon, session_gap, ping_pong_span, loop_visits and min_group of the options;
 * all signals, benchmark peers. */
size_t friction_oracle(const sj_graph *graph, const sj_friction_options *options, oracle_row *rows,
                       size_t room);

#endif
