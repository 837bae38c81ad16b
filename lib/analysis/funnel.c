/* Funnels: how many customers get to which step of a list, how fast, and why the others do not.
 *
 * A customer's attempt (funnel_match.c) gives a level; the tally counts, by level and by step, whole numbers only:
 *     levels   level                 units
 *     filled   step                  units; value; spreads of the time since the entry and since the previous filled step
 *     reasons  level, reason         units
 *     next     level, touchpoint     units that were dropped there (no touchpoint: the journey ended)
 * Rates, quantiles and intervals are conclusions (funnel_conclude.c).  O(events · steps) in all. */
#include "analysis/funnel.h"

#include "base/checked.h"

/* One worker's room. */
typedef struct funnel_scratch {
    sj__funnel_reader reader;
    sj__funnel_words words;
    int64_t *levels;  /* n_steps + 1 */
    int64_t *reasons; /* (n_steps + 1) × FUNNEL_REASONS */
    size_t *rows;     /* by step: its row among the filled; n_steps + 1 */
    int32_t *names;   /* by touchpoint: its number in the tally; FUNNEL_NOT_NAMED */
} funnel_scratch;

#define FUNNEL_REASONS (SJ__FUNNEL_NONE + 1)
#define FUNNEL_NOT_NAMED (-2)
#define FUNNEL_END (-1) /* no name: nothing came behind */

/* ---- plan ---- */

static void funnel_describe(const sj__funnel *funnel, sj__text *text)
{
    sj__text_add(text, funnel->reach != NULL
                           ? "bit-parallel bounds, the rest verified by the exact matcher"
                           : "exact matcher on decoded journeys");
    sj__text_add(text, ": newest entry per step");
    if (funnel->any_look)
        sj__text_add(text, "; some conditions look at single events");
}

sj_status sj_funnel_plan(const sj_graph *graph, const sj_funnel_options *options, sj_plan **out,
                         sj_error *error)
{
    sj_funnel_options resolved;
    int64_t as_of = 0;
    sj_plan *plan = NULL;
    sj__funnel *funnel = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__plan_new(&sj__funnel_analysis, graph, &plan, error);
    if (status == SJ_OK)
        status = sj__funnel_options_resolve(graph, options, &resolved, &as_of, error);
    if (status == SJ_OK)
        status = sj__funnel_new(graph, &resolved, &funnel, error);
    if (status != SJ_OK) {
        sj_plan_free(plan);
        return status;
    }
    plan->question = funnel;
    plan->use_range = funnel->reach != NULL;
    for (uint32_t t = 0; t < funnel->n_touchpoints; t++)
        plan->wanted[t] = funnel->first[t + 1] > funnel->first[t];
    funnel_describe(funnel, &plan->text);
    sj__funnel_write(funnel, &resolved, &plan->counted);
    return sj__plan_finish(plan, out, error);
}

/* ---- scan ---- */

static sj_status funnel_begin(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const sj_allocator *a = &counting->allocator;
    const size_t rows = (size_t)funnel->rules.n_steps + 1;
    funnel_scratch *scratch = sj__alloc_zeroed(a, 1, sizeof *scratch);
    if (scratch == NULL)
        return sj__fail_nomem(error);
    counting->scratch = scratch;
    scratch->levels = sj__alloc_zeroed(a, rows, sizeof *scratch->levels);
    scratch->reasons = sj__alloc_zeroed(a, rows * FUNNEL_REASONS, sizeof *scratch->reasons);
    scratch->rows = sj__alloc_zeroed(a, rows, sizeof *scratch->rows);
    scratch->names = sj__alloc(a, funnel->n_touchpoints, sizeof *scratch->names);
    if (scratch->levels == NULL || scratch->reasons == NULL || scratch->rows == NULL ||
        scratch->names == NULL)
        return sj__fail_nomem(error);
    for (uint32_t t = 0; t < funnel->n_touchpoints; t++)
        scratch->names[t] = FUNNEL_NOT_NAMED;
    sj_status status = sj__funnel_reader_init(&scratch->reader, funnel, counting->graph, a, error);
    for (int32_t k = 1; k < (int32_t)rows && status == SJ_OK; k++)
        status = sj__ledger_row(&counting->tally->ledgers[SJ__FUNNEL_FILLED], &k, 1,
                                &scratch->rows[k], error);
    return status;
}

