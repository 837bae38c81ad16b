/* From one worker's counts to ledgers.  O(cells + nodes). */
#include "analysis/transition.h"

#include "base/checked.h"

/* Numbers in the tally of the nodes that occur there. */
typedef struct transition_names {
    int32_t *number; /* by node; TRANSITION_NOT_NAMED */
    uint32_t n_nodes;
} transition_names;

#define TRANSITION_NOT_NAMED (-3)

static const sj__intern *transition_vocabulary(const sj__transition_counts *counts)
{
    const sj__map *map = sj__graph_map(counts->graph);
    return counts->question->between == SJ_BETWEEN_STAGES     ? &map->stages
           : counts->question->between == SJ_BETWEEN_CHANNELS ? &map->channels
                                                              : &map->touchpoints;
}

static sj_status transition_add_name(const sj__intern *from, uint32_t i, sj_tally *tally,
                                     int32_t *out, sj_error *error)
{
    size_t n;
    const char *name = sj__intern_name(from, i, &n);
    return sj__tally_name(tally, name, n, out, error);
}

/* The part of a key that a node is. */
static sj_status transition_part(const sj__transition_counts *counts, transition_names *names,
                                 uint32_t node, sj_tally *tally, int32_t *part, sj_error *error)
{
    const sj__intern *vocabulary = transition_vocabulary(counts);
    if (node == names->n_nodes) {
        *part = SJ__TRANSITION_OUTSIDE;
        return SJ_OK;
    }
    if (node >= vocabulary->count) {
        *part = SJ__TRANSITION_NONE;
        return SJ_OK;
    }
    if (names->number[node] == TRANSITION_NOT_NAMED) {
        const sj_status status =
            transition_add_name(vocabulary, node, tally, &names->number[node], error);
        if (status != SJ_OK)
            return status;
    }
    *part = names->number[node];
    return SJ_OK;
}

/* ---- edges ---- */

static sj_status transition_settle_edge(sj__transition_counts *counts, transition_names *names,
                                        size_t cell, sj_tally *tally, sj_error *error)
{
    sj__transition_cells *edges = &counts->edges;
    sj__ledger *ledger = &tally->ledgers[SJ__TRANSITION_EDGES];
    const sj__transition_cell *at = &edges->cells[cell];
    uint32_t from, to;
    int32_t key[2] = {0, 0};
    size_t row;
    sj__transition_cells_ends(edges, cell, &from, &to);
    sj_status status = transition_part(counts, names, from, tally, &key[0], error);
    if (status == SJ_OK)
        status = transition_part(counts, names, to, tally, &key[1], error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, key, 2, &row, error);
    if (status != SJ_OK)
        return status;
    sj__ledger_counts(ledger, row)[0] += (int64_t)at->count;
    sj__ledger_counts(ledger, row)[1] += at->customers;
    sj__ledger_sums(ledger, row)[0] += (sj__i128)((sj__u128)edges->high[cell] << 64 | at->dwell);
    if (edges->values != NULL)
        sj__ledger_sums(ledger, row)[1] += edges->values[cell];
    if (edges->times == NULL)
        return SJ_OK;
    return sj__gather_into(&edges->times[cell], edges->allocator,
                           &sj__ledger_spreads(ledger, row)[0], &tally->allocator, error);
}

/* ---- nodes ---- */

/* Counts that the range door leaves in the matrix. */
static void transition_fill_nodes(sj__transition_counts *counts)
{
    const sj__transition_cells *edges = &counts->edges;
    const size_t side = edges->side, outside = side - 1;
    for (size_t node = 0; node < outside; node++) {
        int64_t *to = counts->nodes[node].counts;
        for (size_t from = 0; from < side; from++)
            to[SJ__NODE_EVENTS] += (int64_t)edges->cells[from * side + node].count;
        to[SJ__NODE_VISITS] = to[SJ__NODE_EVENTS] - (int64_t)edges->cells[node * side + node].count;
        to[SJ__NODE_FIRSTS] = counts->seen[node].customers; /* a walk is a journey */
        to[SJ__NODE_ENTRIES] = (int64_t)edges->cells[outside * side + node].count;
        to[SJ__NODE_EXITS] = (int64_t)edges->cells[node * side + outside].count;
    }
    counts->ranged = 0;
}

static sj_status transition_settle_node(sj__transition_counts *counts, transition_names *names,
                                        uint32_t node, sj_tally *tally, sj_error *error)
{
    sj__ledger *ledger = &tally->ledgers[SJ__TRANSITION_NODES];
    int64_t *from = counts->nodes[node].counts;
    int32_t part = 0;
    size_t row;
    if (from[SJ__NODE_EVENTS] == 0)
        return SJ_OK;
    from[SJ__NODE_CUSTOMERS] = counts->seen[node].customers;
    sj_status status = transition_part(counts, names, node, tally, &part, error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, &part, 1, &row, error);
    for (size_t i = 0; i < SJ__NODE_COUNTS && status == SJ_OK; i++)
        sj__ledger_counts(ledger, row)[i] += from[i];
    return status;
}

