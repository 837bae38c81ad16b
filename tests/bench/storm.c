/* Storms: very many events of one customer that all concern the funnel.  storm [FROM [TO [BOUND]]]:
 * from 10^4 to 10^6 events, and the time per event at the most may be at most BOUND (2) times that
 * at the fewest.
 *
 * What an engine does per event must not depend on how many entries are open.  Each option is put
 * before each storm: with it alone, and with all figures.  CPU time, medians of five. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sojourn.h>

#include "bench/timing.h"

enum { STORM_STEPS = 4, STORM_RUNS = 5, STORM_SIZES = 8 };

/* ---- the storms ---- */

enum { STORM_ENTRIES, STORM_MIXED, STORM_INSTANT, STORM_SHAPES };

static const char *const storm_shapes[STORM_SHAPES] = {
    "entries: step 1 again and again, two more steps at the end",
    "mixed: three steps and what is excluded, at random",
    "instant: the same at one time, every event fits two steps",
};
static const char *const storm_touchpoints[] = {"a", "b", "c", "x", "d"};

/* Steps that share no event, and steps that do; the last one never comes, so that no attempt is
 * over early. */
static const char *const storm_conditions[2][STORM_STEPS] = {
    {"a", "b", "c", "d"},
    {"touchpoint in ('a', 'b')", "touchpoint in ('b', 'c')", "touchpoint in ('a', 'c')", "d"},
};

static void storm_must(sj_status status, const sj_error *error)
{
    if (status) {
        fprintf(stderr, "storm: %s: %s\n", sj_status_name(status), error->message);
        exit(1);
    }
}

static uint64_t storm_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* n events within a day, or at one time; `held` has a thousand values, `own` eight events to a
 * value. */
static sj_graph *storm_graph(int shape, size_t n)
{
    uint32_t *customer = calloc(n, sizeof *customer);
    uint8_t *touchpoint = malloc(n);
    int64_t *time = malloc(n * sizeof *time), *held = malloc(n * sizeof *held),
            *own = malloc(n * sizeof *own);
    uint64_t state = 1;
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};

    if (!customer || !touchpoint || !time || !held || !own)
        exit(1);
    for (size_t i = 0; i < n; i++) {
        touchpoint[i] = shape != STORM_ENTRIES ? (uint8_t)(storm_random(&state) % 4)
                        : i + 2 < n            ? 0
                                               : (uint8_t)(i + 3 - n);
        time[i] = shape == STORM_INSTANT ? 0 : (int64_t)i * (SJ_DAY / (int64_t)n);
        held[i] = (int64_t)(storm_random(&state) % 1000);
        own[i] = (int64_t)(storm_random(&state) % (n / 8));
    }
    const sj_column columns[] = {{.type = SJ_ARRAY_INT64, .data = held, .name = "held"},
                                 {.type = SJ_ARRAY_INT64, .data = own, .name = "own"}};
    const sj_events events = {.struct_size = sizeof events,
                              .n_events = n,
                              .customer = {.type = SJ_ARRAY_UINT32, .data = customer},
                              .touchpoint = {.type = SJ_ARRAY_UINT8, .data = touchpoint},
                              .time = {.type = SJ_ARRAY_INT64, .data = time},
                              .attributes = columns,
                              .n_attributes = 2};
    storm_must(sj_builder_new(NULL, &builder, &error), &error);
    for (size_t t = 0; t < sizeof storm_touchpoints / sizeof *storm_touchpoints; t++)
        storm_must(sj_builder_add_touchpoint(builder, storm_touchpoints[t], NULL, NULL, &error),
                   &error);
    for (size_t i = 0; i < 2; i++)
        storm_must(
            sj_builder_add_attribute(builder, columns[i].name, SJ_ATTRIBUTE_INTEGER, 0, &error),
            &error);
    storm_must(sj_builder_add_events(builder, &events, &error), &error);
    storm_must(sj_builder_build(builder, NULL, &graph, &error), &error);
    sj_builder_free(builder);
    free(customer);
    free(touchpoint);
    free(time);
    free(held);
    free(own);
    return graph;
}

/* ---- the questions ---- */

static const char *const storm_held[] = {"held"}, *const storm_own[] = {"own"};
static const sj_exclusion storm_break[] = {{.condition = "x", .effect = SJ_EXCLUDE_BREAK}};
static const sj_exclusion storm_remove[] = {{.condition = "x", .effect = SJ_EXCLUDE_REMOVE}};
static const sj_exclusion storm_late[] = {{.condition = "x", .from_step = 2, .to_step = 3}};
static const int64_t storm_noon = SJ_DAY / 2;

