/* What a tally of transitions says, as tables.
 *
 *     share_out = count / transitions that leave `from` (eventually: / units of `from` in legs that are not open)
 *     share_in  = count / transitions that reach `to`
 *     self_loops = events − visits      repetitions = visits − first visits of a walk
 *     first = customers who met a micro-conversion      repeated = reached − first
 * Means are exact sums over counts; quantiles are those of base/spread.h, within 1/128.  Shares of
 * nothing are absent; figures that the tally did not count are columns that are absent in every
 * row. */
#include "analysis/transition.h"

enum {
    TRANSITION_FROM,
    TRANSITION_TO,
    TRANSITION_COUNT,
    TRANSITION_CUSTOMERS,
    TRANSITION_SHARE_OUT,
    TRANSITION_SHARE_IN,
    TRANSITION_DWELL_MEAN,
    TRANSITION_DWELL_P50,
    TRANSITION_DWELL_P90,
    TRANSITION_VALUE,
    TRANSITION_COLUMNS
};

static const sj__column_spec transition_edge_columns[TRANSITION_COLUMNS] = {
    [TRANSITION_FROM] = {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [TRANSITION_TO] = {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [TRANSITION_COUNT] = {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_CUSTOMERS] = {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_SHARE_OUT] = {"share_out", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [TRANSITION_SHARE_IN] = {"share_in", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    [TRANSITION_DWELL_MEAN] = {"dwell_mean", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [TRANSITION_DWELL_P50] = {"dwell_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [TRANSITION_DWELL_P90] = {"dwell_p90", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [TRANSITION_VALUE] = {"value", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
};

enum {
    TRANSITION_NODE_NAME,
    TRANSITION_NODE_EVENTS,
    TRANSITION_NODE_VISITS,
    TRANSITION_NODE_CUSTOMERS,
    TRANSITION_NODE_ENTRIES,
    TRANSITION_NODE_EXITS,
    TRANSITION_NODE_SELF_LOOPS,
    TRANSITION_NODE_REPETITIONS,
    TRANSITION_NODE_DWELL_MEAN,
    TRANSITION_NODE_DWELL_P50,
    TRANSITION_NODE_DWELL_P90,
    TRANSITION_NODE_COLUMNS
};

static const sj__column_spec transition_node_columns[TRANSITION_NODE_COLUMNS] = {
    [TRANSITION_NODE_NAME] = {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    [TRANSITION_NODE_EVENTS] = {"events", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_VISITS] = {"visits", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_CUSTOMERS] = {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_ENTRIES] = {"entries", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_EXITS] = {"exits", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_SELF_LOOPS] = {"self_loops", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_REPETITIONS] = {"repetitions", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    [TRANSITION_NODE_DWELL_MEAN] = {"dwell_mean", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [TRANSITION_NODE_DWELL_P50] = {"dwell_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    [TRANSITION_NODE_DWELL_P90] = {"dwell_p90", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
};

static const sj__column_spec transition_stage_columns[] = {
    {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"kind", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT}};

static const sj__column_spec transition_conversion_columns[] = {
    {"name", SJ_COLUMN_TEXT, SJ_UNIT_NONE},          {"reached", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"first", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},     {"repeated", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"customers", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT}, {"value", SJ_COLUMN_REAL, SJ_UNIT_VALUE},
    {"time_mean", SJ_COLUMN_REAL, SJ_UNIT_SPAN},     {"time_p50", SJ_COLUMN_REAL, SJ_UNIT_SPAN},
    {"time_p90", SJ_COLUMN_REAL, SJ_UNIT_SPAN}};

/* One table being filled: rows of a ledger in order, and room for a name. */
typedef struct transition_filling {
    const sj__transition_reading *reading;
    const sj__ledger *ledger;
    sj_table *table;
    sj__pair *rows;
    sj__text name;
} transition_filling;

static sj_status transition_filling_open(transition_filling *filling,
                                         const sj__transition_reading *reading, size_t ledger,
                                         size_t skip, sj_table *table, sj_error *error)
{
    *filling = (transition_filling){
        .reading = reading, .ledger = &reading->tally->ledgers[ledger], .table = table};
    sj__text_init(&filling->name, &reading->allocator);
    filling->rows = sj__alloc(&reading->allocator, filling->ledger->n_rows, sizeof(sj__pair));
    if (filling->rows == NULL)
        return sj__fail_nomem(error);
    return sj__transition_order(reading, ledger, 0, skip, filling->rows, error);
}

static sj_status transition_filling_close(transition_filling *filling, sj_status status,
                                          sj_error *error)
{
    if (status == SJ_OK)
        status = sj__text_status(&filling->name, error);
    sj__text_free(&filling->name);
    sj__free(&filling->reading->allocator, filling->rows, filling->ledger->n_rows,
             sizeof(sj__pair));
    return status;
}

static void transition_put_name(transition_filling *filling, size_t column, int32_t part,
                                int is_from)
{
    filling->name.size = 0;
    sj__transition_name(filling->reading->tally, part, is_from, &filling->name);
    sj__put_text(filling->table, column, sj__text_data(&filling->name), filling->name.size);
}

/* ---- transitions ---- */

static void transition_put_dwell(const transition_filling *filling, size_t row)
{
    const int64_t count = sj__ledger_counts(filling->ledger, row)[0];
    const sj__spread *spread = &sj__ledger_spreads(filling->ledger, row)[0];
    if (count <= 0)
        return;
    sj__put_real(filling->table, TRANSITION_DWELL_MEAN,
                 sj__mean((sj__u128)sj__ledger_sums(filling->ledger, row)[0], (uint64_t)count));
    if (spread->used == 0)
        return;
    sj__put_real(filling->table, TRANSITION_DWELL_P50, sj__spread_quantile(spread, 0.5));
    sj__put_real(filling->table, TRANSITION_DWELL_P90, sj__spread_quantile(spread, 0.9));
}

static void transition_put_edge(transition_filling *filling, size_t row)
{
    const sj__transition_reading *reading = filling->reading;
    const int eventually = reading->options.eventually;
    size_t n;
    const int32_t *key = sj__ledger_key(filling->ledger, row, &n);
    const int64_t *counts = sj__ledger_counts(filling->ledger, row);
    const size_t from = sj__transition_node_of(reading, key[0]);
    const size_t to = sj__transition_node_of(reading, key[1]);
    transition_put_name(filling, TRANSITION_FROM, key[0], 1);
    transition_put_name(filling, TRANSITION_TO, key[1], 0);
    sj__put_integer(filling->table, TRANSITION_COUNT, counts[0]);
    sj__put_integer(filling->table, TRANSITION_CUSTOMERS, counts[1]);
    sj__put_real(filling->table, TRANSITION_SHARE_OUT, sj__rate(counts[0], reading->base[from]));
    if (!eventually) {
        sj__put_real(filling->table, TRANSITION_SHARE_IN, sj__rate(counts[0], reading->in[to]));
        if (key[0] != SJ__TRANSITION_OUTSIDE && key[1] != SJ__TRANSITION_OUTSIDE)
            transition_put_dwell(filling, row);
        if (reading->options.figures & SJ_FIGURE_VALUES && key[1] != SJ__TRANSITION_OUTSIDE)
            sj__put_real(filling->table, TRANSITION_VALUE,
                         sj__fixed6_to_real(sj__ledger_sums(filling->ledger, row)[1]));
    }
    sj__end_row(filling->table);
}

static sj_status transition_put_edges(const sj__transition_reading *reading, sj_result *result,
                                      sj_error *error)
{
    transition_filling filling;
    sj_table *table =
        sj__result_add(result, "transitions", transition_edge_columns, TRANSITION_COLUMNS);
    const sj_status status =
        transition_filling_open(&filling, reading, SJ__TRANSITION_EDGES, 0, table, error);
    for (size_t i = 0; status == SJ_OK && i < filling.ledger->n_rows; i++)
        transition_put_edge(&filling, (size_t)filling.rows[i].number);
    return transition_filling_close(&filling, status, error);
}

/* ---- nodes ---- */

/* What happens at a node until the next unit: all transitions from it, which lie together in their
 * ledger. */
static sj_status transition_put_stay(const transition_filling *filling, int32_t part,
                                     sj_error *error)
{
    const sj__ledger *edges = &filling->reading->tally->ledgers[SJ__TRANSITION_EDGES];
    const sj_allocator *a = &filling->reading->allocator;
    size_t low = 0, high = edges->n_rows, n;
    sj__spread all = {0};
    sj__u128 sum = 0;
    uint64_t count = 0;
    sj_status status = SJ_OK;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sj__ledger_key(edges, middle, &n)[0] < part)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < edges->n_rows && status == SJ_OK; low++) {
        const int32_t *key = sj__ledger_key(edges, low, &n);
        if (key[0] != part)
            break;
        if (key[1] == SJ__TRANSITION_OUTSIDE)
            continue;
        count += (uint64_t)sj__ledger_counts(edges, low)[0];
        sum += (sj__u128)sj__ledger_sums(edges, low)[0];
        status = sj__spread_merge(&all, a, &sj__ledger_spreads(edges, low)[0], 1, error);
    }
    if (status == SJ_OK && count > 0)
        sj__put_real(filling->table, TRANSITION_NODE_DWELL_MEAN, sj__mean(sum, count));
    sj__spread_sort(&all);
    if (status == SJ_OK && all.used > 0) {
        sj__put_real(filling->table, TRANSITION_NODE_DWELL_P50, sj__spread_quantile(&all, 0.5));
        sj__put_real(filling->table, TRANSITION_NODE_DWELL_P90, sj__spread_quantile(&all, 0.9));
    }
    sj__spread_free(&all, a);
    return status;
}

static sj_status transition_put_node(transition_filling *filling, size_t row, sj_error *error)
{
    size_t n;
    const int32_t *key = sj__ledger_key(filling->ledger, row, &n);
    const int64_t *counts = sj__ledger_counts(filling->ledger, row);
    sj_table *table = filling->table;
    sj_status status = SJ_OK;
    transition_put_name(filling, TRANSITION_NODE_NAME, key[0], 1);
    sj__put_integer(table, TRANSITION_NODE_EVENTS, counts[SJ__NODE_EVENTS]);
    sj__put_integer(table, TRANSITION_NODE_VISITS, counts[SJ__NODE_VISITS]);
    sj__put_integer(table, TRANSITION_NODE_CUSTOMERS, counts[SJ__NODE_CUSTOMERS]);
    sj__put_integer(table, TRANSITION_NODE_ENTRIES, counts[SJ__NODE_ENTRIES]);
    sj__put_integer(table, TRANSITION_NODE_EXITS, counts[SJ__NODE_EXITS]);
    sj__put_integer(table, TRANSITION_NODE_SELF_LOOPS,
                    counts[SJ__NODE_EVENTS] - counts[SJ__NODE_VISITS]);
    sj__put_integer(table, TRANSITION_NODE_REPETITIONS,
                    counts[SJ__NODE_VISITS] - counts[SJ__NODE_FIRSTS]);
    if (!filling->reading->options.eventually)
        status = transition_put_stay(filling, key[0], error);
    sj__end_row(table);
    return status;
}

static sj_status transition_put_nodes(const sj__transition_reading *reading, sj_result *result,
                                      sj_error *error)
{
    transition_filling filling;
    const int of_touchpoints = reading->options.between == SJ_BETWEEN_TOUCHPOINTS;
    sj_table *table = sj__result_add(result, of_touchpoints ? "touchpoints" : "nodes",
                                     transition_node_columns, TRANSITION_NODE_COLUMNS);
    sj_status status =
        transition_filling_open(&filling, reading, SJ__TRANSITION_NODES, 0, table, error);
    for (size_t i = 0; status == SJ_OK && i < filling.ledger->n_rows; i++)
        status = transition_put_node(&filling, (size_t)filling.rows[i].number, error);
    return transition_filling_close(&filling, status, error);
}

/* ---- stages, micro-conversions ---- */

static sj_status transition_put_stages(const sj__transition_reading *reading, sj_result *result,
                                       sj_error *error)
{
    static const char *const kinds[] = {"", "forward", "backward", "skip", "stay"};
    transition_filling filling;
    sj_table *table = sj__result_add(result, "stages", transition_stage_columns, 5);
    const sj_status status =
        transition_filling_open(&filling, reading, SJ__TRANSITION_STAGES, 1, table, error);
    for (size_t i = 0; status == SJ_OK && i < filling.ledger->n_rows; i++) {
        const size_t row = (size_t)filling.rows[i].number;
        size_t n;
        const int32_t *key = sj__ledger_key(filling.ledger, row, &n);
        transition_put_name(&filling, 0, key[1], 1);
        transition_put_name(&filling, 1, key[2], 0);
        sj__put_string(table, 2, kinds[key[0]]);
        sj__put_integer(table, 3, sj__ledger_counts(filling.ledger, row)[0]);
        sj__put_integer(table, 4, sj__ledger_counts(filling.ledger, row)[1]);
        sj__end_row(table);
    }
    return transition_filling_close(&filling, status, error);
}

static void transition_put_conversion(transition_filling *filling, size_t row)
{
    const int64_t figures = filling->reading->options.figures;
    const int64_t *counts = sj__ledger_counts(filling->ledger, row);
    const sj__spread *spread = &sj__ledger_spreads(filling->ledger, row)[0];
    const int64_t timed = sj__spread_count(spread);
    sj_table *table = filling->table;
    size_t n;
    transition_put_name(filling, 0, sj__ledger_key(filling->ledger, row, &n)[0], 1);
    sj__put_integer(table, 1, counts[0]);
    sj__put_integer(table, 2, counts[1]);
    sj__put_integer(table, 3, counts[0] - counts[1]);
    sj__put_integer(table, 4, counts[1]);
    if (figures & SJ_FIGURE_VALUES)
        sj__put_real(table, 5, sj__fixed6_to_real(sj__ledger_sums(filling->ledger, row)[0]));
    if (timed > 0) {
        sj__put_real(table, 6, sj__mean((sj__u128)sj__spread_sum(spread), (uint64_t)timed));
        sj__put_real(table, 7, sj__spread_quantile(spread, 0.5));
        sj__put_real(table, 8, sj__spread_quantile(spread, 0.9));
    }
    sj__end_row(table);
}

static sj_status transition_put_conversions(const sj__transition_reading *reading,
                                            sj_result *result, sj_error *error)
{
    transition_filling filling;
    sj_table *table = sj__result_add(result, "micro_conversions", transition_conversion_columns, 9);
    const sj_status status =
        transition_filling_open(&filling, reading, SJ__TRANSITION_CONVERSIONS, 0, table, error);
    for (size_t i = 0; status == SJ_OK && i < filling.ledger->n_rows; i++)
        transition_put_conversion(&filling, (size_t)filling.rows[i].number);
    return transition_filling_close(&filling, status, error);
}

/* ---- all of them ---- */

sj_status sj_transition_conclude(const sj_tally *tally, const sj_transition_options *options,
                                 sj_result **out, sj_error *error)
{
    sj_transition_options loaded;
    sj__transition_reading reading;
    sj_result *result = NULL;
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    sj_status status = sj__options_load(&sj__transition_options_struct, options, &loaded, error);
    if (status == SJ_OK)
        status = sj__transition_reading_init(&reading, tally, error);
    if (status != SJ_OK)
        return status;
    status = sj__result_new(&reading.allocator, &result, error);
    if (status == SJ_OK)
        status = transition_put_edges(&reading, result, error);
    if (status == SJ_OK)
        status = transition_put_nodes(&reading, result, error);
    if (status == SJ_OK && reading.has_stages)
        status = transition_put_stages(&reading, result, error);
    if (status == SJ_OK && reading.has_conversions)
        status = transition_put_conversions(&reading, result, error);
    if (status == SJ_OK && loaded.baseline != NULL)
        status = sj__transition_compare(&reading, loaded.baseline, result, error);
    if (status == SJ_OK)
        status = sj__transition_notes(&reading, result, loaded.baseline != NULL, error);
    if (status == SJ_OK)
        status = sj__result_finish(result, out, error);
    else
        sj_result_free(result);
    sj__transition_reading_free(&reading);
    return status;
}
