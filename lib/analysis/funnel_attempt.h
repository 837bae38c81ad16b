/* What the ways to find attempts (methods) share: moments, the rules of a funnel, an attempt, and
 * the table that a method is.  No graph, no conditions.
 *
 * A method looks at one part of a journey (of one session, of one held value) and finds the
 * attempts in it that may speak for a unit; funnel_units.c chooses among them, over all parts of
 * the unit, by the rule that is the same for all methods. */
#ifndef SJ__ANALYSIS_FUNNEL_ATTEMPT_H
#define SJ__ANALYSIS_FUNNEL_ATTEMPT_H

#include "base/alloc.h"
#include "base/time.h"

#define SJ__FUNNEL_NO_MOMENT UINT32_MAX

/* An event that could fill a step.  Steps count from 1; in the general matcher n_steps + 1 + x is
 * exclusion x. */
typedef struct sj__funnel_moment {
    int64_t time;
    const uint32_t *steps; /* ascending */
    uint32_t n_steps;
    uint32_t position; /* in the whole journey, from 0 */
} sj__funnel_moment;

/* Rules of one step, and of the level that has filled it last. */
typedef struct sj__funnel_step {
    uint64_t min_gap;    /* 0: none */
    uint64_t max_gap;    /* UINT64_MAX: none */
    uint64_t onward_gap; /* the greatest max_gap of the steps that may come next */
    uint32_t before;     /* the required step before; 0: none */
    uint32_t next;       /* the required step behind: the last that may come next; 0: none */
    int32_t optional, adjacent;
    int32_t onward_adjacent; /* all steps that may come next are adjacent */
    int32_t reserved;
    uint32_t block,
        block_end; /* first and last step of its any-order block; itself outside blocks */
} sj__funnel_step;

typedef struct sj__funnel_exclusion {
    uint32_t from, to;
    int32_t removes;
} sj__funnel_exclusion;

typedef struct sj__funnel_path_rules {
    uint32_t n_steps;
    uint32_t n_exclusions;
    int32_t reuse;        /* an event may fill several steps */
    int32_t by_row;       /* an instant is one event */
    int32_t strict;       /* an instant fills one step of an attempt */
    int32_t any_optional; /* some step is */
    int32_t any_block;    /* some steps come in any order */
    int32_t attempt;      /* SJ_ATTEMPT_… */
    int32_t stop;         /* a breach of adjacency ends the journey */
    int32_t enter_anywhere;
    int32_t has_grace; /* a step may lie up to `grace` before the latest event of its attempt */
    int32_t scan;      /* SJ__FUNNEL_SCAN_…: no attempts, a scan of rows */
    uint64_t grace;    /* 0: at one time only */
    uint64_t window;   /* UINT64_MAX: none */
    int32_t has_entry_from, has_entry_to;
    int64_t entry_from, entry_to; /* the first time, and the first time too late */
    const sj__funnel_step *steps; /* by step from 1; n_steps + 1 */
    const sj__funnel_exclusion *exclusions;
} sj__funnel_path_rules;

/* How an attempt that could go on was ended. */
enum {
    SJ__FUNNEL_GOES_ON = 0,
    SJ__FUNNEL_BARRED = 1,  /* by an exclusion */
    SJ__FUNNEL_REMOVED = 2, /* by one that removes */
    SJ__FUNNEL_BROKEN = 3,  /* by an event before an adjacent step */
    SJ__FUNNEL_PAST = 4     /* its limit passed first */
};

/* An attempt that a method has found, by moments of its part. */
typedef struct sj__funnel_attempt {
    uint32_t level;   /* never 0 */
    uint32_t entered; /* the step it began with: 1 but in open funnels */
    uint32_t entry;   /* a moment of the instant of its first event */
    uint32_t at;      /* likewise of its latest event: the completion */
    uint32_t fills;   /* steps filled */
    uint32_t ended;   /* the instant that ended it, where something did */
    int32_t how;      /* SJ__FUNNEL_BARRED …, as far as `find` knows */
    int32_t unsure;   /* an exclusion at `at` itself may have ended it: `resolve` tells */
    uint64_t number;  /* the method's own */
} sj__funnel_attempt;

