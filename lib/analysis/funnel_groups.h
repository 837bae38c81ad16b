/* How units are told apart beyond the total: by a value (breakdown), by the time of entry (trend).
 * The question's part, and one worker's room while it counts.  No matcher in here: a unit comes as
 * numbers. */
#ifndef SJ__ANALYSIS_FUNNEL_GROUPS_H
#define SJ__ANALYSIS_FUNNEL_GROUPS_H

#include <sojourn/funnel.h>

#include "journey/graph.h"
#include "tally/tally.h"

/* Counts of a row of a group: one step. */
enum {
    SJ__GROUP_FILLED = 0,
    SJ__GROUP_LEVEL = 1,   /* came just so far */
    SJ__GROUP_DROPPED = 2, /* of these, by reason */
    SJ__GROUP_EXCLUDED = 3,
    SJ__GROUP_OPEN = 4,
    SJ__GROUP_ENTERED = 5,   /* began there; not counted at step 1 */
    SJ__GROUP_CUSTOMERS = 6, /* with a unit there, where units are others */
    SJ__GROUP_COUNTS = 7
};

/* The name of the group (none): there is no value, or the step was not filled. */
enum { SJ__GROUP_NONE = -1 };

/* Rows of the ledger for survival. */
enum { SJ__SURVIVAL_CONVERTED = 1, SJ__SURVIVAL_CENSORED = 2 };

/* A bucket of the trend as two parts of a key, in its order, and back. */
static inline void sj__funnel_bucket_parts(int64_t bucket, int32_t *parts)
{
    const int64_t low = bucket % 65536 + (bucket % 65536 < 0 ? 65536 : 0);
    parts[0] = (int32_t)((bucket - low) / 65536);
    parts[1] = (int32_t)low;
}
static inline int64_t sj__funnel_bucket_of(const int32_t *parts)
{
    return (int64_t)parts[0] * 65536 + parts[1];
}

/* ---- what a breakdown asks (funnel_breakdown.c) ---- */

enum { SJ__BREAKDOWN_CHANNEL = 1, SJ__BREAKDOWN_STAGE = 2, SJ__BREAKDOWN_ATTRIBUTE = 3 };

typedef struct sj__funnel_breakdown {
    int32_t kind; /* SJ__BREAKDOWN_…; 0: none is asked for */
    int32_t at;   /* SJ_AT_… */
    uint32_t step;
    uint32_t attribute;
    int32_t of_customers;
    sj__text name; /* as the tally's text says it */
} sj__funnel_breakdown;

/* Resolves a breakdown; `out` must be freed whatever comes.  SJ_ERR_NAME, SJ_ERR_OPTIONS. */
sj_status sj__funnel_breakdown_load(sj__funnel_breakdown *out, const sj__map *map,
                                    const sj_funnel_options *options, const sj_allocator *allocator,
                                    sj_error *error);
void sj__funnel_breakdown_free(sj__funnel_breakdown *breakdown);

/* ---- one worker's room ---- */

#define SJ__VALUE_CACHE 1024

/* Values seen, by name (funnel_values.c). */
typedef struct sj__funnel_values {
    const sj__funnel_breakdown *breakdown;
    const sj_graph *graph;
    sj_tally *tally;
    sj_allocator allocator;
    int32_t *names; /* by number of a channel, stage or category: its name in the tally */
    size_t n_names;
    uint64_t *words; /* numbers: SJ__VALUE_CACHE last seen ones, and their names */
    int32_t *word_names;
    sj__text text;
} sj__funnel_values;

sj_status sj__funnel_values_init(sj__funnel_values *values, const sj__funnel_breakdown *breakdown,
                                 const sj_graph *graph, sj_tally *tally,
                                 const sj_allocator *allocator, sj_error *error);
void sj__funnel_values_free(sj__funnel_values *values);
/* The value of an event, as a name of the tally or SJ__GROUP_NONE. */
sj_status sj__funnel_value(sj__funnel_values *values, uint64_t customer, uint64_t event,
                           int32_t *name, sj_error *error);

/* Rows of a ledger of groups (funnel_groups.c). */
typedef struct sj__funnel_groups {
    sj__ledger *ledger; /* NULL: not asked for */
    sj_allocator allocator;
    uint32_t n_steps;
    size_t n_slots;
    int64_t *keys;  /* by slot: the group it stands for */
    uint32_t *rows; /* by slot and step from 1: its row + 1; 0: not known */
    size_t *row;    /* by step: rows of the unit at hand; n_steps + 1 */
    uint64_t *seen; /* by row: the last customer counted in it, + 1 */
    size_t seen_capacity;
} sj__funnel_groups;

/* What a unit is to a group. */
typedef struct sj__funnel_member {
    uint32_t entered, level;
    size_t reason;         /* SJ__GROUP_DROPPED, _EXCLUDED, _OPEN; 0: none of them, or not asked */
    uint64_t customer;     /* + 1 where customers are counted; 0: they are not */
    const uint32_t *empty; /* by step: `none` where it was left out; NULL: none was */
    uint32_t none;
} sj__funnel_member;

sj_status sj__funnel_groups_init(sj__funnel_groups *groups, sj__ledger *ledger, uint32_t n_steps,
                                 const sj_allocator *allocator, sj_error *error);
void sj__funnel_groups_free(sj__funnel_groups *groups);
/* Counts a unit in a group: `key` is the group as a number, key_parts[0 … n) are its parts in the
 * ledger with room for the step behind them.  Leaves the rows of its steps in groups->row. */
sj_status sj__funnel_groups_add(sj__funnel_groups *groups, int64_t key, int32_t *key_parts,
                                size_t n, const sj__funnel_member *member, sj_error *error);

#endif
