/* Graph → result.  A command is a row of the table COMMANDS; the wrappers give all analyses one
 * type. */
#include "program.h"

#include <string.h>

static sj_status summary_compute(const sj_graph *graph, const void *options, const sj_run *run,
                                 sj_result **out, sj_error *error)
{
    (void)options;
    return sj_summary_compute(graph, run, out, error);
}

static sj_status funnel_compute(const sj_graph *graph, const void *options, const sj_run *run,
                                sj_result **out, sj_error *error)
{
    return sj_funnel_compute(graph, options, run, out, error);
}

static sj_status funnel_list(const sj_graph *graph, const void *options, const sj_run *run,
                             sj_result **out, sj_error *error)
{
    return sj_funnel_list(graph, options, run, out, error);
}

static sj_status funnel_plan(const sj_graph *graph, const void *options, sj_plan **out,
                             sj_error *error)
{
    return sj_funnel_plan(graph, options, out, error);
}

static sj_status transition_compute(const sj_graph *graph, const void *options, const sj_run *run,
                                    sj_result **out, sj_error *error)
{
    return sj_transition_compute(graph, options, run, out, error);
}

static sj_status transition_plan(const sj_graph *graph, const void *options, sj_plan **out,
                                 sj_error *error)
{
    return sj_transition_plan(graph, options, out, error);
}

static sj_status path_compute(const sj_graph *graph, const void *options, const sj_run *run,
                              sj_result **out, sj_error *error)
{
    return sj_path_compute(graph, options, run, out, error);
}

static sj_status variant_compute(const sj_graph *graph, const void *options, const sj_run *run,
                                 sj_result **out, sj_error *error)
{
    return sj_variant_compute(graph, options, run, out, error);
}

static sj_status variant_list(const sj_graph *graph, const void *options, const sj_run *run,
                              sj_result **out, sj_error *error)
{
    return sj_variant_list(graph, options, run, out, error);
}

static sj_status friction_compute(const sj_graph *graph, const void *options, const sj_run *run,
                                  sj_result **out, sj_error *error)
{
    return sj_friction_compute(graph, options, run, out, error);
}

static sj_status friction_plan(const sj_graph *graph, const void *options, sj_plan **out,
                               sj_error *error)
{
    return sj_friction_plan(graph, options, out, error);
}

static sj_status match_compute(const sj_graph *graph, const void *options, const sj_run *run,
                               sj_result **out, sj_error *error)
{
    return sj_match_compute(graph, options, run, out, error);
}

static sj_status match_list(const sj_graph *graph, const void *options, const sj_run *run,
                            sj_result **out, sj_error *error)
{
    return sj_match_list(graph, options, run, out, error);
}

/* Matches are shown one by one unless asked otherwise: its list and its figures have changed
 * places. */
static const command COMMANDS[] = {
    {"summary", "what the events are: how many, whose, from when to when", NULL, NULL,
     summary_compute, NULL, NULL},
    {"funnel", "who reaches which step, how fast, and why the others do not", "sj_funnel_options",
     "levels", funnel_compute, funnel_list, funnel_plan},
    {"transitions", "what follows what, how often, and after how long", "sj_transition_options",
     NULL, transition_compute, NULL, transition_plan},
    {"paths", "where journeys go after, before or between events", "sj_path_options", NULL,
     path_compute, NULL, NULL},
    {"variants", "journeys that are alike, n-grams, and how varied journeys are",
     "sj_variant_options", "per-customer", variant_compute, variant_list, NULL},
    {"friction", "where customers lose time or are lost, and what it costs", "sj_friction_options",
     NULL, friction_compute, NULL, friction_plan},
    {"match", "where journeys hold a sequence pattern", "sj_match_options", "overall", match_list,
     match_compute, NULL},
};

const command *command_at(size_t i)
{
    return i < sizeof COMMANDS / sizeof *COMMANDS ? &COMMANDS[i] : NULL;
}

const command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i); i++) {
        if (strcmp(command_at(i)->name, name) == 0)
            return command_at(i);
    }
    return NULL;
}

/* -------------------------------------------------------------------------------- baseline -- */

