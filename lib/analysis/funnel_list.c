/* A row per unit of a funnel: how far it came, why no further, when and by which events. */
#include "analysis/funnel.h"

#include <string.h>

enum {
    FUNNEL_LIST_CUSTOMER,
    FUNNEL_LIST_UNIT,
    FUNNEL_LIST_HELD,
    FUNNEL_LIST_ENTERED,
    FUNNEL_LIST_LEVEL,
    FUNNEL_LIST_REASON,
    FUNNEL_LIST_TIMES,
    FUNNEL_LIST_EVENTS,
    FUNNEL_LIST_COLUMNS
};

static const sj__column_spec funnel_list_columns[FUNNEL_LIST_COLUMNS] = {
    [FUNNEL_LIST_CUSTOMER] = {"customer", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FUNNEL_LIST_UNIT] = {"unit", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [FUNNEL_LIST_HELD] = {"held", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FUNNEL_LIST_ENTERED] = {"entered", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [FUNNEL_LIST_LEVEL] = {"level", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [FUNNEL_LIST_REASON] = {"reason", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [FUNNEL_LIST_TIMES] = {"times", SJ_COLUMN_LIST, SJ_UNIT_TIME},
    [FUNNEL_LIST_EVENTS] = {"events", SJ_COLUMN_LIST, SJ_UNIT_NONE},
};

typedef struct funnel_list {
    const sj_graph *graph;
    const sj_plan *plan;
    sj_table *table;
    sj__decoder decoder;
    sj__funnel_reader reader;
    sj__text key;
    int64_t *cells;   /* two per step */
    uint8_t *present; /* one per step */
} funnel_list;

#define FUNNEL_LIST_BATCH 1024 /* customers between two calls of progress */

static sj_status funnel_list_open(funnel_list *list, uint32_t n_steps, sj_error *error)
{
    const sj_allocator *a = &list->plan->allocator;
    sj_status status = sj__decoder_init(&list->decoder, list->graph, error);
    if (status != SJ_OK) {
        list->decoder = (sj__decoder){0};
        return status;
    }
    list->cells = sj__alloc(a, n_steps, 2 * sizeof *list->cells);
    list->present = sj__alloc_zeroed(a, n_steps, sizeof *list->present);
    if (list->cells == NULL || list->present == NULL)
        return sj__fail_nomem(error);
    return sj__funnel_reader_init(&list->reader, list->plan->question, list->graph, a, error);
}

static void funnel_list_close(funnel_list *list, uint32_t n_steps)
{
    const sj_allocator *a = &list->plan->allocator;
    sj__funnel_reader_free(&list->reader);
    if (list->decoder.graph != NULL)
        sj__decoder_free(&list->decoder);
    sj__free(a, list->cells, n_steps, 2 * sizeof *list->cells);
    sj__free(a, list->present, n_steps, sizeof *list->present);
    sj__text_free(&list->key);
}

/* The values that the unit's events share, one behind the other. */
static void funnel_list_held(funnel_list *list, const sj__funnel_unit *unit)
{
    const sj__funnel_reader *reader = &list->reader;
    const sj__funnel *funnel = reader->funnel;
    const uint64_t *words = reader->words + unit->part * funnel->n_hold;
    list->key.size = 0;
    for (size_t h = 0; h < funnel->n_hold; h++) {
        const sj__map_attribute *about = &funnel->map->attribute[funnel->hold[h]];
        double real;
        size_t n;
        if (h > 0)
            sj__text_add(&list->key, ", ");
        if (about->type == SJ_ATTRIBUTE_INTEGER) {
            sj__text_integer(&list->key, (int64_t)words[h]);
        } else if (about->type == SJ_ATTRIBUTE_REAL) {
            memcpy(&real, &words[h], sizeof real);
            sj__text_real(&list->key, real);
        } else {
            const char *name = sj__intern_name(&about->values, (uint32_t)words[h] - 1, &n);
            sj__text_name(&list->key, name, n);
        }
    }
    sj__put_text(list->table, FUNNEL_LIST_HELD, sj__text_data(&list->key), list->key.size);
}

static void funnel_list_put(funnel_list *list, uint64_t customer, const sj__funnel_unit *unit,
                            int64_t number)
{
    const sj__funnel_reader *reader = &list->reader;
    const uint32_t n_steps = reader->funnel->rules.n_steps;
    int64_t *times = list->cells, *events = list->cells + n_steps;
    size_t n;
    const char *key = sj__graph_key(list->graph, customer, &n);
    for (uint32_t k = 0; k < n_steps; k++) {
        const int may_be =
            k + 1 >= unit->entered && (k < unit->level || reader->funnel->path.any_block);
        const int filled = may_be && unit->filled[k + 1] != SJ__FUNNEL_NO_MOMENT;
        const sj__funnel_moment *moment = filled ? &unit->moments[unit->filled[k + 1]] : NULL;
        times[k] = moment != NULL ? moment->time : 0;
        events[k] = moment != NULL ? moment->position : 0;
        list->present[k] = moment != NULL;
    }
    list->key.size = 0;
    sj__text_name(&list->key, key, n);
    sj__put_text(list->table, FUNNEL_LIST_CUSTOMER, sj__text_data(&list->key), list->key.size);
    sj__put_integer(list->table, FUNNEL_LIST_UNIT, number);
    if (reader->funnel->n_hold > 0)
        funnel_list_held(list, unit);
    sj__put_integer(list->table, FUNNEL_LIST_ENTERED, unit->entered);
    sj__put_integer(list->table, FUNNEL_LIST_LEVEL, unit->level);
    sj__put_string(list->table, FUNNEL_LIST_REASON, sj__funnel_reason_name(unit->reason));
    sj__put_list(list->table, FUNNEL_LIST_TIMES, times, list->present, n_steps);
    sj__put_list(list->table, FUNNEL_LIST_EVENTS, events, list->present, n_steps);
    sj__end_row(list->table);
}

static sj_status funnel_list_customer(funnel_list *list, uint64_t customer, sj_error *error)
{
    sj__funnel_reader *reader = &list->reader;
    sj__journey journey;
    sj__funnel_unit unit;
    int64_t number = 0;
    sj__decode(&list->decoder, customer, list->plan->wanted, &journey);
    sj_status status = sj__funnel_read(reader, &journey, error);
    if (status == SJ_OK)
        status =
            sj__funnel_next_unit(reader, SJ__FUNNEL_TRACED | SJ__FUNNEL_REASONED, &unit, error);
    while (status == SJ_OK && unit.level > 0) {
        if (!unit.removed)
            funnel_list_put(list, customer, &unit, ++number);
        status =
            sj__funnel_next_unit(reader, SJ__FUNNEL_TRACED | SJ__FUNNEL_REASONED, &unit, error);
    }
    return status;
}

/* A batch of customers; one worker, for rows stand in the order of the graph. */
static sj_status funnel_list_batch(void *user, size_t worker, uint64_t item, sj_error *error)
{
    funnel_list *list = user;
    const uint64_t customers = sj__graph_customers(list->graph);
    uint64_t to = (item + 1) * FUNNEL_LIST_BATCH;
    sj_status status = SJ_OK;
    (void)worker;
    to = to < customers ? to : customers;
    for (uint64_t c = item * FUNNEL_LIST_BATCH; c < to && status == SJ_OK; c++)
        status = funnel_list_customer(list, c, error);
    return status;
}

static sj_status funnel_list_run(funnel_list *list, const sj_run *run, sj_error *error)
{
    const uint64_t customers = sj__graph_customers(list->graph);
    sj_run one = *run;
    one.threads = 1;
    const uint64_t items = customers / FUNNEL_LIST_BATCH + (customers % FUNNEL_LIST_BATCH != 0);
    const sj_status status = sj__run_items(&one, &list->plan->allocator, items, customers,
                                           funnel_list_batch, list, error);
    return status == SJ_OK ? sj__text_status(&list->key, error) : status;
}

sj_status sj_funnel_list(const sj_graph *graph, const sj_funnel_options *options, const sj_run *run,
                         sj_result **out, sj_error *error)
{
    sj_run loaded;
    sj_plan *plan = NULL;
    sj_result *result = NULL;
    funnel_list list = {.graph = graph};
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__run_load(run, &loaded, error);
    if (status == SJ_OK)
        status = sj_funnel_plan(graph, options, &plan, error);
    if (status != SJ_OK)
        return status;
    const uint32_t n_steps = ((const sj__funnel *)plan->question)->rules.n_steps;
    list.plan = plan;
    sj__text_init(&list.key, &plan->allocator);
    status = sj__result_new(&plan->allocator, &result, error);
    if (status == SJ_OK) {
        list.table = sj__result_add(result, "levels", funnel_list_columns, FUNNEL_LIST_COLUMNS);
        status = funnel_list_open(&list, n_steps, error);
    }
    if (status == SJ_OK)
        status = funnel_list_run(&list, &loaded, error);
    if (status == SJ_OK) {
        sj__result_note(result, "events", "positions in the whole journey, from 0");
        status = sj__result_finish(result, out, error);
    } else {
        sj_result_free(result);
    }
    funnel_list_close(&list, n_steps);
    sj_plan_free(plan);
    return status;
}
