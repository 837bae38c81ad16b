/* What the files of the transitions share: the question (options made ready for one graph), one
 * worker's counts, the tally's shape, and a tally read back. */
#ifndef SJ__ANALYSIS_TRANSITION_H
#define SJ__ANALYSIS_TRANSITION_H

#include <sojourn/transition.h>

#include "analysis/table.h"
#include "analysis/transition_cells.h"
#include "journey/legs.h"
#include "journey/marks.h"
#include "base/sort.h"
#include "kernel/stats.h"
#include "tally/plan.h"
#include "tally/result.h"

extern const sj__struct sj__transition_options_struct;

#define SJ__TRANSITION_ALL (SJ_FIGURE_TIMES | SJ_FIGURE_VALUES)

/* Ledgers, in this order; keys are of names. */
enum {
    SJ__TRANSITION_EDGES = 0,       /* from, to: count, customers; dwell, value; dwell */
    SJ__TRANSITION_NODES = 1,       /* node: SJ__NODE_… */
    SJ__TRANSITION_STAGES = 2,      /* kind, from, to: count, customers */
    SJ__TRANSITION_CONVERSIONS = 3, /* micro-conversion: reached, first; value; time to the first */
    SJ__TRANSITION_LEGS = 4,        /* closed or open: legs */
    SJ__TRANSITION_LEDGERS = 5
};

/* Parts of a key that are no name. */
enum {
    SJ__TRANSITION_OUTSIDE = -1, /* (start) before the arrow, (end) behind it */
    SJ__TRANSITION_NONE = -2     /* no channel */
};

/* Counts of a node. */
enum {
    SJ__NODE_EVENTS = 0,
    SJ__NODE_VISITS = 1,
    SJ__NODE_CUSTOMERS = 2,
    SJ__NODE_FIRSTS = 3, /* visits that are the first there of their walk */
    SJ__NODE_ENTRIES = 4,
    SJ__NODE_EXITS = 5,
    SJ__NODE_SETTLED = 6, /* with `eventually`: events (or visits) in legs that are not open */
    SJ__NODE_COUNTS = 7
};

/* Ways of a stage after a stage; the numbers are in tallies. */
enum { SJ__FLOW_FORWARD = 1, SJ__FLOW_BACKWARD = 2, SJ__FLOW_SKIP = 3, SJ__FLOW_STAY = 4 };

enum { SJ__TRANSITION_CLOSED = 1, SJ__TRANSITION_OPEN = 2 };

/* ---- the question (transition_options.c) ---- */

typedef struct sj__transition {
    sj_allocator allocator;
    int32_t between; /* SJ_BETWEEN_… */
    int32_t collapse, eventually;
    int64_t figures;     /* SJ_FIGURE_… bits, resolved */
    int32_t cut;         /* there are events after as_of */
    int32_t has_marks;   /* a conversion ends legs */
    sj__leg_rules rules; /* as_of, horizon, session gap */
    sj__marks marks;
    uint32_t n_touchpoints;
    uint32_t n_nodes; /* touchpoints; stages; channels and one for none */
    uint32_t n_stages;
    int32_t dense;              /* nodes are few enough for a matrix */
    uint32_t n_conversions;     /* micro-conversions */
    sj__condition **conditions; /* of them */
    uint64_t *first;            /* by touchpoint: where its hits begin; n_touchpoints + 1 */
    uint32_t *hits;             /* micro-conversions that an event of it meets, or may meet */
    uint8_t *look;              /* by hit: the condition must be asked about the event */
    uint64_t n_hits;
} sj__transition;

/* Options checked and resolved: what is neutral is 0. */
sj_status sj__transition_options_resolve(const sj_graph *graph, const sj_transition_options *given,
                                         sj_transition_options *out, int64_t *as_of,
                                         sj_error *error);
sj_status sj__transition_new(const sj_graph *graph, const sj_transition_options *options,
                             sj__transition **out, sj_error *error);
void sj__transition_free(void *question, const sj_allocator *allocator);
/* Lines of the tally's text. */
void sj__transition_write(const sj__transition *transition, const sj_transition_options *options,
                          sj__text *text);

/* ---- one worker's counts (transition_count.c, transition_range.c) ---- */

typedef struct sj__transition_node {
    int64_t counts[SJ__NODE_COUNTS];
    uint64_t walk;   /* the last walk that was here */
    uint32_t last;   /* in the leg being read: where its last unit is */
    uint32_t before; /* in the leg being read: units of it so far */
} sj__transition_node;

/* A node's customers, apart because they are counted with every event. */
typedef struct sj__transition_seen {
    uint32_t stamp; /* the last customer that was here + 1 */
    uint32_t customers;
} sj__transition_seen;

