/* sj_catalog: what a binding or a command line must know of the library, as tables. */
#include <string.h>

#include "analysis/friction.h"
#include "analysis/funnel_preset.h"
#include "analysis/table.h"
#include "report/catalog_names.h"
#include "report/nearest.h"
#include "tally/result.h"

#define CATALOG_TEXT(name)                                                                         \
    {                                                                                              \
        name, SJ_COLUMN_TEXT, SJ_UNIT_NONE                                                         \
    }
#define CATALOG_INTEGER(name)                                                                      \
    {                                                                                              \
        name, SJ_COLUMN_INTEGER, SJ_UNIT_NONE                                                      \
    }

typedef struct catalog_row {
    const char *name;
    const char *summary;
    void (*fill)(sj_result *result);
} catalog_row;

static void catalog_fill_catalogs(sj_result *result);
static void catalog_fill_analyses(sj_result *result);
static void catalog_fill_constants(sj_result *result);
static void catalog_fill_signals(sj_result *result);
static void catalog_fill_presets(sj_result *result);

static const catalog_row catalog_rows[] = {
    {"catalogs", "What sj_catalog can be asked for.", catalog_fill_catalogs},
    {"analyses", "Analyses, with the struct of their options.", catalog_fill_analyses},
    {"constants", "Public constants.", catalog_fill_constants},
    {"friction signals", "Signals of friction, by name.", catalog_fill_signals},
    {"funnel presets", "Products whose rules a funnel can take over.", catalog_fill_presets}};

static const catalog_row *catalog_row_at(size_t i)
{
    return i < sizeof catalog_rows / sizeof *catalog_rows ? &catalog_rows[i] : NULL;
}

static void catalog_fill_catalogs(sj_result *result)
{
    static const sj__column_spec columns[] = {CATALOG_TEXT("name"), CATALOG_TEXT("summary")};
    sj_table *table = sj__result_add(result, "catalog", columns, 2);
    const catalog_row *row;
    const sj__struct *shape;
    for (size_t i = 0; (row = catalog_row_at(i)) != NULL; i++) {
        sj__put_string(table, 0, row->name);
        sj__put_string(table, 1, row->summary);
        sj__end_row(table);
    }
    for (size_t i = 0; (shape = sj__struct_at(i)) != NULL; i++) {
        sj__put_string(table, 0, shape->name);
        sj__put_string(table, 1, "Fields of a public struct.");
        sj__end_row(table);
    }
}

static void catalog_put_analysis(sj_table *table, const char *name, const sj__struct *options,
                                 const char *summary, int has_list, int tallied)
{
    sj__put_string(table, 0, name);
    if (options != NULL)
        sj__put_string(table, 1, options->name);
    sj__put_string(table, 2, summary);
    sj__put_integer(table, 3, has_list != 0);
    sj__put_integer(table, 4, tallied);
    sj__end_row(table);
}

static void catalog_fill_analyses(sj_result *result)
{
    static const sj__column_spec columns[] = {CATALOG_TEXT("name"), CATALOG_TEXT("options"),
                                              CATALOG_TEXT("summary"), CATALOG_INTEGER("has_list"),
                                              CATALOG_INTEGER("tallied")};
    sj_table *table = sj__result_add(result, "catalog", columns, 5);
    const sj__analysis *analysis;
    catalog_put_analysis(table, "summary", NULL, "What a graph holds.", 1, 0);
    for (size_t i = 0; (analysis = sj__analysis_at(i)) != NULL; i++)
        catalog_put_analysis(table, analysis->name, analysis->options, analysis->summary,
                             analysis->has_list, 1);
}

static void catalog_fill_constants(sj_result *result)
{
    static const sj__column_spec columns[] = {CATALOG_TEXT("name"), CATALOG_INTEGER("value")};
    sj_table *table = sj__result_add(result, "catalog", columns, 2);
    const sj__constant *constant;
    for (size_t i = 0; (constant = sj__constant_at(i)) != NULL; i++) {
        sj__put_string(table, 0, constant->name);
        sj__put_integer(table, 1, constant->value);
        sj__end_row(table);
    }
    sj__result_note(result, "SJ_NONE",
                    "All 64 bits are set: -1 here, 18446744073709551615 unsigned.");
}

static void catalog_fill_signals(sj_result *result)
{
    static const sj__column_spec columns[] = {CATALOG_TEXT("name"), CATALOG_TEXT("summary")};
    sj_table *table = sj__result_add(result, "catalog", columns, 2);
    const sj__friction_signal *signal;
    for (size_t i = 0; (signal = sj__friction_signal_at(i)) != NULL; i++) {
        sj__put_string(table, 0, signal->name);
        sj__put_string(table, 1, signal->summary);
        sj__end_row(table);
    }
}

