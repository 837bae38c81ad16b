/* Status names, and the one sentence of an error. */
#include <string.h>

#include "base/status.h"
#include "near.h"

static void every_status_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(sj_status_name(SJ_OK), "SJ_OK");
    assert_string_equal(sj_status_name(SJ_ERR_NOMEM), "SJ_ERR_NOMEM");
    assert_string_equal(sj_status_name(SJ_ERR_ARGUMENT), "SJ_ERR_ARGUMENT");
    assert_string_equal(sj_status_name(SJ_ERR_OPTIONS), "SJ_ERR_OPTIONS");
    assert_string_equal(sj_status_name(SJ_ERR_LIMIT), "SJ_ERR_LIMIT");
    assert_string_equal(sj_status_name(SJ_ERR_OVERFLOW), "SJ_ERR_OVERFLOW");
    assert_string_equal(sj_status_name(SJ_ERR_CANCELLED), "SJ_ERR_CANCELLED");
    assert_string_equal(sj_status_name(SJ_ERR_UTF8), "SJ_ERR_UTF8");
    assert_string_equal(sj_status_name(SJ_ERR_NAME), "SJ_ERR_NAME");
    assert_string_equal(sj_status_name(SJ_ERR_DUPLICATE), "SJ_ERR_DUPLICATE");
    assert_string_equal(sj_status_name(SJ_ERR_TIME), "SJ_ERR_TIME");
    assert_string_equal(sj_status_name(SJ_ERR_VALUE), "SJ_ERR_VALUE");
    assert_string_equal(sj_status_name(SJ_ERR_CONDITION), "SJ_ERR_CONDITION");
    assert_string_equal(sj_status_name(SJ_ERR_MAP), "SJ_ERR_MAP");
    assert_string_equal(sj_status_name(SJ_ERR_CSV), "SJ_ERR_CSV");
    assert_string_equal(sj_status_name(SJ_ERR_FILE), "SJ_ERR_FILE");
    assert_string_equal(sj_status_name(SJ_ERR_FORMAT), "SJ_ERR_FORMAT");
    assert_string_equal(sj_status_name(SJ_ERR_VERSION), "SJ_ERR_VERSION");
    assert_string_equal(sj_status_name(SJ_ERR_MISMATCH), "SJ_ERR_MISMATCH");
    assert_string_equal(sj_status_name(SJ_ERR_NEGATIVE), "SJ_ERR_NEGATIVE");
}

static void an_unknown_status_is_called_unknown(void **state)
{
    (void)state;
    assert_string_equal(sj_status_name(7), "SJ_ERR_UNKNOWN");
    assert_string_equal(sj_status_name(-1), "SJ_ERR_UNKNOWN");
    assert_string_equal(sj_status_name(INT32_MAX), "SJ_ERR_UNKNOWN");
}

static void the_version_has_three_numbers(void **state)
{
    const char *p = sj_version();
    int dots = 0;

    (void)state;
    for (; *p != '\0'; p++) {
        assert_true(*p == '.' || (*p >= '0' && *p <= '9'));
        dots += *p == '.';
    }
    assert_int_equal(dots, 2);
}

static void an_error_is_256_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(sj_error), 256);
}

static void a_failure_fills_the_error(void **state)
{
    sj_error error;

    (void)state;
    memset(&error, 0x55, sizeof error);
    assert_int_equal(sj__fail(&error, SJ_ERR_NAME, "%s of %i or %u, %q: 100%%", "one", INT64_MIN,
                              UINT64_MAX, "shop"),
                     SJ_ERR_NAME);
    assert_int_equal(error.code, SJ_ERR_NAME);
    assert_int_equal(error.index, -1);
    assert_int_equal(error.line, 0);
    assert_int_equal(error.column, 0);
    assert_string_equal(error.message,
                        "one of -9223372036854775808 or 18446744073709551615, 'shop': 100%");
}

static void a_failure_says_where(void **state)
{
    sj_error error;
    sj__place place = {.index = 17, .line = 3, .column = 9};

    (void)state;
    assert_int_equal(sj__fail_at(&error, SJ_ERR_CSV, place, "row %i", place.line), SJ_ERR_CSV);
    assert_int_equal(error.index, 17);
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 9);
    assert_string_equal(error.message, "row 3");
}

static void nobody_needs_an_error(void **state)
{
    (void)state;
    assert_int_equal(sj__fail(NULL, SJ_ERR_FILE, "%s", "x"), SJ_ERR_FILE);
    assert_int_equal(sj__fail_nomem(NULL), SJ_ERR_NOMEM);
}

