/* The system's files, and the helpers through which the library uses any table of them.
 *
 * An open file of the system is its descriptor, kept in the handle itself, so that opening
 * allocates nothing.  Reads are pread where the file can seek and read where it cannot (pipes):
 * those are read in rising order.  A table's function returns 0 or an errno value; what that value
 * means is said here in our own words, because strerror depends on the locale and keeps global
 * state. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_FIELD(field, ...)                                                                    \
    SJ__FIELD(sj_files, field, SJ__KIND_OBJECT, SJ__ROLE_READ, __VA_ARGS__)

static const sj__field files_fields[] = {
    SJ__FIELD(sj_files, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE, .option = ""),
    FILES_FIELD(user, .option = ""),
    FILES_FIELD(open, .option = ""),
    FILES_FIELD(size, .option = ""),
    FILES_FIELD(read, .option = ""),
    FILES_FIELD(write, .option = ""),
    FILES_FIELD(sync, .option = ""),
    FILES_FIELD(close, .option = ""),
    FILES_FIELD(rename, .option = ""),
    FILES_FIELD(remove, .option = ""),
    FILES_FIELD(sync_directory, .option = ""),
    FILES_FIELD(map, .fallback = "read instead", .option = ""),
    FILES_FIELD(unmap, .option = ""),
};

const sj__struct sj__files_struct = {
    .name = "sj_files",
    .fields = files_fields,
    .n_fields = sizeof files_fields / sizeof *files_fields,
    .size = sizeof(sj_files),
    .least = sizeof(sj_files),
};

/* ---- the system's table ---- */

/* Descriptor + 1, so that a handle is never NULL; copied, not cast, because it points at nothing.
 */
static void *files_handle(int descriptor)
{
    uintptr_t bits = (uintptr_t)descriptor + 1;
    void *handle = NULL;
    memcpy(&handle, &bits, sizeof handle);
    return handle;
}

static int files_descriptor(void *handle)
{
    uintptr_t bits = 0;
    memcpy(&bits, &handle, sizeof bits);
    return (int)(bits - 1);
}

static int32_t files_open(void *user, const char *path, int32_t writing, void **out_file)
{
    int flags = writing ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC;
    int descriptor = open(path, flags, 0666);
    struct stat about;
    (void)user;
    if (descriptor < 0)
        return errno;
    /* A directory opens for reading like a file; say what it is before the first read does. */
    if (fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode)) {
        (void)close(descriptor);
        return EISDIR;
    }
    *out_file = files_handle(descriptor);
    return 0;
}

static int32_t files_size(void *user, void *file, uint64_t *out)
{
    struct stat about;
    (void)user;
    if (fstat(files_descriptor(file), &about) != 0)
        return errno;
    /* Files under /proc say 0 and yet hold something. */
    *out = S_ISREG(about.st_mode) && about.st_size > 0 ? (uint64_t)about.st_size : UINT64_MAX;
    return 0;
}

/* The most that one call is asked for: some systems refuse more than 2 GiB. */
#define FILES_PIECE ((size_t)1 << 30)

static int32_t files_read(void *user, void *file, uint64_t offset, void *bytes, size_t size,
                          size_t *out_read)
{
    int descriptor = files_descriptor(file);
    size_t piece = size < FILES_PIECE ? size : FILES_PIECE;
    ssize_t got;
    (void)user;
    if (offset > (uint64_t)INT64_MAX - FILES_PIECE)
        return EFBIG;
    got = pread(descriptor, bytes, piece, (off_t)offset);
    if (got < 0 && errno == ESPIPE)
        got = read(descriptor, bytes, piece);
    if (got < 0)
        return errno;
    *out_read = (size_t)got;
    return 0;
}

static int32_t files_write(void *user, void *file, const void *bytes, size_t size,
                           size_t *out_written)
{
    ssize_t put = write(files_descriptor(file), bytes, size < FILES_PIECE ? size : FILES_PIECE);
    (void)user;
    if (put < 0)
        return errno;
    *out_written = (size_t)put;
    return 0;
}

static int32_t files_sync(void *user, void *file)
{
    (void)user;
    return fsync(files_descriptor(file)) == 0 ? 0 : errno;
}

static int32_t files_close(void *user, void *file)
{
    (void)user;
    /* After EINTR the descriptor is gone all the same; closing it again could close another's. */
    return close(files_descriptor(file)) == 0 || errno == EINTR ? 0 : errno;
}

static int32_t files_rename(void *user, const char *from, const char *to)
{
    (void)user;
    return rename(from, to) == 0 ? 0 : errno;
}

static int32_t files_remove(void *user, const char *path)
{
    (void)user;
    return unlink(path) == 0 ? 0 : errno;
}

static int32_t files_sync_directory(void *user, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int32_t reason = 0;
    (void)user;
    if (descriptor < 0)
        return errno;
    /* EINVAL: a file system whose directories need no sync. */
    if (fsync(descriptor) != 0 && errno != EINVAL)
        reason = errno;
    (void)close(descriptor);
    return reason;
}

