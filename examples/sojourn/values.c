/* Values of options: spans of time (`<integer><unit>`), times (ISO 8601 or a date), whole numbers.
 */
#include "program.h"

#include <stdio.h>
#include <string.h>

static const struct unit {
    const char *name;
    int64_t microseconds;
} UNITS[] = {{"s", SJ_SECOND}, {"us", 1},     {"ms", 1000},      {"m", SJ_MINUTE},
             {"h", SJ_HOUR},   {"d", SJ_DAY}, {"w", 7 * SJ_DAY}, {NULL, 0}};

/* Reads digits; a number too large for the type becomes `high` + 1, as a number that is just too
 * large.  Returns how many digits there were. */
static size_t read_digits(const char *text, int64_t high, int64_t *out)
{
    const size_t n = strspn(text, "0123456789");
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const int64_t digit = text[i] - '0';

        if (sum > (high - digit) / 10) {
            *out = high + 1;
            return n;
        }
        sum = sum * 10 + digit;
    }
    *out = sum;
    return n;
}

/* A bare number is seconds, 0 is no length, none is no limit. */
int read_span(const char *option, const char *text, int64_t *out)
{
    const struct unit *unit = UNITS;
    int64_t count = 0, most;
    const size_t n = read_digits(text, INT64_MAX - 1, &count);

    if (strcmp(text, "none") == 0) {
        *out = SJ_UNLIMITED;
        return 0;
    }
    while (n && text[n] && unit->name && strcmp(unit->name, text + n) != 0)
        unit++;
    if (n == 0 || !unit->name)
        return say(
            EXIT_USAGE,
            "%s: \"%s\" is no length of time: write a whole number and one of us ms s m h d w, "
            "as in 30m, or 0 or none",
            option, text);
    most = (INT64_MAX - 1) / unit->microseconds;
    if (count > most)
        return say(EXIT_USAGE, "%s: %s is too long: the largest length allowed is %lld%s", option,
                   text, (long long)most, unit->name);
    *out = count ? count * unit->microseconds : SJ_INSTANT;
    return 0;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar; years begin in March here, so that the
 * leap day is last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t shifted = month > 2 ? year : year - 1;
    const int64_t from_march = (month + 9) % 12;

    return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 +
           (153 * from_march + 2) / 5 + day - 1 - 719468;
}

static int64_t month_length(int64_t year, int64_t month)
{
    const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (month == 2)
        return 28 + leap;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Moves on over exactly `n` digits that make a number of at most `high`. */
static int step_digits(const char **at, int n, int64_t high, int64_t *out)
{
    int64_t sum = 0;

    for (int i = 0; i < n; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return 0;
        sum = sum * 10 + (*at)[i] - '0';
    }
    *at += n;
    *out = sum;
    return sum <= high;
}

static int step_character(const char **at, const char *any_of)
{
    if (**at == '\0' || !strchr(any_of, **at))
        return 0;
    (*at)++;
    return 1;
}

static int step_date(const char **at, int64_t *out)
{
    int64_t year, month, day;

    if (!step_digits(at, 4, 9999, &year) || !step_character(at, "-") ||
        !step_digits(at, 2, 12, &month) || !step_character(at, "-") ||
        !step_digits(at, 2, 31, &day) || year < 1 || month < 1 || day < 1 ||
        day > month_length(year, month))
        return 0;
    *out = days_of(year, month, day) * SJ_DAY;
    return 1;
}

/* hh:mm[:ss[.ffffff]]; digits below the microsecond are cut. */
static int step_clock(const char **at, int64_t *out)
{
    int64_t hours, minutes, seconds = 0, part = 0, weight = 100000;

    if (!step_digits(at, 2, 23, &hours) || !step_character(at, ":") ||
        !step_digits(at, 2, 59, &minutes))
        return 0;
    if (step_character(at, ":") && !step_digits(at, 2, 59, &seconds))
        return 0;
    if (step_character(at, ".")) {
        if (**at < '0' || **at > '9')
            return 0;
        for (; **at >= '0' && **at <= '9'; (*at)++, weight /= 10)
            part += (**at - '0') * weight;
    }
    *out = hours * SJ_HOUR + minutes * SJ_MINUTE + seconds * SJ_SECOND + part;
    return 1;
}

/* Z, ±hh:mm, ±hhmm or ±hh; nothing is UTC. */
static int step_offset(const char **at, int64_t *out)
{
    const int64_t sign = **at == '-' ? -1 : 1;
    int64_t hours, minutes = 0;

    *out = 0;
    if (**at == '\0' || step_character(at, "Zz"))
        return 1;
    if (!step_character(at, "+-") || !step_digits(at, 2, 23, &hours))
        return 0;
    if (**at) {
        (void)step_character(at, ":");
        if (!step_digits(at, 2, 59, &minutes))
            return 0;
    }
    *out = sign * (hours * SJ_HOUR + minutes * SJ_MINUTE);
    return 1;
}

int read_time(const char *option, const char *text, int64_t *out)
{
    const char *at = text;
    int64_t date, clock = 0, offset = 0;
    int right = step_date(&at, &date);

    if (right && *at)
        right = step_character(&at, "Tt ") && step_clock(&at, &clock) && step_offset(&at, &offset);
    if (!right || *at)
        return say(EXIT_USAGE,
                   "%s: \"%s\" is no time: write 2026-02-05, 2026-02-05T14:30:00Z or "
                   "2026-02-05T14:30:00+02:00",
                   option, text);
    *out = date + clock - offset;
    return 0;
}

int read_number(const char *option, const char *text, int64_t low, int64_t high, int64_t *out)
{
    const int negative = text[0] == '-';
    int64_t size = 0;
    const size_t n = read_digits(text + negative, INT64_MAX - 1, &size);

    *out = negative ? -size : size;
    if (n == 0 || text[(size_t)negative + n] != '\0' || *out < low || *out > high) {
        if (high >= INT64_MAX - 1)
            return say(EXIT_USAGE, "%s: \"%s\" is no whole number from %lld on", option, text,
                       (long long)low);
        return say(EXIT_USAGE, "%s: \"%s\" is no whole number from %lld to %lld", option, text,
                   (long long)low, (long long)high);
    }
    return 0;
}

int64_t word_find(const char *words, const char *text, size_t n)
{
    int64_t position = 1;

    if (n == 0)
        return 0;
    for (const char *word = words; *word; position++) {
        const size_t length = strcspn(word, " ");

        if (length == n && memcmp(word, text, n) == 0)
            return position;
        word += length;
        word += strspn(word, " ");
    }
    return 0;
}

int same_name(const char *a, const char *b)
{
    while (*a && (*a == *b || (strchr("-_", *a) && *b && strchr("-_", *b)))) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Levenshtein distance, row by row; what stands behind 63 bytes of `b` is not looked at. */
size_t edits_between(const char *a, const char *b)
{
    size_t row[64];
    const size_t n = strlen(b) < 63 ? strlen(b) : 63;

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t least = corner + (a[i - 1] != b[j - 1]);

            corner = row[j];
            if (row[j] + 1 < least)
                least = row[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            row[j] = least;
        }
    }
    return row[n];
}
