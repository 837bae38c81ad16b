/* Files → builder → graph. */
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- standard input as a file -- */

/* Standard input through the library's table of file functions: a pipe, whose size is unknown and
 * whose bytes come once, in rising order. */
typedef struct pipe_state {
    uint64_t position;
} pipe_state;

static int32_t pipe_open(void *user, const char *path, int32_t writing, void **out_file)
{
    (void)path;
    *out_file = user;
    return writing ? EROFS : 0;
}

static int32_t pipe_size(void *user, void *file, uint64_t *out)
{
    (void)user;
    (void)file;
    *out = UINT64_MAX;
    return 0;
}

static int32_t pipe_read(void *user, void *file, uint64_t offset, void *bytes, size_t size,
                         size_t *out_read)
{
    pipe_state *state = file;

    (void)user;
    *out_read = 0;
    if (offset != state->position)
        return ESPIPE;
    *out_read = fread(bytes, 1, size, stdin);
    state->position += *out_read;
    return ferror(stdin) ? EIO : 0;
}

static int32_t pipe_close(void *user, void *file)
{
    (void)user;
    (void)file;
    return 0;
}

/* ----------------------------------------------------------------------------------- map -- */

static int input_read_map(const settings *given, sj_builder *builder)
{
    FILE *file = fopen(given->map, "rb");
    char *text = NULL;
    size_t n = 0, room = 0, got;
    sj_error error = {0};
    int failed;

    if (!file)
        return say(EXIT_WRONG, "%s: cannot read: %s", given->map, strerror(errno));
    do {
        if (n == room) {
            char *larger = pool_take(given->memory, room = room ? 2 * room : 65536);

            if (n)
                memcpy(larger, text, n);
            text = larger;
        }
        got = fread(text + n, 1, room - n, file);
        n += got;
    } while (got);
    failed = ferror(file);
    (void)fclose(file);
    if (failed)
        return say(EXIT_WRONG, "%s: cannot read: %s", given->map, strerror(EIO));
    return sj_builder_add_map(builder, text, n, &error) ? say_error(given->map, &error) : 0;
}

/* ----------------------------------------------------------------------------------- events -- */

static void input_report_skipped(const char *name, const sj_result *report)
{
    const sj_table *rows = sj_result_find(report, "rows"), *why = sj_result_find(report, "skipped");
    const int64_t *skipped = sj_table_integers(rows, "skipped"),
                  *read = sj_table_integers(rows, "read");
    const int64_t *counts = sj_table_integers(why, "count"),
                  *lines = sj_table_integers(why, "line");
    char reasons[1024] = "";

    if (!rows || !why || !skipped || !read || !counts || !lines || sj_table_rows(rows) == 0 ||
        skipped[0] == 0)
        return;
    for (size_t i = 0; i < sj_table_rows(why); i++) {
        const size_t used = strlen(reasons);

        if (counts[i] == 0)
            continue;
        (void)snprintf(reasons + used, sizeof reasons - used, "%s%s %lld (first in line %lld)",
                       used ? ", " : "", sj_table_text(why, "reason", i), (long long)counts[i],
                       (long long)lines[i]);
    }
    (void)say(0, "%s: %lld of %lld rows skipped: %s", name, (long long)skipped[0],
              (long long)read[0], reasons);
}

static int input_read_file(const settings *given, const char *path, const sj_run *run,
                           sj_builder *builder)
{
    pipe_state state = {0};
    const sj_files standard = {.struct_size = sizeof standard,
                               .user = &state,
                               .open = pipe_open,
                               .size = pipe_size,
                               .read = pipe_read,
                               .close = pipe_close};
    const int is_pipe = strcmp(path, "-") == 0;
    const size_t n_path = strlen(path);
    const char **names = pool_take(given->memory, (given->n_attributes + 1) * sizeof *names);
    const sj_csv_options options = {.struct_size = sizeof options,
                                    .path = path,
                                    .files = is_pipe ? &standard : NULL,
                                    .customer = given->customer,
                                    .time = given->time,
                                    .touchpoint = given->touchpoint,
                                    .channel = given->channel,
                                    .value = given->value,
                                    .attributes = names,
                                    .n_attributes = given->n_attributes,
                                    .delimiter = (int32_t)given->delimiter,
                                    .time_unit = (int32_t)given->time_unit,
                                    .on_error = (int32_t)given->on_error,
                                    .time_offset = (int32_t)given->time_offset};
    const char *called = is_pipe ? "standard input" : path;
    sj_result *report = NULL;
    sj_error error = {0};

    for (size_t i = 0; i < given->n_attributes; i++)
        names[i] = given->attributes[i].name;
    if (n_path > 4 && strcmp(path + n_path - 4, ".sjn") == 0)
        return say(EXIT_WRONG, "%s: snapshots cannot be read yet: give the CSV", path);
    if (sj_csv_read(builder, &options, run, &report, &error))
        return say_error(called, &error);
    input_report_skipped(called, report);
    sj_result_free(report);
    return 0;
}

static int input_fill(const settings *given, sj_run *run, progress *bar, sj_builder *builder)
{
    sj_error error = {0};
    int status = 0;

    for (size_t i = 0; !status && i < given->n_attributes; i++) {
        const attribute *kept = &given->attributes[i];

        if (kept->type && sj_builder_add_attribute(builder, kept->name, kept->type, 0, &error))
            status = say_error("--attribute", &error);
    }
    if (!status && given->map)
        status = input_read_map(given, builder);
    for (size_t i = 0; !status && i < given->n_files; i++) {
        progress_begin(bar, given->files[i]);
        status = input_read_file(given, given->files[i], run, builder);
        progress_end(bar);
    }
    return status;
}

/* ------------------------------------------------------------------------------------ graph -- */

/* Puts what a selection keeps in place of a graph. */
static int input_keep(const char *option, const sj_selection *selection, const sj_run *run,
                      sj_graph **graph)
{
    sj_graph *kept = NULL;
    sj_error error = {0};

    if (sj_graph_select(*graph, selection, run, &kept, &error))
        return say_error(option, &error);
    sj_graph_free(*graph);
    *graph = kept;
    return 0;
}

int input_graph(const settings *given, const sj_run *run, sj_graph **out)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .observed_from = given->observed_from,
                                        .observed_until = given->observed_until,
                                        .ties = (int32_t)given->ties,
                                        .drop_doubles = (int32_t)given->drop_doubles};
    const sj_selection whose = {.struct_size = sizeof whose, .customers = given->customers_where};
    progress bar = {0};
    sj_run shown = {.struct_size = sizeof shown,
                    .progress = progress_step,
                    .user = &bar,
                    .threads = run->threads};
    sj_builder *builder = NULL;
    sj_error error = {0};
    int status;

    *out = NULL;
    if (sj_builder_new(&options, &builder, &error))
        return say_error(NULL, &error);
    status = input_fill(given, &shown, &bar, builder);
    if (!status) {
        progress_begin(&bar, "building the graph");
        if (sj_builder_build(builder, &shown, out, &error))
            status = say_error(NULL, &error);
        progress_end(&bar);
    }
    sj_builder_free(builder);
    if (!status)
        status = unseen_declare(given, run, out);
    if (!status && given->customers_where)
        status = input_keep("--customers-where", &whose, run, out);
    return status;
}
