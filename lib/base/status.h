/* Errors: the one way in which a function fails. */
#ifndef SJ__BASE_STATUS_H
#define SJ__BASE_STATUS_H

#include <sojourn/base.h>

/* Where an input is wrong; fields as in sj_error. */
typedef struct sj__place {
    int64_t index;
    int64_t line;
    int32_t column;
} sj__place;

#define SJ__NOWHERE ((sj__place){.index = -1})

/* Fills `error` (may be NULL) and returns `code`.  The format knows %s text, %q text in single
 * quotes (long ones cut at a character's border), %i int64_t, %u uint64_t, %% — and nothing else;
 * integers must be passed with exactly these types.  A message that does not fit is cut at a
 * character's border. */
sj_status sj__fail(sj_error *error, sj_status code, const char *format, ...);

/* The same, saying where. */
sj_status sj__fail_at(sj_error *error, sj_status code, sj__place place, const char *format, ...);

/* The same formatter into `room` >= 1 bytes, always NUL-terminated; returns the bytes before the
 * NUL. */
size_t sj__format(char *to, size_t room, const char *format, ...);

/* SJ_ERR_NOMEM, in the one sentence that all share. */
sj_status sj__fail_nomem(sj_error *error);

/* For "cannot happen": asserts in debug builds, is the condition's value in release. */
#ifdef NDEBUG
#define SJ__NEVER(x) (x)
#else
#include <assert.h>
#define SJ__NEVER(x) ((x) ? (assert(0 && #x), 1) : 0)
#endif

#endif
