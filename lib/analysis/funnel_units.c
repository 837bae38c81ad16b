/* From moments to units, for the general matcher: the journey cut into parts (sessions, and in each the events that share a held value), and of
 * the attempts in the parts of a unit the one that speaks for it.
 *
 * Every part is matched by itself (funnel_paths.c).  The attempts of the highest level compete over all parts of the unit:
 * earliest completion, latest entry, most steps filled, and where that ties, in two values at one time, the steps in between.  One that an
 * exclusion has ended gives way to the next that was completed later than that.  O(events · steps + parts · steps). */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"
#include "journey/parts.h"

sj_status sj__funnel_units_init(sj__funnel_reader *reader, sj_error *error)
{
    const sj__funnel *funnel = reader->funnel;
    sj__index_init(&reader->values, &reader->allocator);
    reader->best =
        sj__alloc(&reader->allocator, (size_t)funnel->rules.n_steps + 1, sizeof *reader->best);
    reader->step_first = sj__alloc(&reader->allocator, (size_t)funnel->rules.n_steps + 2,
                                   sizeof *reader->step_first);
    if (reader->best == NULL || reader->step_first == NULL)
        return sj__fail_nomem(error);
    return sj__funnel_finder_init(&reader->finder, funnel->method, &funnel->path,
                                  &reader->allocator, error);
}

void sj__funnel_units_free(sj__funnel_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (!reader->funnel->general)
        return;
    sj__funnel_finder_free(&reader->finder);
    sj__index_free(&reader->values);
    sj__free(a, reader->best, (size_t)reader->funnel->rules.n_steps + 1, sizeof *reader->best);
    sj__free(a, reader->step_first, (size_t)reader->funnel->rules.n_steps + 2,
             sizeof *reader->step_first);
    sj__free(a, reader->listed, reader->listed_capacity, sizeof *reader->listed);
    sj__free(a, reader->sessions, reader->sessions_capacity, sizeof *reader->sessions);
    sj__free(a, reader->parts, reader->parts_capacity, sizeof *reader->parts);
    sj__free(a, reader->part_of, reader->part_of_capacity, sizeof *reader->part_of);
    sj__free(a, reader->ordered, reader->ordered_capacity, sizeof *reader->ordered);
    sj__free(a, reader->words, reader->words_capacity, sizeof *reader->words);
    sj__free(a, reader->rivals, reader->rivals_capacity, sizeof *reader->rivals);
    sj__free(a, reader->pairs, reader->pairs_capacity, sizeof *reader->pairs);
}

/* ---- parts ---- */

static sj_status units_add_part(sj__funnel_reader *reader, size_t session, sj_error *error)
{
    const sj_status status = sj__grow(&reader->allocator, &reader->parts, &reader->parts_capacity,
                                      reader->n_parts + 1, error);
    if (status == SJ_OK)
        reader->parts[reader->n_parts++] = (sj__funnel_part){.session = session};
    return status;
}

/* The held value of an event into words[0 … n_hold); 0 where an attribute is absent. */
static int units_value(const sj__funnel_reader *reader, uint64_t event, uint64_t *words)
{
    const sj__funnel *funnel = reader->funnel;
    for (size_t h = 0; h < funnel->n_hold; h++) {
        const uint32_t attribute = funnel->hold[h];
        const sj__map_attribute *about = &funnel->map->attribute[attribute];
        const uint64_t row = about->of_customers ? reader->customer : event;
        if (!sj__graph_word(reader->graph, SJ__ATTRIBUTE_COLUMN + (size_t)attribute, row,
                            &words[h]))
            return 0;
        if (about->type == SJ_ATTRIBUTE_REAL && words[h] == UINT64_C(1) << 63)
            words[h] = 0; /* -0.0 */
    }
    return 1;
}

static int units_same_value(const void *user, uint32_t position, const void *wanted)
{
    const sj__funnel_reader *reader = user;
    const uint64_t *words = wanted;
    const size_t n = reader->funnel->n_hold;
    return memcmp(reader->words + position * n, words, n * sizeof *words) == 0;
}

