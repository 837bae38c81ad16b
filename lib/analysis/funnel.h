/* What the files of the funnel share: the question (options made ready for one graph), the matcher, the tally's shape. */
#ifndef SJ__ANALYSIS_FUNNEL_H
#define SJ__ANALYSIS_FUNNEL_H

#include <sojourn/funnel.h>

#include "journey/condition.h"
#include "kernel/assign.h"
#include "kernel/stats.h"
#include "analysis/table.h"
#include "tally/plan.h"
#include "tally/result.h"

#define SJ__FUNNEL_STEPS 65535 /* most steps and exclusions (docs/abi.md) */
#define SJ__FUNNEL_ALL (SJ_FIGURE_TIMES | SJ_FIGURE_REASONS | SJ_FIGURE_VALUES)

extern const sj__struct sj__step_struct;
extern const sj__struct sj__exclusion_struct;
extern const sj__struct sj__funnel_options_struct;

/* Why a unit stopped, in the order in which results list them; the numbers are in tallies. */
enum {
    SJ__FUNNEL_CONVERTED = 1,
    SJ__FUNNEL_EXCLUDED = 2,
    SJ__FUNNEL_ORDER = 3,
    SJ__FUNNEL_OPEN = 4,
    SJ__FUNNEL_HELD = 5,
    SJ__FUNNEL_WINDOW = 6,
    SJ__FUNNEL_GAP = 7,
    SJ__FUNNEL_NONE = 8
};
/* "converted" …; NULL for a number that is no reason. */
const char *sj__funnel_reason_name(int32_t reason);

static inline int sj__funnel_is_dropped(int32_t reason)
{
    return reason == SJ__FUNNEL_ORDER || reason >= SJ__FUNNEL_HELD;
}

/* Ledgers, in this order. */
enum {
    SJ__FUNNEL_LEVELS = 0, /* level: units */
    SJ__FUNNEL_FILLED = 1, /* step: units, value; since the entry, since the previous filled step */
    SJ__FUNNEL_REASONS = 2, /* level, reason: units */
    SJ__FUNNEL_NEXT = 3,    /* level, touchpoint (no name: the end): units */
    SJ__FUNNEL_LEDGERS = 4
};

/* ---- rules and matcher (funnel_match.c): no graph, no conditions ---- */

typedef struct sj__funnel_rules {
    uint32_t n_steps;
    int32_t reuse;   /* an event may fill several steps */
    uint64_t window; /* UINT64_MAX: none */
} sj__funnel_rules;

/* An event that could fill a step.  Steps count from 1. */
typedef struct sj__funnel_moment {
    int64_t time;
    const uint32_t *steps; /* ascending */
    uint32_t n_steps;
    uint32_t position; /* in the whole journey, from 0 */
} sj__funnel_moment;

/* An attempt that has filled a step: the newest that has. */
typedef struct sj__funnel_pair {
    int64_t last;
    int64_t entry;
} sj__funnel_pair;

/* Steps from … to can all be filled inside one instant. */
typedef struct sj__funnel_run {
    uint32_t from, to;
} sj__funnel_run;

typedef struct sj__funnel_matcher {
    sj__funnel_rules rules;
    const sj_allocator *allocator;
    sj__funnel_pair *pairs; /* by step, n_steps + 1; known for steps up to `level` */
    sj__funnel_run *runs;   /* n_steps; inside one instant */
    uint32_t *filled;       /* by step: the moment that fills it, after a trace */
    sj__assign assign;
    /* The attempt that speaks for the customer. */
    uint32_t level; /* 0: never entered */
    int64_t entry;
    int64_t completion;
    int32_t beyond; /* a later event matches the step behind `level` */
} sj__funnel_matcher;

/* `allocator` must outlive it. */
sj_status sj__funnel_matcher_init(sj__funnel_matcher *matcher, const sj__funnel_rules *rules,
                                  const sj_allocator *allocator, sj_error *error);
void sj__funnel_matcher_free(sj__funnel_matcher *matcher);
/* Finds level, entry and completion of the attempt that speaks for these moments (in journey order, none without steps).  O(n · n_steps). */
sj_status sj__funnel_match(sj__funnel_matcher *matcher, const sj__funnel_moment *moments, size_t n,
                           sj_error *error);
/* After a match with a level above 0: which moment fills which step. */
sj_status sj__funnel_trace(sj__funnel_matcher *matcher, const sj__funnel_moment *moments, size_t n,
                           sj_error *error);

/* ---- the question: options ready for one graph (funnel_options.c) ---- */

