/* ISO 8601 and the calendar. */
#include <string.h>

#include <sojourn/base.h>

#include "base/number.h"
#include "base/time.h"
#include "near.h"

static void check(const char *s, int64_t expected)
{
    int64_t time = 77;
    int cut = 7;

    assert_int_equal(sj__read_time(s, strlen(s), 0, &time, &cut), SJ__READ_OK);
    assert_int_equal(time, expected);
    assert_int_equal(cut, 0);
}

static void check_bad(const char *s, int status)
{
    int64_t time = 77;
    int cut = 7;

    assert_int_equal(sj__read_time(s, strlen(s), 0, &time, &cut), status);
    assert_int_equal(time, 77);
    assert_int_equal(cut, 7);
}

/* 2026-03-04: 56 years of 365 days, 14 leap days (1972 … 2024), 31 + 28 + 3 days: 20,516. */
#define MARCH_4 (20516 * SJ_DAY)

static void a_date_is_its_midnight(void **state)
{
    (void)state;
    check("1970-01-01", 0);
    check("1970-01-02", SJ_DAY);
    check("1969-12-31", -SJ_DAY);
    check("2026-03-04", MARCH_4);
}

static void times_of_day_are_read(void **state)
{
    (void)state;
    check("2026-03-04T05:06", MARCH_4 + 5 * SJ_HOUR + 6 * SJ_MINUTE);
    check("2026-03-04 05:06:07", MARCH_4 + 5 * SJ_HOUR + 6 * SJ_MINUTE + 7 * SJ_SECOND);
    check("2026-03-04T00:00:00.5", MARCH_4 + 500000);
    check("2026-03-04T00:00:00.123456", MARCH_4 + 123456);
    check("2026-03-04T23:59:59.999999", MARCH_4 + SJ_DAY - 1);
    check("2026-03-04T00:00:00.000001000", MARCH_4 + 1);
}

static void midnight_has_two_names(void **state)
{
    (void)state;
    check("2026-03-04T24:00", MARCH_4 + SJ_DAY);
    check("2026-03-04T24:00:00", MARCH_4 + SJ_DAY);
    check_bad("2026-03-04T24:00:01", SJ__READ_BAD);
    check_bad("2026-03-04T24:01", SJ__READ_BAD);
    check_bad("2026-03-04T24:00:00.5", SJ__READ_BAD);
    check_bad("2026-03-04T25:00", SJ__READ_BAD);
}

static void offsets_lead_to_utc(void **state)
{
    (void)state;
    check("1970-01-01T00:00Z", 0);
    check("1970-01-01T01:00+01", 0);
    check("1970-01-01T05:30:00+0530", 0);
    check("1970-01-01T05:30:00.25+05:30", 250000);
    check("1969-12-31T19:00-05:00", 0);
    check("1970-01-01T00:00-00:00", 0);
    check("1970-01-01T23:59+23:59", 0);
}

static void a_time_without_offset_takes_the_one_given(void **state)
{
    int64_t time;

    (void)state;
    assert_int_equal(sj__read_time("1970-01-01T02:00", 16, 120, &time, NULL), SJ__READ_OK);
    assert_int_equal(time, 0);
    assert_int_equal(sj__read_time("1970-01-01", 10, -90, &time, NULL), SJ__READ_OK);
    assert_int_equal(time, 90 * SJ_MINUTE);
    assert_int_equal(sj__read_time("1970-01-01T02:00Z", 17, 120, &time, NULL), SJ__READ_OK);
    assert_int_equal(time, 2 * SJ_HOUR);
}

static void digits_below_a_microsecond_are_cut_toward_the_past(void **state)
{
    int64_t time;
    int cut = 0;

    (void)state;
    assert_int_equal(sj__read_time("1970-01-01T00:00:00.1234569", 27, 0, &time, &cut), SJ__READ_OK);
    assert_int_equal(time, 123456);
    assert_int_equal(cut, 1);
    assert_int_equal(sj__read_time("1969-12-31T23:59:59.9999999", 27, 0, &time, &cut), SJ__READ_OK);
    assert_int_equal(time, -1);
    assert_int_equal(cut, 1);
    assert_int_equal(sj__read_time("1970-01-01T00:00:00.12345600", 28, 0, &time, &cut),
                     SJ__READ_OK);
    assert_int_equal(time, 123456);
    assert_int_equal(cut, 0);
}

