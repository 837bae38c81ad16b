/* All memory from the caller: an allocator that keeps account of every byte.  One pointer serves
 * the builder and all that is made from it; when the last object is freed, the account is back at
 * nothing.
 *
 * By hand (4 events, view -> buy): ann and bob look, ann buys, so 2 and 1. */
#include <sojourn.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct account {
    size_t in_use; /* bytes, by the sizes that the library says */
    size_t blocks;
    size_t calls;
    size_t limit; /* no more than so many bytes at a time */
} account;

static void *account_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
    account *books = user;
    void *moved = NULL;

    books->calls++;
    if (new_size) {
        if (new_size > old_size && new_size - old_size > books->limit - books->in_use)
            return NULL;
        moved = realloc(ptr, new_size);
        if (!moved)
            return NULL;
    } else {
        free(ptr);
    }
    books->in_use = books->in_use - old_size + new_size;
    books->blocks = books->blocks - (ptr != NULL) + (new_size != 0);
    return moved;
}

static sj_status add(sj_builder *builder, const char *customer, const char *touchpoint,
                     int64_t minute, sj_error *error)
{
    const sj_event event = {.struct_size = sizeof event,
                            .customer = customer,
                            .touchpoint = touchpoint,
                            .time = minute * SJ_MINUTE};

    return sj_builder_add_event(builder, &event, error);
}

static sj_status ask(const sj_allocator *allocator, sj_error *error)
{
    const sj_builder_options how = {.struct_size = sizeof how, .allocator = allocator};
    const sj_step steps[] = {{.condition = "view"}, {.condition = "buy"}};
    const sj_funnel_options options = {
        .struct_size = sizeof options, .steps = steps, .n_steps = 2, .step_size = sizeof *steps};
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_result *result = NULL;
    sj_status status = sj_builder_new(&how, &builder, error);

    if (!status && !(status = add(builder, "ann", "view", 0, error)) &&
        !(status = add(builder, "ann", "buy", 4, error)) &&
        !(status = add(builder, "bob", "view", 1, error)) &&
        !(status = add(builder, "bob", "help", 2, error)) &&
        !(status = sj_builder_build(builder, NULL, &graph, error)) &&
        !(status = sj_funnel_compute(graph, &options, NULL, &result, error))) {
        const int64_t *reached = sj_table_integers(sj_result_find(result, "steps"), "reached");

        printf("looked %" PRId64 ", bought %" PRId64 "\n", reached[0], reached[1]);
    }
    sj_result_free(result);
    sj_graph_free(graph);
    sj_builder_free(builder);
    return status;
}

int main(void)
{
    account books = {.limit = (size_t)64 << 20};
    const sj_allocator allocator = {.resize = account_resize, .user = &books};
    sj_error error = {0};

    if (ask(&allocator, &error))
        fprintf(stderr, "%s: %s\n", sj_status_name(error.code), error.message);
    printf("memory came from here: %s\n", books.calls ? "yes" : "no");
    printf("left in use: %zu bytes in %zu blocks\n", books.in_use, books.blocks);

    books.limit = 1000; /* and with next to no memory: an error, and again nothing is left */
    printf("with 1000 bytes: %s\n", sj_status_name(ask(&allocator, NULL)));
    printf("left in use: %zu bytes in %zu blocks\n", books.in_use, books.blocks);
    return error.code != SJ_OK || books.in_use || books.blocks;
}
