/* Records to rows to blocks of columns, which the builder takes; and what is said of a row that
 * cannot be one.
 *
 * A row that fails half-way leaves nothing behind, because it counts only once `n` does: the text
 * of row n begins at offsets[n], whatever an earlier attempt wrote there.  O(bytes). */
#include "io/csv.h"

#include <string.h>

/* A block goes to the builder when one of its texts gets this long. */
#define CSV_ROWS_TEXT ((int64_t)1 << 20)

static const struct csv_rows_reason {
    sj_status code;
    const char *reason;
    const char *expected;
} csv_rows_reasons[SJ__CSV_N_BAD] = {
    [SJ__CSV_BAD_COUNT] = {SJ_ERR_CSV, "more or fewer fields than the header", NULL},
    [SJ__CSV_BAD_QUOTE_JUNK] =
        {SJ_ERR_CSV, "characters after a closing quote",
         "characters follow a closing quote; a quote inside a field is doubled"},
    [SJ__CSV_BAD_QUOTE_OPEN] = {SJ_ERR_CSV, "a quote that never closes",
                                "a quote opens here and never closes"},
    [SJ__CSV_BAD_LONG] =
        {SJ_ERR_LIMIT, "a field longer than 16 MiB",
         "a field is longer than 16 MiB; if a quote opens it, that may never close"},
    [SJ__CSV_BAD_CUSTOMER] = {SJ_ERR_CSV, "empty customer",
                              "the field is empty and a customer is expected"},
    [SJ__CSV_BAD_TIME_EMPTY] = {SJ_ERR_CSV, "empty time",
                                "the field is empty and a time is expected"},
    [SJ__CSV_BAD_TOUCHPOINT] = {SJ_ERR_CSV, "empty touchpoint",
                                "the field is empty and a touchpoint is expected"},
    [SJ__CSV_BAD_TIME] = {SJ_ERR_TIME, "unreadable time", "ISO 8601 or a whole number is expected"},
    [SJ__CSV_BAD_TIME_RANGE] = {SJ_ERR_TIME, "time outside the years 1 to 9999", NULL},
    [SJ__CSV_BAD_TIME_OBSERVED] =
        {SJ_ERR_TIME, "time outside the observation",
         "a time within the observation (observed_from, observed_until) is expected"},
    [SJ__CSV_BAD_NUMBER] = {SJ_ERR_VALUE, "unreadable number", NULL},
    [SJ__CSV_BAD_COMMA] =
        {SJ_ERR_VALUE, "decimal comma",
         "a number has a decimal point and nothing between thousands, not a comma"},
    [SJ__CSV_BAD_NUMBER_RANGE] = {SJ_ERR_VALUE, "number out of range", NULL},
    [SJ__CSV_BAD_UTF8] = {SJ_ERR_UTF8, "invalid UTF-8",
                          "the text is not UTF-8: save the file as UTF-8"},
    [SJ__CSV_BAD_NUL] = {SJ_ERR_UTF8, "NUL byte", "a NUL byte cannot be part of a text"},
    [SJ__CSV_BAD_NAME] = {SJ_ERR_LIMIT, "a key or name longer than 65,535 bytes",
                          "a key or name has at most 65,535 bytes"},
};

const char *sj__csv_reason(size_t bad)
{
    return csv_rows_reasons[bad].reason;
}

/* ---- what is wrong ---- */

static const char *csv_rows_number_expected(const sj__csv_column *column, int32_t bad)
{
    if (bad == SJ__CSV_BAD_NUMBER)
        return column->type == SJ_ATTRIBUTE_INTEGER ? "a whole number is expected"
                                                    : "a number is expected";
    if (column->role.kind == SJ__CSV_VALUE)
        return "a value within 9.2 \xC2\xB7 10^12 of 0 is expected";
    return column->type == SJ_ATTRIBUTE_INTEGER
               ? "a whole number of at most 64 bits is expected"
               : "a number within the range of a double is expected";
}

