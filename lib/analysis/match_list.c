/* A row per match: whose, the how manieth of how many, when and by which events.  With
 * SJ_MATCH_COUNT a row per customer. */
#include "analysis/match.h"

enum {
    MATCH_LIST_CUSTOMER,
    MATCH_LIST_MATCH,
    MATCH_LIST_COUNT,
    MATCH_LIST_TIMES,
    MATCH_LIST_EVENTS,
    MATCH_LIST_COLUMNS
};

static const sj__column_spec match_list_columns[MATCH_LIST_COLUMNS] = {
    [MATCH_LIST_CUSTOMER] = {"customer", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [MATCH_LIST_MATCH] = {"match", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    [MATCH_LIST_COUNT] = {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [MATCH_LIST_TIMES] = {"times", SJ_COLUMN_LIST, SJ_UNIT_TIME},
    [MATCH_LIST_EVENTS] = {"events", SJ_COLUMN_LIST, SJ_UNIT_NONE},
};

static const sj__column_spec match_counted_columns[] = {
    {"customer", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

typedef struct match_list {
    const sj_graph *graph;
    const sj_plan *plan;
    sj_table *table;
    sj__decoder decoder;
    sj__match_reader reader;
    sj__text key;
    int64_t *times, *events; /* of all matches of a customer */
    size_t times_capacity, events_capacity;
} match_list;

#define MATCH_LIST_BATCH 1024 /* customers between two calls of progress */

static sj_status match_list_open(match_list *list, sj_error *error)
{
    const sj_status status = sj__decoder_init(&list->decoder, list->graph, error);
    if (status != SJ_OK) {
        list->decoder = (sj__decoder){0};
        return status;
    }
    return sj__match_reader_init(&list->reader, list->plan->question, list->graph,
                                 &list->plan->allocator, error);
}

static void match_list_close(match_list *list)
{
    const sj_allocator *a = &list->plan->allocator;
    sj__match_reader_free(&list->reader);
    if (list->decoder.graph != NULL)
        sj__decoder_free(&list->decoder);
    sj__free(a, list->times, list->times_capacity, sizeof *list->times);
    sj__free(a, list->events, list->events_capacity, sizeof *list->events);
    sj__text_free(&list->key);
}

/* What the tokens that show what they take have taken, behind `n` entries. */
static sj_status match_list_keep(match_list *list, size_t n, sj_error *error)
{
    const sj__match_reader *reader = &list->reader;
    const sj__automaton *automaton = &reader->match->automaton;
    const sj_allocator *a = &list->plan->allocator;
    const size_t need = n + automaton->n_shown;
    sj_status status = sj__grow(a, &list->times, &list->times_capacity, need, error);
    if (status == SJ_OK)
        status = sj__grow(a, &list->events, &list->events_capacity, need, error);
    for (size_t j = 0; j < automaton->n_tokens && status == SJ_OK; j++) {
        if (!automaton->tokens[j].shown)
            continue;
        list->times[n] = reader->events.time[reader->search.begin[j]];
        list->events[n++] = reader->position[reader->search.begin[j]];
    }
    return status;
}

static void match_list_put(match_list *list, uint64_t customer, int64_t count)
{
    const sj__match *match = list->reader.match;
    const size_t shown = match->automaton.n_shown;
    size_t n;
    const char *key = sj__graph_key(list->graph, customer, &n);
    list->key.size = 0;
    sj__text_name(&list->key, key, n);
    if (match->find == SJ_MATCH_COUNT) {
        sj__put_text(list->table, 0, sj__text_data(&list->key), list->key.size);
        sj__put_integer(list->table, 1, count);
        sj__end_row(list->table);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        const size_t from = (size_t)i * shown;
        sj__put_text(list->table, MATCH_LIST_CUSTOMER, sj__text_data(&list->key), list->key.size);
        sj__put_integer(list->table, MATCH_LIST_MATCH, i + 1);
        sj__put_integer(list->table, MATCH_LIST_COUNT, count);
        sj__put_list(list->table, MATCH_LIST_TIMES, list->times + from, NULL, shown);
        sj__put_list(list->table, MATCH_LIST_EVENTS, list->events + from, NULL, shown);
        sj__end_row(list->table);
    }
}

static sj_status match_list_customer(match_list *list, uint64_t customer, sj_error *error)
{
    sj__match_reader *reader = &list->reader;
    sj__journey journey;
    int64_t count = 0;
    sj__decode(&list->decoder, customer, list->plan->wanted, &journey);
    sj_status status = sj__match_read(reader, &journey, error);
    while (status == SJ_OK && sj__match_next(reader)) {
        if (reader->match->find != SJ_MATCH_COUNT)
            status = match_list_keep(list, (size_t)count * reader->match->automaton.n_shown, error);
        count++;
    }
    if (status == SJ_OK && count > 0)
        match_list_put(list, customer, count);
    return status;
}

/* A batch of customers; one worker, for rows stand in the order of the graph. */
static sj_status match_list_batch(void *user, size_t worker, uint64_t item, sj_error *error)
{
    match_list *list = user;
    const uint64_t customers = sj__graph_customers(list->graph);
    uint64_t to = (item + 1) * MATCH_LIST_BATCH;
    sj_status status = SJ_OK;
    (void)worker;
    to = to < customers ? to : customers;
    for (uint64_t c = item * MATCH_LIST_BATCH; c < to && status == SJ_OK; c++)
        status = match_list_customer(list, c, error);
    return status;
}

static sj_status match_list_run(match_list *list, const sj_run *run, sj_error *error)
{
    const uint64_t customers = sj__graph_customers(list->graph);
    const uint64_t items = customers / MATCH_LIST_BATCH + (customers % MATCH_LIST_BATCH != 0);
    sj_run one = *run;
    one.threads = 1;
    const sj_status status = sj__run_items(&one, &list->plan->allocator, items, customers,
                                           match_list_batch, list, error);
    return status == SJ_OK ? sj__text_status(&list->key, error) : status;
}

static sj_status match_list_make(match_list *list, const sj_run *run, sj_result **out,
                                 sj_error *error)
{
    const sj__match *match = list->plan->question;
    sj_result *result = NULL;
    sj_status status = sj__result_new(&list->plan->allocator, &result, error);
    if (status != SJ_OK)
        return status;
    if (match->find == SJ_MATCH_COUNT)
        list->table = sj__result_add(result, "matches", match_counted_columns, 2);
    else
        list->table = sj__result_add(result, "matches", match_list_columns, MATCH_LIST_COLUMNS);
    status = match_list_open(list, error);
    if (status == SJ_OK)
        status = match_list_run(list, run, error);
    if (status != SJ_OK) {
        sj_result_free(result);
        return status;
    }
    if (match->find != SJ_MATCH_COUNT)
        sj__result_note(result, "events", "positions in the whole journey, from 0");
    return sj__result_finish(result, out, error);
}

sj_status sj_match_list(const sj_graph *graph, const sj_match_options *options, const sj_run *run,
                        sj_result **out, sj_error *error)
{
    sj_run loaded;
    sj_plan *plan = NULL;
    match_list list = {.graph = graph};
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__run_load(run, &loaded, error);
    if (status == SJ_OK)
        status = sj_match_plan(graph, options, &plan, error);
    if (status != SJ_OK)
        return status;
    list.plan = plan;
    sj__text_init(&list.key, &plan->allocator);
    status = match_list_make(&list, &loaded, out, error);
    match_list_close(&list);
    sj_plan_free(plan);
    return status;
}
