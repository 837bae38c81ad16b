/* From a decoded journey to the arrays that the search sees, and the matches of one customer,
 * session by session.  Sessions are cut between events that exist. */
#include "analysis/match.h"

#include <string.h>

#include "base/bitmap.h"
#include "base/checked.h"

sj_status sj__match_reader_init(sj__match_reader *reader, const sj__match *match,
                                const sj_graph *graph, const sj_allocator *allocator,
                                sj_error *error)
{
    *reader = (sj__match_reader){.match = match, .graph = graph, .allocator = *allocator};
    reader->truth = sj__alloc_zeroed(allocator, match->n_conditions, 1);
    sj_status status = reader->truth == NULL ? sj__fail_nomem(error) : SJ_OK;
    if (status == SJ_OK)
        status = sj__automaton_search_init(&reader->search, &match->automaton, match->span,
                                           &reader->allocator, error);
    if (status != SJ_OK)
        sj__match_reader_free(reader);
    return status;
}

void sj__match_reader_free(sj__match_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (reader->match == NULL)
        return;
    sj__automaton_search_free(&reader->search);
    sj__free(a, reader->truth, reader->match->n_conditions, 1);
    sj__free(a, reader->met, reader->met_capacity, sizeof *reader->met);
    sj__free(a, reader->times, reader->times_capacity, sizeof *reader->times);
    sj__free(a, reader->positions, reader->positions_capacity, sizeof *reader->positions);
    *reader = (sj__match_reader){0};
}

/* The bits of an event whose touchpoint does not decide. */
static void match_look(const sj__match_reader *reader, const sj__journey *journey, size_t i,
                       uint64_t *bits)
{
    const sj__match *match = reader->match;
    const uint64_t event = journey->base + journey->position[i];
    for (size_t c = 0; c < match->n_conditions; c++) {
        if (match->used[c])
            reader->truth[c] = (uint8_t)sj__condition_met(match->conditions[c], reader->graph,
                                                          journey->customer, event);
    }
    (void)sj__match_judge(match, reader->truth, bits);
}

static void match_put_bits(const sj__match_reader *reader, const sj__journey *journey, size_t i,
                           uint64_t *bits)
{
    const sj__match *match = reader->match;
    const uint32_t t = sj__journey_touchpoint(journey, i);
    if (match->looks[t])
        match_look(reader, journey, i, bits);
    else
        memcpy(bits, match->met + t * match->words, match->words * sizeof *bits);
}

/* Leaves out the events that meet no condition. */
static sj_status match_compact(sj__match_reader *reader, const sj__journey *journey,
                               sj_error *error)
{
    const size_t words = reader->match->words, exists = reader->match->automaton.n_tokens;
    size_t n = 0;
    sj_status status =
        sj__grow(&reader->allocator, &reader->times, &reader->times_capacity, journey->n, error);
    if (status == SJ_OK)
        status = sj__grow(&reader->allocator, &reader->positions, &reader->positions_capacity,
                          journey->n, error);
    for (size_t i = 0; i < journey->n && status == SJ_OK; i++) {
        uint64_t *bits = reader->met + n * words;
        match_put_bits(reader, journey, i, bits);
        reader->times[n] = journey->time[i];
        reader->positions[n] = journey->position[i];
        n += (size_t)sj__bit(bits, exists);
    }
    reader->n = n;
    reader->events.time = reader->times;
    reader->position = reader->positions;
    return status;
}

/* Every event, where they all exist. */
static void match_put_all(const sj__match_reader *reader, const sj__journey *journey)
{
    const sj__match *match = reader->match;
    if (match->words > 1 || match->any_look) {
        for (size_t i = 0; i < journey->n; i++)
            match_put_bits(reader, journey, i, reader->met + i * match->words);
        return;
    }
    for (size_t i = 0; i < journey->n; i++)
        reader->met[i] = match->met[sj__journey_touchpoint(journey, i)];
}

sj_status sj__match_read(sj__match_reader *reader, const sj__journey *journey, sj_error *error)
{
    const size_t words = reader->match->words;
    size_t all = 0;
    if (SJ__NEVER(!sj__size_multiply(journey->n, words, &all)))
        return sj__fail_nomem(error);
    sj_status status =
        sj__grow(&reader->allocator, &reader->met, &reader->met_capacity, all, error);
    reader->n = journey->n;
    reader->events = (sj__automaton_events){journey->time, reader->met, words};
    reader->position = journey->position;
    if (status == SJ_OK && reader->match->only_matching)
        status = match_compact(reader, journey, error);
    else if (status == SJ_OK)
        match_put_all(reader, journey);
    reader->events.met = reader->met;
    reader->from = reader->session = 0;
    reader->to = reader->n;
    return status;
}

static int match_is_cut(const sj__match_reader *reader, size_t event)
{
    const int64_t *time = reader->events.time;
    return sj__time_since(time[event], time[event - 1]) > reader->match->session_gap;
}

/* The last match is in the last session that has one. */
static int match_find_last(sj__match_reader *reader)
{
    while (reader->to > 0) {
        const size_t to = reader->to;
        size_t from = reader->match->session_gap == UINT64_MAX ? 0 : to - 1;
        while (from > 0 && !match_is_cut(reader, from))
            from--;
        reader->to = from;
        if (sj__automaton_last(&reader->search, &reader->events, from, to)) {
            reader->to = 0;
            return 1;
        }
    }
    return 0;
}

static void match_find_session(sj__match_reader *reader)
{
    size_t end = reader->match->session_gap == UINT64_MAX ? reader->n : reader->from + 1;
    while (end < reader->n && !match_is_cut(reader, end))
        end++;
    reader->session = end;
}

int sj__match_next(sj__match_reader *reader)
{
    const size_t last = reader->match->automaton.n_tokens - 1;
    if (reader->match->find == SJ_MATCH_LAST)
        return match_find_last(reader);
    while (reader->from < reader->to) {
        if (reader->session <= reader->from)
            match_find_session(reader);
        if (sj__automaton_first(&reader->search, &reader->events, reader->from, reader->session)) {
            reader->from = reader->match->find == SJ_MATCH_FIRST
                               ? reader->to
                               : (size_t)reader->search.begin[last] + 1;
            return 1;
        }
        reader->from = reader->session;
    }
    return 0;
}

int64_t sj__match_span(const sj__match_reader *reader)
{
    const uint32_t *begin = reader->search.begin;
    const size_t last = reader->match->automaton.n_tokens - 1;
    const uint64_t span =
        sj__time_since(reader->events.time[begin[last]], reader->events.time[begin[0]]);
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}