static void malformed_times_are_bad(void **state)
{
    const char *bad[] = {
        "",
        "2026",
        "2026-03",
        "2026-3-04",
        "2026-03-4",
        "26-03-04",
        "20260304",
        "2026/03/04",
        " 2026-03-04",
        "2026-03-04 ",
        "2026-03-04T",
        "2026-03-04T05",
        "2026-03-04T5:06",
        "2026-03-04T05:6",
        "2026-03-04T05:06:",
        "2026-03-04T05:06:7",
        "2026-03-04T05:06:07.",
        "2026-03-04T05:06:07,5",
        "2026-03-04T05:06:60",
        "2026-03-04T05:60",
        "2026-03-04Z",
        "2026-03-04T05:06 Z",
        "2026-03-04T05:06z",
        "2026-03-04t05:06",
        "2026-03-04T05:06+1",
        "2026-03-04T05:06+24",
        "2026-03-04T05:06+01:60",
        "2026-03-04T05:06+01:",
        "2026-03-04T05:06+01:0",
        "2026-03-04T05:06+01:000",
        "2026-03-04T05:06ZZ",
        "2026-00-04",
        "2026-13-04",
        "2026-03-00",
        "2026-03-32",
        "2026-04-31",
        "2026-02-29",
        "2100-02-29",
        "+2026-03-04",
        "+02026-03-04",
        "-002026-3-04",
        "1772600767",
        "2026-03-0\xC3",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_bad(bad[i], SJ__READ_BAD);
}

static void leap_days_are_known(void **state)
{
    (void)state;
    check("2000-02-29", sj__days_from_civil(2000, 3, 1) * SJ_DAY - SJ_DAY);
    check("2024-02-29", sj__days_from_civil(2024, 3, 1) * SJ_DAY - SJ_DAY);
    check("0000-02-29", sj__days_from_civil(0, 3, 1) * SJ_DAY - SJ_DAY);
    check("-000004-02-29", sj__days_from_civil(-4, 3, 1) * SJ_DAY - SJ_DAY);
    check_bad("-000001-02-29", SJ__READ_BAD);
}

static void check_write(int64_t time, const char *expected)
{
    char to[40];
    int64_t back = 0;
    int cut = 7;
    size_t n = sj__write_time(to, time);

    assert_int_equal(n, strlen(expected));
    assert_memory_equal(to, expected, n);
    assert_int_equal(sj__read_time(to, n, 0, &back, &cut), SJ__READ_OK);
    assert_int_equal(back, time);
    assert_int_equal(cut, 0);
}

static void every_time_can_be_written(void **state)
{
    (void)state;
    check_write(0, "1970-01-01T00:00:00.000000Z");
    check_write(-1, "1969-12-31T23:59:59.999999Z");
    check_write(MARCH_4 + 5 * SJ_HOUR + 6 * SJ_MINUTE + 7 * SJ_SECOND + 123456,
                "2026-03-04T05:06:07.123456Z");
    check_write(-719162 * SJ_DAY, "0001-01-01T00:00:00.000000Z");
    check_write(-719162 * SJ_DAY - 1, "+000000-12-31T23:59:59.999999Z");
    check_write(-719528 * SJ_DAY - 1, "-000001-12-31T23:59:59.999999Z");
    check_write(2932897 * SJ_DAY - 1, "9999-12-31T23:59:59.999999Z");
    check_write(2932897 * SJ_DAY, "+010000-01-01T00:00:00.000000Z");
    check_write(INT64_MAX, "+294247-01-10T04:00:54.775807Z");
    check_write(INT64_MIN, "-290308-12-21T19:59:05.224192Z");
}

static void times_beyond_64_bits_are_out_of_range(void **state)
{
    (void)state;
    check_bad("+294247-01-10T04:00:54.775808Z", SJ__READ_RANGE);
    check_bad("-290308-12-21T19:59:05.224191Z", SJ__READ_RANGE);
    check_bad("+999999-12-31", SJ__READ_RANGE);
    check_bad("-999999-01-01", SJ__READ_RANGE);
    /* The offset decides. */
    check("+294247-01-10T05:00:54.775807+01:00", INT64_MAX);
    check_bad("+294247-01-10T04:00:54.775807-00:01", SJ__READ_RANGE);
}

/* Day by day through 1,200 years on both sides of year 0, by the rule for the length of a month. */
static void days_and_dates_agree(void **state)
{
    const int32_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = sj__days_from_civil(-600, 1, 1);

    (void)state;
    assert_int_equal(sj__days_from_civil(1970, 1, 1), 0);
    for (int64_t year = -600; year < 600; year++) {
        int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        for (int32_t month = 1; month <= 12; month++) {
            for (int32_t day = 1; day <= lengths[month - 1] + (month == 2 && leap); day++) {
                int64_t y;
                int32_t m;
                int32_t d;

                sj__civil_from_days(days, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
                assert_true(sj__days_from_civil(year, month, day) == days);
                days++;
            }
        }
    }
    assert_int_equal(days, sj__days_from_civil(600, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_date_is_its_midnight),
        cmocka_unit_test(times_of_day_are_read),
        cmocka_unit_test(midnight_has_two_names),
        cmocka_unit_test(offsets_lead_to_utc),
        cmocka_unit_test(a_time_without_offset_takes_the_one_given),
        cmocka_unit_test(digits_below_a_microsecond_are_cut_toward_the_past),
        cmocka_unit_test(malformed_times_are_bad),
        cmocka_unit_test(leap_days_are_known),
        cmocka_unit_test(every_time_can_be_written),
        cmocka_unit_test(times_beyond_64_bits_are_out_of_range),
        cmocka_unit_test(days_and_dates_agree),
    };

    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
