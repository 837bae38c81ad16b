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
    return sj__funnel_paths_init(&reader->paths, &funnel->path, &reader->allocator, error);
}

void sj__funnel_units_free(sj__funnel_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (!reader->funnel->general)
        return;
    sj__funnel_paths_free(&reader->paths);
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
static sj_status units_match(sj__funnel_reader *reader, uint32_t part, uint32_t *level,
                             sj_error *error)
{
    sj__funnel_paths *paths = &reader->paths;
    const sj__funnel_moment *moments = units_moments(reader, part);
    sj_status status = sj__funnel_paths_find(paths, moments, reader->parts[part].n, error);
    if (status != SJ_OK || paths->level == 0 || paths->level < *level)
        return status;
    if (paths->level > *level)
        reader->n_rivals = 0;
    *level = paths->level;
    status = sj__grow(&reader->allocator, &reader->rivals, &reader->rivals_capacity,
                      reader->n_rivals + paths->n_ends, error);
    for (size_t i = 0; i < paths->n_ends && status == SJ_OK; i++) {
        const sj__funnel_end *end = &paths->ends[i];
        reader->rivals[reader->n_rivals++] =
            (sj__funnel_rival){.when = units_when(reader, &moments[end->at]),
                               .until = units_when(reader, &moments[end->ended]),
                               .part = part,
                               .end = *end};
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

static sj_status units_trace(sj__funnel_reader *reader, uint32_t level,
                             const sj__funnel_rival *rival, sj_error *error)
{
    return sj__funnel_paths_trace(&reader->paths, units_moments(reader, rival->part),
                                  reader->parts[rival->part].n, level, &rival->end, error);
}

/* Whether the attempt just traced is better than that of `best` in `part`: by times from the last to the first, then by step numbers, then by rows from the first. */
static int units_is_better(const sj__funnel_reader *reader, const sj__funnel_moment *moments,
                           const sj__funnel_moment *others)
{
    const uint32_t *a = reader->paths.filled, *b = reader->best;
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
static sj_status units_best(sj__funnel_reader *reader, uint32_t level, size_t from, size_t to,
                            size_t *out, sj_error *error)
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
        const uint64_t entry = units_when(reader, &mine[new->end.entry]);
        const uint64_t other = units_when(reader, &others[best->end.entry]);
        int better = entry > other || (entry == other && new->end.fills > best->end.fills);
        if (entry == other && new->end.fills == best->end.fills) {
            sj_status status = traced ? SJ_OK : units_trace(reader, level, best, error);
            if (!traced && status == SJ_OK)
                memcpy(reader->best, reader->paths.filled, n * sizeof *reader->best);
            if (status == SJ_OK)
                status = units_trace(reader, level, new, error);
            if (status != SJ_OK)
                return status;
            traced = 1;
            better = units_is_better(reader, mine, others);
            if (better)
                memcpy(reader->best, reader->paths.filled, n * sizeof *reader->best);
        } else if (better) {
            traced = 0;
        }
        if (better)
            *out = number;
    }
    return SJ_OK;
}

/* Whether an exclusion at the very instant of completion ended an attempt of which the search could not tell. */
static sj_status units_resolve(sj__funnel_reader *reader, uint32_t level, sj__funnel_rival *rival,
                               sj_error *error)
{
    const sj__funnel_path_rules *rules = &reader->funnel->path;
    const sj__funnel_moment *moments = units_moments(reader, rival->part);
    const size_t n = reader->parts[rival->part].n, at = rival->end.at;
    if (!rival->end.unsure)
        return SJ_OK;
    const sj_status status = units_trace(reader, level, rival, error);
    if (status != SJ_OK)
        return status;
    rival->end.unsure = 0;
    for (size_t e = at; e < at + sj__funnel_instant(rules, moments, at, n); e++) {
        for (uint32_t k = 0; k < moments[e].n_steps; k++) {
            if (moments[e].steps[k] <= rules->n_steps)
                continue;
            const sj__funnel_exclusion *x =
                &rules->exclusions[moments[e].steps[k] - rules->n_steps - 1];
            if (x->from >= level || level >= x->to ||
                reader->paths.filled[x->from] >= at) /* at its own time it does not count */
                continue;
            if (rival->end.ended != at || rival->end.how != SJ__FUNNEL_REMOVED)
                rival->end.how = x->removes ? SJ__FUNNEL_REMOVED : SJ__FUNNEL_BARRED;
            rival->end.ended = (uint32_t)at;
            rival->until = rival->when;
        }
    }
    return SJ_OK;
}

/* The rival that speaks for the unit. */
static sj_status units_select(sj__funnel_reader *reader, uint32_t level, size_t *out,
                              sj_error *error)
{
    const sj__pair *pairs = reader->pairs;
    sj_status status = units_sort(reader, error);
    pairs = reader->pairs;
    for (size_t i = 0, chosen = 0; i < reader->n_rivals && status == SJ_OK;) {
        size_t j = i + 1;
        while (j < reader->n_rivals && pairs[j].key == pairs[i].key)
            j++;
        status = units_best(reader, level, i, j, &chosen, error);
        if (status != SJ_OK)
            return status;
        *out = chosen;
        sj__funnel_rival *rival = &reader->rivals[chosen];
        status = units_resolve(reader, level, rival, error);
        if (rival->end.how != SJ__FUNNEL_BARRED && rival->end.how != SJ__FUNNEL_REMOVED)
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

static sj_status units_describe(sj__funnel_reader *reader, int asked, uint32_t level,
                                const sj__funnel_rival *rival, sj__funnel_unit *unit,
                                sj_error *error)
{
    const sj__funnel_moment *moments = units_moments(reader, rival->part);
    const sj__funnel_part *part = &reader->parts[rival->part];
    *unit = (sj__funnel_unit){.level = level,
                              .removed = rival->end.how == SJ__FUNNEL_REMOVED,
                              .part = rival->part,
                              .entry = moments[rival->end.entry].time,
                              .end = reader->sessions[part->session].end,
                              .moments = moments,
                              .n_moments = part->n,
                              .filled = reader->paths.filled};
    if (unit->removed)
        return SJ_OK;
    sj_status status = SJ_OK;
    if (asked & SJ__FUNNEL_REASONED)
        status = sj__funnel_general_reason(reader, unit, &rival->end, &unit->reason, error);
    if (status == SJ_OK && asked & SJ__FUNNEL_TRACED)
        status = units_trace(reader, level, rival, error);
    return status;
}

sj_status sj__funnel_next_general(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                                  sj_error *error)
{
    *unit = (sj__funnel_unit){0};
    while (reader->next_part < reader->n_parts) {
        const size_t first = reader->next_part;
        uint32_t level = 0;
        size_t chosen = 0;
        sj_status status = SJ_OK;
        reader->n_rivals = 0;
        do {
            status = units_match(reader, (uint32_t)reader->next_part++, &level, error);
        } while (status == SJ_OK && reader->next_part < reader->n_parts &&
                 units_same(reader, first, reader->next_part));
        if (status == SJ_OK && level > 0)
            status = units_select(reader, level, &chosen, error);
        if (status != SJ_OK)
            return status;
        if (level > 0)
            return units_describe(reader, asked, level, &reader->rivals[chosen], unit, error);
    }
    return SJ_OK;
}
