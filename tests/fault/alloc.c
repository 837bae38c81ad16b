/* Every allocation of every exported function fails once, and from then on.
 *
 * An operation is one call with inputs made in good health.  It runs with its first allocation
 * failing, then its second, and so on until it gets by without having met the failure; each time
 * once with only that allocation failing and once with all from there on.  After a failure:
 * SJ_ERR_NOMEM, nothing in `out`, not a byte more alive where nothing was to be changed, inputs as
 * before (the same call in good health gives what it always gives), and at the end nothing is
 * alive.
 *
 * With SOJOURN_LONG the inputs are larger, and so there are more allocations to fail; without it a
 * question in three has all behind the failure fail too, and what differs little between questions
 * is not asked of all.  Operand 1: the list of exported functions.  One that no operation called
 * is a failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault/world.h"
#include "property/questions.h"

/* Calls a function by name and notes that it was called. */
#define DRIVE(function) (alloc_note(#function), function)

enum { ALLOC_FUNCTIONS = 512 };
static const char *alloc_driven[ALLOC_FUNCTIONS];
static uint64_t alloc_ordinals[ALLOC_FUNCTIONS]; /* highest ordinal that failed */
static size_t alloc_n_driven;
static int alloc_thins = 1;     /* every day not every question in every way */
static size_t alloc_rows = 200; /* that sj_builder_add_events is given; at most 5000 */

static size_t alloc_note(const char *function)
{
    size_t i = 0;

    while (i < alloc_n_driven && strcmp(alloc_driven[i], function) != 0)
        i++;
    if (i == alloc_n_driven && i < ALLOC_FUNCTIONS)
        alloc_driven[alloc_n_driven++] = function;
    return i;
}

typedef struct alloc_operation {
    const char *function;
    int makes;   /* WORLD_…: kind of w->out */
    int changes; /* WORLD_…: kind of w->builder or w->tally that it changes */
    sj_status (*call)(world *w, sj_error *error);
    int asks; /* 0: w->question does not matter; n: every day every n-th question is tried */
} alloc_operation;

/* ---- the calls ---- */

static sj_status alloc_builder_new(world *w, sj_error *error)
{
    const sj_builder_options options = {.struct_size = sizeof options, .allocator = &w->allocator};

    return DRIVE(sj_builder_new)(&options, &w->out.builder, error);
}

static sj_status alloc_add_stage(world *w, sj_error *error)
{
    return DRIVE(sj_builder_add_stage)(w->builder, "a new stage", error);
}

static sj_status alloc_add_touchpoint(world *w, sj_error *error)
{
    return DRIVE(sj_builder_add_touchpoint)(w->builder, "a new touchpoint", "look", "a new channel",
                                            error);
}

static sj_status alloc_add_channel(world *w, sj_error *error)
{
    return DRIVE(sj_builder_add_channel)(w->builder, "another channel", error);
}

static sj_status alloc_add_micro_conversion(world *w, sj_error *error)
{
    const double value = 3.5;

    return DRIVE(sj_builder_add_micro_conversion)(
        w->builder, "small buy", "touchpoint in ('buy', 'cart') and (value < 10 or device is null)",
        &value, error);
}

static sj_status alloc_add_expected(world *w, sj_error *error)
{
    return DRIVE(sj_builder_add_expected)(w->builder, "view", "cart", 0.25, error);
}

static sj_status alloc_add_map(world *w, sj_error *error)
{
    static const char text[] =
        "stage look: view, search\nstage pay up: cart\n"
        "stage after: 'sent, home', back\nchannel post: 'sent, home'\n"
        "micro-conversion returned = touchpoint = 'back' and value > 0 worth 5\n"
        "expect 'sent, home' -> back 20%\n# done\n";

    return DRIVE(sj_builder_add_map)(w->builder, text, sizeof text - 1, error);
}

static sj_status alloc_add_attribute(world *w, sj_error *error)
{
    return DRIVE(sj_builder_add_attribute)(w->builder, "weight", SJ_ATTRIBUTE_REAL, 0, error);
}