static void no_memory_is_one_sentence(void **state)
{
    sj_error error;

    (void)state;
    assert_int_equal(sj__fail_nomem(&error), SJ_ERR_NOMEM);
    assert_int_equal(error.code, SJ_ERR_NOMEM);
    assert_string_equal(error.message, "out of memory: the allocator returned NULL");
}

static void an_argument_may_be_the_message_itself(void **state)
{
    sj_error error;

    (void)state;
    sj__fail(&error, SJ_ERR_MAP, "inner");
    sj__fail(&error, SJ_ERR_MAP, "outer: %s", error.message);
    assert_string_equal(error.message, "outer: inner");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    char text[301];
    sj_error error;

    (void)state;
    memset(text, 'x', 300);
    text[300] = '\0';
    sj__fail(&error, SJ_ERR_NAME, "%s", text);
    assert_int_equal(strlen(error.message), 231);
    /* 230 bytes fit, the two of "ä" do not. */
    memcpy(text + 230, "\xC3\xA4", 2);
    sj__fail(&error, SJ_ERR_NAME, "%s more", text);
    assert_int_equal(strlen(error.message), 230);
}

static void a_long_quote_is_cut_between_characters(void **state)
{
    char text[80];
    sj_error error;

    (void)state;
    memset(text, 'a', 79);
    text[79] = '\0';
    memcpy(text + 59, "\xE2\x82\xAC", 3); /* bytes 59, 60, 61: 60 would cut it */
    sj__fail(&error, SJ_ERR_NAME, "%q", text);
    assert_int_equal(strlen(error.message), 1 + 59 + 3 + 1);
    assert_string_equal(error.message + 60, "\xE2\x80\xA6'");
}

static void a_quote_shows_no_control_characters(void **state)
{
    sj_error error;

    (void)state;
    sj__fail(&error, SJ_ERR_NAME, "%q", "a\nb\x7F\t");
    assert_string_equal(error.message, "'a?b?\?'");
    sj__fail(&error, SJ_ERR_NAME, "%q", "a\xFF\xC3");
    assert_string_equal(error.message, "'a?\?'");
    sj__fail(&error, SJ_ERR_NAME, "%q", "Caf\xC3\xA9");
    assert_string_equal(error.message, "'Caf\xC3\xA9'");
}

static void a_text_shows_no_control_characters_either(void **state)
{
    sj_error error;

    (void)state;
    sj__fail(&error, SJ_ERR_NAME, "no `%s` here", "a\nb\x1F");
    assert_string_equal(error.message, "no `a?b?` here");
    sj__fail(&error, SJ_ERR_NAME, "no `%s` here", "Caf\xC3\xA9\xFF");
    assert_string_equal(error.message, "no `Caf?\?\?` here");
    sj__fail(&error, SJ_ERR_NAME, "no `%s` here", "Caf\xC3\xA9");
    assert_string_equal(error.message, "no `Caf\xC3\xA9` here");
}

static void a_format_fits_its_room(void **state)
{
    char room[8];

    (void)state;
    assert_int_equal(sj__format(room, sizeof room, "%s[%i]", "ab", INT64_C(3)), 5);
    assert_string_equal(room, "ab[3]");
    assert_int_equal(sj__format(room, sizeof room, "%i", INT64_C(123456789)), 7);
    assert_string_equal(room, "1234567");
    assert_int_equal(sj__format(room, 1, "%i", INT64_C(1)), 0);
    assert_string_equal(room, "");
    assert_int_equal(sj__format(room, sizeof room, "50%"), 3);
    assert_string_equal(room, "50%");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_name),
        cmocka_unit_test(an_unknown_status_is_called_unknown),
        cmocka_unit_test(the_version_has_three_numbers),
        cmocka_unit_test(an_error_is_256_bytes),
        cmocka_unit_test(a_failure_fills_the_error),
        cmocka_unit_test(a_failure_says_where),
        cmocka_unit_test(nobody_needs_an_error),
        cmocka_unit_test(no_memory_is_one_sentence),
        cmocka_unit_test(an_argument_may_be_the_message_itself),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_long_quote_is_cut_between_characters),
        cmocka_unit_test(a_quote_shows_no_control_characters),
        cmocka_unit_test(a_text_shows_no_control_characters_either),
        cmocka_unit_test(a_format_fits_its_room),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
