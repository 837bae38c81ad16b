/* Events of some customers as a table, a row each, as they stand in the journeys.  O(events listed
 * × columns). */
#include <sojourn/summary.h>

#include "base/number.h"
#include "journey/graph.h"
#include "tally/result.h"

enum { /* columns of every list; attributes follow */
       SUMMARY_LIST_CUSTOMER,
       SUMMARY_LIST_TIME,
       SUMMARY_LIST_TOUCHPOINT,
       SUMMARY_LIST_CHANNEL,
       SUMMARY_LIST_VALUE,
       SUMMARY_LIST_FIXED
};

static void summary_list_attribute(sj_table *table, size_t column, const sj_graph *graph,
                                   uint32_t attribute, uint64_t row)
{
    const sj__map_attribute *about = &sj__graph_map(graph)->attribute[attribute];
    int64_t whole;
    double real;
    if (about->type == SJ_ATTRIBUTE_INTEGER) {
        if (sj__graph_integer(graph, attribute, row, &whole))
            sj__put_integer(table, column, whole);
    } else if (about->type == SJ_ATTRIBUTE_REAL) {
        if (sj__graph_real(graph, attribute, row, &real))
            sj__put_real(table, column, real);
    } else {
        uint32_t category = sj__graph_category(graph, attribute, row);
        if (category != SJ__NO_ID)
            sj__put_string(table, column, sj__intern_name(&about->values, category, NULL));
    }
}

static void summary_list_event(sj_table *table, const sj_graph *graph, uint64_t customer,
                               uint64_t event)
{
    const sj__map *map = sj__graph_map(graph);
    uint32_t channel = sj__graph_channel(graph, event);
    int64_t value;
    size_t n = 0;
    const char *key = sj__graph_key(graph, customer, &n);
    uint32_t i;
    sj__put_text(table, SUMMARY_LIST_CUSTOMER, key, n);
    sj__put_integer(table, SUMMARY_LIST_TIME, sj__graph_time(graph, customer, event));
    sj__put_string(table, SUMMARY_LIST_TOUCHPOINT,
                   sj__intern_name(&map->touchpoints, sj__graph_touchpoint(graph, event), NULL));
    if (channel != SJ__NO_ID)
        sj__put_string(table, SUMMARY_LIST_CHANNEL, sj__intern_name(&map->channels, channel, NULL));
    if (sj__graph_value(graph, event, &value))
        sj__put_real(table, SUMMARY_LIST_VALUE, sj__fixed6_to_real(value));
    for (i = 0; i < map->attributes.count; i++)
        summary_list_attribute(table, SUMMARY_LIST_FIXED + i, graph, i,
                               map->attribute[i].of_customers ? customer : event);
    sj__end_row(table);
}

/* The table with its columns, one per attribute among them; NULL where memory is out. */
static sj_table *summary_list_table(sj_result *result, const sj__map *map)
{
    static const sj__column_spec fixed[SUMMARY_LIST_FIXED] = {
        [SUMMARY_LIST_CUSTOMER] = {"customer", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        [SUMMARY_LIST_TIME] = {"time", SJ_COLUMN_INTEGER, SJ_UNIT_TIME},
        [SUMMARY_LIST_TOUCHPOINT] = {"touchpoint", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        [SUMMARY_LIST_CHANNEL] = {"channel", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        [SUMMARY_LIST_VALUE] = {"value", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
    };
    const sj_allocator *a = sj__result_allocator(result);
    size_t n = SUMMARY_LIST_FIXED + (size_t)map->attributes.count;
    sj__column_spec *columns = sj__alloc(a, n, sizeof *columns);
    sj_table *table;
    uint32_t i;
    if (columns == NULL)
        return NULL;
    for (i = 0; i < SUMMARY_LIST_FIXED; i++)
        columns[i] = fixed[i];
    for (i = 0; i < map->attributes.count; i++) {
        int32_t type = map->attribute[i].type;
        columns[SUMMARY_LIST_FIXED + i] = (sj__column_spec){
            .name = sj__intern_name(&map->attributes, i, NULL),
            .type = type == SJ_ATTRIBUTE_INTEGER ? SJ_COLUMN_INTEGER
                    : type == SJ_ATTRIBUTE_REAL  ? SJ_COLUMN_REAL
                                                 : SJ_COLUMN_TEXT,
            .unit = SJ_UNIT_NONE,
        };
    }
    table = sj__result_add(result, "events", columns, n);
    sj__free(a, columns, n, sizeof *columns);
    return table;
}

static sj_status summary_list_check(const sj_graph *graph, const uint64_t *customers,
                                    size_t n_customers, sj_error *error)
{
    size_t i;
    if (graph == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "graph is NULL");
    if (customers == NULL && n_customers > 0)
        return sj__fail(error, SJ_ERR_ARGUMENT, "customers is NULL and n_customers is not 0");
    for (i = 0; i < n_customers; i++) {
        if (customers[i] >= sj__graph_customers(graph))
            return sj__fail_at(error, SJ_ERR_ARGUMENT, (sj__place){.index = (int64_t)i},
                               "customers[%u] is %u, and the graph has %u customers", (uint64_t)i,
                               customers[i], sj__graph_customers(graph));
    }
    return SJ_OK;
}

sj_status sj_summary_list(const sj_graph *graph, const uint64_t *customers, size_t n_customers,
                          sj_result **out, sj_error *error)
{
    sj_result *result = NULL;
    sj_table *table;
    sj_status status;
    size_t i;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    status = summary_list_check(graph, customers, n_customers, error);
    if (status == SJ_OK)
        status = sj__result_new(sj__graph_allocator(graph), &result, error);
    if (status != SJ_OK)
        return status;
    table = summary_list_table(result, sj__graph_map(graph));
    if (table == NULL) {
        sj_result_free(result);
        return sj__fail_nomem(error);
    }
    for (i = 0; i < n_customers; i++) {
        uint64_t event = sj__graph_first(graph, customers[i]);
        uint64_t end = sj__graph_first(graph, customers[i] + 1);
        for (; event < end; event++)
            summary_list_event(table, graph, customers[i], event);
    }
    return sj__result_finish(result, out, error);
}