static sj_status alloc_add_event(world *w, sj_error *error)
{
    static const char *const attributes[] = {"device", "a new one", "colour", "red", "load", "7"};
    const double value = 12.5;
    const sj_event event = {.struct_size = sizeof event,
                            .customer = "a new customer",
                            .touchpoint = "an undeclared touchpoint",
                            .time = INT64_C(1701000000000001),
                            .channel = "an undeclared channel",
                            .value = &value,
                            .attributes = attributes,
                            .n_attributes = 3};

    return DRIVE(sj_builder_add_event)(w->builder, &event, error);
}

/* Enough rows that every growing array grows. */
static sj_status alloc_add_events(world *w, sj_error *error)
{
    enum { ROWS = 5000 };
    static int64_t customer[ROWS], time[ROWS], load[ROWS];
    static double value[ROWS];
    static const char *touchpoint[ROWS], *device[ROWS];
    const sj_column attributes[] = {{.name = "load", .type = SJ_ARRAY_INT64, .data = load},
                                    {.name = "device", .type = SJ_ARRAY_STRINGS, .data = device}};
    const sj_events events = {.struct_size = sizeof events,
                              .n_events = alloc_rows,
                              .customer = {.type = SJ_ARRAY_INT64, .data = customer},
                              .touchpoint = {.type = SJ_ARRAY_STRINGS, .data = touchpoint},
                              .time = {.type = SJ_ARRAY_INT64, .data = time},
                              .value = {.type = SJ_ARRAY_DOUBLE, .data = value},
                              .attributes = attributes,
                              .n_attributes = 2};

    for (size_t i = 0; i < alloc_rows; i++) {
        customer[i] = (int64_t)(i * 7 % 3000);
        time[i] = INT64_C(1701000000000000) + (int64_t)(i * 1234567 % 99999999);
        load[i] = (int64_t)i;
        value[i] = (double)i / 4;
        touchpoint[i] = i % 50 == 49 ? "seldom" : journeys_touchpoints[i % JOURNEYS_TOUCHPOINTS];
        device[i] = i % 90 == 89 ? "watch" : "ios";
    }
    return DRIVE(sj_builder_add_events)(w->builder, &events, error);
}

static sj_status alloc_set_customers(world *w, sj_error *error)
{
    static const char *const customers[] = {"c0", "c1", "somebody new"}, *const countries[] = {
                                                                             "FR", "NL", "FR"};
    const sj_column attribute = {.name = "country", .type = SJ_ARRAY_STRINGS, .data = countries};
    const sj_events events = {.struct_size = sizeof events,
                              .n_events = 3,
                              .customer = {.type = SJ_ARRAY_STRINGS, .data = customers},
                              .attributes = &attribute,
                              .n_attributes = 1};

    return DRIVE(sj_builder_set_customers)(w->builder, &events, error);
}

static sj_status alloc_add_graph(world *w, sj_error *error)
{
    return DRIVE(sj_builder_add_graph)(w->builder, w->graph, error);
}

static sj_status alloc_csv_read(world *w, sj_error *error)
{
    static const char text[] =
        "who,when,what,where,worth,device,\"odd \"\"name\"\"\"\n"
        "ann,2023-11-20T10:00:00Z,view,web,,ios,1\n"
        "\"bob, jr\",2023-11-20T10:00:01.5+01:00,\"a \"\"new\"\" one\",app,12.50,,2\n"
        "ann,2023-11-20T11:00:00Z,,web,,ios,3\n"
        "ann,2023-11-20T11:00:02Z,buy,web,3.25,desk,4\n";
    static const char *const attributes[] = {"device", "odd \"name\""};
    const sj_csv_options options = {.struct_size = sizeof options,
                                    .bytes = text,
                                    .n_bytes = sizeof text - 1,
                                    .customer = "who",
                                    .time = "when",
                                    .touchpoint = "what",
                                    .channel = "where",
                                    .value = "worth",
                                    .attributes = attributes,
                                    .n_attributes = 2,
                                    .on_error = SJ_CSV_SKIP};

    return DRIVE(sj_csv_read)(w->builder, &options, NULL, &w->out.result, error);
}

