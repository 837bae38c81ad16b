/**
 * @file
 * Events from CSV and TSV text.
 */
#ifndef SOJOURN_CSV_H
#define SOJOURN_CSV_H

#include <sojourn/files.h>
#include <sojourn/journey.h>
#include <sojourn/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/* sj_csv_options.time_unit of whole numbers; ISO 8601 is recognised by itself */
enum {
    SJ_TIME_SECONDS = 1, /**< Default. */
    SJ_TIME_MILLISECONDS = 2,
    SJ_TIME_MICROSECONDS = 3,
    SJ_TIME_NANOSECONDS = 4 /**< Cut to the microsecond below; the report counts losses. */
};

/* sj_csv_options.on_error */
enum {
    SJ_CSV_FAIL = 1, /**< Default: the builder stays as it was before the call. */
    SJ_CSV_SKIP = 2  /**< Leave the row out and count it. */
};

/** Which file, which columns, what to do with a row that cannot be read. */
typedef struct sj_csv_options {
    size_t struct_size;     /**< sizeof(sj_csv_options). */
    const char *path;       /**< File to read; gzip, where built in, is known by its first bytes. */
    const void *bytes;      /**< Instead of `path`: the text itself. */
    size_t n_bytes;         /**< Of `bytes`. */
    const sj_files *files;  /**< How files are read.  NULL: the system's. */
    const char *customer;   /**< Column by its header.  Required, as are time and touchpoint. */
    const char *time;       /**< Column of the time: ISO 8601, or whole numbers in `time_unit`. */
    const char *touchpoint; /**< Column of the touchpoint. */
    const char *channel;    /**< NULL: none. */
    const char *value;      /**< NULL: none. */
    const char *const *attributes; /**< Columns to keep; a declared one keeps its type. */
    size_t n_attributes;           /**< Of `attributes`. */
    int32_t delimiter;             /**< A character; 0: guessed from the header line. */
    int32_t time_unit;             /**< SJ_TIME_…  0: seconds. */
    int32_t on_error;              /**< SJ_CSV_…  0: fail. */
    int32_t time_offset; /**< Minutes east of UTC, for ISO 8601 times without an offset. */
} sj_csv_options;

/** Adds all rows to a builder, or on failure none; memory beyond what the builder keeps is
 *  constant.  `out` may be NULL; its tables: `rows`: read, added, skipped, digits_cut · `skipped`:
 *  reason, count, line (of the first).  Errors in the text have `line`, `column` and the byte as
 *  `index`; what is read: docs/csv.md. */
SJ_API sj_status sj_csv_read(sj_builder *builder, const sj_csv_options *options, const sj_run *run,
                             sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
