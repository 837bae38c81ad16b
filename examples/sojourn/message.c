/* What the program says on standard error, and memory that lives as long as it does. */
#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names come from the command line and may hold anything: what would break the line or move a
 * terminal's cursor becomes a question mark. */
int say(int status, const char *format, ...)
{
    char line[2048];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof line, format, values);
    va_end(values);
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    }
    fprintf(stderr, "sojourn: %s\n", line);
    return status;
}

int say_error(const char *about, const sj_error *error)
{
    const char *message = error->message[0] ? error->message : sj_status_name(error->code);

    if (!about || (error->line == 0 && strstr(message, about)))
        return say(EXIT_WRONG, "%s", message);
    if (error->line > 0 && error->column > 0)
        return say(EXIT_WRONG, "%s:%lld:%d: %s", about, (long long)error->line, (int)error->column,
                   message);
    if (error->line > 0)
        return say(EXIT_WRONG, "%s:%lld: %s", about, (long long)error->line, message);
    return say(EXIT_WRONG, "%s: %s", about, message);
}

/* Blocks are chained through a header that keeps what follows aligned for any type. */
typedef union pool_block {
    union pool_block *before;
    max_align_t aligned;
} pool_block;

void *pool_take(pool *memory, size_t size)
{
    pool_block *block = size < SIZE_MAX - sizeof *block ? calloc(1, sizeof *block + size) : NULL;

    if (!block)
        exit(say(EXIT_WRONG, "there is not enough memory"));
    block->before = memory->last;
    memory->last = block;
    return block + 1;
}

void *pool_more(pool *memory, void *array, size_t n, size_t element_size)
{
    void *moved = array;

    if ((n & (n - 1)) == 0) { /* full: 0, 1, 2, 4 … */
        moved = pool_take(memory, (n ? 2 * n : 1) * element_size);
        if (n)
            memcpy(moved, array, n * element_size);
    }
    return moved;
}

void pool_free(pool *memory)
{
    pool_block *block = memory->last;

    while (block) {
        pool_block *before = block->before;

        free(block);
        block = before;
    }
    memory->last = NULL;
}
