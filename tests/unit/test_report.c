/* Results as text, JSON and CSV: every expectation is written by hand. */
#include "failing.h"
#include "near.h"

#include <math.h>

#include "report/nearest.h"
#include "tally/result.h"

static sj_result *new_result(void)
{
    sj_result *result = NULL;
    assert_int_equal(sj__result_new(NULL, &result, NULL), SJ_OK);
    return result;
}

static sj_result *finished(sj_result *result)
{
    sj_result *out = NULL;
    assert_int_equal(sj__result_finish(result, &out, NULL), SJ_OK);
    return out;
}

static void expect(sj_result *result, const char *table, int32_t format, const char *expected)
{
    sj_buffer *buffer = NULL;
    assert_int_equal(sj_result_write(result, table, format, &buffer, NULL), SJ_OK);
    assert_string_equal(sj_buffer_data(buffer), expected);
    assert_int_equal(sj_buffer_size(buffer), strlen(expected));
    sj_buffer_free(buffer);
}

/* One column "c" with one cell, written alone. */
static void expect_number(int32_t type, int32_t unit, double real, int64_t integer, int32_t format,
                          const char *expected)
{
    const sj__column_spec column = {"c", type, unit};
    sj_result *result = new_result();
    sj_table *table = sj__result_add(result, "t", &column, 1);
    if (type == SJ_COLUMN_REAL)
        sj__put_real(table, 0, real);
    else
        sj__put_integer(table, 0, integer);
    sj__end_row(table);
    result = finished(result);
    sj_buffer *buffer = NULL;
    assert_int_equal(sj_result_write(result, "t", format, &buffer, NULL), SJ_OK);
    const char *data = strchr(sj_buffer_data(buffer), '\n') + 1;
    while (*data == ' ')
        data++;
    assert_int_equal(strlen(data), strlen(expected) + 1);
    assert_memory_equal(data, expected, strlen(expected));
    sj_buffer_free(buffer);
    sj_result_free(result);
}

static void shown_real(int32_t unit, double v, const char *expected)
{
    expect_number(SJ_COLUMN_REAL, unit, v, 0, SJ_FORMAT_TABLE, expected);
}

static void shown_integer(int32_t unit, int64_t v, const char *expected)
{
    expect_number(SJ_COLUMN_INTEGER, unit, 0, v, SJ_FORMAT_TABLE, expected);
}

static void csv_integer(int32_t unit, int64_t v, const char *expected)
{
    expect_number(SJ_COLUMN_INTEGER, unit, 0, v, SJ_FORMAT_CSV, expected);
}

static void csv_real(int32_t unit, double v, const char *expected)
{
    expect_number(SJ_COLUMN_REAL, unit, v, 0, SJ_FORMAT_CSV, expected);
}

static const sj__column_spec step_columns[] = {
    {"step", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},  {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"rate", SJ_COLUMN_REAL, SJ_UNIT_SHARE},    {"wait", SJ_COLUMN_INTEGER, SJ_UNIT_SPAN},
    {"first", SJ_COLUMN_INTEGER, SJ_UNIT_TIME}, {"gaps", SJ_COLUMN_LIST, SJ_UNIT_SPAN}};

/* Two steps and a table beside them. */
static sj_result *steps(void)
{
    const int64_t gaps[] = {1500000, 0, 3000000};
    const uint8_t present[] = {1, 0, 1};
    static const sj__column_spec other[] = {{"k", SJ_COLUMN_TEXT, SJ_UNIT_NONE}};
    sj_result *result = new_result();
    sj_table *table = sj__result_add(result, "steps", step_columns, 6);
    sj__put_integer(table, 0, 1);
    sj__put_string(table, 1, "view, \"all\"");
    sj__put_real(table, 2, 1.0);
    sj__end_row(table);
    sj__put_integer(table, 0, 10);
    sj__put_string(table, 1, "");
    sj__put_real(table, 2, 0.125);
    sj__put_integer(table, 3, 90000001);
    sj__put_integer(table, 4, 1000000);
    sj__put_list(table, 5, gaps, present, 3);
    sj__end_row(table);
    sj__result_add(result, "none", other, 1);
    return finished(result);
}

static void json_has_a_key_per_table_and_an_object_per_row(void **state)
{
    (void)state;
    sj_result *result = steps();
    expect(result, NULL, SJ_FORMAT_JSON,
           "{\n"
           "\"steps\": [\n"
           "{\"step\": 1, \"name\": \"view, \\\"all\\\"\", \"rate\": 1, \"wait\": null, "
           "\"first\": null, \"gaps\": []},\n"
           "{\"step\": 10, \"name\": \"\", \"rate\": 0.125, \"wait\": 90.000001, "
           "\"first\": \"1970-01-01T00:00:01.000000Z\", \"gaps\": [1.5, null, 3]}\n"
           "],\n"
           "\"none\": [],\n"
           "\"notes\": []\n"
           "}\n");
    sj_result_free(result);
}

