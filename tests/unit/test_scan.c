/* Plans and scans, with toy analyses over graphs from the public builder. */
#include "failing.h"
#include "near.h"

#include <stdatomic.h>

#include <sojourn.h>

#include "base/bitmap.h"
#include "tally/plan.h"
#include "tally/result.h"

/* ------------------------------------------------------------- a toy: events per touchpoint -- */

static const sj__ledger_spec toy_ledgers[] = {{"touchpoints", "n", "events", "times", "gaps"},
                                              {"pairs", "n*", "count", "", ""}};

typedef struct toy_question {
    uint64_t modulus; /* wants touchpoints whose number it divides; 0: none */
    int64_t fail_at;  /* a time at which visit fails; 0: none */
    _Atomic uint64_t visited, ranged;
} toy_question;

static int toy_wants(const toy_question *question, uint32_t touchpoint)
{
    return question->modulus > 0 && touchpoint % question->modulus == 0;
}

typedef struct toy_scratch {
    int64_t *events; /* by touchpoint */
    size_t n;
} toy_scratch;

static sj_status toy_begin(sj__counting *counting, sj_error *error)
{
    toy_scratch *scratch = sj__alloc_zeroed(&counting->allocator, 1, sizeof *scratch);
    counting->scratch = scratch;
    if (scratch == NULL)
        return sj__fail_nomem(error);
    scratch->n = sj__graph_map(counting->graph)->touchpoints.count;
    scratch->events = sj__alloc_zeroed(&counting->allocator, scratch->n, sizeof *scratch->events);
    return scratch->events != NULL ? SJ_OK : sj__fail_nomem(error);
}

static void toy_drop(sj__counting *counting)
{
    toy_scratch *scratch = counting->scratch;
    if (scratch == NULL)
        return;
    sj__free(&counting->allocator, scratch->events, scratch->n, sizeof *scratch->events);
    sj__free(&counting->allocator, scratch, 1, sizeof *scratch);
    counting->scratch = NULL;
}

static sj_status toy_row(sj__counting *counting, uint32_t touchpoint, size_t *row, sj_error *error)
{
    size_t n;
    const char *name =
        sj__intern_name(&sj__graph_map(counting->graph)->touchpoints, touchpoint, &n);
    int32_t key = 0;
    sj_status status = sj__tally_name(counting->tally, name, n, &key, error);
    if (status == SJ_OK)
        status = sj__ledger_row(&counting->tally->ledgers[0], &key, 1, row, error);
    return status;
}

/* Counts in scratch, what cannot wait in the tally. */
static sj_status toy_event(sj__counting *counting, uint32_t touchpoint, int64_t time, int64_t gap,
                           sj_error *error)
{
    size_t row;
    sj_status status = toy_row(counting, touchpoint, &row, error);
    if (status != SJ_OK)
        return status;
    ((toy_scratch *)counting->scratch)->events[touchpoint]++;
    sj__ledger_sums(&counting->tally->ledgers[0], row)[0] += time;
    return sj__ledger_spread(&counting->tally->ledgers[0], row, 0, gap, error);
}

static sj_status toy_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    toy_question *question = counting->question;
    int64_t before = 0;
    int any = 0;
    sj_status status = SJ_OK;
    for (size_t i = 0; i < journey->n && status == SJ_OK; i++) {
        uint32_t touchpoint = sj__journey_touchpoint(journey, i);
        if (question->fail_at != 0 && journey->time[i] == question->fail_at)
            return sj__fail(error, SJ_ERR_LIMIT, "the toy broke");
        if (!toy_wants(question, touchpoint))
            continue;
        status = toy_event(counting, touchpoint, journey->time[i],
                           any ? journey->time[i] - before : 0, error);
        before = journey->time[i];
        any = 1;
    }
    atomic_fetch_add(&question->visited, 1);
    return status;
}