static void funnel_drop(sj__counting *counting)
{
    const sj__funnel *funnel = counting->question;
    const sj_allocator *a = &counting->allocator;
    const size_t rows = (size_t)funnel->rules.n_steps + 1;
    funnel_scratch *scratch = counting->scratch;
    if (scratch == NULL)
        return;
    sj__funnel_reader_free(&scratch->reader);
    sj__free(a, scratch->words.words, scratch->words.capacity, sizeof *scratch->words.words);
    sj__free(a, scratch->levels, rows, sizeof *scratch->levels);
    sj__free(a, scratch->reasons, rows * FUNNEL_REASONS, sizeof *scratch->reasons);
    sj__free(a, scratch->rows, rows, sizeof *scratch->rows);
    sj__free(a, scratch->names, funnel->n_touchpoints, sizeof *scratch->names);
    sj__free(a, scratch, 1, sizeof *scratch);
    counting->scratch = NULL;
}

/* later - earlier as a span; only extreme times do not fit. */
static int64_t funnel_span(int64_t later, int64_t earlier)
{
    const uint64_t span = sj__time_since(later, earlier);
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

/* From step 2 on: step 1 is filled at the entry, always. */
static sj_status funnel_count_times(sj__counting *counting, sj_error *error)
{
    const funnel_scratch *scratch = counting->scratch;
    const sj__funnel_matcher *found = &scratch->reader.matcher;
    const sj__funnel_moment *moments = scratch->reader.moments;
    sj__ledger *filled = &counting->tally->ledgers[SJ__FUNNEL_FILLED];
    int64_t before = found->entry;
    sj_status status = SJ_OK;
    for (uint32_t k = 2; k <= found->level && status == SJ_OK; k++) {
        const int64_t time = moments[found->filled[k]].time;
        const size_t row = scratch->rows[k];
        status = sj__ledger_spread(filled, row, 0, funnel_span(time, found->entry), error);
        if (status == SJ_OK)
            status = sj__ledger_spread(filled, row, 1, funnel_span(time, before), error);
        before = time;
    }
    return status;
}

static void funnel_count_values(sj__counting *counting, const sj__journey *journey)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const sj__funnel_matcher *found = &scratch->reader.matcher;
    sj__ledger *filled = &counting->tally->ledgers[SJ__FUNNEL_FILLED];
    for (uint32_t k = 1; k <= found->level; k++) {
        const uint64_t event = journey->base + scratch->reader.moments[found->filled[k]].position;
        int64_t value = funnel->worth[k - 1];
        if (funnel->has_worth[k - 1] || sj__graph_value(counting->graph, event, &value))
            sj__ledger_sums(filled, scratch->rows[k])[0] += value;
    }
}

/* The touchpoint of the event behind all events of the attempt, as a name of the tally. */
static sj_status funnel_next_name(sj__counting *counting, const sj__journey *journey, int32_t *name,
                                  sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const sj__funnel_matcher *found = &scratch->reader.matcher;
    uint64_t behind = 0;
    for (uint32_t k = 1; k <= found->level; k++) {
        const uint64_t position = scratch->reader.moments[found->filled[k]].position;
        if (position >= behind)
            behind = position + 1;
    }
    *name = FUNNEL_END;
    const uint64_t event = journey->base + behind;
    if (behind == journey->length ||
        (funnel->cut && sj__graph_time(counting->graph, journey->customer, event) > funnel->as_of))
        return SJ_OK;
    const uint32_t touchpoint = sj__graph_touchpoint(counting->graph, event);
    *name = scratch->names[touchpoint];
    if (*name != FUNNEL_NOT_NAMED)
        return SJ_OK;
    size_t n;
    const char *text =
        sj__intern_name(&sj__graph_map(counting->graph)->touchpoints, touchpoint, &n);
    const sj_status status = sj__tally_name(counting->tally, text, n, name, error);
    if (status == SJ_OK)
        scratch->names[touchpoint] = *name;
    return status;
}

static sj_status funnel_count_next(sj__counting *counting, const sj__journey *journey,
                                   sj_error *error)
{
    const funnel_scratch *scratch = counting->scratch;
    sj__ledger *next = &counting->tally->ledgers[SJ__FUNNEL_NEXT];
    int32_t key[2] = {(int32_t)scratch->reader.matcher.level, 0};
    size_t row;
    sj_status status = funnel_next_name(counting, journey, &key[1], error);
    if (status == SJ_OK)
        status = sj__ledger_row(next, key, 2, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(next, row)[0]++;
    return status;
}

static sj_status funnel_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    sj__funnel_reader *reader = &scratch->reader;
    int32_t reason = 0;
    sj_status status = sj__funnel_read(reader, journey, error);
    const uint32_t level = reader->matcher.level;
    if (status != SJ_OK || level == 0)
        return status;
    scratch->levels[level]++;
    if (funnel->figures == SJ_FIGURE_COUNTS)
        return SJ_OK;
    status = sj__funnel_trace(&reader->matcher, reader->moments, reader->n_moments, error);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_TIMES)
        status = funnel_count_times(counting, error);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_VALUES)
        funnel_count_values(counting, journey);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_REASONS) {
        reason = sj__funnel_reason(reader);
        scratch->reasons[level * FUNNEL_REASONS + (uint32_t)reason]++;
        if (sj__funnel_is_dropped(reason))
            status = funnel_count_next(counting, journey, error);
    }
    return status;
}

