/* What the files of the funnel share: the question (options made ready for one graph), the matcher,
 * the tally's shape. */
#ifndef SJ__ANALYSIS_FUNNEL_H
#define SJ__ANALYSIS_FUNNEL_H

#include <sojourn/funnel.h>

#include "journey/condition.h"
#include "kernel/stats.h"
#include "analysis/funnel_attempt.h"
#include "analysis/funnel_groups.h"
#include "analysis/funnel_preset.h"
#include "kernel/assign.h"
#include "analysis/table.h"
#include "base/sort.h"
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
    SJ__FUNNEL_LEVELS = 0, /* level: units; 0: removed */
    SJ__FUNNEL_FILLED = 1, /* step: units, value; since the entry, since the previous filled step */
    SJ__FUNNEL_REASONS = 2,   /* level, reason: units */
    SJ__FUNNEL_NEXT = 3,      /* level, touchpoint (no name: the end): units */
    SJ__FUNNEL_CUSTOMERS = 4, /* step: customers with a unit there, where units are others */
    SJ__FUNNEL_ENTERED = 5,   /* step from 2: units that began there */
    SJ__FUNNEL_BREAKDOWN = 6, /* value, step: counts SJ__GROUP_…, value; spreads as of filled */
    SJ__FUNNEL_TREND = 7,     /* bucket (two parts), step: the same */
    SJ__FUNNEL_SURVIVAL = 8,  /* SJ__SURVIVAL_…: units; times since the entry */
    SJ__FUNNEL_LEDGERS = 9
};

/* ---- rules and matcher of plain funnels (funnel_match.c): no graph, no conditions ---- */

typedef struct sj__funnel_rules {
    uint32_t n_steps;
    int32_t reuse;   /* an event may fill several steps */
    uint64_t window; /* UINT64_MAX: none */
} sj__funnel_rules;

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
/* Finds level, entry and completion of the attempt that speaks for these moments (in journey order,
 * none without steps).  O(n · n_steps). */
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
    sj__condition **conditions; /* by step from 0, then by exclusion */
    size_t n_conditions;
    int32_t general; /* the plain matcher does not do: what follows is neutral without it */
    const sj__funnel_method *method;
    sj__funnel_path_rules path;
    sj__funnel_step *steps; /* n_steps + 1 */
    sj__funnel_exclusion *exclusions;
    size_t n_exclusions;
    int32_t all_adjacent; /* order adjacent, however it was said */
    int32_t sees_all;     /* events that match nothing must be shown, and */
    int32_t keeps_all;    /* matter to the matcher too */
    const sj__map *map;
    sj__funnel_product product; /* of the preset */
    int32_t unit;               /* SJ_UNIT_… */
    uint64_t session_gap;       /* UINT64_MAX: never cut */
    uint32_t *hold;             /* attributes */
    size_t n_hold, hold_capacity;
    uint32_t n_touchpoints;
    uint64_t *first; /* by touchpoint: where its hits begin; n_touchpoints + 1 */
    uint32_t *hits;  /* steps (from 1), then exclusions, that an event of it meets, ascending */
    uint8_t *look;   /* by hit: the condition must be asked about the event */
    uint8_t *looks;  /* by touchpoint: some hit must */
    int32_t any_look;
    int64_t *worth; /* by step from 0: fixed value of a micro-conversion, 10^-6, where has_worth */
    uint8_t *has_worth;
    int32_t grouped; /* a breakdown, a trend or survival is asked for */
    sj__funnel_breakdown breakdown;
    int32_t trend, utc_offset, survival;
    void *reach; /* tables of the range door (funnel_reach.c); NULL: shut */
} sj__funnel;

/* What resolved options point at, or do not say. */
typedef struct sj__funnel_resolved {
    int64_t as_of;
    sj__funnel_product product;
} sj__funnel_resolved;

/* Options checked and resolved: what is neutral is 0, so that two ways to say one thing are one. */
sj_status sj__funnel_options_resolve(const sj_graph *graph, const sj_funnel_options *given,
                                     sj_funnel_options *out, sj__funnel_resolved *kept,
                                     sj_error *error);
/* SJ_ERR_OPTIONS for what docs/funnel.md lists as refused (funnel_refuse.c): options with the
 * preset's values, */
sj_status sj__funnel_refuse(const sj_funnel_options *options, int32_t scan, sj_error *error);
/* and steps that one event can meet, where they must not. */
sj_status sj__funnel_refuse_shared(const sj__funnel *funnel, const sj_funnel_options *options,
                                   sj_error *error);