/* Settles customers of an even number, leaves the others. */
static sj_status toy_range(sj__counting *counting, const sj__packed *packed, uint64_t *left,
                           sj_error *error)
{
    toy_question *question = counting->question;
    const sj_graph *graph = counting->graph;
    sj_status status = SJ_OK;
    for (uint64_t c = packed->customer_from; c < packed->customer_to && status == SJ_OK; c++) {
        assert_false(sj__bit(left, c - packed->customer_from));
        if (c % 2 != 0) {
            sj__bit_set(left, c - packed->customer_from);
            continue;
        }
        int64_t before = 0;
        int any = 0;
        for (uint64_t e = sj__graph_first(graph, c);
             e < sj__graph_first(graph, c + 1) && status == SJ_OK; e++) {
            uint32_t touchpoint = packed->width == 1 ? ((const uint8_t *)packed->touchpoint)[e]
                                                     : sj__graph_touchpoint(graph, e);
            int64_t time = sj__graph_time(graph, c, e);
            if (!toy_wants(question, touchpoint))
                continue;
            status = toy_event(counting, touchpoint, time, any ? time - before : 0, error);
            before = time;
            any = 1;
        }
        atomic_fetch_add(&question->ranged, 1);
    }
    return status;
}

static sj_status toy_end(sj__counting *counting, sj_error *error)
{
    toy_scratch *scratch = counting->scratch;
    for (uint32_t i = 0; i < scratch->n; i++) {
        size_t row;
        if (scratch->events[i] == 0)
            continue;
        sj_status status = toy_row(counting, i, &row, error);
        if (status != SJ_OK)
            return status;
        sj__ledger_counts(&counting->tally->ledgers[0], row)[0] += scratch->events[i];
        scratch->events[i] = 0;
    }
    return SJ_OK;
}

static void toy_free(void *question, const sj_allocator *allocator)
{
    sj__free(allocator, question, 1, sizeof(toy_question));
}

/* What a plan of the toys asks. */
typedef struct toy_options {
    uint64_t modulus;
    int use_range;
} toy_options;

static sj_status toy_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const toy_options *given = options;
    toy_question *question = sj__alloc_zeroed(&plan->allocator, 1, sizeof *question);
    if (question == NULL)
        return sj__fail_nomem(error);
    plan->question = question;
    question->modulus = given->modulus;
    plan->use_range = given->use_range;
    for (uint32_t i = 0; i < sj__graph_map(plan->graph)->touchpoints.count; i++)
        plan->wanted[i] = (uint8_t)toy_wants(question, i);
    sj__text_add(&plan->text, given->use_range ? "toy, ranges" : "toy");
    sj__text_add(&plan->counted, "modulus ");
    sj__text_unsigned(&plan->counted, given->modulus);
    sj__text_char(&plan->counted, '\n');
    return SJ_OK;
}

static sj_status toy_conclude(const sj_tally *tally, const void *options, sj_result **out,
                              sj_error *error)
{
    static const sj__column_spec column = {"events", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT};
    sj_result *result;
    (void)options;
    *out = NULL;
    sj_status status = sj__tally_check(tally, tally->analysis, error);
    if (status == SJ_OK)
        status = sj__result_new(&tally->allocator, &result, error);
    if (status != SJ_OK)
        return status;
    sj_table *table = sj__result_add(result, "totals", &column, 1);
    int64_t events = 0;
    for (size_t i = 0; i < tally->ledgers[0].n_rows; i++)
        events += sj__ledger_counts(&tally->ledgers[0], i)[0];
    sj__put_integer(table, 0, events);
    sj__end_row(table);
    return sj__result_finish(result, out, error);
}

static const sj__analysis toy = {.name = "toy",
                                 .summary = "Counts.",
                                 .revision = 1,
                                 .ledgers = toy_ledgers,
                                 .n_ledgers = 2,
                                 .ask = toy_ask,
                                 .conclude = toy_conclude,
                                 .begin = toy_begin,
                                 .visit = toy_visit,
                                 .range = toy_range,
                                 .end = toy_end,
                                 .drop = toy_drop,
                                 .free = toy_free};

/* ------------------------------------------------- another: paths, with nothing but a visit -- */

static sj_status paths_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    int32_t key[4];
    size_t n = 0, row;
    sj_status status = SJ_OK;
    toy_question *question = counting->question;
    for (size_t i = 0; i < journey->n && n < 4 && status == SJ_OK; i++) {
        size_t size;
        uint32_t touchpoint = sj__journey_touchpoint(journey, i);
        const char *name =
            sj__intern_name(&sj__graph_map(counting->graph)->touchpoints, touchpoint, &size);
        if (toy_wants(question, touchpoint))
            status = sj__tally_name(counting->tally, name, size, &key[n++], error);
    }
    atomic_fetch_add(&question->visited, 1);
    if (status == SJ_OK && n > 0) {
        status = sj__ledger_row(&counting->tally->ledgers[1], key, n, &row, error);
        if (status == SJ_OK)
            sj__ledger_counts(&counting->tally->ledgers[1], row)[0]++;
    }
    return status;
}