static sj_status funnel_range(sj__counting *counting, const sj__packed *packed, uint64_t *left,
                              sj_error *error)
{
    funnel_scratch *scratch = counting->scratch;
    return sj__funnel_reach(counting->question, &scratch->words, &counting->allocator, packed,
                            scratch->levels, left, error);
}

static sj_status funnel_add_count(sj__ledger *ledger, const int32_t *key, size_t n, int64_t units,
                                  sj_error *error)
{
    size_t row;
    if (units == 0)
        return SJ_OK;
    const sj_status status = sj__ledger_row(ledger, key, n, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(ledger, row)[0] += units;
    return status;
}

/* The times of step 1, which visits leave out: 0 for every unit. */
static sj_status funnel_end_times(sj__counting *counting, int64_t units, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const sj__ledger *filled = &counting->tally->ledgers[SJ__FUNNEL_FILLED];
    if (units == 0 || (funnel->figures & SJ_FIGURE_TIMES) == 0)
        return SJ_OK;
    return sj__spread_add(&sj__ledger_spreads(filled, scratch->rows[1])[0],
                          &counting->tally->allocator, sj__spread_bucket(0), units, 0, error);
}

static sj_status funnel_end(sj__counting *counting, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    sj__ledger *ledgers = counting->tally->ledgers;
    int64_t units = 0;
    sj_status status = SJ_OK;
    for (int32_t k = (int32_t)funnel->rules.n_steps; k > 0 && status == SJ_OK; k--) {
        units += scratch->levels[k];
        status = funnel_add_count(&ledgers[SJ__FUNNEL_LEVELS], &k, 1, scratch->levels[k], error);
        if (status == SJ_OK) /* every step up to the level is filled: none is optional yet */
            status = funnel_add_count(&ledgers[SJ__FUNNEL_FILLED], &k, 1, units, error);
        for (int32_t r = 1; r < FUNNEL_REASONS && status == SJ_OK; r++)
            status = funnel_add_count(&ledgers[SJ__FUNNEL_REASONS], (int32_t[2]){k, r}, 2,
                                      scratch->reasons[k * FUNNEL_REASONS + r], error);
    }
    return status == SJ_OK ? funnel_end_times(counting, units, error) : status;
}

/* ---- the analysis ---- */

static const sj__ledger_spec funnel_ledgers[SJ__FUNNEL_LEDGERS] = {
    [SJ__FUNNEL_LEVELS] = {"levels", "i", "units", "", ""},
    [SJ__FUNNEL_FILLED] = {"filled", "i", "units", "value", "since_entry since_previous"},
    [SJ__FUNNEL_REASONS] = {"reasons", "ii", "units", "", ""},
    [SJ__FUNNEL_NEXT] = {"next", "in", "units", "", ""},
};

const sj__analysis sj__funnel_analysis = {
    .name = "funnel",
    .summary = "how many customers reach each step, how fast, and why the others do not",
    .revision = 1,
    .options = &sj__funnel_options_struct,
    .ledgers = funnel_ledgers,
    .n_ledgers = SJ__FUNNEL_LEDGERS,
    .begin = funnel_begin,
    .visit = funnel_visit,
    .range = funnel_range,
    .end = funnel_end,
    .drop = funnel_drop,
    .free = sj__funnel_free,
    .has_list = 1,
};

static sj_status funnel_plan_any(const sj_graph *graph, const void *options, sj_plan **out,
                                 sj_error *error)
{
    return sj_funnel_plan(graph, options, out, error);
}

static sj_status funnel_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                     sj_error *error)
{
    return sj_funnel_conclude(tally, options, out, error);
}

sj_status sj_funnel_compute(const sj_graph *graph, const sj_funnel_options *options,
                            const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(graph, options, run, funnel_plan_any, funnel_conclude_any, out, error);
}
