/* Every function that takes a struct of options, as something that can be called with one; see
 * hostile.h. */
#include "fault/hostile.h"

/* ---- doors ---- */

static sj_status door_new(const void *options)
{
    sj_status status;

    EITHER_OUT(status, sj_builder, sj_builder_free, sj_builder_new, options);
    return status;
}

/* A builder that refused something is as before; another one is sound. */
static sj_status door_settle(sj_builder *builder, sj_status status)
{
    if (status == SJ_OK)
        hostile_sound(builder);
    else
        hostile_unspoilt(builder);
    return status;
}

static sj_status door_event(const void *options)
{
    sj_builder *builder = hostile_builder();

    return door_settle(builder, JUDGED(HOSTILE_EITHER, sj_builder_add_event, builder, options));
}

static sj_status door_events(const void *options)
{
    sj_builder *builder = hostile_builder();

    return door_settle(builder, JUDGED(HOSTILE_EITHER, sj_builder_add_events, builder, options));
}

static sj_status door_customers(const void *options)
{
    sj_builder *builder = hostile_builder();

    return door_settle(builder, JUDGED(HOSTILE_EITHER, sj_builder_set_customers, builder, options));
}

static sj_status door_build(const void *options)
{
    sj_builder *builder = hostile_builder();
    sj_status status;

    EITHER_OUT(status, sj_graph, sj_graph_free, sj_builder_build, builder, options);
    return door_settle(builder, status);
}

static sj_status door_csv(const void *options)
{
    sj_builder *builder = hostile_builder();
    sj_status status;

    EITHER_OUT(status, sj_result, sj_result_free, sj_csv_read, builder, options, NULL);
    return door_settle(builder, status);
}

static const char door_text[] = "c,t,p,ch,v,device\nann,5,view,mail,2.5,ios\nbob,6,cart,,,\n";

static void door_healthy_csv(void *options)
{
    static const char *const attributes[] = {"device"};

    *(sj_csv_options *)options = (sj_csv_options){.struct_size = sizeof(sj_csv_options),
                                                  .bytes = door_text,
                                                  .n_bytes = sizeof door_text - 1,
                                                  .customer = "c",
                                                  .time = "t",
                                                  .touchpoint = "p",
                                                  .channel = "ch",
                                                  .value = "v",
                                                  .attributes = attributes,
                                                  .n_attributes = 1};
}

static sj_status door_csv_run(const void *run)
{
    sj_builder *builder = hostile_builder();
    sj_csv_options options;
    sj_status status;

    door_healthy_csv(&options);
    EITHER_OUT(status, sj_result, sj_result_free, sj_csv_read, builder, &options, run);
    return door_settle(builder, status);
}

static int32_t door_file_open(void *user, const char *path, int32_t writing, void **out_file)
{
    (void)path;
    *out_file = user;
    return writing ? 30 : 0;
}

static int32_t door_file_size(void *user, void *file, uint64_t *out)
{
    (void)user;
    (void)file;
    *out = sizeof door_text - 1;
    return 0;
}

static int32_t door_file_read(void *user, void *file, uint64_t offset, void *bytes, size_t size,
                              size_t *out_read)
{
    const size_t all = sizeof door_text - 1, at = offset < all ? (size_t)offset : all;

    (void)user;
    (void)file;
    *out_read = size < all - at ? size : all - at;
    memcpy(bytes, door_text + at, *out_read);
    return 0;
}

static int32_t door_file_close(void *user, void *file)
{
    (void)user;
    (void)file;
    return 0;
}

static void door_healthy_files(void *options)
{
    *(sj_files *)options = (sj_files){.struct_size = sizeof(sj_files),
                                      .open = door_file_open,
                                      .size = door_file_size,
                                      .read = door_file_read,
                                      .close = door_file_close};
}

static sj_status door_files(const void *files)
{
    sj_csv_options options;

    door_healthy_csv(&options);
    options.bytes = NULL;
    options.n_bytes = 0;
    options.path = "any";
    options.files = files;
    return door_csv(&options);
}