static void json_of_one_table_is_that_array(void **state)
{
    (void)state;
    sj_result *result = steps();
    expect(result, "none", SJ_FORMAT_JSON, "[]\n");
    sj_result_free(result);
    result = new_result();
    sj__result_note(result, "a\tb", "c\\d\n\x01");
    result = finished(result);
    expect(result, "notes", SJ_FORMAT_JSON,
           "[\n{\"name\": \"a\\u0009b\", \"text\": \"c\\\\d\\n\\u0001\"}\n]\n");
    sj_result_free(result);
}

static void csv_is_the_first_table_or_the_one_named(void **state)
{
    (void)state;
    sj_result *result = steps();
    expect(result, NULL, SJ_FORMAT_CSV,
           "step,name,rate,wait,first,gaps\n"
           "1,\"view, \"\"all\"\"\",1,,,\n"
           "10,\"\",0.125,90.000001,1970-01-01T00:00:01.000000Z,1.5;;3\n");
    expect(result, "none", SJ_FORMAT_CSV, "k\n");
    sj_result_free(result);
}

static void text_is_aligned_with_numbers_to_the_right(void **state)
{
    (void)state;
    sj_result *result = steps();
    expect(result, NULL, SJ_FORMAT_TABLE,
           "steps\n"
           "step  name           rate      wait                 first  gaps\n"
           "   1  view, \"all\"  100.0%         -                     -  -\n"
           "  10                12.5%  00:01:30  1970-01-01T00:00:01Z  1.5 s - 3 s\n"
           "\n"
           "none\n"
           "k\n"
           "\n"
           "notes\n"
           "name  text\n");
    expect(result, "none", SJ_FORMAT_TABLE, "k\n");
    sj_result_free(result);
}

