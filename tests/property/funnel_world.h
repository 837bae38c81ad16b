/* Small random journeys and one random question about them, for tests of funnels: as a graph, as
 * the public options, and as the exhaustive search (oracle/funnel_oracle.h) takes them.  Conditions
 * are judged here, from letters and values. */
#ifndef FUNNEL_WORLD_H
#define FUNNEL_WORLD_H

#include "oracle/funnel_oracle.h"

enum {
    WORLD_STEPS = 6,
    WORLD_CUSTOMERS = 40,
    WORLD_EVENTS = 14,
    WORLD_EXCLUSIONS = 3,
    WORLD_TOUCHPOINTS = 7,
    WORLD_REFUSED = 32, /* tries of making a question that the rules take */
    WORLD_ALL_BUILT = 1 /* other than 0: an option that is not built fails the tests */
};

/* Options that a question can have; the last four units are what is counted. */
enum {
    WORLD_ORDER_ANY,
    WORLD_ORDER_ADJACENT,
    WORLD_GROUP,
    WORLD_ADJACENT,
    WORLD_MIN_GAP,
    WORLD_MAX_GAP,
    WORLD_OPTIONAL,
    WORLD_TIE_INPUT,
    WORLD_TIE_STRICT,
    WORLD_TIE_GRACE,
    WORLD_FIRST,
    WORLD_EACH,
    WORLD_STOP,
    WORLD_REUSE,
    WORLD_BREAK,
    WORLD_REMOVE,
    WORLD_RANGE, /* an exclusion between other steps than the first and the last */
    WORLD_HOLD,
    WORLD_HOLD_TWO,
    WORLD_SESSION_GAP,
    WORLD_ENTRY_FROM,
    WORLD_ENTRY_TO,
    WORLD_AS_OF,
    WORLD_ANYWHERE,
    WORLD_WINDOW,
    WORLD_OF_CUSTOMERS,
    WORLD_OF_ATTEMPTS,
    WORLD_OF_SESSIONS,
    WORLD_OF_VALUES,
    WORLD_BREAKDOWN,
    WORLD_TREND,
    WORLD_SURVIVAL,
    WORLD_COUNTS,
    WORLD_FEATURES
};

typedef struct world_condition {
    const char *text;
    const char *letters; /* touchpoints that can meet it; '(' is the one named "(z" */
    int needs_value;
    double least, below;
    double worth; /* of the micro-conversion; 0: the events' own values */
} world_condition;

typedef struct world_event {
    int64_t time;
    int touchpoint;
    int has_value;
    double value;
    int held; /* -1: neither of the two attributes; else 10 × held + number */
} world_event;

typedef struct world {
    uint64_t state;
    size_t n_customers;
    size_t n_events[WORLD_CUSTOMERS];
    world_event events[WORLD_CUSTOMERS][WORLD_EVENTS]; /* in order of time, then arrival */
    int64_t unit, base, last; /* times are base + small multiples of unit */
    size_t spread, longest;
    const world_condition *conditions[WORLD_STEPS];
    const world_condition *excluded[WORLD_EXCLUSIONS];
    sj_step steps[WORLD_STEPS];
    sj_exclusion exclusions[WORLD_EXCLUSIONS];
    const char *hold[2];
    int64_t entry_from, entry_to, as_of;
    sj_funnel_options options;
    uint64_t alike[WORLD_STEPS];
} world;

uint64_t world_random(world *w);
uint64_t world_below(world *w, uint64_t n);

/* ---- journeys ---- */

const char *world_touchpoint(int touchpoint);
/* Draws journeys that have something to do with the question. */
void world_draw_journeys(world *w, size_t n_customers, size_t longest);
int world_meets(const world_condition *condition, const world_event *event);
/* A customer's events as the oracle takes them; how many. */
size_t world_journey(const world *w, size_t customer, funnel_oracle_event *out);
/* Key of a customer. */
void world_key(size_t customer, char key[24]);
/* "u1": the value held by both attributes together, which is the event's channel too. */
void world_channel(int held, char channel[3]);
/* Country of a customer, an attribute of customers; NULL: none. */
const char *world_country(size_t customer);
/* A row of the input: an event of a customer. */
typedef struct world_row {
    size_t customer, event;
} world_row;

/* How a graph is made of a world. */
typedef struct world_build {
    int32_t ties;          /* SJ_TIES_… */
    const world_row *rows; /* in the order of arrival; NULL: all, customer by customer */
    size_t n_rows;
    const char *prefix; /* of the touchpoints' names; NULL: none */
} world_build;

enum { WORLD_ROWS = WORLD_CUSTOMERS * WORLD_EVENTS };

/* All rows, customer by customer; how many. */
size_t world_rows(const world *w, world_row rows[WORLD_ROWS]);
/* A graph, observed from the earliest possible time until w->last. */
sj_graph *world_graph_of(const world *w, const world_build *how);
sj_graph *world_graph(const world *w);

/* ---- questions ---- */

const char *world_feature(int feature);
/* Draws a question with (bits) these features, as far as they go together; `rich`: with others too,
 * where they are allowed. */
void world_draw_question(world *w, uint64_t features, uint64_t allowed, int rich);
/* Draws a question with these features whether they go together or not. */
void world_draw_any_question(world *w, uint64_t features);
/* The features that the options have. */
uint64_t world_features(const world *w);
/* Why the rules refuse the question; NULL: they do not. */
const char *world_refusal(const world *w);
/* The features that the library has; the others are named on standard output. */
uint64_t world_built(void);
/* Says question and journey on standard error. */
void world_show(const world *w, size_t customer);
/* A case as the reference takes it: an object of JSON, without its end. */
void world_print_case(const world *w, size_t customer);

#endif