static const sj__analysis paths = {.name = "paths",
                                   .summary = "Paths.",
                                   .revision = 1,
                                   .ledgers = toy_ledgers,
                                   .n_ledgers = 2,
                                   .ask = toy_ask,
                                   .visit = paths_visit,
                                   .free = toy_free};

static sj_plan *new_plan(const sj__analysis *analysis, const sj_graph *graph, uint64_t modulus,
                         int use_range)
{
    sj_plan *plan = NULL;
    const toy_options options = {modulus, use_range};
    assert_int_equal(sj__plan_make(analysis, graph, &options, &plan, NULL), SJ_OK);
    return plan;
}

static uint64_t visited(const sj_plan *plan)
{
    return ((toy_question *)plan->question)->visited;
}

static uint64_t ranged(const sj_plan *plan)
{
    return ((toy_question *)plan->question)->ranged;
}

/* ------------------------------------------------------------------------------------- graphs --
 */

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return sj__hash_mix(*state);
}

static sj_builder *new_builder(const sj_allocator *a)
{
    static const int64_t from = 0, until = INT64_C(1000000000000);
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = a,
                                        .observed_from = &from,
                                        .observed_until = &until};
    sj_builder *builder = NULL;
    assert_int_equal(sj_builder_new(&options, &builder, NULL), SJ_OK);
    return builder;
}

static void add_event(sj_builder *builder, const char *customer, const char *touchpoint,
                      int64_t time)
{
    const sj_event event = {
        .struct_size = sizeof event, .customer = customer, .touchpoint = touchpoint, .time = time};
    assert_int_equal(sj_builder_add_event(builder, &event, NULL), SJ_OK);
}

static sj_graph *built(sj_builder *builder)
{
    sj_graph *graph = NULL;
    assert_int_equal(sj_builder_build(builder, NULL, &graph, NULL), SJ_OK);
    sj_builder_free(builder);
    return graph;
}

static void number(char *to, char letter, uint64_t v)
{
    to[0] = letter;
    to[1 + sj__write_unsigned(to + 1, v)] = '\0';
}

/* The events of customer c: 1 to 40 of them, now and then 300, at touchpoints that c decides. */
static void add_customer(sj_builder *builder, uint64_t c)
{
    char customer[24], touchpoint[24];
    uint64_t random = c * 1000;
    uint64_t n = c % 50 == 7 ? 300 : 1 + next_random(&random) % 40;
    int64_t time = (int64_t)(next_random(&random) % 1000000);
    number(customer, 'c', c);
    for (uint64_t i = 0; i < n; i++) {
        number(touchpoint, 't', next_random(&random) % 6 + c % 5);
        add_event(builder, customer, touchpoint, time);
        time += (int64_t)(next_random(&random) % 3 * 500000);
    }
}

static sj_graph *graph_of(uint64_t from, uint64_t to)
{
    sj_builder *builder = new_builder(NULL);
    assert_int_equal(sj_builder_add_touchpoint(builder, "t3", NULL, NULL, NULL), SJ_OK);
    for (uint64_t c = from; c < to; c++)
        add_customer(builder, c);
    return built(builder);
}

static sj_tally *scan_one(sj_plan *plan, const sj_run *run)
{
    sj_tally *tally = NULL;
    assert_int_equal(sj_scan(&plan, 1, run, &tally, NULL), SJ_OK);
    return tally;
}

static sj_tally *count(const sj__analysis *analysis, uint64_t from, uint64_t to)
{
    sj_graph *graph = graph_of(from, to);
    sj_plan *plan = new_plan(analysis, graph, 1, 1);
    sj_graph_free(graph);
    sj_tally *tally = scan_one(plan, NULL);
    sj_plan_free(plan);
    return tally;
}

