/* Inputs for the functions under fault; see world.h. */
#include "fault/world.h"

#include <stdlib.h>
#include <string.h>

#include "property/questions.h"

void world_arm(failing *memory, uint64_t at, int onward)
{
    memory->requests = 0;
    memory->failures = 0;
    memory->fail_at = onward ? 0 : at;
    memory->fail_from = onward ? at : 0;
}

static sj_graph *world_one_customer(const world *w)
{
    static const uint64_t first = 0;
    const sj_selection selection = {
        .struct_size = sizeof selection, .include = &first, .n_include = 1};
    sj_graph *graph = NULL;
    sj_error error = {0};

    journeys_must(sj_graph_select(w->graph, &selection, NULL, &graph, &error), &error,
                  "one customer");
    return graph;
}

static int world_ask(world *w, const sj_graph *graph, sj_plan **plan, sj_tally **tally)
{
    sj_error error = {0};
    sj_status status = questions_plan(w->question, graph, plan, &error);

    if (questions_later(status, &error))
        return 0;
    journeys_must(status, &error, questions_name(w->question));
    journeys_must(sj_scan(plan, 1, NULL, tally, &error), &error, questions_name(w->question));
    return 1;
}

static journeys_how world_how(const world *w)
{
    const journeys_how how = {.ties = SJ_TIES_ARRIVAL, .batch = 20, .allocator = &w->allocator};

    return how;
}

static void world_fill_builder(world *w)
{
    const journeys_how how = world_how(w);
    sj_error error = {0};

    journeys_must(journeys_builder(w->journeys, &how, &w->builder, &error), &error,
                  "filling a builder");
}

void world_restore(world *w, int kind)
{
    sj_error error = {0};

    if (kind == WORLD_BUILDER) {
        sj_builder_free(w->builder);
        world_fill_builder(w);
    } else if (kind == WORLD_TALLY) {
        sj_tally_free(w->tally);
        journeys_must(sj_tally_read(sj_buffer_data(w->bytes), sj_buffer_size(w->bytes),
                                    &w->allocator, &w->tally, &error),
                      &error, "reading a tally");
    }
}

int world_open(world *w, const journeys *j, size_t question)
{
    journeys_how how;
    sj_graph *single;
    sj_plan *plan = NULL;
    sj_error error = {0};

    memset(w, 0, sizeof *w);
    w->allocator = failing_allocator(&w->memory);
    w->journeys = j;
    w->question = question;
    how = world_how(w);
    w->graph = journeys_graph(j, &how);
    world_fill_builder(w);
    if (!world_ask(w, w->graph, &w->plan, &w->tally)) {
        world_close(w);
        return 0;
    }
    single = world_one_customer(w);
    world_ask(w, single, &plan, &w->other);
    sj_plan_free(plan);
    sj_graph_free(single);
    journeys_must(questions_conclude(question, w->tally, &w->result, &error), &error, "concluding");
    journeys_must(sj_tally_write(w->tally, &w->bytes, &error), &error, "writing");
    return 1;
}

void world_close(world *w)
{
    /* The graph first: what was made from it must not need it. */
    sj_graph_free(w->graph);
    sj_builder_free(w->builder);
    sj_plan_free(w->plan);
    sj_tally_free(w->tally);
    sj_tally_free(w->other);
    sj_result_free(w->result);
    sj_buffer_free(w->bytes);
}

void world_drop(int kind, void *thing)
{
    switch (kind) {
    case WORLD_BUILDER:
        sj_builder_free(thing);
        break;
    case WORLD_GRAPH:
        sj_graph_free(thing);
        break;
    case WORLD_PLAN:
        sj_plan_free(thing);
        break;
    case WORLD_TALLY:
        sj_tally_free(thing);
        break;
    case WORLD_RESULT:
        sj_result_free(thing);
        break;
    case WORLD_BUFFER:
        sj_buffer_free(thing);
        break;
    default:
        break;
    }
}

/* ---- digests ---- */

static uint64_t world_mix(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t world_digest_buffer(const sj_buffer *buffer)
{
    return world_mix(UINT64_C(0xcbf29ce484222325), sj_buffer_data(buffer), sj_buffer_size(buffer));
}

static uint64_t world_digest_result(const sj_result *result)
{
    sj_buffer *json = NULL;
    sj_error error = {0};
    uint64_t hash;

    journeys_must(sj_result_write(result, NULL, SJ_FORMAT_JSON, &json, &error), &error,
                  "writing a result");
    hash = world_digest_buffer(json);
    sj_buffer_free(json);
    return hash;
}

static uint64_t world_digest_tally(const sj_tally *tally)
{
    sj_buffer *bytes = NULL;
    sj_error error = {0};
    uint64_t hash;

    journeys_must(sj_tally_write(tally, &bytes, &error), &error, "writing a tally");
    hash = world_digest_buffer(bytes);
    sj_buffer_free(bytes);
    return hash;
}

static uint64_t world_digest_plan(sj_plan *plan)
{
    sj_tally *tally = NULL;
    sj_error error = {0};
    uint64_t hash;

    journeys_must(sj_scan(&plan, 1, NULL, &tally, &error), &error, "scanning");
    hash = world_mix(world_digest_tally(tally), sj_plan_text(plan), strlen(sj_plan_text(plan)));
    sj_tally_free(tally);
    return hash;
}

/* Summary, every event, every transition. */
static uint64_t world_digest_graph(const sj_graph *graph)
{
    uint64_t customers = sj_graph_count(graph, SJ_KIND_CUSTOMERS), hash,
             *all = malloc((customers + 1) * sizeof *all);
    sj_result *summary = NULL, *events = NULL;
    sj_transition edge;
    sj_error error = {0};

    if (!all)
        abort();
    for (uint64_t c = 0; c < customers; c++)
        all[c] = c;
    journeys_must(sj_graph_check(graph, &error), &error, "checking");
    journeys_must(sj_summary_compute(graph, NULL, &summary, &error), &error, "summary");
    journeys_must(sj_summary_list(graph, all, (size_t)customers, &events, &error), &error,
                  "list of events");
    hash = world_digest_result(summary) * 31 + world_digest_result(events);
    for (uint64_t t = 0; t < sj_graph_count(graph, SJ_KIND_TOUCHPOINTS); t++)
        for (uint64_t i = 0; sj_graph_transition_at(graph, t, i, &edge); i++)
            hash = world_mix(hash, &edge, sizeof edge);
    sj_result_free(summary);
    sj_result_free(events);
    free(all);
    return hash;
}

static uint64_t world_digest_builder(sj_builder *builder)
{
    sj_graph *graph = NULL;
    sj_error error = {0};
    uint64_t hash;

    journeys_must(sj_builder_build(builder, NULL, &graph, &error), &error, "building");
    hash = world_digest_graph(graph);
    sj_graph_free(graph);
    return hash;
}

uint64_t world_digest(int kind, void *thing)
{
    switch (kind) {
    case WORLD_BUILDER:
        return world_digest_builder(thing);
    case WORLD_GRAPH:
        return world_digest_graph(thing);
    case WORLD_PLAN:
        return world_digest_plan(thing);
    case WORLD_TALLY:
        return world_digest_tally(thing);
    case WORLD_RESULT:
        return world_digest_result(thing);
    case WORLD_BUFFER:
        return world_digest_buffer(thing);
    default:
        return 0;
    }
}
