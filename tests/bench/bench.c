/* How fast and how small.  bench [EVENTS [THREADS [RUNS [PART]]]] on the reference workload;
 * default 5,000,000 events, 1 thread, 5 runs.  The full size is 50000000.  PART: input, funnels,
 * others, many or memory alone.
 *
 * First the answers are compared with those of a plain second implementation, on a smaller size;
 * then each row is the median of the runs, in million events of the whole table per second.
 * Figures depend on the machine: compare ratios of one run. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/alike.h"
#include "bench/many.h"
#include "bench/reference.h"
#include "bench/timing.h"

enum { BENCH_STEPS = 4 };

/* ---- an allocator that counts ---- */

static _Atomic size_t bench_live, bench_peak;

static void *bench_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
    void *block = NULL;
    size_t live, peak;

    (void)user;
    if (!new_size) {
        free(ptr);
        atomic_fetch_sub(&bench_live, old_size);
        return NULL;
    }
    block = realloc(ptr, new_size);
    if (!block)
        return NULL;
    live = atomic_fetch_add(&bench_live, new_size - old_size) + new_size - old_size;
    peak = atomic_load(&bench_peak);
    while (live > peak && !atomic_compare_exchange_weak(&bench_peak, &peak, live))
        continue;
    return block;
}

static const sj_allocator bench_allocator = {.resize = bench_resize};

/* ---- the subject ---- */

typedef struct bench {
    reference data;
    sj_run run;
    int64_t runs;
    sj_graph *graph;
    const sj_funnel_options *options;
    size_t alike;
    const sj_transition_options *walk;
    sj_plan *plan, *many[MANY_FUNNELS];
    char *csv;
    size_t csv_size;
} bench;

static void bench_must(sj_status status, const sj_error *error)
{
    if (status) {
        fprintf(stderr, "bench: %s: %s\n", sj_status_name(status), error->message);
        exit(1);
    }
}

static sj_builder *bench_builder(void)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = &bench_allocator};
    sj_builder *builder = NULL;
    sj_error error = {0};

    bench_must(sj_builder_new(&options, &builder, &error), &error);
    for (size_t t = 0; t < REFERENCE_TOUCHPOINTS; t++)
        bench_must(sj_builder_add_touchpoint(builder, reference_touchpoints[t], NULL, NULL, &error),
                   &error);
    return builder;
}

static void bench_finish(bench *b, sj_builder *builder)
{
    sj_error error = {0};

    sj_graph_free(b->graph);
    b->graph = NULL;
    bench_must(sj_builder_build(builder, &b->run, &b->graph, &error), &error);
    sj_builder_free(builder);
}

static void bench_build(bench *b)
{
    const reference *r = &b->data;
    const sj_events events = {
        .struct_size = sizeof events,
        .n_events = r->n_events,
        .customer = {.type = SJ_ARRAY_UINT32, .data = r->customer},
        .touchpoint = {.type = SJ_ARRAY_UINT8, .data = r->touchpoint},
        .time = {.type = SJ_ARRAY_INT64, .data = r->time},
        .value = {.type = SJ_ARRAY_DOUBLE, .data = r->value, .validity = r->has_value}};
    sj_builder *builder = bench_builder();
    sj_error error = {0};

    bench_must(sj_builder_add_events(builder, &events, &error), &error);
    bench_finish(b, builder);
}

static void bench_load_csv(bench *b)
{
    const sj_csv_options options = {.struct_size = sizeof options,
                                    .bytes = b->csv,
                                    .n_bytes = b->csv_size,
                                    .customer = "customer",
                                    .time = "time",
                                    .touchpoint = "touchpoint",
                                    .value = "value",
                                    .time_unit = SJ_TIME_MICROSECONDS};
    sj_builder *builder = bench_builder();
    sj_error error = {0};

    bench_must(sj_csv_read(builder, &options, &b->run, NULL, &error), &error);
    bench_finish(b, builder);
}

static void bench_compute(bench *b)
{
    sj_result *result = NULL;
    sj_error error = {0};

    bench_must(sj_funnel_compute(b->graph, b->options, &b->run, &result, &error), &error);
    sj_result_free(result);
}

static void bench_scan(bench *b)
{
    sj_tally *tally = NULL;
    sj_error error = {0};

    bench_must(sj_scan(&b->plan, 1, &b->run, &tally, &error), &error);
    sj_tally_free(tally);
}

/* ---- timing ---- */

