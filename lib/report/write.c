/* sj_result_write: which tables, in which format. */
#include <string.h>

#include "report/cells.h"
#include "report/nearest.h"
#include "report/picture.h"
#include "tally/result.h"

static int write_is_picture(int32_t format)
{
    return format == SJ_FORMAT_DOT || format == SJ_FORMAT_MERMAID;
}

static void write_picture(const sj_table *table, const sj__cells *cells, int32_t format,
                          const sj_allocator *a, sj__text *to)
{
    sj__picture picture;
    if (sj__picture_init(&picture, table, cells, a, NULL) != SJ_OK)
        to->failed = 1;
    else if (format == SJ_FORMAT_DOT)
        sj__write_dot(&picture, to);
    else
        sj__write_mermaid(&picture, to);
    sj__picture_free(&picture);
}

/* One table; the format is known to be one. */
static void write_table(const sj_table *table, int32_t format, const sj_allocator *a, sj__text *to)
{
    sj__cells *cells = sj__cells_of(table, a);
    if (cells == NULL) {
        to->failed = 1;
        return;
    }
    if (write_is_picture(format))
        write_picture(table, cells, format, a, to);
    else if (format == SJ_FORMAT_JSON)
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

/* The table that a picture is of: the one named, or the first that can be drawn. */
static sj_status write_find_picture(const sj_result *result, const sj_table **only, sj_error *error)
{
    if (*only != NULL && !sj__picture_is_of(*only))
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "table %q cannot be drawn: it has no columns from and to, and no paths",
                        sj_table_name(*only));
    for (size_t i = 0; i < sj_result_count(result) && *only == NULL; i++) {
        if (sj__picture_is_of(sj_result_at(result, i)))
            *only = sj_result_at(result, i);
    }
    if (*only == NULL)
        return sj__fail(
            error, SJ_ERR_ARGUMENT,
            "no table of this result can be drawn: none has columns from and to, or paths");
    return SJ_OK;
}

sj_status sj_result_write(const sj_result *result, const char *table, int32_t format,
                          sj_buffer **out, sj_error *error)
{
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (result == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "the result is NULL");
    if (format < SJ_FORMAT_TABLE || format > SJ_FORMAT_MERMAID)
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "format %i is none: take SJ_FORMAT_TABLE, _JSON, _CSV, _DOT or _MERMAID",
                        (int64_t)format);
    const sj_table *only = NULL;
    if (table != NULL) {
        sj_status status = write_find(result, table, &only, error);
        if (status != SJ_OK)
            return status;
    } else if (format == SJ_FORMAT_CSV) {
        only = sj_result_at(result, 0);
    }
    if (write_is_picture(format)) {
        sj_status status = write_find_picture(result, &only, error);
        if (status != SJ_OK)
            return status;
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
