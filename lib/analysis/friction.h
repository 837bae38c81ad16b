/* What the files of friction share: the signals, the question (options made ready for one graph),
 * the tally's shape, and the rows that a conclusion works on. */
#ifndef SJ__ANALYSIS_FRICTION_H
#define SJ__ANALYSIS_FRICTION_H

#include <sojourn/friction.h>

#include "analysis/table.h"
#include "journey/expected.h"
#include "journey/legs.h"
#include "journey/marks.h"
#include "kernel/rates.h"
#include "tally/plan.h"
#include "tally/result.h"

extern const sj__struct sj__friction_options_struct;

/* Signals; the numbers are in tallies. */
enum {
    SJ__FRICTION_ERROR = 0,
    SJ__FRICTION_RAGE = 1,
    SJ__FRICTION_REPEAT = 2,
    SJ__FRICTION_SLOW = 3,
    SJ__FRICTION_HANDOFF = 4,
    SJ__FRICTION_CUSTOM = 5,
    SJ__FRICTION_EFFECTS = 6, /* so many are effect signals; the rest are rates */
    SJ__FRICTION_DROP_OFF = 6,
    SJ__FRICTION_BACKTRACK = 7,
    SJ__FRICTION_PING_PONG = 8,
    SJ__FRICTION_LOOP = 9,
    SJ__FRICTION_UNEXPECTED = 10,
    SJ__FRICTION_SIGNALS = 11
};

/* A row of the table of signals (friction_signals.c). */
typedef struct sj__friction_signal {
    const char *name;
    const char *summary;
    const char *manner; /* in sentences: "with an error at %", "% was the last before leaving" */
} sj__friction_signal;

/* NULL past the last. */
const sj__friction_signal *sj__friction_signal_at(size_t i);
/* Its number; -1 if there is none. */
int32_t sj__friction_signal_find(const char *name, size_t n);

/* Marks of events beside those of journey/legs.h: bit numbers for journey/marks.h. */
enum {
    SJ__FRICTION_MARK_CONVERSION = 0,
    SJ__FRICTION_MARK_ERROR = 1,
    SJ__FRICTION_MARK_CUSTOM = 2
};

/* The manner of a visit: a set, in keys of `manners`.  Of slow only the dwell is known while
 * counting. */
enum {
    SJ__MANNER_ERROR = 1,
    SJ__MANNER_RAGE = 2,
    SJ__MANNER_REPEAT = 4,
    SJ__MANNER_HANDOFF = 8,
    SJ__MANNER_CUSTOM = 16,
    SJ__MANNER_CAME_FROM = 32, /* at risk of a handoff */
    SJ__MANNERS = 64
};

/* Ledgers, in this order. */
enum {
    SJ__FRICTION_MANNERS = 0, /* place, bucket, manner, dwell cell: SJ__MANNER_… counts */
    SJ__FRICTION_RATES = 1,   /* signal, place, second place, bucket, stage: SJ__RATE_… counts */
    SJ__FRICTION_SEEN = 2,    /* signal: open, first conversions, late ones */
    SJ__FRICTION_LEDGERS = 3
};

/* Counts of `manners`, all of settled visits. */
enum {
    SJ__COUNT_VISITS = 0,
    SJ__COUNT_INDEX = 1, /* index visits */
    SJ__COUNT_CONVERTED =
        2, /* of them: a conversion after the visit's last event, within the horizon */
    SJ__COUNT_CONVERTED_NEXT = 3, /* the same, within the horizon of the next event */
    SJ__COUNTS = 4
};

/* Counts of `rates`. */
enum {
    SJ__RATE_UNITS = 0, /* at risk: index visits; of drop-off visits */
    SJ__RATE_AFFECTED = 1,
    SJ__RATE_CONVERTED = 2,          /* of the unaffected units */
    SJ__RATE_CONVERTED_AFFECTED = 3, /* of the affected */
    SJ__RATE_VISITS = 4,             /* all visits at risk */
    SJ__RATE_AFFECTED_VISITS = 5,
    SJ__RATE_COUNTS = 6
};

/* A dwell in cells of 1/16 octave, from 1; 0 means none.  Below 16 us a cell each. */
enum { SJ__DWELL_CELLS = 961 };
int32_t sj__dwell_cell(uint64_t dwell);

typedef struct sj__friction {
    sj_allocator allocator;
    sj__marks marks;
    sj__leg_rules rules;
    uint64_t error_span, ping_pong_span, loop_visits;
    uint32_t signals; /* a bit each */
    int32_t has_as_of;
    int32_t own_channels; /* some events have a channel that is not their touchpoint's */
    const sj__map *map;
    sj__expected expected;
} sj__friction;

static inline int sj__friction_has(uint32_t signals, int32_t signal)
{
    return (int)(signals >> signal & 1);
}

/* Options checked and resolved: what is neutral is 0.  `as_of` gives room.  *signals: a bit each.
 */
sj_status sj__friction_options_resolve(const sj_graph *graph, const sj_friction_options *given,
                                       sj_friction_options *out, int64_t *as_of, uint32_t *signals,
                                       sj_error *error);
/* The fields that conclude reads, checked and resolved. */
sj_status sj__friction_options_read(const sj_friction_options *given, sj_friction_options *out,
                                    sj_error *error);
sj_status sj__friction_new(const sj_graph *graph, const sj_friction_options *options,
                           uint32_t signals, sj__friction **out, sj_error *error);
