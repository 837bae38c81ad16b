/* Memory through the caller's allocator.
 *
 * An allocator is told the old size of every block, so sizes are never stored here: whoever frees
 * says what it asked for. A request for nothing asks for one byte, because a size of 0 means "free"
 * to an allocator. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

static void *alloc_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

sj_allocator sj__allocator(const sj_allocator *given)
{
    return given != NULL ? *given : (sj_allocator){.resize = alloc_resize};
}

/* Bytes of a block of n elements; 0 where that overflows. */
static size_t alloc_bytes(size_t n, size_t size)
{
    size_t bytes;

    if (!sj__size_multiply(n, size, &bytes))
        return 0;
    return bytes > 0 ? bytes : 1;
}

void *sj__alloc(const sj_allocator *a, size_t n, size_t size)
{
    size_t bytes = alloc_bytes(n, size);

    return bytes > 0 ? a->resize(a->user, NULL, 0, bytes) : NULL;
}

void *sj__alloc_zeroed(const sj_allocator *a, size_t n, size_t size)
{
    void *block = sj__alloc(a, n, size);

    if (block != NULL)
        memset(block, 0, alloc_bytes(n, size));
    return block;
}

void sj__free(const sj_allocator *a, void *block, size_t n, size_t size)
{
    if (block != NULL)
        a->resize(a->user, block, alloc_bytes(n, size), 0);
}

sj_status sj__reserve(const sj_allocator *a, void **block, size_t *capacity, size_t need,
                      size_t size, sj_error *error)
{
    size_t room = *capacity;
    size_t least = size < 8 ? 64 / size : 8;
    size_t bytes;
    void *old;
    void *grown;

    /* Copied, not dereferenced: the caller's pointer has a type of its own. */
    memcpy(&old, (const void *)block, sizeof old);
    if (old != NULL && need <= room)
        return SJ_OK;
    if (!sj__size_add(room, room / 2, &room) || room < need)
        room = need;
    if (room < least)
        room = least;
    bytes = alloc_bytes(room, size);
    if (bytes == 0)
        return sj__fail_nomem(error);
    grown = a->resize(a->user, old, old != NULL ? alloc_bytes(*capacity, size) : 0, bytes);
    if (grown == NULL)
        return sj__fail_nomem(error);
    memcpy((void *)block, &grown, sizeof grown);
    *capacity = room;
    return SJ_OK;
}

char *sj__copy_text(const sj_allocator *a, const char *text, size_t n)
{
    size_t room;
    char *copy;

    if (!sj__size_add(n, 1, &room))
        return NULL;
    copy = sj__alloc(a, room, 1);
    if (copy == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}