/* An event that is counted, or a visit. */
typedef struct sj__transition_unit {
    uint32_t node;
    uint32_t event; /* its first, in the journey */
} sj__transition_unit;

typedef struct sj__transition_counts {
    const sj__transition *question;
    const sj_graph *graph;
    sj_allocator allocator;
    sj__transition_cells edges;
    sj__transition_cells stages;
    sj__transition_node *nodes; /* n_nodes */
    sj__transition_seen *seen;  /* likewise */
    uint64_t walks;             /* so far */
    int64_t legs[3];            /* by SJ__TRANSITION_CLOSED, _OPEN */
    int64_t *reached, *firsts;  /* by micro-conversion */
    sj__i128 *value;            /* likewise */
    sj__spread *time; /* likewise: from the journey's first event to the first that meets it */
    uint32_t *met;    /* likewise: the last customer + 1 */
    sj__legs cut;
    sj__transition_unit *units; /* of one journey */
    size_t units_capacity;
    uint32_t *distinct; /* nodes of one leg */
    size_t distinct_capacity;
    uint8_t *begins; /* of one journey: 1 where a walk begins */
    size_t begins_capacity;
    uint8_t *marked; /* likewise: SJ__MARK_… */
    size_t marked_capacity;
    int32_t ranged; /* node counts are still to be taken from the edges */
} sj__transition_counts;

/* After a failure it must be freed too. */
sj_status sj__transition_counts_init(sj__transition_counts *counts, const sj__transition *question,
                                     const sj_graph *graph, const sj_allocator *allocator,
                                     sj_error *error);
void sj__transition_counts_free(sj__transition_counts *counts);
/* Counts a customer, all of whose events are shown. */
sj_status sj__transition_count(sj__transition_counts *counts, const sj__journey *journey,
                               sj_error *error);
/* Counts all customers of a range from the packed arrays; only where `dense` and nothing cuts,
 * hides or collapses. */
sj_status sj__transition_range(sj__transition_counts *counts, const sj__packed *packed,
                               sj_error *error);
/* What is counted of one customer beside transitions: codes[0 … n) are its events' touchpoints from
 * event `base` on; `begins` NULL: one walk. */
sj_status sj__transition_count_stages(sj__transition_counts *counts, uint64_t customer,
                                      const void *codes, int32_t width, size_t n,
                                      const uint8_t *begins, sj_error *error);
sj_status sj__transition_count_conversions(sj__transition_counts *counts, uint64_t customer,
                                           uint64_t base, const void *codes, int32_t width,
                                           size_t n, sj_error *error);
/* Moves everything into the tally, once. */
sj_status sj__transition_settle(sj__transition_counts *counts, sj_tally *tally, sj_error *error);

/* ---- conclusions ---- */

/* A tally's text read back, and sums by node (transition_reading.c).  A node is a number of a name,
 * or behind all names OUTSIDE, then NONE. */
typedef struct sj__transition_reading {
    sj_allocator allocator;
    const sj_tally *tally;
    sj_transition_options options; /* scalar fields; figures and between resolved */
    const char *as_of;             /* as the text has it, within the tally; NULL: none */
    size_t as_of_size;
    const char *conversion; /* likewise */
    size_t conversion_size;
    int32_t has_stages, has_conversions; /* in the map */
    size_t n_nodes;
    int64_t *block;
    int64_t *out, *in; /* by node: transitions that leave it, that reach it */
    int64_t *base;     /* by node: what share_out is a share of */
} sj__transition_reading;

/* SJ_ERR_FORMAT where the tally holds what no scan can have counted; nothing is left behind then.
 */
sj_status sj__transition_reading_init(sj__transition_reading *reading, const sj_tally *tally,
                                      sj_error *error);
void sj__transition_reading_free(sj__transition_reading *reading);
size_t sj__transition_node_of(const sj__transition_reading *reading, int32_t part);
/* Rows of a ledger by the count `by`, descending, then by the names in parts `skip` … of their
 * keys; `rows` has room for all of them. */
sj_status sj__transition_order(const sj__transition_reading *reading, size_t ledger, size_t by,
                               size_t skip, sj__pair *rows, sj_error *error);
/* What a part of a key is called: before the arrow `is_from` is 1. */
void sj__transition_name(const sj_tally *tally, int32_t part, int is_from, sj__text *text);
/* The same as it stands, not as tables show it. */
const char *sj__transition_raw(const sj_tally *tally, int32_t part, int is_from, size_t *n);

/* Table `notes` (transition_notes.c). */
sj_status sj__transition_notes(const sj__transition_reading *reading, sj_result *result,
                               int compared, sj_error *error);

/* Table `compare` (transition_compare.c): `reading` minus the baseline. */
sj_status sj__transition_compare(const sj__transition_reading *reading, const sj_tally *baseline,
                                 sj_result *result, sj_error *error);

#endif
