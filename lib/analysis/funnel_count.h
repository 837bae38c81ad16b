/* One worker's room while a funnel is counted, for funnel_count.c and funnel_figures.c. */
#ifndef SJ__ANALYSIS_FUNNEL_COUNT_H
#define SJ__ANALYSIS_FUNNEL_COUNT_H

#include "analysis/funnel.h"
#include "kernel/calendar.h"

#define SJ__FUNNEL_REASONS_END (SJ__FUNNEL_NONE + 1)
#define FUNNEL_NOT_NAMED (-2)
#define FUNNEL_END (-1) /* no name: nothing came behind */

typedef struct funnel_scratch {
    sj__funnel_reader reader;
    sj__funnel_words words;
    int64_t *levels;    /* n_steps + 1 */
    int64_t *entered;   /* by step at which attempts began; n_steps + 1 */
    int64_t *filled;    /* by step, for the general matcher; n_steps + 1 */
    int64_t *customers; /* by step; n_steps + 1 */
    uint64_t *seen;     /* by step: the last customer counted there, + 1; n_steps + 1 */
    int64_t *reasons;   /* (n_steps + 1) × SJ__FUNNEL_REASONS_END */
    size_t *rows;       /* by step: its row among the filled; n_steps + 1 */
    int32_t *names;     /* by touchpoint: its number in the tally; FUNNEL_NOT_NAMED */
    sj__funnel_values values;
    sj__funnel_groups breakdown, trend;
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
/* Adds a unit (funnel_figures.c). */
sj_status sj__funnel_count_unit(sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit, sj_error *error);

#endif