static uint64_t units_hash(const uint64_t *words, size_t n)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = sj__hash_mix(hash + words[i]);
    return hash;
}

/* The part of a moment, new where its value is. */
static sj_status units_place(sj__funnel_reader *reader, size_t session, size_t moment,
                             sj_error *error)
{
    const size_t n = reader->funnel->n_hold;
    const uint64_t event = reader->base + reader->moments[moment].position;
    uint32_t *part = &reader->part_of[moment];
    sj_status status = sj__grow(&reader->allocator, &reader->words, &reader->words_capacity,
                                (reader->n_parts + 1) * n, error);
    *part = UINT32_MAX;
    if (status != SJ_OK)
        return status;
    uint64_t *words = reader->words + reader->n_parts * n;
    if (!units_value(reader, event, words))
        return SJ_OK;
    const uint64_t hash = units_hash(words, n);
    *part = sj__index_find(&reader->values, hash, units_same_value, reader, words);
    if (*part == SJ__ABSENT) {
        status = sj__index_reserve(&reader->values, 1, error);
        if (status == SJ_OK)
            status = units_add_part(reader, session, error);
        if (status != SJ_OK)
            return status;
        *part = (uint32_t)reader->n_parts - 1;
        sj__index_insert(&reader->values, hash, *part);
    }
    reader->parts[*part].n++;
    return SJ_OK;
}

/* Parts of one session by held value, in order of their first moments; their moments are laid together. */
static sj_status units_split_values(sj__funnel_reader *reader, size_t session, size_t *at,
                                    sj_error *error)
{
    const sj__funnel_session *of = &reader->sessions[session];
    const size_t first_part = reader->n_parts, n = reader->funnel->n_hold;
    sj_status status = SJ_OK;
    for (size_t i = of->first; i < of->first + of->n && status == SJ_OK; i++)
        status = units_place(reader, session, i, error);
    for (size_t p = first_part; p < reader->n_parts; p++) {
        reader->parts[p].first = *at;
        *at += reader->parts[p].n;
        reader->parts[p].n = 0;
        sj__index_remove(&reader->values, units_hash(reader->words + p * n, n), (uint32_t)p);
    }
    for (size_t i = of->first; i < of->first + of->n && status == SJ_OK; i++) {
        const uint32_t p = reader->part_of[i];
        if (p != UINT32_MAX)
            reader->ordered[reader->parts[p].first + reader->parts[p].n++] = reader->moments[i];
    }
    return status;
}