static sj_status alloc_build(world *w, sj_error *error)
{
    return DRIVE(sj_builder_build)(w->builder, NULL, &w->out.graph, error);
}

static sj_status alloc_select(world *w, sj_error *error)
{
    static const int64_t to = INT64_C(1702000000000000);
    static const uint64_t exclude[] = {1, 3};
    const sj_selection selection = {.struct_size = sizeof selection,
                                    .to = &to,
                                    .events =
                                        "touchpoint != 'help' and (load is null or load < 90)",
                                    .customers = "view",
                                    .exclude = exclude,
                                    .n_exclude = 2};

    return DRIVE(sj_graph_select)(w->graph, &selection, NULL, &w->out.graph, error);
}

static sj_status alloc_select_one(world *w, sj_error *error)
{
    static const uint64_t include = 2;
    const sj_selection selection = {
        .struct_size = sizeof selection, .include = &include, .n_include = 1};

    return DRIVE(sj_graph_select)(w->graph, &selection, NULL, &w->out.graph, error);
}

static sj_status alloc_check(world *w, sj_error *error)
{
    return DRIVE(sj_graph_check)(w->graph, error);
}

static sj_status alloc_summary(world *w, sj_error *error)
{
    return DRIVE(sj_summary_compute)(w->graph, NULL, &w->out.result, error);
}

static sj_status alloc_events(world *w, sj_error *error)
{
    static const uint64_t customers[] = {0, 4, 2};

    return DRIVE(sj_summary_list)(w->graph, customers, 3, &w->out.result, error);
}

static sj_status alloc_funnel_plan(world *w, sj_error *error)
{
    alloc_note("sj_funnel_plan");
    alloc_note("sj_match_plan");
    alloc_note("sj_transition_plan");
    alloc_note("sj_path_plan");
    alloc_note("sj_variant_plan");
    alloc_note("sj_friction_plan");
    return questions_plan(w->question, w->graph, &w->out.plan, error);
}

static sj_status alloc_funnel_conclude(world *w, sj_error *error)
{
    alloc_note("sj_funnel_conclude");
    alloc_note("sj_match_conclude");
    alloc_note("sj_transition_conclude");
    alloc_note("sj_path_conclude");
    alloc_note("sj_variant_conclude");
    alloc_note("sj_friction_conclude");
    return questions_conclude(w->question, w->tally, &w->out.result, error);
}

static const sj_step alloc_steps[] = {
    {.condition = "touchpoint = = 'view'"}, {.condition = "cart"}, {.condition = "buy"}};

static sj_funnel_options alloc_options(void)
{
    static const sj_step steps[] = {
        {.condition = "view"}, {.condition = "cart"}, {.condition = "value > 5"}};
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = 3,
                                       .step_size = sizeof *steps,
                                       .window = SJ_DAY};

    return options;
}

