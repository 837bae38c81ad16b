/* Of the attempts in the parts of a unit the one that speaks for it, for the general matcher.
 *
 * Every part (funnel_parts.c) is matched by itself, by the method that the options ask for.  The
 * attempts of the highest level compete over all parts of the unit: earliest completion, latest
 * entry, most steps filled, and where that ties, in two values at one time, the steps in between.
 * One that an exclusion has ended gives way to the next that was completed later than that.
 * O(events · steps + parts · steps). */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"

sj_status sj__funnel_units_init(sj__funnel_reader *reader, sj_error *error)
{
    const sj__funnel *funnel = reader->funnel;
    sj__index_init(&reader->values, &reader->allocator);
    reader->best =
        sj__alloc(&reader->allocator, (size_t)funnel->rules.n_steps + 1, sizeof *reader->best);
    reader->step_first = sj__alloc(&reader->allocator, (size_t)funnel->rules.n_steps + 2,
                                   sizeof *reader->step_first);
    reader->step_seen =
        sj__alloc(&reader->allocator, (size_t)funnel->rules.n_steps + 1, sizeof *reader->step_seen);
    if (reader->best == NULL || reader->step_first == NULL || reader->step_seen == NULL)
        return sj__fail_nomem(error);
    const sj_status status =
        sj__funnel_ranks_init(&reader->ranks, &funnel->path, &reader->allocator, error);
    if (status != SJ_OK)
        return status;
    return sj__funnel_finder_init(&reader->finder, funnel->method, &funnel->path,
                                  &reader->allocator, error);
}

void sj__funnel_units_free(sj__funnel_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (!reader->funnel->general)
        return;
    sj__funnel_finder_free(&reader->finder);
    sj__funnel_ranks_free(&reader->ranks, a);
    sj__index_free(&reader->values);
    sj__free(a, reader->best, (size_t)reader->funnel->rules.n_steps + 1, sizeof *reader->best);
    sj__free(a, reader->step_first, (size_t)reader->funnel->rules.n_steps + 2,
             sizeof *reader->step_first);
    sj__free(a, reader->step_seen, (size_t)reader->funnel->rules.n_steps + 1,
             sizeof *reader->step_seen);
    sj__free(a, reader->listed, reader->listed_capacity, sizeof *reader->listed);
    sj__free(a, reader->sessions, reader->sessions_capacity, sizeof *reader->sessions);
    sj__free(a, reader->parts, reader->parts_capacity, sizeof *reader->parts);
    sj__free(a, reader->part_of, reader->part_of_capacity, sizeof *reader->part_of);
    sj__free(a, reader->ordered, reader->ordered_capacity, sizeof *reader->ordered);
    sj__free(a, reader->words, reader->words_capacity, sizeof *reader->words);
    sj__free(a, reader->rivals, reader->rivals_capacity, sizeof *reader->rivals);
    sj__free(a, reader->pairs, reader->pairs_capacity, sizeof *reader->pairs);
}

/* ---- rivals ---- */

static const sj__funnel_moment *units_moments(const sj__funnel_reader *reader, uint32_t part)
{
    const sj__funnel_moment *all = reader->funnel->n_hold > 0 ? reader->ordered : reader->moments;
    return all + reader->parts[part].first;
}

/* A moment as a key that compares: by time, with tie input by row. */
static uint64_t units_when(const sj__funnel_reader *reader, const sj__funnel_moment *moment)
{
    return reader->funnel->path.by_row ? moment->position : sj__sort_key(moment->time);
}

static sj__funnel_rival units_rival(const sj__funnel_reader *reader, uint32_t part,
                                    const sj__funnel_attempt *attempt)
{
    const sj__funnel_moment *moments = units_moments(reader, part);
    return (sj__funnel_rival){.when = units_when(reader, &moments[attempt->at]),
                              .until = units_when(reader, &moments[attempt->ended]),
                              .part = part,
                              .attempt = *attempt};
}

/* Attempt first goes by the first entry of all parts: 1 where this one is later than the rivals',
 * which it drops where it is earlier. */
