/* gzip, where zlib was found. */
#ifndef SJ__IO_INFLATE_H
#define SJ__IO_INFLATE_H

#include "base/alloc.h"

typedef struct sj__inflate sj__inflate;

/* Whether the bytes begin as gzip does. */
int sj__inflate_recognises(const void *bytes, size_t n);

/* SJ_ERR_FORMAT where the library was built without zlib. */
sj_status sj__inflate_new(const sj_allocator *allocator, sj__inflate **out, sj_error *error);
void sj__inflate_free(sj__inflate *gz);

/* Takes from `in`, puts to `out`, as much of both as goes; *used and *made say how much that was.
 * Members one behind the other are one text, NULs behind the last are padding.  SJ_ERR_FORMAT for
 * damaged bytes. */
sj_status sj__inflate_run(sj__inflate *gz, const void *in, size_t n, size_t *used, void *out,
                          size_t room, size_t *made, sj_error *error);

/* Asked when there is no more input: SJ_ERR_FORMAT if the last member is not whole. */
sj_status sj__inflate_end(const sj__inflate *gz, sj_error *error);

#endif
