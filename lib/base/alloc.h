/* Memory, always through the caller's allocator. */
#ifndef SJ__BASE_ALLOC_H
#define SJ__BASE_ALLOC_H

#include "base/status.h"

/* The allocator to use where the caller gave `given` (NULL: malloc, realloc, free). */
sj_allocator sj__allocator(const sj_allocator *given);

/* NULL on failure, and where n * size overflows.  n * size of 0 gives a block that can be freed. */
void *sj__alloc(const sj_allocator *a, size_t n, size_t size);
void *sj__alloc_zeroed(const sj_allocator *a, size_t n, size_t size);

/* Frees what sj__alloc(a, n, size) gave; NULL is fine. */
void sj__free(const sj_allocator *a, void *block, size_t n, size_t size);

/* Makes room for `need` elements of `size` bytes in a block that has room for *capacity: grows by
 * half at least.  On failure block and capacity are as before.  SJ_ERR_NOMEM. */
sj_status sj__reserve(const sj_allocator *a, void **block, size_t *capacity, size_t need,
                      size_t size, sj_error *error);

/* The same with a typed pointer: sj__grow(a, &list, &capacity, need, error). */
#define sj__grow(a, block, capacity, need, error)                                                  \
    sj__reserve((a), (void **)(void *)(block), (capacity), (need), sizeof **(block), (error))

/* A NUL-terminated copy of n bytes; free with sj__free(a, copy, n + 1, 1). */
char *sj__copy_text(const sj_allocator *a, const char *text, size_t n);

#endif