static void catalog_fill_presets(sj_result *result)
{
    static const sj__column_spec columns[] = {CATALOG_TEXT("name"), CATALOG_TEXT("summary"),
                                              CATALOG_TEXT("difference"), CATALOG_TEXT("options")};
    sj_table *table = sj__result_add(result, "catalog", columns, 4);
    const sj__funnel_preset *preset;
    for (size_t i = 0; (preset = sj__funnel_preset_at(i)) != NULL; i++) {
        sj__put_string(table, 0, preset->name);
        sj__put_string(table, 1, preset->summary);
        sj__put_string(table, 2, preset->difference);
        sj__put_string(table, 3, preset->options);
        sj__end_row(table);
    }
}

/* ------------------------------------------------------------------------------------- structs --
 */

/* The long option of a field; nothing where it has none. */
static void catalog_put_option(sj_table *table, size_t column, const sj__field *field)
{
    char name[64];
    if (field->role == SJ__ROLE_SHAPE || (field->option != NULL && field->option[0] == '\0'))
        return;
    if (field->option != NULL) {
        sj__put_string(table, column, field->option);
        return;
    }
    size_t n = strlen(field->name);
    if (SJ__NEVER(n > sizeof name))
        return;
    for (size_t i = 0; i < n; i++)
        name[i] = (char)(field->name[i] == '_' ? '-' : field->name[i]);
    sj__put_text(table, column, name, n);
}

static void catalog_put_field(sj_table *table, const sj__field *field)
{
    const char *role = sj__options_role_name(field->role);
    sj__put_string(table, 0, field->name);
    sj__put_string(table, 1, sj__options_kind_name(field->kind));
    sj__put_integer(table, 2, field->offset);
    sj__put_integer(table, 3, field->size);
    sj__put_string(table, 4, field->values);
    sj__put_string(table, 5, field->fallback);
    sj__put_string(table, 6, role[0] != '\0' ? role : NULL);
    sj__put_string(table, 7, field->count_field);
    sj__put_string(table, 8, field->size_field);
    sj__put_string(table, 9, field->element != NULL ? field->element->name : NULL);
    catalog_put_option(table, 10, field);
    sj__end_row(table);
}

/* Table `catalog`, a row per field; table `struct`: the struct itself. */
static void catalog_fill_struct(sj_result *result, const sj__struct *shape)
{
    static const sj__column_spec columns[] = {
        CATALOG_TEXT("field"),   CATALOG_TEXT("kind"),        CATALOG_INTEGER("offset"),
        CATALOG_INTEGER("size"), CATALOG_TEXT("values"),      CATALOG_TEXT("default"),
        CATALOG_TEXT("role"),    CATALOG_TEXT("count_field"), CATALOG_TEXT("size_field"),
        CATALOG_TEXT("element"), CATALOG_TEXT("option")};
    static const sj__column_spec whole[] = {CATALOG_TEXT("name"), CATALOG_INTEGER("size"),
                                            CATALOG_INTEGER("least")};
    sj_table *table = sj__result_add(result, "catalog", columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < shape->n_fields; i++)
        catalog_put_field(table, &shape->fields[i]);
    table = sj__result_add(result, "struct", whole, 3);
    sj__put_string(table, 0, shape->name);
    sj__put_integer(table, 1, (int64_t)shape->size);
    sj__put_integer(table, 2, (int64_t)shape->least);
    sj__end_row(table);
}

/* Fills the catalog of that name; 0 if there is none. */
static int catalog_fill(sj_result *result, const char *what, sj__nearest *nearest)
{
    const catalog_row *row;
    const sj__struct *shape;
    for (size_t i = 0; (row = catalog_row_at(i)) != NULL; i++) {
        sj__nearest_offer(nearest, row->name);
        if (strcmp(row->name, what) == 0) {
            row->fill(result);
            return 1;
        }
    }
    for (size_t i = 0; (shape = sj__struct_at(i)) != NULL; i++) {
        sj__nearest_offer(nearest, shape->name);
        if (strcmp(shape->name, what) == 0) {
            catalog_fill_struct(result, shape);
            return 1;
        }
    }
    return 0;
}

sj_status sj_catalog(const char *what, const sj_allocator *allocator, sj_result **out,
                     sj_error *error)
{
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (what == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "the name of the catalog is NULL: take \"catalogs\"");
    sj_result *result;
    sj_status status = sj__result_new(allocator, &result, error);
    if (status != SJ_OK)
        return status;
    sj__nearest nearest = sj__nearest_begin(what);
    if (catalog_fill(result, what, &nearest))
        return sj__result_finish(result, out, error);
    sj_result_free(result);
    return sj__fail(error, SJ_ERR_NAME, "there is no catalog %q; %s %q", what,
                    nearest.best != NULL ? "the nearest is" : "all are listed in",
                    nearest.best != NULL ? nearest.best : "catalogs");
}