typedef struct sj__funnel {
    sj_allocator allocator;
    sj__funnel_rules rules;
    int64_t figures;   /* SJ_FIGURE_… bits, resolved */
    int32_t has_as_of; /* 0: an empty graph that was told none */
    int32_t cut;       /* there are events after as_of */
    int64_t as_of;
    sj__condition **conditions; /* by step from 0 */
    uint32_t n_touchpoints;
    uint64_t *first; /* by touchpoint: where its hits begin; n_touchpoints + 1 */
    uint32_t *hits;  /* steps (from 1) that an event of it fills, ascending */
    uint8_t *look;   /* by hit: the condition must be asked about the event */
    uint8_t *looks;  /* by touchpoint: some hit must */
    int32_t any_look;
    int64_t *worth; /* by step from 0: fixed value of a micro-conversion, 10^-6, where has_worth */
    uint8_t *has_worth;
    void *reach; /* tables of the range door (funnel_reach.c); NULL: shut */
} sj__funnel;

/* Options checked and resolved: what is neutral is 0, so that two ways to say one thing are one. */
sj_status sj__funnel_options_resolve(const sj_graph *graph, const sj_funnel_options *given,
                                     sj_funnel_options *out, int64_t *as_of, sj_error *error);
/* The question of resolved options. */
sj_status sj__funnel_new(const sj_graph *graph, const sj_funnel_options *options, sj__funnel **out,
                         sj_error *error);
void sj__funnel_free(void *question, const sj_allocator *allocator);
/* Lines of the tally's text. */
void sj__funnel_write(const sj__funnel *funnel, const sj_funnel_options *options, sj__text *text);

/* ---- one customer (funnel_read.c) ---- */

typedef struct sj__funnel_reader {
    const sj__funnel *funnel;
    const sj_graph *graph;
    sj_allocator allocator;
    sj__funnel_matcher matcher;
    sj__funnel_moment *moments;
    size_t n_moments, moments_capacity;
    uint32_t *met; /* steps of events that had to be looked at */
    size_t met_capacity;
} sj__funnel_reader;

sj_status sj__funnel_reader_init(sj__funnel_reader *reader, const sj__funnel *funnel,
                                 const sj_graph *graph, const sj_allocator *allocator,
                                 sj_error *error);
void sj__funnel_reader_free(sj__funnel_reader *reader);
/* Reads a journey and finds its attempt. */
sj_status sj__funnel_read(sj__funnel_reader *reader, const sj__journey *journey, sj_error *error);
/* SJ__FUNNEL_… of the attempt found. */
int32_t sj__funnel_reason(const sj__funnel_reader *reader);

/* ---- the range door (funnel_reach.c) ---- */

/* Tables for the door where these options allow it, else none.  SJ_ERR_NOMEM. */
sj_status sj__funnel_reach_new(sj__funnel *funnel, const sj_graph *graph, sj_error *error);
void sj__funnel_reach_free(sj__funnel *funnel);
/* Room of one worker. */
typedef struct sj__funnel_words {
    uint64_t *words;
    size_t capacity;
} sj__funnel_words;
/* Adds the levels of customers that the packed arrays settle to levels[0 … n_steps], marks the others in `left`. */
sj_status sj__funnel_reach(const sj__funnel *funnel, sj__funnel_words *room,
                           const sj_allocator *allocator, const sj__packed *packed, int64_t *levels,
                           uint64_t *left, sj_error *error);

/* ---- conclusions ---- */

/* A tally's text read back, and its units by step (funnel_reading.c). */
typedef struct sj__funnel_reading {
    sj_allocator allocator;
    const sj_tally *tally;
    sj_funnel_options options; /* scalar fields; figures resolved */
    const char *as_of;         /* as the text has it, within the tally; NULL: none */
    size_t as_of_size;
    uint32_t n_steps;
    sj__text names;                     /* shown names of the steps, a NUL behind each */
    int64_t *block;                     /* what follows, by step 1 … n_steps */
    int64_t *reached;                   /* level at least so */
    int64_t *dropped, *excluded, *open; /* level just so, by reason */
} sj__funnel_reading;

/* SJ_ERR_FORMAT where the tally holds what no scan can have counted; nothing is left behind then. */
sj_status sj__funnel_reading_init(sj__funnel_reading *reading, const sj_tally *tally,
                                  sj_error *error);
void sj__funnel_reading_free(sj__funnel_reading *reading);

/* Table `compare` (funnel_compare.c): `reading` minus the baseline. */
sj_status sj__funnel_compare(const sj__funnel_reading *reading, const sj_tally *baseline,
                             sj_result *result, sj_error *error);

#endif
