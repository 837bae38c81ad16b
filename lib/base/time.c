/* Points in time as ISO 8601 text, without the system's time functions.
 *
 * Days and dates: years are counted from 1 March, so that the leap day is a year's last, and
 * grouped in eras of 400 years = 146,097 days, within which everything is division of numbers >= 0;
 * the month that starts on day d of such a year is (5 d + 2) / 153, because five months from March
 * or August have 153 days (the method known as civil-from-days, after Fliegel and Van Flandern
 * 1968).  The calendar is the Gregorian one for all years. */
#include "base/time.h"

#include <string.h>

#include "base/number.h"

#define TIME_DAY INT64_C(86400000000)

int64_t sj__days_from_civil(int64_t year, int32_t month, int32_t day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void sj__civil_from_days(int64_t days, int64_t *year, int32_t *month, int32_t *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day = (int32_t)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int32_t)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

static int32_t time_month_days(int64_t year, int32_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

/* A text being read. */
typedef struct time_cursor {
    const char *p;
    const char *end;
} time_cursor;

/* Exactly n digits. */
static int time_digits(time_cursor *c, int n, int32_t *out)
{
    int32_t v = 0;

    if (c->end - c->p < n)
        return 0;
    for (; n > 0; n--, c->p++) {
        if (*c->p < '0' || *c->p > '9')
            return 0;
        v = v * 10 + (*c->p - '0');
    }
    *out = v;
    return 1;
}

static int time_accept(time_cursor *c, char wanted)
{
    if (c->p == c->end || *c->p != wanted)
        return 0;
    c->p++;
    return 1;
}

static int time_read_date(time_cursor *c, int64_t *days)
{
    int minus = time_accept(c, '-');
    int sign = minus || time_accept(c, '+');
    int32_t year;
    int32_t month;
    int32_t day;

    if (!time_digits(c, sign ? 6 : 4, &year) || !time_accept(c, '-') ||
        !time_digits(c, 2, &month) || !time_accept(c, '-') || !time_digits(c, 2, &day))
        return 0;
    if (minus)
        year = -year;
    if (month < 1 || month > 12 || day < 1 || day > time_month_days(year, month))
        return 0;
    *days = sj__days_from_civil(year, month, day);
    return 1;
}

/* ".123456789": microseconds, the rest cut. */
static int time_read_fraction(time_cursor *c, int64_t *micros, int *cut)
{
    const char *start = c->p;
    int64_t unit = 100000;

    for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++, unit /= 10) {
        *micros += (*c->p - '0') * unit;
        if (unit == 0 && *c->p != '0')
            *cut = 1;
    }
    return c->p > start;
}

/* Time of day in microseconds, up to the next midnight. */
static int time_read_clock(time_cursor *c, int64_t *out, int *cut)
{
    int32_t hour;
    int32_t minute;
    int32_t second = 0;
    int64_t micros = 0;

    if (!time_digits(c, 2, &hour) || !time_accept(c, ':') || !time_digits(c, 2, &minute))
        return 0;
    if (time_accept(c, ':')) {
        if (!time_digits(c, 2, &second))
            return 0;
        if (hour < 24 && time_accept(c, '.') && !time_read_fraction(c, &micros, cut))
            return 0;
    }
    if (hour > 24 || minute > 59 || second > 59 || (hour == 24 && (minute > 0 || second > 0)))
        return 0;
    *out = ((hour * INT64_C(60) + minute) * 60 + second) * 1000000 + micros;
    return 1;
}

/* "Z", "+05", "+0530", "-05:30"; nothing leaves *minutes as it is. */
static int time_read_offset(time_cursor *c, int32_t *minutes)
{
    int minus;
    int32_t hour;
    int32_t minute = 0;

    if (c->p == c->end)
        return 1;
    if (time_accept(c, 'Z')) {
        *minutes = 0;
        return 1;
    }
    minus = time_accept(c, '-');
    if (!minus && !time_accept(c, '+'))
        return 0;
    if (!time_digits(c, 2, &hour))
        return 0;
    if (c->p < c->end) {
        time_accept(c, ':');
        if (!time_digits(c, 2, &minute))
            return 0;
    }
    if (hour > 23 || minute > 59)
        return 0;
    *minutes = (minus ? -1 : 1) * (hour * 60 + minute);
    return 1;
}

int sj__read_time(const char *s, size_t n, int32_t offset_minutes, int64_t *out, int *cut)
{
    time_cursor c = {.p = s, .end = s + n};
    int64_t days;
    int64_t clock = 0;
    int lost = 0;
    sj__i128 time;

    if (!time_read_date(&c, &days))
        return SJ__READ_BAD;
    if (c.p < c.end) {
        if (!time_accept(&c, 'T') && !time_accept(&c, ' '))
            return SJ__READ_BAD;
        if (!time_read_clock(&c, &clock, &lost) || !time_read_offset(&c, &offset_minutes) ||
            c.p < c.end)
            return SJ__READ_BAD;
    }
    time = (sj__i128)days * TIME_DAY + clock - (sj__i128)offset_minutes * 60000000;
    if (time < INT64_MIN || time > INT64_MAX)
        return SJ__READ_RANGE;
    *out = (int64_t)time;
    if (cut != NULL)
        *cut = lost;
    return SJ__READ_OK;
}

/* v in exactly n digits. */
static char *time_put(char *to, int64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        to[i] = (char)('0' + v % 10);
    return to + n;
}

size_t sj__write_time(char *to, int64_t time)
{
    int64_t days = time / TIME_DAY - (time % TIME_DAY < 0);
    int64_t rest = time % TIME_DAY + (time % TIME_DAY < 0 ? TIME_DAY : 0);
    int64_t year;
    int32_t month;
    int32_t day;
    char *p = to;

    sj__civil_from_days(days, &year, &month, &day);
    if (year >= 1 && year <= 9999) {
        p = time_put(p, year, 4);
    } else {
        *p++ = year < 0 ? '-' : '+';
        p = time_put(p, year < 0 ? -year : year, 6);
    }
    *p++ = '-';
    p = time_put(p, month, 2);
    *p++ = '-';
    p = time_put(p, day, 2);
    *p++ = 'T';
    p = time_put(p, rest / INT64_C(3600000000), 2);
    *p++ = ':';
    p = time_put(p, rest / 60000000 % 60, 2);
    *p++ = ':';
    p = time_put(p, rest / 1000000 % 60, 2);
    *p++ = '.';
    p = time_put(p, rest % 1000000, 6);
    *p++ = 'Z';
    return (size_t)(p - to);
}