static int units_is_late(sj__funnel_reader *reader, int64_t entry, uint32_t *length)
{
    if (reader->funnel->path.attempt != SJ_ATTEMPT_FIRST || reader->n_rivals == 0)
        return 0;
    const sj__funnel_rival *rival = &reader->rivals[0];
    const int64_t first = units_moments(reader, rival->part)[rival->attempt.entry].time;
    if (entry < first)
        *length = 0;
    return entry > first;
}

static sj_status units_find(sj__funnel_reader *reader, uint32_t part, sj_error *error)
{
    sj__funnel_finder *finder = &reader->finder;
    const size_t n = reader->parts[part].n;
    finder->n_found = 0;
    finder->n_seen = n;
    const sj_status status = finder->method->find(finder, units_moments(reader, part), n, error);
    reader->parts[part].n_seen = finder->n_seen;
    return status;
}

/* The attempts of a part, if none of another part has come further. */
static sj_status units_match(sj__funnel_reader *reader, uint32_t part, uint32_t *length,
                             sj_error *error)
{
    sj__funnel_finder *finder = &reader->finder;
    const sj__funnel_moment *moments = units_moments(reader, part);
    sj_status status = units_find(reader, part, error);
    if (status == SJ_OK)
        status = sj__grow(&reader->allocator, &reader->rivals, &reader->rivals_capacity,
                          reader->n_rivals + finder->n_found, error);
    for (size_t i = 0; i < finder->n_found && status == SJ_OK; i++) {
        const sj__funnel_attempt *attempt = &finder->found[i];
        if (units_is_late(reader, moments[attempt->entry].time, length) ||
            sj__funnel_length(attempt) < *length)
            continue;
        if (sj__funnel_length(attempt) > *length)
            reader->n_rivals = 0;
        *length = sj__funnel_length(attempt);
        reader->rivals[reader->n_rivals++] = units_rival(reader, part, attempt);
    }
    return status;
}

