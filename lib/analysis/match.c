/* Sequence patterns: which customers' journeys hold one, how often, and how long it takes.
 *
 * The pattern (kernel/automaton_parse.c) is looked for in each journey, or each session of it, by a
 * search that never goes back (kernel/automaton.c).  One ledger, one row, whole numbers only:
 *     customers who have a match; matches; spreads of matches by customer and of matches' spans
 * O(events · tokens). */
#include "analysis/match.h"

#include "base/bitmap.h"

/* ---- plan ---- */

static void match_describe(const sj__match *match, sj__text *text)
{
    sj__text_add(text, "least solution of lower bounds, never back: ");
    sj__text_unsigned(text, match->automaton.n_tokens);
    sj__text_add(text, match->automaton.n_tokens == 1 ? " token" : " tokens");
    if (match->any_look)
        sj__text_add(text, "; some conditions look at single events");
}

/* Whether an event with these bits can be taken by a token for just one, or must not be skipped. */
static int match_matters(const sj__automaton *automaton, const uint64_t *bits)
{
    for (size_t j = 0; j < automaton->n_tokens; j++) {
        if (sj__bit(bits, j) != automaton->tokens[j].skips)
            return 1;
    }
    return 0;
}

/* Events that do not exist need not be shown, nor those that could as well not exist. */
static void match_want(const sj__match *match, uint8_t *wanted)
{
    const sj__automaton *automaton = &match->automaton;
    const int sparse = match->session_gap == UINT64_MAX && sj__automaton_is_sparse(automaton);
    for (uint32_t t = 0; t < match->n_touchpoints; t++) {
        const uint64_t *bits = match->met + t * match->words;
        const int exists = !match->only_matching || sj__bit(bits, automaton->n_tokens);
        wanted[t] = match->looks[t] || (exists && (!sparse || match_matters(automaton, bits)));
    }
}

static sj_status match_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj_match_options resolved;
    sj__match *match = NULL;
    sj_status status = sj__match_options_resolve(options, &resolved, error);
    if (status == SJ_OK)
        status = sj__match_new(graph, &resolved, &match, error);
    if (status != SJ_OK)
        return status;
    plan->question = match;
    match_want(match, plan->wanted);
    match_describe(match, &plan->text);
    sj__match_write(match, &resolved, &plan->counted);
    return SJ_OK;
}

/* ---- scan ---- */

static sj_status match_begin(sj__counting *counting, sj_error *error)
{
    const sj_allocator *a = &counting->allocator;
    sj__match_reader *reader = sj__alloc_zeroed(a, 1, sizeof *reader);
    if (reader == NULL)
        return sj__fail_nomem(error);
    counting->scratch = reader;
    return sj__match_reader_init(reader, counting->question, counting->graph, a, error);
}

static void match_drop(sj__counting *counting)
{
    if (counting->scratch != NULL)
        sj__match_reader_free(counting->scratch);
    sj__free(&counting->allocator, counting->scratch, 1, sizeof(sj__match_reader));
    counting->scratch = NULL;
}

static sj_status match_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    sj__ledger *ledger = &counting->tally->ledgers[0];
    sj__match_reader *reader = counting->scratch;
    int64_t n = 0;
    size_t row = 0;
    sj_status status = sj__match_read(reader, journey, error);
    while (status == SJ_OK && sj__match_next(reader)) {
        if (n++ == 0)
            status = sj__ledger_row(ledger, &(int32_t){0}, 0, &row, error);
        if (status == SJ_OK)
            status = sj__ledger_spread(ledger, row, SJ__MATCH_SPAN, sj__match_span(reader), error);
    }
    if (status != SJ_OK || n == 0)
        return status;
    sj__ledger_counts(ledger, row)[SJ__MATCH_CUSTOMERS]++;
    sj__ledger_counts(ledger, row)[SJ__MATCH_MATCHES] += n;
    return sj__ledger_spread(ledger, row, SJ__MATCH_EACH, n, error);
}

/* ---- the analysis ---- */

static const sj__ledger_spec match_ledgers[] = {
    {"matches", "", "customers matches", "", "each span"},
};

static sj_status match_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                    sj_error *error)
{
    return sj_match_conclude(tally, options, out, error);
}

const sj__analysis sj__match_analysis = {
    .name = "match",
    .summary = "whose journeys hold a sequence pattern, how often, and how long it takes",
    .revision = 1,
    .options = &sj__match_options_struct,
    .ledgers = match_ledgers,
    .n_ledgers = 1,
    .ask = match_ask,
    .conclude = match_conclude_any,
    .begin = match_begin,
    .visit = match_visit,
    .drop = match_drop,
    .free = sj__match_free,
    .has_list = 1,
};

sj_status sj_match_plan(const sj_graph *graph, const sj_match_options *options, sj_plan **out,
                        sj_error *error)
{
    return sj__plan_make(&sj__match_analysis, graph, options, out, error);
}

sj_status sj_match_compute(const sj_graph *graph, const sj_match_options *options,
                           const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(&sj__match_analysis, graph, options, run, out, error);
}