static sj_status alloc_funnel_compute(world *w, sj_error *error)
{
    const sj_funnel_options options = alloc_options();

    return DRIVE(sj_funnel_compute)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_funnel_list(world *w, sj_error *error)
{
    const sj_funnel_options options = alloc_options();

    return DRIVE(sj_funnel_list)(w->graph, &options, NULL, &w->out.result, error);
}

/* For operations that the question at hand has no use for. */
static sj_status alloc_something_else(world *w, sj_error *error)
{
    return DRIVE(sj_catalog)("sj_run", &w->allocator, &w->out.result, error);
}

/* Of an analysis without a list: something else. */
static sj_status alloc_question_list(world *w, sj_error *error)
{
    alloc_note("sj_funnel_list");
    return questions_has_list(w->question)
               ? questions_list(w->question, w->graph, &w->out.result, error)
               : alloc_something_else(w, error);
}

static sj_status alloc_catalog_presets(world *w, sj_error *error)
{
    return DRIVE(sj_catalog)("funnel presets", &w->allocator, &w->out.result, error);
}

static sj_status alloc_path_compute(world *w, sj_error *error)
{
    const sj_path_options options = {.struct_size = sizeof options,
                                     .from = "view",
                                     .to = "value > 5",
                                     .occurrence = SJ_OCCURRENCE_EVERY,
                                     .collapse = 1};

    return DRIVE(sj_path_compute)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_variant_compute(world *w, sj_error *error)
{
    const sj_variant_options options = {.struct_size = sizeof options,
                                        .conversion = "value > 5",
                                        .collapse = 1,
                                        .what = SJ_VARIANT_WHOLE | SJ_VARIANT_NGRAMS |
                                                SJ_VARIANT_INDICATORS};

    return DRIVE(sj_variant_compute)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_variant_list(world *w, sj_error *error)
{
    const sj_variant_options options = {
        .struct_size = sizeof options, .conversion = "buy", .collapse = 1};

    return DRIVE(sj_variant_list)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_friction_compute(world *w, sj_error *error)
{
    const sj_friction_options options = {.struct_size = sizeof options,
                                         .conversion = "value > 5",
                                         .error = "help",
                                         .baseline = NULL,
                                         .horizon = SJ_DAY,
                                         .min_group = 1};

    return DRIVE(sj_friction_compute)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_transition_compute(world *w, sj_error *error)
{
    return DRIVE(sj_transition_compute)(w->graph, NULL, NULL, &w->out.result, error);
}

/* Success may not have written an error on its way. */
static sj_status alloc_say(sj_status status, const sj_error *why, sj_error *error)
{
    if (status)
        *error = *why;
    return status;
}

/* Two tallies of one question as a group and its baseline; of another analysis: something else. */
static sj_status alloc_transition_compare(world *w, sj_error *error)
{
    const sj_transition_options options = {.struct_size = sizeof options, .baseline = w->other};
    sj_error why = {0};
    const sj_status status = sj_transition_conclude(w->tally, &options, &w->out.result, &why);

    return status == SJ_ERR_MISMATCH ? alloc_something_else(w, error)
                                     : alloc_say(status, &why, error);
}

/* Where nothing can be drawn, something else is written. */
static sj_status alloc_draw(world *w, int32_t format, sj_error *error)
{
    sj_error why = {0};
    const sj_status status = sj_result_write(w->result, NULL, format, &w->out.buffer, &why);

    return status == SJ_ERR_ARGUMENT
               ? sj_result_write(w->result, NULL, SJ_FORMAT_JSON, &w->out.buffer, error)
               : alloc_say(status, &why, error);
}

static sj_status alloc_write_dot(world *w, sj_error *error)
{
    return alloc_draw(w, SJ_FORMAT_DOT, error);
}

static sj_status alloc_write_mermaid(world *w, sj_error *error)
{
    return alloc_draw(w, SJ_FORMAT_MERMAID, error);
}

static sj_match_options alloc_match_options(void)
{
    static const char *const conditions[] = {"view", "value > 5"};
    const sj_match_options options = {.struct_size = sizeof options,
                                      .pattern = "(?1).*(?t<=86400)[^1]*(?2)",
                                      .conditions = conditions,
                                      .n_conditions = 2,
                                      .find = SJ_MATCH_ALL,
                                      .only_matching = 1};

    return options;
}

static sj_status alloc_match_compute(world *w, sj_error *error)
{
    const sj_match_options options = alloc_match_options();

    return DRIVE(sj_match_compute)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_match_list(world *w, sj_error *error)
{
    const sj_match_options options = alloc_match_options();

    return DRIVE(sj_match_list)(w->graph, &options, NULL, &w->out.result, error);
}

static sj_status alloc_scan(world *w, sj_error *error)
{
    return DRIVE(sj_scan)(&w->plan, 1, NULL, &w->out.tally, error);
}

static sj_status alloc_write(world *w, sj_error *error)
{
    return DRIVE(sj_tally_write)(w->tally, &w->out.buffer, error);
}

static sj_status alloc_read(world *w, sj_error *error)
{
    return DRIVE(sj_tally_read)(sj_buffer_data(w->bytes), sj_buffer_size(w->bytes), &w->allocator,
                                &w->out.tally, error);
}

static sj_status alloc_merge(world *w, sj_error *error)
{
    return DRIVE(sj_tally_merge)(w->tally, w->other, error);
}

static sj_status alloc_subtract(world *w, sj_error *error)
{
    return DRIVE(sj_tally_subtract)(w->tally, w->other, error);
}

static sj_status alloc_write_json(world *w, sj_error *error)
{
    return DRIVE(sj_result_write)(w->result, NULL, SJ_FORMAT_JSON, &w->out.buffer, error);
}

static sj_status alloc_write_table(world *w, sj_error *error)
{
    return DRIVE(sj_result_write)(w->result, NULL, SJ_FORMAT_TABLE, &w->out.buffer, error);
}

static sj_status alloc_write_csv(world *w, sj_error *error)
{
    return DRIVE(sj_result_write)(w->result, NULL, SJ_FORMAT_CSV, &w->out.buffer, error);
}

static sj_status alloc_catalog(world *w, sj_error *error)
{
    return DRIVE(sj_catalog)("sj_funnel_options", &w->allocator, &w->out.result, error);
}

static sj_status alloc_catalog_constants(world *w, sj_error *error)
{
    return DRIVE(sj_catalog)("constants", &w->allocator, &w->out.result, error);
}

static const alloc_operation alloc_operations[] = {
    {"sj_builder_new", WORLD_BUILDER, 0, alloc_builder_new, 0},
    {"sj_builder_add_stage", 0, WORLD_BUILDER, alloc_add_stage, 0},
    {"sj_builder_add_touchpoint", 0, WORLD_BUILDER, alloc_add_touchpoint, 0},
    {"sj_builder_add_channel", 0, WORLD_BUILDER, alloc_add_channel, 0},
    {"sj_builder_add_micro_conversion", 0, WORLD_BUILDER, alloc_add_micro_conversion, 0},
    {"sj_builder_add_expected", 0, WORLD_BUILDER, alloc_add_expected, 0},
    {"sj_builder_add_map", 0, WORLD_BUILDER, alloc_add_map, 0},
    {"sj_builder_add_attribute", 0, WORLD_BUILDER, alloc_add_attribute, 0},
    {"sj_builder_add_event", 0, WORLD_BUILDER, alloc_add_event, 0},
    {"sj_builder_add_events", 0, WORLD_BUILDER, alloc_add_events, 0},
    {"sj_builder_set_customers", 0, WORLD_BUILDER, alloc_set_customers, 0},
    {"sj_builder_add_graph", 0, WORLD_BUILDER, alloc_add_graph, 0},
    {"sj_csv_read", WORLD_RESULT, WORLD_BUILDER, alloc_csv_read, 0},
    {"sj_builder_build", WORLD_GRAPH, WORLD_BUILDER, alloc_build, 0},
    {"sj_graph_select", WORLD_GRAPH, 0, alloc_select, 0},
    {"sj_graph_select", WORLD_GRAPH, 0, alloc_select_one, 0},
    {"sj_graph_check", 0, 0, alloc_check, 0},
    {"sj_summary_compute", WORLD_RESULT, 0, alloc_summary, 0},
    {"sj_summary_list", WORLD_RESULT, 0, alloc_events, 0},
    {"sj_funnel_compute", WORLD_RESULT, 0, alloc_funnel_compute, 0},
    {"sj_funnel_list", WORLD_RESULT, 0, alloc_funnel_list, 0},
    {"sj_match_compute", WORLD_RESULT, 0, alloc_match_compute, 0},
    {"sj_match_list", WORLD_RESULT, 0, alloc_match_list, 0},
    {"sj_path_compute", WORLD_RESULT, 0, alloc_path_compute, 0},
    {"sj_variant_compute", WORLD_RESULT, 0, alloc_variant_compute, 0},
    {"sj_variant_list", WORLD_RESULT, 0, alloc_variant_list, 0},
    {"sj_friction_compute", WORLD_RESULT, 0, alloc_friction_compute, 0},
    {"sj_catalog", WORLD_RESULT, 0, alloc_catalog, 0},
    {"sj_catalog", WORLD_RESULT, 0, alloc_catalog_constants, 0},
    {"sj_funnel_plan", WORLD_PLAN, 0, alloc_funnel_plan, 1},
    {"sj_catalog", WORLD_RESULT, 0, alloc_catalog_presets, 0},
    {"sj_scan", WORLD_TALLY, 0, alloc_scan, 1},
    {"sj_funnel_list", WORLD_RESULT, 0, alloc_question_list, 1},
    {"sj_tally_write", WORLD_BUFFER, 0, alloc_write, 2},
    {"sj_tally_read", WORLD_TALLY, 0, alloc_read, 2},
    {"sj_tally_merge", 0, WORLD_TALLY, alloc_merge, 2},
    {"sj_tally_subtract", 0, WORLD_TALLY, alloc_subtract, 3},
    {"sj_funnel_conclude", WORLD_RESULT, 0, alloc_funnel_conclude, 1},
    {"sj_transition_compute", WORLD_RESULT, 0, alloc_transition_compute, 0},
    {"sj_transition_conclude", WORLD_RESULT, 0, alloc_transition_compare, 1},
    {"sj_result_write", WORLD_BUFFER, 0, alloc_write_dot, 3},
    {"sj_result_write", WORLD_BUFFER, 0, alloc_write_mermaid, 3},
    {"sj_result_write", WORLD_BUFFER, 0, alloc_write_json, 3},
    {"sj_result_write", WORLD_BUFFER, 0, alloc_write_table, 3},
    {"sj_result_write", WORLD_BUFFER, 0, alloc_write_csv, 3},
};

/* ---- the harness ---- */

static uint64_t alloc_cases, alloc_bad, alloc_pairs_by_operation;

static void alloc_report(int holds, const char *function, const char *what)
{
    alloc_cases++;
    alloc_bad += !holds;
    printf("%s %u - %s: %s\n", holds ? "ok" : "not ok", (unsigned)alloc_cases, function, what);
    fflush(stdout);
}

/* What can be seen after the call; uses up what it looks at. */
static uint64_t alloc_outcome(const alloc_operation *operation, world *w)
{
    uint64_t hash = 0;

    if (operation->makes)
        hash = world_digest(operation->makes, w->out.any);
    if (operation->changes)
        hash = hash * 31 + world_digest(operation->changes, operation->changes == WORLD_BUILDER
                                                                ? (void *)w->builder
                                                                : w->tally);
    world_drop(operation->makes, w->out.any);
    w->out.any = NULL;
    return hash;
}

/* What is wrong after a failed call, or NULL. */
static const char *alloc_wrong(const alloc_operation *operation, const world *w, sj_status status,
                               const sj_error *error, uint64_t live)
{
    if (status != SJ_ERR_NOMEM)
        return "another status than SJ_ERR_NOMEM";
    if (error->code != SJ_ERR_NOMEM || !error->message[0] ||
        !memchr(error->message, 0, sizeof error->message))
        return "the error is not filled";
    if (w->out.any)
        return "out is not NULL";
    if (!operation->changes && w->memory.bytes != live)
        return "something is left behind";
    return NULL;
}

/* One call with one failure.  NULL or what is wrong; *met whether the call met the failure. */
static const char *alloc_try(const alloc_operation *operation, world *w, uint64_t at, int onward,
                             uint64_t wanted, int *met)
{
    static char garbage;
    uint64_t live = w->memory.bytes;
    sj_error error = {0};
    const char *wrong;
    sj_status status;

    w->out.any = operation->makes ? &garbage : NULL;
    world_arm(&w->memory, at, onward);
    status = operation->call(w, &error);
    *met = w->memory.failures > 0;
    world_arm(&w->memory, 0, 0);
    if (status != SJ_OK) {
        if ((wrong = alloc_wrong(operation, w, status, &error, live)))
            return wrong;
        if (operation->call(w, &error) != SJ_OK)
            return "the same call in good health fails";
    } else if (error.code) {
        return "success wrote an error";
    }
    if (alloc_outcome(operation, w) != wanted)
        return "another outcome than without the failure";
    world_restore(w, operation->changes);
    if (w->memory.bytes != live)
        return "something is left behind in the end";
    return w->memory.wrong ? "an old size is wrong" : NULL;
}

/* All failures of one operation, in one way. */
static const char *alloc_sweep(const alloc_operation *operation, world *w, int onward,
                               uint64_t wanted)
{
    size_t slot = alloc_note(operation->function);
    const char *wrong = NULL;
    int met = 1;

    for (uint64_t at = 1; met && !wrong; at++) {
        wrong = alloc_try(operation, w, at, onward, wanted, &met);
        if (wrong)
            printf("# %s, %s: allocation %u%s: %s\n", operation->function,
                   questions_name(w->question), (unsigned)at, onward ? " and all behind it" : "",
                   wrong);
        if (met && at > alloc_ordinals[slot])
            alloc_ordinals[slot] = at;
        if (met && !onward)
            alloc_pairs_by_operation++;
    }
    return wrong;
}

static const char *alloc_operate(const alloc_operation *operation, const journeys *j,
                                 size_t question)
{
    const char *wrong = NULL;
    sj_error error = {0};
    uint64_t wanted;
    world w;

    if (!world_open(&w, j, question))
        return NULL;
    if (operation->call(&w, &error) != SJ_OK) {
        printf("# %s: %s\n", operation->function, error.message);
        wrong = "fails in good health";
    } else {
        wanted = alloc_outcome(operation, &w);
        world_restore(&w, operation->changes);
        wrong = alloc_sweep(operation, &w, 0, wanted);
        if (!wrong && (!alloc_thins || question % 3 == 0))
            wrong = alloc_sweep(operation, &w, 1, wanted);
    }
    if (!wrong) {
        world_close(&w);
        if (w.memory.blocks)
            wrong = "something is alive when all is freed";
    }
    return wrong;
}

static void alloc_drive_all(const journeys *j)
{
    for (size_t i = 0; i < sizeof alloc_operations / sizeof *alloc_operations; i++) {
        const char *wrong = NULL;
        const int32_t asks = alloc_operations[i].asks;
        const size_t every = (size_t)(alloc_thins || asks == 0 ? asks : 1);

        for (size_t q = 0; questions_name(q) && (q == 0 || every) && !wrong; q += every + !every)
            wrong = alloc_operate(&alloc_operations[i], j, q);
        alloc_report(!wrong, alloc_operations[i].function,
                     wrong ? wrong : "each allocation failed, once and from there on");
    }
}

/* A failure of another kind still leaves everything as it was, and needs no memory to say so. */
static void alloc_refuse(const journeys *j)
{
    sj_funnel_options options = alloc_options();
    sj_result *result = NULL;
    uint64_t live;
    sj_error error = {0};
    world w;

    if (!world_open(&w, j, 0))
        return;
    options.steps = alloc_steps;
    live = w.memory.bytes;
    alloc_report(sj_funnel_compute(w.graph, &options, NULL, &result, &error) == SJ_ERR_CONDITION &&
                     !result && w.memory.bytes == live,
                 "sj_funnel_compute", "a refused condition leaves nothing behind");
    world_close(&w);
    alloc_report(!w.memory.bytes, "all", "everything is freed in the end");
}

/* ---- the rest ---- */

static void alloc_look_at_table(const sj_table *table)
{
    for (size_t i = 0; i < DRIVE(sj_table_columns)(table); i++) {
        const char *column = DRIVE(sj_table_column)(table, i);

        DRIVE(sj_table_type)(table, column);
        DRIVE(sj_table_unit)(table, column);
        DRIVE(sj_table_integers)(table, column);
        DRIVE(sj_table_reals)(table, column);
        DRIVE(sj_table_text)(table, column, 0);
        DRIVE(sj_table_bytes)(table, column);
        DRIVE(sj_table_offsets)(table, column);
        DRIVE(sj_table_validity)(table, column);
    }
    DRIVE(sj_table_rows)(table);
    DRIVE(sj_table_name)(table);
}

/* Functions that cannot fail take no memory either. */
static void alloc_look(const journeys *j)
{
    sj_transition edge;
    sj_moment moment;
    world w;

    if (!world_open(&w, j, 0))
        return;
    world_arm(&w.memory, 1, 1);
    DRIVE(sj_graph_count)(w.graph, SJ_KIND_EVENTS);
    DRIVE(sj_graph_name)(w.graph, SJ_KIND_CUSTOMERS, 0);
    DRIVE(sj_graph_find)(w.graph, SJ_KIND_TOUCHPOINTS, "cart");
    DRIVE(sj_graph_stage)(w.graph, 0);
    DRIVE(sj_graph_channel)(w.graph, 0);
    DRIVE(sj_graph_transitions)(w.graph, 0);
    DRIVE(sj_graph_transition_at)(w.graph, 0, 0, &edge);
    DRIVE(sj_graph_transition)(w.graph, 0, 1, &edge);
    DRIVE(sj_graph_length)(w.graph, 0);
    DRIVE(sj_graph_event)(w.graph, 0, 0, &moment);
    DRIVE(sj_plan_text)(w.plan);
    DRIVE(sj_tally_text)(w.tally);
    DRIVE(sj_tally_customers)(w.tally);
    DRIVE(sj_buffer_data)(w.bytes);
    DRIVE(sj_buffer_size)(w.bytes);
    DRIVE(sj_result_find)(w.result, "steps");
    for (size_t i = 0; i < DRIVE(sj_result_count)(w.result); i++)
        alloc_look_at_table(DRIVE(sj_result_at)(w.result, i));
    DRIVE(sj_status_name)(SJ_ERR_NOMEM);
    DRIVE(sj_version)();
    alloc_report(w.memory.failures == 0, "getters", "need no memory");
    DRIVE(sj_graph_free)(w.graph);
    DRIVE(sj_builder_free)(w.builder);
    DRIVE(sj_plan_free)(w.plan);
    DRIVE(sj_tally_free)(w.tally);
    DRIVE(sj_tally_free)(w.other);
    DRIVE(sj_result_free)(w.result);
    DRIVE(sj_buffer_free)(w.bytes);
    alloc_report(w.memory.failures == 0 && w.memory.bytes == 0, "free",
                 "needs no memory and leaves none");
}

static void alloc_check_exports(const char *path)
{
    char line[128];
    size_t listed = 0, missing = 0;
    FILE *file = fopen(path, "r");

    while (file && fgets(line, sizeof line, file)) {
        size_t i = 0;

        line[strcspn(line, "\n")] = 0;
        listed++;
        while (i < alloc_n_driven && strcmp(alloc_driven[i], line) != 0)
            i++;
        if (i == alloc_n_driven) {
            printf("# not driven: %s\n", line);
            missing++;
        }
    }
    if (file)
        fclose(file);
    alloc_report(listed > 0 && missing == 0, "exports.txt", "every exported function was driven");
}

int main(int argc, char **argv)
{
    const char *asked = getenv("SOJOURN_LONG");
    int sweep = asked && *asked && strcmp(asked, "0") != 0;
    uint64_t pairs = 0;
    journeys j;

    journeys_make(&j, 7, sweep ? 150 : 12, sweep ? 60 : 24);
    alloc_rows = sweep ? 5000 : alloc_rows;
    alloc_thins = !sweep;
    alloc_drive_all(&j);
    alloc_refuse(&j);
    alloc_look(&j);
    alloc_check_exports(argc > 1 ? argv[1] : "tests/abi/exports.txt");
    for (size_t i = 0; i < alloc_n_driven; i++) {
        pairs += alloc_ordinals[i];
        if (alloc_ordinals[i])
            printf("# %s: %u allocations\n", alloc_driven[i], (unsigned)alloc_ordinals[i]);
    }
    printf("# %u distinct pairs of function and allocation, %u with the functions' options told "
           "apart\n",
           (unsigned)pairs, (unsigned)alloc_pairs_by_operation);
    printf("1..%u\n", (unsigned)alloc_cases);
    journeys_drop(&j);
    return alloc_bad != 0;
}
