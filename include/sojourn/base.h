/**
 * @file
 * Status, error, allocator, run: what every other header needs.
 */
#ifndef SOJOURN_BASE_H
#define SOJOURN_BASE_H

#include <stddef.h>
#include <stdint.h>

/** Marks what the shared object exports. */
#if defined(_WIN32) && !defined(SJ_STATIC)
#ifdef SJ_BUILDING
#define SJ_API __declspec(dllexport)
#else
#define SJ_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define SJ_API __attribute__((visibility("default")))
#else
#define SJ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------ status -- */

/** 0, or one of the codes below; a code that you do not know is a failure like any other. */
typedef int32_t sj_status;

enum {
    SJ_OK = 0,
    SJ_ERR_NOMEM = 1,     /**< The allocator returned NULL. */
    SJ_ERR_ARGUMENT = 2,  /**< An argument is NULL or out of range. */
    SJ_ERR_OPTIONS = 3,   /**< An option is wrong, or two exclude each other. */
    SJ_ERR_LIMIT = 4,     /**< A documented maximum is exceeded. */
    SJ_ERR_OVERFLOW = 5,  /**< A sum leaves the range of its type. */
    SJ_ERR_CANCELLED = 6, /**< `progress` asked to stop. */
    SJ_ERR_UTF8 = 100,    /**< `index` is the byte. */
    SJ_ERR_NAME = 101,    /**< A name is unknown (the message has the nearest), or of two kinds. */
    SJ_ERR_DUPLICATE = 102, /**< A name is already taken. */
    SJ_ERR_TIME = 103,      /**< A time cannot be read or does not fit. */
    SJ_ERR_VALUE = 104,     /**< A value is NaN, infinite, or does not fit. */
    SJ_ERR_CONDITION = 105, /**< A condition cannot be read; `index` is the byte. */
    SJ_ERR_MAP = 106,       /**< A map cannot be read; `line`, `column`. */
    SJ_ERR_CSV = 107,       /**< A row cannot be read; `line`, `column`, `index` is the byte. */
    SJ_ERR_FILE = 200,      /**< The file system refused; the message has its reason. */
    SJ_ERR_FORMAT = 201,    /**< Not a snapshot or tally, or damaged. */
    SJ_ERR_VERSION = 202,   /**< Written by a newer library. */
    SJ_ERR_MISMATCH = 300,  /**< These tallies do not count the same thing. */
    SJ_ERR_NEGATIVE = 301   /**< A difference of tallies, not a count. */
};

/** What went wrong and where.  256 bytes for ever. */
typedef struct sj_error {
    sj_status code;    /**< What the call returned. */
    int32_t column;    /**< Column in text input, from 1; 0: not about text. */
    int64_t index;     /**< Offending element, row or byte, from 0; -1: none. */
    int64_t line;      /**< Line in text input, from 1; 0: not about text. */
    char message[232]; /**< One sentence: what, where, what would be right.  Not stable. */
} sj_error;

/** "SJ_ERR_NAME"; "SJ_ERR_UNKNOWN" for a code that this library does not know. */
SJ_API const char *sj_status_name(sj_status status);

/** "1.2.3". */
SJ_API const char *sj_version(void);

/* ----------------------------------------------------------------------- allocation, running -- */

/** Where memory comes from.  Copied by what uses it. */
typedef struct sj_allocator {
    /** `ptr` NULL: allocate.  `new_size` 0: free and return NULL.  Otherwise resize; on failure
     *  return NULL and leave `ptr` alone.  With `threads` above 1 it is called from several threads
     *  at once. */
    void *(*resize)(void *user, void *ptr, size_t old_size, size_t new_size);
    void *user; /**< Given to every call. */
} sj_allocator;

/** How a call runs; never what it answers.  NULL: one thread, silent, to the end. */
typedef struct sj_run {
    size_t struct_size; /**< sizeof(sj_run). */
    /** Called now and then with work done and in all; return other than 0 to stop.  NULL: not
     *  called. */
    int32_t (*progress)(void *user, uint64_t done, uint64_t total);
    void *user;      /**< Given to `progress`. */
    int64_t threads; /**< 0: 1; at most 256 are used.  The answer does not depend on it. */
} sj_run;

/* --------------------------------------------------------------------------------- constants -- */

#define SJ_NONE UINT64_MAX         /**< "There is none": a position that no object has. */
#define SJ_INSTANT (-1)            /**< A span of no length. */
#define SJ_UNLIMITED INT64_MAX     /**< A span without end. */
#define SJ_SECOND INT64_C(1000000) /**< Microseconds. */
#define SJ_MINUTE (60 * SJ_SECOND) /**< Microseconds. */
#define SJ_HOUR (60 * SJ_MINUTE)   /**< Microseconds. */
#define SJ_DAY (24 * SJ_HOUR)      /**< Microseconds. */

/* ------------------------------------------------------------------------------------- bytes -- */

/** Bytes that the library wrote: a tally, a table as CSV or JSON. */
typedef struct sj_buffer sj_buffer;

/** The bytes; a NUL that is not counted follows them. */
SJ_API const char *sj_buffer_data(const sj_buffer *buffer);
/** How many. */
SJ_API size_t sj_buffer_size(const sj_buffer *buffer);
/** NULL is fine. */
SJ_API void sj_buffer_free(sj_buffer *buffer);

#ifdef __cplusplus
}
#endif
#endif
