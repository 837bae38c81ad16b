/* Funnels: how many customers get to which step of a list, how fast, and why the others do not.
 *
 * A unit's attempt (funnel_match.c, or the general matcher in funnel_paths.c) gives a level; the tally counts, by level and by step,
 * whole numbers only:
 *     levels   level                 units; level 0: those that an exclusion removed
 *     filled   step                  units; value; spreads of the time since the entry and since the previous filled step
 *     reasons  level, reason         units
 *     next     level, touchpoint     units that were dropped there (no touchpoint: the journey ended)
 *     customers level                distinct customers by their highest level, where units are others
 * Rates, quantiles and intervals are conclusions (funnel_conclude.c).  O(events · steps) in all. */
#include "analysis/funnel.h"

#include "base/checked.h"

/* One worker's room. */
typedef struct funnel_scratch {
    sj__funnel_reader reader;
    sj__funnel_words words;
    int64_t *levels;    /* n_steps + 1 */
    int64_t *filled;    /* by step, for the general matcher; n_steps + 1 */
    int64_t *customers; /* by level; n_steps + 1 */
    int64_t *reasons;   /* (n_steps + 1) × FUNNEL_REASONS */
    size_t *rows;       /* by step: its row among the filled; n_steps + 1 */
    int32_t *names;     /* by touchpoint: its number in the tally; FUNNEL_NOT_NAMED */
} funnel_scratch;

#define FUNNEL_REASONS (SJ__FUNNEL_NONE + 1)
#define FUNNEL_NOT_NAMED (-2)
#define FUNNEL_END (-1) /* no name: nothing came behind */

/* ---- plan ---- */

static void funnel_describe(const sj__funnel *funnel, sj__text *text)
{
    if (funnel->general)
        sj__text_add(text, funnel->method->text);
    else
        sj__text_add(text, funnel->reach != NULL
                               ? "bit-parallel bounds, the rest verified by the exact matcher: "
                                 "newest entry per step"
                               : "exact matcher on decoded journeys: newest entry per step");
    if (funnel->any_look)
        sj__text_add(text, "; some conditions look at single events");
}

static sj_status funnel_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj_funnel_options resolved;
    sj__funnel *funnel = NULL;
    int64_t as_of = 0;
    sj_status status = sj__funnel_options_resolve(graph, options, &resolved, &as_of, error);
    if (status == SJ_OK)
        status = sj__funnel_new(graph, &resolved, &funnel, error);
    if (status != SJ_OK)
        return status;
    plan->question = funnel;
    plan->use_range = funnel->reach != NULL;
    for (uint32_t t = 0; t < funnel->n_touchpoints; t++)
        plan->wanted[t] = funnel->sees_all || funnel->first[t + 1] > funnel->first[t];
    funnel_describe(funnel, &plan->text);
    sj__funnel_write(funnel, &resolved, &plan->counted);
    return SJ_OK;
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
    scratch->filled = sj__alloc_zeroed(a, rows, sizeof *scratch->filled);
    scratch->customers = sj__alloc_zeroed(a, rows, sizeof *scratch->customers);
    scratch->reasons = sj__alloc_zeroed(a, rows * FUNNEL_REASONS, sizeof *scratch->reasons);
    scratch->rows = sj__alloc_zeroed(a, rows, sizeof *scratch->rows);
    scratch->names = sj__alloc(a, funnel->n_touchpoints, sizeof *scratch->names);
    if (scratch->levels == NULL || scratch->filled == NULL || scratch->customers == NULL ||
        scratch->reasons == NULL || scratch->rows == NULL || scratch->names == NULL)
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
    sj__free(a, scratch->filled, rows, sizeof *scratch->filled);
    sj__free(a, scratch->customers, rows, sizeof *scratch->customers);
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

/* The moment that fills a step of the unit; NULL: it was left out, or not reached. */
static const sj__funnel_moment *funnel_filling(const sj__funnel_unit *unit, uint32_t k)
{
    return unit->filled[k] == SJ__FUNNEL_NO_MOMENT ? NULL : &unit->moments[unit->filled[k]];
}