static int same(const sj_tally *a, const sj_tally *b)
{
    sj_buffer *x = NULL, *y = NULL;
    assert_int_equal(sj_tally_write(a, &x, NULL), SJ_OK);
    assert_int_equal(sj_tally_write(b, &y, NULL), SJ_OK);
    int equal = sj_buffer_size(x) == sj_buffer_size(y) &&
                memcmp(sj_buffer_data(x), sj_buffer_data(y), sj_buffer_size(x)) == 0;
    sj_buffer_free(x);
    sj_buffer_free(y);
    return equal;
}

/* --------------------------------------------------------------------------------------- tests --
 */

static void a_scan_counts_what_the_journeys_hold(void **state)
{
    (void)state;
    sj_builder *builder = new_builder(NULL);
    add_event(builder, "anna", "view", 10);
    add_event(builder, "anna", "cart", 30);
    add_event(builder, "bert", "view", 5);
    add_event(builder, "anna", "view", 40);
    sj_graph *graph = built(builder);
    sj_plan *plan = new_plan(&toy, graph, 1, 0);
    sj_tally *tally = scan_one(plan, NULL);
    const sj__ledger *ledger = &tally->ledgers[0];
    assert_int_equal(sj_tally_customers(tally), 2);
    assert_int_equal(ledger->n_rows, 2);
    assert_string_equal(sj__intern_name(&tally->names, 0, NULL), "cart");
    assert_string_equal(sj__intern_name(&tally->names, 1, NULL), "view");
    assert_int_equal(sj__ledger_counts(ledger, 0)[0], 1);
    assert_int_equal(sj__ledger_counts(ledger, 1)[0], 3);
    assert_true(sj__ledger_sums(ledger, 0)[0] == 30);
    assert_true(sj__ledger_sums(ledger, 1)[0] == 55);
    const sj__spread *gaps = sj__ledger_spreads(ledger, 1); /* 0 twice, 10 once */
    assert_int_equal(gaps->used, 2);
    assert_int_equal(gaps->cells[0].count, 2);
    assert_int_equal(gaps->cells[1].bucket, 10);
    assert_int_equal(visited(plan), 2);
    sj_tally_free(tally);
    sj_plan_free(plan);
    sj_graph_free(graph);
}

static void threads_and_the_range_door_do_not_show_in_the_bytes(void **state)
{
    (void)state;
    static const int64_t threads[] = {1, 2, 7};
    sj_graph *graph = graph_of(0, 150);
    sj_tally *expected[2] = {count(&toy, 0, 150), count(&paths, 0, 150)};
    for (size_t t = 0; t < 3; t++) {
        sj_run run = {.struct_size = sizeof run, .threads = threads[t]};
        for (int use_range = 0; use_range < 2; use_range++) {
            sj_plan *plans[2] = {new_plan(&toy, graph, 1, use_range),
                                 new_plan(&paths, graph, 1, use_range)};
            sj_tally *tallies[2] = {NULL, NULL};
            assert_int_equal(sj_scan(plans, 2, &run, tallies, NULL), SJ_OK);
            for (size_t i = 0; i < 2; i++) {
                assert_true(same(tallies[i], expected[i]));
                sj_tally_free(tallies[i]);
            }
            assert_int_equal(visited(plans[0]), use_range ? 75 : 150);
            assert_int_equal(ranged(plans[0]), use_range ? 75 : 0);
            assert_int_equal(visited(plans[1]), 150);
            sj_plan_free(plans[0]);
            sj_plan_free(plans[1]);
        }
    }
    sj_tally_free(expected[0]);
    sj_tally_free(expected[1]);
    sj_graph_free(graph);
}

static void many_plans_in_one_pass_count_as_each_alone(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 80);
    sj_plan *plans[8];
    sj_tally *together[8], *alone;
    for (size_t i = 0; i < 8; i++)
        plans[i] = new_plan(i % 3 == 2 ? &paths : &toy, graph, i, (int)(i % 2));
    assert_int_equal(sj_scan(plans, 8, NULL, together, NULL), SJ_OK);
    for (size_t i = 0; i < 8; i++) {
        alone = scan_one(plans[i], NULL);
        assert_true(same(together[i], alone));
        assert_int_equal(sj_tally_customers(alone), 80);
        sj_tally_free(alone);
        sj_tally_free(together[i]);
        sj_plan_free(plans[i]);
    }
    sj_graph_free(graph);
}

