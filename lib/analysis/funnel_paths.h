/* The general matcher of the funnel: attempt best and steps in order, with gaps, adjacent and optional steps, ties, exclusions and an entry
 * range (funnel_paths.c, funnel_queue.c, funnel_trace.c).  No graph, no conditions. */
#ifndef SJ__ANALYSIS_FUNNEL_PATHS_H
#define SJ__ANALYSIS_FUNNEL_PATHS_H

#include "analysis/funnel_attempt.h"
#include "kernel/assign.h"

/* An attempt as far as it has come.  `last` and `entry` are instants, by the number of their first moment. */
typedef struct sj__funnel_way {
    uint32_t last, entry;
    uint32_t fills; /* steps filled */
    uint32_t node;  /* while tracing: its last fill */
} sj__funnel_way;

/* Ways that may go on to one step.  [head, ripe) are ripe, each worse than the one before; [wait, tail) are not yet, in order of
 * `last`. */
typedef struct sj__funnel_queue {
    sj__funnel_way *ways;
    size_t capacity, head, ripe, wait, tail;
} sj__funnel_queue;

/* A fill, while tracing. */
typedef struct sj__funnel_node {
    uint32_t before; /* its number + 1; 0: this is the entry */
    uint32_t at;     /* instant */
    uint32_t step;
} sj__funnel_node;

/* The best way to one level inside the instant at hand. */
typedef struct sj__funnel_made {
    sj__funnel_way way;
    uint32_t stamp;  /* the instant + 1 */
    uint32_t from;   /* the first step that it fills in the instant */
    uint32_t run;    /* so many */
    uint32_t unsure; /* another one is as good as far as this pass can see */
} sj__funnel_made;

typedef struct sj__funnel_paths {
    const sj__funnel_path_rules *rules;
    const sj_allocator *allocator;
    const sj__funnel_moment *moments; /* of the part at hand */
    size_t n;
    sj__funnel_queue *queues; /* by step; n_steps + 1 */
    sj__funnel_made *credit;  /* by level: what was reached in the instant */
    sj__funnel_made *kept;    /* by level: what may go on from it */
    uint32_t *made;           /* levels of the instant; n_steps */
    uint32_t n_made;
    uint32_t *chosen;     /* steps of a run; n_steps */
    uint32_t *reached;    /* levels that runs reach from one step, and */
    uint32_t *runs;       /* how many steps each fills */
    uint8_t *is_optional; /* by step; n_steps + 1 */
    uint32_t *active;     /* exclusions with an event in the instant; n_exclusions */
    uint8_t *is_active;   /* by exclusion */
    uint32_t n_active;
    uint32_t previous; /* the instant before */
    sj__assign assign;
    /* What a search finds. */
    uint32_t level; /* 0: never entered */
    sj__funnel_attempt *ends;
    size_t n_ends, ends_capacity, first_open;
    /* What a trace is about, and finds. */
    int32_t tracing;
    sj__funnel_attempt traced;
    sj__funnel_node *nodes;
    size_t n_nodes, nodes_capacity;
    uint32_t *filled; /* by step: the moment that fills it; SJ__FUNNEL_NO_MOMENT: none does */
} sj__funnel_paths;

/* `rules` and `allocator` must outlive it. */
sj_status sj__funnel_paths_init(sj__funnel_paths *paths, const sj__funnel_path_rules *rules,
                                const sj_allocator *allocator, sj_error *error);
void sj__funnel_paths_free(sj__funnel_paths *paths);

/* Finds the highest level of these moments (in journey order), and its `ends`: the first, or with exclusions one per
 * instant that completes such an attempt.  O(n) for given steps. */
sj_status sj__funnel_paths_find(sj__funnel_paths *paths, const sj__funnel_moment *moments, size_t n,
                                sj_error *error);
/* Which moment fills which step of the attempt `end` of this level. */
sj_status sj__funnel_paths_trace(sj__funnel_paths *paths, const sj__funnel_moment *moments,
                                 size_t n, uint32_t level, const sj__funnel_attempt *end,
                                 sj_error *error);

/* ---- shared by its files ---- */

/* 1 where way a is better than b (both at one level, or about to go on to one step). */
int sj__funnel_is_better(const sj__funnel_paths *paths, const sj__funnel_way *a,
                         const sj__funnel_way *b);
/* The best way that may go on to `step` at moment i; NULL: none. */
const sj__funnel_way *sj__funnel_queue_best(sj__funnel_paths *paths, uint32_t step, size_t i);
sj_status sj__funnel_queue_push(sj__funnel_paths *paths, uint32_t step, const sj__funnel_way *way,
                                sj_error *error);
/* Steps of the best run from … to in the instant at hand, ascending, into `chosen`; how many. */
uint32_t sj__funnel_choose_run(sj__funnel_paths *paths, uint32_t from, uint32_t to);
/* Whether the run may fill `step` inside the instant. */
int sj__funnel_is_usable(const sj__funnel_paths *paths, uint32_t step, uint32_t from);
/* Empties all steps of the assignment. */
void sj__funnel_clear_run(sj__funnel_paths *paths);
/* Whether an exclusion at the instant of completion ended an attempt of which the search could not tell. */
sj_status sj__funnel_paths_resolve(sj__funnel_paths *paths, const sj__funnel_moment *moments,
                                   size_t n, sj__funnel_attempt *attempt, sj_error *error);
/* The way traced as `filled`: the lowest rows of each instant, in step order. */
sj_status sj__funnel_trace_fill(sj__funnel_paths *paths, sj_error *error);

#endif