static sj_status units_sort(sj__funnel_reader *reader, sj_error *error)
{
    const size_t n = reader->n_rivals;
    const sj_status status =
        sj__grow(&reader->allocator, &reader->pairs, &reader->pairs_capacity, 2 * n, error);
    if (status != SJ_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        reader->pairs[i] = (sj__pair){reader->rivals[i].when, i};
    sj__sort_pairs(reader->pairs, reader->pairs + n, n);
    return SJ_OK;
}

static sj_status units_trace(sj__funnel_reader *reader, const sj__funnel_rival *rival,
                             sj_error *error)
{
    sj__funnel_finder *finder = &reader->finder;
    const sj__funnel_moment *moments = units_moments(reader, rival->part);
    const sj_status status = finder->method->trace(finder, moments, reader->parts[rival->part].n,
                                                   &rival->attempt, error);
    if (status == SJ_OK)
        sj__funnel_rank(&reader->ranks, finder->filled, moments);
    return status;
}

/* > 0 where the attempt just traced is better than that in `best`: by times from the last to the
 * first, then by step numbers, then by rows from the first. */
static int units_compare(const sj__funnel_reader *reader, const sj__funnel_moment *moments,
                         const sj__funnel_moment *others)
{
    const uint32_t *a = reader->finder.filled, *b = reader->best;
    const uint32_t *p = reader->ranks.steps, *q = reader->ranks.best; /* order of filling */
    uint32_t i = reader->funnel->rules.n_steps, j = i;
    int by_step = 0, by_row = 0;
    for (;; i--, j--) {
        while (i > 0 && a[p[i]] == SJ__FUNNEL_NO_MOMENT)
            i--;
        while (j > 0 && b[q[j]] == SJ__FUNNEL_NO_MOMENT)
            j--;
        if (i == 0 || j == 0)
            return by_step != 0 ? by_step : by_row;
        const sj__funnel_moment *x = &moments[a[p[i]]], *y = &others[b[q[j]]];
        if (x->time != y->time)
            return x->time < y->time ? 1 : -1;
        if (by_step == 0 && p[i] != q[j])
            by_step = p[i] > q[j] ? 1 : -1;
        by_row = x->position < y->position ? 1 : -1;
    }
}

/* Keeps the attempt just traced for comparison. */
static void units_keep(sj__funnel_reader *reader)
{
    const size_t n = (size_t)reader->funnel->rules.n_steps + 1;
    memcpy(reader->best, reader->finder.filled, n * sizeof *reader->best);
    memcpy(reader->ranks.best, reader->ranks.steps, n * sizeof *reader->ranks.best);
}

/* The best (sign 1) or the worst (-1) of the rivals [from, to) in order, which were completed at
 * one time. */
static sj_status units_best(sj__funnel_reader *reader, size_t from, size_t to, int sign,
                            size_t *out, sj_error *error)
{
    int traced = 0;
    *out = (size_t)reader->pairs[from].number;
    for (size_t i = from + 1; i < to; i++) {
        const sj__funnel_rival *best = &reader->rivals[*out];
        const size_t number = (size_t)reader->pairs[i].number;
        const sj__funnel_rival *new = &reader->rivals[number];
        const sj__funnel_moment *mine = units_moments(reader, new->part);
        const sj__funnel_moment *others = units_moments(reader, best->part);
        const uint64_t entry = units_when(reader, &mine[new->attempt.entry]);
        const uint64_t other = units_when(reader, &others[best->attempt.entry]);
        const uint32_t fills = new->attempt.fills, others_fills = best->attempt.fills;
        int better = entry != other ? (entry > other) - (entry < other)
                                    : (fills > others_fills) - (fills < others_fills);
        better *= sign;
        if (better == 0) {
            sj_status status = traced ? SJ_OK : units_trace(reader, best, error);
            if (!traced && status == SJ_OK)
                units_keep(reader);
            if (status == SJ_OK)
                status = units_trace(reader, new, error);
            if (status != SJ_OK)
                return status;
            traced = 1;
            better = sign * units_compare(reader, mine, others);
            if (better > 0)
                units_keep(reader);
        } else if (better > 0) {
            traced = 0;
        }
        if (better > 0)
            *out = number;
    }
    return SJ_OK;
}

/* What the search could not tell about an attempt. */
static sj_status units_resolve(sj__funnel_reader *reader, sj__funnel_rival *rival, sj_error *error)
{
    sj__funnel_finder *finder = &reader->finder;
    const sj__funnel_moment *moments = units_moments(reader, rival->part);
    if (!rival->attempt.unsure)
        return SJ_OK;
    const sj_status status = finder->method->resolve(finder, moments, reader->parts[rival->part].n,
                                                     &rival->attempt, error);
    rival->until = units_when(reader, &moments[rival->attempt.ended]);
    return status;
}

static int units_is_ended(const sj__funnel_rival *rival)
{
    return rival->attempt.how == SJ__FUNNEL_BARRED || rival->attempt.how == SJ__FUNNEL_REMOVED;
}

/* Of rivals [from, to) that were completed at one time those first that do not give way to the
 * others of that time: only with grace can an exclusion lie before the completion of what it
 * ended.  How many. */
static size_t units_put_first(sj__funnel_reader *reader, size_t from, size_t to)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const sj__pair pair = reader->pairs[i];
        const sj__funnel_rival *rival = &reader->rivals[pair.number];
        if (units_is_ended(rival) && rival->until < rival->when)
            continue;
        reader->pairs[i] = reader->pairs[from + n];
        reader->pairs[from + n++] = pair;
    }
    return n;
}

/* The rival that speaks for the unit. */
static sj_status units_select(sj__funnel_reader *reader, size_t *out, sj_error *error)
{
    const sj__pair *pairs = reader->pairs;
    sj_status status = units_sort(reader, error);
    pairs = reader->pairs;
    for (size_t i = 0, chosen = 0; i < reader->n_rivals && status == SJ_OK;) {
        size_t j = i + 1;
        while (j < reader->n_rivals && pairs[j].key == pairs[i].key)
            j++;
        const size_t firm = units_put_first(reader, i, j);
        status = units_best(reader, i, firm > 0 ? i + firm : j, firm > 0 ? 1 : -1, &chosen, error);
        if (status != SJ_OK)
            return status;
        *out = chosen;
        sj__funnel_rival *rival = &reader->rivals[chosen];
        status = units_resolve(reader, rival, error);
        if (!units_is_ended(rival))
            return status;
        for (i = j; i < reader->n_rivals && pairs[i].key <= rival->until;)
            i++;
    }
    return status;
}

