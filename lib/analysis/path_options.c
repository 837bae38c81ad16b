/* The options of paths: the table that describes them, what they resolve to, what is refused, and
 * the lines of a tally's text that say what was counted. */
#include "analysis/path.h"
#include "journey/legs.h"

#define PATH_OPTION(field, kind, role, ...)                                                        \
    SJ__FIELD(sj_path_options, field, kind, SJ__ROLE_##role, __VA_ARGS__)

static const sj__field path_fields[] = {
    PATH_OPTION(struct_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    PATH_OPTION(from, SJ__KIND_TEXT, COUNTED, .fallback = "the start of the journey"),
    PATH_OPTION(to, SJ__KIND_TEXT, COUNTED, .fallback = "none"),
    PATH_OPTION(session_gap, SJ__KIND_SPAN, COUNTED, .fallback = "never cut"),
    PATH_OPTION(depth, SJ__KIND_COUNT, COUNTED, .fallback = "5"),
    PATH_OPTION(occurrence, SJ__KIND_CHOICE, COUNTED, .values = "first last every",
                .fallback = "first"),
    PATH_OPTION(count, SJ__KIND_CHOICE, COUNTED, .values = "customers occurrences",
                .fallback = "customers"),
    PATH_OPTION(collapse, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
    PATH_OPTION(baseline, SJ__KIND_OBJECT, READ, .fallback = "none", .later = 1),
    PATH_OPTION(top, SJ__KIND_COUNT, READ, .fallback = "8"),
};

const sj__struct sj__path_options_struct = {"sj_path_options", path_fields,
                                            sizeof path_fields / sizeof *path_fields,
                                            sizeof(sj_path_options), sizeof(sj_path_options)};

sj_status sj__path_options_resolve(const sj_path_options *given, sj_path_options *out,
                                   sj_error *error)
{
    const sj_status status = sj__options_load(&sj__path_options_struct, given, out, error);
    if (status != SJ_OK)
        return status;
    if (out->depth > SJ__PATH_DEPTH)
        return sj__fail(error, SJ_ERR_LIMIT, "depth is %i: at most %i events behind an anchor",
                        (int64_t)out->depth, (int64_t)SJ__PATH_DEPTH);
    out->depth = out->depth == SJ__PATH_USUAL ? 0 : out->depth;
    out->session_gap = out->session_gap == SJ_UNLIMITED ? 0 : out->session_gap;
    out->occurrence = out->occurrence == SJ_OCCURRENCE_FIRST ? 0 : out->occurrence;
    /* A customer has one first and one last anchor: what is counted is the same. */
    if (out->count == SJ_COUNT_CUSTOMERS || out->occurrence != SJ_OCCURRENCE_EVERY)
        out->count = 0;
    out->collapse = out->collapse != 0;
    return SJ_OK;
}

void sj__path_write(const sj__path *path, const sj_path_options *options, sj__text *text)
{
    sj_path_options rest = *options;
    sj__marks_write(&path->marks, SJ__PATH_FROM, "from", text);
    sj__marks_write(&path->marks, SJ__PATH_TO, "to", text);
    rest.from = NULL;
    rest.to = NULL;
    sj__options_write(&sj__path_options_struct, &rest, text);
}

/* ---- the question ---- */

sj_status sj__path_new(const sj_graph *graph, const sj_path_options *options, sj__path **out,
                       sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    const sj__map *map = sj__graph_map(graph);
    sj__path *path = sj__alloc_zeroed(a, 1, sizeof *path);
    *out = NULL;
    if (path == NULL)
        return sj__fail_nomem(error);
    path->allocator = *a;
    path->has_from = options->from != NULL;
    path->has_to = options->to != NULL;
    path->occurrence = options->occurrence != 0 ? options->occurrence : SJ_OCCURRENCE_FIRST;
    path->count = options->count != 0 ? options->count : SJ_COUNT_CUSTOMERS;
    path->collapse = options->collapse;
    path->depth = options->depth != 0 ? (uint32_t)options->depth : SJ__PATH_USUAL;
    path->gap = sj__span_limit(options->session_gap);
    path->n_touchpoints = map->touchpoints.count;
    sj_status status = sj__marks_init(&path->marks, map, &path->allocator, error);
    if (status == SJ_OK && path->has_from)
        status = sj__marks_add(&path->marks, map, SJ__PATH_FROM, "from", options->from, error);
    if (status == SJ_OK && path->has_to)
        status = sj__marks_add(&path->marks, map, SJ__PATH_TO, "to", options->to, error);
    if (status == SJ_OK)
        *out = path;
    else
        sj__path_free(path, a);
    return status;
}

void sj__path_free(void *question, const sj_allocator *allocator)
{
    sj__path *path = question;
    if (path == NULL)
        return;
    sj__marks_free(&path->marks);
    sj__free(allocator, path, 1, sizeof *path);
}