/* The graph without the customers of another one. */
static sj_status graph_without(const sj_graph *graph, const sj_graph *others, const char *where,
                               pool *memory, const sj_run *run, sj_graph **out, sj_error *error)
{
    const uint64_t n = sj_graph_count(others, SJ_KIND_CUSTOMERS);
    uint64_t *positions = pool_take(memory, (size_t)(n + 1) * sizeof *positions);
    const sj_selection selection = {.struct_size = sizeof selection,
                                    .events = where,
                                    .exclude = positions,
                                    .n_exclude = (size_t)n};

    for (uint64_t i = 0; i < n; i++)
        positions[i] =
            sj_graph_find(graph, SJ_KIND_CUSTOMERS, sj_graph_name(others, SJ_KIND_CUSTOMERS, i));
    return sj_graph_select(graph, &selection, run, out, error);
}

static sj_status tally_of(const settings *given, const sj_graph *graph, const sj_run *run,
                          sj_tally **out, sj_error *error)
{
    sj_plan *plan = NULL;
    sj_status status = given->command->plan(graph, given->question.bytes, &plan, error);

    if (!status)
        status = sj_scan(&plan, 1, run, out, error);
    sj_plan_free(plan);
    return status;
}

/* The baseline are the customers with an event that matches, judged on whole journeys; the rest are
 * the others. */
static int split_by_customers(const settings *given, const sj_run *run, const sj_graph *graph,
                              sj_graph **base, sj_graph **rest)
{
    const sj_selection with = {.struct_size = sizeof with, .customers = given->baseline_where};
    const sj_selection some = {.struct_size = sizeof some, .events = given->where};
    sj_graph *whole = NULL;
    sj_error error = {0};
    int status = 0;

    if (sj_graph_select(graph, &with, run, &whole, &error))
        return say_error("--baseline-where", &error);
    if (graph_without(graph, whole, given->where, given->memory, run, rest, &error) ||
        sj_graph_select(whole, &some, run, base, &error))
        status = say_error(given->where ? "--where" : NULL, &error);
    sj_graph_free(whole);
    return status;
}

/* The baseline is a period, the rest what came after it. */
static int split_by_time(const settings *given, const sj_run *run, const sj_graph *graph,
                         sj_graph **base, sj_graph **rest)
{
    const sj_selection then = {.struct_size = sizeof then,
                               .from = given->baseline_from,
                               .to = given->baseline_to,
                               .events = given->where};
    const sj_selection now = {
        .struct_size = sizeof now, .from = given->baseline_to, .events = given->where};
    sj_error error = {0};

    if (sj_graph_select(graph, &then, run, base, &error) ||
        sj_graph_select(graph, &now, run, rest, &error))
        return say_error(given->where ? "--where" : NULL, &error);
    return 0;
}

static int answer_compared(const settings *given, const sj_run *run, const sj_graph *graph,
                           sj_result **out)
{
    sj_graph *base = NULL, *rest = NULL;
    sj_tally *baseline = NULL;
    filling question = given->question;
    sj_error error = {0};
    int status = (given->baseline_from ? split_by_time : split_by_customers)(given, run, graph,
                                                                             &base, &rest);

    if (!status && tally_of(given, base, run, &baseline, &error))
        status = say_error(NULL, &error);
    if (!status) {
        filling_point(&question, "baseline", baseline);
        if (given->command->compute(rest, question.bytes, run, out, &error))
            status = say_error(NULL, &error);
        filling_point(&question, "baseline", NULL);
    }
    sj_tally_free(baseline);
    sj_graph_free(rest);
    sj_graph_free(base);
    return status;
}

int command_answer(const settings *given, const sj_run *run, sj_graph **graph, sj_result **out)
{
    const sj_selection some = {.struct_size = sizeof some, .events = given->where};
    const command *asked = given->command;
    sj_graph *kept = NULL;
    sj_error error = {0};

    *out = NULL;
    if (given->baseline_where || given->baseline_from)
        return answer_compared(given, run, *graph, out);
    if (given->where) {
        if (sj_graph_select(*graph, &some, run, &kept, &error))
            return say_error("--where", &error);
        sj_graph_free(*graph);
        *graph = kept;
    }
    if ((given->list ? asked->list : asked->compute)(*graph, given->question.bytes, run, out,
                                                     &error))
        return say_error(NULL, &error);
    return 0;
}
