/* Every invariant of a graph's layout, checked against the definitions in layout.h and not by the
 * code that packs. O(events), and O(transitions times expectations) for a map with expectations. */
#include "journey/check.h"

#include <string.h>

#include "base/bitmap.h"
#include "base/checked.h"
#include "base/hash.h"
#include "journey/layout.h"
#include "journey/parts.h"

static sj_status check_fail(sj_error *error, const char *what, uint64_t where)
{
    return sj__fail_at(error, SJ_ERR_FORMAT, (sj__place){.index = (int64_t)where},
                       "a graph is damaged: %s", what);
}

/* ---------------------------------------------------------------------------------- customers --
 */

static int check_keys_ascend(const sj_graph *graph, uint64_t customer)
{
    size_t n, m;
    const char *x = sj__graph_key(graph, customer - 1, &n);
    const char *y = sj__graph_key(graph, customer, &m);
    uint64_t hx = sj__hash_key(x, n), hy = sj__hash_key(y, m);
    int by = memcmp(x, y, n < m ? n : m);
    return hx < hy || (hx == hy && (by < 0 || (by == 0 && n < m)));
}

static sj_status check_customer(const sj_graph *graph, uint64_t c, sj_error *error)
{
    uint64_t first = sj__layout_first(graph, c), next = sj__layout_first(graph, c + 1);
    size_t n;
    const char *key = sj__graph_key(graph, c, &n);
    if (next <= first || next > graph->n_events || next - first > graph->longest) {
        return check_fail(error, "a customer has no events or too many", c);
    }
    if (n == 0 || key[n] != 0 || memchr(key, 0, n)) {
        return check_fail(error, "a key is empty or does not end where it should", c);
    }
    if (c > 0 && !check_keys_ascend(graph, c)) {
        return check_fail(error, "customers do not stand in order of their keys", c);
    }
    if (sj_graph_find(graph, SJ_KIND_CUSTOMERS, key) != c) {
        return check_fail(error, "a key is not found", c);
    }
    if (graph->delta[first] != 0 || sj__layout_since(graph, first) != 0) {
        return check_fail(error, "a journey does not start at its start", c);
    }
    return SJ_OK;
}

static sj_status check_customers(const sj_graph *graph, sj_error *error)
{
    uint64_t longest = 0;
    if (sj__layout_first(graph, 0) != 0 ||
        sj__layout_first(graph, graph->n_customers) != graph->n_events) {
        return check_fail(error, "the first and the last journey do not hold all events", 0);
    }
    for (uint64_t c = 0; c < graph->n_customers; c++) {
        sj_status status = check_customer(graph, c, error);
        if (status) {
            return status;
        }
        longest = sj_graph_length(graph, c) > longest ? sj_graph_length(graph, c) : longest;
    }
    return longest == graph->longest
               ? SJ_OK
               : check_fail(error, "the longest journey is not as long as it says", 0);
}

/* ------------------------------------------------------------------------------------- events --
 */

typedef struct check_times {
    uint64_t units;      /* divisor of all times since the start, in units of the resolution */
    uint64_t most_units; /* greatest of them */
    int64_t first, last;
} check_times;

static sj_status check_event(const sj_graph *graph, uint64_t customer, uint64_t e,
                             check_times *times, sj_error *error)
{
    uint64_t first = sj__layout_first(graph, customer);
    uint64_t units = graph->delta[e], rest = 0, other;
    int64_t time = sj__graph_time(graph, customer, e);
    int same = e > first && time == sj__graph_time(graph, customer, e - 1);
    if (sj__graph_touchpoint(graph, e) >= graph->map.touchpoints.count) {
        return check_fail(error, "an event has a touchpoint that there is not", e);
    }
    if (sj__bit(graph->border, e) != (e == first) || sj__bit(graph->same_instant, e) != same) {
        return check_fail(error, "a bitmap of borders or of equal times is wrong", e);
    }
    if (e > first && time < sj__graph_time(graph, customer, e - 1)) {
        return check_fail(error, "events do not stand in order of time", e);
    }
    if (graph->rest_width) {
        rest = sj__narrow_get(graph->rest, graph->rest_width, e);
    }
    if (rest >> graph->rest_bits) {
        return check_fail(error, "a rest is a tick or more", e);
    }
    units = units << graph->rest_bits | rest;
    times->most_units = units > times->most_units ? units : times->most_units;
    for (other = times->units; other;) {
        uint64_t left = units % other;
        units = other;
        other = left;
    }
    times->units = units;
    times->first = e == 0 || time < times->first ? time : times->first;
    times->last = e == 0 || time > times->last ? time : times->last;
    return SJ_OK;
}

