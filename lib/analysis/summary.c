/* What a graph holds: figures of the whole, its vocabulary with the events of each name, and events
 * as a list.
 *
 * One pass: events by touchpoint, by channel, and by micro-conversion.  Most conditions are settled
 * by the touchpoint alone; only the (touchpoint, micro-conversion) pairs that are not "never" are
 * looked at, so a pass is O(events + events that may meet one).  Workers count apart and are added
 * at the end; not tallied, because it looks at one graph. */
#include <sojourn/summary.h>

#include <string.h>

#include "base/number.h"
#include "base/threads.h"
#include "journey/condition.h"
#include "journey/graph.h"
#include "tally/result.h"

/* Customers are handed out in ranges of about so many events. */
#define SUMMARY_RANGE UINT64_C(65536)

/* A micro-conversion that events of some touchpoint may meet. */
typedef struct summary_chance {
    uint32_t conversion;
    int32_t verdict;
} summary_chance;

/* What one worker counted: a number per touchpoint, channel … */
typedef struct summary_counts {
    uint64_t *touchpoints;
    uint64_t *stages; /* only once the workers are added up */
    uint64_t *channels;
    uint64_t *met;       /* events */
    uint64_t *customers; /* with one */
    uint64_t *seen;      /* the last such customer + 1 */
} summary_counts;

typedef struct summary_pass {
    const sj_graph *graph;
    const sj__map *map;
    const sj_allocator *allocator;
    uint64_t n_customers, n_ranges;
    uint32_t n_touchpoints, n_channels, n_conversions;
    int32_t has_channels;
    sj__condition **conditions;
    uint64_t *first; /* by touchpoint: where its chances begin; one more at the end */
    summary_chance *chances;
    size_t n_chances;
    uint64_t *numbers; /* n_workers × n_numbers */
    size_t n_workers, n_numbers;
} summary_pass;

/* ---- counting ---- */

static summary_counts summary_counts_of(const summary_pass *pass, size_t worker)
{
    summary_counts counts;
    counts.touchpoints = pass->numbers + worker * pass->n_numbers;
    counts.stages = counts.touchpoints + pass->n_touchpoints;
    counts.channels = counts.stages + pass->map->stages.count;
    counts.met = counts.channels + pass->n_channels;
    counts.customers = counts.met + pass->n_conversions;
    counts.seen = counts.customers + pass->n_conversions;
    return counts;
}

static void summary_count_conversions(const summary_pass *pass, const summary_counts *counts,
                                      uint64_t customer, uint64_t event, uint32_t touchpoint)
{
    uint64_t i;
    for (i = pass->first[touchpoint]; i < pass->first[touchpoint + 1]; i++) {
        uint32_t c = pass->chances[i].conversion;
        if (pass->chances[i].verdict == SJ__LOOK &&
            !sj__condition_met(pass->conditions[c], pass->graph, customer, event))
            continue;
        counts->met[c]++;
        counts->customers[c] += counts->seen[c] != customer + 1;
        counts->seen[c] = customer + 1;
    }
}

static void summary_count_customer(const summary_pass *pass, const summary_counts *counts,
                                   uint64_t customer)
{
    uint64_t event = sj__graph_first(pass->graph, customer);
    uint64_t end = sj__graph_first(pass->graph, customer + 1);
    for (; event < end; event++) {
        uint32_t touchpoint = sj__graph_touchpoint(pass->graph, event);
        counts->touchpoints[touchpoint]++;
        if (pass->has_channels) {
            uint32_t channel = sj__graph_channel(pass->graph, event);
            if (channel != SJ__NO_ID)
                counts->channels[channel]++;
        }
        if (pass->first[touchpoint] != pass->first[touchpoint + 1])
            summary_count_conversions(pass, counts, customer, event, touchpoint);
    }
}

/* The first customer of a range: the ranges share the events out evenly. */
static uint64_t summary_border(const summary_pass *pass, uint64_t range)
{
    uint64_t events = sj__graph_events(pass->graph);
    uint64_t event = range * SUMMARY_RANGE;
    uint64_t customer;
    if (event >= events)
        return pass->n_customers;
    customer = sj__graph_customer_of(pass->graph, event);
    return sj__graph_first(pass->graph, customer) == event ? customer : customer + 1;
}