static void a_plan_that_wants_nothing_is_shown_nobody(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 20);
    sj_plan *plan = new_plan(&paths, graph, 0, 0);
    sj_tally *tally = scan_one(plan, NULL);
    assert_int_equal(visited(plan), 0);
    assert_int_equal(sj_tally_customers(tally), 20);
    assert_int_equal(tally->ledgers[1].n_rows, 0);
    sj_tally_free(tally);
    sj_plan_free(plan);
    sj_graph_free(graph);
}

static void shards_with_other_vocabularies_merge_to_the_bytes_of_the_whole(void **state)
{
    (void)state;
    uint64_t random = 3;
    const sj__analysis *const analyses[] = {&toy, &paths};
    for (size_t a = 0; a < 2; a++) {
        sj_tally *whole = count(analyses[a], 0, 40);
        for (int round = 0; round < 6; round++) {
            sj_tally *shards[40];
            size_t n = 0;
            for (uint64_t at = 0; at < 40;) {
                uint64_t to = at + 1 + next_random(&random) % 12;
                to = to > 40 ? 40 : to;
                shards[n++] = count(analyses[a], at, to);
                at = to;
            }
            while (n > 1) {
                size_t i = (size_t)(next_random(&random) % n);
                size_t j = (i + 1 + (size_t)(next_random(&random) % (n - 1))) % n;
                sj_error error = {0};
                assert_int_equal(sj_tally_merge(shards[i], shards[j], &error), SJ_OK);
                sj_tally_free(shards[j]);
                shards[j] = shards[--n];
            }
            assert_true(same(shards[0], whole));
            sj_tally_free(shards[0]);
        }
        sj_tally_free(whole);
    }
}

static void erasing_every_customer_by_selection_leaves_the_empty_tally(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 15);
    sj_plan *plan = new_plan(&toy, graph, 1, 1);
    sj_tally *left = scan_one(plan, NULL);
    sj_plan_free(plan);
    for (uint64_t c = 0; c <= 15; c++) {
        const sj_selection selection = {
            .struct_size = sizeof selection, .include = &c, .n_include = c < 15 ? 1 : 0};
        sj_graph *one = NULL;
        assert_int_equal(sj_graph_select(graph, &selection, NULL, &one, NULL), SJ_OK);
        plan = new_plan(&toy, one, 1, 1);
        sj_tally *tally = scan_one(plan, NULL);
        if (c < 15)
            assert_int_equal(sj_tally_subtract(left, tally, NULL), SJ_OK);
        else
            assert_true(same(left, tally));
        sj_tally_free(tally);
        sj_plan_free(plan);
        sj_graph_free(one);
    }
    sj_tally_free(left);
    sj_graph_free(graph);
}

static void an_empty_graph_gives_an_empty_tally(void **state)
{
    (void)state;
    sj_tally *tally = count(&toy, 0, 0);
    assert_int_equal(sj_tally_customers(tally), 0);
    assert_int_equal(tally->ledgers[0].n_rows, 0);
    sj_tally_free(tally);
}

static void the_text_says_what_is_counted(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 2), *some = NULL;
    sj_plan *plan = new_plan(&toy, graph, 2, 1);
    sj_tally *tally = scan_one(plan, NULL);
    const char *text = sj_tally_text(tally);
    static const char start[] = "analysis toy 1\n"
                                "observed_from 1970-01-01T00:00:00.000000Z\n"
                                "observed_until 1970-01-12T13:46:40.000000Z\n";
    static const char end[] = "modulus 2\n";
    assert_memory_equal(text, start, sizeof start - 1);
    assert_string_equal(text + strlen(text) - (sizeof end - 1), end);
    assert_null(strstr(text, "filter "));
    assert_string_equal(sj_plan_text(plan), "toy, ranges");
    sj_tally_free(tally);
    sj_plan_free(plan);

    const sj_selection selection = {.struct_size = sizeof selection,
                                    .events = "touchpoint != 't1'"};
    assert_int_equal(sj_graph_select(graph, &selection, NULL, &some, NULL), SJ_OK);
    plan = new_plan(&toy, some, 2, 1);
    assert_non_null(strstr(sj__text_data(&plan->counted), "\nfilter touchpoint"));
    sj_plan_free(plan);
    sj_graph_free(some);
    sj_graph_free(graph);
}

