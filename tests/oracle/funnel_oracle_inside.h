/* What the files of the exhaustive search share: an attempt is a list of fills (step, event) in the
 * order of filling. */
#ifndef FUNNEL_ORACLE_INSIDE_H
#define FUNNEL_ORACLE_INSIDE_H

#include "oracle/funnel_oracle.h"

typedef struct oracle_attempt {
    size_t part; /* of the journey: the one it lives in */
    size_t n;
    unsigned char steps[ORACLE_STEPS], events[ORACLE_STEPS], levels[ORACLE_STEPS];
} oracle_attempt;

/* Attempts that compete for one unit; those of best are all as long. */
typedef struct oracle_pool {
    oracle_attempt *attempts;
    size_t n, room;
} oracle_pool;

typedef struct oracle_search {
    const funnel_oracle_question *question;
    const funnel_oracle_event *events;
    size_t n_events; /* that are seen: none is later than as_of */
    size_t session[ORACLE_EVENTS];
    size_t part[ORACLE_EVENTS]; /* SIZE_MAX: none */
    size_t n_parts;
    size_t
        cut[ORACLE_EVENTS]; /* by part: the event that ends it (violation stop); SIZE_MAX: none */
    size_t visited;         /* attempts looked at */
    oracle_pool pool;
} oracle_search;

/* A step that may be filled next, and the level that it would give. */
typedef struct oracle_choice {
    size_t n;
    size_t steps[ORACLE_STEPS], levels[ORACLE_STEPS];
} oracle_choice;

/* How an attempt ended. */
enum { ORACLE_GOES_ON, ORACLE_REMOVED, ORACLE_EXCLUDED, ORACLE_BROKEN };

typedef struct oracle_fate {
    const char *reason; /* of a removed one: excluded */
    int ending;
    size_t by;   /* the event that ended it before its limit */
    int goes_on; /* neither ended nor at its limit: open, or without limit */
} oracle_fate;

/* ---- times and positions (attempt) ---- */

/* later - earlier, 0 where they are the other way round. */
uint64_t oracle_since(int64_t later, int64_t earlier);
/* Is event a before b, by time or with tie input by row? */
int oracle_before(const oracle_search *search, size_t a, size_t b);
/* Is the event one of this part, and not cut off? */
int oracle_in_part(const oracle_search *search, size_t part, size_t event);
int oracle_meets(const oracle_search *search, size_t event, size_t step);

/* ---- attempts ---- */

size_t oracle_level(const oracle_attempt *attempt);
size_t oracle_length(const oracle_search *search, const oracle_attempt *attempt);
size_t oracle_last(const oracle_attempt *attempt);
/* The event at which it is complete: the last, with grace the latest. */
size_t oracle_completion(const oracle_search *search, const oracle_attempt *attempt);
void oracle_choices(const oracle_search *search, const oracle_attempt *attempt, oracle_choice *out);
/* May this event fill the step next? */
int oracle_fits(const oracle_search *search, const oracle_attempt *attempt, size_t step,
                size_t event);
/* Does the event end the attempt by this exclusion, when it stands before `until` (SIZE_MAX: the
 * step is not filled)? */
int oracle_is_excluded(const oracle_search *search, const oracle_attempt *attempt, size_t exclusion,
                       size_t event, size_t until);
oracle_attempt oracle_longer(const oracle_attempt *attempt, size_t step, size_t level,
                             size_t event);
/* Is a chosen before b? */
int oracle_better(const oracle_search *search, const oracle_attempt *a, const oracle_attempt *b);
/* Calls for every attempt of a part. */
typedef void (*oracle_visit)(oracle_search *search, const oracle_attempt *attempt, void *user);
void oracle_grow(oracle_search *search, const oracle_attempt *attempt, oracle_visit visit,
                 void *user);
int oracle_is_spent(const oracle_search *search);

/* ---- replays ---- */

/* Puts the replay from the first entry, with each all replays, of a part into the pool. */
void oracle_replay_part(oracle_search *search, size_t part, int each);
void oracle_put(oracle_pool *pool, const oracle_attempt *attempt);

/* ---- fate ---- */

oracle_fate oracle_judge(const oracle_search *search, const oracle_attempt *attempt);
/* Is a time within the attempt's limit? */
int oracle_within(const oracle_search *search, const oracle_attempt *attempt, int64_t time);

#endif