/* The question of resolved options. */
sj_status sj__funnel_new(const sj_graph *graph, const sj_funnel_options *options,
                         const sj__funnel_product *product, sj__funnel **out, sj_error *error);
void sj__funnel_free(void *question, const sj_allocator *allocator);
/* Rules per step, exclusions, units: checked and put into the question (funnel_rules.c). */
sj_status sj__funnel_load_rules(sj__funnel *funnel, const sj__map *map,
                                const sj_funnel_options *options, sj_error *error);
void sj__funnel_free_rules(sj__funnel *funnel);
int sj__funnel_is_any_order(const sj__funnel *funnel); /* all steps are one block */
/* Their lines in the tally's text: of a step, and of what stands behind the steps. */
void sj__funnel_write_step(const sj__funnel *funnel, uint32_t step, sj__text *text);
void sj__funnel_write_rules(const sj__funnel *funnel, sj__text *text);
/* What is asked per group and of survival: put into the question, and said as the tally's text has
 * it (funnel_breakdown.c). */
sj_status sj__funnel_load_groups(sj__funnel *funnel, const sj__map *map,
                                 const sj_funnel_options *options, sj_error *error);
void sj__funnel_say_groups(const sj__funnel *funnel, sj_funnel_options *said);
/* Lines of the tally's text. */
void sj__funnel_write(const sj__funnel *funnel, const sj_funnel_options *options, sj__text *text);

/* ---- one customer (funnel_read.c, funnel_parts.c, funnel_units.c) ---- */

/* A session, or the whole journey: moments in journey order. */
typedef struct sj__funnel_session {
    size_t first, n;
    uint64_t end;      /* where it ends in the journey: position of the first event behind it */
    int64_t last_time; /* of its events */
} sj__funnel_session;

/* A journey of its own: the events of a session that share a held value. */
typedef struct sj__funnel_part {
    size_t first, n; /* of `ordered` */
    size_t n_seen;   /* of them before a stop */
    size_t session;
} sj__funnel_part;

/* What one unit has come to. */
typedef struct sj__funnel_unit {
    uint32_t level;   /* 0: no unit is left */
    uint32_t entered; /* the step it began with: 1 but in open funnels */
    int32_t removed;  /* by an exclusion: nothing else is set */
    int32_t reason;   /* SJ__FUNNEL_…, where reasons are asked for */
    uint32_t part;
    int32_t can_go_on; /* with its reason: it may yet convert, for all that was seen */
    int64_t entry;
    uint64_t end; /* of its journey, as a position */
    const sj__funnel_moment *moments;
    size_t n_moments, n_seen; /* of them before a stop */
    const uint32_t *filled;   /* by step from 1: moment, SJ__FUNNEL_NO_MOMENT where none */
    const uint32_t *ranked;   /* by row of the table `steps`: in a block the n-th that was filled */
    const uint32_t *row_steps; /* by row: that step; NULL: its own number */
} sj__funnel_unit;

static inline uint32_t sj__funnel_row_step(const sj__funnel_unit *unit, uint32_t row)
{
    return unit->row_steps == NULL ? row : unit->row_steps[row];
}

/* Which step stands in which row (funnel_rank.c). */
typedef struct sj__funnel_ranks {
    const sj__funnel_path_rules *rules;
    uint32_t *steps;   /* by row: its step; n_steps + 1 */
    uint32_t *moments; /* by row: what fills it */
    uint32_t *best;    /* `steps` kept for comparison */
    sj__pair *pairs;
} sj__funnel_ranks;

sj_status sj__funnel_ranks_init(sj__funnel_ranks *ranks, const sj__funnel_path_rules *rules,
                                const sj_allocator *a, sj_error *error);
void sj__funnel_ranks_free(sj__funnel_ranks *ranks, const sj_allocator *a);
/* After a trace. */
void sj__funnel_rank(sj__funnel_ranks *ranks, const uint32_t *filled,
                     const sj__funnel_moment *moments);

/* A moment in the list of a step, and where in it the next one of another part stands. */
typedef struct sj__funnel_listed {
    size_t moment, other;
} sj__funnel_listed;

/* An attempt of the highest level of a unit, in one of its parts. */
typedef struct sj__funnel_rival {
    uint64_t when, until; /* completion and what ended it, as keys that compare */
    uint32_t part;
    sj__funnel_attempt attempt;
} sj__funnel_rival;