static void a_map_is_part_of_the_text(void **state)
{
    (void)state;
    sj_builder *builder = new_builder(NULL);
    static const char map[] = "stage find: view\nstage buy: cart, pay\nexpect view -> cart\n";
    assert_int_equal(sj_builder_add_map(builder, map, sizeof map - 1, NULL), SJ_OK);
    sj_graph *graph = built(builder);
    sj_plan *plan = new_plan(&toy, graph, 1, 0);
    const char *text = sj__text_data(&plan->counted);
    assert_non_null(strstr(text, "\nmap stage find: view\n"));
    assert_non_null(strstr(text, "\nmap stage buy: cart, pay\n"));
    assert_non_null(strstr(text, "\nmap expect view -> cart\n"));
    sj_plan_free(plan);
    sj_graph_free(graph);
}

static void a_plan_keeps_its_graph(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 5);
    sj_plan *plan = new_plan(&toy, graph, 1, 0);
    sj_graph_free(graph);
    sj_tally *tally = scan_one(plan, NULL);
    sj_plan_free(plan);
    assert_int_equal(sj_tally_customers(tally), 5);
    sj_tally_free(tally);
    sj_plan_free(NULL);
    assert_null(sj_plan_text(NULL));
}

static void wrong_arguments_are_refused_and_leave_nothing(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 5), *other = graph_of(0, 5);
    sj_plan *plans[3] = {new_plan(&toy, graph, 1, 0), new_plan(&toy, other, 1, 0), NULL};
    sj_tally *tallies[3] = {(sj_tally *)(void *)graph, (sj_tally *)(void *)graph, NULL};
    sj_error error = {0};
    assert_int_equal(sj_scan(plans, 2, NULL, tallies, &error), SJ_ERR_ARGUMENT);
    assert_int_equal(error.index, 1);
    assert_null(tallies[0]);
    assert_null(tallies[1]);
    assert_int_equal(sj_scan(plans + 1, 2, NULL, tallies, &error), SJ_ERR_ARGUMENT);
    assert_int_equal(error.index, 1);
    assert_int_equal(sj_scan(NULL, 1, NULL, tallies, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_scan(plans, 1, NULL, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_scan(NULL, 0, NULL, NULL, NULL), SJ_OK);
    sj_run run = {.struct_size = 1};
    assert_int_equal(sj_scan(plans, 1, &run, tallies, NULL), SJ_ERR_ARGUMENT);
    sj_plan *plan = plans[0];
    assert_int_equal(sj__plan_make(&toy, NULL, NULL, &plan, NULL), SJ_ERR_ARGUMENT);
    assert_null(plan);
    sj_plan_free(plans[0]);
    sj_plan_free(plans[1]);
    sj_graph_free(graph);
    sj_graph_free(other);
}

typedef struct progress {
    uint64_t calls, last, total, stop_at;
} progress;

static int32_t watch(void *user, uint64_t done, uint64_t total)
{
    progress *seen = user;
    assert_true(done >= seen->last && done <= total);
    seen->last = done;
    seen->total = total;
    return ++seen->calls == seen->stop_at;
}

static void progress_counts_events_and_may_stop_the_scan(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 60);
    sj_plan *plan = new_plan(&toy, graph, 1, 1);
    sj_tally *tally = NULL;
    for (int64_t threads = 1; threads <= 2; threads++) {
        progress seen = {0};
        sj_run run = {
            .struct_size = sizeof run, .progress = watch, .user = &seen, .threads = threads};
        assert_int_equal(sj_scan(&plan, 1, &run, &tally, NULL), SJ_OK);
        assert_int_equal(seen.last, sj_graph_count(graph, SJ_KIND_EVENTS));
        assert_int_equal(seen.total, sj_graph_count(graph, SJ_KIND_EVENTS));
        sj_tally_free(tally);
        seen = (progress){.stop_at = 1};
        sj_error error = {0};
        assert_int_equal(sj_scan(&plan, 1, &run, &tally, &error), SJ_ERR_CANCELLED);
        assert_int_equal(error.code, SJ_ERR_CANCELLED);
        assert_null(tally);
    }
    sj_plan_free(plan);
    sj_graph_free(graph);
}

