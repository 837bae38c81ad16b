/* Published cases of funnels, a line of JSON each: read, and made a graph, the public options and a
 * journey for the exhaustive search. Each event has a touchpoint of its own; a step is the list of
 * those that match it. */
#ifndef TESTS_DATA_CASES_H
#define TESTS_DATA_CASES_H

#include <zlib.h>

#include "oracle/funnel_oracle.h"

/* ---- lines of JSON ---- */

typedef struct cases_node {
    const char *name; /* in an object */
    char type;        /* { [ " 0 (number) t f n */
    const char *text;
    int64_t number;
    struct cases_node *first, *next;
} cases_node;

/* A file of $SOJOURN_DATA, or of ../shared/data beside the project; where it is absent the test is
 * skipped. */
gzFile cases_open(const char *name);
/* The next line; NULL at the end.  It lives until the one after. */
const cases_node *cases_next(gzFile file);
const cases_node *cases_get(const cases_node *node, const char *name);
int64_t cases_number(const cases_node *node, const char *name, int64_t otherwise);

/* ---- cases ---- */

enum { CASES_STEPS = 64, CASES_TEXT = 4000 };

typedef struct cases_case {
    sj_graph *graph; /* only where it was asked for */
    size_t n_events;
    funnel_oracle_event events[ORACLE_EVENTS]; /* in order of time, then arrival */
    char held[ORACLE_EVENTS][24]; /* texts of the held values, which the oracle takes as numbers */
    size_t n_held;
    int64_t last;
    char conditions[CASES_STEPS][CASES_TEXT];
    sj_step steps[CASES_STEPS];
    char barred[ORACLE_EXCLUSIONS][CASES_TEXT];
    sj_exclusion exclusions[ORACLE_EXCLUSIONS];
    const char *hold[1];
    char preset[40];
    sj_funnel_options options;
    int64_t as_of, entry_from, entry_to;
} cases_case;

void cases_make(const cases_node *line, int with_graph, cases_case *c);

#endif
