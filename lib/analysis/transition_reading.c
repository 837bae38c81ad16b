/* A tally of transitions read back: what its text says was counted, sums by node, and rows in
 * order.  No events, no graph. */
#include "analysis/transition.h"

#include <string.h>

#include "base/checked.h"

/* ---- text ---- */

static int transition_line_is(const char *name, size_t n, const char *wanted)
{
    return n == strlen(wanted) && memcmp(name, wanted, n) == 0;
}

static int transition_begins(const char *text, size_t n, const char *with)
{
    return n > strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static void transition_read_text(sj__transition_reading *reading)
{
    const sj_tally *tally = reading->tally;
    const char *line = tally->text, *end = tally->text + tally->text_size;
    const char *name, *value;
    size_t n_name, n_value;
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, &n_value);
        if (transition_line_is(name, n_name, "map")) {
            reading->has_stages |= transition_begins(value, n_value, "stage ");
            reading->has_conversions |= transition_begins(value, n_value, "micro-conversion ");
        } else if (transition_line_is(name, n_name, "as_of")) {
            reading->as_of = value;
            reading->as_of_size = n_value;
        } else if (transition_line_is(name, n_name, "conversion")) {
            reading->conversion = value;
            reading->conversion_size = n_value;
        } else {
            (void)sj__options_set(&sj__transition_options_struct, &reading->options, name, n_name,
                                  value, n_value);
        }
    }
    if (reading->options.between == 0)
        reading->options.between = SJ_BETWEEN_TOUCHPOINTS;
    if (reading->options.figures == 0)
        reading->options.figures = SJ__TRANSITION_ALL;
}

/* ---- keys and sums ---- */

size_t sj__transition_node_of(const sj__transition_reading *reading, int32_t part)
{
    const size_t names = reading->tally->names.count;
    return part >= 0 ? (size_t)part : names + (part == SJ__TRANSITION_NONE);
}

static sj_status transition_damaged(sj_error *error)
{
    return sj__fail(error, SJ_ERR_FORMAT,
                    "the tally has a row that no scan of transitions can have counted");
}

static int transition_is_node(const sj__transition_reading *reading, int32_t part)
{
    return part >= 0 ||
           (part == SJ__TRANSITION_NONE && reading->options.between == SJ_BETWEEN_CHANNELS);
}

static int transition_key_fits(const sj__transition_reading *reading, size_t ledger,
                               const int32_t *key)
{
    switch (ledger) {
    case SJ__TRANSITION_EDGES:
        if (key[0] == SJ__TRANSITION_OUTSIDE || key[1] == SJ__TRANSITION_OUTSIDE)
            return key[0] != key[1] && !reading->options.eventually &&
                   transition_is_node(reading, key[0] == SJ__TRANSITION_OUTSIDE ? key[1] : key[0]);
        return transition_is_node(reading, key[0]) && transition_is_node(reading, key[1]);
    case SJ__TRANSITION_NODES:
        return transition_is_node(reading, key[0]);
    case SJ__TRANSITION_STAGES:
        return key[0] >= SJ__FLOW_FORWARD && key[0] <= SJ__FLOW_STAY && key[1] >= 0 && key[2] >= 0;
    case SJ__TRANSITION_CONVERSIONS:
        return key[0] >= 0;
    default:
        return key[0] == SJ__TRANSITION_CLOSED || key[0] == SJ__TRANSITION_OPEN;
    }
}

static sj_status transition_check_keys(const sj__transition_reading *reading, sj_error *error)
{
    for (size_t l = 0; l < SJ__TRANSITION_LEDGERS; l++) {
        const sj__ledger *ledger = &reading->tally->ledgers[l];
        for (size_t row = 0; row < ledger->n_rows; row++) {
            size_t n;
            if (!transition_key_fits(reading, l, sj__ledger_key(ledger, row, &n)))
                return transition_damaged(error);
        }
    }
    return SJ_OK;
}

static sj_status transition_sum(sj__transition_reading *reading, sj_error *error)
{
    const sj__ledger *edges = &reading->tally->ledgers[SJ__TRANSITION_EDGES];
    for (size_t row = 0; row < edges->n_rows; row++) {
        size_t n;
        const int32_t *key = sj__ledger_key(edges, row, &n);
        const int64_t count = sj__ledger_counts(edges, row)[0];
        int64_t *out = &reading->out[sj__transition_node_of(reading, key[0])];
        int64_t *in = &reading->in[sj__transition_node_of(reading, key[1])];
        if (!sj__i64_add(*out, count, out) || !sj__i64_add(*in, count, in))
            return sj__fail(error, SJ_ERR_OVERFLOW,
                            "the number of transitions leaves the range of 64 bits");
    }
    return SJ_OK;
}

/* Inflow + starts = outflow + ends = events (visits, where they are what is counted), at every
 * node; and what shares are shares of. */