sj_status sj__funnel_split(sj__funnel_reader *reader, sj_error *error)
{
    const sj_allocator *a = &reader->allocator;
    size_t at = 0;
    sj_status status = SJ_OK;
    reader->n_parts = 0;
    reader->listed_session = SIZE_MAX;
    if (reader->funnel->n_hold > 0) {
        status = sj__grow(a, &reader->part_of, &reader->part_of_capacity, reader->n_moments, error);
        if (status == SJ_OK)
            status =
                sj__grow(a, &reader->ordered, &reader->ordered_capacity, reader->n_moments, error);
    }
    for (size_t s = 0; s < reader->n_sessions && status == SJ_OK; s++) {
        if (reader->funnel->n_hold > 0) {
            status = units_split_values(reader, s, &at, error);
        } else if ((status = units_add_part(reader, s, error)) == SJ_OK) {
            reader->parts[s].first = reader->sessions[s].first;
            reader->parts[s].n = reader->sessions[s].n;
        }
    }
    return status;
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

/* The attempts of a part, if none of another part has come further. */
static sj_status units_match(sj__funnel_reader *reader, uint32_t part, uint32_t *length,
                             sj_error *error)
{
    sj__funnel_finder *finder = &reader->finder;
    const sj__funnel_moment *moments = units_moments(reader, part);
    finder->n_found = 0;
    sj_status status = finder->method->find(finder, moments, reader->parts[part].n, error);
    if (status == SJ_OK)
        status = sj__grow(&reader->allocator, &reader->rivals, &reader->rivals_capacity,
                          reader->n_rivals + finder->n_found, error);
    for (size_t i = 0; i < finder->n_found && status == SJ_OK; i++) {
        const sj__funnel_attempt *attempt = &finder->found[i];
        if (sj__funnel_length(attempt) < *length)
            continue;
        if (sj__funnel_length(attempt) > *length)
            reader->n_rivals = 0;
        *length = sj__funnel_length(attempt);
        reader->rivals[reader->n_rivals++] =
            (sj__funnel_rival){.when = units_when(reader, &moments[attempt->at]),
                               .until = units_when(reader, &moments[attempt->ended]),
                               .part = part,
                               .attempt = *attempt};
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
    return finder->method->trace(finder, units_moments(reader, rival->part),
                                 reader->parts[rival->part].n, &rival->attempt, error);
}

/* Whether the attempt just traced is better than that of `best` in `part`: by times from the last to the first, then by step numbers, then by rows from the first. */
static int units_is_better(const sj__funnel_reader *reader, const sj__funnel_moment *moments,
                           const sj__funnel_moment *others)
{
    const uint32_t *a = reader->finder.filled, *b = reader->best;
    uint32_t i = reader->funnel->rules.n_steps, j = i;
    int by_step = 0, by_row = 0;
    for (;; i--, j--) {
        while (i > 0 && a[i] == SJ__FUNNEL_NO_MOMENT)
            i--;
        while (j > 0 && b[j] == SJ__FUNNEL_NO_MOMENT)
            j--;
        if (i == 0 || j == 0)
            return by_step != 0 ? by_step > 0 : by_row > 0;
        const sj__funnel_moment *x = &moments[a[i]], *y = &others[b[j]];
        if (x->time != y->time)
            return x->time < y->time;
        if (by_step == 0 && i != j)
            by_step = i > j ? 1 : -1;
        by_row = x->position < y->position ? 1 : -1;
    }
}

/* The best of the rivals [from, to) in order, which were completed at one time. */
static sj_status units_best(sj__funnel_reader *reader, size_t from, size_t to, size_t *out,
                            sj_error *error)
{
    const size_t n = (size_t)reader->funnel->rules.n_steps + 1;
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
        int better = entry > other || (entry == other && new->attempt.fills > best->attempt.fills);
        if (entry == other && new->attempt.fills == best->attempt.fills) {
            sj_status status = traced ? SJ_OK : units_trace(reader, best, error);
            if (!traced && status == SJ_OK)
                memcpy(reader->best, reader->finder.filled, n * sizeof *reader->best);
            if (status == SJ_OK)
                status = units_trace(reader, new, error);
            if (status != SJ_OK)
                return status;
            traced = 1;
            better = units_is_better(reader, mine, others);
            if (better)
                memcpy(reader->best, reader->finder.filled, n * sizeof *reader->best);
        } else if (better) {
            traced = 0;
        }
        if (better)
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
        status = units_best(reader, i, j, &chosen, error);
        if (status != SJ_OK)
            return status;
        *out = chosen;
        sj__funnel_rival *rival = &reader->rivals[chosen];
        status = units_resolve(reader, rival, error);
        if (rival->attempt.how != SJ__FUNNEL_BARRED && rival->attempt.how != SJ__FUNNEL_REMOVED)
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
                              .filled = reader->finder.filled,
                              .ranked = reader->finder.filled};
    if (unit->removed)
        return SJ_OK;
    /* What may come next is in question inside a block only. */
    const int inside = unit->level < reader->funnel->steps[unit->level].block_end;
    if (asked & SJ__FUNNEL_TRACED || (asked & SJ__FUNNEL_REASONED && inside))
        status = units_trace(reader, rival, error);
    if (status == SJ_OK && asked & SJ__FUNNEL_REASONED)
        status = sj__funnel_general_reason(reader, unit, &rival->attempt, &unit->reason, error);
    return status;
}

sj_status sj__funnel_next_general(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                                  sj_error *error)
{
    *unit = (sj__funnel_unit){0};
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
