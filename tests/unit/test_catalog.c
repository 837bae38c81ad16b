/* The catalog: complete, and true of the headers. */
#include "failing.h"
#include "near.h"

#include <stdio.h>

#include <sojourn.h>

#include "report/catalog_names.h"

static sj_result *catalog(const char *what)
{
    sj_result *result = NULL;
    sj_error error = {0};
    assert_int_equal(sj_catalog(what, NULL, &result, &error), SJ_OK);
    return result;
}

/* Row in which a text column says `text`; SIZE_MAX if there is none. */
static size_t row_of(const sj_table *table, const char *column, const char *text)
{
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const char *cell = sj_table_text(table, column, i);
        if (cell != NULL && strcmp(cell, text) == 0)
            return i;
    }
    return SIZE_MAX;
}

static void expect_cell(const sj_table *table, size_t row, const char *column, const char *expected)
{
    const char *cell = sj_table_text(table, column, row);
    if (expected == NULL)
        assert_null(cell);
    else
        assert_string_equal(cell, expected);
}

static void every_catalog_that_is_listed_opens(void **state)
{
    (void)state;
    sj_result *list = catalog("catalogs");
    const sj_table *table = sj_result_find(list, "catalog");
    assert_ptr_equal(sj_result_at(list, 0), table);
    assert_true(sj_table_rows(table) >= 18);
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        assert_non_null(sj_table_text(table, "summary", i));
        sj_result *one = catalog(sj_table_text(table, "name", i));
        assert_true(sj_table_rows(sj_result_find(one, "catalog")) > 0);
        sj_result_free(one);
    }
    assert_int_not_equal(row_of(table, "name", "analyses"), SIZE_MAX);
    assert_int_not_equal(row_of(table, "name", "sj_funnel_options"), SIZE_MAX);
    sj_result_free(list);
}

static void an_unknown_catalog_is_an_error_that_names_the_nearest(void **state)
{
    (void)state;
    sj_error error = {0};
    sj_result *result;
    assert_int_equal(sj_catalog("constant", NULL, &result, &error), SJ_ERR_NAME);
    assert_null(result);
    assert_string_equal(error.message,
                        "there is no catalog 'constant'; the nearest is 'constants'");
    assert_int_equal(sj_catalog("?", NULL, &result, &error), SJ_ERR_NAME);
    assert_string_equal(error.message, "there is no catalog '?'; all are listed in 'catalogs'");
    assert_int_equal(sj_catalog(NULL, NULL, &result, &error), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_catalog("catalogs", NULL, NULL, &error), SJ_ERR_ARGUMENT);
}

static void analyses_name_their_options(void **state)
{
    (void)state;
    sj_result *result = catalog("analyses");
    const sj_table *table = sj_result_find(result, "catalog");
    size_t summary = row_of(table, "name", "summary"), funnel = row_of(table, "name", "funnel");
    expect_cell(table, summary, "options", NULL);
    assert_int_equal(sj_table_integers(table, "tallied")[summary], 0);
    assert_int_equal(sj_table_integers(table, "has_list")[summary], 1);
    expect_cell(table, funnel, "options", "sj_funnel_options");
    assert_int_equal(sj_table_integers(table, "tallied")[funnel], 1);
    assert_int_equal(sj_table_integers(table, "has_list")[funnel], 1);
    for (size_t i = 0; i < sj_table_rows(table); i++)
        assert_true(strlen(sj_table_text(table, "summary", i)) > 10);
    sj_result_free(result);
}

/* The source of a public header, from beside this file. */
static char *header(const char *name)
{
    char path[512];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/../../include/sojourn/%s", (int)(slash - __FILE__), __FILE__,
             name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    char *text = calloc(1, 65536);
    assert_true(fread(text, 1, 65535, file) > 100);
    fclose(file);
    return text;
}

/* Whether the word that begins at `at` is made equal to something: "SJ_X =" or "#define SJ_X
 * (…". */
static int is_definition(const char *text, const char *at, size_t n)
{
    static const char define[] = "#define ";
    size_t m = sizeof define - 1;
    if (at >= text + m && memcmp(at - m, define, m) == 0)
        return at[n] == ' ' && strncmp(at + n, " __", 3) != 0;
    return strncmp(at + n, " = ", 3) == 0;
}

static void every_constant_of_the_headers_is_there(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "base.h",   "journey.h",  "files.h", "csv.h",     "result.h",     "tally.h", "summary.h",
        "funnel.h", "friction.h", "path.h",  "variant.h", "transition.h", "match.h"};
    size_t found = 0, listed = 0;
    for (size_t h = 0; h < sizeof headers / sizeof *headers; h++) {
        char *text = header(headers[h]);
        for (const char *at = text; (at = strstr(at, "SJ_")) != NULL;) {
            char name[64] = {0};
            size_t n = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
            assert_true(n < sizeof name);
            memcpy(name, at, n);
            const sj__constant *constant;
            size_t i = 0;
            while ((constant = sj__constant_at(i)) != NULL && strcmp(constant->name, name) != 0)
                i++;
            if (is_definition(text, at, n)) {
                if (constant == NULL)
                    fail_msg("%s is in no catalog", name);
                found++;
            }
            at += n;
        }
        free(text);
    }
    while (sj__constant_at(listed) != NULL)
        listed++;
    assert_true(found > 90);
    assert_int_equal(found, listed);
}