/* ---- units ---- */

static int units_same(const sj__funnel_reader *reader, size_t a, size_t b)
{
    return reader->funnel->unit == SJ_UNIT_CUSTOMERS ||
           (reader->funnel->unit == SJ_UNIT_SESSIONS &&
            reader->parts[a].session == reader->parts[b].session);
}

static sj_status units_describe(sj__funnel_reader *reader, int asked, const sj__funnel_rival *rival,
                                sj__funnel_unit *unit, sj_error *error)
{
    const sj__funnel_moment *moments = units_moments(reader, rival->part);
    const sj__funnel_part *part = &reader->parts[rival->part];
    sj_status status = SJ_OK;
    *unit = (sj__funnel_unit){.level = rival->attempt.level,
                              .entered = rival->attempt.entered,
                              .removed = rival->attempt.how == SJ__FUNNEL_REMOVED,
                              .part = rival->part,
                              .entry = moments[rival->attempt.entry].time,
                              .end = reader->sessions[part->session].end,
                              .moments = moments,
                              .n_moments = part->n,
                              .n_seen = part->n_seen,
                              .filled = reader->finder.filled,
                              .ranked = reader->finder.filled};
    if (unit->removed)
        return SJ_OK;
    if (reader->funnel->path.any_block) {
        unit->ranked = reader->ranks.moments;
        unit->row_steps = reader->ranks.steps;
    }
    /* What may come next is in question inside a block only. */
    const int inside = unit->level < reader->funnel->steps[unit->level].block_end;
    if (asked & SJ__FUNNEL_TRACED || (asked & SJ__FUNNEL_REASONED && inside))
        status = units_trace(reader, rival, error);
    if (status == SJ_OK && asked & SJ__FUNNEL_REASONED)
        status = sj__funnel_general_reason(reader, unit, &rival->attempt, &unit->reason, error);
    return status;
}

/* Each attempt found is a unit, by part. */
static sj_status units_next_attempt(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                                    sj_error *error)
{
    sj__funnel_finder *finder = &reader->finder;
    while (reader->next_found == finder->n_found) {
        if (reader->next_part == reader->n_parts)
            return SJ_OK;
        const uint32_t part = (uint32_t)reader->next_part++;
        const sj_status status = units_find(reader, part, error);
        reader->next_found = 0;
        if (status != SJ_OK)
            return status;
        if (asked & SJ__FUNNEL_REASONED && finder->n_found > 0)
            memset(reader->step_seen, 0,
                   ((size_t)reader->funnel->rules.n_steps + 1) * sizeof *reader->step_seen);
    }
    const sj__funnel_rival rival =
        units_rival(reader, (uint32_t)reader->next_part - 1, &finder->found[reader->next_found++]);
    return units_describe(reader, asked, &rival, unit, error);
}

sj_status sj__funnel_next_general(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                                  sj_error *error)
{
    *unit = (sj__funnel_unit){0};
    if (reader->funnel->unit == SJ_UNIT_ATTEMPTS)
        return units_next_attempt(reader, asked, unit, error);
    while (reader->next_part < reader->n_parts) {
        const size_t first = reader->next_part;
        uint32_t length = 0;
        size_t chosen = 0;
        sj_status status = SJ_OK;
        reader->n_rivals = 0;
        do {
            status = units_match(reader, (uint32_t)reader->next_part++, &length, error);
        } while (status == SJ_OK && reader->next_part < reader->n_parts &&
                 units_same(reader, first, reader->next_part));
        if (status == SJ_OK && length > 0)
            status = units_select(reader, &chosen, error);
        if (status != SJ_OK)
            return status;
        if (length > 0)
            return units_describe(reader, asked, &reader->rivals[chosen], unit, error);
    }
    return SJ_OK;
}
