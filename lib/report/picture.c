/* From tables to nodes and arrows, in order of rows.  O(bytes of the names). */
#include "report/picture.h"

#include <string.h>

static const sj__cells *picture_column(const sj_table *table, const sj__cells *cells,
                                       const char *name, int32_t type)
{
    for (size_t i = 0; i < sj_table_columns(table); i++)
        if (strcmp(cells[i].name, name) == 0 && cells[i].type == type)
            return &cells[i];
    return NULL;
}

static int picture_has(const sj_table *table, const char *column)
{
    return sj_table_type(table, column) == SJ_COLUMN_TEXT;
}

int sj__picture_is_of(const sj_table *table)
{
    return (picture_has(table, "from") && picture_has(table, "to")) ||
           (picture_has(table, "path") && strcmp(sj_table_name(table), "paths") == 0);
}

/* ---- nodes ---- */

static sj_status picture_node(sj__picture *picture, const char *key, size_t n, size_t label_at,
                              uint32_t *out, sj_error *error)
{
    const uint32_t before = picture->nodes.count;
    sj_status status = sj__grow(picture->allocator, &picture->label_at, &picture->label_capacity,
                                (size_t)before + 1, error);
    if (status == SJ_OK)
        status = sj__intern_add(&picture->nodes, key, n, out, error);
    if (status == SJ_OK && *out == before)
        picture->label_at[before] = (uint32_t)label_at;
    return status;
}

static sj_status picture_arrow(sj__picture *picture, uint32_t from, uint32_t to, size_t row,
                               sj_error *error)
{
    const sj_status status = sj__grow(picture->allocator, &picture->arrows, &picture->capacity,
                                      picture->n_arrows + 1, error);
    if (status == SJ_OK)
        picture->arrows[picture->n_arrows++] = (sj__picture_arrow){from, to, row};
    return status;
}

/* One end of an arrow: its name and, where there are layers, the layer. */
static sj_status picture_end(sj__picture *picture, const sj__cells *names, const sj__cells *layer,
                             int64_t beyond, size_t row, sj__text *key, uint32_t *out,
                             sj_error *error)
{
    size_t n;
    key->size = 0;
    if (layer != NULL) {
        sj__text_integer(key, layer->integers[row] + beyond);
        sj__text_char(key, ' ');
    }
    const size_t label_at = key->size;
    if (sj__cells_present(names, row)) {
        const char *name = sj__cells_text(names, row, &n);
        sj__text_bytes(key, name, n);
    }
    const sj_status status = sj__text_status(key, error);
    return status == SJ_OK
               ? picture_node(picture, sj__text_data(key), key->size, label_at, out, error)
               : status;
}

static sj_status picture_read_arrows(sj__picture *picture, const sj_table *table,
                                     const sj__cells *cells, sj_error *error)
{
    const sj__cells *from = picture_column(table, cells, "from", SJ_COLUMN_TEXT);
    const sj__cells *to = picture_column(table, cells, "to", SJ_COLUMN_TEXT);
    const sj__cells *layer = picture_column(table, cells, "layer", SJ_COLUMN_INTEGER);
    sj_status status = SJ_OK;
    sj__text key;
    sj__text_init(&key, picture->allocator);
    for (size_t row = 0; row < sj_table_rows(table) && status == SJ_OK; row++) {
        uint32_t a = 0, b = 0;
        status = picture_end(picture, from, layer, 0, row, &key, &a, error);
        if (status == SJ_OK)
            status = picture_end(picture, to, layer, 1, row, &key, &b, error);
        if (status == SJ_OK)
            status = picture_arrow(picture, a, b, row, error);
    }
    sj__text_free(&key);
    return status;
}

/* ---- trees ---- */

/* Where the last name of a path begins; names in single quotes may hold " > ". */
static size_t picture_last(const char *path, size_t n)
{
    size_t last = 0, i = 0;
    int quoted = n > 0 && path[0] == '\'';
    for (i = (size_t)quoted; i < n; i++) {
        if (quoted && path[i] == '\'') {
            if (i + 1 < n && path[i + 1] == '\'')
                i++;
            else
                quoted = 0;
        } else if (!quoted && n - i > 3 && memcmp(path + i, " > ", 3) == 0) {
            last = i + 3;
            quoted = path[last] == '\'';
            i = last - 1 + (size_t)quoted;
        }
    }
    return last;
}

