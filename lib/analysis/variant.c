/* Variants: whole journeys, sessions or leg prefixes that are alike; n-grams; indicators.
 *
 * A worker keeps the different sequences of codes (variant_table.c), a trie of n-grams
 * (kernel/trie.c) and sums of indicators (kernel/indicators.c); they become rows at the end, whole
 * numbers only:
 *     variants     names of the path     units, customers, converted, open; value; spread of time
 *     ngrams       names                 count, customers
 *     indicators   which sum             units; sum, sum of squares (fixed point: variant.h)
 *     alphabet     touchpoint            customers who have it, or all where it is declared
 * Indicators are kept undivided by the size of the alphabet, which the last ledger tells a
 * conclusion: so shards that know different touchpoints add up.  O(events), n-grams O(events ·
 * max_length). */
#include "analysis/variant.h"

#include <string.h>

#define VARIANT_UNIT 4294967296.0 /* 2^32: fixed point */

/* One worker's room. */
typedef struct variant_scratch {
    sj__variant_reader reader;
    sj__variant_rows rows;
    sj__trie grams;
    sj__indicator_room room;
    int64_t units; /* that have indicators */
    int64_t customers;
    sj__i128 sums[SJ__INDICATORS + 1], squares[SJ__INDICATORS + 1];
    int64_t *having;  /* by touchpoint: customers who have it */
    uint64_t *stamps; /* by touchpoint: the customer, and one, who was last seen to have it */
    int32_t *names;   /* by touchpoint: its number in the tally */
    int32_t width;    /* of codes */
} variant_scratch;

/* ---- plan ---- */

static void variant_describe(const sj__variant *variant, sj__text *text)
{
    static const char *const names[] = {"hash of code sequences", "trie of n-grams", "indicators"};
    int first = 1;
    for (int bit = 0; bit < 3; bit++) {
        if ((variant->what >> bit & 1) == 0)
            continue;
        sj__text_add(text, first ? "" : ", ");
        sj__text_add(text, names[bit]);
        first = 0;
    }
    sj__text_add(text, variant->has_conversion ? ", on legs up to the conversion"
                                               : ", on decoded journeys");
}

static sj_status variant_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj__variant_resolved resolved;
    sj__variant *variant = NULL;
    sj_status status = sj__variant_options_resolve(graph, options, &resolved, error);
    if (status == SJ_OK)
        status = sj__variant_new(graph, &resolved, &variant, error);
    if (status != SJ_OK)
        return status;
    plan->question = variant;
    memset(plan->wanted, 1, plan->n_wanted);
    variant_describe(variant, &plan->text);
    sj__variant_write(variant, &resolved, &plan->counted);
    return SJ_OK;
}

/* ---- scan ---- */

static sj_status variant_begin(sj__counting *counting, sj_error *error)
{
    const sj__variant *variant = counting->question;
    const sj_allocator *a = &counting->allocator;
    const size_t n = variant->n_touchpoints;
    variant_scratch *scratch = sj__alloc_zeroed(a, 1, sizeof *scratch);
    sj_status status = SJ_OK;
    if (scratch == NULL)
        return sj__fail_nomem(error);
    counting->scratch = scratch;
    sj__variant_reader_init(&scratch->reader, variant, counting->graph, a);
    sj__variant_rows_init(&scratch->rows, a);
    sj__trie_init(&scratch->grams, (uint32_t)n, a);
    scratch->names = sj__alloc(a, n, sizeof *scratch->names);
    scratch->having = sj__alloc_zeroed(a, n, sizeof *scratch->having);
    scratch->stamps = sj__alloc_zeroed(a, n, sizeof *scratch->stamps);
    if (scratch->names == NULL || scratch->having == NULL || scratch->stamps == NULL)
        return sj__fail_nomem(error);
    for (size_t t = 0; t < n; t++)
        scratch->names[t] = SJ__NOT_NAMED;
    if (variant->what & SJ_VARIANT_INDICATORS)
        status = sj__indicator_room_init(&scratch->room, (uint32_t)n, a, error);
    return status == SJ_OK ? sj__trie_root(&scratch->grams, error) : status;
}

