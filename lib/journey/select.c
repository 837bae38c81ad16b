/* A smaller graph.  Customers are picked first (from the lists, then by the condition on whole
 * journeys) and measured, then packed as a builder would.  Only journeys of customers that the
 * lists leave are looked at: where `include` alone is given that is O(events kept), else O(events).
 */
#include "journey/select.h"

#include <string.h>

#include "base/checked.h"
#include "base/threads.h"
#include "journey/builder.h"
#include "journey/condition.h"

#define SELECT_STRIDE 4096 /* customers between two calls of progress */

/* A condition, and what touchpoints alone decide of it. */
typedef struct select_filter {
    sj__condition *condition; /* NULL: everything meets it */
    uint8_t *verdict;         /* by touchpoint */
} select_filter;

typedef struct selecting {
    const sj_graph *graph;
    const sj_allocator *allocator;
    const sj__map *map;
    sj_selection selection;
    sj_run run;
    select_filter events, customers;
    sj__select_lists lists;
    sj__shape shape;
    sj__select_columns columns;
    uint32_t *kept; /* customers that are left */
    size_t n_kept, kept_capacity;
    sj__kept_journey journey; /* at hand */
    size_t room;              /* of it */
} selecting;

/* --------------------------------------------------------------------------------- conditions --
 */

static sj_status select_compile(const selecting *s, const char *text, select_filter *filter,
                                sj_error *error)
{
    uint32_t touchpoints = s->map->touchpoints.count;
    sj_status status;
    if (!text) {
        return SJ_OK;
    }
    status =
        sj__condition_compile(s->map, text, strlen(text), s->allocator, &filter->condition, error);
    if (status) {
        return status;
    }
    filter->verdict = sj__alloc(s->allocator, touchpoints, sizeof *filter->verdict);
    if (!filter->verdict) {
        return sj__fail_nomem(error);
    }
    for (uint32_t t = 0; t < touchpoints; t++) {
        filter->verdict[t] = (uint8_t)sj__condition_verdict(filter->condition, t);
    }
    return SJ_OK;
}

static void select_free_filter(const selecting *s, select_filter *filter)
{
    sj__free(s->allocator, filter->verdict, s->map->touchpoints.count, sizeof *filter->verdict);
    sj__condition_free(filter->condition);
}

static int select_meets(const selecting *s, const select_filter *filter, uint64_t customer,
                        uint64_t event)
{
    uint8_t verdict;
    if (!filter->condition) {
        return 1;
    }
    verdict = filter->verdict[sj__graph_touchpoint(s->graph, event)];
    return verdict == SJ__LOOK ? sj__condition_met(filter->condition, s->graph, customer, event)
                               : verdict == SJ__ALWAYS_MET;
}

/* Whether some event of the whole journey meets the condition on customers. */
static int select_wants(const selecting *s, uint64_t customer)
{
    uint64_t to = sj__graph_first(s->graph, customer + 1);
    for (uint64_t e = sj__graph_first(s->graph, customer); s->customers.condition && e < to; e++) {
        if (select_meets(s, &s->customers, customer, e)) {
            return 1;
        }
    }
    return !s->customers.condition;
}

static sj_status select_progress(const selecting *s, uint64_t done, sj_error *error)
{
    if (s->run.progress &&
        s->run.progress(s->run.user, done, 2 * sj__select_lists_count(&s->lists))) {
        return sj__fail(error, SJ_ERR_CANCELLED, "selecting was stopped by progress");
    }
    return SJ_OK;
}

/* ----------------------------------------------------------------------------------- journeys --
 */

static sj_status select_allocate(selecting *s, sj_error *error)
{
    const sj_allocator *a = s->allocator;
    sj__select_walk walk = {0};
    uint64_t customer;
    while (sj__select_lists_next(&s->lists, &walk, &customer)) {
        size_t n =
            (size_t)(sj__graph_first(s->graph, customer + 1) - sj__graph_first(s->graph, customer));
        s->room = n > s->room ? n : s->room;
    }
    s->journey.event = sj__alloc(a, s->room, sizeof *s->journey.event);
    s->journey.time = sj__alloc(a, s->room, sizeof *s->journey.time);
    s->journey.touchpoint = sj__alloc(a, s->room, sizeof *s->journey.touchpoint);
    s->shape.numbers = sj__alloc_zeroed(a, SJ__ATTRIBUTE_COLUMN + (size_t)s->map->attributes.count,
                                        sizeof(uint64_t));
    if (!s->journey.event || !s->journey.time || !s->journey.touchpoint || !s->shape.numbers) {
        return sj__fail_nomem(error);
    }
    return sj__select_columns_init(&s->columns, s->graph, s->room, error);
}

