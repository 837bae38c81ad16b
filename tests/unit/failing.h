/* An allocator for tests: fails where it is told to, checks that every old size is the exact one,
 * finds leaks.
 *
 *     failing memory = {.fail_at = k};            // the k-th allocation from 1 fails; 0: none does
 *     failing memory = {.fail_from = k};          // the k-th and all after it
 *     sj_allocator a = failing_allocator(&memory);
 *     …
 *     failing_check(&memory);                     // nothing is left, nothing was wrong
 *
 * Growing a block counts as an allocation and moves it always; shrinking and freeing never fail.
 * May be used by several threads. */
#ifndef SJ_TESTS_FAILING_H
#define SJ_TESTS_FAILING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn/base.h>

typedef struct failing {
    uint64_t fail_at;
    uint64_t fail_from;
    _Atomic uint64_t requests; /* allocations asked for, failed ones too */
    _Atomic uint64_t failures; /* of them refused */
    _Atomic uint64_t blocks;   /* that are out */
    _Atomic uint64_t bytes;    /* that are out */
    _Atomic uint64_t wrong;    /* wrong old sizes, blocks that are not ours */
} failing;

#define FAILING_MARK UINT64_C(0x51CA7F0D5A5EB10C)

/* Lies before every block. */
typedef struct failing_header {
    uint64_t mark;
    uint64_t size;
} failing_header;

static inline int failing_refuses(failing *memory)
{
    uint64_t number = atomic_fetch_add(&memory->requests, 1) + 1;

    if (number != memory->fail_at && (memory->fail_from == 0 || number < memory->fail_from))
        return 0;
    atomic_fetch_add(&memory->failures, 1);
    return 1;
}

static inline void *failing_take(failing *memory, size_t size)
{
    failing_header *header = malloc(sizeof *header + size);

    if (header == NULL)
        return NULL;
    *header = (failing_header){.mark = FAILING_MARK, .size = size};
    memset(header + 1, 0xA5, size); /* nobody may count on zeros */
    atomic_fetch_add(&memory->blocks, 1);
    atomic_fetch_add(&memory->bytes, size);
    return header + 1;
}

static inline void failing_give(failing *memory, void *block)
{
    failing_header *header = (failing_header *)block - 1;

    atomic_fetch_sub(&memory->blocks, 1);
    atomic_fetch_sub(&memory->bytes, header->size);
    header->mark = 0;
    free(header);
}

static inline void *failing_resize(void *user, void *block, size_t old_size, size_t new_size)
{
    failing *memory = user;
    void *moved;

    if (block == NULL) {
        if (old_size != 0 || new_size == 0)
            atomic_fetch_add(&memory->wrong, 1);
        return new_size > 0 && !failing_refuses(memory) ? failing_take(memory, new_size) : NULL;
    }
    if (((failing_header *)block - 1)->mark != FAILING_MARK ||
        ((failing_header *)block - 1)->size != old_size) {
        print_error("resize: old size %zu, but the block has %zu\n", old_size,
                    (size_t)((failing_header *)block - 1)->size);
        atomic_fetch_add(&memory->wrong, 1);
        return NULL;
    }
    if (new_size == 0) {
        failing_give(memory, block);
        return NULL;
    }
    if (new_size > old_size && failing_refuses(memory))
        return NULL;
    moved = failing_take(memory, new_size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    failing_give(memory, block);
    return moved;
}

static inline sj_allocator failing_allocator(failing *memory)
{
    return (sj_allocator){.resize = failing_resize, .user = memory};
}

#define failing_check(memory) failing_check_at((memory), __FILE__, __LINE__)

static inline void failing_check_at(const failing *memory, const char *file, int line)
{
    if (memory->wrong == 0 && memory->blocks == 0)
        return;
    print_error("%zu wrong calls, %zu blocks with %zu bytes are left\n", (size_t)memory->wrong,
                (size_t)memory->blocks, (size_t)memory->bytes);
    _fail(file, line);
}

#endif
