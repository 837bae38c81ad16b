/* The general matcher of the funnel: attempt best, steps in order and blocks of steps in any
 * order, with gaps, adjacent and optional steps, ties, exclusions and an entry range
 * (funnel_paths.c, funnel_block.c, funnel_queue.c, funnel_trace.c).  No graph, no conditions. */
#ifndef SJ__ANALYSIS_FUNNEL_PATHS_H
#define SJ__ANALYSIS_FUNNEL_PATHS_H

#include "analysis/funnel_attempt.h"
#include "kernel/assign.h"

/* An attempt as far as it has come.  `last` and `entry` are instants, by the number of their first
 * moment. */
typedef struct sj__funnel_way {
    uint32_t last, entry;
    uint32_t fills; /* steps filled */
    uint32_t node;  /* while tracing: its last fill */
} sj__funnel_way;

/* Ways that may go on to one step.  [head, ripe) are ripe, each worse than the one before; [wait,
 * tail) are not yet, in order of `last`. */
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

/* An instant at which a block can begin, and the best way to it. */
typedef struct sj__funnel_begin {
    sj__funnel_way way;
    uint32_t at;
    uint32_t sole;  /* the only step of the block with an event there; 0: there are several */
    uint32_t known; /* 0: there is none */
    /* While tracing. */
    uint32_t row;   /* of `firsts` */
    uint32_t until; /* the last instant at which the way can begin it */
} sj__funnel_begin;

/* Of all begins up to an instant the best, and the best that has another sole step than that. */
typedef struct sj__funnel_begins {
    uint32_t at;
    sj__funnel_begin best, second;
} sj__funnel_begins;

/* While tracing: the first event of a step at or behind a begin. */
typedef struct sj__funnel_first {
    uint32_t step, at;
} sj__funnel_first;

/* Steps in any order (funnel_block.c).  Arrays have room for its steps, unless said otherwise. */
/* Instants of one step's events. */
typedef struct sj__funnel_rows {
    uint32_t *at;
    size_t n, capacity;
} sj__funnel_rows;

typedef struct sj__funnel_block {
    uint32_t first, last, size; /* steps */
    uint32_t *here;             /* those with an event in the instant at hand, ascending */
    uint32_t n_here;
    uint32_t *before; /* their latest events before it, as an instant + 1; 0: none */
    uint32_t *latest; /* by step from 0: its latest event, likewise */
    uint32_t *recent; /* steps that had an event, the latest first */
    uint32_t n_recent;
    sj__funnel_begins *begins; /* in order of time, where one changes something */
    size_t n_begins, begins_capacity;
    size_t *reach;          /* by n − 1: begins at or before the n-th of `recent` */
    sj__funnel_made begun;  /* the best way to begin in the instant at hand */
    uint32_t *head, n_head; /* steps with which a traced way goes on in the instant at hand */
    /* While tracing, by begin: its rows of `size`, in order of time, and how many are known. */
    sj__funnel_first *firsts;
    uint32_t *n_firsts;
    size_t n_rows, firsts_capacity, rows_capacity;
    sj__funnel_rows *events;          /* by step from 0, with tie input */
    sj__funnel_first *fills, *others; /* those before the last; candidates */
} sj__funnel_block;

/* What a way through a block can do in the instant at hand: `run` steps of it, from level `from`
 * on. */
typedef struct sj__funnel_onward {
    sj__funnel_way way;
    uint32_t from, run;
} sj__funnel_onward;

