/* See transition_oracle.h.  Memory is taken with malloc and not asked about: it is a test. */
#include "oracle/transition_oracle.h"

#include <stdlib.h>
#include <string.h>

/* A journey as it is asked about. */
typedef struct oracle_event {
    sj_moment moment;
    size_t node; /* SIZE_MAX: none (an event without a stage, between stages) */
    int begins;  /* a walk begins here */
} oracle_event;

/* An event or a visit that counts: its place in the journey, and the events that are in it. */
typedef struct oracle_unit {
    size_t node, first, walk;
    double value;
} oracle_unit;

typedef struct oracle_journey {
    oracle_event *events;
    size_t n;
    oracle_unit *units;
    size_t n_units;
} oracle_journey;

static size_t oracle_node(const sj_graph *graph, const transition_oracle_question *question,
                          const sj_moment *moment)
{
    const uint64_t stage = sj_graph_stage(graph, moment->touchpoint);
    if (question->between == SJ_BETWEEN_CHANNELS)
        return moment->channel == SJ_NONE ? (size_t)sj_graph_count(graph, SJ_KIND_CHANNELS)
                                          : (size_t)moment->channel;
    if (question->between == SJ_BETWEEN_STAGES)
        return stage == SJ_NONE ? SIZE_MAX : (size_t)stage;
    return (size_t)moment->touchpoint;
}

static oracle_journey oracle_read(const sj_graph *graph, const transition_oracle_question *question,
                                  uint64_t customer)
{
    const size_t length = (size_t)sj_graph_length(graph, customer);
    oracle_journey j = {.events = calloc(length + 1, sizeof *j.events),
                        .units = calloc(length + 1, sizeof *j.units)};
    for (; j.n < length; j.n++) {
        oracle_event *e = &j.events[j.n];
        (void)sj_graph_event(graph, customer, j.n, &e->moment);
        if (e->moment.time > question->as_of)
            break;
        e->node = oracle_node(graph, question, &e->moment);
        e->begins =
            j.n == 0 || (question->has_gap &&
                         (uint64_t)e->moment.time - (uint64_t)e[-1].moment.time > question->gap);
    }
    return j;
}

static void oracle_units(const transition_oracle_question *question, oracle_journey *j)
{
    size_t walk = 0;
    for (size_t i = 0; i < j->n; i++) {
        const oracle_event *e = &j->events[i];
        oracle_unit *last = j->n_units > 0 ? &j->units[j->n_units - 1] : NULL;
        const double value = e->moment.has_value ? e->moment.value : 0;
        walk += (size_t)e->begins;
        if (e->node == SIZE_MAX)
            continue;
        if (question->collapse && last != NULL && last->walk == walk && last->node == e->node)
            last->value += value;
        else
            j->units[j->n_units++] = (oracle_unit){e->node, i, walk, value};
    }
}

transition_oracle_edge *transition_oracle_edge_of(const transition_oracle *o, size_t from,
                                                  size_t to)
{
    return &o->edges[from * (o->n_nodes + 1) + to];
}

/* ---- transitions ---- */

static void oracle_transition(transition_oracle *o, uint8_t *seen, size_t from, size_t to)
{
    uint8_t *first = &seen[from * (o->n_nodes + 1) + to];
    transition_oracle_edge_of(o, from, to)->count++;
    transition_oracle_edge_of(o, from, to)->customers += !*first;
    *first = 1;
}

static void oracle_directly(const oracle_journey *j, transition_oracle *o, uint8_t *seen)
{
    for (size_t k = 0; k < j->n_units; k++) {
        const oracle_unit *u = &j->units[k];
        const int starts = k == 0 || u[-1].walk != u->walk;
        const int ends = k + 1 == j->n_units || u[1].walk != u->walk;
        const size_t from = starts ? o->n_nodes : u[-1].node;
        oracle_transition(o, seen, from, u->node);
        transition_oracle_edge_of(o, from, u->node)->value += u->value;
        if (ends)
            oracle_transition(o, seen, u->node, o->n_nodes);
        if (!starts) {
            const int64_t time =
                j->events[u->first].moment.time - j->events[u[-1].first].moment.time;
            transition_oracle_edge_of(o, from, u->node)->dwell += (double)time;
            o->dwells[o->n_dwells++] = (transition_oracle_dwell){from, u->node, time};
        }
    }
}

/* One leg, events [from, to): each of its units, and whether there is one of each other node behind
 * it. */
static void oracle_leg(const transition_oracle_question *question, const oracle_journey *j,
                       size_t from, size_t to, transition_oracle *o, uint8_t *seen)
{
    size_t *nodes = calloc(to - from + 1, sizeof *nodes), n = 0;
    for (size_t i = from; i < to; i++) {
        if (j->events[i].node != SIZE_MAX &&
            !(question->collapse && n > 0 && nodes[n - 1] == j->events[i].node))
            nodes[n++] = j->events[i].node;
    }
    for (size_t k = 0; k < n; k++) {
        o->nodes[nodes[k]].settled++;
        for (size_t b = 0; b < o->n_nodes; b++) {
            int follows = 0;
            for (size_t l = k + 1; l < n; l++)
                follows |= nodes[l] == b;
            if (follows)
                oracle_transition(o, seen, nodes[k], b);
        }
    }
    free(nodes);
}