/* Median seconds. */
static timing bench_time(bench *b, void (*work)(bench *))
{
    double wall[TIMING_MOST_RUNS], busy[TIMING_MOST_RUNS];

    for (int64_t i = 0; i < b->runs; i++) {
        timing begun = timing_now(), ended;

        work(b);
        ended = timing_now();
        wall[i] = ended.wall - begun.wall;
        busy[i] = ended.busy - begun.busy;
    }
    return (timing){timing_median(wall, b->runs), timing_median(busy, b->runs)};
}

static void bench_rows(bench *b, const char *name, void (*work)(bench *), int64_t questions,
                       const char *unit)
{
    timing seconds = bench_time(b, work);
    double events = (double)b->data.n_events * (double)questions / 1e6;

    printf("%-48s %9.1f M %s/s %9.1f a core-second\n", name, events / seconds.wall, unit,
           events / (seconds.busy > 0 ? seconds.busy : seconds.wall));
    fflush(stdout);
}

static void bench_row(bench *b, const char *name, void (*work)(bench *))
{
    bench_rows(b, name, work, 1, "events");
}

/* ---- funnels ---- */

static const sj_step bench_sparse[BENCH_STEPS] = {{.condition = "product_view"},
                                                  {.condition = "cart"},
                                                  {.condition = "checkout"},
                                                  {.condition = "purchase"}};
static const sj_step bench_dense[BENCH_STEPS] = {{.condition = "home"},
                                                 {.condition = "search"},
                                                 {.condition = "product_view"},
                                                 {.condition = "category"}};

#define BENCH_FUNNEL(steps_)                                                                       \
    .struct_size = sizeof(sj_funnel_options), .steps = (steps_), .n_steps = BENCH_STEPS,           \
    .step_size = sizeof(sj_step)

static const struct {
    const char *name;
    const sj_step *steps;
    sj_funnel_options options;
} bench_funnels[] = {
    {"funnel, 4 steps in 24 h, counts",
     bench_sparse,
     {BENCH_FUNNEL(bench_sparse), .window = SJ_DAY, .figures = SJ_FIGURE_COUNTS}},
    {"funnel, 4 steps in 24 h, all figures",
     bench_sparse,
     {BENCH_FUNNEL(bench_sparse), .window = SJ_DAY}},
    {"funnel, 4 dense steps in 24 h, counts",
     bench_dense,
     {BENCH_FUNNEL(bench_dense), .window = SJ_DAY, .figures = SJ_FIGURE_COUNTS}},
    {"funnel, 4 dense steps in 24 h, all figures",
     bench_dense,
     {BENCH_FUNNEL(bench_dense), .window = SJ_DAY}},
    {"funnel, 4 steps, order only, counts",
     bench_sparse,
     {BENCH_FUNNEL(bench_sparse), .figures = SJ_FIGURE_COUNTS}},
    {"funnel, 4 steps, order only, all figures", bench_sparse, {BENCH_FUNNEL(bench_sparse)}},
};
enum { BENCH_FUNNELS = sizeof bench_funnels / sizeof *bench_funnels };

/* The number that a step's condition stands for. */
static uint8_t bench_code(const sj_step *step)
{
    uint8_t code = 0;

    while (strcmp(reference_touchpoints[code], step->condition) != 0)
        code++;
    return code;
}

/* From every entry on, each step as early as it can be; the data are in order of customer and time.
 */
static void bench_oracle(const reference *r, const sj_step *steps, int64_t window,
                         int64_t reached[BENCH_STEPS])
{
    uint8_t code[BENCH_STEPS];
    size_t begin = 0, end;

    memset(reached, 0, BENCH_STEPS * sizeof *reached);
    for (size_t k = 0; k < BENCH_STEPS; k++)
        code[k] = bench_code(&steps[k]);
    for (; begin < r->n_events; begin = end) {
        size_t best = 0;

        for (end = begin; end < r->n_events && r->customer[end] == r->customer[begin]; end++)
            continue;
        for (size_t entry = begin; entry < end; entry++) {
            size_t level = 1;

            if (r->touchpoint[entry] != code[0])
                continue;
            for (size_t i = entry + 1; i < end && level < BENCH_STEPS; i++)
                level += r->touchpoint[i] == code[level] &&
                         (!window || r->time[i] - r->time[entry] <= window);
            best = level > best ? level : best;
        }
        for (size_t k = 0; k < best; k++)
            reached[k]++;
    }
}