#define STORM_EXCLUDE(x)                                                                           \
    .exclusions = (x), .n_exclusions = 1, .exclusion_size = sizeof(sj_exclusion)

/* One option each; `step` is put on steps 2 and 3. */
static const struct storm_question {
    const char *name;
    sj_step step;
    sj_funnel_options options;
    /* An event's value is found anywhere in a memory that grows with the storm: twice the bound. */
    int scattered;
} storm_questions[] = {
    {"plain, counts", .options = {.figures = SJ_FIGURE_COUNTS}},
    {.name = "plain"},
    {"reuse yes", .options = {.reuse = SJ_REUSE_YES}},
    {"min_gap", .step = {.min_gap = SJ_HOUR}},
    {"max_gap", .step = {.max_gap = SJ_HOUR}},
    {"min_gap and max_gap", .step = {.min_gap = SJ_HOUR, .max_gap = 2 * SJ_HOUR}},
    {"max_gap instant", .step = {.max_gap = SJ_INSTANT}},
    {"optional steps", .step = {.optional = 1}},
    {"adjacent steps", .step = {.adjacent = 1}},
    {"order adjacent", .options = {.order = SJ_ORDER_ADJACENT}},
    {"order any", .options = {.order = SJ_ORDER_ANY}},
    {"a group", .step = {.group = 1}},
    {"exclusion, break", .options = {STORM_EXCLUDE(storm_break)}},
    {"exclusion, remove", .options = {STORM_EXCLUDE(storm_remove)}},
    {"exclusion between 2 and 3", .options = {STORM_EXCLUDE(storm_late)}},
    {"tie input", .options = {.tie = SJ_TIE_INPUT}},
    {"tie strict", .options = {.tie = SJ_TIE_STRICT}},
    {"grace, attempt best", .options = {.tie = SJ_TIE_GRACE, .grace = SJ_HOUR}},
    {"grace, attempt first",
     .options = {.tie = SJ_TIE_GRACE, .grace = SJ_HOUR, .attempt = SJ_ATTEMPT_FIRST}},
    {"grace, attempt each",
     .options = {.tie = SJ_TIE_GRACE, .grace = SJ_HOUR, .attempt = SJ_ATTEMPT_EACH}},
    {"hold, 1000 values", .options = {.hold = storm_held, .n_hold = 1}},
    {"hold, 1000 values, each a unit",
     .options = {.hold = storm_held, .n_hold = 1, .unit = SJ_UNIT_VALUES}},
    {"hold, n/8 values", .options = {.hold = storm_own, .n_hold = 1}, .scattered = 1},
    {"hold, n/8 values, each a unit",
     .options = {.hold = storm_own, .n_hold = 1, .unit = SJ_UNIT_VALUES}, .scattered = 1},
    {"session_gap", .options = {.session_gap = SJ_MINUTE}},
    {"session_gap, each a unit", .options = {.session_gap = SJ_MINUTE, .unit = SJ_UNIT_SESSIONS}},
    {"a session per time, each a unit",
     .options = {.session_gap = SJ_INSTANT, .unit = SJ_UNIT_SESSIONS}},
    {"entry_from", .options = {.entry_from = &storm_noon}},
    {"entry_to", .options = {.entry_to = &storm_noon}},
    {"window of an hour", .options = {.window = SJ_HOUR}},
    {"attempt first", .options = {.attempt = SJ_ATTEMPT_FIRST}},
    {"attempt each", .options = {.attempt = SJ_ATTEMPT_EACH}},
    {"attempt each, window of an hour", .options = {.attempt = SJ_ATTEMPT_EACH, .window = SJ_HOUR}},
    {"unit attempts", .options = {.unit = SJ_UNIT_ATTEMPTS}},
    {"enter_anywhere", .options = {.enter_anywhere = 1}},
    {"order adjacent, stop",
     .options = {.order = SJ_ORDER_ADJACENT, .violation = SJ_VIOLATION_STOP}},
};
enum { STORM_QUESTIONS = sizeof storm_questions / sizeof *storm_questions };

/* NULL, and why on a line, where the library does not have the option. */
static sj_plan *storm_plan(const sj_graph *graph, size_t question, int shape)
{
    sj_funnel_options options = storm_questions[question].options;
    sj_step steps[STORM_STEPS] = {{0}};
    sj_plan *plan = NULL;
    sj_error error = {0};

    for (size_t k = 0; k < STORM_STEPS; k++) {
        if (k == 1 || k == 2)
            steps[k] = storm_questions[question].step;
        steps[k].condition = storm_conditions[shape == STORM_INSTANT][k];
    }
    options.struct_size = sizeof options;
    options.steps = steps;
    options.n_steps = STORM_STEPS;
    options.step_size = sizeof *steps;
    if (options.window == 0)
        options.window = SJ_DAY;
    sj_status status = sj_funnel_plan(graph, &options, &plan, &error);
    if (status == SJ_ERR_OPTIONS && shape == STORM_INSTANT) { /* where steps may share no event */
        options.reuse = SJ_REUSE_YES;
        status = sj_funnel_plan(graph, &options, &plan, &error);
    }
    storm_must(status, &error);
    return plan;
}