static void oracle_eventually(const transition_oracle_question *question, const oracle_journey *j,
                              transition_oracle *o, uint8_t *seen)
{
    for (size_t from = 0, to; from < j->n; from = to) {
        const int64_t start = j->events[from].moment.time;
        const uint64_t left = (uint64_t)question->as_of - (uint64_t)start;
        for (to = from + 1; to < j->n; to++) {
            const uint64_t since = (uint64_t)j->events[to].moment.time - (uint64_t)start;
            if (j->events[to].begins || (question->has_horizon && since > question->horizon) ||
                (question->ends != NULL &&
                 question->ends(question->user, &j->events[to - 1].moment)))
                break;
        }
        if (question->has_horizon && left < question->horizon) {
            o->legs_open++;
        } else {
            o->legs_closed++;
            oracle_leg(question, j, from, to, o, seen);
        }
    }
}

/* ---- nodes, stages, micro-conversions ---- */

static void oracle_nodes(const oracle_journey *j, transition_oracle *o)
{
    size_t walk = 0;
    for (size_t i = 0; i < j->n; i++) {
        const size_t node = j->events[i].node;
        int before = 0, in_walk = 0, walk_of = 0, has_before = 0, is_last = 1;
        size_t last = SIZE_MAX;
        walk += (size_t)j->events[i].begins;
        if (node == SIZE_MAX)
            continue;
        for (size_t l = 0; l < i; l++) {
            walk_of += j->events[l].begins;
            before |= j->events[l].node == node;
            if ((size_t)walk_of == walk && j->events[l].node != SIZE_MAX) {
                in_walk |= j->events[l].node == node;
                has_before = 1;
                last = j->events[l].node;
            }
        }
        for (size_t l = i + 1; l < j->n && !j->events[l].begins; l++)
            is_last &= j->events[l].node == SIZE_MAX;
        o->nodes[node].events++;
        o->nodes[node].visits += last != node;
        o->nodes[node].customers += !before;
        o->nodes[node].firsts += last != node && !in_walk;
        o->nodes[node].entries += !has_before;
        o->nodes[node].exits += is_last;
    }
}

static void oracle_stages(const sj_graph *graph, const oracle_journey *j, transition_oracle *o)
{
    uint8_t seen[TRANSITION_ORACLE_STAGES][TRANSITION_ORACLE_STAGES] = {{0}};
    uint64_t from = SJ_NONE;
    for (size_t i = 0; i < j->n; i++) {
        const uint64_t to = sj_graph_stage(graph, j->events[i].moment.touchpoint);
        if (j->events[i].begins)
            from = SJ_NONE;
        if (to == SJ_NONE)
            continue;
        if (from != SJ_NONE) {
            o->stages[from][to]++;
            o->stage_customers[from][to] += !seen[from][to];
            seen[from][to] = 1;
        }
        from = to;
    }
}

static void oracle_conversions(const transition_oracle_question *question, const oracle_journey *j,
                               transition_oracle *o)
{
    for (size_t c = 0; c < question->n_conversions; c++) {
        int found = 0;
        for (size_t i = 0; i < j->n; i++) {
            const sj_moment *moment = &j->events[i].moment;
            double worth = moment->has_value ? moment->value : 0;
            if (!question->meets(question->user, moment, c, &worth))
                continue;
            o->reached[c]++;
            o->value[c] += worth;
            o->firsts[c] += !found;
            o->time[c] += found ? 0 : (double)(moment->time - j->events[0].moment.time);
            found = 1;
        }
    }
}

void transition_oracle_ask(const sj_graph *graph, const transition_oracle_question *question,
                           transition_oracle *out)
{
    const size_t events = (size_t)sj_graph_count(graph, SJ_KIND_EVENTS);
    *out = (transition_oracle){0};
    out->n_nodes = question->between == SJ_BETWEEN_STAGES
                       ? (size_t)sj_graph_count(graph, SJ_KIND_STAGES)
                   : question->between == SJ_BETWEEN_CHANNELS
                       ? (size_t)sj_graph_count(graph, SJ_KIND_CHANNELS) + 1
                       : (size_t)sj_graph_count(graph, SJ_KIND_TOUCHPOINTS);
    const size_t cells = (out->n_nodes + 1) * (out->n_nodes + 1);
    uint8_t *seen = calloc(cells, 1);
    out->edges = calloc(cells, sizeof *out->edges);
    out->nodes = calloc(out->n_nodes + 1, sizeof *out->nodes);
    out->dwells = calloc(events + 1, sizeof *out->dwells);
    for (uint64_t c = 0; c < sj_graph_count(graph, SJ_KIND_CUSTOMERS); c++) {
        oracle_journey j = oracle_read(graph, question, c);
        memset(seen, 0, cells);
        oracle_units(question, &j);
        if (question->eventually)
            oracle_eventually(question, &j, out, seen);
        else
            oracle_directly(&j, out, seen);
        oracle_nodes(&j, out);
        oracle_stages(graph, &j, out);
        oracle_conversions(question, &j, out);
        free(j.events);
        free(j.units);
    }
    free(seen);
}

void transition_oracle_drop(transition_oracle *o)
{
    free(o->edges);
    free(o->nodes);
    free(o->dwells);
    *o = (transition_oracle){0};
}
