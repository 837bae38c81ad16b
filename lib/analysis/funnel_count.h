/* One worker's room while a funnel is counted, for funnel_count.c and funnel_figures.c. */
#ifndef SJ__ANALYSIS_FUNNEL_COUNT_H
#define SJ__ANALYSIS_FUNNEL_COUNT_H

#include "analysis/funnel.h"
#include "kernel/calendar.h"

#define SJ__FUNNEL_REASONS_END (SJ__FUNNEL_NONE + 1)

/* What the dropped did next, by level and touchpoint (funnel_next.c). */
typedef struct funnel_next {
    int64_t *counts; /* by level, then touchpoint; the last stands for the end */
    size_t n_counts; /* 0: too many, they are counted in the ledger at once */
} funnel_next;

/* Where figures of steps go: the total, and the groups of the unit at hand. */
typedef struct funnel_target {
    sj__ledger *ledger;
    const size_t *row; /* by step */
} funnel_target;

#define FUNNEL_TARGETS 3

typedef struct funnel_scratch {
    sj__funnel_reader reader;
    sj__funnel_door door;
    int64_t *levels;    /* n_steps + 1 */
    int64_t *entered;   /* by step at which attempts began; n_steps + 1 */
    int64_t *filled;    /* by step, for the general matcher; n_steps + 1 */
    int64_t *customers; /* by step; n_steps + 1 */
    uint64_t *seen;     /* by step: the last customer counted there, + 1; n_steps + 1 */
    int64_t *reasons;   /* (n_steps + 1) × SJ__FUNNEL_REASONS_END */
    size_t *rows;       /* by step: its row among the filled; n_steps + 1 */
    funnel_next next;
    sj__funnel_values values;
    sj__funnel_groups breakdown, trend;
    funnel_target targets[FUNNEL_TARGETS];
    size_t n_targets;
    uint64_t value_customer; /* + 1: whose first or last value `value` is; 0: nobody's */
    uint32_t value_part;     /* in which of its parts */
    int32_t value;
} funnel_scratch;

sj_status sj__funnel_count_begin(sj__counting *counting, sj_error *error);
sj_status sj__funnel_count_visit(sj__counting *counting, const sj__journey *journey,
                                 sj_error *error);
sj_status sj__funnel_count_range(sj__counting *counting, const sj__packed *packed, uint64_t *left,
                                 sj_error *error);
sj_status sj__funnel_count_end(sj__counting *counting, sj_error *error);
void sj__funnel_count_drop(sj__counting *counting);

/* What these options ask of a unit: SJ__FUNNEL_TRACED, SJ__FUNNEL_REASONED. */
int sj__funnel_asks(const sj__funnel *funnel);
/* Whether `filled` then says which steps a unit left out; a scan knows the entry alone, and leaves
 * out none. */
int sj__funnel_tells_left_out(const sj__funnel *funnel);
/* Adds a unit (funnel_figures.c). */
sj_status sj__funnel_count_unit(sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit, sj_error *error);

/* The moment that fills a row of the unit, which is a step or, in a block, a count; NULL: it was
 * left out, or not reached. */
static inline const sj__funnel_moment *sj__funnel_filling(const sj__funnel_unit *unit, uint32_t k)
{
    return unit->ranked[k] == SJ__FUNNEL_NO_MOMENT ? NULL : &unit->moments[unit->ranked[k]];
}

sj_status sj__funnel_next_begin(sj__counting *counting, sj_error *error);
/* A unit that was dropped. */
sj_status sj__funnel_next_count(sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit, sj_error *error);
sj_status sj__funnel_next_end(sj__counting *counting, sj_error *error);
void sj__funnel_next_drop(sj__counting *counting);

#endif
