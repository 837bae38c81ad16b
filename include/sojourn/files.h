/**
 * @file
 * File access, replaceable.
 */
#ifndef SOJOURN_FILES_H
#define SOJOURN_FILES_H

#include <sojourn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** File access, for callers that bring their own.  Every function returns 0 or an errno value.
 *  Reading needs open, size, read and close; the others may be NULL until something is written. */
typedef struct sj_files {
    size_t struct_size; /**< sizeof(sj_files). */
    void *user;         /**< Given to every function. */
    /** Opens `path`; `writing` other than 0: empty and new, to be written from its start. */
    int32_t (*open)(void *user, const char *path, int32_t writing, void **out_file);
    /** Bytes; UINT64_MAX: unknown (a pipe); then it is read in rising order. */
    int32_t (*size)(void *user, void *file, uint64_t *out);
    /** Up to `size` bytes from `offset`; 0 bytes: the end. */
    int32_t (*read)(void *user, void *file, uint64_t offset, void *bytes, size_t size,
                    size_t *out_read);
    /** Up to `size` bytes behind those written before. */
    int32_t (*write)(void *user, void *file, const void *bytes, size_t size, size_t *out_written);
    /** Returns when what was written would survive a power cut. */
    int32_t (*sync)(void *user, void *file);
    /** Closes; the file is gone even where this fails. */
    int32_t (*close)(void *user, void *file);
    /** Puts `from` in the place of `to`, at once. */
    int32_t (*rename)(void *user, const char *from, const char *to);
    /** Removes a file. */
    int32_t (*remove)(void *user, const char *path);
    /** Makes renames in the directory of `path` survive a power cut. */
    int32_t (*sync_directory)(void *user, const char *path);
    /** Maps a file that is read only.  NULL: read instead. */
    int32_t (*map)(void *user, void *file, uint64_t size, const void **out);
    /** Undoes `map`. */
    void (*unmap)(void *user, const void *bytes, uint64_t size);
} sj_files;

#ifdef __cplusplus
}
#endif
#endif
