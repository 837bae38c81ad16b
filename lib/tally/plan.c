/* Plans: what all of them share, and the call that goes from options to figures. */
#include "tally/plan.h"

#include <string.h>

#include "tally/result.h"

/* ------------------------------------------------------------------------------ the first lines --
 */

/* A text that stays one line. */
static void plan_write_escaped(sj__text *text, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '\n')
            sj__text_add(text, "\\n");
        else if (*s == '\\')
            sj__text_add(text, "\\\\");
        else
            sj__text_char(text, *s);
    }
}

/* Each line of the map, so marked. */
static void plan_write_map(const sj__map *map, sj__text *text)
{
    sj__text lines;
    sj__text_init(&lines, text->allocator);
    sj__map_write(map, &lines);
    const char *line = sj__text_data(&lines);
    const char *end = line + lines.size;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop == NULL ? end : stop;
        sj__text_add(text, "map ");
        sj__text_bytes(text, line, (size_t)(stop - line));
        sj__text_char(text, '\n');
        line = stop + 1;
    }
    text->failed |= lines.failed;
    sj__text_free(&lines);
}

/* The lines that the tallies of all analyses begin with. */
static void plan_write_shared(const sj__analysis *analysis, const sj_graph *graph, sj__text *text)
{
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    sj__text_add(text, "analysis ");
    sj__text_add(text, analysis->name);
    sj__text_char(text, ' ');
    sj__text_integer(text, analysis->revision);
    sj__text_char(text, '\n');
    if (facts->has_observed) {
        sj__text_add(text, "observed_from ");
        sj__text_time(text, facts->observed_from);
        sj__text_add(text, "\nobserved_until ");
        sj__text_time(text, facts->observed_until);
        sj__text_char(text, '\n');
    }
    if (facts->filter != NULL && facts->filter[0] != '\0') {
        sj__text_add(text, "filter ");
        plan_write_escaped(text, facts->filter);
        sj__text_char(text, '\n');
    }
    plan_write_map(sj__graph_map(graph), text);
}

/* --------------------------------------------------------------------------------------- plans --
 */

/* A plan that asks nothing yet. */
static sj_status plan_new(const sj__analysis *analysis, const sj_graph *graph, sj_plan **out,
                          sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    sj_plan *plan = sj__alloc_zeroed(a, 1, sizeof *plan);
    if (plan == NULL)
        return sj__fail_nomem(error);
    plan->allocator = *a;
    plan->analysis = analysis;
    plan->graph = sj__graph_hold(graph);
    sj__text_init(&plan->text, &plan->allocator);
    sj__text_init(&plan->counted, &plan->allocator);
    const size_t n = sj__graph_map(graph)->touchpoints.count;
    plan->n_wanted = n < 256 ? 256 : n;
    plan->wanted = sj__alloc_zeroed(&plan->allocator, plan->n_wanted, 1);
    *out = plan;
    return plan->wanted != NULL ? SJ_OK : sj__fail_nomem(error);
}

sj_status sj__plan_make(const sj__analysis *analysis, const sj_graph *graph, const void *options,
                        sj_plan **out, sj_error *error)
{
    sj_plan *plan = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (graph == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "the graph is NULL");
    sj_status status = plan_new(analysis, graph, &plan, error);
    if (status == SJ_OK) {
        plan_write_shared(analysis, graph, &plan->counted);
        status = analysis->ask(plan, options, error);
    }
    if (status == SJ_OK)
        status = sj__text_status(&plan->text, error);
    if (status == SJ_OK)
        status = sj__text_status(&plan->counted, error);
    if (status == SJ_OK)
        *out = plan;
    else
        sj_plan_free(plan);
    return status;
}

void sj_plan_free(sj_plan *plan)
{
    if (plan == NULL)
        return;
    sj_allocator a = plan->allocator;
    if (plan->question != NULL && plan->analysis->free != NULL)
        plan->analysis->free(plan->question, &a);
    sj__free(&a, plan->wanted, plan->n_wanted, 1);
    sj__text_free(&plan->text);
    sj__text_free(&plan->counted);
    sj_graph_free(plan->graph);
    sj__free(&a, plan, 1, sizeof *plan);
}

const char *sj_plan_text(const sj_plan *plan)
{
    return plan == NULL ? NULL : sj__text_data(&plan->text);
}

sj_status sj__compute(const sj__analysis *analysis, const sj_graph *graph, const void *options,
                      const sj_run *run, sj_result **out, sj_error *error)
{
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_plan *made = NULL;
    sj_tally *tally = NULL;
    sj_result *result = NULL;
    sj_status status = sj__plan_make(analysis, graph, options, &made, error);
    if (status == SJ_OK)
        status = sj_scan(&made, 1, run, &tally, error);
    if (status == SJ_OK)
        status = analysis->conclude(tally, options, &result, error);
    if (status == SJ_OK) {
        sj__result_note(result, "plan", sj_plan_text(made));
        status = sj__result_finish(result, out, error);
    }
    sj_tally_free(tally);
    sj_plan_free(made);
    return status;
}

sj_status sj__counting_touchpoint(sj__counting *counting, int32_t *names, uint32_t touchpoint,
                                  int32_t *name, sj_error *error)
{
    const sj__intern *touchpoints = &sj__graph_map(counting->graph)->touchpoints;
    size_t n;
    *name = names[touchpoint];
    if (*name != SJ__NOT_NAMED)
        return SJ_OK;
    const char *text = sj__intern_name(touchpoints, touchpoint, &n);
    const sj_status status = sj__tally_name(counting->tally, text, n, name, error);
    if (status == SJ_OK)
        names[touchpoint] = *name;
    return status;
}