typedef struct sj__funnel_reader {
    const sj__funnel *funnel;
    const sj_graph *graph;
    sj_allocator allocator;
    sj__funnel_matcher matcher; /* of plain funnels */
    sj__funnel_finder finder;   /* of the others */
    sj__funnel_moment *moments;
    size_t n_moments, moments_capacity;
    uint32_t *met; /* steps of events that had to be looked at */
    size_t met_capacity;
    uint64_t customer, base, length; /* of the journey read */
    /* The rest for the general matcher only. */
    sj__funnel_session *sessions;
    size_t n_sessions, sessions_capacity;
    sj__funnel_part *parts;
    size_t n_parts, parts_capacity;
    uint32_t *part_of; /* by moment: its part; UINT32_MAX: none */
    size_t part_of_capacity;
    sj__funnel_moment *ordered; /* moments by part; with hold only */
    size_t ordered_capacity;
    uint64_t *words; /* by part n_hold: the held value */
    size_t words_capacity;
    sj__index values; /* parts of the session at hand by value */
    sj__funnel_rival *rivals;
    size_t n_rivals, rivals_capacity;
    sj__pair *pairs; /* two per rival */
    size_t pairs_capacity;
    size_t *step_first; /* with hold, by step: where its moments of one session begin in */
    sj__funnel_listed *listed;
    size_t listed_capacity;
    size_t listed_session; /* SIZE_MAX: none yet */
    size_t *step_seen; /* with unit attempts, by step: the reasons of the part have looked so far */
    uint32_t *best;    /* a trace kept for comparison; n_steps + 1 */
    sj__funnel_ranks ranks;
    size_t next_part, next_found; /* the latter with unit attempts */
} sj__funnel_reader;

sj_status sj__funnel_reader_init(sj__funnel_reader *reader, const sj__funnel *funnel,
                                 const sj_graph *graph, const sj_allocator *allocator,
                                 sj_error *error);
void sj__funnel_reader_free(sj__funnel_reader *reader);
/* Reads a journey; for a plain funnel finds its attempt. */
sj_status sj__funnel_read(sj__funnel_reader *reader, const sj__journey *journey, sj_error *error);
/* What is asked for of a unit beyond its level. */
enum { SJ__FUNNEL_TRACED = 1 /* `filled` */, SJ__FUNNEL_REASONED = 2 /* `reason` */ };
/* The next unit of the journey read, its level 0 behind the last. */
sj_status sj__funnel_next_unit(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                               sj_error *error);
/* SJ__FUNNEL_… of the attempt that a plain funnel found. */
int32_t sj__funnel_reason(const sj__funnel_reader *reader);

/* The general matcher's units (funnel_units.c). */
sj_status sj__funnel_units_init(sj__funnel_reader *reader, sj_error *error);
void sj__funnel_units_free(sj__funnel_reader *reader);
sj_status sj__funnel_split(sj__funnel_reader *reader, sj_error *error);
sj_status sj__funnel_next_general(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                                  sj_error *error);
/* Why the unit stopped, and whether it can go on (funnel_reason.c); after a trace where it stopped
 * inside a block. */
sj_status sj__funnel_general_reason(sj__funnel_reader *reader, sj__funnel_unit *unit,
                                    const sj__funnel_attempt *attempt, int32_t *out,
                                    sj_error *error);

/* ---- the range door (funnel_reach.c) ---- */

/* Tables for the door where these options allow it, else none.  SJ_ERR_NOMEM. */
sj_status sj__funnel_reach_new(sj__funnel *funnel, const sj_graph *graph, sj_error *error);
void sj__funnel_reach_free(sj__funnel *funnel);
/* Most steps that the door takes. */
#define SJ__FUNNEL_DOOR_STEPS 32
/* The rows of a worker's bits that the door reads, and its room. */
typedef struct sj__funnel_door {
    uint32_t masks[SJ__FUNNEL_DOOR_STEPS]; /* by step from 0 */
    uint32_t window;
    uint64_t *room;
} sj__funnel_door;
/* Asks for them; for nothing where the door is shut.  SJ_ERR_NOMEM. */
sj_status sj__funnel_reach_want(const sj__funnel *funnel, const sj_allocator *allocator,
                                sj__bits *bits, sj__funnel_door *door, sj_error *error);
void sj__funnel_reach_drop(const sj__funnel *funnel, const sj_allocator *allocator,
                           sj__funnel_door *door);
