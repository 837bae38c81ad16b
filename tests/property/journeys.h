/* Random journeys for tests of what must hold for all of them: many ties, very unequal lengths, few
 * and many values. */
#ifndef JOURNEYS_H
#define JOURNEYS_H

#include <sojourn.h>

enum { JOURNEYS_TOUCHPOINTS = 12, JOURNEYS_NAMED = 9, JOURNEYS_CHANNELS = 3, JOURNEYS_DEVICES = 3 };

/* The first JOURNEYS_NAMED are those that conditions may name: every shard declares them. */
extern const char *const journeys_touchpoints[JOURNEYS_TOUCHPOINTS];

typedef struct journeys_row {
    uint32_t customer;
    uint32_t touchpoint;
    int64_t time;
    int32_t channel;  /* −1: none */
    int32_t device;   /* −1: none */
    int32_t load;     /* −1: none */
    int32_t in_cents; /* value; INT32_MIN: none */
} journeys_row;

typedef struct journeys {
    uint64_t random; /* state of the generator */
    size_t n_rows, n_customers;
    journeys_row *rows; /* in the order in which customers, then their events came */
} journeys;

uint64_t journeys_random(uint64_t *state);

/* Ends the program with the message where `status` is a failure. */
void journeys_must(sj_status status, const sj_error *error, const char *what);

void journeys_make(journeys *j, uint64_t seed, size_t n_customers, size_t longest);
void journeys_drop(journeys *j);

/* Puts rows in a random order; with `within` 0 each customer's own rows keep their order. */
void journeys_shuffle(journeys *j, int within);

/* Share of events that have another of the same customer at the same time. */
double journeys_tied(const journeys *j);

typedef struct journeys_how {
    int32_t ties;          /* SJ_TIES_… */
    size_t batch;          /* rows to a call; 0: all, 1: sj_builder_add_event */
    const uint8_t *keep;   /* by customer; NULL: all */
    uint64_t declare_seed; /* order in which the touchpoints are declared */
    const sj_allocator *allocator;
} journeys_how;

/* Adds map and rows to a new builder, with both ends of observation given. */
sj_status journeys_builder(const journeys *j, const journeys_how *how, sj_builder **out,
                           sj_error *error);
/* Ends the program on failure. */
sj_graph *journeys_graph(const journeys *j, const journeys_how *how);

#endif