static sj_status door_select(const void *options)
{
    sj_status status;

    EITHER_OUT(status, sj_graph, sj_graph_free, sj_graph_select, hostile_world.graph, options,
               NULL);
    return status;
}

static sj_status door_select_run(const void *run)
{
    sj_status status;

    EITHER_OUT(status, sj_graph, sj_graph_free, sj_graph_select, hostile_world.graph, NULL, run);
    return status;
}

static sj_status door_scan(const void *run)
{
    sj_status status;

    EITHER_OUT(status, sj_tally, sj_tally_free, sj_scan, &hostile_world.plan, 1, run);
    return status;
}

static sj_status door_summary(const void *run)
{
    sj_status status;

    EITHER_OUT(status, sj_result, sj_result_free, sj_summary_compute, hostile_world.graph, run);
    return status;
}

static void door_healthy_funnel(void *options)
{
    static sj_step steps[2];

    *(sj_funnel_options *)options = hostile_funnel("view", "touchpoint = 'cart'", steps);
}

/* Steps in any order among others, with all that goes with them. */
static void door_healthy_blocks(void *options)
{
    static sj_step steps[4];
    static const sj_exclusion bars[] = {{.condition = "help", .from_step = 1, .to_step = 3},
                                        {.condition = "ad", .effect = SJ_EXCLUDE_REMOVE}};
    static const char *const hold[] = {"device", "country"};
    static const int64_t from = INT64_C(1700000000000000), to = INT64_C(1702000000000000),
                         as_of = INT64_C(1702500000000000);

    steps[0] = (sj_step){.condition = "home"};
    steps[1] = (sj_step){.condition = "view", .group = 1};
    steps[2] = (sj_step){.condition = "touchpoint = 'cart'", .group = 1};
    steps[3] = (sj_step){.condition = "buy", .min_gap = 1, .max_gap = SJ_DAY};
    *(sj_funnel_options *)options = (sj_funnel_options){.struct_size = sizeof(sj_funnel_options),
                                                        .preset = "amplitude",
                                                        .steps = steps,
                                                        .n_steps = 4,
                                                        .step_size = sizeof *steps,
                                                        .exclusions = bars,
                                                        .n_exclusions = 2,
                                                        .exclusion_size = sizeof *bars,
                                                        .hold = hold,
                                                        .n_hold = 2,
                                                        .session_gap = SJ_DAY,
                                                        .entry_from = &from,
                                                        .entry_to = &to,
                                                        .as_of = &as_of,
                                                        .breakdown = "channel",
                                                        .breakdown_at = SJ_AT_STEP,
                                                        .breakdown_step = 2,
                                                        .trend = SJ_TREND_DAY,
                                                        .utc_offset = 60,
                                                        .survival = 1,
                                                        .top = 3};
}

/* Replays with grace. */
static void door_healthy_grace(void *options)
{
    door_healthy_funnel(options);
    ((sj_funnel_options *)options)->tie = SJ_TIE_GRACE;
    ((sj_funnel_options *)options)->grace = SJ_MINUTE;
    ((sj_funnel_options *)options)->window = SJ_DAY;
    ((sj_funnel_options *)options)->unit = SJ_UNIT_ATTEMPTS;
    ((sj_funnel_options *)options)->breakdown = "share";
    ((sj_funnel_options *)options)->trend = SJ_TREND_MONTH;
}

static void door_healthy_scan(void *options)
{
    door_healthy_funnel(options);
    ((sj_funnel_options *)options)->preset = "clickhouse_strict_order";
    ((sj_funnel_options *)options)->window = SJ_DAY;
    ((sj_funnel_options *)options)->breakdown = "load";
}