static sj_status summary_task(void *user, size_t worker, uint64_t item, sj_error *error)
{
    const summary_pass *pass = user;
    summary_counts counts = summary_counts_of(pass, worker);
    uint64_t customer = summary_border(pass, item);
    uint64_t end = summary_border(pass, item + 1);
    (void)error;
    for (; customer < end; customer++)
        summary_count_customer(pass, &counts, customer);
    return SJ_OK;
}

/* Adds the workers up in the first one's numbers. */
static void summary_add_up(const summary_pass *pass)
{
    summary_counts total = summary_counts_of(pass, 0);
    size_t worker, i;
    for (worker = 1; worker < pass->n_workers; worker++) {
        for (i = 0; i < pass->n_numbers; i++)
            pass->numbers[i] += pass->numbers[worker * pass->n_numbers + i];
    }
    for (i = 0; i < pass->n_touchpoints; i++) {
        const sj__map_touchpoint *touchpoint = &pass->map->touchpoint[i];
        if (touchpoint->stage != SJ__NO_ID)
            total.stages[touchpoint->stage] += total.touchpoints[i];
        /* Where no event has a channel of its own, each has its touchpoint's. */
        if (!pass->has_channels && touchpoint->channel != SJ__NO_ID)
            total.channels[touchpoint->channel] += total.touchpoints[i];
    }
}

/* ---- the pass ---- */

static sj_status summary_compile(summary_pass *pass, sj_error *error)
{
    uint32_t c, t;
    for (c = 0; c < pass->n_conversions; c++) {
        sj_status status = sj__condition_of_conversion(pass->map, c, pass->allocator,
                                                       &pass->conditions[c], error);
        if (status != SJ_OK)
            return status;
        for (t = 0; t < pass->n_touchpoints; t++)
            pass->n_chances += sj__condition_verdict(pass->conditions[c], t) != SJ__NEVER_MET;
    }
    return SJ_OK;
}

static void summary_fill_chances(summary_pass *pass)
{
    uint64_t n = 0;
    uint32_t c, t;
    for (t = 0; t < pass->n_touchpoints; t++) {
        pass->first[t] = n;
        for (c = 0; c < pass->n_conversions; c++) {
            int verdict = sj__condition_verdict(pass->conditions[c], t);
            if (verdict != SJ__NEVER_MET)
                pass->chances[n++] = (summary_chance){.conversion = c, .verdict = verdict};
        }
    }
    pass->first[pass->n_touchpoints] = n;
}

static void summary_pass_init(summary_pass *pass, const sj_graph *graph, int64_t threads)
{
    const sj__map *map = sj__graph_map(graph);
    memset(pass, 0, sizeof *pass);
    pass->graph = graph;
    pass->map = map;
    pass->allocator = sj__graph_allocator(graph);
    pass->n_customers = sj__graph_customers(graph);
    pass->n_ranges =
        sj__graph_events(graph) / SUMMARY_RANGE + (sj__graph_events(graph) % SUMMARY_RANGE != 0);
    pass->n_touchpoints = map->touchpoints.count;
    pass->n_channels = map->channels.count;
    pass->n_conversions = map->conversions.count;
    pass->has_channels = sj__graph_get_facts(graph)->has_channels;
    pass->n_workers = (uint64_t)threads < pass->n_ranges ? (size_t)threads : (size_t)pass->n_ranges;
    if (pass->n_workers == 0)
        pass->n_workers = 1;
    pass->n_numbers = (size_t)pass->n_touchpoints + map->stages.count + pass->n_channels +
                      3 * (size_t)pass->n_conversions;
}

static void summary_pass_free(summary_pass *pass)
{
    const sj_allocator *a = pass->allocator;
    uint32_t c;
    for (c = 0; pass->conditions != NULL && c < pass->n_conversions; c++)
        sj__condition_free(pass->conditions[c]);
    sj__free(a, pass->conditions, pass->n_conversions, sizeof(sj__condition *));
    sj__free(a, pass->first, (size_t)pass->n_touchpoints + 1, sizeof *pass->first);
    sj__free(a, pass->chances, pass->n_chances, sizeof *pass->chances);
    sj__free(a, pass->numbers, pass->n_workers * pass->n_numbers, sizeof *pass->numbers);
}

