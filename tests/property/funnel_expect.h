/* What a funnel's tables have to say, by simple formulas over the units of the exhaustive search,
 * and the comparison with what the library says. */
#ifndef FUNNEL_EXPECT_H
#define FUNNEL_EXPECT_H

#include "property/funnel_world.h"

enum { EXPECT_UNITS = WORLD_CUSTOMERS * WORLD_EVENTS };

/* A world, its graph and the units that it has to have, in the order of the graph. */
typedef struct expect {
    world w;
    sj_graph *graph;
    funnel_oracle_question question;
    size_t n_units, removed;
    funnel_oracle_unit units[EXPECT_UNITS];
    size_t owner[EXPECT_UNITS]; /* by unit: the customer, a number of the world */
    char key[EXPECT_UNITS][24]; /* by unit: of the group at hand, as a breakdown shows it */
    int64_t bucket[EXPECT_UNITS];
} expect;

/* Sums over units for one step. */
typedef struct expect_step {
    int64_t reached, filled, dropped, excluded, open, entered, customers;
    double since_entry, since_previous, value;
} expect_step;

/* Which units count: all, those of a key, or those of a bucket. */
typedef struct expect_group {
    const char *key;       /* NULL: any */
    const int64_t *bucket; /* NULL: any */
} expect_group;

/* Says what the case is; then the test fails. */
void expect_show(const expect *e, size_t unit);
size_t expect_count(const expect *e, expect_group group);
expect_step expect_sum(const expect *e, expect_group group, size_t k);

/* Compares rows [row, row + K) of a table with columns of `steps`. */
void expect_check_steps(const expect *e, expect_group group, const sj_table *table, size_t row);
void expect_check_reasons(const expect *e, const sj_table *table);
void expect_check_next(const expect *e, const sj_table *table);
void expect_check_times(const expect *e, const sj_table *table);
void expect_check_breakdown(expect *e, const sj_table *table);
void expect_check_trend(expect *e, const sj_table *table);
void expect_check_survival(const expect *e, const sj_table *table);
void expect_check_removed(const expect *e, const sj_result *result);
/* The table `levels`, row by row. */
void expect_check_levels(const expect *e, const sj_table *table);

int expect_has(const sj_table *table, const char *column, size_t row);
/* A name as tables show it. */
const char *expect_shown(const char *name, char shown[32]);

#endif
