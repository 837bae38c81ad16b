/* What the files of the sequence patterns share: the question (options made ready for one graph),
 * and the matches of one customer. */
#ifndef SJ__ANALYSIS_MATCH_H
#define SJ__ANALYSIS_MATCH_H

#include <sojourn/match.h>

#include "analysis/table.h"
#include "journey/condition.h"
#include "kernel/automaton.h"
#include "tally/plan.h"
#include "tally/result.h"

#define SJ__MATCH_CONDITIONS 65535 /* most conditions (docs/abi.md) */

extern const sj__struct sj__match_options_struct;

/* The one ledger has one row: its counts, and its spreads. */
enum { SJ__MATCH_CUSTOMERS = 0, SJ__MATCH_MATCHES = 1 };
enum { SJ__MATCH_EACH = 0, SJ__MATCH_SPAN = 1 };

/* ---- the question (match_options.c) ---- */

typedef struct sj__match {
    sj_allocator allocator;
    sj__automaton automaton;
    sj__condition **conditions;
    size_t n_conditions;
    uint8_t *used;        /* by condition: its truth is asked for */
    uint64_t span;        /* UINT64_MAX: any */
    uint64_t session_gap; /* UINT64_MAX: never cut */
    int32_t find;         /* SJ_MATCH_… */
    int32_t only_matching;
    uint32_t n_touchpoints;
    size_t words;   /* of an event's bits: one per token, and one for "meets some condition" */
    uint64_t *met;  /* by touchpoint: the bits of its events */
    uint8_t *looks; /* by touchpoint: the bits depend on the event */
    int32_t any_look;
} sj__match;

/* Options checked; what is neutral becomes 0.  `find` stays as given: the list wants it so. */
sj_status sj__match_options_resolve(const sj_match_options *given, sj_match_options *out,
                                    sj_error *error);
sj_status sj__match_new(const sj_graph *graph, const sj_match_options *options, sj__match **out,
                        sj_error *error);
void sj__match_free(void *question, const sj_allocator *allocator);
/* Lines of the tally's text. */
void sj__match_write(const sj__match *match, const sj_match_options *options, sj__text *text);
/* The bits of an event, given what is known of each condition (SJ__NEVER_MET …, by condition): 1
 * where some bit is not decided, and then 0. */
int sj__match_judge(const sj__match *match, const uint8_t *truth, uint64_t *bits);

/* ---- one customer (match_read.c) ---- */

typedef struct sj__match_reader {
    const sj__match *match;
    const sj_graph *graph;
    sj_allocator allocator;
    sj__automaton_search search; /* `begin` is the match found */
    sj__automaton_events events;
    const uint32_t *position;
    size_t n;
    size_t from, to; /* what is not yet searched */
    size_t session;  /* where the session of `from` ends */
    uint8_t *truth;
    uint64_t *met;
    size_t met_capacity;
    int64_t *times; /* events that exist, where others do not */
    size_t times_capacity;
    uint32_t *positions;
    size_t positions_capacity;
} sj__match_reader;

sj_status sj__match_reader_init(sj__match_reader *reader, const sj__match *match,
                                const sj_graph *graph, const sj_allocator *allocator,
                                sj_error *error);
void sj__match_reader_free(sj__match_reader *reader);
/* Reads a journey, which must last as long as its matches are asked for. */
sj_status sj__match_read(sj__match_reader *reader, const sj__journey *journey, sj_error *error);
/* The next match that was asked for; 0 after the last. */
int sj__match_next(sj__match_reader *reader);
/* From its first to its last event. */
int64_t sj__match_span(const sj__match_reader *reader);

#endif
