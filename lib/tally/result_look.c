/* Results looked at: tables by name, columns by name.  O(names); there are few. */
#include <string.h>

#include "tally/result_layout.h"

/* What an empty column points to. */
static const int64_t result_no_integers[1] = {0};
static const double result_no_reals[1] = {0.0};

size_t sj_result_count(const sj_result *result)
{
    return result == NULL ? 0 : result->n_tables + (result->notes != NULL);
}

const sj_table *sj_result_at(const sj_result *result, size_t i)
{
    if (result == NULL || i > result->n_tables)
        return NULL;
    return i < result->n_tables ? result->tables[i] : result->notes;
}

const sj_table *sj_result_find(const sj_result *result, const char *name)
{
    size_t n = sj_result_count(result);
    for (size_t i = 0; i < n && name != NULL; i++) {
        const sj_table *table = sj_result_at(result, i);
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

const char *sj_table_name(const sj_table *table)
{
    return table == NULL ? NULL : table->name;
}

size_t sj_table_rows(const sj_table *table)
{
    return table == NULL ? 0 : table->n_rows;
}

size_t sj_table_columns(const sj_table *table)
{
    return table == NULL ? 0 : table->n_columns;
}

const char *sj_table_column(const sj_table *table, size_t i)
{
    return i < sj_table_columns(table) ? table->columns[i].name : NULL;
}

static const sj__column *result_find_column(const sj_table *table, const char *name)
{
    for (size_t i = 0; i < sj_table_columns(table) && name != NULL; i++) {
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    }
    return NULL;
}

int32_t sj_table_type(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    return found == NULL ? 0 : found->type;
}

int32_t sj_table_unit(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    return found == NULL ? 0 : found->unit;
}

const int64_t *sj_table_integers(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    if (found == NULL || (found->type != SJ_COLUMN_INTEGER && found->type != SJ_COLUMN_LIST))
        return NULL;
    return found->data != NULL ? found->data : result_no_integers;
}

const double *sj_table_reals(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    if (found == NULL || found->type != SJ_COLUMN_REAL)
        return NULL;
    return found->data != NULL ? found->data : result_no_reals;
}

const char *sj_table_bytes(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    if (found == NULL || found->type != SJ_COLUMN_TEXT)
        return NULL;
    return found->data != NULL ? found->data : "";
}

const char *sj_table_text(const sj_table *table, const char *column, size_t row)
{
    const sj__column *found = result_find_column(table, column);
    if (found == NULL || found->type != SJ_COLUMN_TEXT || row >= table->n_rows)
        return NULL;
    if (found->validity != NULL && !(found->validity[row / 8] >> (row % 8) & 1))
        return NULL;
    return (const char *)found->data + found->offsets[row];
}

const int64_t *sj_table_offsets(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    return found == NULL ? NULL : found->offsets;
}

const uint8_t *sj_table_validity(const sj_table *table, const char *column)
{
    const sj__column *found = result_find_column(table, column);
    return found == NULL ? NULL : found->validity;
}