static sj_status summary_count(summary_pass *pass, const sj_run *run, sj_error *error)
{
    const sj_allocator *a = pass->allocator;
    sj_status status;
    pass->conditions = sj__alloc_zeroed(a, pass->n_conversions, sizeof(sj__condition *));
    pass->first = sj__alloc_zeroed(a, (size_t)pass->n_touchpoints + 1, sizeof *pass->first);
    pass->numbers = sj__alloc_zeroed(a, pass->n_workers * pass->n_numbers, sizeof *pass->numbers);
    if (pass->conditions == NULL || pass->first == NULL || pass->numbers == NULL)
        return sj__fail_nomem(error);
    status = summary_compile(pass, error);
    if (status != SJ_OK)
        return status;
    pass->chances = sj__alloc(a, pass->n_chances, sizeof *pass->chances);
    if (pass->chances == NULL)
        return sj__fail_nomem(error);
    summary_fill_chances(pass);
    status = sj__run_items(run, a, pass->n_ranges, sj__graph_events(pass->graph), summary_task,
                           pass, error);
    if (status == SJ_OK)
        summary_add_up(pass);
    return status;
}

/* ---- tables ---- */

static const char *summary_name(const sj__intern *names, uint32_t i)
{
    return i == SJ__NO_ID ? NULL : sj__intern_name(names, i, NULL);
}