static void variant_drop(sj__counting *counting)
{
    const sj__variant *variant = counting->question;
    const sj_allocator *a = &counting->allocator;
    const size_t n = variant->n_touchpoints;
    variant_scratch *scratch = counting->scratch;
    if (scratch == NULL)
        return;
    sj__variant_reader_free(&scratch->reader);
    sj__variant_rows_free(&scratch->rows);
    sj__trie_free(&scratch->grams);
    sj__indicator_room_free(&scratch->room);
    sj__free(a, scratch->names, n, sizeof *scratch->names);
    sj__free(a, scratch->having, n, sizeof *scratch->having);
    sj__free(a, scratch->stamps, n, sizeof *scratch->stamps);
    sj__free(a, scratch, 1, sizeof *scratch);
    counting->scratch = NULL;
}

/* later - earlier as a span; only extreme times do not fit. */
static int64_t variant_span(int64_t later, int64_t earlier)
{
    const uint64_t span = (uint64_t)later - (uint64_t)earlier;
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

static sj_status variant_count_path(sj__counting *counting, const sj__journey *journey,
                                    const sj__variant_unit *unit, sj_error *error)
{
    const sj__variant *variant = counting->question;
    variant_scratch *scratch = counting->scratch;
    const uint64_t stamp = journey->customer + 1;
    sj__variant_row *row = NULL;
    sj_status status = sj__variant_row_of(&scratch->rows, unit->codes,
                                          (size_t)unit->n * (size_t)journey->width, &row, error);
    if (status != SJ_OK)
        return status;
    row->counts[SJ__PATHS_UNITS]++;
    row->counts[SJ__PATHS_CUSTOMERS] += row->stamp != stamp;
    row->counts[SJ__PATHS_CONVERTED] += unit->converted && !unit->open;
    row->counts[SJ__PATHS_OPEN] += unit->open;
    row->stamp = stamp;
    if (unit->to == unit->first)
        return SJ_OK;
    if (variant->has_values)
        row->value += sj__graph_value_sum(counting->graph, journey->base + unit->first,
                                          journey->base + unit->to);
    const int64_t time = variant_span(journey->time[unit->to - 1], journey->time[unit->first]);
    return sj__spread_add(&row->time, &counting->allocator, sj__spread_bucket(time), 1, time,
                          error);
}

static uint32_t variant_code(const void *codes, int32_t width, uint64_t i)
{
    return width == 1   ? ((const uint8_t *)codes)[i]
           : width == 2 ? ((const uint16_t *)codes)[i]
                        : ((const uint32_t *)codes)[i];
}

static sj_status variant_count_grams(const sj__variant *variant, variant_scratch *scratch,
                                     const sj__journey *journey, const sj__variant_unit *unit,
                                     sj_error *error)
{
    const uint32_t stamp = (uint32_t)journey->customer + 1;
    sj_status status = SJ_OK;
    for (uint64_t i = 0; i + variant->min_length <= unit->n; i++) {
        const uint64_t most = unit->n - i < variant->max_length ? unit->n - i : variant->max_length;
        uint32_t node = 0;
        for (uint64_t k = 0; k < most; k++) {
            status = sj__trie_child(&scratch->grams, node,
                                    variant_code(unit->codes, journey->width, i + k), &node, error);
            if (status != SJ_OK)
                return status;
            if (k + 1 >= variant->min_length)
                sj__trie_count(&scratch->grams, node, stamp);
        }
    }
    return status;
}

/* To the nearest 2^-32, halves up; the indicators are not negative and below 2^31. */
static int64_t variant_fixed(double v)
{
    return (int64_t)(v * VARIANT_UNIT + 0.5);
}

static void variant_add(variant_scratch *scratch, int32_t indicator, sj__i128 v)
{
    scratch->sums[indicator] += v;
    scratch->squares[indicator] += v * v;
}

static void variant_count_indicators(variant_scratch *scratch, const sj__journey *journey,
                                     const sj__variant_unit *unit)
{
    const uint64_t stamp = journey->customer + 1;
    sj__indicators found;
    sj__indicators_of(&scratch->room, unit->codes, journey->width, unit->n, &found);
    const int64_t changes = variant_fixed(found.changes);
    const int64_t others = (int64_t)found.distinct - 1;
    variant_add(scratch, SJ__INDICATOR_LENGTH, (int64_t)unit->n);
    variant_add(scratch, SJ__INDICATOR_BITS, variant_fixed(found.bits));
    variant_add(scratch, SJ__INDICATOR_MIXED, variant_fixed(found.mixed));
    variant_add(scratch, SJ__INDICATOR_TURBULENCE, variant_fixed(found.turbulence));
    variant_add(scratch, SJ__INDICATOR_CHANGES, changes);
    variant_add(scratch, SJ__INDICATOR_OTHERS, others);
    scratch->sums[SJ__INDICATOR_CROSS] += (sj__i128)others * changes;
    scratch->units++;
    for (uint64_t i = 0; i < found.distinct; i++) {
        const uint32_t t = sj__indicators_seen(&scratch->room)[i];
        scratch->having[t] += scratch->stamps[t] != stamp;
        scratch->stamps[t] = stamp;
    }
}

static sj_status variant_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    const sj__variant *variant = counting->question;
    variant_scratch *scratch = counting->scratch;
    sj_status status = sj__variant_read(&scratch->reader, journey, error);
    scratch->width = journey->width;
    scratch->customers++;
    for (size_t i = 0; i < scratch->reader.n_units && status == SJ_OK; i++) {
        sj__variant_unit unit;
        sj__variant_unit_at(&scratch->reader, journey, i, &unit);
        if (variant->what & SJ_VARIANT_WHOLE)
            status = variant_count_path(counting, journey, &unit, error);
        if (status == SJ_OK && variant->what & SJ_VARIANT_NGRAMS)
            status = variant_count_grams(variant, scratch, journey, &unit, error);
        if (variant->what & SJ_VARIANT_INDICATORS && unit.n > 0)
            variant_count_indicators(scratch, journey, &unit);
    }
    return status;
}

