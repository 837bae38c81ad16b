/* Text that grows, and the public buffer. */
#include <string.h>

#include "base/text.h"
#include "failing.h"

typedef struct fixture {
    failing memory;
    sj_allocator allocator;
    sj__text text;
} fixture;

static void open_text(fixture *f)
{
    f->allocator = failing_allocator(&f->memory);
    sj__text_init(&f->text, &f->allocator);
}

static void close_text(fixture *f)
{
    sj__text_free(&f->text);
    failing_check(&f->memory);
}

static void text_is_empty_at_first(void **state)
{
    fixture f = {.text = {.size = 0}};

    (void)state;
    open_text(&f);
    assert_string_equal(sj__text_data(&f.text), "");
    assert_int_equal(f.text.size, 0);
    assert_int_equal(sj__text_status(&f.text, NULL), SJ_OK);
    assert_int_equal(f.memory.requests, 0);
    close_text(&f);
}

static void everything_is_added_in_order(void **state)
{
    fixture f = {.text = {.size = 0}};

    (void)state;
    open_text(&f);
    sj__text_add(&f.text, "n ");
    sj__text_integer(&f.text, INT64_MIN);
    sj__text_char(&f.text, ' ');
    sj__text_unsigned(&f.text, UINT64_MAX);
    sj__text_char(&f.text, ' ');
    sj__text_real(&f.text, -0.1);
    sj__text_bytes(&f.text, " abc", 2);
    sj__text_char(&f.text, ' ');
    sj__text_time(&f.text, 0);
    assert_string_equal(f.text.data, "n -9223372036854775808 18446744073709551615 -0.1 a "
                                     "1970-01-01T00:00:00.000000Z");
    assert_int_equal(f.text.size, strlen(f.text.data));
    close_text(&f);
}

static void check_fixed6(int64_t v, const char *expected)
{
    fixture f = {.text = {.size = 0}};

    open_text(&f);
    sj__text_fixed6(&f.text, v);
    assert_string_equal(sj__text_data(&f.text), expected);
    close_text(&f);
}

static void millionths_lose_their_trailing_zeros(void **state)
{
    (void)state;
    check_fixed6(12500000, "12.5");
    check_fixed6(0, "0");
    check_fixed6(1, "0.000001");
    check_fixed6(-1, "-0.000001");
    check_fixed6(-3000000, "-3");
    check_fixed6(1000010, "1.00001");
    check_fixed6(100000, "0.1");
    check_fixed6(INT64_MAX, "9223372036854.775807");
    check_fixed6(INT64_MIN, "-9223372036854.775808");
}

static void quotes_inside_are_doubled(void **state)
{
    fixture f = {.text = {.size = 0}};

    (void)state;
    open_text(&f);
    sj__text_quoted(&f.text, "a\"b\"", 4, '"');
    sj__text_quoted(&f.text, "", 0, '\'');
    sj__text_quoted(&f.text, "it's", 4, '\'');
    sj__text_quoted(&f.text, "cut here", 3, '"');
    assert_string_equal(f.text.data, "\"a\"\"b\"\"\"'''it''s'\"cut\"");
    close_text(&f);
}

static void expect_name(const char *name, const char *shown)
{
    fixture f = {0};

    open_text(&f);
    sj__text_name(&f.text, name, strlen(name));
    assert_string_equal(sj__text_data(&f.text), shown);
    close_text(&f);
}

static void names_that_could_be_ours_are_quoted(void **state)
{
    (void)state;
    expect_name("view", "view");
    expect_name("it's > here", "'it''s > here'");
    expect_name("a >b> c", "a >b> c");
    expect_name("it's", "it's");
    expect_name("'s", "'''s'");
    expect_name("(end)", "'(end)'");
    expect_name("end (", "end (");
    expect_name("", "");
}

static void a_nul_byte_is_a_byte(void **state)
{
    fixture f = {.text = {.size = 0}};

    (void)state;
    open_text(&f);
    sj__text_bytes(&f.text, "a\0b", 3);
    sj__text_bytes(&f.text, NULL, 0);
    assert_int_equal(f.text.size, 3);
    assert_memory_equal(f.text.data, "a\0b", 4);
    close_text(&f);
}