static inline uint32_t sj__funnel_length(const sj__funnel_attempt *attempt)
{
    return attempt->level - attempt->entered + 1;
}

typedef struct sj__funnel_method sj__funnel_method;

/* One worker's use of a method. */
typedef struct sj__funnel_finder {
    const sj__funnel_method *method;
    const sj__funnel_path_rules *rules;
    const sj_allocator *allocator;
    void *state;               /* the method's own */
    sj__funnel_attempt *found; /* by `find` */
    size_t n_found, found_capacity;
    size_t n_seen; /* by `find`, of the moments of its part: those before a stop; else all */
    uint32_t *
        filled; /* by `trace`: the moment of each step; SJ__FUNNEL_NO_MOMENT: not filled; n_steps + 1 */
} sj__funnel_finder;

/* A way to find attempts.  Moments are those of one part, in journey order. */
struct sj__funnel_method {
    const char *text; /* for the plan's text */
    sj_status (*init)(sj__funnel_finder *finder, sj_error *error);
    void (*free)(sj__funnel_finder *finder);
    /* Into `found`: attempt best, those of the greatest length, of those completed at one instant
     * the best (all that could be it, where that takes a trace), and only the first such instant if
     * nothing can end an attempt; first and each: the replays in order. */
    sj_status (*find)(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                      sj_error *error);
    /* Into `filled`: which moment fills which step of an attempt found. */
    sj_status (*trace)(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                       const sj__funnel_attempt *attempt, sj_error *error);
    /* Settles `how` and `ended` of an attempt that is unsure.  NULL: none ever is. */
    sj_status (*resolve)(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                         sj__funnel_attempt *attempt, sj_error *error);
};

extern const sj__funnel_method sj__funnel_paths_method;  /* best, steps in order (funnel_paths.c) */
extern const sj__funnel_method sj__funnel_blocks_method; /* the same with blocks (funnel_block.c) */
extern const sj__funnel_method sj__funnel_grace_method;  /* best, tie grace (funnel_grace.c) */
extern const sj__funnel_method sj__funnel_open_method;   /* best, open funnels (funnel_open.c) */
extern const sj__funnel_method sj__funnel_replay_method; /* first, each (funnel_replay.c) */
extern const sj__funnel_method sj__funnel_replay_grace_method; /* with grace */
extern const sj__funnel_method
    sj__funnel_scan_method; /* ClickHouse's strict scans (funnel_scan.c) */

sj_status sj__funnel_finder_init(sj__funnel_finder *finder, const sj__funnel_method *method,
                                 const sj__funnel_path_rules *rules, const sj_allocator *allocator,
                                 sj_error *error);
void sj__funnel_finder_free(sj__funnel_finder *finder);
/* Adds an attempt to `found`. */
sj_status sj__funnel_finder_add(sj__funnel_finder *finder, const sj__funnel_attempt *attempt,
                                sj_error *error);

/* Moments of the instant that begins with moment i. */
size_t sj__funnel_instant(const sj__funnel_path_rules *rules, const sj__funnel_moment *moments,
                          size_t i, size_t n);

/* Steps that may come next after `level`: from … steps[level].next, inside a block those that are
 * not filled. */
static inline uint32_t sj__funnel_next_from(const sj__funnel_path_rules *rules, uint32_t level)
{
    const sj__funnel_step *step = &rules->steps[level];
    return level < step->block_end ? step->block : level + 1;
}
/* `filled` is looked at inside a block only. */
static inline int sj__funnel_is_next(const sj__funnel_path_rules *rules, uint32_t level,
                                     const uint32_t *filled, uint32_t k)
{
    const sj__funnel_step *step = &rules->steps[level];
    return k >= sj__funnel_next_from(rules, level) && k <= step->next &&
           (level >= step->block_end || filled[k] == SJ__FUNNEL_NO_MOMENT);
}

#endif
