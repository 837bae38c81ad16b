/* Edges checked by counting down: every transition of the events takes one off its edge, and
 * nothing may be left. */
#include "journey/check.h"

#include <string.h>

#include "base/checked.h"
#include "base/number.h"

/* What is left of every edge. */
typedef struct check_edges {
    const sj_graph *graph;
    const sj__map *map;
    uint64_t *first; /* by touchpoint, and one more: edges before */
    uint64_t *left;
    sj__u128 *dwell; /* found in the events */
} check_edges;

static sj_status check_fail_edge(sj_error *error, const char *what, uint64_t edge)
{
    return sj__fail_at(error, SJ_ERR_FORMAT, (sj__place){.index = (int64_t)edge},
                       "a graph is damaged: %s", what);
}

/* Position of an edge among all, or the number of all. */
static uint64_t check_find_edge(const check_edges *edges, uint32_t from, uint32_t to)
{
    uint64_t low = 0, high = edges->first[from + 1] - edges->first[from];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        sj_transition found = {0};
        sj_graph_transition_at(edges->graph, from, middle, &found);
        if (found.to == to) {
            return edges->first[from] + middle;
        }
        if (found.to < to) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return edges->first[edges->map->touchpoints.count];
}

static sj_status check_edge_order(const check_edges *edges, sj_error *error)
{
    for (uint32_t t = 0; t < edges->map->touchpoints.count; t++) {
        uint64_t before = 0;
        for (uint64_t i = edges->first[t]; i < edges->first[t + 1]; i++) {
            sj_transition edge, again;
            if (!sj_graph_transition_at(edges->graph, t, i - edges->first[t], &edge) ||
                edge.from != t || !sj_graph_transition(edges->graph, t, edge.to, &again) ||
                memcmp(&edge, &again, sizeof edge) != 0) {
                return check_fail_edge(error, "an edge is not found", i);
            }
            if (edge.to >= edges->map->touchpoints.count ||
                (i > edges->first[t] && edge.to <= before)) {
                return check_fail_edge(error, "edges do not ascend", i);
            }
            before = edge.to;
            edges->left[i] = edge.count;
        }
    }
    return SJ_OK;
}

static sj_status check_count_down(const check_edges *edges, sj_error *error)
{
    const sj_graph *graph = edges->graph;
    uint64_t none = edges->first[edges->map->touchpoints.count];
    for (uint64_t c = 0; c < sj__graph_customers(graph); c++) {
        for (uint64_t e = sj__graph_first(graph, c) + 1; e < sj__graph_first(graph, c + 1); e++) {
            uint64_t edge = check_find_edge(edges, sj__graph_touchpoint(graph, e - 1),
                                            sj__graph_touchpoint(graph, e));
            if (edge == none || edges->left[edge]-- == 0) {
                return check_fail_edge(error, "a transition is not counted", e);
            }
            edges->dwell[edge] +=
                sj__time_since(sj__graph_time(graph, c, e), sj__graph_time(graph, c, e - 1));
        }
    }
    return SJ_OK;
}

/* Whether the map expects a transition, by the definition. */
static int check_is_expected(const sj__map *map, const sj_transition *edge, double *share)
{
    uint32_t s = map->touchpoint[edge->from].stage, t = map->touchpoint[edge->to].stage;
    int stages = 0, expected = 0;
    *share = 0;
    for (size_t i = 0; i < map->n_expected; i++) {
        const sj__map_expected *e = &map->expected[i];
        stages = stages || e->of_stages;
        if (!e->of_stages && e->from == edge->from && e->to == edge->to) {
            expected = 1;
            *share = e->share;
        }
        if (edge->count && e->of_stages && e->from == s && e->to == t) {
            expected = 1;
        }
    }
    return expected || (edge->count && stages && (s == t || s == SJ__NO_ID || t == SJ__NO_ID));
}

static sj_status check_edge(const check_edges *edges, uint32_t from, uint64_t i, sj_error *error)
{
    sj_transition edge;
    double share, mean, off;
    sj_graph_transition_at(edges->graph, from, i - edges->first[from], &edge);
    if (edges->left[i]) {
        return check_fail_edge(error, "a transition is counted too often", i);
    }
    if (check_is_expected(edges->map, &edge, &share) != (edge.expected != 0) ||
        share < edge.expected_share || share > edge.expected_share) {
        return check_fail_edge(error, "an edge does not say what the map expects", i);
    }
    if (edge.count == 0 && !edge.expected) {
        return check_fail_edge(error, "an edge is neither walked nor expected", i);
    }
    mean = edge.count ? (double)edges->dwell[i] / (double)edge.count : 0;
    off = mean - edge.dwell_mean;
    return off <= mean * 1e-15 && off >= -mean * 1e-15
               ? SJ_OK
               : check_fail_edge(error, "a mean dwell is wrong", i);
}

static sj_status check_all_edges(const check_edges *edges, sj_error *error)
{
    const sj__map *map = edges->map;
    sj_status status = SJ_OK;
    for (uint32_t t = 0; !status && t < map->touchpoints.count; t++) {
        for (uint64_t i = edges->first[t]; !status && i < edges->first[t + 1]; i++) {
            status = check_edge(edges, t, i, error);
        }
    }
    for (size_t i = 0; !status && i < map->n_expected; i++) {
        const sj__map_expected *e = &map->expected[i];
        if (!e->of_stages &&
            check_find_edge(edges, e->from, e->to) == edges->first[map->touchpoints.count]) {
            status = check_fail_edge(error, "an expected transition is missing", i);
        }
    }
    return status;
}

sj_status sj__check_edges(const sj_graph *graph, sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    check_edges edges = {.graph = graph, .map = sj__graph_map(graph)};
    size_t touchpoints = edges.map->touchpoints.count, n = 0;
    sj_status status;
    edges.first = sj__alloc_zeroed(a, touchpoints + 1, sizeof *edges.first);
    for (size_t t = 0; edges.first && t < touchpoints; t++) {
        n += (size_t)sj_graph_transitions(graph, t);
        edges.first[t + 1] = n;
    }
    edges.left = sj__alloc(a, n, sizeof *edges.left);
    edges.dwell = sj__alloc_zeroed(a, n, sizeof *edges.dwell);
    status = edges.first && edges.left && edges.dwell ? check_edge_order(&edges, error)
                                                      : sj__fail_nomem(error);
    if (!status) {
        status = check_count_down(&edges, error);
    }
    if (!status) {
        status = check_all_edges(&edges, error);
    }
    sj__free(a, edges.dwell, n, sizeof *edges.dwell);
    sj__free(a, edges.left, n, sizeof *edges.left);
    sj__free(a, edges.first, touchpoints + 1, sizeof *edges.first);
    return status;
}