/* ---- stages and micro-conversions ---- */

static int32_t transition_kind(uint32_t from, uint32_t to)
{
    return to == from       ? SJ__FLOW_STAY
           : to < from      ? SJ__FLOW_BACKWARD
           : to == from + 1 ? SJ__FLOW_FORWARD
                            : SJ__FLOW_SKIP;
}

static sj_status transition_settle_stage(sj__transition_counts *counts, size_t cell,
                                         sj_tally *tally, sj_error *error)
{
    const sj__intern *stages = &sj__graph_map(counts->graph)->stages;
    sj__ledger *ledger = &tally->ledgers[SJ__TRANSITION_STAGES];
    uint32_t from, to;
    int32_t key[3];
    size_t row;
    sj__transition_cells_ends(&counts->stages, cell, &from, &to);
    key[0] = transition_kind(from, to);
    sj_status status = transition_add_name(stages, from, tally, &key[1], error);
    if (status == SJ_OK)
        status = transition_add_name(stages, to, tally, &key[2], error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, key, 3, &row, error);
    if (status != SJ_OK)
        return status;
    sj__ledger_counts(ledger, row)[0] += (int64_t)counts->stages.cells[cell].count;
    sj__ledger_counts(ledger, row)[1] += counts->stages.cells[cell].customers;
    return SJ_OK;
}

static sj_status transition_settle_conversion(sj__transition_counts *counts, uint32_t conversion,
                                              sj_tally *tally, sj_error *error)
{
    sj__ledger *ledger = &tally->ledgers[SJ__TRANSITION_CONVERSIONS];
    int32_t part;
    size_t row;
    if (counts->reached[conversion] == 0)
        return SJ_OK;
    sj_status status = transition_add_name(&sj__graph_map(counts->graph)->conversions, conversion,
                                           tally, &part, error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, &part, 1, &row, error);
    if (status != SJ_OK)
        return status;
    sj__ledger_counts(ledger, row)[0] += counts->reached[conversion];
    sj__ledger_counts(ledger, row)[1] += counts->firsts[conversion];
    sj__ledger_sums(ledger, row)[0] += counts->value[conversion];
    return sj__spread_merge(&sj__ledger_spreads(ledger, row)[0], &tally->allocator,
                            &counts->time[conversion], 1, error);
}

static sj_status transition_settle_legs(const sj__transition_counts *counts, sj_tally *tally,
                                        sj_error *error)
{
    sj__ledger *ledger = &tally->ledgers[SJ__TRANSITION_LEGS];
    sj_status status = SJ_OK;
    for (int32_t kind = SJ__TRANSITION_CLOSED; kind <= SJ__TRANSITION_OPEN && status == SJ_OK;
         kind++) {
        size_t row;
        if (counts->legs[kind] == 0)
            continue;
        status = sj__ledger_row(ledger, &kind, 1, &row, error);
        if (status == SJ_OK)
            sj__ledger_counts(ledger, row)[0] += counts->legs[kind];
    }
    return status;
}

sj_status sj__transition_settle(sj__transition_counts *counts, sj_tally *tally, sj_error *error)
{
    const sj_allocator *a = &counts->allocator;
    transition_names names = {.n_nodes = counts->question->n_nodes};
    sj_status status = SJ_OK;
    names.number = sj__alloc(a, names.n_nodes, sizeof *names.number);
    if (names.number == NULL)
        return sj__fail_nomem(error);
    for (uint32_t node = 0; node < names.n_nodes; node++)
        names.number[node] = TRANSITION_NOT_NAMED;
    if (counts->ranged)
        transition_fill_nodes(counts);
    for (size_t i = 0; i < counts->edges.capacity && status == SJ_OK; i++)
        if (counts->edges.cells[i].count != 0)
            status = transition_settle_edge(counts, &names, i, tally, error);
    for (uint32_t node = 0; node < names.n_nodes && status == SJ_OK; node++)
        status = transition_settle_node(counts, &names, node, tally, error);
    for (size_t i = 0; i < counts->stages.capacity && status == SJ_OK; i++)
        if (counts->stages.cells[i].count != 0)
            status = transition_settle_stage(counts, i, tally, error);
    for (uint32_t c = 0; c < counts->question->n_conversions && status == SJ_OK; c++)
        status = transition_settle_conversion(counts, c, tally, error);
    if (status == SJ_OK)
        status = transition_settle_legs(counts, tally, error);
    sj__free(a, names.number, names.n_nodes, sizeof *names.number);
    return status;
}