static int bench_agrees(bench *b, size_t funnel)
{
    int64_t wanted[BENCH_STEPS];
    const int64_t *found;
    sj_result *result = NULL;
    sj_error error = {0};
    int same;

    bench_oracle(&b->data, bench_funnels[funnel].steps, bench_funnels[funnel].options.window,
                 wanted);
    bench_must(
        sj_funnel_compute(b->graph, &bench_funnels[funnel].options, &b->run, &result, &error),
        &error);
    found = sj_table_integers(sj_result_find(result, "steps"), "reached");
    same = found && memcmp(found, wanted, sizeof wanted) == 0 &&
           wanted[0] > wanted[BENCH_STEPS - 1] && wanted[BENCH_STEPS - 1] > 0;
    if (!same)
        printf("wrong: %s: %lld %lld %lld %lld, not %lld %lld %lld %lld\n",
               bench_funnels[funnel].name, found ? (long long)found[0] : -1,
               found ? (long long)found[1] : -1, found ? (long long)found[2] : -1,
               found ? (long long)found[3] : -1, (long long)wanted[0], (long long)wanted[1],
               (long long)wanted[2], (long long)wanted[3]);
    sj_result_free(result);
    return same;
}

/* ---- transitions ---- */

static const struct {
    const char *name;
    sj_transition_options options;
} bench_walks[] = {
    {"transitions, counts and mean dwell",
     {.struct_size = sizeof(sj_transition_options), .figures = SJ_FIGURE_COUNTS}},
    {"transitions with p50 and p90",
     {.struct_size = sizeof(sj_transition_options), .figures = SJ_FIGURE_TIMES}},
    {"transitions, all figures", {.struct_size = sizeof(sj_transition_options)}},
    {"transitions of sessions (30 min), counts and mean",
     {.struct_size = sizeof(sj_transition_options),
      .session_gap = 30 * SJ_MINUTE,
      .figures = SJ_FIGURE_COUNTS}},
};
enum { BENCH_WALKS = sizeof bench_walks / sizeof *bench_walks };

/* A transition as the plain implementation finds it, and its times. */
typedef struct bench_edge {
    int64_t count, customers, *times;
    double sum, value;
    uint32_t last; /* customer + 1 */
} bench_edge;

enum { BENCH_OUTSIDE = REFERENCE_TOUCHPOINTS, BENCH_SIDE };

static void bench_walk(bench_edge *edge, uint32_t customer, double value)
{
    edge->count++;
    edge->customers += edge->last != customer + 1;
    edge->last = customer + 1;
    edge->value += value;
}

/* The data are in order of customer and time. */
static void bench_walk_all(const reference *r, int64_t gap,
                           bench_edge edges[BENCH_SIDE][BENCH_SIDE])
{
    for (size_t i = 0; i < r->n_events; i++) {
        const int same = i > 0 && r->customer[i] == r->customer[i - 1];
        const int follows = same && (!gap || r->time[i] - r->time[i - 1] <= gap);
        const size_t before = i > 0 ? r->touchpoint[i - 1] : BENCH_OUTSIDE, to = r->touchpoint[i];
        const double value = r->has_value[i / 8] >> i % 8 & 1 ? r->value[i] : 0;
        bench_edge *edge = &edges[follows ? before : BENCH_OUTSIDE][to];

        if (i > 0 && !follows)
            bench_walk(&edges[before][BENCH_OUTSIDE], r->customer[i - 1], 0);
        bench_walk(edge, r->customer[i], value);
        if (follows) {
            if (!(edge->count & (edge->count - 1)))
                edge->times = realloc(edge->times, (size_t)edge->count * 2 * sizeof *edge->times);
            if (!edge->times)
                exit(1);
            edge->times[edge->count - 1] = r->time[i] - r->time[i - 1];
            edge->sum += (double)(r->time[i] - r->time[i - 1]);
        }
    }
    bench_walk(&edges[r->touchpoint[r->n_events - 1]][BENCH_OUTSIDE], r->customer[r->n_events - 1],
               0);
}

