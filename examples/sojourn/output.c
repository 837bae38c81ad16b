/* Results to standard output, or to a file that is written beside its name and renamed, so that it
 * is there whole or not at all. */
#define _XOPEN_SOURCE 700
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int output_standard(const char *text, size_t n)
{
    if (fwrite(text, 1, n, stdout) != n || fflush(stdout) == EOF)
        return say(EXIT_WRONG, "cannot write to standard output: %s", strerror(errno));
    return 0;
}

/* mkstemp lets nobody else read what it makes: give the file what any new file would have. */
static int output_fill(int handle, const char *bytes, size_t left)
{
    const mode_t mask = umask(0);

    (void)umask(mask);
    if (fchmod(handle, 0666 & ~mask))
        return -1;
    while (left) {
        const ssize_t n = write(handle, bytes, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        bytes += n;
        left -= (size_t)n;
    }
    return fsync(handle);
}

static int output_file(const settings *given, const char *text, size_t size)
{
    static const char SUFFIX[] = ".XXXXXX";
    const size_t n = strlen(given->output);
    char *beside = pool_take(given->memory, n + sizeof SUFFIX);
    int handle, failed, why = 0;

    memcpy(beside, given->output, n);
    memcpy(beside + n, SUFFIX, sizeof SUFFIX);
    handle = mkstemp(beside);
    if (handle < 0)
        return say(EXIT_WRONG, "%s: cannot write: %s", given->output, strerror(errno));
    failed = output_fill(handle, text, size);
    why = errno;
    if (close(handle) && !failed) {
        failed = -1;
        why = errno;
    }
    if (!failed && (failed = rename(beside, given->output)) != 0)
        why = errno;
    if (failed) {
        (void)unlink(beside);
        return say(EXIT_WRONG, "%s: cannot write: %s", given->output, strerror(why));
    }
    return 0;
}

static int output_bytes(const settings *given, const char *text, size_t size)
{
    return given->output && strcmp(given->output, "-") != 0 ? output_file(given, text, size)
                                                            : output_standard(text, size);
}

static int output_no_table(const settings *given, const sj_result *result)
{
    char names[512] = "";

    for (size_t i = 0; i < sj_result_count(result); i++) {
        const size_t used = strlen(names);

        (void)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                       sj_table_name(sj_result_at(result, i)));
    }
    return say(EXIT_WRONG, "--table: there is no table \"%s\" here: there are %s", given->table,
               names);
}

/* Without --table, people are shown all tables; of one with more rows than this only that it is
 * there. */
enum { OUTPUT_ROWS = 200 };

static int output_people(const settings *given, const sj_result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    int status = to ? 0 : say(EXIT_WRONG, "out of memory");

    for (size_t i = 0; to && !status && i < sj_result_count(result); i++) {
        const char *name = sj_table_name(sj_result_at(result, i));
        const size_t rows = sj_table_rows(sj_result_at(result, i));
        sj_buffer *shown = NULL;
        sj_error error = {0};

        (void)fprintf(to, "%s%s\n", i ? "\n" : "", name);
        if (rows > OUTPUT_ROWS)
            (void)fprintf(to, "%zu rows: --table %s shows them\n", rows, name);
        else if (sj_result_write(result, name, SJ_FORMAT_TABLE, &shown, &error))
            status = say_error(NULL, &error);
        if (shown && fwrite(sj_buffer_data(shown), 1, sj_buffer_size(shown), to) == 0)
            status = say(EXIT_WRONG, "out of memory");
        sj_buffer_free(shown);
    }
    if (to && fclose(to) && !status)
        status = say(EXIT_WRONG, "out of memory");
    if (!status)
        status = output_bytes(given, text, size);
    free(text);
    return status;
}

int output_write(const settings *given, const sj_result *result)
{
    const int32_t format = given->format ? (int32_t)given->format : SJ_FORMAT_TABLE;
    sj_buffer *text = NULL;
    sj_error error = {0};
    int status;

    if (given->table && !sj_result_find(result, given->table))
        return output_no_table(given, result);
    if (!given->table && format == SJ_FORMAT_TABLE)
        return output_people(given, result);
    if (sj_result_write(result, given->table, format, &text, &error))
        return say_error(NULL, &error);
    status = output_bytes(given, sj_buffer_data(text), sj_buffer_size(text));
    sj_buffer_free(text);
    return status;
}