/* From step 2 on: step 1 is filled at the entry, always. */
static sj_status funnel_count_times(sj__counting *counting, const sj__funnel_unit *unit,
                                    sj_error *error)
{
    const funnel_scratch *scratch = counting->scratch;
    sj__ledger *filled = &counting->tally->ledgers[SJ__FUNNEL_FILLED];
    int64_t before = unit->entry;
    sj_status status = SJ_OK;
    for (uint32_t k = 2; k <= unit->level && status == SJ_OK; k++) {
        const sj__funnel_moment *moment = funnel_filling(unit, k);
        const size_t row = scratch->rows[k];
        if (moment == NULL)
            continue;
        status = sj__ledger_spread(filled, row, 0, funnel_span(moment->time, unit->entry), error);
        if (status == SJ_OK)
            status = sj__ledger_spread(filled, row, 1, funnel_span(moment->time, before), error);
        before = moment->time;
    }
    return status;
}

static void funnel_count_values(sj__counting *counting, const sj__journey *journey,
                                const sj__funnel_unit *unit)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    sj__ledger *filled = &counting->tally->ledgers[SJ__FUNNEL_FILLED];
    for (uint32_t k = 1; k <= unit->level; k++) {
        const sj__funnel_moment *moment = funnel_filling(unit, k);
        int64_t value = funnel->worth[k - 1];
        if (moment != NULL &&
            (funnel->has_worth[k - 1] ||
             sj__graph_value(counting->graph, journey->base + moment->position, &value)))
            sj__ledger_sums(filled, scratch->rows[k])[0] += value;
    }
}

/* Where the event stands that comes behind all events of the attempt, in the unit's own journey; its end: none does. */
static uint64_t funnel_behind(const sj__funnel *funnel, const sj__funnel_unit *unit)
{
    uint64_t behind = 0;
    uint32_t last = 0;
    for (uint32_t k = 1; k <= unit->level; k++) {
        const sj__funnel_moment *moment = funnel_filling(unit, k);
        if (moment == NULL || moment->position < behind)
            continue;
        behind = (uint64_t)moment->position + 1;
        last = unit->filled[k];
    }
    if (funnel->n_hold == 0)
        return behind < unit->end ? behind : unit->end;
    return last + 1 < unit->n_moments ? unit->moments[last + 1].position : unit->end;
}

