/* Structs of the library as sj_catalog describes them: fields with kind, place, values, default and
 * option. */
#include "program.h"

#include <stdio.h>
#include <string.h>

static const char *shape_text(const shape *opened, const char *column, size_t i)
{
    const char *text = sj_table_text(opened->table, column, i);

    return text ? text : "";
}

static size_t shape_size(const shape *opened, const char *column, size_t i)
{
    const int64_t *sizes = sj_table_integers(opened->table, column);

    return sizes ? (size_t)sizes[i] : 0;
}

int shape_open(const char *name, shape *out)
{
    sj_error error = {0};
    const int64_t *whole;

    *out = (shape){0};
    if (sj_catalog(name, NULL, &out->catalog, &error))
        return say_error(name, &error);
    out->table = sj_result_find(out->catalog, "catalog");
    out->n_fields = sj_table_rows(out->table);
    whole = sj_table_integers(sj_result_find(out->catalog, "struct"), "size");
    out->size = whole ? (size_t)whole[0] : 0;
    return 0;
}

void shape_close(shape *opened)
{
    sj_result_free(opened->catalog);
    *opened = (shape){0};
}

/* Fields that no text can fill have no option here; the others have the catalog's. */
static void shape_name_option(field *out, const char *given)
{
    static const char WITHOUT[] = "object numbers";

    if (!word_find(WITHOUT, out->kind, strlen(out->kind)))
        (void)snprintf(out->option, sizeof out->option, "%s", given);
}

field shape_field(const shape *opened, size_t i)
{
    field out = {.name = shape_text(opened, "field", i),
                 .kind = shape_text(opened, "kind", i),
                 .values = shape_text(opened, "values", i),
                 .fallback = shape_text(opened, "default", i),
                 .role = shape_text(opened, "role", i),
                 .count_field = shape_text(opened, "count_field", i),
                 .size_field = shape_text(opened, "size_field", i),
                 .element = shape_text(opened, "element", i),
                 .offset = shape_size(opened, "offset", i),
                 .size = shape_size(opened, "size", i)};

    shape_name_option(&out, shape_text(opened, "option", i));
    return out;
}

int shape_find(const shape *opened, const char *name, field *out)
{
    for (size_t i = 0; i < opened->n_fields; i++) {
        *out = shape_field(opened, i);
        if (strcmp(out->name, name) == 0)
            return 1;
    }
    return 0;
}

int shape_find_option(const shape *opened, const char *option, field *out)
{
    for (size_t i = 0; i < opened->n_fields; i++) {
        *out = shape_field(opened, i);
        if (out->option[0] && same_name(out->option, option))
            return 1;
    }
    return 0;
}
