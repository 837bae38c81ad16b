/* The funnel by exhaustive search: every attempt of one customer is tried and the best is taken;
 * replays go instant by instant and try everything within one.  Written for clarity, exponential on
 * purpose, public header only; knows nothing of how the library does it.  A journey is an array of
 * events that say which steps and exclusions they meet. */
#ifndef FUNNEL_ORACLE_H
#define FUNNEL_ORACLE_H

#include <sojourn.h>

enum { ORACLE_STEPS = 40, ORACLE_EXCLUSIONS = 8, ORACLE_EVENTS = 64 };

/* One event; a journey is in order of time, then of rows. */
typedef struct funnel_oracle_event {
    int64_t time;
    uint64_t steps;      /* bit k - 1: it meets step k */
    uint32_t exclusions; /* bit x: it meets exclusion x */
    int held;            /* -1: it has no held value */
} funnel_oracle_event;

/* A question with everything resolved (funnel_oracle_ask makes it of the public options). */
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
    int64_t group[ORACLE_STEPS + 1]; /* with order any all are 1 */
    int tie;                         /* SJ_TIE_… */
    uint64_t grace;                  /* 0 unless tie is grace */
    int attempt;                     /* SJ_ATTEMPT_… */
    int stop;                        /* violation */
    size_t n_exclusions;
    size_t from[ORACLE_EXCLUSIONS], to[ORACLE_EXCLUSIONS];
    int removes[ORACLE_EXCLUSIONS];
    int has_session_gap;
    uint64_t session_gap;
    int has_entry_from, has_entry_to;
    int64_t entry_from, entry_to;
    int holds; /* the journey is split by events' held values */
    int unit;  /* SJ_UNIT_… */
    int enter_anywhere;
    size_t budget; /* attempts that may be looked at; 0: no limit */
} funnel_oracle_question;

typedef struct funnel_oracle_unit {
    size_t level;
    size_t entered;           /* level of the entry: 1, but in open funnels */
    int filled[ORACLE_STEPS]; /* by step from 0 */
    int64_t times[ORACLE_STEPS];
    size_t events[ORACLE_STEPS];
    /* By level from 1: the event whose fill gave it, its step (which in a block need not be the
     * step of that number), and the event that was filled before. */
    int gave[ORACLE_STEPS + 1];
    size_t by_level[ORACLE_STEPS + 1], step[ORACLE_STEPS + 1], before[ORACLE_STEPS + 1];
    uint64_t part;             /* bit e: event e is in the same part of the journey */
    int64_t entry, completion; /* times of both ends */
    const char *reason;
    int dropped;
    int goes_on; /* not converted, and could still be: for survival */
    int held;    /* the value; -1: none */
    size_t next; /* event that came next; SIZE_MAX: the journey ended */
} funnel_oracle_unit;

/* The units of a journey, by session, within it by the first event of their value, within that by
 * time, into out[0 … ORACLE_EVENTS); how many, or SIZE_MAX where the budget is spent.  Those that
 * an exclusion removes are counted in *removed and not given. */
size_t funnel_oracle(const funnel_oracle_event *events, size_t n_events,
                     const funnel_oracle_question *question, funnel_oracle_unit *out,
                     size_t *removed);

/* The public options as a question; `as_of` is the graph's end of observation. */
void funnel_oracle_ask(const sj_funnel_options *options, int64_t as_of,
                       funnel_oracle_question *out);

/* Why the rules refuse these options, which are well-formed as C structs; NULL: they do not.
 * `alike[i]`: bit j: one event can meet steps i + 1 and j + 1. */
const char *funnel_oracle_refuses(const sj_funnel_options *options, const uint64_t *alike);

/* Level by the scans that the two strict presets are (`dedup` other than 0: strict_dedup); 0: never
 * entered. */
size_t funnel_oracle_scan(const funnel_oracle_event *events, size_t n_events, size_t n_steps,
                          uint64_t window, int dedup);

#endif
