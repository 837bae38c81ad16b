/* Customers of a block of rows.  Every search waits for memory that no cache holds, so each is
 * announced some rows ahead, and many are under way at once: by number one step, by text three
 * (slot, place of the name, name). */
#include "journey/builder_rows.h"

#include "base/hash.h"

sj_status sj__rows_customer(sj_builder *builder, const sj_column *column, size_t row, uint32_t *out,
                            sj_error *error)
{
    char digits[SJ__DIGITS];
    const char *text;
    size_t n;
    sj_status status;
    if (!sj__column_has(column, row)) {
        return sj__fail(error, SJ_ERR_NAME, "a row has no customer");
    }
    status = sj__column_text(column, row, digits, &text, &n, error);
    return status ? status : sj__builder_customer(builder, text, n, out, error);
}

/* Customers by whole numbers. */
static void keys_read_numbers(sj__rows_block *block, sj_error *error)
{
    const sj_column *c = &block->events->customer;
    sj_builder *builder = block->builder;
    size_t wholes = sj__column_wholes(c, block->from, block->n, block->whole);
    for (size_t i = 0; i < block->n; i++) {
        size_t row = block->from + i;
        if (i + SJ__ROWS_AHEAD < wholes) {
            sj__keycache_prefetch(&builder->keys, (uint32_t)block->whole[i + SJ__ROWS_AHEAD]);
        }
        sj_status status =
            i < wholes && sj__column_has(c, row)
                ? sj__builder_customer_number(builder, block->whole[i], &block->customer[i], error)
                : sj__rows_customer(builder, c, row, &block->customer[i], error);
        if (status) {
            sj__rows_end(block, i, status, error);
        }
    }
}

/* A key of a row, for a look ahead; *n is 0 where there is none. */
static const char *keys_peek(const sj__rows_block *block, size_t i, size_t *n)
{
    const sj_column *c = &block->events->customer;
    const char *text = "";
    if (!sj__column_has(c, block->from + i) ||
        sj__column_text(c, block->from + i, NULL, &text, n, NULL)) {
        *n = 0;
    }
    return text;
}

/* Asks for what the search for row `i` will read: three steps, since each needs what the one before
 * has brought. */
static void keys_look_ahead(sj__rows_block *block, size_t i)
{
    const sj__intern *customers = &block->builder->customers;
    if (i + 3 * SJ__ROWS_AHEAD < block->n) {
        size_t far = i + 3 * SJ__ROWS_AHEAD, n;
        const char *text = keys_peek(block, far, &n);
        block->hash[far] = sj__hash_key(text, n);
        sj__index_prefetch(&customers->index, block->hash[far]);
    }
    if (i + 2 * SJ__ROWS_AHEAD < block->n) {
        size_t middle = i + 2 * SJ__ROWS_AHEAD;
        block->customer[middle] = sj__index_guess(&customers->index, block->hash[middle]);
        if (block->customer[middle] < customers->count) {
            __builtin_prefetch(&customers->ends[block->customer[middle]]);
        }
    }
    if (i + SJ__ROWS_AHEAD < block->n && block->customer[i + SJ__ROWS_AHEAD] < customers->count) {
        __builtin_prefetch(sj__intern_name(customers, block->customer[i + SJ__ROWS_AHEAD], NULL));
    }
}

/* Customers by text. */
static void keys_read_keys(sj__rows_block *block, sj_error *error)
{
    const sj_column *c = &block->events->customer;
    size_t near = block->n < 3 * SJ__ROWS_AHEAD ? block->n : 3 * SJ__ROWS_AHEAD;
    for (size_t i = 0; i < near; i++) {
        size_t n;
        const char *text = keys_peek(block, i, &n);
        block->hash[i] = sj__hash_key(text, n);
        block->customer[i] = SJ__ABSENT;
    }
    for (size_t i = 0; i < block->n; i++) {
        size_t n = 0;
        const char *text = "";
        sj_status status = SJ_OK;
        keys_look_ahead(block, i);
        if (!sj__column_has(c, block->from + i)) {
            status = sj__fail(error, SJ_ERR_NAME, "a row has no customer");
        } else {
            status = sj__column_text(c, block->from + i, NULL, &text, &n, error);
        }
        if (!status) {
            status = sj__builder_customer_hashed(block->builder, block->hash[i], text, n,
                                                 &block->customer[i], error);
        }
        if (status) {
            sj__rows_end(block, i, status, error);
        }
    }
}

void sj__rows_read_customers(sj__rows_block *block, sj_error *error)
{
    if (sj__column_gives(&block->events->customer) == SJ__TAKES_WHOLE) {
        keys_read_numbers(block, error);
    } else {
        keys_read_keys(block, error);
    }
}
