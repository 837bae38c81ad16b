/* One customer at a time.
 *
 * A walk is a journey up to as_of, cut at longer pauses than session_gap.  Its units are its events
 * (between stages: those with a stage) or, where repeats are collapsed, its visits; a unit follows
 * the one before it, the first follows outside, outside follows the last.  O(events); with
 * `eventually` O(events + distinct²) for a leg.
 *
 * Eventually A ⇒ B counts, leg by leg, the units of A that have a B behind them.  That is the
 * number of A's before the last B, so one pass over the units is enough: at the last B of the leg,
 * all that came before is counted. */
#include "analysis/transition.h"

#include "base/checked.h"
#include "journey/narrow.h"

/* ---- counters ---- */

sj_status sj__transition_counts_init(sj__transition_counts *counts, const sj__transition *question,
                                     const sj_graph *graph, const sj_allocator *allocator,
                                     sj_error *error)
{
    const int values = (question->figures & SJ_FIGURE_VALUES) != 0 && !question->eventually;
    const int times = (question->figures & SJ_FIGURE_TIMES) != 0 && !question->eventually;
    const uint32_t stages = question->n_stages, n = question->n_conversions;
    *counts =
        (sj__transition_counts){.question = question, .graph = graph, .allocator = *allocator};
    const sj_allocator *a = &counts->allocator;
    sj__legs_init(&counts->cut, a);
    sj_status status = sj__transition_cells_init(&counts->edges, question->n_nodes, question->dense,
                                                 values, times, a, error);
    if (status == SJ_OK)
        status = sj__transition_cells_init(&counts->stages, stages, stages < 64, 0, 0, a, error);
    if (status != SJ_OK)
        return status;
    counts->nodes = sj__alloc_zeroed(a, question->n_nodes, sizeof *counts->nodes);
    counts->seen = sj__alloc_zeroed(a, question->n_nodes, sizeof *counts->seen);
    counts->reached = sj__alloc_zeroed(a, n, sizeof *counts->reached);
    counts->firsts = sj__alloc_zeroed(a, n, sizeof *counts->firsts);
    counts->value = sj__alloc_zeroed(a, n, sizeof *counts->value);
    counts->time = sj__alloc_zeroed(a, n, sizeof *counts->time);
    counts->met = sj__alloc_zeroed(a, n, sizeof *counts->met);
    if (counts->nodes == NULL || counts->seen == NULL || counts->reached == NULL ||
        counts->firsts == NULL || counts->value == NULL || counts->time == NULL ||
        counts->met == NULL)
        return sj__fail_nomem(error);
    return SJ_OK;
}

void sj__transition_counts_free(sj__transition_counts *counts)
{
    const sj_allocator *a = &counts->allocator;
    if (counts->question == NULL)
        return;
    const uint32_t n = counts->question->n_conversions;
    sj__transition_cells_free(&counts->edges);
    sj__transition_cells_free(&counts->stages);
    sj__legs_free(&counts->cut);
    for (uint32_t c = 0; counts->time != NULL && c < n; c++)
        sj__spread_free(&counts->time[c], a);
    sj__free(a, counts->nodes, counts->question->n_nodes, sizeof *counts->nodes);
    sj__free(a, counts->seen, counts->question->n_nodes, sizeof *counts->seen);
    sj__free(a, counts->reached, n, sizeof *counts->reached);
    sj__free(a, counts->firsts, n, sizeof *counts->firsts);
    sj__free(a, counts->value, n, sizeof *counts->value);
    sj__free(a, counts->time, n, sizeof *counts->time);
    sj__free(a, counts->met, n, sizeof *counts->met);
    sj__free(a, counts->units, counts->units_capacity, sizeof *counts->units);
    sj__free(a, counts->distinct, counts->distinct_capacity, sizeof *counts->distinct);
    sj__free(a, counts->begins, counts->begins_capacity, sizeof *counts->begins);
    sj__free(a, counts->marked, counts->marked_capacity, sizeof *counts->marked);
    *counts = (sj__transition_counts){0};
}

/* ---- stage flow and micro-conversions ---- */

