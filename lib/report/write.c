/* sj_result_write: which tables, in which format. */
#include <string.h>

#include "report/cells.h"
#include "report/nearest.h"
#include "tally/result.h"

/* One table; the format is known to be one. */
static void write_table(const sj_table *table, int32_t format, const sj_allocator *a, sj__text *to)
{
    sj__cells *cells = sj__cells_of(table, a);
    if (cells == NULL) {
        to->failed = 1;
        return;
    }
    if (format == SJ_FORMAT_JSON)
        sj__write_json(table, cells, to);
    else if (format == SJ_FORMAT_CSV)
        sj__write_csv(table, cells, to);
    else
        sj__write_aligned(table, cells, a, to);
    sj__free(a, cells, sj_table_columns(table), sizeof *cells);
}

/* All tables: JSON has a key for each, text a heading. */
static void write_all(const sj_result *result, int32_t format, const sj_allocator *a, sj__text *to)
{
    int json = format == SJ_FORMAT_JSON;
    size_t n = sj_result_count(result);
    sj__text_add(to, json ? "{\n" : "");
    for (size_t i = 0; i < n; i++) {
        const sj_table *table = sj_result_at(result, i);
        const char *name = sj_table_name(table);
        if (i > 0)
            sj__text_add(to, json ? ",\n" : "\n");
        if (json)
            sj__write_json_string(name, strlen(name), to);
        else
            sj__text_add(to, name);
        sj__text_add(to, json ? ": " : "\n");
        write_table(table, format, a, to);
    }
    sj__text_add(to, json ? "\n}\n" : "");
}

static sj_status write_find(const sj_result *result, const char *name, const sj_table **out,
                            sj_error *error)
{
    *out = sj_result_find(result, name);
    if (*out != NULL)
        return SJ_OK;
    sj__nearest nearest = sj__nearest_begin(name);
    for (size_t i = 0; i < sj_result_count(result); i++)
        sj__nearest_offer(&nearest, sj_table_name(sj_result_at(result, i)));
    if (nearest.best != NULL)
        return sj__fail(error, SJ_ERR_NAME, "there is no table %q; the nearest is %q", name,
                        nearest.best);
    return sj__fail(error, SJ_ERR_NAME, "there is no table %q; the first is %q", name,
                    sj_table_name(sj_result_at(result, 0)));
}

sj_status sj_result_write(const sj_result *result, const char *table, int32_t format,
                          sj_buffer **out, sj_error *error)
{
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (result == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "the result is NULL");
    if (format < SJ_FORMAT_TABLE || format > SJ_FORMAT_CSV)
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "format %i is none: take SJ_FORMAT_TABLE, _JSON or _CSV", (int64_t)format);
    const sj_table *only = NULL;
    if (table != NULL) {
        sj_status status = write_find(result, table, &only, error);
        if (status != SJ_OK)
            return status;
    } else if (format == SJ_FORMAT_CSV) {
        only = sj_result_at(result, 0);
    }
    const sj_allocator *a = sj__result_allocator(result);
    sj__text text;
    sj__text_init(&text, a);
    if (only != NULL)
        write_table(only, format, a, &text);
    else
        write_all(result, format, a, &text);
    if (only != NULL && format == SJ_FORMAT_JSON)
        sj__text_char(&text, '\n');
    sj_status status = sj__text_to_buffer(&text, out, error);
    sj__text_free(&text);
    return status;
}