static void text_can_be_long(void **state)
{
    fixture f = {.text = {.size = 0}};

    (void)state;
    open_text(&f);
    for (int i = 0; i < 100000; i++)
        sj__text_char(&f.text, (char)('a' + i % 26));
    assert_int_equal(f.text.size, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(f.text.data[i], 'a' + i % 26);
    assert_true(f.memory.requests < 25);
    close_text(&f);
}

static void a_failure_is_remembered(void **state)
{
    fixture f = {.memory = {.fail_at = 2}};
    sj_error error;
    sj_buffer *buffer = (sj_buffer *)&f;

    (void)state;
    open_text(&f);
    sj__text_add(&f.text, "kept");
    for (int i = 0; i < 100; i++)
        sj__text_char(&f.text, 'x');
    /* The third request would be met, but what was lost must not be forgotten. */
    sj__text_add(&f.text, "more");
    assert_int_equal(f.memory.failures, 1);
    assert_int_equal(f.memory.requests, 2);
    assert_memory_equal(f.text.data, "kept", 4);
    assert_int_equal(sj__text_status(&f.text, &error), SJ_ERR_NOMEM);
    assert_int_equal(error.code, SJ_ERR_NOMEM);
    assert_int_equal(sj__text_to_buffer(&f.text, &buffer, &error), SJ_ERR_NOMEM);
    assert_null(buffer);
    assert_int_equal(f.memory.blocks, 0);
    close_text(&f);
}

static void a_text_becomes_a_buffer(void **state)
{
    fixture f = {.text = {.size = 0}};
    sj_buffer *buffer = NULL;

    (void)state;
    open_text(&f);
    sj__text_add(&f.text, "bytes");
    assert_int_equal(sj__text_to_buffer(&f.text, &buffer, NULL), SJ_OK);
    assert_int_equal(f.text.size, 0);
    assert_null(f.text.data);
    assert_int_equal(sj_buffer_size(buffer), 5);
    assert_memory_equal(sj_buffer_data(buffer), "bytes", 6);
    sj__text_free(&f.text);
    memset(&f.allocator, 0, sizeof f.allocator); /* the buffer has its own */
    sj_buffer_free(buffer);
    failing_check(&f.memory);
}

static void an_empty_text_becomes_an_empty_buffer(void **state)
{
    fixture f = {.text = {.size = 0}};
    sj_buffer *buffer = NULL;

    (void)state;
    open_text(&f);
    assert_int_equal(sj__text_to_buffer(&f.text, &buffer, NULL), SJ_OK);
    assert_int_equal(sj_buffer_size(buffer), 0);
    assert_string_equal(sj_buffer_data(buffer), "");
    sj_buffer_free(buffer);
    close_text(&f);
}

static void every_failed_allocation_leaves_nothing(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= 4; k++) {
        for (int from = 0; from < 2; from++) {
            fixture f = {.memory = {.fail_at = from ? 0 : k, .fail_from = from ? k : 0}};
            sj_buffer *buffer = NULL;
            sj_status status;

            open_text(&f);
            for (int i = 0; i < 80; i++) /* 64 bytes, 96 bytes, the buffer: three requests */
                sj__text_char(&f.text, 'x');
            status = sj__text_to_buffer(&f.text, &buffer, NULL);
            assert_int_equal(status, k <= 3 ? SJ_ERR_NOMEM : SJ_OK);
            assert_true((buffer == NULL) == (status != SJ_OK));
            sj_buffer_free(buffer);
            close_text(&f);
        }
    }
}

static void no_buffer_is_fine(void **state)
{
    (void)state;
    sj_buffer_free(NULL);
    assert_null(sj_buffer_data(NULL));
    assert_int_equal(sj_buffer_size(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_empty_at_first),
        cmocka_unit_test(everything_is_added_in_order),
        cmocka_unit_test(millionths_lose_their_trailing_zeros),
        cmocka_unit_test(quotes_inside_are_doubled),
        cmocka_unit_test(names_that_could_be_ours_are_quoted),
        cmocka_unit_test(a_nul_byte_is_a_byte),
        cmocka_unit_test(text_can_be_long),
        cmocka_unit_test(a_failure_is_remembered),
        cmocka_unit_test(a_text_becomes_a_buffer),
        cmocka_unit_test(an_empty_text_becomes_an_empty_buffer),
        cmocka_unit_test(every_failed_allocation_leaves_nothing),
        cmocka_unit_test(no_buffer_is_fine),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