/* ---- into the ledgers ---- */

static sj_status variant_end_row(sj__counting *counting, sj__variant_row *from,
                                 const uint32_t *by_rank, int32_t *key, sj_error *error)
{
    variant_scratch *scratch = counting->scratch;
    sj__ledger *ledger = &counting->tally->ledgers[SJ__VARIANT_PATHS];
    const size_t n = (size_t)from->n / (size_t)scratch->width;
    size_t row = 0;
    sj_status status = SJ_OK;
    for (size_t i = 0; i < n && status == SJ_OK; i++)
        status = sj__counting_touchpoint(
            counting, scratch->names,
            by_rank[sj__variant_rank_at(&scratch->rows, from, scratch->width, i)], &key[i], error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, key, n, &row, error);
    if (status != SJ_OK)
        return status;
    memcpy(sj__ledger_counts(ledger, row), from->counts, sizeof from->counts);
    sj__ledger_sums(ledger, row)[0] = from->value;
    *sj__ledger_spreads(ledger, row) = from->time; /* the ledger's from now on */
    from->time = (sj__spread){0};
    return SJ_OK;
}

static sj_status variant_end_paths(sj__counting *counting, const uint32_t *by_rank, sj_error *error)
{
    variant_scratch *scratch = counting->scratch;
    sj__variant_rows *rows = &scratch->rows;
    const sj_allocator *a = &counting->allocator;
    const size_t longest = (size_t)sj__graph_longest(counting->graph), n_rows = rows->n_rows;
    if (n_rows == 0)
        return SJ_OK;
    int32_t *key = sj__alloc(a, longest, sizeof *key);
    uint32_t *order = sj__alloc(a, n_rows, sizeof *order);
    sj_status status =
        key != NULL && order != NULL
            ? sj__variant_rows_sort(rows, scratch->width, by_rank,
                                    sj__graph_map(counting->graph)->touchpoints.count, order, error)
            : sj__fail_nomem(error);
    for (size_t i = 0; i < n_rows && status == SJ_OK; i++)
        status = variant_end_row(counting, &rows->rows[order[i]], by_rank, key, error);
    sj__free(a, key, longest, sizeof *key);
    sj__free(a, order, n_rows, sizeof *order);
    return status;
}

static sj_status variant_end_gram(void *user, const sj__trie_node *node, const uint32_t *steps,
                                  size_t n, sj_error *error)
{
    sj__counting *counting = user;
    const variant_scratch *scratch = counting->scratch;
    sj__ledger *ledger = &counting->tally->ledgers[SJ__VARIANT_GRAMS];
    int32_t key[SJ__VARIANT_LONGEST];
    size_t row = 0;
    sj_status status = SJ_OK;
    if (node->count == 0)
        return SJ_OK;
    for (size_t i = 0; i < n && status == SJ_OK; i++)
        status = sj__counting_touchpoint(counting, scratch->names, steps[i], &key[i], error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, key, n, &row, error);
    if (status != SJ_OK)
        return status;
    sj__ledger_counts(ledger, row)[0] += node->count;
    sj__ledger_counts(ledger, row)[1] += node->customers;
    return SJ_OK;
}

