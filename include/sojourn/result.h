/**
 * @file
 * Results: named tables of typed columns, the same for every analysis.
 */
#ifndef SOJOURN_RESULT_H
#define SOJOURN_RESULT_H

#include <sojourn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What an analysis found.  Its tables and columns are listed in the analysis's header. */
typedef struct sj_result sj_result;

/** One table of a result; lives as long as the result. */
typedef struct sj_table sj_table;

/** NULL is fine. */
SJ_API void sj_result_free(sj_result *result);

/** How many tables. */
SJ_API size_t sj_result_count(const sj_result *result);
/** The `i`-th table; NULL out of range. */
SJ_API const sj_table *sj_result_at(const sj_result *result, size_t i);
/** Table by name; NULL if there is none.  Every result has `notes`: name, text (options as
 *  resolved, bounds of error, what was left out and why; after compute also `plan`). */
SJ_API const sj_table *sj_result_find(const sj_result *result, const char *name);

/* format */
enum {
    SJ_FORMAT_TABLE = 1, /**< aligned text for people */
    SJ_FORMAT_JSON = 2,  /**< an object with a key per table, each an array of row objects */
    SJ_FORMAT_CSV = 3,   /**< the first table, or the one named */
    SJ_FORMAT_DOT = 4, /**< Graphviz: the first table with `from` and `to` or with paths, or the one
                              named */
    SJ_FORMAT_MERMAID = 5 /**< a flowchart of the same for Markdown */
};

/** Writes a result; `table` NULL for all (JSON, TABLE) or the first.  SJ_ERR_ARGUMENT where a
 *  picture is asked of a table that has none. */
SJ_API sj_status sj_result_write(const sj_result *result, const char *table, int32_t format,
                                 sj_buffer **out, sj_error *error);

/** What the library knows by name.  Table `catalog`, for `what`: "catalogs": name, summary ·
 *  "analyses": name, options (the struct), summary, has_list, tallied · "constants": name, value ·
 *  "friction signals": name, summary · "funnel presets": name, summary, difference, options ·
 *  the name of a struct: field, kind, offset, size, values, default, role (counted, read, shape,
 *  preset), count_field, size_field, element (the struct of its elements), option; beside it the
 *  table `struct`: name, size, least (the smallest `struct_size` taken). */
SJ_API sj_status sj_catalog(const char *what, const sj_allocator *allocator, sj_result **out,
                            sj_error *error);

/* ------------------------------------------------------------------------------------ tables -- */

/* type of a column */
enum {
    SJ_COLUMN_INTEGER = 1, /**< int64_t */
    SJ_COLUMN_REAL = 2,    /**< double */
    SJ_COLUMN_TEXT = 3,    /**< bytes with offsets */
    SJ_COLUMN_LIST = 4     /**< int64_t with offsets: several per row */
};

/* unit of a column */
enum {
    SJ_UNIT_NONE = 1,
    SJ_UNIT_COUNT = 2,
    SJ_UNIT_SHARE = 3, /**< 0 to 1 */
    SJ_UNIT_TIME = 4,  /**< microseconds since 1970 UTC; ISO 8601 in CSV and JSON */
    SJ_UNIT_SPAN = 5,  /**< microseconds; seconds in CSV and JSON */
    SJ_UNIT_VALUE = 6
};

/** Its name. */
SJ_API const char *sj_table_name(const sj_table *table);
/** How many rows. */
SJ_API size_t sj_table_rows(const sj_table *table);
/** How many columns. */
SJ_API size_t sj_table_columns(const sj_table *table);
/** Name of the `i`-th column; NULL out of range. */
SJ_API const char *sj_table_column(const sj_table *table, size_t i);

/* The rest takes a column by name, and gives 0 or NULL where there is none of that name and type.
   */

/** SJ_COLUMN_… */
SJ_API int32_t sj_table_type(const sj_table *table, const char *column);
/** SJ_UNIT_… */
SJ_API int32_t sj_table_unit(const sj_table *table, const char *column);
/** One entry per row; for a list all rows' entries, see sj_table_offsets. */
SJ_API const int64_t *sj_table_integers(const sj_table *table, const char *column);
/** One entry per row. */
SJ_API const double *sj_table_reals(const sj_table *table, const char *column);
/** One cell, NUL-terminated; NULL where absent. */
SJ_API const char *sj_table_text(const sj_table *table, const char *column, size_t row);
/** Whole text column for bindings: its bytes; a NUL, counted by the offsets, ends every cell. */
SJ_API const char *sj_table_bytes(const sj_table *table, const char *column);
/** rows + 1 positions of a text or list column. */
SJ_API const int64_t *sj_table_offsets(const sj_table *table, const char *column);
/** Bit per row (list: per entry), lowest first, 1 where there is a value; NULL: everywhere. */
SJ_API const uint8_t *sj_table_validity(const sj_table *table, const char *column);

#ifdef __cplusplus
}
#endif
#endif
