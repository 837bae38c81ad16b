/* Results: tables whose columns lie as in Arrow, filled a row at a time.
 *
 * A column is one array of entries; texts and lists have offsets beside it; a validity bitmap
 * exists only from the first absent entry on.  A failed allocation is remembered in the result
 * and everything after it is ignored, so that an analysis fills its tables without a branch per
 * cell.  O(cells). */
#include <string.h>

#include "tally/result.h"
#include "tally/result_layout.h"

/* ------------------------------------------------------------------------------------- making --
 */

static int result_has_offsets(const sj__column *column)
{
    return column->type == SJ_COLUMN_TEXT || column->type == SJ_COLUMN_LIST;
}

static size_t result_entry_size(const sj__column *column)
{
    return column->type == SJ_COLUMN_TEXT ? 1 : sizeof(int64_t);
}

static void result_table_free(sj_table *table, const sj_allocator *a)
{
    if (table == NULL)
        return;
    for (size_t i = 0; table->columns != NULL && i < table->n_columns; i++) {
        sj__column *column = &table->columns[i];
        sj__free(a, column->name, column->name_size, 1);
        sj__free(a, column->data, column->capacity, result_entry_size(column));
        sj__free(a, column->offsets, column->offsets_capacity, sizeof *column->offsets);
        sj__free(a, column->validity, column->validity_capacity, 1);
    }
    sj__free(a, table->columns, table->n_columns, sizeof *table->columns);
    sj__free(a, table->name, table->name_size, 1);
    sj__free(a, table, 1, sizeof *table);
}

void sj_result_free(sj_result *result)
{
    if (result == NULL)
        return;
    sj_allocator a = result->allocator;
    for (size_t i = 0; i < result->n_tables; i++)
        result_table_free(result->tables[i], &a);
    result_table_free(result->notes, &a);
    sj__free(&a, result->tables, result->capacity, sizeof(void *));
    sj__free(&a, result, 1, sizeof *result);
}

sj_status sj__result_new(const sj_allocator *allocator, sj_result **out, sj_error *error)
{
    *out = NULL;
    sj_allocator a = sj__allocator(allocator);
    sj_result *result = sj__alloc_zeroed(&a, 1, sizeof *result);
    if (result == NULL)
        return sj__fail_nomem(error);
    result->allocator = a;
    result->lost.result = result;
    *out = result;
    return SJ_OK;
}

const sj_allocator *sj__result_allocator(const sj_result *result)
{
    return &result->allocator;
}

static int result_column_init(sj__column *column, const sj__column_spec *spec,
                              const sj_allocator *a)
{
    size_t size = strlen(spec->name);
    column->type = spec->type;
    column->unit = spec->unit;
    column->name = sj__copy_text(a, spec->name, size);
    if (column->name == NULL)
        return 0;
    column->name_size = size + 1;
    if (!result_has_offsets(column))
        return 1;
    if (sj__grow(a, &column->offsets, &column->offsets_capacity, 1, NULL) != SJ_OK)
        return 0;
    column->offsets[0] = 0;
    return 1;
}

