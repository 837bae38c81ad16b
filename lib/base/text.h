/* Text that grows.  A failed allocation is remembered: add everything, then ask once with
 * sj__text_status. */
#ifndef SJ__BASE_TEXT_H
#define SJ__BASE_TEXT_H

#include "base/alloc.h"

typedef struct sj__text {
    const sj_allocator *allocator;
    char *data; /* NUL-terminated once anything was added; NULL before */
    size_t size;
    size_t capacity;
    int32_t failed;
} sj__text;

/* `allocator` must outlive the text (it is usually a field of the owner). */
void sj__text_init(sj__text *text, const sj_allocator *allocator);
void sj__text_free(sj__text *text);

void sj__text_add(sj__text *text, const char *s);
void sj__text_bytes(sj__text *text, const void *bytes, size_t n);
void sj__text_char(sj__text *text, char c);
void sj__text_integer(sj__text *text, int64_t v);
void sj__text_unsigned(sj__text *text, uint64_t v);
void sj__text_real(sj__text *text, double v);             /* shortest text that reads back as v */
void sj__text_fixed6(sj__text *text, int64_t millionths); /* 12500000: "12.5" */
void sj__text_time(sj__text *text, int64_t time);         /* ISO 8601, UTC, microseconds */
void sj__text_quoted(sj__text *text, const char *s, size_t n, char quote); /* doubled inside */
/* A name as tables show it: in single quotes where it could be taken for (end), (other) and the
 * like, or for a path. */
void sj__text_name(sj__text *text, const char *name, size_t n);

/* SJ_ERR_NOMEM if any addition failed. */
sj_status sj__text_status(const sj__text *text, sj_error *error);

/* The text, or "" where nothing was added. */
const char *sj__text_data(const sj__text *text);

/* Moves the text into a public buffer; on failure (also an earlier one) *out is NULL.  Empties
 * `text`. */
sj_status sj__text_to_buffer(sj__text *text, sj_buffer **out, sj_error *error);

#endif