/* Adds the levels of customers that the bits settle to levels[0 … n_steps], marks the others in
 * `left`. */
void sj__funnel_reach(const sj__funnel *funnel, const sj__funnel_door *door, const sj__bits *bits,
                      const sj__packed *packed, int64_t *levels, uint64_t *left);

/* ---- conclusions ---- */

/* Units by step 1 … n_steps, of the total or of one group. */
typedef struct sj__funnel_counts {
    int64_t *block;   /* what follows; n_steps + 2 each */
    int64_t *level;   /* just so */
    int64_t *entered; /* began there */
    int64_t *reached; /* passed there: level at least so, entered not behind */
    int64_t *filled;
    int64_t *dropped, *excluded, *open; /* level just so, by reason */
    int64_t *customers;                 /* distinct, with a unit there */
    size_t *row;   /* in the ledger that has values and times; SIZE_MAX: none */
    int64_t units; /* all */
} sj__funnel_counts;

/* A tally's text read back, and its units by step (funnel_reading.c). */
typedef struct sj__funnel_reading {
    sj_allocator allocator;
    const sj_tally *tally;
    sj_funnel_options options; /* scalar fields; figures resolved */
    const char *as_of;         /* as the text has it, within the tally; NULL: none */
    size_t as_of_size;
    const char *breakdown; /* likewise */
    size_t breakdown_size;
    int32_t anywhere; /* attempts may begin behind step 1: an open funnel */
    uint32_t n_steps;
    sj__text names; /* shown names of the rows, a NUL behind each */
    sj__funnel_counts total;
    int64_t removed; /* units that an exclusion removed */
    int32_t removes; /* an exclusion does */
    int32_t is_scan; /* no attempts: nothing is said of them */
    sj__text rules;  /* notes about steps, exclusions, hold and entries: "name\0text\0" each */
} sj__funnel_reading;

/* SJ_ERR_FORMAT where the tally holds what no scan can have counted; nothing is left behind then.
 */
sj_status sj__funnel_reading_init(sj__funnel_reading *reading, const sj_tally *tally,
                                  sj_error *error);
void sj__funnel_reading_free(sj__funnel_reading *reading);
/* Puts the names of rows in place of those of steps (funnel_rows.c). */
sj_status sj__funnel_name_rows(sj__funnel_reading *reading, sj_error *error);
sj_status sj__funnel_damaged(sj_error *error);

/* Room for n_steps, all 0. */
sj_status sj__funnel_counts_init(sj__funnel_counts *counts, uint32_t n_steps,
                                 const sj_allocator *allocator, sj_error *error);
void sj__funnel_counts_free(sj__funnel_counts *counts, uint32_t n_steps,
                            const sj_allocator *allocator);
/* Units, entries at step 1 and `reached` from levels and later entries. */
sj_status sj__funnel_counts_derive(const sj__funnel_reading *reading, sj__funnel_counts *counts,
                                   sj_error *error);
/* The group whose rows begin at `from` of a ledger of groups; *to: behind them. */
sj_status sj__funnel_counts_group(const sj__funnel_reading *reading, const sj__ledger *ledger,
                                  size_t from, size_t *to, sj__funnel_counts *counts,
                                  sj_error *error);

/* What must hold of every tally: levels, reasons, next, groups add up (funnel_check.c). */
sj_status sj__funnel_check(const sj__funnel_reading *reading, sj_error *error);

/* Tables `steps`, `breakdown`, `trend` (funnel_steps.c). */
void sj__funnel_put_steps(const sj__funnel_reading *reading, sj_result *result);
sj_status sj__funnel_put_breakdown(const sj__funnel_reading *reading, sj_result *result,
                                   sj_error *error);
sj_status sj__funnel_put_trend(const sj__funnel_reading *reading, sj_result *result,
                               sj_error *error);
/* Table `survival` (funnel_survival.c). */
void sj__funnel_put_survival(const sj__funnel_reading *reading, sj_result *result);
/* Options as they were resolved, and how exact the figures are (funnel_notes.c). */
sj_status sj__funnel_put_notes(const sj__funnel_reading *reading, sj_result *result,
                               sj_error *error);

/* Table `compare` (funnel_compare.c): `reading` minus the baseline. */
sj_status sj__funnel_compare(const sj__funnel_reading *reading, const sj_tally *baseline,
                             sj_result *result, sj_error *error);

#endif