sj_status sj__transition_count_stages(sj__transition_counts *counts, uint64_t customer,
                                      const void *codes, int32_t width, size_t n,
                                      const uint8_t *begins, sj_error *error)
{
    const sj__map_touchpoint *touchpoint = sj__graph_map(counts->graph)->touchpoint;
    uint32_t from = SJ__NO_ID;
    if (counts->question->n_stages == 0)
        return SJ_OK;
    for (size_t i = 0; i < n; i++) {
        const uint32_t to = touchpoint[sj__narrow_get(codes, width, i)].stage;
        size_t cell;
        if (begins != NULL && begins[i])
            from = SJ__NO_ID;
        if (to == SJ__NO_ID)
            continue;
        if (from != SJ__NO_ID) {
            const sj_status status =
                sj__transition_cells_at(&counts->stages, from, to, &cell, error);
            if (status != SJ_OK)
                return status;
            sj__transition_cells_add(&counts->stages, cell, 1, (uint32_t)customer + 1);
        }
        from = to;
    }
    return SJ_OK;
}

static sj_status transition_meet(sj__transition_counts *counts, uint32_t conversion,
                                 uint64_t customer, uint64_t base, uint64_t event, sj_error *error)
{
    const sj__transition *question = counts->question;
    const sj__map_conversion *known = &sj__graph_map(counts->graph)->conversion[conversion];
    const uint32_t stamp = (uint32_t)customer + 1;
    counts->reached[conversion]++;
    if (question->figures & SJ_FIGURE_VALUES) {
        int64_t value = known->worth;
        if (known->has_worth || sj__graph_value(counts->graph, event, &value))
            counts->value[conversion] += value;
    }
    if (counts->met[conversion] == stamp)
        return SJ_OK;
    counts->met[conversion] = stamp;
    counts->firsts[conversion]++;
    if ((question->figures & SJ_FIGURE_TIMES) == 0)
        return SJ_OK;
    const uint64_t time = sj__time_since(sj__graph_time(counts->graph, customer, event),
                                         sj__graph_time(counts->graph, customer, base));
    return sj__spread_add_all(&counts->time[conversion], &counts->allocator,
                              &(int64_t){time > INT64_MAX ? INT64_MAX : (int64_t)time}, 1, error);
}

sj_status sj__transition_count_conversions(sj__transition_counts *counts, uint64_t customer,
                                           uint64_t base, const void *codes, int32_t width,
                                           size_t n, sj_error *error)
{
    const sj__transition *question = counts->question;
    sj_status status = SJ_OK;
    if (question->n_conversions == 0)
        return SJ_OK;
    for (size_t i = 0; i < n; i++) {
        const uint32_t t = sj__narrow_get(codes, width, i);
        for (uint64_t h = question->first[t]; h < question->first[t + 1] && status == SJ_OK; h++) {
            const uint32_t c = question->hits[h];
            if (!question->look[h] ||
                sj__condition_met(question->conditions[c], counts->graph, customer, base + i))
                status = transition_meet(counts, c, customer, base, base + i, error);
        }
        if (status != SJ_OK)
            return status;
    }
    return SJ_OK;
}

/* ---- nodes ---- */

static uint32_t transition_node_at(const sj__transition_counts *counts, const sj__journey *journey,
                                   size_t i)
{
    const sj__transition *question = counts->question;
    const uint32_t t = sj__journey_touchpoint(journey, i);
    if (question->between == SJ_BETWEEN_TOUCHPOINTS)
        return t;
    if (question->between == SJ_BETWEEN_STAGES)
        return sj__graph_map(counts->graph)->touchpoint[t].stage;
    const uint32_t channel = sj__graph_channel(counts->graph, journey->base + i);
    return channel == SJ__NO_ID ? question->n_nodes - 1 : channel;
}

static void transition_see(sj__transition_counts *counts, uint32_t node, uint32_t stamp,
                           int is_visit)
{
    sj__transition_node *at = &counts->nodes[node];
    at->counts[SJ__NODE_EVENTS]++;
    at->counts[SJ__NODE_VISITS] += is_visit;
    at->counts[SJ__NODE_FIRSTS] += is_visit && at->walk != counts->walks;
    at->walk = counts->walks;
    counts->seen[node].customers += counts->seen[node].stamp != stamp;
    counts->seen[node].stamp = stamp;
}