void sj__friction_free(void *question, const sj_allocator *allocator);
/* Lines of the tally's text. */
void sj__friction_write(const sj__friction *friction, const sj_friction_options *options,
                        sj__text *text);

/* ---- one customer (friction_read.c) ---- */

/* What is known of a visit beyond the visit. */
typedef struct sj__friction_look {
    uint32_t same;   /* the next visit of its leg at the same touchpoint; SJ__NO_ID: none */
    uint32_t higher; /* the next of a higher stage */
    uint32_t staged; /* the next of any stage */
} sj__friction_look;

typedef struct sj__friction_reader {
    const sj__friction *friction;
    const sj_graph *graph;
    sj_allocator allocator;
    sj__legs legs;
    const sj__journey *journey;
    uint8_t *marks; /* by event */
    size_t marks_capacity;
    sj__friction_look *looks; /* by visit */
    size_t looks_capacity;
    uint32_t *stack; /* visits */
    size_t stack_capacity;
    uint32_t *seen; /* by touchpoint: the last visit there, while looking ahead */
    size_t n_seen;
} sj__friction_reader;

sj_status sj__friction_reader_init(sj__friction_reader *reader, const sj__friction *friction,
                                   const sj_graph *graph, const sj_allocator *allocator,
                                   sj_error *error);
void sj__friction_reader_free(sj__friction_reader *reader);
/* Legs and visits of a journey, and what comes after each visit. */
sj_status sj__friction_read(sj__friction_reader *reader, const sj__journey *journey,
                            sj_error *error);
/* SJ__MANNER_… of a visit. */
int32_t sj__friction_manner(const sj__friction_reader *reader, uint32_t visit);

/* ---- one visit (friction_judge.c) ---- */

/* One visit at hand. */
typedef struct sj__friction_here {
    const sj__visit *visit;
    const sj__leg *leg;
    const sj__friction_look *look;
    uint32_t number;    /* of the visit */
    int32_t bucket;     /* of its position */
    int32_t is_first;   /* an index visit */
    int32_t is_open;    /* not settled */
    int32_t converts;   /* some conversion comes behind it … */
    int32_t in_time;    /* … within the horizon */
    int64_t conversion; /* its time */
} sj__friction_here;

/* What a rate signal says of a visit. */
typedef struct sj__friction_verdict {
    int32_t at_risk;
    int32_t affected;
    int32_t is_unit; /* counts among customers, not only among visits */
    int32_t is_open;
    int32_t converted;
} sj__friction_verdict;

sj__friction_verdict sj__friction_judge(const sj__friction_reader *reader, int32_t signal,
                                        const sj__friction_here *here);

/* ---- counting (friction_count.c): the doors of the frame ---- */

sj_status sj__friction_begin(sj__counting *counting, sj_error *error);
sj_status sj__friction_visit(sj__counting *counting, const sj__journey *journey, sj_error *error);
sj_status sj__friction_end(sj__counting *counting, sj_error *error);
void sj__friction_drop(sj__counting *counting);

/* ---- conclusions ---- */

/* A row of the table, effect or rate. */
typedef struct sj__friction_row {
    double rate, benchmark, lift, p, q, robustness;
    sj__interval interval;
    double stake; /* conversions lost at least: what ranks finds */
    int64_t customers, affected, visits, affected_visits;
    int64_t converted; /* of the affected */
    int32_t signal;
    int32_t place, second; /* names of the tally; second -1: none */
    int32_t also;          /* signal, or -1 */
    int32_t is_tested;
    int32_t is_norm; /* more than half of the visits show it */
} sj__friction_row;

/* How many rows of a signal there are of what kind. */
typedef struct sj__friction_tested {
    int64_t tested, few, found;
} sj__friction_tested;

/* A tally read. */
typedef struct sj__friction_reading {
    sj_allocator allocator;
    const sj_tally *tally;
    sj_friction_options options; /* what is read, resolved */
    sj__friction_row *rows, *few;
    size_t n_rows, rows_capacity, n_few, few_capacity;
    sj__friction_tested tested[SJ__FRICTION_SIGNALS];
} sj__friction_reading;

/* SJ_ERR_FORMAT where the tally holds what no scan can have counted. */
sj_status sj__friction_check(const sj_tally *tally, sj_error *error);
/* Adds the rows of the effect signals (friction_effects.c). */
sj_status sj__friction_effects(sj__friction_reading *reading, sj_error *error);
/* Adds the rows of the rate signals (friction_rates.c). */
sj_status sj__friction_rates(sj__friction_reading *reading, sj_error *error);
/* Adds one row to those that are shown, or to those with too few. */
sj_status sj__friction_add(sj__friction_reading *reading, const sj__friction_row *row, int is_few,
                           sj_error *error);
/* A find is a row that is tested with q <= 0.05; it is a friction point where it harms. */
int sj__friction_harms(const sj__friction_row *row);
int sj__friction_is_find(const sj__friction_row *row);
/* to += n; SJ_ERR_OVERFLOW. */
sj_status sj__friction_sum(int64_t *to, int64_t n, sj_error *error);

/* "payment", "cart > product_view". */
void sj__friction_show_place(const sj_tally *tally, int32_t place, int32_t second, sj__text *text);
/* The table `notes` (friction_notes.c). */
void sj__friction_put_notes(const sj__friction_reading *reading, int is_late, sj_result *result,
                            sj__text *text);
/* What a row says, in words (friction_sentence.c). */
void sj__friction_sentence(const sj_tally *tally, const sj__friction_row *row, sj__text *text);

#endif
