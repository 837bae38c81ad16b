/* Buckets of the calendar.  A time is cut into days and the rest of a day before the offset is
 * added, so no sum leaves its type; weeks begin on Monday as in ISO 8601 (1970-01-01 was a
 * Thursday), months come from the proleptic Gregorian calendar. */
#include "kernel/calendar.h"

#include "base/number.h"
#include "base/time.h"

#define CALENDAR_MINUTE INT64_C(60000000)
#define CALENDAR_HOUR_LENGTH (60 * CALENDAR_MINUTE)
#define CALENDAR_DAY_LENGTH (24 * CALENDAR_HOUR_LENGTH)

/* Rounded toward the past; b > 0. */
static int64_t calendar_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t sj__calendar_bucket(int32_t unit, int32_t offset, int64_t time)
{
    int64_t day = calendar_divide(time, CALENDAR_DAY_LENGTH);
    int64_t rest = time % CALENDAR_DAY_LENGTH;
    rest += (rest < 0 ? CALENDAR_DAY_LENGTH : 0) + offset * CALENDAR_MINUTE;
    const int64_t days = calendar_divide(rest, CALENDAR_DAY_LENGTH);
    day += days;
    rest -= days * CALENDAR_DAY_LENGTH;
    if (unit == SJ__CALENDAR_HOUR)
        return day * 24 + rest / CALENDAR_HOUR_LENGTH;
    if (unit == SJ__CALENDAR_WEEK)
        return calendar_divide(day + 3, 7);
    if (unit == SJ__CALENDAR_MONTH) {
        int64_t year;
        int32_t month, date;
        sj__civil_from_days(day, &year, &month, &date);
        return year * 12 + month - 1;
    }
    return day;
}

int sj__calendar_start(int32_t unit, int32_t offset, int64_t bucket, int64_t *out)
{
    const int64_t most = INT64_MAX / CALENDAR_HOUR_LENGTH + 25; /* hours in int64 microseconds */
    if (bucket > most || bucket < -most)
        return 0;
    sj__i128 start = (sj__i128)bucket * CALENDAR_DAY_LENGTH;
    if (unit == SJ__CALENDAR_HOUR) {
        start = (sj__i128)bucket * CALENDAR_HOUR_LENGTH;
    } else if (unit == SJ__CALENDAR_WEEK) {
        start = ((sj__i128)bucket * 7 - 3) * CALENDAR_DAY_LENGTH;
    } else if (unit == SJ__CALENDAR_MONTH) {
        const int64_t year = calendar_divide(bucket, 12);
        start = (sj__i128)sj__days_from_civil(year, (int32_t)(bucket - year * 12) + 1, 1) *
                CALENDAR_DAY_LENGTH;
    }
    start -= (sj__i128)offset * CALENDAR_MINUTE;
    *out = start < INT64_MIN ? INT64_MIN : (int64_t)start;
    return start <= INT64_MAX;
}
