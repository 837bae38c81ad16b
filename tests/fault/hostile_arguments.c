/* NULL where something must be, and getters that are asked for what there is not; see hostile.h. */
#include "fault/hostile.h"

/* ---- NULL ---- */

static void a_builder_that_is_null_is_refused(void **state)
{
    const sj_event event = {.struct_size = sizeof event, .customer = "a", .touchpoint = "b"};
    const sj_events events = {.struct_size = sizeof events};
    const sj_csv_options csv = {.struct_size = sizeof csv};
    sj_graph *graph;
    sj_result *result;

    (void)state;
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_stage, NULL, "a");
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_touchpoint, NULL, "a", NULL, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_channel, NULL, "a");
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_micro_conversion, NULL, "a", "b", NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_expected, NULL, "a", "b", 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_map, NULL, "stage a:", 8);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_attribute, NULL, "a", SJ_ATTRIBUTE_REAL, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_event, NULL, &event);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_events, NULL, &events);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_set_customers, NULL, &events);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_graph, NULL, hostile_world.graph);
    REFUSE_OUT(SJ_ERR_ARGUMENT, graph, sj_builder_build, NULL, NULL, &graph);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_csv_read, NULL, &csv, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_csv_read, NULL, NULL, NULL, NULL);
}

static void what_a_builder_must_be_given_may_not_be_null(void **state)
{
    sj_builder *builder = hostile_builder();
    sj_event event = {.struct_size = sizeof event, .customer = "a", .touchpoint = "b"};
    const double value = 1;

    (void)state;
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_new, NULL, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_stage, builder, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_touchpoint, builder, NULL, "look", "mail");
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_channel, builder, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_micro_conversion, builder, NULL, "view", &value);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_micro_conversion, builder, "m", NULL, &value);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_expected, builder, NULL, "view", 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_expected, builder, "view", NULL, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_map, builder, NULL, 1);
    ACCEPT(sj_builder_add_map, builder, NULL, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_attribute, builder, NULL, SJ_ATTRIBUTE_REAL, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_event, builder, NULL);
    event.customer = NULL;
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_event, builder, &event);
    event.customer = "a";
    event.touchpoint = NULL;
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_event, builder, &event);
    event.touchpoint = "b";
    event.n_attributes = 1;
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_event, builder, &event);
    event.attributes = (const char *const[]){NULL, "ios"};
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_event, builder, &event);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_events, builder, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_set_customers, builder, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_graph, builder, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_build, builder, NULL, NULL);
    hostile_unspoilt(builder);
}

static void what_a_graph_must_be_given_may_not_be_null(void **state)
{
    const sj_graph *graph = hostile_world.graph;
    sj_step steps[2];
    const sj_funnel_options options = hostile_funnel("view", "buy", steps);
    const uint64_t first = 0;
    sj_graph *part;
    sj_plan *plan;
    sj_result *result;

    (void)state;
    REFUSE_OUT(SJ_ERR_ARGUMENT, part, sj_graph_select, NULL, NULL, NULL, &part);
    REFUSE(SJ_ERR_ARGUMENT, sj_graph_select, graph, NULL, NULL, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_graph_check, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, plan, sj_funnel_plan, NULL, &options, &plan);
    REFUSE(SJ_ERR_ARGUMENT, sj_funnel_plan, graph, &options, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, plan, sj_funnel_plan, graph, NULL, &plan);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_funnel_compute, NULL, &options, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_funnel_compute, graph, &options, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, result, sj_funnel_compute, graph, NULL, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_funnel_list, NULL, &options, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_funnel_list, graph, &options, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, result, sj_funnel_list, graph, NULL, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, plan, sj_transition_plan, NULL, NULL, &plan);
    REFUSE(SJ_ERR_ARGUMENT, sj_transition_plan, graph, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_transition_compute, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_transition_compute, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, plan, sj_path_plan, NULL, NULL, &plan);
    REFUSE(SJ_ERR_ARGUMENT, sj_path_plan, graph, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_path_compute, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_path_compute, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, plan, sj_variant_plan, NULL, NULL, &plan);
    REFUSE(SJ_ERR_ARGUMENT, sj_variant_plan, graph, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_variant_compute, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_variant_compute, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_variant_list, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_variant_list, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, plan, sj_friction_plan, NULL, NULL, &plan);
    REFUSE(SJ_ERR_ARGUMENT, sj_friction_plan, graph, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, plan, sj_friction_plan, graph, NULL, &plan);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_friction_compute, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_friction_compute, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, result, sj_friction_compute, graph, NULL, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, plan, sj_match_plan, NULL, NULL, &plan);
    REFUSE(SJ_ERR_ARGUMENT, sj_match_plan, graph, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, plan, sj_match_plan, graph, NULL, &plan);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_match_compute, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_match_compute, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, result, sj_match_compute, graph, NULL, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_match_list, NULL, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_match_list, graph, NULL, NULL, NULL);
    REFUSE_OUT(SJ_ERR_OPTIONS, result, sj_match_list, graph, NULL, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_summary_compute, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_summary_compute, graph, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_summary_list, NULL, &first, 1, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_summary_list, graph, NULL, 1, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_summary_list, graph, &first, 1, NULL);
}