/* The touchpoint of the event behind all events of the attempt, as a name of the tally. */
static sj_status funnel_next_name(sj__counting *counting, const sj__journey *journey,
                                  const sj__funnel_unit *unit, int32_t *name, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    const funnel_scratch *scratch = counting->scratch;
    const uint64_t behind = funnel_behind(funnel, unit);
    *name = FUNNEL_END;
    const uint64_t event = journey->base + behind;
    if (behind == unit->end ||
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
                                   const sj__funnel_unit *unit, sj_error *error)
{
    sj__ledger *next = &counting->tally->ledgers[SJ__FUNNEL_NEXT];
    int32_t key[2] = {(int32_t)unit->level, 0};
    size_t row;
    sj_status status = funnel_next_name(counting, journey, unit, &key[1], error);
    if (status == SJ_OK)
        status = sj__ledger_row(next, key, 2, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(next, row)[0]++;
    return status;
}

static sj_status funnel_count_unit(sj__counting *counting, const sj__journey *journey,
                                   const sj__funnel_unit *unit, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    sj_status status = SJ_OK;
    scratch->levels[unit->level]++;
    if (funnel->figures & SJ_FIGURE_TIMES)
        status = funnel_count_times(counting, unit, error);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_VALUES)
        funnel_count_values(counting, journey, unit);
    if (status == SJ_OK && funnel->figures & SJ_FIGURE_REASONS) {
        scratch->reasons[unit->level * FUNNEL_REASONS + (uint32_t)unit->reason]++;
        if (sj__funnel_is_dropped(unit->reason))
            status = funnel_count_next(counting, journey, unit, error);
    }
    return status;
}

static int funnel_asks(const sj__funnel *funnel)
{
    return (funnel->figures != SJ_FIGURE_COUNTS || funnel->path.any_optional ? SJ__FUNNEL_TRACED
                                                                             : 0) |
           (funnel->figures & SJ_FIGURE_REASONS ? SJ__FUNNEL_REASONED : 0);
}

/* Units of the general matcher. */
static sj_status funnel_visit_units(sj__counting *counting, const sj__journey *journey,
                                    sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    const int asked = funnel_asks(funnel), traced = (asked & SJ__FUNNEL_TRACED) != 0;
    uint32_t highest = 0;
    sj__funnel_unit unit;
    sj_status status = sj__funnel_next_unit(&scratch->reader, asked, &unit, error);
    while (status == SJ_OK && unit.level > 0) {
        if (unit.removed) {
            scratch->levels[0]++;
        } else {
            highest = unit.level > highest ? unit.level : highest;
            for (uint32_t k = 1; k <= unit.level; k++)
                scratch->filled[k] += !traced || funnel_filling(&unit, k) != NULL;
            status = funnel_count_unit(counting, journey, &unit, error);
        }
        if (status == SJ_OK)
            status = sj__funnel_next_unit(&scratch->reader, asked, &unit, error);
    }
    if (highest > 0 && funnel->unit != SJ_UNIT_CUSTOMERS)
        scratch->customers[highest]++;
    return status;
}

static sj_status funnel_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    const sj__funnel *funnel = counting->question;
    funnel_scratch *scratch = counting->scratch;
    sj__funnel_reader *reader = &scratch->reader;
    sj__funnel_unit unit;
    sj_status status = sj__funnel_read(reader, journey, error);
    if (status != SJ_OK)
        return status;
    if (funnel->general)
        return funnel_visit_units(counting, journey, error);
    if (reader->matcher.level == 0)
        return SJ_OK;
    if (funnel->figures == SJ_FIGURE_COUNTS) {
        scratch->levels[reader->matcher.level]++;
        return SJ_OK;
    }
    status = sj__funnel_next_unit(reader, funnel_asks(funnel), &unit, error);
    return status == SJ_OK ? funnel_count_unit(counting, journey, &unit, error) : status;
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
        if (status == SJ_OK) /* the plain matcher fills every step up to the level */
            status = funnel_add_count(&ledgers[SJ__FUNNEL_FILLED], &k, 1,
                                      funnel->general ? scratch->filled[k] : units, error);
        if (status == SJ_OK)
            status = funnel_add_count(&ledgers[SJ__FUNNEL_CUSTOMERS], &k, 1, scratch->customers[k],
                                      error);
        for (int32_t r = 1; r < FUNNEL_REASONS && status == SJ_OK; r++)
            status = funnel_add_count(&ledgers[SJ__FUNNEL_REASONS], (int32_t[2]){k, r}, 2,
                                      scratch->reasons[k * FUNNEL_REASONS + r], error);
    }
    if (status == SJ_OK)
        status = funnel_add_count(&ledgers[SJ__FUNNEL_LEVELS], &(int32_t){0}, 1, scratch->levels[0],
                                  error);
    return status == SJ_OK ? funnel_end_times(counting, units, error) : status;
}

/* ---- the analysis ---- */

static const sj__ledger_spec funnel_ledgers[SJ__FUNNEL_LEDGERS] = {
    [SJ__FUNNEL_LEVELS] = {"levels", "i", "units", "", ""},
    [SJ__FUNNEL_FILLED] = {"filled", "i", "units", "value", "since_entry since_previous"},
    [SJ__FUNNEL_REASONS] = {"reasons", "ii", "units", "", ""},
    [SJ__FUNNEL_NEXT] = {"next", "in", "units", "", ""},
    [SJ__FUNNEL_CUSTOMERS] = {"customers", "i", "customers", "", ""},
};

static sj_status funnel_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                     sj_error *error)
{
    return sj_funnel_conclude(tally, options, out, error);
}

const sj__analysis sj__funnel_analysis = {
    .name = "funnel",
    .summary = "how many customers reach each step, how fast, and why the others do not",
    .revision = 1,
    .options = &sj__funnel_options_struct,
    .ledgers = funnel_ledgers,
    .n_ledgers = SJ__FUNNEL_LEDGERS,
    .ask = funnel_ask,
    .conclude = funnel_conclude_any,
    .begin = funnel_begin,
    .visit = funnel_visit,
    .range = funnel_range,
    .end = funnel_end,
    .drop = funnel_drop,
    .free = sj__funnel_free,
    .has_list = 1,
};

sj_status sj_funnel_plan(const sj_graph *graph, const sj_funnel_options *options, sj_plan **out,
                         sj_error *error)
{
    return sj__plan_make(&sj__funnel_analysis, graph, options, out, error);
}

sj_status sj_funnel_compute(const sj_graph *graph, const sj_funnel_options *options,
                            const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(&sj__funnel_analysis, graph, options, run, out, error);
}