static sj_status check_times_agree(const sj_graph *graph, const check_times *times, sj_error *error)
{
    int32_t bits = 0;
    while (times->most_units >> bits > UINT32_MAX) {
        bits++;
    }
    if (graph->resolution == 0 || bits != graph->rest_bits ||
        (graph->rest_width != 0) != (bits != 0)) {
        return check_fail(error, "the tick is not the finest that fits", 0);
    }
    if (times->units ? times->units != 1 : graph->resolution != 1) {
        return check_fail(error, "the resolution is not the data's own", 0);
    }
    if (graph->n_events &&
        (times->first != graph->facts.first_time || times->last != graph->facts.last_time)) {
        return check_fail(error, "the first or the last time is not that of the events", 0);
    }
    return SJ_OK;
}

static sj_status check_events(const sj_graph *graph, sj_error *error)
{
    check_times times = {0};
    for (uint64_t c = 0; c < graph->n_customers; c++) {
        for (uint64_t e = sj__layout_first(graph, c); e < sj__layout_first(graph, c + 1); e++) {
            sj_status status = check_event(graph, c, e, &times, error);
            if (status) {
                return status;
            }
        }
    }
    for (uint64_t e = graph->n_events; e < sj__bitmap_words(graph->n_events) * 64; e++) {
        if (sj__bit(graph->border, e) || sj__bit(graph->same_instant, e)) {
            return check_fail(error, "a bitmap has bits behind its end", e);
        }
    }
    return check_times_agree(graph, &times, error);
}

/* ------------------------------------------------------------------------------------ columns --
 */

static sj_status check_codes(const sj_graph *graph, size_t c, sj_error *error)
{
    const sj__graph_column *column = &graph->columns[c];
    uint64_t most = c == SJ__CHANNEL_COLUMN
                        ? graph->map.channels.count
                        : graph->map.attribute[c - SJ__ATTRIBUTE_COLUMN].values.count;
    int needed = 0;
    for (uint64_t row = 0; row < column->rows; row++) {
        uint32_t code = sj__narrow_get(column->codes, column->width, row);
        if (code > most) {
            return check_fail(error, "a row has a channel or category that there is not", row);
        }
        needed = needed ||
                 (c == SJ__CHANNEL_COLUMN
                      ? code - 1 != graph->map.touchpoint[sj__graph_touchpoint(graph, row)].channel
                      : code != 0);
    }
    if (column->width != sj__narrow_width(most)) {
        return check_fail(error, "codes are wider than they need be", c);
    }
    return needed ? SJ_OK : check_fail(error, "a column of codes is there but says nothing", c);
}

static sj_status check_numbers(const sj__graph_column *column, sj_error *error)
{
    uint64_t n = 0;
    for (uint64_t row = 0; row < sj__bitmap_words(column->rows) * 64; row++) {
        if (row % 512 == 0 && row / 512 <= column->rows / 512 && column->rank[row / 512] != n) {
            return check_fail(error, "a rank is wrong", row);
        }
        if (row >= column->rows && sj__bit(column->present, row)) {
            return check_fail(error, "a bitmap has bits behind its end", row);
        }
        n += (uint64_t)sj__bit(column->present, row);
    }
    return n == column->count && n
               ? SJ_OK
               : check_fail(error, "a column has another count of numbers than of rows with one",
                            n);
}