static sj_status csv_rows_fail_range(const sj__csv_rows *rows, const sj__csv_column *column,
                                     const char *s, size_t n, sj__place place, sj_error *error)
{
    const char *fitting = sj__csv_unit_that_fits(s, n);
    if (fitting == NULL)
        return sj__fail_at(
            error, SJ_ERR_TIME, place,
            "line %i, column `%s`: the whole number lies outside the years 1 to 9999 in every unit",
            place.line, column->role.name);
    return sj__fail_at(error, SJ_ERR_TIME, place,
                       "line %i, column `%s`: the whole number lies outside the years 1 to 9999 as "
                       "%s; as %s it would "
                       "fit (time_unit)",
                       place.line, column->role.name, sj__csv_unit(rows->options->time_unit),
                       fitting);
}

/* Counts a bad row where the options say so. */
static int csv_rows_skip(sj__csv_rows *rows, int32_t bad, sj__place place)
{
    if (rows->options->on_error != SJ_CSV_SKIP)
        return 0;
    if (rows->bad[bad]++ == 0)
        rows->bad_line[bad] = place.line;
    rows->skipped++;
    return 1;
}

static sj_status csv_rows_bad_cell(sj__csv_rows *rows, const sj__csv_column *column,
                                   const sj__csv_scan *scan, int32_t bad, sj_error *error)
{
    const sj__csv_field *field = &scan->fields[column->role.column];
    sj__place place = sj__csv_place(scan, field->begin - (size_t)field->quoted);
    const char *expected = csv_rows_reasons[bad].expected;
    if (bad == SJ__CSV_BAD_UTF8 || bad == SJ__CSV_BAD_NUL)
        place.index = (int64_t)(scan->offset + rows->bad_byte);
    if (csv_rows_skip(rows, bad, place))
        return SJ_OK;
    if (bad == SJ__CSV_BAD_TIME_RANGE)
        return csv_rows_fail_range(rows, column, scan->bytes + field->begin,
                                   field->end - field->begin, place, error);
    if (expected == NULL)
        expected = csv_rows_number_expected(column, bad);
    return sj__fail_at(error, csv_rows_reasons[bad].code, place, "line %i, column `%s`: %s",
                       place.line, column->role.name, expected);
}

static sj_status csv_rows_bad_record(sj__csv_rows *rows, const sj__csv_scan *scan, sj_error *error)
{
    static const int32_t reasons[] = {
        [SJ__CSV_SOUND] = SJ__CSV_BAD_COUNT,     [SJ__CSV_TOO_MANY] = SJ__CSV_BAD_COUNT,
        [SJ__CSV_JUNK] = SJ__CSV_BAD_QUOTE_JUNK, [SJ__CSV_OPEN] = SJ__CSV_BAD_QUOTE_OPEN,
        [SJ__CSV_LONG] = SJ__CSV_BAD_LONG,
    };
    int32_t bad = reasons[scan->fault];
    sj__place place = scan->fault != SJ__CSV_SOUND ? scan->place : sj__csv_place(scan, scan->start);
    if (csv_rows_skip(rows, bad, place))
        return SJ_OK;
    if (bad == SJ__CSV_BAD_COUNT)
        return sj__fail_at(error, SJ_ERR_CSV, place,
                           "line %i: the row has %u fields, and the header has %u", place.line,
                           (uint64_t)scan->n_fields, (uint64_t)rows->n_file_columns);
    return sj__fail_at(error, csv_rows_reasons[bad].code, place, "line %i: %s", place.line,
                       csv_rows_reasons[bad].expected);
}

