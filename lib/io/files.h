/* Files through the caller's table of functions, or the system's. */
#ifndef SJ__IO_FILES_H
#define SJ__IO_FILES_H

#include <sojourn/files.h>

#include "base/options.h"

extern const sj__struct sj__files_struct;

/* Copies `given` (NULL: the system's) and checks that what reading needs is there: open, size,
 * read, close. */
sj_status sj__files_load(const sj_files *given, sj_files *out, sj_error *error);

/* One open file; `path` is lent. */
typedef struct sj__file {
    const sj_files *files;
    const char *path;
    void *handle;
} sj__file;

/* SJ_ERR_FILE with the path and the reason. */
sj_status sj__file_open(const sj_files *files, const char *path, int32_t writing, sj__file *out,
                        sj_error *error);
/* UINT64_MAX: unknown. */
sj_status sj__file_size(const sj__file *file, uint64_t *out, sj_error *error);
/* Reads until `size` bytes are there or the file ends, whatever the pieces it comes in; *out_read <
 * size: the end. */
sj_status sj__file_read(const sj__file *file, uint64_t offset, void *bytes, size_t size,
                        size_t *out_read, sj_error *error);
/* Closes what was only read: nothing can be lost, so nothing can fail. */
void sj__file_drop(const sj__file *file);

#endif