/* The first event of a journey that is at `time` or later. */
static uint64_t select_find_time(const sj_graph *graph, uint64_t customer, int64_t time)
{
    uint64_t low = sj__graph_first(graph, customer), high = sj__graph_first(graph, customer + 1);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (sj__graph_time(graph, customer, middle) < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Reads the events that are kept of a customer; 0 where there are none. */
static int select_journey(selecting *s, uint64_t customer)
{
    const sj_graph *graph = s->graph;
    const sj_selection *selection = &s->selection;
    sj__kept_journey *journey = &s->journey;
    uint64_t from = selection->from ? select_find_time(graph, customer, *selection->from)
                                    : sj__graph_first(graph, customer);
    uint64_t to = selection->to ? select_find_time(graph, customer, *selection->to)
                                : sj__graph_first(graph, customer + 1);
    journey->customer = customer;
    journey->n = 0;
    for (uint64_t e = from; e < to; e++) {
        if (select_meets(s, &s->events, customer, e)) {
            journey->event[journey->n] = e;
            journey->time[journey->n] = sj__graph_time(graph, customer, e);
            journey->touchpoint[journey->n] = sj__graph_touchpoint(graph, e);
            journey->n++;
        }
    }
    return journey->n > 0;
}

static void select_measure_journey(selecting *s)
{
    const sj__kept_journey *journey = &s->journey;
    sj__shape *shape = &s->shape;
    int64_t first = journey->time[0], last = journey->time[journey->n - 1];
    uint64_t span = sj__time_since(last, first);
    size_t n;
    sj__graph_key(s->graph, journey->customer, &n);
    shape->first_time =
        shape->customers == 0 || first < shape->first_time ? first : shape->first_time;
    shape->last_time = shape->customers == 0 || last > shape->last_time ? last : shape->last_time;
    shape->customers++;
    shape->key_bytes += n + 1;
    shape->events += journey->n;
    shape->longest = journey->n > shape->longest ? journey->n : shape->longest;
    shape->longest_span = span > shape->longest_span ? span : shape->longest_span;
    for (size_t i = 1; shape->resolution != 1 && i < journey->n; i++) {
        uint64_t since = sj__time_since(journey->time[i], first);
        if (since && (shape->resolution == 0 || since % shape->resolution)) {
            shape->resolution = sj__pack_divisor(shape->resolution, since);
        }
    }
    sj__select_columns_measure(&s->columns, journey, shape);
}

static sj_status select_measure(selecting *s, sj_error *error)
{
    sj__select_walk walk = {0};
    uint64_t customer;
    sj_status status = select_progress(s, 0, error);
    while (!status && sj__select_lists_next(&s->lists, &walk, &customer)) {
        if (select_wants(s, customer) && select_journey(s, customer)) {
            status = sj__grow(s->allocator, &s->kept, &s->kept_capacity, s->n_kept + 1, error);
            if (!status) {
                s->kept[s->n_kept++] = (uint32_t)customer;
                select_measure_journey(s);
            }
        }
        if (!status && walk.next % SELECT_STRIDE == 0) {
            status = select_progress(s, walk.next, error);
        }
    }
    return status;
}

static sj_status select_fill(selecting *s, sj__pack *pack, sj_error *error)
{
    uint64_t half = sj__select_lists_count(&s->lists);
    sj_status status = select_progress(s, half, error);
    for (size_t i = 0; !status && i < s->n_kept; i++) {
        size_t n;
        const char *key = sj__graph_key(s->graph, s->kept[i], &n);
        select_journey(s, s->kept[i]);
        status = sj__pack_journey(pack, key, n, s->journey.time, s->journey.touchpoint,
                                  s->journey.n, error);
        if (!status) {
            sj__select_columns_pack(&s->columns, &s->journey, pack);
        }
        if (!status && i % SELECT_STRIDE == SELECT_STRIDE - 1) {
            status = select_progress(s, half + i, error);
        }
    }
    return status ? status : select_progress(s, 2 * half, error);
}

/* -------------------------------------------------------------------------------------- facts --
 */

/* What was left out of the events, now and before. */
static void select_write_filter(const selecting *s, const char *before, sj__text *filter)
{
    const char *now = s->events.condition ? sj__condition_text(s->events.condition) : "";
    int both = before[0] && now[0];
    sj__text_add(filter, both ? "(" : "");
    sj__text_add(filter, before);
    sj__text_add(filter, both ? ") and (" : "");
    sj__text_add(filter, now);
    sj__text_add(filter, both ? ")" : "");
}

/* Both ends of observation; where only one is given and the graph's other end lies beyond it, they
 * meet there. */
static void select_observe(const sj__graph_facts *was, const int64_t *from, const int64_t *to,
                           sj__graph_facts *facts)
{
    facts->observed_from = from ? *from : was->observed_from;
    facts->observed_until = to ? *to : was->observed_until;
    if (from && !to && (!was->has_observed || *from > was->observed_until)) {
        facts->observed_until = *from;
    }
    if (to && !from && (!was->has_observed || *to < was->observed_from)) {
        facts->observed_from = *to;
    }
}

static sj_status select_finish(const selecting *s, sj__pack *pack, sj_graph **out, sj_error *error)
{
    const sj__graph_facts *was = sj__graph_get_facts(s->graph);
    const int64_t *from = s->selection.from, *to = s->selection.to;
    sj__graph_facts facts = {.ties = was->ties, .has_observed = was->has_observed || from || to};
    sj__text filter;
    sj_status status;
    select_observe(was, from, to, &facts);
    sj__text_init(&filter, s->allocator);
    select_write_filter(s, was->filter, &filter);
    facts.filter = sj__text_data(&filter);
    status = sj__text_status(&filter, error);
    if (status) {
        sj__pack_free(pack);
    } else {
        status = sj__pack_finish(pack, &facts, out, error);
    }
    sj__text_free(&filter);
    return status;
}

/* ---------------------------------------------------------------------------------- the whole --
 */

static sj_status select_load(selecting *s, const sj_selection *given, const sj_run *run,
                             sj_error *error)
{
    sj_selection *selection = &s->selection;
    sj_status status = sj__options_load(&sj__selection_struct, given, selection, error);
    if (!status) {
        status = sj__run_load(run, &s->run, error);
    }
    if (!status && selection->from && selection->to && *selection->from > *selection->to) {
        status = sj__fail(error, SJ_ERR_OPTIONS, "from is later than to");
    }
    if (!status) {
        status = select_compile(s, selection->events, &s->events, error);
    }
    if (!status) {
        status = select_compile(s, selection->customers, &s->customers, error);
    }
    if (!status) {
        status = sj__select_lists_init(&s->lists, s->graph, selection, error);
    }
    return status;
}

static void select_free(selecting *s)
{
    const sj_allocator *a = s->allocator;
    select_free_filter(s, &s->events);
    select_free_filter(s, &s->customers);
    sj__select_lists_free(&s->lists);
    sj__free(a, s->kept, s->kept_capacity, sizeof *s->kept);
    sj__free(a, s->journey.event, s->room, sizeof *s->journey.event);
    sj__free(a, s->journey.time, s->room, sizeof *s->journey.time);
    sj__free(a, s->journey.touchpoint, s->room, sizeof *s->journey.touchpoint);
    sj__free(a, s->shape.numbers, SJ__ATTRIBUTE_COLUMN + (size_t)s->map->attributes.count,
             sizeof(uint64_t));
    sj__select_columns_free(&s->columns);
}

static sj_status select_pack(selecting *s, sj_graph **out, sj_error *error)
{
    sj__pack *pack;
    sj_status status = sj__pack_new(s->allocator, &pack, error);
    if (status) {
        return status;
    }
    status =
        sj__select_columns_map(&s->columns, sj__pack_map(pack), sj__pack_allocator(pack), error);
    if (!status) {
        status = sj__pack_plan(pack, &s->shape, error);
    }
    if (!status) {
        status = select_fill(s, pack, error);
    }
    if (status) {
        sj__pack_free(pack);
        return status;
    }
    return select_finish(s, pack, out, error);
}

sj_status sj_graph_select(const sj_graph *graph, const sj_selection *selection, const sj_run *run,
                          sj_graph **out, sj_error *error)
{
    selecting s = {.graph = graph};
    sj_status status;
    if (out) {
        *out = NULL;
    }
    if (!graph || !out) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL", graph ? "out" : "graph");
    }
    s.allocator = sj__graph_allocator(graph);
    s.map = sj__graph_map(graph);
    status = select_load(&s, selection, run, error);
    if (!status) {
        status = select_allocate(&s, error);
    }
    if (!status) {
        status = select_measure(&s, error);
    }
    if (!status) {
        status = select_pack(&s, out, error);
    }
    select_free(&s);
    return status;
}