static sj_status check_columns(const sj_graph *graph, sj_error *error)
{
    sj_status status = SJ_OK;
    if (graph->n_columns != SJ__ATTRIBUTE_COLUMN + (size_t)graph->map.attributes.count) {
        return check_fail(error, "there are more or fewer columns than attributes",
                          graph->n_columns);
    }
    for (size_t c = 0; !status && c < graph->n_columns; c++) {
        const sj__graph_column *column = &graph->columns[c];
        int of_customers = c >= SJ__ATTRIBUTE_COLUMN &&
                           graph->map.attribute[c - SJ__ATTRIBUTE_COLUMN].of_customers;
        if (!column->codes && !column->present) {
            continue;
        }
        if (column->rows != (of_customers ? graph->n_customers : graph->n_events)) {
            return check_fail(error, "a column has more or fewer rows than there are", c);
        }
        status = column->codes ? check_codes(graph, c, error) : check_numbers(column, error);
    }
    return status;
}

/* --------------------------------------------------------------------------------- vocabulary --
 */

static sj_status check_names(const sj_graph *graph, sj_error *error)
{
    for (int32_t kind = SJ_KIND_TOUCHPOINTS; kind <= SJ_KIND_ATTRIBUTES; kind++) {
        for (uint64_t i = 0; i < sj_graph_count(graph, kind); i++) {
            if (sj_graph_find(graph, kind, sj_graph_name(graph, kind, i)) != i) {
                return check_fail(error, "a name is not found", i);
            }
        }
    }
    for (uint32_t t = 0; t < graph->map.touchpoints.count; t++) {
        const sj__map_touchpoint *touchpoint = &graph->map.touchpoint[t];
        if ((touchpoint->stage != SJ__NO_ID && touchpoint->stage >= graph->map.stages.count) ||
            (touchpoint->channel != SJ__NO_ID &&
             touchpoint->channel >= graph->map.channels.count)) {
            return check_fail(error, "a touchpoint has a stage or channel that there is not", t);
        }
        if (t > 0 && !graph->map.touchpoint[t - 1].declared &&
            (touchpoint->declared || strcmp(sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, t - 1),
                                            sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, t)) >= 0)) {
            return check_fail(error, "touchpoints do not stand declared ones first, then by name",
                              t);
        }
    }
    for (uint64_t i = 1; i < graph->map.channels.count; i++) {
        if (strcmp(sj_graph_name(graph, SJ_KIND_CHANNELS, i - 1),
                   sj_graph_name(graph, SJ_KIND_CHANNELS, i)) >= 0) {
            return check_fail(error, "channels do not stand in order of their names", i);
        }
    }
    return SJ_OK;
}

static sj_status check_facts(const sj_graph *graph, sj_error *error)
{
    const sj__graph_facts *facts = &graph->facts;
    if (!facts->filter || facts->dropped > facts->doubles ||
        facts->observed_from > facts->observed_until ||
        facts->has_channels != (graph->columns[SJ__CHANNEL_COLUMN].codes != NULL)) {
        return check_fail(error, "facts contradict each other", 0);
    }
    if (graph->n_events && (!facts->has_observed || facts->first_time < facts->observed_from ||
                            facts->last_time > facts->observed_until)) {
        return check_fail(error, "an event lies outside the observation", 0);
    }
    return SJ_OK;
}

sj_status sj_graph_check(const sj_graph *graph, sj_error *error)
{
    sj_status status;
    if (!graph) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "graph is NULL");
    }
    status = check_names(graph, error);
    if (!status) {
        status = check_customers(graph, error);
    }
    if (!status) {
        status = check_events(graph, error);
    }
    if (!status) {
        status = check_columns(graph, error);
    }
    if (!status) {
        status = check_facts(graph, error);
    }
    return status ? status : sj__check_edges(graph, error);
}
