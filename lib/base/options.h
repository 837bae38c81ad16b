/* Options structs, each described once by a table.  The loader, the tally's text, the command line,
 * bindings and sj_catalog read the same table. */
#ifndef SJ__BASE_OPTIONS_H
#define SJ__BASE_OPTIONS_H

#include "base/text.h"

/* Kind of a field; the name in the catalog in brackets. */
enum {
    SJ__KIND_SHAPE = 1,   /* struct_size, n_…, …_size [size] */
    SJ__KIND_CHOICE = 2,  /* int32_t or int64_t, 1 … number of `values` [choice] */
    SJ__KIND_FLAG = 3,    /* other than 0: on [flag] */
    SJ__KIND_COUNT = 4,   /* whole number >= 0, int32_t or int64_t [count] */
    SJ__KIND_INTEGER = 5, /* whole number of either sign [integer] */
    SJ__KIND_BITS = 6,    /* a set of `values`, bit i for the i-th [bits] */
    SJ__KIND_SPAN = 7,    /* int64_t microseconds; SJ_INSTANT; SJ_UNLIMITED [span] */
    SJ__KIND_TIME = 8,    /* const int64_t * or NULL [time] */
    SJ__KIND_REAL = 9,    /* double [real] */
    SJ__KIND_TEXT = 10,   /* const char * or NULL [text] */
    SJ__KIND_TEXTS = 11,  /* const char *const *, with a count [texts] */
    SJ__KIND_STRUCTS =
        12, /* array of structs `element`, with a count and an element size [structs] */
    SJ__KIND_NUMBERS = 13, /* const uint64_t *, with a count [numbers] */
    SJ__KIND_OBJECT = 14   /* only code can give it: allocator, files, tally, function [object] */
};

enum { SJ__ROLE_COUNTED = 1, SJ__ROLE_READ = 2, SJ__ROLE_SHAPE = 3, SJ__ROLE_PRESET = 4 };

typedef struct sj__struct sj__struct;

typedef struct sj__field {
    const char *name;
    int32_t kind;
    int32_t role;
    uint32_t offset;
    uint32_t size;
    const char *values;   /* CHOICE, BITS: names separated by blanks, the first is 1 (or bit 0) */
    const char *fallback; /* what 0 means, in words, for the catalog; NULL: nothing */
    const char *count_field;   /* arrays: the field that holds their length */
    const char *size_field;    /* STRUCTS: the field that holds the size of an element */
    const sj__struct *element; /* STRUCTS: what an element is */
    const char *option; /* long option on the command line; NULL: the name with hyphens; "": none */
    uint64_t later; /* not built yet: CHOICE bit v for value v; others: 1 for "anything but 0" */
} sj__field;

struct sj__struct {
    const char *name; /* "sj_funnel_options" */
    const sj__field *fields;
    size_t n_fields;
    size_t size;  /* sizeof the struct */
    size_t least; /* smallest struct_size (or element size) that any release had */
};

/* SJ__FIELD(sj_funnel_options, window, SJ__KIND_SPAN, SJ__ROLE_COUNTED, .fallback = "none") */
#define SJ__FIELD(type, field, kind_, role_, ...)                                                  \
    {                                                                                              \
        .name = #field, .kind = (kind_), .role = (role_),                                          \
        .offset = (uint32_t)offsetof(type, field), .size = (uint32_t)sizeof(((type *)0)->field),   \
        __VA_ARGS__                                                                                \
    }

/* Copies `given` (NULL: all defaults) into `out`, a struct of the library's own size, and checks
 * everything that the table knows: struct_size, bytes beyond it that are not zero, choices, bits,
 * spans (negative but SJ_INSTANT), negative counts, an array that is NULL with a count or has the
 * wrong element size, elements likewise, fields not built yet.  SJ_ERR_OPTIONS (SJ_ERR_ARGUMENT for
 * struct_size) that names the field.  Arrays stay the caller's: read their elements with
 * sj__options_element. */
sj_status sj__options_load(const sj__struct *shape, const void *given, void *out, sj_error *error);

/* Copies the i-th element of an array of structs whose elements are `element_size` bytes into
 * `out`, zero-filled. */
void sj__options_element(const sj__struct *element, const void *array, size_t element_size,
                         size_t i, void *out);

/* Field by name, or NULL. */
const sj__field *sj__options_field(const sj__struct *shape, const char *name);

/* Names for the catalog, "choice" and "counted"; "" for what is neither. */
const char *sj__options_kind_name(int32_t kind);
const char *sj__options_role_name(int32_t role);

/* 1 where one field of `data` passes the loader's checks. */
int sj__options_check_one(const sj__struct *shape, const sj__field *field, const void *data);

/* The integer that a CHOICE, FLAG, COUNT, INTEGER, BITS, SPAN or SHAPE field of `data` holds. */
int64_t sj__options_integer(const sj__field *field, const void *data);

/* Name of the v-th value (from 1) of a CHOICE, or of bit v − 1; size in *n.  NULL if there is none.
 */
const char *sj__options_value(const sj__field *field, int64_t v, size_t *n);

/* A line "name value" for each counted scalar field that is not 0 (choices and bits by name, spans
 * in microseconds, times as ISO 8601, texts as they stand with newline and backslash escaped).
 * Arrays are written by who owns them, with sj__options_line per element: "name field=value
 * field=value …" with texts in single quotes. */
void sj__options_write(const sj__struct *shape, const void *data, sj__text *text);
void sj__options_line(const char *name, const sj__struct *element, const void *data,
                      sj__text *text);

/* Reads such lines back.  Walks lines: sets *name, *value within `text`, returns the next line or
 * NULL at the end. */
const char *sj__options_next(const char *text, const char *end, const char **name, size_t *n_name,
                             const char **value, size_t *n_value);
/* Sets a scalar field (not TEXT, TIME or arrays) of `data` from what sj__options_write wrote.  1 if
 * it did. */
int sj__options_set(const sj__struct *shape, void *data, const char *name, size_t n_name,
                    const char *value, size_t n_value);

#endif