/* ---- direct transitions ---- */

/* Where a walk is. */
typedef struct transition_walk {
    uint32_t node; /* of the last unit; SJ__NO_ID: none yet */
    int64_t time;  /* of its first event */
    size_t cell;   /* the transition that led there */
} transition_walk;

static sj_status transition_leave(sj__transition_counts *counts, transition_walk *walk,
                                  uint32_t stamp, sj_error *error)
{
    size_t cell;
    if (walk->node == SJ__NO_ID)
        return SJ_OK;
    counts->nodes[walk->node].counts[SJ__NODE_EXITS]++;
    if (!counts->question->eventually) {
        const sj_status status = sj__transition_cells_at(&counts->edges, walk->node,
                                                         counts->edges.side - 1, &cell, error);
        if (status != SJ_OK)
            return status;
        sj__transition_cells_add(&counts->edges, cell, 1, stamp);
    }
    walk->node = SJ__NO_ID;
    return SJ_OK;
}

/* A unit behind the one before it. */
static sj_status transition_step(sj__transition_counts *counts, transition_walk *walk,
                                 uint32_t node, int64_t time, uint32_t stamp, sj_error *error)
{
    const int is_entry = walk->node == SJ__NO_ID;
    const uint32_t from = is_entry ? counts->edges.side - 1 : walk->node;
    sj_status status = SJ_OK;
    counts->nodes[node].counts[SJ__NODE_ENTRIES] += is_entry;
    if (!counts->question->eventually) {
        status = sj__transition_cells_at(&counts->edges, from, node, &walk->cell, error);
        if (status != SJ_OK)
            return status;
        sj__transition_cells_add(&counts->edges, walk->cell, 1, stamp);
        if (!is_entry) {
            const uint64_t dwell = sj__time_since(time, walk->time);
            sj__transition_cells_dwell(&counts->edges, walk->cell, dwell);
            if (counts->edges.times != NULL)
                status = sj__transition_cells_time(&counts->edges, walk->cell, dwell, error);
        }
    }
    walk->node = node;
    walk->time = time;
    return status;
}

/* All walks of a journey. */
static sj_status transition_walk_all(sj__transition_counts *counts, const sj__journey *journey,
                                     size_t n, sj_error *error)
{
    const uint32_t stamp = (uint32_t)journey->customer + 1;
    transition_walk walk = {.node = SJ__NO_ID};
    sj_status status = SJ_OK;
    for (size_t i = 0; i < n && status == SJ_OK; i++) {
        const uint32_t node = transition_node_at(counts, journey, i);
        if (counts->begins[i]) {
            status = transition_leave(counts, &walk, stamp, error);
            counts->walks++;
        }
        if (status != SJ_OK || node == SJ__NO_ID)
            continue;
        const int is_visit = node != walk.node;
        transition_see(counts, node, stamp, is_visit);
        if (is_visit || !counts->question->collapse)
            status = transition_step(counts, &walk, node, journey->time[i], stamp, error);
        if (status == SJ_OK && counts->edges.values != NULL) {
            int64_t value;
            if (sj__graph_value(counts->graph, journey->base + i, &value))
                counts->edges.values[walk.cell] += value;
        }
    }
    return status == SJ_OK ? transition_leave(counts, &walk, stamp, error) : status;
}

/* ---- eventually ---- */

/* Units of a leg. */
static size_t transition_units(sj__transition_counts *counts, const sj__journey *journey,
                               const sj__leg *leg)
{
    size_t n = 0;
    for (uint32_t i = leg->first; i < leg->to; i++) {
        const uint32_t node = transition_node_at(counts, journey, i);
        if (node == SJ__NO_ID ||
            (counts->question->collapse && n > 0 && counts->units[n - 1].node == node))
            continue;
        counts->units[n++] = (sj__transition_unit){node, i};
    }
    return n;
}