/* A node for each path; an arrow to it from the path that is one name shorter, where that is a row
 * too. */
static sj_status picture_read_paths(sj__picture *picture, const sj_table *table,
                                    const sj__cells *cells, sj_error *error)
{
    const sj__cells *paths = picture_column(table, cells, "path", SJ_COLUMN_TEXT);
    sj_status status = SJ_OK;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t row = 0; row < sj_table_rows(table) && status == SJ_OK; row++) {
            size_t n;
            uint32_t node, above;
            if (!sj__cells_present(paths, row))
                continue;
            const char *path = sj__cells_text(paths, row, &n);
            const size_t last = picture_last(path, n);
            status = picture_node(picture, path, n, last, &node, error);
            if (pass == 0 || status != SJ_OK || last == 0)
                continue;
            above = sj__intern_find(&picture->nodes, path, last - 3);
            if (above != SJ__ABSENT)
                status = picture_arrow(picture, above, node, row, error);
        }
    }
    return status;
}

sj_status sj__picture_init(sj__picture *picture, const sj_table *table, const sj__cells *cells,
                           const sj_allocator *allocator, sj_error *error)
{
    static const char *const shares[] = {"share_out", "share", "difference"};
    *picture = (sj__picture){.allocator = allocator};
    sj__intern_init(&picture->nodes, allocator);
    picture->count = picture_column(table, cells, "count", SJ_COLUMN_INTEGER);
    for (size_t i = 0; i < sizeof shares / sizeof *shares && picture->share == NULL; i++)
        picture->share = picture_column(table, cells, shares[i], SJ_COLUMN_REAL);
    return picture_has(table, "from") && picture_has(table, "to")
               ? picture_read_arrows(picture, table, cells, error)
               : picture_read_paths(picture, table, cells, error);
}

void sj__picture_free(sj__picture *picture)
{
    sj__intern_free(&picture->nodes);
    sj__free(picture->allocator, picture->label_at, picture->label_capacity,
             sizeof *picture->label_at);
    sj__free(picture->allocator, picture->arrows, picture->capacity, sizeof *picture->arrows);
}

/* ---- texts ---- */

const char *sj__picture_name(const sj__picture *picture, uint32_t node, size_t *n)
{
    const char *key = sj__intern_name(&picture->nodes, node, n);
    *n -= picture->label_at[node];
    return key + picture->label_at[node];
}

/* With one decimal, halves away from 0. */
static void picture_percent(sj__text *to, double share)
{
    const double tenths = (share < 0 ? -share : share) * 1000 + 0.5;
    if (!(tenths < 1e15))
        return;
    if (share < 0)
        sj__text_char(to, '-');
    sj__text_unsigned(to, (uint64_t)tenths / 10);
    sj__text_char(to, '.');
    sj__text_unsigned(to, (uint64_t)tenths % 10);
    sj__text_char(to, '%');
}

void sj__picture_label(const sj__picture *picture, size_t row, sj__text *to)
{
    const int has_count = picture->count != NULL && sj__cells_present(picture->count, row);
    if (has_count)
        sj__text_integer(to, picture->count->integers[row]);
    if (picture->share == NULL || !sj__cells_present(picture->share, row))
        return;
    sj__text_add(to, has_count ? " (" : "");
    picture_percent(to, picture->share->reals[row]);
    sj__text_add(to, has_count ? ")" : "");
}

int sj__picture_is_pseudo(const char *name, size_t n)
{
    return n > 0 && name[0] == '(';
}

void sj__picture_text(sj__text *to, const char *s, size_t n, sj__picture_escape escape)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];
        char shown[5] = {'\\', 'x', digits[c >> 4], digits[c & 15], '\0'};
        if (c >= 0x20 && c != 0x7f) {
            escape(to, s[i]);
            continue;
        }
        if (c == '\n' || c == '\t') {
            shown[1] = c == '\n' ? 'n' : 't';
            shown[2] = '\0';
        }
        for (const char *p = shown; *p != '\0'; p++)
            escape(to, *p);
    }
}