static int32_t files_map(void *user, void *file, uint64_t size, const void **out)
{
    void *bytes;
    (void)user;
    if (size > SIZE_MAX)
        return ENOMEM;
    bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, files_descriptor(file), 0);
    if (bytes == MAP_FAILED)
        return errno;
    *out = bytes;
    return 0;
}

static void files_unmap(void *user, const void *bytes, uint64_t size)
{
    void *mapped = NULL;
    (void)user;
    memcpy(&mapped, &bytes, sizeof mapped);
    (void)munmap(mapped, (size_t)size);
}

static const sj_files files_of_system = {
    .struct_size = sizeof(sj_files),
    .user = NULL,
    .open = files_open,
    .size = files_size,
    .read = files_read,
    .write = files_write,
    .sync = files_sync,
    .close = files_close,
    .rename = files_rename,
    .remove = files_remove,
    .sync_directory = files_sync_directory,
    .map = files_map,
    .unmap = files_unmap,
};

/* ---- what went wrong ---- */

static const struct files_reason {
    int32_t code;
    const char *words;
} files_reasons[] = {
    {ENOENT, "there is no such file"},
    {EACCES, "permission is denied"},
    {EPERM, "it is not permitted"},
    {EISDIR, "it is a directory, not a file"},
    {ENOTDIR, "a part of the path is not a directory"},
    {EEXIST, "it is already there"},
    {EROFS, "the file system is read-only"},
    {ENOSPC, "no space is left on the device"},
    {EDQUOT, "the disk quota is used up"},
    {EFBIG, "the file is too large"},
    {EIO, "the device failed to read or write"},
    {EMFILE, "the process has too many files open"},
    {ENFILE, "the system has too many files open"},
    {ENAMETOOLONG, "the path is too long"},
    {ELOOP, "the path has too many symbolic links"},
    {ENOMEM, "the system is out of memory"},
    {EBUSY, "it is in use"},
    {ETXTBSY, "it is a program that is running"},
    {EXDEV, "the two paths are on different file systems"},
    {ENXIO, "there is no such device"},
    {ENODEV, "the device cannot do this"},
    {EPIPE, "the reader of the pipe is gone"},
    {EBADF, "the file is not open"},
    {EINVAL, "the system does not take the request"},
    {EINTR, "a signal interrupted it"},
    {EAGAIN, "nothing is there yet, and the file does not wait"},
    {ETIMEDOUT, "the time for an answer ran out"},
    {ESTALE, "the server no longer knows the file"},
};

static sj_status files_fail(sj_error *error, const char *verb, const char *path, int32_t code)
{
    size_t i;
    for (i = 0; i < sizeof files_reasons / sizeof *files_reasons; i++) {
        if (files_reasons[i].code == code)
            return sj__fail(error, SJ_ERR_FILE, "cannot %s %q: %s", verb, path,
                            files_reasons[i].words);
    }
    return sj__fail(error, SJ_ERR_FILE, "cannot %s %q: the system gives error number %i", verb,
                    path, (int64_t)code);
}

/* ---- using a table ---- */

sj_status sj__files_load(const sj_files *given, sj_files *out, sj_error *error)
{
    const char *missing = NULL;
    sj_status status;
    if (given == NULL) {
        *out = files_of_system;
        return SJ_OK;
    }
    status = sj__options_load(&sj__files_struct, given, out, error);
    if (status != SJ_OK)
        return status;
    if (out->open == NULL)
        missing = "open";
    else if (out->size == NULL)
        missing = "size";
    else if (out->read == NULL)
        missing = "read";
    else if (out->close == NULL)
        missing = "close";
    if (missing != NULL)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "files.%s is NULL: reading needs open, size, read and close", missing);
    return SJ_OK;
}

sj_status sj__file_open(const sj_files *files, const char *path, int32_t writing, sj__file *out,
                        sj_error *error)
{
    int32_t code;
    out->files = files;
    out->path = path;
    out->handle = NULL;
    do
        code = files->open(files->user, path, writing, &out->handle);
    while (code == EINTR);
    return code == 0 ? SJ_OK : files_fail(error, "open", path, code);
}

sj_status sj__file_size(const sj__file *file, uint64_t *out, sj_error *error)
{
    int32_t code = file->files->size(file->files->user, file->handle, out);
    return code == 0 ? SJ_OK : files_fail(error, "ask the size of", file->path, code);
}

sj_status sj__file_read(const sj__file *file, uint64_t offset, void *bytes, size_t size,
                        size_t *out_read, sj_error *error)
{
    size_t done = 0;
    while (done < size) {
        size_t got = 0;
        int32_t code = file->files->read(file->files->user, file->handle, offset + done,
                                         (char *)bytes + done, size - done, &got);
        if (code == EINTR)
            continue;
        if (code == 0 && got > size - done)
            code = EIO; /* a table that claims more than it was asked for */
        if (code != 0)
            return files_fail(error, "read", file->path, code);
        if (got == 0)
            break;
        done += got;
    }
    *out_read = done;
    return SJ_OK;
}

void sj__file_drop(const sj__file *file)
{
    (void)file->files->close(file->files->user, file->handle);
}
