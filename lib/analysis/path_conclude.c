/* What a tally of paths says, as tables: the tree, cut to the most frequent branches of each node,
 * and layers.
 *
 * Rows of `paths` go down each branch before the next one: a node, its `top` children by count,
 * then name, each with its own, then (other), what the children left out add up to, and (end).
 * Counts therefore add up at every branch. O(rows log rows · depth). */
#include "analysis/path.h"

#include "base/sort.h"

#define PATH_TOP 8 /* branches per node, unless the options say otherwise */

static const sj__column_spec path_columns[] = {
    {"depth", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    {"path", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"share", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
};

/* The tree on its way into the table. */
typedef struct path_writer {
    const sj__path_reading *reading;
    sj_table *table;
    size_t top;
    int64_t whole; /* the anchor's count */
    sj__pair *
        pairs; /* children of the nodes on the way, level behind level; as many as rows, and as much again for sorting */
    size_t used;
    size_t trail[SJ__PATH_DEPTH + 1]; /* rows on the way; trail[0] is the anchor */
    sj__text text;
} path_writer;

/* Last part of a row's key. */
static int32_t path_part(const sj__path_reading *reading, size_t row)
{
    size_t n;
    const int32_t *key = sj__ledger_key(&reading->tally->ledgers[SJ__PATH_NODES], row, &n);
    return n > 0 ? key[n - 1] : 0;
}

static void path_add_part(path_writer *writer, size_t depth)
{
    if (depth == 0)
        sj__text_add(&writer->text, sj__text_data(&writer->reading->anchor));
    else
        sj__path_show(writer->reading, path_part(writer->reading, writer->trail[depth]),
                      &writer->text);
}

/* The path of the trail down to `depth`, in the order in which it is walked; `last`: a part more,
 * that is no row. */
static void path_write_text(path_writer *writer, size_t depth, const char *last)
{
    const int backwards = writer->reading->has_to && !writer->reading->has_from;
    writer->text.size = 0;
    if (backwards && last != NULL)
        sj__text_add(&writer->text, last);
    for (size_t i = 0; i <= depth; i++) {
        sj__text_add(&writer->text, writer->text.size > 0 ? " > " : "");
        path_add_part(writer, backwards ? depth - i : i);
    }
    if (!backwards && last != NULL) {
        sj__text_add(&writer->text, " > ");
        sj__text_add(&writer->text, last);
    }
}

static void path_put(path_writer *writer, size_t depth, int64_t count)
{
    sj__put_integer(writer->table, 0, (int64_t)depth);
    sj__put_text(writer->table, 1, sj__text_data(&writer->text), writer->text.size);
    sj__put_integer(writer->table, 2, count);
    if (writer->whole > 0)
        sj__put_real(writer->table, 3, (double)count / (double)writer->whole);
    sj__end_row(writer->table);
}

static void path_put_row(path_writer *writer, size_t depth, size_t row)
{
    writer->trail[depth] = row;
    path_write_text(writer, depth, NULL);
    path_put(writer, depth, sj__path_count(writer->reading, row));
}

/* The children of a row that are touchpoints, by count, then name; how many.  They stand behind
 * writer->used. */
static size_t path_children(path_writer *writer, size_t row)
{
    const sj__path_reading *reading = writer->reading;
    sj__pair *pairs = writer->pairs + writer->used;
    size_t n = 0;
    for (size_t child = row + 1; child < reading->beyond[row]; child = reading->beyond[child]) {
        if (path_part(reading, child) >= 0) /* names are numbered in order of their bytes */
            pairs[n++] = (sj__pair){UINT64_MAX - (uint64_t)sj__path_count(reading, child), child};
    }
    sj__sort_pairs(pairs, writer->pairs + reading->n_rows, n);
    return n;
}

/* A node and all below it.  Calls itself at most SJ__PATH_DEPTH deep. */
static void path_put_node(path_writer *writer, size_t depth, size_t row)
{
    const sj__path_reading *reading = writer->reading;
    const size_t first = writer->used;
    const size_t n = path_children(writer, row);
    uint64_t other = 0;
    path_put_row(writer, depth, row);
    writer->used += n;
    for (size_t i = 0; i < n; i++) {
        const size_t child = (size_t)writer->pairs[first + i].number;
        if (i < writer->top)
            path_put_node(writer, depth + 1, child);
        else
            other += (uint64_t)sj__path_count(reading, child);
    }
    writer->used = first;
    if (n > writer->top) {
        path_write_text(writer, depth, "(other)");
        path_put(writer, depth + 1, (int64_t)other);
    }
    for (size_t child = row + 1; child < reading->beyond[row] && path_part(reading, child) < 0;
         child = reading->beyond[child])
        path_put_row(writer, depth + 1, child);
}

static sj_status path_put_tree(const sj__path_reading *reading, int64_t top, sj_result *result,
                               sj_error *error)
{
    path_writer writer = {.reading = reading, .top = (size_t)top};
    sj_status status = SJ_OK;
    sj__text_init(&writer.text, &reading->allocator);
    writer.table = sj__result_add(result, "paths", path_columns, 4);
    writer.pairs = sj__alloc(&reading->allocator, reading->n_rows, 2 * sizeof *writer.pairs);
    if (writer.pairs == NULL)
        return sj__fail_nomem(error);
    if (reading->n_rows > 0) {
        writer.whole = sj__path_count(reading, 0);
        path_put_node(&writer, 0, 0);
    } else { /* nobody has an anchor */
        path_write_text(&writer, 0, NULL);
        path_put(&writer, 0, 0);
    }
    status = sj__text_status(&writer.text, error);
    sj__text_free(&writer.text);
    sj__free(&reading->allocator, writer.pairs, reading->n_rows, 2 * sizeof *writer.pairs);
    return status;
}

/* ---- notes ---- */

static void path_note_anchor(const sj__path_reading *reading, sj_result *result, sj__text *text)
{
    static const char *const which[] = {"first ", "last ", "every "};
    const int32_t occurrence = reading->options.occurrence;
    text->size = 0;
    sj__text_add(text, which[occurrence > 0 ? occurrence - 1 : 0]);
    sj__text_add(text, sj__text_data(&reading->anchor));
    if (reading->has_to && !reading->has_from)
        sj__text_add(text, ", read backwards");
    if (reading->has_to && reading->has_from) {
        sj__text_add(text, ", to the next ");
        sj__text_add(text, sj__text_data(&reading->to));
    }
    sj__result_note(result, "anchor", sj__text_data(text));
}

static sj_status path_put_notes(const sj__path_reading *reading, sj_result *result, sj_error *error)
{
    const sj_path_options *options = &reading->options;
    const int of_occurrences = options->count == SJ_COUNT_OCCURRENCES;
    sj__text text;
    sj__text_init(&text, &reading->allocator);
    path_note_anchor(reading, result, &text);
    sj__result_note(result, "count",
                    of_occurrences ? "occurrences of the anchor"
                    : options->occurrence == SJ_OCCURRENCE_EVERY
                        ? "distinct customers; one can be in several branches, so that a node has "
                          "at most the sum of its children, and (other) is such a sum"
                        : "customers");
    text.size = 0;
    sj__text_integer(&text, options->depth);
    sj__result_note(result, "depth", sj__text_data(&text));
    text.size = 0;
    if (options->session_gap == 0) {
        sj__text_add(&text, "never cut");
    } else {
        sj__text_fixed6(&text, options->session_gap == SJ_INSTANT ? 0 : options->session_gap);
        sj__text_add(&text, " s");
    }
    sj__result_note(result, "session_gap", sj__text_data(&text));
    sj__result_note(result, "collapse", options->collapse ? "yes: a visit is one event" : "no");
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    return status;
}

sj_status sj_path_conclude(const sj_tally *tally, const sj_path_options *options, sj_result **out,
                           sj_error *error)
{
    sj_path_options loaded;
    sj__path_reading reading;
    sj_result *result = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__options_load(&sj__path_options_struct, options, &loaded, error);
    if (status == SJ_OK)
        status = sj__path_reading_init(&reading, tally, error);
    if (status != SJ_OK)
        return status;
    status = sj__result_new(&reading.allocator, &result, error);
    if (status == SJ_OK)
        status = path_put_tree(&reading, loaded.top > 0 ? loaded.top : PATH_TOP, result, error);
    if (status == SJ_OK)
        status = sj__path_layers(&reading, result, error);
    if (status == SJ_OK)
        status = path_put_notes(&reading, result, error);
    if (status == SJ_OK)
        status = sj__result_finish(result, out, error);
    else
        sj_result_free(result);
    sj__path_reading_free(&reading);
    return status;
}