static sj_status transition_balance(sj__transition_reading *reading, sj_error *error)
{
    const sj__ledger *nodes = &reading->tally->ledgers[SJ__TRANSITION_NODES];
    const size_t by = reading->options.collapse ? SJ__NODE_VISITS : SJ__NODE_EVENTS;
    const size_t outside = reading->tally->names.count;
    for (size_t row = 0; row < nodes->n_rows; row++) {
        size_t n;
        const size_t node = sj__transition_node_of(reading, sj__ledger_key(nodes, row, &n)[0]);
        const int64_t *counts = sj__ledger_counts(nodes, row);
        reading->base[node] = counts[reading->options.eventually ? (size_t)SJ__NODE_SETTLED : by];
    }
    if (reading->options.eventually)
        return SJ_OK;
    reading->base[outside] = reading->out[outside];
    for (size_t node = 0; node < reading->n_nodes; node++)
        if (reading->base[node] != reading->out[node] || reading->out[node] != reading->in[node])
            return transition_damaged(error);
    return SJ_OK;
}

sj_status sj__transition_reading_init(sj__transition_reading *reading, const sj_tally *tally,
                                      sj_error *error)
{
    *reading = (sj__transition_reading){.tally = tally};
    sj_status status = sj__tally_check(tally, &sj__transition_analysis, error);
    if (status != SJ_OK)
        return status;
    reading->allocator = tally->allocator;
    reading->n_nodes = (size_t)tally->names.count + 2;
    transition_read_text(reading);
    reading->block = sj__alloc_zeroed(&reading->allocator, 3 * reading->n_nodes, sizeof(int64_t));
    if (reading->block == NULL) {
        status = sj__fail_nomem(error);
    } else {
        reading->out = reading->block;
        reading->in = reading->block + reading->n_nodes;
        reading->base = reading->block + 2 * reading->n_nodes;
        status = transition_check_keys(reading, error);
    }
    if (status == SJ_OK)
        status = transition_sum(reading, error);
    if (status == SJ_OK)
        status = transition_balance(reading, error);
    if (status != SJ_OK)
        sj__transition_reading_free(reading);
    return status;
}

void sj__transition_reading_free(sj__transition_reading *reading)
{
    if (reading->allocator.resize == NULL)
        return;
    sj__free(&reading->allocator, reading->block, 3 * reading->n_nodes, sizeof(int64_t));
    *reading = (sj__transition_reading){0};
}

/* ---- names and order ---- */

const char *sj__transition_raw(const sj_tally *tally, int32_t part, int is_from, size_t *n)
{
    if (part >= 0)
        return sj__intern_name(&tally->names, (uint32_t)part, n);
    const char *name = part == SJ__TRANSITION_NONE ? "(none)" : is_from ? "(start)" : "(end)";
    *n = strlen(name);
    return name;
}

void sj__transition_name(const sj_tally *tally, int32_t part, int is_from, sj__text *text)
{
    size_t n;
    const char *name = sj__transition_raw(tally, part, is_from, &n);
    if (part >= 0)
        sj__text_name(text, name, n);
    else
        sj__text_bytes(text, name, n);
}

/* Where a part stands among the names, which are in order of their bytes; what is no name stands
 * where its text would, before a name that is the same. */
static uint64_t transition_rank(const sj_tally *tally, int32_t part, int is_from)
{
    uint32_t low = 0, high = tally->names.count;
    size_t n;
    if (part >= 0)
        return 4 * (uint64_t)(uint32_t)part + 2;
    const char *text = sj__transition_raw(tally, part, is_from, &n);
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (strcmp(sj__intern_name(&tally->names, middle, NULL), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* (none) stands before (start), behind (end) */
    return 4 * (uint64_t)low + ((part == SJ__TRANSITION_NONE) != (is_from != 0));
}

sj_status sj__transition_order(const sj__transition_reading *reading, size_t ledger, size_t by,
                               size_t skip, sj__pair *rows, sj_error *error)
{
    const sj_tally *tally = reading->tally;
    const sj__ledger *of = &tally->ledgers[ledger];
    sj__pair *scratch = sj__alloc(&reading->allocator, of->n_rows, sizeof *scratch);
    if (scratch == NULL)
        return sj__fail_nomem(error);
    for (size_t row = 0; row < of->n_rows; row++)
        rows[row] = (sj__pair){0, row};
    for (size_t part = strlen(of->spec->key); part-- > skip;) {
        for (size_t i = 0; i < of->n_rows; i++) {
            size_t n;
            const int32_t *key = sj__ledger_key(of, (size_t)rows[i].number, &n);
            rows[i].key = transition_rank(tally, key[part], part == skip);
        }
        sj__sort_pairs(rows, scratch, of->n_rows);
    }
    for (size_t i = 0; i < of->n_rows; i++)
        rows[i].key = UINT64_MAX - (uint64_t)sj__ledger_counts(of, (size_t)rows[i].number)[by];
    sj__sort_pairs(rows, scratch, of->n_rows);
    sj__free(&reading->allocator, scratch, of->n_rows, sizeof *scratch);
    return SJ_OK;
}
