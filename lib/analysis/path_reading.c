/* A tally of paths read back: what its text says was counted, and its rows as a tree.  Rows stand
 * in the order of their keys, so a node stands before all that begins with it.  No events, no
 * graph.  O(rows · depth). */
#include "analysis/path.h"

#include <string.h>

#include "journey/condition_name.h"

static int path_line_is(const char *name, size_t n, const char *wanted)
{
    return n == strlen(wanted) && memcmp(name, wanted, n) == 0;
}

/* A condition of the text as a part of a path. */
static void path_read_condition(sj__text *to, const char *value, size_t n,
                                const sj_allocator *allocator)
{
    sj__text condition, name;
    sj__text_init(&condition, allocator);
    sj__text_init(&name, allocator);
    sj__condition_unescape(&condition, value, n);
    if (!sj__condition_bare_name(&name, sj__text_data(&condition), condition.size))
        sj__text_bytes(&name, sj__text_data(&condition), condition.size);
    to->size = 0;
    sj__text_name(to, sj__text_data(&name), name.size);
    to->failed |= condition.failed | name.failed;
    sj__text_free(&condition);
    sj__text_free(&name);
}

static sj_status path_read_text(sj__path_reading *reading, sj_error *error)
{
    const char *line = reading->tally->text, *end = line + reading->tally->text_size;
    const char *name, *value;
    size_t n_name, n_value;
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, &n_value);
        if (path_line_is(name, n_name, "from")) {
            reading->has_from = 1;
            path_read_condition(&reading->anchor, value, n_value, &reading->allocator);
        } else if (path_line_is(name, n_name, "to")) {
            reading->has_to = 1;
            path_read_condition(&reading->to, value, n_value, &reading->allocator);
        } else {
            (void)sj__options_set(&sj__path_options_struct, &reading->options, name, n_name, value,
                                  n_value);
        }
    }
    if (!reading->has_from) {
        reading->anchor.size = 0;
        sj__text_add(&reading->anchor, reading->has_to ? sj__text_data(&reading->to) : "(start)");
    }
    if (reading->options.depth == 0)
        reading->options.depth = SJ__PATH_USUAL;
    const sj_status status = sj__text_status(&reading->anchor, error);
    return status == SJ_OK ? sj__text_status(&reading->to, error) : status;
}

static sj_status path_damaged(sj_error *error)
{
    return sj__fail(error, SJ_ERR_FORMAT, "the tally has a row that no paths can have counted");
}

/* Whether a key can be one of these paths': what is no name stands at its end, and lost paths right
 * behind the anchor. */
static int path_key_is_right(const sj__path_reading *reading, const int32_t *key, size_t n)
{
    if (n > (size_t)reading->options.depth)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (key[i] < SJ__PATH_LOST || (key[i] < 0 && i + 1 < n))
            return 0;
    }
    return n == 0 || key[n - 1] != SJ__PATH_LOST ||
           (n == 1 && reading->has_from && reading->has_to);
}

/* Where each row's own rows end; every row must stand behind the one it goes on from. */
static sj_status path_read_tree(sj__path_reading *reading, sj_error *error)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__PATH_NODES];
    size_t open[SJ__PATH_DEPTH + 1], depth = 0, n = 0, n_parent;
    for (size_t row = 0; row < reading->n_rows; row++) {
        const int32_t *key = sj__ledger_key(ledger, row, &n);
        if (!path_key_is_right(reading, key, n) || (row == 0) != (n == 0) || n > depth + (row > 0))
            return path_damaged(error);
        for (; row > 0 && depth + 1 > n; depth--)
            reading->beyond[open[depth]] = (uint32_t)row;
        if (row > 0) {
            const int32_t *parent = sj__ledger_key(ledger, open[n - 1], &n_parent);
            if (n > 1 && memcmp(parent, key, (n - 1) * sizeof *key) != 0)
                return path_damaged(error);
        }
        depth = n;
        open[depth] = row;
    }
    for (size_t d = 0; reading->n_rows > 0 && d <= depth; d++)
        reading->beyond[open[d]] = (uint32_t)reading->n_rows;
    return SJ_OK;
}

sj_status sj__path_reading_init(sj__path_reading *reading, const sj_tally *tally, sj_error *error)
{
    *reading = (sj__path_reading){.tally = tally};
    sj_status status = sj__tally_check(tally, &sj__path_analysis, error);
    if (status != SJ_OK)
        return status;
    reading->allocator = tally->allocator;
    reading->n_rows = tally->ledgers[SJ__PATH_NODES].n_rows;
    sj__text_init(&reading->anchor, &reading->allocator);
    sj__text_init(&reading->to, &reading->allocator);
    reading->beyond = sj__alloc(&reading->allocator, reading->n_rows, sizeof *reading->beyond);
    status = reading->beyond != NULL ? path_read_text(reading, error) : sj__fail_nomem(error);
    if (status == SJ_OK && reading->options.depth > SJ__PATH_DEPTH)
        status = sj__fail(error, SJ_ERR_FORMAT, "the tally's text has depth %i",
                          (int64_t)reading->options.depth);
    if (status == SJ_OK)
        status = path_read_tree(reading, error);
    if (status != SJ_OK)
        sj__path_reading_free(reading);
    return status;
}

void sj__path_reading_free(sj__path_reading *reading)
{
    if (reading->allocator.resize == NULL)
        return;
    sj__free(&reading->allocator, reading->beyond, reading->n_rows, sizeof *reading->beyond);
    sj__text_free(&reading->anchor);
    sj__text_free(&reading->to);
    *reading = (sj__path_reading){0};
}

void sj__path_show(const sj__path_reading *reading, int32_t part, sj__text *text)
{
    size_t n;
    if (part >= 0) {
        const char *name = sj__intern_name(&reading->tally->names, (uint32_t)part, &n);
        sj__text_name(text, name, n);
    } else if (part == SJ__PATH_LOST) {
        sj__text_add(text, "(none)");
    } else {
        sj__text_add(text, reading->has_to && !reading->has_from ? "(start)" : "(end)");
    }
}