/* NULL on failure. */
static sj_table *result_table_new(sj_result *result, const char *name,
                                  const sj__column_spec *columns, size_t n_columns)
{
    const sj_allocator *a = &result->allocator;
    sj_table *table = sj__alloc_zeroed(a, 1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->result = result;
    table->name = sj__copy_text(a, name, strlen(name));
    if (table->name == NULL)
        goto out;
    table->name_size = strlen(name) + 1;
    table->columns = sj__alloc_zeroed(a, n_columns, sizeof *table->columns);
    if (table->columns == NULL)
        goto out;
    table->n_columns = n_columns;
    for (size_t i = 0; i < n_columns; i++) {
        if (!result_column_init(&table->columns[i], &columns[i], a))
            goto out;
    }
    return table;
out:
    result_table_free(table, a);
    return NULL;
}

sj_table *sj__result_add(sj_result *result, const char *name, const sj__column_spec *columns,
                         size_t n_columns)
{
    if (result->failed)
        return &result->lost;
    sj_table *table = NULL;
    if (sj__reserve(&result->allocator, (void **)(void *)&result->tables, &result->capacity,
                    result->n_tables + 1, sizeof(void *), NULL) == SJ_OK)
        table = result_table_new(result, name, columns, n_columns);
    if (table == NULL) {
        result->failed = 1;
        return &result->lost;
    }
    result->tables[result->n_tables++] = table;
    return table;
}

/* ------------------------------------------------------------------------------------ filling --
 */

/* The column to put a cell into; NULL where nothing can be put. */
static sj__column *result_cell(sj_table *table, size_t i, int32_t type)
{
    if (table->result->failed || i >= table->n_columns)
        return NULL;
    sj__column *column = &table->columns[i];
    if (SJ__NEVER(column->type != type) || SJ__NEVER(column->is_put))
        return NULL;
    column->is_put = 1;
    return column;
}

/* Says whether the entry behind `before` others is there. */
static void result_mark(sj_table *table, sj__column *column, size_t before, int present)
{
    if (present && column->validity == NULL)
        return;
    int is_first = column->validity == NULL;
    if (sj__grow(&table->result->allocator, &column->validity, &column->validity_capacity,
                 before / 8 + 1, NULL) != SJ_OK) {
        table->result->failed = 1;
        return;
    }
    uint8_t *byte = &column->validity[before / 8];
    if (is_first)
        memset(column->validity, 0xff, before / 8);
    if (is_first)
        *byte = (uint8_t)((1u << (before % 8)) - 1u);
    else if (before % 8 == 0)
        *byte = 0;
    *byte = (uint8_t)(*byte | (unsigned)present << (before % 8));
}

/* Room for `more` entries behind those there are; NULL on failure. */
static void *result_room(sj_table *table, sj__column *column, size_t more)
{
    const sj_allocator *a = &table->result->allocator;
    size_t size = result_entry_size(column);
    if (sj__reserve(a, &column->data, &column->capacity, column->n + more, size, NULL) != SJ_OK) {
        table->result->failed = 1;
        return NULL;
    }
    return (char *)column->data + column->n * size;
}

/* One cell of 8 bytes. */
static void result_put_number(sj_table *table, sj__column *column, const void *bytes, int present)
{
    void *cell = result_room(table, column, 1);
    if (cell == NULL)
        return;
    memcpy(cell, bytes, sizeof(int64_t));
    result_mark(table, column, column->n++, present);
}

/* Closes a text or list cell: the offset behind it. */
static void result_close(sj_table *table, sj__column *column)
{
    size_t row = table->n_rows;
    if (sj__grow(&table->result->allocator, &column->offsets, &column->offsets_capacity, row + 2,
                 NULL) != SJ_OK) {
        table->result->failed = 1;
        return;
    }
    column->offsets[row + 1] = (int64_t)column->n;
}

static void result_put_bytes(sj_table *table, sj__column *column, const char *text, size_t n)
{
    char *cell = result_room(table, column, n + 1);
    if (cell == NULL)
        return;
    if (n > 0)
        memcpy(cell, text, n);
    cell[n] = '\0';
    column->n += n + 1;
    result_close(table, column);
    result_mark(table, column, table->n_rows, text != NULL);
}

void sj__put_integer(sj_table *table, size_t column, int64_t v)
{
    sj__column *to = result_cell(table, column, SJ_COLUMN_INTEGER);
    if (to != NULL)
        result_put_number(table, to, &v, 1);
}

void sj__put_real(sj_table *table, size_t column, double v)
{
    sj__column *to = result_cell(table, column, SJ_COLUMN_REAL);
    const double nothing = 0.0;
    if (to != NULL)
        result_put_number(table, to, v == v ? &v : &nothing, v == v);
}

void sj__put_text(sj_table *table, size_t column, const char *text, size_t n)
{
    sj__column *to = result_cell(table, column, SJ_COLUMN_TEXT);
    if (to != NULL)
        result_put_bytes(table, to, n > 0 ? text : "", n);
}

void sj__put_string(sj_table *table, size_t column, const char *text)
{
    if (text != NULL)
        sj__put_text(table, column, text, strlen(text));
}

void sj__put_list(sj_table *table, size_t column, const int64_t *entries, const uint8_t *present,
                  size_t n)
{
    sj__column *to = result_cell(table, column, SJ_COLUMN_LIST);
    if (to == NULL)
        return;
    const int64_t nothing = 0;
    for (size_t i = 0; i < n; i++) {
        int there = present == NULL || present[i];
        result_put_number(table, to, there ? &entries[i] : &nothing, there);
    }
    result_close(table, to);
}

static void result_put_absent(sj_table *table, sj__column *column)
{
    const int64_t nothing = 0;
    if (column->type == SJ_COLUMN_TEXT)
        result_put_bytes(table, column, NULL, 0);
    else if (column->type == SJ_COLUMN_LIST)
        result_close(table, column);
    else
        result_put_number(table, column, &nothing, 0);
}

void sj__end_row(sj_table *table)
{
    for (size_t i = 0; i < table->n_columns && !table->result->failed; i++) {
        sj__column *column = &table->columns[i];
        if (!column->is_put)
            result_put_absent(table, column);
        column->is_put = 0;
    }
    if (!table->result->failed)
        table->n_rows++;
}

/* The table `notes`, or the lost one. */
static sj_table *result_notes(sj_result *result)
{
    static const sj__column_spec columns[] = {{"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
                                              {"text", SJ_COLUMN_TEXT, SJ_UNIT_NONE}};
    if (result->notes == NULL && !result->failed) {
        result->notes = result_table_new(result, "notes", columns, 2);
        result->failed = result->notes == NULL;
    }
    return result->notes != NULL ? result->notes : &result->lost;
}

void sj__result_note(sj_result *result, const char *name, const char *text)
{
    sj_table *notes = result_notes(result);
    sj__put_string(notes, 0, name);
    sj__put_string(notes, 1, text);
    sj__end_row(notes);
}

sj_status sj__result_finish(sj_result *result, sj_result **out, sj_error *error)
{
    *out = NULL;
    if (result == NULL)
        return sj__fail_nomem(error);
    result_notes(result);
    if (result->failed) {
        sj_result_free(result);
        return sj__fail_nomem(error);
    }
    *out = result;
    return SJ_OK;
}
