/* Chosen columns of a table as text, a row a line, for expected tables that stand in a test as a
 * reader would write them. */
#ifndef SJ_TESTS_COLUMNS_H
#define SJ_TESTS_COLUMNS_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sojourn.h>

static inline int columns_has(const sj_table *table, const char *column, size_t i)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return valid == NULL || (valid[i / 8] >> i % 8 & 1) != 0;
}

static inline size_t columns_cell(char *to, size_t room, const sj_table *table, const char *column,
                                  size_t i)
{
    const int32_t type = sj_table_type(table, column);
    if (!columns_has(table, column, i))
        return (size_t)snprintf(to, room, "-");
    if (type == SJ_COLUMN_INTEGER)
        return (size_t)snprintf(to, room, "%lld", (long long)sj_table_integers(table, column)[i]);
    if (type == SJ_COLUMN_REAL)
        return (size_t)snprintf(to, room, "%.6g", sj_table_reals(table, column)[i]);
    return (size_t)snprintf(to, room, "%s", sj_table_text(table, column, i));
}

/* "key step reached": those columns of every row, reals to 6 digits, `-` where nothing is. */
static inline const char *columns_text(const sj_result *result, const char *name,
                                       const char *columns)
{
    static char all[16384];
    const sj_table *table = sj_result_find(result, name);
    size_t n = 0;
    all[0] = '\0';
    for (size_t i = 0; table != NULL && i < sj_table_rows(table); i++) {
        for (const char *at = columns; *at != '\0'; at += strspn(at, " ")) {
            char column[64];
            const size_t size = strcspn(at, " ");
            if (n > sizeof all - 256 || size >= sizeof column)
                return "too long for columns_text";
            memcpy(column, at, size);
            column[size] = '\0';
            n += (size_t)snprintf(all + n, sizeof all - n, "%s", at == columns ? "" : " ");
            n += columns_cell(all + n, sizeof all - n, table, column, i);
            at += size;
        }
        n += (size_t)snprintf(all + n, sizeof all - n, "\n");
    }
    return table != NULL ? all : "no such table";
}

static inline const char *columns_note(const sj_result *result, const char *name)
{
    const sj_table *notes = sj_result_find(result, "notes");
    for (size_t i = 0; notes && i < sj_table_rows(notes); i++)
        if (strcmp(sj_table_text(notes, "name", i), name) == 0)
            return sj_table_text(notes, "text", i);
    return NULL;
}

#endif