typedef struct sj__funnel_paths {
    const sj__funnel_path_rules *rules;
    const sj_allocator *allocator;
    const sj__funnel_moment *moments; /* of the part at hand */
    size_t n;
    size_t n_seen;            /* of them before a stop; else all */
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
    sj__funnel_block *blocks;
    uint32_t n_blocks;
    uint32_t *block_of;          /* by step: its block's number + 1; 0: none; n_steps + 1 */
    sj__funnel_block *continued; /* the block inside which the run at hand begins; NULL: none */
    uint32_t begin;              /* the step that attempts begin with */
    int32_t stops; /* an instant that it cannot use, after an entry, ends the journey */
    uint8_t *used; /* not NULL: nothing is ranked, but instants that it can use are marked */
    sj__funnel_exclusion *exclusions; /* of attempts that begin there */
    uint8_t *excludable;              /* by level: an exclusion can end attempts; n_steps + 1 */
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
/* What follows is about attempts that begin with this required step; at first 1. */
void sj__funnel_paths_begin(sj__funnel_paths *paths, uint32_t step);

/* Finds the highest level of these moments (in journey order), and its `ends`: the first, or with
 * exclusions one per instant that completes such an attempt.  O(n) for given steps. */
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
/* What the n events of instant i fill (funnel_runs.c): `made`, `credit`, `kept`. */
sj_status sj__funnel_make(sj__funnel_paths *paths, size_t i, size_t n, sj_error *error);
/* Exclusions with an event in the instant: `active` (funnel_ends.c). */
void sj__funnel_see_exclusions(sj__funnel_paths *paths, size_t i, size_t n);
/* Whether this instant has reached the highest level, and what it does to attempts of that level.
 */
sj_status sj__funnel_rank_ends(sj__funnel_paths *paths, size_t i, sj_error *error);
/* Puts a way into its place, if it is the best there. */
void sj__funnel_offer(const sj__funnel_paths *paths, sj__funnel_made *place, uint32_t stamp,
                      const sj__funnel_made *new);
/* The last step that a run may have begun with and still be let go on from level `to`. */
uint32_t sj__funnel_bar(const sj__funnel_paths *paths, uint32_t to);
/* Steps of the best run from … to in the instant at hand, ascending, into `chosen`; how many. */
uint32_t sj__funnel_choose_run(sj__funnel_paths *paths, uint32_t from, uint32_t to);
/* Whether the run may fill `step` inside the instant. */
int sj__funnel_is_usable(const sj__funnel_paths *paths, uint32_t step, uint32_t from);
/* Empties all steps of the assignment. */
void sj__funnel_clear_run(sj__funnel_paths *paths);
/* Whether an exclusion at the instant of completion ended an attempt of which the search could not
 * tell. */
sj_status sj__funnel_paths_resolve(sj__funnel_paths *paths, const sj__funnel_moment *moments,
                                   size_t n, sj__funnel_attempt *attempt, sj_error *error);
/* A fill behind those of the way. */
sj_status sj__funnel_add_node(sj__funnel_paths *paths, sj__funnel_way *way, uint32_t at,
                              uint32_t step, sj_error *error);
/* The way traced as `filled`: the lowest rows of each instant, in step order. */
sj_status sj__funnel_trace_fill(sj__funnel_paths *paths, sj_error *error);

/* ---- blocks ---- */

sj_status sj__funnel_blocks_init(sj__funnel_paths *paths, sj_error *error);
void sj__funnel_blocks_free(sj__funnel_paths *paths);
/* A new pass begins. */
void sj__funnel_blocks_clear(sj__funnel_paths *paths);
/* The block of a step; NULL: none. */
static inline sj__funnel_block *sj__funnel_block_of(const sj__funnel_paths *paths, uint32_t step)
{
    return paths->block_of[step] == 0 ? NULL : &paths->blocks[paths->block_of[step] - 1];
}
/* The last step of its block; elsewhere the step itself. */
static inline uint32_t sj__funnel_last_of(const sj__funnel_paths *paths, uint32_t step)
{
    const sj__funnel_block *block = sj__funnel_block_of(paths, step);
    return block == NULL ? step : block->last;
}
/* Takes note of the events of instant i: here[0 … n_here). */
sj_status sj__funnel_block_see(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                               sj_error *error);
/* The best way that began before instant i and can have n steps of the block in it, one at least
 * at i.  1: `out` is filled, 0: there is none; while tracing with the nodes of its earlier
 * fills, and `head`. */
sj_status sj__funnel_block_go_on(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                 uint32_t n, sj__funnel_onward *out, int *found, sj_error *error);
/* The run that began with `from` and has filled `run` steps behind the way `before` comes to the
 * block in instant i. */
sj_status sj__funnel_block_begin(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                 uint32_t from, uint32_t run, const sj__funnel_way *before,
                                 sj_error *error);
/* Instant i is over: exclusions, then what begins there. */
sj_status sj__funnel_blocks_hand_on(sj__funnel_paths *paths, uint32_t i, sj_error *error);
/* While tracing (funnel_block_trace.c): notes the events of instant i, and a begin there. */
sj_status sj__funnel_block_note(sj__funnel_paths *paths, sj__funnel_block *block, uint32_t i,
                                sj_error *error);
sj_status sj__funnel_block_add_row(const sj__funnel_paths *paths, sj__funnel_block *block,
                                   uint32_t i, sj_error *error);
/* The best n fills from a begin to instant i: those before it as nodes of the way, those in it
 * as `head`. */
sj_status sj__funnel_block_trace(sj__funnel_paths *paths, sj__funnel_block *block,
                                 const sj__funnel_begin *begin, uint32_t i, uint32_t n,
                                 sj__funnel_way *way, sj_error *error);
/* Steps of the best run from … to in the instant at hand, where there are blocks, ascending,
 * into `chosen`; how many. */
uint32_t sj__funnel_block_choose(sj__funnel_paths *paths, uint32_t from, uint32_t to);

#endif
