/* Where CSV text comes from: a file or bytes in memory, plain or gzip, as one stream read in rising
 * order. */
#include "io/csv_source.h"

#include <string.h>

#define CSV_SOURCE_RAW ((size_t)64 << 10)

/* Bytes of the file as they stand there. */
static sj_status csv_source_take(sj__csv_source *source, char *to, size_t room, size_t *n,
                                 sj_error *error)
{
    sj_status status = SJ_OK;
    if (source->bytes != NULL) {
        uint64_t left = source->size - source->taken;
        *n = left < room ? (size_t)left : room;
        memcpy(to, source->bytes + source->taken, *n);
    } else {
        status = sj__file_read(&source->file, source->taken, to, room, n, error);
    }
    if (status == SJ_OK)
        source->taken += *n;
    return status;
}

static sj_status csv_source_fill(sj__csv_source *source, sj_error *error)
{
    size_t n = 0;
    sj_status status = csv_source_take(source, source->raw, CSV_SOURCE_RAW, &n, error);
    source->raw_at = 0;
    source->raw_size = n;
    source->raw_last = n < CSV_SOURCE_RAW;
    return status;
}

sj_status sj__csv_source_open(sj__csv_source *source, const sj_files *files, const char *path,
                              const void *bytes, size_t n_bytes, const sj_allocator *allocator,
                              sj_error *error)
{
    static const char zstd[4] = {'\x28', '\xB5', '\x2F', '\xFD'};
    sj_status status = SJ_OK;
    memset(source, 0, sizeof *source);
    source->allocator = allocator;
    if (path == NULL) {
        source->bytes = n_bytes > 0 ? bytes : "";
        source->size = n_bytes;
    } else {
        status = sj__file_open(files, path, 0, &source->file, error);
        source->is_open = status == SJ_OK;
        if (status == SJ_OK)
            status = sj__file_size(&source->file, &source->size, error);
    }
    if (status != SJ_OK)
        return status;
    source->raw = sj__alloc(allocator, CSV_SOURCE_RAW, 1);
    if (source->raw == NULL)
        return sj__fail_nomem(error);
    status = csv_source_fill(source, error);
    if (status == SJ_OK && source->raw_size >= 4 && memcmp(source->raw, zstd, 4) == 0)
        status = sj__fail(error, SJ_ERR_FORMAT,
                          "the input is zstd, which this library does not read: decompress it "
                          "first, or use gzip");
    if (status == SJ_OK && sj__inflate_recognises(source->raw, source->raw_size))
        status = sj__inflate_new(allocator, &source->inflate, error);
    return status;
}

static sj_status csv_source_inflate(sj__csv_source *source, char *to, size_t room, size_t *n,
                                    sj_error *error)
{
    while (*n < room) {
        size_t used = 0, made = 0;
        sj_status status = sj__inflate_run(source->inflate, source->raw + source->raw_at,
                                           source->raw_size - source->raw_at, &used, to + *n,
                                           room - *n, &made, error);
        if (status != SJ_OK)
            return status;
        source->raw_at += used;
        *n += made;
        if (used > 0 || made > 0)
            continue;
        if (source->raw_last)
            return sj__inflate_end(source->inflate, error);
        status = csv_source_fill(source, error);
        if (status != SJ_OK)
            return status;
    }
    return SJ_OK;
}

sj_status sj__csv_source_read(sj__csv_source *source, char *to, size_t room, size_t *n,
                              sj_error *error)
{
    size_t left = source->raw_size - source->raw_at;
    size_t more = 0;
    sj_status status = SJ_OK;
    *n = 0;
    if (source->inflate != NULL)
        return csv_source_inflate(source, to, room, n, error);
    /* What was read to know the kind of file comes first; then nothing goes through `raw` any more.
     */
    if (left > room)
        left = room;
    memcpy(to, source->raw + source->raw_at, left);
    source->raw_at += left;
    if (left < room && !source->raw_last)
        status = csv_source_take(source, to + left, room - left, &more, error);
    *n = left + more;
    return status;
}

void sj__csv_source_close(sj__csv_source *source)
{
    if (source->allocator == NULL)
        return;
    sj__inflate_free(source->inflate);
    sj__free(source->allocator, source->raw, CSV_SOURCE_RAW, 1);
    if (source->is_open)
        sj__file_drop(&source->file);
}