/* At the last unit of a node: what came before it in the leg has it behind. */
static sj_status transition_follow(sj__transition_counts *counts, size_t n_distinct, uint32_t to,
                                   uint32_t stamp, sj_error *error)
{
    for (size_t d = 0; d < n_distinct; d++) {
        const uint32_t from = counts->distinct[d];
        size_t cell;
        if (counts->nodes[from].before == 0)
            continue;
        const sj_status status = sj__transition_cells_at(&counts->edges, from, to, &cell, error);
        if (status != SJ_OK)
            return status;
        sj__transition_cells_add(&counts->edges, cell, counts->nodes[from].before, stamp);
    }
    return SJ_OK;
}

static sj_status transition_leg(sj__transition_counts *counts, const sj__journey *journey,
                                const sj__leg *leg, sj_error *error)
{
    const uint32_t stamp = (uint32_t)journey->customer + 1;
    sj_status status = SJ_OK;
    size_t n_distinct = 0;
    counts->legs[leg->open ? SJ__TRANSITION_OPEN : SJ__TRANSITION_CLOSED]++;
    if (leg->open)
        return SJ_OK;
    const size_t n = transition_units(counts, journey, leg);
    for (size_t k = 0; k < n; k++) {
        sj__transition_node *at = &counts->nodes[counts->units[k].node];
        at->last = (uint32_t)k;
        at->before = 0;
        at->counts[SJ__NODE_SETTLED]++;
    }
    for (size_t k = 0; k < n && status == SJ_OK; k++) {
        const uint32_t node = counts->units[k].node;
        sj__transition_node *at = &counts->nodes[node];
        if (at->last == k)
            status = transition_follow(counts, n_distinct, node, stamp, error);
        if (at->before++ == 0)
            counts->distinct[n_distinct++] = node;
    }
    return status;
}

static sj_status transition_count_legs(sj__transition_counts *counts, const sj__journey *journey,
                                       size_t n, sj_error *error)
{
    const sj__transition *question = counts->question;
    const sj_allocator *a = &counts->allocator;
    sj_status status = sj__grow(a, &counts->units, &counts->units_capacity, n, error);
    if (status == SJ_OK)
        status = sj__grow(a, &counts->distinct, &counts->distinct_capacity, n, error);
    if (status == SJ_OK && question->has_marks)
        status = sj__grow(a, &counts->marked, &counts->marked_capacity, n, error);
    if (status != SJ_OK)
        return status;
    if (question->has_marks)
        sj__marks_put(&question->marks, counts->graph, journey, n, counts->marked);
    status = sj__legs_cut(&counts->cut, &question->rules, journey,
                          question->has_marks ? counts->marked : NULL, error);
    for (size_t l = 0; l < counts->cut.n_legs && status == SJ_OK; l++)
        status = transition_leg(counts, journey, &counts->cut.legs[l], error);
    return status;
}

/* ---- a customer ---- */

/* Events up to as_of, and where walks begin. */
static size_t transition_cut(sj__transition_counts *counts, const sj__journey *journey)
{
    const sj__transition *question = counts->question;
    const uint64_t gap = question->rules.session_gap;
    size_t n = journey->n;
    while (question->cut && n > 0 && journey->time[n - 1] > question->rules.as_of)
        n--;
    for (size_t i = 0; i < n; i++)
        counts->begins[i] = i == 0 || sj__time_since(journey->time[i], journey->time[i - 1]) > gap;
    return n;
}

sj_status sj__transition_count(sj__transition_counts *counts, const sj__journey *journey,
                               sj_error *error)
{
    sj_status status =
        sj__grow(&counts->allocator, &counts->begins, &counts->begins_capacity, journey->n, error);
    if (status != SJ_OK)
        return status;
    const size_t n = transition_cut(counts, journey);
    status = sj__transition_count_stages(counts, journey->customer, journey->touchpoint,
                                         journey->width, n, counts->begins, error);
    if (status == SJ_OK)
        status = sj__transition_count_conversions(counts, journey->customer, journey->base,
                                                  journey->touchpoint, journey->width, n, error);
    if (status == SJ_OK)
        status = transition_walk_all(counts, journey, n, error);
    if (status == SJ_OK && counts->question->eventually && n > 0)
        status = transition_count_legs(counts, journey, n, error);
    return status;
}