static void text_is_aligned_by_what_a_terminal_shows(void **state)
{
    (void)state;
    static const sj__column_spec columns[] = {{"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
                                              {"n", SJ_COLUMN_INTEGER, SJ_UNIT_NONE}};
    static const char *const names[] = {"caf\xc3\xa9", "\xe5\x95\x86\xe5\x93\x81\xe9\xa0\x81",
                                        "a\nb", "\x1b[1m", "\xc2\x9b\x31m"};
    sj_result *result = new_result();
    sj_table *table = sj__result_add(result, "t", columns, 2);
    for (size_t i = 0; i < 5; i++) {
        sj__put_string(table, 0, names[i]);
        sj__put_integer(table, 1, (int64_t)i);
        sj__end_row(table);
    }
    result = finished(result);
    expect(result, "t", SJ_FORMAT_TABLE,
           "name     n\n"
           "caf\xc3\xa9     0\n"
           "\xe5\x95\x86\xe5\x93\x81\xe9\xa0\x81   1\n"
           "a\\nb     2\n"
           "\\x1b[1m  3\n"
           "\\x9b1m   4\n");
    sj_result_free(result);
}

static void people_read_shares_as_percent(void **state)
{
    (void)state;
    shown_real(SJ_UNIT_SHARE, 0.4567, "45.7%");
    shown_real(SJ_UNIT_SHARE, 0.0, "0.0%");
    shown_real(SJ_UNIT_SHARE, -0.0001, "0.0%");
    shown_real(SJ_UNIT_SHARE, -0.25, "-25.0%");
    shown_real(SJ_UNIT_SHARE, 0.9995, "100.0%");
}

static void people_are_not_shown_columns_with_nothing_in_them(void **state)
{
    (void)state;
    static const sj__column_spec columns[] = {{"a", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
                                              {"b", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
                                              {"c", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
                                              {"d", SJ_COLUMN_LIST, SJ_UNIT_COUNT}};
    sj_result *result = new_result();
    sj_table *table = sj__result_add(result, "t", columns, 4);
    sj_buffer *buffer = NULL;
    sj__put_integer(table, 0, 1);
    sj__put_real(table, 1, NAN);
    sj__put_real(table, 2, INFINITY);
    sj__end_row(table);
    sj__put_integer(table, 0, 22);
    sj__put_real(table, 2, 1500000);
    sj__end_row(table);
    result = finished(result);
    assert_int_equal(sj_result_write(result, "t", SJ_FORMAT_TABLE, &buffer, NULL), SJ_OK);
    assert_string_equal(sj_buffer_data(buffer), " a      c\n"
                                                " 1      -\n"
                                                "22  1.5 s\n");
    sj_buffer_free(buffer);
    sj_result_free(result);
}

static void people_read_spans_in_the_unit_that_fits(void **state)
{
    (void)state;
    shown_integer(SJ_UNIT_SPAN, 0, "0 s");
    shown_integer(SJ_UNIT_SPAN, 12, "0.000012 s");
    shown_integer(SJ_UNIT_SPAN, 12500000, "12.5 s");
    shown_integer(SJ_UNIT_SPAN, 12345678, "12.346 s");
    shown_integer(SJ_UNIT_SPAN, 59999499, "59.999 s");
    shown_integer(SJ_UNIT_SPAN, 59999500, "00:01:00");
    shown_integer(SJ_UNIT_SPAN, INT64_C(7384) * 1000000, "02:03:04");
    shown_integer(SJ_UNIT_SPAN, INT64_C(93784) * 1000000, "1d 02:03:04");
    shown_integer(SJ_UNIT_SPAN, INT64_C(-93784) * 1000000, "-1d 02:03:04");
    shown_integer(SJ_UNIT_SPAN, INT64_MIN, "-106751991d 04:00:55");
    shown_real(SJ_UNIT_SPAN, 1500000.4, "1.5 s");
}

static void people_read_times_to_the_second_unless_there_is_more(void **state)
{
    (void)state;
    shown_integer(SJ_UNIT_TIME, 0, "1970-01-01T00:00:00Z");
    shown_integer(SJ_UNIT_TIME, 1, "1970-01-01T00:00:00.000001Z");
    shown_integer(SJ_UNIT_TIME, -1000000, "1969-12-31T23:59:59Z");
}

static void people_read_numbers_with_few_digits(void **state)
{
    (void)state;
    shown_integer(SJ_UNIT_COUNT, 1234567, "1234567");
    shown_integer(SJ_UNIT_NONE, -5, "-5");
    shown_real(SJ_UNIT_VALUE, 12.345, "12.35");
    shown_real(SJ_UNIT_VALUE, 0.0, "0.00");
    shown_real(SJ_UNIT_VALUE, -1234567.891, "-1234567.89");
    shown_real(SJ_UNIT_NONE, 3.14159, "3.142");
    shown_real(SJ_UNIT_NONE, 314.159, "314.16");
    shown_real(SJ_UNIT_NONE, 0.04321, "0.0432");
    shown_real(SJ_UNIT_NONE, 0.0, "0.0000");
    shown_real(SJ_UNIT_NONE, 0.000012345, "1.23e-05");
    shown_real(SJ_UNIT_NONE, -1.5e-12, "-1.50e-12");
    shown_real(SJ_UNIT_NONE, 0.00099999, "1.00e-03");
    shown_real(SJ_UNIT_NONE, 1e15, "1000000000000000");
}

static void programs_read_spans_in_exact_seconds(void **state)
{
    (void)state;
    csv_integer(SJ_UNIT_SPAN, 1, "0.000001");
    csv_integer(SJ_UNIT_SPAN, 86400000000, "86400");
    csv_integer(SJ_UNIT_SPAN, -1500000, "-1.5");
    csv_integer(SJ_UNIT_SPAN, INT64_MAX, "9223372036854.775807");
    csv_real(SJ_UNIT_SPAN, 2500000.0, "2.5");
    csv_real(SJ_UNIT_SPAN, 100000.0, "0.1");
}

static void programs_read_all_digits(void **state)
{
    (void)state;
    csv_real(SJ_UNIT_SHARE, 1.0 / 3.0, "0.3333333333333333");
    csv_real(SJ_UNIT_VALUE, 0.1 + 0.2, "0.30000000000000004");
    csv_real(SJ_UNIT_NONE, NAN, "");
    csv_real(SJ_UNIT_NONE, INFINITY, "");
    csv_integer(SJ_UNIT_COUNT, INT64_MIN, "-9223372036854775808");
    csv_integer(SJ_UNIT_TIME, -1, "1969-12-31T23:59:59.999999Z");
    csv_real(SJ_UNIT_TIME, 999999.6, "1970-01-01T00:00:01.000000Z");
}

static void csv_quotes_what_would_be_read_otherwise(void **state)
{
    (void)state;
    static const sj__column_spec columns[] = {{"a,b", SJ_COLUMN_TEXT, SJ_UNIT_NONE}};
    static const char *const cells[] = {"plain", "a;b", "two\nlines", "cr\r", "\"", "a,b"};
    sj_result *result = new_result();
    sj_table *table = sj__result_add(result, "t", columns, 1);
    for (size_t i = 0; i < 6; i++) {
        sj__put_string(table, 0, cells[i]);
        sj__end_row(table);
    }
    result = finished(result);
    expect(result, NULL, SJ_FORMAT_CSV,
           "\"a,b\"\nplain\na;b\n\"two\nlines\"\n\"cr\r\"\n\"\"\"\"\n\"a,b\"\n");
    sj_result_free(result);
}

static void an_unknown_table_is_an_error_that_names_the_nearest(void **state)
{
    (void)state;
    sj_result *result = steps();
    sj_buffer *buffer = (sj_buffer *)(void *)result;
    sj_error error = {0};
    assert_int_equal(sj_result_write(result, "stepz", SJ_FORMAT_CSV, &buffer, &error), SJ_ERR_NAME);
    assert_null(buffer);
    assert_non_null(strstr(error.message, "'steps'"));
    assert_int_equal(sj_result_write(result, "xyzzyx", SJ_FORMAT_JSON, &buffer, &error),
                     SJ_ERR_NAME);
    assert_non_null(strstr(error.message, "first is 'steps'"));
    sj_result_free(result);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    sj_result *result = steps();
    sj_buffer *buffer;
    assert_int_equal(sj_result_write(NULL, NULL, SJ_FORMAT_CSV, &buffer, NULL), SJ_ERR_ARGUMENT);
    assert_null(buffer);
    assert_int_equal(sj_result_write(result, NULL, 0, &buffer, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_result_write(result, NULL, SJ_FORMAT_MERMAID + 1, &buffer, NULL),
                     SJ_ERR_ARGUMENT);
    assert_int_equal(sj_result_write(result, NULL, SJ_FORMAT_CSV, NULL, NULL), SJ_ERR_ARGUMENT);
    sj_result_free(result);
}

static void nearest_names_are_near(void **state)
{
    (void)state;
    sj__nearest nearest = sj__nearest_begin("survivl");
    sj__nearest_offer(&nearest, "steps");
    assert_null(nearest.best);
    sj__nearest_offer(&nearest, "survivor");
    sj__nearest_offer(&nearest, "survival");
    sj__nearest_offer(&nearest, "survivals");
    assert_string_equal(nearest.best, "survival");
    nearest = sj__nearest_begin("x");
    sj__nearest_offer(&nearest, "abc");
    assert_null(nearest.best);
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    static const int32_t formats[] = {SJ_FORMAT_TABLE, SJ_FORMAT_JSON, SJ_FORMAT_CSV};
    for (size_t f = 0; f < 3; f++) {
        uint64_t k = 0;
        sj_status status = SJ_ERR_NOMEM;
        while (status != SJ_OK) {
            failing memory = {0};
            sj_allocator a = failing_allocator(&memory);
            sj_result *result = NULL;
            sj_buffer *buffer = NULL;
            sj_error error = {0};
            assert_int_equal(sj__result_new(&a, &result, NULL), SJ_OK);
            sj_table *table = sj__result_add(result, "t", step_columns, 6);
            for (int64_t i = 0; i < 10; i++) {
                sj__put_integer(table, 0, i);
                sj__put_string(table, 1, "a name that is long enough to let the text grow");
                sj__end_row(table);
            }
            result = finished(result);
            memory.fail_at = memory.requests + ++k;
            status = sj_result_write(result, NULL, formats[f], &buffer, &error);
            if (status != SJ_OK) {
                assert_int_equal(status, SJ_ERR_NOMEM);
                assert_int_equal(error.code, SJ_ERR_NOMEM);
                assert_null(buffer);
            }
            sj_buffer_free(buffer);
            sj_result_free(result);
            failing_check(&memory);
        }
        assert_true(k > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_a_key_per_table_and_an_object_per_row),
        cmocka_unit_test(json_of_one_table_is_that_array),
        cmocka_unit_test(csv_is_the_first_table_or_the_one_named),
        cmocka_unit_test(text_is_aligned_with_numbers_to_the_right),
        cmocka_unit_test(text_is_aligned_by_what_a_terminal_shows),
        cmocka_unit_test(people_read_shares_as_percent),
        cmocka_unit_test(people_are_not_shown_columns_with_nothing_in_them),
        cmocka_unit_test(people_read_spans_in_the_unit_that_fits),
        cmocka_unit_test(people_read_times_to_the_second_unless_there_is_more),
        cmocka_unit_test(people_read_numbers_with_few_digits),
        cmocka_unit_test(programs_read_spans_in_exact_seconds),
        cmocka_unit_test(programs_read_all_digits),
        cmocka_unit_test(csv_quotes_what_would_be_read_otherwise),
        cmocka_unit_test(an_unknown_table_is_an_error_that_names_the_nearest),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(nearest_names_are_near),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