static sj_status variant_end_indicators(sj__counting *counting, sj_error *error)
{
    const variant_scratch *scratch = counting->scratch;
    const sj__map *map = sj__graph_map(counting->graph);
    sj__ledger *indicated = &counting->tally->ledgers[SJ__VARIANT_INDICATED];
    sj__ledger *alphabet = &counting->tally->ledgers[SJ__VARIANT_ALPHABET];
    size_t row = 0;
    sj_status status = SJ_OK;
    for (int32_t k = 1; k <= SJ__INDICATORS && status == SJ_OK; k++) {
        status = sj__ledger_row(indicated, &k, 1, &row, error);
        if (status != SJ_OK)
            break;
        sj__ledger_counts(indicated, row)[0] += scratch->units;
        sj__ledger_sums(indicated, row)[0] += scratch->sums[k];
        sj__ledger_sums(indicated, row)[1] += scratch->squares[k];
    }
    for (uint32_t t = 0; t < map->touchpoints.count && status == SJ_OK; t++) {
        const int64_t n = map->touchpoint[t].declared ? scratch->customers : scratch->having[t];
        int32_t name = 0;
        if (n == 0)
            continue;
        status = sj__counting_touchpoint(counting, scratch->names, t, &name, error);
        if (status == SJ_OK)
            status = sj__ledger_row(alphabet, &name, 1, &row, error);
        if (status == SJ_OK)
            sj__ledger_counts(alphabet, row)[0] += n;
    }
    return status;
}

/* Rows are put down in the order in which they will lie in the settled tally: by names. */
static sj_status variant_end(sj__counting *counting, sj_error *error)
{
    const sj__variant *variant = counting->question;
    const variant_scratch *scratch = counting->scratch;
    const sj_allocator *a = &counting->allocator;
    const size_t n = variant->n_touchpoints;
    uint32_t *by_rank = sj__alloc(a, n, sizeof *by_rank);
    if (by_rank == NULL)
        return sj__fail_nomem(error);
    sj_status status =
        sj__intern_order(&sj__graph_map(counting->graph)->touchpoints, by_rank, error);
    if (status == SJ_OK)
        status = variant_end_paths(counting, by_rank, error);
    if (status == SJ_OK && scratch->grams.n_nodes > 1)
        status = sj__trie_each(&scratch->grams, by_rank, SJ__VARIANT_LONGEST, variant_end_gram,
                               counting, error);
    if (status == SJ_OK && variant->what & SJ_VARIANT_INDICATORS)
        status = variant_end_indicators(counting, error);
    sj__free(a, by_rank, n, sizeof *by_rank);
    return status;
}

/* ---- the analysis ---- */

static const sj__ledger_spec variant_ledgers[SJ__VARIANT_LEDGERS] = {
    [SJ__VARIANT_PATHS] = {"variants", "n*", "units customers converted open", "value", "time"},
    [SJ__VARIANT_GRAMS] = {"ngrams", "n*", "count customers", "", ""},
    [SJ__VARIANT_INDICATED] = {"indicators", "i", "units", "sum squares", ""},
    [SJ__VARIANT_ALPHABET] = {"alphabet", "n", "customers", "", ""},
};

static sj_status variant_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                      sj_error *error)
{
    return sj_variant_conclude(tally, options, out, error);
}

const sj__analysis sj__variant_analysis = {
    .name = "variant",
    .summary = "journeys that are alike, n-grams of touchpoints, and how varied journeys are",
    .revision = 1,
    .options = &sj__variant_options_struct,
    .ledgers = variant_ledgers,
    .n_ledgers = SJ__VARIANT_LEDGERS,
    .ask = variant_ask,
    .conclude = variant_conclude_any,
    .begin = variant_begin,
    .visit = variant_visit,
    .end = variant_end,
    .drop = variant_drop,
    .free = sj__variant_free,
    .has_list = 1,
};

sj_status sj_variant_plan(const sj_graph *graph, const sj_variant_options *options, sj_plan **out,
                          sj_error *error)
{
    return sj__plan_make(&sj__variant_analysis, graph, options, out, error);
}

sj_status sj_variant_compute(const sj_graph *graph, const sj_variant_options *options,
                             const sj_run *run, sj_result **out, sj_error *error)
{
    return sj__compute(&sj__variant_analysis, graph, options, run, out, error);
}