/* The doors of an analysis; its options may be given to plan, compute and conclude. */
#define DOOR_ANALYSIS(noun)                                                                        \
    static sj_status door_##noun##_plan(const void *options)                                       \
    {                                                                                              \
        sj_status status;                                                                          \
                                                                                                   \
        EITHER_OUT(status, sj_plan, sj_plan_free, sj_##noun##_plan, hostile_world.graph, options); \
        return status;                                                                             \
    }                                                                                              \
    static sj_status door_##noun##_compute(const void *options)                                    \
    {                                                                                              \
        sj_status status;                                                                          \
                                                                                                   \
        EITHER_OUT(status, sj_result, sj_result_free, sj_##noun##_compute, hostile_world.graph,    \
                   options, NULL);                                                                 \
        return status;                                                                             \
    }                                                                                              \
    static sj_status door_##noun##_compute_run(const void *run)                                    \
    {                                                                                              \
        sj_##noun##_options options;                                                               \
        sj_status status;                                                                          \
                                                                                                   \
        door_healthy_##noun(&options);                                                             \
        EITHER_OUT(status, sj_result, sj_result_free, sj_##noun##_compute, hostile_world.graph,    \
                   &options, run);                                                                 \
        return status;                                                                             \
    }                                                                                              \
    static sj_status door_##noun##_conclude(const void *options)                                   \
    {                                                                                              \
        sj_##noun##_options healthy;                                                               \
        sj_status status;                                                                          \
        sj_plan *plan;                                                                             \
        sj_tally *tally;                                                                           \
                                                                                                   \
        door_healthy_##noun(&healthy);                                                             \
        ACCEPT(sj_##noun##_plan, hostile_world.graph, &healthy, &plan);                            \
        ACCEPT(sj_scan, &plan, 1, NULL, &tally);                                                   \
        EITHER_OUT(status, sj_result, sj_result_free, sj_##noun##_conclude, tally, options);       \
        CALLED(sj_tally_free)(tally);                                                              \
        CALLED(sj_plan_free)(plan);                                                                \
        return status;                                                                             \
    }

/* Those of its list. */
#define DOOR_LIST(noun)                                                                            \
    static sj_status door_##noun##_list(const void *options)                                       \
    {                                                                                              \
        sj_status status;                                                                          \
                                                                                                   \
        EITHER_OUT(status, sj_result, sj_result_free, sj_##noun##_list, hostile_world.graph,       \
                   options, NULL);                                                                 \
        return status;                                                                             \
    }                                                                                              \
    static sj_status door_##noun##_list_run(const void *run)                                       \
    {                                                                                              \
        sj_##noun##_options options;                                                               \
        sj_status status;                                                                          \
                                                                                                   \
        door_healthy_##noun(&options);                                                             \
        EITHER_OUT(status, sj_result, sj_result_free, sj_##noun##_list, hostile_world.graph,       \
                   &options, run);                                                                 \
        return status;                                                                             \
    }

#define DOORS_OPTIONS(noun, call, reads)                                                           \
    {                                                                                              \
        "sj_" #noun "_options", sizeof(sj_##noun##_options), door_healthy_##noun,                  \
            door_##noun##_##call, reads                                                            \
    }
#define DOORS_RUN(noun, call)                                                                      \
    {                                                                                              \
        "sj_run", sizeof(sj_run), door_healthy_run, door_##noun##_##call##_run, 0                  \
    }
#define DOORS_ANALYSIS(noun)                                                                       \
    DOORS_OPTIONS(noun, plan, 0), DOORS_OPTIONS(noun, compute, 0),                                 \
        DOORS_OPTIONS(noun, conclude, 1), DOORS_RUN(noun, compute)
#define DOORS_FUNNEL(what)                                                                         \
    {"sj_funnel_options", sizeof(sj_funnel_options), door_healthy_##what, door_funnel_compute, 0}, \
    {                                                                                              \
        "sj_funnel_options", sizeof(sj_funnel_options), door_healthy_##what, door_funnel_list, 0   \
    }
#define DOORS_LIST(noun) DOORS_OPTIONS(noun, list, 0), DOORS_RUN(noun, list)

static void door_healthy_transition(void *options)
{
    *(sj_transition_options *)options =
        (sj_transition_options){.struct_size = sizeof(sj_transition_options)};
}

static void door_healthy_path(void *options)
{
    *(sj_path_options *)options = (sj_path_options){
        .struct_size = sizeof(sj_path_options), .from = "view", .to = "touchpoint = 'cart'"};
}

static void door_healthy_variant(void *options)
{
    *(sj_variant_options *)options =
        (sj_variant_options){.struct_size = sizeof(sj_variant_options),
                             .conversion = "touchpoint = 'cart'",
                             .what = SJ_VARIANT_WHOLE | SJ_VARIANT_NGRAMS | SJ_VARIANT_INDICATORS};
}

static void door_healthy_friction(void *options)
{
    *(sj_friction_options *)options =
        (sj_friction_options){.struct_size = sizeof(sj_friction_options),
                              .conversion = "touchpoint = 'cart'",
                              .custom = "value is null"};
}

static void door_healthy_match(void *options)
{
    static const char *const conditions[] = {"view", "touchpoint = 'cart'"};

    *(sj_match_options *)options = (sj_match_options){.struct_size = sizeof(sj_match_options),
                                                      .pattern = "(?1).*(?t<=60)[1|2]",
                                                      .conditions = conditions,
                                                      .n_conditions = 2};
}

DOOR_ANALYSIS(funnel)
DOOR_ANALYSIS(transition)
DOOR_ANALYSIS(path)
DOOR_ANALYSIS(variant)
DOOR_ANALYSIS(friction)
DOOR_ANALYSIS(match)
DOOR_LIST(funnel)
DOOR_LIST(variant)
DOOR_LIST(match)

static void door_healthy_new(void *options)
{
    *(sj_builder_options *)options = (sj_builder_options){.struct_size = sizeof(sj_builder_options),
                                                          .allocator = &hostile_world.allocator};
}

static void door_healthy_run(void *options)
{
    *(sj_run *)options = (sj_run){.struct_size = sizeof(sj_run), .threads = 2};
}

static void door_healthy_selection(void *options)
{
    static const uint64_t include[] = {0, 1, 2}, exclude[] = {1};

    *(sj_selection *)options = (sj_selection){.struct_size = sizeof(sj_selection),
                                              .events = "view",
                                              .customers = "value is null",
                                              .include = include,
                                              .n_include = 3,
                                              .exclude = exclude,
                                              .n_exclude = 1};
}

static void door_healthy_event(void *options)
{
    static const char *const attributes[] = {"device", "ios", "load", "7"};
    static const double value = 2.5;

    *(sj_event *)options = (sj_event){.struct_size = sizeof(sj_event),
                                      .customer = "dot",
                                      .touchpoint = "ad",
                                      .channel = "web",
                                      .value = &value,
                                      .attributes = attributes,
                                      .n_attributes = 2};
}

static const char *const door_keys[] = {"ann", "dot"}, *const door_words[] = {"NL", "BE"};
static const int64_t door_times[] = {5, 7};

static void door_healthy_events(void *options)
{
    static const sj_column device = {
        .name = "device", .data = door_words, .type = SJ_ARRAY_STRINGS};

    *(sj_events *)options =
        (sj_events){.struct_size = sizeof(sj_events),
                    .n_events = 2,
                    .customer = {.data = door_keys, .type = SJ_ARRAY_STRINGS},
                    .touchpoint = {.data = door_words, .type = SJ_ARRAY_STRINGS},
                    .time = {.data = door_times, .type = SJ_ARRAY_INT64},
                    .attributes = &device,
                    .n_attributes = 1};
}

static void door_healthy_customers(void *options)
{
    static const sj_column country = {
        .name = "country", .data = door_words, .type = SJ_ARRAY_STRINGS};

    *(sj_events *)options = (sj_events){.struct_size = sizeof(sj_events),
                                        .n_events = 2,
                                        .customer = {.data = door_keys, .type = SJ_ARRAY_STRINGS},
                                        .attributes = &country,
                                        .n_attributes = 1};
}

const hostile_door hostile_doors[] = {
    {"sj_builder_options", sizeof(sj_builder_options), door_healthy_new, door_new, 0},
    {"sj_event", sizeof(sj_event), door_healthy_event, door_event, 0},
    {"sj_events", sizeof(sj_events), door_healthy_events, door_events, 0},
    {"sj_events", sizeof(sj_events), door_healthy_customers, door_customers, 0},
    {"sj_run", sizeof(sj_run), door_healthy_run, door_build, 0},
    {"sj_csv_options", sizeof(sj_csv_options), door_healthy_csv, door_csv, 0},
    {"sj_run", sizeof(sj_run), door_healthy_run, door_csv_run, 0},
    {"sj_files", sizeof(sj_files), door_healthy_files, door_files, 0},
    {"sj_selection", sizeof(sj_selection), door_healthy_selection, door_select, 0},
    {"sj_run", sizeof(sj_run), door_healthy_run, door_select_run, 0},
    {"sj_run", sizeof(sj_run), door_healthy_run, door_scan, 0},
    {"sj_run", sizeof(sj_run), door_healthy_run, door_summary, 0},
    DOORS_FUNNEL(blocks),
    DOORS_FUNNEL(grace),
    DOORS_FUNNEL(scan),
    DOORS_ANALYSIS(funnel),
    DOORS_ANALYSIS(transition),
    DOORS_ANALYSIS(path),
    DOORS_ANALYSIS(variant),
    DOORS_ANALYSIS(friction),
    DOORS_ANALYSIS(match),
    DOORS_LIST(funnel),
    DOORS_LIST(variant),
    DOORS_LIST(match),
};
const size_t n_hostile_doors = sizeof hostile_doors / sizeof *hostile_doors;

/* ---- the exceptions ---- */

static int32_t door_stop(void *user, uint64_t done, uint64_t total)
{
    CLAIM(done <= total);
    return --*(int32_t *)user < 0 ? -7 : 0;
}

/* progress stops a call at its first, second … report; whatever had begun leaves nothing. */
static void a_call_that_is_stopped_leaves_nothing(void **state)
{
    sj_status (*const calls[])(const void *) = {door_build,
                                                door_csv_run,
                                                door_select_run,
                                                door_scan,
                                                door_summary,
                                                door_funnel_compute_run,
                                                door_funnel_list_run,
                                                door_transition_compute_run,
                                                door_path_compute_run,
                                                door_variant_compute_run,
                                                door_variant_list_run,
                                                door_friction_compute_run,
                                                door_match_compute_run,
                                                door_match_list_run};

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        for (int64_t threads = 0; threads < 4; threads++) {
            sj_status status = SJ_ERR_CANCELLED;

            for (int32_t at = 0; status != SJ_OK && at < 100; at++) {
                int32_t left = at;
                const sj_run run = {.struct_size = sizeof run,
                                    .progress = door_stop,
                                    .user = &left,
                                    .threads = threads};

                status = calls[i](&run);
                CLAIM(status == SJ_OK || status == SJ_ERR_CANCELLED);
                CLAIM(at > 0 || status == SJ_ERR_CANCELLED);
            }
            CLAIM(status == SJ_OK);
        }
}

static void files_need_what_reading_needs(void **state)
{
    sj_files files;

    (void)state;
    door_healthy_files(&files);
    CLAIM(door_files(&files) == SJ_OK);
    files.open = NULL;
    CLAIM(door_files(&files) == SJ_ERR_OPTIONS);
    door_healthy_files(&files);
    files.size = NULL;
    CLAIM(door_files(&files) == SJ_ERR_OPTIONS);
    door_healthy_files(&files);
    files.read = NULL;
    CLAIM(door_files(&files) == SJ_ERR_OPTIONS);
    door_healthy_files(&files);
    files.close = NULL;
    CLAIM(door_files(&files) == SJ_ERR_OPTIONS);
}

const struct CMUnitTest hostile_door_tests[] = {
    cmocka_unit_test(a_call_that_is_stopped_leaves_nothing),
    cmocka_unit_test(files_need_what_reading_needs)};
const size_t n_hostile_door_tests = sizeof hostile_door_tests / sizeof *hostile_door_tests;
