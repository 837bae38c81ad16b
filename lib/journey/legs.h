/* Visits and legs of one journey (docs/friction.md): what every analysis with an outcome is built
 * on.  A pure function over a decoded journey and a byte of marks per event. */
#ifndef SJ__JOURNEY_LEGS_H
#define SJ__JOURNEY_LEGS_H

#include "journey/graph.h"

/* Marks of an event; other bits are the caller's own. */
enum {
    SJ__MARK_CONVERSION = 1, /* ends its leg, belongs to it, is no visit */
    SJ__MARK_ERROR = 2 /* belongs to the visit before it, is none; a conversion never is one */
};

/* How a leg ends. */
enum {
    SJ__LEG_CONVERTS = 1,
    SJ__LEG_NULL = 2,     /* the customer left: the only exit */
    SJ__LEG_CONTINUES = 3 /* cut by the horizon, and the next event follows within it */
};

#define SJ__NO_LIMIT UINT64_MAX

typedef struct sj__leg_rules {
    uint64_t horizon; /* longest time since the leg's first event, inclusive; SJ__NO_LIMIT: none */
    uint64_t session_gap; /* longest pause inside a leg, inclusive; SJ__NO_LIMIT: any */
    int64_t as_of;        /* later events are not seen */
} sj__leg_rules;

/* Neighbouring events at one touchpoint; errors in between and behind belong to it. */
typedef struct sj__visit {
    int64_t start;       /* of its first event */
    int64_t end;         /* of its last, errors included */
    uint32_t touchpoint; /* number */
    uint32_t leg;
    uint32_t position; /* in its leg, from 1 */
    uint32_t events;   /* without errors */
    uint32_t first;    /* in the decoded journey */
    uint32_t last;     /* likewise, errors included */
} sj__visit;

typedef struct sj__leg {
    int64_t start, end; /* of its first and last event */
    uint32_t first,
        to; /* its events in the decoded journey; of one that converts, the last is the conversion */
    uint32_t visit, visit_to; /* its visits */
    int32_t ending;           /* SJ__LEG_… */
    int32_t open;             /* starts after as_of - horizon: in no rate */
} sj__leg;

/* Room for the legs of one journey after the other. */
typedef struct sj__legs {
    sj_allocator allocator;
    sj__visit *visits;
    sj__leg *legs;
    size_t n_visits, visit_capacity;
    size_t n_legs, leg_capacity;
    size_t n_events; /* of the journey, up to as_of */
} sj__legs;

void sj__legs_init(sj__legs *legs, const sj_allocator *allocator);
void sj__legs_free(sj__legs *legs);

/* Cuts a journey, all of whose events are shown.  `marks`: SJ__MARK_… per event; NULL: none.  A
 * visit is cut where its leg is.  O(events); SJ_ERR_NOMEM. */
sj_status sj__legs_cut(sj__legs *legs, const sj__leg_rules *rules, const sj__journey *journey,
                       const uint8_t *marks, sj_error *error);

/* Whether what was settled at `time` <= as_of is still open: after as_of - horizon.  Never without
 * a horizon. */
int sj__legs_is_open(const sj__leg_rules *rules, int64_t time);

/* 1, 2-3, 4-7, 8-15, 16+ as 0 … 4. */
enum { SJ__POSITION_BUCKETS = 5 };
int32_t sj__position_bucket(uint32_t position);

/* `given` 0: 30 days, or SJ_UNLIMITED where observed_from … as_of is shorter than 60 (*cut, if not
 * NULL, is 1 then). */
int64_t sj__horizon(int64_t given, const sj__graph_facts *facts, int64_t as_of, int *cut);
/* A resolved span (SJ_UNLIMITED, SJ_INSTANT, or microseconds) as a limit; 0 is no limit. */
uint64_t sj__span_limit(int64_t span);

#endif
