/* gzip (RFC 1952) by zlib, as a stream: any number of members, each with its checksum checked.  The
 * only file that knows zlib; without it a compressed file is refused in a sentence. */
#include "io/inflate.h"

int sj__inflate_recognises(const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    return n >= 2 && b[0] == 0x1F && b[1] == 0x8B;
}

#if defined(SJ__HAVE_ZLIB) && !defined(SJ_WITHOUT_ZLIB)

#define ZLIB_CONST
#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { INFLATE_MEMBER = 1, INFLATE_BETWEEN = 2, INFLATE_PADDING = 3 };

struct sj__inflate {
    sj_allocator allocator;
    z_stream stream;
    int32_t state;
    int32_t open; /* inflateInit succeeded */
};

/* zlib's free does not say the size, so it stands before the block. */
#define INFLATE_HEAD 16

static voidpf inflate_alloc(voidpf user, uInt n, uInt size)
{
    const sj_allocator *a = user;
    size_t whole = (size_t)n * size + INFLATE_HEAD;
    char *block = sj__alloc(a, whole, 1);
    if (block == NULL)
        return Z_NULL;
    memcpy(block, &whole, sizeof whole);
    return block + INFLATE_HEAD;
}

static void inflate_release(voidpf user, voidpf address)
{
    const sj_allocator *a = user;
    char *block = (char *)address - INFLATE_HEAD;
    size_t whole;
    memcpy(&whole, block, sizeof whole);
    sj__free(a, block, whole, 1);
}

sj_status sj__inflate_new(const sj_allocator *allocator, sj__inflate **out, sj_error *error)
{
    sj__inflate *gz = sj__alloc_zeroed(allocator, 1, sizeof *gz);
    *out = NULL;
    if (gz == NULL)
        return sj__fail_nomem(error);
    gz->allocator = *allocator;
    gz->state = INFLATE_MEMBER;
    gz->stream.zalloc = inflate_alloc;
    gz->stream.zfree = inflate_release;
    gz->stream.opaque = &gz->allocator;
    if (inflateInit2(&gz->stream, MAX_WBITS + 16) != Z_OK) {
        sj__inflate_free(gz);
        return sj__fail_nomem(error);
    }
    gz->open = 1;
    *out = gz;
    return SJ_OK;
}

void sj__inflate_free(sj__inflate *gz)
{
    sj_allocator a;
    if (gz == NULL)
        return;
    a = gz->allocator;
    if (gz->open)
        (void)inflateEnd(&gz->stream);
    sj__free(&a, gz, 1, sizeof *gz);
}

/* Behind a member: another begins, or NULs fill a block of a tape, or something is wrong. */
static sj_status inflate_next_member(sj__inflate *gz, sj_error *error)
{
    z_stream *stream = &gz->stream;
    while (stream->avail_in > 0 && *stream->next_in == 0) {
        gz->state = INFLATE_PADDING;
        stream->next_in++;
        stream->avail_in--;
    }
    if (stream->avail_in == 0)
        return SJ_OK;
    if (gz->state == INFLATE_PADDING || *stream->next_in != 0x1F)
        return sj__fail(error, SJ_ERR_FORMAT,
                        "the gzip data is damaged: bytes that are not gzip follow its end");
    gz->state = INFLATE_MEMBER;
    return inflateReset(stream) == Z_OK ? SJ_OK : sj__fail_nomem(error);
}

static sj_status inflate_step(sj__inflate *gz, int *full, sj_error *error)
{
    int code;
    if (gz->state != INFLATE_MEMBER)
        return inflate_next_member(gz, error);
    code = inflate(&gz->stream, Z_NO_FLUSH);
    switch (code) {
    case Z_OK:
        return SJ_OK;
    case Z_BUF_ERROR: /* no room to go on: not an error */
        *full = 1;
        return SJ_OK;
    case Z_STREAM_END:
        gz->state = INFLATE_BETWEEN;
        return SJ_OK;
    case Z_MEM_ERROR:
        return sj__fail_nomem(error);
    default:
        return sj__fail(error, SJ_ERR_FORMAT,
                        "the gzip data is damaged: it does not match its checksum or format");
    }
}

sj_status sj__inflate_run(sj__inflate *gz, const void *in, size_t n, size_t *used, void *out,
                          size_t room, size_t *made, sj_error *error)
{
    z_stream *stream = &gz->stream;
    size_t take = n < UINT_MAX ? n : UINT_MAX;
    size_t give = room < UINT_MAX ? room : UINT_MAX;
    sj_status status = SJ_OK;
    int full = 0;
    stream->next_in = in;
    stream->avail_in = (uInt)take;
    stream->next_out = out;
    stream->avail_out = (uInt)give;
    /* zlib may hold output back after the last input byte, so ask until it says that it cannot go
     * on. */
    while (status == SJ_OK && !full && stream->avail_out > 0 &&
           (stream->avail_in > 0 || gz->state == INFLATE_MEMBER))
        status = inflate_step(gz, &full, error);
    *used = take - stream->avail_in;
    *made = give - stream->avail_out;
    return status;
}

sj_status sj__inflate_end(const sj__inflate *gz, sj_error *error)
{
    if (gz->state == INFLATE_MEMBER)
        return sj__fail(error, SJ_ERR_FORMAT,
                        "the gzip data ends in the middle: the file is cut short");
    return SJ_OK;
}

#else

sj_status sj__inflate_new(const sj_allocator *allocator, sj__inflate **out, sj_error *error)
{
    (void)allocator;
    *out = NULL;
    return sj__fail(
        error, SJ_ERR_FORMAT,
        "the input is gzip, but this library was built without zlib: decompress it first");
}

void sj__inflate_free(sj__inflate *gz)
{
    (void)gz;
}

sj_status sj__inflate_run(sj__inflate *gz, const void *in, size_t n, size_t *used, void *out,
                          size_t room, size_t *made, sj_error *error)
{
    (void)gz;
    (void)in;
    (void)n;
    (void)out;
    (void)room;
    *used = 0;
    *made = 0;
    return sj__inflate_new(NULL, &gz, error);
}

sj_status sj__inflate_end(const sj__inflate *gz, sj_error *error)
{
    (void)gz;
    (void)error;
    return SJ_OK;
}

#endif