/* ---- timing ---- */

static void storm_scan(sj_plan *plan)
{
    sj_tally *tally = NULL;
    sj_error error = {0};

    storm_must(sj_scan(&plan, 1, NULL, &tally, &error), &error);
    sj_tally_free(tally);
}

/* Nanoseconds of CPU time per event: the plan scans so often that it sees `most` events. */
static double storm_time(sj_plan *plan, size_t n, size_t most)
{
    const double begun = timing_now().busy;

    for (size_t i = 0; i < most / n; i++)
        storm_scan(plan);
    return (timing_now().busy - begun) * 1e9 / ((double)(most / n) * (double)n);
}

/* Medians of runs that take all sizes in turn, so that what else the machine does meets all alike. */
static void storm_measure(sj_plan *const *plans, const size_t *sizes, size_t n_sizes,
                          double *medians)
{
    double taken[STORM_SIZES][STORM_RUNS];

    for (size_t run = 0; run < STORM_RUNS; run++)
        for (size_t s = 0; s < n_sizes; s++)
            taken[s][run] = storm_time(plans[s], sizes[s], sizes[n_sizes - 1]);
    for (size_t s = 0; s < n_sizes; s++)
        medians[s] = timing_median(taken[s], STORM_RUNS);
}

static int storm_print(const char *name, const double *taken, size_t n_sizes, double bound)
{
    const double ratio = taken[n_sizes - 1] / taken[0];

    printf("%-36s", name);
    for (size_t s = 0; s < n_sizes; s++)
        printf(" %9.1f", taken[s]);
    printf("   %5.2f times of at most %.0f: %s\n", ratio, bound,
           ratio <= bound ? "flat" : "NOT FLAT");
    fflush(stdout);
    return ratio <= bound;
}

/* A row that is not flat is measured once more: what grows with the size will do so again. */
static int storm_row(size_t question, int shape, sj_graph *const *graphs, const size_t *sizes,
                     size_t n_sizes, double bound)
{
    sj_plan *plans[STORM_SIZES] = {NULL};
    double taken[STORM_SIZES];
    int flat = 0;

    bound *= storm_questions[question].scattered ? 2 : 1;
    plans[0] = storm_plan(graphs[0], question, shape);
    if (plans[0] == NULL)
        return 1;
    for (size_t s = 1; s < n_sizes; s++)
        plans[s] = storm_plan(graphs[s], question, shape);
    for (int time = 0; time < 2 && !flat; time++) {
        storm_measure(plans, sizes, n_sizes, taken);
        flat = storm_print(storm_questions[question].name, taken, n_sizes, bound);
    }
    for (size_t s = 0; s < n_sizes; s++)
        sj_plan_free(plans[s]);
    return flat;
}

int main(int argc, char **argv)
{
    const size_t from = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 10000;
    const size_t to = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 1000000;
    const double bound = argc > 3 ? strtod(argv[3], NULL) : 2;
    sj_graph *graphs[STORM_SIZES] = {NULL};
    size_t sizes[STORM_SIZES], n_sizes = 0, steep = 0;

    for (size_t n = from; n >= 100 && n <= to && n_sizes < STORM_SIZES; n *= 10)
        sizes[n_sizes++] = n;
    if (n_sizes < 2) {
        fprintf(stderr,
                "storm [FROM [TO [BOUND]]]: from at least 100 events to 10 times as many\n");
        return 2;
    }
    printf("nanoseconds of CPU time an event, medians of %d; flat: at most %.1f times\n",
           STORM_RUNS, bound);
    for (int shape = 0; shape < STORM_SHAPES; shape++) {
        printf("%s\n%-36s", storm_shapes[shape], "");
        for (size_t s = 0; s < n_sizes; s++) {
            graphs[s] = storm_graph(shape, sizes[s]);
            printf(" %9zu", sizes[s]);
        }
        printf("\n");
        for (size_t q = 0; q < STORM_QUESTIONS; q++)
            steep += !storm_row(q, shape, graphs, sizes, n_sizes, bound);
        for (size_t s = 0; s < n_sizes; s++)
            sj_graph_free(graphs[s]);
    }
    if (steep > 0)
        printf("%zu rows are not flat\n", steep);
    return steep > 0;
}
