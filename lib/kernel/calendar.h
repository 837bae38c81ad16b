/* Buckets of the calendar: hours, days, weeks from Monday, months, at a fixed offset from UTC. */
#ifndef SJ__KERNEL_CALENDAR_H
#define SJ__KERNEL_CALENDAR_H

#include <stdint.h>

enum { SJ__CALENDAR_HOUR = 1, SJ__CALENDAR_DAY = 2, SJ__CALENDAR_WEEK = 3, SJ__CALENDAR_MONTH = 4 };

/* Number of the bucket of a time in microseconds since 1970 UTC; neighbours differ by 1.  The
 * offset is in minutes east of UTC. */
int64_t sj__calendar_bucket(int32_t unit, int32_t offset, int64_t time);
/* When it begins; INT64_MIN where that lies before all times, and 0 (nothing in *out) where it lies
 * behind. */
int sj__calendar_start(int32_t unit, int32_t offset, int64_t bucket, int64_t *out);

#endif
