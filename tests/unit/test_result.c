/* Results: filling tables, looking at them, and running out of memory meanwhile. */
#include "failing.h"
#include "near.h"

#include <math.h>

#include "tally/result.h"

static const sj__column_spec all_types[] = {{"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
                                            {"rate", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
                                            {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
                                            {"times", SJ_COLUMN_LIST, SJ_UNIT_TIME}};

static sj_result *new_result(const sj_allocator *a)
{
    sj_result *result = NULL;
    assert_int_equal(sj__result_new(a, &result, NULL), SJ_OK);
    return result;
}

static sj_result *finished(sj_result *result)
{
    sj_result *out = NULL;
    assert_int_equal(sj__result_finish(result, &out, NULL), SJ_OK);
    return out;
}

/* Three rows: all there; all absent; an empty text and an empty list. */
static sj_result *three_rows(const sj_allocator *a)
{
    const int64_t times[] = {5, 0, 7};
    const uint8_t present[] = {1, 0, 1};
    sj_result *result = new_result(a);
    sj_table *table = sj__result_add(result, "first", all_types, 4);
    sj__put_integer(table, 0, 42);
    sj__put_real(table, 1, 0.25);
    sj__put_string(table, 2, "view");
    sj__put_list(table, 3, times, present, 3);
    sj__end_row(table);
    sj__end_row(table);
    sj__put_integer(table, 0, -1);
    sj__put_real(table, 1, NAN);
    sj__put_text(table, 2, NULL, 0);
    sj__put_list(table, 3, NULL, NULL, 0);
    sj__end_row(table);
    return result;
}

static void a_cell_reads_back_as_it_was_put(void **state)
{
    (void)state;
    sj_result *result = finished(three_rows(NULL));
    const sj_table *table = sj_result_find(result, "first");
    assert_non_null(table);
    assert_string_equal(sj_table_name(table), "first");
    assert_int_equal(sj_table_rows(table), 3);
    assert_int_equal(sj_table_columns(table), 4);
    assert_string_equal(sj_table_column(table, 3), "times");
    assert_null(sj_table_column(table, 4));
    assert_int_equal(sj_table_integers(table, "count")[0], 42);
    assert_int_equal(sj_table_integers(table, "count")[2], -1);
    assert_near(sj_table_reals(table, "rate")[0], 0.25, 0.0);
    assert_string_equal(sj_table_text(table, "name", 0), "view");
    assert_null(sj_table_text(table, "name", 1));
    assert_string_equal(sj_table_text(table, "name", 2), "");
    assert_null(sj_table_text(table, "name", 3));
    sj_result_free(result);
}

static void types_and_units_are_those_of_the_columns(void **state)
{
    (void)state;
    sj_result *result = finished(three_rows(NULL));
    const sj_table *table = sj_result_at(result, 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(sj_table_type(table, all_types[i].name), all_types[i].type);
        assert_int_equal(sj_table_unit(table, all_types[i].name), all_types[i].unit);
    }
    assert_int_equal(sj_table_type(table, "none"), 0);
    assert_int_equal(sj_table_unit(table, "none"), 0);
    sj_result_free(result);
}

static void a_text_column_has_a_nul_behind_every_cell_that_the_offsets_count(void **state)
{
    (void)state;
    sj_result *result = finished(three_rows(NULL));
    const sj_table *table = sj_result_at(result, 0);
    const int64_t *offsets = sj_table_offsets(table, "name");
    const int64_t expected[] = {0, 5, 6, 7};
    assert_memory_equal(offsets, expected, sizeof expected);
    assert_memory_equal(sj_table_bytes(table, "name"), "view\0\0", 7);
    assert_int_equal(sj_table_validity(table, "name")[0], 5);
    sj_result_free(result);
}

static void a_list_column_has_validity_by_entry(void **state)
{
    (void)state;
    sj_result *result = finished(three_rows(NULL));
    const sj_table *table = sj_result_at(result, 0);
    const int64_t expected[] = {0, 3, 3, 3};
    assert_memory_equal(sj_table_offsets(table, "times"), expected, sizeof expected);
    assert_int_equal(sj_table_integers(table, "times")[0], 5);
    assert_int_equal(sj_table_integers(table, "times")[2], 7);
    assert_int_equal(sj_table_validity(table, "times")[0], 5);
    sj_result_free(result);
}

static void validity_is_null_while_everything_is_there(void **state)
{
    (void)state;
    sj_result *result = new_result(NULL);
    sj_table *table = sj__result_add(result, "t", all_types, 1);
    for (int64_t i = 0; i < 20; i++) {
        sj__put_integer(table, 0, i);
        sj__end_row(table);
    }
    result = finished(result);
    assert_null(sj_table_validity(sj_result_at(result, 0), "count"));
    sj_result_free(result);
}

static void validity_is_right_wherever_the_first_absent_cell_stands(void **state)
{
    (void)state;
    for (int64_t gap = 0; gap < 35; gap++) {
        sj_result *result = new_result(NULL);
        sj_table *table = sj__result_add(result, "t", all_types, 1);
        for (int64_t i = 0; i < 35; i++) {
            if (i != gap && i != 33)
                sj__put_integer(table, 0, i);
            sj__end_row(table);
        }
        result = finished(result);
        const uint8_t *validity = sj_table_validity(sj_result_at(result, 0), "count");
        for (int64_t i = 0; i < 35; i++)
            assert_int_equal(validity[i / 8] >> (i % 8) & 1, i != gap && i != 33);
        assert_int_equal(validity[4] >> 3, 0);
        sj_result_free(result);
    }
}

static void a_getter_of_the_wrong_type_gives_null(void **state)
{
    (void)state;
    sj_result *result = finished(three_rows(NULL));
    const sj_table *table = sj_result_at(result, 0);
    assert_null(sj_table_integers(table, "rate"));
    assert_null(sj_table_reals(table, "count"));
    assert_null(sj_table_text(table, "count", 0));
    assert_null(sj_table_bytes(table, "times"));
    assert_null(sj_table_offsets(table, "count"));
    assert_null(sj_table_integers(table, "none"));
    assert_null(sj_table_integers(table, NULL));
    assert_null(sj_table_integers(NULL, "count"));
    assert_null(sj_table_validity(NULL, "count"));
    assert_int_equal(sj_table_rows(NULL), 0);
    assert_null(sj_table_name(NULL));
    sj_result_free(result);
}

static void an_empty_table_has_columns_to_look_at(void **state)
{
    (void)state;
    sj_result *result = new_result(NULL);
    sj__result_add(result, "t", all_types, 4);
    result = finished(result);
    const sj_table *table = sj_result_at(result, 0);
    assert_int_equal(sj_table_rows(table), 0);
    assert_non_null(sj_table_integers(table, "count"));
    assert_non_null(sj_table_reals(table, "rate"));
    assert_string_equal(sj_table_bytes(table, "name"), "");
    assert_int_equal(sj_table_offsets(table, "name")[0], 0);
    assert_int_equal(sj_table_offsets(table, "times")[0], 0);
    sj_result_free(result);
}

static void notes_are_always_there_and_last(void **state)
{
    (void)state;
    sj_result *result = new_result(NULL);
    sj__result_note(result, "window", "1 d");
    sj__result_add(result, "t", all_types, 4);
    sj__result_note(result, "plan", "plain");
    result = finished(result);
    assert_int_equal(sj_result_count(result), 2);
    assert_string_equal(sj_table_name(sj_result_at(result, 0)), "t");
    const sj_table *notes = sj_result_at(result, 1);
    assert_string_equal(sj_table_name(notes), "notes");
    assert_string_equal(sj_table_text(notes, "name", 0), "window");
    assert_string_equal(sj_table_text(notes, "text", 1), "plain");
    assert_null(sj_result_at(result, 2));
    assert_null(sj_result_at(result, SIZE_MAX));
    assert_null(sj_result_find(result, "other"));
    assert_null(sj_result_find(result, NULL));
    sj_result_free(result);

    result = finished(new_result(NULL));
    assert_int_equal(sj_result_count(result), 1);
    assert_int_equal(sj_table_rows(sj_result_find(result, "notes")), 0);
    sj_result_free(result);
    sj_result_free(NULL);
}

static void a_finished_result_takes_another_note(void **state)
{
    (void)state;
    sj_result *result = finished(three_rows(NULL));
    sj__result_note(result, "plan", "plain");
    result = finished(result);
    assert_int_equal(sj_table_rows(sj_result_find(result, "notes")), 1);
    sj_result_free(result);
}

static void texts_without_a_terminator_are_copied_to_their_length(void **state)
{
    (void)state;
    static const sj__column_spec column = {"t", SJ_COLUMN_TEXT, SJ_UNIT_NONE};
    sj_result *result = new_result(NULL);
    sj_table *table = sj__result_add(result, "t", &column, 1);
    for (int i = 0; i < 100; i++) {
        sj__put_text(table, 0, "abcdefgh", (size_t)i % 9);
        sj__end_row(table);
    }
    result = finished(result);
    for (size_t i = 0; i < 100; i++) {
        const char *cell = sj_table_text(sj_result_at(result, 0), "t", i);
        assert_int_equal(strlen(cell), i % 9);
        assert_memory_equal(cell, "abcdefgh", i % 9);
    }
    sj_result_free(result);
}

/* A result with every type and enough rows to grow. */
static sj_status fill_much(const sj_allocator *a, sj_result **out, sj_error *error)
{
    sj_result *result;
    const int64_t entries[] = {1, 2};
    sj_status status = sj__result_new(a, &result, error);
    *out = NULL;
    if (status != SJ_OK)
        return status;
    for (int t = 0; t < 3; t++) {
        sj_table *table = sj__result_add(result, t == 0 ? "first" : "more", all_types, 4);
        for (int64_t i = 0; i < 30; i++) {
            sj__put_integer(table, 0, i);
            if (i % 3 > 0)
                sj__put_real(table, 1, 0.5);
            sj__put_string(table, 2, i % 4 > 0 ? "name" : NULL);
            sj__put_list(table, 3, entries, NULL, (size_t)i % 3);
            sj__end_row(table);
        }
    }
    sj__result_note(result, "a", "b");
    return sj__result_finish(result, out, error);
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    failing counted = {0};
    sj_allocator a = failing_allocator(&counted);
    sj_result *result;
    assert_int_equal(fill_much(&a, &result, NULL), SJ_OK);
    sj_result_free(result);
    failing_check(&counted);
    for (uint64_t k = 1; k <= counted.requests; k++) {
        failing once = {.fail_at = k};
        sj_error error = {0};
        a = failing_allocator(&once);
        assert_int_equal(fill_much(&a, &result, &error), SJ_ERR_NOMEM);
        assert_int_equal(error.code, SJ_ERR_NOMEM);
        assert_null(result);
        failing_check(&once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_reads_back_as_it_was_put),
        cmocka_unit_test(types_and_units_are_those_of_the_columns),
        cmocka_unit_test(a_text_column_has_a_nul_behind_every_cell_that_the_offsets_count),
        cmocka_unit_test(a_list_column_has_validity_by_entry),
        cmocka_unit_test(validity_is_null_while_everything_is_there),
        cmocka_unit_test(validity_is_right_wherever_the_first_absent_cell_stands),
        cmocka_unit_test(a_getter_of_the_wrong_type_gives_null),
        cmocka_unit_test(an_empty_table_has_columns_to_look_at),
        cmocka_unit_test(notes_are_always_there_and_last),
        cmocka_unit_test(a_finished_result_takes_another_note),
        cmocka_unit_test(texts_without_a_terminator_are_copied_to_their_length),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