static void summary_put_whole(sj_result *result, const sj_graph *graph)
{
    static const sj__column_spec columns[] = {
        {"events", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"touchpoints", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"channels", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"stages", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"first_time", SJ_COLUMN_INTEGER, SJ_UNIT_TIME},
        {"last_time", SJ_COLUMN_INTEGER, SJ_UNIT_TIME},
        {"observed_from", SJ_COLUMN_INTEGER, SJ_UNIT_TIME},
        {"observed_until", SJ_COLUMN_INTEGER, SJ_UNIT_TIME},
        {"bytes_per_event", SJ_COLUMN_REAL, SJ_UNIT_NONE},
        {"skipped", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"doubles", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"digits_cut", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    };
    sj_table *table = sj__result_add(result, "summary", columns, sizeof columns / sizeof *columns);
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    uint64_t events = sj__graph_events(graph);
    sj__put_integer(table, 0, (int64_t)events);
    sj__put_integer(table, 1, (int64_t)sj__graph_customers(graph));
    sj__put_integer(table, 2, (int64_t)sj_graph_count(graph, SJ_KIND_TOUCHPOINTS));
    sj__put_integer(table, 3, (int64_t)sj_graph_count(graph, SJ_KIND_CHANNELS));
    sj__put_integer(table, 4, (int64_t)sj_graph_count(graph, SJ_KIND_STAGES));
    if (events > 0) {
        sj__put_integer(table, 5, facts->first_time);
        sj__put_integer(table, 6, facts->last_time);
        sj__put_real(table, 9, (double)sj_graph_count(graph, SJ_KIND_BYTES) / (double)events);
    }
    if (facts->has_observed) {
        sj__put_integer(table, 7, facts->observed_from);
        sj__put_integer(table, 8, facts->observed_until);
    }
    sj__put_integer(table, 10, (int64_t)facts->skipped);
    sj__put_integer(table, 11, (int64_t)facts->doubles);
    sj__put_integer(table, 12, (int64_t)facts->digits_cut);
    sj__end_row(table);
}

static void summary_put_touchpoints(sj_result *result, const summary_pass *pass)
{
    static const sj__column_spec columns[] = {
        {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"stage", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"channel", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"events", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    };
    sj_table *table =
        sj__result_add(result, "touchpoints", columns, sizeof columns / sizeof *columns);
    summary_counts counts = summary_counts_of(pass, 0);
    uint32_t t;
    for (t = 0; t < pass->n_touchpoints; t++) {
        sj__put_string(table, 0, summary_name(&pass->map->touchpoints, t));
        sj__put_string(table, 1, summary_name(&pass->map->stages, pass->map->touchpoint[t].stage));
        sj__put_string(table, 2,
                       summary_name(&pass->map->channels, pass->map->touchpoint[t].channel));
        sj__put_integer(table, 3, (int64_t)counts.touchpoints[t]);
        sj__end_row(table);
    }
}

/* Events of each of some names. */
static void summary_put_events(sj_result *result, const char *name, const sj__intern *names,
                               const uint64_t *events)
{
    static const sj__column_spec columns[] = {
        {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"events", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    };
    sj_table *table = sj__result_add(result, name, columns, sizeof columns / sizeof *columns);
    uint32_t i;
    for (i = 0; i < names->count; i++) {
        sj__put_string(table, 0, summary_name(names, i));
        sj__put_integer(table, 1, (int64_t)events[i]);
        sj__end_row(table);
    }
}

static void summary_put_conversions(sj_result *result, const summary_pass *pass)
{
    static const sj__column_spec columns[] = {
        {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"condition", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"value", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
        {"events", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    };
    sj_table *table =
        sj__result_add(result, "micro_conversions", columns, sizeof columns / sizeof *columns);
    summary_counts counts = summary_counts_of(pass, 0);
    uint32_t c;
    for (c = 0; c < pass->n_conversions; c++) {
        const sj__map_conversion *conversion = &pass->map->conversion[c];
        sj__put_string(table, 0, summary_name(&pass->map->conversions, c));
        sj__put_text(table, 1, conversion->condition, conversion->size);
        if (conversion->has_worth)
            sj__put_real(table, 2, sj__fixed6_to_real(conversion->worth));
        sj__put_integer(table, 3, (int64_t)counts.met[c]);
        sj__put_integer(table, 4, (int64_t)counts.customers[c]);
        sj__end_row(table);
    }
}

static void summary_put_expected(sj_result *result, const sj__map *map)
{
    static const sj__column_spec columns[] = {
        {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"share", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
        {"between", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    };
    sj_table *table = sj__result_add(result, "expected", columns, sizeof columns / sizeof *columns);
    size_t i;
    for (i = 0; i < map->n_expected; i++) {
        const sj__map_expected *expected = &map->expected[i];
        const sj__intern *names = expected->of_stages ? &map->stages : &map->touchpoints;
        sj__put_string(table, 0, summary_name(names, expected->from));
        sj__put_string(table, 1, summary_name(names, expected->to));
        if (expected->share > 0)
            sj__put_real(table, 2, expected->share);
        sj__put_string(table, 3, expected->of_stages ? "stages" : "touchpoints");
        sj__end_row(table);
    }
}

static void summary_put_attributes(sj_result *result, const sj__map *map)
{
    static const char *const types[] = {[SJ_ATTRIBUTE_CATEGORY] = "category",
                                        [SJ_ATTRIBUTE_INTEGER] = "integer",
                                        [SJ_ATTRIBUTE_REAL] = "real"};
    static const sj__column_spec columns[] = {
        {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"type", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"of", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    };
    sj_table *table =
        sj__result_add(result, "attributes", columns, sizeof columns / sizeof *columns);
    uint32_t i;
    for (i = 0; i < map->attributes.count; i++) {
        sj__put_string(table, 0, summary_name(&map->attributes, i));
        sj__put_string(table, 1, types[map->attribute[i].type]);
        sj__put_string(table, 2, map->attribute[i].of_customers ? "customers" : "events");
        sj__end_row(table);
    }
}

static sj_status summary_report(const summary_pass *pass, sj_result **out, sj_error *error)
{
    summary_counts counts = summary_counts_of(pass, 0);
    sj_result *result = NULL;
    sj_status status = sj__result_new(pass->allocator, &result, error);
    if (status != SJ_OK)
        return status;
    summary_put_whole(result, pass->graph);
    summary_put_touchpoints(result, pass);
    summary_put_events(result, "stages", &pass->map->stages, counts.stages);
    summary_put_events(result, "channels", &pass->map->channels, counts.channels);
    summary_put_conversions(result, pass);
    summary_put_expected(result, pass->map);
    summary_put_attributes(result, pass->map);
    sj__result_note(result, "bytes_per_event",
                    "memory at rest, vocabulary and keys included, by events");
    return sj__result_finish(result, out, error);
}

sj_status sj_summary_compute(const sj_graph *graph, const sj_run *run, sj_result **out,
                             sj_error *error)
{
    summary_pass pass;
    sj_run loaded;
    sj_status status;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (graph == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "graph is NULL");
    status = sj__run_load(run, &loaded, error);
    if (status != SJ_OK)
        return status;
    summary_pass_init(&pass, graph, loaded.threads);
    status = summary_count(&pass, &loaded, error);
    if (status == SJ_OK)
        status = summary_report(&pass, out, error);
    summary_pass_free(&pass);
    return status;
}
