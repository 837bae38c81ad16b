/* sj_csv_read: events from CSV text, in constant memory beyond what the builder keeps, all or
 * nothing.
 *
 * The text comes in blocks; what a block leaves of an unfinished record moves to the front before
 * the next.  Rows go to the builder in blocks of columns; a mark set at the start undoes them where
 * a later row, the file or memory fails. */
#include "io/csv.h"

#include <string.h>

#include "tally/result.h"

/* Bytes that are read at once. */
#define CSV_READ ((size_t)256 << 10)

typedef struct csv_reading {
    sj_csv_options options;
    sj_files files;
    sj_run run;
    sj_allocator allocator;
    sj_builder *builder;
    sj__builder_mark *mark;
    sj__csv_text text;
    sj__csv_scan scan;
    sj__csv_header header;
    sj__csv_rows rows;
} csv_reading;

sj_status sj__csv_text_more(sj__csv_text *text, size_t from, sj_error *error)
{
    size_t left = text->size - from;
    size_t n = 0;
    sj_status status;
    if (from > 0 && left > 0)
        memmove(text->bytes, text->bytes + from, left);
    text->size = left;
    if (text->capacity - left < CSV_READ) {
        size_t need = left > CSV_READ ? 2 * left : 2 * CSV_READ;
        status = sj__grow(text->source.allocator, &text->bytes, &text->capacity, need, error);
        if (status != SJ_OK)
            return status;
    }
    status = sj__csv_source_read(&text->source, text->bytes + left, CSV_READ, &n, error);
    text->size += n;
    text->last = n < CSV_READ;
    return status;
}

static sj_status csv_progress(const csv_reading *reading, sj_error *error)
{
    uint64_t done = reading->text.source.taken;
    uint64_t total = reading->text.source.size;
    if (reading->run.progress == NULL)
        return SJ_OK;
    if (done > total) /* the file grew meanwhile */
        done = total;
    if (reading->run.progress(reading->run.user, done, total) != 0)
        return sj__fail(error, SJ_ERR_CANCELLED, "progress asked to stop");
    return SJ_OK;
}

static sj_status csv_read_rows(csv_reading *reading, sj_error *error)
{
    sj__csv_scan *scan = &reading->scan;
    sj_status status = csv_progress(reading, error);
    while (status == SJ_OK) {
        int found = sj__csv_next(scan);
        if (found == SJ__CSV_END)
            break;
        if (found == SJ__CSV_RECORD) {
            status = sj__csv_rows_take(&reading->rows, scan, error);
            continue;
        }
        status = sj__csv_text_more(&reading->text, scan->start, error);
        if (status == SJ_OK)
            status = csv_progress(reading, error);
        sj__csv_feed(scan, reading->text.bytes, reading->text.size, reading->text.last);
    }
    return status == SJ_OK ? sj__csv_rows_flush(&reading->rows, error) : status;
}

static sj_status csv_read_text(csv_reading *reading, sj_error *error)
{
    const sj_csv_options *options = &reading->options;
    sj_status status =
        sj__csv_source_open(&reading->text.source, &reading->files, options->path, options->bytes,
                            options->n_bytes, &reading->allocator, error);
    if (status == SJ_OK)
        status = sj__csv_header_read(&reading->header, &reading->scan, &reading->text, options,
                                     &reading->allocator, error);
    if (status == SJ_OK)
        status =
            sj__csv_rows_init(&reading->rows, &reading->header, options, reading->builder, error);
    return status == SJ_OK ? csv_read_rows(reading, error) : status;
}

static void csv_close(csv_reading *reading)
{
    const sj_allocator *a = &reading->allocator;
    sj__csv_rows_free(&reading->rows);
    sj__csv_header_free(&reading->header, a);
    sj__free(a, reading->text.bytes, reading->text.capacity, 1);
    sj__csv_source_close(&reading->text.source);
    sj__builder_mark_free(reading->builder, reading->mark);
}

/* ---- report ---- */

static void csv_report_rows(sj_result *result, const sj__csv_rows *rows)
{
    static const sj__column_spec columns[] = {
        {"read", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"added", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"skipped", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"digits_cut", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    };
    sj_table *table = sj__result_add(result, "rows", columns, sizeof columns / sizeof *columns);
    sj__put_integer(table, 0, (int64_t)rows->read);
    sj__put_integer(table, 1, (int64_t)rows->added);
    sj__put_integer(table, 2, (int64_t)rows->skipped);
    sj__put_integer(table, 3, (int64_t)rows->digits_cut);
    sj__end_row(table);
}

static void csv_report_skipped(sj_result *result, const sj__csv_rows *rows)
{
    static const sj__column_spec columns[] = {
        {"reason", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
        {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
        {"line", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    };
    sj_table *table = sj__result_add(result, "skipped", columns, sizeof columns / sizeof *columns);
    size_t i;
    for (i = 0; i < SJ__CSV_N_BAD; i++) {
        if (rows->bad[i] == 0)
            continue;
        sj__put_string(table, 0, sj__csv_reason(i));
        sj__put_integer(table, 1, (int64_t)rows->bad[i]);
        sj__put_integer(table, 2, rows->bad_line[i]);
        sj__end_row(table);
    }
}

static sj_status csv_report(const csv_reading *reading, sj_result **out, sj_error *error)
{
    char delimiter[2] = {(char)reading->header.delimiter, '\0'};
    sj_result *result = NULL;
    sj_status status = sj__result_new(&reading->allocator, &result, error);
    if (status != SJ_OK)
        return status;
    csv_report_rows(result, &reading->rows);
    csv_report_skipped(result, &reading->rows);
    sj__result_note(result, "delimiter", delimiter[0] == '\t' ? "tab" : delimiter);
    sj__result_note(result, "compression", reading->text.source.inflate != NULL ? "gzip" : "none");
    return sj__result_finish(result, out, error);
}

sj_status sj_csv_read(sj_builder *builder, const sj_csv_options *options, const sj_run *run,
                      sj_result **out, sj_error *error)
{
    csv_reading reading;
    sj_status status;
    if (out != NULL)
        *out = NULL;
    if (builder == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "builder is NULL");
    memset(&reading, 0, sizeof reading);
    reading.builder = builder;
    reading.allocator = *sj__builder_allocator(builder);
    status = sj__csv_options_load(options, &reading.options, error);
    if (status == SJ_OK)
        status = sj__files_load(reading.options.files, &reading.files, error);
    if (status == SJ_OK)
        status = sj__run_load(run, &reading.run, error);
    if (status == SJ_OK)
        status = sj__builder_set_mark(builder, &reading.mark, error);
    if (status != SJ_OK)
        return status;
    status = csv_read_text(&reading, error);
    if (status == SJ_OK && out != NULL)
        status = csv_report(&reading, out, error);
    if (status == SJ_OK)
        sj__builder_count(builder, reading.rows.skipped, reading.rows.digits_cut);
    else
        sj__builder_rollback(builder, reading.mark);
    csv_close(&reading);
    return status;
}