sj_status sj__csv_rows_take(sj__csv_rows *rows, const sj__csv_scan *scan, sj_error *error)
{
    int full = 0;
    size_t i;
    rows->read++;
    if (scan->fault != SJ__CSV_SOUND || scan->n_fields != rows->n_file_columns)
        return csv_rows_bad_record(rows, scan, error);
    for (i = 0; i < rows->n_columns; i++) {
        sj__csv_column *column = &rows->columns[i];
        int32_t bad = sj__csv_cell_read(rows, column, scan);
        if (bad == SJ__CSV_CELL_NOMEM)
            return sj__fail_nomem(error);
        if (bad != SJ__CSV_CELL_FINE)
            return csv_rows_bad_cell(rows, column, scan, bad, error);
        full |= column->array == SJ_ARRAY_TEXT && column->offsets[rows->n + 1] >= CSV_ROWS_TEXT;
    }
    rows->digits_cut += (uint64_t)rows->cut;
    rows->places[rows->n] = (sj__place){
        .index = (int64_t)(scan->offset + scan->start), .line = scan->line, .column = 1};
    rows->n++;
    return full || rows->n == SJ__CSV_BLOCK ? sj__csv_rows_flush(rows, error) : SJ_OK;
}

/* ---- to the builder ---- */

static sj_column csv_rows_show(const sj__csv_column *column)
{
    return (sj_column){
        .name = column->role.kind == SJ__CSV_ATTRIBUTE ? column->role.name : NULL,
        .data = column->array == SJ_ARRAY_TEXT ? (const void *)column->text : column->numbers,
        .offsets = column->array == SJ_ARRAY_TEXT ? column->offsets : NULL,
        .validity = column->has_gaps ? column->validity : NULL,
        .type = column->array,
    };
}

/* Shows the block to the builder: the events with their attributes, or the customers with theirs.
 */
static void csv_rows_events(const sj__csv_rows *rows, int32_t of_customers, sj_events *events)
{
    size_t i;
    *events = (sj_events){
        .struct_size = sizeof *events, .n_events = rows->n, .attributes = rows->attributes};
    for (i = 0; i < rows->n_columns; i++) {
        const sj__csv_column *column = &rows->columns[i];
        sj_column shown = csv_rows_show(column);
        if (column->role.kind == SJ__CSV_CUSTOMER)
            events->customer = shown;
        else if (column->role.kind == SJ__CSV_ATTRIBUTE && column->of_customers == of_customers)
            rows->attributes[events->n_attributes++] = shown;
        else if (column->role.kind == SJ__CSV_TIME && !of_customers)
            events->time = shown;
        else if (column->role.kind == SJ__CSV_TOUCHPOINT && !of_customers)
            events->touchpoint = shown;
        else if (column->role.kind == SJ__CSV_CHANNEL && !of_customers)
            events->channel = shown;
        else if (column->role.kind == SJ__CSV_VALUE && !of_customers)
            events->value = shown;
    }
}

sj_status sj__csv_rows_flush(sj__csv_rows *rows, sj_error *error)
{
    sj_events events;
    sj_status status;
    size_t i;
    if (rows->n == 0)
        return SJ_OK;
    csv_rows_events(rows, 0, &events);
    status = sj_builder_add_events(rows->builder, &events, error);
    csv_rows_events(rows, 1, &events);
    if (status == SJ_OK && events.n_attributes > 0)
        status = sj_builder_set_customers(rows->builder, &events, error);
    if (status != SJ_OK && error != NULL && error->index >= 0 && (uint64_t)error->index < rows->n) {
        sj__place place = rows->places[error->index];
        error->index = place.index;
        error->line = place.line;
        error->column = place.column;
    }
    rows->added += rows->n;
    rows->n = 0;
    for (i = 0; i < rows->n_columns; i++)
        rows->columns[i].has_gaps = 0;
    return status;
}

/* ---- making, freeing ---- */