static void what_tallies_and_results_must_be_given_may_not_be_null(void **state)
{
    world *w = &hostile_world;
    sj_tally *tally;
    sj_result *result;
    sj_buffer *buffer;

    (void)state;
    REFUSE_OUT(SJ_ERR_ARGUMENT, tally, sj_scan, NULL, 1, NULL, &tally);
    REFUSE(SJ_ERR_ARGUMENT, sj_scan, &w->plan, 1, NULL, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_scan, NULL, SIZE_MAX, NULL, NULL);
    ACCEPT(sj_scan, NULL, 0, NULL, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_tally_merge, NULL, w->other);
    REFUSE(SJ_ERR_ARGUMENT, sj_tally_merge, w->tally, NULL);
    REFUSE(SJ_ERR_ARGUMENT, sj_tally_subtract, NULL, w->other);
    REFUSE(SJ_ERR_ARGUMENT, sj_tally_subtract, w->tally, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, buffer, sj_tally_write, NULL, &buffer);
    REFUSE(SJ_ERR_ARGUMENT, sj_tally_write, w->tally, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, tally, sj_tally_read, NULL, 1, NULL, &tally);
    REFUSE_OUT(SJ_ERR_FORMAT, tally, sj_tally_read, "", 0, NULL, &tally);
    REFUSE(SJ_ERR_ARGUMENT, sj_tally_read, sj_buffer_data(w->bytes), sj_buffer_size(w->bytes), NULL,
           NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_funnel_conclude, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_funnel_conclude, w->tally, NULL, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_transition_conclude, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_transition_conclude, w->tally, NULL, NULL);
    REFUSE_OUT(SJ_ERR_MISMATCH, result, sj_transition_conclude, w->tally, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_path_conclude, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_path_conclude, w->tally, NULL, NULL);
    REFUSE_OUT(SJ_ERR_MISMATCH, result, sj_path_conclude, w->tally, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_variant_conclude, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_variant_conclude, w->tally, NULL, NULL);
    REFUSE_OUT(SJ_ERR_MISMATCH, result, sj_variant_conclude, w->tally, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_friction_conclude, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_friction_conclude, w->tally, NULL, NULL);
    REFUSE_OUT(SJ_ERR_MISMATCH, result, sj_friction_conclude, w->tally, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_match_conclude, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_match_conclude, w->tally, NULL, NULL);
    REFUSE_OUT(SJ_ERR_MISMATCH, result, sj_match_conclude, w->tally, NULL, &result);
    REFUSE_OUT(SJ_ERR_ARGUMENT, buffer, sj_result_write, NULL, NULL, SJ_FORMAT_JSON, &buffer);
    REFUSE(SJ_ERR_ARGUMENT, sj_result_write, w->result, NULL, SJ_FORMAT_JSON, NULL);
    REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_catalog, NULL, NULL, &result);
    REFUSE(SJ_ERR_ARGUMENT, sj_catalog, "catalogs", NULL, NULL);
}

/* ---- getters ---- */

static void getters_of_nothing_answer_nothing(void **state)
{
    sj_transition edge;
    sj_moment moment;

    (void)state;
    CLAIM(CALLED(sj_buffer_data)(NULL) == NULL);
    CLAIM(CALLED(sj_buffer_size)(NULL) == 0);
    CLAIM(CALLED(sj_graph_count)(NULL, SJ_KIND_EVENTS) == 0);
    CLAIM(CALLED(sj_graph_name)(NULL, SJ_KIND_CUSTOMERS, 0) == NULL);
    CLAIM(CALLED(sj_graph_find)(NULL, SJ_KIND_CUSTOMERS, "a") == SJ_NONE);
    CLAIM(CALLED(sj_graph_find)(hostile_world.graph, SJ_KIND_CUSTOMERS, NULL) == SJ_NONE);
    CLAIM(CALLED(sj_graph_stage)(NULL, 0) == SJ_NONE);
    CLAIM(CALLED(sj_graph_channel)(NULL, 0) == SJ_NONE);
    CLAIM(CALLED(sj_graph_transitions)(NULL, 0) == 0);
    CLAIM(CALLED(sj_graph_transition_at)(NULL, 0, 0, &edge) == 0);
    CLAIM(CALLED(sj_graph_transition)(NULL, 0, 0, &edge) == 0);
    CLAIM(CALLED(sj_graph_length)(NULL, 0) == 0);
    CLAIM(CALLED(sj_graph_event)(NULL, 0, 0, &moment) == 0);
    CLAIM(CALLED(sj_plan_text)(NULL) == NULL);
    CLAIM(CALLED(sj_tally_text)(NULL) == NULL);
    CLAIM(CALLED(sj_tally_customers)(NULL) == 0);
    CLAIM(CALLED(sj_result_count)(NULL) == 0);
    CLAIM(CALLED(sj_result_at)(NULL, 0) == NULL);
    CLAIM(CALLED(sj_result_find)(NULL, "steps") == NULL);
    CLAIM(CALLED(sj_result_find)(hostile_world.result, NULL) == NULL);
}