static void constants_have_their_values(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t value;
    } expected[] = {
        {"SJ_OK", 0},          {"SJ_ERR_NEGATIVE", 301},    {"SJ_NONE", -1},
        {"SJ_INSTANT", -1},    {"SJ_UNLIMITED", INT64_MAX}, {"SJ_DAY", INT64_C(86400000000)},
        {"SJ_TREND_MONTH", 4}, {"SJ_FIGURE_VALUES", 8}};
    sj_result *result = catalog("constants");
    const sj_table *table = sj_result_find(result, "catalog");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        size_t row = row_of(table, "name", expected[i].name);
        assert_int_not_equal(row, SIZE_MAX);
        assert_int_equal(sj_table_integers(table, "value")[row], expected[i].value);
    }
    sj_result_free(result);
}

static void a_field_has_its_place_its_kind_and_its_option(void **state)
{
    (void)state;
    sj_result *result = catalog("sj_funnel_options");
    const sj_table *table = sj_result_find(result, "catalog");
    size_t gap = row_of(table, "field", "session_gap"), steps = row_of(table, "field", "steps");
    assert_int_equal(sj_table_integers(table, "offset")[gap],
                     offsetof(sj_funnel_options, session_gap));
    assert_int_equal(sj_table_integers(table, "size")[gap], 8);
    expect_cell(table, gap, "kind", "span");
    expect_cell(table, gap, "role", "counted");
    expect_cell(table, gap, "option", "session-gap");
    expect_cell(table, gap, "element", NULL);
    expect_cell(table, steps, "kind", "structs");
    expect_cell(table, steps, "count_field", "n_steps");
    expect_cell(table, steps, "size_field", "step_size");
    expect_cell(table, steps, "element", "sj_step");
    size_t size = row_of(table, "field", "struct_size");
    expect_cell(table, size, "kind", "size");
    expect_cell(table, size, "role", "shape");
    expect_cell(table, size, "option", NULL);
    size_t order = row_of(table, "field", "order");
    expect_cell(table, order, "values", "sequential adjacent any");
    const sj_table *whole = sj_result_find(result, "struct");
    expect_cell(whole, 0, "name", "sj_funnel_options");
    assert_int_equal(sj_table_integers(whole, "size")[0], sizeof(sj_funnel_options));
    assert_in_range(sj_table_integers(whole, "least")[0], 8, sizeof(sj_funnel_options));
    sj_result_free(result);
}

static void every_struct_is_described_without_a_gap(void **state)
{
    (void)state;
    const sj__struct *shape;
    size_t n = 0;
    for (; (shape = sj__struct_at(n)) != NULL; n++) {
        size_t end = 0;
        for (size_t i = 0; i < shape->n_fields; i++) {
            const sj__field *field = &shape->fields[i];
            if (field->offset != end)
                fail_msg("%s.%s does not follow the field before it", shape->name, field->name);
            end = (size_t)field->offset + field->size;
            assert_true(sj__options_kind_name(field->kind)[0] != '\0');
        }
        assert_int_equal(end, shape->size);
        assert_true(shape->least > 0 && shape->least <= shape->size);
    }
    assert_int_equal(n, 20);
}

static void fields_that_name_others_name_such_as_there_are(void **state)
{
    (void)state;
    const sj__struct *shape;
    for (size_t n = 0; (shape = sj__struct_at(n)) != NULL; n++) {
        for (size_t i = 0; i < shape->n_fields; i++) {
            const sj__field *field = &shape->fields[i];
            if (field->count_field != NULL)
                assert_non_null(sj__options_field(shape, field->count_field));
            if (field->size_field != NULL)
                assert_non_null(sj__options_field(shape, field->size_field));
            if (field->element == NULL)
                continue;
            sj_result *element = catalog(field->element->name);
            assert_non_null(element);
            sj_result_free(element);
        }
    }
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    static const char *const names[] = {"catalogs", "analyses", "constants", "sj_csv_options"};
    for (size_t i = 0; i < 4; i++) {
        failing counted = {0};
        sj_allocator a = failing_allocator(&counted);
        sj_result *result = NULL;
        assert_int_equal(sj_catalog(names[i], &a, &result, NULL), SJ_OK);
        sj_result_free(result);
        failing_check(&counted);
        for (uint64_t k = 1; k <= counted.requests; k++) {
            failing once = {.fail_at = k};
            a = failing_allocator(&once);
            assert_int_equal(sj_catalog(names[i], &a, &result, NULL), SJ_ERR_NOMEM);
            assert_null(result);
            failing_check(&once);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_catalog_that_is_listed_opens),
        cmocka_unit_test(an_unknown_catalog_is_an_error_that_names_the_nearest),
        cmocka_unit_test(analyses_name_their_options),
        cmocka_unit_test(every_constant_of_the_headers_is_there),
        cmocka_unit_test(constants_have_their_values),
        cmocka_unit_test(a_field_has_its_place_its_kind_and_its_option),
        cmocka_unit_test(every_struct_is_described_without_a_gap),
        cmocka_unit_test(fields_that_name_others_name_such_as_there_are),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