static int bench_compare_times(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static size_t bench_node(const char *name)
{
    size_t code = 0;

    while (code < REFERENCE_TOUCHPOINTS && strcmp(reference_touchpoints[code], name) != 0)
        code++;
    return code;
}

static int bench_is_near(double found, double wanted, double relative)
{
    return found - wanted <= relative * (wanted + 1) && wanted - found <= relative * (wanted + 1);
}

/* Whether a row of the table is what the plain implementation has; sorts its times. */
static int bench_same_edge(const sj_table *table, size_t row, int64_t figures,
                           bench_edge edges[BENCH_SIDE][BENCH_SIDE])
{
    const size_t from = bench_node(sj_table_text(table, "from", row));
    const size_t to = bench_node(sj_table_text(table, "to", row));
    bench_edge *edge = &edges[from][to];
    int same = sj_table_integers(table, "count")[row] == edge->count &&
               sj_table_integers(table, "customers")[row] == edge->customers;

    if (to != BENCH_OUTSIDE && (figures == 0 || figures & SJ_FIGURE_VALUES))
        same = same && bench_is_near(sj_table_reals(table, "value")[row], edge->value, 1e-6);
    if (!edge->times || !same)
        return same;
    same = bench_is_near(sj_table_reals(table, "dwell_mean")[row], edge->sum / (double)edge->count,
                         1e-9);
    if (figures != 0 && (figures & SJ_FIGURE_TIMES) == 0)
        return same;
    qsort(edge->times, (size_t)edge->count, sizeof *edge->times, bench_compare_times);
    return same &&
           bench_is_near(sj_table_reals(table, "dwell_p50")[row],
                         (double)edge->times[(edge->count + 1) / 2 - 1], 1.0 / 128) &&
           bench_is_near(sj_table_reals(table, "dwell_p90")[row],
                         (double)edge->times[(edge->count * 9 + 9) / 10 - 1], 1.0 / 128);
}

static int bench_walks_agree(bench *b, size_t walk)
{
    static bench_edge edges[BENCH_SIDE][BENCH_SIDE];
    const sj_transition_options *options = &bench_walks[walk].options;
    const sj_table *table;
    sj_result *result = NULL;
    sj_error error = {0};
    size_t rows = 0, right = 0;

    memset(edges, 0, sizeof edges);
    bench_walk_all(&b->data, options->session_gap, edges);
    bench_must(sj_transition_compute(b->graph, options, &b->run, &result, &error), &error);
    table = sj_result_find(result, "transitions");
    for (size_t row = 0; row < sj_table_rows(table); row++)
        right += (size_t)bench_same_edge(table, row, options->figures, edges);
    for (size_t i = 0; i < BENCH_SIDE * BENCH_SIDE; i++) {
        rows += edges[i / BENCH_SIDE][i % BENCH_SIDE].count > 0;
        free(edges[i / BENCH_SIDE][i % BENCH_SIDE].times);
    }
    if (right != rows || rows != sj_table_rows(table))
        printf("wrong: %s: %zu rows, %zu of them right, not %zu\n", bench_walks[walk].name,
               sj_table_rows(table), right, rows);
    right = right == rows && rows == sj_table_rows(table);
    sj_result_free(result);
    return right != 0;
}

static void bench_follow(bench *b)
{
    sj_result *result = NULL;
    sj_error error = {0};

    bench_must(sj_transition_compute(b->graph, b->walk, &b->run, &result, &error), &error);
    sj_result_free(result);
}

static void bench_alike(bench *b)
{
    sj_result *result = NULL;
    sj_error error = {0};

    bench_must(alike_compute(b->alike, b->graph, &b->run, &result, &error), &error);
    sj_result_free(result);
}

/* ---- matches ---- */

static const char *const bench_conditions[BENCH_STEPS] = {"product_view", "cart", "checkout",
                                                          "purchase"};

static const struct {
    const char *name;
    sj_match_options options;
} bench_matches[] = {
    {"match, 4 conditions, order only",
     {.struct_size = sizeof(sj_match_options),
      .pattern = "(?1).*(?2).*(?3).*(?4)",
      .conditions = bench_conditions,
      .n_conditions = BENCH_STEPS}},
    {"match, 4 conditions, the others left out",
     {.struct_size = sizeof(sj_match_options),
      .pattern = "(?1).*(?2).*(?3).*(?4)",
      .conditions = bench_conditions,
      .n_conditions = BENCH_STEPS,
      .only_matching = 1}},
    {"match, all, gates and a restricted gap",
     {.struct_size = sizeof(sj_match_options),
      .pattern = "(?1)[^4]*(?t<=86400)(?2).*(?t<=86400)(?4)",
      .conditions = bench_conditions,
      .n_conditions = BENCH_STEPS,
      .find = SJ_MATCH_ALL}},
};
enum { BENCH_MATCHES = sizeof bench_matches / sizeof *bench_matches, BENCH_ORDER_ONLY = 2 };

/* Who has the conditions in order has the steps in order. */
static int bench_match_agrees(bench *b, size_t match)
{
    int64_t wanted[BENCH_STEPS];
    const int64_t *found;
    sj_result *result = NULL;
    sj_error error = {0};
    int same;

    bench_oracle(&b->data, bench_sparse, 0, wanted);
    bench_must(sj_match_compute(b->graph, &bench_matches[match].options, &b->run, &result, &error),
               &error);
    found = sj_table_integers(sj_result_find(result, "overall"), "customers");
    same = found && (match < BENCH_ORDER_ONLY ? found[0] == wanted[BENCH_STEPS - 1]
                                              : found[0] > 0 && found[0] <= wanted[1]);
    if (!same)
        printf("wrong: %s: %lld of %lld\n", bench_matches[match].name,
               found ? (long long)found[0] : -1, (long long)wanted[BENCH_STEPS - 1]);
    sj_result_free(result);
    return same;
}

/* ---- many funnels ---- */

static void bench_scan_many(bench *b)
{
    many_scan(b->many, &b->run);
}

static void bench_many(bench *b)
{
    static const struct {
        const char *name;
        int mix;
        int64_t figures;
    } rows[] = {{"100 funnels in one scan, counts", MANY_MIXED, SJ_FIGURE_COUNTS},
                {"100 funnels, each with a window, counts", MANY_WINDOWED, SJ_FIGURE_COUNTS},
                {"100 funnels in one scan, all figures", MANY_MIXED, 0}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        many_plan(b->graph, rows[i].mix, rows[i].figures, b->many);
        bench_rows(b, rows[i].name, bench_scan_many, MANY_FUNNELS, "event*funnels");
        many_free(b->many);
    }
}

/* ---- checks ---- */

/* Counts that two ways of building must share. */
static int bench_holds_all(const bench *b)
{
    return sj_graph_count(b->graph, SJ_KIND_EVENTS) == b->data.n_events &&
           sj_graph_count(b->graph, SJ_KIND_CUSTOMERS) == b->data.n_customers;
}

static int bench_check(bench *b, size_t n_events)
{
    int right = 1;

    if (!reference_make(&b->data, n_events) || !(b->csv = reference_csv(&b->data, &b->csv_size)))
        return 0;
    for (int way = 0; way < 2; way++) {
        if (way)
            bench_load_csv(b);
        else
            bench_build(b);
        right = right && bench_holds_all(b);
        for (size_t i = 0; i < BENCH_FUNNELS; i++)
            right = bench_agrees(b, i) && right;
        for (size_t i = 0; i < BENCH_MATCHES; i++)
            right = bench_match_agrees(b, i) && right;
        right = alike_check(&b->data, b->graph, &b->run) && right;
        right = (way || many_check(b->graph, &b->run)) && right;
        for (size_t i = 0; i < BENCH_WALKS; i++)
            right = bench_walks_agree(b, i) && right;
    }
    free(b->csv);
    b->csv = NULL;
    reference_drop(&b->data);
    printf("answers on %zu events: %s\n", n_events,
           right ? "as the plain implementation's" : "WRONG");
    return right;
}

/* ---- memory ---- */

/* The budget of a graph at rest: 8 bytes an event and 8 a value; 16 and its key a customer; 20 a
 * transition. */
static double bench_budget(const bench *b)
{
    uint64_t keys = 0, edges = 0, touchpoints = sj_graph_count(b->graph, SJ_KIND_TOUCHPOINTS);

    for (uint64_t c = 0; c < b->data.n_customers; c++)
        keys += strlen(sj_graph_name(b->graph, SJ_KIND_CUSTOMERS, c)) + 1;
    for (uint64_t t = 0; t < touchpoints; t++)
        edges += sj_graph_transitions(b->graph, t);
    return 8.0 * (double)b->data.n_events + 8.0 * (double)b->data.n_valued +
           16.0 * (double)b->data.n_customers + (double)keys + 20.0 * (double)edges;
}

/* Builds once more, watching how much memory is held. */
static void bench_memory(bench *b)
{
    double rest, peak, budget, events = (double)b->data.n_events;
    size_t before;

    sj_graph_free(b->graph);
    b->graph = NULL;
    before = atomic_load(&bench_live);
    atomic_store(&bench_peak, before);
    bench_build(b);
    rest = (double)(atomic_load(&bench_live) - before);
    peak = (double)(atomic_load(&bench_peak) - before);
    budget = bench_budget(b);
    printf("at rest %.2f bytes an event, of which the library says %.2f; budget %.2f: %s\n",
           rest / events, (double)sj_graph_count(b->graph, SJ_KIND_BYTES) / events, budget / events,
           rest <= budget ? "kept" : "EXCEEDED");
    printf("peak while building %.2f bytes an event; budget %.2f: %s\n", peak / events,
           3 * budget / events, peak <= 3 * budget ? "kept" : "EXCEEDED");
}

/* ---- main ---- */

static void bench_input(bench *b)
{
    b->csv = reference_csv(&b->data, &b->csv_size);
    if (b->csv) {
        bench_row(b, "CSV to ready graph", bench_load_csv);
        printf("%-48s %9.1f bytes a row\n", "", (double)b->csv_size / (double)b->data.n_events);
    }
    free(b->csv);
    b->csv = NULL;
    bench_row(b, "build from columns, by customer", bench_build);
    if (reference_arrange(&b->data, REFERENCE_SHUFFLED))
        bench_row(b, "build from columns, shuffled", bench_build);
    if (reference_arrange(&b->data, REFERENCE_BY_TIME))
        bench_row(b, "build from columns, by time", bench_build);
}

static void bench_ask_funnels(bench *b)
{
    sj_error error = {0};

    for (size_t i = 0; i < BENCH_FUNNELS; i++) {
        b->options = &bench_funnels[i].options;
        bench_row(b, bench_funnels[i].name, bench_compute);
        bench_must(sj_funnel_plan(b->graph, b->options, &b->plan, &error), &error);
        bench_row(b, "  plan kept", bench_scan);
        printf("  plan: %s\n", sj_plan_text(b->plan));
        sj_plan_free(b->plan);
    }
}

static void bench_ask_others(bench *b)
{
    sj_error error = {0};

    for (size_t i = 0; i < BENCH_WALKS; i++) {
        b->walk = &bench_walks[i].options;
        bench_row(b, bench_walks[i].name, bench_follow);
    }
    for (b->alike = 0; alike_name(b->alike); b->alike++)
        bench_row(b, alike_name(b->alike), bench_alike);
    for (size_t i = 0; i < BENCH_MATCHES; i++) {
        bench_must(sj_match_plan(b->graph, &bench_matches[i].options, &b->plan, &error), &error);
        bench_row(b, bench_matches[i].name, bench_scan);
        sj_plan_free(b->plan);
    }
}

static const struct {
    const char *name;
    void (*work)(bench *);
} bench_parts[] = {{"input", bench_input},
                   {"funnels", bench_ask_funnels},
                   {"others", bench_ask_others},
                   {"many", bench_many},
                   {"memory", bench_memory}};

static void bench_work(bench *b, const char *part)
{
    if (part != NULL && strcmp(part, "input") != 0)
        bench_build(b);
    for (size_t i = 0; i < sizeof bench_parts / sizeof *bench_parts; i++)
        if (part == NULL || strcmp(part, bench_parts[i].name) == 0)
            bench_parts[i].work(b);
}

int main(int argc, char **argv)
{
    size_t n_events = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 5000000;
    bench b = {.runs = argc > 3 ? strtoll(argv[3], NULL, 10) : 5};
    int right;

    b.run =
        (sj_run){.struct_size = sizeof b.run, .threads = argc > 2 ? strtoll(argv[2], NULL, 10) : 1};
    if (n_events < 1000 || b.run.threads < 1 || b.runs < 1 || b.runs > TIMING_MOST_RUNS) {
        fprintf(stderr,
                "bench [EVENTS [THREADS [RUNS [PART]]]]: at least 1000 events, 1 thread, 1 to %d "
                "runs\n",
                TIMING_MOST_RUNS);
        return 2;
    }
    right = bench_check(&b, n_events < 200000 ? n_events : 200000);
    if (right && reference_make(&b.data, n_events)) {
        printf("%zu events, %zu customers, %.2f%% with a value; %lld threads, medians of %lld\n",
               b.data.n_events, b.data.n_customers,
               100 * (double)b.data.n_valued / (double)b.data.n_events, (long long)b.run.threads,
               (long long)b.runs);
        bench_work(&b, argc > 4 ? argv[4] : NULL);
    }
    sj_graph_free(b.graph);
    reference_drop(&b.data);
    if (atomic_load(&bench_live))
        printf("%zu bytes were not given back\n", atomic_load(&bench_live));
    return right && !atomic_load(&bench_live) ? 0 : 1;
}
