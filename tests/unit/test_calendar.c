/* Buckets of the calendar, against dates that every calendar has and against their own definition
 * at random times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/time.h"
#include "kernel/calendar.h"

#define HOUR INT64_C(3600000000)
#define DAY (24 * HOUR)

static int64_t calendar_time(const char *text)
{
    int64_t time = 0;
    size_t n = 0;
    while (text[n] != '\0')
        n++;
    assert_int_equal(sj__read_time(text, n, 0, &time, NULL), 0);
    return time;
}

/* The start of the bucket in which a time lies. */
static void expect_start(int32_t unit, int32_t offset, const char *time, const char *start)
{
    int64_t found = 0;
    const int64_t bucket = sj__calendar_bucket(unit, offset, calendar_time(time));
    assert_int_equal(sj__calendar_start(unit, offset, bucket, &found), 1);
    assert_int_equal(found, calendar_time(start));
}

static void hours_and_days_begin_where_the_clock_says(void **state)
{
    (void)state;
    expect_start(SJ__CALENDAR_HOUR, 0, "2026-03-04T05:59:59.999999Z", "2026-03-04T05:00:00Z");
    expect_start(SJ__CALENDAR_HOUR, 0, "2026-03-04T06:00:00Z", "2026-03-04T06:00:00Z");
    expect_start(SJ__CALENDAR_DAY, 0, "2026-03-04T23:59:59.999999Z", "2026-03-04T00:00:00Z");
    expect_start(SJ__CALENDAR_DAY, 0, "1969-12-31T23:59:59.999999Z", "1969-12-31T00:00:00Z");
    expect_start(SJ__CALENDAR_DAY, 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
    expect_start(SJ__CALENDAR_HOUR, 0, "0001-01-01T00:30:00Z", "0001-01-01T00:00:00Z");
}

static void an_offset_moves_the_borders_and_starts_stay_in_utc(void **state)
{
    (void)state;
    /* Midnight in Berlin in winter is 23:00 UTC of the day before. */
    expect_start(SJ__CALENDAR_DAY, 60, "2026-03-04T22:59:59Z", "2026-03-03T23:00:00Z");
    expect_start(SJ__CALENDAR_DAY, 60, "2026-03-04T23:00:00Z", "2026-03-04T23:00:00Z");
    expect_start(SJ__CALENDAR_DAY, -300, "2026-03-04T04:59:59Z", "2026-03-03T05:00:00Z");
    /* India's hours begin at half past. */
    expect_start(SJ__CALENDAR_HOUR, 330, "2026-03-04T05:29:00Z", "2026-03-04T04:30:00Z");
    expect_start(SJ__CALENDAR_MONTH, 60, "2026-02-28T23:30:00Z", "2026-02-28T23:00:00Z");
}

static void weeks_begin_on_monday(void **state)
{
    (void)state;
    expect_start(SJ__CALENDAR_WEEK, 0, "2026-03-08T23:59:59Z", "2026-03-02T00:00:00Z"); /* Sunday */
    expect_start(SJ__CALENDAR_WEEK, 0, "2026-03-09T00:00:00Z", "2026-03-09T00:00:00Z"); /* Monday */
    expect_start(SJ__CALENDAR_WEEK, 0, "1970-01-01T00:00:00Z",
                 "1969-12-29T00:00:00Z"); /* Thursday */
    expect_start(SJ__CALENDAR_WEEK, 0, "1969-12-28T23:59:59Z", "1969-12-22T00:00:00Z"); /* Sunday */
    /* Sunday in UTC is Monday two hours to the east. */
    expect_start(SJ__CALENDAR_WEEK, 120, "2026-03-08T22:00:00Z", "2026-03-08T22:00:00Z");
}

static void months_are_those_of_the_calendar(void **state)
{
    (void)state;
    expect_start(SJ__CALENDAR_MONTH, 0, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z");
    expect_start(SJ__CALENDAR_MONTH, 0, "2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z");
    expect_start(SJ__CALENDAR_MONTH, 0, "1969-12-31T23:00:00Z", "1969-12-01T00:00:00Z");
    expect_start(SJ__CALENDAR_MONTH, 0, "-000001-01-15T00:00:00Z", "-000001-01-01T00:00:00Z");
    assert_int_equal(sj__calendar_bucket(SJ__CALENDAR_MONTH, 0, 0), 1970 * 12);
    assert_int_equal(
        sj__calendar_bucket(SJ__CALENDAR_MONTH, 0, calendar_time("1971-02-03T00:00:00Z")) -
            sj__calendar_bucket(SJ__CALENDAR_MONTH, 0, calendar_time("1969-12-31T00:00:00Z")),
        14);
}

/* start(b) ≤ t < start(b + 1), and the number of the bucket of a start is that bucket's. */
static void every_time_lies_in_its_bucket_and_neighbours_touch(void **state)
{
    static const int32_t offsets[] = {0, 60, -60, 330, -570, 1439, -1439};
    uint64_t random = 88172645463325252U;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        const int64_t time = (int64_t)(random >> random % 60) * (i % 2 ? 1 : -1);
        const int32_t unit = 1 + i / 2 % 4, offset = offsets[i % 7];
        const int64_t bucket = sj__calendar_bucket(unit, offset, time);
        int64_t start = 0, end = 0;
        assert_int_equal(sj__calendar_start(unit, offset, bucket, &start), 1);
        assert_true(start <= time);
        if (sj__calendar_start(unit, offset, bucket + 1, &end)) {
            assert_true(time < end);
            assert_int_equal(sj__calendar_bucket(unit, offset, end), bucket + 1);
        }
        if (start != INT64_MIN)
            assert_int_equal(sj__calendar_bucket(unit, offset, start), bucket);
    }
}

static void the_ends_of_time_have_buckets(void **state)
{
    (void)state;
    for (int32_t unit = 1; unit <= 4; unit++) {
        for (int32_t offset = -1439; offset <= 1439; offset += 1439) {
            int64_t start = 0;
            const int64_t first = sj__calendar_bucket(unit, offset, INT64_MIN);
            const int64_t last = sj__calendar_bucket(unit, offset, INT64_MAX);
            assert_true(first < last);
            assert_int_equal(sj__calendar_start(unit, offset, first, &start), 1);
            assert_int_equal(start, INT64_MIN);
            assert_int_equal(sj__calendar_start(unit, offset, last, &start), 1);
            assert_int_equal(sj__calendar_bucket(unit, offset, start), last);
            assert_int_equal(sj__calendar_start(unit, offset, last + 1, &start), 0);
            assert_int_equal(sj__calendar_start(unit, offset, INT64_MAX, &start), 0);
            assert_int_equal(sj__calendar_start(unit, offset, INT64_MIN, &start), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_and_days_begin_where_the_clock_says),
        cmocka_unit_test(an_offset_moves_the_borders_and_starts_stay_in_utc),
        cmocka_unit_test(weeks_begin_on_monday),
        cmocka_unit_test(months_are_those_of_the_calendar),
        cmocka_unit_test(every_time_lies_in_its_bucket_and_neighbours_touch),
        cmocka_unit_test(the_ends_of_time_have_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
