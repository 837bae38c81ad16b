/* Arithmetic that says when it leaves the range of its type: each returns 1 where the result fits,
 * else 0. */
#ifndef SJ__BASE_CHECKED_H
#define SJ__BASE_CHECKED_H

#include <stddef.h>
#include <stdint.h>

static inline int sj__size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline int sj__size_multiply(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline int sj__i64_add(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline int sj__i64_multiply(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* later - earlier of two times, as an unsigned number: never overflows where later >= earlier. */
static inline uint64_t sj__time_since(int64_t later, int64_t earlier)
{
    return (uint64_t)later - (uint64_t)earlier;
}

#endif
