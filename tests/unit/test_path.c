/* Paths of hand-worked journeys. */
#include "analysis/path.h"

#include "letters.h"
#include "near.h"

#define OPTIONS(...) ((sj_path_options){.struct_size = sizeof(sj_path_options), __VA_ARGS__})

static sj_graph *five(void)
{
    return LETTERS("", "ann A0 B1 C2", "bob A0 B1 A2 C3", "cem A0", "dee B0 A5 A6 D9", "eva D0 D1");
}

static sj_result *ask(const sj_graph *graph, sj_path_options options)
{
    sj_result *result = NULL;
    must(sj_path_compute(graph, &options, NULL, &result, error));
    return result;
}

/* The table `paths` of five journeys is this. */
static void five_give(sj_path_options options, const char *wanted)
{
    sj_graph *graph = five();
    sj_result *result = ask(graph, options);
    assert_string_equal(letters_rows(sj_result_find(result, "paths"), "count", "path"), wanted);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_tree_goes_from_the_first_match_to_the_end_of_the_journey(void **state)
{
    (void)state;
    five_give(OPTIONS(.from = "A"), "4 A\n"
                                    "2 A > B\n"
                                    "1 A > B > A\n"
                                    "1 A > B > A > C\n"
                                    "1 A > B > A > C > (end)\n"
                                    "1 A > B > C\n"
                                    "1 A > B > C > (end)\n"
                                    "1 A > A\n"
                                    "1 A > A > D\n"
                                    "1 A > A > D > (end)\n"
                                    "1 A > (end)\n");
}

static void depth_and_share_stand_beside_the_path(void **state)
{
    sj_graph *graph = five();
    sj_result *result = ask(graph, OPTIONS(.from = "A", .depth = 1));
    const sj_table *table = sj_result_find(result, "paths");
    (void)state;
    assert_string_equal(letters_rows(table, "depth", "path"),
                        "0 A\n1 A > B\n1 A > A\n1 A > (end)\n");
    assert_near(sj_table_reals(table, "share")[0], 1, 0);
    assert_near(sj_table_reals(table, "share")[1], 0.5, 0);
    assert_near(sj_table_reals(table, "share")[3], 0.25, 0);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void every_match_is_a_path_of_its_own(void **state)
{
    (void)state;
    five_give(OPTIONS(.from = "A", .depth = 1, .occurrence = SJ_OCCURRENCE_EVERY,
                      .count = SJ_COUNT_OCCURRENCES),
              "6 A\n2 A > B\n1 A > A\n1 A > C\n1 A > D\n1 A > (end)\n");
}

static void customers_of_every_match_are_counted_once_per_node(void **state)
{
    sj_graph *graph = five();
    sj_result *result =
        ask(graph, OPTIONS(.from = "A", .depth = 1, .occurrence = SJ_OCCURRENCE_EVERY));
    (void)state;
    /* bob goes on to B and to C, dee to A and to D: six branches of four customers. */
    assert_string_equal(letters_rows(sj_result_find(result, "paths"), "count", "path"),
                        "4 A\n2 A > B\n1 A > A\n1 A > C\n1 A > D\n1 A > (end)\n");
    assert_non_null(strstr(letters_note(result, "count"), "distinct"));
    sj_result_free(result);
    sj_graph_free(graph);
}

static void the_last_match_may_be_the_anchor(void **state)
{
    (void)state;
    five_give(OPTIONS(.from = "A", .depth = 1, .occurrence = SJ_OCCURRENCE_LAST),
              "4 A\n1 A > B\n1 A > C\n1 A > D\n1 A > (end)\n");
}

static void to_alone_is_read_backwards_and_shown_forwards(void **state)
{
    (void)state;
    five_give(OPTIONS(.to = "C"), "2 C\n"
                                  "1 A > C\n"
                                  "1 B > A > C\n"
                                  "1 A > B > A > C\n"
                                  "1 (start) > A > B > A > C\n"
                                  "1 B > C\n"
                                  "1 A > B > C\n"
                                  "1 (start) > A > B > C\n");
}

static void between_anchors_who_does_not_arrive_counts_as_none(void **state)
{
    (void)state;
    five_give(OPTIONS(.from = "A", .to = "C"), "4 A\n"
                                               "2 A > B\n"
                                               "1 A > B > A\n"
                                               "1 A > B > A > C\n"
                                               "1 A > B > A > C > (end)\n"
                                               "1 A > B > C\n"
                                               "1 A > B > C > (end)\n"
                                               "2 A > (none)\n");
    /* Within two events bob does not arrive. */
    five_give(OPTIONS(.from = "A", .to = "C", .depth = 2),
              "4 A\n1 A > B\n1 A > B > C\n3 A > (none)\n");
}

static void the_anchor_itself_is_no_arrival(void **state)
{
    (void)state;
    five_give(
        OPTIONS(.from = "A", .to = "A"),
        "4 A\n1 A > A\n1 A > A > (end)\n1 A > B\n1 A > B > A\n1 A > B > A > (end)\n2 A > (none)\n");
}

static void without_anchors_paths_start_with_the_journey(void **state)
{
    (void)state;
    five_give(OPTIONS(.depth = 1), "5 (start)\n3 (start) > A\n1 (start) > B\n1 (start) > D\n");
    five_give(OPTIONS(.depth = 2, .top = 1), "5 (start)\n"
                                             "3 (start) > A\n"
                                             "2 (start) > A > B\n"
                                             "1 (start) > A > (end)\n"
                                             "2 (start) > (other)\n");
}

static void other_is_what_the_top_leaves_out_and_end_is_never_in_it(void **state)
{
    (void)state;
    five_give(OPTIONS(.from = "A", .depth = 2, .top = 1), "4 A\n"
                                                          "2 A > B\n"
                                                          "1 A > B > A\n"
                                                          "1 A > B > (other)\n"
                                                          "1 A > (other)\n"
                                                          "1 A > (end)\n");
}

static void collapse_makes_a_visit_one_event(void **state)
{
    (void)state;
    five_give(OPTIONS(.from = "A", .depth = 1, .collapse = 1),
              "4 A\n2 A > B\n1 A > D\n1 A > (end)\n");
    five_give(OPTIONS(.from = "D", .collapse = 1), "2 D\n2 D > (end)\n");
}

/* fay's visit to B meets the condition by its second event. */
static void a_visit_meets_what_one_of_its_events_meets(void **state)
{
    sj_graph *graph = LETTERS("", "fay A0 B1 B2=9 C3", "gil A0 B1 C3");
    sj_result *result = ask(graph, OPTIONS(.from = "value > 5", .collapse = 1));
    (void)state;
    assert_string_equal(letters_rows(sj_result_find(result, "paths"), "count", "path"),
                        "1 'value > 5'\n1 'value > 5' > C\n1 'value > 5' > C > (end)\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_longer_pause_ends_a_session_and_its_paths(void **state)
{
    (void)state;
    /* dee pauses 5 s behind B and 3 s before D: only the first is longer than 3 s. */
    five_give(OPTIONS(.from = "B", .session_gap = 3 * SJ_SECOND, .depth = 1),
              "3 B\n1 B > A\n1 B > C\n1 B > (end)\n");
    five_give(OPTIONS(.session_gap = 3 * SJ_SECOND, .depth = 1, .occurrence = SJ_OCCURRENCE_EVERY,
                      .count = SJ_COUNT_OCCURRENCES),
              "6 (start)\n4 (start) > A\n1 (start) > B\n1 (start) > D\n");
    five_give(OPTIONS(.session_gap = 3 * SJ_SECOND, .depth = 1, .occurrence = SJ_OCCURRENCE_LAST),
              "5 (start)\n4 (start) > A\n1 (start) > D\n");
    five_give(OPTIONS(.to = "A", .session_gap = 3 * SJ_SECOND, .depth = 1), "4 A\n4 (start) > A\n");
    five_give(OPTIONS(.from = "A", .session_gap = SJ_INSTANT), "4 A\n4 A > (end)\n");
    five_give(OPTIONS(.to = "C", .session_gap = SJ_UNLIMITED, .depth = 1),
              "2 C\n1 A > C\n1 B > C\n");
}

static void a_node_where_some_arrive_and_some_go_on_says_so(void **state)
{
    sj_graph *graph = LETTERS("", "fay A0 B1=9 C2", "gil A0 B1 C2=9");
    sj_result *result = ask(graph, OPTIONS(.from = "A", .to = "value > 5"));
    (void)state;
    assert_string_equal(letters_rows(sj_result_find(result, "paths"), "count", "path"),
                        "2 A\n2 A > B\n1 A > B > C\n1 A > B > C > (end)\n1 A > B > (end)\n");
    assert_string_equal(letters_note(result, "anchor"), "first A, to the next 'value > 5'");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void events_at_one_time_stand_in_the_order_of_the_journey(void **state)
{
    const sj_builder_options by_name = {.struct_size = sizeof by_name, .ties = SJ_TIES_NAME};
    const char *const texts[] = {"ann C5 B5 A5", NULL};
    sj_graph *arrival = letters_graph("", NULL, texts), *name = letters_graph("", &by_name, texts);
    sj_result *one = ask(arrival, OPTIONS(.depth = 3)), *two = ask(name, OPTIONS(.depth = 3));
    (void)state;
    assert_string_equal(sj_table_text(sj_result_find(one, "paths"), "path", 3),
                        "(start) > C > B > A");
    assert_string_equal(sj_table_text(sj_result_find(two, "paths"), "path", 3),
                        "(start) > A > B > C");
    sj_result_free(one);
    sj_result_free(two);
    sj_graph_free(arrival);
    sj_graph_free(name);
}

static void names_that_look_like_paths_or_ends_are_quoted(void **state)
{
    sj_graph *graph = LETTERS("", "ann \"x > y\"0 \"(end)\"1 \"'q\"2", "bob \"x > y\"0");
    sj_result *result = ask(graph, OPTIONS(.from = "x > y"));
    (void)state;
    assert_string_equal(letters_rows(sj_result_find(result, "paths"), "count", "path"),
                        "2 'x > y'\n"
                        "1 'x > y' > '(end)'\n"
                        "1 'x > y' > '(end)' > '''q'\n"
                        "1 'x > y' > '(end)' > '''q' > (end)\n"
                        "1 'x > y' > (end)\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

static void layers_join_paths_that_are_at_one_touchpoint(void **state)
{
    sj_graph *graph = LETTERS("", "ann A0 B1 C2", "bob A0 D1 C2", "cem A0 D1 B2");
    sj_result *result = ask(graph, OPTIONS(.from = "A", .depth = 3));
    const sj_table *table = sj_result_find(result, "layers");
    static const char *const wanted[][2] = {{"A", "D"}, {"A", "B"},     {"D", "B"},    {"D", "C"},
                                            {"B", "C"}, {"C", "(end)"}, {"B", "(end)"}};
    static const int64_t layers[] = {1, 1, 2, 2, 2, 3, 3}, counts[] = {2, 1, 1, 1, 1, 2, 1};
    (void)state;
    assert_int_equal(sj_table_rows(table), 7);
    for (size_t i = 0; i < 7; i++) {
        int found = 0;
        for (size_t k = 0; k < 7; k++)
            found += sj_table_integers(table, "layer")[k] == layers[i] &&
                     sj_table_integers(table, "count")[k] == counts[i] &&
                     strcmp(sj_table_text(table, "from", k), wanted[i][0]) == 0 &&
                     strcmp(sj_table_text(table, "to", k), wanted[i][1]) == 0;
        assert_int_equal(found, 1);
    }
    assert_int_equal(sj_table_integers(table, "count")[0], 2);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void a_layer_has_eight_touchpoints_and_other(void **state)
{
    const char *texts[11] = {NULL};
    char lines[10][64];
    (void)state;
    for (int i = 0; i < 10;
         i++) { /* A, then one of B … K; the ninth and tenth in order of names are other */
        snprintf(lines[i], sizeof lines[i], "c%d A0 %c1 Z2", i, 'B' + i);
        texts[i] = lines[i];
    }
    sj_graph *graph = letters_graph("", NULL, texts);
    sj_result *result = ask(graph, OPTIONS(.from = "A", .depth = 2, .top = 100));
    const sj_table *table = sj_result_find(result, "layers");
    assert_int_equal(sj_table_rows(table), 9 + 9);
    assert_string_equal(sj_table_text(table, "to", 0), "(other)");
    assert_int_equal(sj_table_integers(table, "count")[0], 2);
    assert_string_equal(sj_table_text(table, "to", 1), "B");
    assert_string_equal(sj_table_text(table, "from", 9), "(other)");
    assert_string_equal(sj_table_text(table, "to", 9), "Z");
    /* The tree is told to show all. */
    assert_int_equal(sj_table_rows(sj_result_find(result, "paths")), 1 + 2 * 10);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void sixty_four_events_are_followed_and_no_more(void **state)
{
    char text[1024] = "ann";
    size_t n = 3;
    (void)state;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " A%d", i);
    sj_graph *graph = LETTERS("", text);
    sj_result *result = ask(graph, OPTIONS(.depth = 64));
    sj_plan *plan = NULL;
    assert_int_equal(sj_table_rows(sj_result_find(result, "paths")), 65);
    must_fail(SJ_ERR_LIMIT, sj_path_plan(graph, &OPTIONS(.depth = 65), &plan, error));
    assert_null(plan);
    sj_result_free(result);
    sj_graph_free(graph);
}

static void nobody_at_the_anchor_is_a_row_of_nobody(void **state)
{
    sj_graph *graph = LETTERS("Z", "ann A0"),
             *empty = letters_graph("Z", NULL, (const char *[]){NULL});
    sj_result *result = ask(graph, OPTIONS(.from = "Z")), *none = ask(empty, OPTIONS(.to = "Z"));
    (void)state;
    for (int i = 0; i < 2; i++) {
        const sj_table *table = sj_result_find(i ? none : result, "paths");
        assert_string_equal(letters_rows(table, "count", "path"), "0 Z\n");
        assert_false(letters_has(table, "share", 0));
        assert_int_equal(sj_table_rows(sj_result_find(i ? none : result, "layers")), 0);
    }
    sj_result_free(result);
    sj_result_free(none);
    sj_graph_free(graph);
    sj_graph_free(empty);
}

static sj_tally *count(const sj_graph *graph, sj_path_options options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    must(sj_path_plan(graph, &options, &plan, error));
    must(sj_scan(&plan, 1, NULL, &tally, error));
    sj_plan_free(plan);
    return tally;
}

static void ways_to_say_one_thing_are_one_text(void **state)
{
    sj_graph *graph = five();
    sj_tally *one =
                 count(graph, OPTIONS(.from = " touchpoint='A'", .depth = 5, .collapse = 3,
                                      .occurrence = SJ_OCCURRENCE_FIRST, .top = 3,
                                      .count = SJ_COUNT_OCCURRENCES, .session_gap = SJ_UNLIMITED)),
             *two = count(graph, OPTIONS(.from = "A", .collapse = 1, .count = SJ_COUNT_CUSTOMERS)),
             *three = count(
                 graph, OPTIONS(.from = "A", .to = "C", .depth = 4, .session_gap = SJ_HOUR,
                                .occurrence = SJ_OCCURRENCE_EVERY, .count = SJ_COUNT_OCCURRENCES));
    (void)state;
    assert_string_equal(sj_tally_text(one), sj_tally_text(two));
    must(sj_tally_merge(one, two, error));
    assert_non_null(strstr(sj_tally_text(two), "\nfrom touchpoint = 'A'\ncollapse 1\n"));
    assert_non_null(strstr(sj_tally_text(three),
                           "\nfrom touchpoint = 'A'\nto touchpoint = 'C'\nsession_gap 3600000000\n"
                           "depth 4\noccurrence every\ncount occurrences\n"));
    must_fail(SJ_ERR_MISMATCH, sj_tally_merge(one, three, error));
    sj_tally_free(one);
    sj_tally_free(two);
    sj_tally_free(three);
    sj_graph_free(graph);
}

static void wrong_options_are_named(void **state)
{
    sj_graph *graph = five();
    sj_tally *tally = count(graph, OPTIONS(.depth = 1));
    sj_result *result = NULL;
    (void)state;
    must_fail(SJ_ERR_NAME, sj_path_compute(graph, &OPTIONS(.from = "AA"), NULL, &result, error));
    assert_non_null(strstr(failure.message, "from: "));
    must_fail(SJ_ERR_CONDITION,
              sj_path_compute(graph, &OPTIONS(.to = "value > "), NULL, &result, error));
    assert_non_null(strstr(failure.message, "to: "));
    must_fail(SJ_ERR_OPTIONS,
              sj_path_compute(graph, &OPTIONS(.baseline = tally), NULL, &result, error));
    assert_non_null(strstr(failure.message, "baseline: not built yet"));
    must_fail(SJ_ERR_OPTIONS, sj_path_compute(graph, &OPTIONS(.depth = -1), NULL, &result, error));
    must_fail(SJ_ERR_OPTIONS,
              sj_path_compute(graph, &OPTIONS(.occurrence = 4), NULL, &result, error));
    must_fail(SJ_ERR_OPTIONS,
              sj_path_compute(graph, &OPTIONS(.session_gap = -2), NULL, &result, error));
    must_fail(SJ_ERR_OPTIONS, sj_path_conclude(tally, &OPTIONS(.top = -1), &result, error));
    assert_null(result);
    sj_tally_free(tally);
    sj_graph_free(graph);
}

/* A tally with one more row, which no scan can have counted. */
static void damaged_by(const char *text, const int32_t *key, size_t n)
{
    sj_allocator a = sj__allocator(NULL);
    sj_tally *tally = NULL;
    sj_result *result = NULL;
    int32_t name;
    size_t at;
    must(sj__tally_new(&sj__path_analysis, text, strlen(text), &a, &tally, error));
    must(sj__tally_name(tally, "A", 1, &name, error));
    must(sj__tally_name(tally, "B", 1, &name, error));
    must(sj__ledger_row(&tally->ledgers[SJ__PATH_NODES], NULL, 0, &at, error));
    sj__ledger_counts(&tally->ledgers[SJ__PATH_NODES], at)[0] = 2;
    if (n > 0) {
        must(sj__ledger_row(&tally->ledgers[SJ__PATH_NODES], key, n, &at, error));
        sj__ledger_counts(&tally->ledgers[SJ__PATH_NODES], at)[0] = 1;
    }
    must(sj__tally_settle(tally, error));
    must_fail(SJ_ERR_FORMAT, sj_path_conclude(tally, NULL, &result, error));
    assert_null(result);
    sj_tally_free(tally);
}

static void what_no_scan_can_have_counted_is_refused(void **state)
{
    (void)state;
    damaged_by("analysis path 1\n", (const int32_t[]){0, 1}, 2);  /* nobody was at A before */
    damaged_by("analysis path 1\n", (const int32_t[]){-1, 1}, 2); /* something behind the end */
    damaged_by("analysis path 1\n", (const int32_t[]){-3}, 1);    /* no such end */
    damaged_by("analysis path 1\n", (const int32_t[]){-2}, 1);    /* lost, though to nowhere */
    damaged_by("analysis path 1\ndepth 1\n", (const int32_t[]){1, 1}, 2);
    damaged_by("analysis path 1\ndepth 65\n", NULL, 0);
}

static void a_plan_says_how_it_will_run(void **state)
{
    sj_graph *graph = five();
    sj_plan *plan = NULL;
    (void)state;
    must(sj_path_plan(graph, &OPTIONS(.from = "A", .to = "B"), &plan, error));
    assert_string_equal(sj_plan_text(plan), "trie of paths between anchors on decoded journeys, "
                                            "at most 5 events each");
    sj_plan_free(plan);
    sj_graph_free(graph);
}

/* Many events of one customer, each an anchor. */
static void one_long_journey_is_linear(void **state)
{
    enum { EVENTS = 200000 };
    static int64_t customer[EVENTS], time[EVENTS];
    static uint8_t touchpoint[EVENTS];
    sj_builder *b = rows_builder(NULL);
    sj_graph *graph = NULL;
    (void)state;
    must(sj_builder_add_touchpoint(b, "A", NULL, NULL, error));
    must(sj_builder_add_touchpoint(b, "B", NULL, NULL, error));
    for (int i = 0; i < EVENTS; i++) {
        time[i] = i;
        touchpoint[i] = (uint8_t)(i % 2);
    }
    const sj_events events = {.struct_size = sizeof events,
                              .n_events = EVENTS,
                              .customer = {.type = SJ_ARRAY_INT64, .data = customer},
                              .touchpoint = {.type = SJ_ARRAY_UINT8, .data = touchpoint},
                              .time = {.type = SJ_ARRAY_INT64, .data = time}};
    must(sj_builder_add_events(b, &events, error));
    must(sj_builder_build(b, NULL, &graph, error));
    sj_builder_free(b);
    sj_result *result = ask(graph, OPTIONS(.from = "A", .occurrence = SJ_OCCURRENCE_EVERY,
                                           .count = SJ_COUNT_OCCURRENCES, .depth = 2));
    assert_string_equal(letters_rows(sj_result_find(result, "paths"), "count", "path"),
                        "100000 A\n100000 A > B\n99999 A > B > A\n1 A > B > (end)\n");
    sj_result_free(result);
    sj_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_goes_from_the_first_match_to_the_end_of_the_journey),
        cmocka_unit_test(depth_and_share_stand_beside_the_path),
        cmocka_unit_test(every_match_is_a_path_of_its_own),
        cmocka_unit_test(customers_of_every_match_are_counted_once_per_node),
        cmocka_unit_test(the_last_match_may_be_the_anchor),
        cmocka_unit_test(to_alone_is_read_backwards_and_shown_forwards),
        cmocka_unit_test(between_anchors_who_does_not_arrive_counts_as_none),
        cmocka_unit_test(the_anchor_itself_is_no_arrival),
        cmocka_unit_test(without_anchors_paths_start_with_the_journey),
        cmocka_unit_test(other_is_what_the_top_leaves_out_and_end_is_never_in_it),
        cmocka_unit_test(collapse_makes_a_visit_one_event),
        cmocka_unit_test(a_visit_meets_what_one_of_its_events_meets),
        cmocka_unit_test(a_longer_pause_ends_a_session_and_its_paths),
        cmocka_unit_test(a_node_where_some_arrive_and_some_go_on_says_so),
        cmocka_unit_test(events_at_one_time_stand_in_the_order_of_the_journey),
        cmocka_unit_test(names_that_look_like_paths_or_ends_are_quoted),
        cmocka_unit_test(layers_join_paths_that_are_at_one_touchpoint),
        cmocka_unit_test(a_layer_has_eight_touchpoints_and_other),
        cmocka_unit_test(sixty_four_events_are_followed_and_no_more),
        cmocka_unit_test(nobody_at_the_anchor_is_a_row_of_nobody),
        cmocka_unit_test(ways_to_say_one_thing_are_one_text),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(what_no_scan_can_have_counted_is_refused),
        cmocka_unit_test(a_plan_says_how_it_will_run),
        cmocka_unit_test(one_long_journey_is_linear),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