static sj_status csv_rows_column(sj__csv_rows *rows, sj__csv_column *column,
                                 const sj__csv_role *role, sj_error *error)
{
    const sj_allocator *a = &rows->allocator;
    column->role = *role;
    column->array = role->kind == SJ__CSV_TIME ? SJ_ARRAY_INT64 : SJ_ARRAY_TEXT;
    column->is_number = role->kind == SJ__CSV_VALUE;
    if (role->kind == SJ__CSV_ATTRIBUTE) {
        size_t n = strlen(role->name);
        column->type = sj__builder_attribute(rows->builder, role->name, n, &column->of_customers);
        if (column->type == 0) {
            sj_status status = sj_builder_add_attribute(rows->builder, role->name,
                                                        SJ_ATTRIBUTE_CATEGORY, 0, error);
            if (status != SJ_OK)
                return status;
            column->type = SJ_ATTRIBUTE_CATEGORY;
        }
        column->is_number = column->type != SJ_ATTRIBUTE_CATEGORY;
        column->array = column->type == SJ_ATTRIBUTE_INTEGER ? SJ_ARRAY_INT64
                        : column->type == SJ_ATTRIBUTE_REAL  ? SJ_ARRAY_DOUBLE
                                                             : SJ_ARRAY_TEXT;
    }
    column->validity = sj__alloc_zeroed(a, SJ__CSV_BLOCK / 8, 1);
    if (column->array == SJ_ARRAY_TEXT)
        column->offsets = sj__alloc_zeroed(a, SJ__CSV_BLOCK + 1, sizeof *column->offsets);
    else
        column->numbers = sj__alloc_zeroed(a, SJ__CSV_BLOCK, sizeof(int64_t));
    if (column->validity == NULL || (column->offsets == NULL && column->numbers == NULL))
        return sj__fail_nomem(error);
    /* A column of text that is empty throughout still is one, so it has data. */
    return column->array == SJ_ARRAY_TEXT
               ? sj__grow(a, &column->text, &column->capacity, SJ__CSV_BLOCK, error)
               : SJ_OK;
}

sj_status sj__csv_rows_init(sj__csv_rows *rows, const sj__csv_header *header,
                            const sj_csv_options *options, sj_builder *builder, sj_error *error)
{
    sj_status status = SJ_OK;
    size_t i;
    memset(rows, 0, sizeof *rows);
    rows->options = options;
    rows->allocator = *sj__builder_allocator(builder);
    rows->builder = builder;
    rows->from = sj__builder_observed_from(builder);
    rows->until = sj__builder_observed_until(builder);
    rows->n_file_columns = header->n_columns;
    rows->n_columns = header->n_roles;
    rows->columns = sj__alloc_zeroed(&rows->allocator, rows->n_columns, sizeof *rows->columns);
    rows->attributes = sj__alloc(&rows->allocator, rows->n_columns, sizeof *rows->attributes);
    rows->places = sj__alloc(&rows->allocator, SJ__CSV_BLOCK, sizeof *rows->places);
    if (rows->columns == NULL || rows->attributes == NULL || rows->places == NULL)
        return sj__fail_nomem(error);
    for (i = 0; i < rows->n_columns && status == SJ_OK; i++)
        status = csv_rows_column(rows, &rows->columns[i], &header->roles[i], error);
    return status;
}

void sj__csv_rows_free(sj__csv_rows *rows)
{
    const sj_allocator *a = &rows->allocator;
    size_t i;
    if (a->resize == NULL)
        return;
    for (i = 0; rows->columns != NULL && i < rows->n_columns; i++) {
        sj__csv_column *column = &rows->columns[i];
        sj__free(a, column->text, column->capacity, 1);
        sj__free(a, column->offsets, SJ__CSV_BLOCK + 1, sizeof *column->offsets);
        sj__free(a, column->numbers, SJ__CSV_BLOCK, sizeof(int64_t));
        sj__free(a, column->validity, SJ__CSV_BLOCK / 8, 1);
    }
    sj__free(a, rows->columns, rows->n_columns, sizeof *rows->columns);
    sj__free(a, rows->attributes, rows->n_columns, sizeof *rows->attributes);
    sj__free(a, rows->places, SJ__CSV_BLOCK, sizeof *rows->places);
}
