/* A step that nobody has reached is an answer, not a mistake: its touchpoint may exist and not
 * occur in this file.  The library must be told of it, or it takes the name for a misspelt one.  So
 * a bare name that neither an event nor the map has is declared as a touchpoint, unless a third of
 * its letters or fewer make a known name of it: then it is refused by the library, which says which
 * one. */
#include "program.h"

#include <string.h>

static const int32_t NAMED[] = {SJ_KIND_TOUCHPOINTS, SJ_KIND_STAGES, SJ_KIND_MICRO_CONVERSIONS};

/* Whether a text is known, looks like a known name, or is a predicate; what is left is unseen. */
static int unseen_is(const sj_graph *graph, const char *text)
{
    const size_t n = strlen(text);

    if (n == 0 || strpbrk(text, "=<>()'\"") || strchr(" \t\n", text[0]) ||
        strchr(" \t\n", text[n - 1])) /* blanks around a name: the library looks without them */
        return 0;
    for (size_t k = 0; k < sizeof NAMED / sizeof *NAMED; k++) {
        if (sj_graph_find(graph, NAMED[k], text) != SJ_NONE)
            return 0;
        for (uint64_t i = 0; i < sj_graph_count(graph, NAMED[k]); i++) {
            if (edits_between(text, sj_graph_name(graph, NAMED[k], i)) <= n / 3)
                return 0;
        }
    }
    return 1;
}

/* The same graph with more declared. */
static int unseen_rebuild(const settings *given, const char *const *names, size_t n,
                          const sj_run *run, sj_graph **graph)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .observed_from = given->observed_from,
                                        .observed_until = given->observed_until,
                                        .ties = (int32_t)given->ties};
    sj_builder *builder = NULL;
    sj_graph *larger = NULL;
    sj_error error = {0};
    sj_status status = sj_builder_new(&options, &builder, &error);

    if (!status)
        status = sj_builder_add_graph(builder, *graph, &error);
    for (size_t i = 0; !status && i < n; i++)
        status = sj_builder_add_touchpoint(builder, names[i], NULL, NULL, &error);
    if (!status)
        status = sj_builder_build(builder, run, &larger, &error);
    sj_builder_free(builder);
    if (status)
        return say_error(NULL, &error);
    sj_graph_free(*graph);
    *graph = larger;
    return 0;
}

int unseen_declare(const settings *given, const sj_run *run, sj_graph **graph)
{
    const char **names = NULL;
    const char *text;
    size_t n = 0;
    int status;

    for (size_t i = 0; (text = filling_condition(&given->question, i)) != NULL; i++) {
        int again = !unseen_is(*graph, text);

        for (size_t k = 0; !again && k < n; k++)
            again = strcmp(names[k], text) == 0;
        if (again)
            continue;
        names = pool_more(given->memory, names, n, sizeof *names);
        names[n++] = text;
    }
    if (n == 0)
        return 0;
    status = unseen_rebuild(given, names, n, run, graph);
    for (size_t i = 0; !status && i < n; i++)
        (void)say(0, "no event is at \"%s\"", names[i]);
    return status;
}
