/* Transitions from their definition, slowly: every walk and leg is written out, then every pair of
 * its units is looked at.  Public header only; knows nothing of how the library does it. */
#ifndef TRANSITION_ORACLE_H
#define TRANSITION_ORACLE_H

#include <sojourn.h>

enum { TRANSITION_ORACLE_CONVERSIONS = 8, TRANSITION_ORACLE_STAGES = 8 };

typedef struct transition_oracle_question {
    int32_t between; /* SJ_BETWEEN_… */
    int collapse, eventually;
    int has_gap;
    uint64_t gap;
    int64_t as_of;
    int has_horizon; /* of legs */
    uint64_t horizon;
    /* Whether an event ends its leg; NULL: none does. */
    int (*ends)(void *user, const sj_moment *moment);
    /* Whether it meets a micro-conversion, and what that is worth then. */
    int (*meets)(void *user, const sj_moment *moment, size_t conversion, double *worth);
    size_t n_conversions;
    void *user;
} transition_oracle_question;

typedef struct transition_oracle_edge {
    int64_t count, customers;
    double dwell, value; /* sums */
} transition_oracle_edge;

typedef struct transition_oracle_node {
    int64_t events, visits, customers, firsts, entries, exits, settled;
} transition_oracle_node;

typedef struct transition_oracle_dwell {
    size_t from, to;
    int64_t time;
} transition_oracle_dwell;

/* Nodes are numbered as in the graph; with channels, the one behind all others is "none". */
typedef struct transition_oracle {
    size_t n_nodes;                /* outside is number n_nodes */
    transition_oracle_edge *edges; /* (n_nodes + 1)², by from, then to */
    transition_oracle_node *nodes;
    transition_oracle_dwell *dwells; /* one by one */
    size_t n_dwells;
    int64_t stages[TRANSITION_ORACLE_STAGES][TRANSITION_ORACLE_STAGES];
    int64_t stage_customers[TRANSITION_ORACLE_STAGES][TRANSITION_ORACLE_STAGES];
    int64_t reached[TRANSITION_ORACLE_CONVERSIONS], firsts[TRANSITION_ORACLE_CONVERSIONS];
    double value[TRANSITION_ORACLE_CONVERSIONS], time[TRANSITION_ORACLE_CONVERSIONS];
    int64_t legs_open, legs_closed;
} transition_oracle;

void transition_oracle_ask(const sj_graph *graph, const transition_oracle_question *question,
                           transition_oracle *out);
void transition_oracle_drop(transition_oracle *o);
transition_oracle_edge *transition_oracle_edge_of(const transition_oracle *o, size_t from,
                                                  size_t to);

#endif
