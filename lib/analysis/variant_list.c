/* A row per journey, session or leg prefix that has events: its indicators.  O(events). */
#include "analysis/variant.h"

enum {
    VARIANT_LIST_CUSTOMER,
    VARIANT_LIST_UNIT,
    VARIANT_LIST_LENGTH,
    VARIANT_LIST_ENTROPY,
    VARIANT_LIST_TURBULENCE,
    VARIANT_LIST_COMPLEXITY,
    VARIANT_LIST_VOLATILITY,
    VARIANT_LIST_COLUMNS
};

static const sj__column_spec variant_list_columns[VARIANT_LIST_COLUMNS] = {
    [VARIANT_LIST_CUSTOMER] = {"customer", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [VARIANT_LIST_UNIT] = {"unit", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [VARIANT_LIST_LENGTH] = {"length", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [VARIANT_LIST_ENTROPY] = {"entropy", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [VARIANT_LIST_TURBULENCE] = {"turbulence", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [VARIANT_LIST_COMPLEXITY] = {"complexity", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    [VARIANT_LIST_VOLATILITY] = {"volatility", SJ_COLUMN_REAL, SJ_UNIT_NONE},
};

#define VARIANT_LIST_BATCH 1024 /* customers between two calls of progress */

typedef struct variant_list {
    const sj_graph *graph;
    const sj_plan *plan;
    sj_table *table;
    sj__decoder decoder;
    sj__variant_reader reader;
    sj__indicator_room room;
    uint64_t alphabet;
    sj__text key;
} variant_list;

static void variant_list_put(variant_list *list, uint64_t customer, int64_t unit,
                             const sj__indicators *found)
{
    size_t n;
    const char *key = sj__graph_key(list->graph, customer, &n);
    const uint64_t a = list->alphabet;
    list->key.size = 0;
    sj__text_name(&list->key, key, n);
    sj__put_text(list->table, VARIANT_LIST_CUSTOMER, sj__text_data(&list->key), list->key.size);
    sj__put_integer(list->table, VARIANT_LIST_UNIT, unit);
    sj__put_integer(list->table, VARIANT_LIST_LENGTH, (int64_t)found->n);
    sj__put_real(list->table, VARIANT_LIST_ENTROPY, sj__indicator_entropy(found->bits, a));
    sj__put_real(list->table, VARIANT_LIST_TURBULENCE, found->turbulence);
    sj__put_real(list->table, VARIANT_LIST_COMPLEXITY, sj__indicator_complexity(found->mixed, a));
    sj__put_real(list->table, VARIANT_LIST_VOLATILITY,
                 sj__indicator_volatility(found->changes, (double)(found->distinct - 1), a));
    sj__end_row(list->table);
}

static sj_status variant_list_customer(variant_list *list, uint64_t customer, sj_error *error)
{
    sj__journey journey;
    sj__decode(&list->decoder, customer, list->plan->wanted, &journey);
    const sj_status status = sj__variant_read(&list->reader, &journey, error);
    for (size_t i = 0; i < list->reader.n_units && status == SJ_OK; i++) {
        sj__variant_unit unit;
        sj__indicators found;
        sj__variant_unit_at(&list->reader, &journey, i, &unit);
        if (unit.n == 0)
            continue;
        sj__indicators_of(&list->room, unit.codes, journey.width, unit.n, &found);
        variant_list_put(list, customer, (int64_t)i + 1, &found);
    }
    return status;
}

static sj_status variant_list_batch(void *user, size_t worker, uint64_t item, sj_error *error)
{
    variant_list *list = user;
    const uint64_t customers = sj__graph_customers(list->graph);
    uint64_t to = (item + 1) * VARIANT_LIST_BATCH;
    sj_status status = SJ_OK;
    (void)worker;
    to = to < customers ? to : customers;
    for (uint64_t c = item * VARIANT_LIST_BATCH; c < to && status == SJ_OK; c++)
        status = variant_list_customer(list, c, error);
    return status;
}

/* The touchpoints that are declared, or that some unit has: what a tally of the same question takes
 * for its alphabet. */
static sj_status variant_list_alphabet(variant_list *list, sj_error *error)
{
    const sj__map *map = sj__graph_map(list->graph);
    const sj_allocator *a = &list->plan->allocator;
    const size_t n = map->touchpoints.count;
    sj_status status = SJ_OK;
    uint8_t *has = sj__alloc_zeroed(a, n, 1);
    if (has == NULL)
        return sj__fail_nomem(error);
    for (uint64_t c = 0; c < sj__graph_customers(list->graph) && status == SJ_OK; c++) {
        sj__journey journey;
        sj__decode(&list->decoder, c, list->plan->wanted, &journey);
        status = sj__variant_read(&list->reader, &journey, error);
        for (size_t i = 0; i < list->reader.n_units && status == SJ_OK; i++) {
            sj__variant_unit unit;
            sj__variant_unit_at(&list->reader, &journey, i, &unit);
            for (size_t k = unit.first; k < unit.to; k++)
                has[sj__journey_touchpoint(&journey, k)] = 1;
        }
    }
    for (size_t t = 0; t < n; t++)
        list->alphabet += map->touchpoint[t].declared || has[t];
    sj__free(a, has, n, 1);
    return status;
}

static sj_status variant_list_run(variant_list *list, const sj_run *run, sj_error *error)
{
    const uint64_t customers = sj__graph_customers(list->graph);
    const uint64_t items = customers / VARIANT_LIST_BATCH + (customers % VARIANT_LIST_BATCH != 0);
    sj_run one = *run;
    one.threads = 1; /* rows stand in the order of the graph */
    sj_status status = sj__decoder_init(&list->decoder, list->graph, error);
    if (status != SJ_OK) {
        list->decoder = (sj__decoder){0};
        return status;
    }
    status = sj__indicator_room_init(&list->room,
                                     (uint32_t)sj__graph_map(list->graph)->touchpoints.count,
                                     &list->plan->allocator, error);
    if (status == SJ_OK)
        status = variant_list_alphabet(list, error);
    if (status == SJ_OK)
        status = sj__run_items(&one, &list->plan->allocator, items, customers, variant_list_batch,
                               list, error);
    return status == SJ_OK ? sj__text_status(&list->key, error) : status;
}

sj_status sj_variant_list(const sj_graph *graph, const sj_variant_options *options,
                          const sj_run *run, sj_result **out, sj_error *error)
{
    sj_run loaded;
    sj_plan *plan = NULL;
    sj_result *result = NULL;
    variant_list list = {.graph = graph};
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__run_load(run, &loaded, error);
    if (status == SJ_OK)
        status = sj_variant_plan(graph, options, &plan, error);
    if (status != SJ_OK)
        return status;
    list.plan = plan;
    sj__text_init(&list.key, &plan->allocator);
    sj__variant_reader_init(&list.reader, plan->question, graph, &plan->allocator);
    status = sj__result_new(&plan->allocator, &result, error);
    if (status == SJ_OK) {
        list.table =
            sj__result_add(result, "indicators", variant_list_columns, VARIANT_LIST_COLUMNS);
        status = variant_list_run(&list, &loaded, error);
    }
    if (status == SJ_OK) {
        sj__result_note(result, "plan", sj_plan_text(plan));
        status = sj__result_finish(result, out, error);
    } else {
        sj_result_free(result);
    }
    if (list.decoder.graph != NULL)
        sj__decoder_free(&list.decoder);
    sj__indicator_room_free(&list.room);
    sj__variant_reader_free(&list.reader);
    sj__text_free(&list.key);
    sj_plan_free(plan);
    return status;
}