static void tables_that_are_not_there_have_no_columns(void **state)
{
    const sj_table *tables[] = {NULL, sj_result_at(hostile_world.result, 0)};

    (void)state;
    CLAIM(CALLED(sj_table_name)(NULL) == NULL);
    CLAIM(CALLED(sj_table_rows)(NULL) == 0);
    CLAIM(CALLED(sj_table_columns)(NULL) == 0);
    CLAIM(CALLED(sj_table_column)(NULL, 0) == NULL);
    for (size_t i = 0; i < 2; i++) { /* no table, then no column */
        const char *column = i == 0 ? "step" : NULL;

        CLAIM(CALLED(sj_table_type)(tables[i], column) == 0);
        CLAIM(CALLED(sj_table_unit)(tables[i], column) == 0);
        CLAIM(CALLED(sj_table_integers)(tables[i], column) == NULL);
        CLAIM(CALLED(sj_table_reals)(tables[i], column) == NULL);
        CLAIM(CALLED(sj_table_text)(tables[i], column, 0) == NULL);
        CLAIM(CALLED(sj_table_bytes)(tables[i], column) == NULL);
        CLAIM(CALLED(sj_table_offsets)(tables[i], column) == NULL);
        CLAIM(CALLED(sj_table_validity)(tables[i], column) == NULL);
    }
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    CALLED(sj_buffer_free)(NULL);
    CALLED(sj_builder_free)(NULL);
    CALLED(sj_graph_free)(NULL);
    CALLED(sj_plan_free)(NULL);
    CALLED(sj_tally_free)(NULL);
    CALLED(sj_result_free)(NULL);
}

static void every_status_has_a_name(void **state)
{
    (void)state;
    for (int64_t code = -1000; code <= 1000; code++) {
        const char *name = CALLED(sj_status_name)((sj_status)code);

        CLAIM(name != NULL && strncmp(name, "SJ_", 3) == 0);
    }
    assert_string_equal(CALLED(sj_status_name)(INT32_MIN), "SJ_ERR_UNKNOWN");
    assert_string_equal(CALLED(sj_status_name)(INT32_MAX), "SJ_ERR_UNKNOWN");
    assert_string_equal(CALLED(sj_status_name)(SJ_ERR_NEGATIVE), "SJ_ERR_NEGATIVE");
    CLAIM(CALLED(sj_version)()[0] >= '0' && sj_version()[0] <= '9');
}

static void what_is_right_shows_all_it_has(void **state)
{
    (void)state;
    hostile_look_at_result(hostile_world.result);
    hostile_look_at_graph(hostile_world.graph);
}

static void catalogs_are_known_by_name_only(void **state)
{
    char *longest = hostile_long(HOSTILE_NAME_ROOM + 1, 'a');
    sj_result *result, *catalogs;
    const sj_table *table;

    (void)state;
    CLAIM(longest != NULL);
    for (size_t i = 0; hostile_texts[i]; i++)
        REFUSE_OUT(SJ_ERR_NAME, result, sj_catalog, hostile_texts[i], NULL, &result);
    REFUSE_OUT(SJ_ERR_NAME, result, sj_catalog, longest, NULL, &result);
    free(longest);
    ACCEPT(sj_catalog, "catalogs", &hostile_world.allocator, &catalogs);
    table = sj_result_find(catalogs, "catalog");
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        ACCEPT(sj_catalog, sj_table_text(table, "name", i), &hostile_world.allocator, &result);
        hostile_look_at_result(result);
        CALLED(sj_result_free)(result);
    }
    CALLED(sj_result_free)(catalogs);
}

const struct CMUnitTest hostile_argument_tests[] = {
    cmocka_unit_test(a_builder_that_is_null_is_refused),
    cmocka_unit_test(what_a_builder_must_be_given_may_not_be_null),
    cmocka_unit_test(what_a_graph_must_be_given_may_not_be_null),
    cmocka_unit_test(what_tallies_and_results_must_be_given_may_not_be_null),
    cmocka_unit_test(getters_of_nothing_answer_nothing),
    cmocka_unit_test(tables_that_are_not_there_have_no_columns),
    cmocka_unit_test(freeing_nothing_is_fine),
    cmocka_unit_test(every_status_has_a_name),
    cmocka_unit_test(what_is_right_shows_all_it_has),
    cmocka_unit_test(catalogs_are_known_by_name_only)};
const size_t n_hostile_argument_tests =
    sizeof hostile_argument_tests / sizeof *hostile_argument_tests;
