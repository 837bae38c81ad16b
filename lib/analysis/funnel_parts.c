/* From moments to parts: a journey cut into sessions, and in each the events that share a held
 * value laid together.  A part is a journey of its own for every rule.  Parts of a session stand in
 * the order of their first moments.  O(events), by hash. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"
#include "journey/parts.h"

static sj_status parts_add_part(sj__funnel_reader *reader, size_t session, sj_error *error)
{
    const sj_status status = sj__grow(&reader->allocator, &reader->parts, &reader->parts_capacity,
                                      reader->n_parts + 1, error);
    if (status == SJ_OK)
        reader->parts[reader->n_parts++] = (sj__funnel_part){.session = session};
    return status;
}

/* The held value of an event into words[0 … n_hold); 0 where an attribute is absent. */
static int parts_value(const sj__funnel_reader *reader, uint64_t event, uint64_t *words)
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

static int parts_same_value(const void *user, uint32_t position, const void *wanted)
{
    const sj__funnel_reader *reader = user;
    const uint64_t *words = wanted;
    const size_t n = reader->funnel->n_hold;
    return memcmp(reader->words + position * n, words, n * sizeof *words) == 0;
}

static uint64_t parts_hash(const uint64_t *words, size_t n)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = sj__hash_mix(hash + words[i]);
    return hash;
}

/* The part of a moment, new where its value is. */
static sj_status parts_place(sj__funnel_reader *reader, size_t session, size_t moment,
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
    if (!parts_value(reader, event, words))
        return SJ_OK;
    const uint64_t hash = parts_hash(words, n);
    *part = sj__index_find(&reader->values, hash, parts_same_value, reader, words);
    if (*part == SJ__ABSENT) {
        status = sj__index_reserve(&reader->values, 1, error);
        if (status == SJ_OK)
            status = parts_add_part(reader, session, error);
        if (status != SJ_OK)
            return status;
        *part = (uint32_t)reader->n_parts - 1;
        sj__index_insert(&reader->values, hash, *part);
    }
    reader->parts[*part].n++;
    return SJ_OK;
}

/* Parts of one session by held value, in order of their first moments; their moments are laid
 * together. */
static sj_status parts_split_values(sj__funnel_reader *reader, size_t session, size_t *at,
                                    sj_error *error)
{
    const sj__funnel_session *of = &reader->sessions[session];
    const size_t first_part = reader->n_parts, n = reader->funnel->n_hold;
    sj_status status = SJ_OK;
    for (size_t i = of->first; i < of->first + of->n && status == SJ_OK; i++)
        status = parts_place(reader, session, i, error);
    for (size_t p = first_part; p < reader->n_parts; p++) {
        reader->parts[p].first = *at;
        *at += reader->parts[p].n;
        reader->parts[p].n = 0;
        sj__index_remove(&reader->values, parts_hash(reader->words + p * n, n), (uint32_t)p);
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
            status = parts_split_values(reader, s, &at, error);
        } else if ((status = parts_add_part(reader, s, error)) == SJ_OK) {
            reader->parts[s].first = reader->sessions[s].first;
            reader->parts[s].n = reader->sessions[s].n;
        }
    }
    return status;
}
