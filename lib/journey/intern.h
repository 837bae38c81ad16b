/* Names to small numbers, in order of arrival, and back. */
#ifndef SJ__JOURNEY_INTERN_H
#define SJ__JOURNEY_INTERN_H

#include "base/hash.h"

typedef struct sj__intern {
    const sj_allocator *allocator;
    char *bytes; /* names one behind the other, a NUL after each */
    size_t size, capacity;
    uint64_t *ends; /* ends[i]: where name i ends (its NUL) */
    size_t ends_capacity;
    uint32_t count;
    sj__index index;
} sj__intern;

void sj__intern_init(sj__intern *names, const sj_allocator *allocator);
void sj__intern_free(sj__intern *names);

/* Number of the name, SJ__ABSENT if it is not there. */
uint32_t sj__intern_find(const sj__intern *names, const char *name, size_t n);
/* The same by its hash (sj__hash_key). */
uint32_t sj__intern_find_hashed(const sj__intern *names, uint64_t hash, const char *name, size_t n);
/* The same, added where it was not there; SJ_ERR_NOMEM, SJ_ERR_LIMIT above 2^32 − 2 names. */
sj_status sj__intern_add(sj__intern *names, const char *name, size_t n, uint32_t *out,
                         sj_error *error);
/* Name by number, NUL-terminated; *n its bytes (n may be NULL).  Lent until the next addition. */
const char *sj__intern_name(const sj__intern *names, uint32_t i, size_t *n);
/* The hash under which a name was added (sj__hash_key). */
uint64_t sj__intern_hash(const sj__intern *names, uint32_t i);
/* Forgets the names from `count` on: how a failed call is undone. */
void sj__intern_truncate(sj__intern *names, uint32_t count);
sj_status sj__intern_copy(sj__intern *to, const sj__intern *from, const sj_allocator *allocator,
                          sj_error *error);
/* order[0 … count): numbers of the names in bytewise order.  SJ_ERR_NOMEM. */
sj_status sj__intern_order(const sj__intern *names, uint32_t *order, sj_error *error);
/* The known name nearest to `name`, or NULL where none is near (distance at most a third of its
 * length, at least 1). */
const char *sj__intern_nearest(const sj__intern *names, const char *name, size_t n);

#endif
