/* Replays of the funnel: attempt first and each, steps in order and blocks (funnel_replay.c,
 * funnel_replay_instant.c).  No graph, no conditions. */
#ifndef SJ__ANALYSIS_FUNNEL_REPLAY_H
#define SJ__ANALYSIS_FUNNEL_REPLAY_H

#include "analysis/funnel_attempt.h"
#include "kernel/assign.h"

/* A step that may be filled by an event, behind others of the instant. */
typedef struct sj__funnel_branch {
    uint32_t step, event;
    uint32_t before; /* its number + 1; 0: none */
} sj__funnel_branch;

typedef struct sj__funnel_replay {
    const sj__funnel_path_rules *rules;
    const sj__funnel_moment *moments; /* of the part at hand */
    size_t n;
    /* The attempt under way. */
    uint32_t level; /* 0: there is none */
    uint32_t entry; /* the instants, by their first moments, of its first */
    uint32_t last;  /* and latest fill */
    uint32_t n_fills;
    uint32_t *order;      /* the steps filled; n_steps */
    uint32_t *filled;     /* the finder's; SJ__FUNNEL_NO_MOMENT but for those steps */
    uint32_t previous;    /* the instant before the one at hand */
    sj__assign assign;    /* the events of the instant at hand */
    uint8_t *is_optional; /* by step; n_steps + 1 */
    uint32_t *firsts;     /* steps that the instant can begin with; n_steps */
    uint32_t n_firsts;
    sj__funnel_branch *branches; /* where steps may be left out: ways to fill the instant */
    size_t n_branches, branches_capacity;
} sj__funnel_replay;

/* Fills what the n moments at i, an instant, can fill: an attempt's first steps where none is under
 * way.  How many steps. */
sj_status sj__funnel_replay_fill(sj__funnel_replay *replay, size_t i, size_t n, uint32_t *out,
                                 sj_error *error);

#endif
