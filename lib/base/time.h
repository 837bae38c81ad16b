/* Points in time as text: ISO 8601 and nothing else. */
#ifndef SJ__BASE_TIME_H
#define SJ__BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

/* Microseconds since 1970-01-01 UTC of "2026-03-04", "2026-03-04T05:06", "2026-03-04
 * 05:06:07.123456789+01:00", "…Z", "…+05", "…+0530"; years also as ±YYYYYY, six digits. A time
 * without offset is `offset_minutes` east of UTC; a date alone is its midnight there.  Digits below
 * a microsecond are cut (toward the past); *cut (may be NULL) is 1 where a non-zero one was.
 * 24:00[:00] is the next midnight; :60 is BAD.  Returns SJ__READ_…; RANGE beyond int64. */
int sj__read_time(const char *s, size_t n, int32_t offset_minutes, int64_t *out, int *cut);

/* "2026-03-04T05:06:07.123456Z"; years outside 1 to 9999 as ±YYYYYY.  Bytes written, no NUL; room
 * needed: 40. */
size_t sj__write_time(char *to, int64_t time);

/* Proleptic Gregorian day number since 1970-01-01, and back. */
int64_t sj__days_from_civil(int64_t year, int32_t month, int32_t day);
void sj__civil_from_days(int64_t days, int64_t *year, int32_t *month, int32_t *day);

#endif
