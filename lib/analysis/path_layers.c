/* The table `layers`: the paths put together layer by layer, ready to be drawn as a Sankey diagram.
 *
 * Layer 0 is the anchor, layer k the k-th event behind it; at most six are drawn.  A layer shows
 * the eight touchpoints that most paths have there, and (other); a link is how many paths go from a
 * node of one layer to a node of the next.  Of any node but the anchor and those of the last layer,
 * what comes in goes out, where it is no end. O(rows + names log names). */
#include "analysis/path.h"

#include "base/sort.h"

enum {
    PATH_LAYERS = 5, /* behind the anchor */
    PATH_LAYER_TOP = 8,
    PATH_NODE_OTHER = PATH_LAYER_TOP, /* nodes of a layer: the top, then these */
    PATH_NODE_END,
    PATH_NODE_LOST,
    PATH_LAYER_NODES
};

static const sj__column_spec path_layer_columns[] = {
    {"layer", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
    {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
};

typedef struct path_layers {
    const sj__path_reading *reading;
    size_t n_names;
    uint64_t *sums;  /* by layer and name */
    sj__pair *pairs; /* twice the names */
    int32_t *nodes;  /* by layer and name: its node */
    int32_t top[PATH_LAYERS + 1][PATH_LAYER_TOP];
    size_t n_top[PATH_LAYERS + 1];
    uint64_t links[PATH_LAYERS + 1][PATH_LAYER_NODES][PATH_LAYER_NODES];
} path_layers;

static const int32_t *path_layer_key(const path_layers *layers, size_t row, size_t *n)
{
    return sj__ledger_key(&layers->reading->tally->ledgers[SJ__PATH_NODES], row, n);
}

/* The node of part `part` in a layer. */
static int32_t path_layer_node(const path_layers *layers, size_t layer, int32_t part)
{
    if (layer == 0)
        return 0;
    if (part < 0)
        return part == SJ__PATH_END ? PATH_NODE_END : PATH_NODE_LOST;
    return layers->nodes[layer * layers->n_names + (size_t)part];
}

/* Which names a layer shows. */
static void path_layer_choose(path_layers *layers, size_t layer)
{
    const uint64_t *sums = layers->sums + layer * layers->n_names;
    int32_t *nodes = layers->nodes + layer * layers->n_names;
    size_t n = 0;
    for (size_t i = 0; i < layers->n_names; i++) {
        nodes[i] = PATH_NODE_OTHER;
        if (sums[i] > 0)
            layers->pairs[n++] = (sj__pair){UINT64_MAX - sums[i], i};
    }
    sj__sort_pairs(layers->pairs, layers->pairs + layers->n_names, n);
    n = n < PATH_LAYER_TOP ? n : PATH_LAYER_TOP;
    for (size_t i = 0; i < n; i++) {
        layers->top[layer][i] = (int32_t)layers->pairs[i].number;
        nodes[layers->pairs[i].number] = (int32_t)i;
    }
    layers->n_top[layer] = n;
}

static void path_layer_sum(path_layers *layers)
{
    size_t n;
    for (size_t row = 0; row < layers->reading->n_rows; row++) {
        const int32_t *key = path_layer_key(layers, row, &n);
        if (n > 0 && n <= PATH_LAYERS && key[n - 1] >= 0)
            layers->sums[n * layers->n_names + (size_t)key[n - 1]] +=
                (uint64_t)sj__path_count(layers->reading, row);
    }
    for (size_t layer = 1; layer <= PATH_LAYERS; layer++)
        path_layer_choose(layers, layer);
    for (size_t row = 0; row < layers->reading->n_rows; row++) {
        const int32_t *key = path_layer_key(layers, row, &n);
        if (n == 0 || n > PATH_LAYERS)
            continue;
        layers->links[n][path_layer_node(layers, n - 1, n > 1 ? key[n - 2] : 0)]
                     [path_layer_node(layers, n, key[n - 1])] +=
            (uint64_t)sj__path_count(layers->reading, row);
    }
}

static void path_layer_put_node(const path_layers *layers, sj_table *table, size_t column,
                                size_t layer, size_t node, sj__text *text)
{
    text->size = 0;
    if (layer == 0)
        sj__text_add(text, sj__text_data(&layers->reading->anchor));
    else if (node == PATH_NODE_OTHER)
        sj__text_add(text, "(other)");
    else
        sj__path_show(layers->reading,
                      node == PATH_NODE_END    ? SJ__PATH_END
                      : node == PATH_NODE_LOST ? SJ__PATH_LOST
                                               : layers->top[layer][node],
                      text);
    sj__put_text(table, column, sj__text_data(text), text->size);
}

/* The links into a layer by count, then in order of the nodes. */
static void path_layer_put(const path_layers *layers, sj_table *table, size_t layer, sj__text *text)
{
    enum { MOST = PATH_LAYER_NODES * PATH_LAYER_NODES };
    const int backwards = layers->reading->has_to && !layers->reading->has_from;
    sj__pair pairs[2 * MOST];
    size_t n = 0;
    for (size_t i = 0; i < MOST; i++) {
        const uint64_t count = layers->links[layer][i / PATH_LAYER_NODES][i % PATH_LAYER_NODES];
        if (count > 0)
            pairs[n++] = (sj__pair){UINT64_MAX - count, i};
    }
    sj__sort_pairs(pairs, pairs + MOST, n);
    for (size_t i = 0; i < n; i++) {
        const size_t near = (size_t)pairs[i].number / PATH_LAYER_NODES;
        const size_t far = (size_t)pairs[i].number % PATH_LAYER_NODES;
        sj__put_integer(table, 0, (int64_t)layer);
        path_layer_put_node(layers, table, backwards ? 2 : 1, layer - 1, near, text);
        path_layer_put_node(layers, table, backwards ? 1 : 2, layer, far, text);
        sj__put_integer(table, 3, (int64_t)(UINT64_MAX - pairs[i].key));
        sj__end_row(table);
    }
}

sj_status sj__path_layers(const sj__path_reading *reading, sj_result *result, sj_error *error)
{
    const sj_allocator *a = &reading->allocator;
    const size_t n = reading->tally->names.count, cells = (PATH_LAYERS + 1) * n;
    sj_table *table = sj__result_add(result, "layers", path_layer_columns, 4);
    sj_status status = SJ_OK;
    sj__text text;
    path_layers *layers = sj__alloc_zeroed(a, 1, sizeof *layers);
    if (layers == NULL)
        return sj__fail_nomem(error);
    sj__text_init(&text, a);
    layers->reading = reading;
    layers->n_names = n;
    layers->sums = sj__alloc_zeroed(a, cells, sizeof *layers->sums);
    layers->nodes = sj__alloc_zeroed(a, cells, sizeof *layers->nodes);
    layers->pairs = sj__alloc(a, n, 2 * sizeof *layers->pairs);
    if (layers->sums == NULL || layers->nodes == NULL || layers->pairs == NULL) {
        status = sj__fail_nomem(error);
    } else {
        path_layer_sum(layers);
        for (size_t layer = 1; layer <= PATH_LAYERS; layer++)
            path_layer_put(layers, table, layer, &text);
        status = sj__text_status(&text, error);
    }
    sj__text_free(&text);
    sj__free(a, layers->sums, cells, sizeof *layers->sums);
    sj__free(a, layers->nodes, cells, sizeof *layers->nodes);
    sj__free(a, layers->pairs, n, 2 * sizeof *layers->pairs);
    sj__free(a, layers, 1, sizeof *layers);
    return status;
}
