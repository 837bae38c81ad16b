/* A table of files for tests: one file in memory, handed out in short pieces, that fails where it
 * is told to. */
#ifndef SJ_TESTS_FAKE_FILES_H
#define SJ_TESTS_FAKE_FILES_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sojourn/files.h>

typedef struct fake_file {
    const char *bytes;
    size_t n;
    size_t piece;         /* bytes to a read at most; 0: as many as are asked for */
    int32_t size_unknown; /* like a pipe: no size, and it insists on rising offsets */
    int32_t interrupts;   /* every read is interrupted so often first */
    int32_t claims;       /* a read says that it gave more than it was asked for */
    uint64_t fail_open;   /* the call that fails, from 1; 0: none */
    uint64_t fail_size;
    uint64_t fail_read;
    uint64_t fail_close;
    int32_t code;                         /* with which; 0: EIO */
    uint64_t opens, sizes, reads, closes; /* calls so far */
    int32_t is_open;
    int32_t interrupted;
    uint64_t at; /* where the next read of a pipe must begin */
    uint64_t wrong;
} fake_file;

static int32_t fake_fails(const fake_file *fake, uint64_t call, uint64_t fails_at)
{
    if (call != fails_at)
        return 0;
    return fake->code != 0 ? fake->code : EIO;
}

static int32_t fake_open(void *user, const char *path, int32_t writing, void **out_file)
{
    fake_file *fake = user;
    int32_t code = fake_fails(fake, ++fake->opens, fake->fail_open);
    if (writing || path == NULL)
        fake->wrong++;
    if (code != 0)
        return code;
    fake->is_open++;
    fake->at = 0;
    *out_file = fake;
    return 0;
}

static int32_t fake_size(void *user, void *file, uint64_t *out)
{
    fake_file *fake = user;
    int32_t code = fake_fails(fake, ++fake->sizes, fake->fail_size);
    if (file != user)
        fake->wrong++;
    if (code != 0)
        return code;
    *out = fake->size_unknown ? UINT64_MAX : fake->n;
    return 0;
}

static int32_t fake_read(void *user, void *file, uint64_t offset, void *bytes, size_t size,
                         size_t *out_read)
{
    fake_file *fake = user;
    size_t left = offset < fake->n ? fake->n - (size_t)offset : 0;
    int32_t code;
    if (file != user || !fake->is_open || (fake->size_unknown && offset != fake->at))
        fake->wrong++;
    if (fake->interrupted < fake->interrupts) {
        fake->interrupted++;
        return EINTR;
    }
    fake->interrupted = 0;
    code = fake_fails(fake, ++fake->reads, fake->fail_read);
    if (code != 0)
        return code;
    if (size > left)
        size = left;
    if (fake->piece > 0 && size > fake->piece)
        size = fake->piece;
    memcpy(bytes, fake->bytes + offset, size);
    fake->at += size;
    *out_read = fake->claims ? SIZE_MAX : size;
    return 0;
}

static int32_t fake_close(void *user, void *file)
{
    fake_file *fake = user;
    if (file != user || !fake->is_open)
        fake->wrong++;
    fake->is_open--;
    return fake_fails(fake, ++fake->closes, fake->fail_close);
}

static inline sj_files fake_files(fake_file *fake)
{
    return (sj_files){.struct_size = sizeof(sj_files),
                      .user = fake,
                      .open = fake_open,
                      .size = fake_size,
                      .read = fake_read,
                      .close = fake_close};
}

#endif
