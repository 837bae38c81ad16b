/* The system's files, tables of files, and the helper that reads through them. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_files.h"
#include "io/files.h"

static char folder[] = "/tmp/sojourn-files-XXXXXX";
static char path_a[64], path_b[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    strcpy(path_a, folder);
    strcat(path_a, "/a");
    strcpy(path_b, folder);
    strcat(path_b, "/b");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path_a);
    (void)unlink(path_b);
    return rmdir(folder);
}

static sj_files system_files(void)
{
    sj_files files;
    assert_int_equal(sj__files_load(NULL, &files, NULL), SJ_OK);
    return files;
}

static void write_file(const sj_files *files, const char *path, const char *text)
{
    void *file = NULL;
    size_t written = 0;
    assert_int_equal(files->open(files->user, path, 1, &file), 0);
    assert_int_equal(files->write(files->user, file, text, strlen(text), &written), 0);
    assert_int_equal(written, strlen(text));
    assert_int_equal(files->sync(files->user, file), 0);
    assert_int_equal(files->close(files->user, file), 0);
}

static void what_is_written_can_be_read_at_any_offset(void **state)
{
    sj_files files = system_files();
    void *file = NULL;
    uint64_t size = 0;
    size_t n = 0;
    char bytes[16];
    (void)state;
    write_file(&files, path_a, "hello, world");
    assert_int_equal(files.open(files.user, path_a, 0, &file), 0);
    assert_int_equal(files.size(files.user, file, &size), 0);
    assert_int_equal(size, 12);
    assert_int_equal(files.read(files.user, file, 7, bytes, sizeof bytes, &n), 0);
    assert_int_equal(n, 5);
    assert_memory_equal(bytes, "world", 5);
    assert_int_equal(files.read(files.user, file, 0, bytes, 5, &n), 0);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(files.read(files.user, file, 12, bytes, 5, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(files.read(files.user, file, UINT64_MAX, bytes, 5, &n), EFBIG);
    assert_int_equal(files.close(files.user, file), 0);
}

static void writing_anew_forgets_what_was_there(void **state)
{
    sj_files files = system_files();
    void *file = NULL;
    uint64_t size = 0;
    (void)state;
    write_file(&files, path_a, "a long text");
    write_file(&files, path_a, "short");
    assert_int_equal(files.open(files.user, path_a, 0, &file), 0);
    assert_int_equal(files.size(files.user, file, &size), 0);
    assert_int_equal(size, 5);
    assert_int_equal(files.close(files.user, file), 0);
}

static void a_file_can_be_mapped(void **state)
{
    sj_files files = system_files();
    void *file = NULL;
    const void *bytes = NULL;
    (void)state;
    write_file(&files, path_a, "mapped");
    assert_int_equal(files.open(files.user, path_a, 0, &file), 0);
    assert_int_equal(files.map(files.user, file, 6, &bytes), 0);
    assert_memory_equal(bytes, "mapped", 6);
    files.unmap(files.user, bytes, 6);
    assert_int_equal(files.map(files.user, file, 0, &bytes), EINVAL);
    assert_int_equal(files.close(files.user, file), 0);
}

static void renaming_replaces_and_removing_removes(void **state)
{
    sj_files files = system_files();
    void *file = NULL;
    (void)state;
    write_file(&files, path_a, "new");
    write_file(&files, path_b, "old");
    assert_int_equal(files.rename(files.user, path_a, path_b), 0);
    assert_int_equal(files.sync_directory(files.user, folder), 0);
    assert_int_equal(files.open(files.user, path_a, 0, &file), ENOENT);
    assert_int_equal(files.remove(files.user, path_b), 0);
    assert_int_equal(files.remove(files.user, path_b), ENOENT);
    assert_int_equal(files.rename(files.user, path_b, path_a), ENOENT);
    assert_int_equal(files.sync_directory(files.user, path_b), ENOENT);
}

static void a_pipe_has_no_size_and_is_read_in_order(void **state)
{
    sj_files files = system_files();
    char path[32] = "/dev/fd/";
    int ends[2];
    sj__file file;
    uint64_t size = 0;
    size_t n = 0, at = strlen(path);
    char bytes[16];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(ends[0] < 100);
    if (ends[0] >= 10)
        path[at++] = (char)('0' + ends[0] / 10);
    path[at++] = (char)('0' + ends[0] % 10);
    path[at] = '\0';
    assert_int_equal(write(ends[1], "from a pipe", 11), 11);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(sj__file_open(&files, path, 0, &file, NULL), SJ_OK);
    assert_int_equal(sj__file_size(&file, &size, NULL), SJ_OK);
    assert_true(size == UINT64_MAX);
    assert_int_equal(sj__file_read(&file, 0, bytes, 4, &n, NULL), SJ_OK);
    assert_int_equal(n, 4);
    assert_int_equal(sj__file_read(&file, 4, bytes + 4, 12, &n, NULL), SJ_OK);
    assert_int_equal(n, 7);
    assert_memory_equal(bytes, "from a pipe", 11);
    sj__file_drop(&file);
    assert_int_equal(close(ends[0]), 0);
}

static void a_missing_file_is_an_error_that_says_so(void **state)
{
    sj_files files = system_files();
    sj__file file;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj__file_open(&files, "/no/such/file.csv", 0, &file, &error), SJ_ERR_FILE);
    assert_int_equal(error.code, SJ_ERR_FILE);
    assert_string_equal(error.message, "cannot open '/no/such/file.csv': there is no such file");
    assert_int_equal(error.index, -1);
}

static void a_directory_is_no_file(void **state)
{
    sj_files files = system_files();
    sj__file file;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj__file_open(&files, "/", 0, &file, &error), SJ_ERR_FILE);
    assert_string_equal(error.message, "cannot open '/': it is a directory, not a file");
}

static void an_error_without_a_name_shows_its_number(void **state)
{
    fake_file fake = {.fail_open = 1, .code = 12345};
    sj_files files = fake_files(&fake);
    sj__file file;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj__file_open(&files, "x", 0, &file, &error), SJ_ERR_FILE);
    assert_string_equal(error.message, "cannot open 'x': the system gives error number 12345");
}

static void short_and_interrupted_reads_are_put_together(void **state)
{
    fake_file fake = {.bytes = "0123456789", .n = 10, .piece = 1, .interrupts = 2};
    sj_files files = fake_files(&fake);
    sj__file file;
    char bytes[16];
    size_t n = 0;
    (void)state;
    assert_int_equal(sj__file_open(&files, "x", 0, &file, NULL), SJ_OK);
    assert_int_equal(sj__file_read(&file, 2, bytes, 5, &n, NULL), SJ_OK);
    assert_int_equal(n, 5);
    assert_memory_equal(bytes, "23456", 5);
    assert_int_equal(fake.reads, 5);
    assert_int_equal(sj__file_read(&file, 7, bytes, 16, &n, NULL), SJ_OK);
    assert_int_equal(n, 3);
    sj__file_drop(&file);
    assert_int_equal(fake.closes, 1);
    assert_int_equal(fake.wrong, 0);
}

static void a_read_that_fails_is_an_error(void **state)
{
    fake_file fake = {.bytes = "0123456789", .n = 10, .piece = 4, .fail_read = 2};
    sj_files files = fake_files(&fake);
    sj__file file;
    sj_error error = {0};
    char bytes[16];
    size_t n = 0;
    (void)state;
    assert_int_equal(sj__file_open(&files, "x", 0, &file, NULL), SJ_OK);
    assert_int_equal(sj__file_read(&file, 0, bytes, 10, &n, &error), SJ_ERR_FILE);
    assert_string_equal(error.message, "cannot read 'x': the device failed to read or write");
    fake.claims = 1;
    assert_int_equal(sj__file_read(&file, 0, bytes, 10, &n, &error), SJ_ERR_FILE);
    sj__file_drop(&file);
}

static void a_table_without_what_reading_needs_is_refused_by_name(void **state)
{
    fake_file fake = {0};
    sj_files whole = fake_files(&fake), files, loaded;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj__files_load(&whole, &loaded, &error), SJ_OK);
    files = whole;
    files.open = NULL;
    assert_int_equal(sj__files_load(&files, &loaded, &error), SJ_ERR_OPTIONS);
    assert_string_equal(error.message,
                        "files.open is NULL: reading needs open, size, read and close");
    files = whole;
    files.size = NULL;
    assert_int_equal(sj__files_load(&files, &loaded, &error), SJ_ERR_OPTIONS);
    files = whole;
    files.read = NULL;
    assert_int_equal(sj__files_load(&files, &loaded, &error), SJ_ERR_OPTIONS);
    files = whole;
    files.close = NULL;
    assert_int_equal(sj__files_load(&files, &loaded, &error), SJ_ERR_OPTIONS);
    files = whole;
    files.struct_size = 3;
    assert_int_equal(sj__files_load(&files, &loaded, &error), SJ_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_can_be_read_at_any_offset),
        cmocka_unit_test(writing_anew_forgets_what_was_there),
        cmocka_unit_test(a_file_can_be_mapped),
        cmocka_unit_test(renaming_replaces_and_removing_removes),
        cmocka_unit_test(a_pipe_has_no_size_and_is_read_in_order),
        cmocka_unit_test(a_missing_file_is_an_error_that_says_so),
        cmocka_unit_test(a_directory_is_no_file),
        cmocka_unit_test(an_error_without_a_name_shows_its_number),
        cmocka_unit_test(short_and_interrupted_reads_are_put_together),
        cmocka_unit_test(a_read_that_fails_is_an_error),
        cmocka_unit_test(a_table_without_what_reading_needs_is_refused_by_name),
    };
    return cmocka_run_group_tests_name("files", tests, make_folder, remove_folder);
}
