/* Options of sj_csv_read: the table that describes them, and what must hold between them. */
#include "io/csv.h"

#include <string.h>

#define CSV_OPTIONS_TEXT(field, ...)                                                               \
    SJ__FIELD(sj_csv_options, field, SJ__KIND_TEXT, SJ__ROLE_READ, __VA_ARGS__)

static const sj__field csv_options_fields[] = {
    SJ__FIELD(sj_csv_options, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE, .option = ""),
    CSV_OPTIONS_TEXT(path, .option = ""),
    SJ__FIELD(sj_csv_options, bytes, SJ__KIND_OBJECT, SJ__ROLE_READ, .option = ""),
    SJ__FIELD(sj_csv_options, n_bytes, SJ__KIND_SHAPE, SJ__ROLE_SHAPE, .option = ""),
    SJ__FIELD(sj_csv_options, files, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "the system's",
              .option = ""),
    CSV_OPTIONS_TEXT(customer, .fallback = "required"),
    CSV_OPTIONS_TEXT(time, .fallback = "required"),
    CSV_OPTIONS_TEXT(touchpoint, .fallback = "required"),
    CSV_OPTIONS_TEXT(channel, .fallback = "none"),
    CSV_OPTIONS_TEXT(value, .fallback = "none"),
    SJ__FIELD(sj_csv_options, attributes, SJ__KIND_TEXTS, SJ__ROLE_READ,
              .count_field = "n_attributes", .option = "attribute"),
    SJ__FIELD(sj_csv_options, n_attributes, SJ__KIND_SHAPE, SJ__ROLE_SHAPE, .option = ""),
    SJ__FIELD(sj_csv_options, delimiter, SJ__KIND_COUNT, SJ__ROLE_READ,
              .fallback = "guessed from the header line"),
    SJ__FIELD(sj_csv_options, time_unit, SJ__KIND_CHOICE, SJ__ROLE_READ, .values = "s ms us ns",
              .fallback = "s"),
    SJ__FIELD(sj_csv_options, on_error, SJ__KIND_CHOICE, SJ__ROLE_READ, .values = "fail skip",
              .fallback = "fail"),
    SJ__FIELD(sj_csv_options, time_offset, SJ__KIND_INTEGER, SJ__ROLE_READ, .fallback = "UTC"),
};

const sj__struct sj__csv_options_struct = {
    .name = "sj_csv_options",
    .fields = csv_options_fields,
    .n_fields = sizeof csv_options_fields / sizeof *csv_options_fields,
    .size = sizeof(sj_csv_options),
    .least = sizeof(sj_csv_options),
};

static sj_status csv_options_check_input(const sj_csv_options *options, sj_error *error)
{
    if (options->path == NULL && options->bytes == NULL)
        return sj__fail(error, SJ_ERR_OPTIONS, "path and bytes are both NULL: give one of them");
    if (options->path != NULL && (options->bytes != NULL || options->n_bytes != 0))
        return sj__fail(error, SJ_ERR_OPTIONS, "path and bytes are both given: give one of them");
    return SJ_OK;
}

static sj_status csv_options_check_columns(const sj_csv_options *options, sj_error *error)
{
    const char *missing = options->customer == NULL     ? "customer"
                          : options->time == NULL       ? "time"
                          : options->touchpoint == NULL ? "touchpoint"
                                                        : NULL;
    size_t i, j;
    if (missing != NULL)
        return sj__fail(error, SJ_ERR_OPTIONS, "%s is NULL: name the column that holds it",
                        missing);
    if (options->n_attributes > SJ__LIMIT_ATTRIBUTES)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than 4,096 attributes");
    for (i = 0; i < options->n_attributes; i++) {
        if (options->attributes[i] == NULL)
            return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = (int64_t)i},
                               "attributes[%u] is NULL: each attribute is the name of a column",
                               (uint64_t)i);
        for (j = 0; j < i; j++) {
            if (strcmp(options->attributes[i], options->attributes[j]) == 0)
                return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = (int64_t)i},
                                   "attributes names %q twice: once is enough",
                                   options->attributes[i]);
        }
    }
    return SJ_OK;
}

static sj_status csv_options_check_forms(const sj_csv_options *options, sj_error *error)
{
    int32_t d = options->delimiter;
    if (d > 127 || d == '"' || d == '\n' || d == '\r')
        return sj__fail(
            error, SJ_ERR_OPTIONS,
            "delimiter must be one ASCII character, and neither a quote nor an end of line");
    if (options->time_offset <= -24 * 60 || options->time_offset >= 24 * 60)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "time_offset is in minutes and must be less than a day");
    return SJ_OK;
}

sj_status sj__csv_options_load(const sj_csv_options *given, sj_csv_options *out, sj_error *error)
{
    sj_status status = sj__options_load(&sj__csv_options_struct, given, out, error);
    if (status == SJ_OK)
        status = csv_options_check_input(out, error);
    if (status == SJ_OK)
        status = csv_options_check_columns(out, error);
    if (status == SJ_OK)
        status = csv_options_check_forms(out, error);
    if (status != SJ_OK)
        return status;
    if (out->time_unit == 0)
        out->time_unit = SJ_TIME_SECONDS;
    if (out->on_error == 0)
        out->on_error = SJ_CSV_FAIL;
    return SJ_OK;
}
