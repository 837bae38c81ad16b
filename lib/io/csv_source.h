/* The bytes of a text, wherever they come from and however they are compressed. */
#ifndef SJ__IO_CSV_SOURCE_H
#define SJ__IO_CSV_SOURCE_H

#include "io/files.h"
#include "io/inflate.h"

typedef struct sj__csv_source {
    const sj_allocator *allocator;
    sj__file file;
    int32_t is_open;
    const char *bytes;    /* instead of a file */
    uint64_t size;        /* of the file or bytes; UINT64_MAX: unknown */
    uint64_t taken;       /* of them */
    sj__inflate *inflate; /* NULL: not compressed */
    char *raw;            /* compressed bytes on their way: raw[raw_at … raw_size) */
    size_t raw_at, raw_size;
    int32_t raw_last;
} sj__csv_source;

/* Opens `path`, or takes `bytes` where that is NULL, and looks at the first bytes: gzip is
 * inflated, zstd refused (SJ_ERR_FORMAT).  Call sj__csv_source_close whatever happened. */
sj_status sj__csv_source_open(sj__csv_source *source, const sj_files *files, const char *path,
                              const void *bytes, size_t n_bytes, const sj_allocator *allocator,
                              sj_error *error);
/* Fills `to`; fewer than `room` bytes only at the end. */
sj_status sj__csv_source_read(sj__csv_source *source, char *to, size_t room, size_t *n,
                              sj_error *error);
void sj__csv_source_close(sj__csv_source *source);

#endif