static void a_visit_that_fails_ends_the_scan_with_its_error(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 60);
    sj_plan *plan = new_plan(&toy, graph, 1, 0);
    sj_moment moment;
    assert_int_equal(sj_graph_event(graph, 30, 0, &moment), 1);
    ((toy_question *)plan->question)->fail_at = moment.time;
    for (int64_t threads = 1; threads <= 7; threads += 3) {
        sj_run run = {.struct_size = sizeof run, .threads = threads};
        sj_tally *tally = NULL;
        sj_error error = {0};
        assert_int_equal(sj_scan(&plan, 1, &run, &tally, &error), SJ_ERR_LIMIT);
        assert_string_equal(error.message, "the toy broke");
        assert_null(tally);
    }
    sj_plan_free(plan);
    sj_graph_free(graph);
}

/* --------------------------------------------------------------------------------- all in one --
 */

static sj_status toy_compute(const sj_graph *graph, uint64_t modulus, sj_result **out,
                             sj_error *error)
{
    const toy_options options = {modulus, 1};
    return sj__compute(&toy, graph, &options, NULL, out, error);
}

static void compute_is_plan_scan_and_conclude_and_notes_the_plan(void **state)
{
    (void)state;
    sj_graph *graph = graph_of(0, 30);
    sj_result *result = NULL;
    assert_int_equal(toy_compute(graph, 1, &result, NULL), SJ_OK);
    assert_int_equal(sj_table_integers(sj_result_at(result, 0), "events")[0],
                     sj_graph_count(graph, SJ_KIND_EVENTS));
    const sj_table *notes = sj_result_find(result, "notes");
    assert_string_equal(sj_table_text(notes, "name", 0), "plan");
    assert_string_equal(sj_table_text(notes, "text", 0), "toy, ranges");
    sj_result_free(result);
    assert_int_equal(toy_compute(NULL, 1, &result, NULL), SJ_ERR_ARGUMENT);
    assert_null(result);
    assert_int_equal(toy_compute(graph, 1, NULL, NULL), SJ_ERR_ARGUMENT);
    sj_graph_free(graph);
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    failing memory = {0};
    sj_allocator a = failing_allocator(&memory);
    sj_builder *builder = new_builder(&a);
    for (uint64_t c = 0; c < 12; c++)
        add_customer(builder, c);
    sj_graph *graph = built(builder);
    uint64_t before = memory.requests;
    sj_result *result = NULL;
    assert_int_equal(toy_compute(graph, 1, &result, NULL), SJ_OK);
    sj_result_free(result);
    uint64_t needed = memory.requests - before, blocks = memory.blocks;
    for (uint64_t k = 1; k <= needed; k++) {
        sj_error error = {0};
        memory.fail_at = memory.requests + k;
        assert_int_equal(toy_compute(graph, 1, &result, &error), SJ_ERR_NOMEM);
        assert_int_equal(error.code, SJ_ERR_NOMEM);
        assert_null(result);
        assert_int_equal(memory.blocks, blocks);
    }
    memory.fail_at = 0;
    sj_graph_free(graph);
    failing_check(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_counts_what_the_journeys_hold),
        cmocka_unit_test(threads_and_the_range_door_do_not_show_in_the_bytes),
        cmocka_unit_test(many_plans_in_one_pass_count_as_each_alone),
        cmocka_unit_test(a_plan_that_wants_nothing_is_shown_nobody),
        cmocka_unit_test(shards_with_other_vocabularies_merge_to_the_bytes_of_the_whole),
        cmocka_unit_test(erasing_every_customer_by_selection_leaves_the_empty_tally),
        cmocka_unit_test(an_empty_graph_gives_an_empty_tally),
        cmocka_unit_test(the_text_says_what_is_counted),
        cmocka_unit_test(a_map_is_part_of_the_text),
        cmocka_unit_test(a_plan_keeps_its_graph),
        cmocka_unit_test(wrong_arguments_are_refused_and_leave_nothing),
        cmocka_unit_test(progress_counts_events_and_may_stop_the_scan),
        cmocka_unit_test(a_visit_that_fails_ends_the_scan_with_its_error),
        cmocka_unit_test(compute_is_plan_scan_and_conclude_and_notes_the_plan),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
